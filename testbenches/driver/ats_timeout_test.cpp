/* SPDX-License-Identifier: MIT */
/* Devices that do not answer, over the fake unit: what the driver queues then, and that it goes on. */
#include "ats_fixture.h"

namespace
{

using AtsTimeout = AtsTest;

TEST_F(AtsTimeout, ASilentDeviceLosesAtsAndTheNextCallWorks)
{
    start();
    auto *d = with_ats(domain_spec(VTD_DRV_SECOND_STAGE, 48), 0);
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x5000, 0x2000, kRw), 0);
    unit.dead = {kSid};
    ASSERT_EQ(vtd_drv_unmap(d, 0x1000, 0x1000), -ETIMEDOUT);
    EXPECT_EQ(unit.take(),
              (Log{"iotlb page did=2 1000 am=0 ih=1", "dev_tlb sid=10 1000+1 mip=0 pfsid=0", "wait dropped", "FSTS",
                   "wait", "10 ats off", "cc device sid=10", "pc domain did=2", "iotlb domain did=2", "wait"}))
        << "the wait comes again, then the unit forbids what the device may still hold";
    EXPECT_EQ(dte(kSid), 0u);
    vtd_drv_ats_state state;
    ASSERT_EQ(vtd_drv_ats_get(drv, kSid, &state), 0);
    EXPECT_TRUE(!state.ats && state.timed_out);
    ASSERT_EQ(vtd_drv_unmap(d, 0x2000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take(), (Log{"iotlb page did=2 2000 am=0 ih=1", "wait"}));
    unit.dead.clear();
    enable_ats(kSid);
    ASSERT_EQ(vtd_drv_ats_get(drv, kSid, &state), 0);
    EXPECT_TRUE(state.ats && !state.timed_out) << "after a reset of the device";
}

TEST_F(AtsTimeout, OthersAreFlushedAgainAfterATimeout)
{
    start();
    auto *d = with_ats(domain_spec(VTD_DRV_SECOND_STAGE, 48), 0);
    for (uint16_t sid : {0x20, 0x30, 0x40}) {
        ASSERT_EQ(vtd_drv_device_add(drv, sid, 0), 0);
        if (sid != 0x40) {
            ASSERT_EQ(vtd_drv_attach(drv, sid, 0, d), 0);
        }
        enable_ats(sid);
    }
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x5000, 0x1000, kRw), 0);
    unit.take();
    unit.dead = {kSid, 0x20}; /* the unit names the first only */
    ASSERT_EQ(vtd_drv_unmap(d, 0x1000, 0x1000), -ETIMEDOUT);
    const Log log = unit.take();
    EXPECT_EQ(std::count(log.begin(), log.end(), "10 ats off"), 1);
    EXPECT_EQ(std::count(log.begin(), log.end(), "20 ats off"), 1);
    EXPECT_EQ(std::count(log.begin(), log.end(), "30 ats off"), 0);
    EXPECT_GE(std::count(log.begin(), log.end(), "dev_tlb sid=30 all mip=0 pfsid=0"), 1);
    EXPECT_EQ(std::count(log.begin(), log.end(), "dev_tlb sid=40 all mip=0 pfsid=0"), 0) << "it had no part in it";
    EXPECT_EQ(dte(0x30), 1u);
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x5000, 0x1000, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap(d, 0x1000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take(), (Log{"iotlb page did=2 1000 am=0 ih=1", "dev_tlb sid=30 1000+1 mip=0 pfsid=0", "wait"}));
}

TEST_F(AtsTimeout, ASilentDeviceCanBeDetachedRemovedAndSwitchedOff)
{
    for (unsigned how = 0; how < 3; how++) {
        vtd_drv_destroy(drv);
        start();
        auto *d = with_ats(domain_spec(VTD_DRV_SECOND_STAGE, 48), 0);
        unit.dead = {kSid};
        if (how == 0) {
            EXPECT_EQ(vtd_drv_detach(drv, kSid, 0), -ETIMEDOUT);
            EXPECT_EQ(vtd_drv_device_remove(drv, kSid), 0);
        } else if (how == 1) {
            EXPECT_EQ(vtd_drv_ats_disable(drv, kSid), -ETIMEDOUT);
            EXPECT_EQ(vtd_drv_ats_disable(drv, kSid), -ENOENT);
            EXPECT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
        } else {
            unit.dead.clear();
            ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
            unit.dead = {kSid};
            EXPECT_EQ(vtd_drv_device_remove(drv, kSid), 0) << "it is gone, whether it answered or not";
        }
        EXPECT_EQ(vtd_drv_domain_destroy(d), 0);
        EXPECT_EQ(vtd_drv_invalidate_all(drv), 0);
        unit.dead.clear();
    }
}

TEST_F(AtsTimeout, ATimeoutOfAStrangerIsReportedAndDoesNotWedge)
{
    start();
    unit.dead = {0x77};
    const uint64_t flush[2][4] = {{UINT64_C(0x7700000003), 0x1000, 0, 0}, {0x12, 0, 0, 0}};
    EXPECT_EQ(vtd_drv_submit_raw(drv, flush, 2), -ETIMEDOUT);
    EXPECT_EQ(vtd_drv_invalidate_all(drv), 0);
}

TEST_F(AtsTimeout, ATimeoutWhileTheRingIsFullLosesNothing)
{
    start();
    unit.dead = {0x77};
    std::vector<std::array<uint64_t, 4>> many(500, {0x12, 0, 0, 0});
    many[3] = {UINT64_C(0x7700000003), 0x1000, 0, 0};
    many[7] = many[300] = {0x2000000C5 & ~UINT64_C(0x80), unit.memory.size - 4096, 0, 0}; /* waits */
    unit.raw.clear();
    EXPECT_EQ(vtd_drv_submit_raw(drv, (const uint64_t(*)[4])many.data(), 500), -ETIMEDOUT);
    EXPECT_EQ(std::count_if(unit.raw.begin(), unit.raw.end(), [](const auto &d) { return d[0] == 0x12; }), 497);
    EXPECT_EQ(vtd_drv_invalidate_all(drv), 0);
}

TEST_F(AtsTimeout, AStrayCompletionIsClearedOnTheWay)
{
    start();
    unit.lazy = true;
    unit.reg[0x34] |= 0x20; /* ICE */
    EXPECT_EQ(vtd_drv_invalidate_all(drv), 0);
    EXPECT_EQ(unit.reg[0x34] & 0x20, 0u);
}

TEST_F(AtsTimeout, DestroyingTheDriverSwitchesDevicesOff)
{
    start();
    with_ats(domain_spec(VTD_DRV_SECOND_STAGE, 48), 0);
    vtd_drv_destroy(drv);
    drv = nullptr;
    const Log log = unit.take();
    EXPECT_EQ(log.front(), "10 ats off") << "before the unit";
}

} // namespace
