/* SPDX-License-Identifier: MIT */
/*
 * DMA traces in text form, plain or compressed with zstd (docs/02_user/traces.md).
 *
 *   # domains: 7=00:1f.2 8=01:00.0      domain (hex) = source-ids in it, separated by commas
 *   TIME SID PASID DIR IOVA LEN         DMA: ms, BB:DD.F, PASID in hex or -, r w or ?, hex, bytes or 0 = not known
 *   inv DOMAIN IOVA PAGES|all           unmap; DOMAIN in hex, or * for every domain
 */
#ifndef VTD_WORKLOAD_TRACE_H
#define VTD_WORKLOAD_TRACE_H

#include "record.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A trace in memory. An unmap of a domain with several devices stands there once for each. */
struct vtd_trace {
    struct vtd_record *record;
    size_t count;
    size_t accesses;
};

/* Reads a whole trace. Returns 0, or -1 with why (VTD_WHY_SIZE bytes) = "FILE:LINE: what is wrong". */
int vtd_trace_load(struct vtd_trace *trace, const char *file, char *why);

void vtd_trace_free(struct vtd_trace *trace);

#ifdef __cplusplus
}
#endif
#endif
