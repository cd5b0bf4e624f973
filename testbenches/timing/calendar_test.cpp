// SPDX-License-Identifier: MIT
//
// Slots of time against a plain map of what is taken.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>

extern "C" {
#include "calendar.h"
}

namespace
{

std::unique_ptr<calendar> make(uint32_t per_slot)
{
    auto c = std::make_unique<calendar>();
    vtd_calendar_init(c.get(), per_slot);
    return c;
}

TEST(Calendar, GivesTheFirstSlotWithRoom)
{
    for (uint32_t per_slot : {1u, 2u, 255u}) {
        auto c = make(per_slot);
        std::map<uint64_t, uint32_t> taken;
        std::mt19937 random(per_slot);
        uint64_t now = 1000;
        for (unsigned i = 0; i < 6000; i++) {
            now += random() % (i / 1000 % 2 ? 1 : 3); /* also more than there is room for */
            const uint64_t wanted = now + random() % 5000;
            uint64_t first = wanted;
            while (taken[first] == per_slot)
                first++;
            taken[first]++;
            ASSERT_EQ(vtd_calendar_take(c.get(), wanted), first);
        }
    }
}

TEST(Calendar, GoesOnBehindAFullWindow)
{
    auto c = make(1);
    for (uint64_t i = 0; i < 3 * CALENDAR_SLOTS; i++)
        ASSERT_EQ(vtd_calendar_take(c.get(), 5), 5 + i);
}

TEST(Calendar, JumpsFarAhead)
{
    auto c = make(1);
    for (uint64_t slot : {UINT64_C(0), UINT64_C(1) << 20, UINT64_C(1) << 40, (UINT64_C(1) << 40) + CALENDAR_SLOTS}) {
        EXPECT_EQ(vtd_calendar_take(c.get(), slot), slot);
        EXPECT_EQ(vtd_calendar_take(c.get(), slot), slot + 1);
    }
}

TEST(Calendar, RequestFarAheadLeavesTheSlotsBeforeItToOthers)
{
    auto c = make(1);
    for (uint64_t i = 0; i < 100; i++) {
        EXPECT_EQ(vtd_calendar_take(c.get(), 1000000 + 3 * i), 1000000 + 3 * i);
        EXPECT_EQ(vtd_calendar_take(c.get(), 3 * i), 3 * i);
        EXPECT_EQ(vtd_calendar_take(c.get(), 3 * i), 3 * i + 1);
    }
}

TEST(Calendar, BacklogThatGrowsWithoutEndTakesEverySlotOnce)
{
    auto c = make(2);
    for (uint64_t i = 0; i < 8 * CALENDAR_SLOTS; i++) /* four come per slot, two can begin */
        ASSERT_EQ(vtd_calendar_take(c.get(), i / 4), i / 2) << i;
}

TEST(Calendar, WithoutALimitEverySlotHasRoom)
{
    auto c = make(0);
    for (unsigned i = 0; i < 1000; i++)
        ASSERT_EQ(vtd_calendar_take(c.get(), 7), 7u);
}

} // namespace
