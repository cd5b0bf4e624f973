/* SPDX-License-Identifier: MIT */
/*
 * Accessed, extended-accessed and dirty bits (ref 4.7): exactly the right ones, in one atomic operation per entry, also
 * when an entry changes under the update.
 */
#include "spec/walk_shape.h"

#include <map>

namespace vtdtest
{

namespace
{

using Image = std::map<uint64_t, uint64_t>; /* qwords that are not 0 */

Image imageOf(Unit &u)
{
    Image image;
    for (uint64_t addr = kFramesStart; addr < u.frames.next; addr += 8)
        if (*u.at(addr) != 0)
            image[addr] = *u.at(addr);
    return image;
}

/* What memory must look like after the page was used once (ref 4.7, 4.5). */
void expectUpdates(Walk &w, Image &image, bool dirties, bool eafe, bool ssade)
{
    const auto useSs = [&](uint64_t addr, bool dirty) {
        if (!ssade)
            return;
        const auto path = w.ssPath(addr);
        for (uint64_t entry : path)
            image[entry] |= kSsA;
        if (dirty)
            image[path.back()] |= kSsD;
    };
    if (w.s.hasFs()) {
        const auto path = w.fsPath();
        for (uint64_t entry : path) {
            const uint64_t before = image[entry];
            image[entry] |= kFsA | (eafe ? kFsEa : 0) | (dirties && entry == path.back() ? kFsD : 0);
            if (w.s.kind == Kind::Nested)
                useSs(entry + kGpaOffset, image[entry] != before); /* an update is a write (ref 4.5) */
        }
    }
    if (w.s.hasSs())
        useSs(w.gpa, dirties);
}

void expectSame(const Image &got, const Image &want)
{
    for (const auto &[addr, value] : want) {
        const auto it = got.find(addr);
        EXPECT_EQ(it == got.end() ? 0 : it->second, value) << "at 0x" << std::hex << addr;
    }
    EXPECT_EQ(got.size(), want.size());
}

} // namespace

TEST(AccessedDirty, ExactlyTheRightBitsOfTheRightEntries)
{
    for (const Shape &shape : shapes({Kind::First, Kind::Second, Kind::Nested})) {
        for (unsigned mode = 0; mode < 4; mode++) {
            const bool eafe = mode & 1, ssade = mode & 2;
            if ((eafe && !shape.hasFs()) || (ssade && !shape.hasSs()))
                continue;
            for (const Use &use : kUses) {
                SCOPED_TRACE(shape.name() + (eafe ? " EAFE" : "") + (ssade ? " SSADE" : "") + " access " +
                             std::to_string(use.access));
                Walk w(shape, withoutCaches());
                vtd_pasid_entry_set_eafe(w.entry, eafe);
                vtd_pasid_entry_set_ssade(w.entry, ssade);
                w.start();
                Image want = imageOf(w.u);
                expectUpdates(w, want, use.dirties, eafe, ssade);
                ASSERT_TRUE(translated(w.send(use.access, use.length), w.hpa, w.shift));
                expectSame(imageOf(w.u), want);

                /* Once set, nothing is written any more. */
                ASSERT_TRUE(translated(w.send(use.access, use.length), w.hpa, w.shift));
                EXPECT_EQ(w.u.count(MemAccess::Cas, VTD_MEM_FS_ENTRY), 0u);
                EXPECT_EQ(w.u.count(MemAccess::Cas, VTD_MEM_SS_ENTRY), 0u);
                expectSame(imageOf(w.u), want);
            }
        }
    }
}

TEST(AccessedDirty, LegacyTablesAreNeverWritten)
{
    for (const Shape &shape : shapes({Kind::Legacy})) {
        SCOPED_TRACE(shape.name());
        Walk w(shape, withoutCaches());
        w.start();
        const Image before = imageOf(w.u);
        ASSERT_TRUE(translated(w.send(VTD_WRITE), w.hpa, w.shift));
        expectSame(imageOf(w.u), before);
        EXPECT_EQ(w.u.count(MemAccess::Cas, VTD_MEM_SS_ENTRY), 0u);
    }
}

TEST(AccessedDirty, AllBitsOfAnEntryAreSetInOneOperation)
{
    for (Kind kind : {Kind::First, Kind::Second, Kind::Nested}) {
        Walk w({kind, kind == Kind::Second ? 0u : 4u, kind == Kind::First ? 0u : 4u, 12, 12}, withoutCaches());
        vtd_pasid_entry_set_eafe(w.entry, kind != Kind::Second);
        vtd_pasid_entry_set_ssade(w.entry, kind != Kind::First);
        w.start();
        ASSERT_TRUE(translated(w.send(VTD_WRITE), w.hpa, 12));
        std::map<uint64_t, unsigned> updates;
        for (const MemAccess &a : w.u.accesses)
            if (a.kind == MemAccess::Cas)
                updates[a.addr]++;
        const auto once = [&](const std::vector<uint64_t> &path) {
            for (uint64_t entry : path)
                EXPECT_EQ(updates[entry], 1u) << "entry at 0x" << std::hex << entry;
        };
        if (w.s.hasFs())
            once(w.fsPath());
        if (kind == Kind::Second)
            once(w.ssPath(w.gpa));
        EXPECT_EQ(w.u.count(MemAccess::Write, VTD_MEM_FS_ENTRY) + w.u.count(MemAccess::Write, VTD_MEM_SS_ENTRY), 0u)
            << "only atomic updates";
    }
}

TEST(AccessedDirty, ARequestWithoutPermissionLeavesNoDirtyBit)
{
    Walk w({Kind::Nested, 4, 4, 12, 12}, withoutCaches());
    vtd_pasid_entry_set_ssade(w.entry, 1);
    *w.ss->entry(w.gpa, 1) &= ~kSsW;
    w.start();
    EXPECT_TRUE(blocked(w.send(VTD_WRITE), VTD_FAULT_SGN_6));
    EXPECT_EQ(*w.fs->entry(w.iova, 1) & kFsD, 0u);
    EXPECT_EQ(*w.ss->entry(w.gpa, 1) & kSsD, 0u);
}

/* A write after a read must set the dirty bits although everything is cached (ref 6.1). */
TEST(AccessedDirty, AWriteThroughACachedCleanEntrySetsDirty)
{
    for (Kind kind : {Kind::First, Kind::Second, Kind::Nested}) {
        Walk w({kind, kind == Kind::Second ? 0u : 5u, kind == Kind::First ? 0u : 3u, 21, 12}, preset());
        vtd_pasid_entry_set_ssade(w.entry, kind != Kind::First);
        w.start();
        ASSERT_TRUE(translated(w.send(VTD_READ), w.hpa, w.shift));
        Image want = imageOf(w.u);
        expectUpdates(w, want, true, false, kind != Kind::First);
        ASSERT_TRUE(translated(w.send(VTD_WRITE), w.hpa, w.shift));
        expectSame(imageOf(w.u), want);
        ASSERT_TRUE(translated(w.send(VTD_WRITE), w.hpa, w.shift));
        EXPECT_TRUE(w.u.accesses.empty()) << "the second write is a plain hit";
    }
}

TEST(AccessedDirty, WithoutSnoopingASetBitIsEnough)
{
    Walk w({Kind::Nested, 4, 4, 12, 12}, withoutCaches());
    vtd_pasid_entry_set_ssade(w.entry, 1);
    vtd_pasid_entry_set_pwsnp(w.entry, 0);
    Image want = imageOf(w.u);
    expectUpdates(w, want, true, false, true);
    for (const auto &[addr, value] : want)
        *w.u.at(addr) = value;
    w.start();
    EXPECT_TRUE(translated(w.send(VTD_WRITE), w.hpa, 12));
    EXPECT_EQ(w.u.count(MemAccess::Cas, VTD_MEM_FS_ENTRY) + w.u.count(MemAccess::Cas, VTD_MEM_SS_ENTRY), 0u);
    *w.fs->entry(w.iova, 1) &= ~kFsD;
    EXPECT_TRUE(translated(w.send(VTD_READ), w.hpa, 12));
    EXPECT_TRUE(blocked(w.send(VTD_WRITE), VTD_FAULT_SFS_9));
    *w.fs->entry(w.iova, 1) |= kFsD;
    *w.ss->entry(w.gpa, 1) &= ~kSsD;
    EXPECT_TRUE(translated(w.send(VTD_READ), w.hpa, 12));
    EXPECT_TRUE(blocked(w.send(VTD_WRITE), VTD_FAULT_SSS_5));
}

/* ---------------------------------------------------------------- entries that change under the update */

TEST(AccessedDirty, AnEntryThatChangesOnceIsReadAgain)
{
    Walk w({Kind::First, 4, 0, 12, 0}, withoutCaches());
    w.start();
    uint64_t *leaf = w.fs->entry(w.iova, 1);
    bool changed = false;
    w.u.before = [&](const MemAccess &a) {
        if (a.kind == MemAccess::Cas && a.addr == w.fs->entryHpa(w.iova, 1) && !changed) {
            changed = true;
            *leaf = (kHpaPage + bit(21)) | kFsP | kFsRw | kFsUs | bit(9); /* software moved the page */
        }
    };
    EXPECT_TRUE(translated(w.send(VTD_WRITE), kHpaPage + bit(21) + low(w.iova, 12), 12));
    EXPECT_EQ(*leaf, (kHpaPage + bit(21)) | kFsP | kFsRw | kFsUs | bit(9) | kFsA | kFsD);
    EXPECT_TRUE(changed);
}

TEST(AccessedDirty, AnEntryThatGoesUnderTheUpdateFaultsAndStaysGone)
{
    for (Kind kind : {Kind::First, Kind::Second}) {
        const bool first = kind == Kind::First;
        Walk w({kind, first ? 4u : 0u, first ? 0u : 4u, first ? 12u : 0u, first ? 0u : 12u}, withoutCaches());
        vtd_pasid_entry_set_ssade(w.entry, !first);
        w.start();
        uint64_t *leaf = first ? w.fs->entry(w.iova, 1) : w.ss->entry(w.gpa, 1);
        w.u.before = [&](const MemAccess &a) {
            if (a.kind == MemAccess::Cas && w.u.at(a.addr) == leaf)
                *leaf = 0;
        };
        EXPECT_TRUE(blocked(w.send(VTD_WRITE), first ? VTD_FAULT_SFS_2 : VTD_FAULT_SSS_2));
        EXPECT_EQ(*leaf, 0u);
    }
}

TEST(AccessedDirty, AnEntryThatNeverStopsChangingEndsInAFault)
{
    for (Kind kind : {Kind::First, Kind::Second, Kind::Nested}) {
        const bool of_fs = kind != Kind::Second;
        Walk w({kind, of_fs ? 4u : 0u, kind == Kind::First ? 0u : 4u, 12, 12}, withoutCaches());
        vtd_pasid_entry_set_ssade(w.entry, kind != Kind::First);
        w.start();
        uint64_t *leaf = of_fs ? w.fs->entry(w.iova, 1) : w.ss->entry(w.gpa, 1);
        unsigned changes = 0;
        w.u.before = [&](const MemAccess &a) {
            if (a.kind == MemAccess::Cas && w.u.at(a.addr) == leaf) {
                *leaf ^= bit(52); /* ignored by both stages */
                changes++;
            }
        };
        EXPECT_TRUE(blocked(w.send(VTD_READ), of_fs ? VTD_FAULT_SFS_10 : VTD_FAULT_SSS_6));
        EXPECT_GT(changes, 1u);
        EXPECT_EQ(*leaf & (of_fs ? kFsA : kSsA), 0u);
        w.u.before = nullptr;
        EXPECT_TRUE(translated(w.send(VTD_READ), w.hpa, 12)) << "and nothing is left behind";
    }
}

/* Somebody else set the bit in the meantime: nothing is lost, nothing is undone. */
TEST(AccessedDirty, ABitSetByAnotherUnitIsKept)
{
    Walk w({Kind::First, 4, 0, 12, 0}, withoutCaches());
    w.start();
    uint64_t *leaf = w.fs->entry(w.iova, 1);
    bool done = false;
    w.u.before = [&](const MemAccess &a) {
        if (a.kind == MemAccess::Cas && w.u.at(a.addr) == leaf && !done) {
            done = true;
            *leaf |= kFsA | kFsD;
        }
    };
    EXPECT_TRUE(translated(w.send(VTD_READ), w.hpa, 12));
    EXPECT_EQ(*leaf & (kFsA | kFsD), kFsA | kFsD);
}

} // namespace vtdtest
