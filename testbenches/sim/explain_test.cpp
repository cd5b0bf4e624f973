/* SPDX-License-Identifier: MIT */
/*
 * vtdsim explain for the requests that are not plain DMA: translation and translated requests, page requests, interrupt
 * requests. Steps and addresses are those that the reference prescribes for the tables in the scenarios here.
 */
#include "program.h"

#include <gmock/gmock.h>

#include <vector>

namespace
{

using program::File;
using program::Output;
using program::vtdsim;
using testing::HasSubstr;
using testing::Not;

/*
 * 00:02.0: PASID 5 by a first-stage table, with 0x1000 -> 0x9000 (read, write), 0x2000 -> 0xa000 (read), 0x3000 not
 * present. Page request queue of 128 slots at 0x10000, interrupt table of 16 entries at 0xc000.
 */
const char *const kMachine = R"(vtd-scenario 1
config memory.size 0x10_0000
store 0x1000 8 0x2001
store 0x2200 8 0x301d
store 0x3000 8 0x4001
store 0x4140 8 0x41
store 0x4148 8 0x80_0007
store 0x4150 8 0x5000
store 0x5000 8 0x6007
store 0x6000 8 0x7007
store 0x7000 8 0x8007
store 0x8008 8 0x9067
store 0x8010 8 0xa025
store 0x4000 8 0x101
store 0x4008 8 0x80_0001
write 0x20 8 0x1400
write 0x18 4 0x4000_0000
write 0x18 4 0x8000_0000
write 0xd0 8 0x1_0000
write 0xb8 8 0xc003
write 0x18 4 0x8100_0000
write 0x18 4 0x8200_0000
)";

std::string explain(const std::string &statements, const std::string &options = "")
{
    const File scenario(".vtd", kMachine + statements);
    const Output o = vtdsim("explain " + options + " " + scenario.path);
    EXPECT_EQ(o.status, 0) << o.err;
    EXPECT_THAT(o.out, Not(HasSubstr("but the scenario expects"))) << o.out;
    return o.out;
}

/* "kind section address" of each step of the first statement. */
std::vector<std::string> steps(const std::string &statements)
{
    std::vector<std::string> found;
    json_t *root = json_loads(explain(statements, "--json").c_str(), 0, nullptr);
    EXPECT_NE(root, nullptr);
    const json_t *list = json_object_get(json_array_get(root, json_array_size(root) - 1), "steps");
    size_t i;
    json_t *step;
    json_array_foreach(list, i, step)
    {
        const json_t *address = json_object_get(step, "address");
        found.push_back(std::string(json_string_value(json_object_get(step, "step"))) + " " +
                        json_string_value(json_object_get(step, "ref")) +
                        (address ? " " + std::string(json_string_value(address)) : ""));
    }
    json_decref(root);
    return found;
}

void expectInOrder(const std::string &text, const std::vector<std::string> &parts)
{
    size_t at = 0;
    for (const std::string &part : parts) {
        const size_t found = text.find(part, at);
        EXPECT_NE(found, std::string::npos) << "missing, or out of order: " << part << "\n" << text;
        if (found == std::string::npos)
            return;
        at = found + part.size();
    }
}

/* Entry 1: vector 0x41 to APIC 3, for 00:02.0 only. Entry 2: posted, vector 0x51, descriptor at 0xe000 (0x99, APIC 7). */
const char *const kEntries = R"(
store 0xc010 8 0x0300_0041_0001
store 0xc018 8 0x4_0010
store 0xc020 8 0xe000_0051_8001
store 0xe020 8 0x0700_0099_0000
)";

} // namespace

/* ---------------------------------------------------------------- ATS */

TEST(Explain, TranslationRequestsEndWithWhatTheCompletionSays)
{
    expectInOrder(explain("ats 00:02.0 0x1000 pasid=5 -> hpa=0x9000 r=1 w=1 n=1\n"),
                  {"A translation request (ATS) for 0x1000", "first-stage PT entry", "0x8008",
                   "the tables grant this requester: read, write", "fill", "N=1", "ref 7.2", "=> hpa=0x9000"});
    expectInOrder(explain("ats 00:02.0 0x1000 pasid=5 no-write -> hpa=0x9000 r=1 w=0\n"),
                  {"no write", "the request has the no-write flag", "success", "ref 7.2"});
    expectInOrder(explain("ats 00:02.0 0x3000 pasid=5 -> r=0 w=0\n"),
                  {"not present", "fault 0x71 SFS.2", "the translation request is answered with success"});
    expectInOrder(explain("ats 00:02.0 0xfee0_0000 -> r=0 w=1 u=1\n"), {"the interrupt range", "ref 4.9"});
}

TEST(Explain, TranslatedRequestsAreUsedAsTheyAre)
{
    expectInOrder(explain("translated read 00:02.0 0x9000 -> hpa=0x9000\n"),
                  {"A translated read", "look up  context cache", "the device has translated the address",
                   "ref 4.2 step 7", "=> hpa=0x9000"});
}

TEST(Explain, ReadsThatDoNotSnoopAreMarked)
{
    const std::string dma = "dma read 00:02.0 0x1000 pasid=5";
    const std::string snooped = explain(dma + " -> hpa=0x9000\n");
    EXPECT_THAT(snooped, Not(HasSubstr("not snooped")));
    /* PWSNP 0: page tables are not snooped, so no accessed bit can be set there; root to PASID entry are (ref 4.7, 4.8). */
    const std::string walk = "store 0x4148 8 0x7\n" + dma + " -> fault=0x90\n";
    const std::string text = explain(walk);
    expectInOrder(text, {"PASID table entry", "not snooped", "fault 0x90 SFS.9"});
    EXPECT_THAT(text.substr(0, text.find("PASID table entry")), Not(HasSubstr("not snooped")));
    EXPECT_THAT(explain(walk, "--json"),
                testing::AllOf(HasSubstr("\"snooped\": true"), HasSubstr("\"snooped\": false")));
}

/* ---------------------------------------------------------------- page requests */

TEST(Explain, PageRequestsGoIntoTheQueue)
{
    const char *const request = "page-request 00:02.0 0x3000 prgi=7 pasid=5 read write last -> queued\n";
    expectInOrder(explain(request), {"A page request to read and write 0x3000, last of group 7", "PASID table entry",
                                     "there is room in the queue, at byte 0", "ref 7.1 step 4",
                                     "what could have caused it goes: the page of this PASID", "ref 6.4", "write",
                                     "page request descriptor", "0x10000", "masked", "=> queued"});
    const std::vector<std::string> found = steps(request);
    /* root, context entry, PASID directory and entry are read, the descriptor is written */
    std::vector<std::string> memory;
    for (const std::string &step : found)
        if (step.rfind("read", 0) == 0 || step.rfind("write", 0) == 0)
            memory.push_back(step.substr(step.rfind(' ') + 1));
    EXPECT_EQ(memory, (std::vector<std::string>{"0x1000", "0x2200", "0x3000", "0x4140", "0x10000"}));
}

TEST(Explain, PageRequestsThatAreNotQueuedSayWhatBecomesOfThem)
{
    expectInOrder(explain("page-request 00:02.0 0x3000 prgi=7 pasid=6 priv read last -> rejected\n"),
                  {"privileged", "fault 0x59 SPT.2", "Invalid Request", "ref 7.1", "=> rejected"});
    expectInOrder(explain("page-request 00:02.0 0x3000 prgi=7 pasid=6 read -> dropped\n"),
                  {"fault 0x59 SPT.2", "not the last of its group", "=> dropped"});
    const std::string full = "write 0xc0 8 0x20\n"; /* the head is one slot in front of the tail */
    expectInOrder(explain(full + "page-request 00:02.0 0x3000 prgi=7 pasid=5 read last -> overflow\n"),
                  {"the queue is full: PRO is set", "ref 7.1 step 3", "Success", "=> overflow"});
    const std::string again = full + "page-request 00:02.0 0x3000 prgi=7 pasid=5 read last -> overflow\n"
                                     "page-request 00:02.0 0x3000 prgi=8 pasid=5 read -> overflow\n";
    expectInOrder(explain(again), {"=> overflow", "PRO is set: nothing is queued", "ref 7.1 step 2",
                                   "not the last of its group", "=> overflow"});
}

/* ---------------------------------------------------------------- interrupts */

TEST(Explain, RemappedInterruptsAreFollowedFromTheIndexToTheMessage)
{
    const std::string fire = std::string(kEntries) + "interrupt 00:02.0 0xfee0_0030 0 -> vector=0x41 dest=3\n";
    expectInOrder(explain(fire), {"An interrupt request", "remappable format, interrupt index 1", "ref 8.1",
                                  "look up  interrupt entry cache", "miss", "read", "interrupt entry", "0xc010", "fill",
                                  "SVT 1", "ref 2.9", "IM 0", "xAPIC mode", "ref 8.2 step 6", "=> vector=0x41"});
    EXPECT_EQ(steps(fire), (std::vector<std::string>{"decision 8.1", "lookup 8.3", "read 2.9 0xc010", "fill 8.3",
                                                     "decision 2.9", "decision 8.2 step 6"}));
    expectInOrder(explain(fire + "interrupt 00:02.1 0xfee0_0030 0 -> fault=0x26\n", ""),
                  {"=> vector=0x41", "HIT", "SVT 1", "fault 0x26"});
    expectInOrder(explain("interrupt 00:02.0 0xfee0_3000 0x41 -> fault=0x25\n"),
                  {"compatibility format", "ref 8.2 step 3", "fault 0x25"});
}

TEST(Explain, PostedInterruptsShowBothUpdatesAndTheNotification)
{
    const std::string fire = std::string(kEntries) + "interrupt 00:02.0 0xfee0_0050 0 -> posted\n";
    expectInOrder(explain(fire), {"interrupt entry (posted)", "posted to the descriptor at 0xe000", "ref 8.2 step 7",
                                  "read", "0xe000", "update", "0xe008", "sets the request of vector 0x51", "update",
                                  "0xe020", "sets ON", "a notification goes out to APIC 7", "=> posted"});
    EXPECT_EQ(steps(fire),
              (std::vector<std::string>{"decision 8.1", "lookup 8.3", "read 2.9 0xc020", "fill 8.3", "decision 2.9",
                                        "decision 8.2 step 7", "read 2.9 0xe000", "update 8.2 step 7 0xe008",
                                        "read 2.9 0xe020", "update 8.2 step 7 0xe020", "decision 8.2 step 7"}));
    expectInOrder(explain(fire + "interrupt 00:02.0 0xfee0_0050 0 -> posted\n"),
                  {"=> posted", "no notification: ON says that one is outstanding", "=> posted"});
    expectInOrder(
        explain(std::string(kEntries) + "store 0xe020 8 0x0700_0099_0002\ninterrupt 00:02.0 0xfee0_0050 0 -> posted\n"),
        {"no notification: SN suppresses it", "=> posted"});
}

TEST(Explain, ADwordWriteIntoTheRangeIsAnInterruptRequest)
{
    expectInOrder(explain(std::string(kEntries) + "dma write 00:02.0 0xfee0_0030 len=4 -> vector=0x41 dest=3\n"),
                  {"A write of 4 bytes", "is an interrupt request", "ref 4.9", "interrupt index 1", "=> vector=0x41"});
}

/* ---------------------------------------------------------------- which statements */

TEST(Explain, WithoutALineEveryRequestIsExplained)
{
    const std::string all = std::string(kEntries) + R"(
dma read 00:02.0 0x1000 pasid=5
translated read 00:02.0 0x9000
ats 00:02.0 0x1000 pasid=5
page-request 00:02.0 0x3000 prgi=7 pasid=5 read last
interrupt 00:02.0 0xfee0_0030 0
)";
    json_t *root = json_loads(explain(all, "--json").c_str(), 0, nullptr);
    ASSERT_NE(root, nullptr);
    ASSERT_EQ(json_array_size(root), 5u);
    size_t i;
    json_t *statement;
    json_array_foreach(root, i, statement)
    {
        EXPECT_GT(json_array_size(json_object_get(statement, "steps")), 0u) << i;
        EXPECT_GT(json_string_length(json_object_get(statement, "outcome")), 0u) << i;
    }
    json_decref(root);
    const File nothing(".vtd", kMachine);
    const Output o = vtdsim("explain " + nothing.path);
    EXPECT_EQ(o.status, 2);
    EXPECT_THAT(o.err, HasSubstr("no request of a device to explain"));
}
