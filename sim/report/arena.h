/* SPDX-License-Identifier: MIT */
/* Memory of a report: given out piece by piece, taken back at once. */
#ifndef VTD_REPORT_ARENA_H
#define VTD_REPORT_ARENA_H

#include <stddef.h>

struct vtd_arena_block;

struct vtd_arena {
    struct vtd_arena_block *blocks;
};

#ifdef __cplusplus
extern "C" {
#endif

/*
 * count pieces of size bytes, all 0. Never NULL: where there is no memory, the program ends with a message and exit
 * status 2, since there is nothing of use that a half report could say.
 */
void *vtd_arena_alloc(struct vtd_arena *arena, size_t count, size_t size);

/* A text as printf makes it. */
char *vtd_arena_print(struct vtd_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

void vtd_arena_free(struct vtd_arena *arena);

#ifdef __cplusplus
}
#endif

#endif
