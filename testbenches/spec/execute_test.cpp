/* SPDX-License-Identifier: MIT */
/*
 * Execute requests of revisions 3 and 4 (ref 0.1, 0.2): what may be fetched by whom, what the caches keep of it, and
 * that a unit of revision 5 knows nothing of all this.
 */
#include "support/unit_fixture.h"

namespace vtdtest
{

namespace
{

constexpr uint64_t kIova = 0x40201000, kGpa = 0x60605000, kHpa = 0x80a0b000, kXd = bit(63), kSsX = bit(2);
constexpr uint32_t kPasid = 5;
constexpr unsigned kSlee = 5, kEre = 129, kNxe = 133, kSmep = 134; /* bits of a PASID entry (ref 0.1) */

vtd_config executing(unsigned revision = 4)
{
    vtd_config config = atRevision(revision);
    setEcap(config, VTD_FIELD_OF(ECAP, ERS), 1);
    return config;
}

/* kIova for kPasid, through a first stage, a second stage or both. */
struct Page {
    enum Kind {
        First,
        Second,
        Nested
    };
    explicit Page(Kind kind, const vtd_config &config = executing()) : u(config)
    {
        if (kind != First)
            ss = std::make_unique<SsTree>(u, 4, kSsR | kSsW | kSsX);
        if (kind == Nested) {
            fs = std::make_unique<FsTree>(u, 4, *ss);
            fs->map(kIova, kGpa);
            ss->map(kGpa, kHpa, 12, kSsR | kSsW | kSsX);
            entry = u.setNested(kSid, kPasid, *fs, *ss, 4);
        } else if (kind == First) {
            fs = std::make_unique<FsTree>(u, 4);
            fs->map(kIova, kHpa);
            entry = u.setFs(kSid, kPasid, *fs, 3);
        } else {
            ss->map(kIova, kHpa, 12, kSsR | kSsW | kSsX);
            entry = u.setSs(kSid, kPasid, *ss, 4);
        }
        vtd_pasid_entry_set_sre(entry, 1);
        u.setRootTable(VTD_TTM_SCALABLE);
        u.enableQueue();
        u.enable();
    }
    void set(unsigned n, bool on = true)
    {
        entry[n / 64] = (entry[n / 64] & ~bit(n % 64)) | (on ? bit(n % 64) : 0);
    }
    vtd_response fetch(bool priv = false, uint64_t iova = kIova)
    {
        return u.dma(kSid).pasid(kPasid).priv(priv).exec(iova);
    }
    vtd_response read(bool priv = false, uint64_t iova = kIova)
    {
        return u.dma(kSid).pasid(kPasid).priv(priv).read(iova);
    }
    vtd_response translation(bool exec, bool priv = false)
    {
        Dma dma = u.dma(kSid).pasid(kPasid).priv(priv).at(VTD_AT_TRANSLATION);
        return dma.access(exec ? VTD_EXEC : VTD_READ).go(kIova);
    }

    Unit u;
    std::unique_ptr<SsTree> ss;
    std::unique_ptr<FsTree> fs;
    uint64_t *entry = nullptr;
};

} // namespace

/* ---------------------------------------------------------------- what may be fetched (ref 0.2) */

/* Every combination, against the sentences of ref 0.2. The entries of the walk are numbered by level, 4 to 1; 0: none. */
TEST(Execute, FirstStageByEveryCombination)
{
    for (unsigned n = 0; n < 2 * 2 * 2 * 5 * 5; n++) {
        const bool priv = n & 1, nxe = n & 2, smep = n & 4;
        const unsigned xd_at = n / 8 % 5, supervisor_at = n / 40;
        Page p(Page::First);
        p.set(kEre);
        p.set(kNxe, nxe);
        p.set(kSmep, smep);
        if (xd_at)
            *p.fs->entry(kIova, xd_at) |= kXd;
        if (supervisor_at)
            *p.fs->entry(kIova, supervisor_at) &= ~kFsUs;
        unsigned reason = 0;
        if (!nxe && xd_at)
            reason = VTD_FAULT_SFS_3; /* XD is reserved */
        else if (!priv && supervisor_at)
            reason = VTD_FAULT_SGN_2;
        else if (nxe && xd_at)
            reason = VTD_FAULT_SGN_3;
        else if (priv && smep && !supervisor_at)
            reason = VTD_FAULT_SGN_3;
        SCOPED_TRACE(testing::Message() << "priv " << priv << " NXE " << nxe << " SMEP " << smep << " XD at " << xd_at
                                        << " U/S=0 at " << supervisor_at);
        const vtd_response resp = p.fetch(priv);
        if (reason == 0) {
            EXPECT_TRUE(translated(resp, kHpa, 12));
            EXPECT_TRUE(resp.attr & VTD_ATTR_X);
        } else {
            EXPECT_TRUE(blocked(resp, reason));
            const Fault f = p.u.takeFault();
            EXPECT_TRUE(f.valid && f.reason == reason && f.exe && f.pp && f.priv == priv && f.type == kFaultRead);
        }
    }
}

TEST(Execute, SecondStageByEveryCombination)
{
    for (Page::Kind kind : {Page::Second, Page::Nested}) {
        for (unsigned n = 0; n < 2 * 5 * 5; n++) {
            const bool slee = n & 1;
            const unsigned x_clear_at = n / 2 % 5, r_clear_at = n / 10;
            Page p(kind);
            p.set(kEre);
            p.set(kSlee, slee);
            const uint64_t input = kind == Page::Nested ? kGpa : kIova;
            if (x_clear_at)
                *p.ss->entry(input, x_clear_at) &= ~kSsX;
            if (r_clear_at && (kind == Page::Second || r_clear_at == 1)) /* else it hides the first-stage tables */
                *p.ss->entry(input, r_clear_at) &= ~kSsR;
            else if (r_clear_at)
                continue;
            SCOPED_TRACE(testing::Message() << "kind " << kind << " SLEE " << slee << " X=0 at " << x_clear_at
                                            << " R=0 at " << r_clear_at);
            for (bool priv : {false, true}) {
                const bool allowed = !r_clear_at && !(slee && x_clear_at);
                if (allowed)
                    EXPECT_TRUE(translated(p.fetch(priv), kHpa, 12));
                else
                    EXPECT_TRUE(blocked(p.fetch(priv), VTD_FAULT_SGN_3));
            }
        }
    }
}

TEST(Execute, NestedNeedsBothStages)
{
    for (unsigned n = 0; n < 4; n++) {
        Page p(Page::Nested);
        p.set(kEre);
        p.set(kNxe);
        p.set(kSlee);
        if (n & 1)
            *p.fs->entry(kIova, 1) |= kXd;
        if (n & 2)
            *p.ss->entry(kGpa, 1) &= ~kSsX;
        if (n == 0)
            EXPECT_TRUE(translated(p.fetch(), kHpa, 12));
        else
            EXPECT_TRUE(blocked(p.fetch(), VTD_FAULT_SGN_3)) << n;
        EXPECT_TRUE(translated(p.read(), kHpa, 12)) << n << ": data accesses do not care";
    }
}

/* X of the second-stage entries that lead to first-stage tables does not matter: they are read, not fetched. */
TEST(Execute, TablesNeedNoExecuteRight)
{
    Page p(Page::Nested);
    p.set(kEre);
    p.set(kSlee);
    *p.ss->entry(p.fs->rootAddress(), 1) &= ~kSsX;
    EXPECT_TRUE(translated(p.fetch(), kHpa, 12));
}

TEST(Execute, PassThroughChecksNothingButEre)
{
    Unit u(executing());
    uint64_t *entry = u.setPassThrough(kSid, kPasid, 3);
    u.start();
    EXPECT_TRUE(blocked(u.dma(kSid).pasid(kPasid).exec(kIova), VTD_FAULT_SPT_5));
    entry[2] |= bit(kEre - 128);
    u.invalidateAll();
    EXPECT_TRUE(translated(u.dma(kSid).pasid(kPasid).exec(kIova), kIova));
}

/* ---------------------------------------------------------------- SPT.5 and what is reserved */

TEST(Execute, NeedsErsAndEre)
{
    for (unsigned revision : {3u, 4u, 5u}) {
        for (bool ers : {false, true}) {
            if (ers && revision == 5)
                continue; /* not to be had */
            Page p(Page::First, ers ? executing(revision) : atRevision(revision));
            EXPECT_TRUE(blocked(p.fetch(), VTD_FAULT_SPT_5)) << revision;
            p.set(kEre);
            p.u.invalidateAll();
            if (ers)
                EXPECT_TRUE(translated(p.fetch(), kHpa, 12)) << revision;
            else
                EXPECT_TRUE(blocked(p.fetch(), VTD_FAULT_SPT_3)) << revision << ": ERE is reserved";
        }
    }
}

TEST(Execute, EreIsAskedBeforeSre)
{
    Page p(Page::First);
    vtd_pasid_entry_set_sre(p.entry, 0);
    EXPECT_TRUE(blocked(p.fetch(true), VTD_FAULT_SPT_5));
    p.set(kEre);
    p.u.invalidateAll();
    EXPECT_TRUE(blocked(p.fetch(true), VTD_FAULT_SPT_6));
}

TEST(Execute, SleeIsReservedWithoutErs)
{
    for (unsigned revision : {3u, 4u, 5u}) {
        Page without(Page::Second, atRevision(revision));
        without.set(kSlee);
        EXPECT_TRUE(blocked(without.read(), VTD_FAULT_SPT_3)) << revision;
    }
    Page with(Page::Second);
    with.set(kSlee);
    EXPECT_TRUE(translated(with.read(), kHpa, 12));
}

/* NXE, SMEP, XD and X mean nothing to a unit without ERS, of whatever revision. */
TEST(Execute, BitsAreIgnoredWithoutErs)
{
    for (unsigned revision : {3u, 4u, 5u}) {
        for (bool nxe : {false, true}) {
            Page p(Page::Nested, atRevision(revision));
            p.set(kNxe, nxe);
            p.set(kSmep);
            for (unsigned level = 1; level <= 4; level++)
                *p.fs->entry(kIova, level) |= kXd;
            *p.ss->entry(kGpa, 1) &= ~kSsX;
            for (bool priv : {false, true})
                EXPECT_TRUE(translated(p.read(priv), kHpa, 12)) << revision;
        }
    }
}

/* Reads, too, meet the reserved XD. */
TEST(Execute, XdIsReservedWithoutNxe)
{
    for (unsigned level = 1; level <= 4; level++) {
        Page p(Page::First);
        *p.fs->entry(kIova, level) |= kXd;
        EXPECT_TRUE(blocked(p.read(), VTD_FAULT_SFS_3)) << level;
        p.set(kNxe);
        p.u.invalidateAll();
        EXPECT_TRUE(translated(p.read(), kHpa, 12)) << level;
    }
}

TEST(Execute, VersionEightDoesNotGoWithErs)
{
    vtd_config config = executing();
    char why[VTD_WHY_SIZE];
    config.version = 0x70;
    EXPECT_EQ(vtd_config_validate(&config, why), VTD_STATUS_OK) << why;
    config.version = 0x80;
    EXPECT_EQ(vtd_config_validate(&config, why), VTD_STATUS_INVALID);
    EXPECT_NE(std::string(why).find("ECAP.ERS"), std::string::npos) << why;
}

/* ---------------------------------------------------------------- caches (ref 6.1) */

TEST(Execute, FetchesAndReadsShareAnIotlbEntry)
{
    Page p(Page::First);
    p.set(kEre);
    EXPECT_TRUE(translated(p.read(), kHpa, 12));
    const vtd_stats before = p.u.stats();
    EXPECT_TRUE(translated(p.fetch(), kHpa, 12));
    EXPECT_EQ(p.u.stats().iotlb_hit, before.iotlb_hit + 1);
    EXPECT_EQ(p.u.stats().memory_reads, before.memory_reads);
    EXPECT_FALSE(p.read().attr & VTD_ATTR_X) << "told to those who ask";
}

TEST(Execute, CachedPagesStillRefuse)
{
    Page p(Page::First);
    p.set(kEre);
    p.set(kNxe);
    *p.fs->entry(kIova, 1) |= kXd;
    for (unsigned i = 0; i < 2; i++) {
        EXPECT_TRUE(translated(p.read(), kHpa, 12));
        EXPECT_TRUE(blocked(p.fetch(), VTD_FAULT_SGN_3));
    }
}

TEST(Execute, CachedRightsStayApartForUserAndSupervisor)
{
    Page p(Page::First);
    p.set(kEre);
    p.set(kSmep);
    for (unsigned i = 0; i < 2; i++) {
        EXPECT_TRUE(translated(p.fetch(false), kHpa, 12));
        EXPECT_TRUE(translated(p.read(true), kHpa, 12));
        EXPECT_TRUE(blocked(p.fetch(true), VTD_FAULT_SGN_3));
    }
}

/* The walk of a neighbour has left the inner entries in the paging-structure caches. */
TEST(Execute, InnerEntriesForbidAlsoFromTheirCache)
{
    constexpr uint64_t kNext = kIova + 0x1000;
    for (Page::Kind kind : {Page::First, Page::Second}) {
        Page p(kind);
        p.set(kEre);
        p.set(kNxe);
        p.set(kSlee);
        if (kind == Page::First) {
            p.fs->map(kNext, kHpa + 0x1000);
            *p.fs->entry(kIova, 3) |= kXd;
        } else {
            p.ss->map(kNext, kHpa + 0x1000, 12, kSsR | kSsX);
            *p.ss->entry(kIova, 3) &= ~kSsX;
        }
        EXPECT_TRUE(translated(p.read(), kHpa, 12));
        const vtd_stats before = p.u.stats();
        EXPECT_TRUE(blocked(p.fetch(false, kNext), VTD_FAULT_SGN_3));
        EXPECT_EQ(p.u.stats().memory_reads, before.memory_reads + 1) << "the leaf alone was read";
    }
}

/* The paging-structure cache is shared by devices with the same domain and PASID; NXE is their own. */
TEST(Execute, AnInnerXdThatIsCachedIsStillReservedForOthers)
{
    constexpr uint16_t kOther = kSid + 1;
    Page p(Page::First);
    p.set(kNxe);
    p.u.setFs(kOther, kPasid, *p.fs, 3);
    *p.fs->entry(kIova, 2) |= kXd;
    EXPECT_TRUE(translated(p.read(), kHpa, 12));
    EXPECT_TRUE(blocked(p.u.dma(kOther).pasid(kPasid).read(kIova), VTD_FAULT_SFS_3));
}

/* ---------------------------------------------------------------- translation requests (ref 7.2) */

TEST(Execute, CompletionsTellTheRightToThoseWhoAsk)
{
    Page p(Page::First);
    p.set(kEre);
    p.set(kNxe);
    for (unsigned i = 0; i < 2; i++) { /* by a walk, by the IOTLB */
        const vtd_response asked = p.translation(true), not_asked = p.translation(false);
        EXPECT_EQ(asked.result, VTD_RESULT_OK);
        EXPECT_EQ(asked.attr & 7, VTD_ATTR_R | VTD_ATTR_W | VTD_ATTR_X);
        EXPECT_EQ(not_asked.attr & 7, VTD_ATTR_R | VTD_ATTR_W);
    }
    *p.fs->entry(kIova, 1) |= kXd;
    p.u.invalidateAll();
    for (unsigned i = 0; i < 2; i++) {
        const vtd_response asked = p.translation(true);
        EXPECT_EQ(asked.result, VTD_RESULT_OK);
        EXPECT_EQ(asked.attr & 7, VTD_ATTR_R | VTD_ATTR_W);
        EXPECT_EQ(asked.hpa, kHpa);
    }
    EXPECT_FALSE(p.u.takeFault().valid) << "a shaped answer is not logged";
}

TEST(Execute, CompletionsWithoutEreGrantNothing)
{
    for (unsigned revision : {4u, 5u}) {
        Page p(Page::First, revision == 4 ? executing() : preset());
        const vtd_response resp = p.translation(true);
        EXPECT_TRUE(answered(resp, VTD_RESULT_OK, VTD_FAULT_SPT_5)) << revision;
        EXPECT_EQ(resp.attr & 7, 0) << revision;
    }
}

} // namespace vtdtest
