/* SPDX-License-Identifier: MIT */
/*
 * Writes trace files item by item. The file appears under its name when it is complete; one that is interrupted, or
 * does not fit on the disk, never does.
 */
#ifndef VTD_WORKLOAD_TRACE_WRITER_H
#define VTD_WORKLOAD_TRACE_WRITER_H

#include "record.h"
#include "trace_item.h"

#ifdef __cplusplus
extern "C" {
#endif

enum vtd_trace_format {
    VTD_TRACE_TEXT,
    VTD_TRACE_TEXT_ZSTD,
    VTD_TRACE_BINARY,
};

/* What the end of a name asks for: .vtdtrace binary, .zst compressed text, otherwise text. */
enum vtd_trace_format vtd_trace_format_of(const char *file);

#define VTD_TRACE_LEVEL 15 /* of compression, when nothing else is asked for */

struct vtd_trace_writer;

/*
 * Opens a trace for writing; "-" is standard output. level: of zstd's compression, 1 to 19. NULL with why (VTD_WHY_SIZE
 * bytes) on failure.
 */
struct vtd_trace_writer *vtd_trace_writer_open(const char *file, enum vtd_trace_format format, int level, char *why);

/* Writes an item. Returns 0, or -1 with why. */
int vtd_trace_writer_put(struct vtd_trace_writer *w, const struct vtd_trace_item *item, char *why);

/* Writes a comment, a line that begins with #. Returns 0, or -1 with why. */
int vtd_trace_writer_comment(struct vtd_trace_writer *w, const char *line, char *why);

/*
 * Writes a record. An unmap needs the domain of its device and PASID: domains are numbered as they come and announced
 * by comments. Returns 0, or -1 with why.
 */
int vtd_trace_writer_record(struct vtd_trace_writer *w, const struct vtd_record *record, char *why);

/* Was any record written? */
bool vtd_trace_writer_has_records(const struct vtd_trace_writer *w);

/*
 * Completes the file and frees the writer. Returns 0, or -1 with why, also
 * when something could not be written before; then there is no file.
 */
int vtd_trace_writer_finish(struct vtd_trace_writer *w, char *why);

/* Frees the writer; there is no file. */
void vtd_trace_writer_abandon(struct vtd_trace_writer *w);

#ifdef __cplusplus
}
#endif
#endif
