/* SPDX-License-Identifier: MIT */
/* The input of a fuzz target under a file name, for code that opens files: a file in memory, nothing on disk. */
#ifndef VTD_FUZZ_INPUT_FILE_H
#define VTD_FUZZ_INPUT_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct input_file {
    int fd;
    char name[32];
};

/* The caller defines _GNU_SOURCE, for memfd_create. */
static inline struct input_file input_file_make(const void *data, size_t size)
{
    struct input_file f = {.fd = memfd_create("fuzz", MFD_CLOEXEC)};
    if (f.fd < 0 || write(f.fd, data, size) != (ssize_t)size)
        abort();
    snprintf(f.name, sizeof f.name, "/proc/self/fd/%d", f.fd);
    return f;
}

static inline void input_file_drop(struct input_file *f)
{
    close(f->fd);
}

#endif
