/* SPDX-License-Identifier: MIT */
/* vtdsim merge: puts the results of the shards of a sweep together. */
#include "commands.h"
#include "study/sweep.h"

#include "vtd/vtd.h"

#include <argp.h>
#include <inttypes.h>
#include <stdlib.h>

enum {
    EXIT_NO = 1,
    EXIT_ERROR = 2
};

enum {
    OPT_PARTIAL = 256,
};

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0, "Write to FILE: JSON Lines, or CSV when it ends in .csv (default: standard output)", 0},
    {"partial", OPT_PARTIAL, 0, 0, "Write it even if points are missing or failed", 0},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct vtd_merge *m = state->input;
    switch (key) {
    case 'o':
        m->output = argument;
        return 0;
    case OPT_PARTIAL:
        m->partial = true;
        return 0;
    case ARGP_KEY_ARGS:
        m->inputs = (const char *const *)&state->argv[state->next];
        m->count = (size_t)(state->argc - state->next);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "give the files of results");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "FILE...",
    .doc = "Puts results of the same vtdsim sweep together, sorted by the numbers of their points: shards, or what "
           "several "
           "machines did. A point that stands in several files must have the same result in them."
           "\vExit status: 0 success; 1 points are missing or failed, and --partial was not given; 2 an error.",
};

int vtd_cmd_merge(int argc, char **argv)
{
    struct vtd_merge m = {0};
    char why[VTD_WHY_SIZE];
    if (argp_parse(&argp, argc, argv, 0, NULL, &m) != 0)
        return EXIT_ERROR;
    const int status = vtd_merge_run(&m, why);
    if (status < 0)
        fprintf(stderr, "vtdsim merge: %s\n", why);
    if (status >= 0 && m.missing)
        fprintf(stderr, "vtdsim merge: %" PRIu64 " of %" PRIu64 " points are missing: %s\n", m.missing, m.points,
                m.missing_list);
    if (status >= 0 && m.failed)
        fprintf(stderr, "vtdsim merge: %" PRIu64 " of %" PRIu64 " points failed: %s\n", m.failed, m.points,
                m.failed_list);
    if (status == 1)
        fprintf(stderr, "vtdsim merge: nothing is written without --partial\n");
    free(m.missing_list);
    free(m.failed_list);
    return status < 0 ? EXIT_ERROR : status ? EXIT_NO : 0;
}
