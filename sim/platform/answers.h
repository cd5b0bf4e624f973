/* SPDX-License-Identifier: MIT */
/*
 * Invalidation requests that a unit has sent to devices, and when and how the devices answer them (ref 7.3): promptly,
 * late, never, or wrongly. The unit's callback only notes a request; devices answer after the call that sent it has
 * returned, when the owner calls vtd_answers_run.
 */
#ifndef VTD_ANSWERS_H
#define VTD_ANSWERS_H

#include "vtd/vtd.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a device answers invalidation requests. */
enum vtd_answer {
    VTD_ANSWER_PROMPT,     /* at once; the power-on state */
    VTD_ANSWER_HOLD,       /* not yet */
    VTD_ANSWER_RELEASE,    /* what was held now, and from then on at once */
    VTD_ANSWER_NEVER,      /* the invalidation times out */
    VTD_ANSWER_WRONG_SID,  /* with the source-id of another function; then as HOLD */
    VTD_ANSWER_WRONG_ITAG, /* with an ITag that is not outstanding; then as HOLD */
};

/* The devices, as far as answers are concerned. */
struct vtd_answers_host {
    void *opaque;
    /* How device sid answers now; never VTD_ANSWER_RELEASE. */
    enum vtd_answer (*policy)(void *opaque, uint16_t sid);
    /* The device drops its entries; called before it answers. May be NULL. */
    void (*invalidate)(void *opaque, const struct vtd_device_tlb_inv *inv);
    /* The way of answers and time-outs to a unit that is behind something; NULL: straight to the unit. Both or none. */
    void (*complete)(void *opaque, uint16_t sid, uint32_t itags);
    void (*timeout)(void *opaque, unsigned itag);
};

#define VTD_ANSWERS_ITAGS 32

/* A request that has no good answer yet, by its ITag. */
struct vtd_answers_pending {
    struct vtd_device_tlb_inv inv;
    uint64_t number; /* in order of arrival */
    bool busy;
    bool held; /* the device has done what it does by itself */
};

/* Zero-initialized is valid, with host set. */
struct vtd_answers {
    struct vtd_answers_host host;
    struct vtd_answers_pending pending[VTD_ANSWERS_ITAGS];
    uint64_t arrivals;
};

/* Notes a request; for vtd_host.device_tlb_inv. One that still held the same ITag is forgotten. */
void vtd_answers_put(struct vtd_answers *a, const struct vtd_device_tlb_inv *inv);

/* What device sid held is answered by its present policy in the next vtd_answers_run. */
void vtd_answers_release(struct vtd_answers *a, uint16_t sid);

/* The unit was reset: its ITags are gone. */
void vtd_answers_forget(struct vtd_answers *a);

/*
 * Devices answer, oldest request first, until nothing is left that they react to. Answers let the unit go on, so that
 * it may send more; these are answered, too. Returns how many messages went to the unit, which with host.complete may
 * be NULL here.
 */
unsigned vtd_answers_run(struct vtd_answers *a, struct vtd *unit);

/*
 * As vtd_answers_run, and when nothing else is left, time passes: what devices never answer times out (ref 3.4, ITE),
 * oldest first. Returns how many messages and time-outs the unit saw.
 */
unsigned vtd_answers_run_and_expire(struct vtd_answers *a, struct vtd *unit);

/* Requests without a good answer, whatever the reason. */
unsigned vtd_answers_outstanding(const struct vtd_answers *a);

#ifdef __cplusplus
}
#endif
#endif
