/* SPDX-License-Identifier: MIT */
/* What the lines of a file of results say. See row_file.h. */
#include "axes.h"
#include "row_file.h"

#include "config/text.h"
#include "vtd/vtd.h"

#include <stdio.h>
#include <string.h>

#define FORMAT 1 /* value of "vtdsim_sweep" */

static int complain(const char *path, unsigned long line, const char *what, char *why)
{
    snprintf(why, VTD_WHY_SIZE, "%.120s:%lu: %.100s", path, line, what);
    vtd_text_make_printable(why);
    return -1;
}

int vtd_row_parse(struct vtd_row *row, const struct vtd_row_file_line *line, const char *path, uint64_t points,
                  char *why)
{
    json_t *root = json_loadb(line->text, line->length, JSON_REJECT_DUPLICATES, NULL);
    const json_t *index = json_object_get(root, "index");
    const json_t *result = json_object_get(root, "result"), *error = json_object_get(root, "error");
    const char *what = NULL;
    if (!json_is_integer(index) || !json_is_object(json_object_get(root, "point")) ||
        !json_is_string(json_object_get(root, "command")))
        what = "this is not a row of a sweep";
    else if (json_integer_value(index) < 0 || (uint64_t)json_integer_value(index) >= points)
        what = "the sweep has no point of this index";
    else if (json_is_object(result) == json_is_string(error))
        what = "this row needs one of result and error";
    if (what) {
        json_decref(root);
        return complain(path, line->number, what, why);
    }
    *row = (struct vtd_row){.root = root, .index = (uint64_t)json_integer_value(index), .failed = error != NULL};
    return 0;
}

json_t *vtd_header_parse(const struct vtd_row_file_line *line, const char *path, char *why)
{
    json_t *root = json_loadb(line->text, line->length, JSON_REJECT_DUPLICATES, NULL);
    const json_t *format = json_object_get(root, "vtdsim_sweep"), *points = json_object_get(root, "points");
    const char *what = NULL;
    if (!json_is_integer(format))
        what = "this file is not the result of a sweep";
    else if (json_integer_value(format) != FORMAT)
        what = "this format of results is not known to this version";
    else if (!json_is_integer(points) || json_integer_value(points) < 1 ||
             json_integer_value(points) > VTD_AXES_POINTS_MAX || !json_is_array(json_object_get(root, "axes")) ||
             !json_is_string(json_object_get(root, "identity")))
        what = "the header is damaged";
    if (!what)
        return root;
    json_decref(root);
    complain(path, line->number, what, why);
    return NULL;
}

/* ---------------------------------------------------------------- the same sweep? */

static int differ(char *why, const char *what, const char *in_a, const char *name_a, const char *in_b,
                  const char *name_b)
{
    snprintf(why, VTD_WHY_SIZE, "not the same sweep: %.40s: %.50s in %.40s, %.50s in %.40s", what, in_a, name_a, in_b,
             name_b);
    vtd_text_make_printable(why);
    return -1;
}

/* A member as text for a message. */
static void tell(const json_t *header, const char *name, char *text, size_t size)
{
    const json_t *value = json_object_get(header, name);
    size_t length = 0;
    if (json_is_string(value))
        length = (size_t)snprintf(text, size, "%s", json_string_value(value));
    else if (value)
        length = json_dumpb(value, text, size - 1, JSON_COMPACT | JSON_ENCODE_ANY);
    text[length < size ? length : size - 1] = '\0';
    if (!value)
        snprintf(text, size, "none");
}

static const char *axis_name(const json_t *axes, size_t i)
{
    const char *name = json_string_value(json_object_get(json_array_get(axes, i), "name"));
    return name ? name : "none";
}

/* Which axis differs, and how. */
static int compare_axes(const json_t *a, const char *name_a, const json_t *b, const char *name_b, char *why)
{
    const size_t count = json_array_size(a) > json_array_size(b) ? json_array_size(a) : json_array_size(b);
    for (size_t i = 0; i < count; i++) {
        const json_t *x = json_array_get(a, i), *y = json_array_get(b, i);
        char what[64], in_a[64] = "", in_b[64] = "";
        if (x && y && json_equal(x, y))
            continue;
        if (strcmp(axis_name(a, i), axis_name(b, i)) != 0) {
            snprintf(what, sizeof what, "axis %zu", i + 1);
            return differ(why, what, axis_name(a, i), name_a, axis_name(b, i), name_b);
        }
        snprintf(what, sizeof what, "values of %.50s", axis_name(a, i));
        tell(x, "values", in_a, sizeof in_a);
        tell(y, "values", in_b, sizeof in_b);
        return differ(why, what, in_a, name_a, in_b, name_b);
    }
    return 0;
}

int vtd_header_compare(const json_t *a, const char *name_a, const json_t *b, const char *name_b, char *why)
{
    static const char *const members[] = {"version", "points", "base"};
    if (json_equal(json_object_get(a, "identity"), json_object_get(b, "identity")))
        return 0;
    if (compare_axes(json_object_get(a, "axes"), name_a, json_object_get(b, "axes"), name_b, why) != 0)
        return -1;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        char in_a[64], in_b[64];
        const json_t *x = json_object_get(a, members[i]), *y = json_object_get(b, members[i]);
        if (x && y && json_equal(x, y))
            continue;
        tell(a, members[i], in_a, sizeof in_a);
        tell(b, members[i], in_b, sizeof in_b);
        return differ(why, members[i], in_a, name_a, in_b, name_b);
    }
    snprintf(why, VTD_WHY_SIZE,
             "not the same sweep: the list of points, or what is in a configuration file, trace or workload, is not "
             "the same "
             "in %.50s and %.50s",
             name_a, name_b);
    return -1;
}
