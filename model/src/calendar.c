/* SPDX-License-Identifier: MIT */
/* Slots of time. See calendar.h. */
#include "calendar.h"

#include <string.h>

void vtd_calendar_init(struct calendar *c, uint32_t per_slot)
{
    memset(c, 0, sizeof *c);
    c->per_slot = per_slot;
}

static void clear_word(struct calendar *c, uint64_t word)
{
    const uint32_t w = (uint32_t)(word % CALENDAR_WORDS);
    c->full[w] = 0;
    c->words[w / 64] &= ~(UINT64_C(1) << w % 64);
    memset(&c->taken[w * 64], 0, 64);
}

/* Moves the window on, if slot is near its end or behind it; most of it stays for requests of earlier times. */
static void reach(struct calendar *c, uint64_t slot)
{
    if (slot - c->base < CALENDAR_SLOTS / 8 * 7)
        return;
    const uint64_t base = (slot - CALENDAR_SLOTS / 4 * 3) / 64 * 64;
    uint64_t words = (base - c->base) / 64;
    if (words > CALENDAR_WORDS)
        words = CALENDAR_WORDS;
    for (uint64_t i = 0; i < words; i++)
        clear_word(c, c->base / 64 + i);
    c->base = base;
}

/* The first slot from `slot` on that is not full; the window always ends with free ones, or is asked to move. */
static uint64_t first_free(const struct calendar *c, uint64_t slot)
{
    uint64_t word = slot / 64;
    uint64_t room = ~c->full[word % CALENDAR_WORDS] & ~UINT64_C(0) << slot % 64;
    while (!room) {
        word++;
        if (word % 64 == 0) /* skip words that are full 64 at a time */
            while (c->words[word % CALENDAR_WORDS / 64] == ~UINT64_C(0) && word - c->base / 64 < CALENDAR_WORDS)
                word += 64;
        if (word - c->base / 64 >= CALENDAR_WORDS)
            return c->base + CALENDAR_SLOTS;
        room = ~c->full[word % CALENDAR_WORDS];
    }
    return word * 64 + (unsigned)__builtin_ctzll(room);
}

uint64_t vtd_calendar_take(struct calendar *c, uint64_t slot)
{
    if (c->per_slot == 0)
        return slot;
    if (slot < c->base)
        slot = c->base;
    reach(c, slot);
    uint64_t found = first_free(c, slot);
    while (found == c->base + CALENDAR_SLOTS) { /* all of it is full: go on behind it */
        reach(c, found);
        found = first_free(c, found);
    }
    const uint32_t at = (uint32_t)(found % CALENDAR_SLOTS);
    if (++c->taken[at] == c->per_slot) {
        const uint32_t w = at / 64;
        c->full[w] |= UINT64_C(1) << at % 64;
        if (c->full[w] == ~UINT64_C(0))
            c->words[w / 64] |= UINT64_C(1) << w % 64;
    }
    return found;
}
