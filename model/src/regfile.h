/* SPDX-License-Identifier: MIT */
/* Storage and access masks of the registers at fixed offsets, from registers.def. No side effects (ref 1). */
#ifndef VTD_REGFILE_H
#define VTD_REGFILE_H

#include "instance.h"

/* Builds the access masks for the capabilities of this unit: registers of what it lacks are reserved. */
void vtd_regfile_init(struct vtd *v);

/* Power-on values (ref 1). */
void vtd_regfile_reset(struct vtd *v);

/* Writes a dword: RW bits take value, RW1C bits that are 1 in value are cleared. Returns the bits that were cleared. */
uint32_t vtd_regfile_write(struct vtd *v, unsigned offset, uint32_t value);

#endif
