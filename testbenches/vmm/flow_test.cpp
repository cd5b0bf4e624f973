/* SPDX-License-Identifier: MIT */
/*
 * Both flows of guest PASID binding (ref 9) with 4- and 5-level guests at once: two machines, processes of both widths
 * in each, and with PASIDs of the guests' own equal numbers in both. Where a device gets to is the start of the
 * machine's memory, and the guest physical address that a plain map says.
 */
#include "vmm_rig.h"

#include <map>
#include <random>

namespace
{

constexpr uint16_t kGuestSid = 0x0008;
constexpr unsigned kProcesses = 6, kPages = 24;

/* A process of a guest, and what its page table says. */
struct Process {
    vtd_drv_domain *domain = nullptr;
    uint8_t width = 48;
    uint32_t gpasid = 0, hpasid = 0;
    std::map<uint64_t, uint64_t> pages; /* of 4 KiB: GVA to GPA */
};

/* A machine with a device of its own, which has a device TLB. */
struct Machine : GuestMachine {
    uint16_t host_sid;
    vtd_requester *device = nullptr;
    std::vector<Process> processes{kProcesses};

    Machine(Host &h, unsigned number, bool guest_pasids)
        : GuestMachine(h, number, guest_pasids), host_sid((uint16_t)(0x0510 + 0x1000 * number))
    {
        vtd_requester_config config{};
        config.sid = host_sid;
        config.ats = config.pasid = true;
        config.device_tlb.entries = 256;
        config.device_tlb.ways = 4;
        EXPECT_EQ(vtd_machine_add_requester(&h.machine, &config, &device, nullptr), 0);
        EXPECT_EQ(vtd_vmm_assign(vmm, kGuestSid, host_sid), 0);
        const vtd_drv_ats_spec spec{};
        EXPECT_EQ(vtd_drv_ats_enable(h.drv, host_sid, &spec), 0);
        EXPECT_EQ(vtd_drv_device_add(drv, kGuestSid, 20), 0);
        EXPECT_EQ(vtd_drv_ats_enable(drv, kGuestSid, &spec), 0);
    }
    void map(Process &p, uint64_t gva, uint64_t gpa, uint64_t size)
    {
        ASSERT_EQ(vtd_drv_map(p.domain, gva, gpa, size, kRw), 0);
        for (uint64_t at = 0; at < size; at += kPage)
            p.pages[gva + at] = gpa + at;
    }
    void unmap(Process &p, uint64_t gva, uint64_t size)
    {
        ASSERT_EQ(vtd_drv_unmap(p.domain, gva, size), (int64_t)size);
        for (uint64_t at = 0; at < size; at += kPage)
            p.pages.erase(gva + at);
    }
    vtd_requester_outcome access(uint32_t hpasid, uint64_t gva)
    {
        vtd_request req{};
        req.addr = gva;
        req.pasid = hpasid;
        req.access = VTD_WRITE;
        req.flags = VTD_REQ_PASID;
        req.len = 4;
        vtd_requester_outcome out{};
        vtd_requester_access(device, &req, &out);
        return out;
    }
    /* Both ways to a page, and where they must lead; gpa ~0: nowhere. */
    void expect(const Process &p, uint64_t gva, uint64_t gpa)
    {
        const uint64_t offset = gva / kPage * 8 % kPage;
        const uint64_t direct = host.reach(host_sid, p.hpasid, gva + offset);
        const vtd_requester_outcome out = access(p.hpasid, gva + offset);
        if (gpa == ~UINT64_C(0)) {
            ASSERT_EQ(direct, 0u) << std::hex << gva;
            ASSERT_NE(out.result, VTD_REQUESTER_DONE) << std::hex << gva;
            return;
        }
        ASSERT_EQ(direct, base + gpa + offset) << std::hex << gva;
        ASSERT_EQ(out.result, VTD_REQUESTER_DONE) << std::hex << gva;
        ASSERT_EQ(out.hpa, base + gpa + offset) << std::hex << gva;
    }
    void expect_all()
    {
        for (const Process &p : processes)
            for (const auto &[gva, gpa] : p.pages)
                expect(p, gva, gpa);
    }
};

struct Flow : testing::TestWithParam<bool> {
    Host host;
    Machine a{host, 0, GetParam()}, b{host, 1, GetParam()};
    std::mt19937 random{7};

    /* An address of a page, of all that the width has in its lower half. */
    uint64_t somewhere(uint8_t width)
    {
        const uint64_t bits = (uint64_t)random() << 32 | random();
        return (bits & ((UINT64_C(1) << (width - 1)) - 1) & ~(kPage - 1)) | UINT64_C(1) << (width - 2);
    }
    uint64_t some_page()
    {
        return GuestMachine::kData + random() % 4096 * kPage;
    }
    void SetUp() override
    {
        for (unsigned i = 0; i < kProcesses; i++) {
            for (Machine *m : {&a, &b}) {
                Process &p = m->processes[i];
                p.width = (i + (m == &b)) % 2 ? 57 : 48; /* equal PASIDs have different widths */
                p.domain = m->process(p.width);
                p.gpasid = m->pasid();
                for (unsigned k = 0; k < kPages; k++)
                    m->map(p, somewhere(p.width), some_page(), kPage);
                m->map(p, UINT64_C(0x7f0000400000), GuestMachine::kData + 8 * kMiB, 2 * kMiB); /* a large page */
                ASSERT_EQ(vtd_drv_attach(m->drv, kGuestSid, p.gpasid, p.domain), 0);
                p.hpasid = m->host_pasid(kGuestSid, p.gpasid);
                ASSERT_NE(p.hpasid, 0u);
            }
            const Process &pa = a.processes[i], &pb = b.processes[i];
            EXPECT_EQ(pa.gpasid == pb.gpasid, GetParam()) << "the same number in both, if it is their own";
            EXPECT_NE(pa.hpasid, pb.hpasid);
            EXPECT_EQ(pa.gpasid == pa.hpasid && pb.gpasid == pb.hpasid, !GetParam());
        }
    }
};

} // namespace

INSTANTIATE_TEST_SUITE_P(Vmm, Flow, testing::Bool(), [](const auto &i) { return i.param ? "GuestOwned" : "Identity"; });

TEST_P(Flow, EveryProcessOfBothWidthsReachesItsPagesInItsMachine)
{
    for (Machine *m : {&a, &b}) {
        m->expect_all();
        for (const Process &p : m->processes)
            for (unsigned k = 0; k < kPages; k++)
                if (const uint64_t gva = somewhere(p.width); !p.pages.count(gva))
                    m->expect(p, gva, ~UINT64_C(0));
    }
    for (const Process &p : a.processes)
        for (const auto &[gva, gpa] : b.processes[0].pages)
            EXPECT_EQ(host.reach(b.host_sid, p.hpasid, gva), 0u) << "another machine's PASID on this device";
    /* A 4-level process has no addresses of more than 48 bits, and a bit above is not ignored. */
    for (const Process &p : a.processes)
        if (p.width == 48) {
            EXPECT_EQ(host.reach(a.host_sid, p.hpasid, p.pages.begin()->first | UINT64_C(1) << 50), 0u);
        }
}

TEST_P(Flow, WhatAGuestUnmapsAndFlushesIsGoneFromUnitAndDeviceTlbAndNothingElseIs)
{
    a.expect_all(); /* all are in caches now, as far as they fit */
    b.expect_all();
    const auto hits = [](Machine &m) { return vtd_requester_stats_get(m.device)->hits; };
    for (unsigned round = 0; round < 40; round++) {
        Machine &m = round % 2 ? a : b;
        Process &p = m.processes[random() % kProcesses];
        auto it = p.pages.begin();
        std::advance(it, random() % p.pages.size());
        const uint64_t gva = it->first;
        m.expect(p, gva, it->second);
        const uint64_t before = hits(m);
        m.expect(p, gva, it->second);
        ASSERT_GT(hits(m), before) << "the device TLB has it";
        m.unmap(p, gva, kPage);
        m.expect(p, gva, ~UINT64_C(0));
        if (round % 4 == 0) {
            m.map(p, gva, some_page(), kPage);
            m.expect(p, gva, p.pages[gva]);
        }
    }
    a.expect_all();
    b.expect_all();
}

TEST_P(Flow, AProcessThatIsUnboundIsGoneAndTheOthersGoOn)
{
    a.expect_all();
    b.expect_all();
    for (unsigned i = 0; i < kProcesses; i += 2) {
        Process &p = a.processes[i];
        ASSERT_EQ(vtd_drv_detach(a.drv, kGuestSid, p.gpasid), 0);
        EXPECT_EQ(a.host_pasid(kGuestSid, p.gpasid), 0u);
        for (const auto &[gva, gpa] : p.pages)
            a.expect(p, gva, ~UINT64_C(0));
        p.pages.clear();
    }
    a.expect_all();
    b.expect_all();
    /* The numbers may be given again, to processes of the other width. */
    for (unsigned i = 0; i < kProcesses; i += 2) {
        Process &p = a.processes[i];
        p.width = p.width == 48 ? 57 : 48;
        p.domain = a.process(p.width);
        a.map(p, somewhere(p.width), some_page(), kPage);
        ASSERT_EQ(vtd_drv_attach(a.drv, kGuestSid, p.gpasid, p.domain), 0);
        p.hpasid = a.host_pasid(kGuestSid, p.gpasid);
        EXPECT_NE(p.hpasid, 0u);
    }
    a.expect_all();
    b.expect_all();
}
