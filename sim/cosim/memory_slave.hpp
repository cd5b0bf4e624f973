// SPDX-License-Identifier: MIT
//
// The memory at the unit's AXI4 port: what a struct vtd_host says that there is. It keeps the order of each ID; with
// jitter, answers of different IDs overtake each other, and the channels are not always ready.
#ifndef VTD_COSIM_MEMORY_SLAVE_HPP
#define VTD_COSIM_MEMORY_SLAVE_HPP

#include "rtl_unit.hpp"

#include <deque>
#include <random>

namespace vtdsim
{

class memory_slave
{
  public:
    memory_slave(const vtd_host &host, unsigned latency, std::uint64_t jitter);

    struct read_beat {
        bool valid = false, last = false;
        unsigned id = 0, resp = 0;
        std::uint64_t data = 0;
    };
    struct write_response {
        bool valid = false;
        unsigned id = 0, resp = 0;
    };
    struct address {
        unsigned id, beats, user; // user: level, class, snoop
        std::uint64_t addr;
        bool atomic; // AtomicCompare
    };

    // Whether the channel takes something in this cycle.
    bool ready();

    // What is offered in cycle now. It stays until take_*.
    const read_beat &offered_read(std::uint64_t now);
    const write_response &offered_response(std::uint64_t now);
    void take_read();
    void take_response();

    // What the unit sends. The access is carried out at once and told to watcher (may be nullptr); its answer comes later.
    void read_address(const address &a, std::uint64_t now, rtl_watcher *watcher);
    void write_address(const address &a);
    void write_data(std::uint64_t data, unsigned strobes, bool last);
    void carry_out_write(std::uint64_t now, rtl_watcher *watcher);

    void forget(); // reset: what is under way
    bool is_quiet() const
    {
        return reads_.empty() && responses_.empty() && !current_.valid && !response_.valid && !has_address_ &&
               beats_ == 0;
    }

  private:
    struct burst {
        unsigned id, beats, at;
        unsigned resp[8];
        std::uint64_t data[8];
        std::uint64_t due;
    };
    struct late_response {
        write_response response;
        std::uint64_t due;
    };
    std::uint64_t due(std::uint64_t now);
    bool load(std::uint64_t addr, std::uint64_t *data, unsigned qwords, vtd_mem_class cls, bool snoop);
    bool swap(std::uint64_t addr, std::uint64_t *expected, std::uint64_t desired, vtd_mem_class cls);
    bool store(std::uint64_t addr, std::uint32_t value, vtd_mem_class cls);
    void made_visible(std::uint64_t addr);
    void atomic(std::uint64_t now, rtl_access &access);
    bool in_window(std::uint64_t addr, std::uint64_t size) const;

    vtd_host host_;
    unsigned latency_;
    bool jitters_;
    std::mt19937_64 random_;
    std::deque<burst> reads_;
    std::deque<late_response> responses_;
    read_beat current_;
    std::size_t current_burst_ = 0;
    write_response response_;
    std::size_t current_response_ = 0;
    address address_{};
    bool has_address_ = false, whole_ = false;
    unsigned beats_ = 0, strobes_ = 0;
    std::uint64_t data_[2] = {};
};

} // namespace vtdsim

#endif
