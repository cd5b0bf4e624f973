/* SPDX-License-Identifier: MIT */
/*
 * The SystemC module as a device under test: everything goes through its sockets.
 */
#ifndef VTD_SIM_DUT_TLM_H
#define VTD_SIM_DUT_TLM_H

#include "scenario/dut.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Makes a device that is to be configured. Returns 0, or -1 when memory is out or another one is there: SystemC elaborates
 * once in a process, so that all share one platform, one after the other. Free it with dut->ops->destroy.
 */
int vtd_dut_tlm_create(struct vtd_dut *dut);

#ifdef __cplusplus
}
#endif
#endif
