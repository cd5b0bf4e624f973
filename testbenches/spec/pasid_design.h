/* SPDX-License-Identifier: MIT */
/* A unit whose designer made a choice about the PASID cache, two devices with many PASIDs, and counts against pasid_oracle.h. */
#ifndef VTD_TESTS_PASID_DESIGN_H
#define VTD_TESTS_PASID_DESIGN_H

#include "spec/pasid_oracle.h"
#include "support/unit_fixture.h"

#include <memory>
#include <string>

namespace vtdtest
{

constexpr uint64_t kIova = 0x40000000, kFrame = 0x20000000;
constexpr uint16_t kOther = 0x0511; /* function 1 of the device of kSid */
constexpr uint32_t kSpan = 6 * 64;  /* PASIDs 64 to 64 + kSpan - 1: six pages of the table */
constexpr unsigned kDomains = 5;

/* What a test chooses. Fully associative LRU, so that an oracle needs no set index. */
struct Design {
    uint32_t entries, directory_entries;
    bool shared;
    unsigned prefetch;
};

inline std::string describe(const Design &d)
{
    return std::to_string(d.entries) + " entries, " +
           (d.shared ? "shared" : std::to_string(d.directory_entries) + " of the directory") + ", prefetch " +
           std::to_string(d.prefetch);
}

const Design kDesigns[] = {{8, 0, false, 0}, {8, 3, false, 0},  {8, 1, false, 0},  {16, 100, false, 0},
                           {16, 0, true, 0}, {3, 0, true, 0},   {1, 0, true, 0},   {0, 2, false, 0},
                           {8, 0, false, 1}, {16, 2, false, 3}, {32, 4, false, 7}, {16, 0, true, 7},
                           {4, 2, false, 7}, {1, 1, false, 2},  {100, 0, true, 63}};

/* All other caches but that of context entries are off: each request looks its PASID entry up. */
inline vtd_config configuration(const Design &d)
{
    vtd_config config = withoutCaches();
    config.cache[VTD_CACHE_CONTEXT].entries = 8;
    config.cache[VTD_CACHE_PASID].entries = d.entries;
    config.cache[VTD_CACHE_PASID_DIR].entries = d.directory_entries;
    config.pasid_directory = d.shared ? VTD_PASID_DIRECTORY_SHARED : VTD_PASID_DIRECTORY_SEPARATE;
    config.pasid_prefetch = static_cast<uint8_t>(d.prefetch);
    return config;
}

/* Two devices; each PASID of each has a table that leads to a page of its own kind: what is read says whose entry was used. */
class PasidDesign : public testing::Test
{
  protected:
    static unsigned did(uint16_t, uint32_t pasid)
    {
        return 1 + pasid % kDomains;
    }
    static bool present(uint16_t sid, uint32_t pasid)
    {
        return pasid % 7 != 3 || sid == kOther;
    }
    void make(const vtd_config &config, Unit::Memory kind = Unit::Window)
    {
        u = std::make_unique<Unit>(config, kind);
        for (unsigned i = 0; i < 2; i++) {
            fs[i] = std::make_unique<FsTree>(*u, 4);
            fs[i]->map(kIova, kFrame + (i << 20), 12, kFsP | kFsRw | kFsUs | kFsA | kFsD);
        }
    }
    void populate(uint32_t count = kSpan)
    {
        for (uint16_t sid : {kSid, kOther})
            for (uint32_t pasid = 64; pasid < 64 + count; pasid++) {
                u->setFs(sid, pasid, *fs[sid == kOther], did(sid, pasid));
                vtd_pasid_entry_set_p(u->pasidEntry(sid, pasid), present(sid, pasid));
            }
        u->start();
    }
    vtd_response read(uint32_t pasid, uint16_t sid = kSid)
    {
        return u->dma(sid).pasid(pasid).read(kIova);
    }
    testing::AssertionResult reads(uint32_t pasid, uint16_t sid = kSid)
    {
        return translated(read(pasid, sid), kFrame + (static_cast<uint64_t>(sid == kOther) << 20), 12);
    }
    void compare(const PasidOracle &o, bool shared)
    {
        const vtd_stats s = u->stats();
        EXPECT_EQ(s.pasid_cache_lookup, o.lookups);
        EXPECT_EQ(s.pasid_cache_hit, o.hits);
        EXPECT_EQ(s.pasid_cache_fill, o.pasids().fills);
        EXPECT_EQ(s.pasid_cache_evict, o.pasids().evictions);
        EXPECT_EQ(s.pasid_cache_invalidate, o.pasids().dropped);
        EXPECT_EQ(s.pasid_dir_lookup, o.dir_lookups);
        EXPECT_EQ(s.pasid_dir_hit, o.dir_hits);
        EXPECT_EQ(s.pasid_dir_miss, o.dir_lookups - o.dir_hits);
        EXPECT_EQ(s.pasid_dir_fill, shared ? 0 : o.own().fills);
        EXPECT_EQ(s.pasid_dir_evict, shared ? 0 : o.own().evictions);
        EXPECT_EQ(s.pasid_dir_invalidate, shared ? 0 : o.own().dropped);
        EXPECT_EQ(s.memory_reads_pasid_dir, o.dir_reads);
        EXPECT_EQ(s.memory_reads_pasid_entry, 4 * o.reads);
        EXPECT_EQ(s.pasid_prefetch_read, o.ahead_reads);
        EXPECT_EQ(s.pasid_prefetch_fill, o.ahead_fills);
        EXPECT_EQ(s.pasid_prefetch_useful, o.useful);
        EXPECT_EQ(s.pasid_prefetch_unused, o.pasids().evicted_ahead);
    }

    std::unique_ptr<Unit> u;
    std::unique_ptr<FsTree> fs[2];
};

} // namespace vtdtest

#endif
