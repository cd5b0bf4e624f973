/* SPDX-License-Identifier: MIT */
/*
 * What the files of the driver share about device TLBs, page requests and foreign page tables: part of internal.h. Each
 * section is owned by the file that it names.
 */
#ifndef VTD_DRIVER_INTERNAL_ATS_H
#define VTD_DRIVER_INTERNAL_ATS_H

#include "driver/vtd_driver.h"

#include <stddef.h>

struct vtd_drv_device;

/* That a PASID of a device has a domain: in a list of the domain. */
struct vtd_drv_user {
    struct vtd_drv_user *next, *prev;
    struct vtd_drv_device *device;
    uint32_t pasid;
};

/* ATS of a device. */
struct vtd_drv_ats {
    struct vtd_drv_device_ops ops;
    void *opaque;
    struct vtd_drv_device *next; /* in vtd_drv.ats_devices */
    uint64_t batch;              /* the last one that flushed this device TLB */
    uint16_t pfsid;
    uint8_t mip;                    /* at most so many invalidations at a time; 0 = 32 */
    bool pasid, ats_told, pri_told; /* what the device was told to use */
    bool on;                        /* it is in the list, and its device TLB is flushed */
    bool pri;
    bool silent;    /* the unit named it in a time-out */
    bool timed_out; /* and ATS was taken away */
};

/* The page request queue. */
struct vtd_drv_prq_group;

struct vtd_drv_prq {
    uint64_t *ring; /* NULL: no queue */
    uint64_t ring_dma;
    uint64_t bytes;
    unsigned order; /* PQA.PQS */
    vtd_drv_page_handler *handler;
    void *arg;
    struct vtd_drv_prq_group *group; /* that are not answered yet */
    size_t groups, capacity;
};

/* ---------------------------------------------------------------- device_tlb.c */

/* Adds to and takes from the list of a domain's users. */
void vtd_drv_user_add(struct vtd_drv_domain *domain, struct vtd_drv_device *device, uint32_t pasid);
void vtd_drv_user_remove(struct vtd_drv_domain *domain, struct vtd_drv_device *device, uint32_t pasid);

/*
 * Each queues device-TLB invalidations (ref 3.1, 6.5), after those of the IOTLB; nothing for devices without ATS. One:
 * all of a PASID of a device. Device: all of a device. Range: the bytes first..last of a domain, for all who use it;
 * what a nested domain's users hold of its parent has other addresses, so all of it goes.
 */
void vtd_drv_dtlb_one(struct vtd_drv *drv, struct vtd_drv_device *device, uint32_t pasid);
void vtd_drv_dtlb_device(struct vtd_drv *drv, struct vtd_drv_device *device);
void vtd_drv_dtlb_range(struct vtd_drv_domain *domain, uint64_t first, uint64_t last);

/* The queue met a time-out of sid (ref 3.4). */
void vtd_drv_dtlb_note_timeout(struct vtd_drv *drv, uint16_t sid);

/*
 * After a batch with a time-out: the devices that did not answer lose ATS, and since the unit names only the first, all
 * others that the batch flushed are flushed again. -ETIMEDOUT, or -EIO when the queue is lost.
 */
int vtd_drv_dtlb_recover(struct vtd_drv *drv);

/* Flushes all device TLBs and waits: they outlived that the unit was off. */
int vtd_drv_dtlb_restart(struct vtd_drv *drv);

/* ---------------------------------------------------------------- prq.c */

/* Make the queue, if it is wanted, before translation is on; take it away, when translation is off. */
int vtd_drv_prq_start(struct vtd_drv *drv);
void vtd_drv_prq_stop(struct vtd_drv *drv);

/* vtd_drv_drain_page_requests of a domain that the entry had (may be NULL); code answers what is drained. */
int vtd_drv_prq_drain(struct vtd_drv *drv, struct vtd_drv_device *device, uint32_t pasid,
                      const struct vtd_drv_domain *domain, enum vtd_drv_page_answer code);

/* ---------------------------------------------------------------- sva.c */

/* Checks of what concerns foreign page tables: wrong on any unit; lacking here. */
int vtd_drv_sva_check(const struct vtd_drv *drv, const struct vtd_drv_domain_spec *spec);
int vtd_drv_sva_check_unit(const struct vtd_drv *drv, const struct vtd_drv_domain_spec *spec);

/* ---------------------------------------------------------------- ats.c */

/* Takes ATS away from a device that does not answer; queues the invalidation of its context entry. */
void vtd_drv_ats_withdraw(struct vtd_drv *drv, struct vtd_drv_device *device);

/* Switches page requests and ATS off, as far as they are on. */
int vtd_drv_ats_shutdown(struct vtd_drv *drv, struct vtd_drv_device *device);

/* The device is gone from the tables: PASID off. */
void vtd_drv_ats_forget(struct vtd_drv_device *device);

/* Switches page requests and ATS of all devices off, whatever the unit does. */
void vtd_drv_ats_abandon(struct vtd_drv *drv);

/* Queues invalidations of the IOTLB (pasid_cache: and of the PASID cache before) for all domains of a device. */
void vtd_drv_inv_domains_of(struct vtd_drv *drv, const struct vtd_drv_device *device, bool pasid_cache);

#endif
