/* SPDX-License-Identifier: MIT */
/*
 * Filters of the performance monitor: they cut the events into parts that add up to the whole (ref 1.12).
 */
#include "perfmon_tables.h"

#include "spec/random_world.h"

#include <string>

namespace vtdtest
{

namespace
{

/* One part of a partition: a filter register and its value. */
struct Part {
    unsigned reg;
    uint32_t value;
};

constexpr uint16_t kSids[] = {0x0510, 0x0511, 0xff00};

/* Three devices with three PASIDs each, of three domains, and pages of three sizes. */
struct Crowd : Monitored {
    explicit Crowd(uint64_t seed)
        : Monitored(manyCounters(monitored(withCaches(8)))), fs(*this, 4), ss(*this, 4), under(*this, 4),
          guest(*this, 4, under), random(seed)
    {
        for (const auto &[iova, shift] : {std::pair{kIova, 12}, {kLarge, 21}, {kHuge, 30}}) {
            fs.map(iova, 0x40000000, shift);
            ss.map(iova, 0x40000000, shift);
            under.map(iova, 0x40000000, shift);
            guest.map(iova, iova, shift);
        }
        for (const uint16_t sid : kSids) {
            setSs(sid, 0, ss, 1);
            setFs(sid, 1, fs, 2);
            setNested(sid, 2, guest, under, 3);
        }
        write64(VTD_REG_PQA, alloc());
        start();
    }
    void request(bool any_at)
    {
        const uint64_t iova = random.pick<uint64_t>({kIova, kLarge, kHuge});
        Dma d = dma(kSids[random.below(3)]);
        const uint32_t pasid = static_cast<uint32_t>(random.below(3));
        if (pasid != 0)
            d.pasid(pasid);
        const vtd_at at = static_cast<vtd_at>(random.below(any_at ? 3 : 2));
        if (at == VTD_AT_TRANSLATED)
            dma(kSids[random.below(3)]).translated(0x1000);
        else
            d.at(at).access(at == VTD_AT_UNTRANSLATED && random.chance(50) ? VTD_WRITE : VTD_READ).go(iova);
    }
    void page()
    {
        const uint32_t pasid = static_cast<uint32_t>(random.below(3));
        pageRequest(kSids[random.below(3)], kIova, pasid ? VTD_PRQ_READ | VTD_PRQ_PASID : VTD_PRQ_READ, pasid);
        write64(VTD_REG_PQH, read64(VTD_REG_PQT));
    }

    FsTree fs;
    SsTree ss, under;
    FsTree guest;
    Random random;
};

constexpr unsigned kRid = VTD_REG_PERFCNTRRID, kDid = VTD_REG_PERFCNTRDID, kPasidReg = VTD_REG_PERFCNTRPASID,
                   kAt = VTD_REG_PERFCNTRAT, kPtl = VTD_REG_PERFCNTRPTL;

/* For each of the events: the parts sum up to the whole; every part of an event that happens has something. */
void expectPartition(const std::vector<Part> &parts, const std::vector<PerfEvent> &events, bool any_at, bool pages)
{
    Crowd u(parts.size() * 100 + events.size());
    unsigned next = 0;
    for (const PerfEvent &event : events) {
        u.count(next++, event);
        for (const Part &part : parts) {
            u.filter(next, part.reg, kFilterOn | part.value);
            u.count(next++, event);
        }
    }
    ASSERT_LE(next, 64u);
    for (unsigned i = 0; i < 1500; i++) {
        u.request(any_at);
        if (pages && i % 4 == 0)
            u.page();
    }
    next = 0;
    for (const PerfEvent &event : events) {
        const uint64_t whole = u.value(next++);
        uint64_t sum = 0;
        EXPECT_GT(whole, 0u) << event.group << "/" << event.es;
        for (const Part &part : parts) {
            EXPECT_GT(u.value(next), 0u) << event.group << "/" << event.es << " part " << part.value;
            EXPECT_LT(u.value(next), whole);
            sum += u.value(next++);
        }
        EXPECT_EQ(sum, whole) << event.group << "/" << event.es;
    }
}

const std::vector<PerfEvent> kOfEveryRequest = {VTD_EVENT_OF(IOMMU_REQUESTS),     VTD_EVENT_OF(IOMMU_MRDS),
                                                VTD_EVENT_OF(CTXT_CACHE_LOOKUP),  VTD_EVENT_OF(CTXT_CACHE_HIT),
                                                VTD_EVENT_OF(PASID_CACHE_LOOKUP), VTD_EVENT_OF(PASID_CACHE_HIT),
                                                VTD_EVENT_OF(IOTLB_LOOKUP),       VTD_EVENT_OF(IOTLB_HIT)};

} // namespace

TEST(PerfmonFilter, RequesterIdsAddUp)
{
    std::vector<PerfEvent> events = kOfEveryRequest;
    events.push_back(VTD_EVENT_OF(PG_REQ_POSTED));
    events.push_back(VTD_EVENT_OF(FS_NONLEAF_LOOKUP));
    events.push_back(VTD_EVENT_OF(SS_NONLEAF_HIT));
    expectPartition({{kRid, kSids[0]}, {kRid, kSids[1]}, {kRid, kSids[2]}}, events, true, true);
}

/* Translated requests end before a domain is known; those with one add up. */
TEST(PerfmonFilter, DomainIdsAddUp)
{
    std::vector<PerfEvent> events = kOfEveryRequest;
    events.push_back(VTD_EVENT_OF(PG_REQ_POSTED));
    expectPartition({{kDid, 1}, {kDid, 2}, {kDid, 3}}, events, false, true);
}

TEST(PerfmonFilter, PasidsAddUp)
{
    std::vector<PerfEvent> events = kOfEveryRequest;
    events.push_back(VTD_EVENT_OF(PG_REQ_POSTED));
    expectPartition({{kPasidReg, 1}, {kPasidReg, 2}, {kPasidReg, 2u << 20}}, events, true, true);
    /* Any PASID, whichever the register names, and none. */
    expectPartition({{kPasidReg, 1u << 20 | 7}, {kPasidReg, 2u << 20 | 7}}, events, true, true);
}

TEST(PerfmonFilter, AddressTypesAddUp)
{
    expectPartition({{kAt, 1}, {kAt, 2}, {kAt, 4}}, {VTD_EVENT_OF(IOMMU_REQUESTS), VTD_EVENT_OF(CTXT_CACHE_LOOKUP)},
                    true, false);
    expectPartition({{kAt, 1 | 4}, {kAt, 2}}, kOfEveryRequest, true, false);
}

TEST(PerfmonFilter, PageSizesOfTheIotlbAddUp)
{
    expectPartition({{kPtl, 1}, {kPtl, 2}, {kPtl, 4 | 8 | 16}}, {VTD_EVENT_OF(IOTLB_LOOKUP), VTD_EVENT_OF(IOTLB_HIT)},
                    false, false);
}

/* A walk of four levels reads one entry of each; the hits of inner levels are those of the entry that was found. */
TEST(PerfmonFilter, LevelsOfReadsAndOfInnerHits)
{
    Tables u;
    u.ecmd(VTD_ECMD_RESET_CONFIG);
    for (unsigned level = 0; level < 5; level++) {
        u.filter(level, kPtl, kFilterOn | 1u << level);
        u.filter(8 + level, kPtl, kFilterOn | 1u << level);
        u.count(level, VTD_EVENT_OF(IOMMU_MRDS));
        u.count(8 + level, VTD_EVENT_OF(FS_NONLEAF_HIT));
    }
    const auto seen = [&u](unsigned first) {
        std::string text;
        for (unsigned i = 0; i < 5; i++)
            text += std::to_string(u.value(first + i));
        return text;
    };
    u.dma(kSid).pasid(1).read(kIova); /* PTE, PDE, PDPE, PML4E */
    EXPECT_EQ(seen(0), "11110");
    EXPECT_EQ(seen(8), "00000");
    u.dma(kSid).pasid(1).read(kLarge); /* the PDPE is known: the PDE, a leaf */
    EXPECT_EQ(seen(0), "12110");
    EXPECT_EQ(seen(8), "00100");
    u.dma(kSid).pasid(1).write(kIova); /* the PDE is known */
    EXPECT_EQ(seen(0), "22110");
    EXPECT_EQ(seen(8), "01100");
}

/* A filter lets through only what it matches: an event that has no such attribute is not counted. */
TEST(PerfmonFilter, WhatAnEventDoesNotHaveDoesNotMatch)
{
    Tables u;
    u.ecmd(VTD_ECMD_RESET_CONFIG);
    u.filter(0, kDid, kFilterOn | 0);
    u.count(0, VTD_EVENT_OF(IOMMU_REQUESTS)); /* a fault before the domain is known */
    u.filter(1, kPtl, kFilterOn | 0x1f);
    u.count(1, VTD_EVENT_OF(CTXT_CACHE_LOOKUP)); /* has no level */
    u.filter(2, kAt, kFilterOn | 0x1f);
    u.count(2, VTD_EVENT_OF(PG_REQ_POSTED)); /* a message, without address type */
    u.filter(3, kPasidReg, kFilterOn | 3u << 20);
    u.count(3, VTD_EVENT_OF(IOMMU_REQUESTS)); /* mode 3 is reserved */
    u.filter(4, kPasidReg, kFilterOn | 0);
    u.count(4, VTD_EVENT_OF(IOMMU_REQUESTS)); /* PASID 0, which no request carries here */
    EXPECT_TRUE(blocked(u.dma(0x2000).read(0), VTD_FAULT_SRT_2));
    u.dma(kSid).pasid(1).read(kIova);
    u.dma(kSid).read(0x1000);
    EXPECT_EQ(u.pageRequest(kSid, kIova, VTD_PRQ_READ | VTD_PRQ_PASID, 1), VTD_PRQ_QUEUED);
    for (unsigned c = 0; c <= 4; c++)
        EXPECT_EQ(u.value(c), 0u) << c;
}

TEST(PerfmonFilter, AllFiltersMustMatch)
{
    Tables u;
    u.ecmd(VTD_ECMD_RESET_CONFIG);
    const auto program = [&u](unsigned c, uint32_t rid, uint32_t did, uint32_t pasid, uint32_t at, uint32_t ptl) {
        const uint32_t values[] = {rid, did, pasid, at, ptl};
        for (unsigned f = 0; f < 5; f++)
            u.filter(c, kRid + 4 * f, kFilterOn | values[f]);
        u.count(c, VTD_EVENT_OF(IOTLB_LOOKUP));
    };
    program(0, kSid, 5, 1, 1, 1);
    program(1, kSid + 1, 5, 1, 1, 1);
    program(2, kSid, 6, 1, 1, 1);
    program(3, kSid, 5, 2, 1, 1);
    program(4, kSid, 5, 1, 2, 1);
    program(5, kSid, 5, 1, 1, 2);
    u.dma(kSid).pasid(1).read(kIova);
    for (unsigned c = 0; c <= 5; c++)
        EXPECT_EQ(u.value(c), c == 0 ? 1u : 0u) << c;
}

/* A filter that is off does nothing, whatever it holds. */
TEST(PerfmonFilter, IsOffWithoutItsEnableBit)
{
    Tables u;
    u.ecmd(VTD_ECMD_RESET_CONFIG);
    const uint32_t values[] = {kSid + 1u, 77, 9, 4, 0};
    for (unsigned f = 0; f < 5; f++)
        u.filter(0, kRid + 4 * f, values[f]);
    u.count(0, VTD_EVENT_OF(IOMMU_REQUESTS));
    u.dma(kSid).pasid(1).read(kIova);
    EXPECT_EQ(u.value(0), 1u);
}

TEST(PerfmonFilter, LegacyModeHasDomainsToo)
{
    Monitored u(monitored(withCaches(8)));
    SsTree ss(u, 4);
    ss.map(0x1000, 0x40000000);
    u.setLegacy(kSid, ss, 9, 1); /* TT 01: translated requests are allowed */
    u.start(VTD_TTM_LEGACY);
    u.filter(0, kDid, kFilterOn | 9);
    u.count(0, VTD_EVENT_OF(IOMMU_REQUESTS));
    u.filter(1, kDid, kFilterOn | 8);
    u.count(1, VTD_EVENT_OF(IOMMU_REQUESTS));
    EXPECT_TRUE(translated(u.dma(kSid).read(0x1000), 0x40000000));
    EXPECT_TRUE(translated(u.dma(kSid).read(0x1000), 0x40000000)); /* from the IOTLB */
    u.dma(kSid).translated(0x1000);
    EXPECT_EQ(u.value(0), 3u);
    EXPECT_EQ(u.value(1), 0u);
}

} // namespace vtdtest
