/* SPDX-License-Identifier: MIT */
/* A workload played in time. See timed_run.h. */
#include "timed_run.h"

#include "platform/clock.h"

#include <stdio.h>
#include <stdlib.h>

#define KINDS 3 /* enum vtd_address_type */

/* Later than any trace is long; sums of it do not overflow. */
#define CYCLES_MAX (UINT64_C(1) << 60)

struct vtd_timed_run {
    struct vtd_clock clock;
    struct vtd_timing *timing;
    struct vtd_player *player;
    enum vtd_arrivals arrivals;
    uint64_t interval;
    uint64_t latest; /* arrival of the latest access */
    uint64_t next;   /* the earliest that an access can come; VTD_ARRIVALS_EVERY: when it does */
    uint64_t software_free;
    bool begun;
    struct vtd_timeline *timeline;
    bool told;                      /* the timeline is told of the access at hand */
    uint64_t number;                /* of the access at hand, with a timeline */
    struct vtd_timed_results count; /* what is counted on the way */
    struct vtd_histogram access[VTD_CLOCK_WAYS];
    struct vtd_histogram request[KINDS][VTD_TIMING_SOURCES];
    struct vtd_histogram unmap;
};

const char *vtd_latency_name(unsigned latency)
{
    static const char *const names[] = {"all",   "direct",       "device_tlb",  "device_tlb_merged", "ats",
                                        "paged", "untranslated", "translation", "translated"};
    if (latency < VTD_LATENCY_SOURCE)
        return names[latency];
    return latency == VTD_LATENCY_UNMAP ? "unmap" : vtd_timing_source_name(latency - VTD_LATENCY_SOURCE);
}

/* ---------------------------------------------------------------- life */

static void note(void *arg, const struct vtd_request *req, const struct vtd_timed *timed)
{
    struct vtd_timed_run *run = arg;
    vtd_histogram_add(&run->request[req->at][timed->source], timed->done - timed->start);
    if (run->told)
        vtd_timeline_request(run->timeline, req, timed, &run->clock);
}

static bool make_histograms(struct vtd_timed_run *run)
{
    bool ok = vtd_histogram_init(&run->unmap);
    for (unsigned i = 0; i < VTD_CLOCK_WAYS; i++)
        ok = vtd_histogram_init(&run->access[i]) && ok;
    for (unsigned i = 0; i < KINDS * VTD_TIMING_SOURCES; i++)
        ok = vtd_histogram_init(&run->request[0][0] + i) && ok;
    return ok;
}

struct vtd_timed_run *vtd_timed_run_create(struct vtd_player *player, const struct vtd_sim_config *config,
                                           enum vtd_arrivals arrivals, uint64_t interval, char *why)
{
    if (arrivals == VTD_ARRIVALS_ACCEPTED && config->timing.in_flight == 0) {
        snprintf(
            why, VTD_WHY_SIZE,
            "timing.in_flight is 0, so that nothing holds accesses back: say when they come (--arrivals trace or N)");
        return NULL;
    }
    struct vtd_timed_run *run = calloc(1, sizeof *run);
    bool ok = run && make_histograms(run);
    if (ok) {
        run->player = player;
        run->arrivals = arrivals;
        run->interval = interval;
        run->count.frequency = config->timing.frequency;
        run->timing = vtd_timing_create(vtd_player_unit(player), &config->timing, why);
        run->clock = (struct vtd_clock){.timing = run->timing, .note = note, .arg = run};
        if (run->timing && vtd_player_set_clock(player, &run->clock))
            return run;
        ok = run->timing != NULL;
    }
    if (!run || ok)
        snprintf(why, VTD_WHY_SIZE, "out of memory");
    vtd_timed_run_destroy(run);
    return NULL;
}

void vtd_timed_run_destroy(struct vtd_timed_run *run)
{
    if (!run)
        return;
    if (run->player) /* what the driver does at its end takes no time */
        vtd_player_set_clock(run->player, NULL);
    vtd_timing_destroy(run->timing);
    vtd_histogram_fini(&run->unmap);
    for (unsigned i = 0; i < VTD_CLOCK_WAYS; i++)
        vtd_histogram_fini(&run->access[i]);
    for (unsigned i = 0; i < KINDS * VTD_TIMING_SOURCES; i++)
        vtd_histogram_fini(&run->request[0][0] + i);
    free(run);
}

void vtd_timed_run_reset(struct vtd_timed_run *run)
{
    vtd_histogram_clear(&run->unmap);
    for (unsigned i = 0; i < VTD_CLOCK_WAYS; i++)
        vtd_histogram_clear(&run->access[i]);
    for (unsigned i = 0; i < KINDS * VTD_TIMING_SOURCES; i++)
        vtd_histogram_clear(&run->request[0][0] + i);
    run->count = (struct vtd_timed_results){.frequency = run->count.frequency, .last_time_ns = run->count.last_time_ns};
    for (unsigned i = 0; i < VTD_TIMING_PARTS; i++)
        run->clock.part[i] = 0;
    run->begun = false;
    vtd_timing_occupancy_reset(run->timing, run->next);
}

void vtd_timed_run_set_timeline(struct vtd_timed_run *run, struct vtd_timeline *timeline)
{
    run->timeline = timeline;
}

/* ---------------------------------------------------------------- records */

/* The cycle of a time; frequency is at most 10 GHz. */
static uint64_t cycle_of(const struct vtd_timed_run *run, uint64_t ns)
{
    const uint64_t f = run->count.frequency;
    const uint64_t seconds = ns / 1000000000;
    const uint64_t rest = ns % 1000000000 * f / 1000000000;
    return seconds > CYCLES_MAX / f ? CYCLES_MAX : seconds * f + rest;
}

/* When an access comes, if it is not held back. */
static uint64_t arrival_of(struct vtd_timed_run *run, const struct vtd_record *r)
{
    if (run->arrivals != VTD_ARRIVALS_TRACE)
        return run->next;
    const uint64_t cycle = cycle_of(run, r->time_ns);
    run->count.late += cycle < run->next && r->kind <= VTD_RECORD_WRITE;
    if (r->time_ns > run->count.last_time_ns)
        run->count.last_time_ns = r->time_ns;
    return cycle > run->next ? cycle : run->next;
}

static enum vtd_player_result play_unmap(struct vtd_timed_run *run, const struct vtd_record *r, uint8_t *reason,
                                         char *why)
{
    struct vtd_clock *clock = &run->clock;
    const uint64_t arrival = arrival_of(run, r);
    const uint64_t begin = arrival > run->software_free ? arrival : run->software_free;
    clock->now = begin;
    clock->software = true;
    const enum vtd_player_result result = vtd_player_play(run->player, r, reason, why);
    clock->software = false;
    run->software_free = clock->now;
    run->count.unmaps++;
    vtd_histogram_add(&run->unmap, clock->now - arrival);
    if (run->timeline && vtd_timeline_wants(run->timeline, run->number))
        vtd_timeline_unmap(run->timeline, r, begin, clock->now);
    return result;
}

static int say_late(const struct vtd_record *r, char *why)
{
    return snprintf(why, VTD_WHY_SIZE, "the access to 0x%llx comes too late: there are 2^60 cycles",
                    (unsigned long long)r->iova);
}

/* Is the timeline told of the access that begins? */
static void begin_telling(struct vtd_timed_run *run, const struct vtd_record *r, uint64_t arrival, uint64_t start)
{
    run->told = vtd_timeline_wants(run->timeline, ++run->number);
    if (!run->told)
        return;
    vtd_timeline_begin(run->timeline, run->number, r, arrival, start);
    vtd_timing_listen(run->timing, vtd_timeline_step, run->timeline);
}

static void end_telling(struct vtd_timed_run *run)
{
    vtd_timing_listen(run->timing, NULL, NULL);
    vtd_timeline_end(run->timeline, run->clock.now);
    run->told = false;
}

enum vtd_player_result vtd_timed_run_play(struct vtd_timed_run *run, const struct vtd_record *r, uint8_t *reason,
                                          char *why)
{
    if (r->kind > VTD_RECORD_WRITE)
        return play_unmap(run, r, reason, why);
    struct vtd_clock *clock = &run->clock;
    uint64_t arrival = arrival_of(run, r), start;
    if (arrival >= CYCLES_MAX) {
        say_late(r, why);
        return VTD_PLAYER_ERROR;
    }
    if (!vtd_timing_tag(run->timing, r->sid, arrival, &start)) {
        snprintf(why, VTD_WHY_SIZE, "out of memory");
        return VTD_PLAYER_ERROR;
    }
    if (run->arrivals == VTD_ARRIVALS_ACCEPTED)
        arrival = start;
    if (run->timeline)
        begin_telling(run, r, arrival, start);
    clock->now = start;
    clock->way = VTD_CLOCK_DIRECT;
    clock->part[VTD_TIMING_CREDIT] += start - arrival;
    const enum vtd_player_result result = vtd_player_play(run->player, r, reason, why);
    if (run->told)
        end_telling(run);
    vtd_timing_end_access(run->timing, r->sid, clock->way == VTD_CLOCK_PAGED ? clock->asked : clock->now);
    run->latest = arrival;
    run->next = arrival + (run->arrivals == VTD_ARRIVALS_EVERY ? run->interval : 0);
    if (!run->begun)
        run->count.begin = arrival;
    run->begun = true;
    if (clock->now > run->count.end)
        run->count.end = clock->now;
    vtd_histogram_add(&run->access[clock->way], clock->now - arrival);
    return result;
}

/* ---------------------------------------------------------------- results */

void vtd_timed_run_progress(const struct vtd_timed_run *run, struct vtd_timed_progress *progress)
{
    *progress = (struct vtd_timed_progress){.arrival = run->latest};
    for (unsigned i = 0; i < VTD_TIMING_PARTS; i++) /* of an access they add up to its latency */
        progress->latency += run->clock.part[i];
}

/* The distribution of several histograms together. */
static bool read_all(const struct vtd_histogram *const *list, unsigned count, struct vtd_timed_results *results,
                     enum vtd_latency to)
{
    struct vtd_histogram sum;
    bool ok = vtd_histogram_init(&sum);
    for (unsigned i = 0; i < count && ok; i++)
        vtd_histogram_merge(&sum, list[i]);
    ok = ok && vtd_histogram_read(&sum, &results->latency[to]);
    if (ok && sum.rounded > results->rounded)
        results->rounded = sum.rounded;
    vtd_histogram_fini(&sum);
    return ok;
}

static bool read_accesses(const struct vtd_timed_run *run, struct vtd_timed_results *results)
{
    const struct vtd_histogram *all[VTD_CLOCK_WAYS];
    bool ok = true;
    for (unsigned i = 0; i < VTD_CLOCK_WAYS && ok; i++) {
        all[i] = &run->access[i];
        ok = read_all(&all[i], 1, results, VTD_LATENCY_DIRECT + i);
    }
    return ok && read_all(all, VTD_CLOCK_WAYS, results, VTD_LATENCY_ALL);
}

static bool read_requests(const struct vtd_timed_run *run, struct vtd_timed_results *results)
{
    static const uint8_t to[KINDS] = {[VTD_AT_UNTRANSLATED] = VTD_LATENCY_UNTRANSLATED,
                                      [VTD_AT_TRANSLATION] = VTD_LATENCY_TRANSLATION,
                                      [VTD_AT_TRANSLATED] = VTD_LATENCY_TRANSLATED};
    const struct vtd_histogram *list[KINDS > VTD_TIMING_SOURCES ? KINDS : VTD_TIMING_SOURCES];
    bool ok = true;
    for (unsigned kind = 0; kind < KINDS && ok; kind++) {
        for (unsigned i = 0; i < VTD_TIMING_SOURCES; i++)
            list[i] = &run->request[kind][i];
        ok = read_all(list, VTD_TIMING_SOURCES, results, to[kind]);
        results->requests += results->latency[to[kind]].count;
    }
    for (unsigned i = 0; i < VTD_TIMING_SOURCES && ok; i++) {
        for (unsigned kind = 0; kind < KINDS; kind++)
            list[kind] = &run->request[kind][i];
        ok = read_all(list, KINDS, results, VTD_LATENCY_SOURCE + i);
    }
    return ok;
}

int vtd_timed_run_results(struct vtd_timed_run *run, struct vtd_timed_results *results, char *why)
{
    const struct vtd_histogram *unmap = &run->unmap;
    *results = run->count;
    if (!read_accesses(run, results) || !read_requests(run, results) ||
        !read_all(&unmap, 1, results, VTD_LATENCY_UNMAP)) {
        snprintf(why, VTD_WHY_SIZE, "out of memory");
        return -1;
    }
    results->accesses = results->latency[VTD_LATENCY_ALL].count;
    for (unsigned i = 0; i < VTD_TIMING_PARTS; i++)
        results->part[i] = run->clock.part[i];
    for (unsigned i = 0; i < VTD_TIMING_RESOURCES; i++)
        vtd_timing_occupancy_get(run->timing, i, &results->occupancy[i]);
    return 0;
}
