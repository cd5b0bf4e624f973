/* SPDX-License-Identifier: MIT */
/* What vtdsim linux writes down of a boot: a scenario, a DMA trace. */
#ifndef VTD_CLI_LINUX_RECORD_H
#define VTD_CLI_LINUX_RECORD_H

#include "linux_boot.h"
#include "qemu/dma_trace.h"
#include "qemu/recorder.h"
#include "qemu/session.h"

#define VTD_LINUX_RECORD_WHY 1024

/* Zero-initialized is valid. Must not move between begin and end. */
struct vtd_linux_record {
    const struct vtd_linux_options *options;
    struct vtd_qemu_session *session;
    struct vtd_recorder recorder;
    FILE *scenario;
    struct vtd_trace_writer *trace;
    struct vtd_dma_trace dma;
    uint64_t begin_ns;
};

/* Opens the files that options asks for, and listens to the session's unit. Returns 0, or -1 with why (VTD_LINUX_RECORD_WHY). */
int vtd_linux_record_begin(struct vtd_linux_record *r, const struct vtd_linux_options *options,
                           const struct vtd_sim_config *config, struct vtd_qemu_session *session, char *why);

/* Completes the files. Returns 0, or -1 with why when one of them is not what happened. */
int vtd_linux_record_end(struct vtd_linux_record *r, char *why);

#endif
