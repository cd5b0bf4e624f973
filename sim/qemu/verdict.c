/* SPDX-License-Identifier: MIT */
/* Reads a guest's console. See verdict.h. */
#include "verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHY_SIZE 256

/* What a healthy kernel over a correct unit never says. */
static const char *const complaint[] = {
    "Kernel panic",
    "BUG:",
    "WARNING: CPU",
    "Oops:",
    "general protection fault",
    "hardware is malfunctioning",
    "Flush IOTLB failed",
    "DMAR: Invalid",
    "Invalidation Queue Error",
    "Invalidation Time-out",
    "Invalidation Completion Error",
    "blocked for more than",
    "soft lockup",
    "rcu_sched detected",
};

/* Behind "[    1.234567] " and, where the kernel is told to add it, the thread. */
static const char *without_stamp(const char *line)
{
    if (*line != '[')
        return line;
    const char *end = strchr(line, ']');
    if (!end)
        return line;
    while (*++end == ' ')
        ;
    return end;
}

void vtd_verdict_init(struct vtd_verdict *v)
{
    *v = (struct vtd_verdict){.status = -1};
}

static void copy(char *to, size_t size, const char *from, size_t length)
{
    if (length >= size)
        length = size - 1;
    memcpy(to, from, length);
    to[length] = '\0';
}

/* NAME RESULT[: reason]. A result that is not known is a failure: it must not pass for a test that was not run. */
static enum vtd_verdict_line take_test(struct vtd_verdict *v, const char *text)
{
    const size_t name = strcspn(text, " ");
    const char *result = text + name + (text[name] == ' ');
    struct vtd_verdict_test t = {.result = VTD_VERDICT_FAIL};
    copy(t.name, sizeof(t.name), text, name);
    const char *reason = strstr(result, ": ");
    if (reason)
        copy(t.reason, sizeof(t.reason), reason + 2, strlen(reason + 2));
    if (strcmp(result, "PASS") == 0)
        t.result = VTD_VERDICT_PASS;
    else if (strncmp(result, "SKIP", 4) == 0)
        t.result = VTD_VERDICT_SKIP;
    else if (strncmp(result, "FAIL", 4) != 0)
        copy(t.reason, sizeof(t.reason), result, strlen(result));
    v->failed += t.result == VTD_VERDICT_FAIL;
    v->skipped += t.result == VTD_VERDICT_SKIP;
    if (v->tests == VTD_VERDICT_TESTS) {
        v->dropped++;
        return VTD_VERDICT_LINE_OTHER;
    }
    v->test[v->tests++] = t;
    return VTD_VERDICT_LINE_TEST;
}

static void look_for_complaints(struct vtd_verdict *v, const char *text)
{
    for (size_t i = 0; i < sizeof(complaint) / sizeof(*complaint); i++) {
        if (!strstr(text, complaint[i]))
            continue;
        if (v->complaints++ == 0)
            copy(v->complaint, sizeof(v->complaint), text, strlen(text));
        return;
    }
}

enum vtd_verdict_line vtd_verdict_take(struct vtd_verdict *v, const char *line)
{
    const char *text = without_stamp(line);
    if (strncmp(text, "VTD-TEST ", 9) == 0)
        return take_test(v, text + 9);
    if (strncmp(text, "VTD-STATUS ", 11) == 0) {
        v->status = atoi(text + 11);
        return VTD_VERDICT_LINE_OTHER;
    }
    if (strcmp(text, "VTD-START") == 0) {
        v->started = true;
        return VTD_VERDICT_LINE_START;
    }
    if (strcmp(text, "VTD-END") == 0) {
        v->ended = true;
        return VTD_VERDICT_LINE_END;
    }
    v->driver |= strstr(text, "DMAR: Intel(R) Virtualization Technology for Directed I/O") != NULL;
    v->faults += strstr(text, "fault reason") != NULL;
    look_for_complaints(v, text);
    return VTD_VERDICT_LINE_OTHER;
}

bool vtd_verdict_good(const struct vtd_verdict *v, char *why)
{
    if (v->complaints)
        snprintf(why, WHY_SIZE, "the kernel says: %s", v->complaint);
    else if (!v->started)
        snprintf(why, WHY_SIZE, "the guest did not come up");
    else if (!v->driver)
        snprintf(why, WHY_SIZE, "the kernel's driver for the unit did not start");
    else if (v->failed)
        snprintf(why, WHY_SIZE, "%u of %u tests failed", v->failed, v->tests + v->dropped);
    else if (!v->ended)
        snprintf(why, WHY_SIZE, "the guest did not come to its end");
    else if (v->status > 0)
        snprintf(why, WHY_SIZE, "the test program ended with status %d", v->status);
    else
        return true;
    return false;
}
