// SPDX-License-Identifier: MIT
//
// The tap of a cache: whoever keeps the keys it is told of knows what the cache holds.

#include "support/unit_fixture.h"

#include <map>
#include <random>
#include <set>
#include <utility>

using namespace vtdtest;

namespace
{

constexpr uint16_t kSids[] = {0x0100, 0x0208};

/* What a tap was told, as keys and the entries that they are in. No key may come or go twice, or move. */
struct Told {
    std::map<std::pair<uint64_t, uint64_t>, uint32_t> keys;
    std::set<uint32_t> entries;
    uint64_t hits = 0, misses = 0, fills = 0, removals = 0, clears = 0;

    static void call(void *opaque, vtd_cache_change change, uint32_t entry, uint64_t a, uint64_t b)
    {
        Told &t = *static_cast<Told *>(opaque);
        switch (change) {
        case VTD_CACHE_CHANGE_HIT:
            EXPECT_EQ(t.keys.count({a, b}), 1u) << "a hit on what is not there";
            EXPECT_EQ((t.keys[{a, b}]), entry);
            t.hits++;
            break;
        case VTD_CACHE_CHANGE_MISS:
            t.misses++;
            break;
        case VTD_CACHE_CHANGE_FILL:
            EXPECT_TRUE(t.keys.insert({{a, b}, entry}).second);
            EXPECT_TRUE(t.entries.insert(entry).second) << "another key is in this entry";
            t.fills++;
            break;
        case VTD_CACHE_CHANGE_REMOVE:
            EXPECT_EQ((t.keys[{a, b}]), entry);
            EXPECT_EQ(t.keys.erase({a, b}), 1u) << "removed what is not there";
            t.entries.erase(entry);
            t.removals++;
            break;
        case VTD_CACHE_CHANGE_CLEAR:
            t.removals += t.keys.size();
            t.keys.clear();
            t.entries.clear();
            t.clears++;
            break;
        }
    }
};

class CacheTap : public testing::TestWithParam<vtd_cache_id>
{
  protected:
    CacheTap() : u(withCaches(8192)), fs(u, 4), ss(u, 4)
    {
        for (uint64_t page = 0; page < 256; page++) {
            fs.map(page << 12, page << 12);
            ss.map(page << 12, page << 12);
        }
        for (uint16_t sid : kSids) {
            u.setFs(sid, 1, fs, 1);
            u.setFs(sid, 2, fs, 1);
            u.setSs(sid, 3, ss, 3);
        }
        u.start();
    }

    void traffic()
    {
        static const Desc commands[] = {ccInv(1),       ccInv(3, 0, kSids[0]), pcInv(3),       pcInv(0, 1),
                                        pcInv(1, 1, 2), iotlbInv(1),           iotlbInv(2, 3), pasidIotlbInv(2, 1, 1)};
        for (unsigned i = 0; i < 20000; i++) {
            u.dma(kSids[random() % 2]).pasid(1 + random() % 4).read(random() % 300 << 12);
            if (random() % 100 == 0)
                u.submit({commands[random() % std::size(commands)]});
            if (random() % 10 == 0)
                u.submit(
                    {iotlbInv(3, 3, random() % 256 << 12), pasidIotlbInv(3, 1, 1, random() % 256 << 12, random() % 4)});
        }
    }

    Unit u;
    FsTree fs;
    SsTree ss;
    std::mt19937 random{9};
};
INSTANTIATE_TEST_SUITE_P(Caches, CacheTap,
                         testing::Values(VTD_CACHE_CONTEXT, VTD_CACHE_PASID, VTD_CACHE_IOTLB, VTD_CACHE_FS_PSC,
                                         VTD_CACHE_SS_PSC),
                         [](const auto &param) { return std::string(vtd_cache_name(param.param)); });

TEST_P(CacheTap, TellsAllThatHappensToTheKeysOfItsCache)
{
    Told told;
    vtd_cache_tap(u.get(), GetParam(), Told::call, &told);
    traffic();
    const vtd_stats s = u.stats();
    const uint64_t expected[VTD_CACHES][4] = {
        {s.ctxt_cache_hit, s.ctxt_cache_miss, s.ctxt_cache_fill, s.ctxt_cache_invalidate},
        {s.pasid_cache_hit, s.pasid_cache_miss, s.pasid_cache_fill, s.pasid_cache_invalidate},
        {s.iotlb_hit, s.iotlb_miss, s.iotlb_fill, s.iotlb_invalidate},
        {s.fs_nonleaf_hit, s.fs_nonleaf_miss, s.fs_nonleaf_fill, s.fs_nonleaf_invalidate},
        {s.ss_nonleaf_hit, s.ss_nonleaf_miss, s.ss_nonleaf_fill, s.ss_nonleaf_invalidate},
    };
    const uint64_t *e = expected[GetParam()];
    EXPECT_EQ(told.hits, e[0]);
    EXPECT_EQ(told.misses, e[1]);
    EXPECT_EQ(told.fills, e[2]);
    EXPECT_EQ(told.removals, e[3]);
    EXPECT_GT(told.hits, 100u);
    EXPECT_GT(told.removals, 10u);
    EXPECT_GT(told.clears, 10u);
}

TEST_P(CacheTap, HearsNothingOnceItIsTakenAway)
{
    Told told;
    vtd_cache_tap(u.get(), GetParam(), Told::call, &told);
    vtd_cache_tap(u.get(), GetParam(), nullptr, nullptr);
    traffic();
    EXPECT_EQ(told.hits + told.misses + told.fills + told.removals + told.clears, 0u);
}

TEST_P(CacheTap, HearsOfAReset)
{
    Told told;
    vtd_cache_tap(u.get(), GetParam(), Told::call, &told);
    vtd_reset(u.get());
    EXPECT_EQ(told.clears, 1u);
}

TEST_P(CacheTap, HearsNothingOfPeeks)
{
    Told told;
    vtd_cache_tap(u.get(), GetParam(), Told::call, &told);
    const vtd_request req = u.dma(kSids[0]).pasid(1).request(0x1000);
    vtd_response resp;
    EXPECT_EQ(vtd_peek(u.get(), &req, &resp), VTD_STATUS_OK);
    EXPECT_EQ(told.hits + told.misses + told.fills, 0u);
}

} // namespace
