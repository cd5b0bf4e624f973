/* SPDX-License-Identifier: MIT */
/*
 * Translation requests and translated requests (ref 4.1, 4.7, 7.2): what a device is told of a page, and what it costs.
 */
#include "support/unit_fixture.h"

namespace vtdtest
{

namespace
{
constexpr uint32_t kPasid = 5;
constexpr uint64_t kIova = 0x40000000, kHpa = 0x1000000000;
constexpr unsigned kRights = VTD_ATTR_R | VTD_ATTR_W;
} // namespace

TEST(Ats, AnswersWithTheBaseAndTheSizeOfThePage)
{
    for (unsigned shift : {12u, 21u, 30u}) {
        Unit u;
        FsTree fs(u, 4);
        SsTree ss(u, 4);
        fs.map(kIova, kHpa, shift);
        ss.map(kIova, kHpa, shift);
        u.setFs(kSid, 1, fs, 3);
        u.setSs(kSid, 2, ss, 4);
        u.start();
        for (unsigned i = 0; i < 2; i++)
            for (uint32_t pasid : {1u, 2u})
                EXPECT_TRUE(
                    translated(u.dma(kSid).pasid(pasid).translation(kIova + (bit(shift) - 0x1000)), kHpa, shift));
    }
}

TEST(Ats, NestedPagesHaveTheSmallerSize)
{
    for (unsigned fs_shift : {12u, 21u, 30u}) {
        for (unsigned ss_shift : {12u, 21u, 30u}) {
            Unit u;
            SsTree ss(u, 4);
            FsTree fs(u, 4, ss);
            fs.map(kIova, 0x80000000, fs_shift);
            ss.map(0x80000000, kHpa, ss_shift);
            u.setNested(kSid, kPasid, fs, ss, 4);
            u.start();
            EXPECT_TRUE(translated(u.dma(kSid).pasid(kPasid).translation(kIova), kHpa, std::min(fs_shift, ss_shift)));
        }
    }
}

/* R and W are the effective rights of the requester; missing ones are no fault (ref 5: "eff"). */
TEST(Ats, RightsAreTheEffectiveOnes)
{
    for (unsigned mask = 1; mask < 4; mask++) {
        Unit u;
        SsTree ss(u, 4);
        ss.map(kIova, kHpa, 12, mask); /* R is bit 0, W bit 1, as in the answer */
        u.setSs(kSid, kPasid, ss, 4);
        u.start();
        const vtd_response resp = u.dma(kSid).pasid(kPasid).translation(kIova);
        EXPECT_EQ(resp.result, VTD_RESULT_OK);
        EXPECT_EQ(resp.attr & kRights, mask);
        EXPECT_EQ(resp.hpa, kHpa);
        EXPECT_FALSE(u.takeFault().valid) << "a success is not logged";
    }
}

TEST(Ats, PrivOnlyForPrivilegedRequestsWithPasid)
{
    Unit u;
    FsTree fs(u, 4);
    fs.map(kIova, kHpa, 12, kFsP); /* supervisor, read-only */
    uint64_t *c = u.device(kSid), *e = u.setFs(kSid, kPasid, fs, 3);
    vtd_pasid_entry_set_sre(e, 1);
    vtd_pasid_entry_set_sre(u.setFs(kSid, 0, fs, 3), 1);
    vtd_sm_context_set_rid_priv(c, 1);
    u.start();
    vtd_response resp = u.dma(kSid).pasid(kPasid).priv().translation(kIova);
    EXPECT_EQ(resp.attr & (kRights | VTD_ATTR_PRIV), kRights | VTD_ATTR_PRIV) << "WPE=0: a supervisor may write";
    vtd_pasid_entry_set_wpe(e, 1);
    u.invalidateAll();
    resp = u.dma(kSid).pasid(kPasid).priv().translation(kIova);
    EXPECT_EQ(resp.attr & (kRights | VTD_ATTR_PRIV), VTD_ATTR_R | VTD_ATTR_PRIV);
    resp = u.dma(kSid).pasid(kPasid).translation(kIova);
    EXPECT_EQ(resp.attr & (kRights | VTD_ATTR_PRIV), 0u) << "a user has no right";
    resp = u.dma(kSid).translation(kIova);
    EXPECT_EQ(resp.attr & (kRights | VTD_ATTR_PRIV), kRights) << "RID_PRIV gives the rights, not the bit";
    vtd_pasid_entry_set_sre(e, 0);
    u.invalidateAll();
    resp = u.dma(kSid).pasid(kPasid).priv().translation(kIova);
    EXPECT_TRUE(answered(resp, VTD_RESULT_OK, VTD_FAULT_SPT_6));
    EXPECT_EQ(resp.attr & kRights, 0u) << "R=W=0 with SRE=0";
}

TEST(Ats, BitsThatAreAlwaysZero)
{
    Unit u;
    FsTree fs(u, 4);
    *fs.map(kIova, kHpa) |= bit(VTD_FS_ENTRY_G_LSB);
    u.setFs(kSid, kPasid, fs, 3);
    u.start();
    EXPECT_EQ(u.dma(kSid).pasid(kPasid).translation(kIova).attr & (VTD_ATTR_X | VTD_ATTR_GLOBAL | VTD_ATTR_U), 0);
}

/* N: no-snoop is allowed unless PGSNP or the leaf's SNP asks for snooping. */
TEST(Ats, NoSnoopIsAllowedUnlessSomethingSnoops)
{
    for (unsigned mask = 0; mask < 4; mask++) {
        const bool pgsnp = mask & 1, snp = mask & 2;
        Unit u;
        SsTree ss(u, 4);
        ss.map(kIova, kHpa, 12, kSsR | kSsW | (snp ? kSsSnp : 0));
        vtd_pasid_entry_set_pgsnp(u.setSs(kSid, kPasid, ss, 4), pgsnp);
        u.start();
        EXPECT_EQ((u.dma(kSid).pasid(kPasid).translation(kIova).attr & VTD_ATTR_NO_SNOOP) != 0, !pgsnp && !snp) << mask;
    }
}

/* ref 4.7, 7.2: without NW it counts as a read and a write; NW needs NWFS. */
TEST(Ats, DirtyIsSetUnlessNoWriteIsHonoured)
{
    for (const bool nwfs : {false, true}) {
        for (const bool nw : {false, true}) {
            SCOPED_TRACE(testing::Message() << "NWFS " << nwfs << " NW " << nw);
            vtd_config config = preset();
            setEcap(config, VTD_FIELD_OF(ECAP, NWFS), nwfs);
            Unit u(config);
            SsTree ss(u, 4);
            FsTree fs(u, 4, ss);
            fs.map(kIova, kIova);
            ss.map(kIova, kHpa);
            vtd_pasid_entry_set_ssade(u.setNested(kSid, kPasid, fs, ss, 4), 1);
            u.start();
            const vtd_response resp = u.dma(kSid).pasid(kPasid).noWrite(nw).translation(kIova);
            const bool reads_only = nwfs && nw;
            EXPECT_EQ(resp.attr & kRights, reads_only ? unsigned{VTD_ATTR_R} : kRights);
            EXPECT_NE(*fs.entry(kIova, 1) & kFsA, 0u);
            EXPECT_NE(*ss.entry(kIova, 1) & kSsA, 0u);
            EXPECT_EQ((*fs.entry(kIova, 1) & kFsD) != 0, !reads_only);
            EXPECT_EQ((*ss.entry(kIova, 1) & kSsD) != 0, !reads_only);
        }
    }
}

TEST(Ats, APageThatMayNotBeWrittenIsNotMadeDirty)
{
    Unit u;
    FsTree fs(u, 4);
    fs.map(kIova, kHpa, 12, kFsP | kFsUs);
    u.setFs(kSid, kPasid, fs, 3);
    u.start();
    EXPECT_EQ(u.dma(kSid).pasid(kPasid).translation(kIova).attr & kRights, unsigned{VTD_ATTR_R});
    EXPECT_EQ(*fs.entry(kIova, 1) & (kFsA | kFsD), kFsA);
}

/* A read first, then a translation request: the cached clean entry does not excuse from the dirty bit. */
TEST(Ats, ATranslationRequestAfterAReadSetsDirty)
{
    Unit u;
    FsTree fs(u, 4);
    fs.map(kIova, kHpa);
    u.setFs(kSid, kPasid, fs, 3);
    u.start();
    EXPECT_TRUE(translated(u.dma(kSid).pasid(kPasid).read(kIova), kHpa));
    EXPECT_EQ(*fs.entry(kIova, 1) & kFsD, 0u);
    EXPECT_EQ(u.dma(kSid).pasid(kPasid).noWrite().translation(kIova).attr & kRights, unsigned{VTD_ATTR_R});
    EXPECT_EQ(*fs.entry(kIova, 1) & kFsD, 0u);
    EXPECT_EQ(u.dma(kSid).pasid(kPasid).translation(kIova).attr & kRights, kRights);
    EXPECT_NE(*fs.entry(kIova, 1) & kFsD, 0u);
}

/* The IOTLB may not serve a translation request that the context entry forbids (ref 4.2 step 6). */
TEST(Ats, NeedsDteAlsoWhenThePageIsCached)
{
    Unit u;
    FsTree fs(u, 4);
    fs.map(kIova, kHpa);
    uint64_t *c = u.device(kSid);
    vtd_sm_context_set_dte(c, 0);
    vtd_sm_context_set_pre(c, 0);
    u.setFs(kSid, kPasid, fs, 3);
    u.start();
    EXPECT_TRUE(translated(u.dma(kSid).pasid(kPasid).read(kIova), kHpa));
    EXPECT_TRUE(answered(u.dma(kSid).pasid(kPasid).translation(kIova), VTD_RESULT_UR, VTD_FAULT_SCT_5));
}

TEST(Ats, PassThroughAnswersTheAddressItself)
{
    Unit u;
    u.setPassThrough(kSid, kPasid, 3);
    u.start();
    const uint64_t addr = UINT64_C(0x123456789000);
    const vtd_response resp = u.dma(kSid).pasid(kPasid).translation(addr);
    EXPECT_EQ(resp.result, VTD_RESULT_OK);
    EXPECT_EQ(resp.attr & kRights, kRights);
    EXPECT_EQ(resp.hpa, addr & ~(bit(resp.page_shift) - 1)) << "a region of any size around it (ref 7.2)";
    EXPECT_GE(resp.page_shift, 12);
}

/* ref 4.2 step 7: forwarded as they are; nothing of the PASID tables is read. */
TEST(Ats, TranslatedRequestsPassAsTheyAre)
{
    Unit u(withoutCaches());
    u.device(kSid);
    u.start();
    for (uint64_t addr : {UINT64_C(0), UINT64_C(0x12345000), bit(46) - 8}) {
        for (vtd_access access : {VTD_READ, VTD_WRITE, VTD_ATOMIC})
            EXPECT_TRUE(translated(u.dma(kSid).translated(addr, access), addr));
    }
    const vtd_stats stats = u.stats();
    EXPECT_EQ(stats.memory_reads_pasid_dir + stats.memory_reads_pasid_entry + stats.memory_reads_fs +
                  stats.memory_reads_ss,
              0u);
    EXPECT_GT(stats.memory_reads_context, 0u);
}

TEST(Ats, TranslatedRequestsWithPasidNeedEptr)
{
    vtd_config config = preset();
    setEcap(config, VTD_FIELD_OF(ECAP, PTRS), 1);
    Unit u(config);
    uint64_t *c = u.device(kSid);
    u.start();
    EXPECT_TRUE(blocked(u.dma(kSid).pasid(kPasid).translated(0x1000), VTD_FAULT_SCT_10));
    vtd_sm_context_set_eptr(c, 1);
    u.invalidateAll();
    EXPECT_TRUE(translated(u.dma(kSid).pasid(kPasid).translated(0x1000), 0x1000));
    EXPECT_TRUE(translated(u.dma(kSid).translated(0x1000), 0x1000)) << "without PASID as ever";
}

/* Legacy mode: TT=1 serves both kinds (ref 2.1, 4.2). */
TEST(Ats, LegacyModeNeedsTranslationType1)
{
    for (unsigned tt = 0; tt < 3; tt++) {
        Unit u;
        SsTree ss(u, 4);
        ss.map(kIova, kHpa, 12, kSsR);
        u.setLegacy(kSid, ss, 3, tt);
        u.start(VTD_TTM_LEGACY);
        if (tt == 1) {
            const vtd_response resp = u.dma(kSid).translation(kIova);
            EXPECT_EQ(resp.result, VTD_RESULT_OK);
            EXPECT_EQ(resp.hpa, kHpa);
            EXPECT_EQ(resp.attr & kRights, unsigned{VTD_ATTR_R});
            EXPECT_TRUE(translated(u.dma(kSid).translated(kHpa), kHpa));
        } else {
            EXPECT_TRUE(answered(u.dma(kSid).translation(kIova), VTD_RESULT_UR, VTD_FAULT_LCT_5));
            EXPECT_TRUE(answered(u.dma(kSid).translated(kHpa), VTD_RESULT_UR, VTD_FAULT_LCT_5));
        }
    }
}

} // namespace vtdtest
