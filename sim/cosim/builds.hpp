// SPDX-License-Identifier: MIT
//
// The Verilated units that are built in: by the number of their walkers.
#ifndef VTD_COSIM_BUILDS_HPP
#define VTD_COSIM_BUILDS_HPP

#include "rtl_unit.hpp"

namespace vtdsim
{

std::unique_ptr<rtl_unit> make_rtl_1(const vtd_host &host, const rtl_options &options);
std::unique_ptr<rtl_unit> make_rtl_4(const vtd_host &host, const rtl_options &options);

} // namespace vtdsim

#endif
