/* SPDX-License-Identifier: MIT */
/* Places held over time. See meter.h. */
#include "meter.h"

#include <stdlib.h>

bool vtd_meter_init(struct meter *m, uint32_t limit)
{
    *m = (struct meter){.limit = limit, .event = malloc(METER_EVENTS * sizeof *m->event)};
    return m->event != NULL;
}

void vtd_meter_fini(struct meter *m)
{
    free(m->event);
}

static uint64_t pop(struct meter *m)
{
    const uint64_t first = m->event[0];
    const uint64_t last = m->event[--m->events];
    const uint32_t n = m->events;
    uint32_t i = 0;
    for (uint32_t child = 1; child < n; child = 2 * i + 1) {
        child += child + 1 < n && m->event[child + 1] < m->event[child];
        if (m->event[child] >= last)
            break;
        m->event[i] = m->event[child];
        i = child;
    }
    m->event[i] = last;
    return first;
}

/* The earliest event happens. */
static void step(struct meter *m)
{
    const uint64_t event = pop(m);
    const uint64_t cycle = event >> 1;
    if (cycle > m->now) {
        const uint64_t since = m->now > m->from ? m->now : m->from;
        if (cycle > since) {
            m->area += m->level * (cycle - since);
            m->full += m->limit && m->level >= m->limit ? cycle - since : 0;
        }
        m->now = cycle;
    } else {
        m->early += cycle < m->now;
    }
    m->level += event & 1 ? 1 : UINT32_MAX;
    if (m->level > m->peak && cycle >= m->from)
        m->peak = m->level;
}

static void push(struct meter *m, uint64_t event)
{
    if (m->events == METER_EVENTS)
        step(m);
    uint32_t i = m->events++;
    for (; i && m->event[(i - 1) / 2] > event; i = (i - 1) / 2)
        m->event[i] = m->event[(i - 1) / 2];
    m->event[i] = event;
}

void vtd_meter_hold(struct meter *m, uint64_t begin, uint64_t end, uint64_t safe)
{
    if (begin >= end)
        return;
    m->holds += begin >= m->from;
    push(m, begin << 1 | 1);
    push(m, end << 1);
    while (m->events && m->event[0] >> 1 < safe)
        step(m);
}

void vtd_meter_settle(struct meter *m)
{
    while (m->events)
        step(m);
}

void vtd_meter_reset(struct meter *m, uint64_t from)
{
    while (m->events && m->event[0] >> 1 <= from)
        step(m);
    m->from = from;
    m->peak = m->level;
    m->holds = m->area = m->full = m->early = 0;
}
