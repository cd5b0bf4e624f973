/* SPDX-License-Identifier: MIT */
/*
 * vtdsim replay: runs scenario files against a device under test and says whether what they expect is what came.
 */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "../scenario/dut_model.h"
#include "../scenario/scenario.h"
#ifdef VTD_HAVE_TLM
#include "../tlm/dut_tlm.h"
#endif
#ifdef VTD_HAVE_RTL
#include "../cosim/dut_rtl.h"
#endif
#include "check_options.h"
#include "commands.h"

enum {
    EXIT_HELD = 0,
    EXIT_FAILED = 1,
    EXIT_ERROR = 2
};

/* Devices under test; create is NULL for one that is not built in. */
struct device {
    const char *name;
    int (*create)(struct vtd_dut *dut);
};

static const struct device devices[] = {
    {"model", vtd_dut_model_create},
#ifdef VTD_HAVE_TLM
    {"tlm", vtd_dut_tlm_create},
#else
    {"tlm", NULL},
#endif
#ifdef VTD_HAVE_RTL
    {"rtl", vtd_dut_rtl_create},
#else
    {"rtl", NULL},
#endif
};

struct arguments {
    const struct device *device;
    char **files;
    int count;
    bool quiet;
    char *trace;
    struct vtd_check_choice check;
};

static const struct argp_option options[] = {
    {"dut", 'd', "DEVICE", 0, "Device under test: model (default), tlm or rtl", 0},
    {"trace", 't', "FILE", 0, "With --dut rtl: write a waveform (FST) of the scenario, one file only", 0},
    {"quiet", 'q', NULL, 0, "Print only the last line; errors still go to standard error", 0},
    {0},
};

static const struct device *find_device(const char *name)
{
    for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++)
        if (strcmp(devices[i].name, name) == 0)
            return &devices[i];
    return NULL;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case 'd':
        a->device = find_device(argument);
        if (a->device == NULL)
            argp_failure(state, EXIT_ERROR, 0, "--dut %s: unknown device; there are model, tlm and rtl", argument);
        else if (a->device->create == NULL)
            argp_failure(state, EXIT_ERROR, 0, "--dut %s: this device is not built in", argument);
        return 0;
    case 'q':
        a->quiet = true;
        return 0;
    case 't':
        a->trace = argument;
        return 0;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->check;
        return 0;
    case ARGP_KEY_ARGS:
        a->files = state->argv + state->next;
        a->count = state->argc - state->next;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no scenario file given");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&vtd_check_options_argp, 0, NULL, 6}, {0}};

static const struct argp argp = {
    .children = children,
    .options = options,
    .parser = parse_option,
    .args_doc = "FILE...",
    .doc =
        "Runs scenario files (.vtd) and compares what comes back with what they expect."
        "\vAn expectation that does not hold prints FILE:LINE: expected ..., got ... and the run goes on. The last "
        "line "
        "counts the files: N passed, M failed.\n\n"
        "Exit status: 0 everything held; 1 an expectation did not; 2 a file is malformed, or asks for what the device "
        "does not support: the run ends there; 3: everything held, but --check found violations.",
};

/* A device while the checker looks on. */
struct watched {
    struct vtd_check_choice *check;
    struct vtd_dut *dut;
    bool failed; /* the check could not start, or its reports could not be written: why */
    char why[VTD_WHY_SIZE];
};

/* There is a unit from the first statement on that is no configuration. */
static void before_statement(void *opaque, const struct vtd_stmt *stmt)
{
    struct watched *w = opaque;
    (void)stmt;
    if (!w->failed)
        w->failed = vtd_check_choice_start(w->check, vtd_dut_model_unit(w->dut), w->why) != 0;
}

/* Runs a scenario on a device; returns an exit status. */
static int run_scenario(struct arguments *a, const struct vtd_scenario *scenario, struct vtd_dut *dut, const char *path)
{
    struct vtd_run_result result;
    char why[VTD_SCENARIO_WHY_SIZE];
    struct watched watched = {.check = &a->check, .dut = dut};
    const struct vtd_run_options run = {
        .out = a->quiet ? NULL : stdout, .before = a->check.on ? before_statement : NULL, .opaque = &watched};
    int status = EXIT_ERROR;
    if (vtd_scenario_run(scenario, dut, &run, &result, why) != 0) {
        fflush(stdout);
        fprintf(stderr, "%s\n", why);
    } else {
        status = result.failures == 0 ? EXIT_HELD : EXIT_FAILED;
    }
    if (vtd_check_choice_end(&a->check, path, watched.why) != 0)
        watched.failed = true;
    if (!watched.failed)
        return status;
    fprintf(stderr, "%s\n", watched.why);
    return EXIT_ERROR;
}

/* Runs one file; returns an exit status. */
static int replay(struct arguments *a, const char *path)
{
    struct vtd_scenario scenario;
    struct vtd_dut dut;
    char why[VTD_SCENARIO_WHY_SIZE];
    if (vtd_scenario_load(&scenario, path, why) != 0) {
        fflush(stdout);
        fprintf(stderr, "%s\n", why);
        return EXIT_ERROR;
    }
    int status = EXIT_ERROR;
    if (a->device->create(&dut) != 0)
        fprintf(stderr, "%s: out of memory\n", path);
    else
        status = run_scenario(a, &scenario, &dut, path);
    dut.ops->destroy(&dut);
    vtd_scenario_free(&scenario);
    return status;
}

/* Can the checker do what is asked? Returns 0, or -1 after a message. */
static int can_check(const struct arguments *a)
{
    if (strcmp(a->device->name, "model") != 0)
        fprintf(stderr, "--check: is for --dut model, not for %s\n", a->device->name);
    else if (a->check.form != VTD_CHECK_TEXT && a->count != 1)
        fprintf(stderr, "--check=json and --check=sarif: are for one scenario file\n");
    else
        return 0;
    return -1;
}

/* Sets up the waveform; returns 0, or -1 after a message. */
static int trace(const struct arguments *a)
{
    if (strcmp(a->device->name, "rtl") != 0 || a->count != 1) {
        fprintf(stderr, "--trace %s: is for --dut rtl and one scenario file\n", a->trace);
        return -1;
    }
#ifdef VTD_HAVE_RTL
    vtd_dut_rtl_trace(a->trace);
#endif
    return 0;
}

int vtd_cmd_replay(int argc, char **argv)
{
    struct arguments arguments = {.device = &devices[0]};
    argp_err_exit_status = EXIT_ERROR;
    if (argp_parse(&argp, argc, argv, 0, NULL, &arguments) != 0)
        return EXIT_ERROR;
    if (arguments.trace != NULL && trace(&arguments) != 0)
        return EXIT_ERROR;
    if (arguments.check.on && can_check(&arguments) != 0)
        return EXIT_ERROR;
    int passed = 0, failed = 0;
    for (int i = 0; i < arguments.count; i++) {
        int status = replay(&arguments, arguments.files[i]);
        if (status == EXIT_ERROR)
            return EXIT_ERROR;
        passed += status == EXIT_HELD;
        failed += status == EXIT_FAILED;
    }
    printf("%d passed, %d failed\n", passed, failed);
    fflush(stdout);
    if (arguments.check.on && arguments.check.form == VTD_CHECK_TEXT)
        fprintf(arguments.check.out, "%llu violations in all\n", (unsigned long long)arguments.check.violations);
    return vtd_check_choice_status(&arguments.check, failed == 0 ? EXIT_HELD : EXIT_FAILED);
}
