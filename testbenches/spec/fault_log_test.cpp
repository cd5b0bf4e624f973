/* SPDX-License-Identifier: MIT */
/*
 * The advanced fault log of revisions 3 and 4 (ref 0.1; the rules stand in model/src/fault_log.h and in the decision
 * about revisions): records in memory, overflow, status bits and the fault event.
 */
#include "support/unit_fixture.h"

#include <string>

namespace vtdtest
{

namespace
{

constexpr uint32_t kAfo = 1u << 2, kApf = 1u << 3, kIqe = 1u << 4, kIm = 1u << 31;
constexpr unsigned kEafl = 28, kSfl = 29; /* GCMD; GSTS has FLS and AFLS at the same place */
constexpr uint64_t kF = bit(63);

vtd_config logging(unsigned revision = 4)
{
    vtd_config config = atRevision(revision);
    setCap(config, VTD_FIELD_OF(CAP, AFL), 1);
    return config;
}

/* A unit whose requests all fault with SRT.2, and whose log is in use. */
struct Logger : Unit {
    explicit Logger(unsigned fls = 0, const vtd_config &config = logging(), Memory kind = Window) : Unit(config, kind)
    {
        log = alloc(fls);
        write64(VTD_REG_AFLOG, log | fls << 9);
        command(kSfl);
        command(kEafl);
        write32(VTD_REG_FEDATA, 0x41);
        write32(VTD_REG_FEADDR, 0xfee00000);
        write32(VTD_REG_FECTL, 0);
        setRootTable(VTD_TTM_SCALABLE);
        enable();
        accesses.clear();
    }
    void fault(unsigned sid)
    {
        EXPECT_TRUE(blocked(dma(static_cast<uint16_t>(sid)).read(0x5678), VTD_FAULT_SRT_2));
    }
    uint64_t *record(unsigned n)
    {
        return at(log + 16 * n);
    }
    /* Source-ids of the first records of the log that have F=1; stops at the first that has not. */
    std::vector<unsigned> sids()
    {
        std::vector<unsigned> all;
        for (unsigned n = 0; record(n)[1] & kF; n++)
            all.push_back(static_cast<unsigned>(record(n)[1] & 0xffff));
        return all;
    }
    uint32_t status() const
    {
        return read32(VTD_REG_FSTS);
    }
    uint64_t log = 0;
};

using Sids = std::vector<unsigned>;

} // namespace

TEST(FaultLog, RecordsGoToMemoryAndNotToRegisters)
{
    Logger u;
    u.fault(0x123);
    u.fault(0x456);
    EXPECT_EQ(u.sids(), (Sids{0x123, 0x456}));
    EXPECT_EQ(u.record(0)[0], 0x5000u);
    /* The format of ref 1.7: F, read (T1), reason 39h, requester; no PASID */
    EXPECT_EQ(u.record(0)[1], bit(63) | bit(62) | UINT64_C(0x39) << 32 | 0x123u);
    EXPECT_EQ(u.read64(u.frcd(0) + 8), 0u);
    EXPECT_EQ(u.status(), kApf);
    EXPECT_EQ(u.stats().faults_recorded, 2u);
}

TEST(FaultLog, IsOffUntilItIsEnabled)
{
    Unit u(logging());
    u.write64(VTD_REG_AFLOG, u.alloc());
    u.command(kSfl);
    EXPECT_EQ(u.read32(VTD_REG_GSTS), 1u << kSfl);
    u.setRootTable(VTD_TTM_SCALABLE);
    u.enable();
    u.dma(kSid).read(0);
    EXPECT_EQ(u.takeFault().reason, VTD_FAULT_SRT_2);
    EXPECT_EQ(u.read32(VTD_REG_FSTS), 0u);
}

TEST(FaultLog, EnableIsPersistentAndPointerIsAOneShot)
{
    Logger u;
    EXPECT_EQ(u.read32(VTD_REG_GSTS) >> kEafl & 3, 3u);
    u.write32(VTD_REG_GCMD, u.read32(VTD_REG_GSTS) & ~(1u << kEafl) & 0x96ffffff);
    EXPECT_EQ(u.read32(VTD_REG_GSTS) >> kEafl & 3, 2u);
    u.fault(kSid);
    EXPECT_EQ(u.sids(), Sids{});
    EXPECT_TRUE(u.takeFault().valid) << "the recording registers are back";
}

/* As RTADDR with SRTP: what is written to AFLOG counts from the command on. */
TEST(FaultLog, PointerIsLatchedBySfl)
{
    Logger u;
    const uint64_t other = u.alloc();
    u.write64(VTD_REG_AFLOG, other);
    u.fault(1);
    EXPECT_EQ(u.sids(), Sids{1});
    u.command(kSfl);
    u.fault(2);
    EXPECT_EQ(u.sids(), Sids{1});
    EXPECT_EQ(u.at(other + 16)[1] & 0xffff, 2u) << "the index goes on";
}

TEST(FaultLog, SizeIsTwoToTheFlsPages)
{
    for (unsigned fls : {0u, 1u, 3u}) {
        Logger u(fls);
        const unsigned records = 256u << fls;
        for (unsigned i = 0; i < records; i++)
            u.fault(i + 1);
        EXPECT_EQ(u.status(), kApf) << fls << ": exactly full";
        EXPECT_EQ(u.record(records - 1)[1] & 0xffff, records);
        u.fault(0x8888);
        EXPECT_EQ(u.status(), kApf | kAfo);
        EXPECT_EQ(u.record(0)[1] & 0xffff, 1u) << "not overwritten";
        EXPECT_EQ(u.stats().faults_overflowed, 1u);
    }
}

TEST(FaultLog, NothingIsRecordedWhileOverflowed)
{
    Logger u;
    for (unsigned i = 0; i < 257; i++)
        u.fault(i + 1);
    for (unsigned n = 0; n < 256; n++)
        u.record(n)[1] = 0;
    u.fault(0x8888);
    EXPECT_EQ(u.sids(), Sids{}) << "AFO is still set";
    u.write32(VTD_REG_FSTS, kAfo | kApf);
    EXPECT_EQ(u.status(), 0u);
    u.fault(0x9999);
    EXPECT_EQ(u.sids(), Sids{0x9999}) << "the index has wrapped";
    EXPECT_EQ(u.status(), kApf);
}

TEST(FaultLog, IndexStartsAgainWhenTranslationAndRemappingAreOff)
{
    Logger u;
    u.fault(1);
    u.fault(2);
    u.disable();
    for (unsigned n = 0; n < 2; n++)
        u.record(n)[1] = 0;
    u.enable();
    u.fault(3);
    EXPECT_EQ(u.sids(), Sids{3});
}

TEST(FaultLog, IndexGoesOnWhileInterruptRemappingIsOn)
{
    Logger u;
    u.command(VTD_GCMD_IRE_LSB);
    u.fault(1);
    u.disable();
    u.enable();
    u.fault(2);
    EXPECT_EQ(u.sids(), (Sids{1, 2}));
}

TEST(FaultLog, EventComesWithTheFirstRecordAndAgainAfterClearing)
{
    Logger u;
    u.fault(1);
    ASSERT_EQ(u.messages.size(), 1u);
    EXPECT_EQ(u.messages[0].data, 0x41u);
    u.fault(2);
    EXPECT_EQ(u.messages.size(), 1u) << "APF is still set";
    u.write32(VTD_REG_FSTS, kApf);
    u.fault(3);
    EXPECT_EQ(u.messages.size(), 2u);
    EXPECT_EQ(u.status(), kApf);
}

/* One event for all conditions of FSTS (ref 5.4). */
TEST(FaultLog, EventIsSharedWithTheOtherConditions)
{
    Logger u;
    u.fault(1);
    u.enableQueue();
    u.write64(VTD_REG_IQT, 32); /* a descriptor of type 0 */
    EXPECT_EQ(u.status(), kApf | kIqe);
    EXPECT_EQ(u.messages.size(), 1u);
}

TEST(FaultLog, ClearingWithdrawsAMaskedEvent)
{
    Logger u;
    u.write32(VTD_REG_FECTL, kIm);
    u.fault(1);
    EXPECT_EQ(u.read32(VTD_REG_FECTL) >> 30, 3u);
    u.write32(VTD_REG_FSTS, kApf);
    EXPECT_EQ(u.read32(VTD_REG_FECTL) >> 30, 2u);
}

TEST(FaultLog, FpdSilencesQualifiedFaults)
{
    Logger u;
    u.device(kSid)[0] |= bit(1);
    EXPECT_TRUE(blocked(u.dma(kSid).read(0), VTD_FAULT_SPD_2));
    EXPECT_EQ(u.sids(), Sids{});
    EXPECT_EQ(u.status(), 0u);
}

TEST(FaultLog, MemoryThatFailsOverflows)
{
    for (MemAccess::Kind kind : {MemAccess::Read, MemAccess::Write}) {
        Logger u(0, logging(), Unit::Observed);
        u.fail = [kind](const MemAccess &a) { return a.cls == VTD_MEM_FAULT_LOG && a.kind == kind; };
        u.fault(1);
        EXPECT_EQ(u.status(), kAfo);
        EXPECT_EQ(u.sids(), Sids{});
        EXPECT_EQ(u.messages.size(), 1u);
    }
}

TEST(FaultLog, WithoutAPointerFaultsAreLost)
{
    Unit u(logging());
    u.command(kEafl);
    u.setRootTable(VTD_TTM_SCALABLE);
    u.enable();
    u.dma(kSid).read(0);
    EXPECT_EQ(u.read32(VTD_REG_FSTS), kAfo);
}

TEST(FaultLog, ResetTurnsItOff)
{
    Logger u;
    u.fault(1);
    vtd_reset(u.get());
    EXPECT_EQ(u.read32(VTD_REG_GSTS), 0u);
    EXPECT_EQ(u.read64(VTD_REG_AFLOG), 0u);
    EXPECT_EQ(u.status(), 0u);
}

TEST(FaultLog, DoesNotExistWithoutAfl)
{
    for (unsigned revision : {3u, 4u, 5u}) {
        Unit u(atRevision(revision));
        u.write64(VTD_REG_AFLOG, u.alloc());
        EXPECT_EQ(u.read64(VTD_REG_AFLOG), 0u);
        u.write32(VTD_REG_GCMD, 1u << kSfl);
        u.write32(VTD_REG_GCMD, 1u << kEafl);
        EXPECT_EQ(u.read32(VTD_REG_GSTS), 0u);
        u.setRootTable(VTD_TTM_SCALABLE);
        u.enable();
        u.dma(kSid).read(0);
        EXPECT_TRUE(u.takeFault().valid);
        EXPECT_EQ(u.read32(VTD_REG_FSTS), 0u);
    }
}

TEST(FaultLog, IsThereInRevisions3And4)
{
    for (unsigned revision : {3u, 4u}) {
        Logger u(0, logging(revision));
        u.fault(1);
        EXPECT_EQ(u.sids(), Sids{1}) << revision;
    }
    vtd_config config = preset();
    setCap(config, VTD_FIELD_OF(CAP, AFL), 1);
    char why[VTD_WHY_SIZE];
    EXPECT_EQ(vtd_config_validate(&config, why), VTD_STATUS_INVALID);
    EXPECT_NE(std::string(why).find("CAP.AFL"), std::string::npos) << why;
}

} // namespace vtdtest
