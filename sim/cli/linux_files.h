/* SPDX-License-Identifier: MIT */
/* Where vtdsim linux has QEMU, the kernel and what else it boots from. */
#ifndef VTD_CLI_LINUX_FILES_H
#define VTD_CLI_LINUX_FILES_H

#include <stdbool.h>

#define VTD_LINUX_PATH 4096

/* Paths; an empty string: there is none, and none is needed. */
struct vtd_linux_files {
    char directory[VTD_LINUX_PATH]; /* where all this is, and where files of a run are written */
    char qemu[VTD_LINUX_PATH];
    char libraries[VTD_LINUX_PATH], data[VTD_LINUX_PATH]; /* of a QEMU that is not installed */
    char kernel[VTD_LINUX_PATH], modules[VTD_LINUX_PATH];
    char initrd[VTD_LINUX_PATH]; /* written when the user gives none */
    char busybox[VTD_LINUX_PATH], tests[VTD_LINUX_PATH];
};

/* What the user has given; NULL: nothing. */
struct vtd_linux_given {
    const char *directory, *qemu, *kernel, *modules, *initrd;
    bool backports; /* the kernel from bookworm-backports */
    bool tests;     /* tests are to run in the guest */
};

/*
 * Finds all files, fetches what is missing from the Debian archive, and writes the initial file system. Returns 0, or -1
 * after it has told on standard error what is missing.
 */
int vtd_linux_files_find(struct vtd_linux_files *files, const struct vtd_linux_given *given);

#endif
