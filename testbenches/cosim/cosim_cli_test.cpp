// SPDX-License-Identifier: MIT
//
// vtdsim cosim as a user meets it: what it says of a difference, what it leaves, and what it refuses.
#include "sim/program.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace
{

program::Output cosim(const std::string &arguments)
{
    return program::vtdsim("cosim " + arguments);
}

bool is_waveform(const std::string &path)
{
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    return file && file.tellg() > 1000;
}

TEST(CosimCommand, TheSameSeedIsTheSameRun)
{
    const program::Output a = cosim("--seed 5 --requests 500"), b = cosim("--seed 5 --requests 500");
    EXPECT_EQ(a.status, 0) << a.out;
    EXPECT_EQ(a.out, b.out);
    EXPECT_NE(a.out.find("the same: "), std::string::npos) << a.out;
    EXPECT_NE(cosim("--seed 6 --requests 500").out, a.out);
}

TEST(CosimCommand, AWaveformOfTheWholeRunIsLeftOnRequest)
{
    const std::string path = testing::TempDir() + "cosim_whole.fst";
    EXPECT_EQ(cosim("--requests 100 --walkers 4 --trace " + path).status, 0);
    EXPECT_TRUE(is_waveform(path));
}

TEST(CosimCommand, ADifferenceIsNamedWithItsReplayAndLeavesAWaveform)
{
    const std::string path = testing::TempDir() + "cosim_difference.fst";
    const program::Output o = cosim("--seed 3 --requests 100000 --latency 5 --plant 10 --trace " + path);
    EXPECT_EQ(o.status, 1) << o.out;
    EXPECT_NE(o.out.find("\n  model: "), std::string::npos) << o.out;
    EXPECT_NE(o.out.find("\n  RTL:   "), std::string::npos) << o.out;
    EXPECT_NE(o.out.find("queue engine "), std::string::npos) << o.out;
    EXPECT_NE(o.out.find("again: vtdsim cosim --seed 3 --requests 100000 --walkers 1 --latency 5\n"), std::string::npos)
        << o.out;
    EXPECT_TRUE(is_waveform(path));
}

// The errors of the mean latency, in percent, one for each line.
std::vector<double> errors_of(const std::string &table)
{
    std::vector<double> errors;
    std::istringstream lines(table);
    std::string line, name;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        std::istringstream fields(line);
        double requests = 0, rtl = 0, model = 0, error = 0, percent = 100;
        fields >> name >> requests >> rtl >> model >> error >> percent;
        EXPECT_GT(requests, 0) << line;
        EXPECT_GT(rtl, 1) << line;
        errors.push_back(percent);
    }
    return errors;
}

TEST(CosimCommand, LatenciesOfTheModelAreWithinTenPercentOfTheRtl)
{
    const std::string trace = " " VTD_TEST_SOURCE_DIR "/sim/workload/traces/nvme4-tenants-strict.trace.zst";
    for (const char *load : {"--walkers 1", "--walkers 4 --interval 10", "--walkers 4 --interval 25"}) {
        const program::Output o = cosim(std::string("--calibrate --latency 30 --requests 1500 ") + load + trace);
        ASSERT_EQ(o.status, 0) << o.err;
        const std::vector<double> errors = errors_of(o.out);
        ASSERT_EQ(errors.size(), 2u) << o.out;
        for (const double percent : errors)
            EXPECT_LT(percent, 10) << o.out;
    }
}

TEST(CosimCommand, WhatIsNotBuiltIsAnError)
{
    EXPECT_EQ(cosim("--walkers 2").status, 2);
    EXPECT_EQ(cosim("--requests none").status, 2);
    EXPECT_EQ(cosim("--requests 0").status, 2);
    EXPECT_EQ(cosim("--interval 5").status, 2);
    EXPECT_EQ(cosim("--calibrate --requests 10 /nonexistent.trace").status, 2);
    EXPECT_EQ(cosim("--requests 10 --trace /nonexistent/x.fst").status, 2);
}

} // namespace
