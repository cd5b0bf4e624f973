/* SPDX-License-Identifier: MIT */
/*
 * A remapping unit in a few lines, with nothing but the library: one device whose requests go through a second-stage
 * table. The tables are written by hand into plain memory; 02_driver.c lets a driver do that.
 */
#include <stdio.h>

#include "vtd/vtd.h"
#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

enum {
    ROOT = 0x1000,
    CONTEXT = 0x2000,
    DIRECTORY = 0x3000,
    TABLE = 0x4000,
    SS_TOP = 0x5000,
    RAM_SIZE = 0x10000
};

static uint64_t ram[RAM_SIZE / 8];

/* Pointer to the structure at a physical address. */
static uint64_t *at(uint64_t addr)
{
    return &ram[addr / 8];
}

int main(void)
{
    const uint16_t sid = 0x0010; /* bus 0, device 2, function 0 */
    at(ROOT)[0] = CONTEXT | 1;
    uint64_t *context = at(CONTEXT + sid * VTD_SM_CONTEXT_BYTES);
    vtd_sm_context_set_p(context, 1);
    vtd_sm_context_set_pasiddirptr(context, DIRECTORY >> 12);
    at(DIRECTORY)[0] = TABLE | 1;
    uint64_t *entry = at(TABLE); /* PASID 0: requests without PASID */
    vtd_pasid_entry_set_p(entry, 1);
    vtd_pasid_entry_set_pgtt(entry, VTD_PGTT_SECOND_STAGE);
    vtd_pasid_entry_set_aw(entry, 1); /* 39 bits, 3 levels */
    vtd_pasid_entry_set_did(entry, 5);
    vtd_pasid_entry_set_ssptptr(entry, SS_TOP >> 12);
    at(SS_TOP)[1] = 0x80000000 | 0x83; /* 1 GiB at 0x40000000: to 0x80000000, read, write, page size */

    struct vtd_config config;
    char why[VTD_WHY_SIZE];
    vtd_config_preset(&config, "default");
    const struct vtd_host host = {.mem_base = ram, .mem_size = sizeof(ram)};
    struct vtd *unit = vtd_create(&config, &host, why);
    if (!unit) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    vtd_mmio_write64(unit, VTD_REG_RTADDR, ROOT | vtd_reg_rtaddr_put_ttm(VTD_TTM_SCALABLE));
    vtd_mmio_write32(unit, VTD_REG_GCMD, (uint32_t)vtd_reg_gcmd_put_srtp(1));
    vtd_mmio_write32(unit, VTD_REG_GCMD, (uint32_t)vtd_reg_gcmd_put_te(1));

    const uint64_t iova[] = {0x40001234, 0x40001278, 0x1000};
    for (unsigned i = 0; i < sizeof(iova) / sizeof(iova[0]); i++) {
        const struct vtd_request req = {.addr = iova[i], .sid = sid, .access = VTD_READ, .len = 4};
        struct vtd_response resp;
        vtd_translate(unit, &req, &resp);
        if (resp.result == VTD_RESULT_OK)
            printf("0x%llx -> 0x%llx\n", (unsigned long long)iova[i], (unsigned long long)resp.hpa);
        else
            printf("0x%llx -> %s: %s\n", (unsigned long long)iova[i], vtd_fault_name(resp.fault),
                   vtd_fault_description(resp.fault));
    }
    struct vtd_stats stats;
    vtd_stats_get(unit, &stats);
    printf("IOTLB: %llu of %llu lookups hit\n", (unsigned long long)stats.iotlb_hit,
           (unsigned long long)stats.iotlb_lookup);
    vtd_destroy(unit);
    return 0;
}
