/* SPDX-License-Identifier: MIT */
/*
 * A function with a device TLB (ref 7.1 to 7.3): what it asks, what it keeps and for how long, and what it does with
 * answers of every kind.
 */
#include "support/device_rig.h"

#include <cerrno>

namespace vtdtest
{

namespace
{

constexpr uint64_t kIova = 0x40000000, kHpa = 0x10000000, kOther = 0x20000000;
constexpr int kPasid = 5;
constexpr unsigned kReadOnly = kSsR;

/* One device; PASID 5 and requests without PASID go to second-stage tables of their own. */
struct Rig : DeviceRig {
    explicit Rig(const vtd_requester_config &config = fullDevice(), const vtd_config &unit = preset())
        : DeviceRig(unit), plain(*this, 4), tagged(*this, 4)
    {
        setSs(kSid, 0, plain, 3);
        setSs(kSid, kPasid, tagged, 4);
        write64(VTD_REG_PQA, alloc());
        start();
        add(config);
    }
    Device &dev()
    {
        return *devices.at(kSid);
    }
    /* The mapping of a page, without any invalidation. */
    void remap(SsTree &tree, uint64_t iova, uint64_t hpa)
    {
        vtd_ss_entry_set_addr(tree.entry(iova, 1), hpa >> 12);
    }

    SsTree plain, tagged;
};

testing::AssertionResult went(const vtd_requester_outcome &out, uint64_t hpa, vtd_requester_way way)
{
    if (out.result != VTD_REQUESTER_DONE)
        return testing::AssertionFailure() << "result " << +out.result << ", fault " << std::hex << +out.resp.fault;
    if (out.hpa != hpa)
        return testing::AssertionFailure() << "went to 0x" << std::hex << out.hpa << ", not 0x" << hpa;
    if (out.way != way)
        return testing::AssertionFailure() << "way " << +out.way << ", not " << +way;
    return testing::AssertionSuccess();
}

} // namespace

/* ---------------------------------------------------------------- accesses */

TEST(Requester, WithoutAtsEveryRequestIsUntranslated)
{
    vtd_requester_config c{};
    c.sid = kSid;
    c.pasid = true;
    Rig u(c);
    u.plain.map(kIova, kHpa);
    u.tagged.map(kIova, kOther);
    for (unsigned i = 1; i <= 2; i++) {
        EXPECT_TRUE(went(u.dev().write(kIova + 8), kHpa + 8, VTD_REQUESTER_UNTRANSLATED));
        EXPECT_TRUE(went(u.dev().read(kIova, kPasid), kOther, VTD_REQUESTER_UNTRANSLATED));
        EXPECT_EQ(u.dev().stats().untranslated_requests, 2 * i);
    }
    EXPECT_EQ(u.dev().stats().lookups, 0u);
    EXPECT_EQ(u.dev().stats().translation_requests, 0u);
    const vtd_requester_outcome out = u.dev().read(kIova + 0x1000);
    EXPECT_EQ(out.result, VTD_REQUESTER_BLOCKED);
    EXPECT_EQ(out.resp.fault, VTD_FAULT_SSS_2);
}

TEST(Requester, AsksOnceForAPageAndHitsFromThenOn)
{
    Rig u;
    u.plain.map(kIova, kHpa);
    EXPECT_TRUE(went(u.dev().read(kIova + 4), kHpa + 4, VTD_REQUESTER_ASKED));
    EXPECT_TRUE(went(u.dev().write(kIova + 0xffc), kHpa + 0xffc, VTD_REQUESTER_HIT));
    EXPECT_TRUE(went(u.dev().read(kIova), kHpa, VTD_REQUESTER_HIT));
    const vtd_requester_stats &s = u.dev().stats();
    EXPECT_EQ(s.accesses, 3u);
    EXPECT_EQ(s.lookups, 3u);
    EXPECT_EQ(s.hits, 2u);
    EXPECT_EQ(s.misses, 1u);
    EXPECT_EQ(s.fills, 1u);
    EXPECT_EQ(s.evictions, 0u);
    EXPECT_EQ(s.translation_requests, 1u);
    EXPECT_EQ(s.translated_requests, 3u);
    EXPECT_EQ(u.stats().requests, 4u);
}

TEST(Requester, ATranslatedHitCostsTheUnitNoIotlbLookup)
{
    Rig u;
    u.plain.map(kIova, kHpa);
    u.dev().read(kIova);
    const uint64_t lookups = u.stats().iotlb_lookup;
    u.dev().read(kIova);
    EXPECT_EQ(u.stats().iotlb_lookup, lookups);
}

TEST(Requester, TellsPasidsAndPrivilegeApart)
{
    vtd_config cfg = preset();
    setEcap(cfg, VTD_FIELD_OF(ECAP, SRS), 1);
    Rig u(fullDevice(), cfg);
    FsTree user(u, 4), super(u, 4, kFsP | kFsRw);
    user.map(kIova, kHpa + 0x5000);
    super.map(kIova, kHpa + 0x6000, 12, kFsP | kFsRw);
    u.plain.map(kIova, kHpa + 0x1000);
    u.tagged.map(kIova, kHpa + 0x2000);
    u.setFs(kSid, 6, user, 6);
    vtd_pasid_entry_set_sre(u.setFs(kSid, 7, super, 7), 1);
    EXPECT_TRUE(went(u.dev().read(kIova), kHpa + 0x1000, VTD_REQUESTER_ASKED));
    EXPECT_TRUE(went(u.dev().read(kIova, kPasid), kHpa + 0x2000, VTD_REQUESTER_ASKED));
    EXPECT_TRUE(went(u.dev().read(kIova, 6), kHpa + 0x5000, VTD_REQUESTER_ASKED));
    EXPECT_TRUE(went(u.dev().read(kIova, 7, VTD_REQ_PRIV), kHpa + 0x6000, VTD_REQUESTER_ASKED));
    vtd_requester_set_pri(u.dev().get(), false);
    EXPECT_EQ(u.dev().read(kIova, 7).result, VTD_REQUESTER_DENIED) << "the user has no right there";
    EXPECT_TRUE(went(u.dev().read(kIova), kHpa + 0x1000, VTD_REQUESTER_HIT));
    EXPECT_TRUE(went(u.dev().read(kIova, kPasid), kHpa + 0x2000, VTD_REQUESTER_HIT));
    EXPECT_TRUE(went(u.dev().read(kIova, 7, VTD_REQ_PRIV), kHpa + 0x6000, VTD_REQUESTER_HIT));
}

TEST(Requester, KeepsLargePagesInOneEntry)
{
    for (unsigned shift : {21u, 30u}) {
        Rig u;
        u.plain.map(kIova, 0x80000000, shift);
        EXPECT_TRUE(went(u.dev().read(kIova + 0x12345c), 0x80000000 + 0x12345c, VTD_REQUESTER_ASKED));
        EXPECT_TRUE(went(u.dev().read(kIova + bit(shift) - 4), 0x80000000 + bit(shift) - 4, VTD_REQUESTER_HIT));
        EXPECT_EQ(u.dev().read(kIova + bit(shift)).way, VTD_REQUESTER_ASKED) << "the next page is another";
    }
}

TEST(Requester, SmallAndLargePagesLiveBesideEachOther)
{
    Rig u;
    u.plain.map(kIova, 0x80000000, 21);
    u.plain.map(kIova + 0x200000, kOther);
    u.dev().read(kIova);
    u.dev().read(kIova + 0x200000);
    EXPECT_TRUE(went(u.dev().read(kIova + 0x1ff000), 0x801ff000, VTD_REQUESTER_HIT));
    EXPECT_TRUE(went(u.dev().read(kIova + 0x200ffc), kOther + 0xffc, VTD_REQUESTER_HIT));
}

TEST(Requester, PagesGoByLeastRecentUse)
{
    Rig u(fullDevice(kSid, 2));
    for (uint64_t i = 0; i < 3; i++)
        u.plain.map(kIova + i * 0x1000, kHpa + i * 0x1000);
    u.dev().read(kIova);
    u.dev().read(kIova + 0x1000);
    u.dev().read(kIova);          /* now 1 is the oldest */
    u.dev().read(kIova + 0x2000); /* and goes */
    EXPECT_EQ(u.dev().stats().evictions, 1u);
    EXPECT_EQ(u.dev().read(kIova).way, VTD_REQUESTER_HIT);
    EXPECT_EQ(u.dev().read(kIova + 0x1000).way, VTD_REQUESTER_ASKED);
}

TEST(Requester, WithoutEntriesItAsksEachTime)
{
    Rig u(fullDevice(kSid, 0));
    u.plain.map(kIova, kHpa);
    for (unsigned i = 0; i < 3; i++)
        EXPECT_TRUE(went(u.dev().read(kIova), kHpa, VTD_REQUESTER_ASKED));
    EXPECT_EQ(u.dev().stats().translation_requests, 3u);
    EXPECT_EQ(u.dev().stats().fills, 0u);
}

/* ---------------------------------------------------------------- completions (ref 7.2) */

TEST(Requester, AMissingRightIsDeniedWithoutAMemoryRequest)
{
    vtd_requester_config c = fullDevice();
    c.pri = false;
    Rig u(c);
    u.plain.map(kIova, kHpa, 12, kReadOnly);
    EXPECT_TRUE(went(u.dev().read(kIova), kHpa, VTD_REQUESTER_ASKED));
    EXPECT_EQ(u.dev().write(kIova).result, VTD_REQUESTER_DENIED);
    EXPECT_EQ(u.dev().access(Device::request(kIova, VTD_ATOMIC)).result, VTD_REQUESTER_DENIED);
    EXPECT_EQ(u.dev().read(kIova + 0x1000).result, VTD_REQUESTER_DENIED) << "not mapped";
    EXPECT_EQ(u.dev().stats().translated_requests, 1u);
    EXPECT_FALSE(u.takeFault().valid) << "success without rights is no fault";
}

TEST(Requester, ARightThatCameLaterIsFoundByAskingAgain)
{
    vtd_requester_config c = fullDevice();
    c.pri = false;
    Rig u(c);
    uint64_t *leaf = u.plain.map(kIova, kHpa, 12, kReadOnly);
    u.dev().read(kIova);
    vtd_ss_entry_set_w(leaf, 1);
    u.invalidateAll(); /* of the unit: more rights need no flush of device TLBs */
    EXPECT_TRUE(went(u.dev().write(kIova), kHpa, VTD_REQUESTER_ASKED));
    EXPECT_TRUE(went(u.dev().write(kIova), kHpa, VTD_REQUESTER_HIT));
}

TEST(Requester, ReadsAskWithNoWriteWhereTold)
{
    for (bool no_write : {false, true}) {
        vtd_requester_config c = fullDevice();
        c.no_write = no_write;
        vtd_config cfg = preset();
        setEcap(cfg, VTD_FIELD_OF(ECAP, NWFS), 1);
        Rig u(c, cfg);
        u.plain.map(kIova, kHpa);
        u.dev().read(kIova);
        EXPECT_EQ(u.dev().write(kIova).way, no_write ? VTD_REQUESTER_ASKED : VTD_REQUESTER_HIT);
        EXPECT_EQ(u.dev().write(kIova).way, VTD_REQUESTER_HIT) << "the entry has both rights now";
    }
}

TEST(Requester, InterruptsGoUntranslatedAndAreNotKept)
{
    Rig u;
    vtd_request msi = Device::request(kMsiStart + 0x10000, VTD_WRITE);
    for (unsigned i = 1; i <= 2; i++) {
        const vtd_requester_outcome out = u.dev().access(msi);
        EXPECT_EQ(out.resp.result, VTD_RESULT_INTERRUPT);
        EXPECT_EQ(out.way, VTD_REQUESTER_UNTRANSLATED);
        EXPECT_EQ(u.dev().stats().translation_requests, i);
    }
    EXPECT_EQ(u.dev().stats().fills, 0u);
}

TEST(Requester, NoSnoopOnlyWhereTheCompletionAllowsIt)
{
    for (bool snooped : {false, true}) {
        vtd_config cfg = preset();
        setEcap(cfg, VTD_FIELD_OF(ECAP, SC), 1);
        Rig u(fullDevice(), cfg);
        u.plain.map(kIova, kHpa, 12, kSsR | kSsW | (snooped ? kSsSnp : 0));
        u.dev().read(kIova);
        const vtd_requester_outcome out = u.dev().read(kIova, -1, VTD_REQ_NO_SNOOP);
        EXPECT_EQ(out.way, VTD_REQUESTER_HIT);
        EXPECT_EQ((out.resp.attr & VTD_ATTR_SNOOP) != 0, snooped);
    }
}

TEST(Requester, UrTurnsAtsOffUntilItIsEnabledAgain)
{
    Rig u;
    u.plain.map(kIova, kHpa);
    vtd_sm_context_set_pre(u.context(kSid), 0); /* PRE needs DTE */
    vtd_sm_context_set_dte(u.context(kSid), 0);
    u.invalidateAll();
    EXPECT_EQ(u.dev().read(kIova).result, VTD_REQUESTER_BLOCKED);
    EXPECT_FALSE(vtd_requester_has_ats_on(u.dev().get()));
    EXPECT_EQ(u.dev().stats().ats_lost, 1u);
    EXPECT_TRUE(went(u.dev().read(kIova), kHpa, VTD_REQUESTER_UNTRANSLATED));
    vtd_sm_context_set_dte(u.context(kSid), 1);
    u.invalidateAll();
    EXPECT_TRUE(went(u.dev().read(kIova), kHpa, VTD_REQUESTER_UNTRANSLATED));
    EXPECT_TRUE(vtd_requester_set_ats(u.dev().get(), true));
    EXPECT_TRUE(went(u.dev().read(kIova), kHpa, VTD_REQUESTER_ASKED));
}

TEST(Requester, CaBlocksTheAccessAndLeavesAtsOn)
{
    Rig u;
    u.tagged.map(kIova, kMsiStart); /* an output in the interrupt range: SGN.8.2, CA */
    EXPECT_EQ(u.dev().read(kIova, kPasid).result, VTD_REQUESTER_BLOCKED);
    EXPECT_TRUE(vtd_requester_has_ats_on(u.dev().get()));
    EXPECT_EQ(u.dev().stats().ats_lost, 0u);
}

TEST(Requester, EnablingAtsStartsWithAnEmptyDeviceTlb)
{
    Rig u;
    u.plain.map(kIova, kHpa);
    u.dev().read(kIova);
    EXPECT_TRUE(vtd_requester_set_ats(u.dev().get(), false));
    EXPECT_EQ(u.dev().read(kIova).way, VTD_REQUESTER_UNTRANSLATED);
    EXPECT_TRUE(vtd_requester_set_ats(u.dev().get(), true));
    EXPECT_EQ(u.dev().read(kIova).way, VTD_REQUESTER_ASKED);
}

TEST(Requester, TranslatedRequestsCarryThePasidWhereTold)
{
    for (bool carried : {false, true}) {
        vtd_requester_config c = fullDevice();
        c.pasid_in_translated = carried;
        Rig u(c);
        u.tagged.map(kIova, kHpa);
        vtd_sm_context_set_eptr(u.context(kSid), 0);
        u.invalidateAll();
        const vtd_requester_outcome out = u.dev().read(kIova, kPasid);
        EXPECT_EQ(out.result, carried ? VTD_REQUESTER_BLOCKED : VTD_REQUESTER_DONE) << "EPTR is 0";
    }
}

TEST(Requester, RefusesWhatCannotBeOnALink)
{
    vtd_requester_config c = fullDevice();
    Rig u(c);
    vtd_request wide = Device::request(kIova + 0xffe, VTD_READ);
    vtd_request big = Device::request(kIova, VTD_READ, 1 << 20);
    vtd_request empty = Device::request(kIova, VTD_WRITE);
    empty.len = 0;
    vtd_request strange = Device::request(kIova, static_cast<vtd_access>(9));
    for (const vtd_request &req : {wide, big, empty, strange, Device::request(kIova, VTD_EXEC),
                                   Device::request(kIova, VTD_READ, -1, VTD_REQ_PRIV)})
        EXPECT_EQ(u.dev().access(req).result, VTD_REQUESTER_INVALID);
    EXPECT_EQ(u.stats().requests, 0u);
    vtd_requester_config simple{};
    simple.sid = 0x0618;
    EXPECT_EQ(u.add(simple).read(kIova, kPasid).result, VTD_REQUESTER_INVALID) << "it has no PASIDs";
    EXPECT_FALSE(vtd_requester_set_ats(u.devices[0x0618]->get(), true));
    EXPECT_FALSE(vtd_requester_set_pri(u.devices[0x0618]->get(), true));
}

TEST(Requester, RefusesConfigurationsThatMakeNoSense)
{
    Unit u;
    vtd_requester *made;
    char why[VTD_WHY_SIZE];
    vtd_requester_config c = fullDevice();
    c.ats = false;
    EXPECT_EQ(vtd_requester_create(u.get(), &c, &made, why), -EINVAL);
    EXPECT_STREQ(why, "a device with PRI needs ATS");
    c = fullDevice();
    c.outstanding_max = 512;
    EXPECT_EQ(vtd_requester_create(u.get(), &c, &made, nullptr), -EINVAL);
    c = fullDevice(kSid, 48);
    c.device_tlb.ways = 5;
    EXPECT_EQ(vtd_requester_create(u.get(), &c, &made, why), -EINVAL);
    EXPECT_EQ(made, nullptr);
}

/* ---------------------------------------------------------------- invalidation (ref 7.3) */

TEST(Requester, AMissingFlushShowsAsAStaleUse)
{
    for (bool flushed : {false, true}) {
        vtd_requester_config c = fullDevice();
        c.watch_stale = true;
        Rig u(c);
        u.plain.map(kIova, kHpa);
        u.dev().read(kIova);
        u.remap(u.plain, kIova, kOther);
        u.invalidateAll();
        EXPECT_TRUE(!flushed || u.flush({devTlbInv(kSid, kIova, 0)}));
        const vtd_requester_outcome out = u.dev().read(kIova);
        EXPECT_EQ(out.hpa, flushed ? kOther : kHpa);
        EXPECT_EQ(u.dev().stats().stale_hits, flushed ? 0u : 1u);
    }
}

TEST(Requester, ADisobedientDeviceAnswersAndGoesOnWithWhatItHas)
{
    for (bool obey : {true, false}) {
        Rig u;
        u.plain.map(kIova, kHpa);
        u.dev().read(kIova);
        u.remap(u.plain, kIova, kOther);
        vtd_requester_set_obey(u.dev().get(), obey);
        EXPECT_TRUE(u.flush({iotlbInv(1), devTlbInv(kSid, kIova, 0)})) << "answered either way";
        EXPECT_EQ(u.dev().read(kIova).hpa, obey ? kOther : kHpa);
        EXPECT_EQ(u.dev().stats().invalidations, 1u);
        EXPECT_EQ(u.dev().stats().invalidated, obey ? 1u : 0u);
    }
}

/* Pages 0 to 15 without PASID and with PASIDs 5 and 6; which are still there after an invalidation. */
struct Scopes : Rig {
    Scopes()
    {
        setSs(kSid, 6, tagged, 4);
        for (uint64_t i = 0; i < 16; i++) {
            plain.map(kIova + i * 0x1000, kHpa + i * 0x1000);
            tagged.map(kIova + i * 0x1000, kOther + i * 0x1000);
            for (int pasid : {-1, 5, 6})
                dev().read(kIova + i * 0x1000, pasid);
        }
    }
    unsigned left(int pasid)
    {
        unsigned mask = 0;
        for (unsigned i = 0; i < 16; i++)
            mask |= static_cast<unsigned>(dev().read(kIova + i * 0x1000, pasid).way == VTD_REQUESTER_HIT) << i;
        return mask;
    }
};

TEST(Requester, AnInvalidationTakesExactlyItsRange)
{
    struct {
        unsigned page, order, left;
    } const cases[] = {{3, 0, 0xfff7}, {2, 1, 0xfff3}, {4, 2, 0xff0f}, {8, 3, 0x00ff}, {0, 4, 0}, {5, 52, 0}};
    for (const auto &c : cases) {
        Scopes u;
        ASSERT_TRUE(u.flush({pasidDevTlbInv(kSid, 5, kIova + c.page * 0x1000, c.order)}));
        EXPECT_EQ(u.left(5), c.left) << c.page << " order " << c.order;
        EXPECT_EQ(u.left(6), 0xffffu);
        EXPECT_EQ(u.left(-1), 0xffffu) << "entries without PASID";
    }
}

TEST(Requester, GlobalTakesAllPasids)
{
    Scopes u;
    ASSERT_TRUE(u.flush({pasidDevTlbInv(kSid, 5, kIova, 2, true)}));
    EXPECT_EQ(u.left(5), 0xfff0u);
    EXPECT_EQ(u.left(6), 0xfff0u);
    EXPECT_EQ(u.left(-1), 0xffffu);
}

TEST(Requester, Type3TakesItsRangeWhateverThePasid)
{
    Scopes u;
    ASSERT_TRUE(u.flush({devTlbInv(kSid, kIova + 0x4000, 2)}));
    for (int pasid : {-1, 5, 6})
        EXPECT_EQ(u.left(pasid), 0xff0fu);
    ASSERT_TRUE(u.flush({devTlbInv(kSid, 0, 52)}));
    for (int pasid : {-1, 5, 6})
        EXPECT_EQ(u.left(pasid), 0u);
}

TEST(Requester, APageInsideOfALargeEntryTakesAllOfIt)
{
    for (uint64_t offset : {UINT64_C(0), UINT64_C(0x1ff000), UINT64_C(0x200000)}) {
        Rig u;
        u.plain.map(kIova, 0x80000000, 21);
        u.dev().read(kIova);
        ASSERT_TRUE(u.flush({devTlbInv(kSid, kIova + offset, 0)}));
        EXPECT_EQ(u.dev().read(kIova).way, offset < 0x200000 ? VTD_REQUESTER_ASKED : VTD_REQUESTER_HIT);
    }
}

TEST(Requester, AnotherDevicesInvalidationLeavesItAlone)
{
    Rig u;
    u.plain.map(kIova, kHpa);
    u.dev().read(kIova);
    ASSERT_TRUE(u.flush({devTlbInv(kSid + 8, 0, 52)})) << "the root complex answers for the absent";
    EXPECT_EQ(u.dev().read(kIova).way, VTD_REQUESTER_HIT);
}

/* ---------------------------------------------------------------- answers */

TEST(Requester, ALateAnswerHoldsTheWaitAndTheEntriesUntilReleased)
{
    Rig u;
    u.plain.map(kIova, kHpa);
    u.dev().read(kIova);
    vtd_requester_set_answer(u.dev().get(), VTD_ANSWER_HOLD);
    EXPECT_FALSE(u.flush({devTlbInv(kSid, kIova, 0)}, true));
    EXPECT_EQ(vtd_answers_outstanding(&u.answers), 1u);
    EXPECT_EQ(u.dev().read(kIova).way, VTD_REQUESTER_HIT) << "allowed until the answer";
    vtd_requester_set_answer(u.dev().get(), VTD_ANSWER_PROMPT);
    vtd_answers_release(&u.answers, kSid);
    u.pump();
    EXPECT_EQ(*u.at(u.status), 2u);
    EXPECT_EQ(vtd_answers_outstanding(&u.answers), 0u);
    EXPECT_EQ(u.dev().read(kIova).way, VTD_REQUESTER_ASKED);
}

TEST(Requester, NoAnswerTimesOutAndAbortsTheWait)
{
    Rig u;
    vtd_requester_set_answer(u.dev().get(), VTD_ANSWER_NEVER);
    EXPECT_FALSE(u.flush({devTlbInv(kSid, kIova, 0)}));
    EXPECT_EQ(u.fsts(), 0u) << "time has not passed";
    u.pump(true);
    EXPECT_EQ(u.fsts() & bit(VTD_FSTS_ITE_LSB), bit(VTD_FSTS_ITE_LSB));
    EXPECT_EQ(vtd_reg_iqercd_itesid(u.read64(VTD_REG_IQERCD)), kSid);
    EXPECT_EQ(*u.at(u.status), 0u);
}

TEST(Requester, WrongAnswersAreUnexpectedAndReleaseNothing)
{
    for (vtd_answer answer : {VTD_ANSWER_WRONG_SID, VTD_ANSWER_WRONG_ITAG}) {
        Rig u;
        vtd_requester_set_answer(u.dev().get(), answer);
        EXPECT_FALSE(u.flush({devTlbInv(kSid, kIova, 0)}, true));
        EXPECT_EQ(u.fsts() & bit(VTD_FSTS_ICE_LSB), bit(VTD_FSTS_ICE_LSB));
        EXPECT_EQ(vtd_reg_iqercd_icesid(u.read64(VTD_REG_IQERCD)), answer == VTD_ANSWER_WRONG_SID ? kSid ^ 1u : kSid);
        vtd_requester_set_answer(u.dev().get(), VTD_ANSWER_PROMPT);
        vtd_answers_release(&u.answers, kSid);
        u.pump();
        EXPECT_EQ(*u.at(u.status), 2u) << "the good answer is still to come";
    }
}

/* ---------------------------------------------------------------- page requests (ref 7.1) */

TEST(Requester, AMissingPageIsAskedForAndUsedAfterTheResponse)
{
    Rig u;
    const vtd_requester_outcome out = u.dev().write(kIova + 0x10, kPasid);
    ASSERT_EQ(out.result, VTD_REQUESTER_WAITING);
    EXPECT_EQ(vtd_requester_outstanding(u.dev().get()), 1u);
    const uint64_t *q = u.at(vtd_reg_pqa_pqa(u.read64(VTD_REG_PQA)) << 12);
    EXPECT_EQ(vtd_prq_desc_rid(q), kSid);
    EXPECT_EQ(vtd_prq_desc_pasid(q), 5u);
    EXPECT_EQ(vtd_prq_desc_addr(q), kIova >> 12);
    EXPECT_EQ(vtd_prq_desc_wrr(q), 1u);
    EXPECT_EQ(vtd_prq_desc_rdr(q), 0u);
    EXPECT_EQ(vtd_prq_desc_lpig(q), 1u);
    EXPECT_EQ(vtd_prq_desc_prgi(q), out.prgi);
    EXPECT_EQ(u.dev().retry(out.prgi).result, VTD_REQUESTER_WAITING);
    u.tagged.map(kIova, kHpa);
    EXPECT_TRUE(u.flush({groupResponse(kSid, out.prgi, 0, true, 5)}));
    EXPECT_EQ(vtd_requester_outstanding(u.dev().get()), 0u);
    EXPECT_TRUE(went(u.dev().retry(out.prgi), kHpa + 0x10, VTD_REQUESTER_ASKED));
    EXPECT_EQ(u.dev().retry(out.prgi).result, VTD_REQUESTER_INVALID) << "once per response";
}

TEST(Requester, AGoodResponseWithoutThePageLeadsToAnotherRequest)
{
    Rig u;
    const vtd_requester_outcome first = u.dev().read(kIova);
    ASSERT_EQ(first.result, VTD_REQUESTER_WAITING);
    u.flush({groupResponse(kSid, first.prgi, 0)});
    const vtd_requester_outcome second = u.dev().retry(first.prgi);
    EXPECT_EQ(second.result, VTD_REQUESTER_WAITING);
    EXPECT_NE(second.prgi, first.prgi);
    EXPECT_EQ(u.dev().stats().page_requests, 2u);
}

TEST(Requester, ABadResponseEndsTheAccess)
{
    for (unsigned code : {1u, 15u}) {
        Rig u;
        const vtd_requester_outcome out = u.dev().read(kIova);
        u.plain.map(kIova, kHpa);
        u.flush({groupResponse(kSid, out.prgi, code)});
        const vtd_requester_outcome end = u.dev().retry(out.prgi);
        EXPECT_EQ(end.result, VTD_REQUESTER_DENIED);
        EXPECT_EQ(end.code, code);
        EXPECT_EQ(vtd_requester_has_pri_on(u.dev().get()), code == 1) << "response failure turns PRI off";
    }
}

TEST(Requester, ResponsesThatNobodyWaitsForAreCountedOnly)
{
    Rig u;
    const vtd_requester_outcome out = u.dev().read(kIova, kPasid);
    const uint16_t other = static_cast<uint16_t>(out.prgi + 1);
    u.flush({groupResponse(kSid, other, 0, true, 5), groupResponse(kSid, out.prgi, 0, true, 6),
             groupResponse(kSid, out.prgi, 0), groupResponse(kSid + 8, out.prgi, 0, true, 5)});
    EXPECT_EQ(u.dev().stats().unexpected_responses, 3u);
    EXPECT_EQ(u.dev().retry(out.prgi).result, VTD_REQUESTER_WAITING);
    u.flush({groupResponse(kSid, out.prgi, 0, true, 5), groupResponse(kSid, out.prgi, 0, true, 5)});
    EXPECT_EQ(u.dev().stats().unexpected_responses, 4u) << "the second is one too many";
}

TEST(Requester, TheUnitsOwnResponsesReachTheDevice)
{
    Rig u;
    vtd_sm_context_set_pre(u.context(kSid), 0);
    u.invalidateAll();
    const vtd_requester_outcome out = u.dev().read(kIova);
    EXPECT_EQ(out.result, VTD_REQUESTER_WAITING);
    u.pump();
    const vtd_requester_outcome end = u.dev().retry(out.prgi);
    EXPECT_EQ(end.result, VTD_REQUESTER_DENIED);
    EXPECT_EQ(end.code, 1u) << "invalid request: PRE is 0";
}

TEST(Requester, SoManyGroupsAndNoMore)
{
    vtd_requester_config c = fullDevice();
    c.outstanding_max = 3;
    Rig u(c);
    std::vector<uint16_t> prgi;
    for (uint64_t i = 0; i < 3; i++) {
        const vtd_requester_outcome out = u.dev().read(kIova + i * 0x1000);
        ASSERT_EQ(out.result, VTD_REQUESTER_WAITING);
        prgi.push_back(out.prgi);
    }
    EXPECT_EQ(u.dev().read(kIova + 0x3000).result, VTD_REQUESTER_BUSY);
    u.flush({groupResponse(kSid, prgi[1], 1)});
    EXPECT_EQ(u.dev().read(kIova + 0x3000).result, VTD_REQUESTER_BUSY) << "the response was not taken yet";
    EXPECT_EQ(u.dev().retry(prgi[1]).result, VTD_REQUESTER_DENIED);
    EXPECT_EQ(u.dev().read(kIova + 0x3000).result, VTD_REQUESTER_WAITING);
}

TEST(Requester, AGroupOfPagesHasOneLastRequestAndOneResponse)
{
    Rig u;
    uint16_t prgi = 0xffff;
    const vtd_request want = Device::request(kIova, VTD_ATOMIC, kPasid);
    ASSERT_EQ(vtd_requester_request_pages(u.dev().get(), &want, 3, &prgi), VTD_REQUESTER_WAITING);
    for (unsigned i = 0; i < 3; i++) {
        const uint64_t *q = u.at((vtd_reg_pqa_pqa(u.read64(VTD_REG_PQA)) << 12) + 32 * i);
        EXPECT_EQ(vtd_prq_desc_addr(q), (kIova >> 12) + i);
        EXPECT_EQ(vtd_prq_desc_lpig(q), i == 2);
        EXPECT_EQ(vtd_prq_desc_rdr(q) & vtd_prq_desc_wrr(q), 1u);
        EXPECT_EQ(vtd_prq_desc_prgi(q), prgi);
    }
    uint8_t code = 0xff;
    EXPECT_FALSE(vtd_requester_collect(u.dev().get(), prgi, &code));
    EXPECT_EQ(u.dev().retry(prgi).result, VTD_REQUESTER_INVALID) << "no access waits for it";
    u.flush({groupResponse(kSid, prgi, 0, true, 5)});
    EXPECT_TRUE(vtd_requester_collect(u.dev().get(), prgi, &code));
    EXPECT_EQ(code, 0u);
    EXPECT_FALSE(vtd_requester_collect(u.dev().get(), prgi, &code));
}

TEST(Requester, AStopMarkerAsksForNothing)
{
    Rig u;
    EXPECT_EQ(vtd_requester_stop_marker(u.dev().get(), 5), VTD_PRQ_QUEUED);
    const uint64_t *q = u.at(vtd_reg_pqa_pqa(u.read64(VTD_REG_PQA)) << 12);
    EXPECT_EQ(vtd_prq_desc_rdr(q) | vtd_prq_desc_wrr(q), 0u);
    EXPECT_EQ(vtd_prq_desc_lpig(q), 1u);
    EXPECT_EQ(vtd_prq_desc_pasid(q), 5u);
    EXPECT_EQ(vtd_requester_outstanding(u.dev().get()), 0u);
}

TEST(Requester, PriOffDeniesInsteadOfAsking)
{
    Rig u;
    EXPECT_TRUE(vtd_requester_set_pri(u.dev().get(), false));
    EXPECT_EQ(u.dev().read(kIova).result, VTD_REQUESTER_DENIED);
    uint16_t prgi;
    const vtd_request want = Device::request(kIova, VTD_READ);
    EXPECT_EQ(vtd_requester_request_pages(u.dev().get(), &want, 1, &prgi), VTD_REQUESTER_INVALID);
    EXPECT_TRUE(vtd_requester_set_pri(u.dev().get(), true));
    EXPECT_EQ(u.dev().read(kIova).result, VTD_REQUESTER_WAITING);
}

} // namespace vtdtest
