/* SPDX-License-Identifier: MIT */
/*
 * Interrupt posting and the interrupt entry cache, clause by clause of ref 8.2 and 8.3.
 */
#include "spec/remapper.h"

namespace vtdtest
{

/* ---------------------------------------------------------------- posting (ref 8.2 step 7) */

namespace
{
/* Words of a descriptor, set up with notification vector 0xe1 to APIC 5. */
uint64_t *descriptor(Remapper &u, bool on, bool sn, bool x2apic = false, uint64_t at = kDescriptor)
{
    uint64_t *d = u.at(at);
    for (unsigned i = 0; i < 8; i++)
        d[i] = 0;
    vtd_pi_desc_set_on(d, on);
    vtd_pi_desc_set_sn(d, sn);
    vtd_pi_desc_set_nv(d, 0xe1);
    vtd_pi_desc_set_ndst(d, x2apic ? 0x12345u : 5u << 8);
    return d;
}
} // namespace

TEST(Posting, SetsTheBitOfTheVectorAndNotifiesOnce)
{
    Remapper u;
    uint64_t *d = descriptor(u, false, false);
    for (unsigned vector : {0x00u, 0x3fu, 0x40u, 0x81u, 0xffu}) {
        u.posted(2, vector);
        u.iecInv(false);
        EXPECT_EQ(u.index(2).result, VTD_IRQ_POSTED);
        EXPECT_EQ(d[vector / 64] >> vector % 64 & 1, 1u) << vector;
    }
    EXPECT_EQ(d[0], bit(0) | bit(63));
    EXPECT_EQ(d[1], bit(0));
    EXPECT_EQ(d[2], bit(1));
    EXPECT_EQ(d[3], bit(63));
    EXPECT_EQ(vtd_pi_desc_on(d), 1u);
    ASSERT_EQ(u.messages.size(), 1u) << "ON stays 1: one notification for all";
    EXPECT_EQ(u.messages[0].addr, kMsiStart | 5u << 12); /* physical, fixed, edge */
    EXPECT_EQ(u.messages[0].data, 0xe1u);
    EXPECT_EQ(u.stats().interrupts_posted, 5u);
}

/* notify = ON=0 and (URG=1 or SN=0). */
TEST(Posting, NotificationRule)
{
    for (unsigned combination = 0; combination < 8; combination++) {
        const bool on = combination & 1, sn = combination & 2, urgent = combination & 4;
        Remapper u;
        uint64_t *d = descriptor(u, on, sn);
        vtd_irte_posted_set_urg(u.posted(2, 0x42), urgent);
        EXPECT_EQ(u.index(2).result, VTD_IRQ_POSTED);
        const bool notify = !on && (urgent || !sn);
        EXPECT_EQ(u.messages.size(), notify ? 1u : 0u) << combination;
        EXPECT_EQ(vtd_pi_desc_on(d), on || notify ? 1u : 0u) << combination;
        EXPECT_EQ(vtd_pi_desc_sn(d), sn ? 1u : 0u) << combination;
        EXPECT_EQ(d[1], bit(2)) << combination;
    }
}

TEST(Posting, NotifiesThirtyTwoBitDestinationsInX2apicMode)
{
    Remapper u(withCaches(64), true);
    descriptor(u, false, false, true);
    u.posted(2, 0x42);
    EXPECT_EQ(u.index(2).result, VTD_IRQ_POSTED);
    ASSERT_EQ(u.messages.size(), 1u);
    EXPECT_EQ(u.messages[0].addr, kMsiStart | 0x45u << 12 | UINT64_C(0x12300) << 32); /* ref 1.7: 63:40 = id 31:8 */
}

TEST(Posting, DescriptorErrors)
{
    Remapper u(withoutCaches());
    u.posted(2, 0x42, kAbsent);
    EXPECT_TRUE(u.refused(u.index(2), VTD_FAULT_IR_PD_ACCESS, 2));
    u.posted(2, 0x42);
    for (unsigned b = 256; b < 288; b++) {
        uint64_t *d = descriptor(u, false, false);
        d[b / 64] ^= bit(b % 64);
        const bool reserved = (b >= 258 && b <= 271) || b >= 280;
        if (reserved) {
            EXPECT_TRUE(u.refused(u.index(2), VTD_FAULT_IR_PD_RSVD, 2)) << b;
            EXPECT_EQ(d[1], 0u) << "nothing posted";
        } else {
            EXPECT_EQ(u.index(2).result, VTD_IRQ_POSTED) << b;
        }
    }
}

TEST(Posting, ReservedBitsOfThePostedFormat)
{
    Remapper u(withoutCaches());
    descriptor(u, false, false);
    for (unsigned b = 2; b < 38; b++) {
        if (b == 15)
            continue;
        u.posted(2, 0x42)[0] ^= bit(b);
        const bool free = (b >= 8 && b <= 11) || b == 14 || (b >= 16 && b <= 23);
        if (free)
            EXPECT_EQ(u.index(2).result, VTD_IRQ_POSTED) << b;
        else
            EXPECT_TRUE(u.refused(u.index(2), VTD_FAULT_IR_RSVD_ENTRY, 2)) << b;
    }
    for (unsigned b = 84; b < 96; b++) {
        u.posted(2, 0x42)[1] ^= bit(b % 64);
        EXPECT_TRUE(u.refused(u.index(2), VTD_FAULT_IR_RSVD_ENTRY, 2)) << b;
    }
}

TEST(Posting, WithoutTheCapabilityTheModeBitIsReserved)
{
    vtd_config config = withCaches(64);
    setCap(config, VTD_FIELD_OF(CAP, PI), 0);
    Remapper u(config);
    u.posted(2, 0x42);
    EXPECT_TRUE(u.refused(u.index(2), VTD_FAULT_IR_RSVD_ENTRY, 2));
}

TEST(Posting, DescriptorsAreNotCached)
{
    Remapper u;
    descriptor(u, false, false);
    u.posted(2, 0x42);
    u.index(2);
    uint64_t *d = descriptor(u, false, false);
    vtd_pi_desc_set_nv(d, 0xe2);
    u.index(2);
    ASSERT_EQ(u.messages.size(), 2u);
    EXPECT_EQ(u.messages[1].data, 0xe2u);
}

/* ---------------------------------------------------------------- interrupt entry cache (ref 8.3) */

TEST(EntryCache, ServesTheOldEntryUntilInvalidated)
{
    Remapper u;
    u.remapped(2, 0x42);
    EXPECT_TRUE(delivered(u.index(2), 0x42));
    u.remapped(2, 0x43);
    EXPECT_TRUE(delivered(u.index(2), 0x42));
    u.iecInv(false);
    EXPECT_TRUE(delivered(u.index(2), 0x43));
}

TEST(EntryCache, IndexInvalidationRemovesTheAlignedRangeOnly)
{
    for (unsigned im = 0; im <= 4; im++) {
        Remapper u;
        for (unsigned i = 0; i < 16; i++) {
            u.remapped(i, 0x40);
            u.index(i);
            u.remapped(i, 0x80);
        }
        u.iecInv(true, 9, im);
        for (unsigned i = 0; i < 16; i++)
            EXPECT_TRUE(delivered(u.index(i), (i >> im) == (9u >> im) ? 0x80 : 0x40)) << "IM " << im << " index " << i;
    }
}

TEST(EntryCache, TranslationCommandsDoNotTouchIt)
{
    Remapper u;
    u.setRootTable(VTD_TTM_SCALABLE);
    u.remapped(2, 0x42);
    u.index(2);
    u.remapped(2, 0x43);
    u.invalidateAll();
    u.setRootTable(VTD_TTM_SCALABLE);
    u.enable();
    u.disable();
    EXPECT_TRUE(delivered(u.index(2), 0x42));
}

TEST(EntryCache, SourceIsCheckedOnEveryHit)
{
    Remapper u;
    uint64_t *e = u.remapped(2, 0x42);
    vtd_irte_set_svt(e, 1);
    vtd_irte_set_sid(e, kSid);
    EXPECT_TRUE(delivered(u.index(2), 0x42));
    EXPECT_EQ(u.index(2, kSid + 1).fault, VTD_FAULT_IR_SID);
    EXPECT_TRUE(delivered(u.index(2), 0x42));
    EXPECT_EQ(u.stats().memory_reads_irte, 1u);
}

TEST(EntryCache, NotPresentAndFaultyEntriesOnlyWithCachingMode)
{
    for (bool cm : {false, true}) {
        vtd_config config = withCaches(64);
        setCap(config, VTD_FIELD_OF(CAP, CM), cm);
        Remapper u(config);
        EXPECT_TRUE(u.refused(u.index(2), VTD_FAULT_IR_NOT_PRESENT, 2));
        u.remapped(3, 0x43)[0] |= bit(12);
        EXPECT_TRUE(u.refused(u.index(3), VTD_FAULT_IR_RSVD_ENTRY, 3));
        u.remapped(2, 0x42);
        u.remapped(3, 0x43);
        if (cm) {
            EXPECT_TRUE(u.refused(u.index(2), VTD_FAULT_IR_NOT_PRESENT, 2)) << "remembered";
            EXPECT_TRUE(u.refused(u.index(3), VTD_FAULT_IR_RSVD_ENTRY, 3)) << "remembered";
            u.iecInv(true, 2, 1);
        }
        EXPECT_TRUE(delivered(u.index(2), 0x42));
        EXPECT_TRUE(delivered(u.index(3), 0x43));
    }
}

TEST(EntryCache, SirtpAndDisableFlushItOnlyWithEsirtps)
{
    for (bool esirtps : {false, true}) {
        vtd_config config = withCaches(64);
        setCap(config, VTD_FIELD_OF(CAP, ESIRTPS), esirtps);
        for (bool by_disable : {false, true}) {
            Remapper u(config);
            u.remapped(2, 0x42);
            u.index(2);
            u.remapped(2, 0x43);
            if (by_disable) {
                u.command(VTD_GCMD_IRE_LSB, false);
                u.command(VTD_GCMD_IRE_LSB);
            } else {
                u.command(VTD_GCMD_SIRTP_LSB);
            }
            EXPECT_TRUE(delivered(u.index(2), esirtps ? 0x43 : 0x42)) << esirtps << by_disable;
        }
    }
}

/* ---------------------------------------------------------------- the interface */

TEST(InterruptRequest, OutsideOfTheRangeIsTheCallersError)
{
    Remapper u;
    vtd_irq_response resp{};
    for (uint64_t addr : {kMsiStart - 4, kMsiStart + 0x100000, bit(32) | kMsiStart})
        EXPECT_EQ(vtd_interrupt(u.get(), kSid, addr, 0, &resp), VTD_STATUS_INVALID) << std::hex << addr;
}

TEST(InterruptRequest, MemoryWriteTakesTheSamePath)
{
    Remapper u;
    u.remapped(2, 0x42);
    vtd_request req = u.dma(kSid).length(4).access(VTD_WRITE).request(remappable(1, true));
    req.data = 1;
    vtd_response resp{};
    ASSERT_EQ(vtd_translate(u.get(), &req, &resp), VTD_STATUS_OK);
    EXPECT_EQ(resp.result, VTD_RESULT_INTERRUPT);
    EXPECT_TRUE(delivered(resp.irq, 0x42));
}

} // namespace vtdtest
