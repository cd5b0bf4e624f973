/* SPDX-License-Identifier: MIT */
/* Answers to PCIe translation requests. See ats.h. */
#include "ats.h"

#include "event.h"

void vtd_ats_complete(struct vtd *v, const struct vtd_request *req, bool priv, bool snoop, struct vtd_response *resp)
{
    uint8_t attr = resp->attr & (VTD_ATTR_R | VTD_ATTR_W | VTD_ATTR_X);
    if (ats_no_write(v, req)) {
        event_decide(v, "7.2", "the request has the no-write flag: no right to write is given");
        attr &= (uint8_t)~VTD_ATTR_W;
    }
    if (!(attr & (VTD_ATTR_R | VTD_ATTR_W))) { /* success without rights: not mapped */
        event_decide(v, "7.2", "success without any right: to the device the page is not mapped");
        *resp = (struct vtd_response){.result = VTD_RESULT_OK};
        return;
    }
    if ((req->flags & VTD_REQ_PASID) && priv)
        attr |= VTD_ATTR_PRIV;
    if (!snoop)
        attr |= VTD_ATTR_NO_SNOOP;
    event_decide(v, "7.2",
                 snoop ? "success; N=0: all accesses to the page must be snooped"
                       : "success; N=1: accesses that are not snooped are allowed");
    resp->attr = attr;
    resp->hpa &= ~bits_low(resp->page_shift); /* the whole mapping's base */
}
