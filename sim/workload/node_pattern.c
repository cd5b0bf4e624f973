/* SPDX-License-Identifier: MIT */
/* Leaf "pattern": single accesses to pages, uniform, in order, by stride or by popularity. See node.h. */
#include "node.h"

struct state {
    struct vtd_random random;
    uint64_t position;
    uint64_t unmap_page; /* plus 1: it is unmapped next; 0: nothing is */
    uint32_t since_unmap, collected;
};

static int finish(struct vtd_node *n, char *why)
{
    if (vtd_node_check_range(n, n->pages, why) != 0)
        return -1;
    if (n->pattern == VTD_NODE_ZIPF && !vtd_zipf_init(&n->zipf, (uint32_t)n->pages, n->s))
        return vtd_node_refuse(why, "out of memory");
    n->has_pasid = n->pasid != 0;
    return vtd_node_lay_out(n, sizeof(struct state), 1, why);
}

static void begin(const struct vtd_node *n, void *state, uint64_t seed)
{
    (void)n;
    *(struct state *)state = (struct state){.random = {.state = seed}};
}

static uint64_t next_page(const struct vtd_node *n, struct state *s)
{
    uint64_t page;
    switch (n->pattern) {
    case VTD_NODE_UNIFORM:
        return vtd_random_below(&s->random, n->pages);
    case VTD_NODE_ZIPF:
        return vtd_zipf_next(&s->random, &n->zipf);
    case VTD_NODE_SEQUENTIAL:
        page = s->position;
        s->position = page + 1 < n->pages ? page + 1 : 0;
        return page;
    default:
        page = s->position;
        s->position = (page + n->stride) % n->pages;
        return page;
    }
}

static bool unmap_next(const struct vtd_node *n, struct state *s, struct vtd_record *r)
{
    *r = (struct vtd_record){
        .kind = VTD_RECORD_UNMAP_ALL,
        .sid = (uint16_t)n->sid,
        .has_pasid = n->has_pasid,
        .pasid = (uint32_t)n->pasid,
    };
    if (n->unmap == VTD_NODE_UNMAP_STRICT) {
        r->kind = VTD_RECORD_UNMAP;
        r->iova = n->first + (s->unmap_page - 1) * 4096;
        r->pages = 1;
    }
    s->unmap_page = 0;
    return false;
}

/* Counts an access; is its page, or all that was collected, unmapped now? */
static bool counts_as_unmap(const struct vtd_node *n, struct state *s)
{
    if (++s->since_unmap < n->unmap_every)
        return false;
    s->since_unmap = 0;
    if (n->unmap == VTD_NODE_UNMAP_LAZY && ++s->collected < n->unmap_batch)
        return false;
    s->collected = 0;
    return true;
}

static bool next(const struct vtd_node *n, void *state, struct vtd_record *r)
{
    struct state *s = state;
    if (s->unmap_page)
        return unmap_next(n, s, r);
    const uint64_t page = next_page(n, s);
    const bool write = vtd_random_below(&s->random, 100) < n->writes;
    *r = (struct vtd_record){
        .iova = n->first + page * 4096,
        .sid = (uint16_t)n->sid,
        .len = (uint16_t)n->len,
        .kind = write ? VTD_RECORD_WRITE : VTD_RECORD_READ,
        .has_pasid = n->has_pasid,
        .pasid = (uint32_t)n->pasid,
    };
    if (n->unmap == VTD_NODE_UNMAP_NEVER || !counts_as_unmap(n, s))
        return false;
    s->unmap_page = page + 1;
    return true;
}

const struct vtd_node_ops vtd_node_pattern_ops = {.finish = finish, .begin = begin, .next = next};
