/* SPDX-License-Identifier: MIT */
/*
 * Which invalidations a change needs (ref 6.5), as descriptors (ref 3.1). Callers queue them in the order context
 * cache, PASID cache, IOTLB; device TLBs follow (device_tlb.c), then the wait.
 */
#include "internal.h"

#include <errno.h>

/* Granularities (ref 3.1). */
enum {
    CC_GLOBAL = 1,
    CC_DOMAIN = 2,
    CC_DEVICE = 3,
    IOTLB_GLOBAL = 1,
    IOTLB_DOMAIN = 2,
    IOTLB_PAGE = 3,
    P_IOTLB_PASID = 2,
    P_IOTLB_PAGE = 3,
    PC_DOMAIN = 0,
    PC_PASID = 1,
    PC_GLOBAL = 3,
    IEC_GLOBAL = 0,
    IEC_INDEX = 1,
};

void vtd_drv_inv_push(struct vtd_drv *drv, const uint64_t *descriptor)
{
    if (!drv->running)
        return;
    if (drv->registers)
        vtd_drv_registers_execute(drv, descriptor);
    else
        vtd_drv_queue_push(drv, descriptor);
    drv->written = false;
}

/* ---------------------------------------------------------------- context and PASID cache */

/*
 * What is selected, widened as the options say. Negative entries (caching mode) are tagged with domain 0, and what is queued for
 * them names that domain (ref 6.2): all of it covers them, too.
 */
static unsigned widen(const struct vtd_drv *drv, unsigned exact, unsigned domain, unsigned global)
{
    switch (drv->options.flush) {
    case VTD_DRV_FLUSH_DOMAIN:
        return exact == global ? global : domain;
    case VTD_DRV_FLUSH_GLOBAL:
        return global;
    default:
        return exact;
    }
}

/* Devices are no part of a domain: only global is wider. */
static void context(struct vtd_drv *drv, unsigned exact, uint16_t did, uint16_t sid)
{
    const unsigned g = widen(drv, exact, exact, CC_GLOBAL);
    uint64_t d[4] = {0};
    vtd_cc_inv_set_type_lo(d, VTD_TYPE_CC_INV);
    vtd_cc_inv_set_g(d, g);
    vtd_cc_inv_set_did(d, g == CC_GLOBAL ? 0 : did);
    vtd_cc_inv_set_sid(d, g == CC_GLOBAL ? 0 : sid);
    vtd_drv_inv_push(drv, d);
}

void vtd_drv_inv_context_global(struct vtd_drv *drv)
{
    context(drv, CC_GLOBAL, 0, 0);
}

void vtd_drv_inv_context_domain(struct vtd_drv *drv, uint16_t did)
{
    context(drv, CC_DOMAIN, did, 0);
}

void vtd_drv_inv_context_device(struct vtd_drv *drv, uint16_t sid)
{
    const struct vtd_drv_domain *domain = drv->legacy ? vtd_drv_attached(drv, sid, VTD_DRV_RID_PASID) : NULL;
    context(drv, CC_DEVICE, domain ? domain->did : VTD_DRV_DID_NONE, sid);
}

static void pasid_cache(struct vtd_drv *drv, unsigned exact, uint16_t did, uint32_t pasid)
{
    const unsigned g = widen(drv, exact, PC_DOMAIN, PC_GLOBAL);
    uint64_t d[4] = {0};
    if (drv->legacy)
        return;
    vtd_pc_inv_set_type_lo(d, VTD_TYPE_PC_INV);
    vtd_pc_inv_set_g(d, g);
    vtd_pc_inv_set_did(d, g == PC_GLOBAL ? 0 : did);
    vtd_pc_inv_set_pasid(d, g == PC_PASID ? pasid : 0);
    vtd_drv_inv_push(drv, d);
}

void vtd_drv_inv_pasid_global(struct vtd_drv *drv)
{
    pasid_cache(drv, PC_GLOBAL, 0, 0);
}

void vtd_drv_inv_pasid_domain(struct vtd_drv *drv, uint16_t did)
{
    pasid_cache(drv, PC_DOMAIN, did, 0);
}

void vtd_drv_inv_pasid_one(struct vtd_drv *drv, uint16_t did, uint32_t pasid)
{
    pasid_cache(drv, PC_PASID, did, pasid);
}

/* ---------------------------------------------------------------- IOTLB */

static void iotlb(struct vtd_drv *drv, unsigned g, uint16_t did, struct vtd_drv_block block, bool leaf_only)
{
    uint64_t d[4] = {0};
    vtd_iotlb_inv_set_type_lo(d, VTD_TYPE_IOTLB_INV);
    vtd_iotlb_inv_set_g(d, g);
    vtd_iotlb_inv_set_dr(d, vtd_reg_cap_drd(drv->cap));
    vtd_iotlb_inv_set_dw(d, vtd_reg_cap_dwd(drv->cap));
    vtd_iotlb_inv_set_did(d, did);
    vtd_iotlb_inv_set_am(d, block.am);
    vtd_iotlb_inv_set_ih(d, leaf_only);
    vtd_iotlb_inv_set_addr(d, block.addr >> 12);
    vtd_drv_inv_push(drv, d);
}

void vtd_drv_inv_iotlb_global(struct vtd_drv *drv)
{
    iotlb(drv, IOTLB_GLOBAL, 0, (struct vtd_drv_block){0}, false);
}

void vtd_drv_inv_iotlb_domain(struct vtd_drv *drv, uint16_t did)
{
    if (drv->options.flush == VTD_DRV_FLUSH_GLOBAL)
        vtd_drv_inv_iotlb_global(drv);
    else
        iotlb(drv, IOTLB_DOMAIN, did, (struct vtd_drv_block){0}, false);
}

static void p_iotlb(struct vtd_drv *drv, unsigned g, const struct vtd_drv_tag *tag, struct vtd_drv_block block,
                    bool leaf_only)
{
    uint64_t d[4] = {0};
    vtd_p_iotlb_inv_set_type_lo(d, VTD_TYPE_P_IOTLB_INV);
    vtd_p_iotlb_inv_set_g(d, g);
    vtd_p_iotlb_inv_set_did(d, tag->did);
    vtd_p_iotlb_inv_set_pasid(d, tag->pasid);
    vtd_p_iotlb_inv_set_am(d, block.am);
    vtd_p_iotlb_inv_set_ih(d, leaf_only);
    vtd_p_iotlb_inv_set_addr(d, block.addr >> 12);
    vtd_drv_inv_push(drv, d);
}

void vtd_drv_inv_iotlb_pasid(struct vtd_drv *drv, uint16_t did, uint32_t pasid)
{
    if (drv->options.flush != VTD_DRV_FLUSH_EXACT) {
        vtd_drv_inv_iotlb_domain(drv, did);
        return;
    }
    p_iotlb(drv, P_IOTLB_PASID, &(struct vtd_drv_tag){.did = did, .pasid = pasid}, (struct vtd_drv_block){0}, false);
}

/* ---------------------------------------------------------------- interrupt entry cache */

static void interrupts(struct vtd_drv *drv, unsigned g, uint32_t index, unsigned order)
{
    uint64_t d[4] = {0};
    vtd_iec_inv_set_type_lo(d, VTD_TYPE_IEC_INV);
    vtd_iec_inv_set_g(d, g);
    vtd_iec_inv_set_im(d, order);
    vtd_iec_inv_set_iidx(d, index);
    vtd_drv_inv_push(drv, d);
}

void vtd_drv_inv_interrupts_global(struct vtd_drv *drv)
{
    interrupts(drv, IEC_GLOBAL, 0, 0);
}

void vtd_drv_inv_interrupts(struct vtd_drv *drv, uint32_t index, unsigned order)
{
    interrupts(drv, IEC_INDEX, index, order);
}

/* ---------------------------------------------------------------- ranges */

uint64_t vtd_drv_canonical(const struct vtd_drv_domain *domain, uint64_t addr)
{
    const uint64_t sign = UINT64_C(1) << (domain->addr_width - 1);
    return domain->first_stage && (addr & sign) ? addr | -sign : addr;
}

static unsigned log2_floor(uint64_t v)
{
    return 63u - (unsigned)__builtin_clzll(v);
}

unsigned vtd_drv_cover(uint64_t a, uint64_t b, unsigned max_am, struct vtd_drv_block *blocks)
{
    const uint64_t first = a;
    unsigned n = 0;
    while (a <= b && n < VTD_DRV_BLOCKS) {
        unsigned am = log2_floor(b - a + 1);
        if (a && am > (unsigned)__builtin_ctzll(a))
            am = (unsigned)__builtin_ctzll(a);
        if (am > max_am)
            am = max_am;
        blocks[n++] = (struct vtd_drv_block){.addr = a << 12, .am = am};
        a += UINT64_C(1) << am;
    }
    if (a > b)
        return n;
    const unsigned around = log2_floor(first ^ b) + 1; /* first != b: one page takes one block */
    if (around > max_am)
        return 0;
    blocks[0] = (struct vtd_drv_block){.addr = first >> around << around << 12, .am = around};
    return 1;
}

/* All of what may hold translations of the domain: each domain-id of its tags once, or everything once. */
static void range_of_domains(struct vtd_drv_domain *domain)
{
    const bool once = domain->drv->options.flush == VTD_DRV_FLUSH_GLOBAL;
    for (size_t t = 0; t < domain->tag_count && !(once && t); t++)
        if (t == 0 || domain->tags[t].did != domain->tags[t - 1].did)
            vtd_drv_inv_iotlb_domain(domain->drv, domain->tags[t].did);
}

void vtd_drv_inv_range(struct vtd_drv_domain *domain, uint64_t first, uint64_t last, bool leaf_only)
{
    struct vtd_drv *drv = domain->drv;
    if (drv->options.flush != VTD_DRV_FLUSH_EXACT) {
        range_of_domains(domain);
        return;
    }
    struct vtd_drv_block blocks[VTD_DRV_BLOCKS];
    if (!drv->running)
        return; /* nothing is cached, and none of the descriptors, one for each tag, would be queued */
    /*
     * P_IOTLB takes any mask (ref 1.2, MAMV); more than a quarter of the address space is a matter for the whole
     * PASID.
     */
    unsigned max_am = domain->addr_width - 14u;
    bool by_page = (last - first) >> 12 >> max_am == 0;
    if (!domain->first_stage) {
        by_page = vtd_reg_cap_psi(drv->cap);
        max_am = (unsigned)vtd_reg_cap_mamv(drv->cap);
    }
    const unsigned n = by_page ? vtd_drv_cover(first >> 12, last >> 12, max_am, blocks) : 0;
    for (unsigned i = 0; i < n; i++)
        blocks[i].addr = vtd_drv_canonical(domain, blocks[i].addr);
    for (size_t t = 0; t < domain->tag_count; t++) {
        const struct vtd_drv_tag *tag = &domain->tags[t];
        if (n == 0 && domain->first_stage)
            vtd_drv_inv_iotlb_pasid(drv, tag->did, tag->pasid);
        else if (n == 0)
            vtd_drv_inv_iotlb_domain(drv, tag->did);
        for (unsigned i = 0; i < n; i++) {
            if (domain->first_stage)
                p_iotlb(drv, P_IOTLB_PAGE, tag, blocks[i], leaf_only);
            else
                iotlb(drv, IOTLB_PAGE, tag->did, blocks[i], leaf_only);
        }
    }
}

/*
 * The second stage takes all of the domain: nothing else reaches its paging-structure caches, and its tables may change
 * while no entry refers to them.
 */
void vtd_drv_inv_entry_iotlb(struct vtd_drv *drv, const struct vtd_drv_domain *domain, uint32_t pasid)
{
    if (domain->kind == VTD_DRV_SECOND_STAGE || domain->kind == VTD_DRV_NESTED)
        vtd_drv_inv_iotlb_domain(drv, domain->did);
    else
        vtd_drv_inv_iotlb_pasid(drv, domain->did, pasid);
}

void vtd_drv_inv_entry(struct vtd_drv *drv, const struct vtd_drv_domain *domain, uint32_t pasid)
{
    vtd_drv_inv_pasid_one(drv, domain->did, pasid);
    vtd_drv_inv_entry_iotlb(drv, domain, pasid);
}

/* Ends a batch that was waited for. */
static int end_batch(struct vtd_drv *drv, int error)
{
    if (drv->queue.timed_out)
        error = vtd_drv_dtlb_recover(drv);
    drv->batch++;
    return error ? error : vtd_drv_write_buffer(drv);
}

/* Ends the batch in the way of the unit. */
static int wait_for_batch(struct vtd_drv *drv)
{
    return drv->registers ? vtd_drv_registers_sync(drv) : vtd_drv_queue_sync(drv);
}

int vtd_drv_inv_sync(struct vtd_drv *drv)
{
    return end_batch(drv, drv->queue.pending || drv->queue.broken ? wait_for_batch(drv) : 0);
}

int vtd_drv_inv_drain(struct vtd_drv *drv)
{
    return end_batch(drv, vtd_drv_queue_drain(drv));
}

int vtd_drv_invalidate_all(struct vtd_drv *drv)
{
    vtd_drv_inv_context_global(drv);
    vtd_drv_inv_pasid_global(drv);
    vtd_drv_inv_iotlb_global(drv);
    return vtd_drv_inv_sync(drv);
}

int vtd_drv_submit_raw(struct vtd_drv *drv, const uint64_t (*descriptors)[4], unsigned count)
{
    if (!drv->running)
        return -ENODEV;
    for (unsigned i = 0; i < count; i++)
        vtd_drv_inv_push(drv, descriptors[i]);
    return end_batch(drv, wait_for_batch(drv));
}
