/* SPDX-License-Identifier: MIT */
/* The trace reader: what it takes, and the file and line that it names for what it refuses. */
#include "workload_rig.h"

#include <gmock/gmock.h>
#include <zstd.h>

using rig::Trace;
using testing::HasSubstr;

namespace
{

std::string compress(const std::string &text)
{
    std::string packed(ZSTD_compressBound(text.size()), '\0');
    packed.resize(ZSTD_compress(&packed[0], packed.size(), text.data(), text.size(), 3));
    return packed;
}

const std::string good = "# made by hand\n"
                         "# domains: 3=00:08.0 a=00:09.0,00:1f.2\n"
                         "0 00:08.0 - r fffff090 16\n"
                         "0 00:09.0 - w ffff7602 0\n"
                         "\n"
                         "inv a ffff8000 4\n"
                         "512.25 ff:1f.7 fffff ? 1000 4096\n"
                         "inv 3 0 all\n"
                         "inv * 0 all\n";

TEST(TraceReader, TakesEachKindOfLine)
{
    const Trace t(good);
    ASSERT_EQ(t.status, 0) << t.why;
    ASSERT_EQ(t.workload.trace.count, 9u) << "3 accesses, unmaps of 2, 1 and 3 devices";
    EXPECT_EQ(t.workload.trace.accesses, 3u);
    EXPECT_EQ(t[0].sid, 0x0040);
    EXPECT_EQ(t[0].iova, 0xfffff090u);
    EXPECT_EQ(t[0].len, 16);
    EXPECT_EQ(t[0].kind, VTD_RECORD_READ);
    EXPECT_FALSE(t[0].has_pasid);
    EXPECT_EQ(t[1].sid, 0x0048);
    EXPECT_EQ(t[1].kind, VTD_RECORD_WRITE);
    EXPECT_EQ(t[1].len, 1) << "an unknown length";
    EXPECT_EQ(t[4].sid, 0xffff);
    EXPECT_TRUE(t[4].has_pasid);
    EXPECT_EQ(t[4].pasid, 0xfffffu);
    EXPECT_EQ(t[4].kind, VTD_RECORD_READ) << "a direction that is not known";
    EXPECT_EQ(t[4].len, 4096);
}

TEST(TraceReader, GivesAnUnmapToEachDeviceOfTheDomain)
{
    const Trace t(good);
    ASSERT_EQ(t.status, 0) << t.why;
    for (size_t i = 2; i <= 3; i++) {
        EXPECT_EQ(t[i].kind, VTD_RECORD_UNMAP);
        EXPECT_EQ(t[i].iova, 0xffff8000u);
        EXPECT_EQ(t[i].pages, 4u);
    }
    EXPECT_EQ(t[2].sid, 0x0048);
    EXPECT_EQ(t[3].sid, 0x00fa);
    EXPECT_EQ(t[5].kind, VTD_RECORD_UNMAP_ALL);
    EXPECT_EQ(t[5].sid, 0x0040);
    std::vector<unsigned> all;
    for (size_t i = 6; i < 9; i++) {
        EXPECT_EQ(t[i].kind, VTD_RECORD_UNMAP_ALL);
        all.push_back(t[i].sid);
    }
    EXPECT_THAT(all, testing::UnorderedElementsAre(0x0040, 0x0048, 0x00fa));
}

TEST(TraceReader, CountsADeviceOfADomainOnce)
{
    const Trace t("# domains: 1=00:01.0,00:01.0 1=00:01.0\n0 00:01.0 - r 0 1\ninv 1 0 all\n");
    ASSERT_EQ(t.status, 0) << t.why;
    EXPECT_EQ(t.workload.trace.count, 2u);
    EXPECT_EQ(t.workload.sid_count, 1u);
}

TEST(TraceReader, ReadsCompressedFilesLikePlainOnes)
{
    const Trace a(good), b(compress(good), ".zst"), c(compress(good.substr(0, 50)) + compress(good.substr(50)), ".zst");
    ASSERT_EQ(b.status, 0) << b.why;
    ASSERT_EQ(c.status, 0) << c.why << ": two frames";
    ASSERT_EQ(b.workload.trace.count, a.workload.trace.count);
    ASSERT_EQ(c.workload.trace.count, a.workload.trace.count);
    for (size_t i = 0; i < a.workload.trace.count; i++) {
        EXPECT_EQ(b[i].iova, a[i].iova);
        EXPECT_EQ(b[i].sid, a[i].sid);
        EXPECT_EQ(b[i].kind, a[i].kind);
        EXPECT_EQ(c[i].iova, a[i].iova);
    }
}

/* Lines are cut anywhere by the reader's buffers, and what was unpacked does not fit into them at once. */
TEST(TraceReader, ReadsFilesThatAreLargerThanItsBuffers)
{
    std::string text;
    const unsigned lines = 60000;
    for (unsigned i = 0; i < lines; i++)
        text += "# " + std::string(i * 31 % 61, '.') + "\n" + std::to_string(i) + " 00:01.0 - r " +
                std::to_string(i % 10000) + "000 " + std::to_string(1 + i % 4096) + "\n";
    ASSERT_GT(text.size(), size_t(3) << 20);
    for (const bool packed : {false, true}) {
        const Trace t(packed ? compress(text) : text);
        ASSERT_EQ(t.status, 0) << t.why;
        ASSERT_EQ(t.workload.trace.accesses, lines);
        for (unsigned i = 0; i < lines; i++) {
            ASSERT_EQ(t[i].iova, std::stoull(std::to_string(i % 10000) + "000", nullptr, 16));
            ASSERT_EQ(t[i].len, 1 + i % 4096);
        }
    }
}

TEST(TraceReader, TakesAnUnmapOfTheLastPageOfTheAddressSpace)
{
    const Trace t("# domains: 1=00:01.0\n0 00:01.0 - r 0 1\ninv 1 fffffffffffff000 1\n");
    ASSERT_EQ(t.status, 0) << t.why;
    EXPECT_EQ(t[1].iova, 0xfffffffffffff000u);
}

TEST(TraceReader, TakesALastLineWithoutAnEnd)
{
    const Trace t("0 00:01.0 - r 1000 4");
    EXPECT_EQ(t.status, 0) << t.why;
    EXPECT_EQ(t.workload.trace.accesses, 1u);
}

struct Malformed {
    const char *line;
    const char *message;
};

TEST(TraceReader, NamesFileAndLineOfWhatItRefuses)
{
    const Malformed lines[] = {
        {"0 00:01.0 - r 1000", "want: TIME SID"},
        {"0 00:01.0 - r 1000 4 5", "want: TIME SID"},
        {"now 00:01.0 - r 1000 4", "time"},
        {"0 00:20.0 - r 1000 4", "source-id"},
        {"0 00:01.8 - r 1000 4", "source-id"},
        {"0 0:1.0x - r 1000 4", "source-id"},
        {"0 00:01.0 100000 r 1000 4", "PASID"},
        {"0 00:01.0 x r 1000 4", "PASID"},
        {"0 00:01.0 - rw 1000 4", "direction"},
        {"0 00:01.0 - r 0x1000 4", "address"},
        {"0 00:01.0 - r 10000000000000000 4", "address"},
        {"0 00:01.0 - r 1000 4097", "length"},
        {"0 00:01.0 - r 1ffd 4", "crosses"},
        {"0 00:01.0 - r 1000 -1", "length"},
        {"inv 1 1000", "want: inv"},
        {"inv 1 1000 1 1", "want: inv"},
        {"inv g 1000 1", "domain"},
        {"inv 2 1000 1", "names the devices"},
        {"inv 1 1001 1", "multiple of 0x1000"},
        {"inv 1 1000 0", "pages"},
        {"inv 1 1000 4294967296", "pages"},
        {"inv 1 1000 some", "pages"},
        {"inv * 1000 1", "'all'"},
        {"inv 1 fffffffffffff000 2", "address space"},
        {"# domains: 1:00:01.0", "DOMAIN=SID"},
        {"# domains: x=00:01.0", "domain"},
        {"# domains: 1=00:01", "BB:DD.F"},
    };
    for (const Malformed &m : lines) {
        const Trace t("# domains: 1=00:01.0\n0 00:01.0 - r 1000 4\n" + std::string(m.line) + "\n0 00:01.0 - r 0 1\n");
        ASSERT_NE(t.status, 0) << m.line;
        EXPECT_THAT(t.why, HasSubstr(t.file.path + ":3: ")) << m.line;
        EXPECT_THAT(t.why, HasSubstr(m.message)) << m.line;
    }
}

TEST(TraceReader, RefusesWhatIsNoTextOrNoTrace)
{
    EXPECT_THAT(Trace("").why, HasSubstr("no access"));
    EXPECT_THAT(Trace("# nothing\n").why, HasSubstr("no access"));
    EXPECT_THAT(Trace(std::string("# a\n0 00:01.0 - \0 1000 4\n", 25)).why, HasSubstr(":2: the line holds a NUL"));
    EXPECT_THAT(Trace("0 00:01.0 - r 1000 4\n#" + std::string(70000, 'x') + "\n").why, HasSubstr(":2: "));
    EXPECT_THAT(Trace("#" + std::string(10000000, 'x')).why, HasSubstr("too long"));
}

TEST(TraceReader, RefusesDamagedCompressedFiles)
{
    std::string text;
    for (unsigned i = 0; i < 20000; i++)
        text += "0 00:01.0 - r " + std::to_string(1000 * (i * 7919 % 997)) + " 1\n";
    const std::string packed = compress(text);
    for (const size_t length : {size_t(5), packed.size() / 2, packed.size() - 1}) {
        const Trace cut(packed.substr(0, length), ".zst");
        EXPECT_NE(cut.status, 0) << length;
        EXPECT_THAT(cut.why, HasSubstr(cut.file.path)) << length;
    }
    std::string damaged = packed;
    for (size_t i = 8; i < damaged.size(); i += 3)
        damaged[i] = char(damaged[i] ^ 0x55);
    EXPECT_NE(Trace(damaged, ".zst").status, 0);
    EXPECT_NE(Trace(packed + "rubbish", ".zst").status, 0);
}

} // namespace
