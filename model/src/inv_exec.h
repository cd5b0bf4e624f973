/* SPDX-License-Identifier: MIT */
/* What each invalidation descriptor must look like and does (ref 3.1-3.3, 6.3). */
#ifndef VTD_INV_EXEC_H
#define VTD_INV_EXEC_H

#include "instance.h"

/* Is a descriptor of qwords 2 or 4 in order? Returns VTD_IQEI_NONE, _DESCRIPTOR or _RESERVED. */
unsigned vtd_inv_exec_check(const struct vtd *v, const uint64_t *q, unsigned qwords);

/* Can it be taken from the queue now? False while ITags, MIP or the room for waits are used up. */
bool vtd_inv_exec_accept(const struct vtd *v, const uint64_t *q);

/* Executes a descriptor that was checked and accepted. */
void vtd_inv_exec(struct vtd *v, const uint64_t *q);

/*
 * What both a descriptor and a register command ask for (ref 1.6, 3.1, 6.3). Granularities: context cache 1 global,
 * 2 domain, 3 device with function mask fm; IOTLB 1 global, 2 domain, 3 page in domain.
 */
struct iotlb_scope {
    uint64_t addr; /* of 2^am pages */
    uint16_t did;
    uint8_t granularity;
    uint8_t am;
    bool leaf_only; /* IH */
};
void vtd_inv_context_cache(struct vtd *v, unsigned granularity, uint16_t did, uint16_t sid, unsigned fm);
void vtd_inv_iotlb(struct vtd *v, const struct iotlb_scope *scope);

/* Completes the pending waits at the front that wait for nothing any more. */
void vtd_inv_exec_finish_waits(struct vtd *v);

#endif
