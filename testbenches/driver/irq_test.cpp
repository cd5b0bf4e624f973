/* SPDX-License-Identifier: MIT */
/* Interrupt remapping by the driver, over the model (ref 2.9, 8): what devices' interrupts become, before and after changes. */
#include "irq_rig.h"

using namespace irqrig;

/* ---------------------------------------------------------------- messages (ref 8.1) */

TEST(DriverIrqMessage, RemappableFormatOfMsi)
{
    vtd_drv_msi msi{};
    vtd_drv_irq_msi(0x8123, 5, &msi);
    EXPECT_EQ(msi.address, 0xfee00000u | 0x0123u << 5 | 1u << 4 | 1u << 3 | 1u << 2);
    EXPECT_EQ(msi.data, 5u);
    vtd_drv_irq_msi(0x7fff, 0, &msi);
    EXPECT_EQ(msi.address, 0xfeefffe0u | 1u << 4 | 1u << 3);
}

TEST(DriverIrqMessage, RemappableFormatOfAnIoApicEntry)
{
    EXPECT_EQ(vtd_drv_irq_ioapic(0x8123, 0x41, false, false, false),
              UINT64_C(0x0123) << 49 | UINT64_C(1) << 48 | 1u << 11 | 0x41u);
    EXPECT_EQ(vtd_drv_irq_ioapic(0x7fff, 0, true, true, true),
              UINT64_C(0x7fff) << 49 | UINT64_C(1) << 48 | 1u << 16 | 1u << 15 | 1u << 13);
}

/* ---------------------------------------------------------------- remapped interrupts */

TEST(DriverIrq, IsDeliveredWithAllItsFields)
{
    Machine m;
    m.start();
    const uint32_t index = m.alloc();
    EXPECT_TRUE(refused(m.fire(index), kNotPresent)) << "allocated, not set";
    vtd_drv_irq irq{};
    irq.vector = 0x41;
    irq.dest = 0x83;
    irq.delivery_mode = 1;
    irq.logical = irq.redirection_hint = irq.level = true;
    ASSERT_EQ(vtd_drv_irq_set(m.drv, index, &irq), 0);
    const vtd_irq_response r = m.fire(index);
    EXPECT_TRUE(delivered(r, 0x41, 0x83));
    EXPECT_EQ(r.delivery_mode, 1u);
    EXPECT_TRUE(r.logical && r.redirection_hint && r.level);
    m.set(index, 0x42);
    const vtd_irq_response plain = m.fire(index);
    EXPECT_TRUE(delivered(plain, 0x42));
    EXPECT_EQ(plain.delivery_mode, 0u);
    EXPECT_FALSE(plain.logical || plain.redirection_hint || plain.level);
}

TEST(DriverIrq, X2apicModeHas32BitDestinationsAndXapicModeEight)
{
    Machine m;
    vtd_drv_options o = remapping();
    o.x2apic = true;
    m.start(o);
    uint32_t index = m.alloc();
    m.set(index, 0x41, 0x12345678);
    EXPECT_TRUE(delivered(m.fire(index), 0x41, 0x12345678));
    Machine old;
    old.start();
    index = old.alloc();
    vtd_drv_irq irq{};
    irq.dest = 0x100;
    EXPECT_EQ(vtd_drv_irq_set(old.drv, index, &irq), -EINVAL);
    EXPECT_TRUE(refused(old.fire(index), kNotPresent));
    old.set(index, 0x41, 0xff);
    EXPECT_TRUE(delivered(old.fire(index), 0x41, 0xff));
}

TEST(DriverIrq, AChangeIsSeenByTheNextInterrupt)
{
    for (bool cm : {false, true})
        for (bool store128 : {false, true}) {
            vtd_config config = defaultConfig();
            config.cap |= vtd_reg_cap_put_cm(cm);
            Machine m(config);
            if (!store128)
                m.bus.store128 = nullptr;
            m.start();
            const uint32_t index = m.alloc();
            EXPECT_TRUE(refused(m.fire(index), kNotPresent)) << "remembered in caching mode";
            m.set(index, 0x41);
            EXPECT_TRUE(delivered(m.fire(index), 0x41));
            m.set(index, 0x42, 9);
            EXPECT_TRUE(delivered(m.fire(index), 0x42, 9));
            ASSERT_EQ(m.setPosted(index, 0x43, kDescriptor), 0);
            EXPECT_EQ(m.fire(index).result, VTD_IRQ_POSTED);
            m.set(index, 0x44);
            EXPECT_TRUE(delivered(m.fire(index), 0x44));
            ASSERT_EQ(vtd_drv_irq_clear(m.drv, index), 0);
            EXPECT_TRUE(refused(m.fire(index), kNotPresent));
            m.set(index, 0x45);
            EXPECT_TRUE(delivered(m.fire(index), 0x45));
        }
}

/* Interrupts that arrive in the middle of a change: old or new, never a mixture, and never blocked. */
TEST(DriverIrq, NoInterruptIsLostOrTornInAChange)
{
    Machine m(without(0, vtd_reg_ecap_put_c(1)));
    m.start();
    const uint32_t index = m.alloc();
    m.set(index, 0x41, 1);
    uint64_t *pir = m.at(kHighDescriptor) + 1; /* requests 64 to 127 */
    unsigned fired = 0, remapped = 0;
    m.barrier = [&] {
        fired++;
        const vtd_irq_response r = m.fire(index);
        EXPECT_NE(r.result, VTD_IRQ_BLOCKED) << std::hex << int(r.fault);
        if (r.result == VTD_IRQ_REMAPPED) {
            remapped++;
            EXPECT_TRUE((r.vector == 0x41 && r.dest == 1) || (r.vector == 0x42 && r.dest == 2));
        }
    };
    for (int i = 0; i < 3; i++) {
        m.set(index, 0x42, 2);
        m.barrier();
        ASSERT_EQ(m.setPosted(index, 0x43, kHighDescriptor), 0);
        m.barrier();
        ASSERT_EQ(m.setPosted(index, 0x44, kHighDescriptor + 64), 0);
        m.barrier();
        m.set(index, 0x41, 1);
        m.barrier();
    }
    EXPECT_GT(fired, remapped);
    EXPECT_GT(remapped, 0u);
    EXPECT_EQ(m.stores128, 3u * 2) << "only where both halves change";
    EXPECT_EQ(*pir, UINT64_C(1) << 3);
    EXPECT_EQ(pir[8], UINT64_C(1) << 4);
}

/* ---------------------------------------------------------------- blocks */

TEST(DriverIrq, ABlockServesTheMessagesOfADevice)
{
    Machine m;
    m.start();
    const uint32_t one = m.alloc(), block = m.alloc(8), other = m.alloc();
    EXPECT_EQ(block % 8, 0u) << "aligned";
    for (uint16_t n = 0; n < 8; n++)
        m.set(block + n, static_cast<uint8_t>(0x50 + n));
    m.set(one, 0x41);
    m.set(other, 0x42);
    for (uint16_t n = 0; n < 8; n++)
        EXPECT_TRUE(delivered(m.fire(block, n), 0x50u + n));
    ASSERT_EQ(vtd_drv_irq_free(m.drv, block), 0);
    for (uint16_t n = 0; n < 8; n++)
        EXPECT_TRUE(refused(m.fire(block, n), kNotPresent)) << "nor from the cache: " << n;
    EXPECT_TRUE(delivered(m.fire(one), 0x41));
    EXPECT_TRUE(delivered(m.fire(other), 0x42));
}

TEST(DriverIrq, IndexesAreGivenUntilTheTableIsFull)
{
    Machine m;
    m.start(remapping(4)); /* 16 */
    std::vector<uint32_t> blocks;
    for (int i = 0; i < 4; i++)
        blocks.push_back(m.alloc(4));
    EXPECT_EQ(blocks, (std::vector<uint32_t>{0, 4, 8, 12}));
    uint32_t index = 0;
    EXPECT_EQ(vtd_drv_irq_alloc(m.drv, 1, nullptr, &index), -ENOSPC);
    ASSERT_EQ(vtd_drv_irq_free(m.drv, 8), 0);
    EXPECT_EQ(vtd_drv_irq_alloc(m.drv, 8, nullptr, &index), -ENOSPC);
    EXPECT_EQ(m.alloc(), 8u);
    EXPECT_EQ(m.alloc(2), 10u) << "9 is not aligned";
    EXPECT_EQ(m.alloc(), 9u);
    EXPECT_EQ(vtd_drv_irq_alloc(m.drv, 1, nullptr, &index), -ENOSPC);
}

TEST(DriverIrq, WrongCallsAreRefused)
{
    Machine m(without(vtd_reg_cap_put_pi(1), vtd_reg_ecap_put_mhmv(12))); /* MHMV 3 */
    m.start();
    uint32_t index = 0;
    vtd_drv_irq irq{};
    for (unsigned count : {0u, 3u, 12u})
        EXPECT_EQ(vtd_drv_irq_alloc(m.drv, count, nullptr, &index), -EINVAL) << count;
    EXPECT_EQ(vtd_drv_irq_alloc(m.drv, 16, nullptr, &index), -ENOTSUP) << "beyond MHMV";
    const uint32_t block = m.alloc(8);
    EXPECT_EQ(vtd_drv_irq_free(m.drv, block + 1), -ENOENT) << "not the first of its block";
    EXPECT_EQ(vtd_drv_irq_free(m.drv, block + 8), -ENOENT);
    EXPECT_EQ(vtd_drv_irq_set(m.drv, block + 8, &irq), -ENOENT);
    EXPECT_EQ(vtd_drv_irq_set(m.drv, 256, &irq), -ENOENT);
    EXPECT_EQ(vtd_drv_irq_clear(m.drv, 256), -ENOENT);
    for (uint8_t mode : {uint8_t{3}, uint8_t{6}, uint8_t{8}}) {
        irq.delivery_mode = mode;
        EXPECT_EQ(vtd_drv_irq_set(m.drv, block, &irq), -EINVAL) << int(mode);
    }
    EXPECT_EQ(m.setPosted(block, 1, kDescriptor), -ENOTSUP) << "no CAP.PI";
    vtd_drv_irq_source source{};
    source.check = 3;
    EXPECT_EQ(vtd_drv_irq_alloc(m.drv, 1, &source, &index), -EINVAL);
    source = {VTD_DRV_SOURCE_BUS, 0, 0, 6, 5};
    EXPECT_EQ(vtd_drv_irq_alloc(m.drv, 1, &source, &index), -EINVAL);
    source = {VTD_DRV_SOURCE_SID, 4, 0, 0, 0};
    EXPECT_EQ(vtd_drv_irq_alloc(m.drv, 1, &source, &index), -EINVAL);
    EXPECT_EQ(vtd_drv_irq_free(m.drv, block), 0);
    EXPECT_EQ(vtd_drv_irq_free(m.drv, block), -ENOENT);
}

/* ---------------------------------------------------------------- source validation */

TEST(DriverIrq, SourceIsCheckedAsTheAllocationSays)
{
    struct Case {
        vtd_drv_irq_source source;
        std::function<bool(uint16_t sid)> allowed;
    };
    const Case cases[] = {
        {{VTD_DRV_SOURCE_ANY, 0, 0, 0, 0}, [](uint16_t) { return true; }},
        {{VTD_DRV_SOURCE_SID, VTD_DRV_MATCH_ALL, kSid, 0, 0}, [](uint16_t s) { return s == kSid; }},
        {{VTD_DRV_SOURCE_SID, VTD_DRV_IGNORE_BIT_2, kSid, 0, 0}, [](uint16_t s) { return (s & 0xfffb) == kSid; }},
        {{VTD_DRV_SOURCE_SID, VTD_DRV_IGNORE_BITS_21, kSid, 0, 0}, [](uint16_t s) { return (s & 0xfff9) == kSid; }},
        {{VTD_DRV_SOURCE_SID, VTD_DRV_IGNORE_FUNCTION, kSid, 0, 0}, [](uint16_t s) { return (s & 0xfff8) == kSid; }},
        {{VTD_DRV_SOURCE_BUS, 0, 0, 4, 6}, [](uint16_t s) { return s >> 8 >= 4 && s >> 8 <= 6; }},
        {{VTD_DRV_SOURCE_BUS, 0, 0, 5, 5}, [](uint16_t s) { return s >> 8 == 5; }},
    };
    Machine m;
    m.start();
    for (const Case &c : cases) {
        const uint32_t index = m.alloc(1, &c.source);
        for (int change = 0; change < 2; change++) { /* a later change keeps the source */
            m.set(index, static_cast<uint8_t>(0x41 + change));
            for (unsigned sid = 0x300; sid < 0x800; sid++) {
                const vtd_irq_response r = m.fire(index, 0, static_cast<uint16_t>(sid));
                ASSERT_EQ(r.result == VTD_IRQ_REMAPPED, c.allowed(static_cast<uint16_t>(sid))) << std::hex << sid;
                if (r.result == VTD_IRQ_BLOCKED) {
                    ASSERT_TRUE(refused(r, kSource));
                }
            }
        }
        ASSERT_EQ(m.setPosted(index, 0x41, kDescriptor), 0);
        EXPECT_EQ(m.fire(index, 0, 0x0511).result == VTD_IRQ_POSTED, c.allowed(0x0511)) << "posted, too";
    }
}

TEST(DriverIrq, AFaultTellsTheIndexAndTheSource)
{
    Machine m;
    m.start();
    const vtd_drv_irq_source source = {VTD_DRV_SOURCE_SID, VTD_DRV_MATCH_ALL, kSid, 0, 0};
    m.alloc(4);
    const uint32_t index = m.alloc(1, &source);
    m.set(index, 0x41);
    EXPECT_TRUE(refused(m.fire(index, 0, 0x0777), kSource));
    vtd_drv_fault fault{};
    EXPECT_EQ(
        vtd_drv_handle_faults(
            m.drv, [](void *arg, const vtd_drv_fault *f) { *static_cast<vtd_drv_fault *>(arg) = *f; }, &fault, nullptr),
        1);
    EXPECT_EQ(fault.reason, kSource);
    EXPECT_EQ(fault.interrupt_index, 4u);
    EXPECT_EQ(fault.sid, 0x0777u);
    EXPECT_EQ(fault.addr, 0u);
}

TEST(DriverIrq, AFreedIndexForgetsItsSource)
{
    Machine m;
    m.start();
    const vtd_drv_irq_source source = {VTD_DRV_SOURCE_SID, VTD_DRV_MATCH_ALL, kSid, 0, 0};
    const uint32_t index = m.alloc(1, &source);
    m.set(index, 0x41);
    EXPECT_TRUE(refused(m.fire(index, 0, kSid + 1), kSource));
    ASSERT_EQ(vtd_drv_irq_free(m.drv, index), 0);
    ASSERT_EQ(m.alloc(), index);
    m.set(index, 0x42);
    EXPECT_TRUE(delivered(m.fire(index, 0, kSid + 1), 0x42));
}

/* ---------------------------------------------------------------- posted interrupts */

TEST(DriverIrq, PostedInterruptsGoToTheDescriptor)
{
    Machine m;
    m.start();
    const uint32_t index = m.alloc(2);
    uint64_t *d = m.at(kDescriptor);
    d[4] = UINT64_C(1) << 1 | UINT64_C(0xe1) << 16 | UINT64_C(5) << 40; /* SN, NV, NDST bits 303:296 */
    EXPECT_EQ(m.setPosted(index, 0x85, kDescriptor + 32), -EINVAL) << "not aligned";
    EXPECT_EQ(m.setPosted(index, 0x85, 0), -EINVAL);
    ASSERT_EQ(m.setPosted(index, 0x85, kDescriptor), 0);
    ASSERT_EQ(m.setPosted(index + 1, 0x07, kDescriptor, true), 0);
    EXPECT_EQ(m.fire(index, 0).result, VTD_IRQ_POSTED);
    EXPECT_EQ(d[2], UINT64_C(1) << 5);
    EXPECT_EQ(m.machine.msi.count, 0u) << "suppressed";
    EXPECT_EQ(m.fire(index, 1).result, VTD_IRQ_POSTED);
    EXPECT_EQ(d[0], UINT64_C(1) << 7);
    vtd_msi_message message{};
    ASSERT_TRUE(vtd_msi_sink_take(&m.machine.msi, &message)) << "urgent";
    EXPECT_EQ(message.addr, 0xfee00000u | 5u << 12);
    EXPECT_EQ(message.data, 0xe1u);
}

TEST(DriverIrq, DescriptorsAbove4GiBAreReached)
{
    for (bool store128 : {false, true}) {
        Machine m;
        if (!store128)
            m.bus.store128 = nullptr;
        m.start();
        const uint32_t index = m.alloc();
        m.set(index, 0x41);
        ASSERT_EQ(m.setPosted(index, 0x41, kHighDescriptor), 0);
        EXPECT_EQ(m.fire(index).result, VTD_IRQ_POSTED);
        EXPECT_EQ(m.at(kHighDescriptor)[1], UINT64_C(1) << 1);
        EXPECT_EQ(m.setPosted(index, 0x41, UINT64_C(1) << 52), -EINVAL) << "above the host address width";
        ASSERT_EQ(m.setPosted(index, 0x41, kDescriptor), 0);
        EXPECT_EQ(m.fire(index).result, VTD_IRQ_POSTED);
        EXPECT_EQ(m.at(kDescriptor)[1], UINT64_C(1) << 1);
    }
}
