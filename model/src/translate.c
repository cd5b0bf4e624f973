/* SPDX-License-Identifier: MIT */
/*
 * Translation: the hit path, and the numbered steps of ref 4.2 behind it. What a translation request is answered with is in
 * ats.c; interrupt requests are in irq_remap.c.
 */
#include "translate.h"

#include "ats.h"
#include "context.h"
#include "fault.h"
#include "iotlb.h"
#include "irq_remap.h"
#include "lookup.h"
#include "pagewalk.h"
#include "pasid.h"

#include <string.h>

/* ---------------------------------------------------------------- steps 2 to 9 */

void translate_mode_changed(struct vtd *v)
{
    const bool open = unit_tes(v) && !v->events && v->cfg.iotlb_order == VTD_IOTLB_FIRST;
    v->fast[0] = open && (v->ttm == VTD_TTM_SCALABLE || v->ttm == VTD_TTM_LEGACY) && translate_check_mode(v, false) == 0;
    v->fast[1] = open && v->ttm == VTD_TTM_SCALABLE && translate_check_mode(v, true) == 0;
}

uint8_t translate_check_mode(const struct vtd *v, bool has_pasid)
{
    switch (v->ttm) {
    case VTD_TTM_LEGACY:
        return v->ssirwe && !has_pasid ? VTD_FAULT_RTA_1 : VTD_FAULT_NONE;
    case VTD_TTM_SCALABLE:
        return v->f.smts ? VTD_FAULT_NONE : VTD_FAULT_RTA_1;
    case VTD_TTM_ABORT:
        return v->f.adms ? VTD_FAULT_RTA_4 : VTD_FAULT_RTA_1;
    default:
        return VTD_FAULT_RTA_1;
    }
}

/* Step 6: what the context entry allows, in the order of ref 4.2 (ref 10.3). */
static uint8_t check_allowed(const struct vtd *v, const struct vtd_request *req, unsigned at, const struct context *c)
{
    const bool has_pasid = req->flags & VTD_REQ_PASID;
    if (!c->dte && (at == VTD_AT_TRANSLATION || at == VTD_AT_TRANSLATED))
        return VTD_FAULT_SCT_5;
    if (!c->pre && at == RESOLVE_PAGE_REQUEST)
        return VTD_FAULT_SCT_8;
    if (!has_pasid)
        return VTD_FAULT_NONE;
    if (!c->paside && at != VTD_AT_TRANSLATED)
        return VTD_FAULT_SCT_6;
    if (!c->eptr && at == VTD_AT_TRANSLATED)
        return VTD_FAULT_SCT_10;
    if (req->pasid > v->f.pasid_mask)
        return VTD_FAULT_SGN_10;
    if (req->pasid >= 1u << (c->pdts + 13))
        return VTD_FAULT_SCT_7;
    if (req->pasid == c->rid_pasid)
        return VTD_FAULT_SCT_9;
    return VTD_FAULT_NONE;
}

uint8_t translate_resolve(struct vtd *v, const struct vtd_request *req, unsigned at, struct resolved *r)
{
    const bool has_pasid = req->flags & VTD_REQ_PASID;
    uint8_t reason;
    r->fpd = false;
    if ((reason = context_get(v, req->sid, has_pasid && at != VTD_AT_TRANSLATED, &r->context, &r->fpd)) != 0)
        return reason;
    if ((reason = check_allowed(v, req, at, &r->context)) != 0)
        return reason;
    r->pasid = has_pasid ? req->pasid : r->context.rid_pasid;
    event_decide_number(v, "4.1", has_pasid ? "the request is for PASID" : "no PASID in the request: RID_PASID is used,",
                        r->pasid);
    r->priv = has_pasid ? (req->flags & VTD_REQ_PRIV) != 0 : r->context.rid_priv;
    if (at == VTD_AT_TRANSLATED)
        return VTD_FAULT_NONE;
    if ((reason = pasid_get(v, req->sid, r->pasid, &r->context, &r->entry, &r->fpd)) != 0)
        return reason;
    if (at == RESOLVE_PAGE_REQUEST)
        return VTD_FAULT_NONE;
    if (req->access == VTD_EXEC)
        return VTD_FAULT_SPT_5; /* ECAP.ERS is 0 */
    if (r->priv && !r->entry.sre)
        return VTD_FAULT_SPT_6;
    return VTD_FAULT_NONE;
}

/* ---------------------------------------------------------------- step 10 */

/* What a request wants of a page. */
struct wanted {
    bool read, write;      /* rights without which it is blocked */
    bool zero_length_read; /* reads through write-only second-stage pages with CAP.ZLR (ref 4.4) */
    bool shapes;           /* a translation request: missing rights shape the answer instead of blocking it */
};

static struct wanted wanted_by(const struct vtd *v, const struct vtd_request *req)
{
    struct wanted w = {0};
    if (req->at == VTD_AT_TRANSLATION) {
        w.shapes = true;
        w.read = true;
        w.write = !ats_no_write(v, req);
        return w;
    }
    w.read = req->access != VTD_WRITE;
    w.write = req->access == VTD_WRITE || req->access == VTD_ATOMIC;
    w.zero_length_read = req->access == VTD_READ && req->len == 0 && v->f.zlr;
    return w;
}

/* A request in the hands of the steps. */
struct job {
    struct vtd *v;
    const struct vtd_request *req;
    struct vtd_response *resp;
    struct resolved r;
    struct wanted want;
    struct walk walk;
    bool legacy;
    uint8_t pgtt;    /* of the translation; legacy mode: second-stage or pass-through */
    uint8_t rights;  /* RIGHT_R, RIGHT_W of this requester */
    uint32_t attr;   /* IOTLB_* */
};

static uint16_t job_did(const struct job *j)
{
    return j->legacy ? j->r.context.did : j->r.entry.did;
}

/* Rights of user and privileged requesters from a finished walk (ref 4.3, 4.4, 4.5), as IOTLB_* bits. */
static uint32_t rights_found(const struct job *j)
{
    const struct walk *w = &j->walk;
    const bool first_stage = j->pgtt == VTD_PGTT_FIRST_STAGE || j->pgtt == VTD_PGTT_NESTED;
    const bool second_stage = j->pgtt == VTD_PGTT_SECOND_STAGE || j->pgtt == VTD_PGTT_NESTED;
    bool ru = true, wu = true, rp = true, wp = true;
    if (first_stage) {
        ru = w->fs_rights & RIGHT_US;
        wu = ru && (w->fs_rights & RIGHT_W);
        wp = !w->wpe || (w->fs_rights & RIGHT_W);
    }
    if (second_stage) {
        ru = ru && (w->ss.rights & RIGHT_R);
        rp = rp && (w->ss.rights & RIGHT_R);
        wu = wu && (w->ss.rights & RIGHT_W);
        wp = wp && (w->ss.rights & RIGHT_W);
    }
    return (ru ? IOTLB_R_USER : 0u) | (wu ? IOTLB_W_USER : 0u) | (rp ? IOTLB_R_PRIV : 0u) | (wp ? IOTLB_W_PRIV : 0u);
}

static void explain_rights(const struct job *j, uint8_t missing)
{
    static const char *const granted[4] = {"the tables grant this requester nothing", "the tables grant this requester: read",
                                           "the tables grant this requester: write",
                                           "the tables grant this requester: read, write"};
    event_decide(j->v, "4.3", granted[j->rights & 3]);
    if (missing)
        event_decide(j->v, "4.3", "a right that the request needs is missing");
}

/* The fault of a right that is missing, 0 if none is (ref 4.3-4.5; order: user/supervisor, write, read). */
static uint8_t missing_right(const struct job *j)
{
    const bool first_stage = j->pgtt == VTD_PGTT_FIRST_STAGE || j->pgtt == VTD_PGTT_NESTED;
    if (first_stage && !j->r.priv && !(j->walk.fs_rights & RIGHT_US))
        return VTD_FAULT_SGN_2;
    if (j->want.write && !(j->rights & RIGHT_W))
        return j->legacy ? VTD_FAULT_LGN_2 : VTD_FAULT_SGN_6;
    const bool read_anyway = j->want.zero_length_read && (j->rights & RIGHT_W);
    if (j->want.read && !(j->rights & RIGHT_R) && !read_anyway)
        return j->legacy ? VTD_FAULT_LGN_3 : VTD_FAULT_SGN_7;
    return VTD_FAULT_NONE;
}

static uint8_t to_legacy(uint8_t reason, const struct wanted *want)
{
    switch (reason) {
    case VTD_FAULT_SSS_1:
        return VTD_FAULT_LSS_1;
    case VTD_FAULT_SSS_2:
        return want->write && !want->shapes ? VTD_FAULT_LGN_2 : VTD_FAULT_LGN_3;
    case VTD_FAULT_SSS_3:
        return VTD_FAULT_LSS_2;
    case VTD_FAULT_SSS_4:
        return VTD_FAULT_LCT_4;
    default:
        return reason;
    }
}

static bool is_canonical(uint64_t addr, unsigned levels)
{
    const unsigned top = 12 + 9 * levels - 1; /* 47 or 56 */
    const int64_t high = (int64_t)addr >> top;
    return high == 0 || high == -1;
}

static uint8_t find_leaf(struct job *j)
{
    struct walk *w = &j->walk;
    switch (j->pgtt) {
    case VTD_PGTT_FIRST_STAGE:
    case VTD_PGTT_NESTED:
        return walk_first_stage(w);
    default: {
        const uint8_t reason = walk_second_stage(w, w->addr, &w->ss);
        w->hpa = w->ss.hpa;
        w->shift = w->ss.shift;
        return reason;
    }
    }
}

/* Accessed and dirty bits of the leaves, once it is clear that the request goes through (ref 4.7, 10.3). */
static uint8_t update_leaves(struct job *j, bool dirty)
{
    const bool first_stage = j->pgtt == VTD_PGTT_FIRST_STAGE || j->pgtt == VTD_PGTT_NESTED;
    const bool second_stage = j->pgtt == VTD_PGTT_SECOND_STAGE || j->pgtt == VTD_PGTT_NESTED;
    uint8_t reason = VTD_FAULT_NONE;
    if (second_stage)
        reason = walk_update_second_stage(&j->walk, &j->walk.ss, dirty);
    if (!reason && first_stage)
        reason = walk_update_first_stage(&j->walk, dirty);
    if (!reason && walk_dirty_is_set(&j->walk, first_stage, second_stage))
        j->attr |= IOTLB_DIRTY;
    return reason;
}

static uint8_t walk_once(struct job *j)
{
    uint8_t reason = find_leaf(j);
    if (reason)
        return reason;
    j->attr = rights_found(j);
    j->rights = (uint8_t)(j->r.priv ? j->attr >> 2 & 3 : j->attr & 3);
    if (j->walk.ss.snoop || j->r.entry.pgsnp)
        j->attr |= IOTLB_SNOOP;
    reason = missing_right(j);
    explain_rights(j, reason);
    const bool some_right = (j->rights & RIGHT_R) || (j->want.write && (j->rights & RIGHT_W));
    if (reason && !(j->want.shapes && some_right))
        return reason;
    return update_leaves(j, j->want.write && (j->rights & RIGHT_W));
}

/* A table entry may change under an update: the walk starts again, but not for ever (ref 4.7). */
static uint8_t walk_tables(struct job *j)
{
    struct walk *w = &j->walk;
    w->skip_fs_psc = false;
    for (unsigned i = 0; i < WALK_RESTARTS_MAX; i++) {
        w->fills = 0;
        const uint8_t reason = walk_once(j);
        if (reason != WALK_RESTART)
            return reason;
        event_decide(j->v, "4.7", "a table entry changed under the update: walk again");
    }
    return j->pgtt == VTD_PGTT_FIRST_STAGE ? VTD_FAULT_SFS_10 : VTD_FAULT_SSS_6;
}

static void setup_walk(struct job *j)
{
    const struct pasid_entry *e = &j->r.entry;
    struct walk *w = &j->walk;
    w->v = j->v;
    w->addr = j->req->addr;
    w->pasid = j->r.pasid;
    w->did = job_did(j);
    w->fs_root = e->fs_root;
    w->fs_levels = e->fs_levels;
    w->ss_root = j->legacy ? j->r.context.table : e->ss_root;
    w->ss_levels = j->legacy ? j->r.context.levels : e->ss_levels;
    w->nested = j->pgtt == VTD_PGTT_NESTED;
    w->ssade = !j->legacy && e->ssade;
    w->pwsnp = !j->legacy && e->pwsnp;
    w->eafe = e->eafe;
    w->wpe = e->wpe;
    w->ss.snoop = false;
}

static uint8_t pass_through(struct job *j)
{
    j->v->stats.walks_pass_through++;
    event_decide(j->v, "4.6", "pass-through: the address is used as it is, if it is within the host address width");
    if (j->req->addr >> j->v->cfg.haw)
        return j->legacy ? VTD_FAULT_LGN_1 : VTD_FAULT_SGN_4;
    j->walk.hpa = j->req->addr;
    j->walk.shift = 12;
    j->rights = RIGHT_R | RIGHT_W;
    j->attr = IOTLB_R_USER | IOTLB_W_USER | IOTLB_R_PRIV | IOTLB_W_PRIV | IOTLB_DIRTY |
              (j->r.entry.pgsnp ? IOTLB_SNOOP : 0u);
    return VTD_FAULT_NONE;
}

/* Step 10: width and canonical checks, then the walk of the PGTT. */
static uint8_t translate_by_type(struct job *j)
{
    struct vtd *v = j->v;
    const uint64_t addr = j->req->addr;
    uint8_t reason;
    if (j->pgtt == VTD_PGTT_PASS_THROUGH)
        return pass_through(j);
    setup_walk(j);
    if (j->pgtt == VTD_PGTT_SECOND_STAGE) {
        v->stats.walks_second_stage++;
        event_decide_number(v, "4.4", "second-stage walk, levels:", j->walk.ss_levels);
        if (addr >> pasid_ss_width(v, j->walk.ss_levels))
            return j->legacy ? VTD_FAULT_LGN_1 : VTD_FAULT_SGN_5;
        reason = walk_tables(j);
        return j->legacy ? to_legacy(reason, &j->want) : reason;
    }
    if (j->pgtt == VTD_PGTT_NESTED) {
        v->stats.walks_nested++;
        event_decide_number(v, "4.5", "nested walk: every first-stage address goes through the second stage; first-stage levels:",
                            j->walk.fs_levels);
    } else {
        v->stats.walks_first_stage++;
        event_decide_number(v, "4.3", "first-stage walk, levels:", j->walk.fs_levels);
    }
    if (!is_canonical(addr, j->walk.fs_levels))
        return VTD_FAULT_SGN_1;
    return walk_tables(j);
}

/* ---------------------------------------------------------------- outcome */

static bool holds_interrupt_range(uint64_t addr, unsigned shift)
{
    const uint64_t page = bits_low(shift);
    return (addr & ~page) <= 0xfeefffff && (addr | page) >= 0xfee00000;
}

/* Large pages to or from the interrupt range are cached in pieces, so that a hit needs no check of it (ref 6.1). */
static uint8_t entry_shift(const struct job *j)
{
    const unsigned shift = j->walk.shift;
    const bool cut = holds_interrupt_range(j->walk.hpa, shift) || holds_interrupt_range(j->req->addr, shift);
    return cut ? 12 : (uint8_t)shift;
}

static void fill_iotlb(struct job *j)
{
    const bool has_pasid = j->req->flags & VTD_REQ_PASID;
    /* Requests without PASID all have the privilege of RID_PRIV: both columns hold its rights. */
    uint32_t attr = j->attr;
    if (!has_pasid) {
        const uint32_t own = j->rights;
        attr = (attr & ~15u) | own | own << 2;
    } else if (!j->r.entry.sre) {
        attr &= ~(uint32_t)(IOTLB_R_PRIV | IOTLB_W_PRIV);
    }
    const struct iotlb_fill f = {
        .addr = j->req->addr,
        .frame = j->walk.hpa,
        .attr = attr,
        .pasid = j->r.pasid,
        .did = job_did(j),
        .pgtt = j->pgtt,
        .mapping_shift = j->walk.shift,
        .entry_shift = entry_shift(j),
    };
    iotlb_fill(j->v, iotlb_tag(j->req->sid, has_pasid, j->req->pasid), &f);
}

/* Caching mode: a second-stage entry that is not present or faults may be remembered (ref 6.2). */
static void fill_negative(struct job *j, uint8_t reason)
{
    const bool has_pasid = j->req->flags & VTD_REQ_PASID;
    const bool of_entries = reason == VTD_FAULT_SSS_2 || reason == VTD_FAULT_SSS_3 || reason == VTD_FAULT_LSS_2 ||
                            reason == VTD_FAULT_LGN_2 || reason == VTD_FAULT_LGN_3;
    if (!j->v->f.cm || j->pgtt != VTD_PGTT_SECOND_STAGE || !of_entries || j->walk.ss.rights)
        return;
    const struct iotlb_fill f = {
        .addr = j->req->addr,
        .attr = IOTLB_NEGATIVE | (j->r.fpd ? IOTLB_FPD : 0u),
        .pasid = j->r.pasid,
        .did = job_did(j),
        .pgtt = j->pgtt,
        .mapping_shift = 12,
        .entry_shift = 12,
        .fault = reason,
    };
    iotlb_fill(j->v, iotlb_tag(j->req->sid, has_pasid, j->req->pasid), &f);
}

static void answer_ok(struct job *j, uint64_t hpa, unsigned shift, unsigned rights, bool snoop)
{
    struct vtd_response *r = j->resp;
    r->result = VTD_RESULT_OK;
    r->fault = VTD_FAULT_NONE;
    r->hpa = hpa;
    r->page_shift = (uint8_t)shift;
    r->attr = (uint8_t)(rights & 3);
    if (snoop || !(j->req->flags & VTD_REQ_NO_SNOOP))
        r->attr |= VTD_ATTR_SNOOP;
    if (j->req->at == VTD_AT_TRANSLATION)
        ats_complete(j->v, j->req, j->r.priv, snoop, r);
}

/* A request that meets a fault: the record, and the answer that the table of ref 5 says. */
static void answer_fault(struct job *j, uint8_t reason)
{
    const struct vtd_request *req = j->req;
    const struct fault_info *info = &fault_table[reason];
    struct vtd_response *r = j->resp;
    *r = (struct vtd_response){.result = VTD_RESULT_UR, .fault = reason};
    if (req->at == VTD_AT_TRANSLATION && (info->tr == FAULT_NULL || info->tr == FAULT_EFF)) {
        r->result = VTD_RESULT_OK;
        if (reason != VTD_FAULT_SFS_10) {
            fault_count_only(j->v, reason);
            return;
        }
    } else if ((req->at == VTD_AT_TRANSLATION && info->tr == FAULT_CA) ||
               (req->at == VTD_AT_TRANSLATED && info->td == FAULT_CA)) {
        r->result = VTD_RESULT_CA;
    }
    const struct fault_record rec = {
        .info = req->addr & ~(uint64_t)(VTD_PAGE - 1),
        .sid = req->sid,
        .pasid = req->pasid,
        .has_pasid = req->flags & VTD_REQ_PASID,
        .priv = req->flags & VTD_REQ_PRIV,
        .at = req->at,
        .access = req->access,
    };
    fault_report(j->v, reason, j->r.fpd, &rec);
}

/* ---------------------------------------------------------------- the IOTLB */

/* Probes every size class that may have entries. One lookup, however many probes. */
static inline uint32_t iotlb_find(struct vtd *v, uint64_t tag, uint64_t addr)
{
    uint32_t classes = v->iotlb_classes;
    while (classes) {
        const unsigned size_class = (unsigned)__builtin_ctz(classes);
        const uint32_t i = lookup_probe(v, VTD_CACHE_IOTLB, iotlb_key(tag, addr, size_class), "6.1");
        if (VTD_LIKELY(i != VTD_CACHE_NONE))
            return i;
        classes &= classes - 1;
    }
    return VTD_CACHE_NONE;
}

/* Rights and dirtiness that an access kind needs, as bits R, W, dirty. */
static const uint8_t needed[] = {
    [VTD_READ] = 1, [VTD_WRITE] = 2 | 4, [VTD_EXEC] = 8 /* never */, [VTD_ATOMIC] = 1 | 2 | 4};

static inline unsigned entry_grants(const struct iotlb_entry *e, bool priv)
{
    return (unsigned)(e->frame_attr >> (priv ? 2 : 0) & 3) | (unsigned)(e->frame_attr >> 2 & 4);
}

/* A lookup by the steps. Answers the request and returns true, or returns false: walk. */
static bool try_iotlb(struct job *j)
{
    struct vtd *v = j->v;
    const struct vtd_request *req = j->req;
    const bool has_pasid = req->flags & VTD_REQ_PASID;
    if (v->cfg.cache[VTD_CACHE_IOTLB].entries == 0)
        return false;
    const uint32_t i = iotlb_find(v, iotlb_tag(req->sid, has_pasid, req->pasid), req->addr);
    if (i == VTD_CACHE_NONE) {
        lookup_count(v, VTD_CACHE_IOTLB, false);
        return false;
    }
    const struct iotlb_entry *e = &v->iotlb[i];
    if (e->frame_attr & IOTLB_NEGATIVE) {
        lookup_count(v, VTD_CACHE_IOTLB, true);
        j->r.fpd = e->frame_attr & IOTLB_FPD;
        answer_fault(j, e->fault);
        return true;
    }
    const bool priv = has_pasid && (req->flags & VTD_REQ_PRIV);
    const unsigned grants = entry_grants(e, priv);
    const bool by_ats = req->at == VTD_AT_TRANSLATION && req->access == VTD_READ;
    const unsigned need = by_ats ? ats_needed(grants, j->want.write) : needed[req->access];
    const bool usable = (grants & need) == need;
    lookup_count(v, VTD_CACHE_IOTLB, usable);
    if (!usable) {
        event_decide(v, "6.1", "the IOTLB entry lacks a right or the dirty bit that the request needs: walk");
        return false;
    }
    const unsigned size_class = (unsigned)(vtd_cache_key(&v->cache[VTD_CACHE_IOTLB], i).b >> 40);
    const unsigned mapping = (unsigned)(e->frame_attr >> IOTLB_SIZE_SHIFT & 3);
    j->r.priv = priv;
    answer_ok(j, (e->frame_attr & bits_mask(51, 12)) | (req->addr & bits_low(12 + 9 * size_class)), 12 + 9 * mapping, grants,
              e->frame_attr & IOTLB_SNOOP);
    return true;
}

/* ---------------------------------------------------------------- modes */

/* A translation request must be allowed by its context entry (DTE, TT) before a cached translation may answer it. */
static bool iotlb_is_first(const struct job *j)
{
    return j->req->at == VTD_AT_UNTRANSLATED && j->v->cfg.iotlb_order == VTD_IOTLB_FIRST;
}

/* Steps 10 and 11 for a request whose context (and PASID entry) are known. */
static void run_translation(struct job *j)
{
    struct vtd *v = j->v;
    j->walk.ss.rights = 0;
    j->walk.fills = 0;
    uint8_t reason = translate_by_type(j);
    if (reason) {
        fill_negative(j, reason);
        answer_fault(j, reason);
        return;
    }
    if (is_interrupt_range(j->walk.hpa)) { /* step 11 */
        answer_fault(j, j->legacy ? VTD_FAULT_LGN_4 : VTD_FAULT_SGN_8);
        return;
    }
    psc_commit(&j->walk);
    if (v->cfg.cache[VTD_CACHE_IOTLB].entries)
        fill_iotlb(j);
    answer_ok(j, j->walk.hpa, j->walk.shift, j->rights, j->attr & IOTLB_SNOOP);
}

/* Step 7. */
static void run_translated(struct job *j, uint8_t above_haw, uint8_t in_interrupts)
{
    if (j->req->addr >> j->v->cfg.haw) {
        answer_fault(j, above_haw);
        return;
    }
    if (is_interrupt_range(j->req->addr)) {
        answer_fault(j, in_interrupts);
        return;
    }
    answer_ok(j, j->req->addr, 0, RIGHT_R | RIGHT_W, false);
}

static void run_legacy(struct job *j)
{
    struct vtd *v = j->v;
    const struct vtd_request *req = j->req;
    j->legacy = true;
    j->r.pasid = 0;
    j->r.priv = false;
    if (req->flags & VTD_REQ_PASID) {
        answer_fault(j, VTD_FAULT_RTA_2);
        return;
    }
    if (iotlb_is_first(j) && try_iotlb(j))
        return;
    const uint8_t reason = context_get_legacy(v, req->sid, &j->r.context, &j->r.fpd);
    if (reason) {
        answer_fault(j, reason);
        return;
    }
    if (req->at != VTD_AT_UNTRANSLATED && j->r.context.tt != 1) {
        answer_fault(j, VTD_FAULT_LCT_5);
        return;
    }
    if (req->at == VTD_AT_TRANSLATED) {
        run_translated(j, VTD_FAULT_LGN_1, VTD_FAULT_LGN_4);
        return;
    }
    if (!iotlb_is_first(j) && try_iotlb(j))
        return;
    j->pgtt = j->r.context.tt == 2 ? VTD_PGTT_PASS_THROUGH : VTD_PGTT_SECOND_STAGE;
    run_translation(j);
}

static void run_scalable(struct job *j)
{
    struct vtd *v = j->v;
    const struct vtd_request *req = j->req;
    if (iotlb_is_first(j) && try_iotlb(j))
        return;
    const uint8_t reason = translate_resolve(v, req, req->at, &j->r);
    if (reason) {
        answer_fault(j, reason);
        return;
    }
    if (req->at == VTD_AT_TRANSLATED) {
        run_translated(j, VTD_FAULT_SGN_4, VTD_FAULT_SGN_8);
        return;
    }
    if (!iotlb_is_first(j) && try_iotlb(j))
        return;
    j->pgtt = j->r.entry.pgtt;
    run_translation(j);
}

/*
 * Step 1 (ref 4.9): requests without PASID into the interrupt range. Returns true when that was the whole story.
 */
static bool screen_interrupt_range(struct job *j)
{
    const struct vtd_request *req = j->req;
    struct vtd_response *r = j->resp;
    if ((req->flags & VTD_REQ_PASID) || !is_interrupt_range(req->addr) || req->at == VTD_AT_TRANSLATED)
        return false;
    if (req->at == VTD_AT_TRANSLATION) {
        if (!unit_tes(j->v))
            return false;
        *r = (struct vtd_response){.result = VTD_RESULT_OK, .hpa = req->addr & ~(uint64_t)(VTD_PAGE - 1), .page_shift = 12};
        if (!ats_no_write(j->v, req))
            r->attr = VTD_ATTR_W | VTD_ATTR_U;
        return true;
    }
    if (req->access == VTD_WRITE && req->len == 4 && (req->addr & 3) == 0) {
        *r = (struct vtd_response){.result = VTD_RESULT_INTERRUPT};
        irq_remap_request(j->v, req->sid, req->addr, req->data, &r->irq);
        r->fault = r->irq.fault;
        return true;
    }
    if (req->access == VTD_READ && req->len == 0) {
        *r = (struct vtd_response){.result = VTD_RESULT_OK, .hpa = req->addr};
        return true;
    }
    answer_fault(j, VTD_FAULT_IR_MALFORMED);
    return true;
}

/* Translation is off (ref 4.1): untranslated requests pass, the rest is unsupported; nothing is logged. */
static void run_disabled(struct job *j)
{
    *j->resp = (struct vtd_response){.result = VTD_RESULT_UR};
    event_decide(j->v, "4.1", "translation is disabled: untranslated requests pass unchanged, others are unsupported");
    if (j->req->at == VTD_AT_UNTRANSLATED)
        answer_ok(j, j->req->addr, 0, RIGHT_R | RIGHT_W, false);
}

static void run(struct job *j)
{
    struct vtd *v = j->v;
    if (screen_interrupt_range(j))
        return;
    if (!unit_tes(v)) {
        run_disabled(j);
        return;
    }
    if (j->req->at == VTD_AT_TRANSLATION && j->req->access != VTD_READ && j->req->access != VTD_EXEC) {
        *j->resp = (struct vtd_response){.result = VTD_RESULT_UR}; /* a write with AT=01 (ref 4.1) */
        return;
    }
    const uint8_t reason = translate_check_mode(v, j->req->flags & VTD_REQ_PASID);
    if (reason) {
        answer_fault(j, reason);
        return;
    }
    if (j->req->access == VTD_EXEC && v->f.version_max >= 8) {
        answer_fault(j, VTD_FAULT_RTA_5);
        return;
    }
    if (v->ttm == VTD_TTM_LEGACY)
        run_legacy(j);
    else
        run_scalable(j);
}

/* ---------------------------------------------------------------- entry points */

static inline bool is_possible(const struct vtd_request *req)
{
    const bool has_pasid = req->flags & VTD_REQ_PASID;
    const bool wide = (req->addr & (VTD_PAGE - 1)) + req->len > VTD_PAGE;
    const bool bad_enum = (unsigned)req->access > VTD_ATOMIC || (unsigned)req->at > VTD_AT_TRANSLATED;
    const bool bad_pasid = has_pasid ? req->pasid >> 20 != 0 : (req->flags & VTD_REQ_PRIV) != 0 || req->access == VTD_EXEC;
    const bool bad_len = req->len == 0 && req->access != VTD_READ;
    return !(wide | bad_enum | bad_pasid | bad_len);
}

__attribute__((noinline)) static void translate_by_steps(struct vtd *v, const struct vtd_request *req,
                                                         struct vtd_response *resp)
{
    struct job j;
    j.v = v;
    j.req = req;
    j.resp = resp;
    j.legacy = false;
    j.rights = 0;
    j.pgtt = 0;
    j.attr = 0;
    memset(&j.r, 0, sizeof j.r);
    j.want = wanted_by(v, req);
    if (VTD_UNLIKELY(v->events)) {
        struct vtd_event e = {.kind = VTD_EVENT_REQUEST, .section = "4.1", .req = req};
        event_emit(v, &e);
    }
    run(&j);
    if (VTD_UNLIKELY(v->events)) {
        struct vtd_event e = {.kind = VTD_EVENT_RESPONSE, .section = "4.2", .req = req, .resp = resp};
        event_emit(v, &e);
    }
}

/* PASID, source-id, access and address type as they lie in a request: one load. */
static inline uint64_t request_word(const struct vtd_request *req)
{
    return (uint64_t)req->pasid | (uint64_t)req->sid << 32 | (uint64_t)req->access << 48 | (uint64_t)req->at << 56;
}
#define REQUEST_WORD_ODD 0xfffc0000fff00000ull /* translated or ATS, an unknown access, a PASID of more than 20 bits */

/*
 * The hit path: an ordinary untranslated request that the IOTLB answers. Returns false when the steps must look at it, also
 * at one that is not in order. (Addresses of the interrupt range without PASID are never in the IOTLB.)
 */
__attribute__((always_inline)) static inline bool translate_hit(struct vtd *v, const struct vtd_request *req, struct vtd_response *resp)
{
    struct vtd_cache *c = &v->cache[VTD_CACHE_IOTLB];
    const uint64_t addr = req->addr;
    const unsigned has_pasid = req->flags & VTD_REQ_PASID;
    const unsigned priv = req->flags & VTD_REQ_PRIV;
    const uint64_t who = request_word(req);
    const unsigned last = req->len - 1u; /* also sorts out len 0 */
    if (VTD_UNLIKELY((who & REQUEST_WORD_ODD) | (last > VTD_PAGE - 1 - (addr & (VTD_PAGE - 1))) | (priv > 2 * has_pasid) |
                     !v->fast[has_pasid]))
        return false;
    const uint64_t tag = iotlb_tag(req->sid, has_pasid, req->pasid);
    for (unsigned classes = v->iotlb_classes; classes; classes &= classes - 1) {
        const unsigned size_class = (unsigned)__builtin_ctz(classes);
        const uint32_t i = vtd_cache_probe(c, iotlb_key(tag, addr, size_class));
        if (VTD_UNLIKELY(i == VTD_CACHE_NONE))
            continue;
        const uint64_t e = v->iotlb[i].frame_attr;
        const unsigned grants = (unsigned)(e >> priv & 3) | (unsigned)(e >> 2 & 4);
        if (VTD_UNLIKELY(needed[req->access] & ~grants))
            return false;
        vtd_cache_touch(c, i);
        v->fast_hits++;
        const uint64_t in_page = bits_low(12 + 9 * size_class);
        resp->hpa = (e & bits_mask(51, 12)) | (addr & in_page);
        resp->result = VTD_RESULT_OK;
        resp->fault = VTD_FAULT_NONE;
        resp->page_shift = (uint8_t)(12 + 9 * (e >> IOTLB_SIZE_SHIFT & 3));
        const bool snoop = (e & IOTLB_SNOOP) || !(req->flags & VTD_REQ_NO_SNOOP);
        resp->attr = (uint8_t)((grants & 3) | (snoop ? VTD_ATTR_SNOOP : 0));
        return true;
    }
    return false;
}

__attribute__((noinline)) static enum vtd_status translate_checked(struct vtd *v, const struct vtd_request *req,
                                                                   struct vtd_response *resp)
{
    if (!is_possible(req))
        return VTD_STATUS_INVALID;
    v->stats.requests++;
    translate_by_steps(v, req, resp);
    return VTD_STATUS_OK;
}

enum vtd_status vtd_translate(struct vtd *v, const struct vtd_request *req, struct vtd_response *resp)
{
    return VTD_LIKELY(translate_hit(v, req, resp)) ? VTD_STATUS_OK : translate_checked(v, req, resp);
}

enum vtd_status vtd_translate_batch(struct vtd *v, const struct vtd_request *req, struct vtd_response *resp, size_t count,
                                    size_t *done)
{
    enum vtd_status status = VTD_STATUS_OK;
    size_t i = 0;
    for (; i < count; i++)
        if (VTD_UNLIKELY(!translate_hit(v, &req[i], &resp[i])) &&
            (status = translate_checked(v, &req[i], &resp[i])) != VTD_STATUS_OK)
            break;
    if (done)
        *done = i;
    return status;
}

enum vtd_status vtd_peek(struct vtd *v, const struct vtd_request *req, struct vtd_response *resp)
{
    if (!is_possible(req) || req->at != VTD_AT_UNTRANSLATED)
        return VTD_STATUS_INVALID;
    struct vtd_request quiet_req = *req;
    if (is_interrupt_range(req->addr) && !(req->flags & VTD_REQ_PASID))
        quiet_req.len = 0; /* an interrupt would have effects: look at the range as a read does */
    if (quiet_req.len == 0)
        quiet_req.access = VTD_READ;
    const struct vtd_stats stats = v->stats;
    struct cache_stats cache_stats[VTD_CACHES];
    uint64_t mem_reads[VTD_MEM_CLASSES];
    memcpy(cache_stats, v->cache_stats, sizeof cache_stats);
    memcpy(mem_reads, v->mem_reads, sizeof mem_reads);
    const bool events = v->events;
    v->events = false;
    v->quiet = true;
    translate_by_steps(v, &quiet_req, resp);
    v->quiet = false;
    v->events = events;
    memcpy(v->mem_reads, mem_reads, sizeof mem_reads);
    memcpy(v->cache_stats, cache_stats, sizeof cache_stats);
    v->stats = stats;
    return VTD_STATUS_OK;
}
