// SPDX-License-Identifier: MIT
//
// Cycles of the invalidation queue.

#include "timing_rig.h"

using namespace timingrig;
using namespace vtdtest;

namespace
{

class TimingOfQueue : public Timing
{
  protected:
    static constexpr uint64_t kDescriptor = 3;
    void startQueue(uint32_t interval = 0)
    {
        vtd_timing_config c = unlimited();
        c.descriptor_cycles = kDescriptor;
        c.memory_interval = interval;
        start(c);
        status = u->alloc();
    }
    /* Puts descriptors of 256 bits into the queue and tells the unit at a cycle. */
    uint64_t submit(uint64_t arrival, const std::vector<Desc> &descs)
    {
        for (const Desc &d : descs) {
            std::copy(std::begin(d.q), std::end(d.q), u->at(u->queueBase() + tail));
            tail += 32;
        }
        return vtd_timing_write64(x.get(), VTD_REG_IQT, tail, arrival);
    }
    uint64_t status = 0, tail = 0;
};

TEST_F(TimingOfQueue, DescriptorIsFetchedAndThenCarriedOut)
{
    startQueue();
    EXPECT_EQ(submit(when, {iotlbInv(1)}), when + kMemory + kDescriptor);
}

TEST_F(TimingOfQueue, DescriptorsAreFetchedWhileOthersAreCarriedOut)
{
    startQueue();
    EXPECT_EQ(submit(when, std::vector<Desc>(10, iotlbInv(1))), when + kMemory + 10 * kDescriptor);
}

TEST_F(TimingOfQueue, MemoryMayBeSlowerThanTheQueue)
{
    startQueue(100);
    EXPECT_EQ(submit(when, std::vector<Desc>(10, iotlbInv(1))), when + 9 * 100 + kMemory + kDescriptor);
}

TEST_F(TimingOfQueue, WaitIsDoneWhenRequestsInFlightHaveLeftTheUnit)
{
    startQueue();
    const vtd_timed walk = read(when, page(0));
    const uint64_t left = walk.done - kLink;
    EXPECT_EQ(submit(when, {iotlbInv(1)}), when + kMemory + kDescriptor) << "without a wait nobody waits";
    EXPECT_EQ(submit(when, {waitStatus(status, 1)}), left + kMemory);
    EXPECT_EQ(submit(left, {waitStatus(status, 1)}), left + kMemory + kDescriptor + kMemory) << "it has left already";
}

TEST_F(TimingOfQueue, OtherRegistersTakeNoTime)
{
    startQueue();
    EXPECT_EQ(vtd_timing_write32(x.get(), VTD_REG_FEDATA, 5, when), when);
    EXPECT_EQ(u->read32(VTD_REG_FEDATA), 5u);
}

} // namespace
