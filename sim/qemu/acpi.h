/* SPDX-License-Identifier: MIT */
/*
 * ACPI tables for a guest whose remapping unit is ours: the DMAR table that names it (VT-d specification, chapter 8),
 * and an SSDT for a PCI Express segment of our own (ACPI 6.4, chapters 19 and 20).
 *
 * Tables are complete: length and checksum are right, so that they can be given to a firmware as they are.
 */
#ifndef VTD_QEMU_ACPI_H
#define VTD_QEMU_ACPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Largest table. */
#define VTD_ACPI_SIZE 4096u

/* A table while it grows. Zero-initialized is empty. */
struct vtd_acpi_table {
    uint8_t bytes[VTD_ACPI_SIZE];
    size_t size;
    bool overflow; /* something did not fit and was dropped; the table is of no use */
};

/* Little-endian values, and bytes as they are, at the end of the table. */
void vtd_acpi_put(struct vtd_acpi_table *table, uint64_t value, unsigned bytes);
void vtd_acpi_put_bytes(struct vtd_acpi_table *table, const void *bytes, size_t count);

/* The header of 36 bytes; signature has 4 letters, name (OEM table id) up to 8. */
void vtd_acpi_begin(struct vtd_acpi_table *table, const char *signature, uint8_t revision, const char *name);

/* Sets length and checksum. Returns false when the table did not fit. */
bool vtd_acpi_end(struct vtd_acpi_table *table);

/* ---------------------------------------------------------------- DMAR */

/* Kinds of device scopes. */
enum vtd_dmar_scope_type {
    VTD_DMAR_ENDPOINT = 1,
    VTD_DMAR_BRIDGE = 2, /* and everything behind it */
    VTD_DMAR_IOAPIC = 3,
    VTD_DMAR_HPET = 4,
    VTD_DMAR_NAMESPACE = 5,
};

/* One device: a path of device and function numbers that begins on a bus. */
#define VTD_DMAR_PATH_MAX 4
struct vtd_dmar_scope {
    uint8_t type; /* enum vtd_dmar_scope_type */
    uint8_t id;   /* of an I/O APIC, a HPET or a namespace device; else 0 */
    uint8_t bus;
    uint8_t depth;                   /* elements of path: 1 to VTD_DMAR_PATH_MAX */
    uint8_t path[VTD_DMAR_PATH_MAX]; /* device 7:3, function 2:0 */
};

/* Kinds of remapping structures that the builder knows. */
enum vtd_dmar_type {
    VTD_DMAR_DRHD = 0, /* a remapping unit */
    VTD_DMAR_RMRR = 1, /* memory that devices need from the start */
    VTD_DMAR_ATSR = 2, /* root ports that let ATS pass */
    VTD_DMAR_RHSA = 3, /* to which node a unit belongs */
    VTD_DMAR_SATC = 5, /* integrated devices with ATS */
};

/* One remapping structure; what a type has no use for is not written. */
struct vtd_dmar_structure {
    uint8_t type;     /* enum vtd_dmar_type */
    bool flag;        /* DRHD: INCLUDE_PCI_ALL; ATSR: ALL_PORTS; SATC: ATC_REQUIRED */
    uint16_t segment; /* DRHD, RMRR, ATSR, SATC */
    uint8_t size;     /* DRHD: 2^size pages of registers */
    uint32_t node;    /* RHSA: proximity domain */
    uint64_t base;    /* DRHD, RHSA: register base; RMRR: first byte */
    uint64_t limit;   /* RMRR: last byte */
    const struct vtd_dmar_scope *scope;
    unsigned scopes;
};

/* What a DMAR table says. */
struct vtd_dmar {
    uint8_t host_address_width; /* in bits */
    bool interrupt_remapping;   /* INTR_REMAP */
    bool x2apic_opt_out;        /* X2APIC_OPT_OUT */
    const struct vtd_dmar_structure *structure;
    unsigned structures;
};

/*
 * Builds a DMAR table. Returns true, or false when it does not fit or makes no sense: a width that is 0 or above 64, an
 * unknown type, a path without elements or with too many. Structures are written in the order of their types, as the
 * specification wants it.
 */
bool vtd_acpi_dmar(struct vtd_acpi_table *table, const struct vtd_dmar *dmar);

/* ---------------------------------------------------------------- SSDT */

/* A PCI Express segment with one host bridge whose buses are [0, buses). */
struct vtd_acpi_segment {
    uint16_t number;
    uint8_t buses;        /* 1 to 16 */
    uint32_t ecam;        /* configuration space, 1 MiB per bus, aligned to that */
    uint32_t window;      /* memory of the functions' BARs */
    uint32_t window_size; /* a multiple of 4 KiB */
};

/*
 * Builds an SSDT that declares the segment's host bridge, and its configuration space as reserved. Returns false when the
 * numbers make no sense: ranges that are empty, cross 4 GiB, are not aligned, or overlap.
 */
bool vtd_acpi_ssdt(struct vtd_acpi_table *table, const struct vtd_acpi_segment *segment);

#ifdef __cplusplus
}
#endif
#endif
