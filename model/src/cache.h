/* SPDX-License-Identifier: MIT */
/*
 * The generic set-associative array that every cache of the unit is made of. It knows no VT-d term: a key of two
 * words, and an index under which the owner keeps its payload.
 *
 * Two ways to find a key, by the number of ways of a set:
 * - up to 64: one byte of the key's hash per way (0 = invalid), compared eight at a time in a 64-bit word. A hit
 *   touches one line of bytes, one key and one stamp, and mispredicts only where two hashes agree in that byte.
 * - more: a hash index with chains, so that a fully associative cache of 65,536 entries costs no more than a small one.
 * Which entry is replaced is decided in replace.h.
 */
#ifndef VTD_CACHE_H
#define VTD_CACHE_H

#include "bits.h"
#include "vtd/vtd.h"

#define VTD_CACHE_NONE        UINT32_MAX
#define VTD_CACHE_MAX_ENTRIES (1u << 24)
#define VTD_CACHE_SCAN_WAYS   64 /* sets of up to this many ways are scanned */

struct vtd_key {
    uint64_t a; /* the low bits select the set with VTD_INDEX_MODULO */
    uint64_t b; /* the low 16 bits select the partition, if there is more than one */
};

/* Links of an entry of a set that is not scanned: the set's recency list, and the chain of its hash bucket. */
struct vtd_cache_link {
    uint32_t newer, older; /* recency; a free entry uses older for the free list */
    uint32_t chain;
};

/* The ends of a set's recency list, and its free entries. */
struct vtd_cache_list {
    uint32_t newest, oldest, free;
};

struct vtd_cache {
    uint32_t entries;
    uint32_t valid; /* number of valid entries */
    uint32_t ways;
    uint32_t set_mask; /* number of sets of a partition - 1 */
    uint32_t partitions;
    uint32_t stride; /* bytes of fingerprint per set: ways rounded up to 8 */
    uint8_t policy;  /* enum vtd_policy */
    uint8_t index;   /* enum vtd_index */
    bool scanned;    /* found by fingerprints, else by the hash index */
    bool plain;      /* scanned, and there is one partition */
    bool one_word;   /* plain, and the fingerprints of a set are one 64-bit word */
    bool touches;    /* a hit changes the replacement state */

    struct vtd_key *key;  /* [entries] */
    uint8_t *fingerprint; /* scanned: [sets * stride] */
    uint64_t *stamp;      /* scanned LRU and FIFO: [entries], larger is younger */
    uint64_t *hit_stamp;  /* scanned LRU: stamp, else NULL */
    uint64_t *tree;       /* tree-PLRU: [sets * tree_words] node bits, root in bit 1 */
    uint32_t tree_words;
    struct vtd_cache_link *link; /* not scanned: [entries] */
    struct vtd_cache_list *list; /* not scanned: [sets] */
    uint32_t *bucket;            /* not scanned: [bucket_mask + 1] heads of chains */
    uint32_t bucket_mask;
    uint8_t *used; /* not scanned: [entries rounded up to 8] 1 = valid */
    uint64_t clock;
    uint64_t seed;
    uint64_t random; /* state of the generator */
};

/* Why a geometry cannot be had, as a sentence for its user; NULL when it can. */
const char *vtd_cache_geometry_error(const struct vtd_cache_geometry *g);

/* Bytes that vtd_cache_init needs for a valid geometry; 0 for a cache that is off. */
size_t vtd_cache_bytes(const struct vtd_cache_geometry *g);

/* Lays a cache out in memory (64-byte aligned, vtd_cache_bytes) and clears it. seed is for VTD_POLICY_RANDOM. */
void vtd_cache_init(struct vtd_cache *c, const struct vtd_cache_geometry *g, void *memory, uint64_t seed);

/* Power-on state: everything invalid, replacement state and generator as after vtd_cache_init. */
void vtd_cache_clear(struct vtd_cache *c);

/*
 * Puts a key in and makes it the youngest. Returns the index for its payload; VTD_CACHE_NONE when the cache is off. A
 * key that is there keeps its entry (LRU and PLRU: becomes most recent; FIFO: keeps its age). Otherwise an invalid way
 * is used, the lowest-numbered first (in sets of more than 64 ways the one freed last); only then a victim goes:
 * *evicted is set and *victim receives its key.
 */
uint32_t vtd_cache_fill(struct vtd_cache *c, struct vtd_key k, struct vtd_key *victim, bool *evicted);

/* Removes a valid entry. */
void vtd_cache_remove(struct vtd_cache *c, uint32_t i);

/* Removes every entry that matches says yes to. Returns how many. */
typedef bool vtd_cache_match(const void *arg, struct vtd_key key, uint32_t index);
uint32_t vtd_cache_invalidate_if(struct vtd_cache *c, vtd_cache_match *match, const void *arg);

/* Removes every entry; the random generator goes on. Returns how many there were. */
uint32_t vtd_cache_invalidate_all(struct vtd_cache *c);

/* Slow part of a hit: policies other than scanned LRU. */
void vtd_cache_touch_other(struct vtd_cache *c, uint32_t i);

/* ---------------------------------------------------------------- inline parts */

/* A multiply per word; sets, buckets and fingerprints are taken from the upper half, which all lower bits reach. */
static inline uint64_t vtd_cache_hash(struct vtd_key k)
{
    return k.a * 0x9e3779b97f4a7c15ull + k.b * 0xd6e8feb86659fd93ull;
}

/* The byte of a valid way: never 0. Takes other bits of the hash than set and bucket. */
static inline uint8_t vtd_cache_fingerprint(uint64_t hash)
{
    return (uint8_t)(hash >> 56 | 1);
}

/* The set of a key in its partition. */
static inline uint32_t vtd_cache_set(const struct vtd_cache *c, struct vtd_key k, uint64_t hash)
{
    return (uint32_t)(c->index == VTD_INDEX_MODULO ? k.a : hash >> 32) & c->set_mask;
}

/* The partition of a key: the low bits of what selects it, or a hash of it. */
static inline uint32_t vtd_cache_partition(const struct vtd_cache *c, struct vtd_key k)
{
    const uint32_t owner = (uint16_t)k.b;
    if (c->index == VTD_INDEX_MODULO)
        return owner % c->partitions;
    return (uint32_t)((uint64_t)(owner * 0x9e3779b1u) * c->partitions >> 32);
}

/* The set of a key among all sets: those of a partition lie together. */
static inline uint32_t vtd_cache_whole_set(const struct vtd_cache *c, struct vtd_key k, uint64_t hash)
{
    const uint32_t set = vtd_cache_set(c, k, hash);
    return c->partitions > 1 ? vtd_cache_partition(c, k) * (c->set_mask + 1) + set : set;
}

static inline uint32_t vtd_cache_sets(const struct vtd_cache *c)
{
    return c->partitions * (c->set_mask + 1);
}

/* The index of way w of set s is s * ways + w. */
static inline struct vtd_key vtd_cache_key(const struct vtd_cache *c, uint32_t i)
{
    return c->key[i];
}

static inline bool vtd_cache_is_valid(const struct vtd_cache *c, uint32_t i)
{
    return c->scanned ? c->fingerprint[i / c->ways * c->stride + i % c->ways] != 0 : c->used[i] != 0;
}

static inline bool vtd_cache_key_is(const struct vtd_cache *c, uint32_t i, struct vtd_key k)
{
    return ((c->key[i].a ^ k.a) | (c->key[i].b ^ k.b)) == 0;
}

/* Eight fingerprints; the first in the low byte. */
static inline uint64_t vtd_cache_word(const uint8_t *bytes)
{
    uint64_t word;
    __builtin_memcpy(&word, bytes, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* The low bit of each byte: set in the fingerprint, and in the used byte, of a valid way; never of an invalid one. */
#define VTD_CACHE_LIVE 0x0101010101010101ull

/* Bytes of word that equal byte: the top bit of each (and perhaps of bytes above the first that does). */
static inline uint64_t vtd_cache_bytes_equal(uint64_t word, uint64_t byte)
{
    const uint64_t ones = 0x0101010101010101ull;
    const uint64_t x = word ^ byte * ones;
    return (x - ones) & ~x & ones << 7;
}

/*
 * Finds a key where the inline part below does not: larger sets, other ways with the same fingerprint, the hash index.
 */
uint32_t vtd_cache_find_other(const struct vtd_cache *c, struct vtd_key k, uint64_t hash);

/* Finds a key without side effects. */
static inline uint32_t vtd_cache_find(const struct vtd_cache *c, struct vtd_key k, uint64_t hash)
{
    if (VTD_UNLIKELY(!c->one_word))
        return vtd_cache_find_other(c, k, hash);
    const uint32_t set = vtd_cache_set(c, k, hash);
    const uint64_t hits =
        vtd_cache_bytes_equal(vtd_cache_word(c->fingerprint + 8 * (size_t)set), vtd_cache_fingerprint(hash));
    if (hits == 0)
        return VTD_CACHE_NONE;
    const uint32_t i = set * c->ways + (uint32_t)__builtin_ctzll(hits) / 8;
    return VTD_LIKELY(vtd_cache_key_is(c, i, k)) ? i : vtd_cache_find_other(c, k, hash);
}

static inline uint32_t vtd_cache_probe(const struct vtd_cache *c, struct vtd_key k)
{
    return vtd_cache_find(c, k, vtd_cache_hash(k));
}

/* A hint that the key will soon be looked for. */
static inline void vtd_cache_prefetch(const struct vtd_cache *c, struct vtd_key k)
{
    const uint64_t hash = vtd_cache_hash(k);
    if (c->entries && c->scanned)
        __builtin_prefetch(c->fingerprint + (size_t)vtd_cache_whole_set(c, k, hash) * c->stride);
    else if (c->entries)
        __builtin_prefetch(&c->bucket[hash >> 32 & c->bucket_mask]);
}

/*
 * Where a key is if it is there at all, most of the time: found without a look at keys, for vtd_cache_prefetch has brought
 * only what leads to them. VTD_CACHE_NONE: it is not there.
 */
static inline uint32_t vtd_cache_guess(const struct vtd_cache *c, struct vtd_key k)
{
    const uint64_t hash = vtd_cache_hash(k);
    if (c->entries == 0)
        return VTD_CACHE_NONE;
    if (!c->scanned)
        return c->bucket[hash >> 32 & c->bucket_mask];
    const uint32_t set = vtd_cache_whole_set(c, k, hash);
    for (uint32_t w = 0; w < c->stride; w += 8) {
        const uint64_t hits = vtd_cache_bytes_equal(vtd_cache_word(c->fingerprint + (size_t)set * c->stride + w),
                                                    vtd_cache_fingerprint(hash));
        if (hits)
            return set * c->ways + w + (uint32_t)__builtin_ctzll(hits) / 8;
    }
    return VTD_CACHE_NONE;
}

/* Notes a hit on a valid entry. */
static inline void vtd_cache_touch(struct vtd_cache *c, uint32_t i)
{
    if (VTD_LIKELY(c->hit_stamp != NULL))
        c->hit_stamp[i] = ++c->clock;
    else if (c->touches)
        vtd_cache_touch_other(c, i);
}

/* Finds a key and notes the hit. Returns its index or VTD_CACHE_NONE. */
static inline uint32_t vtd_cache_lookup(struct vtd_cache *c, struct vtd_key k)
{
    const uint32_t i = vtd_cache_probe(c, k);
    if (VTD_LIKELY(i != VTD_CACHE_NONE))
        vtd_cache_touch(c, i);
    return i;
}

#endif
