/* SPDX-License-Identifier: MIT */
/* Cycles: the access record of a request, laid on occupied resources. See vtd_timing.h. */
#include "vtd/vtd_timing.h"

#include "calendar.h"
#include "instance.h"
#include "record.h"

#include <stdlib.h>
#include <string.h>

#define LINE_SHIFT  6 /* of the table cache */
#define SOURCE_IDS  65536u
#define PLACES_MAX  65536u
#define LATENCY_MAX 1000000u

/* Places that are each free from some cycle on: a heap, the earliest first. */
struct places {
    uint64_t *free_at; /* NULL: no limit */
    uint32_t count;
};

struct vtd_timing {
    struct vtd *unit;
    struct vtd_timing_config cfg;
    struct record record;
    struct calendar port[VTD_CACHES];
    struct calendar memory;
    struct places walkers, misses;
    struct places *device;       /* [SOURCE_IDS], made when a device sends its first request */
    uint64_t *ready[VTD_CACHES]; /* [entries]: the cycle from which on an entry can be used */
    struct vtd_cache table_cache;
    uint64_t *line_ready;
    void *table_memory;
    uint64_t drained; /* when all requests so far have left the unit */
};

/* ---------------------------------------------------------------- places */

static bool places_init(struct places *p, uint32_t count)
{
    p->count = count;
    p->free_at = count ? calloc(count, sizeof *p->free_at) : NULL;
    return !count || p->free_at;
}

/* When a place is free for somebody who comes at t. He takes it with places_hold. */
static inline uint64_t places_wait(const struct places *p, uint64_t t)
{
    return p->count && p->free_at[0] > t ? p->free_at[0] : t;
}

/* The place that is free first is held until t. */
static void places_hold(struct places *p, uint64_t t)
{
    uint32_t i = 0;
    if (!p->count)
        return;
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= p->count)
            break;
        if (child + 1 < p->count && p->free_at[child + 1] < p->free_at[child])
            child++;
        if (p->free_at[child] >= t)
            break;
        p->free_at[i] = p->free_at[child];
        i = child;
    }
    p->free_at[i] = t;
}

/* ---------------------------------------------------------------- life */

void vtd_timing_config_default(struct vtd_timing_config *cfg)
{
    *cfg = (struct vtd_timing_config){
        .lookup_latency = {[VTD_CACHE_CONTEXT] = 2,
                           [VTD_CACHE_PASID] = 2,
                           [VTD_CACHE_IOTLB] = 2,
                           [VTD_CACHE_FS_PSC] = 2,
                           [VTD_CACHE_SS_PSC] = 2,
                           [VTD_CACHE_IEC] = 2},
        .ports = {1, 1, 1, 1, 1, 1},
        .walkers = 8,
        .misses = 32,
        .memory_interval = 1,
        .table_cache_latency = 30,
        .table_cache = {.policy = VTD_POLICY_LRU},
        .link_latency = 100,
        .in_flight = 64,
        .descriptor_cycles = 4,
        .frequency = 1000000000,
    };
    for (unsigned i = 0; i < VTD_MEM_CLASSES; i++)
        cfg->memory_latency[i] = 100;
}

static void explain(char *why, const char *text)
{
    if (why)
        memcpy(why, text, strlen(text) + 1);
}

static bool is_sane(const struct vtd_timing_config *cfg, char *why)
{
    const char *error = vtd_cache_geometry_error(&cfg->table_cache);
    for (unsigned i = 0; i < VTD_CACHES && !error; i++) {
        if (cfg->ports[i] > 255)
            error = "a cache has at most 255 ports";
        if (cfg->lookup_latency[i] > LATENCY_MAX)
            error = "a latency is at most 1000000 cycles";
    }
    for (unsigned i = 0; i < VTD_MEM_CLASSES && !error; i++)
        if (cfg->memory_latency[i] > LATENCY_MAX)
            error = "a latency is at most 1000000 cycles";
    if (!error && (cfg->table_cache_latency > LATENCY_MAX || cfg->link_latency > LATENCY_MAX ||
                   cfg->descriptor_cycles > LATENCY_MAX || cfg->memory_interval > LATENCY_MAX))
        error = "a latency is at most 1000000 cycles";
    if (!error && (cfg->walkers > PLACES_MAX || cfg->misses > PLACES_MAX || cfg->in_flight > PLACES_MAX))
        error = "there are at most 65536 walkers, outstanding misses, and requests in flight";
    if (!error && cfg->frequency == 0)
        error = "the frequency must not be 0";
    if (error)
        explain(why, error);
    return !error;
}

static bool make_resources(struct vtd_timing *x)
{
    const struct vtd_timing_config *cfg = &x->cfg;
    const struct vtd_config *unit = vtd_config_get(x->unit);
    bool ok = places_init(&x->walkers, cfg->walkers) && places_init(&x->misses, cfg->misses);
    for (unsigned i = 0; i < VTD_CACHES && ok; i++) {
        vtd_calendar_init(&x->port[i], cfg->ports[i]);
        x->ready[i] = calloc((size_t)unit->cache[i].entries + 1, sizeof *x->ready[i]);
        ok = x->ready[i];
    }
    vtd_calendar_init(&x->memory, cfg->memory_interval ? 1 : 0);
    if (!ok || cfg->table_cache.entries == 0)
        return ok;
    x->table_memory = aligned_alloc(64, (vtd_cache_bytes(&cfg->table_cache) + 63) & ~(size_t)63);
    x->line_ready = calloc(cfg->table_cache.entries, sizeof *x->line_ready);
    if (!x->table_memory || !x->line_ready)
        return false;
    vtd_cache_init(&x->table_cache, &cfg->table_cache, x->table_memory, unit->seed);
    return true;
}

struct vtd_timing *vtd_timing_create(struct vtd *unit, const struct vtd_timing_config *cfg, char *why)
{
    if (!is_sane(cfg, why))
        return NULL;
    struct vtd_timing *x = unit->record ? NULL : calloc(1, sizeof *x);
    if (!x) {
        explain(why, unit->record ? "the unit has a timing already" : "out of memory");
        return NULL;
    }
    x->unit = unit;
    x->cfg = *cfg;
    x->device = calloc(SOURCE_IDS, sizeof *x->device);
    if (!x->device || !make_resources(x)) {
        explain(why, "out of memory");
        vtd_timing_destroy(x);
        return NULL;
    }
    unit->record = &x->record;
    return x;
}

void vtd_timing_destroy(struct vtd_timing *x)
{
    if (!x)
        return;
    if (x->unit->record == &x->record)
        x->unit->record = NULL;
    for (uint32_t i = 0; x->device && i < SOURCE_IDS; i++)
        free(x->device[i].free_at);
    for (unsigned i = 0; i < VTD_CACHES; i++)
        free(x->ready[i]);
    free(x->device);
    free(x->walkers.free_at);
    free(x->misses.free_at);
    free(x->table_memory);
    free(x->line_ready);
    free(x);
}

/* ---------------------------------------------------------------- the fold */

/* A request on its way through the unit. */
struct fold {
    struct vtd_timing *x;
    struct vtd_timed *timed;
    uint64_t t;
    bool in_miss_table, walks;
};

static inline void spend(struct fold *f, enum vtd_timing_part part, uint64_t until)
{
    f->timed->part[part] += (uint32_t)(until - f->t);
    f->t = until;
}

/* A lookup begins when a port is free; a hit on what is still being fetched waits for it. */
static inline void look_up(struct fold *f, unsigned cache, bool hit, uint32_t index)
{
    struct vtd_timing *x = f->x;
    spend(f, VTD_TIMING_PORT, vtd_calendar_take(&x->port[cache], f->t));
    spend(f, VTD_TIMING_LOOKUP, f->t + x->cfg.lookup_latency[cache]);
    if (!hit || x->ready[cache][index] <= f->t)
        return;
    spend(f, VTD_TIMING_MERGED, x->ready[cache][index]);
    if (cache == VTD_CACHE_IOTLB)
        f->timed->source = VTD_TIMING_IOTLB_MERGED;
}

/* When the memory begins an access that could begin at t. */
static uint64_t memory_begins(struct vtd_timing *x, uint64_t t)
{
    const uint64_t interval = x->cfg.memory_interval;
    if (!interval)
        return t;
    const uint64_t begin = vtd_calendar_take(&x->memory, t / interval) * interval;
    return begin > t ? begin : t;
}

static void enter_miss_table(struct fold *f)
{
    if (f->in_miss_table)
        return;
    f->in_miss_table = true;
    spend(f, VTD_TIMING_MISSES, places_wait(&f->x->misses, f->t));
}

/* An access that the table cache answers; false: memory must. */
static bool ask_table_cache(struct fold *f, const struct record_step *s)
{
    struct vtd_timing *x = f->x;
    struct vtd_key victim;
    bool evicted;
    if (x->table_cache.entries == 0 || s->update)
        return false;
    const struct vtd_key line = {.a = s->addr >> LINE_SHIFT};
    const uint32_t i = vtd_cache_lookup(&x->table_cache, line);
    if (i != VTD_CACHE_NONE) {
        spend(f, VTD_TIMING_MEMORY, f->t + x->cfg.table_cache_latency);
        if (x->line_ready[i] > f->t)
            spend(f, VTD_TIMING_MERGED, x->line_ready[i]);
        return true;
    }
    x->line_ready[vtd_cache_fill(&x->table_cache, line, &victim, &evicted)] =
        f->t + x->cfg.table_cache_latency + x->cfg.memory_latency[s->unit];
    spend(f, VTD_TIMING_MEMORY, f->t + x->cfg.table_cache_latency);
    return false;
}

static void access_memory(struct fold *f, const struct record_step *s)
{
    struct vtd_timing *x = f->x;
    enter_miss_table(f);
    if (!f->walks) {
        f->walks = true;
        spend(f, VTD_TIMING_WALKER, places_wait(&x->walkers, f->t));
    }
    f->timed->memory_accesses++;
    if (ask_table_cache(f, s))
        return;
    spend(f, VTD_TIMING_BUS, memory_begins(x, f->t));
    spend(f, VTD_TIMING_MEMORY, f->t + x->cfg.memory_latency[s->unit]);
}

static void fold_steps(struct fold *f)
{
    struct vtd_timing *x = f->x;
    f->timed->source = VTD_TIMING_IOTLB;
    for (uint32_t i = 0; i < x->record.count; i++) {
        const struct record_step *s = &x->record.step[i];
        switch (s->kind) {
        case RECORD_LOOKUP:
            look_up(f, s->unit, s->hit, s->index);
            if (s->unit == VTD_CACHE_IOTLB && !s->hit) {
                enter_miss_table(f);
                if (f->timed->source == VTD_TIMING_IOTLB)
                    f->timed->source = VTD_TIMING_WALK;
            }
            break;
        case RECORD_FILL:
            x->ready[s->unit][s->index] = f->t;
            break;
        default:
            access_memory(f, s);
            f->timed->source = s->unit == VTD_MEM_PASID_ENTRY || s->unit == VTD_MEM_CONTEXT ||
                                       f->timed->source == VTD_TIMING_PASID_WALK
                                   ? VTD_TIMING_PASID_WALK
                                   : VTD_TIMING_WALK;
            break;
        }
    }
    if (f->in_miss_table)
        places_hold(&x->misses, f->t);
    if (f->walks)
        places_hold(&x->walkers, f->t);
}

/* ---------------------------------------------------------------- requests */

static struct places *tags_of(struct vtd_timing *x, uint16_t sid)
{
    struct places *p = &x->device[sid];
    if (VTD_UNLIKELY(!p->count) && x->cfg.in_flight && !places_init(p, x->cfg.in_flight)) {
        p->count = 0;
        return NULL;
    }
    return p;
}

enum vtd_status vtd_timing_translate(struct vtd_timing *x, const struct vtd_request *req, uint64_t arrival,
                                     struct vtd_response *resp, struct vtd_timed *timed)
{
    struct vtd *v = x->unit;
    struct places *tags = tags_of(x, req->sid);
    if (VTD_UNLIKELY(!tags))
        return VTD_STATUS_NO_MEMORY;
    const uint64_t fast_hits = v->fast_hits;
    x->record.count = x->record.lost = 0;
    const enum vtd_status status = vtd_translate(v, req, resp);
    if (VTD_UNLIKELY(status != VTD_STATUS_OK))
        return status;
    *timed = (struct vtd_timed){.arrival = arrival};
    struct fold f = {.x = x, .timed = timed, .t = arrival};
    spend(&f, VTD_TIMING_CREDIT, places_wait(tags, arrival));
    timed->start = f.t;
    spend(&f, VTD_TIMING_LINK, f.t + x->cfg.link_latency);
    if (VTD_LIKELY(v->fast_hits != fast_hits))
        look_up(&f, VTD_CACHE_IOTLB, true, v->iotlb_last.index);
    else
        fold_steps(&f);
    if (f.t > x->drained)
        x->drained = f.t;
    spend(&f, VTD_TIMING_LINK, f.t + x->cfg.link_latency);
    places_hold(tags, f.t);
    timed->done = f.t;
    return VTD_STATUS_OK;
}

/* ---------------------------------------------------------------- register writes */

/* Lays what a register write did on the resources: descriptors, and the status writes of waits. */
static uint64_t fold_write(struct vtd_timing *x, uint64_t arrival)
{
    uint64_t fetched = arrival, done = arrival;
    for (uint32_t i = 0; i < x->record.count; i++) {
        const struct record_step *s = &x->record.step[i];
        if (s->kind != RECORD_ACCESS)
            continue;
        if (s->unit == VTD_MEM_DESCRIPTOR) {
            fetched = memory_begins(x, fetched);
            const uint64_t there = fetched + x->cfg.memory_latency[VTD_MEM_DESCRIPTOR];
            done = (there > done ? there : done) + x->cfg.descriptor_cycles;
        } else if (s->unit == VTD_MEM_STATUS) {
            done = memory_begins(x, x->drained > done ? x->drained : done) + x->cfg.memory_latency[VTD_MEM_STATUS];
        }
    }
    return done;
}

uint64_t vtd_timing_write32(struct vtd_timing *x, uint64_t offset, uint32_t value, uint64_t arrival)
{
    x->record.count = x->record.lost = 0;
    vtd_mmio_write32(x->unit, offset, value);
    return fold_write(x, arrival);
}

uint64_t vtd_timing_write64(struct vtd_timing *x, uint64_t offset, uint64_t value, uint64_t arrival)
{
    x->record.count = x->record.lost = 0;
    vtd_mmio_write64(x->unit, offset, value);
    return fold_write(x, arrival);
}
