/* SPDX-License-Identifier: MIT */
/*
 * Keys never mix: neither those that differ in one bit, nor those that share fingerprint, set or hash bucket, nor one
 * that is gone with what was left behind in memory.
 */
#include "cache_rig.h"

#include <numeric>

namespace vtdtest
{

namespace
{

uint8_t fingerprint(vtd_key k)
{
    return vtd_cache_fingerprint(vtd_cache_hash(k));
}

/* n keys with a certain fingerprint, found by search. */
std::vector<vtd_key> keysWithFingerprint(uint8_t wanted, size_t n, uint64_t b = 0)
{
    std::vector<vtd_key> keys;
    for (uint64_t a = 0; keys.size() < n; a++)
        if (fingerprint({a, b}) == wanted)
            keys.push_back({a, b});
    return keys;
}

/* Fully associative sizes of one, several and no words of fingerprints. */
const uint32_t kWays[] = {2, 3, 7, 8, 9, 16, 63, 64, 65, 128};

} // namespace

TEST(CacheKeys, ThatDifferInOneBitAreDifferent)
{
    std::mt19937_64 rng(1);
    for (const uint32_t ways : {4u, 8u, 16u, 65u})
        for (const uint32_t sets : {1u, 16u})
            for (const vtd_index index : {VTD_INDEX_HASH, VTD_INDEX_MODULO})
                for (const vtd_key base : {vtd_key{0, 0}, vtd_key{~0ull, ~0ull}, vtd_key{rng(), rng()}}) {
                    Cache cache(geometry(ways * sets, ways, VTD_POLICY_LRU, index));
                    for (unsigned n = 0; n < 128; n++) {
                        const vtd_key other = {base.a ^ (n < 64 ? 1ull << n : 0),
                                               base.b ^ (n < 64 ? 0 : 1ull << (n - 64))};
                        vtd_cache_clear(&cache.c);
                        const uint32_t i = cache.fill(base);
                        ASSERT_EQ(cache.lookup(base), i);
                        ASSERT_FALSE(cache.has(other)) << n;
                        const uint32_t j = cache.fill(other);
                        ASSERT_NE(i, j) << n;
                        ASSERT_EQ(cache.lookup(base), i) << n;
                        ASSERT_EQ(cache.lookup(other), j) << n;
                    }
                }
}

TEST(CacheKeys, FingerprintIsNeverZero)
{
    for (uint64_t high = 0; high < 256; high++)
        EXPECT_NE(vtd_cache_fingerprint(high << 56), 0u) << "0 says that a way is invalid";
}

TEST(CacheKeys, WithEqualFingerprintsAreToldApart)
{
    for (const uint32_t ways : kWays)
        for (const uint8_t wanted : {uint8_t{1}, uint8_t{0x7f}, uint8_t{0x81}, uint8_t{0xff}}) {
            const std::vector<vtd_key> keys = keysWithFingerprint(wanted, ways + 1);
            Cache cache(geometry(ways, 0));
            for (uint32_t n = 0; n < ways; n++)
                ASSERT_EQ(cache.fill(keys[n]), n);
            for (uint32_t n = 0; n < ways; n++)
                ASSERT_EQ(cache.lookup(keys[n]), n) << ways;
            ASSERT_FALSE(cache.has(keys[ways])) << ways;
        }
}

/* Keys of all fingerprints side by side: what the comparison of eight bytes at once does to neighbours. */
TEST(CacheKeys, AmongNeighboursWithCloseFingerprintsAreFound)
{
    std::mt19937_64 rng(2);
    const std::vector<vtd_key> near[] = {keysWithFingerprint(1, 40),    keysWithFingerprint(3, 40),
                                         keysWithFingerprint(0x7f, 40), keysWithFingerprint(0x81, 40),
                                         keysWithFingerprint(0xff, 40), keysWithFingerprint(1, 40, 1)};
    for (const uint32_t ways : {8u, 5u, 16u, 64u}) {
        Pair pair(geometry(ways, 0));
        for (unsigned n = 0; n < 20000; n++) {
            const vtd_key k = near[rng() % 6][rng() % (ways / 3)];
            const OracleKey key = {k.a, k.b};
            const unsigned dice = static_cast<unsigned>(rng() % 4);
            const bool gone = dice == 0 && pair.oracle.set(key).find(key);
            ASSERT_TRUE(!gone || pair.remove(key)) << n;
            ASSERT_TRUE(dice == 1 ? pair.fill(key) : pair.lookup(key)) << n;
        }
    }
}

/*
 * The key of an invalid way stays in memory. Its fingerprint is 0, next to fingerprints of 1: every subset of the ways
 * of a word is invalidated, and afterwards only the others are found.
 */
TEST(CacheKeys, OfInvalidWaysAreNotFoundAgain)
{
    for (const uint8_t wanted : {uint8_t{1}, uint8_t{0x81}})
        for (const uint32_t ways : {2u, 5u, 8u, 16u, 65u}) {
            const std::vector<vtd_key> keys = keysWithFingerprint(wanted, ways);
            const uint32_t word = std::min(ways, 8u);
            for (uint32_t first = 0; first + word <= ways; first += 8)
                for (uint32_t gone = 0; gone < 1u << word; gone++) {
                    Cache cache(geometry(ways, 0));
                    for (const vtd_key &k : keys)
                        cache.fill(k);
                    const auto is_gone = [&](uint32_t i) { return i - first < word && (gone >> (i - first) & 1); };
                    if (gone & 1)
                        cache.invalidateIf([&](vtd_key, uint32_t i) { return is_gone(i); });
                    else
                        for (uint32_t i = 0; i < ways; i++)
                            if (is_gone(i))
                                vtd_cache_remove(&cache.c, i);
                    for (uint32_t i = 0; i < ways; i++)
                        ASSERT_EQ(cache.lookup(keys[i]), is_gone(i) ? VTD_CACHE_NONE : i)
                            << ways << " ways, way " << i << ", invalidated " << std::hex << gone;
                }
        }
}

/* The all-zero key is what fresh memory looks like. */
TEST(CacheKeys, ZeroIsAKeyLikeAnyOther)
{
    for (const uint32_t ways : kWays) {
        Cache cache(geometry(ways, 0));
        EXPECT_FALSE(cache.has({0, 0}));
        cache.fill({0, 0});
        EXPECT_TRUE(cache.has({0, 0}));
        cache.remove({0, 0});
        EXPECT_FALSE(cache.has({0, 0}));
    }
}

TEST(CacheKeys, AreForgottenByInvalidateAllAndByClear)
{
    for (const uint32_t ways : kWays)
        for (const bool clear : {false, true}) {
            Cache cache(geometry(4 * ways, ways));
            for (uint64_t a = 0; a < 4 * ways; a++)
                cache.fill({a, 0});
            if (clear)
                vtd_cache_clear(&cache.c);
            else
                EXPECT_EQ(vtd_cache_invalidate_all(&cache.c), 4 * ways);
            for (uint64_t a = 0; a < 4 * ways; a++)
                ASSERT_FALSE(cache.has({a, 0})) << ways;
        }
}

/* Keys of one hash bucket: removal from the head, the middle and the end of its chain. */
TEST(CacheKeys, OfOneHashBucketComeAndGoInAnyOrder)
{
    Cache cache(geometry(128, 0, VTD_POLICY_LRU, VTD_INDEX_HASH));
    std::vector<vtd_key> keys;
    for (uint64_t a = 0; keys.size() < 5; a++)
        if ((vtd_cache_hash({a, 0}) >> 32 & cache.c.bucket_mask) == 1)
            keys.push_back({a, 0});
    std::vector<unsigned> order(keys.size());
    std::iota(order.begin(), order.end(), 0u);
    do {
        for (const vtd_key &k : keys)
            cache.fill(k);
        std::set<unsigned> there(order.begin(), order.end());
        for (const unsigned n : order) {
            cache.remove(keys[n]);
            there.erase(n);
            for (unsigned other = 0; other < keys.size(); other++)
                ASSERT_EQ(cache.has(keys[other]), there.count(other) == 1);
        }
    } while (std::next_permutation(order.begin(), order.end()));
}

/* Keys as the unit makes them (page, PASID, source-id, ...) spread over the sets about as evenly as random ones do. */
TEST(CacheKeys, OfRegularShapeSpreadOverTheSets)
{
    const std::vector<std::function<vtd_key(uint64_t)>> shapes = {
        [](uint64_t n) {
            return vtd_key{n, 0x510};
        }, /* pages of one device */
        [](uint64_t n) {
            return vtd_key{n << 9, 0x510};
        }, /* the same, 2 MiB apart */
        [](uint64_t n) {
            return vtd_key{n << 18, 0x510};
        }, /* the same, 1 GiB apart */
        [](uint64_t n) {
            return vtd_key{0x7f000, n << 16 | 0x510};
        }, /* one page of many PASIDs */
        [](uint64_t n) {
            return vtd_key{n & 63, n >> 6 << 16 | 0x510};
        }, /* 64 pages of many PASIDs */
        [](uint64_t n) {
            return vtd_key{0x7f000, n};
        }, /* one page of many devices */
        [](uint64_t n) {
            return vtd_key{n / 3, n % 3 << 40 | 0x510};
        }, /* three sizes of pages */
    };
    for (size_t shape = 0; shape < shapes.size(); shape++) {
        Cache cache(geometry(8 * 256, 8, VTD_POLICY_LRU, VTD_INDEX_HASH));
        std::vector<unsigned> load(256);
        for (uint64_t n = 0; n < 256 * 64; n++)
            load[cache.set(shapes[shape](n))]++;
        EXPECT_LT(*std::max_element(load.begin(), load.end()), 64u * 2) << "shape " << shape;
    }
}

} // namespace vtdtest
