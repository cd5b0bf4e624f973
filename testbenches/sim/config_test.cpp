/* SPDX-License-Identifier: MIT */
/* Configuration by key: every key and its limits, ways that follow entries, device TLBs. */
#include "config_rig.h"
#include "vtd/vtd_regs.h"

#include <gmock/gmock.h>

#include <map>
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

const char *const classes[] = {"root", "context", "pasid_dir",  "pasid_entry", "fs",  "ss",
                               "irte", "pi",      "descriptor", "status",      "prq", "fault_log"};

/* Keys of the time, each with a number of its own. */
std::map<std::string, std::string> timing_values()
{
    std::vector<std::string> keys = {"frequency",
                                     "link",
                                     "in_flight",
                                     "misses",
                                     "walkers",
                                     "memory.interval",
                                     "memory.ports",
                                     "device_tlb.latency",
                                     "table_cache.latency",
                                     "descriptor",
                                     "software"};
    for (const char *cache : {"context_cache", "pasid_cache", "pasid_dir_cache", "iotlb", "fs_psc", "ss_psc", "iec"})
        keys.insert(keys.end(), {std::string(cache) + ".latency", std::string(cache) + ".ports"});
    for (const std::string cls : classes)
        keys.insert(keys.end(), {"memory." + cls + ".latency", "memory." + cls + ".interval"});
    std::map<std::string, std::string> values;
    for (size_t i = 0; i < keys.size(); i++)
        values["timing." + keys[i]] = std::to_string(101 + i);
    return values;
}

/* ---------------------------------------------------------------- keys */

TEST(ConfigKeys, EachIsSetAndToldBack)
{
    std::map<std::string, std::string> values = {{"version", "0x50"},
                                                 {"spec.revision", "5"},
                                                 {"cap", "0xd9d2078c22780606"},
                                                 {"haw", "48"},
                                                 {"ecap", "0x433ed9ea4f00fdf"},
                                                 {"seed", "77"},
                                                 {"memory.size", "1048576"},
                                                 {"memory.cpu_caches", "1"},
                                                 {"device_tlb.page_requests", "1"},
                                                 {"perfmon.counters", "64"},
                                                 {"perfmon.width", "40"},
                                                 {"perfmon.filters", "21"},
                                                 {"perfmon.interrupt", "0"},
                                                 {"perfmon.freeze", "0"},
                                                 {"perfmon.writable", "0"},
                                                 {"perfmon.per_counter", "1"},
                                                 {"iotlb.order", "after-pasid"},
                                                 {"driver.invalidation", "global"},
                                                 {"pasid_cache.directory", "shared"},
                                                 {"pasid_cache.prefetch", "63"},
                                                 {"pasid_cache.partition", "sid-ways"},
                                                 {"pasid_cache.partitions", "3"},
                                                 {"pasid_dir_cache.partition", "sid"},
                                                 {"pasid_dir_cache.partitions", "2"},
                                                 {"iotlb.partition", "sid"},
                                                 {"iotlb.partitions", "16777216"}};
    for (const std::string cache : caches) {
        values[cache + ".entries"] = "48";
        values[cache + ".ways"] = "6";
        values[cache + ".policy"] = "random";
        values[cache + ".index"] = "modulo";
    }
    values.merge(timing_values());
    vtd_sim_config cfg = preset();
    char why[VTD_WHY_SIZE] = "";
    for (const auto &one : values)
        EXPECT_EQ(vtd_sim_config_set(&cfg, one.first.c_str(), one.second.c_str(), why), 0) << why;
    EXPECT_EQ(keys_of(cfg), values);
}

TEST(ConfigKeys, MemoryLatencyIsThatOfEveryClassAndOneOfThemCanFollow)
{
    vtd_sim_config cfg = preset();
    char why[VTD_WHY_SIZE] = "";
    ASSERT_EQ(vtd_sim_config_set(&cfg, "timing.memory.latency", "250", why), 0) << why;
    ASSERT_EQ(vtd_sim_config_set(&cfg, "timing.memory.fs.latency", "90", why), 0) << why;
    for (unsigned i = 0; i < VTD_MEM_CLASSES; i++)
        EXPECT_EQ(cfg.timing.memory_latency[i], i == VTD_MEM_FS_ENTRY ? 90u : 250u) << i;
    EXPECT_EQ(cfg.timing.memory_interval, preset().timing.memory_interval);
    for (uint32_t interval : cfg.timing.class_interval)
        EXPECT_EQ(interval, 0u);
    EXPECT_EQ(keys_of(cfg).count("timing.memory.latency"), 0u) << "told by class";
}

TEST(ConfigKeys, TimeThatMakesNoSenseNamesItsKey)
{
    const std::pair<const char *, const char *> bad[] = {{"timing.frequency", "0"},
                                                         {"timing.memory.ports", "0"},
                                                         {"timing.walkers", "65537"},
                                                         {"timing.iotlb.ports", "256"},
                                                         {"timing.memory.prq.latency", "1000001"},
                                                         {"timing.table_cache.entries", "48"}};
    for (const auto &one : bad) {
        vtd_sim_config cfg = preset();
        char why[VTD_WHY_SIZE] = "";
        vtd_sim_assignments a = {};
        for (const char *first : {"timing.table_cache.policy=plru", "timing.link=3"})
            ASSERT_EQ(vtd_sim_assignments_add(&a, first, why), 0);
        ASSERT_EQ(vtd_sim_assignments_add(&a, (std::string(one.first) + "=" + one.second).c_str(), why), 0);
        EXPECT_NE(vtd_sim_assignments_apply(&a, &cfg, why), 0) << one.first;
        EXPECT_THAT(why, testing::HasSubstr(std::string("--set: ") + one.first)) << why;
        vtd_sim_assignments_free(&a);
    }
}

TEST(ConfigKeys, ListNamesEachKeyOnceWithAnExplanation)
{
    std::set<std::string> names;
    const char *about, *name;
    for (unsigned i = 0; (name = vtd_sim_config_key(i, &about)) != nullptr; i++) {
        EXPECT_TRUE(names.insert(name).second) << name;
        EXPECT_NE(std::string(about), "") << name;
    }
    for (const auto &one : keys_of(preset()))
        EXPECT_EQ(names.count(one.first), 1u) << one.first;
    for (const char *key : {"preset", "cap.fs5lp", "ecap.smts", "ecap.pss"})
        EXPECT_EQ(names.count(key), 1u) << key;
    EXPECT_EQ(names.count("gcmd.te"), 0u) << "other registers are no configuration";
}

TEST(ConfigKeys, FieldsOfCapAndEcapChangeTheirBitsOnly)
{
    /* ref 1.2 and 1.3: FS5LP is bit 60 of CAP, MAMV bits 53:48, PSS bits 39:35 of ECAP. */
    vtd_sim_config cfg = preset();
    const uint64_t cap = cfg.unit.cap, ecap = cfg.unit.ecap;
    char why[VTD_WHY_SIZE] = "";
    ASSERT_EQ(vtd_sim_config_set(&cfg, "cap.fs5lp", "0", why), 0) << why;
    EXPECT_EQ(cfg.unit.cap, cap & ~(1ull << 60));
    ASSERT_EQ(vtd_sim_config_set(&cfg, "cap.mamv", "0x3f", why), 0) << why;
    EXPECT_EQ(cfg.unit.cap, (cap & ~(1ull << 60)) | 0x3full << 48);
    ASSERT_EQ(vtd_sim_config_set(&cfg, "ecap.pss", "7", why), 0) << why;
    EXPECT_EQ(cfg.unit.ecap, (ecap & ~(0x1full << 35)) | 7ull << 35);
    EXPECT_NE(vtd_sim_config_set(&cfg, "ecap.pss", "32", why), 0);
    EXPECT_THAT(why, HasSubstr("at most 31"));
}

TEST(ConfigKeys, NumbersAreDecimalOrHexWithUnderscoresBetweenDigits)
{
    vtd_sim_config cfg = preset();
    char why[VTD_WHY_SIZE] = "";
    const std::map<std::string, uint64_t> good = {
        {"0", 0}, {"1_000", 1000}, {"0x1F", 31}, {"0xdead_beef", 0xdeadbeef}, {"18446744073709551615", UINT64_MAX}};
    for (const auto &one : good) {
        ASSERT_EQ(vtd_sim_config_set(&cfg, "seed", one.first.c_str(), why), 0) << why;
        EXPECT_EQ(cfg.unit.seed, one.second) << one.first;
    }
    for (const char *bad : {"", " 1", "1 ", "-1", "+1", "_1", "1_", "1__0", "0x", "0x_1", "1e3", "12h", "ff",
                            "18446744073709551616", "0x10000000000000000"}) {
        EXPECT_NE(vtd_sim_config_set(&cfg, "seed", bad, why), 0) << bad;
        EXPECT_THAT(why, StartsWith("seed: ")) << bad;
    }
}

TEST(ConfigKeys, UnknownKeyNamesTheNearest)
{
    vtd_sim_config cfg = preset();
    char why[VTD_WHY_SIZE] = "";
    const std::map<std::string, std::string> wrong = {{"pasid_cache.entrys", "pasid_cache.entries"},
                                                      {"iotlb.way", "iotlb.ways"},
                                                      {"memory_size", "memory.size"},
                                                      {"ecap.smt", "ecap.smts"},
                                                      {"hwa", "haw"},
                                                      {"Preset", "preset"}};
    for (const auto &one : wrong) {
        EXPECT_NE(vtd_sim_config_set(&cfg, one.first.c_str(), "1", why), 0);
        EXPECT_THAT(why, HasSubstr("'" + one.first + "'"));
        EXPECT_THAT(why, HasSubstr("'" + one.second + "'"));
    }
    EXPECT_NE(vtd_sim_config_set(&cfg, std::string(100000, 'x').c_str(), "1", why), 0) << "however long it is";
}

TEST(ConfigKeys, WordsAreOneOfThoseThatTheMessageLists)
{
    vtd_sim_config cfg = preset();
    char why[VTD_WHY_SIZE] = "";
    EXPECT_NE(vtd_sim_config_set(&cfg, "iotlb.policy", "LRU", why), 0);
    EXPECT_THAT(why, HasSubstr("lru, plru, fifo, random"));
    EXPECT_NE(vtd_sim_config_set(&cfg, "iotlb.order", "last", why), 0);
    EXPECT_THAT(why, HasSubstr("after-pasid"));
    EXPECT_NE(vtd_sim_config_set(&cfg, "preset", "none", why), 0);
    EXPECT_THAT(why, HasSubstr("sapphire-rapids"));
    EXPECT_EQ(vtd_sim_config_init(&cfg, "none", why), -1);
}

/* ---------------------------------------------------------------- ways */

TEST(ConfigWays, FollowEntriesWhereTheyDivideThemIntoAPowerOfTwoOfSets)
{
    const unsigned ways = preset().unit.cache[VTD_CACHE_IOTLB].ways;
    ASSERT_EQ(ways, 8u);
    const std::map<unsigned, unsigned> expected = {{8, 8},   {16, 8},    {1024, 8}, {12, 12}, {24, 24},
                                                   {48, 48}, {100, 100}, {4, 4},    {1, 1},   {65536, 8}};
    for (const auto &one : expected) {
        const Configured c("", {"iotlb.entries=" + std::to_string(one.first)});
        ASSERT_EQ(c.status, 0) << c.why;
        EXPECT_EQ(keys_of(c.config)["iotlb.ways"], std::to_string(one.second)) << one.first << " entries";
    }
}

TEST(ConfigWays, ThatAreGivenStayOrAreRefused)
{
    const Configured good("", {"iotlb.ways=3", "iotlb.entries=48"});
    EXPECT_EQ(keys_of(good.config)["iotlb.ways"], "3") << "16 sets";
    EXPECT_NE(Configured("", {"iotlb.ways=4", "iotlb.entries=48"}).status, 0) << "12 sets";
    EXPECT_NE(Configured("", {"iotlb.ways=64", "iotlb.entries=48"}).status, 0);
}

/* ---------------------------------------------------------------- device TLBs */

TEST(ConfigDeviceTlb, IsOffByDefaultAndFullyAssociativeWhenOn)
{
    EXPECT_EQ(keys_of(preset())["device_tlb.entries"], "0");
    const Configured on("", {"device_tlb.entries=48"});
    ASSERT_EQ(on.status, 0) << on.why;
    EXPECT_EQ(keys_of(on.config)["device_tlb.ways"], "48");
    EXPECT_EQ(keys_of(on.config)["device_tlb.policy"], "lru");
}

TEST(ConfigDeviceTlb, IsRefusedWhereItCannotBe)
{
    EXPECT_THAT(Configured("", {"device_tlb.entries=48", "device_tlb.ways=4"}).why,
                HasSubstr("device_tlb: ways must divide entries"));
    const std::vector<std::string> without = {"ecap.dt=0",  "ecap.nwfs=0", "ecap.dit=0",  "ecap.pds=0",
                                              "ecap.prs=0", "ecap.sms=0",  "ecap.hpts=0", "ecap.ptrs=0"};
    EXPECT_EQ(Configured("", without).status, 0);
    std::vector<std::string> with = without;
    with.push_back("device_tlb.entries=16");
    EXPECT_THAT(Configured("", with).why, HasSubstr("ECAP.DT"));
}

} // namespace
