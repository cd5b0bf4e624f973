/* SPDX-License-Identifier: MIT */
/* What the tests of configuration share: a configuration from YAML and words, its keys, the names of the caches. */
#ifndef VTD_TEST_CONFIG_RIG_H
#define VTD_TEST_CONFIG_RIG_H

#include "config/config.h"
#include "program.h"

#include <map>
#include <string>
#include <vector>

namespace config_rig
{

/* Assignments from YAML text and --set words, and what came of them. */
class Configured
{
  public:
    explicit Configured(const std::string &yaml, const std::vector<std::string> &words = {}) : file(".yaml", yaml)
    {
        vtd_sim_assignments a = {};
        status = vtd_sim_assignments_load(&a, file.path.c_str(), why);
        for (const std::string &word : words)
            if (status == 0)
                status = vtd_sim_assignments_add(&a, word.c_str(), why);
        if (status == 0)
            status = vtd_sim_assignments_apply(&a, &config, why);
        vtd_sim_assignments_free(&a);
    }
    /* The problem, without the name of the file. */
    std::string problem() const
    {
        const std::string text = why;
        return status == 0 ? "" : text.rfind(file.path, 0) == 0 ? text.substr(file.path.size()) : text;
    }

    const program::File file;
    vtd_sim_config config = {};
    char why[VTD_WHY_SIZE] = "";
    int status;
};

inline vtd_sim_config preset(const char *name = nullptr)
{
    char why[VTD_WHY_SIZE] = "";
    vtd_sim_config cfg = {};
    EXPECT_EQ(vtd_sim_config_init(&cfg, name, why), 0) << why;
    return cfg;
}

inline void collect(void *arg, const char *key, const char *value, bool)
{
    (*static_cast<std::map<std::string, std::string> *>(arg))[key] = value;
}

inline std::map<std::string, std::string> keys_of(const vtd_sim_config &cfg)
{
    std::map<std::string, std::string> keys;
    vtd_sim_config_for_each(&cfg, collect, &keys);
    return keys;
}

const char *const caches[] = {"context_cache", "pasid_cache", "pasid_dir_cache",   "iotlb", "fs_psc", "ss_psc",
                              "iec",           "device_tlb",  "timing.table_cache"};

} // namespace config_rig

#endif
