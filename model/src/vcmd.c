/* SPDX-License-Identifier: MIT */
/* The virtual command interface. See vcmd.h. */
#include "vcmd.h"

#define PASID_MASK 0xfffffu

/* Where the registers are and where operand and result begin (ref 0.1, 1.14). */
struct vcmd_layout {
    uint16_t command, operand_b, response, capabilities; /* offsets; operand_b 0: there is none */
    uint8_t shift;                                       /* of operand A and of the result */
    uint8_t status_mask;
};

static const struct vcmd_layout current_layout = {
    .command = VTD_REG_VCMD,
    .operand_b = VTD_REG_VCMD_EO,
    .response = VTD_REG_VCRSP,
    .capabilities = VTD_REG_VCCAP,
    .shift = VTD_VCMD_OA_LSB,
    .status_mask = 0x7f,
};

/* Before revision 3.3. */
static const struct vcmd_layout old_layout = {
    .command = VTD_REG_VCMD + VTD_REG_OLD_VCMD,
    .response = VTD_REG_VCMD + VTD_REG_OLD_VCRSP,
    .capabilities = VTD_REG_VCMD + VTD_REG_OLD_VCCAP,
    .shift = VTD_OLD_VCMD_OP_LSB,
    .status_mask = 3,
};

static const struct vcmd_layout *layout_of(const struct vtd *v)
{
    return v->f.vcs_old ? &old_layout : &current_layout;
}

/* The status in the response register: the old layout has no room for 16 and says 2 (its specification, and Linux). */
static unsigned status_code(const struct vcmd_layout *l, unsigned status)
{
    return status & ~(unsigned)l->status_mask ? 2 & l->status_mask : status;
}

/* Runs a command: the null command and unknown ones are answered here. */
static unsigned run(struct vtd *v, unsigned command, uint64_t operand_a, uint64_t operand_b, uint64_t *result)
{
    if (command == VTD_VCMD_NULL)
        return VTD_VCMD_SUCCESS;
    if (command != VTD_VCMD_ALLOC_PASID && command != VTD_VCMD_FREE_PASID)
        return VTD_VCMD_UNDEFINED;
    if (!v->host.virtual_command)
        return command == VTD_VCMD_ALLOC_PASID ? VTD_VCMD_NO_PASID : VTD_VCMD_INVALID_PASID;
    const unsigned status = v->host.virtual_command(v->host.opaque, command, operand_a & PASID_MASK, operand_b, result);
    if (status != VTD_VCMD_SUCCESS || command != VTD_VCMD_ALLOC_PASID)
        *result = 0;
    return status;
}

static void start(struct vtd *v, const struct vcmd_layout *l)
{
    const uint64_t vcmd = reg_get64(v, l->command);
    const uint64_t operand_b = l->operand_b ? reg_get64(v, l->operand_b) : 0;
    uint64_t result = 0;
    reg_set64(v, l->response, vtd_reg_vcrsp_put_ip(1));
    const unsigned status = run(v, (unsigned)vtd_reg_vcmd_cmd(vcmd), vcmd >> l->shift, operand_b, &result);
    reg_set64(v, l->response, (uint64_t)status_code(l, status) << VTD_VCRSP_SC_LSB | (result & PASID_MASK) << l->shift);
}

void vtd_vcmd_reset(struct vtd *v)
{
    if (v->f.vcs)
        reg_set64(v, layout_of(v)->capabilities,
                  vtd_reg_vccap_put_ns(1) | vtd_reg_vccap_put_pas(1) | vtd_reg_vccap_put_fps(1));
}

bool vtd_vcmd_starts(const struct vtd *v, uint64_t offset)
{
    return v->f.vcs && offset == layout_of(v)->command;
}

void vtd_vcmd_write(struct vtd *v, unsigned offset, uint32_t value)
{
    const struct vcmd_layout *l = layout_of(v);
    if (!v->f.vcs || vtd_reg_vcrsp_ip(reg_get64(v, l->response)))
        return;
    const unsigned qword = offset & ~7u;
    if (l->operand_b && qword == l->operand_b) {
        reg_set32(v, offset, value);
        return;
    }
    if (qword != l->command)
        return;
    const uint64_t writable = vtd_reg_vcmd_put_cmd(~0ull) | ~0ull << l->shift;
    reg_set32(v, offset, value & (uint32_t)(offset == qword ? writable : writable >> 32));
    if (offset == qword)
        start(v, l);
}
