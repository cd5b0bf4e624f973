/* SPDX-License-Identifier: MIT */
/* Items of a trace as lines of text. See trace_item.h. */
#include "config/text.h"
#include "lines.h"
#include "trace_item.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NS_PER_MS 1000000u

/* A comment is a line that no reader takes for a record: it begins with #, or is blank. */
static const char *comment_problem(const char *text, size_t length)
{
    if (length > VTD_LINE_MAX)
        return "the comment is too long";
    if (length && (memchr(text, '\n', length) || memchr(text, '\0', length)))
        return "the comment is no line of text";
    if (length && text[0] == '#')
        return NULL;
    for (size_t i = 0; i < length; i++)
        if (!strchr(" \t\r", text[i]))
            return "the comment does not begin with #";
    return NULL;
}

const char *vtd_item_problem(const struct vtd_trace_item *item)
{
    if (vtd_item_is_access(item)) {
        if (item->has_pasid && item->pasid > 0xfffff)
            return "the PASID has more than 20 bits";
        if (item->time_ns > VTD_ITEM_TIME_MAX)
            return "the time is beyond 2^63 - 1 ns";
        return item->iova % 4096 + item->len > 4096 ? "the access crosses a 4 KiB boundary" : NULL;
    }
    if (item->kind == VTD_ITEM_DETACH)
        return item->has_pasid && item->pasid > 0xfffff ? "the PASID has more than 20 bits" : NULL;
    if (item->kind == VTD_ITEM_COMMENT)
        return comment_problem(item->text, item->text_length);
    if (item->kind != VTD_ITEM_INV_PAGES)
        return NULL;
    if (item->iova % 4096)
        return "the address is no multiple of 0x1000";
    if (item->pages == 0)
        return "there are no pages";
    return item->iova > UINT64_MAX - (uint64_t)item->pages * 4096 + 1 ? "the range ends beyond the address space"
                                                                      : NULL;
}

/* ---------------------------------------------------------------- reading */

char *vtd_item_token(char **rest)
{
    char *p = *rest + strspn(*rest, " \t\r");
    if (*p == '\0')
        return NULL;
    char *end = p + strcspn(p, " \t\r");
    *rest = *end ? end + 1 : end;
    *end = '\0';
    return p;
}

bool vtd_item_digits(const char *text, unsigned base, uint64_t max, uint64_t *value)
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
    *value = v;
    return true;
}

bool vtd_item_parse_requester(char *text, uint16_t *sid, bool *has_pasid, uint32_t *pasid)
{
    char *slash = strchr(text, '/');
    uint64_t v = 0;
    if (slash)
        *slash = '\0';
    *has_pasid = slash != NULL;
    if (vtd_source_id_read(text, sid) != VTD_NUMBER_OK || (slash && !vtd_item_digits(slash + 1, 16, 0xfffff, &v)))
        return false;
    *pasid = (uint32_t)v;
    return true;
}

/* Milliseconds with at most six decimals. */
static bool time_of(char *text, uint64_t *time_ns)
{
    uint64_t ms, fraction = 0;
    char *point = strchr(text, '.');
    size_t decimals = 0;
    if (point) {
        *point++ = '\0';
        decimals = strlen(point);
        if (decimals > 6 || !vtd_item_digits(point, 10, NS_PER_MS, &fraction))
            return false;
    }
    if (!vtd_item_digits(text, 10, VTD_ITEM_TIME_MAX / NS_PER_MS, &ms))
        return false;
    for (; decimals < 6; decimals++)
        fraction *= 10;
    *time_ns = ms * NS_PER_MS + fraction;
    return *time_ns <= VTD_ITEM_TIME_MAX;
}

static bool bad(const char **problem, const char *what)
{
    *problem = what;
    return false;
}

static bool parse_inv(char *rest, struct vtd_trace_item *item, const char **problem)
{
    const char *domain = vtd_item_token(&rest), *iova = vtd_item_token(&rest), *pages = vtd_item_token(&rest);
    uint64_t d = 0, count = 0;
    if (!pages || vtd_item_token(&rest))
        return bad(problem, "want: inv DOMAIN IOVA PAGES|all");
    const bool every = strcmp(domain, "*") == 0, all = strcmp(pages, "all") == 0;
    if (!every && !vtd_item_digits(domain, 16, UINT32_MAX, &d))
        return bad(problem, "the domain is no hex number");
    if (!vtd_item_digits(iova, 16, UINT64_MAX, &item->iova) || item->iova % 4096)
        return bad(problem, "the address is no hex multiple of 0x1000");
    if (!all && (!vtd_item_digits(pages, 10, UINT32_MAX, &count) || count == 0))
        return bad(problem, "the number of pages is not 'all' or 1 to 4294967295");
    if (every && !all)
        return bad(problem, "domain * goes with 'all' only");
    if (all)
        item->iova = 0; /* it says nothing */
    item->kind = every ? VTD_ITEM_INV_ALL : all ? VTD_ITEM_INV_DOMAIN : VTD_ITEM_INV_PAGES;
    item->domain = (uint32_t)d;
    item->pages = (uint32_t)count;
    *problem = vtd_item_problem(item);
    return !*problem;
}

/* A PASID, or - for none. */
static bool parse_pasid(const char *text, struct vtd_trace_item *item, const char **problem)
{
    uint64_t v = 0;
    item->has_pasid = strcmp(text, "-") != 0;
    if (item->has_pasid && !vtd_item_digits(text, 16, 0xfffff, &v))
        return bad(problem, "the PASID is not - or a hex number of at most 20 bits");
    item->pasid = (uint32_t)v;
    return true;
}

static bool parse_detach(char *rest, struct vtd_trace_item *item, const char **problem)
{
    const char *sid = vtd_item_token(&rest), *pasid = vtd_item_token(&rest);
    item->kind = VTD_ITEM_DETACH;
    if (!pasid || vtd_item_token(&rest))
        return bad(problem, "want: detach SID PASID");
    if (vtd_source_id_read(sid, &item->sid) != VTD_NUMBER_OK)
        return bad(problem, "the source-id is not BB:DD.F");
    return parse_pasid(pasid, item, problem);
}

static bool parse_access(char *time, char *rest, struct vtd_trace_item *item, const char **problem)
{
    const char *sid = vtd_item_token(&rest), *pasid = vtd_item_token(&rest), *dir = vtd_item_token(&rest),
               *iova = vtd_item_token(&rest), *len = vtd_item_token(&rest);
    uint64_t v;
    if (!len || vtd_item_token(&rest))
        return bad(problem, "want: TIME SID PASID DIR IOVA LEN, or: inv DOMAIN IOVA PAGES|all");
    if (!time_of(time, &item->time_ns))
        return bad(problem, "the time is no number of milliseconds with at most six decimals");
    if (vtd_source_id_read(sid, &item->sid) != VTD_NUMBER_OK)
        return bad(problem, "the source-id is not BB:DD.F");
    if (!parse_pasid(pasid, item, problem))
        return false;
    if (!strchr("rw?", dir[0]) || dir[1])
        return bad(problem, "the direction is not r, w or ?");
    item->kind = dir[0] == 'r' ? VTD_ITEM_READ : dir[0] == 'w' ? VTD_ITEM_WRITE : VTD_ITEM_ACCESS;
    if (!vtd_item_digits(iova, 16, UINT64_MAX, &item->iova))
        return bad(problem, "the address is no hex number");
    if (!vtd_item_digits(len, 10, 4096, &v) || item->iova % 4096 + v > 4096)
        return bad(problem, "the length is no number, or the access crosses a 4 KiB boundary");
    item->len = (uint16_t)v;
    return true;
}

bool vtd_item_parse(char *line, struct vtd_trace_item *item, const char **problem)
{
    *item = (struct vtd_trace_item){0};
    if (*line == '#' || line[strspn(line, " \t\r")] == '\0') {
        item->kind = VTD_ITEM_COMMENT;
        item->text = line;
        item->text_length = strlen(line);
        return true;
    }
    char *rest = line;
    char *first = vtd_item_token(&rest);
    if (strcmp(first, "detach") == 0)
        return parse_detach(rest, item, problem);
    return strcmp(first, "inv") == 0 ? parse_inv(rest, item, problem) : parse_access(first, rest, item, problem);
}

/* ---------------------------------------------------------------- writing */

static int format_access(const struct vtd_trace_item *i, char *text)
{
    char time[40], pasid[16] = "-";
    int n = snprintf(time, sizeof time, "%" PRIu64 ".%06u", i->time_ns / NS_PER_MS, (unsigned)(i->time_ns % NS_PER_MS));
    while (time[n - 1] == '0')
        n--;
    time[time[n - 1] == '.' ? n - 1 : n] = '\0'; /* no more decimals than needed */
    if (i->has_pasid)
        snprintf(pasid, sizeof pasid, "%x", i->pasid);
    return snprintf(text, VTD_ITEM_TEXT_MAX, "%s %02x:%02x.%x %s %c %" PRIx64 " %u\n", time, i->sid >> 8,
                    i->sid >> 3 & 31, i->sid & 7, pasid, "rw?"[i->kind], i -> iova, i -> len);
}

static int format_detach(const struct vtd_trace_item *i, char *text)
{
    char pasid[16] = "-";
    if (i->has_pasid)
        snprintf(pasid, sizeof pasid, "%x", i->pasid);
    return snprintf(text, VTD_ITEM_TEXT_MAX, "detach %02x:%02x.%x %s\n", i->sid >> 8, i->sid >> 3 & 31, i->sid & 7,
                    pasid);
}

size_t vtd_item_format(const struct vtd_trace_item *i, char text[VTD_ITEM_TEXT_MAX])
{
    int n;
    if (vtd_item_is_access(i))
        n = format_access(i, text);
    else if (i->kind == VTD_ITEM_DETACH)
        n = format_detach(i, text);
    else if (i->kind == VTD_ITEM_INV_PAGES)
        n = snprintf(text, VTD_ITEM_TEXT_MAX, "inv %x %" PRIx64 " %u\n", i->domain, i->iova, i->pages);
    else if (i->kind == VTD_ITEM_INV_DOMAIN)
        n = snprintf(text, VTD_ITEM_TEXT_MAX, "inv %x 0 all\n", i->domain);
    else
        n = snprintf(text, VTD_ITEM_TEXT_MAX, "inv * 0 all\n");
    return (size_t)n;
}
