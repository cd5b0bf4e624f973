/* SPDX-License-Identifier: MIT */
/*
 * The driver over the model: a device does DMA for the kernel (without PASID, second stage) and for two processes
 * (each with a PASID, first stage); then one process loses a page, and the driver reports the fault.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "driver/vtd_driver.h"
#include "platform/model_bus.h"

#define SID 0x0510
#define RW  (VTD_DRV_READ | VTD_DRV_WRITE)

/* Stops the example when a call of the driver fails. */
static int ok(int64_t result, const char *what)
{
    if (result < 0)
        fprintf(stderr, "%s: %s\n", what, strerror((int)-result));
    return result >= 0;
}

static void dma(struct vtd *unit, uint32_t pasid, uint64_t iova)
{
    const struct vtd_request req = {
        .addr = iova, .sid = SID, .pasid = pasid, .flags = pasid ? VTD_REQ_PASID : 0, .access = VTD_WRITE, .len = 64};
    struct vtd_response resp;
    vtd_translate(unit, &req, &resp);
    if (resp.result == VTD_RESULT_OK)
        printf("PASID %u: 0x%llx -> 0x%llx\n", pasid, (unsigned long long)iova, (unsigned long long)resp.hpa);
    else
        printf("PASID %u: 0x%llx is blocked\n", pasid, (unsigned long long)iova);
}

static void print_fault(void *arg, const struct vtd_drv_fault *fault)
{
    (void)arg;
    printf("fault: device %04x, PASID %u, page 0x%llx: %s\n", fault->sid, fault->pasid, (unsigned long long)fault->addr,
           vtd_fault_description(fault->reason));
}

static int run(struct vtd_machine *machine, struct vtd_drv *drv)
{
    const struct vtd_drv_domain_spec kernel_spec = {.kind = VTD_DRV_SECOND_STAGE, .addr_width = 48};
    const struct vtd_drv_domain_spec process_spec = {.kind = VTD_DRV_FIRST_STAGE, .addr_width = 57};
    struct vtd_drv_domain *kernel, *process[2];
    uint32_t pasid[2];
    if (!ok(vtd_drv_start(drv), "start") || !ok(vtd_drv_domain_create(drv, &kernel_spec, &kernel), "domain") ||
        !ok(vtd_drv_attach(drv, SID, VTD_DRV_RID_PASID, kernel), "attach") ||
        !ok(vtd_drv_map(kernel, 0x10000, 0x200000, 0x10000, RW), "map"))
        return 1;
    for (unsigned i = 0; i < 2; i++) {
        if (!ok(vtd_drv_domain_create(drv, &process_spec, &process[i]), "domain") ||
            !ok(vtd_drv_pasid_alloc(drv, &pasid[i]), "PASID") ||
            !ok(vtd_drv_attach(drv, SID, pasid[i], process[i]), "attach") ||
            !ok(vtd_drv_map(process[i], 0x7f0000000000, (i + 1) * 0x40000000ull, 0x40000000, RW), "map"))
            return 1;
    }
    dma(machine->unit, VTD_DRV_RID_PASID, 0x12340);
    dma(machine->unit, pasid[0], 0x7f0000001000);
    dma(machine->unit, pasid[1], 0x7f0000001000);
    if (!ok(vtd_drv_unmap(process[1], 0x7f0000001000, 0x1000), "unmap")) /* splits the 1 GiB page */
        return 1;
    dma(machine->unit, pasid[1], 0x7f0000001000);
    dma(machine->unit, pasid[1], 0x7f0000002000);
    printf("%d fault\n", vtd_drv_handle_faults(drv, print_fault, NULL, NULL));
    return 0;
}

int main(void)
{
    struct vtd_config config;
    vtd_config_preset(&config, "default");
    struct vtd_machine machine;
    struct vtd_drv *drv;
    char why[VTD_WHY_SIZE];
    /* 4 GiB of memory, of which the driver may use the second GiB for its tables. */
    if (vtd_machine_init(&machine, &config, UINT64_C(4) << 30, UINT64_C(1) << 30, UINT64_C(2) << 30, why) != 0) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    int status = 1;
    if (ok(vtd_drv_create(&machine.bus, NULL, &drv), "create")) {
        status = run(&machine, drv);
        vtd_drv_destroy(drv);
    }
    vtd_machine_fini(&machine);
    return status;
}
