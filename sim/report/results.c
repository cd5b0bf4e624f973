/* SPDX-License-Identifier: MIT */
/* Reads results. See results.h. */
#include "results.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int vtd_result_refuse(const struct vtd_result_reader *r, const char *what)
{
    snprintf(r->why, VTD_RESULTS_WHY, "%.200s:%lu: %.250s", r->file, r->line, what);
    return -1;
}

/* The results keep all objects that were read until the end. */
void vtd_result_own(struct vtd_loaded *results, json_t *json)
{
    if (results->owned_count == results->owned_room) {
        const size_t room = results->owned_room ? 2 * results->owned_room : 64;
        json_t **more = vtd_arena_alloc(&results->arena, room, sizeof(json_t *));
        if (results->owned_count)
            memcpy(more, results->owned, results->owned_count * sizeof(json_t *));
        results->owned = more;
        results->owned_room = room;
    }
    results->owned[results->owned_count++] = json;
}

struct vtd_result_set *vtd_result_add_set(struct vtd_result_reader *r, enum vtd_result_kind kind)
{
    struct vtd_result_set **last = &r->results->sets;
    for (; *last; last = &(*last)->next)
        if ((kind == VTD_RESULTS_RUNS || kind == VTD_RESULTS_CURVES) && (*last)->kind == kind)
            return *last;
    *last = vtd_arena_alloc(&r->results->arena, 1, sizeof **last);
    (*last)->kind = kind;
    (*last)->file = r->file;
    return *last;
}

struct vtd_result_row *vtd_result_add_row(struct vtd_result_reader *r, struct vtd_result_set *set)
{
    if (set->count == set->room) {
        const size_t room = set->room ? 2 * set->room : 64;
        struct vtd_result_row *more = vtd_arena_alloc(&r->results->arena, room, sizeof *more);
        if (set->count)
            memcpy(more, set->rows, set->count * sizeof *more);
        set->rows = more;
        set->room = room;
    }
    struct vtd_result_row *row = &set->rows[set->count];
    *row = (struct vtd_result_row){.file = r->file, .line = r->line, .index = (json_int_t)set->count};
    set->count++;
    return row;
}

/* ---------------------------------------------------------------- sweeps */

static bool header_axes_are_good(const json_t *axes)
{
    size_t i, k;
    json_t *axis, *value;
    if (!json_is_array(axes))
        return false;
    json_array_foreach(axes, i, axis)
    {
        const json_t *values = json_object_get(axis, "values");
        if (!json_is_string(json_object_get(axis, "name")) || !json_is_array(values))
            return false;
        json_array_foreach(values, k, value) if (!json_is_string(value)) return false;
    }
    return true;
}

static int read_header(struct vtd_result_reader *r, json_t *json, struct vtd_result_set **set)
{
    const json_t *points = json_object_get(json, "points");
    if (json_integer_value(json_object_get(json, "vtdsim_sweep")) != 1)
        return vtd_result_refuse(r, "a sweep in a form that this version does not know (vtdsim_sweep is not 1)");
    if (!json_is_integer(points) || json_integer_value(points) < 0)
        return vtd_result_refuse(r, "the header of the sweep has no number of points");
    if (!header_axes_are_good(json_object_get(json, "axes")))
        return vtd_result_refuse(r, "the header of the sweep has no axes with names and values");
    *set = vtd_result_add_set(r, VTD_RESULTS_SWEEP);
    (*set)->header = json;
    (*set)->points = json_integer_value(points);
    (*set)->command = json_string_value(json_object_get(json, "command"));
    (*set)->version = json_string_value(json_object_get(json, "version"));
    return 0;
}

static int check_point(struct vtd_result_reader *r, const struct vtd_result_set *set, const json_t *point)
{
    size_t i;
    json_t *axis;
    char text[200];
    json_array_foreach(json_object_get(set->header, "axes"), i, axis)
    {
        const char *name = json_string_value(json_object_get(axis, "name"));
        if (json_is_string(json_object_get(point, name)))
            continue;
        snprintf(text, sizeof text, "the point has no value of '%.150s'", name);
        return vtd_result_refuse(r, text);
    }
    return 0;
}

static int read_sweep_row(struct vtd_result_reader *r, struct vtd_result_set *set, json_t *json)
{
    const json_t *index = json_object_get(json, "index");
    json_t *point = json_object_get(json, "point"), *result = json_object_get(json, "result");
    const char *error = json_string_value(json_object_get(json, "error"));
    if (json_object_get(json, "vtdsim_sweep"))
        return vtd_result_refuse(r, "a second header; put sweeps together with vtdsim merge");
    if (!json_is_integer(index) || json_integer_value(index) < 0 || json_integer_value(index) >= set->points)
        return vtd_result_refuse(r, "no index of a point of this sweep");
    if (!json_is_object(point))
        return vtd_result_refuse(r, "the row has no point");
    if (check_point(r, set, point) != 0)
        return -1;
    if (!json_is_object(result) && !error)
        return vtd_result_refuse(r, "the row has no result");
    struct vtd_result_row *row = vtd_result_add_row(r, set);
    row->index = json_integer_value(index);
    row->point = point;
    row->command = json_string_value(json_object_get(json, "command"));
    row->result = json_is_object(result) ? result : NULL;
    row->error = row->result ? NULL : error;
    return 0;
}

/* Rows of a sweep mostly have one configuration: keep one of equal ones. */
static void share_config(struct vtd_result_set *set)
{
    if (set->count < 2)
        return;
    json_t *before = json_object_get(set->rows[set->count - 2].result, "config");
    json_t *mine = json_object_get(set->rows[set->count - 1].result, "config");
    if (before && mine && json_equal(before, mine))
        json_object_set(set->rows[set->count - 1].result, "config", before);
}

/* ---------------------------------------------------------------- single objects */

static int check_curve(struct vtd_result_reader *r, const json_t *json)
{
    size_t i;
    json_t *point;
    if (!json_is_string(json_object_get(json, "cache")) || !json_is_array(json_object_get(json, "curve")))
        return vtd_result_refuse(r, "a curve without cache or points");
    json_array_foreach(json_object_get(json, "curve"), i, point)
    {
        const json_t *entries = json_object_get(point, "entries"), *rate = json_object_get(point, "hit_rate");
        const double size = json_number_value(entries), share = json_number_value(rate);
        if (!json_is_number(entries) || !json_is_number(rate) || size < 1 || size > 1e18 || share < 0 || share > 1)
            return vtd_result_refuse(r, "a point of the curve has no number of entries or no hit rate");
    }
    return 0;
}

static int read_object(struct vtd_result_reader *r, json_t *json)
{
    enum vtd_result_kind kind = VTD_RESULTS_RUNS;
    if (json_object_get(json, "curve")) {
        if (check_curve(r, json) != 0)
            return -1;
        kind = VTD_RESULTS_CURVES;
    } else if (json_object_get(json, "vtdsim_sweep")) {
        return vtd_result_refuse(r, "the header of a sweep has to be the first line of its file");
    } else if (json_object_get(json, "point")) {
        return vtd_result_refuse(r, "a row of a sweep, but the file does not begin with the header of the sweep");
    } else if (!json_is_object(json_object_get(json, "counters")) || !json_is_object(json_object_get(json, "rates"))) {
        return vtd_result_refuse(r, "this is no result of vtdsim sweep, run or mrc");
    }
    struct vtd_result_set *set = vtd_result_add_set(r, kind);
    struct vtd_result_row *row = vtd_result_add_row(r, set);
    row->result = json;
    row->command = json_string_value(json_object_get(json, "command"));
    if (!set->version)
        set->version = json_string_value(json_object_get(json, "version"));
    return 0;
}

/* ---------------------------------------------------------------- texts */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_blank(const char *text, size_t length)
{
    while (length && is_space(*text))
        text++, length--;
    return length == 0;
}

static json_t *load(struct vtd_result_reader *r, const char *text, size_t length, size_t flags, json_error_t *error)
{
    char message[JSON_ERROR_TEXT_LENGTH + 32];
    json_t *json = json_loadb(text, length, flags | JSON_REJECT_DUPLICATES, error);
    if (json)
        vtd_result_own(r->results, json);
    if (json && json_is_object(json))
        return json;
    snprintf(message, sizeof message, "%s", json ? "not an object of JSON" : error->text);
    if (!json && error->line > 0)
        r->line += (unsigned long)error->line - 1;
    vtd_result_refuse(r, message);
    return NULL;
}

/* JSON Lines: each line an object of its own, the first one the header. */
static int parse_lines(struct vtd_result_reader *r, const char *text, size_t length)
{
    struct vtd_result_set *set = NULL;
    json_error_t error;
    for (r->line = 1; length; r->line++) {
        const char *newline = memchr(text, '\n', length);
        const size_t line = newline ? (size_t)(newline - text) : length;
        if (!is_blank(text, line)) {
            json_t *json = load(r, text, line, 0, &error);
            if (!json || (set ? read_sweep_row(r, set, json) : read_header(r, json, &set)) != 0)
                return -1;
            share_config(set);
        }
        text += newline ? line + 1 : line;
        length -= newline ? line + 1 : line;
    }
    return 0;
}

/* Objects behind one another, on however many lines. */
static int parse_objects(struct vtd_result_reader *r, const char *text, size_t length)
{
    json_error_t error;
    size_t objects = 0;
    r->line = 1;
    while (!is_blank(text, length)) {
        for (; is_space(*text); text++, length--)
            r->line += *text == '\n';
        json_t *json = load(r, text, length, JSON_DISABLE_EOF_CHECK, &error);
        if (!json || read_object(r, json) != 0)
            return -1;
        for (size_t used = (size_t)error.position; used; used--, text++, length--)
            r->line += *text == '\n';
        objects++;
    }
    return objects ? 0 : vtd_result_refuse(r, "there are no results in it");
}

int vtd_loaded_parse(struct vtd_loaded *results, const char *file, const char *text, size_t length,
                     char why[VTD_RESULTS_WHY])
{
    struct vtd_result_reader r = {.results = results, .file = vtd_arena_print(&results->arena, "%s", file), .why = why};
    const char *newline = length ? memchr(text, '\n', length) : NULL;
    json_error_t error;
    if (vtd_intervals_are(text, length))
        return vtd_intervals_parse(&r, text, length);
    json_t *first = json_loadb(text, newline ? (size_t)(newline - text) : length, 0, &error);
    const bool sweep = json_object_get(first, "vtdsim_sweep") != NULL;
    json_decref(first);
    return sweep ? parse_lines(&r, text, length) : parse_objects(&r, text, length);
}

static char *read_text(FILE *in, size_t *length)
{
    size_t room = 1 << 16;
    char *text = malloc(room);
    for (*length = 0; text;) {
        const size_t got = fread(text + *length, 1, room - *length, in);
        *length += got;
        if (got == 0)
            break;
        if (*length == room) {
            char *more = realloc(text, room *= 2);
            if (!more)
                free(text);
            text = more;
        }
    }
    return text;
}

int vtd_loaded_read(struct vtd_loaded *results, const char *file, char why[VTD_RESULTS_WHY])
{
    const bool standard = strcmp(file, "-") == 0;
    size_t length = 0;
    char *text = NULL;
    int status = -1;
    errno = 0;
    FILE *in = standard ? stdin : fopen(file, "rb");
    if (in)
        text = read_text(in, &length);
    if (!in || !text || ferror(in))
        snprintf(why, VTD_RESULTS_WHY, "%.200s: %s", file, strerror(errno ? errno : ENOMEM));
    else
        status = vtd_loaded_parse(results, standard ? "standard input" : file, text, length, why);
    if (in && !standard)
        fclose(in);
    free(text);
    return status;
}

/* ---------------------------------------------------------------- all of them */

static int by_index(const void *a, const void *b)
{
    const struct vtd_result_row *x = a, *y = b;
    if (x->index != y->index)
        return x->index < y->index ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

/*
 * Of rows of one point, one stays: a point that failed is run again when a sweep goes on, and its result stands behind its
 * error. Two results that are not equal are not of one sweep.
 */
static int one_row_a_point(struct vtd_result_set *set, char why[VTD_RESULTS_WHY])
{
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++) {
        struct vtd_result_row *row = &set->rows[i], *last = kept ? &set->rows[kept - 1] : NULL;
        if (!last || last->index != row->index) {
            set->rows[kept++] = *row;
            continue;
        }
        if (last->result && row->result && !json_equal(last->result, row->result)) {
            snprintf(why, VTD_RESULTS_WHY,
                     "%.200s:%lu: point %" JSON_INTEGER_FORMAT " has another result than in line %lu", row->file,
                     row->line, row->index, last->line);
            return -1;
        }
        if (!last->result)
            *last = *row;
    }
    set->count = kept;
    return 0;
}

int vtd_loaded_finish(struct vtd_loaded *results, char why[VTD_RESULTS_WHY])
{
    for (struct vtd_result_set *set = results->sets; set; set = set->next) {
        if (set->kind == VTD_RESULTS_SWEEP && set->count) {
            qsort(set->rows, set->count, sizeof *set->rows, by_index);
            if (one_row_a_point(set, why) != 0)
                return -1;
        }
        vtd_loaded_axes(results, set);
    }
    return 0;
}

void vtd_loaded_free(struct vtd_loaded *results)
{
    for (size_t i = 0; i < results->owned_count; i++)
        json_decref(results->owned[i]);
    vtd_arena_free(&results->arena);
    *results = (struct vtd_loaded){0};
}
