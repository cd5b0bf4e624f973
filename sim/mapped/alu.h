/* SPDX-License-Identifier: MIT */
/* Arithmetic of the host processor on 32 and 64 bits, with its flags (Intel SDM volume 1, 3.4.3.1, and volume 2). */
#ifndef VTD_ALU_H
#define VTD_ALU_H

#include <stdint.h>

enum vtd_alu_op {
    VTD_ALU_MOVE, /* the source; no flags */
    VTD_ALU_ADD,
    VTD_ALU_SUB,
    VTD_ALU_AND,
    VTD_ALU_OR,
    VTD_ALU_XOR,
    VTD_ALU_INC,
    VTD_ALU_DEC,
    VTD_ALU_NEG,
    VTD_ALU_NOT,
    VTD_ALU_BT, /* the source is the number of the bit, taken modulo bits */
    VTD_ALU_BTS,
    VTD_ALU_BTR,
    VTD_ALU_BTC,
};

/* What op makes of destination and source, of 32 or 64 bits; *flags (RFLAGS) is changed as op changes it. */
uint64_t vtd_alu(enum vtd_alu_op op, uint64_t destination, uint64_t source, unsigned bits, uint64_t *flags);

#endif
