/* SPDX-License-Identifier: MIT */
/* What was played, and on which unit, as JSON: part of the results of several subcommands. */
#ifndef VTD_CLI_PLAY_JSON_H
#define VTD_CLI_PLAY_JSON_H

#include "play.h"

#include <jansson.h>

/* A new number. Integers of JSON are signed here: a larger one (a seed) becomes text. */
json_t *vtd_number_json(uint64_t v);

/* A new object: trace or spec, tenants, what the driver did. */
json_t *vtd_play_workload_json(const struct vtd_play *play);

/* A new object: the effective configuration, key by key. */
json_t *vtd_play_config_json(const struct vtd_play *play);

#endif
