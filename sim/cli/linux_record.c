/* SPDX-License-Identifier: MIT */
/* Recordings of vtdsim linux. See linux_record.h. */
#define _GNU_SOURCE
#include "linux_record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A scenario of more statements than this is of no use to anybody. */
#define STATEMENTS_MAX 1000000

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void on_event(void *opaque, const struct vtd_event *event)
{
    struct vtd_linux_record *r = opaque;
    if (r->scenario)
        vtd_recorder_event(&r->recorder, event);
    if (r->trace && r->begin_ns == 0 && event->kind == VTD_EVENT_RESPONSE)
        r->begin_ns = now_ns();
    if (r->trace)
        vtd_dma_trace_event(&r->dma, event, event->kind == VTD_EVENT_RESPONSE ? now_ns() - r->begin_ns : 0);
}

static void config_line(void *arg, const char *key, const char *value, bool number)
{
    (void)number;
    fprintf(arg, "config %s %s\n", key, value);
}

/* The unit and its memory, as lines of a scenario; to be freed. NULL: out of memory. */
static char *config_lines(const struct vtd_sim_config *config, uint64_t memory)
{
    struct vtd_sim_config base, all = *config;
    char why[VTD_WHY_SIZE];
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    all.memory_size = memory;
    const bool known = vtd_sim_config_init(&base, NULL, why) == 0 && vtd_sim_config_finish(&base, why) == 0;
    vtd_sim_config_for_each_change(&all, known ? &base : NULL, config_line, out);
    return fclose(out) == 0 ? text : NULL;
}

static int begin_scenario(struct vtd_linux_record *r, const struct vtd_sim_config *config, char *why)
{
    char *lines = config_lines(config, r->session->machine.memory.size);
    r->scenario = fopen(r->options->scenario, "w");
    const bool good = lines && r->scenario && vtd_recorder_begin(&r->recorder, r->scenario, lines, STATEMENTS_MAX);
    if (!good)
        snprintf(why, VTD_LINUX_RECORD_WHY, "%.400s: %s", r->options->scenario, strerror(errno));
    free(lines);
    r->session->unit.watch = vtd_recorder_register;
    r->session->unit.watch_opaque = &r->recorder;
    r->session->host.recorder = &r->recorder;
    return good ? 0 : -1;
}

int vtd_linux_record_begin(struct vtd_linux_record *r, const struct vtd_linux_options *options,
                           const struct vtd_sim_config *config, struct vtd_qemu_session *session, char *why)
{
    *r = (struct vtd_linux_record){.options = options, .session = session};
    if (!options->scenario && !options->trace)
        return 0;
    if (options->scenario && begin_scenario(r, config, why) != 0)
        return -1;
    if (options->trace) {
        char reason[VTD_WHY_SIZE];
        r->trace = vtd_trace_writer_open(options->trace, vtd_trace_format_of(options->trace), VTD_TRACE_LEVEL, reason);
        r->dma = (struct vtd_dma_trace){.unit = session->machine.unit, .writer = r->trace};
        if (!r->trace) {
            snprintf(why, VTD_LINUX_RECORD_WHY, "%s", reason);
            return -1;
        }
    }
    session->machine.event = on_event;
    session->machine.event_opaque = r;
    vtd_events_enable(session->machine.unit, true);
    return 0;
}

static int end_scenario(struct vtd_linux_record *r, char *why)
{
    char reason[VTD_QEMU_WHY_SIZE];
    struct vtd_stats stats;
    vtd_stats_get(r->session->machine.unit, &stats);
    int status = vtd_recorder_end(&r->recorder, stats.page_requests, reason);
    if (fclose(r->scenario) != 0 && status == 0) {
        snprintf(reason, sizeof(reason), "%s", strerror(errno));
        status = -1;
    }
    if (status != 0)
        snprintf(why, VTD_LINUX_RECORD_WHY, "%.300s: %s", r->options->scenario, reason);
    return status;
}

static int end_trace(struct vtd_linux_record *r, char *why)
{
    struct vtd_dma_trace *dma = &r->dma;
    if (!dma->failed && dma->accesses == 0) {
        snprintf(dma->why, sizeof(dma->why), "%.200s: there was no DMA to record", r->options->trace);
        dma->failed = true;
    }
    if (dma->failed)
        vtd_trace_writer_abandon(r->trace);
    else
        dma->failed = vtd_trace_writer_finish(r->trace, dma->why) != 0;
    if (dma->failed)
        snprintf(why, VTD_LINUX_RECORD_WHY, "%s", dma->why);
    return dma->failed ? -1 : 0;
}

int vtd_linux_record_end(struct vtd_linux_record *r, char *why)
{
    const int scenario = r->scenario ? end_scenario(r, why) : 0;
    const int trace = r->trace ? end_trace(r, why) : 0;
    return scenario != 0 ? scenario : trace;
}
