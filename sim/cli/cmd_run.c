/* SPDX-License-Identifier: MIT */
/* vtdsim run: plays a workload on a unit that the driver set up, and counts what its caches did. */
#define _POSIX_C_SOURCE 200809L

#include "commands.h"

#include "config/text.h"
#include "config_options.h"
#include "run.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>
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
    OPT_TENANTS,
    OPT_INTERLEAVE,
    OPT_TENANT_ID,
    OPT_SEED,
};

static const struct argp_option options[] = {
    {0, 0, 0, 0, "What to play:", 1},
    {"trace", 't', "FILE", 0, "A DMA trace, plain text or .zst", 1},
    {"workload", 'w', "SPEC", 0,
     "A synthetic workload: uniform, sequential, stride or zipf, with options as in zipf:pages=4096,s=0.9,writes=30",
     1},
    {"requests", 'n', "N", 0, "Stop after N requests (synthetic: 1000000 by default)", 1},
    {"invalidations", OPT_INVALIDATIONS, "play|ignore", 0, "Unmaps of the trace (default play)", 1},
    {"seed", OPT_SEED, "N", 0, "Seed of synthetic workloads and of random interleaving (default 1)", 1},
    {0, 0, 0, 0, "Tenants:", 2},
    {"tenants", OPT_TENANTS, "N", 0, "Give the workload to N tenants", 2},
    {"interleave", OPT_INTERLEAVE, "round-robin|random|zipf:S", 0, "Whose turn it is (default round-robin)", 2},
    {"tenant-id", OPT_TENANT_ID, "pasid|sid", 0, "A PASID each (default), or source-ids of their own", 2},
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
static const char *const id_names[] = {"pasid", "sid", NULL};

const char *vtd_run_pgtt_name(enum vtd_player_pgtt pgtt)
{
    return pgtt_names[pgtt];
}

/* Position of a word among the names; an unknown one is an error of the command line. */
static unsigned choice(const struct argp_state *state, const char *option, const char *word, const char *const *names)
{
    for (unsigned i = 0; names[i]; i++)
        if (strcmp(names[i], word) == 0)
            return i;
    argp_error(state, "--%s %s: unknown", option, word);
    return 0;
}

static uint64_t count_of(const struct argp_state *state, const char *option, const char *text, uint64_t least)
{
    uint64_t v = 0;
    if (!vtd_number_parse(text, &v) || v < least)
        argp_error(state, "--%s %s: want a number of at least %llu", option, text, (unsigned long long)least);
    return v;
}

static void set_interleave(const struct argp_state *state, struct vtd_run *run, const char *text)
{
    char *end = NULL;
    run->interleave = text;
    if (strcmp(text, "round-robin") == 0) {
        run->tenants.interleave = VTD_INTERLEAVE_ROUND_ROBIN;
    } else if (strcmp(text, "random") == 0) {
        run->tenants.interleave = VTD_INTERLEAVE_RANDOM;
    } else if (strncmp(text, "zipf:", 5) == 0) {
        run->tenants.interleave = VTD_INTERLEAVE_ZIPF;
        run->tenants.s = strtod(text + 5, &end);
        if (!text[5] || *end || !(run->tenants.s >= 0 && run->tenants.s <= 10))
            argp_error(state, "--interleave %s: want zipf:S with S from 0 to 10", text);
    } else {
        argp_error(state, "--interleave %s: want round-robin, random or zipf:S", text);
    }
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
    uint64_t v;
    switch (key) {
    case 't':
        run->trace = argument;
        return 0;
    case 'w':
        run->spec = argument;
        return 0;
    case 'n':
        run->requests = count_of(state, "requests", argument, 1);
        return 0;
    case 'o':
        run->output = argument;
        return 0;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &run->assignments;
        return 0;
    case OPT_STATS:
        set_format(state, run, choice(state, "stats", argument, format_names));
        return 0;
    case OPT_PERF_STAT:
        set_format(state, run, VTD_RUN_PERF_STAT);
        return 0;
    case OPT_PGTT:
        run->pgtt = choice(state, "pgtt", argument, pgtt_names);
        run->pgtt_given = true;
        return 0;
    case OPT_INVALIDATIONS:
        run->ignore_invalidations = choice(state, "invalidations", argument, play_names) == 1;
        return 0;
    case OPT_TENANTS:
        v = count_of(state, "tenants", argument, 1);
        run->tenants.count = v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
        return 0;
    case OPT_INTERLEAVE:
        set_interleave(state, run, argument);
        return 0;
    case OPT_TENANT_ID:
        run->tenants.id = choice(state, "tenant-id", argument, id_names);
        return 0;
    case OPT_SEED:
        run->seed = count_of(state, "seed", argument, 0);
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

static const struct argp_child children[] = {{&vtd_config_options, 0, NULL, 3}, {0}};

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

/* Progress on a terminal, now and then. */
struct progress {
    uint64_t total, next;
    bool on;
};

static void show_progress(struct progress *p, uint64_t done)
{
    p->next = done + 0x20000;
    if (p->on && p->total)
        fprintf(stderr, "\r%3u %% of %llu requests", (unsigned)(100 * done / p->total), (unsigned long long)p->total);
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
                uint64_t total, char *why)
{
    struct vtd_record r;
    struct progress progress = {.total = total, .on = isatty(STDERR_FILENO)};
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
        if (done >= progress.next)
            show_progress(&progress, done);
    }
    end_progress(&progress);
    return status;
}

static int play_workload(struct vtd_run *run, const struct vtd_workload *workload, char *why)
{
    run->tenants.workload = workload;
    run->tenants.seed = run->seed;
    uint64_t limit = run->requests;
    if (run->spec && limit == 0)
        limit = 1000000;
    const uint64_t all = workload->trace.accesses * run->tenants.count;
    const bool to_the_end = run->trace && (limit == 0 || limit >= all); /* with the unmaps behind the last access */
    const uint64_t total = to_the_end ? all : limit;
    struct vtd_tenants *tenants = vtd_tenants_create(&run->tenants, why);
    struct vtd_player *player = tenants ? vtd_player_create(&run->config, run->pgtt, run->pasid_pgtt, why) : NULL;
    int status = -1;
    if (player) {
        status = play(run, player, tenants, to_the_end ? UINT64_MAX : limit, total, why);
        vtd_stats_get(vtd_player_unit(player), &run->stats);
        vtd_player_device_stats(player, &run->devices);
        run->pages_mapped = vtd_player_pages_mapped(player);
        run->table_pages = vtd_player_table_pages(player);
    }
    vtd_player_destroy(player);
    vtd_tenants_destroy(tenants);
    return status;
}

static int run_all(struct vtd_run *run, char *why)
{
    struct vtd_workload workload = {0};
    if (vtd_sim_assignments_apply(&run->assignments, &run->config, why) != 0)
        return -1;
    const int opened = run->trace ? vtd_workload_open_trace(&workload, run->trace, why)
                                  : vtd_workload_open_spec(&workload, run->spec, run->seed, why);
    if (opened != 0)
        return -1;
    int status = play_workload(run, &workload, why);
    if (status == 0)
        status = vtd_run_write(run, why);
    vtd_workload_close(&workload);
    return status;
}

int vtd_cmd_run(int argc, char **argv)
{
    struct vtd_run run = {
        .seed = 1,
        .pgtt = VTD_PLAYER_SECOND_STAGE,
        .pasid_pgtt = VTD_PLAYER_FIRST_STAGE,
        .tenants = {.count = 1, .s = 1},
        .interleave = "round-robin",
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
