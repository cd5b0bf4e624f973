/* SPDX-License-Identifier: MIT */
/* vtdsim run: plays a workload on a unit that the driver set up, and counts what its caches did. */
#define _POSIX_C_SOURCE 200809L

#include "commands.h"

#include "config_options.h"
#include "run.h"

#include <argp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    EXIT_FAULTS = 1,
    EXIT_ERROR = 2,
    FAULTS_SHOWN = 5
};

enum {
    OPT_STATS = 256,
    OPT_PERF_STAT,
    OPT_PGTT,
    OPT_INVALIDATIONS,
    OPT_TRACE_MEMORY,
};

static const struct argp_option options[] = {
    {0, 0, 0, 0, "What to play:", 1},
    {"trace", 't', "FILE", 0, "A DMA trace: text, plain or .zst, or .vtdtrace", 1},
    {"workload", 'w', "SPEC", 0,
     "A synthetic workload: uniform, sequential, stride or zipf, with options as in zipf:pages=4096,s=0.9,writes=30",
     1},
    {"requests", 'n', "N", 0, "Stop after N requests (synthetic: 1000000 by default)", 1},
    {"invalidations", OPT_INVALIDATIONS, "play|ignore", 0, "Unmaps of the trace (default play)", 1},
    {"trace-memory", OPT_TRACE_MEMORY, "MIB", 0,
     "How much of a trace several tenants keep in memory (default 1024); more goes to a temporary file", 1},
    {0, 0, 0, 0, "The unit:", 3},
    {"pgtt", OPT_PGTT, "first-stage|second-stage|nested|pass-through", 0,
     "How devices are translated (default second-stage; first-stage for PASIDs)", 3},
    {0, 0, 0, 0, "Results:", 4},
    {"stats", OPT_STATS, "text|json|csv", 0, "Form of the result (default text)", 4},
    {"perf-stat", OPT_PERF_STAT, 0, 0,
     "Print the result as perf stat -x, does on a machine with this unit, instead of --stats", 4},
    {"output", 'o', "FILE", 0, "Write the result to FILE", 4},
    {0},
};

static const char *const pgtt_names[] = {"first-stage", "second-stage", "nested", "pass-through", NULL};
static const char *const format_names[] = {"text", "json", "csv", NULL};
static const char *const play_names[] = {"play", "ignore", NULL};

const char *vtd_run_pgtt_name(enum vtd_player_pgtt pgtt)
{
    return pgtt_names[pgtt];
}

/* --stats may come again, the last one counts; --perf-stat beside it is a contradiction. */
static void set_format(const struct argp_state *state, struct vtd_run *run, enum vtd_run_format format)
{
    if (run->format_given && (run->format == VTD_RUN_PERF_STAT) != (format == VTD_RUN_PERF_STAT))
        argp_error(state, "give one of --stats and --perf-stat");
    run->format = format;
    run->format_given = true;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct vtd_run *run = state->input;
    switch (key) {
    case 't':
        run->trace = argument;
        return 0;
    case 'w':
        run->spec = argument;
        return 0;
    case 'n':
        run->requests = vtd_option_count(state, "requests", argument, 1);
        return 0;
    case 'o':
        run->output = argument;
        return 0;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &run->assignments;
        state->child_inputs[1] = &run->tenants;
        return 0;
    case OPT_STATS:
        set_format(state, run, vtd_option_choice(state, "stats", argument, format_names));
        return 0;
    case OPT_PERF_STAT:
        set_format(state, run, VTD_RUN_PERF_STAT);
        return 0;
    case OPT_PGTT:
        run->pgtt = vtd_option_choice(state, "pgtt", argument, pgtt_names);
        run->pgtt_given = true;
        return 0;
    case OPT_INVALIDATIONS:
        run->ignore_invalidations = vtd_option_choice(state, "invalidations", argument, play_names) == 1;
        return 0;
    case OPT_TRACE_MEMORY:
        run->trace_memory = vtd_option_count(state, "trace-memory", argument, 1);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "%s: no argument wanted here; a trace is given with --trace", argument);
        return 0;
    case ARGP_KEY_END:
        if (!run->trace == !run->spec)
            argp_error(state, "give one of --trace and --workload");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&vtd_config_options, 0, NULL, 3}, {&vtd_tenant_options, 0, NULL, 2}, {0}};

static const struct argp argp = {
    .options = options,
    .children = children,
    .parser = parse_option,
    .doc = "Plays a DMA trace or a synthetic workload. The driver maps each page when it is touched first, with a "
           "domain for "
           "each source-id (and PASID), and unmaps what the trace unmaps."
           "\vExit status: 0 success; 1 requests were blocked by faults; 2 an error.",
};

/* ---------------------------------------------------------------- playing */

/* Progress on a terminal, now and then: of requests, or of the bytes of a trace that is played as it is read. */
struct progress {
    uint64_t total, next;
    const struct vtd_workload *workload;
    bool on;
};

static void show_progress(struct progress *p, uint64_t done)
{
    const struct vtd_trace_stream *stream = p->workload->stream;
    p->next = done + 0x20000;
    if (p->on && p->total)
        fprintf(stderr, "\r%3u %% of %llu %s",
                (unsigned)(100 * (stream ? vtd_trace_stream_consumed(stream) : done) / p->total),
                (unsigned long long)p->total, stream ? "bytes" : "requests");
}

static void end_progress(const struct progress *p)
{
    if (p->on && p->total)
        fputs("\r\033[K", stderr);
}

static void report_fault(const struct vtd_record *r, uint8_t reason, uint64_t faults)
{
    if (faults > FAULTS_SHOWN)
        return;
    fprintf(stderr, "vtdsim run: %02x:%02x.%x 0x%llx: fault %02xh %s: %s\n", r->sid >> 8, r->sid >> 3 & 31, r->sid & 7,
            (unsigned long long)r->iova, reason, vtd_fault_name(reason), vtd_fault_description(reason));
    if (faults == FAULTS_SHOWN)
        fputs("vtdsim run: further faults are counted only\n", stderr);
}

static int play(struct vtd_run *run, struct vtd_player *player, struct vtd_tenants *tenants, uint64_t limit,
                struct progress *progress, char *why)
{
    struct vtd_record r;
    uint64_t done = 0, faults = 0;
    uint8_t reason = 0;
    int status = 0;
    while (status == 0 && done < limit && vtd_tenants_next(tenants, &r)) {
        const bool access = r.kind <= VTD_RECORD_WRITE;
        if (!access && run->ignore_invalidations)
            continue;
        switch (vtd_player_play(player, &r, &reason, why)) {
        case VTD_PLAYED:
            break;
        case VTD_PLAYER_FAULT:
            report_fault(&r, reason, ++faults);
            break;
        default:
            status = -1;
            break;
        }
        done += access;
        run->invalidations += !access;
        if (done >= progress->next)
            show_progress(progress, done);
    }
    end_progress(progress);
    return status;
}

static uint64_t size_of_file(const char *name)
{
    struct stat s;
    return stat(name, &s) == 0 && S_ISREG(s.st_mode) ? (uint64_t)s.st_size : 0;
}

static int play_workload(struct vtd_run *run, const struct vtd_workload *workload, char *why)
{
    run->tenants.spec.workload = workload;
    uint64_t limit = run->requests ? run->requests : run->spec ? 1000000 : UINT64_MAX;
    const uint64_t all = workload->stream ? size_of_file(run->trace)
                         : run->trace     ? workload->trace.accesses * run->tenants.spec.count
                                          : limit;
    struct progress progress = {
        .total = all < limit || workload->stream ? all : limit, .workload = workload, .on = isatty(STDERR_FILENO)};
    struct vtd_tenants *tenants = vtd_tenants_create(&run->tenants.spec, why);
    struct vtd_player *player = tenants ? vtd_player_create(&run->config, run->pgtt, run->pasid_pgtt, why) : NULL;
    int status = -1;
    if (player) {
        status = play(run, player, tenants, limit, &progress, why);
        vtd_stats_get(vtd_player_unit(player), &run->stats);
        vtd_player_device_stats(player, &run->devices);
        run->pages_mapped = vtd_player_pages_mapped(player);
        run->table_pages = vtd_player_table_pages(player);
    }
    vtd_player_destroy(player);
    vtd_tenants_destroy(tenants);
    return status;
}

/* A trace that is damaged gives the result up to there, if there is any, and is an error. */
static int write_result(struct vtd_run *run, const struct vtd_workload *workload, char *why)
{
    const char *problem = run->incomplete = vtd_workload_problem(workload);
    if (run->trace && run->stats.requests == 0) {
        if (*problem)
            snprintf(why, VTD_WHY_SIZE, "%s", problem);
        else
            snprintf(why, VTD_WHY_SIZE, "%.120s: the trace holds no access", run->trace);
        return -1;
    }
    if (vtd_run_write(run, why) != 0)
        return -1;
    if (!*problem)
        return 0;
    snprintf(why, VTD_WHY_SIZE, "%.180s; the result is that of the part before", problem);
    return -1;
}

static int run_all(struct vtd_run *run, char *why)
{
    struct vtd_workload workload = {0};
    if (vtd_sim_assignments_apply(&run->assignments, &run->config, why) != 0)
        return -1;
    const size_t memory = run->trace_memory > SIZE_MAX >> 20 ? SIZE_MAX : (size_t)run->trace_memory << 20;
    const int opened = run->trace ? vtd_workload_play_trace(&workload, run->trace, run->tenants.spec.count, memory, why)
                                  : vtd_workload_open_spec(&workload, run->spec, run->tenants.spec.seed, why);
    if (opened != 0)
        return -1;
    int status = play_workload(run, &workload, why);
    if (status == 0)
        status = write_result(run, &workload, why);
    vtd_workload_close(&workload);
    return status;
}

int vtd_cmd_run(int argc, char **argv)
{
    struct vtd_run run = {
        .pgtt = VTD_PLAYER_SECOND_STAGE,
        .pasid_pgtt = VTD_PLAYER_FIRST_STAGE,
        .tenants = VTD_TENANT_CHOICE,
        .trace_memory = VTD_TRACE_MEMORY >> 20,
    };
    char why[VTD_WHY_SIZE] = "";
    if (argp_parse(&argp, argc, argv, 0, NULL, &run) != 0)
        return EXIT_ERROR;
    if (run.pgtt_given)
        run.pasid_pgtt = run.pgtt;
    int status = 0;
    if (run_all(&run, why) != 0) {
        fprintf(stderr, "vtdsim run: %s\n", why);
        status = EXIT_ERROR;
    } else if (run.stats.faults) {
        fprintf(stderr, "vtdsim run: %llu of %llu requests were blocked\n", (unsigned long long)run.stats.faults,
                (unsigned long long)run.stats.requests);
        status = EXIT_FAULTS;
    }
    vtd_sim_assignments_free(&run.assignments);
    return status;
}
