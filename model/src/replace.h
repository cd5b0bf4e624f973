/* SPDX-License-Identifier: MIT */
/*
 * Replacement: which entry of a full set goes, and what hits, fills and removals do to that choice. Called by cache.c
 * only.
 *
 *   LRU, FIFO    scanned sets: a stamp per entry; others: a doubly linked list per set
 *   tree-PLRU    a binary tree of ways-1 bits per set; a bit points to the half that was used longer ago
 *   random       a xorshift generator per cache
 */
#ifndef VTD_REPLACE_H
#define VTD_REPLACE_H

#include "cache.h"

/* An invalid way of the set, the one to use next, or VTD_CACHE_NONE when the set is full. */
uint32_t vtd_replace_free_way(const struct vtd_cache *c, uint32_t set);

/* The entry of a full set that goes. */
uint32_t vtd_replace_victim(struct vtd_cache *c, uint32_t set);

/* Hooks. An entry is filled before or after its key is written; fill makes it the youngest of its set. */
void vtd_replace_filled(struct vtd_cache *c, uint32_t set, uint32_t i);
void vtd_replace_hit(struct vtd_cache *c, uint32_t set, uint32_t i);
void vtd_replace_removed(struct vtd_cache *c, uint32_t set, uint32_t i);

/* Power-on state of all sets. */
void vtd_replace_clear(struct vtd_cache *c);

#endif
