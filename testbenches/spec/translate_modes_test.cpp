/* SPDX-License-Identifier: MIT */
/*
 * Translation off, the translation table modes, what RTADDR does before SRTP, and what is not a request at all
 * (ref 1.4, 1.5, 4.1, 4.2).
 */
#include "support/unit_fixture.h"

namespace vtdtest
{

namespace
{
constexpr uint32_t kPasid = 5;
constexpr uint64_t kIova = 0x1000, kHpa = 0x200000;
} // namespace

/* ref 4.1: TES=0. */
TEST(Modes, WithTranslationOffUntranslatedRequestsPassUnchanged)
{
    Unit u;
    u.setRootTable(VTD_TTM_SCALABLE); /* empty tables: everything would fault */
    for (uint64_t addr : {UINT64_C(0), UINT64_C(0x1234567), bit(46), ~UINT64_C(7)}) {
        EXPECT_TRUE(translated(u.dma(kSid).read(addr), addr));
        EXPECT_TRUE(translated(u.dma(kSid).write(addr), addr));
        EXPECT_TRUE(translated(u.dma(kSid).atomic(addr), addr));
        EXPECT_TRUE(translated(u.dma(kSid).pasid(kPasid).read(addr), addr)) << "the PASID is ignored";
    }
    EXPECT_TRUE(answered(u.dma(kSid).translation(0x1000), VTD_RESULT_UR, 0));
    EXPECT_TRUE(answered(u.dma(kSid).translated(0x1000), VTD_RESULT_UR, 0));
    EXPECT_TRUE(answered(u.dma(kSid).pasid(kPasid).translation(0x1000), VTD_RESULT_UR, 0));
    EXPECT_FALSE(u.takeFault().valid) << "nothing is logged";
    EXPECT_EQ(u.stats().memory_reads, 0u);
}

TEST(Modes, TranslationGoesOnAndOff)
{
    Unit u;
    FsTree fs(u, 4);
    fs.map(kIova, kHpa);
    u.setFs(kSid, kPasid, fs, 3);
    for (unsigned i = 0; i < 3; i++) {
        u.start();
        EXPECT_TRUE(translated(u.dma(kSid).pasid(kPasid).read(kIova), kHpa));
        u.disable();
        EXPECT_EQ(vtd_reg_gsts_tes(u.read32(VTD_REG_GSTS)), 0u);
        EXPECT_TRUE(translated(u.dma(kSid).pasid(kPasid).read(kIova), kIova));
    }
}

/* ref 1.4: only with SMTS does turning translation off invalidate; before, that was software's business. */
TEST(Modes, TurningTranslationOffKeepsTheCachesOfAUnitWithoutScalableMode)
{
    for (bool smts : {false, true}) {
        vtd_config config = withCaches(64);
        if (!smts) {
            config.cap &= ~(bit(VTD_CAP_FS1GP_LSB) | bit(VTD_CAP_FS5LP_LSB));
            config.ecap = bit(VTD_ECAP_C_LSB) | bit(VTD_ECAP_QI_LSB) | vtd_reg_ecap_put_iro(0xf);
            setCap(config, VTD_FIELD_OF(CAP, PI), 0);
        }
        Unit u(config);
        SsTree ss(u, 4);
        ss.map(kIova, kHpa);
        u.setLegacy(kSid, ss, 3);
        u.setRootTable(VTD_TTM_LEGACY);
        u.enable();
        EXPECT_TRUE(translated(u.dma(kSid).read(kIova), kHpa));
        u.disable();
        ss.map(kIova, 2 * kHpa);
        u.legacyContext(kSid)[0] = 0; /* not present any more, for who looks */
        u.enable();
        if (smts)
            EXPECT_TRUE(blocked(u.dma(kSid).read(kIova), VTD_FAULT_LCT_2));
        else
            EXPECT_TRUE(translated(u.dma(kSid).read(kIova), kHpa)) << "from the IOTLB";
        EXPECT_EQ(u.stats().inv_global, smts ? 2u : 1u) << "SRTP with ESRTPS is one";
    }
}

TEST(Modes, RtaddrMeansNothingBeforeSrtp)
{
    Unit u;
    FsTree fs(u, 4);
    fs.map(kIova, kHpa);
    u.setFs(kSid, kPasid, fs, 3);
    u.start();
    EXPECT_TRUE(translated(u.dma(kSid).pasid(kPasid).read(kIova), kHpa));
    u.write64(VTD_REG_RTADDR, kAbsent | vtd_reg_rtaddr_put_ttm(VTD_TTM_RESERVED));
    u.invalidateAll();
    EXPECT_TRUE(translated(u.dma(kSid).pasid(kPasid).read(kIova), kHpa)) << "the latched value holds";
    u.command(VTD_GCMD_SRTP_LSB);
    EXPECT_TRUE(blocked(u.dma(kSid).pasid(kPasid).read(kIova), VTD_FAULT_RTA_1));
}

TEST(Modes, AbortModeBlocksEverythingAndNeedsNoTables)
{
    Unit u;
    u.setRootTable(VTD_TTM_ABORT, false, kAbsent);
    u.enable();
    for (const bool pasid : {false, true}) {
        const auto dma = [&] {
            Dma d(u, kSid);
            if (pasid)
                d.pasid(kPasid);
            return d;
        };
        EXPECT_TRUE(blocked(dma().read(kIova), VTD_FAULT_RTA_4));
        EXPECT_EQ(u.takeFault().reason, unsigned{VTD_FAULT_RTA_4});
        EXPECT_TRUE(blocked(dma().write(kIova), VTD_FAULT_RTA_4));
        EXPECT_TRUE(answered(dma().translation(kIova), VTD_RESULT_UR, VTD_FAULT_RTA_4));
        EXPECT_TRUE(answered(dma().translated(kIova), VTD_RESULT_UR, VTD_FAULT_RTA_4));
        u.clearFaults();
    }
    EXPECT_EQ(u.stats().memory_reads, 0u);
}

/* ref 5.1 RTA.1: each reason for a mode to be refused, for every kind of request. */
TEST(Modes, UnsupportedModesBlockEverything)
{
    const struct {
        unsigned ttm;
        bool without_adms;
    } cases[] = {{VTD_TTM_RESERVED, false}, {VTD_TTM_RESERVED, true}, {VTD_TTM_ABORT, true}};
    for (const auto &c : cases) {
        vtd_config config = preset();
        if (c.without_adms)
            setEcap(config, VTD_FIELD_OF(ECAP, ADMS), 0);
        Unit u(config);
        u.setRootTable(c.ttm);
        u.enable();
        EXPECT_TRUE(blocked(u.dma(kSid).read(kIova), VTD_FAULT_RTA_1));
        EXPECT_TRUE(blocked(u.dma(kSid).pasid(kPasid).write(kIova), VTD_FAULT_RTA_1));
        EXPECT_TRUE(answered(u.dma(kSid).translation(kIova), VTD_RESULT_CA, VTD_FAULT_RTA_1));
        EXPECT_TRUE(answered(u.dma(kSid).translated(kIova), VTD_RESULT_UR, VTD_FAULT_RTA_1));
        EXPECT_EQ(u.pageRequest(kSid, kIova, VTD_PRQ_READ | VTD_PRQ_LAST), VTD_PRQ_REJECTED);
    }
}

/* Legacy and scalable tables do not mix: the same bytes mean something else after a change of mode. */
TEST(Modes, SwitchFromLegacyToScalable)
{
    Unit u;
    SsTree ss(u, 3);
    ss.map(kIova, kHpa);
    u.setLegacy(kSid, ss, 3);
    u.start(VTD_TTM_LEGACY);
    EXPECT_TRUE(translated(u.dma(kSid).write(kIova), kHpa));
    u.disable();

    const uint64_t other = u.alloc(); /* an empty scalable-mode root table */
    u.setRootTable(VTD_TTM_SCALABLE, false, other);
    u.enable();
    EXPECT_TRUE(blocked(u.dma(kSid).write(kIova), VTD_FAULT_SRT_2));
}

/* ref 2.2, 2.3: where context entries are found. */
TEST(Modes, EveryFunctionOfABusHasItsContextEntry)
{
    Unit u;
    for (const uint16_t devfn : {0x00, 0x01, 0x7f, 0x80, 0x81, 0xff}) {
        FsTree fs(u, 4);
        fs.map(kIova, UINT64_C(0x10000000) + UINT64_C(0x1000) * devfn);
        u.setFs(static_cast<uint16_t>(0x0500 | devfn), kPasid, fs, devfn + 1);
    }
    u.start();
    for (const uint16_t devfn : {0x00, 0x01, 0x7f, 0x80, 0x81, 0xff})
        EXPECT_TRUE(translated(u.dma(static_cast<uint16_t>(0x0500 | devfn)).pasid(kPasid).read(kIova),
                               UINT64_C(0x10000000) + UINT64_C(0x1000) * devfn));
    EXPECT_TRUE(blocked(u.dma(0x0502).pasid(kPasid).read(kIova), VTD_FAULT_SCT_2));
    EXPECT_TRUE(blocked(u.dma(0x0600).pasid(kPasid).read(kIova), VTD_FAULT_SRT_2));
}

TEST(Modes, EveryFunctionOfABusHasItsLegacyContextEntry)
{
    Unit u;
    SsTree ss(u, 3);
    for (const uint16_t sid : {0x0000, 0x007f, 0x0080, 0x00ff, 0xff00, 0xffff}) {
        ss.map(0x1000 + 0x1000 * UINT64_C(1) * sid, UINT64_C(0x20000000) + 0x1000 * UINT64_C(1) * sid);
        u.setLegacy(sid, ss, 3);
    }
    u.start(VTD_TTM_LEGACY);
    for (const uint16_t sid : {0x0000, 0x007f, 0x0080, 0x00ff, 0xff00, 0xffff})
        EXPECT_TRUE(translated(u.dma(sid).read(0x1000 + 0x1000 * UINT64_C(1) * sid),
                               UINT64_C(0x20000000) + 0x1000 * UINT64_C(1) * sid));
    EXPECT_TRUE(blocked(u.dma(0x0001).read(0x1000), VTD_FAULT_LCT_2));
}

/* ref 2.4: PASID[19:6] selects the directory entry, PASID[5:0] the table entry. */
TEST(Modes, EveryPasidHasItsEntry)
{
    Unit u;
    FsTree fs(u, 4);
    const uint32_t pasids[] = {1, 63, 64, 65, 127, 4095, 4096, 0x12345, 0xfffff};
    for (uint32_t pasid : pasids) {
        fs.map(UINT64_C(0x1000) * pasid, UINT64_C(0x3000000000) + UINT64_C(0x1000) * pasid);
        u.setFs(kSid, pasid, fs, 3);
    }
    u.start();
    for (uint32_t pasid : pasids) {
        EXPECT_TRUE(translated(u.dma(kSid).pasid(pasid).read(UINT64_C(0x1000) * pasid),
                               UINT64_C(0x3000000000) + UINT64_C(0x1000) * pasid));
        EXPECT_TRUE(blocked(u.dma(kSid).pasid(pasid ^ 2).read(UINT64_C(0x1000) * pasid),
                            pasid >> 6 == (pasid ^ 2) >> 6 ? VTD_FAULT_SPT_2 : VTD_FAULT_SPD_2));
    }
}

/* ref 4.1: requests without PASID use RID_PASID, 0 without RPS. */
TEST(Modes, RidPasidSelectsTheAddressSpaceOfRequestsWithoutPasid)
{
    Unit u;
    FsTree a(u, 4), b(u, 4);
    a.map(kIova, kHpa);
    b.map(kIova, kHpa + 0x1000);
    uint64_t *c = u.device(kSid);
    u.setFs(kSid, 0, a, 3);
    u.setFs(kSid, 77, b, 4);
    u.start();
    EXPECT_TRUE(translated(u.dma(kSid).read(kIova), kHpa));
    EXPECT_TRUE(translated(u.dma(kSid).pasid(77).read(kIova), kHpa + 0x1000));
    EXPECT_TRUE(blocked(u.dma(kSid).pasid(0).read(kIova), VTD_FAULT_SCT_9));
    vtd_sm_context_set_rid_pasid(c, 77);
    u.invalidateAll();
    EXPECT_TRUE(translated(u.dma(kSid).read(kIova), kHpa + 0x1000));
    EXPECT_TRUE(translated(u.dma(kSid).pasid(0).read(kIova), kHpa));
    EXPECT_TRUE(blocked(u.dma(kSid).pasid(77).read(kIova), VTD_FAULT_SCT_9));

    vtd_config config = preset();
    setEcap(config, VTD_FIELD_OF(ECAP, RPS), 0);
    Unit old(config);
    FsTree fs(old, 4);
    fs.map(kIova, kHpa);
    old.setFs(kSid, 0, fs, 3);
    old.start();
    EXPECT_TRUE(translated(old.dma(kSid).read(kIova), kHpa));
}

/* Fields that a PGTT does not use may hold anything that is not reserved for every PGTT (ref 2.5, 10.4). */
TEST(Modes, FieldsThatAPgttIgnores)
{
    Unit u;
    FsTree fs(u, 4);
    SsTree ss(u, 4);
    fs.map(kIova, kHpa);
    ss.map(kIova, kHpa);
    uint64_t *first = u.setFs(kSid, 1, fs, 3), *second = u.setSs(kSid, 2, ss, 4), *pass = u.setPassThrough(kSid, 3, 5);
    for (uint64_t *q : {first, pass}) {
        vtd_pasid_entry_set_aw(q, 7);
        vtd_pasid_entry_set_ssade(q, 1);
        vtd_pasid_entry_set_ssptptr(q, kAbsent >> 12);
    }
    for (uint64_t *q : {second, pass}) {
        vtd_pasid_entry_set_fspm(q, 3);
        vtd_pasid_entry_set_fsptptr(q, kAbsent >> 12);
        vtd_pasid_entry_set_wpe(q, 1);
        vtd_pasid_entry_set_eafe(q, 1);
    }
    for (uint64_t *q : {first, second, pass}) {
        vtd_pasid_entry_set_pat(q, 0xffffffff); /* MTS=0 */
        q[2] |= bit(5) | bit(6);                /* were NXE and SMEP */
    }
    u.start();
    EXPECT_TRUE(translated(u.dma(kSid).pasid(1).write(kIova), kHpa));
    EXPECT_TRUE(translated(u.dma(kSid).pasid(2).write(kIova), kHpa));
    EXPECT_TRUE(translated(u.dma(kSid).pasid(3).write(kIova), kIova));
    EXPECT_EQ(*fs.entry(kIova, 1) & kFsEa, 0u);
    EXPECT_EQ(*ss.entry(kIova, 1) & (kSsA | kSsD), 0u);
}

/* Only the half of the root entry that is selected is looked at (ref 4.2 step 3). */
TEST(Modes, TheOtherHalfOfARootEntryDoesNotMatter)
{
    Unit u;
    u.setPassThrough(0x0500, kPasid, 3);
    u.setPassThrough(0x0580, kPasid, 3);
    u.start();
    uint64_t *root = u.rootEntry(0x0500);
    root[1] |= bit(3); /* reserved, upper half */
    EXPECT_TRUE(translated(u.dma(0x0500).pasid(kPasid).read(kIova), kIova));
    EXPECT_TRUE(blocked(u.dma(0x0580).pasid(kPasid).read(kIova), VTD_FAULT_SRT_3));
    root[1] &= ~bit(3);
    root[0] |= bit(11);
    u.invalidateAll();
    EXPECT_TRUE(translated(u.dma(0x0580).pasid(kPasid).read(kIova), kIova));
    EXPECT_TRUE(blocked(u.dma(0x0500).pasid(kPasid).read(kIova), VTD_FAULT_SRT_3));
}

/* ref 4.1: what could not be on a link is the caller's error, and nothing happens. */
TEST(Modes, ImpossibleRequestsAreRefusedWithoutEffect)
{
    Unit u;
    u.setPassThrough(kSid, kPasid, 3);
    u.start();
    const vtd_request good = u.dma(kSid).pasid(kPasid).request(0x1000);
    const auto refused = [&](auto &&change) {
        vtd_request req = good;
        vtd_response resp{};
        change(req);
        return vtd_translate(u.get(), &req, &resp) == VTD_STATUS_INVALID;
    };
    EXPECT_FALSE(refused([](vtd_request &) {}));
    const uint64_t requests = u.stats().requests;
    EXPECT_TRUE(refused([](vtd_request &r) { r.addr = 0x1ffc; })) << "crosses 4 KiB";
    EXPECT_TRUE(refused([](vtd_request &r) { r.len = 4097; }));
    EXPECT_TRUE(refused([](vtd_request &r) { r.pasid = 1 << 20; }));
    EXPECT_TRUE(refused([](vtd_request &r) { r.flags = VTD_REQ_PRIV; })) << "privilege without PASID";
    EXPECT_TRUE(refused([](vtd_request &r) {
        r.flags = 0;
        r.access = VTD_EXEC;
    })) << "execute without PASID";
    EXPECT_TRUE(refused([](vtd_request &r) { r.access = 4; }));
    EXPECT_TRUE(refused([](vtd_request &r) { r.at = 3; }));
    for (uint8_t access : {VTD_WRITE, VTD_ATOMIC, VTD_EXEC}) {
        EXPECT_TRUE(refused([&](vtd_request &r) {
            r.access = access;
            r.len = 0;
        })) << "length 0 is a read";
    }
    EXPECT_EQ(u.stats().requests, requests);
    EXPECT_FALSE(u.takeFault().valid);
    EXPECT_FALSE(refused([](vtd_request &r) { r.len = 4096; })) << "a whole page is possible";
    EXPECT_FALSE(refused([](vtd_request &r) { r.pasid = 0xfffff; }));
}

/* ref 4.1: a write is no translation request. */
TEST(Modes, AWriteWithTheTypeOfATranslationRequestIsUnsupported)
{
    Unit u;
    u.setPassThrough(kSid, kPasid, 3);
    u.start();
    for (vtd_access access : {VTD_WRITE, VTD_ATOMIC})
        EXPECT_EQ(u.dma(kSid).pasid(kPasid).at(VTD_AT_TRANSLATION).access(access).go(0x1000).result, VTD_RESULT_UR);
}

/* ref 0.1: with a major version of 8 an execute request is RTA.5, before that SPT.5. */
TEST(Modes, ExecuteRequestsByVersion)
{
    for (uint32_t version : {0x50u, 0x60u, 0x70u, 0x80u, 0x90u}) {
        vtd_config config = preset();
        config.version = version;
        Unit u(config);
        u.setPassThrough(kSid, kPasid, 3);
        u.start();
        EXPECT_TRUE(
            blocked(u.dma(kSid).pasid(kPasid).exec(0x1000), version >= 0x80 ? VTD_FAULT_RTA_5 : VTD_FAULT_SPT_5))
            << version;
    }
}

} // namespace vtdtest
