/* SPDX-License-Identifier: MIT */
/*
 * Numbers pairs of numbers in the order in which they come first: requesters (source-id, PASID) and their pages, for
 * vtdsim trace info. 24 to 80 bytes for each pair.
 */
#ifndef VTD_CLI_TRACE_PAGES_H
#define VTD_CLI_TRACE_PAGES_H

#include <stdbool.h>
#include <stdint.h>

struct vtd_pair {
    uint64_t a;
    uint64_t value; /* the caller's; 0 at first */
    uint32_t b;
};

/* All zero is empty. */
struct vtd_pairs {
    struct vtd_pair *pair;
    uint32_t *slot; /* index plus 1; 0 = free */
    uint32_t count, room, mask;
};

/* Index of the pair; it is added when it is new, which *is_new says. UINT32_MAX without memory or with 2^28 pairs. */
uint32_t vtd_pairs_index(struct vtd_pairs *p, uint64_t a, uint32_t b, bool *is_new);

void vtd_pairs_free(struct vtd_pairs *p);

#endif
