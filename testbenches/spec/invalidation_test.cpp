// SPDX-License-Identifier: MIT
//
// Table 6.3 of the reference, both ways: what a command must remove is gone, and what it may leave stays. Whether an entry
// is still there is asked by changing the tables behind the unit's back: a cached translation does not see the change.

#include "support/unit_fixture.h"

#include <map>
#include <string>

using namespace vtdtest;

namespace
{

constexpr uint16_t kSidA = 0x0510, kSidB = 0x0811;
constexpr uint64_t kPage = 0x40001000, kNext = 0x40002000, kFar = 0x80000000;

// Everything that caches can hold at once, each with a domain of its own.
//   PASID 1  first stage, DID 1        PASID 2  second stage, DID 2
//   PASID 3  nested, DID 3             PASID 4  pass-through, DID 4
//   PASID 5  first stage, DID 1 again (another PASID of the same domain)
class InvalidationTest : public testing::Test
{
  protected:
    InvalidationTest() : fs(u, 4), fs5(u, 4), ss(u, 4), under(u, 4), guest(u, 4, under), spareFs(u, 4), spareSs(u, 4)
    {
        for (uint64_t iova : {kPage, kNext, kFar}) {
            fs.map(iova, 0x10000000 + iova % 0x10000000);
            fs5.map(iova, 0x20000000 + iova % 0x10000000);
            ss.map(iova, 0x30000000 + iova % 0x10000000);
            guest.map(iova, 0x50000000 + iova % 0x10000000);
            under.map(0x50000000 + iova % 0x10000000, 0x60000000 + iova % 0x10000000);
        }
        for (uint16_t sid : {kSidA, kSidB}) {
            u.setFs(sid, 1, fs, 1);
            u.setSs(sid, 2, ss, 2);
            u.setNested(sid, 3, guest, under, 3);
            u.setPassThrough(sid, 4, 4);
            u.setFs(sid, 5, fs5, 1);
        }
        u.start();
        for (uint16_t sid : {kSidA, kSidB})
            for (uint32_t pasid = 1; pasid <= 5; pasid++)
                for (uint64_t iova : {kPage, kNext, kFar})
                    read(sid, pasid, iova);
    }

    vtd_response read(uint16_t sid, uint32_t pasid, uint64_t iova)
    {
        return u.dma(sid).pasid(pasid).read(iova);
    }

    // Counts what a command removed from each cache.
    struct Removed {
        uint64_t context, pasid, iotlb, fs, ss;
        bool operator==(const Removed &o) const
        {
            return context == o.context && pasid == o.pasid && iotlb == o.iotlb && fs == o.fs && ss == o.ss;
        }
    };
    Removed removedBy(const Desc &d)
    {
        const vtd_stats before = u.stats();
        u.submit({d});
        const vtd_stats after = u.stats();
        return {after.ctxt_cache_invalidate - before.ctxt_cache_invalidate,
                after.pasid_cache_invalidate - before.pasid_cache_invalidate,
                after.iotlb_invalidate - before.iotlb_invalidate,
                after.fs_nonleaf_invalidate - before.fs_nonleaf_invalidate,
                after.ss_nonleaf_invalidate - before.ss_nonleaf_invalidate};
    }

    // Is the IOTLB entry there? A hit needs no read of tables.
    bool cached(uint16_t sid, uint32_t pasid, uint64_t iova)
    {
        const vtd_stats before = u.stats();
        read(sid, pasid, iova);
        return u.stats().iotlb_hit != before.iotlb_hit;
    }

    // The IOTLB entries that stay after a command, as "A1p": device, PASID, page (p, n, f).
    std::string staying()
    {
        std::string names;
        std::vector<std::pair<std::string, bool>> all;
        for (uint16_t sid : {kSidA, kSidB})
            for (uint32_t pasid = 1; pasid <= 5; pasid++)
                for (uint64_t iova : {kPage, kNext, kFar})
                    if (cached(sid, pasid, iova))
                        names += std::string(sid == kSidA ? "A" : "B") + std::to_string(pasid) +
                                 (iova == kPage   ? "p "
                                  : iova == kNext ? "n "
                                                  : "f ");
        return names;
    }

    Unit u{withCaches(256)};
    FsTree fs, fs5;
    SsTree ss, under;
    FsTree guest;
    FsTree spareFs;
    SsTree spareSs;
};

// Names of all entries whose PASID is in `pasids` and page in `pages`.
std::string names(const std::string &pasids, const std::string &pages)
{
    std::string all;
    for (const char *device : {"A", "B"})
        for (char pasid : pasids)
            for (char page : std::string("pnf"))
                if (pages.find(page) != std::string::npos)
                    all += std::string(device) + pasid + page + " ";
    return all;
}

// Names as staying() orders them: all but those of `gone`.
std::string allBut(const std::string &gonePasids, const std::string &gonePages = "pnf")
{
    std::string all;
    for (const char *device : {"A", "B"})
        for (char pasid : std::string("12345"))
            for (char page : std::string("pnf"))
                if (gonePasids.find(pasid) == std::string::npos || gonePages.find(page) == std::string::npos)
                    all += std::string(device) + pasid + page + " ";
    return all;
}

TEST_F(InvalidationTest, NothingIsGoneBeforeACommand)
{
    EXPECT_EQ(staying(), names("12345", "pnf"));
}

TEST_F(InvalidationTest, ContextCacheGlobalRemovesAllContextEntriesAndNothingElse)
{
    EXPECT_EQ(removedBy(ccInv(1)), (Removed{2, 0, 0, 0, 0}));
    EXPECT_EQ(staying(), names("12345", "pnf"));
}

TEST_F(InvalidationTest, ContextCacheDomainInScalableModeIsGlobal)
{
    EXPECT_EQ(removedBy(ccInv(2, 77)), (Removed{2, 0, 0, 0, 0}));
}

TEST_F(InvalidationTest, ContextCacheDeviceRemovesThatDeviceWhateverTheDomain)
{
    EXPECT_EQ(removedBy(ccInv(3, 77, kSidA)), (Removed{1, 0, 0, 0, 0}));
    EXPECT_EQ(removedBy(ccInv(3, 77, kSidA)), (Removed{0, 0, 0, 0, 0}));
    EXPECT_EQ(removedBy(ccInv(3, 77, kSidB)), (Removed{1, 0, 0, 0, 0}));
}

// FM 0: exact; 1: bit 2 ignored; 2: bits 2:1; 3: bits 2:0 (ref 3.1).
TEST_F(InvalidationTest, ContextCacheFunctionMaskIgnoresBitsOfTheFunction)
{
    for (unsigned function : {0u, 1u, 2u, 4u, 6u, 7u})
        u.setFs(static_cast<uint16_t>(0x0900 | function), 1, fs, 1);
    const std::map<unsigned, uint64_t> expected = {{0, 1}, {1, 2}, {2, 4}, {3, 6}};
    for (const auto &[fm, count] : expected) {
        u.submit({ccInv(1)});
        for (unsigned function : {0u, 1u, 2u, 4u, 6u, 7u})
            read(static_cast<uint16_t>(0x0900 | function), 1,
                 kPage + 0x1000000 * (fm + 1)); // misses: reads the context
        EXPECT_EQ(removedBy(ccInv(3, 0, 0x0900, fm)).context, count) << "FM " << fm;
    }
}

TEST_F(InvalidationTest, PasidCacheGlobalRemovesAllOfItOnly)
{
    EXPECT_EQ(removedBy(pcInv(3)), (Removed{0, 10, 0, 0, 0}));
    EXPECT_EQ(staying(), names("12345", "pnf"));
}

TEST_F(InvalidationTest, PasidCacheDomainRemovesTheDomain)
{
    EXPECT_EQ(removedBy(pcInv(0, 1)), (Removed{0, 4, 0, 0, 0})); // PASIDs 1 and 5 of two devices
    EXPECT_EQ(removedBy(pcInv(0, 9)), (Removed{0, 0, 0, 0, 0}));
    EXPECT_EQ(removedBy(pcInv(3)), (Removed{0, 6, 0, 0, 0}));
}

TEST_F(InvalidationTest, PasidCachePasidNeedsDomainAndPasid)
{
    EXPECT_EQ(removedBy(pcInv(1, 2, 1)), (Removed{0, 0, 0, 0, 0})); // DID of another PASID
    EXPECT_EQ(removedBy(pcInv(1, 1, 1)), (Removed{0, 2, 0, 0, 0}));
    EXPECT_EQ(removedBy(pcInv(1, 1, 5)), (Removed{0, 2, 0, 0, 0}));
}

TEST_F(InvalidationTest, IotlbGlobalRemovesTranslationsAndPagingStructures)
{
    const Removed r = removedBy(iotlbInv(1));
    EXPECT_EQ(r.context, 0u);
    EXPECT_EQ(r.pasid, 0u);
    EXPECT_EQ(r.iotlb, 30u);
    EXPECT_GT(r.fs, 0u);
    EXPECT_GT(r.ss, 0u);
    EXPECT_EQ(removedBy(iotlbInv(1)), (Removed{0, 0, 0, 0, 0})); // nothing was left
}

TEST_F(InvalidationTest, IotlbDomainRemovesEveryKindOfTheDomain)
{
    u.submit({iotlbInv(2, 3)});
    EXPECT_EQ(staying(), allBut("3"));
    u.submit({iotlbInv(2, 1)});
    EXPECT_EQ(staying(), allBut("15"));
    u.submit({iotlbInv(2, 4)});
    EXPECT_EQ(staying(), allBut("4"));
    u.submit({iotlbInv(2, 99)});
    EXPECT_EQ(staying(), names("12345", "pnf"));
}

TEST_F(InvalidationTest, IotlbPageRemovesTheRangeOfSecondStageAndPassThrough)
{
    u.submit({iotlbInv(3, 2, kPage)});
    EXPECT_EQ(staying(), allBut("2", "p"));
    u.submit({iotlbInv(3, 4, kNext)});
    EXPECT_EQ(staying(), allBut("4", "n"));
    u.submit({iotlbInv(3, 2, kPage & ~0x3fffull, 2)}); // 4 pages: kPage and kNext
    EXPECT_EQ(staying(), allBut("2", "pn"));
    u.submit({iotlbInv(3, 9, kPage)}); // another domain
    EXPECT_EQ(staying(), names("12345", "pnf"));
}

TEST_F(InvalidationTest, IotlbPageRemovesFirstStageAndNestedOfTheDomainWhole)
{
    u.submit({iotlbInv(3, 1, 0x123000)});
    EXPECT_EQ(staying(), allBut("15"));
    u.submit({iotlbInv(3, 3, 0x123000)});
    EXPECT_EQ(staying(), allBut("3"));
}

TEST_F(InvalidationTest, IotlbPageWithHintLeavesSecondStageStructures)
{
    EXPECT_EQ(removedBy(iotlbInv(3, 2, kPage, 0, true)).ss, 0u);
    EXPECT_GT(removedBy(iotlbInv(3, 2, kPage, 0, false)).ss, 0u);
}

TEST_F(InvalidationTest, PasidIotlbRemovesThePasidOfTheDomain)
{
    u.submit({pasidIotlbInv(2, 1, 5)});
    EXPECT_EQ(staying(), allBut("5"));
    u.submit({pasidIotlbInv(2, 2, 2)}); // also second stage: by DID and PASID
    EXPECT_EQ(staying(), allBut("2"));
    u.submit({pasidIotlbInv(2, 2, 1)}); // DID and PASID do not go together
    EXPECT_EQ(staying(), names("12345", "pnf"));
}

TEST_F(InvalidationTest, PasidIotlbTouchesNoSecondStageStructuresNoContextNoPasidCache)
{
    const Removed r = removedBy(pasidIotlbInv(2, 3, 3));
    EXPECT_EQ(r.context + r.pasid + r.ss, 0u);
    EXPECT_GT(r.fs, 0u);
    EXPECT_EQ(r.iotlb, 6u);
}

TEST_F(InvalidationTest, PasidIotlbPageRemovesFirstStageAndNestedInTheRange)
{
    u.submit({pasidIotlbInv(3, 1, 1, kPage)});
    EXPECT_EQ(staying(), allBut("1", "p"));
    u.submit({pasidIotlbInv(3, 3, 3, kFar)});
    EXPECT_EQ(staying(), allBut("3", "f"));
    u.submit({pasidIotlbInv(3, 1, 5, kPage & ~0x3fffull, 2)});
    EXPECT_EQ(staying(), allBut("5", "pn"));
    u.submit({pasidIotlbInv(3, 2, 2, kPage)}); // second stage: not by this command
    EXPECT_EQ(staying(), names("12345", "pnf"));
}

TEST_F(InvalidationTest, PasidIotlbPageWithHintLeavesFirstStageStructures)
{
    EXPECT_EQ(removedBy(pasidIotlbInv(3, 1, 1, kPage, 0, true)).fs, 0u);
    EXPECT_GT(removedBy(pasidIotlbInv(3, 1, 1, kPage, 0, false)).fs, 0u);
}

TEST_F(InvalidationTest, LargePagesGoWithAnyPageInThem)
{
    const uint64_t large = 0xc0000000;
    fs.map(large, 0x80000000, 30);
    ss.map(large, 0x40000000, 21);
    read(kSidA, 1, large + 0x12345000);
    read(kSidA, 2, large + 0x54000);
    ASSERT_TRUE(cached(kSidA, 1, large + 0x3ffff000));
    ASSERT_TRUE(cached(kSidA, 2, large + 0x1ff000));
    u.submit({pasidIotlbInv(3, 1, 1, large + 0x2000000)});
    EXPECT_FALSE(cached(kSidA, 1, large + 0x3ffff000));
    u.submit({iotlbInv(3, 2, large + 0x1000)});
    EXPECT_FALSE(cached(kSidA, 2, large + 0x1ff000));
    u.submit({iotlbInv(3, 2, large + 0x200000)}); // the next one
    EXPECT_TRUE(cached(kSidA, 2, large + 0x1ff000));
}

TEST_F(InvalidationTest, SetRootTablePointerInvalidatesEverythingWithEsrtps)
{
    u.setRootTable(VTD_TTM_SCALABLE);
    EXPECT_EQ(staying(), "");
}

TEST_F(InvalidationTest, SetRootTablePointerLeavesEverythingWithoutEsrtps)
{
    vtd_config cfg = withCaches(256);
    setCap(cfg, VTD_FIELD_OF(CAP, ESRTPS), 0);
    Unit v(cfg);
    FsTree tree(v, 4);
    tree.map(kPage, 0x200000);
    v.setFs(kSidA, 1, tree, 1);
    v.start();
    v.dma(kSidA).pasid(1).read(kPage);
    *tree.entry(kPage, 1) = 0;
    v.setRootTable(VTD_TTM_SCALABLE);
    EXPECT_TRUE(translated(v.dma(kSidA).pasid(1).read(kPage), 0x200000, 12)); // stale, as software must expect
    v.invalidateAll();
    EXPECT_TRUE(blocked(v.dma(kSidA).pasid(1).read(kPage), VTD_FAULT_SFS_2));
}

TEST_F(InvalidationTest, TranslationDisableInvalidatesEverythingInScalableUnits)
{
    u.disable();
    u.enable();
    EXPECT_EQ(staying(), "");
}

// ---------------------------------------------------------------- tags (ref 6.1)

TEST_F(InvalidationTest, RequestsWithAndWithoutPasidDoNotShareEntries)
{
    u.setFs(kSidA, 0, fs, 1); // RID_PASID 0
    EXPECT_TRUE(translated(u.dma(kSidA).read(kPage), 0x10000000 + kPage % 0x10000000, 12));
    const vtd_stats s = u.stats();
    u.dma(kSidA).read(kPage);
    EXPECT_EQ(u.stats().iotlb_hit, s.iotlb_hit + 1);
    EXPECT_TRUE(blocked(u.dma(kSidA).pasid(0).read(kPage), VTD_FAULT_SCT_9));
}

TEST_F(InvalidationTest, EntriesOfRequestsWithoutPasidCarryRidPasid)
{
    u.setFs(kSidA, 0, fs, 1);
    u.dma(kSidA).read(kPage);
    EXPECT_EQ(removedBy(pasidIotlbInv(3, 1, 0, kPage)).iotlb, 1u);
}

TEST_F(InvalidationTest, DevicesDoNotShareIotlbEntries)
{
    Unit v(withCaches(16));
    FsTree tree(v, 4);
    tree.map(kPage, 0x200000);
    v.setFs(kSidA, 1, tree, 1);
    v.setFs(kSidB, 1, tree, 1);
    v.start();
    v.dma(kSidA).pasid(1).read(kPage);
    v.dma(kSidB).pasid(1).read(kPage);
    EXPECT_EQ(v.stats().iotlb_hit, 0u);
}

} // namespace
