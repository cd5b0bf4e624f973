/* SPDX-License-Identifier: MIT */
/*
 * Pages that are known to be mapped, whoever maps them: a cache in front of the sets of each space (page_set.h), so that a
 * request costs one line of memory however many spaces there are. What is not in here may be mapped all the same.
 */
#ifndef VTD_WORKLOAD_KNOWN_PAGES_H
#define VTD_WORKLOAD_KNOWN_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VTD_KNOWN_WAYS 4u

struct vtd_known_page {
    uint64_t who; /* never 0 in an entry that is used */
    uint64_t page;
};

/* A line of memory. */
struct vtd_known_bucket {
    struct vtd_known_page way[VTD_KNOWN_WAYS]; /* the youngest first */
};

/* From 64 KiB to 64 MiB, in proportion to the pages that are mapped. */
struct vtd_known_pages {
    struct vtd_known_bucket *bucket;
    size_t mask; /* buckets - 1 */
    uint64_t added;
};

/* False without memory. */
bool vtd_known_pages_init(struct vtd_known_pages *k);
void vtd_known_pages_fini(struct vtd_known_pages *k);

static inline struct vtd_known_bucket *vtd_known_pages_line(const struct vtd_known_pages *k, uint64_t who,
                                                            uint64_t page)
{
    const uint64_t hash = who * 0x9e3779b97f4a7c15ull + page * 0xd6e8feb86659fd93ull;
    return &k->bucket[hash >> 32 & k->mask];
}

/* Is the page of this space known to be mapped? who is the space's key, not 0. */
static inline bool vtd_known_pages_has(const struct vtd_known_pages *k, uint64_t who, uint64_t page)
{
    const struct vtd_known_page *w = vtd_known_pages_line(k, who, page)->way;
    bool found = false;
    for (unsigned i = 0; i < VTD_KNOWN_WAYS; i++)
        found |= ((w[i].who ^ who) | (w[i].page ^ page)) == 0;
    return found;
}

/* A page that is mapped and was not known. */
void vtd_known_pages_add(struct vtd_known_pages *k, uint64_t who, uint64_t page);

/* A page that is mapped no more. */
void vtd_known_pages_remove(struct vtd_known_pages *k, uint64_t who, uint64_t page);

#ifdef __cplusplus
}
#endif
#endif
