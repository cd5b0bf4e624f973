/* SPDX-License-Identifier: MIT */
/*
 * vtdsim linux as a user runs it: what it says of what is missing, a QEMU that misbehaves (a script in its place), and, where
 * scripts/fetch-linux has fetched them, boots of a stock kernel.
 */
#include "sim/program.h"

#include <gtest/gtest.h>

#include <string>
#include <sys/stat.h>
#include <unistd.h>

using program::vtdsim;

namespace
{

/* A script that runs where QEMU should. */
class Linux : public testing::Test
{
  protected:
    void SetUp() override
    {
        directory = program::temp("_linux");
        ASSERT_EQ(mkdir(directory.c_str(), 0777), 0);
    }
    void TearDown() override
    {
        ASSERT_EQ(std::system(("rm -rf " + directory).c_str()), 0);
    }
    program::Output with_qemu(const std::string &script, const std::string &more)
    {
        const std::string qemu = directory + "/qemu";
        {
            std::ofstream(qemu) << "#!/bin/sh\n" << script << "\n";
        }
        chmod(qemu.c_str(), 0755);
        return vtdsim("linux --directory " + directory + " --qemu " + qemu + " --kernel /dev/null --initrd /dev/null " +
                      more);
    }
    std::string directory;
};

bool has(const std::string &text, const std::string &part)
{
    return text.find(part) != std::string::npos;
}

TEST_F(Linux, AQemuThatFailsIsQuotedAndNoVerdict)
{
    const auto o = with_qemu("echo 'x-pci-proxy-dev is not a device' >&2; exit 3", "");
    EXPECT_EQ(o.status, 2);
    EXPECT_TRUE(has(o.err, "QEMU ended with status 3 before the guest ran")) << o.err;
}

TEST_F(Linux, AQemuThatDoesNothingIsEndedByTheWatchdog)
{
    const auto o = with_qemu("exec sleep 1000", "--timeout 1");
    EXPECT_EQ(o.status, 2);
    EXPECT_TRUE(has(o.err, "no end after 1 s")) << o.err;
}

TEST_F(Linux, AQemuThatSpeaksNonsenseIsAnErrorAndNoHarm)
{
    /* Descriptor numbers are on its command line: zeros to all of them. */
    const auto o = with_qemu("for a; do case $a in *fd=*) f=${a#*fd=}; f=${f%%,*};"
                             " bash -c \"head -c 4000 /dev/zero >&$f\";; esac; done; sleep 1000",
                             "--timeout 20");
    EXPECT_EQ(o.status, 2);
    EXPECT_TRUE(has(o.err, "QEMU sends command 0 with 0 bytes instead of 192")) << o.err;
}

TEST_F(Linux, AQemuThatIsNotThereIsNamed)
{
    const auto o =
        vtdsim("linux --directory " + directory + " --qemu /nonexistent --kernel /dev/null --initrd /dev/null");
    EXPECT_EQ(o.status, 2);
    EXPECT_TRUE(has(o.err, "QEMU /nonexistent: No such file")) << o.err;
}

TEST_F(Linux, LeavesNothingBehindButLogs)
{
    with_qemu("exit 1", "");
    EXPECT_NE(access((directory + "/sm.log").c_str(), F_OK), -1);
    EXPECT_EQ(std::system(("ls " + directory + " | grep -q work").c_str()) >> 8, 1);
}

TEST(LinuxCommand, WrongArgumentsAreErrorsThatSayWhatIsWanted)
{
    const struct {
        const char *arguments, *part;
    } all[] = {
        {"--mode fast", "there are sm, legacy and pt"},
        {"--run nothing", "there is no run 'nothing'"},
        {"--memory 3", "a size like 512M or 5G"},
        {"--memory 1M", "from 128M"},
        {"--cpus 0", "a number from 1 to 8"},
        {"--cpus 2x", "a number from 1 to 8"},
        {"--test 'a b'", "names of tests"},
        {"--timeout -1", "a number from 1"},
        {"extra", "no argument wanted"},
        {"--set iotlb.entrees=4", "iotlb.entries"},
    };
    for (const auto &a : all) {
        const auto o = vtdsim(std::string("linux ") + a.arguments);
        EXPECT_EQ(o.status, 2) << a.arguments;
        EXPECT_TRUE(has(o.err, a.part)) << a.arguments << ": " << o.err;
    }
}

TEST(LinuxCommand, ListsItsRuns)
{
    const auto o = vtdsim("linux --matrix=help");
    EXPECT_EQ(o.status, 0);
    for (const char *name : {"sm ", "legacy ", "pt ", "first-stage ", "second-stage ", "remapping "})
        EXPECT_TRUE(has(o.out, name)) << name;
}

/* ---------------------------------------------------------------- boots */

class LinuxBoot : public testing::TestWithParam<const char *>
{
};

TEST_P(LinuxBoot, AStockKernelDrivesTheUnit)
{
    if (access(VTD_TEST_BIN_DIR "/../linux/complete", F_OK) != 0)
        GTEST_SKIP()
            << "There is no kernel to boot. 'scripts/fetch-linux build/release/linux' fetches QEMU and Debian's "
               "kernel; then this test boots it.";
    const auto o = vtdsim(std::string("linux --matrix=") + GetParam() +
                          " --test fault-names,copy,read-only,after-unmap,two-domains --timeout 250");
    EXPECT_EQ(o.status, 0) << o.out << o.err;
    EXPECT_TRUE(has(o.out, std::string(GetParam()))) << o.out;
    EXPECT_TRUE(has(o.out, "PASS")) << o.out;
}

INSTANTIATE_TEST_SUITE_P(Modes, LinuxBoot, testing::Values("sm", "legacy"),
                         [](const auto &mode) { return std::string(mode.param); });

} // namespace
