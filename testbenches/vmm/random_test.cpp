/* SPDX-License-Identifier: MIT */
/* A part of what million_test.cpp does, for every day. */
#include "random_run.h"

TEST(RandomGuests, AgreeWithADictionaryAndLeaveNothing)
{
    RandomRun run(20);
    run.run(200000);
    EXPECT_GT(run.count.binds, 5000u);
    EXPECT_GT(run.count.unbinds, 5000u);
    EXPECT_GT(run.count.done, 10000u);
    EXPECT_GT(run.count.asked, 1000u);
    EXPECT_GT(run.count.denied, 100u);
    EXPECT_GT(run.count.faults, 1000u);
}
