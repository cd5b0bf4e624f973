/* SPDX-License-Identifier: MIT */
/* Node "mix": several streams at once, each with a weight, or each with times of its own. See node.h. */
#include "node.h"

struct pending {
    struct vtd_record record;
    uint64_t more;
};

struct state {
    struct vtd_random random;
    uint32_t member; /* whose record was the last */
    bool more;       /* its next one belongs to it */
};

/* Members with times: the next record of each is behind the state, so that the earliest can be chosen. */
static struct pending *pending_of(void *state)
{
    return (struct pending *)((char *)state + sizeof(struct state));
}

static int finish(struct vtd_node *n, char *why)
{
    const size_t head = sizeof(struct state);
    double weight[VTD_NODE_MEMBERS_MAX], sum = 0;
    for (size_t i = 0; i < n->children; i++) {
        weight[i] = n->weight[i] < 0 ? 1 : n->weight[i];
        sum += weight[i];
        if (n->child[0]->timed && n->weight[i] >= 0)
            return vtd_node_refuse(why, "members with a rate have no weight");
    }
    if (sum <= 0)
        return vtd_node_refuse(why, "all weights are 0");
    if (!vtd_alias_make(n->alias, weight, (uint32_t)n->children))
        return vtd_node_refuse(why, "out of memory");
    return vtd_node_lay_out(n, n->child[0]->timed ? head + n->children * sizeof(struct pending) : head, 1, why);
}

static void take(const struct vtd_node *n, void *state, size_t member)
{
    const struct vtd_node *c = n->child[member];
    struct pending *p = &pending_of(state)[member];
    p->more = c->ops->next(c, (char *)state + n->offset[member], &p->record);
}

static void begin(const struct vtd_node *n, void *state, uint64_t seed)
{
    *(struct state *)state = (struct state){.random = {.state = vtd_node_seed(seed, UINT32_MAX)}};
    for (size_t i = 0; i < n->children; i++) {
        n->child[i]->ops->begin(n->child[i], (char *)state + n->offset[i], vtd_node_seed(seed, i));
        if (n->timed)
            take(n, state, i);
    }
}

/* The earliest; among equals the first of the list. */
static bool next_by_time(const struct vtd_node *n, void *state, struct vtd_record *r)
{
    struct state *s = state;
    struct pending *p = pending_of(state);
    if (!s->more) {
        s->member = 0;
        for (uint32_t i = 1; i < n->children; i++)
            if (p[i].record.time_ns < p[s->member].record.time_ns)
                s->member = i;
    }
    *r = p[s->member].record;
    s->more = p[s->member].more;
    take(n, state, s->member);
    return s->more;
}

static bool next(const struct vtd_node *n, void *state, struct vtd_record *r)
{
    struct state *s = state;
    if (n->timed)
        return next_by_time(n, state, r);
    if (!s->more)
        s->member = vtd_alias_draw(&s->random, n->alias, (uint32_t)n->children);
    const struct vtd_node *c = n->child[s->member];
    s->more = c->ops->next(c, (char *)state + n->offset[s->member], r);
    return s->more;
}

const struct vtd_node_ops vtd_node_mix_ops = {.finish = finish, .begin = begin, .next = next};
