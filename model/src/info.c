/* SPDX-License-Identifier: MIT */
/* Names for people, and the statistics as one flat structure. */
#include "fault.h"
#include "instance.h"

#include <string.h>

#ifndef VTD_VERSION_STRING
#define VTD_VERSION_STRING "0.0.0"
#endif

const char *vtd_version(void)
{
    return VTD_VERSION_STRING;
}

const char *vtd_fault_name(uint8_t reason)
{
    return vtd_fault_table[reason].label ? vtd_fault_table[reason].label : "?";
}

const char *vtd_fault_description(uint8_t reason)
{
    return vtd_fault_table[reason].description ? vtd_fault_table[reason].description : "?";
}

const char *vtd_cache_name(enum vtd_cache_id id)
{
    static const char *const names[VTD_CACHES] = {
        [VTD_CACHE_CONTEXT] = "context_cache",
        [VTD_CACHE_PASID] = "pasid_cache",
        [VTD_CACHE_IOTLB] = "iotlb",
        [VTD_CACHE_FS_PSC] = "fs_psc",
        [VTD_CACHE_SS_PSC] = "ss_psc",
        [VTD_CACHE_IEC] = "iec",
        [VTD_CACHE_PASID_DIR] = "pasid_dir_cache",
    };
    return (unsigned)id < VTD_CACHES ? names[id] : "?";
}

const char *vtd_mem_class_name(enum vtd_mem_class cls)
{
    static const char *const names[VTD_MEM_CLASSES] = {
        [VTD_MEM_ROOT] = "root entry",
        [VTD_MEM_CONTEXT] = "context entry",
        [VTD_MEM_PASID_DIR] = "PASID directory entry",
        [VTD_MEM_PASID_ENTRY] = "PASID table entry",
        [VTD_MEM_FS_ENTRY] = "first-stage entry",
        [VTD_MEM_SS_ENTRY] = "second-stage entry",
        [VTD_MEM_IRTE] = "interrupt remapping entry",
        [VTD_MEM_PI_DESCRIPTOR] = "posted-interrupt descriptor",
        [VTD_MEM_DESCRIPTOR] = "invalidation descriptor",
        [VTD_MEM_STATUS] = "wait status",
        [VTD_MEM_PRQ] = "page request descriptor",
        [VTD_MEM_FAULT_LOG] = "fault log record",
    };
    return (unsigned)cls < VTD_MEM_CLASSES ? names[cls] : "?";
}

static const struct {
    const char *name;
    const char *description;
    size_t offset;
} counters[] = {
#define VTD_COUNTER(name_, description_)                                                                               \
    {.name = #name_, .description = description_, .offset = offsetof(struct vtd_stats, name_)},
#include "vtd/defs/counters.def"
#undef VTD_COUNTER
};

const char *vtd_counter_name(unsigned i, const char **description, size_t *offset)
{
    if (i >= sizeof counters / sizeof counters[0])
        return NULL;
    if (description)
        *description = counters[i].description;
    if (offset)
        *offset = counters[i].offset;
    return counters[i].name;
}

void vtd_stats_get(const struct vtd *v, struct vtd_stats *s)
{
    *s = v->stats;
#define GATHER(id, name)                                                                                               \
    s->name##_lookup = v->cache_stats[id].lookup;                                                                      \
    s->name##_hit = v->cache_stats[id].hit;                                                                            \
    s->name##_miss = v->cache_stats[id].lookup - v->cache_stats[id].hit;                                               \
    s->name##_fill = v->cache_stats[id].fill;                                                                          \
    s->name##_evict = v->cache_stats[id].evict;                                                                        \
    s->name##_invalidate = v->cache_stats[id].invalidate;
    GATHER(VTD_CACHE_CONTEXT, ctxt_cache)
    GATHER(VTD_CACHE_PASID, pasid_cache)
    GATHER(VTD_CACHE_PASID_DIR, pasid_dir)
    GATHER(VTD_CACHE_IOTLB, iotlb)
    GATHER(VTD_CACHE_FS_PSC, fs_nonleaf)
    GATHER(VTD_CACHE_SS_PSC, ss_nonleaf)
    GATHER(VTD_CACHE_IEC, int_cache)
#undef GATHER
    s->requests += v->fast_hits;
    s->iotlb_lookup += v->fast_hits;
    s->iotlb_hit += v->fast_hits;
    s->memory_reads_root = v->mem_reads[VTD_MEM_ROOT];
    s->memory_reads_context = v->mem_reads[VTD_MEM_CONTEXT];
    s->memory_reads_pasid_dir = v->mem_reads[VTD_MEM_PASID_DIR];
    s->memory_reads_pasid_entry = v->mem_reads[VTD_MEM_PASID_ENTRY];
    s->memory_reads_fs = v->mem_reads[VTD_MEM_FS_ENTRY];
    s->memory_reads_ss = v->mem_reads[VTD_MEM_SS_ENTRY];
    s->memory_reads_irte = v->mem_reads[VTD_MEM_IRTE];
    s->memory_reads_descriptor = v->mem_reads[VTD_MEM_DESCRIPTOR];
    s->memory_reads = s->memory_reads_root + s->memory_reads_context + s->memory_reads_pasid_dir +
                      s->memory_reads_pasid_entry + s->memory_reads_fs + s->memory_reads_ss;
}

void vtd_stats_reset(struct vtd *v)
{
    memset(&v->stats, 0, sizeof v->stats);
    memset(v->cache_stats, 0, sizeof v->cache_stats);
    memset(v->mem_reads, 0, sizeof v->mem_reads);
    v->fast_hits = 0;
}
