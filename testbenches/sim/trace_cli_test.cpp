/* SPDX-License-Identifier: MIT */
/*
 * vtdsim trace as a program, and vtdsim run with traces in both forms: counts against a plain count of the text, cuts
 * against lines of it, mixes against the run that they stand for, damaged and oversized traces.
 */
#include "program.h"
#include "trace_oracle.h"

#include <gmock/gmock.h>

#include <set>

using program::File;
using program::Output;
using program::read_all;
using program::vtdsim;
using testing::HasSubstr;
using testing::StartsWith;

namespace
{

const char *const bundled[] = {"mixed-nvme-net-lazy", "nvme-ext4-files-strict", "nvme-seq-qd1-strict",
                               "nvme4-tenants-strict", "e1000e-nic-strict"};

/* A file that the program writes, gone at the end of the test. */
struct Made {
    explicit Made(const std::string &suffix) : path(program::temp(suffix)) {}
    ~Made()
    {
        std::remove(path.c_str());
    }
    std::string content() const
    {
        return read_all(path);
    }
    const std::string path;
};

std::string text_of(const std::string &name)
{
    return oracle::decompress(read_all(program::trace(name)));
}

std::vector<std::string> lines_of(const std::string &text)
{
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

void succeed(const std::string &arguments)
{
    const Output o = vtdsim(arguments);
    EXPECT_EQ(o.status, 0) << arguments << "\n" << o.err;
}

/* ---------------------------------------------------------------- convert */

TEST(TraceConvert, BundledTracesGoThereAndBackUnchanged)
{
    for (const char *name : bundled) {
        const std::string text = text_of(name);
        const Made binary(".vtdtrace"), back(".trace"), zst(".zst");
        succeed("trace convert --level 6 " + program::trace(name) + " " + binary.path);
        succeed("trace convert " + binary.path + " " + back.path);
        EXPECT_TRUE(back.content() == text) << name;
        succeed("trace convert --level 1 " + binary.path + " " + zst.path);
        EXPECT_TRUE(oracle::decompress(zst.content()) == text) << name;
        EXPECT_LT(binary.content().size(), read_all(program::trace(name)).size() * 3 / 4) << name;
    }
}

TEST(TraceConvert, WritesToStandardOutputAndInTheFormThatIsAsked)
{
    const File text(".trace", "0 00:01.0 - r 1000 4\n");
    const Made odd(".odd");
    succeed("trace convert --to binary " + text.path + " " + odd.path);
    EXPECT_EQ(odd.content().substr(8, 6), "VTDTRC");
    EXPECT_EQ(vtdsim("trace convert " + odd.path + " -").out, "0 00:01.0 - r 1000 4\n");
}

TEST(TraceConvert, KeepsWhatCameBeforeTheDamage)
{
    const File text(".trace", "0 00:01.0 - r 1000 4\n1 00:01.0 - w 2000 4\nrubbish\n");
    const Made out(".vtdtrace");
    const Output o = vtdsim("trace convert " + text.path + " " + out.path);
    EXPECT_EQ(o.status, 2);
    EXPECT_THAT(o.err, HasSubstr(text.path + ":3: "));
    EXPECT_THAT(o.err, HasSubstr("(record 3, offset 42)"));
    EXPECT_EQ(vtdsim("trace convert " + out.path + " -").out, "0 00:01.0 - r 1000 4\n1 00:01.0 - w 2000 4\n");
}

TEST(TraceConvert, LeavesTheOutputAloneWhenThereIsNothingToRead)
{
    const File text(".trace", "rubbish\n"), old(".vtdtrace", "old");
    EXPECT_EQ(vtdsim("trace convert " + text.path + " " + old.path).status, 2);
    EXPECT_EQ(vtdsim("trace convert /nonexistent " + old.path).status, 2);
    EXPECT_EQ(read_all(old.path), "old");
    EXPECT_EQ(vtdsim("trace convert " + program::trace(bundled[0]) + " /nonexistent/x").status, 2);
    EXPECT_EQ(vtdsim("trace convert --to text " + program::trace(bundled[0]) + " /dev/full").status, 2);
}

/* ---------------------------------------------------------------- info */

TEST(TraceInfo, CountsWhatAPlainCountOfTheLinesCounts)
{
    for (const char *name : bundled) {
        unsigned long long reads = 0, writes = 0, unmaps = 0, domains = 0, unmapped = 0;
        std::set<std::string> pages, sids;
        std::string first, last;
        for (const std::string &line : lines_of(text_of(name))) {
            std::istringstream words(line);
            std::string time, sid, pasid, dir, iova;
            words >> time >> sid >> pasid >> dir >> iova;
            if (time == "inv") {
                domains += dir == "all";
                unmaps += dir != "all";
                unmapped += dir != "all" ? std::stoull(dir) : 0;
            } else if (time != "#") {
                reads += dir == "r";
                writes += dir == "w";
                sids.insert(sid);
                pages.insert(sid + " " + iova.substr(0, iova.size() - 3));
                first = first.empty() ? time : first;
                last = time;
            }
        }
        json_t *info = json_loads(vtdsim("trace info --format json " + program::trace(name)).out.c_str(), 0, nullptr);
        ASSERT_NE(info, nullptr) << name;
        const auto number = [&](const char *key) {
            return (unsigned long long)json_integer_value(json_object_get(info, key));
        };
        EXPECT_EQ(number("accesses"), reads + writes) << name;
        EXPECT_EQ(number("reads"), reads) << name;
        EXPECT_EQ(number("writes"), writes) << name;
        EXPECT_EQ(number("invalidations"), unmaps + domains) << name;
        EXPECT_EQ(number("invalidations_of_domains"), domains) << name;
        EXPECT_EQ(number("pages_invalidated"), unmapped) << name;
        EXPECT_EQ(number("pages"), pages.size()) << name;
        EXPECT_EQ(number("duration_ns"), (std::stoull(last) - std::stoull(first)) * 1000000) << name;
        EXPECT_EQ(json_object_size(json_object_get(info, "devices")), sids.size()) << name;
        unsigned long long again = 0;
        size_t i;
        json_t *value;
        json_array_foreach(json_object_get(info, "reuse_log2"), i, value) again += json_integer_value(value);
        EXPECT_EQ(again + pages.size(), reads + writes) << name << ": each access is the first or a later one";
        json_decref(info);
    }
}

TEST(TraceInfo, SortsReuseByPowersOfTwo)
{
    /*
     * Page 1 again after 1 (2^0), 2 (2^1), 3 (2^2) and 4 (2^2) accesses; page 2 after 3. PASID 7 has pages of its own.
     */
    const File text(".trace",
                    "0 00:01.0 - r 1000 4\n0 00:01.0 - r 1000 4\n0 00:01.0 - r 2000 4\n0 00:01.0 - w 1fff 1\n"
                    "0 00:01.0 7 r 1000 4\n0 00:01.0 - r 2000 4\n0 00:01.0 - r 1000 4\n"
                    "0 00:01.0 7 r 9000 4\n0 00:01.0 7 r a000 4\n0 00:01.0 7 r b000 4\n0.5 00:01.0 - ? 1000 0\n");
    const Output o = vtdsim("trace info --format json " + text.path);
    json_t *info = json_loads(o.out.c_str(), 0, nullptr);
    ASSERT_NE(info, nullptr) << o.out;
    json_t *reuse = json_object_get(info, "reuse_log2");
    ASSERT_EQ(json_array_size(reuse), 3u);
    EXPECT_EQ(json_integer_value(json_array_get(reuse, 0)), 1);
    EXPECT_EQ(json_integer_value(json_array_get(reuse, 1)), 1);
    EXPECT_EQ(json_integer_value(json_array_get(reuse, 2)), 3);
    EXPECT_EQ(json_integer_value(json_object_get(info, "pages")), 6);
    EXPECT_EQ(json_integer_value(json_object_get(info, "pasids")), 1);
    EXPECT_EQ(json_integer_value(json_object_get(info, "unknown_direction")), 1);
    EXPECT_EQ(json_integer_value(json_object_get(info, "known_length")), 10);
    EXPECT_EQ(json_integer_value(json_object_get(info, "duration_ns")), 500000);
    json_decref(info);
}

TEST(TraceInfo, CountsADamagedTraceUpToThere)
{
    const File text(".trace", "0 00:01.0 - r 1000 4\nrubbish\n");
    const Output o = vtdsim("trace info " + text.path);
    EXPECT_EQ(o.status, 2);
    EXPECT_THAT(o.out, HasSubstr("accesses       1:"));
    EXPECT_THAT(o.err, HasSubstr(":2: "));
}

/* ---------------------------------------------------------------- cut */

TEST(TraceCut, ByRecordsGivesTheseLines)
{
    const std::string text = text_of("nvme4-tenants-strict");
    std::string expected;
    unsigned record = 0;
    for (const std::string &line : lines_of(text)) {
        record += line[0] != '#';
        if (line[0] == '#' || (record >= 1000 && record <= 51234))
            expected += line + "\n";
    }
    const Made out(".trace");
    succeed("trace cut --records 1000-51234 " + program::trace("nvme4-tenants-strict") + " " + out.path);
    EXPECT_TRUE(out.content() == expected);
}

TEST(TraceCut, ByTimeGivesInvalidationsTheTimeBeforeThem)
{
    const File text(".trace", "# domains: 1=00:01.0\n0 00:01.0 - r 1000 4\n1.5 00:01.0 - r 2000 4\ninv 1 1000 1\n"
                              "2 00:01.0 - r 3000 4\ninv 1 2000 1\n# late\n3 00:01.0 - r 4000 4\n");
    EXPECT_EQ(vtdsim("trace cut --time 1.5-2 " + text.path + " -").out,
              "# domains: 1=00:01.0\n1.5 00:01.0 - r 2000 4\ninv 1 1000 1\n# late\n");
    EXPECT_EQ(vtdsim("trace cut --time 2- --records -5 " + text.path + " -").out,
              "# domains: 1=00:01.0\n2 00:01.0 - r 3000 4\ninv 1 2000 1\n");
    EXPECT_EQ(vtdsim("trace cut --time -1 " + text.path + " -").out,
              "# domains: 1=00:01.0\n0 00:01.0 - r 1000 4\n# late\n");
}

/* ---------------------------------------------------------------- mix and run */

TEST(TraceMix, IsTheRunThatItStandsFor)
{
    const char *const choices[] = {"--tenants 5", "--tenants 3 --interleave random --seed 7",
                                   "--tenants 6 --interleave zipf:1.1 --tenant-id sid", "--tenants 1"};
    for (const char *name : bundled) {
        const Made shorter(".vtdtrace");
        succeed("trace cut --records -30000 --level 1 " + program::trace(name) + " " + shorter.path);
        for (const char *choice : choices) {
            const Made mix(".vtdtrace");
            succeed(std::string("trace mix --level 1 ") + choice + " " + shorter.path + " " + mix.path);
            const Output run = vtdsim(std::string("run --stats csv ") + choice + " --trace " + shorter.path);
            const Output played = vtdsim("run --stats csv --trace " + mix.path);
            EXPECT_EQ(run.status, 0) << run.err;
            EXPECT_EQ(played.out, run.out) << name << " " << choice;
        }
    }
}

TEST(TraceMix, GivesEachPasidItsDomainsAndAscendingTimes)
{
    const File text(".trace", "# domains: 9=00:01.0\n0 00:01.0 - r 1000 4\n5 00:01.0 - ? 2000 0\ninv 9 1000 1\n");
    EXPECT_EQ(vtdsim("trace mix --tenants 2 " + text.path + " -").out,
              "# mix: 2 tenants by PASID, round-robin, seed 1\n"
              "0 00:01.0 1 r 1000 4\n0 00:01.0 2 r 1000 4\n5 00:01.0 1 ? 2000 0\n"
              "5 00:01.0 2 ? 2000 0\n# domains: 1=00:01.0/1\ninv 1 1000 1\n# domains: 2=00:01.0/2\ninv 2 1000 1\n");
}

TEST(RunTrace, PlaysBothFormsAlike)
{
    for (const char *name : bundled) {
        const Made binary(".vtdtrace");
        succeed("trace convert --level 1 " + program::trace(name) + " " + binary.path);
        const Output a = vtdsim("run --stats csv --trace " + program::trace(name));
        EXPECT_EQ(a.status, 0);
        EXPECT_EQ(vtdsim("run --stats csv --trace " + binary.path).out, a.out) << name;
    }
}

TEST(RunTrace, TenantsPlayATraceThatDoesNotFitIntoMemoryAlike)
{
    /* 1 MiB is 32768 records of 32 bytes; the trace has 241189 accesses. */
    const std::string arguments =
        "run --stats csv --tenants 3 --interleave random --trace " + program::trace("nvme4-tenants-strict");
    const Output a = vtdsim(arguments), b = vtdsim(arguments + " --trace-memory 1");
    EXPECT_EQ(b.status, 0) << b.err;
    EXPECT_EQ(a.out, b.out);
    const File err(".err", "");
    const std::string command = "TMPDIR=/nonexistent " VTD_TEST_BIN_DIR "/vtdsim " + arguments + " --trace-memory 1 2>";
    EXPECT_EQ(std::system((command + err.path + " >/dev/null").c_str()), 2 << 8);
    EXPECT_THAT(read_all(err.path), HasSubstr("temporary file in /nonexistent"));
}

TEST(RunTrace, DamagedTraceKeepsTheResultOfThePartBefore)
{
    const std::string whole = "# domains: 1=00:01.0\n0 00:01.0 - r 1000 4\n0 00:01.0 - r 2000 4\n";
    const File damaged(".trace", whole + "inv 1 1000 1\n0 00:0"), before(".trace", whole + "inv 1 1000 1\n");
    for (const char *tenants : {"", "--tenants 3 "}) {
        const std::string arguments = std::string("run --stats csv ") + tenants + "--trace ";
        const Output o = vtdsim(arguments + damaged.path);
        EXPECT_EQ(o.status, 2);
        EXPECT_THAT(o.err, HasSubstr(damaged.path + ":5: "));
        EXPECT_THAT(o.err, HasSubstr("(record 4, offset 76)"));
        EXPECT_EQ(o.out, vtdsim(arguments + before.path).out) << tenants;
        EXPECT_THAT(o.out, StartsWith("config_hash"));
        EXPECT_THAT(vtdsim(std::string("run --stats json ") + tenants + "--trace " + damaged.path).out,
                    HasSubstr("\"incomplete\": \""));
    }
}

TEST(RunTrace, CutCompressedTraceKeepsTheResultOfThePartBefore)
{
    const std::string packed = read_all(program::trace("nvme4-tenants-strict"));
    const File cut(".zst", packed.substr(0, packed.size() / 2));
    const Output o = vtdsim("run --stats csv --trace " + cut.path);
    EXPECT_EQ(o.status, 2);
    EXPECT_THAT(o.out, StartsWith("config_hash"));
    EXPECT_THAT(o.err, HasSubstr("the compressed file ends early"));
    EXPECT_THAT(o.err, testing::ContainsRegex("record [1-9][0-9]+, offset [1-9][0-9]+"));
}

/* ---------------------------------------------------------------- errors */

TEST(TraceErrors, EndWithStatusTwoAndNameTheCulprit)
{
    const std::string some = program::trace(bundled[0]) + " /dev/null ";
    const struct {
        std::string arguments, message;
    } refusals[] = {
        {"", "Usage"},
        {"frobnicate", "'frobnicate'"},
        {"info", "no trace"},
        {"info --format xml x", "xml"},
        {"info /nonexistent", "/nonexistent"},
        {"convert onlyone", "IN and OUT"},
        {"convert a b c", "c: there are only"},
        {"convert --to mp3 " + some, "mp3"},
        {"convert --level 20 " + some, "--level 20"},
        {"convert --from pcap " + some, "pcap"},
        {"convert --since 3 " + some, "--since"},
        {"convert --from qemu --device 00:01.0 " + some, "00:01.0"},
        {"convert --from qemu --device 00:21.0=nvme " + some, "00:21.0"},
        {"convert --from qemu --device 00:01.0=floppy " + some, "floppy"},
        {"cut " + some, "--records or --time"},
        {"cut --records 5-4 " + some, "--records"},
        {"cut --records 0-4 " + some, "--records"},
        {"cut --records 7 " + some, "--records"},
        {"cut --time 2-1 " + some, "--time"},
        {"cut --time x-1 " + some, "--time"},
        {"mix --tenants 0 " + some, "tenants"},
        {"mix --tenants 20000 --tenant-id sid " + some, "65536"},
        {"mix --interleave fair " + some, "fair"},
        {"mix /nonexistent x", "/nonexistent"},
    };
    for (const auto &refusal : refusals) {
        const Output o = vtdsim("trace " + refusal.arguments);
        EXPECT_EQ(o.status, 2) << refusal.arguments;
        EXPECT_EQ(o.out, "") << refusal.arguments;
        EXPECT_THAT(o.err, HasSubstr(refusal.message)) << refusal.arguments;
    }
}

TEST(TraceHelp, GoesToStandardOutput)
{
    for (const char *action : {"", "info ", "convert ", "cut ", "mix "}) {
        const Output o = vtdsim(std::string("trace ") + action + "--help");
        EXPECT_EQ(o.status, 0) << action;
        EXPECT_THAT(o.out, HasSubstr(std::string("Usage: vtdsim trace ") + action));
        EXPECT_EQ(vtdsim(std::string("trace ") + action + "--version").out, vtdsim("--version").out) << action;
    }
}

/* ---------------------------------------------------------------- taking traces */

Output capture(const std::string &arguments)
{
    const File out(".out", ""), err(".err", "");
    const std::string command =
        VTD_TEST_SOURCE_DIR "/scripts/capture-trace " + arguments + " >" + out.path + " 2>" + err.path;
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_all(out.path), read_all(err.path)};
}

TEST(CaptureTrace, ListsItsWorkloadsAndRefusesOthersBeforeItDoesAnything)
{
    const Output list = capture("--list");
    EXPECT_EQ(list.status, 0) << list.err;
    for (const char *name : {"nvme-seq", "nvme-rand", "nvme-files", "nvme2", "e1000e", "virtio-net", "mixed"})
        EXPECT_THAT("\n" + list.out, HasSubstr("\n" + std::string(name) + " ")) << name;
    EXPECT_THAT(capture("--help").out, HasSubstr("Usage: ./scripts/capture-trace"));
    for (const char *wrong : {"", "nvme", "--mode eager mixed", "--scale 0 mixed", "--timeout x mixed", "--out",
                              "--fast mixed", "mixed e1000e"}) {
        const Output o = capture(wrong);
        EXPECT_EQ(o.status, 2) << wrong;
        EXPECT_EQ(o.out, "") << wrong;
        EXPECT_THAT(o.err, HasSubstr("Usage")) << wrong;
    }
}

} // namespace
