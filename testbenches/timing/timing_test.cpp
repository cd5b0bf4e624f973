// SPDX-License-Identifier: MIT
//
// Cycles of requests against sums that can be done by hand.

#include "timing_rig.h"

using namespace timingrig;
using namespace vtdtest;

namespace
{

TEST_F(Timing, HitTakesTheLinkAndOneLookup)
{
    start(unlimited());
    warm(1);
    const vtd_timed t = read(when, page(0));
    EXPECT_EQ(t.done, when + 2 * kLink + kLookup);
    EXPECT_EQ(t.source, VTD_TIMING_IOTLB);
    EXPECT_EQ(t.memory_accesses, 0u);
}

TEST_F(Timing, ColdRequestTakesTheSumOfItsLookupsAndReads)
{
    start(unlimited());
    const vtd_timed t = read(when, page(0));
    EXPECT_EQ(t.done, when + 2 * kLink + kColdWalk);
    EXPECT_EQ(t.source, VTD_TIMING_PASID_WALK);
    EXPECT_EQ(t.memory_accesses, 8u);
}

TEST_F(Timing, WalkBelowACachedTableReadsOneEntry)
{
    start(unlimited());
    warm(1);
    const vtd_timed t = read(when, page(1));
    EXPECT_EQ(t.done, when + 2 * kLink + kWarmWalk);
    EXPECT_EQ(t.source, VTD_TIMING_WALK);
}

TEST_F(Timing, HitsGoThroughAPortOnePerCycle)
{
    vtd_timing_config c = unlimited();
    c.ports[VTD_CACHE_IOTLB] = 1;
    start(c);
    warm(1);
    for (uint64_t i = 0; i < 1000; i++)
        ASSERT_EQ(read(when, page(0)).done, when + 2 * kLink + kLookup + i);
}

TEST_F(Timing, TwoPortsLetTwoThroughPerCycle)
{
    vtd_timing_config c = unlimited();
    c.ports[VTD_CACHE_IOTLB] = 2;
    start(c);
    warm(1);
    for (uint64_t i = 0; i < 1000; i++)
        ASSERT_EQ(read(when, page(0)).done, when + 2 * kLink + kLookup + i / 2);
}

TEST_F(Timing, HitsPassARequestThatWalks)
{
    vtd_timing_config c = unlimited();
    c.ports[VTD_CACHE_IOTLB] = 1;
    c.walkers = c.misses = 1;
    start(c);
    warm(1);
    const vtd_timed walk = read(when, page(1));
    const vtd_timed hit = read(when + 1, page(0));
    EXPECT_EQ(hit.done, when + 1 + 2 * kLink + kLookup);
    EXPECT_LT(hit.done, walk.done);
}

TEST_F(Timing, WalkersLimitTheWalksAtATime)
{
    vtd_timing_config c = unlimited();
    c.walkers = 4;
    start(c);
    warm(1);
    /* The walker is needed for the read only: so many pass it at a time, kMemory each. */
    for (uint64_t i = 0; i < 40; i++)
        ASSERT_EQ(read(when, page(1 + i)).done, when + 2 * kLink + kWarmWalk + i / 4 * kMemory) << i;
}

TEST_F(Timing, MissTableLimitsTheMissesAtATime)
{
    vtd_timing_config c = unlimited();
    c.misses = 4;
    start(c);
    warm(1);
    /* A place is held from the miss in the IOTLB to the end. */
    for (uint64_t i = 0; i < 40; i++)
        ASSERT_EQ(read(when, page(1 + i)).done, when + 2 * kLink + kWarmWalk + i / 4 * (kWarmWalk - kLookup)) << i;
}

TEST_F(Timing, TagsLimitTheRequestsOfADeviceButNotOfAnother)
{
    vtd_timing_config c = unlimited();
    c.in_flight = 2;
    start(c);
    warm(1);
    read(0, page(0), 1, kOther);
    for (uint64_t i = 0; i < 10; i++) {
        const vtd_timed t = read(when, page(0));
        ASSERT_EQ(t.start, when + i / 2 * (2 * kLink + kLookup));
        ASSERT_EQ(t.done, t.start + 2 * kLink + kLookup);
    }
    EXPECT_EQ(read(when, page(0), 1, kOther).start, when);
}

TEST_F(Timing, TagThatIsFreeFirstIsTakenFirst)
{
    vtd_timing_config c = unlimited();
    c.in_flight = 2;
    start(c);
    warm(1);
    const vtd_timed walk = read(when, page(1)), hit = read(when, page(0));
    ASSERT_LT(hit.done, walk.done);
    EXPECT_EQ(read(when, page(0)).start, hit.done);
}

TEST_F(Timing, SecondMissToAPageWaitsForTheFirstAndReadsNothing)
{
    start(unlimited());
    warm(1);
    const vtd_timed first = read(when, page(1)), second = read(when + 5, page(1));
    EXPECT_EQ(second.done, first.done);
    EXPECT_EQ(second.memory_accesses, 0u);
    EXPECT_EQ(second.source, VTD_TIMING_IOTLB_MERGED);
    EXPECT_EQ(second.part[VTD_TIMING_MERGED], kWarmWalk - kLookup - 5);
}

TEST_F(Timing, EntryCanBeUsedFromTheCycleOfItsFillOn)
{
    start(unlimited());
    warm(1);
    const uint64_t filled = when + kLink + kWarmWalk;
    read(when, page(1));
    /* A lookup that ends one cycle earlier waits that cycle; one that ends with the fill does not wait. */
    EXPECT_EQ(read(filled - kLookup - kLink - 1, page(1)).part[VTD_TIMING_MERGED], 1u);
    EXPECT_EQ(read(filled - kLookup - kLink, page(1)).part[VTD_TIMING_MERGED], 0u);
}

TEST_F(Timing, SecondMissOfAPasidWaitsForItsEntry)
{
    start(unlimited());
    warm(1);
    const vtd_timed first = read(when, page(0), 2), second = read(when, page(1), 2);
    /* Directory and PASID entry come once, and so do the tables, which are cached when the first walk has ended. */
    EXPECT_EQ(first.done, when + 2 * kLink + 4 * kLookup + 6 * kMemory);
    EXPECT_EQ(second.part[VTD_TIMING_MERGED], 2 * kMemory + 4 * kMemory);
    EXPECT_EQ(second.memory_accesses, 1u);
}

TEST_F(Timing, MemoryBeginsOneAccessPerInterval)
{
    vtd_timing_config c = unlimited();
    c.memory_interval = 100;
    start(c);
    warm(1);
    const uint64_t free_from = when + kLink + 4 * kLookup; /* when the first read could begin */
    for (uint64_t i = 0; i < 40; i++) {
        const uint64_t begin = std::max(free_from, (free_from / 100 + i) * 100);
        ASSERT_EQ(read(when, page(1 + i)).done, begin + kMemory + kLink) << i;
    }
}

TEST_F(Timing, LaterAccessesOfOneRequestLeaveTheMemoryToOthersInBetween)
{
    vtd_timing_config c = unlimited();
    c.memory_interval = 1;
    start(c);
    warm(1);
    const vtd_timed walk = read(when, page(0), 2); /* six reads, one after the other */
    const vtd_timed other = read(when + 10, page(1));
    EXPECT_EQ(walk.memory_accesses, 6u);
    EXPECT_EQ(other.part[VTD_TIMING_BUS], 0u);
    EXPECT_EQ(other.done, when + 10 + 2 * kLink + kWarmWalk);
}

TEST_F(Timing, TableCacheAnswersTheSecondReadOfALine)
{
    vtd_timing_config c = unlimited();
    c.table_cache = {64, 0, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0};
    c.table_cache_latency = 10;
    start(c);
    read(0, page(0)); /* leaves 0..7 are one line */
    EXPECT_EQ(read(when, page(7)).done, when + 2 * kLink + 4 * kLookup + 10);
    EXPECT_EQ(read(when, page(8)).done, when + 2 * kLink + 4 * kLookup + 10 + kMemory);
}

TEST_F(Timing, LinesOfTheTableCacheThatAreOnTheirWayAreWaitedFor)
{
    vtd_timing_config c = unlimited();
    c.table_cache = {64, 0, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0};
    c.table_cache_latency = 10;
    start(c);
    read(0, page(0));
    const vtd_timed first = read(when, page(8)), second = read(when, page(9));
    EXPECT_EQ(second.done, first.done);
}

TEST_F(Timing, LittlesLawHolds)
{
    vtd_timing_config c = unlimited();
    c.walkers = 2;
    c.in_flight = 8;
    start(c);
    std::mt19937 random(3);
    std::vector<vtd_timed> all;
    for (uint64_t i = 0; i < 5000; i++)
        all.push_back(read(when, page(random() % 64), 1 + random() % 2, random() % 2 ? kSid : kOther));
    /* In flight, by going through beginnings and ends; latencies, by adding up. */
    std::vector<std::pair<uint64_t, int>> changes;
    double latencies = 0;
    for (const vtd_timed &t : all) {
        changes.push_back({t.start, 1});
        changes.push_back({t.done, -1});
        latencies += static_cast<double>(t.done - t.start);
    }
    std::sort(changes.begin(), changes.end());
    double area = 0;
    int now = 0, most = 0;
    for (size_t i = 0; i + 1 < changes.size(); i++) {
        now += changes[i].second;
        most = std::max(most, now);
        area += now * static_cast<double>(changes[i + 1].first - changes[i].first);
    }
    EXPECT_EQ(area, latencies);
    EXPECT_EQ(most, 16) << "two devices with eight tags each";
}

/* A device that only walks gets as many walks as the walkers can do, and not one more. */
TEST_F(Timing, WalkersBoundTheThroughputTightly)
{
    vtd_config config = withCaches(256);
    config.cache[VTD_CACHE_IOTLB].entries = 0;
    config.cache[VTD_CACHE_FS_PSC].entries = 0;
    vtd_timing_config c = unlimited();
    c.walkers = 3;
    start(c, config);
    read(0, page(0));
    uint64_t last = 0;
    constexpr uint64_t kWalks = 3000;
    for (uint64_t i = 0; i < kWalks; i++)
        last = std::max(last, read(when, page(i % 64)).done);
    EXPECT_EQ(last, when + 2 * kLink + 2 * kLookup + kWalks / 3 * 4 * kMemory);
}

TEST_F(Timing, TimeChangesNothingThatIsTranslated)
{
    vtd_config config = withCaches(16);
    start(unlimited(), config);
    Unit plain(config);
    FsTree tree(plain, 4, kBits);
    for (uint64_t i = 0; i < 64; i++)
        tree.map(page(i), page(i), 12, kBits);
    for (uint16_t sid : {kSid, kOther})
        for (uint32_t pasid : {1u, 2u})
            plain.setFs(sid, pasid, tree, 1);
    plain.start();
    std::mt19937 random(5);
    vtd_stats_reset(u->get());
    vtd_stats_reset(plain.get());
    for (uint64_t i = 0; i < 20000; i++) {
        /* Some pages are not mapped, and some PASIDs do not exist. */
        const vtd_request req =
            plain.dma(random() % 2 ? kSid : kOther).pasid(1 + random() % 3).length(4).request(page(random() % 70));
        vtd_response a, b;
        vtd_timed timed;
        ASSERT_EQ(vtd_timing_translate(x.get(), &req, random() % 1000 + i, &a, &timed), VTD_STATUS_OK);
        ASSERT_EQ(vtd_translate(plain.get(), &req, &b), VTD_STATUS_OK);
        ASSERT_EQ(a.result, b.result);
        ASSERT_EQ(a.hpa, b.hpa);
        ASSERT_EQ(a.fault, b.fault);
    }
    const vtd_stats a = u->stats(), b = plain.stats();
    EXPECT_EQ(memcmp(&a, &b, sizeof a), 0);
}

TEST_F(Timing, RunsAreRepeatable)
{
    std::vector<uint64_t> done[2];
    for (auto &run : done) {
        vtd_timing_config c;
        vtd_timing_config_default(&c);
        start(c, withCaches(16));
        std::mt19937 random(7);
        for (uint64_t i = 0; i < 5000; i++)
            run.push_back(read(i * 3, page(random() % 64), 1 + random() % 2).done);
        x.reset();
    }
    EXPECT_EQ(done[0], done[1]);
}

TEST_F(Timing, ImpossibleRequestTakesNoTime)
{
    vtd_timing_config c = unlimited();
    c.in_flight = 1;
    start(c);
    warm(1);
    vtd_request req = u->dma(kSid).pasid(1).request(page(0) + 4095);
    req.len = 2; /* crosses a page */
    vtd_response resp;
    vtd_timed timed;
    EXPECT_EQ(vtd_timing_translate(x.get(), &req, when, &resp, &timed), VTD_STATUS_INVALID);
    EXPECT_EQ(read(when, page(0)).start, when);
}

TEST_F(Timing, BadConfigurationsAreRefusedWithAReason)
{
    start(unlimited());
    x.reset();
    const auto refused = [&](void (*change)(vtd_timing_config &)) {
        vtd_timing_config c = unlimited();
        char why[VTD_WHY_SIZE] = "";
        change(c);
        vtd_timing *t = vtd_timing_create(u->get(), &c, why);
        vtd_timing_destroy(t);
        return !t && why[0] != '\0';
    };
    EXPECT_TRUE(refused([](vtd_timing_config &c) { c.ports[VTD_CACHE_IOTLB] = 256; }));
    EXPECT_TRUE(refused([](vtd_timing_config &c) { c.walkers = 65537; }));
    EXPECT_TRUE(refused([](vtd_timing_config &c) { c.memory_latency[VTD_MEM_ROOT] = 1000001; }));
    EXPECT_TRUE(refused([](vtd_timing_config &c) { c.frequency = 0; }));
    EXPECT_TRUE(refused([](vtd_timing_config &c) { c.table_cache = {48, 5, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0}; }));
    EXPECT_FALSE(refused([](vtd_timing_config &) {}));
}

TEST_F(Timing, UnitHasOneTiming)
{
    start(unlimited());
    const vtd_timing_config c = unlimited();
    char why[VTD_WHY_SIZE];
    EXPECT_EQ(vtd_timing_create(u->get(), &c, why), nullptr);
    x.reset();
    x.reset(vtd_timing_create(u->get(), &c, why));
    EXPECT_NE(x, nullptr);
}

} // namespace
