/* SPDX-License-Identifier: MIT */
/*
 * Sweeps: one run for each point of some axes, in processes of their own, with a row for each in a file of results. What a
 * run is, and how axes become words of its command line, is said by hooks.
 */
#ifndef VTD_STUDY_SWEEP_H
#define VTD_STUDY_SWEEP_H

#include "axes.h"

#include <jansson.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_sweep_hooks {
    void *arg;
    /* Adds the words that give value to name. Returns 0, or -1 with why filled: no such name, no such value. */
    int (*words)(void *arg, const char *name, const char *value, struct vtd_words *words, char *why);
    /*
     * Looks whether words can be run, and folds into *inputs what they stand for beyond themselves: contents of files.
     * Returns 0, or -1 with why filled. It runs in a process of its own, and may end it with a message on standard error.
     */
    int (*check)(void *arg, const struct vtd_words *words, uint64_t *inputs, char *why);
    /*
     * Runs words, and gives row its member "result". Returns the exit status: 0; 1 when requests were blocked; anything
     * else is an error, which it told on standard error. It runs in a process of its own.
     */
    int (*run)(void *arg, const struct vtd_words *words, json_t *row);
};

struct vtd_sweep {
    struct vtd_axes axes;
    struct vtd_words base;    /* words of the command line of every point, without the name of the program */
    struct vtd_words command; /* words of the sweep, without what does not matter for its results */
    const char *program;      /* what the command of a point begins with: "vtdsim run" */
    const char *version;
    uint64_t shard, shards; /* this one (from 1) of so many; shards 1: all */
    unsigned at_a_time;
    const char *output; /* file of results */
    bool restart;       /* begin anew, whatever is in output */
    const struct vtd_sweep_hooks *hooks;

    /* results */
    /* Points of this shard, 0 before it has begun; those with a row; of these those with an error; those with faults. */
    uint64_t mine, done, failed, blocked;
    uint64_t identity; /* of axes, base and inputs: the same for the same results */
};

/*
 * Checks every point, without running any. Returns 0; -1 with why (VTD_WHY_SIZE bytes) filled, which names the point; or
 * the number of a signal. Call vtd_axes_finish before.
 */
int vtd_sweep_check(struct vtd_sweep *sweep, char *why);

/*
 * Runs all points of the shard that have no row yet. Returns 0 when all have one now, even if it tells of an error; -1 with
 * why filled; or the number of a signal that ended it. Rows that were finished stay in any case.
 */
int vtd_sweep_run(struct vtd_sweep *sweep, char *why);

void vtd_sweep_free(struct vtd_sweep *sweep);

/* ---- sweep_rows.c ---- */

/* All words of a point: base, then its axes. */
int vtd_sweep_words(const struct vtd_sweep *sweep, uint64_t index, struct vtd_words *words, char *why);

/* "a=1 b=2": the point in a message. */
void vtd_sweep_describe(const struct vtd_sweep *sweep, uint64_t index, char *text, size_t size);

/* A new object: the header, the beginning of a row (index, point, command), the object of name and value. NULL: no memory. */
json_t *vtd_sweep_header(const struct vtd_sweep *sweep);
json_t *vtd_sweep_row(const struct vtd_sweep *sweep, uint64_t index, const struct vtd_words *words);
json_t *vtd_sweep_point(const struct vtd_sweep *sweep, uint64_t index);

/* An object as a line with its end, to be freed. NULL: no memory. */
char *vtd_sweep_line(const json_t *object);

/* ---- merge.c ---- */

struct vtd_merge {
    const char *const *inputs; /* files of results */
    size_t count;
    const char *output; /* JSON Lines, or CSV when the name ends in .csv; NULL: standard output, JSON Lines */
    bool partial;       /* write it even if points are missing */

    /* results */
    uint64_t points, missing, failed; /* failed: has an error in place of a result */
    char *missing_list, *failed_list; /* "1, 3-7"; to be freed */
};

/*
 * Puts results of the same sweep together, sorted by index. Points that stand in several files must be equal there; a result
 * takes the place of an error. Returns 0; 1 when points are missing or failed, and nothing was written unless partial; -1
 * with why filled, and nothing was written.
 */
int vtd_merge_run(struct vtd_merge *merge, char *why);

/* Is it the name of a CSV file? */
bool vtd_is_csv(const char *path);

#ifdef __cplusplus
}
#endif
#endif
