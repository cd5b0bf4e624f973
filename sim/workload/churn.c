/* SPDX-License-Identifier: MIT */
/*
 * Tenants that come and go: after every so many accesses the one that has lived longest ends. Its domain is detached
 * and torn down, and another tenant begins in its place, with the same PASID or the one that has been free longest.
 */
#include "turns.h"

void vtd_churn_begin(const struct vtd_node *n, void *state)
{
    uint32_t *pool = vtd_turns_pool(state);
    for (uint64_t i = 0; n->churn_next && i < n->pasid_pool; i++)
        pool[i] = (uint32_t)(n->first_pasid + i);
}

static bool is_busy(const struct vtd_node *n, const struct vtd_turns *s, uint32_t tenant)
{
    for (uint64_t i = 0; i < n->parallel; i++)
        if (s->turn[i].left && s->turn[i].tenant == tenant)
            return true;
    return false;
}

bool vtd_churn_is_due(const struct vtd_node *n, struct vtd_turns *s)
{
    if (n->churn == 0 || s->since_churn < n->churn)
        return false;
    for (uint64_t i = 0; i < n->size && i <= VTD_TURNS_MAX; i++) {
        if (!is_busy(n, s, s->victim)) {
            s->since_churn -= n->churn;
            s->ending = (uint32_t)n->sid_count;
            return true;
        }
        s->victim = s->victim + 1 < n->size ? s->victim + 1 : 0;
    }
    return false;
}

/* The victim's PASID goes to the end of the queue of free ones, the first of which is the new tenant's. */
static void change_pasid(const struct vtd_node *n, struct vtd_turns *s, uint32_t *pool)
{
    uint32_t *free = &pool[n->size + s->free];
    const uint32_t old = pool[s->victim];
    pool[s->victim] = *free;
    *free = old;
    s->free = s->free + 1 < n->pasid_pool - n->size ? s->free + 1 : 0;
}

bool vtd_churn_next(const struct vtd_node *n, void *state, struct vtd_record *r)
{
    struct vtd_turns *s = state;
    *r = (struct vtd_record){.kind = VTD_RECORD_DETACH, .sid = n->sids[n->sid_count - s->ending]};
    vtd_turns_label(n, state, s->victim, r);
    if (--s->ending)
        return true;
    if (n->churn_next)
        change_pasid(n, s, vtd_turns_pool(state));
    n->child[0]->ops->begin(n->child[0], vtd_turns_tenant(n, state, s->victim),
                            vtd_node_seed(s->random.state ^ n->size, s->births++));
    s->victim = s->victim + 1 < n->size ? s->victim + 1 : 0;
    return false;
}
