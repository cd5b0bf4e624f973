// SPDX-License-Identifier: MIT
//
// See fit.hpp.
#include "fit.hpp"

extern "C" {
#include "config/config.h"
}

namespace vtdsim
{

namespace
{

// The first key that differs, in a sentence.
std::string first_difference(const vtd_sim_config &config, const vtd_sim_config &rtl)
{
    std::string first;
    vtd_sim_config_for_each_change(
        &config, &rtl,
        [](void *arg, const char *key, const char *value, bool) {
            auto &sentence = *static_cast<std::string *>(arg);
            if (sentence.empty())
                sentence = std::string(key) + " is " + value + " here, which the RTL does not have";
        },
        &first);
    return first;
}

// The first field of a register that differs, by the key that sets it.
std::string first_field(const vtd_sim_config &config, const vtd_sim_config &preset, const vtd_sim_config &rtl)
{
    // What is as in the preset, the RTL stands for.
    const std::uint64_t cap_asked = config.cap_given & (config.unit.cap ^ preset.unit.cap);
    const std::uint64_t ecap_asked = config.ecap_given & (config.unit.ecap ^ preset.unit.ecap);
    char why[VTD_WHY_SIZE];
    const char *key;
    for (unsigned i = 0; (key = vtd_sim_config_key(i, nullptr)) != nullptr; i++) {
        const std::string name = key;
        if (name.rfind("cap.", 0) != 0 && name.rfind("ecap.", 0) != 0)
            continue;
        // The bits of the field: those that setting it to 0 gives.
        vtd_sim_config field = config;
        field.cap_given = field.ecap_given = 0;
        if (vtd_sim_config_set(&field, key, "0", why) != 0)
            continue;
        const std::uint64_t cap = (config.unit.cap ^ rtl.unit.cap) & cap_asked & field.cap_given;
        const std::uint64_t ecap = (config.unit.ecap ^ rtl.unit.ecap) & ecap_asked & field.ecap_given;
        if ((cap | ecap) != 0)
            return name + " is not as in the RTL";
    }
    return "";
}

} // namespace

std::string misfit_of(const vtd_sim_config &config, rtl_unit &unit)
{
    vtd_sim_config preset, rtl = config;
    char why[VTD_WHY_SIZE];
    if (vtd_sim_config_init(&preset, "default", why) != 0)
        return why;
    unit.describe(rtl.unit);
    const std::string field = first_field(config, preset, rtl);
    if (!field.empty())
        return field;
    if (((config.unit.cap ^ preset.unit.cap) & ~config.cap_given) != 0 ||
        ((config.unit.ecap ^ preset.unit.ecap) & ~config.ecap_given) != 0)
        return "the RTL is a unit of its own: of presets, only \"default\" stands for it";
    // What plays no part in the RTL may be as it likes.
    rtl.unit.seed = config.unit.seed;
    for (std::size_t i = 0; i < VTD_CACHES; i++)
        if (config.unit.cache[i].entries != 0 && rtl.unit.cache[i].entries != 0)
            rtl.unit.cache[i] = config.unit.cache[i];
    rtl.unit.cap = config.unit.cap;
    rtl.unit.ecap = config.unit.ecap;
    rtl.unit.haw = config.unit.haw == preset.unit.haw ? config.unit.haw : rtl.unit.haw;
    rtl.unit.cache[VTD_CACHE_IEC] = config.unit.cache[VTD_CACHE_IEC];
    rtl.unit.perfmon = config.unit.perfmon;
    return first_difference(config, rtl);
}

bool has_other_caches(const vtd_sim_config &config, rtl_unit &unit)
{
    vtd_config rtl;
    unit.describe(rtl);
    for (const vtd_cache_id id : rtl_caches) {
        const vtd_cache_geometry &a = config.unit.cache[id], &b = rtl.cache[id];
        if (a.entries != b.entries || a.ways != b.ways || a.policy != b.policy || a.index != b.index)
            return true;
    }
    return false;
}

} // namespace vtdsim
