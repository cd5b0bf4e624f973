// SPDX-License-Identifier: MIT
//
// vtd_resolve with the context cache and the PASID cache beside steps 3 to 9 of the model, over random root, context and
// PASID tables: the same lookups, reads, fills and evictions in the same order, and the same entry or fault.
#include "Vvtd_resolve_bench.h"
#include "lockstep.h"
#include "model_port.h"
#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

#include <gtest/gtest.h>

#include <map>
#include <ostream>
#include <random>
#include <vector>

namespace
{

constexpr unsigned kHaw = 46;

// Pages of tables: roots, context tables, PASID directories (two pages each, so that an index may leave the first), PASID
// tables. Most entries are good, or have one bit that should not be there.
class TableMemory
{
  public:
    static constexpr uint64_t kFirst = 256, kOfAKind = 4, kPages = 5 * kOfAKind;
    static constexpr uint64_t kRoots = kFirst, kContexts = kRoots + kOfAKind, kDirs = kContexts + kOfAKind,
                              kTables = kDirs + 2 * kOfAKind;

    explicit TableMemory(std::mt19937_64 &random) : random_(random), qwords_(kPages * 512)
    {
        for (unsigned page = 0; page < kPages; page++)
            refresh(page);
    }
    void refresh(unsigned page)
    {
        uint64_t *q = &qwords_[page * 512];
        const unsigned kind = page / kOfAKind;
        for (unsigned i = 0; i < 512; i++)
            q[i] = kind == 0 ? rootHalf() : kind == 1 ? contextQword(i % 4) : kind < 4 ? dirEntry() : pasidQword(i % 8);
        for (unsigned i = 0; i < 512; i++)
            if (chance(kind == 4 ? 2 : 4))
                q[i] ^= UINT64_C(1) << random_() % 64;
    }
    bool read(uint64_t addr, uint64_t *q, unsigned count) const
    {
        if (addr >> 12 < kFirst || addr >> 12 >= kFirst + kPages || addr / 64 % 61 == 7)
            return false;
        for (unsigned i = 0; i < count; i++)
            q[i] = qwords_[addr / 8 - kFirst * 512 + i];
        return true;
    }

  private:
    bool chance(unsigned percent)
    {
        return random_() % 100 < percent;
    }
    uint64_t pointer(uint64_t first, unsigned pages)
    {
        uint64_t page = first + random_() % kOfAKind / pages * pages;
        if (chance(1))
            page = random_() & ((UINT64_C(1) << 52) - 1); // most are above the host address width
        return page << 12;
    }
    uint64_t rootHalf()
    {
        return pointer(kContexts, 1) | static_cast<uint64_t>(chance(96));
    }
    uint64_t contextQword(unsigned i)
    {
        if (i == 1)
            return (chance(80) ? random_() % 4 : random_() & 0x3fff) | static_cast<uint64_t>(chance(30)) << 20;
        return i == 0 ? pointer(kDirs, 2) | static_cast<uint64_t>(chance(97)) | static_cast<uint64_t>(chance(30)) << 1 |
                            static_cast<uint64_t>(chance(85)) << 3 | (random_() & 1) << 9
                      : 0;
    }
    uint64_t dirEntry()
    {
        return pointer(kTables, 1) | static_cast<uint64_t>(chance(96)) | static_cast<uint64_t>(chance(20)) << 1;
    }
    uint64_t pasidQword(unsigned i)
    {
        switch (i) {
        case 0: // P, FPD, AW, PGTT, SSADE, root
            return static_cast<uint64_t>(chance(97)) | static_cast<uint64_t>(chance(20)) << 1 |
                   (chance(95) ? 1 + random_() % 3 : random_() % 8) << 2 |
                   (chance(95) ? 1 + random_() % 4 : random_() % 8) << 6 | (random_() & 1) << 9 |
                   (random_() & ((UINT64_C(1) << 33) - 1)) << 12;
        case 1: // DID, PWSNP, PGSNP, PAT
            return random_() % 4 | (random_() & 3) << 23 | (random_() & 0xffffffff) << 32;
        case 2: // SRE, FSPM, WPE, EAFE, root
            return static_cast<uint64_t>(chance(80)) | (chance(95) ? random_() % 2 : random_() % 4) << 2 |
                   (random_() & 1) << 4 | (random_() & 1) << 7 |
                   (random_() & ((UINT64_C(1) << (chance(80) ? 27 : chance(70) ? 34 : 40)) - 1)) << 12;
        default:
            return 0;
        }
    }

    std::mt19937_64 &random_;
    std::vector<uint64_t> qwords_;
};

// One thing that the resolution does.
struct Step {
    enum Kind {
        Lookup, // b: hit
        Fill,   // b: key
        Evict,  // b: key
        Read    // a: address; b: qwords
    } kind;
    bool of_pasid; // PASID cache, else context cache
    uint64_t a, b;
    bool operator==(const Step &o) const
    {
        return kind == o.kind && of_pasid == o.of_pasid && a == o.a && b == o.b;
    }
};
std::ostream &operator<<(std::ostream &out, const Step &s)
{
    static const char *const names[] = {"lookup", "fill", "evict", "read"};
    return out << "\n  " << names[s.kind] << (s.of_pasid ? " pasid " : " ") << std::hex << s.a << " " << s.b
               << std::dec;
}

class ResolveLockstep : public testing::Test
{
  protected:
    ResolveLockstep() : memory(random)
    {
        vtd_config config;
        EXPECT_EQ(vtd_config_preset(&config, "default"), VTD_STATUS_OK);
        config.haw = kHaw;
        // What the unit has not (vtd_regfile).
        config.ecap &= ~(1ull << VTD_ECAP_DT_LSB | 1ull << VTD_ECAP_PRS_LSB | 1ull << VTD_ECAP_PTRS_LSB |
                         1ull << VTD_ECAP_NWFS_LSB | 1ull << VTD_ECAP_DIT_LSB | 1ull << VTD_ECAP_PDS_LSB |
                         1ull << VTD_ECAP_SMS_LSB);
        config.ecap |= 1ull << VTD_ECAP_EAFS_LSB | 1ull << VTD_ECAP_SRS_LSB | 1ull << VTD_ECAP_RPRIVS_LSB |
                       1ull << VTD_ECAP_RPS_LSB | 19ull << VTD_ECAP_PSS_LSB;
        config.cap |= 6ull << VTD_CAP_ND_LSB;
        config.cache[VTD_CACHE_CONTEXT] = {4, 2, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0}; // as vtd_resolve_bench.sv
        config.cache[VTD_CACHE_PASID] = {8, 2, VTD_POLICY_LRU, VTD_INDEX_HASH, 0, 0};
        vtd_host host = {};
        host.opaque = this;
        host.mem_read = [](void *o, uint64_t hpa, void *data, size_t size, enum vtd_mem_class, bool) {
            const TableMemory &m = static_cast<ResolveLockstep *>(o)->memory;
            return m.read(hpa, static_cast<uint64_t *>(data), static_cast<unsigned>(size / 8)) ? 0 : 1;
        };
        host.event = [](void *o, const vtd_event *e) { static_cast<ResolveLockstep *>(o)->note(*e); };
        model = lockstep::make_model(config, host);
        dut.rst_ni = 0;
        clock();
        dut.rst_ni = 1;
    }
    ~ResolveLockstep() override
    {
        vtd_destroy(model);
    }
    bool chance(unsigned percent)
    {
        return random() % 100 < percent;
    }
    void note(const vtd_event &e)
    {
        const bool of_pasid = e.unit == VTD_CACHE_PASID;
        const uint64_t key = of_pasid ? e.value[1] << 20 | e.value[0] : e.value[0];
        if (e.kind == VTD_EVENT_CACHE_LOOKUP)
            expected.push_back({Step::Lookup, of_pasid, 0, e.hit});
        else if (e.kind == VTD_EVENT_CACHE_FILL)
            expected.push_back({Step::Fill, of_pasid, 0, key});
        else if (e.kind == VTD_EVENT_CACHE_EVICT)
            expected.push_back({Step::Evict, of_pasid, 0, key});
        else if (e.kind == VTD_EVENT_MEM_READ && e.addr >> kHaw == 0) // above, the unit need not ask the memory
            expected.push_back({Step::Read, false, e.addr, e.count});
    }
    void clock()
    {
        dut.clk_i = 1;
        dut.eval();
        dut.clk_i = 0;
        dut.eval();
    }
    void noteDut(const model_resolve &r)
    {
        if (dut.context_lookup_o)
            did.push_back({Step::Lookup, false, 0, dut.context_hit_o});
        if (dut.context_evict_o)
            did.push_back({Step::Evict, false, 0, dut.context_evict_sid_o});
        if (dut.context_fill_o)
            did.push_back({Step::Fill, false, 0, r.sid});
        if (dut.pasid_lookup_o)
            did.push_back({Step::Lookup, true, 0, dut.pasid_hit_o});
        if (dut.pasid_evict_o)
            did.push_back(
                {Step::Evict, true, 0, static_cast<uint64_t>(dut.pasid_evict_sid_o) << 20 | dut.pasid_evict_pasid_o});
        if (dut.pasid_fill_o)
            did.push_back({Step::Fill, true, 0, static_cast<uint64_t>(r.sid) << 20 | dut.pasid_o});
    }
    void access()
    {
        uint64_t q[8];
        for (uint64_t &x : q)
            x = random();
        dut.mem_error_i = !memory.read(dut.mem_addr_o, q, dut.mem_qwords_o);
        for (unsigned i = 0; i < 16; i++)
            dut.mem_rdata_i[i] = static_cast<uint32_t>(q[i / 2] >> (i % 2 ? 32 : 0));
        did.push_back({Step::Read, false, dut.mem_addr_o, dut.mem_qwords_o});
    }
    model_resolved resolveDut(const model_resolve &r)
    {
        dut.root_i = r.root >> 12;
        dut.sid_i = r.sid;
        dut.has_pasid_i = r.has_pasid;
        dut.pasid_i = r.pasid;
        dut.priv_i = r.priv;
        dut.req_valid_i = 1;
        dut.eval();
        EXPECT_TRUE(dut.req_ready_o);
        clock();
        dut.req_valid_i = 0;
        unsigned wait = 0;
        for (unsigned cycle = 0; cycle < 1000; cycle++) {
            dut.mem_rvalid_i = wait == 1;
            wait -= wait > 0;
            dut.mem_ready_i = wait == 0 && !dut.mem_rvalid_i && chance(80);
            dut.ready_i = chance(80);
            dut.rsp_ready_i = chance(50);
            dut.eval();
            noteDut(r);
            if (dut.mem_valid_o && dut.mem_ready_i) {
                access();
                wait = 1 + static_cast<unsigned>(random() % 3);
            }
            if (dut.rsp_valid_o && dut.rsp_ready_i) {
                const model_resolved out = answer();
                clock();
                return out;
            }
            clock();
        }
        ADD_FAILURE() << "no response";
        return {};
    }
    model_resolved answer()
    {
        model_resolved out = {};
        out.reason = dut.reason_o;
        out.fpd = dut.fpd_o;
        out.entry.pasid = dut.pasid_o;
        out.entry.priv = dut.priv_o;
        out.entry.pgtt = dut.pgtt_o;
        out.entry.did = dut.did_o;
        out.entry.fs_root = static_cast<uint64_t>(dut.fs_root_o) << 12;
        out.entry.ss_root = static_cast<uint64_t>(dut.ss_root_o) << 12;
        out.entry.fs_levels = dut.fs_five_o ? 5 : 4;
        out.entry.ss_levels = dut.ss_levels_o;
        out.entry.ssade = dut.ssade_o;
        out.entry.eafe = dut.eafe_o;
        out.entry.wpe = dut.wpe_o;
        out.entry.pwsnp = dut.pwsnp_o;
        out.entry.pgsnp = dut.pgsnp_o;
        return out;
    }
    static void compare(const model_resolved &got, const model_resolved &wanted)
    {
        ASSERT_EQ(+got.reason, +wanted.reason);
        ASSERT_EQ(got.fpd, wanted.fpd);
        if (wanted.reason)
            return;
        const model_walk &g = got.entry, &w = wanted.entry;
        ASSERT_EQ(g.pasid, w.pasid);
        ASSERT_EQ(g.priv, w.priv);
        ASSERT_EQ(+g.pgtt, +w.pgtt);
        ASSERT_EQ(g.did, w.did);
        ASSERT_EQ(g.fs_root, w.fs_root);
        ASSERT_EQ(g.ss_root, w.ss_root);
        if (w.pgtt == VTD_PGTT_FIRST_STAGE || w.pgtt == VTD_PGTT_NESTED) { // others ignore FSPM
            ASSERT_EQ(+g.fs_levels, +w.fs_levels);
        }
        if (w.pgtt == VTD_PGTT_SECOND_STAGE || w.pgtt == VTD_PGTT_NESTED) { // others ignore AW
            ASSERT_EQ(+g.ss_levels, +w.ss_levels);
        }
        ASSERT_EQ(g.ssade, w.ssade);
        ASSERT_EQ(g.eafe, w.eafe);
        ASSERT_EQ(g.wpe, w.wpe);
        ASSERT_EQ(g.pwsnp, w.pwsnp);
        ASSERT_EQ(g.pgsnp, w.pgsnp);
    }
    void invalidateBoth()
    {
        const bool all = chance(10), of_pasid = chance(60), with_pasid = chance(50);
        const uint16_t sid = someSid(), mask = static_cast<uint16_t>(0xffff << random() % 4 | (random() & 1));
        const uint16_t domain = static_cast<uint16_t>(random() % 4);
        const uint32_t pasid = static_cast<uint32_t>(random() % 4);
        if (of_pasid)
            vtd_port_invalidate_pasids(model, all, domain, with_pasid, pasid);
        else
            vtd_port_invalidate_contexts(model, all, sid, mask);
        dut.inv_all_i = all;
        dut.inv_sid_i = sid;
        dut.inv_sid_mask_i = mask;
        dut.inv_did_i = domain;
        dut.inv_with_pasid_i = with_pasid;
        dut.inv_pasid_i = pasid;
        dut.inv_i = of_pasid ? 2 : 1;
        for (bool ready = false; !ready;) {
            dut.eval();
            ready = dut.inv_ready_o & dut.inv_i;
            clock();
        }
        dut.inv_i = 0;
    }
    uint16_t someSid()
    {
        return static_cast<uint16_t>(chance(80) ? 0x0180 | (random() % 8) : random());
    }
    model_resolve someRequest()
    {
        model_resolve r = {};
        r.root = (chance(99) ? root : random() >> 12) << 12;
        r.sid = someSid();
        r.has_pasid = chance(70);
        r.pasid = static_cast<uint32_t>(chance(80) ? random() % 4 : random() & (chance(80) ? 0x3fff : 0xfffff));
        r.priv = chance(30);
        return r;
    }

    std::mt19937_64 random{20260704};
    TableMemory memory;
    Vvtd_resolve_bench dut;
    vtd *model = nullptr;
    uint64_t root = TableMemory::kRoots;
    std::vector<Step> expected, did;
    std::map<unsigned, unsigned> reasons;
};

TEST_F(ResolveLockstep, RandomTablesGiveTheSameStepsAndEntry)
{
    ASSERT_NE(model, nullptr);
    uint64_t hits = 0, evictions = 0;
    for (unsigned n = 0; n < 60000; n++) {
        if (chance(3))
            memory.refresh(static_cast<unsigned>(random() % TableMemory::kPages));
        if (chance(1))
            root = TableMemory::kRoots + random() % TableMemory::kOfAKind;
        if (chance(4))
            invalidateBoth();
        const model_resolve r = someRequest();
        expected.clear();
        did.clear();
        const model_resolved wanted = vtd_port_resolve(model, &r);
        const model_resolved got = resolveDut(r);
        ASSERT_EQ(did, expected) << "request " << n << ", " << vtd_fault_name(wanted.reason) << " wanted, "
                                 << vtd_fault_name(got.reason);
        compare(got, wanted);
        if (HasFatalFailure())
            FAIL() << "request " << n;
        reasons[got.reason]++;
        for (const Step &s : did) {
            hits += s.kind == Step::Lookup && s.b;
            evictions += s.kind == Step::Evict;
        }
    }
    for (const unsigned reason : {VTD_FAULT_NONE, VTD_FAULT_SRT_1, VTD_FAULT_SRT_2, VTD_FAULT_SRT_3, VTD_FAULT_SCT_1,
                                  VTD_FAULT_SCT_2, VTD_FAULT_SCT_3, VTD_FAULT_SCT_4, VTD_FAULT_SCT_6, VTD_FAULT_SCT_7,
                                  VTD_FAULT_SCT_9, VTD_FAULT_SPD_1, VTD_FAULT_SPD_2, VTD_FAULT_SPD_3, VTD_FAULT_SPT_1,
                                  VTD_FAULT_SPT_2, VTD_FAULT_SPT_3, VTD_FAULT_SPT_4, VTD_FAULT_SPT_6})
        EXPECT_GT(reasons[reason], 0u) << vtd_fault_name(static_cast<uint8_t>(reason));
    EXPECT_GT(reasons[VTD_FAULT_NONE], 10000u);
    EXPECT_GT(hits, 10000u);
    EXPECT_GT(evictions, 1000u);
}

} // namespace
