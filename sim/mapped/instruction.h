/* SPDX-License-Identifier: MIT */
/*
 * One instruction of the host processor that touched a register page: decoded, and carried out with the page's content
 * taken from functions.
 */
#ifndef VTD_INSTRUCTION_H
#define VTD_INSTRUCTION_H

#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

/* Where the memory operand leads; size is 4 or 8 bytes, the address aligned to it. */
struct vtd_instruction_port {
    void *opaque;
    uintptr_t start, end; /* of the page: an operand lies in it as a whole */
    uint64_t (*load)(void *opaque, uintptr_t address, unsigned size);
    void (*store)(void *opaque, uintptr_t address, unsigned size, uint64_t value);
};

#define VTD_INSTRUCTION_WHY 256

/*
 * Carries out the instruction at which cpu stands, and moves cpu behind it. False, with nothing done and why filled
 * (VTD_INSTRUCTION_WHY bytes), when it is none that a register can be accessed with.
 */
bool vtd_instruction_run(mcontext_t *cpu, const struct vtd_instruction_port *port, char *why);

#endif
