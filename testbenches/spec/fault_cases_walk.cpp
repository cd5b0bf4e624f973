/* SPDX-License-Identifier: MIT */
/*
 * The walks of scalable mode and their result (ref 4.3 to 4.9).
 */
#include "spec/fault_cases.h"

namespace vtdtest
{

namespace
{
constexpr Base kFs = Base::FirstStage, kSs = Base::SecondStage, kNest = Base::Nested, kPt = Base::PassThrough;
constexpr uint64_t kAll48 = kFsP | kFsRw | kFsUs;

/* All accessed bits of the first stage, so that nothing has to be updated. */
void accessed(Scene &s)
{
    for (uint64_t *q : s.fs->path(kIova))
        *q |= kFsA;
}

void ssade(Scene &s)
{
    vtd_pasid_entry_set_ssade(s.entry, 1);
    vtd_pasid_entry_set_ssade(s.rid_entry, 1);
}

void supervisor(Scene &s)
{
    vtd_pasid_entry_set_sre(s.entry, 1);
    s.req.flags |= VTD_REQ_PRIV;
}

void write(Scene &s)
{
    s.req.access = VTD_WRITE;
}

void atomic(Scene &s)
{
    s.req.access = VTD_ATOMIC;
}

/* A leaf of 2^shift bytes in place of a table. */
void largeFs(Scene &s, unsigned shift, uint64_t extra)
{
    *s.fs->entry(kIova, (shift - 12) / 9 + 1) = UINT64_C(0x80000000) | extra | kAll48 | kFsPs;
}

void largeSs(Scene &s, unsigned shift, uint64_t extra)
{
    *s.ss->entry(kIova, (shift - 12) / 9 + 1) = UINT64_C(0x80000000) | extra | kSsR | kSsW | kSsPs;
}
} // namespace

static const FaultCase kFirstStageCases[] = {
    {0x70, "table absent", kFs, [](Scene &s) { *s.fs->entry(kIova, 3) = kAbsent | kAll48; }},
    {0x70, "access to the leaf entry fails", kFs,
     [](Scene &s) { s.failAt(VTD_MEM_FS_ENTRY, s.fs->entryHpa(kIova, 1)); }},
    {0x70, "nested: table absent behind a valid second stage", kNest,
     [](Scene &s) { *s.ssOfFsTable() = kAbsent | kSsR | kSsW; }},
    {0x71, "PML4E P=0", kFs, [](Scene &s) { *s.fs->entry(kIova, 4) &= ~kFsP; }},
    {0x71, "PDPE P=0", kFs, [](Scene &s) { *s.fs->entry(kIova, 3) &= ~kFsP; }},
    {0x71, "PDE P=0", kFs, [](Scene &s) { *s.fs->entry(kIova, 2) &= ~kFsP; }},
    {0x71, "PTE P=0", kFs, [](Scene &s) { *s.fsLeaf() &= ~kFsP; }},
    {0x71, "PTE P=0, reserved bits set", kFs, [](Scene &s) { *s.fsLeaf() = bit(51) | kFsRw; }},
    {0x71, "nested, PTE P=0", kNest, [](Scene &s) { *s.fsLeaf() = 0; }},
    {0x72, "PS in PML4E", kFs, [](Scene &s) { *s.fs->entry(kIova, 4) |= kFsPs; }},
    {0x72, "PTE address above the host address width", kFs, [](Scene &s) { *s.fsLeaf() |= bit(s.u.config().haw); }},
    {0x72, "PML4E bit 51", kFs, [](Scene &s) { *s.fs->entry(kIova, 4) |= bit(51); }},
    {0x72, "2 MiB page, bit 13", kFs, [](Scene &s) { largeFs(s, 21, bit(13)); }},
    {0x72, "2 MiB page, bit 20", kFs, [](Scene &s) { largeFs(s, 21, bit(20)); }},
    {0x72, "1 GiB page, bit 13", kFs, [](Scene &s) { largeFs(s, 30, bit(13)); }},
    {0x72, "1 GiB page, bit 29", kFs, [](Scene &s) { largeFs(s, 30, bit(29)); }},
    {0x72, "1 GiB page without FS1GP", kFs, [](Scene &s) { largeFs(s, 30, 0); },
     [](vtd_config &c) { setCap(c, VTD_FIELD_OF(CAP, FS1GP), 0); }},
    {0x72, "nested, PS in PML4E", kNest, [](Scene &s) { *s.fs->entry(kIova, 4) |= kFsPs; }},
    {0x73, "root table absent", kFs,
     [](Scene &s) {
         vtd_pasid_entry_set_fsptptr(s.entry, kAbsent >> 12);
         vtd_pasid_entry_set_fsptptr(s.rid_entry, kAbsent >> 12);
     }},
    {0x73, "access to the root table fails", kFs, [](Scene &s) { s.failAt(VTD_MEM_FS_ENTRY, s.fs->rootHpa()); }},
    {0x73, "nested: root table absent behind a valid second stage", kNest,
     [](Scene &s) { *s.ssOfFsRoot() = kAbsent | kSsR | kSsW; }},
    {0x74, "PTE above AW", kNest, [](Scene &s) { *s.fsLeaf() = bit(48) | kAll48; }},
    {0x74, "PML4E above AW", kNest, [](Scene &s) { *s.fs->entry(kIova, 4) |= bit(48); }},
    {0x74, "PDE above MGAW", kNest, [](Scene &s) { *s.fs->entry(kIova, 2) |= bit(46); },
     [](vtd_config &c) { setCap(c, VTD_FIELD_OF(CAP, MGAW), 45); }},
    {0x90, "accessed bit, PWSNP=0", kFs, [](Scene &s) { s.unsnooped(); }},
    {0x90, "dirty bit, PWSNP=0", kFs,
     [](Scene &s) {
         s.unsnooped();
         accessed(s);
         write(s);
     }},
    {0x90, "extended accessed bit, PWSNP=0", kFs,
     [](Scene &s) {
         s.unsnooped();
         accessed(s);
         vtd_pasid_entry_set_eafe(s.entry, 1);
     }},
    {0x90, "accessed bit without SMPWCS", kFs, [](Scene &) {},
     [](vtd_config &c) {
         for (unsigned n : {VTD_ECAP_SMPWCS_LSB, VTD_ECAP_SSADS_LSB, VTD_ECAP_EAFS_LSB})
             c.ecap &= ~bit(n);
     }},
    {0x91, "accessed bit, atomic fails", kFs, [](Scene &s) { s.failCas(VTD_MEM_FS_ENTRY); }},
    {0x91, "dirty bit, atomic fails", kFs,
     [](Scene &s) {
         accessed(s);
         write(s);
         s.failCas(VTD_MEM_FS_ENTRY);
     }},
};

static const FaultCase kNestedRightsCases[] = {
    {0x75, "R=0 for the root table", kNest, [](Scene &s) { *s.ssOfFsRoot() &= ~kSsR; }},
    {0x75, "R=0 for the root table, SSADE", kNest,
     [](Scene &s) {
         ssade(s);
         *s.ssOfFsRoot() &= ~kSsR;
     }},
    {0x76, "R=0 for the last table", kNest, [](Scene &s) { *s.ssOfFsTable() &= ~kSsR; }},
    {0x77, "W=0, accessed bit of the root entry", kNest, [](Scene &s) { *s.ssOfFsRoot() &= ~kSsW; }},
    {0x77, "W=0, accessed bit of the leaf", kNest,
     [](Scene &s) {
         accessed(s);
         *s.fsLeaf() &= ~kFsA;
         *s.ssOfFsTable() &= ~kSsW;
     }},
    {0x77, "W=0, dirty bit of the leaf", kNest,
     [](Scene &s) {
         accessed(s);
         *s.ssOfFsTable() &= ~kSsW;
         write(s);
     }},
    {0x77, "W=0 with SSADE, though nothing is to be updated", kNest,
     [](Scene &s) {
         ssade(s);
         accessed(s);
         *s.ssOfFsRoot() &= ~kSsW;
     }},
};

static const FaultCase kSecondStageCases[] = {
    {0x78, "table absent", kSs, [](Scene &s) { *s.ss->entry(kIova, 3) = kAbsent | kSsR | kSsW; }},
    {0x78, "access to the leaf entry fails", kSs,
     [](Scene &s) { s.failAt(VTD_MEM_SS_ENTRY, s.ss->entryHpa(kIova, 1)); }},
    {0x78, "nested: on the way to the page", kNest,
     [](Scene &s) { s.failAt(VTD_MEM_SS_ENTRY, s.ss->entryHpa(kGpa, 1)); }},
    {0x78, "nested: on the way to the first-stage root", kNest,
     [](Scene &s) { s.failAt(VTD_MEM_SS_ENTRY, s.ss->entryHpa(s.fs->rootAddress(), 1)); }},
    {0x79, "leaf R=W=0", kSs, [](Scene &s) { *s.ssLeaf() &= ~(kSsR | kSsW); }},
    {0x79, "leaf R=W=0, reserved bits set", kSs, [](Scene &s) { *s.ssLeaf() = bit(51); }},
    {0x79, "PML4E R=W=0", kSs, [](Scene &s) { *s.ss->entry(kIova, 4) &= ~(kSsR | kSsW); }},
    {0x79, "no right left over all levels", kSs,
     [](Scene &s) {
         *s.ss->entry(kIova, 4) &= ~kSsR;
         *s.ssLeaf() &= ~kSsW;
     }},
    {0x79, "SSIRWE: IR=IW=0 with R and W set", kSs, [](Scene &s) { s.ssirwe = true; },
     [](vtd_config &c) { setEcap(c, VTD_FIELD_OF(ECAP, SSIRWS), 1); }},
    {0x79, "nested: page not mapped", kNest, [](Scene &s) { *s.ssLeaf() = 0; }},
    {0x79, "nested: first-stage root not mapped", kNest, [](Scene &s) { *s.ssOfFsRoot() = 0; }},
    {0x79, "nested: last first-stage table not mapped", kNest, [](Scene &s) { *s.ssOfFsTable() = 0; }},
    {0x7a, "bit 11 in a non-leaf entry", kSs, [](Scene &s) { *s.ss->entry(kIova, 3) |= kSsSnp; }},
    {0x7a, "SNP without SC", kSs, [](Scene &s) { *s.ssLeaf() |= kSsSnp; },
     [](vtd_config &c) { setEcap(c, VTD_FIELD_OF(ECAP, SC), 0); }},
    {0x7a, "PS in PML4E", kSs, [](Scene &s) { *s.ss->entry(kIova, 4) |= kSsPs; }},
    {0x7a, "address above the host address width", kSs, [](Scene &s) { *s.ssLeaf() |= bit(s.u.config().haw); }},
    {0x7a, "bit 62 without SSIRWE", kSs, [](Scene &s) { *s.ss->entry(kIova, 2) |= kSsIw; }},
    {0x7a, "2 MiB page, bit 12", kSs, [](Scene &s) { largeSs(s, 21, bit(12)); }},
    {0x7a, "1 GiB page, bit 29", kSs, [](Scene &s) { largeSs(s, 30, bit(29)); }},
    {0x7a, "2 MiB page without SSLPS", kSs, [](Scene &s) { largeSs(s, 21, 0); },
     [](vtd_config &c) { setCap(c, VTD_FIELD_OF(CAP, SSLPS), 0); }},
    {0x7a, "1 GiB page with 2 MiB in SSLPS only", kSs, [](Scene &s) { largeSs(s, 30, 0); },
     [](vtd_config &c) { setCap(c, VTD_FIELD_OF(CAP, SSLPS), 1); }},
    {0x7a, "nested: on the way to a first-stage table", kNest, [](Scene &s) { *s.ssOfFsTable() |= bit(51); }},
    {0x7b, "root table absent", kSs,
     [](Scene &s) {
         vtd_pasid_entry_set_ssptptr(s.entry, kAbsent >> 12);
         vtd_pasid_entry_set_ssptptr(s.rid_entry, kAbsent >> 12);
     }},
    {0x7b, "access to the root table fails", kSs, [](Scene &s) { s.failAt(VTD_MEM_SS_ENTRY, s.ss->rootHpa()); }},
    {0x7b, "nested: access to the root table fails", kNest,
     [](Scene &s) { s.failAt(VTD_MEM_SS_ENTRY, s.ss->rootHpa()); }},
    {0x7c, "accessed bit, PWSNP=0", kSs,
     [](Scene &s) {
         ssade(s);
         s.unsnooped();
     }},
    {0x7c, "dirty bit, PWSNP=0", kSs,
     [](Scene &s) {
         ssade(s);
         s.unsnooped();
         write(s);
         for (uint64_t *q : s.ss->path(kIova))
             *q |= kSsA;
     }},
    {0x7d, "accessed bit, atomic fails", kSs,
     [](Scene &s) {
         ssade(s);
         s.failCas(VTD_MEM_SS_ENTRY);
     }},
    {0x7d, "nested: accessed bit, atomic fails", kNest,
     [](Scene &s) {
         ssade(s);
         s.failCas(VTD_MEM_SS_ENTRY);
     }},
    {0x84, "input above the width of AW", kSs, [](Scene &s) { s.req.addr = bit(48); }},
    {0x84, "input above MGAW", kSs, [](Scene &s) { s.req.addr = bit(46); },
     [](vtd_config &c) { setCap(c, VTD_FIELD_OF(CAP, MGAW), 45); }},
    {0x84, "input with all high bits", kSs, [](Scene &s) { s.req.addr = ~UINT64_C(0xfff); }},
};

static const FaultCase kRightsCases[] = {
    {0x80, "first address above the lower half", kFs, [](Scene &s) { s.req.addr = bit(47); }},
    {0x80, "last address below the upper half", kFs, [](Scene &s) { s.req.addr = UINT64_C(0xffff7ffffffffff8); }},
    {0x80, "nested", kNest, [](Scene &s) { s.req.addr = bit(63); }},
    {0x81, "leaf US=0", kFs, [](Scene &s) { *s.fsLeaf() &= ~kFsUs; }},
    {0x81, "US=0 above the leaf", kFs, [](Scene &s) { *s.fs->entry(kIova, 4) &= ~kFsUs; }},
    {0x81, "US=0, write", kFs,
     [](Scene &s) {
         *s.fs->entry(kIova, 2) &= ~kFsUs;
         write(s);
     }},
    {0x81, "nested, leaf US=0", kNest, [](Scene &s) { *s.fsLeaf() &= ~kFsUs; }},
    {0x85, "user write, leaf RW=0", kFs,
     [](Scene &s) {
         *s.fsLeaf() &= ~kFsRw;
         write(s);
     }},
    {0x85, "user atomic, RW=0 above the leaf", kFs,
     [](Scene &s) {
         *s.fs->entry(kIova, 3) &= ~kFsRw;
         atomic(s);
     }},
    {0x85, "user write, RW=0 and WPE=0", kFs,
     [](Scene &s) {
         vtd_pasid_entry_set_wpe(s.entry, 0);
         *s.fsLeaf() &= ~kFsRw;
         write(s);
     }},
    {0x85, "supervisor write, RW=0 and WPE=1", kFs,
     [](Scene &s) {
         supervisor(s);
         vtd_pasid_entry_set_wpe(s.entry, 1);
         *s.fs->entry(kIova, 4) &= ~kFsRw;
         write(s);
     }},
    {0x85, "second stage, write", kSs,
     [](Scene &s) {
         *s.ssLeaf() &= ~kSsW;
         write(s);
     }},
    {0x85, "second stage, atomic", kSs,
     [](Scene &s) {
         *s.ss->entry(kIova, 2) &= ~kSsW;
         atomic(s);
     }},
    {0x85, "nested, W=0 in the second stage", kNest,
     [](Scene &s) {
         *s.ssLeaf() &= ~kSsW;
         write(s);
     }},
    {0x85, "nested, RW=0 in the first stage", kNest,
     [](Scene &s) {
         *s.fsLeaf() &= ~kFsRw;
         atomic(s);
     }},
    {0x86, "second stage, read", kSs, [](Scene &s) { *s.ssLeaf() &= ~kSsR; }},
    {0x86, "second stage, atomic without R", kSs,
     [](Scene &s) {
         *s.ss->entry(kIova, 4) &= ~kSsR;
         atomic(s);
     }},
    {0x86, "nested, read", kNest, [](Scene &s) { *s.ssLeaf() &= ~kSsR; }},
    {0x86, "nested, atomic without R", kNest,
     [](Scene &s) {
         *s.ssLeaf() &= ~kSsR;
         atomic(s);
     }},
};

constexpr unsigned kDma = kUntranslated | kTranslation;

static const FaultCase kResultCases[] = {
    {0x83, ".1 translated address above the host address width", kFs,
     [](Scene &s) { s.req.addr = bit(s.u.config().haw); }, nullptr, kTranslated},
    {0x83, ".2 pass-through above the host address width", kPt, [](Scene &s) { s.req.addr = bit(s.u.config().haw); },
     nullptr, kDma},
    {0x83, ".2 pass-through, highest address", kPt, [](Scene &s) { s.req.addr = ~UINT64_C(7); }, nullptr, kDma},
    {0x87, "first stage, first byte of the range", kFs, [](Scene &s) { *s.fsLeaf() = kMsiStart | kAll48; }, nullptr,
     kDma},
    {0x87, "second stage, last page of the range", kSs,
     [](Scene &s) { *s.ssLeaf() = UINT64_C(0xfeeff000) | kSsR | kSsW; }, nullptr, kDma},
    {0x87, "nested", kNest, [](Scene &s) { *s.ssLeaf() = kMsiStart | kSsR | kSsW; }, nullptr, kDma},
    {0x87, "pass-through with PASID", kPt, [](Scene &s) { s.req.addr = kMsiStart; }, nullptr, kDma},
    {0x87, ".3 translated", kFs, [](Scene &s) { s.req.addr = UINT64_C(0xfeefffc0); }, nullptr, kTranslated},
};

std::vector<FaultCase> walkCases()
{
    return joined({{std::begin(kFirstStageCases), std::end(kFirstStageCases)},
                   {std::begin(kNestedRightsCases), std::end(kNestedRightsCases)},
                   {std::begin(kSecondStageCases), std::end(kSecondStageCases)},
                   {std::begin(kRightsCases), std::end(kRightsCases)},
                   {std::begin(kResultCases), std::end(kResultCases)}});
}

} // namespace vtdtest
