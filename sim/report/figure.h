/* SPDX-License-Identifier: MIT */
/* A figure as data: panels of series over one axis. What it looks like is in svg.c, which ones there are in choose.c. */
#ifndef VTD_REPORT_FIGURE_H
#define VTD_REPORT_FIGURE_H

#include "results.h"

#include <stdint.h>

enum {
    VTD_FIGURE_SERIES = 8, /* colours and shapes of marks */
    VTD_FIGURE_PANELS = 12,
    VTD_FIGURE_BARS = 24 /* words on the x axis */
};

/* What the points at one place of a series have in common; there is more than one where only seeds differ. */
struct vtd_figure_point {
    size_t count;
    double y, low, high; /* mean, least and greatest; or an estimate with its error */
};

struct vtd_figure_panel {
    const char *title;               /* NULL: the only one */
    struct vtd_figure_point *points; /* [series][x] */
};

struct vtd_figure {
    const char *title, *x_label, *y_label;
    const char *note;    /* what is left out; NULL: nothing */
    const char *command; /* that draws it again; NULL: not known */
    bool percent;        /* y is a share */
    bool bars;           /* x are words */
    bool x_log, y_log;
    bool ordered; /* series are in an order, and their colours, too */
    double *x;    /* ascending; of bars 0, 1, ... */
    const char **x_names;
    size_t x_count;
    const char *series_label; /* NULL: there is one series without name */
    const char **series;
    size_t series_count;
    struct vtd_figure_panel *panels;
    size_t panel_count;
    double y_min, y_max; /* over all panels */
    struct vtd_figure *next;
};

/* What to draw of a set. */
struct vtd_figure_spec {
    size_t x;                  /* axis */
    size_t by;                 /* axis, VTD_NO_VALUE: none */
    const char *const *column; /* results: several become the series, and then there is no axis for them */
    const char *const *column_name;
    size_t columns;
    const char *title, *y_label;
    bool timeless; /* axes of time make no panels: the results are the same for all their values */
};

/* Is it an axis on which only times depend? */
bool vtd_axis_is_of_time(const struct vtd_result_axis *axis);

static inline struct vtd_figure_point *vtd_figure_at(const struct vtd_figure *f, size_t panel, size_t series, size_t x)
{
    return &f->panels[panel].points[series * f->x_count + x];
}

#ifdef __cplusplus
extern "C" {
#endif

/* NULL: there is not one point to draw. */
struct vtd_figure *vtd_figure_make(struct vtd_loaded *results, const struct vtd_result_set *set,
                                   const struct vtd_figure_spec *spec);

/* All curves of one cache in one figure. */
struct vtd_figure *vtd_figure_of_curves(struct vtd_loaded *results, const struct vtd_result_set *set,
                                        const char *cache);

/* One bar for each of the columns of a single result. */
struct vtd_figure *vtd_figure_of_row(struct vtd_loaded *results, const struct vtd_result_row *row,
                                     const struct vtd_figure_spec *spec);

/* When all points are there: finds the extent of y and the kinds of scales. NULL, when there is not one point. */
struct vtd_figure *vtd_figure_keep(struct vtd_figure *figure);

#ifdef __cplusplus
}
#endif

#endif
