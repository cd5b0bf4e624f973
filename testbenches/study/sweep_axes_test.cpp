/* SPDX-License-Identifier: MIT */
/* Axes of a sweep: ranges, numbering of points, and descriptions that are cut short anywhere. */
#include "../sim/program.h"

#include "study/axes.h"
#include "vtd/vtd.h"

#include <vector>

namespace
{

class Axes
{
  public:
    Axes() = default;
    ~Axes()
    {
        vtd_axes_free(&axes);
        vtd_words_free(&base);
    }
    Axes(const Axes &) = delete;
    Axes &operator=(const Axes &) = delete;

    bool over(const std::string &text)
    {
        return vtd_axes_add_over(&axes, text.c_str(), why) == 0;
    }
    bool finish()
    {
        return vtd_axes_finish(&axes, why) == 0;
    }
    std::string point(uint64_t i) const
    {
        const char *values[VTD_AXES_COLUMNS_MAX];
        std::string text;
        vtd_axes_point(&axes, i, values);
        for (size_t c = 0; c < axes.columns; c++)
            text += (c ? " " : "") + std::string(values[c]);
        return text;
    }
    std::vector<std::string> distinct(size_t column) const
    {
        struct vtd_words words = {};
        EXPECT_TRUE(vtd_axes_distinct(&axes, column, &words));
        const std::vector<std::string> list(words.word, words.word + words.count);
        vtd_words_free(&words);
        return list;
    }

    struct vtd_axes axes = {};
    struct vtd_words base = {};
    char why[VTD_WHY_SIZE] = "";
};

std::vector<std::string> values(const std::string &text)
{
    Axes a;
    EXPECT_TRUE(a.over("x=" + text)) << a.why;
    EXPECT_TRUE(a.finish()) << a.why;
    return a.distinct(0);
}

} // namespace

using Words = std::vector<std::string>;

TEST(SweepAxes, RangesAreThoseNumbers)
{
    EXPECT_EQ(values("8..64*2"), (Words{"8", "16", "32", "64"}));
    EXPECT_EQ(values("8..63*2"), (Words{"8", "16", "32"}));
    EXPECT_EQ(values("1..1000*10"), (Words{"1", "10", "100", "1000"}));
    EXPECT_EQ(values("1..4"), (Words{"1", "2", "3", "4"}));
    EXPECT_EQ(values("1..10+3"), (Words{"1", "4", "7", "10"}));
    EXPECT_EQ(values("0..5+3"), (Words{"0", "3"}));
    EXPECT_EQ(values("5..5"), (Words{"5"}));
    EXPECT_EQ(values("0x10..0x12"), (Words{"16", "17", "18"}));
    EXPECT_EQ(values("1,4..5,lru"), (Words{"1", "4", "5", "lru"}));
    EXPECT_EQ(values("a..b,../c,0x8"), (Words{"a..b", "../c", "0x8"})) << "no ranges of numbers";
    EXPECT_EQ(values("p=1,q=2;r"), (Words{"p=1,q=2", "r"}));
    EXPECT_EQ(values("p=1,q=2;"), (Words{"p=1,q=2"}));
}

TEST(SweepAxes, RangesEndAtTheLargestNumber)
{
    EXPECT_EQ(values("18446744073709551613..18446744073709551615+1"),
              (Words{"18446744073709551613", "18446744073709551614", "18446744073709551615"}));
    EXPECT_EQ(values("1..18446744073709551615*4294967296"), (Words{"1", "4294967296"}));
    EXPECT_EQ(values("1..18446744073709551615+18446744073709551614"), (Words{"1", "18446744073709551615"}));
    EXPECT_EQ(values("1..18446744073709551615*2").size(), 64u);
}

TEST(SweepAxes, FirstDimensionChangesMostSlowlyAndListsStayTogether)
{
    const program::File list(".csv", "b,c\n1,x\n2,x\n2,y\n");
    Axes a;
    ASSERT_TRUE(a.over("a=p,q"));
    ASSERT_EQ(vtd_axes_add_list(&a.axes, list.path.c_str(), a.why), 0) << a.why;
    ASSERT_TRUE(a.over("d=7,8"));
    ASSERT_TRUE(a.finish());
    ASSERT_EQ(a.axes.points, 12u);
    const Words want = {"p 1 x 7", "p 1 x 8", "p 2 x 7", "p 2 x 8", "p 2 y 7", "p 2 y 8",
                        "q 1 x 7", "q 1 x 8", "q 2 x 7", "q 2 x 8", "q 2 y 7", "q 2 y 8"};
    for (uint64_t i = 0; i < 12; i++)
        EXPECT_EQ(a.point(i), want[i]);
    EXPECT_EQ(a.distinct(1), (Words{"1", "2"}));
    EXPECT_EQ(a.distinct(2), (Words{"x", "y"}));
    EXPECT_STREQ(vtd_axes_name(&a.axes, 3), "d");
}

TEST(SweepAxes, DistinctValuesComeInOrderOfAppearance)
{
    const program::File list(".csv", "n\n9\n10\n9\n1\n10\n2\n");
    Axes a;
    ASSERT_EQ(vtd_axes_add_list(&a.axes, list.path.c_str(), a.why), 0) << a.why;
    ASSERT_EQ(a.axes.dimension[0].values.count, 6u);
    a.axes.columns = 1;
    EXPECT_EQ(a.distinct(0), (Words{"9", "10", "1", "2"}));
}

/* Whatever is cut off, there is an answer, and it can be used or has a reason. */
TEST(SweepAxes, DescriptionsMayBeCutShortAnywhere)
{
    const std::string texts[] = {
        "over:\n  a: {b: [1..3, x], c: 1..2}\n  d: 8..32*2\nlist:\n- {e: 1, f: \"q\"}\n- {f: 2, e: 3}\nbase: {g: h, i: "
        "{j: k}}\n",
        "over: &x\n  a: &y [1, 2]\n  b: *y\nbase: {<<: *x}\n",
        "a, \"b \"\"c\"\"\" ,d\n1,\"2,3\",4\n\"5\",6 , 7\r\n",
    };
    for (const std::string &text : texts)
        for (size_t length = 0; length <= text.size(); length++)
            for (const bool yaml : {false, true}) {
                const program::File file(".txt", text.substr(0, length));
                Axes a;
                const int status = yaml ? vtd_axes_add_yaml(&a.axes, &a.base, file.path.c_str(), a.why)
                                        : vtd_axes_add_list(&a.axes, file.path.c_str(), a.why);
                if (status != 0) {
                    EXPECT_STRNE(a.why, "") << text.substr(0, length);
                } else if (a.finish()) {
                    for (uint64_t i = 0; i < a.axes.points; i++)
                        a.point(i);
                } else {
                    EXPECT_STRNE(a.why, "");
                }
            }
}
