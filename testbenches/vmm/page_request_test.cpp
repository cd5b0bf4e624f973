/* SPDX-License-Identifier: MIT */
/*
 * Page requests of devices of a guest, by both ways to map PASIDs (ref 7.1, 9): to the guest under its PASID, its
 * response back under the host's, and the access goes on. And guests that answer late, twice, for others, or never.
 */
#include "paging_rig.h"

namespace
{

constexpr uint16_t kGuestSid = 0x0008, kHostSid = 0x0510, kOtherHostSid = 0x9910;
constexpr uint64_t kGva = 0x7f0000400000;

enum : int {
    kSuccess = 0,
    kInvalid = 1,
    kFailure = 15
};

struct PageRequests : testing::TestWithParam<bool> {
    PagingHost host;
    PagingGuest other{host, 1, GetParam()}; /* so that the numbers of host and guest differ where they may */
    PagingGuest vm{host, 0, GetParam()};
    vtd_requester *others_device = other.give(kGuestSid, kOtherHostSid);
    vtd_requester *device = vm.give(kGuestSid, kHostSid);
    vtd_drv_domain *others_process = nullptr, *process = nullptr;
    uint32_t others_pasid = other.bind(kGuestSid, &others_process);
    uint32_t pasid = vm.bind(kGuestSid, &process);
    uint32_t hpasid = vm.host_pasid(kGuestSid, pasid);
    uint32_t others_hpasid = other.host_pasid(kGuestSid, others_pasid);

    void SetUp() override
    {
        ASSERT_EQ(pasid != hpasid, GetParam());
        vm.map_on_demand(kGva);
        vm.interrupts.clear();
        vm.events.clear();
    }
    /* Every request was taken by somebody, and every group that ended did so once. */
    void TearDown() override
    {
        for (vtd_requester *d : {device, others_device}) {
            EXPECT_EQ(vtd_requester_stats_get(d)->unexpected_responses, 0u);
            EXPECT_EQ(vtd_requester_outstanding(d), 0u);
        }
        for (PagingGuest *g : {&vm, &other}) {
            EXPECT_EQ(vtd_vmm_expire_page_requests(g->vmm), 0u);
        }
    }
};

} // namespace

INSTANTIATE_TEST_SUITE_P(Vmm, PageRequests, testing::Bool(),
                         [](const auto &i) { return i.param ? "GuestOwned" : "Identity"; });

TEST_P(PageRequests, ADemandFaultIsHandledByTheGuestAndTheAccessGoesOn)
{
    const vtd_requester_outcome out = host.access(device, hpasid, kGva + 0x5123, VTD_WRITE);
    ASSERT_EQ(out.result, VTD_REQUESTER_WAITING);
    EXPECT_EQ(vm.handle(), 0) << "still in the host's queue";
    ASSERT_EQ(host.handle(), 1);
    EXPECT_EQ(vm.interrupts, std::vector<uint32_t>{GuestMachine::kPageEvent});
    EXPECT_EQ(host.retry(device, out.prgi).result, VTD_REQUESTER_WAITING);
    ASSERT_EQ(vm.handle(), 1);
    const vtd_drv_page_request &seen = vm.seen.at(0);
    EXPECT_EQ(seen.sid, kGuestSid);
    EXPECT_EQ(seen.pasid, pasid);
    EXPECT_EQ(seen.addr, kGva + 0x5000);
    EXPECT_TRUE(seen.has_pasid && seen.write && seen.last && !seen.read && !seen.privileged && !seen.execute);
    EXPECT_EQ(seen.domain, process);
    const vtd_requester_outcome again = host.retry(device, out.prgi);
    EXPECT_EQ(again.result, VTD_REQUESTER_DONE);
    EXPECT_EQ(again.hpa, vm.base + GuestMachine::kData + 0x5123);
    EXPECT_TRUE(other.seen.empty());

    ASSERT_EQ(vm.events.size(), 2u);
    EXPECT_EQ(vm.events[0].kind, VTD_VMM_PAGE_REQUEST);
    EXPECT_EQ(vm.events[0].addr, kGva + 0x5000);
    EXPECT_EQ(vm.events[1].kind, VTD_VMM_PAGE_RESPONSE);
    for (const vtd_vmm_event &e : vm.events) {
        EXPECT_EQ(e.gpasid, pasid);
        EXPECT_EQ(e.hpasid, hpasid);
        EXPECT_EQ(e.guest_sid, kGuestSid);
        EXPECT_EQ(e.host_sid, kHostSid);
        EXPECT_EQ(e.prgi, out.prgi);
        EXPECT_EQ(e.result + e.code, 0);
    }
}

TEST_P(PageRequests, AGroupIsAnsweredOnceWithItsWorstAnswer)
{
    const uint16_t good = host.ask(device, hpasid, kGva, 5), bad = host.ask(device, hpasid, kGva + 32 * kPage, 4);
    ASSERT_EQ(host.handle(), 9);
    EXPECT_EQ(host.response(device, good), -1);
    const auto map = vm.decide;
    vm.decide = [&](const vtd_drv_page_request &r) {
        return r.addr == kGva + 33 * kPage ? VTD_DRV_PAGE_INVALID : map(r);
    };
    ASSERT_EQ(vm.handle(), 9);
    EXPECT_EQ(host.response(device, good), kSuccess);
    EXPECT_EQ(host.response(device, bad), kInvalid);
    for (unsigned i = 0; i < 9; i++) {
        EXPECT_EQ(vm.seen[i].addr, i < 5 ? kGva + i * kPage : kGva + (27 + i) * kPage);
        EXPECT_EQ(vm.seen[i].last, i == 4 || i == 8) << "LPIG is passed on";
    }
    for (unsigned i = 0; i < 5; i++)
        EXPECT_EQ(host.access(device, hpasid, kGva + i * kPage).hpa, vm.base + GuestMachine::kData + i * kPage);
    EXPECT_EQ(vm.stats().page_requests, 9u);
    EXPECT_EQ(vm.stats().page_responses, 2u);
}

TEST_P(PageRequests, FiveLevelGuestsWorkBesideOthersWithTheSameIndices)
{
    vtd_drv_domain *wide = nullptr;
    const uint32_t p = other.bind(kGuestSid, &wide, 57), hp = other.host_pasid(kGuestSid, p);
    const uint64_t va = UINT64_C(0x00aa000000000000);
    other.map_on_demand(va);
    const uint16_t a = host.ask(device, hpasid, kGva), b = host.ask(others_device, hp, va);
    ASSERT_EQ(a, b) << "both devices begin with the same group index";
    ASSERT_EQ(host.handle(), 2);
    ASSERT_EQ(vm.handle(), 1);
    EXPECT_EQ(host.response(others_device, b), -1) << "the other guest's answer is not for this one";
    ASSERT_EQ(other.handle(), 1);
    EXPECT_EQ(host.response(device, a), kSuccess);
    EXPECT_EQ(host.response(others_device, b), kSuccess);
    EXPECT_EQ(host.access(others_device, hp, va + 8).hpa, other.base + GuestMachine::kData + 8);
}

TEST_P(PageRequests, EachCodeReachesTheDevice)
{
    vm.decide = [](const vtd_drv_page_request &) { return VTD_DRV_PAGE_LATER; };
    const int expected[] = {kSuccess, kInvalid, kFailure};
    const unsigned codes[] = {0, 1, 7 /* does not exist: a failure for PCIe */};
    for (unsigned i = 0; i < 3; i++) {
        const uint16_t prgi = host.ask(device, hpasid, kGva + i * kPage);
        ASSERT_EQ(host.handle(), 1);
        vm.respond_raw(kGuestSid, true, pasid, prgi, codes[i]);
        EXPECT_EQ(host.response(device, prgi), expected[i]);
    }
    EXPECT_FALSE(vtd_requester_has_pri_on(device)) << "after the failure";
}

TEST_P(PageRequests, RequestsWithoutPasidReachAGuestThatHasAFirstStageForThem)
{
    const vtd_request req = host.want(0, GuestMachine::kMemory);
    uint16_t prgi = 0;
    ASSERT_EQ(vtd_requester_request_pages(device, &req, 1, &prgi), VTD_REQUESTER_WAITING);
    ASSERT_EQ(host.handle(), 1);
    EXPECT_EQ(host.response(device, prgi), kInvalid) << "of the machine's memory, in which the guest has no say";

    vtd_drv_domain *rid = vm.process();
    ASSERT_EQ(vtd_drv_attach(vm.drv, kGuestSid, VTD_DRV_RID_PASID, rid), 0);
    const vtd_requester_outcome out = host.access(device, 0, kGva);
    ASSERT_EQ(out.result, VTD_REQUESTER_WAITING);
    ASSERT_EQ(host.handle(), 1);
    ASSERT_EQ(vm.handle(), 1);
    EXPECT_FALSE(vm.seen.at(0).has_pasid);
    EXPECT_EQ(vm.seen[0].domain, rid);
    EXPECT_EQ(host.retry(device, out.prgi).hpa, vm.base + GuestMachine::kData);

    const uint16_t open = host.ask(device, 0, kGva + kPage);
    ASSERT_EQ(host.handle(), 1);
    ASSERT_EQ(vtd_drv_detach(vm.drv, kGuestSid, VTD_DRV_RID_PASID), 0);
    EXPECT_GE(host.response(device, open), 0) << "answered by whoever takes the entry down";
}

/* ---------------------------------------------------------------- what the guest's unit decides by itself */

TEST_P(PageRequests, AGuestThatDoesNotAllowThemGetsAFaultAndTheDeviceAnError)
{
    ASSERT_EQ(vtd_drv_pri_disable(vm.drv, kGuestSid), 0);
    const uint16_t prgi = host.ask(device, hpasid, kGva, 2);
    ASSERT_EQ(host.handle(), 2);
    EXPECT_EQ(host.response(device, prgi), kInvalid);
    ASSERT_EQ(vm.handle_faults(), 2);
    for (const vtd_drv_fault &f : vm.faults) {
        EXPECT_EQ(f.reason, VTD_FAULT_SCT_8);
        EXPECT_EQ(f.type, 1) << "a page request";
        EXPECT_EQ(f.sid, kGuestSid);
        EXPECT_EQ(f.pasid, pasid);
    }
    EXPECT_EQ(vm.stats().page_requests_refused, 2u);
}

TEST_P(PageRequests, AFullQueueOfTheGuestIsItsOwnOverflow)
{
    constexpr unsigned kAsked = 200, kRoom = 127; /* a queue of 128 slots */
    std::vector<uint16_t> prgi;
    for (unsigned i = 0; i < kAsked; i++) {
        prgi.push_back(host.ask(device, hpasid, kGva + i * kPage));
        ASSERT_EQ(host.handle(), 1);
    }
    const uint16_t others = host.ask(others_device, others_hpasid, kGva);
    ASSERT_EQ(host.handle(), 1);
    EXPECT_EQ(other.handle(), 1) << "the other guest has a queue of its own";
    EXPECT_EQ(host.response(others_device, others), kInvalid);

    for (unsigned i = 0; i < kAsked; i++)
        EXPECT_EQ(host.response(device, prgi[i]), i < kRoom ? -1 : kSuccess) << i << ": the device comes again";
    bool overflow = false;
    EXPECT_EQ(vm.handle(&overflow), (int)kRoom);
    EXPECT_TRUE(overflow);
    for (unsigned i = 0; i < kRoom; i++)
        EXPECT_EQ(host.response(device, prgi[i]), kSuccess);
    EXPECT_EQ(vm.stats().page_requests, kRoom);
    EXPECT_EQ(vm.stats().page_requests_overflowed, kAsked - kRoom);
    const vtd_requester_outcome out = host.access(device, hpasid, kGva + (kAsked - 1) * kPage);
    ASSERT_EQ(out.result, VTD_REQUESTER_WAITING);
    host.handle();
    EXPECT_EQ(vm.handle(), 1);
    EXPECT_EQ(host.retry(device, out.prgi).result, VTD_REQUESTER_DONE);
}

TEST_P(PageRequests, AFullQueueOfTheHostLosesNothingForTheOthers)
{
    constexpr unsigned kAsked = 300, kRoom = 127;
    std::vector<uint16_t> prgi;
    const uint16_t others = host.ask(others_device, others_hpasid, kGva);
    for (unsigned i = 0; i < kAsked; i++)
        prgi.push_back(host.ask(device, hpasid, kGva + i * kPage));
    bool overflow = false;
    EXPECT_EQ(host.handle(&overflow), (int)kRoom);
    EXPECT_TRUE(overflow);
    EXPECT_EQ(vm.handle(), (int)kRoom - 1);
    for (unsigned i = 0; i < kAsked; i++)
        EXPECT_EQ(host.response(device, prgi[i]), kSuccess) << i;
    EXPECT_EQ(other.handle(), 1);
    EXPECT_EQ(host.response(others_device, others), kInvalid) << "its guest said so";
    EXPECT_EQ(vm.stats().page_requests_overflowed, 0u);
}

/* ---------------------------------------------------------------- guests that misbehave */

TEST(PageRequestLimits, AGuestThatNeverAnswersHoldsNoMoreGroupsThanItMay)
{
    for (bool own : {false, true}) {
        PagingHost host;
        PagingGuest vm(host, 0, own, 4);
        vtd_requester *device = vm.give(kGuestSid, kHostSid);
        vtd_drv_domain *process = nullptr;
        const uint32_t pasid = vm.bind(kGuestSid, &process), hpasid = vm.host_pasid(kGuestSid, pasid);
        std::vector<uint16_t> prgi;
        for (unsigned i = 0; i < 6; i++)
            prgi.push_back(host.ask(device, hpasid, kGva + i * kPage));
        ASSERT_EQ(host.handle(), 6);
        for (unsigned i = 0; i < 6; i++)
            EXPECT_EQ(host.response(device, prgi[i]), i < 4 ? -1 : kInvalid) << i;
        EXPECT_EQ(vm.stats().page_requests_refused, 2u);
        EXPECT_EQ(vtd_vmm_expire_page_requests(vm.vmm), 4u);
        for (unsigned i = 0; i < 4; i++)
            EXPECT_EQ(host.response(device, prgi[i]), kInvalid) << i;
        EXPECT_EQ(vtd_vmm_expire_page_requests(vm.vmm), 0u);
        vm.map_on_demand(kGva);
        EXPECT_EQ(vm.handle(), 4) << "it wakes up";
        EXPECT_EQ(vm.stats().page_responses_refused, 4u) << "too late";
        EXPECT_EQ(vtd_requester_stats_get(device)->unexpected_responses, 0u);
        EXPECT_EQ(vm.stats().page_requests_expired, 4u);
    }
}

TEST_P(PageRequests, AnswersThatNoGroupWaitsForAreRefused)
{
    const uint16_t prgi = host.ask(device, hpasid, kGva), others = host.ask(others_device, others_hpasid, kGva);
    ASSERT_EQ(host.handle(), 2);
    const uint32_t third = vm.pasid(); /* not bound */
    vtd_drv_domain *second_process = nullptr;
    const uint32_t second = vm.bind(kGuestSid, &second_process);
    vtd_requester *second_device = vm.give(0x0010, 0x0610);
    ASSERT_EQ(vtd_drv_attach(vm.drv, 0x0010, pasid, process), 0);
    vm.events.clear();
    vm.respond_raw(kGuestSid, true, pasid, (uint16_t)(prgi + 1), 0);
    vm.respond_raw(kGuestSid, true, second, prgi, 0);
    vm.respond_raw(0x0010, true, pasid, prgi, 0);
    vm.respond_raw(kGuestSid, true, third, prgi, 0);
    vm.respond_raw(kGuestSid, true, 0xfffff, prgi, 0);
    vm.respond_raw(kGuestSid, true, 0, prgi, 0);
    vm.respond_raw(kGuestSid, false, 0, prgi, 0);
    vm.respond_raw(kGuestSid, false, pasid, prgi, 0);
    vm.respond_raw(kHostSid, true, hpasid, prgi, 0);
    vm.respond_raw(kOtherHostSid, true, others_hpasid, others, 0);
    if (others_hpasid != pasid)
        vm.respond_raw(kGuestSid, true, others_hpasid, others, 0);
    EXPECT_EQ(vm.stats().page_responses_refused, vm.events.size());
    EXPECT_GE(vm.events.size(), 10u);
    for (const vtd_vmm_event &e : vm.events) {
        EXPECT_EQ(e.kind, VTD_VMM_PAGE_RESPONSE);
        EXPECT_EQ(e.result, -ENOENT);
    }
    EXPECT_EQ(host.response(device, prgi), -1);
    EXPECT_EQ(vtd_requester_stats_get(second_device)->page_responses, 0u);
    EXPECT_EQ(host.response(others_device, others), -1) << "the other machine's device still waits";

    vm.respond_raw(kGuestSid, true, pasid, prgi, 0);
    EXPECT_EQ(host.response(device, prgi), kSuccess);
    vm.respond_raw(kGuestSid, true, pasid, prgi, 0);
    EXPECT_EQ(vm.events.back().result, -ENOENT) << "twice";
    EXPECT_EQ(vm.stats().page_responses, 1u);
    other.handle();
    EXPECT_EQ(host.response(others_device, others), kInvalid);
}

TEST_P(PageRequests, WhatIsUnboundHasItsGroupsAnswered)
{
    vtd_drv_domain *second = nullptr;
    const uint32_t keep = vm.bind(kGuestSid, &second), hkeep = vm.host_pasid(kGuestSid, keep);
    const uint16_t given = host.ask(device, hpasid, kGva);
    ASSERT_EQ(host.handle(), 1);
    /* Still in the host's queue when the guest takes the PASID down; one of each. */
    const uint16_t queued = host.ask(device, hpasid, kGva + kPage), kept = host.ask(device, hkeep, kGva + 2 * kPage, 3);
    ASSERT_EQ(vtd_drv_detach(vm.drv, kGuestSid, pasid), 0);
    EXPECT_EQ(host.response(device, given), kInvalid);
    EXPECT_EQ(host.response(device, queued), kInvalid);
    unsigned kept_seen = 0;
    for (const vtd_drv_page_request &r : vm.seen)
        kept_seen += r.pasid == keep;
    EXPECT_EQ(kept_seen, 3u) << "of another PASID: the guest is asked, at the latest in its own drain";
    EXPECT_EQ(host.response(device, kept), kSuccess);
    EXPECT_EQ(host.access(device, hkeep, kGva + 2 * kPage).result, VTD_REQUESTER_DONE);
    vm.respond_raw(kGuestSid, true, pasid, given, 0);
    EXPECT_EQ(vm.events.back().result, -ENOENT) << "an answer for a PASID that is gone";
}

TEST_P(PageRequests, TheGuestsDrainLeavesNoneBehind)
{
    std::vector<uint16_t> prgi;
    for (unsigned i = 0; i < 30; i++) {
        prgi.push_back(host.ask(device, hpasid, kGva + i * kPage));
        if (i < 10) { /* in the guest's queue, the others in the host's */
            ASSERT_EQ(host.handle(), 1);
        }
    }
    const uint16_t others = host.ask(others_device, others_hpasid, kGva);
    ASSERT_EQ(vtd_drv_drain_page_requests(vm.drv, kGuestSid, pasid), 0);
    for (uint16_t p : prgi)
        EXPECT_EQ(host.response(device, p), kInvalid);
    EXPECT_EQ(host.handle() + vm.handle(), 0);
    EXPECT_NE(vm.host_pasid(kGuestSid, pasid), 0u) << "still bound";
    EXPECT_EQ(other.handle(), 1) << "the other machine's came along";
    EXPECT_EQ(host.response(others_device, others), kInvalid) << "its guest said so";
    EXPECT_EQ(vm.stats().page_responses, 30u) << "all by the guest";
}

TEST_P(PageRequests, AQueueOutsideOfTheGuestsMemoryLosesThemAndHarmsNobody)
{
    vtd_mmio_write64(vtd_vmm_unit(vm.vmm), VTD_REG_PQA, GuestMachine::kMemory + 0x10000);
    const uint16_t prgi = host.ask(device, hpasid, kGva);
    const std::vector<uint8_t> before(host.machine.memory.base + other.base,
                                      host.machine.memory.base + other.base + kMiB);
    ASSERT_EQ(host.handle(), 1);
    EXPECT_EQ(memcmp(before.data(), host.machine.memory.base + other.base, kMiB), 0)
        << "behind its memory is the other's";
    EXPECT_EQ(host.response(device, prgi), -1);
    EXPECT_EQ(vtd_vmm_expire_page_requests(vm.vmm), 1u);
    EXPECT_EQ(host.response(device, prgi), kInvalid);
}
