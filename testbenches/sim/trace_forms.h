/* SPDX-License-Identifier: MIT */
/*
 * Traces in both forms for tests: one with every kind of item, as text and as bytes worked out by hand; reading,
 * converting.
 */
#ifndef VTD_TEST_TRACE_FORMS_H
#define VTD_TEST_TRACE_FORMS_H

#include "program.h"
#include "workload/trace_reader.h"
#include "workload/trace_stream.h"
#include "workload/trace_writer.h"

#include "vtd/vtd.h"

#include <zstd.h>

namespace forms
{

using program::temp;

/* A file that is written by the code under test, gone at the end. */
struct Output {
    explicit Output(const std::string &suffix) : path(temp(suffix)) {}
    ~Output()
    {
        std::remove(path.c_str());
    }
    const std::string path;
};

inline std::string convert(const std::string &from, const std::string &to, vtd_trace_format format)
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
inline std::string binary(const std::string &items)
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
/* clang-format off */
const unsigned char every_kind_bytes[] = {
    0x0f, 20, '#', ' ', 'd', 'o', 'm', 'a', 'i', 'n', 's', ':', ' ', '3', '=', '0', '0', ':', '0', '2', '.', '0',
    0x68, 0x10, 0xff, 0xff, 0x3f, 0x90, 0x01, 0x10, /* sid 0x10, page 0xfffff, offset 0x90, 16 bytes */
    0x05, 0xc0, 0x8d, 0xb7, 0x01, 0xfe, 0xff, 0x3f, /* 1.5 ms = 1500000 ns, doubled 3000000 */
    0x3a, 0x19, 0x06, 0xfe, 0xff, 0x3f, 0x01,       /* sid 0x19, PASID 5 + 1 */
    0x54, 0xff, 0x88, 0x7a, 0x00, 0xfe, 0xff, 0x3f, 0x80, 0x20, /* 1 ms back: 2 * 1000000 - 1; no PASID; 4096 */
    0x03, 0x03, 0xfe, 0xff, 0x3f, 0x02, 0x07, 0x03, 0x0b,
    0xff, 0x07, /* seven records */
};
/* clang-format on */

const std::string every_kind_items(reinterpret_cast<const char *>(every_kind_bytes), sizeof every_kind_bytes);

} // namespace forms

#endif
