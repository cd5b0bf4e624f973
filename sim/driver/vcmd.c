/* SPDX-License-Identifier: MIT */
/*
 * Virtual commands (ref 1.14, 9): in a virtual machine whose PASIDs are the host's, the hypervisor behind the unit
 * hands them out.
 */
#include "internal.h"

#include <errno.h>

enum {
    COMMAND_ALLOC = 1,
    COMMAND_FREE = 2,
    STATUS_SUCCESS = 0,
};

/* The registers lie as the specification has them now or as before revision 3.3 (ref 0.1); only one of both is there. */
void vtd_drv_vcmd_probe(struct vtd_drv *drv)
{
    const struct vtd_bus *bus = &drv->bus;
    drv->vcmd = (struct vtd_drv_vcmd){0};
    if (!vtd_reg_ecap_vcs(drv->ecap))
        return;
    /* Bit 0, not PAS, is what Linux looks at (ref 1.14). */
    if (vtd_reg_vccap_ns(bus->read64(bus->opaque, VTD_REG_VCCAP)))
        drv->vcmd = (struct vtd_drv_vcmd){
            .command = VTD_REG_VCMD, .response = VTD_REG_VCRSP, .shift = VTD_VCMD_OA_LSB, .status_mask = 0x7f};
    else if (vtd_reg_old_vccap_pas(bus->read64(bus->opaque, VTD_REG_VCMD + VTD_REG_OLD_VCCAP)))
        drv->vcmd = (struct vtd_drv_vcmd){.command = VTD_REG_VCMD + VTD_REG_OLD_VCMD,
                                          .response = VTD_REG_VCMD + VTD_REG_OLD_VCRSP,
                                          .shift = VTD_OLD_VCMD_OP_LSB,
                                          .status_mask = 3};
}

bool vtd_drv_vcmd_present(const struct vtd_drv *drv)
{
    return drv->vcmd.command != 0;
}

/* Runs a command and waits for its end. Returns its status code or a negative errno. */
static int run(struct vtd_drv *drv, unsigned command, uint32_t operand, uint32_t *result)
{
    const struct vtd_bus *bus = &drv->bus;
    const struct vtd_drv_vcmd *c = &drv->vcmd;
    bus->write64(bus->opaque, c->command, (uint64_t)operand << c->shift | command);
    for (uint32_t turn = 0; turn <= drv->options.poll_limit; turn++) {
        const uint64_t response = bus->read64(bus->opaque, c->response);
        if (!vtd_reg_vcrsp_ip(response)) {
            *result = (uint32_t)(response >> c->shift) & 0xfffff;
            return (int)(response >> VTD_VCRSP_SC_LSB & c->status_mask);
        }
        if (bus->relax)
            bus->relax(bus->opaque);
    }
    return -ETIMEDOUT;
}

int vtd_drv_vcmd_alloc(struct vtd_drv *drv, uint32_t *pasid)
{
    const int status = run(drv, COMMAND_ALLOC, 0, pasid);
    const int none = drv->vcmd.status_mask == 3 ? 2 : 16; /* status 16 does not fit into the old register */
    if (status == STATUS_SUCCESS)
        return 0;
    return status < 0 ? status : status == none ? -ENOSPC : -EIO;
}

int vtd_drv_vcmd_free(struct vtd_drv *drv, uint32_t pasid)
{
    uint32_t ignored;
    const int status = run(drv, COMMAND_FREE, pasid, &ignored);
    return status > 0 ? -EIO : status;
}
