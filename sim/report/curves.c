/* SPDX-License-Identifier: MIT */
/* Makes figures out of the curves of vtdsim mrc. See figure.h. */
#include "figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool is_of(const struct vtd_result_row *row, const char *cache)
{
    return strcmp(json_string_value(json_object_get(row->result, "cache")), cache) == 0;
}

/* Does the axis tell curves apart? */
static bool tells_apart(const struct vtd_result_axis *axis)
{
    return axis->count > 1 && !axis->follows;
}

/* What tells the curve apart from the others: its values, or the file that it comes from. */
static const char *curve_name(struct vtd_loaded *results, const struct vtd_result_set *set,
                              const struct vtd_result_row *row, bool with_names)
{
    const char *name = NULL;
    for (size_t a = 0; a < set->axis_count; a++) {
        const struct vtd_result_axis *axis = &set->axes[a];
        if (tells_apart(axis))
            name = vtd_arena_print(&results->arena, "%s%s%s%s%s", name ? name : "", name ? ", " : "",
                                   with_names ? axis->name : "", with_names ? " " : "",
                                   row->at[a] == VTD_NO_VALUE ? "-" : axis->values[row->at[a]]);
    }
    return name ? name : row->file;
}

static void name_curves(struct vtd_loaded *results, const struct vtd_result_set *set, const char *cache,
                        struct vtd_figure *f)
{
    const struct vtd_result_axis *only = NULL;
    size_t axes = 0;
    for (size_t a = 0; a < set->axis_count; a++)
        if (tells_apart(&set->axes[a])) {
            only = &set->axes[a];
            axes++;
        }
    f->series_label = axes == 1 ? only->name : "";
    for (size_t r = 0, s = 0; r < set->count && s < f->series_count; r++)
        if (is_of(&set->rows[r], cache))
            f->series[s++] = curve_name(results, set, &set->rows[r], axes > 1);
}

/* All sizes that one of the curves has. */
static void sizes_of(struct vtd_loaded *results, const struct vtd_result_set *set, const char *cache,
                     struct vtd_figure *f)
{
    size_t points = 0, n = 0, i;
    json_t *point;
    for (size_t r = 0; r < set->count; r++)
        points += json_array_size(json_object_get(set->rows[r].result, "curve"));
    f->x = vtd_arena_alloc(&results->arena, points, sizeof *f->x);
    for (size_t r = 0; r < set->count; r++)
        if (is_of(&set->rows[r], cache))
            json_array_foreach(json_object_get(set->rows[r].result, "curve"), i, point) f->x[n++] =
                json_number_value(json_object_get(point, "entries"));
    if (n)
        qsort(f->x, n, sizeof *f->x, by_value);
    for (i = 0; i < n; i++)
        if (f->x_count == 0 || f->x[i] != f->x[f->x_count - 1])
            f->x[f->x_count++] = f->x[i];
    f->x_names = vtd_arena_alloc(&results->arena, f->x_count, sizeof *f->x_names);
    for (i = 0; i < f->x_count; i++)
        f->x_names[i] = vtd_arena_print(&results->arena, "%.0f", f->x[i]);
}

static void put_curve(const struct vtd_result_row *row, struct vtd_figure *f, size_t series)
{
    const double lookups = json_number_value(json_object_get(row->result, "lookups"));
    size_t i;
    json_t *point;
    json_array_foreach(json_object_get(row->result, "curve"), i, point)
    {
        const double entries = json_number_value(json_object_get(point, "entries"));
        const double *x = bsearch(&entries, f->x, f->x_count, sizeof *f->x, by_value);
        struct vtd_figure_point *p = vtd_figure_at(f, 0, series, (size_t)(x - f->x));
        const double error = json_number_value(json_object_get(point, "hits_error"));
        *p = (struct vtd_figure_point){.count = 1, .y = json_number_value(json_object_get(point, "hit_rate"))};
        p->low = p->high = p->y;
        if (error > 0 && lookups > 0) { /* one standard error each way */
            p->low = fmax(0, p->y - error / lookups);
            p->high = fmin(1, p->y + error / lookups);
        }
    }
}

struct vtd_figure *vtd_figure_of_curves(struct vtd_loaded *results, const struct vtd_result_set *set, const char *cache)
{
    struct vtd_figure *f = vtd_arena_alloc(&results->arena, 1, sizeof *f);
    size_t curves = 0;
    for (size_t r = 0; r < set->count; r++)
        curves += is_of(&set->rows[r], cache);
    f->percent = true;
    f->x_label = "entries";
    f->series_count = curves < VTD_FIGURE_SERIES ? curves : VTD_FIGURE_SERIES;
    f->series = vtd_arena_alloc(&results->arena, f->series_count, sizeof *f->series);
    f->panel_count = 1;
    f->panels = vtd_arena_alloc(&results->arena, 1, sizeof *f->panels);
    sizes_of(results, set, cache, f);
    f->panels->points = vtd_arena_alloc(&results->arena, f->series_count * f->x_count, sizeof *f->panels->points);
    for (size_t r = 0, s = 0; r < set->count && s < f->series_count; r++) {
        if (!is_of(&set->rows[r], cache))
            continue;
        put_curve(&set->rows[r], f, s++);
    }
    name_curves(results, set, cache, f);
    if (curves > f->series_count)
        f->note = vtd_arena_print(&results->arena, "The first %zu of %zu curves are drawn. ", f->series_count, curves);
    return vtd_figure_keep(f);
}
