/* SPDX-License-Identifier: MIT */
/* MSI-X of a PCI function (PCI Local Bus 3.0, 6.8.2): capability, table and pending bits, messages. */
#ifndef VTD_QEMU_MSIX_H
#define VTD_QEMU_MSIX_H

#include "qemu/function.h"
#include "qemu/pci_config.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VTD_MSIX_MAX     4u      /* vectors */
#define VTD_MSIX_PENDING 0x800u  /* offset of the pending bits in the BAR; the table begins at 0 */
#define VTD_MSIX_BAR     0x1000u /* size of the BAR */

struct vtd_msix {
    struct vtd_qemu_host *host;
    struct vtd_pci_config *config;
    uint16_t sid;
    uint16_t capability; /* offset */
    unsigned vectors;
    uint32_t entry[VTD_MSIX_MAX][4]; /* address, upper address, data, control */
    uint32_t pending;
    uint64_t lost; /* messages that the unit blocked */
};

/* Adds capability and BAR to a function's configuration. False when there is no room. */
bool vtd_msix_init(struct vtd_msix *m, struct vtd_qemu_host *host, struct vtd_pci_config *config, uint16_t sid,
                   unsigned vectors, unsigned bar);
void vtd_msix_reset(struct vtd_msix *m);

/* Accesses to the BAR: any offset in it, any size up to 8; writes of other than aligned 4 or 8 bytes do nothing. */
uint64_t vtd_msix_read(const struct vtd_msix *m, uint64_t offset, unsigned size);
void vtd_msix_write(struct vtd_msix *m, uint64_t offset, uint64_t value, unsigned size);

/* After a write to configuration space: sends what was pending and is not masked any more. */
void vtd_msix_update(struct vtd_msix *m);

/* Sends a vector's message, or keeps it pending while it is masked. Vectors that do not exist send nothing. */
void vtd_msix_send(struct vtd_msix *m, unsigned vector);

#ifdef __cplusplus
}
#endif
#endif
