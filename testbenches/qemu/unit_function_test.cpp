/* SPDX-License-Identifier: MIT */
/* The function that carries the unit's registers into a guest, and the segment of our own behind it. */
#include "probe_function.h"
#include "qemu/unit_function.h"

#include <gtest/gtest.h>

namespace
{

constexpr uint64_t kMemory = 16 << 20;

class UnitFunction : public testing::Test
{
  protected:
    void SetUp() override
    {
        vtd_config config;
        ASSERT_EQ(vtd_config_preset(&config, nullptr), VTD_STATUS_OK);
        char why[VTD_WHY_SIZE];
        ASSERT_EQ(vtd_machine_init(&machine, &config, kMemory, 0, 0, why), 0) << why;
        cap = config.cap;
        host.machine = &machine;
        host.low_end = kMemory;
        vtd_qemu_unit_function_init(&unit, &host, true);
    }
    void TearDown() override
    {
        vtd_machine_fini(&machine);
    }
    void place()
    {
        for (uint32_t i = 0; i < VTD_QEMU_UNIT_BARS; i++) {
            uint32_t base;
            ASSERT_NE(vtd_qemu_unit_function_bar(&unit, i, &base), 0u);
            unit.function.config_write(&unit, 0x10 + 4 * i, base, 4);
        }
        unit.hidden = true;
    }
    vtd_machine machine{};
    vtd_qemu_host host{};
    vtd_qemu_unit_function unit{};
    uint64_t cap = 0;
};

TEST_F(UnitFunction, BarsTellTheirSizeAndAbsentOnesReadZero)
{
    for (uint32_t at = 0x10; at < 0x2c; at += 4)
        unit.function.config_write(&unit, at, 0xffffffff, 4);
    EXPECT_EQ(unit.function.config_read(&unit, 0x10, 4), 0xfffff000u); /* the default unit has one page of registers */
    EXPECT_EQ(unit.function.config_read(&unit, 0x14, 4), 0xfff00000u);
    EXPECT_EQ(unit.function.config_read(&unit, 0x18, 4), 0xfff00000u);
    for (uint32_t at = 0x1c; at < 0x2c; at += 4)
        EXPECT_EQ(unit.function.config_read(&unit, at, 4), 0u) << at;
}

TEST_F(UnitFunction, IsAbsentFromConfigurationSpaceOnceItIsPlaced)
{
    place();
    EXPECT_EQ(unit.function.config_read(&unit, 0, 4), 0xffffffffu);
    EXPECT_EQ(unit.function.config_read(&unit, 0, 2), 0xffffu);
    unit.function.config_write(&unit, 0x10, 0x20000000, 4); /* nobody moves it any more */
    uint64_t value = 0;
    ASSERT_TRUE(unit.function.bar_read(&unit, 0xfed90008, 8, &value));
    EXPECT_EQ(value, cap);
}

TEST_F(UnitFunction, RegistersOf64BitsAreReachedInHalves)
{
    place();
    uint64_t low = 0, high = 0;
    ASSERT_TRUE(unit.function.bar_read(&unit, 0xfed90008, 4, &low));
    ASSERT_TRUE(unit.function.bar_read(&unit, 0xfed9000c, 4, &high));
    EXPECT_EQ(high << 32 | low, cap);
}

TEST_F(UnitFunction, AccessesThatTheUnitDoesNotKnowReadZeroAndAreCounted)
{
    place();
    uint64_t value = 1;
    ASSERT_TRUE(unit.function.bar_read(&unit, 0xfed90008, 1, &value));
    EXPECT_EQ(value, 0u);
    ASSERT_TRUE(unit.function.bar_read(&unit, 0xfed9000a, 4, &value));
    EXPECT_EQ(value, 0u);
    EXPECT_EQ(unit.odd, 2u);
    EXPECT_FALSE(unit.function.bar_read(&unit, 0xfed90ffc, 8, &value)); /* half of it is behind the end */
}

TEST_F(UnitFunction, ConfigurationSpaceOfTheSegmentLeadsToItsFunctions)
{
    place();
    Probe probe;
    unit.segment[1] = &probe.function;
    uint64_t value = 0;
    ASSERT_TRUE(unit.function.bar_read(&unit, 0xfef00000 + 0x8000 + 0x104, 4, &value));
    EXPECT_EQ(probe.seen_offset, 0x104u);
    ASSERT_TRUE(unit.function.bar_read(&unit, 0xfef00000 + 0x104, 4, &value)); /* nobody is at device 0 */
    EXPECT_EQ(value, 0xffffffffu);
    ASSERT_TRUE(unit.function.bar_read(&unit, 0xfef00000 + 0x9000, 2, &value)); /* nor is there a function 1 */
    EXPECT_EQ(value, 0xffffu);
    EXPECT_FALSE(unit.function.bar_read(&unit, 0xff000000, 4, &value)); /* a BAR, and the probe's are elsewhere */
}

} // namespace
