/* SPDX-License-Identifier: MIT */
/*
 * The generic set-associative array that every cache of the unit is made of. It knows no VT-d term: a key of two words, and
 * an index under which the owner keeps its payload. Replacement is in replace.h.
 */
#ifndef VTD_CACHE_H
#define VTD_CACHE_H

#include "vtd/vtd.h"

#define VTD_CACHE_NONE UINT32_MAX

struct vtd_key {
    uint64_t a; /* the low bits select the set with VTD_INDEX_MODULO */
    uint64_t b;
};

#endif
