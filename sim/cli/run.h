/* SPDX-License-Identifier: MIT */
/* What vtdsim run was asked for, and what came out: shared by cmd_run.c, run_output.c and the sweep. */
#ifndef VTD_CLI_RUN_H
#define VTD_CLI_RUN_H

#include "check_options.h"
#include "play.h"

enum vtd_run_format {
    VTD_RUN_TEXT,
    VTD_RUN_JSON,
    VTD_RUN_CSV,
    VTD_RUN_PERF_STAT
};

struct vtd_run {
    struct vtd_play play;
    struct vtd_check_choice check;
    bool check_failed; /* its reports could not be written: check_why */
    char check_why[VTD_WHY_SIZE];
    const char *output; /* file, or NULL for standard output */
    enum vtd_run_format format;
    bool format_given;
    const char *intervals;                        /* file for a row per interval, or NULL */
    int intervals_file;                           /* its descriptor while the run goes on */
    int (*write)(struct vtd_run *run, char *why); /* NULL: vtd_run_write */
    void *write_arg;                              /* for whoever set write */
};

#define VTD_RUN                                                                                                        \
    {                                                                                                                  \
        .play = VTD_PLAY("vtdsim run"), .intervals_file = -1                                                           \
    }

/* All options that say what is run, and none of those that say how the result is written: an argp child for a struct vtd_run. */
extern const struct argp vtd_run_options;

/* Runs what was asked for and writes the result. Returns the exit status of vtd_play. */
int vtd_run_play(struct vtd_run *run);

/* As far as it can be told without running: would it run? Fills run->play.config. Returns 0, or -1 with why filled. */
int vtd_run_check(struct vtd_run *run, char *why);

void vtd_run_free(struct vtd_run *run);

/* The result as lines of "perf stat -x," (run_perf_stat.c). */
void vtd_run_write_perf_stat(const struct vtd_stats *stats, FILE *out);

/*
 * The result, value by value, in a fixed order: what there is to tell in JSON and CSV is said once (run_columns.c), and a
 * column that is added there is in both, and in the rows of a sweep. group is the JSON object that holds it, NULL for the
 * outermost; with dots a path of objects ("timing.latency.all"), which is also before the name in CSV. Which columns there are depends on nothing but the options and the configuration.
 */
enum vtd_run_kind {
    VTD_RUN_INTEGER,
    VTD_RUN_REAL,
    VTD_RUN_STRING
};
struct vtd_run_column {
    const char *group, *name;
    enum vtd_run_kind kind;
    uint64_t integer;
    double real;
    const char *text;
};
#define VTD_RUN_GROUP_CONFIG "config"
typedef void vtd_run_visit(void *arg, const struct vtd_run_column *column);
void vtd_run_for_each_column(const struct vtd_run *run, vtd_run_visit *visit, void *arg);

/* The names and the values of all columns as CSV fields, without an end of line; columns: fields that stand before. */
struct vtd_run_csv {
    FILE *out;
    unsigned columns;
};
void vtd_run_write_csv_names(const struct vtd_run *run, struct vtd_run_csv *csv);
void vtd_run_write_csv_values(const struct vtd_run *run, struct vtd_run_csv *csv);

/*
 * --interval and --intervals, an argp child for a struct vtd_run, and what they do (run_intervals.c): a CSV file with a row
 * for each interval, written row by row. Those return 0, or -1 with why filled.
 */
extern const struct argp vtd_interval_options;
int vtd_intervals_open(struct vtd_run *run, char *why);
int vtd_intervals_write(struct vtd_run *run, const struct vtd_play_interval *interval, char *why);
int vtd_intervals_close(struct vtd_run *run, char *why);

/* Writes the result in run->format. Returns 0, or -1 with why filled. */
int vtd_run_write(const struct vtd_run *run, char *why);

#endif
