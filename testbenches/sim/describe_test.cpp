/* SPDX-License-Identifier: MIT */
/* The language of workload files: what is refused, by which line and word; short words; and the command line. */
#include "described.h"

using program::File;
using program::vtdsim;
using rig::Described;

namespace
{

struct Wrong {
    const char *text;
    unsigned line;
    const char *says;
};

class WrongFile : public testing::TestWithParam<Wrong>
{
};

TEST_P(WrongFile, IsRefusedByFileLineAndWord)
{
    const Described w(GetParam().text);
    EXPECT_EQ(w.status, -1) << GetParam().text;
    const std::string why = w.why, place = w.file.path + ":" + std::to_string(GetParam().line) + ": ";
    EXPECT_EQ(why.find(place), 0u) << why;
    EXPECT_NE(why.find(GetParam().says), std::string::npos) << why;
}

INSTANTIATE_TEST_SUITE_P(
    Files, WrongFile,
    testing::Values(Wrong{"pattern: zipf\npagse: 7\n", 2, "unknown key 'pagse' of pattern; the nearest one is 'pages'"},
                    Wrong{"mix:\n- pattern: uniform\n  wieght: 2\n", 3, "nearest one is 'weight'"},
                    Wrong{"tenants: 4\nof:\n  ring: 8\n  dsa: 8\n", 4, "dsa"}, Wrong{"tenants: 4\n", 1, "of"},
                    Wrong{"tenants: 4\nchurm: 4\n", 2, "'churn'"}, Wrong{"pages: 7\n", 1, "no kind"},
                    Wrong{"pattern: zipf\npages: 0\n", 2, "pages: '0' is not a number from 1 to 16777216"},
                    Wrong{"pattern: zipf\ns: nan\n", 2, "s: 'nan' is not a number from 0 to 10"},
                    Wrong{"pattern: zapf\n", 1, "'zapf' is none of uniform, sequential, stride, zipf"},
                    Wrong{"pattern: zipf\npages: 7\npages: 8\n", 3, "stands twice: pages"},
                    Wrong{"pattern: uniform\ns: 1\n", 1, "s says nothing without pattern: zipf"},
                    Wrong{"pattern: uniform\nunmap-batch: 1\n", 1, "unmap-batch"},
                    Wrong{"pattern: uniform\nweight: 1\n", 2, "is for members of mix"},
                    Wrong{"mix:\n- {ring: 4, requests: 3}\n", 2, "is for members of phases"},
                    Wrong{"mix:\n- {ring: 4, weight: -1}\n", 2, "weight"},
                    Wrong{"mix:\n- {ring: 4, weight: 0}\n", 1, "weights"}, Wrong{"mix: []\n", 1, "list of parts"},
                    Wrong{"mix:\n  ring: 4\n", 2, "list of parts"}, Wrong{"mix:\n- 7\n", 2, "want a map"},
                    Wrong{"mix:\n- {ring: 4, rate: 1e6}\n- {ring: 4}\n", 1, "some members have a rate"},
                    Wrong{"mix:\n- {ring: 4, rate: 1e6, weight: 2}\n", 1, "no weight"},
                    Wrong{"phases:\n- {ring: 4, requests: 3}\n- {ring: 4}\n", 1, "phase 2 lacks the key requests"},
                    Wrong{"rate: 1e6\nmix:\n- {ring: 4, rate: 1e6}\n", 1, "has times already"},
                    Wrong{"tenants: 3\nof: {ring: 4, rate: 1e6}\n", 1, "rate of all"},
                    Wrong{"ring: 4\narrivals: poisson\n", 1, "arrivals says nothing without rate"},
                    Wrong{"ring: 4\nrate: 0\n", 2, "rate: '0'"},
                    Wrong{"tenants: 3\nof: {tenants: 3, of: {ring: 4}}\n", 1, "PASIDs already"},
                    Wrong{"tenants: 1048575\nfirst-pasid: 2\nof: {ring: 4}\n", 1, "more tenants than PASIDs"},
                    Wrong{"tenants: 40000\nid: sid\nof: {mix: [{ring: 4}, {ring: 4, sid: '01:00.0'}]}\n", 1,
                          "source-ids"},
                    Wrong{"tenants: 4\npasid-pool: 9\nof: {ring: 4}\n", 1, "churn"},
                    Wrong{"tenants: 4\nchurn: 5\nchurn-pasid: next\npasid-pool: 4\nof: {ring: 4}\n", 1, "pasid-pool"},
                    Wrong{"tenants: 1000000\nof: {tenants: 65536, id: sid, of: {ring: 4}}\n", 1, "4 GiB"},
                    Wrong{"ring: 4\npages: 7\nbuffer-pages: 2\n", 1, "multiple of buffer-pages"},
                    Wrong{"ring: 4\ndescriptor: 24\n", 1, "powers of two"},
                    Wrong{"dsa: 4\nfirst: 0x800\n", 1, "0x800 is no multiple of 4096"},
                    Wrong{"pattern: uniform\npages: 0x200000\nfirst: 0x10000000\n", 1, "interrupt range"},
                    Wrong{"pattern: uniform\nfirst: 0x7fffffff0000\n", 1, "beyond"},
                    Wrong{"trace: /nonexistent/t.trace\n", 1, "/nonexistent/t.trace is no file"},
                    Wrong{"trace: /dev/zero\n", 1, "is no file"}, Wrong{"ring: 4\nsid: '1:0'\n", 2, "source-id"},
                    Wrong{"ring: [4]\n", 1, "not a list"}, Wrong{"ring: {a: 4}\n", 1, "not a list or map"},
                    Wrong{"? [a]\n: 4\n", 1, "want a word"}, Wrong{"ring: \"4\\0\"\n", 1, "NUL"},
                    Wrong{"ring: 4\n]: 3\n", 2, ""}, Wrong{"ring: 4\n\tpages: 4\n", 2, ""},
                    Wrong{"ring: 4\n---\nring: 5\n", 2, "second document"}, Wrong{"- ring: 4\n", 1, "want a map"}));

TEST(WrongFiles, OfOtherKindsAreRefused)
{
    EXPECT_EQ(Described("").status, -1);
    EXPECT_EQ(Described("# nothing\n").status, -1);
    std::string deep = "{ring: 4}";
    for (int i = 0; i < 8; i++)
        deep = "{mix: [" + deep + "]}";
    EXPECT_EQ(Described(deep).status, -1) << "nested too deeply";
    std::string many = "mix:\n";
    for (int i = 0; i < 65; i++)
        many += "- {ring: 4}\n";
    EXPECT_EQ(Described(many).status, -1) << "more than 64";
    const std::string nest(500000, '[');
    EXPECT_EQ(Described(nest).status, -1);
    EXPECT_EQ(Described("mix: &m [{mix: *m}]\n").status, -1) << "a list that holds itself";
    EXPECT_EQ(Described("ring: 4\n" + std::string(1 << 20, '#')).status, -1) << "too large";
    EXPECT_EQ(vtdsim("run --workload /nonexistent/w.yaml").status, 2);
    EXPECT_EQ(vtdsim("mrc --workload /tmp.yaml").status, 2);
}

TEST(ShortWords, DescribeRingsAndAccelerators)
{
    const rig::Synthetic word("ring:64,writes=0,unmap=strict", 3);
    const Described file("{ring: 64, writes: 0, unmap: strict}", 3);
    const std::vector<vtd_record> a = rig::Tenants(word.workload, 1).take(500), b = file.take(500);
    for (size_t i = 0; i < 500; i++) {
        ASSERT_EQ(a[i].iova, b[i].iova);
        ASSERT_EQ(a[i].kind, b[i].kind);
    }
    char why[VTD_WHY_SIZE];
    for (const char *wrong : {"ring", "ring:", "ring:0", "ring:writes=0", "dsa:7,weight=3", "dsa:7,rate=3", "dsa:7,x=3",
                              "ring:7,=3", "ring:7,unmap-batch=3"}) {
        vtd_workload w;
        EXPECT_EQ(vtd_workload_open_spec(&w, wrong, 1, why), -1) << wrong;
    }
}

TEST(DescribedOnTheCommandLine, RunMrcAndConvertTakeTheSameStream)
{
    const File yaml(".yaml", "{tenants: 100, interleave: 'zipf:1', of: {ring: 16, unmap: strict}}");
    const File trace(".vtdtrace", "");
    ASSERT_EQ(vtdsim("trace convert --seed 9 -w " + yaml.path + " -n 30000 " + trace.path).status, 0);
    const program::Result run("--seed 9 -w " + yaml.path + " -n 30000"), replay("--trace " + trace.path);
    for (const char *counter : {"requests", "faults", "iotlb_hit", "pasid_cache_hit", "memory_reads"})
        EXPECT_EQ(run.counter(counter), replay.counter(counter)) << counter;
    const auto curve = vtdsim("mrc --seed 9 --stats csv -w " + yaml.path + " -n 30000"),
               again = vtdsim("mrc --stats csv --trace " + trace.path);
    EXPECT_EQ(curve.status, 0) << curve.err;
    EXPECT_EQ(curve.out, again.out);
    EXPECT_EQ(vtdsim("trace convert -n 5 " + trace.path + " -").status, 2) << "-n belongs to --workload";
    EXPECT_EQ(vtdsim("trace convert -w " + yaml.path + " a b").status, 2) << "one file is enough";
}

TEST(DescribedOnTheCommandLine, TimedRunsGoByTheRate)
{
    /* 10,000 requests, one in 200 ns: the last one comes after 2 ms. */
    const File yaml(".yaml", "{pattern: sequential, pages: 16, rate: 5e6}"), none(".yaml", "{pattern: sequential}");
    const File trace(".trace", "");
    ASSERT_EQ(vtdsim("trace convert -w " + yaml.path + " -n 10000 -o " + trace.path).status, 0);
    const std::string text = program::read_all(trace.path);
    EXPECT_EQ(text.substr(0, text.find(' ')), "0.0002");
    EXPECT_EQ(text.substr(text.rfind('\n', text.size() - 2) + 1).substr(0, 2), "2 ");
    const program::Result run("--arrivals trace -n 10000 -w " + yaml.path),
        replay("--arrivals trace --trace " + trace.path);
    json_t *times[] = {json_object_get(run.root, "timing"), json_object_get(replay.root, "timing")};
    ASSERT_NE(times[0], nullptr);
    EXPECT_TRUE(json_equal(times[0], times[1]));
    const auto refused = vtdsim("run --arrivals trace -n 10 -w " + none.path);
    EXPECT_EQ(refused.status, 2);
    EXPECT_NE(refused.err.find("no times"), std::string::npos) << refused.err;
    EXPECT_EQ(vtdsim("run --arrivals trace -n 10 -w uniform").status, 2);
}

TEST(DescribedOnTheCommandLine, TheResultSaysHowPasidsAreTranslated)
{
    const File pasids(".yaml", "{tenants: 3, of: {ring: 4}}"), none(".yaml", "{ring: 4}");
    const auto pgtt = [](const std::string &arguments) {
        const program::Result r("-n 100 " + arguments);
        return std::string(json_string_value(json_object_get(json_object_get(r.root, "workload"), "pgtt")));
    };
    EXPECT_EQ(pgtt("-w " + pasids.path), "first-stage");
    EXPECT_EQ(pgtt("-w " + none.path), "second-stage");
    EXPECT_EQ(pgtt("--tenants 2 -w " + none.path), "first-stage");
    EXPECT_EQ(pgtt("--tenants 2 --tenant-id sid -w " + none.path), "second-stage");
    EXPECT_EQ(pgtt("--tenants 2 --tenant-id sid -w " + pasids.path), "first-stage");
}

} // namespace
