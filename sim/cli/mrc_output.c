/* SPDX-License-Identifier: MIT */
/* The curve of vtdsim mrc as a table, as JSON, as CSV, and as a picture. */
#define _POSIX_C_SOURCE 200809L

#include "mrc.h"
#include "play_json.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- points */

/* Sizes: as asked, or powers of two from one way per set on, and where the curve becomes flat. */
static size_t choose_sizes(const struct vtd_mrc_run *run, uint64_t *sizes)
{
    const uint64_t sets = run->spec.sets, last = vtd_mrc_last_ways(run->curve);
    size_t n = 0;
    if (run->sizes) {
        memcpy(sizes, run->sizes, run->size_count * sizeof *sizes);
        return run->size_count;
    }
    for (uint64_t ways = 1; ways < last; ways *= 2)
        sizes[n++] = ways * sets;
    sizes[n++] = (last ? last : 1) * sets;
    return n;
}

struct vtd_mrc_point *vtd_mrc_points(const struct vtd_mrc_run *run, size_t *count)
{
    uint64_t *sizes = calloc(run->size_count + 66, sizeof *sizes);
    struct vtd_mrc_point *points = calloc(run->size_count + 66, sizeof *points);
    if (!sizes || !points) {
        free(sizes);
        free(points);
        return NULL;
    }
    *count = choose_sizes(run, sizes);
    for (size_t i = 0; i < *count; i++) {
        points[i].entries = sizes[i];
        points[i].hits = vtd_mrc_hits(run->curve, sizes[i] / run->spec.sets, &points[i].error);
        if (points[i].hits < 0) /* a sample may miss more than there is */
            points[i].hits = 0;
    }
    free(sizes);
    return points;
}

static double rate(const struct vtd_mrc_run *run, double hits)
{
    const uint64_t lookups = vtd_mrc_lookups(run->curve);
    return lookups ? hits / (double)lookups : 0;
}

/* ---------------------------------------------------------------- forms */

static void write_text(const struct vtd_mrc_run *run, const struct vtd_mrc_point *points, size_t count, FILE *out)
{
    const bool sampled = run->spec.sample < 1;
    fprintf(out, "workload       %s", run->play.trace ? run->play.trace : run->play.spec);
    if (run->play.tenants.spec.count > 1)
        fprintf(out, ", %u tenants by %s, %s", run->play.tenants.spec.count,
                run->play.tenants.spec.id == VTD_TENANT_PASID ? "PASID" : "source-id", run->play.tenants.interleave);
    vtd_region_print(&run->play.region, out);
    fprintf(out, "\ncache          %s, LRU, ", vtd_cache_name(run->cache));
    if (run->spec.sets == 1)
        fprintf(out, "fully associative\n");
    else
        fprintf(out, "%u sets by %s\n", run->spec.sets, run->spec.modulo ? "modulo" : "hash");
    fprintf(out, "lookups        %" PRIu64 " of %" PRIu64 " requests", vtd_mrc_lookups(run->curve),
            run->play.stats.requests);
    if (sampled)
        fprintf(out, ", %" PRIu64 " of them followed", vtd_mrc_followed(run->curve));
    fprintf(out, "\n\n%10s %9s%s\n", "entries", "hit rate", sampled ? "  std. error" : "");
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%10" PRIu64 " %8.4f%%", points[i].entries, 100 * rate(run, points[i].hits));
        if (sampled)
            fprintf(out, " %10.4f%%", 100 * rate(run, points[i].error));
        fputc('\n', out);
    }
}

static void write_csv(const struct vtd_mrc_run *run, const struct vtd_mrc_point *points, size_t count, FILE *out)
{
    fputs("cache,sets,entries,lookups,hits,hit_rate,hits_error\n", out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s,%u,%" PRIu64 ",%" PRIu64 ",%.0f,%.9f,%.0f\n", vtd_cache_name(run->cache), run->spec.sets,
                points[i].entries, vtd_mrc_lookups(run->curve), points[i].hits, rate(run, points[i].hits),
                points[i].error);
}

static int write_json(const struct vtd_mrc_run *run, const struct vtd_mrc_point *points, size_t count, FILE *out)
{
    char hash[17];
    json_t *curve = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(curve, json_pack("{s:I, s:f, s:f, s:f}", "entries", (json_int_t)points[i].entries, "hits",
                                               points[i].hits, "hit_rate", rate(run, points[i].hits), "hits_error",
                                               points[i].error));
    snprintf(hash, sizeof hash, "%016" PRIx64, vtd_sim_config_hash(&run->play.config));
    json_t *root =
        json_pack("{s:s, s:s, s:I, s:I, s:I, s:f, s:s, s:o, s:o, s:o}", "version", vtd_version(), "cache",
                  vtd_cache_name(run->cache), "sets", (json_int_t)run->spec.sets, "lookups",
                  (json_int_t)vtd_mrc_lookups(run->curve), "requests", (json_int_t)run->play.stats.requests, "sample",
                  run->spec.sample, "config_hash", hash, "workload", vtd_play_workload_json(&run->play), "config",
                  vtd_play_config_json(&run->play), "curve", curve);
    /* Left out when it is no UTF-8. */
    json_object_set_new(root, "command", json_string(run->command));
    const int status = root ? json_dumpf(root, out, JSON_INDENT(2)) : -1;
    json_decref(root);
    fputc('\n', out);
    return status;
}

/* ---------------------------------------------------------------- picture */

/* gnuplot reads the points from the script, so that nothing has to be quoted but the name of the file. */
static int draw(const struct vtd_mrc_run *run, const struct vtd_mrc_point *points, size_t count, char *why)
{
    const char *suffix = strrchr(run->plot, '.');
    const bool png = suffix && strcmp(suffix, ".png") == 0;
    if (!png && !(suffix && strcmp(suffix, ".svg") == 0)) {
        snprintf(why, VTD_WHY_SIZE, "--plot %.120s: want a name that ends in .svg or .png", run->plot);
        return -1;
    }
    if (strpbrk(run->plot, "'\n")) {
        snprintf(why, VTD_WHY_SIZE, "--plot: the name of the file has a quote or a line break in it");
        return -1;
    }
    FILE *out = popen("gnuplot", "w");
    if (!out) {
        snprintf(why, VTD_WHY_SIZE, "cannot start gnuplot: %s", strerror(errno));
        return -1;
    }
    fprintf(out, "set terminal %s\nset output '%s'\n", png ? "pngcairo size 800,500" : "svg size 800,500", run->plot);
    fprintf(out,
            "set logscale x 2\nset grid\nset key off\nset yrange [0:100]\nset xlabel 'entries'\n"
            "set ylabel 'hit rate (%%)'\nset title '%s, LRU, %s' noenhanced\n",
            vtd_cache_name(run->cache), run->spec.sets == 1 ? "fully associative" : "by ways per set");
    fputs("plot '-' using 1:2:3 with yerrorlines linewidth 2 pointtype 7 pointsize 0.5\n", out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%" PRIu64 " %.6f %.6f\n", points[i].entries, 100 * rate(run, points[i].hits),
                100 * rate(run, points[i].error));
    fputs("e\n", out);
    if (pclose(out) == 0)
        return 0;
    snprintf(why, VTD_WHY_SIZE, "gnuplot could not draw %.120s; is gnuplot-nox installed?", run->plot);
    return -1;
}

int vtd_mrc_write(const struct vtd_mrc_run *run, char *why)
{
    size_t count = 0;
    struct vtd_mrc_point *points = vtd_mrc_points(run, &count);
    FILE *out = points ? run->output ? fopen(run->output, "w") : stdout : NULL;
    int status = -1;
    errno = points ? errno : ENOMEM;
    if (out) {
        status = 0;
        if (run->format == VTD_MRC_JSON)
            status = write_json(run, points, count, out);
        else if (run->format == VTD_MRC_CSV)
            write_csv(run, points, count, out);
        else
            write_text(run, points, count, out);
        if (fflush(out) != 0 || ferror(out))
            status = -1;
        if (run->output && fclose(out) != 0)
            status = -1;
    }
    if (status != 0)
        snprintf(why, VTD_WHY_SIZE, "cannot write %.120s: %s", run->output ? run->output : "the result",
                 strerror(errno));
    else if (run->plot)
        status = draw(run, points, count, why);
    free(points);
    return status;
}
