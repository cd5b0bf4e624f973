/* SPDX-License-Identifier: MIT */
/* The effective configuration: as keys, as YAML, as a hash. See config.h. */
#include "config.h"

#include "keys.h"

#include <inttypes.h>
#include <string.h>

/* A value as a file could give it; text holds at least 32 bytes. */
static const char *value_of(const struct vtd_sim_config *cfg, const struct vtd_config_key *k, char *text)
{
    uint64_t value = vtd_config_key_get(k, cfg);
    switch (k->kind) {
    case VTD_KEY_WORD:
        return k->words[value];
    case VTD_KEY_HEX:
    case VTD_KEY_REGISTER:
        snprintf(text, 32, "0x%" PRIx64, value);
        return text;
    case VTD_KEY_WAYS:
        value = value ? value : vtd_config_key_geometry(k, cfg)->entries;
        break;
    default:
        break;
    }
    snprintf(text, 32, "%" PRIu64, value);
    return text;
}

static bool is_told(const struct vtd_config_key *k)
{
    return k->kind != VTD_KEY_PRESET && k->kind != VTD_KEY_FIELD && k->kind != VTD_KEY_EACH;
}

void vtd_sim_config_for_each_change(const struct vtd_sim_config *cfg, const struct vtd_sim_config *base,
                                    vtd_sim_config_visit *visit, void *arg)
{
    const struct vtd_config_key *k;
    char text[32], other[32];
    for (unsigned i = 0; (k = vtd_config_key_at(i)); i++) {
        if (!is_told(k))
            continue;
        const char *value = value_of(cfg, k, text);
        if (!base || strcmp(value, value_of(base, k, other)) != 0)
            visit(arg, k->name, value, k->kind == VTD_KEY_NUMBER || k->kind == VTD_KEY_WAYS);
    }
}

void vtd_sim_config_for_each(const struct vtd_sim_config *cfg, vtd_sim_config_visit *visit, void *arg)
{
    vtd_sim_config_for_each_change(cfg, NULL, visit, arg);
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
