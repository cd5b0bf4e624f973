/* SPDX-License-Identifier: MIT */
/* Points of a sweep as words, as header and rows of its file of results. See sweep.h. */
#define _POSIX_C_SOURCE 200809L

#include "row_file.h"
#include "sweep.h"

#include "config/text.h"
#include "vtd/vtd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int vtd_sweep_words(const struct vtd_sweep *s, uint64_t index, struct vtd_words *words, char *why)
{
    const char *values[VTD_AXES_COLUMNS_MAX];
    bool ok = true;
    for (size_t i = 0; i < s->base.count; i++)
        ok = ok && vtd_words_add(words, s->base.word[i]);
    if (!ok) {
        snprintf(why, VTD_WHY_SIZE, "out of memory");
        return -1;
    }
    vtd_axes_point(&s->axes, index, values);
    for (size_t c = 0; c < s->axes.columns; c++)
        if (s->hooks->words(s->hooks->arg, vtd_axes_name(&s->axes, c), values[c], words, why) != 0)
            return -1;
    return 0;
}

void vtd_sweep_describe(const struct vtd_sweep *s, uint64_t index, char *text, size_t size)
{
    const char *values[VTD_AXES_COLUMNS_MAX];
    size_t length = 0;
    vtd_axes_point(&s->axes, index, values);
    snprintf(text, size, "the only point");
    for (size_t c = 0; c < s->axes.columns && length < size; c++)
        length += (size_t)snprintf(text + length, size - length, "%s%s=%s", c ? " " : "", vtd_axes_name(&s->axes, c),
                                   values[c]);
    vtd_text_make_printable(text);
}

/* ---------------------------------------------------------------- JSON */

static json_t *words_json(const struct vtd_words *words)
{
    json_t *list = json_array();
    for (size_t i = 0; i < words->count; i++)
        if (json_array_append_new(list, json_string(words->word[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *command_json(const char *program, const struct vtd_words *words)
{
    char *line = vtd_words_command(program, words);
    json_t *command = line ? json_string(line) : NULL;
    free(line);
    return command;
}

static json_t *axes_json(const struct vtd_sweep *s)
{
    json_t *axes = json_array();
    for (size_t c = 0; c < s->axes.columns; c++) {
        struct vtd_words values = {0};
        const bool ok = vtd_axes_distinct(&s->axes, c, &values);
        json_t *axis =
            ok ? json_pack("{s:s, s:o}", "name", vtd_axes_name(&s->axes, c), "values", words_json(&values)) : NULL;
        vtd_words_free(&values);
        if (json_array_append_new(axes, axis) != 0) {
            json_decref(axes);
            return NULL;
        }
    }
    return axes;
}

json_t *vtd_sweep_header(const struct vtd_sweep *s)
{
    char identity[24], shard[48];
    snprintf(identity, sizeof identity, "%016" PRIx64, s->identity);
    json_t *h = json_pack("{s:i, s:s, s:o, s:o, s:o, s:I, s:s}", "vtdsim_sweep", 1, "version", s->version, "command",
                          command_json("vtdsim sweep", &s->command), "base", words_json(&s->base), "axes", axes_json(s),
                          "points", (json_int_t)s->axes.points, "identity", identity);
    if (h && s->shards > 1) {
        snprintf(shard, sizeof shard, "%" PRIu64 "/%" PRIu64, s->shard, s->shards);
        json_object_set_new(h, "shard", json_string(shard));
    }
    return h;
}

json_t *vtd_sweep_point(const struct vtd_sweep *s, uint64_t index)
{
    const char *values[VTD_AXES_COLUMNS_MAX];
    json_t *point = json_object();
    vtd_axes_point(&s->axes, index, values);
    for (size_t c = 0; c < s->axes.columns; c++)
        if (json_object_set_new(point, vtd_axes_name(&s->axes, c), json_string(values[c])) != 0) {
            json_decref(point);
            return NULL;
        }
    return point;
}

json_t *vtd_sweep_row(const struct vtd_sweep *s, uint64_t index, const struct vtd_words *words)
{
    return json_pack("{s:I, s:o, s:o}", "index", (json_int_t)index, "point", vtd_sweep_point(s, index), "command",
                     command_json(s->program, words));
}

char *vtd_sweep_line(const json_t *object)
{
    char *text = object ? json_dumps(object, VTD_ROW_JSON_FLAGS) : NULL;
    const size_t length = text ? strlen(text) : 0;
    char *line = text ? realloc(text, length + 2) : NULL;
    if (!line) {
        free(text);
        return NULL;
    }
    memcpy(line + length, "\n", 2);
    return line;
}

void vtd_sweep_free(struct vtd_sweep *s)
{
    vtd_axes_free(&s->axes);
    vtd_words_free(&s->base);
    vtd_words_free(&s->command);
}
