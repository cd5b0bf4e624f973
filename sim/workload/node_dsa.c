/* SPDX-License-Identifier: MIT */
/*
 * Leaf "dsa": one process that has an accelerator copy pages, as Intel's Data Streaming Accelerator does. Each descriptor
 * reads a source page, writes a destination page and writes a completion record of 32 bytes. The descriptor itself
 * comes through the portal of a shared work queue and is not read from memory; many processes that submit to one
 * device are tenants with a burst of 3. See node.h.
 */
#include "node.h"

#define COMPLETION_BYTES 32u
#define COMPLETIONS      128u /* as many as fit on a page */

struct state {
    struct vtd_random random;
    uint64_t position; /* descriptors so far */
    uint32_t step;
};

/* Areas: completions, sources, destinations. */
static int finish(struct vtd_node *n, char *why)
{
    n->area[0] = n->first + 4096;
    n->area[1] = n->area[0] + n->size * 4096;
    n->has_pasid = n->pasid != 0;
    if (vtd_node_check_range(n, 1 + 2 * n->size, why) != 0)
        return -1;
    return vtd_node_lay_out(n, sizeof(struct state), 1, why);
}

static void begin(const struct vtd_node *n, void *state, uint64_t seed)
{
    (void)n;
    *(struct state *)state = (struct state){.random = {.state = seed}};
}

static uint64_t page_of(const struct vtd_node *n, struct state *s)
{
    return n->random_order ? vtd_random_below(&s->random, n->size) : s->position % n->size;
}

static bool next(const struct vtd_node *n, void *state, struct vtd_record *r)
{
    struct state *s = state;
    *r = (struct vtd_record){
        .sid = (uint16_t)n->sid,
        .has_pasid = n->has_pasid,
        .pasid = (uint32_t)n->pasid,
        .len = (uint16_t)n->len,
    };
    switch (s->step) {
    case 0:
        r->kind = VTD_RECORD_READ;
        r->iova = n->area[0] + page_of(n, s) * 4096;
        break;
    case 1:
        r->kind = VTD_RECORD_WRITE;
        r->iova = n->area[1] + page_of(n, s) * 4096;
        break;
    default:
        r->kind = VTD_RECORD_WRITE;
        r->iova = n->first + s->position % COMPLETIONS * COMPLETION_BYTES;
        r->len = COMPLETION_BYTES;
        s->position++;
        break;
    }
    s->step = s->step == 2 ? 0 : s->step + 1;
    return false;
}

const struct vtd_node_ops vtd_node_dsa_ops = {.finish = finish, .begin = begin, .next = next};
