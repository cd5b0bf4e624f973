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
    {0x50, "directory absent", kBase, [](Scene &s) { vtd_sm_context_set_pasiddirptr(s.context, kAbsent >> 12); }},
    {0x50, "directory above the host address width", kBase, [](Scene &s) { s.context[0] |= bit(s.u.config().haw); }},
    {0x50, "access to the directory entry fails", kBase,
     [](Scene &s) { s.failAt(VTD_MEM_PASID_DIR, vtd_sm_context_pasiddirptr(s.context) << 12); }},
    {0x51, "P=0", kBase, [](Scene &s) { vtd_pasid_dir_set_p(s.dir, 0); }},
    {0x51, "P=0, reserved bits set", kBase, [](Scene &s) { *s.dir = bit(5); }},
    {0x52, "bit 2", kBase, [](Scene &s) { *s.dir |= bit(2); }},
    {0x52, "bit 11", kBase, [](Scene &s) { *s.dir |= bit(11); }},
    {0x52, "SMPTBLPTR above the host address width", kBase, [](Scene &s) { *s.dir |= bit(s.u.config().haw); }},
    {0x58, "table absent", kBase, [](Scene &s) { vtd_pasid_dir_set_smptblptr(s.dir, kAbsent >> 12); }},
    {0x58, "access to the entry fails", kBase,
     [](Scene &s) { s.failAt(VTD_MEM_PASID_ENTRY, vtd_pasid_dir_smptblptr(s.dir) << 12); }},
    {0x59, "P=0", kBase, [](Scene &s) { vtd_pasid_entry_set_p(s.entry, 0); }},
    {0x59, "P=0, reserved bits set", kBase,
     [](Scene &s) {
         vtd_pasid_entry_set_p(s.entry, 0);
         s.entry[7] = 1;
     }},
};

static const FaultCase kReservedCases[] = {
    {0x5a, "bit 5", kBase, flip<5>},
    {0x5a, "bit 10", kBase, flip<10>},
    {0x5a, "bit 11", kBase, flip<11>},
    {0x5a, "bit 80", kBase, flip<80>},
    {0x5a, "bit 86", kBase, flip<86>},
    {0x5a, "bit 91", kBase, flip<91>},
    {0x5a, "bit 95", kBase, flip<95>},
    {0x5a, "bit 129", kBase, flip<129>},
    {0x5a, "bit 136", kBase, flip<136>},
    {0x5a, "bit 139", kBase, flip<139>},
    {0x5a, "bit 192", kBase, flip<192>},
    {0x5a, "bit 255", kBase, flip<255>},
    {0x5a, "bit 256, HPTSZ", kBase, flip<256>},
    {0x5a, "bit 259", kBase, flip<259>},
    {0x5a, "bit 268, HPTPTR", kBase, flip<268>},
    {0x5a, "bit 320, HPTDID", kBase, flip<320>},
    {0x5a, "bit 336", kBase, flip<336>},
    {0x5a, "bit 384", kBase, flip<384>},
    {0x5a, "bit 511", kBase, flip<511>},
    {0x5a, "SSPTPTR above the host address width, ignored by the first stage", kBase,
     [](Scene &s) { s.entry[0] |= bit(s.u.config().haw); }},
    {0x5a, "SSPTPTR above the host address width", Base::SecondStage,
     [](Scene &s) { s.entry[0] |= bit(s.u.config().haw); }},
    {0x5a, "FSPTPTR above the host address width", kBase, [](Scene &s) { s.entry[2] |= bit(s.u.config().haw); }},
    {0x5a, "FSPTPTR above the host address width, pass-through", Base::PassThrough,
     [](Scene &s) { s.entry[2] |= bit(63); }},
    {0x5a, "nested FSPTPTR above host address width and second-stage width", Base::Nested,
     [](Scene &s) { s.entry[2] |= bit(60); }},
    {0x5a, "DID wider than ND", kBase, [](Scene &s) { vtd_pasid_entry_set_did(s.entry, 1 << 8); },
     [](vtd_config &c) { setCap(c, VTD_FIELD_OF(CAP, ND), 2); }},
    {0x5a, "SSADE without SSADS", Base::SecondStage, [](Scene &s) { vtd_pasid_entry_set_ssade(s.entry, 1); },
     withoutEcap<VTD_ECAP_SSADS_LSB>},
    {0x5a, "PWSNP without SMPWCS", kBase, [](Scene &s) { vtd_pasid_entry_set_pwsnp(s.entry, 1); },
     [](vtd_config &c) {
         for (unsigned n : {VTD_ECAP_SMPWCS_LSB, VTD_ECAP_SSADS_LSB, VTD_ECAP_EAFS_LSB})
             c.ecap &= ~bit(n);
     }},
    {0x5a, "PGSNP without SC", kBase, [](Scene &s) { vtd_pasid_entry_set_pgsnp(s.entry, 1); },
     withoutEcap<VTD_ECAP_SC_LSB>},
    {0x5a, "CD without MTS", kBase, [](Scene &s) { vtd_pasid_entry_set_cd(s.entry, 1); }},
    {0x5a, "EMTE without MTS", kBase, [](Scene &s) { vtd_pasid_entry_set_emte(s.entry, 1); }},
    {0x5a, "SRE without SRS", kBase, [](Scene &s) { vtd_pasid_entry_set_sre(s.entry, 1); },
     [](vtd_config &c) {
         for (unsigned n : {VTD_ECAP_SRS_LSB, VTD_ECAP_RPRIVS_LSB})
             c.ecap &= ~bit(n);
     }},
    {0x5a, "EAFE without EAFS", kBase, [](Scene &s) { vtd_pasid_entry_set_eafe(s.entry, 1); },
     withoutEcap<VTD_ECAP_EAFS_LSB>},
};

constexpr unsigned kNoPage = kUntranslated | kTranslation;

static const FaultCase kValidityCases[] = {
    {0x5b, ".1 AW 0", Base::SecondStage, [](Scene &s) { vtd_pasid_entry_set_aw(s.entry, 0); }},
    {0x5b, ".1 AW 4", Base::SecondStage, [](Scene &s) { vtd_pasid_entry_set_aw(s.entry, 4); }},
    {0x5b, ".1 AW 7, nested", Base::Nested, [](Scene &s) { vtd_pasid_entry_set_aw(s.entry, 7); }},
    {0x5b, ".1 AW not in SAGAW", Base::SecondStage, [](Scene &) {},
     [](vtd_config &c) { setCap(c, VTD_FIELD_OF(CAP, SAGAW), 0xa); }},
    {0x5b, ".2 PGTT 0", kBase, [](Scene &s) { vtd_pasid_entry_set_pgtt(s.entry, 0); }},
    {0x5b, ".2 PGTT 5", kBase, [](Scene &s) { vtd_pasid_entry_set_pgtt(s.entry, 5); }},
    {0x5b, ".2 PGTT 6", kBase, [](Scene &s) { vtd_pasid_entry_set_pgtt(s.entry, 6); }},
    {0x5b, ".2 PGTT 7", kBase, [](Scene &s) { vtd_pasid_entry_set_pgtt(s.entry, 7); }},
    {0x5b, ".2 first-stage without FSTS", Base::FirstStage, [](Scene &) {},
     [](vtd_config &c) {
         for (unsigned n : {VTD_ECAP_FSTS_LSB, VTD_ECAP_NEST_LSB, VTD_ECAP_EAFS_LSB})
             c.ecap &= ~bit(n);
         setCap(c, VTD_FIELD_OF(CAP, FS1GP), 0);
         setCap(c, VTD_FIELD_OF(CAP, FS5LP), 0);
     }},
    {0x5b, ".2 second-stage without SSTS", Base::SecondStage, [](Scene &) {},
     [](vtd_config &c) {
         for (unsigned n : {VTD_ECAP_SSTS_LSB, VTD_ECAP_NEST_LSB, VTD_ECAP_SSADS_LSB})
             c.ecap &= ~bit(n);
         setCap(c, VTD_FIELD_OF(CAP, SAGAW), 0);
     }},
    {0x5b, ".2 nested without NEST", Base::Nested, [](Scene &) {}, withoutEcap<VTD_ECAP_NEST_LSB>},
    {0x5b, ".2 pass-through without PT", Base::PassThrough, [](Scene &) {}, withoutEcap<VTD_ECAP_PT_LSB>},
    {0x5b, ".3 FSPM 1 without FS5LP", kBase, [](Scene &s) { vtd_pasid_entry_set_fspm(s.entry, 1); },
     [](vtd_config &c) { setCap(c, VTD_FIELD_OF(CAP, FS5LP), 0); }},
    {0x5b, ".3 FSPM 2", kBase, [](Scene &s) { vtd_pasid_entry_set_fspm(s.entry, 2); }},
    {0x5b, ".3 FSPM 3, nested", Base::Nested, [](Scene &s) { vtd_pasid_entry_set_fspm(s.entry, 3); }},
    {0x5b, ".4 nested FSPTPTR above AW", Base::Nested,
     [](Scene &s) {
         vtd_pasid_entry_set_aw(s.entry, 1);
         vtd_pasid_entry_set_fsptptr(s.entry, bit(39 - 12));
     }},
    /* Above MGAW is above HAW (ref 1.2), hence SPT.3. */
    {0x5c, "execute request, ERS=0", kBase, [](Scene &s) { s.req.access = VTD_EXEC; }, nullptr, kNoPage},
    {0x5c, "execute request, privileged, SRE=0", kBase,
     [](Scene &s) {
         s.req.access = VTD_EXEC;
         s.req.flags |= VTD_REQ_PRIV;
     },
     nullptr, kNoPage},
    {0x5d, "privileged request, SRE=0", kBase, [](Scene &s) { s.req.flags |= VTD_REQ_PRIV; }, nullptr, kNoPage},
    {0x5d, "privileged request, SRE=0, second stage", Base::SecondStage, [](Scene &s) { s.req.flags |= VTD_REQ_PRIV; },
     nullptr, kNoPage},
    {0x5d, "privileged request, SRE=0, pass-through", Base::PassThrough, [](Scene &s) { s.req.flags |= VTD_REQ_PRIV; },
     nullptr, kNoPage},
    {0x5d, "RID_PRIV=1, SRE=0", kBase,
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
