/* SPDX-License-Identifier: MIT */
/* The virtual unit: what the guest finds, its memory and its bus. See vmm.h. */
#include "internal.h"

#include "vtd/vtd_regs.h"

#include <errno.h>
#include <string.h>

/* ---------------------------------------------------------------- virtual commands (ref 1.14) */

static unsigned virtual_command(void *opaque, unsigned command, uint64_t operand_a, uint64_t operand_b,
                                uint64_t *result)
{
    struct vtd_vmm *vmm = opaque;
    struct vtd_pasid_sets *pasids = vmm->config.pasids;
    struct vtd_vmm_event event = {.kind = VTD_VMM_PASID_ALLOC};
    uint32_t pasid = (uint32_t)operand_a;
    (void)operand_b;
    if (command == VTD_VCMD_ALLOC_PASID) {
        pasid = 0;
        event.result = vtd_pasid_sets_alloc(pasids, vmm->set, &pasid);
        *result = pasid;
        vmm->stats.allocs += event.result == 0;
    } else {
        event.kind = VTD_VMM_PASID_FREE;
        event.result = vtd_pasid_sets_free(pasids, vmm->set, pasid);
        vmm->stats.frees += event.result == 0;
    }
    event.gpasid = event.hpasid = pasid;
    vtd_vmm_tell(vmm, &event);
    if (event.result == 0)
        return VTD_VCMD_SUCCESS;
    return command == VTD_VCMD_ALLOC_PASID ? VTD_VCMD_NO_PASID : VTD_VCMD_INVALID_PASID;
}

/* Fault, page request and completion events. */
static void interrupt(void *opaque, uint64_t addr, uint32_t data)
{
    const struct vtd_vmm *vmm = opaque;
    if (vmm->config.interrupt)
        vmm->config.interrupt(vmm->config.opaque, addr, data);
}

/* ---------------------------------------------------------------- the bus of the guest's driver */

static uint32_t bus_read32(void *opaque, uint64_t offset)
{
    return vtd_mmio_read32(((struct vtd_vmm *)opaque)->unit, offset);
}

static uint64_t bus_read64(void *opaque, uint64_t offset)
{
    return vtd_mmio_read64(((struct vtd_vmm *)opaque)->unit, offset);
}

/* Translation that goes on or off, and another root table, change all entries at once and may come without a flush. */
static void after_write(struct vtd_vmm *vmm, uint64_t offset)
{
    vmm->busy = false;
    for (unsigned i = 0; offset == VTD_REG_GCMD && i < VTD_VMM_DEVICES; i++)
        if (vmm->device[i].exists)
            vtd_vmm_sync_device(vmm, &vmm->device[i]);
    vtd_vmm_release_held(vmm);
}

static void bus_write32(void *opaque, uint64_t offset, uint32_t value)
{
    struct vtd_vmm *vmm = opaque;
    vmm->busy = true;
    vtd_mmio_write32(vmm->unit, offset, value);
    after_write(vmm, offset);
}

static void bus_write64(void *opaque, uint64_t offset, uint64_t value)
{
    struct vtd_vmm *vmm = opaque;
    vmm->busy = true;
    vtd_mmio_write64(vmm->unit, offset, value);
    after_write(vmm, offset);
}

static void *bus_dma_alloc(void *opaque, unsigned order, uint64_t *dma)
{
    struct vtd_vmm *vmm = opaque;
    *dma = vtd_frames_alloc(&vmm->frames, order);
    return *dma ? vmm->memory.base + *dma : NULL;
}

static void bus_dma_free(void *opaque, uint64_t dma, unsigned order)
{
    struct vtd_vmm *vmm = opaque;
    vtd_frames_free(&vmm->frames, dma, order);
}

static void *bus_dma_to_cpu(void *opaque, uint64_t dma)
{
    struct vtd_vmm *vmm = opaque;
    return dma >= vmm->frames.start && dma < vmm->frames.end ? vmm->memory.base + dma : NULL;
}

/* The unit and the hypervisor read memory only inside of calls of the same thread. */
static void bus_store128(void *opaque, void *cpu, uint64_t low, uint64_t high)
{
    (void)opaque;
    const uint64_t both[2] = {low, high};
    memcpy(cpu, both, sizeof(both));
}

/* ---------------------------------------------------------------- what the guest finds */

/*
 * The host's unit, in caching mode, with what the hypervisor can pass on: first stage and pass-through, ATS, PASIDs,
 * and page requests if they are wanted. Not nesting, second stage, RID_PASID other than 0, interrupts, or performance
 * monitoring. Addresses are as wide as the second stage's, so that a page table that holds a wider one has a reserved
 * bit set. With page requests, waits drain them.
 */
static struct vtd_config guest_config(const struct vtd_vmm *vmm)
{
    struct vtd_config c = *vtd_config_get(vmm->config.machine->unit);
    const unsigned mgaw = (unsigned)vtd_reg_cap_mgaw(c.cap) + 1;
    c.haw = (uint8_t)(mgaw < VTD_VMM_MEMORY_WIDTH ? mgaw : VTD_VMM_MEMORY_WIDTH);
    c.cap |= vtd_reg_cap_put_cm(1);
    c.cap &= ~(vtd_reg_cap_put_sagaw(~0ull) | vtd_reg_cap_put_sslps(~0ull) | vtd_reg_cap_put_pi(1) |
               vtd_reg_cap_put_ecmds(1) | vtd_reg_cap_put_plmr(1) | vtd_reg_cap_put_phmr(1));
    c.ecap &= ~(vtd_reg_ecap_put_nest(1) | vtd_reg_ecap_put_ssts(1) | vtd_reg_ecap_put_ssads(1) |
                vtd_reg_ecap_put_ssirws(1) | vtd_reg_ecap_put_mts(1));
    c.ecap &= ~(vtd_reg_ecap_put_prs(1) | vtd_reg_ecap_put_pds(1));
    c.ecap |= vtd_reg_ecap_put_prs(vmm->config.page_requests) | vtd_reg_ecap_put_pds(vmm->config.page_requests);
    c.ecap &=
        ~(vtd_reg_ecap_put_sms(1) | vtd_reg_ecap_put_ptrs(1) | vtd_reg_ecap_put_rps(1) | vtd_reg_ecap_put_rprivs(1));
    c.ecap &=
        ~(vtd_reg_ecap_put_ir(1) | vtd_reg_ecap_put_eim(1) | vtd_reg_ecap_put_mhmv(~0ull) | vtd_reg_ecap_put_irreq(1) |
          vtd_reg_ecap_put_eimer(1) | vtd_reg_ecap_put_pms(1) | vtd_reg_ecap_put_vcs(1));
    c.ecap |= vtd_reg_ecap_put_vcs(!vmm->config.guest_pasids);
    return c;
}

int vtd_vmm_unit_init(struct vtd_vmm *vmm, char *why)
{
    const struct vtd_config config = guest_config(vmm);
    const struct vtd_host host = {
        .opaque = vmm,
        .mem_base = vmm->memory.base,
        .mem_size = vmm->memory.size,
        .msi = interrupt,
        .page_response = vtd_vmm_page_response,
        .virtual_command = virtual_command,
        .descriptor = vtd_vmm_descriptor,
    };
    vmm->unit = vtd_create(&config, &host, why);
    if (!vmm->unit)
        return -EINVAL;
    vmm->bus = (struct vtd_bus){
        .opaque = vmm,
        .read32 = bus_read32,
        .read64 = bus_read64,
        .write32 = bus_write32,
        .write64 = bus_write64,
        .dma_alloc = bus_dma_alloc,
        .dma_free = bus_dma_free,
        .dma_to_cpu = bus_dma_to_cpu,
        .store128 = bus_store128,
    };
    return 0;
}
