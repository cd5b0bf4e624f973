/* SPDX-License-Identifier: MIT */
/* Damaged traces in both forms: what is read before the damage, and the record and offset that the message names. */
#include "trace_forms.h"

#include <gmock/gmock.h>

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
        {"\x17", "operation"},
        {std::string("\x13\x80\x80\x04\x00", 5), "source-id"},
        {std::string("\x13\x00\x81\x80\x40", 5), "PASID"},
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

} // namespace
