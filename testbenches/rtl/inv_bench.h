// SPDX-License-Identifier: MIT
//
// The bench of the invalidation queue engine, and the model beside it: what each of them does, as a list of steps.
#ifndef VTD_TESTS_INV_BENCH_H
#define VTD_TESTS_INV_BENCH_H

#include "Vvtd_inv_bench.h"
#include "model_port.h"
#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

#include <gtest/gtest.h>

#include <map>
#include <ostream>
#include <random>
#include <vector>

namespace vtdtest
{

constexpr unsigned kHaw = 46, kSlots = 3;
constexpr uint64_t kMemory = 0x100000, kMemorySize = 4 * 4096;

// One thing that the engine does. Ranges are inclusive; what a command does not select by is 0.
struct InvStep {
    enum Kind {
        Fetch,
        Invalidate,
        Status,
        Message
    } kind;
    unsigned what;    // Fetch: qwords; Invalidate: cache; Status: IQH
    uint64_t a, b;    // address and data; Invalidate: first and last address
    uint64_t did, id; // Invalidate: domain + 1; PASID + 1, or source-id and its mask
    bool operator==(const InvStep &o) const
    {
        return kind == o.kind && what == o.what && a == o.a && b == o.b && did == o.did && id == o.id;
    }
};
inline std::ostream &operator<<(std::ostream &out, const InvStep &s)
{
    static const char *const names[] = {"fetch", "invalidate", "status", "message"};
    return out << "\n  " << names[s.kind] << std::hex << " " << s.what << " " << s.a << " " << s.b << " did " << s.did
               << " id " << s.id << std::dec;
}

inline uint64_t maskOf(unsigned am)
{
    return am >= 52 ? ~UINT64_C(0) : (UINT64_C(4096) << am) - 1;
}

inline InvStep ranged(unsigned cache, uint64_t did, uint64_t pasid, bool range, uint64_t addr, unsigned am)
{
    const uint64_t mask = maskOf(am);
    return {InvStep::Invalidate, cache, range ? addr & ~mask : 0, range ? addr | mask : 0, did, pasid};
}

class InvalidationBench : public testing::Test
{
  protected:
    using Step = InvStep;

    InvalidationBench() : memory(kMemorySize / 8)
    {
        dut.rst_ni = 0;
        dut.eval();
        edge();
        dut.rst_ni = 1;
        vtd_config config;
        EXPECT_EQ(vtd_config_preset(&config, "default"), VTD_STATUS_OK);
        config.version = static_cast<uint32_t>(readDut(VTD_REG_VER)); // the model as the unit says that it is
        config.cap = readDut(VTD_REG_CAP);
        config.ecap = readDut(VTD_REG_ECAP);
        config.haw = kHaw;
        vtd_host host = {};
        host.opaque = this;
        host.mem_read = [](void *o, uint64_t hpa, void *data, size_t size, enum vtd_mem_class, bool) {
            return self(o).load(hpa, static_cast<uint64_t *>(data), size / 8) ? 0 : 1;
        };
        host.mem_write = [](void *o, uint64_t hpa, const void *data, size_t, enum vtd_mem_class) {
            self(o).expected.push_back({Step::Status,
                                        static_cast<unsigned>(vtd_mmio_read64(self(o).model, VTD_REG_IQH)), hpa,
                                        *static_cast<const uint32_t *>(data), 0, 0});
            return static_cast<int>(hpa >> 4 & 1); // a failed write is not an error of the queue
        };
        host.msi = [](void *o, uint64_t addr, uint32_t data) {
            self(o).expectedMessages.push_back({Step::Message, 0, addr, data, 0, 0});
        };
        host.descriptor = [](void *o, const uint64_t *q, unsigned) { self(o).structuresOf(q); };
        host.invalidated = [](void *o, const vtd_invalidation *i) { self(o).noteScope(*i); };
        host.event = [](void *o, const vtd_event *e) { self(o).note(*e); };
        char why[VTD_WHY_SIZE];
        model = vtd_create(&config, &host, why);
        if (!model)
            ADD_FAILURE() << why;
        else
            vtd_events_enable(model, true);
    }
    ~InvalidationBench() override
    {
        vtd_destroy(model);
    }
    static InvalidationBench &self(void *o)
    {
        return *static_cast<InvalidationBench *>(o);
    }
    bool chance(unsigned percent)
    {
        return random() % 100 < percent;
    }

    // ------------------------------------------------------------ memory: its upper half has holes that fail
    bool load(uint64_t hpa, uint64_t *q, size_t qwords) const
    {
        if (hpa < kMemory || hpa + 8 * qwords > kMemory + kMemorySize ||
            (hpa >= kMemory + kMemorySize / 2 && hpa / 64 % 61 == 7))
            return false;
        for (size_t i = 0; i < qwords; i++)
            q[i] = memory[(hpa - kMemory) / 8 + i];
        return true;
    }

    // ------------------------------------------------------------ what the model does
    // The structure caches have no scope in the model's interface: it is that of the table of ref 6.3.
    void structuresOf(const uint64_t *q)
    {
        const unsigned g = q[0] >> 4 & 3, am = q[1] & 63;
        const uint64_t did = (q[0] >> 16 & 0xffff) + 1, pasid = (q[0] >> 32 & 0xfffff) + 1, addr = q[1] >> 12 << 12;
        kinds[q[0] & 15]++;
        if ((q[0] & 15) == VTD_TYPE_IOTLB_INV) {
            fsScope = ranged(VTD_CACHE_FS_PSC, g == 1 ? 0 : did, 0, false, 0, 0);
            ssScope = ranged(VTD_CACHE_SS_PSC, g == 1 ? 0 : did, 0, g == 3, addr, am);
        } else if ((q[0] & 15) == VTD_TYPE_P_IOTLB_INV) {
            fsScope = ranged(VTD_CACHE_FS_PSC, did, pasid, g == 3, addr, am);
        }
    }
    void note(const vtd_event &e)
    {
        if (e.kind == VTD_EVENT_MEM_READ && e.addr >> kHaw == 0) // above, the unit need not ask the memory
            expected.push_back({Step::Fetch, e.count, e.addr, 0, 0, 0});
        if (e.kind == VTD_EVENT_INVALIDATE && e.unit == VTD_CACHE_FS_PSC)
            expected.push_back(fsScope);
        if (e.kind == VTD_EVENT_INVALIDATE && e.unit == VTD_CACHE_SS_PSC)
            expected.push_back(ssScope);
    }
    void noteScope(const vtd_invalidation &i)
    {
        Step s = {Step::Invalidate,
                  i.cache,
                  i.first,
                  i.last,
                  i.has_did ? i.did + UINT64_C(1) : 0,
                  i.has_pasid ? i.pasid + UINT64_C(1) : 0};
        if (i.cache == VTD_CACHE_CONTEXT) {
            s.did = 0; // legacy mode selects by domain; the unit has no legacy mode, and takes all
            s.id = static_cast<uint64_t>(i.sid & i.sid_mask) << 16 | i.sid_mask;
        }
        // Before the structure caches of the same command: as the unit's are noted.
        expected.push_back(s);
    }

    // ------------------------------------------------------------ what the unit does
    void noteCommand()
    {
        const bool all = dut.inv_all_o;
        const uint64_t addr = static_cast<uint64_t>(dut.inv_page_o) << 12;
        const uint64_t did = all ? 0 : dut.inv_did_o + UINT64_C(1);
        const uint64_t pasid = !all && dut.inv_with_pasid_o ? dut.inv_pasid_o + UINT64_C(1) : 0;
        const bool range = !all && dut.inv_range_o, fs_range = !all && dut.inv_fs_psc_range_o;
        if (dut.inv_valid_o & 1)
            done.push_back(
                {Step::Invalidate, VTD_CACHE_CONTEXT, 0, 0, 0,
                 all ? 0 : static_cast<uint64_t>(dut.inv_sid_o & dut.inv_sid_mask_o) << 16 | dut.inv_sid_mask_o});
        if (dut.inv_valid_o & 2)
            done.push_back(ranged(VTD_CACHE_PASID, did, pasid, false, 0, 0));
        if (dut.inv_valid_o & 4)
            done.push_back(ranged(VTD_CACHE_IOTLB, did, pasid, range, addr, dut.inv_am_o));
        if (dut.inv_valid_o & 8)
            done.push_back(ranged(VTD_CACHE_FS_PSC, did, pasid, fs_range, addr, dut.inv_am_o));
        if (dut.inv_valid_o & 16) // has no PASID in its tags
            done.push_back(ranged(VTD_CACHE_SS_PSC, did, 0, range, addr, dut.inv_am_o));
    }
    // A new command begins when all caches of the last have answered.
    void caches()
    {
        if (dut.inv_valid_o && !outstanding) {
            noteCommand();
            outstanding = dut.inv_valid_o;
        }
        ASSERT_EQ(dut.inv_valid_o, outstanding) << "a command stands until it is taken, and not longer";
        ASSERT_EQ(dut.mark_o, outstanding != 0);
        dut.inv_ready_i = random() & 31;
        outstanding &= static_cast<uint8_t>(~dut.inv_ready_i);
    }
    // Requests come and go; or at each time there is one, but each ends.
    void walks()
    {
        if (relay) {
            const unsigned slot = cycle / 4 % 2;
            born[slot] = cycle / 4 * 4;
            dut.busy_i = static_cast<uint8_t>(1u << slot);
            return;
        }
        for (unsigned i = 0; i < kSlots; i++) {
            const uint8_t bit = static_cast<uint8_t>(1u << i);
            if (bit & held) {
                dut.busy_i |= bit;
                continue;
            }
            if (dut.busy_i & bit) {
                if (chance(i == 2 ? 2 : 20))
                    dut.busy_i ^= bit;
            } else if (chance(70)) {
                dut.busy_i |= bit;
                born[i] = cycle;
            }
        }
    }
    void expectDrained()
    {
        for (unsigned i = 0; i < kSlots; i++)
            ASSERT_TRUE(!(dut.busy_i & 1u << i) || born[i] > fetched) << "slot " << i << " is older than the wait";
    }
    void memoryPort()
    {
        dut.mem_rvalid_i = wait == 1;
        wait -= wait > 0;
        dut.mem_ready_i = wait == 0 && !dut.mem_rvalid_i && chance(80);
        if (!dut.mem_valid_o || !dut.mem_ready_i)
            return;
        uint64_t q[4] = {random(), random(), random(), random()};
        dut.mem_error_i = !load(dut.mem_addr_o, q, dut.mem_qwords_o);
        for (unsigned i = 0; i < 8; i++)
            dut.mem_rdata_i[i] = static_cast<uint32_t>(q[i / 2] >> (i % 2 ? 32 : 0));
        done.push_back({Step::Fetch, dut.mem_qwords_o, dut.mem_addr_o, 0, 0, 0});
        wait = 1 + static_cast<unsigned>(random() % 3);
        fetched = cycle;
    }
    void statusPort()
    {
        dut.status_done_i = writing == 1;
        writing -= writing > 0;
        dut.status_ready_i = chance(50);
        if (dut.iwc_o) {
            ASSERT_TRUE(writing == 0 && !dut.status_done_i) << "the event comes after the status";
            expectDrained();
        }
        if (!dut.status_valid_o)
            return;
        expectDrained();
        if (!dut.status_ready_i)
            return;
        done.push_back(
            {Step::Status, static_cast<unsigned>(readDut(VTD_REG_IQH)), dut.status_addr_o, dut.status_data_o, 0, 0});
        writing = 1 + static_cast<unsigned>(random() % 4);
    }
    void edge()
    {
        dut.clk_i = 1;
        dut.eval();
        dut.clk_i = 0;
        dut.eval();
    }
    void clock()
    {
        cycle++;
        dut.msg_ready_i = chance(60);
        walks();
        memoryPort();
        statusPort();
        caches();
        dut.eval();
        if (dut.msg_valid_o && dut.msg_ready_i)
            messages.push_back({Step::Message, 0, dut.msg_addr_o, dut.msg_data_o, 0, 0});
        edge();
    }
    void settle()
    {
        unsigned quiet = 0, limit = 100000;
        while (quiet < 4 && limit-- && !HasFatalFailure()) {
            clock();
            quiet = dut.idle_o && dut.write_ready_o && !dut.msg_valid_o ? quiet + 1 : 0;
        }
        ASSERT_EQ(quiet, 4u) << "the unit does not come to rest";
    }
    uint64_t readDut(unsigned offset)
    {
        dut.read_addr_i = static_cast<uint16_t>(offset & ~7u);
        dut.eval();
        return offset & 4 ? dut.read_data_o >> 32 : dut.read_data_o;
    }
    void writeDword(unsigned offset, uint64_t data)
    {
        dut.write_i = 1;
        dut.write_addr_i = static_cast<uint16_t>(offset);
        dut.write_data_i = static_cast<uint32_t>(data);
        dut.eval();
        unsigned limit = 10000;
        while (!dut.write_ready_o && limit--)
            clock();
        clock();
        dut.write_i = 0;
        dut.eval();
    }

    Vvtd_inv_bench dut;
    vtd *model = nullptr;
    std::mt19937_64 random{20261124};
    std::vector<uint64_t> memory;
    std::vector<Step> done, expected, messages, expectedMessages;
    Step fsScope = {}, ssScope = {};
    std::map<unsigned, uint64_t> kinds, seen;
    uint64_t cycle = 0, fetched = 0, born[kSlots] = {};
    unsigned wait = 0, writing = 0;
    uint8_t outstanding = 0, held = 0; // held: slots whose request does not end
    bool relay = false;
};

} // namespace vtdtest

#endif
