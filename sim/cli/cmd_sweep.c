/* SPDX-License-Identifier: MIT */
/* vtdsim sweep: a run for each point of some axes, on all processors, with a row for each. */
#define _POSIX_C_SOURCE 200809L

#include "commands.h"
#include "config/text.h"
#include "study/pool.h"
#include "sweep_points.h"

#include "vtd/vtd.h"

#include <argp.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum {
    EXIT_NO = 1,
    EXIT_ERROR = 2,
    EXIT_SIGNAL = 128,
    JOBS_MAX = 400 /* two files each are open */
};

enum {
    OPT_OVER = 256,
    OPT_LIST,
    OPT_SHARD,
    OPT_RESTART,
    OPT_DRY_RUN,
};

static const struct argp_option options[] = {
    {0, 0, 0, 0, "Points:", 1},
    {"over", OPT_OVER, "NAME=VALUE,VALUE,...", 0,
     "An axis: a configuration key or an option of vtdsim run, and its values. 8..4096*2 are the powers of two from 8 "
     "to "
     "4096, 1..10+3 steps of 3. With a semicolon, semicolons separate instead of commas",
     1},
    {"list", OPT_LIST, "FILE", 0, "Points of a CSV file: names in the first line, values in the others", 1},
    {"shard", OPT_SHARD, "I/N", 0, "Only every N-th point, from the I-th on (I from 1)", 1},
    {"dry-run", OPT_DRY_RUN, 0, 0, "Check all points, print their commands, and run nothing", 1},
    {0, 0, 0, 0, "Results:", 2},
    {"output", 'o', "FILE", 0,
     "Where the rows go: JSON Lines; or FILE.csv, that is made of FILE.jsonl at the end. If it is there, the sweep "
     "goes on",
     2},
    {"restart", OPT_RESTART, 0, 0, "Forget what is in FILE, and begin anew", 2},
    {"jobs", 'j', "N", 0, "So many runs at a time (default: one for each processor)", 2},
    {0},
};

struct sweeping {
    struct vtd_sweep sweep;
    const char *output; /* as given */
    char *rows;         /* name of the file in JSON Lines, when output is another one */
    bool dry_run;
};

/* ---------------------------------------------------------------- options */

static void die(const struct argp_state *state, const char *why)
{
    argp_failure(state, EXIT_ERROR, 0, "%s", why);
}

/* Notes words of the command that say which sweep it is. */
static void note(const struct argp_state *state, struct sweeping *s, const char *option, const char *argument)
{
    if ((option && !vtd_words_add(&s->sweep.command, option)) || !vtd_words_add(&s->sweep.command, argument))
        die(state, "out of memory");
}

static void set_shard(const struct argp_state *state, struct vtd_sweep *s, const char *text)
{
    const char *slash = strchr(text, '/');
    char first[24] = "";
    if (slash && (size_t)(slash - text) < sizeof first)
        memcpy(first, text, (size_t)(slash - text));
    if (!slash || !vtd_number_parse(first, &s->shard) || !vtd_number_parse(slash + 1, &s->shards) || s->shard < 1 ||
        s->shard > s->shards || s->shards > VTD_AXES_POINTS_MAX)
        argp_error(state, "--shard %s: want I/N, with I from 1 to N", text);
}

/* The base of a file: names and values become words as those of axes do. */
static void take_file(const struct argp_state *state, struct sweeping *s, const char *file)
{
    char why[VTD_WHY_SIZE], reason[VTD_WHY_SIZE];
    struct vtd_words base = {0};
    if (vtd_axes_add_yaml(&s->sweep.axes, &base, file, why) != 0)
        die(state, why);
    for (size_t i = 0; i + 1 < base.count; i += 2)
        if (vtd_sweep_of_runs.words(NULL, base.word[i], base.word[i + 1], &s->sweep.base, reason) != 0) {
            snprintf(why, sizeof why, "%.80s: base: %.50s: %.110s", file, base.word[i], reason);
            die(state, why);
        }
    vtd_words_free(&base);
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct sweeping *s = state->input;
    char why[VTD_WHY_SIZE];
    uint64_t jobs;
    switch (key) {
    case OPT_OVER:
        note(state, s, "--over", argument);
        if (vtd_axes_add_over(&s->sweep.axes, argument, why) != 0)
            die(state, why);
        return 0;
    case OPT_LIST:
        note(state, s, "--list", argument);
        if (vtd_axes_add_list(&s->sweep.axes, argument, why) != 0)
            die(state, why);
        return 0;
    case ARGP_KEY_ARG:
        note(state, s, NULL, argument);
        take_file(state, s, argument);
        return 0;
    case OPT_SHARD:
        set_shard(state, &s->sweep, argument);
        return 0;
    case OPT_RESTART:
        s->sweep.restart = true;
        return 0;
    case OPT_DRY_RUN:
        s->dry_run = true;
        return 0;
    case 'o':
        s->output = argument;
        return 0;
    case 'j':
        if (!vtd_number_parse(argument, &jobs) || jobs < 1 || jobs > JOBS_MAX)
            argp_error(state, "--jobs %s: want a number from 1 to %d", argument, JOBS_MAX);
        s->sweep.at_a_time = (unsigned)jobs;
        return 0;
    case ARGP_KEY_END:
        if (s->sweep.axes.count == 0)
            argp_error(state, "give --over, --list or a file with them");
        if (!s->output && !s->dry_run)
            argp_error(state, "give --output");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "[FILE.yaml]\n[FILE.yaml] -- OPTION-OF-RUN...",
    .doc = "Runs vtdsim run for every combination of the values of some axes. Behind -- stands what all runs have in "
           "common. "
           "FILE.yaml says the same with the keys over, list and base."
           "\vThe same command with the same FILE goes on where an earlier one was ended.\n"
           "Exit status: 0 success; 1 points failed, or requests were blocked by faults; 2 an error; 130 and the like: "
           "ended by a signal.",
};

/* ---------------------------------------------------------------- the sweep */

/* Words from "--" on belong to the runs. */
static bool take_base(struct sweeping *s, char **words)
{
    bool ok = true;
    for (unsigned i = 0; words[i] && ok; i++)
        ok = vtd_words_add(&s->sweep.command, words[i]) && (i == 0 || vtd_words_add(&s->sweep.base, words[i]));
    return ok;
}

/* The file of rows: output, or, when that is CSV, a neighbour in JSON Lines. */
static int name_rows(struct sweeping *s)
{
    s->sweep.output = s->output;
    if (!s->output || !vtd_is_csv(s->output))
        return 0;
    const size_t stem = strlen(s->output) - strlen(".csv");
    s->rows = malloc(stem + sizeof ".jsonl");
    if (!s->rows)
        return -1;
    memcpy(s->rows, s->output, stem);
    strcpy(s->rows + stem, ".jsonl");
    s->sweep.output = s->rows;
    return 0;
}

static int complain(const char *why)
{
    fprintf(stderr, "vtdsim sweep: %s\n", why);
    return EXIT_ERROR;
}

static int print_commands(const struct vtd_sweep *s)
{
    char why[VTD_WHY_SIZE];
    for (uint64_t i = s->shard - 1; i < s->axes.points; i += s->shards) {
        struct vtd_words words = {0};
        const int status = vtd_sweep_words(s, i, &words, why);
        char *line = status == 0 ? vtd_words_command(s->program, &words) : NULL;
        if (line)
            puts(line);
        vtd_words_free(&words);
        free(line);
        if (status != 0 || !line)
            return complain(status ? why : "out of memory");
    }
    return fflush(stdout) == 0 ? 0 : complain("cannot write standard output");
}

static int write_csv(const struct sweeping *s, char *why)
{
    const char *const inputs[] = {s->rows};
    struct vtd_merge merge = {.inputs = inputs, .count = 1, .output = s->output, .partial = true};
    const int status = vtd_merge_run(&merge, why);
    free(merge.missing_list);
    free(merge.failed_list);
    return status;
}

static int run(struct sweeping *s)
{
    struct vtd_sweep *sweep = &s->sweep;
    char why[VTD_WHY_SIZE];
    int status = vtd_axes_finish(&sweep->axes, why);
    if (status == 0)
        status = vtd_sweep_check(sweep, why);
    if (status == 0 && s->dry_run)
        return print_commands(sweep);
    if (status == 0)
        status = vtd_sweep_run(sweep, why);
    if (status == 0 && s->rows)
        status = write_csv(s, why);
    if (status < 0)
        complain(why);
    if (sweep->mine)
        fprintf(stderr, "vtdsim sweep: %s: %" PRIu64 " of %" PRIu64 " points\n", sweep->output, sweep->done,
                sweep->mine);
    if (sweep->failed)
        fprintf(stderr, "vtdsim sweep: %" PRIu64 " points have an error; the same command tries them again\n",
                sweep->failed);
    if (sweep->blocked)
        fprintf(stderr, "vtdsim sweep: requests were blocked by faults in %" PRIu64 " points\n", sweep->blocked);
    if (status > 0)
        fprintf(stderr, "vtdsim sweep: ended by signal %d; the same command goes on\n", status);
    return status < 0 ? EXIT_ERROR : status ? EXIT_SIGNAL + status : sweep->failed || sweep->blocked ? EXIT_NO : 0;
}

int vtd_cmd_sweep(int argc, char **argv)
{
    struct sweeping s = {.sweep = {.program = VTD_SWEEP_PROGRAM,
                                   .version = vtd_version(),
                                   .shard = 1,
                                   .shards = 1,
                                   .at_a_time = vtd_pool_processors() < JOBS_MAX ? vtd_pool_processors() : JOBS_MAX,
                                   .hooks = &vtd_sweep_of_runs}};
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like a full disk */
    int own = 1;
    while (own < argc && strcmp(argv[own], "--") != 0)
        own++;
    if (argp_parse(&argp, own, argv, 0, NULL, &s) != 0)
        return EXIT_ERROR;
    int status = EXIT_ERROR;
    if (!take_base(&s, argv + own) || name_rows(&s) != 0)
        complain("out of memory");
    else
        status = run(&s);
    free(s.rows);
    vtd_sweep_free(&s.sweep);
    return status;
}
