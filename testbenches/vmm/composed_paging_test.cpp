/* SPDX-License-Identifier: MIT */
/*
 * Mediated devices that ask for pages: machines with equal PASIDs on one device, whose page requests and faults reach
 * the guest that they belong to, under its numbers (ref 7.1, 9).
 */
#include "paging_rig.h"

#include <cstring>
#include <random>

extern "C" {
#include "vmm/composed.h"
}

namespace
{

constexpr uint16_t kGuestSid = 0x0008, kHostSid = 0x0510;
constexpr uint64_t kGva = 0x7f0000400000;

/* Two machines with a queue each of one device. */
struct ComposedPaging : testing::TestWithParam<bool> {
    PagingHost host;
    PagingGuest a{host, 0, GetParam()}, b{host, 1, GetParam()};
    vtd_requester *function = host.device(kHostSid);
    vtd_work_device *device = nullptr;
    struct Part {
        PagingGuest *guest;
        vtd_composed *composed = nullptr;
        vtd_drv_domain *process = nullptr;
        uint32_t pasid = 0;
    } part[2] = {{&a}, {&b}};

    void SetUp() override
    {
        ASSERT_EQ(vtd_work_create(&host.machine, kHostSid, 2, &device), 0);
        ASSERT_EQ(vtd_drv_device_add(host.drv, kHostSid, 20), 0);
        host.enable(kHostSid);
        for (unsigned i = 0; i < 2; i++) {
            Part &p = part[i];
            ASSERT_EQ(vtd_vmm_assign_part(p.guest->vmm, kGuestSid, kHostSid, nullptr), 0);
            p.guest->enable(kGuestSid);
            const vtd_composed_config config{p.guest->vmm, kGuestSid, device, i, 1};
            ASSERT_EQ(vtd_composed_create(&config, &p.composed), 0);
            p.pasid = p.guest->bind(kGuestSid, &p.process);
            vtd_composed_write(p.composed, VTD_WORK_REG_QUEUE(0),
                               VTD_WORK_QUEUE_ENABLE | VTD_WORK_QUEUE_PASID_EN | p.pasid);
            p.guest->map_on_demand(kGva);
        }
        EXPECT_EQ(part[0].pasid == part[1].pasid, GetParam());
    }
    void TearDown() override
    {
        for (Part &p : part)
            vtd_composed_destroy(p.composed);
        vtd_work_destroy(device);
        EXPECT_EQ(vtd_requester_outstanding(function), 0u);
        EXPECT_EQ(vtd_requester_stats_get(function)->unexpected_responses, 0u);
    }
    void fill(Part &p, uint64_t offset, uint64_t value, uint64_t size = 8)
    {
        const vtd_work work{0, VTD_WORK_FILL, value, value, kGva + offset, size, {}};
        ASSERT_EQ(vtd_composed_submit(p.composed, 0, &work), 0);
    }
    vtd_work_event take(Part &p)
    {
        vtd_work_event event{};
        EXPECT_TRUE(vtd_composed_take(p.composed, 0, &event));
        EXPECT_EQ(event.pasid, p.pasid);
        return event;
    }
    uint64_t word(const Part &p, uint64_t offset)
    {
        uint64_t value = 0;
        EXPECT_TRUE(vtd_memory_read(&host.machine.memory, p.guest->base + GuestMachine::kData + offset, 8, &value));
        return value;
    }
};

} // namespace

INSTANTIATE_TEST_SUITE_P(Vmm, ComposedPaging, testing::Bool(),
                         [](const auto &i) { return i.param ? "GuestOwned" : "Identity"; });

TEST_P(ComposedPaging, EachGuestMapsForItsOwnWorkWhichThenGoesOn)
{
    fill(part[0], 0x800, 0xaa, 2 * kPage); /* three pages */
    fill(part[1], 0x800, 0xbb, 2 * kPage);
    for (unsigned page = 0; page < 3; page++) {
        EXPECT_EQ(vtd_work_run(device), 0u) << "both wait for page " << page;
        ASSERT_EQ(host.handle(), 2);
        for (Part &p : part) {
            ASSERT_EQ(p.guest->handle(), 1);
            EXPECT_EQ(p.guest->seen.back().pasid, p.pasid);
            EXPECT_EQ(p.guest->seen.back().sid, kGuestSid);
            EXPECT_EQ(p.guest->seen.back().addr, kGva + page * kPage);
        }
    }
    EXPECT_EQ(vtd_work_run(device), 2u);
    for (Part &p : part) {
        const uint64_t value = &p == part ? 0xaa : 0xbb;
        EXPECT_EQ(take(p).status, VTD_WORK_DONE);
        EXPECT_EQ(word(p, 0x7f8), 0u);
        EXPECT_EQ(word(p, 0x800), value);
        EXPECT_EQ(word(p, 0x27f8), value);
        EXPECT_EQ(word(p, 0x2800), 0u);
    }
}

TEST_P(ComposedPaging, AGuestThatRefusesEndsItsWorkAndNoOthers)
{
    a.decide = nullptr;
    fill(part[0], 0, 1);
    fill(part[1], 0, 2);
    vtd_work_run(device);
    ASSERT_EQ(host.handle(), 2);
    ASSERT_EQ(a.handle(), 1);
    EXPECT_EQ(vtd_work_run(device), 1u) << "the other one waits on";
    const vtd_work_event denied = take(part[0]);
    EXPECT_EQ(denied.status, VTD_WORK_DENIED);
    EXPECT_EQ(denied.addr, kGva);
    ASSERT_EQ(b.handle(), 1);
    EXPECT_EQ(vtd_work_run(device), 1u);
    EXPECT_EQ(take(part[1]).status, VTD_WORK_DONE);
    EXPECT_EQ(word(part[1], 0), 2u);
}

TEST_P(ComposedPaging, UnbindWhileWorkWaitsAbortsItAndFreesTheGroup)
{
    /* More often than there are groups: none may be lost. */
    for (unsigned round = 0; round < VTD_REQUESTER_GROUPS + 8; round++) {
        fill(part[0], 0x10000, 7);
        vtd_work_run(device);
        if (round % 2) { /* it is in the guest's queue, or still in the host's */
            ASSERT_EQ(host.handle(), 1);
        }
        ASSERT_EQ(vtd_drv_detach(a.drv, kGuestSid, part[0].pasid), 0);
        EXPECT_EQ(take(part[0]).status, VTD_WORK_ABORTED);
        a.handle();
        host.handle();
        vtd_work_run(device);
        EXPECT_EQ(vtd_requester_outstanding(function), 0u) << round;
        ASSERT_EQ(vtd_drv_attach(a.drv, kGuestSid, part[0].pasid, part[0].process), 0);
        vtd_composed_write(part[0].composed, VTD_WORK_REG_QUEUE(0),
                           VTD_WORK_QUEUE_ENABLE | VTD_WORK_QUEUE_PASID_EN | part[0].pasid);
    }
    EXPECT_EQ(word(part[0], 0x10000), 0u);
    fill(part[0], 0x10000, 8);
    vtd_work_run(device);
    ASSERT_EQ(host.handle(), 1) << "the device can still ask";
    ASSERT_EQ(a.handle(), 1);
    EXPECT_EQ(vtd_work_run(device), 1u);
    EXPECT_EQ(word(part[0], 0x10000), 8u);
    EXPECT_EQ(take(part[0]).status, VTD_WORK_DONE);
}

TEST_P(ComposedPaging, WhateverAGuestWritesIntoItsPartTheOthersMemoryAndWorkAreTheirs)
{
    std::mt19937 random(11);
    const auto some = [&](std::initializer_list<uint64_t> list) { return list.begin()[random() % list.size()]; };
    Part &bad = part[0], &good = part[1];
    fill(good, 0, 0x600d, kPage);
    vtd_work_run(device);
    host.handle();
    b.handle();
    vtd_work_run(device);
    EXPECT_EQ(take(good).status, VTD_WORK_DONE);
    const uint64_t queue = vtd_work_read(device, VTD_WORK_REG_QUEUE(1));
    std::vector<uint8_t> before(GuestMachine::kMemory - GuestMachine::kData);
    uint8_t *memory = host.machine.memory.base + b.base + GuestMachine::kData;
    memcpy(before.data(), memory, before.size());
    for (unsigned i = 0; i < 4000; i++) {
        const auto any = (uint32_t)some({bad.pasid, good.pasid, b.host_pasid(kGuestSid, good.pasid), 0, 1, 2, 3, 77});
        vtd_work_event event;
        switch (random() % 8) {
        case 0:
        case 1:
            vtd_composed_write(bad.composed, some({VTD_WORK_REG_QUEUE(0), VTD_WORK_REG_QUEUE(1), 0, 8, ~UINT64_C(0)}),
                               (random() & 0xe0000000) | any);
            break;
        case 2:
            if (random() % 2)
                vtd_drv_detach(a.drv, kGuestSid, bad.pasid);
            else
                vtd_drv_attach(a.drv, kGuestSid, bad.pasid, bad.process);
            break;
        case 3:
            vtd_work_run(device);
            host.handle();
            a.handle();
            break;
        case 4:
            vtd_composed_take(bad.composed, random() % 3, &event);
            break;
        default: {
            const uint64_t at = some({kGva, kGva + 0x1ff8, 0, GuestMachine::kData, GuestMachine::kMemory, b.base,
                                      b.base + GuestMachine::kData, ~UINT64_C(7)});
            const vtd_work work{any, (uint32_t)(random() % 4),
                                i,   some({kGva, b.base, 0xbad}),
                                at,  some({0, 8, 4096, 8192, VTD_WORK_SIZE_MAX, ~UINT64_C(0)}),
                                {}};
            vtd_composed_submit(bad.composed, random() % 3, &work);
        }
        }
    }
    EXPECT_GT(vtd_composed_stats_get(bad.composed)->submitted, 100u);
    EXPECT_GT(vtd_composed_stats_get(bad.composed)->refused, 50u);
    EXPECT_EQ(memcmp(before.data(), memory, before.size()), 0);
    EXPECT_EQ(vtd_work_read(device, VTD_WORK_REG_QUEUE(1)), queue) << "the other's queue is as it was";
    fill(good, 8, 0x600e);
    for (unsigned i = 0; i < 4; i++) {
        vtd_work_run(device);
        host.handle();
        a.handle();
    }
    EXPECT_EQ(take(good).status, VTD_WORK_DONE);
    EXPECT_EQ(word(good, 8), 0x600eu);
}

TEST_P(ComposedPaging, FaultsOfAPartAreRecordedForTheGuestThatHasIt)
{
    /* Untranslated requests of the device: what its device TLB would have asked. */
    for (Part &p : part) {
        const uint32_t hpasid = p.guest->host_pasid(kGuestSid, p.pasid);
        EXPECT_NE(host.request(kHostSid, hpasid, kGva + 0x5000).result, VTD_RESULT_OK);
    }
    EXPECT_EQ(host.handle_faults(), 2);
    EXPECT_EQ(host.faults, std::vector<vtd_vmm_fault_result>(2, VTD_VMM_FAULT_OF_GUEST));
    for (Part &p : part) {
        ASSERT_EQ(p.guest->handle_faults(), 1);
        const vtd_drv_fault &f = p.guest->faults.at(0);
        EXPECT_EQ(f.sid, kGuestSid);
        EXPECT_EQ(f.pasid, p.pasid);
        EXPECT_EQ(f.addr, kGva + 0x5000);
        EXPECT_EQ(f.reason, kSfs2);
    }
}
