// SPDX-License-Identifier: MIT
//
// The registers and the fault log beside the model: random accesses of software and random faults go to both; what is
// read, the messages, and the state that translation sees must agree.
#include "Vvtd_regs_bench.h"
#include "model_port.h"
#include "vtd/vtd_regs.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace
{

struct Message {
    uint64_t addr;
    uint32_t data;
    bool operator==(const Message &o) const
    {
        return addr == o.addr && data == o.data;
    }
};

class RegisterLockstep : public testing::Test
{
  protected:
    RegisterLockstep()
    {
        dut.rst_ni = 0;
        dut.bready_i = 1;
        dut.rready_i = 1;
        dut.flushed_i = 1;
        dut.quiet_i = 1;
        dut.msg_ready_i = 1;
        clock();
        dut.rst_ni = 1;

        // The model as the unit says that it is.
        vtd_config config;
        EXPECT_EQ(vtd_config_preset(&config, "default"), VTD_STATUS_OK);
        config.version = static_cast<uint32_t>(read(VTD_REG_VER, 4));
        config.cap = read(VTD_REG_CAP, 8);
        config.ecap = read(VTD_REG_ECAP, 8);
        vtd_host host = {};
        host.opaque = this;
        host.msi = [](void *opaque, uint64_t addr, uint32_t data) {
            static_cast<RegisterLockstep *>(opaque)->expected.push_back({addr, data});
        };
        char why[VTD_WHY_SIZE];
        model = vtd_create(&config, &host, why);
        if (!model)
            ADD_FAILURE() << why;
    }
    ~RegisterLockstep() override
    {
        vtd_destroy(model);
    }

    void clock()
    {
        dut.eval();
        if (dut.rst_ni && dut.msg_valid_o && dut.msg_ready_i)
            messages.push_back({dut.msg_addr_o, dut.msg_data_o});
        dut.clk_i = 1;
        dut.eval();
        dut.clk_i = 0;
        dut.eval();
    }
    // Cycles in which the rest of the unit is now slow, now fast; at last it is done with all that was asked of it.
    void settle()
    {
        for (unsigned i = 0; i < 6; i++) {
            dut.flushed_i = random() & 1;
            dut.quiet_i = random() & 1;
            dut.msg_ready_i = random() & 1;
            clock();
        }
        dut.flushed_i = dut.quiet_i = dut.msg_ready_i = 1;
        for (unsigned i = 0; i < 5; i++)
            clock();
    }
    uint64_t read(unsigned offset, unsigned bytes)
    {
        dut.arvalid_i = 1;
        dut.araddr_i = static_cast<uint16_t>(offset);
        dut.eval();
        EXPECT_TRUE(dut.arready_o);
        clock();
        dut.arvalid_i = 0;
        EXPECT_TRUE(dut.rvalid_o);
        EXPECT_EQ(dut.rresp_o, 0);
        const uint64_t qword = dut.rdata_o;
        clock();
        return bytes == 8 ? qword : static_cast<uint32_t>(qword >> (offset & 4 ? 32 : 0));
    }
    void write(unsigned offset, uint64_t data, unsigned strobes)
    {
        dut.awvalid_i = 1;
        dut.wvalid_i = random() & 1; // data may come later than its address
        dut.awaddr_i = static_cast<uint16_t>(offset);
        dut.wdata_i = data;
        dut.wstrb_i = static_cast<uint8_t>(strobes);
        for (unsigned i = 0; i < 50; i++) {
            dut.eval();
            const bool taken = dut.awready_o && dut.wready_o;
            clock();
            if (taken) {
                dut.awvalid_i = dut.wvalid_i = 0;
                break;
            }
            dut.wvalid_i = 1;
        }
        EXPECT_FALSE(dut.awvalid_i) << "the write is not taken";
        unsigned waits = 0;
        while (!dut.bvalid_o && waits++ < 50)
            clock();
        EXPECT_TRUE(dut.bvalid_o) << "the write is not answered";
        clock();
    }

    // Software writes both. What the model's queue makes of it, is played to the unit.
    void writeBoth(unsigned offset, uint64_t data, unsigned bytes)
    {
        const bool stopped = vtd_mmio_read32(model, VTD_REG_FSTS) & vtd_reg_fsts_put_iqe(1);
        if (bytes == 8) {
            vtd_mmio_write64(model, offset, data);
            write(offset, data, 0xff);
        } else {
            vtd_mmio_write32(model, offset, static_cast<uint32_t>(data));
            const unsigned shift = offset & 4 ? 32 : 0;
            write(offset & ~7u, data << shift, shift ? 0xf0 : 0x0f);
        }
        settle();
        const bool cleared = offset == (VTD_REG_FSTS & ~7u) || offset == VTD_REG_FSTS;
        const bool stops = vtd_mmio_read32(model, VTD_REG_FSTS) & vtd_reg_fsts_put_iqe(1);
        if (stops && (!stopped || (cleared && !dut.stopped_o))) {
            dut.iqe_i = 1;
            dut.iqei_i = static_cast<uint8_t>(vtd_reg_iqercd_iqei(vtd_mmio_read64(model, VTD_REG_IQERCD)));
            clock();
            dut.iqe_i = 0;
        }
    }
    void faultBoth()
    {
        const uint8_t kinds[] = {VTD_READ, VTD_WRITE, VTD_ATOMIC};
        struct model_fault f = {};
        f.page = random() >> 12;
        f.sid = static_cast<uint16_t>(random());
        f.pasid = static_cast<uint32_t>(random() & 0xfffff);
        f.has_pasid = random() & 1;
        f.priv = random() & 1;
        f.access = kinds[random() % 3];
        f.fpd = random() % 4 == 0;
        f.reason = static_cast<uint8_t>(random());
        vtd_port_fault(model, &f);
        dut.fault_i = 1;
        dut.reason_i = f.reason;
        dut.fpd_i = f.fpd;
        dut.page_i = f.page;
        dut.sid_i = f.sid;
        dut.pasid_i = f.pasid;
        dut.has_pasid_i = f.has_pasid;
        dut.priv_i = f.priv;
        dut.kind_i = f.access;
        clock();
        dut.fault_i = 0;
    }
    // A wait descriptor with IF is complete (ref 3.3).
    void waitBoth()
    {
        vtd_port_wait_done(model);
        dut.iwc_i = 1;
        clock();
        dut.iwc_i = 0;
    }
    unsigned someOffset()
    {
        static const unsigned likely[] = {
            VTD_REG_GCMD,   VTD_REG_GSTS,    VTD_REG_RTADDR, VTD_REG_FSTS,    VTD_REG_FECTL,  VTD_REG_FEDATA,
            VTD_REG_FEADDR, VTD_REG_FEUADDR, VTD_REG_IQH,    VTD_REG_IQT,     VTD_REG_IQA,    VTD_REG_ICS,
            VTD_REG_IECTL,  VTD_REG_IEDATA,  VTD_REG_IEADDR, VTD_REG_IEUADDR, VTD_REG_IQERCD, VTD_REG_IRTA,
            VTD_REG_CCMD,   VTD_REG_PMEN,    VTD_REG_CAP,
        };
        const uint64_t choice = random() % 100;
        if (choice < 20)
            return 0x220 + 4 * static_cast<unsigned>(random() % 34); // fault records, and just behind
        if (choice < 25)
            return 4 * static_cast<unsigned>(random() % 1024);
        return likely[random() % (sizeof likely / sizeof likely[0])] + (random() % 8 == 0 ? 4 : 0);
    }
    uint64_t someData()
    {
        const uint64_t choice = random() % 8;
        const uint64_t commands = (random() & random() & 0xffu) << 24;
        return choice < 2 ? commands : choice < 4 ? ~UINT64_C(0) : choice == 4 ? 0 : random();
    }
    void step()
    {
        const uint64_t choice = random() % 100;
        const unsigned bytes = random() & 1 ? 8 : 4;
        const unsigned offset = someOffset() & ~(bytes - 1);
        if (choice < 45) {
            writeBoth(offset, someData(), bytes);
        } else if (choice < 85) {
            const uint64_t wanted = bytes == 8 ? vtd_mmio_read64(model, offset) : vtd_mmio_read32(model, offset);
            ASSERT_EQ(read(offset, bytes), wanted) << std::hex << "offset 0x" << offset;
        } else if (choice < 97) {
            faultBoth();
        } else {
            waitBoth();
        }
    }
    void compareState()
    {
        const struct model_state m = vtd_port_state(model);
        ASSERT_EQ(dut.te_o, m.te);
        ASSERT_EQ(dut.root_o, m.root >> 12);
        ASSERT_EQ(dut.ttm_o, m.ttm);
        ASSERT_EQ(dut.ssirwe_o, m.ssirwe);
        ASSERT_EQ(dut.iqt_o, m.iqt >> 4);
        ASSERT_EQ(dut.iqa_o, m.iqa);
        ASSERT_EQ(dut.qie_o, m.qie);
    }

    Vvtd_regs_bench dut;
    vtd *model = nullptr;
    std::mt19937_64 random{20260702};
    std::deque<Message> messages, expected;
};

TEST_F(RegisterLockstep, RandomAccessesAndFaultsLookAlikeToSoftware)
{
    ASSERT_NE(model, nullptr);
    uint64_t sent = 0;
    for (unsigned n = 0; n < 400000; n++) {
        step();
        if (HasFatalFailure())
            FAIL() << "at step " << n;
        settle();
        compareState();
        ASSERT_EQ(messages, expected) << "at step " << n;
        sent += messages.size();
        messages.clear();
        expected.clear();
    }
    vtd_stats stats;
    vtd_stats_get(model, &stats);
    EXPECT_GT(sent, 500u);
    EXPECT_GT(stats.faults_recorded, 500u);
    EXPECT_GT(stats.faults_overflowed, 500u);
    EXPECT_GT(stats.faults_suppressed, 100u);
}

TEST_F(RegisterLockstep, APartialDwordIsNotWritten)
{
    write(VTD_REG_FEADDR, ~UINT64_C(0), 0x7f); // the upper dword lacks a byte
    EXPECT_EQ(read(VTD_REG_FEADDR, 4), 0xfffffffcu);
    EXPECT_EQ(read(VTD_REG_FEUADDR, 4), 0u);
}

TEST_F(RegisterLockstep, AMessageStandsUntilItIsTaken)
{
    writeBoth(VTD_REG_FECTL, 0, 4);
    writeBoth(VTD_REG_FEDATA, 0x41, 4);
    writeBoth(VTD_REG_FEADDR, 0xfee00000, 4);
    writeBoth(VTD_REG_IECTL, 0, 4);
    writeBoth(VTD_REG_IEDATA, 0x42, 4);
    dut.msg_ready_i = 0;
    waitBoth();
    clock();
    faultBoth(); // the other event must not take its place
    for (unsigned i = 0; i < 5; i++) {
        ASSERT_TRUE(dut.msg_valid_o);
        ASSERT_EQ(dut.msg_data_o, 0x42u);
        clock();
    }
    settle();
    ASSERT_EQ(messages.size(), 2u);
    EXPECT_EQ(messages[1], (Message{0xfee00000, 0x41}));
}

} // namespace
