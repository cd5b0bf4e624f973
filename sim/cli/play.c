/* SPDX-License-Identifier: MIT */
/* Playing a workload. See play.h. */
#include "play.h"

#include "config_options.h"
#include "play_loop.h"

#include <argp.h>

enum {
    EXIT_FAULTS = 1,
    EXIT_ERROR = 2,
    EXIT_SIGNAL = 128, /* and its number */
};

enum {
    OPT_PGTT = 0x2000,
    OPT_INVALIDATIONS,
    OPT_TRACE_MEMORY,
};

static const struct argp_option options[] = {
    {0, 0, 0, 0, "What to play:", 1},
    {"trace", 't', "FILE", 0, "A DMA trace: text, plain or .zst, or .vtdtrace", 1},
    {"workload", 'w', "FILE.yaml|SPEC", 0,
     "A workload described in a file, or uniform, sequential, stride, zipf, ring or dsa, with options as in "
     "zipf:pages=4096,s=0.9,writes=30",
     1},
    {"requests", 'n', "N", 0, "Stop after N requests (synthetic: 1000000 by default)", 1},
    {"invalidations", OPT_INVALIDATIONS, "play|ignore", 0, "Unmaps of the trace (default play)", 1},
    {"trace-memory", OPT_TRACE_MEMORY, "MIB", 0,
     "How much of a trace several tenants keep in memory (default 1024); more goes to a temporary file", 1},
    {0, 0, 0, 0, "The unit:", 3},
    {"pgtt", OPT_PGTT, "first-stage|second-stage|nested|pass-through", 0,
     "How devices are translated (default second-stage; first-stage for PASIDs)", 3},
    {0},
};

static const char *const pgtt_names[] = {"first-stage", "second-stage", "nested", "pass-through", NULL};
static const char *const play_names[] = {"play", "ignore", NULL};

const char *vtd_play_pgtt_name(enum vtd_player_pgtt pgtt)
{
    return pgtt_names[pgtt];
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct vtd_play *p = state->input;
    switch (key) {
    case 't':
        p->trace = argument;
        return 0;
    case 'w':
        p->spec = argument;
        return 0;
    case 'n':
        p->requests = vtd_option_count(state, "requests", argument, 1);
        return 0;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &p->assignments;
        state->child_inputs[1] = &p->tenants;
        state->child_inputs[2] = &p->region;
        return 0;
    case OPT_PGTT:
        p->pgtt = p->pasid_pgtt = vtd_option_choice(state, "pgtt", argument, pgtt_names);
        return 0;
    case OPT_INVALIDATIONS:
        p->ignore_invalidations = vtd_option_choice(state, "invalidations", argument, play_names) == 1;
        return 0;
    case OPT_TRACE_MEMORY:
        p->trace_memory = vtd_option_count(state, "trace-memory", argument, 1);
        return 0;
    case ARGP_KEY_END:
        if (!p->trace == !p->spec)
            argp_error(state, "give one of --trace and --workload");
        if (p->region.first && p->requests)
            argp_error(state, "give one of --requests and --roi: --roi A:B stops after B requests");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {
    {&vtd_config_options, 0, NULL, 3}, {&vtd_tenant_options, 0, NULL, 2}, {&vtd_region_options, 0, NULL, 2}, {0}};

const struct argp vtd_play_options = {.options = options, .parser = parse_option, .children = children};

/* ---------------------------------------------------------------- playing */

/* Begins with time, when it is asked for. */
static int set_stage(struct vtd_play *p, struct vtd_tenants *tenants, struct vtd_stage *stage, char *why)
{
    stage->player = tenants ? vtd_player_create(&p->config, p->pgtt, p->pasid_pgtt, why) : NULL;
    if (!stage->player)
        return -1;
    if (!p->time.on)
        return 0;
    stage->timed = vtd_timed_run_create(stage->player, &p->config, p->time.arrivals, p->time.interval, why);
    if (!stage->timed || !p->time.timeline.file)
        return stage->timed ? 0 : -1;
    stage->timeline = vtd_timeline_open(&p->time.timeline, &p->config.timing, why);
    vtd_timed_run_set_timeline(stage->timed, stage->timeline);
    return stage->timeline ? 0 : -1;
}

/* The timeline is complete also when the run was not; its own failure is told when nothing else is. */
static int end_stage(struct vtd_stage *stage, int status, char *why)
{
    char reason[VTD_WHY_SIZE];
    if (vtd_timeline_close(stage->timeline, reason) != 0 && status == 0) {
        snprintf(why, VTD_WHY_SIZE, "%s", reason);
        status = -1;
    }
    vtd_timed_run_destroy(stage->timed);
    vtd_player_destroy(stage->player);
    return status;
}

static int take_time(struct vtd_play *p, const struct vtd_stage *stage, char *why)
{
    if (!stage->timed)
        return 0;
    if (vtd_timed_run_results(stage->timed, &p->time.results, why) != 0)
        return -1;
    if (p->time.arrivals != VTD_ARRIVALS_TRACE || p->time.results.last_time_ns || p->time.results.accesses < 2)
        return 0;
    snprintf(why, VTD_WHY_SIZE, "%.120s: all times are 0: use --arrivals accepted or N", p->trace ? p->trace : p->spec);
    return -1;
}

/* Requests that are played at most. */
static uint64_t limit_of(const struct vtd_play *p)
{
    return p->requests ? p->requests : p->spec ? 1000000 : UINT64_MAX;
}

static int play_workload(struct vtd_play *p, const struct vtd_workload *workload, const struct vtd_play_hooks *hooks,
                         char *why)
{
    p->tenants.spec.workload = workload;
    p->by_pasid =
        vtd_workload_has_pasids(workload) || (p->tenants.spec.count > 1 && p->tenants.spec.id == VTD_TENANT_PASID);
    const uint64_t limit = limit_of(p);
    const uint64_t total =
        p->trace && !workload->stream ? workload->trace.accesses * p->tenants.spec.count : UINT64_MAX;
    if (vtd_region_resolve(&p->region, limit, total, why) != 0)
        return -1;
    struct vtd_tenants *tenants = vtd_tenants_create(&p->tenants.spec, why);
    struct vtd_stage stage = {0};
    int status = set_stage(p, tenants, &stage, why);
    if (status == 0 && hooks->begin)
        status = hooks->begin(hooks->arg, stage.player, why);
    if (status == 0) {
        status = vtd_play_loop(p, hooks, &stage, tenants, why);
        if (status == 0)
            status = take_time(p, &stage, why);
    }
    if (hooks->end)
        hooks->end(hooks->arg);
    status = end_stage(&stage, status, why);
    vtd_tenants_destroy(tenants);
    return status;
}

/* A trace that is damaged, and a run that a signal stopped, gives the result up to there, if there is any, and is an error. */
static int write_result(struct vtd_play *p, const struct vtd_workload *workload, const struct vtd_play_hooks *hooks,
                        char *why)
{
    const char *problem = p->incomplete;
    if (p->stopped)
        snprintf(p->incomplete, sizeof p->incomplete, "stopped by signal %d after %llu requests", p->stopped,
                 (unsigned long long)p->done);
    else
        snprintf(p->incomplete, sizeof p->incomplete, "%s", vtd_workload_problem(workload));
    if (*problem && p->done <= p->region.skipped) {
        snprintf(why, VTD_WHY_SIZE, "%s", problem);
        return -1;
    }
    if (p->trace && p->done == 0) {
        snprintf(why, VTD_WHY_SIZE, "%.120s: the trace holds no access", p->trace);
        return -1;
    }
    if (!*problem && vtd_region_check(&p->region, p->done, why) != 0)
        return -1;
    if (hooks->write && hooks->write(hooks->arg, why) != 0)
        return -1;
    if (!*problem)
        return 0;
    snprintf(why, VTD_WHY_SIZE, "%.180s; the result is that of the part before", problem);
    return -1;
}

static int complete_config(struct vtd_play *p, const struct vtd_play_hooks *hooks, char *why)
{
    if (vtd_sim_assignments_apply(&p->assignments, &p->config, why) != 0)
        return -1;
    if (vtd_play_time_check(&p->time, &p->config, why) != 0)
        return -1;
    return hooks->configure ? hooks->configure(hooks->arg, why) : 0;
}

/* Opens what is played, for so many tenants. */
static int open_workload(const struct vtd_play *p, uint32_t tenants, struct vtd_workload *workload, char *why)
{
    const size_t memory = p->trace_memory > SIZE_MAX >> 20 ? SIZE_MAX : (size_t)p->trace_memory << 20;
    if (p->trace)
        return vtd_workload_play_trace(workload, p->trace, tenants, memory, why);
    if (vtd_workload_open_spec(workload, p->spec, p->tenants.spec.seed, why) != 0)
        return -1;
    if (!p->time.on || p->time.arrivals != VTD_ARRIVALS_TRACE || vtd_workload_has_times(workload))
        return 0;
    snprintf(why, VTD_WHY_SIZE,
             "--arrivals trace: a synthetic workload has no times but those of a file with the key rate");
    vtd_workload_close(workload);
    return -1;
}

/* Can there be so many tenants? For a trace that is known when it has been read. */
static int check_tenants(const struct vtd_play *p, const struct vtd_workload *workload, char *why)
{
    struct vtd_tenants_spec spec = p->tenants.spec;
    spec.workload = workload;
    spec.interleave = VTD_INTERLEAVE_ROUND_ROBIN; /* the order does not matter, and this one needs no tables */
    struct vtd_tenants *tenants = p->spec ? vtd_tenants_create(&spec, why) : NULL;
    const bool possible = tenants || !p->spec;
    vtd_tenants_destroy(tenants);
    return possible ? 0 : -1;
}

int vtd_play_check(struct vtd_play *p, const struct vtd_play_hooks *hooks, char *why)
{
    struct vtd_workload workload = {0};
    if (complete_config(p, hooks, why) != 0 || open_workload(p, 1, &workload, why) != 0)
        return -1;
    int status = check_tenants(p, &workload, why);
    if (status == 0 && limit_of(p) != UINT64_MAX)
        status = vtd_region_resolve(&p->region, limit_of(p), UINT64_MAX, why);
    vtd_workload_close(&workload);
    return status;
}

static int play_all(struct vtd_play *p, const struct vtd_play_hooks *hooks, char *why)
{
    struct vtd_workload workload = {0};
    if (complete_config(p, hooks, why) != 0 || open_workload(p, p->tenants.spec.count, &workload, why) != 0)
        return -1;
    int status = play_workload(p, &workload, hooks, why);
    if (status == 0)
        status = write_result(p, &workload, hooks, why);
    vtd_workload_close(&workload);
    return status;
}

int vtd_play(struct vtd_play *p, const struct vtd_play_hooks *hooks)
{
    char why[VTD_WHY_SIZE] = "";
    if (play_all(p, hooks, why) != 0) {
        fprintf(stderr, "%s: %s\n", p->command, why);
        return p->stopped ? EXIT_SIGNAL + p->stopped : EXIT_ERROR;
    }
    /* Where devices ask for pages, a translation request for one that is missing is a fault to the unit, but nothing is lost. */
    const uint64_t blocked = p->config.page_requests ? p->blocked : p->all.faults;
    if (blocked == 0)
        return 0;
    fprintf(stderr, "%s: %llu of %llu requests were blocked\n", p->command, (unsigned long long)blocked,
            (unsigned long long)p->all.requests);
    return EXIT_FAULTS;
}

void vtd_play_free(struct vtd_play *p)
{
    vtd_sim_assignments_free(&p->assignments);
}
