/* SPDX-License-Identifier: MIT */
/*
 * The file of results of a sweep, in JSON Lines: a header, then one line for each point that is finished. Lines are only
 * ever appended whole. What a kill or a full disk left of one is cut off.
 */
#ifndef VTD_STUDY_ROW_FILE_H
#define VTD_STUDY_ROW_FILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How reals and objects are written in a line. */
#define VTD_ROW_JSON_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(10))

/* Errors are -1 with why (VTD_WHY_SIZE bytes) filled. */

struct vtd_row_file {
    const char *path;
    int fd;     /* open to be appended to, and locked; -1: closed */
    off_t end;  /* of the last whole line */
    bool dirty; /* something is not on the disk yet */
    time_t synced;
};

/* Opens path, that is made when it is not there. An error when another process appends to it. */
int vtd_row_file_open(struct vtd_row_file *r, const char *path, char *why);

/*
 * Appends a line, its end included, with one write. When the disk is full, what was written of it is taken back. The file
 * is told to the disk about once a second.
 */
int vtd_row_file_append(struct vtd_row_file *r, const char *line, size_t length, char *why);

/* Cuts the file off at r->end. */
int vtd_row_file_cut(struct vtd_row_file *r, char *why);

/* What the disk does not have yet is written; then the file is closed. */
int vtd_row_file_close(struct vtd_row_file *r, char *why);

struct vtd_row_file_line {
    const char *text; /* without its end, a NUL behind it */
    size_t length;
    off_t offset;
    unsigned long number; /* from 1 */
};

typedef int vtd_row_file_visit(void *arg, const struct vtd_row_file_line *line, char *why);

/*
 * Visits the whole lines of an open file from its beginning, until a visit returns something else than 0, which is the
 * result. *end is the end of the last whole line, and *torn the number of bytes behind it.
 */
int vtd_row_file_read(int fd, const char *path, vtd_row_file_visit *visit, void *arg, off_t *end, off_t *torn,
                      char *why);

/* A row: what a line behind the first says. */
struct vtd_row {
    json_t *root;
    uint64_t index;
    bool failed; /* it has an error in place of a result */
};

/* Parses a row of a sweep of so many points. row->root is to be released with json_decref. */
int vtd_row_parse(struct vtd_row *row, const struct vtd_row_file_line *line, const char *path, uint64_t points,
                  char *why);

/* Parses the header. NULL: this file is not the result of a sweep. */
json_t *vtd_header_parse(const struct vtd_row_file_line *line, const char *path, char *why);

/* Do two headers belong to the same sweep? If not, why says what differs; these are called by name_a and name_b. */
int vtd_header_compare(const json_t *a, const char *name_a, const json_t *b, const char *name_b, char *why);

#ifdef __cplusplus
}
#endif
#endif
