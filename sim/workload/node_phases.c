/* SPDX-License-Identifier: MIT */
/* Node "phases": one stream after the other, each for a number of requests. See node.h. */
#include "node.h"

/* Streams stop while it is not their turn; their clocks stop, too, so times are moved on by what the others took. */
struct state {
    uint64_t left; /* requests of this phase */
    uint64_t time; /* of the last record */
    uint64_t phase;
    uint64_t last[VTD_NODE_MEMBERS_MAX]; /* time of the last record of each, by its own clock */
};

static int finish(struct vtd_node *n, char *why)
{
    return vtd_node_lay_out(n, sizeof(struct state), 1, why);
}

static void begin(const struct vtd_node *n, void *state, uint64_t seed)
{
    *(struct state *)state = (struct state){.left = n->requests[0]};
    for (size_t i = 0; i < n->children; i++)
        n->child[i]->ops->begin(n->child[i], (char *)state + n->offset[i], vtd_node_seed(seed, i));
}

static void change(const struct vtd_node *n, struct state *s)
{
    if (s->phase + 1 == n->children && n->stay) {
        s->left = UINT64_MAX;
        return;
    }
    s->phase = s->phase + 1 < n->children ? s->phase + 1 : 0;
    s->left = n->requests[s->phase];
}

static bool next(const struct vtd_node *n, void *state, struct vtd_record *r)
{
    struct state *s = state;
    const struct vtd_node *c = n->child[s->phase];
    const bool more = c->ops->next(c, (char *)state + n->offset[s->phase], r);
    const uint64_t own = r->time_ns;
    r->time_ns = s->time += own - s->last[s->phase];
    s->last[s->phase] = own;
    s->left -= vtd_record_is_access(r);
    if (s->left == 0 && !more)
        change(n, s);
    return more;
}

const struct vtd_node_ops vtd_node_phases_ops = {.finish = finish, .begin = begin, .next = next};
