/* SPDX-License-Identifier: MIT */
/* Takes numbers from the input of a fuzz target; behind its end everything is 0. */
#ifndef VTD_FUZZ_BYTES_H
#define VTD_FUZZ_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct bytes {
    const uint8_t *data;
    size_t left;
};

static inline uint64_t bytes_take(struct bytes *b, unsigned count)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < count && b->left; i++, b->left--)
        v |= (uint64_t)*b->data++ << 8 * i;
    return v;
}

/* An invariant that no input may break; a fuzzer sees the abort. */
#define HOLDS(x)                                                                                                       \
    do {                                                                                                               \
        if (!(x)) {                                                                                                    \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #x);                                     \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

#endif
