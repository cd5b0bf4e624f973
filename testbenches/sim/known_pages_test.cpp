/* SPDX-License-Identifier: MIT */
/* The cache of mapped pages: it may forget, and never claims what is not so. */
#include "workload/known_pages.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <utility>

namespace
{

class KnownPages : public testing::Test
{
  protected:
    KnownPages()
    {
        EXPECT_TRUE(vtd_known_pages_init(&known));
    }
    ~KnownPages() override
    {
        vtd_known_pages_fini(&known);
    }
    vtd_known_pages known = {};
};

TEST_F(KnownPages, KnowsNothingAtFirst)
{
    for (uint64_t page = 0; page < 10000; page++)
        ASSERT_FALSE(vtd_known_pages_has(&known, 1, page));
}

TEST_F(KnownPages, WhatWasRemovedIsNeverKnownHoweverItGrows)
{
    std::set<std::pair<uint64_t, uint64_t>> mapped;
    std::mt19937_64 random(3);
    for (unsigned i = 0; i < 200000; i++) {
        const uint64_t who = 1 + random() % 50, page = random() % 1000;
        const bool had = mapped.count({who, page});
        if (random() % 4 == 0) {
            mapped.erase({who, page});
            vtd_known_pages_remove(&known, who, page);
            ASSERT_FALSE(vtd_known_pages_has(&known, who, page));
        } else if (vtd_known_pages_has(&known, who, page)) {
            ASSERT_TRUE(had) << "space " << who << " page " << page;
        } else {
            mapped.insert({who, page});
            vtd_known_pages_add(&known, who, page);
            ASSERT_TRUE(vtd_known_pages_has(&known, who, page));
        }
    }
}

/* Lines of four, at most half full: with Poisson(2) keys to a line, 5.3 % of the lines are too small, and by one key or two. */
TEST_F(KnownPages, GrowsWithWhatIsMappedAndKeepsNearlyAllOfIt)
{
    const uint64_t pages = 300000;
    uint64_t kept = 0;
    for (uint64_t page = 0; page < pages; page++)
        vtd_known_pages_add(&known, 7, page);
    for (uint64_t page = 0; page < pages; page++)
        kept += vtd_known_pages_has(&known, 7, page);
    EXPECT_GT(kept, pages * 9 / 10);
    EXPECT_LE((known.mask + 1) * sizeof *known.bucket, 64 * pages) << "memory stays in proportion";
}

} // namespace
