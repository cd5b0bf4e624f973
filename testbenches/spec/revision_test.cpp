/* SPDX-License-Identifier: MIT */
/*
 * What changed between revisions 3, 4 and 5 of the specification (ref 0.1), each row both ways. Execute requests and the
 * fault log have files of their own.
 */
#include "support/unit_fixture.h"

extern "C" {
#include "layout.h"
}

#include <string>

namespace vtdtest
{

namespace
{

constexpr uint32_t kPasid = 5;
constexpr uint64_t kIova = 0x40201000, kHpa = 0x80a0b000;

class Revision : public testing::TestWithParam<unsigned>
{
  protected:
    unsigned revision() const
    {
        return GetParam();
    }
    vtd_config config() const
    {
        return atRevision(GetParam());
    }
};
INSTANTIATE_TEST_SUITE_P(All, Revision, testing::Values(3u, 4u, 5u));

/* A device with a page request queue of one page. */
struct Pager : Unit {
    explicit Pager(const vtd_config &config) : Unit(config)
    {
        setPassThrough(kSid, 0, 4);
        queue = alloc();
        write64(VTD_REG_PQA, queue);
        start();
    }
    vtd_prq_result page(unsigned flags)
    {
        return pageRequest(kSid, kIova, flags, 0, 7);
    }
    uint64_t queue = 0;
};

testing::AssertionResult refused(const vtd_config &config, const std::string &word)
{
    char why[VTD_WHY_SIZE];
    const vtd_status status = vtd_config_validate(&config, why);
    if (status == VTD_STATUS_INVALID && std::string(why).find(word) != std::string::npos)
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << "status " << status << ": " << why;
}

} // namespace

/* ---------------------------------------------------------------- configuration */

TEST(RevisionConfig, PresetsAreOfRevision5)
{
    const char *name;
    for (unsigned i = 0; (name = vtd_config_preset_name(i, nullptr)) != nullptr; i++)
        EXPECT_EQ(preset(name).spec_revision, 5) << name;
}

TEST(RevisionConfig, ThreeFourAndFiveAreKnown)
{
    for (unsigned revision : {0u, 1u, 2u, 3u, 4u, 5u, 6u, 255u}) {
        vtd_config config = atRevision(4); /* has nothing that another revision lacks */
        config.spec_revision = static_cast<uint8_t>(revision);
        uint64_t cap, ecap;
        const bool known = revision >= 3 && revision <= 5;
        EXPECT_EQ(vtd_config_validate(&config, nullptr), known ? VTD_STATUS_OK : VTD_STATUS_INVALID) << revision;
        EXPECT_EQ(vtd_config_revision_lacks(revision, &cap, &ecap), known ? VTD_STATUS_OK : VTD_STATUS_INVALID);
        EXPECT_EQ(bool(refused(config, "spec.revision")), !known) << revision;
    }
}

/* "New in 5.x", and what was optional before. */
TEST_P(Revision, CapabilitiesOfOtherRevisionsAreRefused)
{
    const struct {
        const char *name;
        unsigned bit;
    } since_5[] = {{"ECAP.PTRS", 56},  {"ECAP.SSIRWS", 57}, {"ECAP.SMS", 58},     {"ECAP.EIMER", 61},
                   {"ECAP.IRREQ", 62}, {"ECAP.HPTS", 55},   {"ECAP.HPT1GPS", 59}, {"ECAP.RDTS", 60}};
    for (const auto &row : since_5) {
        vtd_config c = config();
        c.ecap |= bit(row.bit);
        if (revision() < 5)
            EXPECT_TRUE(refused(c, std::string(row.name) + " needs spec.revision 5"));
        else
            EXPECT_NE(vtd_config_validate(&c, nullptr), VTD_STATUS_INVALID) << row.name;
    }
    vtd_config ers = config(), afl = config();
    ers.ecap |= bit(30);
    afl.cap |= bit(3);
    if (revision() < 5) {
        EXPECT_EQ(vtd_config_validate(&ers, nullptr), VTD_STATUS_OK);
        EXPECT_EQ(vtd_config_validate(&afl, nullptr), VTD_STATUS_OK);
    } else {
        EXPECT_TRUE(refused(ers, "ECAP.ERS needs spec.revision 3 or 4"));
        EXPECT_TRUE(refused(afl, "CAP.AFL needs spec.revision 3 or 4"));
    }
}

/* ---------------------------------------------------------------- structures */

/* EMT, PWT and PCD belong to memory types (ref 9): without ECAP.MTS they are reserved in every revision. */
TEST_P(Revision, MemoryTypeFieldsOfAPasidEntryAreReservedWithoutMts)
{
    for (unsigned n = 91; n <= 95; n++) {
        Unit u(config());
        FsTree fs(u, 4);
        fs.map(kIova, kHpa);
        u.setFs(kSid, kPasid, fs, 3)[1] |= bit(n - 64);
        u.start();
        EXPECT_TRUE(blocked(u.dma(kSid).pasid(kPasid).read(kIova), VTD_FAULT_SPT_3)) << n;
    }
}

TEST_P(Revision, MemoryTypeFieldsAreThereInRevision3WithMts)
{
    features f{};
    f.revision = static_cast<uint8_t>(revision());
    for (bool mts : {false, true}) {
        f.mts = mts;
        reserved masks;
        vtd_layout_init(&masks, &f, 46);
        EXPECT_EQ(masks.pasid_entry[1] >> 27 & 31, revision() == 3 && mts ? 0u : 31u) << mts;
        EXPECT_EQ(masks.pasid_entry[1] >> 25 & 3, mts ? 0u : 3u) << "CD and EMTE go with MTS alone";
    }
}

/* Bit 62 was TM before revision 3 only; bit 61 is ignored. */
TEST_P(Revision, SecondStageBit62IsReserved)
{
    Unit u(config());
    SsTree ss(u, 4);
    ss.map(kIova, kHpa, 12, kSsR | kSsW | kSsIr);
    ss.map(kIova + 0x1000, kHpa, 12, kSsR | kSsW | kSsIw);
    u.setSs(kSid, kPasid, ss, 3);
    u.start();
    EXPECT_TRUE(translated(u.dma(kSid).pasid(kPasid).read(kIova), kHpa));
    EXPECT_TRUE(blocked(u.dma(kSid).pasid(kPasid).read(kIova + 0x1000), VTD_FAULT_SSS_3));
}

/* By choice also in the old revisions: no translation is shared between PASIDs, none survives a selective command. */
TEST_P(Revision, GlobalBitIsIgnored)
{
    Unit u(config());
    FsTree fs(u, 4);
    uint64_t *leaf = fs.map(kIova, kHpa, 12, kFsP | kFsRw | kFsUs | bit(8));
    u.setFs(kSid, kPasid, fs, 3);
    u.start();
    EXPECT_TRUE(translated(u.dma(kSid).pasid(kPasid).read(kIova), kHpa));
    *leaf = 0;
    u.submit({pasidIotlbInv(3, 3, kPasid, kIova)});
    EXPECT_TRUE(blocked(u.dma(kSid).pasid(kPasid).read(kIova), VTD_FAULT_SFS_2));
}

/* TTM=10b: extended mode is dead (ref 0.1). */
TEST_P(Revision, ExtendedModeIsAnError)
{
    Unit u(config());
    u.setPassThrough(kSid, 0, 3);
    u.setRootTable(VTD_TTM_RESERVED);
    u.enable();
    EXPECT_TRUE(blocked(u.dma(kSid).read(kIova), VTD_FAULT_RTA_1));
}

/* QI type 0xA: page stream response before revision 3, HPT invalidation in 5; a unit without HPTS has neither. */
TEST_P(Revision, DescriptorTypeTenIsUnknown)
{
    Unit u(config());
    u.start();
    u.at(u.queueBase())[0] = 0xa;
    u.write64(VTD_REG_IQT, 32);
    EXPECT_EQ(vtd_reg_iqercd_iqei(u.read64(VTD_REG_IQERCD)), static_cast<unsigned>(VTD_IQEI_DESCRIPTOR));
}

/* ---------------------------------------------------------------- registers */

TEST_P(Revision, ExtendedMessageDataIsSentBeforeRevision5)
{
    const uint32_t data = 0xabcd0041, expected = revision() < 5 ? data : 0x41;
    Unit u(config());
    u.setRootTable(VTD_TTM_SCALABLE);
    u.enable();
    u.write32(VTD_REG_FEDATA, data);
    u.write32(VTD_REG_FEADDR, 0xfee00000);
    u.write32(VTD_REG_FECTL, 0);
    EXPECT_EQ(u.read32(VTD_REG_FEDATA), expected);
    u.dma(kSid).read(0);
    ASSERT_EQ(u.messages.size(), 1u);
    EXPECT_EQ(u.messages[0].data, expected);
    for (const unsigned reg : {unsigned{VTD_REG_IEDATA}, unsigned{VTD_REG_PEDATA}}) {
        u.write32(reg, data);
        EXPECT_EQ(u.read32(reg), expected);
    }
}

/* Overflow is told by PRS in every revision; revision 3 shows it in FSTS, too, without a fault event. */
TEST_P(Revision, PageRequestOverflowShowsInFaultStatusOfRevision3)
{
    constexpr uint32_t kFstsPro = 1u << 7, kPrsPro = 2;
    const uint32_t expected = revision() == 3 ? kFstsPro : 0;
    Pager u(config());
    u.write32(VTD_REG_FECTL, 0);
    for (unsigned i = 0; i < 127; i++)
        EXPECT_EQ(u.page(VTD_PRQ_READ), VTD_PRQ_QUEUED);
    EXPECT_EQ(u.read32(VTD_REG_FSTS), 0u);
    EXPECT_EQ(u.page(VTD_PRQ_READ), VTD_PRQ_OVERFLOW);
    EXPECT_EQ(u.read32(VTD_REG_PRS) & kPrsPro, kPrsPro);
    EXPECT_EQ(u.read32(VTD_REG_FSTS), expected);
    EXPECT_TRUE(u.messages.empty()) << "PECTL is masked, and FECTL has nothing to say";
    u.write32(VTD_REG_FSTS, 0x7c);
    EXPECT_EQ(u.read32(VTD_REG_FSTS), expected) << "other bits do not clear it";
    u.write32(VTD_REG_FSTS, kFstsPro);
    EXPECT_EQ(u.read32(VTD_REG_FSTS), 0u);
    EXPECT_EQ(u.read32(VTD_REG_PRS) & kPrsPro, kPrsPro) << "cleared there by itself";
}

/* As Linux 6.1 sees it: a fault after an overflow still raises its event, and its handler clears PRO with the rest. */
TEST(Revision3, AnOverflowDoesNotHoldBackFaultEvents)
{
    Pager u(atRevision(3));
    u.write32(VTD_REG_FEADDR, 0xfee00000);
    u.write32(VTD_REG_FECTL, 0);
    for (unsigned i = 0; i < 128; i++)
        u.page(VTD_PRQ_READ);
    u.dma(0x2000).read(0);
    EXPECT_EQ(u.messages.size(), 1u);
    EXPECT_TRUE(u.takeFault().valid);
    u.write32(VTD_REG_FSTS, 1u << VTD_FSTS_PFO_LSB | 1u << VTD_FSTS_PPF_LSB | 1u << VTD_FSTS_PRO_LSB);
    EXPECT_EQ(u.read32(VTD_REG_FSTS), 0u);
}

/* VCCAP, VCMD and VCRSP have moved; the PASID begins at bit 8 of the old ones, which have no room for status 16. */
TEST_P(Revision, VirtualCommandRegisters)
{
    struct {
        uint64_t command, response, capabilities;
        unsigned none_available;
    } const where[] = {{0xe10, 0xe20, 0xe00, 2}, {0xe00, 0xe10, 0xe30, 16}};
    const auto &now = where[revision() != 3], &otherwise = where[revision() == 3];
    vtd_config c = config();
    c.ecap |= bit(44);
    const vtd_host host{}; /* nobody hands out PASIDs */
    vtd *unit = vtd_create(&c, &host, nullptr);
    ASSERT_NE(unit, nullptr);
    EXPECT_NE(vtd_mmio_read64(unit, now.capabilities), 0u);
    EXPECT_EQ(vtd_mmio_read64(unit, otherwise.capabilities), 0u);
    vtd_mmio_write64(unit, now.command, 1);
    EXPECT_EQ(vtd_mmio_read64(unit, now.response), now.none_available << 1);
    vtd_destroy(unit);
}

/* ---------------------------------------------------------------- private data of page requests */

TEST_P(Revision, PrivateDataOfAPageRequestIsQueuedInRevision3)
{
    for (bool present : {false, true}) {
        Pager u(config());
        EXPECT_EQ(u.page(VTD_PRQ_READ | VTD_PRQ_LAST | present * VTD_PRQ_PRIVATE), VTD_PRQ_QUEUED);
        const uint64_t *q = u.at(u.queue);
        const bool expected = present && revision() == 3;
        EXPECT_EQ(q[0] >> 9 & 1, expected);
        EXPECT_EQ(q[2], expected ? kPrivateData : 0);
        EXPECT_EQ(q[3], expected ? ~kPrivateData : 0);
    }
}

TEST_P(Revision, PrivateDataOfAGroupResponseIsDeliveredInRevision3)
{
    Desc d;
    vtd_pg_resp_set_type_lo(d.q, VTD_TYPE_PG_RESP);
    vtd_pg_resp_set_rid(d.q, kSid);
    d.q[0] |= bit(5); /* PDP */
    d.q[2] = kPrivateData;
    d.q[3] = ~kPrivateData;
    Pager u(config());
    if (revision() == 3) {
        u.submit({d});
        ASSERT_EQ(u.responses.size(), 1u);
        EXPECT_TRUE(u.responses[0].has_private);
        EXPECT_EQ(u.responses[0].private_data[0], kPrivateData);
        EXPECT_EQ(u.responses[0].private_data[1], ~kPrivateData);
        return;
    }
    for (unsigned i = 0; i < 4; i++)
        u.at(u.queueBase())[i] = d.q[i];
    u.write64(VTD_REG_IQT, 32);
    EXPECT_EQ(vtd_reg_iqercd_iqei(u.read64(VTD_REG_IQERCD)), static_cast<unsigned>(VTD_IQEI_RESERVED));
    EXPECT_TRUE(u.responses.empty());
}

TEST(Revision3, AResponseWithoutPdpCarriesNoPrivateData)
{
    Desc d;
    vtd_pg_resp_set_type_lo(d.q, VTD_TYPE_PG_RESP);
    vtd_pg_resp_set_rid(d.q, kSid);
    d.q[2] = kPrivateData;
    Pager u(atRevision(3));
    u.submit({d});
    ASSERT_EQ(u.responses.size(), 1u);
    EXPECT_FALSE(u.responses[0].has_private);
    EXPECT_EQ(u.responses[0].private_data[0], 0u);
}

/* A request with private data must be answered even if it is not the last of its group; the unit does, where it answers. */
TEST_P(Revision, PrivateDataWantsAnAutomaticAnswer)
{
    const bool answers = revision() == 3;
    Pager u(config());
    u.device(kSid);
    for (unsigned i = 0; i < 127; i++)
        u.page(VTD_PRQ_READ);
    EXPECT_EQ(u.page(VTD_PRQ_READ | VTD_PRQ_PRIVATE), VTD_PRQ_OVERFLOW);
    EXPECT_EQ(u.pageRequest(0x2000, kIova, VTD_PRQ_READ | VTD_PRQ_PRIVATE),
              answers ? VTD_PRQ_REJECTED : VTD_PRQ_DROPPED);
    ASSERT_EQ(u.responses.size(), answers ? 2u : 0u);
    for (const vtd_page_response &resp : u.responses) {
        EXPECT_TRUE(resp.has_private);
        EXPECT_EQ(resp.private_data[0], kPrivateData);
        EXPECT_EQ(resp.private_data[1], ~kPrivateData);
    }
    if (answers) {
        EXPECT_EQ(u.responses[0].code, 0) << "overflow: Success";
        EXPECT_EQ(u.responses[1].code, 1) << "a fault: Invalid Request";
    }
}

} // namespace vtdtest
