/* SPDX-License-Identifier: MIT */
/* Steps 10 and 11 of ref 4.2: translation by first stage, second stage, both, or none. See job.h. */
#include "job.h"

#include "ats.h"
#include "event.h"
#include "pasid.h"

struct wanted vtd_job_wanted_by(const struct vtd *v, const struct vtd_request *req)
{
    struct wanted w = {0};
    if (req->at == VTD_AT_TRANSLATION) {
        w.shapes = true;
        w.read = true;
        w.write = !ats_no_write(v, req);
        w.exec = req->access == VTD_EXEC;
        return w;
    }
    w.read = req->access == VTD_READ || req->access == VTD_ATOMIC;
    w.exec = req->access == VTD_EXEC;
    w.write = req->access == VTD_WRITE || req->access == VTD_ATOMIC;
    w.zero_length_read = req->access == VTD_READ && req->len == 0 && v->f.zlr;
    return w;
}

/* Rights of user and privileged requesters from a finished walk (ref 4.3, 4.4, 4.5), as IOTLB_* bits. */
static uint32_t rights_found(const struct job *j)
{
    const struct walk *w = &j->walk;
    const bool first_stage = pgtt_has_first_stage(j->pgtt);
    const bool second_stage = pgtt_has_second_stage(j->pgtt);
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

/* Rights of fetches by user and privileged requesters (ref 0.2), as IOTLB_X_* bits. */
static uint32_t exec_found(const struct job *j)
{
    const struct walk *w = &j->walk;
    const struct pasid_entry *e = &j->r.entry;
    bool xu = e->ere, xp = e->ere;
    if (pgtt_has_first_stage(j->pgtt)) {
        const bool user_page = w->fs_rights & RIGHT_US;
        const bool disabled = e->nxe && !(w->fs_rights & RIGHT_X);
        xu = xu && user_page && !disabled;
        xp = xp && !disabled && !(e->smep && user_page);
    }
    if (pgtt_has_second_stage(j->pgtt)) {
        const bool allowed = (w->ss.rights & RIGHT_R) && (!e->slee || (w->ss.rights & RIGHT_X));
        xu = xu && allowed;
        xp = xp && allowed;
    }
    return (xu ? IOTLB_X_USER : 0u) | (xp ? IOTLB_X_PRIV : 0u);
}

/* The rights among j->attr that this requester has. */
static uint8_t own_rights(const struct job *j)
{
    const uint32_t exec = j->r.priv ? IOTLB_X_PRIV : IOTLB_X_USER;
    return (uint8_t)((j->attr >> (j->r.priv ? 2 : 0) & 3) | (j->attr & exec ? RIGHT_X : 0));
}

static void explain_rights(const struct job *j, uint8_t missing)
{
    static const char *const granted[4] = {
        "the tables grant this requester nothing", "the tables grant this requester: read",
        "the tables grant this requester: write", "the tables grant this requester: read, write"};
    event_decide(j->v, "4.3", granted[j->rights & 3]);
    if (j->want.exec)
        event_decide(j->v, "0.2", j->rights & RIGHT_X ? "the tables grant execution" : "the tables forbid execution");
    if (missing)
        event_decide(j->v, "4.3", "a right that the request needs is missing");
}

/* The fault of a right that is missing, 0 if none is (ref 4.3-4.5, 0.2; order: user/supervisor, write, execute, read). */
static uint8_t missing_right(const struct job *j)
{
    const bool first_stage = pgtt_has_first_stage(j->pgtt);
    if (first_stage && !j->r.priv && !(j->walk.fs_rights & RIGHT_US))
        return VTD_FAULT_SGN_2;
    if (j->want.write && !(j->rights & RIGHT_W))
        return j->legacy ? VTD_FAULT_LGN_2 : VTD_FAULT_SGN_6;
    if (j->want.exec && !(j->rights & RIGHT_X))
        return VTD_FAULT_SGN_3;
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
        return job_legacy_missing(want);
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
    if (pgtt_has_first_stage(j->pgtt))
        return vtd_walk_first_stage(w);
    const uint8_t reason = vtd_walk_second_stage(w, w->addr, &w->ss);
    w->hpa = w->ss.hpa;
    w->shift = w->ss.shift;
    return reason;
}

/* Accessed and dirty bits of the leaves, once it is clear that the request goes through (ref 4.7, 10.3). */
static uint8_t update_leaves(struct job *j, bool dirty)
{
    const bool first_stage = pgtt_has_first_stage(j->pgtt);
    const bool second_stage = pgtt_has_second_stage(j->pgtt);
    uint8_t reason = VTD_FAULT_NONE;
    if (second_stage)
        reason = vtd_walk_update_second_stage(&j->walk, &j->walk.ss, dirty);
    if (!reason && first_stage)
        reason = vtd_walk_update_first_stage(&j->walk, dirty);
    if (!reason && vtd_walk_dirty_is_set(&j->walk, first_stage, second_stage))
        j->attr |= IOTLB_DIRTY;
    return reason;
}

/* Step 11: no translation leads into the interrupt range. */
static uint8_t check_output(const struct job *j)
{
    if (!is_interrupt_range(j->walk.hpa))
        return VTD_FAULT_NONE;
    return j->legacy ? VTD_FAULT_LGN_4 : VTD_FAULT_SGN_8;
}

static uint8_t walk_once(struct job *j)
{
    uint8_t reason = find_leaf(j);
    if (reason)
        return reason;
    j->attr = rights_found(j) | exec_found(j);
    j->rights = own_rights(j);
    if (j->walk.ss.snoop || j->r.entry.pgsnp)
        j->attr |= IOTLB_SNOOP;
    reason = missing_right(j);
    explain_rights(j, reason);
    const bool some_right = (j->rights & RIGHT_R) || (j->want.write && (j->rights & RIGHT_W));
    if (reason && !(j->want.shapes && some_right))
        return reason;
    reason = check_output(j); /* before the updates: a write that is blocked leaves no dirty bit (ref 4.7) */
    if (reason)
        return reason;
    return update_leaves(j, j->want.write && (j->rights & RIGHT_W));
}

/* A table entry may change under an update: the walk starts again, but not for ever (ref 4.7). */
static uint8_t walk_tables(struct job *j)
{
    struct walk *w = &j->walk;
    w->skip_fs_psc = false;
    w->contended = VTD_FAULT_SSS_6;
    for (unsigned i = 0; i < WALK_RESTARTS_MAX; i++) {
        w->fills = 0;
        const uint8_t reason = walk_once(j);
        if (reason != WALK_RESTART)
            return reason;
        event_decide(j->v, "4.7", "a table entry changed under the update: walk again");
    }
    return w->contended;
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
    w->snoop = j->legacy ? j->v->f.c : e->pwsnp; /* without ECAP.SMPWCS PWSNP is reserved */
    w->eafe = e->eafe;
    w->wpe = e->wpe;
    w->xd_reserved = j->v->f.ers && !j->legacy && !e->nxe;
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
    j->attr = IOTLB_R_USER | IOTLB_W_USER | IOTLB_R_PRIV | IOTLB_W_PRIV | IOTLB_DIRTY | exec_found(j) |
              (j->r.entry.pgsnp ? IOTLB_SNOOP : 0u);
    j->rights = own_rights(j);
    return check_output(j);
}

/* Width and canonical checks, then the walk of the PGTT. */
uint8_t vtd_job_translate(struct job *j)
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
        event_decide_number(v, "4.5",
                            "nested walk: every first-stage address goes through the second stage; first-stage levels:",
                            j->walk.fs_levels);
    } else {
        v->stats.walks_first_stage++;
        event_decide_number(v, "4.3", "first-stage walk, levels:", j->walk.fs_levels);
    }
    if (!is_canonical(addr, j->walk.fs_levels))
        return VTD_FAULT_SGN_1;
    return walk_tables(j);
}
