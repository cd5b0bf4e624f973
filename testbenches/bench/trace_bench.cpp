// SPDX-License-Identifier: MIT
//
// Speed of reading traces: records per second of a bundled trace as compressed text and as a binary trace.

#include "vtd/vtd.h"
#include "workload/trace_reader.h"
#include "workload/trace_stream.h"
#include "workload/trace_writer.h"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <unistd.h>

namespace
{

const char *const bundled = VTD_BENCH_SOURCE_DIR "/sim/workload/traces/nvme4-tenants-strict.trace.zst";

void check(bool holds, const char *why)
{
    if (!holds) {
        fprintf(stderr, "%s\n", why);
        exit(1);
    }
}

// The bundled trace in the other form, in a file that is gone at the end.
class Binary
{
  public:
    Binary() : path("/tmp/vtdsim_trace_bench_" + std::to_string(getpid()) + ".vtdtrace")
    {
        char why[VTD_WHY_SIZE] = "";
        vtd_trace_item item;
        vtd_trace_reader *r = vtd_trace_reader_open(bundled, why);
        check(r != nullptr, why);
        vtd_trace_writer *w = vtd_trace_writer_open(path.c_str(), VTD_TRACE_BINARY, VTD_TRACE_LEVEL, why);
        check(w != nullptr, why);
        while (vtd_trace_reader_next(r, &item, why) > 0)
            check(vtd_trace_writer_put(w, &item, why) == 0, why);
        check(vtd_trace_writer_finish(w, why) == 0, why);
        vtd_trace_reader_close(r);
    }
    ~Binary()
    {
        std::remove(path.c_str());
    }
    const std::string path;
};

void read_all(benchmark::State &state, const char *file)
{
    char why[VTD_WHY_SIZE] = "";
    int64_t records = 0;
    for (auto _ : state) {
        vtd_record r;
        vtd_trace_stream *s = vtd_trace_stream_open(file, why);
        check(s != nullptr, why);
        while (vtd_trace_stream_next(s, &r, why) > 0) {
            benchmark::DoNotOptimize(r);
            records++;
        }
        vtd_trace_stream_close(s);
    }
    state.SetItemsProcessed(records);
}

void Text(benchmark::State &state)
{
    read_all(state, bundled);
}
BENCHMARK(Text);

void BinaryTrace(benchmark::State &state)
{
    const Binary binary;
    read_all(state, binary.path.c_str());
}
BENCHMARK(BinaryTrace);

} // namespace

BENCHMARK_MAIN();
