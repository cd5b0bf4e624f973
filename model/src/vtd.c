/* SPDX-License-Identifier: MIT */
/* Life of a unit: one allocation, power-on reset, the end. See vtd.h. */
#include "vtd/vtd.h"

#include "config.h"
#include "ecmd.h"
#include "fault.h"
#include "layout.h"
#include "lookup.h"
#include "perfmon.h"
#include "protected.h"
#include "regfile.h"
#include "translate.h"
#include "vcmd.h"

#include <stdlib.h>
#include <string.h>

#define ALIGN 64u

static size_t align_up(size_t n)
{
    return (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

static const size_t payload_bytes[VTD_CACHES] = {
    [VTD_CACHE_CONTEXT] = sizeof(struct context),     [VTD_CACHE_PASID] = sizeof(struct pasid_entry),
    [VTD_CACHE_IOTLB] = sizeof(struct iotlb_entry),   [VTD_CACHE_FS_PSC] = sizeof(struct psc_entry),
    [VTD_CACHE_SS_PSC] = sizeof(struct psc_entry),    [VTD_CACHE_IEC] = sizeof(struct irte),
    [VTD_CACHE_PASID_DIR] = sizeof(struct pasid_dir),
};

static size_t bytes_of(const struct vtd_config *cfg)
{
    size_t n = align_up(sizeof(struct vtd));
    for (unsigned i = 0; i < VTD_CACHES; i++)
        n += align_up(vtd_cache_bytes(&cfg->cache[i])) + align_up(cfg->cache[i].entries * payload_bytes[i]);
    return n + align_up(vtd_iotlb_index_bytes(cfg->cache[VTD_CACHE_IOTLB].entries));
}

/* Lays the caches and their payloads out behind the instance. */
static void place_caches(struct vtd *v)
{
    uint8_t *at = (uint8_t *)v + align_up(sizeof *v);
    void *payload[VTD_CACHES];
    for (unsigned i = 0; i < VTD_CACHES; i++) {
        vtd_cache_init(&v->cache[i], &v->cfg.cache[i], at, v->cfg.seed + i);
        at += align_up(vtd_cache_bytes(&v->cfg.cache[i]));
        payload[i] = at;
        at += align_up(v->cfg.cache[i].entries * payload_bytes[i]);
    }
    vtd_iotlb_index_init(&v->iotlb_index, v->cfg.cache[VTD_CACHE_IOTLB].entries, at);
    v->context = payload[VTD_CACHE_CONTEXT];
    v->pasid = payload[VTD_CACHE_PASID];
    v->iotlb = payload[VTD_CACHE_IOTLB];
    v->psc[0] = payload[VTD_CACHE_FS_PSC];
    v->psc[1] = payload[VTD_CACHE_SS_PSC];
    v->iec = payload[VTD_CACHE_IEC];
    v->pasid_dir = payload[VTD_CACHE_PASID_DIR];
}

struct vtd *vtd_create(const struct vtd_config *cfg, const struct vtd_host *host, char *why)
{
    if (vtd_config_validate(cfg, why) != VTD_STATUS_OK)
        return NULL;
    if (host->mem_size && (!host->mem_base || (uintptr_t)host->mem_base % 8 || host->mem_start % 8 ||
                           (uintptr_t)host->mem_unsnooped % 8)) {
        if (why)
            strcpy(why, "the memory window must be 8-byte aligned and have a base");
        return NULL;
    }
    const size_t bytes = bytes_of(cfg);
    struct vtd *v = aligned_alloc(ALIGN, bytes);
    if (!v) {
        if (why)
            strcpy(why, "out of memory");
        return NULL;
    }
    memset(v, 0, bytes);
    v->cfg = *cfg;
    v->host = *host;
    if (!host->mem_unsnooped)
        v->host.mem_unsnooped = host->mem_base;
    vtd_config_features(&v->f, cfg);
    vtd_layout_init(&v->rsvd, &v->f, cfg->haw);
    vtd_regfile_init(v);
    vtd_protected_init(v);
    place_caches(v);
    v->tap.id = VTD_CACHES;
    vtd_reset(v);
    return v;
}

void vtd_reset(struct vtd *v)
{
    for (unsigned i = 0; i < VTD_CACHES; i++) {
        vtd_cache_clear(&v->cache[i]);
        lookup_tell(v, i, VTD_CACHE_CHANGE_CLEAR, 0, (struct vtd_key){0});
    }
    vtd_regfile_reset(v);
    vtd_ecmd_reset(v);
    vtd_perfmon_reset(v);
    vtd_vcmd_reset(v);
    vtd_protected_update(v);
    memset(v->frcd, 0, sizeof v->frcd);
    vtd_fault_restart(v);
    v->root = v->irt = v->iva = v->iotlb_reg = 0;
    v->irt_entries = 0;
    v->fault_log = 0;
    v->fault_log_records = 0;
    v->ttm = VTD_TTM_LEGACY;
    v->ssirwe = v->eime = v->fence = false;
    v->itags_busy = 0;
    v->waits = 0;
    v->iotlb_classes = 0;
    v->iotlb_first_stage = false;
    v->iotlb_last.tag = IOTLB_NO_TAG;
    vtd_stats_reset(v);
    vtd_translate_mode_changed(v);
}

void vtd_destroy(struct vtd *v)
{
    free(v);
}

const struct vtd_config *vtd_config_get(const struct vtd *v)
{
    return &v->cfg;
}

void vtd_events_enable(struct vtd *v, bool on)
{
    v->host_events = on && v->host.event;
    v->events = v->host_events || v->watch.event;
    vtd_translate_mode_changed(v);
}

void vtd_watch(struct vtd *v, const struct vtd_watcher *watcher)
{
    v->watch = watcher ? *watcher : (struct vtd_watcher){0};
    v->events = v->host_events || v->watch.event;
    vtd_translate_mode_changed(v);
}

bool vtd_cache_has(const struct vtd *v, enum vtd_cache_id id, uint64_t key_a, uint64_t key_b)
{
    return vtd_cache_probe(&v->cache[id], (struct vtd_key){.a = key_a, .b = key_b}) != VTD_CACHE_NONE;
}
