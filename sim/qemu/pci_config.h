/* SPDX-License-Identifier: MIT */
/*
 * Configuration space of a PCI function (PCI Local Bus 3.0, chapter 6; PCI Express Base 5.0, chapter 7): values, what
 * software may write, capabilities, BARs.
 */
#ifndef VTD_QEMU_PCI_CONFIG_H
#define VTD_QEMU_PCI_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Sizes of a conventional function's space and of an Express function's. */
#define VTD_PCI_CONVENTIONAL 256u
#define VTD_PCI_EXPRESS      4096u

/* Registers of the header that code here asks for. */
#define VTD_PCI_COMMAND        0x04u
#define VTD_PCI_COMMAND_MEMORY 0x0002u
#define VTD_PCI_COMMAND_MASTER 0x0004u
#define VTD_PCI_BAR0           0x10u
#define VTD_PCI_BARS           6u

/* Capabilities. */
#define VTD_PCI_CAP_MSI     0x05u
#define VTD_PCI_CAP_VENDOR  0x09u
#define VTD_PCI_CAP_EXPRESS 0x10u
#define VTD_PCI_CAP_MSIX    0x11u
#define VTD_PCI_CAP_AF      0x13u
#define VTD_PCI_EXT_ATS     0x0fu
#define VTD_PCI_EXT_PRI     0x13u
#define VTD_PCI_EXT_PASID   0x1bu

struct vtd_pci_config {
    uint8_t byte[VTD_PCI_EXPRESS];
    uint8_t writable[VTD_PCI_EXPRESS]; /* bits that software may write */
    uint8_t initial[VTD_PCI_EXPRESS];  /* what a reset brings back: vtd_pci_config_seal */
    uint32_t size;                     /* VTD_PCI_CONVENTIONAL or VTD_PCI_EXPRESS */
    uint32_t bar_size[VTD_PCI_BARS];
    uint32_t free;     /* where the next capability goes */
    uint32_t free_ext; /* and the next extended one */
    uint32_t last, last_ext;
    uint16_t msi; /* offset of the MSI capability, 0: none */
};

/* Who a function is. */
struct vtd_pci_identity {
    uint16_t vendor, device, subsystem_vendor, subsystem;
    uint32_t class_code; /* 24 bits */
    uint8_t revision;
};

/* Begins a function of type 0 without BARs and capabilities. */
void vtd_pci_config_init(struct vtd_pci_config *config, const struct vtd_pci_identity *identity, bool express);

/* Little-endian fields of 1 to 4 bytes at an offset within the space. */
uint32_t vtd_pci_get(const struct vtd_pci_config *config, uint32_t offset, unsigned bytes);
void vtd_pci_set(struct vtd_pci_config *config, uint32_t offset, uint32_t value, unsigned bytes);
void vtd_pci_allow(struct vtd_pci_config *config, uint32_t offset, uint32_t mask, unsigned bytes);

/* A BAR for 32-bit memory; size is a power of two of at least 16. */
void vtd_pci_add_bar(struct vtd_pci_config *config, unsigned index, uint32_t size);

/*
 * Appends a capability of so many bytes, header included. Returns its offset; 0 when there is no room, for an extended one
 * also when the function is not Express.
 */
uint16_t vtd_pci_add_capability(struct vtd_pci_config *config, uint8_t id, uint32_t size);
uint16_t vtd_pci_add_extended(struct vtd_pci_config *config, uint16_t id, uint8_t version, uint32_t size);

/* A MSI capability for one message, with 64-bit addresses and a mask bit. */
uint16_t vtd_pci_add_msi(struct vtd_pci_config *config);

/* What is there now is what a reset brings back. */
void vtd_pci_config_seal(struct vtd_pci_config *config);
void vtd_pci_config_reset(struct vtd_pci_config *config);

/*
 * Accesses of software: 1, 2 or 4 bytes. Outside of the space, or across its end, a read gives all ones and a write does
 * nothing.
 */
uint32_t vtd_pci_config_read(const struct vtd_pci_config *config, uint32_t offset, unsigned size);
void vtd_pci_config_write(struct vtd_pci_config *config, uint32_t offset, uint32_t value, unsigned size);

/* Whether an access to a register of `bytes` bytes at `reg` touches it. */
static inline bool vtd_pci_touches(uint32_t offset, unsigned size, uint32_t reg, unsigned bytes)
{
    return offset < reg + bytes && reg < offset + size;
}

/* Whether [addr, addr + size) is within a BAR that decodes memory now; *offset is then the place in it. */
bool vtd_pci_bar_decode(const struct vtd_pci_config *config, unsigned index, uint64_t addr, unsigned size,
                        uint64_t *offset);

bool vtd_pci_is_master(const struct vtd_pci_config *config);

/* Address and data of the message; false when it is off or masked (then it stays pending until it is unmasked). */
bool vtd_pci_msi(struct vtd_pci_config *config, uint64_t *addr, uint32_t *data);

/* Whether a pending message may be sent now: it is no longer pending then. For after configuration writes. */
bool vtd_pci_msi_unmasked(struct vtd_pci_config *config, uint64_t *addr, uint32_t *data);

#ifdef __cplusplus
}
#endif
#endif
