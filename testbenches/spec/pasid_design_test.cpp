/* SPDX-License-Identifier: MIT */
/*
 * Choices that the architecture leaves to who designs the PASID cache: where directory entries are kept, and what is read
 * ahead. Against lists that are kept by hand (pasid_oracle.h), against closed forms, and: nothing of it may go stale (ref
 * 6.2, 6.3), fault, or write.
 */
#include "spec/pasid_oracle.h"
#include "support/unit_fixture.h"

#include <random>
#include <string>

namespace vtdtest
{

namespace
{

constexpr uint64_t kIova = 0x40000000, kFrame = 0x20000000;
constexpr uint16_t kOther = 0x0511; /* function 1 of the device of kSid */
constexpr uint32_t kSpan = 6 * 64;  /* PASIDs 64 to 64 + kSpan - 1: six pages of the table */
constexpr unsigned kDomains = 5;

/* What a test chooses. Fully associative LRU, so that an oracle needs no set index. */
struct Design {
    uint32_t entries, directory_entries;
    bool shared;
    unsigned prefetch;
};

std::string describe(const Design &d)
{
    return std::to_string(d.entries) + " entries, " +
           (d.shared ? "shared" : std::to_string(d.directory_entries) + " of the directory") + ", prefetch " +
           std::to_string(d.prefetch);
}

const Design kDesigns[] = {{8, 0, false, 0}, {8, 3, false, 0},  {8, 1, false, 0},  {16, 100, false, 0},
                           {16, 0, true, 0}, {3, 0, true, 0},   {1, 0, true, 0},   {0, 2, false, 0},
                           {8, 0, false, 1}, {16, 2, false, 3}, {32, 4, false, 7}, {16, 0, true, 7},
                           {4, 2, false, 7}, {1, 1, false, 2},  {100, 0, true, 63}};

/* All other caches but that of context entries are off: each request looks its PASID entry up. */
vtd_config configuration(const Design &d)
{
    vtd_config config = withoutCaches();
    config.cache[VTD_CACHE_CONTEXT].entries = 8;
    config.cache[VTD_CACHE_PASID].entries = d.entries;
    config.cache[VTD_CACHE_PASID_DIR].entries = d.directory_entries;
    config.pasid_directory = d.shared ? VTD_PASID_DIRECTORY_SHARED : VTD_PASID_DIRECTORY_SEPARATE;
    config.pasid_prefetch = static_cast<uint8_t>(d.prefetch);
    return config;
}

/* Two devices; each PASID of each has a table that leads to a page of its own kind: what is read says whose entry was used. */
class PasidDesign : public testing::Test
{
  protected:
    static unsigned did(uint16_t, uint32_t pasid)
    {
        return 1 + pasid % kDomains;
    }
    static bool present(uint16_t sid, uint32_t pasid)
    {
        return pasid % 7 != 3 || sid == kOther;
    }
    void make(const vtd_config &config, Unit::Memory kind = Unit::Window)
    {
        u = std::make_unique<Unit>(config, kind);
        for (unsigned i = 0; i < 2; i++) {
            fs[i] = std::make_unique<FsTree>(*u, 4);
            fs[i]->map(kIova, kFrame + (i << 20), 12, kFsP | kFsRw | kFsUs | kFsA | kFsD);
        }
    }
    void populate(uint32_t count = kSpan)
    {
        for (uint16_t sid : {kSid, kOther})
            for (uint32_t pasid = 64; pasid < 64 + count; pasid++) {
                u->setFs(sid, pasid, *fs[sid == kOther], did(sid, pasid));
                vtd_pasid_entry_set_p(u->pasidEntry(sid, pasid), present(sid, pasid));
            }
        u->start();
    }
    vtd_response read(uint32_t pasid, uint16_t sid = kSid)
    {
        return u->dma(sid).pasid(pasid).read(kIova);
    }
    testing::AssertionResult reads(uint32_t pasid, uint16_t sid = kSid)
    {
        return translated(read(pasid, sid), kFrame + (static_cast<uint64_t>(sid == kOther) << 20), 12);
    }
    void compare(const PasidOracle &o, bool shared)
    {
        const vtd_stats s = u->stats();
        EXPECT_EQ(s.pasid_cache_lookup, o.lookups);
        EXPECT_EQ(s.pasid_cache_hit, o.hits);
        EXPECT_EQ(s.pasid_cache_fill, o.pasids().fills);
        EXPECT_EQ(s.pasid_cache_evict, o.pasids().evictions);
        EXPECT_EQ(s.pasid_cache_invalidate, o.pasids().dropped);
        EXPECT_EQ(s.pasid_dir_lookup, o.dir_lookups);
        EXPECT_EQ(s.pasid_dir_hit, o.dir_hits);
        EXPECT_EQ(s.pasid_dir_miss, o.dir_lookups - o.dir_hits);
        EXPECT_EQ(s.pasid_dir_fill, shared ? 0 : o.own().fills);
        EXPECT_EQ(s.pasid_dir_evict, shared ? 0 : o.own().evictions);
        EXPECT_EQ(s.pasid_dir_invalidate, shared ? 0 : o.own().dropped);
        EXPECT_EQ(s.memory_reads_pasid_dir, o.dir_reads);
        EXPECT_EQ(s.memory_reads_pasid_entry, 4 * o.reads);
        EXPECT_EQ(s.pasid_prefetch_read, o.ahead_reads);
        EXPECT_EQ(s.pasid_prefetch_fill, o.ahead_fills);
        EXPECT_EQ(s.pasid_prefetch_useful, o.useful);
        EXPECT_EQ(s.pasid_prefetch_unused, o.pasids().evicted_ahead);
    }

    std::unique_ptr<Unit> u;
    std::unique_ptr<FsTree> fs[2];
};

} // namespace

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

/* ---------------------------------------------------------------- reading ahead */

/* Entries that are not present or not in order are looked at, and nothing comes of it; also in caching mode. */
TEST_F(PasidDesign, PrefetchNeverFaultsAndKeepsOnlyWhatIsInOrder)
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

TEST_F(PasidDesign, PrefetchOverAbsentMemoryIsNotNoticed)
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
TEST_F(PasidDesign, PrefetchEndsAtThePageAndAtTheLargestPasid)
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
TEST_F(PasidDesign, InvalidationsFindEntriesThatWereReadAhead)
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
TEST_F(PasidDesign, PeekHasNoPartInIt)
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
