/* SPDX-License-Identifier: MIT */
/* Sweeps with known results, pages of vtdsim report, and what to ask of their figures. */
#ifndef VTD_TEST_REPORT_RIG_H
#define VTD_TEST_REPORT_RIG_H

#include "page.h"
#include "program.h"

#include <cmath>
#include <functional>
#include <vector>

namespace report_rig
{

using page::Page;
using program::vtdsim;

struct Axis {
    std::string name;
    std::vector<std::string> values;
};

inline std::string quoted(const std::string &text)
{
    json_t *json = json_string(text.c_str());
    char *dump = json_dumps(json, JSON_ENCODE_ANY);
    const std::string all = dump;
    free(dump);
    json_decref(json);
    return all;
}

/* A sweep whose PASID cache has the hit rate that rate says for the numbers of the values. */
class Sweep
{
  public:
    using Rate = std::function<double(const std::vector<size_t> &)>;

    Sweep(const std::vector<Axis> &axes_, const Rate &rate_) : axes(axes_), rate(rate_)
    {
        size_t points = 1;
        for (const Axis &a : axes)
            points *= a.values.size();
        for (size_t i = 0; i < points; i++)
            lines.push_back(line(i));
    }

    std::string header() const
    {
        std::string text;
        for (const Axis &a : axes) {
            std::string values;
            for (const std::string &v : a.values)
                values += (values.empty() ? "" : ",") + quoted(v);
            text += (text.empty() ? "{\"name\":" : ",{\"name\":") + quoted(a.name) + ",\"values\":[" + values + "]}";
        }
        return "{\"vtdsim_sweep\":1,\"version\":\"9\",\"command\":\"vtdsim sweep all\",\"identity\":\"x\",\"axes\":[" +
               text + "],\"points\":" + std::to_string(lines.size()) + "}\n";
    }
    std::string text() const
    {
        std::string all = header();
        for (const std::string &l : lines)
            all += l;
        return all;
    }

    std::vector<std::string> lines;

  private:
    std::string line(size_t index) const
    {
        std::vector<size_t> at(axes.size());
        std::string point;
        size_t rest = index;
        for (size_t a = axes.size(); a-- > 0; rest /= axes[a].values.size())
            at[a] = rest % axes[a].values.size();
        for (size_t a = 0; a < axes.size(); a++)
            point += (a ? "," : "") + quoted(axes[a].name) + ":" + quoted(axes[a].values[at[a]]);
        char text[80];
        snprintf(text, sizeof text, "%.17g", rate(at));
        return "{\"index\":" + std::to_string(index) + ",\"point\":{" + point +
               "},\"command\":\"vtdsim run\",\"result\":{\"config\":{\"seed\":1},\"workload\":{\"synthetic\":\"zipf\"},"
               "\"counters\":{\"requests\":1000},\"rates\":{\"pasid_cache_hit_rate\":" +
               text + "}}}\n";
    }

    const std::vector<Axis> axes;
    const Rate rate;
};

const std::vector<std::string> SIZES = {"8", "16", "32", "128"};

inline Sweep plain_sweep()
{
    return Sweep(
        {{"pasid_cache.entries", SIZES}, {"pasid_cache.policy", {"lru", "fifo"}}},
        [](const std::vector<size_t> &at) { return 0.1 + 0.2 * double(at[0]) - 0.0123456789 * double(at[1]); });
}

inline Page report(const std::string &arguments)
{
    const auto output = vtdsim("report " + arguments);
    EXPECT_EQ(output.status, 0) << output.err;
    EXPECT_EQ(output.err, "");
    return Page(output.out);
}

inline std::vector<double> values(const Page &p, size_t within)
{
    std::vector<double> all;
    for (const size_t i : p.find("data", "", within))
        all.push_back(p[i].number("value"));
    return all;
}

/* Where a value is on an axis whose ticks are at known places: between the two ticks around it. */
inline double place(const std::vector<std::pair<double, double>> &ticks, double value, bool log)
{
    for (size_t i = 0; i + 1 < ticks.size(); i++) {
        const auto &[v0, p0] = ticks[i];
        const auto &[v1, p1] = ticks[i + 1];
        if (value >= v0 - 1e-12 && value <= v1 + 1e-12)
            return p0 + (p1 - p0) * (log ? std::log2(value / v0) / std::log2(v1 / v0) : (value - v0) / (v1 - v0));
    }
    ADD_FAILURE() << value << " is beyond all ticks";
    return -1;
}

/* The ticks of an axis: value and place. */
inline std::vector<std::pair<double, double>> ticks(const Page &p, size_t svg, const char *kind, double scale)
{
    std::vector<std::pair<double, double>> all;
    for (const size_t i : p.find("text", kind, svg))
        all.emplace_back(std::strtod(p[i].text.c_str(), nullptr) * scale,
                         kind == std::string("tx") ? p[i].number("x") : p[i].number("y") - 4);
    return all;
}

} // namespace report_rig

#endif
