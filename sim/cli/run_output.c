/* SPDX-License-Identifier: MIT */
/* The result of vtdsim run as a table, as JSON, as CSV. */
#define _POSIX_C_SOURCE 200809L

#include "play_json.h"
#include "run.h"
#include "run_json.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

static double ratio(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

/* ---------------------------------------------------------------- text */

/* Sets and ways; of a cache that source-ids have parts of, the parts and what each has. */
static void shape_of(const struct vtd_cache_geometry *g, char *shape, size_t size)
{
    const bool parted = g->partition != VTD_PARTITION_NONE && g->partitions > 1;
    const uint32_t parts = parted ? g->partitions : 1, own = g->entries / parts;
    const uint32_t ways = g->ways == 0 ? own : g->partition == VTD_PARTITION_WAYS ? g->ways / parts : g->ways;
    char prefix[16] = "";
    if (parted)
        snprintf(prefix, sizeof prefix, "%u * ", parts);
    if (g->entries == 0)
        snprintf(shape, size, "off");
    else if (ways == own)
        snprintf(shape, size, "%s%u full", prefix, own);
    else
        snprintf(shape, size, "%s%u x %u", prefix, own / ways, ways);
}

static void row(FILE *out, const char *name, const struct vtd_cache_geometry *g, uint64_t lookup, uint64_t hit,
                uint64_t evict, uint64_t invalidate)
{
    char shape[32];
    shape_of(g, shape, sizeof shape);
    fprintf(out, "%-30s %11s %12" PRIu64 " %12" PRIu64, name, shape, lookup, hit);
    if (lookup)
        fprintf(out, " %7.2f %%", 100 * ratio(hit, lookup));
    else
        fprintf(out, " %9s", "-");
    fprintf(out, " %11" PRIu64 " %11" PRIu64 "\n", evict, invalidate);
}

/* Keys, as many to a line as fit. */
struct wrapped {
    FILE *out;
    size_t column;
    bool timed; /* keys of the time matter */
    bool any;
};

static void wrap_key(void *arg, const char *key, const char *value, bool number)
{
    struct wrapped *w = arg;
    (void)number;
    if (!w->timed && strncmp(key, "timing.", 7) == 0)
        return;
    const size_t length = strlen(key) + strlen(value) + 2;
    if (w->column + length > 110) {
        fputs("\n              ", w->out);
        w->column = 14;
    }
    fprintf(w->out, " %s=%s", key, value);
    w->column += length;
    w->any = true;
}

/* What the configuration has of its own. */
static void write_unit(const struct vtd_run *run, FILE *out)
{
    struct wrapped w = {.out = out, .column = 14, .timed = run->play.time.on};
    struct vtd_sim_config base;
    char why[VTD_WHY_SIZE];
    fputs("unit          ", out);
    const bool known = vtd_sim_config_init(&base, NULL, why) == 0 && vtd_sim_config_finish(&base, why) == 0;
    vtd_sim_config_for_each_change(&run->play.config, known ? &base : NULL, wrap_key, &w);
    fprintf(out, "%s the preset default\n", w.any ? "; all else as in" : "");
}

static void write_text(const struct vtd_run *run, FILE *out)
{
    const struct vtd_stats *s = &run->play.stats;
    const struct vtd_cache_geometry *g = run->play.config.unit.cache;
    fprintf(out, "workload       %s", run->play.trace ? run->play.trace : run->play.spec);
    if (run->play.tenants.spec.count > 1)
        fprintf(out, ", %u tenants by %s, %s", run->play.tenants.spec.count,
                run->play.tenants.spec.id == VTD_TENANT_PASID ? "PASID" : "source-id", run->play.tenants.interleave);
    vtd_region_print(&run->play.region, out);
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
    if (run->play.config.unit.pasid_directory == VTD_PASID_DIRECTORY_SHARED)
        row(out, "PASID directory entries there", &g[VTD_CACHE_PASID], s->pasid_dir_lookup, s->pasid_dir_hit,
            s->pasid_dir_evict, s->pasid_dir_invalidate);
    else if (g[VTD_CACHE_PASID_DIR].entries)
        ROW("PASID directory cache", VTD_CACHE_PASID_DIR, pasid_dir);
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
    if (run->play.config.unit.pasid_prefetch)
        fprintf(out,
                "prefetch       PASID entries read ahead %" PRIu64 ", kept %" PRIu64 ", asked for later %" PRIu64
                ", replaced before %" PRIu64 "\n",
                s->pasid_prefetch_read, s->pasid_prefetch_fill, s->pasid_prefetch_useful, s->pasid_prefetch_unused);
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
    if (run->play.time.on)
        vtd_play_time_write_text(&run->play.time, out);
    write_unit(run, out);
}

/* ---------------------------------------------------------------- JSON */

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

static void set_column(void *arg, const struct vtd_run_column *c)
{
    json_t *group = arg;
    for (const char *part = c->group; part;) { /* a path of objects */
        const size_t length = strcspn(part, ".");
        char name[32];
        snprintf(name, sizeof name, "%.*s", (int)length, part);
        json_t *inner = json_object_get(group, name);
        if (!inner)
            json_object_set_new(group, name, inner = json_object());
        group = inner;
        part = part[length] ? part + length + 1 : NULL;
    }
    json_t *value = c->kind == VTD_RUN_INTEGER ? vtd_number_json(c->integer)
                    : c->kind == VTD_RUN_REAL  ? json_real(c->real)
                                               : json_string(c->text);
    json_object_set_new(group, c->name, value);
}

json_t *vtd_run_json(const struct vtd_run *run)
{
    json_t *root = json_object();
    json_object_set_new(root, "version", json_string(vtd_version()));
    json_object_set_new(root, "workload", vtd_play_workload_json(&run->play));
    json_object_set_new(root, "faults_by_reason", faults_json(&run->play.stats));
    vtd_run_for_each_column(run, set_column, root);
    return root;
}

static int write_json(const struct vtd_run *run, FILE *out)
{
    json_t *root = vtd_run_json(run);
    const int status = json_dumpf(root, out, JSON_INDENT(2) | VTD_RUN_JSON_FLAGS);
    fputc('\n', out);
    json_decref(root);
    return status;
}

/* ---------------------------------------------------------------- CSV */

/* Columns of the configuration have its keys as names; those are told apart from the results by their group, and so is time. */
static void csv_name(void *arg, const struct vtd_run_column *c)
{
    struct vtd_run_csv *csv = arg;
    const bool told = c->group && (strcmp(c->group, VTD_RUN_GROUP_CONFIG) == 0 || strncmp(c->group, "timing", 6) == 0);
    fprintf(csv->out, "%s%s%s%s", csv->columns++ ? "," : "", told ? c->group : "", told ? "." : "", c->name);
}

static void csv_value(void *arg, const struct vtd_run_column *c)
{
    struct vtd_run_csv *csv = arg;
    if (csv->columns++)
        fputc(',', csv->out);
    if (c->kind == VTD_RUN_INTEGER)
        fprintf(csv->out, "%" PRIu64, c->integer);
    else if (c->kind == VTD_RUN_REAL)
        fprintf(csv->out, "%.10g", c->real);
    else
        fputs(c->text, csv->out);
}

void vtd_run_write_csv_names(const struct vtd_run *run, struct vtd_run_csv *csv)
{
    vtd_run_for_each_column(run, csv_name, csv);
}

void vtd_run_write_csv_values(const struct vtd_run *run, struct vtd_run_csv *csv)
{
    vtd_run_for_each_column(run, csv_value, csv);
}

static void write_csv(const struct vtd_run *run, FILE *out)
{
    vtd_run_write_csv_names(run, &(struct vtd_run_csv){.out = out});
    fputc('\n', out);
    vtd_run_write_csv_values(run, &(struct vtd_run_csv){.out = out});
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
