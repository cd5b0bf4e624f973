/* SPDX-License-Identifier: MIT */
/* The order of steps of ref 4.2. See job.h. */
#include "job.h"

#include "ats.h"
#include "context.h"
#include "event.h"
#include "fault.h"
#include "foresee.h"
#include "irq_remap.h"
#include "protected.h"

/* A translation request must be allowed by its context entry (DTE, TT) before a cached translation may answer it. */
static bool iotlb_is_first(const struct job *j)
{
    return j->req->at == VTD_AT_UNTRANSLATED && j->v->cfg.iotlb_order == VTD_IOTLB_FIRST;
}

/* A request that no tables translate, into a protected memory region: blocked, and not logged (ref 1.11). */
static void block_protected(struct job *j)
{
    event_decide(j->v, "1.11", "the address is in a protected memory region: blocked, not logged");
    *j->resp = (struct vtd_response){.result = VTD_RESULT_UR};
}

/* Steps 10 and 11 for a request whose context (and PASID entry) are known. */
static void run_translation(struct job *j)
{
    struct vtd *v = j->v;
    job_know_did(j, job_did(j));
    j->walk.ss.rights = 0;
    j->walk.fills = 0;
    const uint8_t reason = vtd_job_translate(j);
    if (reason) {
        vtd_job_fill_negative(j, reason);
        vtd_job_answer_fault(j, reason);
        return;
    }
    const bool kept_out = j->pgtt == VTD_PGTT_PASS_THROUGH && protected_holds(v, j->walk.hpa);
    if (kept_out && j->req->at == VTD_AT_UNTRANSLATED) {
        block_protected(j);
        return;
    }
    vtd_psc_commit(&j->walk);
    if (j->walk.shift == 12 && j->pgtt != VTD_PGTT_PASS_THROUGH)
        foresee_learn(v, j->req, pgtt_has_first_stage(j->pgtt) ? j->walk.fs_entry : j->walk.ss.entry);
    if (v->cfg.cache[VTD_CACHE_IOTLB].entries && !kept_out) /* what is cached passes without a look at the regions */
        vtd_job_fill_iotlb(j);
    vtd_job_answer_ok(j, j->walk.hpa, j->walk.shift, j->rights, j->attr & IOTLB_SNOOP);
    job_tag(j, j->r.pasid, job_did(j), j->pgtt);
}

/* Step 7. */
static void run_translated(struct job *j, uint8_t above_haw, uint8_t in_interrupts)
{
    if (j->req->addr >> j->v->cfg.haw) {
        vtd_job_answer_fault(j, above_haw);
        return;
    }
    if (is_interrupt_range(j->req->addr)) {
        vtd_job_answer_fault(j, in_interrupts);
        return;
    }
    if (protected_holds(j->v, j->req->addr)) {
        block_protected(j);
        return;
    }
    event_decide(j->v, "4.2 step 7", "the device has translated the address: it is used as it is");
    vtd_job_answer_ok(j, j->req->addr, 0, RIGHT_R | RIGHT_W, false);
}

static void run_legacy(struct job *j)
{
    struct vtd *v = j->v;
    const struct vtd_request *req = j->req;
    j->legacy = true;
    j->r.pasid = 0;
    j->r.priv = false;
    if (req->flags & VTD_REQ_PASID) {
        vtd_job_answer_fault(j, VTD_FAULT_RTA_2);
        return;
    }
    if (iotlb_is_first(j) && vtd_job_try_iotlb(j))
        return;
    const uint8_t reason = vtd_context_get_legacy(v, req->sid, &j->r.context, &j->r.fpd);
    if (reason) {
        vtd_job_answer_fault(j, reason);
        return;
    }
    if (req->at != VTD_AT_UNTRANSLATED && j->r.context.tt != 1) {
        vtd_job_answer_fault(j, VTD_FAULT_LCT_5);
        return;
    }
    if (req->at == VTD_AT_TRANSLATED) {
        job_know_did(j, j->r.context.did);
        run_translated(j, VTD_FAULT_LGN_1, VTD_FAULT_LGN_4);
        return;
    }
    if (!iotlb_is_first(j) && vtd_job_try_iotlb(j))
        return;
    j->pgtt = j->r.context.tt == 2 ? VTD_PGTT_PASS_THROUGH : VTD_PGTT_SECOND_STAGE;
    run_translation(j);
}

static void run_scalable(struct job *j)
{
    struct vtd *v = j->v;
    const struct vtd_request *req = j->req;
    if (iotlb_is_first(j) && vtd_job_try_iotlb(j))
        return;
    const uint8_t reason = vtd_translate_resolve(v, req, req->at, &j->r);
    if (reason) {
        vtd_job_answer_fault(j, reason);
        return;
    }
    if (req->at == VTD_AT_TRANSLATED) {
        run_translated(j, VTD_FAULT_SGN_4, VTD_FAULT_SGN_8);
        return;
    }
    if (!iotlb_is_first(j) && vtd_job_try_iotlb(j))
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
        event_decide(j->v, "4.9", "the interrupt range: for untranslated requests only, and only to write");
        *r = (struct vtd_response){
            .result = VTD_RESULT_OK, .hpa = req->addr & ~(uint64_t)(VTD_PAGE - 1), .page_shift = 12};
        if (!ats_no_write(j->v, req))
            r->attr = VTD_ATTR_W | VTD_ATTR_U;
        return true;
    }
    if (req->access == VTD_WRITE && req->len == 4 && (req->addr & 3) == 0) {
        *r = (struct vtd_response){.result = VTD_RESULT_INTERRUPT};
        event_decide(j->v, "4.9", "a DWORD write into the interrupt range is an interrupt request");
        vtd_irq_remap_request(j->v, req->sid, req->addr, req->data, &r->irq);
        r->fault = r->irq.fault;
        return true;
    }
    if (req->access == VTD_READ && req->len == 0) {
        event_decide(j->v, "4.9", "a zero-length read of the interrupt range completes without translation");
        *r = (struct vtd_response){.result = VTD_RESULT_OK, .hpa = req->addr};
        return true;
    }
    vtd_job_answer_fault(j, VTD_FAULT_IR_MALFORMED);
    return true;
}

/* Translation is off (ref 4.1): untranslated requests pass, the rest is unsupported; nothing is logged. */
static void run_disabled(struct job *j)
{
    *j->resp = (struct vtd_response){.result = VTD_RESULT_UR};
    event_decide(j->v, "4.1", "translation is disabled: untranslated requests pass unchanged, others are unsupported");
    if (j->req->at != VTD_AT_UNTRANSLATED)
        return;
    if (protected_holds(j->v, j->req->addr))
        block_protected(j);
    else
        vtd_job_answer_ok(j, j->req->addr, 0, RIGHT_R | RIGHT_W, false);
}

void vtd_job_run(struct job *j)
{
    struct vtd *v = j->v;
    j->want = vtd_job_wanted_by(v, j->req);
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
    const uint8_t reason = vtd_translate_check_mode(v, j->req->flags & VTD_REQ_PASID);
    if (reason) {
        vtd_job_answer_fault(j, reason);
        return;
    }
    if (j->req->access == VTD_EXEC && v->f.version_max >= 8) {
        vtd_job_answer_fault(j, VTD_FAULT_RTA_5);
        return;
    }
    if (v->ttm == VTD_TTM_LEGACY)
        run_legacy(j);
    else
        run_scalable(j);
}
