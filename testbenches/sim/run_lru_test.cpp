/* SPDX-License-Identifier: MIT */
/*
 * vtdsim run against a textbook LRU that reads the trace itself: with an IOTLB of N entries, N ways and true LRU,
 * the hits are exactly those of an LRU list over source-id and page; those of the PASID cache are an LRU list over
 * source-id and PASID, fed by the misses of the IOTLB; and those of a device TLB are a list over PASID and page of that
 * device, whose misses feed the IOTLB.
 */
#include "program.h"
#include "trace_oracle.h"

#include <map>
#include <set>

using oracle::key_of;
using oracle::Lru;
using oracle::Step;
using program::Result;

namespace
{

std::vector<Step> load(const std::string &name)
{
    return oracle::steps_of(oracle::decompress(program::read_all(program::trace(name))));
}

std::string fully_associative(const std::string &cache, size_t entries)
{
    const std::string n = std::to_string(entries);
    return " --set " + cache + ".entries=" + n + " --set " + cache + ".ways=" + n + " --set " + cache + ".policy=lru";
}

class BundledTrace : public testing::TestWithParam<const char *>
{
  protected:
    const std::string file = program::trace(GetParam());
    const std::vector<Step> steps = load(GetParam());

    /* IOTLB hits over the devices themselves. */
    long long hits(size_t entries, bool with_unmaps) const
    {
        Lru lru(entries);
        long long n = 0;
        for (const Step &s : steps) {
            if (s.access)
                n += lru.access(key_of(s.sid, 0, s.page));
            else if (with_unmaps)
                oracle::unmap(lru, s, 0);
        }
        return n;
    }
    long long accesses() const
    {
        long long n = 0;
        for (const Step &s : steps)
            n += s.access;
        return n;
    }
};

TEST_P(BundledTrace, IotlbHitsAreThoseOfAnLruListWhenUnmapsAreIgnored)
{
    for (const size_t entries : {1, 64, 1024, 65536}) {
        const Result r("--invalidations ignore --trace " + file + fully_associative("iotlb", entries));
        EXPECT_EQ(r.counter("requests"), accesses());
        EXPECT_EQ(r.counter("iotlb_lookup"), accesses());
        EXPECT_EQ(r.counter("iotlb_hit"), hits(entries, false)) << entries << " entries";
        EXPECT_EQ(r.counter("faults"), 0);
    }
}

TEST_P(BundledTrace, UnmapsTakeTheirPagesFromTheIotlbAndNoOthers)
{
    for (const size_t entries : {1, 16, 512, 65536}) {
        const Result r("--trace " + file + fully_associative("iotlb", entries));
        EXPECT_EQ(r.counter("requests"), accesses());
        EXPECT_EQ(r.counter("iotlb_hit"), hits(entries, true)) << entries << " entries";
        EXPECT_EQ(r.counter("faults"), 0);
    }
}

TEST_P(BundledTrace, HitsAreTheSameInFirstAndSecondStage)
{
    const long long expected = hits(64, true);
    for (const std::string pgtt : {"first-stage", "second-stage"}) {
        const Result r("--pgtt " + pgtt + " --trace " + file + fully_associative("iotlb", 64));
        EXPECT_EQ(r.counter("iotlb_hit"), expected) << pgtt;
        EXPECT_EQ(r.counter("faults"), 0) << pgtt;
    }
}

/*
 * A first-stage table that is freed leaves the second stage, too, and an invalidation of the second stage takes all
 * nested translations of the domain (ref 6.3): so hits are those of the list only as long as nothing is unmapped.
 */
TEST_P(BundledTrace, NestedHitsAreThoseOfAnLruListUntilTablesAreFreed)
{
    const std::string nested = "--pgtt nested --trace " + file + fully_associative("iotlb", 64);
    const Result ignored("--invalidations ignore " + nested);
    EXPECT_EQ(ignored.counter("iotlb_hit"), hits(64, false));
    EXPECT_EQ(ignored.counter("faults"), 0);
    const Result played(nested);
    EXPECT_LE(played.counter("iotlb_hit"), hits(64, true));
    EXPECT_EQ(played.counter("requests"), accesses());
    EXPECT_EQ(played.counter("faults"), 0);
}

TEST_P(BundledTrace, PassThroughMapsNothingAndUnmapsNothing)
{
    const Result r("--pgtt pass-through --trace " + file);
    EXPECT_EQ(r.counter("requests"), accesses());
    EXPECT_EQ(r.counter("faults"), 0);
    EXPECT_EQ(r.counter("memory_reads_fs"), 0);
    EXPECT_EQ(r.counter("memory_reads_ss"), 0);
    EXPECT_EQ(r.counter("iotlb_invalidate"), 0);
}

/* Every tenant's stream is the trace; unmaps stand in front of the access that they precede in it. */
TEST_P(BundledTrace, TenantsWithPasidsTakeTurnsAndShareBothCaches)
{
    const unsigned tenants = 3;
    for (const size_t entries : {1, 4, 8}) {
        Lru iotlb(32), pasids(entries);
        long long iotlb_hits = 0, pasid_hits = 0, pasid_lookups = 0;
        size_t start = 0;
        for (size_t i = 0; i < steps.size(); i++) {
            if (!steps[i].access)
                continue;
            for (unsigned t = 1; t <= tenants; t++) {
                for (size_t k = start; k < i; k++)
                    oracle::unmap(iotlb, steps[k], t);
                if (iotlb.access(key_of(steps[i].sid, t, steps[i].page))) {
                    iotlb_hits++;
                    continue;
                }
                pasid_lookups++;
                pasid_hits += pasids.access(key_of(steps[i].sid, t, 0));
            }
            start = i + 1;
        }
        const Result r("--tenants 3 --trace " + file + fully_associative("iotlb", 32) +
                       fully_associative("pasid_cache", entries));
        EXPECT_EQ(r.counter("requests"), tenants * accesses());
        EXPECT_EQ(r.counter("iotlb_hit"), iotlb_hits);
        EXPECT_EQ(r.counter("pasid_cache_lookup"), pasid_lookups);
        EXPECT_EQ(r.counter("pasid_cache_hit"), pasid_hits) << entries << " entries";
        EXPECT_EQ(r.counter("faults"), 0);
    }
}

/*
 * Every device has a list of its own; the IOTLB sees what they miss. Unmaps leave no stale entry, and take no other one,
 * in the device TLBs and in the IOTLB.
 */
TEST_P(BundledTrace, DeviceTlbHitsAreThoseOfAnLruListPerDeviceAndTheIotlbSeesTheirMisses)
{
    for (const size_t entries : {1, 32, 4096}) {
        std::map<unsigned, Lru> devices;
        Lru iotlb(512);
        long long hits = 0, iotlb_hits = 0;
        for (const Step &s : steps) {
            Lru &device = devices.try_emplace(s.sid, entries).first->second;
            if (!s.access) {
                oracle::unmap(device, s, 0);
                oracle::unmap(iotlb, s, 0);
            } else if (device.access(key_of(s.sid, 0, s.page))) {
                hits++;
            } else {
                iotlb_hits += iotlb.access(key_of(s.sid, 0, s.page));
            }
        }
        const Result r("--trace " + file + fully_associative("device_tlb", entries) + fully_associative("iotlb", 512));
        const long long misses = accesses() - hits;
        EXPECT_EQ(r.counter("device_tlb_lookup"), accesses());
        EXPECT_EQ(r.counter("device_tlb_hit"), hits) << entries << " entries";
        EXPECT_EQ(r.counter("device_tlb_miss"), misses);
        EXPECT_EQ(r.counter("device_translation_requests"), misses);
        EXPECT_EQ(r.counter("device_translated_requests"), accesses());
        EXPECT_EQ(r.counter("device_untranslated_requests"), 0);
        EXPECT_EQ(r.counter("requests"), accesses() + misses);
        EXPECT_EQ(r.counter("iotlb_lookup"), misses);
        EXPECT_EQ(r.counter("iotlb_hit"), iotlb_hits);
        EXPECT_EQ(r.counter("faults"), 0);
        EXPECT_NEAR(r.rate("device_tlb_hit_rate"), static_cast<double>(hits) / static_cast<double>(accesses()), 1e-9);
    }
}

TEST_P(BundledTrace, TenantsWithPasidsShareTheDeviceTlbOfTheirDevice)
{
    const unsigned tenants = 3;
    std::map<unsigned, Lru> devices;
    long long hits = 0;
    size_t start = 0;
    for (size_t i = 0; i < steps.size(); i++) {
        if (!steps[i].access)
            continue;
        for (unsigned t = 1; t <= tenants; t++) {
            for (size_t k = start; k < i; k++)
                oracle::unmap(devices.try_emplace(steps[k].sid, 64).first->second, steps[k], t);
            hits += devices.try_emplace(steps[i].sid, 64).first->second.access(key_of(steps[i].sid, t, steps[i].page));
        }
        start = i + 1;
    }
    const Result r("--tenants 3 --trace " + file + fully_associative("device_tlb", 64));
    EXPECT_EQ(r.counter("device_tlb_lookup"), tenants * accesses());
    EXPECT_EQ(r.counter("device_tlb_hit"), hits);
    EXPECT_EQ(r.counter("faults"), 0);
}

std::string test_name(const testing::TestParamInfo<const char *> &trace)
{
    std::string name = trace.param;
    for (char &c : name)
        c = c == '-' ? '_' : c;
    return name;
}

INSTANTIATE_TEST_SUITE_P(Traces, BundledTrace,
                         testing::Values("e1000e-nic-strict", "mixed-nvme-net-lazy", "nvme-ext4-files-strict",
                                         "nvme-seq-qd1-strict", "nvme4-tenants-strict"),
                         test_name);

TEST(RunOrder, PasidCacheIsAskedForEachRequestWhenTheIotlbComesAfterIt)
{
    const std::vector<Step> steps = load("nvme4-tenants-strict");
    std::set<unsigned> devices;
    long long accesses = 0;
    for (const Step &s : steps) {
        accesses += s.access;
        if (s.access)
            devices.insert(s.sid);
    }
    const Result r("--invalidations ignore --set iotlb.order=after-pasid --trace " +
                   program::trace("nvme4-tenants-strict") + fully_associative("pasid_cache", 64));
    EXPECT_EQ(r.counter("pasid_cache_lookup"), accesses);
    EXPECT_EQ(r.counter("pasid_cache_hit"), accesses - (long long)devices.size()) << "one miss per device";
}

} // namespace
