/* SPDX-License-Identifier: MIT */
/*
 * LRU stacks: the position of a key in recency order, which says at once for every size of a cache whether it would
 * have held the key (Mattson, Gecsei, Slutz, Traiger: Evaluation techniques for storage hierarchies, 1970).
 *
 * Invalidations count. A key that is removed leaves a hole at its position: a free entry in every cache that reaches down
 * to it. The next key that comes from below the topmost hole fills that hole in the smaller caches, and leaves its own
 * place as a hole to the larger ones, which held it all along.
 *
 * Positions are ranks of time stamps that are still in use (ranks.h). An access costs O(log n) of the number of keys.
 */
#ifndef VTD_LRU_STACK_H
#define VTD_LRU_STACK_H

#include "ranks.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * All zero is an empty stack. Items are numbers of the owner's choice; the owner keeps an array of their stamps, of which
 * the stack writes those of its items.
 */
struct vtd_lru_stack {
    struct vtd_ranks ranks; /* stamps of items and holes */
    uint32_t *item;         /* [ranks.capacity]: the item of a stamp */
    uint32_t *heap;         /* stamps of holes, the largest first */
    uint32_t heap_capacity, holes;
};

/* Position of the item with this stamp, 1 for the most recent. */
static inline uint32_t vtd_lru_stack_position(const struct vtd_lru_stack *s, uint32_t stamp)
{
    return s->ranks.count - vtd_ranks_below(&s->ranks, stamp);
}

/* Puts a new item on top. Returns false, with nothing done, without memory. */
bool vtd_lru_stack_push(struct vtd_lru_stack *s, uint32_t item, uint32_t *stamps);

/* Makes an item the most recent. Returns as vtd_lru_stack_push. */
bool vtd_lru_stack_raise(struct vtd_lru_stack *s, uint32_t item, uint32_t *stamps);

/* Takes the item with this stamp out; a hole stays. Returns as vtd_lru_stack_push. */
bool vtd_lru_stack_remove(struct vtd_lru_stack *s, uint32_t stamp);

/* Empties the stack, holes included. */
void vtd_lru_stack_clear(struct vtd_lru_stack *s);

/* Frees its memory. */
void vtd_lru_stack_free(struct vtd_lru_stack *s);

#ifdef __cplusplus
}
#endif
#endif
