/* SPDX-License-Identifier: MIT */
/* The DMA engine as a PCI function: configuration space and registers. See dma_engine.h. */
#include "dma_engine_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Fields of capabilities (PCI Express 5.0, 7.5.3 Express, 10.5.1 ATS, 10.5.2 PRI, 7.8.8 PASID). */
#define EXPRESS_SIZE       0x3cu
#define EXPRESS_INTEGRATED 0x0092u /* version 2, root complex integrated endpoint */
#define EXPRESS_DEVCAP     0x04u
#define EXPRESS_FLR        0x10000000u
#define EXPRESS_DEVCTL     0x08u
#define EXPRESS_START_FLR  0x8000u
#define EXPRESS_DEVCAP2    0x24u
#define EXPRESS_PREFIX     0x00200000u /* end-end TLP prefixes: what a PASID travels in */
#define AF_SIZE            6u
#define AF_CAPABILITIES    0x03u /* with function level reset and transactions pending */
#define AF_CONTROL         0x04u
#define ATS_CAPABILITY     0x04u
#define ATS_ALIGNED        0x0020u /* untranslated addresses are aligned to pages; queue depth 0 means 32 */
#define ATS_CONTROL        0x06u
#define ATS_ENABLE         0x8000u
#define PASID_CAPABILITY   0x04u
#define PASID_CONTROL      0x06u
#define PRI_CONTROL        0x04u
#define PRI_ENABLE         0x0001u
#define PRI_RESET          0x0002u
#define PRI_STATUS         0x06u
#define PRI_FAILURE        0x0001u
#define PRI_STOPPED        0x0100u
#define PRI_NEEDS_PASID    0x8000u /* responses carry the PASID of their request */
#define PRI_CAPACITY       0x08u
#define PRI_ALLOCATION     0x0cu
#define GROUPS             32u

/* ---------------------------------------------------------------- configuration space */

static void add_express(struct vtd_dma_engine *e)
{
    const uint16_t at = vtd_pci_add_capability(&e->pci, VTD_PCI_CAP_EXPRESS, EXPRESS_SIZE);
    vtd_pci_set(&e->pci, at + 2u, EXPRESS_INTEGRATED, 2);
    vtd_pci_set(&e->pci, at + EXPRESS_DEVCAP, EXPRESS_FLR, 4);
    vtd_pci_allow(&e->pci, at + EXPRESS_DEVCTL, 0x7fff, 2);
    vtd_pci_set(&e->pci, at + EXPRESS_DEVCAP2, EXPRESS_PREFIX, 4);
    if (e->config.ats) {
        e->ats = vtd_pci_add_extended(&e->pci, VTD_PCI_EXT_ATS, 1, 8);
        vtd_pci_set(&e->pci, e->ats + ATS_CAPABILITY, ATS_ALIGNED, 2);
        vtd_pci_allow(&e->pci, e->ats + ATS_CONTROL, ATS_ENABLE | 0x1f, 2);
    }
    if (e->config.pasid) {
        e->pasid = vtd_pci_add_extended(&e->pci, VTD_PCI_EXT_PASID, 1, 8);
        vtd_pci_set(&e->pci, e->pasid + PASID_CAPABILITY, 20u << 8 | 0x4, 2); /* 20 bits, privileged mode */
        vtd_pci_allow(&e->pci, e->pasid + PASID_CONTROL, 0x5, 2);
    }
    if (e->config.pri) {
        e->pri = vtd_pci_add_extended(&e->pci, VTD_PCI_EXT_PRI, 1, 16);
        vtd_pci_allow(&e->pci, e->pri + PRI_CONTROL, PRI_ENABLE, 2);
        vtd_pci_set(&e->pci, e->pri + PRI_STATUS, PRI_STOPPED | PRI_NEEDS_PASID, 2);
        vtd_pci_set(&e->pci, e->pri + PRI_CAPACITY, GROUPS, 4);
        vtd_pci_allow(&e->pci, e->pri + PRI_ALLOCATION, ~0u, 4);
    }
}

static void build_config(struct vtd_dma_engine *e)
{
    const struct vtd_pci_identity identity = {
        .vendor = VTD_DMA_ENGINE_VENDOR,
        .device = VTD_DMA_ENGINE_DEVICE,
        .subsystem_vendor = VTD_DMA_ENGINE_VENDOR,
        .subsystem = VTD_DMA_ENGINE_DEVICE,
        .class_code = 0xff0000, /* of no class */
    };
    vtd_pci_config_init(&e->pci, &identity, e->config.express);
    vtd_pci_add_bar(&e->pci, 0, VTD_DMA_ENGINE_BAR);
    vtd_pci_add_msi(&e->pci);
    if (e->config.express) {
        add_express(e);
    } else {
        const uint16_t af = vtd_pci_add_capability(&e->pci, VTD_PCI_CAP_AF, AF_SIZE);
        vtd_pci_set(&e->pci, af + 2u, AF_SIZE, 1);
        vtd_pci_set(&e->pci, af + AF_CAPABILITIES, 0x3, 1);
    }
    vtd_pci_config_seal(&e->pci);
}

/* A reset of the function, from outside or by software: all but its place in the machine is as at the start. */
static void reset(void *self)
{
    struct vtd_dma_engine *e = self;
    if (e->phase != VTD_DMA_IDLE)
        vtd_dma_end(e, 0);
    vtd_pci_config_reset(&e->pci);
    e->pri_on = false;
    vtd_requester_set_ats(e->requester, false);
    memset(e->reg, 0, sizeof(e->reg));
    e->reg[VTD_DMA_REG_ID / 4] = VTD_DMA_ID;
    e->reg[VTD_DMA_REG_FEATURES / 4] = VTD_DMA_REQUEST << 16 | (e->config.ats ? VTD_DMA_FEATURE_ATS : 0u) |
                                       (e->config.pasid ? VTD_DMA_FEATURE_PASID : 0u) |
                                       (e->config.pri ? VTD_DMA_FEATURE_PRI : 0u);
}

static uint32_t config_read(void *self, uint32_t offset, unsigned size)
{
    struct vtd_dma_engine *e = self;
    if (e->pri && vtd_pci_touches(offset, size, e->pri + PRI_STATUS, 2)) {
        const bool enabled = vtd_pci_get(&e->pci, e->pri + PRI_CONTROL, 2) & PRI_ENABLE;
        const bool on = e->pri_on;
        vtd_pci_set(&e->pci, e->pri + PRI_STATUS,
                    PRI_NEEDS_PASID | (on ? 0 : PRI_STOPPED) | (enabled && !on ? PRI_FAILURE : 0), 2);
    }
    return vtd_pci_config_read(&e->pci, offset, size);
}

static void write_pri(struct vtd_dma_engine *e, uint16_t before)
{
    const uint16_t now = (uint16_t)vtd_pci_get(&e->pci, e->pri + PRI_CONTROL, 2);
    if ((now ^ before) & PRI_ENABLE)
        e->pri_on = now & PRI_ENABLE;
}

/* The byte of a write that goes to an offset, or 0. */
static uint8_t byte_at(uint32_t offset, uint32_t value, unsigned size, uint32_t at)
{
    return at >= offset && at - offset < size ? (uint8_t)(value >> (8 * (at - offset))) : 0;
}

static bool starts_reset(const struct vtd_dma_engine *e, uint32_t offset, uint32_t value, unsigned size)
{
    for (uint32_t cap = vtd_pci_get(&e->pci, 0x34, 1); cap; cap = vtd_pci_get(&e->pci, cap + 1, 1)) {
        const uint32_t id = vtd_pci_get(&e->pci, cap, 1);
        if (id == VTD_PCI_CAP_AF && byte_at(offset, value, size, cap + AF_CONTROL) & 1)
            return true;
        if (id == VTD_PCI_CAP_EXPRESS && byte_at(offset, value, size, cap + EXPRESS_DEVCTL + 1) & 0x80)
            return true;
    }
    return false;
}

static void config_write(void *self, uint32_t offset, uint32_t value, unsigned size)
{
    struct vtd_dma_engine *e = self;
    if (starts_reset(e, offset, value, size)) {
        reset(e);
        return;
    }
    const uint16_t pri = e->pri ? (uint16_t)vtd_pci_get(&e->pci, e->pri + PRI_CONTROL, 2) : 0;
    vtd_pci_config_write(&e->pci, offset, value, size);
    if (e->ats && vtd_pci_touches(offset, size, e->ats + ATS_CONTROL, 2))
        vtd_requester_set_ats(e->requester, vtd_pci_get(&e->pci, e->ats + ATS_CONTROL, 2) & ATS_ENABLE);
    if (e->pri)
        write_pri(e, pri);
    uint64_t addr;
    uint32_t data;
    if (vtd_pci_msi_unmasked(&e->pci, &addr, &data))
        e->reg[VTD_DMA_REG_LOST / 4] += !vtd_qemu_interrupt(e->host, e->config.sid, addr, data);
}

/* ---------------------------------------------------------------- registers */

static bool bar_read(void *self, uint64_t addr, unsigned size, uint64_t *value)
{
    const struct vtd_dma_engine *e = self;
    uint64_t offset;
    if (!vtd_pci_bar_decode(&e->pci, 0, addr, size, &offset))
        return false;
    *value = 0;
    for (unsigned i = 0; i < size; i++) {
        const uint64_t at = offset + i;
        if (at < VTD_DMA_REG_END)
            *value |= (uint64_t)(uint8_t)(e->reg[at / 4] >> (8 * (at % 4))) << (8 * i);
    }
    return true;
}

static void write_control(struct vtd_dma_engine *e, uint32_t value)
{
    const bool busy = e->phase != VTD_DMA_IDLE;
    if (value & VTD_DMA_CLEAR && !busy) {
        e->reg[VTD_DMA_REG_STATUS / 4] = 0;
        memset(&e->reg[VTD_DMA_REG_MOVED / 4], 0, VTD_DMA_REG_END - VTD_DMA_REG_MOVED);
    }
    if (value & VTD_DMA_STOP && busy)
        vtd_dma_end(e, VTD_DMA_STATUS_STOPPED);
    if (value & VTD_DMA_START && e->phase == VTD_DMA_IDLE)
        vtd_dma_start(e);
}

static void write_register(struct vtd_dma_engine *e, uint64_t offset, uint32_t value)
{
    if (offset == VTD_DMA_REG_CONTROL)
        write_control(e, value);
    else if (offset >= VTD_DMA_REG_SOURCE && offset < VTD_DMA_REG_STATUS && e->phase == VTD_DMA_IDLE)
        e->reg[offset / 4] = value;
}

static bool bar_write(void *self, uint64_t addr, uint64_t value, unsigned size)
{
    struct vtd_dma_engine *e = self;
    uint64_t offset;
    if (!vtd_pci_bar_decode(&e->pci, 0, addr, size, &offset))
        return false;
    if ((size == 4 || size == 8) && offset % size == 0) {
        write_register(e, offset, (uint32_t)value);
        if (size == 8)
            write_register(e, offset + 4, (uint32_t)(value >> 32));
    }
    return true;
}

/* ---------------------------------------------------------------- life */

static void destroy(void *self)
{
    free(self); /* the requester is the machine's */
}

int vtd_dma_engine_create(struct vtd_qemu_host *host, const struct vtd_dma_engine_config *config,
                          struct vtd_qemu_function *function, char *why)
{
    const char *wrong = NULL;
    if ((config->ats || config->pasid || config->pri) && !config->express)
        wrong = "a DMA engine with ATS, PASID or PRI has to be an Express function";
    else if (config->pri && !config->ats)
        wrong = "a DMA engine with PRI needs ATS";
    if (wrong) {
        if (why)
            strcpy(why, wrong);
        return -EINVAL;
    }
    struct vtd_dma_engine *e = calloc(1, sizeof(*e));
    if (!e) {
        if (why)
            strcpy(why, "out of memory");
        return -ENOMEM;
    }
    e->host = host;
    e->config = *config;
    struct vtd_requester_config requester = {.sid = config->sid,
                                             .ats = config->ats,
                                             .pasid = config->pasid,
                                             .pri = config->pri,
                                             .device_tlb = config->device_tlb,
                                             .outstanding_max = GROUPS};
    if (requester.device_tlb.entries == 0)
        requester.device_tlb.entries = 64;
    const int error = vtd_machine_add_requester(host->machine, &requester, &e->requester, why);
    if (error) {
        free(e);
        return error;
    }
    build_config(e);
    reset(e);
    *function = (struct vtd_qemu_function){.self = e,
                                           .sid = config->sid,
                                           .config_read = config_read,
                                           .config_write = config_write,
                                           .bar_read = bar_read,
                                           .bar_write = bar_write,
                                           .reset = reset,
                                           .run = vtd_dma_run,
                                           .destroy = destroy};
    return 0;
}
