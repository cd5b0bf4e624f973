/* SPDX-License-Identifier: MIT */
/* Domains, devices and PASIDs: what is refused, and what stands in memory (ref 2.3 to 2.7). */
#include "driver_fixture.h"

#include <cerrno>

namespace
{

constexpr uint16_t kSid = 0x10;

struct Domain : DriverTest {
    int create(const vtd_drv_domain_spec &spec)
    {
        vtd_drv_domain *d = nullptr;
        const int error = vtd_drv_domain_create(drv, &spec, &d);
        EXPECT_EQ(d == nullptr, error != 0);
        EXPECT_EQ(vtd_drv_domain_destroy(d), 0) << "also of nothing";
        return error;
    }
    int create(vtd_drv_kind kind, unsigned width)
    {
        return create(domain_spec(kind, (uint8_t)width));
    }
};

TEST_F(Domain, AcceptsExactlyTheWidthsOfTheFormats)
{
    start();
    auto *parent = second_stage();
    for (unsigned width = 0; width < 256; width++) {
        const bool fs = width == 48 || width == 57;
        EXPECT_EQ(create(VTD_DRV_FIRST_STAGE, width), fs ? 0 : -EINVAL) << width;
        EXPECT_EQ(create(domain_spec(VTD_DRV_NESTED, (uint8_t)width, parent)), fs ? 0 : -EINVAL) << width;
        EXPECT_EQ(create(VTD_DRV_SECOND_STAGE, width), fs || width == 39 ? 0 : -EINVAL) << width;
        EXPECT_EQ(create(VTD_DRV_PASS_THROUGH, width), width == 0 ? 0 : -EINVAL) << width;
    }
}

TEST_F(Domain, FiveLevelFirstStageNeedsFs5lp)
{
    unit.cap &= ~kCapFs5lp;
    start();
    EXPECT_EQ(create(VTD_DRV_FIRST_STAGE, 57), -ENOTSUP);
    EXPECT_EQ(create(VTD_DRV_FIRST_STAGE, 48), 0);
    EXPECT_EQ(create(VTD_DRV_FIRST_STAGE, 52), -EINVAL);
    EXPECT_EQ(create(domain_spec(VTD_DRV_NESTED, 57, second_stage())), -ENOTSUP);
}

TEST_F(Domain, SecondStageWidthsNeedTheirSagawBit)
{
    const struct {
        unsigned width, bit;
    } widths[] = {{39, 1}, {48, 2}, {57, 3}};
    for (const auto &missing : widths) {
        unit.cap = kExampleCap & ~(UINT64_C(1) << (8 + missing.bit));
        start();
        for (const auto &w : widths)
            EXPECT_EQ(create(VTD_DRV_SECOND_STAGE, w.width), w.width == missing.width ? -ENOTSUP : 0) << w.width;
        vtd_drv_destroy(drv);
        drv = nullptr;
    }
}

TEST_F(Domain, StagesNeedTheirCapability)
{
    const struct {
        uint64_t bits;
        vtd_drv_kind kind;
        uint8_t width;
    } cases[] = {{kEcapFsts | kEcapNest, VTD_DRV_FIRST_STAGE, 48},
                 {kEcapSsts | kEcapNest, VTD_DRV_SECOND_STAGE, 48},
                 {kEcapPt, VTD_DRV_PASS_THROUGH, 0}};
    for (const auto &c : cases) {
        unit.ecap = kExampleEcap & ~c.bits;
        start();
        EXPECT_EQ(create(c.kind, c.width), -ENOTSUP);
        vtd_drv_destroy(drv);
        drv = nullptr;
    }
    unit.ecap = kExampleEcap & ~kEcapNest;
    start();
    EXPECT_EQ(create(domain_spec(VTD_DRV_NESTED, 48, second_stage())), -ENOTSUP);
}

TEST_F(Domain, RefusesSpecsThatMakeNoSense)
{
    start();
    auto *ss = second_stage();
    EXPECT_EQ(create(VTD_DRV_NESTED, 48), -EINVAL) << "no parent";
    EXPECT_EQ(create(domain_spec(VTD_DRV_FIRST_STAGE, 48, ss)), -EINVAL) << "a parent";
    EXPECT_EQ(create(domain_spec(VTD_DRV_NESTED, 48, first_stage())), -EINVAL) << "the parent has no second stage";
    auto spec = domain_spec(VTD_DRV_SECOND_STAGE, 48);
    spec.shared_did = true;
    EXPECT_EQ(create(spec), -EINVAL);
    spec = domain_spec(VTD_DRV_SECOND_STAGE, 48);
    spec.max_page_shift = 13;
    EXPECT_EQ(create(spec), -EINVAL);
    spec = domain_spec(VTD_DRV_NESTED, 48, ss);
    spec.table_offset = 0x800;
    EXPECT_EQ(create(spec), -EINVAL);
    EXPECT_EQ(create((vtd_drv_kind)7, 48), -EINVAL);
}

TEST_F(Domain, DomainIdsAreDistinctUntilTheyRunOut)
{
    unit.cap = (unit.cap & ~UINT64_C(7)) | 0; /* ND 0: 4 bits */
    start();
    std::map<unsigned, vtd_drv_domain *> seen;
    for (unsigned i = 0; i < 14; i++) {
        auto *d = i % 2 ? first_stage() : second_stage();
        ASSERT_NE(d, nullptr);
        EXPECT_TRUE(seen.emplace(vtd_drv_domain_id(d), d).second);
    }
    EXPECT_EQ(seen.begin()->first, 2u) << "0 is never used, 1 is shared";
    EXPECT_EQ(seen.rbegin()->first, 15u);
    EXPECT_EQ(create(VTD_DRV_SECOND_STAGE, 48), -ENOSPC);
    EXPECT_EQ(create(VTD_DRV_PASS_THROUGH, 0), 0) << "shares domain-id 1";
    EXPECT_EQ(vtd_drv_domain_destroy(seen[7]), 0);
    EXPECT_EQ(create(VTD_DRV_SECOND_STAGE, 48), 0);
}

TEST_F(Domain, SharedDomainIdKeepsAPasidToOneDomain)
{
    start();
    auto spec = domain_spec(VTD_DRV_FIRST_STAGE, 48);
    spec.shared_did = true;
    auto *a = domain(spec), *b = domain(spec);
    EXPECT_EQ(vtd_drv_domain_id(a), 1);
    EXPECT_EQ(vtd_drv_domain_id(b), 1);
    EXPECT_EQ(vtd_drv_attach(drv, kSid, 0, a), -EINVAL);
    EXPECT_EQ(vtd_drv_attach(drv, kSid, 7, a), 0);
    EXPECT_EQ(vtd_drv_attach(drv, kSid + 1, 7, b), -EBUSY);
    EXPECT_EQ(vtd_drv_attach(drv, kSid + 1, 7, a), 0);
    EXPECT_EQ(vtd_drv_attach(drv, kSid + 1, 8, b), 0);
    EXPECT_EQ(vtd_drv_detach(drv, kSid, 7), 0);
    EXPECT_EQ(vtd_drv_replace(drv, kSid + 1, 8, a), 0);
    EXPECT_EQ(vtd_drv_attach(drv, kSid, 7, b), -EBUSY);
    EXPECT_EQ(vtd_drv_detach(drv, kSid + 1, 7), 0);
    EXPECT_EQ(vtd_drv_attach(drv, kSid, 7, b), 0);
}

TEST_F(Domain, InUseCannotBeDestroyed)
{
    start();
    auto *ss = second_stage();
    auto *nested = domain(domain_spec(VTD_DRV_NESTED, 48, ss));
    EXPECT_EQ(vtd_drv_domain_destroy(ss), -EBUSY);
    EXPECT_EQ(vtd_drv_unmap_all(ss), -EBUSY);
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, nested), 0);
    EXPECT_EQ(vtd_drv_domain_destroy(nested), -EBUSY);
    EXPECT_EQ(vtd_drv_device_remove(drv, kSid), -EBUSY);
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
    EXPECT_EQ(vtd_drv_domain_destroy(nested), 0);
    EXPECT_EQ(vtd_drv_domain_destroy(ss), 0);
    EXPECT_EQ(vtd_drv_device_remove(drv, kSid), 0);
    EXPECT_EQ(vtd_drv_device_remove(drv, kSid), -ENOENT);
}

TEST_F(Domain, AttachDetachErrors)
{
    start();
    auto *d = first_stage();
    EXPECT_EQ(vtd_drv_detach(drv, kSid, 0), -ENOENT);
    EXPECT_EQ(vtd_drv_replace(drv, kSid, 0, d), -ENOENT);
    EXPECT_EQ(vtd_drv_attach(drv, kSid, 0, nullptr), -EINVAL);
    EXPECT_EQ(vtd_drv_device_add(drv, kSid, 21), -ENOTSUP);
    ASSERT_EQ(vtd_drv_device_add(drv, kSid, 7), 0);
    EXPECT_EQ(vtd_drv_device_add(drv, kSid, 7), -EBUSY);
    EXPECT_EQ(vtd_drv_attach(drv, kSid, 128, d), -EINVAL);
    EXPECT_EQ(vtd_drv_attach(drv, kSid, 127, d), 0);
    EXPECT_EQ(vtd_drv_attach(drv, kSid, 127, d), -EBUSY);
    EXPECT_EQ(vtd_drv_attached(drv, kSid, 127), d);
    EXPECT_EQ(vtd_drv_attached(drv, kSid, 126), nullptr);
    ASSERT_EQ(vtd_drv_device_add(drv, kSid + 1, 0), 0);
    EXPECT_EQ(vtd_drv_attach(drv, kSid + 1, 1, d), -EINVAL) << "the device has no PASIDs";
    EXPECT_EQ(vtd_drv_attach(drv, kSid + 1, 0, d), 0);
}

TEST_F(Domain, PasidSpace)
{
    unit.ecap = (unit.ecap & ~(UINT64_C(0x1f) << 35)) | UINT64_C(7) << 35; /* PSS 7: 8 bits */
    start();
    uint32_t pasid;
    for (uint32_t i = 1; i < 256; i++) {
        ASSERT_EQ(vtd_drv_pasid_alloc(drv, &pasid), 0);
        ASSERT_EQ(pasid, i);
    }
    EXPECT_EQ(vtd_drv_pasid_alloc(drv, &pasid), -ENOSPC);
    auto *d = first_stage();
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 42, d), 0);
    EXPECT_EQ(vtd_drv_pasid_free(drv, 42), -EBUSY);
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 42), 0);
    EXPECT_EQ(vtd_drv_pasid_free(drv, 200), 0);
    EXPECT_EQ(vtd_drv_pasid_free(drv, 42), 0);
    EXPECT_EQ(vtd_drv_pasid_free(drv, 42), -ENOENT);
    EXPECT_EQ(vtd_drv_pasid_free(drv, 0), -EINVAL);
    EXPECT_EQ(vtd_drv_pasid_alloc(drv, &pasid), 0);
    EXPECT_EQ(pasid, 42u);
    EXPECT_EQ(vtd_drv_attach(drv, kSid, 256, d), -EINVAL);
}

/* ---------------------------------------------------------------- entries */

TEST_F(Domain, ContextEntryFollowsThePasidWidth)
{
    start();
    const struct {
        uint8_t bits;
        uint64_t low; /* P, PASIDE, PDTS */
    } cases[] = {{0, 0x001}, {1, 0x009}, {13, 0x009}, {14, 0x209}, {20, 0xe09}};
    uint16_t sid = 0x7e; /* both halves of the root entry */
    for (const auto &c : cases) {
        ASSERT_EQ(vtd_drv_device_add(drv, sid, c.bits), 0);
        const uint64_t at = context_entry(sid);
        EXPECT_EQ(unit.qword(at) & 0xfff, c.low) << (int)c.bits;
        EXPECT_EQ(unit.qword(at + 8), 0u) << "RID_PASID 0";
        sid++;
    }
}

TEST_F(Domain, PasidEntriesAreAsInAppendixA)
{
    unit.ecap &= ~((UINT64_C(1) << 31) | (UINT64_C(1) << 53)); /* SRS, RPRIVS */
    start();
    const uint64_t page = UINT64_C(0xfffffffff000);
    auto check = [&](vtd_drv_domain *d, uint64_t q0, uint64_t q1, uint64_t q2) {
        ASSERT_EQ(vtd_drv_attach(drv, kSid, 3, d), 0);
        const uint64_t at = pasid_entry(kSid, 3);
        EXPECT_EQ(unit.qword(at) & ~page, q0);
        EXPECT_EQ(unit.qword(at + 8), q1 | vtd_drv_domain_id(d));
        EXPECT_EQ(unit.qword(at + 16) & ~page, q2);
        const unsigned pgtt = q0 >> 6 & 7;
        EXPECT_EQ((unit.qword(at) & page) != 0, pgtt == 2 || pgtt == 3) << "SSPTPTR";
        EXPECT_EQ((unit.qword(at + 16) & page) != 0, pgtt == 1 || pgtt == 3) << "FSPTPTR";
        for (unsigned i = 3; i < 8; i++)
            EXPECT_EQ(unit.qword(at + 8 * i), 0u);
        ASSERT_EQ(vtd_drv_detach(drv, kSid, 3), 0);
        for (unsigned i = 0; i < 8; i++)
            EXPECT_EQ(unit.qword(at + 8 * i), 0u) << "torn down";
    };
    check(first_stage(48), 0x41, 0x800000, 0);
    check(first_stage(57), 0x41, 0x800000, 4);
    check(second_stage(39), 0x85, 0x800000, 0);
    check(second_stage(48), 0x89, 0x800000, 0);
    check(second_stage(57), 0x8d, 0x800000, 0);
    check(domain(domain_spec(VTD_DRV_PASS_THROUGH, 0)), 0x101, 0x800000, 0);
    check(domain(domain_spec(VTD_DRV_NESTED, 48, second_stage(48))), 0xc9, 0x800000, 0);
    check(domain(domain_spec(VTD_DRV_NESTED, 57, second_stage(39))), 0xc5, 0x800000, 4);
}

TEST_F(Domain, SecondStageAccessedDirtyIsAnOption)
{
    vtd_drv_options options = {};
    options.ss_ad = true;
    start(options);
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, second_stage(48)), 0);
    EXPECT_EQ(unit.qword(pasid_entry(kSid, 0)) & 0xfff, 0x289u) << "P, AW 2, PGTT 2, SSADE";
}

TEST_F(Domain, TeardownClearsPThenInvalidatesThenClearsTheRest)
{
    start();
    auto *d = second_stage();
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, d), 0);
    const uint64_t at = pasid_entry(kSid, 0);
    const uint64_t q0 = unit.qword(at), q1 = unit.qword(at + 8);
    unsigned seen = 0;
    unit.executing = [&](const uint64_t *) {
        seen++;
        EXPECT_EQ(unit.qword(at), q0 & ~UINT64_C(1));
        EXPECT_EQ(unit.qword(at + 8), q1);
    };
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
    EXPECT_EQ(seen, 3u);
    EXPECT_EQ(unit.qword(at + 8), 0u);
}

TEST_F(Domain, ReplaceWithOne16ByteStoreLeavesNoGap)
{
    unit.bus.store128 = [](void *o, void *cpu, uint64_t low, uint64_t high) {
        const uint64_t both[2] = {low, high};
        memcpy(cpu, both, sizeof(both));
        static_cast<FakeUnit *>(o)->log.push_back("store128");
    };
    start();
    auto *a = second_stage(), *b = second_stage();
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, a), 0);
    ASSERT_EQ(vtd_drv_replace(drv, kSid, 0, b), 0);
    EXPECT_EQ(unit.take(), (Log{"store128", "pc pasid did=2 pasid=0", "iotlb domain did=2", "wait"}));
    EXPECT_EQ(vtd_drv_attached(drv, kSid, 0), b);
    auto *fs = first_stage(); /* also changes FSPTPTR: not one store */
    ASSERT_EQ(vtd_drv_replace(drv, kSid, 0, fs), 0);
    EXPECT_EQ(unit.take(), (Log{"pc pasid did=3 pasid=0", "iotlb domain did=3", "wait"}));
    EXPECT_EQ(vtd_drv_domain_destroy(a), 0);
    EXPECT_EQ(vtd_drv_domain_destroy(b), 0) << "nothing refers to it any more";
}

TEST_F(Domain, ReplaceWithout16ByteStoresTakesTheEntryDown)
{
    start();
    auto *a = second_stage(), *b = second_stage();
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, a), 0);
    const uint64_t at = pasid_entry(kSid, 0);
    unit.executing = [&](const uint64_t *) { EXPECT_EQ(unit.qword(at) & 1, 0u); };
    ASSERT_EQ(vtd_drv_replace(drv, kSid, 0, b), 0);
    EXPECT_EQ(unit.take(), (Log{"pc pasid did=2 pasid=0", "iotlb domain did=2", "wait"}));
    EXPECT_EQ(unit.qword(at) & 1, 1u);
    EXPECT_EQ(unit.qword(at + 8) & 0xffff, 3u);
}

} // namespace
