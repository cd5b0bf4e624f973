/* SPDX-License-Identifier: MIT */
/*
 * The interrupt of the performance monitor, which follows the rules of all events of the unit (ref 1.12, 5.4).
 */
#include "perfmon_rig.h"

namespace vtdtest
{

namespace
{

/* Counter 0 overflows with the next request; the event's message is set. */
struct Overflowing : Monitored {
    explicit Overflowing(bool masked = false) : Monitored(narrow())
    {
        write32(VTD_REG_PERFINTRDATA, 0x41);
        write32(VTD_REG_PERFINTRADDR, 0xfee05008);
        write32(VTD_REG_PERFINTRUADDR, 0x12300);
        if (!masked)
            write32(VTD_REG_PERFINTRCTL, 0);
        for (unsigned c : {0u, 1u})
            prepare(c);
    }
    /* The counter overflows with the next request. */
    void prepare(unsigned c)
    {
        disableCounter(c);
        write64(counterOf(c), 255);
        count(c, VTD_EVENT_OF(IOMMU_REQUESTS), kIo);
    }
    bool pending() const
    {
        return vtd_reg_perfintrctl_ip(read32(VTD_REG_PERFINTRCTL));
    }
    bool status() const
    {
        return vtd_reg_perfintrsts_pis(read32(VTD_REG_PERFINTRSTS));
    }
};

} // namespace

TEST(PerfmonInterrupt, IsSentOnceUntilTheStatusIsCleared)
{
    Overflowing u;
    requests(u, 1); /* two counters overflow */
    ASSERT_EQ(u.messages.size(), 1u);
    EXPECT_EQ(u.messages[0].addr, UINT64_C(0x12300fee05008));
    EXPECT_EQ(u.messages[0].data, 0x41u);
    EXPECT_TRUE(u.status());
    EXPECT_FALSE(u.pending());
    u.prepare(0);
    requests(u, 1);
    EXPECT_EQ(u.messages.size(), 1u) << "PIS is still set";
    u.write32(VTD_REG_PERFINTRSTS, 0);
    EXPECT_TRUE(u.status()) << "a zero clears nothing";
    u.write32(VTD_REG_PERFINTRSTS, 1);
    EXPECT_FALSE(u.status());
    u.prepare(0);
    requests(u, 1);
    EXPECT_EQ(u.messages.size(), 2u);
}

TEST(PerfmonInterrupt, ClearingOverflowBitsIsNotClearingTheStatus)
{
    Overflowing u;
    requests(u, 1);
    u.write64(u.read32(VTD_REG_PERFOVFOFF), ~UINT64_C(0));
    EXPECT_EQ(u.overflowed(), 0u);
    EXPECT_TRUE(u.status());
}

TEST(PerfmonInterrupt, IsHeldBackWhileMasked)
{
    Overflowing u(true);
    requests(u, 1);
    EXPECT_TRUE(u.messages.empty());
    EXPECT_TRUE(u.pending());
    u.write32(VTD_REG_PERFINTRCTL, 0);
    EXPECT_EQ(u.messages.size(), 1u);
    EXPECT_FALSE(u.pending());
    EXPECT_TRUE(u.status());
}

TEST(PerfmonInterrupt, IsWithdrawnWhenTheStatusIsCleared)
{
    Overflowing u(true);
    requests(u, 1);
    u.write32(VTD_REG_PERFINTRSTS, 1);
    EXPECT_FALSE(u.pending());
    u.write32(VTD_REG_PERFINTRCTL, 0);
    EXPECT_TRUE(u.messages.empty());
}

} // namespace vtdtest
