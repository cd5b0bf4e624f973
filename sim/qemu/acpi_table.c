/* SPDX-License-Identifier: MIT */
/* Bytes, header and checksum of ACPI tables. See acpi.h. */
#include "qemu/acpi.h"

#include <string.h>

/* Fields of the header (ACPI 6.4, 5.2.6). */
#define LENGTH   4
#define CHECKSUM 9
#define HEADER   36

void vtd_acpi_put_bytes(struct vtd_acpi_table *table, const void *bytes, size_t count)
{
    if (count > VTD_ACPI_SIZE - table->size) {
        table->overflow = true;
        return;
    }
    memcpy(table->bytes + table->size, bytes, count);
    table->size += count;
}

void vtd_acpi_put(struct vtd_acpi_table *table, uint64_t value, unsigned bytes)
{
    uint8_t text[8];
    for (unsigned i = 0; i < sizeof(text); i++)
        text[i] = (uint8_t)(value >> (8 * i));
    vtd_acpi_put_bytes(table, text, bytes < sizeof(text) ? bytes : sizeof(text));
}

/* Text of a fixed width, filled up with 0. */
static void put_text(struct vtd_acpi_table *table, const char *text, size_t width)
{
    char field[8] = {0};
    const size_t length = strlen(text);
    memcpy(field, text, length < width ? length : width);
    vtd_acpi_put_bytes(table, field, width);
}

void vtd_acpi_begin(struct vtd_acpi_table *table, const char *signature, uint8_t revision, const char *name)
{
    table->size = 0;
    table->overflow = false;
    put_text(table, signature, 4);
    vtd_acpi_put(table, 0, 4); /* length, see vtd_acpi_end */
    vtd_acpi_put(table, revision, 1);
    vtd_acpi_put(table, 0, 1); /* checksum */
    put_text(table, "VTDSIM", 6);
    put_text(table, name, 8);
    vtd_acpi_put(table, 1, 4); /* OEM revision */
    put_text(table, "VTD ", 4);
    vtd_acpi_put(table, 1, 4); /* creator revision */
}

bool vtd_acpi_end(struct vtd_acpi_table *table)
{
    if (table->overflow || table->size < HEADER)
        return false;
    uint8_t sum = 0;
    for (unsigned i = 0; i < 4; i++)
        table->bytes[LENGTH + i] = (uint8_t)(table->size >> (8 * i));
    table->bytes[CHECKSUM] = 0;
    for (size_t i = 0; i < table->size; i++)
        sum = (uint8_t)(sum + table->bytes[i]);
    table->bytes[CHECKSUM] = (uint8_t)(0x100 - sum);
    return true;
}
