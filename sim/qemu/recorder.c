/* SPDX-License-Identifier: MIT */
/* Writes scenarios from what happens. See recorder.h. */
#include "recorder.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long long ull;

/* ---------------------------------------------------------------- memory as the file has it */

static size_t place_of(const struct vtd_recorder *r, uint64_t addr)
{
    size_t i = (size_t)((addr >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (r->capacity - 1);
    while (r->word[i].addr != 0 && r->word[i].addr != addr + 1)
        i = (i + 1) & (r->capacity - 1);
    return i;
}

static bool grow(struct vtd_recorder *r)
{
    struct vtd_recorder_word *old = r->word;
    const size_t before = r->capacity;
    const size_t capacity = before ? 2 * before : 4096;
    struct vtd_recorder_word *word = calloc(capacity, sizeof(*word));
    if (!word)
        return false;
    r->word = word;
    r->capacity = capacity;
    for (size_t i = 0; i < before; i++)
        if (old[i].addr != 0)
            r->word[place_of(r, old[i].addr - 1)] = old[i];
    free(old);
    return true;
}

/* The qword at addr, which is 0 when the file does not speak of it; NULL when memory is out. */
static struct vtd_recorder_word *word_at(struct vtd_recorder *r, uint64_t addr)
{
    if (2 * (r->words + 1) > r->capacity && !grow(r)) {
        r->no_memory = true;
        return NULL;
    }
    struct vtd_recorder_word *w = &r->word[place_of(r, addr)];
    if (w->addr == 0) {
        w->addr = addr + 1;
        r->words++;
    }
    return w;
}

static bool full(const struct vtd_recorder *r)
{
    return !r->out || (r->limit && r->statements > r->limit);
}

/* The unit has read value at addr. */
static void on_read(struct vtd_recorder *r, uint64_t addr, uint64_t value)
{
    struct vtd_recorder_word *w = full(r) ? NULL : word_at(r, addr);
    if (!w)
        return;
    const bool again = w->statement == r->statements && r->statements != 0;
    w->statement = r->statements;
    if (w->value == value)
        return;
    r->conflicts += again;
    w->value = value;
    r->stores++;
    fprintf(r->out, "store 0x%llx 8 0x%llx\n", (ull)addr, (ull)value);
}

/* The unit itself writes: it will in the replay, too. */
static void on_write(struct vtd_recorder *r, uint64_t addr, uint64_t value, uint64_t mask)
{
    struct vtd_recorder_word *w = full(r) ? NULL : word_at(r, addr);
    if (!w)
        return;
    w->value = (w->value & ~mask) | (value & mask);
    w->statement = r->statements;
}

/* ---------------------------------------------------------------- statements */

static void flush(struct vtd_recorder *r)
{
    if (r->pending[0] && !full(r))
        fprintf(r->out, "%s\n", r->pending);
    r->pending[0] = '\0';
}

__attribute__((format(printf, 2, 3))) static void begin(struct vtd_recorder *r, const char *format, ...)
{
    flush(r);
    r->statements++;
    va_list list;
    va_start(list, format);
    vsnprintf(r->pending, sizeof(r->pending), format, list);
    va_end(list);
}

__attribute__((format(printf, 2, 3))) static void append(struct vtd_recorder *r, const char *format, ...)
{
    const size_t used = strlen(r->pending);
    va_list list;
    va_start(list, format);
    vsnprintf(r->pending + used, sizeof(r->pending) - used, format, list);
    va_end(list);
}

void vtd_recorder_register(void *opaque, bool write, uint64_t offset, uint64_t value, unsigned size)
{
    struct vtd_recorder *r = opaque;
    begin(r, "%s 0x%llx %u 0x%llx", write ? "write" : "read", (ull)offset, size, (ull)value);
}

static void begin_request(struct vtd_recorder *r, const struct vtd_request *q)
{
    static const char *const kind[] = {"read", "write", "exec", "atomic"};
    const char *access = kind[q->access & 3];
    if (q->at == VTD_AT_TRANSLATION)
        begin(r, "ats 0x%x 0x%llx", q->sid, (ull)q->addr);
    else
        begin(r, "%s %s 0x%x 0x%llx", q->at == VTD_AT_UNTRANSLATED ? "dma" : "translated", access, q->sid,
              (ull)q->addr);
    if (q->flags & VTD_REQ_PASID)
        append(r, " pasid=%u", q->pasid);
    if (q->flags & VTD_REQ_PRIV)
        append(r, " priv");
    if (q->at == VTD_AT_UNTRANSLATED)
        append(r, " len=%u", q->len);
    if (q->at == VTD_AT_TRANSLATION && q->flags & VTD_REQ_NO_WRITE)
        append(r, " no-write");
    if (q->at == VTD_AT_TRANSLATION && q->access == VTD_EXEC)
        append(r, " exec");
}

static void end_request(struct vtd_recorder *r, const struct vtd_request *q, const struct vtd_response *s)
{
    if (q->at == VTD_AT_TRANSLATION && s->result != VTD_RESULT_OK)
        append(r, " -> %s", s->result == VTD_RESULT_CA ? "ca" : "ur");
    else if (q->at == VTD_AT_TRANSLATION)
        append(r, " -> r=%d w=%d u=%d", !!(s->attr & VTD_ATTR_R), !!(s->attr & VTD_ATTR_W), !!(s->attr & VTD_ATTR_U));
    else if (s->result == VTD_RESULT_OK)
        append(r, " -> hpa=0x%llx", (ull)s->hpa);
    else if (s->result != VTD_RESULT_INTERRUPT && s->fault)
        append(r, " -> fault=0x%x", s->fault);
    else if (s->result != VTD_RESULT_INTERRUPT)
        append(r, " -> blocked");
    const unsigned shift = s->page_shift;
    if (q->at == VTD_AT_UNTRANSLATED && s->result == VTD_RESULT_OK && (shift == 12 || shift == 21 || shift == 30))
        append(r, " page=%s", shift == 12 ? "4K" : shift == 21 ? "2M" : "1G");
}

void vtd_recorder_interrupt(struct vtd_recorder *r, uint16_t sid, uint64_t addr, uint32_t data)
{
    begin(r, "interrupt 0x%x 0x%llx 0x%x", sid, (ull)addr, data);
}

void vtd_recorder_interrupt_end(struct vtd_recorder *r, const struct vtd_irq_response *irq)
{
    switch (irq->result) {
    case VTD_IRQ_REMAPPED:
        append(r, " -> vector=%u dest=%u", irq->vector, irq->dest);
        break;
    case VTD_IRQ_POSTED:
        append(r, " -> posted");
        break;
    case VTD_IRQ_BLOCKED:
        if (irq->fault)
            append(r, " -> fault=0x%x", irq->fault);
        else
            append(r, " -> blocked");
        break;
    default: /* passed unchanged: the vector is in its data */
        break;
    }
}

/* ---------------------------------------------------------------- events */

void vtd_recorder_event(void *opaque, const struct vtd_event *e)
{
    struct vtd_recorder *r = opaque;
    switch (e->kind) {
    case VTD_EVENT_REQUEST:
        begin_request(r, e->req);
        break;
    case VTD_EVENT_RESPONSE:
        end_request(r, e->req, e->resp);
        break;
    case VTD_EVENT_MEM_READ:
        for (unsigned i = 0; !e->error && i < e->count && i < 8; i++)
            on_read(r, e->addr + 8 * i, e->value[i]);
        break;
    case VTD_EVENT_MEM_WRITE:
        /* A status write has 4 bytes, all else whole qwords. */
        if (!e->error && e->unit == VTD_MEM_STATUS)
            on_write(r, e->addr & ~UINT64_C(7), e->value[0] << (e->addr & 4) * 8,
                     UINT64_C(0xffffffff) << (e->addr & 4) * 8);
        else
            for (unsigned i = 0; !e->error && i < e->count && i < 8; i++)
                on_write(r, e->addr + 8 * i, e->value[i], UINT64_MAX);
        break;
    case VTD_EVENT_MEM_CAS: /* one that failed is followed by a read */
        if (e->hit) {
            on_read(r, e->addr, e->value[0]);
            on_write(r, e->addr, e->value[1], UINT64_MAX);
        }
        break;
    default:
        break;
    }
}

/* ---------------------------------------------------------------- begin and end */

bool vtd_recorder_begin(struct vtd_recorder *r, FILE *out, const char *configuration, uint64_t limit)
{
    *r = (struct vtd_recorder){.out = out, .limit = limit};
    return fprintf(out, "vtd-scenario 1\n# Recorded by vtdsim linux.\n%s", configuration) > 0;
}

int vtd_recorder_end(struct vtd_recorder *r, uint64_t page_requests, char *why)
{
    flush(r);
    free(r->word);
    r->word = NULL;
    const char *wrong = NULL;
    if (fflush(r->out) != 0 || ferror(r->out))
        wrong = "it cannot be written";
    else if (r->no_memory)
        wrong = "out of memory";
    else if (page_requests)
        wrong = "there were page requests, which cannot be recorded";
    if (wrong)
        snprintf(why, VTD_QEMU_WHY_SIZE, "the recording is not complete: %s", wrong);
    else if (r->limit && r->statements > r->limit)
        snprintf(why, VTD_QEMU_WHY_SIZE, "the recording ends after %llu of %llu statements", (ull)r->limit,
                 (ull)r->statements);
    else if (r->conflicts)
        snprintf(why, VTD_QEMU_WHY_SIZE, "the recording is not exact: memory changed %llu times while a statement ran",
                 (ull)r->conflicts);
    else
        return 0;
    return -1;
}
