/* SPDX-License-Identifier: MIT */
/*
 * Miss-ratio curves: the hit rate of an LRU cache at every size, from one pass over its lookups.
 *
 * The cache has a fixed number of sets, and the curve goes over its ways; one set is the fully associative cache. What is
 * invalidated leaves every size at once (lru_stack.h).
 *
 * Sampling follows a fixed share of the keys, chosen by a hash, and scales positions by the share (Waldspurger, Park,
 * Garthwaite, Ahmad: Efficient MRC construction with SHARDS, 2015). The sample is eight samples of an eighth, each with its
 * own positions, and the standard error is estimated from how much they disagree.
 */
#ifndef VTD_MRC_H
#define VTD_MRC_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_mrc;

struct vtd_mrc_spec {
    uint32_t sets; /* a power of two, at most 2^20 */
    bool modulo;   /* the low bits of the key's first word select the set, else a hash (vtd_cache.h) */
    double sample; /* share of the keys that are followed, above 0 and at most 1; below 1 only with one set */
};

/* NULL for a spec out of range, or without memory. */
struct vtd_mrc *vtd_mrc_create(const struct vtd_mrc_spec *spec);
void vtd_mrc_destroy(struct vtd_mrc *m);

/*
 * a and b are the words of a key, as the caches of the model have it (struct vtd_event). item is a number of the caller's
 * choice which no other key has while this one is held: memory is in proportion to the largest. The entries of a cache that
 * holds all keys are such numbers, and nothing has to be searched (vtd_cache_tap).
 */

/* A lookup of a key that is used where it is found, and filled where it is not. False: out of memory, nothing done. */
bool vtd_mrc_access(struct vtd_mrc *m, uint32_t item, uint64_t a, uint64_t b);

/* A lookup that was a miss even where the key was found (a right was missing), and a fill of it. Returns as above. */
bool vtd_mrc_fill(struct vtd_mrc *m, uint32_t item, uint64_t a, uint64_t b);

/* A hint that an item will soon be looked up, with stage 0 and, when that line of memory has come, 1. */
void vtd_mrc_prefetch(const struct vtd_mrc *m, uint32_t item, unsigned stage);

/* A lookup after which nothing was filled: a miss at every size. */
void vtd_mrc_miss(struct vtd_mrc *m);

/* A key was invalidated; all keys were. False: out of memory. */
bool vtd_mrc_remove(struct vtd_mrc *m, uint32_t item, uint64_t a, uint64_t b);
void vtd_mrc_clear(struct vtd_mrc *m);

/* Lookups and hits so far do not count any more; what the cache holds, and in which order, stays. */
void vtd_mrc_start_counting(struct vtd_mrc *m);

/* Lookups so far, and those of keys that were followed. */
uint64_t vtd_mrc_lookups(const struct vtd_mrc *m);
uint64_t vtd_mrc_followed(const struct vtd_mrc *m);

/* The number of ways from which on the curve is flat. */
uint64_t vtd_mrc_last_ways(struct vtd_mrc *m);

/* Hits of the cache with so many ways in each set; exact without sampling, else an estimate with its standard error. */
double vtd_mrc_hits(struct vtd_mrc *m, uint64_t ways, double *error);

#ifdef __cplusplus
}
#endif
#endif
