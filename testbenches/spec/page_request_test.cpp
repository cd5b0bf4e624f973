/* SPDX-License-Identifier: MIT */
/*
 * Page requests: queue, overflow, automatic answers, implicit invalidation, group responses (ref 2.10, 2.11, 6.4, 7.1).
 */
#include "support/unit_fixture.h"

#include <string>

namespace vtdtest
{

namespace
{

constexpr uint32_t kPasid = 0x2a;
constexpr uint64_t kIova = UINT64_C(0x7f0000003000), kOther = UINT64_C(0x7f0000004000), kOut = 0x10000000;
constexpr unsigned kRw = VTD_PRQ_READ | VTD_PRQ_WRITE;
constexpr uint32_t kPpr = 1, kPro = 2;

/* A device that may ask for pages: PASID kPasid is first stage (DID 1), 0x2b second stage (DID 2), 0x2c nested (DID 3),
 * 0x2d first stage of DID 1 again, 0 (RID_PASID) pass-through (DID 4). */
struct Pager : Unit {
    explicit Pager(unsigned pqs = 0, const vtd_config &config = withCaches(64))
        : Unit(config), fs(*this, 4), ss(*this, 4), under(*this, 4), guest(*this, 4, under)
    {
        for (uint64_t iova : {kIova, kOther}) {
            fs.map(iova, kOut + iova % 0x10000);
            ss.map(iova, kOut + iova % 0x10000);
            guest.map(iova, kIova + iova % 0x10000);
            under.map(kIova + iova % 0x10000, kOut + iova % 0x10000);
        }
        setFs(kSid, kPasid, fs, 1);
        setSs(kSid, 0x2b, ss, 2);
        setNested(kSid, 0x2c, guest, under, 3);
        setFs(kSid, 0x2d, fs, 1);
        setPassThrough(kSid, 0, 4);
        queue = alloc(pqs);
        bytes = 4096u << pqs;
        write64(VTD_REG_PQA, queue | pqs);
        start();
    }
    vtd_prq_result page(unsigned flags = kRw | VTD_PRQ_LAST, unsigned prgi = 7, uint64_t addr = kIova)
    {
        return pageRequest(kSid, addr, flags | VTD_PRQ_PASID, kPasid, prgi);
    }
    uint64_t *slot(unsigned n)
    {
        return at(queue + 32 * n);
    }
    /* Was the translation still cached? */
    bool cached(uint32_t pasid, uint64_t iova)
    {
        const uint64_t hits = stats().iotlb_hit;
        dma(kSid).pasid(pasid).read(iova);
        return stats().iotlb_hit != hits;
    }

    FsTree fs;
    SsTree ss, under;
    FsTree guest;
    uint64_t queue = 0, bytes = 0;
};

} // namespace

TEST(PageRequest, DescriptorIsTheGoldenOneOfAppendixA)
{
    Pager u;
    EXPECT_EQ(u.page(), VTD_PRQ_QUEUED);
    EXPECT_EQ(u.slot(0)[0], UINT64_C(0x2a05100101));
    EXPECT_EQ(u.slot(0)[1], UINT64_C(0x7f000000303f));
    EXPECT_EQ(u.slot(0)[2], 0u);
    EXPECT_EQ(u.slot(0)[3], 0u);
    EXPECT_EQ(u.read64(VTD_REG_PQT), 32u);
    EXPECT_EQ(u.read64(VTD_REG_PQH), 0u);
    EXPECT_EQ(u.read32(VTD_REG_PRS), kPpr);
    EXPECT_TRUE(u.responses.empty()) << "software answers";
}

TEST(PageRequest, EachFlagHasItsBit)
{
    const struct {
        unsigned flag;
        uint64_t q0, q1;
    } rows[] = {{0, 0, 0},
                {VTD_PRQ_EXEC, bit(52), 0},
                {VTD_PRQ_PRIV, bit(53), 0},
                {VTD_PRQ_READ, 0, 1},
                {VTD_PRQ_WRITE, 0, 2},
                {VTD_PRQ_LAST, 0, 4}};
    Pager u;
    unsigned n = 0;
    for (const auto &row : rows) {
        EXPECT_EQ(u.page(row.flag, 0x1ff, 0x123456789000), VTD_PRQ_QUEUED);
        EXPECT_EQ(u.slot(n)[0], row.q0 | UINT64_C(0x2a05100101)) << row.flag;
        EXPECT_EQ(u.slot(n)[1], row.q1 | UINT64_C(0x123456789000) | 0x1ff << 3) << row.flag;
        n++;
    }
}

TEST(PageRequest, WithoutPasidTheDescriptorHasNone)
{
    Pager u;
    EXPECT_EQ(u.pageRequest(kSid, kIova, VTD_PRQ_READ, 0, 1), VTD_PRQ_QUEUED);
    EXPECT_EQ(u.slot(0)[0], UINT64_C(0x05100001));
    EXPECT_EQ(u.slot(0)[1], kIova | 1 << 3 | 1);
}

TEST(PageRequest, AddressIsThatOfThePage)
{
    Pager u;
    u.page(VTD_PRQ_READ, 0, kIova + 0xabc);
    EXPECT_EQ(u.slot(0)[1], kIova | 1);
}

TEST(PageRequest, QueueHoldsAllButOneEntryAndWrapsForEverySize)
{
    for (unsigned pqs = 0; pqs < 8; pqs++) {
        Pager u(pqs);
        const unsigned entries = 128u << pqs;
        for (unsigned n = 0; n < entries - 1; n++)
            ASSERT_EQ(u.page(VTD_PRQ_READ, n & 0x1ff), VTD_PRQ_QUEUED) << n;
        EXPECT_EQ(u.read64(VTD_REG_PQT), u.bytes - 32);
        EXPECT_EQ(u.page(), VTD_PRQ_OVERFLOW);
        EXPECT_EQ(u.read64(VTD_REG_PQT), u.bytes - 32) << "nothing written";
        EXPECT_EQ(u.slot(entries - 1)[0], 0u);
        u.write64(VTD_REG_PQH, 64); /* software took two */
        u.write32(VTD_REG_PRS, kPro);
        EXPECT_EQ(u.page(VTD_PRQ_WRITE), VTD_PRQ_QUEUED);
        EXPECT_EQ(u.read64(VTD_REG_PQT), 0u) << "wraps";
        EXPECT_NE(u.slot(entries - 1)[0], 0u);
        EXPECT_EQ(u.page(VTD_PRQ_WRITE, 5), VTD_PRQ_QUEUED);
        EXPECT_EQ(u.slot(0)[1], kIova | 5 << 3 | 2) << "over the oldest";
        EXPECT_EQ(u.page(), VTD_PRQ_OVERFLOW);
    }
}

TEST(PageRequest, OverflowIsAnsweredWithSuccessOnlyForTheLastOfAGroup)
{
    Pager u;
    u.write64(VTD_REG_PQH, 32); /* full: tail + 1 == head */
    EXPECT_EQ(u.page(kRw), VTD_PRQ_OVERFLOW);
    EXPECT_TRUE(u.responses.empty());
    EXPECT_EQ(u.page(kRw | VTD_PRQ_LAST, 9), VTD_PRQ_OVERFLOW);
    ASSERT_EQ(u.responses.size(), 1u);
    EXPECT_EQ(u.responses[0].sid, kSid);
    EXPECT_EQ(u.responses[0].prgi, 9u);
    EXPECT_EQ(u.responses[0].code, 0u);
    EXPECT_TRUE(u.responses[0].has_pasid);
    EXPECT_EQ(u.responses[0].pasid, kPasid);
    EXPECT_EQ(u.read32(VTD_REG_PRS), kPro);
    EXPECT_EQ(u.read32(VTD_REG_FSTS), 0u) << "not a fault";
}

TEST(PageRequest, OverflowBlocksUntilItIsClearedEvenWithRoom)
{
    Pager u;
    u.write64(VTD_REG_PQH, 32);
    u.page();
    u.write64(VTD_REG_PQH, 0);
    EXPECT_EQ(u.page(), VTD_PRQ_OVERFLOW);
    EXPECT_EQ(u.read64(VTD_REG_PQT), 0u);
    u.write32(VTD_REG_PRS, kPro);
    EXPECT_EQ(u.page(), VTD_PRQ_QUEUED);
}

TEST(PageRequest, TablesAreCheckedBeforeTheQueue)
{
    Pager u;
    u.write64(VTD_REG_PQH, 32);
    u.page();
    u.responses.clear();
    EXPECT_EQ(u.pageRequest(kSid, kIova, kRw | VTD_PRQ_LAST | VTD_PRQ_PASID, 0x30), VTD_PRQ_REJECTED);
    ASSERT_EQ(u.responses.size(), 1u);
    EXPECT_EQ(u.responses[0].code, 1u) << "Invalid Request, not the Success of an overflow";
    EXPECT_EQ(u.takeFault().reason, unsigned{VTD_FAULT_SPT_2});
}

TEST(PageRequest, FaultIsLoggedAndAnsweredOnlyForTheLastOfAGroup)
{
    Pager u;
    for (bool last : {false, true}) {
        const unsigned flags = kRw | VTD_PRQ_PASID | (last ? unsigned{VTD_PRQ_LAST} : 0u);
        EXPECT_EQ(u.pageRequest(kSid, kIova + 5, flags, 0x30, 0x155), last ? VTD_PRQ_REJECTED : VTD_PRQ_DROPPED);
        const Fault f = u.takeFault();
        EXPECT_TRUE(f.valid);
        EXPECT_EQ(f.reason, unsigned{VTD_FAULT_SPT_2});
        EXPECT_EQ(f.type, unsigned{kFaultPageRequest});
        EXPECT_EQ(f.sid, kSid);
        EXPECT_EQ(f.pasid, 0x30u);
        EXPECT_EQ(f.fi, kIova);
        EXPECT_EQ(u.responses.size(), last ? 1u : 0u);
    }
    EXPECT_EQ(u.responses[0].code, 1u);
    EXPECT_EQ(u.responses[0].prgi, 0x155u);
    EXPECT_EQ(u.responses[0].pasid, 0x30u);
    EXPECT_EQ(u.read64(VTD_REG_PQT), 0u);
    EXPECT_EQ(u.read32(VTD_REG_PRS), 0u);
}

TEST(PageRequest, PagingTablesAreNotLookedAt)
{
    Pager u;
    const uint64_t before = u.stats().memory_reads_fs;
    *u.fs.entry(kIova, 1) = 0;
    u.fs.entry(kIova, 4)[0] = 0;
    EXPECT_EQ(u.page(kRw | VTD_PRQ_PRIV), VTD_PRQ_QUEUED) << "not even SRE: SPT.6 is no answer to a page request";
    EXPECT_EQ(u.stats().memory_reads_fs, before);
}

TEST(PageRequest, StopMarkerIsQueued)
{
    Pager u;
    EXPECT_EQ(u.page(VTD_PRQ_LAST), VTD_PRQ_QUEUED);
    EXPECT_EQ(u.slot(0)[1] & 7, 4u);
}

TEST(PageRequest, IsDroppedWhileTranslationIsOff)
{
    Pager u;
    u.disable();
    EXPECT_EQ(u.page(), VTD_PRQ_DROPPED);
    EXPECT_EQ(u.read64(VTD_REG_PQT), 0u);
    EXPECT_EQ(u.read32(VTD_REG_FSTS), 0u);
}

TEST(PageRequest, WhatNoLinkCanCarryIsTheCallersError)
{
    Pager u;
    vtd_prq_result result = VTD_PRQ_QUEUED;
    const struct vtd_page_request requests[] = {
        {kIova, 0, kSid, 0x200, VTD_PRQ_READ, {}},                    /* 9 bits of PRGI */
        {kIova, 0x100000, kSid, 0, VTD_PRQ_READ | VTD_PRQ_PASID, {}}, /* 20 bits of PASID */
        {kIova, 0, kSid, 0, VTD_PRQ_READ | VTD_PRQ_PRIV, {}},         /* belongs to the PASID prefix */
        {kIova, 0, kSid, 0, VTD_PRQ_READ | VTD_PRQ_EXEC, {}},
    };
    for (const auto &req : requests)
        EXPECT_EQ(vtd_page_request_submit(u.get(), &req, &result), VTD_STATUS_INVALID);
    EXPECT_EQ(u.read64(VTD_REG_PQT), 0u);
}

/* ---------------------------------------------------------------- implicit invalidation (ref 6.4) */

namespace
{
/* Caches pages of all kinds, asks for kIova of `pasid`, and says which stayed: "2a:i" is kIova of PASID 2ah. */
std::string staysAfter(uint32_t pasid, bool overflow = false)
{
    Pager u;
    const uint32_t pasids[] = {kPasid, 0x2b, 0x2c, 0x2d};
    for (uint32_t p : pasids)
        for (uint64_t iova : {kIova, kOther})
            u.dma(kSid).pasid(p).read(iova);
    if (overflow)
        u.write64(VTD_REG_PQH, 32);
    u.pageRequest(kSid, kIova + 0x123, VTD_PRQ_READ | VTD_PRQ_PASID, pasid);
    std::string all;
    for (uint32_t p : pasids)
        for (uint64_t iova : {kIova, kOther})
            if (u.cached(p, iova))
                all += std::string(1, static_cast<char>('a' + (p - kPasid))) + (iova == kIova ? "i " : "o ");
    return all;
}
} // namespace

TEST(ImplicitInvalidation, FirstStageLosesThatPageOfThatPasid)
{
    EXPECT_EQ(staysAfter(kPasid), "ao bi bo ci co di do ");
}

TEST(ImplicitInvalidation, SecondStageLosesThatPageOfTheDomain)
{
    EXPECT_EQ(staysAfter(0x2b), "ai ao bo ci co di do ");
}

TEST(ImplicitInvalidation, NestedLosesTheDomain)
{
    EXPECT_EQ(staysAfter(0x2c), "ai ao bi bo di do ");
}

TEST(ImplicitInvalidation, ComesOnlyWithARequestThatIsQueued)
{
    EXPECT_EQ(staysAfter(kPasid, true), "ai ao bi bo ci co di do ");
}

TEST(ImplicitInvalidation, PassThroughLosesThatPageOfTheDomain)
{
    Pager u;
    u.dma(kSid).read(kIova);
    EXPECT_EQ(u.pageRequest(kSid, kIova, VTD_PRQ_READ), VTD_PRQ_QUEUED);
    const uint64_t hits = u.stats().iotlb_hit;
    u.dma(kSid).read(kIova);
    EXPECT_EQ(u.stats().iotlb_hit, hits);
}

/* So the device's next try sees what software changed, though software invalidated nothing. */
TEST(ImplicitInvalidation, NextTryAfterAFixSeesTheNewRights)
{
    Pager u;
    *u.fs.entry(kIova, 1) &= ~kFsRw;
    EXPECT_TRUE(blocked(u.dma(kSid).pasid(kPasid).write(kIova), VTD_FAULT_SGN_6));
    u.dma(kSid).pasid(kPasid).read(kIova);
    EXPECT_EQ(u.page(VTD_PRQ_WRITE), VTD_PRQ_QUEUED);
    *u.fs.entry(kIova, 1) |= kFsRw;
    EXPECT_TRUE(translated(u.dma(kSid).pasid(kPasid).write(kIova), kOut + kIova % 0x10000));
}

/* ---------------------------------------------------------------- responses of software (ref 2.11) */

TEST(GroupResponse, GoldenOneOfAppendixAReachesTheDevice)
{
    Pager u;
    u.submit({Desc{{UINT64_C(0x2a05100019), 0x38}}});
    ASSERT_EQ(u.responses.size(), 1u);
    EXPECT_EQ(u.responses[0].sid, kSid);
    EXPECT_EQ(u.responses[0].prgi, 7u);
    EXPECT_EQ(u.responses[0].code, 0u);
    EXPECT_TRUE(u.responses[0].has_pasid);
    EXPECT_EQ(u.responses[0].pasid, kPasid);
}

TEST(GroupResponse, EveryCodeAndNoPasid)
{
    Pager u;
    for (unsigned code : {0u, 1u, 15u}) {
        Desc d;
        vtd_pg_resp_set_type_lo(d.q, VTD_TYPE_PG_RESP);
        vtd_pg_resp_set_rc(d.q, code);
        vtd_pg_resp_set_rid(d.q, 0x1234);
        vtd_pg_resp_set_pasid(d.q, 0x55); /* ignored: PP=0 */
        vtd_pg_resp_set_lpig(d.q, 1);     /* ignored */
        vtd_pg_resp_set_prgi(d.q, 0x1ff);
        u.submit({d});
        EXPECT_EQ(u.responses.back().code, code);
        EXPECT_EQ(u.responses.back().sid, 0x1234u);
        EXPECT_EQ(u.responses.back().prgi, 0x1ffu);
        EXPECT_FALSE(u.responses.back().has_pasid);
    }
    EXPECT_EQ(u.stats().page_responses, 3u);
}

/* The drain recipe of ref 7.1: what was asked before stands in the queue when the wait with PD completes. */
TEST(GroupResponse, DrainRecipeCompletes)
{
    Pager u;
    const uint64_t status = u.alloc();
    u.page();
    Desc fence, drain = waitStatus(status, 2);
    vtd_inv_wait_set_type_lo(fence.q, VTD_TYPE_INV_WAIT);
    vtd_inv_wait_set_fn(fence.q, 1);
    vtd_inv_wait_set_pd(drain.q, 1);
    u.submit({fence, pasidIotlbInv(2, 1, kPasid), drain});
    EXPECT_EQ(*u.at(status), 2u);
    EXPECT_NE(u.slot(0)[0], 0u);
}

} // namespace vtdtest
