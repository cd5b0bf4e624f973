/* SPDX-License-Identifier: MIT */
/*
 * A PCI function that a simulated PC gets from this program, and what the machine around it offers to it.
 *
 * All calls come from one thread, the event loop of session.c. After each call into a function the devices answer what the
 * unit has sent to them, messages of the unit go to the processors, and transfers in flight advance by one step.
 */
#ifndef VTD_QEMU_FUNCTION_H
#define VTD_QEMU_FUNCTION_H

#include "platform/model_bus.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where memory above the hole for devices begins. */
#define VTD_QEMU_HIGH_START (UINT64_C(4) << 30)

/* Services of the machine around the functions. */
struct vtd_qemu_host {
    struct vtd_machine *machine; /* unit, memory, requesters, answers */
    uint64_t low_end; /* guest memory is [0, low_end) and [4 GiB, machine->memory.size); there is none between */
    void *opaque;
    /* A message interrupt to the processors, remapped already. */
    void (*message)(void *opaque, uint64_t addr, uint32_t data);
    struct vtd_recorder *recorder; /* writes interrupt requests down; may be NULL */
};

/* Guest memory at [hpa, hpa + size), or NULL when not all of it is memory. */
void *vtd_qemu_ram(const struct vtd_qemu_host *host, uint64_t hpa, uint64_t size);

/* An interrupt request of function sid, through the unit (ref 8.2) and on to the processors. False: the unit blocked it. */
bool vtd_qemu_interrupt(struct vtd_qemu_host *host, uint16_t sid, uint64_t addr, uint32_t data);

/* A PCI function. Members that may be NULL say so. */
struct vtd_qemu_function {
    void *self;
    uint16_t sid; /* bus, device, function */
    /* Configuration space: size 1, 2 or 4; [offset, offset + size) is inside (256 bytes, 4096 on a segment of ours). */
    uint32_t (*config_read)(void *self, uint32_t offset, unsigned size);
    void (*config_write)(void *self, uint32_t offset, uint32_t value, unsigned size);
    /* An access of 1, 2, 4 or 8 bytes at an address of the bus, any alignment. False: the function has nothing there. */
    bool (*bar_read)(void *self, uint64_t addr, unsigned size, uint64_t *value);
    bool (*bar_write)(void *self, uint64_t addr, uint64_t value, unsigned size);
    void (*reset)(void *self);
    /* One bounded step (about 64 KiB) of what is in flight; true while there is more. May be NULL. */
    bool (*run)(void *self);
    void (*destroy)(void *self); /* may be NULL */
};

#ifdef __cplusplus
}
#endif
#endif
