// SPDX-License-Identifier: MIT
//
// What does not depend on how many walkers are built. See rtl_unit.hpp.
#include "rtl_unit.hpp"

#include "builds.hpp"

#include "vtd/vtd_regs.h"

namespace vtdsim
{

namespace
{

// As Verilated: see CMakeLists.txt. They are those of the preset "default".
constexpr unsigned kHaw = 46, kWays = 8;
constexpr std::array<unsigned, rtl_caches.size()> kEntries = {64, 64, 512, 64, 64};

} // namespace

std::unique_ptr<rtl_unit> rtl_unit::make(const vtd_host &host, const rtl_options &options)
{
    if (options.walkers == 1)
        return make_rtl_1(host, options);
    if (options.walkers == 4)
        return make_rtl_4(host, options);
    throw std::invalid_argument("the RTL is built with 1 and with 4 walkers, not with " +
                                std::to_string(options.walkers));
}

void rtl_unit::describe(vtd_config &config)
{
    vtd_config_preset(&config, "default");
    config.version = static_cast<std::uint32_t>(read(VTD_REG_VER, 4));
    config.cap = read(VTD_REG_CAP, 8);
    config.ecap = read(VTD_REG_ECAP, 8);
    config.haw = kHaw;
    config.iotlb_order = VTD_IOTLB_FIRST;
    for (std::size_t i = 0; i < rtl_caches.size(); i++) {
        vtd_cache_geometry &g = config.cache[rtl_caches[i]];
        g.entries = kEntries[i];
        g.ways = kWays;
        g.policy = VTD_POLICY_LRU;
        g.index = VTD_INDEX_HASH;
    }
}

void rtl_unit::describe_timing(vtd_timing_config &config, unsigned walkers, unsigned latency)
{
    vtd_timing_config_default(&config);
    config.walkers = walkers;
    config.misses = 16;
    config.link_latency = 0;
    config.in_flight = 0;
    // A hit takes 1 cycle. On the way to the first read of a walk there are 14: what lies between the lookups is with those
    // of context and PASID cache. What the walker does around an access to memory, and its fills, is with the access; an
    // entry of 32 or 64 bytes comes qword by qword.
    config.lookup_latency[VTD_CACHE_CONTEXT] = 6;
    config.lookup_latency[VTD_CACHE_PASID] = 7;
    config.lookup_latency[VTD_CACHE_IOTLB] = 1;
    config.lookup_latency[VTD_CACHE_FS_PSC] = 0;
    config.lookup_latency[VTD_CACHE_SS_PSC] = 1;
    for (unsigned i = 0; i < VTD_MEM_CLASSES; i++)
        config.memory_latency[i] = latency + 4;
    config.memory_latency[VTD_MEM_ROOT] = latency + 5;
    config.memory_latency[VTD_MEM_CONTEXT] = latency + 8;
    config.memory_latency[VTD_MEM_PASID_ENTRY] = latency + 12;
    config.memory_latency[VTD_MEM_FS_ENTRY] = latency + 7;
    config.memory_latency[VTD_MEM_SS_ENTRY] = latency + 6;
}

bool rtl_unit::is_possible(const vtd_request &q)
{
    const bool has_pasid = (q.flags & VTD_REQ_PASID) != 0;
    if ((q.addr & 4095) + q.len > 4096 || q.access > VTD_ATOMIC || q.at > VTD_AT_TRANSLATED)
        return false;
    if (has_pasid ? q.pasid >> 20 != 0 : (q.flags & VTD_REQ_PRIV) != 0 || q.access == VTD_EXEC)
        return false;
    return q.len != 0 || q.access == VTD_READ;
}

bool rtl_unit::has_port_for(const vtd_request &q)
{
    return q.at == VTD_AT_UNTRANSLATED && q.access != VTD_EXEC;
}

} // namespace vtdsim
