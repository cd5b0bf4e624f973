/* SPDX-License-Identifier: MIT */
/* DMA traces in text form. See trace.h. */
#define _POSIX_C_SOURCE 200809L

#include "trace.h"

#include "config/text.h"
#include "lines.h"
#include "vtd/vtd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMBERS_MAX 65536u
#define RECORDS_MAX (1u << 27) /* an unmap of a domain with many devices is many records; memory is not endless */

/* A device and the domain that the trace puts it in. */
struct member {
    uint32_t domain;
    uint16_t sid;
};

struct loader {
    struct vtd_trace *trace;
    const char *file;
    char *why;
    const char *problem; /* what is wrong with the line */
    struct member *member;
    size_t members;
    uint32_t *place; /* of each source-id: its index in member plus 1, or 0 */
    size_t capacity;
};

/* ---------------------------------------------------------------- tokens */

/* Cuts the next token off a line; NULL when there is none. */
static char *token(char **rest)
{
    char *p = *rest + strspn(*rest, " \t\r");
    if (*p == '\0')
        return NULL;
    char *end = p + strcspn(p, " \t\r");
    *rest = *end ? end + 1 : end;
    *end = '\0';
    return p;
}

/* Reads all of text as digits of base 10 or 16. */
static bool digits(const char *text, unsigned base, uint64_t max, uint64_t *out)
{
    uint64_t v = 0;
    if (*text == '\0')
        return false;
    for (; *text; text++) {
        const char c = *text;
        const unsigned d = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                           : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                                                  : 99;
        if (d >= base || v > (max - d) / base)
            return false;
        v = v * base + d;
    }
    *out = v;
    return true;
}

static bool source_id(const char *text, uint16_t *sid)
{
    return vtd_source_id_read(text, sid) == VTD_NUMBER_OK;
}

/* ---------------------------------------------------------------- records */

static bool bad(struct loader *l, const char *problem)
{
    l->problem = problem;
    return false;
}

static bool append(struct loader *l, const struct vtd_record *r)
{
    struct vtd_trace *t = l->trace;
    if (t->count == RECORDS_MAX)
        return bad(l, "the trace has too many records");
    if (t->count == l->capacity) {
        const size_t capacity = l->capacity ? 2 * l->capacity : 4096;
        struct vtd_record *bigger = realloc(t->record, capacity * sizeof *bigger);
        if (!bigger)
            return bad(l, "out of memory");
        t->record = bigger;
        l->capacity = capacity;
    }
    t->record[t->count++] = *r;
    t->accesses += r->kind <= VTD_RECORD_WRITE;
    return true;
}

/* Puts a device into a domain; one that stands in several lines is in the domain named last. */
static bool add_member(struct loader *l, uint32_t domain, const char *text)
{
    uint16_t sid;
    if (!source_id(text, &sid))
        return bad(l, "want source-ids as BB:DD.F");
    if (!l->place && !(l->place = calloc(MEMBERS_MAX, sizeof *l->place)))
        return bad(l, "out of memory");
    if (l->place[sid] == 0) {
        struct member *bigger = realloc(l->member, (l->members + 1) * sizeof *bigger);
        if (!bigger)
            return bad(l, "out of memory");
        l->member = bigger;
        l->place[sid] = (uint32_t)++l->members;
    }
    l->member[l->place[sid] - 1] = (struct member){.domain = domain, .sid = sid};
    return true;
}

/* "# domains: 7=00:1f.2 8=01:00.0,01:00.1": other comments say nothing to us. */
static bool comment(struct loader *l, char *line)
{
    static const char word[] = "# domains:";
    if (strncmp(line, word, sizeof word - 1) != 0)
        return true;
    char *rest = line + sizeof word - 1;
    for (char *pair; (pair = token(&rest));) {
        char *sids = strchr(pair, '=');
        uint64_t domain;
        if (!sids)
            return bad(l, "want DOMAIN=SID");
        *sids++ = '\0';
        if (!digits(pair, 16, UINT32_MAX, &domain))
            return bad(l, "the domain is no hex number");
        for (char *save, *sid = strtok_r(sids, ",", &save); sid; sid = strtok_r(NULL, ",", &save))
            if (!add_member(l, (uint32_t)domain, sid))
                return false;
    }
    return true;
}

static bool unmap(struct loader *l, char *rest)
{
    const char *domain = token(&rest), *iova = token(&rest), *pages = token(&rest);
    uint64_t d = 0, count = 0;
    struct vtd_record r = {.kind = VTD_RECORD_UNMAP};
    if (!pages || token(&rest))
        return bad(l, "want: inv DOMAIN IOVA PAGES|all");
    const bool every = strcmp(domain, "*") == 0;
    if (!every && !digits(domain, 16, UINT32_MAX, &d))
        return bad(l, "the domain is no hex number");
    if (!digits(iova, 16, UINT64_MAX, &r.iova) || r.iova % 4096)
        return bad(l, "the address is no hex multiple of 0x1000");
    if (strcmp(pages, "all") == 0)
        r.kind = VTD_RECORD_UNMAP_ALL;
    else if (!digits(pages, 10, UINT32_MAX, &count) || count == 0)
        return bad(l, "the number of pages is not 'all' or 1 to 4294967295");
    if (every && r.kind != VTD_RECORD_UNMAP_ALL)
        return bad(l, "domain * goes with 'all' only");
    if (count && r.iova > UINT64_MAX - count * 4096 + 1)
        return bad(l, "the range ends beyond the address space");
    r.pages = (uint32_t)count;
    bool found = false;
    for (size_t i = 0; i < l->members; i++) {
        if (!every && l->member[i].domain != d)
            continue;
        found = true;
        r.sid = l->member[i].sid;
        if (!append(l, &r))
            return false;
    }
    return found || every ? true : bad(l, "no '# domains:' line names the devices of this domain");
}

static bool access(struct loader *l, const char *time, char *rest)
{
    const char *sid = token(&rest), *pasid = token(&rest), *dir = token(&rest), *iova = token(&rest),
               *len = token(&rest);
    struct vtd_record r = {.kind = VTD_RECORD_READ};
    uint64_t v;
    if (!len || token(&rest))
        return bad(l, "want: TIME SID PASID DIR IOVA LEN, or: inv DOMAIN IOVA PAGES|all");
    if (strspn(time, "0123456789.") != strlen(time))
        return bad(l, "the time is no number");
    if (!source_id(sid, &r.sid))
        return bad(l, "the source-id is not BB:DD.F");
    if (strcmp(pasid, "-") != 0) {
        if (!digits(pasid, 16, 0xfffff, &v))
            return bad(l, "the PASID is not - or a hex number of at most 20 bits");
        r.has_pasid = true;
        r.pasid = (uint32_t)v;
    }
    if (strcmp(dir, "w") == 0)
        r.kind = VTD_RECORD_WRITE;
    else if (strcmp(dir, "r") != 0 && strcmp(dir, "?") != 0)
        return bad(l, "the direction is not r, w or ?");
    if (!digits(iova, 16, UINT64_MAX, &r.iova))
        return bad(l, "the address is no hex number");
    if (!digits(len, 10, 4096, &v) || r.iova % 4096 + v > 4096)
        return bad(l, "the length is no number, or the access crosses a 4 KiB boundary");
    r.len = (uint16_t)(v ? v : 1); /* 0: not known */
    return append(l, &r);
}

static bool take_line(struct loader *l, char *line)
{
    if (*line == '#')
        return comment(l, line);
    char *rest = line;
    const char *first = token(&rest);
    if (!first)
        return true;
    return strcmp(first, "inv") == 0 ? unmap(l, rest) : access(l, first, rest);
}

int vtd_trace_load(struct vtd_trace *trace, const char *file, char *why)
{
    *trace = (struct vtd_trace){0};
    struct loader l = {.trace = trace, .file = file, .why = why};
    struct vtd_lines *lines = vtd_lines_open(file, why);
    if (!lines)
        return -1;
    char *line;
    int status;
    while ((status = vtd_lines_next(lines, &line, why)) > 0)
        if (!take_line(&l, line)) {
            snprintf(why, VTD_WHY_SIZE, "%.120s:%lu: %s", file, vtd_lines_number(lines), l.problem);
            status = -1;
            break;
        }
    if (status == 0 && trace->accesses == 0) {
        snprintf(why, VTD_WHY_SIZE, "%.120s: the trace holds no access", file);
        status = -1;
    }
    vtd_lines_close(lines);
    free(l.member);
    free(l.place);
    if (status != 0)
        vtd_trace_free(trace);
    return status;
}

void vtd_trace_free(struct vtd_trace *trace)
{
    free(trace->record);
    *trace = (struct vtd_trace){0};
}
