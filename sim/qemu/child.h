/* SPDX-License-Identifier: MIT */
/* A program that runs below this one and never longer than it. */
#ifndef VTD_QEMU_CHILD_H
#define VTD_QEMU_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_qemu_child {
    pid_t pid; /* 0: none */
    int pidfd; /* readable when the program has ended */
};

/*
 * Starts argv[0] (a path) with the environment of this process, and LD_LIBRARY_PATH when libraries is not NULL. Descriptors
 * that are not close-on-exec are inherited. terminal: it keeps standard input and output; otherwise it reads nothing, and
 * both its outputs go to output (a descriptor). The kernel kills it when this process ends, however that happens. Returns 0
 * or a negative errno, also when the program cannot be executed.
 */
int vtd_qemu_child_start(struct vtd_qemu_child *child, char *const argv[], const char *libraries, bool terminal,
                         int output);

/* Kills it, if it still runs, and waits for its end. Returns its wait status, or -1 if there was none. */
int vtd_qemu_child_end(struct vtd_qemu_child *child);

#ifdef __cplusplus
}
#endif
#endif
