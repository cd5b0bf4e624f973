/* SPDX-License-Identifier: MIT */
/* Cycles: life, the tags of devices, requests. See vtd_timing.h. */
#include "timing_internal.h"

#include "cache.h"

#include <stdlib.h>
#include <string.h>

#define SOURCE_IDS 65536u

/* ---------------------------------------------------------------- life */

static bool make_memory(struct vtd_timing *x)
{
    const struct vtd_timing_config *cfg = &x->cfg;
    vtd_calendar_init(&x->memory, cfg->memory_interval ? cfg->memory_ports : 0);
    for (unsigned i = 0; i < VTD_MEM_CLASSES; i++) {
        if (!cfg->class_interval[i])
            continue;
        if (!(x->class_memory[i] = malloc(sizeof *x->class_memory[i])))
            return false;
        vtd_calendar_init(x->class_memory[i], 1);
    }
    if (cfg->table_cache.entries == 0)
        return true;
    x->table_memory = aligned_alloc(64, (vtd_cache_bytes(&cfg->table_cache) + 63) & ~(size_t)63);
    x->line_ready = calloc(cfg->table_cache.entries, sizeof *x->line_ready);
    if (!x->table_memory || !x->line_ready)
        return false;
    vtd_cache_init(&x->table_cache, &cfg->table_cache, x->table_memory, vtd_config_get(x->unit)->seed);
    return true;
}

static bool make_resources(struct vtd_timing *x)
{
    const struct vtd_timing_config *cfg = &x->cfg;
    const struct vtd_config *unit = vtd_config_get(x->unit);
    bool ok = vtd_places_init(&x->walkers, cfg->walkers) && vtd_places_init(&x->misses, cfg->misses) &&
              vtd_meter_init(&x->meter[VTD_TIMING_WALKERS], cfg->walkers) &&
              vtd_meter_init(&x->meter[VTD_TIMING_MISS_TABLE], cfg->misses);
    for (unsigned i = 0; i < VTD_CACHES && ok; i++) {
        vtd_calendar_init(&x->port[i], cfg->ports[i]);
        x->ready[i] = calloc((size_t)unit->cache[i].entries + 1, sizeof *x->ready[i]);
        ok = x->ready[i];
    }
    return ok && make_memory(x);
}

static struct vtd_timing *refuse(char *why, const char *text)
{
    if (why)
        memcpy(why, text, strlen(text) + 1);
    return NULL;
}

struct vtd_timing *vtd_timing_create(struct vtd *unit, const struct vtd_timing_config *cfg, char *why)
{
    if (vtd_timing_config_validate(cfg, why) != VTD_STATUS_OK)
        return NULL;
    if (unit->record)
        return refuse(why, "the unit has a timing already");
    struct vtd_timing *x = calloc(1, sizeof *x);
    if (!x)
        return refuse(why, "out of memory");
    x->unit = unit;
    x->cfg = *cfg;
    x->device = calloc(SOURCE_IDS, sizeof *x->device);
    if (!x->device || !make_resources(x)) {
        vtd_timing_destroy(x);
        return refuse(why, "out of memory");
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
        free(x->device[i].place);
    for (unsigned i = 0; i < VTD_CACHES; i++)
        free(x->ready[i]);
    for (unsigned i = 0; i < VTD_MEM_CLASSES; i++)
        free(x->class_memory[i]);
    for (unsigned i = 0; i < VTD_TIMING_RESOURCES; i++)
        vtd_meter_fini(&x->meter[i]);
    free(x->device);
    free(x->walkers.place);
    free(x->misses.place);
    free(x->table_memory);
    free(x->line_ready);
    free(x);
}

const struct vtd_timing_config *vtd_timing_config_get(const struct vtd_timing *x)
{
    return &x->cfg;
}

void vtd_timing_set_apart(struct vtd_timing *x, bool apart)
{
    x->apart = apart;
}

void vtd_timing_listen(struct vtd_timing *x, vtd_timing_listener *listener, void *opaque)
{
    x->listener = listener;
    x->listener_opaque = opaque;
}

/* ---------------------------------------------------------------- requests */

static inline struct places *tags_of(struct vtd_timing *x, uint16_t sid)
{
    struct places *p = &x->device[sid];
    if (VTD_UNLIKELY(!p->count) && x->cfg.in_flight && !vtd_places_init(p, x->cfg.in_flight))
        return NULL;
    return p;
}

/* The request at the unit, at cycle t. Returns when the outcome is there. */
static inline uint64_t at_the_unit(struct vtd_timing *x, bool fast_hit, struct vtd_timed *timed, uint64_t t)
{
    if (VTD_UNLIKELY(!fast_hit))
        return vtd_timing_fold(x, timed, t);
    const uint64_t begin = vtd_calendar_take(&x->port[VTD_CACHE_IOTLB], t);
    const uint64_t found = begin + x->cfg.lookup_latency[VTD_CACHE_IOTLB];
    const uint64_t ready = x->ready[VTD_CACHE_IOTLB][x->unit->iotlb_last.index];
    timed->part[VTD_TIMING_PORT] = (begin - t);
    timed->part[VTD_TIMING_LOOKUP] = (found - begin);
    timed->source = VTD_TIMING_IOTLB;
    if (VTD_LIKELY(ready <= found))
        return found;
    timed->part[VTD_TIMING_MERGED] = (ready - found);
    timed->source = VTD_TIMING_IOTLB_MERGED;
    return ready;
}

/* In two pieces, each short enough for a few stores in place of a string instruction, which takes long to start. */
static inline void clear_timed(struct vtd_timed *timed)
{
    memset(timed, 0, 64);
    memset((char *)timed + 64, 0, sizeof *timed - 64);
}

static inline enum vtd_status request(struct vtd_timing *x, const struct vtd_request *req, uint64_t start,
                                      struct vtd_response *resp, struct vtd_timed *timed)
{
    struct vtd *v = x->unit;
    const uint64_t fast_hits = v->fast_hits;
    const uint64_t link = x->cfg.link_latency;
    x->record.count = x->record.lost = 0;
    const enum vtd_status status = vtd_translate(v, req, resp);
    if (VTD_UNLIKELY(status != VTD_STATUS_OK))
        return status;
    clear_timed(timed);
    timed->arrival = timed->start = start;
    const uint64_t t = at_the_unit(x, v->fast_hits != fast_hits, timed, start + link);
    if (t > x->drained && !x->apart)
        x->drained = t;
    timed->part[VTD_TIMING_LINK] = 2 * link;
    timed->done = t + link;
    return VTD_STATUS_OK;
}

enum vtd_status vtd_timing_request(struct vtd_timing *x, const struct vtd_request *req, uint64_t start,
                                   struct vtd_response *resp, struct vtd_timed *timed)
{
    return request(x, req, start, resp, timed);
}

static inline bool tag(struct vtd_timing *x, uint16_t sid, uint64_t arrival, uint64_t *start)
{
    const struct places *tags = tags_of(x, sid);
    if (VTD_UNLIKELY(!tags))
        return false;
    if (arrival > x->latest)
        x->latest = arrival;
    *start = places_wait(tags, arrival);
    return true;
}

bool vtd_timing_tag(struct vtd_timing *x, uint16_t sid, uint64_t arrival, uint64_t *start)
{
    return tag(x, sid, arrival, start);
}

void vtd_timing_end_access(struct vtd_timing *x, uint16_t sid, uint64_t done)
{
    places_hold(&x->device[sid], done);
}

enum vtd_status vtd_timing_translate(struct vtd_timing *x, const struct vtd_request *req, uint64_t arrival,
                                     struct vtd_response *resp, struct vtd_timed *timed)
{
    uint64_t start;
    if (VTD_UNLIKELY(!tag(x, req->sid, arrival, &start)))
        return VTD_STATUS_NO_MEMORY;
    const enum vtd_status status = request(x, req, start, resp, timed);
    if (VTD_UNLIKELY(status != VTD_STATUS_OK))
        return status;
    timed->arrival = arrival;
    timed->part[VTD_TIMING_CREDIT] = start - arrival;
    places_hold(&x->device[req->sid], timed->done);
    return VTD_STATUS_OK;
}

/* ---------------------------------------------------------------- occupancy */

void vtd_timing_occupancy_get(struct vtd_timing *x, enum vtd_timing_resource resource,
                              struct vtd_timing_occupancy *occupancy)
{
    struct meter *m = &x->meter[resource];
    vtd_meter_settle(m);
    *occupancy = (struct vtd_timing_occupancy){
        .holds = m->holds, .cycles = m->area, .full = m->full, .limit = m->limit, .peak = m->peak, .early = m->early};
}

void vtd_timing_occupancy_reset(struct vtd_timing *x, uint64_t from)
{
    for (unsigned i = 0; i < VTD_TIMING_RESOURCES; i++)
        vtd_meter_reset(&x->meter[i], from);
}
