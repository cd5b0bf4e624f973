/* SPDX-License-Identifier: MIT */
/* A cache of mapped pages. See known_pages.h. */
#include "known_pages.h"

#include "platform/table_memory.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS_MIN ((size_t)1 << 10)
#define BUCKETS_MAX ((size_t)1 << 20)

static struct vtd_known_bucket *make(size_t buckets)
{
    return vtd_table_alloc(buckets * sizeof(struct vtd_known_bucket));
}

bool vtd_known_pages_init(struct vtd_known_pages *k)
{
    *k = (struct vtd_known_pages){.bucket = make(BUCKETS_MIN), .mask = BUCKETS_MIN - 1};
    return k->bucket;
}

void vtd_known_pages_fini(struct vtd_known_pages *k)
{
    free(k->bucket);
    *k = (struct vtd_known_pages){0};
}

/* The oldest of the bucket goes. */
static void put(struct vtd_known_pages *k, struct vtd_known_page page)
{
    struct vtd_known_page *way = vtd_known_pages_line(k, page.who, page.page)->way;
    memmove(way + 1, way, (VTD_KNOWN_WAYS - 1) * sizeof *way);
    way[0] = page;
}

/* Twice the buckets; without memory it stays as it is. */
static void grow(struct vtd_known_pages *k)
{
    struct vtd_known_pages bigger = {.bucket = make(2 * (k->mask + 1)), .mask = 2 * k->mask + 1, .added = k->added};
    if (!bigger.bucket)
        return;
    for (size_t i = 0; i <= k->mask; i++)
        for (unsigned w = VTD_KNOWN_WAYS; w-- > 0;)
            if (k->bucket[i].way[w].who)
                put(&bigger, k->bucket[i].way[w]);
    free(k->bucket);
    *k = bigger;
}

void vtd_known_pages_add(struct vtd_known_pages *k, uint64_t who, uint64_t page)
{
    if (++k->added > 2 * (k->mask + 1) && k->mask + 1 < BUCKETS_MAX)
        grow(k);
    put(k, (struct vtd_known_page){.who = who, .page = page});
}

void vtd_known_pages_remove(struct vtd_known_pages *k, uint64_t who, uint64_t page)
{
    struct vtd_known_page *way = vtd_known_pages_line(k, who, page)->way;
    for (unsigned i = 0; i < VTD_KNOWN_WAYS; i++)
        if (way[i].who == who && way[i].page == page) {
            memmove(way + i, way + i + 1, (VTD_KNOWN_WAYS - 1 - i) * sizeof *way);
            way[VTD_KNOWN_WAYS - 1] = (struct vtd_known_page){0};
            k->added--;
            return;
        }
}
