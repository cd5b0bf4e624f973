/* SPDX-License-Identifier: MIT */
/*
 * A guest that writes anything anywhere in its memory, its registers and its queue: nothing crashes, and no device of it
 * reaches what is not its machine's. And many guests' binds at random, against a plain dictionary.
 */
#include "vmm_rig.h"

extern "C" {
#include "vtd/vtd_structs.h"
}

#include <cstring>
#include <map>
#include <random>

namespace
{

constexpr uint64_t kGva = 0x7f0000400000;

/* Guest physical addresses of the tables of a device, followed from the root (ref 2.2 to 2.4). */
struct Tables {
    uint64_t root, context, directory, entries;
};

Tables tables_of(const GuestMachine &vm, uint16_t sid)
{
    const auto qword = [&vm](uint64_t gpa) { return *(uint64_t *)(vm.host.machine.memory.base + vm.base + gpa); };
    Tables t{};
    t.root = vtd_mmio_read64(vtd_vmm_unit(vm.vmm), VTD_REG_RTADDR) & ~UINT64_C(0xfff);
    t.context = qword(t.root + 16 * (sid >> 8) + 8 * (sid >> 7 & 1)) & ~UINT64_C(0xfff);
    t.directory = qword(t.context + 32 * (sid & 0x7f)) & ~UINT64_C(0xfff);
    t.entries = qword(t.directory) & ~UINT64_C(0xfff);
    return t;
}

} // namespace

TEST(HostileGuest, ReachesNothingButItsMemory)
{
    for (bool own : {false, true}) {
        Host host;
        GuestMachine victim(host, 0, own), vm(host, 1, own, 20);
        ASSERT_EQ(vtd_vmm_assign(victim.vmm, 0x08, 0x0110), 0);
        ASSERT_EQ(vtd_vmm_assign(vm.vmm, 0x08, 0x0210), 0);
        vtd_drv_domain *good = victim.process();
        const uint32_t good_pasid = victim.pasid();
        ASSERT_EQ(vtd_drv_map(good, kGva, GuestMachine::kData, kPage, kRw), 0);
        ASSERT_EQ(vtd_drv_attach(victim.drv, 0x08, good_pasid, good), 0);
        const uint32_t good_host_pasid = victim.host_pasid(0x08, good_pasid);

        for (unsigned i = 0; i < 12; i++) {
            vtd_drv_domain *d = vm.process(i % 2 ? 57 : 48);
            ASSERT_EQ(vtd_drv_map(d, kGva, GuestMachine::kData + i * kPage, kPage, kRw), 0);
            ASSERT_EQ(vtd_drv_attach(vm.drv, 0x08, vm.pasid(), d), 0);
        }
        std::mt19937_64 random(11 + own);
        const Tables t = tables_of(vm, 0x08);
        const uint64_t at[] = {t.root, t.context + 32 * 8, t.directory, t.entries, t.entries + 64, t.entries + 64 * 5};
        unsigned reached = 0;
        std::vector<std::pair<uint64_t *, uint64_t>> before;
        for (unsigned round = 0; round < 4000; round++) {
            const uint64_t gpa = at[random() % 6] + 8 * (random() % 8);
            uint64_t *q = (uint64_t *)(host.machine.memory.base + vm.base + gpa);
            before.emplace_back(q, *q);
            switch (random() % 4) {
            case 0: /* a bit */
                *q ^= UINT64_C(1) << random() % 64;
                break;
            case 1: /* somewhere in, or just behind, its memory */
                *q = (*q & 0xfff) | (random() % (2 * GuestMachine::kMemory) & ~UINT64_C(0xfff));
                break;
            case 2:
                *q = random();
                break;
            default:
                *q = (*q & 0xfff) | t.root; /* a table of another kind */
                break;
            }
            const uint32_t pasid = (uint32_t)(random() % 14);
            const uint64_t descriptors[][4] = {
                {VTD_TYPE_PC_INV | UINT64_C(1) << 4 | (uint64_t)pasid << 32, 0, 0, 0},
                {VTD_TYPE_PC_INV | UINT64_C(3) << 4, 0, 0, 0},
                {VTD_TYPE_CC_INV | UINT64_C(1) << 4, 0, 0, 0},
                {VTD_TYPE_P_IOTLB_INV | UINT64_C(3) << 4 | (random() & 0xffff) << 16 | (uint64_t)pasid << 32,
                 random() & ~UINT64_C(0xf80), 0, 0},
                {VTD_TYPE_IOTLB_INV | UINT64_C(1) << 4, 0, 0, 0},
                {VTD_TYPE_P_DEV_TLB_INV | UINT64_C(8) << 16, random() & ~UINT64_C(0x7fe), 0, 0},
            };
            vtd_drv_submit_raw(vm.drv, &descriptors[random() % 6], 1); /* refused ones are repaired by the driver */
            for (uint32_t p = 0; p < 40; p++) {
                const uint64_t hpa = host.reach(0x0210, p, kGva);
                ASSERT_TRUE(hpa == 0 || (hpa >= vm.base && hpa < vm.base + GuestMachine::kMemory)) << std::hex << hpa;
                reached += hpa != 0;
            }
            ASSERT_EQ(host.reach(0x0110, good_host_pasid, kGva), victim.base + GuestMachine::kData);
            for (; round % 3 == 2 && !before.empty(); before.pop_back()) /* so that there is something to damage */
                *before.back().first = before.back().second;
        }
        EXPECT_GT(reached, 1000u) << "the test looks at something";
        EXPECT_GT(vm.stats().refused, 100u);
        EXPECT_GT(vm.stats().binds, 100u);
        vtd_drv_destroy(vm.drv); /* over tables that are not its own any more */
        vm.drv = nullptr;
    }
}

TEST(ManyGuests, AgreeWithADictionary)
{
    struct Bound {
        vtd_drv_domain *domain;
        std::map<uint64_t, uint64_t> pages;
    };
    Host host;
    GuestMachine a(host, 0, false), b(host, 1, true), c(host, 2, true);
    GuestMachine *vms[] = {&a, &b, &c};
    std::map<std::pair<unsigned, uint32_t>, Bound> oracle; /* machine, PASID of the guest */
    std::mt19937_64 random(5);
    const uint16_t guest_sid[] = {0x08, 0x10};
    for (unsigned m = 0; m < 3; m++)
        for (unsigned d = 0; d < 2; d++)
            ASSERT_EQ(vtd_vmm_assign(vms[m]->vmm, guest_sid[d], (uint16_t)(0x0100 * (m + 1) + d)), 0);
    const auto pick = [&](unsigned m) {
        std::vector<uint32_t> all;
        for (const auto &[key, bound] : oracle)
            if (key.first == m)
                all.push_back(key.second);
        return all.empty() ? 0 : all[random() % all.size()];
    };
    for (unsigned i = 0; i < 20000; i++) {
        const unsigned m = random() % 3, what = random() % 10;
        GuestMachine &vm = *vms[m];
        const uint32_t old = pick(m);
        Bound *o = old ? &oracle[{m, old}] : nullptr;
        const uint64_t page = random() % 8, gva = kGva + page * kPage;
        if (what == 0 && oracle.size() < 60) {
            const uint32_t gpasid = vm.pasid();
            Bound n{vm.process(random() % 2 ? 57 : 48), {}};
            for (uint16_t sid : guest_sid)
                ASSERT_EQ(vtd_drv_attach(vm.drv, sid, gpasid, n.domain), 0);
            oracle[{m, gpasid}] = n;
        } else if (what == 1 && o) {
            const uint32_t hpasid = vm.host_pasid(guest_sid[0], old);
            for (uint16_t sid : guest_sid)
                ASSERT_EQ(vtd_drv_detach(vm.drv, sid, old), 0);
            ASSERT_EQ(vtd_drv_domain_destroy(o->domain), 0);
            ASSERT_EQ(vtd_drv_pasid_free(vm.drv, old), 0);
            oracle.erase({m, old});
            ASSERT_EQ(host.reach((uint16_t)(0x0100 * (m + 1)), hpasid, gva), 0u);
        } else if (what <= 4 && o && !o->pages.count(gva)) {
            const uint64_t gpa = GuestMachine::kData + random() % 4096 * kPage;
            ASSERT_EQ(vtd_drv_map(o->domain, gva, gpa, kPage, kRw), 0);
            o->pages[gva] = gpa;
        } else if (what == 5 && o) {
            ASSERT_EQ(vtd_drv_unmap(o->domain, gva, kPage), o->pages.erase(gva) ? (int64_t)kPage : 0);
        } else if (o) {
            const unsigned d = random() % 2;
            const uint32_t hpasid = vm.host_pasid(guest_sid[d], old);
            ASSERT_NE(hpasid, 0u);
            const auto it = o->pages.find(gva);
            ASSERT_EQ(host.reach((uint16_t)(0x0100 * (m + 1) + d), hpasid, gva + 8),
                      it == o->pages.end() ? 0 : vm.base + it->second + 8);
        }
    }
    uint64_t bound = 0;
    for (const GuestMachine *vm : vms) {
        EXPECT_EQ(vtd_vmm_stats_get(vm->vmm)->refused, 0u);
        bound += vtd_vmm_stats_get(vm->vmm)->binds - vtd_vmm_stats_get(vm->vmm)->unbinds;
    }
    EXPECT_EQ(bound, 2 * oracle.size());
}
