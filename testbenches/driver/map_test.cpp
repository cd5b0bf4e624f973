/* SPDX-License-Identifier: MIT */
/*
 * Mapping and unmapping: what stands in the tables, limits, memory that runs out, errors of the queue (ref 2.6, 2.7,
 * 6.5).
 */
#include "driver_fixture.h"

#include <cerrno>

namespace
{

constexpr uint16_t kSid = 0x10;
constexpr uint64_t k2M = 2 << 20, k1G = 1 << 30;

struct Map : DriverTest {
    /* The leaf or the empty entry for an address in tables of `levels` levels, and its level. */
    uint64_t leaf(uint64_t root, unsigned levels, uint64_t iova, unsigned *level)
    {
        uint64_t table = root;
        for (unsigned l = levels;; l--) {
            const uint64_t entry = unit.qword(table + 8 * (iova >> (12 + 9 * (l - 1)) & 511));
            if (l == 1 || !(entry & 3) || (entry & 0x80)) {
                *level = l;
                return entry;
            }
            table = entry & UINT64_C(0xffffffffff000);
        }
    }
    uint64_t first_root(vtd_drv_domain *d)
    {
        EXPECT_EQ(vtd_drv_attach(drv, kSid, 9, d), 0);
        const uint64_t root = unit.qword(pasid_entry(kSid, 9) + 16) & ~UINT64_C(0xfff);
        EXPECT_EQ(vtd_drv_detach(drv, kSid, 9), 0);
        return root;
    }
    uint64_t second_root(vtd_drv_domain *d)
    {
        EXPECT_EQ(vtd_drv_attach(drv, kSid, 9, d), 0);
        const uint64_t root = unit.qword(pasid_entry(kSid, 9)) & ~UINT64_C(0xfff);
        EXPECT_EQ(vtd_drv_detach(drv, kSid, 9), 0);
        return root;
    }
};

TEST_F(Map, FirstStageEntriesPresetAccessedAndDirty)
{
    start();
    auto *d = first_stage();
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x123456000, 0x1000, VTD_DRV_READ), 0);
    ASSERT_EQ(vtd_drv_map(d, 0x2000, 0x5000, 0x1000, kRw), 0);
    ASSERT_EQ(vtd_drv_map(d, 0x3000, 0x5000, 0x1000, kRw | VTD_DRV_SUPERVISOR), 0);
    ASSERT_EQ(vtd_drv_map(d, k2M, 4 * k2M, k2M, kRw), 0);
    const uint64_t root = first_root(d);
    unsigned level;
    EXPECT_EQ(leaf(root, 4, 0x1000, &level), UINT64_C(0x123456025)) << "P, US, A";
    EXPECT_EQ(leaf(root, 4, 0x2000, &level), 0x5067u) << "P, RW, US, A, D";
    EXPECT_EQ(leaf(root, 4, 0x3000, &level), 0x5063u) << "no US";
    EXPECT_EQ(leaf(root, 4, k2M, &level), 0x8000e7u) << "and PS";
    EXPECT_EQ(level, 2u);
    EXPECT_EQ(unit.qword(root) & 0xfff, 0x27u) << "non-leaf: P, RW, US, A";
}

TEST_F(Map, WithoutPresetTheUnitSetsAccessedAndDirty)
{
    vtd_drv_options options = {};
    options.no_preset_ad = true;
    start(options);
    auto *d = first_stage();
    ASSERT_EQ(vtd_drv_map(d, 0x2000, 0x5000, 0x1000, kRw), 0);
    const uint64_t root = first_root(d);
    unsigned level;
    EXPECT_EQ(leaf(root, 4, 0x2000, &level), 0x5007u);
    EXPECT_EQ(unit.qword(root) & 0xfff, 0x07u);
}

TEST_F(Map, SecondStageEntries)
{
    start();
    auto *d = second_stage(39);
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x5000, 0x1000, VTD_DRV_READ), 0);
    ASSERT_EQ(vtd_drv_map(d, 0x2000, 0x5000, 0x1000, VTD_DRV_WRITE), 0);
    ASSERT_EQ(vtd_drv_map(d, k1G, 3 * k1G, k1G, kRw), 0);
    const uint64_t root = second_root(d);
    unsigned level;
    EXPECT_EQ(leaf(root, 3, 0x1000, &level), 0x5801u) << "R, SNP because of ECAP.SC";
    EXPECT_EQ(leaf(root, 3, 0x2000, &level), 0x5802u);
    EXPECT_EQ(leaf(root, 3, k1G, &level), UINT64_C(0xc0000883));
    EXPECT_EQ(level, 3u);
    EXPECT_EQ(unit.qword(root) & 0xfff, 3u) << "non-leaf: R, W";
}

TEST_F(Map, UsesTheLargestPagesThatAlignmentAndTheUnitAllow)
{
    const struct {
        uint64_t cap_clear;
        uint8_t max_shift;
        vtd_drv_kind kind;
        unsigned expected; /* page shift of a 1 GiB aligned mapping */
    } cases[] = {
        {0, 0, VTD_DRV_FIRST_STAGE, 30},
        {kCapFs1gp, 0, VTD_DRV_FIRST_STAGE, 21},
        {0, 12, VTD_DRV_FIRST_STAGE, 12},
        {0, 0, VTD_DRV_SECOND_STAGE, 30},
        {UINT64_C(2) << 34, 0, VTD_DRV_SECOND_STAGE, 21},
        {UINT64_C(3) << 34, 0, VTD_DRV_SECOND_STAGE, 12},
        {0, 21, VTD_DRV_SECOND_STAGE, 21},
    };
    for (const auto &c : cases) {
        unit.cap = kExampleCap & ~c.cap_clear;
        start();
        auto spec = domain_spec(c.kind, 48);
        spec.max_page_shift = c.max_shift;
        auto *d = domain(spec);
        ASSERT_EQ(vtd_drv_map(d, 0, 0, k1G, kRw), 0);
        ASSERT_EQ(vtd_drv_map(d, 2 * k1G - 0x1000, k1G - 0x1000, k2M + 0x1000, kRw), 0);
        uint64_t pa;
        unsigned shift;
        ASSERT_EQ(vtd_drv_iova_to_phys(d, 0x12345678, &pa, &shift), 0);
        EXPECT_EQ(pa, 0x12345678u);
        EXPECT_EQ(shift, c.expected);
        ASSERT_EQ(vtd_drv_iova_to_phys(d, 2 * k1G - 1, &pa, &shift), 0);
        EXPECT_EQ(shift, 12u);
        ASSERT_EQ(vtd_drv_iova_to_phys(d, 2 * k1G + 1, &pa, &shift), 0);
        EXPECT_EQ(shift, c.expected < 21 ? c.expected : 21u);
        vtd_drv_destroy(drv);
        drv = nullptr;
        ASSERT_EQ(unit.frames.used, 0u);
    }
}

TEST_F(Map, RefusesBadRangesAndRights)
{
    start();
    auto *fs = first_stage(), *ss = second_stage(), *pt = domain(domain_spec(VTD_DRV_PASS_THROUGH, 0));
    EXPECT_EQ(vtd_drv_map(fs, 0x800, 0, 0x1000, kRw), -EINVAL);
    EXPECT_EQ(vtd_drv_map(fs, 0, 0x800, 0x1000, kRw), -EINVAL);
    EXPECT_EQ(vtd_drv_map(fs, 0, 0, 0x800, kRw), -EINVAL);
    EXPECT_EQ(vtd_drv_map(fs, 0, 0, 0, kRw), -EINVAL);
    EXPECT_EQ(vtd_drv_map(fs, 0, 0, 0x1000, VTD_DRV_WRITE), -EINVAL) << "the format has no write-only page";
    EXPECT_EQ(vtd_drv_map(ss, 0, 0, 0x1000, 0), -EINVAL);
    EXPECT_EQ(vtd_drv_map(ss, 0, 0, 0x1000, kRw | VTD_DRV_SUPERVISOR), -EINVAL);
    EXPECT_EQ(vtd_drv_map(ss, 0, 0, 0x1000, 8), -EINVAL);
    EXPECT_EQ(vtd_drv_map(pt, 0, 0, 0x1000, kRw), -EINVAL);
    EXPECT_EQ(vtd_drv_unmap(ss, 0x800, 0x1000), -EINVAL);
    EXPECT_EQ(vtd_drv_unmap(pt, 0, 0x1000), -EINVAL);
}

TEST_F(Map, KeepsToTheAddressWidths)
{
    unit.cap = (unit.cap & ~(UINT64_C(0x3f) << 16)) | UINT64_C(45) << 16; /* MGAW 46 */
    vtd_drv_options options = {};
    options.haw = 46;
    start(options);
    const struct {
        vtd_drv_domain *domain;
        uint64_t good, bad;
    } cases[] = {
        {first_stage(48), 0x7ffffffff000, 0x800000000000},
        {first_stage(48), 0xffff800000000000, 0xffff7ffffffff000},
        {first_stage(48), 0xfffffffffffff000, 0x1000000000000},
        {first_stage(57), 0xfffffffffff000, 0x100000000000000},
        {first_stage(57), 0xff00000000000000, 0xfefffffffffff000},
        {second_stage(39), 0x7ffffff000, 0x8000000000},
        {second_stage(48), 0x3ffffffff000, 0x400000000000}, /* MGAW is less than 48 */
    };
    for (const auto &c : cases) {
        EXPECT_EQ(vtd_drv_map(c.domain, c.good, 0, 0x1000, kRw), 0) << std::hex << c.good;
        EXPECT_EQ(vtd_drv_map(c.domain, c.bad, 0, 0x1000, kRw), -ERANGE) << std::hex << c.bad;
        EXPECT_EQ(vtd_drv_unmap(c.domain, c.bad, 0x1000), -ERANGE) << std::hex << c.bad;
        uint64_t pa;
        EXPECT_EQ(vtd_drv_iova_to_phys(c.domain, c.bad, &pa, nullptr), -ENOENT);
    }
    auto *d = second_stage();
    EXPECT_EQ(vtd_drv_map(d, 0, UINT64_C(1) << 46, 0x1000, kRw), -ERANGE);
    EXPECT_EQ(vtd_drv_map(d, 0, (UINT64_C(1) << 46) - 0x1000, 0x1000, kRw), 0);
    EXPECT_EQ(vtd_drv_map(d, 0x1000, (UINT64_C(1) << 46) - 0x1000, 0x2000, kRw), -ERANGE);
    EXPECT_EQ(vtd_drv_map(first_stage(), 0x7ffffffff000, 0, 0x2000, kRw), -ERANGE) << "across the hole";
    auto *nested = domain(domain_spec(VTD_DRV_NESTED, 48, second_stage(39)));
    EXPECT_EQ(vtd_drv_map(nested, 0, UINT64_C(1) << 39, 0x1000, kRw), -ERANGE);
    EXPECT_EQ(vtd_drv_map(nested, 0, (UINT64_C(1) << 39) - 0x1000, 0x1000, kRw), 0);
}

TEST_F(Map, NothingIsMappedWhenPartOfTheRangeIs)
{
    start();
    auto *d = second_stage();
    ASSERT_EQ(vtd_drv_map(d, k2M + 0x5000, 0x5000, 0x1000, kRw), 0);
    EXPECT_EQ(vtd_drv_map(d, 0, 0, 2 * k2M, kRw), -EEXIST);
    EXPECT_EQ(vtd_drv_map(d, k2M, k2M, k2M, kRw), -EEXIST);
    uint64_t pa;
    EXPECT_EQ(vtd_drv_iova_to_phys(d, 0x1000, &pa, nullptr), -ENOENT);
    ASSERT_EQ(vtd_drv_map(d, 2 * k2M, 0, k2M, kRw), 0);
    EXPECT_EQ(vtd_drv_map(d, 2 * k2M + 0x1000, 0, 0x1000, kRw), -EEXIST) << "under a large page";
}

TEST_F(Map, NothingStaysMappedWhenMemoryRunsOut)
{
    start();
    auto *d = second_stage();
    ASSERT_EQ(vtd_drv_map(d, 0, 0, 0x1000, kRw), 0); /* the upper levels */
    const uint64_t used = unit.frames.used;
    const uint64_t end = unit.frames.end;
    unit.frames.end = unit.frames.next + 3 * 4096; /* room for three tables */
    EXPECT_EQ(vtd_drv_map(d, k2M, 0x1000, 8 * k2M, kRw), -ENOMEM);
    uint64_t pa;
    EXPECT_EQ(vtd_drv_iova_to_phys(d, k2M, &pa, nullptr), -ENOENT);
    EXPECT_EQ(unit.frames.used, used);
    unit.frames.end = end;
    EXPECT_EQ(vtd_drv_map(d, k2M, 0x1000, 8 * k2M, kRw), 0);
}

TEST_F(Map, PartialUnmapOfALargePageKeepsTheRest)
{
    start();
    for (auto *d : {first_stage(), second_stage()}) {
        ASSERT_EQ(vtd_drv_map(d, k1G, 4 * k1G, k1G, kRw), 0);
        ASSERT_EQ(vtd_drv_unmap(d, k1G + 5 * k2M + 0x3000, 0x2000), 0x2000);
        uint64_t pa;
        unsigned shift;
        ASSERT_EQ(vtd_drv_iova_to_phys(d, k1G + 5 * k2M + 0x2123, &pa, &shift), 0);
        EXPECT_EQ(pa, 4 * k1G + 5 * k2M + 0x2123);
        EXPECT_EQ(shift, 12u);
        EXPECT_EQ(vtd_drv_iova_to_phys(d, k1G + 5 * k2M + 0x3000, &pa, &shift), -ENOENT);
        EXPECT_EQ(vtd_drv_iova_to_phys(d, k1G + 5 * k2M + 0x4fff, &pa, &shift), -ENOENT);
        ASSERT_EQ(vtd_drv_iova_to_phys(d, k1G + 6 * k2M, &pa, &shift), 0);
        EXPECT_EQ(pa, 4 * k1G + 6 * k2M);
        EXPECT_EQ(shift, 21u);
        EXPECT_EQ(vtd_drv_unmap(d, k1G, k1G), (int64_t)(k1G - 0x2000));
    }
}

TEST_F(Map, TablesAreFreedOnlyAfterTheInvalidation)
{
    start();
    auto *d = first_stage();
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, d), 0);
    ASSERT_EQ(vtd_drv_map(d, k2M, 0x1000, k2M, kRw), 0);
    const uint64_t used = unit.frames.used;
    unit.executing = [&](const uint64_t *) { EXPECT_EQ(unit.frames.used, used); };
    ASSERT_EQ(vtd_drv_unmap(d, k2M, k2M), (int64_t)k2M);
    EXPECT_EQ(unit.frames.used, used - 1);
}

TEST_F(Map, TablesStayWhenTheInvalidationFails)
{
    start();
    auto *d = first_stage();
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, d), 0);
    ASSERT_EQ(vtd_drv_map(d, k2M, 0x1000, k2M, kRw), 0);
    const uint64_t used = unit.frames.used;
    unit.refuse = [](const uint64_t *q) { return (q[0] & 0xf) == 6 ? 3 : 0; };
    EXPECT_EQ(vtd_drv_unmap(d, k2M, k2M), -EIO);
    EXPECT_EQ(unit.frames.used, used) << "the unit may still walk it";
    unit.refuse = [](const uint64_t *) { return 0; };
    uint64_t pa;
    EXPECT_EQ(vtd_drv_iova_to_phys(d, k2M, &pa, nullptr), -ENOENT);
}

TEST_F(Map, NestedTablesAreMappedInTheParentWhileTheyLive)
{
    start();
    auto *parent = second_stage(39);
    auto spec = domain_spec(VTD_DRV_NESTED, 48, parent);
    spec.table_offset = UINT64_C(0x1000000000);
    auto *d = domain(spec);
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x5000, 0x1000, kRw), 0);
    ASSERT_EQ(vtd_drv_attach(drv, kSid, 0, d), 0);
    uint64_t gpa = unit.qword(pasid_entry(kSid, 0) + 16) & ~UINT64_C(0xfff), pa;
    std::vector<uint64_t> tables;
    for (unsigned level = 4; level > 1; level--) {
        ASSERT_EQ(vtd_drv_iova_to_phys(parent, gpa, &pa, nullptr), 0) << level;
        EXPECT_EQ(gpa, pa + spec.table_offset);
        tables.push_back(gpa);
        gpa = unit.qword(pa) & UINT64_C(0xffffffffff000);
    }
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 0), 0);
    ASSERT_EQ(vtd_drv_domain_destroy(d), 0);
    for (uint64_t t : tables)
        EXPECT_EQ(vtd_drv_iova_to_phys(parent, t, &pa, nullptr), -ENOENT);
    spec.table_offset = UINT64_C(0x8000000000);
    vtd_drv_domain *none;
    EXPECT_EQ(vtd_drv_domain_create(drv, &spec, &none), -ERANGE) << "beyond the parent";
}

} // namespace
