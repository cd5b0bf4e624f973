/* SPDX-License-Identifier: MIT */
/*
 * Choices that the architecture leaves to who designs the PASID cache: where directory entries are kept, and what is read
 * ahead. Against lists that are kept by hand (pasid_oracle.h), against closed forms, and: nothing of it may go stale (ref
 * 6.2, 6.3).
 */
#include "spec/pasid_design.h"

#include <random>

namespace vtdtest
{

/* ---------------------------------------------------------------- against lists */

TEST_F(PasidDesign, RandomRequestsAndInvalidationsCountAsTheLists)
{
    uint64_t hits = 0, dir_hits = 0, useful = 0, unused = 0, dropped = 0;
    for (const Design &d : kDesigns) {
        SCOPED_TRACE(describe(d));
        make(configuration(d));
        populate();
        vtd_stats_reset(u->get());
        PasidOracle o(d.entries, d.directory_entries, d.shared, d.entries ? d.prefetch : 0);
        o.present = [](uint16_t sid, uint32_t pasid) { return present(sid, pasid); };
        std::mt19937_64 rng(d.entries * 1000 + d.prefetch);
        uint32_t pasid = 64;
        for (unsigned step = 0; step < 6000; step++) {
            const uint16_t sid = rng() % 4 ? kSid : kOther;
            pasid = rng() % 3 ? 64 + (pasid - 64 + 1) % kSpan : 64 + static_cast<uint32_t>(rng() % kSpan);
            const unsigned of = did(sid, pasid);
            switch (rng() % 80) {
            case 0:
                u->submit({pcInv(0, of)});
                o.domain(of, did);
                break;
            case 1:
            case 2:
                u->submit({pcInv(1, of, pasid)});
                o.one(of, pasid, did);
                break;
            case 3:
                u->submit({pcInv(1, of % kDomains + 1, pasid)}); /* another domain: of this, only what has none */
                o.one(of % kDomains + 1, pasid, did);
                break;
            case 4:
                u->submit({ccInv(3, 0, sid)});
                o.context(sid, 0xffff);
                break;
            case 5:
                u->submit({ccInv(3, 0, sid ^ 4, 1)}); /* FM 1 ignores bit 2 */
                o.context(sid, 0xfffb);
                break;
            case 6:
                if (rng() % 8 == 0) {
                    u->submit({pcInv(3)});
                    o.all();
                } else {
                    u->submit({ccInv(1 + rng() % 2)});
                    o.context(0, 0);
                }
                break;
            case 7:
                u->submit({iotlbInv(1), pasidIotlbInv(2, of, pasid)}); /* touches neither */
                break;
            default:
                if (!present(sid, pasid))
                    break;
                ASSERT_TRUE(reads(pasid, sid)) << step;
                o.lookup(sid, pasid);
                break;
            }
        }
        compare(o, d.shared);
        hits += o.hits, dir_hits += o.dir_hits, useful += o.useful, unused += o.pasids().evicted_ahead;
        dropped += o.own().dropped;
    }
    EXPECT_GT(hits, 1000u); /* the streams say something */
    EXPECT_GT(dir_hits, 10000u);
    EXPECT_GT(useful, 1000u);
    EXPECT_GT(unused, 1000u);
    EXPECT_GT(dropped, 100u);
}

TEST_F(PasidDesign, WithAllOffEachMissReadsTheDirectory)
{
    make(configuration({4, 0, false, 0}));
    populate();
    for (unsigned i = 0; i < 3; i++)
        for (uint32_t pasid : {64u, 65u, 67u})
            EXPECT_TRUE(reads(pasid));
    const vtd_stats s = u->stats();
    EXPECT_EQ(s.pasid_cache_hit, 6u);
    EXPECT_EQ(s.memory_reads_pasid_dir, 3u);
    EXPECT_EQ(s.memory_reads_pasid_entry, 12u);
    EXPECT_EQ(s.pasid_dir_lookup + s.pasid_prefetch_read, 0u);
}

/* ---------------------------------------------------------------- closed forms */

/* P PASIDs one behind the other, from the start of a page: each miss brings N more, but never those of another page. */
TEST_F(PasidDesign, SequentialPasidsMissOncePerPrefetch)
{
    for (unsigned n : {0u, 1u, 2u, 3u, 7u, 15u, 62u, 63u})
        for (uint32_t p : {1u, 2u, 8u, 40u, 64u, 128u, 200u}) {
            SCOPED_TRACE(std::to_string(p) + " PASIDs, prefetch " + std::to_string(n));
            make(configuration({512, 64, false, n}));
            for (uint32_t pasid = 64; pasid < 64 + 256; pasid++)
                u->setFs(kSid, pasid, *fs[0], 1);
            u->start();
            for (uint32_t pasid = 64; pasid < 64 + p; pasid++)
                ASSERT_TRUE(reads(pasid));
            const auto misses = [n](uint32_t in_page) { return (in_page + n) / (n + 1); }; /* ceil(P / (N + 1)) */
            const uint64_t expected = p / 64 * misses(64) + misses(p % 64);
            const vtd_stats s = u->stats();
            EXPECT_EQ(s.pasid_cache_miss, expected);
            EXPECT_EQ(s.pasid_prefetch_useful, p - expected);
            EXPECT_EQ(s.pasid_dir_fill, (p + 63) / 64);
            EXPECT_EQ(s.memory_reads_pasid_dir, (p + 63) / 64);
        }
}

/* A cycle over more PASIDs than the cache holds never hits under LRU; prefetch turns all but one in N + 1 into hits. */
TEST_F(PasidDesign, PrefetchHelpsWhereLruHasNoHit)
{
    for (unsigned n : {0u, 3u}) {
        make(configuration({16, 0, false, n}));
        for (uint32_t pasid = 64; pasid < 128; pasid++)
            u->setFs(kSid, pasid, *fs[0], 1);
        u->start();
        for (unsigned round = 0; round < 5; round++)
            for (uint32_t pasid = 64; pasid < 128; pasid++)
                ASSERT_TRUE(reads(pasid));
        EXPECT_EQ(u->stats().pasid_cache_hit, n == 0 ? 0u : 5u * 48);
    }
}

/* 64 PASIDs share a directory entry: one read of it for all of them, unless nothing keeps it. */
TEST_F(PasidDesign, ADirectoryEntryServesItsPage)
{
    const struct {
        Design design;
        uint64_t reads;
    } cases[] = {{{8, 0, false, 0}, 128}, {{8, 2, false, 0}, 2}, {{8, 0, true, 0}, 2}, {{0, 1, false, 0}, 2}};
    for (const auto &c : cases) {
        SCOPED_TRACE(describe(c.design));
        make(configuration(c.design));
        for (uint32_t pasid = 64; pasid < 192; pasid++)
            u->setFs(kSid, pasid, *fs[0], 1);
        u->start();
        for (uint32_t pasid = 64; pasid < 192; pasid++)
            ASSERT_TRUE(reads(pasid));
        EXPECT_EQ(u->stats().memory_reads_pasid_dir, c.reads);
    }
}

/* ---------------------------------------------------------------- nothing stale */

/* A directory entry leads to another page of the table: after each command that ref 6.5 asks for, that one is used. */
TEST_F(PasidDesign, ChangedDirectoryEntryIsSeenAfterEachInvalidationThatCoversIt)
{
    const Desc all[] = {pcInv(3), pcInv(0, 1), pcInv(1, 1, 64), ccInv(1), ccInv(2, 1), ccInv(3, 0, kSid)};
    for (const bool shared : {false, true})
        for (const Desc &command : all) {
            SCOPED_TRACE(testing::Message() << "shared " << shared << " command " << std::hex << command.q[0]);
            make(configuration({16, shared ? 0u : 16u, shared, 0}));
            u->setFs(kSid, 64, *fs[0], 1);
            u->setFs(kSid, 65, *fs[0], 1);
            u->start();
            EXPECT_TRUE(reads(64));
            uint64_t *directory = u->pasidDir(kSid, 64);
            const uint64_t page = u->alloc();
            for (unsigned i = 0; i < 512; i++)
                u->at(page)[i] = u->at(vtd_pasid_dir_smptblptr(directory) << 12)[i];
            vtd_pasid_entry_set_fsptptr(u->at(page + 64), fs[1]->rootAddress() >> 12); /* of PASID 65 */
            vtd_pasid_dir_set_smptblptr(directory, page >> 12);
            const uint64_t before = u->stats().memory_reads_pasid_dir;
            u->submit({command});
            EXPECT_TRUE(translated(read(65), kFrame + (1 << 20), 12));
            EXPECT_EQ(u->stats().memory_reads_pasid_dir, before + 1);
        }
}

/* The commands above must do it: without one the unit may use what it has, and this one does. */
TEST_F(PasidDesign, DirectoryEntriesStayWithoutAnInvalidation)
{
    for (const bool shared : {false, true}) {
        make(configuration({16, shared ? 0u : 16u, shared, 0}));
        u->setFs(kSid, 64, *fs[0], 1);
        for (uint32_t pasid : {65u, 68u})
            u->setFs(kSid, pasid, *fs[0], 1);
        u->setFs(kSid, 128, *fs[0], 1);
        u->start();
        EXPECT_TRUE(reads(64));
        vtd_pasid_dir_set_p(u->pasidDir(kSid, 64), 0);
        u->submit({pcInv(1, 1, 128), ccInv(3, 0, kOther), iotlbInv(1), pasidIotlbInv(2, 1, 64)});
        EXPECT_TRUE(reads(65)) << "of another page, another device, or no table at all";
        u->submit({pcInv(1, 2, 70)}); /* another domain and PASID, but the same page */
        EXPECT_TRUE(blocked(read(68), VTD_FAULT_SPD_2));
    }
}

/* A directory entry that is not present is never kept, with caching mode neither: its PASID entry may be (ref 6.2). */
TEST_F(PasidDesign, AbsentDirectoryEntriesAreNotKept)
{
    for (const bool caching_mode : {false, true})
        for (const bool shared : {false, true}) {
            vtd_config config = configuration({16, shared ? 0u : 16u, shared, 63});
            setCap(config, VTD_FIELD_OF(CAP, CM), caching_mode);
            make(config);
            u->setFs(kSid, 64, *fs[0], 1);
            u->setFs(kSid, 65, *fs[0], 1);
            vtd_pasid_dir_set_p(u->pasidDir(kSid, 64), 0);
            u->start();
            EXPECT_TRUE(blocked(read(64), VTD_FAULT_SPD_2));
            vtd_pasid_dir_set_p(u->pasidDir(kSid, 64), 1);
            EXPECT_TRUE(reads(65));
            EXPECT_EQ(translated(read(64), kFrame, 12), !caching_mode);
        }
}

/* FPD of the directory entry holds for all of its PASIDs (ref 2.4), also where it comes from a cache. */
TEST_F(PasidDesign, FaultProcessingDisableComesWithTheCachedDirectoryEntry)
{
    for (const bool shared : {false, true}) {
        make(configuration({16, shared ? 0u : 16u, shared, 0}));
        u->setFs(kSid, 64, *fs[0], 1);
        vtd_pasid_dir_set_fpd(u->pasidDir(kSid, 64), 1);
        u->start();
        EXPECT_TRUE(reads(64));
        EXPECT_TRUE(blocked(read(70), VTD_FAULT_SPT_2));
        EXPECT_EQ(u->stats().memory_reads_pasid_dir, 1u);
        EXPECT_FALSE(u->takeFault().valid);
        EXPECT_EQ(u->stats().faults_suppressed, 1u);
    }
}

/* ---------------------------------------------------------------- what cannot be had */

TEST_F(PasidDesign, ValidatorNamesTheKey)
{
    const auto refused = [](void (*change)(vtd_config &), const char *word) {
        vtd_config config = preset();
        change(config);
        char why[VTD_WHY_SIZE];
        EXPECT_EQ(vtd_config_validate(&config, why), VTD_STATUS_INVALID);
        EXPECT_NE(std::string(why).find(word), std::string::npos) << why;
    };
    refused([](vtd_config &c) { c.pasid_prefetch = 64; }, "pasid_cache.prefetch");
    refused([](vtd_config &c) { c.pasid_directory = 2; }, "PASID directory");
    refused(
        [](vtd_config &c) {
            c.pasid_directory = VTD_PASID_DIRECTORY_SHARED;
            c.cache[VTD_CACHE_PASID_DIR].entries = 4;
        },
        "pasid_dir_cache.entries");
    for (const unsigned id : {VTD_CACHE_CONTEXT, VTD_CACHE_FS_PSC, VTD_CACHE_SS_PSC, VTD_CACHE_IEC}) {
        vtd_config config = preset();
        config.cache[id].partition = VTD_PARTITION_SETS;
        config.cache[id].partitions = 2;
        char why[VTD_WHY_SIZE];
        EXPECT_EQ(vtd_config_validate(&config, why), VTD_STATUS_INVALID);
        EXPECT_NE(std::string(why).find(vtd_cache_name(static_cast<vtd_cache_id>(id))), std::string::npos) << why;
    }
}

} // namespace vtdtest
