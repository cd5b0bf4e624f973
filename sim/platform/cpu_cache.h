/* SPDX-License-Identifier: MIT */
/*
 * The processor's caches of a simulated machine, as a unit sees them that does not snoop (ref 4.8): what the processor
 * stores is in its own view of memory at once, and behind its caches only when the line is flushed. This is the worst
 * machine that software must cope with: lines are never written back by themselves.
 */
#ifndef VTD_CPU_CACHE_H
#define VTD_CPU_CACHE_H

#include "platform/memory.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of a cache line. */
#define VTD_CPU_CACHE_LINE 64

/* Zero-initialized: there are no caches, everything here does nothing. */
struct vtd_cpu_cache {
    struct vtd_memory *memory; /* what the processor sees */
    struct vtd_memory behind;  /* what memory holds */
    uint64_t lines_flushed;
};

/*
 * Puts caches in front of a memory that nobody has written to. Returns 0 or the errors of vtd_memory_init. The
 * memory must outlive them.
 */
int vtd_cpu_cache_init(struct vtd_cpu_cache *cache, struct vtd_memory *memory, char *why);
void vtd_cpu_cache_fini(struct vtd_cpu_cache *cache);

/* Writes back the lines that [addr, addr + size) touches; nothing outside of memory. */
void vtd_cpu_cache_flush(struct vtd_cpu_cache *cache, uint64_t addr, uint64_t size);

/*
 * Leaves [addr, addr + size), whole lines, as no software has written it: behind the caches all bits are 1, so that
 * whatever a unit reads there is present and wrong.
 */
void vtd_cpu_cache_spoil(struct vtd_cpu_cache *cache, uint64_t addr, uint64_t size);

#ifdef __cplusplus
}
#endif
#endif
