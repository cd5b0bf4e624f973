/* SPDX-License-Identifier: MIT */
/* --tenants, --interleave, --tenant-id, --seed. See tenant_options.h. */
#include "tenant_options.h"

#include "config/text.h"

#include <stdlib.h>
#include <string.h>

enum {
    OPT_TENANTS = 0x1000,
    OPT_INTERLEAVE,
    OPT_TENANT_ID,
    OPT_SEED,
};

static const struct argp_option options[] = {
    {0, 0, 0, 0, "Tenants:", 0},
    {"tenants", OPT_TENANTS, "N", 0, "Give the workload to N tenants", 0},
    {"interleave", OPT_INTERLEAVE, "round-robin|random|zipf:S", 0, "Whose turn it is (default round-robin)", 0},
    {"tenant-id", OPT_TENANT_ID, "pasid|sid", 0, "A PASID each (default), or source-ids of their own", 0},
    {"seed", OPT_SEED, "N", 0, "Seed of all that is random (default 1)", 0},
    {0},
};

unsigned vtd_option_choice(const struct argp_state *state, const char *option, const char *word,
                           const char *const *names)
{
    for (unsigned i = 0; names[i]; i++)
        if (strcmp(names[i], word) == 0)
            return i;
    argp_error(state, "--%s %s: unknown", option, word);
    return 0;
}

uint64_t vtd_option_count(const struct argp_state *state, const char *option, const char *text, uint64_t least)
{
    uint64_t v = 0;
    if (!vtd_number_parse(text, &v) || v < least)
        argp_error(state, "--%s %s: want a number from %llu to %llu", option, text, (unsigned long long)least,
                   (unsigned long long)UINT64_MAX);
    return v;
}

static void set_interleave(const struct argp_state *state, struct vtd_tenant_choice *c, const char *text)
{
    char *end = NULL;
    c->interleave = text;
    if (strcmp(text, "round-robin") == 0) {
        c->spec.interleave = VTD_INTERLEAVE_ROUND_ROBIN;
    } else if (strcmp(text, "random") == 0) {
        c->spec.interleave = VTD_INTERLEAVE_RANDOM;
    } else if (strncmp(text, "zipf:", 5) == 0) {
        c->spec.interleave = VTD_INTERLEAVE_ZIPF;
        c->spec.s = strtod(text + 5, &end);
        if (!text[5] || *end || !(c->spec.s >= 0 && c->spec.s <= 10))
            argp_error(state, "--interleave %s: want zipf:S with S from 0 to 10", text);
    } else {
        argp_error(state, "--interleave %s: want round-robin, random or zipf:S", text);
    }
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    static const char *const id_names[] = {"pasid", "sid", NULL};
    struct vtd_tenant_choice *c = state->input;
    uint64_t v;
    c->given = c->given || (key >= OPT_TENANTS && key <= OPT_SEED);
    switch (key) {
    case OPT_TENANTS:
        v = vtd_option_count(state, "tenants", argument, 1);
        c->spec.count = v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
        return 0;
    case OPT_INTERLEAVE:
        set_interleave(state, c, argument);
        return 0;
    case OPT_TENANT_ID:
        c->spec.id = vtd_option_choice(state, "tenant-id", argument, id_names);
        return 0;
    case OPT_SEED:
        c->spec.seed = vtd_option_count(state, "seed", argument, 0);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp vtd_tenant_options = {.options = options, .parser = parse_option};
