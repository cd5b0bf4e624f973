/* SPDX-License-Identifier: MIT */
/*
 * The performance monitor (ref 1.12): counters that software reads through registers.
 *
 *   perfmon.c  events, filters, counting, overflow      perfmon_regs.c  registers, and what commands do to counters
 *
 * What happens while a request is worked on is noted by event and page table level, and given to the counters when the
 * request is over: only then is known what filters ask for (its domain-id, the size of its page).
 */
#ifndef VTD_PERFMON_H
#define VTD_PERFMON_H

#include "instance.h"

/* What filters look at. */
struct perf_source {
    uint32_t pasid;
    uint16_t sid;
    uint16_t did;
    uint8_t at;         /* enum vtd_at, or PERF_NO_AT: a message */
    uint8_t page_shift; /* of the translation that was found, 0 = none */
    bool has_pasid;
    bool has_did; /* the domain became known */
};
#define PERF_NO_AT 0xff

/* ---- perfmon.c ---- */

/* Notes n events of one kind at a page table level (1..5, 0 = it has none). Call the wrapper. */
void vtd_perfmon_note(struct vtd *v, enum perf_event e, unsigned level, unsigned n);

/* The same for a lookup of a cache and its outcome. */
void vtd_perfmon_note_lookup(struct vtd *v, enum vtd_cache_id id, bool hit, unsigned level);

/* The request or message is over: counters take what was noted. Call only while v->perfmon.active is set. */
void vtd_perfmon_commit(struct vtd *v, const struct perf_source *src);

/* Which counters run changed. */
void vtd_perfmon_update(struct vtd *v);

/* Event bitmap of a group as this unit has it (PERFEVNTCAP). */
uint32_t vtd_perfmon_events(const struct vtd *v, unsigned group);

/* One predictable branch where nothing counts. */
static inline void perfmon_note(struct vtd *v, enum perf_event e, unsigned level, unsigned n)
{
    if (VTD_UNLIKELY(v->perfmon.active))
        vtd_perfmon_note(v, e, level, n);
}

/* ---- perfmon_regs.c ---- */

/* Power-on values. */
void vtd_perfmon_reset(struct vtd *v);

/* End of the register blocks, in bytes from the register base; 0 without ECAP.PMS. */
uint64_t vtd_perfmon_blocks_end(const struct vtd *v);

/* Accesses behind the fixed page; what is no register there reads 0. */
uint32_t vtd_perfmon_read(const struct vtd *v, uint64_t offset);
void vtd_perfmon_write(struct vtd *v, uint64_t offset, uint32_t value);

/* Software cleared bits of PERFINTRSTS. */
void vtd_perfmon_status_cleared(struct vtd *v);

/* Commands (ref 1.13). Enabling and disabling return false when they are refused. */
bool vtd_perfmon_enable(struct vtd *v, uint64_t counter);
bool vtd_perfmon_disable(struct vtd *v, uint64_t counter);
void vtd_perfmon_reset_config(struct vtd *v);
void vtd_perfmon_reset_values(struct vtd *v);
void vtd_perfmon_freeze(struct vtd *v, bool on);

#endif
