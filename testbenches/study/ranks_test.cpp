// SPDX-License-Identifier: MIT
//
// Ranks of numbers against a plain array that says which are in use.

#include "study/ranks.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace
{

/* Takes and gives back at random until capacity numbers were taken, and compares ranks on the way. */
void compare(vtd_ranks &ranks, uint32_t capacity, unsigned kept_percent, uint64_t seed)
{
    std::mt19937_64 random(seed);
    std::vector<bool> used;
    uint32_t count = 0;
    while (used.size() < capacity) {
        vtd_ranks_take(&ranks);
        used.push_back(true);
        count++;
        const uint32_t other = static_cast<uint32_t>(random() % used.size());
        if (used[other] && random() % 100 >= kept_percent) {
            vtd_ranks_give_back(&ranks, other);
            used[other] = false;
            count--;
        }
        if (used.size() % (capacity / 64) != 0)
            continue;
        uint32_t below = 0;
        for (uint32_t i = 0; i < used.size(); i++) {
            ASSERT_EQ(vtd_ranks_below(&ranks, i), below) << i << " of " << used.size();
            below += used[i];
        }
    }
    EXPECT_EQ(ranks.count, count);
    EXPECT_EQ(ranks.next, capacity);
}

TEST(Ranks, EqualCountsOfAnArrayFromOneWordToFourLevels)
{
    for (const uint32_t capacity : {64u, 128u, 1024u, 1088u, 16384u, 131072u}) {
        vtd_ranks ranks;
        ASSERT_TRUE(vtd_ranks_init(&ranks, capacity));
        compare(ranks, capacity, 30, capacity);
        vtd_ranks_free(&ranks);
    }
}

TEST(Ranks, HoldAfterClearing)
{
    vtd_ranks ranks;
    ASSERT_TRUE(vtd_ranks_init(&ranks, 4096));
    compare(ranks, 4096, 10, 1);
    vtd_ranks_clear(&ranks);
    compare(ranks, 4096, 90, 2);
    vtd_ranks_free(&ranks);
}

TEST(Ranks, EqualCountsAtTheEndsOfLevels)
{
    /* 2^20 numbers are 2^14 words: four levels, full but for one number in each first word of 16^k words */
    vtd_ranks ranks;
    ASSERT_TRUE(vtd_ranks_init(&ranks, 1u << 20));
    for (uint32_t i = 0; i < 1u << 20; i++)
        vtd_ranks_take(&ranks);
    for (uint32_t word = 1; word < 1u << 14; word *= 16)
        vtd_ranks_give_back(&ranks, word * 64);
    uint32_t gone = 0;
    for (uint32_t word = 0; word < 1u << 14; word++) {
        ASSERT_EQ(vtd_ranks_below(&ranks, word * 64), word * 64 - gone) << word;
        gone += word == 1 || word == 16 || word == 256 || word == 4096;
    }
    vtd_ranks_free(&ranks);
}

} // namespace
