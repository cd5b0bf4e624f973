/* SPDX-License-Identifier: MIT */
/*
 * Parts of a cache for source-ids: what one device does must not change what another hits, and a part must behave as a cache
 * of its own of that shape.
 */
#include "support/unit_fixture.h"

#include <algorithm>
#include <list>
#include <map>
#include <random>
#include <string>

namespace vtdtest
{

namespace
{

constexpr uint64_t kIova = 0x40000000, kFrame = 0x20000000;
constexpr uint32_t kPasids = 96;
constexpr unsigned kParts = 4;

/* Which cache is in parts, and how to ask it: PASID cache, PASID directory cache, IOTLB. */
struct Asked {
    vtd_cache_id id;
    const char *name;
    uint32_t pasid_step; /* between PASIDs that are other keys */
    uint64_t (*hits)(const vtd_stats &);
};
const Asked kCaches[] = {
    {VTD_CACHE_PASID, "PASID cache", 1, [](const vtd_stats &s) { return s.pasid_cache_hit; }},
    {VTD_CACHE_PASID_DIR, "PASID directory cache", 64, [](const vtd_stats &s) { return s.pasid_dir_hit; }},
    {VTD_CACHE_IOTLB, "IOTLB", 1, [](const vtd_stats &s) { return s.iotlb_hit; }},
};

vtd_cache_geometry parted(uint32_t entries, uint32_t ways, vtd_partition partition, uint32_t parts = kParts)
{
    return {entries, ways, VTD_POLICY_LRU, VTD_INDEX_MODULO, static_cast<uint8_t>(partition), parts};
}

class PasidPartition : public testing::Test
{
  protected:
    void make(const Asked &asked, const vtd_cache_geometry &g)
    {
        vtd_config config = withoutCaches();
        config.cache[VTD_CACHE_CONTEXT].entries = 16;
        config.cache[asked.id] = g;
        u = std::make_unique<Unit>(config);
        fs = std::make_unique<FsTree>(*u, 4);
        fs->map(kIova, kFrame, 12, kFsP | kFsRw | kFsUs | kFsA | kFsD);
        for (uint16_t sid = 0x100; sid < 0x100 + kParts; sid++)
            for (uint32_t i = 1; i <= kPasids; i++)
                u->setFs(sid, i * asked.pasid_step, *fs, 1);
        u->start();
    }
    /* Whether one request hits the cache that is asked. */
    bool hits(const Asked &asked, uint16_t sid, uint32_t number)
    {
        const uint64_t before = asked.hits(u->stats());
        EXPECT_TRUE(translated(u->dma(sid).pasid(number * asked.pasid_step).read(kIova), kFrame, 12));
        return asked.hits(u->stats()) != before;
    }

    std::unique_ptr<Unit> u;
    std::unique_ptr<FsTree> fs;
};

} // namespace

/* The hits of one device, request by request, alone and beside one that goes through everything it has. */
TEST_F(PasidPartition, ANoisyDeviceChangesNoHitOfAnother)
{
    const auto play = [this](const Asked &asked, const vtd_cache_geometry &g, bool noise) {
        make(asked, g);
        std::mt19937_64 rng(3);
        std::string seen;
        for (unsigned i = 0; i < 800; i++) {
            seen += hits(asked, 0x101, 1 + static_cast<uint32_t>(rng() % 12)) ? 'h' : 'm';
            for (unsigned n = 0; noise && n < 5; n++)
                hits(asked, 0x102, 1 + (5 * i + n) % kPasids);
        }
        return seen;
    };
    for (const Asked &asked : kCaches) {
        SCOPED_TRACE(asked.name);
        for (const auto &g : {parted(32, 4, VTD_PARTITION_SETS), parted(32, 8, VTD_PARTITION_WAYS),
                              parted(32, 0, VTD_PARTITION_SETS), parted(32, 0, VTD_PARTITION_WAYS)}) {
            const std::string alone = play(asked, g, false);
            EXPECT_EQ(alone, play(asked, g, true)) << "partition " << int(g.partition) << ", ways " << g.ways;
            EXPECT_NE(alone.find("hh"), std::string::npos);
        }
        const auto shared = parted(32, 4, VTD_PARTITION_NONE);
        EXPECT_NE(play(asked, shared, false), play(asked, shared, true)) << "without parts there is something to see";
    }
}

/* A part is a set-associative LRU cache: sets by the low bits of the key, the part by those of the source-id. */
TEST_F(PasidPartition, EachPartIsACacheOfItsOwn)
{
    const struct {
        vtd_cache_geometry geometry;
        uint32_t sets, ways; /* of a part */
    } shapes[] = {
        {parted(64, 4, VTD_PARTITION_SETS), 4, 4},     {parted(64, 8, VTD_PARTITION_WAYS), 8, 2},
        {parted(64, 0, VTD_PARTITION_SETS), 1, 16},    {parted(64, 0, VTD_PARTITION_WAYS), 1, 16},
        {parted(48, 0, VTD_PARTITION_SETS, 3), 1, 16}, {parted(64, 64, VTD_PARTITION_WAYS, 1), 1, 64},
    };
    for (const Asked &asked : {kCaches[0], kCaches[1]})
        for (const auto &shape : shapes) {
            SCOPED_TRACE(std::string(asked.name) + ", ways " + std::to_string(shape.ways));
            make(asked, shape.geometry);
            std::map<std::pair<uint32_t, uint32_t>, std::list<std::pair<uint16_t, uint32_t>>> sets; /* part, set */
            std::mt19937_64 rng(4);
            unsigned count = 0;
            for (unsigned i = 0; i < 3000; i++) {
                const auto sid = static_cast<uint16_t>(0x100 + rng() % kParts);
                const auto number = 1 + static_cast<uint32_t>(rng() % (rng() % 2 ? kPasids : 12));
                auto &set = sets[{sid % shape.geometry.partitions, number % shape.sets}];
                const std::pair<uint16_t, uint32_t> key = {sid, number};
                const auto found = std::find(set.begin(), set.end(), key);
                const bool expected = found != set.end();
                if (expected)
                    set.erase(found);
                else if (set.size() == shape.ways)
                    set.pop_back();
                set.push_front(key);
                ASSERT_EQ(hits(asked, sid, number), expected) << i;
                count += expected;
            }
            EXPECT_GT(count, 300u);
            EXPECT_LT(count, 2900u);
        }
}

/* Invalidations go through all parts. */
TEST_F(PasidPartition, InvalidationsReachAllParts)
{
    for (const Asked &asked : kCaches) {
        SCOPED_TRACE(asked.name);
        make(asked, parted(64, 4, VTD_PARTITION_SETS));
        for (uint16_t sid = 0x100; sid < 0x104; sid++)
            hits(asked, sid, 5);
        for (uint16_t sid = 0x100; sid < 0x104; sid++)
            EXPECT_TRUE(hits(asked, sid, 5));
        u->submit({pcInv(1, 1, 5 * asked.pasid_step), pasidIotlbInv(2, 1, 5)});
        for (uint16_t sid = 0x100; sid < 0x104; sid++)
            EXPECT_FALSE(hits(asked, sid, 5));
        u->invalidateAll();
        for (uint16_t sid = 0x100; sid < 0x104; sid++)
            EXPECT_FALSE(hits(asked, sid, 5));
    }
}

} // namespace vtdtest
