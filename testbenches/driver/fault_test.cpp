/* SPDX-License-Identifier: MIT */
/* The fault handler of the driver (ref 1.7, 5.4). */
#include "driver_fixture.h"

namespace
{

struct Faults : DriverTest {
    std::vector<vtd_drv_fault> seen;
    bool overflow = false;
    int handle()
    {
        seen.clear();
        return vtd_drv_handle_faults(
            drv, [](void *arg, const vtd_drv_fault *f) { static_cast<Faults *>(arg)->seen.push_back(*f); }, this,
            &overflow);
    }
    /* Records from index first on, and FSTS with PPF and FRI. */
    void pend(unsigned first, unsigned count, uint32_t more = 0)
    {
        for (unsigned i = 0; i < count; i++)
            unit.set_record((first + i) % 8, UINT64_C(0x1000) * (i + 1), UINT64_C(0x8000007100000510));
        unit.reg[0x34] = 2 | first << 8 | more;
    }
};

TEST_F(Faults, DecodesTheRecordOfAppendixA)
{
    start();
    unit.set_record(0, 0x7F0000003000, 0xC0002A7180000510);
    unit.reg[0x34] = 2;
    ASSERT_EQ(handle(), 1);
    const vtd_drv_fault &f = seen[0];
    EXPECT_EQ(f.addr, UINT64_C(0x7F0000003000));
    EXPECT_EQ(f.sid, 0x510);
    EXPECT_EQ(f.reason, 0x71);
    EXPECT_EQ(f.pasid, 0x2Au);
    EXPECT_TRUE(f.has_pasid);
    EXPECT_EQ(f.type, 2) << "read";
    EXPECT_EQ(f.at, 0);
    EXPECT_FALSE(f.privileged);
    EXPECT_FALSE(f.execute);
    EXPECT_FALSE(overflow);
}

TEST_F(Faults, StartsAtFriAndWraps)
{
    start();
    pend(6, 5);
    ASSERT_EQ(handle(), 5);
    for (unsigned i = 0; i < 5; i++)
        EXPECT_EQ(seen[i].addr, 0x1000u * (i + 1));
    EXPECT_EQ(unit.take(), (Log{"FRCD 6", "FRCD 7", "FRCD 0", "FRCD 1", "FRCD 2"}));
}

TEST_F(Faults, ClearsTheOverflowAfterAllRecords)
{
    start();
    pend(3, 8, 1);
    ASSERT_EQ(handle(), 8);
    EXPECT_TRUE(overflow);
    EXPECT_EQ(unit.take(),
              (Log{"FRCD 3", "FRCD 4", "FRCD 5", "FRCD 6", "FRCD 7", "FRCD 0", "FRCD 1", "FRCD 2", "FSTS PFO"}));
}

TEST_F(Faults, NothingPendingIsNothingDone)
{
    start();
    EXPECT_EQ(handle(), 0);
    EXPECT_EQ(unit.take(), Log{});
}

TEST_F(Faults, OldFaultsAreClearedBeforeTranslationStarts)
{
    pend(2, 2, 1);
    ASSERT_EQ(vtd_drv_create(&unit.bus, nullptr, &drv), 0);
    ASSERT_EQ(vtd_drv_start(drv), 0);
    const Log log = unit.take();
    EXPECT_EQ(Log(log.begin(), log.begin() + 4), (Log{"FRCD 2", "FRCD 3", "FSTS PFO", "FSTS"}));
    EXPECT_EQ(log.back(), "TE on");
}

} // namespace
