/* SPDX-License-Identifier: MIT */
/* A driver that is less precise than it could be: each operation still covers what ref 6.5 asks for, in its order. */
#include "driver_fixture.h"

#include <cerrno>

namespace
{

constexpr uint16_t kSid = 0x10;

struct Granularity : DriverTest {
    void start_with(vtd_drv_flush flush)
    {
        vtd_drv_options options = {};
        options.flush = static_cast<uint8_t>(flush);
        start(options);
    }
    /* A first-stage domain of two PASIDs of one device, with one page; and nothing in the log. */
    vtd_drv_domain *used()
    {
        auto *d = first_stage();
        EXPECT_EQ(vtd_drv_attach(drv, kSid, 5, d), 0);
        EXPECT_EQ(vtd_drv_attach(drv, kSid, 6, d), 0);
        EXPECT_EQ(vtd_drv_map(d, 0x1000, 0x5000, 0x3000, kRw), 0);
        unit.take();
        return d;
    }
};

TEST_F(Granularity, ExactIsTheDefault)
{
    start();
    auto *d = used();
    ASSERT_EQ(vtd_drv_unmap(d, 0x1000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take(),
              (Log{"p_iotlb page did=2 pasid=5 1000 am=0 ih=1", "p_iotlb page did=2 pasid=6 1000 am=0 ih=1", "wait"}));
}

TEST_F(Granularity, DomainFlushesTheDomainOnceForAllItsPasids)
{
    start_with(VTD_DRV_FLUSH_DOMAIN);
    auto *d = used();
    ASSERT_EQ(vtd_drv_unmap(d, 0x1000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take(), (Log{"iotlb domain did=2", "wait"}));
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 5), 0);
    EXPECT_EQ(unit.take(), (Log{"pc domain did=2", "iotlb domain did=2", "wait"}));
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 6), 0);
    unit.take();
    ASSERT_EQ(vtd_drv_device_remove(drv, kSid), 0);
    EXPECT_EQ(unit.take(), (Log{"cc device sid=10", "wait"})) << "a context entry has no domain";
}

TEST_F(Granularity, DomainReachesEveryDomainIdOfAParent)
{
    start_with(VTD_DRV_FLUSH_DOMAIN);
    auto *parent = second_stage();
    auto *child = domain(domain_spec(VTD_DRV_NESTED, 48, parent));
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, parent), 0);
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 9, child), 0);
    ASSERT_EQ(vtd_drv_map(parent, 0x7000000000, 0x5000, 0x1000, kRw), 0);
    unit.take();
    ASSERT_EQ(vtd_drv_unmap(parent, 0x7000000000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take(), (Log{"iotlb domain did=2", "iotlb domain did=3", "wait"}));
}

TEST_F(Granularity, GlobalFlushesTheCacheOnce)
{
    start_with(VTD_DRV_FLUSH_GLOBAL);
    auto *d = used();
    ASSERT_EQ(vtd_drv_unmap(d, 0x1000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take(), (Log{"iotlb global", "wait"}));
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 5), 0);
    EXPECT_EQ(unit.take(), (Log{"pc global", "iotlb global", "wait"}));
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 6), 0);
    unit.take();
    ASSERT_EQ(vtd_drv_device_remove(drv, kSid), 0);
    EXPECT_EQ(unit.take(), (Log{"cc global", "wait"}));
}

/* Caching mode: what is remembered of an entry that was not present is tagged with domain 0 (ref 6.2). */
TEST_F(Granularity, NegativeEntriesAreCovered)
{
    unit.cap |= kCapCm;
    start_with(VTD_DRV_FLUSH_DOMAIN);
    auto *d = second_stage();
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 5, d), 0);
    unit.take();
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 6, d), 0);
    EXPECT_EQ(unit.take(), (Log{"pc domain did=0", "iotlb domain did=0", "wait"}));
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x5000, 0x1000, kRw), 0);
    EXPECT_EQ(unit.take(), (Log{"iotlb domain did=2", "wait"}));
}

TEST_F(Granularity, AnUnknownOneIsRefused)
{
    vtd_drv_options options = {};
    options.flush = VTD_DRV_FLUSH_GLOBAL + 1;
    EXPECT_EQ(vtd_drv_create(&unit.bus, &options, &drv), -EINVAL);
    EXPECT_EQ(drv, nullptr);
}

} // namespace
