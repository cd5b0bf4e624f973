/* SPDX-License-Identifier: MIT */
/* The drain of page requests over the model; and a random mix of everything. */
#include "prq_rig.h"

#include <cerrno>

namespace
{

constexpr uint64_t kPage = AtsRig::kPage;
constexpr uint16_t kSid = AtsRig::kSid, kOther = AtsRig::kOther;
constexpr unsigned kRw = AtsRig::kRw;

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
    vtd_page_request late = page_request(0x1000, 5, kSid, 9, VTD_PRQ_PASID | VTD_PRQ_READ | VTD_PRQ_LAST);
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
                            const vtd_page_request p =
                                page_request(0x1000, 5, kOther, 9, VTD_PRQ_PASID | VTD_PRQ_READ | VTD_PRQ_LAST);
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
