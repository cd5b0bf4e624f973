/* SPDX-License-Identifier: MIT */
/*
 * Direction and length of accesses in a log of QEMU. The page-table entry tells the direction only where it allows one:
 * Linux makes pages readable that a device only writes. For the others the device model's own events tell where rings
 * and queues are; all else that an NVMe or e1000e device may write, it writes.
 */
#include "import_qemu.h"

#include <stdlib.h>

#define RANGES_MAX 4096u

struct vtd_qemu_device *vtd_qemu_device(struct vtd_qemu_devices *all, uint16_t sid)
{
    if (all->place[sid])
        return &all->device[all->place[sid] - 1];
    struct vtd_qemu_device *bigger = realloc(all->device, (all->count + 1) * sizeof *bigger);
    if (!bigger)
        return NULL;
    all->device = bigger;
    all->device[all->count] = (struct vtd_qemu_device){.sid = sid};
    all->place[sid] = ++all->count;
    return &all->device[all->count - 1];
}

void vtd_qemu_devices_clear(struct vtd_qemu_devices *all)
{
    for (unsigned i = 0; i < all->count; i++) {
        free(all->device[i].range);
        vtd_page_set_clear(&all->device[i].prp);
    }
    free(all->device);
    *all = (struct vtd_qemu_devices){0};
}

bool vtd_qemu_note_range(struct vtd_qemu_device *d, uint64_t start, uint64_t size, enum vtd_qemu_role role)
{
    const uint64_t end = size > UINT64_MAX - start ? UINT64_MAX : start + size;
    unsigned i = 0;
    while (i < d->ranges && d->range[i].start != start)
        i++;
    if (i == d->ranges) {
        struct vtd_qemu_range *bigger =
            d->ranges < RANGES_MAX ? realloc(d->range, (d->ranges + 1) * sizeof *bigger) : NULL;
        if (!bigger)
            return false;
        d->range = bigger;
        d->ranges++;
    }
    d->range[i] = (struct vtd_qemu_range){start, end, role};
    return true;
}

static const struct vtd_qemu_range *find_range(const struct vtd_qemu_device *d, uint64_t iova)
{
    for (unsigned i = 0; i < d->ranges; i++)
        if (iova >= d->range[i].start && iova < d->range[i].end)
            return &d->range[i];
    return NULL;
}

void vtd_qemu_judge(const struct vtd_qemu_device *d, uint64_t pte, bool descriptor, struct vtd_trace_item *item)
{
    static const struct {
        uint8_t kind, len;
    } roles[] = {
        [VTD_QEMU_SUBMISSION] = {VTD_ITEM_READ, 64},
        [VTD_QEMU_COMPLETION] = {VTD_ITEM_WRITE, 16},
        [VTD_QEMU_DOORBELL] = {VTD_ITEM_READ, 4},
        [VTD_QEMU_EVENT_INDEX] = {VTD_ITEM_WRITE, 4},
    };
    const struct vtd_qemu_range *range = d->kind == VTD_IMPORT_NVME ? find_range(d, item->iova) : NULL;
    const bool readable = pte & 1, writable = pte & 2;
    item->len = descriptor ? 16 : range ? roles[range->role].len : 0;
    if (item->iova % 4096 + item->len > 4096)
        item->len = 0;
    if (readable != writable)
        item->kind = readable ? VTD_ITEM_READ : VTD_ITEM_WRITE;
    else if (!readable || d->kind == VTD_IMPORT_UNKNOWN)
        item->kind = VTD_ITEM_ACCESS;
    else if (range)
        item->kind = roles[range->role].kind;
    else
        item->kind = descriptor || vtd_page_set_has(&d->prp, item->iova >> 12) ? VTD_ITEM_READ : VTD_ITEM_WRITE;
}
