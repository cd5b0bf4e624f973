/* SPDX-License-Identifier: MIT */
/*
 * --check as a program: what it reports of each sample scenario, forms, suppressions, exit status. Which checks a scenario breaks is
 * said by its own comments and expectations (stale entries that it uses, faults beyond the records, descriptors that are bad).
 */
#include <gtest/gtest.h>
#include <jansson.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

namespace
{

struct Output {
    int status;
    std::string out, err;
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
    return testing::TempDir() + "check_cli_" + testing::UnitTest::GetInstance()->current_test_info()->name() + suffix;
}

Output vtdsim(const std::string &arguments)
{
    const std::string out = temp(".out"), err = temp(".err");
    const int status =
        std::system((VTD_TEST_BIN_DIR "/vtdsim " + arguments + " >" + out + " 2>" + err + " </dev/null").c_str());
    Output o = {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_all(out), read_all(err)};
    std::remove(out.c_str());
    std::remove(err.c_str());
    return o;
}

const std::string kScenarios = VTD_TEST_SOURCE_DIR "/testbenches/scenarios/";
const std::string kStale = kScenarios + "register-invalidation.vtd"; /* uses two stale entries, on purpose */

/* Runs with a form into a file, and reads that back. */
json_t *reports(const std::string &form, const std::string &arguments, int status)
{
    const std::string path = temp(".json");
    const Output o = vtdsim("replay -q --check=" + form + " --check-output " + path + " " + arguments);
    EXPECT_EQ(o.status, status) << arguments << o.err;
    json_error_t error;
    json_t *json = json_load_file(path.c_str(), 0, &error);
    EXPECT_NE(json, nullptr) << arguments << ": " << error.text;
    std::remove(path.c_str());
    return json;
}

const std::string kOverflow = "fault-overflow";
const std::map<std::string, std::set<std::string>> violations = {
    {"ats-0000", {kOverflow}},
    {"execute-requests", {kOverflow}},
    {"faults-regs-0000", {kOverflow}},
    {"fs4-0000", {kOverflow}},
    {"iq-0000", {"queue-error"}},
    {"large-pages", {kOverflow}},
    {"legacy-0000", {kOverflow}},
    {"modes", {kOverflow}},
    {"pasid-walk-0000", {kOverflow}},
    {"permissions-0000", {kOverflow}},
    {"register-invalidation", {"stale-second-stage", "stale-context-entry"}},
    {"register-invalidation-gone", {"stale-second-stage"}},
    {"x2apic", {"gcmd-several-commands"}},
};

TEST(CheckCommand, NamesWhatSampleScenariosBreakAndNothingElse)
{
    unsigned count = 0;
    for (const auto &file : std::filesystem::directory_iterator(kScenarios)) {
        if (file.path().extension() != ".vtd")
            continue;
        const auto known = violations.find(file.path().stem());
        const std::set<std::string> expected = known == violations.end() ? std::set<std::string>{} : known->second;
        json_t *json = reports("json", file.path(), expected.empty() ? 0 : 3);
        std::set<std::string> found;
        const char *name;
        json_t *value;
        json_object_foreach(json_object_get(json, "counts"), name, value) found.insert(name);
        EXPECT_EQ(found, expected) << file.path();
        json_decref(json);
        count++;
    }
    EXPECT_GT(count, violations.size());
}

TEST(CheckCommand, WithoutItAScenarioWithViolationsExitsZero)
{
    const Output o = vtdsim("replay -q " + kStale);
    EXPECT_EQ(o.status, 0);
    EXPECT_EQ(o.err, "");
}

TEST(CheckCommand, WritesTextBelowTheFilesName)
{
    const Output o = vtdsim("replay -q --check " + kScenarios + "example.vtd " + kStale);
    EXPECT_EQ(o.status, 3);
    EXPECT_EQ(o.out, "2 passed, 0 failed\n");
    EXPECT_EQ(o.err.find(kStale + ":\nstale-second-stage: "), 0u) << o.err;
    EXPECT_NE(o.err.find("\n3 violations in all\n"), std::string::npos) << o.err;
}

TEST(CheckCommand, GivesSarifWithRulesAndResults)
{
    json_t *json = reports("sarif", kStale, 3);
    EXPECT_STREQ(json_string_value(json_object_get(json, "version")), "2.1.0");
    json_t *run = json_array_get(json_object_get(json, "runs"), 0);
    json_t *rules = json_object_get(json_object_get(json_object_get(run, "tool"), "driver"), "rules");
    json_t *results = json_object_get(run, "results");
    EXPECT_EQ(json_array_size(results), 3u);
    for (size_t i = 0; i < json_array_size(results); i++) {
        json_t *result = json_array_get(results, i);
        const json_int_t index = json_integer_value(json_object_get(result, "ruleIndex"));
        EXPECT_STREQ(json_string_value(json_object_get(result, "ruleId")),
                     json_string_value(json_object_get(json_array_get(rules, (size_t)index), "id")));
    }
    json_decref(json);
}

TEST(CheckCommand, AFileOfSuppressionsSilences)
{
    const std::string path = temp(".supp");
    std::ofstream(path) << "# known\n\nstale-context-entry\nstale-second-stage:iotlb entry\n";
    EXPECT_EQ(vtdsim("replay -q --check --suppressions " + path + " " + kStale).status, 0);
    std::ofstream(path) << "stale-second-stage:no such text\n*:ss_psc\n";
    json_t *json = reports("json", "--suppressions " + path + " " + kStale, 3);
    EXPECT_EQ(json_integer_value(json_object_get(json, "violations")), 2);
    json_decref(json);
    std::remove(path.c_str());
}

TEST(CheckCommand, ABadFileOfSuppressionsIsNamedWithItsLine)
{
    const std::string path = temp(".supp");
    std::ofstream(path) << "did-zero\nno-such-check\n";
    for (const std::string &command : {"replay --check --suppressions " + path + " " + kStale,
                                       "run -n 100 -w uniform --check --suppressions " + path}) {
        const Output o = vtdsim(command);
        EXPECT_EQ(o.status, 2) << command;
        EXPECT_NE(o.err.find(path + ":2: there is no check 'no-such-check'"), std::string::npos) << o.err;
    }
    std::remove(path.c_str());
    EXPECT_EQ(vtdsim("replay --check --suppressions " + path + " " + kStale).status, 2);
}

TEST(CheckCommand, RefusesWhatItCannotDo)
{
    for (const char *options : {"--check=xml ", "--suppressions x ", "--check-output x ", "--check --dut tlm ",
                                "--check --check-output /no/such/place "})
        EXPECT_EQ(vtdsim("replay " + std::string(options) + kStale).status, 2) << options;
    EXPECT_EQ(vtdsim("replay --check=json " + kStale + " " + kStale).status, 2);
}

TEST(CheckCommand, FailedExpectationsComeBeforeViolations)
{
    const std::string path = temp(".vtd");
    std::ofstream(path) << read_all(kStale) << "\nload 0x1000 8 0x7\n";
    const Output o = vtdsim("replay --check " + path);
    EXPECT_NE(o.status, 0);
    EXPECT_NE(o.status, 3);
    std::remove(path.c_str());
}

TEST(CheckCommand, FindsNothingInRuns)
{
    for (const char *workload : {"churn", "dsa-shared-queue", "mix", "nic-1024-tenants", "nvme", "phases"}) {
        const Output o = vtdsim("run --check -n 20000 --workload " VTD_TEST_SOURCE_DIR "/sim/workload/workloads/" +
                                std::string(workload) + ".yaml");
        EXPECT_EQ(o.status, 0) << workload;
        EXPECT_EQ(o.err, "0 violations\n") << workload;
    }
}

} // namespace
