/* SPDX-License-Identifier: MIT */
/*
 * Leaf "ring": a device works through a ring of descriptors, as network cards and NVMe controllers do. For each it
 * reads the descriptor, reads or writes the pages of its buffer, and writes its completion; then the head goes on, from the
 * last descriptor to the first. See node.h.
 */
#include "node.h"

struct state {
    struct vtd_random random;
    uint32_t head;      /* the descriptor that is worked on */
    uint32_t step;      /* 0: its descriptor is next; then the pages of its buffer, the completion, the unmap */
    uint32_t buffer;    /* its buffer */
    uint32_t sequence;  /* buffers in order: the next one */
    uint32_t collected; /* buffers to be unmapped, lazily */
    bool write;         /* the buffer is written */
};

static uint64_t pages_for(uint64_t bytes)
{
    return (bytes + 4095) / 4096;
}

/* Areas: descriptors, completions (unless they are written into the descriptors), buffers. */
static int finish(struct vtd_node *n, char *why)
{
    if (n->descriptor & (n->descriptor - 1) || n->completion & (n->completion - 1))
        return vtd_node_refuse(why, "sizes of descriptors and completions must be powers of two");
    if (n->pages == 0)
        n->pages = n->size * n->buffer_pages;
    if (n->pages % n->buffer_pages)
        return vtd_node_refuse(why, "pages must be a multiple of buffer-pages (%llu)",
                               (unsigned long long)n->buffer_pages);
    const uint64_t descriptors = pages_for(n->size * n->descriptor), completions = pages_for(n->size * n->completion);
    n->area[0] = n->first + descriptors * 4096;
    n->area[1] = n->area[0] + completions * 4096;
    n->has_pasid = n->pasid != 0;
    if (vtd_node_check_range(n, descriptors + completions + n->pages, why) != 0)
        return -1;
    return vtd_node_lay_out(n, sizeof(struct state), 1, why);
}

static void begin(const struct vtd_node *n, void *state, uint64_t seed)
{
    (void)n;
    *(struct state *)state = (struct state){.random = {.state = seed}};
}

static void access(struct vtd_record *r, bool write, uint64_t iova, uint64_t len)
{
    r->kind = write ? VTD_RECORD_WRITE : VTD_RECORD_READ;
    r->iova = iova;
    r->len = (uint16_t)len;
}

static void take_descriptor(const struct vtd_node *n, struct state *s, struct vtd_record *r)
{
    const uint32_t buffers = (uint32_t)(n->pages / n->buffer_pages);
    access(r, false, n->first + s->head * n->descriptor, n->descriptor);
    s->write = vtd_random_below(&s->random, 100) < n->writes;
    if (n->random_order) {
        s->buffer = (uint32_t)vtd_random_below(&s->random, buffers);
    } else {
        s->buffer = s->sequence;
        s->sequence = s->sequence + 1 < buffers ? s->sequence + 1 : 0;
    }
}

static bool complete(const struct vtd_node *n, struct state *s, struct vtd_record *r)
{
    if (n->completion)
        access(r, true, n->area[0] + s->head * n->completion, n->completion);
    else
        access(r, true, n->first + s->head * n->descriptor, n->descriptor);
    s->head = s->head + 1 < n->size ? s->head + 1 : 0;
    bool unmap = n->unmap == VTD_NODE_UNMAP_STRICT;
    if (n->unmap == VTD_NODE_UNMAP_LAZY && ++s->collected == n->unmap_batch) {
        s->collected = 0;
        unmap = true;
    }
    s->step = unmap ? s->step + 1 : 0;
    return unmap;
}

static bool next(const struct vtd_node *n, void *state, struct vtd_record *r)
{
    struct state *s = state;
    *r = (struct vtd_record){.sid = (uint16_t)n->sid, .has_pasid = n->has_pasid, .pasid = (uint32_t)n->pasid};
    const uint64_t buffer = n->area[1] + s->buffer * n->buffer_pages * 4096;
    if (s->step == 0) {
        take_descriptor(n, s, r);
    } else if (s->step <= n->buffer_pages) {
        access(r, s->write, buffer + (s->step - 1) * 4096ull, n->len);
    } else if (s->step == n->buffer_pages + 1) {
        return complete(n, s, r);
    } else {
        r->kind = n->unmap == VTD_NODE_UNMAP_STRICT ? VTD_RECORD_UNMAP : VTD_RECORD_UNMAP_ALL;
        r->iova = n->unmap == VTD_NODE_UNMAP_STRICT ? buffer : 0;
        r->pages = n->unmap == VTD_NODE_UNMAP_STRICT ? (uint32_t)n->buffer_pages : 0;
        s->step = 0;
        return false;
    }
    s->step++;
    return false;
}

const struct vtd_node_ops vtd_node_ring_ops = {.finish = finish, .begin = begin, .next = next};
