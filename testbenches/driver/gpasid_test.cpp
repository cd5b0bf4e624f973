/* SPDX-License-Identifier: MIT */
/* Address spaces of guests: each check of bind and invalidation, the entry that comes out, and what devices then reach. */
#include "sva_rig.h"

#include <cerrno>

namespace
{

constexpr uint64_t kPage = AtsRig::kPage;
constexpr uint16_t kSid = AtsRig::kSid, kOther = AtsRig::kOther;
constexpr uint64_t kGuestBytes = UINT64_C(1) << 24; /* of the virtual machine */
constexpr uint64_t kBase = Owner::kStart;           /* guest physical 0 is here */
constexpr uint64_t kNest = UINT64_C(1) << 26, kSrs = UINT64_C(1) << 31;
constexpr uint64_t kRprivs = UINT64_C(1) << 53, kEafs = UINT64_C(1) << 34, kFs5lp = UINT64_C(1) << 60;

/* A virtual machine: kGuestBytes bytes at kBase, and one page table that the guest owns. */
struct Guest : AtsRig {
    vtd_drv_domain *memory;
    vtd_memory view{};
    vtd_frames frames{};
    vtd_builder builder{};
    uint64_t root;
    unsigned levels;

    explicit Guest(const vtd_config &config, unsigned n = 4) : AtsRig(config), levels(n)
    {
        memory = make(VTD_DRV_SECOND_STAGE, 48);
        EXPECT_EQ(vtd_drv_map(memory, 0, kBase, kGuestBytes, kRw), 0);
        view = {machine.memory.base + kBase, kGuestBytes}; /* the builder sees guest physical addresses */
        vtd_frames_init(&frames, &view, 0, kGuestBytes / 2);
        builder.frames = &frames;
        root = vtd_build_table(&builder);
        add();
        EXPECT_EQ(vtd_drv_attach(drv, kSid, 0, memory), 0);
    }
    uint64_t *entry(uint64_t addr)
    {
        return vtd_build_fs(&builder, root, levels, addr, 1);
    }
    void map(uint64_t addr, uint64_t gpa, unsigned flags = kUser)
    {
        *entry(addr) = vtd_encode_fs(gpa, 1, flags);
    }
    vtd_drv_gpasid_bind_data data(uint64_t hpasid = 5) const
    {
        vtd_drv_gpasid_bind_data d{};
        d.argsz = sizeof(d);
        d.version = 1;
        d.format = 1;
        d.addr_width = levels == 5 ? 57 : 48;
        d.gpgd = root;
        d.hpasid = hpasid;
        return d;
    }
    int bind(const vtd_drv_gpasid_bind_data &d)
    {
        return vtd_drv_sva_bind_gpasid(drv, kSid, &d);
    }
};

vtd_drv_cache_invalidate_info flush(unsigned cache, unsigned granularity, uint64_t pasid = 5)
{
    vtd_drv_cache_invalidate_info i{};
    i.argsz = sizeof(i);
    i.version = 1;
    i.cache = (uint8_t)cache;
    i.granularity = (uint8_t)granularity;
    i.granu.flags = VTD_DRV_GRANU_FLAG_PASID;
    i.granu.pasid = pasid;
    return i;
}

vtd_drv_cache_invalidate_info flush_range(unsigned cache, uint64_t addr, uint64_t granule, uint64_t count)
{
    vtd_drv_cache_invalidate_info i = flush(cache, VTD_DRV_GRANU_ADDR);
    i.granu.addr = addr;
    i.granu.granule_size = granule;
    i.granu.nb_granules = count;
    return i;
}

} // namespace

TEST(GuestBind, ADeviceReachesHostMemoryThroughTheGuestsTable)
{
    for (unsigned levels : {4u, 5u}) {
        Guest g(without(), levels);
        g.map(0x7f0000401000, 0x123000);
        EXPECT_EQ(g.reach(kSid, 5, 0x7f0000401000), 0u);
        ASSERT_EQ(g.bind(g.data()), 0);
        EXPECT_EQ(g.reach(kSid, 5, 0x7f0000401010, VTD_WRITE), kBase + 0x123010);
        EXPECT_EQ(g.reach(kSid, 0, 0x123000), kBase + 0x123000) << "without PASID: the memory of the machine";
        EXPECT_EQ(vtd_drv_sva_unbind_gpasid(g.drv, kSid, 5), 0);
        EXPECT_EQ(g.reach(kSid, 5, 0x7f0000401000), 0u);
    }
}

TEST(GuestBind, NothingBeyondTheMachinesMemoryIsReached)
{
    Guest g(without());
    g.map(0x1000, kGuestBytes);
    vtd_drv_gpasid_bind_data beyond = g.data(6);
    beyond.gpgd = kGuestBytes; /* the width allows it, the second stage does not have it */
    ASSERT_EQ(g.bind(g.data()), 0);
    ASSERT_EQ(g.bind(beyond), 0);
    EXPECT_EQ(g.reach(kSid, 5, 0x1000), 0u);
    EXPECT_EQ(g.reach(kSid, 6, 0x1000), 0u);
}

TEST(GuestBind, EachBadFieldIsRefusedWithTheErrorOfLinux)
{
    Guest g(without());
    using D = vtd_drv_gpasid_bind_data;
    const std::vector<std::pair<const char *, std::function<void(D &)>>> bad = {
        {"argsz", [](D &d) { d.argsz = sizeof(d) - 1; }},
        {"version 0", [](D &d) { d.version = 0; }},
        {"version 2", [](D &d) { d.version = 2; }},
        {"format 0", [](D &d) { d.format = 0; }},
        {"format 2", [](D &d) { d.format = 2; }},
        {"flags", [](D &d) { d.flags = 2; }},
        {"flags, high half", [](D &d) { d.flags = UINT64_C(1) << 32; }},
        {"padding, first", [](D &d) { d.padding[0] = 1; }},
        {"padding, last", [](D &d) { d.padding[7] = 1; }},
        {"vendor flags", [](D &d) { d.vtd.flags = 1 << 7; }},
        {"vendor flags, high half", [](D &d) { d.vtd.flags = UINT64_C(1) << 63; }},
        {"hpasid 0", [](D &d) { d.hpasid = 0; }},
        {"hpasid of 21 bits", [](D &d) { d.hpasid = 1 << 20; }},
        {"hpasid, high half", [](D &d) { d.hpasid = (UINT64_C(1) << 32) + 5; }},
        {"width 0", [](D &d) { d.addr_width = 0; }},
        {"width 39", [](D &d) { d.addr_width = 39; }},
        {"width 52", [](D &d) { d.addr_width = 52; }},
        {"width 56", [](D &d) { d.addr_width = 56; }},
        {"width 58", [](D &d) { d.addr_width = 58; }},
        {"width 256 + 48", [](D &d) { d.addr_width = 256 + 48; }},
        {"gpgd beyond the width", [](D &d) { d.gpgd = UINT64_C(1) << 48; }},
        {"gpgd in a page", [](D &d) { d.gpgd += 8; }},
        {"EMTE without MTS", [](D &d) { d.vtd.flags = VTD_DRV_GPASID_VTD_EMTE; }},
        {"CD without MTS", [](D &d) { d.vtd.flags = VTD_DRV_GPASID_VTD_CD; }},
        {"PCD without MTS", [](D &d) { d.vtd.flags = VTD_DRV_GPASID_VTD_PCD; }},
        {"PWT without MTS", [](D &d) { d.vtd.flags = VTD_DRV_GPASID_VTD_PWT; }},
    };
    for (const auto &[what, spoil] : bad) {
        D d = g.data();
        spoil(d);
        EXPECT_EQ(g.bind(d), -EINVAL) << what;
        EXPECT_EQ(vtd_drv_attached(g.drv, kSid, 5), nullptr) << what;
    }
    EXPECT_EQ(vtd_drv_sva_bind_gpasid(g.drv, kSid, nullptr), -EINVAL);
    EXPECT_EQ(g.bind(g.data()), 0) << "what was spoiled is good";
    EXPECT_EQ(g.bind(g.data()), -EBUSY);
    EXPECT_EQ(g.bind(g.data((1 << 20) - 1)), 0);
}

TEST(GuestBind, WhatTheUnitLacksIsRefused)
{
    const struct {
        const char *what;
        uint64_t ecap, cap, flags;
        unsigned levels;
    } cases[] = {
        {"SRE without SRS", kSrs | kRprivs, 0, VTD_DRV_GPASID_VTD_SRE, 4},
        {"EAFE without EAFS", kEafs, 0, VTD_DRV_GPASID_VTD_EAFE, 4},
        {"57 bits without FS5LP", 0, kFs5lp, 0, 5},
        {"nesting without NEST", kNest, 0, 0, 4},
    };
    for (const auto &c : cases) {
        vtd_config config = without(c.ecap);
        config.cap &= ~c.cap;
        Guest lacking(config, c.levels), complete(without(), c.levels);
        vtd_drv_gpasid_bind_data d = lacking.data();
        d.vtd.flags = c.flags;
        EXPECT_EQ(lacking.bind(d), -EINVAL) << c.what;
        EXPECT_EQ(complete.bind(d), 0) << c.what;
    }
}

TEST(GuestBind, TheDeviceMustBeOneOfAVirtualMachine)
{
    Guest g(without());
    const vtd_drv_gpasid_bind_data d = g.data();
    EXPECT_EQ(vtd_drv_sva_bind_gpasid(g.drv, kOther, &d), -EINVAL) << "was not added";
    g.add(kOther, false, 20);
    EXPECT_EQ(vtd_drv_sva_bind_gpasid(g.drv, kOther, &d), -EINVAL) << "is in no machine";
    auto *host = g.make(VTD_DRV_FIRST_STAGE, 48);
    ASSERT_EQ(vtd_drv_attach(g.drv, kOther, 0, host), 0);
    EXPECT_EQ(vtd_drv_sva_bind_gpasid(g.drv, kOther, &d), -EINVAL) << "is the host's";
    const uint16_t narrow = 0x1220;
    g.add(narrow, false, 16);
    ASSERT_EQ(vtd_drv_attach(g.drv, narrow, 0, g.memory), 0);
    EXPECT_EQ(vtd_drv_sva_bind_gpasid(g.drv, narrow, &d), -EINVAL) << "has 16 bits of PASID";
}

TEST(GuestBind, TheGuestsNumberOfAPasidIsKept)
{
    Guest g(without());
    vtd_drv_gpasid_bind_data d = g.data(5);
    d.flags = VTD_DRV_GPASID_FLAG_GPASID;
    d.gpasid = 77;
    ASSERT_EQ(g.bind(d), 0);
    ASSERT_EQ(g.bind(g.data(6)), 0);
    uint32_t gpasid = 0;
    EXPECT_EQ(vtd_drv_sva_gpasid(g.drv, kSid, 5, &gpasid), 0);
    EXPECT_EQ(gpasid, 77u);
    EXPECT_EQ(vtd_drv_sva_gpasid(g.drv, kSid, 6, &gpasid), 0);
    EXPECT_EQ(gpasid, 6u);
    EXPECT_EQ(vtd_drv_sva_gpasid(g.drv, kSid, 7, &gpasid), -ENOENT);
}

TEST(GuestBind, OnlyWhatWasBoundIsUnbound)
{
    Guest g(without());
    auto *host = g.make(VTD_DRV_FIRST_STAGE, 48);
    ASSERT_EQ(vtd_drv_attach(g.drv, kSid, 9, host), 0);
    EXPECT_EQ(vtd_drv_sva_unbind_gpasid(g.drv, kSid, 9), -ENOENT) << "the host's own";
    EXPECT_EQ(vtd_drv_sva_unbind_gpasid(g.drv, kSid, 5), -ENOENT);
    EXPECT_EQ(vtd_drv_sva_unbind_gpasid(g.drv, kOther, 5), -ENOENT);
    EXPECT_EQ(vtd_drv_sva_unbind_gpasid(g.drv, kSid, 0), -EINVAL);
    EXPECT_EQ(vtd_drv_sva_unbind_gpasid(g.drv, kSid, 1 << 20), -EINVAL);
    ASSERT_EQ(g.bind(g.data()), 0);
    EXPECT_EQ(vtd_drv_sva_unbind_gpasid(g.drv, kSid, 5), 0);
    EXPECT_EQ(vtd_drv_sva_unbind_gpasid(g.drv, kSid, 5), -ENOENT);
    EXPECT_EQ(g.bind(g.data()), 0) << "and bound again";
}

TEST(GuestBind, AnInvalidationReachesWhatItNamesAndNoMore)
{
    const unsigned iotlb = VTD_DRV_CACHE_IOTLB, both = iotlb | VTD_DRV_CACHE_DEV_IOTLB;
    const struct {
        const char *what;
        vtd_drv_cache_invalidate_info info;
        bool first, second; /* pages 0x1000 and 0x801000 are looked up anew */
    } cases[] = {
        {"PASID", flush(iotlb, VTD_DRV_GRANU_PASID), true, true},
        {"PASID, both caches", flush(both, VTD_DRV_GRANU_PASID), true, true},
        {"a page", flush_range(iotlb, 0x1000, kPage, 1), true, false},
        {"a byte of it", flush_range(both, 0x1fff, 1, 1), true, false},
        {"the other page", flush_range(iotlb, 0x801000, kPage, 1), false, true},
        {"2048 pages", flush_range(iotlb, 0x0, kPage, 2048), true, false},
        {"2050 pages, in two granules", flush_range(iotlb, 0x0, 1025 * kPage, 2), true, true},
        {"PASID cache", flush(VTD_DRV_CACHE_PASID, VTD_DRV_GRANU_PASID), false, false},
        {"no granule is one page", flush_range(iotlb, 0x1000, kPage, 0), true, false},
    };
    for (const auto &c : cases) {
        Guest g(without());
        g.map(0x1000, 0x5000);
        g.map(0x801000, 0x6000);
        ASSERT_EQ(g.bind(g.data()), 0);
        ASSERT_EQ(g.reach(kSid, 5, 0x1000), kBase + 0x5000);
        ASSERT_EQ(g.reach(kSid, 5, 0x801000), kBase + 0x6000);
        g.map(0x1000, 0x7000);
        g.map(0x801000, 0x8000);
        EXPECT_EQ(vtd_drv_sva_cache_invalidate(g.drv, kSid, &c.info), 0) << c.what;
        EXPECT_EQ(g.reach(kSid, 5, 0x1000), kBase + (c.first ? 0x7000 : 0x5000)) << c.what;
        EXPECT_EQ(g.reach(kSid, 5, 0x801000), kBase + (c.second ? 0x8000 : 0x6000)) << c.what;
    }
}

TEST(GuestBind, ADeviceTlbCanBeFlushedAlone)
{
    Guest g(without());
    g.map(0x1000, 0x5000);
    ASSERT_EQ(g.bind(g.data()), 0);
    ASSERT_EQ(g.reach(kSid, 5, 0x1000), kBase + 0x5000);
    vtd_stats before, after;
    vtd_stats_get(g.machine.unit, &before);
    for (const auto &i :
         {flush(VTD_DRV_CACHE_DEV_IOTLB, VTD_DRV_GRANU_PASID), flush_range(VTD_DRV_CACHE_DEV_IOTLB, 0x1000, kPage, 1)})
        EXPECT_EQ(vtd_drv_sva_cache_invalidate(g.drv, kSid, &i), 0);
    vtd_stats_get(g.machine.unit, &after);
    EXPECT_EQ(after.inv_device_tlb, before.inv_device_tlb + 2);
    EXPECT_EQ(after.inv_pasid_iotlb, before.inv_pasid_iotlb);
}

TEST(GuestBind, EachBadFieldOfAnInvalidationIsRefused)
{
    Guest g(without());
    ASSERT_EQ(g.bind(g.data()), 0);
    using I = vtd_drv_cache_invalidate_info;
    const std::vector<std::pair<const char *, std::function<void(I &)>>> bad = {
        {"argsz", [](I &i) { i.argsz = sizeof(i) - 1; }},
        {"version", [](I &i) { i.version = 2; }},
        {"no cache", [](I &i) { i.cache = 0; }},
        {"cache", [](I &i) { i.cache = 8; }},
        {"granularity", [](I &i) { i.granularity = 3; }},
        {"domain", [](I &i) { i.granularity = VTD_DRV_GRANU_DOMAIN; }},
        {"padding", [](I &i) { i.padding[5] = 1; }},
        {"addresses of the PASID cache", [](I &i) { i.cache |= VTD_DRV_CACHE_PASID; }},
        {"flags", [](I &i) { i.granu.flags |= 8; }},
        {"no PASID", [](I &i) { i.granu.flags = 0; }},
        {"leaf of a PASID",
         [](I &i) {
             i.granularity = VTD_DRV_GRANU_PASID;
             i.granu.flags |= VTD_DRV_GRANU_FLAG_LEAF;
         }},
        {"not canonical", [](I &i) { i.granu.addr = UINT64_C(1) << 47; }},
        {"wraps",
         [](I &i) {
             i.granu.addr = ~UINT64_C(0xfff);
             i.granu.nb_granules = 2;
         }},
        {"product too large",
         [](I &i) {
             i.granu.granule_size = UINT64_C(1) << 40;
             i.granu.nb_granules = UINT64_C(1) << 40;
         }},
    };
    for (unsigned cache : {VTD_DRV_CACHE_IOTLB, VTD_DRV_CACHE_DEV_IOTLB}) {
        for (const auto &[what, spoil] : bad) {
            I i = flush_range(cache, 0x1000, kPage, 1);
            EXPECT_EQ(vtd_drv_sva_cache_invalidate(g.drv, kSid, &i), 0);
            spoil(i);
            EXPECT_EQ(vtd_drv_sva_cache_invalidate(g.drv, kSid, &i), -EINVAL) << what;
        }
    }
    const I other = flush(VTD_DRV_CACHE_IOTLB, VTD_DRV_GRANU_PASID, 6);
    EXPECT_EQ(vtd_drv_sva_cache_invalidate(g.drv, kSid, &other), -ENOENT);
    EXPECT_EQ(vtd_drv_sva_cache_invalidate(g.drv, kSid, nullptr), -EINVAL);
}

/* ---------------------------------------------------------------- the shape of today */

TEST(GuestFirstStage, ServesRequestsWithAndWithoutPasid)
{
    for (unsigned levels : {4u, 5u}) {
        Guest g(without(), levels);
        g.map(0x1000, 0x5000);
        const vtd_drv_hwpt_s1 data = {0, g.root, levels == 5 ? 57u : 48u, 0};
        vtd_drv_domain *d = nullptr;
        ASSERT_EQ(vtd_drv_hwpt_s1_alloc(g.drv, g.memory, &data, &d), 0);
        ASSERT_EQ(vtd_drv_replace(g.drv, kSid, 0, d), 0);
        ASSERT_EQ(vtd_drv_attach(g.drv, kSid, 5, d), 0);
        EXPECT_EQ(g.reach(kSid, 0, 0x1000), kBase + 0x5000);
        EXPECT_EQ(g.reach(kSid, 5, 0x1000), kBase + 0x5000);
        g.map(0x1000, 0x7000);
        const vtd_drv_hwpt_s1_invalidate requests[] = {{0x1000, 1, VTD_DRV_HWPT_S1_INV_LEAF, 0}, {0, UINT64_MAX, 0, 0}};
        uint32_t count = 2;
        EXPECT_EQ(vtd_drv_hwpt_s1_cache_invalidate(d, requests, &count), 0);
        EXPECT_EQ(count, 2u);
        EXPECT_EQ(g.reach(kSid, 0, 0x1000), kBase + 0x7000);
        EXPECT_EQ(g.reach(kSid, 5, 0x1000), kBase + 0x7000);
        EXPECT_EQ(g.bind(g.data(6)), 0) << "a bind finds the memory below it";
        EXPECT_EQ(g.reach(kSid, 6, 0x1000), kBase + 0x7000);
    }
}

TEST(GuestFirstStage, BadFieldsAreRefused)
{
    Guest g(without());
    vtd_drv_domain *d = nullptr;
    for (const vtd_drv_hwpt_s1 &bad : {vtd_drv_hwpt_s1{8, g.root, 48, 0},
                                       {0, g.root, 52, 0},
                                       {0, g.root, 48, 1},
                                       {0, UINT64_C(1) << 48, 48, 0},
                                       {0, g.root + 1, 48, 0}}) {
        EXPECT_EQ(vtd_drv_hwpt_s1_alloc(g.drv, g.memory, &bad, &d), -EINVAL);
        EXPECT_EQ(d, nullptr);
    }
    const vtd_drv_hwpt_s1 good = {0, g.root, 48, 0};
    EXPECT_EQ(vtd_drv_hwpt_s1_alloc(g.drv, g.make(VTD_DRV_FIRST_STAGE, 48), &good, &d), -EINVAL);
    ASSERT_EQ(vtd_drv_hwpt_s1_alloc(g.drv, g.memory, &good, &d), 0);

    const struct {
        vtd_drv_hwpt_s1_invalidate bad;
        int error;
    } cases[] = {
        {{0x1000, 1, 2, 0}, -ENOTSUP},           {{0x1000, 1, 0, 1}, -ENOTSUP}, {{0x1001, 1, 0, 0}, -EINVAL},
        {{0x1000, UINT64_MAX, 0, 0}, -EINVAL},   {{0x1000, 0, 0, 0}, -EINVAL},  {{0, UINT64_MAX / 2, 0, 0}, -EINVAL},
        {{UINT64_C(1) << 47, 1, 0, 0}, -EINVAL},
    };
    for (const auto &c : cases) {
        const vtd_drv_hwpt_s1_invalidate requests[] = {{0x1000, 1, 0, 0}, c.bad, {0x1000, 1, 0, 0}};
        uint32_t count = 3;
        EXPECT_EQ(vtd_drv_hwpt_s1_cache_invalidate(d, requests, &count), c.error);
        EXPECT_EQ(count, 1u) << "the first was good";
    }
    uint32_t count = 0;
    EXPECT_EQ(vtd_drv_hwpt_s1_cache_invalidate(g.memory, nullptr, &count), -EINVAL);
    Guest lacking(without(kNest));
    EXPECT_EQ(vtd_drv_hwpt_s1_alloc(lacking.drv, lacking.memory, &good, &d), -ENOTSUP);
}
