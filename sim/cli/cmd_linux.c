/* SPDX-License-Identifier: MIT */
/* vtdsim linux: boots a stock kernel in a stock QEMU whose remapping unit is the model, and runs tests in it. */
#include "commands.h"
#include "config_options.h"
#include "linux_boot.h"

#include <argp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    EXIT_GOOD = 0,
    EXIT_BAD = 1,
    EXIT_ERROR = 2
};

enum {
    OPT_KERNEL = 256,
    OPT_MODULES,
    OPT_INITRD,
    OPT_APPEND,
    OPT_MEMORY,
    OPT_CPUS,
    OPT_MODE,
    OPT_RUN,
    OPT_MATRIX,
    OPT_TEST,
    OPT_INTERACTIVE,
    OPT_TIMEOUT,
    OPT_QEMU,
    OPT_DIRECTORY,
    OPT_BACKPORTS,
    OPT_SCENARIO,
    OPT_TRACE,
};

static const struct argp_option option_list[] = {
    {0, 0, 0, 0, "What boots:", 1},
    {"kernel", OPT_KERNEL, "FILE", 0, "A kernel of yours: bzImage or vmlinux (default: Debian's own, fetched once)", 1},
    {"modules", OPT_MODULES, "DIR", 0, "Its lib/modules/VERSION; without it, VFIO has to be built in", 1},
    {"initrd", OPT_INITRD, "FILE", 0, "An initial file system of yours (default: busybox and the tests)", 1},
    {"append", OPT_APPEND, "STRING", 0, "More for the kernel command line", 1},
    {"backports", OPT_BACKPORTS, 0, 0, "The kernel of bookworm-backports instead of Debian 12's own", 1},
    {"qemu", OPT_QEMU, "FILE", 0, "qemu-system-x86_64 (default: that of the machine, else fetched)", 1},
    {"directory", OPT_DIRECTORY, "DIR", 0, "Where fetched packages, logs and the initial file system are", 1},
    {0, 0, 0, 0, "The machine:", 2},
    {"memory", OPT_MEMORY, "SIZE", 0, "Guest memory, e.g. 512M or 5G", 2},
    {"cpus", OPT_CPUS, "N", 0, "Processors of the guest, 1 to 8", 2},
    {"mode", OPT_MODE, "sm|legacy|pt", 0, "Scalable mode (default), legacy mode, or scalable mode with iommu=pt", 2},
    {"run", OPT_RUN, "NAME", 0, "A named run (--matrix=help lists them); --mode is one, too", 2},
    {0, 0, 0, 0, "What happens:", 3},
    {"test", OPT_TEST, "NAMES", 0, "Guest tests, with commas; all (default), or boot for none", 3},
    {"matrix", OPT_MATRIX, "RUNS", OPTION_ARG_OPTIONAL, "Boot all named runs, or RUNS with commas: a row for each", 3},
    {"interactive", OPT_INTERACTIVE, 0, 0, "A shell in the guest, here", 3},
    {"timeout", OPT_TIMEOUT, "SECONDS", 0, "The longest that a boot may take (default 120)", 3},
    {"scenario", OPT_SCENARIO, "FILE", 0,
     "Record register accesses, requests and the tables that the unit reads, for vtdsim replay", 3},
    {"trace", OPT_TRACE, "FILE", 0, "Record the DMA as a trace, for vtdsim run", 3},
    {"verbose", 'v', 0, 0, "Show the guest's console on standard error", 3},
    {0},
};

struct arguments {
    struct vtd_linux_options options;
    const struct vtd_linux_run *run;
    bool matrix;
    const char *runs; /* of the matrix; NULL: all */
};

/* A number of bytes with K, M, G, in whole MiB; 0: it is none. */
static uint64_t parse_memory(const char *text)
{
    char *end;
    const unsigned long long number = strtoull(text, &end, 10);
    const char *const unit = "MG";
    const char *u = *end ? strchr(unit, *end) : NULL;
    if (end == text || !u || end[1] != '\0' || number > (UINT64_C(1) << 20))
        return 0;
    return (uint64_t)number << (20 + 10 * (u - unit));
}

static unsigned parse_number(const struct argp_state *state, const char *name, const char *text, unsigned max)
{
    char *end;
    const unsigned long number = strtoul(text, &end, 10);
    if (end == text || *end != '\0' || number == 0 || number > max)
        argp_error(state, "--%s %s: a number from 1 to %u is wanted", name, text, max);
    return (unsigned)number;
}

static const struct vtd_linux_run *find_run(const struct argp_state *state, const char *name)
{
    const struct vtd_linux_run *run = vtd_linux_run_by_name(name);
    if (!run)
        argp_error(state, "there is no run '%s'; --matrix=help lists them", name);
    return run;
}

static void print_runs(void)
{
    const struct vtd_linux_run *run;
    for (unsigned i = 0; (run = vtd_linux_run_at(i)); i++)
        printf("%-14s %s\n", run->name, run->about);
}

static error_t parse_machine(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;
    enum vtd_linux_mode mode;
    switch (key) {
    case OPT_MEMORY:
        a->options.memory = parse_memory(argument);
        if (a->options.memory < (UINT64_C(128) << 20) || a->options.memory > (UINT64_C(1) << 40))
            argp_error(state, "--memory %s: a size like 512M or 5G is wanted, from 128M to 1024G", argument);
        return 0;
    case OPT_CPUS:
        a->options.cpus = parse_number(state, "cpus", argument, 8);
        return 0;
    case OPT_MODE:
        if (!vtd_linux_mode_by_name(argument, &mode))
            argp_error(state, "--mode %s: there are sm, legacy and pt", argument);
        a->run = find_run(state, argument);
        return 0;
    case OPT_RUN:
        a->run = find_run(state, argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_files(int key, char *argument, struct argp_state *state)
{
    struct vtd_linux_options *o = &((struct arguments *)state->input)->options;
    switch (key) {
    case OPT_KERNEL:
        o->given.kernel = argument;
        return 0;
    case OPT_MODULES:
        o->given.modules = argument;
        return 0;
    case OPT_INITRD:
        o->given.initrd = argument;
        return 0;
    case OPT_QEMU:
        o->given.qemu = argument;
        return 0;
    case OPT_DIRECTORY:
        o->given.directory = argument;
        return 0;
    case OPT_BACKPORTS:
        o->given.backports = true;
        return 0;
    case OPT_APPEND:
        o->append = argument;
        return 0;
    default:
        return parse_machine(key, argument, state);
    }
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct arguments *a = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->options.assignments;
        return 0;
    case OPT_TEST:
        if (strspn(argument, "abcdefghijklmnopqrstuvwxyz0123456789-_,") != strlen(argument) || !*argument)
            argp_error(state, "--test %s: names of tests, with commas between them, are wanted", argument);
        a->options.tests = argument;
        return 0;
    case OPT_MATRIX:
        a->matrix = true;
        a->runs = argument;
        return 0;
    case OPT_SCENARIO:
        a->options.scenario = argument;
        return 0;
    case OPT_TRACE:
        a->options.trace = argument;
        return 0;
    case ARGP_KEY_END:
        if (a->matrix && (a->options.scenario || a->options.trace || a->options.interactive))
            argp_error(state, "--scenario, --trace and --interactive are for one run, not for --matrix");
        return 0;
    case OPT_INTERACTIVE:
        a->options.interactive = true;
        return 0;
    case OPT_TIMEOUT:
        a->options.timeout = parse_number(state, "timeout", argument, 86400);
        return 0;
    case 'v':
        a->options.verbose = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "%s: no argument wanted here", argument);
        return 0;
    default:
        return parse_files(key, argument, state);
    }
}

static const struct argp_child children[] = {{&vtd_config_options, 0, "The unit:", 2}, {0}};

static const struct argp argp = {
    .options = option_list,
    .parser = parse_option,
    .children = children,
    .doc =
        "Boots a stock Linux kernel in a stock QEMU whose VT-d unit is the model, runs tests in it, and says what came "
        "of them."
        "\vQEMU, kernel and busybox are fetched from the Debian archive of this machine when they are wanted first, "
        "and "
        "unpacked, never installed. KVM is not used.\n\n"
        "Exit status: 0 all verdicts hold; 1 one does not; 2 it could not be tried; 130 and the like: ended by a "
        "signal.",
};

static int worse(int a, int b)
{
    return a > b ? a : b;
}

/* One boot of a matrix or alone; an exit status. */
static int boot(const struct arguments *a, const struct vtd_linux_files *files, const struct vtd_linux_run *run)
{
    struct vtd_linux_result *result = malloc(sizeof(*result));
    if (!result)
        return EXIT_ERROR;
    vtd_linux_boot(&a->options, files, run, result);
    int status = result->good ? EXIT_GOOD : EXIT_BAD;
    if (result->cancelled)
        status = 128 + result->cancelled;
    if (!result->ran || result->cancelled) {
        fflush(stdout);
        fprintf(stderr, "vtdsim linux: %s: %s\n", run->name, result->why);
        status = worse(status, EXIT_ERROR);
    } else if (a->matrix) {
        vtd_linux_print_row(run, result);
    } else {
        vtd_linux_print(run, result);
    }
    fflush(stdout);
    if (result->record_why[0]) {
        fprintf(stderr, "vtdsim linux: %s\n", result->record_why);
        status = worse(status, EXIT_ERROR);
    }
    free(result);
    return status;
}

/* All runs, or those of a list. */
static int boot_matrix(const struct arguments *a, const struct vtd_linux_files *files)
{
    int status = EXIT_GOOD;
    vtd_linux_print_head();
    if (!a->runs) {
        const struct vtd_linux_run *run;
        for (unsigned i = 0; (run = vtd_linux_run_at(i)) && status < 128; i++)
            status = worse(status, boot(a, files, run));
        return status;
    }
    for (const char *p = a->runs; *p && status < 128;) {
        char name[64];
        const size_t length = strcspn(p, ",");
        snprintf(name, sizeof(name), "%.*s", (int)(length < 60 ? length : 60), p);
        const struct vtd_linux_run *run = vtd_linux_run_by_name(name);
        if (!run) {
            fprintf(stderr, "vtdsim linux: there is no run '%s'; --matrix=help lists them\n", name);
            return EXIT_ERROR;
        }
        status = worse(status, boot(a, files, run));
        p += length + (p[length] == ',');
    }
    return status;
}

int vtd_cmd_linux(int argc, char **argv)
{
    struct arguments a = {.run = vtd_linux_run_at(0), .options = {.tests = "all", .timeout = 120}};
    struct vtd_linux_files files;
    if (argp_parse(&argp, argc, argv, 0, NULL, &a) != 0)
        return EXIT_ERROR;
    if (a.matrix && a.runs && strcmp(a.runs, "help") == 0) {
        print_runs();
        return EXIT_GOOD;
    }
    a.options.given.tests = !a.options.interactive && strcmp(a.options.tests, "boot") != 0;
    int status = EXIT_ERROR;
    struct vtd_sim_config config;
    char why[VTD_WHY_SIZE];
    if (!a.matrix && vtd_linux_configure(&a.options, a.run, &config, why) != 0) /* before anything is fetched */
        fprintf(stderr, "vtdsim linux: %s\n", why);
    else if (vtd_linux_files_find(&files, &a.options.given) == 0) {
        status = a.matrix ? boot_matrix(&a, &files) : boot(&a, &files, a.run);
        if (!a.options.given.initrd)
            unlink(files.initrd);
    }
    vtd_sim_assignments_free(&a.options.assignments);
    return status;
}
