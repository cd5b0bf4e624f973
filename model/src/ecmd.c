/* SPDX-License-Identifier: MIT */
/* Enhanced commands. See ecmd.h. */
#include "ecmd.h"

#include "perfmon.h"

/* The commands of the performance monitor, all of which it has (ECCAP3). */
static uint64_t commands_192_to_255(const struct vtd *v)
{
    if (!v->f.pms)
        return 0;
    return vtd_reg_eccap3_put_ecnts(1) | vtd_reg_eccap3_put_dcnts(1) | vtd_reg_eccap3_put_rcfgs(1) |
           vtd_reg_eccap3_put_rcnts(1) | vtd_reg_eccap3_put_fcnts(1) | vtd_reg_eccap3_put_ufcnts(1);
}

void vtd_ecmd_reset(struct vtd *v)
{
    v->ecmd_high = 0;
    if (v->f.ecmds)
        reg_set64(v, VTD_REG_ECCAP3, commands_192_to_255(v));
}

/* Runs a command; returns the status code. Only commands that ECCAP names come here. */
static uint64_t run(struct vtd *v, uint64_t command, uint64_t operand)
{
    switch (command) {
    case VTD_ECMD_ENABLE_COUNTER:
        return vtd_perfmon_enable(v, operand) ? VTD_ECRSP_OK : VTD_ECRSP_REFUSED;
    case VTD_ECMD_DISABLE_COUNTER:
        return vtd_perfmon_disable(v, operand) ? VTD_ECRSP_OK : VTD_ECRSP_REFUSED;
    case VTD_ECMD_RESET_CONFIG:
        vtd_perfmon_reset_config(v);
        return VTD_ECRSP_OK;
    case VTD_ECMD_RESET_VALUES:
        vtd_perfmon_reset_values(v);
        return VTD_ECRSP_OK;
    case VTD_ECMD_FREEZE:
        vtd_perfmon_freeze(v, true);
        return VTD_ECRSP_OK;
    case VTD_ECMD_UNFREEZE:
        vtd_perfmon_freeze(v, false);
        return VTD_ECRSP_OK;
    default:
        return VTD_ECRSP_UNDEFINED;
    }
}

/* IP is 1 only while a command runs, and that is over when the write returns: no write can find it set. */
static void command(struct vtd *v, uint64_t ecmd)
{
    const uint64_t cmd = vtd_reg_ecmd_cmd(ecmd);
    const bool known = reg_get64(v, VTD_REG_ECCAP0 + 8 * (unsigned)(cmd / 64)) >> cmd % 64 & 1;
    const uint64_t sc = known ? run(v, cmd, vtd_reg_ecmd_oa(ecmd)) : VTD_ECRSP_UNDEFINED;
    reg_set64(v, VTD_REG_ECRSP, vtd_reg_ecrsp_put_sc(sc));
}

void vtd_ecmd_write(struct vtd *v, unsigned offset, uint32_t value)
{
    if (!v->f.ecmds)
        return;
    if (offset == VTD_REG_ECMD)
        command(v, (uint64_t)v->ecmd_high << 32 | value);
    else
        v->ecmd_high = value;
}
