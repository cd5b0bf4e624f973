/* SPDX-License-Identifier: MIT */
/*
 * vtdsim mrc against vtdsim run: every point of a curve has the hits of a run with a cache of that size, and a run is
 * checked against a textbook LRU elsewhere (run_lru_test.cpp).
 */
#include "program.h"

#include <map>
#include <vector>

using program::Result;
using program::vtdsim;

namespace
{

/* Hits by number of entries, from the CSV form. */
std::map<uint64_t, long long> curve(const std::string &arguments)
{
    const program::Output o = vtdsim("mrc --stats csv " + arguments);
    EXPECT_EQ(o.status, 0) << arguments << "\n" << o.err;
    std::map<uint64_t, long long> hits;
    std::istringstream lines(o.out);
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line, "cache,sets,entries,lookups,hits,hit_rate,hits_error");
    while (std::getline(lines, line)) {
        std::vector<std::string> words;
        std::istringstream row(line);
        for (std::string word; std::getline(row, word, ',');)
            words.push_back(word);
        if (words.size() == 7)
            hits[std::stoull(words[2])] = std::stoll(words[4]);
    }
    return hits;
}

struct Case {
    const char *cache;
    const char *counter; /* of its hits */
    std::string workload;
    unsigned sets;
};

class CurveAndRuns : public testing::TestWithParam<Case>
{
};
INSTANTIATE_TEST_SUITE_P(
    Caches, CurveAndRuns,
    testing::Values(Case{"iotlb", "iotlb_hit", "--trace " + program::trace("nvme-ext4-files-strict"), 1},
                    Case{"iotlb", "iotlb_hit", "--trace " + program::trace("nvme-ext4-files-strict"), 16},
                    Case{"iotlb", "iotlb_hit",
                         "--set iotlb.index=modulo --trace " + program::trace("nvme4-tenants-strict"), 4},
                    Case{"pasid_cache", "pasid_cache_hit",
                         "-w zipf:pages=64 -n 200000 --tenants 200 --interleave zipf:0.8 --set iotlb.entries=512", 1},
                    Case{"pasid_cache", "pasid_cache_hit",
                         "-w zipf:pages=64 -n 200000 --tenants 200 --interleave random --set iotlb.entries=512", 8},
                    Case{"pasid_cache", "pasid_cache_hit",
                         "-w uniform:pages=64 -n 100000 --tenants 100 --set iotlb.order=after-pasid", 1},
                    Case{"context_cache", "ctxt_cache_hit",
                         "-w zipf:pages=64 -n 100000 --tenants 60 --tenant-id sid --interleave random", 1}));

TEST_P(CurveAndRuns, AgreeAtEverySize)
{
    const Case c = GetParam();
    const std::string cache = c.cache;
    std::string sizes;
    std::vector<unsigned> entries;
    for (unsigned ways : {1u, 2u, 7u, 31u, 64u, 150u}) {
        entries.push_back(ways * c.sets);
        sizes += (sizes.empty() ? "" : ",") + std::to_string(entries.back());
    }
    const auto hits =
        curve(c.workload + " --cache " + cache + " --sets " + std::to_string(c.sets) + " --sizes " + sizes);
    ASSERT_EQ(hits.size(), entries.size());
    for (unsigned n : entries) {
        const Result run(c.workload + " --set " + cache + ".entries=" + std::to_string(n) + " --set " + cache +
                         ".policy=lru --set " + cache + ".ways=" + std::to_string(n / c.sets));
        EXPECT_EQ(hits.at(n), run.counter(c.counter)) << n << " entries";
    }
    EXPECT_GT(hits.rbegin()->second, hits.begin()->second) << "the sizes make a difference";
}

TEST(Mrc, ConfigurationOfTheCacheItselfDoesNotMatter)
{
    const std::string w = "-w zipf:pages=64 -n 50000 --tenants 50 ";
    EXPECT_EQ(curve(w), curve(w + "--set pasid_cache.entries=4 --set pasid_cache.policy=fifo"));
}

TEST(Mrc, UnmapsCanBeIgnored)
{
    const std::string w = "--cache iotlb --sizes 4096 --trace " + program::trace("nvme-ext4-files-strict");
    EXPECT_LT(curve(w).at(4096), curve(w + " --invalidations ignore").at(4096));
}

TEST(Mrc, SampleStatesItsErrorAndComesNear)
{
    const std::string w = "-w zipf:pages=20000,s=0.7 -n 300000 --cache iotlb --sizes 4096 ";
    const double whole = static_cast<double>(curve(w).at(4096));
    const program::Output o = vtdsim("mrc --stats json --sample 0.2 " + w);
    json_t *root = json_loads(o.out.c_str(), 0, nullptr);
    ASSERT_NE(root, nullptr) << o.err;
    const json_t *point = json_array_get(json_object_get(root, "curve"), 0);
    const double hits = json_number_value(json_object_get(point, "hits"));
    const double error = json_number_value(json_object_get(point, "hits_error"));
    EXPECT_GT(error, 0);
    EXPECT_NEAR(hits, whole, 4 * error);
    EXPECT_LT(error, 0.1 * whole);
    json_decref(root);
}

TEST(Mrc, DrawsACurve)
{
    const program::File picture(".svg", "");
    const program::Output o = vtdsim("mrc -w uniform:pages=16 -n 1000 --tenants 8 --plot " + picture.path);
    EXPECT_EQ(o.status, 0) << o.err;
    const std::string svg = program::read_all(picture.path);
    EXPECT_NE(svg.find("<svg"), std::string::npos);
    EXPECT_NE(svg.find("pasid_cache"), std::string::npos);
}

TEST(Mrc, RefusesWhatItCannotDo)
{
    const auto refused = [](const std::string &arguments, const std::string &why) {
        const program::Output o = vtdsim("mrc " + arguments);
        EXPECT_NE(o.err.find(why), std::string::npos) << arguments << "\n" << o.err;
        return o.status == 2;
    };
    const std::string w = "-w uniform:pages=64 -n 1000 ";
    EXPECT_TRUE(refused("", "give one of --trace and --workload"));
    EXPECT_TRUE(refused(w + "--cache l2", "--cache l2"));
    EXPECT_TRUE(refused(w + "--sets 3", "--sets 3"));
    EXPECT_TRUE(refused(w + "--sizes 4,,8", "--sizes 4,,8"));
    EXPECT_TRUE(refused(w + "--sizes 0", "--sizes 0"));
    EXPECT_TRUE(refused(w + "--sets 4 --sizes 6", "6 entries cannot be had with 4 sets"));
    EXPECT_TRUE(refused(w + "--sample 0", "--sample 0"));
    EXPECT_TRUE(refused(w + "--sample 0.5 --sets 2", "--sample"));
    EXPECT_TRUE(refused(w + "--cache iotlb --keys 16", "raise --keys"));
    EXPECT_TRUE(refused(w + "--plot curve.gif", "curve.gif"));
    EXPECT_TRUE(refused(w + "--output /nonexistent/x", "/nonexistent/x"));
}

} // namespace
