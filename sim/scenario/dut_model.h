/* SPDX-License-Identifier: MIT */
/*
 * The C model as a device under test: a unit, its system memory, and endpoints that answer device-TLB invalidations.
 */
#ifndef VTD_SIM_DUT_MODEL_H
#define VTD_SIM_DUT_MODEL_H

#include "dut.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Makes a device that is to be configured. Returns 0, or -1 when memory is out; free it with dut->ops->destroy. */
int vtd_dut_model_create(struct vtd_dut *dut);

/* Lets event be called with every step of every request from now on, or stops it (NULL). Also before configure. */
void vtd_dut_model_listen(struct vtd_dut *dut, void (*event)(void *opaque, const struct vtd_event *event),
                          void *opaque);

/* The operation stat of any device that has a model inside. */
enum vtd_dut_status vtd_dut_stat_of(struct vtd_dut *dut, const struct vtd *unit, const char *name, uint64_t *value);

/* The unit behind the device; NULL before configure. */
struct vtd *vtd_dut_model_unit(struct vtd_dut *dut);

#ifdef __cplusplus
}
#endif
#endif
