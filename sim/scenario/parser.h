/* SPDX-License-Identifier: MIT */
/*
 * What the files of the scenario parser share: the words of one line, readers of values, and the one way to fail. Every
 * reader returns false after it has written "FILE:LINE: what is wrong"; the first message stays.
 */
#ifndef VTD_SIM_SCENARIO_PARSER_H
#define VTD_SIM_SCENARIO_PARSER_H

#include "scenario.h"

#define VTD_SCN_WORDS 32 /* more than any statement but echo has */

struct vtd_scn_parser {
    const char *file;
    unsigned line;
    char *why; /* VTD_SCENARIO_WHY_SIZE bytes */
    char *word[VTD_SCN_WORDS];
    unsigned count; /* words of the line; only the first VTD_SCN_WORDS are kept */
    unsigned next;  /* the word to read next */
};

/* A word and what it stands for; the end of a table is a NULL name. */
struct vtd_scn_choice {
    const char *name;
    unsigned value;
};

/* A list of choices as "a, b or c" is no longer than this. */
#define VTD_SCN_LIST_SIZE 320

/* Writes the message and returns false. */
bool vtd_scn_fail(struct vtd_scn_parser *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The next word, or NULL at the end of the line; peek does not move on. */
char *vtd_scn_peek(const struct vtd_scn_parser *p);
char *vtd_scn_next(struct vtd_scn_parser *p);

/* Nothing may follow. */
bool vtd_scn_end(struct vtd_scn_parser *p);

/* Parses a number that must be at most max; what names it in messages. */
bool vtd_scn_number(struct vtd_scn_parser *p, const char *what, const char *text, uint64_t max, uint64_t *value);

/* Readers of the next word, which must exist. */
bool vtd_scn_read_word(struct vtd_scn_parser *p, const char *what, char **word);
bool vtd_scn_read_number(struct vtd_scn_parser *p, const char *what, uint64_t max, uint64_t *value);
bool vtd_scn_read_sid(struct vtd_scn_parser *p, uint16_t *sid);
bool vtd_scn_read_choice(struct vtd_scn_parser *p, const char *what, const struct vtd_scn_choice *choices,
                         unsigned *value);

/* Parses a source-id: BB:DD.F or a number. */
bool vtd_scn_sid(struct vtd_scn_parser *p, const char *what, const char *text, uint16_t *sid);

/* Looks text up in a table; unknown: the message lists what is allowed. */
bool vtd_scn_choose(struct vtd_scn_parser *p, const char *what, const char *text, const struct vtd_scn_choice *choices,
                    unsigned *value);

/* Splits KEY=VALUE in place; a word without '=' is a flag and gets a NULL value. */
void vtd_scn_split(char *word, char **value);

/* Marks bit in *seen; an error when it was marked already. */
bool vtd_scn_once(struct vtd_scn_parser *p, const char *key, uint32_t bit, uint32_t *seen);

/* Statements about requests of devices (parse_request.c), without the first word. */
bool vtd_scn_parse_dma(struct vtd_scn_parser *p, struct vtd_stmt *s);
bool vtd_scn_parse_translated(struct vtd_scn_parser *p, struct vtd_stmt *s);
bool vtd_scn_parse_ats(struct vtd_scn_parser *p, struct vtd_stmt *s);
bool vtd_scn_parse_page_request(struct vtd_scn_parser *p, struct vtd_stmt *s);
bool vtd_scn_parse_interrupt(struct vtd_scn_parser *p, struct vtd_stmt *s);

/* What stands behind "->" (parse_outcome.c); at the end of the line nothing is expected. */
bool vtd_scn_parse_outcome(struct vtd_scn_parser *p, struct vtd_expect *e);
bool vtd_scn_parse_ats_outcome(struct vtd_scn_parser *p, struct vtd_expect *e);
bool vtd_scn_parse_irq_outcome(struct vtd_scn_parser *p, struct vtd_expect *e);
bool vtd_scn_parse_prq_outcome(struct vtd_scn_parser *p, struct vtd_expect *e);
/* What stands behind "to-device". */
bool vtd_scn_parse_to_device(struct vtd_scn_parser *p, struct vtd_expect *e);

#endif
