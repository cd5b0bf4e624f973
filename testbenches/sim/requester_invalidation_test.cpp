/* SPDX-License-Identifier: MIT */
/* A function with a device TLB (ref 7.3): what invalidations take, and how it answers them. */
#include "requester_rig.h"

namespace vtdtest
{

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

namespace
{

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

} // namespace

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

} // namespace vtdtest
