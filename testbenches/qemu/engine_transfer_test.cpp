// SPDX-License-Identifier: MIT
// Transfers of the DMA engine: what they move, what becomes of refused requests, and that they end.
#include "qemu/engine_rig.h"

#include <random>

namespace
{

TEST(EngineTransfer, CopyMovesExactlyItsBytesAcrossPages)
{
    Mapped rig;
    rig.map(kSource, kA, 0x8000);
    rig.map(kTarget, kB, 0x8000);
    rig.scramble(kA, 0x8000);
    memset(rig.at(kB), 0xee, 0x8000);
    EXPECT_EQ(rig.transfer(kSource + 0x123, kTarget + 0xabc, 0x5000), VTD_DMA_STATUS_DONE);
    EXPECT_TRUE(rig.same(kA + 0x123, kB + 0xabc, 0x5000));
    EXPECT_EQ(rig.at(kB)[0xabb], 0xee);
    EXPECT_EQ(rig.at(kB)[0xabc + 0x5000], 0xee);
    EXPECT_EQ(rig.read(VTD_DMA_REG_MOVED, 8), 0x5000u);
    EXPECT_EQ(rig.read(VTD_DMA_REG_ROUNDS, 8), 1u);
    EXPECT_EQ(rig.read(VTD_DMA_REG_FAULTS), 0u);
}

TEST(EngineTransfer, FillReadAndAddDoWhatTheirNamesSay)
{
    Mapped rig;
    rig.map(kTarget, kB, 0x4000);
    EXPECT_EQ(rig.transfer(UINT64_C(0x0807060504030201), kTarget + 4090, 20, VTD_DMA_MODE_FILL), VTD_DMA_STATUS_DONE);
    for (unsigned i = 0; i < 20; i++)
        EXPECT_EQ(rig.at(kB + 4090)[i], i % 8 + 1);
    EXPECT_EQ(rig.at(kB + 4090)[20], 0);
    // 1 + ... + 8 twice, then 1 to 4.
    EXPECT_EQ(rig.transfer(kTarget + 4090, 0, 20, VTD_DMA_MODE_READ), VTD_DMA_STATUS_DONE);
    EXPECT_EQ(rig.read(VTD_DMA_REG_RESULT, 8), 36u + 36 + 10);
    uint64_t value = UINT64_C(0xfffffffffffffff0);
    memcpy(rig.at(kB + 8), &value, 8);
    EXPECT_EQ(rig.transfer(0x20, kTarget + 8, 8, VTD_DMA_MODE_ADD), VTD_DMA_STATUS_DONE);
    EXPECT_EQ(rig.read(VTD_DMA_REG_RESULT, 8), value);
    memcpy(&value, rig.at(kB + 8), 8);
    EXPECT_EQ(value, 0x10u);
}

TEST(EngineTransfer, RefusedReadEndsItAndSaysWhereAndWhy)
{
    Mapped rig(VTD_DRV_FIRST_STAGE);
    rig.map(kSource, kA, 0x2000);
    rig.map(kTarget, kB, 0x8000);
    rig.scramble(kA, 0x2000);
    EXPECT_EQ(rig.transfer(kSource + 0x100, kTarget, 0x3000), VTD_DMA_STATUS_FAULT);
    EXPECT_EQ(rig.read(VTD_DMA_REG_FAULT), VTD_DMA_FAULT_SOURCE | kSfs2 << 16);
    EXPECT_EQ(rig.read(VTD_DMA_REG_ADDRESS, 8), kSource + 0x2000);
    EXPECT_EQ(rig.read(VTD_DMA_REG_MOVED, 8), 0x1f00u);
    EXPECT_TRUE(rig.same(kA + 0x100, kB, 0x1f00));
    EXPECT_EQ(rig.read(VTD_DMA_REG_ROUNDS, 8), 0u);
}

TEST(EngineTransfer, RefusedWriteLeavesTheTargetAlone)
{
    Mapped rig(VTD_DRV_FIRST_STAGE);
    rig.map(kSource, kA, 0x1000);
    rig.map(kTarget, kB, 0x1000, VTD_DRV_READ);
    rig.scramble(kA, 0x1000);
    EXPECT_EQ(rig.transfer(kSource, kTarget, 0x1000), VTD_DMA_STATUS_FAULT);
    EXPECT_EQ(rig.read(VTD_DMA_REG_FAULT), VTD_DMA_FAULT_TARGET | kSgn6 << 16);
    EXPECT_EQ(rig.read(VTD_DMA_REG_ADDRESS, 8), kTarget);
    EXPECT_EQ(rig.at(kB)[0], 0);
    EXPECT_EQ(rig.transfer(1, kTarget, 8, VTD_DMA_MODE_ADD), VTD_DMA_STATUS_FAULT); // needs both rights
}

TEST(EngineTransfer, GoOnLeavesOutWhatIsRefused)
{
    Mapped rig;
    rig.map(kSource, kA, 0x1000);
    rig.map(kSource + 0x2000, kA + 0x2000, 0x1000); // not the page between
    rig.map(kTarget, kB, 0x3000);
    rig.scramble(kA, 0x3000);
    EXPECT_EQ(rig.transfer(kSource, kTarget, 0x3000, VTD_DMA_MODE_GO_ON), VTD_DMA_STATUS_DONE | VTD_DMA_STATUS_FAULT);
    EXPECT_EQ(rig.read(VTD_DMA_REG_FAULTS), 0x1000u / VTD_DMA_REQUEST);
    EXPECT_EQ(rig.read(VTD_DMA_REG_ADDRESS, 8), kSource + 0x1000); // of the first
    EXPECT_EQ(rig.read(VTD_DMA_REG_MOVED, 8), 0x2000u);
    EXPECT_TRUE(rig.same(kA, kB, 0x1000));
    EXPECT_TRUE(rig.same(kA + 0x2000, kB + 0x2000, 0x1000));
    EXPECT_EQ(rig.at(kB + 0x1000)[0], 0);
}

TEST(EngineTransfer, FlagIsSetAtTheEndOfAGoodOneOnly)
{
    Mapped rig;
    rig.map(kTarget, kB, 0x2000);
    rig.write(VTD_DMA_REG_FLAG, kTarget + 0x1004, 8);
    rig.write(VTD_DMA_REG_VALUE, 0xc0ffee11);
    rig.start(0, kTarget, 0x800, VTD_DMA_MODE_FILL | VTD_DMA_MODE_FLAG);
    uint32_t flag;
    memcpy(&flag, rig.at(kB + 0x1004), 4);
    EXPECT_EQ(flag, 0u);
    EXPECT_EQ(rig.run(), VTD_DMA_STATUS_DONE);
    memcpy(&flag, rig.at(kB + 0x1004), 4);
    EXPECT_EQ(flag, 0xc0ffee11u);
    rig.write(VTD_DMA_REG_VALUE, 2);
    EXPECT_EQ(rig.transfer(0, kTarget + 0x2000, 8, VTD_DMA_MODE_FILL | VTD_DMA_MODE_FLAG), VTD_DMA_STATUS_FAULT);
    memcpy(&flag, rig.at(kB + 0x1004), 4);
    EXPECT_EQ(flag, 0xc0ffee11u);
    // A flag that cannot be written is a fault of its own.
    rig.write(VTD_DMA_REG_FLAG, kTarget + 0x2000, 8);
    EXPECT_EQ(rig.transfer(0, kTarget, 8, VTD_DMA_MODE_FILL | VTD_DMA_MODE_FLAG),
              VTD_DMA_STATUS_DONE | VTD_DMA_STATUS_FAULT);
    EXPECT_EQ(rig.read(VTD_DMA_REG_FAULT) & 15, VTD_DMA_FAULT_FLAG);
}

TEST(EngineTransfer, AddressesWithoutMemoryAreAFault)
{
    Mapped rig;
    rig.map(kTarget, EngineRig::kMemory, 0x1000); // just behind the memory
    EXPECT_EQ(rig.transfer(1, kTarget, 8, VTD_DMA_MODE_FILL), VTD_DMA_STATUS_FAULT);
    EXPECT_EQ(rig.read(VTD_DMA_REG_FAULT), VTD_DMA_FAULT_TARGET | VTD_DMA_FAULT_NOT_MEMORY);
}

TEST(EngineTransfer, StartRefusesRegistersThatMakeNoSense)
{
    EngineRig rig;
    auto refused = [&](uint64_t source, uint64_t target, uint32_t length, uint32_t mode) {
        rig.start(source, target, length, mode);
        const bool was = rig.status() == VTD_DMA_STATUS_INVALID;
        EXPECT_FALSE(was && rig.function.run(rig.function.self));
        rig.write(VTD_DMA_REG_CONTROL, VTD_DMA_STOP);
        rig.write(VTD_DMA_REG_CONTROL, VTD_DMA_CLEAR);
        return was;
    };
    EXPECT_FALSE(refused(0, 0, VTD_DMA_LENGTH_MAX, 0));
    EXPECT_TRUE(refused(0, 0, 0, 0));
    EXPECT_TRUE(refused(0, 0, VTD_DMA_LENGTH_MAX + 1, 0));
    EXPECT_TRUE(refused(0, 0, 8, 0x4));
    EXPECT_TRUE(refused(0, 0, 8, 0x1000));
    EXPECT_FALSE(refused(~UINT64_C(7), 0, 8, 0));
    EXPECT_TRUE(refused(~UINT64_C(6), 0, 8, 0));
    EXPECT_TRUE(refused(0, ~UINT64_C(6), 8, 0));
    EXPECT_FALSE(refused(0, ~UINT64_C(6), 8, VTD_DMA_MODE_READ)); // has no target
    EXPECT_FALSE(refused(~UINT64_C(6), 0, 8, VTD_DMA_MODE_FILL)); // has no source
    EXPECT_TRUE(refused(1, 0, 12, VTD_DMA_MODE_ADD));
    EXPECT_TRUE(refused(1, 4, 8, VTD_DMA_MODE_ADD));
    EXPECT_FALSE(refused(1, 4, 4, VTD_DMA_MODE_ADD));
    EXPECT_TRUE(refused(0, 0, 8, VTD_DMA_MODE_PASID)); // it has none
    EXPECT_TRUE(refused(0, 0, 8, VTD_DMA_MODE_PRIV));
    rig.write(VTD_DMA_REG_FLAG, 2, 8);
    EXPECT_TRUE(refused(0, 0, 8, VTD_DMA_MODE_FLAG));
    EXPECT_FALSE(refused(0, 0, 8, 0));
    rig.config(0x04, 0x2, 2); // no bus mastering
    EXPECT_TRUE(refused(0, 0, 8, 0));
}

TEST(EngineTransfer, RunDoesABoundedStepAndStopEndsAtTheNextRequest)
{
    Mapped rig;
    rig.map(kSource, kA, 0x100000);
    rig.map(kTarget, kB, 0x100000);
    rig.start(kSource, kTarget, 0x100000);
    EXPECT_EQ(rig.status(), VTD_DMA_STATUS_BUSY);
    EXPECT_EQ(rig.read(VTD_DMA_REG_MOVED, 8), 0u);
    EXPECT_TRUE(rig.function.run(rig.function.self));
    EXPECT_EQ(rig.read(VTD_DMA_REG_MOVED, 8), 0x10000u);
    rig.write(VTD_DMA_REG_LENGTH, 1); // no effect while it is busy
    EXPECT_EQ(rig.read(VTD_DMA_REG_LENGTH), 0x100000u);
    rig.write(VTD_DMA_REG_CONTROL, VTD_DMA_STOP);
    EXPECT_EQ(rig.status(), VTD_DMA_STATUS_STOPPED);
    EXPECT_FALSE(rig.function.run(rig.function.self));
    EXPECT_EQ(rig.read(VTD_DMA_REG_MOVED, 8), 0x10000u);
}

TEST(EngineTransfer, RepeatGoesOnUntilStoppedAndSeesAnUnmapAtOnce)
{
    Mapped rig;
    rig.provoked = {"fault-overflow"}; /* nobody reads the faults after the unmap */
    rig.map(kTarget, kB, 0x4000);
    rig.start(0x1111, kTarget, 0x4000, VTD_DMA_MODE_FILL | VTD_DMA_MODE_REPEAT | VTD_DMA_MODE_GO_ON);
    for (unsigned i = 0; i < 10; i++)
        EXPECT_TRUE(rig.function.run(rig.function.self));
    EXPECT_EQ(rig.read(VTD_DMA_REG_ROUNDS, 8), 10u * 256 / 32); // 256 requests a step, 32 a round
    EXPECT_EQ(rig.read(VTD_DMA_REG_FAULTS), 0u);
    EXPECT_EQ(vtd_drv_unmap(rig.domain, kTarget + 0x1000, 0x1000), 0x1000);
    memset(rig.at(kB), 0, 0x4000);
    EXPECT_TRUE(rig.function.run(rig.function.self));
    EXPECT_EQ(rig.at(kB + 0x0ff8)[0], 0x11);
    EXPECT_EQ(rig.at(kB + 0x1000)[0], 0);
    EXPECT_EQ(rig.at(kB + 0x1fff)[0], 0);
    EXPECT_EQ(rig.at(kB + 0x2000)[0], 0x11);
    EXPECT_EQ(rig.read(VTD_DMA_REG_FAULTS), 8u * 8); // 8 rounds, 8 requests of that page in each
    rig.write(VTD_DMA_REG_CONTROL, VTD_DMA_STOP);
    EXPECT_EQ(rig.status(), VTD_DMA_STATUS_STOPPED | VTD_DMA_STATUS_FAULT);
}

TEST(EngineTransfer, TakingBusMasteringAwayStopsIt)
{
    Mapped rig;
    rig.map(kTarget, kB, 0x1000);
    rig.start(0, kTarget, 0x1000, VTD_DMA_MODE_FILL | VTD_DMA_MODE_REPEAT);
    EXPECT_TRUE(rig.function.run(rig.function.self));
    rig.config(0x04, 0x2, 2);
    EXPECT_FALSE(rig.function.run(rig.function.self));
    EXPECT_EQ(rig.status(), VTD_DMA_STATUS_STOPPED);
}

TEST(EngineTransfer, FunctionLevelResetEndsItAndForgetsEverything)
{
    for (bool express : {false, true}) {
        Mapped rig(VTD_DRV_SECOND_STAGE, express);
        rig.map(kTarget, kB, 0x1000);
        rig.start(7, kTarget, 0x1000, VTD_DMA_MODE_FILL | VTD_DMA_MODE_REPEAT);
        if (express)
            rig.config(rig.capability(0x10) + 8, 0x8000, 2);
        else
            rig.config(rig.capability(0x13) + 4, 1, 1);
        EXPECT_FALSE(rig.function.run(rig.function.self));
        EXPECT_EQ(rig.config(0x10), 0u);
        EXPECT_EQ(rig.config(0x04, 2), 0u);
        rig.config(0x10, EngineRig::kBar, 4);
        rig.config(0x04, 0x6, 2);
        EXPECT_EQ(rig.status(), 0u);
        EXPECT_EQ(rig.read(VTD_DMA_REG_SOURCE, 8), 0u);
        EXPECT_EQ(rig.transfer(7, kTarget, 0x1000, VTD_DMA_MODE_FILL), VTD_DMA_STATUS_DONE);
    }
}

// ---------------------------------------------------------------- hostile software

TEST(EngineHostile, RandomAccessesNeverHangItAndAResetBringsItBack)
{
    for (bool express : {false, true}) {
        Mapped rig(VTD_DRV_SECOND_STAGE, express);
        rig.map(kTarget, kB, 0x4000);
        std::mt19937_64 random(express ? 11 : 7);
        for (unsigned i = 0; i < 20000; i++) {
            const unsigned size = 1u << random() % 4;
            const uint64_t value = random() % 3 ? random() >> random() % 64 : kTarget + random() % 0x8000;
            const uint32_t at = (uint32_t)(random() % (express && i % 2 ? 0x140 : 0x80));
            if (i % 4 == 0)
                rig.function.config_write(rig.function.self, at, (uint32_t)value, size > 4 ? 4 : size);
            else
                rig.function.bar_write(rig.function.self, EngineRig::kBar + at, value, size);
            if (i % 16 == 0) {
                rig.config(0x10, EngineRig::kBar, 4);
                rig.config(0x04, 0x6, 2);
            }
            rig.function.run(rig.function.self);
            if (i % 64 == 0) {
                vtd_machine_run_devices(&rig.machine);
                vtd_drv_handle_page_requests(rig.drv, nullptr);
                rig.messages.clear();
            }
        }
        rig.function.reset(rig.function.self);
        rig.config(0x10, EngineRig::kBar, 4);
        rig.config(0x04, 0x6, 2);
        EXPECT_EQ(rig.transfer(0x5a, kTarget, 0x2000, VTD_DMA_MODE_FILL), VTD_DMA_STATUS_DONE);
        EXPECT_EQ(rig.at(kB + 0x1ff8)[0], 0x5a);
    }
}

} // namespace
