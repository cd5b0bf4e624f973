/* SPDX-License-Identifier: MIT */
/* Timed runs: options and results. See play_time.h. */
#include "play_time.h"

#include "config/text.h"
#include "tenant_options.h"

#include <argp.h>
#include <inttypes.h>
#include <string.h>

enum {
    OPT_TIMING = 0x3000,
    OPT_ARRIVALS,
    OPT_TIMELINE,
    OPT_TIMELINE_RANGE,
};

/* Accesses that a timeline has without --timeline-range. */
#define TIMELINE_ACCESSES 1000

static const struct argp_option options[] = {
    {0, 0, 0, 0, "Time (keys timing.*):", 2},
    {"timing", OPT_TIMING, 0, 0, "Tell latencies, throughput and occupancy, too", 2},
    {"arrivals", OPT_ARRIVALS, "accepted|trace|N", 0,
     "When accesses come: as soon as their device has a free tag (default), at the times of the trace or workload "
     "file, or one each N "
     "cycles; "
     "implies --timing",
     2},
    {"timeline", OPT_TIMELINE, "FILE", 0,
     "Write single accesses to FILE as trace-event JSON, for ui.perfetto.dev; implies --timing", 2},
    {"timeline-range", OPT_TIMELINE_RANGE, "FIRST:LAST", 0, "Of these accesses, counted from 1 (default 1:1000)", 2},
    {0},
};

static void set_arrivals(struct vtd_play_time *time, const struct argp_state *state, const char *argument)
{
    time->on = true;
    if (strcmp(argument, "accepted") == 0) {
        time->arrivals = VTD_ARRIVALS_ACCEPTED;
    } else if (strcmp(argument, "trace") == 0) {
        time->arrivals = VTD_ARRIVALS_TRACE;
    } else {
        time->arrivals = VTD_ARRIVALS_EVERY;
        time->interval = vtd_option_count(state, "arrivals", argument, 1);
        if (time->interval > 1000000000)
            argp_error(state, "--arrivals %s: accepted, trace, or 1 to 1000000000 cycles", argument);
    }
}

static void set_range(struct vtd_play_time *time, const struct argp_state *state, const char *text)
{
    char first[32];
    const char *colon = strchr(text, ':');
    if (colon && (size_t)(colon - text) < sizeof first) {
        snprintf(first, sizeof first, "%.*s", (int)(colon - text), text);
        if (vtd_number_parse(first, &time->timeline.first) && vtd_number_parse(colon + 1, &time->timeline.last) &&
            time->timeline.first > 0 && time->timeline.first <= time->timeline.last)
            return;
    }
    argp_error(state, "--timeline-range %s: want FIRST:LAST, numbers of accesses from 1 in ascending order", text);
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct vtd_play_time *time = state->input;
    switch (key) {
    case OPT_TIMING:
        time->on = true;
        return 0;
    case OPT_ARRIVALS:
        set_arrivals(time, state, argument);
        return 0;
    case OPT_TIMELINE:
        time->on = true;
        time->timeline.file = argument;
        return 0;
    case OPT_TIMELINE_RANGE:
        set_range(time, state, argument);
        return 0;
    case ARGP_KEY_END:
        if (time->timeline.last && !time->timeline.file)
            argp_error(state, "--timeline-range belongs to --timeline FILE");
        if (!time->timeline.last)
            time->timeline = (struct vtd_timeline_spec){time->timeline.file, 1, TIMELINE_ACCESSES};
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp vtd_time_options = {.options = options, .parser = parse_option};

int vtd_play_time_check(const struct vtd_play_time *time, const struct vtd_sim_config *config, char *why)
{
    if (time->on && time->arrivals == VTD_ARRIVALS_ACCEPTED && config->timing.in_flight == 0) {
        snprintf(why, VTD_WHY_SIZE,
                 "timing.in_flight=0: nothing holds accesses back, so say when they come (--arrivals trace or N)");
        return -1;
    }
    return 0;
}

const char *vtd_play_time_arrivals(const struct vtd_play_time *time, char *text)
{
    if (time->arrivals == VTD_ARRIVALS_EVERY)
        snprintf(text, 32, "%" PRIu64, time->interval);
    else
        strcpy(text, time->arrivals == VTD_ARRIVALS_TRACE ? "trace" : "accepted");
    return text;
}

/* ---------------------------------------------------------------- numbers */

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

struct visitor {
    vtd_time_visit *visit;
    void *arg;
    const char *group;
    double ns; /* per cycle */
};

static void integer(const struct visitor *v, const char *name, uint64_t value)
{
    v->visit(v->arg, &(struct vtd_time_value){.group = v->group, .name = name, .integer = value});
}

static void real(const struct visitor *v, const char *name, double value)
{
    v->visit(v->arg, &(struct vtd_time_value){.group = v->group, .name = name, .is_real = true, .real = value});
}

/* Cycles, and the same in nanoseconds under another name. */
static void visit_latency(const struct visitor *v, const struct vtd_distribution *d)
{
    char name[16];
    integer(v, "count", d->count);
    real(v, "mean", d->mean);
    integer(v, "min", d->min);
    for (unsigned i = 0; i < VTD_QUANTILES; i++)
        integer(v, vtd_quantiles[i].name, d->quantile[i]);
    integer(v, "max", d->max);
    real(v, "mean_ns", d->mean * v->ns);
    real(v, "min_ns", (double)d->min * v->ns);
    for (unsigned i = 0; i < VTD_QUANTILES; i++) {
        snprintf(name, sizeof name, "%s_ns", vtd_quantiles[i].name);
        real(v, name, (double)d->quantile[i] * v->ns);
    }
    real(v, "max_ns", (double)d->max * v->ns);
}

static void visit_occupancy(const struct visitor *v, const struct vtd_timing_occupancy *o, double cycles)
{
    integer(v, "places", o->limit);
    real(v, "mean", ratio((double)o->cycles, cycles));
    integer(v, "peak", o->peak);
    real(v, "full", ratio((double)o->full, cycles));
    integer(v, "holds", o->holds);
    real(v, "hold_mean", ratio((double)o->cycles, (double)o->holds));
    integer(v, "out_of_order", o->early);
}

static const char *const resource_names[VTD_TIMING_RESOURCES] = {"timing.walkers", "timing.miss_table"};

static uint64_t cycles_of_parts(const struct vtd_timed_results *r)
{
    uint64_t all = 0;
    for (unsigned i = 0; i < VTD_TIMING_PARTS; i++)
        all += r->part[i];
    return all;
}

void vtd_play_time_for_each(const struct vtd_timed_results *r, vtd_time_visit *visit, void *arg)
{
    struct visitor v = {visit, arg, "timing", 1e9 / (double)r->frequency};
    const double cycles = (double)(r->end - r->begin), all = (double)cycles_of_parts(r);
    char group[64], name[32];
    integer(&v, "accesses", r->accesses);
    integer(&v, "requests", r->requests);
    integer(&v, "cycles", r->end - r->begin);
    real(&v, "ns", cycles * v.ns);
    real(&v, "accesses_per_cycle", ratio((double)r->accesses, cycles));
    real(&v, "requests_per_cycle", ratio((double)r->requests, cycles));
    real(&v, "accesses_per_second", ratio((double)r->accesses, cycles) * (double)r->frequency);
    real(&v, "requests_per_second", ratio((double)r->requests, cycles) * (double)r->frequency);
    real(&v, "accesses_in_flight", ratio(all, cycles));
    integer(&v, "late_arrivals", r->late);
    integer(&v, "rounded_latencies", r->rounded);
    v.group = group;
    for (unsigned i = 0; i < VTD_LATENCIES; i++) {
        snprintf(group, sizeof group, "timing.latency.%s", vtd_latency_name(i));
        visit_latency(&v, &r->latency[i]);
    }
    for (unsigned i = 0; i < VTD_TIMING_RESOURCES; i++) {
        v.group = resource_names[i];
        visit_occupancy(&v, &r->occupancy[i], cycles);
    }
    v.group = "timing.spent";
    for (unsigned i = 0; i < VTD_TIMING_PARTS; i++) {
        integer(&v, vtd_timing_part_name(i), r->part[i]);
        snprintf(name, sizeof name, "%s_share", vtd_timing_part_name(i));
        real(&v, name, ratio((double)r->part[i], all));
    }
}

/* ---------------------------------------------------------------- text */

static const char *const latency_text[] = {
    [VTD_LATENCY_ALL] = "accesses",
    [VTD_LATENCY_DIRECT] = "  untranslated",
    [VTD_LATENCY_DEVICE_TLB] = "  known to the device TLB",
    [VTD_LATENCY_DEVICE_TLB_MERGED] = "  asked for by the device TLB",
    [VTD_LATENCY_ATS] = "  by a translation request",
    [VTD_LATENCY_PAGED] = "  after a page request",
    [VTD_LATENCY_UNTRANSLATED] = "untranslated requests",
    [VTD_LATENCY_TRANSLATION] = "translation requests",
    [VTD_LATENCY_TRANSLATED] = "translated requests",
    [VTD_LATENCY_SOURCE + VTD_TIMING_IOTLB] = "  in the IOTLB",
    [VTD_LATENCY_SOURCE + VTD_TIMING_IOTLB_MERGED] = "  on its way to the IOTLB",
    [VTD_LATENCY_SOURCE + VTD_TIMING_WALK] = "  by page tables",
    [VTD_LATENCY_SOURCE + VTD_TIMING_PASID_WALK] = "  by PASID entry, page tables",
    [VTD_LATENCY_SOURCE + VTD_TIMING_NO_LOOKUP] = "  needing no translation",
    [VTD_LATENCY_UNMAP] = "unmaps",
};

static void write_latencies(const struct vtd_timed_results *r, FILE *out)
{
    fprintf(out, "%-30s %12s %10s %8s %8s %8s %8s %8s %8s\n", "cycles of", "number", "mean", "min", "p50", "p90", "p99",
            "p99.9", "max");
    for (unsigned i = 0; i < VTD_LATENCIES; i++) {
        const struct vtd_distribution *d = &r->latency[i];
        if (!d->count)
            continue;
        fprintf(out, "%-30s %12" PRIu64 " %10.1f %8" PRIu64, latency_text[i], d->count, d->mean, d->min);
        for (unsigned q = 0; q < VTD_QUANTILES; q++)
            fprintf(out, " %8" PRIu64, d->quantile[q]);
        fprintf(out, " %8" PRIu64 "\n", d->max);
    }
}

void vtd_play_time_write_text(const struct vtd_play_time *time, FILE *out)
{
    static const char *const names[VTD_TIMING_RESOURCES] = {"walkers", "miss table"};
    const struct vtd_timed_results *r = &time->results;
    const double cycles = (double)(r->end - r->begin), all = (double)cycles_of_parts(r);
    const double ns = 1e9 / (double)r->frequency;
    const struct vtd_distribution *d = &r->latency[VTD_LATENCY_ALL];
    char arrivals[32];
    fprintf(out,
            "\ntime           %.0f cycles, %.0f ns; arrivals %s; %.4f accesses per cycle, %.4g per second; %.2f in "
            "flight\n",
            cycles, cycles * ns, vtd_play_time_arrivals(time, arrivals), ratio((double)r->accesses, cycles),
            ratio((double)r->accesses, cycles) * (double)r->frequency, ratio(all, cycles));
    fprintf(out, "latency in ns  mean %.1f, min %.1f", d->mean * ns, (double)d->min * ns);
    for (unsigned q = 0; q < VTD_QUANTILES; q++)
        fprintf(out, ", p%g %.1f", vtd_quantiles[q].permille / 10.0, (double)d->quantile[q] * ns);
    fprintf(out, ", max %.1f\n", (double)d->max * ns);
    for (unsigned i = 0; i < VTD_TIMING_RESOURCES; i++) {
        const struct vtd_timing_occupancy *o = &r->occupancy[i];
        fprintf(out, "%-14s %.4f held in the mean, %u at most", names[i], ratio((double)o->cycles, cycles), o->peak);
        if (o->limit)
            fprintf(out, ", all %u for %.2f %% of the time", o->limit, 100 * ratio((double)o->full, cycles));
        fprintf(out, "; %" PRIu64 " times, %.1f cycles each\n", o->holds, ratio((double)o->cycles, (double)o->holds));
    }
    fputs("spent on      ", out);
    for (unsigned i = 0; i < VTD_TIMING_PARTS; i++)
        if (r->part[i])
            fprintf(out, " %s %.2f %%", vtd_timing_part_name(i), 100 * ratio((double)r->part[i], all));
    if (r->late)
        fprintf(out, "\nlate           %" PRIu64 " accesses had a time before that of an earlier one", r->late);
    fputs("\n\n", out);
    write_latencies(r, out);
}
