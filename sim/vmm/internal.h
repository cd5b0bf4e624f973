/* SPDX-License-Identifier: MIT */
/* What the files of the hypervisor share. Each section is owned by the file that it names. */
#ifndef VTD_VMM_INTERNAL_H
#define VTD_VMM_INTERNAL_H

#include "vmm/vmm.h"

#define VTD_VMM_MEMORY_WIDTH 48 /* bits of guest physical addresses */

#define VTD_VMM_CHUNK  64u             /* PASIDs of one page of a PASID table */
#define VTD_VMM_CHUNKS (1u << 20 >> 6) /* of a device */

/* What a guest's PASID entry asks for. */
struct vtd_vmm_entry {
    bool present; /* with a first stage, or (RID_PASID) pass-through */
    bool first_stage;
    bool bad; /* of another kind: cannot be served */
    uint16_t did;
    uint32_t addr_width;
    uint64_t gpgd;
    uint64_t flags; /* VTD_DRV_GPASID_VTD_* */
    uint32_t pat;
};

/* What was made of it. */
struct vtd_vmm_shadow {
    bool bound;
    uint32_t hpasid;
    struct vtd_vmm_entry entry;
};

struct vtd_vmm_device {
    bool exists;
    uint16_t guest_sid, host_sid;
    uint32_t rid_pasid; /* of the host: what requests without PASID are; of a part of a device not VTD_DRV_RID_PASID */
    struct vtd_drv_domain *rid_domain; /* nested, for requests without PASID; NULL: the machine's memory */
    struct vtd_vmm_entry rid_entry;
    struct vtd_vmm_shadow **chunk; /* [VTD_VMM_CHUNKS], each may be NULL */
};

#define VTD_VMM_DEVICES 64

/* A device of the machine and a PASID that is bound for it; without a PASID, its first stage for such requests. */
struct vtd_vmm_who {
    struct vtd_vmm_device *device;
    bool has_pasid; /* in the guest */
    uint32_t gpasid;
    uint32_t hpasid; /* VTD_DRV_RID_PASID: none */
};

/* A page request that waits until the virtual unit can take it. */
struct vtd_vmm_held {
    struct vtd_vmm_who who;
    struct vtd_page_request request; /* under the guest's numbers */
};

/* Page requests of the machine, see page_requests.c. */
struct vtd_vmm_groups {
    uint32_t limit;
    uint32_t count;
    struct vtd_vmm_group *waiting; /* [limit] groups that the guest is to answer */
    uint32_t held_count;
    struct vtd_vmm_held *held; /* [limit], oldest first */
};

struct vtd_vmm {
    struct vtd_vmm_config config;
    struct vtd *unit; /* virtual */
    struct vtd_bus bus;
    struct vtd_memory memory; /* a view of the host's */
    struct vtd_frames frames;
    struct vtd_drv_domain *domain; /* guest physical to host physical */
    int set;                       /* of PASIDs */
    struct vtd_vmm_device device[VTD_VMM_DEVICES];
    struct vtd_composed *composed; /* list, see composed.c */
    struct vtd_vmm_groups groups;
    bool busy;      /* the virtual unit is in the middle of a register write: it cannot take requests */
    bool injecting; /* it takes one now, and what it answers is its own answer */
    struct vtd_vmm_stats stats;
};

/* Fills in nothing but tells. */
static inline void vtd_vmm_tell(const struct vtd_vmm *vmm, const struct vtd_vmm_event *event)
{
    if (vmm->config.event)
        vmm->config.event(vmm->config.opaque, event);
}

/* ---------------------------------------------------------------- virtual_unit.c */

/* Makes the virtual unit over the guest's memory, and its bus. */
int vtd_vmm_unit_init(struct vtd_vmm *vmm, char *why);

/* ---------------------------------------------------------------- guest_tables.c */

/* Reads the guest's entry for a PASID of a device, once; not present when anything on the way is not. */
struct vtd_vmm_entry vtd_vmm_guest_entry(const struct vtd_vmm *vmm, uint16_t sid, uint32_t pasid);

/* A device's PASID directory, to look at all of it; entries 0 when there is none. */
struct vtd_vmm_directory {
    uint64_t gpa;
    uint32_t entries;
};
struct vtd_vmm_directory vtd_vmm_guest_directory(const struct vtd_vmm *vmm, uint16_t sid);

/* Whether entry number chunk leads to a page of PASID entries. */
bool vtd_vmm_directory_has(const struct vtd_vmm *vmm, const struct vtd_vmm_directory *directory, uint32_t chunk);

/* FPD of the entries that lead to a PASID: the guest does not want to know of its faults (ref 5.3). */
bool vtd_vmm_guest_fault_disabled(const struct vtd_vmm *vmm, uint16_t sid, uint32_t pasid);

/* ---------------------------------------------------------------- lookup.c */

/* What is bound for a guest's PASID; NULL: nothing. */
const struct vtd_vmm_shadow *vtd_vmm_shadow(const struct vtd_vmm_device *device, uint32_t gpasid);

/* By the host's numbers, and by the guest's: false when it is not this machine's, or not bound. */
bool vtd_vmm_by_host(struct vtd_vmm *vmm, uint16_t host_sid, bool has_pasid, uint32_t hpasid, struct vtd_vmm_who *who);
bool vtd_vmm_by_guest(struct vtd_vmm *vmm, uint16_t guest_sid, bool has_pasid, uint32_t gpasid,
                      struct vtd_vmm_who *who);

/* ---------------------------------------------------------------- page_requests.c */

int vtd_vmm_groups_init(struct vtd_vmm *vmm);
void vtd_vmm_groups_fini(struct vtd_vmm *vmm);

/* The binding is gone, and the host's driver has answered its groups. */
void vtd_vmm_groups_forget(struct vtd_vmm *vmm, const struct vtd_vmm_who *who);

/* Submits what was held while the virtual unit was busy. */
void vtd_vmm_release_held(struct vtd_vmm *vmm);

/* For vtd_host.page_response of the virtual unit. */
void vtd_vmm_page_response(void *opaque, const struct vtd_page_response *resp);

/* ---------------------------------------------------------------- shadow.c */

/* Reads entries of the guest anew and makes the host's follow: of one PASID, or of all. */
void vtd_vmm_sync_pasid(struct vtd_vmm *vmm, struct vtd_vmm_device *device, uint32_t gpasid);
void vtd_vmm_sync_device(struct vtd_vmm *vmm, struct vtd_vmm_device *device);

/* Unbinds everything of a device. */
void vtd_vmm_unbind_device(struct vtd_vmm *vmm, struct vtd_vmm_device *device);

/* ---------------------------------------------------------------- composed.c */

/* A PASID of a device is about to go: mediated devices stop to use it. */
void vtd_vmm_composed_drop(struct vtd_vmm *vmm, const struct vtd_vmm_device *device, uint32_t hpasid);

/* ---------------------------------------------------------------- forward.c */

/* For vtd_host.descriptor of the virtual unit. */
void vtd_vmm_descriptor(void *opaque, const uint64_t q[4], unsigned qwords);

#endif
