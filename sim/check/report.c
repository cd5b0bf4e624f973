/* SPDX-License-Identifier: MIT */
/* Keeps reports: each once, not too many of a kind, none that is silenced. */
#define _POSIX_C_SOURCE 200809L
#include "internal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *section, *text;
} checks[VTD_CHECKS] = {
#define VTD_CHECK(ID, name, section, text) {name, section, text},
#include "check/checks.def"
#undef VTD_CHECK
};

const char *vtd_check_name(enum vtd_check_id id)
{
    return (unsigned)id < VTD_CHECKS ? checks[id].name : NULL;
}

const char *vtd_check_section(enum vtd_check_id id)
{
    return (unsigned)id < VTD_CHECKS ? checks[id].section : NULL;
}

const char *vtd_check_text(enum vtd_check_id id)
{
    return (unsigned)id < VTD_CHECKS ? checks[id].text : NULL;
}

bool vtd_check_suppress(struct vtd_check *check, const char *line, char *why)
{
    const size_t length = strcspn(line, ":");
    int id = -2;
    if (length == 1 && line[0] == '*')
        id = -1;
    for (int i = 0; i < VTD_CHECKS; i++)
        if (strlen(checks[i].name) == length && memcmp(checks[i].name, line, length) == 0)
            id = i;
    if (id == -2) {
        if (why)
            snprintf(why, VTD_WHY_SIZE, "there is no check '%.*s'", (int)(length < 100 ? length : 100), line);
        return false;
    }
    struct suppression *more =
        realloc(check->suppressions, (check->suppression_count + 1) * sizeof *check->suppressions);
    char *text = strdup(line[length] ? line + length + 1 : "");
    if (more)
        check->suppressions = more;
    if (!more || !text) {
        free(text);
        if (why)
            snprintf(why, VTD_WHY_SIZE, "memory is out");
        return false;
    }
    check->suppressions[check->suppression_count++] = (struct suppression){.id = id, .text = text};
    return true;
}

static bool is_silent(const struct vtd_check *check, enum vtd_check_id id, const char *what)
{
    for (unsigned i = 0; i < check->suppression_count; i++) {
        const struct suppression *s = &check->suppressions[i];
        if ((s->id == -1 || s->id == (int)id) && strstr(what, s->text))
            return true;
    }
    return false;
}

static bool is_known(const struct vtd_check *check, enum vtd_check_id id, const char *what)
{
    for (unsigned i = 0; i < check->report_count; i++)
        if (check->reports[i].report.id == id && strcmp(check->reports[i].report.what, what) == 0)
            return true;
    return false;
}

static void keep(struct vtd_check *check, enum vtd_check_id id, const char *what, const char *owed, const char *since)
{
    if (check->report_count == check->report_room) {
        const unsigned room = check->report_room ? 2 * check->report_room : 16;
        struct kept_report *more = realloc(check->reports, room * sizeof *more);
        if (!more)
            return;
        check->reports = more;
        check->report_room = room;
    }
    const size_t a = strlen(what) + 1, b = strlen(owed) + 1, c = strlen(since) + 1;
    char *text = malloc(a + b + c);
    if (!text)
        return;
    memcpy(text, what, a);
    memcpy(text + a, owed, b);
    memcpy(text + a + b, since, c);
    check->reports[check->report_count++] = (struct kept_report){
        .text = text,
        .report = {.id = id,
                   .request = check->requests,
                   .waits = check->waits,
                   .what = text,
                   .owed = text + a,
                   .since = text + a + b},
    };
}

bool check_report(struct vtd_check *check, enum vtd_check_id id, const char *owed, const char *since, const char *what,
                  ...)
{
    char text[1400];
    va_list arguments;
    va_start(arguments, what);
    vsnprintf(text, sizeof text, what, arguments);
    va_end(arguments);
    if (is_silent(check, id, text) || is_known(check, id, text))
        return false;
    check->total++;
    if (check->by_check[id]++ < check->options.limit)
        keep(check, id, text, owed, since);
    return true;
}

uint64_t vtd_check_count(const struct vtd_check *check)
{
    return check->total;
}

bool vtd_check_get(const struct vtd_check *check, unsigned i, struct vtd_check_report *report)
{
    if (i >= check->report_count)
        return false;
    *report = check->reports[i].report;
    return true;
}
