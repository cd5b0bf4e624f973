/* SPDX-License-Identifier: MIT */
/*
 * vtdsim cosim: the unit in SystemVerilog beside the model, in lockstep.
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef VTD_HAVE_RTL
#include "../cosim/calibrate.h"
#include "../cosim/lockstep.h"
#endif
#include "commands.h"

enum {
    EXIT_SAME = 0,
    EXIT_DIFFERS = 1,
    EXIT_ERROR = 2,

    KEY_LATENCY = 256,
    KEY_PLANT,
    KEY_CALIBRATE,
    KEY_INTERVAL,

    BEFORE = 1000, /* cycles of the waveform before a difference, and after */
    AFTER = 50,
};

struct arguments {
    uint64_t seed, requests, latency, walkers, plant, interval;
    char *trace;
    bool calibrate;
    char **files;
    int count;
};

static const struct argp_option options[] = {
    {"seed", 's', "N", 0, "The run (1)", 0},
    {"requests", 'n', "N", 0, "Requests of devices (100000)", 0},
    {"walkers", 'w', "N", 0, "Walkers of the RTL: 1 (default; every step is compared) or 4 (results are)", 0},
    {"latency", KEY_LATENCY, "CYCLES", 0, "Of the RTL's memory, 1 to 10000 (2)", 0},
    {"trace", 't', "FILE", 0,
     "Write a waveform (FST) of the whole run; without it, one of the cycles around a difference", 0},
    {"calibrate", KEY_CALIBRATE, NULL, 0,
     "Compare latencies instead: those of the RTL with those of the model's timing, of a random mix and of each TRACE",
     0},
    {"interval", KEY_INTERVAL, "CYCLES", 0,
     "With --calibrate: a request arrives every so many cycles; 0 (default): when the one before is answered", 0},
    {"plant", KEY_PLANT, "ACTION", OPTION_HIDDEN, "From this action on, table entries beside the model change", 0},
    {0},
};

static uint64_t number(const char *option, const char *text, uint64_t least, uint64_t most, struct argp_state *state)
{
    char *end;
    errno = 0;
    const uint64_t value = strtoull(text, &end, 0);
    if (errno != 0 || end == text || *end != '\0' || *text == '-' || value < least || value > most)
        argp_failure(state, EXIT_ERROR, 0, "--%s %s: must be a number from %" PRIu64 " to %" PRIu64, option, text,
                     least, most);
    return value;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case 's':
        a->seed = number("seed", argument, 0, UINT64_MAX, state);
        return 0;
    case 'n':
        a->requests = number("requests", argument, 1, UINT64_C(1000000000000), state);
        return 0;
    case 'w':
        a->walkers = number("walkers", argument, 1, 4, state);
        if (a->walkers != 1 && a->walkers != 4)
            argp_failure(state, EXIT_ERROR, 0, "--walkers %s: the RTL is built with 1 and with 4", argument);
        return 0;
    case KEY_LATENCY:
        a->latency = number("latency", argument, 1, 10000, state);
        return 0;
    case KEY_PLANT:
        a->plant = number("plant", argument, 1, UINT64_MAX, state);
        return 0;
    case KEY_CALIBRATE:
        a->calibrate = true;
        return 0;
    case KEY_INTERVAL:
        a->interval = number("interval", argument, 0, 1000000, state);
        return 0;
    case 't':
        a->trace = argument;
        return 0;
    case ARGP_KEY_ARGS:
        a->files = state->argv + state->next;
        a->count = state->argc - state->next;
        return 0;
    case ARGP_KEY_END:
        if (!a->calibrate && (a->count > 0 || a->interval > 0))
            argp_failure(state, EXIT_ERROR, 0, "traces and --interval are for --calibrate");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "[TRACE...]",
    .doc = "Runs the unit in SystemVerilog beside the model: a driver, its tables and its devices do the same at "
           "random to "
           "both, and every response, fault record, register, message and byte of tables must be the same; with one "
           "walker also the sequence of cache hits, misses, fills, evictions and memory accesses."
           "\vThe first difference ends the run. It is then run again up to there, for a waveform of the "
           "thousand cycles before it: cosim-SEED.fst.\n\n"
           "Exit status: 0 no difference; 1 a difference; 2 it could not be run.",
};

#ifdef VTD_HAVE_RTL

/* The run once more, for the waveform around the difference and the states there. Returns an exit status. */
static int show_difference(const struct arguments *a, struct vtd_lockstep_options *run,
                           const struct vtd_lockstep_result *first)
{
    struct vtd_lockstep_result again;
    char path[64];
    printf("%s\n", first->what);
    snprintf(path, sizeof(path), "cosim-%" PRIu64 ".fst", a->seed);
    if (run->trace == NULL) {
        run->trace = path;
        run->trace_from = first->at_cycle > BEFORE ? first->at_cycle - BEFORE : 0;
        run->trace_to = first->at_cycle + AFTER;
    }
    run->states_at = first->at_cycle;
    if (vtd_lockstep_run(run, &again) != 0) {
        fprintf(stderr, "%s\n", again.what);
        return EXIT_ERROR;
    }
    printf("in cycle %" PRIu64 " of the RTL: %s\nwaveform: %s\n", first->at_cycle, again.states, run->trace);
    printf("again: vtdsim cosim --seed %" PRIu64 " --requests %" PRIu64 " --walkers %" PRIu64 " --latency %" PRIu64
           "\n",
           a->seed, a->requests, a->walkers, a->latency);
    return EXIT_DIFFERS;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* One line of the comparison of latencies. Returns 0, or -1 after a message. */
static int calibrate_one(const struct arguments *a, const char *trace)
{
    const struct vtd_calibration_options options_of_run = {.trace = trace,
                                                           .seed = a->seed,
                                                           .requests = a->requests,
                                                           .walkers = (unsigned)a->walkers,
                                                           .latency = (unsigned)a->latency,
                                                           .interval = (unsigned)a->interval};
    struct vtd_calibration c;
    if (vtd_calibrate(&options_of_run, &c) != 0) {
        fprintf(stderr, "%s\n", c.why);
        return -1;
    }
    const char *slash = trace ? strrchr(trace, '/') : NULL;
    printf("%-32s %9" PRIu64 " %10.2f %10.2f %9.2f %8.2f %% %8.2f %%\n", trace ? slash ? slash + 1 : trace : "random",
           c.requests, c.rtl_mean, c.model_mean, c.error_mean, 100 * c.error_mean / c.rtl_mean, 100 * c.relative_mean);
    return 0;
}

static int calibrate(const struct arguments *a)
{
    printf("%-32s %9s %10s %10s %9s %10s %10s\n", "latencies in cycles", "requests", "RTL", "model", "error", "of mean",
           "each");
    if (calibrate_one(a, NULL) != 0)
        return EXIT_ERROR;
    for (int i = 0; i < a->count; i++)
        if (calibrate_one(a, a->files[i]) != 0)
            return EXIT_ERROR;
    return EXIT_SAME;
}

static int run(const struct arguments *a)
{
    if (a->calibrate)
        return calibrate(a);
    struct vtd_lockstep_options lockstep = {.seed = a->seed,
                                            .requests = a->requests,
                                            .walkers = (unsigned)a->walkers,
                                            .latency = (unsigned)a->latency,
                                            .trace = a->trace,
                                            .trace_to = UINT64_MAX,
                                            .states_at = UINT64_MAX,
                                            .plant = a->plant};
    struct vtd_lockstep_result result;
    const double begin = seconds();
    if (vtd_lockstep_run(&lockstep, &result) != 0) {
        fprintf(stderr, "%s\n", result.what);
        return EXIT_ERROR;
    }
    if (result.differs)
        return show_difference(a, &lockstep, &result);
    const double took = seconds() - begin;
    printf("the same: %" PRIu64 " requests, %" PRIu64 " of them faults, %" PRIu64 " actions of software, %" PRIu64
           " register writes, %" PRIu64 " messages",
           result.requests, result.faults, result.actions, result.writes, result.messages);
    if (a->walkers == 1)
        printf(", %" PRIu64 " steps", result.steps);
    printf("\n%" PRIu64 " cycles of the RTL, seed %" PRIu64 ", %" PRIu64 " walker%s\n", result.cycles, a->seed,
           a->walkers, a->walkers == 1 ? "" : "s");
    fprintf(stderr, "%.1f s: %.0f requests/s, %.0f cycles/s\n", took, (double)result.requests / took,
            (double)result.cycles / took);
    return EXIT_SAME;
}

#else

static int run(const struct arguments *a)
{
    (void)a;
    fputs("vtdsim cosim: the RTL is not built in: it needs Verilator 5.006, and VTD_BUILD_RTL not OFF\n", stderr);
    return EXIT_ERROR;
}

#endif

int vtd_cmd_cosim(int argc, char **argv)
{
    struct arguments arguments = {.seed = 1, .requests = 100000, .walkers = 1, .latency = 2};
    argp_err_exit_status = EXIT_ERROR;
    if (argp_parse(&argp, argc, argv, 0, NULL, &arguments) != 0)
        return EXIT_ERROR;
    return run(&arguments);
}
