/* SPDX-License-Identifier: MIT */
/* The parts of vtdsim linux that need no QEMU: verdicts, named runs, initial file system, lines, child processes. */
#include "config/config.h"
#include "qemu/channel.h"
#include "qemu/child.h"
#include "qemu/cpio.h"
#include "qemu/runs.h"
#include "qemu/verdict.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace
{

/* ---------------------------------------------------------------- verdicts */

class Verdict : public testing::Test
{
  protected:
    void SetUp() override
    {
        vtd_verdict_init(&v);
    }
    void lines(std::initializer_list<const char *> all)
    {
        for (const char *line : all)
            vtd_verdict_take(&v, line);
    }
    bool good()
    {
        return vtd_verdict_good(&v, why);
    }
    vtd_verdict v{};
    char why[256] = "";
    static constexpr const char *kDriver = "[    1.011972] DMAR: Intel(R) Virtualization Technology for Directed I/O";
};

TEST_F(Verdict, HoldsWhenDriverTestsAndEndAreThere)
{
    lines({kDriver, "[    1.8] VTD-START", "[    1.9] VTD-TEST copy PASS", "[    2.0] VTD-TEST huge SKIP: no memory",
           "[    2.1] VTD-STATUS 0", "[    2.2] VTD-END"});
    EXPECT_TRUE(good()) << why;
    EXPECT_EQ(v.tests, 2u);
    EXPECT_EQ(v.skipped, 1u);
    EXPECT_STREQ(v.test[1].reason, "no memory");
}

TEST_F(Verdict, ATestThatFailsIsNamedWithItsReason)
{
    lines({kDriver, "VTD-START", "VTD-TEST copy FAIL: byte 7: 0x00", "VTD-STATUS 1", "VTD-END"});
    EXPECT_FALSE(good());
    EXPECT_STREQ(v.test[0].name, "copy");
    EXPECT_STREQ(v.test[0].reason, "byte 7: 0x00");
    EXPECT_STREQ(why, "1 of 1 tests failed");
}

TEST_F(Verdict, AResultThatIsNoWordOfOursFails)
{
    lines({kDriver, "VTD-START", "VTD-TEST copy PASSED maybe", "VTD-END"});
    EXPECT_EQ(v.failed, 1u);
    EXPECT_FALSE(good());
}

TEST_F(Verdict, AGuestThatDoesNotReachItsEndFails)
{
    lines({kDriver, "VTD-START", "VTD-TEST copy PASS"});
    EXPECT_FALSE(good());
}

TEST_F(Verdict, AKernelWithoutTheDriverFails)
{
    lines({"VTD-START", "VTD-END"});
    EXPECT_FALSE(good());
}

TEST_F(Verdict, ATestProgramThatCrashesFails)
{
    lines({kDriver, "VTD-START", "VTD-STATUS 139", "VTD-END"});
    EXPECT_FALSE(good());
    EXPECT_STREQ(why, "the test program ended with status 139");
}

TEST_F(Verdict, ComplaintsOfTheKernelFailWhateverTestsSay)
{
    for (const char *line : {"[ 1.0] WARNING: CPU: 0 PID: 1 at drivers/iommu/intel/dmar.c:1573 qi_flush_piotlb+0x1/0x2",
                             "[ 1.0] Kernel panic - not syncing: DMAR hardware is malfunctioning",
                             "[ 1.0] DMAR: Flush IOTLB failed", "[ 1.0] DMAR: DRHD: Invalidation Queue Error: 0x1"}) {
        vtd_verdict_init(&v);
        lines({kDriver, "VTD-START", line, "VTD-TEST copy PASS", "VTD-STATUS 0", "VTD-END"});
        EXPECT_FALSE(good()) << line;
        EXPECT_EQ(v.complaints, 1u) << line;
    }
}

TEST_F(Verdict, MoreResultsThanThereIsRoomForStillCount)
{
    lines({kDriver, "VTD-START"});
    for (unsigned i = 0; i < VTD_VERDICT_TESTS; i++)
        vtd_verdict_take(&v, "VTD-TEST copy PASS");
    vtd_verdict_take(&v, "VTD-TEST late FAIL: it did");
    lines({"VTD-END"});
    EXPECT_FALSE(good());
    EXPECT_EQ(v.dropped, 1u);
}

TEST_F(Verdict, LinesOfAnyShapeAreTaken)
{
    const std::string longest(5000, 'x');
    lines({"", "[", "[ 1.0]", "VTD-TEST ", "VTD-TEST  ", "VTD-STATUS ", ("VTD-TEST " + longest).c_str(),
           ("VTD-TEST a FAIL: " + longest).c_str(), ("BUG: " + longest).c_str()});
    EXPECT_EQ(v.failed, 4u);
    EXPECT_EQ(v.complaints, 1u);
}

/* ---------------------------------------------------------------- named runs */

TEST(LinuxRuns, EachDescribesAUnitThatCanBeBuilt)
{
    const vtd_linux_run *run;
    for (unsigned i = 0; (run = vtd_linux_run_at(i)); i++) {
        vtd_sim_assignments a{};
        vtd_sim_config config;
        char why[VTD_WHY_SIZE] = "";
        for (unsigned k = 0; k < VTD_LINUX_SETS && run->set[k]; k++)
            ASSERT_EQ(vtd_sim_assignments_add(&a, run->set[k], why), 0) << why;
        EXPECT_EQ(vtd_sim_assignments_apply(&a, &config, why), 0) << run->name << ": " << why;
        vtd_sim_assignments_free(&a);
        EXPECT_EQ(vtd_linux_run_by_name(run->name), run);
    }
    EXPECT_EQ(vtd_linux_run_by_name("nonsense"), nullptr);
}

TEST(LinuxRuns, TheCommandLineSelectsTheMode)
{
    char text[2048];
    ASSERT_TRUE(vtd_linux_command_line(vtd_linux_run_by_name("legacy"), "copy,huge", "quiet", text, sizeof text));
    EXPECT_NE(strstr(text, " intel_iommu=on,sm_off "), nullptr) << text;
    EXPECT_NE(strstr(text, " vtd.tests=copy,huge "), nullptr) << text;
    EXPECT_STREQ(text + strlen(text) - 6, " quiet");
    ASSERT_TRUE(vtd_linux_command_line(vtd_linux_run_by_name("pt"), "all", nullptr, text, sizeof text));
    EXPECT_NE(strstr(text, " intel_iommu=on,sm_on iommu=pt "), nullptr) << text;
    EXPECT_FALSE(vtd_linux_command_line(vtd_linux_run_by_name("pt"), "all", nullptr, text, 40));
}

/* ---------------------------------------------------------------- the initial file system */

struct Entry {
    unsigned mode, major, minor;
    std::string content;
};

/* Reads the archive by the format's description: "070701", 13 fields of 8 hexadecimal digits, name, content. */
std::vector<std::pair<std::string, Entry>> read_cpio(const std::string &bytes)
{
    std::vector<std::pair<std::string, Entry>> all;
    const auto align = [](size_t at) { return (at + 3) / 4 * 4; };
    for (size_t at = 0; at + 110 <= bytes.size();) {
        EXPECT_EQ(bytes.substr(at, 6), "070701") << at;
        const auto field = [&](unsigned i) { return std::stoul(bytes.substr(at + 6 + 8 * i, 8), nullptr, 16); };
        const size_t size = field(6), name_size = field(11);
        const std::string name = bytes.substr(at + 110, name_size - 1);
        const size_t content = align(at + 110 + name_size);
        all.push_back({name,
                       {static_cast<unsigned>(field(1)), static_cast<unsigned>(field(9)),
                        static_cast<unsigned>(field(10)), bytes.substr(content, size)}});
        if (name == "TRAILER!!!")
            break;
        at = align(content + size);
    }
    return all;
}

TEST(Cpio, HoldsDirectoriesFilesAndDevices)
{
    const std::string path = testing::TempDir() + "qemu_cpio_" + std::to_string(getpid());
    vtd_cpio c{};
    c.file = fopen(path.c_str(), "wb");
    ASSERT_NE(c.file, nullptr);
    vtd_cpio_directory(&c, "dev");
    vtd_cpio_character_device(&c, "dev/console", 5, 1);
    vtd_cpio_bytes(&c, "init", 0755, "hello", 5);
    vtd_cpio_bytes(&c, "empty", 0644, "", 0);
    EXPECT_TRUE(vtd_cpio_end(&c));
    ASSERT_EQ(fclose(c.file), 0);
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    const auto all = read_cpio(text.str());
    ASSERT_EQ(all.size(), 5u);
    EXPECT_EQ(all[0].first, "dev");
    EXPECT_EQ(all[0].second.mode, 0040755u);
    EXPECT_EQ(all[1].second.mode, 0020600u);
    EXPECT_EQ(all[1].second.major, 5u);
    EXPECT_EQ(all[1].second.minor, 1u);
    EXPECT_EQ(all[2].first, "init");
    EXPECT_EQ(all[2].second.mode, 0100755u);
    EXPECT_EQ(all[2].second.content, "hello");
    EXPECT_EQ(all[3].second.content, "");
    EXPECT_EQ(all[4].first, "TRAILER!!!");
    unlink(path.c_str());
}

TEST(Cpio, AFileThatIsNotThereFailsTheArchive)
{
    vtd_cpio c{};
    c.file = fopen("/dev/null", "wb");
    ASSERT_NE(c.file, nullptr);
    EXPECT_FALSE(vtd_cpio_file(&c, "x", 0644, "/nonexistent"));
    EXPECT_FALSE(vtd_cpio_end(&c));
    EXPECT_EQ(c.error, ENOENT);
    fclose(c.file);
}

/* ---------------------------------------------------------------- lines */

void collect(void *opaque, const char *line)
{
    static_cast<std::vector<std::string> *>(opaque)->push_back(line);
}

TEST(Channel, LinesComeWholeAndWithoutControlCharacters)
{
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    auto c = std::make_unique<vtd_qemu_channel>();
    std::vector<std::string> got;
    vtd_qemu_channel_init(c.get(), ends[0]);
    const std::string text = "one\r\ntw\033[1mo\nrest" + std::string(2 * VTD_QEMU_LINE_MAX, 'y');
    ASSERT_EQ(write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    EXPECT_TRUE(vtd_qemu_channel_read(c.get(), collect, &got));
    ASSERT_EQ(got.size(), 4u); /* the line that is too long came in two pieces, its rest is still open */
    EXPECT_EQ(got[0], "one");
    EXPECT_EQ(got[1], "tw?[1mo");
    close(ends[1]);
    EXPECT_FALSE(vtd_qemu_channel_read(c.get(), collect, &got));
    ASSERT_EQ(got.size(), 5u);
    EXPECT_EQ(got[4], "yyyy");
    EXPECT_FALSE(vtd_qemu_channel_send(c.get(), "to nobody\n") && vtd_qemu_channel_send(c.get(), "at all\n") &&
                 c->pending == 0);
    vtd_qemu_channel_fini(c.get());
}

TEST(Channel, AReaderThatDoesNotReadIsAnErrorAndNoWait)
{
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    auto c = std::make_unique<vtd_qemu_channel>();
    vtd_qemu_channel_init(c.get(), ends[0]);
    const std::string line(1000, 'z');
    unsigned sent = 0;
    while (vtd_qemu_channel_send(c.get(), line.c_str()) && sent < 100000)
        sent++;
    EXPECT_LT(sent, 100000u);
    /* Nothing that was accepted is lost. */
    size_t got = 0;
    char bytes[65536];
    for (ssize_t n; vtd_qemu_channel_flush(c.get()) && (n = recv(ends[1], bytes, sizeof bytes, MSG_DONTWAIT)) > 0;)
        got += static_cast<size_t>(n);
    EXPECT_EQ(got, sent * line.size());
    close(ends[1]);
    vtd_qemu_channel_fini(c.get());
}

/* ---------------------------------------------------------------- child processes */

TEST(Child, AProgramThatIsNotThereIsAnError)
{
    char name[] = "/nonexistent/qemu";
    char *argv[] = {name, nullptr};
    vtd_qemu_child child;
    EXPECT_EQ(vtd_qemu_child_start(&child, argv, nullptr, false, 1), -ENOENT);
    EXPECT_EQ(vtd_qemu_child_end(&child), -1);
}

TEST(Child, ItsOutputAndEndAreSeen)
{
    int ends[2];
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    char shell[] = "/bin/sh", option[] = "-c", script[] = "echo $LD_LIBRARY_PATH; exit 3";
    char *argv[] = {shell, option, script, nullptr};
    vtd_qemu_child child;
    ASSERT_EQ(vtd_qemu_child_start(&child, argv, "/some/where", false, ends[1]), 0);
    close(ends[1]);
    pollfd p = {child.pidfd, POLLIN, 0};
    ASSERT_EQ(poll(&p, 1, 30000), 1);
    const int status = vtd_qemu_child_end(&child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 3);
    char text[64] = "";
    EXPECT_GT(read(ends[0], text, sizeof text - 1), 0);
    EXPECT_STREQ(text, "/some/where\n");
    close(ends[0]);
}

TEST(Child, EndKillsWhatStillRuns)
{
    char sleeper[] = "/bin/sleep", time[] = "1000";
    char *argv[] = {sleeper, time, nullptr};
    vtd_qemu_child child;
    ASSERT_EQ(vtd_qemu_child_start(&child, argv, nullptr, false, 1), 0);
    const pid_t pid = child.pid;
    const int status = vtd_qemu_child_end(&child);
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(WTERMSIG(status), SIGKILL);
    EXPECT_EQ(kill(pid, 0), -1);
}

TEST(Child, DiesWithItsParentHoweverThatDies)
{
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t parent = fork();
    if (parent == 0) {
        char sleeper[] = "/bin/sleep", time[] = "1000";
        char *argv[] = {sleeper, time, nullptr};
        vtd_qemu_child child;
        if (vtd_qemu_child_start(&child, argv, nullptr, false, ends[1]) != 0)
            _exit(1);
        raise(SIGKILL);
    }
    close(ends[1]);
    int status;
    ASSERT_EQ(waitpid(parent, &status, 0), parent);
    ASSERT_TRUE(WIFSIGNALED(status));
    /* The other end of the pipe is open as long as anybody lives who has it. */
    pollfd p = {ends[0], POLLIN, 0};
    ASSERT_EQ(poll(&p, 1, 30000), 1);
    EXPECT_TRUE(p.revents & POLLHUP);
    close(ends[0]);
}

} // namespace
