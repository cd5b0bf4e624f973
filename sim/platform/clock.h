/* SPDX-License-Identifier: MIT */
/*
 * The time of a machine, where there is one (vtd/vtd_timing.h): what happens next happens at `now`. Whoever starts something
 * (an access of a device, a driver that unmaps) sets it; each request to the unit and each register write moves it on.
 */
#ifndef VTD_CLOCK_H
#define VTD_CLOCK_H

#include "vtd/vtd_timing.h"

#ifdef __cplusplus
extern "C" {
#endif

/* By what way an access of a device went. */
enum vtd_clock_way {
    VTD_CLOCK_DIRECT,            /* an untranslated request */
    VTD_CLOCK_DEVICE_TLB,        /* the device TLB knew */
    VTD_CLOCK_DEVICE_TLB_MERGED, /* it had asked already */
    VTD_CLOCK_ATS,               /* a translation request */
    VTD_CLOCK_PAGED,             /* a translation request, a page request, and another one */
    VTD_CLOCK_WAYS,
};

struct vtd_clock {
    struct vtd_timing *timing;
    uint64_t now;
    uint64_t part[VTD_TIMING_PARTS]; /* what the time of accesses was spent on, so far */
    uint8_t way;                     /* of the access at hand: enum vtd_clock_way */
    uint64_t asked;                  /* VTD_CLOCK_PAGED: when the access at hand gave its tag back to wait for a page */
    uint64_t paging_free;            /* when software that handles page requests is done with those so far */
    bool software;                   /* register writes take time */
    /* Told of each request when it is answered; NULL: nobody. */
    void (*note)(void *arg, const struct vtd_request *req, const struct vtd_timed *timed);
    void *arg;
};

/* A request at clock->now, which moves on to the answer. */
static inline enum vtd_status vtd_clock_request(struct vtd_clock *clock, const struct vtd_request *req,
                                                struct vtd_response *resp)
{
    struct vtd_timed timed;
    const enum vtd_status status = vtd_timing_request(clock->timing, req, clock->now, resp, &timed);
    if (status != VTD_STATUS_OK)
        return status;
    clock->now = timed.done;
    for (unsigned i = 0; i < VTD_TIMING_PARTS; i++)
        clock->part[i] += timed.part[i];
    if (clock->note)
        clock->note(clock->arg, req, &timed);
    return status;
}

/* The same, or without a clock vtd_translate. */
static inline enum vtd_status vtd_clock_translate(struct vtd_clock *clock, struct vtd *unit,
                                                  const struct vtd_request *req, struct vtd_response *resp)
{
    return !clock ? vtd_translate(unit, req, resp) : vtd_clock_request(clock, req, resp);
}

/* Time passes until `until`, spent on part. */
static inline void vtd_clock_spend(struct vtd_clock *clock, enum vtd_timing_part part, uint64_t until)
{
    if (until <= clock->now)
        return;
    clock->part[part] += until - clock->now;
    clock->now = until;
}

#ifdef __cplusplus
}
#endif
#endif
