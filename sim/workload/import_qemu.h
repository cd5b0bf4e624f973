/* SPDX-License-Identifier: MIT */
/* What the import of QEMU logs knows about devices: which memory they read and which they write. */
#ifndef VTD_WORKLOAD_IMPORT_QEMU_H
#define VTD_WORKLOAD_IMPORT_QEMU_H

#include "import.h"
#include "page_set.h"

/* Parts of memory that an NVMe controller uses in one direction only, in pieces of a known size. */
enum vtd_qemu_role {
    VTD_QEMU_SUBMISSION,
    VTD_QEMU_COMPLETION,
    VTD_QEMU_DOORBELL,
    VTD_QEMU_EVENT_INDEX,
};

struct vtd_qemu_range {
    uint64_t start, end;
    enum vtd_qemu_role role;
};

struct vtd_qemu_device {
    uint16_t sid;
    enum vtd_import_device kind;
    struct vtd_qemu_range *range;
    unsigned ranges;
    struct vtd_page_set prp; /* pages that hold lists of pages */
};

/* All devices seen so far. */
struct vtd_qemu_devices {
    struct vtd_qemu_device *device;
    unsigned count;
    uint32_t place[0x10000]; /* of each source-id: index plus 1 */
};

/* The device with this source-id; it is made when it is new. NULL without memory. */
struct vtd_qemu_device *vtd_qemu_device(struct vtd_qemu_devices *all, uint16_t sid);

/* Notes a part of memory, in place of one that begins there. Returns false without memory or with far too many. */
bool vtd_qemu_note_range(struct vtd_qemu_device *d, uint64_t start, uint64_t size, enum vtd_qemu_role role);

/* Fills kind and len of an access through a page-table entry, R in bit 0 and W in bit 1; descriptor: as e1000e said. */
void vtd_qemu_judge(const struct vtd_qemu_device *d, uint64_t pte, bool descriptor, struct vtd_trace_item *item);

void vtd_qemu_devices_clear(struct vtd_qemu_devices *all);

#endif
