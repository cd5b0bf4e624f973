/* SPDX-License-Identifier: MIT */
/* Interrupt remapping and posting. See irq_remap.h; the steps are those of ref 8.2. */
#include "irq_remap.h"

#include "event.h"
#include "fault.h"
#include "lookup.h"
#include "mem.h"

#include <string.h>

struct irq {
    struct vtd *v;
    struct vtd_irq_response *resp;
    uint64_t addr;
    uint32_t data;
    uint32_t index;
    uint16_t sid;
    bool fpd;
};

static void block(struct irq *r, uint8_t reason)
{
    /* The index is undefined for requests that have none (ref 1.7). */
    const bool has_index = reason != VTD_FAULT_IR_RSVD_REQUEST && reason != VTD_FAULT_IR_COMPAT &&
                           reason != VTD_FAULT_IR_EIME && reason != VTD_FAULT_IR_REQUIRED;
    const struct fault_record rec = {.info = has_index ? (uint64_t)r->index << 48 : 0,
                                     .sid = r->sid,
                                     .at = VTD_AT_UNTRANSLATED,
                                     .access = VTD_WRITE};
    *r->resp = (struct vtd_irq_response){.result = VTD_IRQ_BLOCKED, .fault = reason};
    vtd_fault_report(r->v, reason, r->fpd, &rec);
}

/* Compatibility format, forwarded as it came (ref 8.1). */
static void pass(struct irq *r)
{
    event_decide(r->v, "8.1", "the interrupt is forwarded as it came");
    *r->resp = (struct vtd_irq_response){
        .result = VTD_IRQ_PASSED,
        .vector = (uint8_t)r->data,
        .delivery_mode = (uint8_t)bits_get(r->data, 10, 8),
        .dest = (uint32_t)bits_get(r->addr, 19, 12),
        .redirection_hint = r->addr >> 3 & 1,
        .logical = r->addr >> 2 & 1,
        .level = r->data >> 15 & 1,
    };
}

/* ---------------------------------------------------------------- the table entry */

static uint8_t check_entry(const struct vtd *v, const uint64_t *q)
{
    const bool posted = vtd_irte_im(q);
    if (!vtd_irte_p(q))
        return VTD_FAULT_IR_NOT_PRESENT;
    const uint64_t *mask = posted ? v->rsvd.irte_posted : v->rsvd.irte;
    if ((q[0] & mask[0]) || (q[1] & mask[1]) || vtd_irte_svt(q) == 3)
        return VTD_FAULT_IR_RSVD_ENTRY;
    if (posted)
        return v->f.pi ? VTD_FAULT_NONE : VTD_FAULT_IR_RSVD_ENTRY;
    const uint64_t dlm = vtd_irte_dlm(q);
    if (dlm == 3 || dlm == 6)
        return VTD_FAULT_IR_RSVD_ENTRY;
    if (!v->eime && (vtd_irte_dst(q) & ~0xff00ull)) /* xAPIC: only bits 47:40 */
        return VTD_FAULT_IR_RSVD_ENTRY;
    return VTD_FAULT_NONE;
}

static void count_hit(struct vtd *v, bool posted)
{
    v->stats.int_cache_hit_posted += posted;
    v->stats.int_cache_hit_nonposted += !posted;
    perfmon_note(v, posted ? PERF_INT_CACHE_HIT_POSTED : PERF_INT_CACHE_HIT_NONPOSTED, 0, 1);
}

static uint8_t entry_get(struct irq *r, struct irte *e)
{
    struct vtd *v = r->v;
    const struct vtd_key key = {.a = r->index};
    uint32_t i = lookup_find(v, VTD_CACHE_IEC, key, "8.3");
    if (i != VTD_CACHE_NONE) {
        *e = v->iec[i];
        count_hit(v, vtd_irte_im(e->q));
    } else {
        *e = (struct irte){0};
        const uint64_t at = v->irt + (uint64_t)r->index * VTD_IRTE_BYTES;
        if (at >> v->cfg.haw)
            return VTD_FAULT_IR_INDEX;
        if (!mem_read_table(v, at, e->q, VTD_IRTE_QWORDS, VTD_MEM_IRTE))
            return VTD_FAULT_IR_ACCESS;
        e->fault = check_entry(v, e->q);
        if ((!e->fault || v->f.cm) && (i = lookup_fill(v, VTD_CACHE_IEC, key, "8.3")) != VTD_CACHE_NONE)
            v->iec[i] = *e;
    }
    r->fpd = vtd_irte_fpd(e->q);
    return e->fault;
}

/* SVT and SQ (ref 2.9). */
static bool source_is_valid(struct vtd *v, const uint64_t *q, uint16_t sid)
{
    static const char *const text[4] = {"SVT 0: the source-id is not checked",
                                        "SVT 1: the source-id must be SID, but for the bits that SQ names",
                                        "SVT 2: the bus of the source-id must lie between SID[15:8] and SID[7:0]", ""};
    event_decide(v, "2.9", text[vtd_irte_svt(q)]);
    static const uint16_t ignored[4] = {0, 1u << 2, 3u << 1, 7};
    const uint16_t wanted = (uint16_t)vtd_irte_sid(q);
    switch (vtd_irte_svt(q)) {
    case 0:
        return true;
    case 1:
        return ((sid ^ wanted) & (uint16_t)~ignored[vtd_irte_sq(q)]) == 0;
    default: {
        const unsigned bus = sid >> 8;
        return bus >= (unsigned)(wanted >> 8) && bus <= (wanted & 0xffu);
    }
    }
}

/* ---------------------------------------------------------------- remapped and posted */

static void remap(struct irq *r, const uint64_t *q)
{
    const uint64_t dst = vtd_irte_dst(q);
    event_decide(r->v, "8.2 step 6",
                 r->v->eime ? "IM 0: the message is built from the entry; x2APIC mode, destination of 32 bits"
                            : "IM 0: the message is built from the entry; xAPIC mode, destination of 8 bits");
    *r->resp = (struct vtd_irq_response){
        .result = VTD_IRQ_REMAPPED,
        .vector = (uint8_t)vtd_irte_v(q),
        .delivery_mode = (uint8_t)vtd_irte_dlm(q),
        .dest = (uint32_t)(r->v->eime ? dst : dst >> 8 & 0xff),
        .redirection_hint = vtd_irte_rh(q),
        .logical = vtd_irte_dm(q),
        .level = vtd_irte_tm(q),
    };
}

static void notify(struct vtd *v, const uint64_t *pd)
{
    const uint64_t ndst = vtd_pi_desc_ndst(pd);
    const uint64_t dest = v->eime ? ndst : ndst >> 8 & 0xff;
    const uint64_t addr = 0xfee00000 | (dest & 0xff) << 12 | (dest & ~0xffull) << 32;
    event_decide_number(v, "8.2 step 7", "ON is set now: a notification goes out to APIC", dest);
    vtd_event_message(v, addr, (uint32_t)vtd_pi_desc_nv(pd));
}

/* Software that changes a qword of the descriptor all the time does not hold the unit up for ever. */
#define POST_ATTEMPTS 1024

/* Sets the bits of one qword of the descriptor that are not set; *old receives what was there. */
static bool set_bits(struct vtd *v, uint64_t at, uint64_t bits, uint64_t *old)
{
    for (unsigned i = 0; i < POST_ATTEMPTS; i++) {
        const uint64_t wanted = *old | bits;
        switch (vtd_mem_cas(v, at, old, wanted, VTD_MEM_PI_DESCRIPTOR)) {
        case MEM_CAS_OK:
            return true;
        case MEM_CAS_CHANGED:
            continue;
        default:
            return false;
        }
    }
    return false;
}

static bool descriptor_is_reserved(const struct vtd *v, const uint64_t *pd)
{
    for (unsigned i = 0; i < VTD_PI_DESC_QWORDS; i++)
        if (pd[i] & v->rsvd.pi_desc[i])
            return true;
    return false;
}

/*
 * Decides the notification on the qword with ON, SN, NV and NDST, as it is now that the request bit is set: what was read
 * before may be from before software cleared ON and took the requests. Software that clears ON first and takes the
 * requests then either finds this one or is notified again.
 */
static void notify_unless_outstanding(struct vtd *v, uint64_t at, bool urgent)
{
    uint64_t pd[VTD_PI_DESC_QWORDS] = {0};
    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* the request bit is seen before ON is looked at */
    if (!mem_read_shared(v, at + 32, &pd[4], 1, VTD_MEM_PI_DESCRIPTOR))
        return;
    for (unsigned i = 0; !vtd_pi_desc_on(pd) && (urgent || !vtd_pi_desc_sn(pd)); i++) {
        uint64_t control = pd[4];
        switch (vtd_mem_cas(v, at + 32, &control, pd[4] | 1, VTD_MEM_PI_DESCRIPTOR)) {
        case MEM_CAS_OK:
            notify(v, pd);
            return;
        case MEM_CAS_CHANGED:
            pd[4] = control;
            if (i < POST_ATTEMPTS)
                continue;
            return;
        default:
            return;
        }
    }
    event_decide(v, "8.2 step 7",
                 vtd_pi_desc_on(pd) ? "no notification: ON says that one is outstanding"
                                    : "no notification: SN suppresses it, and the entry is not urgent");
}

/*
 * Step 7. The architecture updates the descriptor as one 64-byte unit; here the request bit is set first, and ON on its own
 * qword afterwards.
 */
static void post(struct irq *r, const uint64_t *q)
{
    struct vtd *v = r->v;
    const uint64_t at = vtd_irte_posted_pdah(q) << 32 | vtd_irte_posted_pdal(q) << 6;
    const unsigned vector = (unsigned)vtd_irte_posted_vv(q);
    uint64_t pd[VTD_PI_DESC_QWORDS];
    event_decide_number(v, "8.2 step 7", "IM 1: the interrupt is posted to the descriptor at", at);
    if (!mem_read_shared(v, at, pd, VTD_PI_DESC_QWORDS, VTD_MEM_PI_DESCRIPTOR)) {
        block(r, VTD_FAULT_IR_PD_ACCESS);
        return;
    }
    if (descriptor_is_reserved(v, pd)) {
        block(r, VTD_FAULT_IR_PD_RSVD);
        return;
    }
    if (!set_bits(v, at + vector / 64 * 8, 1ull << vector % 64, &pd[vector / 64])) {
        block(r, VTD_FAULT_IR_PD_ACCESS);
        return;
    }
    v->stats.interrupts_posted++;
    *r->resp = (struct vtd_irq_response){.result = VTD_IRQ_POSTED, .vector = (uint8_t)vector};
    notify_unless_outstanding(v, at, vtd_irte_posted_urg(q));
}

/* ---------------------------------------------------------------- the steps of ref 8.2 */

static bool request_is_reserved(const struct irq *r)
{
    const bool shv = r->addr >> 3 & 1;
    return (r->addr & 3) != 0 || (shv && r->data >> 16 != 0);
}

static void process(struct irq *r)
{
    struct vtd *v = r->v;
    const uint32_t gsts = reg_get32(v, VTD_REG_GSTS);
    if (!vtd_reg_gsts_ires(gsts)) {
        event_decide(v, "8.2 step 1", "interrupt remapping is disabled: compatibility format, passed unmodified");
        if (v->f.irreq)
            block(r, VTD_FAULT_IR_REQUIRED);
        else
            pass(r);
        return;
    }
    if (v->f.eimer && !v->eime) {
        block(r, VTD_FAULT_IR_EIME);
        return;
    }
    if (!(r->addr >> 4 & 1)) {
        event_decide(v, "8.2 step 3", "compatibility format: passes only with CFIS=1 and EIME=0");
        if (v->eime || !vtd_reg_gsts_cfis(gsts))
            block(r, VTD_FAULT_IR_COMPAT);
        else
            pass(r);
        return;
    }
    if (request_is_reserved(r)) {
        block(r, VTD_FAULT_IR_RSVD_REQUEST);
        return;
    }
    const bool shv = r->addr >> 3 & 1;
    r->index = (uint32_t)(bits_get(r->addr, 19, 5) | bits_get(r->addr, 2, 2) << 15);
    r->index += shv ? r->data & 0xffff : 0;
    event_decide_number(v, "8.1", "remappable format, interrupt index", r->index);
    struct irte e;
    const uint8_t reason = r->index >= v->irt_entries ? VTD_FAULT_IR_INDEX : entry_get(r, &e);
    if (reason)
        block(r, reason);
    else if (!source_is_valid(v, e.q, r->sid))
        block(r, VTD_FAULT_IR_SID);
    else if (vtd_irte_im(e.q))
        post(r, e.q); /* step 7 */
    else
        remap(r, e.q); /* step 6 */
}

void vtd_irq_remap_request(struct vtd *v, uint16_t sid, uint64_t addr, uint32_t data, struct vtd_irq_response *resp)
{
    struct irq r = {.v = v, .resp = resp, .addr = addr, .data = data, .sid = sid};
    v->stats.interrupts++;
    process(&r);
}

enum vtd_status vtd_interrupt(struct vtd *v, uint16_t sid, uint64_t addr, uint32_t data, struct vtd_irq_response *resp)
{
    if (addr >> 20 != 0xfee || (addr & 3))
        return VTD_STATUS_INVALID;
    vtd_irq_remap_request(v, sid, addr, data, resp);
    if (VTD_UNLIKELY(v->perfmon.active))
        vtd_perfmon_commit(v, &(struct perf_source){.sid = sid, .at = VTD_AT_UNTRANSLATED});
    return VTD_STATUS_OK;
}

/* ---------------------------------------------------------------- table and cache */

void vtd_irq_remap_set_table(struct vtd *v)
{
    const uint64_t irta = reg_get64(v, VTD_REG_IRTA);
    v->irt = vtd_reg_irta_irta(irta) << 12;
    v->irt_entries = 2u << vtd_reg_irta_s(irta);
    v->eime = v->f.eim && vtd_reg_irta_eime(irta);
}

void vtd_irq_remap_invalidate_all(struct vtd *v)
{
    vtd_lookup_invalidate_all(v, VTD_CACHE_IEC);
}

struct match {
    uint64_t index;
    unsigned im;
};

static bool match_range(const void *arg, struct vtd_key k, uint32_t i)
{
    const struct match *m = arg;
    (void)i;
    return k.a >> m->im == m->index >> m->im;
}

void vtd_irq_remap_invalidate_range(struct vtd *v, uint32_t index, unsigned im)
{
    const struct match m = {.index = index, .im = im};
    vtd_lookup_invalidate_if(v, VTD_CACHE_IEC, match_range, &m);
}
