/* SPDX-License-Identifier: MIT */
/* Mediated devices. See composed.h. */
#include "composed.h"

#include "internal.h"

#include <errno.h>
#include <stdlib.h>

struct queue {
    uint64_t config;  /* as the guest reads it */
    uint32_t hpasid;  /* of a dedicated queue that is on */
    unsigned pending; /* accepted, and their events not taken yet */
    struct vtd_work_event event[VTD_WORK_DEPTH];
    unsigned first, events;
};

struct vtd_composed {
    struct vtd_composed_config config;
    struct vtd_composed *next; /* of the same machine */
    struct queue queue[VTD_WORK_QUEUES_MAX];
    struct vtd_composed_stats stats;
};

/* ---------------------------------------------------------------- life */

static const struct vtd_vmm_device *place(const struct vtd_vmm *vmm, uint16_t guest_sid)
{
    for (unsigned i = 0; i < VTD_VMM_DEVICES; i++)
        if (vmm->device[i].exists && vmm->device[i].guest_sid == guest_sid)
            return &vmm->device[i];
    return NULL;
}

int vtd_composed_create(const struct vtd_composed_config *config, struct vtd_composed **composed)
{
    *composed = NULL;
    const struct vtd_vmm_device *device = place(config->vmm, config->guest_sid);
    if (!device || device->host_sid != vtd_work_sid(config->device))
        return -ENOENT;
    const int error = vtd_work_claim(config->device, config->first, config->queues);
    if (error)
        return error;
    struct vtd_composed *c = calloc(1, sizeof(*c));
    if (!c) {
        vtd_work_release(config->device, config->first, config->queues);
        return -ENOMEM;
    }
    c->config = *config;
    c->next = config->vmm->composed;
    config->vmm->composed = c;
    *composed = c;
    return 0;
}

void vtd_composed_destroy(struct vtd_composed *c)
{
    if (!c)
        return;
    struct vtd_composed **link = &c->config.vmm->composed;
    while (*link != c)
        link = &(*link)->next;
    *link = c->next;
    vtd_work_release(c->config.device, c->config.first, c->config.queues);
    free(c);
}

const struct vtd_composed_stats *vtd_composed_stats_get(const struct vtd_composed *c)
{
    return &c->stats;
}

/* ---------------------------------------------------------------- back: the guest's number for the host's */

/*
 * What the requests had is bound still, or stands for the machine's memory: what is unbound was taken before (see
 * drop).
 */
static void to_guest(const struct vtd_composed *c, struct vtd_work_event *event)
{
    const struct vtd_vmm *vmm = c->config.vmm;
    const struct vtd_vmm_device *device = place(vmm, c->config.guest_sid);
    uint32_t gpasid = 0;
    const bool bound = device && event->has_pasid && event->pasid != device->rid_pasid &&
                       vtd_drv_sva_gpasid(vmm->config.driver, device->host_sid, event->pasid, &gpasid) == 0;
    event->has_pasid = bound;
    event->pasid = bound ? gpasid : 0;
}

/* Takes the events of a queue from the device. There is room: no more are pending than fit. */
static void pull(struct vtd_composed *c, unsigned n)
{
    struct queue *q = &c->queue[n];
    struct vtd_work_event event;
    while (q->events < VTD_WORK_DEPTH && vtd_work_take(c->config.device, c->config.first + n, &event)) {
        event.queue = (uint8_t)n;
        to_guest(c, &event);
        q->event[(q->first + q->events) % VTD_WORK_DEPTH] = event;
        q->events++;
    }
}

bool vtd_composed_take(struct vtd_composed *c, unsigned n, struct vtd_work_event *event)
{
    if (n >= c->config.queues)
        return false;
    pull(c, n);
    struct queue *q = &c->queue[n];
    if (q->events == 0)
        return false;
    *event = q->event[q->first];
    q->first = (q->first + 1) % VTD_WORK_DEPTH;
    q->events--;
    q->pending--;
    return true;
}

/* ---------------------------------------------------------------- on the way: the host's number for the guest's */

/* The register of the device for what the guest wrote; 0: off. */
static uint64_t to_host(struct vtd_composed *c, struct queue *q)
{
    const struct vtd_vmm_device *device = place(c->config.vmm, c->config.guest_sid);
    const uint32_t gpasid = (uint32_t)(q->config & VTD_WORK_QUEUE_PASID);
    if (!(q->config & VTD_WORK_QUEUE_ENABLE) || !device)
        return 0;
    if (!(q->config & VTD_WORK_QUEUE_PASID_EN)) /* requests without PASID; of a part the device sends them with one */
        q->hpasid = device->rid_pasid;
    else if (q->config & VTD_WORK_QUEUE_SHARED)
        return VTD_WORK_QUEUE_SHARED | VTD_WORK_QUEUE_PASID_EN | VTD_WORK_QUEUE_ENABLE;
    else if (vtd_vmm_host_pasid(c->config.vmm, c->config.guest_sid, gpasid, &q->hpasid) != 0) {
        q->config = (q->config & ~VTD_WORK_QUEUE_ENABLE) | VTD_WORK_QUEUE_ERROR;
        c->stats.refused++;
        return 0;
    }
    return VTD_WORK_QUEUE_ENABLE | (q->hpasid ? VTD_WORK_QUEUE_PASID_EN | q->hpasid : 0);
}

void vtd_composed_write(struct vtd_composed *c, uint64_t offset, uint64_t value)
{
    for (unsigned n = 0; n < c->config.queues; n++) {
        if (offset != VTD_WORK_REG_QUEUE(n))
            continue;
        struct queue *q = &c->queue[n];
        q->config = value & VTD_WORK_QUEUE_WRITABLE;
        q->hpasid = 0;
        vtd_work_write(c->config.device, VTD_WORK_REG_QUEUE(c->config.first + n), to_host(c, q));
        pull(c, n);
    }
}

uint64_t vtd_composed_read(const struct vtd_composed *c, uint64_t offset)
{
    if (offset == VTD_WORK_REG_CAP)
        return c->config.queues;
    for (unsigned n = 0; n < c->config.queues; n++) {
        if (offset == VTD_WORK_REG_QUEUE(n))
            return c->queue[n].config;
        if (offset == VTD_WORK_REG_COUNT(n))
            return vtd_work_read(c->config.device, VTD_WORK_REG_COUNT(c->config.first + n));
    }
    return 0;
}

int vtd_composed_submit(struct vtd_composed *c, unsigned n, const struct vtd_work *work)
{
    struct queue *q = n < c->config.queues ? &c->queue[n] : NULL;
    if (!q || !(q->config & VTD_WORK_QUEUE_ENABLE))
        return -ENXIO;
    if (q->pending == VTD_WORK_DEPTH)
        return -EAGAIN;
    struct vtd_work translated = *work; /* read once: the guest may change it meanwhile */
    if ((q->config & VTD_WORK_QUEUE_SHARED) && (q->config & VTD_WORK_QUEUE_PASID_EN) &&
        vtd_vmm_host_pasid(c->config.vmm, c->config.guest_sid, translated.pasid, &translated.pasid) != 0) {
        c->stats.refused++;
        return -EPERM;
    }
    const int error = vtd_work_submit(c->config.device, c->config.first + n, &translated);
    c->stats.submitted += error == 0;
    q->pending += error == 0;
    return error;
}

/* ---------------------------------------------------------------- unbind */

static void drop(struct vtd_composed *c, uint32_t hpasid)
{
    vtd_work_drain(c->config.device, hpasid);
    for (unsigned n = 0; n < c->config.queues; n++) {
        struct queue *q = &c->queue[n];
        if ((q->config & VTD_WORK_QUEUE_ENABLE) && q->hpasid == hpasid) {
            vtd_work_write(c->config.device, VTD_WORK_REG_QUEUE(c->config.first + n), 0);
            q->config = (q->config & ~VTD_WORK_QUEUE_ENABLE) | VTD_WORK_QUEUE_ERROR;
            q->hpasid = 0;
            c->stats.switched_off++;
        }
        pull(c, n);
    }
}

void vtd_vmm_composed_drop(struct vtd_vmm *vmm, const struct vtd_vmm_device *device, uint32_t hpasid)
{
    for (struct vtd_composed *c = vmm->composed; c; c = c->next)
        if (c->config.guest_sid == device->guest_sid)
            drop(c, hpasid);
}
