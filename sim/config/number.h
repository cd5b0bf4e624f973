/* SPDX-License-Identifier: MIT */
/* Numbers as people write them: decimal or 0x hex, '_' between digits. */
#ifndef VTD_SIM_NUMBER_H
#define VTD_SIM_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Reads all of text as a number of at most 64 bits. Returns false for anything else. */
bool vtd_number_parse(const char *text, uint64_t *value);

#endif
