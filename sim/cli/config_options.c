/* SPDX-License-Identifier: MIT */
/* --config and --set. See config_options.h. */
#include "config_options.h"

static const struct argp_option options[] = {
    {"config", 'c', "FILE", 0, "YAML file with configuration keys (vtdsim config keys lists them)", 0},
    {"set", 's', "KEY=VALUE", 0, "Set a key; may be given again, the last one counts", 0},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    char why[VTD_WHY_SIZE];
    int status = 0;
    if (key == 'c')
        status = vtd_sim_assignments_load(state->input, argument, why);
    else if (key == 's')
        status = vtd_sim_assignments_add(state->input, argument, why);
    else
        return ARGP_ERR_UNKNOWN;
    if (status != 0)
        argp_failure(state, argp_err_exit_status, 0, "%s", why);
    return 0;
}

const struct argp vtd_config_options = {.options = options, .parser = parse_option};
