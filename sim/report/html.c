/* SPDX-License-Identifier: MIT */
/* The page. See report.h. */
#include "report.h"

#include "svg.h"
#include "text.h"

#include "vtd/vtd.h"

#include <string.h>

enum {
    TOLD_MAX = 12 /* missing or failed points that are named */
};

struct page {
    struct vtd_report *report;
    FILE *out;
    unsigned figures;
};

/* ---------------------------------------------------------------- figures */

static void write_legend(FILE *out, const struct vtd_figure *f)
{
    char class_name[4];
    if (!f->series_label)
        return;
    fputs("<ul class=\"legend\">", out);
    if (*f->series_label) {
        fputs("<li class=\"name\">", out);
        vtd_html_text(out, f->series_label);
        fputs("</li>", out);
    }
    for (size_t s = 0; s < f->series_count; s++) {
        vtd_svg_class(class_name, f, s);
        fputs("<li><svg viewBox=\"-13 -7 26 14\" aria-hidden=\"true\">", out);
        if (f->bars)
            fprintf(out, "<rect class=\"bar %s\" x=\"-6\" y=\"-6\" width=\"12\" height=\"12\"/></svg>", class_name);
        else
            fprintf(out, "<path class=\"line %s\" d=\"M-13,0H13\"/><path class=\"mark %s\" d=\"%s\"/></svg>",
                    class_name, class_name, vtd_svg_mark(s));
        vtd_html_text(out, f->series[s]);
        fputs("</li>", out);
    }
    fputs("</ul>\n", out);
}

/* A single panel is drawn twice, for wide and for narrow windows; several flow. */
static void write_panels(struct page *page, const struct vtd_figure *f)
{
    struct vtd_arena *arena = &page->report->results.arena;
    if (f->panel_count == 1) {
        const struct vtd_svg_look wide = {.width = 860,
                                          .height = 400,
                                          .class_name = "wide",
                                          .attributes = "",
                                          .id = vtd_arena_print(arena, "f%uw", page->figures)};
        const struct vtd_svg_look narrow = {.width = 380,
                                            .height = 300,
                                            .class_name = "narrow",
                                            .attributes = "",
                                            .id = vtd_arena_print(arena, "f%un", page->figures)};
        vtd_svg_panel(page->out, f, 0, &wide);
        vtd_svg_panel(page->out, f, 0, &narrow);
        return;
    }
    fputs("<div class=\"panels\">\n", page->out);
    for (size_t i = 0; i < f->panel_count; i++) {
        const struct vtd_svg_look look = {.width = 380,
                                          .height = 280,
                                          .class_name = "panel",
                                          .attributes = "",
                                          .id = vtd_arena_print(arena, "f%up%zu", page->figures, i)};
        fputs("<div><h4>", page->out);
        vtd_html_text(page->out, f->panels[i].title);
        fputs("</h4>\n", page->out);
        vtd_svg_panel(page->out, f, i, &look);
        fputs("</div>\n", page->out);
    }
    fputs("</div>\n", page->out);
}

static void write_figure(struct page *page, const struct vtd_figure *f)
{
    FILE *out = page->out;
    page->figures++;
    fprintf(out, "<figure id=\"figure-%u\">\n<figcaption><h3>%u. ", page->figures, page->figures);
    vtd_html_text(out, f->title);
    fputs("</h3>", out);
    if (f->note) {
        fputs("<p class=\"note\">", out);
        vtd_html_text(out, f->note);
        fputs("</p>", out);
    }
    fputs("</figcaption>\n", out);
    write_legend(out, f);
    write_panels(page, f);
    vtd_report_figure_table(out, f);
    if (f->command) {
        fputs("<details><summary>Command</summary><pre>", out);
        vtd_html_text(out, f->command);
        fputs("</pre></details>\n", out);
    }
    fputs("</figure>\n", out);
}

/* ---------------------------------------------------------------- what is not there */

static bool is_there(const struct vtd_result_set *set, json_int_t index)
{
    size_t low = 0, high = set->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (set->rows[middle].index < index)
            low = middle + 1;
        else
            high = middle;
    }
    return low < set->count && set->rows[low].index == index;
}

static void write_missing(FILE *out, const struct vtd_result_set *set)
{
    const json_int_t missing = set->points - (json_int_t)set->count;
    unsigned told = 0;
    if (set->kind != VTD_RESULTS_SWEEP || missing <= 0)
        return;
    fprintf(out, "<p class=\"warn\">%" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " points are missing: ", missing,
            set->points);
    if (json_is_string(json_object_get(set->header, "shard"))) {
        fputs("this is shard ", out);
        vtd_html_text(out, json_string_value(json_object_get(set->header, "shard")));
        fputs(" of the sweep. Index", out);
    } else {
        fputs("the sweep is not complete. Index", out);
    }
    for (json_int_t i = 0; i < set->points && told < TOLD_MAX; i++)
        if (!is_there(set, i))
            fprintf(out, "%s %" JSON_INTEGER_FORMAT, told++ ? "," : "", i);
    fputs(told < missing ? ", ...</p>\n" : ".</p>\n", out);
}

static void write_failed(FILE *out, const struct vtd_result_set *set)
{
    size_t failed = 0, told = 0;
    for (size_t i = 0; i < set->count; i++)
        failed += set->rows[i].result == NULL;
    if (!failed)
        return;
    fprintf(out, "<div class=\"warn\">%zu point%s no result:<ul>", failed, failed == 1 ? " has" : "s have");
    for (size_t i = 0; i < set->count && told < TOLD_MAX; i++) {
        if (set->rows[i].result)
            continue;
        told++;
        fprintf(out, "<li>point %" JSON_INTEGER_FORMAT ": ", set->rows[i].index);
        vtd_html_text(out, set->rows[i].error);
        fputs("</li>", out);
    }
    fputs(told < failed ? "<li>...</li></ul></div>\n" : "</ul></div>\n", out);
}

/* ---------------------------------------------------------------- sections */

static void write_fact(FILE *out, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    fputs("<div><dt>", out);
    vtd_html_text(out, name);
    fputs("</dt><dd>", out);
    vtd_html_text(out, value);
    fputs("</dd></div>\n", out);
}

/* A setting that all results share. */
static const char *shared_setting(struct page *page, const struct vtd_result_set *set, const char *name)
{
    const char *first = NULL;
    for (size_t a = 0; a < set->axis_count; a++)
        if (strcmp(set->axes[a].name, name) == 0 && set->axes[a].count > 1)
            return NULL; /* told as an axis */
    for (size_t i = 0; i < set->count; i++) {
        const char *text = vtd_result_setting(&page->report->results, &set->rows[i], name);
        if (text && first && strcmp(text, first) != 0)
            return "differs";
        first = first ? first : text;
    }
    return first;
}

static void write_facts(struct page *page, const struct vtd_result_set *set)
{
    static const char *const kinds[] = {"points", "points", "curves", "intervals"};
    static const char *const workloads[] = {"trace", "synthetic", "file"};
    struct vtd_arena *arena = &page->report->results.arena;
    FILE *out = page->out;
    fputs("<dl class=\"facts\">\n", out);
    write_fact(out, kinds[set->kind], vtd_arena_print(arena, "%zu", set->count));
    for (unsigned i = 0; i < 3; i++)
        write_fact(out, i == 0 ? "trace" : "workload", shared_setting(page, set, workloads[i]));
    write_fact(out, "tenants", shared_setting(page, set, "tenants"));
    write_fact(out, "interleaving", shared_setting(page, set, "interleave"));
    write_fact(out, "made with vtdsim", set->version);
    for (size_t a = 0; a < set->axis_count; a++) {
        const struct vtd_result_axis *axis = &set->axes[a];
        if (axis->count < 2)
            continue;
        char *values = vtd_arena_print(arena, "%.40s", axis->values[0]);
        for (size_t i = 1; i < axis->count && axis->count <= 6; i++)
            values = vtd_arena_print(arena, "%s, %.40s", values, axis->values[i]);
        if (axis->count > 6)
            values =
                vtd_arena_print(arena, "%s to %.40s, %zu values", values, axis->values[axis->count - 1], axis->count);
        write_fact(out, axis->name, values);
    }
    fputs("</dl>\n", out);
}

static int write_set(struct page *page, const struct vtd_result_set *set, char *why)
{
    static const char *const titles[] = {"Sweep", "Runs", "Every size at once", "Intervals"};
    FILE *out = page->out;
    struct vtd_figure *figures;
    if (vtd_report_choose(page->report, set, &figures, why) != 0)
        return -1;
    fputs("<section>\n<h2>", out);
    fputs(titles[set->kind], out);
    if (set->kind == VTD_RESULTS_SWEEP || set->kind == VTD_RESULTS_INTERVALS) {
        fputs(" ", out);
        vtd_html_text(out, set->file);
    }
    fputs("</h2>\n", out);
    write_facts(page, set);
    write_missing(out, set);
    write_failed(out, set);
    if (!figures)
        fputs("<p class=\"note\">There is nothing to draw: no point has a result.</p>\n", out);
    for (const struct vtd_figure *f = figures; f; f = f->next) {
        write_figure(page, f);
        if (page->report->on_figure && page->report->on_figure(page->report, f, page->figures, why) != 0)
            return -1;
    }
    if (set->kind == VTD_RESULTS_INTERVALS) {
        fputs("</section>\n", out); /* the numbers of the figures are all that there is */
        return 0;
    }
    if (set->count)
        fputs("<h3 class=\"behind\">Behind the figures</h3>\n", out);
    if (set->command) {
        fputs("<details open=\"open\"><summary>The command that made these results</summary><pre>", out);
        vtd_html_text(out, set->command);
        fputs("</pre></details>\n", out);
    }
    vtd_report_settings(out, page->report, set);
    if (set->kind != VTD_RESULTS_CURVES)
        vtd_report_points(out, page->report, set);
    fputs("</section>\n", out);
    return 0;
}

/* ---------------------------------------------------------------- page */

static void write_head(const struct page *page, const char *title)
{
    FILE *out = page->out;
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>",
          out);
    vtd_html_text(out, title);
    fputs("</title>\n<style>\n", out);
    vtd_report_page_style(out);
    fputs("</style>\n</head>\n<body>\n<main>\n<header><h1>", out);
    vtd_html_text(out, title);
    fputs("</h1>\n<p class=\"lead\">", out);
    for (size_t i = 0; i < page->report->file_count; i++) {
        fputs(i ? ", " : "From ", out);
        vtd_html_text(out, page->report->files[i]);
    }
    fputs("</p></header>\n", out);
}

int vtd_report_write(struct vtd_report *report, FILE *out, char why[VTD_RESULTS_WHY])
{
    struct page page = {.report = report, .out = out};
    write_head(&page, report->title ? report->title : "Results of vtdsim");
    for (const struct vtd_result_set *set = report->results.sets; set; set = set->next)
        if (write_set(&page, set, why) != 0)
            return -1;
    fprintf(out, "<footer>Written by vtdsim report %s. Point at a mark to see its value.</footer>\n", vtd_version());
    fputs("</main>\n</body>\n</html>\n", out);
    return 0;
}
