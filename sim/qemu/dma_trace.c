/* SPDX-License-Identifier: MIT */
/* The DMA behind a unit as a trace. See dma_trace.h. */
#include "dma_trace.h"

#include "vtd/vtd_structs.h"

/* G of the two descriptors that invalidate the IOTLB (ref 3.1). */
enum {
    IOTLB_GLOBAL = 1,
    IOTLB_DOMAIN = 2,
    IOTLB_PAGES = 3,
    PASID_ALL = 2,
    PASID_PAGES = 3,
};

static void put(struct vtd_dma_trace *t, const struct vtd_record *record)
{
    if (!t->failed)
        t->failed = vtd_trace_writer_record(t->writer, record, t->why) != 0;
}

/* ---------------------------------------------------------------- accesses */

/* Remembers by what tags invalidations will select what this request used. */
static void note_space(struct vtd_dma_trace *t, const struct vtd_request *q)
{
    struct vtd_response response;
    struct vtd_translation_tags tags;
    const bool has_pasid = (q->flags & VTD_REQ_PASID) != 0;
    const uint32_t pasid = has_pasid ? q->pasid : 0;
    if (vtd_peek_tagged(t->unit, q, &response, &tags) != VTD_STATUS_OK || response.result != VTD_RESULT_OK ||
        response.page_shift == 0)
        return;
    unsigned i = 0;
    while (i < t->spaces &&
           (t->space[i].sid != q->sid || t->space[i].has_pasid != has_pasid || t->space[i].pasid != pasid))
        i++;
    if (i == VTD_DMA_TRACE_SPACES)
        return;
    t->space[i] = (struct vtd_dma_space){
        .sid = q->sid, .did = tags.did, .has_pasid = has_pasid, .pasid = pasid, .tag = tags.pasid};
    if (i == t->spaces)
        t->spaces++;
}

static void on_response(struct vtd_dma_trace *t, const struct vtd_request *q, const struct vtd_response *s,
                        uint64_t time_ns)
{
    if (q->at != VTD_AT_UNTRANSLATED || s->result != VTD_RESULT_OK || q->len == 0)
        return;
    note_space(t, q);
    const struct vtd_record record = {
        .iova = q->addr,
        .time_ns = t->time_ns = time_ns,
        .pasid = q->pasid,
        .sid = q->sid,
        .len = q->len,
        .kind = q->access == VTD_READ ? VTD_RECORD_READ : VTD_RECORD_WRITE,
        .has_pasid = (q->flags & VTD_REQ_PASID) != 0,
    };
    t->accesses++;
    put(t, &record);
}

/* ---------------------------------------------------------------- invalidations */

/* What a descriptor selects. */
struct selection {
    bool has_did, has_pasid;
    uint16_t did;
    uint32_t pasid;
    uint64_t page; /* with pages: a page number */
    uint32_t pages;
};

static void unmap(struct vtd_dma_trace *t, const struct selection *s)
{
    for (unsigned i = 0; i < t->spaces; i++) {
        const struct vtd_dma_space *space = &t->space[i];
        if ((s->has_did && space->did != s->did) || (s->has_pasid && space->tag != s->pasid))
            continue;
        const struct vtd_record record = {
            .iova = s->page << 12,
            .time_ns = t->time_ns,
            .pages = s->pages,
            .pasid = space->pasid,
            .sid = space->sid,
            .kind = s->pages ? VTD_RECORD_UNMAP : VTD_RECORD_UNMAP_ALL,
            .has_pasid = space->has_pasid,
        };
        t->unmaps++;
        put(t, &record);
    }
}

/* 2^am pages from the page on that they begin with; larger than a record can say: everything. */
static void select_pages(struct selection *s, uint64_t page, uint64_t am)
{
    s->pages = am < 32 ? UINT32_C(1) << am : 0;
    s->page = s->pages ? page & ~(uint64_t)(s->pages - 1) : 0;
}

static void on_iotlb(struct vtd_dma_trace *t, const uint64_t *q)
{
    const uint64_t g = vtd_iotlb_inv_g(q);
    struct selection s = {.has_did = g != IOTLB_GLOBAL, .did = (uint16_t)vtd_iotlb_inv_did(q)};
    if (g < IOTLB_GLOBAL)
        return;
    if (g == IOTLB_PAGES)
        select_pages(&s, vtd_iotlb_inv_addr(q), vtd_iotlb_inv_am(q));
    unmap(t, &s);
}

static void on_pasid_iotlb(struct vtd_dma_trace *t, const uint64_t *q)
{
    const uint64_t g = vtd_p_iotlb_inv_g(q);
    struct selection s = {.has_did = true,
                          .has_pasid = true,
                          .did = (uint16_t)vtd_p_iotlb_inv_did(q),
                          .pasid = (uint32_t)vtd_p_iotlb_inv_pasid(q)};
    if (g < PASID_ALL)
        return;
    if (g == PASID_PAGES)
        select_pages(&s, vtd_p_iotlb_inv_addr(q), vtd_p_iotlb_inv_am(q));
    unmap(t, &s);
}

static unsigned descriptor_type(const uint64_t *q)
{
    return (unsigned)((q[0] & 0xf) | (q[0] >> 9 & 7) << 4); /* ref 3 */
}

void vtd_dma_trace_event(struct vtd_dma_trace *t, const struct vtd_event *e, uint64_t time_ns)
{
    if (e->kind == VTD_EVENT_RESPONSE)
        on_response(t, e->req, e->resp, time_ns);
    if (e->kind != VTD_EVENT_MEM_READ || e->unit != VTD_MEM_DESCRIPTOR || e->error || e->count < 2)
        return;
    const unsigned type = descriptor_type(e->value);
    if (type == VTD_TYPE_IOTLB_INV)
        on_iotlb(t, e->value);
    else if (type == VTD_TYPE_P_IOTLB_INV)
        on_pasid_iotlb(t, e->value);
}
