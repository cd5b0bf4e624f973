/* SPDX-License-Identifier: MIT */
/*
 * What a run plays: a trace or a synthetic stream, given to one or several tenants in an order of one's choice.
 */
#ifndef VTD_WORKLOAD_H
#define VTD_WORKLOAD_H

#include "node.h"
#include "record.h"
#include "trace.h"
#include "trace_stream.h"
#include "vtd/vtd.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Synthetic streams over pages of one device. */
enum vtd_pattern {
    VTD_PATTERN_TRACE, /* not synthetic */
    VTD_PATTERN_UNIFORM,
    VTD_PATTERN_SEQUENTIAL, /* page after page, then again from the first */
    VTD_PATTERN_STRIDE,     /* every stride-th page, modulo pages */
    VTD_PATTERN_ZIPF,       /* page rank r with weight 1 / r^s */
    VTD_PATTERN_DESCRIBED,  /* by struct vtd_node */
};

/* Whose turn it is. */
enum vtd_interleave {
    VTD_INTERLEAVE_ROUND_ROBIN,
    VTD_INTERLEAVE_RANDOM,
    VTD_INTERLEAVE_ZIPF, /* tenant number r with weight 1 / r^s */
};

/* How tenants are told apart. */
enum vtd_tenant_id {
    VTD_TENANT_PASID, /* tenant t (from 0) uses PASID t + 1 on the devices of the workload */
    VTD_TENANT_SID,   /* tenant t has devices of its own */
};

struct vtd_workload {
    enum vtd_pattern pattern;
    struct vtd_trace trace;
    struct vtd_trace_stream *stream; /* a trace that one tenant plays as it is read; trace is empty */
    char *problem;                   /* VTD_WHY_SIZE bytes; see vtd_workload_problem */
    uint64_t pages, stride, writes;  /* writes: percent */
    double s;
    struct vtd_zipf zipf;  /* over pages */
    struct vtd_node *node; /* a described workload (describe.h); NULL: what pattern says */
    uint16_t sid;
    uint64_t seed;
    uint16_t *sids; /* the devices of the workload, in order of appearance */
    size_t sid_count;
};

/* Loads a trace. Returns 0, or -1 with why. */
int vtd_workload_open_trace(struct vtd_workload *w, const char *file, char *why);

/*
 * Opens a trace for so many tenants to play. One plays it as it is read, and its size does not matter; several get it
 * as an array, with at most memory bytes of it in memory (trace.h). A trace that is damaged can be played up to there:
 * ask vtd_workload_problem at the end. Returns 0, or -1 with why when there is nothing to play.
 */
int vtd_workload_play_trace(struct vtd_workload *w, const char *file, uint32_t tenants, size_t memory, char *why);

/* Where a trace could not be read on: "FILE:LINE: what is wrong ..."; empty when there was no problem so far. */
const char *vtd_workload_problem(const struct vtd_workload *w);

/* The next record of w->stream; false at its end, or where it cannot be read on. */
bool vtd_workload_next_of_stream(const struct vtd_workload *w, struct vtd_record *r);

/*
 * Makes a synthetic stream from "uniform", "sequential", "stride" or "zipf", with options behind a colon:
 * "zipf:pages=4096,s=0.9,writes=30,sid=00:02.0"; from "ring" or "dsa" as in "ring:256,writes=0"; or from a file FILE.yaml
 * (describe.h). Returns 0, or -1 with why.
 */
int vtd_workload_open_spec(struct vtd_workload *w, const char *spec, uint64_t seed, char *why);

/* Do records of a synthetic or described workload have times (a rate)? */
bool vtd_workload_has_times(const struct vtd_workload *w);

/* May records of a synthetic or described workload have PASIDs, without tenants around it? */
bool vtd_workload_has_pasids(const struct vtd_workload *w);

void vtd_workload_close(struct vtd_workload *w);

/* Tenants over a workload. */
struct vtd_tenants;
struct vtd_tenants_spec {
    const struct vtd_workload *workload; /* a stream (vtd_workload_play_trace) moves on by being played */
    uint32_t count;                      /* 1: records come as they are in the workload */
    enum vtd_interleave interleave;
    enum vtd_tenant_id id;
    double s;
    uint64_t seed;
};

/* NULL with why filled when a tenant cannot have a PASID or source-id of its own, or memory is out. */
struct vtd_tenants *vtd_tenants_create(const struct vtd_tenants_spec *spec, char *why);

/*
 * The next record; a tenant whose trace is at its end takes no more turns. Unmaps of a tenant come at their place in
 * its stream and take no turn. Returns false when every tenant is done. Synthetic streams do not end.
 */
bool vtd_tenants_next(struct vtd_tenants *t, struct vtd_record *record);

void vtd_tenants_destroy(struct vtd_tenants *t);

#ifdef __cplusplus
}
#endif
#endif
