/* SPDX-License-Identifier: MIT */
/* The access record of a request, laid on occupied resources. See vtd_timing.h. */
#include "timing_internal.h"

#define LINE_SHIFT 6 /* of the table cache */

/* A request on its way through the unit. */
struct fold {
    struct vtd_timing *x;
    struct vtd_timed *timed;
    uint64_t t;
    uint64_t missed, walked; /* since when it has a place in the miss table, and a walker */
    bool in_miss_table, walks;
};

static void tell(const struct fold *f, const struct vtd_timing_step *step)
{
    f->x->listener(f->x->listener_opaque, step);
}

static inline void spend(struct fold *f, enum vtd_timing_part part, uint64_t until, unsigned unit)
{
    if (VTD_UNLIKELY(f->x->listener != NULL) && until != f->t)
        tell(f, &(struct vtd_timing_step){
                    .begin = f->t, .end = until, .part = (uint8_t)part, .unit = (uint8_t)unit, .cached = false});
    f->timed->part[part] += (until - f->t);
    f->t = until;
}

/* A lookup begins when a port is free; a hit on what is still being fetched waits for it. */
static inline void look_up(struct fold *f, unsigned cache, bool hit, uint32_t index)
{
    struct vtd_timing *x = f->x;
    spend(f, VTD_TIMING_PORT, vtd_calendar_take(&x->port[cache], f->t), cache);
    spend(f, VTD_TIMING_LOOKUP, f->t + x->cfg.lookup_latency[cache], cache);
    if (cache == VTD_CACHE_IOTLB && f->timed->source == VTD_TIMING_NO_LOOKUP)
        f->timed->source = hit ? VTD_TIMING_IOTLB : VTD_TIMING_WALK;
    if (!hit || x->ready[cache][index] <= f->t)
        return;
    spend(f, VTD_TIMING_MERGED, x->ready[cache][index], cache);
    if (cache == VTD_CACHE_IOTLB)
        f->timed->source = VTD_TIMING_IOTLB_MERGED;
}

uint64_t vtd_timing_memory_begins(struct vtd_timing *x, uint64_t t, unsigned cls)
{
    const uint64_t own = x->cfg.class_interval[cls];
    if (own) {
        const uint64_t begin = vtd_calendar_take(x->class_memory[cls], t / own) * own;
        t = begin > t ? begin : t;
    }
    const uint64_t shared = x->cfg.memory_interval;
    if (!shared)
        return t;
    const uint64_t begin = vtd_calendar_take(&x->memory, t / shared) * shared;
    return begin > t ? begin : t;
}

static void enter_miss_table(struct fold *f)
{
    if (f->in_miss_table)
        return;
    f->in_miss_table = true;
    if (!f->x->apart)
        spend(f, VTD_TIMING_MISSES, places_wait(&f->x->misses, f->t), 0);
    f->missed = f->t;
}

static void take_walker(struct fold *f)
{
    if (f->walks)
        return;
    f->walks = true;
    if (!f->x->apart)
        spend(f, VTD_TIMING_WALKER, places_wait(&f->x->walkers, f->t), 0);
    f->walked = f->t;
}

static void in_memory(struct fold *f, const struct record_step *s, uint64_t cycles, bool cached)
{
    if (VTD_UNLIKELY(f->x->listener != NULL))
        tell(f, &(struct vtd_timing_step){.begin = f->t,
                                          .end = f->t + cycles,
                                          .addr = s->addr,
                                          .part = VTD_TIMING_MEMORY,
                                          .unit = s->unit,
                                          .cached = cached});
    f->timed->part[VTD_TIMING_MEMORY] += cycles;
    f->t += cycles;
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
        in_memory(f, s, x->cfg.table_cache_latency, true);
        if (x->line_ready[i] > f->t)
            spend(f, VTD_TIMING_MERGED, x->line_ready[i], s->unit);
        return true;
    }
    x->line_ready[vtd_cache_fill(&x->table_cache, line, &victim, &evicted)] =
        x->apart ? 0 : f->t + x->cfg.table_cache_latency + x->cfg.memory_latency[s->unit];
    in_memory(f, s, x->cfg.table_cache_latency, true);
    return false;
}

static void access_memory(struct fold *f, const struct record_step *s)
{
    struct vtd_timing *x = f->x;
    enter_miss_table(f);
    take_walker(f);
    f->timed->memory_accesses++;
    if (ask_table_cache(f, s))
        return;
    spend(f, VTD_TIMING_BUS, vtd_timing_memory_begins(x, f->t, s->unit), s->unit);
    in_memory(f, s, x->cfg.memory_latency[s->unit], false);
}

/* The request is answered: what it held is free, and counted. */
static void leave(struct fold *f)
{
    struct vtd_timing *x = f->x;
    if (f->in_miss_table) {
        if (!x->apart)
            places_hold(&x->misses, f->t);
        vtd_meter_hold(&x->meter[VTD_TIMING_MISS_TABLE], f->missed, f->t, x->latest);
    }
    if (f->walks) {
        const uint32_t place = x->apart ? 0 : places_hold(&x->walkers, f->t);
        vtd_meter_hold(&x->meter[VTD_TIMING_WALKERS], f->walked, f->t, x->latest);
        if (VTD_UNLIKELY(x->listener != NULL) && !x->apart)
            tell(f,
                 &(struct vtd_timing_step){.begin = f->walked, .end = f->t, .part = VTD_TIMING_PARTS, .place = place});
    }
}

/*
 * What nobody waits for: it takes its turn at the memory from now on, and holds no walker. *done is when it is there, from an
 * access to the fill that follows.
 */
static void fold_background(const struct fold *f, const struct record_step *s, uint64_t *done)
{
    struct vtd_timing *x = f->x;
    vtd_timing_listener *const listener = x->listener;
    struct vtd_timed nobody = {0};
    struct fold side = {.x = x, .timed = &nobody, .t = f->t, .in_miss_table = true, .walks = true};
    if (s->kind == RECORD_FILL) {
        x->ready[s->unit][s->index] = *done;
        return;
    }
    x->listener = NULL;
    access_memory(&side, s);
    x->listener = listener;
    *done = side.t;
}

uint64_t vtd_timing_fold(struct vtd_timing *x, struct vtd_timed *timed, uint64_t t)
{
    struct fold f = {.x = x, .timed = timed, .t = t};
    uint64_t background = 0;
    timed->source = VTD_TIMING_NO_LOOKUP;
    for (uint32_t i = 0; i < x->record.count; i++) {
        const struct record_step *s = &x->record.step[i];
        if (VTD_UNLIKELY(s->background)) {
            fold_background(&f, s, &background);
            continue;
        }
        switch (s->kind) {
        case RECORD_LOOKUP:
            look_up(&f, s->unit, s->hit, s->index);
            if (s->unit == VTD_CACHE_IOTLB && !s->hit)
                enter_miss_table(&f);
            break;
        case RECORD_FILL: /* apart: others that come before would have fetched tables themselves, but not the page */
            x->ready[s->unit][s->index] = x->apart && s->unit != VTD_CACHE_IOTLB ? 0 : f.t;
            break;
        default:
            access_memory(&f, s);
            timed->source =
                s->unit == VTD_MEM_PASID_ENTRY || s->unit == VTD_MEM_CONTEXT || timed->source == VTD_TIMING_PASID_WALK
                    ? VTD_TIMING_PASID_WALK
                    : VTD_TIMING_WALK;
            break;
        }
    }
    leave(&f);
    return f.t;
}
