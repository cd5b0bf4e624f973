/* SPDX-License-Identifier: MIT */
/*
 * A device that copies and fills memory by descriptors, with work queues that PASIDs are written into: what a mediated
 * device is made of (ref 9). A design of this project, after the manner of data streaming accelerators.
 *
 * A work queue has a configuration register (VTD_WORK_REG_QUEUE). A dedicated queue puts the PASID of its register
 * into all requests (or none). A shared queue takes the PASID from each descriptor: many processes submit to it.
 *
 * Descriptors wait in a queue until vtd_work_run; each that ended is an event. A device function with PRI
 * (requester.h) may have to wait for a page: then the descriptor goes on in a later run.
 */
#ifndef VTD_WORK_DEVICE_H
#define VTD_WORK_DEVICE_H

#include "platform/model_bus.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VTD_WORK_QUEUES_MAX 16
#define VTD_WORK_DEPTH      16                  /* descriptors of a queue, and events of it that nobody took yet */
#define VTD_WORK_SIZE_MAX   (UINT64_C(1) << 20) /* bytes of a descriptor */

/* Registers: 8 bytes each. */
#define VTD_WORK_REG_CAP      UINT64_C(0x00)                         /* RO: number of queues */
#define VTD_WORK_REG_QUEUE(n) (UINT64_C(0x100) + 16 * (uint64_t)(n)) /* RW: VTD_WORK_QUEUE_* */
#define VTD_WORK_REG_COUNT(n) (UINT64_C(0x108) + 16 * (uint64_t)(n)) /* RO: descriptors that wait */

#define VTD_WORK_QUEUE_PASID UINT64_C(0xfffff) /* bits 19:0, of a dedicated queue with PASID_EN */
#define VTD_WORK_QUEUE_ERROR                                                                                           \
    (UINT64_C(1) << 28) /* RO: the PASID is not one (a mediated device says so, see composed.h) */
#define VTD_WORK_QUEUE_SHARED   (UINT64_C(1) << 29)
#define VTD_WORK_QUEUE_PASID_EN (UINT64_C(1) << 30)
#define VTD_WORK_QUEUE_ENABLE   (UINT64_C(1) << 31)
#define VTD_WORK_QUEUE_WRITABLE                                                                                        \
    (VTD_WORK_QUEUE_PASID | VTD_WORK_QUEUE_SHARED | VTD_WORK_QUEUE_PASID_EN | VTD_WORK_QUEUE_ENABLE)

enum vtd_work_operation {
    VTD_WORK_NOP,
    VTD_WORK_COPY, /* source to destination, ascending */
    VTD_WORK_FILL, /* destination with the 8 bytes of source, again and again */
};

/* 64 bytes, as software writes them at once to the portal of a queue. */
struct vtd_work {
    uint32_t pasid; /* bits 19:0, of a shared queue; 31:20 must be 0 */
    uint32_t operation;
    uint64_t tag; /* comes back with the event */
    uint64_t source, destination;
    uint64_t size;        /* bytes, at most VTD_WORK_SIZE_MAX; of a fill a multiple of 8 */
    uint64_t reserved[3]; /* 0 */
};

enum vtd_work_status {
    VTD_WORK_DONE = 1,
    VTD_WORK_BAD,     /* the descriptor is not in order */
    VTD_WORK_BLOCKED, /* the unit refused addr */
    VTD_WORK_DENIED,  /* a page request for addr was refused */
    VTD_WORK_ABORTED, /* its queue or its PASID went away before */
};

struct vtd_work_event {
    uint8_t queue;
    uint8_t status; /* enum vtd_work_status */
    bool has_pasid;
    uint32_t pasid; /* that the requests had */
    uint64_t tag;
    uint64_t addr; /* VTD_WORK_BLOCKED, VTD_WORK_DENIED: where */
    uint8_t fault; /* VTD_WORK_BLOCKED: reason of the unit; else 0 */
};

struct vtd_work_device;

/*
 * Makes a device with queues (1 to VTD_WORK_QUEUES_MAX) work queues of the function at sid of machine, which must be
 * there and be able to send PASIDs. Returns 0, -EINVAL, -ENOENT (no function), -ENOMEM. The machine must outlive it.
 */
int vtd_work_create(struct vtd_machine *machine, uint16_t sid, unsigned queues, struct vtd_work_device **device);
void vtd_work_destroy(struct vtd_work_device *device);

/*
 * Queues [first, first + count) get an owner: -EINVAL when they are not all there, -EBUSY when one has an owner. And
 * back: they are off then, without events.
 */
int vtd_work_claim(struct vtd_work_device *device, unsigned first, unsigned count);
void vtd_work_release(struct vtd_work_device *device, unsigned first, unsigned count);

uint16_t vtd_work_sid(const struct vtd_work_device *device);
unsigned vtd_work_queues(const struct vtd_work_device *device);

/* Registers; elsewhere reads are 0 and writes have no effect. A queue that is written aborts what waits in it. */
uint64_t vtd_work_read(const struct vtd_work_device *device, uint64_t offset);
void vtd_work_write(struct vtd_work_device *device, uint64_t offset, uint64_t value);

/*
 * Submits a descriptor: 0; -EAGAIN when the queue is full, or when as many events as it can keep are due; -ENXIO when
 * there is no such queue or it is off. What is wrong with a descriptor is told by its event.
 */
int vtd_work_submit(struct vtd_work_device *device, unsigned queue, const struct vtd_work *work);

/* Carries out what waits, queue after queue, as far as it gets. Returns how many descriptors ended. */
unsigned vtd_work_run(struct vtd_work_device *device);

/* Aborts what waits with a PASID, in all queues; no request with it follows. Returns how many. */
unsigned vtd_work_drain(struct vtd_work_device *device, uint32_t pasid);

/* Takes the oldest event of a queue; false: none. */
bool vtd_work_take(struct vtd_work_device *device, unsigned queue, struct vtd_work_event *event);

#ifdef __cplusplus
}
#endif
#endif
