/* SPDX-License-Identifier: MIT */
/* What vtdsim linux prints. See linux_boot.h. */
#include "linux_boot.h"

#include <inttypes.h>
#include <stdio.h>

static const char *verdict_name(const struct vtd_verdict_test *t)
{
    static const char *const name[] = {"PASS", "FAIL", "SKIP"};
    return name[t->result];
}

static void cache_line(const char *name, uint64_t lookup, uint64_t hit, uint64_t evict, uint64_t invalidate)
{
    printf("%-22s %12" PRIu64 " %12" PRIu64, name, lookup, hit);
    if (lookup)
        printf(" %7.2f %%", 100 * (double)hit / (double)lookup);
    else
        printf(" %9s", "-");
    printf(" %11" PRIu64 " %11" PRIu64 "\n", evict, invalidate);
}

static void print_stats(const struct vtd_linux_result *r)
{
    const struct vtd_stats *s = &r->stats;
    printf("\n%-22s %12s %12s %9s %11s %11s\n", "cache", "lookups", "hits", "hit rate", "evicted", "invalidated");
#define LINE(text, name) cache_line(text, s->name##_lookup, s->name##_hit, s->name##_evict, s->name##_invalidate)
    LINE("IOTLB", iotlb);
    LINE("context cache", ctxt_cache);
    LINE("PASID cache", pasid_cache);
    LINE("first-stage tables", fs_nonleaf);
    LINE("second-stage tables", ss_nonleaf);
    LINE("interrupt entries", int_cache);
#undef LINE
    printf("\nrequests %" PRIu64 ", faults %" PRIu64 ", register reads %" PRIu64 ", writes %" PRIu64
           ", interrupts to the processors %" PRIu64 "\n",
           s->requests, s->faults, r->register_reads, r->register_writes, r->interrupts);
    for (unsigned i = 0; i < 256; i++)
        if (s->faults_by_reason[i])
            printf("%12" PRIu64 " x %-8s %s\n", s->faults_by_reason[i], vtd_fault_name((uint8_t)i),
                   vtd_fault_description((uint8_t)i));
}

void vtd_linux_print(const struct vtd_linux_run *run, const struct vtd_linux_result *r)
{
    const struct vtd_verdict *v = &r->verdict;
    printf("run            %s: %s\n", run->name, run->about);
    for (unsigned i = 0; i < v->tests; i++)
        printf("%-14s %s%s%s\n", v->test[i].name, verdict_name(&v->test[i]), v->test[i].reason[0] ? ": " : "",
               v->test[i].reason);
    printf("boot           %s%s%s\n", r->good ? "PASS" : "FAIL", r->why[0] ? ": " : "", r->why);
    printf("time           %.1f s, %.1f s of them until the tests began\n", r->seconds, r->up);
    printf("console        %s\n", r->log);
    print_stats(r);
}

void vtd_linux_print_head(void)
{
    printf("%-14s %-7s %6s %6s %6s %8s %9s %7s  %s\n", "run", "verdict", "tests", "failed", "skip", "time s",
           "requests", "faults", "");
}

void vtd_linux_print_row(const struct vtd_linux_run *run, const struct vtd_linux_result *r)
{
    const struct vtd_verdict *v = &r->verdict;
    printf("%-14s %-7s %6u %6u %6u %8.1f %9" PRIu64 " %7" PRIu64 "  %s\n", run->name, r->good ? "PASS" : "FAIL",
           v->tests, v->failed, v->skipped, r->seconds, r->stats.requests, r->stats.faults,
           r->why[0] ? r->why : run->about);
    for (unsigned i = 0; i < v->tests; i++)
        if (v->test[i].result == VTD_VERDICT_FAIL)
            printf("    %s: %s\n", v->test[i].name, v->test[i].reason);
}
