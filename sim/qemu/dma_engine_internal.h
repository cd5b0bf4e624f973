/* SPDX-License-Identifier: MIT */
/* State of a DMA engine: shared by dma_engine.c (registers, configuration) and dma_transfer.c (the work). */
#ifndef VTD_QEMU_DMA_ENGINE_INTERNAL_H
#define VTD_QEMU_DMA_ENGINE_INTERNAL_H

#include "qemu/dma_engine.h"
#include "qemu/pci_config.h"

/* What a transfer does next. */
enum vtd_dma_phase {
    VTD_DMA_IDLE,
    VTD_DMA_LOAD,  /* a request to the source */
    VTD_DMA_STORE, /* a request to the target */
    VTD_DMA_SIGNAL /* the flag */
};

struct vtd_dma_engine {
    struct vtd_qemu_host *host;
    struct vtd_requester *requester;
    struct vtd_dma_engine_config config;
    struct vtd_pci_config pci;
    uint16_t ats, pasid, pri; /* offsets of capabilities, 0: none */
    bool pri_on;              /* enabled, and no response has failed since */

    uint32_t reg[VTD_DMA_REG_END / 4];

    uint8_t phase;  /* enum vtd_dma_phase */
    uint32_t place; /* bytes of this round that are done */
    uint32_t loaded;
    uint8_t buffer[VTD_DMA_REQUEST]; /* read, and not written yet */
    bool waiting;                    /* for the response of group prgi */
    uint16_t prgi;
    /* Groups whose transfer is gone, to be let go when they are answered. */
    unsigned orphans;
    bool orphan[VTD_REQUESTER_GROUPS];
};

static inline uint64_t vtd_dma_get64(const struct vtd_dma_engine *e, unsigned reg)
{
    return e->reg[reg / 4] | (uint64_t)e->reg[reg / 4 + 1] << 32;
}

static inline void vtd_dma_set64(struct vtd_dma_engine *e, unsigned reg, uint64_t value)
{
    e->reg[reg / 4] = (uint32_t)value;
    e->reg[reg / 4 + 1] = (uint32_t)(value >> 32);
}

/* Begins what the registers say. */
void vtd_dma_start(struct vtd_dma_engine *e);

/* Ends it: STATUS loses BUSY and gets the bits of why. The flag and the message are for others to send. */
void vtd_dma_end(struct vtd_dma_engine *e, uint32_t why);

/* Some work. True while there is more that does not wait for software. */
bool vtd_dma_run(void *self);

#endif
