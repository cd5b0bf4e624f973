/* SPDX-License-Identifier: MIT */
/*
 * Events of the performance monitor as C: group and event bit of each (VTD_PERF_x_GROUP, VTD_PERF_x_ES), expanded from
 * defs/perf_events.def (ref 1.12). Commands and status codes of the enhanced command interface are in vtd_structs.h
 * (VTD_ECMD_x, VTD_ECRSP_x).
 */
#ifndef VTD_PERF_H
#define VTD_PERF_H

enum vtd_perf_position {
#define VTD_PERF_EVENT(NAME, name, in_linux, group, bit, counter, description)                                         \
    VTD_PERF_##NAME##_GROUP = (group), VTD_PERF_##NAME##_ES = 1 << (bit),
#define VTD_PERF_EVENT_ABSENT(NAME, name, in_linux, group, bit, description)                                           \
    VTD_PERF_##NAME##_GROUP = (group), VTD_PERF_##NAME##_ES = 1 << (bit),
#include "vtd/defs/perf_events.def"
};

#endif
