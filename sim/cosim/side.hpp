// SPDX-License-Identifier: MIT
//
// One of the two machines of a lockstep run: memory, a driver, and a unit behind its bus that is watched step by step.
#ifndef VTD_COSIM_SIDE_HPP
#define VTD_COSIM_SIDE_HPP

#include "rtl_unit.hpp"

#include <vector>

extern "C" {
#include "driver/vtd_driver.h"
#include "platform/memory.h"
}

namespace vtdsim
{

// A step of a unit: what it looked up since the step before, then a fill or an access to memory. The last of an
// operation may be lookups only.
struct lock_step {
    enum what_kind {
        nothing,
        fill,
        read,
        cas,
        write
    } what = nothing;
    std::uint8_t lookups[5] = {}, hits[5] = {}; // by rtl_caches
    std::uint8_t unit = 0;                      // fill: of rtl_caches; else enum vtd_mem_class
    std::uint8_t level = 0, qwords = 0;
    bool evicts = false, snoop = false;
    std::uint64_t addr = 0;
    std::uint64_t cycle = 0; // of the RTL; not compared

    bool operator==(const lock_step &o) const;
    std::string text() const;
};

struct lock_message {
    std::uint64_t addr;
    std::uint32_t data;
    bool operator==(const lock_message &o) const
    {
        return addr == o.addr && data == o.data;
    }
};

class side
{
  public:
    virtual ~side();
    side(const side &) = delete;
    side &operator=(const side &) = delete;

    virtual std::uint64_t read(std::uint64_t offset, unsigned size) = 0;
    virtual void write(std::uint64_t offset, unsigned size, std::uint64_t value) = 0;
    // Requests, one after the other or side by side; responses in their order.
    virtual void translate(const std::vector<vtd_request> &requests, std::vector<vtd_response> &responses) = 0;

    // Makes the driver and lets it bring the unit up.
    void start(const vtd_drv_options &options);
    void clear(); // steps and messages

    static constexpr std::uint64_t kMemory = UINT64_C(64) << 20, kFrames = UINT64_C(16) << 20;
    vtd_memory memory{};
    vtd_frames frames{};
    vtd_bus bus{};
    vtd_drv *drv = nullptr;
    std::vector<vtd_drv_domain *> domains;
    std::vector<lock_step> steps;
    std::vector<lock_message> messages;
    std::uint64_t writes = 0;

  protected:
    side();
    vtd_host host();
    void looked_up(unsigned cache, bool hit);
    void stepped(lock_step::what_kind what, unsigned unit, std::uint64_t addr = 0, unsigned level = 0,
                 unsigned qwords = 0, bool snoop = false);
    lock_step open_; // lookups so far
};

// The C model.
class model_side final : public side
{
  public:
    explicit model_side(const vtd_config &config);
    ~model_side() override;
    std::uint64_t read(std::uint64_t offset, unsigned size) override;
    void write(std::uint64_t offset, unsigned size, std::uint64_t value) override;
    void translate(const std::vector<vtd_request> &requests, std::vector<vtd_response> &responses) override;
    bool has_fault() const;
    vtd *unit = nullptr;

  private:
    void on_event(const vtd_event &event);
    void count_lookups();
    bool evicted_ = false;
    std::uint64_t lookups_[5] = {}, hits_[5] = {};
};

// The RTL.
class rtl_side final : public side, private rtl_watcher
{
  public:
    explicit rtl_side(const rtl_options &options);
    ~rtl_side() override;
    std::uint64_t read(std::uint64_t offset, unsigned size) override;
    void write(std::uint64_t offset, unsigned size, std::uint64_t value) override;
    void translate(const std::vector<vtd_request> &requests, std::vector<vtd_response> &responses) override;
    std::unique_ptr<rtl_unit> unit;

  private:
    void counted(rtl_count what, vtd_cache_id cache) override;
    void accessed(const rtl_access &access) override;
    void responded(std::uint64_t cookie, const vtd_request &request, const vtd_response &response, std::uint64_t sent,
                   std::uint64_t answered) override;
    std::vector<vtd_response> *responses_ = nullptr;
    bool overlaps_;
};

} // namespace vtdsim

#endif
