/* SPDX-License-Identifier: MIT */
/* Warm-up and region of interest. See region.h. */
#include "region.h"

#include "config/text.h"
#include "vtd/vtd.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    OPT_WARMUP = 0x2100,
    OPT_ROI,
};

static const struct argp_option options[] = {
    {0, 0, 0, 0, "What counts:", 3},
    {"warmup", OPT_WARMUP, "N|N%", 0, "Statistics start after N requests, or N percent of them; caches stay warm", 3},
    {"roi", OPT_ROI, "A:B", 0, "Statistics are of the requests A to B, from 1; those after B are not played", 3},
    {0},
};

static void set_warmup(const struct argp_state *state, struct vtd_region *r, const char *text)
{
    char number[32];
    uint64_t n;
    const size_t length = strlen(text);
    const bool percent = length && text[length - 1] == '%';
    if (length >= sizeof number)
        argp_error(state, "--warmup %.40s: want a number of requests, or of percent", text);
    memcpy(number, text, length + 1);
    number[length - percent] = '\0';
    if (!vtd_number_parse(number, &n) || (percent && n > 99))
        argp_error(state, "--warmup %s: want a number of requests, or 0%% to 99%%", text);
    r->warmup = percent ? 0 : n;
    r->warmup_percent = percent ? (unsigned)n : 0;
}

static void set_roi(const struct argp_state *state, struct vtd_region *r, const char *text)
{
    char first[32];
    const char *colon = strchr(text, ':');
    const size_t length = colon ? (size_t)(colon - text) : 0;
    if (length && length < sizeof first) {
        memcpy(first, text, length);
        first[length] = '\0';
        if (vtd_number_parse(first, &r->first) && vtd_number_parse(colon + 1, &r->last) && r->first >= 1 &&
            r->first <= r->last)
            return;
    }
    argp_error(state, "--roi %s: want FIRST:LAST, numbers of requests from 1 in ascending order", text);
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct vtd_region *r = state->input;
    switch (key) {
    case OPT_WARMUP:
        set_warmup(state, r, argument);
        return 0;
    case OPT_ROI:
        set_roi(state, r, argument);
        return 0;
    case ARGP_KEY_END:
        if (r->first && (r->warmup || r->warmup_percent))
            argp_error(state, "give one of --warmup and --roi: --roi A:B has a warm-up of A - 1 requests");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp vtd_region_options = {.options = options, .parser = parse_option};

int vtd_region_resolve(struct vtd_region *r, uint64_t requests, uint64_t total, char *why)
{
    const uint64_t known = requests < total ? requests : total;
    r->limit = r->first ? r->last : requests;
    r->skipped = r->first ? r->first - 1 : r->warmup;
    if (r->warmup_percent) {
        if (known == UINT64_MAX) {
            snprintf(why, VTD_WHY_SIZE,
                     "--warmup %u%%: how many requests a trace has is known at its end: give their number with -n",
                     r->warmup_percent);
            return -1;
        }
        r->skipped = known / 100 * r->warmup_percent + known % 100 * r->warmup_percent / 100;
    }
    if (known == UINT64_MAX || known > r->skipped)
        return 0;
    snprintf(why, VTD_WHY_SIZE, "%s: nothing is left to count of %" PRIu64 " requests", r->first ? "--roi" : "--warmup",
             known);
    return -1;
}

void vtd_region_print(const struct vtd_region *r, FILE *out)
{
    if (r->first)
        fprintf(out, ", requests %" PRIu64 " to %" PRIu64, r->first, r->last);
    else if (r->skipped)
        fprintf(out, ", after a warm-up of %" PRIu64 " requests", r->skipped);
}

int vtd_region_check(const struct vtd_region *r, uint64_t done, char *why)
{
    if (done > r->skipped && (!r->first || done == r->last))
        return 0;
    if (r->first)
        snprintf(why, VTD_WHY_SIZE, "--roi %" PRIu64 ":%" PRIu64 ": the workload has %" PRIu64 " requests", r->first,
                 r->last, done);
    else
        snprintf(why, VTD_WHY_SIZE,
                 "--warmup: the workload has %" PRIu64 " requests, and statistics were to start after %" PRIu64, done,
                 r->skipped);
    return -1;
}
