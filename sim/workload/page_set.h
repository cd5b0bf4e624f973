/* SPDX-License-Identifier: MIT */
/* A set of page numbers: open addressing, for "is this page mapped yet" on every access of a run. */
#ifndef VTD_WORKLOAD_PAGE_SET_H
#define VTD_WORKLOAD_PAGE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All zero is an empty set. */
struct vtd_page_set {
    uint64_t *slot; /* page + 1; 0 = free */
    size_t mask;    /* slots - 1 */
    size_t count;
};

static inline size_t vtd_page_set_home(const struct vtd_page_set *s, uint64_t page)
{
    return (size_t)(page * 0x9e3779b97f4a7c15ull >> 24) & s->mask;
}

/* Is the page (below 2^52) in? */
static inline bool vtd_page_set_has(const struct vtd_page_set *s, uint64_t page)
{
    if (s->count == 0)
        return false;
    size_t i = vtd_page_set_home(s, page);
    while (s->slot[i] && s->slot[i] != page + 1)
        i = (i + 1) & s->mask;
    return s->slot[i] != 0;
}

/* Adds a page. Returns false without memory. */
bool vtd_page_set_add(struct vtd_page_set *s, uint64_t page);

/* Removes a page if it is in. */
void vtd_page_set_remove(struct vtd_page_set *s, uint64_t page);

/* Removes the pages [first, first + pages). */
void vtd_page_set_remove_range(struct vtd_page_set *s, uint64_t first, uint64_t pages);

/* Empties the set and frees its memory. */
void vtd_page_set_clear(struct vtd_page_set *s);

#ifdef __cplusplus
}
#endif
#endif
