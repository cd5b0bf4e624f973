/* SPDX-License-Identifier: MIT */
/*
 * The points of a sweep: every combination of the rows of its dimensions. A dimension is an axis with its values, or a list
 * of points, whose rows give a value to each of several names. The first dimension changes most slowly.
 */
#ifndef VTD_STUDY_AXES_H
#define VTD_STUDY_AXES_H

#include "words.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VTD_AXES_COLUMNS_MAX 64
#define VTD_AXES_POINTS_MAX  1000000

struct vtd_dimension {
    struct vtd_words names;
    struct vtd_words values; /* row after row, as many to a row as there are names */
};

/* All 0 is a sweep without dimensions: one point, without names. */
struct vtd_axes {
    struct vtd_dimension *dimension;
    size_t count;
    size_t columns;  /* names of all dimensions together */
    uint64_t points; /* when vtd_axes_finish succeeded */
};

/* Errors are -1 with why (VTD_WHY_SIZE bytes) filled; they name what is wrong, and file and line if there are such. */

/*
 * Adds the axis of "NAME=VALUE,VALUE,...". Values are separated by commas, or by semicolons where one occurs (the values may
 * then contain commas). A value FIRST..LAST is a range of numbers in steps of 1, FIRST..LAST+N in steps of N, FIRST..LAST*N
 * grows by the factor N; none exceeds LAST.
 */
int vtd_axes_add_over(struct vtd_axes *axes, const char *text, char *why);

/* The same of a name and a text of values; or of one value, that is a range or stands for itself. */
int vtd_axes_add_values(struct vtd_axes *axes, const char *name, const char *values, char *why);
int vtd_values_expand(struct vtd_words *values, const char *text, char *why);

/* Adds an empty dimension. NULL: out of memory. */
struct vtd_dimension *vtd_axes_add(struct vtd_axes *axes);

/* axes_list.c: adds a CSV file, whose first line has the names and each further line a point. */
int vtd_axes_add_list(struct vtd_axes *axes, const char *file, char *why);

/* axes_yaml.c: adds the axes (over) and points (list) of a YAML file, and to base the name and value of each entry of its
 * base, in turn. */
int vtd_axes_add_yaml(struct vtd_axes *axes, struct vtd_words *base, const char *file, char *why);

/* Counts columns and points; refuses names or values of an axis that stand twice, and too many of anything. */
int vtd_axes_finish(struct vtd_axes *axes, char *why);

/* The name of column c, and the values of point number i, one for each column. */
const char *vtd_axes_name(const struct vtd_axes *axes, size_t c);
void vtd_axes_point(const struct vtd_axes *axes, uint64_t i, const char *values[VTD_AXES_COLUMNS_MAX]);

/* Adds the different values of column c to values, in the order of their appearance. False: out of memory. */
bool vtd_axes_distinct(const struct vtd_axes *axes, size_t c, struct vtd_words *values);

void vtd_axes_free(struct vtd_axes *axes);

#ifdef __cplusplus
}
#endif
#endif
