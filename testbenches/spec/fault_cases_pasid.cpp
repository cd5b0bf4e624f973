/* SPDX-License-Identifier: MIT */
/*
 * PASID directory and PASID table (ref 4.2 steps 8 and 9, 2.4, 2.5).
 */
#include "spec/fault_cases.h"

namespace vtdtest
{

namespace
{
constexpr Base kBase = Base::FirstStage;

template <unsigned N> void flip(Scene &s)
{
    s.entry[N / 64] ^= bit(N % 64);
}

template <unsigned N> void withoutEcap(vtd_config &c)
{
    c.ecap &= ~bit(N);
}
} // namespace

static const FaultCase kDirectoryCases[] = {
    {0x50, kBase, "directory absent", [](Scene &s) { vtd_sm_context_set_pasiddirptr(s.context, kAbsent >> 12); }},
    {0x50, kBase, "directory above the host address width", [](Scene &s) { s.context[0] |= bit(s.u.config().haw); }},
    {0x50, kBase, "access to the directory entry fails",
     [](Scene &s) { s.failAt(VTD_MEM_PASID_DIR, vtd_sm_context_pasiddirptr(s.context) << 12); }},
    {0x51, kBase, "P=0", [](Scene &s) { vtd_pasid_dir_set_p(s.dir, 0); }},
    {0x51, kBase, "P=0, reserved bits set", [](Scene &s) { *s.dir = bit(5); }},
    {0x52, kBase, "bit 2", [](Scene &s) { *s.dir |= bit(2); }},
    {0x52, kBase, "bit 11", [](Scene &s) { *s.dir |= bit(11); }},
    {0x52, kBase, "SMPTBLPTR above the host address width", [](Scene &s) { *s.dir |= bit(s.u.config().haw); }},
    {0x58, kBase, "table absent", [](Scene &s) { vtd_pasid_dir_set_smptblptr(s.dir, kAbsent >> 12); }},
    {0x58, kBase, "access to the entry fails",
     [](Scene &s) { s.failAt(VTD_MEM_PASID_ENTRY, vtd_pasid_dir_smptblptr(s.dir) << 12); }},
    {0x59, kBase, "P=0", [](Scene &s) { vtd_pasid_entry_set_p(s.entry, 0); }},
    {0x59, kBase, "P=0, reserved bits set",
     [](Scene &s) {
         vtd_pasid_entry_set_p(s.entry, 0);
         s.entry[7] = 1;
     }},
};

static const FaultCase kReservedCases[] = {
    {0x5a, kBase, "bit 5", flip<5>},
    {0x5a, kBase, "bit 10", flip<10>},
    {0x5a, kBase, "bit 11", flip<11>},
    {0x5a, kBase, "bit 80", flip<80>},
    {0x5a, kBase, "bit 86", flip<86>},
    {0x5a, kBase, "bit 91", flip<91>},
    {0x5a, kBase, "bit 95", flip<95>},
    {0x5a, kBase, "bit 129", flip<129>},
    {0x5a, kBase, "bit 136", flip<136>},
    {0x5a, kBase, "bit 139", flip<139>},
    {0x5a, kBase, "bit 192", flip<192>},
    {0x5a, kBase, "bit 255", flip<255>},
    {0x5a, kBase, "bit 256, HPTSZ", flip<256>},
    {0x5a, kBase, "bit 259", flip<259>},
    {0x5a, kBase, "bit 268, HPTPTR", flip<268>},
    {0x5a, kBase, "bit 320, HPTDID", flip<320>},
    {0x5a, kBase, "bit 336", flip<336>},
    {0x5a, kBase, "bit 384", flip<384>},
    {0x5a, kBase, "bit 511", flip<511>},
    {0x5a, kBase, "SSPTPTR above the host address width, ignored by the first stage",
     [](Scene &s) { s.entry[0] |= bit(s.u.config().haw); }},
    {0x5a, Base::SecondStage, "SSPTPTR above the host address width",
     [](Scene &s) { s.entry[0] |= bit(s.u.config().haw); }},
    {0x5a, kBase, "FSPTPTR above the host address width", [](Scene &s) { s.entry[2] |= bit(s.u.config().haw); }},
    {0x5a, Base::PassThrough, "FSPTPTR above the host address width, pass-through",
     [](Scene &s) { s.entry[2] |= bit(63); }},
    {0x5a, Base::Nested, "nested FSPTPTR above host address width and second-stage width",
     [](Scene &s) { s.entry[2] |= bit(60); }},
    {0x5a, kBase, "DID wider than ND", [](Scene &s) { vtd_pasid_entry_set_did(s.entry, 1 << 8); },
     [](vtd_config &c) { setCap(c, VTD_FIELD_OF(CAP, ND), 2); }},
    {0x5a, Base::SecondStage, "SSADE without SSADS", [](Scene &s) { vtd_pasid_entry_set_ssade(s.entry, 1); },
     withoutEcap<VTD_ECAP_SSADS_LSB>},
    {0x5a, kBase, "PWSNP without SMPWCS", [](Scene &s) { vtd_pasid_entry_set_pwsnp(s.entry, 1); },
     [](vtd_config &c) {
         for (unsigned n : {VTD_ECAP_SMPWCS_LSB, VTD_ECAP_SSADS_LSB, VTD_ECAP_EAFS_LSB})
             c.ecap &= ~bit(n);
     }},
    {0x5a, kBase, "PGSNP without SC", [](Scene &s) { vtd_pasid_entry_set_pgsnp(s.entry, 1); },
     withoutEcap<VTD_ECAP_SC_LSB>},
    {0x5a, kBase, "CD without MTS", [](Scene &s) { vtd_pasid_entry_set_cd(s.entry, 1); }},
    {0x5a, kBase, "EMTE without MTS", [](Scene &s) { vtd_pasid_entry_set_emte(s.entry, 1); }},
    {0x5a, kBase, "SRE without SRS", [](Scene &s) { vtd_pasid_entry_set_sre(s.entry, 1); },
     [](vtd_config &c) {
         for (unsigned n : {VTD_ECAP_SRS_LSB, VTD_ECAP_RPRIVS_LSB})
             c.ecap &= ~bit(n);
     }},
    {0x5a, kBase, "SLEE in a revision with execute requests, but ERS=0", flip<5>,
     [](vtd_config &c) { c = atRevision(4, c); }},
    {0x5a, kBase, "EAFE without EAFS", [](Scene &s) { vtd_pasid_entry_set_eafe(s.entry, 1); },
     withoutEcap<VTD_ECAP_EAFS_LSB>},
};

constexpr unsigned kNoPage = kUntranslated | kTranslation;

static const FaultCase kValidityCases[] = {
    {0x5b, Base::SecondStage, ".1 AW 0", [](Scene &s) { vtd_pasid_entry_set_aw(s.entry, 0); }},
    {0x5b, Base::SecondStage, ".1 AW 4", [](Scene &s) { vtd_pasid_entry_set_aw(s.entry, 4); }},
    {0x5b, Base::Nested, ".1 AW 7, nested", [](Scene &s) { vtd_pasid_entry_set_aw(s.entry, 7); }},
    {0x5b, Base::SecondStage, ".1 AW not in SAGAW", [](Scene &) {},
     [](vtd_config &c) { setCap(c, VTD_FIELD_OF(CAP, SAGAW), 0xa); }},
    {0x5b, kBase, ".2 PGTT 0", [](Scene &s) { vtd_pasid_entry_set_pgtt(s.entry, 0); }},
    {0x5b, kBase, ".2 PGTT 5", [](Scene &s) { vtd_pasid_entry_set_pgtt(s.entry, 5); }},
    {0x5b, kBase, ".2 PGTT 6", [](Scene &s) { vtd_pasid_entry_set_pgtt(s.entry, 6); }},
    {0x5b, kBase, ".2 PGTT 7", [](Scene &s) { vtd_pasid_entry_set_pgtt(s.entry, 7); }},
    {0x5b, Base::FirstStage, ".2 first-stage without FSTS", [](Scene &) {},
     [](vtd_config &c) {
         for (unsigned n : {VTD_ECAP_FSTS_LSB, VTD_ECAP_NEST_LSB, VTD_ECAP_EAFS_LSB})
             c.ecap &= ~bit(n);
         setCap(c, VTD_FIELD_OF(CAP, FS1GP), 0);
         setCap(c, VTD_FIELD_OF(CAP, FS5LP), 0);
     }},
    {0x5b, Base::SecondStage, ".2 second-stage without SSTS", [](Scene &) {},
     [](vtd_config &c) {
         for (unsigned n : {VTD_ECAP_SSTS_LSB, VTD_ECAP_NEST_LSB, VTD_ECAP_SSADS_LSB})
             c.ecap &= ~bit(n);
         setCap(c, VTD_FIELD_OF(CAP, SAGAW), 0);
     }},
    {0x5b, Base::Nested, ".2 nested without NEST", [](Scene &) {}, withoutEcap<VTD_ECAP_NEST_LSB>},
    {0x5b, Base::PassThrough, ".2 pass-through without PT", [](Scene &) {}, withoutEcap<VTD_ECAP_PT_LSB>},
    {0x5b, kBase, ".3 FSPM 1 without FS5LP", [](Scene &s) { vtd_pasid_entry_set_fspm(s.entry, 1); },
     [](vtd_config &c) { setCap(c, VTD_FIELD_OF(CAP, FS5LP), 0); }},
    {0x5b, kBase, ".3 FSPM 2", [](Scene &s) { vtd_pasid_entry_set_fspm(s.entry, 2); }},
    {0x5b, Base::Nested, ".3 FSPM 3, nested", [](Scene &s) { vtd_pasid_entry_set_fspm(s.entry, 3); }},
    {0x5b, Base::Nested, ".4 nested FSPTPTR above AW",
     [](Scene &s) {
         vtd_pasid_entry_set_aw(s.entry, 1);
         vtd_pasid_entry_set_fsptptr(s.entry, bit(39 - 12));
     }},
    /* Above MGAW is above HAW (ref 1.2), hence SPT.3. */
    {0x5c, kBase, "execute request, ERS=0", [](Scene &s) { s.req.access = VTD_EXEC; }, nullptr, kNoPage},
    {0x5c, kBase, "execute request, ERE=0", [](Scene &s) { s.req.access = VTD_EXEC; }, withExecuteRequests, kNoPage},
    {0x5c, kBase, "execute request, privileged, SRE=0",
     [](Scene &s) {
         s.req.access = VTD_EXEC;
         s.req.flags |= VTD_REQ_PRIV;
     },
     nullptr, kNoPage},
    {0x5d, kBase, "privileged execute request, ERE=1, SRE=0",
     [](Scene &s) {
         s.fetch();
         s.req.flags |= VTD_REQ_PRIV;
     },
     withExecuteRequests, kNoPage},
    {0x5d, kBase, "privileged request, SRE=0", [](Scene &s) { s.req.flags |= VTD_REQ_PRIV; }, nullptr, kNoPage},
    {0x5d, Base::SecondStage, "privileged request, SRE=0, second stage", [](Scene &s) { s.req.flags |= VTD_REQ_PRIV; },
     nullptr, kNoPage},
    {0x5d, Base::PassThrough, "privileged request, SRE=0, pass-through", [](Scene &s) { s.req.flags |= VTD_REQ_PRIV; },
     nullptr, kNoPage},
    {0x5d, kBase, "RID_PRIV=1, SRE=0",
     [](Scene &s) {
         vtd_sm_context_set_rid_priv(s.context, 1);
         s.req.flags = 0;
         s.req.pasid = 0;
     },
     nullptr, kNoPage},
};

std::vector<FaultCase> pasidCases()
{
    return joined({{std::begin(kDirectoryCases), std::end(kDirectoryCases)},
                   {std::begin(kReservedCases), std::end(kReservedCases)},
                   {std::begin(kValidityCases), std::end(kValidityCases)}});
}

} // namespace vtdtest
