/* SPDX-License-Identifier: MIT */
/* vtdsim report: a page that is well-formed and harmless, whose numbers and places are those of the results. */
#include "page.h"
#include "program.h"

#include "report/scale.h"
#include "report/text.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <vector>

using page::Page;
using program::File;
using program::vtdsim;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

namespace
{

struct Axis {
    std::string name;
    std::vector<std::string> values;
};

std::string quoted(const std::string &text)
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

Sweep plain_sweep()
{
    return Sweep(
        {{"pasid_cache.entries", SIZES}, {"pasid_cache.policy", {"lru", "fifo"}}},
        [](const std::vector<size_t> &at) { return 0.1 + 0.2 * double(at[0]) - 0.0123456789 * double(at[1]); });
}

Page report(const std::string &arguments)
{
    const auto output = vtdsim("report " + arguments);
    EXPECT_EQ(output.status, 0) << output.err;
    EXPECT_EQ(output.err, "");
    return Page(output.out);
}

std::vector<double> values(const Page &p, size_t within)
{
    std::vector<double> all;
    for (const size_t i : p.find("data", "", within))
        all.push_back(p[i].number("value"));
    return all;
}

/* Where a value is on an axis whose ticks are at known places: between the two ticks around it. */
double place(const std::vector<std::pair<double, double>> &ticks, double value, bool log)
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
std::vector<std::pair<double, double>> ticks(const Page &p, size_t svg, const char *kind, double scale)
{
    std::vector<std::pair<double, double>> all;
    for (const size_t i : p.find("text", kind, svg))
        all.emplace_back(std::strtod(p[i].text.c_str(), nullptr) * scale,
                         kind == std::string("tx") ? p[i].number("x") : p[i].number("y") - 4);
    return all;
}

} // namespace

TEST(Report, PageIsWellFormedAndNeedsNothingElse)
{
    const File sweep(".jsonl", plain_sweep().text());
    const File curve(".json", vtdsim("mrc -w zipf:pages=64 --tenants 32 -n 20000 --stats json").out);
    const File run(".json", vtdsim("run -w zipf:pages=64 -n 2000 --stats json").out);
    const auto output = vtdsim("report " + sweep.path + " " + curve.path + " " + run.path);
    ASSERT_EQ(output.status, 0) << output.err;
    const Page p(output.out); /* throws when it is not well-formed */
    std::set<std::string> ids;
    for (const page::Element &e : p.elements) {
        EXPECT_NE(e.name, "script");
        EXPECT_NE(e.name, "link");
        EXPECT_EQ(e.get("src") + e.get("href"), "");
        EXPECT_TRUE(e.get("id").empty() || ids.insert(e.get("id")).second) << e.get("id");
    }
    for (const char *word : {"http", "url(", "@import"})
        EXPECT_THAT(output.out, Not(HasSubstr(word)));
    for (const size_t svg : p.find("svg"))
        if (p[svg].get("role") == "img") { /* what it shows is told to those who do not see it */
            const std::string labels = p[svg].get("aria-labelledby");
            EXPECT_EQ(ids.count(labels.substr(0, labels.find(' '))), 1u);
            EXPECT_EQ(ids.count(labels.substr(labels.find(' ') + 1)), 1u);
        }
    EXPECT_THAT(p.texts("h2"), ElementsAre("Sweep " + sweep.path, "Every size at once", "Runs"));
}

TEST(Report, NumbersOfTheTablesAreThoseOfTheResults)
{
    const File sweep(".jsonl", plain_sweep().text());
    const Page p = report(sweep.path);
    const auto tables = p.find("details", "numbers");
    ASSERT_EQ(tables.size(), 1u);
    const auto numbers = values(p, tables[0]);
    ASSERT_EQ(numbers.size(), 8u); /* 4 sizes, in each row lru and fifo */
    for (size_t i = 0; i < 8; i++)
        EXPECT_NEAR(numbers[i], 0.1 + 0.2 * double(i / 2) - 0.0123456789 * double(i % 2), 1e-10) << i;
    const auto shown = p.texts("td", "", tables[0]);
    EXPECT_EQ(shown[0], "10.00 %");
    EXPECT_EQ(shown[1], "8.77 %");
    EXPECT_EQ(shown[8], "128"); /* no smaller size comes close to the best one */
}

TEST(Report, MarksStandWhereTheTicksSayTheirValuesAre)
{
    const File sweep(".jsonl", plain_sweep().text());
    const Page p = report(sweep.path);
    for (const char *kind : {"wide", "narrow"}) {
        const auto svgs = p.find("svg", kind);
        ASSERT_EQ(svgs.size(), 1u);
        const auto x = ticks(p, svgs[0], "tx", 1), y = ticks(p, svgs[0], "ty", 0.01);
        ASSERT_EQ(x.size(), 4u); /* at the sizes that there are */
        EXPECT_EQ(x[3].first, 128);
        EXPECT_EQ(y.front().first, 0); /* shares are shown on the whole, when they are spread */
        EXPECT_EQ(y.back().first, 1);
        /* 16 to 32 is one doubling, 32 to 128 two. */
        EXPECT_NEAR(x[3].second - x[2].second, 2 * (x[2].second - x[1].second), 0.2);
        const auto marks = p.find("path", "mark", svgs[0]);
        ASSERT_EQ(marks.size(), 8u);
        for (size_t i = 0; i < 8; i++) { /* line by line */
            const size_t size = i % 4, policy = i / 4;
            double at_x = 0, at_y = 0;
            ASSERT_EQ(sscanf(p[marks[i]].get("transform").c_str(), "translate(%lf,%lf)", &at_x, &at_y), 2);
            EXPECT_NEAR(at_x, place(x, std::stod(SIZES[size]), true), 0.11);
            EXPECT_NEAR(at_y, place(y, 0.1 + 0.2 * double(size) - 0.0123456789 * double(policy), false), 0.11);
        }
    }
}

TEST(Report, BarsAreAsHighAsTheirValues)
{
    const File sweep(".jsonl",
                     Sweep({{"pasid_cache.policy", {"lru", "fifo", "plru"}}}, [](const std::vector<size_t> &at) {
                         return 0.25 * double(at[0] + 1);
                     }).text());
    const Page p = report(sweep.path);
    const size_t svg = p.find("svg", "wide")[0];
    const auto bars = p.find("rect", "bar", svg);
    const auto y = ticks(p, svg, "ty", 0.01);
    ASSERT_EQ(bars.size(), 3u);
    for (size_t i = 0; i < 3; i++)
        EXPECT_NEAR(p[bars[i]].number("height"), place(y, 0, false) - place(y, 0.25 * double(i + 1), false), 0.11);
    EXPECT_THAT(p.texts("text", "tx", svg), ElementsAre("lru", "fifo", "plru"));
}

TEST(Report, HostileNamesAreTextAndNothingElse)
{
    const std::string bad = "<script>alert(1)</script>\"'&\x01]]>--><svg onload=x>";
    const File sweep(".jsonl", Sweep({{bad, {"1", "2", "4"}}, {"b", {bad, "</td>"}}, {"c", {"&amp;", "\xef\xbf\xbf"}}},
                                     [](const std::vector<size_t> &) { return 0.5; })
                                   .text());
    const Page p = report(sweep.path + " --title '</title><script>'");
    EXPECT_TRUE(p.find("script").empty());
    for (const page::Element &e : p.elements)
        EXPECT_EQ(e.get("onload"), "");
    EXPECT_EQ(p.texts("title")[0], "</title><script>");
    std::string shown = bad;
    shown.replace(shown.find('\x01'), 1, "\xef\xbf\xbd");
    EXPECT_THAT(p.texts("dt"), Contains(shown));
}

TEST(Report, MalformedInputIsRefusedWithItsLine)
{
    const Sweep s = plain_sweep();
    const std::string header = s.header(), row = s.lines[0];
    const struct {
        std::string text, line, what;
    } cases[] = {
        {header + row + row.substr(0, row.size() / 2), ":3: ", ""},                       /* torn */
        {header + row + "\n\nnonsense\n" + s.lines[1], ":5: ", ""},                       /* behind empty lines */
        {header + row + s.lines[1] + row, ":4: ", "in line 2, too"},                      /* one point twice */
        {header + row + header, ":3: ", "second header"},                                 /* two sweeps in one file */
        {header + "[1]\n", ":2: ", "not an object"},                                      /* */
        {header + "{\"index\":99,\"point\":{},\"result\":{}}\n", ":2: ", "index"},        /* beyond the sweep */
        {header + "{\"index\":0,\"point\":{},\"result\":{}}\n", ":2: ", "pasid_cache"},   /* no value of an axis */
        {header + "{\"index\":0,\"result\":{}}\n", ":2: ", "no point"},                   /* */
        {"{\"vtdsim_sweep\":2,\"axes\":[],\"points\":0}\n", ":1: ", "does not know"},     /* of a later version */
        {"{\"vtdsim_sweep\":1,\"axes\":[{}],\"points\":0}\n", ":1: ", "axes"},            /* */
        {"{\"vtdsim_sweep\":1,\"axes\":[],\"points\":-1}\n", ":1: ", "number of points"}, /* */
        {row, ":1: ", "header"},                                                          /* the header is lost */
        {"{\n\"a\":1,\n\"a\":2}", ":3: ", "duplicate"},                                   /* */
        {"\n\n{\"a\":1}", ":3: ", "no result"},                                           /* JSON of something else */
        {"{\"cache\":\"iotlb\",\"curve\":[{\"entries\":0,\"hit_rate\":1}]}", ":1: ", "point of the curve"},
        {"", ":1: ", "no results"},
        {"interval,first_request,x\n0,1,2\n1,2\n", ":3: ", "as many values"},
        {"interval,first_request,x\n0,1,many\n", ":2: ", "no number"},
        {"interval,first_request,x\n", ":2: ", "no intervals"},
        {std::string("\0\0\0", 3), ":1: ", ""},
    };
    for (const auto &c : cases) {
        const File file(".jsonl", c.text);
        const auto output = vtdsim("report " + file.path);
        EXPECT_EQ(output.status, 2) << c.text;
        EXPECT_EQ(output.out, "");
        EXPECT_THAT(output.err, HasSubstr(file.path + c.line)) << c.text;
        EXPECT_THAT(output.err, HasSubstr(c.what)) << c.text;
    }
    EXPECT_THAT(vtdsim("report /nowhere/at-all.jsonl").err, HasSubstr("/nowhere/at-all.jsonl: No such file"));
    EXPECT_EQ(vtdsim("report").status, 2);
}

TEST(Report, MissingAndFailedPointsAreTold)
{
    Sweep s = plain_sweep();
    std::string text = s.header();
    for (size_t i = 0; i < 6; i++) /* 6 and 7 are missing */
        text += i == 3 ? "{\"index\":3,\"point\":{\"pasid_cache.entries\":\"16\",\"pasid_cache.policy\":\"fifo\"},"
                         "\"error\":\"killed by <signal> 9\"}\n"
                       : s.lines[i];
    const File sweep(".jsonl", text);
    const Page p = report(sweep.path);
    EXPECT_THAT(p.texts("p", "warn"), ElementsAre("2 of 8 points are missing: the sweep is not complete. Index 6, 7."));
    EXPECT_THAT(p.texts("div", "warn"), ElementsAre("1 point has no result:point 3: killed by <signal> 9"));
    EXPECT_EQ(values(p, p.find("details", "numbers")[0]).size(), 5u);
    const auto cells = p.texts("td", "", p.find("details", "numbers")[0]);
    EXPECT_EQ(std::count(cells.begin(), cells.end(), "-"), 1); /* size 16, fifo; size 128 has no row at all */
}

TEST(Report, PageDependsOnTheResultsAlone)
{
    const Sweep s = plain_sweep();
    std::string reversed = s.header();
    for (size_t i = s.lines.size(); i-- > 0;)
        reversed += s.lines[i];
    const File sweep(".jsonl", s.text());
    const auto first = vtdsim("report " + sweep.path);
    EXPECT_EQ(vtdsim("report " + sweep.path).out, first.out);
    std::ofstream(sweep.path, std::ios::binary) << reversed; /* points come in the order in which they are done */
    EXPECT_EQ(vtdsim("report " + sweep.path).out, first.out);
}

TEST(Report, AskedForAxesAndResultsAreDrawn)
{
    const File sweep(
        ".jsonl",
        Sweep({{"pasid_cache.entries", SIZES}, {"tenants", {"4", "16", "64"}}}, [](const std::vector<size_t> &at) {
            return 0.1 * double(at[0] + at[1]);
        }).text());
    const Page p = report(sweep.path + " --x tenants --by pasid_cache.entries --y requests --y pasid_cache_hit_rate");
    EXPECT_THAT(p.texts("h3"), ElementsAre("1. requests over tenants, by pasid_cache.entries",
                                           "2. Hit rate of the PASID cache over tenants, by pasid_cache.entries",
                                           "Behind the figures"));
    EXPECT_THAT(p.texts("text", "tx", p.find("svg", "wide")[0]), ElementsAre("4", "16", "64"));

    const Page panels = report(sweep.path + " --x tenants --by none --y pasid_cache_hit_rate");
    EXPECT_THAT(panels.texts("h4"), Contains("pasid_cache.entries = 32"));

    EXPECT_THAT(vtdsim("report --x tenant " + sweep.path).err, HasSubstr("--x tenant: "));
    EXPECT_THAT(vtdsim("report --x tenant " + sweep.path).err, HasSubstr("they do in pasid_cache.entries, tenants"));
    EXPECT_EQ(vtdsim("report --by tenants --x tenants " + sweep.path).status, 2);
    EXPECT_THAT(vtdsim("report --y hits " + sweep.path).err, HasSubstr("--y hits: no result"));
}

TEST(Report, SeedsArePutTogetherToAMeanWithItsSpread)
{
    const File sweep(
        ".jsonl", Sweep({{"pasid_cache.entries", SIZES}, {"seed", {"1", "2", "3"}}}, [](const std::vector<size_t> &at) {
                      return 0.1 * double(at[0]) + (at[1] == 2 ? 0.4 : 0.1);
                  }).text());
    const Page p = report(sweep.path);
    const auto numbers = values(p, p.find("details", "numbers")[0]);
    ASSERT_EQ(numbers.size(), 12u); /* mean, least, greatest */
    for (size_t i = 0; i < 4; i++) {
        EXPECT_NEAR(numbers[3 * i], 0.1 * double(i) + 0.2, 1e-9); /* (0.1 + 0.1 + 0.4) / 3 */
        EXPECT_NEAR(numbers[3 * i + 1], 0.1 * double(i) + 0.1, 1e-9);
        EXPECT_NEAR(numbers[3 * i + 2], 0.1 * double(i) + 0.4, 1e-9);
    }
}

TEST(Report, AxisThatGoesWithAnotherMakesNoPanels)
{
    /* A list, not a grid: ways grow with entries. */
    const Sweep all({{"pasid_cache.entries", {"8", "16", "32"}}, {"pasid_cache.ways", {"1", "2", "4"}}},
                    [](const std::vector<size_t> &at) { return 0.3 * double(at[0]); });
    const File list(".jsonl", all.header() + all.lines[0] + all.lines[4] + all.lines[8]);
    const Page p = report(list.path);
    EXPECT_TRUE(p.find("svg", "panel").empty());
    EXPECT_THAT(p.texts("p", "note"), Contains("pasid_cache.ways goes with pasid_cache.entries. "));
}

TEST(Report, ManyValuesAndPanelsAreLeftOutAndTheReaderIsTold)
{
    std::vector<std::string> many;
    for (int i = 0; i < 20; i++)
        many.push_back(std::to_string(i));
    const File sweep(
        ".jsonl",
        Sweep({{"pasid_cache.entries", many}, {"tenants", many}, {"x", many}}, [](const std::vector<size_t> &at) {
            return 0.05 * double(at[0]);
        }).text());
    const Page p = report(sweep.path + " --by tenants --y pasid_cache_hit_rate");
    EXPECT_EQ(p.find("svg", "panel").size(), 12u);
    EXPECT_THAT(p.texts("p", "note")[0], HasSubstr("The first 12 of 20 combinations"));
    EXPECT_THAT(p.texts("p", "note")[0], HasSubstr("8 of the 20 values of tenants"));
    /* The first and the last value are among them. */
    const auto legend = p.texts("li", "", p.find("ul", "legend")[0]);
    EXPECT_EQ(legend[1], "0");
    EXPECT_EQ(legend.back(), "19");
}

TEST(Report, CurvesOfTheProgramAreDrawnAsTheyAre)
{
    const File curve(".json", vtdsim("mrc -w zipf:pages=64 --tenants 32 -n 20000 --stats json").out);
    json_t *json = json_loads(program::read_all(curve.path).c_str(), 0, nullptr);
    const Page p = report(curve.path);
    EXPECT_THAT(p.texts("pre"),
                Contains("vtdsim mrc -w zipf:pages=64 --tenants 32 -n 20000 --stats json")); /* repeats it */
    const auto numbers = values(p, p.find("details", "numbers")[0]);
    const json_t *points = json_object_get(json, "curve");
    ASSERT_EQ(numbers.size(), json_array_size(points));
    ASSERT_GE(numbers.size(), 4u);
    for (size_t i = 0; i < numbers.size(); i++)
        EXPECT_NEAR(numbers[i], json_number_value(json_object_get(json_array_get(points, i), "hit_rate")), 1e-9);
    json_decref(json);
}

TEST(Report, IntervalsOfTheProgramAreDrawnInTheirCourse)
{
    const File csv(".csv", "");
    ASSERT_EQ(vtdsim("run -w zipf:pages=4096 --tenants 64 -n 8000 --interval 1000 --intervals " + csv.path).status, 0);
    const Page p = report(csv.path);
    EXPECT_EQ(p.texts("h3")[0], "1. Hit rates in the course of the run");
    EXPECT_THAT(p.texts("li", "", p.find("ul", "legend")[0]), ElementsAre("context", "PASID", "IOTLB", "first-stage"));
    /* Each is hits of the interval divided by lookups of the interval. */
    std::istringstream rows(program::read_all(csv.path));
    std::string line, word;
    std::vector<std::string> names;
    std::getline(rows, line);
    for (std::istringstream words(line); std::getline(words, word, ',');)
        names.push_back(word);
    const auto numbers = values(p, p.find("details", "numbers")[0]);
    ASSERT_EQ(numbers.size(), 8u * 4u);
    for (size_t row = 0; std::getline(rows, line); row++) {
        std::map<std::string, double> value;
        size_t i = 0;
        for (std::istringstream words(line); std::getline(words, word, ',');)
            value[names[i++]] = std::stod(word);
        EXPECT_NEAR(numbers[4 * row + 1], value["pasid_cache_hit"] / value["pasid_cache_lookup"], 1e-9) << row;
        EXPECT_NEAR(numbers[4 * row + 2], value["iotlb_hit"] / value["iotlb_lookup"], 1e-9) << row;
    }
    /* Requests 1, 1001, ... are at equal distances. */
    const auto x = ticks(p, p.find("svg", "wide")[0], "tx", 1);
    ASSERT_GE(x.size(), 3u);
    EXPECT_NEAR(x[2].second - x[1].second, x[1].second - x[0].second, 0.2);
}

TEST(Report, CurvesAreNamedByWhatTellsThemApart)
{
    const std::string base = "mrc -w zipf:pages=64 --tenants 32 -n 2000 --stats json";
    const std::string two = vtdsim(base + " --interleave zipf:1").out, four = vtdsim(base + " --sets 4").out;
    const std::string one = vtdsim(base).out;
    const File curves(".json", one + two), same(".json", one), mixed(".json", one + two + four);
    const Page p = report(curves.path);
    EXPECT_THAT(p.texts("li", "", p.find("ul", "legend")[0]), ElementsAre("interleave", "round-robin", "zipf:1"));
    const Page q = report(same.path);
    EXPECT_THAT(q.texts("li", "", q.find("ul", "legend")[0]), ElementsAre(same.path));
    const Page r = report(mixed.path);
    EXPECT_THAT(
        r.texts("li", "", r.find("ul", "legend")[0]),
        ElementsAre("sets 1, interleave round-robin", "sets 1, interleave zipf:1", "sets 4, interleave round-robin"));
}

TEST(Report, RunsOfTheProgramAreComparedByWhatDiffers)
{
    std::string all;
    for (const char *entries : {"4", "8", "16"})
        all += vtdsim(std::string("run -w zipf:pages=64 --tenants 32 -n 5000 --stats json -s pasid_cache.ways=4 -s "
                                  "pasid_cache.entries=") +
                      entries)
                   .out;
    const File runs(".json", all); /* objects of many lines, one behind the other */
    const Page p = report(runs.path);
    EXPECT_EQ(p.texts("h3")[0], "1. Hit rate of the PASID cache over pasid_cache.entries");
    EXPECT_EQ(values(p, p.find("details", "numbers")[0]).size(), 3u);
}

TEST(Report, PageIsWrittenWholeOrNotAtAll)
{
    const File sweep(".jsonl", plain_sweep().text()), page(".html", "");
    EXPECT_EQ(vtdsim("report " + sweep.path + " -o " + page.path).status, 0);
    EXPECT_EQ(program::read_all(page.path), vtdsim("report " + sweep.path).out);
    const auto full = vtdsim("report " + sweep.path + " -o /dev/full");
    EXPECT_EQ(full.status, 2);
    EXPECT_THAT(full.err, HasSubstr("cannot write /dev/full"));
    EXPECT_EQ(vtdsim("report " + sweep.path + " -o /nowhere/page.html").status, 2);
}

TEST(Report, FiguresStandAloneWithTitleLegendAndThePlacesOfThePage)
{
    const File sweep(".jsonl", Sweep({{"pasid_cache.entries", SIZES}, {"p", {"<a>", "b"}}, {"t", {"u", "v", "w", "x"}}},
                                     [](const std::vector<size_t> &at) { return 0.2 * double(at[0]); })
                                   .text());
    const std::string prefix = program::temp("-");
    ASSERT_EQ(vtdsim("report " + sweep.path + " --figures " + prefix + " -o /dev/null").status, 0);
    const std::string text = program::read_all(prefix + "1.svg");
    const Page p("<!DOCTYPE html>\n" + text);
    EXPECT_THAT(text, HasSubstr("<svg xmlns=\"http://www.w3.org/2000/svg\" "));
    EXPECT_THAT(text, Not(HasSubstr("var(")));
    EXPECT_EQ(p.find("svg", "panel").size(), 4u);
    EXPECT_EQ(p.find("path", "mark", p.find("svg", "panel")[3]).size(), 8u);
    EXPECT_THAT(p.texts("text", "title"), ElementsAre("Hit rate of the PASID cache over pasid_cache.entries, by p",
                                                      "t = u", "t = v", "t = w", "t = x"));
    EXPECT_THAT(p.texts("text", "label"), Contains("<a>"));
    for (const char *n : {"1", "2"})
        std::remove((prefix + n + ".svg").c_str());
    EXPECT_EQ(vtdsim("report " + sweep.path + " --figures /nowhere/x -o /dev/null").status, 2);
}

/* ---------------------------------------------------------------- parts */

TEST(ReportScale, LinearScaleCoversItsValuesWithRoundTicks)
{
    const std::pair<double, double> ranges[] = {{0, 1}, {0, 6.83}, {0.913, 0.998}, {0, 1e9}, {-3, 7}, {5, 5}, {0, 0}};
    for (const auto &[low, high] : ranges) {
        struct vtd_scale s;
        vtd_scale_linear(&s, low, high, 5);
        EXPECT_LE(s.min, low);
        EXPECT_GE(s.max, high);
        EXPECT_GE(s.ticks, 3u);
        EXPECT_LE(s.ticks, 9u);
        const double step = s.tick[1] - s.tick[0], power = std::pow(10, std::floor(std::log10(step) + 1e-9));
        EXPECT_THAT((std::vector<double>{1, 2, 2.5, 5, 10}), Contains(testing::DoubleNear(step / power, 1e-6)));
        for (size_t i = 1; i < s.ticks; i++)
            EXPECT_NEAR(s.tick[i] - s.tick[i - 1], step, 1e-9 * std::fabs(step));
    }
}

TEST(ReportScale, LogarithmicScaleHasEqualDistancesForEqualRatios)
{
    struct vtd_scale s;
    vtd_scale_log(&s, 3, 900);
    s.from = 0;
    s.to = 100;
    EXPECT_EQ((std::vector<double>(s.tick, s.tick + s.ticks)),
              (std::vector<double>{2, 5, 10, 20, 50, 100, 200, 500, 1000}));
    EXPECT_NEAR(vtd_scale_at(&s, 2), 0, 1e-9);
    EXPECT_NEAR(vtd_scale_at(&s, 1000), 100, 1e-9);
    EXPECT_NEAR(vtd_scale_at(&s, 20) - vtd_scale_at(&s, 10), vtd_scale_at(&s, 200) - vtd_scale_at(&s, 100), 1e-9);
    for (const double high : {1e3, 1e6, 1e12, 1e17}) { /* never more ticks than there is room for */
        vtd_scale_log(&s, 1, high);
        EXPECT_LE(s.ticks, size_t{VTD_SCALE_TICKS});
        EXPECT_LE(s.min, 1);
        EXPECT_GE(s.max, high);
    }
}

TEST(ReportText, NumbersAreReadAsTheyAre)
{
    char text[VTD_NUMBER_TEXT];
    EXPECT_STREQ(vtd_number_text(text, 0.87654, true), "87.65 %");
    EXPECT_STREQ(vtd_number_text(text, 0.999999, true), "99.999900 %"); /* not 100 % */
    EXPECT_STREQ(vtd_number_text(text, 1234567, false), "1234567");
    EXPECT_STREQ(vtd_number_text(text, 4.01, false), "4.01");
    EXPECT_STREQ(vtd_tick_text(text, 4096, false), "4096");
    EXPECT_STREQ(vtd_tick_text(text, 65536, false), "64Ki");
    EXPECT_STREQ(vtd_tick_text(text, 1 << 20, false), "1Mi");
    EXPECT_STREQ(vtd_tick_text(text, 2500000, false), "2.5M");
    EXPECT_STREQ(vtd_tick_text(text, 0.975, true), "97.5 %");
}

TEST(ReportText, ShellTakesWordsAsOne)
{
    struct vtd_arena arena = {nullptr};
    EXPECT_STREQ(vtd_shell_word(&arena, "pasid_cache.entries=8"), "pasid_cache.entries=8");
    EXPECT_STREQ(vtd_shell_word(&arena, "a b"), "'a b'");
    EXPECT_STREQ(vtd_shell_word(&arena, "it's $HOME"), "'it'\\''s $HOME'");
    EXPECT_STREQ(vtd_shell_word(&arena, ""), "''");
    vtd_arena_free(&arena);
}
