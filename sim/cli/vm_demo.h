/* SPDX-License-Identifier: MIT */
/* What vtdsim vm-demo consists of: a host, a virtual machine with one device, and who tells what happens. */
#ifndef VTD_CLI_VM_DEMO_H
#define VTD_CLI_VM_DEMO_H

#include "driver/vtd_driver.h"
#include "driver/vtd_driver_ats.h"
#include "explain.h"
#include "platform/model_bus.h"
#include "platform/pasid_sets.h"
#include "vmm/vmm.h"

#include <jansson.h>

#define VTD_DEMO_GUEST_SID UINT16_C(0x0008) /* 00:01.0 in the guest */
#define VTD_DEMO_HOST_SID  UINT16_C(0x2810) /* 28:02.0 of the host */

struct vtd_demo {
    bool guest_pasids;
    unsigned levels; /* of the guest's page tables: 4 or 5 */

    /* The host, and the machine. */
    struct vtd_machine machine;
    struct vtd_drv *host;
    struct vtd_pasid_sets pasids;
    struct vtd_requester *device;
    struct vtd_vmm *vmm;
    uint64_t base;      /* host physical address of guest physical 0 */
    uint64_t used;      /* host's page frames before the machine */
    struct vtd_bus bus; /* the guest's, watched */
    struct vtd_drv *guest;
    struct vtd_drv_domain *process;
    uint32_t gpasid, hpasid;

    /* The story. */
    bool json, colour;
    unsigned step;
    json_t *steps;   /* with json */
    json_t *last;    /* step of it */
    bool watching;   /* accesses of the guest to registers are told */
    bool show_entry; /* ... and first the guest's PASID entry, which was written before */
    uint64_t tail;   /* of the guest's queue: what is behind was told */
    struct vtd_explanation x;
    unsigned wrong; /* things that are not as arithmetic says */
    bool failed;    /* memory is out */
};

#define VTD_DEMO_GUEST_START UINT64_C(0x8000000) /* host physical */
#define VTD_DEMO_GUEST_SIZE  UINT64_C(0x4000000)
#define VTD_DEMO_HOSTS_OWN   4 /* PASIDs that the host uses itself */

/* ---------------------------------------------------------------- vm_demo_setup.c */

/* Says what went wrong (a negative errno, or a positive one) on standard error. Returns -1. */
int vtd_demo_complain(const char *what, int error);

/* Host, machine and drivers, with ATS and page requests on. Returns 0 or -1 after vtd_demo_complain. */
int vtd_demo_start(struct vtd_demo *d);

/* Takes all of it down, and frees the story. */
void vtd_demo_fini(struct vtd_demo *d);

/* ---------------------------------------------------------------- vm_demo_tell.c */

enum vtd_demo_who {
    VTD_DEMO_HOST,
    VTD_DEMO_GUEST,
    VTD_DEMO_HYPERVISOR,
    VTD_DEMO_DEVICE,
};

/* One step of the story, in a sentence. */
void vtd_demo_tell(struct vtd_demo *d, enum vtd_demo_who who, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A number that belongs to the last step; programs find it by name. */
void vtd_demo_fact(struct vtd_demo *d, const char *name, uint64_t value);

/* Decoded below the last step: what lies at an address. q has VTD_PASID_ENTRY_QWORDS qwords. */
void vtd_demo_entry(struct vtd_demo *d, const char *whose, uint64_t address, const uint64_t *q);

/*
 * A request of the device, translated by the unit and explained; and then it must reach hpa, or with fault be blocked
 * so.
 */
void vtd_demo_explain(struct vtd_demo *d, const struct vtd_request *req, uint64_t hpa, uint8_t fault);

/* Says that something must be so, and counts when it is not. */
void vtd_demo_check(struct vtd_demo *d, bool holds, const char *what);

/* ---------------------------------------------------------------- vm_demo_watch.c */

/* The bus of the guest's driver, which tells accesses while d->watching. */
const struct vtd_bus *vtd_demo_watch_bus(struct vtd_demo *d);

/* For vtd_vmm_config.event. */
void vtd_demo_event(void *opaque, const struct vtd_vmm_event *event);

/*
 * Where the PASID entry of a device is and what is in it, by the tables that RTADDR names; addresses are those of the
 * unit, 0 is at memory. False when something on the way is not present.
 */
bool vtd_demo_find_entry(const struct vtd_memory *memory, uint64_t rtaddr, uint16_t sid, uint32_t pasid,
                         uint64_t *address, uint64_t *q);

#endif
