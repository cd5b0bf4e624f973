// SPDX-License-Identifier: MIT
//
// Speed of the unit in SystemVerilog under Verilator, in requests and in cycles of it for each second: requests that hit,
// requests that walk, cycles in which nothing happens; and a lockstep run with the model.

#include "cosim/lockstep.h"
#include "cosim/side.hpp"

#include <benchmark/benchmark.h>

namespace
{

using namespace vtdsim;

constexpr std::uint16_t kSid = 0x0010;
constexpr std::uint64_t kPage = 4096, kBase = UINT64_C(1) << 30;

rtl_options options_of(unsigned walkers)
{
    rtl_options o;
    o.walkers = walkers;
    o.latency = 20;
    return o;
}

// A device behind a second stage with pages of 4 KiB.
struct machine {
    machine(unsigned walkers, std::uint64_t pages) : side(options_of(walkers))
    {
        vtd_drv_options driver{};
        driver.haw = 46;
        side.start(driver);
        vtd_drv_domain_spec spec{};
        spec.kind = VTD_DRV_SECOND_STAGE;
        spec.addr_width = 48;
        spec.max_page_shift = 12;
        vtd_drv_domain *domain = nullptr;
        vtd_drv_domain_create(side.drv, &spec, &domain);
        vtd_drv_map(domain, kBase, 2 * kBase, pages * kPage, VTD_DRV_READ | VTD_DRV_WRITE);
        vtd_drv_attach(side.drv, kSid, VTD_DRV_RID_PASID, domain);
        side.unit->watch(nullptr);
    }
    // Requests to all pages in turn, as fast as the unit takes them.
    std::uint64_t play(std::uint64_t pages, std::uint64_t count)
    {
        vtd_request q{};
        q.sid = kSid;
        q.access = VTD_READ;
        q.len = 4;
        for (std::uint64_t i = 0; i < count; i++) {
            q.addr = kBase + i % pages * kPage;
            side.unit->send(q, i);
        }
        side.unit->settle();
        return count;
    }
    rtl_side side;
};

void count(benchmark::State &state, std::uint64_t requests, std::uint64_t cycles)
{
    state.counters["requests/s"] = benchmark::Counter(static_cast<double>(requests), benchmark::Counter::kIsRate);
    state.counters["cycles/s"] = benchmark::Counter(static_cast<double>(cycles), benchmark::Counter::kIsRate);
}

// Arguments: walkers, pages in turn. 64 pages stay in the IOTLB; of 4096 none does.
void BM_RtlRequests(benchmark::State &state)
{
    const auto pages = static_cast<std::uint64_t>(state.range(1));
    machine m(static_cast<unsigned>(state.range(0)), pages);
    m.play(pages, pages);
    const std::uint64_t begin = m.side.unit->cycles();
    std::uint64_t requests = 0;
    for (auto _ : state)
        requests += m.play(pages, 1000);
    count(state, requests, m.side.unit->cycles() - begin);
}
BENCHMARK(BM_RtlRequests)->Args({1, 64})->Args({4, 64})->Args({1, 4096})->Args({4, 4096});

void BM_RtlIdle(benchmark::State &state)
{
    machine m(static_cast<unsigned>(state.range(0)), 1);
    const std::uint64_t begin = m.side.unit->cycles();
    for (auto _ : state)
        for (unsigned i = 0; i < 1000; i++)
            m.side.unit->cycle();
    count(state, 0, m.side.unit->cycles() - begin);
}
BENCHMARK(BM_RtlIdle)->Arg(1)->Arg(4);

void BM_Lockstep(benchmark::State &state)
{
    std::uint64_t requests = 0, cycles = 0;
    vtd_lockstep_options o{};
    o.walkers = static_cast<unsigned>(state.range(0));
    o.requests = 2000;
    o.latency = 2;
    o.states_at = UINT64_MAX;
    for (auto _ : state) {
        vtd_lockstep_result result;
        o.seed++;
        if (vtd_lockstep_run(&o, &result) != 0 || result.differs) {
            state.SkipWithError(result.what);
            break;
        }
        requests += result.requests;
        cycles += result.cycles;
    }
    count(state, requests, cycles);
}
BENCHMARK(BM_Lockstep)->Arg(1)->Arg(4)->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
