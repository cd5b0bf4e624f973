/* SPDX-License-Identifier: MIT */
/*
 * Writes the DMA behind a unit as a trace (docs/02_user/traces.md): untranslated requests that reached memory, and between
 * them the invalidations that software queued for what they used, as the unmaps that they stand for.
 */
#ifndef VTD_QEMU_DMA_TRACE_H
#define VTD_QEMU_DMA_TRACE_H

#include "vtd/vtd.h"
#include "workload/trace_writer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Address spaces of devices that are followed; DMA of more is written without its unmaps. */
#define VTD_DMA_TRACE_SPACES 64

struct vtd_dma_space {
    uint16_t sid, did;
    bool has_pasid;
    uint32_t pasid; /* with has_pasid */
    uint32_t tag;   /* the PASID that invalidations name: RID_PASID for requests without one */
};

struct vtd_dma_trace {
    struct vtd *unit;
    struct vtd_trace_writer *writer; /* borrowed */
    struct vtd_dma_space space[VTD_DMA_TRACE_SPACES];
    unsigned spaces;
    uint64_t time_ns; /* of the last access */
    uint64_t accesses, unmaps;
    bool failed;
    char why[VTD_WHY_SIZE];
};

/* What the unit does, at time_ns since whatever beginning. Events other than responses and reads of descriptors are ignored. */
void vtd_dma_trace_event(struct vtd_dma_trace *t, const struct vtd_event *event, uint64_t time_ns);

#ifdef __cplusplus
}
#endif
#endif
