/* SPDX-License-Identifier: MIT */
/* A function that asks for pages (ref 7.1), and what it does with responses of every kind. */
#include "requester_rig.h"

namespace vtdtest
{

/* ---------------------------------------------------------------- page requests (ref 7.1) */

TEST(Requester, AMissingPageIsAskedForAndUsedAfterTheResponse)
{
    Rig u;
    const vtd_requester_outcome out = u.dev().write(kIova + 0x10, kPasid);
    ASSERT_EQ(out.result, VTD_REQUESTER_WAITING);
    EXPECT_EQ(vtd_requester_outstanding(u.dev().get()), 1u);
    const uint64_t *q = u.at(vtd_reg_pqa_pqa(u.read64(VTD_REG_PQA)) << 12);
    EXPECT_EQ(vtd_prq_desc_rid(q), kSid);
    EXPECT_EQ(vtd_prq_desc_pasid(q), 5u);
    EXPECT_EQ(vtd_prq_desc_addr(q), kIova >> 12);
    EXPECT_EQ(vtd_prq_desc_wrr(q), 1u);
    EXPECT_EQ(vtd_prq_desc_rdr(q), 0u);
    EXPECT_EQ(vtd_prq_desc_lpig(q), 1u);
    EXPECT_EQ(vtd_prq_desc_prgi(q), out.prgi);
    EXPECT_EQ(u.dev().retry(out.prgi).result, VTD_REQUESTER_WAITING);
    u.tagged.map(kIova, kHpa);
    EXPECT_TRUE(u.flush({groupResponse(kSid, out.prgi, 0, true, 5)}));
    EXPECT_EQ(vtd_requester_outstanding(u.dev().get()), 0u);
    EXPECT_TRUE(went(u.dev().retry(out.prgi), kHpa + 0x10, VTD_REQUESTER_ASKED));
    EXPECT_EQ(u.dev().retry(out.prgi).result, VTD_REQUESTER_INVALID) << "once per response";
}

TEST(Requester, AGoodResponseWithoutThePageLeadsToAnotherRequest)
{
    Rig u;
    const vtd_requester_outcome first = u.dev().read(kIova);
    ASSERT_EQ(first.result, VTD_REQUESTER_WAITING);
    u.flush({groupResponse(kSid, first.prgi, 0)});
    const vtd_requester_outcome second = u.dev().retry(first.prgi);
    EXPECT_EQ(second.result, VTD_REQUESTER_WAITING);
    EXPECT_NE(second.prgi, first.prgi);
    EXPECT_EQ(u.dev().stats().page_requests, 2u);
}

TEST(Requester, ABadResponseEndsTheAccess)
{
    for (unsigned code : {1u, 15u}) {
        Rig u;
        const vtd_requester_outcome out = u.dev().read(kIova);
        u.plain.map(kIova, kHpa);
        u.flush({groupResponse(kSid, out.prgi, code)});
        const vtd_requester_outcome end = u.dev().retry(out.prgi);
        EXPECT_EQ(end.result, VTD_REQUESTER_DENIED);
        EXPECT_EQ(end.code, code);
        EXPECT_EQ(vtd_requester_has_pri_on(u.dev().get()), code == 1) << "response failure turns PRI off";
    }
}

TEST(Requester, ResponsesThatNobodyWaitsForAreCountedOnly)
{
    Rig u;
    const vtd_requester_outcome out = u.dev().read(kIova, kPasid);
    const uint16_t other = static_cast<uint16_t>(out.prgi + 1);
    u.flush({groupResponse(kSid, other, 0, true, 5), groupResponse(kSid, out.prgi, 0, true, 6),
             groupResponse(kSid, out.prgi, 0), groupResponse(kSid + 8, out.prgi, 0, true, 5)});
    EXPECT_EQ(u.dev().stats().unexpected_responses, 3u);
    EXPECT_EQ(u.dev().retry(out.prgi).result, VTD_REQUESTER_WAITING);
    u.flush({groupResponse(kSid, out.prgi, 0, true, 5), groupResponse(kSid, out.prgi, 0, true, 5)});
    EXPECT_EQ(u.dev().stats().unexpected_responses, 4u) << "the second is one too many";
}

TEST(Requester, TheUnitsOwnResponsesReachTheDevice)
{
    Rig u;
    vtd_sm_context_set_pre(u.context(kSid), 0);
    u.invalidateAll();
    const vtd_requester_outcome out = u.dev().read(kIova);
    EXPECT_EQ(out.result, VTD_REQUESTER_WAITING);
    u.pump();
    const vtd_requester_outcome end = u.dev().retry(out.prgi);
    EXPECT_EQ(end.result, VTD_REQUESTER_DENIED);
    EXPECT_EQ(end.code, 1u) << "invalid request: PRE is 0";
}

TEST(Requester, SoManyGroupsAndNoMore)
{
    vtd_requester_config c = fullDevice();
    c.outstanding_max = 3;
    Rig u(c);
    std::vector<uint16_t> prgi;
    for (uint64_t i = 0; i < 3; i++) {
        const vtd_requester_outcome out = u.dev().read(kIova + i * 0x1000);
        ASSERT_EQ(out.result, VTD_REQUESTER_WAITING);
        prgi.push_back(out.prgi);
    }
    EXPECT_EQ(u.dev().read(kIova + 0x3000).result, VTD_REQUESTER_BUSY);
    u.flush({groupResponse(kSid, prgi[1], 1)});
    EXPECT_EQ(u.dev().read(kIova + 0x3000).result, VTD_REQUESTER_BUSY) << "the response was not taken yet";
    EXPECT_EQ(u.dev().retry(prgi[1]).result, VTD_REQUESTER_DENIED);
    EXPECT_EQ(u.dev().read(kIova + 0x3000).result, VTD_REQUESTER_WAITING);
}

TEST(Requester, AGroupOfPagesHasOneLastRequestAndOneResponse)
{
    Rig u;
    uint16_t prgi = 0xffff;
    const vtd_request want = Device::request(kIova, VTD_ATOMIC, kPasid);
    ASSERT_EQ(vtd_requester_request_pages(u.dev().get(), &want, 3, &prgi), VTD_REQUESTER_WAITING);
    for (unsigned i = 0; i < 3; i++) {
        const uint64_t *q = u.at((vtd_reg_pqa_pqa(u.read64(VTD_REG_PQA)) << 12) + 32 * i);
        EXPECT_EQ(vtd_prq_desc_addr(q), (kIova >> 12) + i);
        EXPECT_EQ(vtd_prq_desc_lpig(q), i == 2);
        EXPECT_EQ(vtd_prq_desc_rdr(q) & vtd_prq_desc_wrr(q), 1u);
        EXPECT_EQ(vtd_prq_desc_prgi(q), prgi);
    }
    uint8_t code = 0xff;
    EXPECT_FALSE(vtd_requester_collect(u.dev().get(), prgi, &code));
    EXPECT_EQ(u.dev().retry(prgi).result, VTD_REQUESTER_INVALID) << "no access waits for it";
    u.flush({groupResponse(kSid, prgi, 0, true, 5)});
    EXPECT_TRUE(vtd_requester_collect(u.dev().get(), prgi, &code));
    EXPECT_EQ(code, 0u);
    EXPECT_FALSE(vtd_requester_collect(u.dev().get(), prgi, &code));
}

TEST(Requester, AStopMarkerAsksForNothing)
{
    Rig u;
    EXPECT_EQ(vtd_requester_stop_marker(u.dev().get(), 5), VTD_PRQ_QUEUED);
    const uint64_t *q = u.at(vtd_reg_pqa_pqa(u.read64(VTD_REG_PQA)) << 12);
    EXPECT_EQ(vtd_prq_desc_rdr(q) | vtd_prq_desc_wrr(q), 0u);
    EXPECT_EQ(vtd_prq_desc_lpig(q), 1u);
    EXPECT_EQ(vtd_prq_desc_pasid(q), 5u);
    EXPECT_EQ(vtd_requester_outstanding(u.dev().get()), 0u);
}

TEST(Requester, PriOffDeniesInsteadOfAsking)
{
    Rig u;
    EXPECT_TRUE(vtd_requester_set_pri(u.dev().get(), false));
    EXPECT_EQ(u.dev().read(kIova).result, VTD_REQUESTER_DENIED);
    uint16_t prgi;
    const vtd_request want = Device::request(kIova, VTD_READ);
    EXPECT_EQ(vtd_requester_request_pages(u.dev().get(), &want, 1, &prgi), VTD_REQUESTER_INVALID);
    EXPECT_TRUE(vtd_requester_set_pri(u.dev().get(), true));
    EXPECT_EQ(u.dev().read(kIova).result, VTD_REQUESTER_WAITING);
}

} // namespace vtdtest
