/* SPDX-License-Identifier: MIT */
/* --check and what belongs to it, for every subcommand that has a unit for the driver checker to watch. */
#ifndef VTD_CLI_CHECK_OPTIONS_H
#define VTD_CLI_CHECK_OPTIONS_H

#include <argp.h>

#include "check/vtd_check.h"

/* Exit status in place of 0 when the checker found violations. */
#define VTD_EXIT_VIOLATIONS 3

/* What was asked for, and what came out. All zero: no check. */
struct vtd_check_choice {
    bool on;
    enum vtd_check_form form;
    const char *suppressions; /* file, or NULL */
    const char *output;       /* file, or NULL for standard error */
    FILE *out;
    struct vtd_check *check; /* while a unit is watched */
    uint64_t violations;     /* of all units that were watched */
};

/* The options: an argp child whose input is a struct vtd_check_choice. Errors end the program with status 2. */
extern const struct argp vtd_check_options_argp;

/*
 * Begins to watch a unit, when that was asked for. Returns 0, or -1 with why filled (VTD_WHY_SIZE bytes): the file of
 * suppressions is bad, or memory is out.
 */
int vtd_check_choice_start(struct vtd_check_choice *choice, struct vtd *unit, char *why);

/*
 * Ends it, while the unit still exists, and writes the reports; as text below title, unless that is NULL or there are none.
 * Without effect when nothing is watched. Returns 0, or -1 with why filled: they could not be written.
 */
int vtd_check_choice_end(struct vtd_check_choice *choice, const char *title, char *why);

/* The exit status of a subcommand that would end with status. */
int vtd_check_choice_status(const struct vtd_check_choice *choice, int status);

#endif
