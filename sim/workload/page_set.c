/* SPDX-License-Identifier: MIT */
/* A set of page numbers. See page_set.h. */
#include "page_set.h"

#include <stdlib.h>

static void put(struct vtd_page_set *s, uint64_t page)
{
    size_t i = vtd_page_set_home(s, page);
    while (s->slot[i] && s->slot[i] != page + 1)
        i = (i + 1) & s->mask;
    s->count += s->slot[i] == 0;
    s->slot[i] = page + 1;
}

static bool grow(struct vtd_page_set *s)
{
    const size_t slots = s->slot ? 2 * (s->mask + 1) : 64;
    struct vtd_page_set bigger = {.slot = calloc(slots, sizeof *bigger.slot), .mask = slots - 1};
    if (!bigger.slot)
        return false;
    for (size_t i = 0; s->slot && i <= s->mask; i++)
        if (s->slot[i])
            put(&bigger, s->slot[i] - 1);
    free(s->slot);
    *s = bigger;
    return true;
}

bool vtd_page_set_add(struct vtd_page_set *s, uint64_t page)
{
    if ((!s->slot || s->count >= (s->mask + 1) / 2) && !grow(s))
        return false;
    put(s, page);
    return true;
}

/* The run of slots behind the hole is moved up, so that no search ends at it too early. */
void vtd_page_set_remove(struct vtd_page_set *s, uint64_t page)
{
    if (!vtd_page_set_has(s, page))
        return;
    size_t hole = vtd_page_set_home(s, page);
    while (s->slot[hole] != page + 1)
        hole = (hole + 1) & s->mask;
    for (size_t i = (hole + 1) & s->mask; s->slot[i]; i = (i + 1) & s->mask) {
        const size_t home = vtd_page_set_home(s, s->slot[i] - 1);
        if (((i - home) & s->mask) >= ((i - hole) & s->mask)) {
            s->slot[hole] = s->slot[i];
            hole = i;
        }
    }
    s->slot[hole] = 0;
    s->count--;
}

void vtd_page_set_remove_range(struct vtd_page_set *s, uint64_t first, uint64_t pages)
{
    if (pages <= s->count) {
        for (uint64_t page = first; page < first + pages; page++)
            vtd_page_set_remove(s, page);
        return;
    }
    /* The range is larger than the set: keep what is outside in a new one. */
    struct vtd_page_set kept = {.slot = s->slot ? calloc(s->mask + 1, sizeof *kept.slot) : NULL, .mask = s->mask};
    if (!kept.slot) {
        for (size_t i = 0; s->slot && i <= s->mask;) {
            const uint64_t page = s->slot[i] - 1;
            if (s->slot[i] && page >= first && page - first < pages)
                vtd_page_set_remove(s, page); /* may bring another page to this slot */
            else
                i++;
        }
        return;
    }
    for (size_t i = 0; i <= s->mask; i++)
        if (s->slot[i] && !(s->slot[i] - 1 >= first && s->slot[i] - 1 - first < pages))
            put(&kept, s->slot[i] - 1);
    free(s->slot);
    *s = kept;
}

void vtd_page_set_clear(struct vtd_page_set *s)
{
    free(s->slot);
    *s = (struct vtd_page_set){0};
}
