/* SPDX-License-Identifier: MIT */
/*
 * The driver's access to the unit's performance monitor (ref 1.12) and its enhanced commands (ref 1.13). The rules of
 * vtd_driver.h hold here, too.
 *
 * Typical use
 *     vtd_drv_perf_init(drv, event_address, event_data);
 *     struct vtd_drv_perf_spec spec = {.group = VTD_PERF_IOTLB_HIT_GROUP, .events = VTD_PERF_IOTLB_HIT_ES};
 *     vtd_drv_perf_open(drv, &spec, &counter);
 *     ... DMA; vtd_drv_perf_handle_overflow(drv) whenever the event arrives ...
 *     vtd_drv_perf_read(drv, counter, &hits);  vtd_drv_perf_close(drv, counter);
 */
#ifndef VTD_DRIVER_PERF_H
#define VTD_DRIVER_PERF_H

#include "driver/vtd_driver.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the unit's performance monitor has (ref 1.12). */
struct vtd_drv_perf_info {
    uint8_t counters; /* that this driver uses: at most 64 */
    uint8_t width;    /* of a counter, in bits */
    uint8_t groups;
    uint8_t filters;     /* VTD_DRV_PERF_BY_* */
    uint32_t events[16]; /* by group, a bit per event, as some counter has it */
};

/* Filters of a counter. */
enum {
    VTD_DRV_PERF_BY_SID = 1 << 0,
    VTD_DRV_PERF_BY_DID = 1 << 1,
    VTD_DRV_PERF_BY_PASID = 1 << 2,
    VTD_DRV_PERF_BY_AT = 1 << 3,
    VTD_DRV_PERF_BY_LEVEL = 1 << 4,
};
#define VTD_DRV_PERF_ANY_PASID 0xffffffffu /* requests with a PASID, whichever */
#define VTD_DRV_PERF_NO_PASID  0xfffffffeu /* requests without */

/* What to count: the events of one group (vtd/vtd_perf.h has their numbers), of requests that all filters let through. */
struct vtd_drv_perf_spec {
    uint8_t group;
    uint8_t filters; /* VTD_DRV_PERF_BY_*: which of the following count */
    uint8_t at;      /* bit 0 untranslated, 1 translation, 2 translated requests */
    uint8_t levels;  /* bit 0 PTE or 4 KiB, 1 PDE or 2 MiB, 2 PDPE or 1 GiB, 3 PML4E, 4 PML5E */
    uint16_t sid;
    uint16_t did;
    uint32_t pasid; /* or VTD_DRV_PERF_ANY_PASID, VTD_DRV_PERF_NO_PASID */
    uint32_t events;
};

/*
 * Finds out what the performance monitor has, stops what an earlier owner left running, and sets the message of its
 * overflow event, which stays masked with event_address 0. Translation need not be on. -ENOTSUP without ECAP.PMS,
 * counters, the interrupt on overflow, or the commands to enable, disable and freeze; -EBUSY the second time; -EIO,
 * -ETIMEDOUT when commands fail. Without it the functions below return -ENOENT.
 */
int vtd_drv_perf_init(struct vtd_drv *drv, uint64_t event_address, uint32_t event_data);
int vtd_drv_perf_get_info(const struct vtd_drv *drv, struct vtd_drv_perf_info *info);

/*
 * Takes a free counter, programs it and starts it; *counter receives its number. -EINVAL for what no unit has, -ENOTSUP
 * for events or filters that this one lacks, -EBUSY when all counters with these events are taken.
 */
int vtd_drv_perf_open(struct vtd_drv *drv, const struct vtd_drv_perf_spec *spec, unsigned *counter);

/* Stops a counter and gives it back. -ENOENT for one that is not open. */
int vtd_drv_perf_close(struct vtd_drv *drv, unsigned counter);

/* Stops counting; goes on. The count stays. */
int vtd_drv_perf_stop(struct vtd_drv *drv, unsigned counter);
int vtd_drv_perf_start(struct vtd_drv *drv, unsigned counter);

/*
 * Events since vtd_drv_perf_open, in 64 bits: right as long as the counter is read, or its overflow handled, before it
 * goes over its end a second time.
 */
int vtd_drv_perf_read(struct vtd_drv *drv, unsigned counter, uint64_t *count);

/* Holds all counters at once; lets them go on. */
int vtd_drv_perf_freeze(struct vtd_drv *drv, bool on);

/* The handler of the overflow event: takes the counts of all counters that overflowed. Returns how many. */
int vtd_drv_perf_handle_overflow(struct vtd_drv *drv);

/*
 * An enhanced command with operands a and b, waited for (ref 1.13). Returns the status code, 0 for success, or -ENOTSUP
 * without CAP.ECMDS, -EBUSY while a command is in progress, -ETIMEDOUT. *result (may be NULL) receives the result.
 */
int vtd_drv_ecmd(struct vtd_drv *drv, uint8_t command, uint64_t a, uint64_t b, uint64_t *result);

#ifdef __cplusplus
}
#endif
#endif
