/* SPDX-License-Identifier: MIT */
/* Setting keys, and making a whole of them. See config.h. */
#define _POSIX_C_SOURCE 200809L

#include "config.h"

#include "cache.h"
#include "keys.h"
#include "text.h"
#include "vtd/vtd_regs.h"

#include <stddef.h>
#include <string.h>

/* Sets a key to the position of value among its words. */
static int set_word(struct vtd_sim_config *cfg, const struct vtd_config_key *k, const char *value, char *why)
{
    for (uint8_t i = 0; k->words[i]; i++)
        if (strcmp(k->words[i], value) == 0) {
            vtd_config_key_set(k, cfg, i);
            return 0;
        }
    snprintf(why, VTD_WHY_SIZE, "%s: '%.40s' is none of its values (%s)", k->name, value, k->about);
    return -1;
}

static int set_preset(struct vtd_sim_config *cfg, const char *value, char *why)
{
    struct vtd_config unit;
    if (vtd_config_preset(&unit, value) != VTD_STATUS_OK) {
        snprintf(why, VTD_WHY_SIZE, "preset: there is no '%.40s'; there are default, qemu and sapphire-rapids", value);
        return -1;
    }
    *cfg = (struct vtd_sim_config){.unit = unit, .memory_size = 1ull << 40};
    vtd_timing_config_default(&cfg->timing);
    return 0;
}

/* Bits of CAP or ECAP were given by a key, to whatever value. */
static void note_given(struct vtd_sim_config *cfg, const struct vtd_config_key *k, uint64_t bits)
{
    if (k->offset == offsetof(struct vtd_sim_config, unit.cap))
        cfg->cap_given |= bits;
    else
        cfg->ecap_given |= bits;
}

static int set_number(struct vtd_sim_config *cfg, const struct vtd_config_key *k, const char *value, char *why)
{
    uint64_t v;
    if (!vtd_number_parse(value, &v)) {
        snprintf(why, VTD_WHY_SIZE, "%s: '%.40s' is not a number (decimal, or hex with 0x)", k->name, value);
        return -1;
    }
    if (v > k->max) {
        snprintf(why, VTD_WHY_SIZE, "%s: %.40s is too large, at most %llu", k->name, value, (unsigned long long)k->max);
        return -1;
    }
    if (k->kind == VTD_KEY_FIELD) {
        const uint64_t mask = k->max << k->lsb;
        note_given(cfg, k, mask);
        v = (vtd_config_key_get(k, cfg) & ~mask) | v << k->lsb;
    } else if (k->kind == VTD_KEY_REGISTER) {
        note_given(cfg, k, UINT64_MAX);
    } else if (k->kind == VTD_KEY_WAYS) {
        cfg->ways_given[k->cache] = true;
    }
    vtd_config_key_set(k, cfg, v);
    for (struct vtd_config_key next = *k; k->kind == VTD_KEY_EACH && next.count > 1; next.count--) {
        next.offset += k->size;
        vtd_config_key_set(&next, cfg, v);
    }
    return 0;
}

int vtd_sim_config_init(struct vtd_sim_config *cfg, const char *preset, char *why)
{
    return set_preset(cfg, preset ? preset : "default", why);
}

int vtd_sim_config_set(struct vtd_sim_config *cfg, const char *name, const char *value, char *why)
{
    const char *nearest;
    const struct vtd_config_key *k = vtd_config_key_find(name, &nearest);
    if (!k) {
        snprintf(why, VTD_WHY_SIZE, "unknown key '%.64s'; the nearest one is '%s'", name, nearest);
        vtd_text_make_printable(why);
        return -1;
    }
    switch (k->kind) {
    case VTD_KEY_PRESET:
        return set_preset(cfg, value, why);
    case VTD_KEY_WORD:
        return set_word(cfg, k, value, why);
    default:
        return set_number(cfg, k, value, why);
    }
}

static void derive_ways(struct vtd_sim_config *cfg)
{
    const struct vtd_config_key *k;
    for (unsigned i = 0; (k = vtd_config_key_at(i)); i++) {
        if (k->kind != VTD_KEY_WAYS || cfg->ways_given[k->cache])
            continue;
        const struct vtd_cache_geometry *g = vtd_config_key_geometry(k, cfg);
        struct vtd_cache_geometry lru = {
            .entries = g->entries, .ways = g->ways, .partition = g->partition, .partitions = g->partitions};
        if (lru.partition == VTD_PARTITION_WAYS) /* that they divide is asked later: no reason for other ways */
            lru.partition = VTD_PARTITION_NONE;
        if (g->entries == 0 || vtd_cache_geometry_error(&lru))
            vtd_config_key_set(k, cfg, 0);
    }
}

/* What only the preset reports gives way to the revision that was asked for; what a key asks for is left to the validator. */
static void follow_revision(struct vtd_sim_config *cfg)
{
    uint64_t cap, ecap;
    if (vtd_config_revision_lacks(cfg->unit.spec_revision, &cap, &ecap) != VTD_STATUS_OK)
        return;
    cfg->unit.cap &= ~(cap & ~cfg->cap_given);
    cfg->unit.ecap &= ~(ecap & ~cfg->ecap_given);
}

int vtd_sim_config_finish(struct vtd_sim_config *cfg, char *why)
{
    derive_ways(cfg);
    follow_revision(cfg);
    if (cfg->memory_size == 0) {
        snprintf(why, VTD_WHY_SIZE, "memory.size must not be 0");
        return -1;
    }
    if (vtd_config_validate(&cfg->unit, why) != VTD_STATUS_OK)
        return -1;
    const char *bad = vtd_cache_geometry_error(&cfg->device_tlb);
    if (!bad && cfg->device_tlb.entries && !vtd_reg_ecap_dt(cfg->unit.ecap))
        bad = "the unit has no device TLBs (ECAP.DT)";
    if (!bad && cfg->page_requests && !cfg->device_tlb.entries)
        bad = "page_requests needs entries: devices without a TLB have no page requests";
    if (!bad && cfg->page_requests && !vtd_reg_ecap_prs(cfg->unit.ecap))
        bad = "page_requests: the unit has none (ECAP.PRS)";
    if (bad)
        snprintf(why, VTD_WHY_SIZE, "device_tlb: %s", bad);
    if (bad)
        return -1;
    char reason[VTD_WHY_SIZE];
    if (vtd_timing_config_validate(&cfg->timing, reason) == VTD_STATUS_OK)
        return 0;
    snprintf(why, VTD_WHY_SIZE, "timing.%.240s", reason);
    return -1;
}
