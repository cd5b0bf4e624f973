/* SPDX-License-Identifier: MIT */
/*
 * The advanced fault log of revisions 3 and 4 (CAP.AFL; ref 0.1): fault records in a memory-resident table instead of the
 * fault recording registers. Later revisions have no text about it; the rules here are those of the older ones:
 *
 * - SFL latches AFLOG: base and size, 2^FLS pages of 16-byte records in the format of the recording registers (ref 1.7).
 * - A record goes to the current index, which wraps at the end and starts again at 0 when TES and IRES are both 0.
 * - A record whose F software has not cleared in memory is not overwritten: AFO is set, and while AFO is set faults are lost.
 * - APF is set with a record that is written while APF is 0.
 */
#ifndef VTD_FAULT_LOG_H
#define VTD_FAULT_LOG_H

#include "instance.h"

/* GCMD.SFL: takes base and size from AFLOG. */
void vtd_fault_log_set_pointer(struct vtd *v);

/* TES and IRES are both 0. */
void vtd_fault_log_restart(struct vtd *v);

/* Do faults go to the log (GSTS.AFLS)? */
static inline bool fault_log_is_enabled(const struct vtd *v)
{
    return vtd_reg_gsts_afls(reg_get32(v, VTD_REG_GSTS));
}

/* Writes a record. Returns false when it is lost; FSTS and the fault event are taken care of. */
bool vtd_fault_log_write(struct vtd *v, const uint64_t record[2]);

#endif
