/* SPDX-License-Identifier: MIT */
/*
 * Fault recording registers and fault status: the rules of ref 5.4 and the access types of ref 1.7. The fault used is
 * SRT.2, a root entry that is not present: it needs no tables and FPD cannot silence it.
 */
#include "support/unit_fixture.h"

namespace vtdtest
{

namespace
{

vtd_config records(unsigned count)
{
    vtd_config config = preset();
    setCap(config, VTD_FIELD_OF(CAP, NFR), count - 1);
    return config;
}

/* A unit in scalable mode with an empty root table: every request of a device faults. */
struct Recorder : Unit {
    explicit Recorder(const vtd_config &config = records(4)) : Unit(config)
    {
        start();
    }
    void fault(uint16_t sid)
    {
        EXPECT_TRUE(blocked(dma(sid).read(UINT64_C(0x1000) * sid), VTD_FAULT_SRT_2));
    }
    uint32_t status() const
    {
        return read32(VTD_REG_FSTS);
    }
    bool ppf() const
    {
        return vtd_reg_fsts_ppf(status());
    }
    bool pfo() const
    {
        return vtd_reg_fsts_pfo(status());
    }
    unsigned fri() const
    {
        return static_cast<unsigned>(vtd_reg_fsts_fri(status()));
    }
    void clear(unsigned index)
    {
        write32(frcd(index) + 12, 1u << 31);
    }
    /* Requester of every valid record, 0 for those that are not valid. */
    std::vector<unsigned> sids() const
    {
        std::vector<unsigned> all;
        for (unsigned i = 0; i <= vtd_reg_cap_nfr(config().cap); i++)
            all.push_back(readFault(i).valid ? readFault(i).sid : 0u);
        return all;
    }
};

using Sids = std::vector<unsigned>;

} // namespace

TEST(Recording, NothingIsPendingAfterReset)
{
    Recorder u;
    EXPECT_EQ(u.status(), 0u);
    for (unsigned i = 0; i < 4; i++) {
        EXPECT_EQ(u.read64(u.frcd(i)), 0u);
        EXPECT_EQ(u.read64(u.frcd(i) + 8), 0u);
    }
}

TEST(Recording, FirstFaultGoesToRecordZero)
{
    Recorder u;
    u.fault(0x0123);
    EXPECT_EQ(u.status(), 1u << VTD_FSTS_PPF_LSB);
    EXPECT_EQ(u.read64(u.frcd(0)), 0x123000u);
    /* F, read (T1), reason 39h, requester; no PASID */
    EXPECT_EQ(u.read64(u.frcd(0) + 8), bit(63) | bit(62) | UINT64_C(0x39) << 32 | 0x0123u);
}

TEST(Recording, AddressIsRecordedByPage)
{
    Recorder u;
    u.dma(kSid).read(UINT64_C(0xfedcba9876543678));
    EXPECT_EQ(u.read64(u.frcd(0)), UINT64_C(0xfedcba9876543000));
}

TEST(Recording, DwordsOfARecordStandWhereLinuxReadsThem)
{
    Recorder u;
    u.dma(0x0123).pasid(0xabcde).write(UINT64_C(0x1122334455667788));
    EXPECT_EQ(u.read32(u.frcd(0)), 0x55667000u);
    EXPECT_EQ(u.read32(u.frcd(0) + 4), 0x11223344u);
    EXPECT_EQ(u.read32(u.frcd(0) + 8), 0x80000123u);                       /* PP, SID */
    EXPECT_EQ(u.read32(u.frcd(0) + 12), 1u << 31 | 0xabcdeu << 8 | 0x39u); /* F, PV, FR */
}

/* {T1,T2}: 00 write, 10 read, 11 AtomicOp, 01 page request; AT 01 translation request, 10 translated. */
TEST(Recording, KindOfRequest)
{
    Recorder u(records(8));
    u.dma(kSid).write(0);
    u.dma(kSid).read(0);
    u.dma(kSid).atomic(0);
    u.pageRequest(kSid, 0, VTD_PRQ_READ | VTD_PRQ_LAST);
    u.dma(kSid).translation(0);
    u.dma(kSid).translated(0);
    const unsigned types[] = {kFaultWrite, kFaultRead, kFaultAtomic, kFaultPageRequest, kFaultRead, kFaultRead};
    const unsigned ats[] = {0, 0, 0, 0, 1, 2};
    for (unsigned i = 0; i < 6; i++) {
        EXPECT_EQ(u.readFault(i).type, types[i]) << i;
        EXPECT_EQ(u.readFault(i).at, ats[i]) << i;
    }
}

TEST(Recording, RecordsFillInOrderAndFriStaysAtTheFirst)
{
    Recorder u;
    for (uint16_t n = 1; n <= 4; n++) {
        u.fault(n);
        EXPECT_EQ(u.fri(), 0u);
        EXPECT_TRUE(u.ppf());
        EXPECT_FALSE(u.pfo());
    }
    EXPECT_EQ(u.sids(), (Sids{1, 2, 3, 4}));
}

TEST(Recording, SameRequesterIsRecordedAgain)
{
    Recorder u;
    u.fault(1);
    u.fault(1);
    EXPECT_EQ(u.sids(), (Sids{1, 1, 0, 0})); /* fault compression is off (ref 10.3) */
}

TEST(Recording, FullRecordsSetOverflowAndDrop)
{
    Recorder u;
    for (uint16_t n = 1; n <= 6; n++)
        u.fault(n);
    EXPECT_TRUE(u.pfo());
    EXPECT_EQ(u.sids(), (Sids{1, 2, 3, 4}));
    EXPECT_EQ(u.stats().faults, 6u);
    EXPECT_EQ(u.stats().faults_recorded, 4u);
    EXPECT_EQ(u.stats().faults_overflowed, 2u);
}

TEST(Recording, NothingIsRecordedWhileOverflowIsSet)
{
    Recorder u;
    for (uint16_t n = 1; n <= 5; n++)
        u.fault(n);
    for (unsigned i = 0; i < 4; i++)
        u.clear(i);
    EXPECT_FALSE(u.ppf());
    EXPECT_TRUE(u.pfo()) << "clearing records does not clear PFO";
    u.fault(6);
    EXPECT_EQ(u.sids(), (Sids{0, 0, 0, 0}));
    u.write32(VTD_REG_FSTS, 1u << VTD_FSTS_PFO_LSB);
    EXPECT_EQ(u.status(), 0u);
    u.fault(7);
    EXPECT_EQ(u.sids(), (Sids{7, 0, 0, 0}));
}

TEST(Recording, OverflowClearedBeforeTheRecordsComesBack)
{
    Recorder u;
    for (uint16_t n = 1; n <= 5; n++)
        u.fault(n);
    u.write32(VTD_REG_FSTS, 1u << VTD_FSTS_PFO_LSB);
    EXPECT_FALSE(u.pfo());
    EXPECT_TRUE(u.ppf());
    u.fault(6);
    EXPECT_TRUE(u.pfo());
    EXPECT_EQ(u.sids(), (Sids{1, 2, 3, 4}));
}

/* Rule 3: the record whose turn it is, not any free one. */
TEST(Recording, FreeRecordElsewhereDoesNotHelp)
{
    Recorder u;
    for (uint16_t n = 1; n <= 4; n++)
        u.fault(n);
    u.clear(2);
    u.fault(5);
    EXPECT_TRUE(u.pfo());
    EXPECT_EQ(u.sids(), (Sids{1, 2, 0, 4}));
}

TEST(Recording, PendingUntilTheLastRecordIsCleared)
{
    Recorder u;
    for (uint16_t n = 1; n <= 3; n++)
        u.fault(n);
    for (unsigned index : {1u, 0u}) {
        u.clear(index);
        EXPECT_TRUE(u.ppf());
        EXPECT_EQ(u.fri(), 0u) << "stable while PPF is 1";
    }
    u.clear(2);
    EXPECT_FALSE(u.ppf());
}

TEST(Recording, IndexGoesOnAndWrapsAndFriFollows)
{
    Recorder u;
    for (uint16_t n = 0; n < 11; n++) {
        u.fault(static_cast<uint16_t>(n + 1));
        EXPECT_EQ(u.fri(), n % 4u);
        EXPECT_EQ(u.readFault(n % 4).sid, n + 1u);
        u.clear(n % 4);
        EXPECT_FALSE(u.ppf());
    }
}

TEST(Recording, PendingRecordsWrapAroundTheEnd)
{
    Recorder u;
    for (uint16_t n = 1; n <= 3; n++)
        u.fault(n);
    for (unsigned i = 0; i < 3; i++)
        u.clear(i);
    for (uint16_t n = 4; n <= 7; n++)
        u.fault(n);
    EXPECT_EQ(u.fri(), 3u);
    EXPECT_FALSE(u.pfo());
    EXPECT_EQ(u.sids(), (Sids{5, 6, 7, 4}));
    u.fault(8);
    EXPECT_TRUE(u.pfo());
    for (unsigned expected : {4u, 5u, 6u, 7u}) /* as software goes: from FRI on, with wrap */
        EXPECT_EQ(u.readFault((3 + expected - 4) % 4).sid, expected);
}

TEST(Recording, IndexRestartsWithTranslationAndRemappingOff)
{
    Recorder u;
    u.fault(1);
    u.clear(0);
    u.disable();
    u.enable();
    u.fault(2);
    EXPECT_EQ(u.sids(), (Sids{2, 0, 0, 0}));
    EXPECT_EQ(u.fri(), 0u);
}

TEST(Recording, IndexGoesOnWhileInterruptRemappingIsOn)
{
    Recorder u;
    u.write64(VTD_REG_IRTA, u.alloc());
    u.command(VTD_GCMD_SIRTP_LSB);
    u.command(VTD_GCMD_IRE_LSB);
    u.fault(1);
    u.clear(0);
    u.disable();
    u.enable();
    u.fault(2);
    EXPECT_EQ(u.sids(), (Sids{0, 2, 0, 0}));
    EXPECT_EQ(u.fri(), 1u);
}

TEST(Recording, OneRecordIsEnoughToWork)
{
    Recorder u(records(1));
    u.fault(1);
    u.fault(2);
    EXPECT_TRUE(u.pfo());
    EXPECT_EQ(u.sids(), (Sids{1}));
    u.clearFaults();
    EXPECT_EQ(u.status(), 0u);
    u.fault(3);
    EXPECT_EQ(u.sids(), (Sids{3}));
}

TEST(Recording, RecordsStandAtFro)
{
    for (unsigned fro : {0x40u, 0x80u, 0xc0u}) {
        vtd_config config = records(2);
        setCap(config, VTD_FIELD_OF(CAP, FRO), fro);
        Recorder u(config);
        u.fault(0x77);
        EXPECT_EQ(u.read64(16 * fro) >> 12, 0x77u);
        EXPECT_EQ(u.read32(16 * fro + 8), 0x77u);
        u.write32(16 * fro + 12, 1u << 31);
        EXPECT_FALSE(u.ppf());
    }
}

TEST(Recording, AsManyRecordsAsARegisterBlockCanHave)
{
    vtd_config config = records(256);
    setCap(config, VTD_FIELD_OF(CAP, FRO), 0x100); /* the second page */
    Recorder u(config);
    EXPECT_GE(vtd_mmio_size(u.get()), 0x2000u);
    for (uint16_t n = 1; n <= 256; n++)
        u.fault(n);
    EXPECT_FALSE(u.pfo());
    EXPECT_EQ(u.readFault(255).sid, 256u);
    u.fault(257);
    EXPECT_TRUE(u.pfo());
}

/* ---------------------------------------------------------------- access types (ref 1.7) */

TEST(RecordAccess, OnlyFCanBeWrittenAndOnlyToClear)
{
    Recorder u;
    u.fault(0x123);
    const uint64_t lo = u.read64(u.frcd(0)), hi = u.read64(u.frcd(0) + 8);
    u.write64(u.frcd(0), ~UINT64_C(0));
    u.write32(u.frcd(0), 0);
    u.write32(u.frcd(0) + 4, 0);
    u.write32(u.frcd(0) + 8, ~0u);
    u.write64(u.frcd(0) + 8, 0);
    u.write32(u.frcd(0) + 12, 0x7fffffff);
    EXPECT_EQ(u.read64(u.frcd(0)), lo);
    EXPECT_EQ(u.read64(u.frcd(0) + 8), hi);
    u.write64(u.frcd(0) + 8, bit(63));
    EXPECT_EQ(u.read64(u.frcd(0) + 8), hi & ~bit(63)) << "the rest stays";
    EXPECT_FALSE(u.ppf());
    u.write64(u.frcd(0) + 8, ~UINT64_C(0));
    EXPECT_EQ(u.read64(u.frcd(0) + 8) >> 63, 0u) << "software cannot set F";
}

TEST(RecordAccess, StatusBitsAreClearedByOneOnly)
{
    Recorder u;
    for (uint16_t n = 1; n <= 5; n++)
        u.fault(n);
    const uint32_t status = u.status();
    u.write32(VTD_REG_FSTS, 0);
    EXPECT_EQ(u.status(), status);
    u.write32(VTD_REG_FSTS, ~0u & ~(1u << VTD_FSTS_PFO_LSB));
    EXPECT_EQ(u.status(), status) << "PPF and FRI are read-only";
    u.write32(VTD_REG_FSTS, ~0u);
    EXPECT_EQ(u.status(), status & ~(1u << VTD_FSTS_PFO_LSB));
}

} // namespace vtdtest
