/* SPDX-License-Identifier: MIT */
/* --config and --set, for every subcommand that builds a unit: an argp child whose input is the assignments. */
#ifndef VTD_CLI_CONFIG_OPTIONS_H
#define VTD_CLI_CONFIG_OPTIONS_H

#include "config/config.h"

#include <argp.h>

/* Its input is a struct vtd_sim_assignments; errors end the program with status 2. */
extern const struct argp vtd_config_options;

#endif
