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
    {0x70, kFs, "table absent", [](Scene &s) { *s.fs->entry(kIova, 3) = kAbsent | kAll48; }},
    {0x70, kFs, "access to the leaf entry fails",
     [](Scene &s) { s.failAt(VTD_MEM_FS_ENTRY, s.fs->entryHpa(kIova, 1)); }},
    {0x70, kNest, "nested: table absent behind a valid second stage",
     [](Scene &s) { *s.ssOfFsTable() = kAbsent | kSsR | kSsW; }},
    {0x71, kFs, "PML4E P=0", [](Scene &s) { *s.fs->entry(kIova, 4) &= ~kFsP; }},
    {0x71, kFs, "PDPE P=0", [](Scene &s) { *s.fs->entry(kIova, 3) &= ~kFsP; }},
    {0x71, kFs, "PDE P=0", [](Scene &s) { *s.fs->entry(kIova, 2) &= ~kFsP; }},
    {0x71, kFs, "PTE P=0", [](Scene &s) { *s.fsLeaf() &= ~kFsP; }},
    {0x71, kFs, "PTE P=0, reserved bits set", [](Scene &s) { *s.fsLeaf() = bit(51) | kFsRw; }},
    {0x71, kNest, "nested, PTE P=0", [](Scene &s) { *s.fsLeaf() = 0; }},
    {0x72, kFs, "XD=1, NXE=0", [](Scene &s) { *s.fsLeaf() |= bit(63); }, withExecuteRequests},
    {0x72, kFs, "XD=1 above the leaf, NXE=0", [](Scene &s) { *s.fs->entry(kIova, 3) |= bit(63); }, withExecuteRequests},
    {0x72, kFs, "PS in PML4E", [](Scene &s) { *s.fs->entry(kIova, 4) |= kFsPs; }},
    {0x72, kFs, "PTE address above the host address width", [](Scene &s) { *s.fsLeaf() |= bit(s.u.config().haw); }},
    {0x72, kFs, "PML4E bit 51", [](Scene &s) { *s.fs->entry(kIova, 4) |= bit(51); }},
    {0x72, kFs, "2 MiB page, bit 13", [](Scene &s) { largeFs(s, 21, bit(13)); }},
    {0x72, kFs, "2 MiB page, bit 20", [](Scene &s) { largeFs(s, 21, bit(20)); }},
    {0x72, kFs, "1 GiB page, bit 13", [](Scene &s) { largeFs(s, 30, bit(13)); }},
    {0x72, kFs, "1 GiB page, bit 29", [](Scene &s) { largeFs(s, 30, bit(29)); }},
    {0x72, kFs, "1 GiB page without FS1GP", [](Scene &s) { largeFs(s, 30, 0); },
     [](vtd_config &c) { setCap(c, VTD_FIELD_OF(CAP, FS1GP), 0); }},
    {0x72, kNest, "nested, PS in PML4E", [](Scene &s) { *s.fs->entry(kIova, 4) |= kFsPs; }},
    {0x73, kFs, "root table absent",
     [](Scene &s) {
         vtd_pasid_entry_set_fsptptr(s.entry, kAbsent >> 12);
         vtd_pasid_entry_set_fsptptr(s.rid_entry, kAbsent >> 12);
     }},
    {0x73, kFs, "access to the root table fails", [](Scene &s) { s.failAt(VTD_MEM_FS_ENTRY, s.fs->rootHpa()); }},
    {0x73, kNest, "nested: root table absent behind a valid second stage",
     [](Scene &s) { *s.ssOfFsRoot() = kAbsent | kSsR | kSsW; }},
    {0x74, kNest, "PTE above AW", [](Scene &s) { *s.fsLeaf() = bit(48) | kAll48; }},
    {0x74, kNest, "PML4E above AW", [](Scene &s) { *s.fs->entry(kIova, 4) |= bit(48); }},
    {0x74, kNest, "PDE above MGAW", [](Scene &s) { *s.fs->entry(kIova, 2) |= bit(46); },
     [](vtd_config &c) { setCap(c, VTD_FIELD_OF(CAP, MGAW), 45); }},
    {0x90, kFs, "accessed bit, PWSNP=0", [](Scene &s) { s.unsnooped(); }},
    {0x90, kFs, "dirty bit, PWSNP=0",
     [](Scene &s) {
         s.unsnooped();
         accessed(s);
         write(s);
     }},
    {0x90, kFs, "extended accessed bit, PWSNP=0",
     [](Scene &s) {
         s.unsnooped();
         accessed(s);
         vtd_pasid_entry_set_eafe(s.entry, 1);
     }},
    {0x90, kFs, "accessed bit without SMPWCS", [](Scene &) {},
     [](vtd_config &c) {
         for (unsigned n : {VTD_ECAP_SMPWCS_LSB, VTD_ECAP_SSADS_LSB, VTD_ECAP_EAFS_LSB})
             c.ecap &= ~bit(n);
     }},
    {0x91, kFs, "accessed bit, atomic fails", [](Scene &s) { s.failCas(VTD_MEM_FS_ENTRY); }},
    {0x91, kFs, "dirty bit, atomic fails",
     [](Scene &s) {
         accessed(s);
         write(s);
         s.failCas(VTD_MEM_FS_ENTRY);
     }},
};

static const FaultCase kNestedRightsCases[] = {
    {0x75, kNest, "R=0 for the root table", [](Scene &s) { *s.ssOfFsRoot() &= ~kSsR; }},
    {0x75, kNest, "R=0 for the root table, SSADE",
     [](Scene &s) {
         ssade(s);
         *s.ssOfFsRoot() &= ~kSsR;
     }},
    {0x76, kNest, "R=0 for the last table", [](Scene &s) { *s.ssOfFsTable() &= ~kSsR; }},
    {0x77, kNest, "W=0, accessed bit of the root entry", [](Scene &s) { *s.ssOfFsRoot() &= ~kSsW; }},
    {0x77, kNest, "W=0, accessed bit of the leaf",
     [](Scene &s) {
         accessed(s);
         *s.fsLeaf() &= ~kFsA;
         *s.ssOfFsTable() &= ~kSsW;
     }},
    {0x77, kNest, "W=0, dirty bit of the leaf",
     [](Scene &s) {
         accessed(s);
         *s.ssOfFsTable() &= ~kSsW;
         write(s);
     }},
    {0x77, kNest, "W=0 with SSADE, though nothing is to be updated",
     [](Scene &s) {
         ssade(s);
         accessed(s);
         *s.ssOfFsRoot() &= ~kSsW;
     }},
};

static const FaultCase kSecondStageCases[] = {
    {0x78, kSs, "table absent", [](Scene &s) { *s.ss->entry(kIova, 3) = kAbsent | kSsR | kSsW; }},
    {0x78, kSs, "access to the leaf entry fails",
     [](Scene &s) { s.failAt(VTD_MEM_SS_ENTRY, s.ss->entryHpa(kIova, 1)); }},
    {0x78, kNest, "nested: on the way to the page",
     [](Scene &s) { s.failAt(VTD_MEM_SS_ENTRY, s.ss->entryHpa(kGpa, 1)); }},
    {0x78, kNest, "nested: on the way to the first-stage root",
     [](Scene &s) { s.failAt(VTD_MEM_SS_ENTRY, s.ss->entryHpa(s.fs->rootAddress(), 1)); }},
    {0x79, kSs, "leaf R=W=0", [](Scene &s) { *s.ssLeaf() &= ~(kSsR | kSsW); }},
    {0x79, kSs, "leaf R=W=0, reserved bits set", [](Scene &s) { *s.ssLeaf() = bit(51); }},
    {0x79, kSs, "PML4E R=W=0", [](Scene &s) { *s.ss->entry(kIova, 4) &= ~(kSsR | kSsW); }},
    {0x79, kSs, "no right left over all levels",
     [](Scene &s) {
         *s.ss->entry(kIova, 4) &= ~kSsR;
         *s.ssLeaf() &= ~kSsW;
     }},
    {0x79, kSs, "SSIRWE: IR=IW=0 with R and W set", [](Scene &s) { s.ssirwe = true; },
     [](vtd_config &c) { setEcap(c, VTD_FIELD_OF(ECAP, SSIRWS), 1); }},
    {0x79, kNest, "nested: page not mapped", [](Scene &s) { *s.ssLeaf() = 0; }},
    {0x79, kNest, "nested: first-stage root not mapped", [](Scene &s) { *s.ssOfFsRoot() = 0; }},
    {0x79, kNest, "nested: last first-stage table not mapped", [](Scene &s) { *s.ssOfFsTable() = 0; }},
    {0x7a, kSs, "bit 11 in a non-leaf entry", [](Scene &s) { *s.ss->entry(kIova, 3) |= kSsSnp; }},
    {0x7a, kSs, "SNP without SC", [](Scene &s) { *s.ssLeaf() |= kSsSnp; },
     [](vtd_config &c) { setEcap(c, VTD_FIELD_OF(ECAP, SC), 0); }},
    {0x7a, kSs, "PS in PML4E", [](Scene &s) { *s.ss->entry(kIova, 4) |= kSsPs; }},
    {0x7a, kSs, "address above the host address width", [](Scene &s) { *s.ssLeaf() |= bit(s.u.config().haw); }},
    {0x7a, kSs, "bit 62 without SSIRWE", [](Scene &s) { *s.ss->entry(kIova, 2) |= kSsIw; }},
    {0x7a, kSs, "2 MiB page, bit 12", [](Scene &s) { largeSs(s, 21, bit(12)); }},
    {0x7a, kSs, "1 GiB page, bit 29", [](Scene &s) { largeSs(s, 30, bit(29)); }},
    {0x7a, kSs, "2 MiB page without SSLPS", [](Scene &s) { largeSs(s, 21, 0); },
     [](vtd_config &c) { setCap(c, VTD_FIELD_OF(CAP, SSLPS), 0); }},
    {0x7a, kSs, "1 GiB page with 2 MiB in SSLPS only", [](Scene &s) { largeSs(s, 30, 0); },
     [](vtd_config &c) { setCap(c, VTD_FIELD_OF(CAP, SSLPS), 1); }},
    {0x7a, kNest, "nested: on the way to a first-stage table", [](Scene &s) { *s.ssOfFsTable() |= bit(51); }},
    {0x7b, kSs, "root table absent",
     [](Scene &s) {
         vtd_pasid_entry_set_ssptptr(s.entry, kAbsent >> 12);
         vtd_pasid_entry_set_ssptptr(s.rid_entry, kAbsent >> 12);
     }},
    {0x7b, kSs, "access to the root table fails", [](Scene &s) { s.failAt(VTD_MEM_SS_ENTRY, s.ss->rootHpa()); }},
    {0x7b, kNest, "nested: access to the root table fails",
     [](Scene &s) { s.failAt(VTD_MEM_SS_ENTRY, s.ss->rootHpa()); }},
    {0x7c, kSs, "accessed bit, PWSNP=0",
     [](Scene &s) {
         ssade(s);
         s.unsnooped();
     }},
    {0x7c, kSs, "dirty bit, PWSNP=0",
     [](Scene &s) {
         ssade(s);
         s.unsnooped();
         write(s);
         for (uint64_t *q : s.ss->path(kIova))
             *q |= kSsA;
     }},
    {0x7d, kSs, "accessed bit, atomic fails",
     [](Scene &s) {
         ssade(s);
         s.failCas(VTD_MEM_SS_ENTRY);
     }},
    {0x7d, kNest, "nested: accessed bit, atomic fails",
     [](Scene &s) {
         ssade(s);
         s.failCas(VTD_MEM_SS_ENTRY);
     }},
    {0x84, kSs, "input above the width of AW", [](Scene &s) { s.req.addr = bit(48); }},
    {0x84, kSs, "input above MGAW", [](Scene &s) { s.req.addr = bit(46); },
     [](vtd_config &c) { setCap(c, VTD_FIELD_OF(CAP, MGAW), 45); }},
    {0x84, kSs, "input with all high bits", [](Scene &s) { s.req.addr = ~UINT64_C(0xfff); }},
};

static const FaultCase kRightsCases[] = {
    {0x80, kFs, "first address above the lower half", [](Scene &s) { s.req.addr = bit(47); }},
    {0x80, kFs, "last address below the upper half", [](Scene &s) { s.req.addr = UINT64_C(0xffff7ffffffffff8); }},
    {0x80, kNest, "nested", [](Scene &s) { s.req.addr = bit(63); }},
    {0x81, kFs, "leaf US=0", [](Scene &s) { *s.fsLeaf() &= ~kFsUs; }},
    {0x81, kFs, "US=0 above the leaf", [](Scene &s) { *s.fs->entry(kIova, 4) &= ~kFsUs; }},
    {0x81, kFs, "US=0, fetch",
     [](Scene &s) {
         s.fetch();
         *s.fsLeaf() &= ~kFsUs;
     },
     withExecuteRequests},
    {0x81, kFs, "US=0, write",
     [](Scene &s) {
         *s.fs->entry(kIova, 2) &= ~kFsUs;
         write(s);
     }},
    {0x81, kNest, "nested, leaf US=0", [](Scene &s) { *s.fsLeaf() &= ~kFsUs; }},
    {0x82, kFs, "XD=1, NXE=1",
     [](Scene &s) {
         s.fetch();
         s.entry[2] |= bit(5);
         *s.fsLeaf() |= bit(63);
     },
     withExecuteRequests},
    {0x82, kFs, "supervisor, SMEP=1, U/S=1 everywhere",
     [](Scene &s) {
         s.fetch();
         s.entry[2] |= bit(6) | 1;
         s.req.flags |= VTD_REQ_PRIV;
     },
     withExecuteRequests},
    {0x82, kSs, "second stage, SLEE=1, X=0",
     [](Scene &s) {
         s.fetch();
         s.entry[0] |= bit(5);
     },
     withExecuteRequests},
    {0x82, kNest, "nested, SLEE=1, X=0",
     [](Scene &s) {
         s.fetch();
         s.entry[0] |= bit(5);
         s.rid_entry[0] |= bit(5); /* the same second stage */
     },
     withExecuteRequests},
    {0x82, kSs, "second stage, R=0",
     [](Scene &s) {
         s.fetch();
         *s.ssLeaf() &= ~kSsR;
     },
     withExecuteRequests, kUntranslated},
    {0x85, kFs, "user write, leaf RW=0",
     [](Scene &s) {
         *s.fsLeaf() &= ~kFsRw;
         write(s);
     }},
    {0x85, kFs, "user atomic, RW=0 above the leaf",
     [](Scene &s) {
         *s.fs->entry(kIova, 3) &= ~kFsRw;
         atomic(s);
     }},
    {0x85, kFs, "user write, RW=0 and WPE=0",
     [](Scene &s) {
         vtd_pasid_entry_set_wpe(s.entry, 0);
         *s.fsLeaf() &= ~kFsRw;
         write(s);
     }},
    {0x85, kFs, "supervisor write, RW=0 and WPE=1",
     [](Scene &s) {
         supervisor(s);
         vtd_pasid_entry_set_wpe(s.entry, 1);
         *s.fs->entry(kIova, 4) &= ~kFsRw;
         write(s);
     }},
    {0x85, kSs, "second stage, write",
     [](Scene &s) {
         *s.ssLeaf() &= ~kSsW;
         write(s);
     }},
    {0x85, kSs, "second stage, atomic",
     [](Scene &s) {
         *s.ss->entry(kIova, 2) &= ~kSsW;
         atomic(s);
     }},
    {0x85, kNest, "nested, W=0 in the second stage",
     [](Scene &s) {
         *s.ssLeaf() &= ~kSsW;
         write(s);
     }},
    {0x85, kNest, "nested, RW=0 in the first stage",
     [](Scene &s) {
         *s.fsLeaf() &= ~kFsRw;
         atomic(s);
     }},
    {0x86, kSs, "second stage, read", [](Scene &s) { *s.ssLeaf() &= ~kSsR; }},
    {0x86, kSs, "second stage, atomic without R",
     [](Scene &s) {
         *s.ss->entry(kIova, 4) &= ~kSsR;
         atomic(s);
     }},
    {0x86, kNest, "nested, read", [](Scene &s) { *s.ssLeaf() &= ~kSsR; }},
    {0x86, kNest, "nested, atomic without R",
     [](Scene &s) {
         *s.ssLeaf() &= ~kSsR;
         atomic(s);
     }},
};

constexpr unsigned kDma = kUntranslated | kTranslation;

static const FaultCase kResultCases[] = {
    {0x83, kFs, ".1 translated address above the host address width",
     [](Scene &s) { s.req.addr = bit(s.u.config().haw); }, nullptr, kTranslated},
    {0x83, kPt, ".2 pass-through above the host address width", [](Scene &s) { s.req.addr = bit(s.u.config().haw); },
     nullptr, kDma},
    {0x83, kPt, ".2 pass-through, highest address", [](Scene &s) { s.req.addr = ~UINT64_C(7); }, nullptr, kDma},
    {0x87, kFs, "first stage, first byte of the range", [](Scene &s) { *s.fsLeaf() = kMsiStart | kAll48; }, nullptr,
     kDma},
    {0x87, kSs, "second stage, last page of the range",
     [](Scene &s) { *s.ssLeaf() = UINT64_C(0xfeeff000) | kSsR | kSsW; }, nullptr, kDma},
    {0x87, kNest, "nested", [](Scene &s) { *s.ssLeaf() = kMsiStart | kSsR | kSsW; }, nullptr, kDma},
    {0x87, kPt, "pass-through with PASID", [](Scene &s) { s.req.addr = kMsiStart; }, nullptr, kDma},
    {0x87, kFs, ".3 translated", [](Scene &s) { s.req.addr = UINT64_C(0xfeefffc0); }, nullptr, kTranslated},
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
