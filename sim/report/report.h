/* SPDX-License-Identifier: MIT */
/* A page about results: one HTML file that needs nothing else. */
#ifndef VTD_REPORT_REPORT_H
#define VTD_REPORT_REPORT_H

#include "figure.h"

#include <stdio.h>

/* What is asked for; where nothing is, the figures follow from what differs between the points. */
struct vtd_report {
    struct vtd_loaded results;
    const char *title;        /* NULL: a plain one */
    const char *x, *by;       /* names of axes, NULL: any; by "none": no series */
    const char *const *y;     /* results */
    size_t y_count;           /* 0: any */
    const char *const *files; /* that were read */
    size_t file_count;
    /* Called for each figure with its number, from 1, when it is in the page; 0, or -1 and why. NULL: not called. */
    int (*on_figure)(struct vtd_report *report, const struct vtd_figure *figure, unsigned number, char *why);
    void *arg; /* of the caller */
};

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Figures of a set, in a list. Returns 0, or -1 and why when an axis or a result was asked for that there is not. A list can
 * be empty.
 */
int vtd_report_choose(struct vtd_report *report, const struct vtd_result_set *set, struct vtd_figure **list,
                      char why[VTD_RESULTS_WHY]);

/* The whole page. Returns 0, or -1 and why, as above; what was written then is of no use. */
int vtd_report_write(struct vtd_report *report, FILE *out, char why[VTD_RESULTS_WHY]);

/* Parts of it: the tables under a figure and of all points, and the style. */
void vtd_report_figure_table(FILE *out, const struct vtd_figure *figure);
void vtd_report_points(FILE *out, struct vtd_report *report, const struct vtd_result_set *set);
void vtd_report_settings(FILE *out, struct vtd_report *report, const struct vtd_result_set *set);
void vtd_report_page_style(FILE *out);
void vtd_report_drawing_style(FILE *out);

/* Results that have names for people; those of PASID cache and IOTLB first, and one without name last. */
struct vtd_report_column {
    const char *name, *title, *label;
    const char *cache; /* first part of the keys that concern it, NULL: any key does */
};
extern const struct vtd_report_column vtd_report_columns[];

/* How a result is called in titles and at axes. */
const char *vtd_report_column_title(const char *name);
const char *vtd_report_column_label(const char *name);

#ifdef __cplusplus
}
#endif

#endif
