/* SPDX-License-Identifier: MIT */
/*
 * The key spec.revision (ref 0.1): what only the preset reports gives way, what a key asks for is refused.
 */
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "config/config.h"

namespace
{

using Keys = std::vector<std::pair<const char *, const char *>>;

/* The default preset with these keys, in this order; the message of the validator, or "". */
std::string finish(const Keys &keys, vtd_sim_config &cfg)
{
    char why[VTD_WHY_SIZE] = "";
    EXPECT_EQ(vtd_sim_config_init(&cfg, nullptr, why), 0) << why;
    for (const auto &[key, value] : keys)
        EXPECT_EQ(vtd_sim_config_set(&cfg, key, value, why), 0) << why;
    return vtd_sim_config_finish(&cfg, why) == 0 ? "" : why;
}

} // namespace

/* SMS, bit 58 of ECAP, came with revision 5. */
TEST(ConfigRevision, WhatOnlyThePresetReportsGivesWay)
{
    vtd_sim_config five, three;
    ASSERT_EQ(finish({}, five), "");
    ASSERT_EQ(finish({{"spec.revision", "3"}}, three), "");
    EXPECT_EQ(five.unit.spec_revision, 5);
    EXPECT_EQ(three.unit.spec_revision, 3);
    ASSERT_EQ(five.unit.ecap >> 58 & 1, 1u);
    EXPECT_EQ(three.unit.ecap, five.unit.ecap & ~(UINT64_C(1) << 58));
    EXPECT_EQ(three.unit.cap, five.unit.cap);
}

/* Whatever the order of the keys. */
TEST(ConfigRevision, WhatAKeyAsksForIsRefused)
{
    const std::pair<const char *, const char *> bad[] = {{"ecap.sms", "3"}, {"ecap.ers", "5"}, {"cap.afl", "5"}};
    for (const auto &[key, revision] : bad) {
        vtd_sim_config cfg;
        for (const Keys &keys :
             {Keys{{key, "1"}, {"spec.revision", revision}}, Keys{{"spec.revision", revision}, {key, "1"}}})
            EXPECT_NE(finish(keys, cfg).find("needs spec.revision"), std::string::npos) << key;
        EXPECT_EQ(finish({{"spec.revision", "4"}, {"ecap.ers", "1"}, {"cap.afl", "1"}}, cfg), "");
    }
    vtd_sim_config cfg;
    EXPECT_NE(finish({{"ecap", "0x433ed9ea4f00fdf"}, {"spec.revision", "4"}}, cfg), "") << "a whole register, too";
}

TEST(ConfigRevision, OthersThanThreeFourAndFiveAreRefused)
{
    vtd_sim_config cfg;
    for (const char *revision : {"0", "2", "6", "255"})
        EXPECT_NE(finish({{"spec.revision", revision}}, cfg).find("3, 4 or 5"), std::string::npos) << revision;
}
