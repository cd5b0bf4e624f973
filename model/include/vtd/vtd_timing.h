/* SPDX-License-Identifier: MIT */
/*
 * vtd_timing.h: cycles for the requests of a unit.
 *
 * Function and time are separate: the unit translates as ever, and tells what it did, in order: cache lookups and fills,
 * memory accesses. This module lays these accesses on resources that are occupied by earlier ones: ports of caches, page
 * walkers, places for outstanding misses, the memory. It never changes what is translated, and it is deterministic.
 *
 * What is approximated: requests are taken in the order of the calls, which should be that of their arrival; a request that
 * is called later does not overtake an earlier one at walkers and in the miss table, but does at cache ports and memory,
 * where it takes any slot that is free at its time.
 *
 *     vtd_timing_config_default(&cfg);
 *     struct vtd_timing *timing = vtd_timing_create(unit, &cfg, why);
 *     vtd_timing_translate(timing, &req, arrival, &resp, &timed);
 *
 * All times are in cycles of the unit from the creation (or reset) of the timing on.
 */
#ifndef VTD_TIMING_H
#define VTD_TIMING_H

#include "vtd/vtd.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Resources. Where a number of places is 0, there is no limit. */
struct vtd_timing_config {
    uint32_t lookup_latency[VTD_CACHES]; /* cycles from the port to the outcome */
    uint32_t ports[VTD_CACHES];          /* lookups that can begin in one cycle */
    uint32_t walkers;                    /* requests that read tables at a time */
    uint32_t misses;                     /* requests that missed the IOTLB and are not answered */
    uint32_t memory_latency[VTD_MEM_CLASSES];
    uint32_t memory_interval;              /* cycles from the start of one access to that of the next */
    struct vtd_cache_geometry table_cache; /* in front of memory, for reads of tables: lines of 64 bytes */
    uint32_t table_cache_latency;
    uint32_t link_latency;      /* from the device to the unit, and the same back */
    uint32_t in_flight;         /* requests of a device that are not answered: tags, credits */
    uint32_t descriptor_cycles; /* to carry out one invalidation descriptor */
    uint64_t frequency;         /* Hz: for people, who think in nanoseconds */
};

/* What a cycle of a request was spent on. */
enum vtd_timing_part {
    VTD_TIMING_CREDIT, /* waiting in the device for a free tag */
    VTD_TIMING_LINK,   /* on the way to the unit and back */
    VTD_TIMING_PORT,   /* waiting for a port of a cache */
    VTD_TIMING_LOOKUP, /* in caches */
    VTD_TIMING_MERGED, /* waiting for what another request is fetching */
    VTD_TIMING_MISSES, /* waiting for a place among the outstanding misses */
    VTD_TIMING_WALKER, /* waiting for a walker */
    VTD_TIMING_BUS,    /* waiting for the memory to begin */
    VTD_TIMING_MEMORY, /* in memory or the table cache */
    VTD_TIMING_PARTS,
};

/* Where a request found its translation. */
enum vtd_timing_source {
    VTD_TIMING_IOTLB,        /* in the IOTLB */
    VTD_TIMING_IOTLB_MERGED, /* there, but it was still on its way */
    VTD_TIMING_WALK,         /* it read tables, with a PASID (or, in legacy mode, context) entry from the cache */
    VTD_TIMING_PASID_WALK,   /* it read the PASID (context) entry, too */
    VTD_TIMING_SOURCES,
};

struct vtd_timed {
    uint64_t arrival, start, done; /* at the device: when it wanted, could send, and was answered */
    uint32_t part[VTD_TIMING_PARTS];
    uint32_t memory_accesses;
    uint8_t source; /* enum vtd_timing_source */
};

struct vtd_timing;

/* A plausible unit: see docs/02_user/timing.md for where the numbers come from. */
VTD_API void vtd_timing_config_default(struct vtd_timing_config *cfg);

/*
 * Checks and creates. The unit must outlive the timing; a unit has at most one. why as in vtd_create. NULL when cfg is out of
 * range, the unit has one, or memory is out.
 */
VTD_API struct vtd_timing *vtd_timing_create(struct vtd *unit, const struct vtd_timing_config *cfg, char *why);
VTD_API void vtd_timing_destroy(struct vtd_timing *timing);

/* As vtd_translate, for a request that the device has at cycle arrival. timed is written with status VTD_STATUS_OK only. */
VTD_API enum vtd_status vtd_timing_translate(struct vtd_timing *timing, const struct vtd_request *req, uint64_t arrival,
                                             struct vtd_response *resp, struct vtd_timed *timed);

/*
 * Register writes at cycle arrival, as vtd_mmio_write32 and vtd_mmio_write64. Returns when all that they set off is done:
 * descriptors are fetched one behind the other, and each is carried out when it is there and the one before is done; a wait
 * descriptor writes its status when all requests of earlier calls have left the unit (ref 3.3).
 */
VTD_API uint64_t vtd_timing_write32(struct vtd_timing *timing, uint64_t offset, uint32_t value, uint64_t arrival);
VTD_API uint64_t vtd_timing_write64(struct vtd_timing *timing, uint64_t offset, uint64_t value, uint64_t arrival);

#ifdef __cplusplus
}
#endif
#endif
