/* SPDX-License-Identifier: MIT */
/*
 * All that the driver sees of the machine: registers of one remapping unit, memory that the unit can reach, barriers. A
 * device under test (the C model, a bus model, RTL, or a host of your own) hands over one struct vtd_bus.
 */
#ifndef VTD_BUS_H
#define VTD_BUS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_bus {
    void *opaque; /* first argument of every function */

    /* Register accesses; offset in bytes from the unit's register base, naturally aligned (ref 1). */
    uint32_t (*read32)(void *opaque, uint64_t offset);
    uint64_t (*read64)(void *opaque, uint64_t offset);
    void (*write32)(void *opaque, uint64_t offset, uint32_t value);
    void (*write64)(void *opaque, uint64_t offset, uint64_t value);

    /* Called in every turn of a polling loop; gives a simulated unit time to work. May be NULL. */
    void (*relax)(void *opaque);

    /* Order the processor's accesses to DMA memory, writes and reads. May be NULL. */
    void (*dma_wmb)(void *opaque);
    void (*dma_rmb)(void *opaque);

    /*
     * DMA memory: 2^order pages of 4 KiB, aligned to their size. *dma receives the host physical address. Returns the
     * processor's pointer, or NULL when there is none. The pages are filled with 0 as the processor sees them; behind its
     * caches anything may be, so that a fresh table must be flushed, too, before a unit that does not snoop can reach it.
     * dma_free takes what dma_alloc gave.
     */
    void *(*dma_alloc)(void *opaque, unsigned order, uint64_t *dma);
    void (*dma_free)(void *opaque, uint64_t dma, unsigned order);

    /* Processor's pointer to an address inside of memory that dma_alloc gave; NULL for any other address. */
    void *(*dma_to_cpu)(void *opaque, uint64_t dma);

    /*
     * One atomic, 16-byte aligned store of 16 bytes (ref 2.5). May be NULL: present PASID entries are then taken down
     * first.
     */
    void (*store128)(void *opaque, void *cpu, uint64_t low, uint64_t high);

    /*
     * Writes the lines of [cpu, cpu + size) back from the processor's caches to memory; called after writes to tables
     * that the unit does not snoop (ref 4.8), before it is told of them. NULL on a machine whose memory is coherent for
     * the unit whatever ECAP.C and PWSNP say.
     */
    void (*flush)(void *opaque, const void *cpu, size_t size);
};

#ifdef __cplusplus
}
#endif
#endif
