/* SPDX-License-Identifier: MIT */
/*
 * Guest PASID = host PASID (ref 9): the guest's driver on its virtual unit allocates, binds, maps, unmaps and takes down, and
 * devices behind the host's unit see each step.
 */
#include "vmm_rig.h"

extern "C" {
#include "vtd/vtd_structs.h"
}

namespace
{

constexpr uint16_t kGuestSid = 0x0008, kHostSid = 0x0510, kOtherGuestSid = 0x0010, kOtherHostSid = 0x9910;
constexpr uint64_t kGva = 0x7f0000400000, kGpa = GuestMachine::kData + 0x5000;

struct Identity : testing::Test {
    Host host;
    GuestMachine vm{host};

    void SetUp() override
    {
        ASSERT_EQ(vtd_vmm_assign(vm.vmm, kGuestSid, kHostSid), 0);
        vm.events.clear();
    }
};

} // namespace

TEST_F(Identity, ADeviceFollowsTheGuestFromAllocationToTeardown)
{
    for (uint8_t width : {48, 57}) {
        const uint32_t pasid = vm.pasid();
        vtd_drv_domain *process = vm.process(width);
        ASSERT_EQ(vtd_drv_map(process, kGva, kGpa, kPage, kRw), 0);
        EXPECT_EQ(host.reach(kHostSid, pasid, kGva), 0u) << "not bound yet";
        ASSERT_EQ(vtd_drv_attach(vm.drv, kGuestSid, pasid, process), 0);
        EXPECT_EQ(vm.host_pasid(kGuestSid, pasid), pasid);
        EXPECT_EQ(host.reach(kHostSid, pasid, kGva + 0x123), vm.base + kGpa + 0x123);

        ASSERT_EQ(vtd_drv_map(process, kGva + kPage, kGpa + 7 * kPage, kPage, kRw), 0);
        EXPECT_EQ(host.reach(kHostSid, pasid, kGva + kPage), vm.base + kGpa + 7 * kPage) << "no flush is needed";
        ASSERT_EQ(vtd_drv_unmap(process, kGva, kPage), (int64_t)kPage);
        unsigned fault = 0;
        EXPECT_EQ(host.reach(kHostSid, pasid, kGva, &fault), 0u) << "the guest's flush reached the host";
        EXPECT_EQ(fault, kSfs2);
        ASSERT_EQ(vtd_drv_map(process, kGva, kGpa + kPage, kPage, kRw), 0);
        EXPECT_EQ(host.reach(kHostSid, pasid, kGva), vm.base + kGpa + kPage);

        ASSERT_EQ(vtd_drv_detach(vm.drv, kGuestSid, pasid), 0);
        EXPECT_EQ(host.reach(kHostSid, pasid, kGva, &fault), 0u);
        EXPECT_EQ(fault, kSpt2);
        EXPECT_EQ(vm.host_pasid(kGuestSid, pasid), 0u);
        EXPECT_EQ(vtd_drv_pasid_free(vm.drv, pasid), 0);
        EXPECT_EQ(vtd_drv_domain_destroy(process), 0);
    }
    EXPECT_EQ(vm.stats().binds, 2u);
    EXPECT_EQ(vm.stats().unbinds, 2u);
    EXPECT_EQ(vm.stats().refused, 0u);
    EXPECT_EQ(vm.stats().allocs, 2u);
    EXPECT_EQ(vm.stats().frees, 2u);
}

TEST_F(Identity, EachStepIsTold)
{
    const uint32_t pasid = vm.pasid();
    vtd_drv_domain *process = vm.process(57);
    ASSERT_EQ(vtd_drv_map(process, kGva, kGpa, kPage, kRw), 0);
    ASSERT_EQ(vtd_drv_attach(vm.drv, kGuestSid, pasid, process), 0);
    ASSERT_EQ(vtd_drv_unmap(process, kGva, kPage), (int64_t)kPage);
    ASSERT_EQ(vtd_drv_detach(vm.drv, kGuestSid, pasid), 0);
    ASSERT_EQ(vtd_drv_pasid_free(vm.drv, pasid), 0);
    ASSERT_GE(vm.events.size(), 5u);
    EXPECT_EQ(vm.events[0].kind, VTD_VMM_PASID_ALLOC);
    EXPECT_EQ(vm.events[1].kind, VTD_VMM_BIND);
    EXPECT_EQ(vm.events[1].guest_sid, kGuestSid);
    EXPECT_EQ(vm.events[1].host_sid, kHostSid);
    EXPECT_EQ(vm.events[1].addr_width, 57u);
    EXPECT_LT(vm.events[1].gpgd, GuestMachine::kData) << "guest physical, of the guest driver's frames";
    EXPECT_EQ(vm.events[2].kind, VTD_VMM_INVALIDATE);
    EXPECT_EQ(vm.events[2].addr, kGva);
    EXPECT_EQ(vm.events[2].size, kPage);
    EXPECT_EQ(vm.events[vm.events.size() - 2].kind, VTD_VMM_UNBIND);
    EXPECT_EQ(vm.events.back().kind, VTD_VMM_PASID_FREE);
    for (const vtd_vmm_event &e : vm.events) {
        EXPECT_EQ(e.gpasid, pasid);
        EXPECT_EQ(e.hpasid, pasid);
        EXPECT_EQ(e.result, 0);
    }
}

TEST_F(Identity, OnlyPasidsThatTheGuestAllocatedAreBound)
{
    GuestMachine other(host, 1);
    const uint32_t others = other.pasid();
    for (uint32_t pasid : {others, 777u}) {
        ASSERT_EQ(vtd_drv_attach(vm.drv, kGuestSid, pasid, vm.process()), 0) << "the guest may write what it likes";
        EXPECT_EQ(vm.host_pasid(kGuestSid, pasid), 0u);
        ASSERT_FALSE(vm.events.empty());
        EXPECT_EQ(vm.events.back().kind == VTD_VMM_BIND ? vm.events.back().result : 0, -EPERM);
        EXPECT_EQ(host.reach(kHostSid, pasid, kGva), 0u);
    }
    EXPECT_EQ(vm.stats().binds, 0u);
}

TEST_F(Identity, APasidInUseCannotBeFreedByCommand)
{
    const uint32_t pasid = vm.pasid();
    vtd_drv_domain *process = vm.process();
    ASSERT_EQ(vtd_drv_map(process, kGva, kGpa, kPage, kRw), 0);
    ASSERT_EQ(vtd_drv_attach(vm.drv, kGuestSid, pasid, process), 0);
    vtd_mmio_write64(vtd_vmm_unit(vm.vmm), VTD_REG_VCMD, (uint64_t)pasid << VTD_VCMD_OA_LSB | VTD_VCMD_FREE_PASID);
    const uint64_t response = vtd_mmio_read64(vtd_vmm_unit(vm.vmm), VTD_REG_VCRSP);
    EXPECT_EQ(vtd_reg_vcrsp_sc(response), (uint64_t)VTD_VCMD_INVALID_PASID);
    EXPECT_EQ(vm.events.back().result, -EBUSY);
    EXPECT_EQ(host.reach(kHostSid, pasid, kGva), vm.base + kGpa);
}

TEST_F(Identity, TheQuotaHoldsForVirtualCommands)
{
    GuestMachine small(host, 1, false, 2);
    uint32_t pasid = 0;
    small.pasid();
    small.pasid();
    EXPECT_EQ(vtd_drv_pasid_alloc(small.drv, &pasid), -ENOSPC);
    EXPECT_EQ(small.events.back().result, -EDQUOT);
}

TEST_F(Identity, RequestsWithoutPasidReachTheGuestsMemoryOrItsFirstStage)
{
    EXPECT_EQ(host.reach(kHostSid, 0, kGpa), vm.base + kGpa);
    EXPECT_EQ(host.reach(kHostSid, 0, GuestMachine::kMemory), 0u);
    vtd_drv_domain *kernel = vm.process();
    ASSERT_EQ(vtd_drv_map(kernel, 0x10000, kGpa, kPage, kRw), 0);
    ASSERT_EQ(vtd_drv_attach(vm.drv, kGuestSid, 0, kernel), 0);
    EXPECT_EQ(host.reach(kHostSid, 0, 0x10010), vm.base + kGpa + 0x10);
    ASSERT_EQ(vtd_drv_unmap(kernel, 0x10000, kPage), (int64_t)kPage);
    EXPECT_EQ(host.reach(kHostSid, 0, 0x10010), 0u);
    const uint32_t pasid = vm.pasid();
    ASSERT_EQ(vtd_drv_map(kernel, 0x10000, kGpa, kPage, kRw), 0);
    ASSERT_EQ(vtd_drv_attach(vm.drv, kGuestSid, pasid, kernel), 0);
    EXPECT_EQ(host.reach(kHostSid, pasid, 0x10010), vm.base + kGpa + 0x10) << "beside it";
    ASSERT_EQ(vtd_drv_detach(vm.drv, kGuestSid, 0), 0);
    EXPECT_EQ(host.reach(kHostSid, 0, kGpa), vm.base + kGpa);
    EXPECT_EQ(host.reach(kHostSid, pasid, 0x10010), vm.base + kGpa + 0x10);
}

TEST_F(Identity, ATableOutsideOfTheGuestsMemoryReachesNothing)
{
    const uint64_t roots[] = {GuestMachine::kMemory, UINT64_C(1) << 40, (UINT64_C(1) << 46) - kPage};
    for (uint64_t root : roots) {
        const uint32_t pasid = vm.pasid();
        ASSERT_EQ(vtd_drv_attach(vm.drv, kGuestSid, pasid, vm.foreign(root)), 0);
        EXPECT_EQ(host.reach(kHostSid, pasid, kGva), 0u) << root;
    }
    const uint32_t pasid = vm.pasid();
    vtd_drv_domain *process = vm.process();
    ASSERT_EQ(vtd_drv_map(process, kGva, GuestMachine::kMemory, kPage, kRw), 0) << "a page that the guest has not";
    ASSERT_EQ(vtd_drv_attach(vm.drv, kGuestSid, pasid, process), 0);
    unsigned fault = 0;
    EXPECT_EQ(host.reach(kHostSid, pasid, kGva, &fault), 0u);
    EXPECT_EQ(fault, kSss2);
}

TEST_F(Identity, WhenTheGuestTurnsItsUnitOffNothingStaysBound)
{
    const uint32_t pasid = vm.pasid();
    vtd_drv_domain *process = vm.process();
    ASSERT_EQ(vtd_drv_map(process, kGva, kGpa, kPage, kRw), 0);
    ASSERT_EQ(vtd_drv_attach(vm.drv, kGuestSid, pasid, process), 0);
    ASSERT_EQ(vtd_drv_stop(vm.drv), 0);
    EXPECT_EQ(host.reach(kHostSid, pasid, kGva), 0u);
    ASSERT_EQ(vtd_drv_start(vm.drv), 0);
    EXPECT_EQ(host.reach(kHostSid, pasid, kGva), vm.base + kGpa) << "and on again, all is as it was";
}

TEST_F(Identity, ADeviceThatIsTakenAwayReachesNothing)
{
    ASSERT_EQ(vtd_vmm_assign(vm.vmm, kOtherGuestSid, kOtherHostSid), 0);
    const uint32_t pasid = vm.pasid();
    vtd_drv_domain *process = vm.process();
    ASSERT_EQ(vtd_drv_map(process, kGva, kGpa, kPage, kRw), 0);
    ASSERT_EQ(vtd_drv_attach(vm.drv, kGuestSid, pasid, process), 0);
    ASSERT_EQ(vtd_drv_attach(vm.drv, kOtherGuestSid, pasid, process), 0);
    EXPECT_EQ(host.reach(kOtherHostSid, pasid, kGva), vm.base + kGpa);
    EXPECT_EQ(vtd_vmm_assign(vm.vmm, kGuestSid, 0x1111), -EBUSY);
    EXPECT_EQ(vtd_vmm_assign(vm.vmm, 0x20, kHostSid), -EBUSY);
    ASSERT_EQ(vtd_vmm_remove(vm.vmm, kGuestSid), 0);
    EXPECT_EQ(vtd_vmm_remove(vm.vmm, kGuestSid), -ENOENT);
    EXPECT_EQ(host.reach(kHostSid, pasid, kGva), 0u);
    EXPECT_EQ(host.reach(kHostSid, 0, kGpa), 0u);
    EXPECT_EQ(host.reach(kOtherHostSid, pasid, kGva), vm.base + kGpa) << "the other one goes on";
    ASSERT_EQ(vtd_vmm_assign(vm.vmm, kGuestSid, kHostSid), 0);
    EXPECT_EQ(host.reach(kHostSid, pasid, kGva), vm.base + kGpa)
        << "what the guest has bound meanwhile is there at once";
}

TEST_F(Identity, TheDeviceTlbFollowsToo)
{
    vtd_requester_config config{};
    config.sid = kHostSid;
    config.ats = config.pasid = true;
    config.device_tlb.entries = 64;
    config.device_tlb.ways = 4;
    vtd_requester *device = nullptr;
    ASSERT_EQ(vtd_machine_add_requester(&host.machine, &config, &device, nullptr), 0);
    const vtd_drv_ats_spec spec{};
    ASSERT_EQ(vtd_drv_ats_enable(host.drv, kHostSid, &spec), 0);

    const uint32_t pasid = vm.pasid();
    vtd_drv_domain *process = vm.process();
    ASSERT_EQ(vtd_drv_map(process, kGva, kGpa, 8 * kPage, kRw), 0);
    ASSERT_EQ(vtd_drv_attach(vm.drv, kGuestSid, pasid, process), 0);
    ASSERT_EQ(vtd_drv_ats_enable(vm.drv, kGuestSid, &spec), 0) << "the guest may use its virtual unit's ATS";
    const auto access = [&](uint64_t gva) {
        vtd_request req{};
        req.addr = gva;
        req.pasid = pasid;
        req.access = VTD_READ;
        req.flags = VTD_REQ_PASID;
        req.len = 4;
        vtd_requester_outcome out{};
        vtd_requester_access(device, &req, &out);
        return out;
    };
    EXPECT_EQ(access(kGva).hpa, vm.base + kGpa);
    EXPECT_EQ(access(kGva).way, VTD_REQUESTER_HIT) << "in its device TLB";
    ASSERT_EQ(vtd_drv_unmap(process, kGva, kPage), (int64_t)kPage);
    EXPECT_NE(access(kGva).result, VTD_REQUESTER_DONE);

    /* A flush of the device TLB alone, of 4 pages: bits 13:12 of the address are 01 (ref 3.2). */
    vm.events.clear();
    const uint64_t flush[][4] = {
        {VTD_TYPE_P_DEV_TLB_INV | (uint64_t)kGuestSid << 16 | (uint64_t)pasid << 32, kGva | 0x1000 | 1 << 11, 0, 0}};
    EXPECT_EQ(access(kGva + 2 * kPage).hpa, vm.base + kGpa + 2 * kPage);
    ASSERT_EQ(vtd_drv_submit_raw(vm.drv, flush, 1), 0);
    ASSERT_EQ(vm.events.size(), 1u);
    EXPECT_TRUE(vm.events[0].device_only);
    EXPECT_EQ(vm.events[0].addr, kGva);
    EXPECT_EQ(vm.events[0].size, 4 * kPage);
    const vtd_requester_outcome again = access(kGva + 2 * kPage);
    EXPECT_EQ(again.way, VTD_REQUESTER_ASKED);
    EXPECT_EQ(again.hpa, vm.base + kGpa + 2 * kPage);
}

TEST(Vmm, WhatCannotBeAMachineIsRefusedWithASentence)
{
    Host host;
    vtd_vmm_config good{};
    good.machine = &host.machine;
    good.driver = host.drv;
    good.pasids = &host.pasids;
    good.memory_start = 128 * kMiB;
    good.memory_size = 64 * kMiB;
    good.frames_end = kMiB;
    const struct {
        void (*spoil)(vtd_vmm_config &);
    } cases[] = {
        {[](vtd_vmm_config &c) { c.memory_size = 0; }},
        {[](vtd_vmm_config &c) { c.memory_size = 4097; }},
        {[](vtd_vmm_config &c) { c.memory_start = 8; }},
        {[](vtd_vmm_config &c) { c.memory_start = Host::kMemory - kPage; }},
        {[](vtd_vmm_config &c) { c.memory_start = ~UINT64_C(0xfff); }},
        {[](vtd_vmm_config &c) { c.frames_end = c.memory_size + kPage; }},
        {[](vtd_vmm_config &c) { c.frames_start = 2 * kMiB; }},
    };
    vtd_vmm *vmm = nullptr;
    for (const auto &c : cases) {
        vtd_vmm_config bad = good;
        char why[VTD_WHY_SIZE] = "";
        c.spoil(bad);
        EXPECT_EQ(vtd_vmm_create(&bad, &vmm, why), -EINVAL);
        EXPECT_EQ(vmm, nullptr);
        EXPECT_NE(why[0], 0);
    }
    std::vector<vtd_vmm *> all(VTD_PASID_SETS_MAX);
    for (vtd_vmm *&v : all) /* one after the other they share the memory: nothing forbids that */
        ASSERT_EQ(vtd_vmm_create(&good, &v, nullptr), 0);
    EXPECT_EQ(vtd_vmm_create(&good, &vmm, nullptr), -ENOSPC);
    for (vtd_vmm *v : all)
        EXPECT_EQ(vtd_vmm_destroy(v), 0);
}

TEST(Vmm, AUnitWithoutNestingCannotServeMachines)
{
    vtd_config config;
    vtd_machine machine{};
    vtd_drv *drv = nullptr;
    vtd_pasid_sets pasids{};
    ASSERT_EQ(vtd_config_preset(&config, "qemu"), VTD_STATUS_OK);
    ASSERT_EQ(vtd_machine_init(&machine, &config, 256 * kMiB, kMiB, 64 * kMiB, nullptr), 0);
    ASSERT_EQ(vtd_drv_create(&machine.bus, nullptr, &drv), 0);
    vtd_vmm_config c{};
    c.machine = &machine;
    c.driver = drv;
    c.pasids = &pasids;
    c.memory_start = 128 * kMiB;
    c.memory_size = 64 * kMiB;
    vtd_vmm *vmm = nullptr;
    EXPECT_EQ(vtd_vmm_create(&c, &vmm, nullptr), -EINVAL);
    EXPECT_EQ(vtd_vmm_destroy(nullptr), 0);
    vtd_drv_destroy(drv);
    vtd_machine_fini(&machine);
}

/* ---------------------------------------------------------------- PASIDs of the guest's own */

TEST(GuestOwned, GuestsUseTheSameNumbersForDifferentProcesses)
{
    Host host;
    GuestMachine a(host, 0, true), b(host, 1, true);
    ASSERT_EQ(vtd_vmm_assign(a.vmm, kGuestSid, kHostSid), 0);
    ASSERT_EQ(vtd_vmm_assign(b.vmm, kGuestSid, kOtherHostSid), 0);
    uint32_t hpasid[2][3];
    for (uint32_t i = 0; i < 3; i++) {
        unsigned n = 0;
        for (GuestMachine *g : {&a, &b}) {
            const uint32_t gpasid = g->pasid();
            EXPECT_EQ(gpasid, i + 1) << "no virtual command: the driver's own lowest";
            vtd_drv_domain *process = g->process(i % 2 ? 57 : 48);
            ASSERT_EQ(vtd_drv_map(process, kGva, kGpa + i * kPage, kPage, kRw), 0);
            ASSERT_EQ(vtd_drv_attach(g->drv, kGuestSid, gpasid, process), 0);
            hpasid[n++][i] = g->host_pasid(kGuestSid, gpasid);
        }
    }
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t gpasid = 0;
        EXPECT_NE(hpasid[0][i], hpasid[1][i]);
        EXPECT_EQ(host.reach(kHostSid, hpasid[0][i], kGva), a.base + kGpa + i * kPage);
        EXPECT_EQ(host.reach(kOtherHostSid, hpasid[1][i], kGva), b.base + kGpa + i * kPage);
        EXPECT_EQ(host.reach(kHostSid, hpasid[1][i], kGva), 0u) << "of the other machine";
        EXPECT_EQ(vtd_drv_sva_gpasid(host.drv, kOtherHostSid, hpasid[1][i], &gpasid), 0);
        EXPECT_EQ(gpasid, i + 1);
    }
    ASSERT_EQ(vtd_drv_detach(a.drv, kGuestSid, 2), 0);
    EXPECT_EQ(host.reach(kHostSid, hpasid[0][1], kGva), 0u);
    EXPECT_EQ(host.reach(kOtherHostSid, hpasid[1][1], kGva), b.base + kGpa + kPage);
    EXPECT_EQ(a.host_pasid(kGuestSid, 2), 0u);
}

TEST(GuestOwned, TheQuotaCountsBoundPasids)
{
    Host host;
    GuestMachine vm(host, 0, true, 2);
    ASSERT_EQ(vtd_vmm_assign(vm.vmm, kGuestSid, kHostSid), 0);
    for (uint32_t gpasid : {900u, 5u, 70000u})
        ASSERT_EQ(vtd_drv_attach(vm.drv, kGuestSid, gpasid, vm.process()), 0);
    EXPECT_EQ(vm.stats().binds, 2u);
    EXPECT_EQ(vm.host_pasid(kGuestSid, 70000), 0u);
    EXPECT_EQ(vm.events.back().result, -EDQUOT);
    ASSERT_EQ(vtd_drv_detach(vm.drv, kGuestSid, 900), 0);
    ASSERT_EQ(vtd_drv_detach(vm.drv, kGuestSid, 70000), 0);
    ASSERT_EQ(vtd_drv_attach(vm.drv, kGuestSid, 70000, vm.process()), 0);
    EXPECT_NE(vm.host_pasid(kGuestSid, 70000), 0u);
}
