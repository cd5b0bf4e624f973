/* SPDX-License-Identifier: MIT */
/* Lists of strings. See words.h. */
#define _POSIX_C_SOURCE 200809L

#include "words.h"

#include <stdlib.h>
#include <string.h>

bool vtd_words_add_part(struct vtd_words *w, const char *text, size_t length)
{
    if (w->count + 1 >= w->room) {
        const size_t room = w->room ? 2 * w->room : 8;
        char **bigger = realloc(w->word, room * sizeof *bigger);
        if (!bigger)
            return false;
        w->word = bigger;
        w->room = room;
    }
    char *copy = strndup(text, length);
    if (!copy)
        return false;
    w->word[w->count++] = copy;
    w->word[w->count] = NULL;
    return true;
}

bool vtd_words_add(struct vtd_words *w, const char *text)
{
    return vtd_words_add_part(w, text, strlen(text));
}

size_t vtd_words_find(const struct vtd_words *w, const char *text)
{
    size_t i = 0;
    while (i < w->count && strcmp(w->word[i], text) != 0)
        i++;
    return i;
}

void vtd_words_cut(struct vtd_words *w, size_t count)
{
    while (w->count > count) {
        free(w->word[--w->count]);
        w->word[w->count] = NULL;
    }
}

void vtd_words_free(struct vtd_words *w)
{
    vtd_words_cut(w, 0);
    free(w->word);
    *w = (struct vtd_words){0};
}

/* Characters that no shell gives a meaning, wherever in a word they stand. */
static bool is_plain(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";
    return *word && word[strspn(word, plain)] == '\0';
}

/* Appends word as a shell reads it; out has room for 4 characters for each of word, and 3 more. */
static char *append_quoted(char *out, const char *word)
{
    const size_t length = strlen(word);
    if (is_plain(word)) {
        memcpy(out, word, length);
        return out + length;
    }
    *out++ = '\'';
    for (; *word; word++) {
        if (*word == '\'') {
            memcpy(out, "'\\'", 3);
            out += 3;
        }
        *out++ = *word;
    }
    *out++ = '\'';
    return out;
}

char *vtd_words_command(const char *first, const struct vtd_words *w)
{
    size_t size = strlen(first) + 1;
    for (size_t i = 0; i < w->count; i++)
        size += 4 * strlen(w->word[i]) + 3;
    char *line = malloc(size);
    if (!line)
        return NULL;
    char *end = line + strlen(first);
    memcpy(line, first, strlen(first));
    for (size_t i = 0; i < w->count; i++) {
        *end++ = ' ';
        end = append_quoted(end, w->word[i]);
    }
    *end = '\0';
    return line;
}
