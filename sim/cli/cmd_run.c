/* SPDX-License-Identifier: MIT */
/* vtdsim run: plays a workload on a unit that the driver set up, and counts what its caches did. */
#include "commands.h"
#include "play_stop.h"
#include "run.h"

#include <argp.h>

enum {
    EXIT_ERROR = 2
};

enum {
    OPT_STATS = 256,
    OPT_PERF_STAT,
};

static const struct argp_option options[] = {
    {0, 0, 0, 0, "Results:", 4},
    {"stats", OPT_STATS, "text|json|csv", 0, "Form of the result (default text)", 4},
    {"perf-stat", OPT_PERF_STAT, 0, 0,
     "Print the result as perf stat -x, does on a machine with this unit, instead of --stats", 4},
    {"output", 'o', "FILE", 0, "Write the result to FILE", 4},
    {0},
};

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
    static const char *const format_names[] = {"text", "json", "csv", NULL};
    struct vtd_run *run = state->input;
    switch (key) {
    case 'o':
        run->output = argument;
        return 0;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = state->child_inputs[1] = run;
        state->child_inputs[2] = &run->check;
        return 0;
    case OPT_STATS:
        set_format(state, run, vtd_option_choice(state, "stats", argument, format_names));
        return 0;
    case OPT_PERF_STAT:
        set_format(state, run, VTD_RUN_PERF_STAT);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "%s: no argument wanted here; a trace is given with --trace", argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_what(int key, char *argument, struct argp_state *state)
{
    struct vtd_run *run = state->input;
    (void)argument;
    if (key != ARGP_KEY_INIT)
        return ARGP_ERR_UNKNOWN;
    state->child_inputs[0] = &run->play;
    state->child_inputs[1] = &run->play.time;
    return 0;
}

static const struct argp_child what_children[] = {
    {&vtd_play_options, 0, NULL, 0}, {&vtd_time_options, 0, NULL, 0}, {0}};

const struct argp vtd_run_options = {.parser = parse_what, .children = what_children};

static const struct argp_child children[] = {
    {&vtd_run_options, 0, NULL, 0}, {&vtd_interval_options, 0, NULL, 4}, {&vtd_check_options_argp, 0, NULL, 6}, {0}};

static const struct argp argp = {
    .options = options,
    .children = children,
    .parser = parse_option,
    .doc = "Plays a DMA trace or a synthetic workload. The driver maps each page when it is touched first, with a "
           "domain for "
           "each source-id (and PASID), and unmaps what the trace unmaps."
           "\vExit status: 0 success; 1 requests were blocked by faults; 2 an error; 3: --check found violations, and "
           "nothing else was wrong; 128 and its number: a "
           "signal stopped it, and the result is that of the part before.",
};

/* The configuration is complete, so that the columns are known. */
static int open_intervals(void *arg, char *why)
{
    struct vtd_run *run = arg;
    return run->intervals ? vtd_intervals_open(run, why) : 0;
}

static int write_interval(void *arg, const struct vtd_play_interval *interval, char *why)
{
    return vtd_intervals_write(arg, interval, why);
}

static int write_result(void *arg, char *why)
{
    struct vtd_run *run = arg;
    if (vtd_intervals_close(run, why) != 0)
        return -1;
    return run->write ? run->write(run, why) : vtd_run_write(run, why);
}

static int begin_check(void *arg, struct vtd_player *player, char *why)
{
    struct vtd_run *run = arg;
    return vtd_check_choice_start(&run->check, vtd_player_unit(player), why);
}

/* The reports are lost when they cannot be written: that is an error of the run. */
static void end_check(void *arg)
{
    struct vtd_run *run = arg;
    run->check_failed = vtd_check_choice_end(&run->check, NULL, run->check_why) != 0;
}

static struct vtd_play_hooks hooks_of(struct vtd_run *run)
{
    return (struct vtd_play_hooks){
        .arg = run, .configure = open_intervals, .interval = write_interval, .write = write_result};
}

int vtd_run_play(struct vtd_run *run)
{
    struct vtd_play_hooks hooks = hooks_of(run);
    if (run->check.on) {
        hooks.begin = begin_check;
        hooks.end = end_check;
    }
    const int status = vtd_play(&run->play, &hooks);
    if (!run->check_failed)
        return vtd_check_choice_status(&run->check, status);
    fprintf(stderr, "%s: %s\n", run->play.command, run->check_why);
    return EXIT_ERROR;
}

int vtd_run_check(struct vtd_run *run, char *why)
{
    const struct vtd_play_hooks hooks = hooks_of(run);
    return vtd_play_check(&run->play, &hooks, why);
}

void vtd_run_free(struct vtd_run *run)
{
    vtd_play_free(&run->play);
}

int vtd_cmd_run(int argc, char **argv)
{
    struct vtd_run run = VTD_RUN;
    if (argp_parse(&argp, argc, argv, 0, NULL, &run) != 0)
        return EXIT_ERROR;
    vtd_play_stop_on_signals();
    const int status = vtd_run_play(&run);
    vtd_run_free(&run);
    return status;
}
