// SPDX-License-Identifier: MIT
//
// The unit without AXI and the model beside it, each with its own copy of the same memory: tables, paging entries and an
// invalidation queue. The unit's memory answers each client after some cycles.
#ifndef VTD_TESTS_CORE_BENCH_H
#define VTD_TESTS_CORE_BENCH_H

#include "Vvtd_core_bench.h"
#include "lockstep.h"
#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"
#include "walk_memory.h"

#include <array>
#include <deque>
#include <map>
#include <ostream>
#include <vector>

namespace vtdtest
{

// Pages: paging entries (those of WalkMemory), root table, context tables, PASID directory, PASID tables, queue, status.
constexpr uint64_t kFirstPage = WalkMemory::kFirst, kTables = kFirstPage + WalkMemory::kPages, kRoot = kTables,
                   kContexts = kRoot + 1, kDir = kContexts + 2, kPasids = kDir + 1, kQueue = kPasids + 2,
                   kStatus = kQueue + 1, kEndPage = kStatus + 1;
constexpr unsigned kWalkers = 3, kClients = kWalkers + 1;

// An access of memory: op, kind and level as the unit's memory port has them; data: of a CAS, what shall be stored.
struct Access {
    uint64_t addr, data;
    unsigned op, qwords, kind, level;
    bool snoop;
    bool operator==(const Access &o) const
    {
        return addr == o.addr && data == o.data && op == o.op && qwords == o.qwords && kind == o.kind &&
               level == o.level && snoop == o.snoop;
    }
};
inline std::ostream &operator<<(std::ostream &out, const Access &a)
{
    return out << "\n  op " << a.op << " kind " << a.kind << " level " << a.level << std::hex << " 0x" << a.addr << " x"
               << a.qwords << " 0x" << a.data << (a.snoop ? " snoop" : "") << std::dec;
}

struct Response {
    uint64_t hpa;
    unsigned result, fault, shift, attr;
    bool operator==(const Response &o) const
    {
        return hpa == o.hpa && result == o.result && fault == o.fault && shift == o.shift && attr == o.attr;
    }
};
inline std::ostream &operator<<(std::ostream &out, const Response &r)
{
    return out << "result " << r.result << " fault 0x" << std::hex << r.fault << " hpa 0x" << r.hpa << std::dec
               << " shift " << r.shift << " attr " << r.attr;
}

class CoreMemory
{
  public:
    explicit CoreMemory(std::mt19937_64 &random) : qwords_((kEndPage - kFirstPage) * 512)
    {
        const WalkMemory entries(random);
        for (uint64_t a = kFirstPage << 12; a < kTables << 12; a += 8)
            entries.read(a, &at(a));
    }
    uint64_t &at(uint64_t addr)
    {
        return qwords_[addr / 8 - kFirstPage * 512];
    }
    static bool has(uint64_t addr)
    {
        return addr >> 12 >= kFirstPage && addr >> 12 < kEndPage && (addr >> 12 >= kRoot || addr / 64 % 251 != 7);
    }
    bool read(uint64_t addr, uint64_t *q, size_t count)
    {
        for (size_t i = 0; i < count; i++) {
            if (!has(addr + 8 * i))
                return false;
            q[i] = at(addr + 8 * i);
        }
        return true;
    }
    bool compareAndSwap(uint64_t addr, uint64_t *expected, uint64_t desired)
    {
        if (!has(addr))
            return false;
        uint64_t &q = at(addr);
        const uint64_t was = q;
        if (was == *expected)
            q = desired;
        *expected = was;
        return true;
    }
    bool write32(uint64_t addr, uint32_t data)
    {
        if (!has(addr))
            return false;
        uint64_t &q = at(addr & ~UINT64_C(7));
        const unsigned shift = addr & 4 ? 32 : 0;
        q = (q & ~(UINT64_C(0xffffffff) << shift)) | static_cast<uint64_t>(data) << shift;
        return true;
    }
    bool operator==(const CoreMemory &o) const
    {
        return qwords_ == o.qwords_;
    }

  private:
    std::vector<uint64_t> qwords_;
};

class CoreBench : public testing::Test
{
  protected:
    CoreBench() : model_memory(random), dut_memory(model_memory)
    {
        dut.rst_ni = 0;
        edge();
        dut.rst_ni = 1;
        vtd_config config;
        EXPECT_EQ(vtd_config_preset(&config, "default"), VTD_STATUS_OK);
        config.version = static_cast<uint32_t>(readDut(VTD_REG_VER)); // the model as the unit says that it is
        config.cap = readDut(VTD_REG_CAP);
        config.ecap = readDut(VTD_REG_ECAP);
        config.haw = WalkMemory::kHaw;
        const auto cache = [&](unsigned id, uint32_t sets, uint32_t ways) { // as vtd_core_bench.sv
            config.cache[id] = {sets * ways, ways, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0};
        };
        cache(VTD_CACHE_CONTEXT, 2, 2);
        cache(VTD_CACHE_PASID, 4, 2);
        cache(VTD_CACHE_IOTLB, 4, 4);
        cache(VTD_CACHE_FS_PSC, 2, 4);
        cache(VTD_CACHE_SS_PSC, 4, 4);
        vtd_host host = {};
        host.opaque = this;
        host.mem_read = [](void *o, uint64_t hpa, void *data, size_t size, enum vtd_mem_class, bool) {
            return self(o)->model_memory.read(hpa, static_cast<uint64_t *>(data), size / 8) ? 0 : 1;
        };
        host.mem_write = [](void *o, uint64_t hpa, const void *data, size_t, enum vtd_mem_class) {
            return self(o)->model_memory.write32(hpa, *static_cast<const uint32_t *>(data)) ? 0 : 1;
        };
        host.mem_cas = [](void *o, uint64_t hpa, uint64_t *old, uint64_t desired, enum vtd_mem_class) {
            return self(o)->model_memory.compareAndSwap(hpa, old, desired) ? 0 : 1;
        };
        host.msi = [](void *o, uint64_t addr, uint32_t data) { self(o)->expected_messages.push_back({addr, data}); };
        host.event = [](void *o, const vtd_event *e) { self(o)->note(*e); };
        model = lockstep::make_model(config, host);
    }
    ~CoreBench() override
    {
        vtd_destroy(model);
    }
    static CoreBench *self(void *o)
    {
        return static_cast<CoreBench *>(o);
    }
    bool chance(unsigned percent)
    {
        return random() % 100 < percent;
    }

    // ------------------------------------------------------------ what the model does
    void note(const vtd_event &e)
    {
        if (e.kind == VTD_EVENT_MEM_READ && e.addr >> WalkMemory::kHaw == 0) // above, the unit need not ask the memory
            expected.push_back({e.addr, 0, 0, e.count, e.unit, e.level, e.snoop});
        else if (e.kind == VTD_EVENT_MEM_CAS) // the event has no level, and no snoop
            expected.push_back({e.addr, e.value[1], 1, 1, e.unit, 0, false});
    }
    Response ask(const vtd_request &req)
    {
        vtd_response r = {};
        EXPECT_EQ(vtd_translate(model, &req, &r), VTD_STATUS_OK);
        return {r.hpa, r.result, r.fault, r.page_shift, r.attr};
    }

    // ------------------------------------------------------------ the unit
    void edge()
    {
        dut.clk_i = 1;
        dut.eval();
        dut.clk_i = 0;
        dut.eval();
    }
    void answer(unsigned c)
    {
        std::array<uint64_t, 8> q{};
        bool ok;
        const uint64_t addr = dut.mem_addr_o[c];
        if (dut.mem_op_o[c] == 0) {
            ok = dut_memory.read(addr, q.data(), dut.mem_qwords_o[c]);
            accesses.push_back(
                {addr, 0, 0, dut.mem_qwords_o[c], dut.mem_kind_o[c], dut.mem_level_o[c], dut.mem_snoop_o[c] != 0});
        } else if (dut.mem_op_o[c] == 1) {
            q[0] = dut.mem_expected_o[c];
            ok = dut_memory.compareAndSwap(addr, &q[0], dut.mem_desired_o[c]);
            accesses.push_back({addr, dut.mem_desired_o[c], 1, 1, dut.mem_kind_o[c], 0, false});
        } else {
            ok = dut_memory.write32(addr, static_cast<uint32_t>(dut.mem_desired_o[c]));
            EXPECT_EQ(dut.mem_kind_o[c], VTD_MEM_STATUS);
        }
        for (unsigned i = 0; i < 16; i++)
            dut.mem_rdata_i[c][i] = static_cast<uint32_t>(q[i / 2] >> (i % 2 ? 32 : 0));
        const uint8_t bit = static_cast<uint8_t>(1u << c);
        dut.mem_error_i = static_cast<uint8_t>(ok ? dut.mem_error_i & ~bit : dut.mem_error_i | bit);
        wait[c] = latency + static_cast<unsigned>(random() % jitter);
    }
    void clock()
    {
        cycle++;
        uint8_t ready = 0, rvalid = 0;
        for (unsigned c = 0; c < kClients; c++) {
            if (wait[c] == 1)
                rvalid |= static_cast<uint8_t>(1u << c);
            else if (wait[c] == 0 && (jitter == 1 || chance(70)))
                ready |= static_cast<uint8_t>(1u << c);
            wait[c] -= wait[c] > 0;
        }
        dut.mem_ready_i = ready;
        dut.mem_rvalid_i = rvalid;
        dut.msg_ready_i = chance(70);
        if (!dut.req_valid_i && !to_send.empty() && chance(request_rate))
            present(to_send.front());
        dut.rsp_ready_i = chance(response_rate);
        dut.eval();
        if (dut.req_valid_i && dut.req_ready_o) {
            accepted[dut.req_tag_i] = cycle;
            to_send.pop_front();
        }
        const bool sent = dut.req_valid_i && dut.req_ready_o;
        if (dut.rsp_valid_o && dut.rsp_ready_i)
            takeResponse();
        if (dut.msg_valid_o && dut.msg_ready_i)
            messages.push_back({dut.msg_addr_o, dut.msg_data_o});
        for (unsigned i = 0; i < 5; i++) {
            counts[0][i] += dut.lookup_o >> i & 1;
            counts[1][i] += dut.hit_o >> i & 1;
            counts[2][i] += dut.fill_o >> i & 1;
            counts[3][i] += dut.evict_o >> i & 1;
        }
        merges += dut.merge_o;
        for (unsigned c = 0; c < kClients; c++)
            if ((dut.mem_valid_o & ready) >> c & 1)
                answer(c);
        edge();
        if (sent) {
            dut.req_valid_i = 0;
            if (!to_send.empty() && chance(request_rate))
                present(to_send.front());
        }
    }
    void present(const std::pair<uint16_t, vtd_request> &r)
    {
        dut.req_valid_i = 1;
        dut.req_tag_i = r.first;
        dut.req_sid_i = r.second.sid;
        dut.req_has_pasid_i = (r.second.flags & VTD_REQ_PASID) != 0;
        dut.req_pasid_i = r.second.pasid;
        dut.req_priv_i = (r.second.flags & VTD_REQ_PRIV) != 0;
        dut.req_no_snoop_i = (r.second.flags & VTD_REQ_NO_SNOOP) != 0;
        dut.req_kind_i = r.second.access;
        dut.req_zero_length_i = r.second.len == 0;
        dut.req_dword_i = r.second.access == VTD_WRITE && r.second.len == 4 && r.second.addr % 4 == 0;
        dut.req_addr_i = r.second.addr;
    }
    void takeResponse()
    {
        const unsigned shift = dut.rsp_size_o == 3 ? 0 : 12 + 9 * dut.rsp_size_o;
        const Response r = {dut.rsp_hpa_o, dut.rsp_result_o, dut.rsp_reason_o, shift,
                            dut.rsp_rights_o | (dut.rsp_snoop_o ? +VTD_ATTR_SNOOP : 0u)};
        EXPECT_TRUE(responses.emplace(dut.rsp_tag_o, r).second) << "a second response to tag " << dut.rsp_tag_o;
        answered[dut.rsp_tag_o] = cycle;
    }
    void settle()
    {
        unsigned quiet = 0, limit = 100000;
        while (quiet < 2 && limit-- && !HasFatalFailure()) {
            clock();
            quiet = dut.idle_o && to_send.empty() && !dut.req_valid_i ? quiet + 1 : 0;
        }
        ASSERT_EQ(quiet, 2u) << "the unit does not come to rest";
    }
    uint64_t readDut(unsigned offset)
    {
        dut.read_addr_i = static_cast<uint16_t>(offset & ~7u);
        dut.eval();
        return offset & 4 ? dut.read_data_o >> 32 : dut.read_data_o;
    }
    void writeDut(unsigned offset, uint32_t data)
    {
        dut.write_i = 1;
        dut.write_addr_i = static_cast<uint16_t>(offset);
        dut.write_data_i = data;
        dut.eval();
        for (unsigned limit = 10000; !dut.write_ready_o && limit; limit--)
            clock();
        clock();
        dut.write_i = 0;
        dut.eval();
    }

    std::mt19937_64 random{20261125};
    CoreMemory model_memory, dut_memory;
    Vvtd_core_bench dut;
    vtd *model = nullptr;
    std::deque<std::pair<uint16_t, vtd_request>> to_send; // tag and request
    std::map<uint16_t, Response> responses;
    std::map<uint16_t, uint64_t> accepted, answered; // cycle
    std::vector<Access> accesses, expected;
    std::vector<std::pair<uint64_t, uint32_t>> messages, expected_messages;
    uint64_t counts[4][5] = {}; // lookups, hits, fills, evictions of contexts, PASID entries, IOTLB, structures
    uint64_t cycle = 0, merges = 0;
    unsigned wait[kClients] = {};
    unsigned latency = 1, jitter = 4, request_rate = 60, response_rate = 60; // of memory in cycles; percent
};

} // namespace vtdtest

#endif
