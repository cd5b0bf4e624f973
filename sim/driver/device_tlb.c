/* SPDX-License-Identifier: MIT */
/*
 * Device TLBs: who uses a domain, what must be flushed there after a change (ref 3.1, 6.5, 7.3), and devices that do
 * not answer (ref 3.4).
 */
#include "internal.h"

#include <errno.h>

/* The address bits 63:12 that stand for everything, with S (ref 3.2). */
#define EVERYTHING UINT64_C(0x7ffffffffffff)

/* ---------------------------------------------------------------- users of a domain */

static struct vtd_drv_user *user_of(struct vtd_drv_device *device, uint32_t pasid)
{
    return &device->page[pasid / 64]->user[pasid % 64];
}

void vtd_drv_user_add(struct vtd_drv_domain *domain, struct vtd_drv_device *device, uint32_t pasid)
{
    struct vtd_drv_user *user = user_of(device, pasid);
    *user = (struct vtd_drv_user){.prev = domain->last_user, .device = device, .pasid = pasid};
    if (user->prev)
        user->prev->next = user;
    else
        domain->first_user = user;
    domain->last_user = user;
}

void vtd_drv_user_remove(struct vtd_drv_domain *domain, struct vtd_drv_device *device, uint32_t pasid)
{
    struct vtd_drv_user *user = user_of(device, pasid);
    if (user->prev)
        user->prev->next = user->next;
    else
        domain->first_user = user->next;
    if (user->next)
        user->next->prev = user->prev;
    else
        domain->last_user = user->prev;
    *user = (struct vtd_drv_user){0};
}

/* ---------------------------------------------------------------- descriptors */

/* Type 3: requests without PASID. */
static void without_pasid(struct vtd_drv *drv, struct vtd_drv_device *device, uint64_t page, bool s)
{
    uint64_t d[4] = {0};
    vtd_dev_tlb_inv_set_type_lo(d, VTD_TYPE_DEV_TLB_INV);
    vtd_dev_tlb_inv_set_mip(d, device->ats.mip);
    vtd_dev_tlb_inv_set_sid(d, device->sid);
    if (vtd_reg_ecap_dit(drv->ecap)) {
        vtd_dev_tlb_inv_set_pfsid_lo(d, device->ats.pfsid);
        vtd_dev_tlb_inv_set_pfsid_hi(d, device->ats.pfsid >> 4);
    }
    vtd_dev_tlb_inv_set_s(d, s);
    vtd_dev_tlb_inv_set_addr(d, page);
    vtd_drv_inv_push(drv, d);
    device->ats.batch = drv->batch;
}

/* Type 8: of one PASID, or with global of all. */
static void with_pasid(struct vtd_drv *drv, struct vtd_drv_device *device, uint32_t pasid, bool global, uint64_t page,
                       bool s)
{
    uint64_t d[4] = {0};
    vtd_p_dev_tlb_inv_set_type_lo(d, VTD_TYPE_P_DEV_TLB_INV);
    vtd_p_dev_tlb_inv_set_mip(d, device->ats.mip);
    vtd_p_dev_tlb_inv_set_sid(d, device->sid);
    if (vtd_reg_ecap_dit(drv->ecap)) {
        vtd_p_dev_tlb_inv_set_pfsid_lo(d, device->ats.pfsid);
        vtd_p_dev_tlb_inv_set_pfsid_hi(d, device->ats.pfsid >> 4);
    }
    vtd_p_dev_tlb_inv_set_pasid(d, global ? 0 : pasid);
    vtd_p_dev_tlb_inv_set_gi(d, global);
    vtd_p_dev_tlb_inv_set_s(d, s);
    vtd_p_dev_tlb_inv_set_addr(d, page);
    vtd_drv_inv_push(drv, d);
    device->ats.batch = drv->batch;
}

static void flush(struct vtd_drv *drv, struct vtd_drv_device *device, uint32_t pasid, uint64_t page, bool s)
{
    if (pasid == VTD_DRV_RID_PASID)
        without_pasid(drv, device, page, s);
    else
        with_pasid(drv, device, pasid, false, page, s);
}

void vtd_drv_dtlb_one(struct vtd_drv *drv, struct vtd_drv_device *device, uint32_t pasid)
{
    if (device->ats.on)
        flush(drv, device, pasid, EVERYTHING, true);
}

/*
 * Type 3 for all drops entries of all PASIDs (ref 6.5, context entry). Whether a device takes it so is its own affair
 * (ref 7.3), hence GI as well where the device has PASIDs.
 */
void vtd_drv_dtlb_device(struct vtd_drv *drv, struct vtd_drv_device *device)
{
    if (!device->ats.on)
        return;
    without_pasid(drv, device, EVERYTHING, true);
    if (device->pasid_limit > 1)
        with_pasid(drv, device, 0, true, EVERYTHING, true);
}

/* ---------------------------------------------------------------- ranges */

/* 2^am pages at an aligned address as S and ADDR: below the size bit all ones, the size bit 0 (ref 3.2). */
static uint64_t encode_range(const struct vtd_drv_block *block)
{
    const uint64_t page = block->addr >> 12;
    return block->am ? page | ((UINT64_C(1) << (block->am - 1)) - 1) : page;
}

void vtd_drv_dtlb_range(struct vtd_drv_domain *domain, uint64_t first, uint64_t last)
{
    struct vtd_drv *drv = domain->drv;
    struct vtd_drv_block blocks[VTD_DRV_BLOCKS];
    if (!drv->ats_devices)
        return;
    const unsigned max_am = domain->addr_width - 14u; /* more than a quarter of the address space: everything */
    const bool wide = (last - first) >> 12 >> max_am != 0;
    const unsigned n = wide ? 0 : vtd_drv_cover(first >> 12, last >> 12, max_am, blocks);
    for (unsigned i = 0; i < n; i++)
        blocks[i].addr = vtd_drv_canonical(domain, blocks[i].addr);
    for (const struct vtd_drv_user *user = domain->first_user; user; user = user->next) {
        if (n == 0)
            vtd_drv_dtlb_one(drv, user->device, user->pasid);
        for (unsigned i = 0; i < n && user->device->ats.on; i++)
            flush(drv, user->device, user->pasid, encode_range(&blocks[i]), blocks[i].am > 0);
    }
    for (const struct vtd_drv_domain *child = domain->first_child; child; child = child->next_sibling)
        for (const struct vtd_drv_user *user = child->first_user; user; user = user->next)
            vtd_drv_dtlb_one(drv, user->device, user->pasid);
}

/* ---------------------------------------------------------------- time-outs */

void vtd_drv_dtlb_note_timeout(struct vtd_drv *drv, uint16_t sid)
{
    struct vtd_drv_device *device = vtd_drv_device_find(drv, sid);
    if (device && device->ats.on)
        device->ats.silent = true;
}

/* Takes ATS from the devices that were named; false if there was none. */
static bool withdraw_silent(struct vtd_drv *drv)
{
    bool any = false;
    for (struct vtd_drv_device *device = drv->ats_devices, *next; device; device = next) {
        next = device->ats.next;
        if (!device->ats.silent)
            continue;
        vtd_drv_ats_withdraw(drv, device);
        any = true;
    }
    return any;
}

int vtd_drv_dtlb_recover(struct vtd_drv *drv)
{
    struct vtd_drv_queue *q = &drv->queue;
    const uint64_t batch = drv->batch;
    /*
     * Every round but one takes ATS from a device, so there is an end. That one is a time-out of somebody who is not
     * known here (a descriptor that was queued by hand).
     */
    for (bool strange = false; q->timed_out;) {
        q->timed_out = false;
        if (!withdraw_silent(drv)) {
            if (strange)
                break;
            strange = true;
        }
        drv->batch++;
        for (struct vtd_drv_device *device = drv->ats_devices; device; device = device->ats.next)
            if (device->ats.batch >= batch)
                vtd_drv_dtlb_device(drv, device);
        if (q->broken)
            break;
        if (q->pending)
            vtd_drv_queue_sync(drv);
    }
    q->timed_out = false;
    return q->broken ? -EIO : -ETIMEDOUT;
}

int vtd_drv_dtlb_restart(struct vtd_drv *drv)
{
    for (struct vtd_drv_device *device = drv->ats_devices; device; device = device->ats.next)
        vtd_drv_dtlb_device(drv, device);
    const int error = vtd_drv_inv_sync(drv);
    return error == -ETIMEDOUT && !drv->queue.broken ? 0 : error; /* without the device that is silent */
}
