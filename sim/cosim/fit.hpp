// SPDX-License-Identifier: MIT
//
// Whether a configuration is one that the RTL can have.
#ifndef VTD_COSIM_FIT_HPP
#define VTD_COSIM_FIT_HPP

#include "rtl_unit.hpp"

struct vtd_sim_config;

namespace vtdsim
{

// What the configuration asks for and unit does not have, by its key; empty when it fits. The RTL stands for the preset
// "default": of CAP and ECAP only what keys have made different counts. Sizes of caches may be others.
std::string misfit_of(const vtd_sim_config &config, rtl_unit &unit);

// Whether the caches are not those of the RTL: then their counters say nothing.
bool has_other_caches(const vtd_sim_config &config, rtl_unit &unit);

} // namespace vtdsim

#endif
