/* SPDX-License-Identifier: MIT */
/* vtdsim trace mix: one trace given to several tenants, in the order in which vtdsim run gives it to them. */
#include "trace_cli.h"

#include "tenant_options.h"

#include <stdio.h>

enum {
    OPT_MEMORY = 256
};

struct arguments {
    struct vtd_trace_files files;
    struct vtd_tenant_choice tenants;
    uint64_t memory; /* MiB */
};

static const struct argp_option options[] = {
    {"trace-memory", OPT_MEMORY, "MIB", 0,
     "How much of the trace to keep in memory (default 1024); more goes to a temporary file", 3},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->files;
        state->child_inputs[1] = &a->tenants;
        return 0;
    case OPT_MEMORY:
        a->memory = vtd_option_count(state, "trace-memory", argument, 1);
        return 0;
    default:
        return vtd_trace_files_argument(&a->files, key, argument, state);
    }
}

static const struct argp_child children[] = {
    {&vtd_trace_file_options, 0, NULL, 1},
    {&vtd_tenant_options, 0, NULL, 2},
    {0},
};

static const struct argp argp = {
    .options = options,
    .children = children,
    .parser = parse_option,
    .args_doc = "IN OUT",
    .doc =
        "Gives a trace to tenants, each with a PASID or source-ids of its own, and writes what they do together as a "
        "trace: the one that vtdsim run plays with the same options. An access has the time that it has in IN, but "
        "not less than the one before it."
        "\vExit status: 0 success; 2 an error. Where IN is damaged, the tenants have the part before that.",
};

static int mix(const struct arguments *a, const struct vtd_workload *workload, struct vtd_trace_writer *to, char *why)
{
    struct vtd_record r;
    uint64_t time = 0;
    char line[160];
    struct vtd_tenants_spec spec = a->tenants.spec;
    spec.workload = workload;
    struct vtd_tenants *tenants = vtd_tenants_create(&spec, why);
    if (!tenants)
        return -1;
    snprintf(line, sizeof line, "# mix: %u tenants by %s, %.40s, seed %llu", spec.count,
             spec.id == VTD_TENANT_PASID ? "PASID" : "source-id", a->tenants.interleave, (unsigned long long)spec.seed);
    int status = vtd_trace_writer_comment(to, line, why);
    while (status == 0 && vtd_tenants_next(tenants, &r)) {
        if (r.kind <= VTD_RECORD_WRITE && r.time_ns < time)
            r.time_ns = time;
        time = r.kind <= VTD_RECORD_WRITE ? r.time_ns : time;
        status = vtd_trace_writer_record(to, &r, why);
    }
    vtd_tenants_destroy(tenants);
    if (status == 0 && *vtd_workload_problem(workload)) {
        snprintf(why, VTD_WHY_SIZE, "%s", vtd_workload_problem(workload));
        status = -1;
    }
    return status;
}

int vtd_trace_mix(int argc, char **argv)
{
    struct arguments a = {.files = VTD_TRACE_FILES, .tenants = VTD_TENANT_CHOICE, .memory = VTD_TRACE_MEMORY >> 20};
    struct vtd_workload workload;
    char why[VTD_WHY_SIZE] = "";
    argp_err_exit_status = VTD_TRACE_EXIT_ERROR;
    if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
        return VTD_TRACE_EXIT_ERROR;
    const size_t memory = a.memory > SIZE_MAX >> 20 ? SIZE_MAX : (size_t)a.memory << 20;
    if (vtd_workload_play_trace(&workload, a.files.in, a.tenants.spec.count, memory, why) != 0)
        return vtd_trace_files_finish("mix", NULL, -1, why);
    struct vtd_trace_writer *w = vtd_trace_files_open(&a.files, why);
    const int status = w ? mix(&a, &workload, w, why) : -1;
    vtd_workload_close(&workload);
    return vtd_trace_files_finish("mix", w, status, why);
}
