/* SPDX-License-Identifier: MIT */
/*
 * The result of vtdsim run as perf stat -x, prints the same events of a machine's remapping unit under Linux: one line for
 * each event that Linux's intel-iommu driver names.
 */
#include "run.h"

#include <inttypes.h>

/*
 * Value, unit, event, run time, percentage of the time that the counter ran, metric, unit of the metric. The unit of
 * these events is empty, and there is no metric. The model has no time, so the run time is 0.
 */
#define REST "0,100.00,,"

static void print(FILE *out, const char *name, uint64_t value)
{
    fprintf(out, "%" PRIu64 ",,dmar0/%s/," REST "\n", value, name);
}

/* As perf says it of an event that a unit lacks. */
static void print_absent(FILE *out, const char *name)
{
    fprintf(out, "<not supported>,,dmar0/%s/," REST "\n", name);
}

void vtd_run_write_perf_stat(const struct vtd_stats *stats, FILE *out)
{
#define VTD_PERF_EVENT(NAME, name, in_linux, group, bit, counter, description)                                         \
    if (in_linux)                                                                                                      \
        print(out, #name, stats->counter);
#define VTD_PERF_EVENT_ABSENT(NAME, name, in_linux, group, bit, description)                                           \
    if (in_linux)                                                                                                      \
        print_absent(out, #name);
#include "vtd/defs/perf_events.def"
}
