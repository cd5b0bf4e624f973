/* SPDX-License-Identifier: MIT */
/*
 * Legacy mode (ref 2.1): a device has one domain, which its context entry names. Such a device has, in the driver's own
 * memory only, a page of PASIDs of which RID_PASID alone is used.
 */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>

/* TT of a context entry (ref 2.1). */
enum {
    TT_UNTRANSLATED = 0,
    TT_DEVICE_TLB = 1,
    TT_PASS_THROUGH = 2,
};

int vtd_drv_legacy_device_init(struct vtd_drv_device *device)
{
    device->pasid_limit = 1;
    device->directory_entries = 1;
    device->page = calloc(1, sizeof(*device->page));
    if (device->page)
        device->page[0] = calloc(1, sizeof(**device->page));
    return device->page && device->page[0] ? 0 : -ENOMEM;
}

static struct vtd_drv_domain **slot_of(struct vtd_drv_device *device)
{
    return &device->page[0]->domain[0];
}

/* Pass-through has no tables, but the width must be one that the unit has: the largest. */
static uint8_t levels_of(const struct vtd_drv *drv, const struct vtd_drv_domain *domain)
{
    const unsigned sagaw = (unsigned)vtd_reg_cap_sagaw(drv->cap);
    if (domain->root)
        return domain->levels;
    return sagaw & 8 ? 5 : sagaw & 4 ? 4 : 3;
}

static void encode(const struct vtd_drv *drv, const struct vtd_drv_device *device, const struct vtd_drv_domain *domain,
                   uint64_t *q)
{
    const struct vtd_legacy_context_spec spec = {
        .ss_root = domain->root ? domain->root->dma : 0,
        .did = domain->did,
        .ss_levels = levels_of(drv, domain),
        .tt = !domain->root    ? TT_PASS_THROUGH
              : device->ats.on ? TT_DEVICE_TLB
                               : TT_UNTRANSLATED,
    };
    vtd_encode_legacy_context(q, &spec);
}

static void publish(struct vtd_drv *drv, const uint64_t *entry)
{
    vtd_drv_publish(drv, vtd_drv_tables_coherent(drv), entry, VTD_LEGACY_CONTEXT_BYTES);
}

/* The low qword, with P, goes last. */
static void write_entry(struct vtd_drv *drv, uint64_t *entry, const uint64_t *q)
{
    vtd_drv_store(&entry[1], q[1]);
    vtd_drv_wmb(drv);
    vtd_drv_store(&entry[0], q[0]);
    publish(drv, entry);
}

/* What a context entry of a domain needs that went away or changed (ref 6.5). */
static int invalidate(struct vtd_drv *drv, struct vtd_drv_device *device, const struct vtd_drv_domain *domain)
{
    vtd_drv_inv_context_device(drv, device->sid);
    vtd_drv_inv_iotlb_domain(drv, domain->did);
    vtd_drv_dtlb_one(drv, device, VTD_DRV_RID_PASID);
    return vtd_drv_inv_sync(drv);
}

/* Takes the entry down in the order of ref 2.5: P, invalidation, the rest. */
static int clear_entry(struct vtd_drv *drv, struct vtd_drv_device *device, const struct vtd_drv_domain *domain)
{
    uint64_t *entry = vtd_drv_context_entry(drv, device->sid);
    vtd_drv_store(&entry[0], vtd_drv_load(&entry[0]) & ~UINT64_C(1));
    publish(drv, entry);
    const int error = invalidate(drv, device, domain);
    vtd_drv_store(&entry[0], 0);
    vtd_drv_store(&entry[1], 0);
    publish(drv, entry);
    return error;
}

/* An entry that was not present became present: only a unit in caching mode may hold something (ref 6.2, 6.5). */
static int now_present(struct vtd_drv *drv, const struct vtd_drv_device *device, const struct vtd_drv_domain *domain)
{
    if (vtd_drv_caching_mode(drv)) {
        vtd_drv_inv_context_device(drv, device->sid);
        vtd_drv_inv_iotlb_domain(drv, domain->did);
    }
    return vtd_drv_inv_sync(drv);
}

/* A device that uses ATS needs translations: the unit answers it none in pass-through (ref 4.2). */
static bool suits(const struct vtd_drv_device *device, const struct vtd_drv_domain *domain)
{
    return domain->root || !device->ats.on;
}

int vtd_drv_legacy_attach(struct vtd_drv *drv, struct vtd_drv_device *device, struct vtd_drv_domain *domain)
{
    if (*slot_of(device))
        return -EBUSY;
    if (!suits(device, domain))
        return -ENOTSUP;
    int error = vtd_drv_domain_tag(domain, VTD_DRV_RID_PASID);
    if (error)
        return error;
    uint64_t q[VTD_LEGACY_CONTEXT_QWORDS];
    encode(drv, device, domain, q);
    write_entry(drv, vtd_drv_context_entry(drv, device->sid), q);
    error = now_present(drv, device, domain);
    *slot_of(device) = domain;
    vtd_drv_user_add(domain, device, VTD_DRV_RID_PASID);
    device->attachments++;
    return error;
}

int vtd_drv_legacy_detach(struct vtd_drv *drv, struct vtd_drv_device *device)
{
    struct vtd_drv_domain *domain = *slot_of(device);
    const int error = clear_entry(drv, device, domain);
    *slot_of(device) = NULL;
    vtd_drv_user_remove(domain, device, VTD_DRV_RID_PASID);
    device->attachments--;
    vtd_drv_domain_untag(domain, VTD_DRV_RID_PASID);
    return error;
}

int vtd_drv_legacy_replace(struct vtd_drv *drv, struct vtd_drv_device *device, struct vtd_drv_domain *domain)
{
    struct vtd_drv_domain *old = *slot_of(device);
    if (!suits(device, domain))
        return -ENOTSUP;
    int error = vtd_drv_domain_tag(domain, VTD_DRV_RID_PASID);
    if (error)
        return error;
    uint64_t *entry = vtd_drv_context_entry(drv, device->sid);
    uint64_t q[VTD_LEGACY_CONTEXT_QWORDS];
    encode(drv, device, domain, q);
    if (drv->bus.store128) {
        drv->bus.store128(drv->bus.opaque, entry, q[0], q[1]);
        publish(drv, entry);
        error = invalidate(drv, device, old);
    } else {
        error = clear_entry(drv, device, old);
        write_entry(drv, entry, q);
        *slot_of(device) = NULL; /* what caching mode may hold is tagged with domain 0 */
        const int second = now_present(drv, device, domain);
        error = error ? error : second;
    }
    *slot_of(device) = domain;
    vtd_drv_user_remove(old, device, VTD_DRV_RID_PASID);
    vtd_drv_user_add(domain, device, VTD_DRV_RID_PASID);
    vtd_drv_domain_untag(old, VTD_DRV_RID_PASID);
    return error;
}

int vtd_drv_legacy_may_use_ats(const struct vtd_drv *drv, struct vtd_drv_device *device)
{
    const struct vtd_drv_domain *domain = *slot_of(device);
    return drv->registers || (domain && !domain->root) ? -ENOTSUP : 0;
}

void vtd_drv_legacy_set_ats(struct vtd_drv *drv, struct vtd_drv_device *device, bool on)
{
    const struct vtd_drv_domain *domain = *slot_of(device);
    uint64_t *entry = vtd_drv_context_entry(drv, device->sid);
    uint64_t q = vtd_drv_load(entry);
    if (!domain) /* the entry is written when there is one */
        return;
    vtd_legacy_context_set_tt(&q, on ? TT_DEVICE_TLB : TT_UNTRANSLATED);
    vtd_drv_store(entry, q);
    publish(drv, entry);
    vtd_drv_inv_context_device(drv, device->sid);
    vtd_drv_inv_iotlb_domain(drv, domain->did);
    vtd_drv_dtlb_device(drv, device);
}
