/* SPDX-License-Identifier: MIT */
/* Interrupt remapping by the driver: in which order the unit is brought up and down, and on which units (ref 1.4, 8). */
#include "irq_rig.h"

using namespace irqrig;

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
