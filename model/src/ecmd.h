/* SPDX-License-Identifier: MIT */
/* The enhanced command interface (ref 1.13). */
#ifndef VTD_SRC_ECMD_H
#define VTD_SRC_ECMD_H

#include "instance.h"

/* Power-on values. */
void vtd_ecmd_reset(struct vtd *v);

/*
 * Software wrote a dword of ECMD: the low one has the command and runs it. (No command of this unit takes operand B, so
 * ECEO is not kept.)
 */
void vtd_ecmd_write(struct vtd *v, unsigned offset, uint32_t value);

#endif
