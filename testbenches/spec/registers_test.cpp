/* SPDX-License-Identifier: MIT */
/*
 * The register block: access types of every register of registers.def, odd accesses, missing capabilities, and the
 * command and status handshakes (ref 1).
 */
#include "support/unit_fixture.h"

#include <map>
#include <string>

namespace vtdtest
{

namespace
{

struct Reg {
    std::string name;
    uint64_t offset;
    unsigned bits;
    uint64_t rw = 0; /* fields that software may change */
};

/* ref 0.1: what a revision does not have is not writable. */
void leaveToRevision(Reg &reg, unsigned revision)
{
    const bool data =
        reg.name == "FEDATA" || reg.name == "IEDATA" || reg.name == "PEDATA" || reg.name == "PERFINTRDATA";
    if (revision == 5 && data)
        reg.rw &= 0xffff; /* EIMD */
    if (revision == 5 && reg.name == "AFLOG")
        reg.rw = 0;
    if (revision < 5 && reg.name == "RTADDR")
        reg.rw &= ~bit(VTD_RTADDR_SSIRWE_LSB);
}

/* The registers at fixed offsets but for those whose writes are commands. */
std::vector<Reg> plainRegisters(unsigned revision = 5)
{
    std::vector<Reg> all;
    std::map<std::string, uint64_t> rw;
    const auto mask = [](unsigned msb, unsigned lsb) { return (~UINT64_C(0) >> (63 - (msb - lsb))) << lsb; };
#define VTD_REG_FIELD(REG, FIELD, reg, field, msb, lsb, access, description)                                           \
    if (std::string(#access) == "RW")                                                                                  \
        rw[#REG] |= mask(msb, lsb);
#include "vtd/defs/registers.def"
#define VTD_REG(NAME, name, offset, bits, description) all.push_back({#NAME, offset, bits});
#include "vtd/defs/registers.def"
    std::vector<Reg> plain;
    for (Reg &reg : all) {
        reg.rw = rw[reg.name];
        leaveToRevision(reg, revision);
        const bool command = reg.name == "GCMD" || reg.name == "CCMD" || reg.name == "PMEN" || reg.name == "ECMD";
        const bool of_counter = reg.name.rfind("PERFCNTR", 0) == 0 && reg.name != "PERFCNTROFF";
        const bool relocated = reg.name == "IVA" || reg.name == "IOTLB_REG" || reg.name.rfind("FRCD", 0) == 0 ||
                               of_counter || reg.name.rfind("OLD_", 0) == 0;
        const bool moved = revision == 3 && reg.name.rfind("VC", 0) == 0; /* the old virtual commands */
        if (!moved && !command && !relocated)
            plain.push_back(reg);
    }
    return plain;
}

vtd_config everything(unsigned revision = 5)
{
    vtd_config config = atRevision(revision);
    if (revision == 5)
        setEcap(config, VTD_FIELD_OF(ECAP, SSIRWS), 1);
    else
        setCap(config, VTD_FIELD_OF(CAP, AFL), 1);
    setCap(config, VTD_FIELD_OF(CAP, ECMDS), 1);
    setEcap(config, VTD_FIELD_OF(ECAP, PMS), 1);
    setEcap(config, VTD_FIELD_OF(ECAP, VCS), 1);
    setCap(config, VTD_FIELD_OF(CAP, PLMR), 1);
    setCap(config, VTD_FIELD_OF(CAP, PHMR), 1);
    return config;
}

uint64_t get(const Unit &u, const Reg &reg)
{
    return reg.bits == 64 ? u.read64(reg.offset) : u.read32(reg.offset);
}

void set(Unit &u, const Reg &reg, uint64_t value)
{
    if (reg.bits == 64)
        u.write64(reg.offset, value);
    else
        u.write32(reg.offset, static_cast<uint32_t>(value));
}

} // namespace

/* ---------------------------------------------------------------- access types */

TEST(Registers, ResetValues)
{
    Unit u(everything());
    const std::map<std::string, uint64_t> other = {
        {"VER", 0x60},
        {"CAP", everything().cap},
        {"ECAP", everything().ecap},
        {"FECTL", 1u << 31},
        {"IECTL", 1u << 31},
        {"PECTL", 1u << 31},
        {"PERFINTRCTL", 1u << 31},
        /* 8 counters of 48 bits, 5 event groups, 5 filters, CWE, GFS, IOS */
        {"PERFCAP", 8 | 48 << 16 | 5 << 24 | UINT64_C(0x1f) << 32 | UINT64_C(7) << 48},
        /* Behind the fixed page: 8 blocks of 0x100 bytes, a page of status, counters. */
        {"PERFCFGOFF", 0x1000},
        {"PERFFRZOFF", 0x2000},
        {"PERFOVFOFF", 0x2100},
        {"PERFCNTROFF", 0x3000},
        {"PERFEVNTCAP", 0x2}, /* requests */
        {"VCCAP", 7},
        {"ECCAP3", UINT64_C(0x3f) << 48}};
    for (const Reg &reg : plainRegisters())
        EXPECT_EQ(get(u, reg), other.count(reg.name) ? other.at(reg.name) : 0) << reg.name;
}

class RegistersOfRevision : public testing::TestWithParam<unsigned>
{
};
INSTANTIATE_TEST_SUITE_P(All, RegistersOfRevision, testing::Values(3u, 4u, 5u));

TEST_P(RegistersOfRevision, OnlyReadWriteFieldsCanBeChanged)
{
    unsigned writable = 0;
    for (const Reg &reg : plainRegisters(GetParam())) {
        Unit u(everything(GetParam()));
        const uint64_t before = get(u, reg);
        set(u, reg, ~UINT64_C(0));
        EXPECT_EQ(get(u, reg), before | reg.rw) << reg.name;
        set(u, reg, UINT64_C(0x5555555555555555));
        EXPECT_EQ(get(u, reg), (before & ~reg.rw) | (reg.rw & UINT64_C(0x5555555555555555))) << reg.name;
        set(u, reg, 0);
        EXPECT_EQ(get(u, reg), before & ~reg.rw) << reg.name;
        writable += reg.rw != 0;
    }
    EXPECT_GE(writable, 22u); /* RTADDR, IQT, IQA, IRTA, PQH, PQT, PQA, and 4 of each of 4 events */
}

TEST_P(RegistersOfRevision, QwordsAreTwoDwords)
{
    for (const Reg &reg : plainRegisters(GetParam())) {
        if (reg.bits != 64)
            continue;
        Unit u(everything(GetParam()));
        const uint64_t before = get(u, reg), low = 0xffffffff;
        EXPECT_EQ(u.read32(reg.offset), before & low) << reg.name;
        EXPECT_EQ(u.read32(reg.offset + 4), before >> 32) << reg.name;
        u.write32(reg.offset + 4, 0xffffffff);
        EXPECT_EQ(get(u, reg), before | (reg.rw & ~low)) << reg.name;
        u.write32(reg.offset, 0xffffffff);
        EXPECT_EQ(get(u, reg), before | reg.rw) << reg.name;
        u.write32(reg.offset + 4, 0);
        EXPECT_EQ(get(u, reg), ((before & ~reg.rw) | (reg.rw & low))) << reg.name;
    }
}

TEST(Registers, UnalignedAccessesDoNothing)
{
    for (const Reg &reg : plainRegisters()) {
        Unit u(everything());
        const uint64_t before = get(u, reg);
        for (unsigned by : {1u, 2u, 3u}) {
            u.write32(reg.offset + by, ~0u);
            u.write64(reg.offset + by, ~UINT64_C(0));
            EXPECT_EQ(u.read32(reg.offset + by), 0u) << reg.name;
            EXPECT_EQ(u.read64(reg.offset + by), 0u) << reg.name;
        }
        if (reg.offset % 8 == 4) {
            u.write64(reg.offset, ~UINT64_C(0));
            EXPECT_EQ(u.read64(reg.offset), 0u) << reg.name;
        }
        EXPECT_EQ(get(u, reg), before) << reg.name;
    }
}

TEST(Registers, WhatIsNotARegisterReadsZeroAndKeepsNothing)
{
    Unit u(everything());
    std::vector<bool> known(vtd_mmio_size(u.get()) / 4);
    for (const Reg &reg : plainRegisters())
        for (unsigned n = 0; n < reg.bits / 32; n++)
            known[reg.offset / 4 + n] = true;
    for (uint64_t n = 0; n < 8 * 4; n++)
        known[u.frcd(0) / 4 + n] = true;
    for (unsigned offset : {0u + VTD_REG_GCMD, VTD_REG_CCMD + 0u, VTD_REG_CCMD + 4u, VTD_REG_PMEN + 0u,
                            VTD_REG_ECMD + 0u, VTD_REG_ECMD + 4u})
        known[offset / 4] = true;
    for (uint64_t offset = VTD_REG_PERFEVNTCAP; offset < VTD_REG_PERFEVNTCAP + 5 * 8; offset += 8)
        known[offset / 4] = true;
    for (uint64_t offset = u.read32(VTD_REG_PERFCFGOFF); offset < 4 * known.size(); offset += 4)
        known[offset / 4] = true; /* perfmon_test.cpp looks at these blocks */
    for (uint64_t offset = 0; offset < 4 * known.size(); offset += 4) {
        if (known[offset / 4])
            continue;
        u.write32(offset, ~0u);
        EXPECT_EQ(u.read32(offset), 0u) << std::hex << offset;
    }
    for (uint64_t offset : {vtd_mmio_size(u.get()), UINT64_C(0x100000), UINT64_C(0xfffffffffffffff8), bit(32) | 0x18}) {
        u.write32(offset, ~0u);
        u.write64(offset, ~UINT64_C(0));
        EXPECT_EQ(u.read32(offset), 0u);
        EXPECT_EQ(u.read64(offset), 0u);
    }
    EXPECT_EQ(u.read32(VTD_REG_GSTS), 0u);
}

TEST(Registers, OfMissingCapabilitiesAreNotThere)
{
    const auto dead = [](Unit &u, uint64_t first, uint64_t last) {
        for (uint64_t offset = first; offset <= last; offset += 4) {
            u.write32(offset, ~0u);
            EXPECT_EQ(u.read32(offset), 0u) << std::hex << offset;
        }
    };
    vtd_config config{};
    ASSERT_EQ(vtd_config_preset(&config, "default"), VTD_STATUS_OK);
    setEcap(config, VTD_FIELD_OF(ECAP, PRS), 0);
    setEcap(config, VTD_FIELD_OF(ECAP, SMS), 0);
    Unit no_prs(config);
    dead(no_prs, 0xc0, 0xec);
    setEcap(config, VTD_FIELD_OF(ECAP, IR), 0);
    setEcap(config, VTD_FIELD_OF(ECAP, EIM), 0);
    setEcap(config, VTD_FIELD_OF(ECAP, MHMV), 0);
    setCap(config, VTD_FIELD_OF(CAP, PI), 0);
    Unit no_ir(config);
    dead(no_ir, 0xb8, 0xbc);
    Unit no_perfmon(preset());
    dead(no_perfmon, 0x300, 0x3a4);
    dead(no_perfmon, 0x400, 0x44c);
    dead(no_ir, VTD_REG_PMEN, VTD_REG_PHMLIMIT + 4);
    Unit no_ssirws(preset());
    no_ssirws.write64(VTD_REG_RTADDR, 1u << VTD_RTADDR_SSIRWE_LSB);
    EXPECT_EQ(no_ssirws.read64(VTD_REG_RTADDR), 0u);
}

TEST(Registers, EimeNeedsEim)
{
    vtd_config config = preset();
    setEcap(config, VTD_FIELD_OF(ECAP, EIM), 0);
    Unit u(config);
    u.write64(VTD_REG_IRTA, ~UINT64_C(0));
    EXPECT_EQ(vtd_reg_irta_eime(u.read64(VTD_REG_IRTA)), 0u);
    EXPECT_EQ(vtd_reg_irta_s(u.read64(VTD_REG_IRTA)), 15u);
}

/* ---------------------------------------------------------------- commands (ref 1.4) */

TEST(Command, EachPersistentBitHasItsStatus)
{
    for (unsigned b : {VTD_GCMD_TE_LSB, VTD_GCMD_QIE_LSB, VTD_GCMD_IRE_LSB, VTD_GCMD_CFI_LSB}) {
        Unit u;
        u.command(b);
        EXPECT_EQ(u.read32(VTD_REG_GSTS), 1u << b);
        EXPECT_EQ(u.read32(VTD_REG_GCMD), 0u) << "write only";
        u.command(b, false);
        EXPECT_EQ(u.read32(VTD_REG_GSTS), 0u);
    }
}

TEST(Command, OneShotBitsSetTheirStatusForGood)
{
    for (unsigned b : {VTD_GCMD_SRTP_LSB, VTD_GCMD_SIRTP_LSB}) {
        Unit u;
        for (int i = 0; i < 2; i++) {
            u.write32(VTD_REG_GCMD, 1u << b);
            EXPECT_EQ(u.read32(VTD_REG_GSTS), 1u << b);
        }
        u.write32(VTD_REG_GCMD, 0);
        EXPECT_EQ(u.read32(VTD_REG_GSTS), 1u << b) << "done stays done";
    }
}

TEST(Command, WriteBufferFlushIsOverAtOnce)
{
    Unit u;
    u.command(VTD_GCMD_WBF_LSB);
    EXPECT_EQ(u.read32(VTD_REG_GSTS), 0u) << "WBFS is 1 only while in progress";
}

TEST(Command, RecipeKeepsAllOthers)
{
    Unit u;
    uint32_t expected = 0;
    for (unsigned b : {VTD_GCMD_SRTP_LSB, VTD_GCMD_QIE_LSB, VTD_GCMD_TE_LSB, VTD_GCMD_SIRTP_LSB, VTD_GCMD_IRE_LSB,
                       VTD_GCMD_CFI_LSB}) {
        u.command(b);
        expected |= 1u << b;
        EXPECT_EQ(u.read32(VTD_REG_GSTS), expected);
    }
    u.command(VTD_GCMD_IRE_LSB, false);
    EXPECT_EQ(u.read32(VTD_REG_GSTS), expected & ~(1u << VTD_GCMD_IRE_LSB));
}

TEST(Command, WriteWithoutAPersistentBitIsADisable)
{
    Unit u;
    u.start();
    u.write32(VTD_REG_GCMD, 1u << VTD_GCMD_QIE_LSB);
    EXPECT_EQ(vtd_reg_gsts_tes(u.read32(VTD_REG_GSTS)), 0u);
    EXPECT_EQ(vtd_reg_gsts_qies(u.read32(VTD_REG_GSTS)), 1u);
}

TEST(Command, ReservedBitsAndThoseWithoutCapabilityDoNothing)
{
    vtd_config config = preset();
    for (unsigned field : {VTD_ECAP_IR_LSB, VTD_ECAP_EIM_LSB})
        setEcap(config, field, field, 0);
    setEcap(config, VTD_FIELD_OF(ECAP, MHMV), 0);
    setCap(config, VTD_FIELD_OF(CAP, PI), 0);
    Unit u(config);
    u.write32(VTD_REG_GCMD, 0x307fffff); /* 29, 28 and 22:0 */
    EXPECT_EQ(u.read32(VTD_REG_GSTS) & ~(1u << VTD_GSTS_RTPS_LSB), 0u);
    for (unsigned b : {VTD_GCMD_IRE_LSB, VTD_GCMD_SIRTP_LSB, VTD_GCMD_CFI_LSB}) {
        u.write32(VTD_REG_GCMD, 1u << b);
        EXPECT_EQ(u.read32(VTD_REG_GSTS), 0u) << b;
    }
}

TEST(Command, RootTableTakesEffectAtSrtpOnly)
{
    Unit u(withoutCaches());
    FsTree fs(u, 4);
    fs.map(0x1000, 0x200000);
    u.setFs(kSid, 1, fs, 1);
    u.start();
    const uint64_t empty = u.alloc();
    u.write64(VTD_REG_RTADDR, empty | vtd_reg_rtaddr_put_ttm(VTD_TTM_ABORT));
    EXPECT_TRUE(translated(u.dma(kSid).pasid(1).read(0x1000), 0x200000, 12));
    u.command(VTD_GCMD_SRTP_LSB);
    EXPECT_TRUE(blocked(u.dma(kSid).pasid(1).read(0x1000), VTD_FAULT_RTA_4));
    u.setRootTable(VTD_TTM_SCALABLE, false, empty);
    EXPECT_TRUE(blocked(u.dma(kSid).pasid(1).read(0x1000), VTD_FAULT_SRT_2));
}

TEST(Command, QueueDisableResetsTheHead)
{
    Unit u;
    u.start();
    u.invalidateAll();
    EXPECT_NE(u.read64(VTD_REG_IQH), 0u);
    u.command(VTD_GCMD_QIE_LSB, false);
    EXPECT_EQ(u.read64(VTD_REG_IQH), 0u);
    EXPECT_EQ(vtd_reg_gsts_qies(u.read32(VTD_REG_GSTS)), 0u);
}

} // namespace vtdtest
