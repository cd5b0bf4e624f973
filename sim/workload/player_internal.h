/* SPDX-License-Identifier: MIT */
/*
 * State of a player, shared by
 *
 *   player.c         life, records
 *   player_spaces.c  devices, PASIDs and their domains, pages
 *   player_paging.c  page requests
 */
#ifndef VTD_PLAYER_INTERNAL_H
#define VTD_PLAYER_INTERNAL_H

#include "driver/vtd_driver.h"
#include "known_pages.h"
#include "page_set.h"
#include "platform/model_bus.h"
#include "player.h"

/* One device, or one PASID of it: a domain and what is mapped in it. */
struct vtd_player_space {
    uint64_t key; /* 0 = free; see space_key */
    struct vtd_drv_domain *domain;
    struct vtd_page_set mapped;
};

struct vtd_player {
    struct vtd_machine machine;
    struct vtd_drv *drv;
    struct vtd_drv_domain *parent;      /* nested: guest physical = host physical */
    struct vtd_requester_config device; /* of every device, with device TLBs; no ats: they have none */
    enum vtd_player_pgtt without, with_pasid;
    struct vtd_player_space *space; /* open addressing */
    size_t mask, spaces;
    struct vtd_player_space *last;             /* the one that was looked for last */
    struct vtd_known_pages known;              /* of all spaces; where nothing needs a mapping, all that were touched */
    uint64_t target, target_start, target_end; /* pages that mappings lead to; never touched */
    uint64_t machine_end;                      /* 2^HAW */
    uint64_t pages_mapped;
    struct vtd_player_space *wanting; /* the one whose page request is being handled */
};

/*
 * Does the request go to a domain of its PASID? PASID 0 is the driver's RID_PASID, so its entry is the device's own
 * domain, and nothing else may be attached there; the unit blocks a request that names it (ref 4.2 step 6).
 */
static inline bool player_by_pasid(const struct vtd_record *r)
{
    return r->has_pasid && r->pasid != 0;
}

static inline uint64_t player_space_key(const struct vtd_record *r)
{
    return 1ull << 40 | (uint64_t)player_by_pasid(r) << 36 | (uint64_t)(player_by_pasid(r) ? r->pasid : 0) << 16 |
           r->sid;
}

/* The space of a request; NULL: it was not seen before. */
struct vtd_player_space *vtd_player_find_space(struct vtd_player *p, const struct vtd_record *r);

/* A device or PASID that was not seen before: a domain, attached. NULL with why filled on failure. */
struct vtd_player_space *vtd_player_add_space(struct vtd_player *p, const struct vtd_record *r, char *why);

/* A device or PASID ends: its domain is detached and destroyed with its tables. Returns 0, or -1 with why filled. */
int vtd_player_remove_space(struct vtd_player *p, const struct vtd_record *r, char *why);

/* Pages of a space that are about to be unmapped are known no more. */
void vtd_player_forget(struct vtd_player *p, const struct vtd_player_space *s, uint64_t first, uint64_t pages);

/* Maps the page of iova to the next one of memory. Returns 0, or -1 with why filled. */
int vtd_player_map_page(struct vtd_player *p, struct vtd_player_space *s, uint64_t iova, char *why);

/* Page requests of a device are on from now on. Returns 0 or a negative errno. */
int vtd_player_enable_paging(struct vtd_player *p, uint16_t sid);

/*
 * An access of a device waits for a page of its space: software maps it and answers, and the device tries again. *out becomes
 * the outcome of that. VTD_REQUESTER_INVALID with why filled when the driver cannot.
 */
enum vtd_requester_result vtd_player_serve_page(struct vtd_player *p, struct vtd_player_space *s, uint16_t sid,
                                                struct vtd_requester_outcome *out, char *why);

#endif
