/* SPDX-License-Identifier: MIT */
/*
 * What all fault cases stand on (fault_cases.h): the rows of the fault table and the valid tables.
 */
#include "spec/fault_cases.h"

#include <stdexcept>

namespace vtdtest
{

namespace
{
/* Met only by requests of devices with translations of their own, or by page requests. */
bool untranslatedMayMeet(unsigned code)
{
    switch (code) {
    case VTD_FAULT_LCT_5:
    case VTD_FAULT_RTA_3:
    case VTD_FAULT_SCT_5:
    case VTD_FAULT_SCT_8:
    case VTD_FAULT_SCT_10:
    case VTD_FAULT_SPT_9:
        return false;
    default:
        return code < VTD_FAULT_HPT_1;
    }
}
} // namespace

/* The columns are those of faults.def; a unit test compares them with ref 5 as typed in by hand. */
const std::vector<FaultRow> &faultRows()
{
    constexpr Answer A_NA = Answer::Na, A_UR = Answer::Ur, A_CA = Answer::Ca, A_NULL = Answer::Null,
                     A_EFF = Answer::Eff, A_IR = Answer::Ir;
    (void)A_EFF;
    constexpr bool Q_Y = true, Q_N = false;
    static const std::vector<FaultRow> rows = {
#define VTD_FAULT(NAME, code, label, qualified, tr, td, pr, description)                                               \
    {code, label, Q_##qualified, untranslatedMayMeet(code), A_##tr, A_##td, A_##pr},
#include "vtd/defs/faults.def"
    };
    return rows;
}

const FaultRow &faultRow(unsigned code)
{
    for (const auto &row : faultRows())
        if (row.code == code)
            return row;
    throw std::runtime_error("no such row in ref 5");
}

const std::vector<NotCoverable> &notCoverable()
{
    static const std::vector<NotCoverable> list = {
        {0x60, "needs the host permission table (ECAP.HPTS), which the model does not have"},
        {0xa0, "host permission table"},
        {0xa1, "host permission table"},
        {0xa2, "host permission table"},
        {0xa3, "host permission table"},
        {0xa4, "host permission table"},
        {0xa5, "host permission table"},
    };
    return list;
}

/* ---------------------------------------------------------------- the scene */

Scene::Scene(Base b, const vtd_config &config, Unit::Memory kind) : u(config, kind), base(b), ttm(VTD_TTM_SCALABLE)
{
    req.addr = kIova;
    req.sid = kSid;
    req.len = 8;
    if (base != Base::FirstStage && base != Base::PassThrough)
        ss = std::make_unique<SsTree>(u, 4);
    if (base == Base::Nested) {
        fs = std::make_unique<FsTree>(u, 4, *ss);
        fs->map(kIova, kGpa);
        ss->map(kGpa, kHpa);
    } else if (base == Base::FirstStage) {
        fs = std::make_unique<FsTree>(u, 4);
        fs->map(kIova, kHpa);
    } else if (ss) {
        ss->map(kIova, kHpa);
    }
    if (base == Base::Legacy) {
        ttm = VTD_TTM_LEGACY;
        /* Translation type 1 also serves translation and translated requests. */
        context = u.setLegacy(kSid, *ss, 3, vtd_reg_ecap_dt(config.ecap) ? 1 : 0);
    } else {
        req.pasid = kPasid;
        req.flags = VTD_REQ_PASID;
        context = u.device(kSid);
        dir = u.pasidDir(kSid, kPasid);
        entry = u.pasidEntry(kSid, kPasid);
        rid_entry = u.pasidEntry(kSid, 0);
        pasidTables(entry);
        pasidTables(rid_entry);
    }
    root = u.rootEntry(kSid);
}

void Scene::pasidTables(uint64_t *q)
{
    const uint32_t pasid = q == entry ? kPasid : 0;
    switch (base) {
    case Base::FirstStage:
        u.setFs(kSid, pasid, *fs, 3);
        break;
    case Base::SecondStage:
        u.setSs(kSid, pasid, *ss, 4);
        break;
    case Base::Nested:
        u.setNested(kSid, pasid, *fs, *ss, 4);
        break;
    default:
        u.setPassThrough(kSid, pasid, 3);
        break;
    }
}

void Scene::start()
{
    u.setRootTable(ttm, ssirwe, root_address);
    u.enable();
    u.accesses.clear();
}

void Scene::failAt(vtd_mem_class cls, uint64_t page)
{
    u.fail = [cls, page](const MemAccess &a) { return a.cls == cls && a.addr >> 12 == page >> 12; };
}

void Scene::failCas(vtd_mem_class cls)
{
    u.fail = [cls](const MemAccess &a) { return a.cls == cls && a.kind == MemAccess::Cas; };
}

void Scene::unsnooped()
{
    vtd_pasid_entry_set_pwsnp(entry, 0);
    vtd_pasid_entry_set_pwsnp(rid_entry, 0);
}

void Scene::fetch()
{
    req.access = VTD_EXEC;
    entry[2] |= bit(1);
}

void withExecuteRequests(vtd_config &config)
{
    config = atRevision(4, config);
    setEcap(config, VTD_FIELD_OF(ECAP, ERS), 1);
}

std::vector<FaultCase> joined(const std::vector<std::vector<FaultCase>> &lists)
{
    std::vector<FaultCase> all;
    for (const auto &list : lists)
        all.insert(all.end(), list.begin(), list.end());
    return all;
}

} // namespace vtdtest
