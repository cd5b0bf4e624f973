/* SPDX-License-Identifier: MIT */
/*
 * What binding costs, and what it does to the caches of the host's unit: machines with processes that are bound to
 * PASIDs, all of them by guests' drivers and the hypervisor of vmm.h (ref 9), and then requests of their devices.
 *
 *     bind      the driver of each guest allocates a PASID for a process and attaches it to each device
 *     requests  a process, one of its devices and one of its pages at a time
 *     unbind    detach from each device, and the PASID is freed
 */
#ifndef VTD_VM_STUDY_H
#define VTD_VM_STUDY_H

#include "platform/pasid_sets.h"
#include "vtd/vtd.h"
#include "vtd/vtd_timing.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VTD_VM_STUDY_GUESTS_MAX 250   /* sets of PASIDs */
#define VTD_VM_STUDY_BINDS_MAX  50000 /* domain-ids */

/* Whose turn it is. */
enum vtd_vm_turns {
    VTD_VM_ROUND_ROBIN,
    VTD_VM_RANDOM,
    VTD_VM_ZIPF, /* some processes, anywhere, are more active than others */
};

struct vtd_vm_study_spec {
    struct vtd_config unit;          /* of the host: 20 bits of PASID, and nesting */
    struct vtd_timing_config timing; /* for the cycles of binds and unbinds */
    uint32_t guests, processes;      /* processes of each guest */
    uint32_t devices;                /* of each guest, or with shared of all */
    bool shared;                     /* each guest has a part of each device (vtd_vmm_assign_part) */
    bool guest_pasids;               /* the guests' own PASIDs; else identity */
    enum vtd_pasid_policy allocation;
    uint32_t range; /* of VTD_PASID_RANGES */
    uint32_t pages; /* of each process, 4 KiB each */
    enum vtd_vm_turns turns;
    double s;          /* exponent of VTD_VM_ZIPF */
    uint64_t requests; /* that count; before, each process was there once on each device */
    uint64_t seed;
};

/* Of all binds, or of all unbinds. */
struct vtd_vm_study_cost {
    uint64_t count;             /* processes times devices */
    uint64_t guest_accesses;    /* to registers of virtual units: each is a trap */
    uint64_t guest_descriptors; /* in queues of virtual units */
    uint64_t host_accesses;     /* to registers of the host's unit */
    uint64_t host_descriptors;
    uint64_t memory_reads; /* of the host's unit, to do that */
    uint64_t cycles;       /* of the host's unit */
};

struct vtd_vm_study_result {
    struct vtd_vm_study_cost bind, unbind;
    struct vtd_stats stats;     /* of the requests */
    uint64_t blocked;           /* requests: 0, unless something is wrong */
    uint32_t pasids;            /* of the host that were bound: different numbers */
    uint32_t highest;           /* of them */
    uint32_t directory_entries; /* that lead to them */
};

/*
 * Does it. Returns 0, or -1 with why (VTD_WHY_SIZE bytes) filled: numbers that make no sense, a unit that cannot
 * serve, memory, or PASIDs that are out.
 */
int vtd_vm_study_run(const struct vtd_vm_study_spec *spec, struct vtd_vm_study_result *result, char *why);

#ifdef __cplusplus
}
#endif
#endif
