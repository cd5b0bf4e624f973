/* SPDX-License-Identifier: MIT */
/*
 * The virtual command interface (ref 1.14): registers through which software in a virtual machine asks the hypervisor for
 * PASIDs. The commands themselves are the host's (vtd_host.virtual_command).
 */
#ifndef VTD_VCMD_H
#define VTD_VCMD_H

#include "instance.h"

/* Bytes of the block at VTD_REG_VCMD, in either layout (ref 0.1). */
#define VTD_VCMD_BLOCK 0x40u

/* Sets the registers to their power-on values. */
void vtd_vcmd_reset(struct vtd *v);

/* Writes a dword of the block; the low dword of VCMD runs a command. offset is from the register base. */
void vtd_vcmd_write(struct vtd *v, unsigned offset, uint32_t value);

/* Whether the low dword at this offset starts a command: then the high dword of a qword goes first. */
bool vtd_vcmd_starts(const struct vtd *v, uint64_t offset);

#endif
