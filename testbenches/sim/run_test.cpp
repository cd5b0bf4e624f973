/* SPDX-License-Identifier: MIT */
/* vtdsim run as a program: the forms of its result, options and their errors, exit status. */
#include "program.h"

#include <gmock/gmock.h>

#include <vector>

using program::File;
using program::Output;
using program::Result;
using program::vtdsim;
using testing::HasSubstr;
using testing::StartsWith;

namespace
{

const char *const small = "--workload uniform:pages=64 --requests 1000 ";

std::vector<std::string> split(const std::string &text, char separator)
{
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, separator);)
        parts.push_back(part);
    return parts;
}

/* ---------------------------------------------------------------- results */

TEST(RunJson, IsOneObjectWithIntegersAsCounters)
{
    const Result r(small);
    for (const char *key : {"config", "workload", "counters", "rates"})
        EXPECT_TRUE(json_is_object(json_object_get(r.root, key))) << key;
    for (const char *key : {"config_hash", "version"})
        EXPECT_TRUE(json_is_string(json_object_get(r.root, key))) << key;
    for (const char *name : {"requests", "faults", "ctxt_cache_lookup", "ctxt_cache_hit", "pasid_cache_lookup",
                             "pasid_cache_hit", "iotlb_lookup", "iotlb_hit", "fs_nonleaf_lookup", "fs_nonleaf_hit",
                             "ss_nonleaf_lookup", "ss_nonleaf_hit", "memory_reads"})
        r.counter(name);
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(r.root, "counters"), name, value)
            EXPECT_TRUE(json_is_integer(value) && json_integer_value(value) >= 0)
        << name;
    EXPECT_EQ(r.counter("requests"), 1000);
    EXPECT_EQ(r.text("config_hash").size(), 16u);
}

TEST(RunJson, CountersAddUp)
{
    const Result r("--tenants 4 --workload zipf:pages=4096 --requests 20000 --set pasid_cache.entries=2");
    EXPECT_EQ(r.counter("iotlb_lookup"), r.counter("iotlb_hit") + r.counter("iotlb_miss"));
    EXPECT_EQ(r.counter("pasid_cache_lookup"), r.counter("pasid_cache_hit") + r.counter("pasid_cache_miss"));
    EXPECT_EQ(r.counter("walks_first_stage"), r.counter("iotlb_miss"));
    EXPECT_EQ(r.counter("memory_reads"),
              r.counter("memory_reads_root") + r.counter("memory_reads_context") + r.counter("memory_reads_pasid_dir") +
                  r.counter("memory_reads_pasid_entry") + r.counter("memory_reads_fs") + r.counter("memory_reads_ss"));
    EXPECT_NEAR(r.rate("iotlb_hit_rate"), double(r.counter("iotlb_hit")) / double(r.counter("iotlb_lookup")), 1e-9);
    EXPECT_NEAR(r.rate("memory_reads_per_request"), double(r.counter("memory_reads")) / 20000, 1e-9);
}

TEST(RunJson, SaysWhatWasPlayed)
{
    const Result r("--tenants 3 --interleave zipf:1.5 --seed 7 --workload zipf:pages=64,s=1.1 --requests 500");
    const json_t *w = json_object_get(r.root, "workload");
    EXPECT_STREQ(json_string_value(json_object_get(w, "synthetic")), "zipf:pages=64,s=1.1");
    EXPECT_STREQ(json_string_value(json_object_get(w, "interleave")), "zipf:1.5");
    EXPECT_STREQ(json_string_value(json_object_get(w, "tenant_id")), "pasid");
    EXPECT_EQ(json_integer_value(json_object_get(w, "tenants")), 3);
    EXPECT_EQ(json_integer_value(json_object_get(w, "seed")), 7);
}

TEST(RunJson, TellsTheLargestSeedUnchanged)
{
    const Result r("--seed 0xffffffffffffffff " + std::string(small));
    const json_t *seed = json_object_get(json_object_get(r.root, "workload"), "seed");
    EXPECT_STREQ(json_string_value(seed), "18446744073709551615");
}

TEST(RunJson, ConfigurationReadsBackToTheSameHash)
{
    const Result r("--set iotlb.entries=48 --set iotlb.policy=fifo --set cap.psi=1 " + std::string(small));
    std::string yaml;
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(r.root, "config"), key, value)
    {
        yaml += std::string(key) + ": ";
        yaml += json_is_integer(value) ? std::to_string(json_integer_value(value)) : json_string_value(value);
        yaml += "\n";
    }
    const File file(".yaml", yaml);
    const Result again("-c " + file.path + " " + small);
    EXPECT_EQ(again.text("config_hash"), r.text("config_hash"));
    EXPECT_TRUE(json_equal(json_object_get(again.root, "config"), json_object_get(r.root, "config")));
}

TEST(RunJson, HashIsThatOfTheEffectiveConfiguration)
{
    const std::string plain = Result(small).text("config_hash");
    EXPECT_EQ(Result("--set iotlb.entries=0x200 --set iotlb.ways=8 " + std::string(small)).text("config_hash"), plain)
        << "the same numbers as the preset's";
    EXPECT_EQ(Result("--set iotlb.entries=64 --set iotlb.entries=512 " + std::string(small)).text("config_hash"), plain)
        << "the last one counts";
    EXPECT_NE(Result("--set iotlb.entries=256 " + std::string(small)).text("config_hash"), plain);
}

TEST(RunCsv, HoldsTheSameNumbersAsJson)
{
    const Result r(small);
    const Output o = vtdsim("run --stats csv " + std::string(small));
    ASSERT_EQ(o.status, 0) << o.err;
    const std::vector<std::string> lines = split(o.out, '\n');
    ASSERT_EQ(lines.size(), 2u);
    const std::vector<std::string> names = split(lines[0], ','), values = split(lines[1], ',');
    ASSERT_EQ(names.size(), values.size());
    size_t counters = 0;
    for (size_t i = 0; i < names.size(); i++) {
        const json_t *value = json_object_get(json_object_get(r.root, "counters"), names[i].c_str());
        if (value == nullptr)
            continue;
        EXPECT_EQ(values[i], std::to_string(json_integer_value(value))) << names[i];
        counters++;
    }
    EXPECT_EQ(counters, json_object_size(json_object_get(r.root, "counters")));
    EXPECT_EQ(names[0], "config_hash");
    EXPECT_EQ(values[0], r.text("config_hash"));
}

TEST(RunText, ShowsEachCacheAndTheHash)
{
    const Output o = vtdsim("run " + std::string(small));
    EXPECT_EQ(o.status, 0);
    for (const char *text : {"IOTLB", "context cache", "PASID cache", "memory reads", "requests       1000"})
        EXPECT_THAT(o.out, HasSubstr(text));
    EXPECT_THAT(o.out, HasSubstr(Result(small).text("config_hash")));
    EXPECT_EQ(o.err, "") << "progress is for terminals";
}

TEST(RunText, EndsWithTheKeysThatAreNotThoseOfThePreset)
{
    const std::string own = vtdsim("run " + std::string(small) + " --set iotlb.entries=64 --set timing.walkers=2").out;
    EXPECT_NE(own.find("\nunit           iotlb.entries=64; all else as in the preset default\n"), std::string::npos)
        << own;
    const std::string plain = vtdsim("run " + std::string(small)).out;
    EXPECT_THAT(plain, HasSubstr("\nunit           the preset default\n"));
}

TEST(RunText, ShowsDeviceTlbsWhereThereAreAny)
{
    EXPECT_THAT(vtdsim("run " + std::string(small)).out, Not(HasSubstr("device TLBs")));
    const std::string with = "--set device_tlb.entries=32 --set device_tlb.ways=4 " + std::string(small);
    const Output o = vtdsim("run " + with);
    EXPECT_EQ(o.status, 0);
    EXPECT_THAT(o.out, testing::ContainsRegex("device TLBs, of each device +8 x 4 +1000 "));
    const Result r(with);
    EXPECT_THAT(o.out, HasSubstr("translation requests " + std::to_string(r.counter("device_tlb_miss")) +
                                 ", translated 1000, untranslated 0, ATS lost 0"));
    EXPECT_EQ(Result(small).counter("device_tlb_lookup"), 0);
}

/* Whatever the devices cache, they access what an access without device TLBs would. */
TEST(Run, DeviceTlbsBlockNothingInAnyKindOfTranslation)
{
    for (const char *pgtt : {"first-stage", "second-stage", "nested", "pass-through"}) {
        for (const char *tenants : {"", "--tenants 3 ", "--tenants 3 --tenant-id sid "}) {
            const Result r("--pgtt " + std::string(pgtt) + " " + tenants + "--set device_tlb.entries=8 " + small);
            EXPECT_EQ(r.counter("faults"), 0) << pgtt << " " << tenants;
            EXPECT_EQ(r.counter("device_translated_requests"), 1000);
            EXPECT_EQ(r.counter("device_tlb_hit") + r.counter("device_translation_requests"), 1000);
            EXPECT_EQ(r.counter("device_ats_lost"), 0);
        }
    }
}

TEST(Run, DeviceTlbsNeedAUnitThatHasThem)
{
    const Output o = vtdsim("run --set preset=qemu --set ecap.dt=0 --set device_tlb.entries=8 " + std::string(small));
    EXPECT_EQ(o.status, 2);
    EXPECT_THAT(o.err, HasSubstr("device_tlb: the unit has no device TLBs (ECAP.DT)"));
}

TEST(RunOutput, GoesToAFileThatIsNamed)
{
    const std::string path = program::temp(".json");
    const Output o = vtdsim("run --stats json --output " + path + " " + small);
    EXPECT_EQ(o.status, 0);
    EXPECT_EQ(o.out, "");
    EXPECT_EQ(program::read_all(path), Result(small).output.out);
    std::remove(path.c_str());
    const Output bad = vtdsim("run --output /nonexistent/x " + std::string(small));
    EXPECT_EQ(bad.status, 2);
    EXPECT_THAT(bad.err, HasSubstr("/nonexistent/x"));
}

TEST(Run, GivesTheSameResultTwice)
{
    const std::string arguments = "--tenants 5 --interleave random --workload uniform --requests 20000 "
                                  "--set iotlb.policy=random --seed ";
    const Result first(arguments + "3"), second(arguments + "3"), other(arguments + "4");
    EXPECT_EQ(first.output.out, second.output.out);
    EXPECT_NE(first.counter("iotlb_hit"), other.counter("iotlb_hit"));
}

/* ---------------------------------------------------------------- what is played */

TEST(Run, RequestsLimitATrace)
{
    EXPECT_EQ(Result("--requests 1234 --trace " + program::trace("nvme4-tenants-strict")).counter("requests"), 1234);
}

TEST(Run, SequentialPagesThatFitMissOnceEach)
{
    const Result r("--workload sequential:pages=64 --requests 6400 --set iotlb.entries=64 --set iotlb.ways=64");
    EXPECT_EQ(r.counter("iotlb_miss"), 64);
}

TEST(Run, CyclicScanOverMorePagesThanTheIotlbHoldsNeverHitsUnderLru)
{
    const Result r("--workload sequential:pages=65 --requests 6500 --set iotlb.entries=64 --set iotlb.ways=64");
    EXPECT_EQ(r.counter("iotlb_hit"), 0);
}

TEST(Run, TenantsBySourceIdHaveContextEntriesOfTheirOwn)
{
    const Result r("--tenants 8 --tenant-id sid --workload sequential:pages=4 --requests 3200");
    EXPECT_EQ(r.counter("ctxt_cache_miss"), 8);
    EXPECT_EQ(r.counter("walks_second_stage"), 32) << "8 devices with 4 pages each";
    EXPECT_EQ(r.counter("walks_first_stage"), 0);
}

TEST(Run, TenantsByPasidUseTheFirstStage)
{
    const Result r("--tenants 8 --workload sequential:pages=4 --requests 3200");
    EXPECT_EQ(r.counter("ctxt_cache_miss"), 1) << "one device";
    EXPECT_EQ(r.counter("pasid_cache_miss"), 8);
    EXPECT_EQ(r.counter("walks_first_stage"), 32);
}

/* ND 0: domain-ids have 4 bits (ref 1.2), fewer than there are tenants. */
TEST(Run, MorePasidsThanDomainIdsShareOneWithoutMixingUp)
{
    const std::string few = "--set iotlb.entries=4096 --set cap.nd=0 ", many = "--set iotlb.entries=4096 ";
    const std::string work = "--tenants 100 --workload sequential:pages=8 --requests 8000";
    const Result a(few + work), b(many + work);
    EXPECT_EQ(a.counter("faults"), 0);
    EXPECT_EQ(a.counter("iotlb_miss"), 800) << "each tenant's pages once";
    EXPECT_EQ(a.counter("iotlb_hit"), b.counter("iotlb_hit"));
    const Output sids = vtdsim("run --set cap.nd=0 --tenant-id sid " + work);
    EXPECT_EQ(sids.status, 2);
    EXPECT_THAT(sids.err, HasSubstr("CAP.ND"));
}

/* ref 4.2 step 6: a request that names RID_PASID, which is 0, is blocked. */
TEST(Run, PasidZeroIsBlockedAndTheDeviceGoesOn)
{
    const File file(".trace", "0 00:01.0 5 r 1000 4\n0 00:01.0 0 w 2000 4\n"
                              "0 00:01.0 - w 3000 4\n0 00:01.0 - r 3000 4\n");
    const Output o = vtdsim("run --stats csv --trace " + file.path);
    EXPECT_EQ(o.status, 1);
    EXPECT_THAT(o.err, HasSubstr("00:01.0 0x2000: fault 48h SCT.9"));
    EXPECT_THAT(o.err, HasSubstr("1 of 4 requests were blocked"));
}

TEST(Run, CachesThatAreOffAreNotLookedUp)
{
    const Result r("--set iotlb.entries=0 --set fs_psc.entries=0 --set ss_psc.entries=0 --set pasid_cache.entries=0 "
                   "--set context_cache.entries=0 --workload sequential:pages=4 --requests 100");
    for (const char *name : {"iotlb_hit", "ctxt_cache_hit", "pasid_cache_hit", "fs_nonleaf_hit", "ss_nonleaf_hit"})
        EXPECT_EQ(r.counter(name), 0) << name;
    /* Root 1, context 2, PASID directory 1, PASID entry 4 of 16 bytes; four levels of second-stage entries. */
    EXPECT_EQ(r.counter("memory_reads_root"), 100);
    EXPECT_EQ(r.counter("memory_reads_context"), 200);
    EXPECT_EQ(r.counter("memory_reads_pasid_dir"), 100);
    EXPECT_EQ(r.counter("memory_reads_pasid_entry"), 400);
    EXPECT_EQ(r.counter("memory_reads_ss"), 400);
}

/* ---------------------------------------------------------------- errors */

struct Refusal {
    const char *arguments;
    const char *message;
};

TEST(RunErrors, EndWithStatusTwoAndNameTheCulprit)
{
    const Refusal refusals[] = {
        {"", "--trace"},
        {"--trace x --workload uniform", "--trace"},
        {"--trace /nonexistent.trace", "/nonexistent.trace"},
        {"--workload zipfy", "zipfy"},
        {"--workload uniform:pages=0", "pages=0"},
        {"--workload uniform:colour=1", "colour"},
        {"--workload uniform:pages", "pages"},
        {"--workload zipf:s=-1", "s=-1"},
        {"--workload uniform --requests 0", "requests"},
        {"--workload uniform --requests many", "many"},
        {"--workload uniform --requests 10000000000000000000000", "from 1 to 18446744073709551615"},
        {"--workload uniform --tenants 0", "tenants"},
        {"--workload uniform --tenants 1048576", "1048575"},
        {"--workload uniform --tenants 65537 --tenant-id sid", "65536"},
        {"--workload uniform --interleave zipf:", "zipf:"},
        {"--workload uniform --interleave fair", "fair"},
        {"--workload uniform --pgtt third-stage", "third-stage"},
        {"--workload uniform --stats xml", "xml"},
        {"--workload uniform --set pasid_cache.entires=4", "pasid_cache.entries"},
        {"--workload uniform --set iotlb.entries", "KEY=VALUE"},
        {"--workload uniform --set iotlb.entries=lots", "lots"},
        {"--workload uniform --set iotlb.policy=mru", "mru"},
        {"--workload uniform --set iotlb.entries=48 --set iotlb.ways=5", "iotlb"},
        {"--workload uniform --set preset=itanium", "itanium"},
        {"--workload uniform --set ecap.smts=0", "ECAP."},
        {"--workload uniform --set memory.size=4096", "memory.size"},
        {"--workload uniform -c /nonexistent.yaml", "/nonexistent.yaml"},
        {"--workload uniform stray", "stray"},
        {"--workload uniform --no-such-option", "no-such-option"},
    };
    for (const Refusal &refusal : refusals) {
        const Output o = vtdsim(std::string("run ") + refusal.arguments);
        EXPECT_EQ(o.status, 2) << refusal.arguments;
        EXPECT_EQ(o.out, "") << refusal.arguments;
        EXPECT_THAT(o.err, HasSubstr(refusal.message)) << refusal.arguments;
    }
}

TEST(RunErrors, NameFileLineAndNearestKeyOfAConfigurationFile)
{
    const File file(".yaml", "# a typing error in the third line\niotlb:\n  entriess: 16\n");
    const Output o = vtdsim("run -c " + file.path + " " + small);
    EXPECT_EQ(o.status, 2);
    EXPECT_THAT(o.err, HasSubstr(file.path + ":3: "));
    EXPECT_THAT(o.err, HasSubstr("'iotlb.entries'"));
}

TEST(RunErrors, NameFileAndLineOfATrace)
{
    const File file(".trace", "# fine\n0 00:01.0 - r 1000 4\n0 00:01.0 - x 1000 4\n");
    const Output o = vtdsim("run --trace " + file.path);
    EXPECT_EQ(o.status, 2);
    EXPECT_THAT(o.err, HasSubstr(file.path + ":3: "));
}

TEST(RunErrors, BlockedRequestsAreToldAndEndWithStatusOne)
{
    /* A read of the interrupt range is no interrupt request (ref 4.9). */
    const File file(".trace", "0 00:01.0 - r 1000 4\n0 00:01.0 - r fee00000 4\n");
    const Output o = vtdsim("run --stats csv --trace " + file.path);
    EXPECT_EQ(o.status, 1);
    EXPECT_THAT(o.err, HasSubstr("00:01.0 0xfee00000: fault"));
    EXPECT_THAT(o.err, HasSubstr("1 of 2 requests were blocked"));
    EXPECT_THAT(o.out, StartsWith("config_hash")) << "the result is written all the same";
}

TEST(RunErrors, AddressThatNoDomainCanMapIsAnErrorNotAFault)
{
    const File file(".trace", "0 00:01.0 - r 1000000000000 4\n");
    const Output o = vtdsim("run --trace " + file.path);
    EXPECT_EQ(o.status, 2);
    EXPECT_THAT(o.err, HasSubstr("0x1000000000000"));
}

} // namespace
