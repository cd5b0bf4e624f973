// SPDX-License-Identifier: MIT
//
// The smallest unit does not come to a stop: with one place for misses, what stands before it and what is in it wait for
// each other at many points.
#include "Vvtd_small_bench.h"
#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace
{

class SmallUnit : public testing::Test
{
  protected:
    SmallUnit()
    {
        dut.rst_ni = 0;
        edge();
        dut.rst_ni = 1;
        write(VTD_REG_RTADDR, VTD_TTM_SCALABLE << VTD_RTADDR_TTM_LSB);
        write(VTD_REG_GCMD, 1u << VTD_GCMD_SRTP_LSB);
        write(VTD_REG_GCMD, 1u << VTD_GCMD_TE_LSB);
    }
    void edge()
    {
        dut.clk_i = 1;
        dut.eval();
        dut.clk_i = 0;
        dut.eval();
    }
    void write(unsigned offset, uint32_t data)
    {
        dut.write_i = 1;
        dut.write_addr_i = static_cast<uint16_t>(offset);
        dut.write_data_i = data;
        dut.eval();
        for (unsigned limit = 100; !dut.write_ready_o && limit; limit--)
            edge();
        edge();
        dut.write_i = 0;
        dut.eval();
    }

    Vvtd_small_bench dut;
    std::mt19937_64 random{1};
};

TEST_F(SmallUnit, EveryRequestIsAnsweredOnce)
{
    constexpr unsigned kRequests = 2000;
    for (const unsigned rate : {100u, 60u, 15u}) {
        std::vector<unsigned> answers(kRequests);
        unsigned sent = 0, idle_cycles = 0;
        for (unsigned limit = 100 * kRequests; limit && idle_cycles < 4; limit--) {
            if (!dut.req_valid_i && sent < kRequests && random() % 100 < rate) {
                dut.req_valid_i = 1;
                dut.req_tag_i = static_cast<uint16_t>(sent);
                dut.req_addr_i = random() % 3 << 12;
            }
            dut.rsp_ready_i = random() % 100 < 2 * rate;
            dut.eval();
            if (dut.rsp_valid_o && dut.rsp_ready_i) {
                ASSERT_LT(dut.rsp_tag_o, kRequests);
                answers[dut.rsp_tag_o]++;
                ASSERT_EQ(dut.rsp_reason_o, VTD_FAULT_SRT_1); // the root entry cannot be read
            }
            const bool taken = dut.req_valid_i && dut.req_ready_o;
            sent += taken;
            edge();
            if (taken)
                dut.req_valid_i = 0;
            idle_cycles = dut.idle_o && sent == kRequests ? idle_cycles + 1 : 0;
        }
        ASSERT_EQ(idle_cycles, 4u) << "after " << sent << " requests";
        EXPECT_EQ(answers, std::vector<unsigned>(kRequests, 1));
    }
}

} // namespace
