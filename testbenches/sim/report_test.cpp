/* SPDX-License-Identifier: MIT */
/* vtdsim report: a page that is well-formed and harmless, whose numbers and places are those of the results. */
#include "report_rig.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

using namespace report_rig;
using program::File;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

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
    std::string changed = row;
    changed.replace(changed.find("1000"), 4, "1001");
    const struct {
        std::string text, line, what;
    } cases[] = {
        {header + row + row.substr(0, row.size() / 2), ":3: ", ""},                       /* torn */
        {header + row + "\n\nnonsense\n" + s.lines[1], ":5: ", ""},                       /* behind empty lines */
        {header + row + s.lines[1] + changed, ":4: ", "another result than in line 2"},   /* one point twice */
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

TEST(Report, ResultOfAPointThatWasRunAgainTakesThePlaceOfItsError)
{
    const Sweep s = plain_sweep();
    const File sweep(".jsonl",
                     s.header() +
                         "{\"index\":0,\"point\":{\"pasid_cache.entries\":\"8\",\"pasid_cache.policy\":\"lru\"},"
                         "\"error\":\"killed\"}\n" +
                         s.text().substr(s.header().size()) + s.lines[3]); /* and one twice, equal */
    const Page p = report(sweep.path);
    EXPECT_TRUE(p.texts("div", "warn").empty());
    EXPECT_EQ(values(p, p.find("details", "numbers")[0]).size(), 8u);
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
