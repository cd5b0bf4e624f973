/* SPDX-License-Identifier: MIT */
/*
 * State of the timing, shared by
 *
 *   timing.c         life, tags, requests
 *   timing_fold.c    the access record of a request, laid on caches, miss table, walkers and memory
 *   timing_queue.c   register writes and messages
 *   timing_config.c  defaults and checks
 */
#ifndef VTD_TIMING_INTERNAL_H
#define VTD_TIMING_INTERNAL_H

#include "calendar.h"
#include "instance.h"
#include "meter.h"
#include "record.h"
#include "vtd/vtd_timing.h"

/*
 * Places that are each free from some cycle on. A few are a sorted list, since they become free nearly in the order in which
 * they were taken; many are a heap.
 */
struct place {
    uint64_t free_at;
    uint64_t number;
};
struct places {
    struct place *place; /* the one that is free first is at head; a list has room for two times count */
    uint32_t count;      /* 0: no limit */
    uint32_t head;       /* of a list; 0 in a heap */
};
#define PLACES_LIST_MAX 256u

struct vtd_timing {
    struct vtd *unit;
    struct vtd_timing_config cfg;
    bool apart;                    /* vtd_timing_set_apart */
    uint64_t latest;               /* arrival: no later call has an earlier one, save for approximations */
    uint64_t drained;              /* when all requests so far have left the unit */
    uint64_t fetched, carried_out; /* invalidation queue: the last descriptor */
    struct places walkers, misses;
    struct places *device;       /* [SOURCE_IDS], made when a device sends its first request */
    uint64_t *ready[VTD_CACHES]; /* [entries]: the cycle from which on an entry can be used */
    struct vtd_cache table_cache;
    uint64_t *line_ready;
    void *table_memory;
    vtd_timing_listener *listener;
    void *listener_opaque;
    struct meter meter[VTD_TIMING_RESOURCES];
    struct calendar *class_memory[VTD_MEM_CLASSES]; /* NULL: no limit */
    struct calendar memory;
    struct calendar port[VTD_CACHES];
    struct record record;
};

/* When a place is free for somebody who comes at t. He takes it with places_hold. */
static inline uint64_t places_wait(const struct places *p, uint64_t t)
{
    return p->count && p->place[p->head].free_at > t ? p->place[p->head].free_at : t;
}

/* timing.c: places_hold of a heap; a list goes back to the beginning of its room. */
uint32_t vtd_places_hold_in_heap(struct places *p, uint64_t t);
void vtd_places_move_back(struct places *p);

/* The place that is free first is held until t. Returns its number. */
static inline uint32_t places_hold(struct places *p, uint64_t t)
{
    if (VTD_UNLIKELY(p->count > PLACES_LIST_MAX))
        return vtd_places_hold_in_heap(p, t);
    if (!p->count)
        return 0;
    const uint64_t number = p->place[p->head++].number;
    struct place *to = p->place + p->head + p->count - 1;
    for (uint32_t before = p->count - 1; before && to[-1].free_at > t; before--, to--)
        *to = to[-1];
    *to = (struct place){.free_at = t, .number = number};
    if (VTD_UNLIKELY(p->head == p->count))
        vtd_places_move_back(p);
    return (uint32_t)number;
}

/* When the memory begins an access of a class that could begin at t. */
uint64_t vtd_timing_memory_begins(struct vtd_timing *x, uint64_t t, unsigned cls);

/*
 * Lays the access record on the resources, from cycle t on, at the unit. Adds to timed and returns the cycle of the outcome.
 */
uint64_t vtd_timing_fold(struct vtd_timing *x, struct vtd_timed *timed, uint64_t t);

#endif
