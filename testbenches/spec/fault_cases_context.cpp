/* SPDX-License-Identifier: MIT */
/*
 * Translation table mode, and scalable-mode root and context entries (ref 4.2 steps 2 to 7).
 */
#include "spec/fault_cases.h"

namespace vtdtest
{

namespace
{
constexpr Base kBase = Base::FirstStage;

void clearEcap(vtd_config &c, std::initializer_list<unsigned> bits)
{
    for (unsigned n : bits)
        c.ecap &= ~bit(n);
}

void withoutScalableMode(vtd_config &c)
{
    clearEcap(c, {VTD_ECAP_SMTS_LSB, VTD_ECAP_NEST_LSB, VTD_ECAP_PRS_LSB, VTD_ECAP_SMS_LSB, VTD_ECAP_SRS_LSB,
                  VTD_ECAP_RPRIVS_LSB, VTD_ECAP_PASID_LSB, VTD_ECAP_FSTS_LSB, VTD_ECAP_SMPWCS_LSB, VTD_ECAP_SSADS_LSB,
                  VTD_ECAP_EAFS_LSB, VTD_ECAP_RPS_LSB});
    setEcap(c, VTD_FIELD_OF(ECAP, PSS), 0);
    setCap(c, VTD_FIELD_OF(CAP, FS1GP), 0);
    setCap(c, VTD_FIELD_OF(CAP, FS5LP), 0);
}

void withoutPasid(vtd_config &c)
{
    clearEcap(c, {VTD_ECAP_PASID_LSB});
}

void withPtrs(vtd_config &c)
{
    setEcap(c, VTD_FIELD_OF(ECAP, PTRS), 1);
}

void withSsirwe(vtd_config &c)
{
    setEcap(c, VTD_FIELD_OF(ECAP, SSIRWS), 1);
}

void version8(vtd_config &c)
{
    c.version = 0x80;
}
} // namespace

static const FaultCase kModeCases[] = {
    {0x30, ".1 abort mode without ADMS", kBase, [](Scene &s) { s.ttm = VTD_TTM_ABORT; },
     [](vtd_config &c) { clearEcap(c, {VTD_ECAP_ADMS_LSB}); }},
    {0x30, ".2 TTM 2", kBase, [](Scene &s) { s.ttm = VTD_TTM_RESERVED; }},
    {0x30, ".3 scalable mode without SMTS", Base::Legacy, [](Scene &s) { s.ttm = VTD_TTM_SCALABLE; },
     withoutScalableMode},
    {0x30, ".4 SSIRWE in legacy mode", Base::Legacy, [](Scene &s) { s.ssirwe = true; }, withSsirwe,
     kUntranslated | kTranslation | kTranslated},
    {0x31, "with PASID in legacy mode", Base::Legacy,
     [](Scene &s) {
         s.req.flags = VTD_REQ_PASID;
         s.req.pasid = kPasid;
     }},
    {0x31, "with PASID in legacy mode, SSIRWE set", Base::Legacy,
     [](Scene &s) {
         s.req.flags = VTD_REQ_PASID;
         s.req.pasid = kPasid;
         s.ssirwe = true;
     },
     withSsirwe},
    {0x32, "page request in legacy mode", Base::Legacy, [](Scene &) {}},
    {0x33, "abort mode", kBase, [](Scene &s) { s.ttm = VTD_TTM_ABORT; }},
    {0x34, "execute request, version 8", kBase, [](Scene &s) { s.req.access = VTD_EXEC; }, version8},
};

static const FaultCase kRootCases[] = {
    {0x38, "root table absent", kBase, [](Scene &s) { s.root_address = kAbsent; }},
    {0x38, "root table above the host address width", kBase,
     [](Scene &s) { s.root_address = s.u.root() | bit(s.u.config().haw); }},
    {0x38, "access to the root entry fails", kBase, [](Scene &s) { s.failAt(VTD_MEM_ROOT, s.u.root()); }},
    {0x39, "LP=0", kBase, [](Scene &s) { vtd_sm_root_set_lp(s.root, 0); }},
    {0x39, "LP=0, reserved bits set", kBase,
     [](Scene &s) {
         vtd_sm_root_set_lp(s.root, 0);
         s.root[0] |= bit(3);
     }},
    {0x39, "UP=0", kBase,
     [](Scene &s) {
         s.req.sid = kSid | 0x80;
         EXPECT_TRUE(vtd_sm_root_lp(s.root));
     }},
    {0x3a, "bit 1", kBase, [](Scene &s) { s.root[0] |= bit(1); }},
    {0x3a, "bit 11", kBase, [](Scene &s) { s.root[0] |= bit(11); }},
    {0x3a, "bit 65, upper half", kBase,
     [](Scene &s) {
         s.req.sid = kSid | 0x80;
         s.u.device(s.req.sid);
         s.root[1] |= bit(1);
     }},
    {0x40, "context table absent", kBase, [](Scene &s) { vtd_sm_root_set_lctp(s.root, kAbsent >> 12); }},
    {0x40, "context table above the host address width", kBase, [](Scene &s) { s.root[0] |= bit(s.u.config().haw); }},
    {0x40, "access to the context entry fails", kBase,
     [](Scene &s) { s.failAt(VTD_MEM_CONTEXT, vtd_sm_root_lctp(s.root) << 12); }},
};

static const FaultCase kContextEntryCases[] = {
    {0x41, "P=0", kBase, [](Scene &s) { vtd_sm_context_set_p(s.context, 0); }},
    {0x41, "P=0, reserved bits set", kBase,
     [](Scene &s) {
         vtd_sm_context_set_p(s.context, 0);
         s.context[2] = 1;
     }},
    {0x42, "bit 7", kBase, [](Scene &s) { s.context[0] |= bit(7); }},
    {0x42, "bit 8", kBase, [](Scene &s) { s.context[0] |= bit(8); }},
    {0x42, "bit 85", kBase, [](Scene &s) { s.context[1] |= bit(85 - 64); }},
    {0x42, "bit 127", kBase, [](Scene &s) { s.context[1] |= bit(127 - 64); }},
    {0x42, "bit 128", kBase, [](Scene &s) { s.context[2] |= bit(0); }},
    {0x42, "bit 255", kBase, [](Scene &s) { s.context[3] |= bit(63); }},
    {0x42, "HPTE without HPTS", kBase, [](Scene &s) { vtd_sm_context_set_hpte(s.context, 1); }},
    {0x42, "EPTR without PTRS", kBase, [](Scene &s) { vtd_sm_context_set_eptr(s.context, 1); }},
    {0x42, "DTE without DT", kBase, [](Scene &s) { vtd_sm_context_set_dte(s.context, 1); },
     [](vtd_config &c) {
         clearEcap(c, {VTD_ECAP_DT_LSB, VTD_ECAP_NWFS_LSB, VTD_ECAP_PDS_LSB, VTD_ECAP_PRS_LSB, VTD_ECAP_SMS_LSB});
     }},
    {0x42, "PASIDE without PASID", kBase, [](Scene &s) { vtd_sm_context_set_paside(s.context, 1); }, withoutPasid},
    {0x42, "PRE without PRS", kBase, [](Scene &s) { vtd_sm_context_set_pre(s.context, 1); },
     [](vtd_config &c) {
         clearEcap(c, {VTD_ECAP_PRS_LSB, VTD_ECAP_SMS_LSB});
     }},
    {0x42, "RID_PASID without RPS", kBase, [](Scene &s) { vtd_sm_context_set_rid_pasid(s.context, 1); },
     [](vtd_config &c) { clearEcap(c, {VTD_ECAP_RPS_LSB}); }},
    {0x42, "RID_PRIV without RPRIVS", kBase, [](Scene &s) { vtd_sm_context_set_rid_priv(s.context, 1); },
     [](vtd_config &c) { clearEcap(c, {VTD_ECAP_RPRIVS_LSB}); }},
    {0x43, ".1 PRE without DTE", kBase, [](Scene &s) { vtd_sm_context_set_dte(s.context, 0); }},
    {0x43, ".2 RID_PASID beyond PDTS", kBase,
     [](Scene &s) {
         vtd_sm_context_set_pdts(s.context, 0);
         vtd_sm_context_set_rid_pasid(s.context, 1 << 13);
     }},
    {0x43, ".2 RID_PASID beyond PDTS, largest", kBase,
     [](Scene &s) {
         vtd_sm_context_set_pdts(s.context, 6);
         vtd_sm_context_set_rid_pasid(s.context, 0xfffff);
     }},
    {0x43, ".2 RID_PASID beyond PSS", kBase, [](Scene &s) { vtd_sm_context_set_rid_pasid(s.context, 1 << 16); },
     [](vtd_config &c) { setEcap(c, VTD_FIELD_OF(ECAP, PSS), 15); }},
    {0x43, ".3 EPTR without PASIDE, no PASID in the request", kBase,
     [](Scene &s) {
         s.req.flags = 0;
         s.req.pasid = 0;
         vtd_sm_context_set_eptr(s.context, 1);
         vtd_sm_context_set_paside(s.context, 0);
     },
     withPtrs},
    {0x43, ".3 EPTR without PASIDE, translated with PASID", kBase,
     [](Scene &s) {
         vtd_sm_context_set_eptr(s.context, 1);
         vtd_sm_context_set_paside(s.context, 0);
     },
     withPtrs, kTranslated},
    {0x44, "DTE=0", kBase,
     [](Scene &s) {
         vtd_sm_context_set_dte(s.context, 0);
         vtd_sm_context_set_pre(s.context, 0);
     }},
    {0x45, "PASIDE=0", kBase, [](Scene &s) { vtd_sm_context_set_paside(s.context, 0); }},
    {0x45, "PASIDE=0 and EPTR=1", kBase,
     [](Scene &s) {
         vtd_sm_context_set_eptr(s.context, 1);
         vtd_sm_context_set_paside(s.context, 0);
     },
     withPtrs, kUntranslated | kTranslation},
    {0x46, "PASID at the limit of PDTS 0", kBase,
     [](Scene &s) {
         vtd_sm_context_set_pdts(s.context, 0);
         s.req.pasid = 1 << 13;
     },
     nullptr, kUntranslated | kTranslation | kPageRequest},
    {0x46, "PASID at the limit of PDTS 6, translated too", kBase,
     [](Scene &s) {
         vtd_sm_context_set_pdts(s.context, 6);
         vtd_sm_context_set_eptr(s.context, 1);
         s.req.pasid = 1 << 19;
     },
     withPtrs},
    {0x47, "PRE=0", kBase, [](Scene &s) { vtd_sm_context_set_pre(s.context, 0); }},
    {0x48, "PASID is RID_PASID", kBase, [](Scene &s) { vtd_sm_context_set_rid_pasid(s.context, kPasid); }, nullptr,
     kUntranslated | kTranslation | kPageRequest},
    {0x48, "PASID 0 is RID_PASID without RPS", kBase, [](Scene &s) { s.req.pasid = 0; },
     [](vtd_config &c) { clearEcap(c, {VTD_ECAP_RPS_LSB}); }, kUntranslated | kTranslation | kPageRequest},
    {0x48, "PASID is RID_PASID, translated", kBase,
     [](Scene &s) {
         vtd_sm_context_set_rid_pasid(s.context, kPasid);
         vtd_sm_context_set_eptr(s.context, 1);
     },
     withPtrs, kTranslated},
    {0x49, "translated with PASID, EPTR=0", kBase, [](Scene &) {}, withPtrs},
    {0x49, "translated with PASID, no PTRS", kBase, [](Scene &) {}},
    {0x89, "PASID at the limit of PSS", kBase, [](Scene &s) { s.req.pasid = 1 << 16; },
     [](vtd_config &c) { setEcap(c, VTD_FIELD_OF(ECAP, PSS), 15); }, kUntranslated | kTranslation},
    {0x89, "PASID beyond PSS and PDTS", kBase,
     [](Scene &s) {
         vtd_sm_context_set_pdts(s.context, 0);
         s.req.pasid = 0xfffff;
     },
     [](vtd_config &c) { setEcap(c, VTD_FIELD_OF(ECAP, PSS), 15); }, kUntranslated | kTranslation},
    {0x89, "PASID beyond PSS, translated", kBase,
     [](Scene &s) {
         vtd_sm_context_set_eptr(s.context, 1);
         s.req.pasid = 1 << 16;
     },
     [](vtd_config &c) {
         withPtrs(c);
         setEcap(c, VTD_FIELD_OF(ECAP, PSS), 15);
     },
     kTranslated},
};

std::vector<FaultCase> contextCases()
{
    return joined({{std::begin(kModeCases), std::end(kModeCases)},
                   {std::begin(kRootCases), std::end(kRootCases)},
                   {std::begin(kContextEntryCases), std::end(kContextEntryCases)}});
}

} // namespace vtdtest
