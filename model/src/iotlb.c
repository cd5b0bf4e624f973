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

static void invalidate(struct vtd *v, vtd_cache_match *matches, struct match *m)
{
    struct vtd_cache *c = &v->cache[VTD_CACHE_IOTLB];
    m->entries = v->iotlb;
    v->iotlb_last.tag = IOTLB_NO_TAG;
    lookup_invalidated(v, VTD_CACHE_IOTLB, vtd_cache_invalidate_if(c, matches, m));
    if (c->valid == 0)
        v->iotlb_classes = 0;
}

void vtd_iotlb_invalidate_all(struct vtd *v)
{
    lookup_invalidated(v, VTD_CACHE_IOTLB, vtd_cache_invalidate_all(&v->cache[VTD_CACHE_IOTLB]));
    v->iotlb_classes = 0;
    v->iotlb_last.tag = IOTLB_NO_TAG;
}

void vtd_iotlb_invalidate_domain(struct vtd *v, uint16_t did)
{
    struct match m = {.did = did};
    invalidate(v, match_domain, &m);
}

void vtd_iotlb_invalidate_range(struct vtd *v, uint16_t did, uint64_t addr, unsigned am)
{
    struct match m = {.did = did, .range = addr_range_of(addr, am)};
    invalidate(v, match_range, &m);
}

void vtd_iotlb_invalidate_pasid(struct vtd *v, uint16_t did, uint32_t pasid)
{
    struct match m = {.did = did, .pasid = pasid};
    invalidate(v, match_pasid, &m);
}

void vtd_iotlb_invalidate_pasid_range(struct vtd *v, uint16_t did, uint32_t pasid, uint64_t addr, unsigned am)
{
    struct match m = {.did = did, .pasid = pasid, .range = addr_range_of(addr, am)};
    invalidate(v, match_pasid_range, &m);
}
