/* SPDX-License-Identifier: MIT */
/* Parts of vtdsim report: scales, numbers as text, words for a shell. */
#include "report/scale.h"
#include "report/text.h"

#include <gmock/gmock.h>

#include <cmath>
#include <vector>

using testing::Contains;

TEST(ReportScale, LinearScaleCoversItsValuesWithRoundTicks)
{
    const std::pair<double, double> ranges[] = {{0, 1}, {0, 6.83}, {0.913, 0.998}, {0, 1e9}, {-3, 7}, {5, 5}, {0, 0}};
    for (const auto &[low, high] : ranges) {
        struct vtd_scale s;
        vtd_scale_linear(&s, low, high, 5);
        EXPECT_LE(s.min, low);
        EXPECT_GE(s.max, high);
        EXPECT_GE(s.ticks, 3u);
        EXPECT_LE(s.ticks, 9u);
        const double step = s.tick[1] - s.tick[0], power = std::pow(10, std::floor(std::log10(step) + 1e-9));
        EXPECT_THAT((std::vector<double>{1, 2, 2.5, 5, 10}), Contains(testing::DoubleNear(step / power, 1e-6)));
        for (size_t i = 1; i < s.ticks; i++)
            EXPECT_NEAR(s.tick[i] - s.tick[i - 1], step, 1e-9 * std::fabs(step));
    }
}

TEST(ReportScale, LogarithmicScaleHasEqualDistancesForEqualRatios)
{
    struct vtd_scale s;
    vtd_scale_log(&s, 3, 900);
    s.from = 0;
    s.to = 100;
    EXPECT_EQ((std::vector<double>(s.tick, s.tick + s.ticks)),
              (std::vector<double>{2, 5, 10, 20, 50, 100, 200, 500, 1000}));
    EXPECT_NEAR(vtd_scale_at(&s, 2), 0, 1e-9);
    EXPECT_NEAR(vtd_scale_at(&s, 1000), 100, 1e-9);
    EXPECT_NEAR(vtd_scale_at(&s, 20) - vtd_scale_at(&s, 10), vtd_scale_at(&s, 200) - vtd_scale_at(&s, 100), 1e-9);
    for (const double high : {1e3, 1e6, 1e12, 1e17}) { /* never more ticks than there is room for */
        vtd_scale_log(&s, 1, high);
        EXPECT_LE(s.ticks, size_t{VTD_SCALE_TICKS});
        EXPECT_LE(s.min, 1);
        EXPECT_GE(s.max, high);
    }
}

TEST(ReportText, NumbersAreReadAsTheyAre)
{
    char text[VTD_NUMBER_TEXT];
    EXPECT_STREQ(vtd_number_text(text, 0.87654, true), "87.65 %");
    EXPECT_STREQ(vtd_number_text(text, 0.999999, true), "99.999900 %"); /* not 100 % */
    EXPECT_STREQ(vtd_number_text(text, 1234567, false), "1234567");
    EXPECT_STREQ(vtd_number_text(text, 4.01, false), "4.01");
    EXPECT_STREQ(vtd_tick_text(text, 4096, false), "4096");
    EXPECT_STREQ(vtd_tick_text(text, 65536, false), "64Ki");
    EXPECT_STREQ(vtd_tick_text(text, 1 << 20, false), "1Mi");
    EXPECT_STREQ(vtd_tick_text(text, 2500000, false), "2.5M");
    EXPECT_STREQ(vtd_tick_text(text, 80000000, false), "80M"); /* 78125 Ki, but no size */
    EXPECT_STREQ(vtd_tick_text(text, 0.975, true), "97.5 %");
}

TEST(ReportText, ShellTakesWordsAsOne)
{
    struct vtd_arena arena = {nullptr};
    EXPECT_STREQ(vtd_shell_word(&arena, "pasid_cache.entries=8"), "pasid_cache.entries=8");
    EXPECT_STREQ(vtd_shell_word(&arena, "a b"), "'a b'");
    EXPECT_STREQ(vtd_shell_word(&arena, "it's $HOME"), "'it'\\''s $HOME'");
    EXPECT_STREQ(vtd_shell_word(&arena, ""), "''");
    vtd_arena_free(&arena);
}
