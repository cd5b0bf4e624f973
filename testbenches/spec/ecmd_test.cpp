/* SPDX-License-Identifier: MIT */
/*
 * The enhanced command interface: how a command is given, what its status code is, and what the commands of the
 * performance monitor do (ref 1.13).
 */
#include "perfmon_rig.h"

namespace vtdtest
{

/* ---------------------------------------------------------------- the interface */

TEST(Ecmd, CapabilityNamesTheSixCommands)
{
    Monitored u;
    for (unsigned reg : {VTD_REG_ECCAP0, VTD_REG_ECCAP1, VTD_REG_ECCAP2})
        EXPECT_EQ(u.read64(reg), 0u);
    EXPECT_EQ(u.read64(VTD_REG_ECCAP3), bit(48) | bit(49) | bit(50) | bit(51) | bit(52) | bit(53));
}

TEST(Ecmd, WithoutMonitorThereAreNoCommands)
{
    vtd_config config = preset();
    setCap(config, VTD_FIELD_OF(CAP, ECMDS), 1);
    Monitored u(config);
    EXPECT_EQ(u.read64(VTD_REG_ECCAP3), 0u);
    for (unsigned cmd = 0; cmd < 256; cmd++)
        EXPECT_EQ(u.ecmd(cmd), unsigned{VTD_ECRSP_UNDEFINED}) << cmd;
}

TEST(Ecmd, WithoutEcmdsNothingAnswers)
{
    Monitored u(preset());
    u.write64(VTD_REG_ECMD, VTD_ECMD_FREEZE);
    u.write64(VTD_REG_ECMD, 1);
    EXPECT_EQ(u.read64(VTD_REG_ECRSP), 0u);
}

/* Command n is bit n%64 of ECCAP[n/64]: exactly those are known. */
TEST(Ecmd, CommandsOutsideOfTheCapabilityAreUndefined)
{
    Monitored u;
    for (unsigned cmd = 0; cmd < 256; cmd++) {
        const bool known = u.read64(VTD_REG_ECCAP0 + 8 * (cmd / 64)) >> cmd % 64 & 1;
        EXPECT_EQ(known, cmd >= 240 && cmd <= 245) << cmd;
        EXPECT_EQ(u.ecmd(cmd), unsigned{known ? VTD_ECRSP_OK : VTD_ECRSP_UNDEFINED}) << cmd;
    }
}

TEST(Ecmd, EveryCommandClearsTheResponseOfTheOneBefore)
{
    Monitored u;
    EXPECT_EQ(u.ecmd(1), unsigned{VTD_ECRSP_UNDEFINED});
    EXPECT_EQ(u.read64(VTD_REG_ECRSP), uint64_t{VTD_ECRSP_UNDEFINED} << 1) << "SC is bits 7:1";
    EXPECT_EQ(u.ecmd(VTD_ECMD_UNFREEZE), unsigned{VTD_ECRSP_OK});
    EXPECT_EQ(u.read64(VTD_REG_ECRSP), 0u);
}

TEST(Ecmd, ResponseAndCapabilitiesAreReadOnlyAndCommandReadsZero)
{
    Monitored u;
    u.ecmd(1);
    for (uint64_t reg = VTD_REG_ECMD; reg <= VTD_REG_ECCAP3; reg += 8) {
        if (reg == VTD_REG_ECMD)
            continue;
        const uint64_t before = u.read64(reg);
        u.write64(reg, ~UINT64_C(0));
        EXPECT_EQ(u.read64(reg), before) << std::hex << reg;
    }
    EXPECT_EQ(u.read64(VTD_REG_ECMD), 0u);
}

/* The dword with CMD runs the command, with the operand that the other dword holds. */
TEST(Ecmd, HighDwordFirstThenTheCommand)
{
    Monitored u;
    const uint64_t command = vtd_reg_ecmd_put_cmd(VTD_ECMD_ENABLE_COUNTER) | vtd_reg_ecmd_put_oa(UINT64_C(1) << 16 | 3);
    u.write32(VTD_REG_ECMD + 4, static_cast<uint32_t>(command >> 32));
    EXPECT_EQ(u.read64(VTD_REG_ECRSP), 0u) << "nothing ran yet";
    u.write32(VTD_REG_ECMD, static_cast<uint32_t>(command));
    EXPECT_EQ(vtd_reg_ecrsp_sc(u.read64(VTD_REG_ECRSP)), uint64_t{VTD_ECRSP_REFUSED}) << "counter 10003h";
    EXPECT_FALSE(u.enabled(3));
    u.write32(VTD_REG_ECMD + 4, 0);
    u.write32(VTD_REG_ECMD, static_cast<uint32_t>(command));
    EXPECT_EQ(vtd_reg_ecrsp_sc(u.read64(VTD_REG_ECRSP)), uint64_t{VTD_ECRSP_OK});
    EXPECT_TRUE(u.enabled(3));
}

TEST(Ecmd, QwordWriteTakesAllOfItsOperand)
{
    Monitored u;
    u.write32(VTD_REG_ECMD + 4, 0xffffffff); /* left from earlier */
    EXPECT_EQ(u.enableCounter(2), unsigned{VTD_ECRSP_OK});
    EXPECT_TRUE(u.enabled(2));
    EXPECT_EQ(u.ecmd(VTD_ECMD_ENABLE_COUNTER, UINT64_C(1) << 32), unsigned{VTD_ECRSP_REFUSED});
}

/* ---------------------------------------------------------------- commands */

TEST(Ecmd, CountersAreEnabledAndDisabledByNumber)
{
    Monitored u;
    for (unsigned c = 0; c < 8; c++) {
        EXPECT_FALSE(u.enabled(c)) << "as after reset";
        EXPECT_EQ(u.enableCounter(c), unsigned{VTD_ECRSP_OK});
        for (unsigned other = 0; other < 8; other++)
            EXPECT_EQ(u.enabled(other), other == c) << c;
        EXPECT_EQ(u.disableCounter(c), unsigned{VTD_ECRSP_OK});
        EXPECT_FALSE(u.enabled(c));
    }
}

TEST(Ecmd, AgainIsNoError)
{
    Monitored u;
    EXPECT_EQ(u.disableCounter(1), unsigned{VTD_ECRSP_OK});
    EXPECT_EQ(u.enableCounter(1), unsigned{VTD_ECRSP_OK});
    EXPECT_EQ(u.enableCounter(1), unsigned{VTD_ECRSP_OK});
    EXPECT_TRUE(u.enabled(1));
}

TEST(Ecmd, CountersThatAreNotThereAreRefused)
{
    for (unsigned counters : {1u, 8u, 64u}) {
        vtd_config config = monitored();
        config.perfmon.counters = static_cast<uint8_t>(counters);
        Monitored u(config);
        EXPECT_EQ(u.enableCounter(counters - 1), unsigned{VTD_ECRSP_OK});
        EXPECT_EQ(u.disableCounter(counters - 1), unsigned{VTD_ECRSP_OK});
        for (unsigned command : {VTD_ECMD_ENABLE_COUNTER, VTD_ECMD_DISABLE_COUNTER}) {
            EXPECT_EQ(u.ecmd(command, counters), unsigned{VTD_ECRSP_REFUSED}) << counters;
            EXPECT_EQ(u.ecmd(command, UINT64_C(0xffffffffffff)), unsigned{VTD_ECRSP_REFUSED});
        }
    }
}

TEST(Ecmd, EventsThatAreNotThereAreRefused)
{
    Monitored u;
    for (const PerfEvent &event : {VTD_EVENT_OF(IOMMU_CLOCKS), VTD_EVENT_OF(HPT_LEAF_HIT), PerfEvent{5, 1},
                                   PerfEvent{15, 0}, PerfEvent{2, 1u << 27 | 1}}) {
        u.select(0, event);
        EXPECT_EQ(u.enableCounter(0), unsigned{VTD_ECRSP_REFUSED}) << event.group << " " << event.es;
        EXPECT_FALSE(u.enabled(0));
    }
    u.select(0, VTD_EVENT_OF(IOMMU_REQUESTS));
    EXPECT_EQ(u.enableCounter(0), unsigned{VTD_ECRSP_OK});
}

TEST(Ecmd, ResetOfTheConfigurationStopsAndClearsAllCounters)
{
    Monitored u;
    for (unsigned c : {0u, 7u}) {
        for (uint64_t reg = VTD_REG_PERFCNTRRID; reg <= VTD_REG_PERFCNTRPTL; reg += 4)
            u.filter(c, reg, kFilterOn | 1);
        u.count(c, VTD_EVENT_OF(IOTLB_HIT), vtd_reg_perfcntrcfg_put_io(1) | vtd_reg_perfcntrcfg_put_gfo(1));
    }
    u.write64(u.counterOf(3), 77);
    EXPECT_EQ(u.ecmd(VTD_ECMD_RESET_CONFIG), unsigned{VTD_ECRSP_OK});
    for (unsigned c : {0u, 7u})
        for (uint64_t offset = 0; offset <= VTD_REG_PERFCNTRPTL; offset += 4)
            EXPECT_EQ(u.read32(u.configOf(c) + offset), 0u) << c << " " << offset;
    EXPECT_EQ(u.value(3), 77u) << "values stay";
    u.select(0, VTD_EVENT_OF(IOMMU_REQUESTS));
    u.dma(kSid).read(0x1000);
    EXPECT_EQ(u.value(0), 0u) << "not enabled any more";
}

TEST(Ecmd, ResetOfTheValuesKeepsCountersRunning)
{
    Monitored u;
    u.count(0, VTD_EVENT_OF(IOMMU_REQUESTS));
    u.write64(u.counterOf(7), 5);
    u.dma(kSid).read(0x1000);
    EXPECT_EQ(u.value(0), 1u);
    EXPECT_EQ(u.ecmd(VTD_ECMD_RESET_VALUES), unsigned{VTD_ECRSP_OK});
    for (unsigned c = 0; c < 8; c++)
        EXPECT_EQ(u.value(c), 0u);
    u.dma(kSid).read(0x1000);
    u.dma(kSid).read(0x1000);
    EXPECT_EQ(u.value(0), 2u);
}

TEST(Ecmd, FreezeHoldsAllCountersUntilUnfreeze)
{
    Monitored u;
    u.count(0, VTD_EVENT_OF(IOMMU_REQUESTS));
    u.dma(kSid).read(0x1000);
    EXPECT_EQ(u.frozen(), 0u);
    EXPECT_EQ(u.ecmd(VTD_ECMD_FREEZE), unsigned{VTD_ECRSP_OK});
    EXPECT_EQ(u.frozen(), 0xffu) << "a bit for each of the 8 counters";
    u.count(1, VTD_EVENT_OF(IOMMU_REQUESTS)); /* enabled, but held */
    u.dma(kSid).read(0x1000);
    EXPECT_EQ(u.value(0), 1u);
    EXPECT_EQ(u.value(1), 0u);
    EXPECT_TRUE(u.enabled(0));
    EXPECT_EQ(u.ecmd(VTD_ECMD_UNFREEZE), unsigned{VTD_ECRSP_OK});
    EXPECT_EQ(u.frozen(), 0u);
    u.dma(kSid).read(0x1000);
    EXPECT_EQ(u.value(0), 2u);
    EXPECT_EQ(u.value(1), 1u);
}

} // namespace vtdtest
