/* SPDX-License-Identifier: MIT */
/* Playing a workload on a unit that the driver set up: options and loop of the subcommands that do so. */
#ifndef VTD_CLI_PLAY_H
#define VTD_CLI_PLAY_H

#include "config/config.h"
#include "platform/requester.h"
#include "play_time.h"
#include "region.h"
#include "tenant_options.h"
#include "workload/player.h"

/* What an interval is measured in; time passes in timed runs only. */
enum vtd_play_unit {
    VTD_PLAY_REQUESTS,
    VTD_PLAY_CYCLES,
    VTD_PLAY_NS
};

/* What is to be played, on which unit; and what came out. */
struct vtd_play {
    const char *command; /* for messages: "vtdsim run" */
    struct vtd_sim_assignments assignments;
    struct vtd_sim_config config; /* when vtd_play has applied the assignments */
    const char *trace;            /* file, or NULL */
    const char *spec;             /* synthetic workload, or NULL */
    uint64_t requests;            /* 0: as many as the trace has */
    uint64_t trace_memory;        /* MiB */
    enum vtd_player_pgtt pgtt;    /* of requests without PASID */
    enum vtd_player_pgtt pasid_pgtt;
    bool ignore_invalidations;
    struct vtd_tenant_choice tenants;
    struct vtd_region region; /* which requests count */
    uint64_t interval;        /* between two calls of the hook of that name; 0: none */
    enum vtd_play_unit interval_unit;
    struct vtd_play_time time; /* with its results */

    /* results, of the region */
    struct vtd_stats stats;
    struct vtd_requester_stats devices; /* all of them together; 0 without device TLBs */
    char incomplete
        [VTD_WHY_SIZE]; /* where the trace could not be read on, or what stopped it; empty: it was played as asked */
    int stopped;        /* by the signal of that number; 0: it was not */
    uint64_t invalidations; /* unmap records played */
    uint64_t pages_mapped;
    /* and of everything */
    uint64_t table_pages;
    bool by_pasid;    /* requests have PASIDs, as far as that is known without reading a trace */
    uint64_t done;    /* requests */
    uint64_t blocked; /* of them, that the device could not carry out */
    struct vtd_stats all;
};

#define VTD_PLAY(name)                                                                                                 \
    {                                                                                                                  \
        .command = (name), .pgtt = VTD_PLAYER_SECOND_STAGE, .pasid_pgtt = VTD_PLAYER_FIRST_STAGE,                      \
        .tenants = VTD_TENANT_CHOICE, .trace_memory = VTD_TRACE_MEMORY >> 20                                           \
    }

/* --trace, --workload and all that belongs to them, --config and --set: an argp child with struct vtd_play as input. */
extern const struct argp vtd_play_options;

/* What is counted; every member is made of 64-bit words. */
struct vtd_counts {
    struct vtd_stats stats;
    struct vtd_requester_stats devices;
    uint64_t unmaps, pages_mapped;
    uint64_t latency; /* cycles of all accesses; 0 without time */
};

/* A part of a run. Those of a run are all of its region, without gap or overlap. */
struct vtd_play_interval {
    uint64_t index;    /* from 0 */
    uint64_t first;    /* number of its first request, from 1; those of a warm-up count */
    uint64_t requests; /* play->interval of them, or as many as came in that time; the last one has what is left */
    uint64_t arrival;  /* cycle in which the last of them came; 0 without time */
    struct vtd_counts counts;
};

#define VTD_PLAY_AHEAD 32 /* records are read ahead at most: how long memory takes to bring what they need */

/* What a subcommand does on the way; each may be NULL. Those that return int: 0, or -1 with why filled. */
struct vtd_play_hooks {
    void *arg;
    int (*configure)(void *arg, char *why);                        /* config is complete; nothing is made of it yet */
    int (*begin)(void *arg, struct vtd_player *player, char *why); /* the unit works, and nothing is played yet */
    /* In place of vtd_player_play; and a hint of what will soon be played. Both, and of runs without time only. */
    enum vtd_player_result (*play)(void *arg, const struct vtd_record *record, uint8_t *reason, char *why);
    void (*ahead)(void *arg, const struct vtd_record *record, unsigned count);
    void (*end)(void *arg);   /* before the player goes, and also where begin was not called */
    void (*count)(void *arg); /* the statistics start: at once, or after the warm-up */
    int (*interval)(void *arg, const struct vtd_play_interval *interval, char *why); /* one is over */
    int (*write)(void *arg, char *why); /* results are there; also those of a trace that is damaged at its end */
};

/*
 * Plays it all, with progress on a terminal. Returns the exit status: 0; 1 when requests were blocked by faults; 2 for an
 * error; 128 and its number when a signal stopped it (play_stop.h). All but 0 were told on standard error.
 */
int vtd_play(struct vtd_play *play, const struct vtd_play_hooks *hooks);

/*
 * Looks whether it could be played: completes the configuration, parses the workload, opens the trace, and reads no more of
 * it than its beginning. Returns 0, or -1 with why filled.
 */
int vtd_play_check(struct vtd_play *play, const struct vtd_play_hooks *hooks, char *why);

void vtd_play_free(struct vtd_play *play);

const char *vtd_play_pgtt_name(enum vtd_player_pgtt pgtt);

#endif
