// SPDX-License-Identifier: MIT
// The program with the guest's tests, as far as it can be run without a guest, and the disk that it reads.
extern "C" {
#include "qemu/disk_image.h"
#include "qemu/pattern.h"
}

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace
{

// Output of a command, and its exit status.
std::pair<std::string, int> run(const std::string &command)
{
    std::string text;
    FILE *p = popen((command + " 2>&1").c_str(), "r");
    if (!p)
        return {"", -1};
    for (int c; (c = fgetc(p)) != EOF;)
        text += char(c);
    const int status = pclose(p);
    return {text, WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

std::string read_file(const std::string &path)
{
    std::ifstream in(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
}

const std::string kProgram = std::string(VTD_TEST_BIN_DIR) + "/vtd_guest";

std::vector<std::string> names()
{
    std::vector<std::string> all;
    std::istringstream list(run(kProgram + " list").first);
    for (std::string line; std::getline(list, line);)
        all.push_back(line.substr(0, line.find(' ')));
    return all;
}

TEST(GuestProgram, TestsHaveNamesOfTheirOwnThatTheManualExplains)
{
    const std::string manual = read_file(std::string(VTD_TEST_SOURCE_DIR) + "/docs/02_user/linux-devices.md");
    std::set<std::string> seen;
    for (const std::string &name : names()) {
        EXPECT_TRUE(seen.insert(name).second) << name;
        EXPECT_NE(manual.find("| `" + name + "` |"), std::string::npos) << name << " is not in linux-devices.md";
    }
    EXPECT_GE(seen.size(), 18u);
}

TEST(GuestProgram, WithoutAnEngineTestsFailAndSaySo)
{
    const auto [text, status] = run(kProgram + " run copy two-domains");
    EXPECT_EQ(status, 1);
    EXPECT_EQ(text, "VTD-TEST copy FAIL: there is no DMA engine\nVTD-TEST two-domains FAIL: there is no DMA engine\n");
}

TEST(GuestProgram, UnknownTestsFailAndBadUsageIsTold)
{
    EXPECT_EQ(run(kProgram + " run nothing"),
              (std::pair<std::string, int>{"VTD-TEST nothing FAIL: there is no such test\n", 1}));
    EXPECT_EQ(run(kProgram).second, 2);
    EXPECT_EQ(run(kProgram + " walk copy").second, 2);
}

TEST(DiskImage, HoldsFilesWithTheirPattern)
{
    const std::string path = testing::TempDir() + "vtd_image_" + std::to_string(getpid()), out = path + ".out";
    char why[VTD_DISK_IMAGE_WHY] = "";
    const int error = vtd_disk_image_make(path.c_str(), why);
    if (error == -ENOENT) { // a machine without the program
        EXPECT_STREQ(why, "mke2fs (Debian's e2fsprogs): No such file or directory");
        return;
    }
    ASSERT_EQ(error, 0) << why;
    EXPECT_EQ(read_file(path).size(), 16u << 20);
    EXPECT_NE(access((path + ".d").c_str(), F_OK), 0) << "a directory was left behind";
    for (unsigned i = 1; i <= VTD_PATTERN_FILES; i++) {
        std::string expected(vtd_pattern_sizes[i - 1], 0);
        vtd_pattern_fill(reinterpret_cast<uint8_t *>(&expected[0]), expected.size(), i);
        run("PATH=$PATH:/sbin:/usr/sbin debugfs -R 'dump /file-" + std::to_string(i) + " " + out + "' " + path);
        EXPECT_EQ(read_file(out) == expected, true) << "file-" << i;
    }
    std::remove(path.c_str());
    std::remove(out.c_str());
}

TEST(DiskImage, APlaceThatCannotBeWrittenIsAnError)
{
    char why[VTD_DISK_IMAGE_WHY] = "";
    EXPECT_EQ(vtd_disk_image_make("/nowhere/disk.img", why), -ENOENT);
    EXPECT_NE(std::string(why).find("No such file or directory"), std::string::npos) << why;
}

} // namespace
