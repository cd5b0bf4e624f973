/* SPDX-License-Identifier: MIT */
/* Leaf "trace": the records of a trace, again from the first when it is at its end. See node.h. */
#define _POSIX_C_SOURCE 200809L

#include "node.h"

#include <sys/stat.h>

struct state {
    uint64_t position, offset; /* offset: of times, after the first round */
};

static int finish(struct vtd_node *n, char *why)
{
    struct stat s;
    if (stat(n->file, &s) != 0 || !S_ISREG(s.st_mode))
        return vtd_node_refuse(why, "trace: %.120s is no file", n->file);
    if (vtd_trace_load(&n->trace, n->file, why) != 0)
        return -1;
    if (n->trace.accesses == 0)
        return vtd_node_refuse(why, "trace: %.120s holds no access", n->file);
    for (size_t i = 0; i < n->trace.count; i++)
        n->has_pasid = n->has_pasid || n->trace.record[i].has_pasid;
    const bool has_pasid = n->has_pasid;
    if (vtd_node_lay_out(n, sizeof(struct state), 1, why) != 0)
        return -1;
    n->has_pasid = has_pasid;
    n->timed = n->times;
    return 0;
}

static void begin(const struct vtd_node *n, void *state, uint64_t seed)
{
    (void)n;
    (void)seed;
    *(struct state *)state = (struct state){0};
}

static bool next(const struct vtd_node *n, void *state, struct vtd_record *r)
{
    struct state *s = state;
    *r = n->trace.record[s->position++];
    const uint64_t time = r->time_ns;
    r->time_ns = n->timed ? time + s->offset : 0;
    if (s->position < n->trace.count)
        return !vtd_record_is_access(&n->trace.record[s->position]);
    s->position = 0;
    s->offset += time;
    return false;
}

const struct vtd_node_ops vtd_node_trace_ops = {.finish = finish, .begin = begin, .next = next};
