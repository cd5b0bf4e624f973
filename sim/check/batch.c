/* SPDX-License-Identifier: MIT */
/* Descriptors that software submits together, with one write of IQT (ref 3.3, 6.5). */
#include "internal.h"

#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

#define STATUSES 64

struct batch {
    struct vtd_check *check;
    uint64_t status[STATUSES]; /* where its waits write */
    unsigned statuses;
    bool tlb;     /* since the last wait: an IOTLB invalidation of domain did as a whole, or of a PASID of it, */
    bool tlb_all; /* or of everything */
    bool late;    /* and after it one of the PASID cache, for the same domain */
    uint16_t did;
};

static void end_of_order(struct batch *b)
{
    if (b->late)
        check_report(b->check, VTD_CHECK_FLUSH_ORDER, "context cache, then PASID cache, then IOTLB, then device TLBs",
                     "", "domain %u: in one batch, the IOTLB is invalidated before the PASID cache, and not after it",
                     b->did);
    b->tlb = b->late = false;
}

static void wait(struct batch *b, const uint64_t *q)
{
    end_of_order(b);
    if (!vtd_inv_wait_sw(q))
        return;
    const uint64_t status = q[1] & ~UINT64_C(3);
    for (unsigned i = 0; i < b->statuses; i++)
        if (b->status[i] == status) {
            check_report(b->check, VTD_CHECK_STATUS_SHARED, "a status of its own for each wait that is under way", "",
                         "two waits of one batch write their status to 0x%llx", (unsigned long long)status);
            return;
        }
    if (b->statuses < STATUSES)
        b->status[b->statuses++] = status;
}

static void tlb(struct batch *b, bool all, uint16_t did)
{
    if (b->late && (all || did == b->did))
        b->late = false;
    b->tlb = true;
    b->tlb_all = all;
    b->did = did;
}

/* Between the IOTLB and the PASID cache, the first can be filled again from the old PASID entry. */
static void pasid_cache(struct batch *b, const uint64_t *q)
{
    const bool all = vtd_pc_inv_g(q) == 3;
    if (b->tlb && (all || b->tlb_all || vtd_pc_inv_did(q) == b->did))
        b->late = true;
}

static void descriptor(struct batch *b, const uint64_t *q)
{
    switch (q[0] & 0xf) {
    case VTD_TYPE_IOTLB_INV:
        if (vtd_iotlb_inv_g(q) != 3)
            tlb(b, vtd_iotlb_inv_g(q) == 1, (uint16_t)vtd_iotlb_inv_did(q));
        break;
    case VTD_TYPE_P_IOTLB_INV:
        if (vtd_p_iotlb_inv_g(q) == 2)
            tlb(b, false, (uint16_t)vtd_p_iotlb_inv_did(q));
        break;
    case VTD_TYPE_PC_INV:
        pasid_cache(b, q);
        break;
    case VTD_TYPE_INV_WAIT:
        wait(b, q);
        break;
    default:
        break;
    }
}

void check_batch(struct vtd_check *check, uint64_t tail)
{
    const uint64_t iqa = vtd_mmio_read64(check->unit, VTD_REG_IQA);
    const uint64_t size = UINT64_C(4096) << vtd_reg_iqa_qs(iqa), step = vtd_reg_iqa_dw(iqa) ? 32 : 16;
    struct batch b = {.check = check};
    const uint64_t end = tail & ~UINT64_C(15);
    for (uint64_t at = check->tail, n = 0; at != end && end < size && n < size / step; n++) {
        uint64_t q[2];
        if (!vtd_memory_peek(check->unit, (vtd_reg_iqa_iqa(iqa) << 12) + at, q, 2, VTD_MEM_DESCRIPTOR, true))
            break;
        descriptor(&b, q);
        at = (at + step) % size;
    }
    check->tail = end < size ? end : check->tail;
}
