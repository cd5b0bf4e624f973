/* SPDX-License-Identifier: MIT */
/* Small helpers that every file of the model may use. */
#ifndef VTD_BITS_H
#define VTD_BITS_H

#include <stdbool.h>
#include <stdint.h>

#define VTD_LIKELY(x)   __builtin_expect(!!(x), 1)
#define VTD_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Bits msb..lsb set, 0 <= lsb <= msb <= 63. */
static inline uint64_t bits_mask(unsigned msb, unsigned lsb)
{
    return (~0ull >> (63 - (msb - lsb))) << lsb;
}

/* The n low bits set, 0 <= n <= 64. */
static inline uint64_t bits_low(unsigned n)
{
    return n == 0 ? 0 : ~0ull >> (64 - n);
}

static inline uint64_t bits_get(uint64_t v, unsigned msb, unsigned lsb)
{
    return (v >> lsb) & bits_low(msb - lsb + 1);
}

#endif
