/* SPDX-License-Identifier: MIT */
/* Configuration space of a PCI function. See pci_config.h. */
#include "qemu/pci_config.h"

#include <string.h>

/* Header (PCI 3.0, 6.1). */
#define STATUS              0x06u
#define STATUS_CAPABILITIES 0x0010u
#define CLASS               0x08u
#define SUBSYSTEM           0x2cu
#define CAPABILITIES        0x34u
#define INTERRUPT_LINE      0x3cu
#define FIRST_CAPABILITY    0x40u
#define FIRST_EXTENDED      0x100u

/* The MSI capability with 64-bit address and mask (PCI 3.0, 6.8.1). */
#define MSI_SIZE         0x18u
#define MSI_CONTROL      0x02u
#define MSI_ENABLE       0x0001u
#define MSI_64BIT        0x0080u
#define MSI_MASK_CAPABLE 0x0100u
#define MSI_ADDRESS      0x04u
#define MSI_UPPER        0x08u
#define MSI_DATA         0x0cu
#define MSI_MASK         0x10u
#define MSI_PENDING      0x14u

/* ---------------------------------------------------------------- fields */

uint32_t vtd_pci_get(const struct vtd_pci_config *config, uint32_t offset, unsigned bytes)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < bytes && offset + i < VTD_PCI_EXPRESS; i++)
        value |= (uint32_t)config->byte[offset + i] << (8 * i);
    return value;
}

static void put(uint8_t *array, uint32_t offset, uint32_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes && offset + i < VTD_PCI_EXPRESS; i++)
        array[offset + i] = (uint8_t)(value >> (8 * i));
}

void vtd_pci_set(struct vtd_pci_config *config, uint32_t offset, uint32_t value, unsigned bytes)
{
    put(config->byte, offset, value, bytes);
}

void vtd_pci_allow(struct vtd_pci_config *config, uint32_t offset, uint32_t mask, unsigned bytes)
{
    put(config->writable, offset, mask, bytes);
}

/* ---------------------------------------------------------------- building */

void vtd_pci_config_init(struct vtd_pci_config *config, const struct vtd_pci_identity *identity, bool express)
{
    memset(config, 0, sizeof(*config));
    config->size = express ? VTD_PCI_EXPRESS : VTD_PCI_CONVENTIONAL;
    config->free = FIRST_CAPABILITY;
    config->free_ext = FIRST_EXTENDED;
    vtd_pci_set(config, 0, identity->vendor | (uint32_t)identity->device << 16, 4);
    vtd_pci_allow(config, VTD_PCI_COMMAND, VTD_PCI_COMMAND_MEMORY | VTD_PCI_COMMAND_MASTER | 0x0400u, 2);
    vtd_pci_set(config, CLASS, identity->class_code << 8 | identity->revision, 4);
    vtd_pci_set(config, SUBSYSTEM, identity->subsystem_vendor | (uint32_t)identity->subsystem << 16, 4);
    vtd_pci_allow(config, INTERRUPT_LINE, 0xff, 1);
}

void vtd_pci_add_bar(struct vtd_pci_config *config, unsigned index, uint32_t size)
{
    config->bar_size[index] = size;
    vtd_pci_allow(config, VTD_PCI_BAR0 + 4 * index, ~(size - 1) & ~15u, 4);
}

uint16_t vtd_pci_add_capability(struct vtd_pci_config *config, uint8_t id, uint32_t size)
{
    const uint32_t at = config->free;
    if (at + size > VTD_PCI_CONVENTIONAL)
        return 0;
    config->free = (at + size + 3) & ~3u;
    vtd_pci_set(config, at, id, 2);
    vtd_pci_set(config, config->last ? config->last + 1 : CAPABILITIES, at, 1);
    config->last = at;
    vtd_pci_set(config, STATUS, STATUS_CAPABILITIES, 2);
    return (uint16_t)at;
}

uint16_t vtd_pci_add_extended(struct vtd_pci_config *config, uint16_t id, uint8_t version, uint32_t size)
{
    const uint32_t at = config->free_ext;
    if (at + size > config->size)
        return 0;
    config->free_ext = (at + size + 15) & ~15u;
    vtd_pci_set(config, at, id | (uint32_t)version << 16, 4);
    if (config->last_ext) /* the offset of the next one is in bits 31:20 */
        vtd_pci_set(config, config->last_ext + 2, vtd_pci_get(config, config->last_ext + 2, 2) | at << 4, 2);
    config->last_ext = at;
    return (uint16_t)at;
}

uint16_t vtd_pci_add_msi(struct vtd_pci_config *config)
{
    const uint16_t at = vtd_pci_add_capability(config, VTD_PCI_CAP_MSI, MSI_SIZE);
    if (at) {
        vtd_pci_set(config, at + MSI_CONTROL, MSI_64BIT | MSI_MASK_CAPABLE, 2);
        vtd_pci_allow(config, at + MSI_CONTROL, MSI_ENABLE, 2);
        vtd_pci_allow(config, at + MSI_ADDRESS, ~3u, 4);
        vtd_pci_allow(config, at + MSI_UPPER, ~0u, 4);
        vtd_pci_allow(config, at + MSI_DATA, 0xffff, 2);
        vtd_pci_allow(config, at + MSI_MASK, 1, 4);
        config->msi = at;
    }
    return at;
}

void vtd_pci_config_seal(struct vtd_pci_config *config)
{
    memcpy(config->initial, config->byte, sizeof(config->initial));
}

void vtd_pci_config_reset(struct vtd_pci_config *config)
{
    memcpy(config->byte, config->initial, sizeof(config->byte));
}

/* ---------------------------------------------------------------- accesses */

uint32_t vtd_pci_config_read(const struct vtd_pci_config *config, uint32_t offset, unsigned size)
{
    if (size > 4 || offset >= config->size || size > config->size - offset)
        return ~0u;
    return vtd_pci_get(config, offset, size);
}

void vtd_pci_config_write(struct vtd_pci_config *config, uint32_t offset, uint32_t value, unsigned size)
{
    if (size > 4 || offset >= config->size || size > config->size - offset)
        return;
    for (unsigned i = 0; i < size; i++) {
        const uint8_t mask = config->writable[offset + i];
        uint8_t *byte = &config->byte[offset + i];
        *byte = (uint8_t)((*byte & ~mask) | ((value >> (8 * i)) & mask));
    }
}

bool vtd_pci_bar_decode(const struct vtd_pci_config *config, unsigned index, uint64_t addr, unsigned size,
                        uint64_t *offset)
{
    const uint32_t base = vtd_pci_get(config, VTD_PCI_BAR0 + 4 * index, 4) & ~15u;
    if (!(config->byte[VTD_PCI_COMMAND] & VTD_PCI_COMMAND_MEMORY))
        return false;
    if (addr < base || addr - base >= config->bar_size[index] || size > config->bar_size[index] - (addr - base))
        return false;
    *offset = addr - base;
    return true;
}

bool vtd_pci_is_master(const struct vtd_pci_config *config)
{
    return config->byte[VTD_PCI_COMMAND] & VTD_PCI_COMMAND_MASTER;
}

/* ---------------------------------------------------------------- messages */

bool vtd_pci_msi(struct vtd_pci_config *config, uint64_t *addr, uint32_t *data)
{
    const uint32_t at = config->msi;
    if (!at || !vtd_pci_is_master(config) || !(config->byte[at + MSI_CONTROL] & MSI_ENABLE))
        return false;
    if (config->byte[at + MSI_MASK] & 1) {
        config->byte[at + MSI_PENDING] = 1;
        return false;
    }
    *addr = vtd_pci_get(config, at + MSI_ADDRESS, 4) | (uint64_t)vtd_pci_get(config, at + MSI_UPPER, 4) << 32;
    *data = vtd_pci_get(config, at + MSI_DATA, 2);
    return true;
}

bool vtd_pci_msi_unmasked(struct vtd_pci_config *config, uint64_t *addr, uint32_t *data)
{
    const uint32_t at = config->msi;
    if (!at || !(config->byte[at + MSI_PENDING] & 1) || !vtd_pci_msi(config, addr, data))
        return false;
    config->byte[at + MSI_PENDING] = 0;
    return true;
}
