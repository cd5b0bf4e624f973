/* SPDX-License-Identifier: MIT */
/*
 * vtdsim replay and vtdsim explain as programs: exit status, last line, where messages go, and that an explanation
 * holds the steps of the reference in their order. The example scenario's steps are counted by hand from its tables.
 */
#include <gtest/gtest.h>
#include <jansson.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace
{

struct Output {
    int status;
    std::string out;
    std::string err;
};

std::string read_all(const std::string &path)
{
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string temp(const std::string &suffix)
{
    return testing::TempDir() + "scenario_cli_" + testing::UnitTest::GetInstance()->current_test_info()->name() +
           suffix;
}

/* Runs vtdsim with arguments; environment is put before the command. */
Output vtdsim(const std::string &arguments, const std::string &environment = "")
{
    const std::string out = temp(".out"), err = temp(".err");
    const std::string command =
        environment + " " VTD_TEST_BIN_DIR "/vtdsim " + arguments + " >" + out + " 2>" + err + " </dev/null";
    const int status = std::system(command.c_str());
    Output o = {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_all(out), read_all(err)};
    std::remove(out.c_str());
    std::remove(err.c_str());
    return o;
}

std::string sample(const std::string &name)
{
    return VTD_TEST_SOURCE_DIR "/testbenches/scenarios/" + name + ".vtd";
}

/* A scenario file of the test's own. */
class File
{
  public:
    File(const std::string &suffix, const std::string &text) : path(temp(suffix + ".vtd"))
    {
        std::ofstream(path) << text;
    }
    ~File()
    {
        std::remove(path.c_str());
    }
    const std::string path;
};

TEST(ReplayCommand, CountsFilesAndExitsZeroWhenAllHeld)
{
    const Output o = vtdsim("replay " + sample("example") + " " + sample("translation-off"));
    EXPECT_EQ(o.status, 0) << o.err;
    EXPECT_EQ(o.out, "2 passed, 0 failed\n");
    EXPECT_EQ(o.err, "");
}

TEST(ReplayCommand, NamesWhatDoesNotHoldGoesOnAndExitsOne)
{
    const File bad("bad", "vtd-scenario 1\nread 0 4 0\nread 0 4 0x60\nread 0 4 1 0xff\necho end\n");
    const Output o = vtdsim("replay " + bad.path + " " + sample("example"));
    EXPECT_EQ(o.status, 1);
    EXPECT_EQ(o.out, bad.path + ":2: expected 0x0, got 0x60\n" + bad.path +
                         ":4: expected 0x1 under mask 0xff, got 0x60\n" + "end\n1 passed, 1 failed\n");
}

TEST(ReplayCommand, AMalformedFileEndsTheRunWithStatusTwo)
{
    const File bad("bad", "vtd-scenario 1\n\nreed 0 4\n");
    const Output o = vtdsim("replay " + bad.path + " " + sample("example"));
    EXPECT_EQ(o.status, 2);
    EXPECT_EQ(o.err, bad.path + ":3: unknown statement 'reed'\n");
    EXPECT_EQ(o.out, "");
}

TEST(ReplayCommand, AConfigurationKeyThatDoesNotExistIsAnErrorOfItsLine)
{
    const File bad("bad", "vtd-scenario 1\nconfig iotlb.entrys 4\n");
    const Output o = vtdsim("replay " + bad.path);
    EXPECT_EQ(o.status, 2);
    EXPECT_EQ(o.err.rfind(bad.path + ":2: ", 0), 0u) << o.err;
    EXPECT_NE(o.err.find("iotlb.entries"), std::string::npos) << "the nearest known key: " << o.err;
}

TEST(ReplayCommand, AMissingFileOrArgumentIsAnError)
{
    EXPECT_EQ(vtdsim("replay /nonexistent.vtd").status, 2);
    EXPECT_EQ(vtdsim("replay").status, 2);
    EXPECT_EQ(vtdsim("replay --nonsense " + sample("example")).status, 2);
}

TEST(ReplayCommand, DevicesThatAreNotBuiltInSaySo)
{
#ifndef VTD_HAVE_RTL
    const Output o = vtdsim("replay --dut rtl " + sample("example"));
    EXPECT_EQ(o.status, 2);
    EXPECT_NE(o.err.find("not built in"), std::string::npos) << o.err;
#endif
    EXPECT_EQ(vtdsim("replay --dut toaster " + sample("example")).status, 2);
    EXPECT_EQ(vtdsim("replay --dut model " + sample("example")).status, 0);
}

TEST(ReplayCommand, AWaveformIsForTheRtlAndOneFile)
{
    const std::string trace = " --trace " + testing::TempDir() + "replay.fst ";
    EXPECT_EQ(vtdsim("replay" + trace + sample("example")).status, 2);
    EXPECT_EQ(vtdsim("replay --dut rtl" + trace + sample("example") + " " + sample("example")).status, 2);
}

TEST(ReplayCommand, HelpIsPrintedOnRequest)
{
    const Output o = vtdsim("replay --help");
    EXPECT_EQ(o.status, 0);
    EXPECT_NE(o.out.find("--dut"), std::string::npos);
}

/* The addresses of the steps of one kind, in order. */
std::vector<std::string> addresses(const json_t *statement, const std::string &kind)
{
    std::vector<std::string> found;
    size_t i;
    json_t *step;
    json_array_foreach(json_object_get(statement, "steps"), i, step)
    {
        if (kind == json_string_value(json_object_get(step, "step")))
            found.emplace_back(json_string_value(json_object_get(step, "address")));
    }
    return found;
}

class ExplainJson : public testing::Test
{
  protected:
    void SetUp() override
    {
        const Output o = vtdsim("explain --json " + sample("example"));
        ASSERT_EQ(o.status, 0) << o.err;
        root = json_loads(o.out.c_str(), 0, nullptr);
        ASSERT_NE(root, nullptr) << o.out;
    }
    void TearDown() override
    {
        json_decref(root);
    }
    json_t *root = nullptr;
};

TEST_F(ExplainJson, ReadsTheTablesInTheOrderOfTheWalk)
{
    ASSERT_EQ(json_array_size(root), 2u);
    /* root, context 0x10 of 32 bytes, directory 0, PASID entry 5 of 64 bytes, then the four levels at index 0 */
    const std::vector<std::string> expected = {"0x1000", "0x2200", "0x3000", "0x4140",
                                               "0x5000", "0x6000", "0x7000", "0x8000"};
    EXPECT_EQ(addresses(json_array_get(root, 0), "read"), expected);
    /* every entry gets its accessed bit once */
    const std::vector<std::string> updated = {"0x5000", "0x6000", "0x7000", "0x8000"};
    EXPECT_EQ(addresses(json_array_get(root, 0), "update"), updated);
    /* the second request finds the context cached and ends at the PASID entry */
    const std::vector<std::string> second = {"0x3000", "0x4180"};
    EXPECT_EQ(addresses(json_array_get(root, 1), "read"), second);
}

TEST_F(ExplainJson, DecodesTheFieldsOfEntries)
{
    size_t i;
    json_t *step;
    unsigned checked = 0;
    json_array_foreach(json_object_get(json_array_get(root, 0), "steps"), i, step)
    {
        const json_t *fields = json_object_get(step, "fields");
        const char *address = json_string_value(json_object_get(step, "address"));
        const auto field = [&](const char *name) {
            return std::string(json_string_value(json_object_get(fields, name)));
        };
        if (fields == nullptr)
            continue;
        if (std::string(address) == "0x4140") {
            EXPECT_EQ(field("P"), "0x1");
            EXPECT_EQ(field("PGTT"), "0x1");
            EXPECT_EQ(field("DID"), "0x7");
            EXPECT_EQ(field("PWSNP"), "0x1");
            EXPECT_EQ(field("FSPTPTR"), "0x5000");
            EXPECT_STREQ(json_string_value(json_object_get(step, "ref")), "2.5");
            checked++;
        } else if (std::string(address) == "0x1000") {
            EXPECT_EQ(field("LCTP"), "0x2000");
            EXPECT_STREQ(json_string_value(json_object_get(step, "ref")), "2.2");
            checked++;
        } else if (std::string(address) == "0x8000") {
            EXPECT_EQ(field("ADDR"), "0x9000");
            EXPECT_EQ(json_integer_value(json_object_get(step, "level")), 1);
            checked++;
        }
    }
    EXPECT_EQ(checked, 3u);
}

TEST_F(ExplainJson, EveryStepNamesASectionOfTheReference)
{
    size_t n, i;
    json_t *statement, *step;
    json_array_foreach(root, n, statement)
    {
        EXPECT_GT(json_array_size(json_object_get(statement, "steps")), 0u);
        json_array_foreach(json_object_get(statement, "steps"), i, step)
            EXPECT_GT(json_string_length(json_object_get(step, "ref")), 0u);
    }
}

TEST_F(ExplainJson, SaysTheOutcomeAndWhetherItWasExpected)
{
    EXPECT_STREQ(json_string_value(json_object_get(json_array_get(root, 0), "outcome")), "hpa=0x9123 page=4K");
    EXPECT_TRUE(json_is_true(json_object_get(json_array_get(root, 0), "held")));
    EXPECT_EQ(json_integer_value(json_object_get(json_array_get(root, 1), "line")), 24);
    EXPECT_EQ(
        std::string(json_string_value(json_object_get(json_array_get(root, 1), "outcome"))).rfind("fault=0x59", 0), 0u);
}

TEST(ExplainCommand, WritesForPeopleWithoutColourIntoAFile)
{
    const Output o = vtdsim("explain " + sample("example"));
    EXPECT_EQ(o.status, 0) << o.err;
    EXPECT_EQ(o.out.find('\033'), std::string::npos);
    for (const char *part : {"A read of 1 byte at 0x123 by device 00:02.0 for PASID 0x5.", "PASID table entry",
                             "first-stage PML4 entry", "maps a 4K page at 0x9000", "ref 2.6", "hpa=0x9123 page=4K",
                             "fault 0x59 SPT.2: PASID table entry not present"})
        EXPECT_NE(o.out.find(part), std::string::npos) << part << "\n" << o.out;
    std::istringstream lines(o.out);
    size_t longest = 0;
    for (std::string line; std::getline(lines, line);)
        if (line.find("example.vtd:") == std::string::npos)
            longest = std::max(longest, line.size());
    EXPECT_LE(longest, 120u);
}

TEST(ExplainCommand, ColourIsForTerminalsOrOnRequest)
{
    EXPECT_NE(vtdsim("explain --color=always " + sample("example"), "NO_COLOR=1").out.find('\033'), std::string::npos);
    EXPECT_EQ(vtdsim("explain --color=never " + sample("example")).out.find('\033'), std::string::npos);
    EXPECT_EQ(vtdsim("explain --color=perhaps " + sample("example")).status, 2);
}

TEST(ExplainCommand, NestedWalksNameTheGuestPhysicalAddresses)
{
    /* PASID entry: FSPTPTR 0x1b3bc1d000, guest-physical */
    const Output o = vtdsim("explain --line 333 " + sample("nested-0000"));
    EXPECT_EQ(o.status, 0) << o.err;
    EXPECT_NE(o.out.find("where is guest-physical 0x1b3bc1d000?"), std::string::npos) << o.out;
}

TEST(ExplainCommand, ALineWithoutARequestIsAnError)
{
    Output o = vtdsim("explain --line 5 " + sample("example"));
    EXPECT_EQ(o.status, 2);
    EXPECT_NE(o.err.find("no statement in this line"), std::string::npos) << o.err;
    o = vtdsim("explain --line 4 " + sample("example"));
    EXPECT_EQ(o.status, 2);
    EXPECT_NE(o.err.find("'store' statement is not a request"), std::string::npos) << o.err;
    EXPECT_EQ(vtdsim("explain --line 0 " + sample("example")).status, 2);
    EXPECT_EQ(vtdsim("explain --line x " + sample("example")).status, 2);
}

TEST(ExplainCommand, AnOutcomeThatIsNotExpectedIsPointedOut)
{
    const File wrong("wrong", "vtd-scenario 1\ndma read 1 0x1000 -> hpa=0x2000\n");
    const Output o = vtdsim("explain " + wrong.path);
    EXPECT_EQ(o.status, 0) << o.err;
    EXPECT_NE(o.out.find("hpa=0x1000  but the scenario expects hpa=0x2000"), std::string::npos) << o.out;
}

} // namespace
