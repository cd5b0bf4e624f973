/* SPDX-License-Identifier: MIT */
/* Axes, ranges of values, numbering of points. See axes.h. */
#define _POSIX_C_SOURCE 200809L

#include "axes.h"

#include "config/text.h"
#include "vtd/vtd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int complain(char *why, const char *what, const char *text)
{
    snprintf(why, VTD_WHY_SIZE, "%.100s: %.120s", text, what);
    vtd_text_make_printable(why);
    return -1;
}

static int no_memory(char *why)
{
    snprintf(why, VTD_WHY_SIZE, "out of memory");
    return -1;
}

/* ---------------------------------------------------------------- values */

struct range {
    uint64_t first, last, step;
    bool by_factor;
};

/* Reads a number that ends where the text ends or one of stops begins. */
static bool number_until(const char *text, const char *end, uint64_t *value)
{
    char word[32];
    const size_t length = (size_t)(end - text);
    if (length == 0 || length >= sizeof word)
        return false;
    memcpy(word, text, length);
    word[length] = '\0';
    return vtd_number_parse(word, value);
}

/* 1: a range; 0: a value that stands for itself; -1: a range with a mistake. */
static int parse_range(const char *text, struct range *r, char *why)
{
    const char *dots = strstr(text, "..");
    if (!dots || !number_until(text, dots, &r->first))
        return 0;
    const char *last = dots + 2, *sign = last + strcspn(last, "*+"), *end = text + strlen(text);
    r->by_factor = *sign == '*';
    r->step = 1;
    if (!number_until(last, sign, &r->last) || (*sign && !number_until(sign + 1, end, &r->step)))
        return complain(why, "want FIRST..LAST, FIRST..LAST+STEP or FIRST..LAST*FACTOR", text);
    if (r->last < r->first)
        return complain(why, "the range ends before it begins", text);
    if (r->by_factor ? r->first == 0 || r->step < 2 : r->step == 0)
        return complain(why, "the range does not grow", text);
    return 1;
}

int vtd_values_expand(struct vtd_words *values, const char *text, char *why)
{
    struct range r;
    char number[24];
    const int is_range = parse_range(text, &r, why);
    if (is_range < 0)
        return -1;
    if (!is_range)
        return vtd_words_add(values, text) ? 0 : no_memory(why);
    for (uint64_t v = r.first;;) {
        snprintf(number, sizeof number, "%" PRIu64, v);
        if (values->count >= VTD_AXES_POINTS_MAX)
            return complain(why, "too many values", text);
        if (!vtd_words_add(values, number))
            return no_memory(why);
        if (r.by_factor ? v > r.last / r.step : r.step > r.last - v)
            return 0;
        v = r.by_factor ? v * r.step : v + r.step;
    }
}

/* Values of a text, apart by semicolons if there is one, otherwise by commas. */
static int split(struct vtd_words *values, const char *text, char *why)
{
    const char separator = strchr(text, ';') ? ';' : ',';
    for (const char *begin = text;;) {
        const char *end = strchr(begin, separator);
        const size_t length = end ? (size_t)(end - begin) : strlen(begin);
        /* A last semicolon only says that commas do not separate. */
        if (length == 0 && !end && separator == ';' && begin > text)
            return 0;
        if (length == 0)
            return complain(why, "a value is missing", text);
        char *value = strndup(begin, length);
        const int status = value ? vtd_values_expand(values, value, why) : no_memory(why);
        free(value);
        if (status != 0 || !end)
            return status;
        begin = end + 1;
    }
}

/* ---------------------------------------------------------------- dimensions */

struct vtd_dimension *vtd_axes_add(struct vtd_axes *axes)
{
    struct vtd_dimension *bigger = realloc(axes->dimension, (axes->count + 1) * sizeof *bigger);
    if (!bigger)
        return NULL;
    axes->dimension = bigger;
    bigger[axes->count] = (struct vtd_dimension){0};
    return &bigger[axes->count++];
}

int vtd_axes_add_values(struct vtd_axes *axes, const char *name, const char *values, char *why)
{
    struct vtd_dimension *d = vtd_axes_add(axes);
    if (!d || !vtd_words_add(&d->names, name))
        return no_memory(why);
    return split(&d->values, values, why);
}

int vtd_axes_add_over(struct vtd_axes *axes, const char *text, char *why)
{
    const char *equals = strchr(text, '=');
    if (!equals || equals == text)
        return complain(why, "want NAME=VALUE,VALUE,...", text);
    char *name = strndup(text, (size_t)(equals - text));
    char reason[VTD_WHY_SIZE];
    if (!name)
        return no_memory(why);
    int status = vtd_axes_add_values(axes, name, equals + 1, reason);
    if (status != 0)
        complain(why, reason, name);
    free(name);
    return status;
}

static size_t rows(const struct vtd_dimension *d)
{
    return d->values.count / d->names.count;
}

/* A name may stand in one place only. */
static int check_names(const struct vtd_axes *axes, char *why)
{
    for (size_t c = 0; c < axes->columns; c++)
        for (size_t other = 0; other < c; other++)
            if (strcmp(vtd_axes_name(axes, c), vtd_axes_name(axes, other)) == 0)
                return complain(why, "this axis stands twice", vtd_axes_name(axes, c));
    return 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The same value twice would be the same point twice. */
static int check_values(const struct vtd_dimension *d, char *why)
{
    const size_t n = d->values.count;
    const char **sorted = calloc(n, sizeof *sorted);
    if (!sorted)
        return no_memory(why);
    memcpy(sorted, d->values.word, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare);
    int status = 0;
    for (size_t i = 1; i < n && status == 0; i++)
        if (strcmp(sorted[i - 1], sorted[i]) == 0) {
            snprintf(why, VTD_WHY_SIZE, "%.80s: the value %.80s stands twice", d->names.word[0], sorted[i]);
            status = -1;
        }
    free(sorted);
    return status;
}

int vtd_axes_finish(struct vtd_axes *axes, char *why)
{
    axes->points = 1;
    axes->columns = 0;
    for (size_t i = 0; i < axes->count; i++) {
        const struct vtd_dimension *d = &axes->dimension[i];
        axes->columns += d->names.count;
        if (axes->columns > VTD_AXES_COLUMNS_MAX) {
            snprintf(why, VTD_WHY_SIZE, "more than %d axes", VTD_AXES_COLUMNS_MAX);
            return -1;
        }
        axes->points *= rows(d);
        if (axes->points > VTD_AXES_POINTS_MAX) {
            snprintf(why, VTD_WHY_SIZE, "more than %d points", VTD_AXES_POINTS_MAX);
            return -1;
        }
    }
    for (size_t i = 0; i < axes->count; i++)
        if (axes->dimension[i].names.count == 1 && check_values(&axes->dimension[i], why) != 0)
            return -1;
    return check_names(axes, why);
}

/* ---------------------------------------------------------------- points */

/* The dimension that holds column c of all, which becomes its own column. */
static const struct vtd_dimension *dimension_of(const struct vtd_axes *axes, size_t *c)
{
    const struct vtd_dimension *d = axes->dimension;
    for (; *c >= d->names.count; d++)
        *c -= d->names.count;
    return d;
}

const char *vtd_axes_name(const struct vtd_axes *axes, size_t c)
{
    const struct vtd_dimension *d = dimension_of(axes, &c);
    return d->names.word[c];
}

void vtd_axes_point(const struct vtd_axes *axes, uint64_t point, const char *values[VTD_AXES_COLUMNS_MAX])
{
    size_t column = axes->columns;
    for (size_t i = axes->count; i-- > 0;) {
        const struct vtd_dimension *d = &axes->dimension[i];
        const size_t n = d->names.count, row = (size_t)(point % rows(d));
        point /= rows(d);
        column -= n;
        for (size_t c = 0; c < n; c++)
            values[column + c] = d->values.word[row * n + c];
    }
}

/* Slots of values: by value, equal ones in the order in which they stand; or by place alone. */
static int by_value(const void *a, const void *b)
{
    char **x = *(char **const *)a, **y = *(char **const *)b;
    const int order = strcmp(*x, *y);
    return order ? order : (x > y) - (x < y);
}

static int by_place(const void *a, const void *b)
{
    char **x = *(char **const *)a, **y = *(char **const *)b;
    return (x > y) - (x < y);
}

bool vtd_axes_distinct(const struct vtd_axes *axes, size_t c, struct vtd_words *values)
{
    const struct vtd_dimension *d = dimension_of(axes, &c);
    const size_t n = d->names.count;
    size_t kept = 0;
    char ***slot = calloc(rows(d), sizeof *slot);
    if (!slot)
        return false;
    for (size_t row = 0; row < rows(d); row++)
        slot[row] = &d->values.word[row * n + c];
    qsort(slot, rows(d), sizeof *slot, by_value);
    for (size_t row = 0; row < rows(d); row++)
        if (row == 0 || strcmp(*slot[kept - 1], *slot[row]) != 0)
            slot[kept++] = slot[row];
    qsort(slot, kept, sizeof *slot, by_place);
    bool ok = true;
    for (size_t i = 0; i < kept && ok; i++)
        ok = vtd_words_add(values, *slot[i]);
    free(slot);
    return ok;
}

void vtd_axes_free(struct vtd_axes *axes)
{
    for (size_t i = 0; i < axes->count; i++) {
        vtd_words_free(&axes->dimension[i].names);
        vtd_words_free(&axes->dimension[i].values);
    }
    free(axes->dimension);
    *axes = (struct vtd_axes){0};
}
