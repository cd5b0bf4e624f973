/* SPDX-License-Identifier: MIT */
/*
 * Interrupt remapping by the driver, over the model (ref 2.9, 8): what devices' interrupts become, before and after each
 * change, and in which order the unit is brought up and down.
 */
extern "C" {
#include "driver/vtd_driver.h"
#include "platform/model_bus.h"
#include "vtd/vtd_regs.h"
}

#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <vector>

namespace
{

constexpr uint64_t kMemory = UINT64_C(8) << 30, kFrames = UINT64_C(16) << 20, kFramesEnd = UINT64_C(256) << 20;
constexpr uint16_t kSid = 0x0510; /* 05:02.0 */

/* Reasons of ref 5.3. */
enum : unsigned {
    kNotPresent = 0x22,
    kCompatibility = 0x25,
    kSource = 0x26,
};

vtd_config defaultConfig()
{
    vtd_config config{};
    EXPECT_EQ(vtd_config_preset(&config, "default"), VTD_STATUS_OK);
    return config;
}

vtd_config without(uint64_t cap, uint64_t ecap = 0)
{
    vtd_config config = defaultConfig();
    config.cap &= ~cap;
    config.ecap &= ~ecap;
    return config;
}

vtd_drv_options remapping(unsigned bits = 8)
{
    vtd_drv_options o{};
    o.interrupt_remapping = true;
    o.interrupt_bits = static_cast<uint8_t>(bits);
    return o;
}

/* A machine with a driver; register writes, 16-byte stores and write barriers can be watched. */
struct Machine {
    vtd_machine machine{};
    vtd_bus inner{}; /* the machine's own bus */
    vtd_bus bus{};   /* what the driver gets */
    vtd_drv *drv = nullptr;
    std::vector<uint32_t> commands;        /* GCMD writes */
    std::function<void()> barrier = [] {}; /* at every write barrier, that is between any two stores that matter */
    unsigned stores128 = 0;

    explicit Machine(const vtd_config &config = defaultConfig())
    {
        char why[VTD_WHY_SIZE] = "";
        EXPECT_EQ(vtd_machine_init(&machine, &config, kMemory, kFrames, kFramesEnd, why), 0) << why;
        inner = bus = machine.bus;
        bus.opaque = this;
        bus.read32 = [](void *o, uint64_t at) { return self(o).inner.read32(self(o).inner.opaque, at); };
        bus.read64 = [](void *o, uint64_t at) { return self(o).inner.read64(self(o).inner.opaque, at); };
        bus.write32 = [](void *o, uint64_t at, uint32_t v) {
            if (at == VTD_REG_GCMD)
                self(o).commands.push_back(v);
            self(o).inner.write32(self(o).inner.opaque, at, v);
        };
        bus.write64 = [](void *o, uint64_t at, uint64_t v) { self(o).inner.write64(self(o).inner.opaque, at, v); };
        bus.dma_alloc = [](void *o, unsigned order, uint64_t *dma) {
            return self(o).inner.dma_alloc(self(o).inner.opaque, order, dma);
        };
        bus.dma_free = [](void *o, uint64_t dma, unsigned order) {
            self(o).inner.dma_free(self(o).inner.opaque, dma, order);
        };
        bus.dma_to_cpu = [](void *o, uint64_t dma) { return self(o).inner.dma_to_cpu(self(o).inner.opaque, dma); };
        bus.store128 = [](void *o, void *cpu, uint64_t low, uint64_t high) {
            self(o).stores128++;
            self(o).inner.store128(self(o).inner.opaque, cpu, low, high);
        };
        bus.dma_wmb = [](void *o) { self(o).barrier(); };
    }
    ~Machine()
    {
        vtd_drv_destroy(drv);
        EXPECT_EQ(machine.frames.used, 0u) << "pages leaked";
        vtd_machine_fini(&machine);
    }
    Machine(const Machine &) = delete;
    Machine &operator=(const Machine &) = delete;

    void start(const vtd_drv_options &options = remapping())
    {
        ASSERT_EQ(vtd_drv_create(&bus, &options, &drv), 0);
        ASSERT_EQ(vtd_drv_start(drv), 0);
    }
    vtd_irq_response send(uint64_t address, uint32_t data, uint16_t sid = kSid)
    {
        vtd_irq_response resp{};
        EXPECT_EQ(vtd_interrupt(machine.unit, sid, address, data, &resp), VTD_STATUS_OK);
        return resp;
    }
    /* The interrupt of message n of a block, as a device sends it. */
    vtd_irq_response fire(uint32_t block, uint16_t n = 0, uint16_t sid = kSid)
    {
        vtd_drv_msi msi{};
        vtd_drv_irq_msi(block, n, &msi);
        return send(msi.address, msi.data, sid);
    }
    uint32_t alloc(unsigned count = 1, const vtd_drv_irq_source *source = nullptr)
    {
        uint32_t index = 0;
        EXPECT_EQ(vtd_drv_irq_alloc(drv, count, source, &index), 0);
        return index;
    }
    void set(uint32_t index, uint8_t vector, uint32_t dest = 3)
    {
        vtd_drv_irq irq{};
        irq.vector = vector;
        irq.dest = dest;
        EXPECT_EQ(vtd_drv_irq_set(drv, index, &irq), 0);
    }
    int setPosted(uint32_t index, uint8_t vector, uint64_t descriptor, bool urgent = false)
    {
        vtd_drv_irq irq{};
        irq.posted = true;
        irq.vector = vector;
        irq.descriptor = descriptor;
        irq.urgent = urgent;
        return vtd_drv_irq_set(drv, index, &irq);
    }
    uint64_t *at(uint64_t hpa)
    {
        return reinterpret_cast<uint64_t *>(machine.memory.base + hpa);
    }

  private:
    static Machine &self(void *o)
    {
        return *static_cast<Machine *>(o);
    }
};

testing::AssertionResult delivered(const vtd_irq_response &r, unsigned vector, uint32_t dest = 3)
{
    if (r.result == VTD_IRQ_REMAPPED && r.vector == vector && r.dest == dest)
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << "result " << int(r.result) << " fault " << int(r.fault) << " vector "
                                       << int(r.vector) << " dest " << r.dest;
}

testing::AssertionResult refused(const vtd_irq_response &r, unsigned reason)
{
    if (r.result == VTD_IRQ_BLOCKED && r.fault == reason)
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << "result " << int(r.result) << " fault " << std::hex << int(r.fault);
}

constexpr uint64_t kDescriptor = 0x2000, kHighDescriptor = UINT64_C(0x140000000); /* outside of the frames */

} // namespace

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

/* ---------------------------------------------------------------- up and down */

TEST(DriverIrq, RemappingIsOnBeforeTranslationAndOffBehindIt)
{
    const uint32_t qie = 1u << 26, sirtp = 1u << 24, ire = 1u << 25, srtp = 1u << 30, te = 1u << 31, cfi = 1u << 23;
    for (bool compatibility : {false, true}) {
        Machine m;
        vtd_drv_options o = remapping();
        o.compatibility_interrupts = compatibility;
        m.start(o);
        const uint32_t c = compatibility ? cfi : 0;
        EXPECT_EQ(m.commands, (std::vector<uint32_t>{qie, qie | sirtp, qie | c, qie | c | ire, qie | c | ire | srtp,
                                                     qie | c | ire | te}));
        m.commands.clear();
        EXPECT_EQ(vtd_drv_stop(m.drv), 0);
        EXPECT_EQ(m.commands, (std::vector<uint32_t>{qie | c | ire, qie | c, c}));
    }
}

TEST(DriverIrq, CompatibilityFormatIsBlockedUnlessAskedFor)
{
    for (bool allowed : {false, true}) {
        Machine m;
        vtd_drv_options o = remapping();
        o.compatibility_interrupts = allowed;
        m.start(o);
        const vtd_irq_response r = m.send(0xfee03000, 0x41);
        if (allowed)
            EXPECT_EQ(r.result, VTD_IRQ_PASSED);
        else
            EXPECT_TRUE(refused(r, kCompatibility));
    }
}

TEST(DriverIrq, IndexesSurviveAStop)
{
    for (bool esirtps : {false, true}) {
        Machine m(without(vtd_reg_cap_put_esirtps(!esirtps)));
        vtd_drv_options o = remapping();
        ASSERT_EQ(vtd_drv_create(&m.bus, &o, &m.drv), 0);
        const uint32_t index = m.alloc();
        m.set(index, 0x41);
        EXPECT_EQ(m.fire(index).result, VTD_IRQ_PASSED) << "not remapped before the start";
        ASSERT_EQ(vtd_drv_start(m.drv), 0);
        EXPECT_TRUE(delivered(m.fire(index), 0x41));
        ASSERT_EQ(vtd_drv_stop(m.drv), 0);
        EXPECT_EQ(m.fire(index).result, VTD_IRQ_PASSED);
        m.set(index, 0x42); /* while the unit does not run, nothing can be invalidated */
        ASSERT_EQ(vtd_drv_start(m.drv), 0);
        EXPECT_TRUE(delivered(m.fire(index), 0x42));
    }
}

TEST(DriverIrq, TakesOverFromAnEarlierOwner)
{
    for (bool esirtps : {false, true}) {
        Machine m(without(vtd_reg_cap_put_esirtps(!esirtps)));
        m.start();
        m.set(m.alloc(), 0x41);
        EXPECT_TRUE(delivered(m.fire(0), 0x41)) << "and is in the cache";
        vtd_drv *first = m.drv; /* it never stops, as a kernel that crashed */
        vtd_drv_options o = remapping();
        ASSERT_EQ(vtd_drv_create(&m.bus, &o, &m.drv), 0);
        m.commands.clear();
        ASSERT_EQ(vtd_drv_start(m.drv), 0);
        const uint32_t qie = 1u << 26, ire = 1u << 25;
        ASSERT_GE(m.commands.size(), 3u);
        EXPECT_EQ(m.commands[0], qie | ire) << "translation off";
        EXPECT_EQ(m.commands[1], qie) << "remapping off";
        EXPECT_EQ(m.commands[2], 0u) << "queue off";
        EXPECT_TRUE(refused(m.fire(0), kNotPresent)) << "the new table counts";
        m.set(m.alloc(), 0x42);
        EXPECT_TRUE(delivered(m.fire(0), 0x42));
        ASSERT_EQ(vtd_drv_stop(m.drv), 0);
        vtd_drv_destroy(first);
    }
}

/* Legacy mode: 128-bit descriptors; a write buffer is flushed behind each change that needs no invalidation (ref 1.2). */
TEST(DriverIrq, WorksInLegacyModeWithTheNarrowQueueAndAWriteBuffer)
{
    const uint32_t wbf = 1u << 27;
    vtd_config config = without(vtd_reg_cap_put_fs1gp(1) | vtd_reg_cap_put_fs5lp(1));
    config.ecap = vtd_reg_ecap_put_c(1) | vtd_reg_ecap_put_qi(1) | vtd_reg_ecap_put_ir(1) | vtd_reg_ecap_put_iro(0xf) |
                  vtd_reg_ecap_put_mhmv(15);
    config.cap |= vtd_reg_cap_put_rwbf(1);
    Machine m(config);
    m.start();
    const auto flushed = [&] {
        bool found = false;
        for (uint32_t command : m.commands)
            found |= (command & wbf) != 0;
        m.commands.clear();
        return found;
    };
    EXPECT_TRUE(flushed());
    const uint32_t index = m.alloc();
    m.set(index, 0x41);
    EXPECT_TRUE(flushed()) << "from not present to present: no invalidation does it";
    EXPECT_TRUE(delivered(m.fire(index), 0x41));
    m.set(index, 0x42);
    EXPECT_TRUE(delivered(m.fire(index), 0x42));
    ASSERT_EQ(vtd_drv_irq_free(m.drv, index), 0);
    EXPECT_TRUE(refused(m.fire(index), kNotPresent));
}

TEST(DriverIrq, NeedsTheInvalidationQueue)
{
    vtd_config config = defaultConfig();
    config.version = 0x50;
    Machine m(config);
    vtd_drv_options o = remapping();
    o.legacy = o.register_invalidation = true;
    EXPECT_EQ(vtd_drv_create(&m.bus, &o, &m.drv), -ENOTSUP);
    o.interrupt_remapping = false;
    o.interrupt_bits = 0;
    EXPECT_EQ(vtd_drv_create(&m.bus, &o, &m.drv), 0);
}

TEST(DriverIrq, OptionsThatCannotBeAreRefused)
{
    const auto create = [](const vtd_config &config, const vtd_drv_options &o) {
        Machine m(config);
        return vtd_drv_create(&m.bus, &o, &m.drv);
    };
    const uint64_t eim = vtd_reg_ecap_put_eim(1);
    vtd_drv_options o = remapping(17);
    EXPECT_EQ(create(defaultConfig(), o), -EINVAL);
    o = remapping();
    EXPECT_EQ(create(without(vtd_reg_cap_put_pi(1), eim | vtd_reg_ecap_put_ir(1) | vtd_reg_ecap_put_mhmv(15)), o),
              -ENOTSUP);
    o.x2apic = true;
    EXPECT_EQ(create(defaultConfig(), o), 0);
    EXPECT_EQ(create(without(0, eim), o), -ENOTSUP);
    o.compatibility_interrupts = true;
    EXPECT_EQ(create(defaultConfig(), o), -EINVAL);
    vtd_config strict = defaultConfig();
    strict.ecap |= vtd_reg_ecap_put_eimer(1);
    EXPECT_EQ(create(strict, remapping()), -ENOTSUP) << "the unit insists on x2APIC mode";
    o = {};
    o.x2apic = true;
    EXPECT_EQ(create(defaultConfig(), o), -EINVAL) << "without remapping";
}

TEST(DriverIrq, WithoutTheOptionThereIsNothing)
{
    Machine m;
    m.start({});
    uint32_t index = 0;
    vtd_drv_irq irq{};
    EXPECT_EQ(vtd_drv_irq_alloc(m.drv, 1, nullptr, &index), -ENOTSUP);
    EXPECT_EQ(vtd_drv_irq_set(m.drv, 0, &irq), -ENOTSUP);
    EXPECT_EQ(vtd_drv_irq_clear(m.drv, 0), -ENOTSUP);
    EXPECT_EQ(vtd_drv_irq_free(m.drv, 0), -ENOTSUP);
    EXPECT_EQ(m.send(0xfee03000, 0x41).result, VTD_IRQ_PASSED);
}

TEST(DriverIrq, EveryTableSizeIsUsedToItsEnd)
{
    for (unsigned bits = 1; bits <= 16; bits++) {
        Machine m;
        m.start(remapping(bits));
        const uint32_t entries = 1u << bits, half = entries / 2;
        ASSERT_EQ(m.alloc(half), 0u);
        ASSERT_EQ(m.alloc(half), half);
        m.set(entries - 1, 0x77);
        EXPECT_TRUE(delivered(m.fire(half, static_cast<uint16_t>(half - 1)), 0x77)) << bits;
        EXPECT_TRUE(refused(m.fire(half, static_cast<uint16_t>(half)), 0x21)) << "beyond the table";
    }
}
