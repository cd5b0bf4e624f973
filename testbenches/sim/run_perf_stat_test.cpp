/* SPDX-License-Identifier: MIT */
/*
 * vtdsim run --perf-stat: lines as "perf stat -x," prints them on a machine. Names and their order are those of Linux's
 * drivers/iommu/intel/perfmon.c, typed by hand; fields are those of the section CSV FORMAT of perf-stat(1).
 */
#include "program.h"

#include <gmock/gmock.h>

#include <vector>

using program::File;
using program::Output;
using program::Result;
using program::vtdsim;
using testing::HasSubstr;

namespace
{

/* Event, and the counter of the JSON result with the same meaning; nullptr: the model does not have it. */
const std::vector<std::pair<const char *, const char *>> kEvents = {
    {"iommu_clocks", nullptr},
    {"iommu_requests", "requests"},
    {"pw_occupancy", nullptr},
    {"ats_blocked", nullptr},
    {"iommu_mrds", "memory_reads"},
    {"iommu_mem_blocked", nullptr},
    {"pg_req_posted", "page_requests_queued"},
    {"ctxt_cache_lookup", "ctxt_cache_lookup"},
    {"ctxt_cache_hit", "ctxt_cache_hit"},
    {"pasid_cache_lookup", "pasid_cache_lookup"},
    {"pasid_cache_hit", "pasid_cache_hit"},
    {"ss_nonleaf_lookup", "ss_nonleaf_lookup"},
    {"ss_nonleaf_hit", "ss_nonleaf_hit"},
    {"fs_nonleaf_lookup", "fs_nonleaf_lookup"},
    {"fs_nonleaf_hit", "fs_nonleaf_hit"},
    {"hpt_nonleaf_lookup", nullptr},
    {"hpt_nonleaf_hit", nullptr},
    {"iotlb_lookup", "iotlb_lookup"},
    {"iotlb_hit", "iotlb_hit"},
    {"hpt_leaf_lookup", nullptr},
    {"hpt_leaf_hit", nullptr},
    {"int_cache_lookup", "int_cache_lookup"},
    {"int_cache_hit_nonposted", "int_cache_hit_nonposted"},
    {"int_cache_hit_posted", "int_cache_hit_posted"},
};

const char *const workload = "--tenants 4 --workload zipf:pages=4096 --requests 20000 --set pasid_cache.entries=2 ";

std::string expected(const Result &r)
{
    std::string text;
    for (const auto &[event, counter] : kEvents)
        text +=
            (counter ? std::to_string(r.counter(counter)) : "<not supported>") + ",,dmar0/" + event + "/,0,100.00,,\n";
    return text;
}

} // namespace

TEST(RunPerfStat, PrintsTheCountersUnderLinuxsNames)
{
    const Result r(workload);
    const Output o = vtdsim("run --perf-stat " + std::string(workload));
    ASSERT_EQ(o.status, 0) << o.err;
    EXPECT_EQ(o.out, expected(r));
    EXPECT_GT(r.counter("pasid_cache_hit"), 0);
    EXPECT_GT(r.counter("fs_nonleaf_hit"), 0);
    EXPECT_LT(r.counter("iotlb_hit"), r.counter("iotlb_lookup"));
}

/* With a performance monitor or without: the counts are the same. */
TEST(RunPerfStat, NeedsNoMonitorInTheUnit)
{
    const Output without = vtdsim("run --perf-stat " + std::string(workload));
    const Output with = vtdsim("run --perf-stat --set cap.ecmds=1 --set ecap.pms=1 " + std::string(workload));
    ASSERT_EQ(with.status, 0) << with.err;
    EXPECT_EQ(with.out, without.out);
}

TEST(RunPerfStat, GoesToTheOutputFile)
{
    const File file(".csv", "");
    const Output o = vtdsim("run --perf-stat -o " + file.path + " " + workload);
    ASSERT_EQ(o.status, 0) << o.err;
    EXPECT_EQ(o.out, "");
    EXPECT_EQ(program::read_all(file.path), expected(Result(workload)));
}

TEST(RunPerfStat, AndStatsAreAContradiction)
{
    for (const char *both : {"--perf-stat --stats text ", "--stats json --perf-stat "}) {
        const Output o = vtdsim("run " + std::string(both) + workload);
        EXPECT_EQ(o.status, 2) << both;
        EXPECT_THAT(o.err, HasSubstr("--perf-stat"));
        EXPECT_EQ(o.out, "");
    }
    EXPECT_EQ(vtdsim("run --perf-stat --perf-stat " + std::string(workload)).status, 0);
}
