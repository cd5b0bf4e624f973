/* SPDX-License-Identifier: MIT */
/*
 * Translation tables built directly in memory, for tests and examples that do without the driver. Nothing is checked
 * and nothing is invalidated: every function finds or makes the tables on the way and returns the entry, to be
 * written with entries.h, also with nonsense.
 */
#ifndef VTD_BUILD_H
#define VTD_BUILD_H

#include "platform/memory.h"
#include "tables/entries.h"

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_builder {
    struct vtd_frames *frames; /* where tables come from */
    uint64_t root;             /* scalable-mode root table */
};

/* Allocates an empty root table. False when there is no room, as for all below (they return NULL). */
bool vtd_build_init(struct vtd_builder *b, struct vtd_frames *frames);

/* Processor's pointer to a physical address. */
uint64_t *vtd_build_at(const struct vtd_builder *b, uint64_t addr);

/* Context entry of a device (4 qwords); the root entry half and the context table are made as needed (ref 2.2). */
uint64_t *vtd_build_context(struct vtd_builder *b, uint16_t sid);

/*
 * PASID entry (8 qwords) of a device. A context entry that is not present is made: PDTS 7, PASIDE as given, RID_PASID
 * 0; the directory entry and the table are made as needed (ref 2.4).
 */
uint64_t *vtd_build_pasid(struct vtd_builder *b, uint16_t sid, uint32_t pasid, bool paside);

/* An empty paging table: its address, or 0. */
uint64_t vtd_build_table(struct vtd_builder *b);

/*
 * The entry at level `level` for addr in the first- or second-stage tables with `levels` levels at root. Missing
 * tables on the way are made and linked with all rights (first stage: also US and A).
 */
uint64_t *vtd_build_fs(struct vtd_builder *b, uint64_t root, unsigned levels, uint64_t addr, unsigned level);
uint64_t *vtd_build_ss(struct vtd_builder *b, uint64_t root, unsigned levels, uint64_t addr, unsigned level);

#ifdef __cplusplus
}
#endif
#endif
