/* SPDX-License-Identifier: MIT */
/*
 * Reads trace files item by item: text or binary, compressed or not; the first bytes of the file say which. Memory does
 * not grow with the trace: at most 512 KiB, and the window of the decompressor (8 MiB for what this program writes,
 * 128 MiB at most).
 */
#ifndef VTD_WORKLOAD_TRACE_READER_H
#define VTD_WORKLOAD_TRACE_READER_H

#include "trace_item.h"

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_trace_reader;

/* Opens a trace. NULL with why (VTD_WHY_SIZE bytes) = "FILE: what is wrong" on failure. */
struct vtd_trace_reader *vtd_trace_reader_open(const char *file, char *why);

bool vtd_trace_reader_is_binary(const struct vtd_trace_reader *r);

/*
 * The next item; a comment's text is valid until the next call. Returns 1, 0 at the end, or -1 with why filled:
 * "FILE:LINE: what is wrong (record N, offset B)" for text, "FILE: what is wrong (record N, offset B)" for binary
 * traces. N counts records from 1, B bytes of the unpacked trace.
 */
int vtd_trace_reader_next(struct vtd_trace_reader *r, struct vtd_trace_item *item, char *why);

/* Fills why as vtd_trace_reader_next does, about the item that it returned last: for what is wrong in a wider sense. */
int vtd_trace_reader_complain(const struct vtd_trace_reader *r, const char *problem, char *why);

/* Records returned so far, and bytes of the file read so far. */
uint64_t vtd_trace_reader_records(const struct vtd_trace_reader *r);
uint64_t vtd_trace_reader_consumed(const struct vtd_trace_reader *r);

void vtd_trace_reader_close(struct vtd_trace_reader *r);

#ifdef __cplusplus
}
#endif
#endif
