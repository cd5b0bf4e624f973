/* SPDX-License-Identifier: MIT */
/* Page requests in the driver, over the model: handling, groups, overflow, answers that come later. */
#include "prq_rig.h"

#include <cerrno>

namespace
{

constexpr uint64_t kPage = AtsRig::kPage;
constexpr uint16_t kSid = AtsRig::kSid, kOther = AtsRig::kOther;

TEST(PageRequests, AMissingPageIsMappedOnDemand)
{
    for (bool caching_mode : {false, true}) {
        for (uint32_t pasid : {0u, 5u}) {
            PrqRig rig(prq_config(caching_mode));
            rig.add(kSid, true);
            auto *d = rig.make(pasid ? VTD_DRV_FIRST_STAGE : VTD_DRV_SECOND_STAGE, 48);
            ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, pasid, d), 0);
            rig.map_on_demand();
            vtd_requester_outcome out = rig.access(kSid, pasid, 0x7000, VTD_WRITE);
            ASSERT_EQ(out.result, VTD_REQUESTER_WAITING);
            vtd_msi_message msi;
            ASSERT_TRUE(vtd_msi_sink_take(&rig.machine.msi, &msi));
            EXPECT_EQ(msi.addr, 0xfee01000u);
            EXPECT_EQ(msi.data, 0x51u);
            EXPECT_EQ(rig.handle(), 1);
            ASSERT_EQ(rig.seen.size(), 1u);
            const vtd_drv_page_request &req = rig.seen[0];
            EXPECT_EQ(req.domain, d);
            EXPECT_EQ(req.addr, 0x7000u);
            EXPECT_EQ(req.sid, kSid);
            EXPECT_EQ(req.has_pasid, pasid != 0);
            EXPECT_EQ(req.pasid, pasid);
            EXPECT_TRUE(req.write && !req.read && req.last && !req.privileged && !req.execute);
            ASSERT_EQ(vtd_requester_retry(vtd_machine_requester(&rig.machine, kSid), out.prgi, &out),
                      VTD_REQUESTER_DONE);
            EXPECT_EQ(out.hpa, AtsRig::k1G + 0x7000);
            EXPECT_TRUE(rig.queue_is_empty());
        }
    }
}

TEST(PageRequests, EachNewRequestRaisesAnEventAfterTheHandler)
{
    PrqRig rig;
    rig.add(kSid, true);
    ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, 5, rig.make(VTD_DRV_FIRST_STAGE, 48)), 0);
    vtd_msi_message msi;
    for (unsigned round = 0; round < 3; round++) {
        rig.ask(kSid, 5, 0x1000);
        rig.ask(kSid, 5, 0x2000);
        EXPECT_TRUE(vtd_msi_sink_take(&rig.machine.msi, &msi));
        EXPECT_FALSE(vtd_msi_sink_take(&rig.machine.msi, &msi)) << "one until PPR is cleared";
        EXPECT_EQ(rig.handle(), 2);
        EXPECT_EQ(rig.handle(), 0);
    }
}

TEST(PageRequests, AGroupHasOneResponseAndItIsTheWorst)
{
    PrqRig rig;
    rig.add(kSid, true);
    ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, 5, rig.make(VTD_DRV_FIRST_STAGE, 48)), 0);
    for (const uint64_t bad : {0x0, 0x10000, 0x11000, 0x12000}) { /* none, first, middle, last */
        rig.decide = [bad](const vtd_drv_page_request &req) {
            return req.addr == bad ? VTD_DRV_PAGE_INVALID : VTD_DRV_PAGE_SUCCESS;
        };
        const uint64_t before = rig.stats(kSid).page_responses;
        const uint16_t prgi = rig.ask(kSid, 5, 0x10000, 3);
        EXPECT_EQ(rig.handle(), 3);
        EXPECT_EQ(rig.response(kSid, prgi), bad ? 1 : 0);
        EXPECT_EQ(rig.stats(kSid).page_responses, before + 1);
    }
}

TEST(PageRequests, GroupsAreKeptApartWhenTheyArriveInParts)
{
    PrqRig rig;
    rig.add(kSid, true);
    rig.add(kOther, true);
    auto *d = rig.make(VTD_DRV_FIRST_STAGE, 48);
    for (uint16_t sid : {kSid, kOther})
        for (uint32_t pasid : {5u, 6u})
            ASSERT_EQ(vtd_drv_attach(rig.drv, sid, pasid, d), 0);
    rig.decide = [](const vtd_drv_page_request &req) {
        return !req.last && req.sid == kSid && req.pasid == 5 ? VTD_DRV_PAGE_INVALID : VTD_DRV_PAGE_SUCCESS;
    };
    std::vector<vtd_page_request> parts; /* all with group 3, as PCIe allows for different devices */
    for (uint16_t sid : {kSid, kOther})
        for (uint32_t pasid : {5u, 6u})
            parts.push_back(page_request(0x1000, pasid, sid, 3, VTD_PRQ_PASID | VTD_PRQ_READ));
    for (unsigned last = 0; last < 2; last++) {
        for (vtd_page_request p : parts) {
            p.flags |= last ? VTD_PRQ_LAST : 0;
            vtd_prq_result result;
            ASSERT_EQ(vtd_page_request_submit(rig.machine.unit, &p, &result), VTD_STATUS_OK);
        }
        EXPECT_EQ(rig.handle(), 4) << "the first half of all groups, then the second";
    }
    EXPECT_EQ(rig.stats(kSid).page_responses, 2u);
    EXPECT_EQ(rig.stats(kOther).page_responses, 2u);
}

TEST(PageRequests, WhatNobodyMayAskForIsInvalidWithoutTheHandler)
{
    PrqRig rig;
    rig.add(kSid, true);
    ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, 5, rig.make(VTD_DRV_FIRST_STAGE, 48)), 0);
    rig.decide = [](const vtd_drv_page_request &) { return VTD_DRV_PAGE_SUCCESS; };
    const uint16_t priv = rig.ask(kSid, 5, 0x1000, 1, VTD_WRITE, VTD_REQ_PRIV);
    const uint16_t exec = rig.ask(kSid, 5, 0x1000, 1, VTD_EXEC);
    const uint16_t hole = rig.ask(kSid, 5, UINT64_C(0x800000000000));
    const uint16_t good = rig.ask(kSid, 5, UINT64_C(0xffff800000000000));
    EXPECT_EQ(rig.handle(), 4);
    EXPECT_EQ(rig.response(kSid, priv), 1);
    EXPECT_EQ(rig.response(kSid, exec), 1);
    EXPECT_EQ(rig.response(kSid, hole), 1) << "not canonical";
    EXPECT_EQ(rig.response(kSid, good), 0);
    EXPECT_EQ(rig.seen.size(), 1u);
}

TEST(PageRequests, WithoutAHandlerAllAreInvalid)
{
    PrqRig rig;
    rig.add(kSid, true);
    ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, 5, rig.make(VTD_DRV_FIRST_STAGE, 48)), 0);
    vtd_drv_set_page_handler(rig.drv, nullptr, nullptr);
    const uint16_t prgi = rig.ask(kSid, 5, 0x1000);
    EXPECT_EQ(rig.handle(), 1);
    EXPECT_EQ(rig.response(kSid, prgi), 1);
}

TEST(PageRequests, StopMarkersAreTakenWithoutAnAnswer)
{
    PrqRig rig;
    rig.add(kSid, true);
    ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, 5, rig.make(VTD_DRV_FIRST_STAGE, 48)), 0);
    EXPECT_EQ(vtd_requester_stop_marker(vtd_machine_requester(&rig.machine, kSid), 5), VTD_PRQ_QUEUED);
    EXPECT_EQ(rig.handle(), 1);
    EXPECT_EQ(rig.stats(kSid).page_responses, 0u);
    EXPECT_TRUE(rig.seen.empty());
}

TEST(PageRequests, AnOverflowIsEndedAndEveryGroupIsAnsweredOnce)
{
    for (uint8_t size : {0, 2}) {
        PrqRig rig(prq_config(), size);
        rig.add(kSid, true);
        ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, 5, rig.make(VTD_DRV_FIRST_STAGE, 48)), 0);
        rig.map_on_demand();
        const unsigned room = (128u << size) - 1, asked = 500;
        for (unsigned i = 0; i < asked; i++)
            rig.ask(kSid, 5, 0x100000 + i * kPage);
        bool overflow = false;
        EXPECT_EQ(vtd_drv_handle_page_requests(rig.drv, &overflow), (int)std::min(room, asked));
        EXPECT_EQ(overflow, asked > room);
        EXPECT_EQ(rig.outstanding(kSid), 0u);
        EXPECT_EQ(rig.stats(kSid).page_responses, asked);
        EXPECT_EQ(rig.stats(kSid).unexpected_responses, 0u);
        EXPECT_TRUE(rig.queue_is_empty());
        EXPECT_EQ(vtd_drv_handle_page_requests(rig.drv, &overflow), 0);
        EXPECT_FALSE(overflow);
    }
}

TEST(PageRequests, AfterAnOverflowFailuresOfLostGroupsAreForgotten)
{
    PrqRig rig;
    rig.add(kSid, true);
    ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, 5, rig.make(VTD_DRV_FIRST_STAGE, 48)), 0);
    rig.decide = [](const vtd_drv_page_request &) { return VTD_DRV_PAGE_INVALID; };
    vtd_prq_result result;
    vtd_page_request first = page_request(0x1000, 5, kSid, 9, VTD_PRQ_PASID | VTD_PRQ_READ);
    ASSERT_EQ(vtd_page_request_submit(rig.machine.unit, &first, &result), VTD_STATUS_OK);
    rig.handle();
    for (unsigned i = 0; i < 127; i++) /* then the last one of group 9 meets a full queue */
        rig.ask(kSid, 5, 0x100000 + i * kPage);
    first.flags |= VTD_PRQ_LAST;
    ASSERT_EQ(vtd_page_request_submit(rig.machine.unit, &first, &result), VTD_STATUS_OK);
    ASSERT_EQ(result, VTD_PRQ_OVERFLOW);
    bool overflow;
    EXPECT_EQ(vtd_drv_handle_page_requests(rig.drv, &overflow), 127);
    EXPECT_TRUE(overflow);
    rig.decide = [](const vtd_drv_page_request &) { return VTD_DRV_PAGE_SUCCESS; };
    for (unsigned i = 0; i < 20; i++) { /* one of them is group 9 */
        const uint16_t prgi = rig.ask(kSid, 5, 0x1000);
        rig.handle();
        EXPECT_EQ(rig.response(kSid, prgi), 0);
    }
}

TEST(PageRequests, AnswersMayComeLaterAndInAnyOrder)
{
    PrqRig rig;
    rig.add(kSid, true);
    ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, 5, rig.make(VTD_DRV_FIRST_STAGE, 48)), 0);
    rig.decide = [](const vtd_drv_page_request &req) {
        return req.last ? VTD_DRV_PAGE_LATER : req.addr == 0x20000 ? VTD_DRV_PAGE_INVALID : VTD_DRV_PAGE_SUCCESS;
    };
    const uint16_t a = rig.ask(kSid, 5, 0x10000, 2), b = rig.ask(kSid, 5, 0x20000, 2), c = rig.ask(kSid, 5, 0x30000);
    EXPECT_EQ(rig.handle(), 5);
    for (uint16_t prgi : {a, b, c})
        EXPECT_EQ(rig.response(kSid, prgi), -1);
    const vtd_drv_page_request last_a = rig.seen[1], last_b = rig.seen[3], last_c = rig.seen[4];
    EXPECT_EQ(vtd_drv_page_respond(rig.drv, &last_c, VTD_DRV_PAGE_LATER), -EINVAL);
    EXPECT_EQ(vtd_drv_page_respond(rig.drv, &last_c, VTD_DRV_PAGE_INVALID), 0);
    EXPECT_EQ(vtd_drv_page_respond(rig.drv, &last_a, VTD_DRV_PAGE_SUCCESS), 0);
    EXPECT_EQ(vtd_drv_page_respond(rig.drv, &last_b, VTD_DRV_PAGE_SUCCESS), 0);
    EXPECT_EQ(rig.response(kSid, a), 0);
    EXPECT_EQ(rig.response(kSid, b), 1) << "its first page was refused";
    EXPECT_EQ(rig.response(kSid, c), 1);
    EXPECT_EQ(vtd_drv_page_respond(rig.drv, &last_a, VTD_DRV_PAGE_SUCCESS), -ENOENT) << "once";
}

TEST(PageRequests, AResponseFailureEndsPageRequestsInTheDevice)
{
    PrqRig rig;
    auto *device = rig.add(kSid, true);
    ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, 5, rig.make(VTD_DRV_FIRST_STAGE, 48)), 0);
    rig.decide = [](const vtd_drv_page_request &) { return VTD_DRV_PAGE_FAILURE; };
    const uint16_t prgi = rig.ask(kSid, 5, 0x10000, 2);
    rig.handle();
    EXPECT_EQ(rig.response(kSid, prgi), 15);
    EXPECT_FALSE(vtd_requester_has_pri_on(device));
}

} // namespace
