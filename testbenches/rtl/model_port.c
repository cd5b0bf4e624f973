/* SPDX-License-Identifier: MIT */
/* See model_port.h. */
#include "model_port.h"

#include "event.h"
#include "fault.h"

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
