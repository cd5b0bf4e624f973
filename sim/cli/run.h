/* SPDX-License-Identifier: MIT */
/* What vtdsim run was asked for, and what came out: shared by cmd_run.c and run_output.c. */
#ifndef VTD_CLI_RUN_H
#define VTD_CLI_RUN_H

#include "play.h"

enum vtd_run_format {
    VTD_RUN_TEXT,
    VTD_RUN_JSON,
    VTD_RUN_CSV,
    VTD_RUN_PERF_STAT
};

struct vtd_run {
    struct vtd_play play;
    const char *output; /* file, or NULL for standard output */
    enum vtd_run_format format;
    bool format_given;
};

/* The result as lines of "perf stat -x," (run_perf_stat.c). */
void vtd_run_write_perf_stat(const struct vtd_stats *stats, FILE *out);

/* Writes the result in run->format. Returns 0, or -1 with why filled. */
int vtd_run_write(const struct vtd_run *run, char *why);

#endif
