/* SPDX-License-Identifier: MIT */
/* The bytes of a file that may be compressed. See unpack.h. */
#define _POSIX_C_SOURCE 200809L

#include "unpack.h"

#include "vtd/vtd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define IN_BYTES 65536u

struct vtd_unpack {
    FILE *file;
    char *name;
    ZSTD_DStream *zstd; /* NULL: not compressed */
    size_t frame_rest;  /* what ZSTD_decompressStream returned last: 0 at the end of a frame */
    ZSTD_inBuffer in;
    uint64_t read; /* bytes of the file */
    bool eof;
    uint8_t raw[IN_BYTES];
};

static struct vtd_unpack *give_up(struct vtd_unpack *u, const char *file, char *why, const char *problem)
{
    snprintf(why, VTD_WHY_SIZE, "%.120s: %s", file, problem);
    vtd_unpack_close(u);
    return NULL;
}

/* A frame of zstd, or a frame that its tools skip (where binary traces keep their version). */
static bool is_compressed(const struct vtd_unpack *u)
{
    return u->in.size >= 4 &&
           (memcmp(u->raw, "\x28\xb5\x2f\xfd", 4) == 0 || memcmp(u->raw, "\x50\x2a\x4d\x18", 4) == 0);
}

struct vtd_unpack *vtd_unpack_open(const char *file, char *why)
{
    struct vtd_unpack *u = calloc(1, sizeof *u);
    if (!u || !(u->name = strdup(file)))
        return give_up(u, file, why, "out of memory");
    u->file = fopen(file, "rb");
    if (!u->file)
        return give_up(u, file, why, strerror(errno));
    u->in = (ZSTD_inBuffer){.src = u->raw, .size = fread(u->raw, 1, sizeof u->raw, u->file)};
    u->read = u->in.size;
    if (ferror(u->file))
        return give_up(u, file, why, strerror(errno));
    if (is_compressed(u) && !(u->zstd = ZSTD_createDStream()))
        return give_up(u, file, why, "out of memory");
    return u;
}

const uint8_t *vtd_unpack_head(const struct vtd_unpack *u, size_t *size)
{
    *size = u->in.size;
    return u->raw;
}

static long complain(const struct vtd_unpack *u, char *problem, const char *what)
{
    const unsigned long long place = u->read - (u->in.size - u->in.pos);
    snprintf(problem, VTD_WHY_SIZE, "%s, at byte %llu of the file", what, place);
    return -1;
}

/* Reads raw bytes when none are left. */
static long refill(struct vtd_unpack *u, char *problem)
{
    if (u->in.pos < u->in.size || u->eof)
        return 0;
    u->in.pos = 0;
    u->in.size = fread(u->raw, 1, sizeof u->raw, u->file);
    u->read += u->in.size;
    u->eof = u->in.size == 0;
    return ferror(u->file) ? complain(u, problem, strerror(errno)) : 0;
}

long vtd_unpack_read(struct vtd_unpack *u, void *to, size_t room, char *problem)
{
    for (;;) {
        if (refill(u, problem) != 0)
            return -1;
        if (u->eof)
            return u->frame_rest ? complain(u, problem, "the compressed file ends early") : 0;
        if (!u->zstd) {
            const size_t n = u->in.size - u->in.pos < room ? u->in.size - u->in.pos : room;
            memcpy(to, u->raw + u->in.pos, n);
            u->in.pos += n;
            return (long)n;
        }
        ZSTD_outBuffer out = {.dst = to, .size = room};
        u->frame_rest = ZSTD_decompressStream(u->zstd, &out, &u->in);
        if (ZSTD_isError(u->frame_rest))
            return complain(u, problem, ZSTD_getErrorName(u->frame_rest));
        if (out.pos)
            return (long)out.pos;
    }
}

uint64_t vtd_unpack_consumed(const struct vtd_unpack *u)
{
    return u->read;
}

const char *vtd_unpack_name(const struct vtd_unpack *u)
{
    return u->name;
}

void vtd_unpack_close(struct vtd_unpack *u)
{
    if (!u)
        return;
    if (u->file)
        fclose(u->file);
    if (u->zstd)
        ZSTD_freeDStream(u->zstd);
    free(u->name);
    free(u);
}
