/* SPDX-License-Identifier: MIT */
/* The order of steps of a request (ref 4.2). */
#ifndef VTD_TRANSLATE_H
#define VTD_TRANSLATE_H

#include "instance.h"

/* Registers, mode or configuration changed: decides anew whether the hit path may be taken. */
void vtd_translate_mode_changed(struct vtd *v);

/* 0xFEE00000-0xFEEFFFFF (ref 4.9). */
static inline bool is_interrupt_range(uint64_t addr)
{
    return addr >> 20 == 0xfee;
}

/* What steps 2 to 9 of ref 4.2 found, for requests of any kind. */
struct resolved {
    struct context context;
    struct pasid_entry entry;
    uint32_t pasid; /* effective */
    bool priv;      /* effective */
    bool fpd;
};

/* A page request as these steps see it: no address is translated (ref 7.1). */
#define RESOLVE_PAGE_REQUEST 3

/*
 * Steps 2 to 9 of ref 4.2 in scalable mode for a request of kind at (enum vtd_at or RESOLVE_PAGE_REQUEST). Returns 0 or the
 * fault reason; r->fpd is valid in both cases. A translated request ends after step 6.
 */
uint8_t vtd_translate_resolve(struct vtd *v, const struct vtd_request *req, unsigned at, struct resolved *r);

/* The mode part of step 2: 0 or RTA.1, RTA.4 (ref 5.1). */
uint8_t vtd_translate_check_mode(const struct vtd *v, bool has_pasid);

#endif
