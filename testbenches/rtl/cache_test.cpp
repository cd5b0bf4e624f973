// SPDX-License-Identifier: MIT
//
// vtd_assoc_cache beside the cache of the model: every lookup, fill and invalidation goes to both, and must find the same
// hit, take the same way and evict the same key.
#include "Vvtd_cache_bench.h"

extern "C" {
#include "cache.h"
}

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

namespace
{

// The geometries of vtd_cache_bench.sv.
struct Shape {
    uint32_t sets, ways;
    vtd_policy policy;
    vtd_index index;
};
const Shape shapes[] = {
    {8, 8, VTD_POLICY_LRU, VTD_INDEX_HASH},   {64, 8, VTD_POLICY_LRU, VTD_INDEX_HASH},
    {1, 16, VTD_POLICY_LRU, VTD_INDEX_HASH},  {4, 3, VTD_POLICY_LRU, VTD_INDEX_MODULO},
    {16, 4, VTD_POLICY_PLRU, VTD_INDEX_HASH}, {1, 32, VTD_POLICY_PLRU, VTD_INDEX_MODULO},
    {2, 5, VTD_POLICY_FIFO, VTD_INDEX_HASH},  {1, 1, VTD_POLICY_LRU, VTD_INDEX_MODULO},
    {1, 64, VTD_POLICY_FIFO, VTD_INDEX_HASH},
};
constexpr unsigned N = sizeof shapes / sizeof shapes[0];

struct Payload {
    uint32_t meta;
    uint64_t data;
};

// An invalidation, as ref 6.3 words it: fields that must agree, and perhaps a range of memory.
struct Command {
    bool all, range;
    uint64_t b_mask, b_value;
    uint32_t meta_mask, meta_value, exempt;
    uint64_t page;
    unsigned am;

    bool covers(vtd_key k, uint32_t meta) const
    {
        if (((k.b ^ b_value) & b_mask) != 0 || ((meta ^ meta_value) & meta_mask) != 0)
            return false;
        if (!range || (meta & exempt) != 0)
            return true;
        // In pages, first and last; a block of size class c has 512^c pages.
        const uint64_t range_pages = am >= 52 ? UINT64_C(1) << 52 : UINT64_C(1) << am;
        const uint64_t block_pages = UINT64_C(1) << 9 * (k.b >> 40 & 3);
        const uint64_t range_first = page / range_pages * range_pages;
        const uint64_t block_first = k.a * block_pages;
        return block_first < range_first + range_pages && range_first < block_first + block_pages;
    }
};

class ModelCache
{
  public:
    explicit ModelCache(const Shape &s)
    {
        const vtd_cache_geometry g = {s.sets * s.ways, s.ways, static_cast<uint8_t>(s.policy),
                                      static_cast<uint8_t>(s.index), 0, 0};
        memory_.reset(aligned_alloc(64, vtd_cache_bytes(&g)));
        vtd_cache_init(&c, &g, memory_.get(), 1);
        payload.resize(g.entries);
    }
    // Removes what the command covers in one set.
    void sweep(const Command &command, uint32_t set)
    {
        struct Arg {
            const Command *command;
            const ModelCache *cache;
            uint32_t set;
        } arg = {&command, this, set};
        vtd_cache_invalidate_if(
            &c,
            [](const void *p, vtd_key k, uint32_t i) {
                const Arg *a = static_cast<const Arg *>(p);
                return i / a->cache->c.ways == a->set && a->command->covers(k, a->cache->payload[i].meta);
            },
            &arg);
    }

    vtd_cache c;
    std::vector<Payload> payload;

  private:
    struct Free {
        void operator()(void *p) const
        {
            free(p);
        }
    };
    std::unique_ptr<void, Free> memory_;
};

class CacheLockstep : public testing::Test
{
  protected:
    CacheLockstep()
    {
        for (const Shape &s : shapes)
            models.emplace_back(s);
        dut.rst_ni = 0;
        clock();
        dut.rst_ni = 1;
        for (unsigned i = 0; i < N; i++)
            dut.inv_i[i] = 0;
        dut.lookup_i = 0;
        dut.fill_i = 0;
    }
    void clock()
    {
        dut.clk_i = 0;
        dut.eval();
        dut.clk_i = 1;
        dut.eval();
        dut.clk_i = 0;
    }
    uint64_t below(uint64_t n)
    {
        return random() % n;
    }
    bool chance(unsigned percent)
    {
        return below(100) < percent;
    }
    // A key like the IOTLB's, from a universe that is sometimes smaller, sometimes larger than the caches.
    vtd_key someKey()
    {
        const uint64_t size_class = chance(80) ? 0 : below(3);
        const uint64_t page = base + below(universe) * (chance(10) ? 0x40201 : 1);
        return {(page & ((UINT64_C(1) << 52) - 1)) >> 9 * size_class,
                size_class << 40 | below(2) << 36 | (chance(80) ? 0x10001 : below(3) << 16 | below(4))};
    }
    uint32_t someMeta()
    {
        return static_cast<uint32_t>(below(2) << 31 | below(3) << 16 | below(4));
    }
    Command someCommand()
    {
        Command c = {};
        c.all = chance(15);
        c.b_value = below(3) << 16 | below(4);
        c.b_mask = chance(20) ? UINT64_C(0xfffff) << 16 : chance(20) ? 0xffff : 0;
        c.meta_value = someMeta();
        c.meta_mask = chance(50) ? 0xffff : chance(50) ? 0x8003ffff : 0;
        c.range = chance(60);
        c.exempt = chance(30) ? 0x80000000u : 0;
        c.page = someKey().a;
        c.am = static_cast<unsigned>(chance(90) ? below(24) : below(64));
        return c;
    }
    void choose()
    {
        if (chance(1) && chance(10)) {
            universe = UINT64_C(2) << below(8);
            base = chance(50) ? below(1000) : random();
        }
        lookups = static_cast<unsigned>(below(4));
        for (unsigned p = 0; p < 2; p++) {
            key[p] = someKey();
            dut.lookup_a_i[p] = key[p].a;
            dut.lookup_b_i[p] = key[p].b;
        }
        dut.lookup_i = static_cast<uint8_t>(lookups);
        fills = chance(80);
        fill_key = chance(50) ? key[below(2)] : someKey();
        fill = {someMeta(), random()};
        dut.fill_i = fills;
        dut.fill_a_i = fill_key.a;
        dut.fill_b_i = fill_key.b;
        dut.fill_meta_i = fill.meta;
        dut.fill_data_i = fill.data;
        if (working == 0 && chance(2))
            begin(someCommand());
    }
    void begin(const Command &c)
    {
        command = c;
        dut.inv_all_i = c.all;
        dut.inv_range_i = c.range;
        dut.inv_b_mask_i = c.b_mask;
        dut.inv_b_value_i = c.b_value;
        dut.inv_meta_mask_i = c.meta_mask;
        dut.inv_meta_value_i = c.meta_value;
        dut.inv_meta_exempt_i = c.exempt;
        dut.inv_page_i = c.page;
        dut.inv_am_i = static_cast<uint8_t>(c.am);
        for (unsigned i = 0; i < N; i++) {
            dut.inv_i[i] = 1;
            swept[i] = 0;
        }
        working = N;
    }
    // One cycle of cache i: lookup, fill, invalidation. False at the first difference.
    bool same(unsigned i)
    {
        return sameLookup(i) && sameFill(i) && sameInvalidation(i);
    }
    bool sameLookup(unsigned i)
    {
        ModelCache &m = models[i];
        for (unsigned p = 0; p < 2; p++) {
            if (!(lookups >> p & 1))
                continue;
            const uint32_t index = vtd_cache_lookup(&m.c, key[p]);
            operations++;
            if (index == VTD_CACHE_NONE)
                continue;
            hits++;
            return dut.hit_o[i] && dut.hit_probe_o[i] == p && dut.hit_way_o[i] == index % m.c.ways &&
                   dut.hit_meta_o[i] == m.payload[index].meta && dut.hit_data_o[i] == m.payload[index].data;
        }
        return !dut.hit_o[i];
    }
    bool sameFill(unsigned i)
    {
        ModelCache &m = models[i];
        const bool covered = dut.inv_i[i] && (command.all || command.covers(fill_key, fill.meta));
        if (!fills || covered) {
            dropped += fills;
            return !dut.fill_done_o[i] && !dut.evict_o[i];
        }
        vtd_key victim;
        bool evicted;
        const uint32_t index = vtd_cache_fill(&m.c, fill_key, &victim, &evicted);
        m.payload[index] = fill;
        operations++;
        evictions += evicted;
        return dut.fill_done_o[i] && dut.fill_way_o[i] == index % m.c.ways && dut.evict_o[i] == evicted &&
               (!evicted || (dut.victim_a_o[i] == victim.a && dut.victim_b_o[i] == victim.b));
    }
    bool sameInvalidation(unsigned i)
    {
        ModelCache &m = models[i];
        if (!dut.inv_i[i])
            return true;
        const uint32_t before = m.c.valid;
        if (command.all)
            vtd_cache_invalidate_all(&m.c);
        else
            m.sweep(command, swept[i]++);
        removed += before - m.c.valid;
        const bool done = command.all || swept[i] == shapes[i].sets;
        finished[i] = done;
        return dut.inv_ready_o[i] == done;
    }
    void afterClock()
    {
        for (unsigned i = 0; i < N; i++)
            if (finished[i]) {
                dut.inv_i[i] = 0;
                finished[i] = false;
                working--;
                operations++;
            }
    }

    Vvtd_cache_bench dut;
    std::vector<ModelCache> models;
    std::mt19937_64 random{20260701};

    uint64_t universe = 64, base = 0;
    unsigned lookups = 0;
    vtd_key key[2] = {}, fill_key = {};
    bool fills = false;
    Payload fill = {};
    Command command = {};
    unsigned working = 0;
    uint32_t swept[N] = {};
    bool finished[N] = {};
    uint64_t operations = 0, hits = 0, evictions = 0, dropped = 0, removed = 0;
};

TEST_F(CacheLockstep, AMillionOperationsHitFillAndEvictAsTheModelDoes)
{
    for (unsigned cycle = 0; operations < 1000000; cycle++) {
        choose();
        dut.eval();
        for (unsigned i = 0; i < N; i++)
            ASSERT_TRUE(same(i)) << "cache " << i << " (" << shapes[i].sets << " sets of " << shapes[i].ways
                                 << "), cycle " << cycle;
        clock();
        afterClock();
    }
    // The run was worth something.
    EXPECT_GT(hits, 100000u);
    EXPECT_GT(evictions, 50000u);
    EXPECT_GT(removed, 10000u);
    EXPECT_GT(dropped, 1000u);
}

TEST_F(CacheLockstep, AFillThatAnInvalidationAtWorkCoversIsDropped)
{
    Command c = {};
    c.meta_mask = 0xffff;
    c.meta_value = 7;
    begin(c);
    dut.fill_i = 1;
    dut.fill_a_i = 0x1234;
    dut.fill_b_i = 0;
    dut.fill_meta_i = 7;
    dut.eval();
    for (unsigned i = 0; i < N; i++)
        EXPECT_FALSE(dut.fill_done_o[i]);
    dut.fill_meta_i = 8; // of another domain
    dut.eval();
    for (unsigned i = 0; i < N; i++)
        EXPECT_TRUE(dut.fill_done_o[i]);
}

} // namespace
