/* SPDX-License-Identifier: MIT */
/*
 * A second opinion: translation written once more, naively, without caches, from the reference alone. It shares nothing
 * with the model but the types of requests and responses; bit numbers and fault codes are typed in again here.
 *
 * Where the reference leaves the unit a choice, the oracle says what all may happen instead of choosing:
 * - accessed bits of entries walked by a request that faults may be set or not (ref 4.7);
 * - a fault of an accessed or dirty update may come before or after another fault of the same request.
 */
#ifndef VTD_TESTS_ORACLE_H
#define VTD_TESTS_ORACLE_H

#include "vtd/vtd_types.h"

#include <cstdint>
#include <vector>

namespace oracle
{

/* What the unit is and how software has set it. */
struct Setup {
    uint64_t cap = 0, ecap = 0;
    unsigned major = 6, haw = 46;
    unsigned ttm = 1;
    bool ssirwe = false;
    uint64_t root = 0;
};

/* An entry that a walk went through: what must be set in it after success, what may be set after a fault. */
struct Touched {
    uint64_t addr;
    uint64_t set, may;
};

struct Outcome {
    vtd_result result = VTD_RESULT_OK;
    unsigned fault = 0;    /* 0: none */
    bool recorded = false; /* a fault record must appear */
    bool shaped = false;   /* translation request answered with less than was asked; the reason is in fault */
    uint64_t hpa = 0;
    unsigned shift = 0; /* 0: no mapping (pass-through, not translated) */
    unsigned attr = 0;  /* VTD_ATTR_R, W, X, U, PRIV, NO_SNOOP, SNOOP */
    bool fpd = false;   /* FPD was seen */
    /* Faults of updates that may come instead; with `must` one of them has to come when `fault` is 0. */
    std::vector<unsigned> also;
    bool must = false;
    /* The reference does not say; only memory rules are to be checked. */
    bool open = false;
    std::vector<Touched> touched;
};

/* Translates; memory (addresses from 0, absent behind its end) is not changed. */
Outcome translate(const Setup &setup, const std::vector<uint64_t> &memory, const vtd_request &req);

/* Answer columns of ref 5: how a translation request ends, and whether FPD silences the record. */
enum class Answer {
    Ur,
    Ca,
    Null,
    Eff
};
Answer translationAnswer(unsigned fault);
bool qualified(unsigned fault);

} // namespace oracle

#endif
