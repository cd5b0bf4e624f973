/* SPDX-License-Identifier: MIT */
/*
 * Runs the vtdsim program in a test: exit status, both outputs, JSON results, files of the test's own, and the
 * traces that the project carries.
 */
#ifndef VTD_TEST_PROGRAM_H
#define VTD_TEST_PROGRAM_H

#include <gtest/gtest.h>
#include <jansson.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace program
{

struct Output {
    int status;
    std::string out;
    std::string err;
};

inline std::string read_all(const std::string &path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/* A name for a file that no other test uses. */
inline std::string temp(const std::string &suffix)
{
    static unsigned number = 0;
    return testing::TempDir() + "vtdsim_" + std::to_string(getpid()) + "_" + std::to_string(number++) + suffix;
}

/* A file of the test's own, gone at its end. */
class File
{
  public:
    File(const std::string &suffix, const std::string &content) : path(temp(suffix))
    {
        std::ofstream(path, std::ios::binary) << content;
    }
    ~File()
    {
        std::remove(path.c_str());
    }
    File(const File &) = delete;
    File &operator=(const File &) = delete;

    const std::string path;
};

/* Runs vtdsim with arguments as a shell reads them. */
inline Output vtdsim(const std::string &arguments)
{
    const File out(".out", ""), err(".err", "");
    const std::string command =
        VTD_TEST_BIN_DIR "/vtdsim " + arguments + " >" + out.path + " 2>" + err.path + " </dev/null";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_all(out.path), read_all(err.path)};
}

inline std::string trace(const std::string &name)
{
    return VTD_TEST_SOURCE_DIR "/sim/workload/traces/" + name + ".trace.zst";
}

/* The JSON result of a run. */
class Result
{
  public:
    explicit Result(const std::string &arguments) : output(vtdsim("run --stats json " + arguments))
    {
        json_error_t error;
        root = json_loads(output.out.c_str(), JSON_REJECT_DUPLICATES, &error);
        EXPECT_NE(root, nullptr) << arguments << "\n" << error.text << "\n" << output.err;
        EXPECT_EQ(output.status, 0) << arguments << "\n" << output.err;
    }
    ~Result()
    {
        json_decref(root);
    }
    Result(const Result &) = delete;
    Result &operator=(const Result &) = delete;

    /* A counter; -1 where there is no such integer. */
    long long counter(const char *name) const
    {
        const json_t *value = json_object_get(json_object_get(root, "counters"), name);
        EXPECT_TRUE(json_is_integer(value)) << name;
        return json_is_integer(value) ? json_integer_value(value) : -1;
    }
    double rate(const char *name) const
    {
        const json_t *value = json_object_get(json_object_get(root, "rates"), name);
        EXPECT_TRUE(json_is_number(value)) << name;
        return json_number_value(value);
    }
    std::string text(const char *name) const
    {
        const char *value = json_string_value(json_object_get(root, name));
        return value != nullptr ? value : "";
    }

    const Output output;
    json_t *root;
};

} // namespace program

#endif
