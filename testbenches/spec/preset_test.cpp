/* SPDX-License-Identifier: MIT */
/*
 * Presets, creation of a unit, and the names that the library gives to people.
 */
#include "support/unit_fixture.h"

#include <set>
#include <string>

namespace vtdtest
{

/* ---------------------------------------------------------------- presets */

TEST(Preset, EveryOneIsValidAndHasALineAboutIt)
{
    std::set<std::string> all;
    const char *about = nullptr;
    for (unsigned i = 0; const char *name = vtd_config_preset_name(i, &about); i++) {
        const vtd_config config = preset(name);
        char why[VTD_WHY_SIZE];
        all.insert(name);
        EXPECT_EQ(vtd_config_validate(&config, why), VTD_STATUS_OK) << name << ": " << why;
        EXPECT_NE(std::string(about), "");
        EXPECT_EQ(vtd_config_preset_name(i, nullptr), name);
    }
    EXPECT_EQ(all, (std::set<std::string>{"default", "qemu", "sapphire-rapids"}));
}

TEST(Preset, DefaultIsTheExampleProfile)
{
    EXPECT_EQ(preset().cap, UINT64_C(0xd9d2078c22780e06));
    EXPECT_EQ(preset().ecap, UINT64_C(0x0433ed9ea4f00fdf));
    vtd_config unnamed{};
    EXPECT_EQ(vtd_config_preset(&unnamed, nullptr), VTD_STATUS_OK);
    EXPECT_EQ(unnamed.cap, preset().cap);
    EXPECT_EQ(unnamed.ecap, preset().ecap);
}

TEST(Preset, SapphireRapidsMasksExactlyWhatIsNotModelled)
{
    uint64_t cap = 0, ecap = 0;
    ASSERT_EQ(vtd_config_preset_masked("sapphire-rapids", &cap, &ecap), VTD_STATUS_OK);
    EXPECT_EQ(cap, 0u);
    EXPECT_EQ(ecap, bit(25)); /* MTS */
    EXPECT_EQ(preset("sapphire-rapids").cap | cap, UINT64_C(0x19ed008c40780c66));
    EXPECT_EQ(preset("sapphire-rapids").ecap | ecap, UINT64_C(0x0003ee9e86f050df));
    EXPECT_EQ(preset("sapphire-rapids").cap & cap, 0u);
    EXPECT_EQ(preset("sapphire-rapids").ecap & ecap, 0u);
    ASSERT_EQ(vtd_config_preset_masked("default", &cap, &ecap), VTD_STATUS_OK);
    EXPECT_EQ(cap | ecap, 0u);
}

TEST(Preset, UnknownNameIsNotFound)
{
    vtd_config config{};
    uint64_t cap = 0, ecap = 0;
    EXPECT_EQ(vtd_config_preset(&config, "no such machine"), VTD_STATUS_NOT_FOUND);
    EXPECT_EQ(vtd_config_preset_masked("", &cap, &ecap), VTD_STATUS_NOT_FOUND);
}

/* ---------------------------------------------------------------- creation */

TEST(Create, RefusesWhatTheValidatorRefuses)
{
    vtd_config config = preset();
    setEcap(config, VTD_FIELD_OF(ECAP, FSTS), 0);
    const vtd_host host{};
    char why[VTD_WHY_SIZE] = "", said[VTD_WHY_SIZE] = "";
    EXPECT_EQ(vtd_create(&config, &host, why), nullptr);
    vtd_config_validate(&config, said);
    EXPECT_STREQ(why, said);
    EXPECT_EQ(vtd_create(&config, &host, nullptr), nullptr);
}

TEST(Create, RefusesAMemoryWindowThatIsNotAligned)
{
    alignas(8) char memory[64];
    const vtd_config config = preset();
    vtd_host host{};
    host.mem_size = 32;
    char why[VTD_WHY_SIZE] = "";
    EXPECT_EQ(vtd_create(&config, &host, why), nullptr) << "no base";
    EXPECT_STRNE(why, "");
    host.mem_base = memory + 4;
    EXPECT_EQ(vtd_create(&config, &host, nullptr), nullptr);
    host.mem_base = memory;
    host.mem_start = 4;
    EXPECT_EQ(vtd_create(&config, &host, nullptr), nullptr);
    host.mem_start = 8;
    vtd *unit = vtd_create(&config, &host, nullptr);
    EXPECT_NE(unit, nullptr);
    vtd_destroy(unit);
    vtd_destroy(nullptr);
}

/* ---------------------------------------------------------------- names */

TEST(Names, OfWhatExistsAndWhatDoesNot)
{
    EXPECT_STREQ(vtd_fault_name(0x71), "SFS.2");
    EXPECT_STREQ(vtd_fault_name(0x39), "SRT.2");
    EXPECT_STREQ(vtd_fault_name(0xff), "?");
    EXPECT_STRNE(vtd_fault_description(0x71), "?");
    EXPECT_STREQ(vtd_fault_description(0xff), "?");
    std::set<std::string> all;
    for (int i = 0; i < VTD_CACHES; i++)
        all.insert(vtd_cache_name(static_cast<vtd_cache_id>(i)));
    for (int i = 0; i < VTD_MEM_CLASSES; i++)
        all.insert(vtd_mem_class_name(static_cast<vtd_mem_class>(i)));
    EXPECT_EQ(all.count("?"), 0u);
    EXPECT_STREQ(vtd_cache_name(VTD_CACHES), "?");
    EXPECT_STREQ(vtd_mem_class_name(VTD_MEM_CLASSES), "?");
}

TEST(Names, CountersAreTheFieldsOfTheStatistics)
{
    std::set<std::string> all;
    std::set<size_t> offsets;
    unsigned n = 0;
    const char *description = nullptr;
    size_t offset = 0;
    for (; const char *name = vtd_counter_name(n, &description, &offset); n++) {
        all.insert(name);
        offsets.insert(offset);
        EXPECT_STRNE(description, "");
        EXPECT_LE(offset + 8, offsetof(vtd_stats, faults_by_reason));
        EXPECT_EQ(std::string(name) == "iotlb_hit", offset == offsetof(vtd_stats, iotlb_hit)) << name;
    }
    EXPECT_EQ(all.size(), n);
    EXPECT_EQ(offsets.size(), n);
    EXPECT_EQ(n, offsetof(vtd_stats, faults_by_reason) / 8) << "every counter has a name";
}

} // namespace vtdtest
