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

#include <stdbool.h>
#include <stdint.h>

/* More than any request reaches ahead of the oldest in flight, save after a page request. */
#define CALENDAR_SLOTS 65536u
#define CALENDAR_WORDS (CALENDAR_SLOTS / 64)

struct calendar_word {
    uint64_t number; /* of the word that is in this place */
    uint64_t full;   /* bit per slot */
};

struct calendar {
    uint64_t full_from, full_to; /* all slots in between are full; empty when equal */
    uint32_t per_slot;           /* things that can begin in a slot, 1..255; 0 = any number */
    struct calendar_word word[CALENDAR_WORDS];
    uint8_t taken[CALENDAR_SLOTS]; /* per_slot > 1: how often, at the slot's number modulo CALENDAR_SLOTS */
};

void vtd_calendar_init(struct calendar *c, uint32_t per_slot);

/* As vtd_calendar_take, whatever the slot is like. */
uint64_t vtd_calendar_search(struct calendar *c, uint64_t slot);

/* Takes the first slot from `slot` on that has room. Returns it. Usually one thing can begin in a slot, and it is free. */
static inline uint64_t vtd_calendar_take(struct calendar *c, uint64_t slot)
{
    struct calendar_word *w = &c->word[slot / 64 % CALENDAR_WORDS];
    const uint64_t bit = UINT64_C(1) << slot % 64;
    const bool in_full = slot - c->full_from < c->full_to - c->full_from;
    if (c->per_slot != 1 || in_full || w->number != slot / 64 || w->full & bit)
        return vtd_calendar_search(c, slot);
    w->full |= bit;
    return slot;
}

#endif
