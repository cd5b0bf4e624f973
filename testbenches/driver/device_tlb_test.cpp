/* SPDX-License-Identifier: MIT */
/*
 * Device TLBs over the model: for each kind of change, a device sees the new state when the driver has returned, and
 * each single device-TLB invalidation that the driver queues for it is needed.
 */
#include "ats_rig.h"

namespace
{

constexpr uint64_t kPage = AtsRig::kPage, k2M = AtsRig::k2M, k1G = AtsRig::k1G;
constexpr uint16_t kSid = AtsRig::kSid, kOther = AtsRig::kOther;
constexpr unsigned kRw = AtsRig::kRw;

vtd_config preset()
{
    vtd_config c;
    EXPECT_EQ(vtd_config_preset(&c, "default"), VTD_STATUS_OK);
    return c;
}

/* An address that a device had, and what it should reach after the change. */
struct Probe {
    uint16_t sid;
    uint32_t pasid;
    uint64_t addr, after;
};

/* A change: sets the stage and says what to look at; then does it. */
struct Change {
    const char *name;
    std::function<std::vector<Probe>(AtsRig &)> prepare;
    std::function<void(AtsRig &)> change;
};

vtd_drv_domain *current(AtsRig &rig, uint32_t pasid)
{
    return vtd_drv_attached(rig.drv, kSid, pasid);
}

/* Attaches a domain with one page at 0x1000 to each of these. */
vtd_drv_domain *stage(AtsRig &rig, vtd_drv_kind kind, const std::vector<std::pair<uint16_t, uint32_t>> &who)
{
    auto *d = rig.make(kind, 48);
    EXPECT_EQ(vtd_drv_map(d, 0x1000, 0x5000, kPage, kRw), 0);
    for (const auto &[sid, pasid] : who)
        EXPECT_EQ(vtd_drv_attach(rig.drv, sid, pasid, d), 0);
    return d;
}

void unmap_page(AtsRig &rig, uint32_t pasid)
{
    EXPECT_EQ(vtd_drv_unmap(current(rig, pasid), 0x1000, kPage), (int64_t)kPage);
}

/* Puts the device behind a nested domain whose page 0x1000 is the parent's page 1 GiB. */
std::vector<Probe> prepare_nested(AtsRig &rig)
{
    auto *parent = rig.make(VTD_DRV_SECOND_STAGE, 48);
    auto *child = rig.make(VTD_DRV_NESTED, 48, parent, 64 * k1G);
    EXPECT_EQ(vtd_drv_map(parent, k1G, 0x5000, kPage, kRw), 0);
    EXPECT_EQ(vtd_drv_map(child, 0x1000, k1G, kPage, kRw), 0);
    EXPECT_EQ(vtd_drv_attach(rig.drv, kSid, 5, child), 0);
    EXPECT_EQ(vtd_drv_attach(rig.drv, kSid, 6, parent), 0);
    return {{kSid, 5, 0x1000, 0}, {kSid, 6, k1G, 0}};
}

void add_unmaps(std::vector<Change> &all)
{
    const auto fs = VTD_DRV_FIRST_STAGE, ss = VTD_DRV_SECOND_STAGE;
    for (const auto kind : {fs, ss}) {
        for (const uint32_t pasid : {0u, 5u}) {
            static std::vector<std::string> names;
            names.reserve(16);
            names.push_back(std::string(kind == fs ? "FirstStage" : "SecondStage") + (pasid ? "Pasid" : "Rid"));
            all.push_back({names.back().c_str(),
                           [=](AtsRig &rig) {
                               stage(rig, kind, {{kSid, pasid}});
                               return std::vector<Probe>{{kSid, pasid, 0x1000, 0}};
                           },
                           [=](AtsRig &rig) { unmap_page(rig, pasid); }});
        }
    }
}

void add_ranges(std::vector<Change> &all)
{
    const auto fs = VTD_DRV_FIRST_STAGE, ss = VTD_DRV_SECOND_STAGE;
    all.push_back({"OneDomainOfManyUsers",
                   [=](AtsRig &rig) {
                       stage(rig, fs, {{kSid, 5}, {kSid, 70}, {kOther, 0}});
                       return std::vector<Probe>{{kSid, 5, 0x1000, 0}, {kSid, 70, 0x1000, 0}, {kOther, 0, 0x1000, 0}};
                   },
                   [](AtsRig &rig) { unmap_page(rig, 5); }});
    all.push_back(
        {"RangeOfSeveralBlocks",
         [=](AtsRig &rig) {
             auto *d = stage(rig, ss, {{kSid, 0}});
             EXPECT_EQ(vtd_drv_map(d, 0x2000, 0x6000, 2 * kPage, kRw), 0);
             return std::vector<Probe>{{kSid, 0, 0x1000, 0}, {kSid, 0, 0x2000, 0}, {kSid, 0, 0x3000, 0}};
         },
         [](AtsRig &rig) { EXPECT_EQ(vtd_drv_unmap(current(rig, 0), 0x1000, 3 * kPage), (int64_t)(3 * kPage)); }});
    all.push_back({"RemapElsewhere",
                   [=](AtsRig &rig) {
                       stage(rig, fs, {{kSid, 5}});
                       return std::vector<Probe>{{kSid, 5, 0x1000, 0x9000}};
                   },
                   [](AtsRig &rig) {
                       unmap_page(rig, 5);
                       EXPECT_EQ(vtd_drv_map(current(rig, 5), 0x1000, 0x9000, kPage, kRw), 0);
                   }});
    all.push_back({"UnmapAll",
                   [=](AtsRig &rig) {
                       stage(rig, fs, {{kSid, 5}});
                       return std::vector<Probe>{{kSid, 5, 0x1000, 0}};
                   },
                   [](AtsRig &rig) { EXPECT_EQ(vtd_drv_unmap_all(current(rig, 5)), (int64_t)kPage); }});
    all.push_back(
        {"SplitOfALargePage",
         [=](AtsRig &rig) {
             auto *d = stage(rig, ss, {{kSid, 0}});
             EXPECT_EQ(vtd_drv_map(d, k2M, 2 * k2M, k2M, kRw), 0);
             return std::vector<Probe>{{kSid, 0, k2M + 0x3000, 0}};
         },
         [](AtsRig &rig) { EXPECT_EQ(vtd_drv_unmap(current(rig, 0), k2M + 0x3000, kPage), (int64_t)kPage); }});
}

void add_entries(std::vector<Change> &all)
{
    const auto fs = VTD_DRV_FIRST_STAGE, ss = VTD_DRV_SECOND_STAGE, pt = VTD_DRV_PASS_THROUGH;
    all.push_back({"DetachRid",
                   [=](AtsRig &rig) {
                       stage(rig, ss, {{kSid, 0}});
                       return std::vector<Probe>{{kSid, 0, 0x1000, 0}};
                   },
                   [](AtsRig &rig) { EXPECT_EQ(vtd_drv_detach(rig.drv, kSid, 0), 0); }});
    all.push_back({"DetachPasid",
                   [=](AtsRig &rig) {
                       stage(rig, fs, {{kSid, 5}});
                       return std::vector<Probe>{{kSid, 5, 0x1000, 0}};
                   },
                   [](AtsRig &rig) { EXPECT_EQ(vtd_drv_detach(rig.drv, kSid, 5), 0); }});
    all.push_back({"Replace",
                   [=](AtsRig &rig) {
                       stage(rig, fs, {{kSid, 5}});
                       return std::vector<Probe>{{kSid, 5, 0x1000, 0x7000}};
                   },
                   [=](AtsRig &rig) {
                       auto *d = rig.make(fs, 48);
                       EXPECT_EQ(vtd_drv_map(d, 0x1000, 0x7000, kPage, kRw), 0);
                       EXPECT_EQ(vtd_drv_replace(rig.drv, kSid, 5, d), 0);
                   }});
    all.push_back({"ReplaceOfPassThrough",
                   [=](AtsRig &rig) {
                       EXPECT_EQ(vtd_drv_attach(rig.drv, kSid, 0, rig.make(pt, 0)), 0);
                       return std::vector<Probe>{{kSid, 0, 0x1000, 0x7000}};
                   },
                   [=](AtsRig &rig) {
                       auto *d = rig.make(ss, 48);
                       EXPECT_EQ(vtd_drv_map(d, 0x1000, 0x7000, kPage, kRw), 0);
                       EXPECT_EQ(vtd_drv_replace(rig.drv, kSid, 0, d), 0);
                   }});
    all.push_back({"ParentOfNested", prepare_nested,
                   [](AtsRig &rig) { EXPECT_EQ(vtd_drv_unmap(current(rig, 6), k1G, kPage), (int64_t)kPage); }});
    all.push_back({"Nested",
                   [](AtsRig &rig) {
                       prepare_nested(rig);
                       return std::vector<Probe>{{kSid, 5, 0x1000, 0}};
                   },
                   [](AtsRig &rig) { unmap_page(rig, 5); }});
    all.push_back({"ChangeWhileTheUnitIsOff",
                   [=](AtsRig &rig) {
                       stage(rig, ss, {{kSid, 0}});
                       return std::vector<Probe>{{kSid, 0, 0x1000, 0}};
                   },
                   [](AtsRig &rig) {
                       EXPECT_EQ(vtd_drv_stop(rig.drv), 0);
                       unmap_page(rig, 0);
                       EXPECT_EQ(vtd_drv_start(rig.drv), 0);
                   }});
}

std::vector<Change> changes()
{
    std::vector<Change> all;
    add_unmaps(all);
    add_ranges(all);
    add_entries(all);
    return all;
}

/* Plays a change with one flush lost; says whether all probes saw the new state, and how many flushes there were. */
bool play(const Change &c, unsigned lost, unsigned *flushes)
{
    AtsRig rig(preset());
    rig.add(kSid);
    rig.add(kOther);
    const std::vector<Probe> probes = c.prepare(rig);
    for (const Probe &p : probes) {
        const uint64_t before = rig.reach(p.sid, p.pasid, p.addr);
        EXPECT_NE(before, 0u) << "the device has it";
        EXPECT_NE(before, p.after);
        EXPECT_EQ(rig.access(p.sid, p.pasid, p.addr).way, VTD_REQUESTER_HIT) << "and keeps it";
    }
    rig.flushes = 0;
    rig.lost_flush = lost;
    c.change(rig);
    if (flushes)
        *flushes = rig.flushes;
    bool good = true;
    for (const Probe &p : probes)
        good = good && rig.reach(p.sid, p.pasid, p.addr) == p.after;
    return good;
}

class DeviceTlbChange : public testing::TestWithParam<size_t>
{
};

TEST_P(DeviceTlbChange, IsSeenByTheDeviceAndNoFlushCanBeMissing)
{
    const Change c = changes()[GetParam()];
    unsigned flushes = 0;
    EXPECT_TRUE(play(c, ~0u, &flushes));
    ASSERT_GT(flushes, 0u);
    unsigned needed = 0;
    for (unsigned n = 0; n < flushes; n++)
        needed += !play(c, n, nullptr);
    /* Both devices are flushed with type 3 and with type 8 there; the one that is looked at obeys type 3 alone. */
    const bool restart = std::string(c.name) == "ChangeWhileTheUnitIsOff";
    EXPECT_EQ(needed, restart ? 1u : flushes);
}

INSTANTIATE_TEST_SUITE_P(All, DeviceTlbChange, testing::Range<size_t>(0, changes().size()),
                         [](const auto &p) { return std::string(changes()[p.param].name); });

/* ---------------------------------------------------------------- devices come and go */

TEST(DeviceTlbOverModel, TranslatedRequestsWorkOnlyBetweenEnableAndDisable)
{
    AtsRig rig(preset());
    rig.add(kSid);
    auto *d = stage(rig, VTD_DRV_SECOND_STAGE, {{kSid, 0}});
    EXPECT_EQ(rig.access(kSid, 0, 0x1000).way, VTD_REQUESTER_ASKED);
    EXPECT_EQ(rig.access(kSid, 0, 0x1000).way, VTD_REQUESTER_HIT);
    ASSERT_EQ(vtd_drv_ats_disable(rig.drv, kSid), 0);
    EXPECT_EQ(rig.access(kSid, 0, 0x1000).way, VTD_REQUESTER_UNTRANSLATED);
    vtd_request req = AtsRig::want(0, 0x5000);
    req.at = VTD_AT_TRANSLATED;
    req.sid = kSid;
    vtd_response resp;
    ASSERT_EQ(vtd_translate(rig.machine.unit, &req, &resp), VTD_STATUS_OK);
    EXPECT_EQ((unsigned)resp.fault, 0x44u) << "SCT.5: DTE is 0, also in the context cache";
    vtd_drv_handle_faults(rig.drv, nullptr, nullptr, nullptr);
    ASSERT_EQ(vtd_drv_unmap(d, 0x1000, kPage), (int64_t)kPage);
    EXPECT_EQ(rig.reach(kSid, 0, 0x1000), 0u);
    rig.enable(kSid, false);
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x7000, kPage, kRw), 0);
    EXPECT_EQ(rig.reach(kSid, 0, 0x1000), 0x7000u);
    EXPECT_EQ(rig.access(kSid, 0, 0x1000).way, VTD_REQUESTER_HIT);
}

TEST(DeviceTlbOverModel, PasidsInTranslatedRequestsWorkWhereTheUnitHasThem)
{
    vtd_config c = preset();
    c.ecap |= UINT64_C(1) << 56; /* PTRS */
    AtsRig rig(c);
    rig.add(kSid);
    stage(rig, VTD_DRV_FIRST_STAGE, {{kSid, 5}});
    EXPECT_EQ(rig.reach(kSid, 5, 0x1000), 0x5000u);
    EXPECT_EQ(rig.access(kSid, 5, 0x1000).way, VTD_REQUESTER_HIT) << "EPTR is set";
}

TEST(DeviceTlbOverModel, DevicesThatAnswerLateAreWaitedFor)
{
    AtsRig rig(preset());
    rig.add(kSid);
    rig.add(kOther);
    auto *d = stage(rig, VTD_DRV_FIRST_STAGE, {{kSid, 5}, {kOther, 5}});
    for (uint16_t sid : {kSid, kOther})
        ASSERT_EQ(rig.reach(sid, 5, 0x1000), 0x5000u);
    ASSERT_TRUE(vtd_machine_set_answer(&rig.machine, kSid, VTD_ANSWER_HOLD));
    unsigned turns = 0;
    rig.waiting = [&] {
        EXPECT_EQ(rig.reach(kOther, 5, 0x1000), turns ? 0u : 0x5000u) << "the other one answers in the first turn";
        if (++turns == 100)
            vtd_machine_set_answer(&rig.machine, kSid, VTD_ANSWER_RELEASE);
    };
    ASSERT_EQ(vtd_drv_unmap(d, 0x1000, kPage), (int64_t)kPage);
    EXPECT_EQ(turns, 100u);
    rig.waiting = nullptr;
    for (uint16_t sid : {kSid, kOther})
        EXPECT_EQ(rig.reach(sid, 5, 0x1000), 0u);
}

TEST(DeviceTlbOverModel, ASilentDeviceIsShutOutAndOthersGoOn)
{
    AtsRig rig(preset());
    rig.add(kSid);
    rig.add(kOther);
    auto *d = stage(rig, VTD_DRV_FIRST_STAGE, {{kSid, 5}, {kOther, 5}, {kOther, 0}});
    ASSERT_EQ(vtd_drv_map(d, 0x2000, 0x6000, kPage, kRw), 0);
    for (uint16_t sid : {kSid, kOther})
        for (uint64_t page : {1, 2})
            ASSERT_EQ(rig.reach(sid, 5, page * kPage), (page + 4) * kPage);
    ASSERT_TRUE(vtd_machine_set_answer(&rig.machine, kSid, VTD_ANSWER_NEVER));
    vtd_requester_set_obey(vtd_machine_requester(&rig.machine, kSid), false);
    EXPECT_EQ(vtd_drv_unmap(d, 0x1000, kPage), -ETIMEDOUT);
    EXPECT_EQ(vtd_mmio_read32(rig.machine.unit, 0x34) & 0x70, 0u) << "IQE, ICE and ITE are cleared";
    vtd_drv_ats_state state;
    ASSERT_EQ(vtd_drv_ats_get(rig.drv, kSid, &state), 0);
    EXPECT_TRUE(!state.ats && state.timed_out);
    ASSERT_EQ(vtd_drv_ats_get(rig.drv, kOther, &state), 0);
    EXPECT_TRUE(state.ats && !state.timed_out);
    EXPECT_EQ(rig.reach(kOther, 5, 0x1000), 0u);
    EXPECT_EQ(rig.reach(kOther, 5, 0x2000), 0x6000u);
    vtd_request req = AtsRig::want(0, 0x5000, VTD_WRITE); /* what a broken device would go on with */
    req.at = VTD_AT_TRANSLATED;
    req.sid = kSid;
    vtd_response resp;
    ASSERT_EQ(vtd_translate(rig.machine.unit, &req, &resp), VTD_STATUS_OK);
    EXPECT_EQ((unsigned)resp.fault, 0x44u) << "SCT.5";
    EXPECT_EQ(rig.access(kSid, 5, 0x2000).way, VTD_REQUESTER_UNTRANSLATED);
    EXPECT_EQ(rig.reach(kSid, 5, 0x2000), 0x6000u) << "it can still do DMA";
    EXPECT_EQ(vtd_drv_unmap(d, 0x2000, kPage), (int64_t)kPage) << "the next call works";
    EXPECT_EQ(rig.reach(kSid, 5, 0x2000), 0u);
    ASSERT_TRUE(vtd_machine_set_answer(&rig.machine, kSid, VTD_ANSWER_RELEASE));
    vtd_requester_set_obey(vtd_machine_requester(&rig.machine, kSid), true);
    rig.enable(kSid, false); /* after a reset */
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x8000, kPage, kRw), 0);
    EXPECT_EQ(rig.reach(kSid, 5, 0x1000), 0x8000u);
    EXPECT_EQ(vtd_drv_unmap_all(d), (int64_t)kPage);
    EXPECT_EQ(rig.reach(kSid, 5, 0x1000), 0u);
}

TEST(DeviceTlbOverModel, WrongAnswersAreClearedAndTheGoodOneIsWaitedFor)
{
    for (const auto answer : {VTD_ANSWER_WRONG_SID, VTD_ANSWER_WRONG_ITAG}) {
        AtsRig rig(preset());
        rig.add(kSid);
        auto *d = stage(rig, VTD_DRV_FIRST_STAGE, {{kSid, 5}});
        ASSERT_EQ(rig.reach(kSid, 5, 0x1000), 0x5000u);
        ASSERT_TRUE(vtd_machine_set_answer(&rig.machine, kSid, answer));
        unsigned turns = 0;
        rig.waiting = [&] {
            if (++turns == 10)
                vtd_machine_set_answer(&rig.machine, kSid, VTD_ANSWER_RELEASE);
        };
        EXPECT_EQ(vtd_drv_unmap(d, 0x1000, kPage), (int64_t)kPage);
        EXPECT_EQ(turns, 10u);
        rig.waiting = nullptr;
        EXPECT_EQ(vtd_mmio_read32(rig.machine.unit, 0x34) & 0x70, 0u) << "ICE is cleared";
        EXPECT_EQ(rig.reach(kSid, 5, 0x1000), 0u);
    }
}

TEST(DeviceTlbOverModel, ManySilentDevicesAtOnceLeaveTheQueueWorking)
{
    AtsRig rig(preset());
    rig.provoked = {"fault-overflow"};
    auto *d = rig.make(VTD_DRV_FIRST_STAGE, 48);
    ASSERT_EQ(vtd_drv_map(d, 0x1000, 0x5000, 2 * kPage, kRw), 0);
    for (uint16_t sid = 0x100; sid < 0x140; sid++) { /* twice as many as there are ITags */
        rig.add(sid);
        ASSERT_EQ(vtd_drv_attach(rig.drv, sid, 5, d), 0);
        ASSERT_EQ(rig.reach(sid, 5, 0x1000), 0x5000u);
        vtd_machine_set_answer(&rig.machine, sid, sid % 3 ? VTD_ANSWER_NEVER : VTD_ANSWER_PROMPT);
    }
    EXPECT_EQ(vtd_drv_unmap(d, 0x1000, kPage), -ETIMEDOUT);
    for (uint16_t sid = 0x100; sid < 0x140; sid++) {
        vtd_drv_ats_state state;
        ASSERT_EQ(vtd_drv_ats_get(rig.drv, sid, &state), 0);
        EXPECT_EQ(state.timed_out, sid % 3 != 0);
        EXPECT_EQ(rig.reach(sid, 5, 0x1000), 0u);
    }
    EXPECT_EQ(vtd_drv_unmap(d, 0x2000, kPage), (int64_t)kPage);
}

} // namespace
