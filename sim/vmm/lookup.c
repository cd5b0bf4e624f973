/* SPDX-License-Identifier: MIT */
/* Who is meant: source-id and PASID of the host to those of the guest, and back (ref 9). */
#include "internal.h"

const struct vtd_vmm_shadow *vtd_vmm_shadow(const struct vtd_vmm_device *device, uint32_t gpasid)
{
    const struct vtd_vmm_shadow *chunk =
        gpasid / VTD_VMM_CHUNK < VTD_VMM_CHUNKS ? device->chunk[gpasid / VTD_VMM_CHUNK] : NULL;
    const struct vtd_vmm_shadow *shadow = chunk ? &chunk[gpasid % VTD_VMM_CHUNK] : NULL;
    return shadow && shadow->bound ? shadow : NULL;
}

/* The device's requests of this PASID (without one: VTD_DRV_RID_PASID) are requests without PASID in the guest. */
static bool is_rid(const struct vtd_vmm_device *device, uint32_t hpasid)
{
    return device->rid_domain && device->rid_pasid == hpasid;
}

bool vtd_vmm_by_host(struct vtd_vmm *vmm, uint16_t host_sid, bool has_pasid, uint32_t hpasid, struct vtd_vmm_who *who)
{
    uint32_t gpasid = VTD_DRV_RID_PASID;
    if (!has_pasid)
        hpasid = VTD_DRV_RID_PASID;
    const bool known = has_pasid && vtd_drv_sva_gpasid(vmm->config.driver, host_sid, hpasid, &gpasid) == 0;
    for (unsigned i = 0; i < VTD_VMM_DEVICES; i++) {
        struct vtd_vmm_device *device = &vmm->device[i];
        if (!device->exists || device->host_sid != host_sid)
            continue;
        const struct vtd_vmm_shadow *shadow = known ? vtd_vmm_shadow(device, gpasid) : NULL;
        const bool bound = shadow && shadow->hpasid == hpasid;
        if (!bound && !is_rid(device, hpasid))
            continue;
        *who = (struct vtd_vmm_who){device, bound, bound ? gpasid : VTD_DRV_RID_PASID, hpasid};
        return true;
    }
    return false;
}

bool vtd_vmm_by_guest(struct vtd_vmm *vmm, uint16_t guest_sid, bool has_pasid, uint32_t gpasid, struct vtd_vmm_who *who)
{
    for (unsigned i = 0; i < VTD_VMM_DEVICES; i++) {
        struct vtd_vmm_device *device = &vmm->device[i];
        if (!device->exists || device->guest_sid != guest_sid)
            continue;
        const struct vtd_vmm_shadow *shadow = has_pasid ? vtd_vmm_shadow(device, gpasid) : NULL;
        if (has_pasid ? !shadow : !device->rid_domain)
            return false;
        *who = (struct vtd_vmm_who){device, has_pasid, gpasid, shadow ? shadow->hpasid : device->rid_pasid};
        return true;
    }
    return false;
}
