// SPDX-License-Identifier: MIT
//
// Speed of what devices with ATS do: accesses that their device TLB answers, translated requests, and translation requests
// that the IOTLB answers or that walk; beside untranslated requests for the same pages, so that one run gives the ratios.

extern "C" {
#include "platform/model_bus.h"
#include "tables/build.h"
}
#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

namespace
{

constexpr uint16_t kSid = 0x0010;
constexpr uint64_t kIova = 0x10000000, kOut = 0x40000000;
constexpr size_t kRequests = 1 << 14;

// A machine with one device; PASIDs 1 to pasids have pages of their own.
class Machine
{
  public:
    Machine(uint32_t pasids, uint32_t pages, uint32_t iotlb_entries)
    {
        vtd_config cfg;
        vtd_config_preset(&cfg, "default");
        cfg.cache[VTD_CACHE_IOTLB].entries = iotlb_entries;
        cfg.cache[VTD_CACHE_PASID].entries = 1024;
        char why[VTD_WHY_SIZE] = "";
        vtd_builder tables;
        if (vtd_machine_init(&machine, &cfg, 16ull << 30, 1 << 20, 1 << 30, why) != 0 ||
            !vtd_build_init(&tables, &machine.frames)) {
            fprintf(stderr, "%s\n", why);
            exit(1);
        }
        for (uint32_t p = 1; p <= pasids; p++) {
            const uint64_t root = vtd_build_table(&tables);
            uint64_t *e = vtd_build_pasid(&tables, kSid, p, true);
            vtd_pasid_entry_set_pgtt(e, VTD_PGTT_FIRST_STAGE);
            vtd_pasid_entry_set_did(e, 1);
            vtd_pasid_entry_set_pwsnp(e, 1);
            vtd_pasid_entry_set_fsptptr(e, root >> 12);
            vtd_pasid_entry_set_p(e, 1);
            for (uint32_t i = 0; i < pages; i++) // P, RW, US, A, D
                *vtd_build_fs(&tables, root, 4, kIova + i * 4096ull, 1) = (kOut + (p * 131ull + i) * 4096) | 0x67;
        }
        vtd_sm_context_set_dte(vtd_build_context(&tables, kSid), 1);
        vtd_mmio_write64(machine.unit, VTD_REG_RTADDR, tables.root | vtd_reg_rtaddr_put_ttm(VTD_TTM_SCALABLE));
        vtd_mmio_write32(machine.unit, VTD_REG_GCMD, static_cast<uint32_t>(vtd_reg_gcmd_put_srtp(1)));
        vtd_mmio_write32(machine.unit, VTD_REG_GCMD, static_cast<uint32_t>(vtd_reg_gcmd_put_te(1)));
        std::mt19937_64 rng(42);
        for (size_t i = 0; i < kRequests; i++) {
            vtd_request r = {};
            r.pasid = 1 + static_cast<uint32_t>(rng() % pasids);
            r.addr = kIova + rng() % pages * 4096 + rng() % 4096;
            r.sid = kSid;
            r.flags = VTD_REQ_PASID;
            r.access = VTD_READ;
            r.len = 1;
            requests.push_back(r);
        }
    }
    ~Machine()
    {
        vtd_machine_fini(&machine);
    }
    Machine(const Machine &) = delete;

    vtd_requester *Device(bool ats)
    {
        vtd_requester_config c = {};
        c.sid = kSid;
        c.ats = ats;
        c.pasid = true;
        c.device_tlb.entries = 16384;
        c.device_tlb.ways = 8;
        vtd_requester *r;
        if (vtd_machine_add_requester(&machine, &c, &r, nullptr) != 0)
            exit(1);
        return r;
    }

    vtd_machine machine{};
    std::vector<vtd_request> requests;
};

// Plays the requests of the machine over and over; one round first, to fill what there is to fill.
void Play(benchmark::State &state, Machine &m)
{
    vtd_response resp;
    for (const auto &r : m.requests)
        vtd_translate(m.machine.unit, &r, &resp);
    vtd_stats_reset(m.machine.unit);
    for (auto _ : state)
        for (const auto &r : m.requests) {
            vtd_translate(m.machine.unit, &r, &resp);
            benchmark::DoNotOptimize(resp.hpa);
        }
    state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(m.requests.size()));
    vtd_stats s;
    vtd_stats_get(m.machine.unit, &s);
    if (s.faults)
        state.SkipWithError("a request faulted");
    state.counters["iotlb_hits"] = static_cast<double>(s.iotlb_hit) / static_cast<double>(s.requests);
}

void PlayDevice(benchmark::State &state, bool ats)
{
    Machine m(static_cast<uint32_t>(state.range(0)), static_cast<uint32_t>(state.range(1)), 16384);
    vtd_requester *device = m.Device(ats);
    vtd_requester_outcome out;
    for (const auto &r : m.requests)
        vtd_requester_access(device, &r, &out);
    vtd_requester_stats_reset(device);
    for (auto _ : state)
        for (const auto &r : m.requests) {
            vtd_requester_access(device, &r, &out);
            benchmark::DoNotOptimize(out.hpa);
        }
    state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(m.requests.size()));
    if (out.result != VTD_REQUESTER_DONE)
        state.SkipWithError("an access was blocked");
    const vtd_requester_stats *s = vtd_requester_stats_get(device);
    state.counters["device_tlb_hits"] = static_cast<double>(s->hits) / static_cast<double>(s->accesses);
}

void DeviceUntranslated(benchmark::State &state)
{
    PlayDevice(state, false);
}
void DeviceTlbHit(benchmark::State &state)
{
    PlayDevice(state, true);
}

void UntranslatedIotlbHit(benchmark::State &state)
{
    Machine m(static_cast<uint32_t>(state.range(0)), static_cast<uint32_t>(state.range(1)), 16384);
    Play(state, m);
}

void TranslatedRequest(benchmark::State &state)
{
    Machine m(static_cast<uint32_t>(state.range(0)), static_cast<uint32_t>(state.range(1)), 16384);
    for (auto &r : m.requests) {
        r.at = VTD_AT_TRANSLATED;
        r.addr += kOut - kIova;
        r.flags = 0;
        r.pasid = 0;
    }
    Play(state, m);
}

void Translation(benchmark::State &state, uint32_t iotlb_entries)
{
    Machine m(static_cast<uint32_t>(state.range(0)), static_cast<uint32_t>(state.range(1)), iotlb_entries);
    for (auto &r : m.requests) {
        r.at = VTD_AT_TRANSLATION;
        r.addr &= ~0xfffull;
        r.len = 8;
    }
    Play(state, m);
}
void AtsIotlbHit(benchmark::State &state)
{
    Translation(state, 16384);
}
void AtsWalk(benchmark::State &state)
{
    Translation(state, 0);
}

} // namespace

// Arguments: PASIDs, pages of each.
BENCHMARK(DeviceUntranslated)->Args({1, 1})->Args({64, 64});
BENCHMARK(DeviceTlbHit)->Args({1, 1})->Args({64, 64});
BENCHMARK(UntranslatedIotlbHit)->Args({1, 1})->Args({64, 64});
BENCHMARK(TranslatedRequest)->Args({1, 1})->Args({64, 64});
BENCHMARK(AtsIotlbHit)->Args({1, 1})->Args({64, 64});
BENCHMARK(AtsWalk)->Args({1, 1})->Args({64, 64});
BENCHMARK_MAIN();
