/* SPDX-License-Identifier: MIT */
/* A device that copies and fills memory by descriptors. See work_device.h. */
#include "work_device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 4096u

/* A descriptor on its way. */
struct job {
    struct vtd_work work;
    bool has_pasid;
    uint32_t pasid;
    uint64_t done;   /* bytes */
    bool waiting[2]; /* for a page: of the source, of the destination */
    uint16_t prgi[2];
};

struct queue {
    uint64_t config; /* its register */
    bool owned;
    struct job job[VTD_WORK_DEPTH];
    unsigned first, count;
    struct vtd_work_event event[VTD_WORK_DEPTH];
    unsigned first_event, events;
};

struct vtd_work_device {
    struct vtd_machine *machine;
    struct vtd_requester *function;
    uint16_t sid;
    unsigned queues;
    struct queue queue[VTD_WORK_QUEUES_MAX];
    bool orphan[VTD_REQUESTER_GROUPS]; /* page request groups whose descriptor is gone: their response is thrown away */
    unsigned orphans;
};

/* ---------------------------------------------------------------- life */

int vtd_work_create(struct vtd_machine *machine, uint16_t sid, unsigned queues, struct vtd_work_device **device)
{
    *device = NULL;
    struct vtd_requester *function = vtd_machine_requester(machine, sid);
    if (queues == 0 || queues > VTD_WORK_QUEUES_MAX)
        return -EINVAL;
    if (!function)
        return -ENOENT;
    struct vtd_work_device *d = calloc(1, sizeof(*d));
    if (!d)
        return -ENOMEM;
    d->machine = machine;
    d->function = function;
    d->sid = sid;
    d->queues = queues;
    *device = d;
    return 0;
}

void vtd_work_destroy(struct vtd_work_device *device)
{
    free(device);
}

uint16_t vtd_work_sid(const struct vtd_work_device *device)
{
    return device->sid;
}

unsigned vtd_work_queues(const struct vtd_work_device *device)
{
    return device->queues;
}

/* ---------------------------------------------------------------- ends */

/* There is room: a job that is accepted has its event reserved (vtd_work_submit). */
static void end(struct vtd_work_device *d, unsigned n, enum vtd_work_status status, uint64_t addr, uint8_t fault)
{
    struct queue *q = &d->queue[n];
    const struct job *job = &q->job[q->first];
    q->event[(q->first_event + q->events) % VTD_WORK_DEPTH] = (struct vtd_work_event){
        .queue = (uint8_t)n,
        .status = (uint8_t)status,
        .has_pasid = job->has_pasid,
        .pasid = job->pasid,
        .tag = job->work.tag,
        .addr = addr,
        .fault = fault,
    };
    q->events++;
    q->first = (q->first + 1) % VTD_WORK_DEPTH;
    q->count--;
}

bool vtd_work_take(struct vtd_work_device *d, unsigned n, struct vtd_work_event *event)
{
    struct queue *q = n < d->queues ? &d->queue[n] : NULL;
    if (!q || q->events == 0)
        return false;
    *event = q->event[q->first_event];
    q->first_event = (q->first_event + 1) % VTD_WORK_DEPTH;
    q->events--;
    return true;
}

/* The first of a queue is thrown away. The response that it waits for will be, too. */
static void abort_first(struct vtd_work_device *d, unsigned n)
{
    const struct queue *q = &d->queue[n];
    const struct job *job = &q->job[q->first];
    for (unsigned side = 0; side < 2; side++) {
        if (!job->waiting[side])
            continue;
        d->orphan[job->prgi[side]] = true;
        d->orphans++;
    }
    end(d, n, VTD_WORK_ABORTED, 0, 0);
}

static void collect_orphans(struct vtd_work_device *d)
{
    uint8_t code;
    for (unsigned i = 0; d->orphans > 0 && i < VTD_REQUESTER_GROUPS; i++) {
        if (!d->orphan[i] || !vtd_requester_collect(d->function, (uint16_t)i, &code))
            continue;
        d->orphan[i] = false;
        d->orphans--;
    }
}

unsigned vtd_work_drain(struct vtd_work_device *d, uint32_t pasid)
{
    unsigned aborted = 0;
    for (unsigned n = 0; n < d->queues; n++) {
        struct queue *q = &d->queue[n];
        for (unsigned left = q->count; left > 0; left--) {
            const struct job *job = &q->job[q->first];
            if (job->has_pasid && job->pasid == pasid) {
                abort_first(d, n);
                aborted++;
                continue;
            }
            const struct job kept = *job; /* to the end: once around, all are in order again */
            q->first = (q->first + 1) % VTD_WORK_DEPTH;
            q->job[(q->first + q->count - 1) % VTD_WORK_DEPTH] = kept;
        }
    }
    return aborted;
}

/* ---------------------------------------------------------------- registers */

uint64_t vtd_work_read(const struct vtd_work_device *d, uint64_t offset)
{
    if (offset == VTD_WORK_REG_CAP)
        return d->queues;
    for (unsigned n = 0; n < d->queues; n++) {
        if (offset == VTD_WORK_REG_QUEUE(n))
            return d->queue[n].config;
        if (offset == VTD_WORK_REG_COUNT(n))
            return d->queue[n].count;
    }
    return 0;
}

void vtd_work_write(struct vtd_work_device *d, uint64_t offset, uint64_t value)
{
    for (unsigned n = 0; n < d->queues; n++) {
        if (offset != VTD_WORK_REG_QUEUE(n))
            continue;
        while (d->queue[n].count > 0)
            abort_first(d, n);
        d->queue[n].config = value & VTD_WORK_QUEUE_WRITABLE;
    }
}

int vtd_work_claim(struct vtd_work_device *d, unsigned first, unsigned count)
{
    if (count == 0 || first >= d->queues || count > d->queues - first)
        return -EINVAL;
    for (unsigned n = first; n < first + count; n++)
        if (d->queue[n].owned)
            return -EBUSY;
    for (unsigned n = first; n < first + count; n++)
        d->queue[n].owned = true;
    return 0;
}

void vtd_work_release(struct vtd_work_device *d, unsigned first, unsigned count)
{
    for (unsigned n = first; n < d->queues && n < first + count; n++) {
        vtd_work_write(d, VTD_WORK_REG_QUEUE(n), 0);
        d->queue[n].events = 0;
        d->queue[n].owned = false;
    }
}

int vtd_work_submit(struct vtd_work_device *d, unsigned n, const struct vtd_work *work)
{
    struct queue *q = n < d->queues ? &d->queue[n] : NULL;
    if (!q || !(q->config & VTD_WORK_QUEUE_ENABLE))
        return -ENXIO;
    if (q->count + q->events >= VTD_WORK_DEPTH)
        return -EAGAIN;
    const bool shared = q->config & VTD_WORK_QUEUE_SHARED;
    q->job[(q->first + q->count) % VTD_WORK_DEPTH] = (struct job){
        .work = *work,
        .has_pasid = q->config & VTD_WORK_QUEUE_PASID_EN,
        .pasid = !(q->config & VTD_WORK_QUEUE_PASID_EN) ? 0
                 : shared                               ? work->pasid & (uint32_t)VTD_WORK_QUEUE_PASID
                                                        : (uint32_t)(q->config & VTD_WORK_QUEUE_PASID),
    };
    q->count++;
    return 0;
}

/* ---------------------------------------------------------------- work */

enum progress {
    GOES_ON,
    WAITS,
    ENDED,
};

/* Where the bytes of one side are; else the job has ended or waits. */
static enum progress reach(struct vtd_work_device *d, unsigned n, unsigned side, uint64_t addr, uint64_t size,
                           uint8_t **bytes)
{
    struct job *job = &d->queue[n].job[d->queue[n].first];
    const struct vtd_request req = {
        .addr = addr,
        .pasid = job->pasid,
        .access = side ? VTD_WRITE : VTD_READ,
        .flags = job->has_pasid ? VTD_REQ_PASID : 0,
        .len = (uint16_t)size,
    };
    struct vtd_requester_outcome out;
    enum vtd_requester_result result;
    if (job->waiting[side])
        result = vtd_requester_retry(d->function, job->prgi[side], &out);
    else
        result = vtd_requester_access(d->function, &req, &out);
    job->waiting[side] = result == VTD_REQUESTER_WAITING;
    if (job->waiting[side])
        job->prgi[side] = out.prgi;
    if (result == VTD_REQUESTER_WAITING || result == VTD_REQUESTER_BUSY)
        return WAITS;
    const bool there = result == VTD_REQUESTER_DONE && vtd_memory_has(&d->machine->memory, out.hpa, size);
    if (there)
        *bytes = d->machine->memory.base + out.hpa;
    else
        end(d, n, result == VTD_REQUESTER_DENIED ? VTD_WORK_DENIED : VTD_WORK_BLOCKED, addr,
            result == VTD_REQUESTER_BLOCKED ? out.resp.fault : 0);
    return there ? GOES_ON : ENDED;
}

static bool in_order(const struct vtd_work *w)
{
    if (w->pasid > VTD_WORK_QUEUE_PASID || w->operation > VTD_WORK_FILL || w->size > VTD_WORK_SIZE_MAX ||
        w->reserved[0] || w->reserved[1] || w->reserved[2])
        return false;
    return w->operation != VTD_WORK_FILL || (w->size % 8 == 0 && w->destination % 8 == 0);
}

static uint64_t up_to_page(uint64_t addr, uint64_t size)
{
    const uint64_t left = PAGE - addr % PAGE;
    return size < left ? size : left;
}

/* The next piece of the first job of a queue: none of it crosses a page. */
static enum progress piece(struct vtd_work_device *d, unsigned n)
{
    struct job *job = &d->queue[n].job[d->queue[n].first];
    const struct vtd_work *w = &job->work;
    if (!in_order(w)) {
        end(d, n, VTD_WORK_BAD, 0, 0);
        return ENDED;
    }
    if (w->operation == VTD_WORK_NOP || job->done == w->size) {
        end(d, n, VTD_WORK_DONE, 0, 0);
        return ENDED;
    }
    const bool copy = w->operation == VTD_WORK_COPY;
    const uint64_t from = w->source + job->done, to = w->destination + job->done;
    uint64_t size = up_to_page(to, w->size - job->done);
    size = copy ? up_to_page(from, size) : size;
    uint8_t *source = NULL, *destination = NULL;
    enum progress progress = copy ? reach(d, n, 0, from, size, &source) : GOES_ON;
    if (progress == GOES_ON)
        progress = reach(d, n, 1, to, size, &destination);
    if (progress != GOES_ON)
        return progress;
    if (copy)
        memmove(destination, source, size);
    for (uint64_t i = 0; !copy && i < size; i += 8)
        memcpy(destination + i, &w->source, 8);
    job->done += size;
    return GOES_ON;
}

unsigned vtd_work_run(struct vtd_work_device *d)
{
    unsigned ended = 0;
    collect_orphans(d);
    for (unsigned n = 0; n < d->queues; n++) {
        while (d->queue[n].count > 0) {
            const enum progress progress = piece(d, n);
            ended += progress == ENDED;
            if (progress == WAITS)
                break;
        }
    }
    return ended;
}
