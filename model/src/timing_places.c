/* SPDX-License-Identifier: MIT */
/* Places that requests hold: tags, walkers, places in the miss table. See timing_internal.h. */
#include "timing_internal.h"

#include <stdlib.h>

bool vtd_places_init(struct places *p, uint32_t count)
{
    *p = (struct places){0};
    if (!count)
        return true;
    uint32_t room = 0;
    if (count <= PLACES_QUEUED_MAX)
        for (room = 1; room < count; room *= 2)
            continue;
    p->place = calloc(room ? 2 * (size_t)room : count, sizeof *p->place);
    if (!p->place)
        return false;
    p->count = p->turn = p->queue[0].end = count;
    p->room = room;
    for (uint32_t i = 0; i < count; i++)
        p->place[i].number = p->place[i].turn = i;
    return true;
}

uint32_t vtd_places_hold_in_heap(struct places *p, uint64_t t)
{
    const struct place taken = {.free_at = t, .number = p->place[0].number};
    uint32_t i = 0;
    for (uint32_t child = 1; child < p->count; child = 2 * i + 1) {
        child += child + 1 < p->count && p->place[child + 1].free_at < p->place[child].free_at;
        if (p->place[child].free_at >= t)
            break;
        p->place[i] = p->place[child];
        i = child;
    }
    p->place[i] = taken;
    p->free_at = p->place[0].free_at;
    return taken.number;
}
