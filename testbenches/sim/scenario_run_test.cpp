/* SPDX-License-Identifier: MIT */
/*
 * The scenario runner over a device that is only pretended: what it is asked, what is compared, what is printed, and
 * how a run ends. The device answers whatever a test puts into it.
 */
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "fake_dut.h"
#include "scenario/scenario.h"
#include "vtd/vtd_structs.h"

namespace
{

/* Runs scenarios on a fake. */
class ScenarioRunner : public testing::Test
{
  protected:
    /* Runs statements; what was printed is in `printed`. Returns what vtd_scenario_run returns. */
    int run(const std::string &statements)
    {
        const std::string text = "vtd-scenario 1\n" + statements;
        struct vtd_scenario sc;
        if (vtd_scenario_parse(&sc, "x.vtd", text.data(), text.size(), why) != 0) {
            ADD_FAILURE() << why;
            return -2;
        }
        char *buffer = nullptr;
        size_t size = 0;
        struct vtd_run_options options = {};
        options.out = open_memstream(&buffer, &size);
        struct vtd_dut dut = {};
        dut.ops = &ops;
        dut.state = &device;
        const int status = vtd_scenario_run(&sc, &dut, &options, &result, why);
        fclose(options.out);
        printed = buffer;
        free(buffer);
        vtd_scenario_free(&sc);
        return status;
    }

    /* The one expectation of the statement does not hold, and the line says what was expected and what came. */
    void expect_failure(const std::string &statement, const std::string &expected, const std::string &got)
    {
        EXPECT_EQ(run(statement + "\n"), 0) << why;
        EXPECT_EQ(result.failures, 1u) << statement;
        EXPECT_EQ(printed, "x.vtd:2: expected " + expected + ", got " + got + "\n");
    }

    void expect_held(const std::string &statement)
    {
        EXPECT_EQ(run(statement + "\n"), 0) << why;
        EXPECT_EQ(result.failures, 0u) << printed;
        EXPECT_EQ(result.expectations, 1u) << statement;
        EXPECT_EQ(printed, "");
    }

    struct vtd_dut_ops ops = all_ops();
    Fake device;
    struct vtd_run_result result = {};
    std::string printed;
    char why[VTD_SCENARIO_WHY_SIZE] = "";
};

TEST_F(ScenarioRunner, ConfiguresTheDeviceBeforeAnythingElse)
{
    EXPECT_EQ(run("config memory.size 0x20_0000\n"), 0) << why;
    EXPECT_EQ(device.memory_size, 0x200000u);
    EXPECT_EQ(result.expectations, 0u);
}

TEST_F(ScenarioRunner, AnUnknownConfigurationKeyNamesItsLine)
{
    EXPECT_EQ(run("config device_tlb.entries 4\n"), -1) << "it would have no effect";
    EXPECT_EQ(run("config haw 46\nconfig iotlb.entry 4\n"), -1);
    EXPECT_EQ(std::string(why).rfind("x.vtd:3: ", 0), 0u) << why;
    EXPECT_NE(std::string(why).find("iotlb.entry"), std::string::npos) << why;
}

TEST_F(ScenarioRunner, MemoryIsLittleEndianAndComparedUnderTheMask)
{
    EXPECT_EQ(run("store 0x100 4 0x11223344\nfill 0x104 3 0xab\ncheck 0x100 1 0x44\ncheck 0x101 2 0x2233\n"
                  "check 0x100 8 0x00ababab11223344\ncheck 0x100 4 0xffff_3300 0xff00\n"),
              0)
        << why;
    EXPECT_EQ(result.expectations, 4u);
    EXPECT_EQ(result.failures, 0u) << printed;
    expect_failure("check 0x100 4 0x11223345", "0x11223345", "0x11223344");
    expect_failure("check 0x100 4 0x1 0xff", "0x1 under mask 0xff", "0x11223344");
}

TEST_F(ScenarioRunner, ARunGoesOnAfterAFailure)
{
    EXPECT_EQ(run("check 0 1 1\ncheck 0 1 0\ncheck 0 1 2\nreset\n"), 0);
    EXPECT_EQ(result.expectations, 3u);
    EXPECT_EQ(result.failures, 2u);
    EXPECT_EQ(device.resets, 1);
    EXPECT_EQ(printed, "x.vtd:2: expected 0x1, got 0x0\nx.vtd:4: expected 0x2, got 0x0\n");
}

TEST_F(ScenarioRunner, AReadOrStatWithoutValueIsPrinted)
{
    device.regs[8] = 0x1234;
    EXPECT_EQ(run("read 0x8 8 # CAP\nstat requests\necho  two  words\n"), 0);
    EXPECT_EQ(printed, "x.vtd:2: read 0x8 8 = 0x1234\nx.vtd:3: stat requests = 0\ntwo  words\n");
    EXPECT_EQ(result.expectations, 0u);
    expect_held("read 8 8 0x34 0xff");
    expect_failure("read 8 4 0", "0x0", "0x1234");
    expect_failure("stat requests 3", "3", "0");
}

TEST_F(ScenarioRunner, AGoodTranslationIsComparedByAddressAndMappingSize)
{
    device.response.hpa = 0x9123;
    device.response.page_shift = 12;
    expect_held("dma read 00:02.0 0x123 -> hpa=0x9123");
    expect_held("dma read 00:02.0 0x123 -> hpa=0x9123 page=4K");
    expect_failure("dma read 00:02.0 0x123 -> hpa=0x9123 page=2M", "hpa=0x9123 page=2M", "hpa=0x9123 page=4K");
    expect_failure("dma read 00:02.0 0x123 -> hpa=0x9124", "hpa=0x9124", "hpa=0x9123 page=4K");
    expect_failure("dma read 00:02.0 0x123 -> blocked", "blocked", "hpa=0x9123 page=4K");
    device.response.page_shift = 0;
    expect_failure("dma read 00:02.0 0x123 -> hpa=0x9123 page=4K", "hpa=0x9123 page=4K", "hpa=0x9123");
}

TEST_F(ScenarioRunner, AFaultIsComparedByReason)
{
    device.response.result = VTD_RESULT_UR;
    device.response.fault = VTD_FAULT_SFS_2;
    expect_held("dma read 00:02.0 0x123 -> fault=0x71");
    expect_held("dma read 00:02.0 0x123 -> blocked");
    expect_failure("dma read 00:02.0 0x123 -> fault=0x59", "fault=0x59 (SPT.2: PASID table entry not present)",
                   "fault=0x71 (SFS.2: first-stage entry not present)");
    expect_failure("translated read 00:02.0 0x123 -> hpa=0x123", "hpa=0x123",
                   "fault=0x71 (SFS.2: first-stage entry not present)");
}

TEST_F(ScenarioRunner, ASuccessfulCompletionIsNotAFaultEvenIfAReasonShapedIt)
{
    device.response.fault = VTD_FAULT_SFS_2;
    expect_held("ats 00:02.0 0x1000 -> r=0 w=0");
    expect_failure("ats 00:02.0 0x1000 -> ur", "ur",
                   "hpa=0x0 size=0x1000 r=0 w=0 x=0 u=0 priv=0 global=0 n=0 after 0x71 (SFS.2)");
}

TEST_F(ScenarioRunner, ACompletionIsComparedByTheKeysGiven)
{
    device.response.hpa = 0x40234000; /* within the mapping: its base counts */
    device.response.page_shift = 21;
    device.response.attr = VTD_ATTR_R | VTD_ATTR_NO_SNOOP;
    expect_held("ats 00:02.0 0x234000 -> r=1 w=0");
    expect_held("ats 00:02.0 0x234000 -> hpa=0x40200000 size=0x200000 r=1 w=0 x=0 u=0 priv=0 global=0 n=1");
    expect_failure("ats 00:02.0 0x234000 -> r=1 w=1", "r=1 w=1",
                   "hpa=0x40200000 size=0x200000 r=1 w=0 x=0 u=0 priv=0 global=0 n=1");
    expect_failure("ats 00:02.0 0x234000 -> hpa=0x40234000 size=0x1000 r=1 w=0", "hpa=0x40234000 size=0x1000 r=1 w=0",
                   "hpa=0x40200000 size=0x200000 r=1 w=0 x=0 u=0 priv=0 global=0 n=1");
    device.response.result = VTD_RESULT_CA;
    device.response.fault = VTD_FAULT_SPT_3;
    expect_held("ats 00:02.0 0x234000 -> ca");
}

TEST_F(ScenarioRunner, AnInterruptIsComparedByTheKeysGiven)
{
    device.irq.result = VTD_IRQ_REMAPPED;
    device.irq.vector = 0x41;
    device.irq.dest = 0x103;
    device.irq.delivery_mode = 1;
    expect_held("interrupt 00:02.0 0xfee00010 0 -> vector=0x41");
    expect_held("interrupt 00:02.0 0xfee00010 0 -> vector=0x41 dest=0x103 mode=1");
    expect_failure("interrupt 00:02.0 0xfee00010 0 -> vector=0x41 dest=3", "vector=0x41 dest=0x3",
                   "vector=0x41 dest=0x103 mode=1 (remapped)");
    expect_failure("interrupt 00:02.0 0xfee00010 0 -> posted", "posted", "vector=0x41 dest=0x103 mode=1 (remapped)");
    device.irq.result = VTD_IRQ_POSTED;
    expect_held("interrupt 00:02.0 0xfee00010 0 -> posted");
    device.irq.result = VTD_IRQ_BLOCKED;
    device.irq.fault = VTD_FAULT_IR_SID;
    expect_held("interrupt 00:02.0 0xfee00010 0 -> fault=0x26");
    expect_held("interrupt 00:02.0 0xfee00010 0 -> blocked");
    expect_failure("interrupt 00:02.0 0xfee00010 0 -> vector=1", "vector=0x01",
                   "fault=0x26 (IRM.7: source-id validation failed)");
}

TEST_F(ScenarioRunner, AnInterruptByDmaIsComparedAsAnInterrupt)
{
    device.response.result = VTD_RESULT_INTERRUPT;
    device.response.irq.result = VTD_IRQ_PASSED;
    device.response.irq.vector = 0x20;
    expect_held("dma write 00:02.0 0xfee01000 len=4 -> vector=0x20");
    expect_failure("dma write 00:02.0 0xfee01000 len=4 -> blocked", "blocked",
                   "vector=0x20 dest=0x0 mode=0 (passed unchanged)");
}

TEST_F(ScenarioRunner, AnEndpointIsToldHowToAnswer)
{
    EXPECT_EQ(run("endpoint 00:02.0 answer=hold\nendpoint 00:02.0 answer=release\n"), 0) << why;
    ASSERT_EQ(device.endpoints.size(), 2u);
    EXPECT_EQ(device.endpoints[0], std::make_pair(static_cast<uint16_t>(0x10), VTD_ANSWER_HOLD));
    EXPECT_EQ(device.endpoints[1].second, VTD_ANSWER_RELEASE);
}

TEST_F(ScenarioRunner, APageRequestIsComparedByItsResult)
{
    device.prq = VTD_PRQ_DROPPED;
    expect_held("page-request 00:02.0 0 prgi=1 -> dropped");
    expect_failure("page-request 00:02.0 0 prgi=1 -> queued", "queued", "dropped");
}

TEST_F(ScenarioRunner, MessageInterruptsAreTakenInOrder)
{
    device.msis = {{0xfee00000, 1}, {0xfee01000, 2}, {0xfee02000, 3}};
    EXPECT_EQ(run("msi 0xfee00000 1\nmsi none\nmsi\nmsi none\n"), 0);
    EXPECT_EQ(result.expectations, 4u);
    EXPECT_EQ(printed, "x.vtd:3: expected none, got 0xfee01000 0x2\nx.vtd:4: msi = 0xfee02000 0x3\n");
    expect_failure("msi", "a message", "none");
    expect_failure("msi 1 2", "0x1 0x2", "none");
}

TEST_F(ScenarioRunner, MessagesToDevicesAreComparedByTheKeysGiven)
{
    struct vtd_to_device m = {};
    m.invalidate.sid = 0x10;
    m.invalidate.addr = 0x200000;
    m.invalidate.size = 0x200000;
    const auto put = [&] { device.messages.push_back(m); };
    put();
    expect_held("to-device invalidate sid=00:02.0 addr=0x200000 size=0x200000 global=0");
    put();
    expect_held("to-device invalidate");
    put();
    expect_failure("to-device invalidate pasid=0", "invalidate pasid=0x0",
                   "invalidate sid=00:02.0 addr=0x200000 size=0x200000 global=0");
    put();
    expect_failure("to-device page-response", "page-response",
                   "invalidate sid=00:02.0 addr=0x200000 size=0x200000 global=0");
    m.invalidate.size = 0;
    put();
    expect_held("to-device invalidate size=0x10000000000000000");
    m = {};
    m.is_response = true;
    m.page_response.sid = 0x10;
    m.page_response.has_pasid = true;
    m.page_response.pasid = 7;
    m.page_response.prgi = 5;
    m.page_response.code = 1;
    put();
    expect_held("to-device page-response sid=00:02.0 pasid=7 prgi=5 code=1");
    put();
    expect_failure("to-device page-response code=0", "page-response code=0",
                   "page-response sid=00:02.0 pasid=0x7 prgi=5 code=1");
    put();
    expect_failure("to-device none", "none", "page-response sid=00:02.0 pasid=0x7 prgi=5 code=1");
}

TEST_F(ScenarioRunner, WhatADeviceDoesNotSupportEndsTheRun)
{
    ops.page_request = nullptr;
    EXPECT_EQ(run("reset\npage-request 00:02.0 0 prgi=1\nreset\n"), -1);
    EXPECT_STREQ(why, "x.vtd:3: page-request: not supported by this device (fake)");
    EXPECT_EQ(device.resets, 1);
}

TEST_F(ScenarioRunner, WhatMakesNoSenseToADeviceEndsTheRun)
{
    EXPECT_EQ(run("stat request\n"), -1);
    EXPECT_STREQ(why, "x.vtd:2: stat: unknown counter 'request'");
    EXPECT_EQ(run("config memory.size 0x1000\nstore 0x1000 1 0\n"), -1);
    EXPECT_STREQ(why, "x.vtd:3: store: beyond memory");
}

} // namespace
