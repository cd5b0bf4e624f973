/* SPDX-License-Identifier: MIT */
/* A small random generator (splitmix64) and a Zipf distribution: the same numbers everywhere for the same seed. */
#ifndef VTD_WORKLOAD_RANDOM_H
#define VTD_WORKLOAD_RANDOM_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

struct vtd_random {
    uint64_t state;
};

#define VTD_RANDOM_STEP 0x9e3779b97f4a7c15ull

static inline uint64_t vtd_random_next(struct vtd_random *r)
{
    uint64_t z = r->state += VTD_RANDOM_STEP;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

/* A number below n, 0 < n <= 2^32. */
static inline uint64_t vtd_random_below(struct vtd_random *r, uint64_t n)
{
    return (vtd_random_next(r) >> 32) * n >> 32;
}

/* The number below n that comes so many draws after the next one. */
static inline uint64_t vtd_random_below_later(const struct vtd_random *r, uint64_t n, unsigned draws)
{
    struct vtd_random later = {r->state + draws * VTD_RANDOM_STEP};
    return vtd_random_below(&later, n);
}

/* A number in [0, 1). */
static inline double vtd_random_unit(struct vtd_random *r)
{
    return (double)(vtd_random_next(r) >> 11) * 0x1p-53;
}

/* Cumulative weights of ranks 1..n with weight 1 / rank^s, for vtd_zipf_draw; free() it. NULL without memory. */
static inline double *vtd_zipf_table(size_t n, double s)
{
    double *table = (double *)malloc(n * sizeof *table);
    double sum = 0;
    for (size_t i = 0; table && i < n; i++)
        table[i] = sum += pow((double)(i + 1), -s);
    return table;
}

/* A rank in [0, n). */
static inline size_t vtd_zipf_draw(struct vtd_random *r, const double *table, size_t n)
{
    const double u = vtd_random_unit(r) * table[n - 1];
    size_t low = 0, high = n - 1;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (table[middle] > u)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

#endif
