/* SPDX-License-Identifier: MIT */
/*
 * Ranks with Zipf's distribution, and small discrete distributions, in constant time: alias tables (Walker 1977, in the
 * form of Vose 1991). Popular ranks have an entry each. The others are put into runs within which weights differ by 2 %
 * at most: a rank of a run is taken at random and rejected so often that the rest has the right weight. The table stays
 * in the processor's cache however many ranks there are, and the same seed gives the same ranks on every machine.
 * Probabilities are exact to 2^-32.
 */
#ifndef VTD_WORKLOAD_ZIPF_H
#define VTD_WORKLOAD_ZIPF_H

#include "random.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One entry: itself with a probability of keep / 2^32, else alias. */
struct vtd_alias {
    uint32_t keep, alias;
};

/* Fills table[0, n) for weights of at least 0 with a sum above 0; weight is used up. Returns false without memory. */
bool vtd_alias_make(struct vtd_alias *table, double *weight, uint32_t n);

/* An entry of a table of n entries. */
static inline uint32_t vtd_alias_draw(struct vtd_random *r, const struct vtd_alias *table, uint32_t n)
{
    const uint64_t x = vtd_random_next(r);
    const uint32_t i = (uint32_t)((x >> 32) * n >> 32);
    const uint32_t moves = -(uint32_t)((uint32_t)x >= table[i].keep); /* no branch: it would be taken at random */
    return i ^ ((i ^ table[i].alias) & moves);
}

/* Ranks first to first + length - 1. */
struct vtd_zipf_run {
    uint32_t first, length;
    uint32_t
        least; /* weight of the last rank as a share of the first one's, times 2^32, rounded down; all of it for one */
};

struct vtd_zipf {
    struct vtd_alias *table;
    struct vtd_zipf_run *run;
    uint32_t runs;
    double s;
};

#define VTD_ZIPF_RANKS_MAX (1u << 24)
#define VTD_ZIPF_S_MAX     10

/* Ranks 0 to n - 1, rank r with a weight of 1 / (r + 1)^s. Returns false without memory. */
bool vtd_zipf_init(struct vtd_zipf *z, uint32_t n, double s);

void vtd_zipf_fini(struct vtd_zipf *z);

/* For ranks of runs that are not accepted at first sight. */
bool vtd_zipf_accepts(const struct vtd_zipf *z, const struct vtd_zipf_run *run, uint32_t rank, uint32_t share);

static inline uint32_t vtd_zipf_next(struct vtd_random *r, const struct vtd_zipf *z)
{
    for (;;) {
        const struct vtd_zipf_run *run = &z->run[vtd_alias_draw(r, z->table, z->runs)];
        const uint64_t x = vtd_random_next(r);
        const uint32_t rank = run->first + (uint32_t)((x >> 32) * run->length >> 32);
        if ((uint32_t)x < run->least || vtd_zipf_accepts(z, run, rank, (uint32_t)x))
            return rank;
    }
}

#ifdef __cplusplus
}
#endif
#endif
