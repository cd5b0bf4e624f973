/* SPDX-License-Identifier: MIT */
/*
 * Widths at their boundaries: the last address that works and the first that does not, for canonical addresses,
 * second-stage widths, MGAW, the host address width, PASIDs and domain-ids (ref 1.2, 1.3, 4.2 to 4.6, 10.4).
 */
#include "support/unit_fixture.h"

namespace vtdtest
{

namespace
{

constexpr uint32_t kPasid = 5;

vtd_config withHaw(unsigned haw, unsigned mgaw, vtd_config config = preset())
{
    config.haw = static_cast<uint8_t>(haw);
    setCap(config, VTD_FIELD_OF(CAP, MGAW), mgaw - 1);
    return config;
}

vtd_response readByte(Unit &u, uint64_t addr)
{
    return u.dma(kSid).pasid(kPasid).length(1).read(addr);
}

} // namespace

TEST(Width, CanonicalAddressesOfTheFirstStage)
{
    for (unsigned levels : {4u, 5u}) {
        SCOPED_TRACE(levels);
        Unit u;
        FsTree fs(u, levels);
        const unsigned top = levels == 4 ? 47 : 56; /* bits 63:top are equal */
        const uint64_t last_low = bit(top) - 1, first_high = ~last_low;
        fs.map(last_low & ~UINT64_C(0xfff), 0x200000);
        fs.map(first_high, 0x201000);
        fs.map(0, 0x202000);
        fs.map(~UINT64_C(0xfff), 0x203000);
        u.setFs(kSid, kPasid, fs, 3);
        u.start();
        EXPECT_TRUE(translated(readByte(u, 0), 0x202000));
        EXPECT_TRUE(translated(readByte(u, last_low), 0x200fff));
        EXPECT_TRUE(blocked(readByte(u, last_low + 1), VTD_FAULT_SGN_1));
        EXPECT_TRUE(blocked(readByte(u, first_high - 1), VTD_FAULT_SGN_1));
        EXPECT_TRUE(translated(readByte(u, first_high), 0x201000));
        EXPECT_TRUE(translated(readByte(u, ~UINT64_C(0)), 0x203fff));
        /* Every single high bit makes a small address non-canonical. */
        for (unsigned n = top; n < 64; n++)
            EXPECT_TRUE(blocked(readByte(u, bit(n)), VTD_FAULT_SGN_1)) << n;
        for (unsigned n = top; n < 64; n++)
            EXPECT_TRUE(blocked(readByte(u, first_high & ~bit(n)), VTD_FAULT_SGN_1)) << n;
    }
}

TEST(Width, NestedUsesTheFirstStageWidthForTheInput)
{
    /* The second stage is narrower than the input address. */
    Unit u;
    SsTree ss(u, 3);
    FsTree fs(u, 5, ss);
    const uint64_t iova = ~(bit(56) - 1);
    fs.map(iova, 0x5000);
    ss.map(0x5000, 0x300000);
    u.setNested(kSid, kPasid, fs, ss, 3);
    u.start();
    EXPECT_TRUE(translated(readByte(u, iova), 0x300000));
    EXPECT_TRUE(blocked(readByte(u, bit(56)), VTD_FAULT_SGN_1));
}

TEST(Width, SecondStageInputEndsAtTheSmallerOfAwAndMgaw)
{
    const struct {
        unsigned levels, mgaw, bits;
    } cases[] = {{3, 57, 39}, {4, 57, 48}, {5, 57, 57}, {3, 46, 39},
                 {4, 46, 46}, {5, 46, 46}, {5, 48, 48}, {5, 50, 50}};
    for (const auto &c : cases) {
        for (const bool legacy : {false, true}) {
            SCOPED_TRACE(testing::Message() << c.levels << " levels, MGAW " << c.mgaw << (legacy ? ", legacy" : ""));
            Unit u(withHaw(46, c.mgaw));
            SsTree ss(u, c.levels);
            const uint64_t last = bit(c.bits) - 1;
            ss.map(last & ~UINT64_C(0xfff), 0x200000);
            if (legacy)
                u.setLegacy(kSid, ss, 3);
            else
                u.setSs(kSid, kPasid, ss, 3);
            u.start(legacy ? VTD_TTM_LEGACY : VTD_TTM_SCALABLE);
            const auto read = [&](uint64_t addr) {
                Dma dma(u, kSid);
                if (!legacy)
                    dma.pasid(kPasid);
                return dma.length(1).read(addr);
            };
            const unsigned fault = legacy ? VTD_FAULT_LGN_1 : VTD_FAULT_SGN_5;
            EXPECT_TRUE(translated(read(last), 0x200fff));
            EXPECT_TRUE(blocked(read(last + 1), fault));
            for (unsigned n = c.bits; n < 64; n++)
                EXPECT_TRUE(blocked(read(bit(n)), fault)) << n;
        }
    }
}

TEST(Width, NestedFirstStageAddressesEndAtTheSmallerOfAwAndMgaw)
{
    const struct {
        unsigned levels, mgaw, bits;
    } cases[] = {{3, 57, 39}, {4, 57, 48}, {5, 50, 50}, {5, 46, 46}};
    for (const auto &c : cases) {
        SCOPED_TRACE(testing::Message() << c.levels << " levels, MGAW " << c.mgaw);
        Unit u(withHaw(46, c.mgaw));
        SsTree ss(u, c.levels);
        FsTree fs(u, 4, ss);
        const uint64_t last_page = (bit(c.bits) - 1) & ~UINT64_C(0xfff);
        fs.map(0x1000, last_page);
        ss.map(last_page, 0x200000);
        fs.map(0x2000, bit(c.bits));
        u.setNested(kSid, kPasid, fs, ss, 3);
        u.start();
        EXPECT_TRUE(translated(readByte(u, 0x1fff), 0x200fff));
        EXPECT_TRUE(blocked(readByte(u, 0x2000), VTD_FAULT_SFS_5));
    }
    /* With a second stage of 57 bits every address of a first-stage entry fits; bits 51:HAW are not reserved. */
    Unit u(withHaw(46, 57));
    SsTree ss(u, 5);
    FsTree fs(u, 4, ss);
    fs.map(0x1000, bit(52) - 0x1000);
    ss.map(bit(52) - 0x1000, 0x200000);
    u.setNested(kSid, kPasid, fs, ss, 3);
    u.start();
    EXPECT_TRUE(translated(readByte(u, 0x1000), 0x200000));
}

TEST(Width, NestedFirstStageRootEndsAtAw)
{
    Unit u(withHaw(46, 57));
    SsTree ss(u, 3);
    FsTree fs(u, 4, ss);
    fs.map(0x1000, 0x5000);
    ss.map(0x5000, 0x200000);
    uint64_t *e = u.setNested(kSid, kPasid, fs, ss, 3);
    u.start();
    vtd_pasid_entry_set_fsptptr(e, (bit(39) - 0x1000) >> 12); /* in range, but not mapped */
    EXPECT_TRUE(blocked(readByte(u, 0x1000), VTD_FAULT_SSS_2));
    u.invalidateAll();
    vtd_pasid_entry_set_fsptptr(e, bit(39) >> 12);
    EXPECT_TRUE(blocked(readByte(u, 0x1000), VTD_FAULT_SPT_4));
}

TEST(Width, PassThroughAndTranslatedEndAtTheHostAddressWidth)
{
    for (unsigned haw : {39u, 46u, 52u}) {
        SCOPED_TRACE(haw);
        Unit u(withHaw(haw, 57));
        u.setPassThrough(kSid, kPasid, 3);
        SsTree unused(u, 4);
        u.start();
        const uint64_t last = bit(haw) - 1;
        EXPECT_TRUE(translated(readByte(u, last), last));
        EXPECT_TRUE(blocked(readByte(u, last + 1), VTD_FAULT_SGN_4));
        EXPECT_TRUE(blocked(readByte(u, ~UINT64_C(0)), VTD_FAULT_SGN_4));
        EXPECT_TRUE(translated(u.dma(kSid).length(1).translated(last), last));
        EXPECT_TRUE(blocked(u.dma(kSid).length(1).translated(last + 1), VTD_FAULT_SGN_4));

        u.disable();
        u.setLegacy(0x0600, unused, 3, 2);
        u.setLegacy(0x0601, unused, 3, 1);
        u.start(VTD_TTM_LEGACY);
        EXPECT_TRUE(translated(u.dma(0x0600).length(1).read(last), last));
        EXPECT_TRUE(blocked(u.dma(0x0600).length(1).read(last + 1), VTD_FAULT_LGN_1));
        EXPECT_TRUE(translated(u.dma(0x0601).length(1).translated(last), last));
        EXPECT_TRUE(blocked(u.dma(0x0601).length(1).translated(last + 1), VTD_FAULT_LGN_1));
    }
}

/* Address bits of entries: HAW-1 is the last that is an address, HAW to 51 (63 for pointers) are reserved. */
TEST(Width, AddressBitsOfEntriesEndAtTheHostAddressWidth)
{
    for (unsigned haw : {39u, 46u, 51u}) {
        Unit u(withHaw(haw, 57));
        FsTree fs(u, 4);
        SsTree ss(u, 4);
        uint64_t *f = fs.map(0x1000, bit(haw - 1));
        uint64_t *s = ss.map(0x1000, bit(haw - 1));
        u.setFs(kSid, kPasid, fs, 3);
        u.setSs(kSid, 6, ss, 4);
        u.start();
        EXPECT_TRUE(translated(readByte(u, 0x1000), bit(haw - 1)));
        EXPECT_TRUE(translated(u.dma(kSid).pasid(6).read(0x1000), bit(haw - 1)));
        for (unsigned n = haw; n < 52; n++) {
            *f = bit(n) | kFsP | kFsRw | kFsUs;
            *s = bit(n) | kSsR | kSsW;
            u.invalidateAll();
            EXPECT_TRUE(blocked(readByte(u, 0x1000), VTD_FAULT_SFS_3)) << haw << " bit " << n;
            EXPECT_TRUE(blocked(u.dma(kSid).pasid(6).read(0x1000), VTD_FAULT_SSS_3)) << haw << " bit " << n;
        }
    }
}

TEST(Width, WithAWidthOf52NoAddressBitIsReserved)
{
    Unit u(withHaw(52, 57));
    FsTree fs(u, 4);
    fs.map(0x1000, bit(52) - 0x1000);
    u.setFs(kSid, kPasid, fs, 3);
    u.start();
    EXPECT_TRUE(translated(readByte(u, 0x1fff), bit(52) - 1));
}

/* ---------------------------------------------------------------- PASIDs */

TEST(Width, PasidsEndAtTheDirectory)
{
    for (unsigned pdts = 0; pdts < 7; pdts++) {
        Unit u;
        u.device(kSid, pdts);
        const uint32_t limit = 1u << (pdts + 13);
        u.setPassThrough(kSid, limit - 1, 3);
        u.start();
        EXPECT_TRUE(translated(u.dma(kSid).pasid(limit - 1).read(0x1000), 0x1000)) << pdts;
        EXPECT_TRUE(blocked(u.dma(kSid).pasid(limit).read(0x1000), VTD_FAULT_SCT_7)) << pdts;
    }
    Unit u; /* PDTS 7 is all 20 bits */
    u.device(kSid, 7);
    u.setPassThrough(kSid, 0xfffff, 3);
    u.start();
    EXPECT_TRUE(translated(u.dma(kSid).pasid(0xfffff).read(0x1000), 0x1000));
}

TEST(Width, PasidsEndAtPss)
{
    for (unsigned pss : {13u, 15u, 18u}) {
        vtd_config config = preset();
        setEcap(config, VTD_FIELD_OF(ECAP, PSS), pss); /* pss+1 bits */
        Unit u(config);
        const uint32_t limit = 1u << (pss + 1);
        u.setPassThrough(kSid, limit - 1, 3);
        u.start();
        EXPECT_TRUE(translated(u.dma(kSid).pasid(limit - 1).read(0x1000), 0x1000)) << pss;
        EXPECT_TRUE(blocked(u.dma(kSid).pasid(limit).read(0x1000), VTD_FAULT_SGN_10)) << pss;
    }
}

TEST(Width, RidPasidEndsAtDirectoryAndPss)
{
    vtd_config config = preset();
    setEcap(config, VTD_FIELD_OF(ECAP, PSS), 15);
    Unit u(config);
    uint64_t *c = u.device(kSid, 1); /* 2^14 */
    u.setPassThrough(kSid, (1 << 14) - 1, 3);
    vtd_sm_context_set_rid_pasid(c, (1 << 14) - 1);
    u.start();
    EXPECT_TRUE(translated(u.dma(kSid).read(0x1000), 0x1000));
    vtd_sm_context_set_rid_pasid(c, 1 << 14);
    u.invalidateAll();
    EXPECT_TRUE(blocked(u.dma(kSid).read(0x1000), VTD_FAULT_SCT_4));
    vtd_sm_context_set_pdts(c, 7);
    vtd_sm_context_set_rid_pasid(c, 1 << 16);
    u.invalidateAll();
    EXPECT_TRUE(blocked(u.dma(kSid).read(0x1000), VTD_FAULT_SCT_4)) << "beyond PSS";
}

TEST(Width, DomainIdsEndAtNd)
{
    for (unsigned nd = 0; nd <= 6; nd++) {
        vtd_config config = preset();
        setCap(config, VTD_FIELD_OF(CAP, ND), nd);
        Unit u(config);
        const unsigned bits = 4 + 2 * nd;
        uint64_t *e = u.setPassThrough(kSid, kPasid, (1u << bits) - 1);
        u.start();
        EXPECT_TRUE(translated(readByte(u, 0x1000), 0x1000)) << nd;
        for (unsigned n = bits; n < 16; n++) {
            vtd_pasid_entry_set_did(e, 1u << n);
            u.invalidateAll();
            EXPECT_TRUE(blocked(readByte(u, 0x1000), VTD_FAULT_SPT_3)) << nd << " bit " << n;
        }
    }
}

} // namespace vtdtest
