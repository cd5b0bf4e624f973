// SPDX-License-Identifier: MIT
//
// Page-selective invalidation of a large IOTLB against a list of what was translated: exactly the entries of the domain
// (or PASID) in the range go, whichever way the unit finds them (ref 6.3, 3.2).

#include "support/unit_fixture.h"

#include <random>
#include <set>
#include <tuple>

using namespace vtdtest;

namespace
{

constexpr uint64_t kPages = 1536; /* of 4 KiB, then as many 2 MiB pages behind them */
constexpr uint64_t kLargeBase = UINT64_C(1) << 30;
constexpr uint16_t kSids[] = {0x0100, 0x0208, 0x0310};
constexpr uint32_t kPasids[] = {1, 2, 7};

/* A page of a device and PASID: (source-id, PASID, first byte, bytes). */
using Entry = std::tuple<uint16_t, uint32_t, uint64_t, uint64_t>;

unsigned didOf(uint32_t pasid)
{
    return pasid == 7 ? 9 : 8;
}

class PageSelective : public testing::TestWithParam<uint32_t>
{
  protected:
    PageSelective() : u(withCaches(GetParam())), fs(u, 4), ss(u, 4) {}

    void start(bool second_stage)
    {
        for (uint64_t page = 0; page < kPages; page++) {
            const uint64_t large = kLargeBase + (page << 21);
            second_stage ? ss.map(page << 12, page << 12) : fs.map(page << 12, page << 12);
            second_stage ? ss.map(large, page << 21, 21) : fs.map(large, page << 21, 21);
        }
        for (uint16_t sid : kSids)
            for (uint32_t pasid : kPasids)
                second_stage ? u.setSs(sid, pasid, ss, didOf(pasid)) : u.setFs(sid, pasid, fs, didOf(pasid));
        u.start();
    }

    void translateSome(unsigned count)
    {
        for (unsigned i = 0; i < count; i++) {
            const uint16_t sid = kSids[random() % 3];
            const uint32_t pasid = kPasids[random() % 3];
            const bool large = random() % 8 == 0;
            const uint64_t size = large ? UINT64_C(1) << 21 : 4096;
            const uint64_t page = (large ? kLargeBase : 0) + random() % kPages * size;
            ASSERT_TRUE(translated(u.dma(sid).pasid(pasid).read(page), large ? page - kLargeBase : page));
            there.insert({sid, pasid, page, size});
        }
    }

    /* 2^am pages somewhere among those in use: mostly few, sometimes a GiB (MAMV is 18). */
    std::pair<uint64_t, unsigned> someRange()
    {
        const unsigned am = random() % 16 == 0 ? 18 : random() % 12;
        const uint64_t at = random() % 2 ? random() % kPages << 12 : kLargeBase + (random() % kPages << 21);
        return {at >> (12 + am) << (12 + am), am};
    }

    /* Takes out what the command must remove, and says how many that are. */
    uint64_t expectedGone(unsigned did, int64_t pasid, uint64_t addr, unsigned am)
    {
        uint64_t gone = 0;
        for (auto e = there.begin(); e != there.end();) {
            const auto [sid, p, first, size] = *e;
            const bool touched = first < addr + (UINT64_C(4096) << am) && addr < first + size;
            if (didOf(p) == did && (pasid < 0 || p == pasid) && touched) {
                e = there.erase(e);
                gone++;
            } else {
                ++e;
            }
        }
        return gone;
    }

    uint64_t removedBy(const Desc &d)
    {
        const uint64_t before = u.stats().iotlb_invalidate;
        u.submit({d});
        return u.stats().iotlb_invalidate - before;
    }

    Unit u;
    FsTree fs;
    SsTree ss;
    std::mt19937 random{GetParam()};
    std::set<Entry> there;
};

/* So many entries that none is ever evicted: 2 * 1536 pages for 9 pairs of device and PASID. */
INSTANTIATE_TEST_SUITE_P(Entries, PageSelective, testing::Values(32768u));

TEST_P(PageSelective, InvalidationOfASecondStageRemovesTheDomainsEntriesInTheRangeAndNoOthers)
{
    start(true);
    for (unsigned i = 0; i < 400; i++) {
        translateSome(200);
        const auto [addr, am] = someRange();
        const unsigned did = random() % 2 ? 8 : 9;
        ASSERT_EQ(removedBy(iotlbInv(3, did, addr, am)), expectedGone(did, -1, addr, am)) << "AM " << am;
    }
    ASSERT_EQ(removedBy(iotlbInv(1)), there.size());
}

TEST_P(PageSelective, InvalidationOfAPasidRemovesItsEntriesInTheRangeAndNoOthers)
{
    start(false);
    for (unsigned i = 0; i < 400; i++) {
        translateSome(200);
        const auto [addr, am] = someRange();
        const uint32_t pasid = kPasids[random() % 3];
        ASSERT_EQ(removedBy(pasidIotlbInv(3, didOf(pasid), pasid, addr, am)),
                  expectedGone(didOf(pasid), pasid, addr, am))
            << "AM " << am;
    }
    ASSERT_EQ(removedBy(iotlbInv(1)), there.size());
}

/* A small IOTLB, so that slots pass from page to page: no command may leave a translation that it had to remove. */
class PageSelectiveUnderEviction : public testing::TestWithParam<uint32_t>
{
};
INSTANTIATE_TEST_SUITE_P(Ways, PageSelectiveUnderEviction, testing::Values(1u, 4u, 0u));

TEST_P(PageSelectiveUnderEviction, LeavesNothingStale)
{
    vtd_config config = withCaches(256);
    config.cache[VTD_CACHE_IOTLB].ways = GetParam();
    Unit u(config);
    SsTree ss(u, 4);
    std::mt19937 random(11);
    for (uint64_t page = 0; page < 512; page++)
        ss.map(page << 12, page << 12);
    for (uint16_t sid : kSids)
        u.setSs(sid, 1, ss, 8);
    u.start();
    for (unsigned i = 0; i < 20000; i++) {
        const uint64_t page = random() % 512;
        if (i % 4 == 0) { /* moves the page, and says so */
            *ss.entry(page << 12, 1) = (random() % 4096) << 12 | kSsR | kSsW;
            u.submit({iotlbInv(3, 8, page << 12)});
        }
        const uint64_t now = *ss.entry(page << 12, 1) & ~UINT64_C(0xfff);
        ASSERT_TRUE(translated(u.dma(kSids[random() % 3]).pasid(1).read(page << 12), now)) << "after " << i;
    }
    EXPECT_GT(u.stats().iotlb_evict, 1000u);
    EXPECT_GT(u.stats().iotlb_invalidate, 1000u);
}

} // namespace
