/* SPDX-License-Identifier: MIT */
/* Words as people write them: numbers and source-ids, read strictly; and what of a word may be printed. */
#ifndef VTD_SIM_TEXT_H
#define VTD_SIM_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum vtd_number_status {
    VTD_NUMBER_OK,
    VTD_NUMBER_MALFORMED, /* not a number */
    VTD_NUMBER_RANGE,     /* a number above max */
};

/* Reads all of text as a number: decimal, or hex with 0x, with optional '_' between digits. */
enum vtd_number_status vtd_number_read(const char *text, uint64_t max, uint64_t *value);

/* The same without a limit and without a reason. */
bool vtd_number_parse(const char *text, uint64_t *value);

/* Reads BB:DD.F in hex: bus, device, function. MALFORMED: not of this form; RANGE: a device above 1f or function above 7. */
enum vtd_number_status vtd_source_id_read(const char *text, uint16_t *sid);

/* Edit distance of two words, each cut to 64 characters: to name the one that was meant. */
unsigned vtd_text_distance(const char *a, const char *b);

/* Replaces control characters by '?': words of a file that a message quotes must not steer a terminal. */
void vtd_text_make_printable(char *text);

#ifdef __cplusplus
}
#endif
#endif
