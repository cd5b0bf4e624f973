/* SPDX-License-Identifier: MIT */
/* The translation cache of a device. See device_tlb.h. */
#include "device_tlb.h"

#include <errno.h>
#include <stdlib.h>

int vtd_device_tlb_init(struct vtd_device_tlb *tlb, const struct vtd_cache_geometry *geometry, uint64_t seed)
{
    *tlb = (struct vtd_device_tlb){0};
    if (vtd_cache_geometry_error(geometry))
        return -EINVAL;
    const size_t bytes = (vtd_cache_bytes(geometry) + 63) & ~(size_t)63; /* what aligned_alloc wants */
    if (bytes) {
        tlb->memory = aligned_alloc(64, bytes);
        tlb->entry = calloc(geometry->entries, sizeof(*tlb->entry));
        if (!tlb->memory || !tlb->entry) {
            vtd_device_tlb_fini(tlb);
            return -ENOMEM;
        }
    }
    vtd_cache_init(&tlb->cache, geometry, tlb->memory, seed);
    return 0;
}

void vtd_device_tlb_fini(struct vtd_device_tlb *tlb)
{
    free(tlb->memory);
    free(tlb->entry);
    *tlb = (struct vtd_device_tlb){0};
}

bool vtd_device_tlb_fill(struct vtd_device_tlb *tlb, uint64_t tag, uint64_t addr,
                         const struct vtd_device_tlb_entry *granted)
{
    unsigned size_class = granted->shift < 12 ? 0 : (granted->shift - 12u) / 9;
    if (size_class >= VTD_DEVICE_TLB_CLASSES)
        size_class = VTD_DEVICE_TLB_CLASSES - 1;
    const unsigned shift = 12 + 9 * size_class;
    struct vtd_key victim;
    bool evicted;
    const uint32_t i = vtd_cache_fill(&tlb->cache, vtd_device_tlb_key(tag, addr, size_class), &victim, &evicted);
    if (i == VTD_CACHE_NONE)
        return false;
    tlb->entry[i] = *granted;
    tlb->entry[i].shift = (uint8_t)shift;
    tlb->entry[i].frame = (granted->frame | (addr & bits_low(granted->shift))) & ~bits_low(shift);
    tlb->classes |= (uint8_t)(1u << size_class);
    return evicted;
}

/* Type 3 has no PASID and takes entries of whatever PASID; GI takes those of every PASID (ref 7.3). */
static bool matches(const void *arg, struct vtd_key key, uint32_t index)
{
    const struct vtd_device_tlb_inv *inv = arg;
    const unsigned shift = 12 + 9 * (unsigned)(key.b >> 24);
    const uint64_t base = key.a << shift;
    (void)index;
    if (inv->has_pasid) {
        if (!(key.b & VTD_DEVICE_TLB_HAS_PASID))
            return false;
        if (!inv->global && (key.b & VTD_DEVICE_TLB_TAG_PASID) != inv->pasid)
            return false;
    }
    if (inv->size == 0)
        return true;
    /* Two naturally aligned ranges meet when the smaller lies in the larger. */
    const uint64_t larger = ~(bits_low(shift) | (inv->size - 1));
    return ((base ^ inv->addr) & larger) == 0;
}

uint32_t vtd_device_tlb_invalidate(struct vtd_device_tlb *tlb, const struct vtd_device_tlb_inv *inv)
{
    return vtd_cache_invalidate_if(&tlb->cache, matches, inv);
}

uint32_t vtd_device_tlb_clear(struct vtd_device_tlb *tlb)
{
    tlb->classes = 0;
    return vtd_cache_invalidate_all(&tlb->cache);
}
