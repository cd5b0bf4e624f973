/* SPDX-License-Identifier: MIT */
/* The state of tenants of a described workload, shared by whose turn it is (node_tenants.c) and who ends (churn.c). */
#ifndef VTD_WORKLOAD_TURNS_H
#define VTD_WORKLOAD_TURNS_H

#include "node.h"

/* Turns that go on at once: each works off the burst of its tenant. */
#define VTD_TURNS_MAX 16

struct vtd_turn {
    uint32_t tenant;
    uint32_t left; /* accesses of the burst */
};

/* Behind it: with churn-pasid next, pasid_pool PASIDs; then the states of the tenants. */
struct vtd_turns {
    struct vtd_random random;
    uint64_t births;      /* for seeds of those that come */
    uint64_t since_churn; /* accesses since a tenant ended */
    uint32_t round_robin; /* whose turn is next */
    uint32_t slot;        /* the turn that goes on */
    uint32_t victim;      /* the one that ends next */
    uint32_t free;        /* pool: the free PASID that is given next, counted from n->size */
    uint32_t ending;      /* devices of the victim that it still has to leave */
    bool more;            /* the next record belongs to the last one */
    struct vtd_turn turn[VTD_TURNS_MAX];
};

/* PASIDs in use, by tenant, and then those that are free, in order of their release from s->free on. */
static inline uint32_t *vtd_turns_pool(void *state)
{
    return (uint32_t *)((char *)state + sizeof(struct vtd_turns));
}

static inline void *vtd_turns_tenant(const struct vtd_node *n, void *state, uint32_t tenant)
{
    return (char *)state + n->offset[0] + tenant * n->child[0]->state;
}

/* Gives a record of a tenant its PASID, or a device of its own. */
static inline void vtd_turns_label(const struct vtd_node *n, void *state, uint32_t tenant, struct vtd_record *r)
{
    if (n->by_sid) {
        r->sid = (uint16_t)(n->first_sid + tenant * n->sid_count + n->sid_index[r->sid]);
        return;
    }
    r->has_pasid = true;
    r->pasid = n->churn_next ? vtd_turns_pool(state)[tenant] : (uint32_t)n->first_pasid + tenant;
}

/* ---- churn.c ---- */

/* All PASIDs of the pool where they are at the beginning. */
void vtd_churn_begin(const struct vtd_node *n, void *state);

/* Has the time come for a tenant to end, and is there one that is not in the middle of a burst? */
bool vtd_churn_is_due(const struct vtd_node *n, struct vtd_turns *s);

/* The victim leaves its next device; with the last one another tenant takes its place. Returns true when it has more. */
bool vtd_churn_next(const struct vtd_node *n, void *state, struct vtd_record *r);

#endif
