/* SPDX-License-Identifier: MIT */
/*
 * System memory of a simulated machine, sparse: one reservation of address space in which only touched pages cost
 * anything. And an allocator of page frames over a range of it.
 */
#ifndef VTD_MEMORY_H
#define VTD_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Largest memory: 64 TiB, what a process can comfortably reserve. */
#define VTD_MEMORY_LIMIT (UINT64_C(64) << 40)

/* Physical addresses [0, size) are at base. */
struct vtd_memory {
    uint8_t *base;
    uint64_t size;
};

/*
 * Reserves size bytes (a multiple of 4096, at most VTD_MEMORY_LIMIT), all 0. Returns 0, -EINVAL for a bad size,
 * -ENOMEM when the address space cannot be had; why (256 bytes, may be NULL) then receives a sentence.
 */
int vtd_memory_init(struct vtd_memory *memory, uint64_t size, char *why);
void vtd_memory_fini(struct vtd_memory *memory);

/* Whether [addr, addr + size) is inside; size 0 is inside when addr is at most the end. */
static inline bool vtd_memory_has(const struct vtd_memory *memory, uint64_t addr, uint64_t size)
{
    return addr <= memory->size && size <= memory->size - addr;
}

/*
 * A hint that [start, end) will be used densely, from its start on: the system may then give it in large pages, which are
 * faster to get and to reach when there are many. Costs up to 2 MiB more than what is touched.
 */
void vtd_memory_expect_dense(struct vtd_memory *memory, uint64_t start, uint64_t end);

/*
 * Little-endian access of 1, 2, 4 or 8 bytes, any alignment. False, and nothing done, outside of memory or for
 * another size.
 */
bool vtd_memory_read(const struct vtd_memory *memory, uint64_t addr, unsigned size, uint64_t *value);
bool vtd_memory_write(struct vtd_memory *memory, uint64_t addr, unsigned size, uint64_t value);

/*
 * Sets size bytes to value. False, and nothing done, outside of memory. Large ranges of 0 are given back to the system.
 */
bool vtd_memory_fill(struct vtd_memory *memory, uint64_t addr, uint64_t size, uint8_t value);

/* ---------------------------------------------------------------- page frames */

/* Largest allocation: 2^VTD_FRAMES_MAX_ORDER pages. */
#define VTD_FRAMES_MAX_ORDER 18

/* Allocator of naturally aligned blocks of 2^order pages in [start, end) of a memory. */
struct vtd_frames {
    struct vtd_memory *memory;
    uint64_t start, end;
    uint64_t next; /* never used from here on, hence still 0 */
    uint64_t used; /* pages that are allocated */
    uint64_t peak; /* highest value of used */
    /* Address of the first free block, 0 = none; the link to the next is in the block. */
    uint64_t free_list[VTD_FRAMES_MAX_ORDER + 1];
};

/* Manages [start, end) of memory; both are cut to whole pages and to memory, and page 0 is never handed out. */
void vtd_frames_init(struct vtd_frames *frames, struct vtd_memory *memory, uint64_t start, uint64_t end);

/* Allocates 2^order zeroed pages, aligned to their size; 0 when there is no room (or order is too large). */
uint64_t vtd_frames_alloc(struct vtd_frames *frames, unsigned order);

/* Frees what vtd_frames_alloc gave, with the same order. The content is lost. */
void vtd_frames_free(struct vtd_frames *frames, uint64_t addr, unsigned order);

#ifdef __cplusplus
}
#endif
#endif
