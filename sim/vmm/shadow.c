/* SPDX-License-Identifier: MIT */
/*
 * The host's PASID entries follow the guest's (ref 9). A guest's entry that is present and has a first stage is bound; what was
 * bound and is gone, or is another one now, is unbound first, so that nothing of it stays in a cache.
 */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>

static bool same(const struct vtd_vmm_entry *a, const struct vtd_vmm_entry *b)
{
    return a->present == b->present && a->first_stage == b->first_stage && a->bad == b->bad && a->did == b->did &&
           a->addr_width == b->addr_width && a->gpgd == b->gpgd && a->flags == b->flags && a->pat == b->pat;
}

static struct vtd_vmm_shadow *find(const struct vtd_vmm_device *device, uint32_t gpasid)
{
    struct vtd_vmm_shadow *chunk = device->chunk[gpasid / VTD_VMM_CHUNK];
    return chunk ? &chunk[gpasid % VTD_VMM_CHUNK] : NULL;
}

static struct vtd_vmm_shadow *make(struct vtd_vmm_device *device, uint32_t gpasid)
{
    struct vtd_vmm_shadow **chunk = &device->chunk[gpasid / VTD_VMM_CHUNK];
    if (!*chunk)
        *chunk = calloc(VTD_VMM_CHUNK, sizeof(**chunk));
    return find(device, gpasid);
}

/* ---------------------------------------------------------------- PASIDs of the host */

/* Identity: the guest's, if it is the guest's; else a new one. Nobody can free it until put_pasid. */
static int get_pasid(struct vtd_vmm *vmm, uint32_t gpasid, uint32_t *hpasid)
{
    struct vtd_pasid_sets *pasids = vmm->config.pasids;
    if (!vmm->config.guest_pasids) {
        *hpasid = gpasid;
        return vtd_pasid_sets_get(pasids, vmm->set, gpasid) ? -EPERM : 0;
    }
    const int error = vtd_pasid_sets_alloc(pasids, vmm->set, hpasid);
    return error ? error : vtd_pasid_sets_get(pasids, vmm->set, *hpasid);
}

static void put_pasid(struct vtd_vmm *vmm, uint32_t hpasid)
{
    vtd_pasid_sets_put(vmm->config.pasids, vmm->set, hpasid);
    if (vmm->config.guest_pasids)
        vtd_pasid_sets_free(vmm->config.pasids, vmm->set, hpasid);
}

/* ---------------------------------------------------------------- bind and unbind */

static void unbind(struct vtd_vmm *vmm, struct vtd_vmm_device *device, uint32_t gpasid, struct vtd_vmm_shadow *s)
{
    vtd_vmm_composed_drop(vmm, device, s->hpasid);
    const int error = vtd_drv_sva_unbind_gpasid(vmm->config.driver, device->host_sid, s->hpasid);
    vmm->stats.unbinds++;
    vmm->stats.host_errors += error != 0;
    vtd_vmm_tell(vmm, &(struct vtd_vmm_event){.kind = VTD_VMM_UNBIND,
                                              .guest_sid = device->guest_sid,
                                              .host_sid = device->host_sid,
                                              .gpasid = gpasid,
                                              .hpasid = s->hpasid,
                                              .result = error});
    vtd_vmm_groups_forget(vmm, &(struct vtd_vmm_who){device, true, gpasid, s->hpasid});
    put_pasid(vmm, s->hpasid);
    *s = (struct vtd_vmm_shadow){0};
}

/* The host's driver checks what the guest wrote. */
static int bind_entry(struct vtd_vmm *vmm, struct vtd_vmm_device *device, uint32_t gpasid,
                      const struct vtd_vmm_entry *entry, uint32_t *hpasid)
{
    *hpasid = 0;
    if (entry->bad)
        return -EINVAL;
    uint32_t got = 0;
    int error = get_pasid(vmm, gpasid, &got);
    if (error)
        return error;
    const struct vtd_drv_gpasid_bind_data data = {
        .argsz = sizeof(data),
        .version = VTD_DRV_GPASID_VERSION,
        .format = VTD_DRV_GPASID_FORMAT_VTD,
        .addr_width = entry->addr_width,
        .flags = vmm->config.guest_pasids ? VTD_DRV_GPASID_FLAG_GPASID : 0,
        .gpgd = entry->gpgd,
        .hpasid = got,
        .gpasid = vmm->config.guest_pasids ? gpasid : 0,
        .vtd = {.flags = entry->flags, .pat = entry->pat},
    };
    error = vtd_drv_sva_bind_gpasid_over(vmm->config.driver, vmm->domain, device->host_sid, &data);
    if (error)
        put_pasid(vmm, got);
    else
        *hpasid = got;
    return error;
}

static void bind(struct vtd_vmm *vmm, struct vtd_vmm_device *device, uint32_t gpasid, const struct vtd_vmm_entry *entry)
{
    uint32_t hpasid;
    int error = bind_entry(vmm, device, gpasid, entry, &hpasid);
    struct vtd_vmm_shadow *s = error ? NULL : make(device, gpasid); /* what is refused costs no memory */
    if (!error && !s) {
        vtd_drv_sva_unbind_gpasid(vmm->config.driver, device->host_sid, hpasid);
        put_pasid(vmm, hpasid);
        error = -ENOMEM;
    }
    if (s)
        *s = (struct vtd_vmm_shadow){.bound = true, .hpasid = hpasid, .entry = *entry};
    vmm->stats.binds += error == 0;
    vmm->stats.refused += error != 0;
    vtd_vmm_tell(vmm, &(struct vtd_vmm_event){.kind = VTD_VMM_BIND,
                                              .guest_sid = device->guest_sid,
                                              .host_sid = device->host_sid,
                                              .gpasid = gpasid,
                                              .hpasid = hpasid,
                                              .gpgd = entry->gpgd,
                                              .addr_width = entry->addr_width,
                                              .result = error});
}

/* ---------------------------------------------------------------- requests without PASID */

/* Back to the machine's memory. */
static void release_rid(struct vtd_vmm *vmm, struct vtd_vmm_device *device)
{
    if (!device->rid_domain)
        return;
    const int error = vtd_drv_replace(vmm->config.driver, device->host_sid, device->rid_pasid, vmm->domain);
    vtd_drv_domain_destroy(device->rid_domain);
    vtd_vmm_groups_forget(vmm, &(struct vtd_vmm_who){.device = device});
    device->rid_domain = NULL;
    vmm->stats.unbinds++;
    vmm->stats.host_errors += error != 0;
    vtd_vmm_tell(vmm, &(struct vtd_vmm_event){.kind = VTD_VMM_UNBIND,
                                              .guest_sid = device->guest_sid,
                                              .host_sid = device->host_sid,
                                              .result = error});
}

static int take_rid(struct vtd_vmm *vmm, struct vtd_vmm_device *device, const struct vtd_vmm_entry *entry)
{
    if (entry->bad)
        return -EINVAL;
    const struct vtd_drv_hwpt_s1 data = {
        .flags = (entry->flags & VTD_DRV_GPASID_VTD_SRE ? VTD_DRV_HWPT_S1_SRE : 0) |
                 (entry->flags & VTD_DRV_GPASID_VTD_EAFE ? VTD_DRV_HWPT_S1_EAFE : 0) |
                 (entry->flags & VTD_DRV_GPASID_VTD_WPE ? VTD_DRV_HWPT_S1_WPE : 0),
        .pgtbl_addr = entry->gpgd,
        .addr_width = entry->addr_width,
    };
    struct vtd_drv_domain *domain;
    int error = vtd_drv_hwpt_s1_alloc(vmm->config.driver, vmm->domain, &data, &domain);
    if (error)
        return error;
    error = vtd_drv_replace(vmm->config.driver, device->host_sid, device->rid_pasid, domain);
    if (error && vtd_drv_domain_destroy(domain) == 0)
        return error;
    device->rid_domain = domain;
    return error;
}

static void sync_rid(struct vtd_vmm *vmm, struct vtd_vmm_device *device)
{
    const struct vtd_vmm_entry entry = vtd_vmm_guest_entry(vmm, device->guest_sid, VTD_DRV_RID_PASID);
    if (same(&entry, &device->rid_entry))
        return;
    release_rid(vmm, device);
    device->rid_entry = entry;
    if (!entry.present || (!entry.first_stage && !entry.bad))
        return;
    const int error = take_rid(vmm, device, &entry);
    vmm->stats.binds += error == 0;
    vmm->stats.refused += error != 0;
    vtd_vmm_tell(vmm, &(struct vtd_vmm_event){.kind = VTD_VMM_BIND,
                                              .guest_sid = device->guest_sid,
                                              .host_sid = device->host_sid,
                                              .gpgd = entry.gpgd,
                                              .addr_width = entry.addr_width,
                                              .result = error});
}

/* ---------------------------------------------------------------- following the guest */

void vtd_vmm_sync_pasid(struct vtd_vmm *vmm, struct vtd_vmm_device *device, uint32_t gpasid)
{
    if (gpasid == VTD_DRV_RID_PASID) {
        sync_rid(vmm, device);
        return;
    }
    const struct vtd_vmm_entry entry = vtd_vmm_guest_entry(vmm, device->guest_sid, gpasid);
    struct vtd_vmm_shadow *s = find(device, gpasid);
    if (s && s->bound && same(&entry, &s->entry))
        return;
    if (s && s->bound)
        unbind(vmm, device, gpasid, s);
    if (entry.present)
        bind(vmm, device, gpasid, &entry);
}

void vtd_vmm_sync_device(struct vtd_vmm *vmm, struct vtd_vmm_device *device)
{
    const struct vtd_vmm_directory directory = vtd_vmm_guest_directory(vmm, device->guest_sid);
    for (uint32_t c = 0; c < VTD_VMM_CHUNKS; c++) {
        if (c != 0 && !device->chunk[c] && !vtd_vmm_directory_has(vmm, &directory, c))
            continue;
        for (uint32_t i = 0; i < VTD_VMM_CHUNK; i++)
            vtd_vmm_sync_pasid(vmm, device, c * VTD_VMM_CHUNK + i);
    }
}

void vtd_vmm_unbind_device(struct vtd_vmm *vmm, struct vtd_vmm_device *device)
{
    for (uint32_t c = 0; c < VTD_VMM_CHUNKS; c++)
        for (uint32_t i = 0; device->chunk[c] && i < VTD_VMM_CHUNK; i++)
            if (device->chunk[c][i].bound)
                unbind(vmm, device, c * VTD_VMM_CHUNK + i, &device->chunk[c][i]);
    release_rid(vmm, device);
}
