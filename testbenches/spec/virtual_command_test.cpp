/* SPDX-License-Identifier: MIT */
/*
 * The virtual command interface, clause by clause of ref 1.14; encodings of App. A.
 */
#include "support/unit_fixture.h"

#include <string>

namespace vtdtest
{

namespace
{

struct Call {
    unsigned command;
    uint64_t a, b;
    bool operator==(const Call &o) const
    {
        return command == o.command && a == o.a && b == o.b;
    }
};

vtd_config withVirtualCommands()
{
    vtd_config config = preset();
    setEcap(config, VTD_FIELD_OF(ECAP, VCS), 1);
    return config;
}

/* A unit whose host answers every command with this status and result, and notes what it was asked. */
struct Guest : Unit {
    explicit Guest(const vtd_config &config = withVirtualCommands()) : Unit(config)
    {
        virtual_command = [this](unsigned command, uint64_t a, uint64_t b, uint64_t *result) {
            calls.push_back({command, a, b});
            *result = answer;
            return status;
        };
    }
    uint64_t response() const
    {
        return read64(VTD_REG_VCRSP);
    }
    std::vector<Call> calls;
    uint64_t answer = 42;
    unsigned status = VTD_VCMD_SUCCESS;
};

} // namespace

TEST(VirtualCommand, GoldenEncodingsOfAppendixA)
{
    Guest u;
    u.write64(VTD_REG_VCMD, 0x1);
    EXPECT_EQ(u.response(), 0x2a0000u) << "PASID 42 from bit 16";
    EXPECT_EQ(u.calls, (std::vector<Call>{{VTD_VCMD_ALLOC_PASID, 0, 0}}));
    u.write64(VTD_REG_VCMD, 0x2a0002);
    EXPECT_EQ(u.response(), 0u);
    EXPECT_EQ(u.calls.back(), (Call{VTD_VCMD_FREE_PASID, 42, 0}));
    u.status = VTD_VCMD_NO_PASID;
    u.write64(VTD_REG_VCMD, 0x1);
    EXPECT_EQ(u.response(), 0x20u) << "status 16, no result";
    u.write64(VTD_REG_VCMD, 0x2a0002);
    EXPECT_EQ(u.response(), 0x20u);
}

TEST(VirtualCommand, TwentyBitsOfPasidInBothDwords)
{
    Guest u;
    u.answer = 0xfedcb;
    u.write64(VTD_REG_VCMD, 1);
    EXPECT_EQ(u.response(), UINT64_C(0xfedcb) << 16);
    u.write64(VTD_REG_VCMD, UINT64_C(0xfedcb) << 16 | 2);
    EXPECT_EQ(u.calls.back(), (Call{VTD_VCMD_FREE_PASID, 0xfedcb, 0}));
}

TEST(VirtualCommand, CapabilityRegisterReadsSevenAndCannotBeWritten)
{
    Guest u;
    EXPECT_EQ(u.read64(VTD_REG_VCCAP), 7u) << "bit 0 for Linux, bits 1 and 2 for readers of the specification";
    u.write64(VTD_REG_VCCAP, 0);
    u.write64(VTD_REG_VCRSP, ~UINT64_C(0));
    EXPECT_EQ(u.read64(VTD_REG_VCCAP), 7u);
    EXPECT_EQ(u.response(), 0u);
    EXPECT_TRUE(u.calls.empty());
}

TEST(VirtualCommand, NullAndUndefinedCommandsDoNotReachTheHost)
{
    Guest u;
    u.status = VTD_VCMD_NO_PASID;
    u.write64(VTD_REG_VCMD, 0x2a0000);
    EXPECT_EQ(u.response(), 0u);
    for (unsigned command = 3; command < 256; command++) {
        u.write64(VTD_REG_VCMD, UINT64_C(0x2a0000) | command);
        EXPECT_EQ(u.response(), 2u) << "status 1: " << command;
    }
    EXPECT_TRUE(u.calls.empty());
}

TEST(VirtualCommand, OperandBGoesToTheHostAndStays)
{
    Guest u;
    u.write64(VTD_REG_VCMD_EO, UINT64_C(0x1122334455667788));
    EXPECT_TRUE(u.calls.empty()) << "starts nothing";
    u.write64(VTD_REG_VCMD, 1);
    EXPECT_EQ(u.calls.back(), (Call{VTD_VCMD_ALLOC_PASID, 0, UINT64_C(0x1122334455667788)}));
    EXPECT_EQ(u.read64(VTD_REG_VCMD_EO), UINT64_C(0x1122334455667788));
}

TEST(VirtualCommand, OnlyTheLowDwordStartsACommand)
{
    Guest u;
    u.write32(VTD_REG_VCMD + 4, 0xf); /* PASID bits 19:16 */
    EXPECT_TRUE(u.calls.empty());
    u.write32(VTD_REG_VCMD, 0x00010002);
    EXPECT_EQ(u.calls, (std::vector<Call>{{VTD_VCMD_FREE_PASID, 0xf0001, 0}}));
    EXPECT_EQ(u.read64(VTD_REG_VCMD), UINT64_C(0xf00010002));
}

TEST(VirtualCommand, IsInProgressAndDropsWritesWhileTheHostWorks)
{
    Guest u;
    unsigned calls = 0;
    u.virtual_command = [&](unsigned, uint64_t, uint64_t, uint64_t *result) {
        calls++;
        EXPECT_EQ(u.response(), 1u) << "IP alone: the old response is gone";
        u.write64(VTD_REG_VCMD, 0x70002);
        u.write64(VTD_REG_VCMD_EO, 1);
        *result = 9;
        return unsigned{VTD_VCMD_SUCCESS};
    };
    for (unsigned n = 1; n <= 2; n++) {
        u.write64(VTD_REG_VCMD, 0x1);
        EXPECT_EQ(calls, n);
        EXPECT_EQ(u.response(), 9u << 16);
        EXPECT_EQ(u.read64(VTD_REG_VCMD), 1u);
        EXPECT_EQ(u.read64(VTD_REG_VCMD_EO), 0u);
    }
}

TEST(VirtualCommand, AFailureHasNoResultAndAnyStatusCodeIsReported)
{
    Guest u;
    u.write64(VTD_REG_VCMD, 1);
    for (unsigned status : {1u, 2u, 16u, 0x7fu}) {
        u.status = status;
        u.write64(VTD_REG_VCMD, 1);
        EXPECT_EQ(u.response(), status << 1);
    }
}

TEST(VirtualCommand, WithoutAHostThereIsNoPasidToHaveOrToFree)
{
    const vtd_config config = withVirtualCommands();
    const vtd_host host{};
    vtd *unit = vtd_create(&config, &host, nullptr);
    ASSERT_NE(unit, nullptr);
    for (uint64_t command : {0x1u, 0x2a0002u}) {
        vtd_mmio_write64(unit, VTD_REG_VCMD, command);
        EXPECT_EQ(vtd_mmio_read64(unit, VTD_REG_VCRSP), 0x20u);
    }
    vtd_mmio_write64(unit, VTD_REG_VCMD, 0);
    EXPECT_EQ(vtd_mmio_read64(unit, VTD_REG_VCRSP), 0u);
    vtd_destroy(unit);
}

TEST(VirtualCommand, WithoutTheCapabilityThereAreNoRegisters)
{
    Guest u(preset());
    for (uint64_t offset = VTD_REG_VCMD; offset < VTD_REG_VCMD + 0x40; offset += 8) {
        u.write64(offset, 1);
        EXPECT_EQ(u.read64(offset), 0u) << std::hex << offset;
    }
    EXPECT_TRUE(u.calls.empty());
}

TEST(VirtualCommand, ResetForgetsCommandAndResponse)
{
    Guest u;
    u.write64(VTD_REG_VCMD, 1);
    u.write64(VTD_REG_VCMD_EO, 5);
    vtd_reset(u.get());
    EXPECT_EQ(u.read64(VTD_REG_VCMD) | u.read64(VTD_REG_VCMD_EO) | u.response(), 0u);
    EXPECT_EQ(u.read64(VTD_REG_VCCAP), 7u);
}

TEST(VirtualCommand, OtherRegistersMayNotLieOnThem)
{
    char why[VTD_WHY_SIZE];
    vtd_config config = withVirtualCommands();
    setCap(config, VTD_FIELD_OF(CAP, FRO), 0xd9); /* 8 records, up to E10 */
    EXPECT_EQ(vtd_config_validate(&config, why), VTD_STATUS_INVALID);
    EXPECT_NE(std::string(why).find("CAP.FRO"), std::string::npos) << why;
    setCap(config, VTD_FIELD_OF(CAP, FRO), 0xd8);
    EXPECT_EQ(vtd_config_validate(&config, why), VTD_STATUS_OK) << why;
    setEcap(config, VTD_FIELD_OF(ECAP, IRO), 0xe3);
    EXPECT_EQ(vtd_config_validate(&config, why), VTD_STATUS_INVALID);
    EXPECT_NE(std::string(why).find("ECAP.IRO"), std::string::npos) << why;
    setEcap(config, VTD_FIELD_OF(ECAP, IRO), 0xe4);
    EXPECT_EQ(vtd_config_validate(&config, why), VTD_STATUS_OK) << why;
}

/*
 * Before revision 3.3 (ref 0.1): capabilities at E00, command at E10, response at E20; operand and result from bit 8,
 * status in bits 2:1, where 2 is what became 16.
 */
namespace
{
constexpr uint64_t kOldCapability = 0xe00, kOldCommand = 0xe10, kOldResponse = 0xe20;

vtd_config revision(unsigned n)
{
    vtd_config config = withVirtualCommands();
    config.spec_revision = static_cast<uint8_t>(n);
    uint64_t cap = 0, ecap = 0;
    EXPECT_EQ(vtd_config_revision_lacks(n, &cap, &ecap), VTD_STATUS_OK);
    config.cap &= ~cap;
    config.ecap &= ~ecap;
    return config;
}
} // namespace

TEST(OldVirtualCommand, RegistersLieElsewhereInRevisionThreeOnly)
{
    for (unsigned n : {3u, 4u, 5u}) {
        Guest u(revision(n));
        EXPECT_EQ(u.read64(kOldCapability), n == 3 ? 7u : 0u) << n;
        EXPECT_EQ(u.read64(VTD_REG_VCCAP), n == 3 ? 0u : 7u) << n;
        u.write64(n == 3 ? kOldCommand : uint64_t{VTD_REG_VCMD}, 1);
        EXPECT_EQ(u.calls.size(), 1u) << n;
    }
}

TEST(OldVirtualCommand, OperandAndResultBeginAtBitEight)
{
    Guest u(revision(3));
    u.answer = 0xfedcb;
    u.write64(kOldCommand, 0x1);
    EXPECT_EQ(u.read64(kOldResponse), UINT64_C(0xfedcb00));
    u.write64(kOldCommand, UINT64_C(0xfedcb02));
    EXPECT_EQ(u.calls.back(), (Call{VTD_VCMD_FREE_PASID, 0xfedcb, 0}));
    EXPECT_EQ(u.read64(kOldResponse), 0u);
    EXPECT_EQ(u.read64(kOldCommand), UINT64_C(0xfedcb02));
}

TEST(OldVirtualCommand, StatusHasTwoBits)
{
    Guest u(revision(3));
    u.status = VTD_VCMD_NO_PASID;
    u.write64(kOldCommand, 0x1);
    EXPECT_EQ(u.read64(kOldResponse), 2u << 1);
    u.write64(kOldCommand, 0x2a02);
    EXPECT_EQ(u.read64(kOldResponse), 2u << 1);
    u.write64(kOldCommand, 0x3);
    EXPECT_EQ(u.read64(kOldResponse), 1u << 1) << "undefined command";
    u.write64(kOldCommand, 0x0);
    EXPECT_EQ(u.read64(kOldResponse), 0u);
}

TEST(OldVirtualCommand, ThereIsNothingBetweenTheRegisters)
{
    Guest u(revision(3));
    for (uint64_t offset : {0xe00u, 0xe08u, 0xe18u, 0xe20u, 0xe28u, 0xe30u, 0xe38u}) {
        const uint64_t before = u.read64(offset);
        u.write64(offset, ~UINT64_C(0));
        EXPECT_EQ(u.read64(offset), before) << std::hex << offset;
    }
    EXPECT_TRUE(u.calls.empty());
}

} // namespace vtdtest
