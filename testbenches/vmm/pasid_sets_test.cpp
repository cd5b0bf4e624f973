/* SPDX-License-Identifier: MIT */
/* PASIDs of a host in sets of virtual machines: quota, ownership, in-use checks, and a plain dictionary as oracle. */
extern "C" {
#include "platform/pasid_sets.h"
}

#include <gtest/gtest.h>

#include <cerrno>
#include <map>
#include <random>

namespace
{

struct PasidSets : testing::Test {
    vtd_pasid_sets s{};
    void SetUp() override
    {
        ASSERT_EQ(vtd_pasid_sets_init(&s, 6), 0);
    }
    void TearDown() override
    {
        vtd_pasid_sets_fini(&s);
    }
    uint32_t alloc(int set)
    {
        uint32_t pasid = 0;
        EXPECT_EQ(vtd_pasid_sets_alloc(&s, set, &pasid), 0);
        return pasid;
    }
};

} // namespace

TEST_F(PasidSets, QuotaAndHostAreBothLimits)
{
    const int small = vtd_pasid_sets_add(&s, 2), large = vtd_pasid_sets_add(&s, 100);
    uint32_t pasid = 0;
    EXPECT_EQ(alloc(small), 1u);
    EXPECT_EQ(alloc(small), 2u);
    EXPECT_EQ(vtd_pasid_sets_alloc(&s, small, &pasid), -EDQUOT);
    for (unsigned i = 3; i < 64; i++)
        EXPECT_EQ(alloc(large), i);
    EXPECT_EQ(vtd_pasid_sets_alloc(&s, large, &pasid), -ENOSPC) << "6 bits: 1 to 63";
    EXPECT_EQ(vtd_pasid_sets_free(&s, small, 1), 0);
    EXPECT_EQ(alloc(large), 1u);
    EXPECT_EQ(vtd_pasid_sets_alloc(&s, 7, &pasid), -ENOENT);
}

TEST_F(PasidSets, ASetHasOnlyItsOwn)
{
    const int a = vtd_pasid_sets_add(&s, 9), b = vtd_pasid_sets_add(&s, 9);
    const uint32_t pasid = alloc(a);
    EXPECT_EQ(vtd_pasid_sets_free(&s, b, pasid), -ENOENT);
    EXPECT_EQ(vtd_pasid_sets_get(&s, b, pasid), -ENOENT);
    for (uint64_t none : {UINT64_C(0), UINT64_C(63), UINT64_C(64), (UINT64_C(1) << 32) + pasid})
        EXPECT_EQ(vtd_pasid_sets_get(&s, a, none), -ENOENT) << none;
    EXPECT_EQ(vtd_pasid_sets_get(&s, a, pasid), 0);
}

TEST_F(PasidSets, WhatIsUsedStays)
{
    const int a = vtd_pasid_sets_add(&s, 9);
    const uint32_t pasid = alloc(a);
    ASSERT_EQ(vtd_pasid_sets_get(&s, a, pasid), 0);
    ASSERT_EQ(vtd_pasid_sets_get(&s, a, pasid), 0);
    vtd_pasid_sets_put(&s, a, pasid);
    EXPECT_EQ(vtd_pasid_sets_free(&s, a, pasid), -EBUSY);
    EXPECT_EQ(vtd_pasid_sets_remove(&s, a), -EBUSY);
    vtd_pasid_sets_put(&s, a, pasid);
    EXPECT_EQ(vtd_pasid_sets_remove(&s, a), 0);
    EXPECT_EQ(vtd_pasid_sets_remove(&s, a), -ENOENT);
    EXPECT_EQ(alloc(vtd_pasid_sets_add(&s, 1)), pasid) << "and all of it is free again";
}

TEST_F(PasidSets, AgreeWithADictionary)
{
    std::mt19937 random(7);
    std::map<uint32_t, std::pair<int, unsigned>> oracle; /* PASID to set and users */
    const uint32_t quota[] = {5, 30, 60};
    for (uint32_t q : quota)
        vtd_pasid_sets_add(&s, q);
    for (unsigned i = 0; i < 20000; i++) {
        const int set = (int)(random() % 3);
        const uint32_t pasid = random() % 66;
        const auto it = oracle.find(pasid);
        const bool own = it != oracle.end() && it->second.first == set;
        unsigned count = 0;
        for (const auto &[p, o] : oracle)
            count += o.first == set;
        uint32_t got = 0;
        switch (random() % 4) {
        case 0:
            if (const int error = vtd_pasid_sets_alloc(&s, set, &got); error == 0) {
                ASSERT_LT(count, quota[set]);
                ASSERT_TRUE(oracle.emplace(got, std::make_pair(set, 0u)).second);
            } else {
                ASSERT_EQ(error, count >= quota[set] ? -EDQUOT : -ENOSPC);
                ASSERT_TRUE(count >= quota[set] || oracle.size() == 63);
            }
            break;
        case 1:
            ASSERT_EQ(vtd_pasid_sets_free(&s, set, pasid), !own ? -ENOENT : it->second.second ? -EBUSY : 0);
            if (own && it->second.second == 0)
                oracle.erase(it);
            break;
        case 2:
            ASSERT_EQ(vtd_pasid_sets_get(&s, set, pasid), own ? 0 : -ENOENT);
            if (own)
                it->second.second++;
            break;
        default:
            vtd_pasid_sets_put(&s, set, pasid);
            if (own && it->second.second)
                it->second.second--;
            break;
        }
    }
}

TEST_F(PasidSets, RangesAreTheSetsOwnAndRandomTakesAllThatThereAre)
{
    const int a = vtd_pasid_sets_add(&s, 100), b = vtd_pasid_sets_add(&s, 100);
    EXPECT_EQ(vtd_pasid_sets_choose(&s, VTD_PASID_RANGES, 0, 0), -EINVAL);
    ASSERT_EQ(vtd_pasid_sets_choose(&s, VTD_PASID_RANGES, 40, 0), 0);
    uint32_t pasid = 0;
    EXPECT_EQ(alloc(b), 40u);
    EXPECT_EQ(alloc(a), 1u) << "0 is none";
    EXPECT_EQ(alloc(b), 41u);
    for (uint32_t next = 42; next < 64; next++)
        EXPECT_EQ(alloc(b), next);
    EXPECT_EQ(vtd_pasid_sets_alloc(&s, b, &pasid), -ENOSPC) << "the PASIDs have 6 bits";
    ASSERT_EQ(vtd_pasid_sets_free(&s, b, 50), 0);
    EXPECT_EQ(alloc(a), 2u);
    EXPECT_EQ(alloc(b), 50u);

    ASSERT_EQ(vtd_pasid_sets_choose(&s, VTD_PASID_RANDOM, 0, 7), 0);
    std::map<uint32_t, int> got;
    bool ascending = true;
    for (uint32_t last = 0; vtd_pasid_sets_alloc(&s, a, &pasid) == 0; last = pasid) {
        EXPECT_GE(pasid, 3u);
        EXPECT_LT(pasid, 40u);
        ascending = ascending && pasid > last;
        EXPECT_EQ(got[pasid]++, 0);
    }
    EXPECT_EQ(got.size(), 37u) << "3 to 39";
    EXPECT_FALSE(ascending);
}
