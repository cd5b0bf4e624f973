/* SPDX-License-Identifier: MIT */
/* The DMAR table (VT-d specification, chapter 8). See acpi.h. */
#include "qemu/acpi.h"

#include <string.h>

#define FLAG_INTR_REMAP     0x01u
#define FLAG_X2APIC_OPT_OUT 0x02u

/* Size of a device scope with so many elements of its path. */
static unsigned scope_size(const struct vtd_dmar_scope *scope)
{
    return 6u + 2u * scope->depth;
}

static bool put_scopes(struct vtd_acpi_table *table, const struct vtd_dmar_structure *s)
{
    for (unsigned i = 0; i < s->scopes; i++) {
        const struct vtd_dmar_scope *scope = &s->scope[i];
        if (scope->type < VTD_DMAR_ENDPOINT || scope->type > VTD_DMAR_NAMESPACE)
            return false;
        if (scope->depth == 0 || scope->depth > VTD_DMAR_PATH_MAX)
            return false;
        vtd_acpi_put(table, scope->type, 1);
        vtd_acpi_put(table, scope_size(scope), 1);
        vtd_acpi_put(table, 0, 2);
        vtd_acpi_put(table, scope->id, 1);
        vtd_acpi_put(table, scope->bus, 1);
        for (unsigned k = 0; k < scope->depth; k++) {
            vtd_acpi_put(table, scope->path[k] >> 3, 1);
            vtd_acpi_put(table, scope->path[k] & 7u, 1);
        }
    }
    return true;
}

/* The part of a structure between its length and its device scopes. */
static bool put_fields(struct vtd_acpi_table *table, const struct vtd_dmar_structure *s)
{
    switch (s->type) {
    case VTD_DMAR_DRHD:
        vtd_acpi_put(table, s->flag, 1);
        vtd_acpi_put(table, s->size & 15u, 1);
        vtd_acpi_put(table, s->segment, 2);
        vtd_acpi_put(table, s->base, 8);
        return true;
    case VTD_DMAR_RMRR:
        vtd_acpi_put(table, 0, 2);
        vtd_acpi_put(table, s->segment, 2);
        vtd_acpi_put(table, s->base, 8);
        vtd_acpi_put(table, s->limit, 8);
        return true;
    case VTD_DMAR_ATSR:
    case VTD_DMAR_SATC:
        vtd_acpi_put(table, s->flag, 1);
        vtd_acpi_put(table, 0, 1);
        vtd_acpi_put(table, s->segment, 2);
        return true;
    case VTD_DMAR_RHSA:
        vtd_acpi_put(table, 0, 4);
        vtd_acpi_put(table, s->base, 8);
        vtd_acpi_put(table, s->node, 4);
        return s->scopes == 0;
    default:
        return false;
    }
}

static bool put_structure(struct vtd_acpi_table *table, const struct vtd_dmar_structure *s)
{
    const size_t start = table->size;
    vtd_acpi_put(table, s->type, 2);
    vtd_acpi_put(table, 0, 2);
    if (!put_fields(table, s) || !put_scopes(table, s) || table->overflow)
        return false;
    const size_t size = table->size - start;
    table->bytes[start + 2] = (uint8_t)size;
    table->bytes[start + 3] = (uint8_t)(size >> 8);
    return true;
}

bool vtd_acpi_dmar(struct vtd_acpi_table *table, const struct vtd_dmar *dmar)
{
    if (dmar->host_address_width < 1 || dmar->host_address_width > 64)
        return false;
    const unsigned flags =
        (dmar->interrupt_remapping ? FLAG_INTR_REMAP : 0u) | (dmar->x2apic_opt_out ? FLAG_X2APIC_OPT_OUT : 0u);
    const uint8_t reserved[10] = {0};
    vtd_acpi_begin(table, "DMAR", 1, "DMAR");
    vtd_acpi_put(table, dmar->host_address_width - 1u, 1);
    vtd_acpi_put(table, flags, 1);
    vtd_acpi_put_bytes(table, reserved, sizeof(reserved));
    for (unsigned type = VTD_DMAR_DRHD; type <= VTD_DMAR_SATC; type++)
        for (unsigned i = 0; i < dmar->structures; i++)
            if (dmar->structure[i].type == type && !put_structure(table, &dmar->structure[i]))
                return false;
    for (unsigned i = 0; i < dmar->structures; i++)
        if (dmar->structure[i].type > VTD_DMAR_SATC)
            return false;
    return vtd_acpi_end(table);
}
