/* SPDX-License-Identifier: MIT */
/*
 * A PCIe function that does DMA: without ATS by untranslated requests, with ATS through a translation cache of its own
 * (its device TLB, ref 7.2, 7.3), and with PRI by asking software for pages that it may not use yet (ref 7.1).
 *
 * An access in short
 *     look up the device TLB -> hit: a translated request
 *     miss, or a right that is missing -> a translation request
 *         U=1              an untranslated request; nothing is kept
 *         rights suffice   keep the range, a translated request
 *         rights missing   PRI: a page request, VTD_REQUESTER_WAITING; without: VTD_REQUESTER_DENIED
 *         UR               the device turns ATS off until it is enabled again
 *
 * One thread per unit, as everywhere. Nothing is allocated after vtd_requester_create.
 */
#ifndef VTD_REQUESTER_H
#define VTD_REQUESTER_H

#include "platform/answers.h"
#include "platform/clock.h"
#include "vtd/vtd.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A function; its state is private. */
struct vtd_requester;

/* Group indices (PRGI): 9 bits. Groups have 1 to 511; 0 is that of stop markers, which a full queue may be answered for. */
#define VTD_REQUESTER_GROUPS     512
#define VTD_REQUESTER_GROUPS_MAX (VTD_REQUESTER_GROUPS - 1)

/* What the function can do. Zero-initialized is a function without ATS, PASID and PRI. */
struct vtd_requester_config {
    uint16_t sid;
    bool ats;                             /* has ATS, and it is on from the start; see vtd_requester_set_ats */
    bool pasid;                           /* may send requests with PASID */
    bool pri;                             /* has PRI, and it is on from the start; needs ats */
    bool no_write;                        /* asks for the translation of reads with NW */
    bool pasid_in_translated;             /* translated requests carry the PASID (ECAP.PTRS, EPTR) */
    bool watch_stale;                     /* count hits that the unit would translate otherwise now; slow */
    struct vtd_cache_geometry device_tlb; /* 0 entries: it keeps nothing and asks each time */
    unsigned outstanding_max;             /* groups whose response was not taken yet; at most 511, 0 = 32 */
    uint64_t seed;                        /* of the random replacement policy */
};

/* How an access ended. */
enum vtd_requester_result {
    VTD_REQUESTER_DONE,    /* resp is the unit's answer to the memory request; resp.hpa where it went */
    VTD_REQUESTER_BLOCKED, /* the unit refused the request or its translation: resp says how */
    VTD_REQUESTER_DENIED,  /* rights are missing and will not come: no memory request was sent */
    VTD_REQUESTER_WAITING, /* page request group prgi waits for its response: vtd_requester_retry */
    VTD_REQUESTER_BUSY,    /* a page request is needed, and as many as may be are outstanding */
    VTD_REQUESTER_INVALID, /* the function cannot send such a request, or there is no such group */
};

/* By what way the memory request got its address. */
enum vtd_requester_way {
    VTD_REQUESTER_UNTRANSLATED,
    VTD_REQUESTER_HIT,  /* the device TLB knew */
    VTD_REQUESTER_ASKED /* a translation request */
};

struct vtd_requester_outcome {
    struct vtd_response resp; /* of the last request that the unit has seen for this access */
    uint64_t hpa;             /* VTD_REQUESTER_DONE: the host physical address that was accessed */
    uint8_t result;           /* enum vtd_requester_result */
    uint8_t way;              /* enum vtd_requester_way */
    uint8_t code;             /* VTD_REQUESTER_DENIED after a page response: its code; else 0 */
    uint16_t prgi;            /* VTD_REQUESTER_WAITING */
};

struct vtd_requester_stats {
    uint64_t accesses;
    uint64_t lookups, hits, misses; /* of the device TLB; a hit has the rights */
    uint64_t fills, evictions;
    uint64_t invalidations; /* invalidation requests obeyed or ignored */
    uint64_t invalidated;   /* entries that they took */
    uint64_t untranslated_requests, translation_requests, translated_requests;
    uint64_t page_requests, page_responses;
    uint64_t unexpected_responses; /* page responses that no group waits for */
    uint64_t ats_lost;             /* times that UR to a translation request turned ATS off */
    uint64_t stale_hits;           /* with watch_stale */
};

/*
 * Creates a function behind unit. Returns 0, or a negative errno with why filled (VTD_WHY_SIZE bytes, may be NULL):
 * -EINVAL for a configuration that makes no sense, -ENOMEM.
 */
int vtd_requester_create(struct vtd *unit, const struct vtd_requester_config *config, struct vtd_requester **requester,
                         char *why);
void vtd_requester_destroy(struct vtd_requester *requester);

/*
 * One access: req->addr, access, len, flags and pasid as for vtd_translate; at and sid are the function's own business.
 * outcome is always written. Returns outcome->result.
 */
enum vtd_requester_result vtd_requester_access(struct vtd_requester *requester, const struct vtd_request *req,
                                               struct vtd_requester_outcome *outcome);

/*
 * Goes on with the access that waits for group prgi: VTD_REQUESTER_WAITING while there is no response. A good response
 * lets the access be tried anew, once: it may end with another page request. Any other code: VTD_REQUESTER_DENIED.
 */
enum vtd_requester_result vtd_requester_retry(struct vtd_requester *requester, uint16_t prgi,
                                              struct vtd_requester_outcome *outcome);

/* ---------------------------------------------------------------- page requests (ref 7.1) */

/*
 * Asks for count pages from the one of want->addr on as one group, the last with LPIG; rights by want->access. Returns
 * as vtd_requester_access does when a page is missing: WAITING with *prgi, BUSY, INVALID, and DENIED when the unit
 * dropped the request that was to be answered. vtd_requester_collect says what came of it.
 */
enum vtd_requester_result vtd_requester_request_pages(struct vtd_requester *requester, const struct vtd_request *want,
                                                      unsigned count, uint16_t *prgi);

/* Takes the response of a group: its code in *code. False while there is none, and when nobody asked. */
bool vtd_requester_collect(struct vtd_requester *requester, uint16_t prgi, uint8_t *code);

/* Sends a stop marker for a PASID (ref 7.1, ECAP.SMS): no request of it follows, and no response is expected. */
enum vtd_prq_result vtd_requester_stop_marker(struct vtd_requester *requester, uint32_t pasid);

/* Page request groups without a response. */
unsigned vtd_requester_outstanding(const struct vtd_requester *requester);

/* ---------------------------------------------------------------- messages of the unit */

/* A page group response arrived; for vtd_host.page_response. Code 15 (response failure) turns PRI off. */
void vtd_requester_page_response(struct vtd_requester *requester, const struct vtd_page_response *resp);

/* An invalidation is to be carried out; the answer is sent by others (answers.h). Returns how many entries went. */
uint32_t vtd_requester_invalidate(struct vtd_requester *requester, const struct vtd_device_tlb_inv *inv);

/* ---------------------------------------------------------------- what software and tests set */

/* ATS enable of the function; either way its device TLB is empty afterwards. False if it has no ATS. */
bool vtd_requester_set_ats(struct vtd_requester *requester, bool on);
bool vtd_requester_has_ats_on(const struct vtd_requester *requester);

/* PRI enable of the function. Off: no new page requests; outstanding ones are still answered. False if it has no PRI. */
bool vtd_requester_set_pri(struct vtd_requester *requester, bool on);
bool vtd_requester_has_pri_on(const struct vtd_requester *requester);

/* Does it drop entries when told (the default)? If not it still answers, and goes on with what it has. */
void vtd_requester_set_obey(struct vtd_requester *requester, bool obey);

/* How it answers invalidation requests; not VTD_ANSWER_RELEASE, for which vtd_machine_set_answer is there. */
void vtd_requester_set_answer(struct vtd_requester *requester, enum vtd_answer answer);
enum vtd_answer vtd_requester_answer(const struct vtd_requester *requester);

/*
 * Accesses take time from now on: they begin at clock->now, which they move to their end; NULL: no longer. The clock must
 * outlive that. False when memory is out, which it is not for NULL.
 */
bool vtd_requester_set_clock(struct vtd_requester *requester, struct vtd_clock *clock);

uint16_t vtd_requester_sid(const struct vtd_requester *requester);
const struct vtd_requester_stats *vtd_requester_stats_get(const struct vtd_requester *requester);
void vtd_requester_stats_add(struct vtd_requester_stats *sum, const struct vtd_requester_stats *stats);
void vtd_requester_stats_reset(struct vtd_requester *requester);

#ifdef __cplusplus
}
#endif
#endif
