/* SPDX-License-Identifier: MIT */
/* Configuration in files: YAML with what it refuses, the printed form, and the hash, which is computed here a second time. */
#include "config_rig.h"
#include "vtd/vtd_regs.h"

#include <gmock/gmock.h>

#include <cinttypes>
#include <set>
#include <vector>

using config_rig::caches;
using config_rig::Configured;
using config_rig::keys_of;
using config_rig::preset;
using testing::HasSubstr;
using testing::StartsWith;

namespace
{

/* ---------------------------------------------------------------- files */

TEST(ConfigFile, NestedMapsAreDottedPaths)
{
    const Configured c("iotlb:\n  entries: 64\n  ways: 4\npasid_cache: {entries: 16}\nmemory.size: 0x4000_0000\n"
                       "ecap:\n  pss: 9\n");
    ASSERT_EQ(c.status, 0) << c.why;
    EXPECT_EQ(c.config.unit.cache[VTD_CACHE_IOTLB].entries, 64u);
    EXPECT_EQ(c.config.unit.cache[VTD_CACHE_IOTLB].ways, 4u);
    EXPECT_EQ(c.config.unit.cache[VTD_CACHE_PASID].entries, 16u);
    EXPECT_EQ(c.config.memory_size, 0x40000000u);
    EXPECT_EQ(vtd_reg_ecap_pss(c.config.unit.ecap), 9u);
}

TEST(ConfigFile, EmptyFileIsThePreset)
{
    for (const char *yaml : {"", "# nothing\n", "---\n"}) {
        const Configured c(yaml);
        ASSERT_EQ(c.status, 0) << c.why;
        EXPECT_EQ(keys_of(c.config), keys_of(preset()));
    }
}

TEST(ConfigFile, PresetCountsFirstWhereverItStands)
{
    const Configured c("iotlb.entries: 64\n", {"preset=qemu"});
    ASSERT_EQ(c.status, 0) << c.why;
    auto expected = keys_of(preset("qemu"));
    expected["iotlb.entries"] = "64";
    EXPECT_EQ(keys_of(c.config), expected);
}

TEST(ConfigFile, WordsBehindAFileCountMore)
{
    const Configured c("iotlb.entries: 64\n", {"iotlb.entries=128", "iotlb.entries=256"});
    ASSERT_EQ(c.status, 0) << c.why;
    EXPECT_EQ(c.config.unit.cache[VTD_CACHE_IOTLB].entries, 256u);
}

TEST(ConfigFile, NamesTheLineOfWhatItRefuses)
{
    struct {
        std::string yaml, message;
    } const refused[] = {
        {"a: 1\n", ":1: unknown key 'a'"},
        {"iotlb:\n  ways: 8\n  entrees: 64\n", ":3: unknown key 'iotlb.entrees'; the nearest one is 'iotlb.entries'"},
        {"haw: 46\niotlb:\n  entries: big\n", ":3: iotlb.entries: 'big'"},
        {"haw: 46\nhaw: 46\n", ":2: this key stands twice: haw"},
        {"iotlb:\n  entries: 64\niotlb.entries: 64\n", ":3: this key stands twice: iotlb.entries"},
        {"haw:\n  - 46\n", ":2: a list"},
        {"- haw\n", ":1: a list"},
        {"haw: &x 46\nseed: *x\n", ":2: aliases"},
        {"46\n", ":1: want keys and values"},
        {"haw: 46\n  seed: 1\n", ":2: "},
        {"haw: \"46\n", ":"},
        {"haw: \"4\\0\"\n", ":1: a value with a NUL"},
        {"? {a: b}\n: 1\n", ":1: maps"},
        {"? [a]\n: 1\n", ":1: a list"},
        {"\"\": 1\n", ":1: this is no key"},
        {"a:\n b:\n  c:\n   d:\n    e:\n     f:\n      g:\n       h:\n        i: 1\n",
         ":9: maps are nested too deeply"},
        {std::string(200, 'k') + ": 1\n", ":1: this is no key"},
        {"haw: 46\n\xff\xfe\n", ":"},
        {"haw:\n", ":1: haw: ''"},
        {"iotlb:\n", ":1: unknown key 'iotlb'"},
    };
    for (const auto &one : refused) {
        const Configured c(one.yaml);
        EXPECT_NE(c.status, 0) << one.yaml;
        EXPECT_THAT(c.problem(), StartsWith(one.message)) << one.yaml;
    }
    EXPECT_THAT(Configured("haw: 46", {"=1"}).problem(), HasSubstr("want KEY=VALUE"));
    EXPECT_THAT(Configured("haw: 46", {"seed"}).problem(), HasSubstr("want KEY=VALUE"));
}

TEST(ConfigFile, NamesTheLineBehindARefusedCombination)
{
    const Configured c("seed: 1\niotlb:\n  entries: 48\n  ways: 5\n");
    EXPECT_NE(c.status, 0);
    EXPECT_THAT(c.problem(), StartsWith(":4: "));
}

/* ---------------------------------------------------------------- printed form and hash */

std::string printed(const vtd_sim_config &cfg)
{
    char *text = nullptr;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    vtd_sim_config_print(&cfg, out);
    std::fclose(out);
    const std::string result(text, length);
    std::free(text);
    return result;
}

TEST(ConfigPrint, ReadsBackToTheSameConfiguration)
{
    for (unsigned i = 0; vtd_config_preset_name(i, nullptr) != nullptr; i++) {
        const Configured c("", {std::string("preset=") + vtd_config_preset_name(i, nullptr), "fs_psc.entries=12",
                                "iec.policy=plru", "iotlb.order=after-pasid", "pasid_cache.entries=0"});
        ASSERT_EQ(c.status, 0) << c.why;
        const Configured again(printed(c.config));
        ASSERT_EQ(again.status, 0) << again.why << "\n" << printed(c.config);
        EXPECT_EQ(keys_of(again.config), keys_of(c.config));
        EXPECT_EQ(vtd_sim_config_hash(&again.config), vtd_sim_config_hash(&c.config));
        EXPECT_EQ(printed(again.config), printed(c.config));
    }
}

void append_line(void *arg, const char *key, const char *value, bool)
{
    *static_cast<std::string *>(arg) += std::string(key) + "=" + value + "\n";
}

TEST(ConfigHash, IsFnv1aOfKeyAndValueLines)
{
    const vtd_sim_config cfg = preset();
    std::string text;
    vtd_sim_config_for_each(&cfg, append_line, &text);
    /* FNV-1a with 64 bits: offset basis and prime as its authors published them. */
    uint64_t hash = 14695981039346656037ull;
    for (const char c : text) {
        hash ^= uint8_t(c);
        hash *= 1099511628211ull;
    }
    EXPECT_EQ(vtd_sim_config_hash(&cfg), hash);
}

TEST(ConfigHash, DiffersWhenAnyKeyDiffers)
{
    std::set<uint64_t> hashes;
    const vtd_sim_config base = preset();
    hashes.insert(vtd_sim_config_hash(&base));
    std::vector<std::pair<std::string, std::string>> changes = {{"version", "0x50"},
                                                                {"cap.cm", "1"},
                                                                {"ecap.sc", "0"},
                                                                {"haw", "45"},
                                                                {"seed", "2"},
                                                                {"memory.size", "0x1000000"},
                                                                {"memory.cpu_caches", "1"},
                                                                {"perfmon.counters", "9"},
                                                                {"perfmon.per_counter", "1"},
                                                                {"iotlb.order", "after-pasid"}};
    for (const std::string cache : caches) {
        changes.push_back({cache + ".entries", "1024"});
        changes.push_back({cache + ".ways", "16"});
        changes.push_back({cache + ".policy", "fifo"});
        changes.push_back({cache + ".index", "modulo"});
    }
    char why[VTD_WHY_SIZE] = "";
    for (const auto &one : changes) {
        vtd_sim_config cfg = base;
        ASSERT_EQ(vtd_sim_config_set(&cfg, one.first.c_str(), one.second.c_str(), why), 0) << why;
        EXPECT_TRUE(hashes.insert(vtd_sim_config_hash(&cfg)).second) << one.first;
    }
}

} // namespace
