/* SPDX-License-Identifier: MIT */
/* Page requests over the fake unit: registers, descriptors, and what hardware or devices should never do. */
#include "ats_fixture.h"

namespace
{

constexpr uint64_t kPqh = 0xc0, kPqt = 0xc8, kPqa = 0xd0, kPectl = 0xe0;

struct PrqFake : AtsTest {
    std::vector<vtd_drv_page_request> seen;
    vtd_drv_page_answer answer = VTD_DRV_PAGE_SUCCESS;

    void start_with_queue(uint8_t size = 0)
    {
        vtd_drv_options o{};
        o.page_requests = true;
        o.prq_size = size;
        o.page_event_data = 0x51;
        o.page_event_address = UINT64_C(0x1fee01000);
        start(o);
        const auto handler = [](void *arg, const vtd_drv_page_request *req) {
            auto *t = static_cast<PrqFake *>(arg);
            t->seen.push_back(*req);
            return t->answer;
        };
        vtd_drv_set_page_handler(drv, handler, this);
    }

    /* A device with page requests on, and a domain for a PASID of it. */
    void device(uint16_t sid, uint32_t pasid)
    {
        vtd_drv_domain *d = first_stage();
        ASSERT_EQ(vtd_drv_attach(drv, sid, pasid, d), 0);
        enable_ats(sid);
        ASSERT_EQ(vtd_drv_pri_enable(drv, sid), 0);
        unit.take();
        unit.raw.clear();
    }

    /* The unit queues a request; the layout is that of ref 2.10. */
    void request(uint64_t low, uint64_t high, uint64_t private0 = 0, uint64_t private1 = 0)
    {
        const uint64_t base = unit.reg[kPqa] & ~UINT64_C(0xfff), size = UINT64_C(4096) << (unit.reg[kPqa] & 7);
        const uint64_t q[4] = {low, high, private0, private1};
        memcpy(unit.memory.base + base + unit.reg[kPqt], q, sizeof(q));
        unit.reg[kPqt] = (unit.reg[kPqt] + 32) & (size - 1);
        unit.reg[0xdc] |= 1;
    }
};

TEST_F(PrqFake, StartProgramsTheQueueAndStopTakesItAway)
{
    start_with_queue(3);
    EXPECT_EQ(unit.reg[kPqh], 0u);
    EXPECT_EQ(unit.reg[kPqt], 0u);
    EXPECT_EQ(unit.reg[kPqa] & 0xfff, 3u);
    EXPECT_EQ(unit.reg[kPqa] >> 12 & 7, 0u) << "aligned to its size";
    EXPECT_EQ(unit.reg[kPectl], 0u) << "unmasked";
    EXPECT_EQ(unit.reg[0xe4], 0x51u);
    EXPECT_EQ(unit.reg[0xe8], 0xfee01000u);
    EXPECT_EQ(unit.reg[0xec], 1u);
    ASSERT_EQ(vtd_drv_stop(drv), 0);
    EXPECT_EQ(unit.reg[kPqa], 0u);
    EXPECT_EQ(unit.reg[kPectl], 0x80000000u) << "masked";
}

TEST_F(PrqFake, TheGoldenRequestGetsTheGoldenResponse)
{
    start_with_queue();
    device(0x510, 0x2a);
    request(UINT64_C(0x2A05100101), UINT64_C(0x7F000000303F)); /* App. A */
    EXPECT_EQ(vtd_drv_handle_page_requests(drv, nullptr), 1);
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_EQ(seen[0].addr, UINT64_C(0x7F0000003000));
    EXPECT_EQ(seen[0].pasid, 0x2au);
    EXPECT_EQ(seen[0].sid, 0x510);
    EXPECT_EQ(seen[0].prgi, 7);
    EXPECT_TRUE(seen[0].read && seen[0].write && seen[0].last && seen[0].has_pasid);
    ASSERT_EQ(unit.raw.size(), 2u);
    EXPECT_EQ(unit.raw[0][0], UINT64_C(0x2A05100019)) << "App. A";
    EXPECT_EQ(unit.raw[0][1], UINT64_C(0x38));
    EXPECT_EQ(unit.reg[kPqh], 32u);
    EXPECT_EQ(unit.reg[0xdc], 0u) << "PPR is cleared";
}

TEST_F(PrqFake, WithoutPasidTheResponseHasNone)
{
    start_with_queue();
    device(kSid, 0);
    answer = VTD_DRV_PAGE_INVALID;
    request(UINT64_C(0xfffff00100001), 0x1005); /* the PASID field is undefined then */
    EXPECT_EQ(vtd_drv_handle_page_requests(drv, nullptr), 1);
    EXPECT_EQ(unit.take(), (Log{"response sid=10 pasid=none prgi=0 code=1", "wait"}));
    EXPECT_EQ(seen.at(0).pasid, 0u);
}

TEST_F(PrqFake, PrivateDataOfOldRevisionsGoesBackWithTheResponse)
{
    start_with_queue();
    device(0x510, 0x2a);
    for (const auto how : {VTD_DRV_PAGE_SUCCESS, VTD_DRV_PAGE_LATER}) {
        answer = how;
        unit.raw.clear();
        request(UINT64_C(0x2A05100301), UINT64_C(0x7F000000303F), 0x1122334455667788, 0x99aabbccddeeff00);
        EXPECT_EQ(vtd_drv_handle_page_requests(drv, nullptr), 1);
        if (how == VTD_DRV_PAGE_LATER) {
            vtd_drv_page_request which = seen.back();
            which.has_private = false; /* what names the group is enough */
            EXPECT_EQ(vtd_drv_page_respond(drv, &which, VTD_DRV_PAGE_SUCCESS), 0);
        }
        ASSERT_EQ(unit.raw.size(), 2u);
        EXPECT_EQ(unit.raw[0][0], UINT64_C(0x2A05100039)) << "PDP is bit 5 (ref 0.1)";
        EXPECT_EQ(unit.raw[0][2], UINT64_C(0x1122334455667788));
        EXPECT_EQ(unit.raw[0][3], UINT64_C(0x99aabbccddeeff00));
    }
}

TEST_F(PrqFake, StrangersAreInvalidAndOtherDescriptorsAreSkipped)
{
    start_with_queue();
    device(kSid, 5);
    ASSERT_EQ(vtd_drv_attach(drv, 0x20, 5, first_stage()), 0); /* without page requests */
    unit.take();
    request(UINT64_C(0x500770101), 0x1005); /* no such device */
    request(UINT64_C(0x500200101), 0x100d);
    request(UINT64_C(0x600100101), 0x1015); /* no such PASID */
    request(UINT64_C(0x500100102), 0x101d); /* type 2 */
    request(UINT64_C(0x500100101), 0x1021); /* not the last of its group */
    EXPECT_EQ(vtd_drv_handle_page_requests(drv, nullptr), 5);
    EXPECT_EQ(unit.take(), (Log{"response sid=77 pasid=5 prgi=0 code=1", "response sid=20 pasid=5 prgi=1 code=1",
                                "response sid=10 pasid=6 prgi=2 code=1", "wait"}));
    EXPECT_EQ(seen.size(), 1u);
}

TEST_F(PrqFake, TheRingWraps)
{
    start_with_queue();
    device(kSid, 5);
    for (unsigned i = 0; i < 300; i++) {
        request(UINT64_C(0x500100101), 0x1005 | i << 12);
        ASSERT_EQ(vtd_drv_handle_page_requests(drv, nullptr), 1);
        ASSERT_EQ(seen.back().addr, UINT64_C(0x1000) | i << 12);
    }
    EXPECT_EQ(unit.reg[kPqh], 300 * 32 % 4096u);
}

TEST_F(PrqFake, DetachFollowsTheRecipe)
{
    start_with_queue();
    device(kSid, 5);
    request(UINT64_C(0x500100101), 0x1005);
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 5), 0);
    EXPECT_EQ(unit.take(),
              (Log{"pc pasid did=2 pasid=5", "p_iotlb pasid did=2 pasid=5",
                   "p_dev_tlb sid=10 pasid=5 all mip=0 pfsid=0", "wait", "response sid=10 pasid=5 prgi=0 code=1",
                   "wait", "p_iotlb pasid did=2 pasid=5", "p_dev_tlb sid=10 pasid=5 all mip=0 pfsid=0", "wait drain"}));
}

TEST_F(PrqFake, UnitsThatCannotDrainAreNotAskedTo)
{
    unit.ecap &= ~kEcapPds;
    start_with_queue();
    device(kSid, 5);
    ASSERT_EQ(vtd_drv_detach(drv, kSid, 5), 0);
    EXPECT_EQ(unit.take().back(), "wait") << "PD is reserved without PDS";
}

TEST_F(PrqFake, AnOverflowDuringTheDrainRepeatsTheLastTwoSteps)
{
    start_with_queue();
    device(kSid, 5);
    unsigned drains = 0;
    unit.executing = [&](const uint64_t *q) {
        if ((q[0] & 0x8f) == 0x85 && drains++ < 2)
            unit.reg[0xdc] |= 2;
    };
    ASSERT_EQ(vtd_drv_drain_page_requests(drv, kSid, 5), 0);
    EXPECT_EQ(drains, 3u);
    EXPECT_EQ(unit.reg[0xdc], 0u);
}

TEST_F(PrqFake, EndlessUnfinishedGroupsDoNotPushOutThoseThatWait)
{
    start_with_queue();
    device(kSid, 5);
    answer = VTD_DRV_PAGE_LATER;
    request(UINT64_C(0x500100101), 0x103d); /* waits for its response: group 7 */
    ASSERT_EQ(vtd_drv_handle_page_requests(drv, nullptr), 1);
    for (uint32_t i = 0; i < 10000; i++) { /* of strangers, hence failures, and never the last one */
        request(UINT64_C(0x500000101) | (uint64_t)(0x1000 + i) << 16, 0x1001);
        ASSERT_EQ(vtd_drv_handle_page_requests(drv, nullptr), 1);
    }
    unit.take();
    request(UINT64_C(0x500100101), 0x1045); /* group 8 */
    ASSERT_EQ(vtd_drv_handle_page_requests(drv, nullptr), 1);
    EXPECT_EQ(unit.take(), Log{}) << "there is room for it";
    ASSERT_EQ(seen.size(), 2u);
    for (const vtd_drv_page_request &req : seen)
        EXPECT_EQ(vtd_drv_page_respond(drv, &req, VTD_DRV_PAGE_SUCCESS), 0);
}

TEST_F(PrqFake, TooManyThatWaitAreRefusedAtOnce)
{
    start_with_queue();
    device(kSid, 5);
    auto *d = vtd_drv_attached(drv, kSid, 5);
    for (uint32_t pasid = 6; pasid < 5 + 9; pasid++)
        ASSERT_EQ(vtd_drv_attach(drv, kSid, pasid, d), 0);
    unit.take();
    answer = VTD_DRV_PAGE_LATER;
    for (uint64_t i = 0; i < 4096 + 3; i++) { /* 512 groups of each of nine PASIDs, until the driver has enough */
        request((5 + i / 512) << 32 | 0x100101, 0x1005 | (i % 512) << 3);
        ASSERT_EQ(vtd_drv_handle_page_requests(drv, nullptr), 1);
    }
    EXPECT_EQ(unit.take(),
              (Log{"response sid=10 pasid=13 prgi=0 code=1", "wait", "response sid=10 pasid=13 prgi=1 code=1", "wait",
                   "response sid=10 pasid=13 prgi=2 code=1", "wait"}));
}

} // namespace
