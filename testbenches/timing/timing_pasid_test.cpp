// SPDX-License-Identifier: MIT
//
// Cycles of what a design of the PASID cache adds: lookups of directory entries, and entries that are read ahead.

#include "timing_rig.h"

using namespace timingrig;
using namespace vtdtest;

namespace
{

vtd_config withDirectoryCache()
{
    vtd_config c = withCaches(256);
    c.cache[VTD_CACHE_PASID_DIR].entries = 16;
    return c;
}

vtd_config withPrefetch(unsigned n)
{
    vtd_config c = withCaches(256);
    c.pasid_prefetch = static_cast<uint8_t>(n);
    return c;
}

/* When the PASID entry of a cold request is there: three lookups; root, context, directory and PASID entry. */
constexpr uint64_t kEntryThere = 3 * kLookup + 4 * kMemory;

TEST_F(Timing, DirectoryHitTakesALookupInsteadOfARead)
{
    /* Another PASID of the page: IOTLB, context, PASID, paging-structure cache; PASID entry, four levels. */
    start(unlimited());
    warm(1);
    EXPECT_EQ(read(when, page(0), 2).done, when + 2 * kLink + 4 * kLookup + 6 * kMemory);
    start(unlimited(), withDirectoryCache());
    warm(1);
    EXPECT_EQ(read(when, page(0), 2).done, when + 2 * kLink + 5 * kLookup + 5 * kMemory);
}

TEST_F(Timing, DirectoryMissTakesBoth)
{
    start(unlimited(), withDirectoryCache());
    EXPECT_EQ(read(when, page(0)).done, when + 2 * kLink + kColdWalk + kLookup);
}

TEST_F(Timing, DirectoryCacheHasPortsOfItsOwn)
{
    vtd_timing_config c = unlimited();
    c.ports[VTD_CACHE_PASID_DIR] = 1;
    start(c, withDirectoryCache());
    warm(1);
    read(0, page(0), 1, kOther);
    const vtd_timed first = read(when, page(0), 2), second = read(when, page(0), 2, kOther);
    EXPECT_EQ(first.part[VTD_TIMING_PORT], 0u);
    EXPECT_EQ(second.part[VTD_TIMING_PORT], 1u);
}

TEST_F(Timing, SharedDirectoryEntriesAreLookedUpInThePasidCache)
{
    vtd_timing_config c = unlimited();
    c.lookup_latency[VTD_CACHE_PASID_DIR] = 100000; /* that cache is not there */
    c.lookup_latency[VTD_CACHE_PASID] = 11;
    vtd_config config = withCaches(256);
    config.pasid_directory = VTD_PASID_DIRECTORY_SHARED;
    start(c, config);
    warm(1);
    EXPECT_EQ(read(when, page(0), 2).done, when + 2 * kLink + 3 * kLookup + 2 * 11 + 5 * kMemory);
}

/* Two requests that need the same directory entry: the second finds it on its way, and waits for no more than that. */
TEST_F(Timing, DirectoryEntryUnderWayIsWaitedFor)
{
    start(unlimited(), withDirectoryCache());
    read(when, page(0));
    const uint64_t there = when + kLink + 4 * kLookup + 3 * kMemory; /* root, context and directory entry */
    const vtd_timed second = read(when + 1, page(0), 2);
    EXPECT_EQ(second.part[VTD_TIMING_MERGED] + when + 1 + kLink + 4 * kLookup, there);
}

TEST_F(Timing, NobodyWaitsForWhatIsReadAhead)
{
    for (unsigned n : {0u, 1u, 63u}) {
        start(unlimited(), withPrefetch(n));
        const vtd_timed t = read(when, page(0));
        EXPECT_EQ(t.done, when + 2 * kLink + kColdWalk);
        EXPECT_EQ(t.memory_accesses, 8u);
        EXPECT_EQ(u->stats().pasid_prefetch_read, n ? std::min(n, 62u) : 0u); /* PASID 1 is the second of its page */
    }
}

/* One cycle before an entry that was read ahead is there, and when it is. */
TEST_F(Timing, EntryReadAheadIsThereAfterOneAccess)
{
    const uint64_t there = when + kLink + kEntryThere + kMemory;
    const uint64_t in_time = there - kLink - 3 * kLookup; /* its lookup ends when the entry is there */
    for (uint64_t early : {0u, 1u, 10u}) {
        start(unlimited(), withPrefetch(1));
        read(when, page(0));
        const vtd_timed t = read(in_time - early, page(0), 2);
        EXPECT_EQ(t.part[VTD_TIMING_MERGED], early);
        EXPECT_EQ(t.memory_accesses, 4u) << "page tables";
    }
}

/* Seven reads ahead, one each ten cycles: the request's next read begins behind them. */
TEST_F(Timing, ReadingAheadTakesBandwidth)
{
    vtd_timing_config c = unlimited();
    c.memory_interval = 10;
    start(c, withPrefetch(0));
    EXPECT_EQ(read(when, page(0)).part[VTD_TIMING_BUS], 0u);
    start(c, withPrefetch(7));
    /*
     * They take the slots of ten cycles from that of kEntryThere = 4021 on: 402 to 408. The read of the first page table could
     * begin after a lookup, at 4028, and begins with slot 409.
     */
    EXPECT_EQ(read(when, page(0)).part[VTD_TIMING_BUS], 4090u - 4028u);
}

TEST_F(Timing, ReadingAheadHoldsNoWalker)
{
    vtd_timing_config c = unlimited();
    c.walkers = 1;
    start(c, withPrefetch(63));
    const vtd_timed first = read(when, page(0));
    const vtd_timed second = read(first.done - kLink - 3 * kLookup, page(0), 1, kOther);
    EXPECT_EQ(second.part[VTD_TIMING_WALKER], 0u) << "the walker is free when the first is answered";
}

} // namespace
