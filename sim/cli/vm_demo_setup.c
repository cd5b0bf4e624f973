/* SPDX-License-Identifier: MIT */
/* What vtdsim vm-demo begins with: a host, a machine with one device, and their drivers. See vm_demo.h. */
#include "vm_demo.h"

#include <errno.h>
#include <string.h>

#define MIB         (UINT64_C(1) << 20)
#define MEMORY_SIZE (256 * MIB)

int vtd_demo_complain(const char *what, int error)
{
    fprintf(stderr, "vtdsim vm-demo: %s: %s\n", what, strerror(error < 0 ? -error : error));
    return -1;
}

static int switch_ats(void *opaque, uint16_t sid, bool on)
{
    return vtd_requester_set_ats(vtd_machine_requester(opaque, sid), on) ? 0 : -EIO;
}

static int switch_pri(void *opaque, uint16_t sid, bool on)
{
    return vtd_requester_set_pri(vtd_machine_requester(opaque, sid), on) ? 0 : -EIO;
}

static enum vtd_drv_page_answer hosts_page_handler(void *arg, const struct vtd_drv_page_request *request)
{
    const struct vtd_demo *d = arg;
    const int answer = vtd_vmm_page_request(d->vmm, request);
    return answer < 0 ? VTD_DRV_PAGE_INVALID : (enum vtd_drv_page_answer)answer;
}

static int start_host(struct vtd_demo *d)
{
    const struct vtd_requester_config device = {
        .sid = VTD_DEMO_HOST_SID, .ats = true, .pri = true, .pasid = true, .device_tlb = {.entries = 16, .ways = 4}};
    const struct vtd_drv_options drv = {.page_requests = true};
    struct vtd_config config;
    char why[VTD_WHY_SIZE] = "";
    uint32_t pasid;
    vtd_config_preset(&config, "default");
    int error = vtd_machine_init(&d->machine, &config, MEMORY_SIZE, 16 * MIB, 64 * MIB, why);
    if (!error)
        error = vtd_machine_add_requester(&d->machine, &device, &d->device, why);
    if (!error)
        error = vtd_pasid_sets_init(&d->pasids, 20);
    if (!error)
        error = vtd_drv_create(&d->machine.bus, &drv, &d->host);
    if (!error)
        error = vtd_drv_start(d->host);
    /* What the driver keeps for the bus of a device that it has seen is not the machine's. */
    if (!error)
        error = vtd_drv_device_add(d->host, VTD_DEMO_HOST_SID, 20);
    if (!error)
        error = vtd_drv_device_remove(d->host, VTD_DEMO_HOST_SID);
    if (error)
        return vtd_demo_complain("the host", error);
    const int own = vtd_pasid_sets_add(&d->pasids, VTD_DEMO_HOSTS_OWN);
    for (unsigned i = 0; i < VTD_DEMO_HOSTS_OWN; i++)
        vtd_pasid_sets_alloc(&d->pasids, own, &pasid);
    vtd_requester_set_ats(d->device, false);
    vtd_requester_set_pri(d->device, false);
    vtd_drv_set_page_handler(d->host, hosts_page_handler, d);
    d->used = d->machine.frames.used;
    return 0;
}

/* The device is the machine's, and its driver in the guest turns everything on that it has. */
static int start_device(struct vtd_demo *d)
{
    const struct vtd_drv_ats_spec hosts = {.ops = {.enable_ats = switch_ats, .enable_pri = switch_pri},
                                           .opaque = &d->machine};
    const struct vtd_drv_ats_spec guests = {0};
    int error = vtd_vmm_assign(d->vmm, VTD_DEMO_GUEST_SID, VTD_DEMO_HOST_SID);
    if (!error)
        error = vtd_drv_ats_enable(d->host, VTD_DEMO_HOST_SID, &hosts);
    if (!error)
        error = vtd_drv_pri_enable(d->host, VTD_DEMO_HOST_SID);
    if (!error)
        error = vtd_drv_device_add(d->guest, VTD_DEMO_GUEST_SID, 20);
    if (!error)
        error = vtd_drv_ats_enable(d->guest, VTD_DEMO_GUEST_SID, &guests);
    if (!error)
        error = vtd_drv_pri_enable(d->guest, VTD_DEMO_GUEST_SID);
    return error ? vtd_demo_complain("the device", error) : 0;
}

static int start_guest(struct vtd_demo *d)
{
    const struct vtd_vmm_config config = {
        .machine = &d->machine,
        .driver = d->host,
        .pasids = &d->pasids,
        .memory_start = d->base,
        .memory_size = VTD_DEMO_GUEST_SIZE,
        .frames_start = MIB,
        .frames_end = 16 * MIB,
        .quota = 100,
        .guest_pasids = d->guest_pasids,
        .page_requests = true,
        .event = vtd_demo_event,
        .opaque = d,
    };
    const struct vtd_drv_options drv = {.page_requests = true};
    char why[VTD_WHY_SIZE] = "";
    int error = vtd_vmm_create(&config, &d->vmm, why);
    if (!error)
        error = vtd_drv_create(vtd_demo_watch_bus(d), &drv, &d->guest);
    if (!error)
        error = vtd_drv_start(d->guest);
    return error ? vtd_demo_complain("the guest", error) : start_device(d);
}

int vtd_demo_start(struct vtd_demo *d)
{
    return start_host(d) != 0 || start_guest(d) != 0 ? -1 : 0;
}

void vtd_demo_fini(struct vtd_demo *d)
{
    vtd_drv_destroy(d->guest);
    vtd_vmm_destroy(d->vmm);
    vtd_drv_destroy(d->host);
    vtd_pasid_sets_fini(&d->pasids);
    vtd_machine_fini(&d->machine);
    vtd_explain_free(&d->x);
    json_decref(d->steps);
}
