/* SPDX-License-Identifier: MIT */
/*
 * The interrupt address range 0xFEE00000-0xFEEFFFFF, row by row of the table of ref 4.9.
 */
#include "support/unit_fixture.h"

namespace vtdtest
{

namespace
{

constexpr uint32_t kPasid = 5;
constexpr uint64_t kFirst = 0xfee00000, kLast = 0xfeefffff;

/* First stage with and without PASID; the interrupt range itself is mapped to ordinary memory. */
struct Range : testing::Test {
    Range() : fs(u, 4)
    {
        for (uint64_t addr = kFirst - 0x1000; addr <= kLast + 1; addr += 0x1000)
            fs.map(addr, UINT64_C(0x1000000000) + addr);
        u.setFs(kSid, kPasid, fs, 3);
        u.setFs(kSid, 0, fs, 3);
        u.start();
    }
    static uint64_t out(uint64_t addr)
    {
        return UINT64_C(0x1000000000) + addr;
    }

    Unit u;
    FsTree fs;
};

} // namespace

TEST_F(Range, DwordWriteWithoutPasidIsAnInterrupt)
{
    for (uint64_t addr : {kFirst, kFirst + 0x10, kLast - 3}) {
        const vtd_response resp = u.dma(kSid).length(4).write(addr);
        EXPECT_EQ(resp.result, VTD_RESULT_INTERRUPT);
        EXPECT_EQ(resp.irq.result, VTD_IRQ_PASSED) << "interrupt remapping is off";
        EXPECT_EQ(resp.fault, 0);
    }
    EXPECT_EQ(u.stats().interrupts, 3u);
    EXPECT_FALSE(u.takeFault().valid);
}

TEST_F(Range, ZeroLengthReadWithoutPasidCompletesUntranslated)
{
    for (uint64_t addr : {kFirst, kLast})
        EXPECT_TRUE(translated(u.dma(kSid).zeroLengthRead(addr), addr));
    EXPECT_FALSE(u.takeFault().valid);
}

TEST_F(Range, OtherReadsAtomicsAndOddWritesWithoutPasidAreMalformed)
{
    const auto malformed = [this](const vtd_response &resp) {
        const Fault f = u.takeFault();
        return resp.result == VTD_RESULT_UR && resp.fault == VTD_FAULT_IR_MALFORMED && f.valid &&
               f.reason == VTD_FAULT_IR_MALFORMED && f.sid == kSid;
    };
    for (uint64_t addr : {kFirst, kFirst + 0x800, kLast - 7}) {
        EXPECT_TRUE(malformed(u.dma(kSid).length(4).read(addr)));
        EXPECT_TRUE(malformed(u.dma(kSid).length(1).read(addr)));
        EXPECT_TRUE(malformed(u.dma(kSid).length(4).atomic(addr)));
        EXPECT_TRUE(malformed(u.dma(kSid).length(8).write(addr)));
        EXPECT_TRUE(malformed(u.dma(kSid).length(2).write(addr)));
        EXPECT_TRUE(malformed(u.dma(kSid).length(1).write(addr)));
        EXPECT_TRUE(malformed(u.dma(kSid).length(4).write(addr + 1))) << "not a DWORD";
    }
}

TEST_F(Range, MalformedAccessesAreNotSilencedByFpd)
{
    vtd_sm_context_set_fpd(u.device(kSid), 1);
    vtd_pasid_entry_set_fpd(u.pasidEntry(kSid, 0), 1);
    EXPECT_TRUE(blocked(u.dma(kSid).read(kFirst), VTD_FAULT_IR_MALFORMED));
    EXPECT_TRUE(u.takeFault().valid);
}

TEST_F(Range, TranslationRequestWithoutPasidGetsUntranslatedWriteOnly)
{
    for (uint64_t addr : {kFirst, kLast & ~UINT64_C(0xfff)}) {
        const vtd_response s1 = u.dma(kSid).translation(addr);
        EXPECT_EQ(s1.result, VTD_RESULT_OK);
        EXPECT_EQ(s1.fault, 0);
        EXPECT_EQ(s1.attr & (VTD_ATTR_R | VTD_ATTR_W | VTD_ATTR_U), VTD_ATTR_W | VTD_ATTR_U) << "S.1";
        const vtd_response s2 = u.dma(kSid).noWrite().translation(addr);
        EXPECT_EQ(s2.result, VTD_RESULT_OK);
        EXPECT_EQ(s2.fault, 0);
        EXPECT_EQ(s2.attr & (VTD_ATTR_R | VTD_ATTR_W | VTD_ATTR_U), 0) << "S.2";
        EXPECT_EQ(s1.page_shift, 12) << "S=0 is one page";
    }
    EXPECT_FALSE(u.takeFault().valid);
}

TEST_F(Range, WithPasidEverythingIsTranslatedLikeAnyAddress)
{
    for (uint64_t addr : {kFirst, kLast & ~UINT64_C(0xfff)}) {
        EXPECT_TRUE(translated(u.dma(kSid).pasid(kPasid).length(4).write(addr), out(addr)));
        EXPECT_TRUE(translated(u.dma(kSid).pasid(kPasid).length(4).read(addr), out(addr)));
        EXPECT_TRUE(translated(u.dma(kSid).pasid(kPasid).atomic(addr), out(addr)));
        EXPECT_TRUE(translated(u.dma(kSid).pasid(kPasid).zeroLengthRead(addr), out(addr)));
        const vtd_response ats = u.dma(kSid).pasid(kPasid).translation(addr);
        EXPECT_TRUE(translated(ats, out(addr), 12));
        EXPECT_EQ(ats.attr & (VTD_ATTR_R | VTD_ATTR_W | VTD_ATTR_U), VTD_ATTR_R | VTD_ATTR_W);
    }
    EXPECT_EQ(u.stats().interrupts, 0u);
}

TEST_F(Range, EndsWhereItEnds)
{
    EXPECT_TRUE(translated(u.dma(kSid).length(4).write(kFirst - 4), out(kFirst - 4)));
    EXPECT_TRUE(translated(u.dma(kSid).length(4).write(kLast + 1), out(kLast + 1)));
    EXPECT_TRUE(translated(u.dma(kSid).translation(kLast + 1), out(kLast + 1), 12));
}

TEST_F(Range, TranslatedRequestsMayNotGoThere)
{
    for (uint64_t addr : {kFirst, kLast & ~UINT64_C(7)}) {
        for (vtd_access access : {VTD_READ, VTD_WRITE}) {
            EXPECT_TRUE(blocked(u.dma(kSid).translated(addr, access), VTD_FAULT_SGN_8));
            EXPECT_EQ(u.takeFault().reason, unsigned{VTD_FAULT_SGN_8});
        }
        EXPECT_TRUE(blocked(u.dma(kSid).length(4).translated(addr, VTD_WRITE), VTD_FAULT_SGN_8)) << "no interrupt";
        EXPECT_TRUE(u.takeFault().valid);
    }
    EXPECT_TRUE(translated(u.dma(kSid).translated(kFirst - 8), kFirst - 8));
    EXPECT_TRUE(translated(u.dma(kSid).translated(kLast + 1), kLast + 1));
}

/* ref 4.9 last row, with every table: SGN.8.1 for untranslated, CA for translation requests. */
TEST(RangeOutput, NoTranslationMayEndThere)
{
    for (unsigned pgtt = VTD_PGTT_FIRST_STAGE; pgtt <= VTD_PGTT_PASS_THROUGH; pgtt++) {
        SCOPED_TRACE(pgtt);
        Unit u;
        SsTree ss(u, 4);
        FsTree fs(u, 4), guest(u, 4, ss);
        const auto map = [&](uint64_t iova, uint64_t hpa) {
            fs.map(iova, hpa);
            guest.map(iova, iova);
            ss.map(iova, hpa);
        };
        map(0x1000, kFirst - 0x1000);
        map(0x2000, kFirst);
        map(0x3000, kLast & ~UINT64_C(0xfff));
        map(0x4000, kLast + 1);
        switch (pgtt) {
        case VTD_PGTT_FIRST_STAGE:
            u.setFs(kSid, kPasid, fs, 3);
            break;
        case VTD_PGTT_SECOND_STAGE:
            u.setSs(kSid, kPasid, ss, 4);
            break;
        case VTD_PGTT_NESTED:
            u.setNested(kSid, kPasid, guest, ss, 4);
            break;
        default:
            u.setPassThrough(kSid, kPasid, 3);
            break;
        }
        u.start();
        const bool pass = pgtt == VTD_PGTT_PASS_THROUGH;
        const auto iova = [pass](uint64_t in, uint64_t hpa) { return pass ? hpa : in; };
        for (unsigned i = 0; i < 2; i++) { /* the second time nothing comes from a cache that must not */
            EXPECT_TRUE(translated(u.dma(kSid).pasid(kPasid).read(iova(0x1ff8, kFirst - 8)), kFirst - 8));
            EXPECT_TRUE(blocked(u.dma(kSid).pasid(kPasid).read(iova(0x2000, kFirst)), VTD_FAULT_SGN_8));
            EXPECT_TRUE(blocked(u.dma(kSid).pasid(kPasid).write(iova(0x3ff8, kLast - 7)), VTD_FAULT_SGN_8));
            EXPECT_TRUE(translated(u.dma(kSid).pasid(kPasid).read(iova(0x4000, kLast + 1)), kLast + 1));
            EXPECT_TRUE(
                answered(u.dma(kSid).pasid(kPasid).translation(iova(0x2000, kFirst)), VTD_RESULT_CA, VTD_FAULT_SGN_8));
        }
    }
}

/* A page that reaches into the range: only the part inside is blocked, also when the page is cached. */
TEST(RangeOutput, LargePagesAreBlockedWhereTheyOverlap)
{
    for (unsigned shift : {21u, 30u}) {
        SCOPED_TRACE(shift);
        Unit u;
        FsTree fs(u, 4);
        const uint64_t base = kFirst & ~(bit(shift) - 1), iova = UINT64_C(0x8000000000) - bit(30);
        fs.map(iova, base, shift);
        u.setFs(kSid, kPasid, fs, 3);
        u.start();
        const auto read = [&](uint64_t hpa) { return u.dma(kSid).pasid(kPasid).read(iova + (hpa - base)); };
        for (unsigned i = 0; i < 2; i++) {
            EXPECT_TRUE(translated(read(kLast + 1), kLast + 1, shift));
            EXPECT_TRUE(blocked(read(kFirst), VTD_FAULT_SGN_8));
            EXPECT_TRUE(blocked(read(kLast - 7), VTD_FAULT_SGN_8));
            if (shift == 30) {
                EXPECT_TRUE(translated(read(kFirst - 8), kFirst - 8, shift));
            }
        }
    }
}

/* A large page *over* the range as input: requests without PASID are screened although the page is cached. */
TEST(RangeInput, ACachedLargePageDoesNotHideTheRange)
{
    Unit u;
    FsTree fs(u, 4);
    fs.map(0xc0000000, 0x1000000000, 30);
    u.setFs(kSid, 0, fs, 3);
    u.start();
    EXPECT_TRUE(translated(u.dma(kSid).write(0xc0000000), 0x1000000000, 30));
    EXPECT_EQ(u.dma(kSid).length(4).write(kFirst).result, VTD_RESULT_INTERRUPT);
    EXPECT_TRUE(blocked(u.dma(kSid).read(kFirst), VTD_FAULT_IR_MALFORMED));
    EXPECT_TRUE(translated(u.dma(kSid).write(kLast + 1), UINT64_C(0x1000000000) + (kLast + 1 - 0xc0000000), 30));
}

TEST(RangeInput, LegacyModeIsScreenedToo)
{
    Unit u;
    SsTree ss(u, 4);
    ss.map(kFirst, 0x200000);
    u.setLegacy(kSid, ss, 3, 1);
    u.start(VTD_TTM_LEGACY);
    EXPECT_EQ(u.dma(kSid).length(4).write(kFirst).result, VTD_RESULT_INTERRUPT);
    EXPECT_TRUE(blocked(u.dma(kSid).read(kFirst), VTD_FAULT_IR_MALFORMED));
    EXPECT_TRUE(translated(u.dma(kSid).zeroLengthRead(kFirst), kFirst));
    const vtd_response s1 = u.dma(kSid).translation(kFirst);
    EXPECT_EQ(s1.result, VTD_RESULT_OK);
    EXPECT_EQ(s1.attr & (VTD_ATTR_R | VTD_ATTR_W | VTD_ATTR_U), VTD_ATTR_W | VTD_ATTR_U);
    EXPECT_TRUE(blocked(u.dma(kSid).translated(kFirst), VTD_FAULT_LGN_4));
}

} // namespace vtdtest
