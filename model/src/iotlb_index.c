/* SPDX-License-Identifier: MIT */
/* Chains of IOTLB entries by page. See iotlb_index.h. */
#include "iotlb_index.h"

/* Chains: a power of two, at least as many as entries. */
static uint32_t chains(uint32_t entries)
{
    uint32_t n = 1;
    while (n < entries)
        n *= 2;
    return n;
}

size_t vtd_iotlb_index_bytes(uint32_t entries)
{
    return entries ? ((size_t)entries + 1) * sizeof(struct iotlb_link) + chains(entries) * sizeof(uint32_t) : 0;
}

void vtd_iotlb_index_init(struct iotlb_index *x, uint32_t entries, void *memory)
{
    x->link = memory;
    x->head = (uint32_t *)(x->link + entries + 1);
    x->mask = entries ? chains(entries) - 1 : 0;
}

static void unlink_slot(struct iotlb_index *x, struct iotlb_link *l)
{
    if (l->prev & IOTLB_LINK_HEAD)
        x->head[l->prev & ~IOTLB_LINK_HEAD] = l->next;
    else
        x->link[l->prev].next = l->next;
    if (l->next)
        x->link[l->next].prev = l->prev;
}

void vtd_iotlb_index_filled(struct iotlb_index *x, uint32_t i, uint64_t block, unsigned size_class)
{
    struct iotlb_link *l = &x->link[i + 1];
    const uint32_t chain = iotlb_index_chain(block, size_class, x->mask);
    if (l->prev == (IOTLB_LINK_HEAD | chain))
        return;
    if (l->prev)
        unlink_slot(x, l);
    l->next = x->head[chain];
    l->prev = IOTLB_LINK_HEAD | chain;
    if (l->next)
        x->link[l->next].prev = i + 1;
    x->head[chain] = i + 1;
}
