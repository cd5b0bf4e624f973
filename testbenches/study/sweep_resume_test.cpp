/* SPDX-License-Identifier: MIT */
/* vtdsim sweep and merge: nothing that is finished is lost, and nothing that is not counts as finished. */
#include "sweep_rig.h"

using program::vtdsim;
using sweep::Background;
using sweep::eventually;
using sweep::Json;
using sweep::Lines;
using sweep::Name;

namespace
{

/* Twelve short points. */
const std::string axes = "--over iotlb.entries=8..256*2 --over tenants=2,16 ";
const std::string base = " -- -w zipf:pages=512 -n 2000";

std::string of_points(const Name &out)
{
    return axes + "-o " + out.path + base;
}

/* The file of an uninterrupted sweep. */
const std::vector<std::string> &whole()
{
    static const std::vector<std::string> lines = [] {
        const Name out(".jsonl");
        EXPECT_EQ(sweep::run(of_points(out)).status, 0);
        return Lines(out.path).sorted();
    }();
    return lines;
}

std::string joined(const std::vector<std::string> &lines, size_t count)
{
    std::string text;
    for (size_t i = 0; i < count; i++)
        text += lines[i] + "\n";
    return text;
}

/* A sweep whose first point is short, and the second has no end for a test. */
std::vector<std::string> endless(const Name &out)
{
    return {"sweep", "--over", "requests=1000,1000000000000", "-j", "2", "-o", out.path, "--", "-w", "uniform"};
}

} // namespace

TEST(SweepResume, KilledSweepGoesOnAndIsTheSameInTheEnd)
{
    const Name out(".jsonl"), straight(".jsonl");
    const std::vector<std::string> words = {"sweep", "--over", "seed=1..30", "-j", "2",
                                            "--",    "-w",     "uniform",    "-n", "100000"};
    auto with = [&](const Name &name) {
        auto copy = words;
        copy.insert(copy.begin() + 1, {"-o", name.path});
        return copy;
    };
    {
        Background first(with(out));
        ASSERT_TRUE(eventually([&] { return Lines(out.path).rows() >= 3; })) << program::read_all(first.err.path);
        first.end(SIGKILL);
    }
    const size_t kept = Lines(out.path).rows();
    EXPECT_GE(kept, 3u);
    Background second(with(out));
    ASSERT_EQ(second.wait(), 0) << program::read_all(second.err.path);
    EXPECT_NE(program::read_all(second.err.path).find(std::to_string(kept) + " of 30 points are there already"),
              std::string::npos);
    ASSERT_EQ(Background(with(straight)).wait(), 0);
    EXPECT_EQ(Lines(out.path).rows(), 30u);
    EXPECT_EQ(Lines(out.path).sorted(), Lines(straight.path).sorted());
}

TEST(SweepResume, TornLastLineIsCutOff)
{
    const auto &lines = whole();
    const std::string five = joined(lines, 6), row = lines[6] + "\n";
    for (const size_t torn : {size_t(1), row.size() / 2, row.size() - 1}) {
        const Name out(".jsonl");
        /* The header sorts last ('v' behind 'i'), and stands first. */
        out.write(lines.back() + "\n" + five + row.substr(0, torn));
        const auto sweep = sweep::run(of_points(out));
        ASSERT_EQ(sweep.status, 0) << sweep.err;
        EXPECT_NE(sweep.err.find("its " + std::to_string(torn) + " bytes are cut off"), std::string::npos) << sweep.err;
        EXPECT_NE(sweep.err.find("6 of 12 points are there already"), std::string::npos) << sweep.err;
        EXPECT_EQ(Lines(out.path).sorted(), lines);
    }
}

TEST(SweepResume, TornHeaderIsBegunAnew)
{
    const auto &lines = whole();
    for (const size_t torn : {size_t(0), size_t(1), lines.back().size()}) {
        const Name out(".jsonl");
        out.write(lines.back().substr(0, torn));
        const auto sweep = sweep::run(of_points(out));
        ASSERT_EQ(sweep.status, 0) << sweep.err;
        EXPECT_EQ(Lines(out.path).sorted(), lines);
    }
}

TEST(SweepResume, RowsWithErrorsAreTriedAgain)
{
    const auto &lines = whole();
    const Name out(".jsonl");
    std::string failed =
        lines[3].substr(0, lines[3].find("\"result\"")) + "\"error\":\"killed by signal 9 (Killed)\"}\n";
    out.write(lines.back() + "\n" + joined(lines, 3) + failed + lines[4] + "\n");
    const auto sweep = sweep::run(of_points(out));
    ASSERT_EQ(sweep.status, 0) << sweep.err;
    EXPECT_NE(sweep.err.find("4 of 12 points are there already"), std::string::npos) << sweep.err;
    EXPECT_EQ(Lines(out.path).sorted(), lines);
}

TEST(SweepResume, FileOfSomethingElseIsLeftAlone)
{
    const auto &lines = whole();
    const Name out(".jsonl");
    const struct {
        std::string content, message;
    } cases[] = {
        {"precious\n", "is not the result of a sweep"},
        {"precious", "is not the result of a sweep"},
        {lines.back() + "\n" + "garbage\n" + lines[0] + "\n", ":2: this is not a row of a sweep"},
        {lines.back() + "\n" + "{\"index\":12,\"point\":{},\"command\":\"\",\"result\":{}}\n",
         ":2: the sweep has no point"},
        {lines.back() + "\n" + "{\"index\":1,\"point\":{},\"command\":\"\",\"result\":{}}\n",
         ":2: this is no row of this sweep"},
    };
    for (const auto &c : cases) {
        out.write(c.content);
        const auto sweep = sweep::run(of_points(out));
        EXPECT_EQ(sweep.status, 2) << c.content;
        EXPECT_NE(sweep.err.find(c.message), std::string::npos) << sweep.err;
        EXPECT_EQ(program::read_all(out.path), c.content);
    }
    EXPECT_EQ(sweep::run("--restart " + of_points(out)).status, 0);
    EXPECT_EQ(Lines(out.path).sorted(), lines);
}

TEST(SweepResume, AnotherSweepIsRefusedAndSaysWhatDiffers)
{
    const Name out(".jsonl");
    const program::File config(".yaml", "iotlb: {order: first}\n");
    const std::string common = "-o " + out.path + " ", with_config = " -- -w uniform -n 1000 -c " + config.path;
    ASSERT_EQ(sweep::run(common + "--over tenants=2,4" + with_config).status, 0);
    const std::string before = program::read_all(out.path);
    const struct {
        std::string arguments, message;
    } cases[] = {
        {"--over tenants=2,4,8" + with_config, "values of tenants: [\"2\",\"4\"]"},
        {"--over seed=2,4" + with_config, "axis 1: tenants"},
        {"--over tenants=2,4 --over seed=1" + with_config, "axis 2: none"},
        {"--over tenants=2,4" + with_config + " --tenant-id sid", "base: "},
        {"--shard 1/2 --over tenants=2,4" + with_config, "this file is of shard 1/1, not of 1/2"},
    };
    for (const auto &c : cases) {
        const auto sweep = sweep::run(common + c.arguments);
        EXPECT_EQ(sweep.status, 2) << c.arguments;
        EXPECT_NE(sweep.err.find(c.message), std::string::npos) << sweep.err;
    }
    std::ofstream(config.path) << "iotlb: {order: after-pasid}\n";
    const auto sweep = sweep::run(common + "--over tenants=2,4" + with_config);
    EXPECT_EQ(sweep.status, 2);
    EXPECT_NE(sweep.err.find("what is in a configuration file"), std::string::npos) << sweep.err;
    EXPECT_EQ(program::read_all(out.path), before);
}

TEST(SweepResume, FullDiskKeepsFinishedRows)
{
    const auto &lines = whole();
    const Name out(".jsonl");
    /* 32 blocks of 512 bytes, which the header and some rows of at least 2 KB fit into. */
    const std::string command =
        "ulimit -f 32; " VTD_TEST_BIN_DIR "/vtdsim sweep " + of_points(out) + " 2>" + out.path + ".err";
    const int status = std::system(command.c_str());
    EXPECT_EQ(WEXITSTATUS(status), 2);
    const std::string err = program::read_all(out.path + ".err");
    std::remove((out.path + ".err").c_str());
    EXPECT_NE(err.find(out.path + ": cannot be written: File too large"), std::string::npos) << err;
    const Lines kept(out.path);
    EXPECT_EQ(kept.torn, 0u);
    EXPECT_GE(kept.rows(), 1u);
    EXPECT_LT(kept.rows(), 12u);
    ASSERT_EQ(sweep::run(of_points(out)).status, 0);
    EXPECT_EQ(Lines(out.path).sorted(), lines);
}

/* ---------------------------------------------------------------- processes */

TEST(SweepProcesses, ADeadWorkerIsAnErrorRowAndNotTheEnd)
{
    const Name out(".jsonl");
    Background sweep(endless(out));
    ASSERT_TRUE(eventually([&] { return Lines(out.path).rows() == 1 && sweep.children().size() == 1; }));
    kill(sweep.children().at(0), SIGKILL);
    EXPECT_EQ(sweep.wait(), 1);
    const Lines lines(out.path);
    ASSERT_EQ(lines.rows(), 2u);
    const Json row = sweep::parse(lines.line[2]);
    EXPECT_EQ(sweep::text(row.get(), "error"), "killed by signal 9 (Killed)");
    EXPECT_EQ(json_object_get(row.get(), "result"), nullptr);
    EXPECT_EQ(sweep::text(row.get(), "command"), "vtdsim run -w uniform --requests=1000000000000");
    const std::string err = program::read_all(sweep.err.path);
    EXPECT_NE(err.find("point 1 (requests=1000000000000): killed by signal 9"), std::string::npos) << err;
    EXPECT_NE(err.find("1 points have an error"), std::string::npos) << err;
}

TEST(SweepProcesses, SignalsEndItWithAWholeFileAndWithoutWorkers)
{
    for (const int signal : {SIGINT, SIGTERM}) {
        const Name out(".jsonl");
        Background sweep(endless(out));
        ASSERT_TRUE(eventually([&] { return Lines(out.path).rows() == 1 && sweep.children().size() == 1; }));
        const pid_t worker = sweep.children().at(0);
        EXPECT_EQ(sweep.end(signal), 128 + signal);
        EXPECT_EQ(kill(worker, 0), -1) << "the worker is still there";
        const Lines lines(out.path);
        EXPECT_EQ(lines.rows(), 1u);
        EXPECT_EQ(lines.torn, 0u);
    }
}

TEST(SweepProcesses, WorkersDieWithASweepThatIsKilled)
{
    const Name out(".jsonl");
    Background sweep(endless(out));
    ASSERT_TRUE(eventually([&] { return Lines(out.path).rows() == 1 && sweep.children().size() == 1; }));
    const pid_t worker = sweep.children().at(0);
    EXPECT_EQ(sweep.end(SIGKILL), -SIGKILL);
    EXPECT_TRUE(eventually([&] { return program::read_all("/proc/" + std::to_string(worker) + "/cmdline").empty(); }));
}

TEST(SweepProcesses, TwoSweepsDoNotShareAFile)
{
    const Name out(".jsonl");
    Background first(endless(out));
    ASSERT_TRUE(eventually([&] { return Lines(out.path).rows() == 1; }));
    Background second(endless(out));
    EXPECT_EQ(second.wait(), 2);
    const std::string err = program::read_all(second.err.path);
    EXPECT_NE(err.find("another sweep is writing it"), std::string::npos) << err;
}

/* ---------------------------------------------------------------- shards and merging */

TEST(SweepMerge, ShardsTogetherAreTheWhole)
{
    const Name a(".jsonl"), b(".jsonl"), c(".jsonl"), straight(".jsonl"), merged(".jsonl"), sorted(".jsonl");
    ASSERT_EQ(sweep::run("--shard 1/3 " + of_points(a)).status, 0);
    ASSERT_EQ(sweep::run("--shard 2/3 " + of_points(b)).status, 0);
    ASSERT_EQ(sweep::run("--shard 3/3 " + of_points(c)).status, 0);
    ASSERT_EQ(sweep::run(of_points(straight)).status, 0);
    for (const Name *shard : {&a, &b, &c})
        EXPECT_EQ(Lines(shard->path).rows(), 4u);
    /* A shard that is given twice has equal rows. */
    const auto merge = vtdsim("merge " + c.path + " " + a.path + " " + b.path + " " + a.path + " -o " + merged.path);
    ASSERT_EQ(merge.status, 0) << merge.err;
    ASSERT_EQ(vtdsim("merge " + straight.path + " -o " + sorted.path).status, 0);
    EXPECT_EQ(program::read_all(merged.path), program::read_all(sorted.path));
    EXPECT_EQ(Lines(merged.path).sorted(), whole());
    for (size_t i = 0; i < 12; i++)
        EXPECT_EQ(Lines(merged.path).line[i + 1].rfind("{\"index\":" + std::to_string(i) + ",", 0), 0u);
    EXPECT_EQ(vtdsim("merge " + straight.path).out, program::read_all(sorted.path)) << "to standard output";
    /* The whole can be gone on with from the merged file. */
    EXPECT_EQ(sweep::run(of_points(merged)).status, 0);
    EXPECT_EQ(Lines(merged.path).rows(), 12u);
}

TEST(SweepMerge, MissingPointsAreListedAndNeedPartial)
{
    const Name a(".jsonl"), merged(".jsonl");
    ASSERT_EQ(sweep::run("--shard 2/3 " + of_points(a)).status, 0);
    const auto refused = vtdsim("merge " + a.path + " -o " + merged.path);
    EXPECT_EQ(refused.status, 1);
    EXPECT_NE(refused.err.find("8 of 12 points are missing: 0, 2-3, 5-6, 8-9, 11\n"), std::string::npos) << refused.err;
    EXPECT_FALSE(merged.exists());
    EXPECT_EQ(vtdsim("merge --partial " + a.path + " -o " + merged.path).status, 0);
    EXPECT_EQ(Lines(merged.path).rows(), 4u);
}

TEST(SweepMerge, ContradictionsAreErrors)
{
    const auto &lines = whole();
    const Name a(".jsonl"), b(".jsonl"), merged(".jsonl");
    std::string other = lines[0];
    const size_t at = other.find("\"requests\":2000");
    ASSERT_NE(at, std::string::npos);
    other.replace(at, 15, "\"requests\":2001");
    a.write(lines.back() + "\n" + joined(lines, 12));
    b.write(lines.back() + "\n" + other + "\n");
    const auto different = vtdsim("merge " + a.path + " " + b.path + " -o " + merged.path);
    EXPECT_EQ(different.status, 2);
    EXPECT_NE(different.err.find("point 0 has different results in " + a.path), std::string::npos) << different.err;
    ASSERT_EQ(sweep::run("--restart -o " + b.path + " --over tenants=2,16" + base).status, 0);
    const auto foreign = vtdsim("merge " + a.path + " " + b.path + " -o " + merged.path);
    EXPECT_EQ(foreign.status, 2);
    EXPECT_NE(foreign.err.find("not the same sweep: axis 1: iotlb.entries"), std::string::npos) << foreign.err;
    EXPECT_EQ(vtdsim("merge /nonexistent/file").status, 2);
    b.write("");
    EXPECT_EQ(vtdsim("merge " + a.path + " " + b.path).status, 2);
    EXPECT_FALSE(merged.exists());
}

TEST(SweepMerge, AResultTakesThePlaceOfAnError)
{
    const auto &lines = whole();
    const Name a(".jsonl"), b(".jsonl"), merged(".jsonl");
    std::string failed = lines[0].substr(0, lines[0].find("\"result\"")) + "\"error\":\"out of memory\"}\n";
    a.write(lines.back() + "\n" + failed);
    b.write(lines.back() + "\n" + joined(lines, 12) + lines[0].substr(0, 20));
    EXPECT_EQ(vtdsim("merge " + a.path + " --partial").out, lines.back() + "\n" + failed);
    const auto merge = vtdsim("merge " + a.path + " " + b.path + " -o " + merged.path);
    EXPECT_EQ(merge.status, 0) << merge.err;
    EXPECT_NE(merge.err.find(b.path + ": the last row is not finished"), std::string::npos) << merge.err;
    EXPECT_EQ(Lines(merged.path).sorted(), lines);
}

TEST(SweepMerge, AFailedPointIsEmptyInCsv)
{
    const auto &lines = whole();
    const Name a(".jsonl"), csv(".csv");
    a.write(lines.back() + "\n" + lines[1] + "\n" + lines[0].substr(0, lines[0].find("\"result\"")) +
            "\"error\":\"a, \\\"b\\\"\"}\n");
    ASSERT_EQ(vtdsim("merge --partial " + a.path + " -o " + csv.path).status, 0);
    const Lines table(csv.path);
    ASSERT_EQ(table.line.size(), 3u);
    EXPECT_EQ(std::count(table.line[0].begin(), table.line[0].end(), ','),
              std::count(table.line[2].begin(), table.line[2].end(), ','));
    EXPECT_EQ(table.line[1].rfind("0,8,2,,,", 0), 0u) << table.line[1];
    EXPECT_NE(table.line[1].find(",\"a, \"\"b\"\"\",vtdsim run "), std::string::npos) << table.line[1];
}
