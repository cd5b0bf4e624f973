/* SPDX-License-Identifier: MIT */
/* Places held over time. See meter.h. */
#include "meter.h"

#include <stdlib.h>

/* An event that would have to go before so many others, or is so much later than all of them, goes to the heap. */
#define SHIFT_MAX 48u
#define FAR       (2 * UINT64_C(8192))

bool vtd_meter_init(struct meter *m, uint32_t limit)
{
    *m = (struct meter){.limit = limit, .heap = malloc(METER_EVENTS * sizeof *m->heap)};
    return m->heap != NULL;
}

void vtd_meter_fini(struct meter *m)
{
    free(m->heap);
}

/* ---------------------------------------------------------------- the heap */

static void push_heap(struct meter *m, uint64_t event)
{
    uint32_t i = m->heaped++;
    for (; i && m->heap[(i - 1) / 2] > event; i = (i - 1) / 2)
        m->heap[i] = m->heap[(i - 1) / 2];
    m->heap[i] = event;
}

static uint64_t pop_heap(struct meter *m)
{
    const uint64_t first = m->heap[0];
    const uint64_t last = m->heap[--m->heaped];
    const uint32_t n = m->heaped;
    uint32_t i = 0;
    for (uint32_t child = 1; child < n; child = 2 * i + 1) {
        child += child + 1 < n && m->heap[child + 1] < m->heap[child];
        if (m->heap[child] >= last)
            break;
        m->heap[i] = m->heap[child];
        i = child;
    }
    m->heap[i] = last;
    return first;
}

/* ---------------------------------------------------------------- the rings */

static inline uint64_t *in_ring(struct meter_ring *r, uint32_t i)
{
    return &r->event[(r->first + i) % METER_RING];
}

/* False when the event is better off in the heap. */
static inline bool push_ring(struct meter_ring *r, uint64_t event)
{
    const uint32_t n = r->count;
    uint32_t i = n;
    if (n == METER_RING || (n && event > *in_ring(r, n - 1) + FAR))
        return false;
    while (i && *in_ring(r, i - 1) > event)
        if (n - --i > SHIFT_MAX)
            return false;
    for (uint32_t to = n; to > i; to--)
        *in_ring(r, to) = *in_ring(r, to - 1);
    *in_ring(r, i) = event;
    r->count++;
    return true;
}

static inline uint64_t first_of(struct meter_ring *r)
{
    return r->count ? *in_ring(r, 0) : UINT64_MAX;
}

/* ---------------------------------------------------------------- time */

static inline void happen(struct meter *m, uint64_t event)
{
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

/* The earliest event happens if it is before `until`; false: there is none. */
static inline bool step(struct meter *m, uint64_t until)
{
    const uint64_t begin = first_of(&m->begins), end = first_of(&m->ends);
    const uint64_t event = begin < end ? begin : end;
    if (m->heaped && m->heap[0] < event) {
        if (m->heap[0] >= until)
            return false;
        happen(m, pop_heap(m));
        return true;
    }
    if (event >= until)
        return false;
    m->begins.first += begin < end;
    m->begins.count -= begin < end;
    m->ends.first += begin >= end;
    m->ends.count -= begin >= end;
    happen(m, event);
    return true;
}

static inline void push(struct meter *m, struct meter_ring *ring, uint64_t event)
{
    if (push_ring(ring, event))
        return;
    while (m->heaped == METER_EVENTS)
        step(m, UINT64_MAX);
    push_heap(m, event);
}

void vtd_meter_hold(struct meter *m, uint64_t begin, uint64_t end, uint64_t safe)
{
    if (begin >= end)
        return;
    m->holds += begin >= m->from;
    push(m, &m->begins, begin << 1 | 1);
    push(m, &m->ends, end << 1);
    if (m->begins.count < METER_RING / 2 && m->ends.count < METER_RING / 2)
        return; /* many at a time are counted faster */
    while (step(m, safe << 1))
        continue;
}

void vtd_meter_settle(struct meter *m)
{
    while (step(m, UINT64_MAX))
        continue;
}

void vtd_meter_reset(struct meter *m, uint64_t from)
{
    while (step(m, (from << 1 | 1) + 1))
        continue;
    m->from = from;
    m->peak = m->level;
    m->holds = m->area = m->full = m->early = 0;
}
