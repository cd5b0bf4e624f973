// SPDX-License-Identifier: MIT
//
// Places against a sorted set: the one that is free first is taken first; of two, the one that was held first.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <set>
#include <tuple>

extern "C" {
#include "timing_internal.h"
}

namespace
{

struct Places : places {
    explicit Places(uint32_t n)
    {
        EXPECT_TRUE(vtd_places_init(this, n));
    }
    ~Places()
    {
        std::free(place);
    }
};

/* Answers of hits, of walks that wait for each other, and of a page request now and then; many at the same cycle. */
uint64_t done(std::mt19937 &random, uint64_t start, uint64_t &walked)
{
    switch (random() % 8) {
    case 0:
        return start + (random() % 64 ? 150 + random() % 8 : 100000);
    case 1:
    case 2:
        walked = std::max(walked, start) + random() % 4 * 10;
        return walked + 200 + random() % 3 * 40;
    default:
        return start + 20;
    }
}

TEST(Places, AreTakenInTheOrderInWhichTheyBecomeFree)
{
    for (uint32_t n : {1u, 2u, 8u, 33u, 64u, 255u, 256u, 300u}) {
        Places p(n);
        std::set<std::tuple<uint64_t, uint64_t, uint32_t>> oracle; /* free at, turn, number */
        uint64_t turn = 0, now = 0, walked = 0;
        for (uint32_t i = 0; i < n; i++)
            oracle.insert({0, turn++, i});
        std::mt19937 random(n);
        for (unsigned i = 0; i < 20000; i++) {
            const auto [free_at, its_turn, number] = *oracle.begin();
            oracle.erase(oracle.begin());
            now += random() % 2;
            ASSERT_EQ(places_wait(&p, now), std::max(now, free_at)) << n << " places, " << i;
            now = std::max(now, free_at);
            const uint64_t until = done(random, now, walked);
            const uint32_t taken = places_hold(&p, until);
            if (n <= PLACES_QUEUED_MAX) { /* a heap keeps no order of equals */
                ASSERT_EQ(taken, number) << n << " places, " << i;
            }
            oracle.insert({until, turn++, number});
        }
    }
}

TEST(Places, WithoutALimitOneIsAlwaysFree)
{
    Places p(0);
    for (uint64_t t : {5u, 7u, 3u}) {
        EXPECT_EQ(places_wait(&p, t), t);
        EXPECT_EQ(places_hold(&p, 1000), 0u);
    }
}

} // namespace
