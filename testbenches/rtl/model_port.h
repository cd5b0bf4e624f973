/* SPDX-License-Identifier: MIT */
/* Inner parts of the model, as the lockstep tests (C++) need them: headers of model/src with designators are for C only. */
#ifndef VTD_TESTS_MODEL_PORT_H
#define VTD_TESTS_MODEL_PORT_H

#include "vtd/vtd.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A request that faults (fault.h). */
struct model_fault {
    uint64_t page; /* address >> 12 */
    uint32_t pasid;
    uint16_t sid;
    uint8_t reason, access;
    bool fpd, has_pasid, priv;
};
void vtd_port_fault(struct vtd *v, const struct model_fault *f);

/* A wait descriptor with IF=1 is complete (ref 3.3). */
void vtd_port_wait_done(struct vtd *v);

/* What translation sees of the registers. */
struct model_state {
    uint64_t root, iqa, iqt;
    uint8_t ttm;
    bool te, qie, ssirwe;
};
struct model_state vtd_port_state(const struct vtd *v);

/* Steps 10 and 11 for one request, and what its PASID table entry says (ref 2.5, 4.2). */
struct model_walk {
    uint64_t addr, fs_root, ss_root;
    uint32_t pasid;
    uint16_t did;
    uint8_t pgtt, fs_levels, ss_levels, access;
    bool ssade, eafe, wpe, pwsnp, pgsnp, priv, zero_length;
};
struct model_walked {
    uint64_t hpa;
    uint8_t reason, shift, rights; /* rights: bit 0 read, bit 1 write, of this requester */
    uint8_t attr;                  /* IOTLB_R_USER to IOTLB_SNOOP */
};
struct model_walked vtd_port_walk(struct vtd *v, const struct model_walk *w);

/* RTADDR.SSIRWE as SRTP latched it. */
void vtd_port_set_ssirwe(struct vtd *v, bool on);

/* Invalidations of the paging-structure caches (ref 6.3): everything, or of a domain, of that perhaps one PASID (first
 * stage), of that perhaps a range. */
struct model_invalidation {
    uint64_t addr;
    uint32_t pasid;
    uint16_t did;
    uint8_t am;
    bool second_stage, all, with_pasid, range;
};
void vtd_port_invalidate(struct vtd *v, const struct model_invalidation *i);

/* Steps 3 to 9 of ref 4.2 for an untranslated request. root: the root table as SRTP latched it. */
struct model_resolve {
    uint64_t root;
    uint32_t pasid;
    uint16_t sid;
    bool has_pasid, priv;
};
struct model_resolved {
    struct model_walk entry; /* pgtt, did, roots, levels and flags; pasid and priv are the effective ones */
    uint8_t reason;
    bool fpd;
};
struct model_resolved vtd_port_resolve(struct vtd *v, const struct model_resolve *r);

/* Invalidations of the context cache (by source-id under a mask) and the PASID cache (by domain, perhaps one PASID). */
void vtd_port_invalidate_contexts(struct vtd *v, bool all, uint16_t sid, uint16_t mask);
void vtd_port_invalidate_pasids(struct vtd *v, bool all, uint16_t did, bool with_pasid, uint32_t pasid);

/* The IOTLB: a request, and for a fill what its walk found (ref 6.1). */
struct model_iotlb_request {
    uint64_t addr;
    uint32_t pasid;
    uint16_t sid;
    uint8_t access;
    bool has_pasid, priv;
};
struct model_iotlb_fill {
    uint64_t hpa;
    uint32_t effective_pasid;
    uint16_t did;
    uint8_t pgtt, shift, rights, attr;
    bool sre;
};
struct model_iotlb_answer {
    uint64_t hpa;
    uint8_t shift, rights;
    bool usable, snoop;
};
struct model_iotlb_answer vtd_port_iotlb_lookup(struct vtd *v, const struct model_iotlb_request *r);
void vtd_port_iotlb_fill(struct vtd *v, const struct model_iotlb_request *r, const struct model_iotlb_fill *f);

/* Everything, or a domain, of that perhaps a PASID, of that perhaps a range (ref 6.3). */
struct model_iotlb_invalidation {
    uint64_t addr;
    uint32_t pasid;
    uint16_t did;
    uint8_t am;
    bool all, with_pasid, range;
};
void vtd_port_iotlb_invalidate(struct vtd *v, const struct model_iotlb_invalidation *i);

#ifdef __cplusplus
}
#endif

#endif
