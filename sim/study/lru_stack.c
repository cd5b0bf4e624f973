/* SPDX-License-Identifier: MIT */
/* LRU stacks by time stamps. See lru_stack.h. */
#include "lru_stack.h"

#include "platform/table_memory.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 64u /* there may be a stack per set of a cache */
#define HOLE       UINT32_MAX

/* ---------------------------------------------------------------- stamps */

/* Gives the next stamp to an item, or to a hole. Returns it. */
static inline uint32_t mark(struct vtd_lru_stack *s, uint32_t item)
{
    const uint32_t stamp = s->ranks.next;
    s->item[stamp] = item;
    vtd_ranks_take(&s->ranks);
    return stamp;
}

static inline void unmark(struct vtd_lru_stack *s, uint32_t stamp)
{
    vtd_ranks_give_back(&s->ranks, stamp);
}

/* ---------------------------------------------------------------- holes: a heap with the largest stamp first */

static bool push_hole(struct vtd_lru_stack *s, uint32_t stamp)
{
    if (s->holes == s->heap_capacity) {
        const uint32_t more = s->heap_capacity ? 2 * s->heap_capacity : 64;
        uint32_t *bigger = realloc(s->heap, more * sizeof *bigger);
        if (!bigger)
            return false;
        s->heap = bigger;
        s->heap_capacity = more;
    }
    uint32_t i = s->holes++;
    for (; i && s->heap[(i - 1) / 2] < stamp; i = (i - 1) / 2)
        s->heap[i] = s->heap[(i - 1) / 2];
    s->heap[i] = stamp;
    s->item[stamp] = HOLE;
    return true;
}

static uint32_t pop_hole(struct vtd_lru_stack *s)
{
    const uint32_t top = s->heap[0];
    const uint32_t moved = s->heap[--s->holes];
    uint32_t i = 0;
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= s->holes)
            break;
        if (child + 1 < s->holes && s->heap[child + 1] > s->heap[child])
            child++;
        if (s->heap[child] <= moved)
            break;
        s->heap[i] = s->heap[child];
        i = child;
    }
    s->heap[i] = moved;
    return top;
}

/* ---------------------------------------------------------------- room for stamps */

/* Gives items and holes the stamps from 0 on, in the old order, in tables of another size. */
static bool renumber(struct vtd_lru_stack *s, uint32_t capacity, uint32_t *stamps)
{
    struct vtd_lru_stack n = {.heap = s->heap, .heap_capacity = s->heap_capacity};
    n.item = vtd_table_alloc(capacity * sizeof *n.item);
    if (!n.item || !vtd_ranks_init(&n.ranks, capacity)) {
        free(n.item);
        return false;
    }
    for (uint32_t word = 0; word < s->ranks.capacity / 64; word++)
        for (uint64_t bits = s->ranks.used[word]; bits; bits &= bits - 1) {
            const uint32_t item = s->item[word * 64 + (unsigned)__builtin_ctzll(bits)];
            const uint32_t stamp = mark(&n, item);
            if (item == HOLE)
                n.heap[n.holes++] = stamp;
            else
                stamps[item] = stamp;
        }
    for (uint32_t i = 0; i < n.holes / 2; i++) { /* ascending so far; descending is a heap */
        const uint32_t h = n.heap[i];
        n.heap[i] = n.heap[n.holes - 1 - i];
        n.heap[n.holes - 1 - i] = h;
    }
    vtd_ranks_free(&s->ranks);
    free(s->item);
    *s = n;
    return true;
}

/* Room for another stamp. Half of them are free after a renumbering, so that it comes once in that many accesses. */
static bool make_room(struct vtd_lru_stack *s, uint32_t *stamps)
{
    if (s->ranks.next < s->ranks.capacity)
        return true;
    uint32_t capacity = s->ranks.capacity ? s->ranks.capacity : FIRST_SIZE;
    while (capacity < 2 * (uint64_t)s->ranks.count && capacity < 1u << 31)
        capacity *= 2;
    return s->ranks.count < capacity && renumber(s, capacity, stamps);
}

static void put_on_top(struct vtd_lru_stack *s, uint32_t item, uint32_t *stamps)
{
    stamps[item] = mark(s, item);
}

/* ---------------------------------------------------------------- operations */

bool vtd_lru_stack_push(struct vtd_lru_stack *s, uint32_t item, uint32_t *stamps)
{
    if (!make_room(s, stamps))
        return false;
    if (s->holes)
        unmark(s, pop_hole(s));
    put_on_top(s, item, stamps);
    return true;
}

bool vtd_lru_stack_raise(struct vtd_lru_stack *s, uint32_t item, uint32_t *stamps)
{
    if (stamps[item] + 1 == s->ranks.next)
        return true;
    if (!make_room(s, stamps))
        return false;
    const uint32_t stamp = stamps[item];
    if (s->holes && s->heap[0] > stamp) {
        unmark(s, pop_hole(s));
        push_hole(s, stamp); /* there is room for it: one has just gone */
    } else {
        unmark(s, stamp);
    }
    put_on_top(s, item, stamps);
    return true;
}

bool vtd_lru_stack_remove(struct vtd_lru_stack *s, uint32_t stamp)
{
    return push_hole(s, stamp);
}

void vtd_lru_stack_clear(struct vtd_lru_stack *s)
{
    vtd_ranks_clear(&s->ranks);
    s->holes = 0;
}

void vtd_lru_stack_free(struct vtd_lru_stack *s)
{
    vtd_ranks_free(&s->ranks);
    free(s->item);
    free(s->heap);
    *s = (struct vtd_lru_stack){0};
}
