/* SPDX-License-Identifier: MIT */
/* Timed runs of the program in tests: numbers of their results, a unit without limits, and mixed loads. */
#ifndef VTD_TEST_TIMED_PROGRAM_H
#define VTD_TEST_TIMED_PROGRAM_H

#include "program.h"

#include <vector>

namespace program
{

/* A number at a path of objects: "timing.latency.all.max". */
inline double at(const Result &r, const std::string &path)
{
    const json_t *value = r.root;
    std::istringstream in(path);
    for (std::string part; std::getline(in, part, '.');)
        value = json_object_get(value, part.c_str());
    EXPECT_TRUE(json_is_number(value)) << path;
    return json_number_value(value);
}

constexpr unsigned kLink = 50, kMemory = 100;
constexpr unsigned kWalk = 4 * kMemory; /* four levels, and nothing else takes time */

/* A unit that walks for every request, in kWalk cycles; context and PASID entries come at once. Nothing is limited. */
inline std::string walks()
{
    std::string s = " --set iotlb.entries=0 --set ss_psc.entries=0 --set timing.memory.interval=0";
    for (const char *cls : {"root", "context", "pasid_dir", "pasid_entry"})
        s += std::string(" --set timing.memory.") + cls + ".latency=0";
    for (const char *cache : {"context_cache", "pasid_cache", "iotlb", "ss_psc"})
        s += std::string(" --set timing.") + cache + ".latency=0 --set timing." + cache + ".ports=0";
    for (const char *places : {"walkers", "misses", "in_flight"})
        s += std::string(" --set timing.") + places + "=0";
    return s + " --set timing.link=" + std::to_string(kLink) + " ";
}

inline const std::vector<std::string> mixes = {
    "-w zipf:pages=4096 --tenants 16 --requests 20000 --set pasid_cache.entries=8 ",
    "-w zipf:pages=4096 --tenants 4 --tenant-id sid --requests 20000 --set device_tlb.entries=64 ",
    "-w zipf:pages=512 --requests 20000 --set device_tlb.entries=64 --set device_tlb.page_requests=1 ",
    "-w uniform:pages=300 --requests 20000 --pgtt nested --set timing.table_cache.entries=64 --set "
    "iotlb.order=after-pasid ",
};

} // namespace program

#endif
