/* SPDX-License-Identifier: MIT */
/*
 * A resource that can begin a number of things in each slot of time: which slots are taken, over a window that moves
 * along. Requests come nearly in the order of time, but each reaches far ahead of the next one; so slots are taken where
 * they are free, not behind the last one taken.
 */
#ifndef VTD_CALENDAR_H
#define VTD_CALENDAR_H

#include <stdint.h>

/* Slots that are looked at: more than any request reaches ahead of the oldest in flight. */
#define CALENDAR_SLOTS 65536u
#define CALENDAR_WORDS (CALENDAR_SLOTS / 64)

struct calendar {
    uint64_t base;                       /* first slot of the window, a multiple of 64; what was before is full */
    uint64_t full[CALENDAR_WORDS];       /* bit per slot, at its number modulo CALENDAR_SLOTS */
    uint64_t words[CALENDAR_WORDS / 64]; /* bit per word of full: all ones */
    uint8_t taken[CALENDAR_SLOTS];
    uint32_t per_slot; /* things that can begin in a slot, 1..255; 0 = any number */
};

void vtd_calendar_init(struct calendar *c, uint32_t per_slot);

/* Takes the first slot from `slot` on that has room. Returns it. */
uint64_t vtd_calendar_take(struct calendar *c, uint64_t slot);

#endif
