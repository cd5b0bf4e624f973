/* SPDX-License-Identifier: MIT */
/* What differs between the points of a set of results, and what a point has of a name. See results.h. */
#include "results.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- values */

const char *vtd_json_text(struct vtd_arena *arena, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        return json_string_value(value);
    case JSON_INTEGER:
        return vtd_arena_print(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    case JSON_REAL:
        return vtd_arena_print(arena, "%.10g", json_real_value(value));
    case JSON_TRUE:
        return "true";
    case JSON_FALSE:
        return "false";
    default:
        return NULL;
    }
}

/* The number that a path leads to. Names may have dots themselves, so every cut of the path is tried. */
static bool number_at(const json_t *object, const char *path, double *value)
{
    for (const char *end = path; json_is_object(object); end++) {
        if (*end && *end != '.')
            continue;
        const json_t *found = json_object_getn(object, path, (size_t)(end - path));
        if (found && !*end && json_is_number(found)) {
            *value = json_number_value(found);
            return fabs(*value) < 1e18; /* what is beyond cannot be drawn */
        }
        if (found && *end && number_at(found, end + 1, value))
            return true;
        if (!*end)
            break;
    }
    return false;
}

bool vtd_result_number(const struct vtd_result_row *row, const char *name, double *value)
{
    return number_at(json_object_get(row->result, "rates"), name, value) ||
           number_at(json_object_get(row->result, "counters"), name, value) || number_at(row->result, name, value);
}

const char *vtd_result_setting(struct vtd_loaded *results, const struct vtd_result_row *row, const char *name)
{
    const json_t *const places[] = {json_object_get(row->result, "config"), json_object_get(row->result, "workload"),
                                    row->result /* sets of a curve */};
    const char *text = json_string_value(json_object_get(row->point, name));
    for (unsigned i = 0; i < 3 && !text; i++) {
        const json_t *value = json_object_get(places[i], name);
        text = value ? vtd_json_text(&results->arena, value) : NULL;
    }
    return text;
}

/* Numbers as sweeps have them: 8, 0x10, 0.9. */
static bool number_of(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    /* What is larger, or smaller, no axis can show. */
    return end != text && !*end && (*value == 0 || (fabs(*value) > 1e-18 && fabs(*value) < 1e18));
}

/* ---------------------------------------------------------------- names of axes */

struct names {
    const char **name;
    size_t count, room;
};

static void add_name(struct vtd_loaded *results, struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->name[i], name) == 0)
            return;
    if (names->count == names->room) {
        const size_t room = names->room ? 2 * names->room : 32;
        const char **more = vtd_arena_alloc(&results->arena, room, sizeof *more);
        if (names->count)
            memcpy(more, names->name, names->count * sizeof *more);
        names->name = more;
        names->room = room;
    }
    names->name[names->count++] = name;
}

/* What the driver did, or what became of the trace, is a result and no axis. */
static bool is_outcome(const char *name)
{
    static const char *const outcomes[] = {"unmaps", "pages_mapped", "table_pages", "incomplete", "cap", "ecap"};
    for (unsigned i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
        if (strcmp(name, outcomes[i]) == 0)
            return true;
    return false;
}

/* Of single runs and curves: all settings; most of them turn out not to differ. */
static void settings_of(struct vtd_loaded *results, const struct vtd_result_row *row, struct names *names)
{
    static const char *const places[] = {"workload", "config"};
    if (json_object_get(row->result, "sets"))
        add_name(results, names, "sets");
    for (unsigned i = 0; i < 2; i++) {
        const char *key;
        json_t *value;
        json_object_foreach(json_object_get(row->result, places[i]), key, value) if (!is_outcome(key))
            add_name(results, names, key);
    }
}

/* ---------------------------------------------------------------- axes */

/* The value's number in the axis, added when it is new. */
static size_t place_of(struct vtd_loaded *results, struct vtd_result_axis *axis, size_t *room, const char *value)
{
    for (size_t i = axis->count; i-- > 0;) /* rows that follow one another mostly have late values */
        if (strcmp(axis->values[i], value) == 0)
            return i;
    if (axis->count == *room) {
        const size_t more_room = *room ? 2 * *room : 8;
        const char **more = vtd_arena_alloc(&results->arena, more_room, sizeof *more);
        if (axis->count)
            memcpy(more, axis->values, axis->count * sizeof *more);
        axis->values = more;
        *room = more_room;
    }
    axis->values[axis->count] = value;
    return axis->count++;
}

struct order {
    double number;
    const char *value;
    size_t was;
};

static int by_number(const void *a, const void *b)
{
    const struct order *x = a, *y = b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->was < y->was ? -1 : 1;
}

/* Numbers ascend, whatever the order they were given in; words keep their order. */
static void sort_values(struct vtd_loaded *results, struct vtd_result_set *set, size_t a)
{
    struct vtd_result_axis *axis = &set->axes[a];
    struct order *order = vtd_arena_alloc(&results->arena, axis->count, sizeof *order);
    size_t *now = vtd_arena_alloc(&results->arena, axis->count, sizeof *now);
    axis->numeric = axis->count > 0;
    axis->numbers = vtd_arena_alloc(&results->arena, axis->count, sizeof *axis->numbers);
    for (size_t i = 0; i < axis->count; i++) {
        order[i] = (struct order){.value = axis->values[i], .was = i};
        axis->numeric &= number_of(axis->values[i], &order[i].number);
    }
    if (!axis->numeric)
        return;
    qsort(order, axis->count, sizeof *order, by_number);
    for (size_t i = 0; i < axis->count; i++) {
        axis->values[i] = order[i].value;
        axis->numbers[i] = order[i].number;
        now[order[i].was] = i;
    }
    for (size_t i = 0; i < set->count; i++)
        if (set->rows[i].at[a] != VTD_NO_VALUE)
            set->rows[i].at[a] = now[set->rows[i].at[a]];
}

/* Does the value of axis a say that of axis b, in all rows? */
static bool determines(struct vtd_loaded *results, const struct vtd_result_set *set, size_t a, size_t b)
{
    const size_t count = set->axes[a].count;
    size_t *other = vtd_arena_alloc(&results->arena, count + 1, sizeof *other); /* 0: not seen; else value + 2 */
    for (size_t i = 0; i < set->count; i++) {
        const size_t *at = set->rows[i].at;
        size_t *seen = &other[at[a] == VTD_NO_VALUE ? count : at[a]];
        if (*seen && *seen != at[b] + 2)
            return false;
        *seen = at[b] + 2;
    }
    return true;
}

static void find_followers(struct vtd_loaded *results, struct vtd_result_set *set)
{
    for (size_t b = 0; b < set->axis_count; b++)
        for (size_t a = 0; a < set->axis_count && !set->axes[b].follows; a++) {
            const struct vtd_result_axis *axis = &set->axes[a];
            if (a == b || axis->count < 2 || set->axes[b].count < 2 || axis->follows || !determines(results, set, a, b))
                continue;
            if (axis->count > set->axes[b].count || a < b) /* of two that say each other, the first one stays */
                set->axes[b].follows = axis->name;
        }
}

void vtd_loaded_axes(struct vtd_loaded *results, struct vtd_result_set *set)
{
    struct names names = {0};
    size_t a;
    json_t *header_axis, *value;
    json_array_foreach(json_object_get(set->header, "axes"), a, header_axis)
        add_name(results, &names, json_string_value(json_object_get(header_axis, "name")));
    if (set->kind == VTD_RESULTS_INTERVALS)
        add_name(results, &names, "first_request");
    else if (set->kind != VTD_RESULTS_SWEEP)
        for (size_t i = 0; i < set->count; i++)
            settings_of(results, &set->rows[i], &names);
    set->axis_count = names.count;
    set->axes = vtd_arena_alloc(&results->arena, names.count, sizeof *set->axes);
    for (size_t i = 0; i < set->count; i++)
        set->rows[i].at = vtd_arena_alloc(&results->arena, names.count, sizeof(size_t));
    for (a = 0; a < names.count; a++) {
        struct vtd_result_axis *axis = &set->axes[a];
        size_t room = 0, k;
        axis->name = names.name[a];
        json_array_foreach(json_object_get(json_array_get(json_object_get(set->header, "axes"), a), "values"), k, value)
            place_of(results, axis, &room, json_string_value(value));
        for (size_t i = 0; i < set->count; i++) {
            const char *text = vtd_result_setting(results, &set->rows[i], axis->name);
            set->rows[i].at[a] = text ? place_of(results, axis, &room, text) : VTD_NO_VALUE;
        }
        sort_values(results, set, a);
    }
    find_followers(results, set);
}
