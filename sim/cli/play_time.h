/* SPDX-License-Identifier: MIT */
/* Timed runs on the command line: options, and what came out as columns and as text. */
#ifndef VTD_CLI_PLAY_TIME_H
#define VTD_CLI_PLAY_TIME_H

#include "study/timed_run.h"

#include <stdio.h>

struct vtd_play_time {
    bool on;
    enum vtd_arrivals arrivals;
    uint64_t interval;                 /* cycles of VTD_ARRIVALS_EVERY */
    struct vtd_timeline_spec timeline; /* file NULL: none */

    struct vtd_timed_results results;
};

/* --timing, --arrivals, --timeline: an argp child with struct vtd_play_time as input. */
extern const struct argp vtd_time_options;

/* Can it be run so? Returns 0, or -1 with why filled. */
int vtd_play_time_check(const struct vtd_play_time *time, const struct vtd_sim_config *config, char *why);

/* "accepted", "trace" or the number of cycles; text has room for 32 characters. */
const char *vtd_play_time_arrivals(const struct vtd_play_time *time, char *text);

/* Every number of the result: group is a path with dots, "timing.latency.all", integers are told as such. */
struct vtd_time_value {
    const char *group, *name;
    bool is_real;
    uint64_t integer;
    double real;
};
typedef void vtd_time_visit(void *arg, const struct vtd_time_value *value);
void vtd_play_time_for_each(const struct vtd_timed_results *results, vtd_time_visit *visit, void *arg);

void vtd_play_time_write_text(const struct vtd_play_time *time, FILE *out);

#endif
