/* SPDX-License-Identifier: MIT */
/* The generic set-associative array. See cache.h. */
#include "cache.h"

#include "replace.h"

#include <string.h>

/* ---------------------------------------------------------------- geometry */

static bool is_power_of_two(uint32_t n)
{
    return n && !(n & (n - 1));
}

static uint32_t partitions_of(const struct vtd_cache_geometry *g)
{
    return g->partition == VTD_PARTITION_NONE ? 1 : g->partitions;
}

/* Ways of a set of a partition. A share of the ways of each set is as good as more sets with fewer ways. */
static uint32_t ways_of(const struct vtd_cache_geometry *g)
{
    if (g->ways == 0)
        return g->entries / partitions_of(g);
    return g->partition == VTD_PARTITION_WAYS ? g->ways / g->partitions : g->ways;
}

static const char *partition_error(const struct vtd_cache_geometry *g)
{
    if (g->partition > VTD_PARTITION_WAYS)
        return "the kind of partition is not known";
    if (g->partition == VTD_PARTITION_NONE)
        return NULL;
    if (g->partitions == 0 || g->partitions > g->entries || g->entries % g->partitions)
        return "partitions must divide the entries";
    if (g->partition == VTD_PARTITION_WAYS && g->ways && g->ways % g->partitions)
        return "partitions must divide the ways";
    return NULL;
}

const char *vtd_cache_geometry_error(const struct vtd_cache_geometry *g)
{
    if (g->policy > VTD_POLICY_RANDOM)
        return "the replacement policy is not known";
    if (g->index > VTD_INDEX_MODULO)
        return "the index function is not known";
    if (g->entries > VTD_CACHE_MAX_ENTRIES)
        return "at most 16777216 entries";
    if (g->entries == 0)
        return NULL;
    const char *error = partition_error(g);
    if (error)
        return error;
    const uint32_t ways = ways_of(g), own = g->entries / partitions_of(g);
    if (ways > own || own % ways || !is_power_of_two(own / ways))
        return partitions_of(g) > 1 ? "ways must divide the entries of a partition into a power-of-two number of sets"
                                    : "ways must divide entries into a power-of-two number of sets";
    if (g->policy == VTD_POLICY_PLRU && !is_power_of_two(ways))
        return "tree-PLRU needs a power-of-two number of ways";
    return NULL;
}

/* The parts of a cache's memory, in the order in which they lie. */
struct parts {
    size_t key, fingerprint, stamp, tree, link, list, bucket, used, end;
    uint32_t stride, tree_words, buckets;
};

static size_t take(size_t *at, size_t bytes)
{
    const size_t start = *at;
    *at += (bytes + 63) & ~(size_t)63;
    return start;
}

static void measure(const struct vtd_cache_geometry *g, struct parts *p)
{
    const uint32_t ways = ways_of(g);
    const uint32_t sets = g->entries / ways;
    const bool scanned = ways <= VTD_CACHE_SCAN_WAYS;
    const bool ordered = g->policy == VTD_POLICY_LRU || g->policy == VTD_POLICY_FIFO;
    p->stride = (ways + 7) & ~7u;
    p->tree_words = g->policy == VTD_POLICY_PLRU ? (ways + 63) / 64 : 0;
    p->buckets = 1;
    while (!scanned && p->buckets <= g->entries)
        p->buckets *= 2; /* more than entries, at most twice as many: 8 bytes per entry */
    size_t at = 0;
    p->key = take(&at, g->entries * sizeof(struct vtd_key));
    p->fingerprint = take(&at, scanned ? (size_t)sets * p->stride : 0);
    p->stamp = take(&at, scanned && ordered ? g->entries * sizeof(uint64_t) : 0);
    p->tree = take(&at, (size_t)sets * p->tree_words * sizeof(uint64_t));
    p->link = take(&at, scanned ? 0 : g->entries * sizeof(struct vtd_cache_link));
    p->list = take(&at, scanned ? 0 : sets * sizeof(struct vtd_cache_list));
    p->bucket = take(&at, scanned ? 0 : p->buckets * sizeof(uint32_t));
    p->used = take(&at, scanned ? 0 : g->entries);
    p->end = at;
}

size_t vtd_cache_bytes(const struct vtd_cache_geometry *g)
{
    struct parts p;
    if (g->entries == 0)
        return 0;
    measure(g, &p);
    return p.end;
}

void vtd_cache_init(struct vtd_cache *c, const struct vtd_cache_geometry *g, void *memory, uint64_t seed)
{
    *c = (struct vtd_cache){.seed = seed, .partitions = 1};
    if (g->entries == 0)
        return;
    struct parts p;
    uint8_t *base = memory;
    measure(g, &p);
    c->entries = g->entries;
    c->ways = ways_of(g);
    c->partitions = partitions_of(g);
    c->set_mask = g->entries / c->partitions / c->ways - 1;
    c->stride = p.stride;
    c->policy = g->policy;
    c->index = g->index;
    c->scanned = c->ways <= VTD_CACHE_SCAN_WAYS;
    c->plain = c->scanned && c->partitions == 1;
    c->one_word = c->stride == 8 && c->plain;
    c->touches = g->policy == VTD_POLICY_LRU || g->policy == VTD_POLICY_PLRU;
    c->tree_words = p.tree_words;
    c->bucket_mask = p.buckets - 1;
    c->key = (struct vtd_key *)(base + p.key);
    c->fingerprint = c->scanned ? base + p.fingerprint : NULL;
    c->stamp = p.tree > p.stamp ? (uint64_t *)(base + p.stamp) : NULL;
    c->hit_stamp = g->policy == VTD_POLICY_LRU ? c->stamp : NULL;
    c->tree = p.tree_words ? (uint64_t *)(base + p.tree) : NULL;
    c->link = c->scanned ? NULL : (struct vtd_cache_link *)(base + p.link);
    c->list = c->scanned ? NULL : (struct vtd_cache_list *)(base + p.list);
    c->bucket = c->scanned ? NULL : (uint32_t *)(base + p.bucket);
    c->used = c->scanned ? NULL : base + p.used;
    vtd_cache_clear(c);
}

/* ---------------------------------------------------------------- valid or not */

static void forget_all(struct vtd_cache *c)
{
    c->valid = 0;
    if (c->scanned) {
        memset(c->fingerprint, 0, (size_t)vtd_cache_sets(c) * c->stride);
    } else if (c->entries) {
        memset(c->bucket, 0xff, ((size_t)c->bucket_mask + 1) * sizeof *c->bucket);
        memset(c->used, 0, ((size_t)c->entries + 7) & ~(size_t)7);
    }
}

void vtd_cache_clear(struct vtd_cache *c)
{
    forget_all(c);
    vtd_replace_clear(c);
}

static void enter(struct vtd_cache *c, uint32_t i, struct vtd_key k, uint64_t hash)
{
    c->key[i] = k;
    if (c->scanned) {
        c->fingerprint[(size_t)(i / c->ways) * c->stride + i % c->ways] = vtd_cache_fingerprint(hash);
        return;
    }
    uint32_t *head = &c->bucket[hash >> 32 & c->bucket_mask];
    c->link[i].chain = *head;
    *head = i;
    c->used[i] = 1;
}

static void leave(struct vtd_cache *c, uint32_t i)
{
    if (c->scanned) {
        c->fingerprint[(size_t)(i / c->ways) * c->stride + i % c->ways] = 0;
        return;
    }
    uint32_t *at = &c->bucket[vtd_cache_hash(c->key[i]) >> 32 & c->bucket_mask];
    while (*at != i)
        at = &c->link[*at].chain;
    *at = c->link[i].chain;
    c->used[i] = 0;
}

/* ---------------------------------------------------------------- operations */

static inline uint32_t find_scanned(const struct vtd_cache *c, struct vtd_key k, uint64_t hash, uint32_t set)
{
    const uint8_t *bytes = c->fingerprint + (size_t)set * c->stride;
    for (uint32_t w = 0; w < c->stride; w += 8) {
        uint64_t hits = vtd_cache_bytes_equal(vtd_cache_word(bytes + w), vtd_cache_fingerprint(hash));
        for (; hits; hits &= hits - 1) {
            const uint32_t way = w + (uint32_t)__builtin_ctzll(hits) / 8;
            /* A borrow may mark a byte above an equal one: the fingerprint itself decides, also whether it is valid. */
            if (bytes[way] == vtd_cache_fingerprint(hash) && vtd_cache_key_is(c, set * c->ways + way, k))
                return set * c->ways + way;
        }
    }
    return VTD_CACHE_NONE;
}

static uint32_t find_indexed(const struct vtd_cache *c, struct vtd_key k, uint64_t hash)
{
    uint32_t i = c->bucket[hash >> 32 & c->bucket_mask];
    while (i != VTD_CACHE_NONE && !vtd_cache_key_is(c, i, k))
        i = c->link[i].chain;
    return i;
}

uint32_t vtd_cache_find_other(const struct vtd_cache *c, struct vtd_key k, uint64_t hash)
{
    if (c->plain)
        return find_scanned(c, k, hash, vtd_cache_set(c, k, hash));
    if (c->entries == 0)
        return VTD_CACHE_NONE;
    return c->scanned ? find_scanned(c, k, hash, vtd_cache_whole_set(c, k, hash)) : find_indexed(c, k, hash);
}

void vtd_cache_touch_other(struct vtd_cache *c, uint32_t i)
{
    vtd_replace_hit(c, i / c->ways, i);
}

uint32_t vtd_cache_fill(struct vtd_cache *c, struct vtd_key k, struct vtd_key *victim, bool *evicted)
{
    *evicted = false;
    if (c->entries == 0)
        return VTD_CACHE_NONE;
    const uint64_t hash = vtd_cache_hash(k);
    const uint32_t set = vtd_cache_whole_set(c, k, hash);
    uint32_t i = vtd_cache_find(c, k, hash);
    if (i != VTD_CACHE_NONE) {
        vtd_replace_hit(c, set, i);
        return i;
    }
    i = vtd_replace_free_way(c, set);
    if (i == VTD_CACHE_NONE) {
        i = vtd_replace_victim(c, set);
        *evicted = true;
        *victim = c->key[i];
        leave(c, i);
    } else {
        c->valid++;
    }
    enter(c, i, k, hash);
    vtd_replace_filled(c, set, i);
    return i;
}

void vtd_cache_remove(struct vtd_cache *c, uint32_t i)
{
    leave(c, i);
    vtd_replace_removed(c, i / c->ways, i);
    c->valid--;
}

uint32_t vtd_cache_invalidate_if(struct vtd_cache *c, vtd_cache_match *match, const void *arg)
{
    const uint32_t before = c->valid;
    const uint32_t ways = c->scanned ? c->ways : c->entries;
    const uint8_t *bytes = c->scanned ? c->fingerprint : c->used;
    const uint32_t stride = c->scanned ? c->stride : (c->entries + 7) & ~7u;
    uint32_t left = before; /* until every valid entry was seen */
    for (uint32_t first = 0; left; first += ways, bytes += stride)
        for (uint32_t w = 0; w < stride; w += 8)
            for (uint64_t live = vtd_cache_word(bytes + w) & VTD_CACHE_LIVE; live; live &= live - 1) {
                const uint32_t i = first + w + (uint32_t)__builtin_ctzll(live) / 8;
                left--;
                if (match(arg, c->key[i], i))
                    vtd_cache_remove(c, i);
            }
    return before - c->valid;
}

uint32_t vtd_cache_invalidate_all(struct vtd_cache *c)
{
    const uint32_t before = c->valid;
    const uint64_t random = c->random;
    if (before) {
        vtd_cache_clear(c);
        c->random = random;
    }
    return before;
}
