/* SPDX-License-Identifier: MIT */
/* The effective configuration: as keys, as YAML, as a hash. See config.h. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

struct visitor {
    vtd_sim_config_visit *visit;
    void *arg;
};

/* Registers are told as text: their bits matter, not their size. */
static void tell_register(const struct visitor *v, const char *key, uint64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "0x%" PRIx64, value);
    v->visit(v->arg, key, text, false);
}

static void tell_decimal(const struct visitor *v, const char *key, uint64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, value);
    v->visit(v->arg, key, text, true);
}

static void tell_cache(const struct visitor *v, const char *name, const struct vtd_cache_geometry *g)
{
    static const char *const policies[] = {"lru", "plru", "fifo", "random"};
    char key[64];
    snprintf(key, sizeof key, "%s.entries", name);
    tell_decimal(v, key, g->entries);
    snprintf(key, sizeof key, "%s.ways", name);
    tell_decimal(v, key, g->ways ? g->ways : g->entries);
    snprintf(key, sizeof key, "%s.policy", name);
    v->visit(v->arg, key, policies[g->policy & 3], false);
    snprintf(key, sizeof key, "%s.index", name);
    v->visit(v->arg, key, g->index == VTD_INDEX_MODULO ? "modulo" : "hash", false);
}

static void tell_perfmon(const struct visitor *v, const struct vtd_perfmon_config *p)
{
    tell_decimal(v, "perfmon.counters", p->counters);
    tell_decimal(v, "perfmon.width", p->width);
    tell_decimal(v, "perfmon.filters", p->filters);
    tell_decimal(v, "perfmon.interrupt", p->interrupt);
    tell_decimal(v, "perfmon.freeze", p->freeze);
    tell_decimal(v, "perfmon.writable", p->writable);
    tell_decimal(v, "perfmon.per_counter", p->per_counter);
}

void vtd_sim_config_for_each(const struct vtd_sim_config *cfg, vtd_sim_config_visit *visit, void *arg)
{
    const struct visitor v = {.visit = visit, .arg = arg};
    tell_register(&v, "version", cfg->unit.version);
    tell_decimal(&v, "spec.revision", cfg->unit.spec_revision);
    tell_register(&v, "cap", cfg->unit.cap);
    tell_register(&v, "ecap", cfg->unit.ecap);
    tell_decimal(&v, "haw", cfg->unit.haw);
    tell_decimal(&v, "seed", cfg->unit.seed);
    tell_decimal(&v, "memory.size", cfg->memory_size);
    tell_decimal(&v, "memory.cpu_caches", cfg->cpu_caches);
    for (unsigned i = 0; i < VTD_CACHES; i++) {
        tell_cache(&v, vtd_cache_name(i), &cfg->unit.cache[i]);
        if (i == VTD_CACHE_IOTLB)
            v.visit(arg, "iotlb.order", cfg->unit.iotlb_order == VTD_IOTLB_FIRST ? "first" : "after-pasid", false);
    }
    tell_cache(&v, "device_tlb", &cfg->device_tlb);
    tell_perfmon(&v, &cfg->unit.perfmon);
}

/* YAML: a key with a dot opens a map when its first part is new. */
struct yaml {
    FILE *out;
    char map[64];
};

static void print_key(void *arg, const char *key, const char *value, bool number)
{
    struct yaml *y = arg;
    const char *dot = strchr(key, '.');
    (void)number;
    if (!dot) {
        fprintf(y->out, "%s: %s\n", key, value);
        return;
    }
    const size_t length = (size_t)(dot - key);
    if (strlen(y->map) != length || strncmp(y->map, key, length) != 0) {
        snprintf(y->map, sizeof y->map, "%.*s", (int)length, key);
        fprintf(y->out, "%s:\n", y->map);
    }
    fprintf(y->out, "  %s: %s\n", dot + 1, value);
}

void vtd_sim_config_print(const struct vtd_sim_config *cfg, FILE *out)
{
    struct yaml y = {.out = out};
    vtd_sim_config_for_each(cfg, print_key, &y);
}

static void fold(uint64_t *hash, const char *text)
{
    for (; *text; text++)
        *hash = (*hash ^ (uint8_t)*text) * 0x100000001b3ull;
}

static void hash_key(void *arg, const char *key, const char *value, bool number)
{
    (void)number;
    fold(arg, key);
    fold(arg, "=");
    fold(arg, value);
    fold(arg, "\n");
}

uint64_t vtd_sim_config_hash(const struct vtd_sim_config *cfg)
{
    uint64_t hash = 0xcbf29ce484222325ull;
    vtd_sim_config_for_each(cfg, hash_key, &hash);
    return hash;
}
