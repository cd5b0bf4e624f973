/* SPDX-License-Identifier: MIT */
/* One socket of QEMU and the PCI function of ours behind it: messages in, accesses to the function, replies out. */
#ifndef VTD_QEMU_CARRIER_H
#define VTD_QEMU_CARRIER_H

#include "qemu/function.h"
#include "qemu/guest_memory.h"
#include "qemu/wire.h"

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_qemu_carrier {
    struct vtd_qemu_wire wire;
    const struct vtd_qemu_function *function;
    struct vtd_qemu_memory *memory; /* NULL: another carrier looks after memory */
    uint64_t messages;
    uint64_t strays; /* BAR accesses where the function has nothing: they read all ones */
};

enum vtd_qemu_carrier_result {
    VTD_QEMU_CARRIER_SERVED, /* one message */
    VTD_QEMU_CARRIER_IDLE,
    VTD_QEMU_CARRIER_CLOSED,
    VTD_QEMU_CARRIER_ERROR,
};

/* Serves one message, if there is one. why (VTD_QEMU_WHY_SIZE bytes) is filled for VTD_QEMU_CARRIER_ERROR. */
enum vtd_qemu_carrier_result vtd_qemu_carrier_serve(struct vtd_qemu_carrier *c, char *why);

#ifdef __cplusplus
}
#endif
#endif
