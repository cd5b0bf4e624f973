/* SPDX-License-Identifier: MIT */
/* The latencies of the RTL beside those that the model's timing gives: how far off is it? */
#ifndef VTD_COSIM_CALIBRATE_H
#define VTD_COSIM_CALIBRATE_H

#include "vtd/vtd.h"
#include "vtd/vtd_timing.h"

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_calibration_options {
    const char *trace; /* a trace file; NULL: a random mix of spaces of all kinds */
    uint64_t seed;     /* of the latter */
    uint64_t requests; /* at most */
    unsigned walkers;  /* 1 or 4 */
    unsigned latency;  /* of memory, in cycles */
    unsigned interval; /* cycles between the arrivals of two requests; 0: each waits for the one before */
};

/* In cycles, over requests. */
struct vtd_calibration {
    uint64_t requests;
    double rtl_mean, model_mean; /* latency */
    double error_mean;           /* of |model - RTL| */
    double relative_mean;        /* of |model - RTL| / RTL */
    char why[VTD_WHY_SIZE];
};

/* Measures. Returns 0, or -1 with why. */
int vtd_calibrate(const struct vtd_calibration_options *options, struct vtd_calibration *result);

#ifdef __cplusplus
}
#endif
#endif
