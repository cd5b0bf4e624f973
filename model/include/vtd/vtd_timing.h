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
 * where it takes any slot that is free at its time. (See also vtd_timing_set_apart.)
 *
 *     vtd_timing_config_default(&cfg);
 *     struct vtd_timing *timing = vtd_timing_create(unit, &cfg, why);
 *     vtd_timing_translate(timing, &req, arrival, &resp, &timed);
 *
 * All times are in cycles of the unit from the creation of the timing on, and below 2^60.
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
    uint32_t memory_interval;                 /* cycles from the start of accesses to that of the next */
    uint32_t memory_ports;                    /* accesses that start at a time, each memory_interval cycles; 1..255 */
    uint32_t class_interval[VTD_MEM_CLASSES]; /* the same for the accesses of one class, which start one at a time */
    struct vtd_cache_geometry table_cache;    /* in front of memory, for reads of tables: lines of 64 bytes */
    uint32_t table_cache_latency;
    uint32_t link_latency;       /* from the device to the unit, and the same back */
    uint32_t in_flight;          /* accesses of a device that are not answered: tags, credits */
    uint32_t descriptor_cycles;  /* to carry out one invalidation descriptor */
    uint32_t device_tlb_latency; /* of a lookup in the device's own TLB; for those who have one */
    uint32_t
        software_latency; /* from a page request in the queue to software's response; for those who have software */
    uint64_t frequency;   /* Hz: for people, who think in nanoseconds */
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
    VTD_TIMING_DEVICE, /* in the device's TLB, or waiting for what it has asked for; not of a request to the unit */
    VTD_TIMING_PAGING, /* waiting for a page: page request and its response; not of a request to the unit */
    VTD_TIMING_PARTS,
};

/* Where a request found its translation. */
enum vtd_timing_source {
    VTD_TIMING_IOTLB,        /* in the IOTLB */
    VTD_TIMING_IOTLB_MERGED, /* there, but it was still on its way */
    VTD_TIMING_WALK,         /* it read tables, with a PASID (or, in legacy mode, context) entry from the cache */
    VTD_TIMING_PASID_WALK,   /* it read the PASID (context) entry, too */
    VTD_TIMING_NO_LOOKUP,    /* nowhere: it needed none, as translated requests (ref 4.2) */
    VTD_TIMING_SOURCES,
};

struct vtd_timed {
    uint64_t arrival, start, done; /* at the device: when it wanted, could send, and was answered */
    uint64_t part[VTD_TIMING_PARTS];
    uint32_t memory_accesses;
    uint8_t source; /* enum vtd_timing_source */
};

struct vtd_timing;

/* Names for results: "walker", "pasid_walk"; NULL behind the last. */
VTD_API const char *vtd_timing_part_name(unsigned part);
VTD_API const char *vtd_timing_source_name(unsigned source);

/* A plausible unit: see docs/02_user/timing.md for where the numbers come from. */
VTD_API void vtd_timing_config_default(struct vtd_timing_config *cfg);

/* VTD_STATUS_INVALID with why (VTD_WHY_SIZE bytes, or NULL) filled for what is out of range: "table_cache: ...". */
VTD_API enum vtd_status vtd_timing_config_validate(const struct vtd_timing_config *cfg, char *why);

/*
 * Checks and creates. The unit must outlive the timing; a unit has at most one. why as in vtd_create. NULL when cfg is out of
 * range, the unit has one, or memory is out.
 */
VTD_API struct vtd_timing *vtd_timing_create(struct vtd *unit, const struct vtd_timing_config *cfg, char *why);
VTD_API void vtd_timing_destroy(struct vtd_timing *timing);
VTD_API const struct vtd_timing_config *vtd_timing_config_get(const struct vtd_timing *timing);

/* As vtd_translate, for a request that the device has at cycle arrival. timed is written with status VTD_STATUS_OK only. */
VTD_API enum vtd_status vtd_timing_translate(struct vtd_timing *timing, const struct vtd_request *req, uint64_t arrival,
                                             struct vtd_response *resp, struct vtd_timed *timed);

/* ---------------------------------------------------------------- accesses of more than one request */

/*
 * A device with a TLB of its own may need several requests for one access. The access holds one tag all the time:
 * vtd_timing_tag says when one is free for a device that wants it at cycle arrival; then requests, each at a cycle not before;
 * then vtd_timing_end_access at the cycle when all is done. *start: false when memory is out.
 */
VTD_API bool vtd_timing_tag(struct vtd_timing *timing, uint16_t sid, uint64_t arrival, uint64_t *start);
VTD_API enum vtd_status vtd_timing_request(struct vtd_timing *timing, const struct vtd_request *req, uint64_t start,
                                           struct vtd_response *resp, struct vtd_timed *timed);
VTD_API void vtd_timing_end_access(struct vtd_timing *timing, uint16_t sid, uint64_t done);

/*
 * What follows belongs to a far later time than the calls after it will (an access goes on when software has given it a
 * page): it waits for nobody at walkers, in the miss table and in the invalidation queue, and nobody there waits for it.
 */
VTD_API void vtd_timing_set_apart(struct vtd_timing *timing, bool apart);

/* ---------------------------------------------------------------- software and messages */

/*
 * Register writes at cycle arrival, as vtd_mmio_write32 and vtd_mmio_write64. Returns when all that they set off is done:
 * descriptors are fetched one behind the other, and each is carried out when it is there and the one before is done; a wait
 * descriptor writes its status when all requests of earlier calls have left the unit (ref 3.3).
 */
VTD_API uint64_t vtd_timing_write32(struct vtd_timing *timing, uint64_t offset, uint32_t value, uint64_t arrival);
VTD_API uint64_t vtd_timing_write64(struct vtd_timing *timing, uint64_t offset, uint64_t value, uint64_t arrival);

/*
 * The same for any other call: what the unit does between vtd_timing_watch and vtd_timing_lay begins at cycle arrival. So
 * for messages of devices: page requests (ref 7.1), completions of invalidations (ref 7.3).
 */
VTD_API void vtd_timing_watch(struct vtd_timing *timing);
VTD_API uint64_t vtd_timing_lay(struct vtd_timing *timing, uint64_t arrival);

/* ---------------------------------------------------------------- occupancy */

enum vtd_timing_resource {
    VTD_TIMING_WALKERS,
    VTD_TIMING_MISS_TABLE,
    VTD_TIMING_RESOURCES,
};

/* How full a resource was, since its creation or vtd_timing_occupancy_reset. */
struct vtd_timing_occupancy {
    uint64_t holds;  /* times that a place was taken, and not left by the end */
    uint64_t cycles; /* of all places together, held */
    uint64_t full;   /* cycles in which all places were held; 0 without a limit */
    uint32_t limit;  /* places; 0: no limit */
    uint32_t peak;   /* places held at a time */
    uint64_t early;  /* events that were counted out of order: peak and full are then approximate */
};

/* Up to the end of all requests so far. Counting begins again at cycle from with a reset. */
VTD_API void vtd_timing_occupancy_get(struct vtd_timing *timing, enum vtd_timing_resource resource,
                                      struct vtd_timing_occupancy *occupancy);
VTD_API void vtd_timing_occupancy_reset(struct vtd_timing *timing, uint64_t from);

/* ---------------------------------------------------------------- the way of a request, step by step */

/*
 * Cycles that a request spent on one thing, in order; and at its end, what it held. A request that the IOTLB answers at once
 * has no steps: its struct vtd_timed says it all (credit, link, port, lookup, merged, link).
 */
struct vtd_timing_step {
    uint64_t begin, end;
    uint64_t addr;  /* VTD_TIMING_MEMORY: of the access */
    uint32_t place; /* held: number of the walker, from 0; without a limit always 0 */
    uint8_t part;   /* enum vtd_timing_part; VTD_TIMING_PARTS: a walker was held */
    uint8_t unit;   /* enum vtd_cache_id of PORT, LOOKUP, MERGED; enum vtd_mem_class of BUS, MEMORY */
    bool cached;    /* VTD_TIMING_MEMORY: in the table cache */
};
typedef void vtd_timing_listener(void *opaque, const struct vtd_timing_step *step);

/* Tells listener of steps; NULL: nobody. Slow. */
VTD_API void vtd_timing_listen(struct vtd_timing *timing, vtd_timing_listener *listener, void *opaque);

#ifdef __cplusplus
}
#endif
#endif
