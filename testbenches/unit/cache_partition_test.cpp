/* SPDX-License-Identifier: MIT */
/* Parts of the generic cache: each is a cache of its own, whichever way the ways or the sets are shared out. */
#include "cache_rig.h"

#include <map>
#include <random>
#include <set>

namespace vtdtest
{

namespace
{

struct Parts {
    uint32_t entries, ways; /* of all */
    vtd_partition partition;
    uint32_t parts;
    uint32_t sets_of_part, ways_of_part; /* what that must come to */
};

const Parts kParts[] = {
    {64, 4, VTD_PARTITION_SETS, 4, 4, 4},    {64, 8, VTD_PARTITION_WAYS, 4, 8, 2},
    {64, 0, VTD_PARTITION_SETS, 4, 1, 16},   {64, 0, VTD_PARTITION_WAYS, 4, 1, 16},
    {48, 4, VTD_PARTITION_SETS, 3, 4, 4},    {48, 12, VTD_PARTITION_WAYS, 3, 4, 4},
    {8, 1, VTD_PARTITION_SETS, 8, 1, 1},     {32, 16, VTD_PARTITION_SETS, 1, 2, 16},
    {400, 0, VTD_PARTITION_SETS, 4, 1, 100}, {1600, 400, VTD_PARTITION_WAYS, 4, 4, 100},
};

vtd_cache_geometry geometryOf(const Parts &p, vtd_policy policy, vtd_index index)
{
    vtd_cache_geometry g = geometry(p.entries, p.ways, policy, index);
    g.partition = static_cast<uint8_t>(p.partition);
    g.partitions = p.parts;
    return g;
}

std::string describe(const Parts &p)
{
    return std::to_string(p.entries) + " entries, " + std::to_string(p.ways) + " ways, " + std::to_string(p.parts) +
           (p.partition == VTD_PARTITION_SETS ? " parts by sets" : " parts by ways");
}

} // namespace

/* All policies against the oracle, which has sets * parts sets with the ways of a part; the part is told by b. */
TEST(CachePartition, RandomStreamsAgreeWithTheOracle)
{
    for (const Parts &p : kParts)
        for (const vtd_policy policy : {VTD_POLICY_LRU, VTD_POLICY_PLRU, VTD_POLICY_FIFO, VTD_POLICY_RANDOM}) {
            if (policy == VTD_POLICY_PLRU && (p.ways_of_part & (p.ways_of_part - 1)))
                continue;
            SCOPED_TRACE(describe(p) + ", policy " + std::to_string(policy));
            ASSERT_EQ(p.sets_of_part * p.ways_of_part * p.parts, p.entries);
            Pair pair(geometryOf(p, policy, VTD_INDEX_MODULO), geometry(p.entries, p.ways_of_part, policy), 7,
                      [&p](const OracleKey &k) {
                          return static_cast<uint32_t>((k.b & 0xffff) % p.parts * p.sets_of_part +
                                                       k.a % p.sets_of_part);
                      });
            std::mt19937_64 rng(p.entries);
            for (unsigned i = 0; i < 4000 + 20 * p.entries; i++) {
                const OracleKey k = {rng() % (p.entries / 2 + 4), (rng() % 2 << 16) | rng() % 9};
                const unsigned dice = static_cast<unsigned>(rng() % 1000);
                bool right = true;
                if (dice == 0 && rng() % (1 + p.entries / 16) == 0)
                    right = pair.invalidateAll();
                else if (dice < 4)
                    right = pair.invalidateIf([&](const OracleKey &key) { return key.b == k.b; });
                else if (dice < 40 && pair.oracle.set(k).find(k))
                    right = pair.remove(k);
                else
                    right = dice < 500 ? pair.lookup(k) : pair.fill(k);
                ASSERT_TRUE(right) << "at step " << i;
                ASSERT_TRUE(i % 500 != 0 || pair.same()) << "after step " << i;
            }
            EXPECT_GT(pair.hits, 100u);
            EXPECT_GT(pair.evictions, 100u);
        }
}

/* With a hash, the part is a function of the low 16 bits of b alone, all parts are used alike, and none has sets of another. */
TEST(CachePartition, HashGivesEachOwnerOnePartAndAllPartsOwners)
{
    for (const uint32_t parts : {2u, 3u, 4u, 64u}) {
        Cache cache(geometryOf({parts * 32, 4, VTD_PARTITION_SETS, parts, 8, 4}, VTD_POLICY_LRU, VTD_INDEX_HASH));
        std::map<uint32_t, unsigned> owners;
        std::map<uint32_t, std::set<uint32_t>> sets;
        for (uint32_t owner = 0; owner < 65536; owner++) {
            const uint32_t part = cache.set({0, owner}) / 8;
            owners[part]++;
            for (uint64_t a = 1; a < 20; a++) {
                const uint32_t set = cache.set({a * 77, owner | a << 16});
                ASSERT_EQ(set / 8, part) << owner;
                sets[part].insert(set);
            }
        }
        ASSERT_EQ(owners.size(), parts);
        for (const auto &one : owners) {
            EXPECT_GT(one.second, 65536 / parts * 8 / 10);
            EXPECT_LT(one.second, 65536 / parts * 12 / 10);
            EXPECT_EQ(sets[one.first].size(), 8u);
        }
    }
}

/* Devices of one bus, and functions of one device, spread over parts. */
TEST(CachePartition, HashSpreadsNeighbouringSourceIds)
{
    Cache cache(geometryOf({128, 4, VTD_PARTITION_SETS, 4, 8, 4}, VTD_POLICY_LRU, VTD_INDEX_HASH));
    for (const uint32_t step : {1u, 8u, 256u}) {
        std::map<uint32_t, unsigned> owners;
        for (uint32_t i = 0; i < 256; i++)
            owners[cache.set({0, (0x100 + i * step) & 0xffff}) / 8]++;
        for (uint32_t part = 0; part < 4; part++)
            EXPECT_GT(owners[part], 32u) << "step " << step;
    }
}

} // namespace vtdtest
