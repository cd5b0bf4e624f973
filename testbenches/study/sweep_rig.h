/* SPDX-License-Identifier: MIT */
/* Sweeps in tests: files of results as lines and as JSON, and sweeps that run beside the test. */
#ifndef VTD_TEST_SWEEP_RIG_H
#define VTD_TEST_SWEEP_RIG_H

#include "../sim/program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>
#include <vector>

namespace sweep
{

/* Without a type of its own, GCC warns about the attributes of json_decref. */
struct Release {
    void operator()(json_t *value) const
    {
        json_decref(value);
    }
};
using Json = std::unique_ptr<json_t, Release>;

inline Json parse(const std::string &text)
{
    return Json(json_loads(text.c_str(), JSON_REJECT_DUPLICATES, nullptr));
}

inline std::string text(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value != nullptr ? value : "";
}

/* Whole lines of a file; what stands behind the last one is lost, and is counted as torn. */
struct Lines {
    explicit Lines(const std::string &path)
    {
        std::string rest = program::read_all(path);
        for (size_t end; (end = rest.find('\n')) != std::string::npos; rest.erase(0, end + 1))
            line.push_back(rest.substr(0, end));
        torn = rest.size();
    }
    size_t rows() const
    {
        return line.empty() ? 0 : line.size() - 1;
    }
    std::vector<std::string> sorted() const
    {
        std::vector<std::string> copy = line;
        std::sort(copy.begin(), copy.end());
        return copy;
    }

    std::vector<std::string> line;
    size_t torn;
};

/* The name of a file that is not there, and is gone at the end of the test, with what is made beside it. */
class Name
{
  public:
    explicit Name(const std::string &suffix) : path(program::temp(suffix)) {}
    ~Name()
    {
        std::remove(path.c_str());
        std::remove((path + ".new").c_str());
    }
    Name(const Name &) = delete;
    Name &operator=(const Name &) = delete;

    bool exists() const
    {
        return std::filesystem::exists(path);
    }
    void write(const std::string &content) const
    {
        std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
    }

    const std::string path;
};

/* vtdsim with words, beside the test. */
class Background
{
  public:
    explicit Background(std::vector<std::string> words) : err(".err")
    {
        std::vector<char *> argv;
        words.insert(words.begin(), "vtdsim");
        for (std::string &word : words)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        pid = fork();
        if (pid == 0) {
            dup2(open(err.path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
            execv(VTD_TEST_BIN_DIR "/vtdsim", argv.data());
            _exit(127);
        }
    }
    ~Background()
    {
        if (pid > 0) {
            kill(pid, SIGKILL);
            waitpid(pid, nullptr, 0);
        }
    }
    Background(const Background &) = delete;
    Background &operator=(const Background &) = delete;

    /* Waits for its end. Returns the exit status, or -N after signal N. */
    int wait()
    {
        int status = 0;
        waitpid(pid, &status, 0);
        pid = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    int end(int signal)
    {
        kill(pid, signal);
        return wait();
    }

    /* Processes that it has started, and that are still there. */
    std::vector<pid_t> children() const
    {
        std::vector<pid_t> list;
        std::error_code ignored;
        for (const auto &entry : std::filesystem::directory_iterator("/proc", ignored)) {
            const std::string name = entry.path().filename();
            const std::string stat = program::read_all(entry.path() / "stat");
            const size_t behind = stat.rfind(')');
            char state = 0;
            int parent = 0;
            if (behind == std::string::npos || std::sscanf(stat.c_str() + behind + 1, " %c %d", &state, &parent) != 2)
                continue;
            if (parent == pid && state != 'Z')
                list.push_back(std::atoi(name.c_str()));
        }
        return list;
    }

    pid_t pid;
    const Name err;
};

/* Waits until something is true; whoever gives up after a minute finds it false. */
template <typename Condition> bool eventually(Condition condition)
{
    for (int i = 0; i < 6000 && !condition(); i++)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return condition();
}

inline program::Output run(const std::string &arguments)
{
    return program::vtdsim("sweep " + arguments);
}

} // namespace sweep

#endif
