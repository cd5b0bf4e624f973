/* SPDX-License-Identifier: MIT */
/*
 * The PCI function that carries the unit's registers into the guest, and, when there is one, the configuration space and
 * memory window of a PCI Express segment of our own.
 *
 * A remapping unit is no PCI function: the guest finds its registers through ACPI. So the function answers configuration
 * accesses only until its BARs have been placed (boot order in session.h) and is absent from then on; QEMU decodes the BARs
 * from its own copy.
 */
#ifndef VTD_QEMU_UNIT_FUNCTION_H
#define VTD_QEMU_UNIT_FUNCTION_H

#include "qemu/function.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where things are in the guest's physical address space: in nobody's way on a q35 machine. */
#define VTD_QEMU_UNIT_BASE    UINT32_C(0xfed90000)
#define VTD_QEMU_ECAM_BASE    UINT32_C(0xfef00000)
#define VTD_QEMU_ECAM_SIZE    (UINT32_C(1) << 20) /* one bus */
#define VTD_QEMU_WINDOW_BASE  UINT32_C(0xff000000)
#define VTD_QEMU_WINDOW_SIZE  (UINT32_C(1) << 20)
#define VTD_QEMU_SEGMENT_MAX  4
#define VTD_QEMU_UNIT_BARS    3
#define VTD_QEMU_EXPRESS_SIZE 4096u /* configuration space of a function there */

/* Told of each register access, before the answer goes out: size 4 or 8. */
typedef void vtd_qemu_register_watch(void *opaque, bool write, uint64_t offset, uint64_t value, unsigned size);

struct vtd_qemu_unit_function {
    struct vtd_qemu_host *host;
    struct vtd_qemu_function function; /* what the carrier serves */
    uint32_t bar[VTD_QEMU_UNIT_BARS], bar_size[VTD_QEMU_UNIT_BARS];
    uint16_t command;
    bool hidden;
    const struct vtd_qemu_function *segment[VTD_QEMU_SEGMENT_MAX]; /* by device number */
    vtd_qemu_register_watch *watch;                                /* may be NULL */
    void *watch_opaque;
    uint64_t reads, writes; /* of registers */
    uint64_t odd;           /* of 1 or 2 bytes, or unaligned: the unit does not know them (ref 1) */
};

/* Prepares u, which must not move afterwards. own_segment: with the two BARs of a PCI Express segment. */
void vtd_qemu_unit_function_init(struct vtd_qemu_unit_function *u, struct vtd_qemu_host *host, bool own_segment);

/* Bytes that BAR number i wants, 0 for one that is not there, and where it is to be placed. */
uint32_t vtd_qemu_unit_function_bar(const struct vtd_qemu_unit_function *u, unsigned i, uint32_t *base);

#ifdef __cplusplus
}
#endif
#endif
