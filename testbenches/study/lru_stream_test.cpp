/* SPDX-License-Identifier: MIT */
/*
 * Caches under streams of many kinds against lists in recency order: hits are equal bit for bit at every size, and what a
 * larger LRU cache holds includes what a smaller one does.
 */
#include "player_rig.h"
#include "sim/program.h"
#include "sim/trace_oracle.h"

#include <algorithm>
#include <cstring>
#include <memory>

using oracle::Lru;
using study::full;
using study::Player;
using study::Stream;

namespace
{

struct Case {
    const char *name;
    const char *spec;  /* or */
    const char *trace; /* a bundled trace */
    uint32_t tenants;
    vtd_interleave interleave;
};

const Case cases[] = {
    {"uniform", "uniform:pages=700", nullptr, 1, VTD_INTERLEAVE_ROUND_ROBIN},
    {"zipf", "zipf:pages=5000,s=1.1", nullptr, 1, VTD_INTERLEAVE_ROUND_ROBIN},
    {"loop", "sequential:pages=300", nullptr, 1, VTD_INTERLEAVE_ROUND_ROBIN},
    {"stride", "stride:pages=1000,stride=7", nullptr, 3, VTD_INTERLEAVE_ROUND_ROBIN},
    {"turns", "zipf:pages=20", nullptr, 200, VTD_INTERLEAVE_ROUND_ROBIN},
    {"tenants", "uniform:pages=3", nullptr, 2000, VTD_INTERLEAVE_RANDOM},
    {"popular", "sequential:pages=2", nullptr, 5000, VTD_INTERLEAVE_ZIPF},
    {"nvme4", nullptr, "nvme4-tenants-strict", 1, VTD_INTERLEAVE_ROUND_ROBIN},
    {"mixed", nullptr, "mixed-nvme-net-lazy", 1, VTD_INTERLEAVE_ROUND_ROBIN},
    {"files", nullptr, "nvme-ext4-files-strict", 30, VTD_INTERLEAVE_RANDOM},
    {"network", nullptr, "e1000e-nic-strict", 12, VTD_INTERLEAVE_ZIPF},
    {"queue", nullptr, "nvme-seq-qd1-strict", 5, VTD_INTERLEAVE_ROUND_ROBIN},
};

std::vector<vtd_record> records_of(const Case &c, size_t most)
{
    const std::string file = program::trace(c.trace ? c.trace : "");
    return Stream(c.spec, c.trace ? file.c_str() : nullptr, c.tenants, c.interleave).take(most);
}

/* A number per device and PASID, and pages of 36 bits below it. */
uint64_t space_of(const vtd_record &r)
{
    return (uint64_t(r.has_pasid ? r.pasid : 0) << 16 | r.sid) << 28;
}

uint64_t page_key(const vtd_record &r)
{
    EXPECT_LT(r.iova >> 12, 1u << 28) << "pages of these streams fit";
    return space_of(r) | r.iova >> 12;
}

/* An IOTLB as a list, and a PASID cache as a list that its misses feed. Unmaps take translations, never PASID entries. */
struct Lists {
    Lists(size_t translations, size_t entries) : iotlb(translations), pasids(entries) {}
    void play(const vtd_record &r)
    {
        if (r.kind == VTD_RECORD_UNMAP_ALL)
            iotlb.remove(space_of(r), space_of(r) | ((1u << 28) - 1));
        else if (r.kind == VTD_RECORD_UNMAP && r.pages > 64)
            iotlb.remove(page_key(r), page_key(r) + r.pages - 1);
        else if (r.kind == VTD_RECORD_UNMAP)
            for (uint32_t i = 0; i < r.pages; i++)
                iotlb.remove_one(page_key(r) + i);
        else if (iotlb.access(page_key(r)))
            iotlb_hits++;
        else
            pasid_hits += pasids.access(space_of(r));
    }
    Lru iotlb, pasids;
    uint64_t iotlb_hits = 0, pasid_hits = 0;
};

class Streams : public testing::TestWithParam<Case>
{
};
std::string name_of(const testing::TestParamInfo<Case> &stream)
{
    return stream.param.name;
}
INSTANTIATE_TEST_SUITE_P(All, Streams, testing::ValuesIn(cases), name_of);

TEST_P(Streams, HitTheIotlbAndThePasidCacheAsOftenAsListsAtEverySize)
{
    const auto records = records_of(GetParam(), 60000);
    for (const auto &[translations, entries] :
         {std::pair<size_t, size_t>{1, 1}, {13, 3}, {64, 8}, {500, 64}, {3000, 1000}}) {
        Player player(study::both(full("iotlb", translations), full("pasid_cache", entries)), VTD_PLAYER_SECOND_STAGE);
        Lists lists(translations, entries);
        for (const vtd_record &r : records) {
            ASSERT_NO_FATAL_FAILURE(player.play(r));
            lists.play(r);
        }
        const vtd_stats s = player.stats();
        EXPECT_EQ(s.iotlb_hit, lists.iotlb_hits) << translations << " translations";
        EXPECT_EQ(s.pasid_cache_hit, lists.pasid_hits) << entries << " PASID entries";
        EXPECT_EQ(s.pasid_cache_lookup, s.iotlb_lookup - s.iotlb_hit);
        EXPECT_EQ(s.faults, 0u);
    }
}

TEST_P(Streams, HitALargerLruCacheWhereverTheyHitASmallerOne)
{
    const auto records = records_of(GetParam(), 20000);
    std::vector<std::unique_ptr<Player>> players;
    std::vector<uint64_t> hits;
    for (const size_t entries : {5, 6, 40, 300, 301})
        players.push_back(std::make_unique<Player>(full("iotlb", entries), VTD_PLAYER_SECOND_STAGE));
    hits.resize(players.size());
    for (size_t i = 0; i < records.size(); i++) {
        bool smaller = false;
        for (size_t p = 0; p < players.size(); p++) {
            ASSERT_NO_FATAL_FAILURE(players[p]->play(records[i]));
            const uint64_t now = players[p]->stats().iotlb_hit;
            const bool hit = now != hits[p];
            ASSERT_TRUE(hit || !smaller) << "record " << i << ", cache " << p;
            smaller = hit;
            hits[p] = now;
        }
    }
}

/* The same stream on the command line. */
std::string arguments_of(const Case &c, const std::vector<vtd_record> &records)
{
    const std::string orders[] = {"round-robin", "random", "zipf:1"};
    const auto accesses =
        std::count_if(records.begin(), records.end(), [](const vtd_record &r) { return r.kind <= VTD_RECORD_WRITE; });
    return std::string(c.trace ? " --trace " + program::trace(c.trace) : std::string(" --workload ") + c.spec) +
           " --tenants " + std::to_string(c.tenants) + " --interleave " + orders[c.interleave] + " --seed " +
           std::to_string(Stream::seed) + " --pgtt second-stage -n " + std::to_string(accesses);
}

/* Hits in the CSV of a curve. */
std::vector<uint64_t> hits_in(const std::string &csv)
{
    std::vector<uint64_t> hits;
    std::istringstream lines(csv);
    std::string line, word;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        std::istringstream words(line);
        for (unsigned i = 0; i < 5; i++)
            std::getline(words, word, ',');
        hits.push_back(std::stoull(word));
    }
    return hits;
}

/* Hints ahead, for what comes and for what does not, in caches of every kind. */
TEST_P(Streams, CountTheSameWithAndWithoutHints)
{
    const auto records = records_of(GetParam(), 20000);
    const study::Keys shapes[] = {
        {{"iotlb.entries", "64"}, {"iotlb.ways", "4"}, {"pasid_cache.entries", "0"}},
        study::both(full("iotlb", 200), full("pasid_cache", 70)),
        {{"iotlb.entries", "0"}, {"pasid_cache.entries", "32"}, {"pasid_cache.policy", "random"}},
        {{"iotlb.entries", "96"}, {"iotlb.ways", "12"}, {"iotlb.policy", "fifo"}, {"pasid_cache.policy", "plru"}},
    };
    for (const study::Keys &shape : shapes) {
        Player with(shape, VTD_PLAYER_SECOND_STAGE), without(shape, VTD_PLAYER_SECOND_STAGE);
        for (size_t i = 0; i < records.size(); i++) {
            with.prefetch(records[(i * 7 + 13) % records.size()]);
            with.prefetch(records[i]);
            ASSERT_NO_FATAL_FAILURE(with.play(records[i]));
            ASSERT_NO_FATAL_FAILURE(without.play(records[i]));
        }
        const vtd_stats a = with.stats(), b = without.stats();
        EXPECT_EQ(std::memcmp(&a, &b, sizeof a), 0);
    }
}

TEST_P(Streams, HaveACurveThatGoesThroughTheHitsOfListsOfEverySize)
{
    const auto records = records_of(GetParam(), 30000);
    const std::string arguments = arguments_of(GetParam(), records);
    const std::vector<size_t> sizes = {1, 2, 13, 64, 500, 3000};
    std::vector<Lists> lists;
    for (const size_t size : sizes)
        lists.emplace_back(size, 1);
    for (const size_t size : sizes)
        lists.emplace_back(64, size);
    for (const vtd_record &r : records)
        for (Lists &l : lists)
            l.play(r);
    const program::Output iotlb = program::vtdsim("mrc -C iotlb --stats csv --sizes 1,2,13,64,500,3000" + arguments);
    const program::Output pasids = program::vtdsim("mrc --stats csv --sizes 1,2,13,64,500,3000"
                                                   " --set iotlb.entries=64 --set iotlb.ways=0" +
                                                   arguments);
    ASSERT_EQ(iotlb.status, 0) << iotlb.err;
    ASSERT_EQ(pasids.status, 0) << pasids.err;
    std::vector<uint64_t> translations, entries;
    for (size_t i = 0; i < sizes.size(); i++) {
        translations.push_back(lists[i].iotlb_hits);
        entries.push_back(lists[sizes.size() + i].pasid_hits);
    }
    EXPECT_EQ(hits_in(iotlb.out), translations);
    EXPECT_EQ(hits_in(pasids.out), entries);
}

} // namespace
