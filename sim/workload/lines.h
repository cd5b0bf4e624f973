/* SPDX-License-Identifier: MIT */
/* Lines of a text file that may be compressed with zstd: in a stream, without the whole file in memory. */
#ifndef VTD_WORKLOAD_LINES_H
#define VTD_WORKLOAD_LINES_H

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_lines;

/* Opens a file; the first bytes say whether it is compressed. NULL with why (VTD_WHY_SIZE bytes) filled on failure. */
struct vtd_lines *vtd_lines_open(const char *file, char *why);

/*
 * The next line, without its end, valid until the next call. Returns 1, 0 at the end, or -1 with why filled: read or
 * decompression error, a line that is too long or holds a NUL character.
 */
int vtd_lines_next(struct vtd_lines *lines, char **line, char *why);

/* Number of the line that vtd_lines_next returned last, from 1. */
unsigned long vtd_lines_number(const struct vtd_lines *lines);

void vtd_lines_close(struct vtd_lines *lines);

#ifdef __cplusplus
}
#endif
#endif
