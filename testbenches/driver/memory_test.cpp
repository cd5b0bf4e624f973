/* SPDX-License-Identifier: MIT */
/*
 * DMA memory that runs out at any moment: every call fails with -ENOMEM or works, nothing leaks, and trying again
 * works.
 */
#include "driver_fixture.h"

#include <cerrno>

namespace
{

struct OutOfMemory : DriverTest {
    long left = -1; /* allocations that still work; negative: all */
    static inline OutOfMemory *current = nullptr;

    OutOfMemory()
    {
        current = this;
        unit.bus.dma_alloc = [](void *o, unsigned order, uint64_t *dma) -> void * {
            auto &fake = *static_cast<FakeUnit *>(o);
            if (current->left == 0)
                return nullptr;
            current->left -= current->left > 0;
            *dma = vtd_frames_alloc(&fake.frames, order);
            return fake.memory.base + *dma;
        };
    }

    /* Calls f until it works, with one more page each time. */
    template <typename F> void until_it_works(const char *what, F f)
    {
        for (long n = 0; n < 40; n++) {
            left = n;
            const int64_t error = f();
            left = -1;
            if (error >= 0)
                return;
            ASSERT_EQ(error, -ENOMEM) << what << " with " << n << " pages";
        }
        FAIL() << what << " never works";
    }
};

TEST_F(OutOfMemory, EveryCallCanBeRepeated)
{
    vtd_drv_domain *fs = nullptr, *ss = nullptr, *nested = nullptr;
    const auto make = [&](vtd_drv_domain_spec spec, vtd_drv_domain **d) {
        return vtd_drv_domain_create(drv, &spec, d);
    };
    until_it_works("create", [&] { return vtd_drv_create(&unit.bus, nullptr, &drv); });
    until_it_works("start", [&] { return vtd_drv_start(drv); });
    until_it_works("first stage", [&] { return make(domain_spec(VTD_DRV_FIRST_STAGE, 57), &fs); });
    until_it_works("second stage", [&] { return make(domain_spec(VTD_DRV_SECOND_STAGE, 48), &ss); });
    until_it_works("nested", [&] { return make(domain_spec(VTD_DRV_NESTED, 48, ss), &nested); });
    uint32_t pasid = 0;
    for (auto *d : {fs, ss, nested})
        until_it_works("attach", [&] { return vtd_drv_attach(drv, 0x7f, pasid += 64, d); });
    for (auto *d : {fs, ss, nested}) {
        until_it_works("map", [&] { return vtd_drv_map(d, 0x7f0000000000 - 0x1000, 0x101000, 0x600000, kRw); });
        until_it_works("map large", [&] { return vtd_drv_map(d, 0x40000000, 0x40000000, 0x40000000, kRw); });
        until_it_works("split", [&] { return vtd_drv_unmap(d, 0x40403000, 0x1000); });
        uint64_t pa;
        EXPECT_EQ(vtd_drv_iova_to_phys(d, 0x40403000, &pa, nullptr), -ENOENT);
        EXPECT_EQ(vtd_drv_iova_to_phys(d, 0x40402abc, &pa, nullptr), 0);
        EXPECT_EQ(pa, 0x40402abcu);
        EXPECT_EQ(vtd_drv_iova_to_phys(d, 0x7f0000000000, &pa, nullptr), 0);
        EXPECT_EQ(pa, 0x102000u);
    }
}

TEST_F(OutOfMemory, AFailedMapLeavesNothingMapped)
{
    start();
    auto *ss = second_stage();
    auto *nested = domain(domain_spec(VTD_DRV_NESTED, 57, ss));
    for (long n = 0; n < 12; n++) {
        left = n;
        const int error = vtd_drv_map(nested, 0x7f0000000000 - 0x2000, 0x101000, 0x4000, kRw);
        left = -1;
        uint64_t pa;
        if (error == 0)
            return;
        for (uint64_t page = 0; page < 4; page++)
            ASSERT_EQ(vtd_drv_iova_to_phys(nested, 0x7f0000000000 - 0x2000 + page * 0x1000, &pa, nullptr), -ENOENT)
                << n;
    }
    FAIL() << "never works";
}

} // namespace
