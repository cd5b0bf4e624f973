/* SPDX-License-Identifier: MIT */
/* vtdsim vm-study: what it says is what plain arithmetic says. */
#include "../sim/program.h"

#include <sstream>
#include <vector>

namespace
{

/* The rows of a study in JSON Lines, the header first. */
struct Rows {
    const program::File file{".jsonl", ""};
    program::Output output;
    std::vector<json_t *> rows;

    explicit Rows(const std::string &arguments) : output(program::vtdsim("vm-study -o " + file.path + " " + arguments))
    {
        EXPECT_EQ(output.status, 0) << output.err;
        std::istringstream lines(program::read_all(file.path));
        for (std::string line; std::getline(lines, line);) {
            rows.push_back(json_loads(line.c_str(), JSON_REJECT_DUPLICATES, nullptr));
            EXPECT_NE(rows.back(), nullptr) << line;
        }
    }
    ~Rows()
    {
        for (json_t *row : rows)
            json_decref(row);
    }
    Rows(const Rows &) = delete;
    Rows &operator=(const Rows &) = delete;

    /* A number of point i; -1 where there is none. */
    double number(size_t i, const char *group, const char *name) const
    {
        EXPECT_LT(i + 1, rows.size());
        const json_t *result = i + 1 < rows.size() ? json_object_get(rows[i + 1], "result") : nullptr;
        const json_t *value = json_object_get(json_object_get(result, group), name);
        EXPECT_TRUE(json_is_number(value)) << group << "." << name;
        return json_is_number(value) ? json_number_value(value) : -1;
    }
};

/* 64 guests of 16 processes take turns; the PASID cache has 1024 entries, 128 sets of 8 ways by low bits, LRU. */
const char *const kTurns = "--over guests=64 --over turns=round-robin -n 10240 -s pasid_cache.entries=1024 "
                           "-s pasid_cache.ways=8 -s pasid_cache.index=modulo -s iotlb.order=after-pasid ";

TEST(VmStudy, PasidsWithoutGapsFillThePasidCacheEvenly)
{
    const Rows r(std::string(kTurns) + "--over mapping=identity,guest-owned --over allocation=lowest");
    for (size_t i = 0; i < 2; i++) {
        EXPECT_EQ(r.number(i, "counters", "pasid_cache_lookup"), 10240);
        EXPECT_EQ(r.number(i, "counters", "pasid_cache_hit"), 10240) << "1 to 1024: 8 for each set";
        EXPECT_EQ(r.number(i, "pasids", "count"), 1024);
        EXPECT_EQ(r.number(i, "pasids", "highest"), 1024);
        EXPECT_EQ(r.number(i, "pasids", "directory_entries"), 17) << "of 64 PASIDs each, and the last alone";
    }
}

TEST(VmStudy, RangesOfGuestsMeetInFewSets)
{
    const Rows r(std::string(kTurns) + "--over allocation=ranges --over range=1024");
    /*
     * Guest g has 1024 g to 1024 g + 15, and the first, which has no PASID 0, 1 to 16. So sets 0 to 15 get 63 or 64
     * PASIDs, in turn: nothing of them is there when it comes again. Set 16 has one, which is met 10 times in 10 rounds.
     */
    EXPECT_EQ(r.number(0, "counters", "pasid_cache_hit"), 10);
    EXPECT_EQ(r.number(0, "pasids", "highest"), 63 * 1024 + 15);
    EXPECT_EQ(r.number(0, "pasids", "directory_entries"), 64);
}

TEST(VmStudy, WithIdentityTheDevicesOfAGuestMeetInASet)
{
    const Rows r(
        "--over mapping=identity,guest-owned --over guests=4 --over devices=16 -n 20000 -s pasid_cache.entries=1024 "
        "-s pasid_cache.ways=8 -s pasid_cache.index=modulo -s iotlb.order=after-pasid");
    /* 64 PASIDs of 16 devices: of 16 entries of a set, all as likely as the others, 8 are there. */
    EXPECT_NEAR(r.number(0, "rates", "pasid_cache_hit_rate"), 0.5, 0.02);
    EXPECT_EQ(r.number(0, "pasids", "count"), 64);
    EXPECT_EQ(r.number(1, "rates", "pasid_cache_hit_rate"), 1) << "1024 PASIDs, 8 for each set";
    EXPECT_EQ(r.number(1, "pasids", "count"), 1024);
}

TEST(VmStudy, IdentityCostsTwoTrapsMoreAtEachEndAndOnePasidForAllDevices)
{
    const Rows r("--over mapping=identity,guest-owned --over devices=1,3 -n 100 --over guests=4");
    for (const char *group : {"bind", "unbind"}) {
        for (size_t devices : {0u, 1u}) {
            const double binds = devices ? 3 : 1;
            EXPECT_NEAR(r.number(devices, group, "guest_accesses") - r.number(2 + devices, group, "guest_accesses"),
                        2 / binds, 1e-6)
                << "the command and its response, once for all devices";
            EXPECT_EQ(r.number(devices, group, "guest_descriptors"), r.number(2 + devices, group, "guest_descriptors"));
            EXPECT_EQ(r.number(devices, group, "host_descriptors"), r.number(2 + devices, group, "host_descriptors"));
        }
    }
    EXPECT_EQ(r.number(0, "bind", "host_descriptors"), 0) << "what was not present is in no cache";
    EXPECT_GT(r.number(0, "unbind", "host_descriptors"), 0);
    EXPECT_GT(r.number(0, "unbind", "cycles"), 0);
    EXPECT_EQ(r.number(1, "pasids", "count"), 64) << "identity: 4 guests of 16 processes, on 3 devices";
    EXPECT_EQ(r.number(3, "pasids", "count"), 192) << "the guests' own: for each device";
}

TEST(VmStudy, AHostsUnitInCachingModeIsToldOfBinds)
{
    const Rows r("--over cap.cm=0,1 -n 100 --over guests=2");
    EXPECT_EQ(r.number(0, "bind", "host_descriptors"), 0);
    EXPECT_GE(r.number(1, "bind", "host_descriptors"), 2) << "something to forget, and a wait";
    EXPECT_GT(r.number(1, "bind", "cycles"), 0);
}

TEST(VmStudy, GuestsShareADeviceByItsParts)
{
    const Rows r("--over shared=no,yes -n 1000 --over allocation=random");
    EXPECT_EQ(r.number(0, "pasids", "count"), 256);
    EXPECT_EQ(r.number(1, "pasids", "count"), 256);
    EXPECT_EQ(r.number(1, "counters", "faults"), 0);
}

TEST(VmStudy, ReportDrawsItAndTheTableHasTheSameNumbers)
{
    const std::string study = "--over guests=2,4 --over allocation=lowest,random -n 500";
    const Rows r(study);
    ASSERT_EQ(r.rows.size(), 5u);
    const program::File page(".html", ""), table(".csv", "");
    const program::Output report = program::vtdsim("report " + r.file.path + " -o " + page.path);
    EXPECT_EQ(report.status, 0) << report.err;
    EXPECT_NE(program::read_all(page.path).find("Hit rate of the PASID cache over guests, by allocation"),
              std::string::npos);
    EXPECT_EQ(program::vtdsim("vm-study " + study + " -o " + table.path).status, 0);
    std::istringstream lines(program::read_all(table.path));
    std::string line;
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_EQ(line.rfind("index,guests,allocation,pasid_cache_hit_rate,", 0), 0u) << line;
    for (size_t i = 0; i < 4; i++) {
        ASSERT_TRUE(std::getline(lines, line));
        char expected[64];
        snprintf(expected, sizeof expected, "%zu,%d,%s,%.9g,", i, i < 2 ? 2 : 4, i % 2 ? "random" : "lowest",
                 r.number(i, "rates", "pasid_cache_hit_rate"));
        EXPECT_EQ(line.rfind(expected, 0), 0u) << line << "\n" << expected;
    }
    const program::Output text = program::vtdsim("vm-study " + study);
    EXPECT_EQ(text.status, 0);
    EXPECT_NE(text.out.find("allocation"), std::string::npos);
}

TEST(VmStudy, WhatMakesNoSenseIsRefused)
{
    const struct {
        const char *arguments, *says;
    } cases[] = {
        {"--over mapping=other", "mapping=other"},
        {"--over guests=251", "guests must be 1 to 250"},
        {"--over guests=0", "guests must be"},
        {"--over guests=x", "guests=x: want a number"},
        {"--over devices=17", "devices must be 1 to 16"},
        {"--over guests=250 --over processes=201", "at most 50000"},
        {"--over pages=513", "pages must be"},
        {"--over turns=zipf:", "turns=zipf:"},
        {"--over turns=zipf:11", "turns=zipf:11"},
        {"--over allocation=ranges --over range=0", "range must be"},
        {"--over allocation=ranges --over range=8", "a PASID was refused"},
        {"--over shared=yes --over mapping=identity --over devices=2", "devices must be 1"},
        {"--over pasid_cash.entries=8", "pasid_cache.entries"},
        {"--over ecap.nest=0", "no nested translation"},
        {"-n x", "--requests x"},
        {"-o /nowhere/rows.jsonl", "/nowhere/rows.jsonl"},
        {"-s preset=nothing", "nothing"},
        {"--over", ""},
        {"stray", ""},
    };
    for (const auto &c : cases) {
        const program::Output o = program::vtdsim(std::string("vm-study ") + c.arguments);
        EXPECT_EQ(o.status, 2) << c.arguments;
        EXPECT_NE(o.err.find(c.says), std::string::npos) << c.arguments << "\n" << o.err;
    }
}

} // namespace
