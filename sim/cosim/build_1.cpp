// SPDX-License-Identifier: MIT
//
// The unit with 1 walker.
#include "builds.hpp"
#include "verilated.hpp"

#include "Vvtd_unit_1.h"
#include "Vvtd_unit_1___024root.h"

namespace vtdsim
{

template <> rtl_states states_of(const Vvtd_unit_1 &unit)
{
    const auto *r = unit.rootp;
    return {{VTD_RTL_WALKER(r, 0)}, VTD_RTL_ENGINE(r)};
}

std::unique_ptr<rtl_unit> make_rtl_1(const vtd_host &host, const rtl_options &options)
{
    return std::make_unique<verilated_unit<Vvtd_unit_1>>(host, options);
}

} // namespace vtdsim
