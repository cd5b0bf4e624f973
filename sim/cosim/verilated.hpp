// SPDX-License-Identifier: MIT
//
// A Verilated vtd_unit of class V as an rtl_unit: its pins, cycle by cycle. Only the files that make one include this.
#ifndef VTD_COSIM_VERILATED_HPP
#define VTD_COSIM_VERILATED_HPP

#include "memory_slave.hpp"
#include "states.hpp"

#include <verilated.h>
#include <verilated_fst_c.h>

#include <cstdio>
#include <deque>

namespace vtdsim
{

// The state machines of a unit; the file that knows V defines it.
template <class V> rtl_states states_of(const V &unit);

template <class V> class verilated_unit final : public rtl_unit
{
  public:
    verilated_unit(const vtd_host &host, const rtl_options &options)
        : options_(options), host_(host), memory_(host, options.latency, options.jitter), random_(options.jitter + 1),
          top_(&context_, "unit")
    {
        if (!options.trace.empty()) {
            context_.traceEverOn(true);
            top_.trace(&fst_, 99);
            if (std::FILE *file = std::fopen(options.trace.c_str(), "wb")) // the writer ends the program when it cannot
                std::fclose(file);
            else
                throw std::invalid_argument(options.trace + ": cannot be written");
            fst_.open(options.trace.c_str());
        }
        reset();
    }
    ~verilated_unit() override
    {
        top_.final();
        if (!options_.trace.empty())
            fst_.close();
    }
    void watch(rtl_watcher *watcher) override
    {
        watcher_ = watcher;
    }
    void reset() override
    {
        memory_.forget();
        waiting_.clear();
        for (slot &s : slots_)
            s.busy = false;
        flying_ = 0;
        offered_tag_ = kTags;
        taken_address_ = taken_data_ = false;
        top_.rst_ni = 0;
        top_.req_valid_i = top_.s_awvalid_i = top_.s_wvalid_i = top_.s_arvalid_i = 0;
        top_.s_bready_i = top_.s_rready_i = 1;
        for (unsigned i = 0; i < 3; i++)
            cycle();
        top_.rst_ni = 1;
        cycle();
        settle();
        for (auto &of : counts_)
            of.fill(0);
    }
    std::uint64_t read(std::uint64_t offset, unsigned size) override
    {
        if (offset >= kBlock || offset % size != 0)
            return 0;
        top_.s_araddr_i = static_cast<unsigned>(offset & ~UINT64_C(7));
        top_.s_arvalid_i = 1;
        until("a register read is not taken", [&] { return top_.s_arready_o; });
        top_.s_arvalid_i = 0;
        std::uint64_t value = 0;
        until("a register read has no answer", [&] {
            value = top_.s_rdata_o;
            return top_.s_rvalid_o;
        });
        return size == 8 ? value : static_cast<std::uint32_t>(value >> (offset & 4) * 8);
    }
    void write(std::uint64_t offset, unsigned size, std::uint64_t value, bool settles) override
    {
        if (offset >= kBlock || offset % size != 0)
            return;
        top_.s_awaddr_i = static_cast<unsigned>(offset & ~UINT64_C(7));
        top_.s_wdata_i = size == 8 ? value : (value & 0xffffffff) << (offset & 4) * 8;
        top_.s_wstrb_i = size == 8 ? 0xff : offset & 4 ? 0xf0 : 0x0f;
        top_.s_awvalid_i = top_.s_wvalid_i = 1;
        until("a register write is not taken", [&] {
            taken_aw_ = top_.s_awready_o;
            taken_w_ = top_.s_wready_o;
            return taken_aw_ || taken_w_;
        });
        // One of the channels may be taken before the other.
        bool aw = taken_aw_, w = taken_w_;
        while (!aw || !w) {
            top_.s_awvalid_i = !aw;
            top_.s_wvalid_i = !w;
            until("a register write is not taken", [&] {
                aw = aw || top_.s_awready_o;
                w = w || top_.s_wready_o;
                return true;
            });
        }
        top_.s_awvalid_i = top_.s_wvalid_i = 0;
        until("a register write has no answer", [&] { return top_.s_bvalid_o; });
        cycle();
        if (settles)
            settle();
    }
    vtd_response translate(const vtd_request &request) override
    {
        struct one : rtl_watcher {
            rtl_watcher *next = nullptr;
            bool done = false;
            vtd_response response{};
            void counted(rtl_count what, vtd_cache_id cache) override
            {
                if (next != nullptr)
                    next->counted(what, cache);
            }
            void accessed(const rtl_access &access) override
            {
                if (next != nullptr)
                    next->accessed(access);
            }
            void responded(std::uint64_t cookie, const vtd_request &r, const vtd_response &answer, std::uint64_t sent,
                           std::uint64_t answered) override
            {
                response = answer;
                done = true;
                if (next != nullptr)
                    next->responded(cookie, r, answer, sent, answered);
            }
        } answer;
        answer.next = watcher_;
        watcher_ = &answer;
        try {
            send(request, 0);
            until("a request has no response", [&] { return answer.done; });
            settle();
        } catch (...) {
            watcher_ = answer.next;
            throw;
        }
        watcher_ = answer.next;
        return answer.response;
    }
    void send(const vtd_request &request, std::uint64_t cookie) override
    {
        waiting_.push_back({request, cookie});
    }
    std::size_t in_flight() const override
    {
        return waiting_.size() + flying_;
    }
    void settle() override
    {
        until("the unit does not come to rest", [&] { return waiting_.empty() && flying_ == 0 && top_.idle_o; });
    }
    std::uint64_t cycles() const override
    {
        return now_;
    }
    std::uint64_t count(rtl_count what, vtd_cache_id cache) const override
    {
        for (std::size_t i = 0; i < rtl_caches.size(); i++)
            if (rtl_caches[i] == cache)
                return counts_[static_cast<std::size_t>(what)][i];
        return 0;
    }
    std::string states() const override
    {
        return text_of(states_of(top_));
    }

    void cycle() override
    {
        begin_cycle();
        end_cycle();
    }

  private:
    static constexpr std::uint64_t kBlock = 4096;
    static constexpr unsigned kTags = 64;
    static constexpr std::uint64_t kPatience = 1000000; // cycles
    struct slot {
        bool busy = false;
        vtd_request request{};
        std::uint64_t cookie = 0, sent = 0;
    };
    struct waiting {
        vtd_request request;
        std::uint64_t cookie;
    };

    // Cycles until done, asked in each before the clock rises, says so; that cycle included.
    template <class F> void until(const char *else_, F done)
    {
        const std::uint64_t end = now_ + kPatience;
        for (bool over = false; !over;) {
            begin_cycle();
            over = done();
            end_cycle();
            if (now_ == end)
                throw rtl_hangs(std::string("the RTL hangs: ") + else_ + " within a million cycles; " + states());
        }
    }
    void begin_cycle()
    {
        drive();
        top_.clk_i = 0;
        top_.eval();
        dump(0);
        observe();
    }
    void end_cycle()
    {
        if (now_ == options_.states_at)
            states_then_ = states();
        top_.clk_i = 1;
        top_.eval();
        dump(1);
        now_++;
    }
    void dump(unsigned half)
    {
        if (!options_.trace.empty() && now_ >= options_.trace_from && now_ < options_.trace_to)
            fst_.dump(now_ * 10 + half * 5);
    }

    // ------------------------------------------------------------ before the clock rises: what goes in
    void drive()
    {
        if (offered_tag_ == kTags && !waiting_.empty() && flying_ < kTags)
            offer();
        top_.req_valid_i = offered_tag_ != kTags;
        top_.rsp_ready_i = ready();
        top_.msg_ready_i = ready();
        top_.m_arready_i = memory_.ready();
        top_.m_awready_i = memory_.ready() && !taken_address_;
        top_.m_wready_i = memory_.ready() && !taken_data_;
        const auto &r = memory_.offered_read(now_);
        top_.m_rvalid_i = r.valid;
        top_.m_rid_i = r.id;
        top_.m_rdata_i = r.data;
        top_.m_rresp_i = r.resp;
        top_.m_rlast_i = r.last;
        const auto &b = memory_.offered_response(now_);
        top_.m_bvalid_i = b.valid;
        top_.m_bid_i = b.id;
        top_.m_bresp_i = b.resp;
    }
    bool ready()
    {
        return options_.jitter == 0 || random_() % 4 != 0;
    }
    void offer()
    {
        while (slots_[next_tag_].busy)
            next_tag_ = (next_tag_ + 1) % kTags;
        const vtd_request &q = waiting_.front().request;
        offered_tag_ = next_tag_;
        slots_[offered_tag_] = {false, q, waiting_.front().cookie, 0};
        top_.req_tag_i = offered_tag_;
        top_.req_sid_i = q.sid;
        top_.req_has_pasid_i = (q.flags & VTD_REQ_PASID) != 0;
        top_.req_pasid_i = q.flags & VTD_REQ_PASID ? q.pasid : 0;
        top_.req_priv_i = (q.flags & VTD_REQ_PRIV) != 0;
        top_.req_no_snoop_i = (q.flags & VTD_REQ_NO_SNOOP) != 0;
        top_.req_kind_i = q.access;
        top_.req_zero_length_i = q.len == 0;
        top_.req_dword_i = q.access == VTD_WRITE && q.len == 4 && q.addr % 4 == 0;
        top_.req_addr_i = q.addr;
    }

    // ------------------------------------------------------------ at its rising: what is taken and comes out
    void observe()
    {
        if (!top_.rst_ni)
            return;
        count_pulses();
        observe_memory();
        if (top_.msg_valid_o && top_.msg_ready_i && host_.msi != nullptr)
            host_.msi(host_.opaque, top_.msg_addr_o, top_.msg_data_o);
        if (top_.req_valid_i && top_.req_ready_o) {
            slots_[offered_tag_].busy = true;
            slots_[offered_tag_].sent = now_;
            flying_++;
            waiting_.pop_front();
            offered_tag_ = kTags;
        }
        if (top_.rsp_valid_o && top_.rsp_ready_i)
            respond();
    }
    void count_pulses()
    {
        const unsigned pulses[4] = {top_.count_lookup_o, top_.count_hit_o, top_.count_fill_o, top_.count_evict_o};
        if ((pulses[0] | pulses[2] | pulses[3]) == 0)
            return;
        for (std::size_t what = 0; what < 4; what++) {
            for (std::size_t i = 0; i < rtl_caches.size(); i++) {
                if ((pulses[what] >> i & 1) == 0)
                    continue;
                counts_[what][i]++;
                if (watcher_ != nullptr)
                    watcher_->counted(static_cast<rtl_count>(what), rtl_caches[i]);
            }
        }
    }
    void observe_memory()
    {
        if (top_.m_rvalid_i && top_.m_rready_o)
            memory_.take_read();
        if (top_.m_bvalid_i && top_.m_bready_o)
            memory_.take_response();
        if (top_.m_arvalid_o && top_.m_arready_i)
            memory_.read_address({top_.m_arid_o, top_.m_arlen_o + 1u, top_.m_aruser_o, top_.m_araddr_o, false}, now_,
                                 watcher_);
        if (top_.m_awvalid_o && top_.m_awready_i) {
            memory_.write_address(
                {top_.m_awid_o, top_.m_awlen_o + 1u, top_.m_awuser_o, top_.m_awaddr_o, top_.m_awatop_o != 0});
            taken_address_ = true;
        }
        if (top_.m_wvalid_o && top_.m_wready_i) {
            memory_.write_data(top_.m_wdata_o, top_.m_wstrb_o, top_.m_wlast_o);
            taken_data_ = top_.m_wlast_o;
        }
        if (taken_address_ && taken_data_) {
            memory_.carry_out_write(now_, watcher_);
            taken_address_ = taken_data_ = false;
        }
    }
    void respond()
    {
        slot &s = slots_[top_.rsp_tag_o % kTags];
        if (!s.busy)
            throw rtl_hangs("the RTL answers a request that nobody sent: tag " + std::to_string(top_.rsp_tag_o));
        s.busy = false;
        flying_--;
        vtd_response r{};
        r.result = top_.rsp_result_o;
        r.fault = top_.rsp_reason_o;
        if (r.result == VTD_RESULT_OK) {
            static const unsigned char shifts[4] = {12, 21, 30, 0};
            r.hpa = top_.rsp_hpa_o;
            r.page_shift = shifts[top_.rsp_size_o];
            r.attr = static_cast<std::uint8_t>((top_.rsp_rights_o & 1 ? VTD_ATTR_R : 0) |
                                               (top_.rsp_rights_o & 2 ? VTD_ATTR_W : 0) |
                                               (top_.rsp_snoop_o ? VTD_ATTR_SNOOP : 0));
        }
        if (r.result == VTD_RESULT_INTERRUPT)
            r.irq = passed(s.request);
        if (watcher_ != nullptr)
            watcher_->responded(s.cookie, s.request, r, s.sent, now_);
    }
    // An interrupt in compatibility format, forwarded as it came (ref 8.1).
    static vtd_irq_response passed(const vtd_request &q)
    {
        vtd_irq_response irq{};
        irq.result = VTD_IRQ_PASSED;
        irq.vector = static_cast<std::uint8_t>(q.data);
        irq.delivery_mode = q.data >> 8 & 7;
        irq.dest = static_cast<std::uint32_t>(q.addr >> 12 & 0xff);
        irq.redirection_hint = q.addr >> 3 & 1;
        irq.logical = q.addr >> 2 & 1;
        irq.level = q.data >> 15 & 1;
        return irq;
    }

    rtl_options options_;
    vtd_host host_;
    memory_slave memory_;
    std::mt19937_64 random_;
    rtl_watcher *watcher_ = nullptr;
    VerilatedContext context_;
    VerilatedFstC fst_;
    V top_;
    std::array<slot, kTags> slots_;
    std::deque<waiting> waiting_;
    std::size_t flying_ = 0;
    unsigned next_tag_ = 0, offered_tag_ = kTags;
    bool taken_aw_ = false, taken_w_ = false, taken_address_ = false, taken_data_ = false;
    std::uint64_t now_ = 0;
    std::array<std::array<std::uint64_t, 5>, 4> counts_{};
};

} // namespace vtdsim

#endif
