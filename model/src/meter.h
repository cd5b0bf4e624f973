/* SPDX-License-Identifier: MIT */
/*
 * How many places of a resource are held over time. Holds are told when they are known, not in order: their beginnings and
 * ends wait until time has come so far that no earlier one can follow: in sorted rings where they come nearly in order, else in a
 * heap. Beginnings and ends have a ring each: a hold begins before many others end, but behind most beginnings.
 */
#ifndef VTD_METER_H
#define VTD_METER_H

#include <stdbool.h>
#include <stdint.h>

/* Beginnings and ends that can wait in the heap; when there are more, the earliest is counted out of order. */
#define METER_EVENTS 32768u
#define METER_RING   128u /* a power of two */

struct meter_ring {
    uint32_t first, count;
    uint64_t event[METER_RING];
};

struct meter {
    /* Events are 2 * cycle + (1 for a beginning). */
    uint64_t *heap; /* [METER_EVENTS], the earliest first */
    uint32_t heaped;
    struct meter_ring begins, ends;
    uint32_t limit; /* places; 0: any number */
    uint32_t level, peak;
    uint64_t now;  /* everything before is counted */
    uint64_t from; /* nothing before is counted */
    uint64_t holds, area, full, early;
};

bool vtd_meter_init(struct meter *m, uint32_t limit);
void vtd_meter_fini(struct meter *m);

/* A place is held in [begin, end). No hold that is told later begins before `safe`. */
void vtd_meter_hold(struct meter *m, uint64_t begin, uint64_t end, uint64_t safe);

/* Counts everything that waits. */
void vtd_meter_settle(struct meter *m);

/* Counting begins again at cycle from; what is held then counts from there on. */
void vtd_meter_reset(struct meter *m, uint64_t from);

#endif
