/* SPDX-License-Identifier: MIT */
/* Lines of a text file that may be compressed with zstd: in a stream, without the whole file in memory. */
#ifndef VTD_WORKLOAD_LINES_H
#define VTD_WORKLOAD_LINES_H

#include "unpack.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VTD_LINE_MAX 65536u /* bytes; a longer line is an error */

struct vtd_lines;

/* Lines of an opened file, which vtd_lines_close closes (here too, on failure). NULL without memory. */
struct vtd_lines *vtd_lines_open(struct vtd_unpack *file);

/*
 * The next line, without its end, valid until the next call. Returns 1, 0 at the end, or -1 with problem (VTD_WHY_SIZE
 * bytes) filled: read or decompression error, a line that is too long or holds a NUL character. After an error,
 * vtd_lines_number and vtd_lines_offset tell of the line that could not be read.
 */
int vtd_lines_next(struct vtd_lines *lines, char **line, char *problem);

/* Number of the line that vtd_lines_next returned last, from 1, and where it starts in the unpacked text. */
uint64_t vtd_lines_number(const struct vtd_lines *lines);
uint64_t vtd_lines_offset(const struct vtd_lines *lines);

void vtd_lines_close(struct vtd_lines *lines);

#ifdef __cplusplus
}
#endif
#endif
