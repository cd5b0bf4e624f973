/* SPDX-License-Identifier: MIT */
/* Second-stage page walk: legacy, second-stage only, and the second stage of nested translation (ref 2.7, 4.4, 4.7). */
#include "pagewalk.h"

#include "mem.h"

static inline bool is_leaf(uint64_t e, unsigned level)
{
    return level == 1 || (level <= 3 && (e >> VTD_SS_ENTRY_PS_LSB & 1));
}

static inline uint8_t rights_of(const struct vtd *v, uint64_t e)
{
    const unsigned rw = (unsigned)(v->ssirwe ? e >> VTD_SS_ENTRY_IR_LSB & 3 : e & 3);
    return (uint8_t)(rw | (e >> VTD_SS_ENTRY_X_LSB & 1 ? RIGHT_X : 0));
}

static inline bool is_reserved(const struct vtd *v, uint64_t e, bool leaf, unsigned level)
{
    uint64_t mask = v->rsvd.ss[leaf][level] | v->rsvd.paging_address;
    if (!v->ssirwe)
        mask |= 1ull << VTD_SS_ENTRY_IW_LSB;
    return (e & mask) != 0;
}

/* Sets bits of a second-stage entry (ref 4.7). Returns 0, SSS.5, SSS.6 or WALK_RESTART. */
static uint8_t update(struct walk *w, uint64_t at, uint64_t *value, uint64_t bits)
{
    if ((*value & bits) == bits)
        return VTD_FAULT_NONE;
    if (!w->snoop)
        return VTD_FAULT_SSS_5;
    if (w->v->quiet)
        return VTD_FAULT_NONE;
    uint64_t expected = *value;
    switch (vtd_mem_cas(w->v, at, &expected, *value | bits, VTD_MEM_SS_ENTRY)) {
    case MEM_CAS_OK:
        *value |= bits;
        return VTD_FAULT_NONE;
    case MEM_CAS_CHANGED:
        w->contended = VTD_FAULT_SSS_6;
        return WALK_RESTART;
    default:
        return VTD_FAULT_SSS_6;
    }
}

static void finish(const struct vtd *v, uint64_t gpa, uint64_t e, unsigned level, uint8_t rights, struct ss_leaf *leaf)
{
    leaf->shift = (uint8_t)(12 + 9 * (level - 1));
    leaf->hpa = (e & bits_mask(51, leaf->shift)) | (gpa & bits_low(leaf->shift));
    leaf->rights = rights & (RIGHT_R | RIGHT_W) ? rights : 0;
    leaf->snoop = v->f.sc && (e >> VTD_SS_ENTRY_SNP_LSB & 1);
}

uint8_t vtd_walk_second_stage(struct walk *w, uint64_t gpa, struct ss_leaf *leaf)
{
    struct vtd *v = w->v;
    uint64_t table = w->ss_root;
    uint8_t rights = RIGHT_R | RIGHT_W | RIGHT_X;
    unsigned level = w->ss_levels;
    struct psc_entry hit;
    const unsigned cached = vtd_psc_find_ss(w, gpa, &hit);
    if (cached) {
        level = cached - 1;
        table = hit.table_attr & bits_mask(51, 12);
        rights = hit.table_attr & (RIGHT_R | RIGHT_W | RIGHT_X);
    }
    for (;; level--) {
        const uint64_t at = table + 8 * bits_get(gpa, 12 + 9 * level - 1, 12 + 9 * (level - 1));
        uint64_t e;
        const struct mem_what what = {.cls = VTD_MEM_SS_ENTRY, .level = (uint8_t)level, .snoop = w->snoop};
        if (!mem_read(v, at, &e, 1, what))
            return level == w->ss_levels ? VTD_FAULT_SSS_4 : VTD_FAULT_SSS_1;
        const uint8_t own = rights_of(v, e);
        if (!(own & (RIGHT_R | RIGHT_W)))
            return VTD_FAULT_SSS_2;
        const bool is_last = is_leaf(e, level);
        if (is_reserved(v, e, is_last, level))
            return VTD_FAULT_SSS_3;
        rights &= own;
        if (is_last) {
            leaf->entry = at;
            leaf->value = e;
            finish(v, gpa, e, level, rights, leaf);
            return leaf->rights ? VTD_FAULT_NONE : VTD_FAULT_SSS_2;
        }
        if (w->ssade) {
            const uint8_t reason = update(w, at, &e, 1ull << VTD_SS_ENTRY_A_LSB);
            if (reason)
                return reason;
        }
        table = e & bits_mask(51, 12);
        vtd_psc_note_ss(w, gpa, level, table | rights);
    }
}

uint8_t vtd_walk_update_second_stage(struct walk *w, struct ss_leaf *leaf, bool dirty)
{
    if (!w->ssade)
        return VTD_FAULT_NONE;
    const uint64_t bits = 1ull << VTD_SS_ENTRY_A_LSB | (uint64_t)dirty << VTD_SS_ENTRY_D_LSB;
    return update(w, leaf->entry, &leaf->value, bits);
}
