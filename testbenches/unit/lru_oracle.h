/* SPDX-License-Identifier: MIT */
/*
 * Independent oracles of a set-associative cache, written for plainness: LRU and FIFO as a std::list per set, tree-
 * PLRU as a tree of nodes. They share no code and no data layout with the model; only which set a key maps to may be
 * asked of it. Random replacement has no oracle of its own: the caller removes the victim that was chosen and fills.
 */
#ifndef VTD_TESTS_LRU_ORACLE_H
#define VTD_TESTS_LRU_ORACLE_H

#include "vtd/vtd.h"

#include <cstdint>
#include <functional>
#include <list>
#include <unordered_map>
#include <utility>
#include <vector>

namespace vtdtest
{

struct OracleKey {
    uint64_t a = 0, b = 0;
    bool operator==(const OracleKey &o) const
    {
        return a == o.a && b == o.b;
    }
};

struct OracleKeyHash {
    size_t operator()(const OracleKey &k) const
    {
        return std::hash<uint64_t>()(k.a * 31 + k.b);
    }
};

/* Half of a tree-PLRU tree below a node covers ways [first, first + ways). */
class PlruTree
{
  public:
    explicit PlruTree(uint32_t ways, uint32_t first = 0) : first_(first)
    {
        for (uint32_t half = 0; ways > 1 && half < 2; half++)
            halves_.emplace_back(ways / 2, first + half * ways / 2);
    }
    void use(uint32_t way)
    {
        if (halves_.empty())
            return;
        const bool upper = way >= halves_[1].first_;
        older_ = !upper;
        halves_[upper].use(way);
    }
    uint32_t victim() const
    {
        return halves_.empty() ? first_ : halves_[older_].victim();
    }

  private:
    uint32_t first_;
    bool older_ = false; /* which half was used longer ago; at first the lower */
    std::vector<PlruTree> halves_;
};

/* One set. Ways are numbered; a free way is the lowest-numbered, in a set of more than 64 ways the one freed last. */
class OracleSet
{
  public:
    struct Entry {
        OracleKey key;
        uint32_t way;
    };
    struct Fill {
        uint32_t way;
        bool evicted;
        OracleKey victim;
    };

    OracleSet(uint32_t ways, vtd_policy policy)
        : ways_(ways), policy_(policy), mapped_(ways > 64), tree_(policy == VTD_POLICY_PLRU ? ways : 1)
    {
        clear();
    }
    void clear()
    {
        order_.clear();
        where_.clear();
        free_.clear();
        for (uint32_t way = ways_; way-- > 0;)
            free_.push_back(way);
        tree_ = PlruTree(policy_ == VTD_POLICY_PLRU ? ways_ : 1);
    }

    /* NULL when the key is not there. */
    const Entry *find(const OracleKey &k)
    {
        const auto it = place(k);
        return it == order_.end() ? nullptr : &*it;
    }
    bool lookup(const OracleKey &k)
    {
        const auto it = place(k);
        if (it == order_.end())
            return false;
        use(it);
        return true;
    }
    Fill fill(const OracleKey &k)
    {
        Fill f = {0, false, {}};
        const auto it = place(k);
        if (it != order_.end()) {
            use(it);
            f.way = it->way;
            return f;
        }
        if (free_.empty()) {
            f.evicted = true;
            f.victim = victim();
            remove(f.victim);
        }
        f.way = takeFree();
        order_.push_front({k, f.way});
        if (mapped_)
            where_[k] = order_.begin();
        if (policy_ == VTD_POLICY_PLRU)
            tree_.use(f.way);
        return f;
    }
    void remove(const OracleKey &k)
    {
        const auto it = place(k);
        free_.push_back(it->way);
        order_.erase(it);
        where_.erase(k);
    }
    bool full() const
    {
        return free_.empty();
    }
    const std::list<Entry> &entries() const
    {
        return order_;
    }

  private:
    std::list<Entry>::iterator place(const OracleKey &k)
    {
        if (mapped_) {
            const auto it = where_.find(k);
            return it == where_.end() ? order_.end() : it->second;
        }
        auto it = order_.begin();
        while (it != order_.end() && !(it->key == k))
            ++it;
        return it;
    }
    void use(std::list<Entry>::iterator it)
    {
        if (policy_ == VTD_POLICY_LRU)
            order_.splice(order_.begin(), order_, it);
        if (policy_ == VTD_POLICY_PLRU)
            tree_.use(it->way);
    }
    OracleKey victim() const
    {
        if (policy_ != VTD_POLICY_PLRU)
            return order_.back().key;
        for (const Entry &e : order_)
            if (e.way == tree_.victim())
                return e.key;
        return {};
    }
    uint32_t takeFree()
    {
        auto it = free_.end() - 1;
        for (auto other = free_.begin(); !mapped_ && other != free_.end(); ++other)
            if (*other < *it)
                it = other;
        const uint32_t way = *it;
        free_.erase(it);
        return way;
    }

    uint32_t ways_;
    vtd_policy policy_;
    bool mapped_; /* find by map, not by walking the list; such a set cannot be copied */
    PlruTree tree_;
    std::list<Entry> order_; /* youngest first */
    std::unordered_map<OracleKey, std::list<Entry>::iterator, OracleKeyHash> where_;
    std::vector<uint32_t> free_;
};

/* A cache of sets. Indices are set * ways + way. */
class CacheOracle
{
  public:
    using SetOf = std::function<uint32_t(const OracleKey &)>;

    /* set_of: which set a key maps to; none: the low bits of a. */
    explicit CacheOracle(const vtd_cache_geometry &g, SetOf set_of = nullptr)
        : ways_(g.ways ? g.ways : g.entries), set_of_(std::move(set_of)),
          sets_(g.entries / ways_, OracleSet(ways_, static_cast<vtd_policy>(g.policy)))
    {
        const uint64_t mask = sets_.size() - 1;
        if (!set_of_)
            set_of_ = [mask](const OracleKey &k) { return static_cast<uint32_t>(k.a & mask); };
    }

    uint32_t setOf(const OracleKey &k) const
    {
        return set_of_(k);
    }
    OracleSet &set(const OracleKey &k)
    {
        return sets_[set_of_(k)];
    }
    std::vector<OracleSet> &sets()
    {
        return sets_;
    }
    uint32_t ways() const
    {
        return ways_;
    }
    /* One access of a cache that fills on a miss. True on a hit. */
    bool access(const OracleKey &k)
    {
        OracleSet &s = set(k);
        if (s.lookup(k))
            return true;
        s.fill(k);
        return false;
    }

  private:
    uint32_t ways_;
    SetOf set_of_;
    std::vector<OracleSet> sets_;
};

} // namespace vtdtest

#endif
