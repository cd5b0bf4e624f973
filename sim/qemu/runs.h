/* SPDX-License-Identifier: MIT */
/* Named runs of Linux on the unit: what the unit is, what the machine is, and what the kernel is told. */
#ifndef VTD_QEMU_RUNS_H
#define VTD_QEMU_RUNS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How the kernel drives the unit. */
enum vtd_linux_mode {
    VTD_LINUX_SM,     /* scalable mode */
    VTD_LINUX_LEGACY, /* legacy mode */
    VTD_LINUX_PT,     /* scalable mode, kernel-owned devices pass through */
};

#define VTD_LINUX_SETS 8
struct vtd_linux_run {
    const char *name, *about;
    uint8_t mode; /* enum vtd_linux_mode */
    uint8_t cpus;
    uint16_t memory;                 /* MiB */
    bool segment;                    /* devices on PCI Express segment 1, with ATS, PASID and PRI */
    bool remapping;                  /* interrupt remapping */
    const char *set[VTD_LINUX_SETS]; /* configuration keys, as for --set */
};

/* Run number i, counted from 0; NULL behind the last. */
const struct vtd_linux_run *vtd_linux_run_at(unsigned i);
const struct vtd_linux_run *vtd_linux_run_by_name(const char *name);

/* "sm", "legacy", "pt". */
const char *vtd_linux_mode_name(enum vtd_linux_mode mode);
bool vtd_linux_mode_by_name(const char *name, enum vtd_linux_mode *mode);

/*
 * The kernel command line of a run: tests is a list with commas, "all", "boot" (none) or "shell"; extra (may be NULL) comes
 * last. Returns false when it does not fit into size bytes.
 */
bool vtd_linux_command_line(const struct vtd_linux_run *run, const char *tests, const char *extra, char *text,
                            unsigned size);

#ifdef __cplusplus
}
#endif
#endif
