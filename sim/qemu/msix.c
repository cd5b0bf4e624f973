/* SPDX-License-Identifier: MIT */
/* MSI-X of a PCI function. See msix.h. */
#include "qemu/msix.h"

#include <string.h>

#define CONTROL         2u
#define ENABLE          0x8000u
#define FUNCTION_MASK   0x4000u
#define TABLE           4u
#define PENDING         8u
#define ENTRY_MASKED    0x1u
#define CAPABILITY_SIZE 12u

bool vtd_msix_init(struct vtd_msix *m, struct vtd_qemu_host *host, struct vtd_pci_config *config, uint16_t sid,
                   unsigned vectors, unsigned bar)
{
    *m = (struct vtd_msix){.host = host, .config = config, .sid = sid, .vectors = vectors};
    m->capability = vtd_pci_add_capability(config, VTD_PCI_CAP_MSIX, CAPABILITY_SIZE);
    if (!m->capability || vectors > VTD_MSIX_MAX)
        return false;
    vtd_pci_add_bar(config, bar, VTD_MSIX_BAR);
    vtd_pci_set(config, m->capability + CONTROL, vectors - 1, 2);
    vtd_pci_allow(config, m->capability + CONTROL, ENABLE | FUNCTION_MASK, 2);
    vtd_pci_set(config, m->capability + TABLE, bar, 4);
    vtd_pci_set(config, m->capability + PENDING, VTD_MSIX_PENDING | bar, 4);
    vtd_msix_reset(m);
    return true;
}

void vtd_msix_reset(struct vtd_msix *m)
{
    memset(m->entry, 0, sizeof(m->entry));
    for (unsigned i = 0; i < m->vectors; i++)
        m->entry[i][3] = ENTRY_MASKED;
    m->pending = 0;
}

/* The 32-bit word at a multiple of 4. */
static uint32_t word(const struct vtd_msix *m, uint64_t offset)
{
    if (offset / 16 < m->vectors)
        return m->entry[offset / 16][offset / 4 % 4];
    return offset == VTD_MSIX_PENDING ? m->pending : 0;
}

uint64_t vtd_msix_read(const struct vtd_msix *m, uint64_t offset, unsigned size)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < size && i < 8; i++)
        value |= (uint64_t)(uint8_t)(word(m, (offset + i) & ~UINT64_C(3)) >> (8 * ((offset + i) % 4))) << (8 * i);
    return value;
}

void vtd_msix_write(struct vtd_msix *m, uint64_t offset, uint64_t value, unsigned size)
{
    if ((size != 4 && size != 8) || offset % size)
        return;
    for (unsigned i = 0; i < size; i += 4) {
        const uint64_t at = offset + i;
        if (at / 16 < m->vectors) {
            static const uint32_t writable[4] = {~3u, ~0u, ~0u, ENTRY_MASKED};
            m->entry[at / 16][at / 4 % 4] = (uint32_t)(value >> (8 * i)) & writable[at / 4 % 4];
        }
    }
    vtd_msix_update(m);
}

void vtd_msix_send(struct vtd_msix *m, unsigned vector)
{
    const uint32_t control = vtd_pci_get(m->config, m->capability + CONTROL, 2);
    if (vector >= m->vectors || !(control & ENABLE))
        return;
    const uint32_t *e = m->entry[vector];
    if (control & FUNCTION_MASK || e[3] & ENTRY_MASKED) {
        m->pending |= 1u << vector;
        return;
    }
    m->pending &= ~(1u << vector);
    if (vtd_pci_is_master(m->config) && !vtd_qemu_interrupt(m->host, m->sid, e[0] | (uint64_t)e[1] << 32, e[2]))
        m->lost++;
}

void vtd_msix_update(struct vtd_msix *m)
{
    for (unsigned i = 0; i < m->vectors; i++)
        if (m->pending & 1u << i)
            vtd_msix_send(m, i);
}
