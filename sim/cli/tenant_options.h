/* SPDX-License-Identifier: MIT */
/* The options that give a workload to several tenants, shared by the subcommands that can: an argp child. */
#ifndef VTD_CLI_TENANT_OPTIONS_H
#define VTD_CLI_TENANT_OPTIONS_H

#include "workload/workload.h"

#include <argp.h>

/* Input of vtd_tenant_options; preset it with VTD_TENANT_CHOICE. */
struct vtd_tenant_choice {
    struct vtd_tenants_spec spec; /* count, interleave, id, s, seed */
    const char *interleave;       /* as it was given */
    bool given;                   /* any of them was */
};

#define VTD_TENANT_CHOICE                                                                                              \
    {                                                                                                                  \
        .spec = {.count = 1, .s = 1, .seed = 1}, .interleave = "round-robin"                                           \
    }

extern const struct argp vtd_tenant_options;

/* A number of the command line, at least least; anything else ends the program. */
uint64_t vtd_option_count(const struct argp_state *state, const char *option, const char *text, uint64_t least);

/* Position of a word among names, which NULL ends; an unknown one ends the program. */
unsigned vtd_option_choice(const struct argp_state *state, const char *option, const char *word,
                           const char *const *names);

#endif
