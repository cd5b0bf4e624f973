/* SPDX-License-Identifier: MIT */
/* What a cache will be asked, without asking it. See foresight.h. */
#include "foresight.h"

#include "platform/table_memory.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN 1024u
#define ENTRIES   (1u << 24) /* of a cache, at most: what an entry's number takes in a slot */
#define USED      (UINT64_C(1) << 63)

/* What the cache was asked while one record was played. */
struct asked {
    unsigned lookups;
    uint32_t entry; /* of the last hit, or of the fill after the last miss; VTD_FORESIGHT_NONE: nothing was filled */
    uint64_t a, b;
};

/*
 * Entries by key, in open addressing: a slot is USED, the key above its lower 24 bits, and the number of the entry in them. A
 * key is the source-id with, of a PASID cache, the PASID above it.
 */
struct vtd_foresight {
    struct vtd_player *player;
    enum vtd_cache_id cache;
    vtd_cache_tap_call *call;
    void *opaque;
    bool on;
    bool by_pasid; /* of requests with a PASID something was learnt */
    uint64_t *slot;
    uint32_t mask, count;
    uint8_t *held;    /* [ENTRIES / 8], bit per entry: a key of the table is in it */
    uint32_t entries; /* all that were ever held are below */
    uint64_t spared;
    struct asked asked;
};

/* ---------------------------------------------------------------- the table */

static inline uint64_t key_of(uint64_t a, uint64_t b)
{
    return USED | a << 40 | b << 24;
}

static inline uint32_t entry_in(uint64_t slot)
{
    return (uint32_t)slot & (ENTRIES - 1);
}

static inline uint32_t home_of(uint64_t key, uint32_t mask)
{
    return (uint32_t)((key >> 24) * 0x9e3779b97f4a7c15ull >> 32) & mask;
}

/* The slot of a key, or the free one where it would be. */
static inline uint32_t find(const uint64_t *slot, uint32_t mask, uint64_t key)
{
    uint32_t i = home_of(key, mask);
    while (slot[i] && (slot[i] ^ key) >= ENTRIES)
        i = (i + 1) & mask;
    return i;
}

static bool grow(struct vtd_foresight *f)
{
    const uint32_t slots = f->slot ? 2 * (f->mask + 1) : SLOTS_MIN;
    uint64_t *bigger = vtd_table_alloc(slots * sizeof *bigger);
    if (!bigger)
        return false;
    for (uint32_t i = 0; f->slot && i <= f->mask; i++)
        if (f->slot[i])
            bigger[find(bigger, slots - 1, f->slot[i] & ~(uint64_t)(ENTRIES - 1))] = f->slot[i];
    free(f->slot);
    f->slot = bigger;
    f->mask = slots - 1;
    return true;
}

static void forget_all(struct vtd_foresight *f)
{
    memset(f->slot, 0, ((size_t)f->mask + 1) * sizeof *f->slot);
    memset(f->held, 0, (f->entries + 7) / 8);
    f->count = 0;
    f->by_pasid = false;
}

/* The run of slots behind the one that goes moves up, so that no search ends at the hole too early. */
static void forget(struct vtd_foresight *f, uint64_t key)
{
    uint32_t hole = find(f->slot, f->mask, key);
    if (!f->slot[hole])
        return;
    const uint32_t entry = entry_in(f->slot[hole]);
    f->held[entry / 8] &= (uint8_t) ~(1u << entry % 8);
    for (uint32_t i = (hole + 1) & f->mask; f->slot[i]; i = (i + 1) & f->mask) {
        const uint32_t home = home_of(f->slot[i], f->mask);
        if (((i - home) & f->mask) < ((i - hole) & f->mask))
            continue;
        f->slot[hole] = f->slot[i];
        hole = i;
    }
    f->slot[hole] = 0;
    f->count--;
}

static void learn(struct vtd_foresight *f, uint64_t key, uint32_t entry)
{
    const uint32_t i = find(f->slot, f->mask, key);
    if (f->slot[i]) {
        f->on = entry_in(f->slot[i]) == entry; /* elsewhere without a removal: it was pushed out in between */
        return;
    }
    if (entry >= ENTRIES || (2 * f->count >= f->mask && !grow(f)))
        return;
    f->slot[find(f->slot, f->mask, key)] = key | entry;
    f->held[entry / 8] |= (uint8_t)(1u << entry % 8);
    f->entries = entry < f->entries ? f->entries : entry + 1;
    f->count++;
}

/* ---------------------------------------------------------------- the tap */

/* Another key goes where one is that was not removed: the cache is too small for all of them. */
static bool pushes_out(const struct vtd_foresight *f, uint32_t entry, uint64_t key)
{
    const uint64_t slot = f->slot[find(f->slot, f->mask, key)];
    return entry < ENTRIES && f->held[entry / 8] >> entry % 8 & 1 && !(slot && entry_in(slot) == entry);
}

static void on_change(void *opaque, enum vtd_cache_change change, uint32_t entry, uint64_t a, uint64_t b)
{
    struct vtd_foresight *f = opaque;
    switch (change) {
    case VTD_CACHE_CHANGE_HIT:
    case VTD_CACHE_CHANGE_MISS:
        f->asked.lookups++;
        f->asked.entry = VTD_FORESIGHT_NONE;
        if (change == VTD_CACHE_CHANGE_MISS)
            break;
        /* fall through */
    case VTD_CACHE_CHANGE_FILL:
        f->asked.entry = entry;
        f->asked.a = a;
        f->asked.b = b;
        if (f->on && change == VTD_CACHE_CHANGE_FILL && pushes_out(f, entry, key_of(a, b)))
            f->on = false;
        break;
    case VTD_CACHE_CHANGE_REMOVE:
        forget(f, key_of(a, b));
        break;
    case VTD_CACHE_CHANGE_CLEAR:
        forget_all(f);
        break;
    }
    f->call(f->opaque, change, entry, a, b);
}

/* ---------------------------------------------------------------- life */

static bool is_possible(const struct vtd_config *unit, enum vtd_cache_id cache)
{
    if (unit->cache[VTD_CACHE_IOTLB].entries && unit->iotlb_order == VTD_IOTLB_FIRST)
        return false;
    return cache == VTD_CACHE_CONTEXT || (cache == VTD_CACHE_PASID && unit->pasid_prefetch == 0 &&
                                          unit->pasid_directory != VTD_PASID_DIRECTORY_SHARED);
}

struct vtd_foresight *vtd_foresight_create(struct vtd_player *player, enum vtd_cache_id cache, vtd_cache_tap_call *call,
                                           void *opaque)
{
    struct vtd_foresight *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    *f = (struct vtd_foresight){.player = player, .cache = cache, .call = call, .opaque = opaque};
    f->on = is_possible(vtd_config_get(vtd_player_unit(player)), cache);
    f->held = calloc(1, ENTRIES / 8);
    if (!f->held || !grow(f)) {
        free(f->held);
        free(f);
        return NULL;
    }
    vtd_cache_tap(vtd_player_unit(player), cache, on_change, f);
    return f;
}

void vtd_foresight_destroy(struct vtd_foresight *f)
{
    if (!f)
        return;
    vtd_cache_tap(vtd_player_unit(f->player), f->cache, NULL, NULL);
    free(f->slot);
    free(f->held);
    free(f);
}

uint64_t vtd_foresight_spared(const struct vtd_foresight *f)
{
    return f->spared;
}

/* ---------------------------------------------------------------- records */

static inline uint64_t key_a(const struct vtd_foresight *f, const struct vtd_record *r)
{
    return f->cache == VTD_CACHE_CONTEXT ? r->sid : r->has_pasid ? r->pasid : 0;
}

static inline uint64_t key_b(const struct vtd_foresight *f, const struct vtd_record *r)
{
    return f->cache == VTD_CACHE_CONTEXT ? 0 : r->sid;
}

/* Of a PASID cache: an entry that is known means that the PASID is attached. */
static inline bool is_known(const struct vtd_foresight *f, const struct vtd_record *r)
{
    return (f->cache == VTD_CACHE_PASID && vtd_player_passes(f->player, r)) || vtd_player_knows_page(f->player, r);
}

void vtd_foresight_prefetch(const struct vtd_foresight *f, const struct vtd_record *r)
{
    const uint64_t key = key_of(key_a(f, r), key_b(f, r));
    __builtin_prefetch(&f->slot[home_of(key, f->mask)]);
    if (f->cache != VTD_CACHE_PASID || !vtd_player_passes(f->player, r))
        vtd_player_prefetch_page(f->player, r);
}

uint32_t vtd_foresight_entry(const struct vtd_foresight *f, const struct vtd_record *r)
{
    const uint64_t slot = f->slot[find(f->slot, f->mask, key_of(key_a(f, r), key_b(f, r)))];
    return slot && f->on ? entry_in(slot) : VTD_FORESIGHT_NONE;
}

static enum vtd_player_result play(struct vtd_foresight *f, const struct vtd_record *r, uint8_t *reason, char *why)
{
    const struct asked *asked = &f->asked;
    const bool access = r->kind <= VTD_RECORD_WRITE;
    f->asked.lookups = 0;
    const enum vtd_player_result result = vtd_player_play(f->player, r, reason, why);
    if (!f->on)
        return result;
    if (result == VTD_PLAYER_FAULT) {
        f->on = false;
    } else if (access && asked->lookups == 1 && asked->entry != VTD_FORESIGHT_NONE && asked->a == key_a(f, r) &&
               asked->b == key_b(f, r)) {
        learn(f, key_of(asked->a, asked->b), asked->entry);
        f->by_pasid |= r->has_pasid;
    } else if (r->kind == VTD_RECORD_DETACH && !r->has_pasid && f->by_pasid) {
        forget_all(f); /* its PASIDs may have gone with the device */
    }
    return result;
}

enum vtd_player_result vtd_foresight_play(struct vtd_foresight *f, const struct vtd_record *r, uint8_t *reason,
                                          char *why)
{
    const uint32_t entry = vtd_foresight_entry(f, r);
    if (entry == VTD_FORESIGHT_NONE || !is_known(f, r))
        return play(f, r, reason, why);
    f->spared++;
    f->call(f->opaque, VTD_CACHE_CHANGE_HIT, entry, key_a(f, r), key_b(f, r));
    return VTD_PLAYED;
}
