/* SPDX-License-Identifier: MIT */
/* Root and context entries: fetch, checks, context cache (ref 2.1-2.3, 4.2 steps 3-5, 6). */
#ifndef VTD_CONTEXT_H
#define VTD_CONTEXT_H

#include "instance.h"

/*
 * Gets the scalable-mode context entry of sid, from the context cache or memory. *fpd receives the entry's FPD also when it
 * faults. with_pasid: an untranslated or translation request with PASID, for which SCT.4.3 gives way to SCT.6 (step 5).
 * Returns 0 or the fault reason.
 */
uint8_t vtd_context_get(struct vtd *v, uint16_t sid, bool with_pasid, struct context *out, bool *fpd);

/* The same for a legacy-mode context entry. */
uint8_t vtd_context_get_legacy(struct vtd *v, uint16_t sid, struct context *out, bool *fpd);

/* Invalidations (ref 6.3). Device: the source-id bits set in mask must match. */
void vtd_context_invalidate_all(struct vtd *v);
void vtd_context_invalidate_domain(struct vtd *v, uint16_t did);
void vtd_context_invalidate_device(struct vtd *v, uint16_t sid, uint16_t mask);

#endif
