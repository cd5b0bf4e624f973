/* SPDX-License-Identifier: MIT */
/*
 * Interrupt remapping and posting of the driver (ref 8). Part of vtd_driver.h, whose rules hold here, too.
 *
 * With vtd_drv_options.interrupt_remapping the driver has an interrupt remapping table, and vtd_drv_start turns remapping
 * on before DMA translation (not in a driver that invalidates through registers: -ENOTSUP). Indexes may be allocated and
 * set before vtd_drv_start and survive vtd_drv_stop.
 *
 *     struct vtd_drv_irq_source source = {.check = VTD_DRV_SOURCE_SID, .sid = sid};
 *     vtd_drv_irq_alloc(drv, 1, &source, &index);
 *     vtd_drv_irq_set(drv, index, &(struct vtd_drv_irq){.vector = 0x41, .dest = apic_id});
 *     vtd_drv_irq_msi(index, 0, &message);           -> the device's MSI registers
 *
 * All functions but the two that compose messages return -ENOTSUP without that option.
 */
#ifndef VTD_DRIVER_IRQ_H
#define VTD_DRIVER_IRQ_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_drv;

/* Who may send an interrupt with an index (SVT, ref 2.9). */
enum vtd_drv_source_check {
    VTD_DRV_SOURCE_ANY, /* no check: for requesters whose source-id is not known */
    VTD_DRV_SOURCE_SID, /* this source-id, with some bits of its function ignored */
    VTD_DRV_SOURCE_BUS, /* any function on these buses: for devices behind a bridge to conventional PCI */
};

/* How many low bits of the function number are ignored (SQ, ref 2.9). */
enum vtd_drv_source_mask {
    VTD_DRV_MATCH_ALL,      /* all 16 bits */
    VTD_DRV_IGNORE_BIT_2,   /* functions n and n + 4 */
    VTD_DRV_IGNORE_BITS_21, /* bits 2:1 */
    VTD_DRV_IGNORE_FUNCTION /* bits 2:0: timers and the like that use several functions of a device */
};

struct vtd_drv_irq_source {
    uint8_t check; /* enum vtd_drv_source_check */
    uint8_t mask;  /* VTD_DRV_SOURCE_SID: enum vtd_drv_source_mask */
    uint16_t sid;  /* VTD_DRV_SOURCE_SID; of the bridge for devices behind one that takes their requests over */
    uint8_t first_bus, last_bus; /* VTD_DRV_SOURCE_BUS */
};

/* Where an interrupt goes. */
struct vtd_drv_irq {
    uint8_t vector;        /* of the processor; posted: of the virtual processor */
    uint8_t delivery_mode; /* 0 fixed, 1 lowest priority, 2 SMI, 4 NMI, 5 INIT, 7 ExtINT (ref 2.9) */
    bool logical;          /* destination mode */
    bool redirection_hint;
    bool level;          /* trigger mode: level instead of edge */
    bool posted;         /* vector, urgent and descriptor only */
    bool urgent;         /* posted: notify even if notifications are suppressed */
    uint32_t dest;       /* APIC id: 8 bits, in x2APIC mode 32 */
    uint64_t descriptor; /* posted: host physical address of the posted-interrupt descriptor, 64-byte aligned, not 0 */
};

/*
 * Allocates count indexes (a power of two, aligned to it, for a device whose messages differ in the low bits of their
 * data) and binds them to a source; source NULL: no check. Nothing is delivered before vtd_drv_irq_set. -EINVAL,
 * -ENOSPC; -ENOTSUP for a block that one invalidation cannot cover (ECAP.MHMV).
 */
int vtd_drv_irq_alloc(struct vtd_drv *drv, unsigned count, const struct vtd_drv_irq_source *source, uint32_t *index);

/* Frees the block that begins at index; its interrupts are blocked from then on. -ENOENT. */
int vtd_drv_irq_free(struct vtd_drv *drv, uint32_t index);

/*
 * Sets where the interrupts of an index go, or changes it: no interrupt meets a mixture of old and new. A change of more
 * than 8 bytes (between remapped and posted, or of a descriptor address) is one 16-byte store where the bus has it;
 * else the entry is not present for a moment. -ENOENT when index is not allocated, -EINVAL for what the format or the
 * mode cannot express, -ENOTSUP for posting without CAP.PI.
 */
int vtd_drv_irq_set(struct vtd_drv *drv, uint32_t index, const struct vtd_drv_irq *irq);

/* Blocks the interrupts of an index until vtd_drv_irq_set. -ENOENT. */
int vtd_drv_irq_clear(struct vtd_drv *drv, uint32_t index);

/* A message interrupt as software writes it into a device. */
struct vtd_drv_msi {
    uint64_t address;
    uint32_t data;
};

/*
 * Composes the message of a block's number n in remappable format (ref 8.1). The block's number goes into the data, so a
 * device with multiple messages gets number 0 and puts its own into the low bits.
 */
void vtd_drv_irq_msi(uint32_t block, uint16_t n, struct vtd_drv_msi *msi);

/*
 * Composes an I/O APIC redirection entry in remappable format (ref 8.1). vector and level repeat those of the index, for
 * end-of-interrupt messages.
 */
uint64_t vtd_drv_irq_ioapic(uint32_t index, uint8_t vector, bool level, bool active_low, bool masked);

#ifdef __cplusplus
}
#endif
#endif
