/* SPDX-License-Identifier: MIT */
/* A pool of PASIDs behind virtual commands. See pasid_pool.h. */
#include "pasid_pool.h"

#include "vtd/vtd_regs.h"

#include <stdbool.h>
#include <stdlib.h>

static bool in_use(const struct vtd_pasid_pool *pool, uint32_t pasid)
{
    return pool->used[pasid / 64] >> pasid % 64 & 1;
}

unsigned vtd_pasid_pool_bits(const struct vtd_config *config)
{
    return vtd_reg_ecap_pasid(config->ecap) ? (unsigned)vtd_reg_ecap_pss(config->ecap) + 1 : 0;
}

int vtd_pasid_pool_init(struct vtd_pasid_pool *pool, unsigned bits)
{
    *pool = (struct vtd_pasid_pool){.limit = 1u << bits, .first = 1};
    pool->used = calloc((pool->limit + 63) / 64, sizeof(*pool->used));
    return pool->used ? 0 : -1;
}

void vtd_pasid_pool_fini(struct vtd_pasid_pool *pool)
{
    free(pool->used);
    *pool = (struct vtd_pasid_pool){0};
}

uint32_t vtd_pasid_pool_alloc(struct vtd_pasid_pool *pool)
{
    while (pool->first < pool->limit && in_use(pool, pool->first))
        pool->first++;
    if (pool->first >= pool->limit)
        return 0;
    pool->used[pool->first / 64] |= UINT64_C(1) << pool->first % 64;
    return pool->first++;
}

uint32_t vtd_pasid_pool_alloc_in(struct vtd_pasid_pool *pool, uint32_t start, uint32_t end)
{
    uint32_t pasid = start > pool->first ? start : pool->first; /* those below are in use */
    if (end > pool->limit)
        end = pool->limit;
    while (pasid < end && in_use(pool, pasid))
        pasid++;
    if (pasid >= end)
        return 0;
    pool->used[pasid / 64] |= UINT64_C(1) << pasid % 64;
    return pasid;
}

int vtd_pasid_pool_free(struct vtd_pasid_pool *pool, uint64_t pasid)
{
    if (pasid >= pool->limit || !in_use(pool, (uint32_t)pasid))
        return -1;
    pool->used[pasid / 64] &= ~(UINT64_C(1) << pasid % 64);
    if (pasid < pool->first)
        pool->first = (uint32_t)pasid;
    return 0;
}

unsigned vtd_pasid_pool_command(struct vtd_pasid_pool *pool, unsigned command, uint64_t operand, uint64_t *result)
{
    switch (command) {
    case VTD_VCMD_ALLOC_PASID:
        *result = vtd_pasid_pool_alloc(pool);
        return *result ? VTD_VCMD_SUCCESS : VTD_VCMD_NO_PASID;
    case VTD_VCMD_FREE_PASID:
        return vtd_pasid_pool_free(pool, operand) ? VTD_VCMD_INVALID_PASID : VTD_VCMD_SUCCESS;
    default:
        return VTD_VCMD_UNDEFINED;
    }
}
