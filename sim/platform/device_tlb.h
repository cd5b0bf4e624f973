/* SPDX-License-Identifier: MIT */
/*
 * The translation cache of a device (ref 7.2, 7.3), on the generic cache of the model. Entries are found by address,
 * PASID (or none) and privilege, in one look-up per size of mapping that was ever filled: 4 KiB, 2 MiB, 1 GiB.
 */
#ifndef VTD_DEVICE_TLB_H
#define VTD_DEVICE_TLB_H

#include "cache.h"

/* Sizes of entries: 2^12, 2^21, 2^30 bytes. */
#define VTD_DEVICE_TLB_CLASSES 3

struct vtd_device_tlb_entry {
    uint64_t frame; /* translated base of the range */
    uint8_t attr;   /* VTD_ATTR_* of the completion */
    uint8_t shift;  /* log2 of the entry's size */
};

struct vtd_device_tlb {
    struct vtd_cache cache;
    struct vtd_device_tlb_entry *entry;
    uint8_t classes; /* bit per size that may have entries */
    void *memory;
};

/* 0, or -EINVAL for a geometry that cannot be had, -ENOMEM. seed is for VTD_POLICY_RANDOM. */
int vtd_device_tlb_init(struct vtd_device_tlb *tlb, const struct vtd_cache_geometry *geometry, uint64_t seed);
void vtd_device_tlb_fini(struct vtd_device_tlb *tlb);

/*
 * What tells address spaces apart: the PASID, whether there is one, privileged mode. flags: VTD_REQ_*.
 */
static inline uint64_t vtd_device_tlb_tag(unsigned flags, uint32_t pasid)
{
    const uint64_t has_pasid = flags & VTD_REQ_PASID ? 1 : 0;
    const uint64_t priv = flags & VTD_REQ_PRIV ? 1 : 0;
    return (has_pasid ? pasid : 0) | has_pasid << 20 | priv << 21;
}
#define VTD_DEVICE_TLB_TAG_PASID 0xfffffull
#define VTD_DEVICE_TLB_HAS_PASID (1ull << 20)

static inline struct vtd_key vtd_device_tlb_key(uint64_t tag, uint64_t addr, unsigned size_class)
{
    return (struct vtd_key){.a = addr >> (12 + 9 * size_class), .b = tag | (uint64_t)size_class << 24};
}

/* Finds the entry for an address without noting a hit; VTD_CACHE_NONE if there is none. */
static inline uint32_t vtd_device_tlb_find(const struct vtd_device_tlb *tlb, uint64_t tag, uint64_t addr)
{
    uint32_t i = VTD_CACHE_NONE;
    for (unsigned rest = tlb->classes; rest && i == VTD_CACHE_NONE; rest &= rest - 1)
        i = vtd_cache_probe(&tlb->cache, vtd_device_tlb_key(tag, addr, (unsigned)__builtin_ctz(rest)));
    return i;
}

/*
 * Keeps a translation of addr: granted is a range of 2^granted.shift bytes, of which an entry of the next smaller size
 * that the cache has is kept, around addr. Returns whether another entry had to go.
 */
bool vtd_device_tlb_fill(struct vtd_device_tlb *tlb, uint64_t tag, uint64_t addr,
                         const struct vtd_device_tlb_entry *granted);

/* Drops what an invalidation request names. Returns how many entries. */
uint32_t vtd_device_tlb_invalidate(struct vtd_device_tlb *tlb, const struct vtd_device_tlb_inv *inv);

/* Drops everything. */
uint32_t vtd_device_tlb_clear(struct vtd_device_tlb *tlb);

#endif
