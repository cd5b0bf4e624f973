/* SPDX-License-Identifier: MIT */
/* Reserved masks, derived: a bit is reserved unless a field of the .def files names it. See layout.h; ref 2, 3.1. */
#include "layout.h"

#include <stddef.h>
#include <string.h>

/* The KINDs of the .def files. */
enum kind {
    USED,
    IGNORED,
    ADDR,
    DT,
    PASID,
    PRS,
    HPTS,
    PTRS,
    RPS,
    RPRIVS,
    SSADS,
    SMPWCS,
    SC,
    MTS,
    SRS,
    EAFS,
    DIT,
    PDS,
    ERS,
    MTS3, /* revision 3 with MTS */
    REV3
};

enum layout {
#define VTD_STRUCT(NAME, name, qwords, description) LAYOUT_##NAME,
#include "vtd/defs/structures.def"
#define VTD_DESC(NAME, name, type, qwords, description) LAYOUT_##NAME,
#include "vtd/defs/descriptors.def"
};

struct field {
    uint8_t layout;
    uint8_t kind;
    uint16_t msb, lsb;
};

static const struct field fields[] = {
#define ROW_(STRUCT, FIELD, struct_, field_, msb_, lsb_, kind_, description)                                           \
    {.layout = LAYOUT_##STRUCT, .kind = kind_, .msb = msb_, .lsb = lsb_},
#define VTD_FIELD ROW_
#include "vtd/defs/structures.def"
#define VTD_DESC_FIELD ROW_
#include "vtd/defs/descriptors.def"
};

/* Does this unit have a field of that kind at all? */
static bool has(enum kind kind, const struct features *f)
{
    switch (kind) {
    case USED:
    case IGNORED:
    case ADDR:
        return true;
    case DT:
        return f->dt;
    case PASID:
        return f->pasid;
    case PRS:
        return f->prs;
    case HPTS:
        return f->hpts;
    case PTRS:
        return f->ptrs;
    case RPS:
        return f->rps;
    case RPRIVS:
        return f->rprivs;
    case SSADS:
        return f->ssads;
    case SMPWCS:
        return f->smpwcs;
    case SC:
        return f->sc;
    case MTS:
        return f->mts;
    case SRS:
        return f->srs;
    case EAFS:
        return f->eafs;
    case DIT:
        return f->dit;
    case PDS:
        return f->pds;
    case ERS:
        return f->ers;
    case MTS3:
        return f->mts && f->revision == 3;
    case REV3:
        return f->revision == 3;
    }
    return false;
}

static void derive(uint64_t *mask, unsigned qwords, enum layout layout, const struct features *f, unsigned haw)
{
    for (unsigned i = 0; i < qwords; i++)
        mask[i] = ~0ull;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const struct field *d = &fields[i];
        if (d->layout != layout || !has(d->kind, f))
            continue;
        unsigned msb = d->msb % 64;
        if (d->kind == ADDR && msb >= haw)
            msb = haw - 1;
        mask[d->lsb / 64] &= ~bits_mask(msb, d->lsb % 64);
    }
}

/* First-stage entries: the level's own rules on top of the common layout (ref 2.6). */
static void derive_fs(struct reserved *r, const struct features *f)
{
    for (unsigned level = 1; level <= 5; level++)
        r->fs[0][level] = r->fs[1][level] = 0;
    r->fs[0][5] = r->fs[1][5] = r->fs[0][4] = r->fs[1][4] = bits_mask(VTD_FS_ENTRY_PS_LSB, VTD_FS_ENTRY_PS_LSB);
    r->fs[1][3] = f->fs1gp ? bits_mask(29, 13) : bits_mask(VTD_FS_ENTRY_PS_LSB, VTD_FS_ENTRY_PS_LSB);
    r->fs[1][2] = bits_mask(20, 13);
}

/* Second-stage entries (ref 2.7). SSIRWE decides at run time whether bit 62 is reserved. */
static void derive_ss(struct reserved *r, const struct features *f)
{
    const uint64_t ps = bits_mask(VTD_SS_ENTRY_PS_LSB, VTD_SS_ENTRY_PS_LSB);
    const uint64_t snp = bits_mask(VTD_SS_ENTRY_SNP_LSB, VTD_SS_ENTRY_SNP_LSB);
    for (unsigned level = 1; level <= 5; level++) {
        r->ss[0][level] = snp;
        r->ss[1][level] = f->sc ? 0 : snp;
    }
    r->ss[0][5] |= ps;
    r->ss[0][4] |= ps;
    r->ss[1][5] |= ps;
    r->ss[1][4] |= ps;
    r->ss[1][3] |= (f->sslps & 2) ? bits_mask(29, 12) : ps;
    r->ss[1][2] |= (f->sslps & 1) ? bits_mask(20, 12) : ps;
}

void vtd_layout_init(struct reserved *r, const struct features *f, unsigned haw)
{
    memset(r, 0, sizeof *r);
#define VTD_DERIVE(NAME, name) derive(r->name, VTD_##NAME##_QWORDS, LAYOUT_##NAME, f, haw);
    VTD_DERIVE(LEGACY_ROOT, legacy_root)
    VTD_DERIVE(LEGACY_CONTEXT, legacy_context)
    VTD_DERIVE(SM_ROOT, sm_root)
    VTD_DERIVE(SM_CONTEXT, sm_context)
    VTD_DERIVE(PASID_DIR, pasid_dir)
    VTD_DERIVE(PASID_ENTRY, pasid_entry)
    VTD_DERIVE(IRTE, irte)
    VTD_DERIVE(IRTE_POSTED, irte_posted)
    VTD_DERIVE(PI_DESC, pi_desc)
    VTD_DERIVE(CC_INV, cc_inv)
    VTD_DERIVE(IOTLB_INV, iotlb_inv)
    VTD_DERIVE(DEV_TLB_INV, dev_tlb_inv)
    VTD_DERIVE(IEC_INV, iec_inv)
    VTD_DERIVE(INV_WAIT, inv_wait)
    VTD_DERIVE(P_IOTLB_INV, p_iotlb_inv)
    VTD_DERIVE(PC_INV, pc_inv)
    VTD_DERIVE(P_DEV_TLB_INV, p_dev_tlb_inv)
    VTD_DERIVE(PG_RESP, pg_resp)
#undef VTD_DERIVE
    /* Bits of a domain-id above CAP.ND are reserved (ref 2.5, 10.4). */
    r->pasid_entry[1] |= bits_mask(15, 0) & ~(uint64_t)f->did_mask;
    r->paging_address = haw < 52 ? bits_mask(51, haw) : 0;
    derive_fs(r, f);
    derive_ss(r, f);
}
