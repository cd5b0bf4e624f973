/* SPDX-License-Identifier: MIT */
/* How results are called in titles and at axes. See report.h. */
#include "report.h"

#include <string.h>

const struct vtd_report_column vtd_report_columns[] = {
    {"pasid_cache_hit_rate", "Hit rate of the PASID cache", "hit rate", "pasid_cache."},
    {"iotlb_hit_rate", "Hit rate of the IOTLB", "hit rate", "iotlb."},
    {"pasid_dir_hit_rate", "Hit rate of the PASID directory cache", "hit rate", "pasid_dir_cache."},
    {"pasid_prefetch_use_rate", "Prefetched PASID entries that are used", "share", "pasid_cache.prefetch"},
    {"ctxt_cache_hit_rate", "Hit rate of the context cache", "hit rate", "context_cache."},
    {"fs_nonleaf_hit_rate", "Hit rate of the first-stage paging-structure cache", "hit rate", "fs_psc."},
    {"ss_nonleaf_hit_rate", "Hit rate of the second-stage paging-structure cache", "hit rate", "ss_psc."},
    {"int_cache_hit_rate", "Hit rate of the interrupt entry cache", "hit rate", "iec."},
    {"device_tlb_hit_rate", "Hit rate of the device TLBs", "hit rate", "device_tlb."},
    {"pasid_dir_hit_rate", "Hit rate of PASID directory entries", "hit rate", "pasid_dir_cache."},
    {"memory_reads_per_request", "Reads of tables per request", "reads per request", NULL},
    {"memory_reads_per_iotlb_miss", "Reads of tables per IOTLB miss", "reads per miss", NULL},
    {"latency_mean", "Mean latency", "cycles", NULL},
    {"timing.latency.all.mean", "Mean latency", "cycles", NULL},
    {"timing.latency.all.p50", "Median of the latency", "cycles", NULL},
    {"timing.latency.all.p90", "90th percentile of the latency", "cycles", NULL},
    {"timing.latency.all.p99", "99th percentile of the latency", "cycles", NULL},
    {"timing.latency.all.p99_9", "99.9th percentile of the latency", "cycles", NULL},
    {"timing.latency.all.max", "Greatest latency", "cycles", NULL},
    {"timing.requests_per_second", "Throughput", "requests per second", NULL},
    {NULL, NULL, NULL, NULL},
};

const char *vtd_report_column_title(const char *name)
{
    for (const struct vtd_report_column *c = vtd_report_columns; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c->title;
    return name;
}

const char *vtd_report_column_label(const char *name)
{
    for (const struct vtd_report_column *c = vtd_report_columns; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c->label;
    return name;
}
