/* SPDX-License-Identifier: MIT */
/* Cycles of register writes and messages: the invalidation queue above all (ref 3.3). See vtd_timing.h. */
#include "timing_internal.h"

static inline uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* A descriptor: fetched behind the one before, carried out behind it, too. Returns when it is done. */
static uint64_t fold_descriptor(struct vtd_timing *x, uint64_t arrival)
{
    x->fetched = vtd_timing_memory_begins(x, later(x->fetched, arrival), VTD_MEM_DESCRIPTOR);
    const uint64_t there = x->fetched + x->cfg.memory_latency[VTD_MEM_DESCRIPTOR];
    x->carried_out = later(there, x->carried_out) + x->cfg.descriptor_cycles;
    return x->carried_out;
}

/*
 * Descriptors, the status writes of waits, and whatever else was read and written: one after the other, save that a
 * status is written when all requests of earlier calls have left.
 */
uint64_t vtd_timing_lay(struct vtd_timing *x, uint64_t arrival)
{
    const uint64_t fetched = x->fetched, carried_out = x->carried_out;
    uint64_t done = arrival;
    if (x->apart)
        x->fetched = x->carried_out = 0;
    for (uint32_t i = 0; i < x->record.count; i++) {
        const struct record_step *s = &x->record.step[i];
        if (s->kind != RECORD_ACCESS)
            continue;
        if (s->unit == VTD_MEM_DESCRIPTOR) {
            done = later(done, fold_descriptor(x, arrival));
            continue;
        }
        const uint64_t from = s->unit == VTD_MEM_STATUS && !x->apart ? later(x->drained, done) : done;
        done = vtd_timing_memory_begins(x, from, s->unit) + x->cfg.memory_latency[s->unit];
    }
    if (x->apart) {
        x->fetched = fetched;
        x->carried_out = carried_out;
    }
    return done;
}

void vtd_timing_watch(struct vtd_timing *x)
{
    x->record.count = x->record.lost = 0;
}

uint64_t vtd_timing_write32(struct vtd_timing *x, uint64_t offset, uint32_t value, uint64_t arrival)
{
    vtd_timing_watch(x);
    vtd_mmio_write32(x->unit, offset, value);
    return vtd_timing_lay(x, arrival);
}

uint64_t vtd_timing_write64(struct vtd_timing *x, uint64_t offset, uint64_t value, uint64_t arrival)
{
    vtd_timing_watch(x);
    vtd_mmio_write64(x->unit, offset, value);
    return vtd_timing_lay(x, arrival);
}
