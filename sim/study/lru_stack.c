/* SPDX-License-Identifier: MIT */
/* LRU stacks by time stamps. See lru_stack.h. */
#include "lru_stack.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK       512u /* stamps; eight words, a line of memory */
#define BLOCK_WORDS (BLOCK / 64)
#define FIRST_SIZE  64u /* there may be a stack per set of a cache */
#define HOLE        UINT32_MAX

/* ---------------------------------------------------------------- ranks */

/* Sums of two, four, eight bits side by side. The compiler's own is a call where the processor is not known to have one. */
static inline unsigned ones(uint64_t word)
{
    word -= word >> 1 & 0x5555555555555555u;
    word = (word & 0x3333333333333333u) + (word >> 2 & 0x3333333333333333u);
    word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (unsigned)(word * 0x0101010101010101u >> 56);
}

/* Used stamps in the blocks before this one. */
static uint32_t before_block(const struct vtd_lru_stack *s, uint32_t block)
{
    uint32_t sum = 0;
    for (; block; block &= block - 1)
        sum += s->blocks[block];
    return sum;
}

static void add_to_block(struct vtd_lru_stack *s, uint32_t block, uint32_t difference)
{
    const uint32_t n = s->capacity / BLOCK;
    for (uint32_t i = block + 1; i <= n; i += i & -i)
        s->blocks[i] += difference;
}

/* The tree learns of a block when it is full; until then it is the last one, and nobody asks the tree for it. */
static void mark(struct vtd_lru_stack *s, uint32_t stamp, uint32_t item)
{
    s->used[stamp / 64] |= UINT64_C(1) << stamp % 64;
    s->item[stamp] = item;
    s->count++;
    if (stamp % BLOCK != BLOCK - 1)
        return;
    uint32_t sum = 0;
    for (uint32_t w = stamp / BLOCK * BLOCK_WORDS; w <= stamp / 64; w++)
        sum += ones(s->used[w]);
    add_to_block(s, stamp / BLOCK, sum);
}

static void unmark(struct vtd_lru_stack *s, uint32_t stamp)
{
    s->used[stamp / 64] &= ~(UINT64_C(1) << stamp % 64);
    s->count--;
    if (stamp / BLOCK != s->next / BLOCK)
        add_to_block(s, stamp / BLOCK, UINT32_MAX); /* minus 1 */
}

uint32_t vtd_lru_stack_position(const struct vtd_lru_stack *s, uint32_t stamp)
{
    const uint32_t word = stamp / 64, last = (s->next - 1) / 64;
    uint32_t newer = ones(s->used[word] & (~UINT64_C(1) << stamp % 64));
    if (last - word < 2 * BLOCK_WORDS) { /* recent: everything above is near */
        for (uint32_t w = word + 1; w <= last; w++)
            newer += ones(s->used[w]);
        return newer + 1;
    }
    const uint32_t block_end = (word | (BLOCK_WORDS - 1)) + 1;
    for (uint32_t w = word + 1; w < block_end; w++)
        newer += ones(s->used[w]);
    return newer + s->count - before_block(s, stamp / BLOCK + 1) + 1;
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
    struct vtd_lru_stack n = {.capacity = capacity, .heap = s->heap, .heap_capacity = s->heap_capacity};
    n.used = calloc(capacity / 64, sizeof *n.used);
    n.blocks = calloc(capacity / BLOCK + 1, sizeof *n.blocks);
    n.item = malloc(capacity * sizeof *n.item);
    if (!n.used || !n.blocks || !n.item) {
        free(n.used);
        free(n.blocks);
        free(n.item);
        return false;
    }
    for (uint32_t word = 0; word < s->capacity / 64; word++)
        for (uint64_t bits = s->used[word]; bits; bits &= bits - 1) {
            const uint32_t item = s->item[word * 64 + (unsigned)__builtin_ctzll(bits)];
            mark(&n, n.next, item);
            if (item == HOLE)
                n.heap[n.holes++] = n.next;
            else
                stamps[item] = n.next;
            n.next++;
        }
    for (uint32_t i = 0; i < n.holes / 2; i++) { /* ascending so far; descending is a heap */
        const uint32_t h = n.heap[i];
        n.heap[i] = n.heap[n.holes - 1 - i];
        n.heap[n.holes - 1 - i] = h;
    }
    free(s->used);
    free(s->blocks);
    free(s->item);
    *s = n;
    return true;
}

/* Room for another stamp. Half of them are free after a renumbering, so that it comes once in that many accesses. */
static bool make_room(struct vtd_lru_stack *s, uint32_t *stamps)
{
    if (s->next < s->capacity)
        return true;
    uint32_t capacity = s->capacity ? s->capacity : FIRST_SIZE;
    while (capacity < 2 * (uint64_t)s->count && capacity < 1u << 31)
        capacity *= 2;
    return s->count < capacity && renumber(s, capacity, stamps);
}

static void put_on_top(struct vtd_lru_stack *s, uint32_t item, uint32_t *stamps)
{
    stamps[item] = s->next;
    mark(s, s->next++, item);
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
    if (stamps[item] + 1 == s->next)
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
    if (s->capacity) {
        memset(s->used, 0, s->capacity / 8);
        memset(s->blocks, 0, (s->capacity / BLOCK + 1) * sizeof *s->blocks);
    }
    s->next = s->count = s->holes = 0;
}

void vtd_lru_stack_free(struct vtd_lru_stack *s)
{
    free(s->used);
    free(s->blocks);
    free(s->item);
    free(s->heap);
    *s = (struct vtd_lru_stack){0};
}
