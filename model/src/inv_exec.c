/* SPDX-License-Identifier: MIT */
/* Invalidation descriptors. See inv_exec.h. */
#include "inv_exec.h"

#include "context.h"
#include "event.h"
#include "invq.h"
#include "iotlb.h"
#include "irq_remap.h"
#include "mem.h"
#include "pagewalk.h"
#include "pasid.h"
#include "pasid_dir.h"
#include "prq.h"

static unsigned type_of(const uint64_t *q)
{
    return (unsigned)(vtd_cc_inv_type_hi(q) << 4 | vtd_cc_inv_type_lo(q));
}

/* ---------------------------------------------------------------- checks */

/* The table of ref 3: which types a mode and the capabilities have. */
static bool type_exists(const struct vtd *v, unsigned type, unsigned qwords)
{
    const bool scalable = v->ttm == VTD_TTM_SCALABLE || v->ttm == VTD_TTM_ABORT;
    switch (type) {
    case VTD_TYPE_CC_INV:
    case VTD_TYPE_IOTLB_INV:
    case VTD_TYPE_INV_WAIT:
        return true;
    case VTD_TYPE_DEV_TLB_INV:
        return v->f.dt;
    case VTD_TYPE_IEC_INV:
        return v->f.ir;
    case VTD_TYPE_P_IOTLB_INV:
    case VTD_TYPE_PC_INV:
        return scalable && qwords == 4;
    case VTD_TYPE_P_DEV_TLB_INV:
        return scalable && qwords == 4 && v->f.dt;
    case VTD_TYPE_PG_RESP:
        return scalable && qwords == 4 && v->f.prs;
    default:
        return false;
    }
}

/* Granularities and limits; illegal ones are invalid descriptors (ref 10.4). */
static bool is_valid(const struct vtd *v, unsigned type, const uint64_t *q)
{
    switch (type) {
    case VTD_TYPE_CC_INV:
        return vtd_cc_inv_g(q) != 0;
    case VTD_TYPE_IOTLB_INV:
        if (vtd_iotlb_inv_g(q) == 3)
            return v->f.psi && vtd_iotlb_inv_am(q) <= v->f.mamv;
        return vtd_iotlb_inv_g(q) != 0;
    case VTD_TYPE_IEC_INV:
        return !vtd_iec_inv_g(q) || vtd_iec_inv_im(q) <= v->f.mhmv;
    case VTD_TYPE_P_IOTLB_INV:
        return vtd_p_iotlb_inv_g(q) >= 2;
    case VTD_TYPE_PC_INV:
        return vtd_pc_inv_g(q) != 2;
    default:
        return true;
    }
}

static const uint64_t *reserved_of(const struct vtd *v, unsigned type, unsigned *qwords)
{
    switch (type) {
#define VTD_DESC(NAME, name, type_, qwords_, description)                                                              \
    case type_:                                                                                                        \
        *qwords = qwords_;                                                                                             \
        return v->rsvd.name;
#include "vtd/defs/descriptors.def"
    default:
        *qwords = 0;
        return 0;
    }
}

unsigned vtd_inv_exec_check(const struct vtd *v, const uint64_t *q, unsigned qwords)
{
    const unsigned type = type_of(q);
    if (!type_exists(v, type, qwords) || !is_valid(v, type, q))
        return VTD_IQEI_DESCRIPTOR;
    unsigned own;
    const uint64_t *reserved = reserved_of(v, type, &own);
    for (unsigned i = 0; i < qwords; i++)
        if (q[i] & (i < own ? reserved[i] : ~0ull))
            return VTD_IQEI_RESERVED;
    return VTD_IQEI_NONE;
}

/* ---------------------------------------------------------------- device TLBs (ref 7.3) */

/* The physical function whose outstanding requests MIP limits (ECAP.DIT). */
static uint16_t pf_of(const struct vtd *v, const uint64_t *q, uint16_t sid)
{
    return v->f.dit ? (uint16_t)(vtd_dev_tlb_inv_pfsid_hi(q) << 4 | vtd_dev_tlb_inv_pfsid_lo(q)) : sid;
}

static bool tag_is_free(const struct vtd *v, const uint64_t *q, uint16_t sid, uint64_t mip)
{
    if (v->itags_busy == UINT32_MAX)
        return false;
    if (!v->f.dit || mip == 0)
        return true;
    const uint16_t pf = pf_of(v, q, sid);
    unsigned pending = 0;
    for (uint32_t rest = v->itags_busy; rest; rest &= rest - 1)
        pending += v->itag[__builtin_ctz(rest)].pf == pf;
    return pending < mip;
}

/* Base and size of an S-encoded range (ref 3.2): the lowest zero bit of the address says how large it is. */
static void range_of(uint64_t page, bool s, struct vtd_device_tlb_inv *inv)
{
    inv->addr = page << 12;
    inv->size = VTD_PAGE;
    if (!s)
        return;
    const unsigned p = (unsigned)__builtin_ctzll(~page);
    const unsigned shift = 12 + p + 1;
    inv->size = shift >= 64 ? 0 : 1ull << shift;
    inv->addr = shift >= 64 ? 0 : inv->addr & ~(inv->size - 1);
}

static void send(struct vtd *v, const uint64_t *q, struct vtd_device_tlb_inv *inv)
{
    const unsigned itag = (unsigned)__builtin_ctz(~v->itags_busy);
    inv->itag = (uint8_t)itag;
    v->itags_busy |= 1u << itag;
    v->itag[itag] = (struct itag){.sid = inv->sid, .pf = pf_of(v, q, inv->sid)};
    v->stats.inv_device_tlb++;
    if (v->host.device_tlb_inv)
        v->host.device_tlb_inv(v->host.opaque, inv);
    else
        v->itags_busy &= ~(1u << itag); /* no devices: nothing to wait for */
}

static void device_tlb(struct vtd *v, const uint64_t *q)
{
    struct vtd_device_tlb_inv inv = {.sid = (uint16_t)vtd_dev_tlb_inv_sid(q)};
    range_of(vtd_dev_tlb_inv_addr(q), vtd_dev_tlb_inv_s(q), &inv);
    send(v, q, &inv);
}

static void pasid_device_tlb(struct vtd *v, const uint64_t *q)
{
    struct vtd_device_tlb_inv inv = {
        .sid = (uint16_t)vtd_p_dev_tlb_inv_sid(q),
        .has_pasid = true,
        .pasid = (uint32_t)vtd_p_dev_tlb_inv_pasid(q),
        .global = vtd_p_dev_tlb_inv_gi(q),
    };
    range_of(vtd_p_dev_tlb_inv_addr(q), vtd_p_dev_tlb_inv_s(q), &inv);
    send(v, q, &inv);
}

/* ---------------------------------------------------------------- waits (ref 3.3) */

static void complete_wait(struct vtd *v, const uint64_t *q)
{
    if (vtd_inv_wait_sw(q)) {
        const uint64_t at = (vtd_inv_wait_addr(q) << 2) & bits_low(v->cfg.haw);
        const uint32_t data = (uint32_t)mem_le64(vtd_inv_wait_data(q));
        vtd_mem_write(v, at, &data, 4, VTD_MEM_STATUS);
    }
    if (vtd_inv_wait_if(q) && !vtd_reg_ics_iwc(reg_get32(v, VTD_REG_ICS))) {
        reg_set32(v, VTD_REG_ICS, (uint32_t)vtd_reg_ics_put_iwc(1));
        vtd_event_raise(v, VTD_REG_IECTL);
    }
}

void vtd_inv_exec_finish_waits(struct vtd *v)
{
    unsigned done = 0;
    for (; done < v->waits && v->wait[done].itags == 0; done++)
        complete_wait(v, v->wait[done].q);
    if (done == 0)
        return;
    v->waits -= done;
    for (unsigned i = 0; i < v->waits; i++)
        v->wait[i] = v->wait[i + done];
    if (v->waits == 0)
        v->fence = false;
}

static void wait_for(struct vtd *v, const uint64_t *q)
{
    v->stats.inv_wait++;
    v->wait[v->waits++] = (struct pending_wait){.q = {q[0], q[1]}, .itags = v->itags_busy};
    v->fence = vtd_inv_wait_fn(q);
    vtd_inv_exec_finish_waits(v);
}

/* ---------------------------------------------------------------- execution (table 6.3) */

void vtd_inv_context_cache(struct vtd *v, unsigned granularity, uint16_t did, uint16_t sid, unsigned fm)
{
    static const uint16_t ignored[4] = {0, 1u << 2, 3u << 1, 7};
    const uint16_t mask = granularity == 3 ? (uint16_t)~ignored[fm] : 0;
    if (granularity == 3)
        vtd_context_invalidate_device(v, sid, mask);
    else if (granularity == 2 && v->ttm == VTD_TTM_LEGACY) /* scalable-mode entries have no domain */
        vtd_context_invalidate_domain(v, did);
    else
        vtd_context_invalidate_all(v);
    /* A device whose PASID entries are all not present may get another directory without more than this (ref 6.5). */
    vtd_pasid_dir_invalidate_devices(v, sid, mask);
}

void vtd_inv_iotlb(struct vtd *v, const struct iotlb_scope *s)
{
    switch (s->granularity) {
    case 1:
        vtd_iotlb_invalidate_all(v);
        vtd_psc_invalidate_all(v);
        break;
    case 2:
        vtd_iotlb_invalidate_domain(v, s->did);
        vtd_psc_invalidate_domain(v, s->did);
        break;
    default:
        vtd_iotlb_invalidate_range(v, s->did, s->addr, s->am);
        vtd_psc_invalidate_fs_domain(v, s->did);
        if (!s->leaf_only)
            vtd_psc_invalidate_ss_range(v, s->did, s->addr, s->am);
        break;
    }
}

static void context_cache(struct vtd *v, const uint64_t *q)
{
    v->stats.inv_context_cache++;
    vtd_inv_context_cache(v, (unsigned)vtd_cc_inv_g(q), (uint16_t)vtd_cc_inv_did(q), (uint16_t)vtd_cc_inv_sid(q),
                          (unsigned)vtd_cc_inv_fm(q));
}

static void iotlb(struct vtd *v, const uint64_t *q)
{
    v->stats.inv_iotlb++;
    vtd_inv_iotlb(v, &(struct iotlb_scope){.granularity = (uint8_t)vtd_iotlb_inv_g(q),
                                           .did = (uint16_t)vtd_iotlb_inv_did(q),
                                           .addr = vtd_iotlb_inv_addr(q) << 12,
                                           .am = (uint8_t)vtd_iotlb_inv_am(q),
                                           .leaf_only = vtd_iotlb_inv_ih(q)});
}

static void pasid_iotlb(struct vtd *v, const uint64_t *q)
{
    const uint16_t did = (uint16_t)vtd_p_iotlb_inv_did(q);
    const uint32_t pasid = (uint32_t)vtd_p_iotlb_inv_pasid(q);
    const uint64_t addr = vtd_p_iotlb_inv_addr(q) << 12;
    const unsigned am = (unsigned)vtd_p_iotlb_inv_am(q);
    v->stats.inv_pasid_iotlb++;
    if (vtd_p_iotlb_inv_g(q) == 2) {
        vtd_iotlb_invalidate_pasid(v, did, pasid);
        vtd_psc_invalidate_fs_pasid(v, did, pasid);
        return;
    }
    vtd_iotlb_invalidate_pasid_range(v, did, pasid, addr, am);
    if (!vtd_p_iotlb_inv_ih(q))
        vtd_psc_invalidate_fs_range(v, did, pasid, addr, am);
}

static void pasid_cache(struct vtd *v, const uint64_t *q)
{
    const uint16_t did = (uint16_t)vtd_pc_inv_did(q);
    v->stats.inv_pasid_cache++;
    switch (vtd_pc_inv_g(q)) {
    case 0:
        vtd_pasid_invalidate_domain(v, did);
        break;
    case 1:
        vtd_pasid_invalidate_pasid(v, did, (uint32_t)vtd_pc_inv_pasid(q));
        break;
    default:
        vtd_pasid_invalidate_all(v);
        break;
    }
}

static void interrupt_cache(struct vtd *v, const uint64_t *q)
{
    v->stats.inv_interrupt_cache++;
    if (vtd_iec_inv_g(q))
        vtd_irq_remap_invalidate_range(v, (uint32_t)vtd_iec_inv_iidx(q), (unsigned)vtd_iec_inv_im(q));
    else
        vtd_irq_remap_invalidate_all(v);
}

static void group_response(struct vtd *v, const uint64_t *q)
{
    const bool has_pasid = vtd_pg_resp_pp(q);
    const bool has_private = vtd_pg_resp_pdp(q); /* reserved after revision 3 */
    const struct vtd_page_response resp = {
        .sid = (uint16_t)vtd_pg_resp_rid(q),
        .prgi = (uint16_t)vtd_pg_resp_prgi(q),
        .code = (uint8_t)vtd_pg_resp_rc(q),
        .has_pasid = has_pasid,
        .pasid = has_pasid ? (uint32_t)vtd_pg_resp_pasid(q) : 0,
        .has_private = has_private,
        .private_data = {has_private ? vtd_pg_resp_priv0(q) : 0, has_private ? vtd_pg_resp_priv1(q) : 0},
    };
    vtd_prq_respond(v, &resp);
}

bool vtd_inv_exec_accept(const struct vtd *v, const uint64_t *q)
{
    switch (type_of(q)) {
    case VTD_TYPE_DEV_TLB_INV:
        return tag_is_free(v, q, (uint16_t)vtd_dev_tlb_inv_sid(q), vtd_dev_tlb_inv_mip(q));
    case VTD_TYPE_P_DEV_TLB_INV:
        return tag_is_free(v, q, (uint16_t)vtd_p_dev_tlb_inv_sid(q), vtd_p_dev_tlb_inv_mip(q));
    case VTD_TYPE_INV_WAIT:
        return v->waits < VTD_WAITS;
    default:
        return true;
    }
}

void vtd_inv_exec(struct vtd *v, const uint64_t *q)
{
    switch (type_of(q)) {
    case VTD_TYPE_CC_INV:
        context_cache(v, q);
        break;
    case VTD_TYPE_IOTLB_INV:
        iotlb(v, q);
        break;
    case VTD_TYPE_DEV_TLB_INV:
        device_tlb(v, q);
        break;
    case VTD_TYPE_IEC_INV:
        interrupt_cache(v, q);
        break;
    case VTD_TYPE_INV_WAIT:
        wait_for(v, q);
        break;
    case VTD_TYPE_P_IOTLB_INV:
        pasid_iotlb(v, q);
        break;
    case VTD_TYPE_PC_INV:
        pasid_cache(v, q);
        break;
    case VTD_TYPE_P_DEV_TLB_INV:
        pasid_device_tlb(v, q);
        break;
    default:
        group_response(v, q);
        break;
    }
}

void vtd_invq_invalidate_everything(struct vtd *v)
{
    v->stats.inv_global++;
    vtd_context_invalidate_all(v);
    vtd_pasid_invalidate_all(v);
    vtd_iotlb_invalidate_all(v);
    vtd_psc_invalidate_all(v);
}
