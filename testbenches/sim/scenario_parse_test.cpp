/* SPDX-License-Identifier: MIT */
/*
 * The scenario parser: every form that the format allows is understood, and everything else is refused with the file,
 * the line and the reason. Expected values are those of docs/02_user/scenarios.md.
 */
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scenario/scenario.h"

namespace
{

class Parsed
{
  public:
    explicit Parsed(const std::string &text)
    {
        char why[VTD_SCENARIO_WHY_SIZE];
        ok = vtd_scenario_parse(&scenario, "x.vtd", text.data(), text.size(), why) == 0;
        message = ok ? "" : why;
    }
    ~Parsed()
    {
        if (ok)
            vtd_scenario_free(&scenario);
    }
    Parsed(const Parsed &) = delete;
    Parsed &operator=(const Parsed &) = delete;

    struct vtd_scenario scenario = {};
    std::string message;
    bool ok = false;
};

/* A file of one statement in line 2. */
std::string file(const std::string &statement)
{
    return "vtd-scenario 1\n" + statement + "\n";
}

struct Case {
    const char *statement;
    const char *reason; /* part of the message */
};

class ScenarioRefuses : public testing::TestWithParam<Case>
{
};

TEST_P(ScenarioRefuses, WithFileLineAndReason)
{
    const Parsed p(file(GetParam().statement));
    EXPECT_FALSE(p.ok) << GetParam().statement;
    EXPECT_EQ(p.message.rfind("x.vtd:2: ", 0), 0u) << p.message;
    EXPECT_NE(p.message.find(GetParam().reason), std::string::npos) << p.message;
}

const Case kNumbers[] = {
    {"store 0x 8 1", "ADDR must be a number"},
    {"store 0X10 8 1", "ADDR must be a number"},
    {"store _1 8 1", "ADDR must be a number"},
    {"store 1_ 8 1", "ADDR must be a number"},
    {"store 1__0 8 1", "ADDR must be a number"},
    {"store 0x_1 8 1", "ADDR must be a number"},
    {"store 12a 8 1", "ADDR must be a number"},
    {"store -1 8 1", "ADDR must be a number"},
    {"store +1 8 1", "ADDR must be a number"},
    {"store 0x1_0000_0000_0000_0000 8 1", "ADDR is out of range"},
    {"store 18446744073709551616 8 1", "ADDR is out of range"},
    {"store 0x0 4 0x1_0000_0000", "VALUE is out of range"},
    {"store 0x0 2 0x1_0000", "VALUE is out of range"},
    {"store 0x0 1 256", "VALUE is out of range"},
};
INSTANTIATE_TEST_SUITE_P(Numbers, ScenarioRefuses, testing::ValuesIn(kNumbers));

const Case kSourceIds[] = {
    {"interrupt 0:02.0 0xfee00000 0", "SID must be BB:DD.F"},
    {"interrupt 00:2.0 0xfee00000 0", "SID must be BB:DD.F"},
    {"interrupt 00:02.00 0xfee00000 0", "SID must be BB:DD.F"},
    {"interrupt 00:02 0xfee00000 0", "SID must be BB:DD.F"},
    {"interrupt 0g:02.0 0xfee00000 0", "SID must be BB:DD.F"},
    {"interrupt 00:20.0 0xfee00000 0", "SID is out of range"},
    {"interrupt 00:1f.8 0xfee00000 0", "SID is out of range"},
    {"interrupt 0x10000 0xfee00000 0", "SID is out of range"},
    {"interrupt bus 0xfee00000 0", "SID must be a number"},
};
INSTANTIATE_TEST_SUITE_P(SourceIds, ScenarioRefuses, testing::ValuesIn(kSourceIds));

const Case kStatements[] = {
    {"stroe 0 8 1", "unknown statement 'stroe'"},
    {"STORE 0 8 1", "unknown statement 'STORE'"},
    {"vtd-scenario 1", "unknown statement"},
    {"config haw", "VALUE is missing"},
    {"config", "KEY is missing"},
    {"config haw 46 47", "unexpected '47'"},
    {"endpoint 00:02.0", "answer= is missing"},
    {"endpoint 00:02.0 prompt", "expected answer="},
    {"endpoint 00:02.0 answer=maybe", "answer must be prompt, hold, release, never, wrong-sid or wrong-itag"},
    {"endpoint 00:02.0 answer=", "answer must be"},
    {"store 0 3 1", "SIZE must be 1, 2, 4 or 8"},
    {"store 0 8", "VALUE is missing"},
    {"store 0 8 1 2", "unexpected '2'"},
    {"store", "ADDR is missing"},
    {"fill 0 16", "BYTE is missing"},
    {"fill 0 16 0x100", "BYTE is out of range"},
    {"check 0 8", "VALUE is missing"},
    {"check 0 4 0 0x1_0000_0000", "MASK is out of range"},
    {"check 0 8 1 2 3", "unexpected '3'"},
    {"write 0x18 2 0", "SIZE must be 4 or 8"},
    {"write 0x18 4 0x1_0000_0000", "VALUE is out of range"},
    {"write 0x18 4", "VALUE is missing"},
    {"read 0x18 1", "SIZE must be 4 or 8"},
    {"read 0x18", "SIZE is missing"},
    {"read 0x18 4 0 0 0", "unexpected '0'"},
    {"msi 0xfee00000", "DATA is missing"},
    {"msi 0xfee00000 0x1_0000_0000", "DATA is out of range"},
    {"msi none 1", "unexpected '1'"},
    {"stat", "NAME is missing"},
    {"stat requests many", "VALUE must be a number"},
    {"reset now", "unexpected 'now'"},
    {"echo", "TEXT is missing"},
    {"store 0 8 1\r", "control character 0x0d"},
};
INSTANTIATE_TEST_SUITE_P(Statements, ScenarioRefuses, testing::ValuesIn(kStatements));

const Case kRequests[] = {
    {"dma", "KIND is missing"},
    {"dma fetch 00:02.0 0", "KIND must be read, write, exec or atomic"},
    {"dma read 00:02.0", "ADDR is missing"},
    {"dma read 00:02.0 0 pasid=0x10_0000", "pasid is out of range"},
    {"dma read 00:02.0 0 pasid", "'pasid' needs a value"},
    {"dma read 00:02.0 0 pasid=", "pasid must be a number"},
    {"dma read 00:02.0 0 pasid=1 pasid=1", "'pasid' is given twice"},
    {"dma read 00:02.0 0 priv", "'priv' needs 'pasid'"},
    {"dma read 00:02.0 0 pasid=1 priv=1", "'priv' takes no value"},
    {"dma read 00:02.0 0 pasid=1 priv priv", "'priv' is given twice"},
    {"dma read 00:02.0 0 no-write", "unknown word 'no-write'"},
    {"dma read 00:02.0 0 len=4097", "len is out of range"},
    {"dma write 00:02.0 0 len=0", "zero-length read"},
    {"dma read 00:02.0 0xfff len=2", "crosses a 4 KiB boundary"},
    {"dma read 00:02.0 0x1001 len=4096", "crosses a 4 KiB boundary"},
    {"dma read 00:02.0 0 hpa=0", "unknown word 'hpa'"},
    {"dma read 00:02.0 0 ->", "what is expected is missing"},
    {"dma read 00:02.0 0 -> ok", "unknown word 'ok'"},
    {"dma read 00:02.0 0 -> hpa", "'hpa' needs a value"},
    {"dma read 00:02.0 0 -> page=4K", "hpa=ADDR is missing"},
    {"dma read 00:02.0 0 -> hpa=0 page=4k", "page must be 4K, 2M or 1G"},
    {"dma read 00:02.0 0 -> hpa=0 hpa=0", "'hpa' is given twice"},
    {"dma read 00:02.0 0 -> hpa=0 blocked", "unknown word 'blocked'"},
    {"dma read 00:02.0 0 -> fault=0", "fault is out of range"},
    {"dma read 00:02.0 0 -> fault=0x100", "fault is out of range"},
    {"dma read 00:02.0 0 -> fault=0x71 page=4K", "unexpected 'page=4K'"},
    {"dma read 00:02.0 0 -> blocked blocked", "unexpected 'blocked'"},
    {"dma read 00:02.0 0 -> vector=1", "unknown word 'vector'"},
    {"dma read 00:02.0 0xfee00000 len=4 -> vector=1", "unknown word 'vector'"},
    {"dma write 00:02.0 0xfee00000 len=4 pasid=1 -> vector=1", "unknown word 'vector'"},
    {"dma write 00:02.0 0xfee00000 len=8 -> posted", "unknown word 'posted'"},
    {"dma write 00:02.0 0xfee00000 len=4 -> hpa=0xfee00000", "unknown word 'hpa'"},
    {"translated read 00:02.0 0 len=4", "unknown word 'len'"},
    {"translated read 00:02.0 0 priv", "'priv' needs 'pasid'"},
    {"translated read 0 -> hpa=0", "ADDR must be a number"},
    {"ats 00:02.0 0 write", "unknown word 'write'"},
    {"ats 00:02.0 0 -> hpa=0x1000", "r=0|1 is missing"},
    {"ats 00:02.0 0 -> r=1", "w=0|1 is missing"},
    {"ats 00:02.0 0 -> r=2 w=0", "r is out of range"},
    {"ats 00:02.0 0 -> r=1 w=0 page=4K", "unknown word 'page'"},
    {"ats 00:02.0 0 -> ur r=0", "unexpected 'r=0'"},
    {"ats 00:02.0 0 -> blocked", "unknown word 'blocked'"},
    {"page-request 00:02.0 0x1000", "prgi=N is missing"},
    {"page-request 00:02.0 0x1000 prgi=512", "prgi is out of range"},
    {"page-request 00:02.0 0x1000 prgi=1 priv", "'priv' needs 'pasid'"},
    {"page-request 00:02.0 0x1000 prgi=1 last last", "'last' is given twice"},
    {"page-request 00:02.0 0x1000 prgi=1 -> ok", "must be queued, overflow, rejected or dropped"},
    {"page-request 00:02.0 0x1000 prgi=1 -> queued now", "unexpected 'now'"},
    {"interrupt 00:02.0 0xfee00000", "DATA is missing"},
    {"interrupt 00:02.0 0xfed00000 0", "ADDR is out of range"},
    {"interrupt 00:02.0 0x1_fee0_0000 0", "ADDR is out of range"},
    {"interrupt 00:02.0 0xfee00000 0x1_0000_0000", "DATA is out of range"},
    {"interrupt 00:02.0 0xfee00000 0 vector=1", "expected '->'"},
    {"interrupt 00:02.0 0xfee00000 0 -> dest=1", "vector=N is missing"},
    {"interrupt 00:02.0 0xfee00000 0 -> vector=256", "vector is out of range"},
    {"interrupt 00:02.0 0xfee00000 0 -> vector=1 mode=8", "mode is out of range"},
    {"interrupt 00:02.0 0xfee00000 0 -> hpa=1", "unknown word 'hpa'"},
    {"to-device flush", "KIND must be none, invalidate or page-response"},
    {"to-device none sid=0", "unexpected 'sid=0'"},
    {"to-device invalidate prgi=1", "unknown word 'prgi'"},
    {"to-device invalidate global=2", "global is out of range"},
    {"to-device page-response code=16", "code is out of range"},
    {"to-device page-response addr=0", "unknown word 'addr'"},
    {"to-device page-response sid=0 sid=0", "'sid' is given twice"},
};
INSTANTIATE_TEST_SUITE_P(Requests, ScenarioRefuses, testing::ValuesIn(kRequests));

struct FileCase {
    const char *text;
    const char *message;
};
class ScenarioFile : public testing::TestWithParam<FileCase>
{
};

TEST_P(ScenarioFile, IsRefused)
{
    const Parsed p(GetParam().text);
    EXPECT_FALSE(p.ok);
    EXPECT_EQ(p.message.rfind(GetParam().message, 0), 0u) << p.message;
}
const FileCase kFiles[] = {
    {"", "x.vtd:1: a scenario begins with 'vtd-scenario 1'"},
    {"# nothing\n\n", "x.vtd:3: a scenario begins with"},
    {"reset\n", "x.vtd:1: a scenario begins with 'vtd-scenario 1', not 'reset'"},
    {"\n# first\nvtd-scenario 2\n", "x.vtd:3: version 2 of the format is not known"},
    {"vtd-scenario\n", "x.vtd:1: version is missing"},
    {"vtd-scenario 1 0\n", "x.vtd:1: unexpected '0'"},
    {"vtd-scenario one\n", "x.vtd:1: version must be a number"},
    {"vtd-scenario 1\nreset\nconfig haw 46\n", "x.vtd:3: config must stand before all other statements"},
    {"vtd-scenario 1\nreset\necho x\nnonsense\n", "x.vtd:4: unknown statement"},
};
INSTANTIATE_TEST_SUITE_P(Rules, ScenarioFile, testing::ValuesIn(kFiles));

TEST(ScenarioParser, ReportsTheFirstErrorOnly)
{
    EXPECT_EQ(Parsed("vtd-scenario 1\nfirst\nsecond\n").message, "x.vtd:2: unknown statement 'first'");
}

TEST(ScenarioParser, RefusesAZeroByteOutsideOfComments)
{
    EXPECT_EQ(Parsed(std::string("vtd-scenario 1\nreset\0\n", 22)).message, "x.vtd:2: control character 0x00");
    EXPECT_TRUE(Parsed(std::string("vtd-scenario 1\nreset #\0\n", 24)).ok);
}

TEST(ScenarioParser, QuotesNothingThatSteersATerminal)
{
    const Parsed p(file("reset \x7f"));
    EXPECT_FALSE(p.ok);
    EXPECT_EQ(p.message.find('\x7f'), std::string::npos);
}

TEST(ScenarioParser, RefusesMoreWordsThanAnyStatementHas)
{
    std::string line = "store 0 8 1";
    for (int i = 0; i < 100; i++)
        line += " 1";
    EXPECT_FALSE(Parsed(file(line)).ok);
}

TEST(ScenarioParser, EchoTakesAnyNumberOfWordsAsWritten)
{
    std::string text = "a  b\tc";
    for (int i = 0; i < 100; i++)
        text += " w";
    const Parsed p(file("  echo  " + text + "  # not this"));
    ASSERT_TRUE(p.ok) << p.message;
    ASSERT_EQ(p.scenario.count, 1u);
    EXPECT_STREQ(p.scenario.stmts[0].name, text.c_str());
}

TEST(ScenarioParser, AcceptsCommentsBlankLinesTabsAndAMissingLastNewline)
{
    const Parsed p("# head\n\n \t \nvtd-scenario\t1 # one\n\tstore 0x10\t4 7# no blank before\n\nreset");
    ASSERT_TRUE(p.ok) << p.message;
    ASSERT_EQ(p.scenario.count, 2u);
    EXPECT_EQ(p.scenario.stmts[0].line, 5u);
    EXPECT_EQ(p.scenario.stmts[0].value, 7u);
    EXPECT_STREQ(p.scenario.stmts[0].text, "store 0x10\t4 7");
    EXPECT_EQ(p.scenario.stmts[1].line, 7u);
    EXPECT_EQ(p.scenario.stmts[1].kind, VTD_STMT_RESET);
}

TEST(ScenarioParser, ReadsNumbersInAllTheirForms)
{
    const Parsed p("vtd-scenario 1\n"
                   "store 1_000 8 0xFFFF_ffff_FFFF_ffff\nstore 007 1 0xff\nstore 18446744073709551615 1 0\n");
    ASSERT_TRUE(p.ok) << p.message;
    EXPECT_EQ(p.scenario.stmts[0].addr, 1000u);
    EXPECT_EQ(p.scenario.stmts[0].value, UINT64_MAX);
    EXPECT_EQ(p.scenario.stmts[1].addr, 7u);
    EXPECT_EQ(p.scenario.stmts[2].addr, UINT64_MAX);
}

TEST(ScenarioParser, ReadsSourceIdsInBothForms)
{
    const Parsed p("vtd-scenario 1\nendpoint ff:1f.7 answer=hold\nendpoint 0x1234 answer=wrong-itag\n"
                   "endpoint 5 answer=release\nendpoint aB:02.1 answer=never\n");
    ASSERT_TRUE(p.ok) << p.message;
    EXPECT_EQ(p.scenario.stmts[0].sid, 0xffff);
    EXPECT_EQ(p.scenario.stmts[0].answer, VTD_ANSWER_HOLD);
    EXPECT_EQ(p.scenario.stmts[1].sid, 0x1234);
    EXPECT_EQ(p.scenario.stmts[1].answer, VTD_ANSWER_WRONG_ITAG);
    EXPECT_EQ(p.scenario.stmts[2].sid, 5);
    EXPECT_EQ(p.scenario.stmts[2].answer, VTD_ANSWER_RELEASE);
    EXPECT_EQ(p.scenario.stmts[3].sid, 0xab11);
    EXPECT_EQ(p.scenario.stmts[3].answer, VTD_ANSWER_NEVER);
}

TEST(ScenarioParser, ReadsADmaRequestWithAllItsOptionsInAnyOrder)
{
    const Parsed p("vtd-scenario 1\n"
                   "dma atomic 00:02.0 0x1ff8 len=8 priv pasid=0xfffff -> page=2M hpa=0x9123\n"
                   "dma read 00:02.0 0x1fff\ndma read 00:02.0 0x1000 len=0 -> blocked\n"
                   "dma read 00:02.0 0x1000 len=4096 -> fault=0x71\n");
    ASSERT_TRUE(p.ok) << p.message;
    const struct vtd_stmt &s = p.scenario.stmts[0];
    EXPECT_EQ(s.request.access, VTD_ATOMIC);
    EXPECT_EQ(s.request.at, VTD_AT_UNTRANSLATED);
    EXPECT_EQ(s.request.sid, 0x10);
    EXPECT_EQ(s.request.addr, 0x1ff8u);
    EXPECT_EQ(s.request.len, 8);
    EXPECT_EQ(s.request.pasid, 0xfffffu);
    EXPECT_EQ(s.request.flags, VTD_REQ_PASID | VTD_REQ_PRIV);
    EXPECT_EQ(s.expect.kind, VTD_EXPECT_HPA);
    EXPECT_EQ(s.expect.addr, 0x9123u);
    EXPECT_EQ(s.expect.size, 0x200000u);
    EXPECT_EQ(p.scenario.stmts[1].request.len, 1);
    EXPECT_EQ(p.scenario.stmts[1].expect.kind, VTD_EXPECT_NOTHING);
    EXPECT_EQ(p.scenario.stmts[2].request.len, 0);
    EXPECT_EQ(p.scenario.stmts[2].expect.kind, VTD_EXPECT_BLOCKED);
    EXPECT_EQ(p.scenario.stmts[3].request.len, 4096);
    EXPECT_EQ(p.scenario.stmts[3].expect.fault, 0x71);
}

TEST(ScenarioParser, ADwordWriteWithoutPasidToTheInterruptRangeTakesAnIrqOutcome)
{
    const Parsed p(file("dma write 00:02.0 0xfeeffffc len=4 -> vector=0x41 dest=0xffffffff mode=7"));
    ASSERT_TRUE(p.ok) << p.message;
    const struct vtd_expect &e = p.scenario.stmts[0].expect;
    EXPECT_EQ(e.kind, VTD_EXPECT_VECTOR);
    EXPECT_EQ(e.vector, 0x41);
    EXPECT_EQ(e.data, 0xffffffffu);
    EXPECT_EQ(e.mode, 7);
    EXPECT_TRUE(Parsed(file("dma write 00:02.0 0xfee00000 len=4 -> posted")).ok);
    EXPECT_TRUE(Parsed(file("dma write 00:02.0 0xfee00000 len=4 pasid=1 -> hpa=0")).ok);
}

TEST(ScenarioParser, AnExecuteRequestWithoutPasidIsARead)
{
    const Parsed p("vtd-scenario 1\ndma exec 00:02.0 0\ndma exec 00:02.0 0 pasid=1\n");
    ASSERT_TRUE(p.ok) << p.message;
    EXPECT_EQ(p.scenario.stmts[0].request.access, VTD_READ);
    EXPECT_EQ(p.scenario.stmts[1].request.access, VTD_EXEC);
}

TEST(ScenarioParser, ReadsTranslationRequestsAndTheirCompletions)
{
    const Parsed p("vtd-scenario 1\n"
                   "ats 00:02.0 0x1234 pasid=3 priv no-write exec -> n=1 hpa=0x200000 size=0x200000 r=1 w=0 x=0 u=0 "
                   "priv=1 global=0\nats 00:02.0 0 -> ur\nats 00:02.0 0 -> ca\n");
    ASSERT_TRUE(p.ok) << p.message;
    const struct vtd_stmt &s = p.scenario.stmts[0];
    EXPECT_EQ(s.request.at, VTD_AT_TRANSLATION);
    EXPECT_EQ(s.request.addr, 0x1000u);
    EXPECT_EQ(s.request.flags, VTD_REQ_PASID | VTD_REQ_PRIV | VTD_REQ_NO_WRITE);
    EXPECT_EQ(s.request.access, VTD_EXEC);
    EXPECT_EQ(s.expect.kind, VTD_EXPECT_ATS);
    EXPECT_EQ(s.expect.rights, static_cast<uint32_t>(VTD_GIVEN_R | VTD_GIVEN_PRIV | VTD_GIVEN_N));
    EXPECT_EQ(s.expect.size, 0x200000u);
    EXPECT_EQ(p.scenario.stmts[1].expect.kind, VTD_EXPECT_UR);
    EXPECT_EQ(p.scenario.stmts[2].expect.kind, VTD_EXPECT_CA);
}

TEST(ScenarioParser, ReadsPageRequests)
{
    const Parsed p("vtd-scenario 1\n"
                   "page-request 00:02.0 0x5000 prgi=511 pasid=9 priv exec read write last -> rejected\n"
                   "page-request 00:02.0 0x5000 prgi=0 -> overflow\n");
    ASSERT_TRUE(p.ok) << p.message;
    const struct vtd_page_request &r = p.scenario.stmts[0].page_request;
    EXPECT_EQ(r.addr, 0x5000u);
    EXPECT_EQ(r.prgi, 511);
    EXPECT_EQ(r.pasid, 9u);
    EXPECT_EQ(r.flags, VTD_PRQ_PASID | VTD_PRQ_PRIV | VTD_PRQ_EXEC | VTD_PRQ_READ | VTD_PRQ_WRITE | VTD_PRQ_LAST);
    EXPECT_EQ(p.scenario.stmts[0].expect.prq, VTD_PRQ_REJECTED);
    EXPECT_EQ(p.scenario.stmts[1].page_request.flags, 0);
    EXPECT_EQ(p.scenario.stmts[1].expect.prq, VTD_PRQ_OVERFLOW);
}

TEST(ScenarioParser, ReadsMessagesToDevices)
{
    const Parsed p("vtd-scenario 1\nto-device\nto-device none\n"
                   "to-device invalidate sid=00:02.0 pasid=1 addr=0 size=0x1_0000_0000_0000_0000 global=1\n"
                   "to-device invalidate size=0x1000\nto-device page-response sid=3 pasid=4 prgi=5 code=15\n");
    ASSERT_TRUE(p.ok) << p.message;
    EXPECT_EQ(p.scenario.stmts[0].expect.kind, VTD_EXPECT_ANY);
    EXPECT_EQ(p.scenario.stmts[1].expect.kind, VTD_EXPECT_NONE);
    EXPECT_EQ(p.scenario.stmts[2].expect.size, 0u) << "the whole address space";
    EXPECT_TRUE(p.scenario.stmts[2].expect.global);
    EXPECT_EQ(p.scenario.stmts[3].expect.size, 0x1000u);
    EXPECT_EQ(p.scenario.stmts[4].expect.code, 15);
    EXPECT_EQ(p.scenario.stmts[4].expect.prgi, 5);
}

} // namespace
