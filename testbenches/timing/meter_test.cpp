// SPDX-License-Identifier: MIT
//
// Places held over time against a count per cycle.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

extern "C" {
#include "meter.h"
}

namespace
{

struct Meter : meter {
    explicit Meter(uint32_t places)
    {
        EXPECT_TRUE(vtd_meter_init(this, places));
    }
    ~Meter()
    {
        vtd_meter_fini(this);
    }
};

TEST(Meter, CountsAsACountPerCycleDoes)
{
    for (unsigned seed = 0; seed < 30; seed++) {
        std::mt19937 random(seed);
        const uint32_t limit = seed % 4 ? 1 + random() % 6 : 0;
        Meter m(limit);
        std::vector<uint32_t> held(50000);
        uint64_t now = 0, holds = 0;
        for (unsigned i = 0; i < 2000; i++) {
            now += random() % 4;
            const bool far = seed % 3 == 0 && random() % 8 == 0; /* as after a page request */
            const uint64_t begin = now + (far ? 30000 : 0) + random() % 30,
                           end = begin + random() % (seed % 5 ? 40 : 400);
            vtd_meter_hold(&m, begin, end, now); /* not in the order of beginnings, nor of ends */
            holds += end > begin;
            for (uint64_t c = begin; c < end; c++)
                held[c]++;
        }
        vtd_meter_settle(&m);
        uint64_t area = 0, full = 0;
        for (uint32_t h : held) {
            area += h;
            full += limit && h >= limit;
        }
        EXPECT_EQ(m.area, area);
        EXPECT_EQ(m.full, full);
        EXPECT_EQ(m.peak, *std::max_element(held.begin(), held.end()));
        EXPECT_EQ(m.holds, holds);
        EXPECT_EQ(m.early, 0u);
        EXPECT_EQ(m.level, 0u);
    }
}

TEST(Meter, ResetCountsFromACycleOn)
{
    Meter m(2);
    vtd_meter_hold(&m, 0, 100, 0);
    vtd_meter_hold(&m, 10, 60, 0);
    vtd_meter_reset(&m, 50);
    vtd_meter_settle(&m);
    EXPECT_EQ(m.area, 50u + 10u);
    EXPECT_EQ(m.full, 10u);
    EXPECT_EQ(m.peak, 2u);
    EXPECT_EQ(m.holds, 0u) << "both began before";
}

TEST(Meter, MoreThanCanWaitIsCountedAllTheSame)
{
    Meter m(0);
    uint64_t area = 0;
    for (uint64_t i = 0; i < METER_EVENTS; i++) { /* nothing is safe yet, and half of the events do not fit */
        const uint64_t begin = 1000000 - i;
        vtd_meter_hold(&m, begin, begin + 10, 0);
        area += 10;
    }
    vtd_meter_settle(&m);
    EXPECT_EQ(m.level, 0u);
    EXPECT_EQ(m.holds, METER_EVENTS);
    EXPECT_GT(m.early, 0u) << "it says that peak and full are approximate";
    EXPECT_LE(m.area, area);
}

} // namespace
