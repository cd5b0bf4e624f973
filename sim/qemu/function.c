/* SPDX-License-Identifier: MIT */
/* What the machine offers to its PCI functions. See function.h. */
#include "function.h"

#include "recorder.h"

void *vtd_qemu_ram(const struct vtd_qemu_host *host, uint64_t hpa, uint64_t size)
{
    const struct vtd_memory *memory = &host->machine->memory;
    const bool low = hpa <= host->low_end && size <= host->low_end - hpa;
    const bool high = hpa >= VTD_QEMU_HIGH_START && vtd_memory_has(memory, hpa, size);
    return low || high ? memory->base + hpa : NULL;
}

/* The message that a remapped interrupt becomes: the compatibility format, whose destination has 8 bits (ref 8.1). */
static uint64_t message_address(const struct vtd_irq_response *irq)
{
    return UINT64_C(0xfee00000) | (uint64_t)(irq->dest & 0xff) << 12 | (uint64_t)irq->redirection_hint << 3 |
           (uint64_t)irq->logical << 2;
}

static uint32_t message_data(const struct vtd_irq_response *irq)
{
    const uint32_t asserted = 1; /* ref 8.1: bit 14 of a level-triggered message */
    return irq->vector | (uint32_t)irq->delivery_mode << 8 | asserted << 14 | (uint32_t)irq->level << 15;
}

bool vtd_qemu_interrupt(struct vtd_qemu_host *host, uint16_t sid, uint64_t addr, uint32_t data)
{
    struct vtd_irq_response irq = {.result = VTD_IRQ_BLOCKED};
    if (host->recorder)
        vtd_recorder_interrupt(host->recorder, sid, addr, data);
    if (vtd_interrupt(host->machine->unit, sid, addr, data, &irq) != VTD_STATUS_OK)
        return false;
    if (host->recorder)
        vtd_recorder_interrupt_end(host->recorder, &irq);
    switch (irq.result) {
    case VTD_IRQ_PASSED:
        host->message(host->opaque, addr, data);
        return true;
    case VTD_IRQ_REMAPPED:
        host->message(host->opaque, message_address(&irq), message_data(&irq));
        return true;
    case VTD_IRQ_POSTED: /* the unit itself sends the notification, if there is one */
        return true;
    default:
        return false;
    }
}
