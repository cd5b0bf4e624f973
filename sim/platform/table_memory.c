/* SPDX-License-Identifier: MIT */
/* Memory of large tables. See table_memory.h. */
#define _GNU_SOURCE /* MADV_HUGEPAGE */
#include "table_memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LINE       64u
#define LARGE_PAGE ((size_t)2 << 20)
#define LARGE      (2 * LARGE_PAGE) /* from so many bytes on */

void *vtd_table_alloc(size_t bytes)
{
    const size_t unit = bytes >= LARGE ? LARGE_PAGE : LINE;
    if (bytes > SIZE_MAX - unit)
        return NULL;
    bytes = bytes ? (bytes + unit - 1) / unit * unit : unit;
    void *table = aligned_alloc(unit, bytes);
    if (!table)
        return NULL;
#ifdef MADV_HUGEPAGE
    if (unit == LARGE_PAGE)
        (void)madvise(table, bytes, MADV_HUGEPAGE); /* a system without: no harm */
#endif
    return memset(table, 0, bytes);
}

void *vtd_table_grow(void *old, size_t old_bytes, size_t bytes)
{
    void *table = vtd_table_alloc(bytes);
    if (!table)
        return NULL;
    if (old_bytes)
        memcpy(table, old, old_bytes);
    free(old);
    return table;
}
