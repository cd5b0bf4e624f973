/* SPDX-License-Identifier: MIT */
/*
 * State of the timing, shared by
 *
 *   timing.c         life, tags, requests
 *   timing_fold.c    the access record of a request, laid on caches, miss table, walkers and memory
 *   timing_places.c  tags, walkers, places in the miss table
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
 * Places that are each free from some cycle on. Many are a heap. A few are two sorted queues, since they become free nearly
 * in the order in which they were taken: the second queue has those who become free before many of the first one, as a hit
 * does that comes behind walks.
 */
struct place {
    uint64_t free_at;
    uint32_t number;
    uint32_t turn; /* of two that are free at the same cycle, the one that was taken first */
};
struct place_queue {
    uint32_t head, end; /* modulo the room */
};
struct places {
    struct place *place; /* of a heap; or first the room of queue[0], then that of queue[1] */
    uint64_t free_at;    /* the one that is free first */
    uint32_t count;      /* 0: no limit */
    uint32_t room;       /* of a queue: a power of two, count or more; 0 in a heap */
    uint32_t turn;
    uint32_t first; /* the queue that has the one that is free first */
    struct place_queue queue[2];
};
#define PLACES_QUEUED_MAX 256u
#define PLACES_NEAR       8u /* in the first queue, so many may have to move */

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
    return p->free_at > t ? p->free_at : t;
}

static inline struct place *places_at(const struct places *p, unsigned queue, uint32_t i)
{
    return p->place + queue * p->room + (i & (p->room - 1));
}

/* timing_places.c */
bool vtd_places_init(struct places *p, uint32_t count);
uint32_t vtd_places_hold_in_heap(struct places *p, uint64_t t);

static inline void places_insert(struct places *p, unsigned queue, struct place taken)
{
    struct place_queue *q = &p->queue[queue];
    uint32_t to = q->end++;
    for (; to != q->head && places_at(p, queue, to - 1)->free_at > taken.free_at; to--)
        *places_at(p, queue, to) = *places_at(p, queue, to - 1);
    *places_at(p, queue, to) = taken;
}

/* Which place is free first now. */
static inline void places_look(struct places *p)
{
    const struct place_queue *q = p->queue;
    const struct place *a = places_at(p, 0, q[0].head), *b = places_at(p, 1, q[1].head);
    const bool b_is_first = q[1].head != q[1].end && (q[0].head == q[0].end || b->free_at < a->free_at ||
                                                      (b->free_at == a->free_at && (int32_t)(b->turn - a->turn) < 0));
    p->first = b_is_first;
    p->free_at = b_is_first ? b->free_at : a->free_at;
}

/* The place that is free first is held until t. Returns its number. */
static inline uint32_t places_hold(struct places *p, uint64_t t)
{
    if (VTD_UNLIKELY(!p->room))
        return p->count ? vtd_places_hold_in_heap(p, t) : 0;
    const struct place_queue *q = &p->queue[0];
    const uint32_t number = places_at(p, p->first, p->queue[p->first].head++)->number;
    const bool before_many = q->end - q->head > PLACES_NEAR && places_at(p, 0, q->end - 1 - PLACES_NEAR)->free_at > t;
    const struct place taken = {t, number, p->turn++};
    places_insert(p, before_many, taken);
    places_look(p);
    return number;
}

/* When the memory begins an access of a class that could begin at t. */
uint64_t vtd_timing_memory_begins(struct vtd_timing *x, uint64_t t, unsigned cls);

/*
 * Lays the access record on the resources, from cycle t on, at the unit. Adds to timed and returns the cycle of the outcome.
 */
uint64_t vtd_timing_fold(struct vtd_timing *x, struct vtd_timed *timed, uint64_t t);

#endif
