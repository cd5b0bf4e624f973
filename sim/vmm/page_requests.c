/* SPDX-License-Identifier: MIT */
/*
 * Page requests on their way to the guest, and responses on their way back (ref 7.1, 9). The virtual unit has a page
 * request queue of its own: a request is submitted to it under the guest's source-id and PASID, and is checked, dropped
 * or answered there by the guest's tables and by the room in the guest's queue, as a unit of its own would.
 *
 * What keeps guests apart: a response goes on only for a group of this machine that waits, under the PASID that is
 * bound at that moment; the host's driver has the group, with its private data, and takes nothing but the code. How
 * many groups may wait is limited for each machine, as the host's driver has a limit for all.
 */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>

#define DEFAULT_GROUPS 256u

struct vtd_vmm_group {
    struct vtd_vmm_who who;
    uint16_t prgi;
};

int vtd_vmm_groups_init(struct vtd_vmm *vmm)
{
    struct vtd_vmm_groups *g = &vmm->groups;
    if (!vmm->config.page_requests)
        return 0;
    g->limit = vmm->config.page_groups ? vmm->config.page_groups : DEFAULT_GROUPS;
    g->waiting = calloc(g->limit, sizeof(*g->waiting));
    g->held = calloc(g->limit, sizeof(*g->held));
    return g->waiting && g->held ? 0 : -ENOMEM;
}

void vtd_vmm_groups_fini(struct vtd_vmm *vmm)
{
    free(vmm->groups.waiting);
    free(vmm->groups.held);
}

/* ---------------------------------------------------------------- groups that wait for the guest */

static bool same_who(const struct vtd_vmm_who *a, const struct vtd_vmm_who *b)
{
    return a->device == b->device && a->has_pasid == b->has_pasid && a->gpasid == b->gpasid;
}

static struct vtd_vmm_group *find(struct vtd_vmm_groups *g, const struct vtd_vmm_who *who, uint16_t prgi)
{
    for (uint32_t i = 0; i < g->count; i++)
        if (g->waiting[i].prgi == prgi && same_who(&g->waiting[i].who, who))
            return &g->waiting[i];
    return NULL;
}

static void drop(struct vtd_vmm_groups *g, struct vtd_vmm_group *group)
{
    *group = g->waiting[--g->count];
}

void vtd_vmm_groups_forget(struct vtd_vmm *vmm, const struct vtd_vmm_who *who)
{
    struct vtd_vmm_groups *g = &vmm->groups;
    for (uint32_t i = 0; i < g->count;) {
        if (same_who(&g->waiting[i].who, who))
            drop(g, &g->waiting[i]);
        else
            i++;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < g->held_count; i++)
        if (!same_who(&g->held[i].who, who))
            g->held[kept++] = g->held[i];
    g->held_count = kept;
}

/* ---------------------------------------------------------------- back to the host */

static int answer(struct vtd_vmm *vmm, struct vtd_vmm_group *group, enum vtd_drv_page_answer code)
{
    const struct vtd_vmm_who who = group->who;
    const struct vtd_drv_page_request request = {
        .sid = who.device->host_sid,
        .has_pasid = who.hpasid != VTD_DRV_RID_PASID,
        .pasid = who.hpasid,
        .prgi = group->prgi,
        .last = true,
    };
    drop(&vmm->groups, group);
    const int error = vtd_drv_page_respond(vmm->config.driver, &request, code);
    vmm->stats.host_errors += error != 0 && error != -ENOENT; /* -ENOENT: the host has drained it meanwhile */
    vtd_vmm_tell(vmm, &(struct vtd_vmm_event){.kind = VTD_VMM_PAGE_RESPONSE,
                                              .guest_sid = who.device->guest_sid,
                                              .host_sid = who.device->host_sid,
                                              .gpasid = who.gpasid,
                                              .hpasid = who.hpasid,
                                              .prgi = request.prgi,
                                              .code = (uint8_t)code,
                                              .result = error});
    return error;
}

/*
 * A device takes a code that does not exist for "response failure" (PCIe), and turns page requests off: of a device
 * that others have parts of, a guest cannot do that.
 */
static enum vtd_drv_page_answer code_of(const struct vtd_vmm_device *device, uint8_t code)
{
    if (code == VTD_DRV_PAGE_SUCCESS || code == VTD_DRV_PAGE_INVALID)
        return code;
    return device->rid_pasid != VTD_DRV_RID_PASID ? VTD_DRV_PAGE_INVALID : VTD_DRV_PAGE_FAILURE;
}

void vtd_vmm_page_response(void *opaque, const struct vtd_page_response *resp)
{
    struct vtd_vmm *vmm = opaque;
    struct vtd_vmm_who who;
    if (vmm->injecting) /* the virtual unit's own answer: the result of the submission says it, too */
        return;
    struct vtd_vmm_group *group = NULL;
    if (vtd_vmm_by_guest(vmm, resp->sid, resp->has_pasid, resp->pasid, &who))
        group = find(&vmm->groups, &who, resp->prgi);
    if (group) {
        vmm->stats.page_responses++;
        answer(vmm, group, code_of(who.device, resp->code));
        return;
    }
    vmm->stats.page_responses_refused++;
    vtd_vmm_tell(vmm, &(struct vtd_vmm_event){.kind = VTD_VMM_PAGE_RESPONSE,
                                              .guest_sid = resp->sid,
                                              .gpasid = resp->pasid,
                                              .prgi = resp->prgi,
                                              .code = resp->code,
                                              .result = -ENOENT});
}

unsigned vtd_vmm_expire_page_requests(struct vtd_vmm *vmm)
{
    const unsigned count = vmm->groups.count;
    while (vmm->groups.count > 0)
        answer(vmm, &vmm->groups.waiting[0], VTD_DRV_PAGE_INVALID);
    vmm->stats.page_requests_expired += count;
    return count;
}

/* ---------------------------------------------------------------- to the guest */

/* Into the guest's queue. What the host's driver is to do with the request then. */
static enum vtd_drv_page_answer inject(struct vtd_vmm *vmm, const struct vtd_page_request *request)
{
    enum vtd_prq_result result = VTD_PRQ_DROPPED;
    vmm->injecting = true;
    const enum vtd_status status = vtd_page_request_submit(vmm->unit, request, &result);
    vmm->injecting = false;
    if (status != VTD_STATUS_OK)
        return VTD_DRV_PAGE_INVALID;
    switch (result) {
    case VTD_PRQ_QUEUED:
        vmm->stats.page_requests++;
        return request->flags & VTD_PRQ_LAST ? VTD_DRV_PAGE_LATER : VTD_DRV_PAGE_SUCCESS;
    case VTD_PRQ_OVERFLOW: /* "success" without a page: the device comes again (ref 7.1 step 2) */
        vmm->stats.page_requests_overflowed++;
        return VTD_DRV_PAGE_SUCCESS;
    default:
        vmm->stats.page_requests_refused++;
        return VTD_DRV_PAGE_INVALID;
    }
}

static void tell_request(struct vtd_vmm *vmm, const struct vtd_vmm_who *who, const struct vtd_page_request *request)
{
    vtd_vmm_tell(vmm, &(struct vtd_vmm_event){.kind = VTD_VMM_PAGE_REQUEST,
                                              .guest_sid = who->device->guest_sid,
                                              .host_sid = who->device->host_sid,
                                              .gpasid = who->gpasid,
                                              .hpasid = who->hpasid,
                                              .addr = request->addr,
                                              .size = 4096,
                                              .prgi = request->prgi});
}

static struct vtd_page_request to_guest(const struct vtd_vmm_who *who, const struct vtd_drv_page_request *r)
{
    const unsigned with_pasid = VTD_PRQ_PASID | (r->privileged ? VTD_PRQ_PRIV : 0) | (r->execute ? VTD_PRQ_EXEC : 0);
    return (struct vtd_page_request){
        .addr = r->addr,
        .sid = who->device->guest_sid,
        .pasid = who->gpasid,
        .prgi = r->prgi,
        .flags = (uint8_t)((who->has_pasid ? with_pasid : 0) | (r->read ? VTD_PRQ_READ : 0) |
                           (r->write ? VTD_PRQ_WRITE : 0) | (r->last ? VTD_PRQ_LAST : 0) |
                           (r->has_private ? VTD_PRQ_PRIVATE : 0)),
        .private_data = {r->private_data[0], r->private_data[1]},
    };
}

/*
 * The virtual unit is in the middle of a descriptor, whose consequence on the host made the host's driver empty its
 * queue: the request is kept until the unit is done. No room for it is an overflow of the guest's queue.
 */
static enum vtd_drv_page_answer hold(struct vtd_vmm *vmm, const struct vtd_vmm_who *who,
                                     const struct vtd_page_request *request)
{
    struct vtd_vmm_groups *g = &vmm->groups;
    if (g->held_count == g->limit) {
        vmm->stats.page_requests_overflowed++;
        return VTD_DRV_PAGE_SUCCESS;
    }
    g->held[g->held_count++] = (struct vtd_vmm_held){*who, *request};
    return request->flags & VTD_PRQ_LAST ? VTD_DRV_PAGE_LATER : VTD_DRV_PAGE_SUCCESS;
}

int vtd_vmm_page_request(struct vtd_vmm *vmm, const struct vtd_drv_page_request *r)
{
    struct vtd_vmm_groups *g = &vmm->groups;
    struct vtd_vmm_who who;
    if (!vtd_vmm_by_host(vmm, r->sid, r->has_pasid, r->pasid, &who))
        return -ENOENT;
    if (!vmm->config.page_requests)
        return VTD_DRV_PAGE_INVALID;
    if (r->last && (g->count == g->limit || find(g, &who, r->prgi))) {
        vmm->stats.page_requests_refused++;
        return VTD_DRV_PAGE_INVALID;
    }
    const struct vtd_page_request request = to_guest(&who, r);
    const enum vtd_drv_page_answer code = vmm->busy ? hold(vmm, &who, &request) : inject(vmm, &request);
    if (code == VTD_DRV_PAGE_LATER)
        g->waiting[g->count++] = (struct vtd_vmm_group){who, r->prgi};
    if (!vmm->busy && (code == VTD_DRV_PAGE_LATER || (code == VTD_DRV_PAGE_SUCCESS && !r->last)))
        tell_request(vmm, &who, &request);
    return code;
}

void vtd_vmm_release_held(struct vtd_vmm *vmm)
{
    struct vtd_vmm_groups *g = &vmm->groups;
    while (g->held_count > 0) {
        const struct vtd_vmm_held first = g->held[0];
        g->held_count--;
        for (uint32_t i = 0; i < g->held_count; i++)
            g->held[i] = g->held[i + 1];
        const enum vtd_drv_page_answer code = inject(vmm, &first.request);
        struct vtd_vmm_group *group = find(g, &first.who, first.request.prgi);
        if (code == VTD_DRV_PAGE_LATER)
            tell_request(vmm, &first.who, &first.request);
        else if ((first.request.flags & VTD_PRQ_LAST) && group)
            answer(vmm, group, code);
    }
}
