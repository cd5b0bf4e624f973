/* SPDX-License-Identifier: MIT */
/*
 * The stream of lookups, fills and removals of a PASID cache or context cache under a workload, without playing what cannot
 * be anything but a hit. Where every request asks the cache (there is no IOTLB, or the cache is asked before it), an access
 * of a page that was accessed before, in a space that is still attached, makes one lookup, of a key that the request itself
 * tells (as does an access of any page where addresses pass through, and the entry was seen); and it is a hit as long as the entry was not removed. The stream is the same as when all is played (what the
 * player and the unit count is not), provided that the cache holds every key that is there at a time.
 *
 * Whatever could make a difference is played: devices with TLBs or page requests, another order of caches, pages that are
 * not known to be mapped. After a fault, or when the cache turns out too small, everything is.
 */
#ifndef VTD_FORESIGHT_H
#define VTD_FORESIGHT_H

#include "vtd/vtd.h"
#include "workload/player.h"

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_foresight;

/* The entry of an access that has to be played. */
#define VTD_FORESIGHT_NONE UINT32_MAX

/*
 * Watches a cache of the player's unit: call hears what a tap hears (vtd_cache_tap), and must outlive this. The unit has no
 * other tap, and the player was not used. NULL: out of memory.
 */
struct vtd_foresight *vtd_foresight_create(struct vtd_player *player, enum vtd_cache_id cache, vtd_cache_tap_call *call,
                                           void *opaque);

/* Before the player goes. */
void vtd_foresight_destroy(struct vtd_foresight *f);

/* As vtd_player_play. */
enum vtd_player_result vtd_foresight_play(struct vtd_foresight *f, const struct vtd_record *r, uint8_t *reason,
                                          char *why);

/* A hint that a record will soon be asked for or played. */
void vtd_foresight_prefetch(const struct vtd_foresight *f, const struct vtd_record *r);

/* The entry of the cache that the access will hit, or VTD_FORESIGHT_NONE: it is not known. */
uint32_t vtd_foresight_entry(const struct vtd_foresight *f, const struct vtd_record *r);

/* Requests that were not played so far. */
uint64_t vtd_foresight_spared(const struct vtd_foresight *f);

#ifdef __cplusplus
}
#endif
#endif
