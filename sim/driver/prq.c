/* SPDX-License-Identifier: MIT */
/*
 * Page requests (ref 7.1): the queue, what the page request thread does, responses by group, and the drain.
 */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Groups that are remembered at a time; a device cannot make the driver take more memory than this. */
#define MAX_GROUPS 4096

/* Turns of the drain before a device that keeps the queue full is given up. */
#define MAX_DRAINS 64

/* A group that is not answered yet: a request of it failed before the last one came, or somebody answers later. */
struct vtd_drv_prq_group {
    struct vtd_drv_page_request key;
    uint8_t code; /* worst answer so far */
    bool open;    /* the last one came, vtd_drv_page_respond is due */
};

/* ---------------------------------------------------------------- start */

/* Sets the message of the page request event and unmasks it (ref 1.10). */
static void set_event(struct vtd_drv *drv)
{
    const struct vtd_bus *bus = &drv->bus;
    if (!drv->options.page_event_address)
        return;
    bus->write32(bus->opaque, VTD_REG_PEDATA, drv->options.page_event_data);
    bus->write32(bus->opaque, VTD_REG_PEADDR, (uint32_t)drv->options.page_event_address);
    bus->write32(bus->opaque, VTD_REG_PEUADDR, (uint32_t)(drv->options.page_event_address >> 32));
    bus->write32(bus->opaque, VTD_REG_PECTL, 0);
    bus->read32(bus->opaque, VTD_REG_PECTL);
}

int vtd_drv_prq_start(struct vtd_drv *drv)
{
    const struct vtd_bus *bus = &drv->bus;
    struct vtd_drv_prq *p = &drv->prq;
    if (!drv->options.page_requests)
        return 0;
    p->order = drv->options.prq_size;
    p->bytes = VTD_DRV_PAGE << p->order;
    p->ring = bus->dma_alloc(bus->opaque, p->order, &p->ring_dma);
    if (!p->ring)
        return -ENOMEM;
    bus->write64(bus->opaque, VTD_REG_PQH, 0);
    bus->write64(bus->opaque, VTD_REG_PQT, 0);
    bus->write64(bus->opaque, VTD_REG_PQA, p->ring_dma | vtd_reg_pqa_put_pqs(p->order));
    bus->write32(bus->opaque, VTD_REG_PRS, (uint32_t)(vtd_reg_prs_put_ppr(1) | vtd_reg_prs_put_pro(1)));
    set_event(drv);
    return 0;
}

void vtd_drv_set_page_handler(struct vtd_drv *drv, vtd_drv_page_handler *handler, void *arg)
{
    drv->prq.handler = handler;
    drv->prq.arg = arg;
}

/* ---------------------------------------------------------------- groups */

static bool same_group(const struct vtd_drv_page_request *a, const struct vtd_drv_page_request *b)
{
    return a->sid == b->sid && a->prgi == b->prgi && a->has_pasid == b->has_pasid && a->pasid == b->pasid;
}

static struct vtd_drv_prq_group *group_find(struct vtd_drv_prq *p, const struct vtd_drv_page_request *req)
{
    for (size_t i = 0; i < p->groups; i++)
        if (same_group(&p->group[i].key, req))
            return &p->group[i];
    return NULL;
}

static void group_put(struct vtd_drv_prq *p, struct vtd_drv_prq_group *group)
{
    *group = p->group[--p->groups];
}

/*
 * Forgets groups of which only failures are known: after a loss of requests, as their last ones may be among the lost;
 * and when there are too many. Then "success" is said to a device that comes again for the page that failed.
 */
static void discard_partial(struct vtd_drv_prq *p)
{
    for (size_t i = 0; i < p->groups;) {
        if (p->group[i].open)
            i++;
        else
            group_put(p, &p->group[i]);
    }
}

/* The group of a request, made if it is not there; NULL when too many wait for a response. */
static struct vtd_drv_prq_group *group_get(struct vtd_drv_prq *p, const struct vtd_drv_page_request *req)
{
    struct vtd_drv_prq_group *group = group_find(p, req);
    if (group)
        return group;
    if (p->groups == MAX_GROUPS)
        discard_partial(p);
    if (p->groups == MAX_GROUPS)
        return NULL;
    if (p->groups == p->capacity) {
        const size_t capacity = p->capacity ? 2 * p->capacity : 16;
        group = realloc(p->group, capacity * sizeof(*group));
        if (!group)
            return NULL;
        p->group = group;
        p->capacity = capacity;
    }
    group = &p->group[p->groups++];
    *group = (struct vtd_drv_prq_group){.key = *req};
    return group;
}

/* ---------------------------------------------------------------- responses */

static void respond(struct vtd_drv *drv, const struct vtd_drv_page_request *req, unsigned code)
{
    uint64_t d[4] = {0};
    vtd_pg_resp_set_type_lo(d, VTD_TYPE_PG_RESP);
    vtd_pg_resp_set_pp(d, req->has_pasid);
    vtd_pg_resp_set_rc(d, code);
    vtd_pg_resp_set_rid(d, req->sid);
    vtd_pg_resp_set_pasid(d, req->has_pasid ? req->pasid : 0);
    vtd_pg_resp_set_prgi(d, req->prgi);
    if (req->has_private) {
        vtd_pg_resp_set_pdp(d, 1);
        vtd_pg_resp_set_priv0(d, req->private_data[0]);
        vtd_pg_resp_set_priv1(d, req->private_data[1]);
    }
    vtd_drv_inv_push(drv, d);
}

/* Notes the answer to one request; the last one of a group makes the response, with the worst answer of the group. */
static void answer(struct vtd_drv *drv, const struct vtd_drv_page_request *req, unsigned code)
{
    struct vtd_drv_prq *p = &drv->prq;
    const bool later = code == VTD_DRV_PAGE_LATER;
    struct vtd_drv_prq_group *group = group_find(p, req);
    if (later)
        code = VTD_DRV_PAGE_SUCCESS;
    if (!req->last) {
        if (code != VTD_DRV_PAGE_SUCCESS)
            group = group_get(p, req);
        if (group && code > group->code)
            group->code = (uint8_t)code;
        return;
    }
    if (later) {
        group = group_get(p, req);
        if (group) {
            group->key = *req;
            group->open = true;
        } else {
            respond(drv, req, VTD_DRV_PAGE_INVALID); /* too many: this one is not waited for */
        }
        return;
    }
    if (group && group->code > code)
        code = group->code;
    if (group)
        group_put(p, group);
    respond(drv, req, code);
}

int vtd_drv_page_respond(struct vtd_drv *drv, const struct vtd_drv_page_request *req, enum vtd_drv_page_answer code)
{
    struct vtd_drv_prq_group *group = group_find(&drv->prq, req);
    if (code != VTD_DRV_PAGE_SUCCESS && code != VTD_DRV_PAGE_INVALID && code != VTD_DRV_PAGE_FAILURE)
        return -EINVAL;
    if (!group || !group->open)
        return -ENOENT;
    const struct vtd_drv_page_request key = group->key; /* as it came, with its private data */
    const unsigned worst = group->code > (unsigned)code ? group->code : (unsigned)code;
    group_put(&drv->prq, group);
    respond(drv, &key, worst);
    return vtd_drv_inv_sync(drv);
}

/* ---------------------------------------------------------------- requests */

/* What is being drained: its requests are not handled any more. */
struct drain {
    bool everything;
    uint16_t sid;
    uint32_t pasid;
    unsigned code;
};

static bool is_drained(const struct drain *drain, const struct vtd_drv_page_request *req)
{
    if (!drain || (!drain->everything && req->sid != drain->sid))
        return false;
    return drain->everything || drain->pasid == VTD_DRV_ALL_PASIDS ||
           (req->has_pasid ? req->pasid : VTD_DRV_RID_PASID) == drain->pasid;
}

static void decode(const uint64_t *q, struct vtd_drv_page_request *req)
{
    *req = (struct vtd_drv_page_request){
        .addr = vtd_prq_desc_addr(q) << 12,
        .pasid = vtd_prq_desc_pp(q) ? (uint32_t)vtd_prq_desc_pasid(q) : 0,
        .sid = (uint16_t)vtd_prq_desc_rid(q),
        .prgi = (uint16_t)vtd_prq_desc_prgi(q),
        .has_pasid = vtd_prq_desc_pp(q),
        .privileged = vtd_prq_desc_pmr(q),
        .execute = vtd_prq_desc_exr(q),
        .read = vtd_prq_desc_rdr(q),
        .write = vtd_prq_desc_wrr(q),
        .last = vtd_prq_desc_lpig(q),
        .has_private = vtd_prq_desc_pdp(q),
        .private_data = {vtd_prq_desc_priv0(q), vtd_prq_desc_priv1(q)},
    };
}

/* The checks that Linux makes, before anybody is asked (ref 10.1). */
static bool is_good(const struct vtd_drv *drv, const struct vtd_drv_page_request *req)
{
    const struct vtd_drv_device *device = vtd_drv_device_find(drv, req->sid);
    const struct vtd_drv_domain *domain = req->domain;
    if (!device || !device->ats.pri || !domain)
        return false;
    if (!vtd_drv_domain_has(domain, req->addr, req->addr + (VTD_DRV_PAGE - 1)))
        return false;
    if (req->privileged && (req->read || req->write) && !(domain->entry_flags & VTD_DRV_ENTRY_SRE))
        return false;
    return !(req->execute && req->read);
}

static void handle_one(struct vtd_drv *drv, const uint64_t *q, const struct drain *drain)
{
    struct vtd_drv_page_request req;
    if (vtd_prq_desc_type(q) != 1)
        return;
    decode(q, &req);
    if (req.last && !req.read && !req.write) /* a stop marker is not answered */
        return;
    req.domain = vtd_drv_attached(drv, req.sid, req.has_pasid ? req.pasid : VTD_DRV_RID_PASID);
    unsigned code = VTD_DRV_PAGE_INVALID;
    if (is_drained(drain, &req))
        code = drain->code;
    else if (drv->prq.handler && is_good(drv, &req))
        code = drv->prq.handler(drv->prq.arg, &req);
    answer(drv, &req, code);
}

/*
 * Takes the requests from head to tail. PPR is cleared first, so that whatever comes meanwhile raises a new event. Each
 * slot is given back at once: a handler may take long.
 */
static int handle_round(struct vtd_drv *drv, const struct drain *drain)
{
    const struct vtd_bus *bus = &drv->bus;
    struct vtd_drv_prq *p = &drv->prq;
    int count = 0;
    bus->write32(bus->opaque, VTD_REG_PRS, (uint32_t)vtd_reg_prs_put_ppr(1));
    const uint64_t mask = p->bytes - VTD_PRQ_DESC_BYTES;
    const uint64_t tail = bus->read64(bus->opaque, VTD_REG_PQT) & mask;
    uint64_t head = bus->read64(bus->opaque, VTD_REG_PQH) & mask;
    if (bus->dma_rmb)
        bus->dma_rmb(bus->opaque);
    while (head != tail) {
        uint64_t q[VTD_PRQ_DESC_QWORDS];
        memcpy(q, p->ring + head / sizeof(*q), sizeof(q));
        head = (head + VTD_PRQ_DESC_BYTES) & mask;
        bus->write64(bus->opaque, VTD_REG_PQH, head);
        handle_one(drv, q, drain);
        count++;
    }
    return count;
}

/* Empties the queue and ends an overflow (ref 7.1). Returns the number of requests. */
static int handle_all(struct vtd_drv *drv, const struct drain *drain, bool *overflow)
{
    const struct vtd_bus *bus = &drv->bus;
    int count = handle_round(drv, drain);
    *overflow = vtd_reg_prs_pro(bus->read32(bus->opaque, VTD_REG_PRS));
    if (*overflow) {
        count += handle_round(drv, drain); /* what came before the overflow, as nothing comes after it */
        discard_partial(&drv->prq);
        bus->write32(bus->opaque, VTD_REG_PRS, (uint32_t)vtd_reg_prs_put_pro(1));
    }
    return count;
}

int vtd_drv_handle_page_requests(struct vtd_drv *drv, bool *overflow)
{
    bool lost = false;
    if (overflow)
        *overflow = false;
    if (!drv->running || !drv->prq.ring)
        return -ENODEV;
    const int count = handle_all(drv, NULL, &lost);
    const int error = vtd_drv_inv_sync(drv);
    if (overflow)
        *overflow = lost;
    return error ? error : count;
}

/* ---------------------------------------------------------------- drain */

/* Forgets groups of what is drained; who waits for a response gets it. */
static void close_groups(struct vtd_drv *drv, const struct drain *drain)
{
    struct vtd_drv_prq *p = &drv->prq;
    for (size_t i = 0; i < p->groups;) {
        struct vtd_drv_prq_group *group = &p->group[i];
        if (!is_drained(drain, &group->key)) {
            i++;
            continue;
        }
        if (group->open)
            respond(drv, &group->key, drain->code);
        group_put(p, group);
    }
}

/* The middle of the recipe: IOTLB and device TLB of what is drained, so that their drains come before the wait. */
static void push_invalidations(struct vtd_drv *drv, struct vtd_drv_device *device, uint32_t pasid,
                               const struct vtd_drv_domain *domain)
{
    if (pasid == VTD_DRV_ALL_PASIDS) {
        vtd_drv_inv_domains_of(drv, device, false);
        vtd_drv_dtlb_device(drv, device);
        return;
    }
    if (domain)
        vtd_drv_inv_entry_iotlb(drv, domain, pasid);
    vtd_drv_dtlb_one(drv, device, pasid);
}

int vtd_drv_prq_drain(struct vtd_drv *drv, struct vtd_drv_device *device, uint32_t pasid,
                      const struct vtd_drv_domain *domain, enum vtd_drv_page_answer code)
{
    const struct drain drain = {.sid = device->sid, .pasid = pasid, .code = code};
    bool lost = true;
    int error = 0;
    if (!drv->running || !drv->prq.ring)
        return 0;
    handle_all(drv, &drain, &lost);
    lost = true;
    for (unsigned turn = 0; lost && !error; turn++) {
        if (turn == MAX_DRAINS)
            return -ETIMEDOUT;
        vtd_drv_queue_fence(drv);
        push_invalidations(drv, device, pasid, domain);
        error = vtd_drv_inv_drain(drv);
        /* An overflow may have cost the unit what it should have put into the queue before the wait: once more then. */
        handle_all(drv, &drain, &lost);
    }
    close_groups(drv, &drain);
    const int second = vtd_drv_inv_sync(drv);
    return error ? error : second;
}

int vtd_drv_drain_page_requests(struct vtd_drv *drv, uint16_t sid, uint32_t pasid)
{
    struct vtd_drv_device *device = vtd_drv_device_find(drv, sid);
    if (!device)
        return -ENOENT;
    const struct vtd_drv_domain *domain = pasid == VTD_DRV_ALL_PASIDS ? NULL : vtd_drv_attached(drv, sid, pasid);
    return vtd_drv_prq_drain(drv, device, pasid, domain, VTD_DRV_PAGE_INVALID);
}

/* ---------------------------------------------------------------- stop */

void vtd_drv_prq_stop(struct vtd_drv *drv)
{
    struct vtd_drv_prq *p = &drv->prq;
    const struct drain all = {.everything = true, .code = VTD_DRV_PAGE_INVALID};
    bool lost;
    if (!p->ring)
        return;
    handle_all(drv, &all, &lost); /* no device waits for ever */
    close_groups(drv, &all);
    vtd_drv_inv_sync(drv);
    drv->bus.write32(drv->bus.opaque, VTD_REG_PECTL, (uint32_t)vtd_reg_pectl_put_im(1));
    drv->bus.write64(drv->bus.opaque, VTD_REG_PQH, 0);
    drv->bus.write64(drv->bus.opaque, VTD_REG_PQT, 0);
    drv->bus.write64(drv->bus.opaque, VTD_REG_PQA, 0);
    drv->bus.dma_free(drv->bus.opaque, p->ring_dma, p->order);
    p->ring = NULL;
    free(p->group);
    p->group = NULL;
    p->groups = p->capacity = 0;
}
