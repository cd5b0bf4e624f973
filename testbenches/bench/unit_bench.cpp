// SPDX-License-Identifier: MIT
//
// Speed of the unit: hits, misses and cold walks, with the bare loop of bare_loop.h beside each hit case so that the ratio
// can be read from one run on a noisy machine.

#include "bare_loop.h"
#include "vtd/vtd.h"
#include "vtd/vtd_regs.h"
#include "vtd/vtd_structs.h"

#include <benchmark/benchmark.h>
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

namespace
{

constexpr uint16_t kSid = 0x0010;
constexpr uint64_t kIovaBase = 0x10000000;

// A unit over sparse memory, with one device whose PASIDs each have page tables of their own.
class Machine
{
  public:
    Machine(const vtd_config &cfg, uint64_t bytes) : bytes_(bytes)
    {
        base_ = static_cast<uint8_t *>(
            mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
        vtd_host host = {};
        host.mem_base = base_;
        host.mem_size = bytes;
        char why[VTD_WHY_SIZE];
        unit_ = vtd_create(&cfg, &host, why);
        if (!unit_) {
            fprintf(stderr, "%s\n", why);
            exit(1);
        }
        root_ = Page();
        const uint64_t context_table = Page();
        directory_ = Pages(32); // PDTS 7: 16384 entries
        vtd_sm_root_set_lp(At(root_), 1);
        vtd_sm_root_set_lctp(At(root_), context_table >> 12);
        uint64_t *context = At(context_table + (kSid & 0x7f) * VTD_SM_CONTEXT_BYTES);
        vtd_sm_context_set_p(context, 1);
        vtd_sm_context_set_paside(context, 1);
        vtd_sm_context_set_pdts(context, 7);
        vtd_sm_context_set_pasiddirptr(context, directory_ >> 12);
        vtd_mmio_write64(unit_, VTD_REG_RTADDR, root_ | vtd_reg_rtaddr_put_ttm(VTD_TTM_SCALABLE));
        vtd_mmio_write32(unit_, VTD_REG_GCMD, static_cast<uint32_t>(vtd_reg_gcmd_put_srtp(1)));
        vtd_mmio_write32(unit_, VTD_REG_GCMD, static_cast<uint32_t>(vtd_reg_gcmd_put_te(1)));
    }
    ~Machine()
    {
        vtd_destroy(unit_);
        munmap(base_, bytes_);
    }
    Machine(const Machine &) = delete;

    vtd *unit()
    {
        return unit_;
    }
    uint64_t *At(uint64_t hpa)
    {
        return reinterpret_cast<uint64_t *>(base_ + hpa);
    }
    uint64_t Page()
    {
        return Pages(1);
    }
    uint64_t Pages(uint64_t n)
    {
        const uint64_t at = next_;
        next_ += n * 4096;
        return at;
    }

    uint64_t *PasidEntry(uint32_t pasid)
    {
        uint64_t *dir = At(directory_ + (pasid >> 6) * 8);
        if (!*dir) {
            vtd_pasid_dir_set_smptblptr(dir, Page() >> 12);
            vtd_pasid_dir_set_p(dir, 1);
        }
        return At((vtd_pasid_dir_smptblptr(dir) << 12) + (pasid & 63) * VTD_PASID_ENTRY_BYTES);
    }

    void BindFirstStage(uint32_t pasid, uint64_t fs_root)
    {
        uint64_t *e = PasidEntry(pasid);
        vtd_pasid_entry_set_pgtt(e, VTD_PGTT_FIRST_STAGE);
        vtd_pasid_entry_set_did(e, 1);
        vtd_pasid_entry_set_pwsnp(e, 1);
        vtd_pasid_entry_set_fsptptr(e, fs_root >> 12);
        vtd_pasid_entry_set_p(e, 1);
    }

    void BindNested(uint32_t pasid, uint64_t fs_root, uint64_t ss_root)
    {
        BindFirstStage(pasid, fs_root);
        uint64_t *e = PasidEntry(pasid);
        vtd_pasid_entry_set_pgtt(e, VTD_PGTT_NESTED);
        vtd_pasid_entry_set_aw(e, 2);
        vtd_pasid_entry_set_ssptptr(e, ss_root >> 12);
    }

    // Maps one 4 KiB page in a 4-level tree. entry_bits: rights and A/D bits of every entry.
    void Map(uint64_t root, uint64_t from, uint64_t to, uint64_t entry_bits)
    {
        uint64_t table = root;
        for (int level = 4; level > 1; level--) {
            uint64_t *e = At(table) + (from >> (12 + 9 * (level - 1)) & 511);
            if (!*e)
                *e = Page() | entry_bits;
            table = *e & ~0xfffull;
        }
        At(table)[from >> 12 & 511] = to | entry_bits;
    }

  private:
    uint8_t *base_;
    uint64_t bytes_;
    uint64_t next_ = 0x100000;
    uint64_t root_, directory_;
    vtd *unit_;
};

constexpr uint64_t kFsBits = 0x67; // P, RW, US, A, D
constexpr uint64_t kSsBits = 0x03; // R, W

vtd_config Config(uint32_t iotlb_entries, uint32_t pasid_entries = 1024, uint32_t psc_entries = 64)
{
    vtd_config cfg;
    vtd_config_preset(&cfg, "default");
    cfg.cache[VTD_CACHE_IOTLB].entries = iotlb_entries;
    cfg.cache[VTD_CACHE_PASID].entries = pasid_entries;
    cfg.cache[VTD_CACHE_FS_PSC].entries = psc_entries;
    cfg.cache[VTD_CACHE_SS_PSC].entries = psc_entries;
    return cfg;
}

struct Access {
    uint32_t pasid;
    uint64_t addr;
};

// pasids x pages, in random order.
std::vector<Access> Stream(uint32_t pasids, uint32_t pages, size_t n)
{
    std::mt19937_64 rng(42);
    std::vector<Access> s(n);
    for (auto &a : s)
        a = {1 + static_cast<uint32_t>(rng() % pasids), kIovaBase + rng() % pages * 4096 + rng() % 4096};
    return s;
}

void MapAll(Machine &m, uint32_t pasids, uint32_t pages)
{
    for (uint32_t p = 1; p <= pasids; p++) {
        const uint64_t root = m.Page();
        m.BindFirstStage(p, root);
        for (uint32_t i = 0; i < pages; i++)
            m.Map(root, kIovaBase + i * 4096ull, 0x40000000 + (p * 131ull + i) * 4096, kFsBits);
    }
}

vtd_request Request(const Access &a)
{
    vtd_request r = {};
    r.addr = a.addr;
    r.pasid = a.pasid;
    r.sid = kSid;
    r.flags = VTD_REQ_PASID;
    r.access = VTD_READ;
    r.len = 1;
    return r;
}

std::vector<vtd_request> Requests(const std::vector<Access> &s)
{
    std::vector<vtd_request> r;
    r.reserve(s.size());
    for (const auto &a : s)
        r.push_back(Request(a));
    return r;
}

// pasids x pages that all hit after a first round. configured: how many further PASIDs have tables.
void HitUnit(benchmark::State &state, uint32_t configured = 0)
{
    const auto pasids = static_cast<uint32_t>(state.range(0));
    const auto pages = static_cast<uint32_t>(state.range(1));
    Machine m(Config(16384), 64ull << 30);
    MapAll(m, pasids, pages);
    const uint64_t shared_root = m.Page();
    for (uint32_t p = pasids + 1; p < configured; p++)
        m.BindFirstStage(p, shared_root);
    const auto requests = Requests(Stream(pasids, pages, 1 << 16));
    vtd_response resp;
    for (const auto &r : requests)
        vtd_translate(m.unit(), &r, &resp);
    for (auto _ : state)
        for (const auto &r : requests) {
            vtd_translate(m.unit(), &r, &resp);
            benchmark::DoNotOptimize(resp.hpa);
        }
    state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(requests.size()));
    vtd_stats s;
    vtd_stats_get(m.unit(), &s);
    if (s.faults)
        state.SkipWithError("a request faulted");
    state.counters["hit_rate"] = static_cast<double>(s.iotlb_hit) / static_cast<double>(s.iotlb_lookup);
}
void Hit(benchmark::State &state)
{
    HitUnit(state);
}
void HitAmongMillionPasids(benchmark::State &state)
{
    HitUnit(state, 1u << 20);
}

void Bare(benchmark::State &state)
{
    const auto pasids = static_cast<uint32_t>(state.range(0));
    const auto pages = static_cast<uint32_t>(state.range(1));
    bare_unit u;
    bare_init(&u.context, 64);
    bare_init(&u.pasid, 1024);
    bare_init(&u.iotlb, 16384);
    bare_fill(&u.context, kSid, 0, 1);
    for (uint32_t p = 1; p <= pasids; p++) {
        bare_fill(&u.pasid, p, kSid, 1);
        for (uint32_t i = 0; i < pages; i++)
            bare_fill(&u.iotlb, (kIovaBase >> 12) + i, static_cast<uint64_t>(p) << 16 | kSid, 0x40000000 + i * 4096ull);
    }
    const auto requests = Requests(Stream(pasids, pages, 1 << 16));
    for (auto _ : state)
        for (const auto &r : requests)
            benchmark::DoNotOptimize(bare_translate(&u, r.sid, r.pasid, r.addr));
    state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(requests.size()));
    free(u.context.e);
    free(u.pasid.e);
    free(u.iotlb.e);
}

// Misses in the IOTLB (it is off) that walk; state.range(0): entries of the PASID cache, range(1): of the paging caches.
void Walk(benchmark::State &state, bool nested)
{
    constexpr uint32_t kPasids = 64, kPages = 64;
    Machine m(Config(0, static_cast<uint32_t>(state.range(0)), static_cast<uint32_t>(state.range(1))), 64ull << 30);
    MapAll(m, kPasids, kPages);
    if (nested) {
        const uint64_t ss_root = m.Page();
        for (uint64_t gpa = 0x100000; gpa < 0x4000000; gpa += 4096)
            m.Map(ss_root, gpa, gpa, kSsBits);
        for (uint64_t gpa = 0x40000000; gpa < 0x42200000; gpa += 4096)
            m.Map(ss_root, gpa, gpa, kSsBits);
        for (uint32_t p = 1; p <= kPasids; p++) {
            const uint64_t fs_root = vtd_pasid_entry_fsptptr(m.PasidEntry(p)) << 12;
            m.BindNested(p, fs_root, ss_root);
        }
    }
    const auto requests = Requests(Stream(kPasids, kPages, 1 << 12));
    vtd_response resp;
    for (auto _ : state)
        for (const auto &r : requests) {
            vtd_translate(m.unit(), &r, &resp);
            benchmark::DoNotOptimize(resp.hpa);
        }
    state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(requests.size()));
    vtd_stats s;
    vtd_stats_get(m.unit(), &s);
    if (s.faults)
        state.SkipWithError("a request faulted");
    state.counters["reads"] = static_cast<double>(s.memory_reads) / static_cast<double>(s.requests);
}
void WalkFirstStage(benchmark::State &state)
{
    Walk(state, false);
}
void WalkNested(benchmark::State &state)
{
    Walk(state, true);
}

} // namespace

// Arguments: PASIDs, pages of each.
BENCHMARK(Bare)->Args({1, 1})->Args({1, 4096})->Args({64, 64});
BENCHMARK(Hit)->Args({1, 1})->Args({1, 4096})->Args({64, 64});
BENCHMARK(HitAmongMillionPasids)->Args({64, 64});
// Arguments: entries of the PASID cache, entries of each paging-structure cache.
BENCHMARK(WalkFirstStage)->Args({1024, 0})->Args({1024, 64});
BENCHMARK(WalkNested)->Args({1024, 0})->Args({1024, 64})->Args({0, 0});
BENCHMARK_MAIN();
