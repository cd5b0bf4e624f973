/* SPDX-License-Identifier: MIT */
/*
 * The driver and the performance monitor: discovery, what a unit must have, commands that fail (ref 1.12, 1.13).
 */
#include "perf_rig.h"

using namespace perf;

namespace
{

/* ---------------------------------------------------------------- discovery */

TEST(DriverPerf, FindsWhatTheUnitHas)
{
    vtd_config config = monitored();
    config.perfmon.counters = 5;
    config.perfmon.width = 40;
    config.perfmon.filters = 0x0b;
    Rig r(config);
    ASSERT_EQ(r.init(), 0);
    vtd_drv_perf_info info;
    ASSERT_EQ(vtd_drv_perf_get_info(r.drv, &info), 0);
    EXPECT_EQ(info.counters, 5);
    EXPECT_EQ(info.width, 40);
    EXPECT_EQ(info.groups, 5);
    EXPECT_EQ(info.filters, VTD_DRV_PERF_BY_SID | VTD_DRV_PERF_BY_DID | VTD_DRV_PERF_BY_AT);
    EXPECT_EQ(info.events[0], 2u);
    EXPECT_EQ(info.events[3], 3u);
    EXPECT_EQ(info.events[5], 0u);
    EXPECT_EQ(r.init(), -EBUSY);
}

TEST(DriverPerf, IsNotThereWithoutInit)
{
    Rig r;
    vtd_drv_perf_info info;
    const vtd_drv_perf_spec spec = SPEC_OF(IOTLB_HIT);
    unsigned counter = 0;
    uint64_t count = 0;
    EXPECT_EQ(vtd_drv_perf_get_info(r.drv, &info), -ENOENT);
    EXPECT_EQ(vtd_drv_perf_open(r.drv, &spec, &counter), -ENOENT);
    EXPECT_EQ(vtd_drv_perf_read(r.drv, 0, &count), -ENOENT);
    EXPECT_EQ(vtd_drv_perf_start(r.drv, 0), -ENOENT);
    EXPECT_EQ(vtd_drv_perf_stop(r.drv, 0), -ENOENT);
    EXPECT_EQ(vtd_drv_perf_close(r.drv, 0), -ENOENT);
    EXPECT_EQ(vtd_drv_perf_freeze(r.drv, true), -ENOENT);
    EXPECT_EQ(vtd_drv_perf_handle_overflow(r.drv), 0);
}

TEST(DriverPerf, NeedsWhatLinuxNeeds)
{
    vtd_config without;
    vtd_config_preset(&without, "default");
    Rig none(without);
    EXPECT_EQ(none.init(), -ENOTSUP);
    EXPECT_EQ(vtd_drv_ecmd(none.drv, VTD_ECMD_FREEZE, 0, 0, nullptr), -ENOTSUP);

    vtd_config config = monitored();
    config.perfmon.interrupt = false;
    Rig silent(config);
    EXPECT_EQ(silent.init(), -ENOTSUP) << "no interrupt on overflow";

    for (unsigned bit : {48u, 49u, 52u, 53u}) {
        Rig r;
        r.lies[VTD_REG_ECCAP3] = r.unit64(VTD_REG_ECCAP3) & ~(UINT64_C(1) << bit);
        EXPECT_EQ(r.init(), -ENOTSUP) << bit;
        r.lies.clear();
        EXPECT_EQ(r.init(), 0);
    }
    for (unsigned bit : {50u, 51u}) {
        Rig r;
        r.lies[VTD_REG_ECCAP3] = r.unit64(VTD_REG_ECCAP3) & ~(UINT64_C(1) << bit);
        EXPECT_EQ(r.init(), 0) << bit << ": not essential";
    }
    for (uint64_t field :
         {vtd_reg_perfcap_put_ncntr(~0ull), vtd_reg_perfcap_put_egcnt(~0ull), vtd_reg_perfcap_put_cw(~0ull)}) {
        Rig r;
        r.lies[VTD_REG_PERFCAP] = r.unit64(VTD_REG_PERFCAP) & ~field;
        EXPECT_EQ(r.init(), -ENOTSUP) << std::hex << field;
    }
}

TEST(DriverPerf, CountersThatTellTheirOwnCapabilities)
{
    vtd_config config = monitored();
    config.perfmon.per_counter = true;
    vtd_drv_perf_info info;

    Rig same(config);
    ASSERT_EQ(same.init(), 0);
    ASSERT_EQ(vtd_drv_perf_get_info(same.drv, &info), 0);
    EXPECT_EQ(info.counters, 8);
    EXPECT_EQ(info.events[2], 0xffu);

    Rig odd(config); /* counter 5 is narrower: it and those behind it are left alone */
    odd.lies[odd.configOf(5) + VTD_REG_PERFCNTRCAP] =
        vtd_reg_perfcntrcap_put_pcc(1) | vtd_reg_perfcntrcap_put_cw(32) | vtd_reg_perfcntrcap_put_ios(1);
    ASSERT_EQ(odd.init(), 0);
    ASSERT_EQ(vtd_drv_perf_get_info(odd.drv, &info), 0);
    EXPECT_EQ(info.counters, 5);

    Rig special(config); /* counter 2 alone has an event that PERFEVNTCAP does not name */
    const uint64_t cap = special.configOf(2) + VTD_REG_PERFCNTRCAP;
    special.lies[cap] = vtd_reg_perfcntrcap_put_pcc(1) | vtd_reg_perfcntrcap_put_cw(48) |
                        vtd_reg_perfcntrcap_put_ios(1) | vtd_reg_perfcntrcap_put_egcnt(1);
    special.lies[cap + 4] = vtd_reg_perfcntrevcap_put_egi(0) | vtd_reg_perfcntrevcap_put_es(3);
    ASSERT_EQ(special.init(), 0);
    ASSERT_EQ(vtd_drv_perf_get_info(special.drv, &info), 0);
    EXPECT_EQ(info.events[0], 3u);
    std::set<unsigned> taken;
    for (unsigned i = 0; i < 7; i++)
        taken.insert(special.open(SPEC_OF(IOTLB_HIT)));
    EXPECT_EQ(taken, (std::set<unsigned>{0, 1, 3, 4, 5, 6, 7}));
    unsigned counter = 0;
    vtd_drv_perf_spec spec = SPEC_OF(IOTLB_HIT);
    EXPECT_EQ(vtd_drv_perf_open(special.drv, &spec, &counter), -EBUSY);
    EXPECT_EQ(special.open(SPEC_OF(IOMMU_REQUESTS)), 2u);
}

TEST(DriverPerf, StopsWhatAnEarlierOwnerLeft)
{
    Rig r(narrow());
    vtd *unit = r.machine.unit;
    vtd_mmio_write64(unit, r.configOf(3), vtd_reg_perfcntrcfg_put_es(2) | vtd_reg_perfcntrcfg_put_io(1));
    vtd_mmio_write64(unit, VTD_REG_ECMD, VTD_ECMD_ENABLE_COUNTER | 3 << 16);
    r.requests(300);
    vtd_mmio_write64(unit, VTD_REG_ECMD, VTD_ECMD_FREEZE);
    ASSERT_EQ(vtd_mmio_read32(unit, VTD_REG_PERFINTRSTS), 1u);
    ASSERT_EQ(r.init(), 0);
    EXPECT_EQ(vtd_mmio_read32(unit, VTD_REG_PERFINTRSTS), 0u);
    EXPECT_EQ(r.unit64(vtd_mmio_read32(unit, VTD_REG_PERFOVFOFF)), 0u);
    EXPECT_EQ(r.unit64(vtd_mmio_read32(unit, VTD_REG_PERFFRZOFF)), 0u);
    EXPECT_EQ(r.unit64(r.configOf(3)) & 1, 0u) << "disabled";
    vtd_msi_message message;
    EXPECT_FALSE(vtd_msi_sink_take(&r.machine.msi, &message)) << "nothing held back is sent when the event is unmasked";
}

/* ---------------------------------------------------------------- commands that fail */

TEST(DriverPerf, CommandsThatFailAreErrors)
{
    Rig r;
    ASSERT_EQ(r.init(), 0);
    uint64_t result = 99;
    EXPECT_EQ(vtd_drv_ecmd(r.drv, VTD_ECMD_UNFREEZE, 0, 0, &result), 0);
    EXPECT_EQ(result, 0u);
    EXPECT_EQ(vtd_drv_ecmd(r.drv, VTD_ECMD_ENABLE_COUNTER, 8, 0, nullptr), VTD_ECRSP_REFUSED);
    EXPECT_EQ(vtd_drv_ecmd(r.drv, 7, 0, 0, nullptr), VTD_ECRSP_UNDEFINED);

    const vtd_drv_perf_spec spec = SPEC_OF(IOMMU_REQUESTS);
    unsigned counter = 99;
    r.lies[VTD_REG_ECRSP] = 1; /* IP: a command is in progress */
    EXPECT_EQ(vtd_drv_ecmd(r.drv, VTD_ECMD_UNFREEZE, 0, 0, nullptr), -EBUSY);
    EXPECT_EQ(vtd_drv_perf_open(r.drv, &spec, &counter), -EBUSY);
    r.lies[VTD_REG_ECRSP] = vtd_reg_ecrsp_put_sc(VTD_ECRSP_ABORTED);
    EXPECT_EQ(vtd_drv_perf_open(r.drv, &spec, &counter), -EIO);
    EXPECT_EQ(counter, 99u);
    r.lies[VTD_REG_ECRSP] = UINT64_C(0x1234) << 16;
    EXPECT_EQ(vtd_drv_ecmd(r.drv, VTD_ECMD_UNFREEZE, 0, 0, &result), 0);
    EXPECT_EQ(result, 0x1234u);
    r.lies.clear();
    /* The failed attempts took no counter. */
    for (unsigned i = 0; i < 8; i++)
        r.open(SPEC_OF(IOMMU_REQUESTS));
}

TEST(DriverPerf, CounterThatCannotBeStoppedStaysOpen)
{
    Rig r;
    ASSERT_EQ(r.init(), 0);
    const unsigned c = r.open(SPEC_OF(IOMMU_REQUESTS));
    r.requests(3);
    r.deaf = {VTD_REG_ECMD};
    r.lies[VTD_REG_ECRSP] = vtd_reg_ecrsp_put_sc(VTD_ECRSP_REFUSED);
    EXPECT_EQ(vtd_drv_perf_close(r.drv, c), -EIO);
    r.lies.clear();
    r.deaf.clear();
    r.requests(2);
    EXPECT_EQ(r.count(c), 5u);
    EXPECT_EQ(vtd_drv_perf_close(r.drv, c), 0);
}

/* A unit that never takes a command: the driver gives up after its limit. */
TEST(DriverPerf, DeafUnitTimesOut)
{
    Rig r;
    ASSERT_EQ(r.init(), 0);
    bool written = false;
    struct Late {
        Rig *rig;
        bool *written;
        vtd_bus next;
    };
    /* IP reads 1 once the command was written. */
    static Late late;
    late = {&r, &written, r.bus};
    vtd_drv *drv = nullptr;
    vtd_bus bus = r.bus;
    bus.write64 = [](void *, uint64_t at, uint64_t) { *late.written |= at == VTD_REG_ECMD; };
    bus.read64 = [](void *o, uint64_t at) {
        return at == VTD_REG_ECRSP ? uint64_t{*late.written} : late.next.read64(o, at);
    };
    vtd_drv_options options{};
    options.poll_limit = 5;
    ASSERT_EQ(vtd_drv_create(&bus, &options, &drv), 0);
    EXPECT_EQ(vtd_drv_ecmd(drv, VTD_ECMD_FREEZE, 0, 0, nullptr), -ETIMEDOUT);
    vtd_drv_destroy(drv);
}

/* Destroying the driver leaves no counter running. */
TEST(DriverPerf, DestroyStopsCounters)
{
    Rig r;
    ASSERT_EQ(r.init(), 0);
    const unsigned c = r.open(SPEC_OF(IOMMU_REQUESTS));
    vtd_drv_destroy(r.drv);
    r.drv = nullptr;
    EXPECT_EQ(r.unit64(r.configOf(c)), 0u);
    EXPECT_EQ(vtd_mmio_read32(r.machine.unit, VTD_REG_PERFINTRCTL), 1u << 31) << "masked";
}

} // namespace
