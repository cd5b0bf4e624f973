/* SPDX-License-Identifier: MIT */
/* First- and second-stage paging-structure caches (ref 6.1, 6.3): where the next table of a walk is. */
#include "pagewalk.h"

#include "lookup.h"
#include "range.h"

/*
 * An entry of level k (2..5) holds where the table of level k-1 is. Its key is the address down to the bits that level k
 * indexes, the level, the domain and, in the first stage, the PASID.
 */
static inline struct vtd_key key_of(uint64_t addr, uint64_t tag, unsigned level)
{
    return (struct vtd_key){.a = addr >> (12 + 9 * (level - 1)), .b = (uint64_t)level << 36 | tag};
}

/* The tag of the first stage; that of the second stage is the domain alone. */
static inline uint64_t fs_tag(const struct walk *w)
{
    return (uint64_t)w->pasid << 16 | w->did;
}

static inline unsigned key_level(struct vtd_key k)
{
    return (unsigned)(k.b >> 36);
}

/* One lookup, however many probes: the lowest level, which saves most of the walk, first. */
static unsigned find(struct vtd *v, enum vtd_cache_id id, uint64_t addr, uint64_t tag, unsigned levels,
                     struct psc_entry *out)
{
    if (v->cfg.cache[id].entries == 0)
        return 0;
    for (unsigned level = 2; level <= levels; level++) {
        const uint32_t i = lookup_probe(v, id, key_of(addr, tag, level), "6.1");
        if (i == VTD_CACHE_NONE)
            continue;
        lookup_count_level(v, id, true, i, level);
        *out = v->psc[id == VTD_CACHE_SS_PSC][i];
        return level;
    }
    lookup_count(v, id, false, VTD_CACHE_NONE);
    return 0;
}

unsigned vtd_psc_find_fs(struct walk *w, struct psc_entry *out)
{
    return find(w->v, VTD_CACHE_FS_PSC, w->addr, fs_tag(w), w->fs_levels, out);
}

unsigned vtd_psc_find_ss(struct walk *w, uint64_t gpa, struct psc_entry *out)
{
    return find(w->v, VTD_CACHE_SS_PSC, gpa, w->did, w->ss_levels, out);
}

static void note(struct walk *w, bool second_stage, struct vtd_key key, uint64_t table_attr)
{
    for (unsigned i = 0; i < w->fills; i++)
        if (w->fill[i].key.a == key.a && w->fill[i].key.b == key.b && w->fill[i].second_stage == second_stage)
            return;
    if (w->fills == WALK_FILLS)
        return;
    w->fill[w->fills++] = (struct walk_fill){
        .key = key,
        .second_stage = second_stage,
        .entry = {.table_attr = table_attr, .did = w->did, .pasid = second_stage ? 0 : w->pasid},
    };
}

void vtd_psc_note_fs(struct walk *w, unsigned level, uint64_t table_attr)
{
    if (w->v->cfg.cache[VTD_CACHE_FS_PSC].entries)
        note(w, false, key_of(w->addr, fs_tag(w), level), table_attr);
}

void vtd_psc_note_ss(struct walk *w, uint64_t gpa, unsigned level, uint64_t table_attr)
{
    if (w->v->cfg.cache[VTD_CACHE_SS_PSC].entries)
        note(w, true, key_of(gpa, w->did, level), table_attr);
}

void vtd_psc_commit(struct walk *w)
{
    for (unsigned n = 0; n < w->fills; n++) {
        const struct walk_fill *f = &w->fill[n];
        const enum vtd_cache_id id = f->second_stage ? VTD_CACHE_SS_PSC : VTD_CACHE_FS_PSC;
        const uint32_t i = lookup_fill(w->v, id, f->key, "6.1");
        if (i != VTD_CACHE_NONE)
            w->v->psc[f->second_stage][i] = f->entry;
    }
}

/* ---------------------------------------------------------------- invalidation */

struct match {
    const struct psc_entry *entries;
    struct addr_range range;
    uint32_t pasid;
    uint16_t did;
};

/* Bits of an address that a level's entry covers are shifted away in its key. */
static bool in_range(const struct match *m, struct vtd_key k)
{
    const unsigned shift = 12 + 9 * (key_level(k) - 1);
    return addr_range_touches(&m->range, k.a, shift);
}

static bool match_domain(const void *arg, struct vtd_key k, uint32_t i)
{
    const struct match *m = arg;
    (void)k;
    return m->entries[i].did == m->did;
}

static bool match_pasid(const void *arg, struct vtd_key k, uint32_t i)
{
    const struct match *m = arg;
    (void)k;
    return m->entries[i].did == m->did && m->entries[i].pasid == m->pasid;
}

static bool match_fs_range(const void *arg, struct vtd_key k, uint32_t i)
{
    return match_pasid(arg, k, i) && in_range(arg, k);
}

static bool match_ss_range(const void *arg, struct vtd_key k, uint32_t i)
{
    return match_domain(arg, k, i) && in_range(arg, k);
}

static void invalidate(struct vtd *v, enum vtd_cache_id id, vtd_cache_match *matches, struct match *m)
{
    m->entries = v->psc[id == VTD_CACHE_SS_PSC];
    vtd_lookup_invalidate_if(v, id, matches, m);
}

void vtd_psc_invalidate_all(struct vtd *v)
{
    vtd_lookup_invalidate_all(v, VTD_CACHE_FS_PSC);
    vtd_lookup_invalidate_all(v, VTD_CACHE_SS_PSC);
}

void vtd_psc_invalidate_fs_domain(struct vtd *v, uint16_t did)
{
    struct match m = {.did = did};
    invalidate(v, VTD_CACHE_FS_PSC, match_domain, &m);
}

void vtd_psc_invalidate_domain(struct vtd *v, uint16_t did)
{
    struct match m = {.did = did};
    vtd_psc_invalidate_fs_domain(v, did);
    invalidate(v, VTD_CACHE_SS_PSC, match_domain, &m);
}

void vtd_psc_invalidate_fs_pasid(struct vtd *v, uint16_t did, uint32_t pasid)
{
    struct match m = {.did = did, .pasid = pasid};
    invalidate(v, VTD_CACHE_FS_PSC, match_pasid, &m);
}

void vtd_psc_invalidate_fs_range(struct vtd *v, uint16_t did, uint32_t pasid, uint64_t addr, unsigned am)
{
    struct match m = {.did = did, .pasid = pasid, .range = addr_range_of(addr, am)};
    invalidate(v, VTD_CACHE_FS_PSC, match_fs_range, &m);
}

void vtd_psc_invalidate_ss_range(struct vtd *v, uint16_t did, uint64_t addr, unsigned am)
{
    struct match m = {.did = did, .range = addr_range_of(addr, am)};
    invalidate(v, VTD_CACHE_SS_PSC, match_ss_range, &m);
}
