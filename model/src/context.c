/* SPDX-License-Identifier: MIT */
/* Root and context entries. See context.h. */
#include "context.h"

#include "lookup.h"
#include "mem.h"

/* The two modes do not share entries: b holds the mode. */
static struct vtd_key key(uint16_t sid, bool legacy)
{
    return (struct vtd_key){.a = sid, .b = legacy};
}

/* Keeps a good entry; with caching mode a faulting one, too (ref 6.2). Access errors and root faults are never kept. */
static void keep(struct vtd *v, uint16_t sid, bool legacy, const struct context *c)
{
    if (c->fault && !v->f.cm)
        return;
    const uint32_t i = lookup_fill(v, VTD_CACHE_CONTEXT, key(sid, legacy), "6.1");
    if (i != VTD_CACHE_NONE)
        v->context[i] = *c;
}

/* Levels of an AW field, or 0 when the unit does not have that width (ref 2.5). */
static uint8_t levels_of_aw(const struct vtd *v, uint64_t aw)
{
    return aw >= 1 && aw <= 3 && (v->f.sagaw >> aw & 1) ? (uint8_t)(aw + 2) : 0;
}

/* ---------------------------------------------------------------- scalable mode */

/* Root entry: only the half that devfn selects is looked at (ref 2.2). */
static uint8_t root_fetch(struct vtd *v, uint16_t sid, uint64_t *context_table)
{
    uint64_t q[VTD_SM_ROOT_QWORDS];
    const unsigned half = sid >> 7 & 1;
    if (!mem_read_table(v, v->root + (uint64_t)(sid >> 8) * VTD_SM_ROOT_BYTES, q, VTD_SM_ROOT_QWORDS, VTD_MEM_ROOT))
        return VTD_FAULT_SRT_1;
    if (!(q[half] & 1))
        return VTD_FAULT_SRT_2;
    if (q[half] & v->rsvd.sm_root[half])
        return VTD_FAULT_SRT_3;
    *context_table = q[half] & ~(uint64_t)(VTD_PAGE - 1);
    return VTD_FAULT_NONE;
}

/* SCT.4 .1 and .2 (step 5). */
static bool is_inconsistent(const struct vtd *v, const struct context *c)
{
    const uint32_t directory_end = 1u << (c->pdts + 13);
    return (c->pre && !c->dte) || c->rid_pasid >= directory_end || c->rid_pasid > v->f.pasid_mask;
}

static uint8_t context_check(const struct vtd *v, const uint64_t *q, const struct context *c)
{
    if (!vtd_sm_context_p(q))
        return VTD_FAULT_SCT_2;
    for (unsigned i = 0; i < VTD_SM_CONTEXT_QWORDS; i++)
        if (q[i] & v->rsvd.sm_context[i])
            return VTD_FAULT_SCT_3;
    if (is_inconsistent(v, c) || (c->eptr && !c->paside)) /* the latter is .3 */
        return VTD_FAULT_SCT_4;
    return VTD_FAULT_NONE;
}

static void context_fetch(struct vtd *v, uint64_t table, uint16_t sid, struct context *c)
{
    uint64_t q[VTD_SM_CONTEXT_QWORDS];
    *c = (struct context){0};
    if (!mem_read_table(v, table + (uint64_t)(sid & 0x7f) * VTD_SM_CONTEXT_BYTES, q, VTD_SM_CONTEXT_QWORDS,
                        VTD_MEM_CONTEXT)) {
        c->fault = VTD_FAULT_SCT_1;
        return;
    }
    c->fpd = vtd_sm_context_fpd(q);
    c->dte = vtd_sm_context_dte(q);
    c->paside = vtd_sm_context_paside(q);
    c->pre = vtd_sm_context_pre(q);
    c->eptr = vtd_sm_context_eptr(q);
    c->pdts = (uint8_t)vtd_sm_context_pdts(q);
    c->table = vtd_sm_context_pasiddirptr(q) << 12;
    c->rid_pasid = (uint32_t)vtd_sm_context_rid_pasid(q);
    c->rid_priv = vtd_sm_context_rid_priv(q);
    c->fault = context_check(v, q, c);
}

uint8_t vtd_context_get(struct vtd *v, uint16_t sid, bool with_pasid, struct context *out, bool *fpd)
{
    const uint32_t i = lookup_find(v, VTD_CACHE_CONTEXT, key(sid, false), "4.2 step 4");
    if (i != VTD_CACHE_NONE) {
        *out = v->context[i];
    } else {
        uint64_t table;
        const uint8_t reason = root_fetch(v, sid, &table);
        if (reason)
            return reason;
        context_fetch(v, table, sid, out);
        if (out->fault != VTD_FAULT_SCT_1)
            keep(v, sid, false, out);
    }
    *fpd = out->fpd;
    const bool gives_way = out->fault == VTD_FAULT_SCT_4 && with_pasid && !is_inconsistent(v, out);
    return gives_way ? VTD_FAULT_NONE : out->fault; /* step 6 finds PASIDE=0, in its order */
}

/* ---------------------------------------------------------------- legacy mode */

static uint8_t legacy_root_fetch(struct vtd *v, uint16_t sid, uint64_t *context_table)
{
    uint64_t q[VTD_LEGACY_ROOT_QWORDS];
    if (!mem_read_table(v, v->root + (uint64_t)(sid >> 8) * VTD_LEGACY_ROOT_BYTES, q, VTD_LEGACY_ROOT_QWORDS,
                        VTD_MEM_ROOT))
        return VTD_FAULT_LRT_1;
    if (!vtd_legacy_root_p(q))
        return VTD_FAULT_LRT_2;
    if ((q[0] & v->rsvd.legacy_root[0]) || (q[1] & v->rsvd.legacy_root[1]))
        return VTD_FAULT_LRT_3;
    *context_table = vtd_legacy_root_ctp(q) << 12;
    return VTD_FAULT_NONE;
}

static uint8_t legacy_check(const struct vtd *v, const uint64_t *q, const struct context *c)
{
    if (!vtd_legacy_context_p(q))
        return VTD_FAULT_LCT_2;
    if ((q[0] & v->rsvd.legacy_context[0]) || (q[1] & v->rsvd.legacy_context[1]))
        return VTD_FAULT_LCT_3;
    if (c->levels == 0 || c->tt == 3 || (c->tt == 1 && !v->f.dt) || (c->tt == 2 && !v->f.pt))
        return VTD_FAULT_LCT_4;
    return VTD_FAULT_NONE;
}

static void legacy_fetch(struct vtd *v, uint64_t table, uint16_t sid, struct context *c)
{
    uint64_t q[VTD_LEGACY_CONTEXT_QWORDS];
    *c = (struct context){0};
    const uint64_t at = table + (uint64_t)(sid & 0xff) * VTD_LEGACY_CONTEXT_BYTES;
    if (!mem_read_table(v, at, q, VTD_LEGACY_CONTEXT_QWORDS, VTD_MEM_CONTEXT)) {
        c->fault = VTD_FAULT_LCT_1;
        return;
    }
    c->fpd = vtd_legacy_context_fpd(q);
    c->tt = (uint8_t)vtd_legacy_context_tt(q);
    c->levels = levels_of_aw(v, vtd_legacy_context_aw(q));
    c->table = vtd_legacy_context_ssptptr(q) << 12;
    c->did = (uint16_t)vtd_legacy_context_did(q);
    c->fault = legacy_check(v, q, c);
}

uint8_t vtd_context_get_legacy(struct vtd *v, uint16_t sid, struct context *out, bool *fpd)
{
    const uint32_t i = lookup_find(v, VTD_CACHE_CONTEXT, key(sid, true), "4.2 legacy mode");
    if (i != VTD_CACHE_NONE) {
        *out = v->context[i];
    } else {
        uint64_t table;
        const uint8_t reason = legacy_root_fetch(v, sid, &table);
        if (reason)
            return reason;
        legacy_fetch(v, table, sid, out);
        if (out->fault)
            out->did = 0; /* the tag of negative entries (ref 6.2) */
        if (out->fault != VTD_FAULT_LCT_1)
            keep(v, sid, true, out);
    }
    *fpd = out->fpd;
    return out->fault;
}

/* ---------------------------------------------------------------- invalidation */

void vtd_context_invalidate_all(struct vtd *v)
{
    vtd_lookup_invalidate_all(v, VTD_CACHE_CONTEXT);
    lookup_tell_scope(v, &(struct vtd_invalidation){.cache = VTD_CACHE_CONTEXT});
}

struct match {
    const struct vtd *v;
    uint16_t did;
    uint16_t sid, mask;
};

static bool match_domain(const void *arg, struct vtd_key k, uint32_t i)
{
    const struct match *m = arg;
    (void)k;
    return m->v->context[i].did == m->did;
}

static bool match_device(const void *arg, struct vtd_key k, uint32_t i)
{
    const struct match *m = arg;
    (void)i;
    return ((k.a ^ m->sid) & m->mask) == 0;
}

void vtd_context_invalidate_domain(struct vtd *v, uint16_t did)
{
    const struct match m = {.v = v, .did = did};
    vtd_lookup_invalidate_if(v, VTD_CACHE_CONTEXT, match_domain, &m);
    lookup_tell_scope(v, &(struct vtd_invalidation){.cache = VTD_CACHE_CONTEXT, .has_did = true, .did = did});
}

void vtd_context_invalidate_device(struct vtd *v, uint16_t sid, uint16_t mask)
{
    const struct match m = {.v = v, .sid = sid, .mask = mask};
    vtd_lookup_invalidate_if(v, VTD_CACHE_CONTEXT, match_device, &m);
    lookup_tell_scope(v, &(struct vtd_invalidation){.cache = VTD_CACHE_CONTEXT, .sid = sid, .sid_mask = mask});
}
