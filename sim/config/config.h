/* SPDX-License-Identifier: MIT */
/*
 * Configuration by key: the dotted paths that configuration files, --set and scenario files share.
 *
 *   preset                          replaces everything by a preset of vtd_config_preset
 *   cap, ecap, version, haw         the registers (ref 1.1-1.3) and the host address width
 *   cap.FIELD, ecap.FIELD           one field of CAP or ECAP, e.g. cap.fs5lp: the names of registers.def in lower case
 *   memory.size                     bytes of system memory from address 0
 *   memory.cpu_caches               0 or 1: the unit sees tables that it does not snoop only when they were flushed
 *   CACHE.entries, .ways, .policy, .index   for context_cache, pasid_cache, iotlb, fs_psc, ss_psc, iec
 *   pasid_dir_cache.entries, ...    the same for PASID directory entries
 *   CACHE.partition, .partitions    none, sid, sid-ways; and how many parts: for pasid_cache, pasid_dir_cache, iotlb
 *   pasid_cache.directory           separate, shared
 *   pasid_cache.prefetch            PASID table entries read ahead
 *   iotlb.order                     first, after-pasid
 *   driver.invalidation             exact, domain, global: how precise the driver of vtdsim run is
 *   device_tlb.entries, .ways, .policy, .index   the device TLB of each device of vtdsim run; 0 entries: no ATS
 *   device_tlb.page_requests        0 or 1: pages are mapped when a device asks for them by a page request
 *   spec.revision                   3, 4 or 5: the revision of the specification (ref 0.1); capabilities that were not set
 *                                   by a key and that the revision does not have are cleared
 *   seed                            of the random replacement policy
 *   timing.*                        struct vtd_timing_config
 *   perfmon.counters, .width, .filters, .interrupt, .freeze, .writable, .per_counter   struct vtd_perfmon_config
 */
#ifndef VTD_SIM_CONFIG_H
#define VTD_SIM_CONFIG_H

#include "vtd/vtd.h"
#include "vtd/vtd_timing.h"

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Number of the device TLB where the caches of the unit have an enum vtd_cache_id. */
#define VTD_SIM_DEVICE_TLB VTD_CACHES

/* Number of the cache for lines of tables, which only the timing has. */
#define VTD_SIM_TABLE_CACHE (VTD_CACHES + 1)

/* A unit, the memory behind it and the devices in front of it. */
struct vtd_sim_config {
    struct vtd_config unit;
    uint64_t memory_size;                 /* bytes of system memory from address 0 */
    bool cpu_caches;                      /* there are processor caches in front of it (ref 4.8) */
    uint8_t driver_flush;                 /* of the driver: 0 exact, 1 domain, 2 global */
    struct vtd_cache_geometry device_tlb; /* of each device; 0 entries: devices have no ATS */
    bool page_requests;                   /* devices ask for pages, which are not mapped before (ref 7.1) */
    bool ways_given[VTD_CACHES + 2];      /* .ways was set; otherwise it follows .entries */
    uint64_t cap_given; /* bits that a key has set, to whatever value; the others may follow spec.revision */
    uint64_t ecap_given;
    struct vtd_timing_config timing; /* of timed runs */
};

/* Fills cfg from a preset of vtd_config_preset (NULL: "default"). Returns 0, or -1 with why (VTD_WHY_SIZE bytes) filled. */
int vtd_sim_config_init(struct vtd_sim_config *cfg, const char *preset, char *why);

/*
 * Sets one key, e.g. "pasid_cache.entries" to "64". Numbers are decimal or 0x hex, with optional '_' between digits.
 * Returns 0, or -1 with why filled: an unknown key names the nearest known one, a bad value what is allowed.
 */
int vtd_sim_config_set(struct vtd_sim_config *cfg, const char *key, const char *value, char *why);

/*
 * Completes derived values and validates; call before vtd_create. Ways that were not given stay those of the preset where
 * they divide the entries into a power-of-two number of sets; otherwise the cache is fully associative. Returns 0, or -1
 * with why filled.
 */
int vtd_sim_config_finish(struct vtd_sim_config *cfg, char *why);

/* Name of the key number i, counted from 0, with one line about it in *about (may be NULL); NULL behind the last. */
const char *vtd_sim_config_key(unsigned i, const char **about);

/* ---- assignments.c: keys from files and command lines, in the order in which they count ---- */

struct vtd_sim_assignment {
    char *key, *value;
    char *origin; /* "FILE:LINE" or "--set", for messages */
};
struct vtd_sim_assignments {
    struct vtd_sim_assignment *list;
    size_t count;
};

/* Adds the keys of a YAML file: nested maps are dotted paths. Returns 0, or -1 with why = "FILE:LINE: ...". */
int vtd_sim_assignments_load(struct vtd_sim_assignments *a, const char *file, char *why);

/* Adds "key=value". Returns 0, or -1 with why filled. */
int vtd_sim_assignments_add(struct vtd_sim_assignments *a, const char *key_value, char *why);

/* Builds a finished configuration: presets first, then everything else in order. Returns 0, or -1 with why filled. */
int vtd_sim_assignments_apply(const struct vtd_sim_assignments *a, struct vtd_sim_config *cfg, char *why);

void vtd_sim_assignments_free(struct vtd_sim_assignments *a);

/* ---- print.c: the effective configuration ---- */

/* Visits every effective key and value in a fixed order; keys that a file could contain. */
typedef void vtd_sim_config_visit(void *arg, const char *key, const char *value, bool number);
void vtd_sim_config_for_each(const struct vtd_sim_config *cfg, vtd_sim_config_visit *visit, void *arg);

/* The same, but only of those whose value differs from that in base. */
void vtd_sim_config_for_each_change(const struct vtd_sim_config *cfg, const struct vtd_sim_config *base,
                                    vtd_sim_config_visit *visit, void *arg);

/* Writes it as YAML that vtd_sim_assignments_load reads back. */
void vtd_sim_config_print(const struct vtd_sim_config *cfg, FILE *out);

/* A hash of it (FNV-1a, 64 bits): the same for the same effective configuration. */
uint64_t vtd_sim_config_hash(const struct vtd_sim_config *cfg);

#ifdef __cplusplus
}
#endif
#endif
