/* SPDX-License-Identifier: MIT */
/*
 * The driver's ATS, page requests and shared virtual addressing: a part of vtd_driver.h, whose rules hold here too.
 */
#ifndef VTD_DRIVER_ATS_H
#define VTD_DRIVER_ATS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_drv;
struct vtd_drv_domain;

/* ---------------------------------------------------------------- ATS */

/*
 * What only the owner of a device can do, since PCI configuration space is not this driver's: each switches one
 * capability of the device on or off and returns 0 or a negative errno. NULL: there is nothing to switch. What is still
 * on is switched off by vtd_drv_device_remove or vtd_drv_destroy.
 */
struct vtd_drv_device_ops {
    int (*enable_pasid)(void *opaque, uint16_t sid, bool on);
    int (*enable_ats)(void *opaque, uint16_t sid, bool on);
    int (*enable_pri)(void *opaque, uint16_t sid, bool on);
};

struct vtd_drv_ats_spec {
    struct vtd_drv_device_ops ops;
    void *opaque;        /* first argument of ops */
    uint8_t queue_depth; /* Invalidate Queue Depth of the ATS capability, 0..31; 0 = 32 */
    bool virtual_function;
    uint16_t pfsid; /* of a virtual function: its physical function; used with ECAP.DIT (ref 3.1) */
};

/*
 * Lets a device that was added use ATS: PASID on in the device (if it has PASIDs), then DTE in its context entry (EPTR
 * too, where the unit has PTRS) with the invalidations of ref 6.5, then ATS on in the device. From now on every
 * invalidation for the device's domains also flushes its device TLB. A device must begin with an empty device TLB.
 * -ENOENT, -EBUSY when it is on, -ENOTSUP without ECAP.DT (legacy mode: also in pass-through, and without a queue), or
 * what an operation returned; nothing has changed then.
 */
int vtd_drv_ats_enable(struct vtd_drv *drv, uint16_t sid, const struct vtd_drv_ats_spec *spec);

/*
 * The reverse: ATS off in the device; its requests on the way are drained and its device TLB is flushed; then DTE off.
 * PASID stays on until the device is removed. -ENOENT when ATS is off, -EBUSY while page requests are on.
 */
int vtd_drv_ats_disable(struct vtd_drv *drv, uint16_t sid);

/*
 * Page requests of a device with ATS: PRE in its context entry, then PRI on in the device; and the reverse, with a
 * drain between (ref 7.1). -ENOENT when ATS (to disable: PRI) is off, -EBUSY when PRI is on, -ENOTSUP without ECAP.PRS,
 * -EINVAL without vtd_drv_options.page_requests.
 */
int vtd_drv_pri_enable(struct vtd_drv *drv, uint16_t sid);
int vtd_drv_pri_disable(struct vtd_drv *drv, uint16_t sid);

struct vtd_drv_ats_state {
    bool ats, pri;
    /*
     * The device did not answer an invalidation in time (ref 3.4). The call that met it returned -ETIMEDOUT; the driver
     * took ATS away from the device, in the device and in the context entry, so that later calls work and nothing stale
     * can be used. The owner may reset the device and enable ATS again.
     */
    bool timed_out;
};

/* -ENOENT for a device that was not added. */
int vtd_drv_ats_get(const struct vtd_drv *drv, uint16_t sid, struct vtd_drv_ats_state *state);

/* ---------------------------------------------------------------- page requests */

/* One page request (ref 2.10). */
struct vtd_drv_page_request {
    struct vtd_drv_domain *domain; /* that is attached */
    uint64_t addr;                 /* page address */
    uint32_t pasid;                /* 0 without PASID */
    uint16_t sid;
    uint16_t prgi; /* page request group index */
    bool has_pasid, privileged, execute, read, write;
    bool last;                /* of its group */
    bool has_private;         /* revision 3 (ref 0.1): the response carries the data back */
    uint64_t private_data[2]; /* of the device */
};

/* Values of the response code (ref 2.11), and one for handlers only. */
enum vtd_drv_page_answer {
    VTD_DRV_PAGE_SUCCESS = 0,  /* try again */
    VTD_DRV_PAGE_INVALID = 1,  /* there is no such page, or no such right */
    VTD_DRV_PAGE_FAILURE = 15, /* the device gives up page requests altogether */
    VTD_DRV_PAGE_LATER = 256,  /* of the last request of a group: vtd_drv_page_respond will be called for it */
};

/*
 * Decides on one request; it may map pages, but not attach, detach or handle page requests. A group is answered when
 * its last request was handled, with the worst of its answers.
 */
typedef enum vtd_drv_page_answer vtd_drv_page_handler(void *arg, const struct vtd_drv_page_request *request);

/* Who decides; NULL, as in the beginning: every request is invalid. */
void vtd_drv_set_page_handler(struct vtd_drv *drv, vtd_drv_page_handler *handler, void *arg);

/*
 * What the thread of the page request event does: takes all requests of the queue, has each decided on, sends the
 * responses, and ends an overflow (ref 7.1). Requests of devices without page requests, for what is not attached, for
 * addresses that the domain cannot have, privileged ones (but see VTD_DRV_ENTRY_SRE) and instruction fetches are
 * invalid without being asked for; stop markers are not answered. *overflow (may be NULL) tells that requests were
 * lost; the unit has answered those. Returns the number of requests; -ENODEV while there is no queue.
 */
int vtd_drv_handle_page_requests(struct vtd_drv *drv, bool *overflow);

/*
 * Answers a group for which the handler said VTD_DRV_PAGE_LATER; the request says which. -ENOENT when the group is not
 * waiting any more, because it was drained; -EINVAL for another code.
 */
int vtd_drv_page_respond(struct vtd_drv *drv, const struct vtd_drv_page_request *request,
                         enum vtd_drv_page_answer code);

#define VTD_DRV_ALL_PASIDS UINT32_MAX

/*
 * Drains the page requests of a PASID of a device (VTD_DRV_RID_PASID, or VTD_DRV_ALL_PASIDS) by the recipe of ref 7.1:
 * when it returns, none is in the unit, in the queue or without a response. The device must have stopped to send them.
 * They are answered with "invalid", those of others as always. vtd_drv_detach, vtd_drv_replace (there they are answered
 * with "success": the device tries again) and vtd_drv_pri_disable do this by themselves.
 */
int vtd_drv_drain_page_requests(struct vtd_drv *drv, uint16_t sid, uint32_t pasid);

/* ---------------------------------------------------------------- shared virtual addressing */

/*
 * A domain with vtd_drv_domain_spec.foreign translates by a page table that somebody else owns: a process on this
 * machine, or (nested) a guest. vtd_drv_map and _unmap are -EINVAL for it. Its owner calls
 *   vtd_drv_domain_invalidate after every change that takes something away: [iova, iova + size) is invalidated in the
 *     unit and in device TLBs for all devices and PASIDs; size 0 is all of it. VTD_DRV_INV_LEAF: no entry that points to
 *     a table changed. -ERANGE for addresses that the domain cannot have.
 *   vtd_drv_domain_release before the table goes away: the entries become not present and their faults are not recorded
 *     (FPD); when it returns, nothing uses the table any more. The domain stays attached until it is detached.
 * Both are -EINVAL for other domains. A released domain cannot be attached.
 */
enum {
    VTD_DRV_INV_LEAF = 1 << 0,
};
int vtd_drv_domain_invalidate(struct vtd_drv_domain *domain, uint64_t iova, uint64_t size, unsigned flags);
int vtd_drv_domain_release(struct vtd_drv_domain *domain);

#ifdef __cplusplus
}
#endif
#endif
