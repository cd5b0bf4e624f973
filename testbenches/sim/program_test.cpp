/* SPDX-License-Identifier: MIT */
/* vtdsim as a program: --help, --version, unknown commands, a full disk; and vtdsim config. */
#include "program.h"

#include <gmock/gmock.h>

using program::File;
using program::Output;
using program::Result;
using program::vtdsim;
using testing::HasSubstr;
using testing::StartsWith;

namespace
{

TEST(Program, HelpAndVersionGoToStandardOutput)
{
    EXPECT_THAT(vtdsim("--version").out, StartsWith("vtdsim "));
    EXPECT_EQ(vtdsim("--version").status, 0);
    for (const char *command : {"", "run ", "replay ", "explain ", "config "}) {
        const Output o = vtdsim(std::string(command) + "--help");
        EXPECT_EQ(o.status, 0) << command;
        EXPECT_THAT(o.out, HasSubstr("Usage: vtdsim")) << command;
        EXPECT_EQ(o.err, "") << command;
        const Output version = vtdsim(std::string(command) + "--version");
        EXPECT_EQ(version.status, 0) << command;
        EXPECT_EQ(version.out, vtdsim("--version").out) << command;
    }
}

TEST(Program, UnknownCommandNamesTheNearest)
{
    const Output o = vtdsim("replya x");
    EXPECT_EQ(o.status, 2);
    EXPECT_THAT(o.err, HasSubstr("'replay'"));
    EXPECT_EQ(vtdsim("").status, 2);
}

/* The run would take hours. It is stopped once it has written something. */
TEST(Program, ASignalStopsARunAndWhatItHasIsAResult)
{
    const File rows(".csv", ""), result(".json", ""), message(".err", "");
    const std::string run = VTD_TEST_BIN_DIR
                            "/vtdsim run -w uniform:pages=64 -n 1000000000000 --interval 1000 --intervals " +
                            rows.path + " --stats json -o " + result.path + " 2>" + message.path;
    const std::string stop = "until [ -s " + rows.path + " ]; do sleep 0.01; done; kill -TERM $!; wait $!";
    const int status = std::system((run + " & " + stop).c_str());
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 128 + 15);
    json_t *root = json_load_file(result.path.c_str(), 0, nullptr);
    ASSERT_NE(root, nullptr);
    const std::string told =
        "stopped by signal 15 after " +
        std::to_string(json_integer_value(json_object_get(json_object_get(root, "counters"), "requests"))) +
        " requests";
    EXPECT_EQ(json_string_value(json_object_get(json_object_get(root, "workload"), "incomplete")), told);
    json_decref(root);
    EXPECT_THAT(program::read_all(message.path), HasSubstr(told + "; the result is that of the part before"));
    EXPECT_EQ(program::read_all(rows.path).back(), '\n');
}

TEST(Program, FullDiskIsNoSuccess)
{
    const std::string scenario = VTD_TEST_SOURCE_DIR "/testbenches/scenarios/example.vtd";
    for (const std::string &command : {std::string("--version"), std::string("--help"), std::string("config keys"),
                                       "replay " + scenario, "explain " + scenario}) {
        const File err(".err", "");
        const Output o = vtdsim(command + " >/dev/full 2>" + err.path + " #");
        EXPECT_EQ(o.status, 2) << command;
        EXPECT_THAT(program::read_all(err.path), HasSubstr("cannot write standard output")) << command;
    }
}

TEST(ConfigCommand, ListsPresetsAndWhatTheyMask)
{
    const Output o = vtdsim("config list");
    EXPECT_EQ(o.status, 0);
    for (const char *name : {"default", "qemu", "sapphire-rapids", "ECAP.MTS"})
        EXPECT_THAT(o.out, HasSubstr(name));
}

TEST(ConfigCommand, ExplainsEachKey)
{
    const Result r("--workload uniform:pages=64 --requests 1000 ");
    const Output keys = vtdsim("config keys");
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(r.root, "config"), key, value)
        EXPECT_THAT("\n" + keys.out, HasSubstr("\n" + std::string(key) + " "));
}

TEST(ConfigCommand, ShowsAConfigurationThatReadsBack)
{
    const Output o = vtdsim("config show --set preset=sapphire-rapids --set iotlb.entries=1024");
    ASSERT_EQ(o.status, 0) << o.err;
    const File file(".yaml", o.out);
    EXPECT_EQ(vtdsim("config show -c " + file.path).out, o.out);
    EXPECT_EQ(vtdsim("config show --set nokey=1").status, 2);
}

TEST(ConfigCommand, DecodesThePairOfTheExampleProfile)
{
    /* ref 1.3: ND 6, MAMV 18, PSS 19, IRO 0xF. */
    const Output o = vtdsim("config decode 0xD9D2078C22780E06 0x0433ED9EA4F00FDF");
    EXPECT_EQ(o.status, 0) << o.out;
    EXPECT_THAT(o.out, testing::ContainsRegex("ND +6 "));
    EXPECT_THAT(o.out, testing::ContainsRegex("MAMV +18 "));
    EXPECT_THAT(o.out, testing::ContainsRegex("PSS +19 "));
    EXPECT_THAT(o.out, testing::ContainsRegex("IRO +15 "));
}

TEST(ConfigCommand, DecodeEndsWithStatusOneForAnInconsistentPair)
{
    /* The same without QI (ECAP bit 1), which DT, IR and SMTS need. */
    const Output o = vtdsim("config decode 0xD9D2078C22780E06 0x0433ED9EA4F00FDD");
    EXPECT_EQ(o.status, 1);
    EXPECT_THAT(o.out, HasSubstr("ECAP.QI"));
    EXPECT_EQ(vtdsim("config decode 1").status, 2);
    EXPECT_EQ(vtdsim("config decode one two").status, 2);
    EXPECT_EQ(vtdsim("config frobnicate").status, 2);
}

} // namespace
