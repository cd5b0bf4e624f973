/* SPDX-License-Identifier: MIT */
/*
 * What the counters of the performance monitor count: each event once, by hand; every event as the statistics do, under
 * random use (ref 1.12).
 */
#include "perfmon_tables.h"

#include "spec/random_player.h"
#include "spec/remapper.h"

#include <cstring>
#include <string>

namespace vtdtest
{

namespace
{

uint64_t statistic(const vtd_stats &stats, const CountedEvent &e)
{
    return *reinterpret_cast<const uint64_t *>(reinterpret_cast<const char *>(&stats) + e.counter);
}

} // namespace

/* ---------------------------------------------------------------- by hand */

/*
 * A first read through empty caches: 1 read of the root entry, 2 of the context entry, 1 of the directory, 4 of the PASID
 * entry, 4 of the tables; accessed bits in 4 entries.
 */
TEST(PerfmonCount, FirstStageReadThroughEmptyCaches)
{
    Tables u;
    EXPECT_TRUE(translated(u.dma(kSid).pasid(1).read(kIova), 0x40000000));
    EXPECT_EQ(u.take(), "iommu_requests=1 iommu_mrds=12 iommu_atomics=4 ctxt_cache_lookup=1 pasid_cache_lookup=1 "
                        "fs_nonleaf_lookup=1 iotlb_lookup=1");
    EXPECT_TRUE(translated(u.dma(kSid).pasid(1).read(kIova), 0x40000000));
    EXPECT_EQ(u.take(), "iommu_requests=1 iotlb_lookup=1 iotlb_hit=1");
    EXPECT_TRUE(translated(u.dma(kSid).pasid(1).write(kIova), 0x40000000)); /* the dirty bit: the last table again */
    EXPECT_EQ(u.take(), "iommu_requests=1 iommu_mrds=1 iommu_atomics=1 ctxt_cache_lookup=1 ctxt_cache_hit=1 "
                        "pasid_cache_lookup=1 pasid_cache_hit=1 fs_nonleaf_lookup=1 fs_nonleaf_hit=1 iotlb_lookup=1");
}

TEST(PerfmonCount, SecondStageAndPassThrough)
{
    Tables u;
    EXPECT_TRUE(translated(u.dma(kSid).pasid(2).read(kIova), 0x40000000));
    EXPECT_EQ(u.take(), "iommu_requests=1 iommu_mrds=12 ctxt_cache_lookup=1 pasid_cache_lookup=1 ss_nonleaf_lookup=1 "
                        "iotlb_lookup=1");
    EXPECT_TRUE(translated(u.dma(kSid).pasid(2).read(kLarge), 0x40000000)); /* two levels are known: one read */
    EXPECT_EQ(u.take(), "iommu_requests=1 iommu_mrds=1 ctxt_cache_lookup=1 ctxt_cache_hit=1 pasid_cache_lookup=1 "
                        "pasid_cache_hit=1 ss_nonleaf_lookup=1 ss_nonleaf_hit=1 iotlb_lookup=1");
    u.dma(kSid).read(0x1000);
    EXPECT_EQ(u.take(), "iommu_requests=1 iommu_mrds=5 ctxt_cache_lookup=1 ctxt_cache_hit=1 pasid_cache_lookup=1 "
                        "iotlb_lookup=1");
}

TEST(PerfmonCount, PageRequestsPostedAndOverflowing)
{
    Tables u;
    /* 128 slots, of which one stays free. */
    for (unsigned i = 0; i < 127; i++)
        EXPECT_EQ(u.pageRequest(kSid, kIova, VTD_PRQ_READ | VTD_PRQ_PASID, 1), VTD_PRQ_QUEUED);
    EXPECT_EQ(u.take(), "iommu_mrds=8 pg_req_posted=127 ctxt_cache_lookup=127 ctxt_cache_hit=126 "
                        "pasid_cache_lookup=127 pasid_cache_hit=126");
    for (unsigned i = 0; i < 3; i++)
        EXPECT_EQ(u.pageRequest(kSid, kIova, VTD_PRQ_READ | VTD_PRQ_PASID, 1), VTD_PRQ_OVERFLOW);
    EXPECT_EQ(u.take(), "pg_req_overflow=3 ctxt_cache_lookup=3 ctxt_cache_hit=3 pasid_cache_lookup=3 "
                        "pasid_cache_hit=3");
}

TEST(PerfmonCount, InterruptCacheTellsPostedHitsFromOthers)
{
    struct Interrupts : Remapper, Monitor {
        Interrupts() : Remapper(monitored(withCaches(64))), Monitor(static_cast<Unit &>(*this)) {}
        using Monitor::count;
    } u;
    u.posted(2, 0x42);
    u.remapped(3, 0x43);
    u.count(0, VTD_EVENT_OF(INT_CACHE_LOOKUP));
    u.count(1, VTD_EVENT_OF(INT_CACHE_HIT_POSTED));
    u.count(2, VTD_EVENT_OF(INT_CACHE_HIT_NONPOSTED));
    for (unsigned i = 0; i < 4; i++)
        EXPECT_EQ(u.index(2).result, VTD_IRQ_POSTED);
    for (unsigned i = 0; i < 6; i++)
        EXPECT_EQ(u.index(3).result, VTD_IRQ_REMAPPED);
    EXPECT_EQ(u.value(0), 10u);
    EXPECT_EQ(u.value(1), 3u) << "the first of four is a miss";
    EXPECT_EQ(u.value(2), 5u);
    EXPECT_EQ(u.stats().int_cache_hit_posted, 3u);
    EXPECT_EQ(u.stats().int_cache_hit_nonposted, 5u);
    EXPECT_EQ(u.stats().int_cache_hit, 8u);
}

/* The atomic accesses that posting makes set no accessed or dirty bit. */
TEST(PerfmonCount, PostingIsNoUpdateOfAccessedAndDirtyBits)
{
    struct Interrupts : Remapper, Monitor {
        Interrupts() : Remapper(monitored(withCaches(64))), Monitor(static_cast<Unit &>(*this)) {}
        using Monitor::count;
    } u;
    u.posted(2, 0x42);
    u.count(0, VTD_EVENT_OF(IOMMU_ATOMICS));
    u.count(1, VTD_EVENT_OF(IOMMU_MRDS));
    EXPECT_EQ(u.index(2).result, VTD_IRQ_POSTED);
    EXPECT_EQ(u.value(0), 0u);
    EXPECT_EQ(u.value(1), 0u) << "nor a read of a translation table";
    EXPECT_EQ(u.stats().memory_updates, 0u);
}

TEST(PerfmonCount, SeveralEventsOfAGroupAddUp)
{
    Monitored u;
    u.setPassThrough(kSid, 0, 1);
    u.start();
    u.count(0, {3, VTD_PERF_IOTLB_LOOKUP_ES | VTD_PERF_IOTLB_HIT_ES});
    u.count(1, {3, 0});
    for (unsigned i = 0; i < 5; i++)
        u.dma(kSid).read(0x1000);
    EXPECT_EQ(u.value(0), 5u + 4u);
    EXPECT_EQ(u.value(1), 0u) << "no event selected";
}

TEST(PerfmonCount, OnlyWhileEnabled)
{
    Tables u;
    u.dma(kSid).pasid(1).read(kIova);
    u.take();
    u.disableCounter(0); /* iommu_requests */
    u.dma(kSid).pasid(1).read(kIova);
    EXPECT_EQ(u.take(), "iotlb_lookup=1 iotlb_hit=1");
    u.enableCounter(0);
    u.dma(kSid).pasid(1).read(kIova);
    EXPECT_EQ(u.take(), "iommu_requests=1 iotlb_lookup=1 iotlb_hit=1");
}

TEST(PerfmonCount, PeekAndImpossibleRequestsAreNotCounted)
{
    Tables u;
    vtd_request req = u.dma(kSid).pasid(1).request(kIova);
    vtd_response resp;
    EXPECT_EQ(vtd_peek(u.get(), &req, &resp), VTD_STATUS_OK);
    EXPECT_EQ(u.take(), "");
    req.len = 4096 + 1;
    EXPECT_EQ(vtd_translate(u.get(), &req, &resp), VTD_STATUS_INVALID);
    EXPECT_EQ(u.take(), "");
}

/* ---------------------------------------------------------------- as the statistics */

namespace
{

constexpr unsigned kSeeds = 10, kSteps = 600;

vtd_cache_geometry geometryOf(uint64_t seed)
{
    const vtd_cache_geometry all[] = {
        {4, 2, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0},
        {64, 0, VTD_POLICY_FIFO, VTD_INDEX_HASH, 0, 0},
        {0, 0, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0},
    };
    return all[seed % 3];
}

void addMonitor(vtd_config &config)
{
    config = manyCounters(monitored(config));
}

/* One counter for each event, in a unit that Player drives. */
class Recorder
{
  public:
    explicit Recorder(vtd *unit) : unit_(unit) {}
    void start()
    {
        for (unsigned i = 0; i < kEvents.size(); i++)
            if (isThere(i)) {
                vtd_mmio_write64(unit_, configOf(i),
                                 vtd_reg_perfcntrcfg_put_egi(kEvents[i].event.group) |
                                     vtd_reg_perfcntrcfg_put_es(kEvents[i].event.es));
                command(VTD_ECMD_ENABLE_COUNTER, i);
            }
    }
    void stop()
    {
        for (unsigned i = 0; i < kEvents.size(); i++)
            command(VTD_ECMD_DISABLE_COUNTER, i);
    }
    bool isThere(unsigned i) const
    {
        const CountedEvent &e = kEvents[i];
        return vtd_mmio_read64(unit_, VTD_REG_PERFEVNTCAP + 8 * e.event.group) & e.event.es;
    }
    uint64_t value(unsigned i) const
    {
        return vtd_mmio_read64(unit_, vtd_mmio_read32(unit_, VTD_REG_PERFCNTROFF) + UINT64_C(1024) * i);
    }

  private:
    uint64_t configOf(unsigned i) const
    {
        return vtd_mmio_read32(unit_, VTD_REG_PERFCFGOFF) + UINT64_C(0x100) * i;
    }
    void command(unsigned cmd, uint64_t operand)
    {
        vtd_mmio_write64(unit_, VTD_REG_ECMD, cmd | operand << 16);
    }
    vtd *unit_;
};

/* The head right behind the tail: the next page request finds no room. */
void fillPageQueue(vtd *unit)
{
    vtd_mmio_write64(unit, VTD_REG_PQH, (vtd_mmio_read64(unit, VTD_REG_PQT) + 32) % 4096);
}

} // namespace

TEST(PerfmonCount, AgreesWithTheStatisticsUnderRandomUse)
{
    std::vector<uint64_t> total(kEvents.size());
    for (uint64_t seed = 1; seed <= kSeeds; seed++) {
        Player player(seed, geometryOf(seed), addMonitor);
        Recorder recorder(player.unit());
        std::vector<uint64_t> expected(kEvents.size());
        for (unsigned phase = 0; phase < 6; phase++) {
            const bool counting = phase % 2;
            if (counting)
                recorder.start();
            const vtd_stats before = player.stats();
            for (unsigned i = 0; i < kSteps; i++) {
                player.step();
                player.peek();
                if (i % 128 == 0)
                    fillPageQueue(player.unit());
            }
            const vtd_stats after = player.stats();
            if (!counting)
                continue;
            recorder.stop();
            for (unsigned i = 0; i < kEvents.size(); i++)
                expected[i] += statistic(after, kEvents[i]) - statistic(before, kEvents[i]);
        }
        for (unsigned i = 0; i < kEvents.size(); i++) {
            EXPECT_EQ(recorder.value(i), expected[i]) << kEvents[i].name << ", seed " << seed;
            total[i] += expected[i];
        }
    }
    for (unsigned i = 0; i < kEvents.size(); i++)
        EXPECT_EQ(total[i] > 0, kEvents[i].event.group != 4) << kEvents[i].name << " (no interrupts are remapped here)";
}

TEST(PerfmonCount, CountingChangesNothingElse)
{
    for (uint64_t seed = 1; seed <= 4; seed++) {
        Player counted(seed, geometryOf(seed), addMonitor), plain(seed, geometryOf(seed), addMonitor);
        Recorder(counted.unit()).start();
        for (unsigned i = 0; i < kSteps; i++) {
            counted.step();
            plain.step();
        }
        EXPECT_TRUE(counted.log() == plain.log()) << "seed " << seed;
        const vtd_stats a = counted.stats(), b = plain.stats();
        EXPECT_EQ(std::memcmp(&a, &b, sizeof a), 0) << "seed " << seed;
    }
}

} // namespace vtdtest
