/* SPDX-License-Identifier: MIT */
/* Rules about registers, the queue, and domain-ids (ref 1.4, 2.5, 3.3, 6.5). */
#include "internal.h"

#include <stdlib.h>

#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

#define GCMD_ONE_SHOT (UINT32_C(1) << 30 | UINT32_C(1) << 29 | UINT32_C(1) << 27 | UINT32_C(1) << 24)
#define GCMD_ALL      (GCMD_ONE_SHOT | UINT32_C(1) << 31 | UINT32_C(1) << 28 | UINT32_C(7) << 24 | UINT32_C(1) << 23)
#define GCMD_TE       (UINT32_C(1) << 31)
#define GCMD_SRTP     (UINT32_C(1) << 30)

/* ---------------------------------------------------------------- registers */

static void after_srtp(struct vtd_check *check)
{
    const uint64_t cap = vtd_mmio_read64(check->unit, VTD_REG_CAP);
    const bool self = vtd_reg_cap_esrtps(cap);
    check->rtaddr = vtd_mmio_read64(check->unit, VTD_REG_RTADDR);
    for (unsigned i = 0; i < 3; i++)
        check->srtp_owes[i] = !self;
    if (vtd_reg_rtaddr_ttm(check->rtaddr) == VTD_TTM_LEGACY)
        check->srtp_owes[1] = false; /* no PASIDs */
}

static void gcmd(struct vtd_check *check, uint32_t value)
{
    const uint32_t kept = value & ~GCMD_ONE_SHOT, was = check->gcmd_status & ~GCMD_ONE_SHOT;
    const uint32_t commands = ((kept ^ was) | (value & GCMD_ONE_SHOT)) & GCMD_ALL;
    if (commands & (commands - 1))
        check_report(check, VTD_CHECK_GCMD_SEVERAL, "one command in each write, and a wait for its bit in GSTS", "",
                     "GCMD was written with 0x%08x while GSTS was 0x%08x: commands 0x%08x at once", value,
                     check->gcmd_status, commands);
    if (value & GCMD_SRTP)
        after_srtp(check);
    check->gcmd_status = vtd_mmio_read32(check->unit, VTD_REG_GSTS);
    if ((check->gcmd_status & GCMD_TE) && vtd_mmio_read64(check->unit, VTD_REG_RTADDR) != check->rtaddr)
        check_report(check, VTD_CHECK_RTADDR_NOT_LATCHED, "GCMD.SRTP after each write of RTADDR", "",
                     "translation is on; RTADDR is 0x%llx, but 0x%llx is in use",
                     (unsigned long long)vtd_mmio_read64(check->unit, VTD_REG_RTADDR),
                     (unsigned long long)check->rtaddr);
}

static void look_at_status(struct vtd_check *check)
{
    const uint32_t fsts = vtd_mmio_read32(check->unit, VTD_REG_FSTS);
    const bool iqe = vtd_reg_fsts_iqe(fsts), overflow = vtd_reg_fsts_pfo(fsts);
    if (iqe && !check->iqe) {
        static const char *const codes[] = {"?",
                                            "tail beyond the queue",
                                            "the descriptor cannot be read",
                                            "a descriptor of an unknown or forbidden type",
                                            "a reserved field is not 0",
                                            "width of descriptors that does not fit the mode (DW)",
                                            "the tail is not aligned to 256 bits",
                                            "TTM is reserved"};
        const uint64_t code = vtd_reg_iqercd_iqei(vtd_mmio_read64(check->unit, VTD_REG_IQERCD));
        check_report(check, VTD_CHECK_QUEUE_ERROR, "a descriptor in order, then a 1 to FSTS.IQE", "",
                     "the queue stopped at offset 0x%llx: %s",
                     (unsigned long long)vtd_mmio_read64(check->unit, VTD_REG_IQH), codes[code < 8 ? code : 0]);
    }
    if (overflow && !check->overflow)
        check_report(check, VTD_CHECK_FAULT_OVERFLOW, "read and clear fault records on each fault event", "",
                     "all fault recording registers are in use, and a fault was lost");
    check->iqe = iqe;
    check->overflow = overflow;
}

void check_protocol_register_invalidation(struct vtd_check *check, bool context, uint32_t high)
{
    if (context && (high >> 29 & 3) == 1) /* CCMD.CIRG */
        check->srtp_owes[0] = false;
    if (!context && (high >> 28 & 3) == 1) /* IOTLB_REG.IIRG */
        check->srtp_owes[2] = false;
}

void check_protocol_write(struct vtd_check *check, uint64_t offset, unsigned size, uint64_t value)
{
    if (offset == VTD_REG_GCMD && size == 4)
        gcmd(check, (uint32_t)value);
    if ((offset == VTD_REG_IQA || (size == 4 && offset == VTD_REG_IQA + 4)) && vtd_reg_gsts_qies(check->gcmd_status))
        check_report(check, VTD_CHECK_IQA_ENABLED, "GCMD.QIE=0, and a wait for GSTS.QIES=0, first", "",
                     "IQA was written with 0x%llx while the queue is on", (unsigned long long)value);
    if (offset == VTD_REG_IQT)
        check_batch(check, value);
    if (offset == VTD_REG_IQA || (offset == VTD_REG_GCMD && !vtd_reg_gsts_qies(check->gcmd_status)))
        check->tail = 0;
    look_at_status(check);
}

void check_protocol_request(struct vtd_check *check)
{
    static const char *const names[] = {"context-cache", "PASID-cache", "IOTLB"};
    look_at_status(check);
    for (unsigned i = 0; i < 3; i++) {
        if (!check->srtp_owes[i] || !vtd_reg_gsts_tes(check->gcmd_status))
            continue;
        check->srtp_owes[i] = false;
        check_report(check, VTD_CHECK_SRTP_NO_FLUSH, "global invalidations of context cache, PASID cache and IOTLB", "",
                     "a device does DMA after SRTP, without a global %s invalidation before", names[i]);
    }
}

/* ---------------------------------------------------------------- the queue */

static void forget_domain(struct vtd_check *check, bool all, uint16_t did)
{
    struct domain_use *d, *next;
    HASH_ITER(hh, check->domains, d, next)
    {
        if (all || d->did == did) {
            HASH_DELETE(hh, check->domains, d);
            free(d);
        }
    }
}

void check_protocol_descriptor(struct vtd_check *check, const uint64_t *q)
{
    switch (q[0] & 0xf) {
    case VTD_TYPE_CC_INV:
        if (vtd_cc_inv_g(q) != 3)
            check->srtp_owes[0] = false;
        break;
    case VTD_TYPE_PC_INV:
        if (vtd_pc_inv_g(q) == 3)
            check->srtp_owes[1] = false;
        break;
    case VTD_TYPE_IOTLB_INV:
        if (vtd_iotlb_inv_g(q) == 1)
            check->srtp_owes[2] = false;
        if (vtd_iotlb_inv_g(q) != 3)
            forget_domain(check, vtd_iotlb_inv_g(q) == 1, (uint16_t)vtd_iotlb_inv_did(q));
        break;
    case VTD_TYPE_P_IOTLB_INV:
        if (vtd_p_iotlb_inv_g(q) == 2)
            forget_domain(check, false, (uint16_t)vtd_p_iotlb_inv_did(q));
        break;
    default:
        break;
    }
}

/* ---------------------------------------------------------------- domain-ids */

static bool has_second_stage(uint64_t pgtt)
{
    return pgtt == 2 || pgtt == 3;
}

void check_protocol_pasid(struct vtd_check *check, const uint64_t *q)
{
    if (!vtd_pasid_entry_p(q))
        return;
    const struct domain_use use = {.did = (uint16_t)vtd_pasid_entry_did(q),
                                   .pgtt = (uint8_t)vtd_pasid_entry_pgtt(q),
                                   .aw = (uint8_t)vtd_pasid_entry_aw(q),
                                   .ssptptr = vtd_pasid_entry_ssptptr(q)};
    if (use.did == 0 && vtd_reg_cap_cm(vtd_mmio_read64(check->unit, VTD_REG_CAP)))
        check_report(check, VTD_CHECK_DID_ZERO, "domain-ids from 1", "", "a PASID entry has domain-id 0");
    struct domain_use *d;
    HASH_FIND(hh, check->domains, &use.did, sizeof use.did, d);
    if (!d) {
        d = malloc(sizeof *d);
        if (!d)
            return;
        *d = use;
        HASH_ADD(hh, check->domains, did, sizeof d->did, d);
        return;
    }
    if (has_second_stage(d->pgtt) != has_second_stage(use.pgtt))
        check_report(check, VTD_CHECK_DID_MIXED, "domain-ids of their own for either use", "",
                     "domain %u is used with PGTT %u and with PGTT %u", use.did, d->pgtt, use.pgtt);
    else if (has_second_stage(use.pgtt) && (d->ssptptr != use.ssptptr || d->aw != use.aw))
        check_report(check, VTD_CHECK_DID_TWO_TABLES,
                     "one domain-id for one table; before it stands for another, PASID-cache and IOTLB invalidations "
                     "of the domain",
                     "", "domain %u stands for the table at 0x%llx (AW %u) and for that at 0x%llx (AW %u)", use.did,
                     (unsigned long long)d->ssptptr << 12, d->aw, (unsigned long long)use.ssptptr << 12, use.aw);
    d->pgtt = use.pgtt;
    d->aw = use.aw;
    d->ssptptr = use.ssptptr;
}

void check_protocol_free(struct vtd_check *check)
{
    forget_domain(check, true, 0);
}
