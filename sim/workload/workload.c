/* SPDX-License-Identifier: MIT */
/* Traces and synthetic streams as one thing to play. See workload.h. */
#define _POSIX_C_SOURCE 200809L

#include "workload.h"

#include "config/text.h"
#include "describe.h"
#include "random.h"
#include "vtd/vtd.h"

#include <stdio.h>
#include <string.h>

/* ---------------------------------------------------------------- devices */

static int note_sid(struct vtd_workload *w, uint16_t sid)
{
    uint16_t *bigger = realloc(w->sids, (w->sid_count + 1) * sizeof *bigger);
    if (!bigger)
        return -1;
    w->sids = bigger;
    w->sids[w->sid_count++] = sid;
    return 0;
}

static int note_sids(struct vtd_workload *w, char *why)
{
    uint8_t seen[0x10000 / 8] = {0};
    for (size_t i = 0; i < w->trace.count; i++) {
        const uint16_t sid = w->trace.record[i].sid;
        if (seen[sid / 8] >> sid % 8 & 1)
            continue;
        seen[sid / 8] = (uint8_t)(seen[sid / 8] | 1u << sid % 8);
        if (note_sid(w, sid) != 0) {
            snprintf(why, VTD_WHY_SIZE, "out of memory");
            return -1;
        }
    }
    return 0;
}

int vtd_workload_open_trace(struct vtd_workload *w, const char *file, char *why)
{
    *w = (struct vtd_workload){.pattern = VTD_PATTERN_TRACE};
    if (vtd_trace_load(&w->trace, file, why) == 0 && note_sids(w, why) == 0)
        return 0;
    vtd_workload_close(w);
    return -1;
}

int vtd_workload_play_trace(struct vtd_workload *w, const char *file, uint32_t tenants, size_t memory, char *why)
{
    *w = (struct vtd_workload){.pattern = VTD_PATTERN_TRACE, .problem = calloc(1, VTD_WHY_SIZE)};
    if (!w->problem) {
        snprintf(why, VTD_WHY_SIZE, "out of memory");
        return -1;
    }
    if (tenants == 1) {
        w->stream = vtd_trace_stream_open(file, why);
        if (w->stream)
            return 0;
        vtd_workload_close(w);
        return -1;
    }
    if (vtd_trace_load_partly(&w->trace, file, memory, w->problem) != 0 && w->trace.accesses == 0) {
        snprintf(why, VTD_WHY_SIZE, "%s", w->problem);
        vtd_workload_close(w);
        return -1;
    }
    if (note_sids(w, why) == 0)
        return 0;
    vtd_workload_close(w);
    return -1;
}

const char *vtd_workload_problem(const struct vtd_workload *w)
{
    return w->problem ? w->problem : "";
}

bool vtd_workload_next_of_stream(const struct vtd_workload *w, struct vtd_record *r)
{
    return w->problem[0] == '\0' && vtd_trace_stream_next(w->stream, r, w->problem) == 1;
}

/* ---------------------------------------------------------------- synthetic streams */

static int set_option(struct vtd_workload *w, const char *name, const char *value, char *why)
{
    char *end;
    if (strcmp(name, "s") == 0) {
        w->s = strtod(value, &end);
        if (*value && *end == '\0' && w->s >= 0 && w->s <= 10)
            return 0;
        snprintf(why, VTD_WHY_SIZE, "workload: s=%.40s is not a number from 0 to 10", value);
        return -1;
    }
    if (strcmp(name, "sid") == 0) {
        if (vtd_source_id_read(value, &w->sid) == VTD_NUMBER_OK)
            return 0;
        snprintf(why, VTD_WHY_SIZE, "workload: sid=%.40s is not BB:DD.F", value);
        return -1;
    }
    uint64_t *field = strcmp(name, "pages") == 0    ? &w->pages
                      : strcmp(name, "stride") == 0 ? &w->stride
                      : strcmp(name, "writes") == 0 ? &w->writes
                                                    : NULL;
    if (!field) {
        snprintf(why, VTD_WHY_SIZE, "workload: unknown option '%.40s'; there are pages, stride, s, writes and sid",
                 name);
        return -1;
    }
    const uint64_t max = field == &w->writes ? 100 : 1u << 24;
    if (!vtd_number_parse(value, field) || *field > max || (*field == 0 && field != &w->writes)) {
        snprintf(why, VTD_WHY_SIZE, "workload: %.20s=%.40s is not a number from %u to %llu", name, value,
                 field != &w->writes, (unsigned long long)max);
        return -1;
    }
    return 0;
}

static int set_options(struct vtd_workload *w, char *options, char *why)
{
    for (char *save, *option = strtok_r(options, ",", &save); option; option = strtok_r(NULL, ",", &save)) {
        char *equals = strchr(option, '=');
        if (!equals) {
            snprintf(why, VTD_WHY_SIZE, "workload: want OPTION=VALUE in '%.60s'", option);
            return -1;
        }
        *equals = '\0';
        if (set_option(w, option, equals + 1, why) != 0)
            return -1;
    }
    return 0;
}

static int open_description(struct vtd_workload *w, const char *spec, uint64_t seed, char *why)
{
    *w = (struct vtd_workload){.pattern = VTD_PATTERN_DESCRIBED, .seed = seed};
    w->node = vtd_describe_is_file(spec) ? vtd_describe_file(spec, why) : vtd_describe_word(spec, why);
    return w->node ? 0 : -1;
}

int vtd_workload_open_spec(struct vtd_workload *w, const char *spec, uint64_t seed, char *why)
{
    if (vtd_describe_is_file(spec) || vtd_describe_is_word(spec))
        return open_description(w, spec, seed, why);
    static const char *const names[] = {
        [VTD_PATTERN_UNIFORM] = "uniform",
        [VTD_PATTERN_SEQUENTIAL] = "sequential",
        [VTD_PATTERN_STRIDE] = "stride",
        [VTD_PATTERN_ZIPF] = "zipf",
    };
    char text[VTD_WHY_SIZE];
    *w = (struct vtd_workload){.pages = 4096, .stride = 8, .s = 0.8, .writes = 50, .sid = 0x0010, .seed = seed};
    if ((size_t)snprintf(text, sizeof text, "%s", spec) >= sizeof text) {
        snprintf(why, VTD_WHY_SIZE, "workload: the description is too long");
        return -1;
    }
    char *options = strchr(text, ':');
    if (options)
        *options++ = '\0';
    for (unsigned i = VTD_PATTERN_UNIFORM; i <= VTD_PATTERN_ZIPF; i++)
        if (strcmp(text, names[i]) == 0)
            w->pattern = i;
    if (w->pattern == VTD_PATTERN_TRACE) {
        snprintf(
            why, VTD_WHY_SIZE,
            "workload: unknown '%.40s'; there are uniform, sequential, stride, zipf, ring, dsa and files FILE.yaml",
            text);
        return -1;
    }
    if (options && set_options(w, options, why) != 0)
        return -1;
    if ((w->pattern == VTD_PATTERN_ZIPF && !vtd_zipf_init(&w->zipf, (uint32_t)w->pages, w->s)) ||
        note_sid(w, w->sid) != 0) {
        snprintf(why, VTD_WHY_SIZE, "out of memory");
        vtd_workload_close(w);
        return -1;
    }
    return 0;
}

bool vtd_workload_has_times(const struct vtd_workload *w)
{
    return w->node && w->node->timed;
}

bool vtd_workload_has_pasids(const struct vtd_workload *w)
{
    return w->node && w->node->has_pasid;
}

void vtd_workload_close(struct vtd_workload *w)
{
    vtd_trace_stream_close(w->stream);
    vtd_trace_free(&w->trace);
    vtd_zipf_fini(&w->zipf);
    vtd_node_free(w->node);
    free(w->sids);
    free(w->problem);
    *w = (struct vtd_workload){0};
}
