/* SPDX-License-Identifier: MIT */
/* Replacement policies. See replace.h. */
#include "replace.h"

#include <string.h>

/* ---------------------------------------------------------------- recency list of a set that is not scanned */

static void unlink_entry(struct vtd_cache *c, struct vtd_cache_list *l, uint32_t i)
{
    const struct vtd_cache_link *e = &c->link[i];
    if (e->newer == VTD_CACHE_NONE)
        l->newest = e->older;
    else
        c->link[e->newer].older = e->older;
    if (e->older == VTD_CACHE_NONE)
        l->oldest = e->newer;
    else
        c->link[e->older].newer = e->newer;
}

static void push_newest(struct vtd_cache *c, struct vtd_cache_list *l, uint32_t i)
{
    c->link[i].newer = VTD_CACHE_NONE;
    c->link[i].older = l->newest;
    if (l->newest == VTD_CACHE_NONE)
        l->oldest = i;
    else
        c->link[l->newest].newer = i;
    l->newest = i;
}

/* ---------------------------------------------------------------- tree-PLRU */

static inline uint64_t *tree_of(const struct vtd_cache *c, uint32_t set)
{
    return c->tree + (size_t)set * c->tree_words;
}

static inline bool tree_bit(const uint64_t *tree, uint32_t node)
{
    return tree[node / 64] >> node % 64 & 1;
}

/* Nodes are numbered as in a heap: 1 is the root, the children of n are 2n and 2n+1, the ways follow the last node. */
static uint32_t tree_victim(const struct vtd_cache *c, uint32_t set)
{
    const uint64_t *tree = tree_of(c, set);
    uint32_t node = 1;
    while (node < c->ways)
        node = 2 * node + tree_bit(tree, node);
    return node - c->ways;
}

/* Every node on the way to the leaf points to the other half. */
static void tree_touch(struct vtd_cache *c, uint32_t set, uint32_t way)
{
    uint64_t *tree = tree_of(c, set);
    for (uint32_t node = way + c->ways; node > 1; node /= 2) {
        const uint32_t parent = node / 2;
        const uint64_t bit = 1ull << parent % 64;
        if (node & 1)
            tree[parent / 64] &= ~bit;
        else
            tree[parent / 64] |= bit;
    }
}

/* ---------------------------------------------------------------- the hooks */

static uint32_t next_random(struct vtd_cache *c)
{
    c->random ^= c->random << 13;
    c->random ^= c->random >> 7;
    c->random ^= c->random << 17;
    return (uint32_t)(c->random >> 32);
}

uint32_t vtd_replace_free_way(const struct vtd_cache *c, uint32_t set)
{
    if (!c->scanned)
        return c->list[set].free;
    const uint8_t *bytes = c->fingerprint + (size_t)set * c->stride;
    for (uint32_t w = 0; w < c->stride; w += 8) {
        const uint64_t free = ~vtd_cache_word(bytes + w) & VTD_CACHE_LIVE;
        if (free) {
            const uint32_t way = w + (uint32_t)__builtin_ctzll(free) / 8;
            return way < c->ways ? set * c->ways + way : VTD_CACHE_NONE; /* behind the last way is no way */
        }
    }
    return VTD_CACHE_NONE;
}

static uint32_t smallest_stamp(const struct vtd_cache *c, uint32_t set)
{
    const uint32_t first = set * c->ways;
    uint32_t best = first;
    uint64_t smallest = c->stamp[first];
    for (uint32_t i = first + 1; i < first + c->ways; i++) { /* without a branch: where it is cannot be predicted */
        const bool smaller = c->stamp[i] < smallest;
        smallest = smaller ? c->stamp[i] : smallest;
        best = smaller ? i : best;
    }
    return best;
}

uint32_t vtd_replace_victim(struct vtd_cache *c, uint32_t set)
{
    switch (c->policy) {
    case VTD_POLICY_PLRU:
        return set * c->ways + tree_victim(c, set);
    case VTD_POLICY_RANDOM:
        return set * c->ways + (uint32_t)((uint64_t)next_random(c) * c->ways >> 32);
    default:
        return c->scanned ? smallest_stamp(c, set) : c->list[set].oldest;
    }
}

static void make_youngest(struct vtd_cache *c, uint32_t set, uint32_t i)
{
    switch (c->policy) {
    case VTD_POLICY_PLRU:
        tree_touch(c, set, i - set * c->ways);
        break;
    case VTD_POLICY_RANDOM:
        break;
    default:
        if (c->scanned) {
            c->stamp[i] = ++c->clock;
        } else if (c->list[set].newest != i) {
            unlink_entry(c, &c->list[set], i);
            push_newest(c, &c->list[set], i);
        }
        break;
    }
}

void vtd_replace_filled(struct vtd_cache *c, uint32_t set, uint32_t i)
{
    if (!c->scanned && c->list[set].free == i) {
        c->list[set].free = c->link[i].older;
        push_newest(c, &c->list[set], i);
    }
    make_youngest(c, set, i);
}

void vtd_replace_hit(struct vtd_cache *c, uint32_t set, uint32_t i)
{
    if (c->touches)
        make_youngest(c, set, i);
}

void vtd_replace_removed(struct vtd_cache *c, uint32_t set, uint32_t i)
{
    if (c->scanned)
        return; /* the invalid way is found by its fingerprint */
    unlink_entry(c, &c->list[set], i);
    c->link[i].older = c->list[set].free;
    c->list[set].free = i;
}

void vtd_replace_clear(struct vtd_cache *c)
{
    const uint32_t sets = vtd_cache_sets(c);
    c->clock = 0;
    c->random = c->seed * 0x9e3779b97f4a7c15ull | 1;
    if (c->tree)
        memset(c->tree, 0, (size_t)sets * c->tree_words * sizeof *c->tree);
    if (c->stamp)
        memset(c->stamp, 0, (size_t)c->entries * sizeof *c->stamp);
    if (c->scanned || c->entries == 0)
        return;
    for (uint32_t s = 0; s < sets; s++) {
        const uint32_t first = s * c->ways;
        c->list[s] = (struct vtd_cache_list){.newest = VTD_CACHE_NONE, .oldest = VTD_CACHE_NONE, .free = first};
        for (uint32_t i = first; i < first + c->ways; i++)
            c->link[i] = (struct vtd_cache_link){.older = i + 1 < first + c->ways ? i + 1 : VTD_CACHE_NONE,
                                                 .newer = VTD_CACHE_NONE,
                                                 .chain = VTD_CACHE_NONE};
    }
}
