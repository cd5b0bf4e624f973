/* SPDX-License-Identifier: MIT */
/*
 * A recording is run again: the driver drives a unit, what happens is written down, and the scenario runner must see the
 * same on a new unit.
 */
#include "qemu/dma_trace.h"
#include "qemu/function.h"
#include "qemu/recorder.h"
#include "scenario/dut_model.h"
#include "scenario/scenario.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <unistd.h>

namespace
{

constexpr uint64_t kMemory = 64 << 20;

class Recorder : public testing::Test
{
  protected:
    void SetUp() override
    {
        vtd_config config;
        ASSERT_EQ(vtd_config_preset(&config, nullptr), VTD_STATUS_OK);
        char text[VTD_WHY_SIZE];
        ASSERT_EQ(vtd_machine_init(&machine, &config, kMemory, 1 << 20, kMemory, text), 0) << text;
        host.machine = &machine;
        host.low_end = kMemory;
        host.recorder = &recorder;
        host.message = [](void *, uint64_t, uint32_t) {};
        path = testing::TempDir() + "qemu_recorder_" + std::to_string(getpid()) + ".vtd";
        file = fopen(path.c_str(), "w+");
        ASSERT_NE(file, nullptr);
    }
    void TearDown() override
    {
        fclose(file);
        unlink(path.c_str());
        vtd_machine_fini(&machine);
    }
    void begin(uint64_t limit = 0)
    {
        ASSERT_TRUE(vtd_recorder_begin(&recorder, file, "config memory.size 0x400_0000\n", limit));
        machine.event = vtd_recorder_event;
        machine.event_opaque = &recorder;
        vtd_events_enable(machine.unit, true);
    }
    void write(uint64_t offset, unsigned size, uint64_t value)
    {
        vtd_recorder_register(&recorder, true, offset, value, size);
        if (size == 8)
            vtd_mmio_write64(machine.unit, offset, value);
        else
            vtd_mmio_write32(machine.unit, offset, static_cast<uint32_t>(value));
        vtd_machine_run_devices(&machine);
    }
    uint32_t read(uint64_t offset)
    {
        const uint32_t value = vtd_mmio_read32(machine.unit, offset);
        vtd_recorder_register(&recorder, false, offset, value, 4);
        return value;
    }
    void store(uint64_t addr, uint64_t value)
    {
        ASSERT_TRUE(vtd_memory_write(&machine.memory, addr, 8, value));
    }
    vtd_response dma(uint64_t addr, vtd_access access)
    {
        vtd_request q{};
        q.addr = addr;
        q.sid = 0x10;
        q.pasid = 5;
        q.flags = VTD_REQ_PASID;
        q.len = 8;
        q.access = access;
        vtd_response r{};
        EXPECT_EQ(vtd_translate(machine.unit, &q, &r), VTD_STATUS_OK);
        return r;
    }
    /* The tables of the example in docs/02_user/scenarios.md: page 0 of PASID 5 of 00:02.0 is at 0x9000. */
    void bring_up()
    {
        store(0x1000, 0x2001);
        store(0x2200, 0x3009);
        store(0x3000, 0x4001);
        store(0x4140, 0x41);
        store(0x4148, 0x800007);
        store(0x4150, 0x5000);
        store(0x5000, 0x6007);
        store(0x6000, 0x7007);
        store(0x7000, 0x8007);
        store(0x8000, 0x9007);
        write(0x20, 8, 0x1400);
        write(0x18, 4, 0x40000000);
        write(0x90, 8, 0x100800);   /* IQA: 256-bit descriptors, one page at 1 MiB */
        write(0x18, 4, 0x04000000); /* one command at a time: the queue, then translation */
        write(0x18, 4, 0x84000000);
    }
    /* Ends the recording and runs it; the number of expectations that do not hold. */
    unsigned replay()
    {
        EXPECT_EQ(vtd_recorder_end(&recorder, 0, why), 0) << why;
        vtd_scenario scenario;
        vtd_dut dut;
        vtd_run_result result{};
        char text[VTD_SCENARIO_WHY_SIZE] = "";
        const vtd_run_options options{};
        EXPECT_EQ(vtd_scenario_load(&scenario, path.c_str(), text), 0) << text;
        EXPECT_EQ(vtd_dut_model_create(&dut), 0);
        EXPECT_EQ(vtd_scenario_run(&scenario, &dut, &options, &result, text), 0) << text;
        dut.ops->destroy(&dut);
        vtd_scenario_free(&scenario);
        return result.failures;
    }
    std::string text()
    {
        std::string all;
        rewind(file);
        for (int c; (c = fgetc(file)) != EOF;)
            all.push_back(static_cast<char>(c));
        return all;
    }
    vtd_machine machine{};
    vtd_qemu_host host{};
    vtd_recorder recorder{};
    FILE *file = nullptr;
    std::string path;
    char why[VTD_QEMU_WHY_SIZE] = "";
};

TEST_F(Recorder, RequestsFaultsAndRegistersHappenAgain)
{
    begin();
    bring_up();
    EXPECT_EQ(dma(0x123, VTD_READ).hpa, 0x9123u);
    EXPECT_EQ(dma(0x1000, VTD_WRITE).fault, 0x71); /* SFS.2: nothing is mapped there */
    EXPECT_NE(read(0x34) & 2, 0u);                 /* FSTS.PPF */
    EXPECT_EQ(replay(), 0u) << text();
    EXPECT_NE(text().find("dma read 0x10 0x123 pasid=5 len=8 -> hpa=0x9123 page=4K\n"), std::string::npos) << text();
    EXPECT_NE(text().find("dma write 0x10 0x1000 pasid=5 len=8 -> fault=0x71\n"), std::string::npos) << text();
}

TEST_F(Recorder, TablesThatChangeAreStoredAgainWhenTheUnitReadsThem)
{
    begin();
    bring_up();
    EXPECT_EQ(dma(0x123, VTD_WRITE).hpa, 0x9123u);
    store(0x8000, 0xa007);
    EXPECT_EQ(dma(0x123, VTD_READ).hpa, 0x9123u);                  /* cached */
    store(0x100000, 0x26 | UINT64_C(7) << 16 | UINT64_C(5) << 32); /* PASID-based IOTLB invalidate: DID 7, PASID 5 */
    store(0x100008, 0);                                            /* and 16 bytes of 0 */
    /* Wait descriptor: a status write of 1 to 0x200004. */
    store(0x100020, 0x25 | UINT64_C(1) << 32);
    store(0x100028, 0x200004);
    write(0x88, 4, 0x40);
    EXPECT_EQ(dma(0x123, VTD_READ).hpa, 0xa123u);
    uint64_t status = 0;
    ASSERT_TRUE(vtd_memory_read(&machine.memory, 0x200004, 4, &status));
    EXPECT_EQ(status, 1u);
    EXPECT_EQ(replay(), 0u) << text();
    const std::string all = text();
    EXPECT_LT(all.find("-> hpa=0x9123"), all.find("store 0x8000 8 0xa007")) << all;
    EXPECT_LT(all.find("store 0x8000 8 0xa007"), all.find("-> hpa=0xa123")) << all;
}

TEST_F(Recorder, AnExpectationThatIsSpoiltDoesNotHold)
{
    begin();
    bring_up();
    dma(0x123, VTD_READ);
    fflush(file);
    const std::string last = recorder.pending;
    snprintf(recorder.pending, sizeof recorder.pending, "%s", "dma read 0x10 0x123 pasid=5 -> hpa=0x8123");
    EXPECT_NE(last, recorder.pending);
    EXPECT_EQ(replay(), 1u);
}

TEST_F(Recorder, InterruptsAreRecordedWithWhatBecameOfThem)
{
    begin();
    store(0x4000, 0x270001 | UINT64_C(1) << 40); /* entry 0: present, vector 0x27, APIC 1 (bits 47:40) */
    write(0xb8, 8, 0x4000);
    write(0x18, 4, 0x01000000);
    write(0x18, 4, 0x02000000);
    EXPECT_TRUE(vtd_qemu_interrupt(&host, 0x28, 0xfee00018, 0));  /* remappable format, SHV, handle 0 */
    EXPECT_FALSE(vtd_qemu_interrupt(&host, 0x28, 0xfee00038, 0)); /* handle 1: not present */
    EXPECT_EQ(replay(), 0u) << text();
    EXPECT_NE(text().find("-> vector=39 dest=1\n"), std::string::npos) << text();
    EXPECT_NE(text().find("-> fault=0x22\n"), std::string::npos) << text();
}

TEST_F(Recorder, ALimitAndPageRequestsAreTold)
{
    begin(3);
    bring_up();
    EXPECT_EQ(vtd_recorder_end(&recorder, 0, why), -1);
    EXPECT_STREQ(why, "the recording ends after 3 of 5 statements");
    begin();
    EXPECT_EQ(vtd_recorder_end(&recorder, 2, why), -1);
    EXPECT_NE(std::string(why).find("page requests"), std::string::npos);
}

/* The trace format of docs/02_user/traces.md: accesses that reached memory, and what was unmapped between them. */
TEST_F(Recorder, TracesHaveAccessesAndUnmapsOfWhatTheyUsed)
{
    const std::string name = path + ".trace";
    vtd_dma_trace trace{};
    trace.unit = machine.unit;
    trace.writer = vtd_trace_writer_open(name.c_str(), VTD_TRACE_TEXT, 1, trace.why);
    ASSERT_NE(trace.writer, nullptr) << trace.why;
    begin();
    machine.event = [](void *opaque, const vtd_event *e) {
        vtd_dma_trace_event(static_cast<vtd_dma_trace *>(opaque), e, 0);
    };
    machine.event_opaque = &trace;
    bring_up();
    dma(0x123, VTD_READ);
    dma(0x1000, VTD_WRITE); /* refused */
    /* PASID-based IOTLB invalidates of DID 7, PASID 5: one page at 0; then of PASID 6, which nobody has used; then all. */
    store(0x100000, 0x36 | UINT64_C(7) << 16 | UINT64_C(5) << 32);
    store(0x100020, 0x26 | UINT64_C(7) << 16 | UINT64_C(6) << 32);
    store(0x100040, 0x26 | UINT64_C(7) << 16 | UINT64_C(5) << 32);
    write(0x88, 4, 0x60);
    dma(0x124, VTD_WRITE);
    EXPECT_FALSE(trace.failed) << trace.why;
    ASSERT_EQ(vtd_trace_writer_finish(trace.writer, trace.why), 0) << trace.why;
    EXPECT_EQ(trace.accesses, 2u);
    EXPECT_EQ(trace.unmaps, 2u);
    FILE *in = fopen(name.c_str(), "r");
    ASSERT_NE(in, nullptr);
    char bytes[1024];
    const std::string got(bytes, fread(bytes, 1, sizeof bytes, in));
    fclose(in);
    unlink(name.c_str());
    EXPECT_EQ(got, "0 00:02.0 5 r 123 8\n# domains: 1=00:02.0/5\ninv 1 0 1\ninv 1 0 all\n0 00:02.0 5 w 124 8\n");
    EXPECT_EQ(replay(), 0u);
}

} // namespace
