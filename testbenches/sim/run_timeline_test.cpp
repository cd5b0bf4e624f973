// SPDX-License-Identifier: MIT
//
// vtdsim run --timeline: the slices against the latencies of the same run.

#include "timed_program.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

using program::at;
using program::File;
using program::mixes;
using program::Output;
using program::Result;
using program::vtdsim;
using testing::HasSubstr;

namespace
{

struct Timeline {
    explicit Timeline(const std::string &path)
    {
        json_error_t error;
        root = json_load_file(path.c_str(), JSON_REJECT_DUPLICATES, &error);
        EXPECT_NE(root, nullptr) << error.text;
    }
    ~Timeline()
    {
        json_decref(root);
    }
    template <typename F> void each(F f) const
    {
        size_t i;
        json_t *e;
        json_array_foreach(json_object_get(root, "traceEvents"), i, e) if (*text(e, "ph") == 'X')
            f(text(e, "name"), json_integer_value(json_object_get(e, "pid")),
              json_integer_value(json_object_get(e, "tid")), arg(e, "begin"), arg(e, "cycles"),
              json_object_get(e, "args"));
    }
    static const char *text(const json_t *e, const char *key)
    {
        const char *s = json_string_value(json_object_get(e, key));
        return s ? s : "";
    }
    static long long arg(const json_t *e, const char *key)
    {
        return json_integer_value(json_object_get(json_object_get(e, "args"), key));
    }
    json_t *root;
};

TEST(RunTimeline, SlicesAreThoseOfTheLatencies)
{
    for (const std::string &run : mixes) {
        const File file(".json", "");
        const Result r(run + "--requests 800 --arrivals 60 --timeline " + file.path);
        const Timeline t(file.path);
        double accesses = 0, cycles = 0, largest = 0, inner = 0, requests = 0, walks = 0;
        long long begin = 0, end = 0, inside = 0;
        t.each([&](const std::string &name, long long pid, long long, long long from, long long length, json_t *) {
            if (pid == 0x10000) {
                EXPECT_EQ(name, "walk");
                walks += static_cast<double>(length);
            } else if (name == "read" || name == "write") {
                accesses++;
                cycles += static_cast<double>(length);
                largest = std::max(largest, static_cast<double>(length));
                begin = inside = from;
                end = from + length;
            } else {
                EXPECT_GE(from, begin);
                EXPECT_LE(from + length, end);
                if (name.find("request") != std::string::npos) {
                    requests++;
                    return;
                }
                EXPECT_EQ(from, inside) << name << ": parts follow each other without a gap";
                inside = from + length;
                inner += static_cast<double>(length);
            }
        });
        EXPECT_EQ(accesses, at(r, "timing.accesses"));
        EXPECT_EQ(requests, at(r, "timing.requests"));
        EXPECT_EQ(largest, at(r, "timing.latency.all.max"));
        EXPECT_NEAR(cycles, at(r, "timing.latency.all.mean") * accesses, 1e-6 * cycles);
        EXPECT_EQ(inner, cycles) << "parts cover the accesses";
        if (run.find("page_requests") == std::string::npos) { /* walks after a page request have no walker */
            EXPECT_NEAR(walks, at(r, "timing.walkers.mean") * at(r, "timing.cycles"), 1e-6 * walks + 1e-3);
        }
    }
}

TEST(RunTimeline, TracksDoNotOverlapAndWalkersAreAsManyAsThereAre)
{
    const File file(".json", "");
    const Result r(mixes[0] + "--timeline " + file.path + " --timeline-range 301:700");
    const Timeline t(file.path);
    std::map<std::pair<long long, long long>, long long> last;
    std::set<long long> walkers, numbers;
    t.each([&](const std::string &name, long long pid, long long tid, long long from, long long length, json_t *args) {
        if (pid == 0x10000)
            walkers.insert(json_integer_value(json_object_get(args, "walker")));
        else if (name == "read" || name == "write")
            numbers.insert(json_integer_value(json_object_get(args, "access")));
        else
            return;
        long long &before = last[{pid, tid}];
        EXPECT_GE(from, before);
        before = from + length;
    });
    EXPECT_EQ(walkers.size(), 8u) << "timing.walkers";
    EXPECT_EQ(numbers.size(), 400u);
    EXPECT_EQ(*numbers.begin(), 301);
    EXPECT_EQ(*numbers.rbegin(), 700);
}

TEST(RunTimeline, IsCompleteWhenTheTraceIsNot)
{
    const File trace(".trace", "0 00:03.0 - r 1000 64\n0.1 00:03.0 - r 2000 64\ngarbage\n"), file(".json", "");
    const Output o = vtdsim("run --trace " + trace.path + " --timeline " + file.path);
    EXPECT_EQ(o.status, 2);
    EXPECT_THAT(o.err, HasSubstr(":3: "));
    const Timeline t(file.path);
    unsigned accesses = 0;
    t.each([&](const std::string &name, long long, long long, long long, long long, json_t *) {
        accesses += name == "read";
    });
    EXPECT_EQ(accesses, 2u);
}

} // namespace
