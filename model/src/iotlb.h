/* SPDX-License-Identifier: MIT */
/* The IOTLB: what its entries are tagged with, hold, and when they go (ref 6.1, 6.3). */
#ifndef VTD_IOTLB_H
#define VTD_IOTLB_H

#include "instance.h"

#define IOTLB_CLASSES 3 /* 4 KiB, 2 MiB, 1 GiB */

/* Size class 0..2 of a page shift of 12, 21, 30. */
static inline unsigned iotlb_class(unsigned shift)
{
    return (shift - 12) / 9;
}

/* The tag besides the address: kind (with or without PASID), source-id, PASID (ref 6.1). */
static inline uint64_t iotlb_tag(uint16_t sid, bool has_pasid, uint32_t pasid)
{
    const uint64_t kind = has_pasid;
    return kind << 36 | (pasid & -kind) << 16 | sid;
}

static inline struct vtd_key iotlb_key(uint64_t tag, uint64_t addr, unsigned size_class)
{
    return (struct vtd_key){.a = addr >> (12 + 9 * size_class), .b = tag | (uint64_t)size_class << 40};
}

/* What an entry grants as bits: R, W, and no dirty bit has to be set. column: 0 user, 2 privileged. */
static inline unsigned iotlb_grants(uint64_t frame_attr, unsigned column)
{
    return (unsigned)(frame_attr >> column & 3) | (unsigned)(frame_attr >> 2 & 4);
}

/*
 * The same bits as an access kind (enum vtd_access) needs them. The bit of execution is never among those of iotlb_grants:
 * the hit path leaves fetches to the steps (answer.c).
 */
#define IOTLB_GRANTS_X 8u
static inline unsigned iotlb_needs(unsigned access)
{
    static const uint8_t needs[] = {
        [VTD_READ] = 1, [VTD_WRITE] = 2 | 4, [VTD_EXEC] = IOTLB_GRANTS_X, [VTD_ATOMIC] = 1 | 2 | 4};
    return needs[access];
}

/* What a fill puts in. */
struct vtd_iotlb_fill {
    uint64_t addr;
    uint64_t frame; /* host physical address of addr's page of 2^entry_shift bytes */
    uint32_t attr;  /* IOTLB_* without the size */
    uint32_t pasid;
    uint16_t did;
    uint8_t pgtt;
    uint8_t mapping_shift; /* log2 of the mapping's size */
    uint8_t entry_shift;   /* log2 of the entry's size, at most the mapping's */
    uint8_t fault;         /* with IOTLB_NEGATIVE */
};

void vtd_iotlb_fill(struct vtd *v, uint64_t tag, const struct vtd_iotlb_fill *f);

/* Invalidations of table 6.3. */
void vtd_iotlb_invalidate_all(struct vtd *v);
void vtd_iotlb_invalidate_domain(struct vtd *v, uint16_t did);
/* Page-selective within domain: SS and PT entries in the range, all FS and nested entries of the domain. */
void vtd_iotlb_invalidate_range(struct vtd *v, uint16_t did, uint64_t addr, unsigned am);
void vtd_iotlb_invalidate_pasid(struct vtd *v, uint16_t did, uint32_t pasid);
/* Page-selective within PASID: FS and nested entries in the range. */
void vtd_iotlb_invalidate_pasid_range(struct vtd *v, uint16_t did, uint32_t pasid, uint64_t addr, unsigned am);

#endif
