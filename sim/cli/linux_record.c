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

/* A request that memory was reached by; translated requests of devices with ATS have no address that a trace could use. */
static void trace_request(struct vtd_linux_record *r, const struct vtd_request *q, const struct vtd_response *s)
{
    if (q->at != VTD_AT_UNTRANSLATED || s->result != VTD_RESULT_OK || q->len == 0 || r->trace_failed)
        return;
    const uint64_t now = now_ns();
    if (r->begin_ns == 0)
        r->begin_ns = now;
    const struct vtd_record record = {
        .iova = q->addr,
        .time_ns = now - r->begin_ns,
        .pasid = q->pasid,
        .sid = q->sid,
        .len = q->len,
        .kind = q->access == VTD_READ ? VTD_RECORD_READ : VTD_RECORD_WRITE,
        .has_pasid = (q->flags & VTD_REQ_PASID) != 0,
    };
    r->trace_failed = vtd_trace_writer_record(r->trace, &record, r->trace_why) != 0;
}

static void on_event(void *opaque, const struct vtd_event *event)
{
    struct vtd_linux_record *r = opaque;
    if (r->scenario)
        vtd_recorder_event(&r->recorder, event);
    if (r->trace && event->kind == VTD_EVENT_RESPONSE)
        trace_request(r, event->req, event->resp);
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
        r->trace =
            vtd_trace_writer_open(options->trace, vtd_trace_format_of(options->trace), VTD_TRACE_LEVEL, r->trace_why);
        if (!r->trace) {
            snprintf(why, VTD_LINUX_RECORD_WHY, "%s", r->trace_why);
            return -1;
        }
    }
    session->machine.event = on_event;
    session->machine.event_opaque = r;
    vtd_events_enable(session->machine.unit, true);
    return 0;
}

int vtd_linux_record_end(struct vtd_linux_record *r, char *why)
{
    char reason[VTD_QEMU_WHY_SIZE];
    int status = 0;
    if (r->scenario) {
        struct vtd_stats stats;
        vtd_stats_get(r->session->machine.unit, &stats);
        status = vtd_recorder_end(&r->recorder, stats.page_requests, reason);
        if (fclose(r->scenario) != 0 && status == 0) {
            snprintf(reason, sizeof(reason), "%s", strerror(errno));
            status = -1;
        }
        if (status != 0)
            snprintf(why, VTD_LINUX_RECORD_WHY, "%.300s: %s", r->options->scenario, reason);
    }
    if (!r->trace)
        return status;
    if (!r->trace_failed && !vtd_trace_writer_has_records(r->trace)) {
        snprintf(r->trace_why, sizeof(r->trace_why), "%.200s: there was no DMA to record", r->options->trace);
        r->trace_failed = true;
    }
    if (r->trace_failed)
        vtd_trace_writer_abandon(r->trace);
    else
        r->trace_failed = vtd_trace_writer_finish(r->trace, r->trace_why) != 0;
    if (r->trace_failed)
        snprintf(why, VTD_LINUX_RECORD_WHY, "%s", r->trace_why);
    return r->trace_failed ? -1 : status;
}
