/* SPDX-License-Identifier: MIT */
/*
 * The cache against its oracle: all sequences of operations on tiny geometries, and long random streams on many.
 */
#include "cache_rig.h"

#include <cmath>

namespace vtdtest
{

namespace
{

const vtd_policy kPolicies[] = {VTD_POLICY_LRU, VTD_POLICY_PLRU, VTD_POLICY_FIFO, VTD_POLICY_RANDOM};

bool isPowerOfTwo(uint32_t n)
{
    return (n & (n - 1)) == 0;
}

/*
 * Walks all sequences of lookup, fill, remove and invalidate-all up to a length. An operation that must not change
 * anything (a lookup that misses, or any under FIFO and random) is compared byte by byte and not walked on from: what
 * follows is the same as without it.
 */
class AllSequences
{
  public:
    AllSequences(const vtd_cache_geometry &g, std::vector<OracleKey> keys)
        : pair_(g), keys_(std::move(keys)), hits_count_(g.policy == VTD_POLICY_LRU || g.policy == VTD_POLICY_PLRU)
    {
    }
    /* Empty, or the sequence on which cache and oracle differ. */
    std::string firstDifference(unsigned length)
    {
        walk(length);
        return difference_;
    }
    uint64_t steps = 0;

  private:
    void step(unsigned left, const Pair::Saved &before, const char *name, const OracleKey &k, bool right)
    {
        steps++;
        path_ += std::string(" ") + name + std::to_string(k.a);
        right = right && pair_.same();
        for (const OracleKey &other : keys_)
            right = right && pair_.probe(other);
        if (!right && difference_.empty())
            difference_ = path_;
        if (difference_.empty())
            walk(left);
        path_.resize(path_.rfind(' '));
        pair_.restore(before);
    }
    void walk(unsigned left)
    {
        if (left == 0)
            return;
        const Pair::Saved before = pair_.save();
        for (const OracleKey &k : keys_) {
            const bool there = pair_.oracle.set(k).find(k) != nullptr;
            step(left - 1, before, "fill", k, pair_.fill(k));
            if (there)
                step(left - 1, before, "remove", k, pair_.remove(k));
            if (there && hits_count_) {
                step(left - 1, before, "lookup", k, pair_.lookup(k));
                continue;
            }
            if ((!pair_.lookup(k) || pair_.cache.image() != before.image) && difference_.empty())
                difference_ = path_ + " lookup" + std::to_string(k.a) + " changes something";
        }
        step(left - 1, before, "all", {}, pair_.invalidateAll());
    }

    Pair pair_;
    std::vector<OracleKey> keys_;
    bool hits_count_;
    std::string path_, difference_;
};

/* Keys with a = 0, step, 2 step, ... */
std::vector<OracleKey> keysByStep(uint64_t n, uint64_t step)
{
    std::vector<OracleKey> keys;
    for (uint64_t i = 0; i < n; i++)
        keys.push_back({i * step, 7});
    return keys;
}

void expectAllSequences(uint32_t entries, uint32_t ways, const std::vector<OracleKey> &keys, unsigned length)
{
    for (const vtd_policy policy : kPolicies) {
        const vtd_cache_geometry g = geometry(entries, ways, policy);
        AllSequences all(g, keys);
        EXPECT_EQ(all.firstDifference(length), "") << describe(g);
        EXPECT_GT(all.steps, 10000u) << describe(g);
    }
}

} // namespace

TEST(CacheAllSequences, TwoWaysThreeKeysAgreeWithTheOracle)
{
    expectAllSequences(2, 2, keysByStep(3, 1), 7);
}

TEST(CacheAllSequences, FourWaysFiveKeysAgreeWithTheOracle)
{
    expectAllSequences(4, 4, keysByStep(5, 1), 6);
}

TEST(CacheAllSequences, TwoSetsOfTwoWaysAgreeWithTheOracle)
{
    expectAllSequences(4, 2, {{0, 7}, {2, 7}, {4, 7}, {1, 7}, {3, 7}}, 6);
}

/* The same, with all fingerprints equal: only full keys tell them apart. */
TEST(CacheAllSequences, KeysWithOneFingerprintAgreeWithTheOracle)
{
    std::vector<OracleKey> keys;
    for (uint64_t a = 0; keys.size() < 3; a++)
        if (vtd_cache_fingerprint(vtd_cache_hash({a, 7})) == 1)
            keys.push_back({a, 7});
    expectAllSequences(2, 2, keys, 7);
}

namespace
{

/* One random operation of a stream. The cache fills several times between two operations that empty much of it. */
bool randomStep(Pair &pair, const std::vector<OracleKey> &keys, uint32_t entries, std::mt19937_64 &rng)
{
    const OracleKey &k = keys[rng() % (rng() & 1 ? keys.size() : keys.size() / 4 + 1)];
    if (rng() % (100 + 16 * entries) == 0)
        return pair.invalidateAll();
    if (rng() % (50 + 4 * entries) == 0) {
        const uint64_t of = 2 + rng() % 7, rest = rng() % of;
        return pair.invalidateIf([&](const OracleKey &key) { return key.a % of == rest; });
    }
    const unsigned dice = static_cast<unsigned>(rng() % 100);
    if (dice < 3 && pair.oracle.set(k).find(k))
        return pair.remove(k);
    return dice < 50 ? pair.lookup(k) : pair.fill(k);
}

/* A long stream of all operations. The keys are 1.5 times as many as the cache holds, some of them popular. */
void expectRandomStreamAgrees(const vtd_cache_geometry &g, unsigned steps, unsigned seed)
{
    SCOPED_TRACE(describe(g));
    Pair pair(g, seed);
    std::mt19937_64 rng(seed);
    std::vector<OracleKey> keys(g.entries + g.entries / 2 + 2);
    for (OracleKey &k : keys)
        k = {rng() % (4 * keys.size()), rng() & 1 ? rng() : rng() % 3};
    for (const OracleKey &k : keys)
        ASSERT_TRUE(pair.fill(k));
    const unsigned compare_every = g.entries > 1000 ? steps / 4 : 500;
    for (unsigned i = 0; i < steps; i++) {
        ASSERT_TRUE(randomStep(pair, keys, g.entries, rng)) << "at step " << i;
        ASSERT_TRUE(i % compare_every != 0 || pair.same()) << "after step " << i;
    }
    ASSERT_TRUE(pair.same());
    EXPECT_GT(pair.hits, steps / 20); /* the stream says something */
    EXPECT_GT(pair.evictions, 0u);
}

} // namespace

TEST(CacheRandomStream, ScannedSetsAgreeWithTheOracle)
{
    unsigned seed = 1;
    for (const uint32_t ways : {1u, 2u, 3u, 5u, 7u, 8u, 9u, 12u, 16u, 48u, 63u, 64u})
        for (const uint32_t sets : {1u, 4u, 32u})
            for (const vtd_policy policy : kPolicies)
                for (const vtd_index index : {VTD_INDEX_HASH, VTD_INDEX_MODULO})
                    if (policy != VTD_POLICY_PLRU || isPowerOfTwo(ways))
                        expectRandomStreamAgrees(geometry(ways * sets, ways, policy, index), 4000 + 20 * ways * sets,
                                                 seed++);
}

TEST(CacheRandomStream, IndexedSetsAgreeWithTheOracle)
{
    unsigned seed = 1000;
    for (const uint32_t ways : {65u, 100u, 128u, 1000u, 1024u})
        for (const uint32_t sets : {1u, 4u})
            for (const vtd_policy policy : kPolicies)
                for (const vtd_index index : {VTD_INDEX_HASH, VTD_INDEX_MODULO})
                    if (policy != VTD_POLICY_PLRU || isPowerOfTwo(ways))
                        expectRandomStreamAgrees(geometry(ways * sets, ways, policy, index), 4000 + 20 * ways * sets,
                                                 seed++);
}

TEST(CacheRandomStream, FullyAssociative65536EntriesAgreeWithTheOracle)
{
    unsigned seed = 2000;
    for (const vtd_policy policy : {VTD_POLICY_LRU, VTD_POLICY_FIFO, VTD_POLICY_RANDOM})
        expectRandomStreamAgrees(geometry(65536, 0, policy, VTD_INDEX_HASH), 250000, seed++);
}

/* Accesses as a workload makes them: rank r of 1000 keys with a probability of 1 / r^0.8. */
TEST(CacheRandomStream, ZipfStreamAgreesWithTheOracle)
{
    std::vector<double> weights;
    for (unsigned rank = 1; rank <= 1000; rank++)
        weights.push_back(std::pow(rank, -0.8));
    for (const uint32_t ways : {8u, 64u, 65u})
        for (const vtd_policy policy : {VTD_POLICY_LRU, VTD_POLICY_FIFO}) {
            const vtd_cache_geometry g = geometry(ways, 0, policy);
            SCOPED_TRACE(describe(g));
            std::mt19937_64 rng(5);
            std::discrete_distribution<uint64_t> zipf(weights.begin(), weights.end());
            Cache cache(g);
            CacheOracle oracle(g);
            unsigned hits = 0, oracle_hits = 0;
            for (unsigned i = 0; i < 50000; i++) {
                const uint64_t a = zipf(rng);
                hits += cache.access({a, 0});
                oracle_hits += oracle.access({a, 0});
            }
            EXPECT_EQ(hits, oracle_hits);
            EXPECT_GT(hits, 2000u);
            EXPECT_LT(hits, 45000u);
        }
}

} // namespace vtdtest
