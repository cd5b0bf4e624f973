/* SPDX-License-Identifier: MIT */
/*
 * Two ways in which the unit speaks up: observation events to the host (vtd_host.event), and the architecture's event
 * interrupts (ref 5.4): fault, invalidation completion, page request.
 */
#ifndef VTD_EVENT_H
#define VTD_EVENT_H

#include "instance.h"

/* Hands an observation event to the host. Call only when v->events is set; use the wrappers below. */
void vtd_event_emit(struct vtd *v, struct vtd_event *e);

void vtd_event_cache(struct vtd *v, enum vtd_event_kind kind, enum vtd_cache_id id, struct vtd_key key, bool hit,
                     const char *section);

/* A decision worth explaining. Costs one predictable branch when nobody listens. */
static inline void event_decide(struct vtd *v, const char *section, const char *text)
{
    if (VTD_UNLIKELY(v->events)) {
        struct vtd_event e = {.kind = VTD_EVENT_DECISION, .section = section, .text = text};
        vtd_event_emit(v, &e);
    }
}

/* The same, speaking of a number. */
static inline void event_decide_number(struct vtd *v, const char *section, const char *text, uint64_t number)
{
    if (VTD_UNLIKELY(v->events)) {
        struct vtd_event e = {
            .kind = VTD_EVENT_DECISION, .section = section, .text = text, .value = {number}, .count = 1};
        vtd_event_emit(v, &e);
    }
}

/* Sends a message interrupt (ref 1.7). */
void vtd_event_message(struct vtd *v, uint64_t addr, uint32_t data);

/*
 * Raises the event interrupt whose control register is at ctl (FECTL, IECTL or PECTL): IP is set, and when IM is 0 the
 * message is sent and IP cleared (ref 5.4).
 */
void vtd_event_raise(struct vtd *v, unsigned ctl);

/* Software wrote the control register at ctl: sends what was held back when IM went to 0 (ref 5.4). */
void vtd_event_control_written(struct vtd *v, unsigned ctl);

/* Clears IP of the control register at ctl. */
void vtd_event_withdraw(struct vtd *v, unsigned ctl);

#endif
