/* SPDX-License-Identifier: MIT */
/* Miss-ratio curves. See mrc.h. */
#include "mrc.h"

#include "lru_stack.h"

#include "cache.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SETS_MAX (1u << 20)
#define NONE     UINT32_MAX
#define PARTS    8u /* of a sample, for its error */

/* Hits by position, 1 in [0]. */
struct histogram {
    uint64_t *at;
    uint32_t size;
};

struct vtd_mrc {
    struct vtd_mrc_spec spec;
    uint64_t threshold;        /* hashes below it are followed */
    struct vtd_lru_stack *set; /* a stack per set, or per part of a sample */
    uint32_t stacks;

    /* Keys by number, and an open-addressing table of the numbers + 1. */
    struct vtd_key *key;
    uint32_t *stamp;
    uint32_t keys, key_capacity, free_key; /* free ones are linked by stamp */
    uint32_t *slot;
    uint32_t slot_mask, live;

    uint64_t lookups, followed, unfilled;
    uint64_t part_lookups[PARTS];
    struct histogram hits[PARTS]; /* without sampling [0] only */
    unsigned parts;
};

/* ---------------------------------------------------------------- life */

struct vtd_mrc *vtd_mrc_create(const struct vtd_mrc_spec *spec)
{
    const bool sampled = spec->sample < 1;
    if (spec->sets == 0 || spec->sets > SETS_MAX || (spec->sets & (spec->sets - 1)) || !(spec->sample > 0) ||
        spec->sample > 1 || (sampled && spec->sets != 1))
        return NULL;
    struct vtd_mrc *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->spec = *spec;
    m->threshold = sampled ? (uint64_t)(spec->sample * 0x1p32) : UINT64_C(1) << 32;
    m->parts = sampled ? PARTS : 1;
    m->free_key = NONE;
    m->slot_mask = 1023;
    m->slot = calloc(m->slot_mask + 1, sizeof *m->slot);
    m->stacks = sampled ? PARTS : spec->sets;
    m->set = calloc(m->stacks, sizeof *m->set);
    if (!m->slot || !m->set || m->threshold == 0) {
        vtd_mrc_destroy(m);
        return NULL;
    }
    return m;
}

void vtd_mrc_destroy(struct vtd_mrc *m)
{
    if (!m)
        return;
    for (uint32_t i = 0; m->set && i < m->stacks; i++)
        vtd_lru_stack_free(&m->set[i]);
    for (unsigned i = 0; i < PARTS; i++)
        free(m->hits[i].at);
    free(m->set);
    free(m->key);
    free(m->stamp);
    free(m->slot);
    free(m);
}

/* ---------------------------------------------------------------- keys */

/* Bits of a key that neither sets nor the caches' own hash favour: for the table, the sample and its parts. */
static inline uint64_t mixed(struct vtd_key k)
{
    uint64_t z = k.a * 0x9e3779b97f4a7c15ull ^ (k.b + 0x632be59bd9b4e019ull) * 0xd6e8feb86659fd93ull;
    z = (z ^ z >> 32) * 0xd6e8feb86659fd93ull;
    return z ^ z >> 32;
}

static inline bool same(struct vtd_key x, struct vtd_key y)
{
    return x.a == y.a && x.b == y.b;
}

/* Slot of a key, or the free one where it belongs. */
static inline uint32_t slot_of(const struct vtd_mrc *m, struct vtd_key k, uint64_t hash)
{
    uint32_t i = (uint32_t)hash & m->slot_mask;
    while (m->slot[i] && !same(m->key[m->slot[i] - 1], k))
        i = (i + 1) & m->slot_mask;
    return i;
}

static bool grow_table(struct vtd_mrc *m)
{
    const uint32_t mask = 2 * m->slot_mask + 1;
    uint32_t *bigger = calloc((size_t)mask + 1, sizeof *bigger);
    if (!bigger)
        return false;
    for (uint32_t i = 0; i <= m->slot_mask; i++) {
        if (!m->slot[i])
            continue;
        uint32_t to = (uint32_t)mixed(m->key[m->slot[i] - 1]) & mask;
        while (bigger[to])
            to = (to + 1) & mask;
        bigger[to] = m->slot[i];
    }
    free(m->slot);
    m->slot = bigger;
    m->slot_mask = mask;
    return true;
}

static bool grow_keys(struct vtd_mrc *m)
{
    const uint32_t capacity = m->key_capacity ? 2 * m->key_capacity : 1024;
    struct vtd_key *keys = realloc(m->key, capacity * sizeof *keys);
    if (!keys)
        return false;
    m->key = keys;
    uint32_t *stamps = realloc(m->stamp, capacity * sizeof *stamps);
    if (!stamps)
        return false;
    m->stamp = stamps;
    m->key_capacity = capacity;
    return true;
}

/* A number for a new key; NONE without memory. */
static uint32_t add_key(struct vtd_mrc *m, struct vtd_key k)
{
    uint32_t i = m->free_key;
    if (i != NONE) {
        m->free_key = m->stamp[i];
    } else {
        if (m->keys == m->key_capacity && (m->keys >= 1u << 30 || !grow_keys(m)))
            return NONE;
        i = m->keys++;
    }
    m->key[i] = k;
    return i;
}

static void drop_key(struct vtd_mrc *m, uint32_t i)
{
    m->stamp[i] = m->free_key;
    m->free_key = i;
}

/* Empties a slot; those behind it that would have been here move up. */
static void drop_slot(struct vtd_mrc *m, uint32_t hole)
{
    for (uint32_t i = (hole + 1) & m->slot_mask; m->slot[i]; i = (i + 1) & m->slot_mask) {
        const uint32_t home = (uint32_t)mixed(m->key[m->slot[i] - 1]) & m->slot_mask;
        if (((i - home) & m->slot_mask) >= ((i - hole) & m->slot_mask)) {
            m->slot[hole] = m->slot[i];
            hole = i;
        }
    }
    m->slot[hole] = 0;
    m->live--;
}

/* ---------------------------------------------------------------- the stream */

static bool count_hit(struct histogram *h, uint32_t position)
{
    if (position > h->size) {
        uint32_t size = h->size ? h->size : 64;
        while (size < position)
            size *= 2;
        uint64_t *bigger = realloc(h->at, size * sizeof *bigger);
        if (!bigger)
            return false;
        memset(bigger + h->size, 0, (size - h->size) * sizeof *bigger);
        h->at = bigger;
        h->size = size;
    }
    h->at[position - 1]++;
    return true;
}

static inline bool is_followed(const struct vtd_mrc *m, uint64_t hash)
{
    return hash >> 32 < m->threshold;
}

/* The part of the sample that a key belongs to: by bits that did not decide whether it is in. */
static inline unsigned part_of(const struct vtd_mrc *m, uint64_t hash)
{
    return m->parts == 1 ? 0 : (unsigned)(hash * 0x9e3779b97f4a7c15ull >> 32) % PARTS;
}

static inline struct vtd_lru_stack *stack_of(const struct vtd_mrc *m, struct vtd_key k, unsigned part)
{
    if (m->parts > 1)
        return &m->set[part];
    return &m->set[(uint32_t)(m->spec.modulo ? k.a : vtd_cache_hash(k) >> 32) & (m->spec.sets - 1)];
}

/* A key that is new here, with a free slot for it. */
static bool insert(struct vtd_mrc *m, struct vtd_key k, uint64_t hash, uint32_t at)
{
    if (2 * m->live > m->slot_mask) {
        if (!grow_table(m))
            return false;
        at = slot_of(m, k, hash);
    }
    const uint32_t i = add_key(m, k);
    if (i == NONE)
        return false;
    if (!vtd_lru_stack_push(stack_of(m, k, part_of(m, hash)), i, m->stamp)) {
        drop_key(m, i);
        return false;
    }
    m->slot[at] = i + 1;
    m->live++;
    return true;
}

/* A lookup; found says whether a key that is there counts as a hit of the sizes that reach down to it. */
static bool look_up(struct vtd_mrc *m, struct vtd_key k, bool found)
{
    const uint64_t hash = mixed(k);
    const unsigned part = part_of(m, hash);
    m->lookups++;
    if (!is_followed(m, hash))
        return true;
    m->followed++;
    m->part_lookups[part]++;
    const uint32_t at = slot_of(m, k, hash);
    if (!m->slot[at])
        return insert(m, k, hash, at);
    const uint32_t i = m->slot[at] - 1;
    struct vtd_lru_stack *stack = stack_of(m, k, part);
    return (!found || count_hit(&m->hits[part], vtd_lru_stack_position(stack, m->stamp[i]))) &&
           vtd_lru_stack_raise(stack, i, m->stamp);
}

bool vtd_mrc_access(struct vtd_mrc *m, uint64_t a, uint64_t b)
{
    return look_up(m, (struct vtd_key){.a = a, .b = b}, true);
}

bool vtd_mrc_fill(struct vtd_mrc *m, uint64_t a, uint64_t b)
{
    return look_up(m, (struct vtd_key){.a = a, .b = b}, false);
}

void vtd_mrc_miss(struct vtd_mrc *m)
{
    m->lookups++;
    m->unfilled++;
}

bool vtd_mrc_remove(struct vtd_mrc *m, uint64_t a, uint64_t b)
{
    const struct vtd_key k = {.a = a, .b = b};
    const uint64_t hash = mixed(k);
    if (!is_followed(m, hash))
        return true;
    const uint32_t at = slot_of(m, k, hash);
    if (!m->slot[at])
        return true;
    const uint32_t i = m->slot[at] - 1;
    if (!vtd_lru_stack_remove(stack_of(m, k, part_of(m, hash)), m->stamp[i]))
        return false;
    drop_slot(m, at);
    drop_key(m, i);
    return true;
}

void vtd_mrc_clear(struct vtd_mrc *m)
{
    for (uint32_t i = 0; i < m->stacks; i++)
        vtd_lru_stack_clear(&m->set[i]);
    memset(m->slot, 0, ((size_t)m->slot_mask + 1) * sizeof *m->slot);
    m->keys = m->live = 0;
    m->free_key = NONE;
}

void vtd_mrc_start_counting(struct vtd_mrc *m)
{
    m->lookups = m->followed = m->unfilled = 0;
    memset(m->part_lookups, 0, sizeof m->part_lookups);
    for (unsigned part = 0; part < m->parts; part++)
        if (m->hits[part].size)
            memset(m->hits[part].at, 0, m->hits[part].size * sizeof *m->hits[part].at);
}

/* ---------------------------------------------------------------- the curve */

uint64_t vtd_mrc_lookups(const struct vtd_mrc *m)
{
    return m->lookups;
}

uint64_t vtd_mrc_followed(const struct vtd_mrc *m)
{
    return m->followed;
}

uint64_t vtd_mrc_last_ways(const struct vtd_mrc *m)
{
    uint32_t last = 0;
    for (unsigned part = 0; part < m->parts; part++)
        for (uint32_t i = m->hits[part].size; i > last; i--)
            if (m->hits[part].at[i - 1]) {
                last = i;
                break;
            }
    return (uint64_t)ceil(last * m->parts / m->spec.sample);
}

static uint64_t hits_of_part(const struct histogram *h, uint64_t positions)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < h->size && i < positions; i++)
        sum += h->at[i];
    return sum;
}

double vtd_mrc_hits(const struct vtd_mrc *m, uint64_t ways, double *error)
{
    const uint64_t positions = m->parts == 1 ? ways : (uint64_t)((double)ways * m->spec.sample / PARTS);
    double part[PARTS] = {0}, misses = 0, squares = 0;
    for (unsigned i = 0; i < m->parts; i++)
        misses += part[i] = (double)(m->part_lookups[i] - hits_of_part(&m->hits[i], positions));
    for (unsigned i = 0; i < m->parts; i++)
        squares += (part[i] - misses / m->parts) * (part[i] - misses / m->parts);
    if (error)
        *error = m->parts == 1 ? 0 : sqrt(squares * PARTS / (PARTS - 1)) / m->spec.sample;
    /* Misses are scaled, not hits: whether the few hottest keys are in the sample matters little to them. */
    return (double)(m->lookups - m->unfilled) - misses / m->spec.sample;
}
