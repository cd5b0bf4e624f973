/* SPDX-License-Identifier: MIT */
/*
 * The caches of a whole unit, seen through the public interface: on random streams of requests and invalidations, the
 * hits and misses that it counts are those of the oracle.
 */
#include "lru_oracle.h"
#include "support/unit_fixture.h"

#include <random>

namespace vtdtest
{

namespace
{

constexpr unsigned kPasids = 24, kPages = 16, kSteps = 12000;
constexpr uint64_t kIova = 0x40000000;

/* One tree for all PASIDs, so that only tags can keep their translations apart. Each PASID has a domain of its own. */
class UnitCaches : public testing::Test
{
  protected:
    static vtd_config configuration(const vtd_cache_geometry &pasid, const vtd_cache_geometry &iotlb,
                                    vtd_iotlb_order order)
    {
        vtd_config config = withoutCaches();
        config.cache[VTD_CACHE_PASID] = pasid;
        config.cache[VTD_CACHE_IOTLB] = iotlb;
        config.iotlb_order = static_cast<uint8_t>(order);
        return config;
    }
    static unsigned did(uint32_t pasid)
    {
        return 100 + pasid;
    }

    void play(const vtd_cache_geometry &pasid_geometry, const vtd_cache_geometry &iotlb_geometry, vtd_iotlb_order order)
    {
        Unit u(configuration(pasid_geometry, iotlb_geometry, order));
        FsTree fs(u, 4);
        for (uint64_t page = 0; page < kPages; page++)
            fs.map(kIova + page * 4096, 0x20000000 + page * 4096, 12, kFsP | kFsRw | kFsUs | kFsA | kFsD);
        for (uint32_t pasid = 1; pasid <= kPasids; pasid++)
            u.setFs(kSid, pasid, fs, did(pasid));
        u.start();
        CacheOracle pasids(pasid_geometry), iotlb(iotlb_geometry);
        const vtd_stats start = u.stats();
        uint64_t requests = 0, iotlb_hits = 0, pasid_lookups = 0, pasid_hits = 0;
        std::mt19937_64 rng(8);
        for (unsigned step = 0; step < kSteps; step++) {
            const uint32_t pasid = 1 + static_cast<uint32_t>(rng() % (rng() & 1 ? kPasids : 4));
            const uint64_t page = rng() % (rng() & 1 ? kPages : 4);
            const uint64_t addr = kIova + page * 4096;
            const OracleKey page_key = {addr >> 12, pasid};
            if (rng() % 16 == 0) {
                u.submit({pasidIotlbInv(3, did(pasid), pasid, addr)});
                if (iotlb.set(page_key).find(page_key))
                    iotlb.set(page_key).remove(page_key);
                continue;
            }
            ASSERT_TRUE(translated(u.dma(kSid).pasid(pasid).read(addr + 8), 0x20000000 + page * 4096 + 8, 12)) << step;
            requests++;
            const bool hit = iotlb.access(page_key);
            iotlb_hits += hit;
            if (!hit || order == VTD_IOTLB_AFTER_PASID) {
                pasid_lookups++;
                pasid_hits += pasids.access({pasid, kSid});
            }
        }
        const vtd_stats stats = u.stats();
        EXPECT_EQ(stats.requests - start.requests, requests);
        EXPECT_EQ(stats.iotlb_lookup - start.iotlb_lookup, requests);
        EXPECT_EQ(stats.iotlb_hit - start.iotlb_hit, iotlb_hits);
        EXPECT_EQ(stats.iotlb_miss - start.iotlb_miss, requests - iotlb_hits);
        EXPECT_EQ(stats.pasid_cache_lookup - start.pasid_cache_lookup, pasid_lookups);
        EXPECT_EQ(stats.pasid_cache_hit - start.pasid_cache_hit, pasid_hits);
        EXPECT_GT(iotlb_hits, requests / 20); /* the stream says something */
        EXPECT_GT(pasid_hits, pasid_lookups / 20);
        EXPECT_LT(iotlb_hits, requests * 19 / 20);
        EXPECT_LT(pasid_hits, pasid_lookups * 19 / 20);
    }
    void playBothOrders(const vtd_cache_geometry &pasid, const vtd_cache_geometry &iotlb)
    {
        for (const vtd_iotlb_order order : {VTD_IOTLB_FIRST, VTD_IOTLB_AFTER_PASID}) {
            SCOPED_TRACE(order);
            play(pasid, iotlb, order);
        }
    }
};

} // namespace

TEST_F(UnitCaches, FullyAssociativeLruCountsAsTheOracle)
{
    playBothOrders({8, 0, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0}, {40, 0, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0});
}

TEST_F(UnitCaches, SetAssociativeLruWithModuloIndexCountsAsTheOracle)
{
    playBothOrders({8, 2, VTD_POLICY_LRU, VTD_INDEX_MODULO, 0, 0}, {32, 8, VTD_POLICY_LRU, VTD_INDEX_MODULO, 0, 0});
}

TEST_F(UnitCaches, TreePlruCountsAsTheOracle)
{
    playBothOrders({8, 4, VTD_POLICY_PLRU, VTD_INDEX_MODULO, 0, 0}, {64, 16, VTD_POLICY_PLRU, VTD_INDEX_MODULO, 0, 0});
}

TEST_F(UnitCaches, FifoAndMoreThan64WaysCountAsTheOracle)
{
    playBothOrders({12, 3, VTD_POLICY_FIFO, VTD_INDEX_MODULO, 0, 0},
                   {130, 65, VTD_POLICY_FIFO, VTD_INDEX_MODULO, 0, 0});
    playBothOrders({6, 0, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0}, {100, 0, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0});
}

/*
 * Page-selective invalidations of one to sixteen pages in a large cache: what goes is what the oracle finds by looking
 * at every entry. PASIDs 1 and 2 share domain 1; PASID 3 has domain 3. first_stage: invalidated by PASID, else by
 * domain.
 */
static void invalidatePages(bool first_stage, uint32_t ways)
{
    constexpr uint64_t pages = 700;
    const vtd_cache_geometry g = {4096, ways, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0};
    vtd_config config = withoutCaches();
    config.cache[VTD_CACHE_IOTLB] = g;
    Unit u(config);
    FsTree fs(u, 4);
    SsTree ss(u, 4);
    for (uint64_t page = 0; page < pages; page++) {
        fs.map(kIova + page * 4096, 0x20000000 + page * 4096, 12, kFsP | kFsRw | kFsUs | kFsA | kFsD);
        ss.map(kIova + page * 4096, 0x20000000 + page * 4096);
    }
    const auto domain = [](uint64_t pasid) { return pasid == 3 ? 3u : 1u; };
    for (uint32_t pasid = 1; pasid <= 3; pasid++)
        if (first_stage)
            u.setFs(kSid, pasid, fs, domain(pasid));
        else
            u.setSs(kSid, pasid, ss, domain(pasid));
    u.start();
    CacheOracle iotlb({4096, 0, VTD_POLICY_LRU, VTD_INDEX_MODULO, 0, 0}); /* nothing is evicted: any shape will do */
    std::mt19937_64 rng(9);
    uint64_t hits = 0, gone = 0;
    for (unsigned step = 0; step < 20000; step++) {
        const uint32_t pasid = 1 + static_cast<uint32_t>(rng() % 3);
        const uint64_t page = rng() % pages;
        const uint64_t addr = kIova + page * 4096;
        if (step < 4000 || rng() % 4) {
            u.dma(kSid).pasid(pasid).read(addr);
            hits += iotlb.access({page, pasid});
            continue;
        }
        const unsigned am = static_cast<unsigned>(rng() % 5);
        const uint64_t start = addr >> (12 + am) << (12 + am);
        u.submit(
            {first_stage ? pasidIotlbInv(3, domain(pasid), pasid, start, am) : iotlbInv(3, domain(pasid), start, am)});
        std::vector<OracleKey> found;
        for (const OracleSet::Entry &e : iotlb.sets()[0].entries())
            if (e.key.a >> am == page >> am && domain(e.key.b) == domain(pasid) && (!first_stage || e.key.b == pasid))
                found.push_back(e.key);
        for (const OracleKey &k : found)
            iotlb.sets()[0].remove(k);
        gone += found.size();
    }
    EXPECT_EQ(u.stats().iotlb_hit, hits);
    EXPECT_EQ(u.stats().iotlb_invalidate, gone);
    EXPECT_EQ(u.stats().iotlb_evict, 0u);
    EXPECT_GT(gone, 3000u);
}

TEST(UnitCachesPages, InvalidatedByDomainAreThoseOfTheOracle)
{
    invalidatePages(false, 0);
    invalidatePages(false, 64);
}

TEST(UnitCachesPages, InvalidatedByPasidAreThoseOfTheOracle)
{
    invalidatePages(true, 0);
    invalidatePages(true, 64);
}

} // namespace vtdtest
