/* SPDX-License-Identifier: MIT */
/* Writes trace files item by item. See trace_writer.h. */
#define _DEFAULT_SOURCE

#include "trace_writer.h"

#include "trace_domains.h"
#include "vtd/vtd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#define BUFFER_BYTES 65536u

struct vtd_trace_writer {
    enum vtd_trace_format format;
    FILE *file;
    char *name, *part; /* part: what the file is called until it is complete; NULL: written in place */
    ZSTD_CStream *zstd;
    struct vtd_item_state state;
    struct vtd_domains *domains; /* of records, made with the first unmap */
    uint32_t next_domain;
    bool failed, has_records;
    size_t fill;
    char buffer[BUFFER_BYTES];
    char packed[BUFFER_BYTES];
};

enum vtd_trace_format vtd_trace_format_of(const char *file)
{
    const char *dot = strrchr(file, '.');
    if (!dot)
        return VTD_TRACE_TEXT;
    return strcmp(dot, ".vtdtrace") == 0 ? VTD_TRACE_BINARY
           : strcmp(dot, ".zst") == 0    ? VTD_TRACE_TEXT_ZSTD
                                         : VTD_TRACE_TEXT;
}

static int complain(struct vtd_trace_writer *w, char *why, const char *problem)
{
    w->failed = true;
    snprintf(why, VTD_WHY_SIZE, "cannot write %.120s: %.100s", w->name, problem);
    return -1;
}

/* ---------------------------------------------------------------- the file */

/* Devices, pipes and standard output are written in place, files beside their place. */
static int open_file(struct vtd_trace_writer *w)
{
    struct stat s;
    if (strcmp(w->name, "-") == 0) {
        w->file = stdout;
        return 0;
    }
    if (stat(w->name, &s) == 0 && !S_ISREG(s.st_mode)) {
        w->file = fopen(w->name, "wb");
        return w->file ? 0 : -1;
    }
    const size_t size = strlen(w->name) + sizeof ".XXXXXX";
    if (!(w->part = malloc(size)))
        return -1;
    snprintf(w->part, size, "%s.XXXXXX", w->name);
    const int fd = mkstemp(w->part);
    if (fd < 0) {
        free(w->part);
        w->part = NULL;
        return -1;
    }
    const mode_t mask = umask(0);
    umask(mask);
    (void)fchmod(fd, 0666 & ~mask); /* a file that only its owner can read is no reason to stop */
    w->file = fdopen(fd, "wb");
    if (!w->file)
        close(fd);
    return w->file ? 0 : -1;
}

struct vtd_trace_writer *vtd_trace_writer_open(const char *file, enum vtd_trace_format format, int level, char *why)
{
    struct vtd_trace_writer *w = calloc(1, sizeof *w);
    if (!w || !(w->name = strdup(file))) {
        free(w);
        snprintf(why, VTD_WHY_SIZE, "out of memory");
        return NULL;
    }
    w->format = format;
    w->next_domain = 1;
    bool ready = format == VTD_TRACE_TEXT || (w->zstd = ZSTD_createCStream()) != NULL;
    errno = ENOMEM;
    if (ready && w->zstd)
        ready = !ZSTD_isError(ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, level)) &&
                !ZSTD_isError(ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_checksumFlag, 1));
    ready = ready && open_file(w) == 0 &&
            (format != VTD_TRACE_BINARY ||
             fwrite(vtd_item_header, 1, VTD_ITEM_HEADER_SIZE, w->file) == VTD_ITEM_HEADER_SIZE);
    if (ready)
        return w;
    complain(w, why, strerror(errno));
    vtd_trace_writer_abandon(w);
    return NULL;
}

/* Hands the buffer on to the file; at the end of the trace with what the compressor kept. */
static int flush_buffer(struct vtd_trace_writer *w, bool end, char *why)
{
    ZSTD_inBuffer in = {.src = w->buffer, .size = w->fill};
    size_t rest = 1;
    if (!w->zstd && fwrite(w->buffer, 1, w->fill, w->file) != w->fill)
        return complain(w, why, strerror(errno));
    while (w->zstd && (in.pos < in.size || (end && rest))) {
        ZSTD_outBuffer out = {.dst = w->packed, .size = sizeof w->packed};
        rest = ZSTD_compressStream2(w->zstd, &out, &in, end ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(rest))
            return complain(w, why, ZSTD_getErrorName(rest));
        if (fwrite(w->packed, 1, out.pos, w->file) != out.pos)
            return complain(w, why, strerror(errno));
    }
    w->fill = 0;
    return 0;
}

static int put_bytes(struct vtd_trace_writer *w, const void *bytes, size_t size, char *why)
{
    const char *from = bytes;
    while (size) {
        const size_t room = BUFFER_BYTES - w->fill, n = size < room ? size : room;
        memcpy(w->buffer + w->fill, from, n);
        w->fill += n;
        from += n;
        size -= n;
        if (w->fill == BUFFER_BYTES && flush_buffer(w, false, why) != 0)
            return -1;
    }
    return 0;
}

/* ---------------------------------------------------------------- items */

int vtd_trace_writer_put(struct vtd_trace_writer *w, const struct vtd_trace_item *item, char *why)
{
    char text[VTD_ITEM_TEXT_MAX];
    uint8_t bytes[VTD_ITEM_BINARY_MAX];
    const char *problem = vtd_item_problem(item);
    if (problem)
        return complain(w, why, problem);
    const bool comment = item->kind == VTD_ITEM_COMMENT, binary = w->format == VTD_TRACE_BINARY;
    int status = 0;
    w->has_records = w->has_records || !comment;
    if (binary)
        status = put_bytes(w, bytes, vtd_item_encode(&w->state, item, bytes), why);
    else if (!comment)
        status = put_bytes(w, text, vtd_item_format(item, text), why);
    if (status == 0 && comment)
        status = put_bytes(w, item->text, item->text_length, why);
    if (status == 0 && comment && !binary)
        status = put_bytes(w, "\n", 1, why);
    return status;
}

int vtd_trace_writer_comment(struct vtd_trace_writer *w, const char *line, char *why)
{
    const struct vtd_trace_item item = {.kind = VTD_ITEM_COMMENT, .text = line, .text_length = strlen(line)};
    return vtd_trace_writer_put(w, &item, why);
}

static int put_unmap(struct vtd_trace_writer *w, const struct vtd_record *r, char *why)
{
    const struct vtd_requester who = {.sid = r->sid, .has_pasid = r->has_pasid, .pasid = r->has_pasid ? r->pasid : 0};
    struct vtd_trace_item item = {.kind = VTD_ITEM_INV_DOMAIN};
    if (!w->domains && !(w->domains = vtd_domains_create()))
        return complain(w, why, "out of memory");
    if (!vtd_domains_of(w->domains, &who, &item.domain)) {
        char line[64], pasid[16] = "";
        item.domain = w->next_domain++;
        if (!vtd_domains_add(w->domains, item.domain, &who))
            return complain(w, why, "out of memory");
        if (who.has_pasid)
            snprintf(pasid, sizeof pasid, "/%x", who.pasid);
        snprintf(line, sizeof line, "# domains: %x=%02x:%02x.%x%s", item.domain, who.sid >> 8, who.sid >> 3 & 31,
                 who.sid & 7, pasid);
        if (vtd_trace_writer_comment(w, line, why) != 0)
            return -1;
    }
    if (r->kind == VTD_RECORD_UNMAP) {
        item.kind = VTD_ITEM_INV_PAGES;
        item.iova = r->iova;
        item.pages = r->pages;
    }
    return vtd_trace_writer_put(w, &item, why);
}

static int put_detach(struct vtd_trace_writer *w, const struct vtd_record *r, char *why)
{
    const struct vtd_trace_item item = {
        .kind = VTD_ITEM_DETACH,
        .sid = r->sid,
        .has_pasid = r->has_pasid,
        .pasid = r->has_pasid ? r->pasid : 0,
    };
    return vtd_trace_writer_put(w, &item, why);
}

int vtd_trace_writer_record(struct vtd_trace_writer *w, const struct vtd_record *r, char *why)
{
    if (r->kind > VTD_RECORD_WRITE)
        return r->kind == VTD_RECORD_DETACH ? put_detach(w, r, why) : put_unmap(w, r, why);
    const struct vtd_trace_item item = {
        .kind = r->dir_unknown                ? VTD_ITEM_ACCESS
                : r->kind == VTD_RECORD_WRITE ? VTD_ITEM_WRITE
                                              : VTD_ITEM_READ,
        .time_ns = r->time_ns,
        .iova = r->iova,
        .len = r->len_unknown ? 0 : r->len,
        .sid = r->sid,
        .has_pasid = r->has_pasid,
        .pasid = r->has_pasid ? r->pasid : 0,
    };
    return vtd_trace_writer_put(w, &item, why);
}

/* ---------------------------------------------------------------- end */

static void release(struct vtd_trace_writer *w)
{
    ZSTD_freeCStream(w->zstd);
    vtd_domains_destroy(w->domains);
    free(w->part);
    free(w->name);
    free(w);
}

void vtd_trace_writer_abandon(struct vtd_trace_writer *w)
{
    if (!w)
        return;
    if (w->file && w->file != stdout)
        fclose(w->file);
    if (w->part)
        unlink(w->part);
    release(w);
}

bool vtd_trace_writer_has_records(const struct vtd_trace_writer *w)
{
    return w->has_records;
}

int vtd_trace_writer_finish(struct vtd_trace_writer *w, char *why)
{
    uint8_t bytes[VTD_ITEM_BINARY_MAX];
    if (w->failed)
        snprintf(why, VTD_WHY_SIZE, "%.120s is not written", w->name);
    if (w->failed ||
        (w->format == VTD_TRACE_BINARY && put_bytes(w, bytes, vtd_item_encode_end(&w->state, bytes), why) != 0) ||
        flush_buffer(w, true, why) != 0) {
        vtd_trace_writer_abandon(w);
        return -1;
    }
    int status = fflush(w->file);
    if (w->file != stdout) {
        status = fclose(w->file) != 0 || status != 0 ? -1 : 0;
        w->file = NULL;
    }
    if (status == 0 && w->part)
        status = rename(w->part, w->name);
    if (status != 0) {
        complain(w, why, strerror(errno));
        vtd_trace_writer_abandon(w);
        return -1;
    }
    release(w);
    return 0;
}
