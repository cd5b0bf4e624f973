/* SPDX-License-Identifier: MIT */
/* What a result of vtdsim run consists of: the one list behind JSON, CSV and the rows of a sweep. See run.h. */
#include "run.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>

/* What is told of the devices, beside the counters of the unit. */
static const struct {
    const char *name;
    size_t offset;
} device_counters[] = {
    {"device_tlb_lookup", offsetof(struct vtd_requester_stats, lookups)},
    {"device_tlb_hit", offsetof(struct vtd_requester_stats, hits)},
    {"device_tlb_miss", offsetof(struct vtd_requester_stats, misses)},
    {"device_tlb_fill", offsetof(struct vtd_requester_stats, fills)},
    {"device_tlb_evict", offsetof(struct vtd_requester_stats, evictions)},
    {"device_tlb_invalidate", offsetof(struct vtd_requester_stats, invalidated)},
    {"device_translation_requests", offsetof(struct vtd_requester_stats, translation_requests)},
    {"device_translated_requests", offsetof(struct vtd_requester_stats, translated_requests)},
    {"device_untranslated_requests", offsetof(struct vtd_requester_stats, untranslated_requests)},
    {"device_ats_lost", offsetof(struct vtd_requester_stats, ats_lost)},
};

struct visitor {
    vtd_run_visit *visit;
    void *arg;
};

static void integer(const struct visitor *v, const char *group, const char *name, uint64_t value)
{
    v->visit(v->arg, &(struct vtd_run_column){.group = group, .name = name, .kind = VTD_RUN_INTEGER, .integer = value});
}

static void real(const struct visitor *v, const char *group, const char *name, double value)
{
    v->visit(v->arg, &(struct vtd_run_column){.group = group, .name = name, .kind = VTD_RUN_REAL, .real = value});
}

static void string(const struct visitor *v, const char *group, const char *name, const char *value)
{
    v->visit(v->arg, &(struct vtd_run_column){.group = group, .name = name, .kind = VTD_RUN_STRING, .text = value});
}

static uint64_t field(const void *stats, size_t offset)
{
    return *(const uint64_t *)((const char *)stats + offset);
}

static void visit_counters(const struct vtd_run *run, const struct visitor *v)
{
    const char *name;
    size_t offset;
    for (unsigned i = 0; (name = vtd_counter_name(i, NULL, &offset)); i++)
        integer(v, "counters", name, field(&run->play.stats, offset));
    for (unsigned i = 0; i < sizeof device_counters / sizeof device_counters[0]; i++)
        integer(v, "counters", device_counters[i].name, field(&run->play.devices, device_counters[i].offset));
}

static double ratio(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

/* Hit rates are hits per lookup; the others are per request. */
static void visit_rates(const struct vtd_run *run, const struct visitor *v)
{
    const struct vtd_stats *s = &run->play.stats;
    const struct vtd_requester_stats *d = &run->play.devices;
    const struct {
        const char *name;
        double value;
    } rates[] = {
        {"ctxt_cache_hit_rate", ratio(s->ctxt_cache_hit, s->ctxt_cache_lookup)},
        {"pasid_cache_hit_rate", ratio(s->pasid_cache_hit, s->pasid_cache_lookup)},
        {"pasid_dir_hit_rate", ratio(s->pasid_dir_hit, s->pasid_dir_lookup)},
        {"pasid_prefetch_use_rate", ratio(s->pasid_prefetch_useful, s->pasid_prefetch_read)},
        {"iotlb_hit_rate", ratio(s->iotlb_hit, s->iotlb_lookup)},
        {"fs_nonleaf_hit_rate", ratio(s->fs_nonleaf_hit, s->fs_nonleaf_lookup)},
        {"ss_nonleaf_hit_rate", ratio(s->ss_nonleaf_hit, s->ss_nonleaf_lookup)},
        {"int_cache_hit_rate", ratio(s->int_cache_hit, s->int_cache_lookup)},
        {"memory_reads_per_request", ratio(s->memory_reads, s->requests)},
        {"memory_reads_per_iotlb_miss", ratio(s->memory_reads, s->iotlb_miss)},
        {"device_tlb_hit_rate", ratio(d->hits, d->lookups)},
    };
    for (unsigned i = 0; i < sizeof rates / sizeof rates[0]; i++)
        real(v, "rates", rates[i].name, rates[i].value);
}

static void visit_key(void *arg, const char *key, const char *value, bool number)
{
    if (number)
        integer(arg, VTD_RUN_GROUP_CONFIG, key, strtoull(value, NULL, 10));
    else
        string(arg, VTD_RUN_GROUP_CONFIG, key, value);
}

static void visit_time(void *arg, const struct vtd_time_value *value)
{
    if (value->is_real)
        real(arg, value->group, value->name, value->real);
    else
        integer(arg, value->group, value->name, value->integer);
}

void vtd_run_for_each_column(const struct vtd_run *run, vtd_run_visit *visit, void *arg)
{
    struct visitor v = {visit, arg};
    char hash[24];
    snprintf(hash, sizeof hash, "%016" PRIx64, vtd_sim_config_hash(&run->play.config));
    string(&v, NULL, "config_hash", hash);
    visit_counters(run, &v);
    visit_rates(run, &v);
    if (run->play.time.on)
        vtd_play_time_for_each(&run->play.time.results, visit_time, &v);
    vtd_sim_config_for_each(&run->play.config, visit_key, &v);
}
