// SPDX-License-Identifier: MIT
//
// The unit in SystemVerilog, run by Verilator: clock, software's accesses to registers, devices' requests, memory. What is
// around it is a struct vtd_host, as for the model: a window of memory or callbacks, and a receiver of messages.
//
// Time passes only in cycle() and in what is said to wait. Nothing here depends on the real time.
#ifndef VTD_COSIM_RTL_UNIT_HPP
#define VTD_COSIM_RTL_UNIT_HPP

#include "vtd/vtd.h"
#include "vtd/vtd_timing.h"

#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

namespace vtdsim
{

// The caches that the unit counts, in the order of its counter ports.
constexpr std::array<vtd_cache_id, 5> rtl_caches = {VTD_CACHE_CONTEXT, VTD_CACHE_PASID, VTD_CACHE_IOTLB,
                                                    VTD_CACHE_FS_PSC, VTD_CACHE_SS_PSC};

enum class rtl_count {
    lookup,
    hit,
    fill,
    evict
};

// A memory access of the unit, as it goes out.
struct rtl_access {
    enum operation {
        read,
        cas,
        write
    } op;
    vtd_mem_class cls;
    unsigned client; // a walker by its number; behind them the queue engine
    unsigned level;  // of a paging entry, else 0
    unsigned qwords;
    std::uint64_t addr;
    std::uint64_t value; // write: what; cas: what is there after it
    bool snoop;
};

// Told of what happens, in order; within a cycle: counts, memory, messages, responses.
struct rtl_watcher {
    virtual ~rtl_watcher() = default;
    virtual void counted(rtl_count, vtd_cache_id) {}
    virtual void accessed(const rtl_access &) {}
    // cookie: as given to send. sent and answered: the cycles in which request and response were taken.
    virtual void responded(std::uint64_t, const vtd_request &, const vtd_response &, std::uint64_t, std::uint64_t) {}
};

// The unit waits for something that does not come: an error of the hardware description.
struct rtl_hangs : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct rtl_options {
    unsigned walkers = 4;     // 1 or 4: what is built
    unsigned latency = 20;    // of memory, in cycles from the address to the first qword; at least 1
    std::uint64_t jitter = 0; // not 0: a seed. Latencies and readiness are then random
    std::string trace;        // a file for a waveform (FST); empty: none
    std::uint64_t trace_from = 0, trace_to = UINT64_MAX; // cycles that it shows
    std::uint64_t states_at = UINT64_MAX;                // a cycle whose states are kept
};

class rtl_unit
{
  public:
    // host is copied. Throws std::invalid_argument when walkers are not built, or the trace cannot be written.
    static std::unique_ptr<rtl_unit> make(const vtd_host &host, const rtl_options &options);
    virtual ~rtl_unit() = default;

    // The configuration of a model that is this unit: registers, caches, host address width.
    void describe(vtd_config &config);
    // Timing of a model that is this unit, with memory of that latency: how well it fits, docs/02_user/cosim.md says.
    static void describe_timing(vtd_timing_config &config, unsigned walkers, unsigned latency);
    // Whether the request could be on a link at all (else vtd_translate: VTD_STATUS_INVALID).
    static bool is_possible(const vtd_request &request);
    // Whether the unit has a port for it: untranslated, and no execute request.
    static bool has_port_for(const vtd_request &request);

    virtual void watch(rtl_watcher *watcher) = 0; // nullptr: nobody

    // Power-on reset. What is in flight gets no answer.
    virtual void reset() = 0;

    // Registers as vtd_mmio_*: 4 or 8 bytes, aligned and in the block, else nothing is written and 0 read. A write waits
    // until all that it set off is done (settle), unless told not to.
    virtual std::uint64_t read(std::uint64_t offset, unsigned size) = 0;
    virtual void write(std::uint64_t offset, unsigned size, std::uint64_t value, bool settles = true) = 0;

    // A request that waits for its response, and until nothing is in flight any more.
    virtual vtd_response translate(const vtd_request &request) = 0;

    // Requests side by side: send queues one, cycle lets time go on, the watcher sees the responses.
    virtual void send(const vtd_request &request, std::uint64_t cookie) = 0;
    virtual std::size_t in_flight() const = 0; // sent and not answered
    virtual void cycle() = 0;
    virtual void settle() = 0; // until nothing is in flight
    virtual std::uint64_t cycles() const = 0;

    virtual std::uint64_t count(rtl_count what, vtd_cache_id cache) const = 0; // since the power-on
    virtual std::string states() const = 0; // what walkers and queue engine are doing, for messages
    std::string states_then() const         // the same in cycle states_at
    {
        return states_then_;
    }

  protected:
    std::string states_then_;
};

} // namespace vtdsim

#endif
