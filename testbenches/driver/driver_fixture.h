/* SPDX-License-Identifier: MIT */
/* A driver over the fake unit, for tests of what the driver writes and queues. */
#ifndef VTD_TESTS_DRIVER_FIXTURE_H
#define VTD_TESTS_DRIVER_FIXTURE_H

#include "fake_unit.h"

#include <gtest/gtest.h>

using Log = std::vector<std::string>;

constexpr unsigned kRw = VTD_DRV_READ | VTD_DRV_WRITE;

inline vtd_drv_domain_spec domain_spec(vtd_drv_kind kind, uint8_t addr_width, vtd_drv_domain *parent = nullptr)
{
    vtd_drv_domain_spec s = {};
    s.kind = kind;
    s.addr_width = addr_width;
    s.parent = parent;
    return s;
}

struct DriverTest : testing::Test {
    FakeUnit unit;
    vtd_drv *drv = nullptr;

    void start(vtd_drv_options options = {})
    {
        options.poll_limit = 10000;
        ASSERT_EQ(vtd_drv_create(&unit.bus, &options, &drv), 0);
        ASSERT_EQ(vtd_drv_start(drv), 0);
        unit.take();
    }

    vtd_drv_domain *domain(const vtd_drv_domain_spec &spec)
    {
        vtd_drv_domain *d = nullptr;
        EXPECT_EQ(vtd_drv_domain_create(drv, &spec, &d), 0);
        return d;
    }
    vtd_drv_domain *first_stage(uint8_t width = 48)
    {
        return domain(domain_spec(VTD_DRV_FIRST_STAGE, width));
    }
    vtd_drv_domain *second_stage(uint8_t width = 48)
    {
        return domain(domain_spec(VTD_DRV_SECOND_STAGE, width));
    }

    /* Physical address of structures, walked by the layouts of ref 2.2 to 2.4; 0 when something is not present. */
    uint64_t context_entry(uint16_t sid) const
    {
        const uint64_t root = unit.reg.at(0x20) & ~UINT64_C(0xfff);
        const uint64_t half = unit.qword(root + 16 * (sid >> 8) + 8 * (sid >> 7 & 1));
        return half & 1 ? (half & ~UINT64_C(0xfff)) + 32 * (sid & 0x7f) : 0;
    }
    uint64_t pasid_entry(uint16_t sid, uint32_t pasid) const
    {
        const uint64_t context = context_entry(sid);
        if (!context || !(unit.qword(context) & 1))
            return 0;
        const uint64_t directory = unit.qword((unit.qword(context) & ~UINT64_C(0xfff)) + 8 * (pasid >> 6));
        return directory & 1 ? (directory & ~UINT64_C(0xfff)) + 64 * (pasid & 63) : 0;
    }

    ~DriverTest() override
    {
        vtd_drv_destroy(drv);
        EXPECT_EQ(unit.frames.used, 0u) << "pages leaked";
    }
};

#endif
