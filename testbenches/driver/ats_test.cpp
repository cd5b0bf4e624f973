/* SPDX-License-Identifier: MIT */
/* ATS of devices as the unit sees it: order of switching, which device TLBs are flushed with what, time-outs. */
#include "ats_fixture.h"

namespace
{

constexpr uint64_t kMiB = 1 << 20, kGiB = 1 << 30;

using Ats = AtsTest;

TEST_F(Ats, EnablingSwitchesTheUnitBeforeTheDevice)
{
    start();
    ASSERT_EQ(vtd_drv_device_add(drv, kSid, 20), 0);
    unit.executing = [&](const uint64_t *) { EXPECT_EQ(dte(kSid), 1u) << "the entry changes before its invalidation"; };
    enable_ats(kSid);
    EXPECT_EQ(unit.take(), (Log{"10 pasid on", "cc device sid=10", "wait", "10 ats on"}));
    EXPECT_EQ(unit.qword(context_entry(kSid)) & 0x7c, 0x0cu) << "DTE, PASIDE; PRE, HPTE and EPTR stay 0";
}

TEST_F(Ats, EnablingWithDomainsInvalidatesWhatHangsOnTheContextEntry)
{
    start();
    auto *ss = second_stage(), *fs = first_stage();
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, ss), 0);
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 5, fs), 0);
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 70, fs), 0);
    unit.take();
    enable_ats(kSid);
    EXPECT_EQ(unit.take(), (Log{"10 pasid on", "cc device sid=10", "pc domain did=2", "pc domain did=3",
                                "iotlb domain did=2", "iotlb domain did=3", "wait", "10 ats on"}));
}

TEST_F(Ats, ManyDomainsAreInvalidatedGlobally)
{
    start();
    for (uint32_t pasid = 1; pasid <= 9; pasid++)
        ASSERT_EQ(vtd_drv_attach(drv, kSid, pasid, first_stage()), 0);
    unit.take();
    enable_ats(kSid);
    EXPECT_EQ(unit.take(), (Log{"10 pasid on", "cc device sid=10", "pc global", "iotlb global", "wait", "10 ats on"}));
}

TEST_F(Ats, DisablingSwitchesTheDeviceFirstAndDrains)
{
    start();
    auto *d = second_stage();
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, d), 0);
    enable_ats(kSid);
    unit.take();
    ASSERT_EQ(vtd_drv_ats_disable(drv, kSid), 0);
    EXPECT_EQ(unit.take(), (Log{"10 ats off", "iotlb domain did=2", "dev_tlb sid=10 all mip=0 pfsid=0",
                                "p_dev_tlb sid=10 pasid=all all mip=0 pfsid=0", "wait", "cc device sid=10",
                                "pc domain did=2", "iotlb domain did=2", "wait"}));
    EXPECT_EQ(dte(kSid), 0u);
    EXPECT_EQ(vtd_drv_ats_disable(drv, kSid), -ENOENT);
    ASSERT_EQ(vtd_drv_unmap_all(d), 0);
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
    EXPECT_EQ(unit.take(), (Log{"pc pasid did=2 pasid=0", "iotlb domain did=2", "wait"})) << "no device TLB any more";
}

TEST_F(Ats, PageRequestsComeAfterAtsAndGoBefore)
{
    vtd_drv_options options{};
    options.page_requests = true;
    start(options);
    ASSERT_EQ(vtd_drv_device_add(drv, kSid, 0), 0);
    EXPECT_EQ(vtd_drv_pri_enable(drv, kSid), -ENOENT);
    enable_ats(kSid);
    unit.take();
    ASSERT_EQ(vtd_drv_pri_enable(drv, kSid), 0);
    EXPECT_EQ(unit.take(), (Log{"cc device sid=10", "dev_tlb sid=10 all mip=0 pfsid=0", "wait", "10 pri on"}));
    EXPECT_EQ(unit.qword(context_entry(kSid)) & 0x7c, 0x14u) << "DTE, PRE";
    EXPECT_EQ(vtd_drv_pri_enable(drv, kSid), -EBUSY);
    EXPECT_EQ(vtd_drv_ats_disable(drv, kSid), -EBUSY);
    ASSERT_EQ(vtd_drv_pri_disable(drv, kSid), 0);
    EXPECT_EQ(unit.take(), (Log{"10 pri off", "wait", "dev_tlb sid=10 all mip=0 pfsid=0", "wait drain",
                                "cc device sid=10", "dev_tlb sid=10 all mip=0 pfsid=0", "wait"}))
        << "the recipe of ref 7.1 between";
    EXPECT_EQ(unit.qword(context_entry(kSid)) & 0x7c, 0x04u);
    EXPECT_EQ(vtd_drv_pri_disable(drv, kSid), -ENOENT);
}

TEST_F(Ats, RemovingADeviceSwitchesEverythingOffInOrder)
{
    vtd_drv_options options{};
    options.page_requests = true;
    start(options);
    ASSERT_EQ(vtd_drv_device_add(drv, kSid, 5), 0);
    enable_ats(kSid);
    ASSERT_EQ(vtd_drv_pri_enable(drv, kSid), 0);
    unit.take();
    ASSERT_EQ(vtd_drv_device_remove(drv, kSid), 0);
    const Log log = unit.take();
    std::vector<std::string> switches;
    for (const auto &line : log)
        if (line[0] == '1')
            switches.push_back(line);
    EXPECT_EQ(switches, (Log{"10 pri off", "10 ats off", "10 pasid off"}));
    EXPECT_EQ(log.back(), "10 pasid off") << "when the context entry is gone";
}

TEST_F(Ats, AnOwnerThatRefusesLeavesNothingBehind)
{
    vtd_drv_options options{};
    options.page_requests = true;
    start(options);
    ASSERT_EQ(vtd_drv_device_add(drv, kSid, 5), 0);
    for (const char *refused : {"10 pasid on", "10 ats on"}) {
        refuse_switch = refused;
        EXPECT_EQ(vtd_drv_ats_enable(drv, kSid, &ats_spec), -EPERM);
        EXPECT_EQ(dte(kSid), 0u);
        EXPECT_EQ(switched.count("10 pasid"), 0u) << "PASID is as it was";
    }
    refuse_switch.clear();
    enable_ats(kSid);
    refuse_switch = "10 pri on";
    EXPECT_EQ(vtd_drv_pri_enable(drv, kSid), -EPERM);
    EXPECT_EQ(unit.qword(context_entry(kSid)) & 0x10, 0u);
    refuse_switch = "10 ats off";
    EXPECT_EQ(vtd_drv_ats_disable(drv, kSid), -EPERM);
    EXPECT_EQ(dte(kSid), 1u) << "the device goes on using ATS";
    refuse_switch.clear();
}

TEST_F(Ats, WrongCallsAreRefused)
{
    unit.ecap &= ~(kEcapPrs | kEcapSms);
    start();
    EXPECT_EQ(vtd_drv_ats_enable(drv, kSid, &ats_spec), -ENOENT);
    ASSERT_EQ(vtd_drv_device_add(drv, kSid, 5), 0);
    vtd_drv_ats_spec deep = ats_spec;
    deep.queue_depth = 32;
    EXPECT_EQ(vtd_drv_ats_enable(drv, kSid, &deep), -EINVAL);
    enable_ats(kSid);
    EXPECT_EQ(vtd_drv_ats_enable(drv, kSid, &ats_spec), -EBUSY);
    EXPECT_EQ(vtd_drv_pri_enable(drv, kSid), -ENOTSUP);
    vtd_drv_ats_state state;
    EXPECT_EQ(vtd_drv_ats_get(drv, kSid + 1, &state), -ENOENT);
    ASSERT_EQ(vtd_drv_ats_get(drv, kSid, &state), 0);
    EXPECT_TRUE(state.ats && !state.pri && !state.timed_out);
}

TEST_F(Ats, AUnitWithoutAtsRefusesIt)
{
    unit.ecap &= ~(kEcapDt | kEcapPrs | kEcapSms | kEcapNwfs | kEcapPds);
    start();
    ASSERT_EQ(vtd_drv_device_add(drv, kSid, 5), 0);
    EXPECT_EQ(vtd_drv_ats_enable(drv, kSid, &ats_spec), -ENOTSUP);
    vtd_drv_options options{};
    options.page_requests = true;
    vtd_drv *other;
    EXPECT_EQ(vtd_drv_create(&unit.bus, &options, &other), -ENOTSUP);
}

TEST_F(Ats, PasidsInTranslatedRequestsAreAllowedWhereTheUnitHasThem)
{
    unit.ecap |= kEcapPtrs;
    start();
    ASSERT_EQ(vtd_drv_device_add(drv, kSid, 5), 0);
    ASSERT_EQ(vtd_drv_device_add(drv, kSid + 1, 0), 0);
    enable_ats(kSid);
    enable_ats(kSid + 1);
    EXPECT_EQ(unit.qword(context_entry(kSid)) & 0x44, 0x44u);
    EXPECT_EQ(unit.qword(context_entry(kSid + 1)) & 0x44, 0x04u) << "EPTR without PASIDE is an error (ref 2.3)";
}

/* ---------------------------------------------------------------- flushes */

TEST_F(Ats, UnmapFlushesRequestsWithoutPasidByType3)
{
    start();
    auto *d = with_ats(domain_spec(VTD_DRV_SECOND_STAGE, 48), 0);
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x5000, 0x3000, kRw), 0);
    EXPECT_EQ(unit.take(), Log{}) << "nothing is cached of what was not there";
    ASSERT_EQ(vtd_drv_unmap(d, 0x1000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take(), (Log{"iotlb page did=2 1000 am=0 ih=1", "dev_tlb sid=10 1000+1 mip=0 pfsid=0", "wait"}));
    EXPECT_EQ(unit.raw[unit.raw.size() - 2][1], 0x1000u) << "one page: S=0";
    ASSERT_EQ(vtd_drv_unmap(d, 0x2000, 0x2000), 0x2000);
    EXPECT_EQ(unit.take(), (Log{"iotlb page did=2 2000 am=1 ih=1", "dev_tlb sid=10 2000+2 mip=0 pfsid=0", "wait"}));
    EXPECT_EQ(unit.raw[unit.raw.size() - 2][1], 0x2001u) << "two pages: S=1, bit 12 is 0 (ref 3.2)";
}

TEST_F(Ats, UnmapFlushesRequestsWithPasidByType8)
{
    start();
    auto *d = with_ats(domain_spec(VTD_DRV_FIRST_STAGE, 48), 42);
    ASSERT_EQ(vtd_drv_map(d, 0x40200000, 0x200000, 2 * kMiB, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap(d, 0x40200000, 2 * kMiB), (int64_t)(2 * kMiB));
    EXPECT_EQ(unit.take(), (Log{"p_iotlb page did=2 pasid=42 40200000 am=9 ih=1",
                                "p_dev_tlb sid=10 pasid=42 40200000+200 mip=0 pfsid=0", "wait"}));
    const auto &raw = unit.raw[unit.raw.size() - 2];
    EXPECT_EQ(raw[0], UINT64_C(0x2A00100008)) << "App. A, for SID 10";
    EXPECT_EQ(raw[1], UINT64_C(0x402FF800)) << "2 MiB: bits 19:12 are 1, bit 20 is 0; S is bit 11";
}

TEST_F(Ats, WideRangesAreEverything)
{
    start();
    auto *d = with_ats(domain_spec(VTD_DRV_FIRST_STAGE, 48), 42);
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x5000, 0x1000, kRw), 0);
    ASSERT_EQ(vtd_drv_map(d, 0xffff800000001000, 0x5000, 0x1000, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap_all(d), 0x2000);
    EXPECT_EQ(unit.take(),
              (Log{"p_iotlb pasid did=2 pasid=42", "p_dev_tlb sid=10 pasid=42 all mip=0 pfsid=0", "wait"}));
    EXPECT_EQ(unit.raw[unit.raw.size() - 2][1], UINT64_C(0x7FFFFFFFFFFFF800)) << "App. A";
}

TEST_F(Ats, UpperHalfAddressesAreCanonical)
{
    start();
    auto *d = with_ats(domain_spec(VTD_DRV_FIRST_STAGE, 48), 0);
    ASSERT_EQ(vtd_drv_map(d, 0xffff800000001000, 0x5000, 0x1000, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap(d, 0xffff800000001000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take()[1], "dev_tlb sid=10 ffff800000001000+1 mip=0 pfsid=0");
}

TEST_F(Ats, DetachFlushesAllOfThePasid)
{
    start();
    with_ats(domain_spec(VTD_DRV_SECOND_STAGE, 48), 0);
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 42, first_stage()), 0);
    unit.take();
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
    EXPECT_EQ(unit.take(),
              (Log{"pc pasid did=2 pasid=0", "iotlb domain did=2", "dev_tlb sid=10 all mip=0 pfsid=0", "wait"}));
    EXPECT_EQ(unit.raw[unit.raw.size() - 2][1], UINT64_C(0x7FFFFFFFFFFFF001)) << "App. A";
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 42), 0);
    EXPECT_EQ(unit.take(), (Log{"pc pasid did=3 pasid=42", "p_iotlb pasid did=3 pasid=42",
                                "p_dev_tlb sid=10 pasid=42 all mip=0 pfsid=0", "wait"}));
}

TEST_F(Ats, ReplaceFlushesAllOfThePasid)
{
    start();
    with_ats(domain_spec(VTD_DRV_FIRST_STAGE, 48), 42);
    auto *next = first_stage();
    ASSERT_EQ(vtd_drv_replace(drv, kSid, 42, next), 0);
    const Log log = unit.take();
    EXPECT_NE(std::find(log.begin(), log.end(), "p_dev_tlb sid=10 pasid=42 all mip=0 pfsid=0"), log.end());
    ASSERT_EQ(vtd_drv_map(next, 0x1000, 0x5000, 0x1000, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap(next, 0x1000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take()[1], "p_dev_tlb sid=10 pasid=42 1000+1 mip=0 pfsid=0") << "by the new domain from now on";
}

TEST_F(Ats, AllDevicesAndPasidsOfADomainAndNoOthers)
{
    start();
    auto *d = with_ats(domain_spec(VTD_DRV_FIRST_STAGE, 48), 0);
    auto *other = first_stage();
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 7, other), 0);
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 9, d), 0);
    ASSERT_EQ(vtd_drv_attach(drv, kSid + 1, 9, d), 0); /* a device without ATS */
    ASSERT_EQ(vtd_drv_attach(drv, 0x9910, 9, d), 0);
    enable_ats(0x9910);
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x5000, 0x1000, kRw), 0);
    unit.take();
    ASSERT_EQ(vtd_drv_unmap(d, 0x1000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take(),
              (Log{"p_iotlb page did=2 pasid=0 1000 am=0 ih=1", "p_iotlb page did=2 pasid=9 1000 am=0 ih=1",
                   "dev_tlb sid=10 1000+1 mip=0 pfsid=0", "p_dev_tlb sid=10 pasid=9 1000+1 mip=0 pfsid=0",
                   "p_dev_tlb sid=9910 pasid=9 1000+1 mip=0 pfsid=0", "wait"}));
    ASSERT_EQ(vtd_drv_map(other, 0x1000, 0x5000, 0x1000, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap(other, 0x1000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take()[1], "p_dev_tlb sid=10 pasid=7 1000+1 mip=0 pfsid=0");
}

TEST_F(Ats, AParentFlushesAllThatItsNestedDomainsHold)
{
    start();
    auto *parent = second_stage();
    auto *child = with_ats(domain_spec(VTD_DRV_NESTED, 48, parent), 5);
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, parent), 0);
    ASSERT_EQ(vtd_drv_map(parent, kGiB, 0x5000, 0x1000, kRw), 0);
    unit.take();
    ASSERT_EQ(vtd_drv_unmap(parent, kGiB, 0x1000), 0x1000);
    const Log log = unit.take();
    EXPECT_EQ(std::vector<std::string>(log.end() - 3, log.end()),
              (Log{"dev_tlb sid=10 40000000+1 mip=0 pfsid=0", "p_dev_tlb sid=10 pasid=5 all mip=0 pfsid=0", "wait"}))
        << "where the nested domain has the page is not known";
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 5), 0);
    ASSERT_EQ(vtd_drv_domain_destroy(child), 0);
    ASSERT_EQ(vtd_drv_map(parent, kGiB, 0x5000, 0x1000, kRw), 0);
    unit.take();
    ASSERT_EQ(vtd_drv_unmap(parent, kGiB, 0x1000), 0x1000);
    EXPECT_EQ(unit.take(),
              (Log{"iotlb page did=2 40000000 am=0 ih=1", "dev_tlb sid=10 40000000+1 mip=0 pfsid=0", "wait"}));
}

TEST_F(Ats, SplittingALargePageFlushesItAll)
{
    start();
    auto *d = with_ats(domain_spec(VTD_DRV_SECOND_STAGE, 48), 0);
    ASSERT_EQ(vtd_drv_map(d, 2 * kMiB, 8 * kMiB, 2 * kMiB, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap(d, 2 * kMiB + 0x3000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take(),
              (Log{"iotlb page did=2 200000 am=9 ih=1", "dev_tlb sid=10 200000+200 mip=0 pfsid=0", "wait"}));
}

TEST_F(Ats, DepthAndPhysicalFunctionAreToldToUnitsThatThrottle)
{
    unit.ecap |= kEcapDit;
    start();
    ats_spec.queue_depth = 4;
    ats_spec.virtual_function = true;
    ats_spec.pfsid = 0x508;
    auto *d = with_ats(domain_spec(VTD_DRV_SECOND_STAGE, 48), 0, 0x510);
    ASSERT_EQ(vtd_drv_attach(drv, 0x510, 42, d), 0);
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x5000, 0x1000, kRw), 0);
    unit.raw.clear();
    ASSERT_EQ(vtd_drv_unmap(d, 0x1000, 0x1000), 0x1000);
    ASSERT_EQ(unit.raw.size(), 4u);
    EXPECT_EQ(unit.raw[1][0], UINT64_C(0x0500051000048003)) << "App. A";
    EXPECT_EQ(unit.raw[2][0], UINT64_C(0x0500002A05108048)) << "App. A";
    ats_spec.virtual_function = false;
    enable_ats_of_new(0x9910);
    ASSERT_EQ(vtd_drv_attach(drv, 0x9910, 0, d), 0);
    unit.take();
    ASSERT_EQ(vtd_drv_detach(drv, 0x9910, 0), 0);
    EXPECT_EQ(unit.take()[2], "dev_tlb sid=9910 all mip=4 pfsid=9910") << "a physical function is its own";
}

TEST_F(Ats, RestartFlushesWhatDevicesKeptBeforeTranslationIsOn)
{
    start();
    auto *d = with_ats(domain_spec(VTD_DRV_SECOND_STAGE, 48), 0);
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x5000, 0x1000, kRw), 0);
    ASSERT_EQ(vtd_drv_stop(drv), 0);
    ASSERT_EQ(vtd_drv_unmap(d, 0x1000, 0x1000), 0x1000);
    unit.take();
    ASSERT_EQ(vtd_drv_start(drv), 0);
    const Log log = unit.take();
    const auto flush = std::find(log.begin(), log.end(), "dev_tlb sid=10 all mip=0 pfsid=0");
    const auto on = std::find(log.begin(), log.end(), "TE on");
    EXPECT_NE(flush, log.end());
    EXPECT_LT(flush, on);
}

} // namespace
