// SPDX-License-Identifier: MIT
//
// The memory port between random clients and a memory that takes its time: whatever the order in which it answers, every
// client gets what is in its memory, atomics swap only what they should, and the bus sees only bursts that AXI allows.
#include "Vvtd_mem_bench.h"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <random>
#include <vector>

namespace
{

constexpr unsigned kClients = 3, kRead = 0, kCas = 1, kWrite = 2, kOkay = 0, kSlverr = 2, kDecerr = 3;
constexpr uint64_t kArea = 3 * 4096; // of each client, from its number times that

class MemoryPort : public testing::Test
{
  protected:
    struct Client {
        bool busy = false, taken = false;
        unsigned op = 0, qwords = 0, user = 0;
        uint64_t addr = 0, expected = 0, desired = 0;
    };
    struct Beat {
        unsigned id;
        uint64_t data;
        unsigned resp;
        bool last;
    };
    struct Write {
        unsigned id = 0, atop = 0, len = 0, burst = 0, size = 0;
        uint64_t addr = 0;
    };

    MemoryPort() : memory(kClients * kArea / 8), own(memory)
    {
        for (uint64_t &q : memory)
            q = random() % 4; // that compares succeed as often as they fail
        own = memory;
        dut.rst_ni = 0;
        edge();
        dut.rst_ni = 1;
    }
    bool chance(unsigned percent)
    {
        return random() % 100 < percent;
    }
    void edge()
    {
        dut.clk_i = 0;
        dut.eval();
        dut.clk_i = 1;
        dut.eval();
    }
    // A bus error depends on the place only.
    static unsigned responseAt(uint64_t addr)
    {
        const uint64_t n = addr / 8 * UINT64_C(0x9e3779b97f4a7c15) >> 56;
        return n == 0 ? kSlverr : n == 1 ? kDecerr : kOkay;
    }

    // ------------------------------------------------------------ clients
    void ask(unsigned c)
    {
        Client &k = client[c];
        const unsigned n = random() % 10;
        k.busy = true;
        k.taken = false;
        k.op = n < 6 ? kRead : n < 8 ? kCas : kWrite;
        k.qwords = k.op == kRead ? 1u << random() % 4 : 1;
        k.user = random() & 0xff;
        k.addr = c * kArea + random() % (kArea / 8 - 8) * 8;
        if (chance(20)) // around the end of a page
            k.addr = c * kArea + 4096 * (1 + random() % 2) - 8 * (random() % 8 + 1);
        if (k.op == kWrite)
            k.addr += random() % 2 * 4;
        k.expected = random() % 4;
        k.desired = random() % 4 | random() << 32;
    }
    void drive(unsigned c)
    {
        const Client &k = client[c];
        const bool valid = k.busy && !k.taken;
        dut.valid_i = (dut.valid_i & ~(1u << c)) | static_cast<unsigned>(valid) << c;
        dut.op_i[c] = k.op;
        dut.addr_i[c] = k.addr;
        dut.qwords_i[c] = k.qwords;
        dut.expected_i[c] = k.expected;
        dut.desired_i[c] = k.desired;
        dut.user_i[c] = k.user;
    }
    // What the client's memory should hold and its answer be, by the client's own copy.
    void check(unsigned c)
    {
        const Client &k = client[c];
        bool error = false;
        for (unsigned i = 0; i < k.qwords; i++)
            error = error || responseAt(k.addr + 8 * i) != kOkay;
        ASSERT_EQ(dut.error_o >> c & 1, static_cast<unsigned>(error)) << "client " << c << " op " << k.op;
        if (error)
            return;
        uint64_t &q = own[k.addr / 8];
        for (unsigned i = 0; i < k.qwords && k.op != kWrite; i++) {
            const uint64_t got = dut.rdata_o[c][2 * i] | static_cast<uint64_t>(dut.rdata_o[c][2 * i + 1]) << 32;
            ASSERT_EQ(got, own[k.addr / 8 + i]) << "client " << c << " qword " << i;
        }
        if (k.op == kCas && q == k.expected) {
            q = k.desired;
            swaps++;
        }
        if (k.op == kWrite) {
            const unsigned shift = k.addr % 8 * 8;
            q = (q & ~(UINT64_C(0xffffffff) << shift)) | (k.desired & 0xffffffff) << shift;
        }
    }

    // ------------------------------------------------------------ memory
    void takeRead()
    {
        const unsigned n = dut.m_arlen_o + 1u;
        ASSERT_EQ(dut.m_arsize_o, 3);
        ASSERT_EQ(dut.m_arburst_o, 1) << "INCR";
        ASSERT_LE(n, 8u);
        ASSERT_EQ(dut.m_araddr_o / 4096, (dut.m_araddr_o + 8 * n - 1) / 4096) << "a burst crosses 4 KiB";
        ASSERT_LT(dut.m_arid_o, kClients);
        ASSERT_EQ(dut.m_aruser_o, client[dut.m_arid_o].user);
        for (unsigned i = 0; i < n; i++) {
            const uint64_t at = dut.m_araddr_o + 8 * i;
            answers[dut.m_arid_o].push_back({dut.m_arid_o, memory[at / 8], responseAt(at), i + 1 == n});
        }
        bursts++;
    }
    void takeWrite(const Write &w)
    {
        ASSERT_LT(w.id, kClients);
        const unsigned resp = responseAt(w.addr);
        uint64_t &q = memory[w.addr / 8];
        if (w.atop != 0) {
            ASSERT_EQ(w.atop, 0x31u) << "AtomicCompare";
            ASSERT_EQ(w.len, 1u);
            ASSERT_EQ(w.size, 3u);
            ASSERT_EQ(strobe, 0xffu);
            const bool upper = w.addr >> 3 & 1;
            ASSERT_EQ(w.burst, upper ? 2u : 1u) << "WRAP at the upper half of the 16 bytes, else INCR";
            answers[w.id].push_back({w.id, q, resp, true});
            if (resp == kOkay && q == data[upper])
                q = data[!upper];
        } else {
            ASSERT_EQ(w.len, 0u);
            ASSERT_EQ(w.size, 2u);
            ASSERT_EQ(w.burst, 1u);
            ASSERT_EQ(strobe, w.addr >> 2 & 1 ? 0xf0u : 0x0fu) << "the dword at its place";
            const uint64_t mask = strobe == 0xf0 ? UINT64_C(0xffffffff) << 32 : 0xffffffff;
            if (resp == kOkay)
                q = (q & ~mask) | (data[0] & mask);
        }
        responses.push_back({w.id, 0, resp, true});
    }
    // Answers of a client stay in order; those of different clients are mixed beat by beat.
    void answer()
    {
        dut.m_rvalid_i = 0;
        const unsigned id = random() % kClients;
        if (!answers[id].empty() && chance(40)) {
            const Beat b = answers[id].front();
            answers[id].pop_front();
            dut.m_rvalid_i = 1;
            dut.m_rid_i = b.id;
            dut.m_rdata_i = b.data;
            dut.m_rresp_i = b.resp;
            dut.m_rlast_i = b.last;
        }
        dut.m_bvalid_i = 0;
        if (!responses.empty() && chance(30)) {
            const unsigned at = random() % responses.size();
            dut.m_bvalid_i = 1;
            dut.m_bid_i = responses[at].id;
            dut.m_bresp_i = responses[at].resp;
            responses.erase(responses.begin() + at);
        }
    }
    // What is offered stays as it is until it is taken.
    void keepsOffers()
    {
        const std::array<uint64_t, 3> ar = {dut.m_arvalid_o, dut.m_araddr_o,
                                            static_cast<uint64_t>(dut.m_arid_o) << 8 | dut.m_arlen_o};
        const std::array<uint64_t, 3> aw = {dut.m_awvalid_o, dut.m_awaddr_o,
                                            static_cast<uint64_t>(dut.m_awid_o) << 8 | dut.m_awatop_o};
        const std::array<uint64_t, 3> w = {dut.m_wvalid_o, dut.m_wdata_o,
                                           static_cast<uint64_t>(dut.m_wlast_o) << 8 | dut.m_wstrb_o};
        ASSERT_TRUE(held_ar[0] == 0 || ar == held_ar);
        ASSERT_TRUE(held_aw[0] == 0 || aw == held_aw);
        ASSERT_TRUE(held_w[0] == 0 || w == held_w);
        held_ar = dut.m_arready_i ? std::array<uint64_t, 3>{} : ar;
        held_aw = dut.m_awready_i ? std::array<uint64_t, 3>{} : aw;
        held_w = dut.m_wready_i ? std::array<uint64_t, 3>{} : w;
    }
    void takeOffers()
    {
        if (dut.m_arvalid_o && dut.m_arready_i)
            takeRead();
        if (dut.m_awvalid_o && dut.m_awready_i) {
            Write w;
            w.id = dut.m_awid_o;
            w.atop = dut.m_awatop_o;
            w.len = dut.m_awlen_o;
            w.burst = dut.m_awburst_o;
            w.size = dut.m_awsize_o;
            w.addr = dut.m_awaddr_o;
            writes.push_back(w);
        }
        if (dut.m_wvalid_o && dut.m_wready_i) {
            ASSERT_LT(beats, 2u);
            data[beats++] = dut.m_wdata_o;
            strobe = dut.m_wstrb_o;
            whole = dut.m_wlast_o;
        }
        if (whole && !writes.empty()) {
            ASSERT_EQ(beats, writes.front().len + 1);
            takeWrite(writes.front());
            writes.pop_front();
            beats = 0;
            whole = false;
        }
    }
    void cycle(bool ask_more)
    {
        for (unsigned c = 0; c < kClients; c++) {
            if (!client[c].busy && ask_more && chance(60))
                ask(c);
            drive(c);
        }
        dut.m_arready_i = chance(50);
        dut.m_awready_i = chance(50);
        dut.m_wready_i = chance(50) && !whole; // one write after the other
        answer();
        dut.clk_i = 0;
        dut.eval();
        keepsOffers();
        takeOffers();
        for (unsigned c = 0; c < kClients; c++) {
            if (dut.rvalid_o >> c & 1) {
                ASSERT_TRUE(client[c].taken) << "an answer that nobody waits for";
                check(c);
                client[c].busy = false;
                done++;
            }
            if (dut.ready_o >> c & dut.valid_i >> c & 1)
                client[c].taken = true;
        }
        dut.clk_i = 1;
        dut.eval();
    }

    std::mt19937_64 random{1};
    Vvtd_mem_bench dut;
    std::vector<uint64_t> memory, own;
    Client client[kClients];
    std::deque<Beat> answers[kClients];
    std::vector<Beat> responses;
    std::deque<Write> writes;
    std::array<uint64_t, 2> data{};
    std::array<uint64_t, 3> held_ar{}, held_aw{}, held_w{};
    unsigned beats = 0, strobe = 0, done = 0, swaps = 0, bursts = 0;
    bool whole = false;
};

TEST_F(MemoryPort, EveryClientGetsWhatIsInItsMemory)
{
    for (unsigned i = 0; i < 60000 && !HasFatalFailure(); i++)
        cycle(true);
    for (unsigned i = 0; i < 2000 && !HasFatalFailure(); i++)
        cycle(false);
    for (const Client &c : client)
        EXPECT_FALSE(c.busy) << "an access without an answer";
    EXPECT_EQ(memory, own);
    EXPECT_GT(done, 5000u);
    EXPECT_GT(swaps, 100u);
}

} // namespace
