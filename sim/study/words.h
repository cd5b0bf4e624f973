/* SPDX-License-Identifier: MIT */
/* A list of strings that grows: the words of a command, the values of an axis. */
#ifndef VTD_STUDY_WORDS_H
#define VTD_STUDY_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All 0 is an empty list. */
struct vtd_words {
    char **word; /* NULL behind the last, once there is one: an argv */
    size_t count, room;
};

/* Adds a copy of text, or of its first length characters. False: out of memory, and nothing was added. */
bool vtd_words_add(struct vtd_words *words, const char *text);
bool vtd_words_add_part(struct vtd_words *words, const char *text, size_t length);

/* The place of text in the list, or count when it is not there. */
size_t vtd_words_find(const struct vtd_words *words, const char *text);

/* Forgets all words behind the first count. */
void vtd_words_cut(struct vtd_words *words, size_t count);

void vtd_words_free(struct vtd_words *words);

/* One line that a shell reads as first and these words; to be freed. NULL: out of memory. */
char *vtd_words_command(const char *first, const struct vtd_words *words);

#ifdef __cplusplus
}
#endif
#endif
