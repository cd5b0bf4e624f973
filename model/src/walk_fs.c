/* SPDX-License-Identifier: MIT */
/* First-stage page walk, alone or nested over the second stage (ref 2.6, 4.3, 4.5, 4.7). */
#include "pagewalk.h"

#include "mem.h"
#include "pasid.h"

static inline bool is_leaf(uint64_t e, unsigned level)
{
    return level == 1 || (level <= 3 && (e >> VTD_FS_ENTRY_PS_LSB & 1));
}

/*
 * Nested: where a first-stage table is in host memory (ref 4.5). root: it is the root table. Returns 0, a fault reason or
 * WALK_RESTART.
 */
static uint8_t locate_table(struct walk *w, uint64_t gpa, bool root, uint64_t *hpa)
{
    uint8_t reason = vtd_walk_second_stage(w, gpa, &w->table);
    if (reason)
        return reason;
    if (!(w->table.rights & RIGHT_R))
        return root ? VTD_FAULT_SFS_6 : VTD_FAULT_SFS_7;
    if (w->ssade && !(w->table.rights & RIGHT_W))
        return VTD_FAULT_SFS_8;
    reason = vtd_walk_update_second_stage(w, &w->table, false);
    if (reason)
        return reason;
    w->table_known = true;
    w->table_flags = 0;
    if (w->table.rights & RIGHT_W)
        w->table_flags |= PSC_SS_W;
    if (!w->ssade || (w->table.value >> VTD_SS_ENTRY_D_LSB & 1))
        w->table_flags |= PSC_SS_DIRTY;
    *hpa = w->table.hpa;
    return VTD_FAULT_NONE;
}

/* The second stage must let a first-stage entry be written, and its leaf becomes dirty (ref 4.5). */
static uint8_t make_table_writable(struct walk *w)
{
    if (!(w->table_flags & PSC_SS_W))
        return VTD_FAULT_SFS_8;
    if (w->table_flags & PSC_SS_DIRTY)
        return VTD_FAULT_NONE;
    if (!w->table_known) { /* the cached entry does not know the second-stage leaf: walk without it */
        w->skip_fs_psc = true;
        return WALK_RESTART;
    }
    const uint8_t reason = vtd_walk_update_second_stage(w, &w->table, true);
    if (!reason)
        w->table_flags |= PSC_SS_DIRTY;
    return reason;
}

/* Sets bits of a first-stage entry (ref 4.7). Returns 0, SFS.8 to SFS.10, SSS.5, SSS.6 or WALK_RESTART. */
static uint8_t update(struct walk *w, uint64_t at, uint64_t *value, uint64_t bits)
{
    if ((*value & bits) == bits)
        return VTD_FAULT_NONE;
    if (w->nested) {
        const uint8_t reason = make_table_writable(w);
        if (reason)
            return reason;
    }
    if (!w->snoop)
        return VTD_FAULT_SFS_9;
    if (w->v->quiet)
        return VTD_FAULT_NONE;
    uint64_t expected = *value;
    switch (vtd_mem_cas(w->v, at, &expected, *value | bits, VTD_MEM_FS_ENTRY)) {
    case MEM_CAS_OK:
        *value |= bits;
        return VTD_FAULT_NONE;
    case MEM_CAS_CHANGED:
        w->contended = VTD_FAULT_SFS_10;
        return WALK_RESTART;
    default:
        return VTD_FAULT_SFS_10;
    }
}

static inline uint64_t accessed_bits(const struct walk *w)
{
    return 1ull << VTD_FS_ENTRY_A_LSB | (uint64_t)w->eafe << VTD_FS_ENTRY_EA_LSB;
}

/* P, reserved bits, and in nested mode the address range of one entry (ref 2.6, 4.3, 4.5). */
static uint8_t check(const struct walk *w, uint64_t e, bool leaf, unsigned level)
{
    const struct vtd *v = w->v;
    if (!(e & 1))
        return VTD_FAULT_SFS_2;
    uint64_t mask = v->rsvd.fs[leaf][level] | (uint64_t)w->xd_reserved << VTD_FS_ENTRY_XD_LSB;
    if (!w->nested)
        mask |= v->rsvd.paging_address;
    if (e & mask)
        return VTD_FAULT_SFS_3;
    if (w->nested && (e & bits_mask(51, 12)) >> pasid_ss_width(v, w->ss_levels))
        return VTD_FAULT_SFS_5;
    return VTD_FAULT_NONE;
}

/* The leaf is found: its address, in nested mode through the second stage. */
static uint8_t finish(struct walk *w, uint64_t e, unsigned level)
{
    w->shift = (uint8_t)(12 + 9 * (level - 1));
    const uint64_t out = (e & bits_mask(51, w->shift)) | (w->addr & bits_low(w->shift));
    if (!w->nested) {
        w->hpa = out;
        return VTD_FAULT_NONE;
    }
    const uint8_t reason = vtd_walk_second_stage(w, out, &w->ss);
    if (reason)
        return reason;
    w->hpa = w->ss.hpa;
    if (w->ss.shift < w->shift)
        w->shift = w->ss.shift;
    return VTD_FAULT_NONE;
}

/* What an entry leaves of the rights. */
static inline uint8_t rights_of(uint64_t e)
{
    return (uint8_t)((e & (RIGHT_W | RIGHT_US)) | (e >> VTD_FS_ENTRY_XD_LSB ? 0 : RIGHT_X));
}

/*
 * Where the walk starts: at the root, or below the deepest cached entry; not below one whose XD=1 is reserved for this
 * PASID entry.
 */
static unsigned start(struct walk *w, uint64_t *table, bool *located)
{
    struct psc_entry hit;
    unsigned cached = w->skip_fs_psc ? 0 : vtd_psc_find_fs(w, &hit);
    if (cached && w->xd_reserved && !(hit.table_attr & PSC_X))
        cached = 0;
    w->fs_rights = RIGHT_W | RIGHT_US | RIGHT_X;
    w->table_known = false;
    *located = cached != 0 || !w->nested;
    if (!cached) {
        *table = w->fs_root;
        return w->fs_levels;
    }
    *table = hit.table_attr & bits_mask(51, 12);
    w->fs_rights = hit.table_attr & (RIGHT_W | RIGHT_US | RIGHT_X);
    w->table_flags = hit.table_attr & (PSC_SS_W | PSC_SS_DIRTY);
    return cached - 1;
}

uint8_t vtd_walk_first_stage(struct walk *w)
{
    uint64_t table;
    bool located; /* table is a host physical address */
    unsigned level = start(w, &table, &located);
    unsigned noted = 0; /* a nested table is cached with its host physical address, known one level later */
    for (;; level--) {
        const bool root = level == w->fs_levels;
        uint8_t reason;
        if (!located && (reason = locate_table(w, table, root, &table)) != 0)
            return reason;
        if (noted)
            vtd_psc_note_fs(w, noted, (table & bits_mask(51, 12)) | w->fs_rights | (w->nested ? w->table_flags : 0u));
        const uint64_t at = table + 8 * bits_get(w->addr, 12 + 9 * level - 1, 12 + 9 * (level - 1));
        uint64_t e;
        const struct mem_what what = {.cls = VTD_MEM_FS_ENTRY, .level = (uint8_t)level, .snoop = w->snoop};
        if (!mem_read(w->v, at, &e, 1, what))
            return root ? VTD_FAULT_SFS_4 : VTD_FAULT_SFS_1;
        const bool leaf = is_leaf(e, level);
        if ((reason = check(w, e, leaf, level)) != 0)
            return reason;
        w->fs_rights &= rights_of(e);
        if (leaf) {
            w->fs_entry = at;
            w->fs_value = e;
            return finish(w, e, level);
        }
        if ((reason = update(w, at, &e, accessed_bits(w))) != 0)
            return reason;
        table = e & bits_mask(51, 12);
        located = !w->nested;
        noted = level;
    }
}

uint8_t vtd_walk_update_first_stage(struct walk *w, bool dirty)
{
    return update(w, w->fs_entry, &w->fs_value, accessed_bits(w) | (uint64_t)dirty << VTD_FS_ENTRY_D_LSB);
}

bool vtd_walk_dirty_is_set(const struct walk *w, bool first_stage, bool second_stage)
{
    const bool fs = !first_stage || (w->fs_value >> VTD_FS_ENTRY_D_LSB & 1);
    const bool ss = !second_stage || !w->ssade || (w->ss.value >> VTD_SS_ENTRY_D_LSB & 1);
    return fs && ss;
}
