/* SPDX-License-Identifier: MIT */
/* Reads trace files item by item. See trace_reader.h. */
#include "trace_reader.h"

#include "lines.h"
#include "vtd/vtd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A binary item always fits, so that each is decoded from bytes in one piece. */
#define BUFFER_BYTES (4 * VTD_LINE_MAX)

struct vtd_trace_reader {
    struct vtd_unpack *file; /* owned by lines when there are any */
    struct vtd_lines *lines; /* text */
    uint64_t records;
    bool failing; /* the next item cannot be read, so a complaint is about it */

    /* binary */
    struct vtd_item_state state;
    uint64_t offset; /* of buffer[start] in the unpacked items */
    uint64_t item_offset;
    size_t start, end; /* buffer[start, end) is not decoded yet */
    uint8_t *buffer;
};

static struct vtd_trace_reader *give_up(struct vtd_trace_reader *r, char *why, const char *file, const char *problem)
{
    if (problem)
        snprintf(why, VTD_WHY_SIZE, "%.120s: %s", file, problem);
    vtd_trace_reader_close(r);
    return NULL;
}

struct vtd_trace_reader *vtd_trace_reader_open(const char *file, char *why)
{
    const size_t version = VTD_ITEM_HEADER_SIZE - 1;
    struct vtd_trace_reader *r = calloc(1, sizeof *r);
    if (!r)
        return give_up(r, why, file, "out of memory");
    if (!(r->file = vtd_unpack_open(file, why)))
        return give_up(r, why, file, NULL);
    size_t size;
    const uint8_t *head = vtd_unpack_head(r->file, &size);
    if (size == 0 || memcmp(head, vtd_item_header, size < version ? size : version) != 0) {
        r->lines = vtd_lines_open(r->file);
        if (r->lines)
            return r;
        r->file = NULL; /* it was closed */
        return give_up(r, why, file, "out of memory");
    }
    if (size < VTD_ITEM_HEADER_SIZE)
        return give_up(r, why, file, "the file ends within its header (record 1, offset 0)");
    if (head[version] != VTD_ITEM_VERSION) {
        snprintf(why, VTD_WHY_SIZE, "%.120s: a binary trace of version %u; this program reads version %u", file,
                 head[version], VTD_ITEM_VERSION);
        return give_up(r, why, file, NULL);
    }
    r->buffer = malloc(BUFFER_BYTES);
    return r->buffer ? r : give_up(r, why, file, "out of memory");
}

bool vtd_trace_reader_is_binary(const struct vtd_trace_reader *r)
{
    return !r->lines;
}

int vtd_trace_reader_complain(const struct vtd_trace_reader *r, const char *problem, char *why)
{
    const char *name = vtd_unpack_name(r->file);
    const uint64_t record = r->records + r->failing;
    if (r->lines)
        snprintf(why, VTD_WHY_SIZE, "%.110s:%" PRIu64 ": %.75s (record %" PRIu64 ", offset %" PRIu64 ")", name,
                 vtd_lines_number(r->lines), problem, record, vtd_lines_offset(r->lines));
    else
        snprintf(why, VTD_WHY_SIZE, "%.110s: %.75s (record %" PRIu64 ", offset %" PRIu64 ")", name, problem, record,
                 r->item_offset);
    return -1;
}

static int fail(struct vtd_trace_reader *r, const char *problem, char *why)
{
    r->failing = true;
    return vtd_trace_reader_complain(r, problem, why);
}

static int next_line(struct vtd_trace_reader *r, struct vtd_trace_item *item, char *why)
{
    char problem[VTD_WHY_SIZE];
    const char *wrong;
    char *line;
    const int status = vtd_lines_next(r->lines, &line, problem);
    if (status < 0)
        return fail(r, problem, why);
    if (status > 0 && !vtd_item_parse(line, item, &wrong))
        return fail(r, wrong, why);
    return status;
}

/* Reads more bytes behind those that are there. Returns how many, 0 at the end of the file, -1 on an error. */
static long more(struct vtd_trace_reader *r, char *problem)
{
    memmove(r->buffer, r->buffer + r->start, r->end - r->start);
    r->end -= r->start;
    r->start = 0;
    const long n = vtd_unpack_read(r->file, r->buffer + r->end, BUFFER_BYTES - r->end, problem);
    if (n > 0)
        r->end += (size_t)n;
    return n;
}

/* The end mark was read: nothing may follow. */
static int at_end(struct vtd_trace_reader *r, char *why)
{
    char problem[VTD_WHY_SIZE];
    if (r->start < r->end)
        return fail(r, "something follows the end of the trace", why);
    const long n = more(r, problem);
    if (n < 0)
        return fail(r, problem, why);
    return n > 0 ? fail(r, "something follows the end of the trace", why) : 0;
}

static int next_binary(struct vtd_trace_reader *r, struct vtd_trace_item *item, char *why)
{
    char problem[VTD_WHY_SIZE];
    const char *wrong;
    size_t used;
    r->item_offset = r->offset;
    for (;;) {
        const enum vtd_item_decoded d =
            vtd_item_decode(&r->state, r->buffer + r->start, r->end - r->start, &used, item, &wrong);
        if (d == VTD_ITEM_BAD)
            return fail(r, wrong, why);
        if (d != VTD_ITEM_SHORT) {
            r->start += used;
            r->offset += used;
            return d == VTD_ITEM_END ? at_end(r, why) : 1;
        }
        const long n = more(r, problem);
        if (n < 0)
            return fail(r, problem, why);
        if (n == 0)
            return fail(r, "the trace ends early", why);
    }
}

int vtd_trace_reader_next(struct vtd_trace_reader *r, struct vtd_trace_item *item, char *why)
{
    const int status = r->lines ? next_line(r, item, why) : next_binary(r, item, why);
    if (status > 0)
        r->records += vtd_item_is_record(item);
    return status;
}

uint64_t vtd_trace_reader_records(const struct vtd_trace_reader *r)
{
    return r->records;
}

uint64_t vtd_trace_reader_consumed(const struct vtd_trace_reader *r)
{
    return vtd_unpack_consumed(r->file);
}

void vtd_trace_reader_close(struct vtd_trace_reader *r)
{
    if (!r)
        return;
    if (r->lines)
        vtd_lines_close(r->lines); /* with the file */
    else
        vtd_unpack_close(r->file);
    free(r->buffer);
    free(r);
}
