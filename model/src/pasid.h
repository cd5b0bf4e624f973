/* SPDX-License-Identifier: MIT */
/* PASID table: fetch, checks, PASID cache, fetching ahead (ref 2.5, 4.2 steps 8-9, 6). */
#ifndef VTD_PASID_H
#define VTD_PASID_H

#include "instance.h"

/*
 * Gets the PASID table entry of (sid, pasid) under a context entry, from the PASID cache or memory. *fpd is set when the
 * directory or table entry has FPD, also when it faults. Returns 0 or the fault reason (SPD.1 to SPT.4).
 */
uint8_t vtd_pasid_get(struct vtd *v, uint16_t sid, uint32_t pasid, const struct context *c, struct pasid_entry *out,
                      bool *fpd);

/* Key of a PASID-cache entry. */
static inline struct vtd_key pasid_key(uint16_t sid, uint32_t pasid)
{
    return (struct vtd_key){.a = pasid, .b = sid};
}

/* Room for a key in the PASID cache: its own, or that of a directory entry. As lookup_fill. */
uint32_t vtd_pasid_make_room(struct vtd *v, struct vtd_key k);

/* Which stages a PGTT walks (ref 2.5). */
static inline bool pgtt_has_first_stage(unsigned pgtt)
{
    return pgtt == VTD_PGTT_FIRST_STAGE || pgtt == VTD_PGTT_NESTED;
}
static inline bool pgtt_has_second_stage(unsigned pgtt)
{
    return pgtt == VTD_PGTT_SECOND_STAGE || pgtt == VTD_PGTT_NESTED;
}

/* 2^n is the size of the guest address space under a second stage of that many levels: n = min(MGAW, AW) (ref 4.4). */
static inline unsigned pasid_ss_width(const struct vtd *v, unsigned levels)
{
    const unsigned aw = 12 + 9 * levels;
    return aw < v->f.mgaw ? aw : v->f.mgaw;
}

/* Invalidations (ref 6.3), of directory entries, too. */
void vtd_pasid_invalidate_all(struct vtd *v);
void vtd_pasid_invalidate_domain(struct vtd *v, uint16_t did);
void vtd_pasid_invalidate_pasid(struct vtd *v, uint16_t did, uint32_t pasid);

#endif
