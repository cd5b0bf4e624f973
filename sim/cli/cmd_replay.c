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

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "FILE...",
    .doc =
        "Runs scenario files (.vtd) and compares what comes back with what they expect."
        "\vAn expectation that does not hold prints FILE:LINE: expected ..., got ... and the run goes on. The last "
        "line "
        "counts the files: N passed, M failed.\n\n"
        "Exit status: 0 everything held; 1 an expectation did not; 2 a file is malformed, or asks for what the device "
        "does not support: the run ends there.",
};

/* Runs one file; returns an exit status. */
static int replay(const struct device *device, const char *path, bool quiet)
{
    struct vtd_scenario scenario;
    struct vtd_dut dut;
    struct vtd_run_result result;
    char why[VTD_SCENARIO_WHY_SIZE];
    const struct vtd_run_options run = {.out = quiet ? NULL : stdout};
    if (vtd_scenario_load(&scenario, path, why) != 0) {
        fflush(stdout);
        fprintf(stderr, "%s\n", why);
        return EXIT_ERROR;
    }
    int status = EXIT_ERROR;
    if (device->create(&dut) != 0) {
        fprintf(stderr, "%s: out of memory\n", path);
    } else if (vtd_scenario_run(&scenario, &dut, &run, &result, why) != 0) {
        fflush(stdout);
        fprintf(stderr, "%s\n", why);
    } else {
        status = result.failures == 0 ? EXIT_HELD : EXIT_FAILED;
    }
    dut.ops->destroy(&dut);
    vtd_scenario_free(&scenario);
    return status;
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
    int passed = 0, failed = 0;
    for (int i = 0; i < arguments.count; i++) {
        int status = replay(arguments.device, arguments.files[i], arguments.quiet);
        if (status == EXIT_ERROR)
            return EXIT_ERROR;
        passed += status == EXIT_HELD;
        failed += status == EXIT_FAILED;
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed == 0 ? EXIT_HELD : EXIT_FAILED;
}
