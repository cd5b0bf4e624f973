/* SPDX-License-Identifier: MIT */
/*
 * One item of a trace file as both of its formats say it (docs/02_user/traces.md): an access, an invalidation, the end
 * of a device or PASID, or a comment. The text form and the binary form of items are converted into each other without loss.
 */
#ifndef VTD_WORKLOAD_TRACE_ITEM_H
#define VTD_WORKLOAD_TRACE_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum vtd_item_kind {
    VTD_ITEM_READ,
    VTD_ITEM_WRITE,
    VTD_ITEM_ACCESS,     /* the direction is not known */
    VTD_ITEM_INV_PAGES,  /* pages pages from iova on, of domain */
    VTD_ITEM_INV_DOMAIN, /* everything of domain */
    VTD_ITEM_INV_ALL,    /* everything */
    VTD_ITEM_DETACH,     /* a device, or a PASID of it, ends */
    VTD_ITEM_COMMENT,    /* text */
};

#define VTD_ITEM_TIME_MAX ((uint64_t)INT64_MAX) /* ns */

struct vtd_trace_item {
    uint64_t time_ns; /* an access: since the first one, at most VTD_ITEM_TIME_MAX */
    uint64_t iova;    /* an access: bytes; VTD_ITEM_INV_PAGES: a multiple of 4096 */
    uint32_t pasid;   /* with has_pasid, below 2^20 */
    uint32_t pages;   /* VTD_ITEM_INV_PAGES: from 1 */
    uint32_t domain;
    uint16_t sid;
    uint16_t len; /* 0: not known; iova % 4096 + len is at most 4096 */
    uint8_t kind; /* enum vtd_item_kind */
    bool has_pasid;
    const char *text; /* VTD_ITEM_COMMENT: the line, not ended by NUL, at most VTD_LINE_MAX bytes; of the reader */
    size_t text_length;
};

static inline bool vtd_item_is_access(const struct vtd_trace_item *item)
{
    return item->kind <= VTD_ITEM_ACCESS;
}

/* Comments are no records: neither counted nor cut. */
static inline bool vtd_item_is_record(const struct vtd_trace_item *item)
{
    return item->kind != VTD_ITEM_COMMENT;
}

/* What is wrong with the numbers of an item, as both readers and the writer check it; NULL when nothing is. */
const char *vtd_item_problem(const struct vtd_trace_item *item);

/* ---------------------------------------------------------------- text */

/*
 * Reads a line without its end, which may be cut up; a comment points into it. Returns false with *problem saying what
 * is wrong.
 */
bool vtd_item_parse(char *line, struct vtd_trace_item *item, const char **problem);

/* "BB:DD.F", or "BB:DD.F/PASID" in lists of domains. */
bool vtd_item_parse_requester(char *text, uint16_t *sid, bool *has_pasid, uint32_t *pasid);

/* Cuts the next token off a line; NULL when there is none. */
char *vtd_item_token(char **rest);

/* Reads all of text as digits of base 10 or 16, lower case, no sign and no 0x. */
bool vtd_item_digits(const char *text, unsigned base, uint64_t max, uint64_t *value);

#define VTD_ITEM_TEXT_MAX 96 /* bytes of a record as a line */

/* Writes a record (no comment) as a line with its end; returns its length. */
size_t vtd_item_format(const struct vtd_trace_item *item, char text[VTD_ITEM_TEXT_MAX]);

/* ---------------------------------------------------------------- binary */

#define VTD_ITEM_HEADER_SIZE 16 /* bytes in front of the compressed items */
#define VTD_ITEM_VERSION     1
#define VTD_ITEM_BINARY_MAX  48 /* bytes of a record, or of a comment in front of its text */

extern const uint8_t vtd_item_header[VTD_ITEM_HEADER_SIZE];

/* What one item is coded relative to; all zero at the beginning. */
struct vtd_item_state {
    uint64_t time_ns;
    uint32_t pasid; /* plus 1; 0: none */
    uint16_t sid;
    uint64_t records;
};

/* Codes an item; of a comment the part before its text. Returns the number of bytes. */
size_t vtd_item_encode(struct vtd_item_state *state, const struct vtd_trace_item *item,
                       uint8_t out[VTD_ITEM_BINARY_MAX]);

/* Codes the end of the trace. */
size_t vtd_item_encode_end(const struct vtd_item_state *state, uint8_t out[VTD_ITEM_BINARY_MAX]);

enum vtd_item_decoded {
    VTD_ITEM_DECODED,
    VTD_ITEM_END,
    VTD_ITEM_SHORT, /* the bytes end within the item */
    VTD_ITEM_BAD,   /* *problem says why */
};

/* Decodes the item at in[0, size); *used is what it takes, with the text of a comment, which points into in. */
enum vtd_item_decoded vtd_item_decode(struct vtd_item_state *state, const uint8_t *in, size_t size, size_t *used,
                                      struct vtd_trace_item *item, const char **problem);

#ifdef __cplusplus
}
#endif
#endif
