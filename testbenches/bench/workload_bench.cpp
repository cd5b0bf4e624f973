/* SPDX-License-Identifier: MIT */
/*
 * What a record costs to make, by kind of stream: at most 15 ns for patterns, also Zipf's over 2^24 pages. Each
 * iteration makes one record.
 */
#include "workload/describe.h"
#include "workload/workload.h"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <string>
#include <unistd.h>

namespace
{

/* A described workload that is played from its state. */
void records(benchmark::State &state, const std::string &yaml)
{
    const std::string name = "/tmp/vtdsim_bench_" + std::to_string(getpid()) + ".yaml";
    char why[VTD_WHY_SIZE] = "";
    std::FILE *file = std::fopen(name.c_str(), "w");
    if (file == nullptr || std::fputs(yaml.c_str(), file) < 0 || std::fclose(file) != 0) {
        state.SkipWithError("cannot write a file");
        return;
    }
    vtd_workload w = {};
    const int status = vtd_workload_open_spec(&w, name.c_str(), 1, why);
    std::remove(name.c_str());
    vtd_tenants_spec spec = {};
    spec.workload = &w;
    spec.count = 1;
    vtd_tenants *t = status == 0 ? vtd_tenants_create(&spec, why) : nullptr;
    if (t == nullptr) {
        state.SkipWithError(why);
        return;
    }
    vtd_record r;
    for (auto _ : state) {
        vtd_tenants_next(t, &r);
        benchmark::DoNotOptimize(r);
    }
    state.SetItemsProcessed(state.iterations());
    vtd_tenants_destroy(t);
    vtd_workload_close(&w);
}

BENCHMARK_CAPTURE(records, sequential, "{pattern: sequential, pages: 65536}");
BENCHMARK_CAPTURE(records, stride, "{pattern: stride, pages: 65536}");
BENCHMARK_CAPTURE(records, uniform, "{pattern: uniform, pages: 65536}");
BENCHMARK_CAPTURE(records, zipf_4096, "{pattern: zipf, pages: 4096, s: 0.9}");
BENCHMARK_CAPTURE(records, zipf_16777216, "{pattern: zipf, pages: 0x1000000, s: 0.9}");
BENCHMARK_CAPTURE(records, zipf_16777216_flat, "{pattern: zipf, pages: 0x1000000, s: 0.3}");
BENCHMARK_CAPTURE(records, ring, "{ring: 1024, buffer-pages: 2}");
BENCHMARK_CAPTURE(records, ring_strict, "{ring: 1024, buffer-pages: 2, unmap: strict}");
BENCHMARK_CAPTURE(records, dsa, "{dsa: 1024, order: random}");
BENCHMARK_CAPTURE(records, fixed_rate, "{pattern: sequential, rate: 10e6}");
BENCHMARK_CAPTURE(records, poisson, "{pattern: sequential, rate: 10e6, arrivals: poisson}");
BENCHMARK_CAPTURE(records, phases, "{phases: [{requests: 9, pattern: uniform}, {requests: 9, pattern: zipf}]}");
BENCHMARK_CAPTURE(records, mix, "{mix: [{weight: 3, pattern: uniform}, {pattern: sequential}]}");
BENCHMARK_CAPTURE(records, mix_by_time, "{mix: [{rate: 3e6, pattern: uniform}, {rate: 1e6, pattern: sequential}]}");
BENCHMARK_CAPTURE(records, tenants_1024, "{tenants: 1024, of: {pattern: uniform}}");
BENCHMARK_CAPTURE(records, tenants_1024_churn,
                  "{tenants: 1024, interleave: random, churn: 100, churn-pasid: next, of: {pattern: uniform}}");
BENCHMARK_CAPTURE(records, tenants_1048575_round_robin, "{tenants: 1048575, of: {pattern: uniform}}");
BENCHMARK_CAPTURE(records, tenants_1048575_random, "{tenants: 1048575, interleave: random, of: {pattern: uniform}}");

} // namespace

BENCHMARK_MAIN();
