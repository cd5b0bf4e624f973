/* SPDX-License-Identifier: MIT */
/*
 * The two forms of a trace: the bytes of the binary one as documented, conversion without loss, domains, and memory
 * that does not grow. The bytes and numbers expected here are worked out by hand from docs/02_user/traces.md.
 */
#include "trace_forms.h"
#include "trace_oracle.h"
#include "workload_rig.h"

#include <gmock/gmock.h>

#include <random>

using forms::binary;
using forms::convert;
using forms::every_kind;
using forms::every_kind_items;
using forms::Output;
using forms::Read;
using program::File;
using program::read_all;
using testing::HasSubstr;

namespace
{

TEST(BinaryTrace, HasTheBytesThatTheDocumentationGives)
{
    const File text(".trace", every_kind);
    const Output out(".vtdtrace");
    ASSERT_EQ(convert(text.path, out.path, VTD_TRACE_BINARY), "");
    const std::string file = read_all(out.path);
    ASSERT_GT(file.size(), 16u);
    EXPECT_EQ(file.substr(0, 16), std::string("\x50\x2a\x4d\x18\x08\0\0\0VTDTRC\0\x01", 16));
    EXPECT_EQ(oracle::decompress(file.substr(16)), every_kind_items);
}

TEST(BinaryTrace, ReadsBackAsTheSameText)
{
    const File file(".vtdtrace", binary(every_kind_items));
    const Output out(".trace");
    ASSERT_EQ(convert(file.path, out.path, VTD_TRACE_TEXT), "");
    EXPECT_EQ(read_all(out.path), every_kind);
}

TEST(BinaryTrace, IsAFileThatZstdUnpacks)
{
    EXPECT_EQ(oracle::decompress(binary(every_kind_items)), every_kind_items)
        << "the header is a frame that is skipped";
}

TEST(BinaryTrace, NormalizesNumbersOfTextAndNothingElse)
{
    const File text(".trace", "#  spaces   stay\t\n\n \t\n007.250 0A:1f.7 00f r 0001000 010\r\n  inv   * 0  all\n");
    const Output out(".trace");
    ASSERT_EQ(convert(text.path, out.path, VTD_TRACE_TEXT), "");
    EXPECT_EQ(read_all(out.path), "#  spaces   stay\t\n\n \t\n7.25 0a:1f.7 f r 1000 10\ninv * 0 all\n");
}

/* A canonical line: as the program itself would write it. */
std::string random_line(std::mt19937_64 &random, uint64_t &time)
{
    char line[128];
    const auto below = [&](uint64_t n) { return random() % n; };
    const uint64_t domain = below(9) << below(29), page = random() >> (12 + below(52));
    switch (below(12)) {
    case 0:
        return "# " + std::string(below(300), char('!' + below(90)));
    case 1:
        snprintf(line, sizeof line, "inv %llx %llx %llu", (unsigned long long)domain,
                 (unsigned long long)(page & 0xffffffffff) << 12,
                 (unsigned long long)(1 + below(UINT64_C(1) << below(32))));
        return line;
    case 2:
        snprintf(line, sizeof line, "inv %llx 0 all", (unsigned long long)domain);
        return below(4) ? line : "inv * 0 all";
    default:
        break;
    }
    time = below(20) ? time + (below(2) ? below(3000000) : 0) : time - below(time + 1); /* it may go back */
    std::string ms = std::to_string(time / 1000000);
    if (time % 1000000) {
        snprintf(line, sizeof line, ".%06llu", (unsigned long long)time % 1000000);
        ms += line;
        while (ms.back() == '0')
            ms.pop_back();
    }
    const unsigned offset = below(2) ? 0 : below(4096), len = below(2) ? 0 : 1 + below(4096 - offset);
    std::string pasid = "-";
    if (below(2)) {
        snprintf(line, sizeof line, "%llx", (unsigned long long)below(0x100000) >> below(20));
        pasid = line;
    }
    snprintf(line, sizeof line, "%s %02x:%02x.%x %s %c %llx %u", ms.c_str(), unsigned(below(256)), unsigned(below(32)),
             unsigned(below(8)), pasid.c_str(), "rw?"[below(3)], (unsigned long long)page << 12 | offset, len);
    return line;
}

TEST(BinaryTrace, ConvertsRandomTracesThereAndBackWithoutLoss)
{
    for (unsigned seed = 1; seed <= 20; seed++) {
        std::mt19937_64 random(seed);
        uint64_t time = 0;
        std::string text;
        for (unsigned i = 0; i < 2000; i++)
            text += random_line(random, time) + "\n";
        const File file(".trace", text);
        const Output packed(".vtdtrace"), zst(".zst"), back(".trace");
        ASSERT_EQ(convert(file.path, packed.path, VTD_TRACE_BINARY), "") << seed;
        ASSERT_EQ(convert(packed.path, zst.path, VTD_TRACE_TEXT_ZSTD), "") << seed;
        ASSERT_EQ(convert(zst.path, back.path, VTD_TRACE_TEXT), "") << seed;
        ASSERT_EQ(read_all(back.path), text) << seed;
        EXPECT_LT(read_all(packed.path).size(), text.size() / 2) << seed;
    }
}

TEST(BinaryTrace, TimesEndWhereSignedNanosecondsDo)
{
    const std::string last = "9223372036854.775807 00:01.0 - r 0 1\n"; /* 2^63 - 1 */
    const File good(".trace", last), bad(".trace", "9223372036854.775808 00:01.0 - r 0 1\n");
    const Output packed(".vtdtrace"), back(".trace");
    ASSERT_EQ(convert(good.path, packed.path, VTD_TRACE_BINARY), "");
    ASSERT_EQ(convert(packed.path, back.path, VTD_TRACE_TEXT), "");
    EXPECT_EQ(read_all(back.path), last);
    EXPECT_THAT(Read(bad.path).problem, HasSubstr(":1: the time"));
}

TEST(BinaryTrace, KeepsCommentsThatFillItsBuffers)
{
    std::string text;
    for (unsigned i = 0; i < 40; i++)
        text += "#" + std::string(65535 - i, char('a' + i % 26)) + "\n0 00:01.0 - r 1000 4\n";
    const File file(".trace", text);
    const Output packed(".vtdtrace"), back(".trace");
    ASSERT_EQ(convert(file.path, packed.path, VTD_TRACE_BINARY), "");
    ASSERT_EQ(convert(packed.path, back.path, VTD_TRACE_TEXT), "");
    EXPECT_EQ(read_all(back.path), text);
}

/* ---------------------------------------------------------------- domains */

TEST(TraceDomains, MembersCanBePasidsOfADevice)
{
    const rig::Trace t("# domains: 1=00:01.0,00:01.0/5 2=00:01.0/fffff\n0 00:01.0 5 r 1000 1\n"
                       "inv 1 1000 1\ninv 2 0 all\n");
    ASSERT_EQ(t.status, 0) << t.why;
    ASSERT_EQ(t.workload.trace.count, 4u);
    EXPECT_FALSE(t[1].has_pasid);
    EXPECT_TRUE(t[2].has_pasid);
    EXPECT_EQ(t[2].pasid, 5u);
    EXPECT_EQ(t[3].pasid, 0xfffffu);
    EXPECT_EQ(t[3].kind, VTD_RECORD_UNMAP_ALL);
    EXPECT_THAT(rig::Trace("# domains: 1=00:01.0/100000\n").why, HasSubstr(":1: want source-ids"));
}

TEST(TraceDomains, ADeviceThatIsNamedAgainMoves)
{
    const rig::Trace t("# domains: 1=00:01.0,00:02.0,00:03.0\n# domains: 2=00:02.0\n0 00:01.0 - r 1000 1\n"
                       "inv 1 1000 1\ninv 2 1000 1\n# domains: 2=00:01.0,00:03.0\ninv 2 0 all\ninv 1 0 all\n");
    EXPECT_THAT(t.why, HasSubstr(":8: no '# domains:' line")) << "all have left domain 1";
    const rig::Trace u("# domains: 1=00:01.0,00:02.0,00:03.0\n# domains: 2=00:02.0\n0 00:01.0 - r 1000 1\n"
                       "inv 1 1000 1\ninv 2 1000 1\n# domains: 2=00:01.0,00:03.0\ninv 2 0 all\n");
    ASSERT_EQ(u.status, 0) << u.why;
    std::vector<unsigned> sids;
    for (size_t i = 1; i < u.workload.trace.count; i++)
        sids.push_back(u[i].sid);
    EXPECT_EQ(sids, (std::vector<unsigned>{0x08, 0x18, 0x10, 0x10, 0x08, 0x18}));
}

TEST(TraceDomains, HundredThousandPasidsAreFound)
{
    std::string text;
    const unsigned count = 100000;
    char line[64];
    for (unsigned i = 0; i < count; i++) {
        snprintf(line, sizeof line, "# domains: %x=00:01.0/%x\n", i, count - i);
        text += line;
    }
    text += "0 00:01.0 1 r 1000 1\n";
    for (unsigned i = 0; i < count; i += 7) {
        snprintf(line, sizeof line, "inv %x 1000 1\n", i);
        text += line;
    }
    const rig::Trace t(text);
    ASSERT_EQ(t.status, 0) << t.why;
    for (unsigned i = 0, n = 1; i < count; i += 7, n++)
        ASSERT_EQ(t[n].pasid, count - i);
}

/* ---------------------------------------------------------------- memory */

unsigned long resident_kib()
{
    unsigned long size = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> size >> resident;
    return resident * unsigned(sysconf(_SC_PAGESIZE)) / 1024;
}

TEST(TraceStream, TakesNoMoreMemoryForALongTrace)
{
    const unsigned accesses = 1500000; /* as an array: 46 MiB */
    const Output file(".vtdtrace");
    char why[VTD_WHY_SIZE] = "";
    vtd_trace_writer *w = vtd_trace_writer_open(file.path.c_str(), VTD_TRACE_BINARY, 1, why);
    ASSERT_NE(w, nullptr) << why;
    vtd_record r = {};
    r.len = 64;
    for (unsigned i = 0; i < accesses; i++) {
        r.iova = uint64_t(i * 2654435761u) << 12;
        r.time_ns = i;
        ASSERT_EQ(vtd_trace_writer_record(w, &r, why), 0) << why;
    }
    ASSERT_EQ(vtd_trace_writer_finish(w, why), 0) << why;
    vtd_trace_stream *s = vtd_trace_stream_open(file.path.c_str(), why);
    ASSERT_NE(s, nullptr) << why;
    unsigned long early = 0;
    for (unsigned i = 0; i < accesses; i++) {
        ASSERT_EQ(vtd_trace_stream_next(s, &r, why), 1) << why;
        ASSERT_EQ(r.iova, uint64_t(i * 2654435761u) << 12);
        ASSERT_EQ(r.time_ns, i);
        if (i == 300000)
            early = resident_kib(); /* the window of the decompressor has filled */
    }
    EXPECT_EQ(vtd_trace_stream_next(s, &r, why), 0);
    EXPECT_LT(resident_kib(), early + 8192);
    vtd_trace_stream_close(s);
}

TEST(TraceWriter, LeavesNoFileWhenItIsAbandonedOrTheDiskIsFull)
{
    const Output file(".vtdtrace");
    char why[VTD_WHY_SIZE] = "";
    vtd_trace_writer *w = vtd_trace_writer_open(file.path.c_str(), VTD_TRACE_BINARY, 3, why);
    ASSERT_NE(w, nullptr);
    ASSERT_EQ(vtd_trace_writer_comment(w, "# half", why), 0);
    vtd_trace_writer_abandon(w);
    EXPECT_NE(access(file.path.c_str(), F_OK), 0);
    w = vtd_trace_writer_open("/dev/full", VTD_TRACE_TEXT, 3, why);
    ASSERT_NE(w, nullptr) << why;
    const vtd_record r = {};
    ASSERT_EQ(vtd_trace_writer_record(w, &r, why), 0);
    EXPECT_NE(vtd_trace_writer_finish(w, why), 0);
    EXPECT_THAT(why, HasSubstr("/dev/full: No space left"));
}

} // namespace
