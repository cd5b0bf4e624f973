/* SPDX-License-Identifier: MIT */
/* Counting (ref 1.12). See perfmon.h. */
#include "perfmon.h"

#include "event.h"
#include "translate.h"

#include <string.h>

static const struct {
    uint8_t group;
    uint32_t es;
} events[PERF_EVENTS] = {
#define VTD_PERF_EVENT(NAME, name, in_linux, group_, bit, counter, description)                                        \
    [PERF_##NAME] = {.group = group_, .es = 1u << (bit)},
#include "vtd/defs/perf_events.def"
};

/* Only what the capabilities of the unit let happen. */
static bool is_possible(const struct features *f, enum perf_event e)
{
    switch (e) {
    case PERF_PG_REQ_POSTED:
    case PERF_PG_REQ_OVERFLOW:
        return f->prs;
    case PERF_PASID_CACHE_LOOKUP:
    case PERF_PASID_CACHE_HIT:
        return f->smts;
    case PERF_FS_NONLEAF_LOOKUP:
    case PERF_FS_NONLEAF_HIT:
        return f->fsts;
    case PERF_INT_CACHE_LOOKUP:
    case PERF_INT_CACHE_HIT_NONPOSTED:
        return f->ir;
    case PERF_INT_CACHE_HIT_POSTED:
        return f->pi;
    default:
        return true;
    }
}

uint32_t vtd_perfmon_events(const struct vtd *v, unsigned group)
{
    uint32_t es = 0;
    for (unsigned e = 0; e < PERF_EVENTS; e++)
        if (events[e].group == group && is_possible(&v->f, (enum perf_event)e))
            es |= events[e].es;
    return es;
}

/* ---------------------------------------------------------------- noting */

void vtd_perfmon_note(struct vtd *v, enum perf_event e, unsigned level, unsigned n)
{
    if (!v->quiet)
        v->perfmon.seen[e][level] += n;
}

void vtd_perfmon_note_lookup(struct vtd *v, enum vtd_cache_id id, bool hit, unsigned level)
{
    static const struct {
        uint8_t lookup, hit;
    } of_cache[VTD_CACHES] = {
        [VTD_CACHE_CONTEXT] = {PERF_CTXT_CACHE_LOOKUP, PERF_CTXT_CACHE_HIT},
        [VTD_CACHE_PASID] = {PERF_PASID_CACHE_LOOKUP, PERF_PASID_CACHE_HIT},
        [VTD_CACHE_IOTLB] = {PERF_IOTLB_LOOKUP, PERF_IOTLB_HIT},
        [VTD_CACHE_FS_PSC] = {PERF_FS_NONLEAF_LOOKUP, PERF_FS_NONLEAF_HIT},
        [VTD_CACHE_SS_PSC] = {PERF_SS_NONLEAF_LOOKUP, PERF_SS_NONLEAF_HIT},
        /* VTD_CACHE_PASID_DIR has none, and its owner does not come here. */
        [VTD_CACHE_IEC] = {PERF_INT_CACHE_LOOKUP, PERF_EVENTS}, /* which hit, its owner knows */
    };
    vtd_perfmon_note(v, of_cache[id].lookup, level, 1);
    if (hit && of_cache[id].hit != PERF_EVENTS)
        vtd_perfmon_note(v, of_cache[id].hit, level, 1);
}

/* ---------------------------------------------------------------- filters */

static bool filter_is_on(const struct perf_counter *c, enum perf_filter f)
{
    return c->filter[f] >> 31;
}

static bool pasid_matches(uint32_t filter, const struct perf_source *src)
{
    switch (vtd_reg_perfcntrpasid_mode(filter)) {
    case 0:
        return src->has_pasid && src->pasid == vtd_reg_perfcntrpasid_pasid(filter);
    case 1:
        return src->has_pasid;
    case 2:
        return !src->has_pasid;
    default:
        return false; /* reserved */
    }
}

/* What the source does not have, a filter for it does not let through. */
static bool matches(const struct perf_counter *c, const struct perf_source *src)
{
    if (filter_is_on(c, PERF_FILTER_RID) && vtd_reg_perfcntrrid_rid(c->filter[PERF_FILTER_RID]) != src->sid)
        return false;
    if (filter_is_on(c, PERF_FILTER_DID) &&
        (!src->has_did || vtd_reg_perfcntrdid_did(c->filter[PERF_FILTER_DID]) != src->did))
        return false;
    if (filter_is_on(c, PERF_FILTER_PASID) && !pasid_matches(c->filter[PERF_FILTER_PASID], src))
        return false;
    if (filter_is_on(c, PERF_FILTER_AT) &&
        (src->at == PERF_NO_AT || !(vtd_reg_perfcntrat_at(c->filter[PERF_FILTER_AT]) >> src->at & 1)))
        return false;
    return true;
}

/* ---------------------------------------------------------------- counting */

static uint64_t count_of(const struct vtd *v, const struct perf_counter *c, enum perf_event e)
{
    const bool by_level = filter_is_on(c, PERF_FILTER_PTL);
    const uint64_t levels = vtd_reg_perfcntrptl_ptl(c->filter[PERF_FILTER_PTL]);
    uint64_t n = 0;
    for (unsigned level = 0; level < PERF_LEVELS; level++)
        if (!by_level || (level && (levels >> (level - 1) & 1)))
            n += v->perfmon.seen[e][level];
    return n;
}

static uint64_t total_of(const struct vtd *v, const struct perf_counter *c)
{
    const uint64_t group = vtd_reg_perfcntrcfg_egi(c->config);
    const uint64_t es = vtd_reg_perfcntrcfg_es(c->config);
    uint64_t n = 0;
    for (unsigned e = 0; e < PERF_EVENTS; e++)
        if (events[e].group == group && (events[e].es & es))
            n += count_of(v, c, (enum perf_event)e);
    return n;
}

/* Returns whether the counter went over its end. */
static bool add(const struct vtd *v, struct perf_counter *c, uint64_t n)
{
    const uint64_t before = c->value;
    c->value = (before + n) & bits_low(v->cfg.perfmon.width);
    return n > bits_low(v->cfg.perfmon.width) - before;
}

/* Freezing and the interrupt, when counters overflowed; one interrupt until software cleared the status (ref 5.4). */
static void overflow(struct vtd *v, uint64_t counters)
{
    uint64_t config = 0;
    v->perfmon.overflow |= counters;
    for (; counters; counters &= counters - 1)
        config |= v->perfmon.counter[__builtin_ctzll(counters)].config;
    if (vtd_reg_perfcntrcfg_gfo(config)) {
        v->perfmon.frozen = bits_low(v->cfg.perfmon.counters);
        vtd_perfmon_update(v);
    }
    if (vtd_reg_perfcntrcfg_io(config) && !vtd_reg_perfintrsts_pis(reg_get32(v, VTD_REG_PERFINTRSTS))) {
        reg_set32(v, VTD_REG_PERFINTRSTS, (uint32_t)vtd_reg_perfintrsts_put_pis(1));
        vtd_event_raise(v, VTD_REG_PERFINTRCTL);
    }
}

/* The IOTLB's events have the level of the page that the request was about. */
static void move_to_level(struct vtd *v, enum perf_event e, unsigned level)
{
    const uint32_t n = v->perfmon.seen[e][0];
    v->perfmon.seen[e][0] = 0;
    v->perfmon.seen[e][level] += n;
}

void vtd_perfmon_commit(struct vtd *v, const struct perf_source *src)
{
    if (v->quiet)
        return;
    const unsigned level = src->page_shift ? (src->page_shift - 12u) / 9 + 1 : 0;
    uint64_t over = 0;
    move_to_level(v, PERF_IOTLB_LOOKUP, level);
    move_to_level(v, PERF_IOTLB_HIT, level);
    for (uint64_t left = v->perfmon.enabled & ~v->perfmon.frozen; left; left &= left - 1) {
        const unsigned n = (unsigned)__builtin_ctzll(left);
        struct perf_counter *c = &v->perfmon.counter[n];
        if (matches(c, src) && add(v, c, total_of(v, c)))
            over |= 1ull << n;
    }
    memset(v->perfmon.seen, 0, sizeof v->perfmon.seen);
    if (over)
        overflow(v, over);
}

void vtd_perfmon_update(struct vtd *v)
{
    v->perfmon.active = (v->perfmon.enabled & ~v->perfmon.frozen) != 0;
    vtd_translate_mode_changed(v);
}
