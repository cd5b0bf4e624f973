/* SPDX-License-Identifier: MIT */
/*
 * The two forms of a trace: the bytes of the binary one as documented, conversion without loss, and what damaged files
 * say. The bytes and numbers expected here are worked out by hand from docs/02_user/traces.md.
 */
#include "trace_oracle.h"
#include "workload/trace_reader.h"
#include "workload/trace_stream.h"
#include "workload/trace_writer.h"
#include "workload_rig.h"

#include <gmock/gmock.h>

#include <random>

using program::File;
using program::read_all;
using program::temp;
using testing::HasSubstr;

namespace
{

/* A file that is written by the code under test, gone at the end. */
struct Output {
    explicit Output(const std::string &suffix) : path(temp(suffix)) {}
    ~Output()
    {
        std::remove(path.c_str());
    }
    const std::string path;
};

std::string convert(const std::string &from, const std::string &to, vtd_trace_format format)
{
    char why[VTD_WHY_SIZE] = "";
    vtd_trace_item item;
    vtd_trace_reader *r = vtd_trace_reader_open(from.c_str(), why);
    if (r == nullptr)
        return why;
    vtd_trace_writer *w = vtd_trace_writer_open(to.c_str(), format, 3, why);
    int status = 1;
    while (w != nullptr && (status = vtd_trace_reader_next(r, &item, why)) > 0)
        EXPECT_EQ(vtd_trace_writer_put(w, &item, why), 0) << why;
    const std::string problem = status < 0 ? why : "";
    EXPECT_EQ(vtd_trace_writer_finish(w, why), 0) << why;
    vtd_trace_reader_close(r);
    return problem;
}

/* A binary trace of these bytes of items. */
std::string binary(const std::string &items)
{
    std::string packed(ZSTD_compressBound(items.size()), '\0');
    packed.resize(ZSTD_compress(&packed[0], packed.size(), items.data(), items.size(), 3));
    return std::string(reinterpret_cast<const char *>(vtd_item_header), VTD_ITEM_HEADER_SIZE) + packed;
}

/* All records of a file: how many, and the problem that ended them. */
struct Read {
    explicit Read(const std::string &path)
    {
        char why[VTD_WHY_SIZE] = "";
        vtd_record r;
        vtd_trace_stream *s = vtd_trace_stream_open(path.c_str(), why);
        int status = s != nullptr ? 1 : -1;
        while (status > 0 && (status = vtd_trace_stream_next(s, &r, why)) > 0)
            records++;
        vtd_trace_stream_close(s);
        problem = status < 0 ? why : "";
        EXPECT_TRUE(status == 0 || !problem.empty());
    }
    size_t records = 0;
    std::string problem;
};

const char *const every_kind = "# domains: 3=00:02.0\n"
                               "0 00:02.0 - r fffff090 16\n"
                               "1.5 00:02.0 - w ffffe000 0\n"
                               "1.5 00:03.1 5 ? ffffe001 0\n"
                               "0.5 00:03.1 - r ffffe000 4096\n"
                               "inv 3 ffffe000 2\n"
                               "inv 3 0 all\n"
                               "inv * 0 all\n";

/* Operation bytes: kind, 04 time, 08 source-id, 10 PASID, 20 offset, 40 length. */
const unsigned char every_kind_bytes[] = {
    0x0f, 20,   '#',  ' ',  'd',  'o',  'm',  'a',  'i',  'n',  's',  ':',  ' ',  '3',  '=', '0',
    '0',  ':',  '0',  '2',  '.',  '0',  0x68, 0x10, 0xff, 0xff, 0x3f, 0x90, 0x01, 0x10, /* sid 0x10, page 0xfffff, offset 0x90, 16 bytes */
    0x05, 0xc0, 0x8d, 0xb7, 0x01, 0xfe, 0xff, 0x3f,                   /* 1.5 ms = 1500000 ns, doubled 3000000 */
    0x3a, 0x19, 0x06, 0xfe, 0xff, 0x3f, 0x01,                         /* sid 0x19, PASID 5 + 1 */
    0x54, 0xff, 0x88, 0x7a, 0x00, 0xfe, 0xff, 0x3f, 0x80, 0x20,       /* 1 ms back: 2 * 1000000 - 1; no PASID; 4096 */
    0x03, 0x03, 0xfe, 0xff, 0x3f, 0x02, 0x07, 0x03, 0x0b, 0xff, 0x07, /* seven records */
};

const std::string every_kind_items(reinterpret_cast<const char *>(every_kind_bytes), sizeof every_kind_bytes);

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

/* ---------------------------------------------------------------- damage */

TEST(DamagedTrace, CutAnywhereIsAnErrorThatNamesRecordAndOffset)
{
    const File text(".trace", every_kind);
    for (const vtd_trace_format format : {VTD_TRACE_BINARY, VTD_TRACE_TEXT_ZSTD}) {
        const Output whole(".whole");
        ASSERT_EQ(convert(text.path, whole.path, format), "");
        const std::string file = read_all(whole.path);
        ASSERT_EQ(Read(whole.path).problem, "");
        ASSERT_EQ(Read(whole.path).records, 7u);
        for (size_t length = format == VTD_TRACE_BINARY ? 1 : 4; length < file.size(); length++) {
            const File cut(".cut", file.substr(0, length));
            const Read read(cut.path);
            ASSERT_THAT(read.problem, HasSubstr(cut.path)) << length;
            ASSERT_THAT(read.problem, testing::ContainsRegex("record [1-8], offset [0-9]+")) << length;
        }
    }
}

TEST(DamagedTrace, ItemsBeforeTheEndOfTheBytesAreRead)
{
    /* Where each item ends, and how many records there are then. */
    const size_t ends[] = {22, 30, 38, 45, 55, 61, 63, 64, 66};
    for (size_t length = 1; length < every_kind_items.size(); length++) {
        const File file(".vtdtrace", binary(every_kind_items.substr(0, length)));
        size_t items = 0, offset = 0;
        while (ends[items] <= length)
            offset = ends[items++];
        const size_t records = items > 0 ? items - 1 : 0;
        const Read read(file.path);
        EXPECT_EQ(read.records, records) << length;
        EXPECT_THAT(read.problem, HasSubstr("the trace ends early (record " + std::to_string(records + 1) +
                                            ", offset " + std::to_string(offset) + ")"))
            << length;
    }
}

TEST(DamagedTrace, ChangedBytesNeverCrashAndNeverGoUnnoticed)
{
    const Output whole(".vtdtrace");
    const File text(".trace", every_kind);
    ASSERT_EQ(convert(text.path, whole.path, VTD_TRACE_BINARY), "");
    const std::string file = read_all(whole.path);
    for (size_t i = 16; i < file.size(); i++) {
        std::string changed = file;
        changed[i] = char(changed[i] ^ 0x41);
        const File damaged(".vtdtrace", changed);
        EXPECT_NE(Read(damaged.path).problem, "") << i << ": the checksum of the frame";
    }
}

struct BadItem {
    std::string bytes;
    const char *message;
};

TEST(DamagedTrace, ItemsThatMeanNothingAreRefusedByName)
{
    const BadItem bad[] = {
        {std::string("\x80\x00", 2), "operation"},
        {"\x13", "operation"},
        {std::string("\x08\x80\x80\x04\x00", 5), "source-id"},
        {std::string("\x10\x81\x80\x40\x00", 5), "PASID"},
        {std::string("\x20\x00\x80\x20", 4), "offset in the page"},
        {std::string("\x40\x00\x81\x20", 4), "length"},
        {std::string("\x60\x00\xff\x1f\x02", 5), "crosses"},
        {std::string("\x00\x80\x80\x80\x80\x80\x80\x80\x40", 9), "64 bits"},
        {std::string("\x04\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02\x00", 12), "time"},
        {std::string("\x04\x01\x00", 3), "2^63"}, /* a time of -1 ns */
        {std::string("\x03\x01\x00\x00", 4), "no pages"},
        {std::string("\x03\x80\x80\x80\x80\x10\x00\x01", 8), "domain"},
        {std::string("\x03\x01\xff\xff\xff\xff\xff\xff\xff\x07\x02", 11), "address space"},
        {std::string("\x0f\x02no", 4), "does not begin with #"},
        {std::string("\x0f\x03#\na", 5), "line of text"},
        {std::string("\x0f\x81\x80\x04", 4), "too long"},
        {"\xff\x07", "another number of records"},
        {"\xff\x01more", "follows the end"},
    };
    const std::string first("\x40\x01\x04", 3); /* 0 00:00.0 - r 1000 4 */
    for (const BadItem &b : bad) {
        const File file(".vtdtrace", binary(first + b.bytes));
        const Read read(file.path);
        EXPECT_EQ(read.records, 1u) << b.message;
        EXPECT_THAT(read.problem, HasSubstr(b.message));
        EXPECT_THAT(read.problem, HasSubstr("(record 2, offset 3)")) << b.message;
    }
}

TEST(DamagedTrace, TextNamesLineRecordAndOffset)
{
    const File file(".trace", "# ten bytes\n0 00:01.0 - r 1000 4\n\n0 00:01.0 - r 10");
    const Read read(file.path);
    EXPECT_EQ(read.records, 1u);
    /* 12 + 21 + 1 bytes are before the last line. */
    EXPECT_THAT(read.problem, HasSubstr(file.path + ":4: want: TIME SID"));
    EXPECT_THAT(read.problem, HasSubstr("(record 2, offset 34)"));
}

TEST(DamagedTrace, AnotherVersionIsRefused)
{
    std::string file = binary(every_kind_items);
    file[15] = 2;
    const File other(".vtdtrace", file);
    EXPECT_THAT(Read(other.path).problem, HasSubstr("version 2"));
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
