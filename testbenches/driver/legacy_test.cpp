/* SPDX-License-Identifier: MIT */
/*
 * Legacy mode over the fake unit: what the driver writes to root and context entries (ref 2.1), and what it invalidates,
 * through a queue of 128-bit descriptors (ref 3.1) or through registers (ref 1.6).
 */
#include "driver_fixture.h"

#include <cerrno>

namespace
{

constexpr uint16_t kSid = 0x1290; /* bus 0x12, devfn 0x90: in the half that scalable mode keeps apart */

struct LegacyDriver : DriverTest {
    LegacyDriver()
    {
        unit.ecap &= ~kEcapSmts;
        unit.version = 0x50;
    }

    /* Of ref 2.1: 16 bytes at 16 * bus, then at 16 * devfn. */
    uint64_t legacy_context(uint16_t sid) const
    {
        const uint64_t root = (unit.reg.at(0x20) & ~UINT64_C(0xfff)) + 16 * (sid >> 8);
        EXPECT_EQ(unit.qword(root + 8), 0u) << "reserved";
        EXPECT_EQ(unit.qword(root) & 0xffe, 0u) << "reserved";
        return unit.qword(root) & 1 ? (unit.qword(root) & ~UINT64_C(0xfff)) + 16 * (sid & 0xff) : 0;
    }

    void start_with_registers()
    {
        vtd_drv_options options = {};
        options.register_invalidation = true;
        start(options);
    }
};

TEST_F(LegacyDriver, ContextEntriesNameTheDomain)
{
    start();
    struct {
        vtd_drv_domain_spec spec;
        uint64_t aw;
    } const cases[] = {{domain_spec(VTD_DRV_SECOND_STAGE, 39), 1},
                       {domain_spec(VTD_DRV_SECOND_STAGE, 48), 2},
                       {domain_spec(VTD_DRV_SECOND_STAGE, 57), 3}};
    for (const auto &c : cases) {
        auto *d = domain(c.spec);
        ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, d), 0);
        const uint64_t at = legacy_context(kSid);
        ASSERT_NE(at, 0u);
        EXPECT_EQ(unit.qword(at) & 0xfff, 1u) << "P, TT 0";
        EXPECT_NE(unit.qword(at) & ~UINT64_C(0xfff), 0u);
        EXPECT_EQ(unit.qword(at + 8), (uint64_t)vtd_drv_domain_id(d) << 8 | c.aw);
        EXPECT_EQ(vtd_drv_attached(drv, kSid, 0), d);
        ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
        EXPECT_EQ(unit.qword(at), 0u);
        EXPECT_EQ(unit.qword(at + 8), 0u);
    }
    auto *pt = domain(domain_spec(VTD_DRV_PASS_THROUGH, 0));
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, pt), 0);
    EXPECT_EQ(unit.qword(legacy_context(kSid)), 9u) << "P, TT 2";
    EXPECT_EQ(unit.qword(legacy_context(kSid) + 8), 0x103u) << "the widest AW, the domain-id of pass-through";
}

TEST_F(LegacyDriver, TheWholeBusHasOneContextTable)
{
    start();
    auto *d = second_stage();
    ASSERT_EQ(vtd_drv_attach(drv, 0x1200, 0, d), 0);
    const uint64_t used = unit.frames.used;
    ASSERT_EQ(vtd_drv_attach(drv, 0x12ff, 0, d), 0);
    EXPECT_EQ(unit.frames.used, used) << "no table of its own, and no PASID tables";
    EXPECT_EQ(legacy_context(0x12ff) - legacy_context(0x1200), 0xff0u);
}

TEST_F(LegacyDriver, StartsWithA128BitQueue)
{
    for (unsigned qs = 0; qs <= 7; qs++) {
        vtd_drv_options options = {};
        options.queue_size = (uint8_t)qs;
        unit.cap &= ~kCapEsrtps;
        ASSERT_EQ(vtd_drv_create(&unit.bus, &options, &drv), 0);
        ASSERT_EQ(vtd_drv_start(drv), 0);
        EXPECT_EQ(unit.reg[0x90] & 0xfff, qs) << "DW 0";
        EXPECT_EQ(unit.take(), (Log{"FSTS", "QIE on", "RTADDR ttm=0", "SRTP", "cc global", "wait", "iotlb global",
                                    "wait", "TE on"}));
        ASSERT_EQ(vtd_drv_stop(drv), 0);
        EXPECT_EQ(unit.take(), (Log{"TE off", "QIE off"}));
        vtd_drv_destroy(drv);
        drv = nullptr;
        unit.take();
    }
}

TEST_F(LegacyDriver, TheQueueWrapsAtItsSize)
{
    start();
    unit.lazy = true;
    const std::vector<std::array<uint64_t, 4>> many(1000, {0x12, 0, 0, 0});
    ASSERT_EQ(vtd_drv_submit_raw(drv, (const uint64_t(*)[4])many.data(), 1000), 0);
    EXPECT_EQ(unit.take().size(), 1001u);
    EXPECT_EQ(unit.max_queued, 255u) << "256 slots, one of them unused";
}

TEST_F(LegacyDriver, ARefusedDescriptorIsRepairedInItsOwnSlot)
{
    start();
    unit.refuse = [](const uint64_t *q) { return (q[0] & 0xf) == 0xf ? 3 : 0; };
    const uint64_t bad[3][4] = {{0x11}, {0xf}, {0x12}};
    EXPECT_EQ(vtd_drv_submit_raw(drv, bad, 3), -EIO);
    EXPECT_EQ(unit.take(), (Log{"cc global", "FSTS", "wait", "iotlb global", "wait"}));
}

TEST_F(LegacyDriver, ChangesOfAContextEntryInvalidateDeviceThenDomain)
{
    start();
    auto *a = second_stage(), *b = second_stage();
    const std::string da = std::to_string(vtd_drv_domain_id(a)), db = std::to_string(vtd_drv_domain_id(b));
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, a), 0);
    EXPECT_EQ(unit.take(), Log{}) << "not present before, and no caching mode";
    ASSERT_EQ(vtd_drv_replace(drv, kSid, 0, b), 0);
    EXPECT_EQ(unit.take(), (Log{"cc device sid=1290 did=" + da, "iotlb domain did=" + da, "wait"}));
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
    EXPECT_EQ(unit.take(), (Log{"cc device sid=1290 did=" + db, "iotlb domain did=" + db, "wait"}));
    ASSERT_EQ(vtd_drv_device_remove(drv, kSid), 0);
    EXPECT_EQ(unit.take(), Log{});
}

TEST_F(LegacyDriver, ReplaceIsOneStoreWhereTheBusHasOne)
{
    static unsigned stores;
    stores = 0;
    unit.bus.store128 = [](void *, void *cpu, uint64_t low, uint64_t high) {
        stores++;
        static_cast<uint64_t *>(cpu)[0] = low;
        static_cast<uint64_t *>(cpu)[1] = high;
    };
    start();
    auto *a = second_stage(), *b = second_stage(57);
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, a), 0);
    unsigned not_present = 0;
    unit.executing = [&](const uint64_t *) { not_present += !(unit.qword(legacy_context(kSid)) & 1); };
    ASSERT_EQ(vtd_drv_replace(drv, kSid, 0, b), 0);
    EXPECT_EQ(stores, 1u);
    EXPECT_EQ(not_present, 0u);
    EXPECT_EQ(unit.qword(legacy_context(kSid) + 8), (uint64_t)vtd_drv_domain_id(b) << 8 | 3);
}

TEST_F(LegacyDriver, CachingModeInvalidatesWhatBecomesPresentUnderDomain0)
{
    unit.cap |= kCapCm;
    start();
    auto *d = second_stage();
    const std::string did = std::to_string(vtd_drv_domain_id(d));
    ASSERT_EQ(vtd_drv_device_add(drv, kSid, 0), 0);
    EXPECT_EQ(unit.take(), (Log{"cc global", "iotlb global", "wait"})) << "the root entry";
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, d), 0);
    EXPECT_EQ(unit.take(), (Log{"cc device sid=1290", "iotlb domain did=" + did, "wait"}));
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x1000, 0x1000, kRw), 0);
    EXPECT_EQ(unit.take(), (Log{"iotlb page did=" + did + " 1000 am=0 ih=0", "wait"}));
}

TEST_F(LegacyDriver, ADomainIdIsInvalidatedBeforeItIsUsedAgain)
{
    start();
    auto *d = second_stage();
    const std::string did = std::to_string(vtd_drv_domain_id(d));
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, d), 0);
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
    ASSERT_EQ(vtd_drv_domain_destroy(d), 0);
    unit.take();
    second_stage();
    EXPECT_EQ(unit.take(), (Log{"cc domain did=" + did, "iotlb domain did=" + did, "wait"}));
}

TEST_F(LegacyDriver, WhatTheModeLacksIsNotSupported)
{
    start();
    vtd_drv_domain *none = nullptr;
    auto *ss = second_stage();
    vtd_drv_domain_spec spec = domain_spec(VTD_DRV_FIRST_STAGE, 48);
    EXPECT_EQ(vtd_drv_domain_create(drv, &spec, &none), -ENOTSUP);
    spec = domain_spec(VTD_DRV_NESTED, 48, ss);
    EXPECT_EQ(vtd_drv_domain_create(drv, &spec, &none), -ENOTSUP);
    EXPECT_EQ(vtd_drv_device_add(drv, kSid, 1), -ENOTSUP);
    EXPECT_EQ(vtd_drv_attach(drv, kSid, 1, ss), -ENOTSUP);
    uint32_t pasid;
    EXPECT_EQ(vtd_drv_pasid_alloc(drv, &pasid), -ENOTSUP);
    vtd_drv_info info;
    vtd_drv_get_info(drv, &info);
    EXPECT_TRUE(info.legacy);
    EXPECT_EQ(info.pasid_bits, 0u);
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, ss), 0);
    EXPECT_EQ(vtd_drv_attach(drv, kSid, 0, ss), -EBUSY);
    EXPECT_EQ(vtd_drv_device_remove(drv, kSid), -EBUSY);
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
    EXPECT_EQ(vtd_drv_detach(drv, kSid, 0), -ENOENT);
    EXPECT_EQ(vtd_drv_replace(drv, kSid, 0, ss), -ENOENT);
}

TEST_F(LegacyDriver, OptionsThatDoNotGoTogetherAreRefused)
{
    const auto create = [&](auto set) {
        vtd_drv_options options = {};
        set(options);
        const int error = vtd_drv_create(&unit.bus, &options, &drv);
        vtd_drv_destroy(drv);
        drv = nullptr;
        return error;
    };
    EXPECT_EQ(create([](vtd_drv_options &) {}), 0);
    EXPECT_EQ(create([](vtd_drv_options &o) { o.register_invalidation = true; }), 0);
    EXPECT_EQ(create([](vtd_drv_options &o) { o.ss_ad = true; }), -ENOTSUP);
    EXPECT_EQ(create([](vtd_drv_options &o) { o.page_requests = true; }), -ENOTSUP);
    EXPECT_EQ(create([](vtd_drv_options &o) { o.pasid_bits = 1; }), -ENOTSUP);
    EXPECT_EQ(create([](vtd_drv_options &o) { o.register_invalidation = o.abort_mode = true; }), -ENOTSUP);
    EXPECT_EQ(create([](vtd_drv_options &o) { o.register_invalidation = o.interrupt_remapping = true; }), -ENOTSUP);
    EXPECT_EQ(create([](vtd_drv_options &o) { o.interrupt_remapping = true; }), 0);
    unit.version = 0x60; /* registers are gone (ref 1.1) */
    EXPECT_EQ(create([](vtd_drv_options &o) { o.register_invalidation = true; }), -ENOTSUP);
    unit.ecap |= kEcapSmts;
    EXPECT_EQ(create([](vtd_drv_options &o) { o.legacy = true; }), 0);
    unit.version = 0x50;
    EXPECT_EQ(create([](vtd_drv_options &o) { o.register_invalidation = true; }), -ENOTSUP) << "scalable mode";
    EXPECT_EQ(create([](vtd_drv_options &o) { o.legacy = o.register_invalidation = true; }), 0);
}

TEST_F(LegacyDriver, AbortModeKeepsTheWideQueue)
{
    vtd_drv_options options = {};
    options.abort_mode = true;
    ASSERT_EQ(vtd_drv_create(&unit.bus, &options, &drv), 0);
    ASSERT_EQ(vtd_drv_start(drv), 0);
    EXPECT_EQ(unit.reg[0x90] & 0xfff, 0x800u);
    EXPECT_EQ(unit.take()[2], "RTADDR ttm=3");
}

/* ---------------------------------------------------------------- ATS */

TEST_F(LegacyDriver, DevicesWithAtsHaveTt1)
{
    start();
    const vtd_drv_ats_spec ats = {};
    auto *d = second_stage();
    const std::string did = std::to_string(vtd_drv_domain_id(d));
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, d), 0);
    ASSERT_EQ(vtd_drv_ats_enable(drv, kSid, &ats), 0);
    EXPECT_EQ(unit.qword(legacy_context(kSid)) & 0xfff, 5u) << "P, TT 1";
    EXPECT_EQ(unit.take(), (Log{"cc device sid=1290 did=" + did, "iotlb domain did=" + did, "wait"}));
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x1000, 0x1000, kRw), 0);
    ASSERT_EQ(vtd_drv_unmap(d, 0x1000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take(),
              (Log{"iotlb page did=" + did + " 1000 am=0 ih=1", "dev_tlb sid=1290 1000+1 mip=0 pfsid=0", "wait"}));
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
    EXPECT_EQ(unit.take(), (Log{"cc device sid=1290 did=" + did, "iotlb domain did=" + did,
                                "dev_tlb sid=1290 all mip=0 pfsid=0", "wait"}));
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, d), 0);
    EXPECT_EQ(unit.qword(legacy_context(kSid)) & 0xfff, 5u) << "still";
    ASSERT_EQ(vtd_drv_ats_disable(drv, kSid), 0);
    EXPECT_EQ(unit.qword(legacy_context(kSid)) & 0xfff, 1u);
}

TEST_F(LegacyDriver, AtsAndPassThroughExcludeEachOther)
{
    start();
    const vtd_drv_ats_spec ats = {};
    auto *ss = second_stage(), *pt = domain(domain_spec(VTD_DRV_PASS_THROUGH, 0));
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, pt), 0);
    EXPECT_EQ(vtd_drv_ats_enable(drv, kSid, &ats), -ENOTSUP);
    ASSERT_EQ(vtd_drv_replace(drv, kSid, 0, ss), 0);
    ASSERT_EQ(vtd_drv_ats_enable(drv, kSid, &ats), 0);
    EXPECT_EQ(vtd_drv_replace(drv, kSid, 0, pt), -ENOTSUP);
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
    EXPECT_EQ(vtd_drv_attach(drv, kSid, 0, pt), -ENOTSUP);
    EXPECT_EQ(vtd_drv_attach(drv, kSid, 0, ss), 0);
}

TEST_F(LegacyDriver, AtsNeedsAQueue)
{
    start_with_registers();
    const vtd_drv_ats_spec ats = {};
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, second_stage()), 0);
    EXPECT_EQ(vtd_drv_ats_enable(drv, kSid, &ats), -ENOTSUP);
}

/* ---------------------------------------------------------------- registers */

TEST_F(LegacyDriver, RegistersDoWhatTheQueueDoes)
{
    unit.cap &= ~kCapEsrtps;
    vtd_drv_options options = {};
    options.register_invalidation = true;
    ASSERT_EQ(vtd_drv_create(&unit.bus, &options, &drv), 0);
    ASSERT_EQ(vtd_drv_start(drv), 0);
    EXPECT_EQ(unit.take(), (Log{"FSTS", "RTADDR ttm=0", "SRTP", "CCMD global sid=0 did=0", "IOTLB global", "TE on"}));
    auto *a = second_stage(), *b = second_stage();
    const std::string da = std::to_string(vtd_drv_domain_id(a)), sid = std::to_string(kSid);
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, a), 0);
    ASSERT_EQ(vtd_drv_map(a, 0x200000, 0x200000, 0x200000, kRw), 0);
    EXPECT_EQ(unit.take(), Log{});
    ASSERT_EQ(vtd_drv_unmap(a, 0x200000, 0x200000), 0x200000);
    EXPECT_EQ(unit.take(), (Log{"IOTLB page did=" + da + " 200000 am=9 ih=1"}));
    ASSERT_EQ(vtd_drv_replace(drv, kSid, 0, b), 0);
    EXPECT_EQ(unit.take(), (Log{"CCMD device sid=" + sid + " did=" + da, "IOTLB domain did=" + da}));
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
    ASSERT_EQ(vtd_drv_domain_destroy(a), 0);
    unit.take();
    second_stage();
    EXPECT_EQ(unit.take(), (Log{"CCMD domain sid=0 did=" + da, "IOTLB domain did=" + da}));
    ASSERT_EQ(vtd_drv_stop(drv), 0);
    EXPECT_EQ(unit.take(), (Log{"TE off"}));
}

TEST_F(LegacyDriver, RegistersThatNeverFinishTimeOut)
{
    start_with_registers();
    auto *d = second_stage();
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, d), 0);
    unit.idle = true;
    EXPECT_EQ(vtd_drv_invalidate_all(drv), -ETIMEDOUT);
    EXPECT_EQ(vtd_drv_detach(drv, kSid, 0), -EIO) << "the unit is lost";
    ASSERT_EQ(vtd_drv_stop(drv), 0);
    unit.idle = false;
    ASSERT_EQ(vtd_drv_start(drv), 0);
    EXPECT_EQ(vtd_drv_invalidate_all(drv), 0);
}

TEST_F(LegacyDriver, RegistersThatDoNothingAreAnError)
{
    start_with_registers();
    unit.refuses = true;
    EXPECT_EQ(vtd_drv_invalidate_all(drv), -EIO);
    unit.refuses = false;
    EXPECT_EQ(vtd_drv_invalidate_all(drv), 0);
}

TEST_F(LegacyDriver, RegistersTakeNoOtherDescriptors)
{
    start_with_registers();
    const uint64_t interrupt_cache[1][4] = {{0x4}};
    EXPECT_EQ(vtd_drv_submit_raw(drv, interrupt_cache, 1), -ENOTSUP);
    const uint64_t fine[2][4] = {{0x11}, {0x12}};
    EXPECT_EQ(vtd_drv_submit_raw(drv, fine, 2), 0);
}

/* ---------------------------------------------------------------- write buffer */

TEST_F(LegacyDriver, WhatNoInvalidationFollowsFlushesTheWriteBuffer)
{
    unit.cap |= kCapRwbf;
    vtd_drv_options options = {};
    ASSERT_EQ(vtd_drv_create(&unit.bus, &options, &drv), 0);
    ASSERT_EQ(vtd_drv_start(drv), 0);
    EXPECT_EQ(unit.take(), (Log{"FSTS", "QIE on", "WBF", "RTADDR ttm=0", "SRTP", "TE on"}));
    auto *d = second_stage();
    const std::string did = std::to_string(vtd_drv_domain_id(d));
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, d), 0);
    EXPECT_EQ(unit.take(), (Log{"WBF", "WBF"})) << "the root entry, the context entry";
    ASSERT_EQ(vtd_drv_map(d, 0x200000, 0x200000, 0x200000, kRw), 0);
    EXPECT_EQ(unit.take(), (Log{"WBF"}));
    ASSERT_EQ(vtd_drv_unmap(d, 0x201000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take(), (Log{"iotlb page did=" + did + " 200000 am=9 ih=1", "wait", "WBF"})) << "the rest came back";
    ASSERT_EQ(vtd_drv_unmap(d, 0x202000, 0x1000), 0x1000);
    EXPECT_EQ(unit.take(), (Log{"iotlb page did=" + did + " 202000 am=0 ih=1", "wait"}));
    EXPECT_EQ(vtd_drv_unmap(d, 0x202000, 0x1000), 0);
    EXPECT_EQ(unit.take(), Log{}) << "nothing was written";
}

TEST_F(LegacyDriver, NoWriteBufferNoFlush)
{
    start();
    auto *d = second_stage();
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, d), 0);
    ASSERT_EQ(vtd_drv_map(d, 0x200000, 0x200000, 0x200000, kRw), 0);
    EXPECT_EQ(unit.take(), Log{});
}

} // namespace
