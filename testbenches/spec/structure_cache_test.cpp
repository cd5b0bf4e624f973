/* SPDX-License-Identifier: MIT */
/*
 * What commands do to paging-structure caches, and the cells of context and PASID cache in the last row of table 6.3.
 * Whether a structure is still cached is asked by linking another table behind the unit's back and reading a page that
 * the IOTLB does not hold.
 */
#include "support/unit_fixture.h"

#include <memory>
#include <string>

namespace vtdtest
{

namespace
{

constexpr uint64_t kPage = 0x40001000, kNext = 0x40002000, kFar = 0x80000000, kOld = 0x10000000, kNew = 0x20000000;

/* Gives the next-to-last entry on the way to kPage a new table, in which kNext leads elsewhere. `offset`: what
 * addresses in the tree are above host physical ones. */
void relink(Unit &u, Tree &tree, uint64_t offset = 0)
{
    constexpr uint64_t address = UINT64_C(0x000ffffffffff000);
    const uint64_t table = u.alloc(), leaf = *tree.entry(kNext, 1);
    u.at(table)[kNext >> 12 & 511] = (leaf & ~address) | ((leaf & address) - kOld + kNew);
    uint64_t *e = tree.entry(kPage, 2);
    *e = (*e & ~address) | (table + offset);
}

/* PASIDs of a device: 1 and 5 first stage of DID 1, 7 first stage of DID 7, 2 and 6 second stage of DIDs 2 and 6,
 * 3 nested of DID 3. Everything was cached by a read of kPage, then relinked. */
struct Structures : Unit {
    Structures() : Unit(withCaches(256)), ss2(*this, 4), ss6(*this, 4), under(*this, 4), guest(*this, 4, under)
    {
        for (auto &tree : fs) {
            tree = std::make_unique<FsTree>(*this, 4);
            tree->map(kPage, kOld + kPage % 0x10000), tree->map(kNext, kOld + kNext % 0x10000);
        }
        for (uint64_t iova : {kPage, kNext}) {
            ss2.map(iova, kOld + iova % 0x10000);
            ss6.map(iova, kOld + iova % 0x10000);
            guest.map(iova, kOld + iova % 0x10000);
            for (uint64_t gpa : {kOld, kNew})
                under.map(gpa + iova % 0x10000, gpa + iova % 0x10000);
        }
        setFs(kSid, 1, *fs[0], 1);
        setFs(kSid, 5, *fs[1], 1);
        setFs(kSid, 7, *fs[2], 7);
        setSs(kSid, 2, ss2, 2);
        setSs(kSid, 6, ss6, 6);
        setNested(kSid, 3, guest, under, 3);
        write64(VTD_REG_PQA, alloc());
        start();
        for (uint32_t pasid : {1, 2, 3, 5, 6, 7})
            EXPECT_TRUE(translated(dma(kSid).pasid(pasid).read(kPage), kOld + kPage % 0x10000));
        for (auto &tree : fs)
            relink(*this, *tree);
        relink(*this, ss2);
        relink(*this, ss6);
        relinkGuest();
    }
    /* PASIDs that still go by the old tables. */
    std::string stale()
    {
        std::string all;
        for (uint32_t pasid : {1, 2, 3, 5, 6, 7}) {
            const vtd_response r = dma(kSid).pasid(pasid).read(kNext);
            EXPECT_TRUE(translated(r, kOld + kNext % 0x10000) || translated(r, kNew + kNext % 0x10000)) << pasid;
            if (r.hpa == kOld + kNext % 0x10000)
                all += static_cast<char>('0' + pasid);
        }
        return all;
    }
    void relinkGuest()
    {
        relink(*this, guest, kGpaOffset);
        const uint64_t table = *guest.entry(kPage, 2) & UINT64_C(0x000ffffffffff000);
        under.map(table, table - kGpaOffset);
    }
    std::unique_ptr<FsTree> fs[3];
    SsTree ss2, ss6, under;
    FsTree guest;
};

std::string staleAfter(const Desc &d)
{
    Structures u;
    u.submit({d});
    return u.stale();
}

const char *const kAll = "123567";

} // namespace

TEST(StructureCache, AllAreStaleWithoutACommand)
{
    EXPECT_EQ(Structures().stale(), kAll);
}

TEST(StructureCache, ContextAndPasidCacheCommandsLeaveThem)
{
    EXPECT_EQ(staleAfter(ccInv(1)), kAll);
    EXPECT_EQ(staleAfter(pcInv(3)), kAll);
}

TEST(StructureCache, IotlbGlobalRemovesAll)
{
    EXPECT_EQ(staleAfter(iotlbInv(1)), "");
}

TEST(StructureCache, IotlbDomainRemovesBothKindsOfTheDomain)
{
    EXPECT_EQ(staleAfter(iotlbInv(2, 1)), "2367");
    EXPECT_EQ(staleAfter(iotlbInv(2, 2)), "13567");
    EXPECT_EQ(staleAfter(iotlbInv(2, 3)), "12567");
    EXPECT_EQ(staleAfter(iotlbInv(2, 9)), kAll);
}

TEST(StructureCache, IotlbPageRemovesFirstStageOfTheDomainWhole)
{
    EXPECT_EQ(staleAfter(iotlbInv(3, 1, kFar)), "2367");
    EXPECT_EQ(staleAfter(iotlbInv(3, 3, kFar)), "12567") << "nested too";
}

TEST(StructureCache, IotlbPageRemovesSecondStageOfTheRangeUnlessHinted)
{
    EXPECT_EQ(staleAfter(iotlbInv(3, 2, kNext)), "13567");
    EXPECT_EQ(staleAfter(iotlbInv(3, 2, kNext, 0, true)), kAll);
    EXPECT_EQ(staleAfter(iotlbInv(3, 2, kFar)), kAll);
}

TEST(StructureCache, PasidIotlbRemovesFirstStageOfThePasidOnly)
{
    EXPECT_EQ(staleAfter(pasidIotlbInv(2, 1, 1)), "23567");
    EXPECT_EQ(staleAfter(pasidIotlbInv(2, 3, 3)), "12567");
    EXPECT_EQ(staleAfter(pasidIotlbInv(2, 2, 2)), kAll) << "second stage is not by PASID";
    EXPECT_EQ(staleAfter(pasidIotlbInv(3, 1, 1, kNext)), "23567");
    EXPECT_EQ(staleAfter(pasidIotlbInv(3, 1, 1, kNext, 0, true)), kAll);
    EXPECT_EQ(staleAfter(pasidIotlbInv(3, 1, 1, kFar)), kAll);
}

TEST(StructureCache, PageRequestRemovesWhatCouldHaveCausedIt)
{
    const struct {
        uint32_t pasid;
        const char *stale;
    } rows[] = {{1, "23567"}, {2, "13567"}, {3, "12567"}};
    for (const auto &row : rows) {
        Structures u;
        EXPECT_EQ(u.pageRequest(kSid, kNext, VTD_PRQ_READ | VTD_PRQ_PASID, row.pasid), VTD_PRQ_QUEUED);
        EXPECT_EQ(u.stale(), row.stale) << row.pasid;
    }
}

/* Last row of table 6.3: also structures, context cache and PASID cache. */
TEST(StructureCache, SetRootTablePointerAndTranslationOffRemoveEverything)
{
    for (bool srtp : {true, false}) {
        const auto everything = [srtp](Unit &u) {
            if (srtp)
                u.setRootTable(VTD_TTM_SCALABLE);
            else
                u.disable(), u.enable();
        };
        Structures structures, pasid, context;
        everything(structures);
        EXPECT_EQ(structures.stale(), "") << srtp;
        pasid.pasidEntry(kSid, 1)[0] ^= 1;
        everything(pasid);
        EXPECT_TRUE(blocked(pasid.dma(kSid).pasid(1).read(kNext), VTD_FAULT_SPT_2)) << srtp;
        context.context(kSid)[0] ^= 1;
        everything(context);
        EXPECT_TRUE(blocked(context.dma(kSid).pasid(1).read(kNext), VTD_FAULT_SCT_2)) << srtp;
    }
}

/* Register-based commands of version 5 (ref 1.6): granularity, domain, IVA. */
TEST(StructureCache, RegisterCommandsInLegacyMode)
{
    const struct {
        uint64_t granularity, did, iva;
        bool stale;
    } rows[] = {{1, 0, 0, false},     {2, 1, 0, false},           {2, 2, 0, true},
                {3, 1, kNext, false}, {3, 1, kNext | 0x40, true}, {3, 1, kFar, true}};
    for (const auto &row : rows) {
        vtd_config config = withCaches(64);
        config.version = 0x50;
        Unit u(config);
        SsTree ss(u, 4);
        ss.map(kPage, kOld + kPage % 0x10000), ss.map(kNext, kOld + kNext % 0x10000);
        u.setLegacy(kSid, ss, 1);
        u.setRootTable(VTD_TTM_LEGACY);
        u.enable();
        u.dma(kSid).read(kPage);
        relink(u, ss);
        const uint64_t block = 16 * vtd_reg_ecap_iro(config.ecap);
        u.write64(block, row.iva);
        u.write64(block + 8, vtd_reg_iotlb_reg_put_ivt(1) | vtd_reg_iotlb_reg_put_iirg(row.granularity) |
                                 vtd_reg_iotlb_reg_put_did(row.did));
        EXPECT_TRUE(translated(u.dma(kSid).read(kNext), (row.stale ? kOld : kNew) + kNext % 0x10000))
            << row.granularity << " " << row.did << " " << std::hex << row.iva;
    }
}

} // namespace vtdtest
