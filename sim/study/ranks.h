/* SPDX-License-Identifier: MIT */
/*
 * A set of numbers that are taken in ascending order and given back in any, with ranks: how many of those in use are below
 * one. A bit per number; above the words of bits levels of sums, each over groups of 16 units of the level below it. A sum
 * is that of the units before its own in its group, so that a rank is a load per level, and giving a number back a
 * subtraction from the units behind it, without a branch. Both cost O(log n) for a range of n.
 */
#ifndef VTD_RANKS_H
#define VTD_RANKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VTD_RANKS_GROUP  16u
#define VTD_RANKS_LEVELS 7u /* 64 * 16^7 numbers are more than 2^32 */

struct vtd_ranks {
    uint64_t *used; /* [capacity / 64]: bit per number */
    uint32_t *sum[VTD_RANKS_LEVELS];
    uint32_t levels;
    uint32_t capacity; /* a multiple of 64 */
    uint32_t next;     /* the number that is taken next */
    uint32_t count;    /* numbers in use */
};

/* Sums of two, four, eight bits side by side. The compiler's own is a call where the processor is not known to have one. */
static inline uint32_t vtd_ones(uint64_t word)
{
    word -= word >> 1 & 0x5555555555555555u;
    word = (word & 0x3333333333333333u) + (word >> 2 & 0x3333333333333333u);
    word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (uint32_t)(word * 0x0101010101010101u >> 56);
}

/* Room for the numbers below capacity, a multiple of 64; none is in use. False: without memory. */
bool vtd_ranks_init(struct vtd_ranks *r, uint32_t capacity);
void vtd_ranks_free(struct vtd_ranks *r);

/* No number is in use, and 0 is taken next. */
void vtd_ranks_clear(struct vtd_ranks *r);

/* The sums of the word that r->next begins. */
void vtd_ranks_begin_word(struct vtd_ranks *r);

/* Takes the next number; there is room for it. */
static inline void vtd_ranks_take(struct vtd_ranks *r)
{
    if (r->next % 64 == 0)
        vtd_ranks_begin_word(r);
    r->used[r->next / 64] |= UINT64_C(1) << r->next % 64;
    r->next++;
    r->count++;
}

/* How many numbers in use are below this one, which was taken. */
static inline uint32_t vtd_ranks_below(const struct vtd_ranks *r, uint32_t number)
{
    uint32_t unit = number / 64;
    uint32_t below = vtd_ones(r->used[unit] & ((UINT64_C(1) << number % 64) - 1));
    for (uint32_t level = 0; level < r->levels; level++, unit /= VTD_RANKS_GROUP)
        below += r->sum[level][unit];
    return below;
}

/* What a number that goes adds to the sums of a group, by the place of its unit: -1 to those behind it. */
extern const uint32_t vtd_ranks_behind[VTD_RANKS_GROUP][VTD_RANKS_GROUP];

/* A number is in use no more. */
static inline void vtd_ranks_give_back(struct vtd_ranks *r, uint32_t number)
{
    uint32_t unit = number / 64;
    r->used[unit] &= ~(UINT64_C(1) << number % 64);
    r->count--;
    for (uint32_t level = 0; level < r->levels; level++, unit /= VTD_RANKS_GROUP) {
        uint32_t *__restrict group = r->sum[level] + unit / VTD_RANKS_GROUP * VTD_RANKS_GROUP;
        const uint32_t *__restrict behind = vtd_ranks_behind[unit % VTD_RANKS_GROUP];
        for (uint32_t i = 0; i < VTD_RANKS_GROUP; i++)
            group[i] += behind[i];
    }
}

/* A hint that a number will soon be asked for and given back. */
static inline void vtd_ranks_prefetch(const struct vtd_ranks *r, uint32_t number)
{
    __builtin_prefetch(&r->used[number / 64], 1);
    if (r->levels)
        __builtin_prefetch(&r->sum[0][number / 64], 1);
}

#ifdef __cplusplus
}
#endif
#endif
