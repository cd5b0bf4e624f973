/* SPDX-License-Identifier: MIT */
/* A DMA engine over the model with the driver, seen through configuration space and registers as a guest sees it. */
#ifndef VTD_TESTS_ENGINE_RIG_H
#define VTD_TESTS_ENGINE_RIG_H

#include "driver/prq_rig.h"

extern "C" {
#include "qemu/dma_engine.h"
}

#include <cstring>

struct EngineRig : PrqRig {
    static constexpr uint16_t kEngine = 0x28;
    static constexpr uint64_t kBar = 0xfeb00000;
    static constexpr uint64_t kIova = 0x40000000; /* where tests map pages */

    struct Message {
        uint64_t addr;
        uint32_t data;
        bool operator==(const Message &m) const
        {
            return addr == m.addr && data == m.data;
        }
    };
    std::vector<Message> messages;
    vtd_qemu_host host{};
    vtd_qemu_function function{};

    explicit EngineRig(bool express = false)
    {
        host.machine = &machine;
        host.low_end = kMemory;
        host.opaque = this;
        host.message = [](void *o, uint64_t addr, uint32_t data) {
            static_cast<EngineRig *>(o)->messages.push_back({addr, data});
        };
        vtd_dma_engine_config c{};
        c.sid = kEngine;
        c.express = c.ats = c.pasid = c.pri = express;
        char why[VTD_WHY_SIZE] = "";
        EXPECT_EQ(vtd_dma_engine_create(&host, &c, &function, why), 0) << why;
        config(0x10, kBar, 4);
        config(0x04, 0x6, 2);
    }
    ~EngineRig()
    {
        vtd_drv_ats_state state{};
        if (vtd_drv_ats_get(drv, kEngine, &state) == 0 && state.ats) {
            if (state.pri) {
                EXPECT_EQ(vtd_drv_pri_disable(drv, kEngine), 0);
            }
            EXPECT_EQ(vtd_drv_ats_disable(drv, kEngine), 0); // the driver, which goes later, switches the device
        }
        function.destroy(function.self);
    }

    /* ---------------------------------------------------------------- accesses */

    uint32_t config(uint32_t offset, unsigned size = 4)
    {
        return function.config_read(function.self, offset, size);
    }
    void config(uint32_t offset, uint32_t value, unsigned size)
    {
        function.config_write(function.self, offset, value, size);
    }
    /* Offset of a capability; 0: it has none. */
    uint32_t capability(uint8_t id)
    {
        for (uint32_t at = config(0x34, 1); at; at = config(at + 1, 1))
            if (config(at, 1) == id)
                return at;
        return 0;
    }
    uint32_t extended(uint16_t id)
    {
        for (uint32_t at = 0x100; at; at = config(at + 2, 2) >> 4)
            if (config(at, 2) == id)
                return at;
        return 0;
    }
    uint64_t read(unsigned reg, unsigned size = 4)
    {
        uint64_t value = ~UINT64_C(0);
        EXPECT_TRUE(function.bar_read(function.self, kBar + reg, size, &value));
        return value;
    }
    void write(unsigned reg, uint64_t value, unsigned size = 4)
    {
        EXPECT_TRUE(function.bar_write(function.self, kBar + reg, value, size));
    }
    uint32_t status()
    {
        return (uint32_t)read(VTD_DMA_REG_STATUS);
    }

    /* ---------------------------------------------------------------- transfers */

    void set_up(uint64_t source, uint64_t target, uint32_t length, uint32_t mode = VTD_DMA_MODE_COPY)
    {
        write(VTD_DMA_REG_SOURCE, source, 8);
        write(VTD_DMA_REG_TARGET, target, 8);
        write(VTD_DMA_REG_LENGTH, length);
        write(VTD_DMA_REG_MODE, mode);
    }
    void start(uint64_t source, uint64_t target, uint32_t length, uint32_t mode = VTD_DMA_MODE_COPY)
    {
        set_up(source, target, length, mode);
        write(VTD_DMA_REG_CONTROL, VTD_DMA_START);
    }
    /* Runs to its end, or to where it waits; STATUS. */
    uint32_t run()
    {
        unsigned turns = 0;
        while (function.run(function.self) && turns < 2000)
            turns++;
        EXPECT_LT(turns, 2000u) << "it does not end";
        return status();
    }
    uint32_t transfer(uint64_t source, uint64_t target, uint32_t length, uint32_t mode = VTD_DMA_MODE_COPY)
    {
        start(source, target, length, mode);
        return run();
    }

    /* ---------------------------------------------------------------- memory */

    uint8_t *at(uint64_t hpa)
    {
        return machine.memory.base + hpa;
    }
    /* Bytes that differ from place to place. */
    void scramble(uint64_t hpa, size_t size, unsigned seed = 1)
    {
        for (size_t i = 0; i < size; i++)
            at(hpa)[i] = (uint8_t)((i * 2654435761u + seed * 97) >> 11);
    }
    bool same(uint64_t a, uint64_t b, size_t size)
    {
        return memcmp(at(a), at(b), size) == 0;
    }

    /* ---------------------------------------------------------------- driver */

    vtd_drv_domain *attach(vtd_drv_kind kind = VTD_DRV_SECOND_STAGE, uint32_t pasid = VTD_DRV_RID_PASID)
    {
        vtd_drv_domain *d = make(kind, 48);
        EXPECT_EQ(vtd_drv_attach(drv, kEngine, pasid, d), 0);
        return d;
    }
    /* The driver turns ATS, and page requests, on through configuration space. */
    void enable_engine(bool pri)
    {
        if (const uint32_t pasid = extended(0x1b))
            config(pasid + 6, 1, 2);
        const int error = vtd_drv_device_add(drv, kEngine, 20);
        EXPECT_TRUE(error == 0 || error == -EBUSY);
        vtd_drv_ats_spec spec{};
        spec.opaque = this;
        spec.ops.enable_ats = [](void *o, uint16_t, bool on) {
            auto *rig = static_cast<EngineRig *>(o);
            rig->config(rig->extended(0x0f) + 6, on ? 0x8000 : 0, 2);
            return 0;
        };
        spec.ops.enable_pri = [](void *o, uint16_t, bool on) {
            auto *rig = static_cast<EngineRig *>(o);
            rig->config(rig->extended(0x13) + 4, on ? 1 : 0, 2);
            return 0;
        };
        EXPECT_EQ(vtd_drv_ats_enable(drv, kEngine, &spec), 0);
        if (pri) {
            EXPECT_EQ(vtd_drv_pri_enable(drv, kEngine), 0);
        }
    }
};

/* With a domain attached for requests without PASID. */
struct Mapped : EngineRig {
    vtd_drv_domain *domain;
    explicit Mapped(vtd_drv_kind kind = VTD_DRV_SECOND_STAGE, bool express = false) : EngineRig(express)
    {
        domain = attach(kind);
    }
    ~Mapped()
    {
        vtd_drv_detach(drv, kEngine, VTD_DRV_RID_PASID);
        vtd_drv_domain_destroy(domain);
    }
    void map(uint64_t iova, uint64_t hpa, uint64_t size, unsigned prot = kRw)
    {
        EXPECT_EQ(vtd_drv_map(domain, iova, hpa, size, prot), 0);
    }
};

/* Where tests map pages, and memory to map. */
constexpr uint64_t kSource = EngineRig::kIova, kTarget = EngineRig::kIova + 0x100000;
constexpr uint64_t kA = 0x100000, kB = 0x200000;
constexpr uint32_t kPage = 4096;

#endif
