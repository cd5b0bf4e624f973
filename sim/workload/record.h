/* SPDX-License-Identifier: MIT */
/* One record of a workload: a DMA of a device, or what its driver takes away from it. */
#ifndef VTD_WORKLOAD_RECORD_H
#define VTD_WORKLOAD_RECORD_H

#include <stdbool.h>
#include <stdint.h>

enum vtd_record_kind {
    VTD_RECORD_READ,
    VTD_RECORD_WRITE,
    VTD_RECORD_UNMAP,     /* of pages pages at iova, of device sid */
    VTD_RECORD_UNMAP_ALL, /* of everything of device sid */
    VTD_RECORD_DETACH,    /* the device, or the PASID of it, ends: its domain is detached and torn down */
};

struct vtd_record {
    uint64_t iova;
    uint64_t time_ns; /* of an access; otherwise: that of the access before it */
    uint32_t pages;   /* VTD_RECORD_UNMAP */
    uint32_t pasid;   /* with has_pasid */
    uint16_t sid;
    uint16_t len; /* bytes, 1..4096; never crosses a 4 KiB boundary */
    uint8_t kind; /* enum vtd_record_kind */
    bool has_pasid;
    bool dir_unknown; /* the trace does not tell the direction: kind is VTD_RECORD_READ */
    bool len_unknown; /* nor the length: len is 1 */
};

#endif
