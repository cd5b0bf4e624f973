/* SPDX-License-Identifier: MIT */
/* The set of page numbers against std::set. */
#include "workload/page_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace
{

class PageSet : public testing::Test
{
  protected:
    ~PageSet() override
    {
        vtd_page_set_clear(&set);
    }
    void expect_same(uint64_t below)
    {
        ASSERT_EQ(set.count, oracle.size());
        for (uint64_t page = 0; page < below; page++)
            ASSERT_EQ(vtd_page_set_has(&set, page), oracle.count(page) == 1) << page;
    }

    vtd_page_set set = {};
    std::set<uint64_t> oracle;
};

TEST_F(PageSet, IsEmptyAtFirst)
{
    EXPECT_FALSE(vtd_page_set_has(&set, 0));
    vtd_page_set_remove(&set, 0);
    vtd_page_set_remove_range(&set, 0, UINT64_MAX);
    EXPECT_EQ(set.count, 0u);
}

TEST_F(PageSet, TakesTheSmallestAndTheLargestPage)
{
    const uint64_t last = (UINT64_C(1) << 52) - 1;
    EXPECT_TRUE(vtd_page_set_add(&set, 0));
    EXPECT_TRUE(vtd_page_set_add(&set, last));
    EXPECT_TRUE(vtd_page_set_has(&set, 0));
    EXPECT_TRUE(vtd_page_set_has(&set, last));
    EXPECT_FALSE(vtd_page_set_has(&set, 1));
    vtd_page_set_remove_range(&set, last, 1);
    EXPECT_FALSE(vtd_page_set_has(&set, last));
    EXPECT_TRUE(vtd_page_set_has(&set, 0));
}

TEST_F(PageSet, BehavesLikeASetUnderRandomAddsRemovalsAndRanges)
{
    std::mt19937 random(1);
    const uint64_t below = 700;
    for (unsigned i = 0; i < 20000; i++) {
        const uint64_t page = random() % below;
        switch (random() % 16) {
        case 0: {
            const uint64_t pages = random() % 8 ? 1 + random() % 20 : 1 + random() % (2 * below);
            vtd_page_set_remove_range(&set, page, pages);
            oracle.erase(oracle.lower_bound(page), oracle.lower_bound(page + pages));
            break;
        }
        case 1:
        case 2:
        case 3:
        case 4:
            vtd_page_set_remove(&set, page);
            oracle.erase(page);
            break;
        default:
            if (oracle.insert(page).second) {
                ASSERT_TRUE(vtd_page_set_add(&set, page));
            }
            break;
        }
        if (i % 50 == 0)
            expect_same(below);
    }
    expect_same(below);
}

TEST_F(PageSet, GrowsToMillions)
{
    for (uint64_t page = 0; page < 1000000; page++)
        ASSERT_TRUE(vtd_page_set_add(&set, page << 9));
    EXPECT_EQ(set.count, 1000000u);
    for (uint64_t page = 0; page < 1000000; page++)
        ASSERT_TRUE(vtd_page_set_has(&set, page << 9));
    EXPECT_FALSE(vtd_page_set_has(&set, 1));
    EXPECT_LE(set.mask + 1, 4u * 1000000u) << "memory stays in proportion";
}

} // namespace
