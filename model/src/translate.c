/* SPDX-License-Identifier: MIT */
/* Requests of devices: the hit path, and the way to the steps behind it (ref 4.2). */
#include "event.h"
#include "foresee.h"
#include "job.h"
#include "lookup.h"
#include "perfmon.h"

#include <string.h>

static inline bool is_possible(const struct vtd_request *req)
{
    const bool has_pasid = req->flags & VTD_REQ_PASID;
    const bool wide = (req->addr & (VTD_PAGE - 1)) + req->len > VTD_PAGE;
    const bool bad_enum = (unsigned)req->access > VTD_ATOMIC || (unsigned)req->at > VTD_AT_TRANSLATED;
    const bool bad_pasid =
        has_pasid ? req->pasid >> 20 != 0 : (req->flags & VTD_REQ_PRIV) != 0 || req->access == VTD_EXEC;
    const bool bad_len = req->len == 0 && req->access != VTD_READ;
    return !(wide | bad_enum | bad_pasid | bad_len);
}

/* The request is over: counters of the performance monitor take what it did. */
static void count(const struct job *j)
{
    const struct vtd_request *req = j->req;
    const struct perf_source src = {
        .pasid = req->pasid,
        .sid = req->sid,
        .did = j->did,
        .at = req->at,
        .page_shift = j->resp->result == VTD_RESULT_OK ? j->resp->page_shift : 0,
        .has_pasid = req->flags & VTD_REQ_PASID,
        .has_did = j->has_did,
    };
    vtd_perfmon_note(j->v, PERF_IOMMU_REQUESTS, 0, 1);
    vtd_perfmon_commit(j->v, &src);
}

__attribute__((noinline)) static void translate_by_steps(struct vtd *v, const struct vtd_request *req,
                                                         struct vtd_response *resp, struct vtd_translation_tags *tags)
{
    struct job j;
    memset(&j, 0, offsetof(struct job, walk));
    j.v = v;
    j.req = req;
    j.resp = resp;
    j.tags = tags;
    if (VTD_UNLIKELY(v->events)) {
        struct vtd_event e = {.kind = VTD_EVENT_REQUEST, .section = "4.1", .req = req};
        vtd_event_emit(v, &e);
    }
    vtd_job_run(&j);
    if (VTD_UNLIKELY(v->perfmon.active))
        count(&j);
    if (VTD_UNLIKELY(v->events)) {
        struct vtd_event e = {.kind = VTD_EVENT_RESPONSE, .section = "4.2", .req = req, .resp = resp};
        vtd_event_emit(v, &e);
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
 * at one that is not in order. may: by flags of the request, v->fast or v->tapped. (Addresses of the interrupt range without
 * PASID are never in the IOTLB.)
 */
__attribute__((always_inline)) static inline bool
translate_hit(struct vtd *v, const bool *may, const struct vtd_request *req, struct vtd_response *resp)
{
    struct vtd_cache *c = &v->cache[VTD_CACHE_IOTLB];
    struct iotlb_last *last = &v->iotlb_last;
    const uint64_t addr = req->addr;
    const unsigned flags = req->flags;
    const unsigned last_byte = req->len - 1u; /* also sorts out len 0 */
    if (VTD_UNLIKELY((request_word(req) & REQUEST_WORD_ODD) | (last_byte > VTD_PAGE - 1 - (addr & (VTD_PAGE - 1))) |
                     !may[flags & (VTD_REQ_PASID | VTD_REQ_PRIV)]))
        return false;
    const uint64_t tag = iotlb_tag(req->sid, flags & VTD_REQ_PASID, req->pasid);
    if ((last->page ^ addr >> 12) | (last->tag ^ tag)) {
        unsigned classes = v->iotlb_classes;
        uint32_t i = VTD_CACHE_NONE;
        unsigned size_class = 0;
        for (; classes && i == VTD_CACHE_NONE; classes &= classes - 1) {
            size_class = (unsigned)__builtin_ctz(classes);
            i = vtd_cache_probe(c, iotlb_key(tag, addr, size_class));
        }
        if (VTD_UNLIKELY(i == VTD_CACHE_NONE))
            return false;
        *last = (struct iotlb_last){.page = addr >> 12, .tag = tag, .index = i, .size_class = size_class};
    }
    const uint64_t e = v->iotlb[last->index].frame_attr;
    const unsigned grants = iotlb_grants(e, flags & VTD_REQ_PRIV);
    if (VTD_UNLIKELY(iotlb_needs(req->access) & ~grants))
        return false;
    vtd_cache_touch(c, last->index);
    v->fast_hits++;
    resp->hpa = (e & bits_mask(51, 12)) | (addr & bits_low(12 + 9 * last->size_class));
    resp->result = VTD_RESULT_OK;
    resp->fault = VTD_FAULT_NONE;
    resp->page_shift = (uint8_t)(12 + 9 * (e >> IOTLB_SIZE_SHIFT & 3));
    const bool snoop = (e & IOTLB_SNOOP) || !(flags & VTD_REQ_NO_SNOOP);
    resp->attr = (uint8_t)((grants & 3) | (snoop ? VTD_ATTR_SNOOP : 0));
    return true;
}

__attribute__((noinline)) static enum vtd_status translate_checked(struct vtd *v, const struct vtd_request *req,
                                                                   struct vtd_response *resp)
{
    if (VTD_UNLIKELY(v->tap.id == VTD_CACHE_IOTLB) && translate_hit(v, v->tapped, req, resp)) {
        const uint32_t i = v->iotlb_last.index;
        lookup_tell(v, VTD_CACHE_IOTLB, VTD_CACHE_CHANGE_HIT, i, vtd_cache_key(&v->cache[VTD_CACHE_IOTLB], i));
        return VTD_STATUS_OK;
    }
    if (!is_possible(req))
        return VTD_STATUS_INVALID;
    foresee_leaf(v, req);
    v->stats.requests++;
    translate_by_steps(v, req, resp, NULL);
    return VTD_STATUS_OK;
}

enum vtd_status vtd_translate(struct vtd *v, const struct vtd_request *req, struct vtd_response *resp)
{
    return VTD_LIKELY(translate_hit(v, v->fast, req, resp)) ? VTD_STATUS_OK : translate_checked(v, req, resp);
}

enum vtd_status vtd_translate_batch(struct vtd *v, const struct vtd_request *req, struct vtd_response *resp,
                                    size_t count, size_t *done)
{
    enum vtd_status status = VTD_STATUS_OK;
    size_t i = 0;
    for (; i < count; i++)
        if (VTD_UNLIKELY(!translate_hit(v, v->fast, &req[i], &resp[i])) &&
            (status = translate_checked(v, &req[i], &resp[i])) != VTD_STATUS_OK)
            break;
    if (done)
        *done = i;
    return status;
}

enum vtd_status vtd_peek(struct vtd *v, const struct vtd_request *req, struct vtd_response *resp)
{
    return vtd_peek_tagged(v, req, resp, NULL);
}

enum vtd_status vtd_peek_tagged(struct vtd *v, const struct vtd_request *req, struct vtd_response *resp,
                                struct vtd_translation_tags *tags)
{
    if (!is_possible(req) || req->at != VTD_AT_UNTRANSLATED)
        return VTD_STATUS_INVALID;
    struct vtd_request quiet_req = *req;
    if (is_interrupt_range(req->addr) && !(req->flags & VTD_REQ_PASID) && req->access == VTD_WRITE && req->len == 4 &&
        req->addr % 4 == 0) { /* an interrupt would have effects: look at the range as a zero-length read does */
        quiet_req.len = 0;
        quiet_req.access = VTD_READ;
    }
    const struct vtd_stats stats = v->stats;
    struct cache_stats cache_stats[VTD_CACHES];
    uint64_t mem_reads[VTD_MEM_CLASSES];
    memcpy(cache_stats, v->cache_stats, sizeof cache_stats);
    memcpy(mem_reads, v->mem_reads, sizeof mem_reads);
    const bool events = v->events;
    struct record *const record = v->record;
    v->events = false;
    v->record = NULL;
    v->quiet = true;
    translate_by_steps(v, &quiet_req, resp, tags);
    v->quiet = false;
    v->events = events;
    v->record = record;
    memcpy(v->mem_reads, mem_reads, sizeof mem_reads);
    memcpy(v->cache_stats, cache_stats, sizeof cache_stats);
    v->stats = stats;
    return VTD_STATUS_OK;
}

/* Key and payload of the entry that the key leads to, and what a hit on it writes. */
static void prefetch_entry(const struct vtd_cache *c, struct vtd_key k, const void *payload, size_t size)
{
    const uint32_t i = vtd_cache_guess(c, k);
    if (i == VTD_CACHE_NONE)
        return;
    __builtin_prefetch(&c->key[i]);
    __builtin_prefetch((const char *)payload + i * size);
    if (c->hit_stamp)
        __builtin_prefetch(&c->hit_stamp[i], 1);
    else if (c->link)
        __builtin_prefetch(&c->link[i], 1);
}

void vtd_prefetch(const struct vtd *v, const struct vtd_request *req, unsigned stage)
{
    const struct vtd_cache *iotlb = &v->cache[VTD_CACHE_IOTLB], *pasid = &v->cache[VTD_CACHE_PASID];
    const bool has_pasid = req->flags & VTD_REQ_PASID;
    const struct vtd_key translation = iotlb_key(iotlb_tag(req->sid, has_pasid, req->pasid), req->addr, 0);
    const struct vtd_key entry = pasid_key(req->sid, has_pasid ? req->pasid : 0);
    if (stage == 0) {
        vtd_cache_prefetch(iotlb, translation);
        vtd_cache_prefetch(pasid, entry);
        return;
    }
    prefetch_entry(iotlb, translation, v->iotlb, sizeof *v->iotlb);
    prefetch_entry(pasid, entry, v->pasid, sizeof *v->pasid);
}
