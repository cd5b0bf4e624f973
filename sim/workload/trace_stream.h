/* SPDX-License-Identifier: MIT */
/*
 * Records of a trace file, one after the other: an invalidation of a domain becomes an unmap of each device (or PASID)
 * that is in it. Memory: that of the reader (trace_reader.h), and about 50 bytes for each member of a domain.
 */
#ifndef VTD_WORKLOAD_TRACE_STREAM_H
#define VTD_WORKLOAD_TRACE_STREAM_H

#include "record.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_trace_stream;

/* NULL with why (VTD_WHY_SIZE bytes) on failure. */
struct vtd_trace_stream *vtd_trace_stream_open(const char *file, char *why);

/* The next record. Returns 1, 0 at the end, or -1 with why filled, as vtd_trace_reader_next does. */
int vtd_trace_stream_next(struct vtd_trace_stream *s, struct vtd_record *record, char *why);

/* Bytes of the file read so far. */
uint64_t vtd_trace_stream_consumed(const struct vtd_trace_stream *s);

void vtd_trace_stream_close(struct vtd_trace_stream *s);

#ifdef __cplusplus
}
#endif
#endif
