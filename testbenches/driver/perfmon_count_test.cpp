/* SPDX-License-Identifier: MIT */
/*
 * The driver and the performance monitor: counters, filters, overflow (ref 1.12).
 */
#include "perf_rig.h"

using namespace perf;

namespace
{

/* ---------------------------------------------------------------- counting */

TEST(DriverPerf, CountsFromOpenToClose)
{
    Rig r;
    ASSERT_EQ(r.init(), 0);
    r.requests(3);
    const unsigned c = r.open(SPEC_OF(IOMMU_REQUESTS));
    EXPECT_EQ(r.count(c), 0u);
    r.requests(5);
    EXPECT_EQ(r.count(c), 5u);
    EXPECT_EQ(vtd_drv_perf_stop(r.drv, c), 0);
    r.requests(7);
    EXPECT_EQ(r.count(c), 5u);
    EXPECT_EQ(vtd_drv_perf_start(r.drv, c), 0);
    r.requests(2);
    EXPECT_EQ(r.count(c), 7u);
    EXPECT_EQ(vtd_drv_perf_freeze(r.drv, true), 0);
    r.requests(4);
    EXPECT_EQ(r.count(c), 7u);
    EXPECT_EQ(vtd_drv_perf_freeze(r.drv, false), 0);
    r.requests(1);
    EXPECT_EQ(r.count(c), 8u);
    EXPECT_EQ(vtd_drv_perf_close(r.drv, c), 0);
    EXPECT_EQ(vtd_drv_perf_close(r.drv, c), -ENOENT);
    EXPECT_EQ(r.unit64(r.configOf(c)), 0u);
    /* A counter that is used again starts from 0, whatever it holds. */
    EXPECT_EQ(r.open(SPEC_OF(IOMMU_REQUESTS)), c);
    EXPECT_EQ(r.count(c), 0u);
}

TEST(DriverPerf, HandsOutEveryCounterOnce)
{
    Rig r;
    ASSERT_EQ(r.init(), 0);
    std::set<unsigned> taken;
    for (unsigned i = 0; i < 8; i++)
        taken.insert(r.open(SPEC_OF(IOTLB_HIT)));
    EXPECT_EQ(taken.size(), 8u);
    EXPECT_EQ(*taken.rbegin(), 7u);
    unsigned counter = 99;
    const vtd_drv_perf_spec spec = SPEC_OF(IOTLB_HIT);
    EXPECT_EQ(vtd_drv_perf_open(r.drv, &spec, &counter), -EBUSY);
    EXPECT_EQ(vtd_drv_perf_close(r.drv, 4), 0);
    EXPECT_EQ(r.open(SPEC_OF(IOMMU_REQUESTS)), 4u);
}

TEST(DriverPerf, RefusesWhatCannotBeCounted)
{
    vtd_config config = monitored();
    config.perfmon.filters = VTD_DRV_PERF_BY_SID;
    Rig r(config);
    ASSERT_EQ(r.init(), 0);
    const auto with = [](auto change) {
        vtd_drv_perf_spec spec = SPEC_OF(IOMMU_REQUESTS);
        change(spec);
        return spec;
    };
    const struct {
        vtd_drv_perf_spec spec;
        int error;
    } rows[] = {
        {with([](auto &s) { s.events = 0; }), -EINVAL},
        {with([](auto &s) { s.events = 1u << 28; }), -EINVAL},
        {with([](auto &s) { s.group = 16; }), -EINVAL},
        {with([](auto &s) { s.filters = 1 << 5; }), -EINVAL},
        {with([](auto &s) { s.at = 0x20; }), -EINVAL},
        {with([](auto &s) { s.levels = 0x20; }), -EINVAL},
        {with([](auto &s) { s.pasid = 1u << 20; }), -EINVAL},
        {with([](auto &s) { s.events = 1; }), -ENOTSUP} /* clocks */,
        {with([](auto &s) { s.group = 5; }), -ENOTSUP},
        {with([](auto &s) { s.filters = VTD_DRV_PERF_BY_PASID; }), -ENOTSUP},
        {with([](auto &s) { s.pasid = VTD_DRV_PERF_ANY_PASID; }), 0},
        {with([](auto &s) { s.filters = VTD_DRV_PERF_BY_SID; }), 0},
    };
    for (const auto &row : rows) {
        unsigned counter = 0;
        EXPECT_EQ(vtd_drv_perf_open(r.drv, &row.spec, &counter), row.error);
    }
}

/* The events of a driver's own traffic, through the filters. */
TEST(DriverPerf, FiltersByDeviceAndPasid)
{
    Rig r;
    ASSERT_EQ(vtd_drv_start(r.drv), 0);
    vtd_drv_domain *first = nullptr, *second = nullptr;
    vtd_drv_domain_spec fs{}, ss{};
    fs.kind = VTD_DRV_FIRST_STAGE;
    ss.kind = VTD_DRV_SECOND_STAGE;
    fs.addr_width = ss.addr_width = 48;
    ASSERT_EQ(vtd_drv_domain_create(r.drv, &fs, &first), 0);
    ASSERT_EQ(vtd_drv_domain_create(r.drv, &ss, &second), 0);
    for (const uint16_t sid : {kSid, kOther}) {
        ASSERT_EQ(vtd_drv_attach(r.drv, sid, 7, first), 0);
        ASSERT_EQ(vtd_drv_attach(r.drv, sid, VTD_DRV_RID_PASID, second), 0);
    }
    for (vtd_drv_domain *domain : {first, second})
        ASSERT_EQ(vtd_drv_map(domain, 0x5000, 0x40000000, 4096, VTD_DRV_READ), 0);
    ASSERT_EQ(r.init(), 0);
    const auto filtered = [&r](auto change) {
        vtd_drv_perf_spec spec = SPEC_OF(IOTLB_LOOKUP);
        change(spec);
        return r.open(spec);
    };
    const unsigned all = filtered([](auto &) {}), by_sid = filtered([](auto &s) {
                                                      s.filters = VTD_DRV_PERF_BY_SID;
                                                      s.sid = kOther;
                                                  }),
                   by_pasid = filtered([](auto &s) {
                       s.filters = VTD_DRV_PERF_BY_PASID;
                       s.pasid = 7;
                   }),
                   without = filtered([](auto &s) {
                       s.filters = VTD_DRV_PERF_BY_PASID;
                       s.pasid = VTD_DRV_PERF_NO_PASID;
                   }),
                   with = filtered([](auto &s) {
                       s.filters = VTD_DRV_PERF_BY_PASID | VTD_DRV_PERF_BY_SID;
                       s.sid = kSid;
                       s.pasid = VTD_DRV_PERF_ANY_PASID;
                   }),
                   by_did = filtered([&](auto &s) {
                       s.filters = VTD_DRV_PERF_BY_DID | VTD_DRV_PERF_BY_AT | VTD_DRV_PERF_BY_LEVEL;
                       s.did = vtd_drv_domain_id(second);
                       s.at = s.levels = 1;
                   });
    r.requests(1, kSid);
    r.requests(2, kSid, 7);
    r.requests(4, kOther);
    r.requests(8, kOther, 7);
    EXPECT_EQ(r.count(all), 15u);
    EXPECT_EQ(r.count(by_sid), 12u);
    EXPECT_EQ(r.count(by_pasid), 10u);
    EXPECT_EQ(r.count(without), 5u);
    EXPECT_EQ(r.count(with), 2u);
    EXPECT_EQ(r.count(by_did), 5u);
    for (unsigned c : {all, by_sid, by_pasid, without, with, by_did})
        EXPECT_EQ(vtd_drv_perf_close(r.drv, c), 0);
    /* What was filtered once is not filtered for ever. */
    const unsigned again = filtered([](auto &) {});
    r.requests(3, kSid);
    EXPECT_EQ(r.count(again), 3u);
}

/* ---------------------------------------------------------------- overflow */

TEST(DriverPerf, CountsBeyondTheWidthWithTheOverflowEvent)
{
    Rig r(narrow());
    ASSERT_EQ(r.init(), 0);
    const unsigned a = r.open(SPEC_OF(IOMMU_REQUESTS)), b = r.open(SPEC_OF(IOMMU_REQUESTS));
    unsigned events = 0, handled = 0;
    for (unsigned i = 0; i < 1000; i++) {
        r.requests(1);
        vtd_msi_message message;
        while (vtd_msi_sink_take(&r.machine.msi, &message)) {
            EXPECT_EQ(message.addr, kEventAddress);
            EXPECT_EQ(message.data, kEventData);
            events++;
            handled += static_cast<unsigned>(vtd_drv_perf_handle_overflow(r.drv));
        }
    }
    EXPECT_EQ(events, 3u) << "both overflow together at 256, 512 and 768";
    EXPECT_EQ(handled, 6u);
    EXPECT_EQ(r.count(a), 1000u);
    EXPECT_EQ(r.count(b), 1000u);
    EXPECT_EQ(vtd_drv_perf_handle_overflow(r.drv), 0) << "nothing is left";
}

TEST(DriverPerf, ReadingOftenEnoughNeedsNoEvent)
{
    Rig r(narrow());
    ASSERT_EQ(vtd_drv_perf_init(r.drv, 0, 0), 0);
    const unsigned c = r.open(SPEC_OF(IOMMU_REQUESTS));
    for (unsigned i = 1; i <= 10; i++) {
        r.requests(200);
        EXPECT_EQ(r.count(c), 200u * i);
    }
    vtd_msi_message message;
    EXPECT_FALSE(vtd_msi_sink_take(&r.machine.msi, &message)) << "the event is masked";
}

TEST(DriverPerf, AnOverflowBitThatStaysDoesNotHoldTheHandler)
{
    Rig r(narrow());
    ASSERT_EQ(r.init(), 0);
    r.open(SPEC_OF(IOMMU_REQUESTS));
    r.requests(256);
    r.lies[vtd_mmio_read32(r.machine.unit, VTD_REG_PERFOVFOFF)] = 0x80;
    EXPECT_GT(vtd_drv_perf_handle_overflow(r.drv), 0);
}

/* The counter goes over its end when the driver has just looked at the overflow status. */
TEST(DriverPerf, OverflowBetweenStatusAndValueCountsOnce)
{
    Rig r(narrow());
    ASSERT_EQ(r.init(), 0);
    const unsigned c = r.open(SPEC_OF(IOMMU_REQUESTS));
    r.requests(255);
    EXPECT_EQ(r.count(c), 255u);
    const uint64_t value = vtd_mmio_read32(r.machine.unit, VTD_REG_PERFCNTROFF) + UINT64_C(1024) * c;
    r.before_read = [&](uint64_t at) {
        if (at == value)
            r.requests(1);
    };
    EXPECT_EQ(r.count(c), 256u);
    r.before_read = [](uint64_t) {};
    r.requests(1);
    EXPECT_EQ(r.count(c), 257u);
}

/* Whatever comes between: reading and the event's handler count each turn of the counter once. */
TEST(DriverPerf, ReadingAndHandlingMayMix)
{
    Rig r(narrow());
    ASSERT_EQ(r.init(), 0);
    const unsigned c = r.open(SPEC_OF(IOMMU_REQUESTS));
    unsigned sent = 0, salt = 1;
    for (unsigned i = 0; i < 300; i++) {
        salt = salt * 1103515245 + 12345;
        const unsigned n = 1 + (salt >> 16) % 256;
        r.requests(n);
        sent += n;
        if (salt >> 8 & 1) {
            EXPECT_EQ(r.count(c), sent);
        } else {
            vtd_drv_perf_handle_overflow(r.drv);
            EXPECT_EQ(r.count(c), sent);
        }
        if (salt >> 9 & 1)
            vtd_drv_perf_handle_overflow(r.drv);
    }
}

} // namespace
