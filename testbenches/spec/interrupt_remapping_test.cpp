/* SPDX-License-Identifier: MIT */
/*
 * Interrupt remapping, clause by clause of ref 8.1, 8.2 and 5.3.
 */
#include "spec/remapper.h"

namespace vtdtest
{

/* ---------------------------------------------------------------- format and index (ref 8.1) */

TEST(Remapping, IndexIsTheHandle)
{
    Remapper u;
    for (unsigned i = 0; i < 16; i++)
        u.remapped(i, 0x40 + i);
    for (unsigned i = 0; i < 16; i++)
        EXPECT_TRUE(delivered(u.interrupt(remappable(i), 0xffffffff), 0x40 + i)) << "data is ignored with SHV=0";
}

TEST(Remapping, IndexIsHandlePlusSubhandleWithShv)
{
    Remapper u;
    for (unsigned i = 0; i < 16; i++)
        u.remapped(i, 0x40 + i);
    EXPECT_TRUE(delivered(u.interrupt(remappable(4, true), 0), 0x44));
    EXPECT_TRUE(delivered(u.interrupt(remappable(4, true), 11), 0x4f));
    EXPECT_TRUE(u.refused(u.interrupt(remappable(4, true), 12), VTD_FAULT_IR_INDEX));
}

TEST(Remapping, ReservedDataBitsWithShvAreReasonTwenty)
{
    Remapper u;
    u.remapped(4, 0x44);
    for (unsigned b = 16; b < 32; b++)
        EXPECT_TRUE(u.refused(u.interrupt(remappable(4, true), 1u << b), VTD_FAULT_IR_RSVD_REQUEST)) << b;
}

TEST(Remapping, HandleBitFifteenIsAddressBitTwo)
{
    Remapper u;
    const uint64_t big = u.alloc(8); /* 2^16 entries of 16 bytes */
    u.setTable(big, 15);
    for (unsigned i : {0x8000u, 0xffffu, 0x7fffu}) {
        uint64_t *e = u.at(big + 16 * i);
        vtd_irte_set_p(e, 1);
        vtd_irte_set_v(e, i & 0xff ? 0x77 : 0x66);
    }
    EXPECT_TRUE(delivered(u.index(0x8000), 0x66));
    EXPECT_TRUE(delivered(u.index(0xffff), 0x77));
    EXPECT_TRUE(delivered(u.interrupt(remappable(0x7000, true), 0xfff), 0x77));
    EXPECT_TRUE(u.refused(u.interrupt(remappable(0xffff, true), 1), VTD_FAULT_IR_INDEX)) << "no wrap-around";
}

TEST(Remapping, TableEndsAtTwoToTheSPlusOne)
{
    for (unsigned s = 0; s < 8; s++) {
        Remapper u;
        u.setTable(u.table, s);
        const unsigned entries = 2u << s;
        u.remapped(entries - 1, 0x50);
        u.at(u.table + 16 * entries)[0] = u.irte(entries - 1)[0];
        EXPECT_TRUE(delivered(u.index(entries - 1), 0x50)) << s;
        EXPECT_TRUE(u.refused(u.index(entries), VTD_FAULT_IR_INDEX, static_cast<int>(entries))) << s;
    }
}

TEST(Remapping, EntryAboveTheHostAddressWidthIsReasonTwentyOne)
{
    Remapper u;
    const uint64_t limit = UINT64_C(1) << u.config().haw;
    u.setTable(limit - 4096, 15);
    EXPECT_TRUE(u.refused(u.index(255), VTD_FAULT_IR_ACCESS, 255)) << "the last one below: no memory there";
    EXPECT_TRUE(u.refused(u.index(256), VTD_FAULT_IR_INDEX, 256));
}

TEST(Remapping, PointerTakesEffectAtSirtpOnly)
{
    Remapper u;
    u.remapped(1, 0x51);
    const uint64_t other = u.alloc();
    u.at(other + 16)[0] = u.irte(1)[0] ^ 3u << 16; /* vector 0x52 */
    u.write64(VTD_REG_IRTA, other | kSize);
    EXPECT_TRUE(delivered(u.index(1), 0x51));
    u.iecInv(false);
    EXPECT_TRUE(delivered(u.index(1), 0x51));
    u.command(VTD_GCMD_SIRTP_LSB);
    EXPECT_TRUE(delivered(u.index(1), 0x52));
    EXPECT_EQ(vtd_reg_gsts_irtps(u.read32(VTD_REG_GSTS)), 1u);
}

/* ---------------------------------------------------------------- compatibility format (ref 8.2 steps 1-3) */

TEST(Compatibility, EverythingPassesWhileRemappingIsOff)
{
    Remapper u(withCaches(64), false, false);
    for (uint64_t addr : {kMsiStart, kMsiStart | 3u << 12 | 0xc, remappable(2), remappable(0xffff, true)})
        EXPECT_EQ(u.interrupt(addr, 0xffff0041).result, VTD_IRQ_PASSED) << std::hex << addr;
    EXPECT_FALSE(u.takeFault().valid);
}

TEST(Compatibility, PassesUnderRemappingOnlyWithCfis)
{
    Remapper u;
    EXPECT_TRUE(u.refused(u.interrupt(kMsiStart, 0x41), VTD_FAULT_IR_COMPAT));
    u.command(VTD_GCMD_CFI_LSB);
    EXPECT_EQ(vtd_reg_gsts_cfis(u.read32(VTD_REG_GSTS)), 1u);
    EXPECT_EQ(u.interrupt(kMsiStart, 0x41).result, VTD_IRQ_PASSED);
    u.command(VTD_GCMD_CFI_LSB, false);
    EXPECT_TRUE(u.refused(u.interrupt(kMsiStart, 0x41), VTD_FAULT_IR_COMPAT));
}

TEST(Compatibility, IsAlwaysBlockedInX2apicMode)
{
    Remapper u(withCaches(64), true);
    u.command(VTD_GCMD_CFI_LSB);
    EXPECT_TRUE(u.refused(u.interrupt(kMsiStart, 0x41), VTD_FAULT_IR_COMPAT));
}

TEST(Compatibility, RemappingOffIsReasonTwentyBWhereItIsRequired)
{
    Remapper u(with(VTD_FIELD_OF(ECAP, IRREQ), 1), false, false);
    EXPECT_TRUE(u.refused(u.interrupt(kMsiStart, 0x41), VTD_FAULT_IR_REQUIRED));
    EXPECT_TRUE(u.refused(u.index(2), VTD_FAULT_IR_REQUIRED));
    u.remapped(2, 0x42);
    u.command(VTD_GCMD_IRE_LSB);
    EXPECT_TRUE(delivered(u.index(2), 0x42));
}

TEST(Compatibility, RemappingWithoutEimeIsReasonTwentyAWhereEimeIsRequired)
{
    Remapper u(with(VTD_FIELD_OF(ECAP, EIMER), 1));
    u.remapped(2, 0x42);
    EXPECT_TRUE(u.refused(u.index(2), VTD_FAULT_IR_EIME));
    vtd_irte_set_dst(u.irte(2), 3);
    u.setTable(u.table, kSize, true);
    EXPECT_TRUE(delivered(u.index(2), 0x42));
}

/* ---------------------------------------------------------------- the entry (ref 2.9, 8.2 step 5) */

TEST(Entry, MustBePresent)
{
    Remapper u;
    u.remapped(2, 0x42)[0] ^= 1;
    EXPECT_TRUE(u.refused(u.index(2), VTD_FAULT_IR_NOT_PRESENT, 2));
}

TEST(Entry, InAbsentMemoryIsAnAccessError)
{
    Remapper u;
    u.setTable(kAbsent, kSize);
    EXPECT_TRUE(u.refused(u.index(2), VTD_FAULT_IR_ACCESS, 2));
}

TEST(Entry, ReservedBitsOfTheRemappedFormat)
{
    const auto reserved = [](unsigned b, bool x2apic) {
        return b == 12 || b == 13 || b == 14 || (b >= 24 && b <= 31) || b >= 84 ||
               (!x2apic && ((b >= 32 && b <= 39) || (b >= 48 && b <= 63)));
    };
    for (bool x2apic : {false, true}) {
        Remapper u(withoutCaches(), x2apic);
        for (unsigned b = 8; b < 128; b++) {
            if (b == 15 || (b >= 64 && b < 84))
                continue; /* IM, and the source check: below */
            uint64_t *e = u.remapped(2, 0x42);
            vtd_irte_set_dst(e, 0);
            e[b / 64] ^= bit(b % 64);
            if (reserved(b, x2apic))
                EXPECT_TRUE(u.refused(u.index(2), VTD_FAULT_IR_RSVD_ENTRY, 2)) << b;
            else
                EXPECT_EQ(u.index(2).result, VTD_IRQ_REMAPPED) << b;
        }
    }
}

TEST(Entry, ReservedDeliveryModesAndSourceValidationType)
{
    Remapper u(withoutCaches());
    for (unsigned mode = 0; mode < 8; mode++) {
        vtd_irte_set_dlm(u.remapped(2, 0x42), mode);
        if (mode == 3 || mode == 6) {
            EXPECT_TRUE(u.refused(u.index(2), VTD_FAULT_IR_RSVD_ENTRY, 2)) << mode;
        } else {
            const vtd_irq_response r = u.index(2);
            EXPECT_EQ(r.result, VTD_IRQ_REMAPPED);
            EXPECT_EQ(r.delivery_mode, mode);
        }
    }
    vtd_irte_set_svt(u.remapped(2, 0x42), 3);
    EXPECT_TRUE(u.refused(u.index(2), VTD_FAULT_IR_RSVD_ENTRY, 2));
}

TEST(Entry, MessageComesFromTheEntry)
{
    Remapper u(withoutCaches());
    uint64_t *e = u.remapped(2, 0x42);
    vtd_irq_response r = u.interrupt(remappable(2), 0x99);
    EXPECT_TRUE(delivered(r, 0x42));
    EXPECT_EQ(r.dest, 3u);
    EXPECT_FALSE(r.logical);
    EXPECT_FALSE(r.redirection_hint);
    EXPECT_FALSE(r.level);
    vtd_irte_set_dst(e, 0xa5u << 8);
    vtd_irte_set_dm(e, 1);
    vtd_irte_set_rh(e, 1);
    vtd_irte_set_tm(e, 1);
    vtd_irte_set_dlm(e, 1);
    r = u.index(2);
    EXPECT_EQ(r.dest, 0xa5u);
    EXPECT_TRUE(r.logical);
    EXPECT_TRUE(r.redirection_hint);
    EXPECT_TRUE(r.level);
    EXPECT_EQ(r.delivery_mode, 1);
}

/* Golden entries of App. A: SVT 1, source 0x510. */
TEST(Entry, GoldenEntriesOfAppendixA)
{
    Remapper xapic(withoutCaches());
    xapic.irte(1)[0] = 0x30000410001;
    xapic.irte(1)[1] = 0x40510;
    EXPECT_TRUE(delivered(xapic.index(1), 0x41));
    EXPECT_EQ(xapic.index(1).dest, 3u);
    Remapper x2apic(withoutCaches(), true);
    x2apic.irte(1)[0] = 0x10300410001;
    x2apic.irte(1)[1] = 0x40510;
    EXPECT_EQ(x2apic.index(1).dest, 0x103u);
    Remapper posted(withoutCaches());
    posted.irte(1)[0] = 0x2345678000518001;
    posted.irte(1)[1] = 0x100040510;
    EXPECT_EQ(posted.index(1).result, VTD_IRQ_POSTED);
    EXPECT_EQ(posted.at(0x123456780)[1], bit(0x51 - 64));
}

TEST(SourceValidation, QualifierIgnoresFunctionBits)
{
    const unsigned ignored[] = {0, 4, 6, 7}; /* SQ 00: none, 01: bit 2, 10: bits 2:1, 11: bits 2:0 */
    Remapper u;
    for (unsigned sq = 0; sq < 4; sq++) {
        uint64_t *e = u.remapped(2, 0x42);
        vtd_irte_set_svt(e, 1);
        vtd_irte_set_sid(e, kSid);
        vtd_irte_set_sq(e, sq);
        u.iecInv(false);
        for (unsigned b = 0; b < 16; b++) {
            const vtd_irq_response r = u.index(2, static_cast<uint16_t>(kSid ^ 1u << b));
            if (ignored[sq] >> b & 1)
                EXPECT_TRUE(delivered(r, 0x42)) << "SQ " << sq << " bit " << b;
            else
                EXPECT_EQ(r.fault, VTD_FAULT_IR_SID) << "SQ " << sq << " bit " << b;
            u.clearFaults();
        }
        EXPECT_TRUE(delivered(u.index(2), 0x42));
    }
}

TEST(SourceValidation, BusRangeIsInclusive)
{
    Remapper u;
    uint64_t *e = u.remapped(2, 0x42);
    vtd_irte_set_svt(e, 2);
    vtd_irte_set_sid(e, 0x0307);
    for (unsigned bus = 0; bus < 12; bus++) {
        const vtd_irq_response r = u.index(2, static_cast<uint16_t>(bus << 8 | 0x3f));
        if (bus >= 3 && bus <= 7)
            EXPECT_TRUE(delivered(r, 0x42)) << bus;
        else
            EXPECT_EQ(r.fault, VTD_FAULT_IR_SID) << bus;
    }
}

TEST(SourceValidation, TypeZeroChecksNothing)
{
    Remapper u;
    vtd_irte_set_sid(u.remapped(2, 0x42), 0x1234);
    for (unsigned sid : {0x0000u, 0x0510u, 0xffffu})
        EXPECT_TRUE(delivered(u.index(2, static_cast<uint16_t>(sid)), 0x42));
}

/* Qualified: 22h, 24h, 26h, 27h, 28h. FPD counts also in an entry that is not present (ref 2, 5.3). */
TEST(InterruptFault, FpdSilencesOnlyQualifiedReasons)
{
    Remapper u(withoutCaches());
    const auto silent = [&](unsigned reason) {
        EXPECT_EQ(u.index(2).fault, reason);
        EXPECT_FALSE(u.takeFault().valid) << reason;
    };
    uint64_t *e = u.remapped(2, 0x42);
    vtd_irte_set_fpd(e, 1);
    e[0] ^= 1;
    silent(VTD_FAULT_IR_NOT_PRESENT);
    vtd_irte_set_fpd(e = u.remapped(2, 0x42), 1);
    e[0] |= bit(12);
    silent(VTD_FAULT_IR_RSVD_ENTRY);
    vtd_irte_set_fpd(e = u.remapped(2, 0x42), 1);
    vtd_irte_set_svt(e, 1);
    silent(VTD_FAULT_IR_SID);
    vtd_irte_set_fpd(u.posted(2, 0x42, kAbsent), 1);
    silent(VTD_FAULT_IR_PD_ACCESS);
    vtd_irte_set_fpd(u.posted(2, 0x42), 1);
    u.at(kDescriptor)[4] = bit(2);
    silent(VTD_FAULT_IR_PD_RSVD);
    EXPECT_TRUE(u.refused(u.interrupt(remappable(2, true), 0x10000), VTD_FAULT_IR_RSVD_REQUEST));
    EXPECT_EQ(u.stats().faults_suppressed, 5u);
}

} // namespace vtdtest
