// SPDX-License-Identifier: MIT
//
// What time costs: requests to a unit with vtd_timing and their statistics, without and with the player in front of it.
//   hits     64 pages, all in the IOTLB
//   mixed    16 tenants (PASIDs) with 4096 pages, by Zipf(0.9): misses of the IOTLB, and of the PASID cache
// The level without statistics says what vtd_timing itself takes; compare with unit_bench for the unit alone.

#include "study/timed_run.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace
{

struct Bench {
    vtd_sim_config config{};
    vtd_player *player = nullptr;
    std::vector<vtd_record> records;
    std::vector<vtd_request> requests;

    explicit Bench(bool mixed)
    {
        char why[VTD_WHY_SIZE];
        vtd_sim_config_init(&config, nullptr, why);
        config.unit.cache[VTD_CACHE_IOTLB].entries = 1024;
        vtd_sim_config_finish(&config, why);
        player = vtd_player_create(&config, VTD_PLAYER_SECOND_STAGE, VTD_PLAYER_FIRST_STAGE, why);
        std::mt19937_64 random(7);
        const size_t pages = mixed ? 4096 : 64;
        std::vector<double> cumulative(pages);
        double sum = 0;
        for (size_t i = 0; i < pages; i++)
            cumulative[i] = sum += mixed ? std::pow(static_cast<double>(i + 1), -0.9) : 1;
        for (size_t i = 0; i < 1u << 18; i++) {
            const double at = static_cast<double>(random() >> 11) * 0x1p-53 * sum;
            const auto page =
                static_cast<uint64_t>(std::lower_bound(cumulative.begin(), cumulative.end(), at) - cumulative.begin());
            const auto pasid = static_cast<uint32_t>(mixed ? 1 + page * 0x9e3779b1u % 16 : 1);
            vtd_record r{};
            r.iova = 0x100000000 + page * 4096;
            r.pasid = pasid;
            r.sid = 0x100;
            r.len = 64;
            r.has_pasid = true;
            records.push_back(r);
            vtd_request q{};
            q.addr = r.iova;
            q.pasid = pasid;
            q.sid = r.sid;
            q.len = r.len;
            q.flags = VTD_REQ_PASID;
            requests.push_back(q);
        }
        uint8_t reason;
        for (const vtd_record &r : records) /* maps the pages */
            vtd_player_play(player, &r, &reason, why);
    }
    ~Bench()
    {
        vtd_player_destroy(player);
    }
};

/* The unit alone, for comparison. */
void unit(benchmark::State &state, bool mixed)
{
    Bench b(mixed);
    size_t i = 0;
    for (auto _ : state) {
        vtd_response resp;
        vtd_translate(vtd_player_unit(b.player), &b.requests[i], &resp);
        benchmark::DoNotOptimize(resp);
        i = (i + 1) % b.requests.size();
    }
    vtd_stats s;
    vtd_stats_get(vtd_player_unit(b.player), &s);
    state.SetItemsProcessed(state.iterations());
    state.counters["iotlb_hit_rate"] = static_cast<double>(s.iotlb_hit) / static_cast<double>(s.iotlb_lookup);
}

/* vtd_timing, and a histogram and sums of parts on top. */
void timing(benchmark::State &state, bool mixed, bool statistics)
{
    Bench b(mixed);
    vtd_timing *x = vtd_timing_create(vtd_player_unit(b.player), &b.config.timing, nullptr);
    vtd_histogram h;
    vtd_histogram_init(&h);
    uint64_t parts[VTD_TIMING_PARTS] = {}, now = 0;
    size_t i = 0;
    for (auto _ : state) {
        vtd_response resp;
        vtd_timed timed;
        vtd_timing_translate(x, &b.requests[i], now, &resp, &timed);
        now = timed.start;
        if (statistics) {
            vtd_histogram_add(&h, timed.done - timed.start);
            for (unsigned p = 0; p < VTD_TIMING_PARTS; p++)
                parts[p] += timed.part[p];
        }
        i = (i + 1) % b.requests.size();
    }
    benchmark::DoNotOptimize(parts);
    state.SetItemsProcessed(state.iterations());
    vtd_histogram_fini(&h);
    vtd_timing_destroy(x);
}

/* The whole of a timed run but for its workload. */
void run(benchmark::State &state, bool mixed)
{
    Bench b(mixed);
    char why[VTD_WHY_SIZE];
    vtd_timed_run *run = vtd_timed_run_create(b.player, &b.config, VTD_ARRIVALS_ACCEPTED, 0, why);
    uint8_t reason;
    size_t i = 0;
    for (auto _ : state) {
        vtd_timed_run_play(run, &b.records[i], &reason, why);
        i = (i + 1) % b.records.size();
    }
    state.SetItemsProcessed(state.iterations());
    vtd_timed_run_destroy(run);
}

BENCHMARK_CAPTURE(unit, hits, false);
BENCHMARK_CAPTURE(unit, mixed, true);
BENCHMARK_CAPTURE(timing, hits, false, false);
BENCHMARK_CAPTURE(timing, hits_with_statistics, false, true);
BENCHMARK_CAPTURE(timing, mixed, true, false);
BENCHMARK_CAPTURE(timing, mixed_with_statistics, true, true);
BENCHMARK_CAPTURE(run, hits, false);
BENCHMARK_CAPTURE(run, mixed, true);

} // namespace

BENCHMARK_MAIN();
