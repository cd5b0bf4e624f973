/* SPDX-License-Identifier: MIT */
/* What all nodes of described workloads share. See node.h. */
#include "node.h"

#include "vtd/vtd.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Where pages begin unless told otherwise: behind the interrupt range, inside of every address width. */
#define FIRST_ADDRESS 0x100000000ull
#define LAST_ADDRESS  0x7fffffffffffull

struct vtd_node *vtd_node_new(enum vtd_node_kind kind)
{
    static const struct vtd_node_ops *const ops[VTD_NODE_KINDS] = {
        [VTD_NODE_PATTERN] = &vtd_node_pattern_ops, [VTD_NODE_RING] = &vtd_node_ring_ops,
        [VTD_NODE_DSA] = &vtd_node_dsa_ops,         [VTD_NODE_TRACE] = &vtd_node_trace_ops,
        [VTD_NODE_TENANTS] = &vtd_node_tenants_ops, [VTD_NODE_PHASES] = &vtd_node_phases_ops,
        [VTD_NODE_MIX] = &vtd_node_mix_ops,         [VTD_NODE_CLOCK] = &vtd_node_clock_ops,
    };
    struct vtd_node *n = calloc(1, sizeof *n);
    if (!n)
        return NULL;
    n->ops = ops[kind];
    n->kind = kind;
    n->pages = kind == VTD_NODE_RING ? 0 : 4096;
    n->first = FIRST_ADDRESS;
    n->stride = 8;
    n->s = kind == VTD_NODE_TENANTS ? 1 : 0.8;
    n->writes = kind == VTD_NODE_RING ? 100 : 50;
    n->len = kind == VTD_NODE_PATTERN ? 64 : 4096;
    n->sid = 0x0010;
    n->unmap_every = n->buffer_pages = n->burst = n->parallel = n->first_pasid = 1;
    n->unmap_batch = 256;
    n->descriptor = n->completion = 16;
    return n;
}

void vtd_node_free(struct vtd_node *n)
{
    if (!n)
        return;
    for (size_t i = 0; i < n->children; i++)
        vtd_node_free(n->child[i]);
    free(n->child);
    free(n->offset);
    free(n->file);
    free(n->sids);
    free(n->sid_index);
    vtd_zipf_fini(&n->zipf);
    vtd_trace_free(&n->trace);
    free(n);
}

int vtd_node_add(struct vtd_node *parent, struct vtd_node *child)
{
    struct vtd_node **bigger = realloc(parent->child, (parent->children + 1) * sizeof *bigger);
    if (!bigger) {
        vtd_node_free(child);
        return -1;
    }
    parent->child = bigger;
    parent->child[parent->children++] = child;
    return 0;
}

int vtd_node_refuse(char *why, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(why, VTD_WHY_SIZE, format, list);
    va_end(list);
    return -1;
}

int vtd_node_lay_out(struct vtd_node *n, size_t head, uint64_t copies, char *why)
{
    n->state = (head + 7) & ~(size_t)7;
    n->offset = calloc(n->children ? n->children : 1, sizeof *n->offset);
    if (!n->offset)
        return vtd_node_refuse(why, "out of memory");
    for (size_t i = 0; i < n->children; i++) {
        const struct vtd_node *c = n->child[i];
        if (n->state > VTD_NODE_STATE_MAX || c->state > (VTD_NODE_STATE_MAX - n->state) / copies)
            return vtd_node_refuse(why, "the streams of this workload would need more than 4 GiB of memory");
        if (c->timed != n->child[0]->timed)
            return vtd_node_refuse(why, "some members have a rate and others have none");
        n->offset[i] = n->state;
        n->state += c->state * copies;
        n->timed = c->timed;
        n->has_pasid = n->has_pasid || c->has_pasid;
    }
    return 0;
}

static void mark(uint8_t *seen, uint64_t sid)
{
    seen[sid / 8] = (uint8_t)(seen[sid / 8] | 1u << sid % 8);
}

void vtd_node_mark_sids(const struct vtd_node *n, uint8_t seen[0x10000 / 8])
{
    if (n->kind == VTD_NODE_TENANTS && n->by_sid) {
        for (uint64_t i = 0; i < n->size * n->sid_count; i++)
            mark(seen, n->first_sid + i);
        return;
    }
    for (size_t i = 0; i < n->children; i++)
        vtd_node_mark_sids(n->child[i], seen);
    for (size_t i = 0; i < n->trace.count; i++)
        mark(seen, n->trace.record[i].sid);
    if (!n->children && n->kind != VTD_NODE_TRACE)
        mark(seen, n->sid);
}

int vtd_node_check_range(const struct vtd_node *n, uint64_t pages, char *why)
{
    const uint64_t end = n->first + pages * 4096; /* pages are few enough not to overflow: see node_keys.c */
    if (n->first % 4096)
        return vtd_node_refuse(why, "first: 0x%llx is no multiple of 4096", (unsigned long long)n->first);
    if (end > LAST_ADDRESS)
        return vtd_node_refuse(why, "the pages end at 0x%llx, beyond 0x%llx", (unsigned long long)end, LAST_ADDRESS);
    if (n->first < 0xfef00000 && end > 0xfee00000)
        return vtd_node_refuse(why, "the pages include the interrupt range, 0xfee00000 to 0xfeefffff: see first");
    return 0;
}
