/* SPDX-License-Identifier: MIT */
/* PASID directory entries. See pasid_dir.h. */
#include "pasid_dir.h"

#include "lookup.h"
#include "mem.h"
#include "pasid.h"

static struct vtd_key key(uint16_t sid, uint32_t pasid)
{
    return (struct vtd_key){.a = pasid >> 6, .b = PASID_DIR_TAG | sid};
}

/* The cache that holds directory entries; it may be off. */
static enum vtd_cache_id home_of(const struct vtd *v)
{
    return v->cfg.pasid_directory == VTD_PASID_DIRECTORY_SHARED ? VTD_CACHE_PASID : VTD_CACHE_PASID_DIR;
}

static bool in_home(const struct vtd *v, enum vtd_cache_id id)
{
    return home_of(v) == id && v->cfg.cache[id].entries != 0;
}

/* Lookups are counted as those of directory entries, wherever they are. */
static bool find(struct vtd *v, struct vtd_key k, struct pasid_dir *out)
{
    const enum vtd_cache_id home = home_of(v);
    if (v->cfg.cache[home].entries == 0)
        return false;
    const uint32_t i = lookup_probe(v, home, k, "2.4");
    const bool hit = i != VTD_CACHE_NONE;
    v->cache_stats[VTD_CACHE_PASID_DIR].lookup++;
    v->cache_stats[VTD_CACHE_PASID_DIR].hit += hit;
    lookup_outcome(v, home, hit, i);
    if (hit && home == VTD_CACHE_PASID)
        *out = (struct pasid_dir){.table = v->pasid[i].ss_root, .fpd = v->pasid[i].fpd};
    else if (hit)
        *out = v->pasid_dir[i];
    return hit;
}

/* Only entries in order are kept, also in caching mode: negative ones would have to be told from those of PASIDs. */
static void keep(struct vtd *v, struct vtd_key k, const struct pasid_dir *d)
{
    uint32_t i;
    if (home_of(v) == VTD_CACHE_PASID) {
        i = vtd_pasid_make_room(v, k);
        if (i != VTD_CACHE_NONE)
            v->pasid[i] = (struct pasid_entry){.ss_root = d->table, .fpd = d->fpd};
        return;
    }
    i = lookup_fill(v, VTD_CACHE_PASID_DIR, k, "2.4");
    if (i != VTD_CACHE_NONE)
        v->pasid_dir[i] = *d;
}

/* SPD.1 to SPD.3. FPD is latched also from an entry that is not present (ref 2). */
static uint8_t fetch(struct vtd *v, const struct context *c, uint32_t pasid, struct pasid_dir *out)
{
    uint64_t q;
    *out = (struct pasid_dir){0};
    if (!mem_read_table(v, c->table + (uint64_t)(pasid >> 6) * VTD_PASID_DIR_BYTES, &q, 1, VTD_MEM_PASID_DIR))
        return VTD_FAULT_SPD_1;
    out->fpd = vtd_pasid_dir_fpd(&q);
    if (!vtd_pasid_dir_p(&q))
        return VTD_FAULT_SPD_2;
    if (q & v->rsvd.pasid_dir[0])
        return VTD_FAULT_SPD_3;
    out->table = vtd_pasid_dir_smptblptr(&q) << 12;
    return VTD_FAULT_NONE;
}

uint8_t vtd_pasid_dir_get(struct vtd *v, uint16_t sid, uint32_t pasid, const struct context *c, struct pasid_dir *out)
{
    const struct vtd_key k = key(sid, pasid);
    if (find(v, k, out))
        return VTD_FAULT_NONE;
    const uint8_t reason = fetch(v, c, pasid, out);
    if (!reason)
        keep(v, k, out);
    return reason;
}

/* ---------------------------------------------------------------- invalidation */

struct match {
    uint32_t index;
    uint16_t sid, mask;
};

static bool match_index(const void *arg, struct vtd_key k, uint32_t i)
{
    const struct match *m = arg;
    (void)i;
    return k.a == m->index;
}

static bool match_devices(const void *arg, struct vtd_key k, uint32_t i)
{
    const struct match *m = arg;
    (void)i;
    return pasid_key_is_directory(k) && (((uint16_t)k.b ^ m->sid) & m->mask) == 0;
}

void vtd_pasid_dir_invalidate_all(struct vtd *v)
{
    if (in_home(v, VTD_CACHE_PASID_DIR))
        vtd_lookup_invalidate_all(v, VTD_CACHE_PASID_DIR);
}

void vtd_pasid_dir_invalidate_pasid(struct vtd *v, uint32_t pasid)
{
    const struct match m = {.index = pasid >> 6};
    if (in_home(v, VTD_CACHE_PASID_DIR))
        vtd_lookup_invalidate_if(v, VTD_CACHE_PASID_DIR, match_index, &m);
}

void vtd_pasid_dir_invalidate_devices(struct vtd *v, uint16_t sid, uint16_t mask)
{
    const struct match m = {.sid = sid, .mask = mask};
    if (v->cfg.cache[home_of(v)].entries)
        vtd_lookup_invalidate_if(v, home_of(v), match_devices, &m);
}
