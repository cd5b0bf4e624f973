/* SPDX-License-Identifier: MIT */
/*
 * All shapes of walks, and a unit with one mapping of a shape, for walk_matrix_test.cpp and accessed_dirty_test.cpp.
 */
#ifndef VTD_TESTS_WALK_SHAPE_H
#define VTD_TESTS_WALK_SHAPE_H

#include "support/unit_fixture.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace vtdtest
{

enum class Kind {
    First,
    Second,
    Nested,
    Legacy
};

struct Shape {
    Kind kind;
    unsigned fs_levels, ss_levels; /* 0: no such stage */
    unsigned fs_shift, ss_shift;

    bool hasFs() const
    {
        return fs_levels != 0;
    }
    bool hasSs() const
    {
        return ss_levels != 0;
    }
    std::string name() const
    {
        return "FS " + std::to_string(fs_levels) + "/" + std::to_string(fs_shift) + " SS " + std::to_string(ss_levels) +
               "/" + std::to_string(ss_shift);
    }
};

/* Distinct indices on every level and a distinct offset in a page of any size. */
constexpr uint64_t kIova4 = UINT64_C(0x00005a3b6c7d8e48), kIova5 = UINT64_C(0x00c35a3b6c7d8e48);
constexpr uint64_t kGpaPage = UINT64_C(0x3140000000), kHpaPage = UINT64_C(0x2ac0000000); /* aligned to 1 GiB */
constexpr uint32_t kPasid = 9;

inline uint64_t low(uint64_t addr, unsigned shift)
{
    return addr & (bit(shift) - 1);
}

/* A unit with one mapping of a shape. */
struct Walk {
    Walk(const Shape &shape, const vtd_config &config) : s(shape), u(config, Unit::Observed)
    {
        iova = !s.hasFs() ? low(kIova5, std::min(12 + 9 * s.ss_levels, 56u)) : s.fs_levels == 5 ? kIova5 : kIova4;
        if (s.hasSs())
            ss = std::make_unique<SsTree>(u, s.ss_levels);
        if (s.kind == Kind::Nested) {
            fs = std::make_unique<FsTree>(u, s.fs_levels, *ss, s.ss_shift);
            fs->map(iova & ~(bit(s.fs_shift) - 1), kGpaPage, s.fs_shift);
            gpa = kGpaPage + low(iova, s.fs_shift);
        } else if (s.hasFs()) {
            fs = std::make_unique<FsTree>(u, s.fs_levels);
            fs->map(iova & ~(bit(s.fs_shift) - 1), kHpaPage, s.fs_shift);
            hpa = kHpaPage + low(iova, s.fs_shift);
            shift = s.fs_shift;
        } else {
            gpa = iova;
        }
        if (s.hasSs()) {
            ss->map(gpa & ~(bit(s.ss_shift) - 1), kHpaPage, s.ss_shift);
            hpa = kHpaPage + low(gpa, s.ss_shift);
            shift = s.hasFs() ? std::min(s.fs_shift, s.ss_shift) : s.ss_shift;
        }
        switch (s.kind) {
        case Kind::First:
            entry = u.setFs(kSid, kPasid, *fs, 3);
            break;
        case Kind::Second:
            entry = u.setSs(kSid, kPasid, *ss, 4);
            break;
        case Kind::Nested:
            entry = u.setNested(kSid, kPasid, *fs, *ss, 4);
            break;
        case Kind::Legacy:
            u.setLegacy(kSid, *ss, 4);
            break;
        }
    }

    void start()
    {
        u.start(s.kind == Kind::Legacy ? VTD_TTM_LEGACY : VTD_TTM_SCALABLE);
    }

    vtd_response send(vtd_access access, unsigned length = 8)
    {
        u.accesses.clear();
        Dma dma(u, kSid);
        if (s.kind != Kind::Legacy)
            dma.pasid(kPasid);
        return dma.access(access).length(length).go(iova);
    }

    /* Second-stage entries on the way to a guest address, as addresses in memory. */
    std::vector<uint64_t> ssPath(uint64_t addr)
    {
        std::vector<uint64_t> path;
        for (unsigned level = s.ss_levels; level >= levelOf(s.ss_shift); level--)
            path.push_back(ss->entryHpa(addr, level));
        return path;
    }

    std::vector<uint64_t> fsPath()
    {
        std::vector<uint64_t> path;
        for (unsigned level = s.fs_levels; level >= levelOf(s.fs_shift); level--)
            path.push_back(fs->entryHpa(iova, level));
        return path;
    }

    static unsigned levelOf(unsigned page_shift)
    {
        return (page_shift - 12) / 9 + 1;
    }

    Shape s;
    Unit u;
    std::unique_ptr<SsTree> ss;
    std::unique_ptr<FsTree> fs;
    uint64_t *entry = nullptr;
    uint64_t iova = 0, gpa = 0, hpa = 0;
    unsigned shift = 0;
};

inline std::vector<Shape> shapes(std::initializer_list<Kind> kinds)
{
    const std::vector<unsigned> pages = {12, 21, 30};
    std::vector<Shape> all;
    for (Kind kind : kinds) {
        const bool has_fs = kind == Kind::First || kind == Kind::Nested, has_ss = kind != Kind::First;
        for (unsigned fs_levels : has_fs ? std::vector<unsigned>{4, 5} : std::vector<unsigned>{0})
            for (unsigned ss_levels : has_ss ? std::vector<unsigned>{3, 4, 5} : std::vector<unsigned>{0})
                for (unsigned fs_shift : has_fs ? pages : std::vector<unsigned>{0})
                    for (unsigned ss_shift : has_ss ? pages : std::vector<unsigned>{0})
                        all.push_back({kind, fs_levels, ss_levels, fs_shift, ss_shift});
    }
    return all;
}

inline std::vector<Shape> allShapes()
{
    return shapes({Kind::First, Kind::Second, Kind::Nested, Kind::Legacy});
}

/* A way to use the page. */
struct Use {
    vtd_access access;
    unsigned length;
    bool dirties;
};
const Use kUses[] = {{VTD_READ, 8, false}, {VTD_READ, 0, false}, {VTD_WRITE, 8, true}, {VTD_ATOMIC, 8, true}};

} // namespace vtdtest

#endif
