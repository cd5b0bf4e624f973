/* SPDX-License-Identifier: MIT */
/* Register accesses and their side effects (ref 1). Storage and masks are in regfile.c. */
#include "ecmd.h"
#include "event.h"
#include "fault.h"
#include "fault_log.h"
#include "inv_exec.h"
#include "invq.h"
#include "irq_remap.h"
#include "perfmon.h"
#include "protected.h"
#include "prq.h"
#include "regfile.h"
#include "translate.h"
#include "vcmd.h"

/* ---------------------------------------------------------------- global command (ref 1.4) */

static void set_status(struct vtd *v, uint64_t bit, bool on)
{
    const uint32_t gsts = reg_get32(v, VTD_REG_GSTS);
    reg_set32(v, VTD_REG_GSTS, on ? gsts | (uint32_t)bit : gsts & ~(uint32_t)bit);
}

static void set_root_table(struct vtd *v)
{
    const uint64_t rtaddr = reg_get64(v, VTD_REG_RTADDR);
    v->root = vtd_reg_rtaddr_rta(rtaddr) << 12;
    v->ttm = (uint8_t)vtd_reg_rtaddr_ttm(rtaddr);
    v->ssirwe = vtd_reg_rtaddr_ssirwe(rtaddr);
    if (v->f.esrtps)
        vtd_invq_invalidate_everything(v);
    set_status(v, vtd_reg_gsts_put_rtps(1), true);
}

static void set_translation(struct vtd *v, bool on)
{
    set_status(v, vtd_reg_gsts_put_tes(1), on);
    if (!on && v->f.smts)
        vtd_invq_invalidate_everything(v);
}

static void set_fault_log(struct vtd *v)
{
    vtd_fault_log_set_pointer(v);
    set_status(v, vtd_reg_gsts_put_fls(1), true);
}

static void set_interrupt_remapping(struct vtd *v, bool on)
{
    set_status(v, vtd_reg_gsts_put_ires(1), on);
    if (!on && v->f.esirtps)
        vtd_irq_remap_invalidate_all(v);
}

static void set_interrupt_table(struct vtd *v)
{
    vtd_irq_remap_set_table(v);
    if (v->f.esirtps)
        vtd_irq_remap_invalidate_all(v);
    set_status(v, vtd_reg_gsts_put_irtps(1), true);
}

static void set_queue(struct vtd *v, bool on)
{
    set_status(v, vtd_reg_gsts_put_qies(1), on);
    if (on)
        vtd_invq_run(v);
    else
        vtd_invq_disable(v);
}

/* Bits are taken from 31 downwards (ref 10.3); persistent ones act when they differ from the status. */
static void write_gcmd(struct vtd *v, uint32_t value)
{
    const uint32_t changed = value ^ reg_get32(v, VTD_REG_GSTS);
    if (vtd_reg_gcmd_te(changed))
        set_translation(v, vtd_reg_gcmd_te(value));
    if (vtd_reg_gcmd_srtp(value))
        set_root_table(v);
    if (v->f.afl && vtd_reg_gcmd_sfl(value))
        set_fault_log(v);
    if (v->f.afl && vtd_reg_gcmd_eafl(changed))
        set_status(v, vtd_reg_gsts_put_afls(1), vtd_reg_gcmd_eafl(value));
    if (v->f.qi && vtd_reg_gcmd_qie(changed))
        set_queue(v, vtd_reg_gcmd_qie(value));
    if (v->f.ir && vtd_reg_gcmd_ire(changed))
        set_interrupt_remapping(v, vtd_reg_gcmd_ire(value));
    if (v->f.ir && vtd_reg_gcmd_sirtp(value))
        set_interrupt_table(v);
    if (v->f.ir && vtd_reg_gcmd_cfi(changed))
        set_status(v, vtd_reg_gsts_put_cfis(1), vtd_reg_gcmd_cfi(value));
    const uint32_t gsts = reg_get32(v, VTD_REG_GSTS);
    if (!vtd_reg_gsts_tes(gsts) && !vtd_reg_gsts_ires(gsts))
        vtd_fault_restart(v);
    vtd_translate_mode_changed(v);
}

/* ---------------------------------------------------------------- register-based invalidation (ref 1.6) */

static bool register_invalidation_works(const struct vtd *v)
{
    return v->f.reg_invalidation && v->ttm == VTD_TTM_LEGACY && !vtd_reg_gsts_qies(reg_get32(v, VTD_REG_GSTS));
}

static void context_command(struct vtd *v)
{
    const uint64_t ccmd = reg_get64(v, VTD_REG_CCMD);
    if (!vtd_reg_ccmd_icc(ccmd))
        return;
    const uint64_t done = register_invalidation_works(v) ? vtd_reg_ccmd_cirg(ccmd) : 0;
    if (done)
        vtd_inv_context_cache(v, (unsigned)done, (uint16_t)vtd_reg_ccmd_did(ccmd), (uint16_t)vtd_reg_ccmd_sid(ccmd),
                              (unsigned)vtd_reg_ccmd_fm(ccmd));
    /* What is write only reads 0. */
    const uint64_t kept = vtd_reg_ccmd_put_did(~0ull) | vtd_reg_ccmd_put_cirg(~0ull);
    reg_set64(v, VTD_REG_CCMD, (ccmd & kept) | vtd_reg_ccmd_put_caig(done));
}

static void write_ccmd(struct vtd *v, unsigned offset, uint32_t value)
{
    if (!v->f.reg_invalidation)
        return;
    if (offset == VTD_REG_CCMD) {
        reg_set32(v, offset, value);
        return;
    }
    const uint32_t caig = (uint32_t)(vtd_reg_ccmd_put_caig(~0ull) >> 32);
    reg_set32(v, offset, (value & ~caig) | (reg_get32(v, offset) & caig));
    context_command(v);
}

/* Page-selective invalidation without PSI is done for the whole domain; IAIG says so. */
static uint64_t iotlb_granularity(const struct vtd *v)
{
    const uint64_t wanted = vtd_reg_iotlb_reg_iirg(v->iotlb_reg);
    if (!register_invalidation_works(v))
        return 0;
    if (wanted != 3)
        return wanted;
    if (!v->f.psi)
        return 2;
    return vtd_reg_iva_am(v->iva) <= v->f.mamv ? 3 : 0;
}

static void iotlb_command(struct vtd *v)
{
    const uint64_t reg = v->iotlb_reg;
    const uint64_t done = iotlb_granularity(v);
    if (done)
        vtd_inv_iotlb(v, &(struct iotlb_scope){.granularity = (uint8_t)done,
                                               .did = (uint16_t)vtd_reg_iotlb_reg_did(reg),
                                               .addr = vtd_reg_iva_addr(v->iva) << 12,
                                               .am = (uint8_t)vtd_reg_iva_am(v->iva),
                                               .leaf_only = vtd_reg_iva_ih(v->iva)});
    v->iotlb_reg =
        (reg & ~(vtd_reg_iotlb_reg_put_ivt(1) | vtd_reg_iotlb_reg_put_iaig(~0ull))) | vtd_reg_iotlb_reg_put_iaig(done);
}

/* IVA is write only; offset is from 16*IRO. */
static uint32_t read_iotlb_block(const struct vtd *v, unsigned offset)
{
    return offset < 8 ? 0 : (uint32_t)(v->iotlb_reg >> (offset == 12 ? 32 : 0));
}

static void write_iotlb_block(struct vtd *v, unsigned offset, uint32_t value)
{
    if (!v->f.reg_invalidation)
        return;
    uint64_t *reg = offset < 8 ? &v->iva : &v->iotlb_reg;
    const unsigned shift = offset % 8 ? 32 : 0;
    const uint64_t writable = offset < 8 ? ~0ull
                                         : vtd_reg_iotlb_reg_put_did(~0ull) | vtd_reg_iotlb_reg_put_dw(1) |
                                               vtd_reg_iotlb_reg_put_dr(1) | vtd_reg_iotlb_reg_put_iirg(~0ull) |
                                               vtd_reg_iotlb_reg_put_ivt(1);
    const uint64_t mask = writable & (0xffffffffull << shift);
    *reg = (*reg & ~mask) | ((uint64_t)value << shift & mask);
    if (offset == 12 && vtd_reg_iotlb_reg_ivt(v->iotlb_reg))
        iotlb_command(v);
}

/* ---------------------------------------------------------------- fault records (ref 1.7) */

static uint32_t read_fault_record(const struct vtd *v, unsigned offset)
{
    return (uint32_t)(v->frcd[offset / 16][offset % 16 / 8] >> (offset % 8 ? 32 : 0));
}

static void write_fault_record(struct vtd *v, unsigned offset, uint32_t value)
{
    if (offset % 16 == 12 && value >> 31 && vtd_reg_frcd_hi_f(v->frcd[offset / 16][1]))
        vtd_fault_record_cleared(v, offset / 16);
}

/* ---------------------------------------------------------------- registers at fixed offsets */

/* What passed through before may lie in a region now: the IOTLB forgets it (ref 1.11). */
static void set_protection(struct vtd *v)
{
    vtd_protected_update(v);
    vtd_inv_iotlb(v, &(struct iotlb_scope){.granularity = 1});
}

static void write_fixed(struct vtd *v, unsigned offset, uint32_t value)
{
    if (offset == VTD_REG_GCMD) {
        write_gcmd(v, value);
        return;
    }
    if (offset == VTD_REG_CCMD || offset == VTD_REG_CCMD + 4) {
        write_ccmd(v, offset, value);
        return;
    }
    if (offset == VTD_REG_ECMD || offset == VTD_REG_ECMD + 4) {
        vtd_ecmd_write(v, offset, value);
        return;
    }
    const uint32_t cleared = vtd_regfile_write(v, offset, value);
    if (vtd_protected_register(offset))
        set_protection(v);
    switch (offset) {
    case VTD_REG_FSTS:
        vtd_fault_status_cleared(v);
        if (cleared)
            vtd_invq_run(v);
        break;
    case VTD_REG_FECTL:
    case VTD_REG_IECTL:
    case VTD_REG_PECTL:
    case VTD_REG_PERFINTRCTL:
        vtd_event_control_written(v, offset);
        break;
    case VTD_REG_ICS:
        if (cleared)
            vtd_event_withdraw(v, VTD_REG_IECTL);
        break;
    case VTD_REG_PRS:
        vtd_prq_status_cleared(v);
        break;
    case VTD_REG_PERFINTRSTS:
        vtd_perfmon_status_cleared(v);
        break;
    case VTD_REG_IQT:
        vtd_invq_run(v);
        break;
    default:
        break;
    }
}

/* ---------------------------------------------------------------- entry points */

uint64_t vtd_mmio_size(const struct vtd *v)
{
    const uint64_t frcd_end = v->f.frcd_offset + 16 * v->f.frcd_count;
    const uint64_t iotlb_end = v->f.iotlb_offset + 16;
    const uint64_t placed_end = frcd_end > iotlb_end ? frcd_end : iotlb_end;
    const uint64_t perfmon_end = vtd_perfmon_blocks_end(v); /* behind those */
    const uint64_t end = perfmon_end ? perfmon_end : placed_end;
    return (end + VTD_PAGE - 1) & ~(uint64_t)(VTD_PAGE - 1);
}

/* Is offset in a block of that many bytes at base? */
static inline bool in_block(uint64_t offset, uint64_t base, uint64_t bytes)
{
    return offset - base < bytes;
}

uint32_t vtd_mmio_read32(struct vtd *v, uint64_t offset)
{
    if (offset & 3)
        return 0;
    if (in_block(offset, v->f.frcd_offset, 16 * v->f.frcd_count))
        return read_fault_record(v, (unsigned)(offset - v->f.frcd_offset));
    if (in_block(offset, v->f.iotlb_offset, 16))
        return read_iotlb_block(v, (unsigned)(offset - v->f.iotlb_offset));
    return offset < VTD_PAGE ? v->reg[offset / 4] : vtd_perfmon_read(v, offset);
}

uint64_t vtd_mmio_read64(struct vtd *v, uint64_t offset)
{
    if (offset & 7)
        return 0;
    const uint64_t low = vtd_mmio_read32(v, offset);
    return (uint64_t)vtd_mmio_read32(v, offset + 4) << 32 | low;
}

static void write32(struct vtd *v, uint64_t offset, uint32_t value)
{
    if (in_block(offset, v->f.frcd_offset, 16 * v->f.frcd_count))
        write_fault_record(v, (unsigned)(offset - v->f.frcd_offset), value);
    else if (in_block(offset, v->f.iotlb_offset, 16))
        write_iotlb_block(v, (unsigned)(offset - v->f.iotlb_offset), value);
    else if (in_block(offset, VTD_REG_VCMD, VTD_VCMD_BLOCK))
        vtd_vcmd_write(v, (unsigned)offset, value);
    else if (offset < VTD_PAGE)
        write_fixed(v, (unsigned)offset, value);
    else
        vtd_perfmon_write(v, offset, value);
}

static void tell_write(const struct vtd *v, uint64_t offset, unsigned size, uint64_t value)
{
    if (v->watch.register_write)
        v->watch.register_write(v->watch.opaque, offset, size, value);
}

void vtd_mmio_write32(struct vtd *v, uint64_t offset, uint32_t value)
{
    if (offset & 3)
        return;
    write32(v, offset, value);
    tell_write(v, offset, 4, value);
}

void vtd_mmio_write64(struct vtd *v, uint64_t offset, uint64_t value)
{
    if (offset & 7)
        return;
    /* A command starts with its low dword, which must find all of its operand there (ref 1.13, 1.14). */
    const unsigned first = (offset == VTD_REG_ECMD && v->f.ecmds) || vtd_vcmd_starts(v, offset) ? 4 : 0;
    write32(v, offset + first, (uint32_t)(value >> 8 * first));
    write32(v, offset + 4 - first, (uint32_t)(value >> 8 * (4 - first)));
    tell_write(v, offset, 8, value);
}
