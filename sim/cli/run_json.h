/* SPDX-License-Identifier: MIT */
/* The result of vtdsim run as a JSON object, for those who put it into something else. */
#ifndef VTD_CLI_RUN_JSON_H
#define VTD_CLI_RUN_JSON_H

#include "run.h"

#include <jansson.h>

/* How reals are written, so that the same result reads the same everywhere. */
#define VTD_RUN_JSON_FLAGS JSON_REAL_PRECISION(10)

/* A new object: what "vtdsim run --stats json" prints. */
json_t *vtd_run_json(const struct vtd_run *run);

#endif
