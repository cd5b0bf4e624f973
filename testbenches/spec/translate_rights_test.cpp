/* SPDX-License-Identifier: MIT */
/*
 * Who may do what: first-stage rights of users and supervisors, second-stage rights over all levels, both together,
 * zero-length reads, rights in IR and IW, and the snoop attribute of what passes (ref 4.3 to 4.5, 4.8).
 */
#include "support/unit_fixture.h"

namespace vtdtest
{

namespace
{

constexpr uint32_t kPasid = 5;
constexpr uint64_t kIova = 0x1000, kHpa = 0x200000;

/* As plain numbers, for use in expressions. */
constexpr unsigned kPasses = 0, kSpt6 = VTD_FAULT_SPT_6, kSss2 = VTD_FAULT_SSS_2, kSss3 = VTD_FAULT_SSS_3,
                   kSgn2 = VTD_FAULT_SGN_2, kSgn6 = VTD_FAULT_SGN_6, kSgn7 = VTD_FAULT_SGN_7, kLgn2 = VTD_FAULT_LGN_2,
                   kLgn3 = VTD_FAULT_LGN_3;

/* What a request of the kind meets; 0 if it passes. */
unsigned meets(Unit &u, vtd_access access, bool priv = false, unsigned length = 8)
{
    const vtd_response resp = u.dma(kSid).pasid(kPasid).priv(priv).access(access).length(length).go(kIova);
    EXPECT_EQ(resp.result, resp.fault ? VTD_RESULT_UR : VTD_RESULT_OK);
    if (resp.fault == 0) {
        EXPECT_EQ(resp.hpa, kHpa);
    }
    return resp.fault;
}

} // namespace

/* The table of ref 4.3, with the missing right on every level in turn. */
TEST(Rights, FirstStage)
{
    for (unsigned level = 1; level <= 4; level++) {
        for (unsigned mask = 0; mask < 8; mask++) {
            const bool us = mask & 1, rw = mask & 2, wpe = mask & 4;
            SCOPED_TRACE(testing::Message() << "level " << level << " US " << us << " RW " << rw << " WPE " << wpe);
            Unit u(withoutCaches());
            FsTree fs(u, 4);
            fs.map(kIova, kHpa);
            uint64_t *e = u.setFs(kSid, kPasid, fs, 3);
            vtd_pasid_entry_set_sre(e, 1);
            vtd_pasid_entry_set_wpe(e, wpe);
            vtd_fs_entry_set_us(fs.entry(kIova, level), us);
            vtd_fs_entry_set_rw(fs.entry(kIova, level), rw);
            u.start();
            const unsigned user_read = us ? kPasses : kSgn2, user_write = !us ? kSgn2 : rw ? kPasses : kSgn6;
            const unsigned super_write = !wpe || rw ? kPasses : kSgn6;
            EXPECT_EQ(meets(u, VTD_READ), user_read);
            EXPECT_EQ(meets(u, VTD_READ, false, 0), user_read);
            EXPECT_EQ(meets(u, VTD_WRITE), user_write);
            EXPECT_EQ(meets(u, VTD_ATOMIC), user_write);
            EXPECT_EQ(meets(u, VTD_READ, true), kPasses);
            EXPECT_EQ(meets(u, VTD_WRITE, true), super_write);
            EXPECT_EQ(meets(u, VTD_ATOMIC, true), super_write);
        }
    }
}

/* XD is ignored in revision 5 (ref 0.1). */
TEST(Rights, ExecuteDisableAndGlobalAreIgnored)
{
    Unit u;
    FsTree fs(u, 4);
    *fs.map(kIova, kHpa) |= bit(VTD_FS_ENTRY_XD_LSB) | bit(VTD_FS_ENTRY_G_LSB) | bit(52) | bit(62) | bit(11) | bit(9);
    for (unsigned level = 2; level <= 4; level++)
        *fs.entry(kIova, level) |= bit(VTD_FS_ENTRY_XD_LSB) | bit(62) | bit(11) | bit(9) | bit(8) | bit(6);
    u.setFs(kSid, kPasid, fs, 3);
    u.start();
    EXPECT_EQ(meets(u, VTD_READ), kPasses);
    EXPECT_EQ(meets(u, VTD_WRITE), kPasses);
}

/* Rights `above` on level `upper`, `below` in the leaf; R is bit 0, W bit 1. */
static void expectTheAnd(bool legacy, unsigned upper, uint64_t above, uint64_t below)
{
    SCOPED_TRACE(testing::Message() << "level " << upper << " " << above << ", leaf " << below
                                    << (legacy ? " legacy" : ""));
    Unit u(withoutCaches());
    SsTree ss(u, 4);
    ss.map(kIova, kHpa, 12, below);
    *ss.entry(kIova, upper) = (*ss.entry(kIova, upper) & ~(kSsR | kSsW)) | above;
    if (legacy)
        u.setLegacy(kSid, ss, 3);
    else
        u.setSs(kSid, kPasid, ss, 3);
    u.start(legacy ? VTD_TTM_LEGACY : VTD_TTM_SCALABLE);
    const auto send = [&](vtd_access access) {
        Dma dma(u, kSid);
        if (!legacy)
            dma.pasid(kPasid);
        return unsigned{dma.access(access).go(kIova).fault};
    };
    const uint64_t left = above & below;
    const unsigned no_write = legacy ? kLgn2 : kSgn6;
    const unsigned no_read = legacy ? kLgn3 : kSgn7;
    const auto expected = [&](bool read, bool write) -> unsigned {
        if (left == 0 && !legacy)
            return kSss2;
        if (write && !(left & kSsW))
            return no_write;
        return read && !(left & kSsR) ? no_read : 0;
    };
    EXPECT_EQ(send(VTD_READ), expected(true, false));
    EXPECT_EQ(send(VTD_WRITE), expected(false, true));
    EXPECT_EQ(send(VTD_ATOMIC), expected(true, true));
}

/* ref 4.4: the AND over all levels. Pairs of levels, all rights on each. */
TEST(Rights, SecondStageIsTheAndOverAllLevels)
{
    for (const bool legacy : {false, true})
        for (unsigned upper = 2; upper <= 4; upper++)
            for (unsigned mask = 0; mask < 16; mask++)
                expectTheAnd(legacy, upper, mask & 3, mask >> 2);
}

TEST(Rights, SecondStageDoesNotKnowSupervisors)
{
    Unit u;
    SsTree ss(u, 4);
    ss.map(kIova, kHpa, 12, kSsR);
    vtd_pasid_entry_set_sre(u.setSs(kSid, kPasid, ss, 3), 1);
    u.start();
    EXPECT_EQ(meets(u, VTD_READ, true), kPasses);
    EXPECT_EQ(meets(u, VTD_WRITE, true), kSgn6);
}

/* ref 4.5: final rights are first-stage rights AND second-stage rights. */
TEST(Rights, NestedIsTheAndOfBothStages)
{
    for (unsigned mask = 0; mask < 8; mask++) {
        const bool rw = mask & 1, r = mask & 2, w = mask & 4;
        SCOPED_TRACE(testing::Message() << "RW " << rw << " R " << r << " W " << w);
        Unit u(withoutCaches());
        SsTree ss(u, 4);
        FsTree fs(u, 4, ss);
        fs.map(kIova, 0x5000, 12, kFsP | kFsUs | (rw ? kFsRw : 0));
        ss.map(0x5000, kHpa, 12, (r ? kSsR : 0) | (w ? kSsW : 0));
        u.setNested(kSid, kPasid, fs, ss, 3);
        u.start();
        const auto expected = [&](bool read, bool write) -> unsigned {
            if (!r && !w)
                return kSss2;
            if (write && !(rw && w))
                return kSgn6;
            return read && !r ? kSgn7 : 0;
        };
        EXPECT_EQ(meets(u, VTD_READ), expected(true, false));
        EXPECT_EQ(meets(u, VTD_WRITE), expected(false, true));
        EXPECT_EQ(meets(u, VTD_ATOMIC), expected(true, true));
    }
}

/* ref 1.2 ZLR, 4.4. */
TEST(Rights, ZeroLengthReadOfAWriteOnlyPageDependsOnZlr)
{
    for (const bool zlr : {false, true}) {
        for (const bool caches : {false, true}) {
            vtd_config config = caches ? preset() : withoutCaches();
            setCap(config, VTD_FIELD_OF(CAP, ZLR), zlr);
            Unit u(config);
            SsTree ss(u, 4);
            ss.map(kIova, kHpa, 12, kSsW);
            u.setSs(kSid, kPasid, ss, 3);
            u.start();
            for (unsigned i = 0; i < 2; i++) {
                EXPECT_EQ(meets(u, VTD_READ, false, 0), zlr ? kPasses : kSgn7);
                EXPECT_EQ(meets(u, VTD_READ, false, 1), kSgn7) << "one byte is not zero";
                EXPECT_EQ(meets(u, VTD_WRITE), kPasses);
            }
            *ss.entry(kIova, 1) = kHpa | kSsR;
            u.invalidateAll();
            EXPECT_EQ(meets(u, VTD_READ, false, 0), kPasses) << "a readable page serves it anyway";
            *ss.entry(kIova, 1) = kHpa;
            u.invalidateAll();
            EXPECT_EQ(meets(u, VTD_READ, false, 0), kSss2) << "a page without rights never does";
        }
    }
}

TEST(Rights, ZeroLengthReadInLegacyMode)
{
    for (const bool zlr : {false, true}) {
        vtd_config config = preset();
        setCap(config, VTD_FIELD_OF(CAP, ZLR), zlr);
        Unit u(config);
        SsTree ss(u, 4);
        ss.map(kIova, kHpa, 12, kSsW);
        u.setLegacy(kSid, ss, 3);
        u.start(VTD_TTM_LEGACY);
        EXPECT_EQ(u.dma(kSid).zeroLengthRead(kIova).fault, zlr ? kPasses : kLgn3);
    }
}

/* ref 1.5, 2.7: with SSIRWE the rights are bits 61 and 62, and bits 0 and 1 are ignored. */
TEST(Rights, SsirweTakesRightsFromIrAndIw)
{
    vtd_config config = preset();
    setEcap(config, VTD_FIELD_OF(ECAP, SSIRWS), 1);
    for (unsigned mask = 0; mask < 16; mask++) {
        const bool ir = mask & 1, iw = mask & 2;
        const uint64_t ignored = mask >> 2;
        SCOPED_TRACE(mask);
        Unit u(config);
        SsTree ss(u, 4, kSsIr | kSsIw);
        ss.map(kIova, kHpa, 12, (ir ? kSsIr : 0) | (iw ? kSsIw : 0) | ignored);
        u.setSs(kSid, kPasid, ss, 3);
        u.start(VTD_TTM_SCALABLE, true);
        EXPECT_EQ(meets(u, VTD_READ), !ir && !iw ? kSss2 : ir ? kPasses : kSgn7);
        EXPECT_EQ(meets(u, VTD_WRITE), !ir && !iw ? kSss2 : iw ? kPasses : kSgn6);
    }
    /* Without it: IR is ignored, IW is reserved. */
    Unit u(config);
    SsTree ss(u, 4);
    uint64_t *leaf = ss.map(kIova, kHpa, 12, kSsR | kSsIr);
    u.setSs(kSid, kPasid, ss, 3);
    u.start();
    EXPECT_EQ(meets(u, VTD_READ), kPasses);
    EXPECT_EQ(meets(u, VTD_WRITE), kSgn6);
    *leaf |= kSsIw;
    u.invalidateAll();
    EXPECT_EQ(meets(u, VTD_READ), kSss3);
}

/* ref 4.1: privilege of requests without PASID is RID_PRIV. */
TEST(Rights, RidPrivGivesPrivilegeToRequestsWithoutPasid)
{
    for (const bool rid_priv : {false, true}) {
        for (const bool sre : {false, true}) {
            Unit u;
            FsTree fs(u, 4);
            fs.map(kIova, kHpa, 12, kFsP); /* supervisor, read-only */
            uint64_t *c = u.device(kSid);
            vtd_pasid_entry_set_sre(u.setFs(kSid, 0, fs, 3), sre);
            vtd_sm_context_set_rid_priv(c, rid_priv);
            u.start();
            const unsigned expected = !rid_priv ? kSgn2 : sre ? kPasses : kSpt6;
            for (unsigned i = 0; i < 2; i++) { /* the second time from the caches */
                EXPECT_EQ(u.dma(kSid).read(kIova).fault, expected);
                EXPECT_EQ(u.dma(kSid).write(kIova).fault, expected) << "WPE=0";
            }
        }
    }
}

/* A privileged and an unprivileged request share an IOTLB entry, but not its rights. */
TEST(Rights, CachedRightsStayApartForUserAndSupervisor)
{
    for (const bool user_first : {false, true}) {
        Unit u;
        FsTree fs(u, 4);
        fs.map(kIova, kHpa, 12, kFsP | kFsRw); /* supervisor */
        vtd_pasid_entry_set_sre(u.setFs(kSid, kPasid, fs, 3), 1);
        u.start();
        for (unsigned i = 0; i < 4; i++) {
            const bool priv = (i & 1) == user_first;
            EXPECT_EQ(meets(u, VTD_READ, priv), priv ? kPasses : kSgn2) << i;
            EXPECT_EQ(meets(u, VTD_WRITE, priv), priv ? kPasses : kSgn2) << i;
        }
    }
    /* With SRE=0 a user's entry does not serve a privileged request. */
    Unit u;
    FsTree fs(u, 4);
    fs.map(kIova, kHpa);
    u.setFs(kSid, kPasid, fs, 3);
    u.start();
    EXPECT_EQ(meets(u, VTD_READ), kPasses);
    EXPECT_EQ(meets(u, VTD_READ, true), kSpt6);
}

/* ---------------------------------------------------------------- snooping of the final access, ref 4.8 */

TEST(Snoop, RequestPgsnpOrLeafSnp)
{
    for (unsigned mask = 0; mask < 8; mask++) {
        const bool no_snoop = mask & 1, pgsnp = mask & 2, snp = mask & 4;
        for (const bool nested : {false, true}) {
            SCOPED_TRACE(testing::Message()
                         << "no-snoop " << no_snoop << " PGSNP " << pgsnp << " SNP " << snp << " nested " << nested);
            Unit u;
            SsTree ss(u, 4);
            FsTree fs(u, 4, ss);
            fs.map(kIova, kIova);
            ss.map(kIova, kHpa, 12, kSsR | kSsW | (snp ? kSsSnp : 0));
            uint64_t *e = nested ? u.setNested(kSid, kPasid, fs, ss, 3) : u.setSs(kSid, kPasid, ss, 3);
            vtd_pasid_entry_set_pgsnp(e, pgsnp);
            u.start();
            for (unsigned i = 0; i < 3; i++) {
                const vtd_response resp = u.dma(kSid).pasid(kPasid).noSnoop(no_snoop).read(kIova);
                EXPECT_EQ((resp.attr & VTD_ATTR_SNOOP) != 0, !no_snoop || pgsnp || snp);
            }
        }
    }
}

TEST(Snoop, FirstStageAndPassThroughKnowPgsnpOnly)
{
    for (const bool pgsnp : {false, true}) {
        Unit u;
        FsTree fs(u, 4);
        fs.map(kIova, kHpa);
        vtd_pasid_entry_set_pgsnp(u.setFs(kSid, kPasid, fs, 3), pgsnp);
        vtd_pasid_entry_set_pgsnp(u.setPassThrough(kSid, 6, 3), pgsnp);
        u.start();
        for (uint32_t pasid : {kPasid, 6u}) {
            EXPECT_EQ((u.dma(kSid).pasid(pasid).noSnoop().read(kIova).attr & VTD_ATTR_SNOOP) != 0, pgsnp);
            EXPECT_NE(u.dma(kSid).pasid(pasid).read(kIova).attr & VTD_ATTR_SNOOP, 0);
        }
    }
}

} // namespace vtdtest
