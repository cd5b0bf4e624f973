/* SPDX-License-Identifier: MIT */
/* Lines of a text file that may be compressed. See lines.h. */
#define _POSIX_C_SOURCE 200809L

#include "lines.h"

#include "vtd/vtd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define LINE_MAX_BYTES 65536u
#define IN_BYTES       65536u
#define OUT_BYTES      (4 * LINE_MAX_BYTES)

struct vtd_lines {
    FILE *file;
    char *name;
    ZSTD_DStream *zstd; /* NULL: plain text */
    size_t frame_rest;  /* what ZSTD_decompressStream returned last: 0 at the end of a frame */
    ZSTD_inBuffer in;
    unsigned long number;
    size_t start, end; /* text[start, end) is not handed out yet */
    bool eof;
    uint8_t raw[IN_BYTES];
    char text[OUT_BYTES + 1];
};

static int complain(const struct vtd_lines *l, char *why, const char *what)
{
    snprintf(why, VTD_WHY_SIZE, "%.120s:%lu: %s", l->name, l->number + 1, what);
    return -1;
}

struct vtd_lines *vtd_lines_open(const char *file, char *why)
{
    struct vtd_lines *l = calloc(1, sizeof *l);
    if (!l || !(l->name = strdup(file))) {
        free(l);
        snprintf(why, VTD_WHY_SIZE, "out of memory");
        return NULL;
    }
    l->file = fopen(file, "rb");
    if (!l->file) {
        snprintf(why, VTD_WHY_SIZE, "%.120s: %s", file, strerror(errno));
        vtd_lines_close(l);
        return NULL;
    }
    l->in = (ZSTD_inBuffer){.src = l->raw, .size = fread(l->raw, 1, sizeof l->raw, l->file)};
    if (l->in.size >= 4 && memcmp(l->raw, "\x28\xb5\x2f\xfd", 4) == 0 && !(l->zstd = ZSTD_createDStream())) {
        snprintf(why, VTD_WHY_SIZE, "out of memory");
        vtd_lines_close(l);
        return NULL;
    }
    return l;
}

/* Reads raw bytes when none are left. Returns 0, or -1 on a read error. */
static int refill(struct vtd_lines *l, char *why)
{
    if (l->in.pos < l->in.size || l->eof)
        return 0;
    l->in.pos = 0;
    l->in.size = fread(l->raw, 1, sizeof l->raw, l->file);
    l->eof = l->in.size == 0;
    return ferror(l->file) ? complain(l, why, strerror(errno)) : 0;
}

/* Adds text behind l->end. Returns how many bytes, 0 at the end, -1 on an error. */
static long more_text(struct vtd_lines *l, char *why)
{
    const size_t room = OUT_BYTES - l->end;
    for (;;) {
        if (refill(l, why) != 0)
            return -1;
        if (l->eof)
            return l->frame_rest ? complain(l, why, "the compressed file ends early") : 0;
        if (!l->zstd) {
            const size_t n = l->in.size - l->in.pos < room ? l->in.size - l->in.pos : room;
            memcpy(l->text + l->end, l->raw + l->in.pos, n);
            l->in.pos += n;
            return (long)n;
        }
        ZSTD_outBuffer out = {.dst = l->text + l->end, .size = room};
        l->frame_rest = ZSTD_decompressStream(l->zstd, &out, &l->in);
        if (ZSTD_isError(l->frame_rest))
            return complain(l, why, ZSTD_getErrorName(l->frame_rest));
        if (out.pos)
            return (long)out.pos;
    }
}

int vtd_lines_next(struct vtd_lines *l, char **line, char *why)
{
    char *newline;
    while (!(newline = memchr(l->text + l->start, '\n', l->end - l->start))) {
        if (l->end - l->start > LINE_MAX_BYTES)
            return complain(l, why, "the line is too long");
        memmove(l->text, l->text + l->start, l->end - l->start);
        l->end -= l->start;
        l->start = 0;
        const long n = more_text(l, why);
        if (n < 0)
            return -1;
        if (n == 0) {
            if (l->end == 0)
                return 0;
            l->text[l->end++] = '\n'; /* the last line has no end */
        } else {
            l->end += (size_t)n;
        }
    }
    *line = l->text + l->start;
    const size_t length = (size_t)(newline - *line);
    if (length > LINE_MAX_BYTES)
        return complain(l, why, "the line is too long");
    if (memchr(*line, '\0', length))
        return complain(l, why, "the line holds a NUL character");
    *newline = '\0';
    l->start += length + 1;
    l->number++;
    return 1;
}

unsigned long vtd_lines_number(const struct vtd_lines *l)
{
    return l->number;
}

void vtd_lines_close(struct vtd_lines *l)
{
    if (!l)
        return;
    if (l->file)
        fclose(l->file);
    if (l->zstd)
        ZSTD_freeDStream(l->zstd);
    free(l->name);
    free(l);
}
