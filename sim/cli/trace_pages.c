/* SPDX-License-Identifier: MIT */
/* Numbers pairs of numbers. See trace_pages.h. */
#include "trace_pages.h"

#include <stdlib.h>

static uint32_t *find(const struct vtd_pairs *p, uint64_t a, uint32_t b)
{
    uint32_t i = (uint32_t)((a + b * 0x9e3779b97f4a7c15ull) * 0xbf58476d1ce4e5b9ull >> 32) & p->mask;
    while (p->slot[i] && (p->pair[p->slot[i] - 1].a != a || p->pair[p->slot[i] - 1].b != b))
        i = (i + 1) & p->mask;
    return &p->slot[i];
}

static bool grow(struct vtd_pairs *p)
{
    const uint32_t room = p->room ? 2 * p->room : 1024;
    if (room > 1u << 28)
        return false;
    struct vtd_pair *bigger = realloc(p->pair, room * sizeof *bigger);
    if (!bigger)
        return false;
    p->pair = bigger;
    uint32_t *slot = calloc(2 * (size_t)room, sizeof *slot);
    if (!slot)
        return false;
    free(p->slot);
    p->slot = slot;
    p->mask = 2 * room - 1;
    p->room = room;
    for (uint32_t i = 0; i < p->count; i++)
        *find(p, p->pair[i].a, p->pair[i].b) = i + 1;
    return true;
}

uint32_t vtd_pairs_index(struct vtd_pairs *p, uint64_t a, uint32_t b, bool *is_new)
{
    *is_new = false;
    if (p->count == p->room && !grow(p))
        return UINT32_MAX;
    uint32_t *place = find(p, a, b);
    if (*place)
        return *place - 1;
    *is_new = true;
    p->pair[p->count] = (struct vtd_pair){.a = a, .b = b};
    *place = ++p->count;
    return p->count - 1;
}

void vtd_pairs_free(struct vtd_pairs *p)
{
    free(p->pair);
    free(p->slot);
    *p = (struct vtd_pairs){0};
}
