/* SPDX-License-Identifier: MIT */
/*
 * A driver that forgets one flush is found out: the story is told once for each flush in it, with that flush left out. What
 * devices meet must differ from what they meet on a coherent machine, or it must be plain why the flush could not matter.
 */
#include "flush_story.h"

namespace
{

using namespace flush_story;

struct Coherent {
    const char *name;
    uint64_t ecap_clear;
    unsigned classes; /* bit per Class: what must be flushed */
    bool legacy;
};

/* Bits of ECAP (ref 1.3). */
constexpr uint64_t kC = 1, kSmpwcs = UINT64_C(1) << 48, kSsads = UINT64_C(1) << 45, kEafs = UINT64_C(1) << 34;

constexpr unsigned kTables = 1 << Root | 1 << Context | 1 << Directory | 1 << Pasids;
constexpr unsigned kPaging = 1 << FirstStage | 1 << SecondStage;
const Coherent kUnits[] = {
    {"NothingIsSnooped", kC | kSmpwcs | kSsads | kEafs, kTables | kPaging, false},
    {"PagingStructuresAreSnooped", kC, kTables, false},
    {"TablesAreSnooped", kSmpwcs | kSsads | kEafs, kPaging, false},
    {"AllIsSnooped", 0, 0, false},
    {"LegacyIsNotSnooped", kC, 1 << Root | 1 << Context | 1 << SecondStage, true},
    {"LegacyIsSnooped", 0, 0, true},
};

class Flush : public testing::TestWithParam<Coherent>
{
};

TEST_P(Flush, NoneCanBeLeftOut)
{
    vtd_config config;
    ASSERT_EQ(vtd_config_preset(&config, "default"), VTD_STATUS_OK);
    config.ecap &= ~GetParam().ecap_clear;
    if (GetParam().legacy)
        make_legacy(config);
    const Story coherent(config, Between::Nothing, Story::kNone);
    const Story whole(config, Between::Caches, Story::kNone);
    ASSERT_EQ(whole.seen, coherent.seen) << "a driver that forgets nothing";
    unsigned noticed[Classes] = {}, covered = 0, not_present = 0;
    for (unsigned n = 0; n < whole.flushes && !HasFatalFailure(); n++) {
        const Story story(config, Between::Caches, n);
        const auto page = story.pages.find(story.dropped_page);
        ASSERT_NE(page, story.pages.end()) << "flush " << n << " is of no table";
        if (story.seen != coherent.seen)
            noticed[page->second]++;
        else if (story.covered)
            covered++;
        else if (story.not_present)
            not_present++;
        else
            ADD_FAILURE() << "flush " << n << " of " << whole.flushes << ", of class " << page->second
                          << ", was left out and nobody noticed";
    }
    unsigned found = 0;
    for (unsigned c = 0; c < Classes; c++)
        found |= (noticed[c] > 0) << c;
    EXPECT_EQ(found, GetParam().classes);
    RecordProperty("flushes", (int)whole.flushes);
    RecordProperty("covered", (int)covered);
    RecordProperty("not_present", (int)not_present);
}

TEST(WriteBuffer, NoFlushCanBeLeftOut)
{
    vtd_config config;
    ASSERT_EQ(vtd_config_preset(&config, "default"), VTD_STATUS_OK);
    make_legacy(config);
    config.cap |= UINT64_C(1) << 4; /* RWBF */
    config.ecap &= ~kC;             /* what the buffer holds cannot be snooped */
    const Story coherent(config, Between::Nothing, Story::kNone);
    const Story whole(config, Between::WriteBuffer, Story::kNone);
    ASSERT_EQ(whole.seen, coherent.seen) << "a driver that forgets nothing";
    EXPECT_GT(whole.flushes, 10u);
    for (unsigned n = 0; n < whole.flushes; n++) {
        const Story story(config, Between::WriteBuffer, n);
        EXPECT_TRUE(story.seen != coherent.seen || story.not_present) << "flush " << n << " of " << whole.flushes;
    }
}

INSTANTIATE_TEST_SUITE_P(Units, Flush, testing::ValuesIn(kUnits),
                         [](const auto &p) { return std::string(p.param.name); });

} // namespace
