/* SPDX-License-Identifier: MIT */
/* PASID table. See pasid.h; the directory in front of it is in pasid_dir.c. */
#include "pasid.h"

#include "lookup.h"
#include "mem.h"
#include "pasid_dir.h"

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

/* Step 9 from memory. Returns whether the outcome may be cached at all (access errors may not). */
static bool entry_fetch(struct vtd *v, uint32_t pasid, const struct pasid_dir *d, struct pasid_entry *e)
{
    uint64_t q[VTD_PASID_ENTRY_QWORDS];
    const uint64_t at = d->table + (uint64_t)(pasid & 63) * VTD_PASID_ENTRY_BYTES;
    *e = (struct pasid_entry){.fpd = d->fpd};
    if (!mem_read_table(v, at, q, VTD_PASID_ENTRY_QWORDS, VTD_MEM_PASID_ENTRY)) {
        e->fault = VTD_FAULT_SPT_1;
        return false;
    }
    decode(v, q, e);
    e->fault = entry_check(v, q, e);
    return true;
}

uint32_t vtd_pasid_make_room(struct vtd *v, struct vtd_key k)
{
    const uint64_t evicted = v->cache_stats[VTD_CACHE_PASID].evict;
    const uint32_t i = lookup_fill(v, VTD_CACHE_PASID, k, "6.1");
    if (i != VTD_CACHE_NONE && v->cache_stats[VTD_CACHE_PASID].evict != evicted)
        v->stats.pasid_prefetch_unused += v->pasid[i].prefetched;
    return i;
}

/* ---------------------------------------------------------------- fetching ahead */

static void fetch_ahead(struct vtd *v, uint16_t sid, uint32_t pasid, const struct pasid_dir *d)
{
    struct pasid_entry e;
    uint32_t i;
    v->stats.pasid_prefetch_read++;
    if (!entry_fetch(v, pasid, d, &e) || e.fault)
        return; /* nobody asked for it, so there is no fault, and nothing to remember in caching mode */
    i = vtd_pasid_make_room(v, pasid_key(sid, pasid));
    if (i == VTD_CACHE_NONE)
        return;
    e.prefetched = true;
    v->pasid[i] = e;
    v->stats.pasid_prefetch_fill++;
}

/*
 * After an entry that was asked for: those behind it in the same page of the table, which is as far as one directory entry
 * leads. They are present entries of the device, and invalidations find them as all others (ref 6.2, 6.3).
 */
static void prefetch(struct vtd *v, uint16_t sid, uint32_t pasid, const struct pasid_dir *d)
{
    uint32_t last = pasid + v->cfg.pasid_prefetch;
    if (last > (pasid | 63))
        last = pasid | 63;
    if (last > v->f.pasid_mask)
        last = v->f.pasid_mask;
    if (v->quiet || last <= pasid || v->cfg.cache[VTD_CACHE_PASID].entries == 0)
        return;
    event_decide_number(v, "6.2", "PASID table entries behind this one are fetched ahead, up to that of PASID", last);
    v->background = true;
    for (uint32_t next = pasid + 1; next <= last; next++)
        if (vtd_cache_probe(&v->cache[VTD_CACHE_PASID], pasid_key(sid, next)) == VTD_CACHE_NONE)
            fetch_ahead(v, sid, next, d);
    v->background = false;
}

/* An entry that was fetched ahead is used for the first time. */
static void note_use(struct vtd *v, uint32_t i)
{
    if (v->quiet)
        return;
    v->stats.pasid_prefetch_useful++;
    v->pasid[i].prefetched = false;
}

/* ---------------------------------------------------------------- steps 8 and 9 */

/* From memory, or with the directory entry from a cache. */
static void walk(struct vtd *v, uint16_t sid, uint32_t pasid, const struct context *c, struct pasid_entry *out)
{
    struct pasid_dir d;
    const uint8_t reason = vtd_pasid_dir_get(v, sid, pasid, c, &d);
    bool cacheable = reason != VTD_FAULT_SPD_1;
    if (reason)
        *out = (struct pasid_entry){.fault = reason, .fpd = d.fpd};
    else
        cacheable = entry_fetch(v, pasid, &d, out);
    if (out->fault)
        out->did = 0; /* the tag of negative entries (ref 6.2) */
    if (cacheable && (!out->fault || v->f.cm)) {
        const uint32_t i = vtd_pasid_make_room(v, pasid_key(sid, pasid));
        if (i != VTD_CACHE_NONE)
            v->pasid[i] = *out;
    }
    if (!out->fault && v->cfg.pasid_prefetch)
        prefetch(v, sid, pasid, &d);
}

uint8_t vtd_pasid_get(struct vtd *v, uint16_t sid, uint32_t pasid, const struct context *c, struct pasid_entry *out,
                      bool *fpd)
{
    const uint32_t i = lookup_find(v, VTD_CACHE_PASID, pasid_key(sid, pasid), "4.2 step 9");
    if (i != VTD_CACHE_NONE) {
        *out = v->pasid[i];
        if (VTD_UNLIKELY(out->prefetched))
            note_use(v, i);
    } else {
        walk(v, sid, pasid, c, out);
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

/* Directory entries have no domain: whatever domain software names may be one that they lead to. */
static bool match_domain(const void *arg, struct vtd_key k, uint32_t i)
{
    const struct match *m = arg;
    return m->v->pasid[i].did == m->did || pasid_key_is_directory(k);
}

/* A negative entry has no domain yet: whatever domain software names for its PASID covers it. */
static bool match_pasid(const void *arg, struct vtd_key k, uint32_t i)
{
    const struct match *m = arg;
    const struct pasid_entry *e = &m->v->pasid[i];
    if (pasid_key_is_directory(k))
        return k.a == m->pasid >> 6;
    return k.a == m->pasid && (e->did == m->did || e->fault);
}

void vtd_pasid_invalidate_all(struct vtd *v)
{
    vtd_lookup_invalidate_all(v, VTD_CACHE_PASID);
    vtd_pasid_dir_invalidate_all(v);
    lookup_tell_scope(v, &(struct vtd_invalidation){.cache = VTD_CACHE_PASID});
}

void vtd_pasid_invalidate_domain(struct vtd *v, uint16_t did)
{
    const struct match m = {.v = v, .did = did};
    vtd_lookup_invalidate_if(v, VTD_CACHE_PASID, match_domain, &m);
    vtd_pasid_dir_invalidate_all(v);
    lookup_tell_scope(v, &(struct vtd_invalidation){.cache = VTD_CACHE_PASID, .has_did = true, .did = did});
}

void vtd_pasid_invalidate_pasid(struct vtd *v, uint16_t did, uint32_t pasid)
{
    const struct match m = {.v = v, .did = did, .pasid = pasid};
    vtd_lookup_invalidate_if(v, VTD_CACHE_PASID, match_pasid, &m);
    vtd_pasid_dir_invalidate_pasid(v, pasid);
    lookup_tell_scope(v, &(struct vtd_invalidation){
                             .cache = VTD_CACHE_PASID, .has_did = true, .did = did, .has_pasid = true, .pasid = pasid});
}
