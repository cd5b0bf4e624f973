/* SPDX-License-Identifier: MIT */
/* Reads the statistics per interval of a run, CSV with a line of names. See results.h. */
#include "results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char begin[] = "interval,first_request,";

bool vtd_intervals_are(const char *text, size_t length)
{
    return length >= sizeof begin - 1 && memcmp(text, begin, sizeof begin - 1) == 0;
}

/* The text as lines and words, each ended by a 0. */
struct words {
    char *at;
    bool last; /* nothing is behind the word that was taken */
};

static char *next_word(struct words *w)
{
    char *word = w->at;
    w->at += strcspn(w->at, ",");
    w->last = *w->at == 0;
    if (!w->last)
        *w->at++ = 0;
    return word;
}

static size_t count_words(const char *line)
{
    size_t n = 1;
    for (; *line; line++)
        n += *line == ',';
    return n;
}

static int read_row(struct vtd_result_reader *r, struct vtd_result_set *set, char *line, char **names, size_t count)
{
    json_t *values = json_object(), *root = json_pack("{s:o, s:{}}", "counters", values, "point");
    struct words w = {.at = line};
    vtd_result_own(r->results, root);
    if (count_words(line) != count)
        return vtd_result_refuse(r, "the row has not as many values as there are names");
    for (size_t i = 0; i < count; i++) {
        char *end, *word = next_word(&w);
        const double value = strtod(word, &end);
        if (end == word || *end || !isfinite(value))
            return vtd_result_refuse(r, "the row has something that is no number");
        json_object_set_new(values, names[i], json_real(value));
        if (strcmp(names[i], "first_request") == 0)
            json_object_set_new(json_object_get(root, "point"), names[i], json_string(word));
    }
    const json_t *played = json_object_get(values, "played");
    if (played && json_number_value(played) == 0) /* a span of time without requests has no rates */
        return 0;
    struct vtd_result_row *row = vtd_result_add_row(r, set);
    row->result = root;
    row->point = json_object_get(root, "point");
    return 0;
}

int vtd_intervals_parse(struct vtd_result_reader *r, const char *text, size_t length)
{
    struct vtd_result_set *set = NULL;
    char **names = NULL;
    size_t count = 0;
    for (r->line = 1; length; r->line++) {
        const char *newline = memchr(text, '\n', length);
        const size_t size = newline ? (size_t)(newline - text) : length;
        char *line = vtd_arena_alloc(&r->results->arena, size + 1, 1);
        memcpy(line, text, size);
        if (memchr(line, 0, size))
            return vtd_result_refuse(r, "a byte of 0");
        if (!set) {
            set = vtd_result_add_set(r, VTD_RESULTS_INTERVALS);
            count = count_words(line);
            names = vtd_arena_alloc(&r->results->arena, count, sizeof *names);
            struct words w = {.at = line};
            for (size_t i = 0; i < count; i++)
                names[i] = next_word(&w);
        } else if (size && read_row(r, set, line, names, count) != 0) {
            return -1;
        }
        text += newline ? size + 1 : size;
        length -= newline ? size + 1 : size;
    }
    return set->count ? 0 : vtd_result_refuse(r, "there are no intervals in it");
}
