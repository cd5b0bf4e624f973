/* SPDX-License-Identifier: MIT */
/*
 * A virtual machine with a virtual remapping unit, and the hypervisor's part between the guest's driver and the host's
 * (ref 9).
 *
 *     guest's driver -> virtual unit -> this -> host's driver -> host's unit <- devices
 *
 * The virtual unit is a second instance of the model, in caching mode: its memory is the guest's, its tables hold guest
 * physical addresses, and no device is behind it. What it is told to forget, the hypervisor looks at:
 *   PASID or context cache   the guest's entries in that scope are read anew. An entry with a first stage becomes a bind in the
 *                            host's driver, one that went away an unbind, one that changed both.
 *   IOTLB, device TLB        is passed on, with the PASID translated.
 *   virtual commands         are answered from the host's PASIDs.
 *   page group responses     are passed on for groups that wait, with the PASID translated.
 * And what the host's unit has to say comes back under the guest's source-ids and PASIDs: page requests into the queue
 * of the virtual unit, faults of the guest's page tables into its fault records.
 *
 * Two ways to map PASIDs (ref 9). Identity: the guest asks for its PASIDs by virtual command, and devices use those.
 * Guest's own: the guest has all PASIDs for itself, and each that it binds gets one of the host's; devices use that
 * one, and vtd_vmm_host_pasid says which.
 *
 * Nothing that a guest writes can do harm: an entry that cannot be bound is an event and a count, and the device's
 * requests with that PASID are blocked. Requests without PASID reach the memory of the machine by guest physical
 * address, unless the guest has a first-stage entry for them. Interrupts and second-stage entries are not passed on:
 * the virtual unit does not have them.
 *
 * One thread for the host's driver and all machines on it.
 */
#ifndef VTD_VMM_H
#define VTD_VMM_H

#include "driver/bus.h"
#include "driver/vtd_driver.h"
#include "platform/model_bus.h"
#include "platform/pasid_sets.h"

#ifdef __cplusplus
extern "C" {
#endif

struct vtd_vmm;

enum vtd_vmm_event_kind {
    VTD_VMM_PASID_ALLOC, /* a virtual command: gpasid; result 0 or a negative errno */
    VTD_VMM_PASID_FREE,
    VTD_VMM_BIND, /* an entry of the guest: result 0, or why it was refused */
    VTD_VMM_UNBIND,
    VTD_VMM_INVALIDATE,    /* passed on for a PASID: addr, size (0: all) */
    VTD_VMM_PAGE_REQUEST,  /* given to the guest: addr, prgi */
    VTD_VMM_PAGE_RESPONSE, /* of the guest, or in its place: prgi, code; result -ENOENT: no such group waits */
    VTD_VMM_FAULT,         /* given to the guest: addr, code is the reason */
};

struct vtd_vmm_event {
    enum vtd_vmm_event_kind kind;
    uint16_t guest_sid, host_sid;
    uint32_t gpasid, hpasid; /* hpasid 0 with gpasid other than 0: none */
    uint64_t gpgd;           /* BIND: root of the guest's table */
    uint32_t addr_width;     /* BIND */
    bool device_only;        /* INVALIDATE: of the device TLB */
    uint64_t addr, size;     /* INVALIDATE, PAGE_REQUEST, FAULT */
    uint16_t prgi;           /* PAGE_REQUEST, PAGE_RESPONSE */
    uint8_t code;            /* PAGE_RESPONSE, FAULT */
    int result;
};

struct vtd_vmm_config {
    struct vtd_machine *machine;   /* the host's; its memory is used */
    struct vtd_drv *driver;        /* the host's, over machine's unit, which must have nesting */
    struct vtd_pasid_sets *pasids; /* the host's */
    uint64_t memory_start;         /* host physical; the guest's [0, memory_size) is here; multiples of 4096 */
    uint64_t memory_size;
    uint64_t frames_start, frames_end; /* guest physical: what the bus of the guest gives out */
    uint32_t quota;                    /* PASIDs of the host that it may have */
    bool guest_pasids;                 /* the guest's own PASIDs; else identity */

    bool page_requests;   /* the virtual unit has page requests; the host's driver must have them, too */
    uint32_t page_groups; /* groups that may wait for the guest's response at a time; 0 = 256 */

    /* A message interrupt of the virtual unit; may be NULL. Must not call the machine, nor may the guest in it. */
    void (*interrupt)(void *opaque, uint64_t addr, uint32_t data);

    /* Told of what happens, after it did; may be NULL. Must not call the machine. */
    void (*event)(void *opaque, const struct vtd_vmm_event *event);
    void *opaque;
};

/*
 * Makes a machine. Returns 0, or a negative errno with why filled (VTD_WHY_SIZE bytes, may be NULL): -EINVAL for memory
 * that is not there or a host's unit that cannot serve, -ENOSPC, -ENOMEM, or what the host's driver returned. config is
 * copied; what it points to must outlive the machine.
 */
int vtd_vmm_create(const struct vtd_vmm_config *config, struct vtd_vmm **vmm, char *why);

/*
 * Takes all devices away, frees all PASIDs, and the machine. NULL is allowed. Returns 0 or the first error of the
 * driver.
 */
int vtd_vmm_destroy(struct vtd_vmm *vmm);

/*
 * Gives a device of the host to the machine, where it is at guest_sid. The host's driver adds it if it does not know
 * it. From now on it reaches the machine's memory. -EBUSY when one of both is given already, or what the driver
 * returned. And takes it back: the guest's entries for it are unbound. -ENOENT.
 */
int vtd_vmm_assign(struct vtd_vmm *vmm, uint16_t guest_sid, uint16_t host_sid);
int vtd_vmm_remove(struct vtd_vmm *vmm, uint16_t guest_sid);

/*
 * Gives a part of a device to the machine, which other machines may have parts of, too: what composed.h puts together. Its
 * requests all have PASIDs. One of them, out of the machine's set, stands for what has no PASID in the guest; *rid_pasid (may be
 * NULL) receives it. Besides as vtd_vmm_assign; -EDQUOT, -ENOSPC.
 */
int vtd_vmm_assign_part(struct vtd_vmm *vmm, uint16_t guest_sid, uint16_t host_sid, uint32_t *rid_pasid);

/* What the guest's driver sees: vtd_drv_create(vtd_vmm_bus(vmm), ...). */
const struct vtd_bus *vtd_vmm_bus(const struct vtd_vmm *vmm);

/* The virtual unit, to look at. */
struct vtd *vtd_vmm_unit(const struct vtd_vmm *vmm);

/* PASID that a device uses for the guest's: 0, or -ENOENT when that one is not bound for it. */
int vtd_vmm_host_pasid(const struct vtd_vmm *vmm, uint16_t guest_sid, uint32_t gpasid, uint32_t *hpasid);

/* ---------------------------------------------------------------- what the host's unit says */

/*
 * A page request of the host's queue: for the handler of the host's driver (vtd_drv_set_page_handler), which asks its
 * machines in turn. -ENOENT: it is not of this machine. Else what the handler is to return (enum vtd_drv_page_answer):
 *   LATER    it is in the guest's queue, and its group waits for the guest's response
 *   SUCCESS  the same for a request that is not the last of its group; or the guest's queue was full (ref 7.1): the device
 *            comes again
 *   INVALID  the guest's tables do not allow page requests, it has none, or page_groups wait already
 */
int vtd_vmm_page_request(struct vtd_vmm *vmm, const struct vtd_drv_page_request *request);

/*
 * Answers all groups that wait for the guest with "invalid": for a hypervisor whose patience is over. What the guest
 * answers later finds no group. Returns how many there were.
 */
unsigned vtd_vmm_expire_page_requests(struct vtd_vmm *vmm);

enum vtd_vmm_fault_result {
    VTD_VMM_FAULT_NOT_MINE, /* the PASID of the device is not bound by this machine */
    VTD_VMM_FAULT_OF_HOST, /* it is, but the fault is one of the second stage or of the host's tables: nothing is done */
    VTD_VMM_FAULT_OF_GUEST, /* recorded in the virtual unit, unless the guest's FPD forbids that (ref 5.3) */
};

/*
 * A fault record of the host: for the handler of vtd_drv_handle_faults. Faults of the guest's first stage become faults
 * of the virtual unit, with the guest's source-id and PASID; SFS.5 to SFS.8, which only a nested walk has, become
 * SFS.3, SFS.4, SFS.1.
 */
enum vtd_vmm_fault_result vtd_vmm_fault(struct vtd_vmm *vmm, const struct vtd_drv_fault *fault);

/* ---------------------------------------------------------------- counts */

struct vtd_vmm_stats {
    uint64_t binds, unbinds, refused;
    uint64_t invalidations; /* calls of the host's driver */
    uint64_t allocs, frees; /* virtual commands that succeeded */
    uint64_t host_errors;   /* of unbinds, invalidations and responses: the host's unit did not answer */
    uint64_t page_requests; /* in the guest's queue */
    uint64_t page_requests_overflowed, page_requests_refused, page_requests_expired;
    uint64_t page_responses, page_responses_refused; /* of the guest; refused: no such group waits */
    uint64_t faults;                                 /* given to the guest */
};
const struct vtd_vmm_stats *vtd_vmm_stats_get(const struct vtd_vmm *vmm);

#ifdef __cplusplus
}
#endif
#endif
