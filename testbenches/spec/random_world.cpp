/* SPDX-License-Identifier: MIT */
/*
 * Random units and tables (random_world.h): what is built before anything is damaged.
 */
#include "spec/random_world.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace vtdtest
{

namespace
{
constexpr uint64_t one(unsigned n)
{
    return UINT64_C(1) << n;
}

constexpr uint64_t kOffset = one(37); /* guest tables: guest physical minus host physical; 1 GiB aligned */

void assign(uint64_t &reg, unsigned msb, unsigned lsb, uint64_t v)
{
    const uint64_t mask = (~UINT64_C(0) >> (63 - (msb - lsb))) << lsb;
    reg = (reg & ~mask) | ((v << lsb) & mask);
}
} // namespace

World::World(uint64_t seed) : memory(kBytes / 8), random(seed)
{
    chooseUnit();
    chooseAddresses();
    setup.root = frame(Structure);
    sids_ = {0x0010, static_cast<uint16_t>(random.chance(50) ? 0x0085 : 0x0011),
             static_cast<uint16_t>(0x0500 | random.below(256))};
    for (uint16_t sid : sids_) { /* before the paging tables, so that these never lie behind a short directory */
        if (setup.ttm == 1)
            directories_[sid] = frame(Structure, 32);
    }
    buildTrees();
    buildDevices();
    keepDomainRules();
    original_.clear();
}

uint64_t World::frame(Kind kind, unsigned count)
{
    const uint64_t addr = next_frame_ << 12;
    next_frame_ += count;
    EXPECT_LE(next_frame_ << 12, kQueue) << "the random world is out of frames";
    if (kind != Structure)
        paging_frames_.push_back(addr);
    return addr;
}

void World::store(uint64_t addr, uint64_t value, Kind kind, unsigned level, uint64_t offset)
{
    at(addr) = value;
    slots_.push_back({addr, kind, level, offset});
}

/* ---------------------------------------------------------------- the unit, ref 1.2 and 1.3 */

void World::chooseUnit()
{
    EXPECT_EQ(vtd_config_preset(&config, "default"), VTD_STATUS_OK);
    setup.ttm = random.chance(20) ? 0 : 1;
    const std::vector<uint8_t> haws = {39, 40, 46, 48, 52};
    config.haw = random.pick(haws);
    const std::vector<unsigned> mgaws = {config.haw, 48u, 52u, 57u, 57u};
    assign(config.cap, 21, 16, std::max<unsigned>(config.haw, random.pick(mgaws)) - 1);
    assign(config.cap, 12, 8, random.chance(60) ? 14 : (1 + random.below(7)) << 1);
    const std::vector<unsigned> sslps = {0, 1, 3, 3, 3};
    assign(config.cap, 37, 34, random.pick(sslps));
    assign(config.cap, 2, 0, random.chance(70) ? 6 : 3 + random.below(3));
    assign(config.cap, 7, 7, random.chance(30));   /* CM */
    assign(config.cap, 22, 22, random.chance(50)); /* ZLR */
    assign(config.cap, 56, 56, random.chance(80)); /* FS1GP */
    assign(config.cap, 60, 60, random.chance(80)); /* FS5LP */
    /* DT, PT, SC, NEST, PRS, SRS, NWFS, EAFS, PASID, SSADS, SSTS, FSTS, SMPWCS, RPS, RPRIVS, PTRS, SSIRWS */
    for (unsigned n : {2, 6, 7, 26, 29, 31, 33, 34, 40, 45, 46, 47, 48, 49, 53, 56, 57})
        assign(config.ecap, n, n, random.chance(88));
    const std::vector<unsigned> pss = {19, 19, 19, 14, 12};
    assign(config.ecap, 39, 35, random.pick(pss));
    chooseRevision();
    tieCapabilities();
    char why[VTD_WHY_SIZE];
    EXPECT_EQ(vtd_config_validate(&config, why), VTD_STATUS_OK) << why;
    setup.cap = config.cap;
    setup.ecap = config.ecap;
    setup.major = config.version >> 4;
    setup.haw = config.haw;
    setup.ssirwe = ecap(57) && setup.ttm == 1 && random.chance(25);
}

/* Half of the units follow an older revision, mostly with execute requests (ref 0.1, 0.2). */
void World::chooseRevision()
{
    const std::vector<uint8_t> revisions = {3, 4, 5, 5};
    config.spec_revision = random.pick(revisions);
    if (config.spec_revision == 5)
        return;
    for (unsigned n : {56, 57, 58}) /* PTRS, SSIRWS, SMS */
        config.ecap &= ~one(n);
    assign(config.ecap, 30, 30, random.chance(80)); /* ERS */
}

void World::tieCapabilities()
{
    const auto clear = [this](std::initializer_list<unsigned> bits) {
        for (unsigned n : bits)
            config.ecap &= ~one(n);
    };
    if (setup.ttm == 0)
        config.ecap |= one(46);
    if (!ecap(2))
        clear({33, 41, 42, 29, 55, 56}); /* NWFS, DIT, PDS, PRS, HPTS, PTRS */
    if (!ecap(29))
        clear({58}); /* SMS */
    if (!ecap(46) && !ecap(47) && !ecap(6))
        config.ecap |= one(47);
    if (!ecap(46) || !ecap(47))
        clear({26});
    if (!ecap(47)) {
        clear({34});
        config.cap &= ~(one(56) | one(60));
    }
    if (!ecap(46)) {
        clear({57, 45});
        assign(config.cap, 12, 8, 0);
        assign(config.cap, 37, 34, 0);
    }
    if (!ecap(48))
        clear({45, 34});
    if (!ecap(31))
        clear({53});
    if (!ecap(40)) {
        clear({30, 56});
        assign(config.ecap, 39, 35, 0);
    }
}

void World::chooseAddresses()
{
    const std::vector<uint64_t> some = {0,
                                        0x1000,
                                        0x1ff000,
                                        0x200000,
                                        0x3fe00000,
                                        one(30),
                                        one(38) - 0x1000,
                                        one(39) - 0x1000,
                                        one(39),
                                        one(40),
                                        one(47) - 0x1000,
                                        one(47),
                                        one(48) - 0x1000,
                                        one(48),
                                        one(56) - 0x1000,
                                        one(56),
                                        one(57) - 0x1000,
                                        one(57),
                                        ~one(47) + 1,
                                        ~one(47) - 0xfff,
                                        ~one(56) + 1,
                                        ~UINT64_C(0xfff),
                                        0xfee00000,
                                        0xfedff000,
                                        0xfef00000};
    for (unsigned i = 0; i < 5; i++)
        addresses_.push_back(random.pick(some));
    const uint64_t base = random.bits() & (one(38 + random.below(9)) - 1) & ~UINT64_C(0xfff);
    addresses_.push_back(base);
    addresses_.push_back(base + 0x1000);
    addresses_.push_back(base ^ 0x200000);
    addresses_.push_back(base ^ one(30));
    addresses_.push_back(base ^ 0x8000);
    addresses_.push_back(random.bits() & (one(36) - 1) & ~UINT64_C(0xfff));
    pasids_ = {static_cast<uint32_t>(1 + random.below(3)), 5, static_cast<uint32_t>(60 + random.below(8)), 4097};
    if (!ecap(40))
        pasids_ = {0}; /* for requests without PASID */
}

/* ---------------------------------------------------------------- paging tables, ref 2.6 and 2.7 */

unsigned World::ssWidth(unsigned levels) const
{
    const unsigned mgaw = (config.cap >> 16 & 63) + 1;
    return std::min(mgaw, 12 + 9 * levels);
}

uint64_t World::linkBits(const Tree &tree)
{
    if (tree.kind == Fs) {
        return 1 | (random.chance(95) ? 2 : 0) | (random.chance(95) ? 4 : 0) | (random.chance(40) ? one(5) : 0) |
               (random.chance(40) ? one(10) : 0) | (executes() && random.chance(5) ? one(63) : 0);
    }
    uint64_t rights = random.chance(92) ? 3 : 1 + random.below(2);
    if (setup.ssirwe)
        rights = rights << 61 | random.below(4);
    return rights | (random.chance(40) ? one(8) : 0) | (executes() && random.chance(93) ? 4 : 0);
}

uint64_t World::leafBits(const Tree &tree, unsigned level)
{
    uint64_t v = level > 1 ? one(7) : 0;
    if (tree.kind == Fs) {
        v |= 1 | (random.chance(75) ? 2 : 0) | (random.chance(80) ? 4 : 0);
        for (unsigned n : {5, 6, 8, 10, 9, 52})
            v |= random.chance(35) ? one(n) : 0;
        return v | (random.chance(executes() ? 15 : 35) ? one(63) : 0);
    }
    uint64_t rights = random.chance(75) ? 3 : 1 + random.below(2);
    if (setup.ssirwe)
        rights = rights << 61 | random.below(4);
    v |= rights;
    for (unsigned n : {8, 9, 10, 63, 55})
        v |= random.chance(35) ? one(n) : 0;
    v |= random.chance(executes() ? 75 : 35) ? 4 : 0;
    return v | (ecap(7) && random.chance(25) ? one(11) : 0);
}

uint64_t World::target(const Tree &tree, unsigned shift)
{
    const uint64_t aligned = ~(one(shift) - 1);
    if (tree.guest && random.chance(85) && !mapped_[tree.under].empty())
        return random.pick(mapped_[tree.under]) & aligned;
    if (random.chance(6))
        return 0xfee00000 & aligned;
    const uint64_t addr = random.bits() & (one(config.haw) - 1) & aligned;
    return addr < kBytes ? one(31) + one(33) : addr; /* data never lies over the tables */
}

World::Tree World::newTree(Kind kind, unsigned levels)
{
    return {kind, false, levels, frame(kind), 0, 0, 12};
}

/* A guest table must be reachable through the second stage. */
void World::newTable(Tree &tree, uint64_t table)
{
    if (!tree.guest)
        return;
    Tree &under = ss_[tree.under];
    const unsigned level = (tree.under_shift - 12) / 9 + 1;
    const uint64_t page = table & ~(one(tree.under_shift) - 1);
    const uint64_t entry = entryAddr(under, page + kOffset, level);
    if (entry != 0 && at(entry) == 0) {
        uint64_t bits = leafBits(under, level);
        if (random.chance(80)) /* mostly with all rights */
            bits |= setup.ssirwe ? UINT64_C(3) << 61 : 3;
        store(entry, page | bits, Ss, level);
    }
}

/* Address of the entry for addr, its tables made; 0 if a leaf is in the way or there is no room. */
uint64_t World::entryAddr(Tree &tree, uint64_t addr, unsigned level)
{
    uint64_t table = tree.root;
    for (unsigned l = tree.levels;; l--) {
        const uint64_t entry = table + 8 * (addr >> (12 + 9 * (l - 1)) & 511);
        if (l == level)
            return entry;
        if (at(entry) == 0) {
            if (full())
                return 0;
            const uint64_t made = frame(tree.kind);
            store(entry, (made + tree.offset) | linkBits(tree), tree.kind, l, tree.offset);
            newTable(tree, made);
        } else if (l <= 3 && (at(entry) & one(7))) {
            return 0;
        }
        table = (at(entry) & (one(52) - one(12))) - tree.offset;
    }
}

void World::map(Tree &tree, uint64_t addr)
{
    unsigned level = 1;
    if (random.chance(40)) {
        const bool huge = random.chance(40) && (tree.kind == Fs ? cap(56) : cap(35));
        level = huge ? 3 : tree.kind == Fs || cap(34) ? 2 : 1;
    }
    const unsigned shift = 12 + 9 * (level - 1);
    const uint64_t entry = entryAddr(tree, addr, level);
    if (entry == 0 || at(entry) != 0)
        return;
    store(entry, target(tree, shift) | leafBits(tree, level), tree.kind, level, tree.offset);
    if (tree.kind == Ss)
        mapped_[static_cast<size_t>(&tree - ss_.data())].push_back(addr & ~(one(shift) - 1));
}

void World::buildTrees()
{
    std::vector<unsigned> ss_levels;
    for (unsigned n = 1; n <= 3; n++)
        if (cap(8 + n))
            ss_levels.push_back(n + 2);
    if (!ss_levels.empty() && ecap(46)) {
        for (unsigned i = 0; i < 2; i++)
            ss_.push_back(newTree(Ss, random.pick(ss_levels)));
        for (auto &tree : ss_)
            for (uint64_t addr : addresses_)
                if (addr >> ssWidth(tree.levels) == 0 && !full(40))
                    map(tree, addr);
    }
    if (setup.ttm == 0 || !ecap(47))
        return;
    for (unsigned i = 0; i < 4; i++) {
        const bool guest = i >= 2;
        if (guest && (!ecap(26) || ss_.empty()))
            break;
        Tree tree = newTree(Fs, cap(60) && random.chance(50) ? 5 : 4);
        if (guest) {
            tree.guest = true;
            tree.offset = kOffset;
            tree.under = random.below(ss_.size());
            const unsigned largest = cap(35) ? 30 : cap(34) ? 21 : 12;
            const std::vector<unsigned> shifts = {12, 12, 21, 30};
            tree.under_shift = std::min(largest, random.pick(shifts));
            newTable(tree, tree.root);
        }
        for (uint64_t addr : addresses_) {
            const uint64_t sign = addr >> (tree.levels == 5 ? 56 : 47);
            if ((sign == 0 || sign == ~UINT64_C(0) >> (tree.levels == 5 ? 56 : 47)) && !full(60))
                map(tree, addr);
        }
        (guest ? guest_ : fs_).push_back(tree);
    }
}

} // namespace vtdtest
