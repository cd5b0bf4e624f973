/* SPDX-License-Identifier: MIT */
/*
 * Configuration by key: the dotted paths that configuration files, --set and scenario files share.
 */
#ifndef VTD_SIM_CONFIG_H
#define VTD_SIM_CONFIG_H

#include "vtd/vtd.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A unit and the memory behind it. */
struct vtd_sim_config {
    struct vtd_config unit;
    uint64_t memory_size;          /* bytes of system memory from address 0 */
    bool ways_given[VTD_CACHES];   /* .ways was set; otherwise it follows .entries */
};

/* Fills cfg from a preset of vtd_config_preset (NULL: "default"). Returns 0, or -1 with why (VTD_WHY_SIZE bytes) filled. */
int vtd_sim_config_init(struct vtd_sim_config *cfg, const char *preset, char *why);

/*
 * Sets one key, e.g. "pasid_cache.entries" to "64". Numbers are decimal or 0x hex, with optional '_' between digits.
 * Returns 0, or -1 with why filled: an unknown key names the nearest known one, a bad value what is allowed.
 */
int vtd_sim_config_set(struct vtd_sim_config *cfg, const char *key, const char *value, char *why);

/* Completes derived values (ways that follow entries) and validates. Returns 0, or -1 with why filled. Call before vtd_create. */
int vtd_sim_config_finish(struct vtd_sim_config *cfg, char *why);

#ifdef __cplusplus
}
#endif
#endif
