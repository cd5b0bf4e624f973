/* SPDX-License-Identifier: MIT */
/*
 * The invalidation queue of the driver: batches, wrap-around, a full ring, refused descriptors, silence (ref 3.3,
 * 3.4).
 */
#include "fake_unit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

namespace
{

using Log = std::vector<std::string>;

/* Raw PASID-cache invalidations of one PASID each: pc pasid did=2 pasid=n (ref 3.1, type 7, G 1). */
std::vector<std::array<uint64_t, 4>> numbered(unsigned count)
{
    std::vector<std::array<uint64_t, 4>> d(count);
    for (unsigned i = 0; i < count; i++)
        d[i] = {UINT64_C(0x20017) | (uint64_t)i << 32, 0, 0, 0};
    return d;
}

std::string number_text(unsigned i)
{
    return "pc pasid did=2 pasid=" + std::to_string(i);
}

struct Queue : testing::Test {
    FakeUnit unit;
    vtd_drv *drv = nullptr;
    void start(uint8_t queue_size = 0, uint32_t poll_limit = 100000)
    {
        vtd_drv_options options = {};
        options.queue_size = queue_size;
        options.poll_limit = poll_limit;
        ASSERT_EQ(vtd_drv_create(&unit.bus, &options, &drv), 0);
        ASSERT_EQ(vtd_drv_start(drv), 0);
        unit.take();
    }
    int submit(const std::vector<std::array<uint64_t, 4>> &d)
    {
        return vtd_drv_submit_raw(drv, (const uint64_t(*)[4])d.data(), (unsigned)d.size());
    }
    ~Queue() override
    {
        vtd_drv_destroy(drv);
        EXPECT_EQ(unit.frames.used, 0u);
    }
};

TEST_F(Queue, OneWaitPerBatchWhateverItsSize)
{
    for (unsigned qs : {0u, 3u}) {
        for (bool lazy : {false, true}) {
            unit.lazy = lazy;
            start((uint8_t)qs);
            for (unsigned count : {1u, 126u, 127u, 128u, 129u, 1000u}) {
                ASSERT_EQ(submit(numbered(count)), 0);
                const Log log = unit.take();
                ASSERT_EQ(log.size(), count + 1);
                for (unsigned i = 0; i < count; i++)
                    ASSERT_EQ(log[i], number_text(i));
                EXPECT_EQ(log.back(), "wait");
            }
            vtd_drv_destroy(drv);
            drv = nullptr;
        }
    }
}

TEST_F(Queue, AFullRingKeepsOneSlotFree)
{
    unit.lazy = true;
    start(0);
    ASSERT_EQ(submit(numbered(500)), 0);
    EXPECT_EQ(unit.max_queued, 127u);
}

TEST_F(Queue, WrapsManyTimes)
{
    start(0);
    for (unsigned round = 0; round < 1000; round++) {
        ASSERT_EQ(submit(numbered(1 + round % 5)), 0);
        ASSERT_EQ(unit.take().size(), 2 + round % 5);
    }
}

TEST_F(Queue, ARefusedDescriptorIsReportedAndTheOthersAreExecuted)
{
    for (int code : {3, 4}) {
        for (unsigned victim : {0u, 3u, 9u}) {
            start(0);
            unit.refuse = [&](const uint64_t *q) { return (q[0] & 0xf) == 7 && q[0] >> 32 == victim ? code : 0; };
            EXPECT_EQ(submit(numbered(10)), -EIO);
            Log expected;
            for (unsigned i = 0; i < 10; i++)
                expected.push_back(i == victim ? "wait" : number_text(i));
            expected.insert(expected.begin() + victim, "FSTS");
            expected.push_back("wait");
            EXPECT_EQ(unit.take(), expected);
            unit.refuse = [](const uint64_t *) { return 0; };
            EXPECT_EQ(submit(numbered(3)), 0) << "the queue works again";
            EXPECT_EQ(unit.take().size(), 4u);
            vtd_drv_destroy(drv);
            drv = nullptr;
            unit.take();
        }
    }
}

TEST_F(Queue, SeveralRefusedDescriptorsInALazyFullRing)
{
    unit.lazy = true;
    start(0);
    unit.refuse = [](const uint64_t *q) { return (q[0] & 0xf) == 7 && (q[0] >> 32) % 10 == 0 ? 3 : 0; };
    EXPECT_EQ(submit(numbered(300)), -EIO);
    const Log log = unit.take();
    for (unsigned i = 0; i < 300; i++)
        EXPECT_EQ(std::count(log.begin(), log.end(), number_text(i)), i % 10 ? 1 : 0) << i;
}

TEST_F(Queue, AnErrorThatIsNotAboutADescriptorIsFinal)
{
    start(0);
    unit.refuse = [](const uint64_t *) { return 2; };
    EXPECT_EQ(submit(numbered(1)), -EIO);
    unit.refuse = [](const uint64_t *) { return 0; };
    EXPECT_EQ(submit(numbered(1)), -EIO);
    ASSERT_EQ(vtd_drv_stop(drv), 0);
    ASSERT_EQ(vtd_drv_start(drv), 0) << "a restart helps";
    EXPECT_EQ(submit(numbered(1)), 0);
}

TEST_F(Queue, AUnitThatRefusesWaitsEndsInAnError)
{
    start(0);
    unit.refuse = [](const uint64_t *q) { return (q[0] & 0xf) == 5 ? 3 : 0; };
    EXPECT_EQ(submit(numbered(1)), -EIO);
}

TEST_F(Queue, TimesOutWhenTheUnitStopsExecuting)
{
    start(0, 1000);
    unit.stuck = true;
    EXPECT_EQ(submit(numbered(1)), -ETIMEDOUT);
    EXPECT_EQ(submit(numbered(500)), -EIO);
}

TEST_F(Queue, TimesOutWhenAFullRingDoesNotDrain)
{
    start(0, 1000);
    unit.stuck = true;
    EXPECT_EQ(submit(numbered(500)), -ETIMEDOUT);
}

} // namespace
