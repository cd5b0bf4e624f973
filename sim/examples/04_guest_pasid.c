/* SPDX-License-Identifier: MIT */
/*
 * A process of a guest on a device of the host: the guest's driver works on a virtual unit, and the hypervisor makes the host's
 * unit follow (docs/02_user/guest-pasid.md). First with PASIDs that the host gives, then with the guest's own.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "driver/vtd_driver.h"
#include "vmm/vmm.h"

#define MIB       (UINT64_C(1) << 20)
#define GUEST_SID 0x0008
#define HOST_SID  0x0510
#define GVA       UINT64_C(0x7f0000400000)
#define GPA       UINT64_C(0x2000000)

static int ok(int64_t result, const char *what)
{
    if (result < 0)
        fprintf(stderr, "%s: %s\n", what, strerror((int)-result));
    return result >= 0;
}

static void tell(void *opaque, const struct vtd_vmm_event *e)
{
    (void)opaque;
    switch (e->kind) {
    case VTD_VMM_PASID_ALLOC:
        printf("  hypervisor: virtual command: PASID %u for the guest\n", e->gpasid);
        break;
    case VTD_VMM_PASID_FREE:
        printf("  hypervisor: virtual command: PASID %u is given back\n", e->gpasid);
        break;
    case VTD_VMM_BIND:
        printf("  hypervisor: PASID cache flush: entry of PASID %u, %u bits, root at guest physical 0x%llx\n",
               e->gpasid, e->addr_width, (unsigned long long)e->gpgd);
        printf("  hypervisor: bound on the host: device %04x, PASID %u, nested\n", e->host_sid, e->hpasid);
        break;
    case VTD_VMM_UNBIND:
        printf("  hypervisor: unbound on the host: device %04x, PASID %u\n", e->host_sid, e->hpasid);
        break;
    case VTD_VMM_INVALIDATE:
        printf("  hypervisor: flush passed on: PASID %u, address 0x%llx\n", e->hpasid, (unsigned long long)e->addr);
        break;
    default: /* the machine has no page requests, and nobody asks for faults */
        break;
    }
}

static void dma(struct vtd_machine *machine, uint32_t hpasid)
{
    const struct vtd_request req = {
        .addr = GVA, .sid = HOST_SID, .pasid = hpasid, .flags = VTD_REQ_PASID, .access = VTD_WRITE, .len = 64};
    struct vtd_response resp;
    vtd_translate(machine->unit, &req, &resp);
    if (resp.result == VTD_RESULT_OK)
        printf("device: PASID %u, 0x%llx -> host physical 0x%llx\n", hpasid, (unsigned long long)GVA,
               (unsigned long long)resp.hpa);
    else
        printf("device: PASID %u, 0x%llx is blocked: %s\n", hpasid, (unsigned long long)GVA,
               vtd_fault_description(resp.fault));
}

/* What a kernel in the guest does for a process; it knows nothing of the host. */
static int guest(struct vtd_machine *machine, struct vtd_vmm *vmm, struct vtd_drv *drv)
{
    const struct vtd_drv_domain_spec spec = {.kind = VTD_DRV_FIRST_STAGE, .addr_width = 48};
    struct vtd_drv_domain *process;
    uint32_t pasid, hpasid;
    puts("guest: allocates a PASID, maps a page, attaches");
    if (!ok(vtd_drv_start(drv), "start") || !ok(vtd_drv_domain_create(drv, &spec, &process), "domain") ||
        !ok(vtd_drv_pasid_alloc(drv, &pasid), "PASID") || !ok(vtd_drv_map(process, GVA, GPA, 4096, 3), "map") ||
        !ok(vtd_drv_attach(drv, GUEST_SID, pasid, process), "attach") ||
        !ok(vtd_vmm_host_pasid(vmm, GUEST_SID, pasid, &hpasid), "not bound"))
        return 1;
    dma(machine, hpasid);
    puts("guest: unmaps the page");
    if (!ok(vtd_drv_unmap(process, GVA, 4096), "unmap"))
        return 1;
    dma(machine, hpasid);
    puts("guest: detaches and frees the PASID");
    if (!ok(vtd_drv_detach(drv, GUEST_SID, pasid), "detach") || !ok(vtd_drv_pasid_free(drv, pasid), "free"))
        return 1;
    dma(machine, hpasid);
    return 0;
}

static int run(struct vtd_machine *machine, struct vtd_drv *host, struct vtd_pasid_sets *pasids, bool guest_pasids)
{
    const struct vtd_vmm_config config = {
        .machine = machine,
        .driver = host,
        .pasids = pasids,
        .memory_start = 128 * MIB, /* of the host: the guest's 0 */
        .memory_size = 64 * MIB,
        .frames_start = MIB,
        .frames_end = 16 * MIB,
        .quota = 100,
        .guest_pasids = guest_pasids,
        .event = tell,
    };
    struct vtd_vmm *vmm;
    struct vtd_drv *drv;
    char why[VTD_WHY_SIZE];
    int status = 1;
    printf("\n== %s\n", guest_pasids ? "the guest's own PASIDs" : "identity: PASIDs of the host");
    if (!ok(vtd_vmm_create(&config, &vmm, why), why))
        return 1;
    if (ok(vtd_vmm_assign(vmm, GUEST_SID, HOST_SID), "assign") &&
        ok(vtd_drv_create(vtd_vmm_bus(vmm), NULL, &drv), "guest's driver")) {
        status = guest(machine, vmm, drv);
        vtd_drv_destroy(drv);
    }
    return ok(vtd_vmm_destroy(vmm), "end") ? status : 1;
}

int main(void)
{
    struct vtd_config config;
    struct vtd_machine machine;
    struct vtd_drv *host;
    struct vtd_pasid_sets pasids = {0};
    char why[VTD_WHY_SIZE];
    uint32_t kernel;
    vtd_config_preset(&config, "default");
    if (!ok(vtd_machine_init(&machine, &config, 256 * MIB, 16 * MIB, 128 * MIB, why), why))
        return 1;
    int status = 1;
    if (ok(vtd_pasid_sets_init(&pasids, 20), "PASIDs") && ok(vtd_drv_create(&machine.bus, NULL, &host), "create")) {
        const int own = vtd_pasid_sets_add(&pasids, 10); /* the host has PASIDs of its own, too: 1 to 4 */
        for (unsigned i = 0; i < 4; i++)
            ok(vtd_pasid_sets_alloc(&pasids, own, &kernel), "PASID of the host");
        if (ok(vtd_drv_start(host), "start"))
            status = run(&machine, host, &pasids, false) || run(&machine, host, &pasids, true);
        vtd_drv_destroy(host);
    }
    vtd_pasid_sets_fini(&pasids);
    vtd_machine_fini(&machine);
    return status;
}
