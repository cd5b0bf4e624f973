/* SPDX-License-Identifier: MIT */
/* A node with "rate": its requests get arrival times, at equal distances or as a Poisson process. See node.h. */
#include "node.h"
#include "steady_math.h"
#include "trace_item.h"

struct state {
    struct vtd_random random;
    uint64_t ns;
    uint32_t fraction; /* of a nanosecond, times 2^32 */
};

static int finish(struct vtd_node *n, char *why)
{
    if (n->child[0]->timed)
        return vtd_node_refuse(why, "rate: what it belongs to has times already");
    const double gap = 1e9 / n->rate;
    n->gap_ns = (uint64_t)gap;
    n->gap_fraction = (uint32_t)((gap - (double)n->gap_ns) * 0x1p32);
    if (vtd_node_lay_out(n, sizeof(struct state), 1, why) != 0)
        return -1;
    n->timed = true;
    return 0;
}

static void begin(const struct vtd_node *n, void *state, uint64_t seed)
{
    *(struct state *)state = (struct state){.random = {.state = vtd_node_seed(seed, 1)}};
    n->child[0]->ops->begin(n->child[0], (char *)state + n->offset[0], seed);
}

/* Times end where traces can say them no more. */
static void go_on(struct state *s, uint64_t ns, uint32_t fraction)
{
    const uint32_t sum = s->fraction + fraction;
    s->ns += ns + (sum < fraction);
    s->fraction = sum;
    if (s->ns > VTD_ITEM_TIME_MAX)
        s->ns = VTD_ITEM_TIME_MAX;
}

/* The next gap of a Poisson process is exponential. */
static void go_on_at_random(struct state *s, double rate)
{
    const double u = (double)((vtd_random_next(&s->random) >> 11) + 1) * 0x1p-53; /* in (0, 1] */
    const double gap = -vtd_steady_log(u) * (1e9 / rate);
    const uint64_t ns = (uint64_t)gap;
    go_on(s, ns, (uint32_t)((gap - (double)ns) * 0x1p32));
}

static bool next(const struct vtd_node *n, void *state, struct vtd_record *r)
{
    struct state *s = state;
    const bool more = n->child[0]->ops->next(n->child[0], (char *)state + n->offset[0], r);
    if (vtd_record_is_access(r)) {
        if (n->poisson)
            go_on_at_random(s, n->rate);
        else
            go_on(s, n->gap_ns, n->gap_fraction);
    }
    r->time_ns = s->ns;
    return more;
}

const struct vtd_node_ops vtd_node_clock_ops = {.finish = finish, .begin = begin, .next = next};
