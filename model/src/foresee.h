/* SPDX-License-Identifier: MIT */
/*
 * Where a walk will probably end. The leaf entry is the one thing of a walk that the host seldom has in its caches, and its
 * address is known only behind the lookups in the IOTLB, the PASID cache and the paging-structure caches. So the unit remembers the
 * tables of recent leaves, and fetches the entry while it does the lookups. This has no effect but on the host's speed:
 * what is remembered may be wrong, and nothing is ever read through it.
 */
#ifndef VTD_FORESEE_H
#define VTD_FORESEE_H

#include "mem.h"

static inline uint64_t *foresee_table(struct vtd *v, const struct vtd_request *req)
{
    const uint64_t region = req->addr >> 21 ^ (uint64_t)(req->pasid ^ (uint32_t)req->sid << 12) << 20;
    return &v->leaf_table[region * 0x9e3779b97f4a7c15ull >> 32 & (LEAF_TABLES - 1)];
}

/* A request is on its way to the steps. */
static inline void foresee_leaf(struct vtd *v, const struct vtd_request *req)
{
    const uint64_t at = *foresee_table(v, req) + 8 * (req->addr >> 12 & 511);
    if (mem_in_window(v, at, 8))
        __builtin_prefetch(mem_window(v, at));
}

/* Its walk has ended at the entry of a 4-KiB page. */
static inline void foresee_learn(struct vtd *v, const struct vtd_request *req, uint64_t entry)
{
    *foresee_table(v, req) = entry & ~(uint64_t)(VTD_PAGE - 1);
}

#endif
