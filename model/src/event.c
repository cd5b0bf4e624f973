/* SPDX-License-Identifier: MIT */
/* Observation events and event interrupts. See event.h. */
#include "event.h"

void vtd_event_emit(struct vtd *v, struct vtd_event *e)
{
    if (v->host_events)
        v->host.event(v->host.opaque, e);
    if (v->watch.event)
        v->watch.event(v->watch.opaque, e);
}

void vtd_event_cache(struct vtd *v, enum vtd_event_kind kind, enum vtd_cache_id id, struct vtd_key key, bool hit,
                     const char *section)
{
    struct vtd_event e = {.kind = (uint8_t)kind,
                          .unit = (uint8_t)id,
                          .value = {key.a, key.b},
                          .count = 2,
                          .hit = hit,
                          .section = section};
    vtd_event_emit(v, &e);
}

void vtd_event_message(struct vtd *v, uint64_t addr, uint32_t data)
{
    v->stats.messages++;
    if (v->host.msi)
        v->host.msi(v->host.opaque, addr, data);
}

/* The four registers of an event stand together: control, data, address, upper address (ref 1.7). */
static void send(struct vtd *v, unsigned ctl)
{
    vtd_event_message(v, (uint64_t)reg_get32(v, ctl + 12) << 32 | reg_get32(v, ctl + 8), reg_get32(v, ctl + 4));
}

void vtd_event_raise(struct vtd *v, unsigned ctl)
{
    const uint32_t control = reg_get32(v, ctl);
    if (control >> VTD_FECTL_IM_LSB & 1) {
        event_decide(v, "5.4", "the event is masked (IM): it stays pending");
        reg_set32(v, ctl, control | (uint32_t)vtd_reg_fectl_put_ip(1));
    } else {
        event_decide(v, "5.4", "the message of the event is sent");
        send(v, ctl);
    }
}

void vtd_event_control_written(struct vtd *v, unsigned ctl)
{
    const uint32_t control = reg_get32(v, ctl);
    if (!(control >> VTD_FECTL_IM_LSB & 1) && (control >> VTD_FECTL_IP_LSB & 1)) {
        vtd_event_withdraw(v, ctl);
        send(v, ctl);
    }
}

void vtd_event_withdraw(struct vtd *v, unsigned ctl)
{
    reg_set32(v, ctl, reg_get32(v, ctl) & ~(uint32_t)vtd_reg_fectl_put_ip(1));
}
