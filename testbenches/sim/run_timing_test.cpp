// SPDX-License-Identifier: MIT
//
// vtdsim run in time: numbers that can be worked out by hand, laws, and that time changes nothing else.

#include "timed_program.h"

#include <gmock/gmock.h>

#include "vtd/vtd_timing.h"

#include <cmath>
#include <vector>

using program::at;
using program::File;
using program::kLink;
using program::kWalk;
using program::mixes;
using program::Output;
using program::Result;
using program::vtdsim;
using program::walks;
using testing::HasSubstr;

namespace
{

/* A unit that hits in the IOTLB only, in so many cycles, with so many ports. */
std::string hits(unsigned latency, unsigned ports)
{
    return " -w uniform:pages=1 --warmup 1000 --requests 11000 --set timing.iotlb.latency=" + std::to_string(latency) +
           " --set timing.iotlb.ports=" + std::to_string(ports) + " ";
}

/* ---------------------------------------------------------------- closed forms */

TEST(RunTiming, LoneHitTakesTheLinkAndTheLookup)
{
    const Result r(hits(7, 1) + "--arrivals 10000 --set timing.link=30");
    for (const char *what : {"min", "p50", "p90", "p99", "p99_9", "max", "mean"})
        EXPECT_EQ(at(r, std::string("timing.latency.all.") + what), 2 * 30 + 7) << what;
    EXPECT_EQ(at(r, "timing.latency.all.count"), 10000);
    EXPECT_EQ(at(r, "timing.latency.iotlb.count"), 10000);
    EXPECT_EQ(at(r, "timing.cycles"), 9999 * 10000 + 67) << "from the first arrival to the last answer";
}

/* 64 tags and a port: by Little's law each access takes as many cycles as accesses are in flight per cycle of throughput. */
TEST(RunTiming, PortsBoundTheThroughputOfHits)
{
    for (unsigned ports : {1u, 2u, 4u}) {
        const Result r(hits(2, ports) + "--arrivals accepted --set timing.link=0");
        for (const char *what : {"min", "p50", "max"})
            EXPECT_EQ(at(r, std::string("timing.latency.all.") + what), 64 / ports) << ports;
        EXPECT_NEAR(at(r, "timing.accesses_per_cycle"), ports, 64.0 * ports / 10000)
            << "but for those in flight at the end";
    }
}

TEST(RunTiming, WithoutAPortLimitTagsBoundTheThroughput)
{
    const Result r("-w uniform:pages=64 --requests 6400 --arrivals accepted" + walks() + "--set timing.in_flight=64");
    EXPECT_EQ(at(r, "timing.latency.all.min"), 2 * kLink + kWalk);
    EXPECT_EQ(at(r, "timing.latency.all.max"), 2 * kLink + kWalk);
    EXPECT_EQ(at(r, "timing.cycles"), 6400 / 64 * (2 * kLink + kWalk));
    EXPECT_DOUBLE_EQ(at(r, "timing.accesses_in_flight"), 64);
}

/* Places that are held for `held` cycles: accesses that come as far apart as they suffice for do not wait; closer, they queue. */
void expect_tight(const std::string &limit, unsigned places, unsigned held, const char *part)
{
    constexpr unsigned kAccesses = 200;
    const std::string run = "-w uniform:pages=64 --requests 200" + walks() + "--set timing." + limit + "=" +
                            std::to_string(places) + " --arrivals ";
    const Result wide(run + std::to_string(held / places)), close(run + std::to_string(held / places - 1));
    const std::string spent = std::string("timing.spent.") + part;
    EXPECT_EQ(at(wide, spent), 0) << limit;
    EXPECT_EQ(at(wide, "timing.latency.all.max"), 2 * kLink + kWalk);
    /* One cycle too close: access k takes the place of access k - places, which is `places` cycles later than it should. */
    unsigned sum = 0, last = 0;
    for (unsigned k = 0; k < kAccesses; k++)
        sum += last = k / places * places;
    EXPECT_EQ(at(close, spent), sum) << limit;
    EXPECT_EQ(at(close, "timing.latency.all.min"), 2 * kLink + kWalk);
    EXPECT_EQ(at(close, "timing.latency.all.max"), 2 * kLink + kWalk + last);
}

TEST(RunTiming, PlacesAreTightToTheCycle)
{
    expect_tight("walkers", 1, kWalk, "walker");
    expect_tight("walkers", 4, kWalk, "walker");
    expect_tight("misses", 1, kWalk, "miss_table");
    expect_tight("misses", 8, kWalk, "miss_table");
    expect_tight("in_flight", 1, 2 * kLink + kWalk, "credit");
    expect_tight("in_flight", 10, 2 * kLink + kWalk, "credit");
}

TEST(RunTiming, OccupancyIsThroughputTimesHold)
{
    const Result r("-w uniform:pages=64 --requests 5000 --arrivals accepted" + walks() +
                   "--set timing.in_flight=32 --set timing.walkers=8 --set timing.misses=16");
    const double cycles = at(r, "timing.cycles");
    EXPECT_EQ(at(r, "timing.walkers.hold_mean"), kWalk);
    EXPECT_EQ(at(r, "timing.walkers.holds"), 5000);
    EXPECT_EQ(at(r, "timing.walkers.peak"), 8);
    EXPECT_EQ(at(r, "timing.miss_table.peak"), 16);
    EXPECT_EQ(cycles, 5000 / 8 * kWalk + 2 * kLink) << "walkers work without a pause";
    EXPECT_NEAR(at(r, "timing.walkers.mean"), 5000 * kWalk / cycles, 1e-9);
    EXPECT_NEAR(at(r, "timing.walkers.full"), 5000 / 8 * kWalk / cycles, 1e-9);
    EXPECT_NEAR(at(r, "timing.accesses_in_flight"),
                at(r, "timing.accesses_per_cycle") * at(r, "timing.latency.all.mean"), 1e-6);
}

TEST(RunTiming, DeviceTlbTakesItsLookupAndTranslationRequestsARoundTrip)
{
    const std::string device = " --set device_tlb.entries=512 --set timing.device_tlb.latency=9 --arrivals 100000";
    const Result cold("-w sequential:pages=100 --requests 100" + walks() + device);
    EXPECT_EQ(at(cold, "timing.latency.ats.count"), 100);
    for (const char *what : {"min", "max"})
        EXPECT_EQ(at(cold, std::string("timing.latency.ats.") + what), 9 + (2 * kLink + kWalk) + 2 * kLink);
    const Result warm("-w sequential:pages=100 --requests 300 --warmup 100" + walks() + device);
    EXPECT_EQ(at(warm, "timing.latency.device_tlb.count"), 200);
    for (const char *what : {"min", "max"})
        EXPECT_EQ(at(warm, std::string("timing.latency.device_tlb.") + what), 9 + 2 * kLink);
}

TEST(RunTiming, DeviceWaitsForWhatItHasAskedFor)
{
    const Result r("-w uniform:pages=1 --requests 2 --arrivals 10" + walks() +
                   "--set device_tlb.entries=4 --set timing.device_tlb.latency=0");
    EXPECT_EQ(at(r, "timing.latency.ats.count"), 1);
    EXPECT_EQ(at(r, "timing.latency.device_tlb_merged.count"), 1);
    EXPECT_EQ(at(r, "timing.latency.device_tlb_merged.max"), at(r, "timing.latency.ats.max") - 10);
    EXPECT_EQ(at(r, "timing.spent.device"), 2 * kLink + kWalk - 10);
}

TEST(RunTiming, PageRequestGoesToSoftwareAndBack)
{
    const Result r(
        "-w sequential:pages=64 --requests 64 --arrivals 1000000" + walks() +
        "--set device_tlb.entries=64 --set device_tlb.page_requests=1 --set timing.device_tlb.latency=9 "
        "--set timing.memory.ss.latency=0 --set timing.memory.prq.latency=70 --set timing.software=5000 "
        "--set timing.memory.descriptor.latency=30 --set timing.descriptor=6 --set timing.memory.status.latency=80");
    /* The message and its write; software; response and wait descriptor are fetched and carried out, the status is written;
       the response. Before and after it the device looks up and asks; then it accesses. */
    const unsigned paging = kLink + 70 + 5000 + (30 + 2 * 6 + 80) + kLink;
    EXPECT_EQ(at(r, "timing.latency.paged.count"), 64);
    for (const char *what : {"min", "max"})
        EXPECT_EQ(at(r, std::string("timing.latency.paged.") + what), paging + 2 * (9 + 2 * kLink) + 2 * kLink);
    EXPECT_EQ(at(r, "timing.spent.paging"), 64 * paging);
    EXPECT_EQ(json_integer_value(json_object_get(json_object_get(r.root, "workload"), "pages_mapped")), 64);
}

TEST(RunTiming, SoftwareUnmapsOneAfterTheOtherAndWaitsForTheQueue)
{
    const File trace(".trace", "# domains: 2=00:03.0\n"
                               "0 00:03.0 - r 1000 64\n0.1 00:03.0 - r 2000 64\n1 00:03.0 - r 1000 64\n"
                               "inv 2 1000 1\ninv 2 2000 1\n");
    const Result r(
        "--trace " + trace.path + " --arrivals trace" + walks() +
        "--set timing.memory.descriptor.latency=30 --set timing.descriptor=6 --set timing.memory.status.latency=80");
    /* Each: an invalidation and a wait. The first wait is for the access at 1 ms, too, which has walked till then. */
    const unsigned first = kLink + kWalk + 80, one = 30 + 2 * 6 + 80;
    EXPECT_EQ(at(r, "timing.latency.unmap.count"), 2);
    EXPECT_EQ(at(r, "timing.latency.unmap.min"), first);
    EXPECT_EQ(at(r, "timing.latency.unmap.max"), first + one);
    EXPECT_EQ(at(r, "timing.cycles"), 1000000 + 2 * kLink + kWalk) << "1 ms at 1 GHz";
}

TEST(RunTiming, UnmapWaitsForTheDevicesThatDropThePage)
{
    const File trace(".trace", "# domains: 2=00:03.0\n"
                               "0 00:03.0 - r 1000 64\n1 00:03.0 - r 1000 64\ninv 2 1000 1\n");
    const Result r("--trace " + trace.path + " --arrivals trace --set device_tlb.entries=4" + walks() +
                   "--set timing.memory.descriptor.latency=30 --set timing.descriptor=6 "
                   "--set timing.memory.status.latency=80");
    /* Invalidations of the IOTLB and of the device TLB, and a wait, which is done when the device has answered. */
    EXPECT_EQ(at(r, "timing.latency.unmap.max"), 30 + 3 * 6 + 2 * kLink + 80);
}

TEST(RunTiming, FrequencyMakesCyclesOfTimesAndNanosecondsOfCycles)
{
    const File trace(".trace", "0 00:03.0 - r 1000 64\n0.001 00:03.0 - r 2000 64\n");
    const Result r("--trace " + trace.path + " --arrivals trace --set timing.frequency=2500000000" + walks());
    EXPECT_EQ(at(r, "timing.cycles"), 2500 + 2 * kLink + kWalk);
    EXPECT_DOUBLE_EQ(at(r, "timing.latency.all.max_ns"), (2 * kLink + kWalk) / 2.5);
    EXPECT_NEAR(at(r, "timing.accesses_per_second"), 2 * 2.5e9 / (2500 + 2 * kLink + kWalk), 1);
}

/* ---------------------------------------------------------------- laws */

TEST(RunTiming, ChangesNoCounter)
{
    std::vector<std::string> runs = mixes;
    runs.push_back("--trace " + program::trace("nvme4-tenants-strict") + " --requests 20000 ");
    for (const std::string &run : runs) {
        const Result plain(run), timed(run + "--timing"), every(run + "--arrivals 37");
        for (const char *part : {"counters", "rates", "faults_by_reason"}) {
            EXPECT_TRUE(json_equal(json_object_get(plain.root, part), json_object_get(timed.root, part))) << run;
            EXPECT_TRUE(json_equal(json_object_get(plain.root, part), json_object_get(every.root, part))) << run;
        }
        EXPECT_EQ(json_object_get(plain.root, "timing"), nullptr);
    }
}

TEST(RunTiming, RepeatsToTheByte)
{
    for (const std::string &run : mixes)
        for (const char *format : {"text", "json", "csv"}) {
            const std::string arguments = std::string("run --timing --stats ") + format + " " + run;
            EXPECT_EQ(vtdsim(arguments).out, vtdsim(arguments).out);
        }
}

TEST(RunTiming, EveryCycleIsSpentOnSomething)
{
    for (const std::string &run : mixes) {
        const Result r(run + "--arrivals 50");
        double spent = 0, shares = 0;
        for (unsigned i = 0; vtd_timing_part_name(i); i++) {
            spent += at(r, std::string("timing.spent.") + vtd_timing_part_name(i));
            shares += at(r, std::string("timing.spent.") + vtd_timing_part_name(i) + "_share");
        }
        const double latencies = at(r, "timing.latency.all.mean") * at(r, "timing.latency.all.count");
        EXPECT_NEAR(spent, latencies, 1e-8 * latencies) << run;
        EXPECT_NEAR(shares, 1, 1e-8);
        double accesses = 0, kinds = 0, sources = 0;
        for (const char *way : {"direct", "device_tlb", "device_tlb_merged", "ats", "paged"})
            accesses += at(r, std::string("timing.latency.") + way + ".count");
        for (const char *kind : {"untranslated", "translation", "translated"})
            kinds += at(r, std::string("timing.latency.") + kind + ".count");
        for (unsigned i = 0; vtd_timing_source_name(i); i++)
            sources += at(r, std::string("timing.latency.") + vtd_timing_source_name(i) + ".count");
        EXPECT_EQ(accesses, at(r, "timing.accesses"));
        EXPECT_EQ(kinds, at(r, "timing.requests"));
        EXPECT_EQ(sources, at(r, "timing.requests"));
        EXPECT_EQ(kinds, r.counter("requests"));
    }
}

TEST(RunTiming, CsvHasWhatJsonHas)
{
    const Result r(mixes[0] + "--timing");
    const Output csv = vtdsim("run --stats csv --timing " + mixes[0]);
    std::istringstream lines(csv.out);
    std::string names, values, name, value;
    std::getline(lines, names);
    std::getline(lines, values);
    std::istringstream n(names), v(values);
    unsigned compared = 0;
    while (std::getline(n, name, ',') && std::getline(v, value, ','))
        if (name.rfind("timing.", 0) == 0) {
            EXPECT_NEAR(std::stod(value), at(r, name), 1e-8 * std::fabs(at(r, name))) << name;
            compared++;
        }
    EXPECT_GT(compared, 250u);
}

/* ---------------------------------------------------------------- what is refused */

TEST(RunTiming, WhatCannotBeSaysWhy)
{
    const std::string run = "run -w uniform:pages=4 --requests 10 ";
    const File zero(".trace", "0 00:03.0 - r 1000 64\n0 00:03.0 - r 2000 64\n");
    const File late(".trace", "0 00:03.0 - r 1000 64\n9000000000000 00:03.0 - r 2000 64\n");
    const std::pair<std::string, const char *> bad[] = {
        {run + "--arrivals trace", "synthetic"},
        {run + "--timing --set timing.in_flight=0", "timing.in_flight"},
        {run + "--arrivals 0", "--arrivals"},
        {run + "--arrivals often", "arrivals"},
        {run + "--arrivals 10000000000", "1000000000"},
        {run + "--timing --set timing.walkers=70000", "timing.walkers"},
        {run + "--timeline /nowhere/file", "/nowhere/file"},
        {run + "--timeline /dev/full", "/dev/full"},
        {run + "--timeline x --timeline-range 5:4", "5:4"},
        {run + "--timeline-range 1:4", "--timeline"},
        {"run --arrivals trace --trace " + zero.path, "all times are 0"},
        {"run --arrivals trace --set timing.frequency=10000000000 --trace " + late.path, "too late"},
        {run + "--timing --set device_tlb.page_requests=1", "page_requests"},
        {run + "--timing --set device_tlb.entries=4 --set device_tlb.page_requests=1 --set ecap.prs=0", "ECAP.PRS"},
    };
    for (const auto &one : bad) {
        const Output o = vtdsim(one.first);
        EXPECT_EQ(o.status, 2) << one.first;
        EXPECT_THAT(o.err, HasSubstr(one.second)) << one.first;
    }
}

TEST(RunTiming, TimesThatGoBackAreCountedAndComeWithTheOneBefore)
{
    const File trace(".trace", "# domains: 2=00:03.0\n"
                               "1 00:03.0 - r 1000 64\n0.5 00:03.0 - r 2000 64\ninv 2 9000 1\n2 00:03.0 - r 3000 64\n");
    const Result r("--trace " + trace.path + " --arrivals trace" + walks());
    EXPECT_EQ(at(r, "timing.late_arrivals"), 1);
    EXPECT_EQ(at(r, "timing.cycles"), 1000000 + 2 * kLink + kWalk);
}

TEST(RunTiming, WarmUpIsInNeitherLatenciesNorOccupancy)
{
    const std::string run = "-w sequential:pages=50 --arrivals 1000 --set iotlb.entries=64 --set iotlb.ways=0 ";
    const Result r(run + "--requests 150 --warmup 50");
    EXPECT_EQ(at(r, "timing.latency.all.count"), 100);
    EXPECT_EQ(at(r, "timing.latency.iotlb.count"), 100) << "all pages are known";
    EXPECT_EQ(at(r, "timing.walkers.holds"), 0);
    EXPECT_EQ(at(r, "timing.spent.memory"), 0);
    EXPECT_EQ(at(r, "timing.cycles"), 99 * 1000 + 202);
}

} // namespace
