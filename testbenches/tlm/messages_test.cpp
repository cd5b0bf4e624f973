// SPDX-License-Identifier: MIT
//
// What the SystemC module sends to others: interrupts, device-TLB invalidations, page responses; and its reset.
#include "rig.hpp"

using namespace vtdtest;

namespace
{

// Messages of the unit and of devices, as writes or through the interface.
struct Sink : vtdsim::interrupt_if, vtdsim::requester_if {
    void unit_interrupt(uint64_t addr, uint32_t data) override
    {
        unit.emplace_back(addr, data);
    }
    void device_interrupt(const vtd_irq_response &irq, uint64_t addr, uint32_t data) override
    {
        device.emplace_back(addr, data);
        irqs.push_back(irq);
    }
    void device_tlb_invalidate(const vtd_device_tlb_inv &inv) override
    {
        invalidations.push_back(inv);
    }
    void page_response(const vtd_page_response &response) override
    {
        responses.push_back(response);
    }
    std::vector<std::pair<uint64_t, uint32_t>> unit, device;
    std::vector<vtd_irq_response> irqs;
    std::vector<vtd_device_tlb_inv> invalidations;
    std::vector<vtd_page_response> responses;
};

TEST(Messages, InterruptsAreMemoryWritesOrCalls)
{
    Reversed r;
    std::vector<std::pair<uint64_t, uint32_t>> written;
    r.s.ram.takes_others = [&](tlm::tlm_generic_payload &t) {
        uint32_t data;
        std::memcpy(&data, t.get_data_ptr(), 4);
        ASSERT_NE(t.get_extension<vtdsim::unit_access>(), nullptr);
        EXPECT_TRUE(t.get_extension<vtdsim::unit_access>()->interrupt);
        written.emplace_back(t.get_address(), data);
        t.set_response_status(kOk);
    };
    r.s.ram.size = 0xfee00000; // interrupts are not memory
    r.s.cpu.write<uint32_t>(VTD_REG_FEDATA, 0x41);
    r.s.cpu.write<uint32_t>(VTD_REG_FEADDR, 0xfee01000);
    r.s.cpu.write<uint32_t>(VTD_REG_FECTL, 0); // unmask
    uint32_t data = 0x31;
    r.s.device0.send(kRead, 0x30000, &data, 4, &r.five);
    ASSERT_EQ(written.size(), 1u);
    EXPECT_EQ(written[0], std::make_pair(UINT64_C(0xfee01000), UINT32_C(0x41)));
    // With interrupt remapping off, a device's message passes unchanged (ref 8.1).
    data = 0x31;
    EXPECT_EQ(r.s.device0.send(kWrite, 0xfee02000, &data, 4), kOk);
    ASSERT_EQ(written.size(), 2u);
    EXPECT_EQ(written[1], std::make_pair(UINT64_C(0xfee02000), UINT32_C(0x31)));
    Sink sink;
    r.s.unit.set_interrupts(&sink);
    EXPECT_EQ(r.s.device0.send(kWrite, 0xfee03000, &data, 4), kOk);
    ASSERT_EQ(sink.device.size(), 1u);
    EXPECT_EQ(sink.irqs[0].result, VTD_IRQ_PASSED);
    EXPECT_EQ(written.size(), 2u);
}

TEST(Messages, DeviceTlbInvalidationsAndPageResponsesFindTheirRequester)
{
    Reversed r;
    Sink mine, others;
    r.s.unit.set_requester(kSid, &mine);
    r.s.unit.set_other_requesters(&others);
    Desc inv; // device-TLB invalidation of kSid, page 0x10000 (ref 3.2): type 3, SID 47:32
    inv.q[0] = 3 | static_cast<uint64_t>(kSid) << 32;
    inv.q[1] = 0x10000;
    r.u.submit({inv});
    r.follow();
    ASSERT_EQ(mine.invalidations.size(), 1u);
    EXPECT_EQ(mine.invalidations[0].addr, 0x10000u);
    r.s.unit.device_tlb_complete(kSid, 1u << mine.invalidations[0].itag);
    EXPECT_EQ(r.s.cpu.read<uint32_t>(VTD_REG_FSTS), 0u) << "a good answer sets neither ICE nor ITE";
    r.s.unit.set_requester(kSid, nullptr);
    r.u.submit({inv});
    r.follow();
    ASSERT_EQ(others.invalidations.size(), 1u);
    r.s.unit.device_tlb_timeout(others.invalidations[0].itag);
    EXPECT_NE(r.s.cpu.read<uint32_t>(VTD_REG_FSTS) & 1u << 6, 0u) << "ITE";
    // Page requests with the queue off are answered by the unit itself, with a response failure (ref 7.1).
    vtd_page_request request{};
    request.sid = kSid;
    request.flags = VTD_PRQ_READ | VTD_PRQ_LAST;
    vtd_prq_result result;
    EXPECT_EQ(r.s.unit.page_request(request, result), VTD_STATUS_OK);
    EXPECT_EQ(others.responses.size(), result == VTD_PRQ_REJECTED || result == VTD_PRQ_OVERFLOW ? 1u : 0u);
    EXPECT_EQ(r.u.pageRequest(kSid, 0, VTD_PRQ_READ | VTD_PRQ_LAST), result) << "as the model";
}

TEST(Messages, ResetTakesTheUnitToPowerOn)
{
    Reversed r;
    uint32_t data;
    EXPECT_EQ(r.s.device0.send(kRead, 0x10000, &data, 4, &r.five), kOk);
    r.s.reset.write(true);
    sc_core::sc_start(1, sc_core::SC_NS);
    EXPECT_EQ(r.s.cpu.read<uint32_t>(VTD_REG_GSTS), 0u);
    r.s.reset.write(false);
    sc_core::sc_start(1, sc_core::SC_NS);
    r.s.unit.reset();
    EXPECT_EQ(r.s.device0.send(kRead, 0x10000, &data, 4), kOk) << "translation is off: straight to memory";
}

} // namespace
