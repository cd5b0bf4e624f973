/* SPDX-License-Identifier: MIT */
/*
 * Page walks (ref 4.3-4.7). A walk is structural first: it finds the leaf, sets accessed bits on the way, and gathers
 * rights; whether the request may use what was found is decided afterwards (ref 10.4: a structural fault wins over a missing
 * right), and only then are the leaf's accessed and dirty bits set and the caches filled.
 *
 *   walk_fs.c  first stage, alone or nested      walk_ss.c  second stage      psc.c  paging-structure caches
 */
#ifndef VTD_PAGEWALK_H
#define VTD_PAGEWALK_H

#include "instance.h"

/* Pseudo fault: a table entry changed under an update; walk again. */
#define WALK_RESTART      0xff
#define WALK_RESTARTS_MAX 64

/* Rights, also as they stand in psc_entry.table_attr. */
enum {
    RIGHT_R = PSC_R,
    RIGHT_W = PSC_W,
    RIGHT_US = PSC_US,
    RIGHT_X = PSC_X,
};

/* Where a second-stage walk ended. */
struct ss_leaf {
    uint64_t hpa;   /* translated address */
    uint64_t entry; /* the leaf entry's address and value, for its update */
    uint64_t value;
    uint8_t shift;  /* log2 of the page size */
    uint8_t rights; /* RIGHT_R, RIGHT_W, RIGHT_X: and over all levels; 0 without R and W */
    bool snoop;     /* SNP of the leaf */
};

/* A cache fill that waits for the walk's success (ref 10.3). */
struct walk_fill {
    struct vtd_key key;
    struct psc_entry entry;
    bool second_stage;
};
#define WALK_FILLS 32

struct walk {
    /* what to walk */
    struct vtd *v;
    uint64_t addr;
    uint64_t fs_root, ss_root;
    uint32_t pasid;
    uint16_t did;
    uint8_t fs_levels, ss_levels;
    bool nested, ssade, eafe, wpe;
    bool snoop;       /* reads of paging entries snoop the processor's caches (ref 4.8) */
    bool xd_reserved; /* ECAP.ERS and NXE=0 (ref 0.2) */

    /* what was found */
    uint64_t hpa;
    uint64_t fs_entry, fs_value; /* first-stage leaf: address and value, for its update */
    uint8_t shift;
    uint8_t fs_rights; /* RIGHT_* */
    struct ss_leaf ss;
    struct ss_leaf table; /* nested: the page that holds the first-stage leaf entry */
    bool table_known;     /* table is valid: it was not skipped by a paging-structure cache hit */
    bool skip_fs_psc;
    uint8_t contended;   /* what a walk ends with that is started over and over: SFS.10 or SSS.6 */
    uint8_t table_flags; /* PSC_SS_W, PSC_SS_DIRTY of that page */

    unsigned fills;
    struct walk_fill fill[WALK_FILLS];
};

/* Walks the first stage (nested: over the second) for w->addr. Returns 0, a fault reason, or WALK_RESTART. */
uint8_t vtd_walk_first_stage(struct walk *w);

/* Walks the second stage for gpa. Returns 0, SSS.1 to SSS.6, or WALK_RESTART. The leaf's bits are not set yet. */
uint8_t vtd_walk_second_stage(struct walk *w, uint64_t gpa, struct ss_leaf *leaf);

/* Sets accessed and, for a write, dirty bits of the leaf entries. Returns 0, a fault reason, or WALK_RESTART. */
uint8_t vtd_walk_update_first_stage(struct walk *w, bool dirty);
uint8_t vtd_walk_update_second_stage(struct walk *w, struct ss_leaf *leaf, bool dirty);

/* Would a write have to set a dirty bit that is not set? (For what an IOTLB entry may promise, ref 6.1.) */
bool vtd_walk_dirty_is_set(const struct walk *w, bool first_stage, bool second_stage);

/* ---- psc.c ---- */

/* Finds the deepest cached next table for addr. Returns its level's number (the table to read is of level - 1) or 0. */
unsigned vtd_psc_find_fs(struct walk *w, struct psc_entry *out);
unsigned vtd_psc_find_ss(struct walk *w, uint64_t gpa, struct psc_entry *out);

/* Notes a non-leaf entry of the given level that leads to table; vtd_psc_commit fills the caches with what was noted. */
void vtd_psc_note_fs(struct walk *w, unsigned level, uint64_t table_attr);
void vtd_psc_note_ss(struct walk *w, uint64_t gpa, unsigned level, uint64_t table_attr);
void vtd_psc_commit(struct walk *w);

/* Invalidations (ref 6.3); a range is 2^am pages at addr. */
void vtd_psc_invalidate_all(struct vtd *v);
void vtd_psc_invalidate_domain(struct vtd *v, uint16_t did);
void vtd_psc_invalidate_fs_domain(struct vtd *v, uint16_t did);
void vtd_psc_invalidate_fs_pasid(struct vtd *v, uint16_t did, uint32_t pasid);
void vtd_psc_invalidate_fs_range(struct vtd *v, uint16_t did, uint32_t pasid, uint64_t addr, unsigned am);
void vtd_psc_invalidate_ss_range(struct vtd *v, uint16_t did, uint64_t addr, unsigned am);

#endif
