/* SPDX-License-Identifier: MIT */
/* Answers to PCIe translation requests (ref 7.2). */
#ifndef VTD_ATS_H
#define VTD_ATS_H

#include "instance.h"

/* Is the no-write flag set and honoured (ECAP.NWFS)? Otherwise the request counts as read and write (ref 4.7). */
static inline bool ats_no_write(const struct vtd *v, const struct vtd_request *req)
{
    return v->f.nwfs && (req->flags & VTD_REQ_NO_WRITE);
}

/* What an IOTLB entry with these grants (R, W, dirty) must have to answer: a granted write needs the dirty bit (ref 6.1). */
static inline unsigned ats_needed(unsigned grants, bool write)
{
    if (!(grants & 3))
        return 8; /* no right at all: let the walk find the reason */
    return write && (grants & 2) ? 4 : 0;
}

/* Shapes a successful response, rights in resp->attr, into the completion of a translation request. */
void vtd_ats_complete(struct vtd *v, const struct vtd_request *req, bool priv, bool snoop,
                      struct vtd_response *resp);

#endif
