/* SPDX-License-Identifier: MIT */
/* Rows of a sweep as CSV. See merge.h. */
#include "merge.h"

#include "vtd/vtd.h"

#include <string.h>

/* What is told of a run beside its results; a row has its command, which makes all of this again. */
static const char *const left_out[] = {"config", "workload", "faults_by_reason", "version", "command"};

static bool is_left_out(const char *name)
{
    for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++)
        if (strcmp(name, left_out[i]) == 0)
            return true;
    return false;
}

/* ---------------------------------------------------------------- fields */

static void put_text(FILE *out, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void put_value(FILE *out, const json_t *value)
{
    if (json_is_integer(value))
        fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        fprintf(out, "%.10g", json_real_value(value));
    else if (json_is_string(value))
        put_text(out, json_string_value(value));
    else if (json_is_boolean(value))
        fputs(json_is_true(value) ? "1" : "0", out);
}

static bool is_field(const json_t *value)
{
    return json_is_number(value) || json_is_string(value) || json_is_boolean(value) || json_is_null(value);
}

/* ---------------------------------------------------------------- columns */

enum {
    DEPTH_MAX = 8,
    NAME_MAX_LENGTH = 256
};

/* Where a value stands in a result: the names of the objects around it, and its own. */
struct path {
    const char *name[DEPTH_MAX];
    size_t depth;
};

/* As in the CSV of a run: counters and rates go by their own name, what is in other objects by its whole path. */
static void add_column(json_t *columns, const struct path *p)
{
    char name[NAME_MAX_LENGTH] = "";
    const bool own = strcmp(p->name[0], "counters") == 0 || strcmp(p->name[0], "rates") == 0;
    size_t length = 0;
    for (size_t i = own ? p->depth - 1 : 0; i < p->depth && length < sizeof name; i++)
        length += (size_t)snprintf(name + length, sizeof name - length, "%s%s", length ? "." : "", p->name[i]);
    if (json_object_get(columns, name))
        return;
    json_t *parts = json_array();
    for (size_t i = 0; i < p->depth; i++)
        json_array_append_new(parts, json_string(p->name[i]));
    json_object_set_new(columns, name, parts);
}

/* Adds a column for each number and text of an object, in order of first appearance. */
static void add_columns(json_t *columns, json_t *object, struct path *p)
{
    const char *name;
    json_t *value;
    if (p->depth == DEPTH_MAX)
        return;
    json_object_foreach(object, name, value)
    {
        if (p->depth == 0 && is_left_out(name))
            continue;
        p->name[p->depth++] = name;
        if (json_is_object(value))
            add_columns(columns, value, p);
        else if (is_field(value))
            add_column(columns, p);
        p->depth--;
    }
}

static const json_t *find(const json_t *object, const json_t *parts)
{
    for (size_t i = 0; i < json_array_size(parts); i++)
        object = json_object_get(object, json_string_value(json_array_get(parts, i)));
    return object;
}

/* Calls for every row; stops where one returns not 0. */
typedef void visitor(void *arg, json_t *row);

static int for_each_row(struct vtd_gathered *g, visitor *visit, void *arg, char *why)
{
    for (uint64_t i = 0; i < g->merge->points; i++) {
        if (!g->place[i].present)
            continue;
        const char *text = vtd_gathered_row(g, &g->place[i], why);
        if (!text)
            return -1;
        json_t *row = json_loads(text, 0, NULL);
        if (!row) {
            snprintf(why, VTD_WHY_SIZE, "out of memory");
            return -1;
        }
        visit(arg, row);
        json_decref(row);
    }
    return 0;
}

static void note_columns(void *arg, json_t *row)
{
    struct path path = {.depth = 0};
    add_columns(arg, json_object_get(row, "result"), &path);
}

struct table {
    FILE *out;
    const json_t *axes;
    json_t *columns;
};

static void write_names(const struct table *t)
{
    const char *name;
    json_t *parts;
    fputs("index", t->out);
    for (size_t i = 0; i < json_array_size(t->axes); i++) {
        const char *axis = json_string_value(json_object_get(json_array_get(t->axes, i), "name"));
        fputc(',', t->out);
        put_text(t->out, axis ? axis : "");
    }
    json_object_foreach(t->columns, name, parts)
    {
        fputc(',', t->out);
        put_text(t->out, name);
    }
    fputs(",error,command\n", t->out);
}

static void write_row(void *arg, json_t *row)
{
    const struct table *t = arg;
    const char *name;
    json_t *parts;
    const json_t *result = json_object_get(row, "result");
    put_value(t->out, json_object_get(row, "index"));
    for (size_t i = 0; i < json_array_size(t->axes); i++) {
        const char *axis = json_string_value(json_object_get(json_array_get(t->axes, i), "name"));
        fputc(',', t->out);
        put_value(t->out, axis ? json_object_get(json_object_get(row, "point"), axis) : NULL);
    }
    json_object_foreach(t->columns, name, parts)
    {
        fputc(',', t->out);
        put_value(t->out, find(result, parts));
    }
    fputc(',', t->out);
    put_value(t->out, json_object_get(row, "error"));
    fputc(',', t->out);
    put_value(t->out, json_object_get(row, "command"));
    fputc('\n', t->out);
}

int vtd_gathered_write_csv(struct vtd_gathered *g, FILE *out, char *why)
{
    struct table t = {.out = out, .axes = json_object_get(g->header, "axes"), .columns = json_object()};
    int status = for_each_row(g, note_columns, t.columns, why);
    if (status == 0) {
        write_names(&t);
        status = for_each_row(g, write_row, &t, why);
    }
    json_decref(t.columns);
    return status;
}
