/* SPDX-License-Identifier: MIT */
/* Page requests in the driver, over the model: handling, groups, overflow, drain, answers that come later. */
#include "ats_rig.h"

#include <cerrno>

namespace
{

constexpr uint64_t kPage = AtsRig::kPage;
constexpr uint16_t kSid = AtsRig::kSid, kOther = AtsRig::kOther;
constexpr unsigned kRw = AtsRig::kRw;

vtd_config preset(bool caching_mode = false)
{
    vtd_config c;
    EXPECT_EQ(vtd_config_preset(&c, "default"), VTD_STATUS_OK);
    c.cap |= caching_mode ? UINT64_C(1) << 7 : 0;
    return c;
}

vtd_drv_options with_page_requests(uint8_t prq_size = 0)
{
    vtd_drv_options o{};
    o.page_requests = true;
    o.prq_size = prq_size;
    o.page_event_data = 0x51;
    o.page_event_address = 0xfee01000;
    return o;
}

struct PrqRig : AtsRig {
    std::vector<vtd_drv_page_request> seen;
    std::function<vtd_drv_page_answer(const vtd_drv_page_request &)> decide;

    explicit PrqRig(const vtd_config &config = preset(), uint8_t prq_size = 0)
        : AtsRig(config, with_page_requests(prq_size))
    {
        const auto handler = [](void *arg, const vtd_drv_page_request *req) {
            auto *rig = static_cast<PrqRig *>(arg);
            rig->seen.push_back(*req);
            return rig->decide ? rig->decide(*req) : VTD_DRV_PAGE_INVALID;
        };
        vtd_drv_set_page_handler(drv, handler, this);
    }

    /* Maps every page that is asked for 1 GiB above its address. */
    void map_on_demand()
    {
        decide = [](const vtd_drv_page_request &req) {
            const int error = vtd_drv_map(req.domain, req.addr, req.addr + k1G, kPage, kRw);
            return error && error != -EEXIST ? VTD_DRV_PAGE_INVALID : VTD_DRV_PAGE_SUCCESS;
        };
    }

    /* Asks for pages as one group; its index. */
    uint16_t ask(uint16_t sid, uint32_t pasid, uint64_t addr, unsigned count = 1, vtd_access kind = VTD_READ,
                 unsigned flags = 0)
    {
        const vtd_request req = want(pasid, addr, kind, flags);
        uint16_t prgi = 0;
        EXPECT_EQ(vtd_requester_request_pages(vtd_machine_requester(&machine, sid), &req, count, &prgi),
                  VTD_REQUESTER_WAITING);
        return prgi;
    }
    /* The response to a group; -1: there is none. */
    int response(uint16_t sid, uint16_t prgi)
    {
        uint8_t code;
        return vtd_requester_collect(vtd_machine_requester(&machine, sid), prgi, &code) ? code : -1;
    }
    int handle()
    {
        bool overflow;
        const int count = vtd_drv_handle_page_requests(drv, &overflow);
        EXPECT_FALSE(overflow);
        return count;
    }
    uint32_t prs()
    {
        return vtd_mmio_read32(machine.unit, 0xdc);
    }
    bool queue_is_empty()
    {
        return vtd_mmio_read64(machine.unit, 0xc0) == vtd_mmio_read64(machine.unit, 0xc8) && prs() == 0;
    }
    const vtd_requester_stats &stats(uint16_t sid)
    {
        return *vtd_requester_stats_get(vtd_machine_requester(&machine, sid));
    }
};

TEST(PageRequests, AMissingPageIsMappedOnDemand)
{
    for (bool caching_mode : {false, true}) {
        for (uint32_t pasid : {0u, 5u}) {
            PrqRig rig(preset(caching_mode));
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
            parts.push_back({0x1000, pasid, sid, 3, VTD_PRQ_PASID | VTD_PRQ_READ});
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
        PrqRig rig(preset(), size);
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
    vtd_page_request first{0x1000, 5, kSid, 9, VTD_PRQ_PASID | VTD_PRQ_READ};
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

/* ---------------------------------------------------------------- drain */

TEST(PageRequestDrain, DetachAnswersItsOwnAndHandlesOthers)
{
    PrqRig rig;
    rig.add(kSid, true);
    rig.add(kOther, true);
    auto *d = rig.make(VTD_DRV_FIRST_STAGE, 48);
    for (uint16_t sid : {kSid, kOther})
        for (uint32_t pasid : {0u, 5u, 6u})
            ASSERT_EQ(vtd_drv_attach(rig.drv, sid, pasid, d), 0);
    rig.decide = [](const vtd_drv_page_request &req) {
        EXPECT_FALSE(req.sid == kSid && req.pasid == 5) << "its entry goes away";
        return VTD_DRV_PAGE_SUCCESS;
    };
    const uint16_t mine = rig.ask(kSid, 5, 0x1000), group = rig.ask(kSid, 5, 0x2000, 3);
    const uint16_t beside = rig.ask(kSid, 6, 0x1000), rid = rig.ask(kSid, 0, 0x1000);
    const uint16_t other = rig.ask(kOther, 5, 0x1000);
    ASSERT_EQ(vtd_drv_detach(rig.drv, kSid, 5), 0);
    EXPECT_EQ(rig.response(kSid, mine), 1);
    EXPECT_EQ(rig.response(kSid, group), 1);
    EXPECT_EQ(rig.response(kSid, beside), 0);
    EXPECT_EQ(rig.response(kSid, rid), 0);
    EXPECT_EQ(rig.response(kOther, other), 0);
    EXPECT_TRUE(rig.queue_is_empty());
    EXPECT_EQ(rig.seen.size(), 3u);
}

TEST(PageRequestDrain, ReplaceLetsTheDeviceTryAgain)
{
    PrqRig rig;
    rig.add(kSid, true);
    auto *before = rig.make(VTD_DRV_FIRST_STAGE, 48), *after = rig.make(VTD_DRV_FIRST_STAGE, 48);
    ASSERT_EQ(vtd_drv_map(after, 0x1000, 0x5000, kPage, kRw), 0);
    ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, 5, before), 0);
    vtd_requester_outcome out = rig.access(kSid, 5, 0x1000);
    ASSERT_EQ(out.result, VTD_REQUESTER_WAITING);
    ASSERT_EQ(vtd_drv_replace(rig.drv, kSid, 5, after), 0);
    EXPECT_EQ(vtd_requester_retry(vtd_machine_requester(&rig.machine, kSid), out.prgi, &out), VTD_REQUESTER_DONE);
    EXPECT_EQ(out.hpa, 0x5000u);
    EXPECT_TRUE(rig.seen.empty());
}

TEST(PageRequestDrain, OfAWholeDeviceWhenPageRequestsGoOff)
{
    PrqRig rig;
    auto *device = rig.add(kSid, true);
    auto *d = rig.make(VTD_DRV_FIRST_STAGE, 48);
    std::vector<uint16_t> groups;
    for (uint32_t pasid : {0u, 5u, 6u}) {
        ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, pasid, d), 0);
        groups.push_back(rig.ask(kSid, pasid, 0x1000));
    }
    ASSERT_EQ(vtd_drv_pri_disable(rig.drv, kSid), 0);
    for (uint16_t prgi : groups)
        EXPECT_EQ(rig.response(kSid, prgi), 1);
    EXPECT_FALSE(vtd_requester_has_pri_on(device));
    vtd_page_request late{0x1000, 5, kSid, 9, VTD_PRQ_PASID | VTD_PRQ_READ | VTD_PRQ_LAST};
    vtd_prq_result result;
    ASSERT_EQ(vtd_page_request_submit(rig.machine.unit, &late, &result), VTD_STATUS_OK);
    EXPECT_EQ(result, VTD_PRQ_REJECTED) << "PRE is 0";
}

TEST(PageRequestDrain, EndsAnOverflowAndRepeats)
{
    PrqRig rig;
    rig.add(kSid, true);
    rig.add(kOther, true);
    auto *d = rig.make(VTD_DRV_FIRST_STAGE, 48);
    for (uint16_t sid : {kSid, kOther})
        ASSERT_EQ(vtd_drv_attach(rig.drv, sid, 5, d), 0);
    rig.map_on_demand();
    for (unsigned i = 0; i < 100; i++) {
        rig.ask(kSid, 5, 0x100000 + i * kPage);
        rig.ask(kOther, 5, 0x100000 + i * kPage);
    }
    rig.flushes = 0;
    ASSERT_EQ(vtd_drv_drain_page_requests(rig.drv, kSid, 5), 0);
    EXPECT_TRUE(rig.queue_is_empty());
    EXPECT_EQ(rig.outstanding(kSid) + rig.outstanding(kOther), 0u);
    EXPECT_EQ(rig.stats(kSid).unexpected_responses + rig.stats(kOther).unexpected_responses, 0u);
    EXPECT_EQ(vtd_drv_drain_page_requests(rig.drv, 0x77, 5), -ENOENT);
}

TEST(PageRequestDrain, GivesUpOnADeviceThatNeverLetsTheQueueGetEmpty)
{
    PrqRig rig;
    rig.add(kSid, true);
    rig.add(kOther, true);
    auto *d = rig.make(VTD_DRV_FIRST_STAGE, 48);
    for (uint16_t sid : {kSid, kOther})
        ASSERT_EQ(vtd_drv_attach(rig.drv, sid, 5, d), 0);
    rig.map_on_demand();
    rig.waiting = [&] { /* a device that asks on and on without waiting for answers */
                        for (unsigned i = 0; i < 200; i++) {
                            const vtd_page_request p{0x1000, 5, kOther, 9, VTD_PRQ_PASID | VTD_PRQ_READ | VTD_PRQ_LAST};
                            vtd_prq_result result;
                            vtd_page_request_submit(rig.machine.unit, &p, &result);
                        }
    };
    ASSERT_TRUE(vtd_machine_set_answer(&rig.machine, kSid, VTD_ANSWER_PROMPT));
    EXPECT_EQ(vtd_drv_drain_page_requests(rig.drv, kSid, 5), -ETIMEDOUT);
    rig.waiting = nullptr;
    EXPECT_EQ(vtd_drv_drain_page_requests(rig.drv, kSid, 5), 0);
}

TEST(PageRequestDrain, AnswersWhatWasLeftForLater)
{
    PrqRig rig;
    rig.add(kSid, true);
    auto *d = rig.make(VTD_DRV_FIRST_STAGE, 48);
    for (uint32_t pasid : {5u, 6u})
        ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, pasid, d), 0);
    rig.decide = [](const vtd_drv_page_request &) { return VTD_DRV_PAGE_LATER; };
    const uint16_t gone = rig.ask(kSid, 5, 0x1000), stays = rig.ask(kSid, 6, 0x1000);
    EXPECT_EQ(rig.handle(), 2);
    ASSERT_EQ(vtd_drv_detach(rig.drv, kSid, 5), 0);
    EXPECT_EQ(rig.response(kSid, gone), 1);
    EXPECT_EQ(rig.response(kSid, stays), -1);
    EXPECT_EQ(vtd_drv_page_respond(rig.drv, &rig.seen[0], VTD_DRV_PAGE_SUCCESS), -ENOENT);
    EXPECT_EQ(vtd_drv_page_respond(rig.drv, &rig.seen[1], VTD_DRV_PAGE_SUCCESS), 0);
    EXPECT_EQ(rig.response(kSid, stays), 0);
}

TEST(PageRequestDrain, StopLeavesNobodyWaiting)
{
    PrqRig rig;
    rig.add(kSid, true);
    ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, 5, rig.make(VTD_DRV_FIRST_STAGE, 48)), 0);
    rig.decide = [](const vtd_drv_page_request &) { return VTD_DRV_PAGE_LATER; };
    const uint16_t later = rig.ask(kSid, 5, 0x1000);
    rig.handle();
    const uint16_t queued = rig.ask(kSid, 5, 0x1000);
    ASSERT_EQ(vtd_drv_stop(rig.drv), 0);
    EXPECT_EQ(rig.response(kSid, later), 1);
    EXPECT_EQ(rig.response(kSid, queued), 1);
    EXPECT_EQ(vtd_drv_handle_page_requests(rig.drv, nullptr), -ENODEV);
    ASSERT_EQ(vtd_drv_start(rig.drv), 0);
    rig.map_on_demand();
    const uint16_t again = rig.ask(kSid, 5, 0x1000);
    EXPECT_EQ(rig.handle(), 1);
    EXPECT_EQ(rig.response(kSid, again), 0);
}

TEST(PageRequestDrain, ADeviceThatIsSilentMeanwhileLosesAts)
{
    PrqRig rig;
    rig.add(kSid, true);
    ASSERT_EQ(vtd_drv_attach(rig.drv, kSid, 5, rig.make(VTD_DRV_FIRST_STAGE, 48)), 0);
    const uint16_t prgi = rig.ask(kSid, 5, 0x1000);
    ASSERT_TRUE(vtd_machine_set_answer(&rig.machine, kSid, VTD_ANSWER_NEVER));
    EXPECT_EQ(vtd_drv_pri_disable(rig.drv, kSid), -ETIMEDOUT);
    vtd_drv_ats_state state;
    ASSERT_EQ(vtd_drv_ats_get(rig.drv, kSid, &state), 0);
    EXPECT_TRUE(!state.ats && !state.pri && state.timed_out);
    EXPECT_EQ(rig.response(kSid, prgi), 1);
    EXPECT_EQ(vtd_drv_detach(rig.drv, kSid, 5), 0);
    EXPECT_EQ(vtd_drv_device_remove(rig.drv, kSid), 0);
}

/* ---------------------------------------------------------------- many of everything */

TEST(PageRequestsAtRandom, NoResponseIsLostOrDoubledWhileEntriesComeAndGo)
{
    for (unsigned seed = 1; seed <= 8; seed++) {
        PrqRig rig;
        std::mt19937_64 random(seed);
        std::vector<vtd_drv_page_request> later;
        std::map<uint16_t, uint64_t> asked;
        vtd_drv_domain *d[2] = {rig.make(VTD_DRV_FIRST_STAGE, 48), rig.make(VTD_DRV_FIRST_STAGE, 48)};
        for (uint16_t sid : {kSid, kOther})
            rig.add(sid, true);
        rig.decide = [&](const vtd_drv_page_request &req) {
            const unsigned dice = (unsigned)(random() % 4);
            if (dice == 0 && req.last)
                later.push_back(req);
            return dice == 0 ? VTD_DRV_PAGE_LATER : dice == 1 ? VTD_DRV_PAGE_INVALID : VTD_DRV_PAGE_SUCCESS;
        };
        for (unsigned step = 0; step < 3000 && !testing::Test::HasFailure(); step++) {
            const uint16_t sid = random() % 2 ? kSid : kOther;
            const uint32_t pasid = (uint32_t)(random() % 3);
            const unsigned dice = (unsigned)(random() % 100);
            const bool attached = vtd_drv_attached(rig.drv, sid, pasid) != nullptr;
            if (dice < 80 && rig.outstanding(sid) < 400) {
                const vtd_request req = AtsRig::want(pasid, (1 + random() % 64) * kPage);
                uint16_t prgi;
                const unsigned count = 1 + (unsigned)(random() % 4);
                asked[sid] += vtd_requester_request_pages(vtd_machine_requester(&rig.machine, sid), &req, count,
                                                          &prgi) == VTD_REQUESTER_WAITING;
            } else if (dice < 85) {
                ASSERT_EQ(attached ? vtd_drv_detach(rig.drv, sid, pasid)
                                   : vtd_drv_attach(rig.drv, sid, pasid, d[random() % 2]),
                          0);
            } else if (dice < 87 && attached) {
                ASSERT_EQ(vtd_drv_replace(rig.drv, sid, pasid, d[random() % 2]), 0);
            } else if (dice < 88) {
                ASSERT_EQ(vtd_drv_pri_disable(rig.drv, sid), 0);
                ASSERT_EQ(rig.outstanding(sid), 0u) << "drained";
                ASSERT_EQ(vtd_drv_pri_enable(rig.drv, sid), 0);
            } else if (dice < 95 && !later.empty()) {
                const size_t i = random() % later.size();
                const int error = vtd_drv_page_respond(rig.drv, &later[i], VTD_DRV_PAGE_SUCCESS);
                ASSERT_TRUE(error == 0 || error == -ENOENT);
                later.erase(later.begin() + (long)i);
            } else if (dice >= 98) {
                ASSERT_GE(vtd_drv_handle_page_requests(rig.drv, nullptr), 0);
            }
            vtd_drv_handle_faults(rig.drv, nullptr, nullptr, nullptr);
            for (uint16_t s : {kSid, kOther}) /* devices take their responses, so that indices are used again */
                for (uint16_t prgi = 0; prgi < VTD_REQUESTER_GROUPS; prgi++)
                    rig.response(s, prgi);
        }
        for (uint16_t sid : {kSid, kOther}) {
            ASSERT_EQ(vtd_drv_drain_page_requests(rig.drv, sid, VTD_DRV_ALL_PASIDS), 0);
            EXPECT_EQ(rig.outstanding(sid), 0u);
            EXPECT_EQ(rig.stats(sid).page_responses, asked[sid]);
            EXPECT_EQ(rig.stats(sid).unexpected_responses, 0u);
        }
        EXPECT_TRUE(rig.queue_is_empty());
    }
}

} // namespace
