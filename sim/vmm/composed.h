/* SPDX-License-Identifier: MIT */
/*
 * A mediated device (ref 9): some work queues of a device of the host (platform/work_device.h), put together for a
 * virtual machine as a device of its own. The guest sees the registers and descriptors of a work device, and writes
 * its own PASIDs into them:
 *
 *     guest's PASID G  ->  register of a queue, descriptor   ->  this: the host's H  ->  the device, its requests
 *     guest's PASID G  <-  event of a descriptor             <-  this                <-  the host's H
 *
 * G is looked up in what the hypervisor has bound for this machine and device: with identity H is G, with the guest's
 * own PASIDs it is another number, and in both cases nothing else gets through. What has no PASID in the guest gets
 * the one that stands for the machine's memory (vtd_vmm_assign_part). When G is unbound, what works with it is aborted
 * and the queue is off before H can be anybody else's.
 *
 * Several machines may have queues of one device, and use equal numbers.
 */
#ifndef VTD_COMPOSED_H
#define VTD_COMPOSED_H

#include "platform/work_device.h"
#include "vmm/vmm.h"

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_composed;

struct vtd_composed_config {
    struct vtd_vmm *vmm;
    uint16_t guest_sid; /* given to the machine by vtd_vmm_assign_part or vtd_vmm_assign */
    struct vtd_work_device *device;
    unsigned first, queues; /* of the device: they are queues 0 to queues - 1 of this one */
};

/*
 * Returns 0; -EINVAL for queues that the device has not; -ENOENT when guest_sid is not where the machine has the
 * device; -EBUSY when a queue is another's; -ENOMEM. Machine and device must outlive it.
 */
int vtd_composed_create(const struct vtd_composed_config *config, struct vtd_composed **composed);

/* Turns the queues off. NULL is allowed. */
void vtd_composed_destroy(struct vtd_composed *composed);

/*
 * The registers as the guest reads and writes them; its PASIDs are the guest's. A queue that is turned on with a PASID
 * that is not bound stays off and has VTD_WORK_QUEUE_ERROR, and so has one whose PASID was unbound since.
 */
uint64_t vtd_composed_read(const struct vtd_composed *composed, uint64_t offset);
void vtd_composed_write(struct vtd_composed *composed, uint64_t offset, uint64_t value);

/*
 * A descriptor of the guest: as vtd_work_submit; -EPERM for a shared queue and a PASID that is not bound, which the
 * device does not see (the instruction that submits it faults in the guest).
 */
int vtd_composed_submit(struct vtd_composed *composed, unsigned queue, const struct vtd_work *work);

/* Takes the oldest event of a queue, with the guest's PASID; false: none. */
bool vtd_composed_take(struct vtd_composed *composed, unsigned queue, struct vtd_work_event *event);

struct vtd_composed_stats {
    uint64_t submitted;
    uint64_t refused;      /* registers and descriptors with a PASID that is not bound */
    uint64_t switched_off; /* queues whose PASID was unbound */
};
const struct vtd_composed_stats *vtd_composed_stats_get(const struct vtd_composed *composed);

#ifdef __cplusplus
}
#endif
#endif
