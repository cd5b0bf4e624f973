/* SPDX-License-Identifier: MIT */
/*
 * Results of studies, as files hold them: JSON Lines of vtdsim sweep, objects of vtdsim run --stats json and of vtdsim mrc
 * --stats json, CSV of vtdsim run --intervals. What is in them is not trusted: a file that is not such results is refused, naming file and line.
 */
#ifndef VTD_REPORT_RESULTS_H
#define VTD_REPORT_RESULTS_H

#include "arena.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* One point: a run with its result, or a curve. */
struct vtd_result_row {
    const char *file;
    unsigned long line;  /* where it begins */
    json_int_t index;    /* of a sweep; otherwise its place among the rows */
    const char *command; /* NULL: not told */
    const char *error;   /* why there is no result; NULL: there is */
    json_t *point;       /* axes of a sweep, strings by name; NULL: none */
    json_t *result;      /* what vtdsim run or mrc printed; NULL: none */
    size_t *at;          /* by axis: which of its values, VTD_NO_VALUE: none (vtd_loaded_axes) */
};

#define VTD_NO_VALUE ((size_t)-1)

/* What differs between the points. */
struct vtd_result_axis {
    const char *name;
    const char **values;
    double *numbers; /* of the values, where numeric */
    size_t count;
    bool numeric;
    const char *follows; /* axis whose value determines that of this one, NULL: none */
};

enum vtd_result_kind {
    VTD_RESULTS_SWEEP,
    VTD_RESULTS_RUNS,
    VTD_RESULTS_CURVES,
    VTD_RESULTS_INTERVALS
};

/* Points that are shown together: those of one sweep, all single runs, all curves, or the intervals of one run. */
struct vtd_result_set {
    enum vtd_result_kind kind;
    const char *file;    /* of a sweep */
    const char *command; /* of a sweep */
    const char *version; /* of the program that made them; NULL: not told */
    json_t *header;      /* of a sweep */
    json_int_t points;   /* that a sweep has when it is complete */
    struct vtd_result_row *rows;
    size_t count, room;
    struct vtd_result_axis *axes;
    size_t axis_count;
    struct vtd_result_set *next;
};

struct vtd_loaded {
    struct vtd_arena arena;
    struct vtd_result_set *sets; /* in the order of the files; single runs and curves where the first one stands */
    json_t **owned;
    size_t owned_count, owned_room;
};

enum {
    VTD_RESULTS_WHY = 512
};

#ifdef __cplusplus
extern "C" {
#endif

/* Reads a file ("-": standard input) and adds what it has. Returns 0, or -1 and why, which names file and line. */
int vtd_loaded_read(struct vtd_loaded *results, const char *file, char why[VTD_RESULTS_WHY]);

/* The same of a text in memory; file is its name in messages. */
int vtd_loaded_parse(struct vtd_loaded *results, const char *file, const char *text, size_t length,
                     char why[VTD_RESULTS_WHY]);

/* For those who read a form of their own: a set, and a row of it. A reader stands at a line of a file. */
struct vtd_result_reader {
    struct vtd_loaded *results;
    const char *file;
    unsigned long line;
    char *why;
};
struct vtd_result_set *vtd_result_add_set(struct vtd_result_reader *reader, enum vtd_result_kind kind);
struct vtd_result_row *vtd_result_add_row(struct vtd_result_reader *reader, struct vtd_result_set *set);
void vtd_result_own(struct vtd_loaded *results, json_t *json); /* to be released at the end */
int vtd_result_refuse(const struct vtd_result_reader *reader, const char *what);

/* Intervals: is the text such a file, and reading it. */
bool vtd_intervals_are(const char *text, size_t length);
int vtd_intervals_parse(struct vtd_result_reader *reader, const char *text, size_t length);

/* When all files are read: sorts the rows of sweeps and finds the axes. Returns 0, or -1 and why. */
int vtd_loaded_finish(struct vtd_loaded *results, char why[VTD_RESULTS_WHY]);

/* Finds the axes of a set and fills the rows' at. */
void vtd_loaded_axes(struct vtd_loaded *results, struct vtd_result_set *set);

/* A number of a result: a rate or counter by its name, or a path of names with dots between (timing.latency.mean). */
bool vtd_result_number(const struct vtd_result_row *row, const char *name, double *value);

/* A value of the configuration or the workload of a result as text; NULL: there is none. */
const char *vtd_result_setting(struct vtd_loaded *results, const struct vtd_result_row *row, const char *name);

/* A scalar of JSON as text; NULL for objects, arrays and null. */
const char *vtd_json_text(struct vtd_arena *arena, const json_t *value);

void vtd_loaded_free(struct vtd_loaded *results);

#ifdef __cplusplus
}
#endif

#endif
