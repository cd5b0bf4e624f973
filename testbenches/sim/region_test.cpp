/* SPDX-License-Identifier: MIT */
/*
 * Warm-up, region of interest and intervals. A workload is the same however much of it counts, so what a part counts is the
 * difference between two runs that end where it begins and where it ends.
 */
#include "program.h"

#include <map>
#include <vector>

using program::File;
using program::Output;
using program::Result;
using program::vtdsim;

namespace
{

/* A trace with several devices and unmaps, a stream of tenants, and devices with TLBs of their own. */
const std::string workloads[] = {
    "--trace " + program::trace("nvme4-tenants-strict"),
    "--workload zipf:pages=300 --tenants 50 --interleave random",
    "--set device_tlb.entries=32 --trace " + program::trace("mixed-nvme-net-lazy"),
};

/* All counters and what the driver did. */
std::map<std::string, long long> counts(const std::string &arguments)
{
    const Result r(arguments);
    std::map<std::string, long long> all;
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(r.root, "counters"), name, value) all[name] = json_integer_value(value);
    for (const char *key : {"unmaps", "pages_mapped"})
        all[key] = json_integer_value(json_object_get(json_object_get(r.root, "workload"), key));
    return all;
}

void expect_difference(const std::map<std::string, long long> &part, const std::map<std::string, long long> &to,
                       const std::map<std::string, long long> &from)
{
    ASSERT_EQ(part.size(), to.size());
    ASSERT_GT(part.size(), 50u);
    for (const auto &[name, value] : part)
        EXPECT_EQ(value, to.at(name) - from.at(name)) << name;
}

TEST(Region, CountsAfterAWarmUpAreThoseOfTheRequestsBehindIt)
{
    for (const std::string &w : workloads)
        expect_difference(counts(w + " -n 30000 --warmup 7000"), counts(w + " -n 30000"), counts(w + " -n 7000"));
}

TEST(Region, RegionOfInterestIsWhatLiesBetweenItsEnds)
{
    for (const std::string &w : workloads)
        expect_difference(counts(w + " --roi 9001:12000"), counts(w + " -n 12000"), counts(w + " -n 9000"));
}

TEST(Region, RegionFromTheFirstRequestOnIsTheWholeRun)
{
    EXPECT_EQ(counts(workloads[0] + " --roi 1:5000"), counts(workloads[0] + " -n 5000"));
    EXPECT_EQ(counts(workloads[0] + " --warmup 0"), counts(workloads[0]));
}

TEST(Region, WarmUpInPercentIsOfAllRequestsThatAreKnown)
{
    const std::string w = "--workload uniform:pages=500 --stats csv ";
    EXPECT_EQ(vtdsim("run -n 30010 --warmup 10% " + w).out, vtdsim("run -n 30010 --warmup 3001 " + w).out);
    EXPECT_EQ(vtdsim("run --warmup 50% " + w).out, vtdsim("run --warmup 500000 " + w).out);
    /* Two tenants play twice 241,189 requests. */
    const std::string t = "--tenants 2 --stats csv --trace " + program::trace("nvme4-tenants-strict");
    EXPECT_EQ(vtdsim("run --warmup 50% " + t).out, vtdsim("run --warmup 241189 " + t).out);
}

/* 64 pages, each once: 64 misses; then they are all there. */
TEST(Region, WarmCacheMissesNothing)
{
    const Result r("--workload sequential:pages=64 -n 1000 --warmup 64 --set iotlb.entries=64 --set iotlb.ways=0");
    EXPECT_EQ(r.counter("requests"), 936);
    EXPECT_EQ(r.counter("iotlb_hit"), 936);
    EXPECT_EQ(r.counter("memory_reads"), 0);
}

TEST(Region, ResultNamesIt)
{
    const Result r("--workload uniform --roi 11:20");
    json_t *w = json_object_get(r.root, "workload");
    EXPECT_STREQ(json_string_value(json_object_get(w, "roi")), "11:20");
    EXPECT_EQ(json_integer_value(json_object_get(w, "warmup")), 10);
    EXPECT_NE(vtdsim("run --workload uniform --roi 11:20").out.find("requests 11 to 20"), std::string::npos);
    EXPECT_NE(vtdsim("run --workload uniform --warmup 9").out.find("warm-up of 9 requests"), std::string::npos);
}

TEST(Region, WhatCannotBeCountedIsAnError)
{
    const std::string t = " --trace " + program::trace("nvme4-tenants-strict");
    const std::pair<std::string, const char *> wrong[] = {
        {"-n 10 --warmup 10 -w uniform", "nothing is left"},
        {"-n 10 --roi 3:4 -w uniform", "--roi"},
        {"--warmup 3 --roi 3:4 -w uniform", "--roi"},
        {"--roi 4:3 -w uniform", "ascending"},
        {"--roi 0:3 -w uniform", "from 1"},
        {"--roi 3 -w uniform", "FIRST:LAST"},
        {"--warmup 100% -w uniform", "99%"},
        {"--warmup x -w uniform", "want a number"},
        {"--warmup 10%" + t, "-n"},
        {"--warmup 241189" + t, "the workload has 241189 requests"},
        {"--roi 5:241190" + t, "the workload has 241189 requests"},
        {"--interval 5 -w uniform", "belong together"},
        {"--interval 0 --intervals x.csv -w uniform", "want a number"},
        {"--interval 5ns --intervals x.csv -w uniform", "timed runs only"},
        {"--interval 5us --intervals x.csv --timing -w uniform", "want a number"},
        {"--interval 500 --intervals /nonexistent/x.csv -w uniform", "/nonexistent/x.csv"},
        {"--interval 500 --intervals /dev/full -w uniform", "/dev/full: No space left on device"},
    };
    for (const auto &[arguments, words] : wrong) {
        const Output o = vtdsim("run " + arguments);
        EXPECT_EQ(o.status, 2) << arguments;
        EXPECT_NE(o.err.find(words), std::string::npos) << arguments << "\n" << o.err;
        EXPECT_EQ(o.out, "") << arguments;
    }
}

/* ---------------------------------------------------------------- intervals */

using Row = std::vector<std::string>;

std::vector<Row> rows_of(const std::string &text)
{
    std::vector<Row> rows;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        rows.emplace_back();
        std::istringstream words(line);
        for (std::string word; std::getline(words, word, ',');)
            rows.back().push_back(word);
    }
    return rows;
}

TEST(Intervals, AddUpToTheWholeAndFollowEachOther)
{
    for (const std::string &w : workloads)
        for (const std::string region : {"-n 25500", "--roi 3001:28500"}) {
            const File file(".csv", "");
            const auto all = counts(w + " " + region + " --interval 1000 --intervals " + file.path);
            const auto rows = rows_of(program::read_all(file.path));
            ASSERT_EQ(rows.size(), 27u) << "names, 25 of 1000 requests, and 500";
            std::map<std::string, long long> sums;
            unsigned long long next = region[0] == '-' && region[1] == 'n' ? 1 : 3001;
            for (size_t i = 1; i < rows.size(); i++) {
                ASSERT_EQ(rows[i].size(), rows[0].size());
                EXPECT_EQ(rows[i][0], std::to_string(i - 1));
                EXPECT_EQ(rows[i][1], std::to_string(next));
                EXPECT_EQ(rows[i][2], i < 26 ? "1000" : "500");
                next += std::stoull(rows[i][2]);
                for (size_t c = 3; c < rows[0].size(); c++)
                    if (all.count(rows[0][c]))
                        sums[rows[0][c]] += std::stoll(rows[i][c]);
            }
            EXPECT_EQ(sums, all);
        }
}

TEST(Intervals, RatesAreThoseOfTheInterval)
{
    const File file(".csv", "");
    ASSERT_EQ(vtdsim("run -w sequential:pages=100 -n 200 --interval 100 --set iotlb.entries=128 --set iotlb.ways=0"
                     " --intervals " +
                     file.path)
                  .status,
              0);
    const auto rows = rows_of(program::read_all(file.path));
    ASSERT_EQ(rows.size(), 3u);
    size_t rate = 0;
    while (rate < rows[0].size() && rows[0][rate] != "iotlb_hit_rate")
        rate++;
    ASSERT_LT(rate, rows[0].size());
    EXPECT_EQ(rows[1][rate], "0");
    EXPECT_EQ(rows[2][rate], "1");
}

/*
 * One access each 10 cycles, so 100 of them in 1000 cycles, and the first at cycle 0. An interval takes the access that comes
 * at its end: 0 to 1000 are 101, then 100 each; of 1001 accesses the last comes at cycle 10,000.
 */
TEST(Intervals, OfTimeHaveTheAccessesThatCameInThem)
{
    for (const std::string length : {"1000cycles", "500ns"}) {
        const File file(".csv", "");
        const Result r("-w uniform:pages=16 -n 1001 --arrivals 10 --set timing.frequency=2000000000 --interval " +
                       length + " --intervals " + file.path);
        const auto rows = rows_of(program::read_all(file.path));
        ASSERT_EQ(rows.size(), 11u);
        long long latency = 0;
        for (size_t i = 1; i < rows.size(); i++) {
            ASSERT_EQ(rows[i].size(), rows[0].size());
            EXPECT_EQ(rows[i][2], i == 1 ? "101" : "100");
            const size_t last = rows[0].size() - 1;
            EXPECT_EQ(rows[0][last - 2], "last_arrival");
            EXPECT_EQ(rows[i][last - 2], std::to_string(1000 * i));
            EXPECT_EQ(rows[0][last - 1], "latency_sum");
            latency += std::stoll(rows[i][last - 1]);
        }
        /* The mean of the run is that of the intervals together. */
        const json_t *all = json_object_get(json_object_get(json_object_get(r.root, "timing"), "latency"), "all");
        EXPECT_NEAR(json_number_value(json_object_get(all, "mean")), static_cast<double>(latency) / 1001, 1e-6);
    }
}

/* The disk is full within a row: the limit on the size of files is 8 or 16 KiB, by the shell's unit. */
TEST(Intervals, FullDiskLeavesWholeRows)
{
    const File file(".csv", "");
    const std::string command = "trap '' XFSZ; ulimit -f 16; " VTD_TEST_BIN_DIR "/vtdsim run -w uniform --interval 1000"
                                " --intervals " +
                                file.path + " >/dev/null 2>&1";
    const int status = std::system(command.c_str());
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 2);
    const std::string text = program::read_all(file.path);
    ASSERT_FALSE(text.empty());
    EXPECT_EQ(text.back(), '\n');
    const auto rows = rows_of(text);
    EXPECT_GT(rows.size(), 5u);
    EXPECT_LT(rows.size(), 500u);
    for (const Row &row : rows)
        EXPECT_EQ(row.size(), rows[0].size());
}

/* ---------------------------------------------------------------- mrc */

/* A curve of a region at a size is what a run with such a cache counts in that region. */
TEST(Region, CurveIsOfTheRegionAndStartsWarm)
{
    const std::string w = "--workload zipf:pages=200 --tenants 20 --interleave random ";
    for (const std::string region : {"-n 20000 --warmup 15000 ", "--roi 101:5000 "}) {
        const Output o = vtdsim("mrc -C iotlb --stats csv --sizes 1,50,400,2000 " + w + region);
        ASSERT_EQ(o.status, 0) << o.err;
        const auto rows = rows_of(o.out);
        ASSERT_EQ(rows.size(), 5u);
        for (size_t i = 1; i < rows.size(); i++) {
            const Result r(w + region + "--set iotlb.ways=0 --set iotlb.entries=" + rows[i][2]);
            EXPECT_EQ(rows[i][3], std::to_string(r.counter("iotlb_lookup")));
            EXPECT_EQ(rows[i][4], std::to_string(r.counter("iotlb_hit"))) << rows[i][2] << " entries";
        }
    }
}

} // namespace
