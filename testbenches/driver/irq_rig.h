/* SPDX-License-Identifier: MIT */
/* A machine whose driver remaps interrupts: register writes, 16-byte stores and write barriers can be watched. */
#ifndef VTD_TEST_IRQ_RIG_H
#define VTD_TEST_IRQ_RIG_H

extern "C" {
#include "driver/vtd_driver.h"
#include "platform/model_bus.h"
#include "vtd/vtd_regs.h"
}

#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <vector>

namespace irqrig
{

constexpr uint64_t kMemory = UINT64_C(8) << 30, kFrames = UINT64_C(16) << 20, kFramesEnd = UINT64_C(256) << 20;
constexpr uint16_t kSid = 0x0510; /* 05:02.0 */

/* Reasons of ref 5.3. */
enum : unsigned {
    kNotPresent = 0x22,
    kCompatibility = 0x25,
    kSource = 0x26,
};

inline vtd_config defaultConfig()
{
    vtd_config config{};
    EXPECT_EQ(vtd_config_preset(&config, "default"), VTD_STATUS_OK);
    return config;
}

inline vtd_config without(uint64_t cap, uint64_t ecap = 0)
{
    vtd_config config = defaultConfig();
    config.cap &= ~cap;
    config.ecap &= ~ecap;
    return config;
}

inline vtd_drv_options remapping(unsigned bits = 8)
{
    vtd_drv_options o{};
    o.interrupt_remapping = true;
    o.interrupt_bits = static_cast<uint8_t>(bits);
    return o;
}

/* A machine with a driver; register writes, 16-byte stores and write barriers can be watched. */
struct Machine {
    vtd_machine machine{};
    vtd_bus inner{}; /* the machine's own bus */
    vtd_bus bus{};   /* what the driver gets */
    vtd_drv *drv = nullptr;
    std::vector<uint32_t> commands;        /* GCMD writes */
    std::function<void()> barrier = [] {}; /* at every write barrier, that is between any two stores that matter */
    unsigned stores128 = 0;

    explicit Machine(const vtd_config &config = defaultConfig())
    {
        char why[VTD_WHY_SIZE] = "";
        EXPECT_EQ(vtd_machine_init(&machine, &config, kMemory, kFrames, kFramesEnd, why), 0) << why;
        inner = bus = machine.bus;
        bus.opaque = this;
        bus.read32 = [](void *o, uint64_t at) { return self(o).inner.read32(self(o).inner.opaque, at); };
        bus.read64 = [](void *o, uint64_t at) { return self(o).inner.read64(self(o).inner.opaque, at); };
        bus.write32 = [](void *o, uint64_t at, uint32_t v) {
            if (at == VTD_REG_GCMD)
                self(o).commands.push_back(v);
            self(o).inner.write32(self(o).inner.opaque, at, v);
        };
        bus.write64 = [](void *o, uint64_t at, uint64_t v) { self(o).inner.write64(self(o).inner.opaque, at, v); };
        bus.dma_alloc = [](void *o, unsigned order, uint64_t *dma) {
            return self(o).inner.dma_alloc(self(o).inner.opaque, order, dma);
        };
        bus.dma_free = [](void *o, uint64_t dma, unsigned order) {
            self(o).inner.dma_free(self(o).inner.opaque, dma, order);
        };
        bus.dma_to_cpu = [](void *o, uint64_t dma) { return self(o).inner.dma_to_cpu(self(o).inner.opaque, dma); };
        bus.store128 = [](void *o, void *cpu, uint64_t low, uint64_t high) {
            self(o).stores128++;
            self(o).inner.store128(self(o).inner.opaque, cpu, low, high);
        };
        bus.dma_wmb = [](void *o) { self(o).barrier(); };
    }
    ~Machine()
    {
        vtd_drv_destroy(drv);
        EXPECT_EQ(machine.frames.used, 0u) << "pages leaked";
        vtd_machine_fini(&machine);
    }
    Machine(const Machine &) = delete;
    Machine &operator=(const Machine &) = delete;

    void start(const vtd_drv_options &options = remapping())
    {
        ASSERT_EQ(vtd_drv_create(&bus, &options, &drv), 0);
        ASSERT_EQ(vtd_drv_start(drv), 0);
    }
    vtd_irq_response send(uint64_t address, uint32_t data, uint16_t sid = kSid)
    {
        vtd_irq_response resp{};
        EXPECT_EQ(vtd_interrupt(machine.unit, sid, address, data, &resp), VTD_STATUS_OK);
        return resp;
    }
    /* The interrupt of message n of a block, as a device sends it. */
    vtd_irq_response fire(uint32_t block, uint16_t n = 0, uint16_t sid = kSid)
    {
        vtd_drv_msi msi{};
        vtd_drv_irq_msi(block, n, &msi);
        return send(msi.address, msi.data, sid);
    }
    uint32_t alloc(unsigned count = 1, const vtd_drv_irq_source *source = nullptr)
    {
        uint32_t index = 0;
        EXPECT_EQ(vtd_drv_irq_alloc(drv, count, source, &index), 0);
        return index;
    }
    void set(uint32_t index, uint8_t vector, uint32_t dest = 3)
    {
        vtd_drv_irq irq{};
        irq.vector = vector;
        irq.dest = dest;
        EXPECT_EQ(vtd_drv_irq_set(drv, index, &irq), 0);
    }
    int setPosted(uint32_t index, uint8_t vector, uint64_t descriptor, bool urgent = false)
    {
        vtd_drv_irq irq{};
        irq.posted = true;
        irq.vector = vector;
        irq.descriptor = descriptor;
        irq.urgent = urgent;
        return vtd_drv_irq_set(drv, index, &irq);
    }
    uint64_t *at(uint64_t hpa)
    {
        return reinterpret_cast<uint64_t *>(machine.memory.base + hpa);
    }

  private:
    static Machine &self(void *o)
    {
        return *static_cast<Machine *>(o);
    }
};

inline testing::AssertionResult delivered(const vtd_irq_response &r, unsigned vector, uint32_t dest = 3)
{
    if (r.result == VTD_IRQ_REMAPPED && r.vector == vector && r.dest == dest)
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << "result " << int(r.result) << " fault " << int(r.fault) << " vector "
                                       << int(r.vector) << " dest " << r.dest;
}

inline testing::AssertionResult refused(const vtd_irq_response &r, unsigned reason)
{
    if (r.result == VTD_IRQ_BLOCKED && r.fault == reason)
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << "result " << int(r.result) << " fault " << std::hex << int(r.fault);
}

constexpr uint64_t kDescriptor = 0x2000, kHighDescriptor = UINT64_C(0x140000000); /* outside of the frames */

} // namespace irqrig

#endif
