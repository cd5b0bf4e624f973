/* SPDX-License-Identifier: MIT */
/* vtdsim trace cut: a part of a trace. */
#include "trace_cli.h"

#include "config/text.h"
#include "workload/trace_reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    struct vtd_trace_files files;
    uint64_t first, last;       /* records, from 1 */
    uint64_t from_ns, until_ns; /* until: not any more */
    bool given;
};

static const struct argp_option options[] = {
    {"records", 'r', "FIRST-LAST", 0, "Records by number, counted from 1, both included; either may be left out", 0},
    {"time", 'T', "FROM-UNTIL", 0, "Records by time in ms, UNTIL not included; either may be left out", 0},
    {0},
};

static void set_records(struct arguments *a, struct argp_state *state, char *text)
{
    char *dash = strchr(text, '-');
    bool good = dash != NULL;
    if (good) {
        *dash++ = '\0';
        good = (!*text || vtd_number_parse(text, &a->first)) && (!*dash || vtd_number_parse(dash, &a->last)) &&
               a->first >= 1 && a->first <= a->last;
    }
    if (!good)
        argp_error(state, "--records: want FIRST-LAST, numbers from 1 in ascending order");
    a->given = true;
}

/* Milliseconds with decimals. */
static bool read_ms(const char *text, uint64_t *ns)
{
    char *end;
    const double v = strtod(text, &end);
    if (*end || text[strspn(text, "0123456789.")] || !(v <= 1e12))
        return false;
    *ns = (uint64_t)llround(v * 1e6);
    return true;
}

static void set_time(struct arguments *a, struct argp_state *state, char *text)
{
    char *dash = strchr(text, '-');
    bool good = dash != NULL;
    if (good) {
        *dash++ = '\0';
        good = (!*text || read_ms(text, &a->from_ns)) && (!*dash || read_ms(dash, &a->until_ns)) &&
               a->from_ns < a->until_ns;
    }
    if (!good)
        argp_error(state, "--time: want FROM-UNTIL, milliseconds in ascending order");
    a->given = true;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->files;
        return 0;
    case 'r':
        set_records(a, state, argument);
        return 0;
    case 'T':
        set_time(a, state, argument);
        return 0;
    case ARGP_KEY_END:
        if (!a->given)
            argp_error(state, "give --records or --time");
        return vtd_trace_files_argument(&a->files, key, argument, state);
    default:
        return vtd_trace_files_argument(&a->files, key, argument, state);
    }
}

static const struct argp_child children[] = {{&vtd_trace_file_options, 0, NULL, 0}, {0}};

static const struct argp argp = {
    .options = options,
    .children = children,
    .parser = parse_option,
    .args_doc = "IN OUT",
    .doc = "Writes a part of a trace. A record is an access or an invalidation; an invalidation has the time of the "
           "access before it. With --records and --time a record must be in both. Times stay as they are. Comments "
           "before the end of the part are kept, for they say which device is in which domain."
           "\vExit status: 0 success; 2 an error. Where IN is damaged, OUT holds the records before that.",
};

static int cut(const struct arguments *a, struct vtd_trace_writer *to, char *why)
{
    struct vtd_trace_item item;
    uint64_t time = 0;
    struct vtd_trace_reader *r = vtd_trace_reader_open(a->files.in, why);
    int status = r ? 1 : -1;
    while (status > 0 && vtd_trace_reader_records(r) < a->last && (status = vtd_trace_reader_next(r, &item, why)) > 0) {
        const uint64_t number = vtd_trace_reader_records(r);
        if (vtd_item_is_access(&item))
            time = item.time_ns;
        if (vtd_item_is_record(&item) && (number < a->first || time < a->from_ns || time >= a->until_ns))
            continue;
        if (vtd_trace_writer_put(to, &item, why) != 0)
            status = -1;
    }
    vtd_trace_reader_close(r);
    return status < 0 ? -1 : 0;
}

int vtd_trace_cut(int argc, char **argv)
{
    struct arguments a = {.files = VTD_TRACE_FILES, .first = 1, .last = UINT64_MAX, .until_ns = UINT64_MAX};
    char why[VTD_WHY_SIZE] = "";
    argp_err_exit_status = VTD_TRACE_EXIT_ERROR;
    if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
        return VTD_TRACE_EXIT_ERROR;
    struct vtd_trace_writer *w = vtd_trace_files_open(&a.files, why);
    const int status = w ? cut(&a, w, why) : -1;
    return vtd_trace_files_finish("cut", w, status, why);
}
