/* SPDX-License-Identifier: MIT */
/* An initial file system for Linux: a cpio archive of the format "newc" (Linux, Documentation/driver-api/early-userspace/buffer-format.rst), not compressed. */
#ifndef VTD_QEMU_CPIO_H
#define VTD_QEMU_CPIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An archive that is being written. Set file, the rest to 0. */
struct vtd_cpio {
    FILE *file;
    uint32_t entries;
    bool failed; /* something could not be written or read; errno at that time in error */
    int error;
};

/* Names are relative to the root, without a leading '/'. Directories come before what is in them. */
void vtd_cpio_directory(struct vtd_cpio *c, const char *name);
void vtd_cpio_bytes(struct vtd_cpio *c, const char *name, unsigned mode, const void *bytes, size_t size);
void vtd_cpio_character_device(struct vtd_cpio *c, const char *name, unsigned major, unsigned minor);

/* The content of a file of this machine. Returns false, and sets failed, when it cannot be read. */
bool vtd_cpio_file(struct vtd_cpio *c, const char *name, unsigned mode, const char *path);

/* Ends the archive. Returns false when something has failed. */
bool vtd_cpio_end(struct vtd_cpio *c);

#ifdef __cplusplus
}
#endif
#endif
