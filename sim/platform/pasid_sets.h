/* SPDX-License-Identifier: MIT */
/*
 * The PASIDs of a host, given out to virtual machines (ref 9): each machine has a set with a quota, can free and use
 * what is its own only, and a PASID that an address space is bound to cannot be freed.
 */
#ifndef VTD_PASID_SETS_H
#define VTD_PASID_SETS_H

#include "platform/pasid_pool.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VTD_PASID_SETS_MAX 256

/* Which of the free PASIDs a set gets. */
enum vtd_pasid_policy {
    VTD_PASID_LOWEST, /* the lowest of all */
    VTD_PASID_RANGES, /* the lowest of the set's own range: set n has range PASIDs from n * range on */
    VTD_PASID_RANDOM, /* the first behind a random place */
};

struct vtd_pasid_set {
    bool exists;
    uint32_t quota; /* PASIDs it may have at a time */
    uint32_t count; /* PASIDs it has */
};

/* Zero-initialized is valid for vtd_pasid_sets_fini. */
struct vtd_pasid_sets {
    struct vtd_pasid_pool pool;
    uint16_t *owner; /* of each PASID in use: number of the set */
    uint32_t *users; /* of each PASID */
    struct vtd_pasid_set set[VTD_PASID_SETS_MAX];
    enum vtd_pasid_policy policy; /* after vtd_pasid_sets_init: VTD_PASID_LOWEST */
    uint32_t range;
    uint64_t random;
};

/* PASIDs that fit into bits (1..20), no sets. Returns 0 or -ENOMEM. */
int vtd_pasid_sets_init(struct vtd_pasid_sets *sets, unsigned bits);
void vtd_pasid_sets_fini(struct vtd_pasid_sets *sets);

/*
 * How PASIDs are chosen from now on. range counts for VTD_PASID_RANGES, seed for VTD_PASID_RANDOM. -EINVAL for range
 * 0.
 */
int vtd_pasid_sets_choose(struct vtd_pasid_sets *sets, enum vtd_pasid_policy policy, uint32_t range, uint64_t seed);

/*
 * Makes a set of at most quota PASIDs. Returns its number, 0 or more; -ENOSPC when there are as many sets as there
 * can be.
 */
int vtd_pasid_sets_add(struct vtd_pasid_sets *sets, uint32_t quota);

/* Frees all PASIDs of a set, and the set. -ENOENT; -EBUSY, and nothing done, while one of them is used. */
int vtd_pasid_sets_remove(struct vtd_pasid_sets *sets, int set);

/*
 * Takes a free PASID for a set. -ENOENT (no such set), -EDQUOT (quota), -ENOSPC (of the host, or of the set's range).
 */
int vtd_pasid_sets_alloc(struct vtd_pasid_sets *sets, int set, uint32_t *pasid);

/* Gives a PASID back: -ENOENT when it is not the set's, -EBUSY while it is used. */
int vtd_pasid_sets_free(struct vtd_pasid_sets *sets, int set, uint64_t pasid);

/* Begins a use of a PASID: -ENOENT when it is not the set's; and ends one. */
int vtd_pasid_sets_get(struct vtd_pasid_sets *sets, int set, uint64_t pasid);
void vtd_pasid_sets_put(struct vtd_pasid_sets *sets, int set, uint64_t pasid);

#ifdef __cplusplus
}
#endif
#endif
