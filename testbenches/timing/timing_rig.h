/* SPDX-License-Identifier: MIT */
/*
 * A unit whose requests get cycles. Every latency is another number of a kind, so that a sum says what it is made of.
 */
#ifndef VTD_TEST_TIMING_RIG_H
#define VTD_TEST_TIMING_RIG_H

#include "support/unit_fixture.h"

#include "vtd/vtd_timing.h"

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

namespace timingrig
{

using namespace vtdtest;

constexpr uint16_t kOther = 0x0811;                     /* beside kSid of the fixture */
constexpr uint64_t kBits = kFsP | kFsRw | kFsUs | kFsA; /* accessed, so that walks only read */
constexpr uint64_t kLink = 100000, kLookup = 7, kMemory = 1000;

/* No limits: nothing waits unless a test says for what. */
inline vtd_timing_config unlimited()
{
    vtd_timing_config c;
    vtd_timing_config_default(&c);
    std::fill(std::begin(c.lookup_latency), std::end(c.lookup_latency), kLookup);
    std::fill(std::begin(c.ports), std::end(c.ports), 0);
    std::fill(std::begin(c.memory_latency), std::end(c.memory_latency), kMemory);
    c.walkers = c.misses = c.in_flight = c.memory_interval = 0;
    c.link_latency = kLink;
    c.table_cache.entries = 0;
    return c;
}

/* A unit with a first-stage table for PASIDs 1 and 2 of two devices: pages from 1 GiB on, each at itself. */
class Timing : public testing::Test
{
  protected:
    void start(const vtd_timing_config &timing, vtd_config config = withCaches(256))
    {
        x.reset(); /* before its unit */
        u = std::make_unique<Unit>(config);
        fs = std::make_unique<FsTree>(*u, 4, kBits);
        for (uint64_t i = 0; i < 64; i++)
            fs->map(page(i), page(i), 12, kBits);
        for (uint16_t sid : {kSid, kOther})
            for (uint32_t pasid : {1u, 2u})
                u->setFs(sid, pasid, *fs, 1);
        u->start();
        x.reset(vtd_timing_create(u->get(), &timing, nullptr));
        ASSERT_NE(x, nullptr);
    }
    static uint64_t page(uint64_t i)
    {
        return (UINT64_C(1) << 30) + (i << 12);
    }
    vtd_timed read(uint64_t arrival, uint64_t address, uint32_t pasid = 1, uint16_t sid = kSid)
    {
        const vtd_request req = u->dma(sid).pasid(pasid).length(4).request(address);
        vtd_response resp;
        vtd_timed timed;
        EXPECT_EQ(vtd_timing_translate(x.get(), &req, arrival, &resp, &timed), VTD_STATUS_OK);
        EXPECT_TRUE(translated(resp, address));
        uint64_t sum = 0;
        for (uint64_t part : timed.part)
            sum += part;
        EXPECT_EQ(timed.done - timed.arrival, sum) << "every cycle is spent on something";
        return timed;
    }
    /* Translates some pages and lets all of it end long before `when`. */
    void warm(uint64_t pages)
    {
        for (uint64_t i = 0; i < pages; i++)
            read(0, page(i));
    }
    static constexpr uint64_t when = 1000000000;

    struct Destroy {
        void operator()(vtd_timing *t) const
        {
            vtd_timing_destroy(t);
        }
    };
    std::unique_ptr<Unit> u;
    std::unique_ptr<FsTree> fs;
    std::unique_ptr<vtd_timing, Destroy> x;
};

/* IOTLB, context cache, PASID cache, paging-structure cache; root, context, directory, PASID entry, four levels. */
constexpr uint64_t kColdWalk = 4 * kLookup + 8 * kMemory;
/* IOTLB, context cache, PASID cache, paging-structure cache; the last level. */
constexpr uint64_t kWarmWalk = 4 * kLookup + kMemory;

} // namespace timingrig

#endif
