/* SPDX-License-Identifier: MIT */
/* Machines: their life and their devices. See vmm.h. */
#include "internal.h"

#include "vtd/vtd_regs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PASID_BITS = 20, /* what a bind asks of a device (ref 9) */
};

static int explain(char *why, int error, const char *text)
{
    if (why)
        snprintf(why, VTD_WHY_SIZE, "%s", text);
    return error;
}

static int check(const struct vtd_vmm_config *c, char *why)
{
    struct vtd_drv_info info;
    vtd_drv_get_info(c->driver, &info);
    if (c->memory_size == 0 || (c->memory_start | c->memory_size) % 4096 != 0 ||
        !vtd_memory_has(&c->machine->memory, c->memory_start, c->memory_size))
        return explain(why, -EINVAL, "the guest's memory is not whole pages of the host's");
    if (c->memory_size > UINT64_C(1) << VTD_VMM_MEMORY_WIDTH || c->frames_start > c->frames_end ||
        c->frames_end > c->memory_size)
        return explain(why, -EINVAL, "the guest's page frames are not in its memory");
    if (info.legacy || !vtd_reg_ecap_nest(info.ecap) || info.pasid_bits != PASID_BITS)
        return explain(why, -EINVAL, "the host's unit has no nested translation or not all 20 bits of PASID");
    if (c->page_requests && !info.page_requests)
        return explain(why, -EINVAL, "the host's driver has no page requests");
    return 0;
}

/* The second stage: the guest's memory lies in one piece. */
static int make_domain(struct vtd_vmm *vmm, char *why)
{
    const struct vtd_drv_domain_spec spec = {.kind = VTD_DRV_SECOND_STAGE, .addr_width = VTD_VMM_MEMORY_WIDTH};
    int error = vtd_drv_domain_create(vmm->config.driver, &spec, &vmm->domain);
    if (!error)
        error = vtd_drv_map(vmm->domain, 0, vmm->config.memory_start, vmm->config.memory_size,
                            VTD_DRV_READ | VTD_DRV_WRITE);
    return error ? explain(why, error, "the host's driver cannot map the guest's memory") : 0;
}

int vtd_vmm_create(const struct vtd_vmm_config *config, struct vtd_vmm **vmm, char *why)
{
    *vmm = NULL;
    int error = check(config, why);
    if (error)
        return error;
    struct vtd_vmm *v = calloc(1, sizeof(*v));
    if (!v)
        return explain(why, -ENOMEM, "out of memory");
    v->config = *config;
    v->memory = (struct vtd_memory){config->machine->memory.base + config->memory_start, config->memory_size};
    vtd_frames_init(&v->frames, &v->memory, config->frames_start, config->frames_end);
    v->set = vtd_pasid_sets_add(config->pasids, config->quota);
    if (v->set < 0)
        error = explain(why, v->set, "the host has no more sets of PASIDs");
    if (!error && vtd_vmm_groups_init(v) != 0)
        error = explain(why, -ENOMEM, "out of memory");
    if (!error)
        error = make_domain(v, why);
    if (!error)
        error = vtd_vmm_unit_init(v, why);
    if (error)
        vtd_vmm_destroy(v);
    else
        *vmm = v;
    return error;
}

/* ---------------------------------------------------------------- devices */

static struct vtd_vmm_device *find(const struct vtd_vmm *vmm, uint16_t guest_sid)
{
    for (unsigned i = 0; i < VTD_VMM_DEVICES; i++)
        if (vmm->device[i].exists && vmm->device[i].guest_sid == guest_sid)
            return (struct vtd_vmm_device *)&vmm->device[i];
    return NULL;
}

static struct vtd_vmm_device *free_slot(struct vtd_vmm *vmm)
{
    for (unsigned i = 0; i < VTD_VMM_DEVICES; i++)
        if (!vmm->device[i].exists)
            return &vmm->device[i];
    return NULL;
}

/* The host's PASID for what has none in the guest: nobody can free it until put_rid. */
static int get_rid(struct vtd_vmm *vmm, bool part, uint32_t *rid_pasid)
{
    *rid_pasid = VTD_DRV_RID_PASID;
    const int error = part ? vtd_pasid_sets_alloc(vmm->config.pasids, vmm->set, rid_pasid) : 0;
    return error || !part ? error : vtd_pasid_sets_get(vmm->config.pasids, vmm->set, *rid_pasid);
}

static void put_rid(struct vtd_vmm *vmm, uint32_t rid_pasid)
{
    if (rid_pasid == VTD_DRV_RID_PASID)
        return;
    vtd_pasid_sets_put(vmm->config.pasids, vmm->set, rid_pasid);
    vtd_pasid_sets_free(vmm->config.pasids, vmm->set, rid_pasid);
}

static int attach_memory(struct vtd_vmm *vmm, uint16_t host_sid, bool part, uint32_t *rid_pasid)
{
    int error = vtd_drv_device_add(vmm->config.driver, host_sid, PASID_BITS);
    if (error && error != -EBUSY)
        return error;
    error = get_rid(vmm, part, rid_pasid);
    if (error)
        return error;
    error = vtd_drv_attach(vmm->config.driver, host_sid, *rid_pasid, vmm->domain);
    if (error)
        put_rid(vmm, *rid_pasid);
    return error;
}

static int assign(struct vtd_vmm *vmm, uint16_t guest_sid, uint16_t host_sid, bool part)
{
    struct vtd_vmm_device *device = free_slot(vmm);
    uint32_t rid_pasid;
    if (find(vmm, guest_sid))
        return -EBUSY;
    if (!device)
        return -ENOSPC;
    const int error = attach_memory(vmm, host_sid, part, &rid_pasid);
    if (error)
        return error;
    *device = (struct vtd_vmm_device){
        .exists = true,
        .guest_sid = guest_sid,
        .host_sid = host_sid,
        .rid_pasid = rid_pasid,
        .chunk = calloc(VTD_VMM_CHUNKS, sizeof(*device->chunk)),
    };
    if (!device->chunk) {
        device->exists = false;
        vtd_drv_detach(vmm->config.driver, host_sid, rid_pasid);
        put_rid(vmm, rid_pasid);
        return -ENOMEM;
    }
    vtd_vmm_sync_device(vmm, device);
    return 0;
}

int vtd_vmm_assign(struct vtd_vmm *vmm, uint16_t guest_sid, uint16_t host_sid)
{
    return assign(vmm, guest_sid, host_sid, false);
}

int vtd_vmm_assign_part(struct vtd_vmm *vmm, uint16_t guest_sid, uint16_t host_sid, uint32_t *rid_pasid)
{
    const int error = assign(vmm, guest_sid, host_sid, true);
    if (!error && rid_pasid)
        *rid_pasid = find(vmm, guest_sid)->rid_pasid;
    return error;
}

static int take_away(struct vtd_vmm *vmm, struct vtd_vmm_device *device)
{
    vtd_vmm_unbind_device(vmm, device);
    if (device->rid_pasid != VTD_DRV_RID_PASID)
        vtd_vmm_composed_drop(vmm, device, device->rid_pasid);
    const int error = vtd_drv_detach(vmm->config.driver, device->host_sid, device->rid_pasid);
    put_rid(vmm, device->rid_pasid);
    for (unsigned c = 0; c < VTD_VMM_CHUNKS; c++)
        free(device->chunk[c]);
    free(device->chunk);
    *device = (struct vtd_vmm_device){0};
    return error;
}

int vtd_vmm_remove(struct vtd_vmm *vmm, uint16_t guest_sid)
{
    struct vtd_vmm_device *device = find(vmm, guest_sid);
    return device ? take_away(vmm, device) : -ENOENT;
}

int vtd_vmm_destroy(struct vtd_vmm *vmm)
{
    int error = 0;
    if (!vmm)
        return 0;
    for (unsigned i = 0; i < VTD_VMM_DEVICES; i++) {
        const int one = vmm->device[i].exists ? take_away(vmm, &vmm->device[i]) : 0;
        error = error ? error : one;
    }
    if (vmm->set >= 0)
        vtd_pasid_sets_remove(vmm->config.pasids, vmm->set);
    vtd_vmm_groups_fini(vmm);
    const int last = vtd_drv_domain_destroy(vmm->domain);
    vtd_destroy(vmm->unit);
    free(vmm);
    return error ? error : last;
}

/* ---------------------------------------------------------------- views */

const struct vtd_bus *vtd_vmm_bus(const struct vtd_vmm *vmm)
{
    return &vmm->bus;
}

struct vtd *vtd_vmm_unit(const struct vtd_vmm *vmm)
{
    return vmm->unit;
}

int vtd_vmm_host_pasid(const struct vtd_vmm *vmm, uint16_t guest_sid, uint32_t gpasid, uint32_t *hpasid)
{
    const struct vtd_vmm_device *device = find(vmm, guest_sid);
    const struct vtd_vmm_shadow *shadow = device && gpasid != VTD_DRV_RID_PASID ? vtd_vmm_shadow(device, gpasid) : NULL;
    if (!shadow)
        return -ENOENT;
    *hpasid = shadow->hpasid;
    return 0;
}

const struct vtd_vmm_stats *vtd_vmm_stats_get(const struct vtd_vmm *vmm)
{
    return &vmm->stats;
}
