/* SPDX-License-Identifier: MIT */
/* What vtdsim mrc was asked for, and what came out: shared by cmd_mrc.c and mrc_output.c. */
#ifndef VTD_CLI_MRC_H
#define VTD_CLI_MRC_H

#include "play.h"
#include "study/foresight.h"
#include "study/mrc.h"

enum vtd_mrc_format {
    VTD_MRC_TEXT,
    VTD_MRC_JSON,
    VTD_MRC_CSV
};

struct vtd_mrc_run {
    struct vtd_play play;
    const char *command; /* that was given, as a shell reads it */
    enum vtd_cache_id cache;
    struct vtd_mrc_spec spec;
    uint64_t keys;   /* room for them in the cache that is watched */
    uint64_t *sizes; /* entries that were asked for; NULL: powers of two up to the end of the curve */
    size_t size_count;
    const char *output; /* file, or NULL for standard output */
    const char *plot;   /* file for a picture, or NULL */
    enum vtd_mrc_format format;

    struct vtd_mrc *curve;
    bool missed;    /* a lookup missed, and what it fills is not known yet */
    bool no_memory; /* the curve ends here */
    struct vtd_player *player;
    struct vtd_foresight *foresight;
    uint64_t spared; /* requests of the warm-up that were not played, for they could only hit */
};

/* One point of the curve. */
struct vtd_mrc_point {
    uint64_t entries;
    double hits, error; /* error: standard error of hits, 0 when they are exact */
};

/* The points to show, in ascending order; free() them. NULL without memory. */
struct vtd_mrc_point *vtd_mrc_points(const struct vtd_mrc_run *run, size_t *count);

/* Writes table and picture. Returns 0, or -1 with why filled. */
int vtd_mrc_write(const struct vtd_mrc_run *run, char *why);

#endif
