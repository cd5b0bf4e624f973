/* SPDX-License-Identifier: MIT */
/* Each operation queues exactly the descriptors that ref 6.5 asks for, in its order, and one wait. */
#include "driver_fixture.h"

namespace
{

constexpr uint16_t kSid = 0x10;
constexpr uint64_t kMiB = 1 << 20, kGiB = 1 << 30;

struct Invalidate : DriverTest {
    /* A domain that is attached to kSid without PASID, with nothing in the log. */
    vtd_drv_domain *attached(const vtd_drv_domain_spec &spec)
    {
        vtd_drv_domain *d = domain(spec);
        EXPECT_EQ(vtd_drv_attach(drv, kSid, 0, d), 0);
        unit.take();
        return d;
    }
    vtd_drv_domain *attached_ss()
    {
        return attached(domain_spec(VTD_DRV_SECOND_STAGE, 48));
    }
    vtd_drv_domain *attached_fs()
    {
        return attached(domain_spec(VTD_DRV_FIRST_STAGE, 48));
    }
};

TEST_F(Invalidate, NotPresentToPresentNeedsNothingWithoutCachingMode)
{
    start();
    for (auto *d : {first_stage(), second_stage()}) {
        ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, d), 0);
        ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x5000, 0x1000, kRw), 0);
        EXPECT_EQ(unit.take(), Log{});
        ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
        unit.take();
    }
}

TEST_F(Invalidate, CachingModeInvalidatesWhatBecomesPresent)
{
    unit.cap |= kCapCm;
    start();
    auto *d = second_stage();
    ASSERT_EQ(vtd_drv_device_add(drv, kSid, 20), 0);
    EXPECT_EQ(unit.take(), (Log{"cc global", "pc global", "iotlb global", "wait"})) << "a root entry";
    ASSERT_EQ(vtd_drv_device_add(drv, kSid + 1, 20), 0);
    EXPECT_EQ(unit.take(), (Log{"cc device sid=11", "pc domain did=0", "iotlb domain did=0", "wait"}))
        << "a context entry";
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, d), 0);
    EXPECT_EQ(unit.take(), (Log{"pc domain did=0", "iotlb domain did=0", "wait"})) << "a PASID directory entry";
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 5, d), 0);
    EXPECT_EQ(unit.take(), (Log{"pc pasid did=0 pasid=5", "p_iotlb pasid did=0 pasid=5", "wait"})) << "a PASID entry";
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x5000, 0x1000, kRw), 0);
    EXPECT_EQ(unit.take(), (Log{"iotlb page did=2 1000 am=0 ih=0", "wait"})) << "with new tables";
    ASSERT_EQ(vtd_drv_map(d, 0x2000, 0x5000, 0x1000, kRw), 0);
    EXPECT_EQ(unit.take(), (Log{"iotlb page did=2 2000 am=0 ih=1", "wait"})) << "a leaf only";
}

TEST_F(Invalidate, CachingModeNeverConcernsFirstStageTables)
{
    unit.cap |= kCapCm;
    start();
    auto *d = attached_fs();
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x5000, 0x1000, kRw), 0);
    EXPECT_EQ(unit.take(), Log{});
}

TEST_F(Invalidate, DetachByKindOfDomain)
{
    start();
    attached_ss();
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
    EXPECT_EQ(unit.take(), (Log{"pc pasid did=2 pasid=0", "iotlb domain did=2", "wait"}));
    attached_fs();
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
    EXPECT_EQ(unit.take(), (Log{"pc pasid did=3 pasid=0", "p_iotlb pasid did=3 pasid=0", "wait"}));
    attached(domain_spec(VTD_DRV_PASS_THROUGH, 0));
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
    EXPECT_EQ(unit.take(), (Log{"pc pasid did=1 pasid=0", "p_iotlb pasid did=1 pasid=0", "wait"}));
    auto *parent = second_stage();
    attached(domain_spec(VTD_DRV_NESTED, 48, parent));
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
    EXPECT_EQ(unit.take(), (Log{"pc pasid did=5 pasid=0", "iotlb domain did=5", "wait"}));
}

TEST_F(Invalidate, RemovingADeviceInvalidatesItsContextEntry)
{
    start();
    attached_ss();
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
    unit.take();
    ASSERT_EQ(vtd_drv_device_remove(drv, kSid), 0);
    EXPECT_EQ(unit.take(), (Log{"cc device sid=10", "wait"}));
}

TEST_F(Invalidate, UnmapOfPagesLargePagesAndTables)
{
    start();
    auto *ss = attached_ss();
    ASSERT_EQ(vtd_drv_map(ss, 0x1000, 0x5000, 0x1000, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap(ss, 0x1000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take(), (Log{"iotlb page did=2 1000 am=0 ih=1", "wait"}));
    ASSERT_EQ(vtd_drv_map(ss, 4 * kMiB, 8 * kMiB, 2 * kMiB, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap(ss, 4 * kMiB, 2 * kMiB), (int64_t)(2 * kMiB));
    EXPECT_EQ(unit.take(), (Log{"iotlb page did=2 400000 am=9 ih=1", "wait"})) << "a leaf";
    ASSERT_EQ(vtd_drv_map(ss, 4 * kMiB, 8 * kMiB + 0x1000, 2 * kMiB, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap(ss, 4 * kMiB, 2 * kMiB), (int64_t)(2 * kMiB));
    EXPECT_EQ(unit.take(), (Log{"iotlb page did=2 400000 am=9 ih=0", "wait"})) << "a table of 512 pages";
    ASSERT_EQ(vtd_drv_map(ss, kGiB, kGiB, kGiB, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap(ss, kGiB, kGiB), (int64_t)kGiB);
    EXPECT_EQ(unit.take(), (Log{"iotlb page did=2 40000000 am=18 ih=1", "wait"}));
}

TEST_F(Invalidate, RangesAreCoveredExactlyByFewBlocksOrByOneAround)
{
    start();
    auto *d = attached_fs();
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x1000, 0x7f000, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap(d, 0x1000, 0x3000), 0x3000);
    EXPECT_EQ(unit.take(),
              (Log{"p_iotlb page did=2 pasid=0 1000 am=0 ih=1", "p_iotlb page did=2 pasid=0 2000 am=1 ih=1", "wait"}));
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x1000, 0x3000, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap(d, 0x1000, 0x1e000), 0x1e000) << "pages 1 to 30: eight exact blocks";
    EXPECT_EQ(unit.take(), (Log{"p_iotlb page did=2 pasid=0 0 am=5 ih=1", "wait"}));
    EXPECT_EQ(vtd_drv_unmap(d, 0x1000, 0x1e000), 0) << "a hole";
    EXPECT_EQ(unit.take(), Log{}) << "nothing changed";
    ASSERT_EQ(vtd_drv_unmap(d, 0x0, 0x22000), 0x3000) << "only pages 31 to 33 were mapped";
    EXPECT_EQ(unit.take(), (Log{"p_iotlb page did=2 pasid=0 1f000 am=0 ih=1",
                                "p_iotlb page did=2 pasid=0 20000 am=1 ih=1", "wait"}));
}

TEST_F(Invalidate, MamvLimitsSecondStageBlocksOnly)
{
    unit.cap = (unit.cap & ~kCapMamv) | UINT64_C(4) << 48;
    start();
    auto *ss = attached_ss();
    ASSERT_EQ(vtd_drv_map(ss, 0x100000, 0x101000, 0xc0000, kRw), 0); /* 192 pages at page 0x100 */
    ASSERT_EQ(vtd_drv_unmap(ss, 0x100000, 0x40000), 0x40000);
    EXPECT_EQ(unit.take(), (Log{"iotlb page did=2 100000 am=4 ih=1", "iotlb page did=2 110000 am=4 ih=1",
                                "iotlb page did=2 120000 am=4 ih=1", "iotlb page did=2 130000 am=4 ih=1", "wait"}));
    ASSERT_EQ(vtd_drv_unmap(ss, 0x140000, 0x80000), 0x80000);
    EXPECT_EQ(unit.take(), (Log{"iotlb domain did=2", "wait"}));
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
    auto *fs = attached_fs();
    ASSERT_EQ(vtd_drv_map(fs, 0x100000, 0x101000, 0x80000, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap(fs, 0x100000, 0x80000), 0x80000);
    EXPECT_EQ(unit.take(), (Log{"p_iotlb page did=3 pasid=0 100000 am=7 ih=1", "wait"}));
}

TEST_F(Invalidate, WithoutPsiTheDomainIsInvalidated)
{
    unit.cap &= ~(kCapPsi | kCapMamv);
    start();
    auto *ss = attached_ss();
    ASSERT_EQ(vtd_drv_map(ss, 0x1000, 0x5000, 0x1000, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap(ss, 0x1000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take(), (Log{"iotlb domain did=2", "wait"}));
}

TEST_F(Invalidate, EveryPasidOfAFirstStageDomainOnce)
{
    start();
    auto *d = attached_fs();
    ASSERT_EQ(vtd_drv_attach(drv, 0x9910, 0, d), 0);
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 70, d), 0);
    ASSERT_EQ(vtd_drv_attach(drv, 0x9910, 5, d), 0);
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x5000, 0x1000, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap(d, 0x1000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take(),
              (Log{"p_iotlb page did=2 pasid=0 1000 am=0 ih=1", "p_iotlb page did=2 pasid=5 1000 am=0 ih=1",
                   "p_iotlb page did=2 pasid=70 1000 am=0 ih=1", "wait"}));
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 70), 0);
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0); /* the other device still has PASID 0 */
    unit.take();
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x5000, 0x1000, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap(d, 0x1000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take(),
              (Log{"p_iotlb page did=2 pasid=0 1000 am=0 ih=1", "p_iotlb page did=2 pasid=5 1000 am=0 ih=1", "wait"}));
}

TEST_F(Invalidate, ADomainThatIsNotAttachedNeedsNothing)
{
    start();
    auto *d = second_stage();
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x5000, 0x1000, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap(d, 0x1000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take(), Log{});
}

TEST_F(Invalidate, AParentInvalidatesEveryDomainIdThatUsesIt)
{
    start();
    auto *parent = attached_ss();
    auto *child = domain(domain_spec(VTD_DRV_NESTED, 48, parent));
    ASSERT_EQ(vtd_drv_attach(drv, 0x9910, 0, child), 0);
    ASSERT_EQ(vtd_drv_attach(drv, 0x9910, 9, child), 0);
    ASSERT_EQ(vtd_drv_map(parent, 0x7000000000, 0x5000, 0x1000, kRw), 0);
    unit.take();
    ASSERT_EQ(vtd_drv_unmap(parent, 0x7000000000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take(),
              (Log{"iotlb page did=2 7000000000 am=0 ih=1", "iotlb page did=3 7000000000 am=0 ih=1", "wait"}));
}

TEST_F(Invalidate, ADomainIdIsInvalidatedBeforeItIsReused)
{
    start();
    auto *d = attached_ss();
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
    ASSERT_EQ(vtd_drv_domain_destroy(d), 0);
    unit.take();
    d = first_stage();
    EXPECT_EQ(vtd_drv_domain_id(d), 2);
    EXPECT_EQ(unit.take(), (Log{"pc domain did=2", "iotlb domain did=2", "wait"}));
    ASSERT_EQ(vtd_drv_domain_destroy(d), 0);
    d = first_stage();
    EXPECT_EQ(unit.take(), Log{}) << "it was not programmed in between";
}

TEST_F(Invalidate, SplittingALargePageBreaksBeforeItMakes)
{
    start();
    auto *d = attached_ss();
    ASSERT_EQ(vtd_drv_map(d, 2 * kMiB, 8 * kMiB, 2 * kMiB, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap(d, 2 * kMiB + 0x3000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take(), (Log{"iotlb page did=2 200000 am=9 ih=1", "wait"}));
}

TEST_F(Invalidate, SplittingInCachingModeInvalidatesAgainAfterwards)
{
    unit.cap |= kCapCm;
    start();
    auto *d = attached_ss();
    ASSERT_EQ(vtd_drv_map(d, 2 * kMiB, 8 * kMiB, 2 * kMiB, kRw), 0);
    unit.take();
    ASSERT_EQ(vtd_drv_unmap(d, 2 * kMiB + 0x3000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take(),
              (Log{"iotlb page did=2 200000 am=9 ih=1", "wait", "iotlb page did=2 200000 am=9 ih=0", "wait"}));
}

TEST_F(Invalidate, ALargePageInPlaceOfAnEmptyTableTakesTheTableDownFirst)
{
    start();
    auto *d = attached_fs();
    ASSERT_EQ(vtd_drv_map(d, 2 * kMiB, 8 * kMiB, 0x1000, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap(d, 2 * kMiB, 0x1000), 0x1000);
    unit.take();
    ASSERT_EQ(vtd_drv_map(d, 2 * kMiB, 8 * kMiB, 2 * kMiB, kRw), 0);
    EXPECT_EQ(unit.take(), (Log{"p_iotlb page did=2 pasid=0 200000 am=9 ih=0", "wait"}));
}

TEST_F(Invalidate, UpperHalfAddressesAreCanonical)
{
    start();
    auto *d = attached_fs();
    ASSERT_EQ(vtd_drv_map(d, 0xffff800000001000, 0x5000, 0x1000, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap(d, 0xffff800000001000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take(), (Log{"p_iotlb page did=2 pasid=0 ffff800000001000 am=0 ih=1", "wait"}));
}

TEST_F(Invalidate, UnmapAllIsOneInvalidation)
{
    start();
    auto *fs = attached_fs();
    ASSERT_EQ(vtd_drv_map(fs, 0x1000, 0x5000, 0x1000, kRw), 0);
    ASSERT_EQ(vtd_drv_map(fs, 0xffff800000001000, 0x5000, 0x3000, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap_all(fs), 0x4000);
    EXPECT_EQ(unit.take(), (Log{"p_iotlb pasid did=2 pasid=0", "wait"}));
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
    auto *ss = attached_ss();
    ASSERT_EQ(vtd_drv_map(ss, 0x1000, 0x5000, 0x1000, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap_all(ss), 0x1000);
    EXPECT_EQ(unit.take(), (Log{"iotlb domain did=3", "wait"}));
    ASSERT_EQ(vtd_drv_unmap_all(ss), 0);
    EXPECT_EQ(unit.take(), Log{});
}

TEST_F(Invalidate, DrainBitsFollowTheCapability)
{
    start();
    attached_ss();
    unit.raw.clear();
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
    EXPECT_EQ(unit.raw[1][0], 0x200E2u);              /* App. A: IOTLB domain DR+DW, here for domain 2 */
    EXPECT_EQ(unit.raw[2][0], UINT64_C(0x200000065)); /* App. A: wait SW+FN data 2 */
}

TEST_F(Invalidate, StoppedUnitNeedsNothing)
{
    start();
    auto *d = attached_ss();
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x5000, 0x1000, kRw), 0);
    ASSERT_EQ(vtd_drv_stop(drv), 0);
    unit.take();
    ASSERT_EQ(vtd_drv_unmap(d, 0x1000, 0x1000), 0x1000);
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
    EXPECT_EQ(unit.take(), Log{});
}

} // namespace
