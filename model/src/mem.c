/* SPDX-License-Identifier: MIT */
/* The memory port: what lies outside the window, and writes. See mem.h. */
#include "mem.h"

#include "perfmon.h"

#include <string.h>

static bool above_haw(const struct vtd *v, uint64_t hpa)
{
    return hpa >> v->cfg.haw != 0;
}

static void emit_read(struct vtd *v, uint64_t hpa, const uint64_t *q, unsigned count, struct mem_what what, bool ok)
{
    struct vtd_event e = {.kind = VTD_EVENT_MEM_READ,
                          .unit = what.cls,
                          .addr = hpa,
                          .count = (uint8_t)count,
                          .level = what.level,
                          .error = !ok,
                          .hit = ok,
                          .snoop = what.snoop,
                          .section = what.cls == VTD_MEM_FS_ENTRY   ? "2.6"
                                     : what.cls == VTD_MEM_SS_ENTRY ? "2.7"
                                                                    : "2"};
    for (unsigned i = 0; ok && i < count && i < 8; i++)
        e.value[i] = q[i];
    vtd_event_emit(v, &e);
}

static void emit_write(struct vtd *v, uint64_t hpa, const void *data, unsigned bytes, enum vtd_mem_class cls, bool ok)
{
    struct vtd_event e = {.kind = VTD_EVENT_MEM_WRITE,
                          .unit = (uint8_t)cls,
                          .addr = hpa,
                          .count = (uint8_t)((bytes + 7) / 8),
                          .error = !ok,
                          .hit = ok,
                          .section = "2"};
    if (ok)
        memcpy(e.value, data, bytes <= sizeof e.value ? bytes : sizeof e.value);
    vtd_event_emit(v, &e);
}

static bool fetch(const struct vtd *v, uint64_t hpa, uint64_t *q, unsigned count, enum vtd_mem_class cls, bool snoop)
{
    if (mem_in_window(v, hpa, 8 * count)) {
        const uint64_t *p = mem_view(v, hpa, snoop);
        for (unsigned i = 0; i < count; i++)
            q[i] = mem_le64(__atomic_load_n(p + i, __ATOMIC_RELAXED));
        return true;
    }
    if (!v->host.mem_read || above_haw(v, hpa) || v->host.mem_read(v->host.opaque, hpa, q, 8 * count, cls, snoop) != 0)
        return false;
    for (unsigned i = 0; i < count; i++)
        q[i] = mem_le64(q[i]);
    return true;
}

bool vtd_mem_read_slow(struct vtd *v, uint64_t hpa, uint64_t *q, unsigned count, struct mem_what what)
{
    if (what.cls <= VTD_MEM_SS_ENTRY) /* translation tables */
        perfmon_note(v, PERF_IOMMU_MRDS, what.level, (count + 1) / 2);
    const bool ok = fetch(v, hpa, q, count, what.cls, what.snoop);
    if (v->events)
        emit_read(v, hpa, q, count, what, ok);
    return ok;
}

bool vtd_memory_peek(const struct vtd *v, uint64_t hpa, uint64_t *q, unsigned count, enum vtd_mem_class cls, bool snoop)
{
    return count > 0 && count <= 8 && hpa % 8 == 0 && fetch(v, hpa, q, count, cls, snoop);
}

/* The unit wrote to the window: the processor's caches give up the lines (64 bytes) that it touched. */
static void carry_lines(const struct vtd *v, uint64_t hpa, unsigned bytes)
{
    if (v->host.mem_unsnooped == v->host.mem_base)
        return;
    const uint64_t end = v->host.mem_start + v->host.mem_size;
    uint64_t *behind = v->host.mem_unsnooped;
    for (uint64_t at = hpa & ~(uint64_t)63; at < hpa + bytes || at & 63; at += 8) {
        if (at < v->host.mem_start || at >= end || end - at < 8)
            continue;
        const uint64_t q = __atomic_load_n(mem_window(v, at), __ATOMIC_ACQUIRE);
        __atomic_store_n(behind + (at - v->host.mem_start) / 8, q, __ATOMIC_RELEASE);
    }
}

static void store_window(const struct vtd *v, uint64_t hpa, const void *data, unsigned bytes)
{
    uint8_t *p = (uint8_t *)v->host.mem_base + (hpa - v->host.mem_start);
    if (bytes == 4) {
        uint32_t d;
        memcpy(&d, data, 4);
        __atomic_store_n((uint32_t *)p, d, __ATOMIC_RELEASE);
        return;
    }
    for (unsigned i = 0; i < bytes / 8; i++) {
        uint64_t q;
        memcpy(&q, (const uint8_t *)data + 8 * i, 8);
        __atomic_store_n((uint64_t *)p + i, q, __ATOMIC_RELEASE);
    }
}

bool vtd_mem_write(struct vtd *v, uint64_t hpa, const void *data, unsigned bytes, enum vtd_mem_class cls)
{
    bool ok = false;
    if (VTD_UNLIKELY(v->record != NULL))
        record_add(v->record, (struct record_step){.kind = RECORD_ACCESS, .unit = (uint8_t)cls, .addr = hpa});
    if (mem_in_window(v, hpa, bytes)) {
        store_window(v, hpa, data, bytes);
        carry_lines(v, hpa, bytes);
        ok = true;
    } else if (v->host.mem_write && !above_haw(v, hpa)) {
        ok = v->host.mem_write(v->host.opaque, hpa, data, bytes, cls) == 0;
    }
    if (VTD_UNLIKELY(v->events))
        emit_write(v, hpa, data, bytes, cls, ok);
    return ok;
}

enum mem_cas_result vtd_mem_cas(struct vtd *v, uint64_t hpa, uint64_t *expected, uint64_t desired,
                                enum vtd_mem_class cls)
{
    const uint64_t wanted = *expected;
    if (VTD_UNLIKELY(v->record != NULL))
        record_add(v->record,
                   (struct record_step){.kind = RECORD_ACCESS, .unit = (uint8_t)cls, .addr = hpa, .update = true});
    enum mem_cas_result result = MEM_CAS_ERROR;
    if (mem_in_window(v, hpa, 8)) {
        uint64_t e = mem_le64(wanted);
        const bool same = __atomic_compare_exchange_n(mem_window(v, hpa), &e, mem_le64(desired), false,
                                                      __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
        *expected = mem_le64(e);
        if (same)
            carry_lines(v, hpa, 8);
        result = same ? MEM_CAS_OK : MEM_CAS_CHANGED;
    } else if (v->host.mem_cas && !above_haw(v, hpa)) {
        if (v->host.mem_cas(v->host.opaque, hpa, expected, desired, cls) == 0)
            result = *expected == wanted ? MEM_CAS_OK : MEM_CAS_CHANGED;
    }
    if (result == MEM_CAS_OK && cls <= VTD_MEM_SS_ENTRY) {
        v->stats.memory_updates++;
        perfmon_note(v, PERF_IOMMU_ATOMICS, 0, 1);
    }
    if (VTD_UNLIKELY(v->events)) {
        struct vtd_event e = {.kind = VTD_EVENT_MEM_CAS,
                              .unit = (uint8_t)cls,
                              .addr = hpa,
                              .count = 2,
                              .value = {wanted, desired},
                              .hit = result == MEM_CAS_OK,
                              .error = result == MEM_CAS_ERROR,
                              .section = cls == VTD_MEM_PI_DESCRIPTOR ? "8.2 step 7" : "4.7"};
        vtd_event_emit(v, &e);
    }
    return result;
}
