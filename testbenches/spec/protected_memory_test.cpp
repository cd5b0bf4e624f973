/* SPDX-License-Identifier: MIT */
/*
 * Protected memory regions, clause by clause of ref 1.11. With translation on, what no tables translate (pass-through and
 * translated requests) is kept out as well (App. C 15).
 */
#include "support/unit_fixture.h"

namespace vtdtest
{

namespace
{

constexpr uint64_t k2M = UINT64_C(2) << 20, k4G = UINT64_C(4) << 30;
constexpr uint64_t kLow = UINT64_C(0x10000000), kHigh = UINT64_C(0x140000000);
constexpr unsigned kDid = 3;

vtd_config withRegions(bool low = true, bool high = true, vtd_config config = withCaches(64))
{
    setCap(config, VTD_FIELD_OF(CAP, PLMR), low);
    setCap(config, VTD_FIELD_OF(CAP, PHMR), high);
    return config;
}

/* A unit with 4 MiB protected at kLow and 2 MiB at kHigh. */
struct Guarded : Unit {
    explicit Guarded(const vtd_config &config = withRegions(), bool on = true) : Unit(config)
    {
        write32(VTD_REG_PLMBASE, static_cast<uint32_t>(kLow));
        write32(VTD_REG_PLMLIMIT, static_cast<uint32_t>(kLow + k2M));
        write64(VTD_REG_PHMBASE, kHigh);
        write64(VTD_REG_PHMLIMIT, kHigh);
        if (on)
            enableRegions();
    }
    void enableRegions(bool on = true)
    {
        write32(VTD_REG_PMEN, on ? 1u << VTD_PMEN_EPM_LSB : 0);
    }
};

/* Not forwarded, without a fault reason. */
testing::AssertionResult keptOut(Unit &u, const vtd_response &resp)
{
    if (resp.result != VTD_RESULT_UR || resp.fault != 0)
        return testing::AssertionFailure() << "result " << int(resp.result) << " fault " << int(resp.fault);
    if (u.takeFault().valid)
        return testing::AssertionFailure() << "it was logged";
    return testing::AssertionSuccess();
}

} // namespace

/* Software finds the boundary by writing ones: bits N:0 read 0. */
TEST(ProtectedMemory, WritingOnesTellsTheBoundary)
{
    Unit u(withRegions());
    for (uint64_t offset : {uint64_t{VTD_REG_PLMBASE}, uint64_t{VTD_REG_PLMLIMIT}}) {
        u.write32(offset, ~0u);
        EXPECT_EQ(u.read32(offset), ~static_cast<uint32_t>(k2M - 1));
    }
    for (uint64_t offset : {uint64_t{VTD_REG_PHMBASE}, uint64_t{VTD_REG_PHMLIMIT}}) {
        u.write64(offset, ~UINT64_C(0));
        EXPECT_EQ(u.read64(offset), ~(k2M - 1));
    }
}

TEST(ProtectedMemory, StatusFollowsTheEnable)
{
    Unit u(withRegions());
    EXPECT_EQ(u.read32(VTD_REG_PMEN), 0u);
    u.write32(VTD_REG_PMEN, ~0u);
    EXPECT_EQ(u.read32(VTD_REG_PMEN), 0x80000001u);
    u.write32(VTD_REG_PMEN, 1); /* the status is read only */
    EXPECT_EQ(u.read32(VTD_REG_PMEN), 0u);
}

TEST(ProtectedMemory, RegistersAreThoseOfTheRegionsThatThereAre)
{
    for (bool low : {false, true})
        for (bool high : {false, true}) {
            Unit u(withRegions(low, high));
            u.write32(VTD_REG_PLMBASE, ~0u);
            u.write64(VTD_REG_PHMBASE, ~UINT64_C(0));
            u.write32(VTD_REG_PMEN, ~0u);
            EXPECT_EQ(u.read32(VTD_REG_PLMBASE) != 0, low);
            EXPECT_EQ(u.read64(VTD_REG_PHMBASE) != 0, high);
            EXPECT_EQ(u.read32(VTD_REG_PMEN) != 0, low || high);
        }
}

TEST(ProtectedMemory, WithTranslationOffAllKindsOfDmaAreKeptOut)
{
    Guarded u;
    for (uint64_t addr : {kLow, kLow + 0x1234, kLow + 2 * k2M - 8, kHigh, kHigh + k2M - 8}) {
        EXPECT_TRUE(keptOut(u, u.dma(kSid).read(addr))) << std::hex << addr;
        EXPECT_TRUE(keptOut(u, u.dma(kSid).write(addr)));
        EXPECT_TRUE(keptOut(u, u.dma(kSid).atomic(addr)));
        EXPECT_TRUE(keptOut(u, u.dma(kSid).pasid(5).write(addr)));
    }
    for (uint64_t addr : {UINT64_C(0), kLow - 8, kLow + 2 * k2M, kHigh - 8, kHigh + k2M, kLow + k4G, kHigh - k4G})
        EXPECT_TRUE(translated(u.dma(kSid).write(addr), addr)) << std::hex << addr;
}

TEST(ProtectedMemory, DisabledRegionsKeepNothingOut)
{
    Guarded u(withRegions(), false);
    EXPECT_TRUE(translated(u.dma(kSid).write(kLow), kLow));
    u.enableRegions();
    EXPECT_TRUE(keptOut(u, u.dma(kSid).write(kLow)));
    u.enableRegions(false);
    EXPECT_TRUE(translated(u.dma(kSid).write(kLow), kLow));
}

TEST(ProtectedMemory, ARegionWhoseLimitIsBelowItsBaseIsEmpty)
{
    Guarded u;
    u.write32(VTD_REG_PLMLIMIT, static_cast<uint32_t>(kLow - k2M));
    for (uint64_t addr : {kLow - k2M, kLow - 8, kLow, kLow + k2M})
        EXPECT_TRUE(translated(u.dma(kSid).write(addr), addr)) << std::hex << addr;
    EXPECT_TRUE(keptOut(u, u.dma(kSid).write(kHigh))) << "the other one is not concerned";
}

TEST(ProtectedMemory, TheWholeOfMemoryCanBeProtected)
{
    Guarded u;
    u.write32(VTD_REG_PLMBASE, 0);
    u.write32(VTD_REG_PLMLIMIT, ~0u);
    u.write64(VTD_REG_PHMBASE, 0);
    u.write64(VTD_REG_PHMLIMIT, ~UINT64_C(0));
    for (uint64_t addr : {UINT64_C(0), k4G - 8, k4G, bit(45), ~UINT64_C(7)})
        EXPECT_TRUE(keptOut(u, u.dma(kSid).write(addr))) << std::hex << addr;
}

TEST(ProtectedMemory, TranslatedDmaIsNotConcerned)
{
    Guarded u;
    FsTree fs(u, 4);
    SsTree ss(u, 4);
    fs.map(kLow, kHigh); /* into a region, from an address in a region */
    ss.map(kHigh, kLow);
    u.setFs(kSid, 5, fs, kDid);
    u.setSs(kSid, 0, ss, kDid + 1);
    u.start();
    for (int i = 0; i < 2; i++) { /* by the tables, and by the IOTLB */
        EXPECT_TRUE(translated(u.dma(kSid).pasid(5).write(kLow), kHigh));
        EXPECT_TRUE(translated(u.dma(kSid).write(kHigh), kLow));
    }
}

TEST(ProtectedMemory, PassThroughIsKeptOutWithTranslationOn)
{
    for (bool on_first : {false, true}) {
        Guarded u(withRegions(), on_first);
        u.setPassThrough(kSid, 0, kDid);
        u.start();
        if (!on_first) {
            EXPECT_TRUE(translated(u.dma(kSid).write(kLow), kLow)) << "and is in the IOTLB now";
            EXPECT_TRUE(translated(u.dma(kSid).write(kLow), kLow));
            u.enableRegions();
        }
        EXPECT_TRUE(keptOut(u, u.dma(kSid).write(kLow)));
        EXPECT_TRUE(keptOut(u, u.dma(kSid).write(kLow)));
        EXPECT_TRUE(keptOut(u, u.dma(kSid).read(kHigh)));
        EXPECT_TRUE(translated(u.dma(kSid).write(kLow - 8), kLow - 8));
        u.write32(VTD_REG_PLMBASE, static_cast<uint32_t>(kLow - k2M)); /* the region grows over a page in the IOTLB */
        EXPECT_TRUE(keptOut(u, u.dma(kSid).write(kLow - 8)));
    }
}

TEST(ProtectedMemory, PassThroughOfLegacyModeIsKeptOut)
{
    Guarded u(withRegions());
    SsTree ss(u, 4);
    u.setLegacy(kSid, ss, kDid, 2);
    u.setRootTable(VTD_TTM_LEGACY);
    u.enable();
    EXPECT_TRUE(keptOut(u, u.dma(kSid).write(kLow)));
    EXPECT_TRUE(translated(u.dma(kSid).write(kLow - 8), kLow - 8));
}

TEST(ProtectedMemory, TranslatedRequestsAreKeptOut)
{
    Guarded u;
    u.setPassThrough(kSid, 0, kDid);
    u.start();
    EXPECT_TRUE(keptOut(u, u.dma(kSid).translated(kLow)));
    EXPECT_TRUE(translated(u.dma(kSid).translated(kLow - 8), kLow - 8));
    /* A translation request is answered; what it grants does not open the region, through the IOTLB neither. */
    EXPECT_EQ(u.dma(kSid).translation(kLow).result, VTD_RESULT_OK);
    EXPECT_TRUE(keptOut(u, u.dma(kSid).translated(kLow)));
    EXPECT_TRUE(keptOut(u, u.dma(kSid).write(kLow)));
}

TEST(ProtectedMemory, ResetEndsTheProtection)
{
    Guarded u;
    EXPECT_TRUE(keptOut(u, u.dma(kSid).write(kLow)));
    vtd_reset(u.get());
    EXPECT_EQ(u.read32(VTD_REG_PMEN), 0u);
    EXPECT_TRUE(translated(u.dma(kSid).write(kLow), kLow));
}

TEST(ProtectedMemory, TheUnitsOwnAccessesAreNotConcerned)
{
    Guarded u;
    u.write32(VTD_REG_PLMBASE, 0); /* over all tables and the queue */
    u.write32(VTD_REG_PLMLIMIT, ~0u);
    FsTree fs(u, 4);
    fs.map(0x1000, 0x200000);
    u.setFs(kSid, 5, fs, kDid);
    u.start();
    u.invalidateAll();
    EXPECT_TRUE(translated(u.dma(kSid).pasid(5).write(0x1000), 0x200000));
}

} // namespace vtdtest
