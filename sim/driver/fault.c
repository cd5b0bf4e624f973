/* SPDX-License-Identifier: MIT */
/* The handler of the fault event (ref 1.7, 5.4). */
#include "internal.h"

/* Byte offsets of the dwords of a record that say who and why. */
enum {
    RECORD_SIZE = 16,
    DWORD_SID = 8,
    DWORD_REASON = 12,
    FIRST_INTERRUPT_REASON = 0x20, /* ref 5.3 */
    LAST_INTERRUPT_REASON = 0x2b,
};

static void decode(uint64_t low, uint64_t high, struct vtd_drv_fault *f)
{
    *f = (struct vtd_drv_fault){
        .addr = vtd_reg_frcd_lo_fi(low) << 12,
        .sid = (uint16_t)vtd_reg_frcd_hi_sid(high),
        .reason = (uint8_t)vtd_reg_frcd_hi_fr(high),
        .at = (uint8_t)vtd_reg_frcd_hi_at(high),
        .type = (uint8_t)(vtd_reg_frcd_hi_t1(high) << 1 | vtd_reg_frcd_hi_t2(high)),
        .has_pasid = vtd_reg_frcd_hi_pp(high),
    };
    if (f->reason >= FIRST_INTERRUPT_REASON && f->reason <= LAST_INTERRUPT_REASON) {
        f->interrupt_index = (uint16_t)(f->addr >> 48);
        f->addr = 0;
    }
    if (f->has_pasid) { /* these mean something only then */
        f->pasid = (uint32_t)vtd_reg_frcd_hi_pv(high);
        f->privileged = vtd_reg_frcd_hi_priv(high);
        f->execute = vtd_reg_frcd_hi_exe(high);
    }
}

int vtd_drv_handle_faults(struct vtd_drv *drv, vtd_drv_fault_handler *handler, void *arg, bool *overflow)
{
    const struct vtd_bus *bus = &drv->bus;
    const uint32_t fsts = bus->read32(bus->opaque, VTD_REG_FSTS);
    const uint32_t records = (uint32_t)vtd_reg_cap_nfr(drv->cap) + 1;
    const uint64_t base = 16 * vtd_reg_cap_fro(drv->cap);
    uint32_t i = (uint32_t)vtd_reg_fsts_fri(fsts) % records;
    int count = 0;
    if (vtd_reg_fsts_ppf(fsts)) {
        for (uint32_t n = 0; n < records; n++, i = (i + 1) % records) {
            const uint64_t at = base + (uint64_t)i * RECORD_SIZE;
            const uint32_t reason = bus->read32(bus->opaque, at + DWORD_REASON);
            if (!(reason >> 31)) /* F: the first free record is the end */
                break;
            const uint32_t source = bus->read32(bus->opaque, at + DWORD_SID);
            const uint64_t low = bus->read64(bus->opaque, at);
            struct vtd_drv_fault fault;
            decode(low, (uint64_t)reason << 32 | source, &fault);
            bus->write32(bus->opaque, at + DWORD_REASON, UINT32_C(1) << 31);
            count++;
            if (handler)
                handler(arg, &fault);
        }
    }
    /* Only after the records: with PFO cleared first, a fault that finds no room would set it again (ref 5.4). */
    if (vtd_reg_fsts_pfo(fsts))
        bus->write32(bus->opaque, VTD_REG_FSTS, (uint32_t)vtd_reg_fsts_put_pfo(1));
    if (overflow)
        *overflow = vtd_reg_fsts_pfo(fsts);
    return count;
}
