/* SPDX-License-Identifier: MIT */
/* Slots of time. See calendar.h. */
#include "calendar.h"

#include <string.h>

/* A search that passes so many full slots notes where they end. */
#define LONG_SEARCH 2048u

void vtd_calendar_init(struct calendar *c, uint32_t per_slot)
{
    memset(c, 0, sizeof *c);
    c->per_slot = per_slot;
}

static inline uint64_t full_slots(const struct calendar *c, uint64_t word)
{
    const struct calendar_word *w = &c->word[word % CALENDAR_WORDS];
    return w->number == word ? w->full : 0;
}

/* The place becomes that of word; what another word had there is forgotten. */
static void claim(struct calendar *c, uint64_t word)
{
    const uint32_t at = (uint32_t)(word % CALENDAR_WORDS);
    if (c->word[at].number == word)
        return;
    c->word[at] = (struct calendar_word){.number = word};
    if (c->per_slot > 1)
        memset(&c->taken[at * 64], 0, 64);
}

uint64_t vtd_calendar_search(struct calendar *c, uint64_t slot)
{
    if (c->per_slot == 0)
        return slot;
    const uint64_t from = slot >= c->full_from && slot < c->full_to ? c->full_to : slot;
    uint64_t word = from / 64;
    uint64_t room = ~full_slots(c, word) & ~UINT64_C(0) << from % 64;
    while (!room)
        room = ~full_slots(c, ++word);
    const uint64_t found = word * 64 + (unsigned)__builtin_ctzll(room);
    if (found - from > LONG_SEARCH) {
        c->full_from = from == slot ? slot : c->full_from;
        c->full_to = found;
    }
    claim(c, word);
    if (c->per_slot == 1 || ++c->taken[found % CALENDAR_SLOTS] == c->per_slot)
        c->word[word % CALENDAR_WORDS].full |= room & -room;
    return found;
}
