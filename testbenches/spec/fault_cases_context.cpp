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
    {0x30, kBase, ".1 abort mode without ADMS", [](Scene &s) { s.ttm = VTD_TTM_ABORT; },
     [](vtd_config &c) { clearEcap(c, {VTD_ECAP_ADMS_LSB}); }},
    {0x30, kBase, ".2 TTM 2", [](Scene &s) { s.ttm = VTD_TTM_RESERVED; }},
    {0x30, Base::Legacy, ".3 scalable mode without SMTS", [](Scene &s) { s.ttm = VTD_TTM_SCALABLE; },
     withoutScalableMode},
    {0x30, Base::Legacy, ".4 SSIRWE in legacy mode", [](Scene &s) { s.ssirwe = true; }, withSsirwe,
     kUntranslated | kTranslation | kTranslated},
    {0x31, Base::Legacy, "with PASID in legacy mode",
     [](Scene &s) {
         s.req.flags = VTD_REQ_PASID;
         s.req.pasid = kPasid;
     }},
    {0x31, Base::Legacy, "with PASID in legacy mode, SSIRWE set",
     [](Scene &s) {
         s.req.flags = VTD_REQ_PASID;
         s.req.pasid = kPasid;
         s.ssirwe = true;
     },
     withSsirwe},
    {0x32, Base::Legacy, "page request in legacy mode", [](Scene &) {}},
    {0x33, kBase, "abort mode", [](Scene &s) { s.ttm = VTD_TTM_ABORT; }},
    {0x34, kBase, "execute request, version 8", [](Scene &s) { s.req.access = VTD_EXEC; }, version8},
};

static const FaultCase kRootCases[] = {
    {0x38, kBase, "root table absent", [](Scene &s) { s.root_address = kAbsent; }},
    {0x38, kBase, "root table above the host address width",
     [](Scene &s) { s.root_address = s.u.root() | bit(s.u.config().haw); }},
    {0x38, kBase, "access to the root entry fails", [](Scene &s) { s.failAt(VTD_MEM_ROOT, s.u.root()); }},
    {0x39, kBase, "LP=0", [](Scene &s) { vtd_sm_root_set_lp(s.root, 0); }},
    {0x39, kBase, "LP=0, reserved bits set",
     [](Scene &s) {
         vtd_sm_root_set_lp(s.root, 0);
         s.root[0] |= bit(3);
     }},
    {0x39, kBase, "UP=0",
     [](Scene &s) {
         s.req.sid = kSid | 0x80;
         EXPECT_TRUE(vtd_sm_root_lp(s.root));
     }},
    {0x3a, kBase, "bit 1", [](Scene &s) { s.root[0] |= bit(1); }},
    {0x3a, kBase, "bit 11", [](Scene &s) { s.root[0] |= bit(11); }},
    {0x3a, kBase, "bit 65, upper half",
     [](Scene &s) {
         s.req.sid = kSid | 0x80;
         s.u.device(s.req.sid);
         s.root[1] |= bit(1);
     }},
    {0x40, kBase, "context table absent", [](Scene &s) { vtd_sm_root_set_lctp(s.root, kAbsent >> 12); }},
    {0x40, kBase, "context table above the host address width", [](Scene &s) { s.root[0] |= bit(s.u.config().haw); }},
    {0x40, kBase, "access to the context entry fails",
     [](Scene &s) { s.failAt(VTD_MEM_CONTEXT, vtd_sm_root_lctp(s.root) << 12); }},
};

static const FaultCase kContextEntryCases[] = {
    {0x41, kBase, "P=0", [](Scene &s) { vtd_sm_context_set_p(s.context, 0); }},
    {0x41, kBase, "P=0, reserved bits set",
     [](Scene &s) {
         vtd_sm_context_set_p(s.context, 0);
         s.context[2] = 1;
     }},
    {0x42, kBase, "bit 7", [](Scene &s) { s.context[0] |= bit(7); }},
    {0x42, kBase, "bit 8", [](Scene &s) { s.context[0] |= bit(8); }},
    {0x42, kBase, "bit 85", [](Scene &s) { s.context[1] |= bit(85 - 64); }},
    {0x42, kBase, "bit 127", [](Scene &s) { s.context[1] |= bit(127 - 64); }},
    {0x42, kBase, "bit 128", [](Scene &s) { s.context[2] |= bit(0); }},
    {0x42, kBase, "bit 255", [](Scene &s) { s.context[3] |= bit(63); }},
    {0x42, kBase, "HPTE without HPTS", [](Scene &s) { vtd_sm_context_set_hpte(s.context, 1); }},
    {0x42, kBase, "EPTR without PTRS", [](Scene &s) { vtd_sm_context_set_eptr(s.context, 1); }},
    {0x42, kBase, "DTE without DT", [](Scene &s) { vtd_sm_context_set_dte(s.context, 1); },
     [](vtd_config &c) {
         clearEcap(c, {VTD_ECAP_DT_LSB, VTD_ECAP_NWFS_LSB, VTD_ECAP_PDS_LSB, VTD_ECAP_PRS_LSB, VTD_ECAP_SMS_LSB});
     }},
    {0x42, kBase, "PASIDE without PASID", [](Scene &s) { vtd_sm_context_set_paside(s.context, 1); }, withoutPasid},
    {0x42, kBase, "PRE without PRS", [](Scene &s) { vtd_sm_context_set_pre(s.context, 1); },
     [](vtd_config &c) {
         clearEcap(c, {VTD_ECAP_PRS_LSB, VTD_ECAP_SMS_LSB});
     }},
    {0x42, kBase, "RID_PASID without RPS", [](Scene &s) { vtd_sm_context_set_rid_pasid(s.context, 1); },
     [](vtd_config &c) { clearEcap(c, {VTD_ECAP_RPS_LSB}); }},
    {0x42, kBase, "RID_PRIV without RPRIVS", [](Scene &s) { vtd_sm_context_set_rid_priv(s.context, 1); },
     [](vtd_config &c) { clearEcap(c, {VTD_ECAP_RPRIVS_LSB}); }},
    {0x43, kBase, ".1 PRE without DTE", [](Scene &s) { vtd_sm_context_set_dte(s.context, 0); }},
    {0x43, kBase, ".2 RID_PASID beyond PDTS",
     [](Scene &s) {
         vtd_sm_context_set_pdts(s.context, 0);
         vtd_sm_context_set_rid_pasid(s.context, 1 << 13);
     }},
    {0x43, kBase, ".2 RID_PASID beyond PDTS, largest",
     [](Scene &s) {
         vtd_sm_context_set_pdts(s.context, 6);
         vtd_sm_context_set_rid_pasid(s.context, 0xfffff);
     }},
    {0x43, kBase, ".2 RID_PASID beyond PSS", [](Scene &s) { vtd_sm_context_set_rid_pasid(s.context, 1 << 16); },
     [](vtd_config &c) { setEcap(c, VTD_FIELD_OF(ECAP, PSS), 15); }},
    {0x43, kBase, ".3 EPTR without PASIDE, no PASID in the request",
     [](Scene &s) {
         s.req.flags = 0;
         s.req.pasid = 0;
         vtd_sm_context_set_eptr(s.context, 1);
         vtd_sm_context_set_paside(s.context, 0);
     },
     withPtrs},
    {0x43, kBase, ".3 EPTR without PASIDE, translated with PASID",
     [](Scene &s) {
         vtd_sm_context_set_eptr(s.context, 1);
         vtd_sm_context_set_paside(s.context, 0);
     },
     withPtrs, kTranslated},
    {0x44, kBase, "DTE=0",
     [](Scene &s) {
         vtd_sm_context_set_dte(s.context, 0);
         vtd_sm_context_set_pre(s.context, 0);
     }},
    {0x45, kBase, "PASIDE=0", [](Scene &s) { vtd_sm_context_set_paside(s.context, 0); }},
    {0x45, kBase, "PASIDE=0 and EPTR=1",
     [](Scene &s) {
         vtd_sm_context_set_eptr(s.context, 1);
         vtd_sm_context_set_paside(s.context, 0);
     },
     withPtrs, kUntranslated | kTranslation},
    {0x46, kBase, "PASID at the limit of PDTS 0",
     [](Scene &s) {
         vtd_sm_context_set_pdts(s.context, 0);
         s.req.pasid = 1 << 13;
     },
     nullptr, kUntranslated | kTranslation | kPageRequest},
    {0x46, kBase, "PASID at the limit of PDTS 6, translated too",
     [](Scene &s) {
         vtd_sm_context_set_pdts(s.context, 6);
         vtd_sm_context_set_eptr(s.context, 1);
         s.req.pasid = 1 << 19;
     },
     withPtrs},
    {0x47, kBase, "PRE=0", [](Scene &s) { vtd_sm_context_set_pre(s.context, 0); }},
    {0x48, kBase, "PASID is RID_PASID", [](Scene &s) { vtd_sm_context_set_rid_pasid(s.context, kPasid); }, nullptr,
     kUntranslated | kTranslation | kPageRequest},
    {0x48, kBase, "PASID 0 is RID_PASID without RPS", [](Scene &s) { s.req.pasid = 0; },
     [](vtd_config &c) { clearEcap(c, {VTD_ECAP_RPS_LSB}); }, kUntranslated | kTranslation | kPageRequest},
    {0x48, kBase, "PASID is RID_PASID, translated",
     [](Scene &s) {
         vtd_sm_context_set_rid_pasid(s.context, kPasid);
         vtd_sm_context_set_eptr(s.context, 1);
     },
     withPtrs, kTranslated},
    {0x49, kBase, "translated with PASID, EPTR=0", [](Scene &) {}, withPtrs},
    {0x49, kBase, "translated with PASID, no PTRS", [](Scene &) {}},
    {0x89, kBase, "PASID at the limit of PSS", [](Scene &s) { s.req.pasid = 1 << 16; },
     [](vtd_config &c) { setEcap(c, VTD_FIELD_OF(ECAP, PSS), 15); }, kUntranslated | kTranslation},
    {0x89, kBase, "PASID beyond PSS and PDTS",
     [](Scene &s) {
         vtd_sm_context_set_pdts(s.context, 0);
         s.req.pasid = 0xfffff;
     },
     [](vtd_config &c) { setEcap(c, VTD_FIELD_OF(ECAP, PSS), 15); }, kUntranslated | kTranslation},
    {0x89, kBase, "PASID beyond PSS, translated",
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
