/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the invalidation queue. The input is the mode, the queue's geometry and the memory that it lies in; it is
 * then run, repaired after every error, and run on. The queue must always come to rest, with its head inside.
 */
#include "bytes.h"

#include "vtd/vtd.h"
#include "vtd/vtd_regs.h"

#include <string.h>

#define MEMORY (64u << 10)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t itags;
static uint16_t sids[32];

static void on_invalidation(void *opaque, const struct vtd_device_tlb_inv *inv)
{
    (void)opaque;
    HOLDS(inv->itag < 32 && !(itags & 1u << inv->itag));
    itags |= 1u << inv->itag;
    sids[inv->itag] = inv->sid;
}

static void answer_all(struct vtd *unit, bool in_time)
{
    while (itags) {
        const unsigned itag = (unsigned)__builtin_ctz(itags);
        itags &= itags - 1;
        if (in_time)
            vtd_device_tlb_complete(unit, sids[itag], 1u << itag);
        else
            vtd_device_tlb_timeout(unit, itag);
    }
}

/* At rest: empty, stopped by an error, or waiting for a device. */
static void check_rest(struct vtd *unit)
{
    const uint64_t size = 4096ull << (vtd_mmio_read64(unit, VTD_REG_IQA) & 7);
    const uint64_t head = vtd_mmio_read64(unit, VTD_REG_IQH);
    const uint64_t tail = vtd_mmio_read64(unit, VTD_REG_IQT);
    const uint32_t fsts = vtd_mmio_read32(unit, VTD_REG_FSTS);
    const bool stopped = vtd_reg_fsts_iqe(fsts) || vtd_reg_fsts_ite(fsts);
    HOLDS(head < size);
    HOLDS(head == tail || stopped || itags);
    HOLDS(!vtd_reg_fsts_iqe(fsts) || vtd_reg_iqercd_iqei(vtd_mmio_read64(unit, VTD_REG_IQERCD)) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t memory[MEMORY] __attribute__((aligned(4096)));
    struct bytes in = {.data = data, .left = size};
    const struct vtd_host host = {.mem_base = memory, .mem_size = MEMORY, .device_tlb_inv = on_invalidation};
    const uint64_t flags = bytes_take(&in, 1);
    struct vtd_config cfg;
    vtd_config_preset(&cfg, "default");
    for (unsigned i = 0; i < VTD_CACHES; i++)
        cfg.cache[i].entries = 16;
    struct vtd *unit = vtd_create(&cfg, &host, NULL);
    HOLDS(unit != NULL);
    itags = 0;
    vtd_mmio_write64(unit, VTD_REG_RTADDR, vtd_reg_rtaddr_put_ttm(flags & 3));
    vtd_mmio_write32(unit, VTD_REG_GCMD, (uint32_t)vtd_reg_gcmd_put_srtp(1));
    vtd_mmio_write64(unit, VTD_REG_IQT, 0);
    vtd_mmio_write64(unit, VTD_REG_IQA, vtd_reg_iqa_put_dw(flags >> 2) | vtd_reg_iqa_put_qs(flags >> 3 & 1));
    vtd_mmio_write32(unit, VTD_REG_GCMD, (uint32_t)vtd_reg_gcmd_put_qie(1));
    const uint64_t tail = bytes_take(&in, 2) << 4;
    memset(memory, 0, sizeof memory);
    memcpy(memory, in.data, in.left < sizeof memory ? in.left : sizeof memory);
    vtd_mmio_write64(unit, VTD_REG_IQT, tail);
    check_rest(unit);
    /* Every round answers, or repairs the slot with a wait that does nothing, or mends the tail. */
    for (unsigned round = 0; round < 1200; round++) {
        const uint32_t fsts = vtd_mmio_read32(unit, VTD_REG_FSTS);
        const uint64_t head = vtd_mmio_read64(unit, VTD_REG_IQH);
        if (itags) {
            answer_all(unit, flags >> 6 & 1);
        } else if (vtd_reg_fsts_iqe(fsts)) {
            memset(memory + head, 0, 32);
            memory[head] = 0x05;
            const uint64_t code = vtd_reg_iqercd_iqei(vtd_mmio_read64(unit, VTD_REG_IQERCD));
            if (code != 3 && code != 4) /* nothing that another descriptor could mend */
                vtd_mmio_write64(unit, VTD_REG_IQT, head);
        } else if (!vtd_reg_fsts_ite(fsts)) {
            break;
        }
        vtd_mmio_write32(unit, VTD_REG_FSTS, 0x70);
        check_rest(unit);
    }
    HOLDS(vtd_mmio_read64(unit, VTD_REG_IQH) == vtd_mmio_read64(unit, VTD_REG_IQT));
    vtd_destroy(unit);
    return 0;
}
