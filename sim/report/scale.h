/* SPDX-License-Identifier: MIT */
/* Scales: from values to places on a drawing, and where the ticks are. */
#ifndef VTD_REPORT_SCALE_H
#define VTD_REPORT_SCALE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    VTD_SCALE_TICKS = 16
};

struct vtd_scale {
    bool log;
    double min, max; /* values at the ends; min > 0 where log */
    double from, to; /* places of the ends */
    double tick[VTD_SCALE_TICKS];
    size_t ticks;
};

#ifdef __cplusplus
extern "C" {
#endif

double vtd_scale_at(const struct vtd_scale *scale, double value);

/* A scale over low to high with ticks at round numbers; its ends are ticks. want: about how many. */
void vtd_scale_linear(struct vtd_scale *scale, double low, double high, unsigned want);

/* The same with equal distances for equal ratios; ticks at 1, 2, 5, 10, ... or powers of 10. 0 < low <= high. */
void vtd_scale_log(struct vtd_scale *scale, double low, double high);

#ifdef __cplusplus
}
#endif

#endif
