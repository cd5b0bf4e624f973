/* SPDX-License-Identifier: MIT */
/* The keys of described workloads: which node has which, and what values they take. See node.h. */
#define _POSIX_C_SOURCE 200809L

#include "node.h"

#include "config/text.h"
#include "vtd/vtd.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define P   (1u << VTD_NODE_PATTERN)
#define R   (1u << VTD_NODE_RING)
#define D   (1u << VTD_NODE_DSA)
#define T   (1u << VTD_NODE_TRACE)
#define N   (1u << VTD_NODE_TENANTS)
#define F   (1u << VTD_NODE_PHASES)
#define M   (1u << VTD_NODE_MIX)
#define C   (1u << VTD_NODE_CLOCK)
#define ALL (P | R | D | T | N | F | M)

enum type {
    NUMBER, /* least to most */
    REAL,
    CHOICE,
    SOURCE_ID,
    INTERLEAVE, /* round-robin, random, zipf:S */
    FILE_NAME,
    STRUCTURE, /* the reader's: what is below a node, and what a list says of its members */
};

static const char *const patterns[] = {"uniform", "sequential", "stride", "zipf", NULL};
static const char *const unmaps[] = {"never", "strict", "lazy", NULL};
static const char *const orders[] = {"sequential", "random", NULL};
static const char *const ids[] = {"pasid", "sid", NULL};
static const char *const pasids[] = {"same", "next", NULL};
static const char *const ends[] = {"repeat", "stay", NULL};
static const char *const arrivals[] = {"fixed", "poisson", NULL};
static const char *const answers[] = {"no", "yes", NULL};

#define AT(field) offsetof(struct vtd_node, field)

/* At most 64. */
static const struct key {
    const char *name;
    unsigned kinds;
    enum type type;
    size_t offset;
    double least, most;
    const char *const *choices;
} keys[] = {
    {"pattern", P, CHOICE, AT(pattern), 0, 0, patterns},
    {"ring", R, NUMBER, AT(size), 1, 1 << 20, NULL},
    {"dsa", D, NUMBER, AT(size), 1, 1 << 23, NULL},
    {"trace", T, FILE_NAME, AT(file), 0, 0, NULL},
    {"tenants", N, NUMBER, AT(size), 1, 1 << 20, NULL},
    {"pages", P | R, NUMBER, AT(pages), 1, VTD_ZIPF_RANKS_MAX, NULL},
    {"first", P | R | D, NUMBER, AT(first), 0, 0x7fffffff0000, NULL},
    {"stride", P, NUMBER, AT(stride), 1, 1 << 24, NULL},
    {"s", P, REAL, AT(s), 0, VTD_ZIPF_S_MAX, NULL},
    {"writes", P | R, NUMBER, AT(writes), 0, 100, NULL},
    {"len", P | R | D, NUMBER, AT(len), 1, 4096, NULL},
    {"sid", P | R | D, SOURCE_ID, AT(sid), 0, 0, NULL},
    {"pasid", P | R | D, NUMBER, AT(pasid), 1, 0xfffff, NULL},
    {"unmap", P | R, CHOICE, AT(unmap), 0, 0, unmaps},
    {"unmap-every", P, NUMBER, AT(unmap_every), 1, 1u << 31, NULL},
    {"unmap-batch", P | R, NUMBER, AT(unmap_batch), 1, 1u << 31, NULL},
    {"descriptor", R, NUMBER, AT(descriptor), 1, 4096, NULL},
    {"completion", R, NUMBER, AT(completion), 0, 4096, NULL},
    {"buffer-pages", R, NUMBER, AT(buffer_pages), 1, 512, NULL},
    {"order", R | D, CHOICE, AT(random_order), 0, 0, orders},
    {"interleave", N, INTERLEAVE, AT(interleave), 0, VTD_ZIPF_S_MAX, NULL},
    {"burst", N, NUMBER, AT(burst), 1, 1u << 31, NULL},
    {"parallel", N, NUMBER, AT(parallel), 1, 16, NULL},
    {"id", N, CHOICE, AT(by_sid), 0, 0, ids},
    {"first-pasid", N, NUMBER, AT(first_pasid), 1, 0xfffff, NULL},
    {"first-sid", N, SOURCE_ID, AT(first_sid), 0, 0, NULL},
    {"churn", N, NUMBER, AT(churn), 1, 1e18, NULL},
    {"churn-pasid", N, CHOICE, AT(churn_next), 0, 0, pasids},
    {"pasid-pool", N, NUMBER, AT(pasid_pool), 1, 0xfffff, NULL},
    {"after", F, CHOICE, AT(stay), 0, 0, ends},
    {"times", T, CHOICE, AT(times), 0, 0, answers},
    {"of", N, STRUCTURE, 0, 0, 0, NULL},
    {"phases", F, STRUCTURE, 0, 0, 0, NULL},
    {"mix", M, STRUCTURE, 0, 0, 0, NULL},
    {"weight", ALL, STRUCTURE, 0, 0, 0, NULL},
    {"requests", ALL, STRUCTURE, 0, 0, 0, NULL},
    {"rate", C, REAL, AT(rate), 1e-3, 1e12, NULL},
    {"arrivals", C, CHOICE, AT(poisson), 0, 0, arrivals},
};

enum {
    KEYS = sizeof keys / sizeof keys[0]
};

_Static_assert(KEYS <= 64, "struct vtd_node.given has a bit for each");

const char *vtd_node_kind_name(enum vtd_node_kind kind)
{
    static const char *const names[VTD_NODE_KINDS] = {"pattern", "ring", "dsa", "trace", "tenants", "phases", "mix"};
    return names[kind];
}

/* ---------------------------------------------------------------- finding */

static unsigned find(enum vtd_node_kind kind, const char *name)
{
    unsigned i = 0;
    while (i < KEYS && !(keys[i].kinds >> kind & 1 && strcmp(keys[i].name, name) == 0))
        i++;
    return i;
}

bool vtd_node_has_key(enum vtd_node_kind kind, const char *name)
{
    return find(kind, name) < KEYS;
}

static int unknown(enum vtd_node_kind kind, const char *name, char *why)
{
    const char *near = vtd_node_kind_name(kind) ? vtd_node_kind_name(kind) : "rate";
    unsigned least = UINT32_MAX;
    for (unsigned i = 0; i < KEYS; i++) {
        const unsigned both = 1u << kind | C;
        const unsigned d = keys[i].kinds & both ? vtd_text_distance(name, keys[i].name) : UINT32_MAX;
        if (d < least) {
            least = d;
            near = keys[i].name;
        }
    }
    return vtd_node_refuse(why, "unknown key '%.40s' of %s; the nearest one is '%s'", name, vtd_node_kind_name(kind),
                           near);
}

/* ---------------------------------------------------------------- values */

static int set_number(const struct key *k, void *at, const char *value, char *why)
{
    uint64_t v = 0;
    if (!vtd_number_parse(value, &v) || (double)v < k->least || (double)v > k->most)
        return vtd_node_refuse(why, "%s: '%.40s' is not a number from %.0f to %.0f", k->name, value, k->least, k->most);
    memcpy(at, &v, sizeof v);
    return 0;
}

static int set_real(const struct key *k, void *at, const char *value, char *why)
{
    char *end = NULL;
    const double v = strtod(value, &end);
    if (end == value || *end || !(v >= k->least && v <= k->most))
        return vtd_node_refuse(why, "%s: '%.40s' is not a number from %g to %g", k->name, value, k->least, k->most);
    memcpy(at, &v, sizeof v);
    return 0;
}

static int set_choice(const struct key *k, void *at, const char *value, char *why)
{
    char list[120] = "";
    for (uint64_t i = 0; k->choices[i]; i++) {
        if (strcmp(k->choices[i], value) == 0) {
            memcpy(at, &i, sizeof i);
            return 0;
        }
        strcat(strcat(list, i ? ", " : ""), k->choices[i]);
    }
    return vtd_node_refuse(why, "%s: '%.40s' is none of %s", k->name, value, list);
}

static int set_source_id(const struct key *k, void *at, const char *value, char *why)
{
    uint16_t sid = 0;
    if (vtd_source_id_read(value, &sid) != VTD_NUMBER_OK)
        return vtd_node_refuse(why, "%s: '%.40s' is not a source-id BB:DD.F", k->name, value);
    const uint64_t v = sid;
    memcpy(at, &v, sizeof v);
    return 0;
}

static int set_interleave(const struct key *k, struct vtd_node *n, const char *value, char *why)
{
    n->interleave = strcmp(value, "random") == 0 ? VTD_NODE_RANDOM : VTD_NODE_ROUND_ROBIN;
    if (n->interleave == VTD_NODE_RANDOM || strcmp(value, "round-robin") == 0)
        return 0;
    n->interleave = VTD_NODE_ZIPF_TURNS;
    if (strncmp(value, "zipf:", 5) == 0)
        return set_real(k, &n->s, value + 5, why);
    return vtd_node_refuse(why, "%s: '%.40s' is none of round-robin, random, zipf:S", k->name, value);
}

int vtd_node_set(struct vtd_node *n, const char *name, const char *value, char *why)
{
    const unsigned i = find(n->kind, name);
    if (i == KEYS)
        return unknown(n->kind, name, why);
    const struct key *k = &keys[i];
    void *at = (char *)n + k->offset;
    n->given |= 1ull << i;
    switch (k->type) {
    case NUMBER:
        return set_number(k, at, value, why);
    case REAL:
        return set_real(k, at, value, why);
    case CHOICE:
        return set_choice(k, at, value, why);
    case SOURCE_ID:
        return set_source_id(k, at, value, why);
    case INTERLEAVE:
        return set_interleave(k, n, value, why);
    case STRUCTURE:
        return vtd_node_refuse(why, "%s belongs to parts of workload files", name);
    case FILE_NAME:
        free(n->file);
        n->file = strdup(value);
        return n->file ? 0 : vtd_node_refuse(why, "out of memory");
    }
    return -1;
}

int vtd_node_check_keys(const struct vtd_node *n, char *why)
{
    const bool unmap = n->unmap != VTD_NODE_UNMAP_NEVER;
    const struct {
        const char *key, *wanted;
        bool wrong;
    } rules[] = {
        {"s", "pattern: zipf", n->kind == VTD_NODE_PATTERN && n->pattern != VTD_NODE_ZIPF},
        {"stride", "pattern: stride", n->pattern != VTD_NODE_STRIDE},
        {"unmap-every", "unmap: strict or lazy", !unmap},
        {"unmap-batch", "unmap: lazy", n->unmap != VTD_NODE_UNMAP_LAZY},
        {"first-pasid", "id: pasid", n->by_sid != 0},
        {"first-sid", "id: sid", n->by_sid == 0},
        {"arrivals", "rate", n->kind == VTD_NODE_CLOCK && !(n->rate > 0)},
    };
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const unsigned k = find(n->kind, rules[i].key);
        if (rules[i].wrong && k < KEYS && n->given >> k & 1)
            return vtd_node_refuse(why, "%s says nothing without %s", rules[i].key, rules[i].wanted);
    }
    return 0;
}
