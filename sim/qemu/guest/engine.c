/* SPDX-License-Identifier: MIT */
/* Registers and transfers of a DMA engine. See guest.h. */
#include "guest.h"

#include <sched.h>
#include <time.h>

uint32_t vtd_guest_get(const struct vtd_guest_device *device, unsigned reg)
{
    return *(const volatile uint32_t *)(device->bar + reg);
}

uint64_t vtd_guest_get64(const struct vtd_guest_device *device, unsigned reg)
{
    return *(const volatile uint64_t *)(device->bar + reg);
}

void vtd_guest_set(struct vtd_guest_device *device, unsigned reg, uint32_t value)
{
    *(volatile uint32_t *)(device->bar + reg) = value;
}

void vtd_guest_set64(struct vtd_guest_device *device, unsigned reg, uint64_t value)
{
    *(volatile uint64_t *)(device->bar + reg) = value;
}

void vtd_guest_start(struct vtd_guest_device *device, uint64_t source, uint64_t target, uint32_t length, uint32_t mode)
{
    vtd_guest_set64(device, VTD_DMA_REG_SOURCE, source);
    vtd_guest_set64(device, VTD_DMA_REG_TARGET, target);
    vtd_guest_set(device, VTD_DMA_REG_LENGTH, length);
    vtd_guest_set(device, VTD_DMA_REG_MODE, mode);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    vtd_guest_set(device, VTD_DMA_REG_CONTROL, VTD_DMA_START);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

uint32_t vtd_guest_wait(struct vtd_guest_device *device)
{
    const double end = seconds() + 10;
    uint32_t status;
    while ((status = vtd_guest_get(device, VTD_DMA_REG_STATUS)) & VTD_DMA_STATUS_BUSY && seconds() < end)
        sched_yield();
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return status;
}

unsigned vtd_guest_reason(const struct vtd_guest_device *device)
{
    return vtd_guest_get(device, VTD_DMA_REG_FAULT) >> 16 & 0xff;
}

const char *vtd_guest_transfer(struct vtd_guest_device *device, uint64_t source, uint64_t target, uint32_t length,
                               uint32_t mode)
{
    vtd_guest_start(device, source, target, length, mode);
    const uint32_t status = vtd_guest_wait(device);
    VTD_GUEST_REQUIRE(status == VTD_DMA_STATUS_DONE, "status %#x, fault %#x at %#llx", status,
                      vtd_guest_get(device, VTD_DMA_REG_FAULT),
                      (unsigned long long)vtd_guest_get64(device, VTD_DMA_REG_ADDRESS));
    return NULL;
}

const char *vtd_guest_refused(struct vtd_guest_device *device, uint64_t source, uint64_t target, uint32_t length,
                              uint32_t mode, uint32_t where, uint64_t addr)
{
    vtd_guest_start(device, source, target, length, mode);
    const uint32_t status = vtd_guest_wait(device);
    const uint32_t fault = vtd_guest_get(device, VTD_DMA_REG_FAULT);
    const uint64_t at = vtd_guest_get64(device, VTD_DMA_REG_ADDRESS);
    VTD_GUEST_REQUIRE(status == VTD_DMA_STATUS_FAULT, "status %#x, not a fault", status);
    VTD_GUEST_REQUIRE((fault & 0xf) == where && at == addr, "fault %#x at %#llx, not %u at %#llx", fault,
                      (unsigned long long)at, where, (unsigned long long)addr);
    return NULL;
}
