/* SPDX-License-Identifier: MIT */
/*
 * Traces from HyperSIO's binary events. An event is a little-endian structure without padding: type (4 bytes, 1 = a
 * translation), source-id (2), domain (2), IOVA (8), mask of the page (8), level (8), page-table entry (8); in an IOVA
 * trace also the number of the next event with this page (8), which says nothing new.
 */
#include "import.h"
#include "trace_domains.h"
#include "unpack.h"
#include "vtd/vtd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRANSLATION 1u
#define LOG_EVENT   40u
#define TRACE_EVENT 48u

struct importer {
    struct vtd_unpack *file;
    struct vtd_trace_writer *to;
    struct vtd_domains *domains;
    struct vtd_import_counts *counts;
    const char *name;
    char *why;
    uint64_t offset; /* of bytes[start] */
    size_t start, end;
    uint8_t bytes[65536];
};

static uint64_t number(const uint8_t *p, unsigned bytes)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < bytes; i++)
        v |= (uint64_t)p[i] << 8 * i;
    return v;
}

static int complain(const struct importer *m, const char *problem)
{
    snprintf(m->why, VTD_WHY_SIZE, "%.110s: %.75s (record %" PRIu64 ", offset %" PRIu64 ")", m->name, problem,
             m->counts->accesses + 1, m->offset);
    return -1;
}

/* Has at least size bytes ready if the file has them. Returns how many are ready, or -1. */
static long fill(struct importer *m, size_t size)
{
    char problem[VTD_WHY_SIZE];
    while (m->end - m->start < size) {
        memmove(m->bytes, m->bytes + m->start, m->end - m->start);
        m->end -= m->start;
        m->start = 0;
        const long n = vtd_unpack_read(m->file, m->bytes + m->end, sizeof m->bytes - m->end, problem);
        if (n < 0)
            return complain(m, problem);
        if (n == 0)
            break;
        m->end += (size_t)n;
    }
    return (long)(m->end - m->start);
}

/* Size of the events of the file; 0: it is none of HyperSIO's. */
static size_t event_size(const struct importer *m)
{
    const uint8_t *p = m->bytes + m->start;
    const size_t have = m->end - m->start;
    if (have < LOG_EVENT || number(p, 4) != TRANSLATION)
        return 0;
    if (have == LOG_EVENT || (have >= LOG_EVENT + 4 && number(p + LOG_EVENT, 4) == TRANSLATION && have != TRACE_EVENT))
        return LOG_EVENT;
    return have == TRACE_EVENT || (have >= TRACE_EVENT + 4 && number(p + TRACE_EVENT, 4) == TRANSLATION) ? TRACE_EVENT
                                                                                                         : 0;
}

static int take_event(struct importer *m, const uint8_t *p)
{
    const struct vtd_requester who = {.sid = (uint16_t)number(p + 4, 2)};
    const uint32_t domain = (uint32_t)number(p + 6, 2);
    const uint64_t pte = number(p + 32, 8);
    uint32_t before;
    if (number(p, 4) != TRANSLATION)
        return complain(m, "the event is no translation");
    if (!vtd_domains_of(m->domains, &who, &before) || before != domain) {
        char line[64];
        if (!vtd_domains_add(m->domains, domain, &who))
            return complain(m, "out of memory");
        snprintf(line, sizeof line, "# domains: %x=%02x:%02x.%x", domain, who.sid >> 8, who.sid >> 3 & 31, who.sid & 7);
        if (vtd_trace_writer_comment(m->to, line, m->why) != 0)
            return -1;
    }
    const struct vtd_trace_item item = {
        .kind = (pte & 3) == 1   ? VTD_ITEM_READ
                : (pte & 3) == 2 ? VTD_ITEM_WRITE
                                 : VTD_ITEM_ACCESS,
        .sid = who.sid,
        .iova = number(p + 8, 8),
    };
    if (vtd_trace_writer_put(m->to, &item, m->why) != 0)
        return -1;
    m->counts->accesses++;
    return 0;
}

static int take_events(struct importer *m)
{
    if (fill(m, TRACE_EVENT + 4) < 0)
        return -1;
    const size_t size = event_size(m);
    if (size == 0)
        return complain(m, "neither an IOVA trace nor a log of HyperSIO");
    for (;;) {
        const long have = fill(m, size);
        if (have <= 0)
            return (int)have;
        if ((size_t)have < size)
            return complain(m, "the file ends within an event");
        if (take_event(m, m->bytes + m->start) != 0)
            return -1;
        m->start += size;
        m->offset += size;
    }
}

int vtd_import_hypersio(const char *file, struct vtd_trace_writer *to, struct vtd_import_counts *counts, char *why)
{
    *counts = (struct vtd_import_counts){0};
    struct vtd_unpack *unpack = vtd_unpack_open(file, why);
    if (!unpack)
        return -1;
    struct importer *m = calloc(1, sizeof *m);
    int status = -1;
    if (m && (m->domains = vtd_domains_create())) {
        m->file = unpack;
        m->to = to;
        m->counts = counts;
        m->name = file;
        m->why = why;
        status = take_events(m);
    } else {
        snprintf(why, VTD_WHY_SIZE, "out of memory");
    }
    if (m)
        vtd_domains_destroy(m->domains);
    free(m);
    vtd_unpack_close(unpack);
    return status;
}
