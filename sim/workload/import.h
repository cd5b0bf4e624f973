/* SPDX-License-Identifier: MIT */
/*
 * Traces from the logs of other programs (docs/02_user/traces.md): QEMU's trace events and HyperSIO's binary events.
 * Both read in a stream; items go to a trace writer. Memory: 512 KiB, and some bytes for each device and domain.
 */
#ifndef VTD_WORKLOAD_IMPORT_H
#define VTD_WORKLOAD_IMPORT_H

#include "trace_writer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a device is, so that its accesses can be told to be reads or writes. */
enum vtd_import_device {
    VTD_IMPORT_UNKNOWN,
    VTD_IMPORT_NVME,
    VTD_IMPORT_E1000E,
};

struct vtd_import_qemu {
    const struct vtd_import_hint {
        uint16_t sid;
        enum vtd_import_device kind;
    } * hint; /* devices that are known before the log says so */
    unsigned hints;
    double since, until; /* Unix time: only records of this time are written; until 0: no limit */
};

struct vtd_import_counts {
    uint64_t accesses, invalidations;
    uint64_t foreign; /* invalidations of domains in which no access was seen, left out */
    uint64_t ignored; /* lines that are other events, or none */
};

/*
 * Imports a log of QEMU's vtd_* events (log backend, with or without -msg timestamp=on), plain or .zst. Returns 0, or
 * -1 with why = "FILE:LINE: what is wrong (record N, offset B)"; what was read before has been written.
 */
int vtd_import_qemu(const char *file, const struct vtd_import_qemu *options, struct vtd_trace_writer *to,
                    struct vtd_import_counts *counts, char *why);

/*
 * Imports events of HyperSIO: an IOVA trace of its performance model (48 bytes for each event), or the log of its QEMU
 * (40 bytes); the place of the second event says which. Returns 0, or -1 with why as above.
 */
int vtd_import_hypersio(const char *file, struct vtd_trace_writer *to, struct vtd_import_counts *counts, char *why);

#ifdef __cplusplus
}
#endif
#endif
