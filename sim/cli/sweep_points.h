/* SPDX-License-Identifier: MIT */
/* What a point of a sweep is: a command line of vtdsim run, whose axes are its options and configuration keys. */
#ifndef VTD_CLI_SWEEP_POINTS_H
#define VTD_CLI_SWEEP_POINTS_H

#include "study/sweep.h"

#define VTD_SWEEP_PROGRAM "vtdsim run"

extern const struct vtd_sweep_hooks vtd_sweep_of_runs;

#endif
