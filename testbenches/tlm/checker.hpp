// SPDX-License-Identifier: MIT
//
// Sits between an initiator and a target, and has an opinion about both: the rules of the TLM-2.0 base protocol (LRM 15.2:
// phases, exclusion; 14: what a target may change; 11: time, pointers). What breaks one is a failed test.
#ifndef VTD_TESTS_TLM_CHECKER_HPP
#define VTD_TESTS_TLM_CHECKER_HPP

#include <gtest/gtest.h>

#include <map>
#include <systemc>
#include <tlm>

class Checker : public sc_core::sc_module, public tlm::tlm_fw_transport_if<>, public tlm::tlm_bw_transport_if<>
{
  public:
    using Payload = tlm::tlm_generic_payload;

    explicit Checker(const sc_core::sc_module_name &name)
        : sc_core::sc_module(name), target("target"), initiator("initiator")
    {
        target.bind(*this);
        initiator.bind(*this);
    }

    tlm::tlm_target_socket<> target;
    tlm::tlm_initiator_socket<> initiator;
    unsigned blocking = 0, phases = 0, most_in_flight = 0; // that something was checked

    void b_transport(Payload &t, sc_core::sc_time &delay) override
    {
        const Frozen before(t);
        const sc_core::sc_time time = sc_core::sc_time_stamp() + delay;
        before.check_request(t);
        EXPECT_EQ(alive_.count(&t), 0u) << "b_transport of a transaction that is under way in nb_transport";
        blocking++;
        initiator->b_transport(t, delay);
        before.check(t);
        EXPECT_NE(t.get_response_status(), tlm::TLM_INCOMPLETE_RESPONSE) << "no response status was set";
        EXPECT_GE(sc_core::sc_time_stamp() + delay, time) << "time went back";
    }

    tlm::tlm_sync_enum nb_transport_fw(Payload &t, tlm::tlm_phase &phase, sc_core::sc_time &delay) override
    {
        phases++;
        if (phase == tlm::BEGIN_REQ) {
            EXPECT_TRUE(t.has_mm() && t.get_ref_count() > 0) << "needs a memory manager";
            EXPECT_EQ(requesting_, nullptr) << "exclusion rule: a request before the END_REQ of another";
            EXPECT_EQ(alive_.count(&t), 0u);
            const auto it = alive_.emplace(&t, Alive{Frozen(t), tlm::BEGIN_REQ}).first;
            it->second.frozen.check_request(t);
            most_in_flight = std::max<unsigned>(most_in_flight, static_cast<unsigned>(alive_.size()));
            requesting_ = &t;
        } else {
            EXPECT_EQ(phase, tlm::END_RESP);
            end(t);
        }
        const tlm::tlm_sync_enum sync = initiator->nb_transport_fw(t, phase, delay);
        if (sync == tlm::TLM_UPDATED)
            backward(t, phase);
        return sync;
    }

    tlm::tlm_sync_enum nb_transport_bw(Payload &t, tlm::tlm_phase &phase, sc_core::sc_time &delay) override
    {
        phases++;
        backward(t, phase);
        const bool responds = phase == tlm::BEGIN_RESP;
        const tlm::tlm_sync_enum sync = target->nb_transport_bw(t, phase, delay);
        if (responds && responding_ == &t &&
            (sync == tlm::TLM_COMPLETED || (sync == tlm::TLM_UPDATED && phase == tlm::END_RESP)))
            end(t);
        return sync;
    }

    bool get_direct_mem_ptr(Payload &t, tlm::tlm_dmi &dmi) override
    {
        const std::uint64_t addr = t.get_address();
        const bool granted = initiator->get_direct_mem_ptr(t, dmi);
        EXPECT_EQ(t.get_address(), addr);
        EXPECT_LE(dmi.get_start_address(), addr);
        EXPECT_GE(dmi.get_end_address(), addr);
        if (granted) {
            EXPECT_TRUE(t.is_write() ? dmi.is_write_allowed() : dmi.is_read_allowed()) << "less than was asked for";
            EXPECT_NE(dmi.get_dmi_ptr(), nullptr);
        }
        return granted;
    }
    unsigned transport_dbg(Payload &t) override
    {
        const unsigned length = t.get_data_length(), moved = initiator->transport_dbg(t);
        EXPECT_LE(moved, length);
        return moved;
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) override
    {
        EXPECT_LE(start, end);
        target->invalidate_direct_mem_ptr(start, end);
    }

    void expect_idle() const
    {
        EXPECT_TRUE(alive_.empty()) << "transactions that were never answered";
    }

  private:
    // What only the initiator may set, and the address, which must be the initiator's again in the end.
    struct Frozen {
        explicit Frozen(const Payload &t)
            : command(t.get_command()), addr(t.get_address()), data(t.get_data_ptr()), length(t.get_data_length()),
              width(t.get_streaming_width()), enable(t.get_byte_enable_ptr()), enables(t.get_byte_enable_length())
        {
        }
        void check_request(const Payload &t) const
        {
            EXPECT_EQ(t.get_response_status(), tlm::TLM_INCOMPLETE_RESPONSE) << "a used payload was not made ready";
            EXPECT_FALSE(t.is_dmi_allowed());
            if (command != tlm::TLM_IGNORE_COMMAND) {
                EXPECT_NE(data, nullptr);
                EXPECT_GT(length, 0u);
                EXPECT_GT(width, 0u);
            }
            if (enable != nullptr) {
                EXPECT_GT(enables, 0u);
            }
        }
        void check(const Payload &t) const
        {
            EXPECT_EQ(t.get_command(), command);
            EXPECT_EQ(t.get_address(), addr);
            EXPECT_EQ(t.get_data_ptr(), data);
            EXPECT_EQ(t.get_data_length(), length);
            EXPECT_EQ(t.get_streaming_width(), width);
            EXPECT_EQ(t.get_byte_enable_ptr(), enable);
            EXPECT_EQ(t.get_byte_enable_length(), enables);
        }
        tlm::tlm_command command;
        std::uint64_t addr;
        unsigned char *data;
        unsigned length, width;
        unsigned char *enable;
        unsigned enables;
    };
    struct Alive {
        Frozen frozen;
        tlm::tlm_phase_enum phase;
    };

    void backward(Payload &t, const tlm::tlm_phase &phase)
    {
        const auto it = alive_.find(&t);
        ASSERT_NE(it, alive_.end()) << "a phase of a transaction that is not under way";
        EXPECT_GT(t.get_ref_count(), 0);
        if (phase == tlm::END_REQ) {
            EXPECT_EQ(it->second.phase, tlm::BEGIN_REQ);
            EXPECT_EQ(requesting_, &t);
            it->second.phase = tlm::END_REQ;
            requesting_ = nullptr;
        } else {
            EXPECT_EQ(phase, tlm::BEGIN_RESP);
            EXPECT_NE(it->second.phase, tlm::BEGIN_RESP) << "answered twice";
            EXPECT_EQ(responding_, nullptr) << "exclusion rule: an answer before the END_RESP of another";
            EXPECT_NE(t.get_response_status(), tlm::TLM_INCOMPLETE_RESPONSE);
            it->second.frozen.check(t);
            if (it->second.phase == tlm::BEGIN_REQ)
                requesting_ = nullptr; // an answer implies END_REQ
            it->second.phase = tlm::BEGIN_RESP;
            responding_ = &t;
        }
    }
    void end(Payload &t)
    {
        EXPECT_EQ(responding_, &t) << "END_RESP without an answer";
        responding_ = nullptr;
        alive_.erase(&t);
    }

    std::map<Payload *, Alive> alive_;
    Payload *requesting_ = nullptr, *responding_ = nullptr;
};

#endif
