/* SPDX-License-Identifier: MIT */
/*
 * Every combination of walks: first stage of 4 and 5 levels, second stage of 3, 4 and 5 levels, nested, legacy mode,
 * with pages of 4 KiB, 2 MiB and 1 GiB on each stage: where a request ends, and which entries are read in which order
 * (ref 4.3 to 4.6, App. B).
 */
#include "spec/walk_shape.h"

namespace vtdtest
{

namespace
{

/* Paging entries in the order in which a walk without caches reads them (ref 4.5). */
std::vector<uint64_t> readsOf(Walk &w)
{
    std::vector<uint64_t> reads;
    const auto add = [&reads](const std::vector<uint64_t> &path) {
        reads.insert(reads.end(), path.begin(), path.end());
    };
    if (w.s.hasFs()) {
        for (uint64_t entry : w.fsPath()) {
            if (w.s.kind == Kind::Nested)
                add(w.ssPath(entry + kGpaOffset));
            reads.push_back(entry);
        }
    }
    if (w.s.hasSs())
        add(w.ssPath(w.gpa));
    return reads;
}

} // namespace

TEST(WalkMatrix, EndsAtTheRightAddressWithTheSmallerPageSize)
{
    for (const Shape &shape : allShapes()) {
        SCOPED_TRACE(shape.name());
        for (const Use &use : kUses) {
            Walk w(shape, withoutCaches());
            w.start();
            EXPECT_TRUE(translated(w.send(use.access, use.length), w.hpa, w.shift));
        }
        Walk cached(shape, preset());
        cached.start();
        for (unsigned i = 0; i < 3; i++)
            EXPECT_TRUE(translated(cached.send(VTD_READ), cached.hpa, cached.shift)) << "request " << i;
    }
}

TEST(WalkMatrix, ReadsTheEntriesInOrderAndNoOthers)
{
    for (const Shape &shape : allShapes()) {
        SCOPED_TRACE(shape.name());
        Walk w(shape, withoutCaches());
        w.start();
        for (unsigned again = 0; again < 2; again++) { /* without caches a second request reads the same */
            ASSERT_TRUE(translated(w.send(VTD_READ), w.hpa, w.shift));
            std::vector<uint64_t> reads;
            for (const MemAccess &a : w.u.accesses)
                if (a.kind == MemAccess::Read && (a.cls == VTD_MEM_FS_ENTRY || a.cls == VTD_MEM_SS_ENTRY))
                    reads.push_back(a.addr);
            EXPECT_EQ(reads, readsOf(w));
        }
    }
}

/* ref App. B: nFS*(nSS+1) + nSS; root 1, context 2 (legacy 1), directory 1, PASID entry 4 reads of up to 16 bytes. */
TEST(WalkMatrix, CountsTheReadsOfAppendixB)
{
    for (const Shape &shape : allShapes()) {
        SCOPED_TRACE(shape.name());
        Walk w(shape, withoutCaches());
        w.start();
        ASSERT_TRUE(translated(w.send(VTD_WRITE), w.hpa, w.shift));
        const unsigned n_fs = shape.hasFs() ? shape.fs_levels - (shape.fs_shift - 12) / 9 : 0;
        const unsigned n_ss = shape.hasSs() ? shape.ss_levels - (shape.ss_shift - 12) / 9 : 0;
        const bool legacy = shape.kind == Kind::Legacy;
        const vtd_stats stats = w.u.stats();
        EXPECT_EQ(stats.memory_reads_root, 1u);
        EXPECT_EQ(stats.memory_reads_context, legacy ? 1u : 2u);
        EXPECT_EQ(stats.memory_reads_pasid_dir, legacy ? 0u : 1u);
        EXPECT_EQ(stats.memory_reads_pasid_entry, legacy ? 0u : 4u);
        EXPECT_EQ(stats.memory_reads_fs, n_fs);
        EXPECT_EQ(stats.memory_reads_ss, shape.kind == Kind::Nested ? n_fs * n_ss + n_ss : n_ss);
        EXPECT_EQ(stats.memory_reads,
                  (legacy ? 2u : 8u) + (shape.kind == Kind::Nested ? n_fs * (n_ss + 1) + n_ss : n_fs + n_ss));
        EXPECT_EQ(stats.walks_first_stage, shape.kind == Kind::First);
        EXPECT_EQ(stats.walks_second_stage, shape.kind == Kind::Second || legacy);
        EXPECT_EQ(stats.walks_nested, shape.kind == Kind::Nested);
        EXPECT_EQ(stats.walks_pass_through, 0u);
    }
}

/* The numbers that ref App. B gives in full. */
TEST(WalkMatrix, TheFourExamplesOfAppendixB)
{
    const struct {
        unsigned fs, ss, reads;
    } examples[] = {{4, 4, 24}, {5, 4, 29}, {4, 5, 29}, {5, 5, 35}};
    for (const auto &e : examples) {
        Walk w({Kind::Nested, e.fs, e.ss, 12, 12}, withoutCaches());
        w.start();
        ASSERT_TRUE(translated(w.send(VTD_READ), w.hpa, 12));
        EXPECT_EQ(w.u.stats().memory_reads_fs + w.u.stats().memory_reads_ss, e.reads) << e.fs << "/" << e.ss;
    }
}

TEST(WalkMatrix, PassThroughReadsNoPagingEntries)
{
    Unit u(withoutCaches(), Unit::Observed);
    u.setPassThrough(kSid, kPasid, 3);
    u.setLegacy(0x0600, SsTree(u, 4), 3, 2);
    u.start();
    EXPECT_TRUE(translated(u.dma(kSid).pasid(kPasid).write(kIova4 & (bit(46) - 1)), kIova4 & (bit(46) - 1)));
    vtd_stats stats = u.stats();
    EXPECT_EQ(stats.memory_reads, 8u);
    EXPECT_EQ(stats.walks_pass_through, 1u);
    u.disable();
    u.start(VTD_TTM_LEGACY);
    vtd_stats_reset(u.get());
    EXPECT_TRUE(translated(u.dma(0x0600).write(0x123456789000), 0x123456789000));
    stats = u.stats();
    EXPECT_EQ(stats.memory_reads, 2u);
    EXPECT_EQ(stats.walks_pass_through, 1u);
}

} // namespace vtdtest
