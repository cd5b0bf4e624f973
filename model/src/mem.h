/* SPDX-License-Identifier: MIT */
/*
 * The memory port: every access of the unit to system memory goes through here, with a class that says what it is for. A
 * window of plain memory is read in place; the rest goes to the host's callbacks. Qwords are little endian in memory and in
 * host order in values.
 */
#ifndef VTD_MEM_H
#define VTD_MEM_H

#include "event.h"
#include "instance.h"
#include "record.h"

/* What a read is for, and how. */
struct mem_what {
    uint8_t cls;   /* enum vtd_mem_class */
    uint8_t level; /* of a paging entry, or 0; for events and counters only */
    bool snoop;    /* sees what is in the processor's caches (ref 4.8) */
};

/* Slow parts, in mem.c: outside the window, or somebody watches. */
bool vtd_mem_read_slow(struct vtd *v, uint64_t hpa, uint64_t *q, unsigned count, struct mem_what what);

static inline bool mem_in_window(const struct vtd *v, uint64_t hpa, unsigned bytes)
{
    const uint64_t offset = hpa - v->host.mem_start;
    return offset < v->host.mem_size && v->host.mem_size - offset >= bytes && (hpa >> v->cfg.haw) == 0;
}

static inline uint64_t *mem_window(const struct vtd *v, uint64_t hpa)
{
    return (uint64_t *)((uint8_t *)v->host.mem_base + (hpa - v->host.mem_start));
}

/* The same, as a read sees it. vtd_create puts mem_base where the host has no other view. */
static inline const uint64_t *mem_view(const struct vtd *v, uint64_t hpa, bool snoop)
{
    const uint8_t *view = snoop ? v->host.mem_base : v->host.mem_unsnooped;
    return (const uint64_t *)(view + (hpa - v->host.mem_start));
}

static inline uint64_t mem_le64(uint64_t q)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap64(q);
#else
    return q;
#endif
}

/*
 * Reads count qwords (1..8) at hpa, 8-byte aligned, into q. Returns false on an access error: above the host address
 * width, no memory there, or the host says so.
 */
static inline bool mem_read(struct vtd *v, uint64_t hpa, uint64_t *q, unsigned count, struct mem_what what)
{
    v->mem_reads[what.cls] += (count + 1) / 2;
    if (VTD_UNLIKELY(v->record != NULL))
        record_add(v->record, (struct record_step){
                                  .kind = RECORD_ACCESS, .unit = what.cls, .addr = hpa, .background = v->background});
    if (VTD_LIKELY(mem_in_window(v, hpa, 8 * count) && !v->watched)) {
        const uint64_t *p = mem_view(v, hpa, what.snoop);
        for (unsigned i = 0; i < count; i++)
            q[i] = mem_le64(__atomic_load_n(p + i, __ATOMIC_RELAXED));
        return true;
    }
    return vtd_mem_read_slow(v, hpa, q, count, what);
}

/* A table that the unit reaches through RTADDR or IRTA: root, context, PASID and interrupt tables (ref 4.8). */
static inline bool mem_read_table(struct vtd *v, uint64_t hpa, uint64_t *q, unsigned count, enum vtd_mem_class cls)
{
    return mem_read(v, hpa, q, count, (struct mem_what){.cls = (uint8_t)cls, .snoop = v->f.c});
}

/* What is shared with software at all times: queues and posted-interrupt descriptors, always snooped (ref 4.8). */
static inline bool mem_read_shared(struct vtd *v, uint64_t hpa, uint64_t *q, unsigned count, enum vtd_mem_class cls)
{
    return mem_read(v, hpa, q, count, (struct mem_what){.cls = (uint8_t)cls, .snoop = true});
}

/* Writes bytes (4, or a multiple of 8) at hpa. Returns false on an access error. */
bool vtd_mem_write(struct vtd *v, uint64_t hpa, const void *data, unsigned bytes, enum vtd_mem_class cls);

/* Result of vtd_mem_cas. */
enum mem_cas_result {
    MEM_CAS_OK,
    MEM_CAS_CHANGED, /* *expected holds what was there */
    MEM_CAS_ERROR,   /* the memory cannot do it */
};

/* Atomically replaces *expected by desired at hpa, 8-byte aligned. */
enum mem_cas_result vtd_mem_cas(struct vtd *v, uint64_t hpa, uint64_t *expected, uint64_t desired,
                                enum vtd_mem_class cls);

#endif
