/* SPDX-License-Identifier: MIT */
/* Which requests of a run its statistics are of: --warmup and --roi, an argp child. Requests are numbered from 1. */
#ifndef VTD_CLI_REGION_H
#define VTD_CLI_REGION_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Input of vtd_region_options; all 0: all requests. */
struct vtd_region {
    uint64_t warmup;         /* requests that are played before the statistics start */
    unsigned warmup_percent; /* of all, when warmup is 0 */
    uint64_t first, last;    /* --roi; 0 without */

    /* what it comes to (vtd_region_resolve) */
    uint64_t skipped; /* requests that are played and not counted */
    uint64_t limit;   /* no more are played */
};

extern const struct argp vtd_region_options;

/*
 * Fills skipped and limit. requests: how many are played at most; total: how many there are, UINT64_MAX where nobody knows
 * before the end. Returns 0, or -1 with why filled.
 */
int vtd_region_resolve(struct vtd_region *r, uint64_t requests, uint64_t total, char *why);

/* ", after a warm-up of ..." behind the name of a workload; nothing when all requests count. */
void vtd_region_print(const struct vtd_region *r, FILE *out);

/* All is played, done requests in all: is the region what was asked for? Returns 0, or -1 with why filled. */
int vtd_region_check(const struct vtd_region *r, uint64_t done, char *why);

#endif
