/* SPDX-License-Identifier: MIT */
/*
 * A machine with a performance monitor, and a driver whose bus may lie about single registers: for units that lack
 * something or do not answer.
 */
#ifndef VTD_TESTS_PERF_RIG_H
#define VTD_TESTS_PERF_RIG_H

extern "C" {
#include "driver/vtd_driver_perf.h"
#include "platform/model_bus.h"
}
#include "vtd/vtd_perf.h"
#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <map>
#include <set>

namespace perf
{

constexpr uint16_t kSid = 0x0510, kOther = 0x0518;
constexpr uint64_t kEventAddress = UINT64_C(0x12300fee05000);
constexpr uint32_t kEventData = 0x47;

inline vtd_config monitored()
{
    vtd_config config;
    EXPECT_EQ(vtd_config_preset(&config, "default"), VTD_STATUS_OK);
    config.cap |= vtd_reg_cap_put_ecmds(1);
    config.ecap |= vtd_reg_ecap_put_pms(1);
    return config;
}

inline vtd_config narrow() /* 8 bits */
{
    vtd_config config = monitored();
    config.perfmon.width = 8;
    return config;
}

#define SPEC_OF(NAME)                                                                                                  \
    vtd_drv_perf_spec                                                                                                  \
    {                                                                                                                  \
        VTD_PERF_##NAME##_GROUP, 0, 0, 0, 0, 0, 0, VTD_PERF_##NAME##_ES                                                \
    }

/* A machine whose driver may read other values of some registers than the unit has. */
struct Rig {
    vtd_machine machine{};
    vtd_bus bus{};
    vtd_drv *drv = nullptr;
    std::map<uint64_t, uint64_t> lies; /* by offset, as read */
    std::set<uint64_t> deaf;           /* offsets where writes are lost */
    std::function<void(uint64_t)> before_read = [](uint64_t) {};

    explicit Rig(const vtd_config &config = monitored())
    {
        char why[VTD_WHY_SIZE] = "";
        EXPECT_EQ(vtd_machine_init(&machine, &config, UINT64_C(1) << 30, 1 << 20, UINT64_C(1) << 28, why), 0) << why;
        bus = machine.bus;
        bus.opaque = this;
        bus.read32 = [](void *o, uint64_t at) { return static_cast<uint32_t>(self(o).read(at, false)); };
        bus.read64 = [](void *o, uint64_t at) { return self(o).read(at, true); };
        bus.write32 = [](void *o, uint64_t at, uint32_t v) { self(o).write(at, v, false); };
        bus.write64 = [](void *o, uint64_t at, uint64_t v) { self(o).write(at, v, true); };
        bus.relax = nullptr;
        bus.dma_wmb = bus.dma_rmb = nullptr;
        bus.store128 = nullptr;
        bus.flush = nullptr;
        bus.dma_alloc = [](void *o, unsigned order, uint64_t *dma) {
            return self(o).machine.bus.dma_alloc(self(o).machine.bus.opaque, order, dma);
        };
        bus.dma_free = [](void *o, uint64_t dma, unsigned order) {
            self(o).machine.bus.dma_free(self(o).machine.bus.opaque, dma, order);
        };
        bus.dma_to_cpu = [](void *o, uint64_t dma) {
            return self(o).machine.bus.dma_to_cpu(self(o).machine.bus.opaque, dma);
        };
        vtd_drv_options options{};
        options.haw = config.haw;
        options.poll_limit = 5;
        EXPECT_EQ(vtd_drv_create(&bus, &options, &drv), 0);
    }
    ~Rig()
    {
        vtd_drv_destroy(drv);
        EXPECT_EQ(machine.frames.used, 0u) << "pages leaked";
        vtd_machine_fini(&machine);
    }
    Rig(const Rig &) = delete;
    Rig &operator=(const Rig &) = delete;

    static Rig &self(void *o)
    {
        return *static_cast<Rig *>(o);
    }
    uint64_t read(uint64_t at, bool wide)
    {
        before_read(at);
        const auto lie = lies.find(at);
        if (lie != lies.end())
            return lie->second;
        return wide ? vtd_mmio_read64(machine.unit, at) : vtd_mmio_read32(machine.unit, at);
    }
    void write(uint64_t at, uint64_t value, bool wide)
    {
        if (deaf.count(at))
            return;
        if (wide)
            vtd_mmio_write64(machine.unit, at, value);
        else
            vtd_mmio_write32(machine.unit, at, static_cast<uint32_t>(value));
    }
    uint64_t unit64(uint64_t at) const
    {
        return vtd_mmio_read64(machine.unit, at);
    }
    uint64_t configOf(unsigned c) const
    {
        return vtd_mmio_read32(machine.unit, VTD_REG_PERFCFGOFF) + UINT64_C(0x100) * c;
    }
    int init()
    {
        return vtd_drv_perf_init(drv, kEventAddress, kEventData);
    }
    unsigned open(const vtd_drv_perf_spec &spec)
    {
        unsigned counter = 99;
        EXPECT_EQ(vtd_drv_perf_open(drv, &spec, &counter), 0);
        return counter;
    }
    uint64_t count(unsigned counter)
    {
        uint64_t value = ~UINT64_C(0);
        EXPECT_EQ(vtd_drv_perf_read(drv, counter, &value), 0);
        return value;
    }
    /* n requests of a device; translation is off unless the test turns it on: each is one event of group 0. */
    void requests(unsigned n, uint16_t sid = kSid, uint32_t pasid = 0)
    {
        for (unsigned i = 0; i < n; i++) {
            vtd_request req{};
            req.addr = 0x5000;
            req.sid = sid;
            req.pasid = pasid;
            req.flags = pasid ? VTD_REQ_PASID : 0;
            req.access = VTD_READ;
            req.len = 4;
            vtd_response resp;
            EXPECT_EQ(vtd_translate(machine.unit, &req, &resp), VTD_STATUS_OK);
        }
    }
};

} // namespace perf

#endif
