// SPDX-License-Identifier: MIT
//
// The SystemC module and time: four phases with several requests in flight, the back-pressure of the timing model, temporal
// decoupling, and memory that waits.
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include "rig.hpp"

#include <array>
#include <random>
#include <tlm_utils/tlm_quantumkeeper.h>

using namespace vtdtest;

namespace
{

// A transaction with data and extension, and when its phases were.
struct Transaction : tlm::tlm_generic_payload {
    explicit Transaction(tlm::tlm_mm_interface *mm) : tlm_generic_payload(mm) {}
    std::array<unsigned char, 64> data{};
    vtdsim::request ext;
    sc_core::sc_time sent, accepted, answered;
    bool done = false;
};

// An initiator of the four phases: sends as soon as the one before is accepted.
class Initiator : public tlm::tlm_mm_interface
{
  public:
    explicit Initiator(vtdsim::pin &device) : device_(device)
    {
        device.on_backward = [this](tlm::tlm_generic_payload &t, tlm::tlm_phase &phase, sc_core::sc_time &) {
            return backward(static_cast<Transaction &>(t), phase);
        };
    }
    void free(tlm::tlm_generic_payload *) override
    {
        freed++;
    }
    void add(bool write, uint64_t addr, unsigned length, const vtdsim::request &ext, uint8_t fill)
    {
        all.push_back(std::make_unique<Transaction>(this));
        Transaction &t = *all.back();
        t.ext = ext;
        t.data.fill(fill);
        t.set_command(write ? kWrite : kRead);
        t.set_address(addr);
        t.set_data_ptr(t.data.data());
        t.set_data_length(length);
        t.set_streaming_width(length);
        t.set_extension(&t.ext);
    }
    void run()
    {
        send_next();
        sc_core::sc_start(1, sc_core::SC_MS);
        for (const auto &t : all) {
            EXPECT_TRUE(t->done);
            t->clear_extension(&t->ext);
        }
        EXPECT_EQ(freed, all.size());
    }
    std::vector<std::unique_ptr<Transaction>> all;
    bool answers_later = false; // END_RESP in a call of its own
    unsigned freed = 0;

  private:
    void send_next()
    {
        if (next_ == all.size())
            return;
        Transaction &t = *all[next_++];
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_core::sc_time delay;
        t.acquire();
        t.sent = sc_core::sc_time_stamp();
        EXPECT_EQ(device_.socket->nb_transport_fw(t, phase, delay), tlm::TLM_ACCEPTED);
    }
    tlm::tlm_sync_enum backward(Transaction &t, tlm::tlm_phase &phase)
    {
        if (phase == tlm::END_REQ) {
            t.accepted = sc_core::sc_time_stamp();
            send_next();
            return tlm::TLM_ACCEPTED;
        }
        t.answered = sc_core::sc_time_stamp();
        t.done = true;
        if (answers_later) {
            sc_core::sc_spawn([this, &t] {
                sc_core::wait(3, sc_core::SC_NS);
                tlm::tlm_phase end = tlm::END_RESP;
                sc_core::sc_time delay;
                device_.socket->nb_transport_fw(t, end, delay);
                t.release();
            });
            return tlm::TLM_ACCEPTED;
        }
        phase = tlm::END_RESP;
        t.release();
        return tlm::TLM_COMPLETED;
    }
    vtdsim::pin &device_;
    size_t next_ = 0;
};

struct Timed : Reversed {
    explicit Timed(uint32_t in_flight) : Reversed()
    {
        vtdsim::tlm_config c = Side::two_sockets();
        c.unit = u.config();
        c.timed = true;
        c.timing.in_flight = in_flight;
        c.timing.frequency = 1000000000;
        EXPECT_TRUE(s.unit.configure(c));
        for (unsigned reg : {VTD_REG_RTADDR, VTD_REG_IQA})
            s.cpu.write<std::uint64_t>(reg, u.read64(reg));
        s.cpu.write<std::uint32_t>(VTD_REG_GCMD, 1u << VTD_GCMD_SRTP_LSB);
        s.cpu.write<std::uint32_t>(VTD_REG_GCMD, 1u << VTD_GCMD_TE_LSB);
    }
};

TEST(Approximate, ManyRequestsInFlightGiveWhatOneByOneGives)
{
    for (bool later : {false, true}) {
        Timed r(16);
        Initiator initiator(r.s.device0);
        initiator.answers_later = later;
        std::mt19937 random{23};
        for (uint64_t page = 0; page < 16; page++)
            std::fill_n(&r.byte(0x10000 + page * 4096), 4096, static_cast<uint8_t>(page));
        for (unsigned i = 0; i < 300; i++) /* writes to the upper, reads from the lower half of pages; some blocked */
            initiator.add(i % 2, 0x10000 + random() % 17 * 4096 + (i % 2 ? 2048 : 0) + i, 1 + random() % 64, r.five,
                          static_cast<uint8_t>(i));
        initiator.add(false, 0x13ff0, 32, r.five, 0); /* crosses a page */
        r.s.at_device0.most_in_flight = 0;
        initiator.run();
        EXPECT_GT(r.s.at_device0.most_in_flight, 4u);
        unsigned blocked_some = 0;
        for (size_t i = 0; i < 300; i++) {
            const Transaction &t = *initiator.all[i];
            if (t.get_address() >= 0x20000) {
                EXPECT_EQ(t.get_response_status(), kAddressError);
                blocked_some++;
                continue;
            }
            ASSERT_EQ(t.get_response_status(), kOk);
            for (unsigned b = 0; b < t.get_data_length(); b++) {
                if (i % 2 == 0) {
                    ASSERT_EQ(t.data[b], t.get_address() / 4096 % 16) << i;
                }
            }
        }
        EXPECT_GT(blocked_some, 5u);
        const Transaction &across = *initiator.all[300];
        EXPECT_EQ(across.data[0], 3);
        EXPECT_EQ(across.data[16], 4);
        r.s.device0.on_backward = nullptr;
    }
}

TEST(Approximate, AFullUnitHoldsRequestsBack)
{
    Timed one(1);
    Initiator initiator(one.s.device0);
    for (uint64_t i = 0; i < 4; i++)
        initiator.add(false, 0x10000 + i * 4096, 64, one.five, 0);
    initiator.run();
    EXPECT_EQ(initiator.all[0]->accepted, initiator.all[0]->sent) << "there is a place for one";
    for (size_t i = 1; i < 4; i++) {
        EXPECT_EQ(initiator.all[i]->sent, initiator.all[i - 1]->accepted);
        EXPECT_GE(initiator.all[i]->accepted, initiator.all[i - 1]->answered) << "not before the place is free";
        EXPECT_GT(initiator.all[i]->accepted, initiator.all[i]->sent);
    }
}

TEST(Approximate, APlaceForManyAcceptsAtOnce)
{
    Timed many(8);
    Initiator initiator(many.s.device0);
    for (uint64_t i = 0; i < 4; i++)
        initiator.add(false, 0x10000 + i * 4096, 64, many.five, 0);
    initiator.run();
    for (size_t i = 0; i < 4; i++)
        EXPECT_EQ(initiator.all[i]->accepted, initiator.all[i]->sent);
    EXPECT_GT(initiator.all[0]->answered, initiator.all[3]->sent) << "a walk takes longer than to send four";
}

TEST(Approximate, PhasesOutOfOrderAreReported)
{
    Reversed r;
    Initiator initiator(r.s.device0);
    initiator.add(false, 0x10000, 4, r.five, 0);
    Transaction &t = *initiator.all[0];
    sc_core::sc_time delay;
    tlm::tlm_phase phase = tlm::END_RESP;
    vtdsim::iommu &unit = r.s.unit;
    // Straight to the unit: the checker on the way would object, too.
    tlm::tlm_fw_transport_if<> &port = unit.upstream[0].get_base_interface();
    EXPECT_THROW(port.nb_transport_fw(t, phase, delay), sc_core::sc_report);
    phase = tlm::END_REQ;
    EXPECT_THROW(port.nb_transport_fw(t, phase, delay), sc_core::sc_report);
    tlm::tlm_generic_payload without_memory_manager;
    phase = tlm::BEGIN_REQ;
    EXPECT_THROW(port.nb_transport_fw(without_memory_manager, phase, delay), sc_core::sc_report);
    t.clear_extension(&t.ext);
}

// The timing model's answer is what b_transport's delay says: the cycles from arrival to done at 1 GHz.
TEST(LooselyTimed, TheDelayIsThatOfTheTimingModel)
{
    Timed r(16);
    uint32_t data;
    ASSERT_EQ(r.s.device0.send(kRead, 0x10000, &data, 4, &r.five), kOk);
    EXPECT_EQ(r.s.device0.delay,
              sc_core::sc_time(static_cast<double>(r.five.timed.done - r.five.timed.arrival), sc_core::SC_NS));
    EXPECT_EQ(r.five.timed.source, VTD_TIMING_PASID_WALK);
    const sc_core::sc_time walk = r.s.device0.delay;
    ASSERT_EQ(r.s.device0.send(kRead, 0x10008, &data, 4, &r.five), kOk);
    EXPECT_EQ(r.five.timed.source, VTD_TIMING_IOTLB);
    EXPECT_LT(r.s.device0.delay - walk, walk);
}

// Two threads write and read through one unit, with a quantum; returns all that they have read and left in memory.
std::vector<uint64_t> decoupled(const sc_core::sc_time &quantum, bool memory_waits)
{
    Reversed r;
    std::vector<uint64_t> seen[2];
    unsigned running = 2;
    r.s.ram.latency = sc_core::sc_time(7, sc_core::SC_NS);
    if (memory_waits)
        r.s.ram.before = [](tlm::tlm_generic_payload &) { sc_core::wait(5, sc_core::SC_NS); };
    tlm::tlm_global_quantum::instance().set(quantum);
    for (unsigned who = 0; who < 2; who++) {
        sc_core::sc_spawn([&, who] {
            vtdsim::pin &device = who ? r.s.device1 : r.s.device0;
            tlm_utils::tlm_quantumkeeper keeper;
            std::mt19937 random{who};
            keeper.reset();
            for (unsigned i = 0; i < 400; i++) {
                vtdsim::request ext = with_pasid(5);
                uint64_t data = random(), addr = 0x10000 + who * 0x8000 + random() % 0xffff / 2 / 8 * 8;
                const bool write = random() % 2;
                device.delay = keeper.get_local_time();
                EXPECT_EQ(device.send(write ? kWrite : kRead, addr, &data, 8, &ext), kOk);
                keeper.set(device.delay);
                if (!write)
                    seen[who].push_back(data);
                if (keeper.need_sync())
                    keeper.sync();
            }
            running--;
        });
    }
    sc_core::sc_start(1, sc_core::SC_MS);
    EXPECT_EQ(running, 0u);
    std::vector<uint64_t> all = seen[0];
    all.insert(all.end(), seen[1].begin(), seen[1].end());
    for (uint64_t at = 0x10000; at < 0x20000; at += 8)
        all.push_back(*reinterpret_cast<uint64_t *>(&r.byte(at)));
    return all;
}

TEST(LooselyTimed, TemporalDecouplingChangesNoResult)
{
    const auto exact = decoupled(sc_core::SC_ZERO_TIME, false);
    EXPECT_GT(exact.size(), 8192u + 300u);
    EXPECT_EQ(decoupled(sc_core::sc_time(1, sc_core::SC_US), false), exact);
}

TEST(LooselyTimed, MemoryMayWaitWhereTheCallerIsAThread)
{
    EXPECT_EQ(decoupled(sc_core::sc_time(1, sc_core::SC_US), true), decoupled(sc_core::SC_ZERO_TIME, false));
}

TEST(Waveforms, ShowRequestsAndTheirAnswers)
{
    const std::string name = testing::TempDir() + "vtd_tlm_waveform";
    {
        Reversed r;
        sc_core::sc_trace_file *file = sc_core::sc_create_vcd_trace_file(name.c_str());
        r.s.unit.trace(file);
        uint32_t data;
        sc_core::sc_start(1, sc_core::SC_NS);
        r.s.device0.send(kRead, 0x12340, &data, 4, &r.five);
        sc_core::sc_start(1, sc_core::SC_NS);
        sc_core::sc_close_vcd_trace_file(file);
    }
    FILE *vcd = fopen((name + ".vcd").c_str(), "r");
    ASSERT_NE(vcd, nullptr);
    std::string text(1 << 16, 0);
    text.resize(fread(&text[0], 1, text.size(), vcd));
    fclose(vcd);
    EXPECT_NE(text.find("requests"), std::string::npos);
    EXPECT_NE(text.find("b10010001101000000 "), std::string::npos) << "0x12340 in binary";
    EXPECT_EQ(std::remove((name + ".vcd").c_str()), 0);
}

} // namespace
