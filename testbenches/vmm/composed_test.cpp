/* SPDX-License-Identifier: MIT */
/*
 * Mediated devices: the guest writes its PASIDs into registers and descriptors, the hardware sees the host's, and what
 * comes back has the guest's again (ref 9).
 */
#include "vmm_rig.h"

extern "C" {
#include "vmm/composed.h"
}

#include <cstring>

namespace
{

constexpr uint16_t kHostSid = 0x0510, kGuestSid = 0x0008;
constexpr uint64_t kGva = UINT64_C(0x7f0000400000), kGpa = 0x2400000;
constexpr uint64_t kOn = VTD_WORK_QUEUE_ENABLE | VTD_WORK_QUEUE_PASID_EN;

/* A host with one device, of 8 queues, for all machines. */
struct SharedHost : Host {
    vtd_work_device *device = nullptr;

    SharedHost()
    {
        vtd_requester_config config{};
        config.sid = kHostSid;
        config.ats = config.pasid = true;
        config.device_tlb.entries = 64;
        config.device_tlb.ways = 4;
        EXPECT_EQ(vtd_machine_add_requester(&machine, &config, nullptr, nullptr), 0);
        EXPECT_EQ(vtd_work_create(&machine, kHostSid, 8, &device), 0);
        EXPECT_EQ(vtd_drv_device_add(drv, kHostSid, 20), 0);
        const vtd_drv_ats_spec spec{};
        EXPECT_EQ(vtd_drv_ats_enable(drv, kHostSid, &spec), 0);
    }
    ~SharedHost()
    {
        vtd_work_destroy(device);
    }
    uint64_t word(uint64_t hpa) const
    {
        uint64_t value = 0;
        EXPECT_TRUE(vtd_memory_read(&machine.memory, hpa, 8, &value));
        return value;
    }
    void put(uint64_t hpa, uint64_t value)
    {
        EXPECT_TRUE(vtd_memory_write(&machine.memory, hpa, 8, value));
    }
    uint64_t queue(unsigned n) const
    {
        return vtd_work_read(device, VTD_WORK_REG_QUEUE(n));
    }
};

/* A machine with two queues of it. */
struct Tenant : GuestMachine {
    SharedHost &shared;
    unsigned first; /* of the device's queues */
    uint32_t rid_pasid = 0;
    vtd_composed *composed = nullptr;

    Tenant(SharedHost &h, unsigned number, bool guest_pasids)
        : GuestMachine(h, number, guest_pasids), shared(h), first(2 * number)
    {
        EXPECT_EQ(vtd_vmm_assign_part(vmm, kGuestSid, kHostSid, &rid_pasid), 0);
        const vtd_composed_config config{vmm, kGuestSid, h.device, first, 2};
        EXPECT_EQ(vtd_composed_create(&config, &composed), 0);
    }
    ~Tenant()
    {
        vtd_composed_destroy(composed);
    }
    uint64_t queue(unsigned n) const
    {
        return vtd_composed_read(composed, VTD_WORK_REG_QUEUE(n));
    }
    void set(unsigned n, uint64_t value)
    {
        vtd_composed_write(composed, VTD_WORK_REG_QUEUE(n), value);
    }
    /* A process with count pages at kGva, on a new PASID. */
    uint32_t bind(uint64_t gpa = kGpa, uint64_t count = 4, uint8_t width = 48)
    {
        vtd_drv_domain *d = process(width);
        EXPECT_EQ(vtd_drv_map(d, kGva, gpa, count * kPage, kRw), 0);
        const uint32_t gpasid = pasid();
        EXPECT_EQ(vtd_drv_attach(drv, kGuestSid, gpasid, d), 0);
        return gpasid;
    }
    int fill(unsigned n, uint64_t destination, uint64_t value, uint64_t size = 8, uint32_t pasid = 0)
    {
        const vtd_work work{pasid, VTD_WORK_FILL, value, value, destination, size, {}};
        return vtd_composed_submit(composed, n, &work);
    }
    vtd_work_event take(unsigned n)
    {
        vtd_work_event event{};
        EXPECT_TRUE(vtd_composed_take(composed, n, &event));
        return event;
    }
};

void expect_event(const vtd_work_event &e, vtd_work_status status, uint32_t pasid, uint64_t tag)
{
    EXPECT_EQ(e.status, status);
    EXPECT_TRUE(e.has_pasid);
    EXPECT_EQ(e.pasid, pasid);
    EXPECT_EQ(e.tag, tag);
}

TEST(Composed, GuestsWithEqualPasidsOnOneDeviceReachTheirOwnMemory)
{
    SharedHost host;
    Tenant a(host, 0, true), b(host, 1, true);
    for (Tenant *t : {&a, &b}) {
        ASSERT_EQ(t->bind(), 1u) << "the guests' own, and equal";
        t->set(0, kOn | 1);
        EXPECT_EQ(t->queue(0), kOn | 1) << "what the guest wrote is what it reads";
    }
    const uint64_t h[] = {host.queue(0) & VTD_WORK_QUEUE_PASID, host.queue(2) & VTD_WORK_QUEUE_PASID};
    EXPECT_EQ(h[0], a.host_pasid(kGuestSid, 1));
    EXPECT_EQ(h[1], b.host_pasid(kGuestSid, 1));
    EXPECT_NE(h[0], h[1]);
    EXPECT_NE(h[0], 1u) << "1 is what stands for the memory of the first machine";
    ASSERT_EQ(a.fill(0, kGva + 8, 0xaaaa), 0);
    ASSERT_EQ(b.fill(0, kGva + 8, 0xbbbb), 0);
    EXPECT_EQ(vtd_work_run(host.device), 2u);
    expect_event(a.take(0), VTD_WORK_DONE, 1, 0xaaaa);
    expect_event(b.take(0), VTD_WORK_DONE, 1, 0xbbbb);
    EXPECT_EQ(host.word(a.base + kGpa + 8), 0xaaaau);
    EXPECT_EQ(host.word(b.base + kGpa + 8), 0xbbbbu);
}

TEST(Composed, DescriptorsOfASharedQueueAreTranslatedOneByOne)
{
    for (bool guest_pasids : {false, true}) {
        SharedHost host;
        Tenant t(host, 0, guest_pasids);
        const uint32_t first = t.bind(kGpa), second = t.bind(kGpa + 16 * kPage);
        t.set(1, kOn | VTD_WORK_QUEUE_SHARED);
        EXPECT_EQ(host.queue(1), kOn | VTD_WORK_QUEUE_SHARED);
        ASSERT_EQ(t.fill(1, kGva, 0x11, 8, first), 0);
        ASSERT_EQ(t.fill(1, kGva, 0x22, 8, second), 0);
        EXPECT_EQ(t.fill(1, kGva, 0x33, 8, 999), -EPERM) << "not bound";
        const uint32_t hosts = guest_pasids ? t.host_pasid(kGuestSid, second) : t.rid_pasid;
        EXPECT_EQ(t.fill(1, kGva, 0x33, 8, hosts), -EPERM) << "a number of the host's";
        EXPECT_EQ(t.fill(1, kGva, 0x33, 8, 1u << 20 | first), -EPERM);
        vtd_work_run(host.device);
        expect_event(t.take(1), VTD_WORK_DONE, first, 0x11);
        expect_event(t.take(1), VTD_WORK_DONE, second, 0x22);
        vtd_work_event none;
        EXPECT_FALSE(vtd_composed_take(t.composed, 1, &none));
        EXPECT_EQ(host.word(t.base + kGpa), 0x11u);
        EXPECT_EQ(host.word(t.base + kGpa + 16 * kPage), 0x22u);
        EXPECT_EQ(vtd_composed_stats_get(t.composed)->refused, 3u);
    }
}

TEST(Composed, IdentityPassesThroughWhatIsBoundAndNothingElse)
{
    SharedHost host;
    Tenant a(host, 0, false), b(host, 1, false);
    const uint32_t of_a = a.bind(), of_b = b.bind();
    EXPECT_NE(of_a, of_b) << "one space for all";
    a.set(0, kOn | of_a);
    EXPECT_EQ(host.queue(0), kOn | of_a) << "the device sees the guest's number";
    for (uint32_t pasid : {of_b, a.rid_pasid, b.rid_pasid, 4711u, 0u}) {
        a.set(1, kOn | pasid);
        EXPECT_EQ(a.queue(1), VTD_WORK_QUEUE_PASID_EN | VTD_WORK_QUEUE_ERROR | pasid) << pasid;
        EXPECT_EQ(host.queue(1), 0u) << "off";
        EXPECT_EQ(a.fill(1, kGva, 1), -ENXIO);
    }
}

TEST(Composed, AFaultComesBackUnderTheGuestsPasid)
{
    SharedHost host;
    Tenant first(host, 0, true), t(host, 1, true);
    const uint32_t gpasid = t.bind(kGpa, 2);
    t.set(0, kOn | gpasid);
    ASSERT_NE(t.host_pasid(kGuestSid, gpasid), gpasid);
    ASSERT_EQ(t.fill(0, kGva + kPage, 0x77, 2 * kPage), 0);
    vtd_work_run(host.device);
    const vtd_work_event e = t.take(0);
    EXPECT_TRUE(e.status == VTD_WORK_DENIED || e.status == VTD_WORK_BLOCKED);
    EXPECT_EQ(e.pasid, gpasid);
    EXPECT_EQ(e.addr, kGva + 2 * kPage) << "the page behind the last";
    EXPECT_EQ(host.word(t.base + kGpa + kPage), 0x77u) << "what was before it is written";
}

TEST(Composed, ACopyGoesPageByPageThroughBothStages)
{
    SharedHost host;
    Tenant t(host, 0, true);
    vtd_drv_domain *d = t.process(57);
    /* Source pages in reverse order in the guest's memory; the copy starts and ends inside of pages. */
    for (uint64_t i = 0; i < 4; i++) {
        ASSERT_EQ(vtd_drv_map(d, kGva + i * kPage, kGpa + (3 - i) * kPage, kPage, VTD_DRV_READ), 0);
        for (uint64_t at = 0; at < kPage; at += 8)
            host.put(t.base + kGpa + (3 - i) * kPage + at, i << 32 | at);
    }
    const uint64_t far = UINT64_C(0xab000012345000); /* more than 48 bits */
    ASSERT_EQ(vtd_drv_map(d, far, kGpa + 64 * kPage, 8 * kPage, kRw), 0);
    const uint32_t gpasid = t.pasid();
    ASSERT_EQ(vtd_drv_attach(t.drv, kGuestSid, gpasid, d), 0);
    t.set(0, kOn | gpasid);
    const vtd_work work{0, VTD_WORK_COPY, 1, kGva + 0x800, far + 0x18, 3 * kPage, {}};
    ASSERT_EQ(vtd_composed_submit(t.composed, 0, &work), 0);
    vtd_work_run(host.device);
    expect_event(t.take(0), VTD_WORK_DONE, gpasid, 1);
    for (uint64_t i = 0; i < 3 * kPage; i += 8) {
        const uint64_t from = 0x800 + i;
        ASSERT_EQ(host.word(t.base + kGpa + 64 * kPage + 0x18 + i), from / kPage << 32 | from % kPage) << i;
    }
    EXPECT_EQ(host.word(t.base + kGpa + 64 * kPage + 0x18 + 3 * kPage), 0u) << "and no byte more";
    const vtd_work back{0, VTD_WORK_COPY, 2, far, kGva, 8, {}};
    ASSERT_EQ(vtd_composed_submit(t.composed, 0, &back), 0);
    vtd_work_run(host.device);
    EXPECT_NE(t.take(0).status, VTD_WORK_DONE) << "the source is read-only";
}

TEST(Composed, UnbindAbortsWorkAndTurnsTheQueueOffBeforeThePasidIsAnothers)
{
    SharedHost host;
    Tenant a(host, 0, true), b(host, 1, true);
    const uint32_t gpasid = a.bind();
    a.set(0, kOn | gpasid);
    a.set(1, kOn | VTD_WORK_QUEUE_SHARED);
    const uint32_t hpasid = a.host_pasid(kGuestSid, gpasid);
    ASSERT_EQ(a.fill(0, kGva, 0x1), 0);
    ASSERT_EQ(a.fill(1, kGva, 0x2, 8, gpasid), 0);
    ASSERT_EQ(vtd_drv_detach(a.drv, kGuestSid, gpasid), 0);
    EXPECT_EQ(host.queue(0), 0u);
    EXPECT_EQ(a.queue(0), VTD_WORK_QUEUE_PASID_EN | VTD_WORK_QUEUE_ERROR | gpasid);
    EXPECT_EQ(vtd_composed_stats_get(a.composed)->switched_off, 1u);
    b.bind();
    EXPECT_EQ(b.host_pasid(kGuestSid, 1), hpasid) << "the lowest that is free: now it is the other machine's";
    EXPECT_EQ(vtd_work_run(host.device), 0u);
    expect_event(a.take(0), VTD_WORK_ABORTED, gpasid, 1);
    expect_event(a.take(1), VTD_WORK_ABORTED, gpasid, 2);
    EXPECT_EQ(a.fill(0, kGva, 0x3), -ENXIO);
    EXPECT_EQ(a.fill(1, kGva, 0x3, 8, gpasid), -EPERM);
    EXPECT_EQ(host.word(b.base + kGpa), 0u);
}

TEST(Composed, WhatHasNoPasidReachesTheMachinesMemory)
{
    for (bool guest_pasids : {false, true}) {
        SharedHost host;
        Tenant a(host, 0, guest_pasids), b(host, 1, guest_pasids);
        EXPECT_NE(a.rid_pasid, b.rid_pasid);
        b.set(0, VTD_WORK_QUEUE_ENABLE);
        EXPECT_EQ(host.queue(2), kOn | b.rid_pasid) << "the device sends a PASID all the same";
        ASSERT_EQ(b.fill(0, kGpa, 0x44), 0);
        ASSERT_EQ(b.fill(0, GuestMachine::kMemory, 0x55), 0);
        vtd_work_run(host.device);
        vtd_work_event e = b.take(0);
        EXPECT_EQ(e.status, VTD_WORK_DONE);
        EXPECT_FALSE(e.has_pasid);
        EXPECT_EQ(e.pasid, 0u);
        EXPECT_EQ(host.word(b.base + kGpa), 0x44u);
        EXPECT_EQ(host.word(a.base + kGpa), 0u);
        EXPECT_NE(b.take(0).status, VTD_WORK_DONE) << "behind its memory";
        /* The guest's kernel translates them itself. */
        vtd_drv_domain *kernel = b.process();
        ASSERT_EQ(vtd_drv_map(kernel, kGva, kGpa + kPage, kPage, kRw), 0);
        ASSERT_EQ(vtd_drv_attach(b.drv, kGuestSid, VTD_DRV_RID_PASID, kernel), 0);
        ASSERT_EQ(b.fill(0, kGva, 0x66), 0);
        vtd_work_run(host.device);
        EXPECT_EQ(b.take(0).status, VTD_WORK_DONE);
        EXPECT_EQ(host.word(b.base + kGpa + kPage), 0x66u);
    }
}

TEST(Composed, AFullQueueIsSaidAndEventsAreNotLost)
{
    SharedHost host;
    Tenant t(host, 0, true);
    const uint32_t gpasid = t.bind();
    t.set(0, kOn | gpasid);
    for (uint64_t i = 0; i < VTD_WORK_DEPTH; i++)
        ASSERT_EQ(t.fill(0, kGva + 8 * i, i + 1), 0);
    EXPECT_EQ(vtd_composed_read(t.composed, VTD_WORK_REG_COUNT(0)), (uint64_t)VTD_WORK_DEPTH);
    EXPECT_EQ(t.fill(0, kGva, 99), -EAGAIN);
    EXPECT_EQ(vtd_work_run(host.device), (unsigned)VTD_WORK_DEPTH);
    EXPECT_EQ(t.fill(0, kGva, 99), -EAGAIN) << "events are due";
    ASSERT_EQ(vtd_drv_detach(t.drv, kGuestSid, gpasid), 0) << "they survive the unbind";
    t.set(0, VTD_WORK_QUEUE_ENABLE);
    EXPECT_EQ(t.fill(0, kGpa, 99), -EAGAIN) << "and they are still due";
    for (uint64_t i = 0; i < VTD_WORK_DEPTH; i++) {
        expect_event(t.take(0), VTD_WORK_DONE, gpasid, i + 1);
        EXPECT_EQ(host.word(t.base + kGpa + 8 * i), i + 1);
    }
}

TEST(Composed, BadDescriptorsAreToldAndDoNothing)
{
    SharedHost host;
    Tenant t(host, 0, true);
    t.set(0, kOn | t.bind());
    const vtd_work bad[] = {
        {1u << 20, VTD_WORK_NOP, 0, 0, 0, 0, {}},
        {0, 3, 0, 0, kGva, 8, {}},
        {0, VTD_WORK_FILL, 0, 1, kGva, 12, {}},
        {0, VTD_WORK_FILL, 0, 1, kGva + 4, 8, {}},
        {0, VTD_WORK_COPY, 0, kGva, kGva, VTD_WORK_SIZE_MAX + 1, {}},
        {0, VTD_WORK_NOP, 0, 0, 0, 0, {0, 0, 1}},
    };
    for (const vtd_work &work : bad) {
        ASSERT_EQ(vtd_composed_submit(t.composed, 0, &work), 0);
        vtd_work_run(host.device);
        EXPECT_EQ(t.take(0).status, VTD_WORK_BAD);
    }
    EXPECT_EQ(host.word(t.base + kGpa), 0u);
}

TEST(Composed, QueuesHaveOneOwner)
{
    SharedHost host;
    Tenant a(host, 0, true), b(host, 1, true);
    vtd_composed *c = nullptr;
    const auto create = [&](uint16_t sid, unsigned first, unsigned queues) {
        const vtd_composed_config config{b.vmm, sid, host.device, first, queues};
        return vtd_composed_create(&config, &c);
    };
    EXPECT_EQ(create(kGuestSid, 1, 1), -EBUSY);
    EXPECT_EQ(create(kGuestSid, 7, 2), -EINVAL);
    EXPECT_EQ(create(kGuestSid, 8, 1), -EINVAL);
    EXPECT_EQ(create(kGuestSid, 4, 0), -EINVAL);
    EXPECT_EQ(create(0x30, 4, 1), -ENOENT);
    ASSERT_EQ(create(kGuestSid, 4, 4), 0);
    vtd_composed_destroy(c);
    ASSERT_EQ(create(kGuestSid, 4, 1), 0) << "free again";
    vtd_composed_destroy(c);
    EXPECT_EQ(vtd_vmm_assign(a.vmm, 0x10, kHostSid), 0) << "what has no PASID is nobody's so far";
    EXPECT_EQ(vtd_vmm_assign(b.vmm, 0x10, kHostSid), -EBUSY);
}

TEST(Composed, TakingThePartAwayLeavesNothingBehind)
{
    SharedHost host;
    Tenant t(host, 0, true);
    const uint32_t gpasid = t.bind();
    const uint32_t hpasid = t.host_pasid(kGuestSid, gpasid);
    t.set(0, kOn | gpasid);
    t.set(1, VTD_WORK_QUEUE_ENABLE);
    ASSERT_EQ(t.fill(0, kGva, 1), 0);
    ASSERT_EQ(t.fill(1, kGpa, 1), 0);
    ASSERT_EQ(vtd_vmm_remove(t.vmm, kGuestSid), 0);
    EXPECT_EQ(host.queue(0), 0u);
    EXPECT_EQ(host.queue(1), 0u);
    EXPECT_EQ(vtd_work_run(host.device), 0u);
    EXPECT_EQ(host.word(t.base + kGpa), 0u);
    for (uint32_t pasid : {hpasid, t.rid_pasid})
        EXPECT_EQ(vtd_drv_attached(host.drv, kHostSid, pasid), nullptr);
    t.set(0, kOn | gpasid);
    EXPECT_EQ(host.queue(0), 0u) << "nothing is bound for it any more";
}

} // namespace
