// SPDX-License-Identifier: MIT
//
// The configuration of a unit from the files of the command line.
#include "state.hpp"

extern "C" {
#include "config/config.h"
}

namespace vtdsim
{

tlm_config load_config(const std::vector<std::string> &files, const std::vector<std::string> &settings)
{
    struct vtd_sim_assignments list = {};
    struct vtd_sim_config sim;
    char why[VTD_WHY_SIZE] = "";
    tlm_config config;
    bool ok = true;
    for (const std::string &file : files)
        ok = ok && vtd_sim_assignments_load(&list, file.c_str(), why) == 0;
    for (const std::string &setting : settings)
        ok = ok && vtd_sim_assignments_add(&list, setting.c_str(), why) == 0;
    ok = ok && vtd_sim_assignments_apply(&list, &sim, why) == 0;
    vtd_sim_assignments_free(&list);
    if (!ok) {
        SC_REPORT_ERROR(kReport, why);
        return config;
    }
    config.unit = sim.unit;
    config.timing = sim.timing;
    return config;
}

} // namespace vtdsim
