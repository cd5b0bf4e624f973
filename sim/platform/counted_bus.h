/* SPDX-License-Identifier: MIT */
/* A bus that counts accesses to registers, between a driver and another bus: in a virtual machine, each is a trap. */
#ifndef VTD_COUNTED_BUS_H
#define VTD_COUNTED_BUS_H

#include "driver/bus.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Must not move while its bus is used. */
struct vtd_counted_bus {
    struct vtd_bus inner, bus;
    uint64_t *accesses;
};

/* A bus that does what inner (copied) does, and adds 1 to *accesses for each register access. */
const struct vtd_bus *vtd_counted_bus(struct vtd_counted_bus *counted, const struct vtd_bus *inner, uint64_t *accesses);

#ifdef __cplusplus
}
#endif
#endif
