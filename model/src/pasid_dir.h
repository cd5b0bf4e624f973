/* SPDX-License-Identifier: MIT */
/*
 * PASID directory entries and where they are cached (ref 2.4, 6). The architecture knows no such cache: what it may keep, and
 * what must remove it, follows from what software has to do after a change of a directory or context entry (ref 6.5).
 */
#ifndef VTD_PASID_DIR_H
#define VTD_PASID_DIR_H

#include "instance.h"

/*
 * Gets the directory entry of (sid, pasid) under a context entry, from a cache or memory. Returns 0 or the fault reason (SPD.1
 * to SPD.3); out->fpd is set in both cases.
 */
uint8_t vtd_pasid_dir_get(struct vtd *v, uint16_t sid, uint32_t pasid, const struct context *c, struct pasid_dir *out);

/* The keys of directory entries in the PASID cache, where they can be told from its own (pasid_cache.directory: shared). */
#define PASID_DIR_TAG (1u << 16)

static inline bool pasid_key_is_directory(struct vtd_key k)
{
    return k.b & PASID_DIR_TAG;
}

/*
 * Invalidations. Of all devices: all, and those that lead to a PASID; of the devices whose source-id agrees with sid in the
 * bits of mask: all. The first two leave what is in the PASID cache to its own invalidations.
 */
void vtd_pasid_dir_invalidate_all(struct vtd *v);
void vtd_pasid_dir_invalidate_pasid(struct vtd *v, uint32_t pasid);
void vtd_pasid_dir_invalidate_devices(struct vtd *v, uint16_t sid, uint16_t mask);

#endif
