/* SPDX-License-Identifier: MIT */
/*
 * Random devices over the tables of a random world (random_world.h), their requests, and damage to all of it.
 */
#include "spec/random_world.h"

#include <algorithm>

namespace vtdtest
{

namespace
{
constexpr uint64_t one(unsigned n)
{
    return UINT64_C(1) << n;
}

/* What a structure's qword holds; kept in Slot::level. */
enum : unsigned {
    kPointer = 0,
    kPlain = 1,
    kSsRoot = 2,
    kFsRoot = 3
};

constexpr uint64_t kGuestOffset = one(37);
} // namespace

/* ---------------------------------------------------------------- devices, ref 2.1 to 2.5 */

void World::buildDevices()
{
    for (uint16_t sid : sids_) {
        if (full(20))
            break;
        setup.ttm == 0 ? buildLegacyDevice(sid) : buildDevice(sid);
    }
}

void World::buildLegacyDevice(uint16_t sid)
{
    const uint64_t root = setup.root + UINT64_C(16) * (sid >> 8);
    if (at(root) == 0)
        store(root, frame(Structure) | 1, Structure, kPointer);
    const uint64_t c = (at(root) & ~UINT64_C(0xfff)) + UINT64_C(16) * (sid & 0xff);
    const Tree &ss = random.pick(ss_);
    unsigned tt = random.chance(20) ? 2 : static_cast<unsigned>(random.below(2));
    if ((tt == 1 && !ecap(2)) || (tt == 2 && !ecap(6)))
        tt = 0;
    const unsigned did = freshDid();
    store(c, ss.root | tt << 2 | 1 | (random.chance(10) ? 2 : 0), Structure, kSsRoot);
    store(c + 8, (ss.levels - 2) | did << 8, Structure, kPlain);
    legacy_.push_back(c);
}

void World::buildDevice(uint16_t sid)
{
    const uint64_t root = setup.root + UINT64_C(16) * (sid >> 8) + (sid & 0x80 ? 8 : 0);
    if (at(root) == 0)
        store(root, frame(Structure) | 1, Structure, kPointer);
    const uint64_t c = (at(root) & ~UINT64_C(0xfff)) + UINT64_C(32) * (sid & 0x7f), dir = directories_[sid];
    uint64_t q0 = dir | 1 | random.below(8) << 9;
    if (ecap(2) && random.chance(85))
        q0 |= 4 | (ecap(29) && random.chance(50) ? 16 : 0);
    if (ecap(40) && random.chance(92))
        q0 |= 8 | (ecap(56) && random.chance(50) ? 64 : 0);
    if (random.chance(10))
        q0 |= 2;
    const uint64_t rid_pasid = !ecap(49) ? 0 : random.chance(25) ? random.pick(pasids_) : ecap(40) ? 9 : 1;
    store(c, q0, Structure, kPointer);
    store(c + 8, rid_pasid | (ecap(53) && random.chance(25) ? one(20) : 0), Structure, kPlain);
    store(c + 16, 0, Structure, kPlain);
    store(c + 24, 0, Structure, kPlain);
    for (uint32_t pasid : pasids_)
        buildPasid(dir, pasid);
    buildPasid(dir, static_cast<uint32_t>(rid_pasid));
}

void World::buildPasid(uint64_t dir, uint32_t pasid)
{
    const uint64_t d = dir + UINT64_C(8) * (pasid >> 6);
    if (at(d) == 0) {
        if (full(4))
            return;
        store(d, frame(Structure) | 1 | (random.chance(8) ? 2 : 0), Structure, kPointer);
    }
    const uint64_t addr = (at(d) & ~UINT64_C(0xfff)) + UINT64_C(64) * (pasid & 63);
    if (at(addr) != 0)
        return;

    uint64_t e[8] = {};
    const std::vector<unsigned> all = {1, 1, 2, 3, 3, 3, 4};
    unsigned pgtt = random.pick(all);
    if (pgtt == 3 && guest_.empty())
        pgtt = 1;
    if (pgtt == 1 && fs_.empty())
        pgtt = 2;
    if ((pgtt == 1 && fs_.empty()) || (pgtt == 2 && ss_.empty()) || (pgtt == 3 && guest_.empty()))
        return;
    size_t under = 0;
    unsigned did = freshDid();
    if (pgtt == 1) {
        const Tree &fs = random.pick(fs_);
        e[2] = fs.root | (fs.levels - 4) << 2;
    } else if (pgtt == 3) {
        const Tree &fs = random.pick(guest_);
        under = fs.under;
        e[2] = (fs.root + fs.offset) | (fs.levels - 4) << 2;
    } else if (pgtt == 2) {
        under = random.below(ss_.size());
    }
    e[0] = 1 | pgtt << 6 | (random.chance(8) ? 2 : 0);
    if (pgtt == 2 || pgtt == 3) {
        e[0] |= ss_[under].root | (ss_[under].levels - 2) << 2;
        if (ecap(45) && (under == 0 || random.chance(20))) /* SSADE goes with the tree, mostly */
            e[0] |= one(9);
        if (random.chance(50)) /* a domain-id for the tree: entries share what they may */
            did = static_cast<unsigned>(200 + under);
        if (executes() && (pgtt == 3 || under == 0)) /* SLEE */
            e[0] |= random.chance(60) ? one(5) : 0;
    }
    e[1] = did | (ecap(48) && random.chance(80) ? one(23) : 0) | (ecap(7) && random.chance(20) ? one(24) : 0) |
           (random.bits() & 0xffffffff00000000);
    e[2] |= (ecap(31) && random.chance(85) ? 1 : 0) | (random.chance(50) ? one(4) : 0) |
            (ecap(34) && random.chance(40) ? one(7) : 0) | random.below(4) << 5 |
            (executes() && random.chance(85) ? 2 : 0) | (executes() && random.chance(60) ? one(5) : 0);
    if (const auto same = shared_.find(pasid); same != shared_.end() && random.chance(30))
        std::copy(same->second.begin(), same->second.end(), e); /* the same address space for another device */
    shared_[pasid].assign(e, e + 8);
    for (unsigned i = 0; i < 8; i++)
        store(addr + UINT64_C(8) * i, e[i], Structure, i == 0 ? kSsRoot : i == 2 ? kFsRoot : kPlain);
    entries_.push_back({addr, pasid});
}

unsigned World::freshDid()
{
    next_did_ = next_did_ % 190 + 1; /* 200 and up are the trees' */
    return next_did_;
}

/* Entries that break a rule of ref 2.5 get a domain-id of their own. */
void World::keepDomainRules()
{
    const auto breaks = [this](const Entry &x, const Entry &y) {
        const uint64_t *a = &at(x.addr), *b = &at(y.addr);
        if (!(a[0] & 1) || !(b[0] & 1) || (a[1] & 0xffff) != (b[1] & 0xffff))
            return false;
        const auto second = [](const uint64_t *e) { return (e[0] >> 6 & 7) == 2 || (e[0] >> 6 & 7) == 3; };
        if (second(a) != second(b))
            return true;
        if (second(a) && ((a[0] ^ b[0]) & ~UINT64_C(0x1c3))) /* all but P, FPD, PGTT */
            return true;
        if (x.pasid != y.pasid)
            return false;
        if ((a[0] ^ b[0]) & ~UINT64_C(3))
            return true;
        return !std::equal(a + 1, a + 8, b + 1);
    };
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < legacy_.size(); i++) {
            for (size_t j = 0; j < i; j++) {
                const uint64_t q1 = legacy_[i] + 8;
                if ((at(q1) ^ at(legacy_[j] + 8)) & 0xffff00)
                    continue;
                change(q1, (at(q1) & ~UINT64_C(0xffff00)) | freshDid() << 8);
                again = true;
            }
        }
        for (size_t i = 0; i < entries_.size(); i++) {
            for (size_t j = 0; j < i; j++) {
                if (!breaks(entries_[i], entries_[j]))
                    continue;
                const uint64_t q1 = entries_[i].addr + 8;
                change(q1, (at(q1) & ~UINT64_C(0xffff)) | freshDid());
                again = true;
            }
        }
    }
}

/* ---------------------------------------------------------------- requests */

vtd_request World::request()
{
    vtd_request req{};
    req.sid = random.chance(97) ? random.pick(sids_) : static_cast<uint16_t>(random.below(0x10000));
    req.addr = random.pick(addresses_) +
               (random.chance(50)
                    ? 0
                    : random.pick(std::vector<uint64_t>{0x1000, 0x2000, 0x1ff000, 0x3ffff000, ~UINT64_C(0xfff)}));
    req.addr += 8 * random.below(512);
    if (random.chance(setup.ttm == 1 && ecap(40) ? 60 : 3)) {
        req.flags |= VTD_REQ_PASID;
        req.pasid = static_cast<uint32_t>(random.chance(96) ? random.pick(pasids_) : random.below(one(20)));
        if (random.chance(20))
            req.flags |= VTD_REQ_PRIV;
    }
    if (random.chance(20))
        req.flags |= VTD_REQ_NO_SNOOP;
    req.len = 8;
    const uint64_t kind = random.below(100) + (ecap(2) ? 0 : 10);
    if (kind < 12) {
        req.at = VTD_AT_TRANSLATION;
        if (random.chance(40))
            req.flags |= VTD_REQ_NO_WRITE;
        if (executes() && (req.flags & VTD_REQ_PASID) && random.chance(35))
            req.access = VTD_EXEC;
        return req;
    }
    if (kind < 16)
        req.at = VTD_AT_TRANSLATED;
    const uint64_t access = random.below(100);
    if (access < 40)
        req.access = VTD_WRITE;
    else if (access < 52)
        req.access = VTD_ATOMIC;
    else if (access < (executes() ? 80 : 54) && (req.flags & VTD_REQ_PASID) && req.at == VTD_AT_UNTRANSLATED)
        req.access = VTD_EXEC;
    else if (access < 60 && req.at == VTD_AT_UNTRANSLATED)
        req.len = 0;
    return req;
}

/* ---------------------------------------------------------------- damage */

void World::change(uint64_t addr, uint64_t value)
{
    original_.emplace(addr, at(addr));
    at(addr) = value;
    written_.push_back(addr);
}

void World::damagePaging(const Slot &slot)
{
    constexpr uint64_t kAddress = one(52) - one(12);
    const uint64_t v = at(slot.addr), kind = random.below(100);
    const auto inside = [&](uint64_t entry) { return (entry & kAddress) - slot.offset < kBytes; };
    const auto flip = [&](uint64_t mask) {
        if (inside(v) || !inside(v ^ mask)) /* never from outside of memory into it */
            change(slot.addr, v ^ mask);
    };
    if (kind < 15) {
        change(slot.addr, 0);
    } else if (kind < 35) {
        const std::vector<unsigned> rights = {0, 1, 2, 61, 62, 63};
        flip(one(random.pick(rights)));
    } else if (kind < 50) {
        flip(one(static_cast<unsigned>(random.chance(50) ? 3 + random.below(9) : 52 + random.below(12))));
    } else if (kind < 62) {
        flip(one(21 + static_cast<unsigned>(random.below(31))));
    } else if (kind < 70) {
        flip(one(7));
    } else if (kind < 82) {
        change(slot.addr, (v & ~kAddress) | (random.pick(paging_frames_) + slot.offset));
    } else if (kind < 90 && !inside(v)) { /* alignment of large pages */
        flip(one(12 + static_cast<unsigned>(random.below(9))));
    } else { /* a fresh look at the accessed and dirty bits */
        change(slot.addr, v & ~(slot.kind == Fs ? one(5) | one(6) | one(10) : one(8) | one(9)));
    }
}

void World::damageStructure(const Slot &slot)
{
    const uint64_t v = at(slot.addr);
    const bool plain = slot.level == kPlain;
    if (slot.level >= kSsRoot && !paging_frames_.empty() && random.chance(15)) {
        const uint64_t table = random.pick(paging_frames_) + (random.chance(50) ? kGuestOffset : 0);
        change(slot.addr, (v & UINT64_C(0xfff)) | table);
    } else if (random.chance(10)) {
        change(slot.addr, v & ~UINT64_C(1));
    } else {
        /* Pointers may leave memory but not move within it. Low bits are the interesting ones. */
        unsigned n = static_cast<unsigned>(random.chance(50) ? random.below(12) : random.below(64));
        if (!plain && n >= 12 && n <= 20)
            n += 30;
        change(slot.addr, v ^ one(n));
    }
}

std::vector<uint64_t> World::damage()
{
    written_.clear();
    for (uint64_t n = 1 + random.below(5); n > 0; n--) {
        if (!original_.empty() && random.chance(55)) { /* repair something */
            const auto it = std::next(original_.begin(), static_cast<long>(random.below(original_.size())));
            at(it->first) = it->second;
            written_.push_back(it->first);
            original_.erase(it);
            continue;
        }
        const Slot &slot = random.pick(slots_);
        if (slot.kind != Structure)
            damagePaging(slot);
        else if (random.chance(60)) /* there are many of them, and they hide what is behind */
            damageStructure(slot);
    }
    keepDomainRules();
    return written_;
}

} // namespace vtdtest
