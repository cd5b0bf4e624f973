/* SPDX-License-Identifier: MIT */
/*
 * Lookup and fill of one of the unit's caches, with statistics and observation events: what every owner of a cache calls.
 */
#ifndef VTD_LOOKUP_H
#define VTD_LOOKUP_H

#include "event.h"
#include "instance.h"
#include "perfmon.h"
#include "record.h"

/* Tells the tap of a cache, if that is the one it is at. */
static inline void lookup_tell(struct vtd *v, enum vtd_cache_id id, enum vtd_cache_change change, uint32_t i,
                               struct vtd_key key)
{
    if (VTD_UNLIKELY(v->tap.id == id) && !v->quiet)
        v->tap.call(v->tap.opaque, change, i, key.a, key.b);
}

/* What a record and a tap hear of a lookup. */
static inline void lookup_outcome(struct vtd *v, enum vtd_cache_id id, bool hit, uint32_t i)
{
    if (VTD_UNLIKELY(v->record != NULL))
        record_add(v->record, (struct record_step){.kind = RECORD_LOOKUP, .unit = (uint8_t)id, .index = i, .hit = hit});
    if (hit)
        lookup_tell(v, id, VTD_CACHE_CHANGE_HIT, i, vtd_cache_key(&v->cache[id], i));
    else
        lookup_tell(v, id, VTD_CACHE_CHANGE_MISS, 0, (struct vtd_key){0});
}

/*
 * Counts one lookup of a cache and its outcome; a walker that probes several keys for one lookup calls it once. i is the
 * entry of a hit, level the page table level of what it found, or 0.
 */
static inline void lookup_count_level(struct vtd *v, enum vtd_cache_id id, bool hit, uint32_t i, unsigned level)
{
    v->cache_stats[id].lookup++;
    v->cache_stats[id].hit += hit;
    if (VTD_UNLIKELY(v->perfmon.active))
        vtd_perfmon_note_lookup(v, id, hit, level);
    lookup_outcome(v, id, hit, i);
}

static inline void lookup_count(struct vtd *v, enum vtd_cache_id id, bool hit, uint32_t i)
{
    lookup_count_level(v, id, hit, i, 0);
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
    lookup_count(v, id, i != VTD_CACHE_NONE, i);
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
    if (VTD_UNLIKELY(v->record != NULL))
        record_add(v->record, (struct record_step){
                                  .kind = RECORD_FILL, .unit = (uint8_t)id, .index = i, .background = v->background});
    lookup_tell(v, id, VTD_CACHE_CHANGE_FILL, i, key);
    if (VTD_UNLIKELY(v->events)) {
        if (evicted)
            vtd_event_cache(v, VTD_EVENT_CACHE_EVICT, id, victim, false, section);
        vtd_event_cache(v, VTD_EVENT_CACHE_FILL, id, key, false, section);
    }
    return i;
}

/* Removes one valid entry, uncounted: for those who look entries up one by one, and call vtd_lookup_invalidated at the end. */
static inline void lookup_remove(struct vtd *v, enum vtd_cache_id id, uint32_t i)
{
    lookup_tell(v, id, VTD_CACHE_CHANGE_REMOVE, i, vtd_cache_key(&v->cache[id], i));
    vtd_cache_remove(&v->cache[id], i);
}

/* Tells the host what an invalidation selects, whether or not anything was there (ref 6.3). */
static inline void lookup_tell_scope(struct vtd *v, const struct vtd_invalidation *scope)
{
    if (v->host.invalidated)
        v->host.invalidated(v->host.opaque, scope);
}

/* Counts and tells an invalidation that removed count entries. */
void vtd_lookup_invalidated(struct vtd *v, enum vtd_cache_id id, uint32_t count);

/* Invalidates the entries that match; all of them. Counted. */
void vtd_lookup_invalidate_if(struct vtd *v, enum vtd_cache_id id, vtd_cache_match *match, const void *arg);
void vtd_lookup_invalidate_all(struct vtd *v, enum vtd_cache_id id);

#endif
