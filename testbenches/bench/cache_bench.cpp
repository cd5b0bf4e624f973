// SPDX-License-Identifier: MIT
//
// Speed of the generic cache alone: hits, fills that evict, invalidations. Beside the hits stands one array of the
// bare loop of bare_loop.h with as many entries.

extern "C" {
#include "cache.h"
}
#include "bare_loop.h"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <random>
#include <vector>

namespace
{

class Cache
{
  public:
    Cache(uint32_t entries, uint32_t ways, vtd_policy policy = VTD_POLICY_LRU)
    {
        const vtd_cache_geometry g = {entries, ways, static_cast<uint8_t>(policy), VTD_INDEX_HASH, 0, 0};
        memory_ = aligned_alloc(64, vtd_cache_bytes(&g));
        vtd_cache_init(&c, &g, memory_, 1);
    }
    ~Cache()
    {
        free(memory_);
    }
    Cache(const Cache &) = delete;
    void fill(vtd_key k)
    {
        vtd_key victim;
        bool evicted;
        benchmark::DoNotOptimize(vtd_cache_fill(&c, k, &victim, &evicted));
    }

    vtd_cache c;

  private:
    void *memory_;
};

// Pages as a device touches them, in random order.
std::vector<vtd_key> Pages(uint32_t pages, size_t n)
{
    std::mt19937_64 rng(1);
    std::vector<vtd_key> keys(n);
    for (vtd_key &k : keys)
        k = {0x10000 + rng() % pages, 0x510};
    return keys;
}

constexpr size_t kStream = 1 << 16;

// Arguments: entries, ways (0 = all), policy.
void LookupHit(benchmark::State &state)
{
    const auto entries = static_cast<uint32_t>(state.range(0));
    Cache cache(entries, static_cast<uint32_t>(state.range(1)), static_cast<vtd_policy>(state.range(2)));
    const auto keys = Pages(entries / 2, kStream);
    for (const vtd_key &k : keys)
        cache.fill(k);
    uint64_t hits = 0;
    for (auto _ : state)
        for (const vtd_key &k : keys)
            hits += vtd_cache_lookup(&cache.c, k) != VTD_CACHE_NONE;
    state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(keys.size()));
    state.counters["hit_rate"] =
        static_cast<double>(hits) / static_cast<double>(state.iterations()) / static_cast<double>(keys.size());
}

// The bare loop has 8 ways. Argument: entries.
void BareHit(benchmark::State &state)
{
    const auto entries = static_cast<uint32_t>(state.range(0));
    bare_cache c;
    bare_init(&c, entries);
    const auto keys = Pages(entries / 2, kStream);
    for (const vtd_key &k : keys)
        if (!bare_lookup(&c, k.a, k.b))
            bare_fill(&c, k.a, k.b, 1);
    for (auto _ : state)
        for (const vtd_key &k : keys)
            benchmark::DoNotOptimize(bare_lookup(&c, k.a, k.b));
    state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(keys.size()));
    free(c.e);
}

// Every fill evicts. Arguments: entries, ways, policy.
void FillEvict(benchmark::State &state)
{
    const auto entries = static_cast<uint32_t>(state.range(0));
    Cache cache(entries, static_cast<uint32_t>(state.range(1)), static_cast<vtd_policy>(state.range(2)));
    uint64_t next = 0;
    for (uint32_t n = 0; n < 4 * entries; n++)
        cache.fill({next++, 0x510});
    for (auto _ : state)
        cache.fill({next++, 0x510});
    state.SetItemsProcessed(state.iterations());
}

bool IsPage(const void *page, vtd_key k, uint32_t)
{
    return k.a == *static_cast<const uint64_t *>(page);
}

// One page out of a full cache, and back in. Arguments: entries, ways.
void InvalidateOneOfMany(benchmark::State &state)
{
    const auto entries = static_cast<uint32_t>(state.range(0));
    Cache cache(entries, static_cast<uint32_t>(state.range(1)));
    for (uint64_t a = 0; a < entries; a++)
        cache.fill({a, 0x510});
    uint64_t page = 0, removed = 0;
    for (auto _ : state) {
        removed += vtd_cache_invalidate_if(&cache.c, IsPage, &page);
        cache.fill({page, 0x510});
        page = (page + 1) % entries;
    }
    state.SetItemsProcessed(state.iterations());
    benchmark::DoNotOptimize(removed);
}

// Everything out of a cache that holds few entries, and one back in. Arguments: entries, ways.
void InvalidateAllOfFew(benchmark::State &state)
{
    Cache cache(static_cast<uint32_t>(state.range(0)), static_cast<uint32_t>(state.range(1)));
    for (auto _ : state) {
        cache.fill({1, 0x510});
        benchmark::DoNotOptimize(vtd_cache_invalidate_all(&cache.c));
    }
    state.SetItemsProcessed(state.iterations());
}

constexpr int64_t kLru = VTD_POLICY_LRU, kPlru = VTD_POLICY_PLRU, kFifo = VTD_POLICY_FIFO, kRandom = VTD_POLICY_RANDOM;

} // namespace

BENCHMARK(BareHit)->Args({512})->Args({4096})->Args({65536});
BENCHMARK(LookupHit)
    ->ArgNames({"entries", "ways", "policy"})
    ->Args({512, 8, kLru})
    ->Args({512, 8, kPlru})
    ->Args({512, 8, kFifo})
    ->Args({512, 16, kLru})
    ->Args({512, 64, kLru})
    ->Args({4096, 8, kLru})
    ->Args({4096, 0, kLru})
    ->Args({65536, 8, kLru})
    ->Args({65536, 0, kLru});
BENCHMARK(FillEvict)
    ->ArgNames({"entries", "ways", "policy"})
    ->Args({512, 8, kLru})
    ->Args({512, 8, kPlru})
    ->Args({512, 8, kRandom})
    ->Args({512, 64, kLru})
    ->Args({4096, 0, kLru})
    ->Args({65536, 0, kLru});
BENCHMARK(InvalidateOneOfMany)->ArgNames({"entries", "ways"})->Args({4096, 8})->Args({4096, 0})->Args({65536, 0});
BENCHMARK(InvalidateAllOfFew)->ArgNames({"entries", "ways"})->Args({4096, 8})->Args({65536, 0});
BENCHMARK_MAIN();
