// SPDX-License-Identifier: MIT
//
// vtdsim cosim as a user meets it: what it says of a difference, what it leaves, and what it refuses.
#include "sim/program.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

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

TEST(CosimCommand, WhatIsNotBuiltIsAnError)
{
    EXPECT_EQ(cosim("--walkers 2").status, 2);
    EXPECT_EQ(cosim("--requests none").status, 2);
    EXPECT_EQ(cosim("--requests 0").status, 2);
    EXPECT_EQ(cosim("--requests 10 --trace /nonexistent/x.fst").status, 2);
}

} // namespace
