/* SPDX-License-Identifier: MIT */
/*
 * The queue of waiting messages: first in, first out, whatever its ring has been through.
 */
#include <gtest/gtest.h>

#include <deque>

#include "scenario/queue.h"

namespace
{

class Queue : public testing::Test
{
  protected:
    Queue()
    {
        queue.element = sizeof(int);
    }
    ~Queue() override
    {
        vtd_queue_free(&queue);
    }
    struct vtd_queue queue = {};
};

TEST_F(Queue, AnEmptyOneGivesNothing)
{
    int value = 7;
    EXPECT_FALSE(vtd_queue_take(&queue, &value));
    EXPECT_EQ(value, 7);
}

TEST_F(Queue, KeepsTheOrderWhileItGrowsAndWraps)
{
    std::deque<int> oracle;
    int next = 0;
    for (int round = 1; round < 60; round++) {
        for (int i = 0; i < 3 * round % 41; i++, next++) {
            vtd_queue_put(&queue, &next, 1000);
            oracle.push_back(next);
        }
        for (int i = 0; i < 2 * round % 37; i++) {
            int value;
            ASSERT_EQ(vtd_queue_take(&queue, &value), !oracle.empty());
            if (!oracle.empty()) {
                ASSERT_EQ(value, oracle.front());
                oracle.pop_front();
            }
        }
        ASSERT_EQ(queue.count, oracle.size());
    }
    EXPECT_GT(next, 500);
    EXPECT_EQ(queue.lost, 0u);
}

TEST_F(Queue, CountsWhatGoesBeyondItsLimit)
{
    for (int i = 0; i < 5; i++)
        vtd_queue_put(&queue, &i, 3);
    EXPECT_EQ(queue.count, 3u);
    EXPECT_EQ(queue.lost, 2u);
    int value;
    ASSERT_TRUE(vtd_queue_take(&queue, &value));
    EXPECT_EQ(value, 0);
}

} // namespace
