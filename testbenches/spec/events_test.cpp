/* SPDX-License-Identifier: MIT */
/*
 * Message interrupts of the unit itself: fault, invalidation completion and page request events (ref 1.7, 3.3, 5.4, 7.1).
 */
#include "support/unit_fixture.h"

#include <string>

namespace vtdtest
{

namespace
{

/* One event: the offset of its control register, with data, address and upper address behind it. */
struct Event {
    const char *name;
    unsigned ctl;
};
constexpr Event kFault = {"fault", VTD_REG_FECTL}, kCompletion = {"completion", VTD_REG_IECTL},
                kPage = {"page", VTD_REG_PECTL};
constexpr uint32_t kIm = 1u << 31, kIp = 1u << 30;

/* A unit that has conditions of every kind at hand. */
struct Source : Unit {
    explicit Source(vtd_config config = preset()) : Unit(config)
    {
        setPassThrough(kSid, 0, 3);
        setPassThrough(kSid, 1, 3);
        write64(VTD_REG_PQA, alloc());
        start();
    }
    void program(const Event &e, bool masked)
    {
        write32(e.ctl + 4, 0x41);
        write32(e.ctl + 8, 0xfee05008);
        write32(e.ctl + 12, 0x12300);
        write32(e.ctl, masked ? kIm : 0);
    }
    bool pending(const Event &e) const
    {
        return read32(e.ctl) & kIp;
    }
    /* Conditions. */
    void fault()
    {
        EXPECT_TRUE(blocked(dma(0x2000).read(0), VTD_FAULT_SRT_2));
    }
    void queueError() /* IQE: a descriptor of type 0 */
    {
        const uint64_t tail = read64(VTD_REG_IQT);
        for (unsigned i = 0; i < 4; i++)
            at(queueBase() + tail)[i] = 0;
        write64(VTD_REG_IQT, tail + 32);
        EXPECT_EQ(vtd_reg_fsts_iqe(read32(VTD_REG_FSTS)), 1u);
    }
    void repairQueue() /* the slot becomes a wait that does nothing */
    {
        at(queueBase() + read64(VTD_REG_IQH))[0] = VTD_TYPE_INV_WAIT;
        write32(VTD_REG_FSTS, 1u << VTD_FSTS_IQE_LSB);
        EXPECT_EQ(read64(VTD_REG_IQH), read64(VTD_REG_IQT));
    }
    void strayCompletion() /* ICE */
    {
        vtd_device_tlb_complete(get(), kSid, 1);
        EXPECT_EQ(vtd_reg_fsts_ice(read32(VTD_REG_FSTS)), 1u);
    }
    void timeOut() /* ITE */
    {
        Desc d;
        vtd_dev_tlb_inv_set_type_lo(d.q, VTD_TYPE_DEV_TLB_INV);
        vtd_dev_tlb_inv_set_sid(d.q, kSid);
        submit({d});
        ASSERT_FALSE(device_invs.empty());
        vtd_device_tlb_timeout(get(), device_invs.back().itag);
        EXPECT_EQ(vtd_reg_fsts_ite(read32(VTD_REG_FSTS)), 1u);
    }
    void wait(bool interrupt)
    {
        Desc d;
        vtd_inv_wait_set_type_lo(d.q, VTD_TYPE_INV_WAIT);
        vtd_inv_wait_set_if(d.q, interrupt);
        submit({d});
    }
    vtd_prq_result page()
    {
        return pageRequest(kSid, 0x1000, VTD_PRQ_READ | VTD_PRQ_LAST | VTD_PRQ_PASID, 1);
    }
    void fillPageQueue() /* full: one slot stays free */
    {
        while (page() == VTD_PRQ_QUEUED)
            ;
    }
    void clearStatus()
    {
        clearFaults();
        write32(VTD_REG_FSTS, 0x70);
        EXPECT_EQ(read32(VTD_REG_FSTS) & 0x73, 0u);
    }
    /* What makes each event happen for the first time. */
    void cause(const Event &e)
    {
        if (e.ctl == kFault.ctl)
            fault();
        else if (e.ctl == kCompletion.ctl)
            wait(true);
        else
            EXPECT_EQ(page(), VTD_PRQ_QUEUED);
    }
    void withdraw(const Event &e)
    {
        if (e.ctl == kFault.ctl)
            clearStatus();
        else if (e.ctl == kCompletion.ctl)
            write32(VTD_REG_ICS, 1);
        else
            write32(VTD_REG_PRS, 3);
    }
};

} // namespace

class EachEvent : public testing::TestWithParam<Event>
{
};

TEST_P(EachEvent, IsMaskedAfterReset)
{
    Source u;
    EXPECT_EQ(u.read32(GetParam().ctl), kIm);
    for (unsigned reg : {4u, 8u, 12u})
        EXPECT_EQ(u.read32(GetParam().ctl + reg), 0u);
}

TEST_P(EachEvent, UnmaskedSendsTheProgrammedMessageAtOnce)
{
    Source u;
    u.program(GetParam(), false);
    u.cause(GetParam());
    ASSERT_EQ(u.messages.size(), 1u);
    EXPECT_EQ(u.messages[0].addr, UINT64_C(0x12300) << 32 | 0xfee05008);
    EXPECT_EQ(u.messages[0].data, 0x41u);
    EXPECT_EQ(u.read32(GetParam().ctl), 0u) << "IP is clear again";
}

TEST_P(EachEvent, MaskedWaitsAndIsSentByUnmasking)
{
    Source u;
    u.program(GetParam(), true);
    u.cause(GetParam());
    EXPECT_TRUE(u.messages.empty());
    EXPECT_EQ(u.read32(GetParam().ctl), kIm | kIp);
    u.write32(GetParam().ctl, kIm);
    EXPECT_TRUE(u.pending(GetParam())) << "IP cannot be written";
    u.write32(GetParam().ctl, 0);
    EXPECT_EQ(u.messages.size(), 1u);
    EXPECT_EQ(u.read32(GetParam().ctl), 0u);
    u.write32(GetParam().ctl, kIm);
    u.write32(GetParam().ctl, 0);
    EXPECT_EQ(u.messages.size(), 1u) << "only once";
}

TEST_P(EachEvent, ComesOnlyOnceUntilTheConditionIsCleared)
{
    Source u;
    u.program(GetParam(), false);
    for (int i = 0; i < 3; i++)
        u.cause(GetParam());
    EXPECT_EQ(u.messages.size(), 1u);
    u.withdraw(GetParam());
    u.cause(GetParam());
    EXPECT_EQ(u.messages.size(), 2u);
}

TEST_P(EachEvent, ClearedConditionWithdrawsAPendingEvent)
{
    Source u;
    u.program(GetParam(), true);
    u.cause(GetParam());
    u.withdraw(GetParam());
    EXPECT_EQ(u.read32(GetParam().ctl), kIm);
    u.write32(GetParam().ctl, 0);
    EXPECT_TRUE(u.messages.empty());
}

TEST_P(EachEvent, SoftwareCannotSetPending)
{
    Source u;
    u.program(GetParam(), true);
    u.write32(GetParam().ctl, kIm | kIp);
    u.write32(GetParam().ctl, 0);
    EXPECT_TRUE(u.messages.empty());
}

TEST_P(EachEvent, OthersStayQuiet)
{
    Source u;
    for (const Event &e : {kFault, kCompletion, kPage})
        u.program(e, true);
    u.cause(GetParam());
    for (const Event &e : {kFault, kCompletion, kPage})
        EXPECT_EQ(u.pending(e), e.ctl == GetParam().ctl) << e.name;
}

TEST_P(EachEvent, ReservedBitsOfItsRegisters)
{
    Source u;
    const unsigned ctl = GetParam().ctl;
    u.write32(ctl, ~0u);
    EXPECT_EQ(u.read32(ctl), kIm) << "29:0 are RsvdP, IP is read-only";
    for (unsigned reg : {4u, 8u, 12u})
        u.write32(ctl + reg, ~0u);
    EXPECT_EQ(u.read32(ctl + 4), 0xffffu);
    EXPECT_EQ(u.read32(ctl + 8), 0xfffffffcu);
    EXPECT_EQ(u.read32(ctl + 12), 0xffffffffu);
}

INSTANTIATE_TEST_SUITE_P(Events, EachEvent, testing::Values(kFault, kCompletion, kPage),
                         [](const auto &event) { return std::string(event.param.name); });

/* ---------------------------------------------------------------- fault event: four sources, one event (ref 5.4) */

TEST(FaultEvent, EachConditionRaisesItAndHidesTheOthers)
{
    /* An error of the queue stops it: no other error of the queue can follow. */
    const struct {
        void (Source::*happen)();
        bool of_queue;
    } conditions[] = {{&Source::fault, false},
                      {&Source::strayCompletion, false},
                      {&Source::queueError, true},
                      {&Source::timeOut, true}};
    for (const auto &first : conditions)
        for (const auto &second : conditions) {
            if (first.of_queue && second.of_queue)
                continue;
            Source u;
            u.program(kFault, false);
            (u.*first.happen)();
            EXPECT_EQ(u.messages.size(), 1u);
            (u.*second.happen)();
            EXPECT_EQ(u.messages.size(), 1u);
        }
}

TEST(FaultEvent, AnyConditionThatIsLeftKeepsItQuiet)
{
    Source u;
    u.program(kFault, false);
    u.fault();
    u.queueError();
    u.clearFaults(); /* IQE stays */
    u.fault();
    u.clearFaults();
    EXPECT_EQ(u.messages.size(), 1u);
    u.repairQueue();
    EXPECT_EQ(u.read32(VTD_REG_FSTS) & 0x73, 0u);
    u.fault();
    EXPECT_EQ(u.messages.size(), 2u);
}

TEST(FaultEvent, PendingStaysUntilAllConditionsAreCleared)
{
    Source u;
    u.program(kFault, true);
    u.fault();
    u.strayCompletion();
    u.clearFaults();
    EXPECT_TRUE(u.pending(kFault)) << "ICE is left";
    u.write32(VTD_REG_FSTS, 1u << VTD_FSTS_ICE_LSB);
    EXPECT_FALSE(u.pending(kFault));
}

TEST(FaultEvent, OverflowAloneDoesNotRaiseItButKeepsItQuiet)
{
    vtd_config config = preset();
    setCap(config, VTD_FIELD_OF(CAP, NFR), 0);
    Source u(config);
    u.program(kFault, true);
    u.fault();
    u.write32(VTD_REG_FECTL, 0);
    EXPECT_EQ(u.messages.size(), 1u);
    u.fault();
    EXPECT_EQ(vtd_reg_fsts_pfo(u.read32(VTD_REG_FSTS)), 1u);
    EXPECT_EQ(u.messages.size(), 1u) << "no event for PFO";
    u.takeFault();
    EXPECT_EQ(u.read32(VTD_REG_FSTS) & 0x73, 1u);
    u.strayCompletion();
    EXPECT_EQ(u.messages.size(), 1u) << "PFO was pending";
}

TEST(FaultEvent, SilencedFaultsRaiseNothing)
{
    Source u;
    u.program(kFault, false);
    u.pasidEntry(kSid, 1)[0] = 2; /* FPD, not present */
    EXPECT_TRUE(blocked(u.dma(kSid).pasid(1).read(0), VTD_FAULT_SPT_2));
    EXPECT_EQ(u.read32(VTD_REG_FSTS), 0u);
    EXPECT_TRUE(u.messages.empty());
}

/* ---------------------------------------------------------------- completion event (ref 3.3) */

TEST(CompletionEvent, WaitWithoutIfRaisesNothing)
{
    Source u;
    u.program(kCompletion, false);
    u.wait(false);
    EXPECT_EQ(u.read32(VTD_REG_ICS), 0u);
    EXPECT_TRUE(u.messages.empty());
    u.wait(true);
    EXPECT_EQ(u.read32(VTD_REG_ICS), 1u);
    u.write32(VTD_REG_ICS, 0);
    EXPECT_EQ(u.read32(VTD_REG_ICS), 1u) << "RW1C";
}

/* ---------------------------------------------------------------- page request event (ref 7.1) */

TEST(PageEvent, OverflowAfterAPendingRequestIsQuiet)
{
    Source u;
    u.program(kPage, false);
    u.fillPageQueue();
    EXPECT_EQ(u.read32(VTD_REG_PRS), 3u);
    EXPECT_EQ(u.messages.size(), 1u);
    u.write32(VTD_REG_PRS, 1);
    EXPECT_EQ(u.read32(VTD_REG_PRS), 2u);
    EXPECT_EQ(u.page(), VTD_PRQ_OVERFLOW) << "PRO blocks all";
    EXPECT_EQ(u.messages.size(), 1u);
}

TEST(PageEvent, OverflowWithNothingPendingRaisesIt)
{
    Source u;
    u.program(kPage, false);
    u.fillPageQueue();
    u.write32(VTD_REG_PRS, 3); /* cleared, but the queue is still full */
    EXPECT_EQ(u.page(), VTD_PRQ_OVERFLOW);
    EXPECT_EQ(u.read32(VTD_REG_PRS), 2u);
    EXPECT_EQ(u.messages.size(), 2u);
}

TEST(PageEvent, PendingStaysUntilBothBitsAreCleared)
{
    Source u;
    u.program(kPage, true);
    u.fillPageQueue();
    u.write32(VTD_REG_PRS, 1);
    EXPECT_TRUE(u.pending(kPage));
    u.write32(VTD_REG_PRS, 2);
    EXPECT_FALSE(u.pending(kPage));
}

} // namespace vtdtest
