/* SPDX-License-Identifier: MIT */
/* Answers of devices to invalidation requests. See answers.h. */
#include "answers.h"

#include <string.h>

#define ITAGS VTD_ANSWERS_ITAGS

void vtd_answers_put(struct vtd_answers *a, const struct vtd_device_tlb_inv *inv)
{
    a->pending[inv->itag % ITAGS] = (struct vtd_answers_pending){.inv = *inv, .number = a->arrivals++, .busy = true};
}

void vtd_answers_release(struct vtd_answers *a, uint16_t sid)
{
    for (unsigned i = 0; i < ITAGS; i++) {
        if (a->pending[i].inv.sid == sid)
            a->pending[i].held = false;
    }
}

void vtd_answers_forget(struct vtd_answers *a)
{
    memset(a->pending, 0, sizeof(a->pending));
}

unsigned vtd_answers_outstanding(const struct vtd_answers *a)
{
    unsigned n = 0;
    for (unsigned i = 0; i < ITAGS; i++)
        n += a->pending[i].busy;
    return n;
}

/* The oldest request to which its device has yet to react, with a time-out (never) or a message; -1 if none. */
static int find_oldest(const struct vtd_answers *a, bool timeouts)
{
    int found = -1;
    for (int i = 0; i < ITAGS; i++) {
        const struct vtd_answers_pending *p = &a->pending[i];
        if (p->busy && !p->held && (a->host.policy(a->host.opaque, p->inv.sid) == VTD_ANSWER_NEVER) == timeouts &&
            (found < 0 || p->number < a->pending[found].number))
            found = i;
    }
    return found;
}

/* An ITag that is not outstanding; if all are, one of another device; ITAGS if there is none either. */
static unsigned wrong_itag(const struct vtd_answers *a, unsigned itag)
{
    unsigned wrong = 0;
    while (wrong < ITAGS && (a->pending[wrong].busy || wrong == itag))
        wrong++;
    for (unsigned i = 0; wrong == ITAGS && i < ITAGS; i++) {
        if (a->pending[i].inv.sid != a->pending[itag].inv.sid)
            wrong = i;
    }
    return wrong;
}

static void complete(const struct vtd_answers *a, struct vtd *unit, uint16_t sid, unsigned itag)
{
    if (a->host.complete != NULL)
        a->host.complete(a->host.opaque, sid, UINT32_C(1) << itag);
    else
        vtd_device_tlb_complete(unit, sid, UINT32_C(1) << itag);
}

static void expire(const struct vtd_answers *a, struct vtd *unit, unsigned itag)
{
    if (a->host.timeout != NULL)
        a->host.timeout(a->host.opaque, itag);
    else
        vtd_device_tlb_timeout(unit, itag);
}

/* One device reacts. Returns whether the unit saw something of it. */
static bool react(struct vtd_answers *a, struct vtd *unit, unsigned itag)
{
    struct vtd_answers_pending *p = &a->pending[itag];
    const struct vtd_device_tlb_inv inv = p->inv;
    const enum vtd_answer policy = a->host.policy(a->host.opaque, inv.sid);
    if (policy == VTD_ANSWER_NEVER) {
        p->busy = false;
        expire(a, unit, itag);
        return true;
    }
    if (policy == VTD_ANSWER_HOLD) {
        p->held = true;
        return false;
    }
    if (a->host.invalidate != NULL)
        a->host.invalidate(a->host.opaque, &inv);
    if (policy == VTD_ANSWER_WRONG_SID) {
        p->held = true;
        complete(a, unit, inv.sid ^ 1, itag);
        return true;
    }
    if (policy == VTD_ANSWER_WRONG_ITAG) {
        const unsigned wrong = wrong_itag(a, itag);
        p->held = true;
        if (wrong < ITAGS)
            complete(a, unit, inv.sid, wrong);
        return wrong < ITAGS;
    }
    p->busy = false;
    complete(a, unit, inv.sid, itag);
    return true;
}

unsigned vtd_answers_run(struct vtd_answers *a, struct vtd *unit)
{
    unsigned seen = 0;
    int itag;
    while ((itag = find_oldest(a, false)) >= 0)
        seen += react(a, unit, (unsigned)itag);
    return seen;
}

unsigned vtd_answers_run_and_expire(struct vtd_answers *a, struct vtd *unit)
{
    unsigned seen = vtd_answers_run(a, unit);
    int itag;
    while ((itag = find_oldest(a, true)) >= 0) {
        seen += react(a, unit, (unsigned)itag);
        seen += vtd_answers_run(a, unit);
    }
    return seen;
}
