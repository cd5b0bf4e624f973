// SPDX-License-Identifier: MIT
//
// What foresight tells of a cache against what a tap hears when every record is played: the same changes, one by one.

#include "player_rig.h"
#include "sim/program.h"
#include "study/foresight.h"

#include <array>
#include <filesystem>
#include <functional>

using study::both;
using study::full;
using study::Keys;
using study::Stream;

namespace
{

using Change = std::array<uint64_t, 4>; /* change, entry, a, b */

void note(void *opaque, vtd_cache_change change, uint32_t entry, uint64_t a, uint64_t b)
{
    static_cast<std::vector<Change> *>(opaque)->push_back({uint64_t(change), entry, a, b});
}

struct Outcome {
    std::vector<Change> changes;
    std::vector<int> results;
    uint64_t spared = 0, played = 0;
};

/* Plays it all, with foresight or without. */
Outcome outcome(const Keys &keys, vtd_player_pgtt pgtt, vtd_cache_id cache, const std::vector<vtd_record> &records,
                bool foreseen)
{
    Outcome o;
    char why[VTD_WHY_SIZE] = "";
    vtd_sim_config cfg;
    EXPECT_EQ(vtd_sim_config_init(&cfg, nullptr, why), 0) << why;
    for (const auto &[key, value] : keys)
        EXPECT_EQ(vtd_sim_config_set(&cfg, key.c_str(), value.c_str(), why), 0) << why;
    EXPECT_EQ(vtd_sim_config_finish(&cfg, why), 0) << why;
    vtd_player *player = vtd_player_create(&cfg, pgtt, pgtt, why);
    EXPECT_NE(player, nullptr) << why;
    vtd_foresight *f = foreseen ? vtd_foresight_create(player, cache, note, &o.changes) : nullptr;
    if (!foreseen)
        vtd_cache_tap(vtd_player_unit(player), cache, note, &o.changes);
    uint8_t reason = 0;
    for (const vtd_record &r : records)
        o.results.push_back(foreseen ? vtd_foresight_play(f, &r, &reason, why)
                                     : vtd_player_play(player, &r, &reason, why));
    vtd_stats stats;
    vtd_stats_get(vtd_player_unit(player), &stats);
    o.played = stats.requests;
    o.spared = foreseen ? vtd_foresight_spared(f) : 0;
    vtd_foresight_destroy(f);
    vtd_cache_tap(vtd_player_unit(player), cache, nullptr, nullptr); /* what the driver does at its end is left out */
    vtd_player_destroy(player);
    return o;
}

const Keys no_iotlb = both({{"iotlb.entries", "0"}}, both(full("pasid_cache", 65536), full("context_cache", 65536)));
const Keys asked_first = both({{"iotlb.order", "after-pasid"}}, no_iotlb);

/* The same with foresight as without. Returns the share of requests that were not played. */
double same(const Keys &keys, const std::vector<vtd_record> &records, vtd_cache_id cache = VTD_CACHE_PASID,
            vtd_player_pgtt pgtt = VTD_PLAYER_FIRST_STAGE)
{
    const Outcome with = outcome(keys, pgtt, cache, records, true);
    const Outcome without = outcome(keys, pgtt, cache, records, false);
    EXPECT_FALSE(without.changes.empty());
    EXPECT_EQ(with.changes.size(), without.changes.size());
    EXPECT_TRUE(with.changes == without.changes);
    EXPECT_TRUE(with.results == without.results);
    EXPECT_EQ(with.played + with.spared, without.played);
    return double(with.spared) / double(without.played);
}

std::vector<vtd_record> of_trace(const std::string &name, uint32_t tenants, size_t most)
{
    return Stream(nullptr, program::trace(name).c_str(), tenants, VTD_INTERLEAVE_RANDOM).take(most);
}

std::vector<vtd_record> of_spec(const std::string &spec, uint32_t tenants, size_t most)
{
    return Stream(spec.c_str(), nullptr, tenants, VTD_INTERLEAVE_RANDOM).take(most);
}

TEST(Foresight, TellsWhatEachBundledTraceAsksThePasidCacheAndTheContextCache)
{
    size_t traces = 0;
    for (const auto &file : std::filesystem::directory_iterator(VTD_TEST_SOURCE_DIR "/sim/workload/traces")) {
        const std::string name = file.path().stem().stem();
        SCOPED_TRACE(name);
        for (const uint32_t tenants : {1u, 20u}) {
            const auto records = of_trace(name, tenants, tenants == 1 ? SIZE_MAX : 20000);
            const auto pgtt = tenants == 1 ? VTD_PLAYER_SECOND_STAGE : VTD_PLAYER_FIRST_STAGE;
            same(no_iotlb, records, VTD_CACHE_PASID, pgtt);
            same(no_iotlb, records, VTD_CACHE_CONTEXT, pgtt);
        }
        traces++;
    }
    EXPECT_GE(traces, 5u);
}

TEST(Foresight, TellsWhatRingsAndProcessesThatComeAndGoAsk)
{
    for (const char *spec : {
             "{tenants: 40, churn: 50, of: {ring: 16, unmap: strict}}",
             "{tenants: 40, churn: 50, churn-pasid: next, interleave: random, of: {pattern: zipf, pages: 64}}",
             "{tenants: 30, churn: 20, id: sid, interleave: random, of: {pattern: uniform, pages: 16}}",
             "{tenants: 20, of: {pattern: uniform, pages: 64, unmap: lazy, unmap-batch: 8}}",
         }) {
        SCOPED_TRACE(spec);
        const program::File file(".yaml", spec);
        const auto records = of_spec(file.path, 1, 20000);
        same(no_iotlb, records);
        same(asked_first, records);
        same(no_iotlb, records, VTD_CACHE_CONTEXT);
    }
}

TEST(Foresight, TellsWhatAPassThroughUnitAsksAndPlaysOnlyFirstAccessesOfEachPasid)
{
    const auto records = of_spec("sequential:pages=2", 500, 50000);
    EXPECT_EQ(same(no_iotlb, records, VTD_CACHE_PASID, VTD_PLAYER_PASS_THROUGH), 1 - 500 / 50000.0);
}

/* With the IOTLB in front the PASID cache is asked by its misses alone. */
TEST(Foresight, PlaysEverythingBehindAnIotlbAndWithWhatIsReadAhead)
{
    const auto records = of_spec("uniform:pages=4", 100, 5000);
    EXPECT_EQ(same(full("pasid_cache", 1024), records), 0);
    EXPECT_EQ(same(both(no_iotlb, {{"pasid_cache.prefetch", "4"}}), records), 0);
    EXPECT_EQ(same(both(no_iotlb, {{"pasid_cache.directory", "shared"}}), records), 0);
    EXPECT_EQ(same(both(no_iotlb, {{"device_tlb.entries", "16"}}), records), 0);
    EXPECT_GT(same(no_iotlb, records), 0.5);
}

TEST(Foresight, PlaysWhatIsBlockedAndEverythingAfterIt)
{
    auto records = of_spec("uniform:pages=4", 10, 1000);
    records[500].pasid = 0; /* the driver's own: refused (ref 4.2 step 6) */
    const auto clean = of_spec("uniform:pages=4", 10, 1000);
    const double share = same(no_iotlb, records), all = same(no_iotlb, clean);
    EXPECT_GT(share, 0.3);
    EXPECT_LE(share, 0.5);
    EXPECT_GT(all, 0.9);
}

TEST(Foresight, PlaysWritesIntoTheInterruptRangeWithoutPasid)
{
    auto records = of_spec("uniform:pages=4,writes=100", 1, 300);
    for (size_t i = 0; i < records.size(); i += 3) {
        records[i].iova = 0xfee00000;
        records[i].len = 4;
    }
    const Keys keys = both(no_iotlb, {{"ecap.ir", "1"}});
    EXPECT_LE(same(keys, records, VTD_CACHE_PASID, VTD_PLAYER_SECOND_STAGE), 2 / 3.0);
}

TEST(Foresight, GivesUpWhenTheCacheTurnsOutTooSmall)
{
    /* 40 PASIDs in 32 entries: from the first entry that is pushed out on, all is played */
    const auto records = of_spec("sequential:pages=1", 40, 4000);
    const Outcome o =
        outcome(both(no_iotlb, full("pasid_cache", 32)), VTD_PLAYER_PASS_THROUGH, VTD_CACHE_PASID, records, true);
    EXPECT_LT(o.spared, 400u);
    EXPECT_EQ(o.spared + o.played, 4000u);
}

TEST(Foresight, PlaysWhatIsAboveTheHighestAddressOfAPassThroughUnit)
{
    auto records = of_spec("sequential:pages=2", 5, 500);
    records[250].iova = UINT64_C(1) << 52; /* above every HAW of a unit */
    EXPECT_LE(same(no_iotlb, records, VTD_CACHE_PASID, VTD_PLAYER_PASS_THROUGH), 0.5);
}

TEST(Foresight, ForgetsWhatSoftwareInvalidates)
{
    auto records = of_spec("sequential:pages=1", 64, 8000);
    for (size_t i = 100; i < records.size(); i += 97) {
        records[i].kind = VTD_RECORD_DETACH;
        records[i].iova = 0;
    }
    EXPECT_GT(same(no_iotlb, records, VTD_CACHE_PASID, VTD_PLAYER_PASS_THROUGH), 0.9);
}

} // namespace
