/* SPDX-License-Identifier: MIT */
/* Reading a guest's tables (ref 2.2 to 2.5). The guest may write anything, also while it is read: each qword is read once. */
#include "internal.h"

#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

#define PAGE_MASK UINT64_C(0xfff)

/* Reads qwords at a guest physical address; false, and zeros, outside of the guest's memory. */
static bool read_guest(const struct vtd_vmm *vmm, uint64_t gpa, unsigned qwords, uint64_t *q)
{
    const bool there = gpa % 8 == 0 && vtd_memory_has(&vmm->memory, gpa, 8u * qwords);
    const uint64_t *from = there ? (const uint64_t *)(const void *)(vmm->memory.base + gpa) : NULL;
    for (unsigned i = 0; i < qwords; i++)
        q[i] = there ? __atomic_load_n(&from[i], __ATOMIC_ACQUIRE) : 0;
    return there;
}

/* The context entry of a device; false when translation is off or there is none. */
static bool context_of(const struct vtd_vmm *vmm, uint16_t sid, uint64_t *context)
{
    const uint32_t status = vtd_mmio_read32(vmm->unit, VTD_REG_GSTS);
    const uint64_t table = vtd_mmio_read64(vmm->unit, VTD_REG_RTADDR);
    if (!vtd_reg_gsts_tes(status) || !vtd_reg_gsts_rtps(status) || vtd_reg_rtaddr_ttm(table) != VTD_TTM_SCALABLE)
        return false;
    uint64_t half;
    if (!read_guest(vmm, (table & ~PAGE_MASK) + 16u * (sid >> 8) + 8u * (sid >> 7 & 1), 1, &half) || !(half & 1))
        return false;
    return read_guest(vmm, (half & ~PAGE_MASK) + VTD_SM_CONTEXT_BYTES * (sid & 0x7fu), VTD_SM_CONTEXT_QWORDS,
                      context) &&
           vtd_sm_context_p(context);
}

static struct vtd_vmm_directory directory_of(const uint64_t *context)
{
    return (struct vtd_vmm_directory){
        .gpa = vtd_sm_context_pasiddirptr(context) << 12,
        .entries = 1u << (vtd_sm_context_pdts(context) + 7),
    };
}

struct vtd_vmm_directory vtd_vmm_guest_directory(const struct vtd_vmm *vmm, uint16_t sid)
{
    uint64_t context[VTD_SM_CONTEXT_QWORDS];
    if (!context_of(vmm, sid, context))
        return (struct vtd_vmm_directory){0};
    return directory_of(context);
}

/* The page of PASID entries that entry number chunk leads to; false when there is none. */
static bool page_of(const struct vtd_vmm *vmm, const struct vtd_vmm_directory *directory, uint32_t chunk,
                    uint64_t *page)
{
    uint64_t entry;
    if (chunk >= directory->entries || !read_guest(vmm, directory->gpa + UINT64_C(8) * chunk, 1, &entry))
        return false;
    *page = vtd_pasid_dir_smptblptr(&entry) << 12;
    return vtd_pasid_dir_p(&entry);
}

bool vtd_vmm_directory_has(const struct vtd_vmm *vmm, const struct vtd_vmm_directory *directory, uint32_t chunk)
{
    uint64_t page;
    return page_of(vmm, directory, chunk, &page);
}

static struct vtd_vmm_entry decode(const uint64_t *q, bool rid)
{
    struct vtd_vmm_entry e = {.did = (uint16_t)vtd_pasid_entry_did(q)};
    const unsigned pgtt = (unsigned)vtd_pasid_entry_pgtt(q), mode = (unsigned)vtd_pasid_entry_fspm(q);
    if (!vtd_pasid_entry_p(q))
        return e;
    e.present = true;
    e.first_stage = pgtt == VTD_PGTT_FIRST_STAGE;
    e.bad = !e.first_stage && !(rid && pgtt == VTD_PGTT_PASS_THROUGH);
    if (!e.first_stage)
        return e;
    e.gpgd = vtd_pasid_entry_fsptptr(q) << 12;
    e.addr_width = mode == 0 ? 48 : mode == 1 ? 57 : 0; /* 0: the host's driver will refuse it */
    e.flags = (vtd_pasid_entry_sre(q) ? VTD_DRV_GPASID_VTD_SRE : 0) |
              (vtd_pasid_entry_eafe(q) ? VTD_DRV_GPASID_VTD_EAFE : 0) |
              (vtd_pasid_entry_emte(q) ? VTD_DRV_GPASID_VTD_EMTE : 0) |
              (vtd_pasid_entry_cd(q) ? VTD_DRV_GPASID_VTD_CD : 0) |
              (vtd_pasid_entry_wpe(q) ? VTD_DRV_GPASID_VTD_WPE : 0);
    e.pat = (uint32_t)vtd_pasid_entry_pat(q);
    return e;
}

struct vtd_vmm_entry vtd_vmm_guest_entry(const struct vtd_vmm *vmm, uint16_t sid, uint32_t pasid)
{
    uint64_t context[VTD_SM_CONTEXT_QWORDS], page, q[VTD_PASID_ENTRY_QWORDS];
    if (!context_of(vmm, sid, context) || (pasid && !vtd_sm_context_paside(context)))
        return (struct vtd_vmm_entry){0};
    const struct vtd_vmm_directory directory = directory_of(context);
    if (!page_of(vmm, &directory, pasid / VTD_VMM_CHUNK, &page))
        return (struct vtd_vmm_entry){0};
    read_guest(vmm, page + VTD_PASID_ENTRY_BYTES * (pasid % VTD_VMM_CHUNK), VTD_PASID_ENTRY_QWORDS, q);
    return decode(q, pasid == 0);
}

bool vtd_vmm_guest_fault_disabled(const struct vtd_vmm *vmm, uint16_t sid, uint32_t pasid)
{
    uint64_t context[VTD_SM_CONTEXT_QWORDS], entry, q[VTD_PASID_ENTRY_QWORDS];
    if (!context_of(vmm, sid, context))
        return false;
    const struct vtd_vmm_directory directory = directory_of(context);
    const uint32_t chunk = pasid / VTD_VMM_CHUNK;
    if (chunk >= directory.entries || !read_guest(vmm, directory.gpa + UINT64_C(8) * chunk, 1, &entry))
        return vtd_sm_context_fpd(context);
    read_guest(vmm, (vtd_pasid_dir_smptblptr(&entry) << 12) + VTD_PASID_ENTRY_BYTES * (pasid % VTD_VMM_CHUNK),
               VTD_PASID_ENTRY_QWORDS, q);
    return vtd_sm_context_fpd(context) || vtd_pasid_dir_fpd(&entry) || vtd_pasid_entry_fpd(q);
}
