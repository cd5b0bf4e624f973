/* SPDX-License-Identifier: MIT */
/* A million operations of two machines with four devices, against a dictionary: zero differences, zero leaks. */
#include "random_run.h"

TEST(MillionOperations, AgreeWithADictionaryAndLeaveNothing)
{
    RandomRun run(1);
    run.run(1000000);
    EXPECT_GT(run.count.binds, 20000u);
    EXPECT_GT(run.count.unbinds, 20000u);
    EXPECT_GT(run.count.done, 100000u);
    EXPECT_GT(run.count.asked, 20000u);
    EXPECT_GT(run.count.denied, 2000u);
    EXPECT_GT(run.count.faults, 20000u);
}
