/* SPDX-License-Identifier: MIT */
/*
 * Memory of the simulator's own tables that are accessed all over. Large ones lie in large pages where the system has them:
 * with small ones the processor looks for the page longer than for the line.
 */
#ifndef VTD_PLATFORM_TABLE_MEMORY_H
#define VTD_PLATFORM_TABLE_MEMORY_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* So many bytes, all 0, aligned to 64; free() them. NULL without memory. */
void *vtd_table_alloc(size_t bytes);

/* A larger table with what the old one holds, 0 behind it, in its place. NULL without memory: the old one stays. */
void *vtd_table_grow(void *old, size_t old_bytes, size_t bytes);

#ifdef __cplusplus
}
#endif
#endif
