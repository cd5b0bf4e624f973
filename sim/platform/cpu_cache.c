/* SPDX-License-Identifier: MIT */
/* The processor's caches in front of memory. See cpu_cache.h. */
#include "cpu_cache.h"

#include <string.h>

int vtd_cpu_cache_init(struct vtd_cpu_cache *cache, struct vtd_memory *memory, char *why)
{
    *cache = (struct vtd_cpu_cache){.memory = memory};
    return vtd_memory_init(&cache->behind, memory->size, why);
}

void vtd_cpu_cache_fini(struct vtd_cpu_cache *cache)
{
    vtd_memory_fini(&cache->behind);
    *cache = (struct vtd_cpu_cache){0};
}

void vtd_cpu_cache_flush(struct vtd_cpu_cache *cache, uint64_t addr, uint64_t size)
{
    if (!cache->behind.base || size == 0 || !vtd_memory_has(cache->memory, addr, size))
        return;
    const uint64_t first = addr & ~(uint64_t)(VTD_CPU_CACHE_LINE - 1);
    const uint64_t last = (addr + size - 1) | (VTD_CPU_CACHE_LINE - 1);
    memcpy(cache->behind.base + first, cache->memory->base + first, last - first + 1);
    cache->lines_flushed += (last - first + 1) / VTD_CPU_CACHE_LINE;
}

void vtd_cpu_cache_spoil(struct vtd_cpu_cache *cache, uint64_t addr, uint64_t size)
{
    if (cache->behind.base && vtd_memory_has(cache->memory, addr, size))
        memset(cache->behind.base + addr, 0xff, size);
}
