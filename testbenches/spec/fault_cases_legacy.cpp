/* SPDX-License-Identifier: MIT */
/*
 * Legacy mode: everything of ref 5.1 that is not about the translation table mode.
 */
#include "spec/fault_cases.h"

namespace vtdtest
{

namespace
{
constexpr Base kBase = Base::Legacy;

void useLargeSs(Scene &s, unsigned shift, uint64_t extra)
{
    /* The table behind the entry goes, a leaf of 2^shift bytes takes its place. */
    uint64_t *q = s.ss->entry(kIova, (shift - 12) / 9 + 1);
    *q = kSsR | kSsW | kSsPs | UINT64_C(0x80000000) | extra;
}
} // namespace

static const FaultCase kLegacyEntryCases[] = {
    {0x01, kBase, "root entry P=0", [](Scene &s) { vtd_legacy_root_set_p(s.root, 0); }},
    {0x02, kBase, "context entry P=0", [](Scene &s) { vtd_legacy_context_set_p(s.context, 0); }},
    {0x02, kBase, "context entry P=0, reserved bits set",
     [](Scene &s) {
         vtd_legacy_context_set_p(s.context, 0);
         s.context[0] |= bit(5);
     }},
    {0x03, kBase, ".1 AW 0", [](Scene &s) { vtd_legacy_context_set_aw(s.context, 0); }},
    {0x03, kBase, ".1 AW 4", [](Scene &s) { vtd_legacy_context_set_aw(s.context, 4); }},
    {0x03, kBase, ".1 AW 7", [](Scene &s) { vtd_legacy_context_set_aw(s.context, 7); }},
    {0x03, kBase, ".1 AW not in SAGAW", [](Scene &) {},
     [](vtd_config &c) { setCap(c, VTD_FIELD_OF(CAP, SAGAW), 0xa); }}, /* 39 and 57, not 48 */
    {0x03, kBase, ".2 TT 3", [](Scene &s) { vtd_legacy_context_set_tt(s.context, 3); }},
    {0x03, kBase, ".2 TT 2 without PT", [](Scene &s) { vtd_legacy_context_set_tt(s.context, 2); },
     [](vtd_config &c) { setEcap(c, VTD_FIELD_OF(ECAP, PT), 0); }},
    {0x03, kBase, ".2 TT 1 without DT", [](Scene &s) { vtd_legacy_context_set_tt(s.context, 1); },
     [](vtd_config &c) {
         for (unsigned n : {VTD_ECAP_DT_LSB, VTD_ECAP_NWFS_LSB, VTD_ECAP_PDS_LSB, VTD_ECAP_PRS_LSB, VTD_ECAP_SMS_LSB})
             c.ecap &= ~bit(n);
     }},
    {0x03, kBase, ".3 second-stage root table absent",
     [](Scene &s) { vtd_legacy_context_set_ssptptr(s.context, kAbsent >> 12); }, nullptr, kUntranslated | kTranslation},
    {0x03, kBase, ".3 access to the second-stage root table fails",
     [](Scene &s) { s.failAt(VTD_MEM_SS_ENTRY, s.ss->rootHpa()); }, nullptr, kUntranslated | kTranslation},
    {0x08, kBase, "root table absent", [](Scene &s) { s.root_address = kAbsent; }},
    {0x08, kBase, "access to the root entry fails", [](Scene &s) { s.failAt(VTD_MEM_ROOT, s.u.root()); }},
    {0x09, kBase, "context table absent", [](Scene &s) { vtd_legacy_root_set_ctp(s.root, kAbsent >> 12); }},
    {0x0a, kBase, "root entry bit 1", [](Scene &s) { s.root[0] |= bit(1); }},
    {0x0a, kBase, "root entry bit 11", [](Scene &s) { s.root[0] |= bit(11); }},
    {0x0a, kBase, "root entry bit 64", [](Scene &s) { s.root[1] |= bit(0); }},
    {0x0a, kBase, "root entry bit 127", [](Scene &s) { s.root[1] |= bit(63); }},
    {0x0a, kBase, "CTP above the host address width", [](Scene &s) { s.root[0] |= bit(s.u.config().haw); }},
    {0x0b, kBase, "context entry bit 4", [](Scene &s) { s.context[0] |= bit(4); }},
    {0x0b, kBase, "context entry bit 11", [](Scene &s) { s.context[0] |= bit(11); }},
    {0x0b, kBase, "context entry bit 71", [](Scene &s) { s.context[1] |= bit(71 - 64); }},
    {0x0b, kBase, "context entry bit 88", [](Scene &s) { s.context[1] |= bit(88 - 64); }},
    {0x0b, kBase, "context entry bit 127", [](Scene &s) { s.context[1] |= bit(127 - 64); }},
    {0x0b, kBase, "SSPTPTR above the host address width", [](Scene &s) { s.context[0] |= bit(s.u.config().haw); }},
    {0x0d, kBase, "TT 0, with AT", [](Scene &s) { vtd_legacy_context_set_tt(s.context, 0); }},
    {0x0d, kBase, "TT 2, with AT", [](Scene &s) { vtd_legacy_context_set_tt(s.context, 2); }},
};

constexpr unsigned kWalks = kUntranslated | kTranslation;

static const FaultCase kLegacyWalkCases[] = {
    {0x04, kBase, ".1 input above the width of AW", [](Scene &s) { s.req.addr = bit(48); }, nullptr, kWalks},
    {0x04, kBase, ".1 input above MGAW", [](Scene &s) { s.req.addr = bit(46); },
     [](vtd_config &c) { setCap(c, VTD_FIELD_OF(CAP, MGAW), 45); }, kWalks},
    {0x04, kBase, ".2 translated address above the host address width",
     [](Scene &s) { s.req.addr = bit(s.u.config().haw); }, nullptr, kTranslated},
    {0x04, kBase, ".3 pass-through above the host address width",
     [](Scene &s) {
         vtd_legacy_context_set_tt(s.context, 2);
         s.req.addr = bit(s.u.config().haw);
     },
     nullptr, kUntranslated},
    {0x05, kBase, "write, leaf W=0",
     [](Scene &s) {
         *s.ssLeaf() &= ~kSsW;
         s.req.access = VTD_WRITE;
     },
     nullptr, kWalks},
    {0x05, kBase, "write, W=0 above the leaf",
     [](Scene &s) {
         *s.ss->entry(kIova, 3) &= ~kSsW;
         s.req.access = VTD_WRITE;
     },
     nullptr, kWalks},
    {0x05, kBase, "atomic, W=0",
     [](Scene &s) {
         *s.ssLeaf() &= ~kSsW;
         s.req.access = VTD_ATOMIC;
     },
     nullptr, kWalks},
    {0x05, kBase, "write, R=W=0",
     [](Scene &s) {
         *s.ss->entry(kIova, 2) &= ~(kSsR | kSsW);
         s.req.access = VTD_WRITE;
     },
     nullptr, kUntranslated},
    {0x05, kBase, "atomic, R=W=0",
     [](Scene &s) {
         *s.ssLeaf() = 0;
         s.req.access = VTD_ATOMIC;
     },
     nullptr, kUntranslated},
    {0x06, kBase, "read, leaf R=0", [](Scene &s) { *s.ssLeaf() &= ~kSsR; }, nullptr, kWalks},
    {0x06, kBase, "read, R=0 above the leaf", [](Scene &s) { *s.ss->entry(kIova, 4) &= ~kSsR; }, nullptr, kWalks},
    {0x06, kBase, "read, R=W=0", [](Scene &s) { *s.ssLeaf() = 0; }, nullptr, kUntranslated},
    {0x06, kBase, "atomic, R=0",
     [](Scene &s) {
         *s.ssLeaf() &= ~kSsR;
         s.req.access = VTD_ATOMIC;
     },
     nullptr, kWalks},
    {0x07, kBase, "second-stage table absent", [](Scene &s) { *s.ss->entry(kIova, 3) = kAbsent | kSsR | kSsW; },
     nullptr, kWalks},
    {0x07, kBase, "access to the leaf entry fails",
     [](Scene &s) { s.failAt(VTD_MEM_SS_ENTRY, s.ss->entryHpa(kIova, 1)); }, nullptr, kWalks},
    {0x0c, kBase, "bit 11 in a non-leaf entry", [](Scene &s) { *s.ss->entry(kIova, 2) |= kSsSnp; }, nullptr, kWalks},
    {0x0c, kBase, "SNP without SC", [](Scene &s) { *s.ssLeaf() |= kSsSnp; },
     [](vtd_config &c) { setEcap(c, VTD_FIELD_OF(ECAP, SC), 0); }, kWalks},
    {0x0c, kBase, "PS in PML4E", [](Scene &s) { *s.ss->entry(kIova, 4) |= kSsPs; }, nullptr, kWalks},
    {0x0c, kBase, "address above the host address width", [](Scene &s) { *s.ssLeaf() |= bit(s.u.config().haw); },
     nullptr, kWalks},
    {0x0c, kBase, "bit 62 in legacy mode", [](Scene &s) { *s.ssLeaf() |= kSsIw; }, nullptr, kWalks},
    {0x0c, kBase, "2 MiB page, bit 20", [](Scene &s) { useLargeSs(s, 21, bit(20)); }, nullptr, kWalks},
    {0x0c, kBase, "1 GiB page, bit 29", [](Scene &s) { useLargeSs(s, 30, bit(29)); }, nullptr, kWalks},
    {0x0c, kBase, "2 MiB page without SSLPS", [](Scene &s) { useLargeSs(s, 21, 0); },
     [](vtd_config &c) { setCap(c, VTD_FIELD_OF(CAP, SSLPS), 0); }, kWalks},
    {0x0c, kBase, "1 GiB page with 2 MiB in SSLPS only", [](Scene &s) { useLargeSs(s, 30, 0); },
     [](vtd_config &c) { setCap(c, VTD_FIELD_OF(CAP, SSLPS), 1); }, kWalks},
    {0x0e, kBase, "result in the interrupt range", [](Scene &s) { *s.ssLeaf() = kMsiStart | kSsR | kSsW; }, nullptr,
     kWalks},
    {0x0e, kBase, "result at the end of the interrupt range",
     [](Scene &s) { *s.ssLeaf() = UINT64_C(0xfeeff000) | kSsR | kSsW; }, nullptr, kWalks},
    {0x0e, kBase, "translated address in the interrupt range", [](Scene &s) { s.req.addr = kMsiStart; }, nullptr,
     kTranslated},
};

std::vector<FaultCase> legacyCases()
{
    return joined({{std::begin(kLegacyEntryCases), std::end(kLegacyEntryCases)},
                   {std::begin(kLegacyWalkCases), std::end(kLegacyWalkCases)}});
}

} // namespace vtdtest
