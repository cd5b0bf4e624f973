/* SPDX-License-Identifier: MIT */
/*
 * Lookup and fill of one of the unit's caches, with statistics and observation events: what every owner of a cache calls.
 */
#ifndef VTD_LOOKUP_H
#define VTD_LOOKUP_H

#include "event.h"
#include "instance.h"
#include "perfmon.h"

/* Counts one lookup of a cache and its outcome; a walker that probes several keys for one lookup calls it once, with the
 * page table level of what it found. */
static inline void lookup_count_level(struct vtd *v, enum vtd_cache_id id, bool hit, unsigned level)
{
    v->cache_stats[id].lookup++;
    v->cache_stats[id].hit += hit;
    if (VTD_UNLIKELY(v->perfmon.active))
        vtd_perfmon_note_lookup(v, id, hit, level);
}

static inline void lookup_count(struct vtd *v, enum vtd_cache_id id, bool hit)
{
    lookup_count_level(v, id, hit, 0);
}

/* Probes one key without counting. Returns the entry's index or VTD_CACHE_NONE. */
static inline uint32_t lookup_probe(struct vtd *v, enum vtd_cache_id id, struct vtd_key key, const char *section)
{
    const uint32_t i =
        VTD_UNLIKELY(v->quiet) ? vtd_cache_probe(&v->cache[id], key) : vtd_cache_lookup(&v->cache[id], key);
    if (VTD_UNLIKELY(v->events) && v->cfg.cache[id].entries)
        vtd_event_cache(v, VTD_EVENT_CACHE_LOOKUP, id, key, i != VTD_CACHE_NONE, section);
    return i;
}

/* Looks a key up, counted. */
static inline uint32_t lookup_find(struct vtd *v, enum vtd_cache_id id, struct vtd_key key, const char *section)
{
    const uint32_t i = lookup_probe(v, id, key, section);
    lookup_count(v, id, i != VTD_CACHE_NONE);
    return i;
}

/* Makes room for a key. Returns the index for its payload, or VTD_CACHE_NONE when nothing may be cached. */
static inline uint32_t lookup_fill(struct vtd *v, enum vtd_cache_id id, struct vtd_key key, const char *section)
{
    if (VTD_UNLIKELY(v->quiet))
        return VTD_CACHE_NONE;
    struct vtd_key victim;
    bool evicted = false;
    const uint32_t i = vtd_cache_fill(&v->cache[id], key, &victim, &evicted);
    if (i == VTD_CACHE_NONE)
        return i;
    v->cache_stats[id].fill++;
    v->cache_stats[id].evict += evicted;
    if (VTD_UNLIKELY(v->events)) {
        if (evicted)
            vtd_event_cache(v, VTD_EVENT_CACHE_EVICT, id, victim, false, section);
        vtd_event_cache(v, VTD_EVENT_CACHE_FILL, id, key, false, section);
    }
    return i;
}

/* Counts and tells an invalidation that removed count entries. */
static inline void lookup_invalidated(struct vtd *v, enum vtd_cache_id id, uint32_t count)
{
    v->cache_stats[id].invalidate += count;
    if (VTD_UNLIKELY(v->events)) {
        struct vtd_event e = {
            .kind = VTD_EVENT_INVALIDATE, .unit = (uint8_t)id, .value = {count}, .count = 1, .section = "6.3"};
        vtd_event_emit(v, &e);
    }
}

#endif
