/* SPDX-License-Identifier: MIT */
/*
 * Where the IOTLB holds a page, whatever device and PASID it is for: chains of entries by page. Its keys lead from a
 * request to an entry; a page-selective invalidation knows neither source-id nor, in a domain, PASID (ref 6.3), and would
 * have to go through all entries without this.
 *
 * Each slot of the IOTLB is in one chain from its first fill on, that of the page it was filled with last. Removing an
 * entry leaves the slot where it is, so invalidations of any other kind owe nothing; who walks a chain checks what he finds.
 */
#ifndef VTD_IOTLB_INDEX_H
#define VTD_IOTLB_INDEX_H

#include "cache.h"

struct iotlb_link {
    uint32_t next;
    uint32_t prev; /* or the chain, as IOTLB_LINK_HEAD | its number; 0 in no chain: the slot was never filled */
};
#define IOTLB_LINK_HEAD 0x80000000u

struct iotlb_index {
    struct iotlb_link *link; /* [entries + 1]; slot i is link i + 1, so that 0 is none */
    uint32_t *head;          /* [mask + 1] */
    uint32_t mask;
};

/* Bytes that an index of so many entries needs. */
size_t vtd_iotlb_index_bytes(uint32_t entries);

/* Lays it out in zeroed memory of that many bytes, 8-byte aligned. */
void vtd_iotlb_index_init(struct iotlb_index *x, uint32_t entries, void *memory);

/* Slot i now has this block, a page of its size class. */
void vtd_iotlb_index_filled(struct iotlb_index *x, uint32_t i, uint64_t block, unsigned size_class);

/* First slot of the chain of a block, and the one behind slot i; VTD_CACHE_NONE at the end. */
static inline uint32_t iotlb_index_chain(uint64_t block, unsigned size_class, uint32_t mask)
{
    return (uint32_t)((block * 4 + size_class) * 0x9e3779b97f4a7c15ull >> 32) & mask;
}
static inline uint32_t iotlb_index_first(const struct iotlb_index *x, uint64_t block, unsigned size_class)
{
    return x->head[iotlb_index_chain(block, size_class, x->mask)] - 1;
}
static inline uint32_t iotlb_index_next(const struct iotlb_index *x, uint32_t i)
{
    return x->link[i + 1].next - 1;
}

#endif
