/* SPDX-License-Identifier: MIT */
/*
 * A cache of the model, alone or beside its oracle: every operation goes to both, and every difference fails the test.
 */
#ifndef VTD_TESTS_CACHE_RIG_H
#define VTD_TESTS_CACHE_RIG_H

extern "C" {
#include "cache.h"
}
#include "lru_oracle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <ostream>
#include <random>
#include <set>
#include <string>
#include <vector>

inline bool operator==(const vtd_key &x, const vtd_key &y)
{
    return x.a == y.a && x.b == y.b;
}
inline std::ostream &operator<<(std::ostream &out, const vtd_key &k)
{
    return out << std::hex << "{0x" << k.a << ", 0x" << k.b << "}" << std::dec;
}

namespace vtdtest
{

inline vtd_cache_geometry geometry(uint32_t entries, uint32_t ways, vtd_policy policy = VTD_POLICY_LRU,
                                   vtd_index index = VTD_INDEX_MODULO)
{
    return {entries, ways, static_cast<uint8_t>(policy), static_cast<uint8_t>(index), 0, 0};
}

inline std::string describe(const vtd_cache_geometry &g)
{
    static const char *const policies[] = {"LRU", "PLRU", "FIFO", "random"};
    return std::to_string(g.entries) + " entries, " + std::to_string(g.ways) + " ways, " + policies[g.policy] +
           (g.index == VTD_INDEX_HASH ? ", hash" : ", modulo");
}

/* A cache with memory that is exactly as large as it asked for. */
class Cache
{
  public:
    explicit Cache(const vtd_cache_geometry &g, uint64_t seed = 1) : bytes_(vtd_cache_bytes(&g))
    {
        EXPECT_EQ(vtd_cache_geometry_error(&g), nullptr) << describe(g);
        EXPECT_EQ(bytes_ % 64, 0u);
        memory_.reset(static_cast<uint8_t *>(bytes_ ? aligned_alloc(64, bytes_) : nullptr));
        if (bytes_)
            memset(memory_.get(), 0xa5, bytes_);
        vtd_cache_init(&c, &g, memory_.get(), seed);
    }
    uint32_t lookup(vtd_key k)
    {
        return vtd_cache_lookup(&c, k);
    }
    uint32_t probe(vtd_key k) const
    {
        return vtd_cache_probe(&c, k);
    }
    bool has(vtd_key k) const
    {
        return probe(k) != VTD_CACHE_NONE;
    }
    uint32_t fill(vtd_key k)
    {
        return vtd_cache_fill(&c, k, &victim, &evicted);
    }
    /* One access that fills on a miss. True on a hit. */
    bool access(vtd_key k)
    {
        if (lookup(k) != VTD_CACHE_NONE)
            return true;
        fill(k);
        return false;
    }
    void remove(vtd_key k)
    {
        vtd_cache_remove(&c, probe(k));
    }
    uint32_t invalidateIf(const std::function<bool(vtd_key, uint32_t)> &f)
    {
        const auto call = [](const void *arg, vtd_key k, uint32_t i) {
            return (*static_cast<const std::function<bool(vtd_key, uint32_t)> *>(arg))(k, i);
        };
        return vtd_cache_invalidate_if(&c, call, &f);
    }
    uint32_t set(vtd_key k) const
    {
        return vtd_cache_whole_set(&c, k, vtd_cache_hash(k));
    }
    /* Everything the cache is, as bytes. */
    std::string image() const
    {
        return std::string(reinterpret_cast<const char *>(&c), sizeof c) +
               std::string(reinterpret_cast<const char *>(memory_.get()), bytes_);
    }
    void restore(const std::string &image)
    {
        memcpy(&c, image.data(), sizeof c);
        memcpy(memory_.get(), image.data() + sizeof c, bytes_);
    }

    vtd_cache c;
    vtd_key victim{};
    bool evicted = false;

  private:
    struct Free {
        void operator()(uint8_t *p) const
        {
            free(p);
        }
    };
    size_t bytes_;
    std::unique_ptr<uint8_t, Free> memory_;
};

/* A cache and its oracle. */
class Pair
{
  public:
    explicit Pair(const vtd_cache_geometry &g, uint64_t seed = 1) : Pair(g, g, seed, CacheOracle::SetOf()) {}
    /* The oracle may be told of another geometry, and which set a key has; without, and with a hash, the cache is asked. */
    Pair(const vtd_cache_geometry &g, const vtd_cache_geometry &oracle_of, uint64_t seed, CacheOracle::SetOf set_of)
        : cache(g, seed), oracle(
                              oracle_of, set_of || g.index == VTD_INDEX_MODULO
                                             ? std::move(set_of)
                                             : [this](const OracleKey &k) { return cache.set({k.a, k.b}); }),
          random_(g.policy == VTD_POLICY_RANDOM)
    {
    }
    Pair(const Pair &) = delete;

    /* Each returns whether cache and oracle agree. */
    bool lookup(const OracleKey &k)
    {
        const OracleSet::Entry *e = oracle.set(k).find(k);
        const uint32_t i = cache.lookup({k.a, k.b});
        hits += e != nullptr;
        oracle.set(k).lookup(k);
        return i == (e ? indexOf(*e) : VTD_CACHE_NONE) && counts();
    }
    bool probe(const OracleKey &k)
    {
        const OracleSet::Entry *e = oracle.set(k).find(k);
        const uint32_t i = cache.probe({k.a, k.b});
        return i == (e ? indexOf(*e) : VTD_CACHE_NONE);
    }
    bool fill(const OracleKey &k)
    {
        OracleSet &s = oracle.set(k);
        const bool was_there = s.find(k) != nullptr;
        const bool was_full = s.full();
        const uint32_t i = cache.fill({k.a, k.b});
        const OracleKey victim = {cache.victim.a, cache.victim.b};
        bool right = true;
        if (random_ && was_full && !was_there) {
            right = cache.evicted && s.find(victim) != nullptr;
            if (right)
                s.remove(victim);
            right = right && s.fill(k).way + oracle.setOf(k) * oracle.ways() == i;
        } else {
            const OracleSet::Fill f = s.fill(k);
            right = f.evicted == cache.evicted && (!f.evicted || f.victim == victim) &&
                    f.way + oracle.setOf(k) * oracle.ways() == i;
        }
        evictions += cache.evicted;
        valid_ += !was_there && !cache.evicted;
        return right && vtd_cache_is_valid(&cache.c, i) && vtd_cache_key(&cache.c, i) == vtd_key{k.a, k.b} && counts();
    }
    bool remove(const OracleKey &k) /* must be there */
    {
        const uint32_t i = cache.probe({k.a, k.b});
        if (i == VTD_CACHE_NONE)
            return false;
        vtd_cache_remove(&cache.c, i);
        oracle.set(k).remove(k);
        valid_--;
        return !vtd_cache_is_valid(&cache.c, i) && counts();
    }
    bool invalidateAll()
    {
        const bool right = vtd_cache_invalidate_all(&cache.c) == valid_;
        for (OracleSet &s : oracle.sets())
            s.clear();
        valid_ = 0;
        return right && counts();
    }
    /* Everything that f says yes to. */
    bool invalidateIf(const std::function<bool(const OracleKey &)> &f)
    {
        std::vector<std::pair<uint32_t, OracleKey>> gone; /* in the order of indices, which the free list shows */
        for (OracleSet &s : oracle.sets())
            for (const OracleSet::Entry &e : s.entries())
                if (f(e.key))
                    gone.emplace_back(indexOf(e), e.key);
        std::sort(gone.begin(), gone.end(), [](const auto &x, const auto &y) { return x.first < y.first; });
        uint32_t asked = 0;
        bool right = true;
        const uint32_t removed = cache.invalidateIf([&](vtd_key k, uint32_t i) {
            asked++;
            right = right && vtd_cache_key(&cache.c, i) == k;
            return f({k.a, k.b});
        });
        right = right && asked == valid_ && removed == gone.size();
        for (const auto &g : gone)
            oracle.set(g.second).remove(g.second);
        valid_ -= static_cast<uint32_t>(gone.size());
        return right && counts();
    }
    /* Every index: is what the oracle says there? */
    bool same()
    {
        std::vector<const OracleKey *> at(cache.c.entries);
        for (OracleSet &s : oracle.sets())
            for (const OracleSet::Entry &e : s.entries())
                at[indexOf(e)] = &e.key;
        for (uint32_t i = 0; i < cache.c.entries; i++)
            if (vtd_cache_is_valid(&cache.c, i) != (at[i] != nullptr) ||
                (at[i] && !(vtd_cache_key(&cache.c, i) == vtd_key{at[i]->a, at[i]->b})))
                return false;
        return counts();
    }

    uint32_t valid() const
    {
        return valid_;
    }

    Cache cache;
    CacheOracle oracle;
    uint64_t hits = 0, evictions = 0;

    struct Saved {
        std::string image;
        std::vector<OracleSet> sets;
        uint32_t valid;
    };
    Saved save()
    {
        return {cache.image(), oracle.sets(), valid_};
    }
    void restore(const Saved &s)
    {
        cache.restore(s.image);
        oracle.sets() = s.sets;
        valid_ = s.valid;
    }

  private:
    uint32_t indexOf(const OracleSet::Entry &e) const
    {
        return oracle.setOf(e.key) * oracle.ways() + e.way;
    }
    bool counts() const
    {
        return cache.c.valid == valid_;
    }
    bool random_;
    uint32_t valid_ = 0; /* counted here, not asked */
};

} // namespace vtdtest

#endif
