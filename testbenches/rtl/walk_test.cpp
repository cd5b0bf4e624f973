// SPDX-License-Identifier: MIT
//
// vtd_walker and its paging-structure caches beside the walks of the model, over memory full of random paging entries:
// the same lookups, reads, atomics, fills and evictions in the same order, and the same outcome.
#include "Vvtd_walk_bench.h"
#include "lockstep.h"
#include "model_port.h"
#include "vtd/vtd_regs.h"
#include "walk_memory.h"

#include <gtest/gtest.h>

#include <map>
#include <ostream>
#include <random>
#include <vector>

using vtdtest::WalkMemory;

namespace
{

// One thing that a walk does.
struct Step {
    enum Kind {
        Lookup, // unit; a: level of the hit, or 0
        Fill,   // unit; a, b: key
        Evict,  // unit; a, b: key
        Read,   // unit: second stage; a: address; b: level, snoop, error
        Cas     // unit: second stage; a: address; b: what is stored, if it is
    } kind;
    bool second_stage;
    uint64_t a, b;
    bool operator==(const Step &o) const
    {
        return kind == o.kind && second_stage == o.second_stage && a == o.a && b == o.b;
    }
};
std::ostream &operator<<(std::ostream &out, const Step &s)
{
    static const char *const names[] = {"lookup", "fill", "evict", "read", "cas"};
    return out << "\n  " << names[s.kind] << (s.second_stage ? " ss " : " fs ") << std::hex << s.a << " " << s.b
               << std::dec;
}

uint64_t readDetails(unsigned level, bool snoop, bool error)
{
    return level | static_cast<uint64_t>(snoop) << 4 | static_cast<uint64_t>(error) << 5;
}

class WalkLockstep : public testing::Test
{
  protected:
    WalkLockstep() : model_memory(random), dut_memory(model_memory)
    {
        vtd_config config;
        EXPECT_EQ(vtd_config_preset(&config, "default"), VTD_STATUS_OK);
        config.haw = WalkMemory::kHaw;
        config.cap |= 1ull << VTD_CAP_ZLR_LSB;
        config.ecap |= 1ull << VTD_ECAP_SSIRWS_LSB | 1ull << VTD_ECAP_EAFS_LSB;
        config.cache[VTD_CACHE_FS_PSC] = {8, 4, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0}; // as vtd_walk_bench.sv
        config.cache[VTD_CACHE_SS_PSC] = {16, 4, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0};
        vtd_host host = {};
        host.opaque = this;
        host.mem_read = [](void *o, uint64_t hpa, void *data, size_t size, enum vtd_mem_class, bool) {
            return size == 8 && self(o)->model_memory.read(hpa, static_cast<uint64_t *>(data)) ? 0 : 1;
        };
        host.mem_cas = [](void *o, uint64_t hpa, uint64_t *old, uint64_t desired, enum vtd_mem_class) {
            return self(o)->model_memory.compareAndSwap(hpa, old, desired) ? 0 : 1;
        };
        host.event = [](void *o, const vtd_event *e) { self(o)->note(*e); };
        model = lockstep::make_model(config, host);
        dut.rst_ni = 0;
        clock();
        dut.rst_ni = 1;
        for (model_walk &c : contexts)
            c = someContext();
        for (uint64_t &a : pages)
            a = someAddress();
    }
    ~WalkLockstep() override
    {
        vtd_destroy(model);
    }
    static WalkLockstep *self(void *o)
    {
        return static_cast<WalkLockstep *>(o);
    }
    bool chance(unsigned percent)
    {
        return random() % 100 < percent;
    }

    // ---- what the model did

    void note(const vtd_event &e)
    {
        const bool of_cache =
            e.kind == VTD_EVENT_CACHE_LOOKUP || e.kind == VTD_EVENT_CACHE_FILL || e.kind == VTD_EVENT_CACHE_EVICT;
        const bool second_stage = e.unit == (of_cache ? +VTD_CACHE_SS_PSC : +VTD_MEM_SS_ENTRY);
        switch (e.kind) {
        case VTD_EVENT_CACHE_LOOKUP:
            // Probes of the levels in turn are one lookup here.
            if (!probing || expected.back().second_stage != second_stage)
                expected.push_back({Step::Lookup, second_stage, 0, 0});
            if (e.hit)
                expected.back().a = e.value[1] >> 36;
            probing = !e.hit;
            return;
        case VTD_EVENT_CACHE_FILL:
            expected.push_back({Step::Fill, second_stage, e.value[0], e.value[1]});
            break;
        case VTD_EVENT_CACHE_EVICT:
            expected.push_back({Step::Evict, second_stage, e.value[0], e.value[1]});
            break;
        case VTD_EVENT_MEM_READ:
            expected.push_back({Step::Read, second_stage, e.addr, readDetails(e.level, e.snoop, e.error)});
            break;
        case VTD_EVENT_MEM_CAS:
            expected.push_back({Step::Cas, second_stage, e.addr, e.value[1]});
            break;
        default:
            return; // decisions
        }
        probing = false;
    }

    // ---- the unit

    void clock()
    {
        dut.clk_i = 1;
        dut.eval();
        dut.clk_i = 0;
        dut.eval();
    }
    void noteDut()
    {
        if (dut.lookup_o)
            did.push_back(
                {Step::Lookup, dut.lookup_second_stage_o != 0, dut.lookup_hit_o ? dut.lookup_level_o : 0u, 0});
        if (dut.evict_o)
            did.push_back({Step::Evict, dut.fill_second_stage_o != 0, dut.evict_a_o, dut.evict_b_o});
        if (dut.fill_o) {
            const uint64_t level = dut.fill_level_o;
            const uint64_t tag =
                dut.fill_second_stage_o ? dut.did_i : static_cast<uint64_t>(dut.pasid_i) << 16 | dut.did_i;
            did.push_back({Step::Fill, dut.fill_second_stage_o != 0, dut.fill_addr_o >> (12 + 9 * (level - 1)),
                           level << 36 | tag});
        }
    }
    void access()
    {
        uint64_t value = dut.mem_expected_o;
        const bool second_stage = dut.mem_second_stage_o;
        bool ok;
        if (dut.mem_cas_o) {
            ok = dut_memory.compareAndSwap(dut.mem_addr_o, &value, dut.mem_desired_o);
            did.push_back({Step::Cas, second_stage, dut.mem_addr_o, dut.mem_desired_o});
        } else {
            ok = dut_memory.read(dut.mem_addr_o, &value);
            did.push_back(
                {Step::Read, second_stage, dut.mem_addr_o, readDetails(dut.mem_level_o, dut.mem_snoop_o, !ok)});
        }
        dut.mem_error_i = !ok;
        dut.mem_rdata_i = ok ? value : random();
    }
    void present(const model_walk &w)
    {
        dut.ssirwe_i = ssirwe;
        dut.addr_i = w.addr;
        dut.pgtt_i = w.pgtt;
        dut.pasid_i = w.pasid;
        dut.did_i = w.did;
        dut.fs_root_i = w.fs_root >> 12;
        dut.fs_five_i = w.fs_levels == 5;
        dut.ss_root_i = w.ss_root >> 12;
        dut.ss_levels_i = w.ss_levels;
        dut.ssade_i = w.ssade;
        dut.eafe_i = w.eafe;
        dut.wpe_i = w.wpe;
        dut.pwsnp_i = w.pwsnp;
        dut.pgsnp_i = w.pgsnp;
        dut.priv_i = w.priv;
        dut.kind_i = w.access;
        dut.zero_length_i = w.zero_length;
        dut.req_valid_i = 1;
        dut.eval();
        EXPECT_TRUE(dut.req_ready_o);
        clock();
        dut.req_valid_i = 0;
    }
    model_walked walkDut(const model_walk &w)
    {
        present(w);
        unsigned wait = 0; // cycles until the answer of memory; 0: nothing is under way
        for (unsigned cycle = 0; cycle < 100000; cycle++) {
            dut.mem_rvalid_i = wait == 1;
            wait -= wait > 0;
            dut.mem_ready_i = wait == 0 && !dut.mem_rvalid_i && chance(80);
            dut.psc_ready_i = chance(80);
            dut.rsp_ready_i = chance(50);
            dut.eval();
            noteDut();
            if (dut.mem_valid_o && dut.mem_ready_i) {
                access();
                wait = 1 + static_cast<unsigned>(random() % 3);
            }
            const bool done = dut.rsp_valid_o && dut.rsp_ready_i;
            const model_walked r = {dut.hpa_o, dut.reason_o,
                                    static_cast<uint8_t>(dut.reason_o ? 0 : 12 + 9 * dut.size_o), dut.rights_o,
                                    dut.attr_o};
            clock();
            if (done)
                return r;
        }
        ADD_FAILURE() << "the walk does not end";
        return {};
    }
    void invalidateBoth()
    {
        model_invalidation i = {};
        i.second_stage = chance(50);
        i.all = chance(10);
        i.with_pasid = !i.second_stage && chance(50);
        i.range = (i.second_stage || i.with_pasid) && chance(70);
        i.did = contexts[random() % 8].did;
        i.pasid = contexts[random() % 8].pasid;
        i.addr = chance(50) ? pages[random() % 16] : random() & 0xffffffffffff;
        i.am = static_cast<uint8_t>(random() % 40);
        vtd_port_invalidate(model, &i);
        dut.inv_all_i = i.all;
        dut.inv_did_i = i.did;
        dut.inv_with_pasid_i = i.with_pasid;
        dut.inv_pasid_i = i.pasid;
        dut.inv_range_i = i.range;
        dut.inv_page_i = i.addr >> 12;
        dut.inv_am_i = i.am;
        dut.inv_i = i.second_stage ? 2 : 1;
        for (bool ready = false; !ready;) {
            dut.eval();
            ready = dut.inv_ready_o & dut.inv_i;
            clock();
        }
        dut.inv_i = 0;
    }

    // ---- stimulus

    model_walk someContext()
    {
        model_walk w = {};
        w.pgtt = static_cast<uint8_t>(chance(4) ? 4 : 1 + random() % 3);
        w.pasid = static_cast<uint32_t>(chance(50) ? random() % 3 : random() & 0xfffff);
        w.did = static_cast<uint16_t>(chance(50) ? random() % 3 : random());
        w.fs_root = (chance(99) ? model_memory.somePage() : 1) << 12;
        w.ss_root = (chance(99) ? model_memory.somePage() : 1) << 12;
        w.fs_levels = static_cast<uint8_t>(4 + random() % 2);
        w.ss_levels = static_cast<uint8_t>(3 + random() % 3);
        w.ssade = chance(50);
        w.eafe = chance(50);
        w.wpe = chance(50);
        w.pwsnp = chance(85);
        w.pgsnp = chance(30);
        return w;
    }
    uint64_t someAddress()
    {
        static const unsigned widths[] = {30, 36, 39, 39, 47, 47, 48, 56, 57, 64};
        const unsigned width = widths[random() % 10];
        const uint64_t low = width == 64 ? random() : random() & ((UINT64_C(1) << width) - 1);
        return chance(10) ? ~low : low; // also the canonical upper half
    }
    model_walk someRequest()
    {
        static const uint8_t kinds[] = {VTD_READ, VTD_READ, VTD_WRITE, VTD_ATOMIC};
        model_walk w = contexts[random() % 8];
        w.addr = (pages[random() % 16] & ~UINT64_C(0xfff)) | (random() & 0xfff);
        if (chance(3))
            w.addr = 0xfee00000 | (random() & 0xfffff);
        w.priv = chance(30);
        w.access = kinds[random() % 4];
        w.zero_length = w.access == VTD_READ && chance(20);
        return w;
    }
    void change()
    {
        if (chance(4))
            contexts[random() % 8] = someContext();
        if (chance(8))
            pages[random() % 16] = someAddress();
        if (chance(30)) {
            model_memory.refresh(static_cast<unsigned>(random() % WalkMemory::kPages));
            dut_memory = model_memory;
        }
        if (chance(4))
            invalidateBoth();
        if (chance(1))
            vtd_port_set_ssirwe(model, ssirwe = chance(50));
    }

    std::mt19937_64 random{20260703};
    WalkMemory model_memory, dut_memory;
    Vvtd_walk_bench dut;
    vtd *model = nullptr;
    model_walk contexts[8];
    uint64_t pages[16];
    bool ssirwe = false, probing = false;
    std::vector<Step> expected, did;
    std::map<unsigned, unsigned> reasons;
};

TEST_F(WalkLockstep, RandomTablesGiveTheSameStepsAndOutcome)
{
    ASSERT_NE(model, nullptr);
    uint64_t steps = 0, hits = 0, evictions = 0;
    model_walk nested = someRequest(); // the last that went well
    for (unsigned n = 0; n < 80000; n++) {
        change();
        model_walk w = someRequest();
        uint64_t races = n % 300 == 0 ? UINT64_MAX : 0;
        if (n % 100 == 50) {
            // The table of the leaf is cached, and the last attempt is the first to get so far as to update the leaf.
            w = nested;
            w.addr ^= (random() & 0x1ff) << 12;
            races = 63;
        }
        expected.clear();
        did.clear();
        probing = false;
        model_memory.begin(n, races);
        dut_memory.begin(n, races);
        const model_walked wanted = vtd_port_walk(model, &w);
        const model_walked got = walkDut(w);
        ASSERT_EQ(did, expected) << "request " << n << ", pgtt " << +w.pgtt << ", address " << std::hex << w.addr
                                 << std::dec << ", " << vtd_fault_name(wanted.reason) << " wanted, "
                                 << vtd_fault_name(got.reason);
        ASSERT_EQ(+got.reason, +wanted.reason) << "request " << n;
        ASSERT_EQ(got.hpa, wanted.hpa) << "request " << n;
        ASSERT_EQ(+got.shift, +wanted.shift) << "request " << n;
        ASSERT_EQ(+got.rights, +wanted.rights) << "request " << n;
        ASSERT_EQ(+got.attr, +wanted.attr) << "request " << n << ", pgtt " << +w.pgtt;
        if (got.reason == VTD_FAULT_NONE && w.pgtt == VTD_PGTT_NESTED && w.ssade)
            nested = w;
        reasons[got.reason]++;
        steps += did.size();
        for (const Step &s : did) {
            hits += s.kind == Step::Lookup && s.a != 0;
            evictions += s.kind == Step::Evict;
        }
    }
    EXPECT_TRUE(model_memory == dut_memory);
    // The run was worth something: every reason that a walk can end with, and the caches were used.
    for (const unsigned reason :
         {VTD_FAULT_NONE,  VTD_FAULT_SFS_1, VTD_FAULT_SFS_2, VTD_FAULT_SFS_3, VTD_FAULT_SFS_4,  VTD_FAULT_SFS_5,
          VTD_FAULT_SFS_6, VTD_FAULT_SFS_7, VTD_FAULT_SFS_8, VTD_FAULT_SFS_9, VTD_FAULT_SFS_10, VTD_FAULT_SSS_1,
          VTD_FAULT_SSS_2, VTD_FAULT_SSS_3, VTD_FAULT_SSS_4, VTD_FAULT_SSS_5, VTD_FAULT_SSS_6,  VTD_FAULT_SGN_1,
          VTD_FAULT_SGN_2, VTD_FAULT_SGN_4, VTD_FAULT_SGN_5, VTD_FAULT_SGN_6, VTD_FAULT_SGN_7,  VTD_FAULT_SGN_8})
        EXPECT_GT(reasons[reason], 0u) << vtd_fault_name(static_cast<uint8_t>(reason));
    EXPECT_GT(reasons[VTD_FAULT_NONE], 10000u);
    EXPECT_GT(steps, 200000u);
    EXPECT_GT(hits, 10000u);
    EXPECT_GT(evictions, 1000u);
}

} // namespace
