/* SPDX-License-Identifier: MIT */
/*
 * What the guest tells its virtual unit to forget, for the host (ref 3.1, 6.3): PASID and context cache make the
 * entries follow; IOTLB and device TLB are passed on for the PASIDs that they select, under the host's numbers.
 */
#include "internal.h"

#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

/* Granularities (ref 3.1). */
enum {
    CC_DEVICE = 3,
    IOTLB_GLOBAL = 1,
    P_IOTLB_PASID = 2,
    PC_PASID = 1,
};

/* What to pass on. */
struct scope {
    bool has_did, has_pasid, has_sid;
    bool device_only; /* the device TLB */
    bool leaf_only;
    uint16_t did, sid; /* of the guest */
    uint32_t pasid;
    uint64_t addr, size; /* size 0: all */
};

/* ---------------------------------------------------------------- to the host's driver */

static int invalidate_pasid(struct vtd_vmm *vmm, const struct vtd_vmm_device *device, uint32_t hpasid,
                            const struct scope *s)
{
    struct vtd_drv_cache_invalidate_info info = {
        .argsz = sizeof(info),
        .version = VTD_DRV_GPASID_VERSION,
        .cache = s->device_only ? VTD_DRV_CACHE_DEV_IOTLB : VTD_DRV_CACHE_IOTLB,
        .granularity = s->size ? VTD_DRV_GRANU_ADDR : VTD_DRV_GRANU_PASID,
        .granu = {.flags = VTD_DRV_GRANU_FLAG_PASID, .pasid = hpasid},
    };
    if (s->size) {
        info.granu.flags |= s->leaf_only ? VTD_DRV_GRANU_FLAG_LEAF : 0;
        info.granu.addr = s->addr;
        info.granu.granule_size = s->size;
        info.granu.nb_granules = 1;
    }
    return vtd_drv_sva_cache_invalidate(vmm->config.driver, device->host_sid, &info);
}

static int invalidate_rid(const struct vtd_vmm_device *device, const struct scope *s)
{
    struct vtd_drv_hwpt_s1_invalidate request = {.npages = UINT64_MAX};
    uint32_t count = 1;
    if (s->size) {
        request.addr = s->addr;
        request.npages = s->size / 4096;
        request.flags = s->leaf_only ? VTD_DRV_HWPT_S1_INV_LEAF : 0;
    }
    return vtd_drv_hwpt_s1_cache_invalidate(device->rid_domain, &request, &count);
}

/* A range that the address width has not is none of the unit's: then everything goes, which is never wrong. */
static void invalidate(struct vtd_vmm *vmm, struct vtd_vmm_device *device, uint32_t gpasid, uint32_t hpasid,
                       const struct scope *wanted)
{
    struct scope s = *wanted;
    int error = gpasid ? invalidate_pasid(vmm, device, hpasid, &s) : invalidate_rid(device, &s);
    if (error && s.size) {
        s.size = 0;
        error = gpasid ? invalidate_pasid(vmm, device, hpasid, &s) : invalidate_rid(device, &s);
    }
    vmm->stats.invalidations++;
    vmm->stats.host_errors += error != 0;
    vtd_vmm_tell(vmm, &(struct vtd_vmm_event){.kind = VTD_VMM_INVALIDATE,
                                              .guest_sid = device->guest_sid,
                                              .host_sid = device->host_sid,
                                              .gpasid = gpasid,
                                              .hpasid = hpasid,
                                              .device_only = s.device_only,
                                              .addr = s.size ? s.addr : 0,
                                              .size = s.size,
                                              .result = error});
}

/* ---------------------------------------------------------------- who is meant */

static void forward_one(struct vtd_vmm *vmm, struct vtd_vmm_device *device, uint32_t gpasid, const struct scope *s)
{
    if (gpasid == VTD_DRV_RID_PASID) {
        if (device->rid_domain && (!s->has_did || s->did == device->rid_entry.did))
            invalidate(vmm, device, 0, 0, s);
        return;
    }
    const struct vtd_vmm_shadow *shadow = vtd_vmm_shadow(device, gpasid);
    if (shadow && (!s->has_did || s->did == shadow->entry.did))
        invalidate(vmm, device, gpasid, shadow->hpasid, s);
}

static void forward(struct vtd_vmm *vmm, const struct scope *s)
{
    for (unsigned d = 0; d < VTD_VMM_DEVICES; d++) {
        struct vtd_vmm_device *device = &vmm->device[d];
        if (!device->exists || (s->has_sid && s->sid != device->guest_sid))
            continue;
        if (s->has_pasid) {
            forward_one(vmm, device, s->pasid, s);
            continue;
        }
        forward_one(vmm, device, VTD_DRV_RID_PASID, s);
        for (uint32_t c = 0; c < VTD_VMM_CHUNKS; c++)
            for (uint32_t i = c == 0; device->chunk[c] && i < VTD_VMM_CHUNK; i++)
                forward_one(vmm, device, c * VTD_VMM_CHUNK + i, s);
    }
}

/* ---------------------------------------------------------------- descriptors */

static void pasid_cache(struct vtd_vmm *vmm, const uint64_t *q)
{
    for (unsigned d = 0; d < VTD_VMM_DEVICES; d++) {
        struct vtd_vmm_device *device = &vmm->device[d];
        if (device->exists && vtd_pc_inv_g(q) == PC_PASID)
            vtd_vmm_sync_pasid(vmm, device, (uint32_t)vtd_pc_inv_pasid(q));
        else if (device->exists)
            vtd_vmm_sync_device(vmm, device);
    }
}

/* The function mask may select others than the device that is named: all of them are looked at then. */
static void context_cache(struct vtd_vmm *vmm, const uint64_t *q)
{
    const bool one = vtd_cc_inv_g(q) == CC_DEVICE && vtd_cc_inv_fm(q) == 0;
    for (unsigned d = 0; d < VTD_VMM_DEVICES; d++) {
        struct vtd_vmm_device *device = &vmm->device[d];
        if (device->exists && (!one || vtd_cc_inv_sid(q) == device->guest_sid))
            vtd_vmm_sync_device(vmm, device);
    }
}

/* First-stage translations go by domain, whatever address is named (ref 6.3). */
static void iotlb(struct vtd_vmm *vmm, const uint64_t *q)
{
    forward(vmm, &(struct scope){.has_did = vtd_iotlb_inv_g(q) != IOTLB_GLOBAL, .did = (uint16_t)vtd_iotlb_inv_did(q)});
}

static void pasid_iotlb(struct vtd_vmm *vmm, const uint64_t *q)
{
    struct scope s = {
        .has_did = true,
        .has_pasid = true,
        .did = (uint16_t)vtd_p_iotlb_inv_did(q),
        .pasid = (uint32_t)vtd_p_iotlb_inv_pasid(q),
    };
    const unsigned am = (unsigned)vtd_p_iotlb_inv_am(q);
    if (vtd_p_iotlb_inv_g(q) != P_IOTLB_PASID && am < 52) {
        s.size = UINT64_C(4096) << am;
        s.addr = vtd_p_iotlb_inv_addr(q) << 12 & ~(s.size - 1);
        s.leaf_only = vtd_p_iotlb_inv_ih(q);
    }
    forward(vmm, &s);
}

/* S: the lowest bit of the page number that is 0 tells the size (ref 3.2). */
static void set_range(struct scope *s, uint64_t page, bool large)
{
    const unsigned shift = 13 + (unsigned)__builtin_ctzll(~page);
    s->size = !large ? 4096 : shift < 64 ? UINT64_C(1) << shift : 0;
    s->addr = s->size ? page << 12 & ~(s->size - 1) : 0;
}

static void device_tlb(struct vtd_vmm *vmm, const uint64_t *q)
{
    struct scope s = {.has_sid = true, .sid = (uint16_t)vtd_dev_tlb_inv_sid(q), .has_pasid = true, .device_only = true};
    set_range(&s, vtd_dev_tlb_inv_addr(q), vtd_dev_tlb_inv_s(q));
    forward(vmm, &s);
}

static void pasid_device_tlb(struct vtd_vmm *vmm, const uint64_t *q)
{
    struct scope s = {
        .has_sid = true,
        .sid = (uint16_t)vtd_p_dev_tlb_inv_sid(q),
        .has_pasid = !vtd_p_dev_tlb_inv_gi(q),
        .pasid = (uint32_t)vtd_p_dev_tlb_inv_pasid(q),
        .device_only = true,
    };
    set_range(&s, vtd_p_dev_tlb_inv_addr(q), vtd_p_dev_tlb_inv_s(q));
    forward(vmm, &s);
}

/*
 * A wait that drains page requests (PD): what devices have asked the host for by now is on its way to the guest. The
 * virtual unit takes it as soon as it has done the register write that it is in the middle of.
 */
static void wait(struct vtd_vmm *vmm, const uint64_t *q)
{
    if (vmm->config.page_requests && vtd_inv_wait_pd(q))
        vtd_drv_handle_page_requests(vmm->config.driver, NULL);
}

void vtd_vmm_descriptor(void *opaque, const uint64_t q[4], unsigned qwords)
{
    struct vtd_vmm *vmm = opaque;
    (void)qwords;
    switch (vtd_cc_inv_type_hi(q) << 4 | vtd_cc_inv_type_lo(q)) {
    case VTD_TYPE_CC_INV:
        context_cache(vmm, q);
        break;
    case VTD_TYPE_PC_INV:
        pasid_cache(vmm, q);
        break;
    case VTD_TYPE_IOTLB_INV:
        iotlb(vmm, q);
        break;
    case VTD_TYPE_P_IOTLB_INV:
        pasid_iotlb(vmm, q);
        break;
    case VTD_TYPE_DEV_TLB_INV:
        device_tlb(vmm, q);
        break;
    case VTD_TYPE_P_DEV_TLB_INV:
        pasid_device_tlb(vmm, q);
        break;
    case VTD_TYPE_INV_WAIT:
        wait(vmm, q);
        break;
    default: /* the virtual unit's own business */
        break;
    }
}
