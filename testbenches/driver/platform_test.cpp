/* SPDX-License-Identifier: MIT */
/* Sparse memory, page frames, message sink and table builders. */
extern "C" {
#include "platform/memory.h"
#include "platform/model_bus.h"
#include "tables/build.h"
}

#include <gtest/gtest.h>

#include <cerrno>
#include <map>
#include <random>

namespace
{

struct Memory : testing::Test {
    vtd_memory memory{};
    ~Memory() override
    {
        vtd_memory_fini(&memory);
    }
};

TEST_F(Memory, ATerabyteCostsOnlyWhatIsTouched)
{
    ASSERT_EQ(vtd_memory_init(&memory, UINT64_C(1) << 40, nullptr), 0);
    uint64_t v = 1;
    for (uint64_t at : {UINT64_C(0), UINT64_C(0x7f12345000), (UINT64_C(1) << 40) - 8}) {
        EXPECT_TRUE(vtd_memory_read(&memory, at, 8, &v));
        EXPECT_EQ(v, 0u);
        EXPECT_TRUE(vtd_memory_write(&memory, at, 8, 0x1122334455667788));
        EXPECT_TRUE(vtd_memory_read(&memory, at, 2, &v));
        EXPECT_EQ(v, 0x7788u) << "little endian";
    }
}

TEST_F(Memory, RefusesBadSizes)
{
    char why[256];
    for (uint64_t size : {UINT64_C(0), UINT64_C(100), VTD_MEMORY_LIMIT + 4096}) {
        why[0] = 0;
        EXPECT_EQ(vtd_memory_init(&memory, size, why), -EINVAL);
        EXPECT_NE(std::string(why).find("multiple of 4096"), std::string::npos);
    }
}

TEST_F(Memory, ChecksBounds)
{
    ASSERT_EQ(vtd_memory_init(&memory, 8192, nullptr), 0);
    uint64_t v = 7;
    EXPECT_FALSE(vtd_memory_read(&memory, 8190, 4, &v));
    EXPECT_EQ(v, 7u);
    EXPECT_FALSE(vtd_memory_read(&memory, UINT64_MAX, 1, &v));
    EXPECT_FALSE(vtd_memory_read(&memory, 0, 3, &v));
    EXPECT_FALSE(vtd_memory_write(&memory, 8192, 1, 0));
    EXPECT_FALSE(vtd_memory_fill(&memory, 1, 8192, 0));
    EXPECT_TRUE(vtd_memory_fill(&memory, 1, 8191, 0xab));
    EXPECT_TRUE(vtd_memory_read(&memory, 0, 4, &v));
    EXPECT_EQ(v, 0xababab00u);
    EXPECT_TRUE(vtd_memory_has(&memory, 8192, 0));
    EXPECT_FALSE(vtd_memory_has(&memory, 8193, 0));
}

TEST_F(Memory, FillOfZeroKeepsWhatIsBeside)
{
    ASSERT_EQ(vtd_memory_init(&memory, 1 << 20, nullptr), 0);
    ASSERT_TRUE(vtd_memory_fill(&memory, 0, 1 << 20, 0xff));
    ASSERT_TRUE(vtd_memory_fill(&memory, 0x1001, 0x80000, 0)); /* large enough to be given back */
    uint64_t v;
    for (uint64_t at = 0; at < 1 << 20; at++) {
        vtd_memory_read(&memory, at, 1, &v);
        ASSERT_EQ(v, at >= 0x1001 && at < 0x81001 ? 0u : 0xffu) << at;
    }
}

TEST_F(Memory, FramesAreAlignedDisjointZeroedAndCounted)
{
    ASSERT_EQ(vtd_memory_init(&memory, 64 << 20, nullptr), 0);
    vtd_frames frames;
    vtd_frames_init(&frames, &memory, 0x3000, 64 << 20);
    std::map<uint64_t, unsigned> live;
    uint64_t pages = 0;
    std::mt19937 random(1);
    for (unsigned i = 0; i < 20000; i++) {
        if (random() % 2 || live.empty()) {
            const unsigned order = random() % 6;
            const uint64_t at = vtd_frames_alloc(&frames, order), size = UINT64_C(4096) << order;
            if (!at)
                continue;
            ASSERT_EQ(at % size, 0u);
            ASSERT_GE(at, 0x3000u);
            ASSERT_LE(at + size, UINT64_C(64) << 20);
            auto after = live.lower_bound(at);
            ASSERT_TRUE(after == live.end() || at + size <= after->first);
            ASSERT_TRUE(after == live.begin() || std::prev(after)->first + (4096u << std::prev(after)->second) <= at);
            for (uint64_t o = 0; o < size; o += 512) {
                ASSERT_EQ(memory.base[at + o], 0);
                memory.base[at + o] = 0xff;
            }
            live[at] = order;
            pages += 1u << order;
        } else {
            const auto it = std::next(live.begin(), random() % live.size());
            vtd_frames_free(&frames, it->first, it->second);
            pages -= 1u << it->second;
            live.erase(it);
        }
        ASSERT_EQ(frames.used, pages);
    }
}

TEST_F(Memory, FramesRunOutCleanly)
{
    ASSERT_EQ(vtd_memory_init(&memory, 1 << 20, nullptr), 0);
    vtd_frames frames;
    vtd_frames_init(&frames, &memory, 0, 5 * 4096); /* page 0 is never handed out */
    for (unsigned i = 1; i <= 4; i++)
        EXPECT_EQ(vtd_frames_alloc(&frames, 0), 4096u * i);
    EXPECT_EQ(vtd_frames_alloc(&frames, 0), 0u);
    EXPECT_EQ(vtd_frames_alloc(&frames, VTD_FRAMES_MAX_ORDER + 1), 0u);
    vtd_frames_free(&frames, 0x2000, 0);
    EXPECT_EQ(vtd_frames_alloc(&frames, 1), 0u);
    EXPECT_EQ(vtd_frames_alloc(&frames, 0), 0x2000u);
}

TEST(MsiSink, KeepsOrderAndCountsWhatItDrops)
{
    vtd_msi_sink sink{};
    vtd_msi_message m;
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < VTD_MSI_SINK_SIZE + 5; i++)
            vtd_msi_sink_put(&sink, 0xfee00000 + i, i);
        for (unsigned i = 0; i < VTD_MSI_SINK_SIZE; i++) {
            ASSERT_TRUE(vtd_msi_sink_take(&sink, &m));
            EXPECT_EQ(m.addr, 0xfee00000 + i);
            EXPECT_EQ(m.data, i);
        }
        EXPECT_FALSE(vtd_msi_sink_take(&sink, &m));
    }
    EXPECT_EQ(sink.dropped, 15u);
}

TEST(Entries, GoldenEncodingsOfAppendixA)
{
    uint64_t q[8];
    vtd_context_spec context{};
    context.dte = context.paside = context.pre = true;
    context.pdts = 7;
    context.directory = 0x80000000;
    vtd_encode_context(q, &context);
    EXPECT_EQ(q[0], 0x80000E1Du);
    EXPECT_EQ(q[1] | q[2] | q[3], 0u);

    vtd_pasid_spec nested{};
    nested.pgtt = 3;
    nested.ss_levels = 4;
    nested.fs_levels = 4;
    nested.ssade = nested.pwsnp = true;
    nested.ss_root = 0x100000000;
    nested.fs_root = 0x2345000;
    nested.did = 5;
    vtd_encode_pasid_entry(q, &nested);
    EXPECT_EQ(q[0], UINT64_C(0x1000002C9));
    EXPECT_EQ(q[1], 0x800005u);
    EXPECT_EQ(q[2], 0x2345000u);
    EXPECT_EQ(q[3] | q[4] | q[5] | q[6] | q[7], 0u);
    EXPECT_EQ(vtd_encode_pointer(0x70001000), 0x70001001u);
    /* Legacy: P, TT 1, SSPTPTR; AW 2 for 48 bits, DID 5 from bit 72 on (ref 2.1). */
    vtd_legacy_context_spec legacy{};
    legacy.ss_root = UINT64_C(0x100000000);
    legacy.ss_levels = 4;
    legacy.did = 5;
    legacy.tt = 1;
    vtd_encode_legacy_context(q, &legacy);
    EXPECT_EQ(q[0], UINT64_C(0x100000005));
    EXPECT_EQ(q[1], 0x502u);
}

TEST_F(Memory, AFlushWritesBackWholeLinesAndNoOthers)
{
    ASSERT_EQ(vtd_memory_init(&memory, 1 << 20, nullptr), 0);
    vtd_cpu_cache cache{};
    ASSERT_EQ(vtd_cpu_cache_init(&cache, &memory, nullptr), 0);
    for (unsigned i = 0; i < 4096; i++)
        memory.base[i] = (uint8_t)(i % 255 + 1);
    const auto lines = [&] { /* that agree, of the first 64 */
                             std::vector<unsigned> same;
                             for (unsigned line = 0; line < 64; line++)
                                 if (memcmp(cache.behind.base + 64 * line, memory.base + 64 * line, 64) == 0)
                                     same.push_back(line);
                             return same;
    };
    EXPECT_TRUE(lines().empty());
    vtd_cpu_cache_flush(&cache, 64 * 5 + 63, 2);
    EXPECT_EQ(lines(), (std::vector<unsigned>{5, 6}));
    vtd_cpu_cache_flush(&cache, 64 * 9, 64);
    vtd_cpu_cache_flush(&cache, 64 * 11 + 8, 1);
    vtd_cpu_cache_flush(&cache, 64 * 20, 0);
    vtd_cpu_cache_flush(&cache, memory.size - 1, 2);
    EXPECT_EQ(lines(), (std::vector<unsigned>{5, 6, 9, 11}));
    EXPECT_EQ(cache.lines_flushed, 4u);
    vtd_cpu_cache_spoil(&cache, 64 * 5, 64);
    EXPECT_EQ(lines(), (std::vector<unsigned>{6, 9, 11}));
    EXPECT_EQ(cache.behind.base[64 * 5], 0xff);
    vtd_cpu_cache_fini(&cache);
}

TEST_F(Memory, WithoutProcessorCachesNothingHappens)
{
    vtd_cpu_cache none{};
    vtd_cpu_cache_flush(&none, 0, 64);
    vtd_cpu_cache_spoil(&none, 0, 64);
    EXPECT_EQ(none.lines_flushed, 0u);
    vtd_cpu_cache_fini(&none);
}

TEST_F(Memory, FreshPagesAreZeroForTheProcessorOnly)
{
    vtd_config config;
    ASSERT_EQ(vtd_config_preset(&config, "default"), VTD_STATUS_OK);
    vtd_machine m{};
    ASSERT_EQ(vtd_machine_init_cached(&m, &config, 64 << 20, 0x100000, 64 << 20, nullptr), 0);
    for (unsigned round = 0; round < 2; round++) { /* the second time the page was in use before */
        uint64_t dma;
        auto *page = static_cast<uint64_t *>(m.bus.dma_alloc(m.bus.opaque, 1, &dma));
        ASSERT_NE(page, nullptr);
        const auto *behind = reinterpret_cast<const uint64_t *>(m.cpu_cache.behind.base + dma);
        for (unsigned i = 0; i < 1024; i++) {
            ASSERT_EQ(page[i], 0u);
            ASSERT_EQ(behind[i], UINT64_MAX);
        }
        m.bus.flush(m.bus.opaque, page, 8192);
        EXPECT_EQ(memcmp(page, behind, 8192), 0);
        m.bus.dma_free(m.bus.opaque, dma, 1);
    }
    vtd_machine_fini(&m);
}

TEST_F(Memory, BuildersMakeTablesThatTheModelWalks)
{
    vtd_config config;
    ASSERT_EQ(vtd_config_preset(&config, "default"), VTD_STATUS_OK);
    vtd_machine m{};
    ASSERT_EQ(vtd_machine_init(&m, &config, 64 << 20, 0x100000, 64 << 20, nullptr), 0);
    vtd_builder b;
    ASSERT_TRUE(vtd_build_init(&b, &m.frames));
    vtd_pasid_spec spec{};
    spec.pgtt = 2;
    spec.ss_levels = 3;
    spec.did = 5;
    spec.pwsnp = true;
    spec.ss_root = vtd_build_table(&b);
    vtd_encode_pasid_entry(vtd_build_pasid(&b, 0x510, 0, true), &spec);
    *vtd_build_ss(&b, spec.ss_root, 3, 0x40201000, 1) = vtd_encode_ss(0x7000, 1, VTD_PTE_R);
    *vtd_build_ss(&b, spec.ss_root, 3, 0x40400000, 2) = vtd_encode_ss(0x600000, 2, VTD_PTE_R | VTD_PTE_W);
    spec.pgtt = 1;
    spec.fs_levels = 5;
    spec.fs_root = vtd_build_table(&b);
    vtd_encode_pasid_entry(vtd_build_pasid(&b, 0x510, 0x2a, true), &spec);
    *vtd_build_fs(&b, spec.fs_root, 5, 0x7f0000003000, 1) = vtd_encode_fs(0x9000, 1, VTD_PTE_R | VTD_PTE_U | VTD_PTE_A);
    vtd_mmio_write64(m.unit, 0x20, b.root | 0x400); /* RTADDR, TTM 1 */
    vtd_mmio_write32(m.unit, 0x18, 0x40000000);     /* SRTP */
    vtd_mmio_write32(m.unit, 0x18, 0x80000000);     /* TE */
    const struct {
        uint32_t pasid;
        uint64_t addr, hpa;
        unsigned shift;
    } cases[] = {{0, 0x40201234, 0x7234, 12}, {0, 0x40512345, 0x712345, 21}, {0x2a, 0x7f0000003456, 0x9456, 12}};
    for (const auto &c : cases) {
        vtd_request req{};
        req.addr = c.addr;
        req.sid = 0x510;
        req.pasid = c.pasid;
        req.flags = c.pasid ? VTD_REQ_PASID : 0;
        req.len = 4;
        vtd_response resp;
        ASSERT_EQ(vtd_translate(m.unit, &req, &resp), VTD_STATUS_OK);
        EXPECT_EQ(resp.result, VTD_RESULT_OK) << vtd_fault_name(resp.fault);
        EXPECT_EQ(resp.hpa, c.hpa);
        EXPECT_EQ(resp.page_shift, c.shift);
    }
    vtd_machine_fini(&m);
}

} // namespace
