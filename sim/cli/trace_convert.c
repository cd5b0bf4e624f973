/* SPDX-License-Identifier: MIT */
/* vtdsim trace convert: text to binary and back; logs of other programs and described workloads into traces. */
#include "trace_cli.h"

#include "config/text.h"
#include "tenant_options.h"
#include "workload/import.h"
#include "workload/trace_reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HINTS_MAX 256

enum source {
    FROM_TRACE,
    FROM_QEMU,
    FROM_HYPERSIO,
    FROM_WORKLOAD,
};

enum {
    OPT_SINCE = 256,
    OPT_UNTIL,
};

struct arguments {
    struct vtd_trace_files files;
    enum source from;
    struct vtd_import_qemu qemu;
    struct vtd_import_hint hint[HINTS_MAX];
    const char *workload, *output;
    uint64_t requests; /* of the workload; 0: not given */
    struct vtd_tenant_choice tenants;
};

static const struct argp_option options[] = {
    {"from", 'f', "trace|qemu|hypersio", 0,
     "What IN is: a trace, text or binary as its first bytes say (default); a log of QEMU's vtd_* events; "
     "events of HyperSIO",
     0},
    {0, 0, 0, 0, "Workloads (there is no IN then, and --output may name OUT):", 2},
    {"workload", 'w', "FILE.yaml|SPEC", 0, "Write what vtdsim run plays with the same --workload", 2},
    {"requests", 'n', "N", 0, "Number of requests (default 1000000)", 2},
    {"output", 'o', "OUT", 0, "Where to write it", 2},
    {0, 0, 0, 0, "Logs of QEMU:", 1},
    {"device", 'd', "SID=nvme|e1000e", 0, "What a device is, for logs that begin after its set-up; may be given again",
     1},
    {"since", OPT_SINCE, "SECONDS", 0, "Leave out records before this time (Unix time, as in the log)", 1},
    {"until", OPT_UNTIL, "SECONDS", 0, "Leave out records from this time on", 1},
    {0},
};

static double seconds(struct argp_state *state, const char *option, const char *text)
{
    char *end;
    const double v = strtod(text, &end);
    if (!*text || *end || !(v >= 0))
        argp_error(state, "--%s %s: want a number of seconds", option, text);
    return v;
}

static void add_hint(struct arguments *a, struct argp_state *state, char *text)
{
    static const char *const kinds[] = {[VTD_IMPORT_NVME - 1] = "nvme", [VTD_IMPORT_E1000E - 1] = "e1000e", NULL};
    char *equals = strchr(text, '=');
    uint16_t sid = 0;
    if (!equals)
        argp_error(state, "--device %s: want SID=nvme or SID=e1000e", text);
    *equals = '\0';
    if (vtd_source_id_read(text, &sid) != VTD_NUMBER_OK)
        argp_error(state, "--device %s: the source-id is not BB:DD.F", text);
    if (a->qemu.hints == HINTS_MAX)
        argp_error(state, "--device: more than %d devices", HINTS_MAX);
    const unsigned kind = vtd_option_choice(state, "device SID=", equals + 1, kinds) + 1;
    a->hint[a->qemu.hints++] = (struct vtd_import_hint){.sid = sid, .kind = (enum vtd_import_device)kind};
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    static const char *const sources[] = {"trace", "qemu", "hypersio", NULL};
    struct arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->files;
        state->child_inputs[1] = &a->tenants;
        return 0;
    case 'w':
        a->from = FROM_WORKLOAD;
        a->workload = a->files.in = argument;
        return 0;
    case 'n':
        a->requests = vtd_option_count(state, "requests", argument, 1);
        return 0;
    case 'o':
        a->output = a->files.out = argument;
        return 0;
    case 'f':
        a->from = (enum source)vtd_option_choice(state, "from", argument, sources);
        return 0;
    case 'd':
        add_hint(a, state, argument);
        return 0;
    case OPT_SINCE:
        a->qemu.since = seconds(state, "since", argument);
        return 0;
    case OPT_UNTIL:
        a->qemu.until = seconds(state, "until", argument);
        return 0;
    case ARGP_KEY_END:
        if (a->from != FROM_QEMU && (a->qemu.hints || a->qemu.since > 0 || a->qemu.until > 0))
            argp_error(state, "--device, --since and --until belong to --from qemu");
        if (!a->workload && (a->requests || a->output || a->tenants.given))
            argp_error(state, "--requests, --output and tenants belong to --workload");
        if (a->workload && a->from != FROM_WORKLOAD)
            argp_error(state, "give one of --from and --workload");
        return vtd_trace_files_argument(&a->files, key, argument, state);
    default:
        return vtd_trace_files_argument(&a->files, key, argument, state);
    }
}

static const struct argp_child children[] = {
    {&vtd_trace_file_options, 0, NULL, 0}, {&vtd_tenant_options, 0, NULL, 3}, {0}};

static const struct argp argp = {
    .options = options,
    .children = children,
    .parser = parse_option,
    .args_doc = "IN OUT\n--workload FILE.yaml OUT",
    .doc = "Converts a trace: text to binary and back without loss, or a log of another program, or a workload, into a "
           "trace. "
           "OUT '-' is standard output."
           "\vExit status: 0 success; 2 an error. Where IN is damaged, OUT holds the records before that.",
};

static int copy(const char *file, struct vtd_trace_writer *to, char *why)
{
    struct vtd_trace_item item;
    struct vtd_trace_reader *r = vtd_trace_reader_open(file, why);
    int status = r ? 1 : -1;
    while (status > 0 && (status = vtd_trace_reader_next(r, &item, why)) > 0)
        if (vtd_trace_writer_put(to, &item, why) != 0)
            status = -1;
    vtd_trace_reader_close(r);
    return status;
}

/* The requests that vtdsim run would play, and what is unmapped and detached between them. */
static int write_workload(struct arguments *a, struct vtd_trace_writer *to, char *why)
{
    struct vtd_workload w;
    struct vtd_record r;
    struct vtd_tenants_spec spec = a->tenants.spec;
    const uint64_t limit = a->requests ? a->requests : 1000000;
    if (vtd_workload_open_spec(&w, a->workload, spec.seed, why) != 0)
        return -1;
    spec.workload = &w;
    struct vtd_tenants *t = vtd_tenants_create(&spec, why);
    int status = t ? 0 : -1;
    for (uint64_t done = 0; status == 0 && done < limit && vtd_tenants_next(t, &r); done += r.kind <= VTD_RECORD_WRITE)
        status = vtd_trace_writer_record(to, &r, why);
    vtd_tenants_destroy(t);
    vtd_workload_close(&w);
    return status;
}

/* What was made of a log, for people to see whether it is what they meant. */
static void tell(const struct vtd_import_counts *c)
{
    fprintf(stderr, "%" PRIu64 " accesses, %" PRIu64 " invalidations", c->accesses, c->invalidations);
    if (c->foreign)
        fprintf(stderr, "; left out: %" PRIu64 " invalidations of domains without an access", c->foreign);
    if (c->ignored)
        fprintf(stderr, "; ignored: %" PRIu64 " other lines", c->ignored);
    fputc('\n', stderr);
}

int vtd_trace_convert(int argc, char **argv)
{
    struct arguments a = {.files = VTD_TRACE_FILES, .tenants = VTD_TENANT_CHOICE};
    struct vtd_import_counts counts = {0};
    char why[VTD_WHY_SIZE] = "";
    int status;
    a.qemu.hint = a.hint;
    argp_err_exit_status = VTD_TRACE_EXIT_ERROR;
    if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
        return VTD_TRACE_EXIT_ERROR;
    FILE *readable = a.workload ? NULL : fopen(a.files.in, "rb"); /* an input that is not there leaves OUT as it is */
    if (!a.workload && !readable) {
        perror(a.files.in);
        return VTD_TRACE_EXIT_ERROR;
    }
    if (readable)
        fclose(readable);
    struct vtd_trace_writer *w = vtd_trace_files_open(&a.files, why);
    if (!w)
        return vtd_trace_files_finish("convert", NULL, -1, why);
    if (a.from == FROM_WORKLOAD)
        status = write_workload(&a, w, why);
    else if (a.from == FROM_QEMU)
        status = vtd_import_qemu(a.files.in, &a.qemu, w, &counts, why);
    else if (a.from == FROM_HYPERSIO)
        status = vtd_import_hypersio(a.files.in, w, &counts, why);
    else
        status = copy(a.files.in, w, why);
    if (a.from == FROM_QEMU || a.from == FROM_HYPERSIO)
        tell(&counts);
    return vtd_trace_files_finish("convert", w, status, why);
}
