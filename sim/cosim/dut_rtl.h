/* SPDX-License-Identifier: MIT */
/* The unit in SystemVerilog as a device under test: run by Verilator, with system memory at its AXI port. */
#ifndef VTD_SIM_DUT_RTL_H
#define VTD_SIM_DUT_RTL_H

#include "../scenario/dut.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Makes a device that is to be configured. A configuration that the unit does not have is VTD_DUT_UNSUPPORTED, and why
 * names the key; capabilities that no key asks for are the unit's own. Returns 0, or -1 when memory is out; free it with
 * dut->ops->destroy.
 */
int vtd_dut_rtl_create(struct vtd_dut *dut);

/* Lets the next device that is configured write a waveform (FST) to path; NULL: none. The string must stay. */
void vtd_dut_rtl_trace(const char *path);

#ifdef __cplusplus
}
#endif
#endif
