/* SPDX-License-Identifier: MIT */
/* vtdsim report over what vtdsim run and mrc print: curves, runs, times, intervals. */
#include "report_rig.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

using namespace report_rig;
using program::File;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Report, CurvesOfTheProgramAreDrawnAsTheyAre)
{
    const File curve(".json", vtdsim("mrc -w zipf:pages=64 --tenants 32 -n 20000 --stats json").out);
    json_t *json = json_loads(program::read_all(curve.path).c_str(), 0, nullptr);
    const Page p = report(curve.path);
    EXPECT_THAT(p.texts("pre"),
                Contains("vtdsim mrc -w zipf:pages=64 --tenants 32 -n 20000 --stats json")); /* repeats it */
    const auto numbers = values(p, p.find("details", "numbers")[0]);
    const json_t *points = json_object_get(json, "curve");
    ASSERT_EQ(numbers.size(), json_array_size(points));
    ASSERT_GE(numbers.size(), 4u);
    for (size_t i = 0; i < numbers.size(); i++)
        EXPECT_NEAR(numbers[i], json_number_value(json_object_get(json_array_get(points, i), "hit_rate")), 1e-9);
    json_decref(json);
}

TEST(Report, IntervalsOfTheProgramAreDrawnInTheirCourse)
{
    const File csv(".csv", "");
    ASSERT_EQ(vtdsim("run -w zipf:pages=4096 --tenants 64 -n 8000 --interval 1000 --intervals " + csv.path).status, 0);
    const Page p = report(csv.path);
    EXPECT_EQ(p.texts("h3")[0], "1. Hit rates in the course of the run");
    EXPECT_THAT(p.texts("li", "", p.find("ul", "legend")[0]), ElementsAre("context", "PASID", "IOTLB", "first-stage"));
    /* Each is hits of the interval divided by lookups of the interval. */
    std::istringstream rows(program::read_all(csv.path));
    std::string line, word;
    std::vector<std::string> names;
    std::getline(rows, line);
    for (std::istringstream words(line); std::getline(words, word, ',');)
        names.push_back(word);
    const auto numbers = values(p, p.find("details", "numbers")[0]);
    ASSERT_EQ(numbers.size(), 8u * 4u);
    for (size_t row = 0; std::getline(rows, line); row++) {
        std::map<std::string, double> value;
        size_t i = 0;
        for (std::istringstream words(line); std::getline(words, word, ',');)
            value[names[i++]] = std::stod(word);
        EXPECT_NEAR(numbers[4 * row + 1], value["pasid_cache_hit"] / value["pasid_cache_lookup"], 1e-9) << row;
        EXPECT_NEAR(numbers[4 * row + 2], value["iotlb_hit"] / value["iotlb_lookup"], 1e-9) << row;
    }
    /* Requests 1, 1001, ... are at equal distances. */
    const auto x = ticks(p, p.find("svg", "wide")[0], "tx", 1);
    ASSERT_GE(x.size(), 3u);
    EXPECT_NEAR(x[2].second - x[1].second, x[1].second - x[0].second, 0.2);
}

TEST(Report, LatenciesOfTimedRunsAreDrawn)
{
    std::string all;
    std::vector<double> mean, p99;
    for (const char *entries : {"8", "16", "32"})
        for (const char *walkers : {"1", "4"}) {
            const program::Result run(
                std::string("--timing -w zipf:pages=64 --tenants 32 -n 3000 -s pasid_cache.entries=") + entries +
                " -s timing.walkers=" + walkers);
            all += run.output.out;
            const json_t *latency =
                json_object_get(json_object_get(json_object_get(run.root, "timing"), "latency"), "all");
            mean.push_back(json_number_value(json_object_get(latency, "mean")));
            p99.push_back(json_number_value(json_object_get(latency, "p99")));
        }
    const File runs(".json", all);
    const Page p = report(runs.path);
    const auto titles = p.texts("h3");
    EXPECT_THAT(titles,
                ElementsAre("1. Hit rate of the PASID cache over pasid_cache.entries",
                            "2. Reads of tables per request over pasid_cache.entries",
                            "3. Mean latency over pasid_cache.entries, by timing.walkers",
                            "4. Mean and percentiles of the latency over pasid_cache.entries",
                            "5. Throughput over pasid_cache.entries, by timing.walkers",
                            "6. What requests spent their time on over pasid_cache.entries", "Behind the figures"));
    /* Walkers do not change hits, so they are no panels there, and no seed: one number for each size. */
    const auto tables = p.find("details", "numbers");
    EXPECT_EQ(values(p, tables[0]).size(), 3u);
    EXPECT_THAT(p.texts("p", "note")[0], HasSubstr("timing.walkers makes no difference here"));
    EXPECT_THAT(values(p, tables[2]), testing::Pointwise(testing::DoubleNear(1e-6), mean));
    const auto parts = values(p, tables[3]); /* a panel for each number of walkers; mean, p50, p90, p99 */
    ASSERT_EQ(parts.size(), 2u * 3u * 4u);
    for (size_t size = 0; size < 3; size++)
        for (size_t walkers = 0; walkers < 2; walkers++)
            EXPECT_NEAR(parts[walkers * 12 + size * 4 + 3], p99[size * 2 + walkers], 1e-6);
}

TEST(Report, IntervalsOfTimedRunsHaveLatencies)
{
    const File csv(".csv", "");
    ASSERT_EQ(vtdsim("run -w zipf:pages=64 -n 2000 --timing --interval 20000cycles --intervals " + csv.path).status, 0);
    const std::string rows = program::read_all(csv.path);
    const Page p = report(csv.path);
    EXPECT_EQ(p.texts("h3").back(), "3. Mean latency over first_request");
    EXPECT_EQ(values(p, p.find("details", "numbers")[2]).size(), std::count(rows.begin(), rows.end(), '\n') - 1u);
}

TEST(Report, IntervalsWithoutRequestsAreLeftOut)
{
    const File csv(".csv", "interval,first_request,played,memory_reads_per_request\n"
                           "0,1,10,3\n1,11,0,0\n2,11,10,2\n3,21,5,1\n");
    const Page p = report(csv.path);
    EXPECT_THAT(values(p, p.find("details", "numbers")[0]), ElementsAre(3, 2, 1));
}

TEST(Report, CurvesAreNamedByWhatTellsThemApart)
{
    const std::string base = "mrc -w zipf:pages=64 --tenants 32 -n 2000 --stats json";
    const std::string two = vtdsim(base + " --interleave zipf:1").out, four = vtdsim(base + " --sets 4").out;
    const std::string one = vtdsim(base).out;
    const File curves(".json", one + two), same(".json", one), mixed(".json", one + two + four);
    const Page p = report(curves.path);
    EXPECT_THAT(p.texts("li", "", p.find("ul", "legend")[0]), ElementsAre("interleave", "round-robin", "zipf:1"));
    const Page q = report(same.path);
    EXPECT_THAT(q.texts("li", "", q.find("ul", "legend")[0]), ElementsAre(same.path));
    const Page r = report(mixed.path);
    EXPECT_THAT(
        r.texts("li", "", r.find("ul", "legend")[0]),
        ElementsAre("sets 1, interleave round-robin", "sets 1, interleave zipf:1", "sets 4, interleave round-robin"));
}

TEST(Report, RunsOfTheProgramAreComparedByWhatDiffers)
{
    std::string all;
    for (const char *entries : {"4", "8", "16"})
        all += vtdsim(std::string("run -w zipf:pages=64 --tenants 32 -n 5000 --stats json -s pasid_cache.ways=4 -s "
                                  "pasid_cache.entries=") +
                      entries)
                   .out;
    const File runs(".json", all); /* objects of many lines, one behind the other */
    const Page p = report(runs.path);
    EXPECT_EQ(p.texts("h3")[0], "1. Hit rate of the PASID cache over pasid_cache.entries");
    EXPECT_EQ(values(p, p.find("details", "numbers")[0]).size(), 3u);
}
