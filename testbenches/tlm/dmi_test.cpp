// SPDX-License-Identifier: MIT
//
// Pointers for direct memory access: what is granted, and that none outlives an invalidation.
#include "rig.hpp"

#include <map>
#include <random>
#include <set>

using namespace vtdtest;

namespace
{

bool ask(vtdsim::pin &device, uint64_t addr, bool write, vtdsim::request &ext, tlm::tlm_dmi &dmi)
{
    tlm::tlm_generic_payload t;
    t.set_command(write ? kWrite : kRead);
    t.set_address(addr);
    t.set_extension(&ext);
    const bool granted = device.socket->get_direct_mem_ptr(t, dmi);
    t.clear_extension(&ext);
    return granted;
}

struct Pointers : Reversed {
    explicit Pointers(const vtd_config &config = preset()) : Reversed(config)
    {
        s.ram.gives_pointers = true;
        s.device0.on_invalidate = [this](uint64_t start, uint64_t end) { revoked.emplace_back(start, end); };
    }
    std::vector<std::pair<uint64_t, uint64_t>> revoked;
    tlm::tlm_dmi dmi;
};

TEST(Dmi, AGrantIsOnePageWithTheRightsOfTheRequest)
{
    Pointers p;
    uint64_t data = 0x55;
    ASSERT_TRUE(ask(p.s.device0, 0x12345, true, p.five, p.dmi));
    EXPECT_EQ(p.dmi.get_start_address(), 0x12000u);
    EXPECT_EQ(p.dmi.get_end_address(), 0x12fffu);
    EXPECT_TRUE(p.dmi.is_read_write_allowed());
    EXPECT_NE(*p.fs.entry(0x12000, 1) & kFsD, 0u) << "a pointer writes: dirty";
    p.dmi.get_dmi_ptr()[0x340] = 0x77;
    p.s.device0.send(kRead, 0x12340, &data, 1, &p.five);
    EXPECT_EQ(data & 0xff, 0x77u);
    ASSERT_TRUE(ask(p.s.device0, 0x13000, false, p.five, p.dmi));
    EXPECT_FALSE(p.dmi.is_write_allowed()) << "a write would have to set the dirty bit";
    EXPECT_EQ(*p.fs.entry(0x13000, 1) & kFsD, 0u);
    EXPECT_EQ(p.s.unit.dmi_regions(), 2u);
}

TEST(Dmi, LargePagesAreGrantedWholeButForTheInterruptRange)
{
    Pointers p;
    p.fs.map(0x40000000, 0x40000000, 30);
    p.u.setPassThrough(kSid, 6, 9);
    ASSERT_TRUE(ask(p.s.device0, 0x40001234, false, p.five, p.dmi));
    EXPECT_EQ(p.dmi.get_start_address(), 0x40000000u);
    EXPECT_EQ(p.dmi.get_end_address(), 0x7fffffffu);
    p.fs.map(0xc0000000, 0xc0000000, 30);
    ASSERT_TRUE(ask(p.s.device0, 0xc0001234, false, p.five, p.dmi));
    EXPECT_EQ(p.dmi.get_end_address(), 0xc0001fffu) << "FEEx_xxxx is in this page";
}

TEST(Dmi, WhatIsNotTranslatedOrNotAllowedIsRefusedWithoutAFault)
{
    Pointers p;
    EXPECT_FALSE(ask(p.s.device0, 0x30000, false, p.five, p.dmi)) << "not mapped";
    p.five.type = VTD_AT_TRANSLATED;
    EXPECT_FALSE(ask(p.s.device0, 0x12000, false, p.five, p.dmi));
    p.five.type = VTD_AT_UNTRANSLATED;
    p.fs.map(0x31000, kAbsent);
    EXPECT_FALSE(ask(p.s.device0, 0x31000, false, p.five, p.dmi)) << "no memory there";
    EXPECT_EQ(p.s.cpu.read<uint32_t>(VTD_REG_FSTS), 0u);
    p.s.unit.reset();
    EXPECT_FALSE(ask(p.s.device0, 0x12000, false, p.five, p.dmi)) << "translation is off";
    EXPECT_EQ(p.s.unit.dmi_regions(), 0u);
}

TEST(Dmi, TheHintOfTheTransactionIsThatOfMemoryForTranslatedPages)
{
    Pointers p;
    tlm::tlm_generic_payload t;
    sc_core::sc_time delay;
    uint32_t data;
    t.set_read();
    t.set_address(0x12000);
    t.set_data_ptr(reinterpret_cast<unsigned char *>(&data));
    t.set_data_length(4);
    t.set_streaming_width(4);
    t.set_extension(&p.five);
    p.s.device0.socket->b_transport(t, delay);
    EXPECT_TRUE(t.is_dmi_allowed());
    p.s.unit.reset();
    t.set_dmi_allowed(false);
    t.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    p.s.device0.socket->b_transport(t, delay);
    EXPECT_FALSE(t.is_dmi_allowed()) << "not translated";
    t.clear_extension(&p.five);
}

TEST(Dmi, TranslationOffRootTableAndMemoryTakePointersBack)
{
    for (unsigned how = 0; how < 3; how++) {
        Pointers p;
        ASSERT_TRUE(ask(p.s.device0, 0x12000, false, p.five, p.dmi));
        if (how == 0)
            p.s.cpu.write<uint32_t>(VTD_REG_GCMD, 1u << VTD_GCMD_QIE_LSB);
        else if (how == 1)
            p.s.cpu.write<uint32_t>(VTD_REG_GCMD,
                                    1u << VTD_GCMD_SRTP_LSB | 1u << VTD_GCMD_TE_LSB | 1u << VTD_GCMD_QIE_LSB);
        else
            p.s.ram.socket->invalidate_direct_mem_ptr(Reversed::home(2) + 8, Reversed::home(2) + 16);
        EXPECT_EQ(p.revoked, (std::vector<std::pair<uint64_t, uint64_t>>{{0x12000, 0x12fff}})) << how;
        EXPECT_EQ(p.s.unit.dmi_regions(), 0u);
    }
}

// Every PASID has addresses of its own, so that revoked addresses name pointers. What an invalidation selects is said here
// once more, in the words of the reference (6.3).
struct Held {
    unsigned did;
    uint32_t pasid;
    uint64_t page;
    bool first_stage;
};

bool selects(const Desc &d, unsigned choice, const Held &h)
{
    const unsigned did = d.q[0] >> 16 & 0xffff;
    const uint64_t am = d.q[1] & 0x3f, first = d.q[1] >> 12 & ~((UINT64_C(1) << am) - 1);
    const bool in_range = h.page >= first && h.page < first + (UINT64_C(1) << am);
    const uint32_t pasid = d.q[0] >> 32 & 0xfffff;
    switch (choice) {
    case 0:
        return true; /* global */
    case 1:
        return h.did == did;
    case 2: /* page-selective within domain: first-stage translations whatever their address */
        return h.did == did && (h.first_stage || in_range);
    case 3:
        return h.did == did && h.pasid == pasid;
    default: /* page-selective within PASID: first-stage translations only */
        return h.did == did && h.pasid == pasid && h.first_stage && in_range;
    }
}

TEST(Dmi, PointersAreRevokedByExactlyTheInvalidationsThatSelectThem)
{
    vtd_config config = withCaches(8); /* most translations are evicted before they are invalidated */
    Pointers p(config);
    FsTree fs(p.u, 4);
    SsTree ss(p.u, 4);
    constexpr uint64_t kPages = 12;
    for (uint64_t page = 0; page < 8 * kPages; page++) {
        fs.map(page << 12, 0x50000000 + (page << 12));
        ss.map(page << 12, 0x50000000 + (page << 12));
    }
    p.u.setFs(kSid, 1, fs, 1);
    p.u.setFs(kSid, 2, fs, 1);
    p.u.setSs(kSid, 3, ss, 3);
    p.u.setSs(kSid, 4, ss, 4);
    std::map<uint64_t, Held> held; /* by page */
    std::set<uint64_t> gone;
    p.s.device0.on_invalidate = [&](uint64_t start, uint64_t end) {
        EXPECT_EQ(end, start + 4095);
        EXPECT_TRUE(gone.insert(start >> 12).second) << "revoked twice";
    };
    std::mt19937 random{17};
    unsigned exact = 0;
    for (unsigned round = 0; round < 3000; round++) {
        for (unsigned i = 0; i < 4; i++) {
            const uint32_t pasid = 1 + random() % 4;
            const uint64_t page = pasid * kPages + random() % kPages;
            vtdsim::request ext = with_pasid(pasid);
            ASSERT_TRUE(ask(p.s.device0, page << 12, random() % 2, ext, p.dmi));
            ASSERT_EQ(p.dmi.get_dmi_ptr(), p.u.memory.base + 0x50000000 + (page << 12));
            held[page] = {pasid <= 2 ? 1u : pasid, pasid, page, pasid <= 2};
        }
        ASSERT_TRUE(gone.empty()) << "nothing was invalidated";
        const unsigned did = 1 + random() % 4, pasid = 1 + random() % 4, am = random() % 4;
        const uint64_t addr = (kPages + random() % (4 * kPages)) >> am << am << 12;
        const Desc choices[] = {iotlbInv(1), iotlbInv(2, did), iotlbInv(3, did, addr, am), pasidIotlbInv(2, did, pasid),
                                pasidIotlbInv(3, did, pasid, addr, am)};
        const unsigned choice = random() % 16 == 0 ? 0 : 1 + random() % 4;
        std::set<uint64_t> expected;
        for (const auto &[page, h] : held) {
            if (selects(choices[choice], choice, h))
                expected.insert(page);
        }
        p.submit({choices[choice]});
        ASSERT_EQ(gone, expected) << "round " << round << " choice " << choice;
        for (uint64_t page : gone)
            held.erase(page);
        ASSERT_EQ(p.s.unit.dmi_regions(), held.size());
        exact += !expected.empty() && !held.empty();
        gone.clear();
    }
    EXPECT_GT(exact, 500u);
}

TEST(Dmi, APointerIsGoneBeforeTheWaitDescriptorReports)
{
    Pointers p;
    const uint64_t status = p.u.alloc();
    bool revoked_first = false;
    ASSERT_TRUE(ask(p.s.device0, 0x12000, false, p.five, p.dmi));
    p.s.ram.before = [&](tlm::tlm_generic_payload &t) {
        if (t.is_write() && t.get_address() == status)
            revoked_first = !p.revoked.empty();
    };
    p.submit({pasidIotlbInv(3, 7, 5, 0x12000), waitStatus(status, 1)});
    EXPECT_TRUE(revoked_first);
}

TEST(Dmi, AUnitThatLooksAtThePasidCacheFirstRevokesWithIt)
{
    vtd_config config = preset();
    config.iotlb_order = VTD_IOTLB_AFTER_PASID;
    Pointers p(config);
    ASSERT_TRUE(ask(p.s.device0, 0x12000, false, p.five, p.dmi));
    p.submit({pcInv(1, 7, 6)});
    EXPECT_TRUE(p.revoked.empty()) << "another PASID";
    p.submit({pcInv(1, 7, 5)});
    EXPECT_EQ(p.revoked.size(), 1u);
    Pointers first;
    ASSERT_TRUE(ask(first.s.device0, 0x12000, false, first.five, first.dmi));
    first.submit({pcInv(1, 7, 5)});
    EXPECT_TRUE(first.revoked.empty()) << "the IOTLB answers without it";
}

} // namespace
