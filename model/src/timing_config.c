/* SPDX-License-Identifier: MIT */
/* Defaults of the timing, and what it can be. See vtd_timing.h. */
#include "cache.h"
#include "vtd/vtd_timing.h"

#include <string.h>

#define PLACES_MAX  65536u
#define LATENCY_MAX 1000000u
#define PAGING_MAX  1000000000u

void vtd_timing_config_default(struct vtd_timing_config *cfg)
{
    *cfg = (struct vtd_timing_config){
        .lookup_latency = {[VTD_CACHE_CONTEXT] = 2,
                           [VTD_CACHE_PASID] = 2,
                           [VTD_CACHE_IOTLB] = 2,
                           [VTD_CACHE_FS_PSC] = 2,
                           [VTD_CACHE_SS_PSC] = 2,
                           [VTD_CACHE_IEC] = 2,
                           [VTD_CACHE_PASID_DIR] = 2},
        .ports = {1, 1, 1, 1, 1, 1, 1},
        .walkers = 8,
        .misses = 32,
        .memory_interval = 1,
        .memory_ports = 1,
        .table_cache_latency = 30,
        .table_cache = {.policy = VTD_POLICY_LRU},
        .link_latency = 100,
        .in_flight = 64,
        .descriptor_cycles = 4,
        .device_tlb_latency = 2,
        .software_latency = 10000,
        .frequency = 1000000000,
    };
    for (unsigned i = 0; i < VTD_MEM_CLASSES; i++)
        cfg->memory_latency[i] = 100;
}

static const char *class_error(const struct vtd_timing_config *cfg)
{
    for (unsigned i = 0; i < VTD_CACHES; i++) {
        if (cfg->ports[i] > 255)
            return "ports: a cache has at most 255 ports";
        if (cfg->lookup_latency[i] > LATENCY_MAX)
            return "latency: a lookup takes at most 1000000 cycles";
    }
    for (unsigned i = 0; i < VTD_MEM_CLASSES; i++) {
        if (cfg->memory_latency[i] > LATENCY_MAX)
            return "memory: an access takes at most 1000000 cycles";
        if (cfg->class_interval[i] > LATENCY_MAX)
            return "memory: an interval is at most 1000000 cycles";
    }
    return NULL;
}

static const char *error_of(const struct vtd_timing_config *cfg)
{
    const char *error = class_error(cfg);
    if (error)
        return error;
    if (cfg->table_cache_latency > LATENCY_MAX)
        return "table_cache: a latency is at most 1000000 cycles";
    if (cfg->memory_interval > LATENCY_MAX)
        return "memory: an interval is at most 1000000 cycles";
    if (cfg->memory_ports < 1 || cfg->memory_ports > 255)
        return "memory: 1 to 255 accesses start at a time";
    if (cfg->link_latency > LATENCY_MAX)
        return "link: a latency is at most 1000000 cycles";
    if (cfg->descriptor_cycles > LATENCY_MAX)
        return "descriptor: at most 1000000 cycles";
    if (cfg->device_tlb_latency > LATENCY_MAX)
        return "device_tlb: a latency is at most 1000000 cycles";
    if (cfg->software_latency > PAGING_MAX)
        return "software: a latency is at most 1000000000 cycles";
    if (cfg->walkers > PLACES_MAX)
        return "walkers: there are at most 65536";
    if (cfg->misses > PLACES_MAX)
        return "misses: there are at most 65536 outstanding misses";
    if (cfg->in_flight > PLACES_MAX)
        return "in_flight: there are at most 65536 requests of a device in flight";
    return cfg->frequency ? NULL : "frequency: must not be 0";
}

enum vtd_status vtd_timing_config_validate(const struct vtd_timing_config *cfg, char *why)
{
    static const char prefix[] = "table_cache: ";
    const char *error = error_of(cfg);
    const char *geometry = error ? NULL : vtd_cache_geometry_error(&cfg->table_cache);
    if (why && geometry) {
        memcpy(why, prefix, sizeof prefix);
        memcpy(why + sizeof prefix - 1, geometry, strlen(geometry) + 1);
    } else if (why && error) {
        memcpy(why, error, strlen(error) + 1);
    }
    return error || geometry ? VTD_STATUS_INVALID : VTD_STATUS_OK;
}

const char *vtd_timing_part_name(unsigned part)
{
    static const char *const names[VTD_TIMING_PARTS] = {
        [VTD_TIMING_CREDIT] = "credit", [VTD_TIMING_LINK] = "link",     [VTD_TIMING_PORT] = "port",
        [VTD_TIMING_LOOKUP] = "lookup", [VTD_TIMING_MERGED] = "merged", [VTD_TIMING_MISSES] = "miss_table",
        [VTD_TIMING_WALKER] = "walker", [VTD_TIMING_BUS] = "bus",       [VTD_TIMING_MEMORY] = "memory",
        [VTD_TIMING_DEVICE] = "device", [VTD_TIMING_PAGING] = "paging",
    };
    return part < VTD_TIMING_PARTS ? names[part] : NULL;
}

const char *vtd_timing_source_name(unsigned source)
{
    static const char *const names[VTD_TIMING_SOURCES] = {
        [VTD_TIMING_IOTLB] = "iotlb",           [VTD_TIMING_IOTLB_MERGED] = "iotlb_merged", [VTD_TIMING_WALK] = "walk",
        [VTD_TIMING_PASID_WALK] = "pasid_walk", [VTD_TIMING_NO_LOOKUP] = "no_lookup",
    };
    return source < VTD_TIMING_SOURCES ? names[source] : NULL;
}
