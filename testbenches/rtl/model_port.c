/* SPDX-License-Identifier: MIT */
/* See model_port.h. */
#include "model_port.h"

#include "context.h"
#include "event.h"
#include "fault.h"
#include "job.h"
#include "lookup.h"
#include "pasid.h"

void vtd_port_fault(struct vtd *v, const struct model_fault *f)
{
    const struct fault_record rec = {
        .info = f->page << 12,
        .pasid = f->pasid,
        .sid = f->sid,
        .at = VTD_AT_UNTRANSLATED,
        .access = f->access,
        .has_pasid = f->has_pasid,
        .priv = f->priv,
    };
    vtd_fault_report(v, f->reason, f->fpd, &rec);
}

void vtd_port_wait_done(struct vtd *v)
{
    if (vtd_reg_ics_iwc(reg_get32(v, VTD_REG_ICS)))
        return;
    reg_set32(v, VTD_REG_ICS, (uint32_t)vtd_reg_ics_put_iwc(1));
    vtd_event_raise(v, VTD_REG_IECTL);
}

struct model_state vtd_port_state(const struct vtd *v)
{
    return (struct model_state){
        .root = v->root,
        .iqa = reg_get64(v, VTD_REG_IQA),
        .iqt = reg_get64(v, VTD_REG_IQT),
        .ttm = v->ttm,
        .te = unit_tes(v),
        .qie = vtd_reg_gsts_qies(reg_get32(v, VTD_REG_GSTS)),
        .ssirwe = v->ssirwe,
    };
}

struct model_walked vtd_port_walk(struct vtd *v, const struct model_walk *w)
{
    const struct vtd_request req = {
        .addr = w->addr,
        .pasid = w->pasid,
        .access = w->access,
        .len = w->zero_length ? 0 : 8,
        .flags = (uint8_t)(VTD_REQ_PASID | (w->priv ? VTD_REQ_PRIV : 0)),
    };
    struct vtd_response resp = {0};
    struct job j = {.v = v, .req = &req, .resp = &resp, .pgtt = w->pgtt};
    j.r.pasid = w->pasid;
    j.r.priv = w->priv;
    j.r.entry = (struct pasid_entry){
        .fs_root = w->fs_root,
        .ss_root = w->ss_root,
        .did = w->did,
        .pgtt = w->pgtt,
        .fs_levels = w->fs_levels,
        .ss_levels = w->ss_levels,
        .ssade = w->ssade,
        .pwsnp = w->pwsnp,
        .pgsnp = w->pgsnp,
        .wpe = w->wpe,
        .eafe = w->eafe,
    };
    j.want = vtd_job_wanted_by(v, &req);
    struct model_walked out = {.reason = vtd_job_translate(&j)};
    if (out.reason)
        return out;
    vtd_psc_commit(&j.walk);
    out.hpa = j.walk.hpa;
    out.shift = j.walk.shift;
    out.rights = j.rights & 3;
    out.attr = (uint8_t)(j.attr & 0x3f);
    return out;
}

void vtd_port_set_ssirwe(struct vtd *v, bool on)
{
    v->ssirwe = on;
}

void vtd_port_invalidate(struct vtd *v, const struct model_invalidation *i)
{
    if (i->all)
        vtd_lookup_invalidate_all(v, i->second_stage ? VTD_CACHE_SS_PSC : VTD_CACHE_FS_PSC);
    else if (i->second_stage && i->range)
        vtd_psc_invalidate_ss_range(v, i->did, i->addr, i->am);
    else if (i->second_stage) /* a range that holds every address: a domain's second stage alone has no command */
        vtd_psc_invalidate_ss_range(v, i->did, 0, 63);
    else if (i->range)
        vtd_psc_invalidate_fs_range(v, i->did, i->pasid, i->addr, i->am);
    else if (i->with_pasid)
        vtd_psc_invalidate_fs_pasid(v, i->did, i->pasid);
    else
        vtd_psc_invalidate_fs_domain(v, i->did);
}

struct model_resolved vtd_port_resolve(struct vtd *v, const struct model_resolve *r)
{
    const struct vtd_request req = {
        .sid = r->sid,
        .pasid = r->pasid,
        .access = VTD_READ,
        .len = 8,
        .flags = (uint8_t)((r->has_pasid ? VTD_REQ_PASID : 0) | (r->priv ? VTD_REQ_PRIV : 0)),
    };
    struct resolved found = {0};
    v->root = r->root;
    v->ttm = VTD_TTM_SCALABLE;
    struct model_resolved out = {.reason = vtd_translate_resolve(v, &req, VTD_AT_UNTRANSLATED, &found)};
    out.fpd = found.fpd;
    out.entry = (struct model_walk){
        .fs_root = found.entry.fs_root,
        .ss_root = found.entry.ss_root,
        .pasid = found.pasid,
        .did = found.entry.did,
        .pgtt = found.entry.pgtt,
        .fs_levels = found.entry.fs_levels,
        .ss_levels = found.entry.ss_levels,
        .ssade = found.entry.ssade,
        .eafe = found.entry.eafe,
        .wpe = found.entry.wpe,
        .pwsnp = found.entry.pwsnp,
        .pgsnp = found.entry.pgsnp,
        .priv = found.priv,
    };
    return out;
}

void vtd_port_invalidate_contexts(struct vtd *v, bool all, uint16_t sid, uint16_t mask)
{
    if (all)
        vtd_context_invalidate_all(v);
    else
        vtd_context_invalidate_device(v, sid, mask);
}

void vtd_port_invalidate_pasids(struct vtd *v, bool all, uint16_t did, bool with_pasid, uint32_t pasid)
{
    if (all)
        vtd_pasid_invalidate_all(v);
    else if (with_pasid)
        vtd_pasid_invalidate_pasid(v, did, pasid);
    else
        vtd_pasid_invalidate_domain(v, did);
}

static struct vtd_request iotlb_request(const struct model_iotlb_request *r)
{
    return (struct vtd_request){
        .addr = r->addr,
        .sid = r->sid,
        .pasid = r->pasid,
        .access = r->access,
        .len = 8,
        .flags = (uint8_t)((r->has_pasid ? VTD_REQ_PASID : 0) | (r->priv ? VTD_REQ_PRIV : 0) | VTD_REQ_NO_SNOOP),
    };
}

struct model_iotlb_answer vtd_port_iotlb_lookup(struct vtd *v, const struct model_iotlb_request *r)
{
    const struct vtd_request req = iotlb_request(r);
    struct vtd_response resp = {0};
    struct job j = {.v = v, .req = &req, .resp = &resp};
    j.want = vtd_job_wanted_by(v, &req);
    struct model_iotlb_answer out = {.usable = vtd_job_try_iotlb(&j)};
    if (!out.usable)
        return out;
    out.hpa = resp.hpa;
    out.shift = resp.page_shift;
    out.rights = resp.attr & 3;
    out.snoop = resp.attr & VTD_ATTR_SNOOP;
    return out;
}

void vtd_port_iotlb_fill(struct vtd *v, const struct model_iotlb_request *r, const struct model_iotlb_fill *f)
{
    const struct vtd_request req = iotlb_request(r);
    struct vtd_response resp = {0};
    struct job j = {.v = v, .req = &req, .resp = &resp, .pgtt = f->pgtt, .rights = f->rights, .attr = f->attr};
    j.r.pasid = f->effective_pasid;
    j.r.entry.did = f->did;
    j.r.entry.sre = f->sre;
    j.walk.hpa = f->hpa;
    j.walk.shift = f->shift;
    vtd_job_fill_iotlb(&j);
}

void vtd_port_iotlb_invalidate(struct vtd *v, const struct model_iotlb_invalidation *i)
{
    if (i->all)
        vtd_iotlb_invalidate_all(v);
    else if (i->with_pasid && i->range)
        vtd_iotlb_invalidate_pasid_range(v, i->did, i->pasid, i->addr, i->am);
    else if (i->with_pasid)
        vtd_iotlb_invalidate_pasid(v, i->did, i->pasid);
    else if (i->range)
        vtd_iotlb_invalidate_range(v, i->did, i->addr, i->am);
    else
        vtd_iotlb_invalidate_domain(v, i->did);
}
