/* SPDX-License-Identifier: MIT */
/*
 * Faults of the host's unit for the guest (ref 5, 9). What a walk of the guest's own page table met is recorded in the
 * virtual unit under the guest's numbers, as if that had walked the table. The second stage, and the tables of the
 * host, are the hypervisor's: their faults stay with the host, and so does what has no counterpart in the guest, as a
 * PASID that is not bound.
 */
#include "internal.h"

#include "vtd/vtd_structs.h"

/*
 * The reason in a unit without a second stage; 0: it is the host's. Those of a nested walk only (SFS.5 to SFS.8) are
 * told as what a walk of a table that leads out of memory meets: an address that is too wide is a reserved bit (the
 * virtual unit's HAW is the width of the second stage), and a table that cannot be read is an access error.
 */
static uint8_t reason_of_guest(uint8_t reason)
{
    switch (reason) {
    case VTD_FAULT_SPT_5:
    case VTD_FAULT_SPT_6:
    case VTD_FAULT_SFS_1:
    case VTD_FAULT_SFS_2:
    case VTD_FAULT_SFS_3:
    case VTD_FAULT_SFS_4:
    case VTD_FAULT_SGN_1:
    case VTD_FAULT_SGN_2:
    case VTD_FAULT_SGN_3:
    case VTD_FAULT_SGN_6: /* the second stage grants everything that it has: what lacks is in the first */
    case VTD_FAULT_SGN_7:
    case VTD_FAULT_SFS_9:
    case VTD_FAULT_SFS_10:
        return reason;
    case VTD_FAULT_SFS_5:
        return VTD_FAULT_SFS_3;
    case VTD_FAULT_SFS_6:
        return VTD_FAULT_SFS_4;
    case VTD_FAULT_SFS_7:
    case VTD_FAULT_SFS_8:
        return VTD_FAULT_SFS_1;
    default:
        return 0;
    }
}

/* {T1,T2} of a record (ref 1.7). */
static uint8_t access_of(const struct vtd_drv_fault *f)
{
    static const uint8_t access[] = {[0] = VTD_WRITE, [1] = VTD_READ, [2] = VTD_READ, [3] = VTD_ATOMIC};
    return f->type == 2 && f->execute ? VTD_EXEC : access[f->type & 3];
}

enum vtd_vmm_fault_result vtd_vmm_fault(struct vtd_vmm *vmm, const struct vtd_drv_fault *fault)
{
    struct vtd_vmm_who who;
    const uint8_t reason = fault->type == 1 ? 0 : reason_of_guest(fault->reason);
    if (!vtd_vmm_by_host(vmm, fault->sid, fault->has_pasid, fault->pasid, &who))
        return VTD_VMM_FAULT_NOT_MINE;
    if (!reason)
        return VTD_VMM_FAULT_OF_HOST;
    const struct vtd_injected_fault injected = {
        .addr = fault->addr,
        .pasid = who.gpasid,
        .sid = who.device->guest_sid,
        .reason = reason,
        .at = fault->at & 3,
        .access = access_of(fault),
        .has_pasid = who.has_pasid,
        .privileged = who.has_pasid && fault->privileged,
        .disabled = vtd_vmm_guest_fault_disabled(vmm, who.device->guest_sid, who.gpasid),
    };
    if (vtd_fault_inject(vmm->unit, &injected) != VTD_STATUS_OK)
        return VTD_VMM_FAULT_OF_HOST;
    vmm->stats.faults++;
    vtd_vmm_tell(vmm, &(struct vtd_vmm_event){.kind = VTD_VMM_FAULT,
                                              .guest_sid = who.device->guest_sid,
                                              .host_sid = who.device->host_sid,
                                              .gpasid = who.gpasid,
                                              .hpasid = who.hpasid,
                                              .addr = fault->addr,
                                              .code = reason});
    return VTD_VMM_FAULT_OF_GUEST;
}
