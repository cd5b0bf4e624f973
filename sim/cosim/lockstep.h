/* SPDX-License-Identifier: MIT */
/*
 * Model and RTL in lockstep: one random life of a driver, its devices and its tables, on two machines; what the two units
 * do must be the same.
 */
#ifndef VTD_COSIM_LOCKSTEP_H
#define VTD_COSIM_LOCKSTEP_H

#include "vtd/vtd.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VTD_LOCKSTEP_WHY_SIZE 4096

struct vtd_lockstep_options {
    uint64_t seed;
    uint64_t requests; /* of devices, at least */
    unsigned walkers;  /* 1 or 4; with 1 the steps are compared, too */
    unsigned latency;  /* of the RTL's memory, in cycles; with 4 walkers the mean of random ones */
    const char *trace; /* waveform (FST); NULL: none */
    uint64_t trace_from, trace_to, states_at; /* cycles: what it shows, and of which states are told */
    uint64_t plant; /* for tests: from this action on, table entries beside the model change; 0: never */
};

struct vtd_lockstep_result {
    uint64_t actions, requests, faults, messages,
        writes;        /* what happened, on both machines alike; writes of registers */
    uint64_t steps;    /* that were compared */
    uint64_t cycles;   /* of the RTL */
    uint64_t at_cycle; /* of the first difference */
    bool differs;
    char what[VTD_LOCKSTEP_WHY_SIZE]; /* the difference, or why the run was not possible */
    char states[512];                 /* of the RTL in cycle states_at */
};

/* Runs until so many requests are through, or the first difference. Returns 0, or -1 when it was not possible. */
int vtd_lockstep_run(const struct vtd_lockstep_options *options, struct vtd_lockstep_result *result);

#ifdef __cplusplus
}
#endif
#endif
