/* SPDX-License-Identifier: MIT */
/* The registry of configuration keys. See config.h. */
#define _POSIX_C_SOURCE 200809L

#include "config.h"

#include "cache.h"
#include "text.h"
#include "vtd/vtd_regs.h"

#include <stddef.h>
#include <string.h>

/* ---------------------------------------------------------------- what a key is */

enum kind {
    KEY_PRESET,
    KEY_CAP,
    KEY_ECAP,
    KEY_VERSION,
    KEY_REVISION,
    KEY_HAW,
    KEY_SEED,
    KEY_MEMORY_SIZE,
    KEY_CPU_CACHES,
    KEY_PERFMON,
    KEY_ORDER,
    KEY_ENTRIES,
    KEY_WAYS,
    KEY_POLICY,
    KEY_INDEX,
    KEY_CAP_FIELD,
    KEY_ECAP_FIELD,
};

struct key {
    const char *name;
    const char *about;
    uint8_t kind;
    uint8_t cache;    /* KEY_ENTRIES to KEY_INDEX */
    uint8_t msb, lsb; /* KEY_CAP_FIELD, KEY_ECAP_FIELD */
    uint8_t offset;   /* KEY_PERFMON: of the byte in struct vtd_perfmon_config */
    uint8_t max;      /* KEY_PERFMON */
};

#define CACHE_KEYS(name_, id, what)                                                                                    \
    {.name = name_ ".entries", .about = "entries of the " what "; 0 turns it off", .kind = KEY_ENTRIES, .cache = id},  \
        {.name = name_ ".ways",                                                                                        \
         .about = "ways of the " what "; 0 = fully associative",                                                       \
         .kind = KEY_WAYS,                                                                                             \
         .cache = id},                                                                                                 \
        {.name = name_ ".policy",                                                                                      \
         .about = "replacement in the " what ": lru, plru, fifo, random",                                              \
         .kind = KEY_POLICY,                                                                                           \
         .cache = id},                                                                                                 \
    {                                                                                                                  \
        .name = name_ ".index", .about = "set index of the " what ": hash, modulo", .kind = KEY_INDEX, .cache = id     \
    }

#define PERFMON_KEY(field, max_, about_)                                                                               \
    {                                                                                                                  \
        .name = "perfmon." #field, .about = about_, .kind = KEY_PERFMON,                                               \
        .offset = offsetof(struct vtd_perfmon_config, field), .max = max_                                              \
    }

static const struct key keys[] = {
    {.name = "preset", .about = "replaces everything by a preset: default, qemu, sapphire-rapids", .kind = KEY_PRESET},
    {.name = "version", .about = "VER register, e.g. 0x60 for 6.0", .kind = KEY_VERSION},
    {.name = "spec.revision", .about = "revision of the specification: 3, 4 or 5", .kind = KEY_REVISION},
    {.name = "cap", .about = "CAP register, 64 bits", .kind = KEY_CAP},
    {.name = "ecap", .about = "ECAP register, 64 bits", .kind = KEY_ECAP},
    {.name = "haw", .about = "host address width in bits, 32 to 52", .kind = KEY_HAW},
    {.name = "seed", .about = "seed of the random replacement policy", .kind = KEY_SEED},
    {.name = "memory.size", .about = "bytes of system memory from address 0", .kind = KEY_MEMORY_SIZE},
    {.name = "memory.cpu_caches",
     .about = "1: what the unit does not snoop it sees only after a flush (vtdsim run)",
     .kind = KEY_CPU_CACHES},
    CACHE_KEYS("context_cache", VTD_CACHE_CONTEXT, "context cache"),
    CACHE_KEYS("pasid_cache", VTD_CACHE_PASID, "PASID cache"),
    CACHE_KEYS("iotlb", VTD_CACHE_IOTLB, "IOTLB"),
    {.name = "iotlb.order", .about = "when the IOTLB is looked up: first, after-pasid", .kind = KEY_ORDER},
    CACHE_KEYS("fs_psc", VTD_CACHE_FS_PSC, "first-stage paging-structure cache"),
    CACHE_KEYS("ss_psc", VTD_CACHE_SS_PSC, "second-stage paging-structure cache"),
    CACHE_KEYS("iec", VTD_CACHE_IEC, "interrupt entry cache"),
    CACHE_KEYS("device_tlb", VTD_SIM_DEVICE_TLB, "device TLB of each device"),
    PERFMON_KEY(counters, VTD_PERFMON_COUNTERS, "counters of the performance monitor (ecap.pms), 1 to 64"),
    PERFMON_KEY(width, 64, "width of its counters in bits, 8 to 64"),
    PERFMON_KEY(filters, 31, "its filters: 1 requester-id, 2 domain-id, 4 PASID, 8 address type, 16 page table level"),
    PERFMON_KEY(interrupt, 1, "its counters can raise an interrupt when they overflow"),
    PERFMON_KEY(freeze, 1, "its counters can freeze all when they overflow"),
    PERFMON_KEY(writable, 1, "software may write its counters"),
    PERFMON_KEY(per_counter, 1, "each counter reports capabilities of its own, too"),
/* Single fields of CAP and ECAP; those of other registers have names that no lookup asks for. */
#define VTD_REG_FIELD(REG, FIELD, reg_, field_, msb_, lsb_, access_, description)                                      \
    {.name = #reg_ "." #field_,                                                                                        \
     .about = description,                                                                                             \
     .kind = sizeof(#reg_) == sizeof("cap") ? KEY_CAP_FIELD : KEY_ECAP_FIELD,                                          \
     .msb = msb_,                                                                                                      \
     .lsb = lsb_},
#include "vtd/defs/registers.def"
};

enum {
    KEYS = sizeof keys / sizeof keys[0]
};

/* Fields of other registers stand in the table, too; they are no keys. */
static bool is_key(const struct key *k)
{
    if (k->kind < KEY_CAP_FIELD)
        return true;
    return strncmp(k->name, "cap.", 4) == 0 || strncmp(k->name, "ecap.", 5) == 0;
}

const char *vtd_sim_config_key(unsigned i, const char **about)
{
    for (unsigned n = 0; n < KEYS; n++) {
        if (!is_key(&keys[n]) || i-- != 0)
            continue;
        if (about)
            *about = keys[n].about;
        return keys[n].name;
    }
    return NULL;
}

/* ---------------------------------------------------------------- the nearest key */

#define NAME_MAX_LENGTH 64

/* Edit distance of two names, each cut to NAME_MAX_LENGTH. */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[NAME_MAX_LENGTH + 1];
    const size_t m = strnlen(a, NAME_MAX_LENGTH);
    const size_t n = strnlen(b, NAME_MAX_LENGTH);
    for (unsigned j = 0; j <= n; j++)
        row[j] = j;
    for (unsigned i = 1; i <= m; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= n; j++) {
            const unsigned replaced = diagonal + (a[i - 1] != b[j - 1]);
            const unsigned shorter = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            diagonal = row[j];
            row[j] = replaced < shorter ? replaced : shorter;
        }
    }
    return row[n];
}

static const char *nearest(const char *name)
{
    const char *best = keys[0].name;
    unsigned least = UINT32_MAX;
    for (unsigned i = 0; i < KEYS; i++) {
        const unsigned d = is_key(&keys[i]) ? distance(name, keys[i].name) : UINT32_MAX;
        if (d < least) {
            least = d;
            best = keys[i].name;
        }
    }
    return best;
}

static const struct key *find(const char *name)
{
    for (unsigned i = 0; i < KEYS; i++)
        if (is_key(&keys[i]) && strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

/* ---------------------------------------------------------------- values */

static const char *const policies[] = {"lru", "plru", "fifo", "random", NULL};
static const char *const indexes[] = {"hash", "modulo", NULL};
static const char *const orders[] = {"first", "after-pasid", NULL};

/* Sets *field to the position of value among the words. */
static int set_word(uint8_t *field, const char *const *words, const struct key *k, const char *value, char *why)
{
    for (uint8_t i = 0; words[i]; i++)
        if (strcmp(words[i], value) == 0) {
            *field = i;
            return 0;
        }
    snprintf(why, VTD_WHY_SIZE, "%s: '%.40s' is none of its values (%s)", k->name, value, k->about);
    return -1;
}

static int number(const struct key *k, const char *value, uint64_t max, uint64_t *out, char *why)
{
    if (!vtd_number_parse(value, out)) {
        snprintf(why, VTD_WHY_SIZE, "%s: '%.40s' is not a number (decimal, or hex with 0x)", k->name, value);
        return -1;
    }
    if (*out > max) {
        snprintf(why, VTD_WHY_SIZE, "%s: %.40s is too large, at most %llu", k->name, value, (unsigned long long)max);
        return -1;
    }
    return 0;
}

/* The cache that a key speaks of. */
static struct vtd_cache_geometry *cache_of(struct vtd_sim_config *cfg, unsigned cache)
{
    return cache == VTD_SIM_DEVICE_TLB ? &cfg->device_tlb : &cfg->unit.cache[cache];
}

static int set_preset(struct vtd_sim_config *cfg, const char *value, char *why)
{
    struct vtd_config unit;
    if (vtd_config_preset(&unit, value) != VTD_STATUS_OK) {
        snprintf(why, VTD_WHY_SIZE, "preset: there is no '%.40s'; there are default, qemu and sapphire-rapids", value);
        return -1;
    }
    *cfg = (struct vtd_sim_config){.unit = unit, .memory_size = 1ull << 40};
    return 0;
}

/* All its members are one byte, numbers and truth values. */
static void set_perfmon(struct vtd_perfmon_config *perfmon, const struct key *k, uint8_t value)
{
    _Static_assert(sizeof(bool) == 1, "members of struct vtd_perfmon_config are bytes");
    memcpy((uint8_t *)perfmon + k->offset, &value, 1);
}

static int set_number(struct vtd_sim_config *cfg, const struct key *k, const char *value, char *why)
{
    struct vtd_cache_geometry *g = cache_of(cfg, k->cache);
    uint64_t v;
    uint64_t max = UINT64_MAX;
    if (k->kind == KEY_ENTRIES || k->kind == KEY_WAYS)
        max = 1u << 24;
    else if (k->kind == KEY_VERSION || k->kind == KEY_REVISION || k->kind == KEY_HAW)
        max = 255;
    else if (k->kind == KEY_CPU_CACHES)
        max = 1;
    else if (k->kind == KEY_PERFMON)
        max = k->max;
    else if (k->kind == KEY_CAP_FIELD || k->kind == KEY_ECAP_FIELD)
        max = ~0ull >> (63 - (k->msb - k->lsb));
    if (number(k, value, max, &v, why) != 0)
        return -1;
    uint64_t *reg = k->kind == KEY_CAP_FIELD ? &cfg->unit.cap : &cfg->unit.ecap;
    switch (k->kind) {
    case KEY_CAP:
        cfg->unit.cap = v;
        cfg->cap_given = UINT64_MAX;
        break;
    case KEY_ECAP:
        cfg->unit.ecap = v;
        cfg->ecap_given = UINT64_MAX;
        break;
    case KEY_VERSION:
        cfg->unit.version = (uint32_t)v;
        break;
    case KEY_REVISION:
        cfg->unit.spec_revision = (uint8_t)v;
        break;
    case KEY_HAW:
        cfg->unit.haw = (uint8_t)v;
        break;
    case KEY_SEED:
        cfg->unit.seed = v;
        break;
    case KEY_MEMORY_SIZE:
        cfg->memory_size = v;
        break;
    case KEY_CPU_CACHES:
        cfg->cpu_caches = v;
        break;
    case KEY_PERFMON:
        set_perfmon(&cfg->unit.perfmon, k, (uint8_t)v);
        break;
    case KEY_ENTRIES:
        g->entries = (uint32_t)v;
        break;
    case KEY_WAYS:
        g->ways = (uint32_t)v;
        cfg->ways_given[k->cache] = true;
        break;
    default:
        *reg = (*reg & ~(max << k->lsb)) | v << k->lsb;
        *(k->kind == KEY_CAP_FIELD ? &cfg->cap_given : &cfg->ecap_given) |= max << k->lsb;
        break;
    }
    return 0;
}

int vtd_sim_config_init(struct vtd_sim_config *cfg, const char *preset, char *why)
{
    return set_preset(cfg, preset ? preset : "default", why);
}

int vtd_sim_config_set(struct vtd_sim_config *cfg, const char *name, const char *value, char *why)
{
    const struct key *k = find(name);
    if (!k) {
        snprintf(why, VTD_WHY_SIZE, "unknown key '%.64s'; the nearest one is '%s'", name, nearest(name));
        vtd_text_make_printable(why);
        return -1;
    }
    switch (k->kind) {
    case KEY_PRESET:
        return set_preset(cfg, value, why);
    case KEY_ORDER:
        return set_word(&cfg->unit.iotlb_order, orders, k, value, why);
    case KEY_POLICY:
        return set_word(&cache_of(cfg, k->cache)->policy, policies, k, value, why);
    case KEY_INDEX:
        return set_word(&cache_of(cfg, k->cache)->index, indexes, k, value, why);
    default:
        return set_number(cfg, k, value, why);
    }
}

static bool divides(uint32_t ways, uint32_t entries)
{
    if (ways == 0 || ways > entries || entries % ways)
        return false;
    const uint32_t sets = entries / ways;
    return (sets & (sets - 1)) == 0;
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
    for (unsigned i = 0; i <= VTD_SIM_DEVICE_TLB; i++) {
        struct vtd_cache_geometry *g = cache_of(cfg, i);
        if (!cfg->ways_given[i] && !divides(g->ways, g->entries))
            g->ways = 0;
    }
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
    if (bad)
        snprintf(why, VTD_WHY_SIZE, "device_tlb: %s", bad);
    return bad ? -1 : 0;
}
