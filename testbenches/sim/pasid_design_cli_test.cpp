/* SPDX-License-Identifier: MIT */
/*
 * The design of the PASID cache and the driver's precision as keys of vtdsim: what the results show, that nothing of it changes
 * what is translated, and what cannot be had.
 */
#include "program.h"

#include <gmock/gmock.h>

using program::File;
using program::Output;
using program::Result;
using program::vtdsim;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

namespace
{

/* 256 tenants in turn, each a PASID with a page of its own: PASIDs 1 to 256, in five pages of the table. */
const std::string tenants = " --workload sequential:pages=1 --tenants 256 --tenant-id pasid --requests 1024"
                            " --set iotlb.entries=0 --set pasid_cache.entries=64 --set pasid_cache.ways=64 ";

TEST(PasidDesignRun, PrefetchOfSequentialTenantsMissesOncePerPrefetch)
{
    /*
     * Four rounds, and none finds anything of the one before: 256 PASIDs, LRU, 64 entries. In the first, PASIDs become present
     * one by one, so that there is nothing to read ahead. Later, in pages of 63, 3 times 64 and one PASID, each miss brings three
     * more: 16 + 3 * 16 + 1 misses a round.
     */
    const Result r(tenants + "--set pasid_cache.prefetch=3");
    EXPECT_EQ(r.counter("pasid_cache_lookup"), 1024);
    EXPECT_EQ(r.counter("pasid_cache_miss"), 256 + 3 * (16 + 3 * 16 + 1));
    EXPECT_EQ(r.counter("pasid_prefetch_useful"), r.counter("pasid_cache_hit"));
    EXPECT_FLOAT_EQ(r.rate("pasid_prefetch_use_rate"), static_cast<double>(r.counter("pasid_prefetch_useful")) /
                                                           static_cast<double>(r.counter("pasid_prefetch_read")));
    EXPECT_EQ(Result(tenants).counter("pasid_cache_hit"), 0);
}

TEST(PasidDesignRun, DirectoryCacheOfFiveEntriesReadsEachOnce)
{
    const Result r(tenants + "--set pasid_dir_cache.entries=5");
    EXPECT_EQ(r.counter("pasid_dir_lookup"), 1024);
    EXPECT_EQ(r.counter("pasid_dir_miss"), 5);
    EXPECT_EQ(r.counter("memory_reads_pasid_dir"), 5);
    EXPECT_FLOAT_EQ(r.rate("pasid_dir_hit_rate"), 1019.0 / 1024);
    EXPECT_EQ(Result(tenants).counter("memory_reads_pasid_dir"), 1024);
}

TEST(PasidDesignRun, TextShowsWhatIsThereOnly)
{
    const Output off = vtdsim("run" + tenants);
    EXPECT_THAT(off.out, Not(HasSubstr("PASID directory cache")));
    EXPECT_THAT(off.out, Not(HasSubstr("prefetch  ")));
    const Output own = vtdsim("run" + tenants + "--set pasid_dir_cache.entries=8 --set pasid_cache.prefetch=1");
    EXPECT_THAT(own.out, ContainsRegex("PASID directory cache +8 full +"));
    EXPECT_THAT(own.out, ContainsRegex("prefetch +PASID entries read ahead [1-9]"));
    const Output shared = vtdsim("run" + tenants + "--set pasid_cache.directory=shared");
    EXPECT_THAT(shared.out, ContainsRegex("PASID directory entries there +64 full +1024 "));
    const Output sets = vtdsim(
        "run" + tenants + "--set pasid_cache.ways=8 --set pasid_cache.partition=sid --set pasid_cache.partitions=2");
    EXPECT_THAT(sets.out, ContainsRegex("PASID cache +2 \\* 4 x 8 "));
    const Output ways =
        vtdsim("run" + tenants +
               "--set pasid_cache.ways=8 --set pasid_cache.partition=sid-ways --set pasid_cache.partitions=2");
    EXPECT_THAT(ways.out, ContainsRegex("PASID cache +2 \\* 8 x 4 "));
}

/* Four devices, one of which goes through many more pages: in parts of their own the others keep their hits. */
TEST(PasidDesignRun, PartitionsOfTheIotlbAreSet)
{
    const std::string w =
        " --workload uniform:pages=24 --tenants 4 --tenant-id sid --requests 20000 --set iotlb.entries=128"
        " --set iotlb.index=modulo ";
    const Result parted(w + "--set iotlb.partition=sid --set iotlb.partitions=4 --set iotlb.ways=32");
    EXPECT_EQ(parted.counter("iotlb_miss"), 4 * 24) << "each of four parts holds the 24 pages of its device";
    EXPECT_EQ(parted.counter("faults"), 0);
}

/* Unmaps are flushed as precisely as asked, and what remains cached differs accordingly; what is translated does not. */
TEST(DriverPrecision, WiderFlushesCostHitsAndDescriptorsOfTheirKind)
{
    const std::string w = " --trace " + program::trace("nvme-seq-qd1-strict") + " --pgtt first-stage ";
    const Result exact(w), domain(w + "--set driver.invalidation=domain"),
        global(w + "--set driver.invalidation=global");
    for (const Result *r : {&exact, &domain, &global}) {
        EXPECT_EQ(r->counter("faults"), 0);
        EXPECT_EQ(r->counter("requests"), exact.counter("requests"));
    }
    EXPECT_GT(exact.counter("inv_pasid_iotlb"), 0);
    EXPECT_EQ(exact.counter("inv_iotlb"), 0);
    for (const Result *r : {&domain, &global}) {
        EXPECT_EQ(r->counter("inv_pasid_iotlb"), 0);
        EXPECT_GT(r->counter("inv_iotlb"), 0);
        EXPECT_LE(r->counter("iotlb_hit"), exact.counter("iotlb_hit"));
    }
    EXPECT_LE(global.counter("iotlb_hit"), domain.counter("iotlb_hit"));
    EXPECT_GT(global.counter("memory_reads"), exact.counter("memory_reads"));
}

TEST(PasidDesignErrors, EndWithStatusTwoAndNameTheKey)
{
    const struct {
        const char *arguments, *word;
    } cases[] = {
        {"--set pasid_cache.prefetch=64", "pasid_cache.prefetch"},
        {"--set pasid_cache.directory=both", "separate (pasid_dir_cache), shared"},
        {"--set pasid_cache.directory=shared --set pasid_dir_cache.entries=4", "pasid_dir_cache.entries must be 0"},
        {"--set pasid_cache.partition=sid --set pasid_cache.partitions=3", "pasid_cache: partitions must divide"},
        {"--set pasid_cache.partition=sid-ways --set pasid_cache.partitions=16 --set pasid_cache.ways=8",
         "pasid_cache: partitions must divide"},
        {"--set pasid_cache.partition=sid-ways --set pasid_cache.partitions=16", "partitions must divide the ways"},
        {"--set pasid_cache.partition=sid --set pasid_cache.partitions=0", "pasid_cache: partitions must divide"},
        {"--set iec.partition=sid", "iec.partition"},
        {"--set driver.invalidation=lazy", "driver.invalidation"},
    };
    for (const auto &c : cases) {
        const Output o = vtdsim("run --workload uniform --requests 10 " + std::string(c.arguments));
        EXPECT_EQ(o.status, 2) << c.arguments;
        EXPECT_THAT(o.err, HasSubstr(c.word)) << c.arguments;
    }
}

TEST(PasidDesignErrors, CurvesAreRefusedWhereTheyWouldBeWrong)
{
    const std::string w = "mrc --workload uniform:pages=16 --requests 100 ";
    for (const char *key : {"pasid_cache.prefetch=1", "pasid_cache.directory=shared", "pasid_cache.partition=sid"}) {
        const Output o = vtdsim(w + "--set " + key);
        EXPECT_EQ(o.status, 2) << key;
        EXPECT_THAT(o.err, HasSubstr("pasid_cache: vtdsim mrc")) << key;
        EXPECT_EQ(vtdsim(w + "--cache iotlb --set " + key).status, 0) << key;
    }
    EXPECT_EQ(vtdsim(w + "--cache iotlb --set iotlb.partition=sid").status, 2);
    EXPECT_EQ(vtdsim(w + "--set pasid_dir_cache.entries=4").status, 0) << "directory entries are none of its keys";
}

/* Explanations name directory entries, wherever they are kept, and what is read ahead. */
TEST(PasidDesignExplain, ShowsDirectoryEntriesAndPrefetch)
{
    const std::string machine = R"(config memory.size 0x10_0000
store 0x1000 8 0x2001
store 0x2200 8 0x301d
store 0x3000 8 0x4001
store 0x4140 8 0x41
store 0x4148 8 0x80_0007
store 0x4150 8 0x5000
store 0x4180 8 0x41
store 0x4188 8 0x80_0007
store 0x4190 8 0x5000
store 0x5000 8 0x6007
store 0x6000 8 0x7007
store 0x7000 8 0x8007
store 0x8008 8 0x9067
store 0x4000 8 0x101
store 0x4008 8 0x80_0001
write 0x20 8 0x1400
write 0x18 4 0x4000_0000
write 0x18 4 0x8000_0000
dma read 00:02.0 0x1000 pasid=5 -> hpa=0x9000
dma read 00:02.0 0x1000 pasid=6 -> hpa=0x9000
)";
    const File own(".vtd",
                   "vtd-scenario 1\nconfig pasid_dir_cache.entries 4\nconfig pasid_cache.prefetch 1\n" + machine);
    const Output a = vtdsim("explain " + own.path);
    EXPECT_EQ(a.status, 0) << a.err;
    EXPECT_THAT(a.out, HasSubstr("PASID directory cache"));
    EXPECT_THAT(a.out, HasSubstr("device 00:02.0, directory entry of PASIDs 0x0 to 0x3f"));
    EXPECT_THAT(a.out, HasSubstr("fetched ahead, up to that of PASID 6"));
    const File shared(".vtd", "vtd-scenario 1\nconfig pasid_cache.directory shared\n" + machine);
    const Output b = vtdsim("explain " + shared.path);
    EXPECT_EQ(b.status, 0) << b.err;
    EXPECT_THAT(b.out, HasSubstr("device 00:02.0, directory entry of PASIDs 0x0 to 0x3f"));
    EXPECT_THAT(b.out, Not(HasSubstr("PASID directory cache")));
}

} // namespace
