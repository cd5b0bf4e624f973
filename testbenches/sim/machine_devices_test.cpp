/* SPDX-License-Identifier: MIT */
/*
 * Devices of a machine: who owns them, how messages of the unit find them, and that a driver that polls lets them answer.
 */
extern "C" {
#include "driver/vtd_driver.h"
#include "platform/model_bus.h"
}
#include "vtd/vtd_regs.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace
{

constexpr uint16_t kSid = 0x0208;
constexpr uint64_t kIova = 0x40000000, kHpa = 0x30000000;

/* A machine with a driver and a device with ATS, whose RID_PASID is a second-stage domain. */
struct MachineDevices : testing::Test {
    vtd_machine machine{};
    vtd_drv *drv = nullptr;
    vtd_drv_domain *domain = nullptr;
    vtd_requester *device = nullptr;

    static vtd_requester_config config(uint16_t sid)
    {
        vtd_requester_config c{};
        c.sid = sid;
        c.ats = c.pri = c.pasid = true;
        c.device_tlb.entries = 16;
        return c;
    }
    void SetUp() override
    {
        vtd_config cfg;
        vtd_config_preset(&cfg, nullptr);
        ASSERT_EQ(vtd_machine_init(&machine, &cfg, UINT64_C(1) << 30, 0x100000, 0x10000000, nullptr), 0);
        vtd_drv_options options{};
        options.haw = cfg.haw;
        ASSERT_EQ(vtd_drv_create(&machine.bus, &options, &drv), 0);
        ASSERT_EQ(vtd_drv_start(drv), 0);
        const vtd_requester_config c = config(kSid);
        ASSERT_EQ(vtd_machine_add_requester(&machine, &c, &device, nullptr), 0);
        vtd_requester_set_ats(device, false);
        vtd_drv_domain_spec spec{};
        spec.kind = VTD_DRV_SECOND_STAGE;
        spec.addr_width = 48;
        ASSERT_EQ(vtd_drv_domain_create(drv, &spec, &domain), 0);
        ASSERT_EQ(vtd_drv_map(domain, kIova, kHpa, 0x10000, VTD_DRV_READ | VTD_DRV_WRITE), 0);
        ASSERT_EQ(vtd_drv_attach(drv, kSid, VTD_DRV_RID_PASID, domain), 0);
        vtd_drv_ats_spec ats{};
        ats.opaque = device;
        ats.ops.enable_ats = [](void *opaque, uint16_t, bool on) {
            return vtd_requester_set_ats(static_cast<vtd_requester *>(opaque), on) ? 0 : -ENODEV;
        };
        ASSERT_EQ(vtd_drv_ats_enable(drv, kSid, &ats), 0);
    }
    void TearDown() override
    {
        vtd_drv_destroy(drv);
        vtd_machine_fini(&machine);
    }
    vtd_requester_outcome read(uint64_t addr)
    {
        vtd_request req{};
        req.addr = addr;
        req.access = VTD_READ;
        req.len = 4;
        vtd_requester_outcome out;
        vtd_requester_access(device, &req, &out);
        return out;
    }
};

} // namespace

TEST_F(MachineDevices, AreFoundBySourceIdAndLiveOnceEach)
{
    EXPECT_EQ(vtd_machine_requester(&machine, kSid), device);
    EXPECT_EQ(vtd_machine_requester(&machine, kSid + 1), nullptr);
    EXPECT_EQ(vtd_requester_sid(device), kSid);
    char why[VTD_WHY_SIZE];
    const vtd_requester_config again = config(kSid);
    vtd_requester *other = device;
    EXPECT_EQ(vtd_machine_add_requester(&machine, &again, &other, why), -EEXIST);
    EXPECT_EQ(other, nullptr);
    vtd_requester_config bad = config(kSid + 1);
    bad.device_tlb.policy = 9;
    EXPECT_EQ(vtd_machine_add_requester(&machine, &bad, &other, why), -EINVAL);
    EXPECT_EQ(vtd_machine_requester(&machine, kSid + 1), nullptr);
    EXPECT_FALSE(vtd_machine_set_answer(&machine, kSid + 1, VTD_ANSWER_HOLD));
}

TEST_F(MachineDevices, AnswerWhileTheDriverPolls)
{
    EXPECT_EQ(read(kIova).hpa, kHpa);
    EXPECT_EQ(read(kIova).way, VTD_REQUESTER_HIT);
    EXPECT_EQ(vtd_drv_unmap(domain, kIova, 0x1000), 0x1000);
    EXPECT_EQ(vtd_answers_outstanding(&machine.answers), 0u);
    EXPECT_EQ(vtd_requester_stats_get(device)->invalidated, 1u);
    vtd_requester_set_pri(device, false);
    EXPECT_EQ(read(kIova).result, VTD_REQUESTER_DENIED) << "nothing stale is left";
}

TEST_F(MachineDevices, AnAnswerThatNeverComesTimesOutInTheDriver)
{
    EXPECT_TRUE(vtd_machine_set_answer(&machine, kSid, VTD_ANSWER_NEVER));
    EXPECT_EQ(vtd_drv_unmap(domain, kIova, 0x1000), -ETIMEDOUT);
    EXPECT_TRUE(vtd_machine_set_answer(&machine, kSid, VTD_ANSWER_PROMPT));
    EXPECT_EQ(vtd_drv_unmap(domain, kIova + 0x1000, 0x1000), 0x1000) << "the queue works again";
}

TEST_F(MachineDevices, HeldAnswersComeWhenReleased)
{
    ASSERT_EQ(read(kIova).result, VTD_REQUESTER_DONE);
    EXPECT_TRUE(vtd_machine_set_answer(&machine, kSid, VTD_ANSWER_HOLD));
    vtd_device_tlb_inv inv{};
    inv.sid = kSid;
    inv.itag = 3; /* as if the unit had sent it */
    vtd_answers_put(&machine.answers, &inv);
    EXPECT_EQ(vtd_machine_run_devices_and_expire(&machine), 0u);
    EXPECT_EQ(vtd_answers_outstanding(&machine.answers), 1u);
    EXPECT_EQ(read(kIova).way, VTD_REQUESTER_HIT);
    EXPECT_TRUE(vtd_machine_set_answer(&machine, kSid, VTD_ANSWER_RELEASE));
    EXPECT_EQ(vtd_machine_run_devices(&machine), 1u);
    EXPECT_EQ(vtd_answers_outstanding(&machine.answers), 0u);
    EXPECT_EQ(read(kIova).way, VTD_REQUESTER_ASKED);
    EXPECT_EQ(vtd_requester_answer(device), VTD_ANSWER_PROMPT);
}

TEST_F(MachineDevices, PageResponsesFindTheirDevice)
{
    /* Page requests are off in the context entry: the unit answers itself, with "invalid request". */
    const vtd_requester_outcome out = read(kIova + 0x100000);
    ASSERT_EQ(out.result, VTD_REQUESTER_WAITING);
    vtd_requester_outcome end;
    EXPECT_EQ(vtd_requester_retry(device, out.prgi, &end), VTD_REQUESTER_DENIED);
    EXPECT_EQ(end.code, 1u);
    EXPECT_EQ(machine.lost_responses, 0u);
    vtd_page_request stray{};
    stray.sid = kSid + 1;
    stray.flags = VTD_PRQ_READ | VTD_PRQ_LAST;
    vtd_prq_result result;
    ASSERT_EQ(vtd_page_request_submit(machine.unit, &stray, &result), VTD_STATUS_OK);
    EXPECT_EQ(result, VTD_PRQ_REJECTED);
    EXPECT_EQ(machine.lost_responses, 1u) << "nobody is there";
}
