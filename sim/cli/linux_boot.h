/* SPDX-License-Identifier: MIT */
/* One boot of vtdsim linux: unit, devices, QEMU, and what came of it. */
#ifndef VTD_CLI_LINUX_BOOT_H
#define VTD_CLI_LINUX_BOOT_H

#include "config/config.h"
#include "linux_files.h"
#include "qemu/runs.h"
#include "qemu/verdict.h"

/* What the command line says about every boot. */
struct vtd_linux_options {
    struct vtd_sim_assignments assignments; /* --config and --set; they count more than those of a run */
    struct vtd_linux_given given;
    const char *append;
    const char *tests;    /* "all", or names with commas */
    uint64_t memory;      /* bytes; 0: as the run says */
    unsigned cpus;        /* 0: as the run says */
    unsigned timeout;     /* seconds */
    const char *scenario; /* file that gets a recording of the boot as a scenario, or NULL */
    const char *trace;    /* file that gets the DMA, or NULL */
    bool interactive;
    bool verbose; /* the console goes to standard error */
};

struct vtd_linux_result {
    bool ran;      /* false: it could not be tried, why says what is wrong */
    bool good;     /* all verdicts hold */
    int cancelled; /* the signal that ended it, or 0 */
    char why[1024];
    char record_why[1024]; /* why a recording is not what happened, or empty */
    double seconds;        /* from the start of QEMU to its end */
    double up;             /* ... to the beginning of the tests */
    struct vtd_verdict verdict;
    struct vtd_stats stats;
    struct vtd_sim_config config;
    uint64_t register_reads, register_writes, interrupts;
    char log[VTD_LINUX_PATH]; /* the console */
};

/* The unit of a run. Returns 0, or -1 with why (VTD_WHY_SIZE bytes) filled. */
int vtd_linux_configure(const struct vtd_linux_options *options, const struct vtd_linux_run *run,
                        struct vtd_sim_config *config, char *why);

/* Boots. Results are complete also when something fails. */
void vtd_linux_boot(const struct vtd_linux_options *options, const struct vtd_linux_files *files,
                    const struct vtd_linux_run *run, struct vtd_linux_result *result);

/* ---- linux_output.c ---- */

/* One boot: a line for each test, then statistics. */
void vtd_linux_print(const struct vtd_linux_run *run, const struct vtd_linux_result *result);

/* Many: a row for each. */
void vtd_linux_print_head(void);
void vtd_linux_print_row(const struct vtd_linux_run *run, const struct vtd_linux_result *result);

#endif
