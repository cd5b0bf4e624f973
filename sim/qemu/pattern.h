/* SPDX-License-Identifier: MIT */
/* What is on the disk of a guest, for those who make it and for the test in the guest that reads it. */
#ifndef VTD_QEMU_PATTERN_H
#define VTD_QEMU_PATTERN_H

#include <stddef.h>
#include <stdint.h>

/* File number i, counted from 1, is called "file-i" and has the size at place i - 1. */
static const uint32_t vtd_pattern_sizes[] = {1, 511, 4096, 4097, 70000, 1u << 20};
#define VTD_PATTERN_FILES (sizeof(vtd_pattern_sizes) / sizeof(vtd_pattern_sizes[0]))

/* Bytes that differ from place to place and from seed to seed, none of them 0. */
static inline void vtd_pattern_fill(uint8_t *memory, size_t size, unsigned seed)
{
    uint32_t state = seed * 2654435761u + 1;
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525u + 1013904223u;
        memory[i] = (uint8_t)(state >> 24 | 1);
    }
}

#endif
