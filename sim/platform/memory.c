/* SPDX-License-Identifier: MIT */
/* Sparse physical memory and page frames. See memory.h. */
#define _GNU_SOURCE /* MAP_ANONYMOUS, MAP_NORESERVE, MADV_DONTNEED, MADV_HUGEPAGE */
#include "memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE      UINT64_C(4096)
#define WHY_SIZE  256
#define DROP_SIZE (UINT64_C(64) << 10) /* below this clearing is cheaper than a system call */

int vtd_memory_init(struct vtd_memory *memory, uint64_t size, char *why)
{
    *memory = (struct vtd_memory){0};
    if (size == 0 || size % PAGE != 0 || size > VTD_MEMORY_LIMIT) {
        if (why)
            snprintf(why, WHY_SIZE, "memory of %" PRIu64 " bytes: must be a multiple of 4096, at most 64 TiB", size);
        return -EINVAL;
    }
    void *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) {
        if (why)
            snprintf(why, WHY_SIZE, "cannot reserve %" PRIu64 " bytes of address space for memory: %s", size,
                     strerror(errno));
        return -ENOMEM;
    }
    memory->base = base;
    memory->size = size;
    return 0;
}

void vtd_memory_fini(struct vtd_memory *memory)
{
    if (memory->base)
        munmap(memory->base, memory->size);
    *memory = (struct vtd_memory){0};
}

void vtd_memory_expect_dense(struct vtd_memory *memory, uint64_t start, uint64_t end)
{
    const uint64_t first = (start + PAGE - 1) & ~(PAGE - 1);
    if (end > memory->size)
        end = memory->size;
#ifdef MADV_HUGEPAGE
    if (first < (end & ~(PAGE - 1)))
        (void)madvise(memory->base + first, (end & ~(PAGE - 1)) - first, MADV_HUGEPAGE); /* a system without: no harm */
#else
    (void)first;
#endif
}

static bool good_size(unsigned size)
{
    return size == 1 || size == 2 || size == 4 || size == 8;
}

bool vtd_memory_read(const struct vtd_memory *memory, uint64_t addr, unsigned size, uint64_t *value)
{
    if (!good_size(size) || !vtd_memory_has(memory, addr, size))
        return false;
    uint64_t v = 0;
    for (unsigned i = size; i-- > 0;)
        v = v << 8 | memory->base[addr + i];
    *value = v;
    return true;
}

bool vtd_memory_write(struct vtd_memory *memory, uint64_t addr, unsigned size, uint64_t value)
{
    if (!good_size(size) || !vtd_memory_has(memory, addr, size))
        return false;
    for (unsigned i = 0; i < size; i++)
        memory->base[addr + i] = (uint8_t)(value >> 8 * i);
    return true;
}

bool vtd_memory_fill(struct vtd_memory *memory, uint64_t addr, uint64_t size, uint8_t value)
{
    if (!vtd_memory_has(memory, addr, size))
        return false;
    uint64_t end = addr + size;
    const uint64_t first = (addr + PAGE - 1) & ~(PAGE - 1);
    const uint64_t last = end & ~(PAGE - 1);
    /* A private anonymous page that is dropped reads 0 again, and costs nothing until it is touched. */
    if (value == 0 && last > first && last - first >= DROP_SIZE &&
        madvise(memory->base + first, last - first, MADV_DONTNEED) == 0) {
        memset(memory->base + addr, 0, first - addr);
        addr = last;
    }
    memset(memory->base + addr, value, end - addr);
    return true;
}

/* ---------------------------------------------------------------- page frames */

void vtd_frames_init(struct vtd_frames *frames, struct vtd_memory *memory, uint64_t start, uint64_t end)
{
    *frames = (struct vtd_frames){.memory = memory};
    if (end > memory->size)
        end = memory->size;
    end &= ~(PAGE - 1);
    if (start < PAGE)
        start = PAGE; /* 0 stands for "none" */
    if (start > end)
        start = end;
    start = (start + PAGE - 1) & ~(PAGE - 1);
    frames->start = frames->next = start;
    frames->end = end;
}

static uint64_t load_link(const struct vtd_frames *frames, uint64_t addr)
{
    uint64_t link;
    memcpy(&link, frames->memory->base + addr, sizeof(link));
    return link;
}

static void push_free(struct vtd_frames *frames, uint64_t addr, unsigned order)
{
    memcpy(frames->memory->base + addr, &frames->free_list[order], sizeof(uint64_t));
    frames->free_list[order] = addr;
}

/* Takes a block from the free list of its order, or splits a larger free one; 0 if there is none. */
static uint64_t pop_free(struct vtd_frames *frames, unsigned order)
{
    unsigned from = order;
    while (from <= VTD_FRAMES_MAX_ORDER && !frames->free_list[from])
        from++;
    if (from > VTD_FRAMES_MAX_ORDER)
        return 0;
    const uint64_t addr = frames->free_list[from];
    frames->free_list[from] = load_link(frames, addr);
    for (; from > order; from--)
        push_free(frames, addr + (PAGE << (from - 1)), from - 1);
    return addr;
}

/* Takes a block that was never used; the pages that alignment skips become free blocks. 0 if there is no room. */
static uint64_t take_new(struct vtd_frames *frames, unsigned order)
{
    const uint64_t size = PAGE << order;
    const uint64_t addr = (frames->next + size - 1) & ~(size - 1);
    if (addr > frames->end || size > frames->end - addr)
        return 0;
    while (frames->next < addr) {
        unsigned o = (unsigned)__builtin_ctzll(frames->next / PAGE);
        if (o > VTD_FRAMES_MAX_ORDER)
            o = VTD_FRAMES_MAX_ORDER;
        while (frames->next + (PAGE << o) > addr)
            o--;
        push_free(frames, frames->next, o);
        frames->next += PAGE << o;
    }
    frames->next = addr + size;
    return addr;
}

uint64_t vtd_frames_alloc(struct vtd_frames *frames, unsigned order)
{
    if (order > VTD_FRAMES_MAX_ORDER)
        return 0;
    uint64_t addr = pop_free(frames, order);
    if (addr) {
        vtd_memory_fill(frames->memory, addr, PAGE << order, 0);
    } else {
        addr = take_new(frames, order);
        if (!addr)
            return 0;
    }
    frames->used += UINT64_C(1) << order;
    if (frames->used > frames->peak)
        frames->peak = frames->used;
    return addr;
}

void vtd_frames_free(struct vtd_frames *frames, uint64_t addr, unsigned order)
{
    if (!addr)
        return;
    push_free(frames, addr, order);
    frames->used -= UINT64_C(1) << order;
}
