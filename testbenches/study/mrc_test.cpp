// SPDX-License-Identifier: MIT
//
// Miss-ratio curves against caches of every size, each a plain list in recency order.

#include "study/mrc.h"

#include <gtest/gtest.h>

#include <cmath>
#include <list>
#include <map>
#include <memory>
#include <random>

namespace
{

/* An LRU cache; invalidation frees a place. */
class ListCache
{
  public:
    ListCache(size_t sets, size_t ways) : ways_(ways), sets_(sets) {}
    void access(uint64_t key)
    {
        std::list<uint64_t> &set = setOf(key);
        const auto found = where_.find(key);
        if (found != where_.end()) {
            hits++;
            set.erase(found->second);
        } else if (set.size() == ways_) {
            where_.erase(set.back());
            set.pop_back();
        }
        set.push_front(key);
        where_[key] = set.begin();
    }
    void remove(uint64_t key)
    {
        const auto found = where_.find(key);
        if (found == where_.end())
            return;
        setOf(key).erase(found->second);
        where_.erase(found);
    }
    void clear()
    {
        for (auto &set : sets_)
            set.clear();
        where_.clear();
    }
    uint64_t hits = 0;

  private:
    std::list<uint64_t> &setOf(uint64_t key)
    {
        return sets_[key % sets_.size()];
    }
    size_t ways_;
    std::vector<std::list<uint64_t>> sets_;
    std::map<uint64_t, std::list<uint64_t>::iterator> where_;
};

struct Destroy {
    void operator()(vtd_mrc *m) const
    {
        vtd_mrc_destroy(m);
    }
};
using Mrc = std::unique_ptr<vtd_mrc, Destroy>;

/* A number for a key of a small first word, and a second one below 8. */
uint32_t item(uint64_t a, uint64_t b)
{
    return static_cast<uint32_t>(a * 8 + b);
}

Mrc make(uint32_t sets = 1, double sample = 1)
{
    vtd_mrc_spec spec{};
    spec.sets = sets;
    spec.modulo = true;
    spec.sample = sample;
    return Mrc(vtd_mrc_create(&spec));
}

/* Keys with a heavy head and a long tail. */
class Skewed
{
  public:
    Skewed(uint64_t keys, unsigned seed) : keys_(keys), random_(seed) {}
    uint64_t key()
    {
        const double u = std::uniform_real_distribution<>(0, 1)(random_);
        return static_cast<uint64_t>(std::pow(u, 3) * static_cast<double>(keys_));
    }
    bool oneIn(unsigned n)
    {
        return random_() % n == 0;
    }

  private:
    uint64_t keys_;
    std::mt19937 random_;
};

struct Case {
    uint64_t keys;
    uint32_t sets;
    unsigned removal; /* one in so many accesses */
    unsigned accesses;
    size_t step; /* ways are 1, 1 + step, ... */
};

class EverySize : public testing::TestWithParam<Case>
{
};
INSTANTIATE_TEST_SUITE_P(Streams, EverySize,
                         testing::Values(Case{8, 1, 4, 20000, 1},         /* many holes */
                                         Case{100, 1, 1000000, 20000, 1}, /* hardly any */
                                         Case{100, 1, 10, 20000, 1},      /* */
                                         Case{300, 4, 10, 30000, 1},      /* sets */
                                         Case{1000, 64, 5, 50000, 1},     /* small sets */
                                         Case{6000, 1, 50, 60000, 397},   /* over many blocks of stamps */
                                         Case{6000, 1, 3, 60000, 397},    /* and with many holes in them */
                                         Case{20000, 2, 500, 200000, 3001}));

TEST_P(EverySize, HasTheHitsOfACacheOfThatSize)
{
    const Case c = GetParam();
    Skewed stream(c.keys, 5);
    Mrc mrc = make(c.sets);
    std::map<size_t, ListCache> caches;
    for (size_t ways = 1; ways <= c.keys / c.sets + 2; ways += c.step)
        caches.emplace(ways, ListCache(c.sets, ways));
    for (unsigned i = 0; i < c.accesses; i++) {
        const uint64_t key = stream.key();
        ASSERT_TRUE(vtd_mrc_access(mrc.get(), item(key, 7), key, 7));
        for (auto &[ways, cache] : caches)
            cache.access(key);
        if (stream.oneIn(c.removal)) {
            const uint64_t gone = stream.key();
            ASSERT_TRUE(vtd_mrc_remove(mrc.get(), item(gone, 7), gone, 7));
            for (auto &[ways, cache] : caches)
                cache.remove(gone);
        }
        if (stream.oneIn(20000)) {
            vtd_mrc_clear(mrc.get());
            for (auto &[ways, cache] : caches)
                cache.clear();
        }
    }
    EXPECT_EQ(vtd_mrc_lookups(mrc.get()), c.accesses);
    for (auto &[ways, cache] : caches)
        ASSERT_EQ(vtd_mrc_hits(mrc.get(), ways, nullptr), static_cast<double>(cache.hits)) << ways << " ways";
}

TEST(Mrc, CyclicScanHitsOnlyWhereAllFits)
{
    Mrc mrc = make();
    for (unsigned i = 0; i < 1000; i++)
        vtd_mrc_access(mrc.get(), item(i % 10, 0), i % 10, 0);
    EXPECT_EQ(vtd_mrc_hits(mrc.get(), 9, nullptr), 0);
    EXPECT_EQ(vtd_mrc_hits(mrc.get(), 10, nullptr), 990);
    EXPECT_EQ(vtd_mrc_last_ways(mrc.get()), 10u);
}

TEST(Mrc, BothWordsOfAKeyCount)
{
    Mrc mrc = make();
    vtd_mrc_access(mrc.get(), item(1, 1), 1, 1);
    vtd_mrc_access(mrc.get(), item(1, 2), 1, 2);
    vtd_mrc_access(mrc.get(), item(1, 1), 1, 1);
    EXPECT_EQ(vtd_mrc_hits(mrc.get(), 1, nullptr), 0);
    EXPECT_EQ(vtd_mrc_hits(mrc.get(), 2, nullptr), 1);
}

TEST(Mrc, LookupsWithoutAFillMissAtEverySize)
{
    Mrc mrc = make();
    vtd_mrc_access(mrc.get(), item(1, 1), 1, 1);
    vtd_mrc_miss(mrc.get());
    vtd_mrc_access(mrc.get(), item(1, 1), 1, 1);
    EXPECT_EQ(vtd_mrc_lookups(mrc.get()), 3u);
    EXPECT_EQ(vtd_mrc_hits(mrc.get(), 1000, nullptr), 1);
}

TEST(Mrc, KeyThatCouldNotBeUsedIsAMissAndBecomesTheMostRecent)
{
    Mrc mrc = make();
    vtd_mrc_access(mrc.get(), item(1, 0), 1, 0);
    vtd_mrc_access(mrc.get(), item(2, 0), 2, 0);
    vtd_mrc_fill(mrc.get(), item(1, 0), 1, 0);
    EXPECT_EQ(vtd_mrc_hits(mrc.get(), 1000, nullptr), 0);
    vtd_mrc_access(mrc.get(), item(1, 0), 1, 0);
    EXPECT_EQ(vtd_mrc_hits(mrc.get(), 1, nullptr), 1);
    EXPECT_EQ(vtd_mrc_lookups(mrc.get()), 4u);
}

/* A sample of a tenth: the exact curve is within four standard errors at each of many sizes, and the error is no excuse. */
TEST(Mrc, SampleAgreesWithTheWholeWithinItsError)
{
    Skewed stream(50000, 9);
    Mrc whole = make(), part = make(1, 0.1);
    for (unsigned i = 0; i < 500000; i++) {
        const uint64_t key = stream.key();
        vtd_mrc_access(whole.get(), item(key, 0), key, 0);
        vtd_mrc_access(part.get(), item(key, 0), key, 0);
    }
    EXPECT_EQ(vtd_mrc_lookups(part.get()), 500000u);
    EXPECT_LT(vtd_mrc_followed(part.get()), 100000u);
    for (uint64_t ways = 256; ways <= 50000; ways *= 2) {
        double error = 0;
        const double exact = vtd_mrc_hits(whole.get(), ways, nullptr);
        const double guess = vtd_mrc_hits(part.get(), ways, &error);
        EXPECT_NEAR(guess, exact, 4 * error) << ways << " ways";
        EXPECT_GT(error, 0);
        EXPECT_LT(error, 0.05 * 500000) << ways << " ways";
    }
}

TEST(Mrc, RefusesWhatMakesNoSense)
{
    EXPECT_EQ(make(0), nullptr);
    EXPECT_EQ(make(3), nullptr);
    EXPECT_EQ(make(1u << 21), nullptr);
    EXPECT_EQ(make(1, 0), nullptr);
    EXPECT_EQ(make(1, 1.5), nullptr);
    EXPECT_EQ(make(2, 0.5), nullptr);
    EXPECT_EQ(make(1, std::nan("")), nullptr);
}

} // namespace
