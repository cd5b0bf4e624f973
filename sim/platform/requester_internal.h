/* SPDX-License-Identifier: MIT */
/* State of a requester: shared by requester.c (accesses) and page_groups.c (page requests). */
#ifndef VTD_REQUESTER_INTERNAL_H
#define VTD_REQUESTER_INTERNAL_H

#include "device_tlb.h"
#include "platform/requester.h"

enum vtd_page_group_state {
    VTD_PAGE_GROUP_FREE,
    VTD_PAGE_GROUP_WAITING,
    VTD_PAGE_GROUP_ANSWERED,
};

/* A page request group, by its index (PRGI). */
struct vtd_page_group {
    struct vtd_request access; /* what waits for it */
    uint8_t state;             /* enum vtd_page_group_state */
    uint8_t code;              /* of the response */
    bool has_access;           /* access is to be tried again */
};

struct vtd_requester {
    /* what a hit reads */
    struct vtd *unit;
    struct vtd_requester_config config;
    struct vtd_device_tlb tlb;
    bool ats, pri, obey;
    enum vtd_answer answer;
    struct vtd_requester_stats stats;
    struct vtd_clock *clock; /* NULL: there is no time */
    uint64_t *ready;         /* with a clock, by entry of the TLB: from when on it can be used */

    /* page_groups.c */
    unsigned group_limit;
    unsigned groups_busy; /* not free */
    unsigned waiting;     /* without a response */
    uint16_t next_group;  /* where to look for a free index */
    struct vtd_page_group group[VTD_REQUESTER_GROUPS];
};

/* The access needs a right that it does not have: a page request with PRI, else the end of it. */
enum vtd_requester_result vtd_requester_ask_for_page(struct vtd_requester *r, const struct vtd_request *access,
                                                     struct vtd_requester_outcome *out);

#endif
