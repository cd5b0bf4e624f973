/* SPDX-License-Identifier: MIT */
/* Steps 2 to 9 of ref 4.2: mode, context entry, PASID table entry, and what they allow. See translate.h. */
#include "translate.h"

#include "context.h"
#include "event.h"
#include "pasid.h"

void vtd_translate_mode_changed(struct vtd *v)
{
    v->watched = v->events || v->perfmon.active;
    const bool open = unit_tes(v) && !v->watched && v->cfg.iotlb_order == VTD_IOTLB_FIRST;
    const bool tapped = v->tap.id == VTD_CACHE_IOTLB;
    const bool without =
        open && (v->ttm == VTD_TTM_SCALABLE || v->ttm == VTD_TTM_LEGACY) && vtd_translate_check_mode(v, false) == 0;
    const bool with = open && v->ttm == VTD_TTM_SCALABLE && vtd_translate_check_mode(v, true) == 0;
    for (unsigned flags = 0; flags < 4; flags++) {
        /* Not a request: privilege comes with a PASID. */
        const bool may = flags == 0 ? without : flags == VTD_REQ_PRIV ? false : with;
        v->fast[flags] = may && !tapped;
        v->tapped[flags] = may && tapped;
    }
}

uint8_t vtd_translate_check_mode(const struct vtd *v, bool has_pasid)
{
    switch (v->ttm) {
    case VTD_TTM_LEGACY:
        return v->ssirwe && !has_pasid ? VTD_FAULT_RTA_1 : VTD_FAULT_NONE;
    case VTD_TTM_SCALABLE:
        return v->f.smts ? VTD_FAULT_NONE : VTD_FAULT_RTA_1;
    case VTD_TTM_ABORT:
        return v->f.adms ? VTD_FAULT_RTA_4 : VTD_FAULT_RTA_1;
    default:
        return VTD_FAULT_RTA_1;
    }
}

/* Step 6: what the context entry allows, in the order of ref 4.2 (ref 10.3). */
static uint8_t check_allowed(const struct vtd *v, const struct vtd_request *req, unsigned at, const struct context *c)
{
    const bool has_pasid = req->flags & VTD_REQ_PASID;
    if (!c->dte && (at == VTD_AT_TRANSLATION || at == VTD_AT_TRANSLATED))
        return VTD_FAULT_SCT_5;
    if (!c->pre && at == RESOLVE_PAGE_REQUEST)
        return VTD_FAULT_SCT_8;
    if (!has_pasid)
        return VTD_FAULT_NONE;
    if (!c->paside && at != VTD_AT_TRANSLATED)
        return VTD_FAULT_SCT_6;
    if (!c->eptr && at == VTD_AT_TRANSLATED)
        return VTD_FAULT_SCT_10;
    if (req->pasid > v->f.pasid_mask)
        return VTD_FAULT_SGN_10;
    if (req->pasid >= 1u << (c->pdts + 13))
        return VTD_FAULT_SCT_7;
    if (req->pasid == c->rid_pasid)
        return VTD_FAULT_SCT_9;
    return VTD_FAULT_NONE;
}

uint8_t vtd_translate_resolve(struct vtd *v, const struct vtd_request *req, unsigned at, struct resolved *r)
{
    const bool has_pasid = req->flags & VTD_REQ_PASID;
    uint8_t reason;
    r->fpd = false;
    const bool gives_way = has_pasid && (at == VTD_AT_UNTRANSLATED || at == VTD_AT_TRANSLATION);
    if ((reason = vtd_context_get(v, req->sid, gives_way, &r->context, &r->fpd)) != 0)
        return reason;
    if ((reason = check_allowed(v, req, at, &r->context)) != 0)
        return reason;
    r->pasid = has_pasid ? req->pasid : r->context.rid_pasid;
    event_decide_number(
        v, "4.1", has_pasid ? "the request is for PASID" : "no PASID in the request: RID_PASID is used,", r->pasid);
    r->priv = has_pasid ? (req->flags & VTD_REQ_PRIV) != 0 : r->context.rid_priv;
    if (at == VTD_AT_TRANSLATED)
        return VTD_FAULT_NONE;
    if ((reason = vtd_pasid_get(v, req->sid, r->pasid, &r->context, &r->entry, &r->fpd)) != 0)
        return reason;
    if (at == RESOLVE_PAGE_REQUEST)
        return VTD_FAULT_NONE;
    if (req->access == VTD_EXEC && !r->entry.ere)
        return VTD_FAULT_SPT_5; /* also when ECAP.ERS is 0 */
    if (r->priv && !r->entry.sre)
        return VTD_FAULT_SPT_6;
    return VTD_FAULT_NONE;
}
