/* SPDX-License-Identifier: MIT */
/*
 * An exact histogram of whole numbers: small ones by an array, larger ones by a hash table, so that percentiles are those
 * of the sorted list of all values.
 *
 * Memory: 64 KiB for values below VTD_HISTOGRAM_SMALL, and up to 10 MiB for the larger ones. The table knows up to
 * VTD_HISTOGRAM_EXACT different values; then further ones are rounded up to 10 significant bits (by less than 0.2 %), and counted
 * as rounded. No value is lost.
 */
#ifndef VTD_HISTOGRAM_H
#define VTD_HISTOGRAM_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VTD_HISTOGRAM_SMALL 8192u
#define VTD_HISTOGRAM_EXACT (1u << 18)

struct vtd_histogram_value {
    uint64_t value, count; /* count 0: free */
};

struct vtd_histogram {
    uint64_t *small;                   /* [VTD_HISTOGRAM_SMALL] */
    struct vtd_histogram_value *large; /* open addressing; NULL: none yet */
    uint32_t slots, used;
    uint64_t rounded; /* values that were */
    bool failed;      /* memory was out: a value is missing */
};

/* False when memory is out; fini is then allowed, too. */
bool vtd_histogram_init(struct vtd_histogram *h);
void vtd_histogram_fini(struct vtd_histogram *h);
void vtd_histogram_clear(struct vtd_histogram *h);

void vtd_histogram_add_large(struct vtd_histogram *h, uint64_t value, uint64_t count);

static inline void vtd_histogram_add(struct vtd_histogram *h, uint64_t value)
{
    if (value < VTD_HISTOGRAM_SMALL)
        h->small[value]++;
    else
        vtd_histogram_add_large(h, value, 1);
}

/* Adds all of from. */
void vtd_histogram_merge(struct vtd_histogram *h, const struct vtd_histogram *from);

/* The quantiles that are told of everything. */
#define VTD_QUANTILES 4
extern const struct vtd_quantile {
    const char *name; /* "p99_9" */
    uint32_t permille;
} vtd_quantiles[VTD_QUANTILES];

struct vtd_distribution {
    uint64_t count, sum, min, max;
    uint64_t quantile[VTD_QUANTILES]; /* the least value that so many of 1000 do not exceed */
    double mean;
};

/* All 0 when there is no value. False when memory is out. */
bool vtd_histogram_read(const struct vtd_histogram *h, struct vtd_distribution *d);

#ifdef __cplusplus
}
#endif
#endif
