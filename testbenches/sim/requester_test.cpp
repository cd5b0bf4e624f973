/* SPDX-License-Identifier: MIT */
/* A function with a device TLB (ref 7.2): what it asks, what it keeps, and what completions of every kind make it do. */
#include "requester_rig.h"

#include <cerrno>

namespace vtdtest
{

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

} // namespace vtdtest
