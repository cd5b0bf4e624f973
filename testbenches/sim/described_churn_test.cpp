/* SPDX-License-Identifier: MIT */
/*
 * Processes that come and go: who has which PASID when, by a queue of the test's own; and what the caches of a unit do
 * meanwhile, by textbook lists that read the workload as a trace.
 */
#include "described.h"
#include "trace_oracle.h"

#include <deque>
#include <set>

using program::File;
using program::Result;
using program::vtdsim;
using rig::Described;
using rig::is_access;

namespace
{

TEST(Churn, APasidIsNotUsedFromItsEndUntilItIsGivenAnew)
{
    const Described w("{tenants: 5, interleave: random, churn: 20, churn-pasid: next, pasid-pool: 8, "
                      "of: {pattern: uniform, unmap: strict}}");
    std::deque<uint32_t> live = {1, 2, 3, 4, 5}, free = {6, 7, 8}; /* the oldest first */
    size_t accesses = 0, ends = 0;
    std::vector<double> used(9);
    for (const vtd_record &r : w.take(40000)) {
        if (r.kind == VTD_RECORD_DETACH) {
            ends++;
            ASSERT_EQ(accesses, 20 * ends);
            ASSERT_TRUE(r.has_pasid);
            ASSERT_EQ(r.pasid, live.front()) << "the oldest ends";
            live.pop_front();
            live.push_back(free.front());
            free.pop_front();
            free.push_back(r.pasid);
            continue;
        }
        accesses += is_access(r);
        ASSERT_NE(std::find(live.begin(), live.end(), r.pasid), live.end()) << "PASID " << r.pasid;
        used[r.pasid]++;
    }
    EXPECT_GT(ends, 900u);
    for (uint32_t pasid = 1; pasid <= 8; pasid++)
        EXPECT_GT(used[pasid], 0) << pasid;
}

TEST(Churn, WithTheSamePasidANewStreamBegins)
{
    const Described w("{tenants: 2, churn: 6, of: {pattern: sequential, pages: 1000, sid: '00:04.0'}}");
    /* By turns; after six accesses tenant 1 ends, after twelve tenant 2, and so on. */
    std::map<uint32_t, uint64_t> position;
    size_t accesses = 0;
    for (const vtd_record &r : w.take(700)) {
        if (r.kind == VTD_RECORD_DETACH) {
            ASSERT_EQ(accesses % 6, 0u);
            ASSERT_EQ(r.pasid, accesses / 6 % 2 ? 1u : 2u);
            ASSERT_EQ(r.sid, 0x20);
            position[r.pasid] = 0;
            continue;
        }
        ASSERT_EQ(r.pasid, accesses % 2 + 1);
        ASSERT_EQ(r.iova, 0x100000000 + position[r.pasid]++ * 4096);
        accesses++;
    }
    EXPECT_EQ(accesses, 600u);
}

TEST(Churn, NobodyEndsInTheMiddleOfABurst)
{
    const Described w("{tenants: 6, interleave: random, burst: 3, parallel: 2, churn: 4, churn-pasid: next, "
                      "of: {dsa: 4}}");
    std::map<uint32_t, size_t> steps;
    size_t ends = 0;
    for (const vtd_record &r : w.take(30000)) {
        if (r.kind == VTD_RECORD_DETACH) {
            ASSERT_EQ(steps[r.pasid] % 3, 0u) << "PASID " << r.pasid;
            ends++;
        } else {
            steps[r.pasid]++;
        }
    }
    EXPECT_GT(ends, 5000u);
}

TEST(Churn, EndsOnEachDeviceOfTheProcess)
{
    const Described w("{tenants: 2, churn: 10, of: {mix: [{dsa: 2, sid: '00:01.0'}, {dsa: 2, sid: '00:02.0'}]}}");
    const std::vector<vtd_record> all = w.take(12);
    EXPECT_EQ(all[10].kind, VTD_RECORD_DETACH);
    EXPECT_EQ(all[11].kind, VTD_RECORD_DETACH);
    EXPECT_EQ(all[10].sid, 0x08);
    EXPECT_EQ(all[11].sid, 0x10);
    EXPECT_EQ(all[11].pasid, all[10].pasid);
}

/* ---------------------------------------------------------------- on a unit */

/* Hits of an IOTLB and of a PASID cache of so many entries, by lists, over the text of a trace. */
struct Hits {
    long long requests = 0, iotlb = 0, pasid_lookups = 0, pasid = 0, detached = 0;
};

Hits hits_of(const std::string &text, size_t iotlb_entries, size_t pasid_entries)
{
    oracle::Lru iotlb(iotlb_entries), pasids(pasid_entries);
    std::map<std::string, unsigned> domains;
    Hits n;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream in(line);
        std::string a, b, c, d, e;
        in >> a >> b >> c >> d >> e;
        if (a == "#") { /* # domains: N=SID/PASID */
            const size_t slash = c.find('/');
            domains[c.substr(0, c.find('='))] = unsigned(std::stoul(c.substr(slash + 1), nullptr, 16));
        } else if (a == "inv") {
            oracle::Step s = {false, false, 0x10, std::stoull(c, nullptr, 16) >> 12,
                              d == "all" ? UINT64_MAX : std::stoull(d)};
            oracle::unmap(iotlb, s, domains.at(b));
        } else if (a == "detach") {
            const unsigned pasid = unsigned(std::stoul(c, nullptr, 16));
            oracle::unmap(iotlb, {false, false, 0x10, 0, UINT64_MAX}, pasid);
            pasids.remove_one(oracle::key_of(0x10, pasid, 0));
            n.detached++;
        } else {
            const unsigned pasid = unsigned(std::stoul(c, nullptr, 16));
            n.requests++;
            if (iotlb.access(oracle::key_of(0x10, pasid, (std::stoull(e, nullptr, 16) >> 12) & 0xfffffff))) {
                n.iotlb++;
            } else {
                n.pasid_lookups++;
                n.pasid += pasids.access(oracle::key_of(0x10, pasid, 0));
            }
        }
    }
    return n;
}

void expect_hits(const Result &r, const Hits &n)
{
    EXPECT_EQ(r.counter("requests"), n.requests);
    EXPECT_EQ(r.counter("faults"), 0);
    EXPECT_EQ(r.counter("iotlb_hit"), n.iotlb);
    EXPECT_EQ(r.counter("pasid_cache_lookup"), n.pasid_lookups);
    EXPECT_EQ(r.counter("pasid_cache_hit"), n.pasid);
}

TEST(Churn, CachesOfAUnitHitAsListsDo)
{
    const char *const ways[] = {"churn-pasid: same", "churn-pasid: next, pasid-pool: 60"};
    for (const char *way : ways) {
        const File yaml(".yaml", std::string("{tenants: 50, interleave: random, burst: 2, churn: 37, ") + way +
                                     ", of: {pattern: zipf, pages: 64, s: 0.7, unmap: strict, unmap-every: 5}}");
        const File trace(".trace", "");
        const auto converted = vtdsim("trace convert -w " + yaml.path + " -n 40000 -o " + trace.path);
        ASSERT_EQ(converted.status, 0) << converted.err;
        const std::string text = program::read_all(trace.path);
        for (const size_t entries : {4, 32}) {
            const Hits n = hits_of(text, 128, entries);
            EXPECT_EQ(n.requests, 40000);
            EXPECT_EQ(n.detached, (40000 - 1) / 37);
            const std::string unit = " --set iotlb.entries=128 --set iotlb.ways=128 --set iotlb.policy=lru"
                                     " --set pasid_cache.policy=lru --set pasid_cache.entries=" +
                                     std::to_string(entries) + " --set pasid_cache.ways=" + std::to_string(entries);
            expect_hits(Result("-w " + yaml.path + " -n 40000" + unit), n);
            expect_hits(Result("--trace " + trace.path + unit), n);
        }
    }
}

TEST(Churn, WorksInEveryKindOfTranslationAndWithDeviceTlbs)
{
    const File yaml(".yaml", "{tenants: 20, interleave: random, churn: 15, churn-pasid: next, "
                             "of: {pattern: zipf, pages: 32, unmap: lazy, unmap-batch: 9}}");
    const File by_sid(".yaml", "{tenants: 20, id: sid, churn: 15, of: {pattern: zipf, pages: 32}}");
    for (const std::string more : {"--pgtt first-stage", "--pgtt second-stage", "--pgtt nested", "--pgtt pass-through",
                                   "--set device_tlb.entries=64", "--pgtt second-stage --set device_tlb.entries=64"}) {
        for (const std::string &file : {yaml.path, by_sid.path}) {
            const Result r("-n 20000 -w " + file + " " + more);
            EXPECT_EQ(r.counter("faults"), 0) << more;
            EXPECT_GE(r.counter("requests"), 20000) << more;
            EXPECT_GT(r.counter("pasid_cache_invalidate"), 500) << more << ": about 1333 end, most of them cached";
        }
    }
}

/* ---------------------------------------------------------------- traces */

TEST(Detach, IsKeptByBothFormsOfTraces)
{
    const std::string text = "0 00:01.0 1a r 1000 8\ndetach 00:01.0 1a\n1.5 00:02.0 - w 2000 16\ndetach 00:02.0 -\n"
                             "detach ff:1f.7 fffff\n";
    const File in(".trace", text), binary(".vtdtrace", ""), out(".trace", "");
    ASSERT_EQ(vtdsim("trace convert " + in.path + " " + binary.path).status, 0);
    ASSERT_EQ(vtdsim("trace convert " + binary.path + " " + out.path).status, 0);
    EXPECT_EQ(program::read_all(out.path), text);
    for (const File *f : {&in, &binary}) {
        EXPECT_EQ(Result("--trace " + f->path).counter("requests"), 2);
        EXPECT_NE(vtdsim("trace info --format json " + f->path).out.find("\"detached\": 3"), std::string::npos);
    }
}

TEST(Detach, ThatIsMalformedIsRefusedByItsLine)
{
    for (const char *line : {"detach", "detach 00:01.0", "detach 00:01.0 1 2", "detach 1 -", "detach 00:01.0 100000",
                             "detach 00:01.0 -1"}) {
        const File in(".trace", std::string("0 00:01.0 - r 1000 8\n") + line + "\n");
        const auto r = vtdsim("run --trace " + in.path);
        EXPECT_EQ(r.status, 2) << line;
        EXPECT_NE(r.err.find(in.path + ":2:"), std::string::npos) << r.err;
    }
}

} // namespace
