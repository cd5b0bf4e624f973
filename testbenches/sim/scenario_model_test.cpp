/* SPDX-License-Identifier: MIT */
/*
 * The C model as a device under test: what the interface promises beyond what scenario files in testbenches/scenarios
 * show.
 */
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "scenario/dut_model.h"
#include "scenario/scenario.h"

namespace
{

/* Runs a scenario on the model. */
class ScenarioOnModel : public testing::Test
{
  protected:
    int run(const std::string &statements)
    {
        const std::string text = "vtd-scenario 1\nconfig memory.size 0x10_0000\n" + statements;
        struct vtd_scenario sc;
        struct vtd_dut dut;
        if (vtd_scenario_parse(&sc, "x.vtd", text.data(), text.size(), why) != 0 || vtd_dut_model_create(&dut) != 0) {
            ADD_FAILURE() << why;
            return -2;
        }
        char *buffer = nullptr;
        size_t size = 0;
        struct vtd_run_options options = {};
        options.out = open_memstream(&buffer, &size);
        if (listen)
            vtd_dut_model_listen(&dut, count_event, this);
        const int status = vtd_scenario_run(&sc, &dut, &options, &result, why);
        fclose(options.out);
        printed = buffer;
        free(buffer);
        dut.ops->destroy(&dut);
        vtd_scenario_free(&sc);
        return status;
    }

    static void count_event(void *opaque, const struct vtd_event *event)
    {
        auto *self = static_cast<ScenarioOnModel *>(opaque);
        self->requests += event->kind == VTD_EVENT_REQUEST;
        self->responses += event->kind == VTD_EVENT_RESPONSE;
    }

    struct vtd_run_result result = {};
    std::string printed;
    char why[VTD_SCENARIO_WHY_SIZE] = "";
    bool listen = false;
    unsigned requests = 0;
    unsigned responses = 0;
};

TEST_F(ScenarioOnModel, MemoryBeyondItsSizeDoesNotExist)
{
    EXPECT_EQ(run("store 0xfffff 1 1\ncheck 0xfffff 1 1\nfill 0x10_0000 0 0\n"), 0) << why;
    for (const char *statement :
         {"store 0xf_ffff 2 1", "store 0x10_0000 1 1", "check 0xf_fff9 8 0", "fill 0xf_ffff 2 0", "fill 0 0x10_0001 0",
          "fill 0xffff_ffff_ffff_ffff 0xffff_ffff_ffff_ffff 0", "check 0xffff_ffff_ffff_ffff 8 0"}) {
        EXPECT_EQ(run(std::string(statement) + "\n"), -1) << statement;
        EXPECT_EQ(std::string(why).rfind("x.vtd:3: ", 0), 0u) << why;
        EXPECT_NE(std::string(why).find("beyond memory.size"), std::string::npos) << why;
    }
}

TEST_F(ScenarioOnModel, MemoryIsCoherentAndSaysSo)
{
    EXPECT_EQ(run("config memory.cpu_caches 1\nstore 0 1 1\n"), -1);
    EXPECT_NE(std::string(why).find("memory.cpu_caches: "), std::string::npos) << why;
    EXPECT_EQ(run("config memory.cpu_caches 0\nstore 0 1 1\n"), 0) << why;
}

TEST_F(ScenarioOnModel, AnUnknownCounterEndsTheRun)
{
    EXPECT_EQ(run("stat iotlb_hits\n"), -1);
    EXPECT_STREQ(why, "x.vtd:3: stat: unknown counter 'iotlb_hits'");
}

TEST_F(ScenarioOnModel, ACounterIsTakenByItsName)
{
    EXPECT_EQ(run("dma read 1 0\ndma read 1 0\nstat requests 2\nstat faults 0\nreset\nstat requests 0\n"), 0) << why;
    EXPECT_EQ(result.failures, 0u) << printed;
}

TEST_F(ScenarioOnModel, AConfigurationThatCannotBeNamesItsLastLine)
{
    EXPECT_EQ(run("config haw 46\nconfig ecap 0x0433ed9ea4f00fdd\nreset\n"), -1); /* QI=0 with DT, IR, SMTS (ref 1.3) */
    EXPECT_EQ(std::string(why).rfind("x.vtd:4: ", 0), 0u) << why;
}

TEST_F(ScenarioOnModel, ListenersAreToldOfEveryRequest)
{
    listen = true;
    EXPECT_EQ(run("dma read 1 0\nats 1 0\ntranslated read 1 0\nreset\ndma read 1 0\n"), 0) << why;
    EXPECT_EQ(requests, 4u);
    EXPECT_EQ(responses, 4u);
}

TEST_F(ScenarioOnModel, MessagesSurviveAReset)
{
    /* IQT beyond the queue: IQE, a fault event; FECTL unmasked first. Then reset: the message was sent. */
    EXPECT_EQ(run("write 0x3c 4 0x41\nwrite 0x40 4 0xfee0_3000\nwrite 0x38 4 0\nwrite 0x90 8 0x8000\n"
                  "write 0x18 4 0x0400_0000\nwrite 0x88 8 0x1000\nread 0x34 4 0x10 0x10\nreset\n"
                  "msi 0xfee03000 0x41\nmsi none\n"),
              0)
        << why;
    EXPECT_EQ(result.failures, 0u) << printed;
}

TEST(ScenarioLoad, NamesAFileThatCannotBeRead)
{
    struct vtd_scenario sc;
    char why[VTD_SCENARIO_WHY_SIZE];
    EXPECT_EQ(vtd_scenario_load(&sc, "/nonexistent/x.vtd", why), -1);
    EXPECT_STREQ(why, "/nonexistent/x.vtd: No such file or directory");
    EXPECT_EQ(vtd_scenario_load(&sc, "/", why), -1);
    EXPECT_STREQ(why, "/: Is a directory");
}

} // namespace
