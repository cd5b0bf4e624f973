/* SPDX-License-Identifier: MIT */
/*
 * The yardstick of the benchmarks: what the lookups of one translated request cost in plain C and nothing else. Three
 * set-associative arrays (context cache, PASID cache, IOTLB), a scan of the set, LRU by stamps; no tables, no faults, no
 * statistics, no configuration.
 */
#ifndef VTD_BENCH_BARE_LOOP_H
#define VTD_BENCH_BARE_LOOP_H

#include <stdint.h>
#include <stdlib.h>

#define BARE_WAYS 8

struct bare_entry {
    uint64_t a, b;
    uint64_t stamp;
    uint64_t payload;
};

struct bare_cache {
    struct bare_entry *e;
    uint32_t sets; /* a power of two */
    uint64_t clock;
};

static inline void bare_init(struct bare_cache *c, uint32_t entries)
{
    c->sets = entries / BARE_WAYS;
    c->e = (struct bare_entry *)calloc(entries, sizeof *c->e);
    c->clock = 0;
}

static inline struct bare_entry *bare_set(struct bare_cache *c, uint64_t a, uint64_t b)
{
    const uint64_t h = (a ^ b * 0x9e3779b97f4a7c15ull) * 0xff51afd7ed558ccdull;
    return c->e + (h >> 32 & (c->sets - 1)) * BARE_WAYS;
}

static inline struct bare_entry *bare_lookup(struct bare_cache *c, uint64_t a, uint64_t b)
{
    struct bare_entry *s = bare_set(c, a, b);
    for (unsigned i = 0; i < BARE_WAYS; i++)
        if (s[i].a == a && s[i].b == b && s[i].stamp) {
            s[i].stamp = ++c->clock;
            return &s[i];
        }
    return NULL;
}

static inline void bare_fill(struct bare_cache *c, uint64_t a, uint64_t b, uint64_t payload)
{
    struct bare_entry *s = bare_set(c, a, b);
    struct bare_entry *v = s;
    for (unsigned i = 1; i < BARE_WAYS; i++)
        if (s[i].stamp < v->stamp)
            v = &s[i];
    v->a = a;
    v->b = b;
    v->payload = payload;
    v->stamp = ++c->clock;
}

struct bare_unit {
    struct bare_cache context, pasid, iotlb;
};

/* Returns the translated address, or 0 on a miss. */
static inline uint64_t bare_translate(struct bare_unit *u, uint16_t sid, uint32_t pasid, uint64_t addr)
{
    const struct bare_entry *c = bare_lookup(&u->context, sid, 0);
    if (!c)
        return 0;
    const struct bare_entry *p = bare_lookup(&u->pasid, pasid, sid);
    if (!p)
        return 0;
    const struct bare_entry *t = bare_lookup(&u->iotlb, addr >> 12, (uint64_t)pasid << 16 | sid);
    return t ? t->payload | (addr & 0xfff) : 0;
}

#endif
