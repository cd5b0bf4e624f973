// SPDX-License-Identifier: MIT
//
// The SystemC module, loosely timed: what devices, debuggers and software see through the sockets.
#include "rig.hpp"

#include <random>

using namespace vtdtest;

namespace
{

TEST(Loose, ReadsAndWritesGoWhereTheTablesSay)
{
    Reversed r;
    const uint64_t value = 0x1122334455667788;
    uint64_t data = value;
    EXPECT_EQ(r.s.device0.send(kWrite, 0x12340, &data, 8, &r.five), kOk);
    EXPECT_EQ(*r.u.at(Reversed::home(2) + 0x340), value);
    EXPECT_EQ(r.five.response.hpa, Reversed::home(2) + 0x340);
    EXPECT_EQ(r.five.response.page_shift, 12);
    data = 0;
    EXPECT_EQ(r.s.device0.send(kRead, 0x12340, &data, 8, &r.five), kOk);
    EXPECT_EQ(data, value);
}

TEST(Loose, TheAnswerIsThatOfTheModelForRandomRequests)
{
    Reversed r;
    r.u.setPassThrough(kSid, 6, 8);
    std::mt19937 random{3};
    unsigned blocked_some = 0, passed_some = 0;
    for (unsigned i = 0; i < 20000; i++) {
        vtd_request req{};
        req.sid = random() % 8 ? kSid : kSid + 1;
        req.pasid = 4 + random() % 4;
        req.flags = random() % 8 ? VTD_REQ_PASID : 0;
        if (req.flags && random() % 8 == 0)
            req.flags |= VTD_REQ_PRIV;
        if (random() % 4 == 0)
            req.flags |= VTD_REQ_NO_SNOOP;
        if (!req.flags)
            req.pasid = 0;
        req.access = random() % 5 == 0 ? VTD_ATOMIC : random() % 2 ? VTD_READ : VTD_WRITE;
        req.at = random() % 6 == 0 ? VTD_AT_TRANSLATION : random() % 9 == 0 ? VTD_AT_TRANSLATED : VTD_AT_UNTRANSLATED;
        req.addr = 0xe000 + random() % 0x14000;
        req.len = static_cast<uint16_t>(1 + random() % std::min<uint64_t>(64, 4096 - req.addr % 4096));
        vtd_response model;
        if (!(req.flags & VTD_REQ_PASID))
            req.pasid = 0;
        ASSERT_EQ(vtd_translate(r.u.get(), &req, &model), VTD_STATUS_OK);
        const vtd_response unit = vtdsim::send_request(r.s.device0, req);
        ASSERT_EQ(unit.result, model.result) << i;
        ASSERT_EQ(unit.fault, model.fault) << i;
        ASSERT_EQ(unit.hpa, model.hpa) << i;
        ASSERT_EQ(unit.attr, model.attr) << i;
        (model.result == VTD_RESULT_OK ? passed_some : blocked_some)++;
    }
    EXPECT_GT(blocked_some, 1000u);
    EXPECT_GT(passed_some, 1000u);
    vtd_stats a, b;
    vtd_stats_get(r.u.get(), &a);
    vtd_stats_get(r.s.unit.model(), &b);
    EXPECT_EQ(a.requests, b.requests);
    EXPECT_EQ(a.iotlb_hit, b.iotlb_hit);
    EXPECT_EQ(a.pasid_cache_miss, b.pasid_cache_miss);
    EXPECT_EQ(a.faults_recorded, b.faults_recorded);
}

TEST(Loose, ABlockedRequestIsAnAddressErrorAndAFaultIsRecorded)
{
    Reversed r;
    uint32_t data = 1;
    EXPECT_EQ(r.s.device0.send(kWrite, 0x20000, &data, 4, &r.five), kAddressError);
    EXPECT_EQ(r.five.response.fault, VTD_FAULT_SFS_2);
    EXPECT_NE(r.s.cpu.read<uint32_t>(VTD_REG_FSTS) & 2, 0u) << "PPF";
    const uint64_t frcd = 16 * (r.u.config().cap >> 24 & 0x3ff);
    EXPECT_EQ(r.s.cpu.read<uint64_t>(frcd), 0x20000u) << "FI";
    EXPECT_EQ(r.s.cpu.read<uint64_t>(frcd + 8) & 0xffff, kSid);
    EXPECT_EQ(r.s.cpu.read<uint64_t>(frcd + 8) >> 63, 1u);
}

TEST(Loose, AMemoryErrorIsTheStatusOfMemory)
{
    Reversed r;
    r.fs.map(0x30000, kAbsent);
    uint32_t data = 1;
    EXPECT_EQ(r.s.device0.send(kWrite, 0x30000, &data, 4, &r.five), kAddressError);
    EXPECT_EQ(r.five.response.result, VTD_RESULT_OK) << "the unit had nothing against it";
}

TEST(Loose, WithoutAnExtensionTheSocketNamesTheRequester)
{
    Scene c;
    FsTree a(c.u, 4), b(c.u, 4);
    a.map(0x1000, 0x50000000);
    b.map(0x1000, 0x60000000);
    c.u.setFs(kSid, 0, a, 1);
    c.u.setFs(kSid + 8, 0, b, 2);
    c.start();
    uint32_t data = 0xaaaa;
    EXPECT_EQ(c.s.device0.send(kWrite, 0x1000, &data, 4), kOk);
    data = 0xbbbb;
    EXPECT_EQ(c.s.device1.send(kWrite, 0x1000, &data, 4), kOk);
    EXPECT_EQ(*c.u.at(0x50000000), 0xaaaau);
    EXPECT_EQ(*c.u.at(0x60000000), 0xbbbbu);
}

TEST(Loose, BurstsAcrossPagesAreSplitAndAnsweredAsOne)
{
    Reversed r;
    std::vector<uint8_t> out(3 * 4096 + 100), in(out.size());
    std::mt19937 random{5};
    for (auto &byte : out)
        byte = static_cast<uint8_t>(random());
    EXPECT_EQ(r.s.device0.send(kWrite, 0x11f80, out.data(), static_cast<unsigned>(out.size()), &r.five), kOk);
    EXPECT_EQ(r.five.response.hpa, Reversed::home(1) + 0xf80) << "the answer is that of the first byte";
    for (size_t i = 0; i < out.size(); i++)
        ASSERT_EQ(r.byte(0x11f80 + i), out[i]) << i;
    EXPECT_EQ(r.s.device0.send(kRead, 0x11f80, in.data(), static_cast<unsigned>(in.size()), &r.five), kOk);
    EXPECT_EQ(in, out);
    EXPECT_EQ(r.s.device0.send(kWrite, 0x1ff80, out.data(), 256, &r.five), kAddressError) << "the last page is missing";
    EXPECT_EQ(r.five.response.fault, VTD_FAULT_SFS_2);
    EXPECT_EQ(r.byte(0x1ffff), out[127]) << "what comes before has been done, as with requests on a link";
}

TEST(Loose, ByteEnablesAndStreamingWidthMeanWhatTheyMeanWithoutTheUnit)
{
    Reversed r;
    std::mt19937 random{7};
    for (unsigned round = 0; round < 600; round++) {
        const unsigned length = 1 + random() % 300, width = random() % 2 ? length : 1 + random() % length;
        const uint64_t addr = 0x10000 + random() % (15 * 4096);
        unsigned char enable[16], data[300], expected[300];
        const unsigned enables = random() % 2 ? 1 + random() % 16 : 0;
        for (auto &e : enable)
            e = random() % 2 ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED;
        for (auto &byte : data)
            byte = static_cast<unsigned char>(random());
        const bool write = random() % 2;
        // Plain arithmetic of LRM 14.11 and 14.12, byte by byte, through the tables.
        std::vector<uint8_t> after(16 * 4096);
        for (size_t i = 0; i < after.size(); i++)
            after[i] = r.byte(0x10000 + i);
        std::copy(data, data + length, expected);
        for (unsigned i = 0; i < length; i++) {
            if (enables && enable[i % enables] != TLM_BYTE_ENABLED)
                continue;
            uint8_t &there = after[addr - 0x10000 + i % width];
            if (write)
                there = data[i];
            else
                expected[i] = there;
        }
        tlm::tlm_generic_payload t;
        sc_core::sc_time delay;
        t.set_command(write ? kWrite : kRead);
        t.set_address(addr);
        t.set_data_ptr(data);
        t.set_data_length(length);
        t.set_streaming_width(width);
        t.set_byte_enable_ptr(enables ? enable : nullptr);
        t.set_byte_enable_length(enables);
        t.set_extension(&r.five);
        r.s.device0.socket->b_transport(t, delay);
        t.clear_extension(&r.five);
        ASSERT_EQ(t.get_response_status(), kOk);
        ASSERT_TRUE(std::equal(data, data + length, expected)) << round;
        for (size_t i = 0; i < after.size(); i++)
            ASSERT_EQ(r.byte(0x10000 + i), after[i]) << round;
    }
}

TEST(Loose, RequestsWithoutDataAreAnsweredInTheExtension)
{
    Reversed r;
    r.five.type = VTD_AT_TRANSLATION;
    r.five.length = 8;
    EXPECT_EQ(r.s.device0.send(kIgnore, 0x13000, nullptr, 0, &r.five), kOk);
    EXPECT_EQ(r.five.response.hpa, Reversed::home(3));
    EXPECT_EQ(r.five.response.attr & (VTD_ATTR_R | VTD_ATTR_W), VTD_ATTR_R | VTD_ATTR_W);
    r.five.type = VTD_AT_UNTRANSLATED;
    r.five.length = 0;
    EXPECT_EQ(r.s.device0.send(kIgnore, 0x13000, nullptr, 0, &r.five), kOk) << "a zero-length read";
    EXPECT_EQ(r.s.device0.send(kIgnore, 0x30000, nullptr, 0, &r.five), kAddressError);
}

TEST(Loose, MisuseIsReported)
{
    Reversed r;
    uint32_t data = 0;
    vtdsim::request wide = with_pasid(1u << 20), privileged;
    privileged.source_id = kSid;
    privileged.privileged = true;
    EXPECT_THROW(r.s.device0.send(kRead, 0x10000, &data, 4, &wide), sc_core::sc_report);
    EXPECT_THROW(r.s.device0.send(kRead, 0x10000, &data, 4, &privileged), sc_core::sc_report);
    EXPECT_THROW(r.s.unit.set_source_id(2, 1), sc_core::sc_report);
    EXPECT_EQ(r.s.device0.send(kRead, 0x10000, &data, 4, &r.five), kOk) << "and the unit goes on";
}

TEST(Loose, DebuggersSeeWhatDevicesSeeAndLeaveNoTrace)
{
    Reversed r;
    for (unsigned i = 0; i < 2 * 4096; i++)
        r.byte(0x10800 + i) = static_cast<uint8_t>(i * 7);
    tlm::tlm_generic_payload t;
    std::vector<uint8_t> in(2 * 4096);
    t.set_read();
    t.set_address(0x10800);
    t.set_data_ptr(in.data());
    t.set_data_length(static_cast<unsigned>(in.size()));
    t.set_extension(&r.five);
    vtd_stats before, after;
    vtd_stats_get(r.s.unit.model(), &before);
    const uint64_t entry = *r.fs.entry(0x10000, 1);
    EXPECT_EQ(r.s.device0.socket->transport_dbg(t), in.size());
    for (unsigned i = 0; i < in.size(); i++)
        ASSERT_EQ(in[i], static_cast<uint8_t>(i * 7));
    in[0] = 0x5a;
    t.set_write();
    EXPECT_EQ(r.s.device0.socket->transport_dbg(t), in.size());
    EXPECT_EQ(r.byte(0x10800), 0x5a);
    t.set_address(0x1fff0); // 16 bytes, then nothing is mapped
    EXPECT_EQ(r.s.device0.socket->transport_dbg(t), 16u);
    vtd_stats_get(r.s.unit.model(), &after);
    EXPECT_EQ(std::memcmp(&before, &after, sizeof before), 0) << "statistics";
    EXPECT_EQ(*r.fs.entry(0x10000, 1), entry) << "A and D";
    EXPECT_EQ(r.s.cpu.read<uint32_t>(VTD_REG_FSTS), 0u) << "faults";
    t.clear_extension(&r.five);
}

TEST(Loose, RegistersTakeAlignedAccessesOfFourAndEightBytes)
{
    Reversed r;
    uint8_t data[16] = {}, enable[4] = {0xff, 0xff, 0, 0};
    EXPECT_EQ(r.s.cpu.read<uint64_t>(VTD_REG_CAP), r.u.config().cap);
    EXPECT_EQ(r.s.cpu.read<uint32_t>(VTD_REG_CAP + 4), r.u.config().cap >> 32);
    EXPECT_EQ(r.s.cpu.send(kRead, VTD_REG_CAP, data, 16), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(r.s.cpu.send(kRead, VTD_REG_CAP, data, 2), tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(r.s.cpu.send(kRead, VTD_REG_CAP + 4, data, 8), kAddressError);
    EXPECT_EQ(r.s.cpu.send(kRead, vtd_mmio_size(r.s.unit.model()), data, 4), kAddressError);
    EXPECT_EQ(r.s.cpu.send(kRead, VTD_REG_CAP, data, 4, nullptr, enable, 4), tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    EXPECT_EQ(r.s.cpu.send(kIgnore, VTD_REG_CAP, data, 4), tlm::TLM_COMMAND_ERROR_RESPONSE);
}

TEST(Loose, TableWalksAreTransactionsOfTheMemorySocketAndTakeTime)
{
    Reversed r;
    std::vector<vtd_mem_class> classes;
    r.s.ram.before = [&](tlm::tlm_generic_payload &t) {
        if (const auto *a = t.get_extension<vtdsim::unit_access>())
            classes.push_back(a->mem_class);
    };
    r.s.ram.latency = sc_core::sc_time(10, sc_core::SC_NS);
    uint32_t data;
    EXPECT_EQ(r.s.device0.send(kRead, 0x10000, &data, 4, &r.five), kOk);
    // Root, context, directory, PASID entry, four levels (ref 2.1 to 2.6), each of which sets A with a read and a write.
    std::vector<vtd_mem_class> reads;
    for (size_t i = 0; i < classes.size(); i++) {
        if (i == 0 || classes[i] != classes[i - 1])
            reads.push_back(classes[i]);
    }
    EXPECT_EQ(reads, (std::vector<vtd_mem_class>{VTD_MEM_ROOT, VTD_MEM_CONTEXT, VTD_MEM_PASID_DIR, VTD_MEM_PASID_ENTRY,
                                                 VTD_MEM_FS_ENTRY}));
    EXPECT_EQ(r.s.device0.delay, sc_core::sc_time(10.0 * static_cast<double>(classes.size() + 1), sc_core::SC_NS));
    r.s.device0.delay = sc_core::SC_ZERO_TIME;
    EXPECT_EQ(r.s.device0.send(kRead, 0x10008, &data, 4, &r.five), kOk);
    EXPECT_EQ(r.s.device0.delay, sc_core::sc_time(10, sc_core::SC_NS)) << "a hit reads nothing but its data";
}

TEST(Loose, AnExceptionOfMemoryComesBackToTheInitiator)
{
    Reversed r;
    uint32_t data;
    r.s.ram.before = [](tlm::tlm_generic_payload &) { throw std::runtime_error("memory"); };
    EXPECT_THROW(r.s.device0.send(kRead, 0x10000, &data, 4, &r.five), std::runtime_error);
    r.s.ram.before = nullptr;
    r.submit({ccInv(1), pcInv(3), iotlbInv(1)});
    EXPECT_EQ(r.s.device0.send(kRead, 0x10000, &data, 4, &r.five), kOk);
}

TEST(Loose, MemoryThatCallsTheUnitBackIsReported)
{
    Reversed r;
    uint32_t data;
    bool once = false;
    r.s.ram.before = [&](tlm::tlm_generic_payload &) {
        if (!once) {
            once = true;
            uint32_t other;
            vtdsim::request again = with_pasid(5);
            r.s.device1.send(kRead, 0x11000, &other, 4, &again);
        }
    };
    EXPECT_THROW(r.s.device0.send(kRead, 0x10000, &data, 4, &r.five), sc_core::sc_report);
}

TEST(Loose, TwoUnitsWithMemoriesOfTheirOwnKnowNothingOfEachOther)
{
    Reversed l(preset(), Platform::get().left), r(preset(), Platform::get().right);
    for (uint64_t i = 0; i < 2000; i++) {
        uint64_t a = i, b = ~i;
        const uint64_t addr = 0x10000 + i * 8;
        ASSERT_EQ(l.s.device0.send(kWrite, addr, &a, 8, &l.five), kOk);
        ASSERT_EQ(r.s.device0.send(kWrite, addr, &b, 8, &r.five), kOk);
    }
    r.fs.entry(0x11000, 1)[0] = 0;
    r.submit({pasidIotlbInv(3, 7, 5, 0x11000)});
    uint64_t data;
    EXPECT_EQ(r.s.device0.send(kRead, 0x11000, &data, 8, &r.five), kAddressError);
    EXPECT_EQ(l.s.device0.send(kRead, 0x11000, &data, 8, &l.five), kOk);
    EXPECT_EQ(data, 512u);
    EXPECT_EQ(r.s.device0.send(kRead, 0x10008, &data, 8, &r.five), kOk);
    EXPECT_EQ(data, ~UINT64_C(1));
}

} // namespace
