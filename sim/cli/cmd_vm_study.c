/* SPDX-License-Identifier: MIT */
/*
 * vtdsim vm-study: what binding PASIDs of virtual machines costs, and what it does to caches, for each point of some
 * axes.
 */
#define _POSIX_C_SOURCE 200809L

#include "commands.h"
#include "config/config.h"
#include "config/text.h"
#include "config_options.h"
#include "study/sweep.h"
#include "vm_study.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    EXIT_BLOCKED = 1,
    EXIT_ERROR = 2,
    OPT_OVER = 256,
};

struct studying {
    struct vtd_axes axes;
    struct vtd_words base;  /* -s and what -c says: part of the command of each point */
    struct vtd_words overs; /* --over, as they were given */
    struct vtd_sim_assignments assignments;
    const char *output;
    uint64_t requests;
};

static const struct argp_option options[] = {
    {"over", OPT_OVER, "NAME=VALUE,VALUE,...", 0,
     "An axis: guests, processes (of each), devices (of each), shared, mapping, allocation, range, pages, turns, "
     "seed, or a configuration key, and its values; ranges as for vtdsim sweep",
     0},
    {"requests", 'n', "N", 0, "Requests of the devices at each point (default 100000)", 0},
    {"output", 'o', "FILE", 0, "Write JSON Lines, which vtdsim report reads, or with FILE.csv a table", 0},
    {0},
};

/* ---------------------------------------------------------------- parameters */

/* Gives the number of a word in a list that ends with NULL; -1. */
static int choice(const char *value, const char *const *words)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(value, words[i]) == 0)
            return i;
    return -1;
}

/* One of two values or more; false when it is none of them. */
static bool set_choice(struct vtd_vm_study_spec *spec, const char *name, const char *value, bool *known)
{
    static const char *const mappings[] = {"identity", "guest-owned", NULL};
    static const char *const policies[] = {"lowest", "ranges", "random", NULL};
    static const char *const turns[] = {"round-robin", "random", NULL};
    static const char *const answers[] = {"no", "yes", NULL};
    int c = -1;
    char *end;
    *known = true;
    if (strcmp(name, "mapping") == 0) {
        c = choice(value, mappings);
        spec->guest_pasids = c == 1;
    } else if (strcmp(name, "allocation") == 0) {
        c = choice(value, policies);
        spec->allocation = c == 1 ? VTD_PASID_RANGES : c == 2 ? VTD_PASID_RANDOM : VTD_PASID_LOWEST;
    } else if (strcmp(name, "shared") == 0) {
        c = choice(value, answers);
        spec->shared = c == 1;
    } else if (strcmp(name, "turns") == 0 && strncmp(value, "zipf:", 5) == 0) {
        spec->turns = VTD_VM_ZIPF;
        spec->s = strtod(value + 5, &end);
        c = value[5] && !*end && spec->s >= 0 && spec->s <= 10 ? 0 : -1;
    } else if (strcmp(name, "turns") == 0) {
        c = choice(value, turns);
        spec->turns = c == 0 ? VTD_VM_ROUND_ROBIN : VTD_VM_RANDOM;
    } else {
        *known = false;
    }
    return c >= 0;
}

/* A parameter of the study: 0; 1 when it is none; -1 with why filled. */
static int set_parameter(struct vtd_vm_study_spec *spec, const char *name, const char *value, char *why)
{
    const struct {
        const char *name;
        uint32_t *value;
        uint64_t *wide;
    } numbers[] = {
        {"guests", &spec->guests, NULL}, {"processes", &spec->processes, NULL}, {"devices", &spec->devices, NULL},
        {"range", &spec->range, NULL},   {"pages", &spec->pages, NULL},         {"seed", NULL, &spec->seed},
    };
    bool known;
    uint64_t number = 0;
    const bool chosen = set_choice(spec, name, value, &known);
    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0] && !known; i++) {
        if (strcmp(name, numbers[i].name) != 0)
            continue;
        if (!vtd_number_parse(value, &number) || (numbers[i].value && number > UINT32_MAX)) {
            snprintf(why, VTD_WHY_SIZE, "%s=%.100s: want a number", name, value);
            return -1;
        }
        if (numbers[i].value)
            *numbers[i].value = (uint32_t)number;
        else
            *numbers[i].wide = number;
        return 0;
    }
    if (known && !chosen)
        snprintf(
            why, VTD_WHY_SIZE,
            "%s=%.100s: mapping is identity or guest-owned; allocation lowest, ranges or random; shared yes or no; "
            "turns round-robin, random or zipf:S with S from 0 to 10",
            name, value);
    return known ? (chosen ? 0 : -1) : 1;
}

/* What point number index is: parameters, and a configuration of its own. */
static int spec_of(const struct studying *s, uint64_t index, struct vtd_vm_study_spec *spec, char *why)
{
    struct vtd_sim_assignments own = {0};
    struct vtd_sim_config config;
    const char *values[VTD_AXES_COLUMNS_MAX];
    char text[512];
    int status = 0;
    *spec = (struct vtd_vm_study_spec){.guests = 16,
                                       .processes = 16,
                                       .devices = 1,
                                       .guest_pasids = true,
                                       .range = 1024,
                                       .pages = 8,
                                       .turns = VTD_VM_RANDOM,
                                       .requests = s->requests,
                                       .seed = 1};
    vtd_axes_point(&s->axes, index, values);
    for (size_t i = 0; i < s->assignments.count && status == 0; i++) {
        snprintf(text, sizeof text, "%s=%s", s->assignments.list[i].key, s->assignments.list[i].value);
        status = vtd_sim_assignments_add(&own, text, why);
    }
    for (size_t c = 0; c < s->axes.columns && status == 0; c++) {
        const int set = set_parameter(spec, vtd_axes_name(&s->axes, c), values[c], why);
        snprintf(text, sizeof text, "%s=%s", vtd_axes_name(&s->axes, c), values[c]);
        status = set < 0 ? -1 : set > 0 ? vtd_sim_assignments_add(&own, text, why) : 0;
    }
    if (status == 0)
        status = vtd_sim_assignments_apply(&own, &config, why);
    vtd_sim_assignments_free(&own);
    if (status != 0)
        return -1;
    spec->unit = config.unit;
    spec->timing = config.timing;
    return 0;
}

/* ---------------------------------------------------------------- command line */

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct studying *s = state->input;
    char why[VTD_WHY_SIZE];
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &s->assignments;
        return 0;
    case OPT_OVER:
        if (vtd_axes_add_over(&s->axes, argument, why) != 0)
            argp_failure(state, EXIT_ERROR, 0, "%s", why);
        if (!vtd_words_add(&s->overs, "--over") || !vtd_words_add(&s->overs, argument))
            argp_failure(state, EXIT_ERROR, 0, "out of memory");
        return 0;
    case 'n':
        if (!vtd_number_parse(argument, &s->requests))
            argp_error(state, "--requests %s: want a number", argument);
        if (!vtd_words_add(&s->base, "-n") || !vtd_words_add(&s->base, argument))
            argp_failure(state, EXIT_ERROR, 0, "out of memory");
        return 0;
    case 'o':
        s->output = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&vtd_config_options, 0, "Configuration of the host's unit:", 1}, {0}};

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .children = children,
    .doc = "Lets the drivers of guests bind processes to PASIDs on virtual units, which a hypervisor follows on the "
           "host's "
           "unit; plays requests of the devices; and unbinds. Tells what a bind and an unbind cost, and hit rates. "
           "Without "
           "--over: 16 guests of 16 processes and one device, with PASIDs of their own, the lowest of the host's, 8 "
           "pages, "
           "100000 requests at random."
           "\vExit status: 0 success; 1 requests were blocked; 2 an error.",
};

static int complain(const char *why)
{
    fprintf(stderr, "vtdsim vm-study: %s\n", why);
    return EXIT_ERROR;
}

static int play(const struct studying *s, const struct vtd_vm_output *output)
{
    struct vtd_vm_study_spec spec;
    struct vtd_vm_study_result result;
    char why[VTD_WHY_SIZE];
    uint64_t blocked = 0;
    if (vtd_vm_output_begin(output) != 0)
        return complain("out of memory");
    for (uint64_t i = 0; i < s->axes.points; i++) {
        if (spec_of(s, i, &spec, why) != 0 || vtd_vm_study_run(&spec, &result, why) != 0)
            return complain(why);
        if (vtd_vm_output_point(output, i, &result) != 0)
            return complain("out of memory");
        blocked += result.blocked;
    }
    return blocked ? EXIT_BLOCKED : 0;
}

static int run(struct studying *s)
{
    struct vtd_vm_study_spec spec;
    struct vtd_vm_output output = {.out = stdout, .axes = &s->axes, .base = &s->base, .overs = &s->overs};
    char why[VTD_WHY_SIZE];
    if (vtd_axes_finish(&s->axes, why) != 0)
        return complain(why);
    for (uint64_t i = 0; i < s->axes.points; i++) /* before anything runs */
        if (spec_of(s, i, &spec, why) != 0)
            return complain(why);
    if (s->output) {
        output.format = vtd_is_csv(s->output) ? VTD_VM_CSV : VTD_VM_JSONL;
        output.out = fopen(s->output, "w");
    }
    if (!output.out) {
        fprintf(stderr, "vtdsim vm-study: %s: %s\n", s->output, strerror(errno));
        return EXIT_ERROR;
    }
    const int status = play(s, &output);
    if (s->output && (ferror(output.out) | fclose(output.out))) {
        fprintf(stderr, "vtdsim vm-study: %s: cannot write\n", s->output);
        return EXIT_ERROR;
    }
    return status;
}

int vtd_cmd_vm_study(int argc, char **argv)
{
    struct studying s = {.requests = 100000};
    argp_err_exit_status = EXIT_ERROR;
    int status = argp_parse(&argp, argc, argv, 0, NULL, &s) == 0 ? 0 : EXIT_ERROR;
    char text[512];
    for (size_t i = 0; i < s.assignments.count && status == 0; i++) {
        snprintf(text, sizeof text, "%s=%s", s.assignments.list[i].key, s.assignments.list[i].value);
        if (!vtd_words_add(&s.base, "-s") || !vtd_words_add(&s.base, text))
            status = complain("out of memory");
    }
    if (status == 0)
        status = run(&s);
    vtd_axes_free(&s.axes);
    vtd_words_free(&s.base);
    vtd_words_free(&s.overs);
    vtd_sim_assignments_free(&s.assignments);
    return status;
}
