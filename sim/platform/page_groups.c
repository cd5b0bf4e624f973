/* SPDX-License-Identifier: MIT */
/* Page requests of a function: groups, their responses, and the accesses that wait for them. See requester.h. */
#include "requester_internal.h"

#define PAGE 4096u

static uint8_t flags_of(const struct vtd_request *want)
{
    static const uint8_t rights[] = {
        [VTD_READ] = VTD_PRQ_READ,
        [VTD_WRITE] = VTD_PRQ_WRITE,
        [VTD_EXEC] = VTD_PRQ_READ | VTD_PRQ_EXEC,
        [VTD_ATOMIC] = VTD_PRQ_READ | VTD_PRQ_WRITE,
    };
    unsigned flags = rights[want->access];
    if (want->flags & VTD_REQ_PASID)
        flags |= VTD_PRQ_PASID;
    if (want->flags & VTD_REQ_PRIV)
        flags |= VTD_PRQ_PRIV;
    return (uint8_t)flags;
}

static uint16_t after(uint16_t prgi)
{
    return prgi == VTD_REQUESTER_GROUPS_MAX ? 1 : prgi + 1;
}

/* A free index, taken in turn so that a late response meets no new group; -1 when the limit is reached. */
static int allocate(struct vtd_requester *r)
{
    if (r->groups_busy >= r->group_limit)
        return -1;
    while (r->group[r->next_group].state != VTD_PAGE_GROUP_FREE)
        r->next_group = after(r->next_group);
    const int prgi = r->next_group;
    r->next_group = after(r->next_group);
    r->groups_busy++;
    return prgi;
}

static void release(struct vtd_requester *r, uint16_t prgi)
{
    r->waiting -= r->group[prgi].state == VTD_PAGE_GROUP_WAITING;
    r->group[prgi].state = VTD_PAGE_GROUP_FREE;
    r->groups_busy--;
}

/*
 * Sends the requests of a group. The unit may answer it at once, from inside of the last call. A last request that is
 * dropped without an answer (translation is off) leaves nothing to wait for: DENIED.
 */
static enum vtd_requester_result send_group(struct vtd_requester *r, const struct vtd_request *want, unsigned count,
                                            bool has_access, uint16_t *prgi)
{
    const int index = allocate(r);
    if (index < 0)
        return VTD_REQUESTER_BUSY;
    *prgi = (uint16_t)index;
    r->group[index] =
        (struct vtd_page_group){.access = *want, .state = VTD_PAGE_GROUP_WAITING, .has_access = has_access};
    r->waiting++;
    struct vtd_page_request req = {
        .addr = want->addr & ~(uint64_t)(PAGE - 1),
        .pasid = want->flags & VTD_REQ_PASID ? want->pasid : 0,
        .sid = r->config.sid,
        .prgi = (uint16_t)index,
        .flags = flags_of(want),
    };
    enum vtd_prq_result result = VTD_PRQ_DROPPED;
    if (r->clock)
        vtd_timing_watch(r->clock->timing);
    for (unsigned i = 0; i < count; i++, req.addr += PAGE) {
        if (i == count - 1)
            req.flags |= VTD_PRQ_LAST;
        r->stats.page_requests++;
        if (vtd_page_request_submit(r->unit, &req, &result) != VTD_STATUS_OK) {
            release(r, *prgi);
            return VTD_REQUESTER_INVALID;
        }
    }
    if (r->clock) { /* the message travels, and is written to the queue */
        const uint64_t arrival = r->clock->now + vtd_timing_config_get(r->clock->timing)->link_latency;
        vtd_clock_spend(r->clock, VTD_TIMING_PAGING, vtd_timing_lay(r->clock->timing, arrival));
    }
    if (result == VTD_PRQ_DROPPED) {
        release(r, *prgi);
        return VTD_REQUESTER_DENIED;
    }
    return VTD_REQUESTER_WAITING;
}

enum vtd_requester_result vtd_requester_ask_for_page(struct vtd_requester *r, const struct vtd_request *access,
                                                     struct vtd_requester_outcome *out)
{
    const enum vtd_requester_result result = r->pri ? send_group(r, access, 1, true, &out->prgi) : VTD_REQUESTER_DENIED;
    out->result = (uint8_t)result;
    return result;
}

enum vtd_requester_result vtd_requester_request_pages(struct vtd_requester *r, const struct vtd_request *want,
                                                      unsigned count, uint16_t *prgi)
{
    const bool has_pasid = want->flags & VTD_REQ_PASID;
    const bool bad_pasid = has_pasid ? !r->config.pasid || want->pasid >> 20 != 0
                                     : (want->flags & VTD_REQ_PRIV) != 0 || want->access == VTD_EXEC;
    if (!r->pri || count == 0 || bad_pasid || want->access > VTD_ATOMIC)
        return VTD_REQUESTER_INVALID;
    return send_group(r, want, count, false, prgi);
}

bool vtd_requester_collect(struct vtd_requester *r, uint16_t prgi, uint8_t *code)
{
    if (prgi >= VTD_REQUESTER_GROUPS || r->group[prgi].state != VTD_PAGE_GROUP_ANSWERED)
        return false;
    *code = r->group[prgi].code;
    release(r, prgi);
    return true;
}

enum vtd_requester_result vtd_requester_retry(struct vtd_requester *r, uint16_t prgi, struct vtd_requester_outcome *out)
{
    *out = (struct vtd_requester_outcome){.result = VTD_REQUESTER_INVALID};
    if (prgi >= VTD_REQUESTER_GROUPS || !r->group[prgi].has_access)
        return VTD_REQUESTER_INVALID;
    if (r->group[prgi].state == VTD_PAGE_GROUP_WAITING) {
        out->result = VTD_REQUESTER_WAITING;
        out->prgi = prgi;
        return VTD_REQUESTER_WAITING;
    }
    uint8_t code = 0;
    if (!vtd_requester_collect(r, prgi, &code))
        return VTD_REQUESTER_INVALID;
    if (code == 0) {
        const struct vtd_request access = r->group[prgi].access;
        return vtd_requester_access(r, &access, out);
    }
    out->result = VTD_REQUESTER_DENIED;
    out->code = code;
    return VTD_REQUESTER_DENIED;
}

enum vtd_prq_result vtd_requester_stop_marker(struct vtd_requester *r, uint32_t pasid)
{
    const struct vtd_page_request req = {
        .pasid = pasid & 0xfffff, .sid = r->config.sid, .flags = VTD_PRQ_PASID | VTD_PRQ_LAST};
    enum vtd_prq_result result = VTD_PRQ_DROPPED;
    vtd_page_request_submit(r->unit, &req, &result);
    r->stats.page_requests++;
    return result;
}

unsigned vtd_requester_outstanding(const struct vtd_requester *r)
{
    return r->waiting;
}

void vtd_requester_page_response(struct vtd_requester *r, const struct vtd_page_response *resp)
{
    struct vtd_page_group *g = &r->group[resp->prgi % VTD_REQUESTER_GROUPS];
    const bool has_pasid = g->access.flags & VTD_REQ_PASID;
    r->stats.page_responses++;
    if (g->state != VTD_PAGE_GROUP_WAITING || resp->has_pasid != has_pasid ||
        (has_pasid && resp->pasid != g->access.pasid)) {
        r->stats.unexpected_responses++;
        return;
    }
    g->state = VTD_PAGE_GROUP_ANSWERED;
    g->code = resp->code;
    r->waiting--;
    if (resp->code == 15)
        r->pri = false;
}

bool vtd_requester_set_pri(struct vtd_requester *r, bool on)
{
    if (!r->config.pri)
        return false;
    r->pri = on;
    return true;
}

bool vtd_requester_has_pri_on(const struct vtd_requester *r)
{
    return r->pri;
}
