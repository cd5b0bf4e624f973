/* SPDX-License-Identifier: MIT */
/* What vtdsim run was asked for, and what came out: shared by cmd_run.c (arguments, playing) and run_output.c. */
#ifndef VTD_CLI_RUN_H
#define VTD_CLI_RUN_H

#include "config/config.h"
#include "platform/requester.h"
#include "tenant_options.h"
#include "workload/player.h"

enum vtd_run_format {
    VTD_RUN_TEXT,
    VTD_RUN_JSON,
    VTD_RUN_CSV,
    VTD_RUN_PERF_STAT
};

struct vtd_run {
    struct vtd_sim_assignments assignments;
    struct vtd_sim_config config;
    const char *trace;     /* file, or NULL */
    const char *spec;      /* synthetic workload, or NULL */
    const char *output;    /* file, or NULL for standard output */
    uint64_t requests;     /* 0: as many as the trace has */
    uint64_t trace_memory; /* MiB */
    enum vtd_run_format format;
    bool format_given;
    enum vtd_player_pgtt pgtt; /* of requests without PASID */
    enum vtd_player_pgtt pasid_pgtt;
    bool pgtt_given;
    bool ignore_invalidations;
    struct vtd_tenant_choice tenants;

    /* results */
    struct vtd_stats stats;
    struct vtd_requester_stats devices; /* all of them together; 0 without device TLBs */
    const char *incomplete;             /* where the trace could not be read on; empty: it was played as asked */
    uint64_t invalidations;             /* unmap records played */
    uint64_t pages_mapped;
    uint64_t table_pages;
};

const char *vtd_run_pgtt_name(enum vtd_player_pgtt pgtt);

/* The result as lines of "perf stat -x," (run_perf_stat.c). */
void vtd_run_write_perf_stat(const struct vtd_stats *stats, FILE *out);

/* Writes the result in run->format. Returns 0, or -1 with why filled. */
int vtd_run_write(const struct vtd_run *run, char *why);

#endif
