/* SPDX-License-Identifier: MIT */
/*
 * An SSDT with the host bridge of a PCI Express segment, in the encoding of ACPI machine language (ACPI 6.4, 20.2) and of
 * resource descriptors (6.4.2, 6.4.3). See acpi.h.
 */
#include "qemu/acpi.h"

#include <string.h>

#define MIB 0x100000u

/* Operators (20.3). */
enum {
    AML_NAME = 0x08,
    AML_BYTE = 0x0a,
    AML_WORD = 0x0b,
    AML_DWORD = 0x0c,
    AML_SCOPE = 0x10,
    AML_BUFFER = 0x11,
    AML_ROOT = 0x5c,
    AML_EXTENDED = 0x5b,
    AML_DEVICE = 0x82, /* behind AML_EXTENDED */
};

/* ---------------------------------------------------------------- machine language */

/*
 * Packages that nest are built from the inside: a package is put where it begins with room for a length of two bytes,
 * which is enough for 4095 bytes and is always used, and the length is filled in at its end.
 */
static size_t package_begin(struct vtd_acpi_table *t)
{
    const size_t at = t->size;
    vtd_acpi_put(t, 0, 2);
    return at;
}

/* The length counts itself. Two bytes: low four bits and the number of bytes that follow, then eight bits (20.2.4). */
static void package_end(struct vtd_acpi_table *t, size_t at)
{
    if (t->overflow)
        return;
    const size_t length = t->size - at;
    t->bytes[at] = (uint8_t)(0x40u | (length & 15u));
    t->bytes[at + 1] = (uint8_t)(length >> 4);
}

static void put_name(struct vtd_acpi_table *t, const char *name)
{
    vtd_acpi_put(t, AML_NAME, 1);
    vtd_acpi_put_bytes(t, name, 4);
}

static void put_integer(struct vtd_acpi_table *t, uint32_t value)
{
    if (value <= 1) { /* ZeroOp, OneOp */
        vtd_acpi_put(t, value, 1);
    } else if (value <= 0xff) {
        vtd_acpi_put(t, AML_BYTE, 1);
        vtd_acpi_put(t, value, 1);
    } else if (value <= 0xffff) {
        vtd_acpi_put(t, AML_WORD, 1);
        vtd_acpi_put(t, value, 2);
    } else {
        vtd_acpi_put(t, AML_DWORD, 1);
        vtd_acpi_put(t, value, 4);
    }
}

static void put_named_integer(struct vtd_acpi_table *t, const char *name, uint32_t value)
{
    put_name(t, name);
    put_integer(t, value);
}

static unsigned hex_digit(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'A' + 10);
}

/* An identifier such as PNP0A08 as a number: three letters of five bits, four digits, the bytes swapped (19.3.4). */
static uint32_t eisa_id(const char *id)
{
    uint32_t v = 0;
    for (unsigned i = 0; i < 3; i++)
        v = v << 5 | (uint32_t)(id[i] - '@');
    for (unsigned i = 3; i < 7; i++)
        v = v << 4 | hex_digit(id[i]);
    return v << 24 | (v & 0xff00u) << 8 | (v >> 8 & 0xff00u) | v >> 24;
}

/* ---------------------------------------------------------------- resources */

/* A buffer of resource descriptors; its size is an integer of one byte. */
struct resources {
    size_t package, size_at;
};

static struct resources resources_begin(struct vtd_acpi_table *t)
{
    struct resources r;
    put_name(t, "_CRS");
    vtd_acpi_put(t, AML_BUFFER, 1);
    r.package = package_begin(t);
    vtd_acpi_put(t, AML_BYTE, 1);
    r.size_at = t->size;
    vtd_acpi_put(t, 0, 1);
    return r;
}

static void resources_end(struct vtd_acpi_table *t, struct resources r)
{
    vtd_acpi_put(t, 0x79, 1); /* end tag; a checksum of 0 counts as right */
    vtd_acpi_put(t, 0, 1);
    if (!t->overflow)
        t->bytes[r.size_at] = (uint8_t)(t->size - r.size_at - 1);
    package_end(t, r.package);
}

/* An address space descriptor of `bytes` wide fields (6.4.3.5); a producer, both ends fixed, decoded positively. */
static void put_address_space(struct vtd_acpi_table *t, unsigned bytes, uint8_t type, uint8_t attributes,
                              const uint32_t range[2])
{
    vtd_acpi_put(t, bytes == 2 ? 0x88 : 0x87, 1);
    vtd_acpi_put(t, 3u + 5u * bytes, 2);
    vtd_acpi_put(t, type, 1); /* 0 memory, 2 bus numbers */
    vtd_acpi_put(t, 0x0c, 1); /* minimum and maximum are fixed */
    vtd_acpi_put(t, attributes, 1);
    vtd_acpi_put(t, 0, bytes); /* granularity */
    vtd_acpi_put(t, range[0], bytes);
    vtd_acpi_put(t, range[1], bytes);
    vtd_acpi_put(t, 0, bytes); /* translation */
    vtd_acpi_put(t, range[1] - range[0] + 1, bytes);
}

/* Memory32Fixed, readable and writable (6.4.3.4). */
static void put_fixed_memory(struct vtd_acpi_table *t, uint32_t base, uint32_t size)
{
    vtd_acpi_put(t, 0x86, 1);
    vtd_acpi_put(t, 9, 2);
    vtd_acpi_put(t, 1, 1);
    vtd_acpi_put(t, base, 4);
    vtd_acpi_put(t, size, 4);
}

/* ---------------------------------------------------------------- devices */

static size_t device_begin(struct vtd_acpi_table *t, const char *name)
{
    vtd_acpi_put(t, AML_EXTENDED, 1);
    vtd_acpi_put(t, AML_DEVICE, 1);
    const size_t at = package_begin(t);
    vtd_acpi_put_bytes(t, name, 4);
    return at;
}

static void put_host_bridge(struct vtd_acpi_table *t, const struct vtd_acpi_segment *segment)
{
    const uint32_t buses[2] = {0, segment->buses - 1u};
    const uint32_t memory[2] = {segment->window, segment->window + segment->window_size - 1};
    const size_t device = device_begin(t, "PC01");
    put_named_integer(t, "_HID", eisa_id("PNP0A08"));
    put_named_integer(t, "_CID", eisa_id("PNP0A03"));
    put_named_integer(t, "_UID", 1);
    put_named_integer(t, "_SEG", segment->number);
    put_named_integer(t, "_BBN", 0);
    put_named_integer(t, "_CBA", segment->ecam);
    const struct resources r = resources_begin(t);
    put_address_space(t, 2, 2, 0, buses);
    put_address_space(t, 4, 0, 1, memory); /* not cacheable, readable and writable */
    resources_end(t, r);
    package_end(t, device);
}

/* Configuration space has to be reserved by a motherboard resource, or systems refuse it (PCI firmware 3.2, 4.1.2). */
static void put_reservation(struct vtd_acpi_table *t, const struct vtd_acpi_segment *segment)
{
    const size_t device = device_begin(t, "PCE1");
    put_named_integer(t, "_HID", eisa_id("PNP0C02"));
    put_named_integer(t, "_UID", 0x56); /* other devices of this kind have small numbers */
    const struct resources r = resources_begin(t);
    put_fixed_memory(t, segment->ecam, segment->buses * MIB);
    resources_end(t, r);
    package_end(t, device);
}

/* Whether [base, base + size) is not empty, ends at 4 GiB at most, and begins at a multiple of align. */
static bool is_range(uint32_t base, uint32_t size, uint32_t align)
{
    return size != 0 && base % align == 0 && (uint64_t)base + size <= UINT64_C(1) << 32;
}

bool vtd_acpi_ssdt(struct vtd_acpi_table *table, const struct vtd_acpi_segment *segment)
{
    const uint32_t ecam_size = segment->buses * MIB;
    if (segment->buses > 16 || !is_range(segment->ecam, ecam_size, MIB))
        return false;
    if (!is_range(segment->window, segment->window_size, 4096) || segment->window_size % 4096)
        return false;
    if (segment->window < (uint64_t)segment->ecam + ecam_size &&
        segment->ecam < (uint64_t)segment->window + segment->window_size)
        return false;
    vtd_acpi_begin(table, "SSDT", 2, "SEGMENT");
    vtd_acpi_put(table, AML_SCOPE, 1);
    const size_t scope = package_begin(table);
    vtd_acpi_put(table, AML_ROOT, 1);
    vtd_acpi_put_bytes(table, "_SB_", 4);
    put_host_bridge(table, segment);
    put_reservation(table, segment);
    package_end(table, scope);
    return vtd_acpi_end(table);
}
