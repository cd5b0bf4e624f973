/* SPDX-License-Identifier: MIT */
/* Entries that are read ahead of their PASIDs: they may not fault, write, go past their page, or go stale (ref 6.2, 6.3). */
#include "spec/pasid_design.h"

namespace vtdtest
{

using PasidPrefetch = PasidDesign;

/* Entries that are not present or not in order are looked at, and nothing comes of it; also in caching mode. */
TEST_F(PasidPrefetch, PrefetchNeverFaultsAndKeepsOnlyWhatIsInOrder)
{
    for (const bool caching_mode : {false, true}) {
        vtd_config config = configuration({64, 4, false, 4});
        setCap(config, VTD_FIELD_OF(CAP, CM), caching_mode);
        make(config, Unit::Observed);
        for (uint32_t pasid = 64; pasid < 72; pasid++)
            u->setFs(kSid, pasid, *fs[0], 1);
        vtd_pasid_entry_set_p(u->pasidEntry(kSid, 65), 0);
        u->pasidEntry(kSid, 66)[7] = 1; /* reserved */
        vtd_pasid_entry_set_pgtt(u->pasidEntry(kSid, 67), 7);
        u->start();
        u->accesses.clear();
        EXPECT_TRUE(reads(64));
        EXPECT_EQ(u->stats().pasid_prefetch_read, 4u);
        EXPECT_EQ(u->stats().pasid_prefetch_fill, 1u); /* 68 */
        EXPECT_EQ(u->stats().faults, 0u);
        EXPECT_FALSE(u->takeFault().valid);
        EXPECT_EQ(u->count(MemAccess::Write, VTD_MEM_PASID_ENTRY) + u->count(MemAccess::Cas, VTD_MEM_PASID_ENTRY), 0u);
        vtd_pasid_entry_set_p(u->pasidEntry(kSid, 65), 1); /* needs no invalidation: nobody asked for it (ref 6.5) */
        EXPECT_TRUE(reads(65));
        EXPECT_TRUE(blocked(read(66), VTD_FAULT_SPT_3));
        EXPECT_TRUE(blocked(read(67), VTD_FAULT_SPT_4));
        EXPECT_TRUE(reads(68));
        EXPECT_EQ(u->stats().pasid_prefetch_useful, 1u);
    }
}

TEST_F(PasidPrefetch, PrefetchOverAbsentMemoryIsNotNoticed)
{
    make(configuration({64, 4, false, 4}), Unit::Observed);
    for (uint32_t pasid = 64; pasid < 70; pasid++)
        u->setFs(kSid, pasid, *fs[0], 1);
    u->start();
    const uint64_t table = vtd_pasid_dir_smptblptr(u->pasidDir(kSid, 64)) << 12;
    u->fail = [=](const MemAccess &a) { return a.addr == table + 2 * 64; };
    EXPECT_TRUE(reads(64));
    EXPECT_EQ(u->stats().faults, 0u);
    EXPECT_TRUE(reads(65));
    EXPECT_TRUE(reads(67));
    EXPECT_EQ(u->stats().pasid_cache_hit, 2u);
    EXPECT_TRUE(blocked(read(66), VTD_FAULT_SPT_1));
}

/* The largest PASID of the unit ends what is read, and so does the page (ref 1.3 PSS, 2.4). */
TEST_F(PasidPrefetch, PrefetchEndsAtThePageAndAtTheLargestPasid)
{
    vtd_config config = configuration({256, 4, false, 63});
    setEcap(config, VTD_FIELD_OF(ECAP, PSS), 4); /* 5 bits: PASIDs 0 to 31 */
    make(config);
    for (uint32_t pasid = 1; pasid < 64; pasid++)
        u->setFs(kSid, pasid, *fs[0], 1);
    u->start();
    EXPECT_TRUE(reads(1));
    EXPECT_EQ(u->stats().pasid_prefetch_read, 30u);
    make(configuration({256, 4, false, 63}));
    for (uint32_t pasid = 64; pasid < 192; pasid++)
        u->setFs(kSid, pasid, *fs[0], 1);
    u->start();
    EXPECT_TRUE(reads(100));
    EXPECT_EQ(u->stats().pasid_prefetch_read, 27u); /* 101 to 127 */
    EXPECT_TRUE(reads(127));
    EXPECT_TRUE(reads(128));
    EXPECT_EQ(u->stats().pasid_cache_hit, 1u);
}

/* An entry that was read ahead goes with the commands that name its domain and PASID, as any other. */
TEST_F(PasidPrefetch, InvalidationsFindEntriesThatWereReadAhead)
{
    const struct {
        Desc command;
        bool covers;
    } cases[] = {{pcInv(3), true},         {pcInv(0, 2), true},      {pcInv(1, 2, 65), true},
                 {pcInv(1, 2, 64), false}, {pcInv(1, 1, 65), false}, {pcInv(0, 1), false}};
    for (const auto &c : cases) {
        SCOPED_TRACE(testing::Message() << std::hex << c.command.q[0]);
        make(configuration({64, 0, false, 1}));
        u->setFs(kSid, 64, *fs[0], 1);
        u->setFs(kSid, 65, *fs[0], 2);
        u->start();
        EXPECT_TRUE(reads(64)); /* and 65 */
        vtd_pasid_entry_set_fsptptr(u->pasidEntry(kSid, 65), fs[1]->rootAddress() >> 12);
        u->submit({c.command});
        EXPECT_TRUE(translated(read(65), c.covers ? kFrame + (1 << 20) : kFrame, 12));
    }
}

/* A look without effect reads nothing ahead, and does not count as the first use of what was. */
TEST_F(PasidPrefetch, PeekHasNoPartInIt)
{
    make(configuration({64, 4, false, 1}));
    u->setFs(kSid, 64, *fs[0], 1);
    u->setFs(kSid, 65, *fs[0], 1);
    u->start();
    vtd_response resp;
    for (uint32_t pasid : {64u, 65u}) {
        const vtd_request req = u->dma(kSid).pasid(pasid).length(4).request(kIova);
        ASSERT_EQ(vtd_peek(u->get(), &req, &resp), VTD_STATUS_OK);
        EXPECT_TRUE(translated(resp, kFrame, 12));
        EXPECT_EQ(u->stats().pasid_prefetch_read, 0u);
    }
    EXPECT_TRUE(reads(64));
    const vtd_request req = u->dma(kSid).pasid(65).length(4).request(kIova);
    ASSERT_EQ(vtd_peek(u->get(), &req, &resp), VTD_STATUS_OK);
    EXPECT_EQ(u->stats().pasid_prefetch_useful, 0u);
    EXPECT_TRUE(reads(65));
    EXPECT_TRUE(reads(65));
    EXPECT_EQ(u->stats().pasid_prefetch_useful, 1u);
}

} // namespace vtdtest
