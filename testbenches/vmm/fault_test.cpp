/* SPDX-License-Identifier: MIT */
/*
 * Faults of devices of a guest (ref 5, 9): those of its own page tables are its own, under its source-id and PASID;
 * those of the second stage and of the host's tables stay with the host. What the virtual unit would find in the
 * guest's tables, walking them by itself, is the oracle.
 */
#include "paging_rig.h"

#include <functional>
#include <map>

namespace
{

constexpr uint16_t kGuestSid = 0x0008, kHostSid = 0x0510;
constexpr uint64_t kGva = 0x7f0000400000, kGpa = GuestMachine::kData;

struct GuestFaults : testing::TestWithParam<bool> {
    PagingHost host;
    PagingGuest other{host, 1, GetParam()}, vm{host, 0, GetParam()};
    vtd_drv_domain *process = nullptr, *others = nullptr;
    uint32_t pasid = 0, hpasid = 0, others_pasid = 0;

    void SetUp() override
    {
        ASSERT_EQ(vtd_vmm_assign(other.vmm, kGuestSid, 0x9910), 0);
        ASSERT_EQ(vtd_vmm_assign(vm.vmm, kGuestSid, kHostSid), 0);
        others_pasid = other.bind(kGuestSid, &others);
        pasid = vm.bind(kGuestSid, &process);
        hpasid = vm.host_pasid(kGuestSid, pasid);
        ASSERT_EQ(vtd_drv_map(process, kGva, kGpa, kPage, kRw), 0);
        vm.interrupts.clear();
    }
    /* The first-stage entry of a page, followed from the guest's PASID entry (ref 2.6). */
    uint64_t *leaf(uint64_t gva)
    {
        uint8_t *memory = host.machine.memory.base + vm.base;
        vtd_vmm_event *bind = nullptr;
        for (vtd_vmm_event &e : vm.events)
            bind = e.kind == VTD_VMM_BIND && e.gpasid == pasid ? &e : bind;
        uint64_t table = bind->gpgd;
        for (int shift = 39; shift > 12; shift -= 9)
            table = ((uint64_t *)(memory + table))[gva >> shift & 511] & UINT64_C(0x000ffffffffff000);
        return (uint64_t *)(memory + table) + (gva >> 12 & 511);
    }
    /* What the virtual unit finds. */
    unsigned by_itself(uint32_t p, uint64_t addr, vtd_access access, unsigned flags)
    {
        vtd_request req = host.want(p, addr, access, flags);
        req.sid = kGuestSid;
        vtd_response resp{};
        EXPECT_EQ(vtd_peek(vtd_vmm_unit(vm.vmm), &req, &resp), VTD_STATUS_OK);
        return resp.fault;
    }
};

} // namespace

INSTANTIATE_TEST_SUITE_P(Vmm, GuestFaults, testing::Bool(),
                         [](const auto &i) { return i.param ? "GuestOwned" : "Identity"; });

TEST_P(GuestFaults, WhatItsPageTableSaysIsTheGuests)
{
    const struct {
        unsigned host, guest; /* reasons (ref 5.2) */
        uint64_t addr;
        vtd_access access;
        unsigned flags;
        std::function<void()> spoil;
        unsigned type; /* {T1,T2} */
    } cases[] = {
        {0x71, 0x71, kGva + 5 * kPage, VTD_READ, 0, [] {}, 2},                             /* not present */
        {0x80, 0x80, kGva | UINT64_C(1) << 47, VTD_WRITE, 0, [] {}, 0},                    /* not canonical */
        {0x71, 0x71, kGva + 6 * kPage, VTD_ATOMIC, VTD_REQ_PRIV, [] {}, 3},                /* the same, privileged */
        {0x85, 0x85, kGva, VTD_WRITE, 0, [this] { *leaf(kGva) &= ~UINT64_C(2); }, 0},      /* read-only */
        {0x85, 0x85, kGva, VTD_ATOMIC, 0, [this] { *leaf(kGva) &= ~UINT64_C(2); }, 3},     /* the same */
        {0x81, 0x81, kGva, VTD_READ, 0, [this] { *leaf(kGva) &= ~UINT64_C(4); }, 2},       /* a supervisor's page */
        {0x74, 0x72, kGva, VTD_WRITE, 0, [this] { *leaf(kGva) |= UINT64_C(1) << 50; }, 0}, /* wider than 48 bits */
    };
    const uint64_t good = *leaf(kGva);
    for (const auto &c : cases) {
        SCOPED_TRACE(testing::Message() << std::hex << c.host << " of " << c.addr);
        *leaf(kGva) = good;
        c.spoil();
        vm.faults.clear();
        host.faults.clear();
        vm.interrupts.clear();
        ASSERT_EQ(host.request(kHostSid, hpasid, c.addr, c.access, c.flags).fault, c.host);
        ASSERT_EQ(by_itself(pasid, c.addr, c.access, c.flags), c.guest);
        ASSERT_EQ(host.handle_faults(), 1);
        EXPECT_EQ(host.faults.at(0), VTD_VMM_FAULT_OF_GUEST);
        EXPECT_EQ(vm.interrupts, std::vector<uint32_t>{GuestMachine::kFaultEvent});
        ASSERT_EQ(vm.handle_faults(), 1);
        const vtd_drv_fault &f = vm.faults.at(0);
        EXPECT_EQ(f.reason, c.guest);
        EXPECT_EQ(f.sid, kGuestSid);
        EXPECT_EQ(f.pasid, pasid);
        EXPECT_TRUE(f.has_pasid);
        EXPECT_EQ(f.addr, c.addr & ~UINT64_C(0xfff));
        EXPECT_EQ(f.type, c.type);
        EXPECT_EQ(f.privileged, c.flags != 0);
        const uint64_t flush[][4] = {{VTD_TYPE_IOTLB_INV | UINT64_C(1) << 4, 0, 0, 0}};
        ASSERT_EQ(vtd_drv_submit_raw(vm.drv, flush, 1), 0);
    }
    EXPECT_EQ(vm.stats().faults, std::size(cases));
    EXPECT_EQ(vm.events.back().kind == VTD_VMM_INVALIDATE || vm.events.back().kind == VTD_VMM_FAULT, true);
    EXPECT_EQ(other.handle_faults(), 0);
}

TEST_P(GuestFaults, TheSecondStageStaysWithTheHost)
{
    ASSERT_EQ(vtd_drv_map(process, kGva + kPage, GuestMachine::kMemory + kGpa, kPage, kRw), 0);
    EXPECT_EQ(host.request(kHostSid, hpasid, kGva + kPage).fault, kSss2) << "a page beyond the machine's memory";
    EXPECT_EQ(host.request(kHostSid, 0, GuestMachine::kMemory).fault, kSss2) << "without PASID";
    ASSERT_EQ(vtd_drv_attach(vm.drv, kGuestSid, 99, vm.foreign(GuestMachine::kMemory + kGpa)), 0);
    if (const uint32_t far = vm.host_pasid(kGuestSid, 99)) {
        EXPECT_EQ(host.request(kHostSid, far, kGva).fault, kSss2) << "a root table beyond it";
    }
    const int count = host.handle_faults();
    EXPECT_EQ(count, GetParam() ? 3 : 2) << "identity: nobody gave the guest PASID 99, so that it is not bound";
    for (vtd_vmm_fault_result result : host.faults)
        EXPECT_NE(result, VTD_VMM_FAULT_OF_GUEST);
    EXPECT_EQ(vm.handle_faults() + other.handle_faults(), 0);
    EXPECT_TRUE(vm.interrupts.empty());
    EXPECT_EQ(vm.stats().faults, 0u);
}

TEST_P(GuestFaults, PasidsThatAreNotBoundAreNobodys)
{
    EXPECT_NE(host.request(kHostSid, 777, kGva).fault, 0u);
    EXPECT_NE(host.request(0x4440, hpasid, kGva).fault, 0u);
    EXPECT_EQ(host.handle_faults(), 2);
    for (vtd_vmm_fault_result result : host.faults)
        EXPECT_EQ(result, VTD_VMM_FAULT_NOT_MINE);
    EXPECT_EQ(vm.handle_faults() + other.handle_faults(), 0);
}

TEST_P(GuestFaults, EachGuestGetsItsOwn)
{
    const uint32_t others_hpasid = other.host_pasid(kGuestSid, others_pasid);
    host.request(0x9910, others_hpasid, kGva + 0x3000);
    host.request(kHostSid, hpasid, kGva + 0x8000, VTD_WRITE);
    ASSERT_EQ(host.handle_faults(), 2);
    ASSERT_EQ(vm.handle_faults(), 1);
    ASSERT_EQ(other.handle_faults(), 1);
    EXPECT_EQ(vm.faults[0].addr, kGva + 0x8000);
    EXPECT_EQ(vm.faults[0].type, 0);
    EXPECT_EQ(other.faults[0].addr, kGva + 0x3000);
    EXPECT_EQ(other.faults[0].pasid, others_pasid);
}

TEST_P(GuestFaults, AFaultWithoutPasidIsToldWithoutPasid)
{
    vtd_drv_domain *rid = vm.process();
    ASSERT_EQ(vtd_drv_attach(vm.drv, kGuestSid, VTD_DRV_RID_PASID, rid), 0);
    EXPECT_EQ(host.request(kHostSid, 0, kGva + kPage, VTD_WRITE).fault, kSfs2);
    ASSERT_EQ(host.handle_faults(), 1);
    ASSERT_EQ(vm.handle_faults(), 1);
    EXPECT_FALSE(vm.faults[0].has_pasid);
    EXPECT_EQ(vm.faults[0].sid, kGuestSid);
    EXPECT_EQ(vm.faults[0].addr, kGva + kPage);
}

TEST_P(GuestFaults, AGuestThatDisabledThemIsNotTold)
{
    ASSERT_EQ(vtd_drv_map(process, kGva + 9 * kPage, kGpa, kPage, kRw), 0);
    uint8_t *memory = host.machine.memory.base + vm.base;
    const uint64_t root = vtd_mmio_read64(vtd_vmm_unit(vm.vmm), VTD_REG_RTADDR) & ~UINT64_C(0xfff);
    const uint64_t context = *(uint64_t *)(memory + root + 16 * (kGuestSid >> 8)) & ~UINT64_C(0xfff);
    uint64_t *context_entry = (uint64_t *)(memory + context + 32 * (kGuestSid & 0x7f));
    uint64_t *directory_entry = (uint64_t *)(memory + (*context_entry & ~UINT64_C(0xfff))) + pasid / 64;
    uint64_t *entry = (uint64_t *)(memory + (*directory_entry & ~UINT64_C(0xfff))) + 8 * (pasid % 64);
    for (uint64_t *q : {context_entry, directory_entry, entry}) { /* FPD is bit 1 of each (ref 2.3 to 2.5) */
        *q |= 2;
        host.request(kHostSid, hpasid, kGva + kPage);
        ASSERT_EQ(host.handle_faults(), 1);
        EXPECT_EQ(host.faults.back(), VTD_VMM_FAULT_OF_GUEST) << "and nobody else's";
        EXPECT_EQ(vm.handle_faults(), 0);
        *q &= ~UINT64_C(2);
    }
    host.request(kHostSid, hpasid, kGva + kPage);
    ASSERT_EQ(host.handle_faults(), 1);
    EXPECT_EQ(vm.handle_faults(), 1);
}

TEST_P(GuestFaults, MoreThanItHasRecordsForAreItsOverflow)
{
    vtd_drv_info info;
    vtd_drv_get_info(vm.drv, &info);
    for (unsigned i = 0; i < 2 * info.fault_records; i++) {
        host.request(kHostSid, hpasid, kGva + (1 + i) * kPage);
        ASSERT_EQ(host.handle_faults(), 1) << "the host's records are free again each time";
    }
    EXPECT_EQ(vm.interrupts.size(), 1u) << "one event until the guest looks (ref 5.4)";
    bool overflow = false;
    EXPECT_EQ(vm.handle_faults(&overflow), (int)info.fault_records);
    EXPECT_TRUE(overflow);
    host.request(kHostSid, hpasid, kGva + kPage);
    host.handle_faults();
    EXPECT_EQ(vm.handle_faults(&overflow), 1);
    EXPECT_FALSE(overflow);
}

/* Every reason there is, and that is not, as a host's unit might say it. */
TEST_P(GuestFaults, EachReasonGoesToWhomItBelongs)
{
    const std::map<unsigned, unsigned> guests = {
        {0x5c, 0x5c}, {0x5d, 0x5d},                                           /* what the PASID entry allows */
        {0x70, 0x70}, {0x71, 0x71}, {0x72, 0x72}, {0x73, 0x73},               /* the walk of the first stage */
        {0x74, 0x72}, {0x75, 0x73}, {0x76, 0x70}, {0x77, 0x70},               /* ... nested */
        {0x80, 0x80}, {0x81, 0x81}, {0x82, 0x82}, {0x85, 0x85}, {0x86, 0x86}, /* what it is asked for */
        {0x90, 0x90}, {0x91, 0x91},                                           /* its accessed and dirty bits */
    };
    for (unsigned reason = 0; reason < 256; reason++) {
        for (uint8_t type : {2, 1}) {
            vtd_drv_fault f{};
            f.reason = (uint8_t)reason;
            f.sid = kHostSid;
            f.pasid = hpasid;
            f.has_pasid = true;
            f.type = type;
            f.addr = kGva;
            vm.faults.clear();
            const auto it = type == 1 ? guests.end() : guests.find(reason);
            EXPECT_EQ(vtd_vmm_fault(vm.vmm, &f), it == guests.end() ? VTD_VMM_FAULT_OF_HOST : VTD_VMM_FAULT_OF_GUEST)
                << std::hex << reason;
            ASSERT_EQ(vm.handle_faults(), it != guests.end()) << std::hex << reason;
            if (it != guests.end()) {
                EXPECT_EQ(vm.faults[0].reason, it->second);
            }
        }
    }
}
