/* SPDX-License-Identifier: MIT */
/*
 * A resource that can begin a number of things in each slot of time: which slots are taken. Requests come nearly in the
 * order of time, but each reaches ahead of the next one; so slots are taken where they are free, not behind the last one
 * taken.
 *
 * Slots are kept in words of 64, and a word has the place of its number modulo CALENDAR_WORDS: two times that are
 * CALENDAR_SLOTS apart share a place, and the one that came last has it. So a request that goes on far ahead (after a page
 * fault, say) does not push the window away from the others. Where everything is full as far as one can see, the
 * end of it is remembered.
 */
#ifndef VTD_CALENDAR_H
#define VTD_CALENDAR_H

#include <stdint.h>

/* More than any request reaches ahead of the oldest in flight, save after a page request. */
#define CALENDAR_SLOTS 65536u
#define CALENDAR_WORDS (CALENDAR_SLOTS / 64)

struct calendar {
    uint64_t full_from, full_to;     /* all slots in between are full; empty when equal */
    uint64_t number[CALENDAR_WORDS]; /* of the word that is in this place */
    uint64_t full[CALENDAR_WORDS];   /* bit per slot */
    uint8_t taken[CALENDAR_SLOTS];   /* per_slot > 1: how often, at the slot's number modulo CALENDAR_SLOTS */
    uint32_t per_slot;               /* things that can begin in a slot, 1..255; 0 = any number */
};

void vtd_calendar_init(struct calendar *c, uint32_t per_slot);

/* Takes the first slot from `slot` on that has room. Returns it. */
uint64_t vtd_calendar_take(struct calendar *c, uint64_t slot);

#endif
