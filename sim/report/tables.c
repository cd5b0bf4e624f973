/* SPDX-License-Identifier: MIT */
/* Tables of the page: the numbers of a figure, all points of a set, and the settings behind them. See report.h. */
#include "report.h"

#include "text.h"

#include <string.h>

enum {
    ROWS_MAX = 1000,  /* of the table of a figure */
    POINTS_MAX = 1000 /* rows of the table of all points */
};

/* A number as it is read, and as it was in the results. */
static void write_number(FILE *out, double value, bool percent)
{
    char text[VTD_NUMBER_TEXT];
    fprintf(out, "<data value=\"%.10g\">%s</data>", value, vtd_number_text(text, value, percent));
}

/* ---------------------------------------------------------------- figures */

static bool x_is_used(const struct vtd_figure *f, size_t panel, size_t x)
{
    for (size_t s = 0; s < f->series_count; s++)
        if (vtd_figure_at(f, panel, s, x)->count)
            return true;
    return false;
}

static void write_cell(FILE *out, const struct vtd_figure *f, const struct vtd_figure_point *p)
{
    fputs("<td>", out);
    if (!p->count) {
        fputs("&#8211;", out);
    } else {
        write_number(out, p->y, f->percent);
        if (p->high > p->low) {
            fputs(" (", out);
            write_number(out, p->low, f->percent);
            fputs(" to ", out);
            write_number(out, p->high, f->percent);
            fputs(")", out);
        }
    }
    fputs("</td>", out);
}

/* Where a series comes close to its best first: the question that most curves are drawn for. */
static void write_knees(FILE *out, const struct vtd_figure *f, size_t panel)
{
    fputs("<tfoot><tr><th class=\"w\">first within 1 point of the best</th>", out);
    for (size_t s = 0; s < f->series_count; s++) {
        double best = -1;
        size_t knee = 0;
        for (size_t x = 0; x < f->x_count; x++) {
            const struct vtd_figure_point *p = vtd_figure_at(f, panel, s, x);
            best = p->count && p->y > best ? p->y : best;
        }
        while (knee < f->x_count &&
               !(vtd_figure_at(f, panel, s, knee)->count && vtd_figure_at(f, panel, s, knee)->y >= best - 0.01))
            knee++;
        fputs("<td>", out);
        vtd_html_text(out, knee < f->x_count ? f->x_names[knee] : "");
        fputs("</td>", out);
    }
    fputs("</tr></tfoot>", out);
}

/* Names of the series, below what they are values of. */
static void write_head(FILE *out, const struct vtd_figure *f)
{
    fputs("<thead>", out);
    if (f->series_label && *f->series_label) {
        fprintf(out, "<tr><th></th><th class=\"over\" colspan=\"%zu\">", f->series_count);
        vtd_html_text(out, f->series_label);
        fputs("</th></tr>\n", out);
    }
    fputs("<tr><th class=\"w\">", out);
    vtd_html_text(out, f->x_label);
    fputs("</th>", out);
    for (size_t s = 0; s < f->series_count; s++) {
        fputs("<th>", out);
        vtd_html_text(out, f->series_label ? f->series[s] : f->y_label);
        fputs("</th>", out);
    }
    fputs("</tr></thead>\n", out);
}

void vtd_report_figure_table(FILE *out, const struct vtd_figure *f)
{
    fputs("<details class=\"numbers\"><summary>Numbers</summary>\n", out);
    for (size_t panel = 0; panel < f->panel_count; panel++) {
        if (f->panels[panel].title) {
            fputs("<h4>", out);
            vtd_html_text(out, f->panels[panel].title);
            fputs("</h4>", out);
        }
        if (f->x_count > ROWS_MAX)
            fprintf(out, "<p class=\"note\">The first %d of %zu rows; the others are in the file.</p>\n", ROWS_MAX,
                    f->x_count);
        fputs("<div class=\"scroll\"><table>\n", out);
        write_head(out, f);
        fputs("<tbody>\n", out);
        for (size_t x = 0; x < f->x_count && x < ROWS_MAX; x++) {
            if (!x_is_used(f, panel, x))
                continue;
            fputs("<tr><th class=\"w\">", out);
            vtd_html_text(out, f->x_names[x]);
            fputs("</th>", out);
            for (size_t s = 0; s < f->series_count; s++)
                write_cell(out, f, vtd_figure_at(f, panel, s, x));
            fputs("</tr>\n", out);
        }
        fputs("</tbody>\n", out);
        if (f->percent && !f->bars)
            write_knees(out, f, panel);
        fputs("</table></div>\n", out);
    }
    fputs("</details>\n", out);
}

/* ---------------------------------------------------------------- all points */

static const char *const point_columns[] = {
    "requests", "faults", "ctxt_cache_hit_rate", "pasid_cache_hit_rate", "iotlb_hit_rate", "memory_reads_per_request",
};

enum {
    POINT_COLUMNS = sizeof point_columns / sizeof point_columns[0]
};

static void write_point(FILE *out, const struct vtd_result_set *set, const struct vtd_result_row *row)
{
    fprintf(out, "<tr><th>%" JSON_INTEGER_FORMAT "</th>", row->index);
    for (size_t a = 0; a < set->axis_count; a++) {
        if (set->axes[a].count < 2)
            continue;
        fputs("<td>", out);
        vtd_html_text(out, row->at[a] == VTD_NO_VALUE ? "" : set->axes[a].values[row->at[a]]);
        fputs("</td>", out);
    }
    for (unsigned i = 0; i < POINT_COLUMNS; i++) {
        double value;
        fputs("<td>", out);
        if (vtd_result_number(row, point_columns[i], &value))
            write_number(out, value, strstr(point_columns[i], "_rate") != NULL);
        fputs("</td>", out);
    }
    fputs("<td class=\"w\"><code>", out);
    vtd_html_text(out, row->command ? row->command : row->file);
    fputs("</code></td></tr>\n", out);
}

void vtd_report_points(FILE *out, struct vtd_report *report, const struct vtd_result_set *set)
{
    (void)report;
    size_t written = 0, rows = 0;
    for (size_t i = 0; i < set->count; i++)
        rows += set->rows[i].result != NULL;
    fprintf(out, "<details><summary>%s%zu point%s, with the command%s</summary>\n", rows == 1 ? "" : "All ", rows,
            rows == 1 ? "" : "s", rows == 1 ? "" : "s");
    if (rows > POINTS_MAX)
        fprintf(out, "<p class=\"note\">The first %u of them; the others are in the file.</p>\n", POINTS_MAX);
    fputs("<div class=\"scroll\"><table class=\"points\">\n<thead><tr><th>point</th>", out);
    for (size_t a = 0; a < set->axis_count; a++) {
        if (set->axes[a].count < 2)
            continue;
        fputs("<th>", out);
        vtd_html_text(out, set->axes[a].name);
        fputs("</th>", out);
    }
    for (unsigned i = 0; i < POINT_COLUMNS; i++)
        fprintf(out, "<th>%s</th>", point_columns[i]);
    fprintf(out, "<th class=\"w\">%s</th></tr></thead>\n<tbody>\n",
            set->kind == VTD_RESULTS_SWEEP ? "command" : "command or file");
    for (size_t i = 0; i < set->count && written < POINTS_MAX; i++) {
        if (!set->rows[i].result)
            continue;
        write_point(out, set, &set->rows[i]);
        written++;
    }
    fputs("</tbody></table></div></details>\n", out);
}

/* ---------------------------------------------------------------- settings */

/* Is the setting equal in all results that have it? */
static bool is_constant(const struct vtd_result_set *set, const char *place, const char *key, const json_t *value)
{
    for (size_t i = 0; i < set->count; i++) {
        const json_t *other = json_object_get(json_object_get(set->rows[i].result, place), key);
        if (other && !json_equal(other, value))
            return false;
    }
    return true;
}

static void write_settings(FILE *out, struct vtd_report *report, const struct vtd_result_set *set, const char *place,
                           const json_t *first)
{
    const char *key;
    json_t *value;
    fputs("<dl class=\"settings\">\n", out);
    json_object_foreach((json_t *)first, key, value)
    {
        const char *text = vtd_json_text(&report->results.arena, value);
        fputs("<div><dt>", out);
        vtd_html_text(out, key);
        fputs("</dt><dd>", out);
        if (is_constant(set, place, key, value))
            vtd_html_text(out, text ? text : "...");
        else
            fputs("<em>differs</em>", out);
        fputs("</dd></div>\n", out);
    }
    fputs("</dl>\n", out);
}

void vtd_report_settings(FILE *out, struct vtd_report *report, const struct vtd_result_set *set)
{
    static const char *const places[] = {"workload", "config"};
    static const char *const titles[] = {"Workload", "Effective configuration"};
    for (unsigned p = 0; p < 2; p++) {
        const json_t *first = NULL;
        for (size_t i = 0; i < set->count && !first; i++)
            first = json_object_get(set->rows[i].result, places[p]);
        if (!json_is_object(first))
            continue;
        fprintf(out, "<details class=\"%s\"><summary>%s</summary>\n", places[p], titles[p]);
        write_settings(out, report, set, places[p], first);
        fputs("</details>\n", out);
    }
}
