/* SPDX-License-Identifier: MIT */
/* Lines of a text file that may be compressed. See lines.h. */
#include "lines.h"

#include "vtd/vtd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUT_BYTES (4 * VTD_LINE_MAX)

struct vtd_lines {
    struct vtd_unpack *file;
    uint64_t number, offset; /* of the last line */
    uint64_t next_offset;
    size_t start, end; /* text[start, end) is not handed out yet */
    char text[OUT_BYTES + 1];
};

struct vtd_lines *vtd_lines_open(struct vtd_unpack *file)
{
    struct vtd_lines *l = calloc(1, sizeof *l);
    if (!l)
        vtd_unpack_close(file);
    else
        l->file = file;
    return l;
}

static int complain(char *problem, const char *what)
{
    snprintf(problem, VTD_WHY_SIZE, "%s", what);
    return -1;
}

/* Reads on until there is the end of a line. Returns where, or NULL: *status is 0 at the end, -1 on an error. */
static char *find_end(struct vtd_lines *l, int *status, char *problem)
{
    char *newline;
    *status = -1;
    while (!(newline = memchr(l->text + l->start, '\n', l->end - l->start))) {
        if (l->end - l->start > VTD_LINE_MAX) {
            complain(problem, "the line is too long");
            return NULL;
        }
        memmove(l->text, l->text + l->start, l->end - l->start);
        l->end -= l->start;
        l->start = 0;
        const long n = vtd_unpack_read(l->file, l->text + l->end, OUT_BYTES - l->end, problem);
        if (n < 0)
            return NULL;
        if (n == 0 && l->end == 0) {
            *status = 0;
            return NULL;
        }
        if (n == 0)
            l->text[l->end++] = '\n'; /* the last line has no end */
        else
            l->end += (size_t)n;
    }
    return newline;
}

int vtd_lines_next(struct vtd_lines *l, char **line, char *problem)
{
    int status;
    l->offset = l->next_offset;
    l->number++;
    char *newline = find_end(l, &status, problem);
    if (!newline)
        return status;
    *line = l->text + l->start;
    const size_t length = (size_t)(newline - *line);
    if (length > VTD_LINE_MAX)
        return complain(problem, "the line is too long");
    if (memchr(*line, '\0', length))
        return complain(problem, "the line holds a NUL character");
    *newline = '\0';
    l->start += length + 1;
    l->next_offset += length + 1;
    return 1;
}

uint64_t vtd_lines_number(const struct vtd_lines *l)
{
    return l->number;
}

uint64_t vtd_lines_offset(const struct vtd_lines *l)
{
    return l->offset;
}

void vtd_lines_close(struct vtd_lines *l)
{
    if (!l)
        return;
    vtd_unpack_close(l->file);
    free(l);
}
