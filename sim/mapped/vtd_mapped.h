/* SPDX-License-Identifier: MIT */
/*
 * Registers that are really mapped: a pointer to a page whose loads and stores reach a remapping unit, so that driver code
 * that dereferences volatile pointers runs unmodified in a user process.
 *
 * The page has no rights. Each access to it faults, the instruction is decoded and carried out on the unit: moves, XCHG,
 * XADD, CMPXCHG, AND, OR, XOR, ADD, SUB, INC, DEC, NEG, NOT, CMP, TEST, BT, BTS, BTR and BTC of 32 and 64 bits, aligned.
 * What else touches the page (bytes, vectors, string moves, code) is reported on standard error with the instruction, and
 * is then the program's own SIGSEGV, at the instruction that did it. x86-64 Linux only.
 *
 * Any struct vtd_bus will do: the model in a machine (model_bus.h), the SystemC module, or your own. Several buses can be
 * mapped, and any number of threads may use them: accesses to one bus take turns.
 *
 * Signals: the handler of SIGSEGV that was there is kept, and called for all faults that are not ours. A program that
 * installs its own later calls vtd_mapped_handle first in it. Callbacks of the bus run inside the handler, on the stack
 * (sigaltstack or not) that the handler before was to run on; they need 16 KiB of it.
 */
#ifndef VTD_MAPPED_H
#define VTD_MAPPED_H

#include <stdbool.h>
#include <stddef.h>

#include "driver/bus.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Buses that can be mapped at once. */
#define VTD_MAPPED_MAX 64

/*
 * Maps the registers of a unit: bytes [0, size) of its register space, size in bytes, a multiple of 4096 (vtd_mmio_size
 * tells that of a model). bus must stay until vtd_unmap_registers. Its read32, read64,
 * write32 and write64 carry out accesses; its relax, if any, runs before each read and after each write, so that a loop
 * that polls a register sees a unit that works.
 * Returns the address of register 0, or NULL with errno set and why (256 bytes, may be NULL) filled: EINVAL for a size or an
 * incomplete bus, ENOSPC when VTD_MAPPED_MAX are mapped, ENOMEM.
 */
volatile void *vtd_map_registers(const struct vtd_bus *bus, size_t size, char *why);

/* Takes a mapping back. registers is what vtd_map_registers returned; NULL is allowed. No thread may be using it. */
void vtd_unmap_registers(volatile void *registers);

/*
 * Takes the turn of a mapping, and gives it back: for a thread that works on the unit behind it in another way (DMA with
 * vtd_translate, say) while others access registers. Not to be held around accesses to memory that faults.
 */
void vtd_mapped_lock(volatile void *registers);
void vtd_mapped_unlock(volatile void *registers);

/*
 * For a program's own handler of SIGSEGV (with SA_SIGINFO), with its three arguments: true when the fault was an access to a mapping and has been
 * carried out; return from the handler then. False: it is the program's own.
 */
bool vtd_mapped_handle(int signal, void *signal_info, void *context);

#ifdef __cplusplus
}
#endif
#endif
