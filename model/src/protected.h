/* SPDX-License-Identifier: MIT */
/*
 * Protected memory regions (ref 1.11): one below 4 GiB, one above or anywhere. While they are enabled, requests that no
 * tables translate are kept out of them: all with translation off, with translation on those that pass through and
 * translated requests. Requests that go by paging tables are the business of these tables.
 */
#ifndef VTD_PROTECTED_H
#define VTD_PROTECTED_H

#include "instance.h"

/* Allows software to write the registers of the regions that the unit has; once, before vtd_regfile_reset. */
void vtd_protected_init(struct vtd *v);

/* Is this a register of the regions? */
bool vtd_protected_register(unsigned offset);

/* One of the registers was written: the status follows, and the regions are those of the registers. */
void vtd_protected_update(struct vtd *v);

/* Does an enabled region hold this address? Regions begin and end at boundaries of more than a page. */
static inline bool protected_holds(const struct vtd *v, uint64_t hpa)
{
    return hpa - v->pmr[0].base < v->pmr[0].bytes || hpa - v->pmr[1].base < v->pmr[1].bytes;
}

#endif
