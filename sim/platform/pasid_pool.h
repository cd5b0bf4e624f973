/* SPDX-License-Identifier: MIT */
/*
 * PASIDs as a hypervisor hands them out: what stands behind the virtual command interface of a unit (ref 1.14, 9).
 */
#ifndef VTD_PASID_POOL_H
#define VTD_PASID_POOL_H

#include "vtd/vtd.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Zero-initialized is valid for vtd_pasid_pool_fini, and has no PASID to give. */
struct vtd_pasid_pool {
    uint64_t *used; /* a bit per PASID */
    uint32_t limit; /* PASIDs are 1 to limit - 1 */
    uint32_t first; /* PASIDs below this are in use */
};

/* How many bits the PASIDs of a unit have; 0: it has none (ref 1.3). */
unsigned vtd_pasid_pool_bits(const struct vtd_config *config);

/* Makes a pool of the PASIDs that fit into bits (0..20; 0: none). Returns 0, or -1 when memory is out. */
int vtd_pasid_pool_init(struct vtd_pasid_pool *pool, unsigned bits);
void vtd_pasid_pool_fini(struct vtd_pasid_pool *pool);

/* Takes the lowest free PASID; 0 if there is none. */
uint32_t vtd_pasid_pool_alloc(struct vtd_pasid_pool *pool);

/* Takes the lowest free one of [start, end), cut to the PASIDs of the pool; 0 if there is none. */
uint32_t vtd_pasid_pool_alloc_in(struct vtd_pasid_pool *pool, uint32_t start, uint32_t end);

/* Gives a PASID back. Returns 0, or -1 if it is not in use. */
int vtd_pasid_pool_free(struct vtd_pasid_pool *pool, uint64_t pasid);

/* A virtual command, for vtd_host.virtual_command: operand and result as there. Returns an enum vtd_virtual_status. */
unsigned vtd_pasid_pool_command(struct vtd_pasid_pool *pool, unsigned command, uint64_t operand, uint64_t *result);

#ifdef __cplusplus
}
#endif
#endif
