/* SPDX-License-Identifier: MIT */
/*
 * The performance monitor: what its registers report and let software change, overflow and freezing (ref
 * 1.12). What counters count is in perfmon_count_test.cpp.
 */
#include "perfmon_rig.h"

#include <string>

namespace vtdtest
{

/* ---------------------------------------------------------------- capabilities */

TEST(Perfmon, CapabilitiesAreThoseOfTheConfiguration)
{
    vtd_config config = monitored();
    config.perfmon = {3, 40, 0x15, true, false, false, true};
    Monitored u(config);
    /* NCNTR 3, CW 40, EGCNT 5; RIDFS, PASIDFS, PTLFS; IOS and PCCS without GFS and CWE; stride 2^10. */
    EXPECT_EQ(u.read64(VTD_REG_PERFCAP), 3 | 40 << 16 | 5 << 24 | bit(32) | bit(34) | bit(36) | bit(50) | bit(51));
    config.perfmon = {64, 64, 0x0a, false, true, true, false};
    Monitored all(config);
    EXPECT_EQ(all.read64(VTD_REG_PERFCAP), 64 | 64 << 16 | 5 << 24 | bit(33) | bit(35) | bit(48) | bit(49));
}

TEST(Perfmon, BlocksLieBehindTheOthersAndDoNotOverlap)
{
    for (unsigned counters : {1u, 8u, 16u, 17u, 64u}) {
        vtd_config config = monitored();
        config.perfmon.counters = static_cast<uint8_t>(counters);
        setCap(config, VTD_FIELD_OF(CAP, FRO), 0x100);
        setCap(config, VTD_FIELD_OF(CAP, NFR), 255);
        Monitored u(config);
        const uint64_t configs = u.read32(VTD_REG_PERFCFGOFF), freeze = u.read32(VTD_REG_PERFFRZOFF),
                       overflow = u.read32(VTD_REG_PERFOVFOFF), values = u.read32(VTD_REG_PERFCNTROFF);
        EXPECT_GE(configs, 0x1000u + 256 * 16);
        EXPECT_GE(freeze, configs + 0x100 * counters);
        EXPECT_GE(overflow, freeze + 8);
        EXPECT_GE(values, overflow + 8);
        EXPECT_GE(vtd_mmio_size(u.get()), values + 1024 * counters);
        EXPECT_EQ(vtd_mmio_size(u.get()) % 4096, 0u);
        EXPECT_EQ(u.read32(VTD_REG_PERFCFGOFF) % 256, 0u);
    }
    Unit without;
    EXPECT_EQ(vtd_mmio_size(without.get()), 4096u);
}

/* Each register keeps its own value. */
TEST(Perfmon, EveryCounterHasItsOwnRegisters)
{
    vtd_config config = monitored();
    config.perfmon.counters = 64;
    Monitored u(config);
    const auto pattern = [](unsigned c, unsigned reg) { return (c * 8 + reg) & 0x1f; };
    for (unsigned c = 0; c < 64; c++) {
        u.write64(u.configOf(c), vtd_reg_perfcntrcfg_put_es(pattern(c, 0)));
        for (unsigned f = 0; f < 5; f++)
            u.filter(c, 8 + 4 * f, pattern(c, f + 1));
        u.write64(u.counterOf(c), UINT64_C(0x100000000) * c + 7);
    }
    for (unsigned c = 0; c < 64; c++) {
        EXPECT_EQ(vtd_reg_perfcntrcfg_es(u.read64(u.configOf(c))), pattern(c, 0));
        for (unsigned f = 0; f < 5; f++)
            EXPECT_EQ(u.read32(u.configOf(c) + 8 + 4 * f), pattern(c, f + 1)) << c << " " << f;
        EXPECT_EQ(u.value(c), UINT64_C(0x100000000) * c + 7);
    }
}

TEST(Perfmon, WhatIsNoRegisterOfABlockReadsZeroAndKeepsNothing)
{
    Monitored u;
    const uint64_t configs = u.read32(VTD_REG_PERFCFGOFF), freeze = u.read32(VTD_REG_PERFFRZOFF),
                   overflow = u.read32(VTD_REG_PERFOVFOFF), values = u.read32(VTD_REG_PERFCNTROFF);
    for (uint64_t offset = configs; offset < vtd_mmio_size(u.get()); offset += 4) {
        const bool config = offset < configs + 0x800 && (offset - configs) % 0x100 <= VTD_REG_PERFCNTRPTL;
        const bool value = offset >= values && offset < values + 0x2000 && (offset - values) % 1024 < 8;
        if (config || value)
            continue;
        const bool status = offset / 8 * 8 == freeze || offset / 8 * 8 == overflow;
        u.write32(offset, ~0u);
        EXPECT_EQ(u.read32(offset), 0u) << std::hex << offset << (status ? " status" : "");
    }
}

TEST(Perfmon, EventsAreThoseThatTheUnitCanMake)
{
    Monitored all;
    const auto events = [](const Unit &u, unsigned group) { return u.read64(VTD_REG_PERFEVNTCAP + 8 * group); };
    EXPECT_EQ(events(all, 0), bit(1));
    EXPECT_EQ(events(all, 1), bit(0) | bit(3) | bit(6) | bit(7));
    EXPECT_EQ(events(all, 2), 0xffu);
    EXPECT_EQ(events(all, 3), bit(0) | bit(1));
    EXPECT_EQ(events(all, 4), bit(0) | bit(1) | bit(2));
    EXPECT_EQ(events(all, 5), 0u);

    vtd_config config = monitored();
    for (unsigned field : {VTD_ECAP_PRS_LSB, VTD_ECAP_SMS_LSB, VTD_ECAP_IR_LSB, VTD_ECAP_EIM_LSB})
        setEcap(config, field, field, 0);
    setEcap(config, VTD_FIELD_OF(ECAP, MHMV), 0);
    setCap(config, VTD_FIELD_OF(CAP, PI), 0);
    Monitored less(config);
    EXPECT_EQ(events(less, 1), bit(0) | bit(3)) << "no page requests";
    EXPECT_EQ(events(less, 4), 0u) << "no interrupts";

    config = monitored(preset("qemu")); /* no first stage */
    Monitored qemu(config);
    EXPECT_EQ(events(qemu, 2), 0x3fu);
    EXPECT_EQ(events(qemu, 4), bit(0) | bit(1)) << "no posting";
}

TEST(Perfmon, CountersTellTheirCapabilitiesOnlyWithPccs)
{
    vtd_config config = monitored();
    Monitored plain(config);
    for (uint64_t offset = 0x80; offset < 0x100; offset += 4)
        EXPECT_EQ(plain.read32(plain.configOf(1) + offset), 0u);
    config.perfmon.per_counter = true;
    Monitored u(config);
    for (unsigned c : {0u, 7u}) {
        /* PCC, CW 48, IOS, GFS, EGCNT 5 */
        EXPECT_EQ(u.read32(u.configOf(c) + 0x80), 1u | 48 << 8 | 1 << 16 | 1 << 17 | 5u << 28);
        for (unsigned group = 0; group < 5; group++)
            EXPECT_EQ(u.read32(u.configOf(c) + 0x84 + 4 * group),
                      group << 28 | u.read64(VTD_REG_PERFEVNTCAP + 8 * group));
        EXPECT_EQ(u.read32(u.configOf(c) + 0x84 + 4 * 5), 0u);
        u.write32(u.configOf(c) + 0x80, 0);
        EXPECT_EQ(u.read32(u.configOf(c) + 0x80) & 1, 1u) << "read only";
    }
}

/* ---------------------------------------------------------------- configuration */

TEST(Perfmon, ConfigurationKeepsItsFieldsOnly)
{
    Monitored u;
    u.write64(u.configOf(0), ~UINT64_C(0));
    /* IO, GFO, EGI 11:8, ES 59:32; EN is read only. */
    EXPECT_EQ(u.read64(u.configOf(0)), UINT64_C(0x0fffffff00000f06));
    const uint32_t fields[] = {0x8000ffff, 0x8000ffff, 0x803fffff, 0x8000001f, 0x8000001f};
    for (unsigned f = 0; f < 5; f++) {
        u.filter(0, 8 + 4 * f, ~0u);
        EXPECT_EQ(u.read32(u.configOf(0) + 8 + 4 * f), fields[f]) << f;
    }
}

TEST(Perfmon, WhatTheUnitLacksIsReserved)
{
    vtd_config config = monitored();
    config.perfmon.interrupt = config.perfmon.freeze = config.perfmon.writable = false;
    config.perfmon.filters = 1 << 2;
    Monitored u(config);
    u.write64(u.configOf(0), ~UINT64_C(0));
    EXPECT_EQ(u.read64(u.configOf(0)), UINT64_C(0x0fffffff00000f00));
    for (unsigned f = 0; f < 5; f++) {
        u.filter(0, 8 + 4 * f, ~0u);
        EXPECT_EQ(u.read32(u.configOf(0) + 8 + 4 * f) != 0, f == 2) << f;
    }
    u.write64(u.counterOf(0), 5);
    EXPECT_EQ(u.value(0), 0u) << "CWE=0";
}

TEST(Perfmon, ConfigurationAndValueAreLockedWhileEnabled)
{
    Monitored u;
    u.filter(2, VTD_REG_PERFCNTRRID, 0x1234);
    u.count(2, VTD_EVENT_OF(IOTLB_HIT), kIo);
    const uint64_t config = u.read64(u.configOf(2));
    u.write64(u.configOf(2), 0);
    u.filter(2, VTD_REG_PERFCNTRRID, 0);
    u.write64(u.counterOf(2), 99);
    EXPECT_EQ(u.read64(u.configOf(2)), config);
    EXPECT_EQ(u.read32(u.configOf(2) + VTD_REG_PERFCNTRRID), 0x1234u);
    EXPECT_EQ(u.value(2), 0u);
    u.filter(1, VTD_REG_PERFCNTRRID, 0x777);
    EXPECT_EQ(u.read32(u.configOf(1) + VTD_REG_PERFCNTRRID), 0x777u) << "others are not";
    u.disableCounter(2);
    u.write64(u.configOf(2), 0);
    u.write64(u.counterOf(2), 99);
    EXPECT_EQ(u.read64(u.configOf(2)), 0u);
    EXPECT_EQ(u.value(2), 99u);
}

TEST(Perfmon, ValuesHaveTheWidthOfTheCounter)
{
    for (unsigned width : {8u, 33u, 48u, 64u}) {
        vtd_config config = monitored();
        config.perfmon.width = static_cast<uint8_t>(width);
        Monitored u(config);
        u.write64(u.counterOf(0), ~UINT64_C(0));
        EXPECT_EQ(u.value(0), ~UINT64_C(0) >> (64 - width));
        u.write32(u.counterOf(0) + 4, 0);
        EXPECT_EQ(u.value(0), UINT64_C(0xffffffff) & (~UINT64_C(0) >> (64 - width)));
    }
}

TEST(Perfmon, ResetPutsEverythingBack)
{
    Monitored u(narrow());
    u.write32(VTD_REG_PERFINTRCTL, 0);
    u.count(0, VTD_EVENT_OF(IOMMU_REQUESTS), kIo | kGfo);
    u.filter(1, VTD_REG_PERFCNTRDID, kFilterOn | 3);
    requests(u, 300);
    EXPECT_EQ(u.overflowed(), 1u);
    vtd_reset(u.get());
    EXPECT_EQ(u.overflowed(), 0u);
    EXPECT_EQ(u.frozen(), 0u);
    EXPECT_EQ(u.value(0), 0u);
    EXPECT_FALSE(u.enabled(0));
    EXPECT_EQ(u.read32(u.configOf(1) + VTD_REG_PERFCNTRDID), 0u);
    EXPECT_EQ(u.read32(VTD_REG_PERFINTRSTS), 0u);
    EXPECT_EQ(u.read32(VTD_REG_PERFINTRCTL), 1u << 31);
    EXPECT_EQ(vtd_reg_perfcap_cw(u.read64(VTD_REG_PERFCAP)), 8u);
    requests(u, 1);
    EXPECT_EQ(u.value(0), 0u) << "not enabled any more";
}

/* ---------------------------------------------------------------- overflow */

TEST(Perfmon, OverflowIsTheStepFromAllOnesToZero)
{
    for (unsigned width : {8u, 48u, 64u}) {
        vtd_config config = monitored();
        config.perfmon.width = static_cast<uint8_t>(width);
        Monitored u(config);
        u.write64(u.counterOf(5), ~UINT64_C(0) - 1);
        u.count(5, VTD_EVENT_OF(IOMMU_REQUESTS));
        requests(u, 1);
        EXPECT_EQ(u.value(5), ~UINT64_C(0) >> (64 - width));
        EXPECT_EQ(u.overflowed(), 0u);
        requests(u, 1);
        EXPECT_EQ(u.value(5), 0u);
        EXPECT_EQ(u.overflowed(), bit(5));
        requests(u, 1);
        EXPECT_EQ(u.value(5), 1u) << "it goes on";
        EXPECT_EQ(u.read32(VTD_REG_PERFINTRSTS), 0u) << "IO=0: no interrupt";
        EXPECT_EQ(u.frozen(), 0u) << "GFO=0";
    }
}

TEST(Perfmon, OverflowsOfOtherCountersStay)
{
    Monitored u(narrow());
    for (unsigned c : {0u, 2u}) {
        u.write64(u.counterOf(c), 255 - c);
        u.count(c, VTD_EVENT_OF(IOMMU_REQUESTS));
    }
    requests(u, 1);
    EXPECT_EQ(u.overflowed(), bit(0));
    requests(u, 2);
    EXPECT_EQ(u.overflowed(), bit(0) | bit(2));
}

TEST(Perfmon, OverflowStatusIsClearedByWritingOnes)
{
    Monitored u(narrow(64));
    for (unsigned c : {0u, 31u, 32u, 63u}) {
        u.write64(u.counterOf(c), 255);
        u.count(c, VTD_EVENT_OF(IOMMU_REQUESTS));
    }
    requests(u, 1);
    const uint64_t all = bit(0) | bit(31) | bit(32) | bit(63);
    EXPECT_EQ(u.overflowed(), all);
    const uint64_t reg = u.read32(VTD_REG_PERFOVFOFF);
    u.write64(reg, 0);
    EXPECT_EQ(u.overflowed(), all);
    u.write64(reg, bit(31) | bit(5));
    EXPECT_EQ(u.overflowed(), all & ~bit(31));
    u.write32(reg + 4, 1u << 31);
    EXPECT_EQ(u.overflowed(), bit(0) | bit(32));
    u.write64(u.read32(VTD_REG_PERFFRZOFF), ~UINT64_C(0));
    EXPECT_EQ(u.frozen(), 0u) << "read only";
}

TEST(Perfmon, FreezeOnOverflowHoldsAllCounters)
{
    Monitored u(narrow());
    u.write64(u.counterOf(1), 254);
    u.count(0, VTD_EVENT_OF(IOMMU_REQUESTS));
    u.count(1, VTD_EVENT_OF(IOMMU_REQUESTS), kGfo);
    u.count(2, VTD_EVENT_OF(IOMMU_REQUESTS));
    requests(u, 10);
    EXPECT_EQ(u.frozen(), 0xfu);
    EXPECT_EQ(u.overflowed(), bit(1));
    EXPECT_EQ(u.value(0), 2u) << "the request that overflowed counts everywhere";
    EXPECT_EQ(u.value(1), 0u);
    EXPECT_EQ(u.value(2), 2u);
    u.ecmd(VTD_ECMD_UNFREEZE);
    requests(u, 3);
    EXPECT_EQ(u.value(0), 5u);
    EXPECT_EQ(u.value(1), 3u);
}

} // namespace vtdtest
