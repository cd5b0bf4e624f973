/* SPDX-License-Identifier: MIT */
/* Address ranges of invalidations (ref 3.2). */
#ifndef VTD_RANGE_H
#define VTD_RANGE_H

#include "bits.h"

/* Byte addresses first to last, inclusive. */
struct addr_range {
    uint64_t first, last;
};

/* 2^am pages of 4 KiB at addr, aligned to their size (ref 3.2). */
static inline struct addr_range addr_range_of(uint64_t addr, unsigned am)
{
    const uint64_t mask = am >= 52 ? ~0ull : bits_low(12 + am);
    return (struct addr_range){.first = addr & ~mask, .last = addr | mask};
}

/* Does the block number `block` of 2^shift bytes touch the range? */
static inline bool addr_range_touches(const struct addr_range *r, uint64_t block, unsigned shift)
{
    return block >= r->first >> shift && block <= r->last >> shift;
}

#endif
