/* SPDX-License-Identifier: MIT */
/* --check, --check-output and --suppressions. */
#include "check_options.h"

#include <errno.h>
#include <string.h>

enum {
    EXIT_ERROR = 2
};

enum {
    OPT_CHECK = 0x4000,
    OPT_OUTPUT,
    OPT_SUPPRESSIONS,
};

static const struct argp_option options[] = {
    {0, 0, 0, 0, "The driver checker:", 6},
    {"check", OPT_CHECK, "text|json|sarif", OPTION_ARG_OPTIONAL,
     "Report what software does wrong with the unit (default text)", 6},
    {"check-output", OPT_OUTPUT, "FILE", 0, "Write the reports to FILE, in place of standard error", 6},
    {"suppressions", OPT_SUPPRESSIONS, "FILE", 0, "Checks that are silent: NAME or NAME:TEXT in each line", 6},
    {0},
};

static void open_output(const struct argp_state *state, struct vtd_check_choice *choice)
{
    if (!choice->on && (choice->output || choice->suppressions))
        argp_error(state, "%s needs --check", choice->output ? "--check-output" : "--suppressions");
    choice->out = choice->output ? fopen(choice->output, "w") : stderr;
    if (!choice->out)
        argp_failure(state, EXIT_ERROR, 0, "cannot write %s: %s", choice->output, strerror(errno));
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    static const char *const forms[] = {"text", "json", "sarif"};
    struct vtd_check_choice *choice = state->input;
    unsigned form = 0;
    switch (key) {
    case OPT_CHECK:
        while (argument && form < 3 && strcmp(argument, forms[form]) != 0)
            form++;
        if (form == 3)
            argp_error(state, "--check=%s: there are text, json and sarif", argument);
        choice->on = true;
        choice->form = (enum vtd_check_form)form;
        return 0;
    case OPT_OUTPUT:
        choice->output = argument;
        return 0;
    case OPT_SUPPRESSIONS:
        choice->suppressions = argument;
        return 0;
    case ARGP_KEY_SUCCESS:
        open_output(state, choice);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp vtd_check_options_argp = {.options = options, .parser = parse_option};

int vtd_check_choice_start(struct vtd_check_choice *choice, struct vtd *unit, char *why)
{
    if (!choice->on || choice->check)
        return 0;
    const struct vtd_check_options check = {.suppressions = choice->suppressions};
    choice->check = vtd_check_start(unit, &check, why);
    return choice->check ? 0 : -1;
}

int vtd_check_choice_end(struct vtd_check_choice *choice, const char *title, char *why)
{
    if (!choice->check)
        return 0;
    const uint64_t count = vtd_check_count(choice->check);
    choice->violations += count;
    fflush(stdout);
    if (title && count && choice->form == VTD_CHECK_TEXT)
        fprintf(choice->out, "%s:\n", title);
    bool good = true;
    if (count || !title || choice->form != VTD_CHECK_TEXT)
        good = vtd_check_write(choice->check, choice->form, choice->out);
    vtd_check_stop(choice->check);
    choice->check = NULL;
    if (!good)
        snprintf(why, VTD_WHY_SIZE, "cannot write %.120s: %s", choice->output ? choice->output : "the reports",
                 strerror(errno));
    return good ? 0 : -1;
}

int vtd_check_choice_status(const struct vtd_check_choice *choice, int status)
{
    return status == 0 && choice->violations ? VTD_EXIT_VIOLATIONS : status;
}
