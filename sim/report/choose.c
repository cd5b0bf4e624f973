/* SPDX-License-Identifier: MIT */
/* Which figures a set of results gets. See report.h. */
#include "report.h"

#include "text.h"

#include <string.h>

enum {
    PERCENTILES = 4
};

/* ---------------------------------------------------------------- arrangements */

struct chooser {
    struct vtd_report *report;
    const struct vtd_result_set *set;
    struct vtd_figure **end; /* of the list */
    size_t x, by;
};

static bool varies(const struct vtd_result_axis *axis)
{
    return axis->count > 1 && !axis->follows;
}

static bool ends_in(const char *name, const char *end)
{
    const size_t length = strlen(name), want = strlen(end);
    return length >= want && strcmp(name + length - want, end) == 0;
}

/* How well an axis does as x: a size first, then tenants, then any number, then words. */
static unsigned fitness(const struct vtd_result_axis *axis)
{
    if (!varies(axis) || strcmp(axis->name, "seed") == 0)
        return 0;
    if (!axis->numeric || axis->count < 3)
        return 1;
    return ends_in(axis->name, ".entries") ? 4 : strcmp(axis->name, "tenants") == 0 ? 3 : 2;
}

static size_t choose_x(const struct vtd_result_set *set)
{
    size_t best = VTD_NO_VALUE;
    for (size_t a = 0; a < set->axis_count; a++) {
        const unsigned fit = fitness(&set->axes[a]);
        const unsigned best_fit = best == VTD_NO_VALUE ? 0 : fitness(&set->axes[best]);
        if (fit > best_fit || (fit && fit == best_fit && set->axes[a].count > set->axes[best].count))
            best = a;
    }
    return best;
}

/*
 * Words make better series than numbers, few values better than many. not: an axis that was taken
 * already; timeless: none that changes times only. */
static size_t choose_by(const struct vtd_result_set *set, size_t x, size_t not, bool timeless)
{
    size_t best = VTD_NO_VALUE;
    for (size_t a = 0; a < set->axis_count; a++) {
        const struct vtd_result_axis *axis = &set->axes[a], *b = best == VTD_NO_VALUE ? NULL : &set->axes[best];
        if (a == x || a == not || !varies(axis) || strcmp(axis->name, "seed") == 0 ||
            (timeless && vtd_axis_is_of_time(axis)))
            continue;
        const bool fits = axis->count <= VTD_FIGURE_SERIES;
        if (!b || (fits && b->count > VTD_FIGURE_SERIES) || (fits && !axis->numeric && b->numeric))
            best = a;
    }
    return best;
}

static size_t axis_named(const struct vtd_result_set *set, const char *name)
{
    for (size_t a = 0; a < set->axis_count; a++)
        if (strcmp(set->axes[a].name, name) == 0)
            return a;
    return VTD_NO_VALUE;
}

/* ---------------------------------------------------------------- figures */

/* The command that draws the figure alone. */
static const char *command_of(struct vtd_report *report, const struct vtd_result_set *set,
                              const struct vtd_figure_spec *spec)
{
    struct vtd_arena *arena = &report->results.arena;
    char *text = vtd_arena_print(arena, "vtdsim report");
    if (set->kind == VTD_RESULTS_SWEEP)
        text = vtd_arena_print(arena, "%s %s", text, vtd_shell_word(arena, set->file));
    else
        for (size_t i = 0; i < report->file_count; i++)
            text = vtd_arena_print(arena, "%s %s", text, vtd_shell_word(arena, report->files[i]));
    text = vtd_arena_print(arena, "%s --x %s --by %s", text, vtd_shell_word(arena, set->axes[spec->x].name),
                           spec->by == VTD_NO_VALUE ? "none" : vtd_shell_word(arena, set->axes[spec->by].name));
    for (size_t c = 0; c < spec->columns; c++)
        text = vtd_arena_print(arena, "%s --y %s", text, vtd_shell_word(arena, spec->column[c]));
    return vtd_arena_print(arena, "%s -o figure.html", text);
}

static bool has_values(const struct vtd_result_set *set, const char *column, bool other_than_0)
{
    double value;
    for (size_t i = 0; i < set->count; i++)
        if (vtd_result_number(&set->rows[i], column, &value) && (!other_than_0 || value != 0))
            return true;
    return false;
}

static void add(struct chooser *c, struct vtd_figure *figure)
{
    if (!figure)
        return;
    *c->end = figure;
    c->end = &figure->next;
}

static void add_column(struct chooser *c, const char *column, size_t by)
{
    struct vtd_arena *arena = &c->report->results.arena;
    const struct vtd_result_axis *series = by == VTD_NO_VALUE ? NULL : &c->set->axes[by];
    const char **name = vtd_arena_alloc(arena, 1, sizeof *name);
    *name = column;
    const struct vtd_figure_spec spec = {
        .x = c->x,
        .by = by,
        .column = name,
        .columns = 1,
        .timeless = strncmp(column, "timing.", 7) != 0,
        .y_label = vtd_report_column_label(column),
        .title = vtd_arena_print(arena, "%s over %s%s%s", vtd_report_column_title(column), c->set->axes[c->x].name,
                                 series ? ", by " : "", series ? series->name : ""),
    };
    struct vtd_figure *f = vtd_figure_make(&c->report->results, c->set, &spec);
    if (f && c->set->kind != VTD_RESULTS_INTERVALS)
        f->command = command_of(c->report, c->set, &spec);
    add(c, f);
}

static bool concerns(const struct vtd_report_column *column, const struct vtd_result_set *set)
{
    for (size_t a = 0; column->cache && a < set->axis_count; a++)
        if (set->axes[a].count > 1 && strncmp(set->axes[a].name, column->cache, strlen(column->cache)) == 0)
            return true;
    return false;
}

/*
 * What does not depend on time: hit rates of the caches that axes belong to (of PASID cache and IOTLB, where there are none),
 * and reads of tables.
 */
static void add_timeless(struct chooser *c)
{
    const struct vtd_report_column *column = vtd_report_columns;
    const size_t by = c->report->by ? c->by : choose_by(c->set, c->x, VTD_NO_VALUE, true);
    const size_t other = choose_by(c->set, c->x, by, true);
    bool any = false;
    if (vtd_axis_is_of_time(&c->set->axes[c->x]))
        return; /* nothing to see along it */
    for (; column->name; column++) {
        if (!concerns(column, c->set) || !has_values(c->set, column->name, true))
            continue;
        any = true;
        add_column(c, column->name, by);
        if (other != VTD_NO_VALUE && by != VTD_NO_VALUE)
            add_column(c, column->name, other);
    }
    for (unsigned i = 0; i < 2 && !any; i++)
        if (has_values(c->set, vtd_report_columns[i].name, true))
            add_column(c, vtd_report_columns[i].name, by);
    if (has_values(c->set, "memory_reads_per_request", true))
        add_column(c, "memory_reads_per_request", by);
}

/* ---------------------------------------------------------------- time */

/* Several results as the lines of a figure, and all other axes as panels. */
static void add_columns(struct chooser *c, const char *const *column, const char *const *name, size_t count,
                        const char *title, const char *label)
{
    struct vtd_arena *arena = &c->report->results.arena;
    const struct vtd_figure_spec spec = {
        .x = c->x,
        .by = VTD_NO_VALUE,
        .column = column,
        .column_name = name,
        .columns = count,
        .y_label = label,
        .title = vtd_arena_print(arena, "%s over %s", title, c->set->axes[c->x].name),
    };
    struct vtd_figure *f = vtd_figure_make(&c->report->results, c->set, &spec);
    if (f)
        f->ordered = count == PERCENTILES;
    add(c, f);
}

/* What of the time of requests was spent on: those parts on which any was. Returns how many, VTD_FIGURE_SERIES at most. */
static size_t used_parts(struct chooser *c, const char **column, const char **name)
{
    struct vtd_arena *arena = &c->report->results.arena;
    const char *key;
    json_t *value;
    size_t n = 0;
    for (size_t i = 0; i < c->set->count && n == 0; i++)
        json_object_foreach(json_object_get(json_object_get(c->set->rows[i].result, "timing"), "spent"), key, value)
        {
            const size_t length = strlen(key);
            const char *path = vtd_arena_print(arena, "timing.spent.%s", key);
            if (n == VTD_FIGURE_SERIES || !ends_in(key, "_share") || !has_values(c->set, path, true))
                continue;
            column[n] = path;
            name[n++] = vtd_arena_print(arena, "%.*s", (int)(length - strlen("_share")), key);
        }
    return n;
}

static void add_time(struct chooser *c)
{
    static const char *const latencies[PERCENTILES] = {"timing.latency.all.mean", "timing.latency.all.p50",
                                                       "timing.latency.all.p90", "timing.latency.all.p99"};
    static const char *const names[PERCENTILES] = {"mean", "p50", "p90", "p99"};
    const char *part[VTD_FIGURE_SERIES], *part_name[VTD_FIGURE_SERIES];
    if (!has_values(c->set, latencies[0], true))
        return;
    add_column(c, latencies[0], c->by);
    add_columns(c, latencies, names, PERCENTILES, "Mean and percentiles of the latency", "cycles");
    add_column(c, "timing.requests_per_second", c->by);
    const size_t parts = used_parts(c, part, part_name);
    if (parts)
        add_columns(c, part, part_name, parts, "What requests spent their time on", "share of the latency");
}

/* ---------------------------------------------------------------- sets without axes */

/* Hit rates of all caches that were asked for anything: their columns and names. Returns how many. */
#define CACHES 6
static size_t used_caches(const struct vtd_result_set *set, const char *used[CACHES], const char *name[CACHES])
{
    static const char *const rate[] = {"ctxt_cache_hit_rate", "pasid_cache_hit_rate", "iotlb_hit_rate",
                                       "fs_nonleaf_hit_rate", "ss_nonleaf_hit_rate",  "device_tlb_hit_rate"};
    static const char *const rate_name[] = {"context", "PASID", "IOTLB", "first-stage", "second-stage", "device TLB"};
    static const char *const lookup[] = {"ctxt_cache_lookup", "pasid_cache_lookup", "iotlb_lookup",
                                         "fs_nonleaf_lookup", "ss_nonleaf_lookup",  "device_tlb_lookup"};
    size_t n = 0;
    for (unsigned i = 0; i < CACHES; i++)
        if (has_values(set, lookup[i], true)) {
            name[n] = rate_name[i];
            used[n++] = rate[i];
        }
    return n;
}

/* One result, and nothing that differs: bars. */
static void add_single(struct chooser *c, const struct vtd_result_row *row)
{
    const char *used[CACHES], *name[CACHES];
    const size_t n = used_caches(c->set, used, name);
    const struct vtd_figure_spec spec = {
        .title = "Hit rates of the caches", .y_label = "hit rate", .column = used, .column_name = name, .columns = n};
    if (n)
        add(c, vtd_figure_of_row(&c->report->results, row, &spec));
    const char *part[VTD_FIGURE_SERIES], *part_name[VTD_FIGURE_SERIES];
    const struct vtd_figure_spec time = {.title = "What requests spent their time on",
                                         .y_label = "share of the latency",
                                         .column = part,
                                         .column_name = part_name,
                                         .columns = used_parts(c, part, part_name)};
    if (time.columns)
        add(c, vtd_figure_of_row(&c->report->results, row, &time));
}

/* How the hit rates, and the reads of tables, went on. */
static void add_intervals(struct chooser *c)
{
    const char *used[CACHES], *name[CACHES];
    const size_t n = used_caches(c->set, used, name);
    const struct vtd_figure_spec spec = {
        .by = VTD_NO_VALUE,
        .title = "Hit rates in the course of the run",
        .y_label = "hit rate",
        .column = used,
        .column_name = name,
        .columns = n,
    };
    struct vtd_figure *f = n ? vtd_figure_make(&c->report->results, c->set, &spec) : NULL;
    if (f)
        f->ordered = false;
    add(c, f);
    c->x = 0;
    add_column(c, "memory_reads_per_request", VTD_NO_VALUE);
    if (has_values(c->set, "latency_mean", true)) /* of a timed run */
        add_column(c, "latency_mean", VTD_NO_VALUE);
}

static void add_curves(struct chooser *c)
{
    struct vtd_arena *arena = &c->report->results.arena;
    for (size_t i = 0; i < c->set->count; i++) {
        const char *cache = json_string_value(json_object_get(c->set->rows[i].result, "cache"));
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++)
            seen = strcmp(json_string_value(json_object_get(c->set->rows[k].result, "cache")), cache) == 0;
        struct vtd_figure *f = seen ? NULL : vtd_figure_of_curves(&c->report->results, c->set, cache);
        if (!f)
            continue;
        f->title = vtd_arena_print(arena, "Hit rate of %s at every size, LRU", cache);
        f->y_label = "hit rate";
        f->command = c->set->rows[i].command;
        add(c, f);
    }
}

/* ---------------------------------------------------------------- what was asked for */

static int no_axis(const struct vtd_report *report, const struct vtd_result_set *set, const char *option,
                   const char *name, char *why)
{
    (void)report;
    int n = snprintf(why, VTD_RESULTS_WHY, "%s %.100s: the points do not differ in it; they do in", option, name);
    bool first = true;
    for (size_t a = 0; a < set->axis_count && n < VTD_RESULTS_WHY; a++) {
        if (set->axes[a].count < 2)
            continue;
        n += snprintf(why + n, (size_t)(VTD_RESULTS_WHY - n), "%s %.60s", first ? "" : ",", set->axes[a].name);
        first = false;
    }
    if (first)
        snprintf(why, VTD_RESULTS_WHY, "%s %.100s: the points do not differ in it, nor in anything else", option, name);
    return -1;
}

static int choose_axes(struct chooser *c, char *why)
{
    const struct vtd_report *r = c->report;
    c->x = r->x ? axis_named(c->set, r->x) : choose_x(c->set);
    if (r->x && (c->x == VTD_NO_VALUE || c->set->axes[c->x].count < 2))
        return no_axis(r, c->set, "--x", r->x, why);
    if (r->by && strcmp(r->by, "none") == 0) {
        c->by = VTD_NO_VALUE;
        return 0;
    }
    c->by = r->by ? axis_named(c->set, r->by) : choose_by(c->set, c->x, VTD_NO_VALUE, false);
    if (r->by && (c->by == VTD_NO_VALUE || c->set->axes[c->by].count < 2))
        return no_axis(r, c->set, "--by", r->by, why);
    if (r->by && c->by == c->x) {
        snprintf(why, VTD_RESULTS_WHY, "--by %.100s: that is the x axis", r->by);
        return -1;
    }
    return 0;
}

int vtd_report_choose(struct vtd_report *report, const struct vtd_result_set *set, struct vtd_figure **list,
                      char why[VTD_RESULTS_WHY])
{
    struct chooser c = {.report = report, .set = set, .end = list};
    *list = NULL;
    if (set->kind == VTD_RESULTS_CURVES) {
        add_curves(&c);
        return 0;
    }
    if (set->kind == VTD_RESULTS_INTERVALS) {
        add_intervals(&c);
        return 0;
    }
    if (choose_axes(&c, why) != 0)
        return -1;
    for (size_t i = 0; i < report->y_count; i++) {
        if (!has_values(set, report->y[i], false)) {
            snprintf(why, VTD_RESULTS_WHY, "--y %.100s: no result has a number of this name", report->y[i]);
            return -1;
        }
        if (c.x != VTD_NO_VALUE)
            add_column(&c, report->y[i], c.by);
    }
    if (report->y_count)
        return 0;
    if (c.x == VTD_NO_VALUE) {
        for (size_t i = 0; i < set->count; i++)
            if (set->rows[i].result && !*list)
                add_single(&c, &set->rows[i]);
        return 0;
    }
    add_timeless(&c);
    add_time(&c);
    return 0;
}
