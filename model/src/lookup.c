/* SPDX-License-Identifier: MIT */
/* Invalidation of the unit's caches, with statistics and observation events. See lookup.h. */
#include "lookup.h"

#include "translate.h"

void vtd_lookup_invalidated(struct vtd *v, enum vtd_cache_id id, uint32_t count)
{
    v->cache_stats[id].invalidate += count;
    if (VTD_UNLIKELY(v->events)) {
        struct vtd_event e = {
            .kind = VTD_EVENT_INVALIDATE, .unit = (uint8_t)id, .value = {count}, .count = 1, .section = "6.3"};
        vtd_event_emit(v, &e);
    }
}

/* A match that tells the tap which keys go. */
struct tapped {
    struct vtd *v;
    vtd_cache_match *match;
    const void *arg;
};

static bool match_and_tell(const void *arg, struct vtd_key key, uint32_t i)
{
    const struct tapped *t = arg;
    if (!t->match(t->arg, key, i))
        return false;
    t->v->tap.call(t->v->tap.opaque, VTD_CACHE_CHANGE_REMOVE, i, key.a, key.b);
    return true;
}

void vtd_lookup_invalidate_if(struct vtd *v, enum vtd_cache_id id, vtd_cache_match *match, const void *arg)
{
    const struct tapped tapped = {.v = v, .match = match, .arg = arg};
    const bool told = v->tap.id == id;
    const uint32_t count = vtd_cache_invalidate_if(&v->cache[id], told ? match_and_tell : match, told ? &tapped : arg);
    vtd_lookup_invalidated(v, id, count);
}

void vtd_lookup_invalidate_all(struct vtd *v, enum vtd_cache_id id)
{
    vtd_lookup_invalidated(v, id, vtd_cache_invalidate_all(&v->cache[id]));
    lookup_tell(v, id, VTD_CACHE_CHANGE_CLEAR, 0, (struct vtd_key){0});
}

void vtd_cache_tap(struct vtd *v, enum vtd_cache_id id, vtd_cache_tap_call *call, void *opaque)
{
    v->tap = (struct cache_tap){.call = call, .opaque = opaque, .id = call ? (uint8_t)id : VTD_CACHES};
    vtd_translate_mode_changed(v);
}

bool vtd_invalidation_selects(const struct vtd_invalidation *inv, const struct vtd_translation_tags *tags)
{
    if (((inv->sid ^ tags->sid) & inv->sid_mask) || (inv->has_did && inv->did != tags->did) ||
        (inv->has_pasid && inv->pasid != tags->pasid) || (inv->first_stage_only && !tags->first_stage))
        return false;
    if (!inv->has_range || (inv->first_stage_whole && tags->first_stage))
        return true;
    const uint64_t page = bits_low(tags->page_shift);
    return (tags->addr | page) >= inv->first && (tags->addr & ~page) <= inv->last;
}
