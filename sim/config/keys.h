/* SPDX-License-Identifier: MIT */
/* The registry of configuration keys: what each is called, and where its value lies. Internal to sim/config. */
#ifndef VTD_CONFIG_KEYS_H
#define VTD_CONFIG_KEYS_H

#include "config.h"

enum vtd_config_key_kind {
    VTD_KEY_PRESET,
    VTD_KEY_NUMBER,   /* decimal when told */
    VTD_KEY_HEX,      /* hexadecimal when told: its bits matter, not its size */
    VTD_KEY_REGISTER, /* CAP and ECAP: hexadecimal, and all of its bits count as given */
    VTD_KEY_WORD,     /* one of words; a byte */
    VTD_KEY_WAYS,     /* of a cache: a number that is derived when it is not given */
    VTD_KEY_EACH,     /* a number for each of count values: not told, since these are */
    VTD_KEY_FIELD,    /* bits of a register: not told, since the register is */
};

/* value is the place of size bytes at offset in struct vtd_sim_config. */
struct vtd_config_key {
    const char *name;
    const char *about;
    const char *const *words; /* VTD_KEY_WORD: what may be said; NULL behind the last */
    uint64_t max;             /* of a number */
    uint16_t offset;
    uint8_t size;
    uint8_t kind;     /* enum vtd_config_key_kind */
    uint8_t cache;    /* VTD_KEY_WAYS: its place in vtd_sim_config.ways_given */
    uint8_t msb, lsb; /* VTD_KEY_FIELD */
    uint8_t count;    /* VTD_KEY_EACH: values, one behind the other */
};

/* The key number i, counted from 0; NULL behind the last. */
const struct vtd_config_key *vtd_config_key_at(unsigned i);

/* The key of that name; NULL when there is none, and *nearest is the one that is spelled most like it. */
const struct vtd_config_key *vtd_config_key_find(const char *name, const char **nearest);

/* The value of a key of size bytes, as a number. */
uint64_t vtd_config_key_get(const struct vtd_config_key *key, const struct vtd_sim_config *cfg);
void vtd_config_key_set(const struct vtd_config_key *key, struct vtd_sim_config *cfg, uint64_t value);

/* The geometry whose ways are at a key of kind VTD_KEY_WAYS. */
const struct vtd_cache_geometry *vtd_config_key_geometry(const struct vtd_config_key *key,
                                                         const struct vtd_sim_config *cfg);

#endif
