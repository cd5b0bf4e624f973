/* SPDX-License-Identifier: MIT */
/*
 * ATS and page requests of devices, switched on and off in the safe order (ref 2.3, 6.5, 7.1): the unit allows before
 * the device does, and the device stops before the unit forbids.
 */
#include "internal.h"

#include <errno.h>

/* Domain-ids that are worth a descriptor each. */
#define MAX_DIDS 8

static int call(int (*function)(void *, uint16_t, bool), const struct vtd_drv_device *device, bool on)
{
    return function ? function(device->ats.opaque, device->sid, on) : 0;
}

/* ---------------------------------------------------------------- context entry */

/* Domain-ids of all domains of a device; more than MAX_DIDS when they are too many. */
static unsigned domain_ids(const struct vtd_drv_device *device, uint16_t *did)
{
    unsigned n = 0;
    uint64_t left = device->attachments;
    for (uint32_t i = 0; i < device->directory_entries && left; i++) {
        for (unsigned k = 0; device->page[i] && k < 64; k++) {
            const struct vtd_drv_domain *domain = device->page[i]->domain[k];
            if (!domain)
                continue;
            left--;
            unsigned at = 0;
            while (at < n && did[at] != domain->did)
                at++;
            if (at == MAX_DIDS)
                return MAX_DIDS + 1;
            did[at] = domain->did;
            n = at == n ? n + 1 : n;
        }
    }
    return n;
}

void vtd_drv_inv_domains_of(struct vtd_drv *drv, const struct vtd_drv_device *device, bool pasid_cache)
{
    uint16_t did[MAX_DIDS];
    const unsigned n = domain_ids(device, did);
    const bool many = n > MAX_DIDS;
    if (pasid_cache && many)
        vtd_drv_inv_pasid_global(drv);
    for (unsigned i = 0; pasid_cache && !many && i < n; i++)
        vtd_drv_inv_pasid_domain(drv, did[i]);
    if (many)
        vtd_drv_inv_iotlb_global(drv);
    for (unsigned i = 0; !many && i < n; i++)
        vtd_drv_inv_iotlb_domain(drv, did[i]);
}

/* Sets what the unit allows the device, and queues what a changed context entry needs. */
static void set_context(struct vtd_drv *drv, struct vtd_drv_device *device, bool dte, bool pre)
{
    if (drv->legacy) {
        vtd_drv_legacy_set_ats(drv, device, dte);
        return;
    }
    uint64_t *entry = vtd_drv_context_entry(drv, device->sid);
    uint64_t q = vtd_drv_load(entry);
    vtd_sm_context_set_dte(&q, dte);
    vtd_sm_context_set_eptr(&q, dte && vtd_sm_context_paside(&q) && vtd_reg_ecap_ptrs(drv->ecap));
    vtd_sm_context_set_pre(&q, pre);
    vtd_drv_store(entry, q);
    vtd_drv_publish(drv, vtd_drv_tables_coherent(drv), entry, VTD_SM_CONTEXT_BYTES);
    vtd_drv_inv_context_device(drv, device->sid);
    vtd_drv_inv_domains_of(drv, device, true);
    vtd_drv_dtlb_device(drv, device);
}

/* ---------------------------------------------------------------- list of devices with ATS */

static void list_add(struct vtd_drv *drv, struct vtd_drv_device *device)
{
    struct vtd_drv_device **link = &drv->ats_devices;
    while (*link)
        link = &(*link)->ats.next;
    *link = device;
    device->ats.next = NULL;
    device->ats.on = true;
}

static void list_remove(struct vtd_drv *drv, struct vtd_drv_device *device)
{
    struct vtd_drv_device **link = &drv->ats_devices;
    while (*link != device)
        link = &(*link)->ats.next;
    *link = device->ats.next;
    device->ats.next = NULL;
    device->ats.on = false;
}

/* ---------------------------------------------------------------- ATS */

/* PASID must be on before ATS is: PCIe lets nobody change it afterwards. */
static int tell_pasid(struct vtd_drv_device *device, bool on)
{
    if (on == device->ats.pasid || (on && device->pasid_limit <= 1))
        return 0;
    const int error = call(device->ats.ops.enable_pasid, device, on);
    if (!error)
        device->ats.pasid = on;
    return error;
}

static int tell_ats(struct vtd_drv_device *device, bool on)
{
    const int error = on == device->ats.ats_told ? 0 : call(device->ats.ops.enable_ats, device, on);
    if (!error)
        device->ats.ats_told = on;
    return error;
}

static int tell_pri(struct vtd_drv_device *device, bool on)
{
    const int error = on == device->ats.pri_told ? 0 : call(device->ats.ops.enable_pri, device, on);
    if (!error)
        device->ats.pri_told = on;
    return error;
}

int vtd_drv_ats_enable(struct vtd_drv *drv, uint16_t sid, const struct vtd_drv_ats_spec *spec)
{
    struct vtd_drv_device *device = vtd_drv_device_find(drv, sid);
    if (!device)
        return -ENOENT;
    if (spec->queue_depth > 31)
        return -EINVAL;
    if (!vtd_reg_ecap_dt(drv->ecap))
        return -ENOTSUP;
    if (device->ats.on)
        return -EBUSY;
    if (drv->legacy && vtd_drv_legacy_may_use_ats(drv, device) != 0)
        return -ENOTSUP;
    device->ats = (struct vtd_drv_ats){
        .ops = spec->ops,
        .opaque = spec->opaque,
        .pfsid = spec->virtual_function ? spec->pfsid : sid,
        .mip = spec->queue_depth,
        .pasid = device->ats.pasid,
    };
    const bool had_pasid = device->ats.pasid;
    int error = tell_pasid(device, true);
    if (error)
        return error;
    set_context(drv, device, true, false);
    error = vtd_drv_inv_sync(drv);
    if (!error)
        error = tell_ats(device, true);
    if (!error) {
        list_add(drv, device);
        return 0;
    }
    set_context(drv, device, false, false);
    vtd_drv_inv_sync(drv);
    if (!had_pasid)
        tell_pasid(device, false);
    return error;
}

int vtd_drv_ats_disable(struct vtd_drv *drv, uint16_t sid)
{
    struct vtd_drv_device *device = vtd_drv_device_find(drv, sid);
    if (!device || !device->ats.on)
        return -ENOENT;
    if (device->ats.pri)
        return -EBUSY;
    int error = tell_ats(device, false);
    if (error)
        return error;
    /* Its answer comes behind what it had sent with translated addresses (ref 7.3). */
    vtd_drv_inv_domains_of(drv, device, false);
    vtd_drv_dtlb_device(drv, device);
    error = vtd_drv_inv_sync(drv);
    if (!device->ats.on) /* it did not answer, and has lost ATS already */
        return error;
    list_remove(drv, device);
    set_context(drv, device, false, false);
    const int second = vtd_drv_inv_sync(drv);
    return error ? error : second;
}

int vtd_drv_ats_get(const struct vtd_drv *drv, uint16_t sid, struct vtd_drv_ats_state *state)
{
    const struct vtd_drv_device *device = vtd_drv_device_find(drv, sid);
    *state = (struct vtd_drv_ats_state){0};
    if (!device)
        return -ENOENT;
    *state = (struct vtd_drv_ats_state){
        .ats = device->ats.on,
        .pri = device->ats.pri,
        .timed_out = device->ats.timed_out,
    };
    return 0;
}

void vtd_drv_ats_withdraw(struct vtd_drv *drv, struct vtd_drv_device *device)
{
    tell_pri(device, false);
    tell_ats(device, false);
    list_remove(drv, device);
    device->ats.pri = device->ats.silent = false;
    device->ats.timed_out = true;
    set_context(drv, device, false, false);
}

int vtd_drv_ats_shutdown(struct vtd_drv *drv, struct vtd_drv_device *device)
{
    int error = device->ats.pri ? vtd_drv_pri_disable(drv, device->sid) : 0;
    if (!error && device->ats.on)
        error = vtd_drv_ats_disable(drv, device->sid);
    return error == -ETIMEDOUT && !device->ats.on ? 0 : error; /* silent devices have no ATS any more */
}

void vtd_drv_ats_abandon(struct vtd_drv *drv)
{
    for (struct vtd_drv_device *device = drv->ats_devices; device; device = device->ats.next) {
        tell_pri(device, false);
        tell_ats(device, false);
    }
}

void vtd_drv_ats_forget(struct vtd_drv_device *device)
{
    tell_pasid(device, false);
}

/* ---------------------------------------------------------------- page requests */

int vtd_drv_pri_enable(struct vtd_drv *drv, uint16_t sid)
{
    struct vtd_drv_device *device = vtd_drv_device_find(drv, sid);
    if (!device || !device->ats.on)
        return -ENOENT;
    if (device->ats.pri)
        return -EBUSY;
    if (!vtd_reg_ecap_prs(drv->ecap))
        return -ENOTSUP;
    if (!drv->options.page_requests)
        return -EINVAL;
    set_context(drv, device, true, true);
    int error = vtd_drv_inv_sync(drv);
    if (!error)
        error = tell_pri(device, true);
    if (!error) {
        device->ats.pri = true;
        return 0;
    }
    if (device->ats.on) {
        set_context(drv, device, true, false);
        vtd_drv_inv_sync(drv);
    }
    return error;
}

int vtd_drv_pri_disable(struct vtd_drv *drv, uint16_t sid)
{
    struct vtd_drv_device *device = vtd_drv_device_find(drv, sid);
    if (!device || !device->ats.pri)
        return -ENOENT;
    int error = tell_pri(device, false);
    if (error)
        return error;
    error = vtd_drv_drain_page_requests(drv, sid, VTD_DRV_ALL_PASIDS);
    if (!device->ats.on) /* it did not answer, and has lost ATS already */
        return error;
    device->ats.pri = false;
    set_context(drv, device, true, false);
    const int second = vtd_drv_inv_sync(drv);
    return error ? error : second;
}
