/* SPDX-License-Identifier: MIT */
/* Miss-ratio curves. See mrc.h. */
#include "mrc.h"

#include "lru_stack.h"

#include "cache.h"
#include "platform/table_memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SETS_MAX  (1u << 20)
#define NONE      UINT32_MAX
#define ITEMS_MAX (1u << 30) /* a stack numbers twice as many stamps */
#define PARTS     8u         /* of a sample, for its error */

#define DELAYED 8u /* hits whose line of the histogram is on its way; a power of two */

/* Hits by position, 1 in [0]. The last ones are still to be counted: their lines of memory are fetched first. */
struct histogram {
    uint64_t *at;
    uint32_t size;
    uint32_t turn;
    uint32_t delayed[DELAYED]; /* positions; 0: none */
};

struct vtd_mrc {
    struct vtd_mrc_spec spec;
    uint64_t threshold;        /* hashes below it are followed */
    struct vtd_lru_stack *set; /* a stack per set, or per part of a sample */
    uint32_t stacks;

    uint32_t *stamp; /* by item; NONE: it is not held */
    uint32_t items;  /* how many stamps there are */

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
    m->stacks = sampled ? PARTS : spec->sets;
    m->set = calloc(m->stacks, sizeof *m->set);
    if (!m->set || m->threshold == 0) {
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
    free(m->stamp);
    free(m);
}

/* ---------------------------------------------------------------- items */

/* Bits of a key that neither sets nor the caches' own hash favour: for the sample and its parts. */
static inline uint64_t mixed(struct vtd_key k)
{
    uint64_t z = k.a * 0x9e3779b97f4a7c15ull ^ (k.b + 0x632be59bd9b4e019ull) * 0xd6e8feb86659fd93ull;
    z = (z ^ z >> 32) * 0xd6e8feb86659fd93ull;
    return z ^ z >> 32;
}

/* Stamps for one more item at least. */
static bool grow(struct vtd_mrc *m, uint32_t item)
{
    uint64_t size = m->items ? m->items : 1024;
    while (size <= item)
        size *= 2;
    if (size > ITEMS_MAX)
        size = ITEMS_MAX;
    uint32_t *stamp = item < size ? vtd_table_grow(m->stamp, m->items * sizeof *stamp, size * sizeof *stamp) : NULL;
    if (!stamp)
        return false;
    memset(stamp + m->items, 0xff, (size - m->items) * sizeof *stamp);
    m->stamp = stamp;
    m->items = (uint32_t)size;
    return true;
}

/* ---------------------------------------------------------------- the stream */

static bool grow_histogram(struct histogram *h, uint32_t position)
{
    uint32_t size = h->size ? h->size : 64;
    while (size < position)
        size *= 2;
    uint64_t *bigger = vtd_table_grow(h->at, h->size * sizeof *bigger, size * sizeof *bigger);
    if (!bigger)
        return false;
    h->at = bigger;
    h->size = size;
    return true;
}

static inline bool count_hit(struct histogram *h, uint32_t position)
{
    if (position > h->size && !grow_histogram(h, position))
        return false;
    uint32_t *delayed = &h->delayed[h->turn++ % DELAYED];
    if (*delayed)
        h->at[*delayed - 1]++;
    *delayed = position;
    __builtin_prefetch(&h->at[position - 1], 1);
    return true;
}

/* Counts what is still to be counted; or it never will be. */
static void settle(struct histogram *h, bool count)
{
    for (unsigned i = 0; i < DELAYED; i++) {
        if (count && h->delayed[i])
            h->at[h->delayed[i] - 1]++;
        h->delayed[i] = 0;
    }
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

/* A lookup; found says whether a key that is there counts as a hit of the sizes that reach down to it. */
static inline bool look_up(struct vtd_mrc *m, uint32_t item, struct vtd_key k, bool found)
{
    const uint64_t hash = m->parts == 1 ? 0 : mixed(k); /* without a sample all are followed, in one part */
    const unsigned part = part_of(m, hash);
    m->lookups++;
    if (!is_followed(m, hash))
        return true;
    m->followed++;
    m->part_lookups[part]++;
    if (item >= m->items && !grow(m, item))
        return false;
    struct vtd_lru_stack *stack = stack_of(m, k, part);
    const uint32_t stamp = m->stamp[item];
    if (stamp == NONE)
        return vtd_lru_stack_push(stack, item, m->stamp);
    return (!found || count_hit(&m->hits[part], vtd_lru_stack_position(stack, stamp))) &&
           vtd_lru_stack_raise(stack, item, m->stamp);
}

bool vtd_mrc_access(struct vtd_mrc *m, uint32_t item, uint64_t a, uint64_t b)
{
    return look_up(m, item, (struct vtd_key){.a = a, .b = b}, true);
}

bool vtd_mrc_fill(struct vtd_mrc *m, uint32_t item, uint64_t a, uint64_t b)
{
    return look_up(m, item, (struct vtd_key){.a = a, .b = b}, false);
}

void vtd_mrc_prefetch(const struct vtd_mrc *m, uint32_t item, unsigned stage)
{
    if (item >= m->items)
        return;
    if (stage == 0)
        __builtin_prefetch(&m->stamp[item], 1);
    else if (m->stacks == 1 && m->stamp[item] != NONE)
        vtd_ranks_prefetch(&m->set[0].ranks, m->stamp[item]);
}

void vtd_mrc_miss(struct vtd_mrc *m)
{
    m->lookups++;
    m->unfilled++;
}

bool vtd_mrc_remove(struct vtd_mrc *m, uint32_t item, uint64_t a, uint64_t b)
{
    const struct vtd_key k = {.a = a, .b = b};
    if (item >= m->items || m->stamp[item] == NONE)
        return true;
    if (!vtd_lru_stack_remove(stack_of(m, k, part_of(m, m->parts == 1 ? 0 : mixed(k))), m->stamp[item]))
        return false;
    m->stamp[item] = NONE;
    return true;
}

void vtd_mrc_clear(struct vtd_mrc *m)
{
    for (uint32_t i = 0; i < m->stacks; i++)
        vtd_lru_stack_clear(&m->set[i]);
    if (m->items)
        memset(m->stamp, 0xff, m->items * sizeof *m->stamp);
}

void vtd_mrc_start_counting(struct vtd_mrc *m)
{
    m->lookups = m->followed = m->unfilled = 0;
    memset(m->part_lookups, 0, sizeof m->part_lookups);
    for (unsigned part = 0; part < m->parts; part++) {
        settle(&m->hits[part], false);
        if (m->hits[part].size)
            memset(m->hits[part].at, 0, m->hits[part].size * sizeof *m->hits[part].at);
    }
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

uint64_t vtd_mrc_last_ways(struct vtd_mrc *m)
{
    uint32_t last = 0;
    for (unsigned part = 0; part < m->parts; part++)
        settle(&m->hits[part], true);
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

double vtd_mrc_hits(struct vtd_mrc *m, uint64_t ways, double *error)
{
    const uint64_t positions = m->parts == 1 ? ways : (uint64_t)((double)ways * m->spec.sample / PARTS);
    double part[PARTS] = {0}, misses = 0, squares = 0;
    for (unsigned i = 0; i < m->parts; i++)
        settle(&m->hits[i], true);
    for (unsigned i = 0; i < m->parts; i++)
        misses += part[i] = (double)(m->part_lookups[i] - hits_of_part(&m->hits[i], positions));
    for (unsigned i = 0; i < m->parts; i++)
        squares += (part[i] - misses / m->parts) * (part[i] - misses / m->parts);
    if (error)
        *error = m->parts == 1 ? 0 : sqrt(squares * PARTS / (PARTS - 1)) / m->spec.sample;
    /* Misses are scaled, not hits: whether the few hottest keys are in the sample matters little to them. */
    return (double)(m->lookups - m->unfilled) - misses / m->spec.sample;
}
