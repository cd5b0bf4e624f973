/* SPDX-License-Identifier: MIT */
#include "alu.h"

#include <stdbool.h>

enum {
    CF = 1 << 0,
    PF = 1 << 2,
    AF = 1 << 4,
    ZF = 1 << 6,
    SF = 1 << 7,
    OF = 1 << 11,
};

/* Flags of a result r of a and b; the caller says what carry and overflow are. */
static uint64_t flags_of(uint64_t a, uint64_t b, uint64_t r, unsigned bits, bool carry, bool overflow)
{
    return (carry ? CF : 0) | (__builtin_parity((unsigned)r & 0xff) ? 0 : PF) | ((a ^ b ^ r) & AF) | (r ? 0 : ZF) |
           (r >> (bits - 1) & 1 ? SF : 0) | (overflow ? OF : 0);
}

uint64_t vtd_alu(enum vtd_alu_op op, uint64_t destination, uint64_t source, unsigned bits, uint64_t *flags)
{
    const uint64_t mask = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
    const unsigned sign = bits - 1;
    const uint64_t all = CF | PF | AF | ZF | SF | OF;
    uint64_t a = destination & mask, b = source & mask, r;
    const uint64_t bit = UINT64_C(1) << (source % bits);
    switch (op) {
    case VTD_ALU_INC:
    case VTD_ALU_ADD:
        b = op == VTD_ALU_INC ? 1 : b;
        r = (a + b) & mask;
        const uint64_t carry = op == VTD_ALU_INC ? *flags & CF : r < a; /* INC leaves it alone */
        *flags = (*flags & ~all) | flags_of(a, b, r, bits, carry, ((a ^ r) & (b ^ r)) >> sign & 1);
        return r;
    case VTD_ALU_NEG:
    case VTD_ALU_DEC:
    case VTD_ALU_SUB:
        if (op == VTD_ALU_NEG) {
            b = a;
            a = 0;
        }
        b = op == VTD_ALU_DEC ? 1 : b;
        r = (a - b) & mask;
        const uint64_t borrow = op == VTD_ALU_DEC ? *flags & CF : a < b;
        *flags = (*flags & ~all) | flags_of(a, b, r, bits, borrow, ((a ^ b) & (a ^ r)) >> sign & 1);
        return r;
    case VTD_ALU_AND:
    case VTD_ALU_OR:
    case VTD_ALU_XOR:
        r = op == VTD_ALU_AND ? a & b : op == VTD_ALU_OR ? a | b : a ^ b;
        *flags = (*flags & ~all) | (flags_of(0, 0, r, bits, false, false) & ~(uint64_t)AF); /* AF is undefined */
        return r;
    case VTD_ALU_NOT:
        return ~a & mask;
    case VTD_ALU_BT:
    case VTD_ALU_BTS:
    case VTD_ALU_BTR:
    case VTD_ALU_BTC:
        *flags = (*flags & ~(uint64_t)CF) | (a & bit ? CF : 0);
        return op == VTD_ALU_BTS ? a | bit : op == VTD_ALU_BTR ? a & ~bit : op == VTD_ALU_BTC ? a ^ bit : a;
    default:
        return b;
    }
}
