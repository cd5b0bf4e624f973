/* SPDX-License-Identifier: MIT */
/* Protected memory regions. See protected.h. */
#include "protected.h"

/* Software finds the boundary by writing ones (ref 1.11): it is 2 MiB, that of the fields in registers.def. */
#define BOUNDARY ((uint64_t)1 << VTD_PLMBASE_PLMB_LSB)

static void forbid(struct vtd *v, unsigned first, unsigned last)
{
    for (unsigned offset = first; offset <= last; offset += 4)
        v->reg_rw[offset / 4] = 0;
}

void vtd_protected_init(struct vtd *v)
{
    if (!v->f.plmr)
        forbid(v, VTD_REG_PLMBASE, VTD_REG_PLMLIMIT);
    if (!v->f.phmr)
        forbid(v, VTD_REG_PHMBASE, VTD_REG_PHMLIMIT + 4);
    if (!v->f.plmr && !v->f.phmr)
        forbid(v, VTD_REG_PMEN, VTD_REG_PMEN);
}

bool vtd_protected_register(unsigned offset)
{
    return offset >= VTD_REG_PMEN && offset <= VTD_REG_PHMLIMIT + 4;
}

static struct protected_region region(bool on, uint64_t base, uint64_t limit)
{
    struct protected_region r = {0};
    limit |= BOUNDARY - 1;
    if (on && base <= limit) {
        r.base = base;
        r.bytes = limit - base + 1;
        if (r.bytes == 0) /* all 2^64 bytes: the last one does not matter, requests never begin there */
            r.bytes = ~(uint64_t)0;
    }
    return r;
}

void vtd_protected_update(struct vtd *v)
{
    const bool on = vtd_reg_pmen_epm(reg_get32(v, VTD_REG_PMEN));
    reg_set32(v, VTD_REG_PMEN, (uint32_t)(vtd_reg_pmen_put_epm(on) | vtd_reg_pmen_put_prs(on)));
    v->pmr[0] = region(on && v->f.plmr, reg_get32(v, VTD_REG_PLMBASE), reg_get32(v, VTD_REG_PLMLIMIT));
    v->pmr[1] = region(on && v->f.phmr, reg_get64(v, VTD_REG_PHMBASE), reg_get64(v, VTD_REG_PHMLIMIT));
}
