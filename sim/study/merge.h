/* SPDX-License-Identifier: MIT */
/* Rows of several files of results, by index: what merge.c gathers, and csv.c writes. */
#ifndef VTD_STUDY_MERGE_H
#define VTD_STUDY_MERGE_H

#include "row_file.h"
#include "sweep.h"

#include <stdio.h>

/* Where a row stands. */
struct vtd_place {
    off_t offset;
    size_t length;
    uint32_t file;
    bool present, failed;
};

struct vtd_gathered {
    const struct vtd_merge *merge;
    json_t *header;
    struct vtd_place *place; /* of each point */
    int *fd;                 /* of each file */
    char *text;              /* of the row that was read last */
    size_t room;
};

/* Reads a row, with a NUL behind it. NULL with why filled: that failed. */
const char *vtd_gathered_row(struct vtd_gathered *g, const struct vtd_place *place, char *why);

/*
 * csv.c: writes index, axes, the numbers and texts of the result, error and command of each row. A column that only some
 * rows have is empty in the others. Returns 0, or -1 with why filled; whether out took it all is for the caller to see.
 */
int vtd_gathered_write_csv(struct vtd_gathered *g, FILE *out, char *why);

#endif
