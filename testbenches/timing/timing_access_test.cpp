// SPDX-License-Identifier: MIT
//
// Accesses of several requests, bandwidth by class, what is apart, occupancy, steps.

#include "timing_rig.h"

#include <map>

using namespace timingrig;
using namespace vtdtest;

namespace
{

class TimingOfAccess : public Timing
{
  protected:
    vtd_timed request(uint64_t at, uint64_t address)
    {
        const vtd_request req = u->dma(kSid).pasid(1).length(4).request(address);
        vtd_response resp;
        vtd_timed timed;
        EXPECT_EQ(vtd_timing_request(x.get(), &req, at, &resp, &timed), VTD_STATUS_OK);
        return timed;
    }
    vtd_timing_occupancy occupancy(vtd_timing_resource resource)
    {
        vtd_timing_occupancy o;
        vtd_timing_occupancy_get(x.get(), resource, &o);
        return o;
    }
};

TEST_F(TimingOfAccess, HoldsOneTagForAllOfItsRequests)
{
    vtd_timing_config c = unlimited();
    c.in_flight = 1;
    start(c);
    warm(1);
    uint64_t begin;
    ASSERT_TRUE(vtd_timing_tag(x.get(), kSid, when, &begin));
    EXPECT_EQ(begin, when);
    const vtd_timed first = request(begin, page(0));
    const vtd_timed second = request(first.done + 5, page(0));
    EXPECT_EQ(second.part[VTD_TIMING_CREDIT], 0u);
    vtd_timing_end_access(x.get(), kSid, second.done);
    EXPECT_EQ(second.done, when + 2 * (2 * kLink + kLookup) + 5);
    ASSERT_TRUE(vtd_timing_tag(x.get(), kSid, when + 1, &begin));
    EXPECT_EQ(begin, second.done);
    ASSERT_TRUE(vtd_timing_tag(x.get(), kOther, when + 1, &begin));
    EXPECT_EQ(begin, when + 1);
}

/* More tags than a list has (256) are a heap: the same rule. */
TEST_F(TimingOfAccess, ManyTagsLimitAsFewDo)
{
    for (uint32_t tags : {1u, 3u, 256u, 257u, 1000u}) {
        x.reset();
        vtd_timing_config c = unlimited();
        c.in_flight = tags;
        start(c);
        warm(1);
        for (uint64_t i = 0; i < 3 * tags; i++)
            ASSERT_EQ(read(when, page(0)).start, when + i / tags * (2 * kLink + kLookup)) << tags;
    }
}

TEST_F(TimingOfAccess, ClassHasABandwidthOfItsOwn)
{
    vtd_timing_config c = unlimited();
    c.class_interval[VTD_MEM_FS_ENTRY] = 100;
    start(c);
    warm(1);
    const uint64_t free_from = when + kLink + 4 * kLookup;
    for (uint64_t i = 0; i < 40; i++) { /* one read of a first-stage entry each */
        const uint64_t begin = std::max(free_from, (free_from / 100 + i) * 100);
        ASSERT_EQ(read(when, page(1 + i)).done, begin + kMemory + kLink) << i;
    }
}

TEST_F(TimingOfAccess, BandwidthOfAnotherClassIsNotTheirs)
{
    vtd_timing_config c = unlimited();
    for (uint32_t &interval : c.class_interval)
        interval = 100;
    c.class_interval[VTD_MEM_FS_ENTRY] = 0;
    start(c);
    warm(1);
    for (uint64_t i = 0; i < 40; i++)
        ASSERT_EQ(read(when, page(1 + i)).done, when + 2 * kLink + kWarmWalk);
}

TEST_F(TimingOfAccess, SoManyAccessesStartTogetherAsMemoryHasPorts)
{
    vtd_timing_config c = unlimited();
    c.memory_interval = 100;
    c.memory_ports = 4;
    start(c);
    warm(1);
    const uint64_t free_from = when + kLink + 4 * kLookup;
    for (uint64_t i = 0; i < 40; i++) {
        const uint64_t begin = std::max(free_from, (free_from / 100 + i / 4) * 100);
        ASSERT_EQ(read(when, page(1 + i)).done, begin + kMemory + kLink) << i;
    }
}

TEST_F(TimingOfAccess, WhatIsApartWaitsForNoWalkerAndKeepsNone)
{
    vtd_timing_config c = unlimited();
    c.walkers = c.misses = 1;
    start(c);
    warm(1);
    const vtd_timed walk = read(when, page(1));
    vtd_timing_set_apart(x.get(), true);
    EXPECT_EQ(request(when, page(2)).done, when + 2 * kLink + kWarmWalk) << "though the walker is held";
    request(when + 50000000, page(3));
    vtd_timing_set_apart(x.get(), false);
    EXPECT_EQ(read(when + 1, page(4)).done, walk.done + kWarmWalk - kLookup) << "behind the first walk";
}

TEST_F(TimingOfAccess, DescriptorsOfLaterWritesAreCarriedOutBehindThoseBefore)
{
    vtd_timing_config c = unlimited();
    c.descriptor_cycles = 300;
    start(c);
    const auto submit = [&](uint64_t tail, uint64_t arrival) {
        const Desc d = iotlbInv(1);
        std::copy(std::begin(d.q), std::end(d.q), u->at(u->queueBase() + tail - 32));
        return vtd_timing_write64(x.get(), VTD_REG_IQT, tail, arrival);
    };
    EXPECT_EQ(submit(32, when), when + kMemory + 300);
    EXPECT_EQ(submit(64, when + 299), when + kMemory + 600) << "one cycle is waited for";
    EXPECT_EQ(submit(96, when + 600), when + kMemory + 900) << "none";
    vtd_timing_set_apart(x.get(), true);
    EXPECT_EQ(submit(128, when + 601), when + 601 + kMemory + 300) << "apart, nobody is waited for";
    vtd_timing_set_apart(x.get(), false);
    EXPECT_EQ(submit(160, when + 602), when + kMemory + 1200) << "and nobody waits for it";
}

TEST_F(TimingOfAccess, OccupancyObeysLittlesLaw)
{
    vtd_timing_config c = unlimited();
    c.walkers = 3;
    c.in_flight = 6;
    start(c);
    warm(1);
    vtd_timing_occupancy_reset(x.get(), when);
    uint64_t walks = 0, in_table = 0, last = 0;
    for (uint64_t i = 0; i < 60; i++) {
        const vtd_timed t = read(when, page(1 + i % 63), 1 + i % 2);
        walks += t.memory_accesses * kMemory;
        if (t.source == VTD_TIMING_WALK || t.source == VTD_TIMING_PASID_WALK)
            in_table += t.done - t.start - 2 * kLink - kLookup - t.part[VTD_TIMING_PORT];
        last = std::max(last, t.done);
    }
    const vtd_timing_occupancy w = occupancy(VTD_TIMING_WALKERS), m = occupancy(VTD_TIMING_MISS_TABLE);
    EXPECT_EQ(w.limit, 3u);
    EXPECT_EQ(w.peak, 3u);
    EXPECT_GE(w.cycles, walks) << "a walker is held while memory is read";
    EXPECT_EQ(m.cycles, in_table) << "from the miss to the answer";
    EXPECT_EQ(m.limit, 0u);
    EXPECT_EQ(m.full, 0u);
    EXPECT_EQ(w.early + m.early, 0u);
}

/* Walks one behind the other keep the only walker; with a gap of one cycle they leave it for that cycle. */
TEST_F(TimingOfAccess, OccupancyIsFullToTheCycle)
{
    for (uint64_t gap : {0u, 1u}) {
        x.reset();
        vtd_timing_config c = unlimited();
        c.walkers = 1;
        start(c);
        warm(1);
        vtd_timing_occupancy_reset(x.get(), when);
        for (uint64_t i = 0; i < 20; i++)
            read(when + i * (kMemory + gap), page(1 + i));
        const vtd_timing_occupancy w = occupancy(VTD_TIMING_WALKERS);
        EXPECT_EQ(w.holds, 20u);
        EXPECT_EQ(w.cycles, 20 * kMemory);
        EXPECT_EQ(w.full, 20 * kMemory);
        EXPECT_EQ(w.peak, 1u);
    }
}

TEST_F(TimingOfAccess, StepsAreThePartsOfARequestInOrder)
{
    vtd_timing_config c = unlimited();
    c.walkers = 2;
    start(c);
    std::vector<vtd_timing_step> steps;
    const auto listener = [](void *to, const vtd_timing_step *step) {
        static_cast<std::vector<vtd_timing_step> *>(to)->push_back(*step);
    };
    warm(1);
    for (uint64_t i = 0; i < 20; i++) {
        steps.clear();
        vtd_timing_listen(x.get(), listener, &steps);
        const vtd_timed t = read(when + 10 * i, page(1 + i), 1 + i % 2);
        vtd_timing_listen(x.get(), nullptr, nullptr);
        std::map<unsigned, uint64_t> sums;
        uint64_t reached = t.start + kLink, reads = 0;
        for (const vtd_timing_step &s : steps) {
            if (s.part == VTD_TIMING_PARTS) { /* the walker, at the end */
                EXPECT_EQ(s.end, reached);
                EXPECT_LT(s.place, 2u);
                continue;
            }
            EXPECT_EQ(s.begin, reached) << "without gap or overlap";
            reached = s.end;
            sums[s.part] += s.end - s.begin;
            reads += s.part == VTD_TIMING_MEMORY;
        }
        EXPECT_EQ(reached, t.done - kLink);
        EXPECT_EQ(reads, t.memory_accesses);
        for (unsigned part = 0; part < VTD_TIMING_PARTS; part++)
            if (part != VTD_TIMING_LINK && part != VTD_TIMING_CREDIT) {
                EXPECT_EQ(sums[part], t.part[part]) << vtd_timing_part_name(part);
            }
    }
}

TEST_F(TimingOfAccess, NamesAreThere)
{
    for (unsigned i = 0; i < VTD_TIMING_PARTS; i++)
        EXPECT_NE(vtd_timing_part_name(i), nullptr) << i;
    for (unsigned i = 0; i < VTD_TIMING_SOURCES; i++)
        EXPECT_NE(vtd_timing_source_name(i), nullptr) << i;
    EXPECT_EQ(vtd_timing_part_name(VTD_TIMING_PARTS), nullptr);
    EXPECT_EQ(vtd_timing_source_name(VTD_TIMING_SOURCES), nullptr);
}

} // namespace
