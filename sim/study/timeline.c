/* SPDX-License-Identifier: MIT */
/* Single accesses as trace-event JSON. See timeline.h. */
#include "timeline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Processes of the trace: devices have their source-id. */
#define UNIT     0x10000u
#define SOFTWARE 0x10001u

/* Steps of one request: as many as its access record has, each with a wait before, and some more. */
#define STEPS 1024

/* Slices before the one that begins an access: those of its requests are kept until its track is known. */
struct slice {
    uint64_t begin, end, addr;
    const char *name;
    const char *what; /* class, or NULL */
    bool has_addr;
};

/* A track: what is shown in it does not overlap. */
struct lane {
    uint32_t process;
    uint32_t number; /* of the process's tracks */
    uint64_t end;
};

struct vtd_timeline {
    FILE *out;
    struct vtd_timeline_spec spec;
    struct vtd_timing_config config;
    bool failed; /* memory was out */
    bool begun;  /* an event is in the file */
    struct lane *lane;
    size_t lanes;

    /* the access at hand */
    struct vtd_record record;
    uint64_t number, arrival, start;
    uint64_t reached; /* everything before is told */
    struct slice *slice;
    size_t slices, slices_max;
    struct vtd_timing_step step[STEPS];
    unsigned steps;
};

/* ---------------------------------------------------------------- events */

static void separate(struct vtd_timeline *t)
{
    fputs(t->begun ? ",\n" : "\n", t->out);
    t->begun = true;
}

static double us(const struct vtd_timeline *t, uint64_t cycles)
{
    return (double)cycles * 1e6 / (double)t->config.frequency;
}

static void name_it(struct vtd_timeline *t, const char *what, const struct lane *lane, const char *name)
{
    separate(t);
    fprintf(t->out, "{\"ph\":\"M\",\"pid\":%u,\"tid\":%u,\"name\":\"%s\",\"args\":{\"name\":\"%s\"}}", lane->process,
            lane->number, what, name);
}

/* Name of a process when its first track is made, and of the track. */
static void introduce(struct vtd_timeline *t, const struct lane *lane)
{
    char name[32];
    if (lane->number == 0) {
        if (lane->process < UNIT)
            snprintf(name, sizeof name, "device %02x:%02x.%x", lane->process >> 8, lane->process >> 3 & 31,
                     lane->process & 7);
        else
            strcpy(name, lane->process == UNIT ? "unit" : "software");
        name_it(t, "process_name", lane, name);
    }
    snprintf(name, sizeof name, "%s %u",
             lane->process == UNIT  ? "walker"
             : lane->process < UNIT ? "access"
                                    : "thread",
             lane->number);
    name_it(t, "thread_name", lane, name);
}

/* The first track of a process that is free from begin on; it is taken until end. */
static uint32_t track(struct vtd_timeline *t, uint32_t process, uint64_t begin, uint64_t end)
{
    uint32_t number = 0;
    for (size_t i = 0; i < t->lanes; i++) {
        if (t->lane[i].process != process)
            continue;
        if (t->lane[i].end <= begin) {
            t->lane[i].end = end;
            return t->lane[i].number;
        }
        number++;
    }
    struct lane *more = realloc(t->lane, (t->lanes + 1) * sizeof *more);
    if (!more) {
        t->failed = true;
        return number;
    }
    t->lane = more;
    t->lane[t->lanes] = (struct lane){.process = process, .number = number, .end = end};
    introduce(t, &t->lane[t->lanes++]);
    return number;
}

/* Begins a complete event; its args are still open. */
static void begin_event(struct vtd_timeline *t, uint32_t process, uint32_t number, const struct slice *s)
{
    separate(t);
    fprintf(t->out,
            "{\"ph\":\"X\",\"pid\":%u,\"tid\":%u,\"ts\":%.6f,\"dur\":%.6f,\"name\":\"%s\",\"args\":{\"begin\":%" PRIu64
            ",\"cycles\":%" PRIu64,
            process, number, us(t, s->begin), us(t, s->end - s->begin), s->name, s->begin, s->end - s->begin);
    if (s->what)
        fprintf(t->out, ",\"of\":\"%s\"", s->what);
    if (s->has_addr)
        fprintf(t->out, ",\"address\":\"0x%" PRIx64 "\"", s->addr);
}

static void end_event(struct vtd_timeline *t)
{
    fputs("}}", t->out);
}

/* ---------------------------------------------------------------- slices of an access */

static void keep(struct vtd_timeline *t, const struct slice *s)
{
    if (s->begin >= s->end)
        return;
    if (t->slices == t->slices_max) {
        const size_t more = t->slices_max ? 2 * t->slices_max : 64;
        struct slice *bigger = realloc(t->slice, more * sizeof *bigger);
        if (!bigger) {
            t->failed = true;
            return;
        }
        t->slice = bigger;
        t->slices_max = more;
    }
    t->slice[t->slices++] = *s;
}

static void keep_part(struct vtd_timeline *t, uint64_t begin, uint64_t cycles, enum vtd_timing_part part,
                      const char *what)
{
    keep(t, &(struct slice){.begin = begin, .end = begin + cycles, .name = vtd_timing_part_name(part), .what = what});
}

static const char *what_of(const struct vtd_timing_step *s)
{
    switch (s->part) {
    case VTD_TIMING_PORT:
    case VTD_TIMING_LOOKUP:
        return vtd_cache_name(s->unit);
    case VTD_TIMING_BUS:
    case VTD_TIMING_MEMORY:
        return vtd_mem_class_name(s->unit);
    default:
        return NULL;
    }
}

/* A request that the IOTLB answered at once has no steps: its parts come in this order. */
static void keep_hit(struct vtd_timeline *t, const struct vtd_timed *timed, uint64_t at_the_unit)
{
    static const uint8_t order[] = {VTD_TIMING_PORT, VTD_TIMING_LOOKUP, VTD_TIMING_MERGED};
    for (unsigned i = 0; i < sizeof order; i++) {
        keep_part(t, at_the_unit, timed->part[order[i]], order[i], vtd_cache_name(VTD_CACHE_IOTLB));
        at_the_unit += timed->part[order[i]];
    }
}

static void keep_steps(struct vtd_timeline *t)
{
    for (unsigned i = 0; i < t->steps; i++) {
        const struct vtd_timing_step *s = &t->step[i];
        const bool memory = s->part == VTD_TIMING_MEMORY;
        keep(t, &(struct slice){.begin = s->begin,
                                .end = s->end,
                                .addr = s->addr,
                                .name = memory && s->cached ? "table cache" : vtd_timing_part_name(s->part),
                                .what = what_of(s),
                                .has_addr = memory});
    }
}

void vtd_timeline_step(void *opaque, const struct vtd_timing_step *step)
{
    struct vtd_timeline *t = opaque;
    if (step->part == VTD_TIMING_PARTS) {
        const struct slice s = {.begin = step->begin, .end = step->end, .name = "walk"};
        const uint32_t number = track(t, UNIT, step->begin, step->end);
        begin_event(t, UNIT, number, &s);
        fprintf(t->out, ",\"walker\":%u,\"access\":%" PRIu64, step->place, t->number);
        end_event(t);
    } else if (t->steps < STEPS) {
        t->step[t->steps++] = *step;
    }
}

/* ---------------------------------------------------------------- accesses */

bool vtd_timeline_wants(const struct vtd_timeline *t, uint64_t number)
{
    return number >= t->spec.first && number <= t->spec.last;
}

void vtd_timeline_begin(struct vtd_timeline *t, uint64_t number, const struct vtd_record *record, uint64_t arrival,
                        uint64_t start)
{
    t->record = *record;
    t->number = number;
    t->arrival = arrival;
    t->start = t->reached = start;
    t->slices = 0;
    t->steps = 0;
    keep_part(t, arrival, start - arrival, VTD_TIMING_CREDIT, NULL);
}

void vtd_timeline_request(struct vtd_timeline *t, const struct vtd_request *req, const struct vtd_timed *timed,
                          const struct vtd_clock *clock)
{
    static const char *const kinds[] = {[VTD_AT_UNTRANSLATED] = "untranslated request",
                                        [VTD_AT_TRANSLATION] = "translation request",
                                        [VTD_AT_TRANSLATED] = "translated request"};
    const uint64_t link = t->config.link_latency;
    if (clock->way == VTD_CLOCK_PAGED && clock->asked >= t->reached && clock->asked < timed->start) {
        /* The device looks up once more when it has the page. */
        const uint64_t answered = timed->start - t->config.device_tlb_latency;
        keep_part(t, t->reached, answered - t->reached, VTD_TIMING_PAGING, NULL);
        t->reached = answered;
    }
    keep_part(t, t->reached, timed->start - t->reached, VTD_TIMING_DEVICE, NULL);
    keep(t, &(struct slice){.begin = timed->start,
                            .end = timed->done,
                            .addr = req->addr,
                            .name = kinds[req->at],
                            .what = vtd_timing_source_name(timed->source),
                            .has_addr = true});
    keep_part(t, timed->start, link, VTD_TIMING_LINK, NULL);
    if (t->steps)
        keep_steps(t);
    else
        keep_hit(t, timed, timed->start + link);
    keep_part(t, timed->done - link, link, VTD_TIMING_LINK, NULL);
    t->steps = 0;
    t->reached = timed->done;
}

void vtd_timeline_end(struct vtd_timeline *t, uint64_t end)
{
    const struct vtd_record *r = &t->record;
    const uint32_t number = track(t, r->sid, t->arrival, end);
    const struct slice whole = {.begin = t->arrival,
                                .end = end,
                                .addr = r->iova,
                                .name = r->kind == VTD_RECORD_WRITE ? "write" : "read",
                                .has_addr = true};
    begin_event(t, r->sid, number, &whole);
    fprintf(t->out, ",\"access\":%" PRIu64, t->number);
    if (r->has_pasid)
        fprintf(t->out, ",\"pasid\":%u", r->pasid);
    end_event(t);
    keep_part(t, t->reached, end - t->reached, VTD_TIMING_DEVICE, NULL);
    for (size_t i = 0; i < t->slices; i++) {
        begin_event(t, r->sid, number, &t->slice[i]);
        end_event(t);
    }
}

void vtd_timeline_unmap(struct vtd_timeline *t, const struct vtd_record *record, uint64_t begin, uint64_t end)
{
    const struct slice s = {.begin = begin, .end = end, .addr = record->iova, .name = "unmap", .has_addr = true};
    begin_event(t, SOFTWARE, track(t, SOFTWARE, begin, end), &s);
    end_event(t);
}

/* ---------------------------------------------------------------- life */

struct vtd_timeline *vtd_timeline_open(const struct vtd_timeline_spec *spec, const struct vtd_timing_config *config,
                                       char *why)
{
    struct vtd_timeline *t = calloc(1, sizeof *t);
    if (!t) {
        snprintf(why, VTD_WHY_SIZE, "out of memory");
        return NULL;
    }
    t->spec = *spec;
    t->config = *config;
    t->out = fopen(spec->file, "w");
    if (!t->out) {
        snprintf(why, VTD_WHY_SIZE, "cannot write %.120s: %s", spec->file, strerror(errno));
        free(t);
        return NULL;
    }
    fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[", t->out);
    return t;
}

int vtd_timeline_close(struct vtd_timeline *t, char *why)
{
    if (!t)
        return 0;
    fputs("\n]}\n", t->out);
    bool ok = !ferror(t->out);
    ok = fclose(t->out) == 0 && ok;
    if (!ok)
        snprintf(why, VTD_WHY_SIZE, "cannot write %.120s: %s", t->spec.file, strerror(errno));
    else if (t->failed)
        snprintf(why, VTD_WHY_SIZE, "%.120s is not complete: out of memory", t->spec.file);
    const int status = ok && !t->failed ? 0 : -1;
    free(t->lane);
    free(t->slice);
    free(t);
    return status;
}
