/* SPDX-License-Identifier: MIT */
/* vtdsim sweep: what the rows say, and what is refused before anything runs. */
#include "sweep_rig.h"

using program::File;
using program::vtdsim;
using sweep::Json;
using sweep::Lines;
using sweep::Name;
using testing::TempDir;

namespace
{

const std::string base = " -- -w zipf:pages=64 -n 3000 -s iotlb.order=after-pasid";

std::vector<std::string> split(const std::string &line)
{
    std::vector<std::string> fields;
    std::string field;
    bool quoted = false;
    for (const char c : line)
        if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            fields.push_back(field);
            field.clear();
        } else {
            field += c;
        }
    fields.push_back(field);
    return fields;
}

} // namespace

TEST(Sweep, GridEqualsRunsByHand)
{
    const Name out(".jsonl");
    const auto sweep = sweep::run(
        "--over pasid_cache.entries=4,16 --over pasid_cache.policy=lru,fifo --over tenants=8,32 -o " + out.path + base);
    ASSERT_EQ(sweep.status, 0) << sweep.err;
    const Lines lines(out.path);
    ASSERT_EQ(lines.rows(), 8u);
    ASSERT_EQ(lines.torn, 0u);
    std::vector<bool> seen(8);
    for (size_t i = 1; i < lines.line.size(); i++) {
        const Json row = sweep::parse(lines.line[i]);
        ASSERT_TRUE(row);
        const json_int_t index = json_integer_value(json_object_get(row.get(), "index"));
        ASSERT_LT(index, 8);
        seen[static_cast<size_t>(index)] = true;
        /* The first axis changes most slowly. */
        const std::string entries = index / 4 ? "16" : "4", policy = index / 2 % 2 ? "fifo" : "lru",
                          tenants = index % 2 ? "32" : "8";
        const json_t *point = json_object_get(row.get(), "point");
        EXPECT_EQ(sweep::text(point, "pasid_cache.entries"), entries);
        EXPECT_EQ(sweep::text(point, "pasid_cache.policy"), policy);
        EXPECT_EQ(sweep::text(point, "tenants"), tenants);
        /* By hand, with words that owe nothing to the sweep; and with the command that the row tells. */
        const auto by_hand =
            vtdsim("run -w zipf:pages=64 -n 3000 -s iotlb.order=after-pasid --stats json --tenants " + tenants +
                   " -s pasid_cache.entries=" + entries + " -s pasid_cache.policy=" + policy);
        const std::string command = sweep::text(row.get(), "command");
        ASSERT_EQ(command.rfind("vtdsim run ", 0), 0u) << command;
        const auto as_told = vtdsim(command.substr(7) + " --stats json");
        EXPECT_TRUE(json_equal(sweep::parse(by_hand.out).get(), json_object_get(row.get(), "result"))) << command;
        EXPECT_TRUE(json_equal(sweep::parse(as_told.out).get(), json_object_get(row.get(), "result"))) << command;
    }
    EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 8);
}

TEST(Sweep, HeaderNamesAxesPointsAndCommand)
{
    const Name out(".jsonl");
    ASSERT_EQ(sweep::run("--over iotlb.entries=8..64*2 -j 1 -o " + out.path + " --over seed=1..10+4" + base).status, 0);
    const Json header = sweep::parse(Lines(out.path).line.at(0));
    const Json want = sweep::parse(R"([{"name": "iotlb.entries", "values": ["8", "16", "32", "64"]},
                                       {"name": "seed", "values": ["1", "5", "9"]}])");
    EXPECT_EQ(json_integer_value(json_object_get(header.get(), "vtdsim_sweep")), 1);
    EXPECT_TRUE(json_equal(json_object_get(header.get(), "axes"), want.get()));
    EXPECT_EQ(json_integer_value(json_object_get(header.get(), "points")), 12);
    EXPECT_EQ(sweep::text(header.get(), "command"),
              "vtdsim sweep --over 'iotlb.entries=8..64*2' --over seed=1..10+4 -- -w zipf:pages=64 -n 3000 -s "
              "iotlb.order=after-pasid");
}

TEST(Sweep, FileDoesNotDependOnNumberOfProcesses)
{
    const Name one(".jsonl"), three(".jsonl");
    const std::string axes = "--over iotlb.entries=16..256*2 --over tenants=1,16 ";
    ASSERT_EQ(sweep::run(axes + "-j 1 -o " + one.path + base).status, 0);
    ASSERT_EQ(sweep::run(axes + "-j 3 -o " + three.path + base).status, 0);
    EXPECT_EQ(Lines(one.path).rows(), 10u);
    EXPECT_EQ(Lines(one.path).sorted(), Lines(three.path).sorted());
}

TEST(Sweep, ListAndYamlSayTheSameAsAxes)
{
    const File list(".csv", "\xef\xbb\xbftenants,interleave\n8,zipf:0.5\r\n16, \"random\"\n\n");
    const File yaml(".yaml", "over:\n  pasid_cache:\n    entries: 8..32*2\n    policy: [lru, fifo]\nlist:\n"
                             "  - {tenants: 8, interleave: 'zipf:0.5'}\n  - {interleave: random, tenants: 16}\n"
                             "base:\n  workload: zipf:pages=64,s=0.5\n  iotlb: {order: after-pasid}\n");
    const auto grid =
        sweep::run("--dry-run --over pasid_cache.entries=8,16,32 --over pasid_cache.policy=lru,fifo --list " +
                   list.path + " -- '--workload=zipf:pages=64,s=0.5' -s iotlb.order=after-pasid");
    const auto file = sweep::run("--dry-run " + yaml.path);
    ASSERT_EQ(grid.status, 0) << grid.err;
    ASSERT_EQ(file.status, 0) << file.err;
    EXPECT_EQ(std::count(grid.out.begin(), grid.out.end(), '\n'), 12);
    EXPECT_EQ(grid.out, file.out);
    EXPECT_EQ(grid.out.substr(0, grid.out.find('\n')),
              "vtdsim run --workload=zipf:pages=64,s=0.5 -s iotlb.order=after-pasid -s pasid_cache.entries=8 -s "
              "pasid_cache.policy=lru --tenants=8 --interleave=zipf:0.5");
}

TEST(Sweep, SemicolonsSeparateValuesWithCommas)
{
    const auto dry = sweep::run("--dry-run --over 'workload=zipf:pages=64,s=0.5;uniform' --over 'trace-memory=16;'");
    EXPECT_EQ(dry.out, "vtdsim run --workload=zipf:pages=64,s=0.5 --trace-memory=16\n"
                       "vtdsim run --workload=uniform --trace-memory=16\n");
}

TEST(Sweep, CsvHasTheNumbersOfTheRows)
{
    const Name csv(".csv");
    const std::string rows = csv.path.substr(0, csv.path.size() - 4) + ".jsonl";
    ASSERT_EQ(sweep::run("--over timing=no,yes --over 'workload=zipf:pages=64,s=0.5;uniform' -o " + csv.path +
                         " -- -n 2000 -s timing.in_flight=16")
                  .status,
              0);
    EXPECT_EQ(Lines(rows).rows(), 4u);
    std::remove(rows.c_str());
    const Lines table(csv.path);
    ASSERT_EQ(table.line.size(), 5u);
    const auto names = split(table.line[0]);
    EXPECT_EQ(names[0] + "," + names[1] + "," + names[2] + "," + names[3], "index,timing,workload,config_hash");
    for (size_t i = 1; i < table.line.size(); i++) {
        const auto fields = split(table.line[i]);
        ASSERT_EQ(fields.size(), names.size());
        EXPECT_EQ(fields[0], std::to_string(i - 1)) << "sorted";
        const auto run = vtdsim(fields.back().substr(7) + " --stats csv");
        const std::string run_names = run.out.substr(0, run.out.find('\n'));
        std::string run_values = run.out.substr(run_names.size() + 1);
        run_values.pop_back();
        const auto want_names = split(run_names), want = split(run_values);
        for (size_t c = 0; c < want_names.size(); c++) {
            if (want_names[c].rfind("config.", 0) == 0)
                continue;
            const auto at = std::find(names.begin(), names.end(), want_names[c]);
            ASSERT_NE(at, names.end()) << want_names[c];
            EXPECT_EQ(fields[static_cast<size_t>(at - names.begin())], want[c]) << want_names[c];
        }
    }
}

/* One access names RID_PASID, which is 0: ref 4.2 step 6. */
TEST(Sweep, BlockedRequestsAreAResultAndAStatus)
{
    const File trace(".trace", "0 00:01.0 5 r 1000 4\n0 00:01.0 0 w 2000 4\n");
    const Name out(".jsonl");
    const std::string arguments = "--over iotlb.entries=16,32 -o " + out.path + " -- -t " + trace.path;
    for (const char *when : {"run", "found finished"}) {
        const auto sweep = sweep::run(arguments);
        EXPECT_EQ(sweep.status, 1) << when;
        EXPECT_NE(sweep.err.find("requests were blocked by faults in 2 points"), std::string::npos)
            << when << sweep.err;
        const Lines lines(out.path);
        ASSERT_EQ(lines.rows(), 2u);
        const Json row = sweep::parse(lines.line[1]);
        const json_t *counters = json_object_get(json_object_get(row.get(), "result"), "counters");
        EXPECT_EQ(json_integer_value(json_object_get(counters, "faults")), 1);
    }
}

TEST(Sweep, ADamagedTraceIsAnErrorOfItsPointsThatNamesTheRecord)
{
    const File good(".trace", "0 00:01.0 - r 1000 4\n"), bad(".trace", "0 00:01.0 - r 1000 4\n0 00:01.0 - r\n");
    const Name out(".jsonl");
    const auto sweep = sweep::run("--over trace=" + good.path + "," + bad.path + " -o " + out.path + " -- -n 10");
    EXPECT_EQ(sweep.status, 1);
    const Lines lines(out.path);
    ASSERT_EQ(lines.rows(), 2u);
    for (size_t i = 1; i <= 2; i++) {
        const Json row = sweep::parse(lines.line[i]);
        const bool is_bad = sweep::text(json_object_get(row.get(), "point"), "trace") == bad.path;
        EXPECT_EQ(json_is_object(json_object_get(row.get(), "result")), !is_bad);
        EXPECT_EQ(sweep::text(row.get(), "error").rfind(bad.path + ":2: ", 0) == 0, is_bad) << lines.line[i];
    }
}

/* ---------------------------------------------------------------- refused before anything runs */

struct Refusal {
    const char *arguments;
    const char *message;
};

class SweepRefuses : public testing::TestWithParam<Refusal>
{
};

TEST_P(SweepRefuses, BeforeAnythingRuns)
{
    const Name out(".jsonl");
    const std::string arguments = GetParam().arguments;
    const auto sweep =
        sweep::run("-o " + out.path + " " + arguments + (arguments.find(" -- ") == std::string::npos ? base : ""));
    EXPECT_EQ(sweep.status, 2);
    EXPECT_NE(sweep.err.find(GetParam().message), std::string::npos) << sweep.err;
    EXPECT_FALSE(out.exists());
}

INSTANTIATE_TEST_SUITE_P(
    Mistakes, SweepRefuses,
    testing::Values(
        Refusal{
            "--over iotlb.entries=8 --over pasid_cache.entires=8,16",
            "axis pasid_cache.entires: no option of vtdsim run, and no key; the nearest one is 'pasid_cache.entries'"},
        Refusal{"--over tenantz=8", "the nearest one is 'tenants'"},
        Refusal{"--over tenants=4 --over iotlb.entries=8,many",
                "axis iotlb.entries: iotlb.entries: 'many' is not a number"},
        Refusal{"--over iotlb.policy=lru,best", "axis iotlb.policy: iotlb.policy: 'best'"},
        Refusal{"--over tenants=8,0", "point 1 (tenants=0)"},
        Refusal{"--over tenants=8,1048576", "point 1 (tenants=1048576): tenants: more tenants than PASIDs"},
        Refusal{"--over warmup=0,2999,3000", "point 2 (warmup=3000): --warmup: nothing is left"},
        Refusal{"--over tenants=8 -- -w uniform -s timing.in_flight=4 --timeline /nonexistent/t",
                "--timeline is for one run"},
        Refusal{"--over tenants=8 -- -w uniform --interval 10 --intervals /nonexistent/t", "'--interval"},
        Refusal{"--over timing=maybe", "axis timing: --timing has no value: want yes or no"},
        Refusal{"--over iotlb.entries=64 --over iotlb.ways=4,3,2", "point 1 (iotlb.entries=64 iotlb.ways=3)"},
        Refusal{"--over 'workload=uniform,unifrom' -- -n 5", "point 1 (workload=unifrom)"},
        Refusal{"--over trace=/nonexistent/t -- -n 5", "point 0 (trace=/nonexistent/t)"},
        Refusal{"--over tenants=8 -- -n 5", "give one of --trace and --workload"},
        Refusal{"--over tenants=8 -- -w uniform --frobnicate", "unrecognized option '--frobnicate'"},
        Refusal{"--over tenants=8 -- -w uniform --help", "unrecognized option '--help'"},
        Refusal{"--over tenants=8 -- -w uniform --stats=csv", "--stats"},
        Refusal{"--over tenants=8 -- -w uniform stray", "stray"},
        Refusal{"--over tenants=8,4,8", "the value 8 stands twice"},
        Refusal{"--over tenants=8 --over tenants=4", "tenants: this axis stands twice"},
        Refusal{"--over tenants=8..4", "the range ends before it begins"},
        Refusal{"--over tenants=8..16*1", "the range does not grow"}, Refusal{"--over tenants=8..", "want FIRST..LAST"},
        Refusal{"--over tenants=8,,4", "a value is missing"}, Refusal{"--over tenants", "want NAME=VALUE"},
        Refusal{"--over seed=1..2000 --over tenants=1..2000", "more than 1000000 points"},
        Refusal{"--over seed=0..18446744073709551615", "too many values"},
        Refusal{"--shard 3/2 --over tenants=8", "--shard 3/2"},
        Refusal{"--list /nonexistent/list", "/nonexistent/list: No such file"},
        Refusal{"/nonexistent/y", "/nonexistent/y: No such"}, Refusal{"-j 4", "give --over, --list or a file"}));

TEST(Sweep, MistakesInFilesHaveALine)
{
    const struct {
        const char *suffix, *content, *message;
    } cases[] = {
        {".csv", "tenants,seed\n1,2\n3\n", ":3: there are not as many values"},
        {".csv", "tenants\n\"1\n", ":2: a quote is not closed"},
        {".csv", "tenants\n", ":1: there are no points"},
        {".yaml", "over: {tenants: [1, 2]}\n---\nover: {seed: [1, 2]}\n", ":2: a second document"},
        {".csv", "tenants,seed\n1,\n", ":2: a value is missing"},
        {".yaml", "over:\n  tenants: [1,\n", ":3: "},
        {".yaml", "ovr:\n  tenants: [1]\n", ":1: unknown; there are over, list and base"},
        {".yaml", "over:\n  tenants: [1, [2]]\n", ":2: want a value"},
        {".yaml", "over: {tenants: 1}\nover: {seed: 1}\n", ":2: this key stands twice"},
        {".yaml", "over:\n  tenants: 1\n  tenants: 2\n", ":3: this key stands twice"},
        {".yaml", "list:\n  - {tenants: 1}\n  - {seed: 1}\n", ":3: the first point of the list does not have"},
        {".yaml", "list:\n  - {tenants: 1, seed: 1}\n  - {seed: 1}\n", ":3: this point does not have the names"},
        {".yaml", "over: {tenants: 3..1}\n", ":1: 3..1: the range ends"},
        {".yaml", "&a [*a]\n", ":1: "},
        {".yaml", "over: &a\n  b: *a\n", ":1: want names and values"},
    };
    for (const auto &c : cases) {
        const File file(c.suffix, c.content);
        const auto sweep = sweep::run(std::string("--dry-run ") + (c.suffix[1] == 'c' ? "--list " : "") + file.path +
                                      " -- -w uniform");
        EXPECT_EQ(sweep.status, 2) << c.content;
        EXPECT_NE(sweep.err.find(file.path + c.message), std::string::npos) << c.content << sweep.err;
    }
}
