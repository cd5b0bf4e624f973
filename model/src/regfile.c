/* SPDX-License-Identifier: MIT */
/* Register storage. See regfile.h. */
#include "regfile.h"

#include <string.h>

enum access {
    RO,
    RW,
    WO,
    RW1C,
    RW1CS,
    ROS,
    RSVDP
};

struct reg_field {
    const char *reg;
    const char *name;
    uint16_t offset;
    uint8_t msb, lsb;
    uint8_t access;
};

static const struct reg_field reg_fields[] = {
#define VTD_REG_FIELD(REG, FIELD, reg_, field_, msb_, lsb_, access_, description)                                      \
    {.reg = #REG, .name = #FIELD, .offset = VTD_REG_##REG, .msb = msb_, .lsb = lsb_, .access = access_},
#include "vtd/defs/registers.def"
};

/* Registers whose place another register tells (mmio.c, perfmon_regs.c keep them), or the revision (vcmd.c). */
static bool is_relocated(const char *reg)
{
    const bool of_counter = strncmp(reg, "PERFCNTR", 8) == 0 && strcmp(reg, "PERFCNTROFF") != 0;
    return strcmp(reg, "IVA") == 0 || strcmp(reg, "IOTLB_REG") == 0 || strncmp(reg, "FRCD", 4) == 0 || of_counter ||
           strncmp(reg, "VC", 2) == 0 || strncmp(reg, "OLD_", 4) == 0;
}

/* Fields that went with a revision (ref 0.1). */
static bool is_gone(const struct vtd *v, const struct reg_field *d)
{
    if (strcmp(d->name, "EIMD") == 0)
        return v->f.revision >= 5;
    return strcmp(d->reg, "AFLOG") == 0 && !v->f.afl;
}

static void allow(uint32_t *mask, const struct reg_field *d)
{
    const uint64_t bits = bits_mask(d->msb, d->lsb);
    mask[d->offset / 4] |= (uint32_t)bits;
    if (bits >> 32)
        mask[d->offset / 4 + 1] |= (uint32_t)(bits >> 32);
}

static void forbid(struct vtd *v, unsigned first, unsigned last)
{
    for (unsigned offset = first; offset <= last; offset += 4)
        v->reg_rw[offset / 4] = v->reg_rw1c[offset / 4] = 0;
}

void vtd_regfile_init(struct vtd *v)
{
    memset(v->reg_rw, 0, sizeof v->reg_rw);
    memset(v->reg_rw1c, 0, sizeof v->reg_rw1c);
    for (size_t i = 0; i < sizeof reg_fields / sizeof reg_fields[0]; i++) {
        const struct reg_field *d = &reg_fields[i];
        if (is_relocated(d->reg) || is_gone(v, d))
            continue;
        if (d->access == RW)
            allow(v->reg_rw, d);
        else if (d->access == RW1C || d->access == RW1CS)
            allow(v->reg_rw1c, d);
    }
    if (!v->f.qi)
        forbid(v, VTD_REG_IQH, VTD_REG_IQERCD + 4);
    if (!v->f.ir)
        forbid(v, VTD_REG_IRTA, VTD_REG_IRTA + 4);
    if (!v->f.eim)
        v->reg_rw[VTD_REG_IRTA / 4] &= ~(uint32_t)vtd_reg_irta_put_eime(1);
    if (!v->f.prs)
        forbid(v, VTD_REG_PQH, VTD_REG_PEUADDR);
    if (!v->f.pms)
        forbid(v, VTD_REG_PERFCAP, VTD_REG_PERFINTRUADDR);
    if (!v->f.ssirws)
        v->reg_rw[VTD_REG_RTADDR / 4] &= ~(uint32_t)vtd_reg_rtaddr_put_ssirwe(1);
    if (!v->f.reg_invalidation)
        forbid(v, VTD_REG_CCMD, VTD_REG_CCMD + 4);
}

void vtd_regfile_reset(struct vtd *v)
{
    memset(v->reg, 0, sizeof v->reg);
    reg_set32(v, VTD_REG_VER, v->cfg.version);
    reg_set64(v, VTD_REG_CAP, v->cfg.cap);
    reg_set64(v, VTD_REG_ECAP, v->cfg.ecap);
    reg_set32(v, VTD_REG_FECTL, (uint32_t)vtd_reg_fectl_put_im(1));
    if (v->f.qi)
        reg_set32(v, VTD_REG_IECTL, (uint32_t)vtd_reg_iectl_put_im(1));
    if (v->f.prs)
        reg_set32(v, VTD_REG_PECTL, (uint32_t)vtd_reg_pectl_put_im(1));
}

uint32_t vtd_regfile_write(struct vtd *v, unsigned offset, uint32_t value)
{
    const unsigned i = offset / 4;
    const uint32_t cleared = v->reg[i] & value & v->reg_rw1c[i];
    v->reg[i] = (v->reg[i] & ~v->reg_rw[i]) | (value & v->reg_rw[i]);
    v->reg[i] &= ~cleared;
    return cleared;
}
