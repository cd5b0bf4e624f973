/* SPDX-License-Identifier: MIT */
/* Table pages of a domain, and what the driver keeps beside each: see pagetable.c. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>

/* ---------------------------------------------------------------- children */

enum {
    GROUPS = 512 / VTD_DRV_CHILD_GROUP
};

struct vtd_drv_table *vtd_drv_table_next_child(const struct vtd_drv_table *table, unsigned *index)
{
    for (; table->group && *index < 512; ++*index) {
        if (!table->group[*index / VTD_DRV_CHILD_GROUP])
            *index |= VTD_DRV_CHILD_GROUP - 1;
        else if (vtd_drv_table_child(table, *index))
            return vtd_drv_table_child(table, *index);
    }
    return NULL;
}

int vtd_drv_table_reserve_child(struct vtd_drv_table *table, unsigned index)
{
    struct vtd_drv_children **group = &table->group[index / VTD_DRV_CHILD_GROUP];
    if (!*group)
        *group = calloc(1, sizeof(**group));
    return *group ? 0 : -ENOMEM;
}

void vtd_drv_table_set_child(struct vtd_drv_table *table, unsigned index, struct vtd_drv_table *child)
{
    table->group[index / VTD_DRV_CHILD_GROUP]->child[index % VTD_DRV_CHILD_GROUP] = child;
}

void vtd_drv_table_forget(struct vtd_drv_table *table)
{
    for (unsigned i = 0; table->group && i < GROUPS; i++)
        free(table->group[i]);
    free(table->group);
    free(table);
}

/* ---------------------------------------------------------------- table pages */

uint64_t vtd_drv_table_addr(const struct vtd_drv_domain *domain, const struct vtd_drv_table *table)
{
    return domain->parent ? table->dma + domain->table_offset : table->dma;
}

int vtd_drv_table_new(struct vtd_drv_domain *domain, unsigned level, struct vtd_drv_table **out)
{
    const struct vtd_bus *bus = &domain->drv->bus;
    int error = -ENOMEM;
    struct vtd_drv_table *table = calloc(1, sizeof(*table));
    if (!table)
        return error;
    table->level = (uint8_t)level;
    table->group = level > 1 ? calloc(GROUPS, sizeof(*table->group)) : NULL;
    table->entry = bus->dma_alloc(bus->opaque, 0, &table->dma);
    if ((level > 1 && !table->group) || !table->entry)
        goto fail;
    /*
     * The unit reads first-stage tables of a nested domain through the parent; it may also set A and D in them (ref
     * 4.5).
     */
    error = domain->parent ? vtd_drv_map(domain->parent, vtd_drv_table_addr(domain, table), table->dma, VTD_DRV_PAGE,
                                         VTD_DRV_READ | VTD_DRV_WRITE)
                           : 0;
    if (error)
        goto fail;
    *out = table;
    return 0;
fail:
    if (table->entry)
        bus->dma_free(bus->opaque, table->dma, 0);
    vtd_drv_table_forget(table);
    return error;
}

void vtd_drv_table_free(struct vtd_drv_domain *domain, struct vtd_drv_table *table)
{
    struct vtd_drv *drv = domain->drv;
    struct vtd_drv_table *child;
    for (unsigned i = 0; (child = vtd_drv_table_next_child(table, &i)); i++) {
        vtd_drv_table_set_child(table, i, NULL); /* the table itself may have to be kept */
        vtd_drv_table_free(domain, child);
    }
    if (domain->parent && vtd_drv_unmap(domain->parent, vtd_drv_table_addr(domain, table), VTD_DRV_PAGE) < 0) {
        table->next = drv->quarantine;
        drv->quarantine = table;
        return;
    }
    drv->bus.dma_free(drv->bus.opaque, table->dma, 0);
    vtd_drv_table_forget(table);
}

void vtd_drv_table_publish(const struct vtd_drv_domain *domain, const struct vtd_drv_table *table)
{
    vtd_drv_publish(domain->drv, vtd_drv_paging_coherent(domain->drv), table->entry, VTD_DRV_PAGE);
}
