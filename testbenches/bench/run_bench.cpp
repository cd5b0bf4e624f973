// SPDX-License-Identifier: MIT
//
// Requests per second of whole runs: workload, tenants, player and unit, as vtdsim run plays them; and accesses per second of
// miss-ratio curves. Compare with unit_bench for the unit alone.
//   run/hits      64 pages, all in the IOTLB
//   run/mixed     16 PASIDs with 4096 pages each, by Zipf: most miss the IOTLB
//   run/pasids/N  one page for each of N PASIDs, in random order, pass-through, all in an IOTLB that is large enough: what
//                 grows with N is the memory that is touched
//   mrc/N         stack distances of N keys in random order
//   mrc/run       hits of an IOTLB with the tap that the curve listens to
//   mrc/pasids/N  the curve of a PASID cache that every request asks, as vtdsim mrc plays it: N PASIDs, pass-through, no IOTLB

#include "study/foresight.h"
#include "study/mrc.h"
#include "workload/player.h"
#include "workload/workload.h"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace
{

void check(bool holds, const char *why)
{
    if (!holds) {
        fprintf(stderr, "%s\n", why);
        exit(1);
    }
}

using Keys = std::vector<std::pair<std::string, std::string>>;

struct Run {
    vtd_workload workload = {};
    vtd_tenants *tenants = nullptr;
    vtd_player *player = nullptr;
    char why[VTD_WHY_SIZE] = "";

    Run(const char *spec, uint32_t count, vtd_interleave interleave, vtd_player_pgtt pgtt, const Keys &keys = {})
    {
        vtd_sim_config config;
        check(vtd_sim_config_init(&config, nullptr, why) == 0, why);
        for (const auto &[key, value] : keys)
            check(vtd_sim_config_set(&config, key.c_str(), value.c_str(), why) == 0, why);
        check(vtd_sim_config_finish(&config, why) == 0, why);
        check(vtd_workload_open_spec(&workload, spec, 1, why) == 0, why);
        vtd_tenants_spec t = {};
        t.workload = &workload;
        t.count = count;
        t.interleave = interleave;
        t.seed = 1;
        tenants = vtd_tenants_create(&t, why);
        check(tenants != nullptr, why);
        player = vtd_player_create(&config, pgtt, pgtt, why);
        check(player != nullptr, why);
    }
    ~Run()
    {
        vtd_player_destroy(player);
        vtd_tenants_destroy(tenants);
        vtd_workload_close(&workload);
    }
    // As the loop of vtdsim run: some records are read ahead. requests is a multiple of that.
    void play(size_t requests)
    {
        vtd_record r[32];
        uint8_t reason;
        for (size_t i = 0; i < requests; i += std::size(r)) {
            for (vtd_record &record : r)
                vtd_tenants_next(tenants, &record);
            if (vtd_player_wants_prefetch(player))
                for (const unsigned stage : {0, 1})
                    for (const vtd_record &record : r)
                        vtd_player_prefetch(player, &record, stage);
            for (const vtd_record &record : r)
                check(vtd_player_play(player, &record, &reason, why) == VTD_PLAYED, why);
        }
    }
    // All that is mapped is mapped, and caches are warm.
    void measure(benchmark::State &state, size_t warmup)
    {
        const size_t step = 16000;
        play(warmup);
        for (auto _ : state)
            play(step);
        state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * step));
    }
};

void hits(benchmark::State &state)
{
    Run run("uniform:pages=64", 1, VTD_INTERLEAVE_ROUND_ROBIN, VTD_PLAYER_SECOND_STAGE);
    run.measure(state, 10000);
}

void mixed(benchmark::State &state)
{
    Run run("zipf:pages=4096", 16, VTD_INTERLEAVE_RANDOM, VTD_PLAYER_FIRST_STAGE);
    run.measure(state, 500000);
}

void pasids(benchmark::State &state)
{
    const auto count = static_cast<uint32_t>(state.range(0));
    Run run("sequential:pages=1", count, VTD_INTERLEAVE_RANDOM, VTD_PLAYER_PASS_THROUGH,
            {{"iotlb.entries", std::to_string(8u << 18)}, {"iotlb.ways", "8"}});
    run.measure(state, 3 * static_cast<size_t>(count));
}

void distances(benchmark::State &state)
{
    const auto count = static_cast<uint32_t>(state.range(0));
    const vtd_mrc_spec spec = {1, false, 1};
    vtd_mrc *mrc = vtd_mrc_create(&spec);
    std::mt19937_64 random(1);
    std::vector<uint32_t> keys(1 << 20);
    for (uint32_t &key : keys)
        key = static_cast<uint32_t>(random() % count);
    for (uint32_t key = 0; key < count; key++)
        check(vtd_mrc_access(mrc, key, key, 0), "out of memory");
    for (auto _ : state)
        for (size_t i = 0; i < keys.size(); i += 32) { // in pieces, as vtdsim mrc
            for (const unsigned stage : {0, 1})
                for (size_t k = i; k < i + 32; k++)
                    vtd_mrc_prefetch(mrc, keys[k], stage);
            for (size_t k = i; k < i + 32; k++)
                vtd_mrc_access(mrc, keys[k], keys[k], 0);
        }
    state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * keys.size()));
    vtd_mrc_destroy(mrc);
}

void tell(void *mrc, vtd_cache_change change, uint32_t entry, uint64_t a, uint64_t b)
{
    if (change == VTD_CACHE_CHANGE_HIT || change == VTD_CACHE_CHANGE_FILL)
        vtd_mrc_access(static_cast<vtd_mrc *>(mrc), entry, a, b);
}

void tapped(benchmark::State &state)
{
    const vtd_mrc_spec spec = {1, false, 1};
    vtd_mrc *mrc = vtd_mrc_create(&spec);
    Run run("uniform:pages=64", 1, VTD_INTERLEAVE_ROUND_ROBIN, VTD_PLAYER_SECOND_STAGE,
            {{"iotlb.entries", "1048576"}, {"iotlb.ways", "0"}});
    vtd_cache_tap(vtd_player_unit(run.player), VTD_CACHE_IOTLB, tell, mrc);
    run.measure(state, 10000);
    vtd_mrc_destroy(mrc);
}

void curve(benchmark::State &state)
{
    const auto count = static_cast<uint32_t>(state.range(0));
    const vtd_mrc_spec spec = {1, false, 1};
    vtd_mrc *mrc = vtd_mrc_create(&spec);
    Run run("sequential:pages=1", count, VTD_INTERLEAVE_RANDOM, VTD_PLAYER_PASS_THROUGH,
            {{"iotlb.entries", "0"}, {"pasid_cache.entries", "1048576"}, {"pasid_cache.ways", "0"}});
    vtd_foresight *f = vtd_foresight_create(run.player, VTD_CACHE_PASID, tell, mrc);
    const size_t step = 16000, piece = 32;
    const auto play = [&](size_t requests) {
        vtd_record r[piece];
        uint8_t reason;
        for (size_t i = 0; i < requests; i += piece) {
            for (vtd_record &record : r)
                vtd_tenants_next(run.tenants, &record);
            if (vtd_player_wants_prefetch(run.player)) {
                uint32_t entry[piece];
                for (const vtd_record &record : r)
                    vtd_foresight_prefetch(f, &record);
                for (size_t k = 0; k < piece; k++)
                    entry[k] = vtd_foresight_entry(f, &r[k]);
                for (const unsigned stage : {0, 1})
                    for (const uint32_t e : entry)
                        vtd_mrc_prefetch(mrc, e, stage);
            }
            for (const vtd_record &record : r)
                check(vtd_foresight_play(f, &record, &reason, run.why) == VTD_PLAYED, run.why);
        }
    };
    play(12 * static_cast<size_t>(count) / piece * piece);
    for (auto _ : state)
        play(step);
    state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * step));
    vtd_foresight_destroy(f);
    vtd_mrc_destroy(mrc);
}

BENCHMARK(hits)->Name("run/hits");
BENCHMARK(mixed)->Name("run/mixed");
BENCHMARK(pasids)->Name("run/pasids")->Arg(1 << 10)->Arg(1 << 16)->Arg((1 << 20) - 1);
BENCHMARK(distances)->Name("mrc")->Arg(1 << 10)->Arg(1 << 13)->Arg(1 << 16)->Arg(1 << 20)->Unit(
    benchmark::kMillisecond);
BENCHMARK(tapped)->Name("mrc/run");
BENCHMARK(curve)->Name("mrc/pasids")->Arg(1 << 10)->Arg(1 << 16)->Arg((1 << 20) - 1);

} // namespace

BENCHMARK_MAIN();
