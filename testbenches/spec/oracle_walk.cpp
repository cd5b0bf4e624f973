/* SPDX-License-Identifier: MIT */
/*
 * The walks of the oracle (oracle.h): ref 4.3 to 4.9 and 2.6, 2.7, in the words of the reference.
 */
#include "spec/oracle_request.h"

#include <algorithm>

namespace oracle
{

/* ---------------------------------------------------------------- accessed and dirty bits, ref 4.7 */

void Request::note(uint64_t addr, uint64_t value, uint64_t need, uint64_t may)
{
    for (auto &t : o_.touched) {
        if (t.addr == addr) {
            t.set |= need & ~value;
            t.may |= may;
            return;
        }
    }
    o_.touched.push_back({addr, need & ~value, may});
}

void Request::also(unsigned code, bool optional)
{
    if (std::find(o_.also.begin(), o_.also.end(), code) == o_.also.end())
        o_.also.push_back(code);
    if (!optional)
        o_.must = true;
}

void Request::noteSs(const Ss &ss, bool dirty, bool optional)
{
    constexpr uint64_t kA = 1 << 8, kD = 1 << 9;
    if (!ssade_)
        return;
    for (size_t i = 0; i < ss.used.size(); i++) {
        const bool leaf = i + 1 == ss.used.size() && ss.shift != 0;
        const uint64_t need = kA | (leaf && dirty ? kD : 0);
        const auto &[addr, value] = ss.used[i];
        note(addr, value, need, need);
        if ((value & need) != need && !snooped_walk_)
            also(0x7c, optional && (value & kA));
    }
}

void Request::noteFs(bool dirty, bool optional)
{
    constexpr uint64_t kA = 1 << 5, kD = 1 << 6, kEa = 1 << 10;
    for (size_t i = 0; i < fs_.size(); i++) {
        const FsStep &step = fs_[i];
        const bool leaf = i + 1 == fs_.size();
        const uint64_t accessed = kA | (eafe_ ? kEa : 0), need = accessed | (leaf && dirty ? kD : 0);
        const bool update = (step.value & need) != need;
        const bool spare = optional && (step.value & accessed) == accessed;
        note(step.addr, step.value, need, need);
        if (fs_levels_ != 0 && !step.table.used.empty()) {
            if (update && !step.table.w)
                also(0x77, spare);
            noteSs(step.table, update, spare);
        }
        if (update && !snooped_walk_)
            also(0x90, spare);
    }
}

/* ---------------------------------------------------------------- second stage, ref 4.4 and 2.7 */

bool Request::ssReserved(uint64_t v, unsigned level, bool leaf) const
{
    if (s_.haw < 52 && any(v, 51, s_.haw))
        return true;
    if (!s_.ssirwe && bits(v, 62, 62))
        return true;
    if (level >= 4 && bits(v, 7, 7))
        return true;
    if (!leaf)
        return bits(v, 11, 11);
    if (level == 2 && (!bits(s_.cap, 34, 34) || any(v, 20, 12)))
        return true;
    if (level == 3 && (!bits(s_.cap, 35, 35) || any(v, 29, 12)))
        return true;
    return bits(v, 11, 11) && !ecap(7);
}

Ss Request::ssWalk(uint64_t gpa)
{
    Ss ss;
    uint64_t table = ss_root_;
    for (unsigned level = ss_levels_; level >= 1; level--) {
        const unsigned shift = 12 + 9 * (level - 1);
        const uint64_t addr = table + 8 * bits(gpa, shift + 8, shift);
        uint64_t v;
        /* What was used before this entry may have its accessed bits set. */
        if (!load(addr, v)) {
            noteSs(ss, false, false);
            throw Stop{level == ss_levels_ ? 0x7bu : 0x78u};
        }
        const bool r = s_.ssirwe ? bits(v, 61, 61) : bits(v, 0, 0), w = s_.ssirwe ? bits(v, 62, 62) : bits(v, 1, 1);
        if (!r && !w) {
            noteSs(ss, false, false);
            throw Stop{0x79};
        }
        const bool leaf = level == 1 || ((level == 2 || level == 3) && bits(v, 7, 7));
        if (ssReserved(v, level, leaf)) {
            noteSs(ss, false, false);
            throw Stop{0x7a};
        }
        ss.used.push_back({addr, v});
        ss.r &= r;
        ss.w &= w;
        ss.x &= bits(v, 2, 2);
        const uint64_t next = bits(v, 51, 12) << 12;
        if (leaf) {
            const uint64_t offset = (UINT64_C(1) << shift) - 1;
            ss.shift = shift;
            ss.hpa = (next & ~offset) | (gpa & offset);
            ss.snp = bits(v, 11, 11) && ecap(7);
            if (!ss.r && !ss.w) {
                noteSs(ss, false, false);
                throw Stop{0x79};
            }
            break;
        }
        table = next;
    }
    return ss;
}

/* ---------------------------------------------------------------- first stage, ref 4.3, 4.5 and 2.6 */

bool Request::fsReserved(uint64_t v, unsigned level, bool leaf, bool nested) const
{
    if (!nested && s_.haw < 52 && any(v, 51, s_.haw))
        return true;
    if (ecap(30) && !nxe_ && bits(v, 63, 63))
        return true;
    if (level >= 4 && bits(v, 7, 7))
        return true;
    if (level == 3 && leaf && (!cap(56) || any(v, 29, 13)))
        return true;
    return level == 2 && leaf && any(v, 20, 13);
}

void Request::fsWalk(bool nested)
{
    const unsigned top = fs_levels_ == 5 ? 56 : 47; /* bits 63:top are equal */
    const uint64_t sign = r_.addr >> top;
    if (sign != 0 && sign != ~UINT64_C(0) >> top)
        throw Stop{0x80};

    uint64_t table = fs_root_, out = 0;
    unsigned shift = 0;
    for (unsigned level = fs_levels_; level >= 1; level--) {
        shift = 12 + 9 * (level - 1);
        FsStep step{table + 8 * bits(r_.addr, shift + 8, shift), 0, {}};
        const bool first = level == fs_levels_;
        if (nested) {
            step.table = ssWalk(step.addr);
            noteSs(step.table, false, false);
            if (!step.table.r)
                throw Stop{first ? 0x75u : 0x76u};
            if (ssade_ && !step.table.w)
                throw Stop{0x77};
            step.addr = step.table.hpa;
        }
        if (!load(step.addr, step.value))
            throw Stop{first ? 0x73u : 0x70u};
        const uint64_t v = step.value;
        if (!bits(v, 0, 0))
            throw Stop{0x71};
        const bool leaf = level == 1 || ((level == 2 || level == 3) && bits(v, 7, 7));
        if (fsReserved(v, level, leaf, nested))
            throw Stop{0x72};
        const uint64_t offset = (UINT64_C(1) << shift) - 1;
        const uint64_t next = leaf ? (bits(v, 51, 12) << 12) & ~offset : bits(v, 51, 12) << 12;
        if (nested && above(next, aw_bits_))
            throw Stop{0x74};
        fs_.push_back(step);
        us_ &= bits(v, 2, 2);
        rw_ &= bits(v, 1, 1);
        xd_clear_ &= !bits(v, 63, 63);
        if (leaf) {
            out = next | (r_.addr & offset);
            break;
        }
        table = next;
    }

    firstStageEnds(out, shift, nested);
}

/* ref 0.2: a fetch. U/S=0 for a user is a matter of 4.3, as for any other access. */
bool Request::mayFetchFs() const
{
    if (priv_ && smep_ && us_)
        return false;
    return !nxe_ || xd_clear_;
}

bool Request::mayFetchSs(const Ss &ss) const
{
    return ss.r && (!slee_ || ss.x);
}

/* Rights, after the second stage of the page itself (ref 10.4: structure first). */
void Request::firstStageEnds(uint64_t out, unsigned shift, bool nested)
{
    bool r = true, w = priv_ ? rw_ || !wpe_ : rw_, snp = false;
    Ss page;
    if (nested) {
        page = ssWalk(out);
        final_.push_back(page);
        out = page.hpa;
        shift = std::min(shift, page.shift);
        snp = page.snp;
    }
    if (!priv_ && !us_)
        throw Stop{0x81};
    if (r_.at == VTD_AT_UNTRANSLATED && wants_write_ && !w)
        throw Stop{0x85};
    fetch_ = mayFetchFs() && (!nested || mayFetchSs(page));
    if (nested) {
        r &= page.r;
        w &= page.w;
    }
    finish(out, shift, r, w, snp);
}

/* ---------------------------------------------------------------- the end of a walk */

/* Rights are those left by all stages (ref 4.4, 4.5); the address is of the first byte. */
void Request::finish(uint64_t hpa, unsigned shift, bool r, bool w, bool snp)
{
    const bool ats = r_.at == VTD_AT_TRANSLATION;
    const unsigned no_write = legacy_ ? 0x05 : 0x85, no_read = legacy_ ? 0x06 : 0x86;
    if (!ats) {
        if (wants_write_ && !w)
            throw Stop{no_write};
        if (wants_exec_ && !fetch_)
            throw Stop{0x82};
        const bool zero_length = r_.len == 0 && cap(22);
        if (wants_read_ && !r && !(zero_length && w))
            throw Stop{no_read};
    } else if ((!w && !noWrite()) || !r) {
        o_.shaped = true;
        o_.fault = !r ? no_read : no_write;
    }
    if (ats && !r && (!w || noWrite()))
        o_.open = true; /* an answer without rights: nothing says what else then still counts */
    interruptOutput(hpa, shift);

    const bool dirty = ats ? w && !noWrite() : wants_write_;
    noteFs(dirty, ats);
    if (!final_.empty())
        noteSs(final_[0], dirty, ats);

    const bool snooped = pgsnp_ || snp;
    o_.shift = shift;
    const bool may_write = w && !(ats && noWrite());
    o_.attr = r * VTD_ATTR_R | may_write * VTD_ATTR_W | (wants_exec_ && fetch_) * VTD_ATTR_X;
    if (ats) {
        o_.hpa = hpa & ~((UINT64_C(1) << shift) - 1);
        o_.attr |= !snooped * VTD_ATTR_NO_SNOOP;
        if (with_pasid_ && priv_)
            o_.attr |= VTD_ATTR_PRIV;
    } else {
        o_.hpa = hpa;
        if (snooped || !(r_.flags & VTD_REQ_NO_SNOOP))
            o_.attr |= VTD_ATTR_SNOOP;
    }
}

/* ref 4.9: the result must not be an interrupt address. */
void Request::interruptOutput(uint64_t hpa, unsigned shift)
{
    if (inInterruptRange(hpa))
        throw Stop{legacy_ ? 0x0eu : 0x87u};
    /* A page that is handed to a device reaches further than the address that was asked for. */
    const uint64_t base = hpa & ~((UINT64_C(1) << shift) - 1), last = base | ((UINT64_C(1) << shift) - 1);
    if (r_.at == VTD_AT_TRANSLATION && shift != 0 && base <= 0xfeefffff && last >= 0xfee00000)
        o_.open = true;
}

void Request::passThrough(unsigned haw_fault)
{
    if (above(r_.addr, s_.haw))
        throw Stop{haw_fault};
    const bool ats = r_.at == VTD_AT_TRANSLATION;
    if (inInterruptRange(r_.addr))
        throw Stop{legacy_ ? 0x0eu : 0x87u};
    o_.hpa = r_.addr;
    o_.attr = VTD_ATTR_R | !(ats && noWrite()) * VTD_ATTR_W | wants_exec_ * VTD_ATTR_X;
    if (ats && !pgsnp_)
        o_.attr |= VTD_ATTR_NO_SNOOP;
    if (ats && with_pasid_ && priv_)
        o_.attr |= VTD_ATTR_PRIV;
    if (!ats && (pgsnp_ || !(r_.flags & VTD_REQ_NO_SNOOP)))
        o_.attr |= VTD_ATTR_SNOOP;
}

void Request::translatedRequest(unsigned haw_fault, unsigned range_fault)
{
    if (above(r_.addr, s_.haw))
        throw Stop{haw_fault};
    if (inInterruptRange(r_.addr))
        throw Stop{range_fault};
    o_.hpa = r_.addr;
}

} // namespace oracle
