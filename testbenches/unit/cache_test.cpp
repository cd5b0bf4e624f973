/* SPDX-License-Identifier: MIT */
/*
 * Laws of the generic cache, one by one: what each replacement policy promises, that keys never mix, what invalidation
 * leaves, how much memory it takes. (Its agreement with an oracle is tested in cache_oracle_test.cpp.)
 */
#include "cache_rig.h"

#include <numeric>

namespace vtdtest
{

namespace
{

/* Keys 0, 1, 2, ... in a cache of one set, and the order in which entries leave when new keys come. */
std::vector<uint64_t> orderOfEviction(Cache &cache)
{
    std::vector<uint64_t> order;
    for (uint32_t n = 0; n < cache.c.entries; n++) {
        cache.fill({1000000 + n, 0});
        order.push_back(cache.evicted ? cache.victim.a : UINT64_MAX);
    }
    return order;
}

unsigned misses(Cache &cache, const std::vector<unsigned> &stream)
{
    unsigned n = 0;
    for (const unsigned a : stream)
        n += !cache.access({a, 0});
    return n;
}

/* Several numbers of ways, on both sides of the line between scanned and indexed sets. */
const uint32_t kWays[] = {1, 2, 4, 8, 16, 64, 65, 128, 1024};

bool isPowerOfTwo(uint32_t n)
{
    return (n & (n - 1)) == 0;
}

} // namespace

TEST(CacheLru, EvictsInTheOrderOfLastUse)
{
    for (const uint32_t ways : {4u, 100u}) {
        Cache cache(geometry(ways, 0));
        for (uint64_t a = 0; a < ways; a++)
            cache.fill({a, 0});
        cache.lookup({1, 0});
        cache.lookup({0, 0});
        std::vector<uint64_t> expected(ways - 2);
        std::iota(expected.begin(), expected.end(), 2);
        expected.push_back(1);
        expected.push_back(0);
        EXPECT_EQ(orderOfEviction(cache), expected) << ways;
    }
}

TEST(CacheLru, FillMakesEntryMostRecent)
{
    for (const uint32_t ways : {4u, 100u}) {
        Cache cache(geometry(ways, 0));
        for (uint64_t a = 0; a < ways; a++)
            cache.fill({a, 0});
        cache.fill({0, 0}); /* is there already */
        EXPECT_FALSE(cache.evicted);
        std::vector<uint64_t> expected(ways - 1);
        std::iota(expected.begin(), expected.end(), 1);
        expected.push_back(0);
        EXPECT_EQ(orderOfEviction(cache), expected) << ways;
    }
}

TEST(CacheFifo, HitAndRepeatedFillKeepTheAge)
{
    for (const uint32_t ways : {4u, 100u}) {
        Cache cache(geometry(ways, 0, VTD_POLICY_FIFO));
        for (uint64_t a = 0; a < ways; a++)
            cache.fill({a, 0});
        cache.lookup({0, 0});
        cache.fill({1, 0});
        std::vector<uint64_t> expected(ways);
        std::iota(expected.begin(), expected.end(), 0);
        EXPECT_EQ(orderOfEviction(cache), expected) << ways;
    }
}

TEST(CacheLru, CyclicScanOverOneKeyTooManyNeverHits)
{
    for (const uint32_t ways : kWays) {
        Cache cache(geometry(ways, 0));
        for (unsigned n = 0; n < 3 * (ways + 1); n++)
            ASSERT_FALSE(cache.access({n % (ways + 1), 0})) << ways;
    }
}

TEST(CacheAnyPolicy, CyclicScanThatFitsMissesOnlyOnce)
{
    for (const uint32_t ways : kWays)
        for (unsigned policy = 0; policy <= VTD_POLICY_RANDOM; policy++) {
            if (policy == VTD_POLICY_PLRU && !isPowerOfTwo(ways))
                continue;
            Cache cache(geometry(ways, 0, static_cast<vtd_policy>(policy)));
            for (unsigned n = 0; n < 3 * ways; n++)
                ASSERT_EQ(cache.access({n % ways, 0}), n >= ways) << ways << " ways, policy " << policy;
        }
}

/* After a change of phase the old keys are pushed out by the new ones and do not stay for good. */
TEST(CacheAnyPolicy, PhaseChangeEndsInHitsOnly)
{
    for (const uint32_t ways : kWays)
        for (const vtd_policy policy : {VTD_POLICY_LRU, VTD_POLICY_PLRU, VTD_POLICY_FIFO}) {
            if (policy == VTD_POLICY_PLRU && !isPowerOfTwo(ways))
                continue;
            Cache cache(geometry(ways, 0, policy));
            for (unsigned n = 0; n < 5 * ways; n++)
                cache.access({n * 7 % ways, 1});
            /* Tree-PLRU keeps no full order: it may evict a new key first. With repetitions it gets there. */
            for (unsigned n = 0; n < (policy == VTD_POLICY_PLRU ? 20 * ways : ways); n++)
                cache.access({n % ways, 2});
            for (unsigned n = 0; n < ways; n++)
                EXPECT_TRUE(cache.access({n, 2})) << ways << " ways, policy " << policy;
        }
}

TEST(CacheLru, LargerFullyAssociativeCacheNeverHitsLess)
{
    std::mt19937_64 rng(3);
    for (unsigned round = 0; round < 20; round++) {
        Cache small(geometry(60 + round % 8, 0)), large(geometry(61 + round % 8, 0));
        for (unsigned n = 0; n < 3000; n++) {
            const vtd_key k = {rng() % (rng() & 1 ? 50 : 200), 0};
            const bool small_hit = small.access(k);
            const bool large_hit = large.access(k);
            ASSERT_TRUE(large_hit || !small_hit) << "what the smaller holds, the larger holds, too";
        }
    }
}

TEST(CacheFifo, BeladysAnomaly)
{
    const std::vector<unsigned> stream = {1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5};
    Cache three(geometry(3, 0, VTD_POLICY_FIFO)), four(geometry(4, 0, VTD_POLICY_FIFO));
    EXPECT_EQ(misses(three, stream), 9u);
    EXPECT_EQ(misses(four, stream), 10u);
    Cache lru_three(geometry(3, 0)), lru_four(geometry(4, 0));
    EXPECT_EQ(misses(lru_three, stream), 10u);
    EXPECT_EQ(misses(lru_four, stream), 8u);
}

TEST(CachePlru, NeverEvictsTheMostRecentlyUsed)
{
    std::mt19937_64 rng(4);
    for (const uint32_t ways : {2u, 8u, 64u, 128u}) {
        Cache cache(geometry(ways, 0, VTD_POLICY_PLRU));
        vtd_key last = {0, 0};
        unsigned evictions = 0;
        for (unsigned n = 0; n < 20000; n++) {
            const vtd_key k = {rng() % (2 * ways), 0};
            if (!cache.access(k) && cache.evicted) {
                evictions++;
                ASSERT_FALSE(cache.victim == last) << ways;
            }
            last = k;
        }
        EXPECT_GT(evictions, 1000u);
    }
}

/*
 * The textbook tree over four ways: after uses of 0, 1, 2, 3 all bits point to 0; a use of 0 turns to the other half.
 */
TEST(CachePlru, FollowsTheTextbookTree)
{
    Cache cache(geometry(4, 0, VTD_POLICY_PLRU));
    for (uint64_t a = 0; a < 4; a++)
        cache.fill({a, 0});
    cache.lookup({0, 0});
    std::vector<uint64_t> order = orderOfEviction(cache);
    EXPECT_EQ(order, (std::vector<uint64_t>{2, 1, 3, 0}));
}

TEST(CacheRandom, EveryWayIsEvictedAboutEquallyOften)
{
    for (const uint32_t ways : {5u, 64u, 100u}) {
        Cache cache(geometry(ways, 0, VTD_POLICY_RANDOM));
        std::vector<unsigned> count(ways);
        for (uint64_t a = 0; a < ways; a++)
            cache.fill({a, 0});
        for (unsigned n = 0; n < 1000 * ways; n++)
            count[cache.fill({ways + n, 0})]++;
        for (uint32_t way = 0; way < ways; way++) { /* 1000 expected, a standard deviation of less than 32 */
            EXPECT_GT(count[way], 800u) << "way " << way << " of " << ways;
            EXPECT_LT(count[way], 1200u) << "way " << way << " of " << ways;
        }
    }
}

TEST(CacheRandom, SameSeedSameBehaviourAnotherSeedAnother)
{
    Cache x(geometry(16, 0, VTD_POLICY_RANDOM), 5), y(geometry(16, 0, VTD_POLICY_RANDOM), 5),
        z(geometry(16, 0, VTD_POLICY_RANDOM), 6);
    unsigned different = 0;
    for (uint64_t a = 0; a < 1000; a++) {
        const uint32_t i = x.fill({a, 0});
        ASSERT_EQ(y.fill({a, 0}), i);
        different += z.fill({a, 0}) != i;
    }
    EXPECT_GT(different, 500u);
}

TEST(CacheRandom, InvalidateAllLetsTheGeneratorGoOnAndClearRestartsIt)
{
    const vtd_cache_geometry g = geometry(64, 0, VTD_POLICY_RANDOM);
    std::vector<uint64_t> order[3];
    Cache cache(g);
    for (unsigned round = 0; round < 3; round++) {
        for (uint64_t a = 0; a < 64; a++)
            cache.fill({a, 0});
        order[round] = orderOfEviction(cache);
        if (round == 0)
            vtd_cache_invalidate_all(&cache.c);
        else
            vtd_cache_clear(&cache.c);
    }
    EXPECT_NE(order[1], order[0]);
    EXPECT_EQ(order[2], order[0]);
}

TEST(CacheClear, RestoresThePowerOnStateForEveryPolicy)
{
    for (unsigned policy = 0; policy <= VTD_POLICY_RANDOM; policy++)
        for (const uint32_t ways : {8u, 128u}) {
            Cache cache(geometry(4 * ways, ways, static_cast<vtd_policy>(policy)), 9);
            std::vector<uint32_t> first, second;
            for (auto *places : {&first, &second}) {
                vtd_cache_clear(&cache.c);
                EXPECT_EQ(cache.c.valid, 0u);
                for (uint64_t a = 0; a < 2000; a++)
                    places->push_back(cache.fill({a * a % 1500, 0}));
            }
            EXPECT_EQ(first, second) << "policy " << policy;
        }
}

TEST(CacheFreeWays, LowestNumberedInvalidWayIsUsedFirst)
{
    for (const uint32_t ways : {3u, 8u, 48u, 64u}) {
        Cache cache(geometry(ways, 0));
        for (uint64_t a = 0; a < ways; a++)
            EXPECT_EQ(cache.fill({a, 0}), a);
        for (const uint32_t way : {ways - 1, 1u, ways / 2})
            if (vtd_cache_is_valid(&cache.c, way))
                vtd_cache_remove(&cache.c, way);
        uint32_t last = 0;
        while (cache.c.valid < ways) {
            const uint32_t way = cache.fill({100 + last, 0});
            EXPECT_FALSE(cache.evicted);
            EXPECT_GT(way, last);
            last = way;
        }
    }
}

TEST(CacheFreeWays, InSetsOfMoreThan64TheOneFreedLastIsUsedFirst)
{
    Cache cache(geometry(65, 0));
    for (uint64_t a = 0; a < 65; a++)
        EXPECT_EQ(cache.fill({a, 0}), a);
    for (const uint32_t way : {40u, 3u, 64u})
        vtd_cache_remove(&cache.c, way);
    for (const uint32_t way : {64u, 3u, 40u})
        EXPECT_EQ(cache.fill({100 + way, 0}), way);
    EXPECT_FALSE(cache.evicted);
}

TEST(CacheOff, HoldsNothing)
{
    for (unsigned policy = 0; policy <= VTD_POLICY_RANDOM; policy++) {
        Cache cache(geometry(0, 0, static_cast<vtd_policy>(policy)));
        const vtd_cache_geometry g = geometry(0, 8, static_cast<vtd_policy>(policy));
        EXPECT_EQ(vtd_cache_bytes(&g), 0u);
        EXPECT_EQ(cache.fill({1, 2}), VTD_CACHE_NONE);
        EXPECT_FALSE(cache.evicted);
        EXPECT_EQ(cache.lookup({1, 2}), VTD_CACHE_NONE);
        EXPECT_EQ(cache.probe({0, 0}), VTD_CACHE_NONE);
        EXPECT_EQ(cache.invalidateIf([](vtd_key, uint32_t) { return true; }), 0u);
        EXPECT_EQ(vtd_cache_invalidate_all(&cache.c), 0u);
        vtd_cache_clear(&cache.c);
        EXPECT_EQ(cache.c.entries, 0u);
        EXPECT_EQ(cache.c.valid, 0u);
    }
}

TEST(CacheProbe, HasNoSideEffects)
{
    for (unsigned policy = 0; policy <= VTD_POLICY_RANDOM; policy++)
        for (const uint32_t ways : {8u, 16u, 128u}) {
            Cache cache(geometry(2 * ways, ways, static_cast<vtd_policy>(policy)));
            for (uint64_t a = 0; a < 3 * ways; a++)
                cache.access({a, 0});
            const std::string before = cache.image();
            for (uint64_t a = 0; a < 6 * ways; a++)
                cache.probe({a, 0});
            EXPECT_TRUE(cache.image() == before) << "policy " << policy << ", " << ways << " ways";
        }
}

TEST(CacheInvalidateIf, RemovesExactlyWhatMatches)
{
    for (const uint32_t ways : {3u, 8u, 64u, 100u}) {
        Cache cache(geometry(4 * ways, ways));
        for (uint64_t a = 0; a < 4 * ways; a++)
            cache.fill({a, a % 3});
        const uint32_t matching = (4 * ways + 1) / 3; /* a = 1, 4, 7, ... */
        EXPECT_EQ(cache.invalidateIf([](vtd_key k, uint32_t) { return k.b == 1; }), matching);
        EXPECT_EQ(cache.c.valid, 4 * ways - matching);
        for (uint64_t a = 0; a < 4 * ways; a++)
            EXPECT_EQ(cache.has({a, a % 3}), a % 3 != 1) << a;
        EXPECT_EQ(cache.invalidateIf([](vtd_key, uint32_t) { return false; }), 0u);
        EXPECT_EQ(vtd_cache_invalidate_all(&cache.c), 4 * ways - matching);
        EXPECT_EQ(cache.c.valid, 0u);
    }
}

TEST(CacheGeometry, EachBadOneIsRefusedWithASentence)
{
    const auto error = [](uint32_t entries, uint32_t ways, unsigned policy, unsigned index) {
        const vtd_cache_geometry g = {entries, ways, static_cast<uint8_t>(policy), static_cast<uint8_t>(index), 0, 0};
        const char *text = vtd_cache_geometry_error(&g);
        return std::string(text ? text : "fine");
    };
    EXPECT_EQ(error(8, 4, VTD_POLICY_RANDOM + 1, 0), "the replacement policy is not known");
    EXPECT_EQ(error(8, 4, 255, 0), "the replacement policy is not known");
    EXPECT_EQ(error(8, 4, 0, VTD_INDEX_MODULO + 1), "the index function is not known");
    EXPECT_EQ(error((1u << 24) + 1, 0, 0, 0), "at most 16777216 entries");
    EXPECT_EQ(error(UINT32_MAX, 1, 0, 0), "at most 16777216 entries");
    const char *const sets = "ways must divide entries into a power-of-two number of sets";
    for (const auto &[entries, ways] :
         std::vector<std::pair<uint32_t, uint32_t>>{{12, 4}, {8, 3}, {8, 16}, {100, 1}, {1, 2}, {8, UINT32_MAX}})
        EXPECT_EQ(error(entries, ways, 0, 0), sets) << entries << " entries, " << ways << " ways";
    EXPECT_EQ(error(12, 3, VTD_POLICY_PLRU, 0), "tree-PLRU needs a power-of-two number of ways");
    EXPECT_EQ(error(12, 0, VTD_POLICY_PLRU, 0), "tree-PLRU needs a power-of-two number of ways");
    for (const auto &[entries, ways] : std::vector<std::pair<uint32_t, uint32_t>>{
             {0, 0}, {0, 7}, {1, 0}, {1, 1}, {12, 3}, {100, 0}, {100, 25}, {1u << 24, 0}, {1u << 24, 1}})
        EXPECT_EQ(error(entries, ways, 0, 0), "fine") << entries << " entries, " << ways << " ways";
}

/* 24 bytes are the largest payload that goes with an entry. */
TEST(CacheMemory, IsBelow64BytesPerEntryWithItsPayload)
{
    for (const uint32_t entries : {65536u, 65537u, 100000u, 131071u, 1u << 20, 3u << 20, (1u << 23) + 1, 1u << 24})
        for (const uint32_t ways : {0u, 1u, 2u, 4u, 8u, 16u, 64u, 65u, 100u, 128u, 4096u})
            for (unsigned policy = 0; policy <= VTD_POLICY_RANDOM; policy++) {
                vtd_cache_geometry g = geometry(entries, ways, static_cast<vtd_policy>(policy), VTD_INDEX_HASH);
                if (ways > 64 && !isPowerOfTwo(ways))
                    g.entries = ways << 12;
                if (!vtd_cache_geometry_error(&g)) {
                    EXPECT_LT(vtd_cache_bytes(&g) + UINT64_C(24) * g.entries, UINT64_C(64) * g.entries) << describe(g);
                }
            }
}

} // namespace vtdtest
