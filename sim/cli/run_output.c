/* SPDX-License-Identifier: MIT */
/* The result of vtdsim run as a table, as JSON, as CSV. */
#define _POSIX_C_SOURCE 200809L

#include "run.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static uint64_t counter(const void *stats, size_t offset)
{
    return *(const uint64_t *)((const char *)stats + offset);
}

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

enum {
    DEVICE_COUNTERS = sizeof device_counters / sizeof device_counters[0]
};

/* ---------------------------------------------------------------- rates */

struct rate {
    const char *name;
    double value;
};

static double ratio(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

#define RATES 9

/* Hit rates are hits per lookup; the others are per request. */
static void rates_of(const struct vtd_run *run, struct rate rates[RATES])
{
    const struct vtd_stats *s = &run->play.stats;
    const struct vtd_requester_stats *d = &run->play.devices;
    const struct rate all[RATES] = {
        {"ctxt_cache_hit_rate", ratio(s->ctxt_cache_hit, s->ctxt_cache_lookup)},
        {"pasid_cache_hit_rate", ratio(s->pasid_cache_hit, s->pasid_cache_lookup)},
        {"iotlb_hit_rate", ratio(s->iotlb_hit, s->iotlb_lookup)},
        {"fs_nonleaf_hit_rate", ratio(s->fs_nonleaf_hit, s->fs_nonleaf_lookup)},
        {"ss_nonleaf_hit_rate", ratio(s->ss_nonleaf_hit, s->ss_nonleaf_lookup)},
        {"int_cache_hit_rate", ratio(s->int_cache_hit, s->int_cache_lookup)},
        {"memory_reads_per_request", ratio(s->memory_reads, s->requests)},
        {"memory_reads_per_iotlb_miss", ratio(s->memory_reads, s->iotlb_miss)},
        {"device_tlb_hit_rate", ratio(d->hits, d->lookups)},
    };
    memcpy(rates, all, sizeof all);
}

/* ---------------------------------------------------------------- text */

static void row(FILE *out, const char *name, const struct vtd_cache_geometry *g, uint64_t lookup, uint64_t hit,
                uint64_t evict, uint64_t invalidate)
{
    char shape[32];
    if (g->entries == 0)
        snprintf(shape, sizeof shape, "off");
    else if (g->ways == 0 || g->ways == g->entries)
        snprintf(shape, sizeof shape, "%u full", g->entries);
    else
        snprintf(shape, sizeof shape, "%u x %u", g->entries / g->ways, g->ways);
    fprintf(out, "%-30s %11s %12" PRIu64 " %12" PRIu64, name, shape, lookup, hit);
    if (lookup)
        fprintf(out, " %7.2f %%", 100 * ratio(hit, lookup));
    else
        fprintf(out, " %9s", "-");
    fprintf(out, " %11" PRIu64 " %11" PRIu64 "\n", evict, invalidate);
}

/* The effective configuration, as many keys to a line as fit. */
struct wrapped {
    FILE *out;
    size_t column;
};

static void wrap_key(void *arg, const char *key, const char *value, bool number)
{
    struct wrapped *w = arg;
    (void)number;
    const size_t length = strlen(key) + strlen(value) + 2;
    if (w->column + length > 110) {
        fputs("\n              ", w->out);
        w->column = 14;
    }
    fprintf(w->out, " %s=%s", key, value);
    w->column += length;
}

static void write_text(const struct vtd_run *run, FILE *out)
{
    const struct vtd_stats *s = &run->play.stats;
    const struct vtd_cache_geometry *g = run->play.config.unit.cache;
    fprintf(out, "workload       %s", run->play.trace ? run->play.trace : run->play.spec);
    if (run->play.tenants.spec.count > 1)
        fprintf(out, ", %u tenants by %s, %s", run->play.tenants.spec.count,
                run->play.tenants.spec.id == VTD_TENANT_PASID ? "PASID" : "source-id", run->play.tenants.interleave);
    fprintf(out, "\nconfiguration  %016" PRIx64 "\n", vtd_sim_config_hash(&run->play.config));
    fprintf(out, "requests       %" PRIu64 ", faults %" PRIu64 ", unmaps %" PRIu64 ", pages mapped %" PRIu64 "\n\n",
            s->requests, s->faults, run->play.invalidations, run->play.pages_mapped);
    fprintf(out, "%-30s %11s %12s %12s %9s %11s %11s\n", "cache", "sets x ways", "lookups", "hits", "hit rate",
            "evicted", "invalidated");
#define ROW(text, id, name)                                                                                            \
    row(out, text, &g[id], s->name##_lookup, s->name##_hit, s->name##_evict, s->name##_invalidate)
    ROW("IOTLB", VTD_CACHE_IOTLB, iotlb);
    ROW("context cache", VTD_CACHE_CONTEXT, ctxt_cache);
    ROW("PASID cache", VTD_CACHE_PASID, pasid_cache);
    ROW("first-stage paging structures", VTD_CACHE_FS_PSC, fs_nonleaf);
    ROW("second-stage paging structures", VTD_CACHE_SS_PSC, ss_nonleaf);
#undef ROW
    const struct vtd_requester_stats *d = &run->play.devices;
    if (run->play.config.device_tlb.entries)
        row(out, "device TLBs, of each device", &run->play.config.device_tlb, d->lookups, d->hits, d->evictions,
            d->invalidated);
    fprintf(out, "\nmemory reads   %" PRIu64 ", %.4f per request", s->memory_reads,
            ratio(s->memory_reads, s->requests));
    fprintf(out, " (root %" PRIu64 ", context %" PRIu64 ", PASID directory %" PRIu64 ", PASID entry %" PRIu64,
            s->memory_reads_root, s->memory_reads_context, s->memory_reads_pasid_dir, s->memory_reads_pasid_entry);
    fprintf(out, ", first stage %" PRIu64 ", second stage %" PRIu64 ")\n", s->memory_reads_fs, s->memory_reads_ss);
    fprintf(out,
            "walks          first-stage %" PRIu64 ", second-stage %" PRIu64 ", nested %" PRIu64
            ", pass-through %" PRIu64 "\n",
            s->walks_first_stage, s->walks_second_stage, s->walks_nested, s->walks_pass_through);
    fprintf(out,
            "queue          %" PRIu64 " descriptors: IOTLB %" PRIu64 ", PASID IOTLB %" PRIu64 ", PASID cache %" PRIu64
            ", context cache %" PRIu64 ", wait %" PRIu64 "\n",
            s->inv_descriptors, s->inv_iotlb, s->inv_pasid_iotlb, s->inv_pasid_cache, s->inv_context_cache,
            s->inv_wait);
    if (run->play.config.device_tlb.entries)
        fprintf(out,
                "devices        translation requests %" PRIu64 ", translated %" PRIu64 ", untranslated %" PRIu64
                ", ATS lost %" PRIu64 "; flushes %" PRIu64 "\n",
                d->translation_requests, d->translated_requests, d->untranslated_requests, d->ats_lost,
                s->inv_device_tlb);
    struct wrapped w = {.out = out, .column = 14};
    fputs("unit          ", out);
    vtd_sim_config_for_each(&run->play.config, wrap_key, &w);
    fputc('\n', out);
}

/* ---------------------------------------------------------------- JSON */

/* Integers of jansson are signed: a larger number (a seed) becomes text. */
static json_t *number_json(uint64_t v)
{
    return v <= INT64_MAX ? json_integer((json_int_t)v) : json_sprintf("%" PRIu64, v);
}

static void set_config_key(void *arg, const char *key, const char *value, bool number)
{
    json_object_set_new(arg, key, number ? number_json(strtoull(value, NULL, 10)) : json_string(value));
}

static json_t *workload_json(const struct vtd_run *run)
{
    json_t *w = json_object();
    if (run->play.trace)
        json_object_set_new(w, "trace", json_string(run->play.trace));
    else
        json_object_set_new(w, "synthetic", json_string(run->play.spec));
    json_object_set_new(w, "seed", number_json(run->play.tenants.spec.seed));
    json_object_set_new(w, "tenants", json_integer(run->play.tenants.spec.count));
    json_object_set_new(w, "interleave", json_string(run->play.tenants.interleave));
    json_object_set_new(w, "tenant_id", json_string(run->play.tenants.spec.id == VTD_TENANT_PASID ? "pasid" : "sid"));
    json_object_set_new(w, "invalidations", json_string(run->play.ignore_invalidations ? "ignore" : "play"));
    const bool by_pasid = run->play.tenants.spec.count > 1 && run->play.tenants.spec.id == VTD_TENANT_PASID;
    json_object_set_new(w, "pgtt", json_string(vtd_play_pgtt_name(by_pasid ? run->play.pasid_pgtt : run->play.pgtt)));
    if (run->play.incomplete[0])
        json_object_set_new(w, "incomplete", json_string(run->play.incomplete));
    json_object_set_new(w, "unmaps", json_integer((json_int_t)run->play.invalidations));
    json_object_set_new(w, "pages_mapped", json_integer((json_int_t)run->play.pages_mapped));
    json_object_set_new(w, "table_pages", json_integer((json_int_t)run->play.table_pages));
    return w;
}

static json_t *counters_json(const struct vtd_run *run)
{
    json_t *counters = json_object();
    size_t offset;
    const char *name;
    for (unsigned i = 0; (name = vtd_counter_name(i, NULL, &offset)); i++)
        json_object_set_new(counters, name, json_integer((json_int_t)counter(&run->play.stats, offset)));
    for (unsigned i = 0; i < DEVICE_COUNTERS; i++)
        json_object_set_new(counters, device_counters[i].name,
                            json_integer((json_int_t)counter(&run->play.devices, device_counters[i].offset)));
    return counters;
}

/* Faults by reason, with the names of ref 5; empty in a good run. */
static json_t *faults_json(const struct vtd_stats *s)
{
    json_t *faults = json_object();
    for (unsigned reason = 0; reason < 256; reason++)
        if (s->faults_by_reason[reason])
            json_object_set_new(faults, vtd_fault_name((uint8_t)reason),
                                json_integer((json_int_t)s->faults_by_reason[reason]));
    return faults;
}

static int write_json(const struct vtd_run *run, FILE *out)
{
    struct rate rates[RATES];
    char hash[24];
    json_t *root = json_object();
    json_t *config = json_object();
    json_t *rate = json_object();
    rates_of(run, rates);
    for (unsigned i = 0; i < RATES; i++)
        json_object_set_new(rate, rates[i].name, json_real(rates[i].value));
    vtd_sim_config_for_each(&run->play.config, set_config_key, config);
    snprintf(hash, sizeof hash, "%016" PRIx64, vtd_sim_config_hash(&run->play.config));
    json_object_set_new(root, "version", json_string(vtd_version()));
    json_object_set_new(root, "workload", workload_json(run));
    json_object_set_new(root, "config_hash", json_string(hash));
    json_object_set_new(root, "config", config);
    json_object_set_new(root, "counters", counters_json(run));
    json_object_set_new(root, "faults_by_reason", faults_json(&run->play.stats));
    json_object_set_new(root, "rates", rate);
    const int status = json_dumpf(root, out, JSON_INDENT(2) | JSON_REAL_PRECISION(10));
    fputc('\n', out);
    json_decref(root);
    return status;
}

/* ---------------------------------------------------------------- CSV */

static void csv_key(void *arg, const char *key, const char *value, bool number)
{
    (void)value, (void)number;
    fprintf(arg, ",config.%s", key);
}

static void csv_value(void *arg, const char *key, const char *value, bool number)
{
    (void)key, (void)number;
    fprintf(arg, ",%s", value);
}

static void write_csv(const struct vtd_run *run, FILE *out)
{
    struct rate rates[RATES];
    size_t offset;
    const char *name;
    rates_of(run, rates);
    fputs("config_hash", out);
    for (unsigned i = 0; (name = vtd_counter_name(i, NULL, NULL)); i++)
        fprintf(out, ",%s", name);
    for (unsigned i = 0; i < DEVICE_COUNTERS; i++)
        fprintf(out, ",%s", device_counters[i].name);
    for (unsigned i = 0; i < RATES; i++)
        fprintf(out, ",%s", rates[i].name);
    vtd_sim_config_for_each(&run->play.config, csv_key, out);
    fprintf(out, "\n%016" PRIx64, vtd_sim_config_hash(&run->play.config));
    for (unsigned i = 0; vtd_counter_name(i, NULL, &offset); i++)
        fprintf(out, ",%" PRIu64, counter(&run->play.stats, offset));
    for (unsigned i = 0; i < DEVICE_COUNTERS; i++)
        fprintf(out, ",%" PRIu64, counter(&run->play.devices, device_counters[i].offset));
    for (unsigned i = 0; i < RATES; i++)
        fprintf(out, ",%.10g", rates[i].value);
    vtd_sim_config_for_each(&run->play.config, csv_value, out);
    fputc('\n', out);
}

int vtd_run_write(const struct vtd_run *run, char *why)
{
    FILE *out = run->output ? fopen(run->output, "w") : stdout;
    int status = 0;
    if (out) {
        if (run->format == VTD_RUN_JSON)
            status = write_json(run, out);
        else if (run->format == VTD_RUN_CSV)
            write_csv(run, out);
        else if (run->format == VTD_RUN_PERF_STAT)
            vtd_run_write_perf_stat(&run->play.stats, out);
        else
            write_text(run, out);
        if (fflush(out) != 0 || ferror(out))
            status = -1;
        if (run->output && fclose(out) != 0)
            status = -1;
    }
    if (out && status == 0)
        return 0;
    snprintf(why, VTD_WHY_SIZE, "cannot write %.120s: %s", run->output ? run->output : "the result", strerror(errno));
    return -1;
}
