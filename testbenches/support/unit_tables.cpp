/* SPDX-License-Identifier: MIT */
/*
 * The tables of unit_fixture.h: root, context, PASID directory and table, and trees of both stages (ref 2).
 */
#include "support/unit_fixture.h"

#include <stdexcept>

namespace vtdtest
{

namespace
{
constexpr unsigned levelShift(unsigned level)
{
    return 12 + 9 * (level - 1);
}

/* AW of the PASID entry and of the legacy context entry for a number of levels (ref 2.5). */
constexpr unsigned awOf(unsigned levels)
{
    return levels - 2;
}
} // namespace

uint64_t *Unit::context(uint16_t sid)
{
    uint64_t *root = rootEntry(sid);
    if (sid & 0x80) {
        if (!vtd_sm_root_up(root)) {
            vtd_sm_root_set_uctp(root, alloc() >> 12);
            vtd_sm_root_set_up(root, 1);
        }
        return at((vtd_sm_root_uctp(root) << 12) + UINT64_C(1) * VTD_SM_CONTEXT_BYTES * (sid & 0x7f));
    }
    if (!vtd_sm_root_lp(root)) {
        vtd_sm_root_set_lctp(root, alloc() >> 12);
        vtd_sm_root_set_lp(root, 1);
    }
    return at((vtd_sm_root_lctp(root) << 12) + UINT64_C(1) * VTD_SM_CONTEXT_BYTES * (sid & 0x7f));
}

uint64_t *Unit::legacyContext(uint16_t sid)
{
    uint64_t *root = rootEntry(sid);
    if (!vtd_legacy_root_p(root)) {
        vtd_legacy_root_set_ctp(root, alloc() >> 12);
        vtd_legacy_root_set_p(root, 1);
    }
    return at((vtd_legacy_root_ctp(root) << 12) + UINT64_C(1) * VTD_LEGACY_CONTEXT_BYTES * (sid & 0xff));
}

uint64_t *Unit::device(uint16_t sid, unsigned pdts)
{
    uint64_t *q = context(sid);
    if (vtd_sm_context_p(q))
        return q;
    const uint64_t ecap = config().ecap;
    const unsigned order = pdts < 2 ? 0 : pdts - 2; /* 2^(pdts+7) entries of 8 bytes */
    vtd_sm_context_set_pasiddirptr(q, alloc(order) >> 12);
    vtd_sm_context_set_pdts(q, pdts);
    vtd_sm_context_set_dte(q, vtd_reg_ecap_dt(ecap));
    vtd_sm_context_set_paside(q, vtd_reg_ecap_pasid(ecap));
    vtd_sm_context_set_pre(q, vtd_reg_ecap_prs(ecap));
    vtd_sm_context_set_p(q, 1);
    return q;
}

uint64_t *Unit::pasidDir(uint16_t sid, uint32_t pasid)
{
    uint64_t *q =
        at((vtd_sm_context_pasiddirptr(device(sid)) << 12) + UINT64_C(1) * VTD_PASID_DIR_BYTES * (pasid >> 6));
    if (!vtd_pasid_dir_smptblptr(q)) {
        vtd_pasid_dir_set_smptblptr(q, alloc() >> 12);
        vtd_pasid_dir_set_p(q, 1);
    }
    return q;
}

uint64_t *Unit::pasidEntry(uint16_t sid, uint32_t pasid)
{
    return at((vtd_pasid_dir_smptblptr(pasidDir(sid, pasid)) << 12) +
              UINT64_C(1) * VTD_PASID_ENTRY_BYTES * (pasid & 63));
}

uint64_t *Unit::presentPasid(uint16_t sid, uint32_t pasid, unsigned pgtt, unsigned did)
{
    uint64_t *q = pasidEntry(sid, pasid);
    for (unsigned i = 0; i < VTD_PASID_ENTRY_QWORDS; i++)
        q[i] = 0;
    vtd_pasid_entry_set_pgtt(q, pgtt);
    vtd_pasid_entry_set_did(q, did);
    vtd_pasid_entry_set_pwsnp(q, vtd_reg_ecap_smpwcs(config().ecap));
    vtd_pasid_entry_set_p(q, 1);
    return q;
}

uint64_t *Unit::setFs(uint16_t sid, uint32_t pasid, const FsTree &fs, unsigned did)
{
    uint64_t *q = presentPasid(sid, pasid, VTD_PGTT_FIRST_STAGE, did);
    vtd_pasid_entry_set_fspm(q, fs.levels() - 4);
    vtd_pasid_entry_set_fsptptr(q, fs.rootAddress() >> 12);
    return q;
}

uint64_t *Unit::setSs(uint16_t sid, uint32_t pasid, const SsTree &ss, unsigned did)
{
    uint64_t *q = presentPasid(sid, pasid, VTD_PGTT_SECOND_STAGE, did);
    vtd_pasid_entry_set_aw(q, awOf(ss.levels()));
    vtd_pasid_entry_set_ssptptr(q, ss.rootHpa() >> 12);
    return q;
}

uint64_t *Unit::setNested(uint16_t sid, uint32_t pasid, const FsTree &fs, const SsTree &ss, unsigned did)
{
    uint64_t *q = presentPasid(sid, pasid, VTD_PGTT_NESTED, did);
    vtd_pasid_entry_set_aw(q, awOf(ss.levels()));
    vtd_pasid_entry_set_ssptptr(q, ss.rootHpa() >> 12);
    vtd_pasid_entry_set_fspm(q, fs.levels() - 4);
    vtd_pasid_entry_set_fsptptr(q, fs.rootAddress() >> 12);
    return q;
}

uint64_t *Unit::setPassThrough(uint16_t sid, uint32_t pasid, unsigned did)
{
    return presentPasid(sid, pasid, VTD_PGTT_PASS_THROUGH, did);
}

uint64_t *Unit::setLegacy(uint16_t sid, const SsTree &ss, unsigned did, unsigned tt)
{
    uint64_t *q = legacyContext(sid);
    q[0] = q[1] = 0;
    vtd_legacy_context_set_tt(q, tt);
    vtd_legacy_context_set_aw(q, awOf(ss.levels()));
    vtd_legacy_context_set_ssptptr(q, ss.rootHpa() >> 12);
    vtd_legacy_context_set_did(q, did);
    vtd_legacy_context_set_p(q, 1);
    return q;
}

/* ---------------------------------------------------------------- trees */

Tree::Tree(Unit &unit, unsigned levels, uint64_t link) : unit_(unit), levels_(levels), link_(link) {}

uint64_t Tree::newTable()
{
    const uint64_t hpa = unit_.alloc();
    madeTable(hpa);
    return hpa;
}

uint64_t Tree::entryHpa(uint64_t addr, unsigned level)
{
    uint64_t table = root_;
    for (unsigned at = levels_;; at--) {
        const uint64_t here = table + 8 * ((addr >> levelShift(at)) & 511);
        if (at == level)
            return here;
        uint64_t *q = unit_.at(here);
        if (vtd_fs_entry_addr(q) == 0) /* the address field is the same in both stages */
            *q = (newTable() + address_offset_) | link_;
        else if (at <= 3 && vtd_fs_entry_ps(q))
            throw std::runtime_error("the test asks for an entry below a leaf");
        table = (vtd_fs_entry_addr(q) << 12) - address_offset_;
    }
}

uint64_t *Tree::entry(uint64_t addr, unsigned level)
{
    return unit_.at(entryHpa(addr, level));
}

std::vector<uint64_t *> Tree::path(uint64_t addr)
{
    std::vector<uint64_t *> path;
    for (unsigned level = levels_; level >= 1; level--) {
        path.push_back(entry(addr, level));
        if (level <= 3 && vtd_fs_entry_ps(path.back()))
            break;
    }
    return path;
}

SsTree::SsTree(Unit &unit, unsigned levels, uint64_t link) : Tree(unit, levels, link)
{
    root_ = newTable();
}

uint64_t *SsTree::map(uint64_t gpa, uint64_t hpa, unsigned shift, uint64_t bits)
{
    const unsigned level = (shift - 12) / 9 + 1;
    uint64_t *q = entry(gpa, level);
    *q = hpa | bits | (level > 1 ? kSsPs : 0);
    return q;
}

FsTree::FsTree(Unit &unit, unsigned levels, uint64_t link) : Tree(unit, levels, link)
{
    root_ = newTable();
}

FsTree::FsTree(Unit &unit, unsigned levels, SsTree &under, unsigned under_shift, uint64_t under_bits, uint64_t link)
    : Tree(unit, levels, link), under_(&under), under_shift_(under_shift), under_bits_(under_bits)
{
    address_offset_ = kGpaOffset;
    root_ = newTable();
}

void FsTree::madeTable(uint64_t hpa)
{
    if (under_ == nullptr)
        return;
    const uint64_t page = hpa & ~(bit(under_shift_) - 1);
    under_->map(page + kGpaOffset, page, under_shift_, under_bits_);
}

uint64_t *FsTree::map(uint64_t iova, uint64_t out, unsigned shift, uint64_t bits)
{
    const unsigned level = (shift - 12) / 9 + 1;
    uint64_t *q = entry(iova, level);
    *q = out | bits | (level > 1 ? kFsPs : 0);
    return q;
}

} // namespace vtdtest
