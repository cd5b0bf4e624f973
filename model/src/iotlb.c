/* SPDX-License-Identifier: MIT */
/* The IOTLB. See iotlb.h. */
#include "iotlb.h"

#include "lookup.h"
#include "pasid.h"
#include "range.h"

void vtd_iotlb_fill(struct vtd *v, uint64_t tag, const struct vtd_iotlb_fill *f)
{
    const unsigned size_class = iotlb_class(f->entry_shift);
    const uint32_t i = lookup_fill(v, VTD_CACHE_IOTLB, iotlb_key(tag, f->addr, size_class), "6.1");
    if (i == VTD_CACHE_NONE)
        return;
    v->iotlb_classes |= (uint8_t)(1u << size_class);
    v->iotlb_last.tag = IOTLB_NO_TAG;
    v->iotlb_first_stage |= pgtt_has_first_stage(f->pgtt);
    vtd_iotlb_index_filled(&v->iotlb_index, i, f->addr >> f->entry_shift, size_class);
    v->iotlb[i] = (struct iotlb_entry){
        .frame_attr = (f->frame & bits_mask(51, f->entry_shift)) | f->attr |
                      (uint64_t)iotlb_class(f->mapping_shift) << IOTLB_SIZE_SHIFT,
        .pasid = f->pasid,
        .did = f->did,
        .pgtt = f->pgtt,
        .fault = f->fault,
    };
}

struct match {
    const struct iotlb_entry *entries;
    struct addr_range range;
    uint32_t pasid;
    uint16_t did;
};

static inline bool in_range(const struct match *m, struct vtd_key k)
{
    const unsigned shift = 12 + 9 * (unsigned)(k.b >> 40);
    return addr_range_touches(&m->range, k.a, shift);
}

static bool match_domain(const void *arg, struct vtd_key k, uint32_t i)
{
    const struct match *m = arg;
    (void)k;
    return m->entries[i].did == m->did;
}

static bool match_range(const void *arg, struct vtd_key k, uint32_t i)
{
    const struct match *m = arg;
    const struct iotlb_entry *e = &m->entries[i];
    return e->did == m->did && (pgtt_has_first_stage(e->pgtt) || in_range(m, k));
}

static bool match_pasid(const void *arg, struct vtd_key k, uint32_t i)
{
    const struct match *m = arg;
    (void)k;
    return m->entries[i].did == m->did && m->entries[i].pasid == m->pasid;
}

static bool match_pasid_range(const void *arg, struct vtd_key k, uint32_t i)
{
    const struct match *m = arg;
    return match_pasid(arg, k, i) && pgtt_has_first_stage(m->entries[i].pgtt) && in_range(m, k);
}

/* After a removal of any kind. */
static void removed(struct vtd *v)
{
    v->iotlb_last.tag = IOTLB_NO_TAG;
    if (v->cache[VTD_CACHE_IOTLB].valid == 0) {
        v->iotlb_classes = 0;
        v->iotlb_first_stage = false;
    }
}

static void invalidate(struct vtd *v, vtd_cache_match *matches, struct match *m)
{
    m->entries = v->iotlb;
    vtd_lookup_invalidate_if(v, VTD_CACHE_IOTLB, matches, m);
    removed(v);
}

/* Removes what matches among the entries of one block. Returns how many. */
static uint32_t invalidate_block(struct vtd *v, vtd_cache_match *matches, const struct match *m, uint64_t block,
                                 unsigned size_class)
{
    const struct vtd_cache *c = &v->cache[VTD_CACHE_IOTLB];
    uint32_t count = 0;
    for (uint32_t i = iotlb_index_first(&v->iotlb_index, block, size_class); i != VTD_CACHE_NONE;
         i = iotlb_index_next(&v->iotlb_index, i)) {
        const struct vtd_key k = vtd_cache_key(c, i);
        if (vtd_cache_is_valid(c, i) && matches(m, k, i)) {
            lookup_remove(v, VTD_CACHE_IOTLB, i);
            count++;
        }
    }
    return count;
}

/*
 * Removes what matches and lies in the range: block by block where that is less work than to go through all entries. A
 * chain may hold other blocks, but what matches is in the range, whichever chain leads to it.
 */
static void invalidate_range(struct vtd *v, vtd_cache_match *matches, struct match *m)
{
    const struct addr_range r = m->range;
    uint64_t blocks = 0;
    for (unsigned classes = v->iotlb_classes; classes; classes &= classes - 1) {
        const unsigned shift = 12 + 9 * (unsigned)__builtin_ctz(classes);
        blocks += (r.last >> shift) - (r.first >> shift) + 1;
    }
    if (blocks > v->cache[VTD_CACHE_IOTLB].valid / 4) {
        invalidate(v, matches, m);
        return;
    }
    uint32_t count = 0;
    m->entries = v->iotlb;
    for (unsigned classes = v->iotlb_classes; classes; classes &= classes - 1) {
        const unsigned size_class = (unsigned)__builtin_ctz(classes);
        const unsigned shift = 12 + 9 * size_class;
        for (uint64_t block = r.first >> shift; block <= r.last >> shift; block++)
            count += invalidate_block(v, matches, m, block, size_class);
    }
    vtd_lookup_invalidated(v, VTD_CACHE_IOTLB, count);
    removed(v);
}

void vtd_iotlb_invalidate_all(struct vtd *v)
{
    vtd_lookup_invalidate_all(v, VTD_CACHE_IOTLB);
    removed(v);
    lookup_tell_scope(v, &(struct vtd_invalidation){.cache = VTD_CACHE_IOTLB});
}

void vtd_iotlb_invalidate_domain(struct vtd *v, uint16_t did)
{
    struct match m = {.did = did};
    invalidate(v, match_domain, &m);
    lookup_tell_scope(v, &(struct vtd_invalidation){.cache = VTD_CACHE_IOTLB, .has_did = true, .did = did});
}

void vtd_iotlb_invalidate_range(struct vtd *v, uint16_t did, uint64_t addr, unsigned am)
{
    struct match m = {.did = did, .range = addr_range_of(addr, am)};
    if (v->iotlb_first_stage) /* such entries of the domain go whatever their address */
        invalidate(v, match_range, &m);
    else
        invalidate_range(v, match_range, &m);
    lookup_tell_scope(v, &(struct vtd_invalidation){.cache = VTD_CACHE_IOTLB,
                                                    .has_did = true,
                                                    .did = did,
                                                    .has_range = true,
                                                    .first = m.range.first,
                                                    .last = m.range.last,
                                                    .first_stage_whole = true});
}

void vtd_iotlb_invalidate_pasid(struct vtd *v, uint16_t did, uint32_t pasid)
{
    struct match m = {.did = did, .pasid = pasid};
    invalidate(v, match_pasid, &m);
    lookup_tell_scope(v, &(struct vtd_invalidation){
                             .cache = VTD_CACHE_IOTLB, .has_did = true, .did = did, .has_pasid = true, .pasid = pasid});
}

void vtd_iotlb_invalidate_pasid_range(struct vtd *v, uint16_t did, uint32_t pasid, uint64_t addr, unsigned am)
{
    struct match m = {.did = did, .pasid = pasid, .range = addr_range_of(addr, am)};
    invalidate_range(v, match_pasid_range, &m);
    lookup_tell_scope(v, &(struct vtd_invalidation){.cache = VTD_CACHE_IOTLB,
                                                    .has_did = true,
                                                    .did = did,
                                                    .has_pasid = true,
                                                    .pasid = pasid,
                                                    .has_range = true,
                                                    .first = m.range.first,
                                                    .last = m.range.last,
                                                    .first_stage_only = true});
}
