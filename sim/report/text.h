/* SPDX-License-Identifier: MIT */
/* Text and numbers of a page. The page is HTML and well-formed XML at the same time. */
#ifndef VTD_REPORT_TEXT_H
#define VTD_REPORT_TEXT_H

#include "arena.h"

#include <stdbool.h>
#include <stdio.h>

enum {
    VTD_NUMBER_TEXT = 48
};

#ifdef __cplusplus
extern "C" {
#endif

/* Writes UTF-8 so that it is text and nothing else, also within quotes; what XML does not allow becomes U+FFFD. */
void vtd_html_text(FILE *out, const char *text);

/* Writes at most count characters of it, with an ellipsis for the rest. */
void vtd_html_short(FILE *out, const char *text, size_t count);

/* A number as read: 87.65 %, 4.0123, 1234567. Returns text. */
const char *vtd_number_text(char text[VTD_NUMBER_TEXT], double value, bool percent);

/* A number at a tick: 0.5 %, 4096, 64Ki. */
const char *vtd_tick_text(char text[VTD_NUMBER_TEXT], double value, bool percent);

/* Text so that a shell takes it as one word. */
const char *vtd_shell_word(struct vtd_arena *arena, const char *text);

/* A command with its arguments as a shell takes it. argv[0] stays as it is: "vtdsim mrc". */
const char *vtd_shell_command(struct vtd_arena *arena, int argc, char **argv);

#ifdef __cplusplus
}
#endif

#endif
