/* SPDX-License-Identifier: MIT */
/* Page requests: the queue to software, automatic answers, group responses (ref 7.1, 2.10, 2.11). */
#ifndef VTD_PRQ_H
#define VTD_PRQ_H

#include "instance.h"

/* Sends a page group response to a device. */
void vtd_prq_respond(struct vtd *v, const struct vtd_page_response *resp);

/* Software cleared bits of PRS: the event is withdrawn when none is left (ref 7.1). */
void vtd_prq_status_cleared(struct vtd *v);

#endif
