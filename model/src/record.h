/* SPDX-License-Identifier: MIT */
/*
 * The access record: what one request did, in order, for whoever gives it a time (timing.c). Written by the owners of
 * caches and by the memory port, while a record is attached.
 */
#ifndef VTD_RECORD_H
#define VTD_RECORD_H

#include <stdbool.h>
#include <stdint.h>

enum record_kind {
    RECORD_LOOKUP, /* unit = cache; hit: index is the entry */
    RECORD_FILL,   /* unit = cache; index is the entry */
    RECORD_ACCESS, /* unit = memory class, addr; addr of RECORD_UNCACHED accesses is of no line that could be kept */
};

struct record_step {
    uint64_t addr;
    uint32_t index;
    uint8_t kind; /* enum record_kind */
    uint8_t unit;
    bool hit;
    bool update;     /* RECORD_ACCESS: an atomic update, which memory itself carries out */
    bool background; /* RECORD_ACCESS, RECORD_FILL: the request does not wait for it */
};

/*
 * A nested walk with 5 + 5 levels takes 35 reads, as many lookups and updates, and some of it again after a restart; 63 PASID
 * entries that are fetched ahead take two steps each.
 */
#define RECORD_STEPS 384

struct record {
    uint32_t count;
    uint32_t lost; /* steps that did not fit */
    struct record_step step[RECORD_STEPS];
};

static inline void record_add(struct record *r, struct record_step step)
{
    if (r->count < RECORD_STEPS)
        r->step[r->count++] = step;
    else
        r->lost++;
}

#endif
