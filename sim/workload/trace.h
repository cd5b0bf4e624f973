/* SPDX-License-Identifier: MIT */
/*
 * A whole trace as an array of records, for tenants that each have a place of their own in it: in memory, or, when it
 * is too large for that, in a temporary file that is mapped.
 */
#ifndef VTD_WORKLOAD_TRACE_H
#define VTD_WORKLOAD_TRACE_H

#include "record.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An unmap of a domain with several devices stands there once for each. */
struct vtd_trace {
    struct vtd_record *record;
    size_t count;
    size_t accesses;
    size_t mapped; /* bytes of the temporary file; 0: in memory */
};

#define VTD_TRACE_MEMORY ((size_t)1 << 30) /* bytes, unless something else is asked for */

/*
 * Reads a whole trace, text or binary. Returns 0, or -1 with why (VTD_WHY_SIZE bytes) = "FILE:LINE: what is wrong".
 */
int vtd_trace_load(struct vtd_trace *trace, const char *file, char *why);

/*
 * The same with at most memory bytes of memory for the records; more go to a temporary file without a name in TMPDIR,
 * or /var/tmp (32 bytes for each record). Where the file turns out to be damaged, the records before that are kept
 * (vtd_trace_free), even when -1 is returned.
 */
int vtd_trace_load_partly(struct vtd_trace *trace, const char *file, size_t memory, char *why);

void vtd_trace_free(struct vtd_trace *trace);

#ifdef __cplusplus
}
#endif
#endif
