/* SPDX-License-Identifier: MIT */
/*
 * A workload played in time: when its accesses come, how long each takes and why, and what software waits for.
 *
 * An access begins when the device wants it (its arrival) and ends when the device has its answer. It may need more than one
 * request: with a device TLB, a translation request and a translated one. Unmaps are the work of one thread of software: each
 * begins when the one before is done, and ends when its wait descriptor is; accesses do not wait for them. What the driver
 * does to set devices up and to map pages takes no time.
 */
#ifndef VTD_TIMED_RUN_H
#define VTD_TIMED_RUN_H

#include "config/config.h"
#include "study/histogram.h"
#include "study/timeline.h"
#include "workload/player.h"

#ifdef __cplusplus
extern "C" {
#endif

/* When accesses come. Arrivals never go back: one that would comes with the one before. */
enum vtd_arrivals {
    VTD_ARRIVALS_ACCEPTED, /* each as soon as its device has a free tag: timing.in_flight must not be 0 */
    VTD_ARRIVALS_TRACE,    /* at the time of its record */
    VTD_ARRIVALS_EVERY,    /* one each so many cycles */
};

struct vtd_timed_run;

/* Of whom latencies are told. */
enum vtd_latency {
    VTD_LATENCY_ALL, /* of accesses, from arrival to end */
    VTD_LATENCY_DIRECT,
    VTD_LATENCY_DEVICE_TLB,
    VTD_LATENCY_DEVICE_TLB_MERGED,
    VTD_LATENCY_ATS,
    VTD_LATENCY_PAGED,
    VTD_LATENCY_UNTRANSLATED, /* of requests, from sending to answer: by kind */
    VTD_LATENCY_TRANSLATION,
    VTD_LATENCY_TRANSLATED,
    VTD_LATENCY_SOURCE,                                          /* and by enum vtd_timing_source */
    VTD_LATENCY_UNMAP = VTD_LATENCY_SOURCE + VTD_TIMING_SOURCES, /* of software */
    VTD_LATENCIES,
};
const char *vtd_latency_name(unsigned latency);

struct vtd_timed_results {
    uint64_t frequency;
    uint64_t accesses, requests, unmaps;
    uint64_t begin, end; /* the first arrival, the end of the last access */
    uint64_t late;       /* accesses whose time was before that of an earlier one */
    uint64_t rounded;    /* values of latencies that are not exact: see histogram.h */
    uint64_t last_time_ns;
    uint64_t part[VTD_TIMING_PARTS]; /* of accesses; their sum is that of their latencies */
    struct vtd_distribution latency[VTD_LATENCIES];
    struct vtd_timing_occupancy occupancy[VTD_TIMING_RESOURCES];
};

/*
 * Gives the player of a unit a clock. interval: cycles of VTD_ARRIVALS_EVERY. NULL with why filled when the configuration
 * does not allow it or memory is out. To be destroyed before the player.
 */
struct vtd_timed_run *vtd_timed_run_create(struct vtd_player *player, const struct vtd_sim_config *config,
                                           enum vtd_arrivals arrivals, uint64_t interval, char *why);
void vtd_timed_run_destroy(struct vtd_timed_run *run);

/* Tells a timeline of single accesses, and of the unmaps between them; NULL: nobody. It must outlive the playing. */
void vtd_timed_run_set_timeline(struct vtd_timed_run *run, struct vtd_timeline *timeline);

/* As vtd_player_play, in time. */
enum vtd_player_result vtd_timed_run_play(struct vtd_timed_run *run, const struct vtd_record *record, uint8_t *reason,
                                          char *why);

/* What comes from now on counts; what came before keeps resources occupied. */
void vtd_timed_run_reset(struct vtd_timed_run *run);

/* When the latest access came (0: none has), and the cycles from arrival to end of all accesses that count. */
struct vtd_timed_progress {
    uint64_t arrival, latency;
};
void vtd_timed_run_progress(const struct vtd_timed_run *run, struct vtd_timed_progress *progress);

/* Returns 0, or -1 with why filled when memory is out. */
int vtd_timed_run_results(struct vtd_timed_run *run, struct vtd_timed_results *results, char *why);

#ifdef __cplusplus
}
#endif
#endif
