/* SPDX-License-Identifier: MIT */
/* Ranks of numbers in use. See ranks.h. */
#include "ranks.h"

#include <stdlib.h>
#include <string.h>

#define LINE 64u /* bytes, and so much has a group of sums */

#define GONE UINT32_MAX
#define BEHIND(i)                                                                                                      \
    {                                                                                                                  \
        (i) < 0 ? GONE : 0, (i) < 1 ? GONE : 0, (i) < 2 ? GONE : 0, (i) < 3 ? GONE : 0, (i) < 4 ? GONE : 0,            \
            (i) < 5 ? GONE : 0, (i) < 6 ? GONE : 0, (i) < 7 ? GONE : 0, (i) < 8 ? GONE : 0, (i) < 9 ? GONE : 0,        \
            (i) < 10 ? GONE : 0, (i) < 11 ? GONE : 0, (i) < 12 ? GONE : 0, (i) < 13 ? GONE : 0, (i) < 14 ? GONE : 0,   \
            (i) < 15 ? GONE : 0,                                                                                       \
    }
const uint32_t vtd_ranks_behind[VTD_RANKS_GROUP][VTD_RANKS_GROUP] = {
    BEHIND(0), BEHIND(1), BEHIND(2),  BEHIND(3),  BEHIND(4),  BEHIND(5),  BEHIND(6),  BEHIND(7),
    BEHIND(8), BEHIND(9), BEHIND(10), BEHIND(11), BEHIND(12), BEHIND(13), BEHIND(14), BEHIND(15)};

bool vtd_ranks_init(struct vtd_ranks *r, uint32_t capacity)
{
    size_t at[VTD_RANKS_LEVELS], sums = 0;
    *r = (struct vtd_ranks){.capacity = capacity};
    for (uint32_t units = capacity / 64; units > 1;) { /* a level for each group that there is more than one of */
        const uint32_t groups = (units + VTD_RANKS_GROUP - 1) / VTD_RANKS_GROUP;
        at[r->levels++] = sums;
        sums += (size_t)groups * VTD_RANKS_GROUP;
        units = groups;
    }
    /* One piece: the sums, each group in a line of its own, then the bits. */
    const size_t bytes = sums * sizeof *r->sum[0] + capacity / 64 * sizeof *r->used;
    uint8_t *memory = aligned_alloc(LINE, (bytes + LINE - 1) / LINE * LINE);
    if (!memory)
        return false;
    for (uint32_t level = 0; level < r->levels; level++)
        r->sum[level] = (uint32_t *)memory + at[level];
    r->used = (uint64_t *)(memory + sums * sizeof *r->sum[0]);
    if (r->levels == 0)
        r->sum[0] = (uint32_t *)memory; /* what is freed */
    vtd_ranks_clear(r);
    return true;
}

void vtd_ranks_free(struct vtd_ranks *r)
{
    free(r->sum[0]);
    *r = (struct vtd_ranks){0};
}

void vtd_ranks_clear(struct vtd_ranks *r)
{
    if (r->capacity)
        memset(r->used, 0, r->capacity / 8);
    r->next = r->count = 0;
}

void vtd_ranks_begin_word(struct vtd_ranks *r)
{
    uint32_t unit = r->next / 64;
    uint32_t total = unit ? vtd_ones(r->used[unit - 1]) : 0; /* of the unit before, at each level */
    for (uint32_t level = 0; level < r->levels; level++, unit /= VTD_RANKS_GROUP) {
        uint32_t *sum = r->sum[level] + unit;
        if (unit % VTD_RANKS_GROUP) {
            *sum = sum[-1] + total;
            return;
        }
        *sum = 0;
        total = unit ? sum[-1] + total : 0;
    }
}
