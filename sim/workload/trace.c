/* SPDX-License-Identifier: MIT */
/* A whole trace as an array of records. See trace.h. */
#define _DEFAULT_SOURCE

#include "trace.h"

#include "trace_stream.h"
#include "vtd/vtd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct loader {
    struct vtd_trace *trace;
    size_t memory;   /* bytes that the array may take */
    size_t capacity; /* records */
    FILE *spool;     /* where records go that are too many for memory */
    const char *directory;
};

static int spool_problem(const struct loader *l, char *why)
{
    snprintf(why, VTD_WHY_SIZE, "cannot keep the trace in a temporary file in %.120s: %s", l->directory,
             strerror(errno));
    return -1;
}

/* Moves all records to a file that has no name any more. */
static int start_spool(struct loader *l, char *why)
{
    char name[4096];
    struct vtd_trace *t = l->trace;
    l->directory = getenv("TMPDIR");
    if (!l->directory || !*l->directory)
        l->directory = "/var/tmp";
    errno = ENAMETOOLONG;
    if ((size_t)snprintf(name, sizeof name, "%s/vtdsim-trace-XXXXXX", l->directory) >= sizeof name)
        return spool_problem(l, why);
    const int fd = mkstemp(name);
    if (fd < 0)
        return spool_problem(l, why);
    unlink(name);
    l->spool = fdopen(fd, "w+b");
    if (!l->spool) {
        close(fd);
        return spool_problem(l, why);
    }
    if (fwrite(t->record, sizeof *t->record, t->count, l->spool) != t->count) {
        spool_problem(l, why);
        fclose(l->spool);
        l->spool = NULL;
        return -1;
    }
    free(t->record);
    t->record = NULL;
    return 0;
}

static int append(struct loader *l, const struct vtd_record *r, char *why)
{
    struct vtd_trace *t = l->trace;
    if (!l->spool && t->count == l->capacity) {
        const size_t more = t->count ? 2 * t->count : 4096;
        if (more > l->memory / sizeof *r) {
            if (start_spool(l, why) != 0)
                return -1;
        } else {
            struct vtd_record *bigger = realloc(t->record, more * sizeof *bigger);
            if (!bigger) {
                snprintf(why, VTD_WHY_SIZE, "out of memory");
                return -1;
            }
            t->record = bigger;
            l->capacity = more;
        }
    }
    if (!l->spool)
        t->record[t->count] = *r;
    else if (fwrite(r, sizeof *r, 1, l->spool) != 1)
        return spool_problem(l, why);
    t->count++;
    t->accesses += r->kind <= VTD_RECORD_WRITE;
    return 0;
}

/* The records of the file as an array. */
static int map_spool(struct loader *l, char *why)
{
    struct vtd_trace *t = l->trace;
    const size_t bytes = t->count * sizeof *t->record;
    if (fflush(l->spool) != 0)
        return spool_problem(l, why);
    void *at = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fileno(l->spool), 0);
    if (at == MAP_FAILED)
        return spool_problem(l, why);
    t->record = at;
    t->mapped = bytes;
    return 0;
}

int vtd_trace_load_partly(struct vtd_trace *trace, const char *file, size_t memory, char *why)
{
    char spool_why[VTD_WHY_SIZE];
    *trace = (struct vtd_trace){0};
    struct loader l = {.trace = trace, .memory = memory};
    struct vtd_trace_stream *s = vtd_trace_stream_open(file, why);
    if (!s)
        return -1;
    struct vtd_record r;
    int status;
    while ((status = vtd_trace_stream_next(s, &r, why)) > 0)
        if (append(&l, &r, why) != 0) {
            status = -1;
            break;
        }
    vtd_trace_stream_close(s);
    if (l.spool && map_spool(&l, status == 0 ? why : spool_why) != 0) {
        status = -1;
        trace->count = trace->accesses = 0;
    }
    if (l.spool)
        fclose(l.spool);
    if (status == 0 && trace->accesses == 0) {
        snprintf(why, VTD_WHY_SIZE, "%.120s: the trace holds no access", file);
        status = -1;
    }
    return status;
}

int vtd_trace_load(struct vtd_trace *trace, const char *file, char *why)
{
    const int status = vtd_trace_load_partly(trace, file, VTD_TRACE_MEMORY, why);
    if (status != 0)
        vtd_trace_free(trace);
    return status;
}

void vtd_trace_free(struct vtd_trace *trace)
{
    if (trace->mapped)
        munmap(trace->record, trace->mapped);
    else
        free(trace->record);
    *trace = (struct vtd_trace){0};
}
