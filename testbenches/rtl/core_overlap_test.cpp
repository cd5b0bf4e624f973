// SPDX-License-Identifier: MIT
//
// Many requests at a time: the responses are the model's, hits pass misses, misses to one page are one walk, and nothing
// from before an invalidation outlives its wait.
#include "core_world.h"

namespace
{

using namespace vtdtest;

constexpr uint64_t kIova = 0x40000000, kHpa = 0x10000000; // pages that are mapped one by one
constexpr uint16_t kSid = 0x0008;

class CoreOverlap : public CoreWorld
{
  protected:
    // The first pages of kIova lead to those of kHpa: second stage of three levels, no accessed and dirty bits.
    void map()
    {
        const uint64_t root = kFirstPage << 12, middle = root + 0x1000, leaves = root + 0x2000;
        for (uint64_t page = kRoot; page < kQueue; page++)
            for (uint64_t a = page << 12; a < (page + 1) << 12; a += 8)
                put(a, 0);
        put(kRoot << 12, kContexts << 12 | 1);
        put((kContexts << 12) + 32 * kSid, kDir << 12 | 1 << 3 | 1);
        put(kDir << 12, kPasids << 12 | 1);
        put(kPasids << 12, root | 2 << 6 | 1 << 2 | 1); // RID_PASID 0: second stage, AW of three levels
        put((kPasids << 12) + 8, 7);                    // domain
        put(root + 8 * (kIova >> 30), middle | 3);
        put(middle, leaves | 3);
        for (unsigned i = 0; i < 512; i++)
            put(leaves + 8 * i, (kHpa + 4096 * i) | 3);
        start();
    }
    uint64_t leafOf(unsigned page)
    {
        return (kFirstPage << 12) + 0x2000 + 8 * page;
    }
    void request(uint16_t tag, unsigned page, unsigned offset = 0)
    {
        vtd_request r = {};
        r.addr = kIova + 4096 * page + offset;
        r.sid = kSid;
        r.access = VTD_READ;
        r.len = 4;
        to_send.push_back({tag, r});
    }
    void fast()
    {
        request_rate = response_rate = 100;
        jitter = 1;
    }
    static Response mapped(uint64_t hpa)
    {
        return {hpa, VTD_RESULT_OK, 0, 12, VTD_ATTR_R | VTD_ATTR_W | VTD_ATTR_SNOOP};
    }
};

TEST_F(CoreOverlap, RequestsThatOverlapAreAnsweredAsOneAfterTheOther)
{
    ASSERT_NE(model, nullptr);
    own_domains = true;
    makeWorld();
    start();
    unsigned good_answers = 0;
    for (unsigned n = 0; n < 250; n++) {
        if (n % 10 == 9)
            change();
        request_rate = 30 + static_cast<unsigned>(random() % 71);
        response_rate = 30 + static_cast<unsigned>(random() % 71);
        latency = 1 + static_cast<unsigned>(random() % 20);
        responses.clear();
        std::vector<Response> wanted;
        for (uint16_t tag = 0; tag < 40; tag++) {
            const vtd_request req = someRequest();
            wanted.push_back(ask(req));
            if (wanted.back().shift && req.len)
                good[random() % 8] = req;
            good_answers += wanted.back().shift != 0;
            to_send.push_back({tag, req});
        }
        for (unsigned i = static_cast<unsigned>(random() % 200); i; i--)
            clock();
        if (chance(50)) // takes from the caches, in the midst of it
            submit({someInvalidation(), someInvalidation()});
        settle();
        ASSERT_TRUE(waited());
        ASSERT_EQ(responses.size(), wanted.size());
        for (uint16_t tag = 0; tag < wanted.size(); tag++)
            ASSERT_EQ(responses[tag], wanted[tag]) << "request " << tag << " of burst " << n;
    }
    EXPECT_EQ(model_memory, dut_memory);
    EXPECT_GT(good_answers, 3000u);
    EXPECT_GT(merges, 100u);
}

TEST_F(CoreOverlap, HitsAreTakenAndAnsweredInEveryCycle)
{
    map();
    request(0, 3);
    settle();
    fast();
    for (uint16_t tag = 1; tag <= 100; tag++)
        request(tag, 3, tag * 8);
    settle();
    ASSERT_EQ(responses.size(), 101u);
    for (uint16_t tag = 1; tag <= 100; tag++) {
        EXPECT_EQ(responses[tag], mapped(kHpa + 3 * 4096 + tag * 8));
        EXPECT_EQ(answered[tag], accepted[tag] + 1);
        EXPECT_EQ(accepted[tag], accepted[1] + tag - 1);
    }
}

// docs/04_developer/rtl.md: what a miss costs, memory apart. latency n: the answer comes n cycles after the access.
TEST_F(CoreOverlap, AMissTakesTheCyclesThatTheManualSays)
{
    map();
    request(0, 3);
    settle();
    fast();
    for (latency = 1; latency < 20; latency += 6) {
        responses.clear();
        request(1, latency);
        settle();
        EXPECT_EQ(answered[1] - accepted[1], 19 + latency);
    }
}

TEST_F(CoreOverlap, HitsPassMissesThatWait)
{
    map();
    request(0, 3);
    settle();
    fast();
    latency = 100;
    request(1, 4);
    request(2, 5);
    for (uint16_t tag = 3; tag < 20; tag++)
        request(tag, 3);
    settle();
    for (uint16_t tag = 3; tag < 20; tag++) {
        EXPECT_EQ(answered[tag], accepted[tag] + 1);
        EXPECT_LT(answered[tag] + 60, std::min(answered[1], answered[2]));
    }
    EXPECT_EQ(responses[1], mapped(kHpa + 4 * 4096));
    EXPECT_EQ(responses[2], mapped(kHpa + 5 * 4096));
}

TEST_F(CoreOverlap, MissesToOnePageAreOneWalk)
{
    map();
    request(0, 3); // what leads to the leaf is cached
    settle();
    accesses.clear();
    const uint64_t lookups = counts[0][2], hits = counts[1][2];
    latency = 50;
    for (uint16_t tag = 1; tag <= 4; tag++)
        request(tag, 9, tag * 16);
    settle();
    ASSERT_EQ(accesses.size(), 1u);
    EXPECT_EQ(accesses[0].addr, leafOf(9));
    EXPECT_EQ(merges, 3u);
    EXPECT_EQ(counts[0][2] - lookups, 4u); // a miss, and three hits
    EXPECT_EQ(counts[1][2] - hits, 3u);
    for (uint16_t tag = 1; tag <= 4; tag++)
        EXPECT_EQ(responses[tag], mapped(kHpa + 9 * 4096 + tag * 16));
}

TEST_F(CoreOverlap, ASecondRequestToAPageMayComeAtEachCycleOfTheWalk)
{
    map();
    fast();
    latency = 3;
    for (unsigned delay = 0; delay < 60; delay++) {
        responses.clear();
        request(0, delay);
        for (unsigned i = 0; i < delay; i++)
            clock();
        request(1, delay);
        settle();
        ASSERT_EQ(responses.size(), 2u);
        EXPECT_EQ(responses[0], mapped(kHpa + 4096 * delay));
        EXPECT_EQ(responses[1], mapped(kHpa + 4096 * delay));
        EXPECT_EQ(counts[2][2], delay + 1) << "fills of the IOTLB";
    }
    EXPECT_GT(merges, 10u);
}

TEST_F(CoreOverlap, AFaultOfTheFirstIsNotThatOfTheOthers)
{
    map();
    put(leafOf(9), (kHpa + 9 * 4096) | 1); // not to be written
    latency = 50;
    vtd_request write = {};
    write.addr = kIova + 9 * 4096;
    write.sid = kSid;
    write.access = VTD_WRITE;
    write.len = 4;
    to_send.push_back({0, write});
    request(1, 9);
    to_send.push_back({2, write});
    settle();
    EXPECT_EQ(responses[0].fault, VTD_FAULT_SGN_6);
    EXPECT_EQ(responses[1].hpa, kHpa + 9 * 4096);
    EXPECT_EQ(responses[2].fault, VTD_FAULT_SGN_6);
}

TEST_F(CoreOverlap, AFullMissTableHoldsRequestsBackAndLosesNone)
{
    map();
    fast();
    latency = 60;
    for (uint16_t tag = 0; tag < 60; tag++)
        request(tag, tag % 20);
    for (unsigned i = 0; i < 50; i++)
        clock();
    EXPECT_EQ(accepted.size(), 6u) << "five in the table, one in S1";
    settle();
    ASSERT_EQ(responses.size(), 60u);
    for (uint16_t tag = 0; tag < 60; tag++)
        EXPECT_EQ(responses[tag], mapped(kHpa + 4096 * (tag % 20)));
}

// Those that look up again must get their turn, whatever stands in S1.
TEST_F(CoreOverlap, ATableFullOfMissesToFewPagesMovesOn)
{
    map();
    for (unsigned n = 0; n < 200; n++) {
        request_rate = chance(50) ? 100 : 70;
        response_rate = chance(50) ? 100 : 70;
        latency = 1 + static_cast<unsigned>(random() % 40);
        const unsigned count = 1 + static_cast<unsigned>(random() % 7);
        responses.clear();
        for (uint16_t tag = 0; tag < 30; tag++)
            request(tag, static_cast<unsigned>(random() % count));
        const std::deque<std::pair<uint16_t, vtd_request>> sent = to_send;
        settle();
        ASSERT_FALSE(HasFatalFailure()) << "burst " << n;
        ASSERT_EQ(responses.size(), sent.size());
        for (const auto &r : sent)
            EXPECT_EQ(responses[r.first], mapped(kHpa + (r.second.addr - kIova)));
        submit(everything());
        settle();
    }
}

TEST_F(CoreOverlap, TranslationStaysOnUntilRequestsInFlightAreAnswered)
{
    map();
    fast();
    latency = 100;
    request(0, 3);
    while (accepted.empty())
        clock();
    writeDut(VTD_REG_GCMD, static_cast<uint32_t>(gcmd() & ~(1u << VTD_GCMD_TE_LSB)));
    request(1, 3);
    while (responses.empty()) {
        ASSERT_TRUE(readDut(VTD_REG_GSTS) >> VTD_GSTS_TES_LSB & 1);
        clock();
    }
    settle();
    EXPECT_FALSE(readDut(VTD_REG_GSTS) >> VTD_GSTS_TES_LSB & 1);
    EXPECT_EQ(responses[0], mapped(kHpa + 3 * 4096));
    EXPECT_EQ(responses[1],
              (Response{kIova + 3 * 4096, VTD_RESULT_OK, 0, 0, VTD_ATTR_R | VTD_ATTR_W | VTD_ATTR_SNOOP}));
}

// A page moves; the invalidation may meet the walk, the fill or the response at each of their cycles.
TEST_F(CoreOverlap, AfterAWaitNothingComesFromTablesBeforeIt)
{
    map();
    uint64_t met = 0, missed = 0;
    for (unsigned page = 0; page < 512 && CoreMemory::has(leafOf(page)); page++) {
        const uint64_t hpa = kHpa + 4096 * page, moved = hpa ^ 0x1000000;
        jitter = 1 + static_cast<unsigned>(random() % 60); // a walk's read may take longer than that of the descriptors
        response_rate = 5 + static_cast<unsigned>(random() % 96);
        responses.clear();
        request(0, page);
        request(1, page);
        for (unsigned i = static_cast<unsigned>(random() % 40); i; i--)
            clock();
        put(leafOf(page), moved | 3);
        submit(chance(50)
                   ? std::vector<std::array<uint64_t, 2>>{{VTD_TYPE_IOTLB_INV | 3 << 4 | 7 << 16, kIova + 4096 * page}}
                   : everything());
        for (unsigned limit = 10000; !waited() && limit; limit--)
            clock();
        ASSERT_TRUE(waited());
        const std::map<uint16_t, Response> before = responses; // of these the tables of before may speak
        request(2, page);
        settle();
        ASSERT_EQ(responses.size(), 3u);
        for (const auto &r : responses) {
            ASSERT_TRUE(r.second == mapped(moved) || r.second == mapped(hpa)) << r.second;
            met += before.count(r.first) && r.second == mapped(hpa);
            missed += !before.count(r.first);
            if (!before.count(r.first)) {
                ASSERT_EQ(r.second, mapped(moved)) << "request " << r.first << " to page " << page;
            }
        }
    }
    EXPECT_GT(met, 100u);
    EXPECT_GT(missed, 512u); // also some of the first two
}

} // namespace
