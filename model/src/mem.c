/* SPDX-License-Identifier: MIT */
/* The memory port: what lies outside the window, and writes. See mem.h. */
#include "mem.h"

#include <string.h>

static bool above_haw(const struct vtd *v, uint64_t hpa)
{
    return hpa >> v->cfg.haw != 0;
}

static void emit(struct vtd *v, enum vtd_event_kind kind, uint64_t hpa, const uint64_t *q, unsigned count,
                 enum vtd_mem_class cls, unsigned level, bool ok)
{
    struct vtd_event e = {.kind = (uint8_t)kind,
                          .unit = (uint8_t)cls,
                          .addr = hpa,
                          .count = (uint8_t)count,
                          .level = (uint8_t)level,
                          .error = !ok,
                          .hit = ok,
                          .section = cls == VTD_MEM_FS_ENTRY   ? "2.6"
                                     : cls == VTD_MEM_SS_ENTRY ? "2.7"
                                                               : "2"};
    for (unsigned i = 0; ok && i < count && i < 8; i++)
        e.value[i] = q[i];
    vtd_event_emit(v, &e);
}

bool vtd_mem_read_slow(struct vtd *v, uint64_t hpa, uint64_t *q, unsigned count, enum vtd_mem_class cls, unsigned level)
{
    bool ok = false;
    if (mem_in_window(v, hpa, 8 * count)) {
        const uint64_t *p = mem_window(v, hpa);
        for (unsigned i = 0; i < count; i++)
            q[i] = mem_le64(__atomic_load_n(p + i, __ATOMIC_RELAXED));
        ok = true;
    } else if (v->host.mem_read && !above_haw(v, hpa)) {
        ok = v->host.mem_read(v->host.opaque, hpa, q, 8 * count, cls) == 0;
        for (unsigned i = 0; ok && i < count; i++)
            q[i] = mem_le64(q[i]);
    }
    if (v->events)
        emit(v, VTD_EVENT_MEM_READ, hpa, q, count, cls, level, ok);
    return ok;
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
    if (mem_in_window(v, hpa, bytes)) {
        store_window(v, hpa, data, bytes);
        ok = true;
    } else if (v->host.mem_write && !above_haw(v, hpa)) {
        ok = v->host.mem_write(v->host.opaque, hpa, data, bytes, cls) == 0;
    }
    if (VTD_UNLIKELY(v->events)) {
        uint64_t q[8] = {0};
        memcpy(q, data, bytes <= sizeof q ? bytes : sizeof q);
        emit(v, VTD_EVENT_MEM_WRITE, hpa, q, (bytes + 7) / 8, cls, 0, ok);
    }
    return ok;
}

enum mem_cas_result vtd_mem_cas(struct vtd *v, uint64_t hpa, uint64_t *expected, uint64_t desired,
                                enum vtd_mem_class cls)
{
    const uint64_t wanted = *expected;
    enum mem_cas_result result = MEM_CAS_ERROR;
    if (mem_in_window(v, hpa, 8)) {
        uint64_t e = mem_le64(wanted);
        const bool same = __atomic_compare_exchange_n(mem_window(v, hpa), &e, mem_le64(desired), false,
                                                      __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
        *expected = mem_le64(e);
        result = same ? MEM_CAS_OK : MEM_CAS_CHANGED;
    } else if (v->host.mem_cas && !above_haw(v, hpa)) {
        if (v->host.mem_cas(v->host.opaque, hpa, expected, desired, cls) == 0)
            result = *expected == wanted ? MEM_CAS_OK : MEM_CAS_CHANGED;
    }
    if (result == MEM_CAS_OK)
        v->stats.memory_updates++;
    if (VTD_UNLIKELY(v->events)) {
        struct vtd_event e = {.kind = VTD_EVENT_MEM_CAS,
                              .unit = (uint8_t)cls,
                              .addr = hpa,
                              .count = 2,
                              .value = {wanted, desired},
                              .hit = result == MEM_CAS_OK,
                              .error = result == MEM_CAS_ERROR,
                              .section = "4.7"};
        vtd_event_emit(v, &e);
    }
    return result;
}
