/* SPDX-License-Identifier: MIT */
/* PASIDs in sets. See pasid_sets.h. */
#include "pasid_sets.h"

#include <errno.h>
#include <stdlib.h>

int vtd_pasid_sets_init(struct vtd_pasid_sets *sets, unsigned bits)
{
    *sets = (struct vtd_pasid_sets){0};
    if (vtd_pasid_pool_init(&sets->pool, bits) != 0)
        return -ENOMEM;
    sets->owner = calloc(sets->pool.limit, sizeof(*sets->owner));
    sets->users = calloc(sets->pool.limit, sizeof(*sets->users));
    if (sets->owner && sets->users)
        return 0;
    vtd_pasid_sets_fini(sets);
    return -ENOMEM;
}

void vtd_pasid_sets_fini(struct vtd_pasid_sets *sets)
{
    free(sets->owner);
    free(sets->users);
    vtd_pasid_pool_fini(&sets->pool);
    *sets = (struct vtd_pasid_sets){0};
}

static struct vtd_pasid_set *find(struct vtd_pasid_sets *sets, int set)
{
    return set >= 0 && set < VTD_PASID_SETS_MAX && sets->set[set].exists ? &sets->set[set] : NULL;
}

static bool has(struct vtd_pasid_sets *sets, int set, uint64_t pasid)
{
    return find(sets, set) && pasid > 0 && pasid < sets->pool.limit &&
           (sets->pool.used[pasid / 64] >> pasid % 64 & 1) && sets->owner[pasid] == set;
}

int vtd_pasid_sets_add(struct vtd_pasid_sets *sets, uint32_t quota)
{
    for (int i = 0; i < VTD_PASID_SETS_MAX; i++) {
        if (sets->set[i].exists)
            continue;
        sets->set[i] = (struct vtd_pasid_set){.exists = true, .quota = quota};
        return i;
    }
    return -ENOSPC;
}

int vtd_pasid_sets_remove(struct vtd_pasid_sets *sets, int set)
{
    struct vtd_pasid_set *s = find(sets, set);
    if (!s)
        return -ENOENT;
    for (uint32_t i = 1; i < sets->pool.limit && s->count; i++)
        if (has(sets, set, i) && sets->users[i])
            return -EBUSY;
    for (uint32_t i = 1; i < sets->pool.limit && s->count; i++)
        if (has(sets, set, i))
            vtd_pasid_sets_free(sets, set, i);
    s->exists = false;
    return 0;
}

int vtd_pasid_sets_choose(struct vtd_pasid_sets *sets, enum vtd_pasid_policy policy, uint32_t range, uint64_t seed)
{
    if (policy == VTD_PASID_RANGES && range == 0)
        return -EINVAL;
    sets->policy = policy;
    sets->range = range;
    sets->random = seed;
    return 0;
}

/* The top bits of a linear congruential generator (Knuth's MMIX). */
static uint32_t random_place(struct vtd_pasid_sets *sets)
{
    sets->random = sets->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((sets->random >> 32) * sets->pool.limit >> 32);
}

static uint32_t take(struct vtd_pasid_sets *sets, int set)
{
    const uint64_t start = (uint64_t)set * sets->range, limit = sets->pool.limit;
    uint32_t place, got;
    switch (sets->policy) {
    case VTD_PASID_RANGES:
        return start < limit
                   ? vtd_pasid_pool_alloc_in(&sets->pool, (uint32_t)start,
                                             (uint32_t)(start + sets->range < limit ? start + sets->range : limit))
                   : 0;
    case VTD_PASID_RANDOM:
        place = random_place(sets);
        got = vtd_pasid_pool_alloc_in(&sets->pool, place, sets->pool.limit);
        return got ? got : vtd_pasid_pool_alloc_in(&sets->pool, 1, place);
    default:
        return vtd_pasid_pool_alloc(&sets->pool);
    }
}

int vtd_pasid_sets_alloc(struct vtd_pasid_sets *sets, int set, uint32_t *pasid)
{
    struct vtd_pasid_set *s = find(sets, set);
    if (!s)
        return -ENOENT;
    if (s->count >= s->quota)
        return -EDQUOT;
    const uint32_t got = take(sets, set);
    if (!got)
        return -ENOSPC;
    sets->owner[got] = (uint16_t)set;
    s->count++;
    *pasid = got;
    return 0;
}

int vtd_pasid_sets_free(struct vtd_pasid_sets *sets, int set, uint64_t pasid)
{
    if (!has(sets, set, pasid))
        return -ENOENT;
    if (sets->users[pasid])
        return -EBUSY;
    sets->set[set].count--;
    vtd_pasid_pool_free(&sets->pool, pasid);
    return 0;
}

int vtd_pasid_sets_get(struct vtd_pasid_sets *sets, int set, uint64_t pasid)
{
    if (!has(sets, set, pasid))
        return -ENOENT;
    sets->users[pasid]++;
    return 0;
}

void vtd_pasid_sets_put(struct vtd_pasid_sets *sets, int set, uint64_t pasid)
{
    if (has(sets, set, pasid) && sets->users[pasid])
        sets->users[pasid]--;
}
