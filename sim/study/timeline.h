/* SPDX-License-Identifier: MIT */
/*
 * Single accesses of a timed run as trace-event JSON, which Perfetto (ui.perfetto.dev) and chrome://tracing show: a track for
 * each access that a device has under way at a time, with slices for its requests and their parts inside; a track for each
 * walker; one for software. Times are microseconds; args have the exact cycles.
 *
 * The file is written on the way, and is complete JSON after vtd_timeline_close, however the run ended.
 */
#ifndef VTD_TIMELINE_H
#define VTD_TIMELINE_H

#include "platform/clock.h"
#include "workload/record.h"

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_timeline;

struct vtd_timeline_spec {
    const char *file;
    uint64_t first, last; /* accesses that are told of, by number from 1 */
};

/* NULL with why (VTD_WHY_SIZE bytes) filled on failure. config: of the timing whose requests will be told of. */
struct vtd_timeline *vtd_timeline_open(const struct vtd_timeline_spec *spec, const struct vtd_timing_config *config,
                                       char *why);

/* Completes the file. Returns 0, or -1 with why filled when something could not be written. NULL is allowed. */
int vtd_timeline_close(struct vtd_timeline *t, char *why);

/* Is the access of this number told of? */
bool vtd_timeline_wants(const struct vtd_timeline *t, uint64_t number);

/* An access that is wanted: its beginning, each of its requests when it is answered, its end. */
void vtd_timeline_begin(struct vtd_timeline *t, uint64_t number, const struct vtd_record *record, uint64_t arrival,
                        uint64_t start);
void vtd_timeline_request(struct vtd_timeline *t, const struct vtd_request *req, const struct vtd_timed *timed,
                          const struct vtd_clock *clock);
void vtd_timeline_end(struct vtd_timeline *t, uint64_t end);

/* For vtd_timing_listen, with the timeline as opaque, while an access is told of. */
vtd_timing_listener vtd_timeline_step;

/* Software unmapped. */
void vtd_timeline_unmap(struct vtd_timeline *t, const struct vtd_record *record, uint64_t begin, uint64_t end);

#ifdef __cplusplus
}
#endif
#endif
