/* SPDX-License-Identifier: MIT */
/*
 * The steps of the oracle (oracle.h) before the walk: ref 4.2 steps 1 to 9, and the answers of ref 5.
 */
#include "spec/oracle_request.h"

#include <algorithm>

namespace oracle
{

/* ---------------------------------------------------------------- ref 5 */

bool qualified(unsigned fault)
{
    switch (fault) {
    case 0x01:
    case 0x08:
    case 0x09:
    case 0x0a: /* LRT.2, LRT.1, LCT.1, LRT.3 */
    case 0x29: /* malformed access to the interrupt range */
    case 0x30:
    case 0x31:
    case 0x32:
    case 0x33:
    case 0x34:
    case 0x38:
    case 0x39:
    case 0x3a:
    case 0x40: /* SRT, SCT.1 */
    case 0x50:
    case 0x58: /* SPD.1, SPT.1 */
        return false;
    default:
        return true;
    }
}

Answer translationAnswer(unsigned fault)
{
    switch (fault) {
    case 0x01:
    case 0x02:
    case 0x0d:
    case 0x31:
    case 0x33:
    case 0x34:
    case 0x39:
    case 0x41:
    case 0x44:
    case 0x45:
    case 0x46:
    case 0x48:
    case 0x89:
        return Answer::Ur;
    case 0x04:
    case 0x51:
    case 0x59:
    case 0x5c:
    case 0x5d:
    case 0x70:
    case 0x71:
    case 0x72:
    case 0x73:
    case 0x74:
    case 0x75:
    case 0x76:
    case 0x77:
    case 0x79:
    case 0x80:
    case 0x81:
    case 0x83:
    case 0x84:
    case 0x90:
    case 0x91:
        return Answer::Null;
    case 0x05:
    case 0x06:
    case 0x82:
    case 0x85:
    case 0x86:
        return Answer::Eff;
    default:
        return Answer::Ca;
    }
}

/* Translated requests: the few that are answered with CA (ref 5.2). */
static bool translatedIsCa(unsigned fault)
{
    return fault == 0x50 || fault == 0x52 || fault == 0x58 || fault == 0x5a || fault == 0x5b;
}

void Request::close(unsigned code)
{
    o_.fault = code;
    o_.shaped = false;
    o_.must = false;
    o_.result = VTD_RESULT_UR;
    o_.recorded = !(qualified(code) && o_.fpd);
    if (r_.at == VTD_AT_TRANSLATED && translatedIsCa(code))
        o_.result = VTD_RESULT_CA;
    if (r_.at == VTD_AT_TRANSLATION) {
        const Answer answer = translationAnswer(code);
        if (answer == Answer::Ca)
            o_.result = VTD_RESULT_CA;
        if (answer == Answer::Null || answer == Answer::Eff) {
            o_.result = VTD_RESULT_OK;
            o_.attr = 0;
            o_.recorded = o_.recorded && code == 0x91;
        }
    }
}

Outcome Request::run()
{
    try {
        if (interruptRange())
            return o_;
        if (s_.ttm == 2 || (s_.ttm == 3 && !ecap(52)) || (s_.ttm == 1 && !ecap(43)))
            throw Stop{0x30};
        if (s_.ttm == 3)
            throw Stop{0x33};
        if (s_.ttm == 0)
            legacy();
        else
            scalable();
    } catch (const Stop &stop) {
        noteFs(false, false);
        if (!final_.empty())
            noteSs(final_[0], false, false);
        close(stop.code);
    }
    return o_;
}

/* Step 1 and ref 4.9; true when the request ends here. */
bool Request::interruptRange()
{
    if (with_pasid_ || !inInterruptRange(r_.addr) || r_.at == VTD_AT_TRANSLATED)
        return false;
    if (r_.at == VTD_AT_TRANSLATION) {
        o_.attr = !noWrite() * (VTD_ATTR_W | VTD_ATTR_U);
        o_.open = true; /* address and size of this answer mean nothing */
        return true;
    }
    if (r_.access == VTD_READ && r_.len == 0) {
        o_.open = true;
        return true;
    }
    if (r_.access == VTD_WRITE && r_.len == 4) {
        o_.result = VTD_RESULT_INTERRUPT;
        o_.open = true;
        return true;
    }
    throw Stop{0x29};
}

/* ---------------------------------------------------------------- legacy mode */

void Request::legacy()
{
    legacy_ = true;
    if (with_pasid_)
        throw Stop{0x31};
    if (s_.ssirwe)
        throw Stop{0x30};
    uint64_t root[2], c[2];
    const uint64_t at = s_.root + UINT64_C(16) * (r_.sid >> 8);
    if (!load(at, root[0]) || !load(at + 8, root[1]))
        throw Stop{0x08};
    if (!bits(root[0], 0, 0))
        throw Stop{0x01};
    if (any(root[0], 11, 1) || root[1] != 0 || above(root[0], s_.haw))
        throw Stop{0x0a};
    const uint64_t context = (bits(root[0], 63, 12) << 12) + UINT64_C(16) * (r_.sid & 0xff);
    if (!load(context, c[0]) || !load(context + 8, c[1]))
        throw Stop{0x09};
    o_.fpd = bits(c[0], 1, 1);
    if (!bits(c[0], 0, 0))
        throw Stop{0x02};
    o_.open |= bits(c[0], 3, 2) == 2 && above(c[0], s_.haw);
    if (any(c[0], 11, 4) || bits(c[1], 7, 7) || any(c[1], 63, 24) || above(c[0], s_.haw))
        throw Stop{0x0b};
    const unsigned tt = static_cast<unsigned>(bits(c[0], 3, 2)), aw = static_cast<unsigned>(bits(c[1], 2, 0));
    /* Not said: whether a domain-id wider than ND is reserved here, whether pass-through looks at AW and SSPTPTR. */
    const unsigned did_bits = 4 + 2 * static_cast<unsigned>(bits(s_.cap, 2, 0));
    o_.open |= above(bits(c[1], 23, 8), did_bits) || (tt == 2 && (aw < 1 || aw > 3 || !bits(s_.cap, 8 + aw, 8 + aw)));
    if (aw < 1 || aw > 3 || !bits(s_.cap, 8 + aw, 8 + aw) || tt == 3 || (tt == 1 && !ecap(2)) || (tt == 2 && !ecap(6)))
        throw Stop{0x03};
    if (r_.at != VTD_AT_UNTRANSLATED && tt != 1)
        throw Stop{0x0d};
    if (r_.at == VTD_AT_TRANSLATED)
        return translatedRequest(0x04, 0x0e);
    if (tt == 2)
        return passThrough(0x04);
    const unsigned mgaw = static_cast<unsigned>(bits(s_.cap, 21, 16)) + 1;
    ss_levels_ = aw + 2;
    aw_bits_ = std::min(mgaw, 30 + 9 * aw);
    ss_root_ = bits(c[0], 63, 12) << 12;
    if (above(r_.addr, aw_bits_))
        throw Stop{0x04};
    try {
        const Ss ss = ssWalk(r_.addr);
        final_.push_back(ss);
        finish(ss.hpa, ss.shift, ss.r, ss.w, ss.snp);
    } catch (const Stop &stop) {
        switch (stop.code) { /* the codes of ref 4.4 for legacy mode */
        case 0x78:
            throw Stop{0x07};
        case 0x7a:
            throw Stop{0x0c};
        case 0x7b:
            throw Stop{0x03};
        case 0x79:
            throw Stop{wants_write_ ? 0x05u : 0x06u};
        default:
            throw;
        }
    }
}

/* ---------------------------------------------------------------- scalable mode */

void Request::scalable()
{
    uint64_t root[2], c[4];
    const uint64_t at = s_.root + UINT64_C(16) * (r_.sid >> 8);
    if (!load(at, root[0]) || !load(at + 8, root[1]))
        throw Stop{0x38};
    const uint64_t half = root[(r_.sid >> 7) & 1];
    if (!bits(half, 0, 0))
        throw Stop{0x39};
    if (any(half, 11, 1))
        throw Stop{0x3a};
    const uint64_t context = (bits(half, 63, 12) << 12) + UINT64_C(32) * (r_.sid & 0x7f);
    for (unsigned i = 0; i < 4; i++)
        if (!load(context + UINT64_C(8) * i, c[i]))
            throw Stop{0x40};
    o_.fpd = bits(c[0], 1, 1);
    contextChecks(c);
    if (r_.at == VTD_AT_TRANSLATED)
        return translatedRequest(0x83, 0x87);

    const uint32_t rid_pasid = static_cast<uint32_t>(bits(c[1], 19, 0));
    priv_ = with_pasid_ ? (r_.flags & VTD_REQ_PRIV) != 0 : bits(c[1], 20, 20) != 0;
    uint64_t e[8];
    pasidEntry(bits(c[0], 63, 12) << 12, with_pasid_ ? r_.pasid : rid_pasid, e);
    byPgtt(e);
}

/* Steps 4 to 6. */
void Request::contextChecks(const uint64_t *c)
{
    const bool dte = bits(c[0], 2, 2), paside = bits(c[0], 3, 3), pre = bits(c[0], 4, 4), hpte = bits(c[0], 5, 5),
               eptr = bits(c[0], 6, 6);
    if (!bits(c[0], 0, 0))
        throw Stop{0x41};
    if ((dte && !ecap(2)) || (paside && !ecap(40)) || (pre && !ecap(29)) || (hpte && !ecap(55)) ||
        (eptr && !ecap(56)) || any(c[0], 8, 7) || (any(c[1], 19, 0) && !ecap(49)) || (any(c[1], 20, 20) && !ecap(53)) ||
        any(c[1], 63, 21) || c[2] != 0 || c[3] != 0)
        throw Stop{0x42};

    const uint64_t pdts_limit = UINT64_C(1) << (bits(c[0], 11, 9) + 13);
    const uint64_t pss_limit = UINT64_C(1) << (bits(s_.ecap, 39, 35) + 1);
    const uint64_t rid_pasid = bits(c[1], 19, 0);
    const bool translated = r_.at == VTD_AT_TRANSLATED;
    if ((pre && !dte) || rid_pasid >= pdts_limit || rid_pasid >= pss_limit)
        throw Stop{0x43};
    if (eptr && !paside && !(with_pasid_ && !translated))
        throw Stop{0x43};
    if (!dte && r_.at != VTD_AT_UNTRANSLATED)
        throw Stop{0x44};
    if (!with_pasid_)
        return;
    if (!translated && !paside)
        throw Stop{0x45};
    if (translated && !eptr)
        throw Stop{0x49};
    if (r_.pasid >= pss_limit)
        throw Stop{0x89};
    if (r_.pasid >= pdts_limit)
        throw Stop{0x46};
    if (r_.pasid == rid_pasid)
        throw Stop{0x48};
}

/* Steps 8 and 9. */
void Request::pasidEntry(uint64_t dir, uint32_t pasid, uint64_t *e)
{
    uint64_t d;
    if (!load(dir + UINT64_C(8) * (pasid >> 6), d))
        throw Stop{0x50};
    o_.fpd |= bits(d, 1, 1);
    if (!bits(d, 0, 0))
        throw Stop{0x51};
    if (any(d, 11, 2) || above(d, s_.haw))
        throw Stop{0x52};
    for (unsigned i = 0; i < 8; i++)
        if (!load((bits(d, 63, 12) << 12) + UINT64_C(64) * (pasid & 63) + UINT64_C(8) * i, e[i]))
            throw Stop{0x58};
    o_.fpd |= bits(e[0], 1, 1);
    if (!bits(e[0], 0, 0))
        throw Stop{0x59};
    pasidReserved(e);
    pasidValid(e);
    if (wants_exec_ && !(ecap(30) && bits(e[2], 1, 1)))
        throw Stop{0x5c};
    if (priv_ && !bits(e[2], 0, 0))
        throw Stop{0x5d};
}

/* SPT.3, ref 2.5 and 10.4. */
void Request::pasidReserved(const uint64_t *e)
{
    const unsigned did_bits = 4 + 2 * static_cast<unsigned>(bits(s_.cap, 2, 0));
    bool bad = (bits(e[0], 5, 5) && !ecap(30)) || any(e[0], 11, 10) || above(e[0], s_.haw);
    bad |= above(bits(e[1], 15, 0), did_bits) || any(e[1], 22, 16) || any(e[1], 31, 27);
    bad |= (bits(e[2], 1, 1) && !ecap(30)) || any(e[2], 11, 8) || above(e[2], s_.haw);
    bad |= e[3] != 0 || e[4] != 0 || e[5] != 0 || e[6] != 0 || e[7] != 0;
    bad |= bits(e[0], 9, 9) && !ecap(45);
    bad |= bits(e[1], 23, 23) && !ecap(48);
    bad |= bits(e[1], 24, 24) && !ecap(7);
    bad |= any(e[1], 26, 25) && !ecap(25);
    bad |= bits(e[2], 0, 0) && !ecap(31);
    bad |= bits(e[2], 7, 7) && !ecap(34);
    if (bad)
        throw Stop{0x5a};
}

/* SPT.4, ref 2.5 and 4.5. */
void Request::pasidValid(const uint64_t *e)
{
    const unsigned pgtt = static_cast<unsigned>(bits(e[0], 8, 6)), aw = static_cast<unsigned>(bits(e[0], 4, 2));
    const unsigned fspm = static_cast<unsigned>(bits(e[2], 3, 2));
    const unsigned mgaw = static_cast<unsigned>(bits(s_.cap, 21, 16)) + 1;
    const bool known =
        (pgtt == 1 && ecap(47)) || (pgtt == 2 && ecap(46)) || (pgtt == 3 && ecap(26)) || (pgtt == 4 && ecap(6));
    if (!known)
        throw Stop{0x5b};
    if (pgtt == 2 || pgtt == 3) {
        if (aw < 1 || aw > 3 || !bits(s_.cap, 8 + aw, 8 + aw))
            throw Stop{0x5b};
        ss_levels_ = aw + 2;
        aw_bits_ = std::min(mgaw, 30 + 9 * aw);
    }
    if (pgtt == 1 || pgtt == 3) {
        if (fspm > 1 || (fspm == 1 && !cap(60)))
            throw Stop{0x5b};
        fs_levels_ = fspm + 4;
    }
    if (pgtt == 3 && above(bits(e[2], 63, 12) << 12, aw_bits_))
        throw Stop{0x5b};
}

/* Step 10. */
void Request::byPgtt(const uint64_t *e)
{
    ss_root_ = bits(e[0], 63, 12) << 12;
    fs_root_ = bits(e[2], 63, 12) << 12;
    snooped_walk_ = bits(e[1], 23, 23);
    pgsnp_ = bits(e[1], 24, 24);
    wpe_ = bits(e[2], 4, 4);
    eafe_ = bits(e[2], 7, 7);
    slee_ = bits(e[0], 5, 5);
    nxe_ = bits(e[2], 5, 5);
    smep_ = bits(e[2], 6, 6);
    switch (bits(e[0], 8, 6)) {
    case 1:
        return fsWalk(false);
    case 3:
        ssade_ = bits(e[0], 9, 9);
        return fsWalk(true);
    case 4:
        return passThrough(0x83);
    default:
        break;
    }
    ssade_ = bits(e[0], 9, 9);
    if (above(r_.addr, aw_bits_))
        throw Stop{0x84};
    const Ss ss = ssWalk(r_.addr);
    final_.push_back(ss);
    fetch_ = mayFetchSs(ss);
    finish(ss.hpa, ss.shift, ss.r, ss.w, ss.snp);
}

Outcome translate(const Setup &setup, const std::vector<uint64_t> &memory, const vtd_request &req)
{
    return Request(setup, memory, req).run();
}

} // namespace oracle
