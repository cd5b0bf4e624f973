/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a file that may be compressed with zstd: in a stream, 64 KiB of the file at a time (and what the
 * decompressor itself keeps: its window, at most 128 MiB).
 */
#ifndef VTD_WORKLOAD_UNPACK_H
#define VTD_WORKLOAD_UNPACK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_unpack;

/* Opens a file; its first bytes say whether it is compressed. NULL with why = "FILE: what is wrong" on failure. */
struct vtd_unpack *vtd_unpack_open(const char *file, char *why);

/* The first bytes of the file as they are on disk; *size says how many. Only before the first vtd_unpack_read. */
const uint8_t *vtd_unpack_head(const struct vtd_unpack *u, size_t *size);

/*
 * Reads at most room (> 0) unpacked bytes. Returns how many, 0 at the end, or -1 with problem (VTD_WHY_SIZE bytes)
 * filled: a read error, damaged data, or a compressed file that ends early; it names the place in the file.
 */
long vtd_unpack_read(struct vtd_unpack *u, void *to, size_t room, char *problem);

/* Bytes of the file that were read so far, for showing progress. */
uint64_t vtd_unpack_consumed(const struct vtd_unpack *u);

const char *vtd_unpack_name(const struct vtd_unpack *u);

void vtd_unpack_close(struct vtd_unpack *u);

#ifdef __cplusplus
}
#endif
#endif
