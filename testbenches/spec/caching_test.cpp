// SPDX-License-Identifier: MIT
//
// What may be cached and what not (ref 6.2), the redo of the D bit (ref 6.1), both places of the IOTLB in the pipeline, and
// context-cache invalidation in legacy mode (ref 6.3).

#include "support/unit_fixture.h"

#include <memory>

using namespace vtdtest;

namespace
{

constexpr uint16_t kSidA = 0x0510, kSidB = 0x0811;
constexpr uint64_t kPage = 0x40001000;

// ---------------------------------------------------------------- what may be cached (ref 6.2)

struct CachingMode : testing::TestWithParam<bool> {
    CachingMode()
    {
        vtd_config cfg = withCaches(64);
        setCap(cfg, VTD_FIELD_OF(CAP, CM), GetParam());
        u = std::make_unique<Unit>(cfg);
    }
    std::unique_ptr<Unit> u;
};

TEST_P(CachingMode, ContextEntryThatIsNotPresent)
{
    FsTree tree(*u, 4);
    tree.map(kPage, 0x200000);
    u->setFs(kSidA, 1, tree, 1);
    u->context(kSidA)[0] ^= 1;
    u->start();
    EXPECT_TRUE(blocked(u->dma(kSidA).pasid(1).read(kPage), VTD_FAULT_SCT_2));
    u->context(kSidA)[0] ^= 1;
    if (GetParam()) {
        EXPECT_TRUE(blocked(u->dma(kSidA).pasid(1).read(kPage), VTD_FAULT_SCT_2)) << "remembered";
        u->submit({ccInv(3, 0, kSidA)});
    }
    EXPECT_TRUE(translated(u->dma(kSidA).pasid(1).read(kPage), 0x200000, 12));
}

TEST_P(CachingMode, PasidEntryThatIsNotPresent)
{
    FsTree tree(*u, 4);
    tree.map(kPage, 0x200000);
    uint64_t *entry = u->setFs(kSidA, 1, tree, 1);
    entry[0] ^= 1;
    u->start();
    EXPECT_TRUE(blocked(u->dma(kSidA).pasid(1).read(kPage), VTD_FAULT_SPT_2));
    entry[0] ^= 1;
    if (GetParam()) {
        EXPECT_TRUE(blocked(u->dma(kSidA).pasid(1).read(kPage), VTD_FAULT_SPT_2)) << "remembered";
        u->submit({pcInv(1, 1, 1)});
    }
    EXPECT_TRUE(translated(u->dma(kSidA).pasid(1).read(kPage), 0x200000, 12));
}

TEST_P(CachingMode, SecondStageEntryThatIsNotPresent)
{
    SsTree tree(*u, 4);
    tree.map(kPage, 0x200000);
    u->setSs(kSidA, 1, tree, 1);
    const uint64_t leaf = *tree.entry(kPage, 1);
    *tree.entry(kPage, 1) = 0;
    u->start();
    EXPECT_TRUE(blocked(u->dma(kSidA).pasid(1).read(kPage), VTD_FAULT_SSS_2));
    *tree.entry(kPage, 1) = leaf;
    if (GetParam()) {
        EXPECT_TRUE(blocked(u->dma(kSidA).pasid(1).read(kPage), VTD_FAULT_SSS_2)) << "remembered";
        u->submit({iotlbInv(3, 1, kPage)});
    }
    EXPECT_TRUE(translated(u->dma(kSidA).pasid(1).read(kPage), 0x200000, 12));
}

TEST_P(CachingMode, FirstStageFaultsAreNeverRemembered)
{
    FsTree tree(*u, 4);
    tree.map(kPage, 0x200000);
    u->setFs(kSidA, 1, tree, 1);
    const uint64_t leaf = *tree.entry(kPage, 1);
    *tree.entry(kPage, 1) = 0;
    u->start();
    EXPECT_TRUE(blocked(u->dma(kSidA).pasid(1).read(kPage), VTD_FAULT_SFS_2));
    *tree.entry(kPage, 1) = leaf;
    EXPECT_TRUE(translated(u->dma(kSidA).pasid(1).read(kPage), 0x200000, 12));
}

INSTANTIATE_TEST_SUITE_P(OffAndOn, CachingMode, testing::Bool());

// A write that hits an entry whose D was 0 sets D in memory (ref 6.1), once.
TEST(DirtyBit, IsSetByTheFirstWriteThroughACleanEntry)
{
    Unit u(withCaches(64));
    FsTree tree(u, 4);
    tree.map(kPage, 0x200000);
    u.setFs(kSidA, 1, tree, 1);
    u.start();
    u.dma(kSidA).pasid(1).read(kPage);
    EXPECT_EQ(*tree.entry(kPage, 1) & kFsD, 0u);
    const uint64_t updates = u.stats().memory_updates;
    u.dma(kSidA).pasid(1).write(kPage);
    EXPECT_EQ(*tree.entry(kPage, 1) & kFsD, kFsD);
    EXPECT_EQ(u.stats().memory_updates, updates + 1);
    const uint64_t hits = u.stats().iotlb_hit;
    u.dma(kSidA).pasid(1).write(kPage);
    EXPECT_EQ(u.stats().iotlb_hit, hits + 1);
    EXPECT_EQ(u.stats().memory_updates, updates + 1);
}

// Whether the IOTLB is looked up before or after the PASID cache changes counts, not answers.
TEST(IotlbOrder, AfterThePasidCacheEveryRequestLooksThereFirst)
{
    vtd_config cfg = withCaches(64);
    cfg.iotlb_order = VTD_IOTLB_AFTER_PASID;
    Unit u(cfg);
    FsTree tree(u, 4);
    tree.map(kPage, 0x200000);
    u.setFs(kSidA, 1, tree, 1);
    u.start();
    for (unsigned i = 0; i < 10; i++)
        EXPECT_TRUE(translated(u.dma(kSidA).pasid(1).read(kPage), 0x200000, 12));
    const vtd_stats s = u.stats();
    EXPECT_EQ(s.ctxt_cache_lookup, 10u);
    EXPECT_EQ(s.ctxt_cache_hit, 9u);
    EXPECT_EQ(s.pasid_cache_lookup, 10u);
    EXPECT_EQ(s.pasid_cache_hit, 9u);
    EXPECT_EQ(s.iotlb_lookup, 10u);
    EXPECT_EQ(s.iotlb_hit, 9u);
}

TEST(IotlbOrder, BeforeThePasidCacheAHitNeedsNeitherContextNorPasidCache)
{
    Unit u(withCaches(64));
    FsTree tree(u, 4);
    tree.map(kPage, 0x200000);
    u.setFs(kSidA, 1, tree, 1);
    u.start();
    for (unsigned i = 0; i < 10; i++)
        u.dma(kSidA).pasid(1).read(kPage);
    const vtd_stats s = u.stats();
    EXPECT_EQ(s.iotlb_hit, 9u);
    EXPECT_EQ(s.ctxt_cache_lookup, 1u);
    EXPECT_EQ(s.pasid_cache_lookup, 1u);
}

// ---------------------------------------------------------------- legacy mode

TEST(LegacyInvalidation, ContextDomainAndDeviceAreSelective)
{
    Unit u(withCaches(64));
    SsTree a(u, 4), b(u, 4);
    a.map(kPage, 0x200000);
    b.map(kPage, 0x300000);
    u.setLegacy(kSidA, a, 1);
    u.setLegacy(kSidB, b, 2);
    u.start(VTD_TTM_LEGACY);
    u.dma(kSidA).read(kPage);
    u.dma(kSidB).read(kPage);
    u.submit({ccInv(2, 1)});
    EXPECT_EQ(u.stats().ctxt_cache_invalidate, 1u);
    u.submit({ccInv(2, 1)});
    EXPECT_EQ(u.stats().ctxt_cache_invalidate, 1u);
    u.submit({ccInv(3, 0, kSidB)});
    EXPECT_EQ(u.stats().ctxt_cache_invalidate, 2u);
}

} // namespace
