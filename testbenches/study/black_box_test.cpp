/* SPDX-License-Identifier: MIT */
/*
 * A stranger finds out what a cache is like from nothing but "hit" or "miss", as people do with processors (Abel, Reineke:
 * nanoBench, 2020): how many entries, ways and sets there are, and what is replaced. The caches choose their set by the low
 * bits of what they look up.
 *
 * - Entries: the largest N so that N neighbours, asked for twice, hit the second time.
 * - Ways: the same with keys that are far apart, hence all of one set.
 * - Sets: the smallest power of two apart at which one key more than there are ways does not fit.
 * - Policy: random requests to one set; what a simulation of a policy says of each must be so. Where no simulation fits,
 *   victims are drawn by chance: whom they hit is counted.
 */
#include "player_rig.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <random>
#include <set>

using study::Keys;
using study::Player;

namespace
{

/* A cache that can be asked, and switched off and on again. */
class Box
{
  public:
    Box(std::string cache, const Keys &shape) : cache_(std::move(cache)), keys_(shape)
    {
        if (cache_ == "pasid_cache")
            keys_.emplace_back("iotlb.entries", "0"); /* every request asks the PASID cache */
        restart();
    }
    void restart()
    {
        player_ = std::make_unique<Player>(keys_);
        hits_ = 0;
    }
    /* Is it there? Afterwards it is. */
    bool ask(uint64_t key)
    {
        vtd_record r = {};
        r.sid = 0x0300;
        r.len = 64;
        if (cache_ == "pasid_cache") {
            r.has_pasid = true;
            r.pasid = static_cast<uint32_t>(key + 1); /* 0 is the device's own */
        } else {
            r.iova = (key + 0x1000) << 12;
        }
        player_->play(r);
        const vtd_stats s = player_->stats();
        const uint64_t before = hits_;
        hits_ = cache_ == "pasid_cache" ? s.pasid_cache_hit : s.iotlb_hit;
        return hits_ != before;
    }

  private:
    const std::string cache_;
    Keys keys_;
    std::unique_ptr<Player> player_;
    uint64_t hits_ = 0;
};

/* ---------------------------------------------------------------- shape */

/* Do so many keys, distance apart, all hit when they are asked for again? */
bool fit(Box &box, uint64_t count, uint64_t distance)
{
    bool all = true;
    box.restart();
    for (unsigned round = 0; round < 2; round++)
        for (uint64_t i = 0; i < count; i++)
            all = box.ask(i * distance) || round == 0 ? all : false;
    return all;
}

uint64_t largest(Box &box, uint64_t distance)
{
    uint64_t low = 0, high = 1;
    while (fit(box, high, distance))
        high *= 2;
    for (low = high / 2; low + 1 < high;) {
        const uint64_t middle = (low + high) / 2;
        (fit(box, middle, distance) ? low : high) = middle;
    }
    return low;
}

uint64_t sets_of(Box &box, uint64_t ways)
{
    uint64_t distance = 1;
    while (fit(box, ways + 1, distance))
        distance *= 2;
    return distance;
}

/* ---------------------------------------------------------------- policies, as lists and a tree of one set */

/* Answers as the set would. */
using Policy = std::function<bool(uint64_t)>;

Policy recency_list(size_t ways, bool hits_count)
{
    return [ways, hits_count, list = std::vector<uint64_t>()](uint64_t key) mutable {
        const auto found = std::find(list.begin(), list.end(), key);
        const bool hit = found != list.end();
        if (hit && !hits_count)
            return true;
        if (hit)
            list.erase(found);
        else if (list.size() == ways)
            list.pop_back();
        list.insert(list.begin(), key);
        return hit;
    };
}

/* Halves of halves; each remembers which of its halves was used last, and the victim is where none was. */
Policy tree(size_t ways)
{
    struct Set {
        std::vector<uint64_t> way;
        std::vector<bool> last; /* of node n, with children 2n and 2n + 1: was the second half used last? */
    };
    return [ways, s = Set{{}, std::vector<bool>(2 * ways, true)}](uint64_t key) mutable {
        const auto found = std::find(s.way.begin(), s.way.end(), key);
        const bool hit = found != s.way.end();
        auto at = static_cast<size_t>(found - s.way.begin());
        if (!hit && s.way.size() < ways) {
            s.way.push_back(key);
        } else if (!hit) {
            size_t node = 1;
            while (node < ways)
                node = 2 * node + !s.last[node];
            at = node - ways;
            s.way[at] = key;
        }
        for (size_t node = at + ways; node > 1; node /= 2)
            s.last[node / 2] = node % 2;
        return hit;
    };
}

bool behaves_as(Box &box, uint64_t ways, uint64_t sets, Policy policy)
{
    std::mt19937 random(17);
    box.restart();
    for (unsigned i = 0; i < 3000; i++) {
        const uint64_t key = random() % (ways + ways / 2 + 1);
        if (box.ask(key * sets) != policy(key))
            return false;
    }
    return true;
}

/*
 * Who goes when one more comes to a set that was filled in order, first to last: chi-square over the places against equal
 * chances. The bound is the mean of the distribution (ways - 1) and five of its standard deviations (sqrt(2 (ways - 1))).
 */
bool goes_by_chance(Box &box, uint64_t ways, uint64_t sets)
{
    const unsigned rounds = 60 * static_cast<unsigned>(ways);
    std::vector<unsigned> gone(ways);
    uint64_t next = 0;
    box.restart();
    for (unsigned round = 0; round < rounds; round++) {
        std::vector<uint64_t> held(ways);
        for (uint64_t &key : held)
            key = next++;
        const uint64_t newcomer = next++;
        for (bool all = false; !all;) { /* until they are all there */
            all = true;
            for (const uint64_t key : held)
                all &= box.ask(key * sets);
        }
        box.ask(newcomer * sets);
        for (uint64_t i = 0; i < ways; i++)
            if (!box.ask(held[i] * sets)) {
                gone[i]++;
                break; /* the question put it back, and somebody else went */
            }
    }
    double sum = 0;
    const double expected = static_cast<double>(rounds) / static_cast<double>(ways);
    for (const unsigned n : gone)
        sum += (n - expected) * (n - expected) / expected;
    const double freedom = static_cast<double>(ways - 1);
    return sum < freedom + 5 * std::sqrt(2 * freedom);
}

std::set<std::string> policies_of(Box &box, uint64_t ways, uint64_t sets)
{
    std::set<std::string> names;
    if (behaves_as(box, ways, sets, recency_list(ways, true)))
        names.insert("lru");
    if (behaves_as(box, ways, sets, recency_list(ways, false)))
        names.insert("fifo");
    if ((ways & (ways - 1)) == 0 && behaves_as(box, ways, sets, tree(ways)))
        names.insert("plru");
    if (names.empty() && goes_by_chance(box, ways, sets))
        names.insert("random");
    return names;
}

/* ---------------------------------------------------------------- the claim */

struct Case {
    const char *cache;
    uint64_t entries, ways;
    const char *policy;
    std::set<std::string> found; /* what cannot be told apart is all there */
};

std::string name_of(const testing::TestParamInfo<Case> &box)
{
    return std::string(box.param.cache) + "_" + std::to_string(box.param.entries) + "_" +
           std::to_string(box.param.ways) + "_" + box.param.policy;
}

class BlackBox : public testing::TestWithParam<Case>
{
};
INSTANTIATE_TEST_SUITE_P(
    Caches, BlackBox,
    testing::Values(Case{"iotlb", 64, 8, "lru", {"lru"}}, Case{"iotlb", 64, 8, "plru", {"plru"}},
                    Case{"iotlb", 64, 8, "fifo", {"fifo"}}, Case{"iotlb", 64, 8, "random", {"random"}},
                    Case{"iotlb", 48, 12, "lru", {"lru"}}, Case{"iotlb", 24, 3, "random", {"random"}},
                    Case{"iotlb", 128, 64, "plru", {"plru"}}, Case{"iotlb", 100, 100, "lru", {"lru"}},
                    Case{"iotlb", 100, 100, "fifo", {"fifo"}}, Case{"iotlb", 256, 4, "plru", {"plru"}},
                    Case{"iotlb", 64, 2, "lru", {"lru", "plru"}},            /* two ways: the same */
                    Case{"iotlb", 32, 1, "random", {"lru", "fifo", "plru"}}, /* one way: there is no choice */
                    Case{"pasid_cache", 64, 8, "lru", {"lru"}}, Case{"pasid_cache", 16, 4, "plru", {"plru"}},
                    Case{"pasid_cache", 40, 5, "fifo", {"fifo"}}, Case{"pasid_cache", 16, 16, "random", {"random"}}),
    name_of);

TEST_P(BlackBox, RevealsItsEntriesWaysSetsAndPolicy)
{
    const Case c = GetParam();
    const std::string cache = c.cache;
    Box box(cache, {{cache + ".entries", std::to_string(c.entries)},
                    {cache + ".ways", std::to_string(c.ways)},
                    {cache + ".policy", c.policy},
                    {cache + ".index", "modulo"}});
    EXPECT_EQ(largest(box, 1), c.entries);
    const uint64_t ways = largest(box, 1024);
    ASSERT_EQ(ways, c.ways);
    const uint64_t sets = sets_of(box, ways);
    ASSERT_EQ(sets, c.entries / c.ways);
    EXPECT_EQ(policies_of(box, ways, sets), c.found);
}

} // namespace
