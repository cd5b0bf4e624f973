// SPDX-License-Identifier: MIT
//
// The random life of a driver and its devices on both machines of a lockstep run, action by action, and the comparison
// after each. Same seed, same life.
#ifndef VTD_COSIM_PLAYER_HPP
#define VTD_COSIM_PLAYER_HPP

#include "lockstep.h"
#include "side.hpp"

#include <map>
#include <random>
#include <utility>

namespace vtdsim
{

// The first difference.
struct lock_difference : std::runtime_error {
    lock_difference(const std::string &what, std::uint64_t at) : std::runtime_error(what), cycle(at) {}
    std::uint64_t cycle;
};

class player
{
  public:
    player(const vtd_lockstep_options &options, model_side &model, rtl_side &rtl, vtd_lockstep_result &result);
    void play(); // throws lock_difference, or what the RTL throws

  private:
    struct domain {
        vtd_drv_domain_spec spec{};
        unsigned parent = 0;                                         // of a nested one: number of its domain
        std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges; // mapped now or before: address and bytes
    };
    using who = std::pair<std::uint16_t, std::uint32_t>; // source-id and PASID

    // actions.cpp: what software and devices do
    void create_domains();
    void act();
    void map();
    void unmap();
    void attach();
    void detach();
    void replace();
    void remove_device();
    void handle_faults();
    void invalidate();
    void submit_raw();
    void restart();
    void mask_events();
    void damage();
    void plant();
    vtd_request some_request();
    std::uint64_t some_address(const domain &d);
    std::uint64_t some_input(const domain &d);
    void requests(unsigned count);

    // player.cpp: comparison
    template <class F> long long both(const char *what, F f)
    {
        const long long a = f(static_cast<side &>(model_)), b = f(static_cast<side &>(rtl_));
        if (a != b)
            differ(std::string(what) + " gives " + std::to_string(a) + " on the model and " + std::to_string(b) +
                   " on the RTL");
        compare(what);
        return a;
    }
    [[noreturn]] void differ(const std::string &what, std::uint64_t cycle = 0);
    void compare(const char *what);
    void compare_steps(const char *what);
    void compare_registers(const char *what);
    void compare_memory(const char *what);
    void compare_response(const vtd_request &request, const vtd_response &a, const vtd_response &b);
    void cut_before_overflow(std::vector<vtd_request> &wanted, std::vector<vtd_response> &responses);

    std::uint64_t below(std::uint64_t n)
    {
        return random_() % n;
    }
    bool chance(unsigned percent)
    {
        return below(100) < percent;
    }

    const vtd_lockstep_options &options_;
    model_side &model_;
    rtl_side &rtl_;
    vtd_lockstep_result &result_;
    std::mt19937_64 random_;
    std::vector<domain> domains_;
    std::map<who, unsigned> attached_; // to which domain
    std::uint64_t tables_ = 0;         // address of the first page that the driver took after its start
    bool ssade_ = false;
};

} // namespace vtdsim

#endif
