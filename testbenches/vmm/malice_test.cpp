/* SPDX-License-Identifier: MIT */
/*
 * Guests that mean harm, one way after the other, by both ways to map PASIDs (ref 9): each gets an error, and reaches
 * nothing that is not its own. hostile_test.cpp does the same at random.
 */
#include "paging_rig.h"

#include <atomic>
#include <set>
#include <thread>

namespace
{

constexpr uint16_t kGuestSid = 0x0008, kHostSid = 0x0510, kOtherHostSid = 0x9910;
constexpr uint64_t kGva = 0x7f0000400000, kVictimGva = 0x7f0000800000;

struct Malice : testing::TestWithParam<bool> {
    PagingHost host;
    PagingGuest victim{host, 1, GetParam()};
    PagingGuest vm{host, 0, GetParam(), 16};
    vtd_requester *victims_device = victim.give(kGuestSid, kOtherHostSid);
    vtd_requester *device = vm.give(kGuestSid, kHostSid);
    vtd_drv_domain *victims = nullptr, *process = nullptr;
    uint32_t victims_pasid = victim.bind(kGuestSid, &victims);
    uint32_t victims_hpasid = victim.host_pasid(kGuestSid, victims_pasid);
    uint32_t pasid = vm.bind(kGuestSid, &process);

    void SetUp() override
    {
        ASSERT_EQ(vtd_drv_map(victims, kVictimGva, GuestMachine::kData, kPage, kRw), 0);
        ASSERT_EQ(vtd_drv_map(process, kGva, GuestMachine::kData, kPage, kRw), 0);
        ASSERT_EQ(host.access(victims_device, victims_hpasid, kVictimGva).result, VTD_REQUESTER_DONE);
        vm.events.clear();
        victim.events.clear();
    }
    /* The other machine works as before, and nothing of it moved. */
    void TearDown() override
    {
        EXPECT_TRUE(victim.events.empty());
        EXPECT_EQ(host.access(victims_device, victims_hpasid, kVictimGva).way, VTD_REQUESTER_HIT);
        EXPECT_EQ(host.reach(kOtherHostSid, victims_hpasid, kVictimGva), victim.base + GuestMachine::kData);
        EXPECT_EQ(victim.stats().binds - victim.stats().unbinds, 1u);
    }
    /* Any PASID of its device, its own address and the victim's: only its own memory is ever reached. */
    void expect_no_reach(uint64_t gva)
    {
        for (uint32_t p = 0; p < 130; p++) {
            const uint64_t hpa = host.reach(kHostSid, p, gva);
            EXPECT_TRUE(hpa == 0 || (hpa >= vm.base && hpa < vm.base + GuestMachine::kMemory)) << p;
        }
    }
    /* Rewrites the entry of the guest's process, and flushes it as the guest would. */
    void rewrite(uint32_t p, unsigned qword, uint64_t mask, uint64_t bits)
    {
        uint64_t *q = vm.entry(kGuestSid, p);
        q[qword] = (q[qword] & ~mask) | bits;
        EXPECT_EQ(vm.flush_pasid(vtd_drv_domain_id(process), p), 0);
    }
    int last_result(vtd_vmm_event_kind kind)
    {
        for (auto e = vm.events.rbegin(); e != vm.events.rend(); ++e)
            if (e->kind == kind)
                return e->result;
        return 1;
    }
};

} // namespace

INSTANTIATE_TEST_SUITE_P(Vmm, Malice, testing::Bool(),
                         [](const auto &i) { return i.param ? "GuestOwned" : "Identity"; });

TEST_P(Malice, ARootBeyondItsMemoryTranslatesNothing)
{
    const uint64_t to_victim =
        victim.base - vm.base; /* as if guest physical addresses went on into the other machine */
    for (uint64_t gpgd : {GuestMachine::kMemory, GuestMachine::kMemory + to_victim, UINT64_C(1) << 44}) {
        rewrite(pasid, 2, UINT64_C(0xfffffffffffff000), gpgd);
        EXPECT_EQ(last_result(VTD_VMM_BIND), 0) << "48 bits: it is an address, but nothing is there";
        unsigned fault = 0;
        EXPECT_EQ(host.reach(kHostSid, vm.host_pasid(kGuestSid, pasid), kGva, &fault), 0u);
        EXPECT_EQ(fault, kSss2);
        expect_no_reach(kVictimGva);
    }
    rewrite(pasid, 2, UINT64_C(0xfffffffffffff000), UINT64_C(1) << 48);
    EXPECT_EQ(last_result(VTD_VMM_BIND), -EINVAL) << "wider than the second stage";
    EXPECT_EQ(vm.host_pasid(kGuestSid, pasid), 0u);
    expect_no_reach(kGva);
}

TEST_P(Malice, TablesThatLeadOutOfItsMemoryTranslateNothing)
{
    uint8_t *memory = host.machine.memory.base + vm.base;
    uint64_t *pml4 = (uint64_t *)(memory + (vm.entry(kGuestSid, pasid)[2] & UINT64_C(0xfffffffff000)));
    pml4[kGva >> 39 & 511] = (victim.base - vm.base) | 7;
    const uint32_t hpasid = vm.host_pasid(kGuestSid, pasid);
    unsigned fault = 0;
    EXPECT_EQ(host.reach(kHostSid, hpasid, kGva, &fault), 0u);
    EXPECT_EQ(fault, kSss2);
    expect_no_reach(kGva);
}

TEST_P(Malice, AddressWidthsThatDoNotExistAreRefused)
{
    for (uint64_t mode : {2, 3}) { /* FSPM, bits 3:2 of the third qword (ref 2.5): 5 levels is 1 */
        rewrite(pasid, 2, 0xc, mode << 2);
        EXPECT_EQ(last_result(VTD_VMM_BIND), -EINVAL);
        EXPECT_EQ(vm.host_pasid(kGuestSid, pasid), 0u);
        expect_no_reach(kGva);
    }
    vtd_drv_gpasid_bind_data data{};
    data.argsz = sizeof(data);
    data.version = VTD_DRV_GPASID_VERSION;
    data.format = VTD_DRV_GPASID_FORMAT_VTD;
    data.addr_width = 52; /* the width of a physical address, not of a virtual one */
    data.hpasid = 900;
    EXPECT_EQ(vtd_drv_sva_bind_gpasid(host.drv, kHostSid, &data), -EINVAL);
    EXPECT_EQ(vtd_drv_attached(host.drv, kHostSid, 900), nullptr);
}

TEST_P(Malice, PasidsOutOfItsRangeAreRefused)
{
    const uint64_t binds = vm.stats().binds;
    for (uint32_t p : {UINT32_C(0xfffff), UINT32_C(0xabcde)}) { /* beyond its directory, or not there */
        EXPECT_EQ(vm.flush_pasid(vtd_drv_domain_id(process), p), 0);
        EXPECT_EQ(vm.host_pasid(kGuestSid, p), 0u);
    }
    EXPECT_EQ(vm.host_pasid(kGuestSid, UINT32_MAX), 0u);
    EXPECT_EQ(vm.stats().binds, binds);
    if (GetParam())
        return;
    for (uint64_t p : {UINT64_C(0), UINT64_C(0xfffff), (uint64_t)victims_pasid}) { /* what it may not free */
        vtd_mmio_write64(vtd_vmm_unit(vm.vmm), VTD_REG_VCMD, p << VTD_VCMD_OA_LSB | VTD_VCMD_FREE_PASID);
        EXPECT_EQ(vtd_reg_vcrsp_sc(vtd_mmio_read64(vtd_vmm_unit(vm.vmm), VTD_REG_VCRSP)),
                  (uint64_t)VTD_VCMD_INVALID_PASID);
        EXPECT_EQ(last_result(VTD_VMM_PASID_FREE), -ENOENT);
    }
    ASSERT_EQ(vtd_drv_attach(vm.drv, kGuestSid, victims_pasid, process), 0) << "in its own tables it may";
    EXPECT_EQ(last_result(VTD_VMM_BIND), -EPERM);
    expect_no_reach(kVictimGva);
}

TEST_P(Malice, ADoubleBindReplacesOrIsRefused)
{
    const uint32_t first = vm.host_pasid(kGuestSid, pasid);
    const uint64_t binds = vm.stats().binds, unbinds = vm.stats().unbinds;
    for (unsigned i = 0; i < 3; i++)
        EXPECT_EQ(vm.flush_pasid(vtd_drv_domain_id(process), pasid), 0);
    EXPECT_EQ(vm.stats().binds, binds) << "the same entry again";
    EXPECT_EQ(vm.host_pasid(kGuestSid, pasid), first);

    vtd_drv_domain *second = vm.process();
    ASSERT_EQ(vtd_drv_map(second, kGva, GuestMachine::kData + 8 * kPage, kPage, kRw), 0);
    vtd_drv_domain *probe = nullptr;
    const uint32_t other = vm.bind(kGuestSid, &probe);
    ASSERT_EQ(vtd_drv_replace(vm.drv, kGuestSid, other, second), 0);
    rewrite(pasid, 2, UINT64_C(0xfffffffffffff000),
            vm.entry(kGuestSid, other)[2] & ~UINT64_C(0xfff)); /* never unbound */
    EXPECT_EQ(host.reach(kHostSid, vm.host_pasid(kGuestSid, pasid), kGva), vm.base + GuestMachine::kData + 8 * kPage)
        << "nothing of the first is cached";
    EXPECT_EQ(vm.stats().binds - vm.stats().unbinds, binds - unbinds + 1);

    if (!GetParam()) { /* a PASID of the device that the host itself works with */
        const uint32_t third = vm.pasid();
        vtd_drv_domain_spec spec{};
        spec.kind = VTD_DRV_SECOND_STAGE;
        spec.addr_width = 48;
        vtd_drv_domain *hosts = nullptr;
        ASSERT_EQ(vtd_drv_domain_create(host.drv, &spec, &hosts), 0);
        ASSERT_EQ(vtd_drv_attach(host.drv, kHostSid, third, hosts), 0);
        ASSERT_EQ(vtd_drv_attach(vm.drv, kGuestSid, third, process), 0);
        EXPECT_EQ(last_result(VTD_VMM_BIND), -EBUSY);
        EXPECT_EQ(vtd_drv_attached(host.drv, kHostSid, third), hosts);
        ASSERT_EQ(vtd_drv_detach(vm.drv, kGuestSid, third), 0);
        EXPECT_EQ(vtd_drv_attached(host.drv, kHostSid, third), hosts) << "nor can it unbind that";
    }
    expect_no_reach(kGva);
}

TEST_P(Malice, ItCannotUnbindOrFlushWhatIsNotItsOwn)
{
    vtd_stats before, after;
    vtd_stats_get(host.machine.unit, &before);
    const uint16_t did = vtd_drv_domain_id(victims);
    for (uint32_t p : {victims_pasid, victims_hpasid}) {
        if (p == pasid)
            continue; /* its own number for something of its own */
        const uint64_t d[][4] = {
            {VTD_TYPE_PC_INV | UINT64_C(1) << 4 | (uint64_t)did << 16 | (uint64_t)p << 32, 0, 0, 0},
            {VTD_TYPE_P_IOTLB_INV | UINT64_C(2) << 4 | (uint64_t)did << 16 | (uint64_t)p << 32, 0, 0, 0},
            {VTD_TYPE_P_IOTLB_INV | UINT64_C(3) << 4 | (uint64_t)did << 16 | (uint64_t)p << 32, kVictimGva, 0, 0},
            {VTD_TYPE_P_DEV_TLB_INV | (uint64_t)kOtherHostSid << 16 | (uint64_t)p << 32, kVictimGva, 0, 0},
            {VTD_TYPE_P_DEV_TLB_INV | (uint64_t)kGuestSid << 16 | (uint64_t)p << 32, kVictimGva, 0, 0},
            {VTD_TYPE_DEV_TLB_INV | (uint64_t)kOtherHostSid << 32, kVictimGva, 0, 0},
        };
        for (const auto &one : d)
            vtd_drv_submit_raw(vm.drv, &one, 1);
    }
    for (const vtd_vmm_event &e : vm.events)
        EXPECT_TRUE(e.kind == VTD_VMM_INVALIDATE && e.host_sid == kHostSid) << e.kind;
    vtd_stats_get(host.machine.unit, &after);
    EXPECT_EQ(vtd_requester_stats_get(victims_device)->invalidated, 0u);
}

/* Another processor of the guest writes the entry all the time: what is bound is one of its values, or is refused. */
TEST_P(Malice, AnEntryThatIsEditedDuringTheBindIsReadOnce)
{
    uint64_t *q = vm.entry(kGuestSid, pasid);
    const uint64_t good = q[2], root = good & ~UINT64_C(0xfff);
    vtd_drv_domain *wide = vm.process(57);
    ASSERT_EQ(vtd_drv_map(wide, kGva, GuestMachine::kData + 3 * kPage, kPage, kRw), 0);
    const uint32_t other = vm.pasid();
    ASSERT_EQ(vtd_drv_attach(vm.drv, kGuestSid, other, wide), 0);
    const uint64_t five = vm.entry(kGuestSid, other)[2];
    const uint64_t values[] = {good, five, good | 0xc, (good & 0xfff) | GuestMachine::kMemory, UINT64_C(1) << 50 | 1};
    vm.events.clear();
    std::atomic<bool> stop{false};
    std::thread guest([&] {
        for (unsigned i = 0; !stop; i++)
            __atomic_store_n(&q[2], values[i % 5], __ATOMIC_RELEASE);
    });
    std::set<std::pair<uint64_t, uint32_t>> bound;
    for (unsigned i = 0; i < 3000; i++) {
        EXPECT_EQ(vm.flush_pasid(vtd_drv_domain_id(process), pasid), 0);
        if (const uint32_t hpasid = vm.host_pasid(kGuestSid, pasid)) {
            const uint64_t hpa = host.reach(kHostSid, hpasid, kGva);
            EXPECT_TRUE(hpa == 0 || hpa == vm.base + GuestMachine::kData ||
                        hpa == vm.base + GuestMachine::kData + 3 * kPage);
        }
    }
    stop = true;
    guest.join();
    for (const vtd_vmm_event &e : vm.events)
        if (e.kind == VTD_VMM_BIND && e.result == 0)
            bound.insert({e.gpgd, e.addr_width});
    const std::set<std::pair<uint64_t, uint32_t>> allowed = {
        {root, 48}, {five & ~UINT64_C(0xfff), 57}, {GuestMachine::kMemory, 48}};
    for (const auto &b : bound)
        EXPECT_TRUE(allowed.count(b)) << std::hex << b.first << " with " << std::dec << b.second << ": of two values";
    q[2] = good;
    EXPECT_EQ(vm.flush_pasid(vtd_drv_domain_id(process), pasid), 0);
    EXPECT_EQ(host.reach(kHostSid, vm.host_pasid(kGuestSid, pasid), kGva), vm.base + GuestMachine::kData);
}

TEST_P(Malice, AFloodOfPageRequestsLeavesTheOthersTheirs)
{
    const uint32_t hpasid = vm.host_pasid(kGuestSid, pasid);
    std::vector<uint16_t> flood;
    victim.map_on_demand(kVictimGva);
    for (unsigned round = 0; round < 8; round++) {
        for (unsigned i = 0; i < 50; i++)
            flood.push_back(host.ask(device, hpasid, kGva + (1 + i) * kPage)); /* and its guest never answers */
        const vtd_requester_outcome out = host.access(victims_device, victims_hpasid, kVictimGva + (1 + round) * kPage);
        ASSERT_EQ(out.result, VTD_REQUESTER_WAITING);
        ASSERT_EQ(host.handle(), 51);
        ASSERT_EQ(victim.handle(), 1);
        EXPECT_EQ(host.retry(victims_device, out.prgi).hpa, victim.base + GuestMachine::kData + (1 + round) * kPage);
    }
    unsigned waiting = 0;
    for (uint16_t prgi : flood)
        waiting += host.response(device, prgi) < 0;
    EXPECT_EQ(waiting, 16u) << "as many as it may have";
    EXPECT_EQ(vtd_vmm_expire_page_requests(vm.vmm), 16u);
    victim.events.clear(); /* they were its own */
}
