/* SPDX-License-Identifier: MIT */
/*
 * Enough of the vocabulary of a Linux driver to compile fragments of one in a user process: types, register accesses,
 * barriers, page allocation, address conversion. Names and meanings are those of the kernel; memory is that of a machine
 * (platform/model_bus.h) and registers are those of its unit (vtd_mapped.h).
 *
 *     struct vtd_machine machine;
 *     ... vtd_machine_init ...
 *     void __iomem *reg = ioremap(&machine);      -- once, before anything else here
 *     writel(DMA_GCMD_TE, reg + DMAR_GCMD_REG);
 *     iounmap(reg);
 */
#ifndef VTD_LINUX_H
#define VTD_LINUX_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "mapped/vtd_mapped.h"
#include "platform/model_bus.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;
typedef u64 phys_addr_t;
typedef u64 dma_addr_t;
typedef unsigned gfp_t;

#define __iomem    volatile
#define GFP_KERNEL 0u
#define GFP_ATOMIC 1u
#define __GFP_ZERO 2u

#define PAGE_SHIFT             12
#define PAGE_SIZE              (UINT64_C(1) << PAGE_SHIFT)
#define PAGE_MASK              (~(PAGE_SIZE - 1))
#define BIT(n)                 (1UL << (n))
#define BIT_ULL(n)             (UINT64_C(1) << (n))
#define GENMASK_ULL(high, low) ((~UINT64_C(0) << (low)) & (~UINT64_C(0) >> (63 - (high))))
#define ARRAY_SIZE(a)          (sizeof(a) / sizeof((a)[0]))
#define lower_32_bits(v)       ((u32)(v))
#define upper_32_bits(v)       ((u32)((u64)(v) >> 32))
#define READ_ONCE(x)           (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)       (*(volatile __typeof__(x) *)&(x) = (v))

#define barrier() __asm__ volatile("" ::: "memory")
#define mb()      __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define rmb()     __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define wmb()     __atomic_thread_fence(__ATOMIC_RELEASE)
#define dma_rmb() rmb()
#define dma_wmb() wmb()

#define pr_info(...) printf(__VA_ARGS__)
#define pr_err(...)  fprintf(stderr, __VA_ARGS__)

static inline u32 readl(const void __iomem *reg)
{
    return *(const volatile u32 *)reg;
}

static inline u64 readq(const void __iomem *reg)
{
    return *(const volatile u64 *)reg;
}

static inline void writel(u32 value, void __iomem *reg)
{
    wmb();
    *(volatile u32 *)reg = value;
}

static inline void writeq(u64 value, void __iomem *reg)
{
    wmb();
    *(volatile u64 *)reg = value;
}

/*
 * Maps the registers of the machine's unit (as much as it has), and makes the machine the one whose memory the functions
 * below use, in this thread. NULL, with a line on standard error, when there is no room.
 */
void __iomem *ioremap(struct vtd_machine *machine);
void iounmap(void __iomem *reg);

/* Which machine the functions below use in this thread; ioremap says it, too. */
void vtd_linux_use(struct vtd_machine *machine);

/* 2^order pages of the machine's page frames, cleared if flags say so; NULL when there are none. */
void *__get_free_pages(gfp_t flags, unsigned order);
void free_pages(void *cpu, unsigned order);

static inline void *get_zeroed_page(gfp_t flags)
{
    return __get_free_pages(flags | __GFP_ZERO, 0);
}

static inline void free_page(void *cpu)
{
    free_pages(cpu, 0);
}

/* Between a pointer into the machine's memory and what a device or the unit calls it. A pointer elsewhere gives ~0. */
phys_addr_t virt_to_phys(const void *cpu);
void *phys_to_virt(phys_addr_t address);

/* Writes lines back from the processor's caches (ref 4.8); nothing to do in a coherent machine. */
void clflush_cache_range(const void *cpu, size_t size);

/* In the body of a loop that polls memory: gives devices and the unit time. */
void cpu_relax(void);

#endif
