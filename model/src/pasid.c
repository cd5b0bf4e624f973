/* SPDX-License-Identifier: MIT */
/* PASID directory and PASID table. See pasid.h. */
#include "pasid.h"

#include "lookup.h"
#include "mem.h"

/* SPD.1 to SPD.3. *fpd is latched also from an entry that is not present (ref 2). */
static uint8_t directory_fetch(struct vtd *v, const struct context *c, uint32_t pasid, uint64_t *table, bool *fpd)
{
    uint64_t q;
    if (!mem_read_table(v, c->table + (uint64_t)(pasid >> 6) * VTD_PASID_DIR_BYTES, &q, 1, VTD_MEM_PASID_DIR))
        return VTD_FAULT_SPD_1;
    *fpd |= vtd_pasid_dir_fpd(&q);
    if (!vtd_pasid_dir_p(&q))
        return VTD_FAULT_SPD_2;
    if (q & v->rsvd.pasid_dir[0])
        return VTD_FAULT_SPD_3;
    *table = vtd_pasid_dir_smptblptr(&q) << 12;
    return VTD_FAULT_NONE;
}

static bool pgtt_supported(const struct features *f, uint64_t pgtt)
{
    switch (pgtt) {
    case VTD_PGTT_FIRST_STAGE:
        return f->fsts;
    case VTD_PGTT_SECOND_STAGE:
        return f->ssts;
    case VTD_PGTT_NESTED:
        return f->nest;
    case VTD_PGTT_PASS_THROUGH:
        return f->pt;
    default:
        return false;
    }
}

/* SPT.4: .1 AW, .2 PGTT, .3 FSPM, .4 FSPTPTR beyond the second stage (ref 5.2). */
static uint8_t check_type(const struct vtd *v, const uint64_t *q, const struct pasid_entry *e)
{
    const bool uses_ss = pgtt_has_second_stage(e->pgtt);
    const bool uses_fs = pgtt_has_first_stage(e->pgtt);
    const uint64_t aw = vtd_pasid_entry_aw(q);
    const uint64_t fspm = vtd_pasid_entry_fspm(q);
    if (!pgtt_supported(&v->f, e->pgtt))
        return VTD_FAULT_SPT_4;
    if (uses_ss && (aw < 1 || aw > 3 || !(v->f.sagaw >> aw & 1)))
        return VTD_FAULT_SPT_4;
    if (uses_fs && fspm != 0 && !(fspm == 1 && v->f.fs5lp))
        return VTD_FAULT_SPT_4;
    if (e->pgtt == VTD_PGTT_NESTED && e->fs_root >> pasid_ss_width(v, e->ss_levels))
        return VTD_FAULT_SPT_4;
    return VTD_FAULT_NONE;
}

static uint8_t entry_check(const struct vtd *v, const uint64_t *q, const struct pasid_entry *e)
{
    if (!vtd_pasid_entry_p(q))
        return VTD_FAULT_SPT_2;
    for (unsigned i = 0; i < VTD_PASID_ENTRY_QWORDS; i++)
        if (q[i] & v->rsvd.pasid_entry[i])
            return VTD_FAULT_SPT_3;
    return check_type(v, q, e);
}

static void decode(const struct vtd *v, const uint64_t *q, struct pasid_entry *e)
{
    e->fpd |= vtd_pasid_entry_fpd(q);
    e->pgtt = (uint8_t)vtd_pasid_entry_pgtt(q);
    e->did = (uint16_t)vtd_pasid_entry_did(q);
    e->ss_root = vtd_pasid_entry_ssptptr(q) << 12;
    e->fs_root = vtd_pasid_entry_fsptptr(q) << 12;
    e->ss_levels = (uint8_t)(vtd_pasid_entry_aw(q) + 2);
    e->fs_levels = (uint8_t)(vtd_pasid_entry_fspm(q) + 4);
    e->ssade = vtd_pasid_entry_ssade(q);
    e->pwsnp = vtd_pasid_entry_pwsnp(q);
    e->pgsnp = vtd_pasid_entry_pgsnp(q);
    e->sre = vtd_pasid_entry_sre(q);
    e->wpe = vtd_pasid_entry_wpe(q);
    e->eafe = vtd_pasid_entry_eafe(q);
    e->ere = v->f.ers && vtd_pasid_entry_ere(q);
    e->slee = v->f.ers && vtd_pasid_entry_slee(q);
    e->nxe = v->f.ers && vtd_pasid_entry_nxe(q);
    e->smep = v->f.ers && vtd_pasid_entry_smep(q);
}

/* Steps 8 and 9 from memory. Returns whether the outcome may be cached at all (access errors may not). */
static bool fetch(struct vtd *v, uint32_t pasid, const struct context *c, struct pasid_entry *e)
{
    uint64_t q[VTD_PASID_ENTRY_QWORDS];
    uint64_t table = 0;
    bool fpd = false;
    *e = (struct pasid_entry){0};
    e->fault = directory_fetch(v, c, pasid, &table, &fpd);
    e->fpd = fpd;
    if (e->fault)
        return e->fault != VTD_FAULT_SPD_1;
    const uint64_t at = table + (uint64_t)(pasid & 63) * VTD_PASID_ENTRY_BYTES;
    if (!mem_read_table(v, at, q, VTD_PASID_ENTRY_QWORDS, VTD_MEM_PASID_ENTRY)) {
        e->fault = VTD_FAULT_SPT_1;
        return false;
    }
    decode(v, q, e);
    e->fault = entry_check(v, q, e);
    return true;
}

uint8_t vtd_pasid_get(struct vtd *v, uint16_t sid, uint32_t pasid, const struct context *c, struct pasid_entry *out,
                      bool *fpd)
{
    uint32_t i = lookup_find(v, VTD_CACHE_PASID, pasid_key(sid, pasid), "4.2 step 9");
    if (i != VTD_CACHE_NONE) {
        *out = v->pasid[i];
    } else {
        const bool cacheable = fetch(v, pasid, c, out);
        if (out->fault)
            out->did = 0; /* the tag of negative entries (ref 6.2) */
        if (cacheable && (!out->fault || v->f.cm) &&
            (i = lookup_fill(v, VTD_CACHE_PASID, pasid_key(sid, pasid), "6.1")) != VTD_CACHE_NONE)
            v->pasid[i] = *out;
    }
    *fpd |= out->fpd;
    return out->fault;
}

/* ---------------------------------------------------------------- invalidation */

struct match {
    const struct vtd *v;
    uint32_t pasid;
    uint16_t did;
};

static bool match_domain(const void *arg, struct vtd_key k, uint32_t i)
{
    const struct match *m = arg;
    (void)k;
    return m->v->pasid[i].did == m->did;
}

/* A negative entry has no domain yet: whatever domain software names for its PASID covers it. */
static bool match_pasid(const void *arg, struct vtd_key k, uint32_t i)
{
    const struct match *m = arg;
    const struct pasid_entry *e = &m->v->pasid[i];
    return k.a == m->pasid && (e->did == m->did || e->fault);
}

void vtd_pasid_invalidate_all(struct vtd *v)
{
    vtd_lookup_invalidate_all(v, VTD_CACHE_PASID);
    lookup_tell_scope(v, &(struct vtd_invalidation){.cache = VTD_CACHE_PASID});
}

void vtd_pasid_invalidate_domain(struct vtd *v, uint16_t did)
{
    const struct match m = {.v = v, .did = did};
    vtd_lookup_invalidate_if(v, VTD_CACHE_PASID, match_domain, &m);
    lookup_tell_scope(v, &(struct vtd_invalidation){.cache = VTD_CACHE_PASID, .has_did = true, .did = did});
}

void vtd_pasid_invalidate_pasid(struct vtd *v, uint16_t did, uint32_t pasid)
{
    const struct match m = {.v = v, .did = did, .pasid = pasid};
    vtd_lookup_invalidate_if(v, VTD_CACHE_PASID, match_pasid, &m);
    lookup_tell_scope(v, &(struct vtd_invalidation){
                             .cache = VTD_CACHE_PASID, .has_did = true, .did = did, .has_pasid = true, .pasid = pasid});
}
