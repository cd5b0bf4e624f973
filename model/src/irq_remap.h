/* SPDX-License-Identifier: MIT */
/* Interrupt remapping and posting (ref 8). */
#ifndef VTD_IRQ_REMAP_H
#define VTD_IRQ_REMAP_H

#include "instance.h"

/* A DWORD write of data to addr in FEEx_xxxx by sid. */
void vtd_irq_remap_request(struct vtd *v, uint16_t sid, uint64_t addr, uint32_t data, struct vtd_irq_response *resp);

/* Latches IRTA (SIRTP, ref 1.4). */
void vtd_irq_remap_set_table(struct vtd *v);

/* Invalidations of the interrupt entry cache (ref 8.3); a range is 2^im entries. */
void vtd_irq_remap_invalidate_all(struct vtd *v);
void vtd_irq_remap_invalidate_range(struct vtd *v, uint32_t index, unsigned im);

#endif
