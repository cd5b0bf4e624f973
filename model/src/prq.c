/* SPDX-License-Identifier: MIT */
/* Page requests. See prq.h. */
#include "prq.h"

#include "event.h"
#include "fault.h"
#include "iotlb.h"
#include "mem.h"
#include "pagewalk.h"
#include "perfmon.h"
#include "translate.h"

enum {
    RESPONSE_SUCCESS = 0,
    RESPONSE_INVALID = 1
};

void vtd_prq_respond(struct vtd *v, const struct vtd_page_response *resp)
{
    v->stats.page_responses++;
    if (v->host.page_response)
        v->host.page_response(v->host.opaque, resp);
}

void vtd_prq_status_cleared(struct vtd *v)
{
    if ((reg_get32(v, VTD_REG_PRS) & 3) == 0)
        vtd_event_withdraw(v, VTD_REG_PECTL);
}

static void set_status(struct vtd *v, uint32_t bit)
{
    const uint32_t before = reg_get32(v, VTD_REG_PRS);
    reg_set32(v, VTD_REG_PRS, before | bit);
    if (v->f.revision == 3 && vtd_reg_prs_pro(bit)) /* shown there, too; the event is that of page requests (ref 0.1) */
        reg_set32(v, VTD_REG_FSTS, reg_get32(v, VTD_REG_FSTS) | (uint32_t)vtd_reg_fsts_put_pro(1));
    if ((before & 3) == 0)
        vtd_event_raise(v, VTD_REG_PECTL);
    else
        event_decide(v, "7.1", "no event: PPR or PRO was set before");
}

/* Private data is a matter of revision 3 (ref 0.1). */
static bool has_private(const struct vtd *v, const struct vtd_page_request *req)
{
    return v->f.revision == 3 && (req->flags & VTD_PRQ_PRIVATE);
}

/* Must the request be answered, by software or by the unit? Private data wants its answer as the end of a group does. */
static bool wants_answer(const struct vtd *v, const struct vtd_page_request *req)
{
    return (req->flags & VTD_PRQ_LAST) || has_private(v, req);
}

/* The unit answers such a request itself. */
static void answer(struct vtd *v, const struct vtd_page_request *req, uint8_t code)
{
    const bool private_data = has_private(v, req);
    const struct vtd_page_response resp = {
        .has_private = private_data,
        .private_data = {private_data ? req->private_data[0] : 0, private_data ? req->private_data[1] : 0},
        .sid = req->sid,
        .prgi = req->prgi,
        .code = code,
        .has_pasid = req->flags & VTD_PRQ_PASID,
        .pasid = req->flags & VTD_PRQ_PASID ? req->pasid : 0,
    };
    event_decide(v, "7.1",
                 code == RESPONSE_SUCCESS ? "the unit answers the group itself: Success"
                                          : "the unit answers the group itself: Invalid Request");
    vtd_prq_respond(v, &resp);
}

/* Only the last request of a group has an answer. */
static void drop(struct vtd *v)
{
    event_decide(v, "7.1", "not the last of its group: dropped without an answer");
}

static enum vtd_prq_result reject(struct vtd *v, const struct vtd_page_request *req, uint8_t reason, bool fpd)
{
    const struct fault_record rec = {
        .info = req->addr & ~(uint64_t)(VTD_PAGE - 1),
        .sid = req->sid,
        .pasid = req->pasid,
        .has_pasid = req->flags & VTD_PRQ_PASID,
        .priv = req->flags & VTD_PRQ_PRIV,
        .page_request = true,
    };
    vtd_fault_report(v, reason, fpd, &rec);
    if (!wants_answer(v, req)) {
        drop(v);
        return VTD_PRQ_DROPPED;
    }
    answer(v, req, RESPONSE_INVALID);
    return VTD_PRQ_REJECTED;
}

/* What could have caused the request goes before software is asked (ref 6.4). */
static void invalidate_cause(struct vtd *v, uint64_t addr, const struct resolved *r)
{
    const uint16_t did = r->entry.did;
    switch (r->entry.pgtt) {
    case VTD_PGTT_FIRST_STAGE:
        event_decide(v, "6.4", "what could have caused it goes: the page of this PASID");
        vtd_iotlb_invalidate_pasid_range(v, did, r->pasid, addr, 0);
        vtd_psc_invalidate_fs_range(v, did, r->pasid, addr, 0);
        break;
    case VTD_PGTT_NESTED:
        event_decide(v, "6.4", "what could have caused it goes: all of the domain");
        vtd_iotlb_invalidate_domain(v, did);
        vtd_psc_invalidate_domain(v, did);
        break;
    default:
        event_decide(v, "6.4", "what could have caused it goes: the page of the domain");
        vtd_iotlb_invalidate_range(v, did, addr, 0);
        vtd_psc_invalidate_fs_domain(v, did);
        vtd_psc_invalidate_ss_range(v, did, addr, 0);
        break;
    }
}

static void encode(const struct vtd *v, const struct vtd_page_request *req, uint64_t *q)
{
    const bool has_pasid = req->flags & VTD_PRQ_PASID;
    vtd_prq_desc_set_type(q, 1);
    vtd_prq_desc_set_pp(q, has_pasid);
    vtd_prq_desc_set_rid(q, req->sid);
    vtd_prq_desc_set_pasid(q, has_pasid ? req->pasid : 0);
    vtd_prq_desc_set_exr(q, (req->flags & VTD_PRQ_EXEC) != 0);
    vtd_prq_desc_set_pmr(q, (req->flags & VTD_PRQ_PRIV) != 0);
    vtd_prq_desc_set_rdr(q, (req->flags & VTD_PRQ_READ) != 0);
    vtd_prq_desc_set_wrr(q, (req->flags & VTD_PRQ_WRITE) != 0);
    vtd_prq_desc_set_lpig(q, (req->flags & VTD_PRQ_LAST) != 0);
    vtd_prq_desc_set_prgi(q, req->prgi);
    vtd_prq_desc_set_addr(q, req->addr >> 12);
    if (has_private(v, req)) {
        vtd_prq_desc_set_pdp(q, 1);
        vtd_prq_desc_set_priv0(q, req->private_data[0]);
        vtd_prq_desc_set_priv1(q, req->private_data[1]);
    }
}

static enum vtd_prq_result overflow(struct vtd *v, const struct vtd_page_request *req)
{
    v->stats.page_requests_overflowed++;
    perfmon_note(v, PERF_PG_REQ_OVERFLOW, 0, 1);
    if (wants_answer(v, req))
        answer(v, req, RESPONSE_SUCCESS);
    else
        drop(v);
    return VTD_PRQ_OVERFLOW;
}

/* Steps 2 to 4 of ref 7.1. */
static enum vtd_prq_result enqueue(struct vtd *v, const struct vtd_page_request *req, const struct resolved *r)
{
    if (reg_get32(v, VTD_REG_PRS) & vtd_reg_prs_put_pro(1)) {
        event_decide(v, "7.1 step 2", "PRO is set: nothing is queued until software clears it");
        return overflow(v, req);
    }
    const uint64_t pqa = reg_get64(v, VTD_REG_PQA);
    const uint64_t mask = ((uint64_t)VTD_PAGE << vtd_reg_pqa_pqs(pqa)) - 1;
    const uint64_t tail = reg_get64(v, VTD_REG_PQT) & mask & ~31ull;
    const uint64_t head = reg_get64(v, VTD_REG_PQH) & mask & ~31ull;
    const uint64_t next = (tail + VTD_PRQ_DESC_BYTES) & mask;
    if (next == head) {
        event_decide(v, "7.1 step 3", "the queue is full: PRO is set");
        set_status(v, (uint32_t)vtd_reg_prs_put_pro(1));
        return overflow(v, req);
    }
    event_decide_number(v, "7.1 step 4", "there is room in the queue, at byte", tail);
    invalidate_cause(v, req->addr, r);
    uint64_t q[VTD_PRQ_DESC_QWORDS] = {0};
    encode(v, req, q);
    for (unsigned i = 0; i < VTD_PRQ_DESC_QWORDS; i++)
        q[i] = mem_le64(q[i]);
    vtd_mem_write(v, (vtd_reg_pqa_pqa(pqa) << 12) + tail, q, sizeof q, VTD_MEM_PRQ);
    reg_set64(v, VTD_REG_PQT, next);
    v->stats.page_requests_queued++;
    perfmon_note(v, PERF_PG_REQ_POSTED, 0, 1);
    set_status(v, (uint32_t)vtd_reg_prs_put_ppr(1));
    return VTD_PRQ_QUEUED;
}

/* Step 1: the mode and the tables, up to and including the PASID entry. */
static uint8_t check_tables(struct vtd *v, const struct vtd_page_request *req, struct resolved *r)
{
    const bool has_pasid = req->flags & VTD_PRQ_PASID;
    const struct vtd_request as_request = {
        .addr = req->addr,
        .pasid = req->pasid,
        .sid = req->sid,
        .flags = (uint8_t)((has_pasid ? VTD_REQ_PASID : 0) | (req->flags & VTD_PRQ_PRIV ? VTD_REQ_PRIV : 0)),
    };
    r->fpd = false;
    if (v->ttm == VTD_TTM_LEGACY)
        return VTD_FAULT_RTA_3;
    const uint8_t reason = vtd_translate_check_mode(v, has_pasid);
    return reason ? reason : vtd_translate_resolve(v, &as_request, RESOLVE_PAGE_REQUEST, r);
}

enum vtd_status vtd_page_request_submit(struct vtd *v, const struct vtd_page_request *req, enum vtd_prq_result *result)
{
    const bool has_pasid = req->flags & VTD_PRQ_PASID;
    if (req->prgi > 0x1ff || (has_pasid ? req->pasid >> 20 != 0 : (req->flags & (VTD_PRQ_PRIV | VTD_PRQ_EXEC)) != 0))
        return VTD_STATUS_INVALID;
    struct resolved r = {0};
    v->stats.page_requests++;
    if (!unit_tes(v)) {
        event_decide(v, "4.1", "translation is disabled: the page request is dropped");
        *result = VTD_PRQ_DROPPED;
        return VTD_STATUS_OK;
    }
    const uint8_t reason = check_tables(v, req, &r);
    *result = reason ? reject(v, req, reason, r.fpd) : enqueue(v, req, &r);
    if (VTD_UNLIKELY(v->perfmon.active))
        vtd_perfmon_commit(v, &(struct perf_source){.sid = req->sid,
                                                    .pasid = req->pasid,
                                                    .has_pasid = has_pasid,
                                                    .did = r.entry.did,
                                                    .has_did = !reason,
                                                    .at = PERF_NO_AT});
    return VTD_STATUS_OK;
}
