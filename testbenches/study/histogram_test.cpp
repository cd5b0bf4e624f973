// SPDX-License-Identifier: MIT
//
// Percentiles against a sorted list of all values.

#include "study/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

namespace
{

struct Histogram : vtd_histogram {
    Histogram()
    {
        EXPECT_TRUE(vtd_histogram_init(this));
    }
    ~Histogram()
    {
        vtd_histogram_fini(this);
    }
    vtd_distribution read() const
    {
        vtd_distribution d;
        EXPECT_TRUE(vtd_histogram_read(this, &d));
        return d;
    }
};

/* The nearest rank: the least value that so many of 1000 do not exceed. */
uint64_t quantile(const std::vector<uint64_t> &sorted, uint64_t permille)
{
    size_t rank = 1;
    while (rank * 1000 < permille * sorted.size())
        rank++;
    return sorted[rank - 1];
}

void expect_same(const vtd_distribution &d, std::vector<uint64_t> values)
{
    std::sort(values.begin(), values.end());
    const uint64_t sum = std::accumulate(values.begin(), values.end(), UINT64_C(0));
    ASSERT_EQ(d.count, values.size());
    EXPECT_EQ(d.sum, sum);
    EXPECT_EQ(d.min, values.front());
    EXPECT_EQ(d.max, values.back());
    EXPECT_DOUBLE_EQ(d.mean, static_cast<double>(sum) / static_cast<double>(values.size()));
    const uint64_t permille[VTD_QUANTILES] = {500, 900, 990, 999};
    for (unsigned q = 0; q < VTD_QUANTILES; q++)
        EXPECT_EQ(d.quantile[q], quantile(values, permille[q])) << vtd_quantiles[q].name << " of " << values.size();
}

TEST(Histogram, PercentilesAreThoseOfTheSortedList)
{
    std::mt19937_64 random(1);
    for (size_t count : {1u, 2u, 3u, 9u, 10u, 11u, 99u, 100u, 101u, 999u, 1000u, 1001u, 20000u})
        for (uint64_t limit :
             {UINT64_C(1), UINT64_C(5), UINT64_C(8191), UINT64_C(8193), UINT64_C(100000), UINT64_C(1) << 40}) {
            Histogram h;
            std::vector<uint64_t> values;
            for (size_t i = 0; i < count; i++)
                vtd_histogram_add(&h, values.emplace_back(random() % (random() % limit + 1)));
            expect_same(h.read(), values);
            EXPECT_EQ(h.rounded, 0u);
        }
}

TEST(Histogram, MergedIsThatOfBothLists)
{
    std::mt19937_64 random(2);
    Histogram a, b;
    std::vector<uint64_t> values;
    for (size_t i = 0; i < 5000; i++)
        vtd_histogram_add(i % 3 ? &a : &b, values.emplace_back(random() % 20000));
    vtd_histogram_merge(&a, &b);
    expect_same(a.read(), values);
}

TEST(Histogram, EmptyIsAllZeroAlsoWhenItWasCleared)
{
    Histogram h;
    const vtd_distribution zero = {};
    for (int round = 0; round < 2; round++) {
        const vtd_distribution d = h.read();
        EXPECT_EQ(memcmp(&d, &zero, sizeof d), 0);
        for (uint64_t value : {3, 8191, 8192, 1000000})
            vtd_histogram_add(&h, value);
        EXPECT_EQ(h.read().count, 4u);
        vtd_histogram_clear(&h);
    }
}

TEST(Histogram, BeyondItsMemoryValuesAreRoundedUpByLessThanTwoPerMilleAndCounted)
{
    Histogram h;
    std::vector<uint64_t> values;
    constexpr uint64_t kFirst = UINT64_C(1) << 30, kMore = 5000;
    for (uint64_t i = 0; i < VTD_HISTOGRAM_EXACT + kMore; i++) /* all different */
        vtd_histogram_add(&h, values.emplace_back(kFirst + 1001 * i));
    EXPECT_EQ(h.rounded, kMore);
    const vtd_distribution d = h.read();
    std::sort(values.begin(), values.end());
    EXPECT_EQ(d.count, values.size()) << "no value is lost";
    EXPECT_EQ(d.min, kFirst);
    EXPECT_EQ(d.quantile[0], quantile(values, 500)) << "those that came before are exact";
    EXPECT_GE(d.max, values.back());
    EXPECT_LE(d.max, values.back() + values.back() / 500);
    vtd_histogram_add(&h, kFirst);
    EXPECT_EQ(h.rounded, kMore) << "what is known stays exact";
}

} // namespace
