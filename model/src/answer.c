/* SPDX-License-Identifier: MIT */
/* The outcome of a request: response, fault record, and what the IOTLB keeps of it (ref 5, 6.1, 6.2). See job.h. */
#include "job.h"

#include "ats.h"
#include "fault.h"
#include "lookup.h"

static bool holds_interrupt_range(uint64_t addr, unsigned shift)
{
    const uint64_t page = bits_low(shift);
    return (addr & ~page) <= 0xfeefffff && (addr | page) >= 0xfee00000;
}

/*
 * Large pages to or, for requests without PASID, from the interrupt range are cached in pieces, so that a hit needs no
 * check of it (ref 4.9, 6.1).
 */
static uint8_t entry_shift(const struct job *j)
{
    const unsigned shift = j->walk.shift;
    const bool has_pasid = j->req->flags & VTD_REQ_PASID;
    const bool cut =
        holds_interrupt_range(j->walk.hpa, shift) || (!has_pasid && holds_interrupt_range(j->req->addr, shift));
    return cut ? 12 : (uint8_t)shift;
}

void vtd_job_fill_iotlb(struct job *j)
{
    const bool has_pasid = j->req->flags & VTD_REQ_PASID;
    /* Requests without PASID all have the privilege of RID_PRIV: both columns hold its rights. */
    uint32_t attr = j->attr;
    if (!has_pasid) {
        const uint32_t own = j->rights & (RIGHT_R | RIGHT_W);
        attr = (attr & ~(15u | IOTLB_X_USER | IOTLB_X_PRIV)) | own | own << 2;
    } else if (!j->r.entry.sre) {
        attr &= ~(uint32_t)(IOTLB_R_PRIV | IOTLB_W_PRIV | IOTLB_X_PRIV);
    }
    const struct vtd_iotlb_fill f = {
        .addr = j->req->addr,
        .frame = j->walk.hpa,
        .attr = attr,
        .pasid = j->r.pasid,
        .did = job_did(j),
        .pgtt = j->pgtt,
        .mapping_shift = j->walk.shift,
        .entry_shift = entry_shift(j),
    };
    vtd_iotlb_fill(j->v, iotlb_tag(j->req->sid, has_pasid, j->req->pasid), &f);
}

/* Caching mode: a second-stage entry that is not present or faults may be remembered (ref 6.2). */
void vtd_job_fill_negative(struct job *j, uint8_t reason)
{
    const bool has_pasid = j->req->flags & VTD_REQ_PASID;
    const bool of_entries = reason == VTD_FAULT_SSS_2 || reason == VTD_FAULT_SSS_3 || reason == VTD_FAULT_LSS_2 ||
                            reason == VTD_FAULT_LGN_2 || reason == VTD_FAULT_LGN_3;
    if (!j->v->f.cm || j->pgtt != VTD_PGTT_SECOND_STAGE || !of_entries || j->walk.ss.rights)
        return;
    const struct vtd_iotlb_fill f = {
        .addr = j->req->addr,
        .attr = IOTLB_NEGATIVE | (j->r.fpd ? IOTLB_FPD : 0u),
        .pasid = j->r.pasid,
        .did = job_did(j),
        .pgtt = j->pgtt,
        .mapping_shift = 12,
        .entry_shift = 12,
        .fault = reason,
    };
    vtd_iotlb_fill(j->v, iotlb_tag(j->req->sid, has_pasid, j->req->pasid), &f);
}

void vtd_job_answer_ok(struct job *j, uint64_t hpa, unsigned shift, unsigned rights, bool snoop)
{
    struct vtd_response *r = j->resp;
    r->result = VTD_RESULT_OK;
    r->fault = VTD_FAULT_NONE;
    r->hpa = hpa;
    r->page_shift = (uint8_t)shift;
    r->attr = (uint8_t)(rights & 3);
    if (j->req->access == VTD_EXEC && (rights & RIGHT_X))
        r->attr |= VTD_ATTR_X;
    if (snoop || !(j->req->flags & VTD_REQ_NO_SNOOP))
        r->attr |= VTD_ATTR_SNOOP;
    if (j->req->at == VTD_AT_TRANSLATION)
        vtd_ats_complete(j->v, j->req, j->r.priv, snoop, r);
}

/* A request that meets a fault: the record, and the answer that the table of ref 5 says. */
void vtd_job_answer_fault(struct job *j, uint8_t reason)
{
    const struct vtd_request *req = j->req;
    const struct fault_info *info = &vtd_fault_table[reason];
    struct vtd_response *r = j->resp;
    *r = (struct vtd_response){.result = VTD_RESULT_UR, .fault = reason};
    if (req->at == VTD_AT_TRANSLATION && (info->tr == FAULT_NULL || info->tr == FAULT_EFF)) {
        r->result = VTD_RESULT_OK;
        if (reason != VTD_FAULT_SFS_10) {
            vtd_fault_count_only(j->v, reason);
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
    vtd_fault_report(j->v, reason, j->r.fpd, &rec);
}

/* ---------------------------------------------------------------- the IOTLB */

/* Probes every size class that may have entries. One lookup, however many probes. */
static inline uint32_t iotlb_find(struct vtd *v, uint64_t tag, uint64_t addr)
{
    if (VTD_UNLIKELY(v->events) && v->iotlb_classes == 0)
        vtd_event_cache(v, VTD_EVENT_CACHE_LOOKUP, VTD_CACHE_IOTLB, iotlb_key(tag, addr, 0), false, "6.1");
    for (unsigned classes = v->iotlb_classes; classes; classes &= classes - 1) {
        const unsigned size_class = (unsigned)__builtin_ctz(classes);
        const uint32_t i = lookup_probe(v, VTD_CACHE_IOTLB, iotlb_key(tag, addr, size_class), "6.1");
        if (VTD_LIKELY(i != VTD_CACHE_NONE))
            return i;
    }
    return VTD_CACHE_NONE;
}

/*
 * What an entry grants to a request that the steps look at: for a fetch also bit 3, which iotlb_needs wants and the hit
 * path never sees (ref 0.2).
 */
static inline unsigned grants_of(uint64_t frame_attr, bool priv, unsigned access)
{
    const unsigned exec = frame_attr & (priv ? IOTLB_X_PRIV : IOTLB_X_USER) ? IOTLB_GRANTS_X : 0;
    return iotlb_grants(frame_attr, priv ? 2 : 0) | (access == VTD_EXEC ? exec : 0);
}

/* Which of these the request needs. An ATS answer is shaped by them; a fetch without the right walks for the reason. */
static unsigned needs_of(const struct job *j, unsigned grants)
{
    const unsigned exec = j->req->access == VTD_EXEC ? IOTLB_GRANTS_X : 0;
    return j->req->at == VTD_AT_TRANSLATION ? ats_needed(grants, j->want.write) | exec : iotlb_needs(j->req->access);
}

/* A lookup by the steps. Answers the request and returns true, or returns false: walk. */
bool vtd_job_try_iotlb(struct job *j)
{
    struct vtd *v = j->v;
    const struct vtd_request *req = j->req;
    const bool has_pasid = req->flags & VTD_REQ_PASID;
    if (v->cfg.cache[VTD_CACHE_IOTLB].entries == 0)
        return false;
    const uint32_t i = iotlb_find(v, iotlb_tag(req->sid, has_pasid, req->pasid), req->addr);
    if (i == VTD_CACHE_NONE) {
        lookup_count(v, VTD_CACHE_IOTLB, false, i);
        return false;
    }
    const struct iotlb_entry *e = &v->iotlb[i];
    job_know_did(j, e->did);
    if (e->frame_attr & IOTLB_NEGATIVE) {
        /* SPT.5 and SPT.6 come before what is remembered here; only the PASID entry knows of them. */
        const bool usable = !(req->flags & VTD_REQ_PRIV) && req->access != VTD_EXEC;
        lookup_count(v, VTD_CACHE_IOTLB, usable, i);
        if (!usable)
            return false;
        j->r.fpd = e->frame_attr & IOTLB_FPD;
        uint8_t reason = e->fault;
        if (reason == VTD_FAULT_LGN_2 || reason == VTD_FAULT_LGN_3) /* as this request needs it (ref 4.4) */
            reason = job_legacy_missing(&j->want);
        vtd_job_answer_fault(j, reason);
        return true;
    }
    const bool priv = has_pasid && (req->flags & VTD_REQ_PRIV);
    const unsigned grants = grants_of(e->frame_attr, priv, req->access);
    const unsigned need = needs_of(j, grants);
    const bool usable = (grants & need) == need;
    lookup_count(v, VTD_CACHE_IOTLB, usable, i);
    if (!usable) {
        event_decide(v, "6.1", "the IOTLB entry lacks a right or the dirty bit that the request needs: walk");
        return false;
    }
    const unsigned size_class = (unsigned)(vtd_cache_key(&v->cache[VTD_CACHE_IOTLB], i).b >> 40);
    const unsigned mapping = (unsigned)(e->frame_attr >> IOTLB_SIZE_SHIFT & 3);
    j->r.priv = priv;
    vtd_job_answer_ok(j, (e->frame_attr & bits_mask(51, 12)) | (req->addr & bits_low(12 + 9 * size_class)),
                      12 + 9 * mapping, (grants & 3) | (grants & IOTLB_GRANTS_X ? RIGHT_X : 0u),
                      e->frame_attr & IOTLB_SNOOP);
    job_tag(j, e->pasid, e->did, e->pgtt);
    return true;
}
