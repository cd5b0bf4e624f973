/* SPDX-License-Identifier: MIT */
/* Makes figures out of sets of results. See figure.h. */
#include "figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- points */

static void put(struct vtd_figure_point *p, double y)
{
    p->low = p->count && p->low < y ? p->low : y;
    p->high = p->count && p->high > y ? p->high : y;
    p->count++;
    p->y += (y - p->y) / (double)p->count;
}

static bool are_powers(const double *x, size_t count)
{
    int exponent;
    for (size_t i = 0; i < count; i++)
        if (x[i] <= 0 || frexp(x[i], &exponent) != 0.5)
            return false;
    return count > 0;
}

/* Is the middle of the values nearer to that of equal ratios than to that of equal distances? */
static bool are_geometric(const double *x, size_t count)
{
    const double low = x[0], high = x[count - 1], middle = log(x[count / 2]);
    return high / low >= 32 && fabs(middle - log(low * high) / 2) < fabs(middle - log((low + high) / 2));
}

/* Extent of y and kinds of scales. */
static void finish(struct vtd_figure *f)
{
    bool first = true;
    for (size_t i = 0; i < f->panel_count * f->series_count * f->x_count; i++) {
        const size_t panel = i / (f->series_count * f->x_count);
        const struct vtd_figure_point *p = &f->panels[panel].points[i % (f->series_count * f->x_count)];
        if (!p->count)
            continue;
        f->y_min = first || p->low < f->y_min ? p->low : f->y_min;
        f->y_max = first || p->high > f->y_max ? p->high : f->y_max;
        first = false;
    }
    if (!f->bars && f->x_count > 1 && f->x[0] > 0)
        f->x_log = are_powers(f->x, f->x_count) || are_geometric(f->x, f->x_count);
    f->y_log = !f->percent && !f->bars && f->y_min > 1e-12 && f->y_max / f->y_min >= 64;
}

/* ---------------------------------------------------------------- axes of a sweep */

/* Which values of the series' axis are drawn: all, or as many as there are colours, spread evenly. */
static size_t pick_series(const struct vtd_result_axis *axis, size_t value)
{
    if (axis->count <= VTD_FIGURE_SERIES)
        return value;
    for (size_t i = 0; i < VTD_FIGURE_SERIES; i++)
        if (i * (axis->count - 1) / (VTD_FIGURE_SERIES - 1) == value)
            return i;
    return VTD_NO_VALUE;
}

static size_t picked_value(const struct vtd_result_axis *axis, size_t series)
{
    return axis->count <= VTD_FIGURE_SERIES ? series : series * (axis->count - 1) / (VTD_FIGURE_SERIES - 1);
}

bool vtd_axis_is_of_time(const struct vtd_result_axis *axis)
{
    return strncmp(axis->name, "timing.", 7) == 0 || strcmp(axis->name, "arrivals") == 0;
}

/* Axes that neither x nor the series show make panels. Seeds do not: their points are put together. */
static bool makes_panels(const struct vtd_result_set *set, const struct vtd_figure_spec *spec, size_t a)
{
    const struct vtd_result_axis *axis = &set->axes[a];
    return a != spec->x && a != spec->by && axis->count > 1 && !axis->follows && strcmp(axis->name, "seed") != 0 &&
           !(spec->timeless && vtd_axis_is_of_time(axis));
}

/* Panels: which combinations of values there are, in the order of the values. */
struct panels {
    const struct vtd_result_set *set;
    const struct vtd_figure_spec *spec;
    const struct vtd_result_row **of; /* a row of each */
    size_t count;
};

static int compare_panel(const struct panels *p, const struct vtd_result_row *a, const struct vtd_result_row *b)
{
    for (size_t i = 0; i < p->set->axis_count; i++)
        if (makes_panels(p->set, p->spec, i) && a->at[i] != b->at[i])
            return a->at[i] < b->at[i] ? -1 : 1;
    return 0;
}

/* The panel of a row; where it would have to be put, when it is not there. */
static size_t find_panel(const struct panels *p, const struct vtd_result_row *row, bool *found)
{
    size_t low = 0, high = p->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (compare_panel(p, p->of[middle], row) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *found = low < p->count && compare_panel(p, p->of[low], row) == 0;
    return low;
}

static void find_panels(struct vtd_loaded *results, struct panels *p)
{
    p->of = vtd_arena_alloc(&results->arena, p->set->count, sizeof(*p->of));
    for (size_t i = 0; i < p->set->count; i++) {
        bool found = false;
        const struct vtd_result_row *row = &p->set->rows[i];
        const size_t at = row->result ? find_panel(p, row, &found) : 0;
        if (!row->result || found)
            continue;
        memmove(&p->of[at + 1], &p->of[at], (p->count - at) * sizeof(*p->of));
        p->of[at] = row;
        p->count++;
    }
}

static const char *panel_title(struct vtd_loaded *results, const struct panels *p, const struct vtd_result_row *row)
{
    const char *title = NULL;
    for (size_t a = 0; a < p->set->axis_count; a++) {
        if (!makes_panels(p->set, p->spec, a))
            continue;
        const struct vtd_result_axis *axis = &p->set->axes[a];
        title = vtd_arena_print(&results->arena, "%s%s%s = %s", title ? title : "", title ? ", " : "", axis->name,
                                row->at[a] == VTD_NO_VALUE ? "-" : axis->values[row->at[a]]);
    }
    return title;
}

/* ---------------------------------------------------------------- figures of sweeps */

static void make_axes(struct vtd_loaded *results, const struct vtd_result_set *set, const struct vtd_figure_spec *spec,
                      struct vtd_figure *f)
{
    const struct vtd_result_axis *x = &set->axes[spec->x];
    const struct vtd_result_axis *by = spec->by == VTD_NO_VALUE ? NULL : &set->axes[spec->by];
    f->x_label = x->name;
    f->bars = !x->numeric || x->count < 3;
    f->x_count = f->bars && x->count > VTD_FIGURE_BARS ? VTD_FIGURE_BARS : x->count;
    f->x = vtd_arena_alloc(&results->arena, f->x_count, sizeof *f->x);
    f->x_names = x->values;
    for (size_t i = 0; i < f->x_count; i++)
        f->x[i] = f->bars ? (double)i : x->numbers[i];
    f->series_count = by ? by->count < VTD_FIGURE_SERIES ? by->count : VTD_FIGURE_SERIES : spec->columns;
    f->series = vtd_arena_alloc(&results->arena, f->series_count, sizeof *f->series);
    for (size_t i = 0; i < f->series_count; i++)
        f->series[i] = by                  ? by->values[picked_value(by, i)]
                       : spec->column_name ? spec->column_name[i]
                                           : spec->column[i];
    if (by) {
        f->series_label = by->name;
        f->ordered = by->numeric;
    } else if (spec->columns > 1) {
        f->series_label = "";
        f->ordered = true;
    }
}

static void fill(const struct panels *p, struct vtd_figure *f)
{
    const struct vtd_figure_spec *spec = p->spec;
    for (size_t i = 0; i < p->set->count; i++) {
        const struct vtd_result_row *row = &p->set->rows[i];
        bool found = false;
        const size_t panel = row->result ? find_panel(p, row, &found) : VTD_NO_VALUE;
        if (panel >= f->panel_count || row->at[spec->x] >= f->x_count)
            continue;
        for (size_t c = 0; c < spec->columns; c++) {
            size_t series = c;
            double y;
            if (spec->by != VTD_NO_VALUE && row->at[spec->by] == VTD_NO_VALUE)
                continue;
            if (spec->by != VTD_NO_VALUE)
                series = pick_series(&p->set->axes[spec->by], row->at[spec->by]);
            if (series != VTD_NO_VALUE && vtd_result_number(row, spec->column[c], &y))
                put(vtd_figure_at(f, panel, series, row->at[spec->x]), y);
        }
    }
}

/* What the figure does not show, in words. */
static const char *left_out(struct vtd_loaded *results, const struct panels *p, const struct vtd_figure *f)
{
    const struct vtd_result_axis *by = p->spec->by == VTD_NO_VALUE ? NULL : &p->set->axes[p->spec->by];
    const struct vtd_result_axis *x = &p->set->axes[p->spec->x];
    const char *note = NULL;
    for (size_t a = 0; a < p->set->axis_count; a++) {
        const struct vtd_result_axis *axis = &p->set->axes[a];
        if (a != p->spec->x && a != p->spec->by && axis->count > 1 && strcmp(axis->name, "seed") == 0)
            note = vtd_arena_print(&results->arena, "Marks are means over seeds, and bars reach from the least to the "
                                                    "greatest. ");
        if (p->spec->timeless && a != p->spec->by && axis->count > 1 && vtd_axis_is_of_time(axis))
            note = vtd_arena_print(&results->arena, "%s%s makes no difference here. ", note ? note : "", axis->name);
        if (axis->follows && a != p->spec->x && a != p->spec->by)
            note = vtd_arena_print(&results->arena, "%s%s goes with %s. ", note ? note : "", axis->name, axis->follows);
    }
    if (p->count > f->panel_count)
        note = vtd_arena_print(&results->arena, "%sThe first %zu of %zu combinations of the other axes are drawn. ",
                               note ? note : "", f->panel_count, p->count);
    if (by && by->count > f->series_count)
        note = vtd_arena_print(&results->arena, "%s%zu of the %zu values of %s are drawn. ", note ? note : "",
                               f->series_count, by->count, by->name);
    if (x->count > f->x_count)
        note = vtd_arena_print(&results->arena, "%sThe first %zu of the %zu values of %s are drawn. ", note ? note : "",
                               f->x_count, x->count, x->name);
    return note;
}

static bool is_share(const char *name)
{
    const char *end = strrchr(name, '_');
    return (end && strcmp(end, "_rate") == 0) || strstr(name, "share");
}

struct vtd_figure *vtd_figure_keep(struct vtd_figure *f)
{
    for (size_t i = 0; i < f->panel_count; i++)
        for (size_t k = 0; k < f->series_count * f->x_count; k++)
            if (f->panels[i].points[k].count) {
                finish(f);
                return f;
            }
    return NULL;
}

struct vtd_figure *vtd_figure_make(struct vtd_loaded *results, const struct vtd_result_set *set,
                                   const struct vtd_figure_spec *spec)
{
    struct panels p = {.set = set, .spec = spec};
    struct vtd_figure *f = vtd_arena_alloc(&results->arena, 1, sizeof *f);
    f->title = spec->title;
    f->y_label = spec->y_label;
    f->percent = is_share(spec->column[0]);
    make_axes(results, set, spec, f);
    find_panels(results, &p);
    f->panel_count = p.count < VTD_FIGURE_PANELS ? p.count : VTD_FIGURE_PANELS;
    f->panels = vtd_arena_alloc(&results->arena, f->panel_count, sizeof *f->panels);
    for (size_t i = 0; i < f->panel_count; i++) {
        f->panels[i].title = panel_title(results, &p, p.of[i]);
        f->panels[i].points = vtd_arena_alloc(&results->arena, f->series_count * f->x_count, sizeof *f->panels->points);
    }
    fill(&p, f);
    f->note = left_out(results, &p, f);
    return vtd_figure_keep(f);
}

/* ---------------------------------------------------------------- single results */

struct vtd_figure *vtd_figure_of_row(struct vtd_loaded *results, const struct vtd_result_row *row,
                                     const struct vtd_figure_spec *spec)
{
    struct vtd_figure *f = vtd_arena_alloc(&results->arena, 1, sizeof *f);
    *f = (struct vtd_figure){.title = spec->title, .y_label = spec->y_label, .x_label = "", .bars = true};
    f->percent = is_share(spec->column[0]);
    f->x = vtd_arena_alloc(&results->arena, spec->columns, sizeof *f->x);
    f->x_names = vtd_arena_alloc(&results->arena, spec->columns, sizeof *f->x_names);
    f->series = vtd_arena_alloc(&results->arena, 1, sizeof *f->series);
    f->series[0] = "";
    f->series_count = f->panel_count = 1;
    f->panels = vtd_arena_alloc(&results->arena, 1, sizeof *f->panels);
    f->panels->points = vtd_arena_alloc(&results->arena, spec->columns, sizeof *f->panels->points);
    for (size_t c = 0; c < spec->columns; c++) {
        double y;
        if (!vtd_result_number(row, spec->column[c], &y))
            continue;
        f->x[f->x_count] = (double)f->x_count;
        f->x_names[f->x_count] = spec->column_name[c];
        put(&f->panels->points[f->x_count++], y);
    }
    return vtd_figure_keep(f);
}
