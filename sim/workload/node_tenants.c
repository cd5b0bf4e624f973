/* SPDX-License-Identifier: MIT */
/*
 * Node "tenants": the same kind of stream for many, each with a PASID or devices of its own, who take turns of so many
 * accesses. See node.h, turns.h.
 */
#include "turns.h"

#include <stdlib.h>

/* From so many tenants on, whoever comes so many turns later is fetched from memory. */
#define MANY_TENANTS 8192u
#define TURNS_AHEAD  24u

/* The devices of a tenant, and the place of each among them. */
static int list_sids(struct vtd_node *n, char *why)
{
    uint8_t seen[0x10000 / 8] = {0};
    vtd_node_mark_sids(n->child[0], seen);
    n->sids = malloc(0x10000 * sizeof *n->sids);
    n->sid_index = calloc(0x10000, sizeof *n->sid_index);
    if (!n->sids || !n->sid_index)
        return vtd_node_refuse(why, "out of memory");
    for (unsigned sid = 0; sid < 0x10000; sid++)
        if (seen[sid / 8] >> sid % 8 & 1) {
            n->sid_index[sid] = (uint16_t)n->sid_count;
            n->sids[n->sid_count++] = (uint16_t)sid;
        }
    return 0;
}

static int check_pasids(struct vtd_node *n, char *why)
{
    if (n->child[0]->has_pasid)
        return vtd_node_refuse(why, "tenants have a PASID each, but what is below has PASIDs already");
    if (n->first_pasid + n->size - 1 > 0xfffff)
        return vtd_node_refuse(why, "more tenants than PASIDs: the last one would be above 1048575");
    if (!n->churn_next)
        return 0;
    if (n->pasid_pool == 0)
        n->pasid_pool = n->first_pasid + 2 * n->size - 1 > 0xfffff ? 0x100000 - n->first_pasid : 2 * n->size;
    if (n->pasid_pool <= n->size || n->first_pasid + n->pasid_pool - 1 > 0xfffff)
        return vtd_node_refuse(why, "pasid-pool: there must be more PASIDs than tenants, up to 1048575");
    return 0;
}

static int check(struct vtd_node *n, char *why)
{
    if (n->child[0]->timed)
        return vtd_node_refuse(why, "what tenants do has no rate of its own: give the tenants the rate of all");
    if (!n->churn && (n->churn_next || n->pasid_pool))
        return vtd_node_refuse(why, "churn-pasid and pasid-pool are for tenants with churn");
    if (n->pasid_pool && !n->churn_next)
        return vtd_node_refuse(why, "pasid-pool is for churn-pasid: next");
    if (!n->by_sid)
        return check_pasids(n, why);
    if (n->churn_next)
        return vtd_node_refuse(why, "churn-pasid: next is for tenants with PASIDs");
    if (n->first_sid + n->size * n->sid_count > 0x10000)
        return vtd_node_refuse(why, "more tenants times devices than source-ids (65536)");
    return 0;
}

static int finish(struct vtd_node *n, char *why)
{
    if (list_sids(n, why) != 0 || check(n, why) != 0)
        return -1;
    if (n->interleave == VTD_NODE_ZIPF_TURNS && !vtd_zipf_init(&n->zipf, (uint32_t)n->size, n->s))
        return vtd_node_refuse(why, "out of memory");
    const size_t pool = n->churn_next ? n->pasid_pool * sizeof(uint32_t) : 0;
    if (vtd_node_lay_out(n, sizeof(struct vtd_turns) + pool, n->size, why) != 0)
        return -1;
    n->has_pasid = n->has_pasid || !n->by_sid;
    return 0;
}

static void begin(const struct vtd_node *n, void *state, uint64_t seed)
{
    *(struct vtd_turns *)state = (struct vtd_turns){.random = {.state = seed}, .births = n->size};
    vtd_churn_begin(n, state);
    for (uint32_t i = 0; i < n->size; i++)
        n->child[0]->ops->begin(n->child[0], vtd_turns_tenant(n, state, i), vtd_node_seed(seed, i));
}

static uint32_t choose(const struct vtd_node *n, void *state)
{
    struct vtd_turns *s = state;
    uint32_t tenant;
    switch (n->interleave) {
    case VTD_NODE_ROUND_ROBIN:
        tenant = s->round_robin;
        s->round_robin = tenant + 1 < n->size ? tenant + 1 : 0;
        return tenant;
    case VTD_NODE_RANDOM:
        if (n->size >= MANY_TENANTS)
            __builtin_prefetch(
                vtd_turns_tenant(n, state, (uint32_t)vtd_random_below_later(&s->random, n->size, TURNS_AHEAD)), 1);
        return (uint32_t)vtd_random_below(&s->random, n->size);
    default:
        return vtd_zipf_next(&s->random, &n->zipf);
    }
}

static bool next(const struct vtd_node *n, void *state, struct vtd_record *r)
{
    struct vtd_turns *s = state;
    if (s->ending)
        return vtd_churn_next(n, state, r);
    struct vtd_turn *turn = &s->turn[s->slot];
    if (!s->more && turn->left == 0) {
        if (vtd_churn_is_due(n, s))
            return vtd_churn_next(n, state, r);
        turn->tenant = choose(n, state);
        turn->left = (uint32_t)n->burst;
    }
    s->more = n->child[0]->ops->next(n->child[0], vtd_turns_tenant(n, state, turn->tenant), r);
    vtd_turns_label(n, state, turn->tenant, r);
    if (vtd_record_is_access(r)) {
        turn->left--;
        s->since_churn++;
    }
    if (!s->more)
        s->slot = s->slot + 1 < n->parallel ? s->slot + 1 : 0;
    return s->more;
}

const struct vtd_node_ops vtd_node_tenants_ops = {.finish = finish, .begin = begin, .next = next};
